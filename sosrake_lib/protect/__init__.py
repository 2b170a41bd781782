"""Disclosure control: what may leave the house, in which form, and what has left it."""

from sosrake_lib.protect.beside import Beside
from sosrake_lib.protect.effects import Place, effect_frame
from sosrake_lib.protect.part import Part, part
from sosrake_lib.protect.release import Release, Selection, protected_frame, release
from sosrake_lib.protect.rules import RuleSet, rule_set
from sosrake_lib.protect.text import Text

__all__ = [
    "Beside",
    "Part",
    "Place",
    "Release",
    "RuleSet",
    "Selection",
    "Text",
    "effect_frame",
    "part",
    "protected_frame",
    "release",
    "rule_set",
]
