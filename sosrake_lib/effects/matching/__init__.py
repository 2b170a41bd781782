"""Comparing treated with controls who resemble them: matching, weighting, doubly robust.

`difference_in_means` adjusts nothing. `propensity_matching`, `inverse_probability_weighting` and
`augmented_weighting` give an Effect; `match_pairs`, `match_averaged`, `weigh` and `augment` what is behind it
(pairs, weights, balance), and `pairs_of`, `averages_of`, `weighting_of` the same on rows already scored.
`propensity_score` tells who overlaps with whom, `balance_table` how alike the arms are. Kernels on arrays:
`greedy_pairs`, `averaged_matches`, `propensity_weights`, `weighted_difference`, `augmented`, `balance`.
"""

from sosrake_lib.effects.matching.abadie_imbens import Averaged, averaged_matches
from sosrake_lib.effects.matching.arms import Comparison, read_comparison
from sosrake_lib.effects.matching.augmented import Augmented, augment, augmented, augmented_weighting
from sosrake_lib.effects.matching.balance import balance, balance_table
from sosrake_lib.effects.matching.difference import difference_in_means
from sosrake_lib.effects.matching.greedy import Pairs, greedy_pairs
from sosrake_lib.effects.matching.matched import matched_effect, propensity_matching
from sosrake_lib.effects.matching.nearest import Matching, averages_of, match_averaged, match_pairs, pairs_of
from sosrake_lib.effects.matching.scored import Scored, read_scored
from sosrake_lib.effects.matching.scores import Overlap, PropensityScore, common_support, propensity_score
from sosrake_lib.effects.matching.weighting import (
    Weighting,
    inverse_probability_weighting,
    weigh,
    weighting_of,
)
from sosrake_lib.effects.matching.weights import (
    WeightedDifference,
    effective_size,
    propensity_weights,
    weighted_difference,
)

__all__ = [
    "Augmented",
    "Averaged",
    "Comparison",
    "Matching",
    "Overlap",
    "Pairs",
    "PropensityScore",
    "Scored",
    "WeightedDifference",
    "Weighting",
    "augment",
    "augmented",
    "augmented_weighting",
    "averaged_matches",
    "averages_of",
    "balance",
    "balance_table",
    "common_support",
    "difference_in_means",
    "effective_size",
    "greedy_pairs",
    "inverse_probability_weighting",
    "match_averaged",
    "match_pairs",
    "matched_effect",
    "pairs_of",
    "propensity_matching",
    "propensity_score",
    "propensity_weights",
    "read_comparison",
    "read_scored",
    "weigh",
    "weighted_difference",
    "weighting_of",
]
