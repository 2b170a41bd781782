"""Make the invented observations of Esimerkkilä: 150 reports over two years, and their phenomena.

Run: `python tools/synthetic_observations.py`. The sentences and the number of observations of each phenomenon
stand in synthetic_observations.toml; what is true in the files stands in their dictionaries and is what this
script was given. No row comes from a real person, report or place.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
TEXTS = Path(__file__).with_suffix(".toml")
SEED = 20251130
FIRST_YEAR, MONTHS = 2024, 24
# How often a coder gives the class the observation was made with; otherwise another one, each as likely.
CODER_RIGHT = {"koodaaja_1": 0.90, "koodaaja_2": 0.85}
STRUCTURES = ("resurssi", "normi", "kaytanto", "palveluaukko", "ymparisto", "asenne")
REPORTERS = {
    "ammattilainen": 0.62,
    "kolmas_sektori": 0.14,
    "viranomainen": 0.10,
    "asiakas": 0.09,
    "asukas": 0.05,
}
SERVICES = {"tyoikaiset": 0.60, "paihdehuolto": 0.16, "lapsiperheet": 0.10, "iakkaat": 0.08, "muu": 0.06}
SPREADS = {"toistuva": 0.52, "laaja": 0.24, "yksittainen": 0.24}
SIZES = {"1-4": 0.30, "5-9": 0.28, "10-19": 0.22, "20-49": 0.14, "50+": 0.06}
LENGTHS = {"1-6_kuukautta": 0.22, "7-12_kuukautta": 0.30, "yli_vuosi": 0.40, "alle_kuukausi": 0.08}
GOOD_PRACTICE = "Kylätalon avoin keittolounas"


def main() -> None:
    """Write both files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    write_table(to, "esimerkkila_havainnot", observations(texts, SEED))
    write_table(to, "esimerkkila_ilmiot", phenomena(texts))


def observations(texts: dict, seed: int) -> pd.DataFrame:
    """Make one row an observation, in the order they arrived, with two coders' codes and the truth."""
    rng = np.random.default_rng(seed)
    parts = [_of_phenomenon(key, about, rng) for key, about in texts["ilmio"].items()]
    rows = pd.concat([*parts, _others(texts["muut"]["havainnot"], rng)], ignore_index=True)
    rows = _circumstances(rows, rng)
    rows = rows.sort_values(["saapunut", "havainto"], kind="stable").reset_index(drop=True)
    rows.insert(0, "id", [f"H{number:04d}" for number in range(1, len(rows) + 1)])
    for coder, right in CODER_RIGHT.items():
        rows[f"{coder}_rakennetyyppi"] = _coded(rows["rakennetyyppi"], right, rng)
    first = ["id", "saapunut", "pvm", "region_level", "region_code", "tiedontuottaja", "palvelutehtava"]
    last = ["ilmio", *(f"{coder}_rakennetyyppi" for coder in CODER_RIGHT)]
    return rows[[*first, *(column for column in rows if column not in (*first, *last)), *last]]


def phenomena(texts: dict) -> pd.DataFrame:
    """Make one row a phenomenon with its publishable summary."""
    rows = [
        {
            "ilmio": key,
            **{name: about[name] for name in ("nimi", "name_en", "teema", "rakennetyyppi", "indikaattorit")},
            **{
                name: about[name]
                for name in ("ehdotuksen_kohde", "paattaja_taso", "yhteenveto", "summary_en")
            },
            "region_level": "hva",
            "region_code": "E1",
            "havaintoja": about["maara"],
        }
        for key, about in texts["ilmio"].items()
    ]
    return pd.DataFrame(rows)


def _of_phenomenon(key: str, about: dict, rng: np.random.Generator) -> pd.DataFrame:
    """Join each opening to details so that no two observations say the same."""
    pairs = [(start, more) for start in about["alut"] for more in about["tarkennukset"]]
    chosen = rng.permutation(len(pairs))[: about["maara"]]
    places = [code for code, count in about["kunnat"].items() for _ in range(count)]
    months = rng.integers(about.get("alkaa", 0), MONTHS, size=about["maara"])
    return pd.DataFrame(
        {
            "saapunut": [_day(int(month), rng) for month in months],
            "region_code": rng.permutation(places),
            "teema": about["teema"],
            "tuen_tarve": about["tuen_tarve"],
            "rakennetyyppi": about["rakennetyyppi"],
            "havainto": [" ".join(pairs[place]) for place in chosen],
            "keita_koskee": about["keita_koskee"],
            "seuraukset_asiakkaille": rng.choice(about["seuraukset"], size=about["maara"]),
            "ehdotus": rng.choice(about["ehdotukset"], size=about["maara"]),
            "ehdotuksen_kohde": about["ehdotuksen_kohde"],
            "paattaja_taso": about["paattaja_taso"],
            "ilmio": key,
            "heikko": "alkaa" in about,
        }
    )


def _others(told: list[list[str]], rng: np.random.Generator) -> pd.DataFrame:
    rows = pd.DataFrame(told, columns=["teema", "tuen_tarve", "rakennetyyppi", "havainto"])
    days = [_day(int(month), rng) for month in rng.integers(0, MONTHS, size=len(rows))]
    places = rng.choice(["E01", "E02", "E03", "E04"], size=len(rows))
    empty = dict.fromkeys(("keita_koskee", "seuraukset_asiakkaille", "ehdotus", "ehdotuksen_kohde"), "")
    return rows.assign(saapunut=days, region_code=places, **empty, paattaja_taso="", ilmio="", heikko=False)


def _circumstances(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who reported, how common it is and the rest that has nothing to do with the phenomenon."""
    drawn = {
        name: rng.choice(list(shares), size=len(rows), p=list(shares.values()))
        for name, shares in (
            ("tiedontuottaja", REPORTERS),
            ("palvelutehtava", SERVICES),
            ("yleisyys", SPREADS),
            ("lukumaara_luokka", SIZES),
            ("kesto", LENGTHS),
        )
    }
    rows = rows.assign(region_level="kunta", pvm=[day[:7] for day in rows["saapunut"]], **drawn)
    weak = rows["heikko"].to_numpy()
    rows["yleisyys"] = np.where(weak, "uusi_heikko_signaali", rows["yleisyys"])
    rows["kesto"] = np.where(weak, "1-6_kuukautta", rows["kesto"])
    rows["kieli"] = "fi"
    rows["lupa_lainata"] = rng.choice(["kylla", "ei"], size=len(rows), p=[0.3, 0.7])
    rows["hyva_kaytanto"] = np.where(rows["havainto"].str.startswith(GOOD_PRACTICE), "kylla", "ei")
    return rows.drop(columns="heikko")


def _coded(truth: pd.Series, right: float, rng: np.random.Generator) -> list[str]:
    """Code as a person does: mostly the true class, else any other."""
    return [
        own if rng.random() < right else str(rng.choice([one for one in STRUCTURES if one != own]))
        for own in truth
    ]


def _day(month: int, rng: np.random.Generator) -> str:
    return f"{FIRST_YEAR + month // 12}-{month % 12 + 1:02d}-{int(rng.integers(1, 29)):02d}"


if __name__ == "__main__":
    main()
