"""What the release of a county's implementation plan is made of: its register and, invented, the survey.

The plan is filled from what already stands: phenomena and proposals with their decisions, yearly clock,
working group, media plan and stakeholders of the register, and the training plan that the survey gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sosrake_lib import protect, samples
from sosrake_lib.batch.followup_source import open_followup
from sosrake_lib.batch.invented import leave_out_own
from sosrake_lib.batch.recipes_followup import HAPPENED, SCHEDULE, followup_parts
from sosrake_lib.batch.recipes_training import training_plan_of_survey
from sosrake_lib.register.followup import SYNTHETIC

SURVEY = "osaamiskartoitus"
FOLLOWED = (HAPPENED, SCHEDULE, "vuosikello", "tyoryhma", "mediasuunnitelma", "sidosryhmat")


def implementation_plan(data: Path | None) -> Mapping[str, protect.Part]:
    """Make the parts of the implementation plan.

    Returns
    -------
    Parts by the rules `vakio`: those of `FOLLOWED` (`recipes_followup`); beside an invented register also the
    parts of the invented county's training plan (`recipes_training`), as invented and real never meet.
    """
    told = open_followup(data)
    made = followup_parts(told)
    parts = {name: made[name] for name in FOLLOWED}
    return parts | (competence(data) if told.origin == SYNTHETIC else {})


def competence(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the invented training plan; none when the data folder has no invented survey."""
    try:
        leave_out_own(SURVEY, data)
        return dict(training_plan_of_survey(data))
    except samples.AbsentTable:
        return {}
