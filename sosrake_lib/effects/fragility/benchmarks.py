"""Robustness of a regression, held against the covariates that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.fragility.robustness import (
    BOUND_COLUMNS,
    RobustnessValue,
    adjusted,
    benchmark_strength,
    robustness_value,
)
from sosrake_lib.effects.regression import check_columns, independent_columns, model_arrays
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
# A residual shorter than this share of its column is rounding, not variation.
NOTHING_LEFT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Outcome, treatment and named groups of covariates, each with the factors already taken out."""

    outcome: Floats
    treatment: Floats
    groups: Mapping[str, Floats]
    rows: int
    factor_rank: int


def regression_robustness(
    data: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str] = (),
    factors: Sequence[str] = (),
    benchmarks: Sequence[str] | Mapping[str, Sequence[str]] = (),
    kd: ArrayLike = (1, 2, 3),
    ky: ArrayLike | None = None,
    q: float = 1.0,
    alpha: float = 0.05,
    reduce: bool = True,
) -> RobustnessValue:
    """Regress an outcome on a treatment and covariates; say how strong a confounder would undo the estimate.

    Parameters
    ----------
    data : one row an observation. outcome, treatment, covariates : columns of numbers.
    factors : columns whose levels are held constant (such as municipality).
    benchmarks : covariates (or factors) to compare with, or a mapping name -> covariates taken together.
    kd, ky : the confounder is so many times as strong as the benchmark with the treatment, with the outcome.
    q, alpha, reduce : see robustness_value and adjusted; limits in `bounds` are at 1 - alpha.

    Returns
    -------
    RobustnessValue with estimate, classical standard error and `bounds`, one row a benchmark and kd.

    Raises
    ------
    FrameError when a column is missing, empty or text, a benchmark is not among the covariates, the treatment
    follows from the covariates, or no degrees of freedom are left.

    Compared with R sensemakr on the Darfur data (tests/reference/sensitivity.csv; Cinelli and Hazlett 2020,
    doi 10.1111/rssb.12348).

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> people = pd.DataFrame(rng.normal(size=(60, 3)), columns=["came", "age", "noise"])
    >>> people["score"] = 0.5 * people["came"] + 0.4 * people["age"] + people["noise"]
    >>> columns = {"outcome": "score", "treatment": "came", "covariates": ["age"]}
    >>> found = regression_robustness(people, **columns, benchmarks=["age"])
    >>> found.df, len(found.bounds)
    (57.0, 3)
    """
    where = "regression_robustness"
    groups = _named(benchmarks)
    _check_benchmarks(groups, covariates, factors, where)
    check_columns(data, [outcome, treatment, *covariates, *factors], where)
    parts = _parts(data, outcome, treatment, list(covariates), list(factors), groups, where)
    columns = _side_by_side(parts.groups, len(parts.outcome))
    kept = columns[:, independent_columns(columns)] if columns.shape[1] else columns
    d_left, y_left = _residual(parts.treatment, kept), _residual(parts.outcome, kept)
    df = parts.rows - parts.factor_rank - kept.shape[1] - 1
    _check_left(data, treatment, d_left, df, where)
    estimate = float(d_left @ y_left / (d_left @ d_left))
    rss = float(((y_left - estimate * d_left) ** 2).sum())
    if rss <= NOTHING_LEFT**2 * float(parts.outcome @ parts.outcome):
        raise FrameError(
            f"{where}: the regression explains {outcome!r} wholly; there is no error to judge it by"
        )
    error = float(np.sqrt(rss / df / (d_left @ d_left)))
    value = robustness_value(df=df, estimate=estimate, standard_error=error, q=q, alpha=alpha)
    found = [_bounds(value, name, _strength(parts, groups[name], kd, ky), reduce=reduce) for name in groups]
    if not found:
        return value
    return replace(value, bounds=pd.concat(found, ignore_index=True))


