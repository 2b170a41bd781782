"""Make the invented data of social rehabilitation and rehabilitative work activity in Esimerkkilä.

Run: `python tools/synthetic_rehabilitation.py`. What is true in each file stands in its dictionary and is
what this script was given; tests recover it. The ends of those who were lost are drawn too and then taken
out, so that the whole truth is known (`social_rehabilitation(seed, lost_known=True)`).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

from sosrake_lib import catalogue

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260105
# Social rehabilitation: clients by municipality and by group.
CLIENTS = {"E01": 205, "E02": 95, "E03": 45, "E04": 30, "E05": 18, "E06": 14, "E07": 9, "E08": 4}
GROUPS = {"arjen_ryhma": 135, "nuorten_ryhma": 110, "mielen_ryhma": 100, "yksilovalmennus": 75}
# Level of goals at the end around which a client of average quality of life is drawn, by group.
GROUP_LEVELS = {"arjen_ryhma": 0.25, "nuorten_ryhma": -0.45, "mielen_ryhma": 0.25, "yksilovalmennus": 0.25}
THEMES = ("arki", "ihmissuhteet", "terveys", "asiointi", "osallisuus")
LEVEL_SLOPE = 0.6  # steps of goals for each deviation of quality of life before
QUALITY_CHANGE, QUALITY_SLOPE = 0.25, 0.15
# Log odds of not being assessed at the end: all, for each deviation of quality of life, in the youth group.
LOST = (-1.6, -1.1, 0.6)
AGES = ("18-24", "25-34", "35-44", "45-54", "55-64")
# Work activity.
PROVIDERS = {"A": 80, "B": 66, "C": 62, "D": 52, "E": 30, "F": 10}
WORK_THEMES = ("arki", "toimintakyky", "osaaminen", "osallisuus", "jatkopolku")
WRITTEN = {2023: 0.65, 2024: 0.80, 2025: 0.90}
# Chances of -2 ... 3 steps of work ability (0-10): 0.56 steps up on average.
WORK_ABILITY_STEPS = {-2: 0.04, -1: 0.14, 0: 0.32, 1: 0.28, 2: 0.16, 3: 0.06}
ATTENDED = 0.72
NEXT_STEPS = {
    "tyo": 0.08,
    "koulutus": 0.10,
    "tyovoimapalvelu": 0.22,
    "muu_palvelu": 0.15,
    "jatkaa": 0.30,
    "ei_tiedossa": 0.15,
}
# Self-evaluation: steps 1-4 by area in 2024; goal setting rises in 2025, follow-up is the joint weak point.
AREA_STEPS = {
    "tavoitteet": 2.3,
    "osallisuus": 2.9,
    "sisalto": 3.1,
    "turvallisuus": 3.3,
    "jatkopolut": 2.4,
    "seuranta": 1.7,
}
GOAL_RISE = 0.8
EVALUATORS = {"A": 7, "B": 6, "C": 9, "D": 5, "E": 6, "F": 3}


@dataclass(frozen=True)
class WorkActivity:
    """The two tables of work activity: clients, and providers' answers to the self-evaluation."""

    clients: pd.DataFrame
    answers: pd.DataFrame


