"""Make the invented measurements and goals of Esimerkkilä's adult social work; fixed seeds.

Run: `python tools/synthetic_outcomes.py`. What is true in each file stands in its dictionary and is what this
script was given: a test recovers it. No row comes from a real person.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

from sosrake_lib import catalogue
from sosrake_lib.region_data import table

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260415
MEASUREMENTS, GOALS = "esimerkkila_mittaukset", "esimerkkila_tavoitteet"
CLIENTS = 440
GROUPS = ("sosiaaliohjaus", "sosiaalityo", "ryhmatoiminta")
# Those whose first mean of quality of life is at most this are asked to the group, nine in ten of them.
CHOSEN_AT_MOST, CHOSEN_SHARE = 2.75, 0.9
# What truly changes: outside the group activity, by so many deviations of the scale; in it, nobody.
CHANGED, WORSENED, SIZE = 0.35, 0.05, 1.3
# Instrument -> mean and deviation of the sum of its items (or of its score), test-retest reliability.
SCALES = {
    "eurohis_qol_8": (24.0, 5.2, 0.81),
    "3x10d": (52.0, 17.0, 0.80),
    "yksinaisyys_thl": (2.9, 1.1, 0.60),
    "audit_c": (4.0, 2.8, 0.85),
    "phq8": (12.0, 5.5, 0.84),
    "core_om": (52.0, 22.0, 0.88),
    "kykyviisari_tyokyky": (5.0, 2.2, 0.75),
}
# The reliabilities a page may use; of the others none is told, so that they get no classes.
TOLD = {
    "eurohis_qol_8.total": 0.81,
    "core_om.total": 0.88,
    "phq8.total": 0.84,
    "audit_c.total": 0.85,
}
NO_TRUE_CHANGE = ("audit_c",)
OFFERED = {"phq8": 0.75, "core_om": 0.75, "audit_c": 0.9}
COMMON = 0.75  # correlation of true scores with the common level of well-being
EMPTY_ITEM, BROKEN_OFF = 0.012, 0.04
STAY_AT_MEAN, STAY_BY_LEVEL = 1.4, 0.7  # log odds of a second measurement, and their rise by a deviation
PEOPLE, THEMES = (
    220,
    {
        "arki": 0.3,
        "asuminen": 0.1,
        "osallisuus": 0.0,
        "talous": -0.4,
        "terveys_paihteet": -0.3,
        "tyo_opiskelu": -0.2,
    },
)
GOAL_GROUPS = ("sosiaalityo", "sosiaalinen_kuntoutus", "tyollistymisen_tuki")
RHO, RATER_NOISE = 0.3, 0.45
STEPS = (-1.5, -0.5, 0.5, 1.5)
UNRATED_AT_MEAN, UNRATED_BY_LEVEL = -1.9, -0.7


def main() -> None:
    """Write both files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    write_table(to, MEASUREMENTS, measurements(SEED))
    with (to / f"{MEASUREMENTS}.toml").open("a", encoding="utf-8", newline="\n") as file:
        told = "".join(f'"{scale}" = {value}\n' for scale, value in TOLD.items())
        file.write(
            "\n# Test-retest reliability over the time between the measurements.\n[reliability]\n" + told
        )
    write_table(to, GOALS, goals(SEED + 1))


