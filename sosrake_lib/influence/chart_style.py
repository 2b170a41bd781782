"""The look all charts share: colours, marks, sizes, numbers, and how a drawing becomes a finished figure.

Rules of the house: series differ in shape and in lightness, so a grey print and every kind of colour vision
tells them apart; names stand beside what they name; intervals are drawn; no text is under 9 pt in print.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import drawings, labels
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import numbers, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

# Okabe & Ito's palette with a darker blue: the first three differ in lightness for every colour vision.
COLOURS = ("#00559E", "#D55E00", "#000000", "#009E73", "#CC79A7", "#E69F00")
# The same for words of a line: dark enough to be read on white.
INKS = ("#00578A", "#9C3F00", "#000000", "#006B4F", "#8E3F6C", "#7A5300")
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
SOFT, MIDDLE, DARK = "#9FC5E0", "#5A5A5A", "#1A1A1A"
GRID, HATCH = "#DDDDDD", "////"
WIDTH, DOTS = 6.4, 130  # inches and dots an inch: letters stay readable when a phone shrinks the picture
# Millimetres a picture is wide in a document and on a printed page of the site, and the least size there.
DOCUMENT_MM, PAGE_MM, LEAST_IN_PRINT = 170.0, 150.0, 9.0
LEAST, TEXT, HEAD = 9.8, 10.5, 11.0  # sizes in the drawing; LEAST is LEAST_IN_PRINT at PAGE_MM
MEDIA = {"screen": DOTS, "print": 300, "grey": 300}  # dots an inch of the drawing
FOLDED_FROM = 12  # rows of a chart's table that are shown without asking
_FONT = {"family": "DejaVu Sans"}


class Picture(bytes):
    """The bytes of a PNG that still know the drawing they were made of, so that print can draw it anew."""

    drawing: Drawing | None = None


@dataclass(frozen=True, eq=False)
class Figure:
    """A finished chart: picture, its words for those who do not see it, and the table behind it."""

    png: bytes
    alt: str
    table: Table
    release_id: str
    language: str = "fi"
    folded: bool = False

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
        if rows <= FOLDED_FROM and not self.folded:
            return self.table.html
        summary = say("charts.folded_short", self.language)
        if rows > 1:
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
    axes.tick_params(labelsize=TEXT, colors=DARK)
    return drawing, axes


def printed(points: float, width_mm: float = PAGE_MM) -> float:
    """Give the size in print, in points, of a text of a drawing that is printed `width_mm` wide.

    Examples
    --------
    >>> from sosrake_lib.influence import chart_style
    >>> round(chart_style.printed(chart_style.LEAST), 1), round(chart_style.printed(9.8, 170.0), 1)
    (9.0, 10.2)
    """
    return points * width_mm / (WIDTH * 25.4)


def finish(drawing: Drawing, axes: Axes, language: str, *, synthetic: bool) -> bytes:
    """Say what is invented, set the font and write a PNG that is the same at every run."""
    if synthetic:
        drawing.suptitle(say("words.synthetic", language), fontsize=TEXT, color=DARK, x=0.01, ha="left")
    for text in drawing.findobj(lambda artist: hasattr(artist, "set_fontfamily")):
        text.set_fontfamily(_FONT["family"])  # type: ignore[attr-defined]
        # A size given too small is raised: the limit in print holds for every chart.
        text.set_fontsize(max(LEAST, text.get_fontsize()))  # type: ignore[attr-defined]
    made = Picture(_png(drawing, DOTS))
    made.drawing = drawing
    return made


def drawn(figure: Figure, medium: str = "screen") -> bytes:
    """Draw any chart for a medium: `screen` (PNG), `print` (PNG of 300 dots an inch), `grey`, or `svg`.

    Raises
    ------
    SosrakeError for an unknown medium, or a figure read from a file: draw the chart again from its release.
    """
    if medium not in (*MEDIA, "svg"):
        raise SosrakeError(f"drawn: medium {medium!r}; expected one of {', '.join(MEDIA)}, svg")
    drawing = getattr(figure.png, "drawing", None)
    if medium == "screen":
        return bytes(figure.png)
    if drawing is None:
        raise SosrakeError(
            f"drawn: the picture of {figure.table.caption!r} has no drawing behind it; make the chart again "
            "from its release"
        )
    if medium == "svg":
        return _svg(drawing)
    made = _png(drawing, MEDIA[medium])
    return _in_grey(made) if medium == "grey" else made


def drawing_of(figure: Figure) -> str:
    """Give a chart as SVG for documents: letters as text, places no finer than in its PNG.

    Empty for a figure that was not made in this process: its PNG is all there is.
    """
    drawing = getattr(figure.png, "drawing", None)
    return "" if drawing is None else drawings.plain(_svg(drawing, "none").decode("utf-8"))


def _png(drawing: Drawing, dots: int) -> bytes:
    written = io.BytesIO()
    # No date and no program version in the file: the same figure gives the same bytes.
    drawing.savefig(written, format="png", dpi=dots, metadata={"Software": None, "Creation Time": None})
    return written.getvalue()


def _svg(drawing: Drawing, letters: str = "path") -> bytes:
    from matplotlib import rc_context

    written = io.BytesIO()
    with rc_context({"svg.hashsalt": "sosrake", "svg.fonttype": letters}):
        drawing.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()


def _in_grey(png: bytes) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("L").save(written, format="png", optimize=True)
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
        0.02, place, say(f"words.mark.{status}", language), va="center", fontsize=LEAST, style="italic",
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