def main() -> None:
    """Write the files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    write(parser.parse_args().to)


def write(to: Path) -> None:
    """Write the three samples of this topic into a folder."""
    write_table(to, "esimerkkila_sosiaalinen_kuntoutus", social_rehabilitation(SEED))
    made = work_activity(SEED)
    write_table(to, "esimerkkila_kuntouttava_tyotoiminta", made.clients)
    write_table(to, "esimerkkila_kuntouttava_tyotoiminta_itsearviointi", made.answers)


def social_rehabilitation(seed: int, *, lost_known: bool = False) -> pd.DataFrame:
    """Make clients of social rehabilitation, one row a client.

    `lost_known=True` keeps the ends that were drawn for those who in the file have none.
    """
    rng = np.random.default_rng(seed)
    made = _people(rng, CLIENTS, GROUPS, "service_group", "S")
    size = len(made)
    quality = np.clip(np.rint(8 * rng.normal(2.75, 0.6, size)) / 8, 1, 5)
    z = (quality - 2.75) / 0.6
    young = (made["service_group"] == "nuorten_ryhma").to_numpy()
    lost = rng.random(size) < _logistic(LOST[0] + LOST[1] * z + LOST[2] * young)
    made = made.assign(**_stay(rng, made["start"], lost))
    after = np.clip(
        np.rint(8 * (quality + QUALITY_CHANGE + QUALITY_SLOPE * z + rng.normal(0, 0.45, size))) / 8, 1, 5
    )
    levels = made["service_group"].map(GROUP_LEVELS).to_numpy() + LEVEL_SLOPE * z + rng.normal(0, 0.5, size)
    goals = _goals(rng, levels, THEMES, np.ones(size, dtype=bool))
    no_form = rng.random(size) < 0.04
    if not lost_known:
        after = np.where(lost | no_form, np.nan, after)
        for theme in THEMES:
            goals.loc[lost, f"{theme}.end"] = np.nan
    made = pd.concat([made.assign(quality_before=quality, quality_after=after), goals], axis=1)
    return made.assign(lost=lost) if lost_known else made


def work_activity(seed: int) -> WorkActivity:
    """Make clients of rehabilitative work activity and the self-evaluations of their providers."""
    rng = np.random.default_rng(seed + 1)
    places = {"E01": 170, "E02": 66, "E03": 24, "E04": 16, "E05": 10, "E06": 7, "E07": 4, "E08": 3}
    made = _people(rng, places, PROVIDERS, "provider", "T")
    size = len(made)
    years = made["start"].str[:4].astype(int)
    written = rng.random(size) < years.map(WRITTEN).to_numpy()
    with_client = np.where(written, np.where(rng.random(size) < 0.75, "kylla", "ei"), None)
    planned = rng.integers(24, 120, size)
    attended = np.minimum(planned, np.rint(planned * np.clip(rng.normal(ATTENDED, 0.2, size), 0.02, 1)))
    lost = rng.random(size) < 0.16
    ability = np.clip(np.rint(rng.normal(4.6, 1.9, size)), 0, 10) + 0.0  # no minus zero
    after = (
        np.clip(
            ability + rng.choice(list(WORK_ABILITY_STEPS), size, p=list(WORK_ABILITY_STEPS.values())), 0, 10
        )
        + 0.0
    )
    goals = _goals(rng, rng.normal(0.05, 0.6, size), WORK_THEMES, written)
    for theme in WORK_THEMES:
        goals.loc[lost, f"{theme}.end"] = np.nan
    step = rng.choice(list(NEXT_STEPS), size, p=list(NEXT_STEPS.values()))
    made = made.assign(
        end=_ends(made["start"], rng, size),
        planned_days=planned,
        attended_days=attended.astype(int),
        next_step=step,
        goals_with_client=with_client,
        work_ability_before=ability,
        work_ability_after=np.where(lost, np.nan, after),
    )
    return WorkActivity(pd.concat([made, goals], axis=1), _self_evaluations(rng))


def _people(
    rng: np.random.Generator, places: dict[str, int], groups: dict[str, int], column: str, letter: str
) -> pd.DataFrame:
    """Draw who: pseudonymous id, municipality, sex, age, group and first day, each independent of others."""
    size = sum(places.values())
    start = np.sort(rng.integers(0, 1004, size))  # 1 January 2023 to 30 September 2025
    days = pd.Timestamp(2023, 1, 1) + pd.to_timedelta(start, unit="D")
    return pd.DataFrame(
        {
            "client": [f"{letter}{number:04d}" for number in rng.permutation(size) + 1],
            "region_code": rng.permutation(np.repeat(list(places), list(places.values()))),
            "sex": rng.choice(["female", "male"], size, p=[0.52, 0.48]),
            "age": rng.choice(AGES, size, p=[0.24, 0.24, 0.2, 0.17, 0.15]),
            column: rng.permutation(np.repeat(list(groups), list(groups.values()))),
            "start": days.strftime("%Y-%m-%d"),
        }
    )


def _stay(rng: np.random.Generator, start: pd.Series, lost: np.ndarray) -> dict[str, object]:
    """Draw how the rehabilitation ended; the lost left before the plan said."""
    size = len(start)
    reason = np.where(
        lost, rng.choice(["keskeytti", "siirtyi", "muutti"], size, p=[0.7, 0.2, 0.1]), "suunnitellusti"
    )
    weeks = np.where(lost, rng.integers(2, 16, size), rng.integers(20, 32, size))
    end = pd.to_datetime(start) + pd.to_timedelta(weeks * 7, unit="D")
    days = np.rint(weeks * rng.uniform(0.6, 1.9, size)).astype(int)
    return {"end": end.dt.strftime("%Y-%m-%d"), "end_reason": reason, "days": days}


def _ends(start: pd.Series, rng: np.random.Generator, size: int) -> np.ndarray:
    ends = pd.to_datetime(start) + pd.to_timedelta(rng.integers(60, 185, size), unit="D")
    return ends.dt.strftime("%Y-%m-%d").to_numpy()


def _goals(rng: np.random.Generator, level: np.ndarray, themes: tuple, written: np.ndarray) -> pd.DataFrame:
    """Draw one to four goals a client: where they began (-2 or -1) and where they ended (-2 to 2)."""
    size = len(level)
    order = np.argsort(rng.random((size, len(themes))), axis=1)
    number = rng.choice([1, 2, 3, 4], size, p=[0.15, 0.4, 0.3, 0.15])
    chosen = (order < number[:, None]) & written[:, None]
    made = {}
    for place, theme in enumerate(themes):
        start = rng.choice([-2.0, -1.0], size, p=[0.7, 0.3])
        end = np.clip(np.rint(level + rng.normal(0, 0.7, size)), -2, 2) + 0.0  # no minus zero
        made[f"{theme}.start"] = np.where(chosen[:, place], start, np.nan)
        made[f"{theme}.end"] = np.where(chosen[:, place], end, np.nan)
    return pd.DataFrame(made)


def _self_evaluations(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the answers of each provider in two years: steps 1-4, and whether something shows it."""
    rows = []
    for year in (2024, 2025):
        for provider, people in EVALUATORS.items():
            for question in catalogue.self_evaluation().questions:
                around = AREA_STEPS[question.area] + GOAL_RISE * (year == 2025) * (
                    question.area == "tavoitteet"
                )
                step = float(np.clip(np.rint(around + rng.normal(0, 0.4)), 1, 4))
                shown = "kylla" if rng.random() < 0.2 * step else "ei"
                empty = rng.random() < 0.03
                rows.append(
                    (
                        provider,
                        year,
                        people,
                        question.key,
                        np.nan if empty else step,
                        None if empty else shown,
                    )
                )
    return pd.DataFrame(rows, columns=["provider", "year", "evaluators", "question", "step", "evidence"])


def _logistic(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-odds))


if __name__ == "__main__":
    main()
