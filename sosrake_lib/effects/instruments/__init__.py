"""Instruments: scores of people from their answers or taken in ready, ready for the study of change."""

from sosrake_lib.effects.instruments.frame import import_scores, score_instrument
from sosrake_lib.effects.instruments.plan_goals import PlanGoals, plan_goals
from sosrake_lib.effects.instruments.scored import ChangeOptions, Scored, change_options, combine
from sosrake_lib.effects.instruments.scoring import ItemScores, bands_of, item_scores, turned

__all__ = [
    "ChangeOptions",
    "ItemScores",
    "PlanGoals",
    "Scored",
    "bands_of",
    "change_options",
    "combine",
    "import_scores",
    "item_scores",
    "plan_goals",
    "score_instrument",
    "turned",
]
