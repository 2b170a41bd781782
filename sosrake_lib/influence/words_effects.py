"""Sentences of change, difference and effect, chosen from the claim, verdict and size of a released row.

Nothing is computed or judged here: the verdict came with the row (`effects.ladder.verdict`), and each claim
has sentences of its own, which hold no word beyond it. "Not shown" is never said as "no change".
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sosrake_lib import frame as frames
from sosrake_lib.effects.design import Claim
from sosrake_lib.effects.ladder import VERDICTS
from sosrake_lib.errors import CatalogueError, SosrakeError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.language import keys, numbers, say
from sosrake_lib.protect import Selection
from sosrake_lib.protect.effects import ARM_STATISTIC, COMPARED

__all__ = ["arms", "caveats", "checks", "claim_of", "effect"]

JUDGED = ("fails", "doubtful", "not_testable", "holds")
# Claims of two kinds of design: how the direction is said in each.
_DIRECTION = {
    "muutos": "moved",
    "ero": "compared",
    "yhteys": "linked",
    "todennakoinen_vaikutus": "expected",
    "vaikutus": "expected",
}
_MOST_DECIMALS = 4
_WIDE = 50.0  # an interval this wide is told in whole numbers


def effect(
    selection: Selection | Row, language: str = "fi", given: Mapping[str, str] | None = None
) -> Sentence:
    """Say what a released effect shows, in the words of its claim.

    Parameters
    ----------
    selection : rows made by `protect.effects.effect_frame`; exactly one of them is the effect itself.
    language : `fi` or `en`.
    given : indicator -> its name in this language, when the catalogue does not know it.

    Returns
    -------
    Sentence by the row's verdict: a direction with estimate and interval; "ei osoitettu muutosta ... Tämä ei
    tarkoita, ettei muutosta ole"; or "aineisto ei riitä" with the smallest arm. A hidden row says that the
    result is protected.

    Raises
    ------
    SosrakeError when the selection holds no effect or several, or a verdict this room has no sentence for.
    """
    row = only_effect(selection)
    known: dict[str, Sentence | str] = {
        "indicator": name_of(row, language, given),
        "place_in": pieces.place(row, language),
        "when": pieces.time(row, language),
    }
    if not row.shown:
        which = "hidden" if row["status"] == "suppressed" else "absent"
        return compose(f"vaikuttavuus.effect.{which}", language, capital=True, **known)
    claim, verdict = str(row["claim"]), str(row["verdict"])
    if claim not in {one.value for one in Claim} or verdict not in VERDICTS:
        raise SosrakeError(
            f"words_effects.effect: claim {claim!r}, verdict {verdict!r}; make the row by effect_frame"
        )
    if verdict == "too_little_data":
        few = compose(f"vaikuttavuus.effect.{claim}.{verdict}", language, capital=True, **known)
        return join([few, _smallest(row, language)])
    return compose(
        f"vaikuttavuus.effect.{claim}.{verdict}",
        language,
        capital=True,
        **known,
        **_figures(row, language),
        **direction(row, claim, verdict, language),
        size=size(row, language),
        why=say(f"vaikuttavuus.effect.{row['reason']}", language),
    )


def arms(selection: Selection, language: str = "fi") -> Sentence:
    """Say how many were in each arm; an arm that is hidden is said to be protected.

    Parameters
    ----------
    selection : rows of one effect with its arms' rows (`effect_frame`).

    Raises
    ------
    SosrakeError when the selection holds no arm.
    """
    told: list[tuple[str, Row, str]] = []
    for row in rows_of(selection):
        if row["statistic"] == ARM_STATISTIC:
            told.append((str(row["group"]).rpartition(":")[2], row, "value"))
        elif row.shown:
            named = [str(name) for name in row.columns if str(name).startswith("n_") and row.has(str(name))]
            told += [(column.removeprefix("n_"), row, column) for column in named]
    if not told:
        raise SosrakeError("words_effects.arms: the selection holds no arm; select the effect's arms too")
    # Those that are compared first; of the others, an arm of nobody is not worth a word.
    told = [one for one in told if one[0] in COMPARED or not one[1].shown or one[1][one[2]] != 0]
    told.sort(key=lambda one: COMPARED.index(one[0]) if one[0] in COMPARED else len(COMPARED))
    said = [_arm(row, arm, column, language) for arm, row, column in told]
    return compose("vaikuttavuus.arms.line", language, arms=join(said, between=", "))


def caveats(selection: Selection | Row, language: str = "fi") -> list[Sentence]:
    """Say every caveat of a shown effect, one sentence each; nothing of a hidden one."""
    row = only_effect(selection)
    return [
        Sentence(text_of("caveat", key, language), language)
        for key in (str(row["caveats"]).split() if row.shown else [])
    ]


def checks(
    selection: Selection | Row, language: str = "fi", judged: tuple[str, ...] = JUDGED[:3]
) -> list[Sentence]:
    """Say what an effect rests on: first what does not hold, then the uncertain, then what cannot be studied.

    Parameters
    ----------
    judged : verdicts to be told, in this order; "holds" is left out unless asked for.
    """
    row = only_effect(selection)
    return [
        compose(f"vaikuttavuus.judged.{verdict}", language, check=text_of("check", check, language))
        for verdict in judged
        for check, found in judged_checks(row)
        if found == verdict
    ]


def claim_of(selection: Selection | Row) -> Claim:
    """Give the claim of a shown effect, for `claims.check` of the text around it; a hidden one describes."""
    row = only_effect(selection)
    return Claim(str(row["claim"])) if row.shown else Claim.KUVAUS


def judged_checks(row: Row) -> list[tuple[str, str]]:
    """Give the checks of a shown effect with their verdicts, in their order."""
    pairs = str(row["checks"]).split() if row.shown else []
    return [(check, found) for check, _, found in (pair.partition("=") for pair in pairs)]


def only_effect(selection: Selection | Row) -> Row:
    """Give the one effect of a selection, its arms left out.

    Raises
    ------
    SosrakeError when the selection holds no effect or several.
    """
    if isinstance(selection, Row):
        return selection
    found = [row for row in rows_of(selection) if row["statistic"] != ARM_STATISTIC]
    if len(found) != 1:
        raise SosrakeError(
            f"words_effects: {len(found)} effects in the selection; expected one; select by indicator, "
            "region, period and group"
        )
    return found[0]


def name_of(row: Row, language: str, given: Mapping[str, str] | None = None) -> Sentence:
    """Name the outcome of an effect, and whose it is where it is about a part of the people."""
    try:
        name = labels.full_name(row, language, given)
    except CatalogueError as problem:
        raise SosrakeError(
            f"words_effects: indicator {row['indicator']!r} has no name; give it: given={{...}}"
        ) from problem
    parts = [name]
    for dimension, neutral in (("sex", "total"), ("age", frames.ALL_AGES), ("group", frames.ALL_GROUPS)):
        if row[dimension] != neutral:
            code = str(row[dimension])
            parts.append(
                given[code] if given and code in given else labels.key_text(row, dimension, language)
            )
    return constant(", ".join(parts), language)


def _figures(row: Row, language: str) -> dict[str, Sentence]:
    """Value and interval, for the sentence of a plain level."""
    return {"value": amount(row, language), "interval": _interval(row, language)}


def direction(row: Row, claim: str, verdict: str, language: str) -> dict[str, str]:
    """Say the direction in the words of its claim: rose or fell, higher or lower than the comparison."""
    if claim not in _DIRECTION or verdict not in ("increase", "decrease"):
        return {}
    name = _DIRECTION[claim]
    table = name if name != "compared" else "compared_over_time" if row["times"] > 1 else "compared_once"
    form = str(row["category"])
    return {name: say(f"vaikuttavuus.effect.{table}.{form}.{verdict}", language)}


def size(row: Row, language: str) -> Sentence:
    """Say how great the change or difference is, with its interval."""
    plain = "change" if row["claim"] == Claim.MUUTOS.value else "difference"
    form = plain if row["category"] == "amount" else row["category"]
    return compose(f"vaikuttavuus.effect.size.{form}", language, capital=True, **_figures(row, language))


def _smallest(row: Row, language: str) -> Sentence:
    if not row.has("n"):
        return Sentence("", language)
    table = "counted_one" if row["n"] == 1 else "counted"
    whole = "one_group" if row["groups"] == 1 else "arms"
    return compose(
        f"vaikuttavuus.effect.smallest.{'phases' if row['kind'] == 'times' else whole}",
        language,
        n=number(labels.bare_figure(row, "n", language), row.reference("n"), row.release_id, language),
        counted=say(f"vaikuttavuus.{table}.{row['kind']}", language),
    )


def amount(row: Row, language: str) -> Sentence:
    """Give an effect's estimate with its unit."""
    shown = _number(row, "value", language)
    if labels.is_percent(row, "value"):
        return compose("words.points", language, capital=False, number=shown)
    column = f"unit_{language}"
    words = str(row[column]) if row.has(column) and row[column] else labels.unit_text(row, language)
    plain = not words or row["category"] != "amount"
    return shown if plain else join([shown, constant(labels.NBSP + words, language)], between="")


