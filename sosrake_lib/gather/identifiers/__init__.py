"""Personal data in Finnish text: found with a level, masked, refused; identity codes by their checksum."""

from __future__ import annotations

from sosrake_lib.gather.identifiers.entity import LEVELS, TYPES, Entity
from sosrake_lib.gather.identifiers.finding import find, identity_codes
from sosrake_lib.gather.identifiers.lexicon import lexicon
from sosrake_lib.gather.identifiers.masking import Judgement, check, mask, refuse
from sosrake_lib.gather.identifiers.normal import Normal, normalise

__all__ = [
    "LEVELS",
    "TYPES",
    "Entity",
    "Judgement",
    "Normal",
    "check",
    "find",
    "identity_codes",
    "lexicon",
    "mask",
    "normalise",
    "refuse",
]
