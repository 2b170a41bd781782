"""What the calculator makes of an entry: scores, classes, changes and the profile, all by the library."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from sosrake_lib.catalogue import ScoredScale
from sosrake_lib.effects.instruments import change_options, import_scores, score_instrument, turned
from sosrake_lib.effects.person import PersonChange, PersonProfile, person_change, person_profile
from sosrake_lib.serving.calculator_entry import TIMES, Asked, Entered


@dataclass(frozen=True, eq=False)
class ScaleResult:
    """A scale's scores by time, their classes, and the change; `repr` shows nothing of a person.

    `score` is NaN and `reason` says why where there is none; `band` is the class's name or "", `band_reason`
    why there is none. `change` is None without both scores or without deviation and reliability.
    """

    scale: ScoredScale
    score: dict[str, float]
    answered: dict[str, float]
    reason: dict[str, str]
    band: dict[str, str]
    band_reason: dict[str, str]
    change: PersonChange | None

    def __repr__(self) -> str:
        """Name the scale, not the scores."""
        return f"ScaleResult({self.scale.key})"

    @property
    def both(self) -> bool:
        """Whether there is a score both before and after."""
        return not any(math.isnan(value) for value in self.score.values())


@dataclass(frozen=True, eq=False)
class Results:
    """All scales of an entry, its profile (None when the instrument has one area only) and the rule used."""

    scales: tuple[ScaleResult, ...]
    profile: PersonProfile | None
    missing_rule: str

    def __repr__(self) -> str:
        """Say that there is something, not what."""
        return f"Results({len(self.scales)} scales)"


def results(asked: Asked, entered: Entered) -> Results:
    """Score an entry and judge its changes."""
    people = _scored(asked, entered)
    scales = tuple(_scale(asked, entered, people, scale) for scale in asked.scales)
    return Results(scales, _profile(asked, entered, scales), str(people["missing_rule"].iloc[0]))


def _scored(asked: Asked, entered: Entered) -> pd.DataFrame:
    keys = list(dict.fromkeys(key for _, key in entered.values))
    data = pd.DataFrame({f"q_{key}": [entered.values[time, key] for time in TIMES] for key in keys})
    data = data.assign(person="-", time=list(TIMES), sex=entered.sex, age=entered.age)
    record = asked.instrument.key
    sex, age = ("sex", "age") if asked.needs_sex_and_age else (None, None)
    if not asked.by_answers:
        wanted = {key: f"q_{key}" for key in keys}
        return import_scores(data, record, scores=wanted, time="time", sex=sex, age=age).people
    return score_instrument(
        data,
        record,
        items=[f"q_{key}" for key in keys],
        time="time",
        sex=sex,
        age=age,
        scales=tuple(scale.key for scale in asked.scales),
        coded_from=asked.coded_from,
    ).people


def _scale(asked: Asked, entered: Entered, people: pd.DataFrame, scale: ScoredScale) -> ScaleResult:
    rows = people.loc[people["scale"] == scale.key].set_index("time")
    # classes of a formative instrument are a way of reading single answers, no cut-off
    bands = () if asked.instrument.formative else scale.bands
    names = {band.key: band.name_en if asked.language == "en" else band.name_fi for band in bands}
    none = "" if bands else "no_classes"
    score = {time: float(rows.loc[time, "score"]) for time in TIMES}
    return ScaleResult(
        scale=scale,
        score=score,
        answered={time: float(rows.loc[time, "items_answered"]) for time in TIMES},
        reason={time: str(rows.loc[time, "reason"]) for time in TIMES},
        band={time: names.get(rows.loc[time, "band"], "") for time in TIMES},
        band_reason={time: str(rows.loc[time, "band_reason"]) or none for time in TIMES},
        change=_change(asked, entered, scale, score),
    )


def _change(
    asked: Asked, entered: Entered, scale: ScoredScale, score: dict[str, float]
) -> PersonChange | None:
    sd, reliability = entered.sd[scale.key], entered.reliability[scale.key]
    if any(math.isnan(value) for value in (*score.values(), sd, reliability)):
        return None
    options = change_options(asked.instrument.key, scale.key, reliability).arguments()
    return person_change(
        *(score[time] for time in TIMES),
        sd=sd,
        reliability=reliability,
        higher_is_better=options["higher_is_better"],
        cutoff=options["cutoff"] if options["clinical"] else None,
    )


def _profile(asked: Asked, entered: Entered, scales: tuple[ScaleResult, ...]) -> PersonProfile | None:
    areas = _areas_of_scales(asked, scales)
    if len(areas) < 2 and asked.by_answers:
        areas = _areas_of_items(asked, entered)
    return person_profile(pd.DataFrame(areas)) if len(areas) > 1 else None


def _areas_of_scales(asked: Asked, scales: tuple[ScaleResult, ...]) -> list[dict[str, object]]:
    """Take the scales that stand for an area of their own: no summary, none that holds another."""
    sets = [set(one.scale.items) for one in scales]
    return [
        {
            "area": asked.scale_name(one.scale),
            "before": one.score[TIMES[0]],
            "after": one.score[TIMES[1]],
            "lowest": one.scale.minimum,
            "highest": one.scale.maximum if one.scale.top_coded is None else one.scale.top_coded,
            "higher_is_better": one.scale.higher_is_better,
        }
        for one, own in zip(scales, sets, strict=True)
        if not one.scale.summary and not any(other and other < own for other in sets)
    ]


def _areas_of_items(asked: Asked, entered: Entered) -> list[dict[str, object]]:
    """Take single questions, turned where the form asks the other way round; sensitive ones are left out."""
    record = asked.instrument
    hidden = {item for scale in record.scales if scale.sensitive for item in scale.items}
    numbers = range(1, record.items + 1)
    marked = [[entered.values[time, str(number)] for number in numbers] for time in TIMES]
    low, high = asked.coded_from, asked.coded_from + record.item_max - record.item_min
    own = turned(marked, record.reverse, low, high)
    return [
        {
            "area": asked.item_name(number),
            "before": own[0, number - 1],
            "after": own[1, number - 1],
            "lowest": low,
            "highest": high,
            "higher_is_better": record.scales[0].higher_is_better,
        }
        for number in numbers
        if number not in hidden
    ]
