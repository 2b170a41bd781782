"""Single-case designs: one person, group or unit followed over a baseline phase and a phase of service."""

from sosrake_lib.effects.singlecase.overlap import (
    OVERLAP_CAVEATS,
    Overlap,
    overlap,
    overlap_change,
)
from sosrake_lib.effects.singlecase.phases import Phases, phases
from sosrake_lib.effects.singlecase.piecewise import piecewise_change
from sosrake_lib.effects.singlecase.randomisation import RandomisationTest, randomisation_test
from sosrake_lib.effects.singlecase.tables import overlap_table

__all__ = [
    "OVERLAP_CAVEATS",
    "Overlap",
    "Phases",
    "RandomisationTest",
    "overlap",
    "overlap_change",
    "overlap_table",
    "phases",
    "piecewise_change",
    "randomisation_test",
]
