"""Testing a claim with figures: does "the situation is worse than in the country" hold."""

from __future__ import annotations

from sosrake_lib.catalogue import indicator, themes
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import pieces
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose
from sosrake_lib.language import say
from sosrake_lib.protect import Selection

_WORSE = {"higher_is_worse": "higher", "higher_is_better": "lower"}


def claim_statement(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Test "the situation is worse than in the country" with each figure of a theme.

    Parameters
    ----------
    selection : compared rows (`indicators.comparison.against`) of one region and one theme; the catalogue's
        direction says which way is worse.

    Returns
    -------
    The summary first (holds, does not hold, holds only in part, remains untested), then a sentence for each
    indicator. A difference that may be chance gives the claim no support; an index without an interval, a
    hidden figure and an indicator without a better end cannot be tested.

    Raises
    ------
    SosrakeError when the rows belong to several themes, regions or references.
    """
    rows = rows_of(selection)
    theme = _theme_name(_one_theme(rows), language)
    outcomes = [_outcome(row) for row in rows]
    tested = {outcome for outcome in outcomes if outcome in ("holds", "fails", "similar")}
    if not tested:
        answer = "untestable"
    elif tested == {"holds"}:
        answer = "holds"
    else:
        answer = "mixed" if "holds" in tested else "fails"
    first = next((row for row in rows if row.has("reference_level") and row["reference_level"]), None)
    # Hidden rows do not name what they would have been compared with.
    elsewhere = Sentence(say("words.claim.elsewhere", language), language)
    summary = compose(
        "words.claim.summary",
        language,
        theme=theme,
        reference_in=elsewhere if first is None else pieces.reference_place(first, language),
        answer=compose(f"words.claim.{answer}", language, capital=False),
    )
    return [
        summary,
        *(_statement(row, outcome, language) for row, outcome in zip(rows, outcomes, strict=True)),
    ]


def _outcome(row: Row) -> str:
    worse = _WORSE.get(indicator(str(row["indicator"])).direction)
    if worse is None:
        return "neutral"
    if not row.shown or row["verdict"] == "not_testable":
        return "untestable"
    if row["verdict"] == "similar":
        return "similar"
    return "holds" if row["verdict"] == worse else "fails"


def _statement(row: Row, outcome: str, language: str) -> Sentence:
    subject = pieces.subject(row, language)
    if outcome == "neutral":
        return compose("words.claim.row.neutral", language, indicator=subject)
    return compose(
        f"words.claim.row.{outcome}",
        language,
        indicator=subject,
        comparison=pieces.compared(row, language) if row.shown else pieces.not_shown(row, language),
    )


def _one_theme(rows: tuple[Row, ...]) -> str:
    for name, found in (
        ("themes", {indicator(str(row["indicator"])).theme for row in rows}),
        ("regions", {(row["region_level"], row["region_code"]) for row in rows}),
    ):
        if len(found) > 1:
            raise SosrakeError(
                f"claim_statement: {len(found)} {name} {sorted(found)}; expected one; select one"
            )
    return indicator(str(rows[0]["indicator"])).theme


def _theme_name(key: str, language: str) -> str:
    found = next(theme for theme in themes() if theme.key == key)
    return found.name_en if language == "en" else found.name_fi
