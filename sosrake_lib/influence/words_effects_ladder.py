"""Words and tables of the ladder of effects: rungs beside the truth, what simulation tells, how sturdy.

Nothing is computed here: estimates, verdicts and simulated shares came with the released rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sosrake_lib.effects.fragility.summary import KEYS
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import words_effects
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_effects import claim_of, judged_checks, only_effect, text_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection
from sosrake_lib.protect.effects import ARM_STATISTIC

__all__ = [
    "checks_table",
    "departures",
    "each",
    "fragility",
    "pretrend",
    "rungs_table",
    "simulated",
    "simulated_table",
]

_FRAGILITY = "fragility_"


def rungs(selection: Selection) -> list[Row]:
    """Give the effects of a selection in their order, without the rows of their arms."""
    return [row for row in rows_of(selection) if row["statistic"] != ARM_STATISTIC]


def told(
    selection: Selection, language: str = "fi", names: Mapping[str, str] | None = None
) -> list[Sentence]:
    """Say a rung: what it shows in the words of its claim, of how many, and every caveat."""
    said = [words_effects.effect(selection, language, names)]
    if not only_effect(selection).shown:
        return said
    return [*said, words_effects.arms(selection, language), *words_effects.caveats(selection, language)]


def each(
    selection: Selection, language: str = "fi", names: Mapping[str, str] | None = None
) -> list[Sentence]:
    """Say every effect of a selection on its own, such as one in each region."""
    return [words_effects.effect(row, language, names) for row in rungs(selection)]


def rungs_table(
    selection: Selection, caption: str, language: str = "fi", *, names: Mapping[str, str]
) -> Table:
    """Put each rung's estimate, interval and claim beside the truth, one line a rung.

    Parameters
    ----------
    selection : effects with `reference_value` = the truth, in the order of the rungs. names : indicator ->
        words of the rung.
    """
    rows = rungs(selection)
    head = [say(f"vaikuttavuus.page.{name}", language) for name in ("rung", "estimate", "interval", "truth")]
    body = [
        [
            names[str(row["indicator"])],
            _figure(row, "value", language),
            _interval(row, language),
            _figure(row, "reference_value", language),
            _claim(row, language),
        ]
        for row in rows
    ]
    return word_table(
        rows, [*head, say("vaikuttavuus.page.claim", language)], body, caption, language, numbers=(1, 2, 3)
    )


def _claim(row: Row, language: str) -> str:
    """Name what may be said of a rung at the most: nothing where the data are not enough."""
    if not row.shown:
        return "–"
    if row["verdict"] == "too_little_data":
        return say("vaikuttavuus.page.no_claim", language)
    return claim_of(row).name_in(language)


def simulated(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say what the coverage simulation found of the way a released effect was reckoned.

    Raises
    ------
    SosrakeError when the row brings no simulation (`note`, `label`, `item` and `coverage`).
    """
    row = only_effect(selection)
    if not row.shown or not row.has("coverage"):
        raise SosrakeError("words_effects.simulated: the row brings no simulation; show it without")
    return compose(
        f"vaikuttavuus.simulated.{row['note']}",
        language,
        held=_held(row, language),
        world=say(f"vaikuttavuus.world.{row['label']}", language),
        size=constant(say(f"vaikuttavuus.simulated_size.{row['item']}", language), language),
    )


def simulated_table(
    selection: Selection, caption: str, language: str = "fi", *, names: Mapping[str, str]
) -> Table:
    """Put what simulation tells of each rung's way of reckoning into a table, one line a rung."""
    rows = [row for row in rungs(selection) if row.shown and row.has("coverage")]
    head = [say(f"vaikuttavuus.page.{name}", language) for name in ("rung", "held", "when", "size")]
    body: list[list[Cell]] = [
        [
            names[str(row["indicator"])],
            _held(row, language),
            say(f"vaikuttavuus.world.{row['label']}", language),
            constant(say(f"vaikuttavuus.simulated_size.{row['item']}", language), language),
        ]
        for row in rows
    ]
    return word_table(rows, head, body, caption, language, numbers=(1,))