def _named(benchmarks: Sequence[str] | Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    if isinstance(benchmarks, str):
        benchmarks = [benchmarks]
    if isinstance(benchmarks, Mapping):
        return {
            name: (members,) if isinstance(members, str) else tuple(members)
            for name, members in benchmarks.items()
        }
    return {name: (name,) for name in benchmarks}


def _check_benchmarks(
    groups: Mapping[str, tuple[str, ...]], covariates: Sequence[str], factors: Sequence[str], where: str
) -> None:
    unknown = [name for members in groups.values() for name in members if name not in {*covariates, *factors}]
    if unknown:
        raise FrameError(
            f"{where}: benchmark {unknown[0]!r} is not in the regression; choose among "
            f"{', '.join([*covariates, *factors])}"
        )


def _parts(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    covariates: list[str],
    factors: list[str],
    groups: Mapping[str, tuple[str, ...]],
    where: str,
) -> _Parts:
    """Take the factors that are no benchmark out of everything else first; they may have many levels."""
    compared = {name for members in groups.values() for name in members}
    base = model_arrays(
        data,
        outcome=outcome,
        regressors=[treatment],
        factors=[one for one in factors if one not in compared],
        where=where,
    )
    held = np.delete(base.design, 1, axis=1)
    basis = _basis(held)
    named: dict[str, Floats] = {}
    for name in [*covariates, *(one for one in factors if one in compared)]:
        columns, levels = ([], [name]) if name in factors else ([name], [])
        made = model_arrays(data, outcome=outcome, regressors=columns, factors=levels, where=where)
        named[name] = _out(made.design[:, 1:], basis)
    y, d = _out(base.outcome[:, None], basis)[:, 0], _out(base.design[:, 1:2], basis)[:, 0]
    return _Parts(y, d, named, len(y), basis.shape[1])


def _basis(columns: Floats) -> Floats:
    q, r = np.linalg.qr(columns)
    lengths = np.linalg.norm(columns, axis=0)
    if (np.abs(np.diag(r)) > NOTHING_LEFT * lengths).all():
        return q
    return np.linalg.qr(columns[:, independent_columns(columns)])[0]


def _out(columns: Floats, basis: Floats) -> Floats:
    left = columns - basis @ (basis.T @ columns)
    # What a basis explains wholly leaves rounding behind, which must not be taken for a regressor.
    nothing = np.linalg.norm(left, axis=0) <= NOTHING_LEFT * np.linalg.norm(columns, axis=0)
    return np.where(nothing, 0.0, left)


def _residual(column: Floats, others: Floats) -> Floats:
    return _out(column[:, None], np.linalg.qr(others)[0])[:, 0] if others.shape[1] else column


def _side_by_side(groups: Mapping[str, Floats], rows: int) -> Floats:
    return np.column_stack(list(groups.values())) if groups else np.empty((rows, 0))


def _check_left(data: pd.DataFrame, treatment: str, left: Floats, df: int, where: str) -> None:
    if not left.any():
        raise FrameError(
            f"{where}: column {treatment!r} follows from the covariates (or is constant, "
            f"{data[treatment].iloc[0]!r}); nothing of the treatment is left to compare, leave a covariate "
            f"out"
        )
    if df < 2:
        raise FrameError(
            f"{where}: {len(left)} rows leave {df} degrees of freedom; use more rows or fewer covariates"
        )


def _strength(parts: _Parts, members: tuple[str, ...], kd: ArrayLike, ky: ArrayLike | None) -> pd.DataFrame:
    own = np.column_stack([parts.groups[member] for member in members])
    rest = {name: columns for name, columns in parts.groups.items() if name not in members}
    others = _side_by_side(rest, parts.rows)
    with_treatment = np.column_stack([others, parts.treatment])
    with_treatment_explained = _explained(parts.outcome, with_treatment, own)
    return benchmark_strength(_explained(parts.treatment, others, own), with_treatment_explained, kd, ky)


def _bounds(value: RobustnessValue, name: str, strength: pd.DataFrame, *, reduce: bool) -> pd.DataFrame:
    left = adjusted(
        value.estimate,
        value.standard_error,
        value.df,
        strength["r2dz_x"],
        strength["r2yz_dx"],
        confidence=1 - value.alpha,
        reduce=reduce,
    )
    joined = strength.assign(benchmark=name, **{column: left[column] for column in BOUND_COLUMNS[5:]})
    return joined.loc[:, list(BOUND_COLUMNS)]


def _explained(column: Floats, others: Floats, own: Floats) -> float:
    """Partial R² of the columns `own` with a column, given the others."""
    before = _independent(others)
    after = _independent(np.column_stack([others, own]))
    reduced, full = _residual(column, before), _residual(column, after)
    return float(1 - full @ full / (reduced @ reduced))


def _independent(columns: Floats) -> Floats:
    return columns[:, independent_columns(columns)] if columns.shape[1] else columns
