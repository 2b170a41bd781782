"""Make the invented data of Esimerkkilä: client records, population and a competence survey; fixed seeds.

Run: `python tools/make_synthetic.py`. What is true in each file stands in its dictionary, in
tools/sample_descriptions.toml, and is the number this script was given: a test recovers it. No row comes
from a real person or place.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import synthetic_effects
import synthetic_records
import synthetic_rehabilitation
from sample_files import write_sample, write_table

from sosrake_lib import catalogue, frame
from sosrake_lib.region_data import table

PROJECT = Path(__file__).resolve().parents[1]
# Chosen so that four small cells can be shifted by `margin_preserving_twin`.
SEED = 20250318
YEAR = 2025
BORDERS = 2026
ASSESSMENTS = 2500
AGES = ("0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-")
# Share of each age, and how far the smallest municipality lies from the largest: the small ones are older.
AGE_SHARES = np.array([0.18, 0.08, 0.12, 0.12, 0.11, 0.13, 0.13, 0.13])
AGE_TILT = np.array([-0.05, -0.03, -0.04, -0.02, 0.0, 0.03, 0.05, 0.06])
# How often people of an age come to an assessment, relative to 25-34; children and the old have their own.
AGE_CLIENTS = np.array([0.0, 1.3, 1.0, 0.8, 0.7, 0.6, 0.0, 0.0])
NEEDS = {
    "jokapaivainen_elama": (0.24, 0.24),
    "asuminen": (0.18, 0.16),
    "talous": (0.46, 0.44),
    "osallisuus": (0.22, 0.18),
    "vakivalta": (0.02, 0.09),
    "kriisi": (0.05, 0.06),
    "lapsen_kehitys": (0.05, 0.12),
    "paihteet_mielenterveys_sairaus": (0.38, 0.27),
    "toimintakyky": (0.10, 0.11),
    "laheiset": (0.03, 0.06),
}
HOUSING_HIGH, HOUSING_TIMES = "E02", 2.0
SLOW, DAYS, SLOW_DAYS = "E03", 18.0, 36.0
ORGANISATIONS = {"Organisaatio A": 34, "Organisaatio B": 30}
# Importance and skill the answers are drawn around, by domain; the one item is the second known truth.
DOMAIN_MEANS = {
    "tiedon_kokoaminen": (4.0, 3.4),
    "tiedon_tyostaminen": (4.0, 3.0),
    "tiedolla_vaikuttaminen": (4.2, 2.4),
    "yhteistyo_edellytykset": (4.0, 3.2),
}
ITEM_MEANS = {"vaikutusten_arviointi": (4.2, 2.6)}
SCALES = ("tarkeys", "osaaminen", "koulutustarve")
NO_ANSWER = 0.015


@dataclass(frozen=True)
class Twin:
    """A second sample of client records, and the four cells (with counts before and after) that differ."""

    records: pd.DataFrame
    cells: pd.DataFrame


def main() -> None:
    """Write the synthetic files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    people = population(SEED)
    write_sample(to, "esimerkkila_vaesto", frame.check(people, file="esimerkkila_vaesto"), {})
    write_table(to, "esimerkkila_asiakkaat", client_records(people, SEED))
    write_table(to, "osaamiskartoitus", competence_survey(SEED))
    synthetic_records.write(to)
    synthetic_rehabilitation.write(to)
    synthetic_effects.write(to)


def population(seed: int) -> pd.DataFrame:
    """Make the population of Esimerkkilä by municipality, sex and age as an indicator frame of counts."""
    rng = np.random.default_rng(seed)
    invented = table("invented")
    invented = invented[invented["level"] == "kunta"].sort_values("code")
    rows = []
    for place, (code, people) in enumerate(zip(invented["code"], invented["inhabitants"], strict=True)):
        shares = AGE_SHARES + AGE_TILT * place / (len(invented) - 1)
        of_age = rng.multinomial(int(people), shares / shares.sum())
        men = rng.binomial(of_age, np.where(np.array(AGES) == "75-", 0.42, 0.51))
        for sex, counts in (("male", men), ("female", of_age - men)):
            rows += [(code, sex, age, float(count)) for age, count in zip(AGES, counts, strict=True)]
    made = pd.DataFrame(rows, columns=["region_code", "sex", "age", "value"])
    return made.assign(
        indicator="vaesto",
        region_level="kunta",
        borders=BORDERS,
        period=str(YEAR),
        status="ok",
        origin="synthetic",
    )


