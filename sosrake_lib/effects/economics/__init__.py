"""Costs beside effects, without ever saying what should be bought.

`total_costs` (quantities times prices; invented prices are named so), `cost_per_outcome` and the ratios with
their intervals, `icer_table` with dominance, `increment` (four quadrants by net benefit),
`decision_uncertainty` (acceptability, expected loss, value of perfect information) on draws of
`draws_of_people` or, where draws are shown, of `draws_of_means`; `net_benefit_difference` with its interval.
What a unit of effect may cost is always asked for.
"""

from sosrake_lib.effects.economics.benefit import (
    Increment,
    increment,
    net_health_benefit,
    net_monetary_benefit,
    quadrants,
)
from sosrake_lib.effects.economics.costs import Costs, total_costs
from sosrake_lib.effects.economics.outcomes import cost_per_outcome
from sosrake_lib.effects.economics.ratios import (
    RatioInterval,
    fieller,
    ratio_of_differences,
    ratio_of_means,
)
from sosrake_lib.effects.economics.simulated import (
    ArmMeans,
    arm_means,
    draws_of_means,
    net_benefit_difference,
)
from sosrake_lib.effects.economics.strategies import IcerTable, dominance, icer_table
from sosrake_lib.effects.economics.uncertainty import (
    DecisionUncertainty,
    decision_uncertainty,
    draws_of_people,
)

__all__ = [
    "ArmMeans",
    "Costs",
    "DecisionUncertainty",
    "IcerTable",
    "Increment",
    "RatioInterval",
    "arm_means",
    "cost_per_outcome",
    "decision_uncertainty",
    "dominance",
    "draws_of_means",
    "draws_of_people",
    "fieller",
    "icer_table",
    "increment",
    "net_benefit_difference",
    "net_health_benefit",
    "net_monetary_benefit",
    "quadrants",
    "ratio_of_differences",
    "ratio_of_means",
    "total_costs",
]
