"""Findings in plain words: level, comparison, change, what is hidden, how sure, how old, from where.

Nothing is computed here. Numbers are inserted from released rows, verdicts were given by `indicators`, and no
template holds a causal verb or a rank.
"""

from __future__ import annotations

from collections.abc import Callable

from sosrake_lib import frame
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

__all__ = [
    "Sentence",
    "age_of_data",
    "age_of_period",
    "certainty",
    "change",
    "comparison",
    "each",
    "hidden",
    "interval_note",
    "join",
    "level",
    "source_line",
]

# Widths of a 95 % interval that make a share precise or too vague: Parker et al. 2017, National Center for
# Health Statistics Data Presentation Standards for Proportions (Vital and Health Statistics 2(175)).
PRECISE_WIDTH = 5.0  # percentage points
VAGUE_WIDTH = 30.0  # percentage points
VAGUE_RELATIVE_WIDTH = 1.3  # width divided by the value
PRECISE_RELATIVE_WIDTH = 0.3  # our own bound, for figures that are no shares

_SERIES = ("indicator", "region_level", "region_code", "sex", "age", "group")


def level(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say one figure: whose, where, when, how much, and its interval when there is one.

    Parameters
    ----------
    selection : exactly one released row. A hidden or absent figure gives the words of `hidden`.
    language : `fi` or `en`.

    Returns
    -------
    Sentence such as "Työttömyysaste: Kuopiossa 9,9 % vuonna 2019 (95 %:n luottamusväli 9,7–10,2)."
    """
    row = one_row(selection)
    return pieces.level_sentence(row, language) if row.shown else pieces.absent_sentence(row, language)


def comparison(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say a figure beside the figure it is compared with, and whether the difference can be chance.

    The row carries `reference_*`, `difference*`, `verdict` and `reason` as made by
    `indicators.comparison.against`. The words are higher, similar, lower or not testable; never better,
    worse, a rank or a cause.
    """
    row = one_row(selection)
    if not row.shown:
        return pieces.absent_sentence(row, language)
    if not row.has("reference_value"):
        return join([pieces.level_sentence(row, language), pieces.verdict_sentence(row, language)])
    both = compose(
        "words.comparison.both",
        language,
        indicator=pieces.subject(row, language),
        place_in=pieces.place(row, language),
        value=pieces.figure(row, "value", language),
        reference_in=pieces.reference_place(row, language),
        reference_value=pieces.figure(row, "reference_value", language),
        when=pieces.time(row, language),
    )
    return join([both, pieces.verdict_sentence(row, language)])


def change(selection: Selection, language: str = "fi") -> Sentence:
    """Say the first and the last shown figure of a series, and what stands between them.

    The selection holds rows of one indicator, region, sex, age and group in at least two periods. Across a
    break no direction is told; overlapping intervals are said to leave room for chance.
    """
    rows = _series(rows_of(selection))
    shown = [row for row in rows if row.shown]
    if not shown:
        return pieces.absent_sentence(rows[-1], language)
    if len(shown) == 1:
        return join([pieces.level_sentence(shown[0], language), compose("words.change.only_one", language)])
    first, last = shown[0], shown[-1]
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
    return join([told, _direction(rows, first, last, language)])


def hidden(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say why a figure is not shown: protected, absent at the source, or not published at this level.

    Raises
    ------
    SosrakeError when the row's figure is shown.
    """
    row = one_row(selection)
    if row.shown:
        raise SosrakeError(f"hidden: result {row['result_id']} is shown; use words.level for its figure")
    return pieces.absent_sentence(row, language)


def interval_note(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say in three grades how sure a figure is, by the width of its interval (see `certainty`)."""
    row = one_row(selection)
    if not row.shown:
        return pieces.absent_sentence(row, language)
    if not (row.has("lower") and row.has("upper")):
        return compose("words.certainty.none", language)
    width, value = float(row["upper"]) - float(row["lower"]), abs(float(row["value"]))
    return compose(f"words.certainty.{certainty(width, value, share=labels.is_percent(row))}", language)


def certainty(width: float, value: float, *, share: bool) -> str:
    """Grade an interval: `precise`, `rough` or `vague`.

    Shares: precise up to 5 percentage points wide; vague from 30 points, or when wider than 1.3 times the
    value; rough between (Parker et al. 2017, Vital and Health Statistics 2(175)). Other figures: precise up
    to 0.3 times the value, our own bound, and vague above 1.3 times.

    Examples
    --------
    >>> certainty(0.5, 9.9, share=True), certainty(8.0, 9.9, share=True), certainty(20.0, 9.9, share=True)
    ('precise', 'rough', 'vague')
    """
    relative = width / value if value else float("inf")
    if share and width <= PRECISE_WIDTH:
        return "precise"
    if (share and width >= VAGUE_WIDTH) or relative > VAGUE_RELATIVE_WIDTH:
        return "vague"
    if not share and relative <= PRECISE_RELATIVE_WIDTH:
        return "precise"
    return "rough"


def age_of_data(selection: Selection, build_year: int, language: str = "fi") -> Sentence:
    """Say the newest period the selection rests on and how many years old it is when the page is made."""
    shown = [str(row["period"]) for row in rows_of(selection) if row.shown]
    if not shown:
        return compose("words.age.none", language)
    return age_of_period(max(shown, key=frame.period_end), build_year, language)


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


def _series(rows: tuple[Row, ...]) -> list[Row]:
    series = {tuple(row[column] for column in _SERIES) for row in rows}
    if len(series) > 1 or len({row["period"] for row in rows}) != len(rows):
        raise SosrakeError(
            f"change: {len(series)} series or a period twice among {len(rows)} rows; expected one row "
            "a period of one indicator, region, sex, age and group; select more narrowly"
        )
    if len(rows) < 2:
        raise SosrakeError("change: one period only; expected at least two; select more periods")
    return sorted(rows, key=lambda row: frame.period_end(str(row["period"])))


def _direction(rows: list[Row], first: Row, last: Row, language: str) -> Sentence:
    between = rows[rows.index(first) + 1 : rows.index(last) + 1]
    if any(row["break_before"] for row in between):
        return compose("words.change.broken", language)
    if labels.figure(first, "value", language) == labels.figure(last, "value", language):
        return compose("words.change.same", language)
    rose = float(last["value"]) > float(first["value"])
    said = [compose(f"words.change.{'rose' if rose else 'fell'}", language)]
    if all(row.has("lower") and row.has("upper") for row in (first, last)):
        low, high = (first, last) if rose else (last, first)
        overlap = float(low["upper"]) >= float(high["lower"])
        said.append(compose(f"words.change.{'overlap' if overlap else 'apart'}", language))
    return join(said)
