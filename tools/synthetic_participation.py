"""Make Esimerkkilä's invented participatory knowledge: hearings, quotes, deciders' questions; fixed seed.

Run: `python tools/synthetic_participation.py`. What is true stands in the files' dictionaries (from
tools/sample_descriptions.toml) and is what this script was given: a test recovers it. No quote was said by
anyone and no decider asked these questions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260611
YEAR = 2025
MUNICIPALITIES = ("E01", "E02", "E03", "E04", "E05", "E06")
# People heard in all from each group; nobody from the two last, and of one group too few to be told.
HEARD = {
    "tyottomat": 64,
    "ikaantyvat_yksin": 31,
    "paihdekuntoutujat": 27,
    "yksinhuoltajat": 18,
    "asunnottomat": 3,
    "ilman_verkkoa": 11,
    "kieli": 0,
    "ei_palveluissa": 0,
}
METHODS = {
    "tyottomat": ("ryhmahaastattelu", "asiakaslahtoinen_arviointi", "asiakasraati"),
    "ikaantyvat_yksin": ("haastattelu", "ryhmahaastattelu"),
    "paihdekuntoutujat": ("yhteistutkijuus", "ryhmahaastattelu"),
    "yksinhuoltajat": ("haastattelu", "kehittajaasiakasryhma"),
    "asunnottomat": ("haastattelu",),
    "ilman_verkkoa": ("havainnointi", "haastattelu"),
}
LARGEST_MEETING = 8
# text, English, source, theme, group; then what differs from a quote that may be shown.
QUOTES: tuple[tuple[tuple[str, str, str, str, str], dict[str, str]], ...] = (
    (("Hain asuntoa yli vuoden, ja joka kerta sanottiin, että jonossa on muita.",
      "I looked for a home for over a year, and each time I was told others were in line.",
      "haastattelu", "asuminen", "tyottomat"), {}),
    (("Kun sain oman avaimen, aloin nukkua öitä.",
      "When I got a key of my own, I began to sleep at night.",
      "haastattelu", "asuminen", "paihdekuntoutujat"), {}),
    (("Lomake on verkossa, mutta minulla ei ole tunnuksia. Kirjastossa autettiin.",
      "The form is online but I have no bank codes. They helped me at the library.",
      "havainnointi", "koyhyys", "ilman_verkkoa"), {}),
    (("Lasken lääkkeet ennen kuin lasken ruoan.",
      "I count the medicines before I count the food.",
      "haastattelu", "koyhyys", "ikaantyvat_yksin"), {}),
    (("Ryhmässä huomasin, että osaan neuvoa muita.",
      "In the group I noticed that I can advise others.",
      "ryhma", "tyottomyys", "tyottomat"), {}),
    (("Ilman kyytiä en pääse työtoimintaan, ja poissaolo merkitään minun syykseni.",
      "Without a ride I cannot get to the work activity, and the absence is put down to me.",
      "ryhma", "tyottomyys", "tyottomat"), {}),
    (("Kun kohtaamispaikka suljettiin, viikossa ei ollut enää yhtään sovittua hetkeä.",
      "When the meeting place closed, the week had no agreed moment left.",
      "ryhma", "yksinaisyys", "ikaantyvat_yksin"), {}),
    (("Katkaisun jälkeen piti odottaa. Odottaminen oli vaikeinta.",
      "After detoxification I had to wait. The waiting was the hardest.",
      "haastattelu", "paihde_mielenterveys", "paihdekuntoutujat"), {}),
    (("Kylätalon lounaalla joku kysyi, mitä minulle kuuluu.",
      "At the village house lunch somebody asked how I was.",
      "palaute", "yksinaisyys", "ikaantyvat_yksin"), {}),
    # What must not leave, one for each reason.
    (("En halua enää, että tätä kerrotaan.", "I no longer want this told.",
      "haastattelu", "koyhyys", "yksinhuoltajat"), {"withdrawn": f"{YEAR}-11-03"}),
    (("Sanoin tämän ohimennen.", "I said this in passing.",
      "havainnointi", "yksinaisyys", "ikaantyvat_yksin"), {"form": "suullinen"}),
    (("Tätä saa käyttää vain talon sisällä.", "This may be used in the house only.",
      "ryhma", "tyottomyys", "tyottomat"), {"scope": "sisainen"}),
    (("Tämän saa lukea koulutuksessa.", "This may be read in training.",
      "haastattelu", "asuminen", "asunnottomat"), {"uses": "koulutus"}),
    (("Lupani oli vain vuodeksi.", "My permission was for a year only.",
      "haastattelu", "paihde_mielenterveys", "paihdekuntoutujat"),
     {"permitted_on": "2024-01-15", "permitted_until": "2025-01-14"}),
    (("Tämän on lukenut vasta yksi.", "One person only has read this.",
      "palaute", "koyhyys", "yksinhuoltajat"), {"reviewer_2": ""}),
    (("Soita minulle, tunnus on 131052-308T.", "Call me, the code is 131052-308T.",
      "palaute", "koyhyys", "yksinhuoltajat"), {}),
)  # fmt: skip
MAY_BE_SHOWN = 9
NEED_COLUMNS = ("decision", "theme", "question_kind", "question_fi", "question_en", "lacks_fi", "lacks_en")
NEEDS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("kunta_talousarvio", "asuminen", "maara", "Kuinka moni kunnassa jonottaa pientä vuokra-asuntoa?",
     "How many in the municipality wait for a small rental flat?",
     "asuntojonon pituutta ei julkaista",
     "the length of the queue for flats is not published"),
    ("kunta_talousarvio", "asuminen", "syy", "Miksi pieniä asuntoja ei ole, vaikka isoja on tyhjillään?",
     "Why are there no small flats while large ones stand empty?", "", ""),
    ("hva_talousarvio", "asuminen", "vaikutus", "Mitä asumisneuvonta on saanut aikaan?",
     "What has housing advice brought about?",
     "neuvonnan alussa ja lopussa ei mitata mitään",
     "nothing is measured at the start and end of the advice"),
    ("hva_palvelustrategia", "koyhyys", "keita", "Ketkä jäävät ilman heille kuuluvaa tukea?",
     "Who misses support that is theirs?",
     "ne, jotka eivät ole hakeneet, eivät näy asiakastiedossa",
     "those who have not applied are not in the records"),
    ("kela_toimeenpano", "koyhyys", "syy", "Mihin kohtaan hakeminen katkeaa?",
     "At what point does applying break off?", "", ""),
    ("hva_hyvinvointikertomus", "koyhyys", "muutos",
     "Onko toimeentulotuen saajia enemmän vai vähemmän kuin ennen?",
     "Are there more or fewer recipients of social assistance than before?", "", ""),
    ("hva_talousarvio", "tyottomyys", "vaikutus",
     "Mitä kuntouttava työtoiminta on muuttanut osallistujien elämässä?",
     "What has rehabilitative work changed in participants' lives?", "", ""),
    ("kunta_talousarvio", "tyottomyys", "ratkaisu", "Millä kyydit työtoimintaan järjestettäisiin?",
     "How could rides to the work activity be arranged?",
     "kyytien hintaa ei ole laskettu",
     "the cost of rides has not been counted"),
    ("kunta_hyvinvointikertomus", "yksinaisyys", "maara", "Kuinka yleistä yksinäisyys on kunnassa?",
     "How common is loneliness in the municipality?", "", ""),
    ("kunta_strategia", "yksinaisyys", "ratkaisu", "Minkä tilan avaaminen auttaisi?",
     "Which room would help if it were opened?", "", ""),
    ("hva_palvelustrategia", "paihde_mielenterveys", "syy",
     "Miksi kuntoutukseen ei pääse heti katkaisun jälkeen?",
     "Why is there no way into rehabilitation right after detoxification?", "", ""),
    ("hva_talousarvio", "paihde_mielenterveys", "vaikutus",
     "Kuinka moni pysyy kuntoutuksen jälkeen irti päihteistä?",
     "How many stay off substances after rehabilitation?",
     "kuntoutuksen jälkeen ei kysytä mitään",
     "nothing is asked after rehabilitation"),
    ("hva_hyvinvointikertomus", "sairastavuus", "maara", "Missä kunnissa sairastetaan eniten?",
     "In which municipalities is there most illness?", "", ""),
    ("hva_palvelustrategia", "sairastavuus", "kokemus", "Miten ihmiset kokevat hoitoon pääsyn?",
     "How do people experience getting care?",
     "kukaan ei ole kysynyt, eikä lainauksia ole",
     "nobody has asked, and there are no quotes"),
    ("valtio_lainvalmistelu", "tyottomyys", "keita", "Keille yhden hakemuksen malli ei sovi?",
     "For whom does the single application not work?",
     "uudistus on niin tuore, ettei seurantaa ole",
     "the reform is so new that there is no follow-up"),
)  # fmt: skip


def main() -> None:
    """Write the three files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    write_table(to, "esimerkkila_kuulemiset", hearings(SEED))
    write_table(to, "esimerkkila_lainaukset", quotes(SEED))
    write_table(to, "esimerkkila_tietotarpeet", needs())


