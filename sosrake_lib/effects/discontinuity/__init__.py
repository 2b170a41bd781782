"""Rules with a limit: those just beyond it against those just before it.

`regression_discontinuity` gives an Effect; `local_jump` the jump behind it (bandwidths, both sides),
`plain_jump` the textbook regression. Checks: `density_test`, `placebo_cutoffs`, `donut`, `bandwidth_range`,
`covariate_jumps`; the picture: `binned_means`. Kernels on arrays: `bandwidths`, `side_estimate`,
`neighbour_residuals`, `kernel_weights`.
"""

from sosrake_lib.effects.discontinuity.bandwidth import SELECTORS, Bandwidths, bandwidths
from sosrake_lib.effects.discontinuity.bins import binned_means
from sosrake_lib.effects.discontinuity.checks import bandwidth_range, covariate_jumps, donut, placebo_cutoffs
from sosrake_lib.effects.discontinuity.density import DensityTest, density_test
from sosrake_lib.effects.discontinuity.effect import jump_effect, regression_discontinuity
from sosrake_lib.effects.discontinuity.jump import Jump, estimate_jump, local_jump
from sosrake_lib.effects.discontinuity.local import (
    Recipe,
    SideEstimate,
    kernel_weights,
    neighbour_residuals,
    side_estimate,
)
from sosrake_lib.effects.discontinuity.plain import PlainJump, plain_jump
from sosrake_lib.effects.discontinuity.running import Running, Side, read_running

__all__ = [
    "SELECTORS",
    "Bandwidths",
    "DensityTest",
    "Jump",
    "PlainJump",
    "Recipe",
    "Running",
    "Side",
    "SideEstimate",
    "bandwidth_range",
    "bandwidths",
    "binned_means",
    "covariate_jumps",
    "density_test",
    "donut",
    "estimate_jump",
    "jump_effect",
    "kernel_weights",
    "local_jump",
    "neighbour_residuals",
    "placebo_cutoffs",
    "plain_jump",
    "read_running",
    "regression_discontinuity",
    "side_estimate",
]
