"""Sentences on differences between municipalities: how great, grown or shrunk, where, and along what.

Nothing is computed here. A row's `group` names the indicator whose differences the row measures.
"""

from __future__ import annotations

from sosrake_lib import frame
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.protect import Selection

CHANGES = ("increase", "no_change_shown", "decrease", "not_testable")


def ratio(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say how many times the figure of the lowest fifth of people the highest fifth has.

    Parameters
    ----------
    selection : one row of `kuntaerot_s80s20`.
    """
    return _one(selection, "ratio", language)


def share(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say which part of the differences lies between counties; the rest lies inside them.

    Parameters
    ----------
    selection : one row of `kuntaerot_osuus_valilla`.
    """
    return _one(selection, "share", language)


def order(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say whether a figure is higher, similar or lower where low incomes are most common.

    Parameters
    ----------
    selection : one row of `kuntaerot_sii` with `verdict`.
    """
    row = one_row(selection)
    if row.shown and row["verdict"] not in pieces.VERDICTS:
        raise SosrakeError(f"order: verdict {row['verdict']!r}; expected one of {', '.join(pieces.VERDICTS)}")
    return _one(row, f"order.{row['verdict']}", language)


def change(series: Selection, changed: Selection, language: str = "fi") -> Sentence:
    """Say the first and the last Gini of a series, and whether the difference has grown or shrunk.

    Parameters
    ----------
    series : rows of `kuntaerot_gini` of one area and indicator over time.
    changed : the one row of `kuntaerot_gini_muutos` of the same, with `verdict`: grown and shrunk are said
        only where its interval excludes no change.
    """
    row = one_row(changed)
    if not row.shown:
        return _absent(row, language)
    shown = sorted(
        (one for one in rows_of(series) if one.shown), key=lambda one: frame.period_end(str(one["period"]))
    )
    same = {(one["region_code"], one["group"]) for one in shown} == {(row["region_code"], row["group"])}
    if not same or row["verdict"] not in CHANGES:
        raise SosrakeError(
            "change: the series and the change are not of one area and indicator, or the verdict is "
            f"{row['verdict']!r}; select both by region and group"
        )
    first, last = shown[0], shown[-1]
    told = compose(
        "eriarvoisuus.words.both",
        language,
        thing=_thing(row, language),
        place_in=pieces.place(row, language),
        first=pieces.figure(first, "value", language),
        first_when=pieces.time(first, language),
        last=pieces.figure(last, "value", language),
        last_when=pieces.time(last, language),
    )
    verdict = compose(
        f"eriarvoisuus.words.change.{row['verdict']}",
        language,
        change=pieces.figure(row, "value", language),
        interval=pieces.interval(row, "lower", "upper", language),
    )
    return join([told, verdict])


def _one(selection: Selection | Row, key: str, language: str) -> Sentence:
    row = one_row(selection)
    if not row.shown:
        return _absent(row, language)
    return compose(
        f"eriarvoisuus.words.{key}",
        language,
        thing=_thing(row, language),
        place_in=pieces.place(row, language),
        when=pieces.time(row, language),
        value=pieces.bare(row, language),
        interval=pieces.interval(row, "lower", "upper", language),
    )


def _absent(row: Row, language: str) -> Sentence:
    return compose(
        "eriarvoisuus.words.absent",
        language,
        thing=_thing(row, language),
        place_in=pieces.place(row, language),
    )


def _thing(row: Row, language: str) -> Sentence:
    return constant(labels.short_name(str(row["group"]), language), language)
