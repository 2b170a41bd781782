"""Make the invented records of Esimerkkilä: plans, an event log of client matters, and entries of records.

Run: `python tools/synthetic_records.py`. What is true in each file stands in its dictionary and is what this
script was given; tests recover it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260701
UNTIL = pd.Timestamp("2026-06-30")
PLACES = {
    "E01": 0.46,
    "E02": 0.20,
    "E03": 0.12,
    "E04": 0.08,
    "E05": 0.05,
    "E06": 0.04,
    "E07": 0.03,
    "E08": 0.02,
}
SLOW, SLOW_TIMES = "E03", 1.7
AGES = ("18-24", "25-34", "35-44", "45-54", "55-64")
AGE_SHARES = (0.18, 0.26, 0.22, 0.19, 0.15)
# Plans whose need was noted, in each half-year: activation plans, multidisciplinary employment plans.
PLANS = {
    "2023-H1": (170, 70),
    "2023-H2": (165, 75),
    "2024-H1": (172, 78),
    "2024-H2": (168, 80),
    "2025-H1": (115, 130),
    "2025-H2": (110, 138),
    "2026-H1": (62, 178),
}
# Median days from need to plan, before and from 2025.
PLAN_DAYS = {"aktivointisuunnitelma": (45.0, 45.0), "monialainen": (75.0, 55.0)}
PLAN_SPREAD, PLAN_NEVER = 0.6, 0.08
OWN_WORDS = {2023: 0.30, 2024: 0.38, 2025: 0.46, 2026: 0.54}
WITH_CLIENT = 0.85
REVIEWED = (0.40, 0.60)
# Matters of the event log.
MATTERS, REPEATS = 900, 0.15
ASSESSMENT_DAYS, SERVICE_DAYS, NO_SERVICE, DENIED = 38.0, 30.0, 0.12, 0.10
# Entries of records by unit and month: entries, recorders, whether recording was trained in July 2025.
UNITS = {
    "Aikuissosiaalityö": (80, 12, True),
    "Nuorten palvelut": (72, 8, True),
    "Työikäisten palvelut": (76, 9, False),
    "Kotoutumistiimi": (20, 4, False),
}
MONTHS = pd.period_range("2024-07", "2026-06", freq="M")
TRAINED = pd.Period("2025-07", freq="M")
# Chances before the training; and after it where it was held.
ENTRY = {
    "filled": (0.80, 0.90),
    "coded": (0.68, 0.84),
    "vague": (0.45, 0.30),
    "measurable": (0.35, 0.55),
    "client_view": (0.40, 0.60),
}
DELAY_DAYS = (4.0, 2.0)
GOALS = 1.1
NEEDS = ("talous", "asuminen", "paihteet_mielenterveys_sairaus", "osallisuus", "toimintakyky")
TASKS = ("tyoikaisten_palvelut", "sosiaalinen_kuntoutus")
DOCUMENTS = ("asiakaskertomus", "arvio", "suunnitelma")


def main() -> None:
    """Write the files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    write(parser.parse_args().to)


def write(to: Path) -> None:
    """Write the three samples of this topic into a folder."""
    write_table(to, "esimerkkila_aktivointisuunnitelmat", plans(SEED))
    write_table(to, "esimerkkila_tapahtumat", events(SEED + 1))
    write_table(to, "esimerkkila_kirjaaminen", entries(SEED + 2))


