"""Sentences on rehabilitation: whether goals were attained, how surely, and what drop-out could hide.

Nothing is computed here; each sentence is chosen by a released row's verdict, or by the sides of its bounds.
"""

from __future__ import annotations

from collections.abc import Mapping

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.language import numbers
from sosrake_lib.protect import Selection

ROOM = "sosiaalinen_kuntoutus.words"
WORK = "kuntouttava_tyotoiminta.words"
VERDICTS = ("higher", "lower", "similar")


def answer(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say which share of the clients assessed attained their goals; of one row of the share."""
    row = one_row(selection)
    known: dict[str, Sentence] = {"place_in": pieces.place(row, language), "when": pieces.time(row, language)}
    if not row.shown:
        return compose(f"{ROOM}.answer_hidden", language, capital=True, **known)
    return compose(f"{ROOM}.answer", language, capital=True, **known, **_figure(row, language))


def together(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say the joint share of the municipalities too small to be told alone."""
    row = one_row(selection)
    if not row.shown:
        return compose(f"{ROOM}.together_hidden", language)
    return compose(f"{ROOM}.together", language, capital=True, **_figure(row, language))


def sure(selection: Selection, language: str = "fi") -> Sentence:
    """Say between which figures the share lies with the lost counted in; rows of one indicator of `kato`."""
    found = by_group(selection)
    if _few_lost(selection):
        return compose(f"{ROOM}.few_lost", language)
    if "alaraja" not in found:
        return Sentence(compose(f"{ROOM}.nobody_lost", language).text, language)
    ends = _ends(found, language)
    if "painotettu" not in found:
        return compose(f"{ROOM}.sure_bounds", language, capital=True, **ends)
    weighted = found["painotettu"]
    return compose(
        f"{ROOM}.sure",
        language,
        capital=True,
        **ends,
        weighted=_bare(weighted, "value", language),
        interval=pieces.interval(weighted, "lower", "upper", language),
    )


def change_bounds(selection: Selection, language: str = "fi") -> Sentence:
    """Say between which figures the mean change lies without assumptions, and if its direction is known."""
    found = by_group(selection)
    if _few_lost(selection):
        return compose(f"{ROOM}.few_lost", language)
    if "alaraja" not in found:
        return compose(f"{ROOM}.nobody_lost", language)
    low, high = found["alaraja"], found["ylaraja"]
    known = float(low["lower"]) > 0 or float(high["upper"]) < 0
    key = "quality_bounds_sure" if known else "quality_bounds"
    return compose(f"{ROOM}.{key}", language, capital=True, **_ends(found, language))


def weighted_change(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say the mean change weighted for drop-out; one row of statistic `weighted`."""
    row = one_row(selection)
    return compose(
        f"{ROOM}.weighted_change",
        language,
        capital=True,
        value=_bare(row, "value", language),
        interval=pieces.interval(row, "lower", "upper", language),
    )


def loss(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say which share of those who began was not assessed at the end."""
    row = one_row(selection)
    if not row.shown:
        return pieces.absent_sentence(row, language)
    place = {"place_in": pieces.place(row, language), "when": pieces.time(row, language)}
    return compose(f"{ROOM}.loss", language, capital=True, **place, **_figure(row, language))


def start_differs(selection: Selection, language: str = "fi") -> Sentence | None:
    """Say how those assessed and those not began; None when either is not shown."""
    found = by_group(selection)
    if not {"arvioitiin", "poistui"} <= set(found):
        return None
    stayed, left = found["arvioitiin"], found["poistui"]
    return compose(
        f"{ROOM}.start_differs",
        language,
        capital=True,
        left=_bare(left, "value", language),
        left_interval=pieces.interval(left, "lower", "upper", language),
        stayed=_bare(stayed, "value", language),
        stayed_interval=pieces.interval(stayed, "lower", "upper", language),
    )


def compared(
    selection: Selection, language: str = "fi", names: Mapping[str, str] | None = None, what: str = "group"
) -> list[Sentence]:
    """Say of each group, year or municipality whether its share is higher, similar or lower than everyone's.

    Parameters
    ----------
    names : words of the groups' codes.
    what : which dimension names the rows: "group", "period" or "region".

    Raises
    ------
    SosrakeError for a row whose verdict this room has no sentence for.
    """
    return [_compared(row, language, names, what) for row in rows_of(selection)]


def one_share(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say one figure by its name, value and interval, or that it is not told."""
    row = one_row(selection)
    thing = constant(labels.full_name(row, language), language)
    if not row.shown:
        return compose(f"{WORK}.share_hidden", language, capital=True, thing=thing)
    return compose(f"{WORK}.share", language, capital=True, thing=thing, **_figure(row, language))


def _few_lost(selection: Selection) -> bool:
    """Say whether the bounds are hidden, as they would tell how many were lost."""
    return any(str(row["group"]) == "alaraja" and not row.shown for row in rows_of(selection))


def by_group(selection: Selection) -> dict[str, Row]:
    """Give the shown rows by their group."""
    return {str(row["group"]): row for row in rows_of(selection) if row.shown}


def _compared(row: Row, language: str, names: Mapping[str, str] | None, what: str) -> Sentence:
    name = constant(labels.key_text(row, what, language, names), language)
    if not row.shown:
        return compose(f"{ROOM}.hidden", language, capital=True, group=name)
    if row["verdict"] not in VERDICTS:
        raise SosrakeError(f"compared: verdict {row['verdict']!r}; expected one of {', '.join(VERDICTS)}")
    known = {"group": name, "value": _figure(row, language)["value"]}
    interval = pieces.interval(row, "difference_lower", "difference_upper", language)
    if row["verdict"] != "similar":
        known["difference"] = _bare(row, "difference", language)
    return compose(f"{ROOM}.{row['verdict']}", language, capital=True, **known, interval=interval)


def _figure(row: Row, language: str) -> dict[str, Sentence]:
    value = number(labels.figure(row, "value", language), row.reference("value"), row.release_id, language)
    return {"value": value, "interval": pieces.interval(row, "lower", "upper", language)}


def _ends(found: Mapping[str, Row], language: str) -> dict[str, Sentence]:
    return {
        "low": _bare(found["alaraja"], "value", language),
        "high": _bare(found["ylaraja"], "value", language),
    }


def _bare(row: Row, column: str, language: str) -> Sentence:
    """Give a number with its own percent sign but no other unit: the sentence tells it."""
    if labels.is_percent(row, column):
        text = labels.figure(row, column, language)
    else:
        described = labels.described_by(row)
        decimals = labels.OWN_DECIMALS if described is None else described.decimals
        text = numbers.number(float(row[column]), decimals, language)
    return number(text, row.reference(column), row.release_id, language)
