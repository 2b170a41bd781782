"""The design ladder: from how figures came about to what may be claimed, how, and after which checks.

The user states groups, times, assignment and measure; the sizes when they are known. The needs of estimators
are data (ladder.toml), the texts stand in the language room (vaikuttavuus.toml).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.coverage import simulated
from sosrake_lib.effects.design import FEW_UNITS, Claim, Design
from sosrake_lib.effects.effect import Effect
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say

ESTIMATOR_COLUMNS = (
    "estimator",
    "function",
    "claim",
    "label",
    *("name_fi", "name_en", "label_fi", "label_en"),
    *("simulation", "coverage", "fails_in", "simulation_fi", "simulation_en"),
)
CHECK_COLUMNS = ("check", "estimators", "name_fi", "name_en")
REFUSED_COLUMNS = ("kind", "key", "reason", "reason_fi", "reason_en")
VERDICTS = ("increase", "decrease", "not_shown", "too_little_data")

Refusal = tuple[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is; None = not stated.

    Attributes
    ----------
    treated, control : units compared in each arm (people, municipalities, offices). before, after : times
        measured on each side of the change. lost : share of people without a second measurement, 0 to 1.
    broken : the way of counting changed within the series.
    """

    treated: int | None = None
    control: int | None = None
    before: int | None = None
    after: int | None = None
    lost: float | None = None
    broken: bool = False

    def __post_init__(self) -> None:
        for name in ("treated", "control", "before", "after"):
            value = getattr(self, name)
            if value is not None and (value != int(value) or value < 1):
                raise SosrakeError(f"Sizes: {name} {value!r}; expected a whole number of 1 or more, or None")
        if self.lost is not None and not 0 <= self.lost < 1:
            raise SosrakeError(f"Sizes: lost {self.lost!r}; expected a share from 0 to below 1, or None")

    @property
    def least_arm(self) -> int | None:
        """Units in the smaller stated arm."""
        return min((count for count in (self.treated, self.control) if count is not None), default=None)

    @property
    def least_side(self) -> int | None:
        """Times on the shorter stated side."""
        return min((count for count in (self.before, self.after) if count is not None), default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """What a design allows.

    Attributes
    ----------
    design, measure, sizes : as stated.
    claim : the most that an allowed estimator may claim here; without one, what the design allows.
    estimators : `estimator, function, claim, label, name_fi, name_en, label_fi, label_en, simulation,
        coverage, fails_in, simulation_fi, simulation_en`: claim is the most this one may claim here, label
        why it is lower than the design's, or what must be told with it (""). simulation is what the coverage
        simulation found at the nearest size (`effects.coverage.Simulated.outcome`): an estimator that "fails"
        may be used, but never without its simulation_fi or simulation_en beside the result.
    checks : `check, estimators, name_fi, name_en`: what has to hold; the estimators' `assumptions` judge it.
    refused : `kind, key, reason, reason_fi, reason_en`: kind "estimator" or "claim".
    """

    design: Design
    measure: str
    sizes: Sizes
    claim: Claim
    estimators: pd.DataFrame
    checks: pd.DataFrame
    refused: pd.DataFrame

    def words(self, language: str = "fi") -> frozenset[str]:
        """Give every word and phrase that may say the result: those of the claim and of what it permits."""
        return frozenset().union(*(claim.words(language) for claim in self.claim.permits))


def ladder(
    groups: int, times: int, assignment: str = "none", measure: str = "score", sizes: Sizes | None = None
) -> Ladder:
    """Say what a design allows one to claim, how to estimate it, and what has to be checked.

    Parameters
    ----------
    groups, times, assignment : see `Design`.
    measure : "score" (a number of each person), "levels" (ordered classes of each person), "goals" (goal
        attainment), "figure" (a figure of each municipality, office or other unit, or one series),
        "observations" (repeated values of one person or one small group).
    sizes : see `Sizes`; what is not stated cannot lower a claim here, but the estimator will.

    Raises
    ------
    SosrakeError for an impossible design or size, or an unknown measure.

    Examples
    --------
    >>> bare = ladder(1, 2)
    >>> bare.claim.value, "paired_group_change" in bare.estimators["estimator"].tolist()
    ('muutos', True)
    >>> few = ladder(2, 8, "by_rule", "figure", Sizes(treated=2, control=11, before=5, after=3))
    >>> few.estimators.set_index("estimator").loc["twfe", ["claim", "label"]].tolist()
    ['yhteys', 'few_units']
    """
    known = _data()["measures"]
    if measure not in known:
        raise SosrakeError(f"ladder: measure {measure!r}; expected one of {', '.join(known)}")
    design, sizes = Design(groups, times, assignment), sizes or Sizes()
    sizes = _consistent(design, sizes)
    allowed, refused = [], []
    for key, needs in _data()["estimator"].items():
        refusal = _refusal(needs, design, measure, sizes)
        if refusal is None:
            allowed.append((key, needs["function"], *_claim(needs, design, sizes)))
        else:
            refused.append(("estimator", key, *refusal))
    claim = _highest([one for _, _, one, _ in allowed], design.claim)
    refused += _claims_refused(claim, design)
    return Ladder(
        design,
        measure,
        sizes,
        claim,
        _estimator_frame(allowed, design, sizes),
        _check_frame([key for key, *_ in allowed]),
        _refused_frame(refused),
    )


def verdict(effect: Effect) -> str:
    """Judge an estimate: increase, decrease, not_shown or too_little_data.

    A direction is given only when the interval leaves zero out and the test, where there is one, agrees. An
    interval that holds zero is "not shown", never "no change"; with few units or times it is too little data.
    Caveats that take the interval's ground away (one cluster in an arm, fewer than two degrees of freedom,
    an uncorrected short series) are too little data whatever the interval says.

    Examples
    --------
    >>> from sosrake_lib.effects.prepost import paired_change
    >>> verdict(paired_change([18, 22, 15, 25, 19, 20], [14, 19, 12, 21, 15, 16], unit="points"))
    'decrease'
    >>> verdict(paired_change([18, 22, 15, 25], [14, 24, 15, 24], unit="points"))
    'too_little_data'
    """
    rules, told = _data()["verdict"], set(effect.caveats)
    never = set(rules["never"])
    if effect.method in rules["exact"]:
        never -= set(rules["never_of_exact"])
    if told & never or (np.isfinite(effect.df) and effect.df < rules["least_df"]):
        return "too_little_data"
    tested = not np.isfinite(effect.p_value) or effect.p_value < 1 - effect.confidence
    if effect.lower > 0 and tested:
        return "increase"
    if effect.upper < 0 and tested:
        return "decrease"
    return "too_little_data" if told & set(rules["few"]) else "not_shown"


def _consistent(design: Design, sizes: Sizes) -> Sizes:
    if sizes.before is not None and sizes.after is not None and sizes.before + sizes.after != design.times:
        raise SosrakeError(
            f"ladder: {sizes.before} times before and {sizes.after} after make {sizes.before + sizes.after}, "
            f"times is {design.times}; correct one of them"
        )
    if design.groups == 1 and sizes.control is not None:
        raise SosrakeError(
            f"ladder: one group has no control units (control={sizes.control}); groups=2, or leave it out"
        )
    return sizes


def _refusal(needs: Mapping[str, Any], design: Design, measure: str, sizes: Sizes) -> Refusal | None:
    """Say why an estimator does not fit, or None when it does."""
    if measure not in needs["measures"]:
        return f"measure_{needs['measures'][0]}", {}
    if needs["groups"] == 1 and design.groups > 1:
        return "leaves_the_comparison_unused", {}
    if needs["groups"] == 2 and design.groups == 1:
        return "needs_comparison", {}
    if "assignments" in needs and design.assignment not in needs["assignments"]:
        return f"needs_{needs['assignments'][0]}", {}
    if design.times < needs["times"]:
        return "needs_times", {"least": needs["times"], "given": design.times}
    for side in ("before", "after", "treated", "control"):
        given, least = getattr(sizes, side), needs.get(side, 1)
        if given is not None and given < least:
            return f"needs_{side}", {"least": least, "given": given}
    if sizes.broken and needs.get("breaks") == "refused":
        return "series_breaks", {}
    if needs.get("lost") and sizes.lost == 0:
        return "nobody_lost", {}
    return None


def _claim(needs: Mapping[str, Any], design: Design, sizes: Sizes) -> tuple[Claim, str]:
    """The most an allowed estimator may claim, and why that is less than the design's or needs a word."""
    most, why = _cap(needs, sizes)
    lowered = design.claim if most is None else design.claim.capped(most)
    if lowered is not design.claim:
        return lowered, why
    if (needs.get("units") and sizes.least_arm is None) or (needs.get("points") and sizes.least_side is None):
        return lowered, "sizes_not_stated"
    if needs.get("breaks") == "labelled" and sizes.broken:
        return lowered, "series_breaks"
    much = sizes.lost is not None and sizes.lost > _data()["much_dropout"]
    return lowered, "much_dropout" if much and "dropout" in needs["checks"] else ""


def _cap(needs: Mapping[str, Any], sizes: Sizes) -> tuple[Claim | None, str]:
    """What the sizes allow at most, and the label that says why."""
    arm, side = sizes.least_arm, sizes.least_side
    if needs.get("points") and side is not None and side < _data()["few_points"]:
        return Claim.ERO, "few_points"
    units = needs.get("units", "")
    if units == "one_followed" or (units == "followed" and arm == 1):
        return Claim.YHTEYS, "one_unit_followed"
    if units and arm is not None and arm < FEW_UNITS:
        return (Claim.ERO, "one_unit") if arm == 1 else (Claim.YHTEYS, "few_units")
    return None, ""


def _highest(claims: list[Claim], otherwise: Claim) -> Claim:
    """The claim that no other is stronger than; claims of one design are never of two kinds."""
    highest = [one for one in claims if not any(other.stronger_than(one) for other in claims)]
    return highest[0] if highest else otherwise


def _claims_refused(claim: Claim, design: Design) -> list[tuple]:
    return [
        ("claim", one.value, _why_not(one, claim, design), {}) for one in Claim if one not in claim.permits
    ]


def _why_not(wanted: Claim, claim: Claim, design: Design) -> str:
    if wanted in design.claim.permits:
        return "too_few_for_the_claim"
    if wanted is Claim.MUUTOS:
        return "one_time_only" if design.times == 1 else "difference_is_another_kind"
    if design.groups == 1:
        return "nothing_compared"
    if wanted is Claim.YHTEYS:
        return "groups_are_what_they_are"
    return "not_assigned_by_lot" if wanted is Claim.VAIKUTUS else "not_assigned_by_rule_over_time"


def _estimator_frame(allowed: list[tuple], design: Design, sizes: Sizes) -> pd.DataFrame:
    rows = []
    for key, function, claim, label in allowed:
        found = simulated(key, treated=sizes.treated, times=design.times)
        told = (found.outcome, found.coverage, ", ".join(found.fails_in), found.text("fi"), found.text("en"))
        rows.append((key, function, claim.value, label, *_both(_named, key), *_both(_labelled, label), *told))
    return pd.DataFrame(rows, columns=list(ESTIMATOR_COLUMNS))


def _check_frame(estimators: list[str]) -> pd.DataFrame:
    users: dict[str, list[str]] = {}
    for key in estimators:
        for check in _data()["estimator"][key]["checks"]:
            users.setdefault(check, []).append(key)
    rows = [(check, ", ".join(names), *_both(_check, check)) for check, names in users.items()]
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS))


def _refused_frame(refused: list[tuple]) -> pd.DataFrame:
    rows = [
        (kind, key, reason, *(say(f"vaikuttavuus.refused.{reason}", one, **given) for one in ("fi", "en")))
        for kind, key, reason, given in refused
    ]
    return pd.DataFrame(rows, columns=list(REFUSED_COLUMNS))


def _both(text: Callable[[str, str], str], key: str) -> tuple[str, str]:
    return text(key, "fi"), text(key, "en")


def _named(key: str, language: str) -> str:
    return say(f"vaikuttavuus.estimator.{key}", language)


def _check(key: str, language: str) -> str:
    return say(f"vaikuttavuus.check.{key}", language)


def _labelled(key: str, language: str) -> str:
    return say(f"vaikuttavuus.label.{key}", language) if key else ""


@cache
def _data() -> dict[str, Any]:
    text = resources.files("sosrake_lib.effects").joinpath("ladder.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
