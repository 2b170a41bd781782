"""The look all charts share: colours, marks, numbers and the way a drawing becomes a finished figure."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sosrake_lib.influence import labels
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import numbers, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

# Okabe & Ito's palette, in an order whose lightness differs too, so that grey prints keep the series apart.
COLOURS = ("#0072B2", "#D55E00", "#000000", "#009E73", "#CC79A7", "#E69F00")
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
SOFT, MIDDLE, DARK = "#9FC5E0", "#5A5A5A", "#1A1A1A"
WIDTH, DOTS = 6.4, 130  # inches and dots an inch: letters stay readable when a phone shrinks the picture
FOLDED_FROM = 12  # rows of a chart's table that are shown without asking
_FONT = {"family": "DejaVu Sans"}


@dataclass(frozen=True, eq=False)
class Figure:
    """A finished chart: picture, its words for those who do not see it, and the table behind it."""

    png: bytes
    alt: str
    table: Table
    release_id: str
    language: str = "fi"

    def html(self) -> str:
        """Give the picture with its escaped alternative text; the table stands beside it."""
        data = base64.b64encode(self.png).decode("ascii")
        return (
            f'<figure class="kuva" lang="{self.language}" data-release="{html.escape(self.release_id)}">'
            f"<figcaption>{html.escape(self.table.caption)}</figcaption>"
            f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}"></figure>'
            f"{self._table_html()}"
        )

    def _table_html(self) -> str:
        """Fold a long table away: it is there for who wants it and does not push the page apart."""
        rows = len(self.table.plain)
        if rows <= FOLDED_FROM:
            return self.table.html
        summary = say("charts.folded", self.language, rows=numbers.count(rows, self.language))
        heading = f'<summary data-constant="">{html.escape(summary)}</summary>'
        return f'<details class="luvut">{heading}{self.table.html}</details>'


def canvas(height: float) -> tuple[Drawing, Axes]:
    """Start a drawing of the house's width; pyplot and its global state stay out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(WIDTH, height), dpi=DOTS, facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=10.5, colors=DARK)
    return drawing, axes


def finish(drawing: Drawing, axes: Axes, language: str, *, synthetic: bool) -> bytes:
    """Say what is invented, set the font and write a PNG that is the same at every run."""
    if synthetic:
        drawing.suptitle(say("words.synthetic", language), fontsize=10.5, color=DARK, x=0.01, ha="left")
    for text in drawing.findobj(lambda artist: hasattr(artist, "set_fontfamily")):
        text.set_fontfamily(_FONT["family"])  # type: ignore[attr-defined]
    written = io.BytesIO()
    # No date and no program version in the file: the same figure gives the same bytes.
    drawing.savefig(written, format="png", metadata={"Software": None, "Creation Time": None})
    return written.getvalue()


def number_axis(axis, language: str) -> None:
    """Write an axis's numbers as they are read: decimal comma, no-break space, true minus."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6))

    def text(value: float, _place: int | None = None) -> str:
        ticks = [tick for tick in axis.get_ticklocs() if abs(tick - round(tick)) > 1e-9]
        return numbers.number(float(value), _decimals_of(ticks), language)

    axis.set_major_formatter(FuncFormatter(text))


def axis_title(row: Row, language: str, names=None) -> str:
    """Name what an axis measures: the indicator and its unit."""
    name = labels.full_name(row, language, names)
    words = "%" if labels.is_percent(row) else labels.unit_text(row, language)
    return f"{name}, {words}" if words and words not in name else name


def hidden_word(axes: Axes, place: float, status: str, language: str) -> None:
    """Write at a row's place on the picture why no figure is drawn: hidden, missing or not published."""
    axes.text(
        0.02, place, say(f"words.mark.{status}", language), va="center", fontsize=10, style="italic",
        color=MIDDLE, transform=axes.get_yaxis_transform(),
    )  # fmt: skip


def alt_text(kind: str, caption: str, rows: Sequence[Row], language: str, told: str = "") -> str:
    """Describe a chart from its released rows: kind, subject, range, how many, how many are not shown.

    `kind` : a kind of `charts.alt`, or the whole key of a chart's own words; `told` : a sentence after them.
    """
    shown = [row for row in rows if row.shown and row.has("value")]
    dated = labels.dated(caption, rows, language)
    key = kind if "." in kind else f"charts.alt.{kind}"
    parts = [say(key, language, caption=dated.rstrip(".")), *([told] if told else [])]
    if any(row.synthetic for row in rows):
        parts.insert(0, say("words.synthetic", language) + ".")
    if len(shown) == 1:
        parts.append(say("charts.alt.one", language, value=labels.figure(shown[0], "value", language)))
    elif shown:
        low, high = (pick(shown, key=lambda row: float(row["value"])) for pick in (min, max))
        parts.append(
            say(
                "charts.alt.range",
                language,
                count=numbers.count(len(shown), language),
                low=labels.bare_figure(low, "value", language),
                high=labels.figure(high, "value", language),
            )
        )
    for status in ("suppressed", "missing", "not_published_at_level"):
        count = sum(row["status"] == status for row in rows)
        if count:
            parts.append(say(f"charts.alt.{status}", language, count=numbers.count(count, language)))
    parts.append(say("charts.alt.table", language))
    return " ".join(parts)


def wrapped(text: str, width: int = 30) -> str:
    """Break a long label into lines at spaces."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width, break_long_words=False)) or text


def _decimals_of(ticks: Sequence[float]) -> int:
    if not ticks:
        return 0
    return 1 if all(abs(tick * 10 - round(tick * 10)) < 1e-9 for tick in ticks) else 2