def plans(seed: int) -> pd.DataFrame:
    """Make plans, one row a need of a plan; those not made by the end of June 2026 have no day."""
    rng = np.random.default_rng(seed)
    parts = []
    for half, sizes in PLANS.items():
        start = pd.Timestamp(int(half[:4]), 1 if half.endswith("H1") else 7, 1)
        for kind, size in zip(PLAN_DAYS, sizes, strict=True):
            needed = start + pd.to_timedelta(rng.integers(0, 181, size), unit="D")
            parts.append(pd.DataFrame({"kind": kind, "needed": needed}))
    rows = _people(rng, pd.concat(parts, ignore_index=True))
    later = (rows["needed"].dt.year >= 2025).to_numpy()
    median = np.array([PLAN_DAYS[kind][int(new)] for kind, new in zip(rows["kind"], later, strict=True)])
    median = median * np.where(rows["region_code"] == SLOW, SLOW_TIMES, 1.0)
    days = np.rint(median * np.exp(PLAN_SPREAD * rng.normal(size=len(rows)))).clip(1)
    made = rows["needed"] + pd.to_timedelta(days, unit="D")
    made = made.where((rng.random(len(rows)) >= PLAN_NEVER) & (made <= UNTIL))
    # About three in four of the reviews there will be come within half a year.
    wait = rng.gamma(4.0, 35.0, len(rows)).round()
    review = made + pd.to_timedelta(wait, unit="D")
    reviewed = rng.random(len(rows)) < np.where(later, REVIEWED[1], REVIEWED[0]) / 0.75
    chance = rows["needed"].dt.year.map(OWN_WORDS).to_numpy()
    rows = rows.assign(
        made=made,
        reviewed=review.where(reviewed & (review <= UNTIL)),
        own_words=_yes(rng, chance, made.notna()),
        with_client=_yes(rng, np.full(len(rows), WITH_CLIENT), made.notna()),
    ).sort_values(["needed", "client"], kind="stable", ignore_index=True)
    rows.insert(0, "plan", [f"S{number:05d}" for number in range(1, len(rows) + 1)])
    columns = ["plan", "client", "region_code", "sex", "age", "kind", "needed", "made", "reviewed"]
    return _dated(rows[[*columns, "own_words", "with_client"]])


