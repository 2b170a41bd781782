"""One finding in every form: headline, one line, whole, how sure, clear language, what is not known.

The sentence is chosen by design, estimate and interval (`findings.case_of`); nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import (
    labels,
    pieces,
    words_effects,
    words_figures,
    words_headline,
    words_inequality,
    words_plain,
    words_trend,
)
from sosrake_lib.influence.findings import Case, case_of
from sosrake_lib.influence.grades import GRADES
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, join
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

__all__ = ["Finding", "finding", "grade_name"]

# What each claim calls the thing that is sure or not (finding.toml, sureness).
_THING = {
    Claim.KUVAUS: "level",
    Claim.MUUTOS: "change",
    Claim.ERO: "difference",
    Claim.YHTEYS: "link",
    Claim.TODENNAKOINEN_VAIKUTUS: "effect",
    Claim.VAIKUTUS: "effect",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding in words; every number in every form comes from a released row.

    Attributes
    ----------
    kind : level, comparison, change, trend, inequality, effect or absent.
    grade : sure, likely or open; empty when there is nothing to grade.
    headline : at most 90 characters, no full stop.
    one_line : the figures in a line, for a picture.
    full : the whole finding, interval in brackets.
    sureness : how sure in words.
    plain : short sentences without brackets, the interval in words. Clear language ("selkeä kieli"): it is
        "selkokieli" only after a person has checked it.
    unknown : what the finding does not tell.
    """

    kind: str
    grade: str
    headline: Sentence
    one_line: Sentence
    full: Sentence
    sureness: Sentence
    plain: tuple[Sentence, ...]
    unknown: tuple[Sentence, ...]

    @property
    def page(self) -> list[Sentence]:
        """Give what a decision maker's page says: the finding, how sure it is, what it does not tell."""
        return [self.full, self.sureness, *self.unknown]


def finding(
    selection: Selection | Row,
    language: str = "fi",
    *,
    series: Selection | None = None,
    given: Mapping[str, str] | None = None,
) -> Finding:
    """Say a finding in every form.

    Parameters
    ----------
    selection : one comparison row, one effect (with or without the rows of its arms), one measure of
        differences between municipalities, one plain figure, or one series over time (all its periods, so
        that a break between the first and the last is seen).
    language : `fi` or `en`.
    series : of a row that tells a change (`kuntaerot_gini_muutos`, a yearly change): the figures themselves.
    given : code -> name in this language, where the catalogue does not know it.

    Returns
    -------
    Finding. A hidden or absent figure gives words that say so, in every form.

    Raises
    ------
    SosrakeError when the selection is neither one finding nor one series, or a change lacks its series.
    """
    rows = (selection,) if isinstance(selection, Row) else rows_of(selection)
    case = case_of(rows, with_series=series is not None)
    if (case.kind == "trend" or case.measure == "change") and series is None:
        raise SosrakeError("words.finding: the row tells a change; give the figures it is of: series=...")
    return Finding(
        case.kind,
        case.grade,
        words_headline.headline(case, language, given),
        words_headline.one_line(case, language),
        _full(case, selection, series, language, given),
        _sureness(case, language),
        words_plain.plain(case, language, given),
        _unknown(case, language),
    )


def grade_name(grade: str, language: str = "fi") -> str:
    """Name a grade for a label or a table cell: varma, todennäköinen, ei voi sanoa."""
    if grade not in GRADES:
        raise SosrakeError(f"grade_name: {grade!r}; expected one of {', '.join(GRADES)}")
    return say(f"finding.grade.{grade}", language)


def _full(
    case: Case,
    selection: Selection | Row,
    series: Selection | None,
    language: str,
    given: Mapping[str, str] | None,
) -> Sentence:
    row = case.row
    if case.kind == "effect" or (case.kind == "absent" and row.has("statistic") and "claim" in row.columns):
        return words_effects.effect(row, language, given)
    if case.kind == "absent":
        return pieces.absent_sentence(row, language)
    if case.kind == "change" and isinstance(selection, Selection):
        return words_figures.change(selection, language)
    if case.kind == "trend" and isinstance(selection, Selection) and series is not None:
        return words_trend.annual_change(selection, series, language)
    if case.measure == "change" and isinstance(selection, Selection) and series is not None:
        return words_inequality.change(series, selection, language)
    told = {
        "ratio": words_inequality.ratio,
        "share": words_inequality.share,
        "order": words_inequality.order,
    }
    if case.measure in told:
        return told[case.measure](row, language)
    if case.kind == "comparison":
        return words_figures.comparison(row, language)
    return words_figures.level(row, language)


def _sureness(case: Case, language: str) -> Sentence:
    if case.kind == "absent":
        return compose("finding.sureness.weak.absent", language)
    if case.outcome == "too_little_data":
        return compose("finding.sureness.weak.little", language)
    if case.outcome == "broken":
        return compose("finding.sureness.change.broken", language)
    if case.kind == "comparison" and case.grade and case.row.has("chosen_from"):
        return _chosen(case, language)
    thing = "level" if case.kind == "level" or case.outcome == "measured" else _THING[case.claim]
    if case.lowered:
        return compose(f"finding.sureness.weak.{case.grade}", language)
    return compose(f"finding.sureness.{thing}.{case.grade or 'none'}", language)


def _chosen(case: Case, language: str) -> Sentence:
    """Say how sure a difference is that was chosen among others, and among how many."""
    if pieces.doubted_by_choice(case.row):
        return compose("finding.sureness.chosen.doubted", language, n=pieces.chosen_among(case.row, language))
    told = compose(f"finding.sureness.difference.{case.grade}", language)
    if int(case.row["chosen_from"]) < 2 or case.outcome == "similar":
        return told
    among = pieces.chosen_among(case.row, language)
    return join([told, compose("finding.sureness.chosen.heeded", language, n=among)])


def _unknown(case: Case, language: str) -> tuple[Sentence, ...]:
    if case.kind == "absent":
        return (compose("finding.unknown.not_zero", language),)
    if case.kind == "effect":
        return (*words_effects.caveats(case.row, language), *words_effects.checks(case.row, language))
    keys = {
        "level": ("cause", "people"),
        "comparison": ("cause_of_difference", "people"),
        "change": ("cause_of_change", "people"),
        "trend": ("cause_of_change", "people"),
        "inequality": ("cause_of_difference", "between_people"),
    }[case.kind]
    described = labels.described_by(case.row)
    limit = described.not_a_strength if described is not None else ""
    told = [f"not_need.{limit}" if key == "people" and limit else key for key in keys]
    return tuple(compose(f"finding.unknown.{key}", language) for key in told)
