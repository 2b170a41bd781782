"""Make what follows the invented observations: feedback, lives of phenomena, units, indicators of the area.

Run: `python tools/synthetic_reporting.py` after synthetic_observations.py. What is true stands in the
dictionaries (from tools/sample_descriptions.toml) and is what this script was given. Nothing comes from a
real unit, decision or place.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_sample, write_table

from sosrake_lib import frame, samples
from sosrake_lib.region_data import table

PROJECT = Path(__file__).resolve().parents[1]
# Chosen so that both true medians lie inside their 95 % intervals, as they do in 95 of 100 draws or more.
SEED = 20251232
COUNTRY_SEED = 20251233  # of its own, so that what was drawn before stays
LAST_DAY = date(2025, 12, 31)
BORDERS = 2026
# Days from an observation to its first feedback: lognormal around a median by year; the rest get none.
MEDIAN_DAYS = {"2024": 42.0, "2025": 21.0}
SPREAD = 0.6
NEVER = 0.15
FEEDBACK = "Kiitos havainnosta. Se on luettu, ja sen ilmiötä käsitellään työryhmässä."
# Twenty-four units, by municipality; how many of them report in each half-year.
UNITS = {"E01": 9, "E02": 5, "E03": 3, "E04": 2, "E05": 2, "E06": 1, "E07": 1, "E08": 1}
REPORTING = {"2024-H1": 10, "2024-H2": 13, "2025-H1": 16, "2025-H2": 18}
TASKS = ("tyoikaiset", "paihdehuolto", "lapsiperheet", "iakkaat")
# What has been done with each phenomenon: state, day; a proposal has its words, body and target.
STEPS = (
    ("pienet_vuokra_asunnot", "2024-11-12", "tila", "tyoryhmassa", "", "", ""),
    ("pienet_vuokra_asunnot", "2025-02-18", "ehdotus", "ehdotus_tehty", "kunnanvaltuusto", "resurssi",
     "Kunnan vuokrataloyhtiö muuttaa isoja asuntoja pieniksi, ja takuuvuokran tilalle tulee maksusitoumus."),
    ("pienet_vuokra_asunnot", "2025-06-10", "paatos", "kesken", "", "", ""),
    ("asiointi_verkossa", "2025-01-21", "tila", "tyoryhmassa", "", "", ""),
    ("asiointi_verkossa", "2025-09-09", "ehdotus", "ehdotus_tehty", "Kela", "kaytanto",
     "Kirjastoon perustetaan asiointipiste, jossa sama ihminen auttaa kaikissa hakemuksissa."),
    ("paihdekuntoutuksen_jono", "2024-09-17", "tila", "tyoryhmassa", "", "", ""),
    ("paihdekuntoutuksen_jono", "2024-12-10", "ehdotus", "ehdotus_tehty", "aluehallitus", "palvelu",
     "Katkaisuhoidosta siirrytään kuntoutukseen ilman uutta päätöstä."),
    ("paihdekuntoutuksen_jono", "2025-03-25", "paatos", "hyvaksytty", "", "", ""),
    ("ei_kyytia_toimintaan", "2025-03-04", "tila", "tyoryhmassa", "", "", ""),
    ("ei_kyytia_toimintaan", "2025-05-20", "ehdotus", "ehdotus_tehty", "kunnanhallitus", "ymparisto",
     "Koulukyytien vapaat paikat avataan työtoimintaan kulkeville."),
    ("ei_kyytia_toimintaan", "2025-10-14", "paatos", "hylatty", "", "", ""),
    ("kohtaamispaikat", "2025-09-16", "tila", "tyoryhmassa", "", "", ""),
    ("kohtaamispaikat", "2025-09-16", "mittari", "kohtaamispaikka_kavijat", "", "", ""),
    ("paihdekuntoutuksen_jono", "2025-09-16", "mittari", "kuntoutus_arjen_hallinta", "", "", ""),
    ("pikavelka_ja_pelit", "2025-09-16", "mittari", "talousryhma_rahan_hallinta", "", "", ""),
)  # fmt: skip
# Figures of the area: share in per cent everywhere, and where it differs; people at risk of the population.
RATES = {"asumistuki": (12.0, {"E02": 20.0}, 0.5), "tyottomyysaste": (10.0, {}, 0.45)}
YEARS = ("2024", "2025")


def main() -> None:
    """Write the five files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    rng = np.random.default_rng(SEED)
    write_table(to, "esimerkkila_palautteet", feedback(samples.table("esimerkkila_havainnot"), rng))
    names = ["ilmio", "pvm", "tapahtuma", "arvo", "paattaja", "kohde", "teksti"]
    write_table(to, "esimerkkila_ilmioiden_vaiheet", pd.DataFrame(STEPS, columns=names))
    write_table(to, "esimerkkila_raportointiyksikot", units(rng))
    write_sample(to, "esimerkkila_indikaattorit", indicators(rng), {})
    write_sample(to, "esimerkkila_vertailumaa", country(np.random.default_rng(COUNTRY_SEED)), {})