def measurements(seed: int) -> pd.DataFrame:
    """Make the measurements: one row a client and time, a column an item."""
    rng = np.random.default_rng(seed)
    people = clients(rng, CLIENTS, "M")
    level = rng.normal(size=CLIENTS)
    own = {key: rng.normal(size=CLIENTS) for key in SCALES}
    first = {key: drawn(key, true_scores(key, level, own[key]), rng) for key in SCALES}
    chosen = (first["eurohis_qol_8"] / 8 <= CHOSEN_AT_MOST) & (rng.random(CLIENTS) < CHOSEN_SHARE)
    other = rng.choice(GROUPS[:2], size=CLIENTS, p=[0.55, 0.45])
    people["group"] = np.where(chosen, GROUPS[2], other)
    people["chosen_by"] = np.where(chosen, "eurohis_qol_8", "")
    luck = rng.random(CLIENTS)
    moved = np.select([luck < CHANGED, luck > 1 - WORSENED], [SIZE, -SIZE], default=0.0)
    moved = np.where(chosen, 0.0, moved)
    second = {
        key: drawn(key, true_scores(key, level, own[key], 0.0 if key in NO_TRUE_CHANGE else moved), rng)
        for key in SCALES
    }
    stays = rng.random(CLIENTS) < 1 / (1 + np.exp(-STAY_AT_MEAN - STAY_BY_LEVEL * level))
    offered = {key: rng.random(CLIENTS) < OFFERED.get(key, 1.0) for key in SCALES}
    offered["kykyviisari_tyokyky"] &= people["age"].to_numpy() < 65
    started = rng.integers(0, 170, CLIENTS)
    ended = started + rng.integers(90, 181, CLIENTS)
    felt = moved + 0.2 * (second["eurohis_qol_8"] - first["eurohis_qol_8"]) / 5.2
    view = 1.0 + np.digitize(felt + rng.normal(0, 0.6, CLIENTS), (-1.4, -0.5, 0.5, 1.4))
    begin = people.assign(time="alku", date=days(started), own_view=np.nan)
    end = people.assign(time="loppu", date=days(ended), own_view=view)
    begin = begin.join(answers(first, offered, rng))
    end = end.join(answers(second, offered, rng)).loc[stays]
    whole = pd.concat([begin, end], ignore_index=True)
    return whole.sort_values(["client", "time"], kind="stable", ignore_index=True)


def clients(rng: np.random.Generator, size: int, letter: str) -> pd.DataFrame:
    """Draw clients by the population of the invented municipalities."""
    invented = table("invented")
    towns = invented[invented["level"] == "kunta"].sort_values("code")
    share = towns["inhabitants"].astype(float).to_numpy()
    made = pd.DataFrame({"client": [f"{letter}{number:03d}" for number in rng.permutation(size) + 1]})
    made["region_code"] = rng.choice(towns["code"].to_numpy(), size=size, p=share / share.sum())
    made["sex"] = rng.choice(["male", "female"], size=size, p=[0.48, 0.52])
    made["age"] = np.clip(np.rint(rng.normal(44, 14, size)), 20, 82).astype(int)
    return made


def days(since: np.ndarray | pd.Series) -> list[str]:
    """Write days counted from the first day of work of the year."""
    return [str(np.datetime64("2025-01-07") + int(day)) for day in since]


def true_scores(key: str, level: np.ndarray, own: np.ndarray, moved: float | np.ndarray = 0.0) -> np.ndarray:
    """Give the scores without error; `moved` in deviations towards the wanted."""
    mean, sd, reliability = SCALES[key]
    towards = 1.0 if _higher_is_better(key) else -1.0
    known = np.sqrt(reliability) * (COMMON * level + np.sqrt(1 - COMMON**2) * own)
    return mean + sd * towards * (known + moved)


