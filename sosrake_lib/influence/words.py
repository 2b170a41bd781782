"""Findings in plain words: level, comparison, change, what is hidden, how sure, how old, from where.

Nothing is computed here. Numbers are inserted from released rows, verdicts were given by `indicators`, and no
template holds a causal verb or a rank.
"""

from __future__ import annotations

from collections.abc import Callable

from sosrake_lib import frame
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.grades import certainty
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.influence.words_figures import change, comparison, hidden, level
from sosrake_lib.influence.words_finding import Finding, finding, grade_name
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

__all__ = [
    "Finding",
    "Sentence",
    "age_of_period",
    "certainty",
    "change",
    "comparison",
    "each",
    "finding",
    "grade_name",
    "hidden",
    "interval_note",
    "join",
    "level",
    "source_line",
]


def interval_note(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say in three grades how sure a figure is, by the width of its interval (see `certainty`)."""
    row = one_row(selection)
    if not row.shown:
        return pieces.absent_sentence(row, language)
    if not (row.has("lower") and row.has("upper")):
        return compose("words.certainty.none", language)
    width, value = float(row["upper"]) - float(row["lower"]), abs(float(row["value"]))
    return compose(f"words.certainty.{certainty(width, value, share=labels.is_percent(row))}", language)


def age_of_period(period: str, build_year: int, language: str = "fi") -> Sentence:
    """Say how old a period is in the year a page is made."""
    years = build_year - frame.period_end(period).year
    if years < 0:
        raise SosrakeError(f"period {period}: ends after the build year {build_year}; give the right year")
    newest = constant(numbers.period(period, language), language)
    if years < 2:
        return compose(f"words.age.{'one' if years else 'fresh'}", language, period=newest)
    return compose(
        "words.age.years", language, period=newest, years=constant(numbers.count(years, language), language)
    )


def source_line(selection: Selection, language: str = "fi") -> Sentence:
    """Name producer, source, licence, periods and method of a selection's figures."""
    rows = rows_of(selection)
    sources = sorted({labels.source_text(row, language) for row in rows})
    periods = sorted({str(row["period"]) for row in rows if row.shown}, key=frame.period_end)
    methods = sorted({str(row["method"]) for row in rows if row.has("method") and row["method"]})
    parts = [compose("words.source.line", language, sources=constant("; ".join(sources), language))]
    if periods:
        ends = list(dict.fromkeys([periods[0], periods[-1]]))
        text = say("words.source.between", language).join(numbers.period(end, language) for end in ends)
        parts.append(compose("words.source.periods", language, periods=constant(text, language)))
    if methods:
        names = ", ".join(labels.method_text(name, language) for name in methods)
        parts.append(compose("words.source.methods", language, methods=constant(names, language)))
    if any(labels.is_sum_of_published(row) for row in rows):
        parts.append(compose("words.source.own", language))
    if any(row.synthetic for row in rows):
        parts.append(compose("words.source.synthetic", language))
    return join(parts)


def each(
    say_it: Callable[[Row, str], Sentence], selection: Selection, language: str = "fi"
) -> list[Sentence]:
    """Say every row of a selection on its own, for example `each(level, selection)`."""
    return [say_it(row, language) for row in rows_of(selection)]
