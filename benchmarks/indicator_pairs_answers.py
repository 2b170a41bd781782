"""Comparisons on questionnaires, coders, surveys and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import indicator_data as data
import numpy as np
import pandas as pd
from indicator_task import Side, Task

from sosrake_lib.indicators import (
    agreement,
    groups,
    icc,
    krippendorff,
    reliability,
    sample_design,
    scales,
    survey_estimates,
)

Run = Callable[[], Any]
HERE = scales.Place("hva", "E1", 2026, "2020", "synthetic")


def our_alpha() -> Run:
    table = pd.DataFrame(data.answers())

    def run() -> np.ndarray:
        found = reliability.cronbach_alpha(table, methods=("feldt",))
        return np.array([found.alpha, *found.intervals[["lower", "upper"]].iloc[0].round(3)])

    return run


def our_alpha_bootstrap() -> Run:
    table = pd.DataFrame(data.answers(500, 10))

    def run() -> np.ndarray:
        found = reliability.cronbach_alpha(table, methods=("bootstrap_percentile",), replicates=20_000)
        return np.array([found.alpha, *found.intervals[["lower", "upper"]].iloc[0]])

    return run


def pandas_alpha_bootstrap() -> Run:
    table = pd.DataFrame(data.answers(500, 10))

    def one(rows: pd.DataFrame) -> float:
        k = rows.shape[1]
        return k / (k - 1) * (1 - rows.var().sum() / rows.sum(axis=1).var())

    def run() -> list[float]:
        drawn = [one(table.sample(frac=1, replace=True, random_state=seed)) for seed in range(200)]
        return [one(table), *np.quantile(drawn, [0.025, 0.975])]

    return run


def our_icc() -> Run:
    ratings = data.ratings()
    return lambda: icc.icc(ratings).figures["value"].to_numpy()


def our_kappa() -> Run:
    coded = data.codes(data.ROWS, 2)

    def run() -> np.ndarray:
        found = agreement.cohen_kappa(coded[:, 0], coded[:, 1])
        return np.array([found.kappa, *found.intervals[["lower", "upper"]].iloc[0]])

    return run


def statsmodels_kappa() -> Run:
    from statsmodels.stats.inter_rater import cohens_kappa

    coded = data.codes(data.ROWS, 2)

    def run() -> list[float]:
        table = pd.crosstab(coded[:, 0], coded[:, 1]).to_numpy()
        found = cohens_kappa(table)
        return [found.kappa, found.kappa_low, found.kappa_upp]

    return run


def our_fleiss() -> Run:
    coded = data.codes(data.ROWS)
    return lambda: [agreement.fleiss_kappa(coded).kappa]


def statsmodels_fleiss() -> Run:
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    coded = data.codes(data.ROWS)
    return lambda: [fleiss_kappa(aggregate_raters(coded)[0])]


def our_krippendorff() -> Run:
    coded = data.codes(500).astype(float)

    def run() -> list[float]:
        return [krippendorff.krippendorff_alpha(coded, replicates=2_000).alpha]

    return run


def numpy_krippendorff() -> Run:
    coded = data.codes(500)

    def one(rows: np.ndarray) -> float:
        table = np.zeros((5, 5))
        for unit in rows:
            for place, code in enumerate(unit):
                for other in np.delete(unit, place):
                    table[code, other] += 1 / (len(unit) - 1)
        total = table.sum(axis=0)
        n = total.sum()
        return 1 - (n - np.trace(table)) * (n - 1) / (n**2 - (total**2).sum())

    def run() -> list[float]:
        random = np.random.default_rng(1)
        for _ in range(20):
            one(coded[random.integers(0, len(coded), len(coded))])
        return [one(coded)]

    return run


def our_survey() -> Run:
    drawn = data.sample()
    score = drawn["score"].to_numpy()

    def run() -> np.ndarray:
        sample = sample_design.design(drawn["weight"], drawn["stratum"], drawn["cluster"])
        found = survey_estimates.mean(score, sample)
        return np.array([found.value[0], found.standard_error[0]])

    return run


def pandas_survey() -> Run:
    drawn = data.sample()

    def run() -> list[float]:
        mean = np.average(drawn["score"], weights=drawn["weight"])
        part = drawn["weight"] * (drawn["score"] - mean) / drawn["weight"].sum()
        sums = part.groupby([drawn["stratum"], drawn["cluster"]]).sum()
        spread = sum(len(of) * of.var(ddof=1) for _, of in sums.groupby(level=0))
        return [mean, spread**0.5]

    return run


def statsmodels_survey() -> Run:
    from statsmodels.stats.weightstats import DescrStatsW

    drawn = data.sample()
    return lambda: [DescrStatsW(drawn["score"], weights=drawn["weight"]).mean]


def our_groups() -> Run:
    table = data.long_answers(items=5)

    def run() -> np.ndarray:
        found = groups.compare(table, HERE, by="organisation", effect="cliffs_delta").effects
        return found.sort_values(["indicator", "first_group", "second_group"])["value"].to_numpy()

    return run


def scipy_groups() -> Run:
    from scipy import stats

    table = data.long_answers(items=5)

    def run() -> list[float]:
        found = []
        for _, rows in table.groupby("item"):
            of = {name: part.to_numpy() for name, part in rows.groupby("organisation")["answer"]}
            names = sorted(of)
            for place, name in enumerate(names):
                for other in names[place + 1 :]:
                    u = stats.mannwhitneyu(of[name], of[other]).statistic
                    found.append(2 * u / (len(of[name]) * len(of[other])) - 1)
        return found

    return run


def our_gap() -> Run:
    random = np.random.default_rng(12)
    table = data.long_answers(500, 40).rename(columns={"answer": "importance"})
    table["skill"] = np.clip(table["importance"] - random.integers(-1, 3, len(table)), 1, 5)
    return lambda: scales.gap(table, HERE).sort_values("indicator")["value"].to_numpy()


def pandas_gap() -> Run:
    random = np.random.default_rng(12)
    table = data.long_answers(500, 40).rename(columns={"answer": "importance"})
    table["skill"] = np.clip(table["importance"] - random.integers(-1, 3, len(table)), 1, 5)

    def run() -> np.ndarray:
        wide = table.assign(gap=table["importance"] - table["skill"]).pivot(
            index="respondent", columns="item", values="gap"
        )
        drawn = [wide.sample(frac=1, replace=True, random_state=seed).mean() for seed in range(200)]
        pd.concat(drawn, axis=1).quantile([0.025, 0.975], axis=1)
        return wide.mean().to_numpy()

    return run


def tasks() -> list[Task]:
    """List the comparisons on answers and codes."""
    return [
        Task(
            "Cronbach's alpha with Feldt's limits and item analysis",
            "9 000 respondents x 50 items",
            Side("reliability.cronbach_alpha", our_alpha),
            [Side("pingouin alpha", None, 1, "no item analysis, limits to 3 digits")],
        ),
        Task(
            "Cronbach's alpha, bootstrap",
            "20 000 replicates, 500 x 10",
            Side("reliability.cronbach_alpha", our_alpha_bootstrap, 20_000),
            [Side("pandas loop", pandas_alpha_bootstrap, 200, "limits: other, fewer draws")],
        ),
        Task(
            "intraclass correlation, six forms",
            "300 targets x 6 raters",
            Side("icc.icc", our_icc),
            [Side("pingouin icc", None)],
        ),
        Task(
            "Cohen's kappa from codes",
            "450 000 units",
            Side("agreement.cohen_kappa", our_kappa),
            [Side("statsmodels and crosstab", statsmodels_kappa)],
        ),
        Task(
            "Fleiss' kappa from codes",
            "450 000 units x 3 raters",
            Side("agreement.fleiss_kappa", our_fleiss),
            [Side("statsmodels", statsmodels_fleiss)],
        ),
        Task(
            "Krippendorff's alpha, bootstrap",
            "2 000 replicates, 500 units x 3",
            Side("krippendorff_alpha", our_krippendorff, 2_000),
            [Side("numpy loop", numpy_krippendorff, 20)],
        ),
        Task(
            "survey mean, strata and clusters",
            "450 000 respondents",
            Side("survey_estimates.mean", our_survey),
            [
                Side("pandas, the same formula", pandas_survey),
                Side("statsmodels DescrStatsW", statsmodels_survey, 1, "mean only: knows no design"),
            ],
        ),
        Task(
            "groups: 45 pairs, Cliff's delta, p-values",
            "5 items, 9 000 respondents",
            Side("groups.compare", our_groups),
            [
                Side("pingouin groups", None, 1, "no interval"),
                Side("scipy mannwhitneyu loop", scipy_groups, 1, "no interval"),
            ],
        ),
        Task(
            "gap importance - skill, bootstrap",
            "500 x 40",
            Side("scales.gap", our_gap, 4_000),
            [Side("pandas loop", pandas_gap, 200, "no places")],
        ),
    ]
