"""How an effect enters a release: one row for the estimate, one row for the size of each arm.

The estimate is protected by the people behind its smallest arm; each arm's size is a count of its own and is
hidden when it is small. Results of checks are left out: "dropout 0.143" beside 12 pairs tells of two people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib import regions
from sosrake_lib.effects import coverage
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.ladder import verdict
from sosrake_lib.errors import DisclosureError, SosrakeError
from sosrake_lib.language import say
from sosrake_lib.protect.beside import ARM_STATISTIC, ARMS_SUFFIX
from sosrake_lib.protect.rules import RuleSet, house_rules, rule_set

STATISTIC = "effect"
# Arms that are compared, by what they count; the other entries of Effect.n are people left out, or classes.
TIMES = ("before", "after", "baseline", "treatment")
PEOPLE = ("paired", "comparison")
COMPARED = (*TIMES, *PEOPLE, "treated", "control", "donors", "treated_near", "control_near")
CLASSES = ("up", "down", "unchanged")
# Sizes after weighting count nobody; these count no people, whatever the other arms count.
_NO_COUNT = ("effective_",)
_UNITS = ("groups", "municipalities")
# What an estimate's scale reads as: a figure that rises, an index towards the wanted, levels, odds.
FORMS = {"Tau": "wanted", "share": "levels", "log odds": "odds"}
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when an effect is true, and of whom: the key of its rows.

    `borders` : the year whose map the code belongs to; left out, today's.
    """

    region_level: str
    region_code: str
    period: str
    borders: int = regions.CURRENT_YEAR
    sex: str = "total"
    age: str = frames.ALL_AGES
    group: str = frames.ALL_GROUPS


def effect_frame(
    effect: Effect,
    place: Place,
    *,
    indicator: str,
    people: int | str | None,
    events: Mapping[str, int] | None = None,
    origin: str = "own",
    made_from: str = "",
    unit: tuple[str, str] | None = None,
    rules: str | RuleSet = "vakio",
    statistic: str = STATISTIC,
) -> pd.DataFrame:
    """Turn an Effect into rows that `protect.part` protects.

    Parameters
    ----------
    effect : what was estimated.
    place : key of the rows.
    indicator : the outcome; its name and unit are looked up in the catalogue, or given where it is shown.
    people : "n" when the effect's arms count people; else the number of people behind the smallest figure the
        effect rests on (arms are municipalities or periods); None only with made_from="published".
    events : of an outcome of yes and no: arm -> people with yes. Its rarer answer then decides, for a
        difference of two shares gives small numbers back.
    origin, made_from : of the figures: "own" or "synthetic"; made_from="published" when every figure was a
        source's own aggregate (released by rules `avoin`).
    unit : the unit in Finnish and English; left out, taken from the catalogue or the known units.
    rules : rule set whose `least_degrees` bounds the degrees of freedom.
    statistic : another name for a second effect of the same key; its arms are those of the first.

    Returns
    -------
    Analysed indicator frame. The effect's row: value, lower, upper, standard_error, p_value, df, n (least
    arm), denominator (people), claim, groups, times, assignment, verdict (`effects.ladder.verdict`), reason,
    kind (what n counts), category (how the scale reads), caveats and checks (keys). Arms of people are rows
    of their own, so that a small one is hidden alone: indicator with `.n` behind, group the arm, value its
    size. Arms that count no people are columns `n_<arm>`.

    A model of people with fewer degrees of freedom than `least_degrees`, or than the minimum less one, nearly
    repeats its people: the row comes out suppressed.

    Those who began are those measured twice and those lost. `protect.part` reckons with that sum
    (`beside.arms`): where few were lost, no figure of the same place and time may tell how many began.

    Raises
    ------
    DisclosureError when people are not told, or `people="n"` of arms that count no people.

    Examples
    --------
    >>> from sosrake_lib.effects.prepost import paired_change
    >>> change = paired_change([18, 22, 15, 25, 19], [14, 20, 15, 18, 12], unit="points")
    >>> rows = effect_frame(change, Place("hva", "E1", "2024"), indicator="toimintakyky", people="n",
    ...                     origin="synthetic")
    >>> rows[["indicator", "statistic", "group", "value", "verdict"]].values.tolist()[0]
    ['toimintakyky', 'effect', 'all', -4.0, 'decrease']
    """
    # What the coverage simulation found of this way of reckoning goes along as a caveat.
    effect = coverage.labelled(effect)
    counted = _counted(effect, people, made_from)
    house = house_rules(rule_set(rules) if isinstance(rules, str) else rules)
    least_df = max(house.least_degrees, house.minimum_count - 1)
    bare = people == "n" and np.isfinite(effect.df) and effect.df < least_df
    row = _key(place, indicator) | {
        "statistic": statistic,
        "per": 1.0,
        "origin": origin,
        "made_from": made_from,
        "confidence": effect.confidence,
        "kind": counted,
        "status": "suppressed" if bare else "ok",
    }
    if not bare:
        row |= _told(effect) | _units(effect, unit) | _behind(effect, people, events)
    named = [
        arm for arm in effect.n if not arm.startswith(_NO_COUNT) and (counted != "people" or arm in _UNITS)
    ]
    rows = [row | ({} if bare else {f"n_{arm}": float(effect.n[arm]) for arm in named})]
    if counted == "people" and statistic == STATISTIC:
        rows += _arm_rows(effect, place, indicator, origin, made_from)
    return frames.check(pd.DataFrame(rows), file="effect_frame")


