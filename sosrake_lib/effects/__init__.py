"""Change, difference and effect: what a design lets one claim, and the estimates themselves."""

from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.prepost import paired_change

__all__ = ["Claim", "Design", "Effect", "paired_change"]
