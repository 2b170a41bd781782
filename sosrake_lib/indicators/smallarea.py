"""Small areas: which areas differ more than their size alone explains, and what to show of those too small.

Small areas vary much by chance. The funnel draws, for each size, the limits within which an area with the
baseline's true level stays; only an area outside them is called higher or lower. No ranks, no league table.
The limits hold chance alone: big areas differ for many other reasons too, so many of them lie outside; the
over-dispersed funnel widens for that. Empirical Bayes smoothing draws a small area's rate towards the level
of all areas or of its neighbours. This module is the door; the work is in `funnels`, `funnel_classes`,
`overdispersion`, `shrinkage` and `smoothing`. Measures of a map are in `spatial`; `rank_intervals` is for
research notebooks only.
"""

from __future__ import annotations

from sosrake_lib.indicators.funnel_classes import (
    CLASSES,
    PHE_CLASSES,
    area_classes,
    funnel_baseline,
    funnel_class,
    funnel_curve,
    phe_significance,
    pooled_level,
)
from sosrake_lib.indicators.funnels import (
    CONFIDENCES,
    METHODS,
    funnel_limits,
    funnel_sizes,
    implied_denominator,
)
from sosrake_lib.indicators.overdispersion import OVERDISPERSION, estimate_overdispersion
from sosrake_lib.indicators.smoothing import empirical_bayes

__all__ = [
    "CLASSES",
    "CONFIDENCES",
    "METHODS",
    "OVERDISPERSION",
    "PHE_CLASSES",
    "area_classes",
    "empirical_bayes",
    "estimate_overdispersion",
    "funnel_baseline",
    "funnel_class",
    "funnel_curve",
    "funnel_limits",
    "funnel_sizes",
    "implied_denominator",
    "phe_significance",
    "pooled_level",
]
