"""Comparisons in time: the change of the treated against the change of others.

`did_2x2` two groups and two times; `twfe` unit and time effects; `event_study` time by time, with the test
of the times before and its power; `callaway_santanna` and `sun_abraham` when units start at different times;
`wild_cluster_bootstrap` and `randomisation_inference` with few, or one, treated units. Each gives an
`Effect` (or a result with one, and its tables) whose claim is lowered where the units are too few for it.
"""

from sosrake_lib.effects.did.aggregate import AGGREGATIONS, Aggregated, aggregate
from sosrake_lib.effects.did.callaway import CallawaySantAnna, callaway_santanna
from sosrake_lib.effects.did.doubly_robust import (
    CellEffect,
    doubly_robust,
    outcome_regression,
    probability_weighting,
)
from sosrake_lib.effects.did.event import EventStudy, event_study
from sosrake_lib.effects.did.few_clusters import randomisation_inference, wild_cluster_bootstrap
from sosrake_lib.effects.did.fixed_effects import fixed_effects_regression
from sosrake_lib.effects.did.group_time import GroupTime
from sosrake_lib.effects.did.panel import Panel, check_panel
from sosrake_lib.effects.did.pretrends import PreTrend, pretrend
from sosrake_lib.effects.did.randomisation import Randomisation, randomise
from sosrake_lib.effects.did.sun_abraham import SunAbraham, sun_abraham
from sosrake_lib.effects.did.two_by_two import did_2x2, four_means
from sosrake_lib.effects.did.twoway import twfe
from sosrake_lib.effects.did.uniform import uniform_critical
from sosrake_lib.effects.did.wild import WildBootstrap, wild_bootstrap

__all__ = [
    "AGGREGATIONS",
    "Aggregated",
    "CallawaySantAnna",
    "CellEffect",
    "EventStudy",
    "GroupTime",
    "Panel",
    "PreTrend",
    "Randomisation",
    "SunAbraham",
    "WildBootstrap",
    "aggregate",
    "callaway_santanna",
    "check_panel",
    "did_2x2",
    "doubly_robust",
    "event_study",
    "fixed_effects_regression",
    "four_means",
    "outcome_regression",
    "pretrend",
    "probability_weighting",
    "randomisation_inference",
    "randomise",
    "sun_abraham",
    "twfe",
    "uniform_critical",
    "wild_bootstrap",
    "wild_cluster_bootstrap",
]
