"""Sentences about yearly change and about differences between municipalities, made from released rows."""

from __future__ import annotations

from sosrake_lib import frame as frames
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

__all__ = ["annual_change", "between_municipalities", "sources"]


def annual_change(trend: Selection, series: Selection, language: str = "fi") -> Sentence:
    """Say the first and the last figure of a series, its mean change a year, and whether that can be shown.

    Parameters
    ----------
    trend : one row of a yearly change: period, value and limits in per cent a year, `verdict`.
    series : the rows of the series itself; those of the first and last year of the trend are told.
    """
    row = one_row(trend)
    if not row.shown:
        return compose(
            "alueprofiili.no_yearly",
            language,
            indicator=constant(labels.full_name(rows_of(series)[0], language), language),
        )
    first_year, _, last_year = str(row["period"]).partition("/")
    there = [one for one in rows_of(series) if first_year <= str(one["period"]) <= last_year and one.shown]
    there.sort(key=lambda one: frames.period_end(str(one["period"])))
    first, last = there[0], there[-1]
    told = compose(
        "words.change.both",
        language,
        indicator=pieces.subject(last, language),
        place_in=pieces.place(last, language),
        first=pieces.figure(first, "value", language),
        first_when=pieces.time(first, language),
        last=pieces.figure(last, "value", language),
        last_when=pieces.time(last, language),
    )
    changed = compose(
        "alueprofiili.yearly_change",
        language,
        value=pieces.figure(row, "value", language),
        interval=pieces.interval(row, "lower", "upper", language),
        verdict=say(f"alueprofiili.yearly.{row['verdict']}", language),
    )
    return join([told, changed])


def between_municipalities(gini: Selection, municipalities: Selection, language: str = "fi") -> Sentence:
    """Say between which figures the municipalities of a county lie, and their Gini coefficient.

    No municipality is named: the sentence tells how far apart they are, not which is where.
    """
    row = one_row(gini)
    if not row.shown:
        return compose("alueprofiili.no_differences", language, place_in=pieces.place(row, language))
    shown = [one for one in rows_of(municipalities) if one.shown]
    low, high = (pick(shown, key=lambda one: float(one["value"])) for pick in (min, max))
    return compose(
        "alueprofiili.differences",
        language,
        indicator=pieces.subject(low, language),
        place_in=pieces.place(row, language),
        low=pieces.figure(low, "value", language),
        high=pieces.figure(high, "value", language),
        when=pieces.time(row, language),
        value=pieces.figure(row, "value", language),
        interval=pieces.interval(row, "lower", "upper", language),
    )


def sources(selection: Selection, language: str = "fi") -> Sentence:
    """Name sources and methods of figures told in sentences; each figure has said its own years."""
    rows = [row for row in rows_of(selection) if row.shown]
    named = "; ".join(sorted({labels.source_text(row, language) for row in rows}))
    methods = ", ".join(
        labels.method_text(key, language) for key in sorted({str(row["method"]) for row in rows})
    )
    return join(
        [
            compose("words.source.line", language, sources=constant(named, language)),
            compose("words.source.methods", language, methods=constant(methods, language)),
        ]
    )