def client_records(people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Make service-needs assessments of a year: one row an assessment and need found in it.

    Columns: assessment, client (pseudonymous ids), region_code, sex, age, contact and completed (days),
    days (between them), need (key of `catalogue.needs`).
    """
    rng = np.random.default_rng(seed + 1)
    weights = (
        people["value"].to_numpy() * people["age"].map(dict(zip(AGES, AGE_CLIENTS, strict=True))).to_numpy()
    )
    drawn = people.iloc[rng.choice(len(people), size=ASSESSMENTS, p=weights / weights.sum())]
    base = drawn[["region_code", "sex", "age"]].reset_index(drop=True)
    base["client"] = _clients(base, rng)
    contact = pd.Timestamp(YEAR, 1, 1) + pd.to_timedelta(rng.integers(0, 334, size=ASSESSMENTS), unit="D")
    mean = np.where(base["region_code"] == SLOW, SLOW_DAYS, DAYS)
    days = np.clip(np.rint(rng.gamma(2.0, mean / 2.0)), 0, None).astype(int)
    base = base.assign(contact=contact, days=days).sort_values(["contact", "client"], kind="stable")
    base.insert(0, "assessment", [f"A{number:05d}" for number in range(1, ASSESSMENTS + 1)])
    base["completed"] = (base["contact"] + pd.to_timedelta(base["days"], unit="D")).dt.strftime("%Y-%m-%d")
    base["contact"] = base["contact"].dt.strftime("%Y-%m-%d")
    base["need"] = _needs(base, rng)
    rows = base.explode("need", ignore_index=True)
    return rows[["assessment", "client", "region_code", "sex", "age", "contact", "completed", "days", "need"]]


def competence_survey(seed: int) -> pd.DataFrame:
    """Make the survey's answers, wide: one row a respondent, columns `<item>.<scale>` with 1-5 or nothing."""
    rng = np.random.default_rng(seed + 2)
    size = sum(ORGANISATIONS.values())
    made = pd.DataFrame({"respondent": [f"V{number:02d}" for number in range(1, size + 1)]})
    made["organisation"] = np.repeat(list(ORGANISATIONS), list(ORGANISATIONS.values()))
    made["profession"] = rng.choice(
        ["sosiaalityöntekijä", "sosiaaliohjaaja", "muu"], size=size, p=[0.5, 0.4, 0.1]
    )
    made["years"] = rng.choice(["0-4", "5-14", "15-"], size=size, p=[0.3, 0.4, 0.3])
    made["supervisor"] = rng.choice(["kyllä", "ei"], size=size, p=[0.15, 0.85])
    person = {scale: rng.normal(0.0, 0.35, size) for scale in SCALES}
    answers = {}
    for domain in catalogue.competences():
        for item in domain.items:
            importance, skill = ITEM_MEANS.get(item.key, DOMAIN_MEANS[domain.key])
            means = (importance, skill, 1.5 + 0.9 * (importance - skill) + 0.3 * importance)
            for scale, mean in zip(SCALES, means, strict=True):
                drawn = np.clip(np.rint(mean + person[scale] + rng.normal(0.0, 0.6, size)), 1, 5)
                drawn[rng.random(size) < NO_ANSWER] = np.nan
                answers[f"{item.key}.{scale}"] = drawn
    return pd.concat([made, pd.DataFrame(answers)], axis=1)


def margin_preserving_twin(records: pd.DataFrame, minimum: int = 5) -> Twin:
    """Make a second sample that differs only between four small cells of municipality x need.

    Two assessments of the same sex and age in two municipalities change one need with each other. Counts by
    municipality, need, sex and age, municipality x sex x age and need x sex x age stay. In municipality x
    need, and in it by sex, each of the four cells is between 1 and `minimum` - 1 before and after, so that a
    rule which hides 1..minimum-1 hides the same cells. Both clients have one assessment only, so counts of
    clients change as counts of assessments do. Days from contact stay with their assessment.

    Parameters
    ----------
    records : rows as made by `client_records` (or read by `samples.table("esimerkkila_asiakkaat")`).
    minimum : the rule set's minimum count.

    Returns
    -------
    Twin: the records (a copy, same order of assessments) and the cells region_code, need, before, after.

    Raises
    ------
    ValueError when the sample has no such four cells.
    """
    counts = records.groupby(["region_code", "need"]).size().unstack(fill_value=0)
    for sex in sorted(set(records["sex"])):
        of_sex = records[records["sex"] == sex]
        by_sex = of_sex.groupby(["region_code", "need"]).size().unstack(fill_value=0)
        by_sex = by_sex.reindex_like(counts).fillna(0)
        for one, other in combinations(counts.index, 2):
            for gone, come in permutations(counts.columns, 2):
                corners = ((one, gone, -1), (one, come, 1), (other, gone, 1), (other, come, -1))
                if not all(_stays_small(table, corners, minimum) for table in (counts, by_sex)):
                    continue
                pair = _exchangeable(of_sex, one, other, gone, come)
                if pair is not None:
                    return _exchange(records, pair, corners, counts)
    raise ValueError("margin_preserving_twin: no four small cells can be shifted; make a larger sample")


def _clients(base: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Give pseudonymous ids; every twelfth assessment or so is of a client who has one already."""
    numbers = rng.permutation(len(base)) + 1
    again = np.flatnonzero(rng.random(len(base)) < 1 / 12)
    for row in again:
        same = np.flatnonzero(
            (base[["region_code", "sex", "age"]] == base.loc[row, ["region_code", "sex", "age"]]).all(axis=1)
        )
        numbers[row] = numbers[rng.choice(same)]
    return [f"K{number:05d}" for number in numbers]


def _needs(base: pd.DataFrame, rng: np.random.Generator) -> list[list[str]]:
    """Draw the needs of each assessment; one without any gets financial support, the commonest."""
    chances = np.array([NEEDS[need.key] for need in catalogue.needs()])
    keys = [need.key for need in catalogue.needs()]
    chance = np.where((base["sex"] == "male").to_numpy()[:, None], chances[:, 0], chances[:, 1])
    chance[(base["region_code"] == HOUSING_HIGH).to_numpy(), keys.index("asuminen")] *= HOUSING_TIMES
    found = rng.random(chance.shape) < chance
    found[~found.any(axis=1), keys.index("talous")] = True
    return [[keys[place] for place in np.flatnonzero(row)] for row in found]


def _stays_small(table: pd.DataFrame, corners: tuple, minimum: int) -> bool:
    return all(
        1 <= table.at[place, need] < minimum and 1 <= table.at[place, need] + step < minimum
        for place, need, step in corners
    )


def _exchangeable(rows: pd.DataFrame, one: str, other: str, gone: str, come: str) -> tuple[int, int] | None:
    """Find a row of `gone` in `one` and one of `come` in `other`: same age, neither having both needs."""
    having = rows.groupby("assessment")["need"].agg(set)
    once = rows.groupby("client")["assessment"].transform("nunique") == 1
    rows = rows[once]
    first = rows[(rows["region_code"] == one) & (rows["need"] == gone)]
    second = rows[(rows["region_code"] == other) & (rows["need"] == come)]
    for left in first.index:
        for right in second.index:
            same_age = rows.at[left, "age"] == rows.at[right, "age"]
            free = (
                come not in having[rows.at[left, "assessment"]]
                and gone not in having[rows.at[right, "assessment"]]
            )
            if same_age and free:
                return left, right
    return None


def _exchange(records: pd.DataFrame, pair: tuple[int, int], corners: tuple, counts: pd.DataFrame) -> Twin:
    shifted = records.copy()
    shifted.loc[list(pair), "need"] = records.loc[list(reversed(pair)), "need"].to_numpy()
    cells = pd.DataFrame(
        [
            (place, need, counts.at[place, need], counts.at[place, need] + step)
            for place, need, step in corners
        ],
        columns=["region_code", "need", "before", "after"],
    )
    return Twin(shifted, cells)


if __name__ == "__main__":
    main()
