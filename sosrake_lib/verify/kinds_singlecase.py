"""Adapters of single-case designs: kinds of quantity to this library's functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from sosrake_lib.effects import singlecase
from sosrake_lib.verify.kind import Given, Kind

# Names of the indices in cases, and the index and option that give them here.
ESTIMATES = {
    "nap": "nap",
    "tau": "tau",
    "tau_u_A_vs_B_minus_trend_A": "tau_u",
    "tau_u": "tau_u",
    "tau_bc": "tau_bc",
    "pnd": "pnd",
    "pem": "pem",
    "pand": "pand",
    "ird": "ird",
    "smd_baseline_sd": "smd",
}
VARIANCES = {"unbiased": "unbiased", "hanley": "hanley", "null": "null"}


def _values(values: list[Any]) -> list[float]:
    return [float("nan") if value is None else float(value) for value in values]


def _compared(given: Given, **options: Any) -> pd.DataFrame:
    found = singlecase.overlap(
        _values(given["A"]), _values(given["B"]), improvement=given.get("improvement", "increase"), **options
    )
    return found.table.set_index("index")


def _by_level(given: Given, read: Callable[[float], Any]) -> Any:
    level = given.get("confidence", 0.95)
    return [read(one) for one in level] if isinstance(level, list) else read(level)


def _overlap(given: Given) -> dict[str, Any]:
    options = {
        name: given[other]
        for name, other in (("pretest", "pretest_trend"), ("kendall", "Kendall"))
        if given.get(other) is not None and given.get(other) is not False
    }

    def limits(index: str) -> Any:
        # Packages that print these limits stop their search for them early; so does "coarse".
        def read(level: float) -> list[float]:
            table = _compared(given, confidence=level, solver="coarse", **options)
            return table.loc[index, ["lower", "upper"]].tolist()

        return _by_level(given, read)

    one = _compared(given, **options)
    found: dict[str, Any] = {name: float(one.loc[index, "estimate"]) for name, index in ESTIMATES.items()}
    for name, variance in VARIANCES.items():
        table = _compared(given, variance=variance, **options)
        found = found | {
            f"{index}_se_{name}": float(table.loc[index, "standard_error"])
            for index in ("nap", "tau", "tau_bc")
        }
    pooled = _compared(given, spread="pooled")
    return found | {
        "nap_se": found["nap_se_unbiased"],
        "tau_se": found["tau_se_unbiased"],
        "tau_bc_se": found["tau_bc_se_unbiased"],
        "nap_ci": limits("nap"),
        "tau_ci": limits("tau"),
        "tau_bc_ci": limits("tau_bc"),
        "smd_ci": limits("smd"),
        "smd_se": float(one.loc["smd", "standard_error"]),
        "smd_pooled_sd": float(pooled.loc["smd", "estimate"]),
        "smd_pooled_se": float(pooled.loc["smd", "standard_error"]),
        "tau_u_all_pairs": float(_compared(given, tau_u="all_pairs").loc["tau_u", "estimate"]),
    }


def _series(given: Given) -> pd.DataFrame:
    parts = [(phase, value) for phase in ("A", "B") for value in _values(given[phase])]
    return pd.DataFrame(parts, columns=["phase", "value"]).rename_axis("time").reset_index()


def _randomisation(given: Given) -> dict[str, Any]:
    options = {
        name: given[name] for name in ("fewest", "statistic", "alternative", "draws", "seed") if name in given
    }
    found = singlecase.randomisation_test(
        _series(given),
        time="time",
        value="value",
        phase="phase",
        baseline="A",
        treatment="B",
        improvement=given.get("improvement", "increase"),
        start_was_drawn=True,
        **options,
    )
    return {
        "statistic": found.statistic,
        "p_value": found.p_value,
        "arrangements": found.arrangements,
        "distribution": found.distribution.tolist(),
    }


def _piecewise(given: Given) -> dict[str, Any]:
    found = singlecase.phases(
        _series(given), time="time", value="value", phase="phase", baseline="A", treatment="B"
    )
    effect = singlecase.piecewise_change(
        found,
        unit="points",
        slope_change=given.get("slope_change", True),
        confidence=given.get("confidence", 0.95),
    )
    table = effect.details.set_index("term") if effect.details is not None else pd.DataFrame()
    return {
        "coefficients": table["estimate"].to_dict(),
        "standard_errors": table["standard_error"].to_dict(),
        "level_change_ci": [effect.lower, effect.upper],
        "df": effect.df,
        "p_value": effect.p_value,
    }


KINDS = {
    "single_case_overlap": Kind(
        _overlap,
        "NAP, Tau, Tau-U, baseline-corrected Tau, PND, PEM, PAND, IRD, SMD of phases A and B; improvement, "
        "confidence, pretest_trend, Kendall",
    ),
    "single_case_randomisation_test": Kind(
        _randomisation, "randomisation test of the start of phase B; A, B, improvement, fewest, statistic"
    ),
    "single_case_piecewise": Kind(
        _piecewise, "piecewise regression of phases A and B; slope_change, confidence"
    ),
}
