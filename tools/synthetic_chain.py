"""Make the invented measurements behind the impact chains of Esimerkkilä; fixed seed.

Run: `python tools/synthetic_chain.py`. What is true stands in the file's dictionary (from
tools/sample_descriptions.toml) and is the number this script was given: a test recovers it. The chains
themselves are written by hand (data/samples/esimerkkila_vaikutusketju.csv).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260412
NAME = "esimerkkila_ketjun_mittaukset"
COLUMNS = ("measure", "person", "group", "before", "value")
TOP = 40
# Social rehabilitation: people, hours and meetings a person (means), chance of a plan, rating and its change.
REHABILITATION, HOURS, MEETINGS, PLAN = 66, 24.0, 26.0, 0.7
RATING, RATING_DEVIATION, CHANGE, CHANGE_DEVIATION, LOST, LOST_LOWER = 17.0, 5.0, 3.0, 5.0, 14, 3.0
# The group on money: participants, those who waited, rating, what all gain, what participants gain more.
PARTICIPANTS, WAITING, MONEY, EVERYBODY, MORE, NOISE = 44, 38, 19.0, 1.0, 2.5, 4.0
VISITORS, VISITS = 118, 6.0


def main() -> None:
    """Write the measurements with their dictionary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    write_table(parser.parse_args().to, NAME, measurements(SEED))


def measurements(seed: int) -> pd.DataFrame:
    """Make one row a measure and person: measure, person (pseudonymous id), group, before, value."""
    rng = np.random.default_rng(seed)
    made = pd.concat([rehabilitation(rng), money_group(rng), meeting_place(rng)], ignore_index=True)
    return made.reindex(columns=list(COLUMNS))


def rehabilitation(rng: np.random.Generator) -> pd.DataFrame:
    """Make the people of the rehabilitation group; the lost started lower and have no second rating."""
    people = _ids("K", REHABILITATION)
    lost = np.arange(REHABILITATION) >= REHABILITATION - LOST
    before = rng.normal(RATING - LOST_LOWER * lost, RATING_DEVIATION)
    after = before + rng.normal(CHANGE, CHANGE_DEVIATION, REHABILITATION)
    rating = pd.DataFrame({"before": _rating(before), "value": np.where(lost, np.nan, _rating(after))})
    parts = {
        "kuntoutus_ohjaustunnit": pd.DataFrame(
            {"value": rng.gamma(6.0, HOURS / 6.0, REHABILITATION).round()}
        ),
        "kuntoutus_tapaamiset": pd.DataFrame(
            {"value": rng.gamma(5.0, MEETINGS / 5.0, REHABILITATION).round()}
        ),
        "kuntoutus_osallistujat": pd.DataFrame({"value": np.ones(REHABILITATION)}),
        "kuntoutus_suunnitelma": pd.DataFrame({"value": (rng.random(REHABILITATION) < PLAN).astype(float)}),
        "kuntoutus_arjen_hallinta": rating,
    }
    return pd.concat([rows.assign(measure=key, person=people, group="mukana") for key, rows in parts.items()])


def money_group(rng: np.random.Generator) -> pd.DataFrame:
    """Make participants and those who waited, alike at the start; participants gain MORE."""
    size = PARTICIPANTS + WAITING
    taking_part = np.arange(size) < PARTICIPANTS
    before = rng.normal(MONEY, RATING_DEVIATION, size)
    after = MONEY + 0.8 * (before - MONEY) + EVERYBODY + MORE * taking_part + rng.normal(0, NOISE, size)
    rows = pd.DataFrame({"person": _ids("T", size), "before": _rating(before), "value": _rating(after)})
    rows = rows.assign(
        measure="talousryhma_rahan_hallinta", group=np.where(taking_part, "mukana", "vertailu")
    )
    present = rows.loc[taking_part, ["person"]]
    counted = present.assign(measure="talousryhma_osallistujat", group="mukana", value=1.0)
    return pd.concat([counted, rows])


def meeting_place(rng: np.random.Generator) -> pd.DataFrame:
    """Make the visitors of the meeting place and how often each came."""
    people = _ids("A", VISITORS)
    visits = pd.DataFrame({"person": people, "value": 1.0 + rng.poisson(VISITS - 1.0, VISITORS)})
    visitors = pd.DataFrame({"person": people, "value": 1.0})
    named = {"kohtaamispaikka_kaynnit": visits, "kohtaamispaikka_kavijat": visitors}
    return pd.concat([rows.assign(measure=key, group="mukana") for key, rows in named.items()])


def _rating(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, TOP)


def _ids(letter: str, count: int) -> list[str]:
    return [f"{letter}{number:03d}" for number in range(1, count + 1)]


if __name__ == "__main__":
    main()