def _counted(effect: Effect, people: int | str | None, made_from: str) -> str:
    """What the arms count: people, areas (or other units) or times."""
    if people is None and made_from != "published":
        raise DisclosureError(
            "effect_frame: people is not told, so nothing protects the figure; give people='n' when the arms "
            "count people, else the people behind the smallest figure, or made_from='published'"
        )
    if isinstance(people, str) and people != "n":
        raise DisclosureError(f"effect_frame: people {people!r}; expected 'n', a whole number or None")
    if not isinstance(people, str) and people is not None and (people != int(people) or people < 0):
        raise DisclosureError(f"effect_frame: people {people!r}; expected a whole number of 0 or more")
    named = set(effect.n)
    if named & set(TIMES) or not named & set(COMPARED):
        if people == "n":
            raise DisclosureError(
                f"effect_frame: the arms {', '.join(effect.n)} count times, not people; give the number of "
                "people behind the smallest figure"
            )
        return "times"
    return "people" if people == "n" or named & set(PEOPLE) else "areas"


def _told(effect: Effect) -> dict[str, object]:
    for name in (*effect.caveats, *effect.assumptions["check"]):
        if not _KEY.fullmatch(name):
            raise DisclosureError(
                f"effect_frame: caveat or check {name!r} is free text; only keys may leave the house"
            )
    pairs = zip(effect.assumptions["check"], effect.assumptions["verdict"], strict=True)
    return {
        "value": effect.estimate,
        "lower": effect.lower,
        "upper": effect.upper,
        "standard_error": effect.standard_error,
        "p_value": effect.p_value,
        "df": effect.df if np.isfinite(effect.df) else np.nan,
        "n": float(_least(effect)),
        "method": effect.method,
        "claim": effect.claim.value,
        "groups": float(effect.design.groups),
        "times": float(effect.design.times),
        "assignment": effect.design.assignment,
        "verdict": verdict(effect),
        "reason": "zero_inside" if effect.lower <= 0 <= effect.upper else "zero_outside",
        "category": FORMS.get(effect.unit, "amount"),
        "caveats": " ".join(effect.caveats),
        "checks": " ".join(f"{check}={judged}" for check, judged in pairs),
    }


def _least(effect: Effect) -> int:
    arms = [count for name, count in effect.n.items() if name in COMPARED]
    return min(arms) if arms else min(effect.n.values(), default=0)


def _units(effect: Effect, unit: tuple[str, str] | None) -> dict[str, str]:
    if unit is not None:
        return {"unit_fi": unit[0], "unit_en": unit[1]}
    if not effect.unit or effect.unit in FORMS:
        return {}
    key = f"vaikuttavuus.unit.{effect.unit.replace(' ', '_')}"
    try:
        return {"unit_fi": say(key, "fi"), "unit_en": say(key, "en")}
    except SosrakeError as problem:
        raise DisclosureError(
            f"effect_frame: unit {effect.unit!r} has no words in Finnish and English; give unit=(fi, en)"
        ) from problem


def _behind(effect: Effect, people: int | str | None, events: Mapping[str, int] | None) -> dict[str, float]:
    """The people the row is protected by: numerator of a share, denominator of any other estimate."""
    if people is None:
        return {}
    least = float(_least(effect) if people == "n" else people)
    if set(CLASSES) <= set(effect.n):
        return {"numerator": float(_rarest([effect.n[name] for name in CLASSES])), "denominator": least}
    if events is None:
        return {"denominator": least}
    unknown = sorted(set(events) - set(effect.n))
    if unknown:
        raise DisclosureError(f"effect_frame: events of {unknown[0]!r}; the arms are {', '.join(effect.n)}")
    answers = [count for arm, yes in events.items() for count in (yes, effect.n[arm] - yes)]
    return {"numerator": float(_rarest(answers)), "denominator": least}


def _rarest(counts: list[int]) -> int:
    """The smallest number that is somebody: nobody is no secret."""
    return min((count for count in counts if count > 0), default=0)


def _arm_rows(
    effect: Effect, place: Place, indicator: str, origin: str, made_from: str
) -> list[dict[str, object]]:
    """One count of people a row; the classes of an ordinal change are left out: they add up to its pairs."""
    rows = []
    for arm, size in effect.n.items():
        if arm.startswith(_NO_COUNT) or arm in (*CLASSES, *_UNITS):
            continue
        group = arm if place.group == frames.ALL_GROUPS else f"{place.group}:{arm}"
        row = _key(place, indicator + ARMS_SUFFIX) | {"group": group, "statistic": ARM_STATISTIC}
        row |= {"value": float(size), "per": 1.0, "status": "ok", "kind": "people"}
        rows.append(row | {"origin": origin, "made_from": made_from, "confidence": effect.confidence})
    return rows


def _key(place: Place, indicator: str) -> dict[str, object]:
    key = {column: getattr(place, column) for column in frames.KEY if column != "indicator"}
    blank = ("method", "claim", "assignment", "verdict", "reason", "category", "caveats", "checks")
    numbers = ("value", "standard_error", "p_value", "df", "n", "groups", "times")
    empty = dict.fromkeys(numbers, np.nan) | dict.fromkeys((*blank, "unit_fi", "unit_en"), "")
    return {"indicator": indicator, **key, **empty}
