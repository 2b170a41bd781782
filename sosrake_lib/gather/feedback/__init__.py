"""Feedback audit: what questions can bring out, whether a form can show an effect, and better questions."""

from sosrake_lib.gather.feedback.audit import Audit, audit
from sosrake_lib.gather.feedback.codes import CODES, PARTS, codes_of
from sosrake_lib.gather.feedback.questions import Question, better_questions

__all__ = ["CODES", "PARTS", "Audit", "Question", "audit", "better_questions", "codes_of"]