def hearings(seed: int) -> pd.DataFrame:
    """Make one row a hearing: month, municipality, method, group and how many people took part."""
    rng = np.random.default_rng(seed)
    rows = []
    for group, people in HEARD.items():
        left = people
        while left > 0:
            method = str(rng.choice(METHODS[group]))
            size = 1 if method == "haastattelu" else int(rng.integers(3, LARGEST_MEETING + 1))
            size = min(size, left)
            left -= size
            month = f"{YEAR}-{int(rng.integers(1, 13)):02d}"
            rows.append((month, str(rng.choice(MUNICIPALITIES)), method, group, size))
    made = pd.DataFrame(rows, columns=["month", "region_code", "method", "group", "people"])
    made.insert(1, "region_level", "kunta")
    return made.sort_values(["month", "region_code", "group"], kind="stable").reset_index(drop=True)


def quotes(seed: int) -> pd.DataFrame:
    """Make the quotes with their permissions; the first `MAY_BE_SHOWN` may be shown, the others may not."""
    rng = np.random.default_rng(seed + 1)
    rows = []
    for number, ((text, english, source, theme, group), differs) in enumerate(QUOTES, start=1):
        day = f"{YEAR}-{int(rng.integers(1, 11)):02d}-{int(rng.integers(1, 29)):02d}"
        given = {
            "quote": f"L{number:02d}",
            "text": text,
            "text_en": english,
            "source": source,
            "theme": theme,
            "group": group,
            "region_level": "hva",
            "region_code": "E1",
            "form": "kirjallinen",
            "scope": "julkinen",
            "uses": "raportti;verkkosivu",
            "permitted_on": day,
            "permitted_until": "2030-12-31",
            "withdrawn": "",
            "reviewer_1": "tyontekija_1",
            "reviewer_2": "tyontekija_2",
        }
        rows.append({**given, **differs})
    return pd.DataFrame(rows)


def needs() -> pd.DataFrame:
    """Make the questions that invented deciders asked, each tied to a decision of the yearly clock."""
    made = pd.DataFrame(NEEDS, columns=list(NEED_COLUMNS))
    made.insert(0, "need", [f"T{number:02d}" for number in range(1, len(made) + 1)])
    return made


if __name__ == "__main__":
    main()