def drawn(key: str, true: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add error of measurement and round to a sum that the form can give."""
    _, sd, reliability = SCALES[key]
    low, high = _ends(key)
    return np.clip(np.rint(true + sd * np.sqrt(1 - reliability) * rng.normal(size=len(true))), low, high)


def answers(
    sums: dict[str, np.ndarray], offered: dict[str, np.ndarray], rng: np.random.Generator
) -> pd.DataFrame:
    """Part each sum into answers to the items, some left empty, as they are marked on the form."""
    made = {}
    for key, total in sums.items():
        if key == "kykyviisari_tyokyky":
            made[key] = np.where(offered[key], total, np.nan)
            continue
        record = catalogue.instrument(key)
        items = np.stack(
            [_parted(int(one), record.items, record.item_min, record.item_max, rng) for one in total]
        )
        items[rng.random(items.shape) < (EMPTY_ITEM if record.items > 1 else 0.0)] = np.nan
        broken = rng.random(len(items)) < (BROKEN_OFF if record.items > 10 else 0.0)
        items[np.ix_(broken, np.arange(record.items // 2, record.items))] = np.nan
        items[~offered[key]] = np.nan
        for number in record.reverse:
            items[:, number - 1] = record.item_min + record.item_max - items[:, number - 1]
        made |= {f"{key}_{number + 1}": items[:, number] for number in range(record.items)}
    return pd.DataFrame(made)


def goals(seed: int) -> pd.DataFrame:
    """Make the goal forms: one row a goal."""
    rng = np.random.default_rng(seed)
    people = clients(rng, PEOPLE, "T")
    people["group"] = rng.choice(GOAL_GROUPS, size=PEOPLE, p=[0.36, 0.34, 0.30])
    people["common"] = rng.normal(size=PEOPLE)
    people["started"] = rng.integers(0, 150, PEOPLE)
    people["set_on"] = days(people["started"])
    number = rng.choice([1, 2, 3, 4], size=PEOPLE, p=[0.15, 0.4, 0.3, 0.15])
    rows = people.iloc[np.repeat(np.arange(PEOPLE), number)].reset_index(drop=True)
    size = len(rows)
    rows["goal"] = rows.groupby("client").cumcount() + 1
    rows["theme"] = rng.choice(list(THEMES), size=size)
    rows["weight"] = rng.choice([1, 2, 3], size=size, p=[0.4, 0.4, 0.2])
    rows["baseline"] = rng.choice([-1, -2], size=size, p=[0.7, 0.3])
    latent = np.sqrt(RHO) * rows["common"].to_numpy() + np.sqrt(1 - RHO) * rng.normal(size=size)
    latent += rows["theme"].map(THEMES).to_numpy()
    level = np.digitize(latent, STEPS) - 2.0
    other = np.digitize(latent + rng.normal(0, RATER_NOISE, size), STEPS) - 2.0
    rated = rng.random(size) >= 1 / (1 + np.exp(-UNRATED_AT_MEAN - UNRATED_BY_LEVEL * latent))
    twice = rated & (rng.random(size) < 0.4)
    reason = rng.choice(["kesken", "ei_tavoitettu", "muu"], size=size, p=[0.4, 0.4, 0.2])
    assessed = pd.Series(days(rows["started"] + rng.integers(90, 200, size)))
    plan = np.select([level >= 0, level == -1], ["kokonaan", "osittain"], default="ei")
    return rows.assign(
        assessed_on=assessed.where(rated, ""),
        level=np.where(rated, level, np.nan),
        second_level=np.where(twice, other, np.nan),
        not_assessed=np.where(rated, "", reason),
        plan_level=np.where(rated, plan, ""),
        with_client=rng.random(size) < 0.85,
        levels_written=rng.choice([5, 3, 1], size=size, p=[0.74, 0.16, 0.10]),
        deadline=rng.random(size) < 0.8,
    ).drop(columns=["common", "sex", "age", "started"])


def _parted(total: int, items: int, low: int, high: int, rng: np.random.Generator) -> np.ndarray:
    """Draw answers around the mean that add up to the total."""
    found = np.clip(np.rint(total / items + rng.normal(0, 0.7, items)), low, high)
    while (short := total - int(found.sum())) != 0:
        step = 1 if short > 0 else -1
        open_ = np.flatnonzero(found < high if step > 0 else found > low)
        picked = rng.choice(open_, size=min(abs(short), len(open_)), replace=False)
        found[picked] += step
    return found


def _ends(key: str) -> tuple[int, int]:
    if key == "kykyviisari_tyokyky":
        return 0, 10
    record = catalogue.instrument(key)
    return record.items * record.item_min, record.items * record.item_max


def _higher_is_better(key: str) -> bool:
    if key == "kykyviisari_tyokyky":
        return True
    return catalogue.instrument(key).scales[0].higher_is_better


if __name__ == "__main__":
    main()
