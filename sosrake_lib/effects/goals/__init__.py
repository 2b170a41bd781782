"""Goal attainment scaling: goals a person set, the level reached, and what may be said of them together."""

from sosrake_lib.effects.goals.attainment import PersonGoals, gas_t_score, person_goals
from sosrake_lib.effects.goals.change import goal_change
from sosrake_lib.effects.goals.forms import GOAL_CAVEATS, LEVELS, check_goals
from sosrake_lib.effects.goals.raters import RaterAgreement, rater_agreement
from sosrake_lib.effects.goals.summary import goal_summary

__all__ = [
    "GOAL_CAVEATS",
    "LEVELS",
    "PersonGoals",
    "RaterAgreement",
    "check_goals",
    "gas_t_score",
    "goal_change",
    "goal_summary",
    "person_goals",
    "rater_agreement",
]