def feedback(reported: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the day of the first feedback of each observation; a row only for those who have had it."""
    rows = []
    for number, arrived in zip(reported["id"], reported["saapunut"], strict=True):
        days = rng.lognormal(np.log(MEDIAN_DAYS[arrived[:4]]), SPREAD)
        day = date.fromisoformat(arrived) + timedelta(days=max(1, round(days)))
        if rng.random() >= NEVER and day <= LAST_DAY:
            rows.append({"id": number, "pvm": day.isoformat(), "teksti": FEEDBACK})
    return pd.DataFrame(rows)


def units(rng: np.random.Generator) -> pd.DataFrame:
    """Make one row a unit and half-year: its workers, and how many of them have reported."""
    places = [code for code, count in UNITS.items() for _ in range(count)]
    workers = rng.integers(4, 15, size=len(places))
    order = rng.permutation(len(places))
    rows = []
    for period, reporting in REPORTING.items():
        for unit, place in enumerate(places):
            taking_part = order[unit] < reporting
            count = min(int(workers[unit]), 1 + int(rng.poisson(1.6))) if taking_part else 0
            rows.append(
                {
                    "puolivuosi": period,
                    "yksikko": f"Y{unit + 1:02d}",
                    "region_level": "kunta",
                    "region_code": place,
                    "palvelutehtava": TASKS[unit % len(TASKS)],
                    "tyontekijoita": int(workers[unit]),
                    "raportoijia": count,
                }
            )
    return pd.DataFrame(rows)


def indicators(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the invented area's shares by municipality, and the county as their sum."""
    invented = table("invented")
    people = invented.loc[invented["level"] == "kunta"].set_index("code")["inhabitants"].astype("int64")
    rows = []
    for name, (usual, others, at_risk) in RATES.items():
        for year in YEARS:
            base = (people * at_risk).round().astype("int64")
            share = [others.get(code, usual) / 100 for code in base.index]
            found = pd.Series(rng.binomial(base, share), index=base.index)
            rows += [_row(name, year, "kunta", code, found[code], base[code]) for code in base.index]
            rows.append(_row(name, year, "hva", "E1", found.sum(), base.sum()))
    return frame.check(pd.DataFrame(rows), file="esimerkkila_indikaattorit")


def country(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the same shares of the invented country that Esimerkkilä is compared with."""
    invented = table("invented")
    (people,) = invented.loc[invented["level"] == "maa", "inhabitants"]
    rows = []
    for name, (usual, _, at_risk) in RATES.items():
        base = round(int(people) * at_risk)
        for year in YEARS:
            rows.append(_row(name, year, "maa", "E0", int(rng.binomial(base, usual / 100)), base))
    return frame.check(pd.DataFrame(rows), file="esimerkkila_vertailumaa")


def _row(name: str, year: str, level: str, code: str, numerator: int, denominator: int) -> dict[str, object]:
    key = {"indicator": name, "region_level": level, "region_code": code, "borders": BORDERS, "period": year}
    count = {"numerator": float(numerator), "denominator": float(denominator)}
    value = {"value": 100.0 * numerator / denominator, "per": 100.0}
    return {**key, **value, **count, "status": "ok", "origin": "synthetic"}


if __name__ == "__main__":
    main()
