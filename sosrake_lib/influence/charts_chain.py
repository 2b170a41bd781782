"""An impact chain as a picture: its steps from top to bottom, with the assumptions beside the arrows.

A box is one link. A solid edge says that it is measured and has a figure, a dashed one that it is not or has
none; colour says nothing that the edge and the words do not.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sosrake_lib.gather.chains import STEPS, Chain, Link, Measure
from sosrake_lib.influence import chart_style as style
from sosrake_lib.influence import words_chain
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.language import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = words_chain.ROOM
# Inches: a line of text, the space inside a box, between boxes of a step, and for an arrow.
LINE, INSIDE, BETWEEN, ARROW = 0.19, 0.11, 0.08, 0.3
LEFT, STEP_WIDTH, MARGIN = 0.08, 1.5, 0.08
HEADING = 0.32  # room for the words above the picture
TEXT_COLUMNS, MEASURE_COLUMNS, ASSUMED_COLUMNS = 46, 54, 56
_FILLED, _EMPTY = "#E4F0F8", "#FFFFFF"


@dataclass(frozen=True, slots=True)
class _Box:
    lines: tuple[str, ...]
    measure: tuple[str, ...]
    measured: bool

    @property
    def height(self) -> float:
        return 2 * INSIDE + LINE * (len(self.lines) + len(self.measure))


def chain(
    links: Chain, known: words_chain.Figures, measures: Mapping[str, Measure], language: str = "fi"
) -> Figure:
    """Draw a chain; the table beside holds the same words and the figures.

    Parameters
    ----------
    links, measures : as `batch.recipes_chain.chains` reads them. known : as `words_chain.figures` reads them.
    """
    table = words_chain.chain_table(links, known, measures, language)
    steps = {step: [_box(link, known, measures, language) for link in links.at(step)] for step in STEPS}
    assumed = {step: _assumption(links, step, language) for step in STEPS[:-1]}
    height = HEADING + 0.12 + sum(_height(boxes) for boxes in steps.values())
    height += sum(ARROW + LINE * len(lines) for lines in assumed.values())
    drawing, axes = style.canvas(height)
    # Inches are inches: texts are wrapped to fit their boxes, so the axes fill the whole picture.
    drawing.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, style.WIDTH)
    axes.set_ylim(height, 0)
    top = HEADING
    for step in STEPS:
        top = _draw_step(axes, step, steps[step], top, language)
        if step in assumed:
            top = _draw_arrow(axes, assumed[step], top)
    png = style.finish(drawing, axes, language, synthetic=True)
    alt = say(f"{ROOM}.alt.chain", language, chain=words_chain.told(links.name, language))
    return Figure(png, f"{say('words.synthetic', language)}. {alt}", table, table.release_id, language)


def _box(link: Link, known: words_chain.Figures, measures: Mapping[str, Measure], language: str) -> _Box:
    text = textwrap.wrap(words_chain.told(link.text, language), TEXT_COLUMNS)
    has_figure = link.measure in known and known[link.measure].shown
    key = "not_measured" if not link.measure else "measured" if has_figure else "no_figure"
    named = words_chain.measure_name(link, measures, language)
    line = say(f"{ROOM}.chart.{key}", language, measure=named)
    return _Box(tuple(text), tuple(textwrap.wrap(line, MEASURE_COLUMNS)), has_figure)


def _assumption(links: Chain, step: str, language: str) -> list[str]:
    own = [words_chain.told(link.assumption, language) for link in links.at(step) if link.assumption[0]]
    text = " ".join(own) or say(f"{ROOM}.no_assumption", language)
    return textwrap.wrap(say(f"{ROOM}.arrow_assumption", language, assumption=text), ASSUMED_COLUMNS)


def _height(boxes: list[_Box]) -> float:
    return sum(box.height for box in boxes) + BETWEEN * (len(boxes) - 1)


def _draw_step(axes: Axes, step: str, boxes: list[_Box], top: float, language: str) -> float:
    """Draw the step's name and its boxes; give where the next thing begins."""
    middle = top + _height(boxes) / 2
    name = say(f"{ROOM}.step.{step}", language)
    meaning = textwrap.fill(say(f"{ROOM}.step_means.{step}", language), 18)
    axes.text(LEFT, middle - 0.02, name, fontsize=11, fontweight="bold", color=style.DARK, va="bottom")
    axes.text(LEFT, middle + 0.03, meaning, fontsize=9.5, color=style.MIDDLE, va="top", linespacing=1.2)
    for box in boxes:
        _draw_box(axes, box, top)
        top += box.height + BETWEEN
    return top - BETWEEN


def _draw_box(axes: Axes, box: _Box, top: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, width = LEFT + STEP_WIDTH, style.WIDTH - LEFT - STEP_WIDTH - MARGIN
    colour = style.COLOURS[0] if box.measured else style.MIDDLE
    edge = FancyBboxPatch(
        (left, top), width, box.height, boxstyle="round,pad=0,rounding_size=0.08", linewidth=1.8,
        facecolor=_FILLED if box.measured else _EMPTY, edgecolor=colour,
        linestyle="-" if box.measured else (0, (4, 3)),
    )  # fmt: skip
    axes.add_patch(edge)
    at = top + INSIDE + LINE / 2
    for place, line in enumerate((*box.lines, *box.measure)):
        small = place >= len(box.lines)
        axes.text(
            left + 0.12, at, line, fontsize=9.5 if small else 10.5, va="center",
            color=style.DARK if not small else style.MIDDLE, fontweight="normal" if small else "bold",
        )  # fmt: skip
        at += LINE


def _draw_arrow(axes: Axes, lines: list[str], top: float) -> float:
    height = ARROW + LINE * len(lines)
    across = LEFT + STEP_WIDTH + 0.16
    axes.annotate(
        "", (across, top + height - 0.03), xytext=(across, top + 0.03),
        arrowprops={"arrowstyle": "-|>", "color": style.DARK, "linewidth": 1.6},
    )  # fmt: skip
    at = top + (height - LINE * len(lines)) / 2 + LINE / 2
    for line in lines:
        axes.text(across + 0.16, at, line, fontsize=9.5, fontstyle="italic", color=style.DARK, va="center")
        at += LINE
    return top + height
