"""The simulator's answer: sentences, a chart that is also told in words, a table and the reasons."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sosrake_lib.effects import simulator
from sosrake_lib.effects.simulator import Estimates, Setting, Told
from sosrake_lib.influence import chart_style as style
from sosrake_lib.language import numbers, say
from sosrake_lib.serving.html import element

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WAYS = ("naive", "honest")
# Shares of draws that are told as "rarely" and "usually".
RARELY, USUALLY = 0.1, 0.5


@dataclass(frozen=True, eq=False)
class Outcome:
    """Both estimates of every draw, and how they do over all of them; the first draw is the one told of."""

    setting: Setting
    draws: int
    naive: Estimates
    honest: Estimates
    naive_told: Told
    honest_told: Told

    def one(self, way: str) -> tuple[float, float, float]:
        """Give the estimate and interval of the first draw."""
        found: Estimates = getattr(self, way)
        return float(found.estimate[0]), float(found.lower[0]), float(found.upper[0])

    def told(self, way: str) -> Told:
        """Give how a way of estimating does over all draws."""
        return self.naive_told if way == "naive" else self.honest_told


def findings(found: Outcome, language: str) -> Markup:
    """Say the truth, what each estimate says of it in this draw, and how often it misleads."""
    effect = _points(found.setting.effect, language)
    lines = [say("simulaattori.finding.truth", language, effect=effect)]
    for way in WAYS:
        estimate, lower, upper = found.one(way)
        missed = not lower <= found.setting.effect <= upper
        interval = numbers.interval(lower, upper, 1, language)
        told = {"estimate": _points(estimate, language), "interval": interval}
        verdict = say(f"simulaattori.finding.{'leaves_out' if missed else 'holds'}", language)
        lines.append(f"{say(f'simulaattori.finding.{way}', language, **told)} {verdict}")
    heading = element("h2", say("simulaattori.heading.findings", language))
    return heading + element("ul", *(element("li", line) for line in lines)) + _many(found, language)


def _many(found: Outcome, language: str) -> Markup:
    naive, honest = (
        say(f"simulaattori.many.{way}", language, share=_percent(found.told(way).misleading, language))
        for way in WAYS
    )
    lead = say("simulaattori.many.lead", language, draws=found.draws)
    lines = [lead, naive, honest]
    if found.setting.effect <= 0 and found.naive_told.improvement > 0:
        share = _percent(found.naive_told.improvement, language)
        lines.append(say("simulaattori.many.improvement", language, share=share))
    error = max(found.naive_told.error, found.honest_told.error)
    lines.append(say("simulaattori.many.error", language, error=numbers.points(200 * error, 0, language)))
    return element("p", " ".join(lines))


def figure(found: Outcome, language: str) -> Markup:
    """Draw the intervals of this draw and the spread of all draws beside the true effect."""
    drawing, axes = style.canvas(3.9)
    for place, (group, way) in enumerate((group, way) for group in ("one", "many") for way in WAYS):
        _line(axes, found, place + (0.6 if group == "many" else 0), group, way, language)
    axes.axvline(found.setting.effect, color=style.DARK, linewidth=1.6)
    axes.axvline(0, color=style.MIDDLE, linewidth=0.9, linestyle=":")
    axes.set_ylim(4.2, -1.0)
    axes.annotate(
        say("simulaattori.chart.truth", language), (found.setting.effect, -0.85), xytext=(5, -4),
        textcoords="offset points", fontsize=12, color=style.DARK,
    )  # fmt: skip
    axes.set_yticks([0, 1, 2.6, 3.6])
    names = [say(f"simulaattori.chart.{group}_{way}", language) for group in ("one", "many") for way in WAYS]
    axes.set_yticklabels([style.wrapped(name, 22) for name in names], fontsize=12)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=12)
    axes.set_xlabel(say("simulaattori.chart.axis", language), fontsize=12)
    style.number_axis(axes.xaxis, language)
    png = style.finish(drawing, axes, language, synthetic=False)
    source = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    caption = element("figcaption", say("simulaattori.chart.caption", language))
    return element("figure", caption, element("img", alt=_alt(found, language), src=source), class_="kuva")


def _line(axes: Axes, found: Outcome, place: float, group: str, way: str, language: str) -> None:
    told = found.told(way)
    middle, low, high = found.one(way) if group == "one" else (told.mean, told.low, told.high)
    colour = style.COLOURS[1] if way == "naive" else style.COLOURS[0]
    marker = style.MARKERS[WAYS.index(way)]
    width, shade = (3, 1.0) if group == "one" else (7, 0.45)
    look: dict[str, Any] = {"color": colour, "linewidth": width, "alpha": shade, "solid_capstyle": "butt"}
    axes.plot([low, high], [place, place], **look)
    axes.plot(middle, place, marker=marker, color=colour, markersize=8, markeredgecolor="white")
    axes.annotate(
        _points(middle, language), (middle, place), xytext=(0, 8), textcoords="offset points",
        fontsize=12, ha="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip


def _alt(found: Outcome, language: str) -> str:
    words = {"effect": _points(found.setting.effect, language)}
    for way in WAYS:
        _, low, high = found.one(way)
        words[way] = numbers.interval(low, high, 1, language)
        words[f"many_{way}"] = numbers.interval(found.told(way).low, found.told(way).high, 1, language)
    return say("simulaattori.chart.alt", language, **words)


def table(found: Outcome, language: str) -> Markup:
    """Lay out both ways: this draw, the middle of all draws, and how often the interval misleads."""
    heads = ("way", "estimate", "interval", "mean", "misleading")
    head = [element("th", say(f"simulaattori.table.{name}", language), scope="col") for name in heads]
    rows = []
    for way in WAYS:
        estimate, lower, upper = found.one(way)
        told = found.told(way)
        cells = (
            _points(estimate, language),
            numbers.interval(lower, upper, 1, language),
            _points(told.mean, language),
            _percent(told.misleading, language),
        )
        name = element("th", say(f"simulaattori.table.{way}", language), scope="row")
        rows.append(element("tr", name, *(element("td", cell) for cell in cells)))
    caption = say("simulaattori.table.caption", language, effect=_points(found.setting.effect, language))
    made = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
    )
    label = {"role": "region", "tabindex": "0", "aria_label": caption}
    return element("div", made, class_="vieritys", **label)


def why(found: Outcome, language: str) -> Markup:
    """Say step by step what moved the naive estimate, what the honest one rests on and what to do."""
    setting = found.setting
    lines = [_choice_line(setting, language), _loss_line(setting, language), _honest_line(setting, language)]
    steps = element("ul", *(element("li", line) for line in lines))
    doing = [say(f"simulaattori.do.{name}", language) for name in ("compare", "lots", "ask_lost", "words")]
    model = say(
        "simulaattori.model",
        language,
        mean=numbers.count(simulator.POPULATION_MEAN, language),
        sd=numbers.count(simulator.POPULATION_SD, language),
    )
    return Markup("").join(
        [
            element("h2", say("simulaattori.heading.why", language)),
            steps,
            element("h2", say("simulaattori.heading.do", language)),
            element("ul", *(element("li", line) for line in doing)),
            element("h2", say("simulaattori.heading.model", language)),
            element("p", model),
            element("p", say("simulaattori.limits", language)),
        ]
    )


def _choice_line(setting: Setting, language: str) -> str:
    if setting.chosen >= 1:
        return say("simulaattori.why.everyone", language)
    rise = numbers.number(simulator.expected_regression(setting), 1, language)
    share = _percent(setting.chosen, language)
    return say("simulaattori.why.chosen", language, share=share, rise=rise)


def _loss_line(setting: Setting, language: str) -> str:
    share = simulator.lost_share(setting)
    if not share:
        return say("simulaattori.why.nobody_lost", language)
    lost = _percent(share, language)
    if not setting.worse_leave:
        return say("simulaattori.why.lost_by_chance", language, share=lost)
    rise = numbers.number(simulator.expected_loss_bias(setting), 1, language)
    return say("simulaattori.why.worse_lost", language, share=lost, rise=rise)


def _honest_line(setting: Setting, language: str) -> str:
    line = say(f"simulaattori.why.{'compared' if setting.compared else 'alone'}", language)
    share = simulator.lost_share(setting)
    if not share:
        return line
    points = numbers.number(share * simulator.LOST_MAY_DIFFER, 1, language)
    differ = numbers.count(simulator.LOST_MAY_DIFFER, language)
    return f"{line} {say('simulaattori.why.widened', language, points=points, differ=differ)}"


def _points(value: float, language: str) -> str:
    text = numbers.number(value, 0 if value == int(value) else 1, language)
    return f"+{text}" if value > 0 and text.strip("0,.") else text


def _percent(share: float, language: str) -> str:
    return numbers.percent(100 * share, 0, language)
