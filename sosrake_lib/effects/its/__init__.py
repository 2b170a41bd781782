"""Interrupted time series: whether a series left its line after a change, alone or against another.

`interrupted_series` gives the effect with its interval, checks and sensitivity; `fit_series` the line, the
counterfactual line and the terms by period. Kernels on arrays: `segmented_terms` for the columns and
`ordinary`, `newey_west`, `prais_winsten`, `reml` for the fit; `stacked` for a comparison series in one
regression.
"""

from sosrake_lib.effects.its.autocorrelation import (
    automatic_bandwidth,
    durbin_watson,
    durbin_watson_p,
    first_order,
    ljung_box,
    rule_lag,
    scores,
)
from sosrake_lib.effects.its.controlled import Stacked, stacked
from sosrake_lib.effects.its.effect import interrupted_series, series_effect
from sosrake_lib.effects.its.estimators import TimeFit, newey_west, ordinary, prais_winsten, reml
from sosrake_lib.effects.its.fit import SeriesFit, fit_series
from sosrake_lib.effects.its.terms import (
    Season,
    Terms,
    intercept_and,
    measured,
    read_coding,
    segmented_terms,
)

__all__ = [
    "Season",
    "SeriesFit",
    "Stacked",
    "Terms",
    "TimeFit",
    "automatic_bandwidth",
    "durbin_watson",
    "durbin_watson_p",
    "first_order",
    "fit_series",
    "intercept_and",
    "interrupted_series",
    "ljung_box",
    "measured",
    "newey_west",
    "ordinary",
    "prais_winsten",
    "read_coding",
    "reml",
    "rule_lag",
    "scores",
    "segmented_terms",
    "series_effect",
    "stacked",
]