def events(seed: int) -> pd.DataFrame:
    """Make an event log: a matter begins with a contact; fees that hindered are not recorded at all."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2024-01-01")
    contact = start + pd.to_timedelta(np.sort(rng.integers(0, 912, MATTERS)), unit="D")
    base = _people(rng, pd.DataFrame({"contact": contact}), prefix="T")
    _repeat(rng, base)
    base["matter"] = [f"A{number:05d}" for number in range(1, MATTERS + 1)]
    slow = np.where(base["region_code"] == SLOW, SLOW_TIMES, 1.0)
    begun = base["contact"] + _days(rng.exponential(4.0, MATTERS) * slow)
    ready = base["contact"] + _days(1 + ASSESSMENT_DAYS * slow * np.exp(0.6 * rng.normal(size=MATTERS)))
    begun = begun.where(begun <= ready, ready)
    decided = ready + _days(rng.exponential(8.0, MATTERS))
    served = decided + _days(SERVICE_DAYS * np.exp(0.7 * rng.normal(size=MATTERS)))
    served = served.where(rng.random(MATTERS) >= NO_SERVICE)
    plan = served + _days(rng.exponential(20.0, MATTERS))
    plan = plan.where(rng.random(MATTERS) < 0.7)
    review = (plan + _days(60 + rng.exponential(60.0, MATTERS))).where(rng.random(MATTERS) < 0.5)
    days = {"yhteydenotto": base["contact"], "arviointi_alkoi": begun, "arviointi_valmis": ready}
    days |= {"paatos": decided, "palvelu_alkoi": served}
    days |= {"suunnitelma_laadittu": plan, "suunnitelma_tarkistettu": review}
    known = ["matter", "client", "region_code", "sex", "age"]
    parts = [base[known].assign(event=event, date=day) for event, day in days.items()]
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["date"])
    rows = rows.loc[rows["date"] <= UNTIL].sort_values(["date", "matter"], kind="stable", ignore_index=True)
    planned, decision = rows["event"] == "suunnitelma_laadittu", rows["event"] == "paatos"
    chance = rows["date"].dt.year.map(OWN_WORDS).to_numpy()
    rows["own_words"] = _yes(rng, chance, planned)
    rows["with_client"] = _yes(rng, np.full(len(rows), WITH_CLIENT), planned)
    rows["denied"] = _yes(rng, np.full(len(rows), DENIED), decision)
    return _dated(rows)


def entries(seed: int) -> pd.DataFrame:
    """Make entries of records as counts of what they hold; no texts."""
    rng = np.random.default_rng(seed)
    parts = [_unit_month(rng, unit, month, *about) for month in MONTHS for unit, about in UNITS.items()]
    rows = pd.concat(parts, ignore_index=True).sort_values(
        ["contact", "unit"], kind="stable", ignore_index=True
    )
    rows.insert(0, "entry", [f"E{number:05d}" for number in range(1, len(rows) + 1)])
    return _dated(rows)


def _unit_month(
    rng: np.random.Generator, unit: str, month: pd.Period, size: int, recorders: int, trained: bool
) -> pd.DataFrame:
    after = int(trained and month >= TRAINED)
    chance = {name: both[after] for name, both in ENTRY.items()}
    contact = month.start_time + pd.to_timedelta(rng.integers(0, month.days_in_month, size), unit="D")
    delay = np.floor(rng.exponential(DELAY_DAYS[after], size))
    coded = rng.random(size) < chance["coded"]
    goals = rng.poisson(GOALS, size)
    texts = ~coded | (rng.random(size) < 0.7)
    return pd.DataFrame(
        {
            "unit": unit,
            "recorder": [f"R{list(UNITS).index(unit)}{one:02d}" for one in rng.integers(0, recorders, size)],
            "region_code": rng.choice(list(PLACES), size, p=list(PLACES.values())),
            "contact": contact,
            "recorded": contact + pd.to_timedelta(delay, unit="D"),
            "service_task": np.where(rng.random(size) < chance["filled"], rng.choice(TASKS, size), None),
            "document_type": np.where(rng.random(size) < chance["filled"], rng.choice(DOCUMENTS, size), None),
            "need": np.where(coded, rng.choice(NEEDS, size), None),
            "text": np.where(texts, "kylla", "ei"),
            "vague": np.where(texts & (rng.random(size) < chance["vague"]), 1 + rng.poisson(0.6, size), 0),
            "goals": goals,
            "measurable": rng.binomial(goals, chance["measurable"]),
            "client_view": np.where(rng.random(size) < chance["client_view"], "kylla", "ei"),
        }
    )


def _people(rng: np.random.Generator, rows: pd.DataFrame, prefix: str = "P") -> pd.DataFrame:
    size = len(rows)
    return rows.assign(
        client=[f"{prefix}{number:05d}" for number in rng.permutation(size) + 1],
        region_code=rng.choice(list(PLACES), size, p=list(PLACES.values())),
        sex=rng.choice(["male", "female"], size, p=[0.56, 0.44]),
        age=rng.choice(AGES, size, p=AGE_SHARES),
    )


def _repeat(rng: np.random.Generator, base: pd.DataFrame) -> None:
    """Let some matters be of a client who had another some months before."""
    columns = ["client", "region_code", "sex", "age"]
    for row in np.flatnonzero(rng.random(len(base)) < REPEATS):
        earlier = base["contact"] < base.at[row, "contact"] - pd.Timedelta(days=120)
        near = np.flatnonzero(earlier & (base["contact"] > base.at[row, "contact"] - pd.Timedelta(days=300)))
        if len(near):
            base.loc[row, columns] = base.loc[rng.choice(near), columns].to_numpy()


def _days(count: np.ndarray) -> pd.Series:
    return pd.Series(pd.to_timedelta(np.floor(count), unit="D"))


def _yes(rng: np.random.Generator, chance: np.ndarray, where: pd.Series) -> pd.Series:
    drawn = np.where(rng.random(len(where)) < chance, "kylla", "ei")
    return pd.Series(drawn, index=where.index).where(where)


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Write days as text."""
    days = [column for column in rows if pd.api.types.is_datetime64_any_dtype(rows[column])]
    return rows.assign(**{column: rows[column].dt.strftime("%Y-%m-%d") for column in days})


if __name__ == "__main__":
    main()
