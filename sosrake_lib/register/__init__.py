"""The register of social reporting and follow-up: observations, phenomena, proposals, and an unbroken trail.

Start with `Desk` (works on what has come), `Intake` (a form's side: inserts only) and `approved_summaries`
(all that others see of observations besides protected counts).
"""

from sosrake_lib.register.backups import backup, check_backup, restore
from sosrake_lib.register.counts import rollup
from sosrake_lib.register.desk import Desk, open_desk
from sosrake_lib.register.engine import Register, open_register
from sosrake_lib.register.front import open_counter, open_front
from sosrake_lib.register.intake import Form, Intake, NotSaved
from sosrake_lib.register.proposals import STATUSES, TARGETS, add_proposal, decide, decisions, proposals
from sosrake_lib.register.receiver import Receiver
from sosrake_lib.register.redaction import redact
from sosrake_lib.register.retention import retain
from sosrake_lib.register.rows import StaleVersion
from sosrake_lib.register.screening import PersonalData
from sosrake_lib.register.summaries import approved_summaries
from sosrake_lib.register.trail import Trail, verify_trail

__all__ = [
    "STATUSES",
    "TARGETS",
    "Desk",
    "Form",
    "Intake",
    "NotSaved",
    "PersonalData",
    "Receiver",
    "Register",
    "StaleVersion",
    "Trail",
    "add_proposal",
    "approved_summaries",
    "backup",
    "check_backup",
    "decide",
    "decisions",
    "open_counter",
    "open_desk",
    "open_front",
    "open_register",
    "proposals",
    "redact",
    "restore",
    "retain",
    "rollup",
    "verify_trail",
]
