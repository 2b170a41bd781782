"""What sort of finding a selection is, and how sure: read off released rows, no language, no estimating."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sosrake_lib.effects.design import Claim
from sosrake_lib.effects.ladder import VERDICTS as EFFECT_VERDICTS
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.grades import OF_PRECISION, OPEN, certainty, of_design, of_difference
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.words_effects import judged_checks
from sosrake_lib.influence.words_figures import Course, course
from sosrake_lib.protect.effects import ARM_STATISTIC

__all__ = ["KINDS", "Case", "case_of"]

KINDS = ("level", "comparison", "change", "trend", "inequality", "effect", "absent")
# Measures of differences between municipalities and the words they are told with (words_inequality).
MEASURES = {
    "kuntaerot_s80s20": "ratio",
    "kuntaerot_osuus_valilla": "share",
    "kuntaerot_sii": "order",
    "kuntaerot_gini_muutos": "change",
}
_TREND_VERDICTS = ("increase", "decrease", "no_change_shown", "not_testable")


@dataclass(frozen=True, slots=True)
class Case:
    """One finding before it is put in words.

    Attributes
    ----------
    kind : one of KINDS. row : what it is about (of a series its newest shown row).
    outcome : the verdict, or of a series what it did; of a hidden row its status.
    grade : sure, likely, open; empty when nothing can be graded.
    claim : what the design carries. course : of a series. measure : of an inequality, how it is told.
    lowered : the design made the grade lower than estimate and interval would have it.
    """

    kind: str
    row: Row
    outcome: str
    grade: str
    claim: Claim = Claim.KUVAUS
    course: Course | None = None
    measure: str = ""
    lowered: bool = False


def case_of(rows: Sequence[Row], *, with_series: bool = False) -> Case:
    """Tell which finding the rows hold.

    Parameters
    ----------
    rows : one row; or an effect with its arms; or one series.
    with_series : the row is a change, and the series it is of is told beside it.

    Raises
    ------
    SosrakeError when the rows are neither one finding nor one series.
    """
    told = [row for row in rows if row.columns.get("statistic") != ARM_STATISTIC] or list(rows)
    if len(told) > 1:
        return _series(told)
    row = told[0]
    if not row.shown:
        return Case("absent", row, str(row["status"]), "")
    if row.has("claim") and row["claim"]:
        return _effect(row)
    if str(row["indicator"]).startswith("kuntaerot_"):
        return _inequality(row)
    verdict = str(row["verdict"]) if row.has("verdict") else ""
    if verdict in pieces.VERDICTS:
        return Case("comparison", row, verdict, _compared(row, verdict), Claim.ERO)
    if with_series and verdict in _TREND_VERDICTS:
        return Case("trend", row, verdict, _moved(row, verdict), Claim.MUUTOS)
    if verdict:
        raise SosrakeError(
            f"words.finding: result {row['result_id']} has verdict {verdict!r}, which is no comparison; "
            "give the series the change is of: series=..."
        )
    return Case("level", row, "figure", precision(row))


def precision(row: Row) -> str:
    """Grade how precise a figure is by the width of its interval; empty without one."""
    if not (row.has("lower") and row.has("upper")):
        return ""
    width = float(row["upper"]) - float(row["lower"])
    return OF_PRECISION[certainty(width, abs(float(row["value"])), share=labels.is_percent(row))]


def _series(rows: Sequence[Row]) -> Case:
    run = course(rows)
    if run.last is None:
        return Case("absent", run.newest, str(run.newest["status"]), "")
    return Case("change", run.last, run.outcome, run.grade, Claim.MUUTOS, run)


def _compared(row: Row, verdict: str) -> str:
    if verdict == "not_testable":
        return ""
    if verdict == "similar" or not row.has("difference_lower"):
        return OPEN
    level = "difference_confidence" if row.has("difference_confidence") else "confidence"
    p_value = float(row["chosen_p_value"]) if row.has("chosen_p_value") else math.nan
    return _graded(row, ("difference", "difference_lower", "difference_upper"), level, p_value)


def _moved(row: Row, verdict: str) -> str:
    if verdict == "not_testable" or not row.has("lower"):
        return ""
    if verdict in ("no_change_shown", "similar"):
        return OPEN
    return _graded(row, ("value", "lower", "upper"), "confidence")


def _inequality(row: Row) -> Case:
    measure = MEASURES.get(str(row["indicator"]), "level")
    if measure in ("order", "change"):
        verdict = str(row["verdict"])
        claim = Claim.ERO if measure == "order" else Claim.MUUTOS
        return Case("inequality", row, verdict, _moved(row, verdict), claim, measure=measure)
    return Case("inequality", row, "measured", precision(row), measure=measure)


def _effect(row: Row) -> Case:
    claim, verdict = Claim(str(row["claim"])), str(row["verdict"])
    if verdict not in EFFECT_VERDICTS:
        raise SosrakeError(f"words.finding: verdict {verdict!r} of an effect; make the row by effect_frame")
    if verdict in ("not_shown", "too_little_data"):
        return Case("effect", row, verdict, OPEN, claim)
    if claim is Claim.KUVAUS:
        return Case("effect", row, verdict, precision(row), claim)
    p_value = float(row["p_value"]) if row.has("p_value") else math.nan
    grade = _graded(row, ("value", "lower", "upper"), "confidence", p_value)
    told = of_design(grade, claim, str(row["caveats"]).split(), judged_checks(row))
    return Case("effect", row, verdict, told, claim, lowered=told != grade)


def _graded(row: Row, columns: tuple[str, str, str], level: str, p_value: float = math.nan) -> str:
    estimate, lower, upper = (float(row[name]) for name in columns)
    return of_difference(estimate, lower, upper, float(row[level]), p_value)
