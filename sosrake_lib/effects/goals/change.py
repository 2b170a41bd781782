"""Change of goal attainment from the start to the end, as a mean over people."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sosrake_lib.effects.change.columns import need_columns
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.goals.attainment import RHO, person_goals
from sosrake_lib.effects.prepost import paired_change
from sosrake_lib.errors import FrameError


def goal_change(
    goals: pd.DataFrame,
    *,
    rho: float = RHO,
    missing: str = "missing",
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Mean change of T scores from the baseline levels to the levels reached.

    Goals are set so that the expected level lies above the baseline: a rise is what was planned, and happens
    to anyone whose goals were easy. Claim `muutos`; the estimate says nothing of why.

    Parameters
    ----------
    goals : checked forms with baselines (check_goals(..., baseline=...)).
    rho, missing : see gas_t_score; `sensitivity` repeats the change with rho 0 and 0.6.

    Returns
    -------
    Effect in T points over people with both T scores, with the caveats of goal attainment.

    Raises
    ------
    FrameError without baselines, and what paired_change refuses (fewer than three people, all alike).

    Examples
    --------
    >>> from sosrake_lib.effects.goals.forms import check_goals
    >>> forms = pd.DataFrame(
    ...     {"person": list("abcd"), "goal": 1, "start": [-1, -2, -1, -2], "score": [0, 0, 1, -1]}
    ... )
    >>> found = goal_change(check_goals(forms, baseline="start"))
    >>> print(round(found.estimate, 1), found.claim.value)
    15.0 muutos
    """
    need_columns(goals, ["person", "baseline", "score"], "goal_change")
    if goals["baseline"].isna().all():
        raise FrameError(
            "goal_change: no goal has a baseline level; give its column to check_goals, or use goal_summary"
        )
    of_people = person_goals(goals, rho=rho, missing=missing)
    found = _paired(of_people.people, confidence, source)
    rows = []
    for other in (0.0, 0.6):
        again = _paired(person_goals(goals, rho=other, missing=missing).people, confidence, source)
        rows.append((f"rho_{other:g}", again.estimate, again.lower, again.upper))
    more = pd.DataFrame(rows, columns=list(found.sensitivity.columns))
    tables = [table for table in (found.sensitivity, more) if len(table)]
    return replace(
        found,
        method="gas_t_change",
        sensitivity=pd.concat(tables, ignore_index=True),
        caveats=tuple(dict.fromkeys((*found.caveats, *of_people.caveats))),
    )


def _paired(people: pd.DataFrame, confidence: float, source: str) -> Effect:
    named = people.set_index("person")
    return paired_change(
        named["t_baseline"], named["t_score"], unit="T points", confidence=confidence, source=source
    )
