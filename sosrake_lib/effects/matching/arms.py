"""Rows of those who got a treatment and those who did not, out of a data frame, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.regression import (
    check_columns,
    independent_columns,
    model_arrays,
    numbers,
    shown,
)
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
MISSING = ("refuse", "drop")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Treated and control rows.

    Attributes
    ----------
    outcome : (n,), empty array when none was asked. treated : (n,), truth values.
    covariates : (n, k), without an intercept. names : k. rows : index labels of the data.
    dropped : rows left out because a value was missing.
    """

    outcome: Floats
    treated: Booleans
    covariates: Floats
    names: tuple[str, ...]
    rows: pd.Index
    dropped: int

    @property
    def design(self) -> Floats:
        """Covariates after a column of ones, (n, k + 1)."""
        ones = np.ones((len(self.treated), 1))
        return np.column_stack([ones, self.covariates]) if self.names else ones

    @property
    def sizes(self) -> dict[str, int]:
        """How many treated and controls."""
        count = int(self.treated.sum())
        return {"treated": count, "control": len(self.treated) - count}

    def kept(self, rows: Booleans) -> Comparison:
        """Keep some of the rows."""
        outcome = self.outcome[rows] if len(self.outcome) else self.outcome
        return Comparison(
            outcome, self.treated[rows], self.covariates[rows], self.names, self.rows[rows], self.dropped
        )


def read_comparison(
    data: pd.DataFrame,
    *,
    treatment: str,
    outcome: str | None = None,
    covariates: Sequence[str] = (),
    factors: Sequence[str] = (),
    missing: str = "refuse",
    where: str,
) -> Comparison:
    """Take treated and controls out of a frame.

    Parameters
    ----------
    data : one row a person (or unit). treatment : column of 0 and 1. outcome : column of numbers, or None.
    covariates : columns of numbers known before the treatment. factors : columns whose levels become dummies.
    missing : "refuse" rows with an empty value, or "drop" them (`dropped` tells how many).
    where : the function named in messages.

    Raises
    ------
    FrameError for a missing, empty or infinite column, a treatment that is not 0/1 or has one value only,
    an outcome that does not vary, a covariate that is the treatment or the outcome, or one that is constant
    or follows from those before it.

    Examples
    --------
    >>> people = pd.DataFrame({"t": [0, 1, 0, 1], "y": [1.0, 3.0, 2.0, 5.0], "x": [1, 2, 4, 3]})
    >>> read_comparison(people, treatment="t", outcome="y", covariates=["x"], where="example").sizes
    {'treated': 2, 'control': 2}
    """
    listed = [treatment, *([] if outcome is None else [outcome]), *covariates, *factors]
    check_columns(data, list(dict.fromkeys(listed)), where)
    _check_roles(treatment, outcome, [*covariates, *factors], where)
    complete, dropped = _complete(data, listed, missing, where)
    treated = _treated(complete, treatment, where)
    found = model_arrays(
        complete, outcome=treatment, regressors=covariates, factors=factors, intercept=True, where=where
    )
    _check_independent(found.design, found.names, where)
    y = np.empty(0) if outcome is None else _outcome(complete, outcome, where)
    return Comparison(y, treated, found.design[:, 1:], found.names[1:], complete.index, dropped)


def _check_roles(treatment: str, outcome: str | None, covariates: list[str], where: str) -> None:
    for role, name in (("treatment", treatment), ("outcome", outcome)):
        if name in covariates:
            raise FrameError(
                f"{where}: the {role} {name!r} is among the covariates; covariates are what was known before "
                "the treatment, leave it out"
            )
    twice = [name for name in covariates if covariates.count(name) > 1]
    if twice or outcome == treatment:
        raise FrameError(f"{where}: column {twice[0] if twice else outcome!r} is asked twice; name it once")


def _complete(data: pd.DataFrame, columns: list[str], missing: str, where: str) -> tuple[pd.DataFrame, int]:
    if missing not in MISSING:
        raise FrameError(f"{where}: missing {missing!r}; expected one of {', '.join(MISSING)}")
    if missing == "refuse":
        return data, 0
    kept = data.loc[data[columns].notna().all(axis=1)]
    if kept.empty:
        raise FrameError(f"{where}: every row has an empty value in {', '.join(columns)}; nothing is left")
    return kept, len(data) - len(kept)


def _treated(data: pd.DataFrame, treatment: str, where: str) -> Booleans:
    values = numbers(data, treatment, where)
    wrong = ~np.isin(values, (0.0, 1.0))
    if wrong.any():
        raise FrameError(
            f"{where}: column {treatment!r} is {values[wrong][0]:g} in row "
            f"{shown(data.index[int(np.argmax(wrong))])}; expected 0 (not treated) or 1 (treated)"
        )
    count = int(values.sum())
    if min(count, len(values) - count) < 2:
        raise FrameError(
            f"{where}: {count} treated and {len(values) - count} control rows by {treatment!r}; at least two "
            "of each are needed; without a comparison group see paired_change"
        )
    return values == 1


def _outcome(data: pd.DataFrame, outcome: str, where: str) -> Floats:
    y = numbers(data, outcome, where)
    if np.ptp(y) == 0:
        raise FrameError(f"{where}: every {outcome!r} is {y[0]:g}; nothing varies in it")
    return y


def _check_independent(design: Floats, names: tuple[str, ...], where: str) -> None:
    kept = independent_columns(design)
    if not kept.all():
        name = names[int(np.argmin(kept))]
        raise FrameError(
            f"{where}: covariate {name!r} is constant or follows from those before it; leave it out"
        )


def outcome_design(comparison: Comparison, arm: Booleans, name: str, where: str) -> Floats:
    """Give one arm's design for an outcome model, or say which covariate that arm cannot tell about."""
    design = comparison.design[arm]
    kept = independent_columns(design)
    if not kept.all():
        covariate = comparison.names[int(np.argmin(kept)) - 1]
        raise FrameError(
            f"{where}: covariate {covariate!r} does not vary (or follows from those before it) among the "
            f"{name} ({int(arm.sum())} rows), so their outcomes cannot be carried over to the others; leave "
            "it out, or compare only rows where both arms have it"
        )
    return design
