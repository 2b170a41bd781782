"""The register of social reporting and follow-up: proposals, their life, and an unbroken trail of changes."""

from sosrake_lib.register.engine import Register, open_register
from sosrake_lib.register.proposals import STATUSES, TARGETS, add_proposal, decide, proposals
from sosrake_lib.register.trail import Trail, verify_trail

__all__ = [
    "STATUSES",
    "TARGETS",
    "Register",
    "Trail",
    "add_proposal",
    "decide",
    "open_register",
    "proposals",
    "verify_trail",
]
