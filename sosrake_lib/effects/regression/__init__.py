"""Regression on arrays, and covariances one can trust: what the estimators of this room are built from.

Fit with `fit_ols` (plain or weighted) or `fit_logit`; take a covariance: `fit.classical`, `hc_covariance`,
`newey_west_covariance`, `cluster_covariance`, `two_way_cluster_covariance`, or `cr2` with its own degrees of
freedom when clusters are few; list the coefficients with `coefficient_table`, test several with `wald_test`.
`absorb` takes fixed effects out first; `model_arrays` takes checked arrays out of a data frame.
"""

from sosrake_lib.effects.regression.absorb import Absorbed, absorb, nested
from sosrake_lib.effects.regression.clustered import (
    cluster_codes,
    cluster_covariance,
    cluster_factor,
    group_sums,
    two_way_cluster_covariance,
)
from sosrake_lib.effects.regression.inference import (
    JointTest,
    check_confidence,
    coefficient_table,
    t_quantile,
    two_sided,
    wald_test,
)
from sosrake_lib.effects.regression.linear import (
    Fitted,
    LinearFit,
    fit_ols,
    independent_columns,
    with_intercept,
)
from sosrake_lib.effects.regression.logit import LogitFit, fit_logit, separates
from sosrake_lib.effects.regression.model_frame import (
    ModelArrays,
    check_columns,
    filled,
    model_arrays,
    numbers,
    shown,
)
from sosrake_lib.effects.regression.robust import (
    hc_covariance,
    newey_west_covariance,
    newey_west_lag,
    sandwich,
)
from sosrake_lib.effects.regression.satterthwaite import ClusterRobust, cr2

__all__ = [
    "Absorbed",
    "ClusterRobust",
    "Fitted",
    "JointTest",
    "LinearFit",
    "LogitFit",
    "ModelArrays",
    "absorb",
    "check_columns",
    "check_confidence",
    "cluster_codes",
    "cluster_covariance",
    "cluster_factor",
    "coefficient_table",
    "cr2",
    "filled",
    "fit_logit",
    "fit_ols",
    "group_sums",
    "hc_covariance",
    "independent_columns",
    "model_arrays",
    "nested",
    "newey_west_covariance",
    "newey_west_lag",
    "numbers",
    "sandwich",
    "separates",
    "shown",
    "t_quantile",
    "two_sided",
    "two_way_cluster_covariance",
    "wald_test",
    "with_intercept",
]