def _interval(row: Row, language: str) -> Sentence:
    level = numbers.percent(float(row["confidence"]) * 100, _told_decimals(row), language)
    key = "words.interval_signed" if float(row["lower"]) < 0 else "words.interval"
    return compose(
        key,
        language,
        capital=False,
        confidence=constant(level, language),
        lower=_number(row, "lower", language),
        upper=_number(row, "upper", language),
    )


def _told_decimals(row: Row) -> int:
    return 0 if math.isclose(float(row["confidence"]) * 100 % 1, 0, abs_tol=1e-9) else 1


def _number(row: Row, column: str, language: str) -> Sentence:
    text = numbers.number(float(row[column]), _decimals(row), language)
    return number(text, row.reference(column), row.release_id, language)


def _decimals(row: Row) -> int:
    """Give so many decimals that no interval is rounded onto zero, and a narrow one keeps its width."""
    described = labels.described_by(row)
    lower, upper = float(row["lower"]), float(row["upper"])
    # Of something counted in hundreds a tenth is noise.
    own = 0 if upper - lower >= _WIDE else labels.OWN_DECIMALS
    least = own if described is None else described.decimals
    nearest = math.inf if lower <= 0 <= upper else min(abs(lower), abs(upper))
    for decimals in range(least, _MOST_DECIMALS):
        step = 10.0**-decimals
        if nearest >= step / 2 and upper - lower >= 5 * step:
            return decimals
    return max(least, _MOST_DECIMALS)


def _arm(row: Row, arm: str, column: str, language: str) -> Sentence:
    name = text_of("arm", arm, language)
    if not row.shown:
        return compose("vaikuttavuus.arms.hidden", language, capital=False, arm=name)
    told = number(
        numbers.count(round(float(row[column])), language), row.reference(column), row.release_id, language
    )
    return compose("vaikuttavuus.arms.one", language, capital=False, arm=name, count=told)


def text_of(table: str, key: str, language: str) -> str:
    """Give the words of a key of vaikuttavuus.toml, such as a check or a caveat."""
    full = f"vaikuttavuus.{table}.{key}"
    if full not in keys(language):
        raise SosrakeError(
            f"words_effects: {table} {key!r} has no sentence; add it to language/fi and language/en, "
            "vaikuttavuus.toml"
        )
    return say(full, language)
