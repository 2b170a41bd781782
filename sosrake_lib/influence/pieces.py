"""The parts sentences are built of: whose figure, where, when, how much, how sure, why not shown."""

from __future__ import annotations

from sosrake_lib.catalogue import indicator
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.language import numbers, say

VERDICTS = ("higher", "similar", "lower", "not_testable")


def subject(row: Row, language: str) -> Sentence:
    """Name the indicator and, where the row is about a part of the people, whose figure it is."""
    parts = [labels.full_name(row, language)]
    for dimension, neutral in (("sex", "total"), ("age", "all"), ("group", "all")):
        if row[dimension] != neutral:
            parts.append(labels.within_sentence(row, dimension, language))
    return constant(", ".join(parts), language)


def place(row: Row, language: str) -> Sentence:
    """Say in which place."""
    level, code = str(row["region_level"]), str(row["region_code"])
    return constant(labels.place_in(level, code, int(row["borders"]), language), language)


def reference_place(row: Row, language: str) -> Sentence:
    """Say in which place the figure of comparison is true."""
    level, code = str(row["reference_level"]), str(row["reference_code"])
    return constant(labels.place_in(level, code, int(row["borders"]), language), language)


def time(row: Row, language: str) -> Sentence:
    """Say when."""
    return constant(labels.when(str(row["period"]), language), language)


def figure(row: Row, column: str, language: str) -> Sentence:
    """Give a released number with its unit, marked with the result it comes from."""
    shown = number(labels.figure(row, column, language), row.reference(column), row.release_id, language)
    words = "" if labels.is_percent(row, column) else labels.unit_text(row, language)
    return join([shown, constant(labels.NBSP + words, language)], between="") if words else shown


def bare(row: Row, language: str) -> Sentence:
    """Give the released value with its own percent sign and no other unit: the sentence tells it."""
    return number(labels.figure(row, "value", language), row.reference("value"), row.release_id, language)


def interval(row: Row, lower: str, upper: str, language: str) -> Sentence:
    """Give the interval in brackets with its confidence; nothing when the row has none."""
    if not (row.has(lower) and row.has(upper)):
        return Sentence("", language)
    low, high = (
        number(labels.bare_figure(row, column, language), row.reference(column), row.release_id, language)
        for column in (lower, upper)
    )
    own_level = "difference_confidence" if lower.startswith("difference") else "confidence"
    level = float(row[own_level if row.has(own_level) else "confidence"]) * 100
    share = numbers.percent(level, _told_decimals(level), language)
    key = "words.interval_signed" if float(row[lower]) < 0 else "words.interval"
    return compose(key, language, capital=False, confidence=constant(share, language), lower=low, upper=high)


def level_sentence(row: Row, language: str) -> Sentence:
    """Say one shown figure with place, time and interval."""
    return compose(
        "words.level",
        language,
        indicator=subject(row, language),
        place_in=place(row, language),
        value=figure(row, "value", language),
        when=time(row, language),
        interval=interval(row, "lower", "upper", language),
    )


def verdict_sentence(row: Row, language: str) -> Sentence:
    """Say the difference and whether it can be chance, or why that cannot be tested."""
    verdict = str(row["verdict"])
    if verdict not in VERDICTS:
        raise SosrakeError(
            f"result {row['result_id']}: verdict {verdict!r}; expected one of {', '.join(VERDICTS)}"
        )
    if doubted_by_choice(row):
        return compose(
            "words.comparison.similar_chosen",
            language,
            difference=_difference(row, language),
            interval=interval(row, "difference_lower", "difference_upper", language),
            n=chosen_among(row, language),
        )
    if verdict != "not_testable":
        # The sign is told before the word for it: "smaller: -10.8" would read as less than less.
        return compose(
            f"words.comparison.{verdict}",
            language,
            place_in=place(row, language),
            difference=_difference(row, language),
            interval=interval(row, "difference_lower", "difference_upper", language),
        )
    reason = say(f"words.comparison.reason.{row['reason']}", language)
    if not row.has("difference"):
        return compose("words.comparison.not_testable", language, reason=reason)
    return compose(
        "words.comparison.not_testable_difference",
        language,
        difference=_difference(row, language),
        reason=reason,
    )


def doubted_by_choice(row: Row) -> bool:
    """Say whether a difference is taken for chance only because it was chosen among several."""
    if not row.has("chosen_from") or row["verdict"] != "similar" or not row.has("difference_lower"):
        return False
    return float(row["difference_lower"]) * float(row["difference_upper"]) > 0


def chosen_among(row: Row, language: str) -> Sentence:
    """Give the number of indicators that a figure was chosen from."""
    text = numbers.count(int(row["chosen_from"]), language)
    return number(text, row.reference("chosen_from"), row.release_id, language)


def compared(row: Row, language: str) -> Sentence:
    """Say a shown figure beside its figure of comparison, without naming indicator and verdict again."""
    told = compose(
        "words.claim.figures",
        language,
        value=figure(row, "value", language),
        place_in=place(row, language),
        when=time(row, language),
    )
    if row.has("reference_value"):
        told = compose(
            "words.claim.figures_both",
            language,
            value=figure(row, "value", language),
            place_in=place(row, language),
            reference_value=figure(row, "reference_value", language),
            reference_in=reference_place(row, language),
            when=time(row, language),
        )
    return join([told, verdict_sentence(row, language)])


def absent_sentence(row: Row, language: str) -> Sentence:
    """Say why the row's figure is not shown."""
    pieces: dict[str, Sentence | str] = {"indicator": subject(row, language)}
    status = str(row["status"])
    if status == "not_published_at_level":
        own, least = str(row["region_level"]), indicator(str(row["indicator"])).level_min
        pieces["level"] = say(f"words.by_level.{own}", language)
        if least == own:
            status = "not_published_at_level_at_all"
        else:
            pieces["told_at"] = say(f"words.of_level.{least}", language)
    else:
        pieces |= {"place_in": place(row, language), "when": time(row, language)}
    return compose(f"words.hidden.{status}", language, capital=True, **pieces)


def not_shown(row: Row, language: str) -> Sentence:
    """Say in short why the row's figure is not shown, after its indicator has been named."""
    return compose(
        f"words.claim.not_shown.{row['status']}",
        language,
        place_in=place(row, language),
        when=time(row, language),
    )


def _told_decimals(level: float) -> int:
    """Give decimals enough for a confidence near 100 %: a stricter 99.94 must not be read as 100."""
    left = 100 - level
    return next((n for n in range(6) if abs(round(level, n) - level) <= 0.1 * left + 1e-9), 6)


def _difference(row: Row, language: str) -> Sentence:
    shown = number(
        labels.bare_figure(row, "difference", language),
        row.reference("difference"),
        row.release_id,
        language,
    )
    if labels.is_percent(row, "value"):
        return compose("words.points", language, capital=False, number=shown)
    words = labels.unit_text(row, language)
    return join([shown, constant(labels.NBSP + words, language)], between="") if words else shown
