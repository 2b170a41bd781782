"""The calculator's results in words, tables and bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from markupsafe import Markup

from sosrake_lib.effects.change import CLASS_NAMES
from sosrake_lib.effects.person import PersonChange, PersonProfile
from sosrake_lib.language import numbers, say
from sosrake_lib.serving.calculator_entry import TIMES, Asked, plain, time_name
from sosrake_lib.serving.calculator_scores import Results, ScaleResult
from sosrake_lib.serving.html import element

_BAR_STEPS = 100


def instrument_lines(asked: Asked) -> Iterator[str]:
    """Say what is measured, which way is wanted, the rule of missing answers and where the words are."""
    record, language = asked.instrument, asked.language
    measures = record.measures_en if language == "en" else record.measures_fi
    yield say("mittarilaskuri.about.measures", language, measures=measures)
    better = {scale.higher_is_better for scale in asked.scales}
    if len(better) == 1:
        yield say(f"mittarilaskuri.about.{'higher_better' if better.pop() else 'higher_worse'}", language)
    if record.kind == "items" and not record.items_shipped:
        yield say("mittarilaskuri.about.wording", language)
    if asked.by_answers:
        allowed = max(scale.max_missing for scale in asked.scales)
        kind = "published" if record.missing_source else "complete"
        yield say(f"mittarilaskuri.about.missing_{kind}", language, allowed=allowed)
    hidden = [scale for scale in record.scales if not scale.verified]
    if hidden:
        names = ", ".join(asked.scale_name(scale) for scale in hidden)
        yield say("mittarilaskuri.about.unverified", language, names=names)
    yield say("mittarilaskuri.about.source", language, source=record.source)


def scores(asked: Asked, results: Results) -> Markup:
    """Lay out scores with their classes, and say why a score or a class is not there."""
    language = asked.language
    heads = ("asked_scale", *(f"time.{time}" for time in TIMES))
    head = [element("th", say(f"mittarilaskuri.{name}", language), scope="col") for name in heads]
    rows = [
        element(
            "tr",
            element("th", _named(asked, one), scope="row"),
            *(element("td", *_score(asked, one, time)) for time in TIMES),
        )
        for one in results.scales
    ]
    table = element(
        "table",
        element("caption", say("mittarilaskuri.caption.results", language)),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
    )
    heading = element("h2", say("mittarilaskuri.heading.scores", language))
    return heading + table + Markup("").join(element("p", line) for line in _reasons(asked, results))


def change(asked: Asked, results: Results) -> Markup:
    """Judge each scale's change, with the formula, the interval and other reliabilities."""
    language = asked.language
    parts = [element("h2", say("mittarilaskuri.heading.change", language))]
    both = [one for one in results.scales if one.both]
    judged = [one for one in both if one.change is not None]
    if not both:
        return parts[0] + element("p", say("mittarilaskuri.change.one_time", language))
    for one in judged:
        if one.change is not None:
            parts += _judged(asked, one, one.change)
    rest = [one for one in both if one.change is None]
    if rest:
        if judged:
            parts.append(element("h3", say("mittarilaskuri.change.others", language)))
        parts.append(element("ul", *(element("li", _moved(asked, one)) for one in rest)))
        parts.append(element("p", say("mittarilaskuri.change.not_judged", language)))
    if judged:
        parts.append(element("p", say("mittarilaskuri.change.meaning", language)))
    return Markup("").join(parts)


def profile(asked: Asked, found: PersonProfile) -> Markup:
    """Draw the areas as bars and name strengths first, then what moved and what to talk about."""
    language = asked.language
    parts = [
        element("h2", say("mittarilaskuri.heading.profile", language)),
        element("p", say("mittarilaskuri.profile.lead", language)),
    ]
    if not found.strongest:
        parts.append(element("p", say("mittarilaskuri.profile.even", language)))
    for name in ("strongest", "towards", "weakest", "away"):
        areas: Sequence[str] = getattr(found, name)
        if areas:
            parts.append(element("h3", say(f"mittarilaskuri.profile.{name}", language)))
            parts.append(element("ul", *(element("li", area) for area in areas)))
            parts.append(element("p", say(f"mittarilaskuri.profile.ask_{name}", language), class_="kysy"))
    heading = element("h3", say("mittarilaskuri.profile.bars", language))
    note = element("p", say("mittarilaskuri.profile.bars_note", language))
    rows = [_bars(row, language) for _, row in found.rows.iterrows()]
    return Markup("").join([*parts, heading, note, element("ul", *rows, class_="profiili")])


def limits(asked: Asked) -> Markup:
    """Say what the result does not tell and how to keep it."""
    names = ("diagnosis", "cause", "own_words", "print")
    lines = [element("li", say(f"mittarilaskuri.limits.{name}", asked.language)) for name in names]
    heading = element("h2", say("mittarilaskuri.heading.limits", asked.language))
    return heading + element("ul", *lines)


def _named(asked: Asked, one: ScaleResult) -> str:
    name = asked.scale_name(one.scale)
    return f"{name} ({say('mittarilaskuri.summary_only', asked.language)})" if one.scale.summary else name


