"""How fragile an estimate is: what would have to be true for it to vanish, and where else it would be found.

`how_fragile(effect, Evidence(...))` runs every check the evidence allows and gives one table. The checks one
by one: `e_value`, `signed_rank_bounds`, `binary_bounds`, `robustness_value`, `regression_robustness`,
`pretrend_equivalence`, `minimum_detectable`, `placebo_in_time`, `placebo_in_space`, `leave_one_out` (over any
estimator: a function from rows and `Treated` to an Effect) and `response_shift`.
"""

from sosrake_lib.effects.fragility.benchmarks import regression_robustness
from sosrake_lib.effects.fragility.detectable import minimum_detectable
from sosrake_lib.effects.fragility.equivalence import Equivalence, equivalence, pretrend_equivalence
from sosrake_lib.effects.fragility.evalues import (
    EValue,
    as_risk_ratio,
    e_of_ratio,
    e_value,
    e_value_risk_difference,
)
from sosrake_lib.effects.fragility.placebo import (
    Runs,
    Study,
    Treated,
    leave_one_out,
    leave_one_out_rows,
    placebo_in_space,
    placebo_in_time,
)
from sosrake_lib.effects.fragility.responses import ResponseShift, response_shift
from sosrake_lib.effects.fragility.robustness import (
    RobustnessValue,
    adjusted,
    benchmark_strength,
    extreme_share,
    partial_r2,
    robustness_share,
    robustness_value,
)
from sosrake_lib.effects.fragility.rosenbaum import RosenbaumBounds, binary_bounds, signed_rank_bounds
from sosrake_lib.effects.fragility.summary import Evidence, Fragility, how_fragile, tried

__all__ = [
    "EValue",
    "Equivalence",
    "Evidence",
    "Fragility",
    "ResponseShift",
    "RobustnessValue",
    "RosenbaumBounds",
    "Runs",
    "Study",
    "Treated",
    "adjusted",
    "as_risk_ratio",
    "benchmark_strength",
    "binary_bounds",
    "e_of_ratio",
    "e_value",
    "e_value_risk_difference",
    "equivalence",
    "extreme_share",
    "how_fragile",
    "leave_one_out",
    "leave_one_out_rows",
    "minimum_detectable",
    "partial_r2",
    "placebo_in_space",
    "placebo_in_time",
    "pretrend_equivalence",
    "regression_robustness",
    "response_shift",
    "robustness_share",
    "robustness_value",
    "signed_rank_bounds",
    "tried",
]