def fragility(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say in a sentence how an effect bore the tries of `how_fragile` (`fragility.tried`).

    Raises
    ------
    SosrakeError when the row is no such effect.
    """
    row = only_effect(selection)
    if not row.shown:
        return Sentence(say("vaikuttavuus.fragile.little_tried", language), language)
    told = (one.removeprefix(_FRAGILITY) for one in str(row["caveats"]).split() if one.startswith(_FRAGILITY))
    key = next(told, "")
    if key not in KEYS:
        raise SosrakeError("words_effects.fragility: the row tells no tries; make it by fragility.tried")
    found = dict(pair for pair in judged_checks(row) if pair[0] != "interval")
    weakest = next(
        (check for bad in ("fails", "doubtful") for check, verdict in found.items() if verdict == bad), ""
    )
    if key not in ("fragile", "partly"):
        return compose(f"vaikuttavuus.fragile.{key}", language)
    return compose(f"vaikuttavuus.fragile.{key}", language, weakest=text_of("check", weakest, language))


def checks_table(selection: Selection | Row, caption: str, language: str = "fi") -> Table:
    """Put every check of an effect and its verdict into a table."""
    row = only_effect(selection)
    head = [say(f"vaikuttavuus.page.{name}", language) for name in ("check", "finding")]
    body: list[list[Cell]] = [
        [_capital(text_of("check", check, language)), say(f"vaikuttavuus.verdict_word.{verdict}", language)]
        for check, verdict in judged_checks(row)
    ]
    return word_table([row], head, body, caption, language)


def pretrend(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say what the test of the years before found, and what it could have found."""
    row = only_effect(selection)
    if not row.shown or not row.has("pretrend_p"):
        return Sentence(say("vaikuttavuus.pretrend.absent", language), language)
    p_value = _number(row, "pretrend_p", 2, language)
    if float(row["pretrend_p"]) < 0.05:
        return compose("vaikuttavuus.pretrend.parted", language, p=p_value)
    power = numbers.percent(float(row["pretrend_power"]), 0, language)
    first = compose(
        "vaikuttavuus.pretrend.passed",
        language,
        p=p_value,
        power=number(power, row.reference("pretrend_power"), row.release_id, language),
    )
    return join([first, compose(
        "vaikuttavuus.pretrend.bias", language, bias=_number(row, "pretrend_bias", 1, language)
    )])  # fmt: skip


def departures(table: pd.DataFrame, language: str = "fi") -> list[str]:
    """Say each departure from a locked plan in a sentence; one sentence when there is none.

    Parameters
    ----------
    table : of `effects.analysis_plan.departures`.

    Examples
    --------
    >>> rows = [("secondary", "added", "", "vointi")]
    >>> departures(pd.DataFrame(rows, columns=["aspect", "kind", "planned", "done"]))
    ['Muu tulos: suunnitelmassa ei ollut, lisättiin vointi.']
    """
    if table.empty:
        return [say("vaikuttavuus.departure.none", language)]
    return [_departure(row, language) for row in table.to_dict("records")]


def _departure(row: Mapping[str, str], language: str) -> str:
    name, _, option = str(row["aspect"]).partition(".")
    more = {"name": option} if name == "options" else {}
    given = {
        "aspect": _capital(say(f"vaikuttavuus.aspect.{name}", language, **more)),
        "planned": row["planned"],
        "done": row["done"],
    }
    key = f"vaikuttavuus.departure.{row['kind']}"
    return say(key, language, **given)


def _figure(row: Row, column: str, language: str) -> Cell:
    if not row.shown:
        return say(f"words.mark.{row['status']}", language)
    return _number(row, column, 1, language) if row.has(column) else "–"


def _interval(row: Row, language: str) -> Cell:
    if not row.shown or not row.has("lower"):
        return "–"
    between = " – " if float(row["lower"]) < 0 else "–"
    return join([_number(row, one, 1, language) for one in ("lower", "upper")], between=between)


def _held(row: Row, language: str) -> Sentence:
    text = numbers.percent(float(row["coverage"]), 0, language)
    return number(text, row.reference("coverage"), row.release_id, language)


def _number(row: Row, column: str, decimals: int, language: str) -> Sentence:
    text = numbers.number(float(row[column]), decimals, language)
    return number(text, row.reference(column), row.release_id, language)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
