"""Change of single people: whether it is more than error of measurement, and whether it is enough."""

from sosrake_lib.effects.change.anchor import AnchorDifference, anchor_difference
from sosrake_lib.effects.change.classes import (
    CLASS_NAMES,
    CLASSES,
    IndividualChange,
    clinical_counts,
    individual_change,
)
from sosrake_lib.effects.change.cutoffs import Cutoffs, clinical_cutoffs
from sosrake_lib.effects.change.followup import SecondMeasurement, second_measurement
from sosrake_lib.effects.change.reliability_table import over_reliability
from sosrake_lib.effects.change.reliable import (
    METHODS,
    Measured,
    ReliableChange,
    reliable_change_index,
)
from sosrake_lib.effects.change.selection import RegressionToMean, chosen_below, regression_to_the_mean
from sosrake_lib.effects.change.thresholds import (
    THRESHOLD_CLASSES,
    combined_change,
    meaningful_change,
    percentage_change,
)
from sosrake_lib.effects.change.wide import paired_rows

__all__ = [
    "CLASSES",
    "CLASS_NAMES",
    "METHODS",
    "THRESHOLD_CLASSES",
    "AnchorDifference",
    "Cutoffs",
    "IndividualChange",
    "Measured",
    "RegressionToMean",
    "ReliableChange",
    "SecondMeasurement",
    "anchor_difference",
    "chosen_below",
    "clinical_counts",
    "clinical_cutoffs",
    "combined_change",
    "individual_change",
    "meaningful_change",
    "over_reliability",
    "paired_rows",
    "percentage_change",
    "regression_to_the_mean",
    "reliable_change_index",
    "second_measurement",
]