def _score(asked: Asked, one: ScaleResult, time: str) -> list[object]:
    value = one.score[time]
    if pd.isna(value):
        empty = one.answered[time] == 0 or one.reason[time] == "no_score"
        return [say(f"mittarilaskuri.score.{'empty' if empty else 'missing'}", asked.language)]
    text = element("strong", plain(value, asked.language))
    top = one.scale.maximum if one.scale.top_coded is None else one.scale.top_coded
    ends = f" ({numbers.interval(one.scale.minimum, top, 0, asked.language)})"
    return [text, ends, *([element("br"), one.band[time]] if one.band[time] else [])]


def _reasons(asked: Asked, results: Results) -> list[str]:
    """Say once each why there is no score or class, and what stands in for empty answers."""
    language = asked.language
    why = {one.band_reason[time] for one in results.scales for time in TIMES if not one.band[time]}
    named = any(one.band[time] for one in results.scales for time in TIMES)
    told = [
        say(f"mittarilaskuri.band.{reason}", language)
        for reason in ("sex_or_age_needed", "not_verified", "no_classes")
        if reason in why and (named or reason != "no_classes")
    ]
    if why == {"no_classes"} and not named:
        told.append(say("mittarilaskuri.band.no_classes_at_all", language))
    lacking = {one.reason[time] for one in results.scales for time in TIMES if one.answered[time] > 0} - {""}
    if lacking:
        told.append(say("mittarilaskuri.score.too_many", language))
    filled = any(
        one.score[time] == one.score[time] and one.answered[time] < len(one.scale.items)
        for one in results.scales
        for time in TIMES
    )
    return [*told, say("mittarilaskuri.score.filled", language)] if filled else told


def _judged(asked: Asked, one: ScaleResult, found: PersonChange) -> list[Markup]:
    language, name = asked.language, asked.scale_name(one.scale)
    named = CLASS_NAMES[language][found.kind]
    kind = named[0].upper() + named[1:]
    lead = say(
        "mittarilaskuri.change.judged",
        language,
        scale=name,
        kind=kind,
        change=_points(found.change, language),
        interval=numbers.interval(found.lower, found.upper, 1, language),
        smallest=numbers.number(found.smallest, 1, language),
    )
    parts = [element("h3", name), element("p", lead)]
    if found.kind == "no_reliable_change":
        parts.append(element("p", say("mittarilaskuri.change.not_the_same", language)))
    key = "stable" if found.stable else "unstable"
    parts.append(element("p", say(f"mittarilaskuri.change.{key}", language)))
    return [*parts, _working(found, language)]


def _working(found: PersonChange, language: str) -> Markup:
    """Fold away how it was counted: the formula with its numbers and the classes at other reliabilities."""
    values = {
        "before": plain(found.before, language),
        "after": plain(found.after, language),
        "error": numbers.number(found.standard_error, 2, language),
        "index": numbers.number(found.index, 2, language),
        "single": numbers.number(found.measurement_error, 1, language),
    }
    heads = ("reliability", "smallest", "class")
    head = [element("th", say(f"mittarilaskuri.change.{name}", language), scope="col") for name in heads]
    rows = [
        element(
            "tr",
            element("th", numbers.number(row["reliability"], 2, language), scope="row"),
            element("td", numbers.number(row["smallest_reliable_change"], 1, language)),
            element("td", CLASS_NAMES[language][row["kind"]]),
        )
        for _, row in found.over_reliability.iterrows()
    ]
    return element(
        "details",
        element("summary", say("mittarilaskuri.change.how", language)),
        element("p", say("mittarilaskuri.change.formula", language)),
        element("p", say("mittarilaskuri.change.numbers", language, **values)),
        element(
            "table",
            element("caption", say("mittarilaskuri.caption.over", language)),
            element("thead", element("tr", *head)),
            element("tbody", *rows),
        ),
    )


def _moved(asked: Asked, one: ScaleResult) -> str:
    before, after = (one.score[time] for time in TIMES)
    wanted = (after > before) == one.scale.higher_is_better
    way = "same" if after == before else "towards" if wanted else "away"
    return say(
        f"mittarilaskuri.change.moved_{way}",
        asked.language,
        scale=asked.scale_name(one.scale),
        before=plain(before, asked.language),
        after=plain(after, asked.language),
    )


def _bars(row: pd.Series, language: str) -> Markup:
    bars = []
    for time, name in zip(TIMES, ("before", "after"), strict=True):
        if pd.isna(row[name]):
            continue
        width = round(_BAR_STEPS * float(row[f"share_{name}"]))
        told = f"{time_name(time, language)}: {plain(float(row[name]), language)}"
        bar = element("span", class_=f"palkki {time}", style=f"width: {width}%", aria_hidden="true")
        bars.append(element("div", element("span", told, class_="arvo"), element("div", bar, class_="ura")))
    if not bars:
        bars = [element("div", say("mittarilaskuri.score.empty", language))]
    return element("li", element("strong", row["area"]), *bars)


def _points(value: float, language: str) -> str:
    text = numbers.number(value, 0 if value == int(value) else 1, language)
    return f"+{text}" if value > 0 else text
