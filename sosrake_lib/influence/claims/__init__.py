"""From what a design allows to what a text says: the check of claims, and testing a claim with figures."""

from __future__ import annotations

from sosrake_lib.influence.claims.advice import Advice, advise
from sosrake_lib.influence.claims.finding import better, check_written, find
from sosrake_lib.influence.claims.kinds import KINDS
from sosrake_lib.influence.claims.statement import claim_statement
from sosrake_lib.influence.claims.strict import check

__all__ = ["KINDS", "Advice", "advise", "better", "check", "check_written", "claim_statement", "find"]
