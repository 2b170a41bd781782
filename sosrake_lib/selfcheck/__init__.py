"""The course's self-checks: an exercise of one's own, answers told why, three hints, own progress."""

from sosrake_lib.selfcheck.checks import Exercise, Feedback, open_exercise
from sosrake_lib.selfcheck.progress import Progress

__all__ = ["Exercise", "Feedback", "Progress", "open_exercise"]
