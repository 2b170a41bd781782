"""Synthetic control and synthetic difference-in-differences: few treated units, many that may stand in.

`synthetic_control` and `synthetic_did` give an Effect; `fit_synthetic` and `fit_synthetic_did` the weights
and courses behind it; `placebo_in_space`, `placebo_in_time` and `leave_one_out` what the method finds where
there is nothing to find. Kernels on arrays: `simplex_weights` (the optimum), `frank_wolfe` (published
digits), `given_v`, `nested_v`, `weighted_difference`.
"""

from sosrake_lib.effects.synthetic.classic import SyntheticFit, fit_synthetic, window_means
from sosrake_lib.effects.synthetic.did import SyntheticDid, did_error, fit_synthetic_did, synthetic_did
from sosrake_lib.effects.synthetic.did_errors import (
    bootstrap_estimates,
    jackknife_error,
    placebo_error,
    placebo_estimates,
)
from sosrake_lib.effects.synthetic.did_weights import Weighted, noise_level, weighted_difference, zeta
from sosrake_lib.effects.synthetic.effect import control_effect, synthetic_control
from sosrake_lib.effects.synthetic.nested import Matched, given_v, nested_v, outcomes_only
from sosrake_lib.effects.synthetic.panel import Panel, read_panel
from sosrake_lib.effects.synthetic.placebo import (
    Placebos,
    leave_one_out,
    placebo_in_space,
    placebo_in_time,
    rmspe,
)
from sosrake_lib.effects.synthetic.predictors import Predictor, predictor_table
from sosrake_lib.effects.synthetic.simplex import SimplexFit, frank_wolfe, simplex_weights

__all__ = [
    "Matched",
    "Panel",
    "Placebos",
    "Predictor",
    "SimplexFit",
    "SyntheticDid",
    "SyntheticFit",
    "Weighted",
    "bootstrap_estimates",
    "control_effect",
    "did_error",
    "fit_synthetic",
    "fit_synthetic_did",
    "frank_wolfe",
    "given_v",
    "jackknife_error",
    "leave_one_out",
    "nested_v",
    "noise_level",
    "outcomes_only",
    "placebo_error",
    "placebo_estimates",
    "placebo_in_space",
    "placebo_in_time",
    "predictor_table",
    "read_panel",
    "rmspe",
    "simplex_weights",
    "synthetic_control",
    "synthetic_did",
    "weighted_difference",
    "window_means",
    "zeta",
]
