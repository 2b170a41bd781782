"""Run published and independent reference cases against this installation.

Every case goes through the same public functions the notebooks use. What a case can ask for stands in
docs/verify.md; `sosrake verify DIR` runs any folder of cases and is evidence a researcher can take along.
"""

from sosrake_lib.verify.cases import COLUMNS, cases
from sosrake_lib.verify.kinds import as_markdown as kinds_as_markdown
from sosrake_lib.verify.kinds import kinds
from sosrake_lib.verify.run import Outcome, run_case, summary, verify

__all__ = [
    "COLUMNS",
    "Outcome",
    "cases",
    "kinds",
    "kinds_as_markdown",
    "run_case",
    "summary",
    "verify",
]
