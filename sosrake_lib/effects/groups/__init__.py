"""Groups before and after: change of the same people, with and without a comparison group."""

from sosrake_lib.effects.groups.bounds import ChangeBounds, change_bounds
from sosrake_lib.effects.groups.comparison import compared_change
from sosrake_lib.effects.groups.levels import level_bounds, weighted_level
from sosrake_lib.effects.groups.mixed import mixed_change
from sosrake_lib.effects.groups.ordinal import ordinal_change
from sosrake_lib.effects.groups.paired import paired_group_change, signed_rank_change
from sosrake_lib.effects.groups.proportional_odds import proportional_odds
from sosrake_lib.effects.groups.signed_rank import SignedRank, paired_signed_rank, signed_rank
from sosrake_lib.effects.groups.sizes import PairedSizes, paired_sizes
from sosrake_lib.effects.groups.weighting import weighted_change

__all__ = [
    "ChangeBounds",
    "PairedSizes",
    "SignedRank",
    "change_bounds",
    "compared_change",
    "level_bounds",
    "mixed_change",
    "ordinal_change",
    "paired_group_change",
    "paired_signed_rank",
    "paired_sizes",
    "proportional_odds",
    "signed_rank",
    "signed_rank_change",
    "weighted_change",
    "weighted_level",
]
