"""A regression with fixed effects as a table: for questions that are not a treatment's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sosrake_lib.effects.did.within import chosen_error, combine, fit_within
from sosrake_lib.effects.regression import check_columns, coefficient_table, filled, numbers
from sosrake_lib.errors import FrameError

WHERE = "fixed_effects_regression"


def fixed_effects_regression(
    data: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[str],
    cluster: str | None = None,
    standard_error: str = "auto",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Regress an outcome on columns of numbers with fixed effects of one or more columns.

    Parameters
    ----------
    data : one row an observation. outcome, regressors : columns of numbers. effects : columns of labels, the
        units first. cluster : left out, the first of `effects`.
    standard_error, confidence : as in twfe.

    Returns
    -------
    DataFrame as coefficient_table, one row a regressor; regressors that the effects explain are left out.
    A description of associations: it gives no Effect and makes no claim.

    Compared with R fixest feols (tests/reference/did.csv).

    Raises
    ------
    FrameError for a missing, empty or unfit column, or when the effects explain the first regressor.

    Examples
    --------
    >>> panel = pd.DataFrame({"u": [1, 1, 2, 2, 3, 3], "t": [1, 2] * 3, "x": [0, 1, 0, 3, 0, 2.0]})
    >>> panel["y"] = 2 * panel["x"] + panel["u"] + panel["t"]
    >>> table = fixed_effects_regression(
    ...     panel, outcome="y", regressors=["x"], effects=["u", "t"], standard_error="classical"
    ... )
    >>> round(float(table["estimate"][0]), 6)
    2.0
    """
    named = [] if cluster is None else [cluster]
    if not regressors or not effects:
        raise FrameError(f"{WHERE}: regressors {list(regressors)}, effects {list(effects)}; name one of each")
    check_columns(data, [outcome, *regressors, *effects, *named], WHERE)
    factors = [pd.factorize(filled(data, name, WHERE))[0].astype("int64") for name in effects]
    clusters = factors[0] if cluster is None else filled(data, cluster, WHERE).to_numpy()
    columns = np.column_stack([numbers(data, name, WHERE) for name in regressors])
    within = fit_within(numbers(data, outcome, WHERE), columns, factors, WHERE)
    chosen = chosen_error(standard_error, clusters, factors[0], WHERE)
    found = combine(within, np.eye(within.fit.k), chosen, clusters, WHERE)
    names = [name for name, kept in zip(regressors, within.kept, strict=True) if kept]
    return coefficient_table(names, found.estimate, found.covariance, found.df, confidence)
