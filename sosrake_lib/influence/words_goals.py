"""Sentences on goals: how many were reached, what the T score says, whether raters agree, known limits."""

from __future__ import annotations

from typing import Any

from sosrake_lib.effects.goals import GOAL_CAVEATS
from sosrake_lib.effects.goals.kernels import EXPECTED
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import pieces
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, number
from sosrake_lib.influence.words_instruments import caveat_text, interval, percent, points
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

AGREEMENT = ("good", "moderate", "poor")


def answer(reached: Selection | Row, least: Selection | Row, language: str = "fi") -> Sentence:
    """Say the share of goals reached, and the least it can be when goals never rated count as not reached.

    Parameters
    ----------
    reached, least : one row of `tavoitteet_osuus` and one of `tavoitteet_osuus_kaikki`.
    """
    row, worst = one_row(reached), one_row(least)
    where: dict[str, Any] = {
        "place_in": pieces.place(row, language),
        "when": pieces.time(row, language),
    }
    if not row.shown:
        return compose("tavoitteet.words.hidden", language, **where)
    told: dict[str, Any] = where | {
        "value": percent(row, "value", language),
        "interval": pieces.interval(row, "lower", "upper", language),
    }
    if not worst.shown:
        return compose("tavoitteet.words.answer_plain", language, **told)
    return compose(
        "tavoitteet.words.answer",
        language,
        **told,
        least=percent(worst, "value", language),
        least_interval=pieces.interval(worst, "lower", "upper", language),
    )


def amounts(selection: Selection, language: str = "fi") -> Sentence:
    """Say how many clients have goals, and how many goals a client has on average.

    Parameters
    ----------
    selection : rows of part `maarat` of one area.
    """
    rows = {str(row["indicator"]): row for row in rows_of(selection)}
    clients, mean = (rows[f"tavoitteet_{name}"] for name in ("asiakkaat", "asiakasta_kohti"))
    if not (clients.shown and mean.shown):
        return Sentence(say("tavoitteet.words.amounts_hidden", language), language)
    count = numbers.count(round(float(clients["value"])), language)
    return compose(
        "tavoitteet.words.amounts",
        language,
        clients=number(count, clients.reference("value"), clients.release_id, language),
        mean=points(mean, "value", language, 1),
    )


def t_score(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say the mean T score and whether it can be told from what was expected together, 50."""
    row = one_row(selection)
    if not row.shown:
        return Sentence(say("tavoitteet.words.t_hidden", language), language)
    low, high = float(row["lower"]), float(row["upper"])
    key = "t_above" if low > EXPECTED else "t_below" if high < EXPECTED else "t_holds"
    return compose(
        "tavoitteet.words.t",
        language,
        value=points(row, "value", language, 1),
        interval=pieces.interval(row, "lower", "upper", language),
        verdict=say(f"tavoitteet.words.{key}", language),
    )


def unrated(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say the share of goals that nobody rated."""
    row = one_row(selection)
    if not row.shown:
        return Sentence(say("tavoitteet.no_figures", language), language)
    return compose(
        "tavoitteet.words.unrated",
        language,
        value=percent(row, "value", language),
        interval=pieces.interval(row, "lower", "upper", language),
    )


def raters(selection: Selection, language: str = "fi") -> Sentence:
    """Say how far two raters agree; without a second rater that it is not known."""
    if not len(selection) or not one_row(selection).shown:
        return Sentence(say("tavoitteet.words.no_raters", language), language)
    row = one_row(selection)
    if row["verdict"] not in AGREEMENT:
        raise SosrakeError(f"raters: verdict {row['verdict']!r}; expected one of {', '.join(AGREEMENT)}")
    goals = numbers.count(round(float(row["goals"])), language)
    return compose(
        "tavoitteet.words.raters",
        language,
        goals=number(goals, row.reference("goals"), row.release_id, language),
        exact=percent(row, "exact", language),
        value=points(row, "value", language),
        interval=interval(row, "lower", "upper", language),
        verdict=say(f"tavoitteet.words.{row['verdict']}", language),
    )


def limits(found: tuple[str, ...] = GOAL_CAVEATS, language: str = "fi") -> list[Sentence]:
    """Say the known limits of goal attainment, and the caveats of these data, each once."""
    return [
        Sentence(caveat_text(key, language, "tavoitteet"), language)
        for key in dict.fromkeys((*GOAL_CAVEATS, *found))
    ]


def plan_caveats(selection: Selection, language: str = "fi") -> list[Sentence]:
    """Say what must be known of goals as recorded in client plans, beside what every figure of goals has.

    Parameters
    ----------
    selection : rows of part `suunnitelma`, with `caveats`; empty rows give nothing.
    """
    if not len(selection):
        return []
    carried = [key for row in rows_of(selection) if row.shown for key in str(row["caveats"]).split()]
    return [
        Sentence(caveat_text(key, language, "tavoitteet"), language)
        for key in dict.fromkeys(carried)
        if key not in GOAL_CAVEATS
    ]


def limits_of(selection: Selection | Row, language: str = "fi") -> list[Sentence]:
    """Say the limits that the change of goals carries, beside those every figure of goals has."""
    row = one_row(selection)
    carried = str(row["caveats"]).split() if row.shown else []
    common = ("regression_to_the_mean", "dropout", "few_pairs")
    return limits(tuple(key for key in carried if key not in common), language)
