"""Sentences of one figure, of a comparison and of a series, and of why a figure is not shown.

Nothing is computed here; the verdicts came with the released rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sosrake_lib import frame
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.grades import OPEN, of_change
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, join
from sosrake_lib.protect import Selection

__all__ = ["Course", "change", "comparison", "course", "hidden", "level"]


@dataclass(frozen=True, slots=True)
class Course:
    """What a series shows from its first to its last shown figure.

    Attributes
    ----------
    first, last : the shown rows at its ends; None when nothing is shown. newest : its last row, shown or not.
    outcome : rose, fell, same, broken (the statistics changed between), only_one or absent.
    grade : sure, likely or open; empty when the figures have no interval.
    """

    first: Row | None
    last: Row | None
    newest: Row
    outcome: str
    grade: str


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
    run = course(rows_of(selection))
    if run.first is None or run.last is None:
        return pieces.absent_sentence(run.newest, language)
    if run.outcome == "only_one":
        return join([pieces.level_sentence(run.last, language), compose("words.change.only_one", language)])
    told = compose(
        "words.change.both",
        language,
        indicator=pieces.subject(run.last, language),
        place_in=pieces.place(run.last, language),
        first=pieces.figure(run.first, "value", language),
        first_when=pieces.time(run.first, language),
        last=pieces.figure(run.last, "value", language),
        last_when=pieces.time(run.last, language),
    )
    said = [told, compose(f"words.change.{run.outcome}", language)]
    if run.outcome in ("rose", "fell") and run.grade:
        said.append(compose(f"words.change.{'overlap' if run.grade == OPEN else 'apart'}", language))
    return join(said)


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


def course(rows: Sequence[Row]) -> Course:
    """Put a series in order and read off it what may be said of its change.

    Raises
    ------
    SosrakeError when the rows are several series, hold a period twice, or one period only.
    """
    ordered = _series(rows)
    shown = [row for row in ordered if row.shown]
    if len(shown) < 2:
        last = shown[0] if shown else None
        return Course(last, last, ordered[-1], "only_one" if shown else "absent", "")
    first, last = shown[0], shown[-1]
    if any(row["break_before"] for row in ordered[ordered.index(first) + 1 : ordered.index(last) + 1]):
        return Course(first, last, ordered[-1], "broken", OPEN)
    grade = ""
    if all(row.has("lower") and row.has("upper") for row in (first, last)):
        ends = [(float(row["lower"]), float(row["upper"])) for row in (first, last)]
        grade = of_change(ends[0], ends[1])
    if labels.figure(first, "value", "fi") == labels.figure(last, "value", "fi"):
        return Course(first, last, ordered[-1], "same", OPEN)
    rose = float(last["value"]) > float(first["value"])
    return Course(first, last, ordered[-1], "rose" if rose else "fell", grade)


def _series(rows: Sequence[Row]) -> list[Row]:
    series = {tuple(row[column] for column in _SERIES) for row in rows}
    if len(series) > 1 or len({row["period"] for row in rows}) != len(rows):
        raise SosrakeError(
            f"change: {len(series)} series or a period twice among {len(rows)} rows; expected one row "
            "a period of one indicator, region, sex, age and group; select more narrowly"
        )
    if len(rows) < 2:
        raise SosrakeError("change: one period only; expected at least two; select more periods")
    return sorted(rows, key=lambda row: frame.period_end(str(row["period"])))
