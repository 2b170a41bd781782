"""The style all charts share: told apart by every colour vision and in grey, readable in print, one font."""

from __future__ import annotations

import ast
import io
import itertools
import re
from pathlib import Path

import contact_sheet_charts
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style, charts_labels, charts_likert
from sosrake_lib.influence.charts_labels import End

# Machado, Oliveira & Fernandes 2009 (doi 10.1109/TVCG.2009.113), severity 1.0, on linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, vision: str) -> np.ndarray:
    """Give a colour as a kind of vision sees it: CIE lightness, a and b."""
    values = np.array(to_rgb(colour))
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISIONS[vision] @ linear, 0, 1)
    x, y, z = (XYZ @ seen) / (0.9505, 1.0, 1.089)
    f = [part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture(scope="module")
def gallery():
    return contact_sheet_charts.gallery()


@pytest.mark.parametrize("vision", VISIONS)
def test_marks_of_series_differ_in_shape_or_clearly_in_colour(vision):
    looks = list(zip(chart_style.COLOURS, chart_style.MARKERS, chart_style.LINES, strict=True))
    for (one, *shape), (other, *another) in itertools.combinations(looks, 2):
        apart = float(np.linalg.norm(lab(one, vision) - lab(other, vision)))
        assert shape[0] != another[0], "marks differ"
        assert shape[1] != another[1], "lines differ"
        assert apart > (2 if vision == "grey" else 15), (vision, one, other)


@pytest.mark.parametrize("vision", VISIONS)
def test_the_first_three_series_differ_in_lightness_alone(vision):
    light = sorted(lab(colour, vision)[0] for colour in chart_style.COLOURS[:3])
    assert min(np.diff(light)) > 7.5


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("points", charts_likert.SHADES)
def test_neighbours_of_a_scale_are_told_apart(points, vision):
    shades = charts_likert.SHADES[points]
    hatches = [charts_likert.HATCHES.get(place if place == 0 else place - points) for place in range(points)]
    for one, other in itertools.pairwise(range(points)):
        apart = abs(lab(shades[one], vision)[0] - lab(shades[other], vision)[0])
        assert apart > 10 or hatches[one] != hatches[other]
    assert len({hatch for hatch in hatches if hatch}) == 2, "both ends are hatched, each in its own way"


@pytest.mark.parametrize("ink", chart_style.INKS)
def test_words_have_contrast_on_white(ink):
    luminance = ((lab(ink, "usual")[0] + 16) / 116) ** 3
    assert 1.05 / (luminance + 0.05) >= 4.5


def visible(drawing) -> list[Text]:
    """List the texts that are drawn: not the labels of axes that are off, nor of ticks beyond their ends."""
    off = set()
    for axes in drawing.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not axes.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    off |= {id(tick.label1), id(tick.label2)}
    texts = [text for text in drawing.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in texts if id(text) not in off]


def test_no_text_is_under_nine_points_in_print(gallery):
    assert chart_style.printed(chart_style.LEAST, chart_style.PAGE_MM) >= chart_style.LEAST_IN_PRINT
    assert chart_style.printed(chart_style.LEAST, chart_style.DOCUMENT_MM) >= chart_style.LEAST_IN_PRINT
    for name, figure in gallery.items():
        texts = visible(figure.png.drawing)
        assert min(text.get_fontsize() for text in texts) >= chart_style.LEAST, name
        assert {text.get_fontfamily()[0] for text in texts} == {"DejaVu Sans"}, name


def test_a_size_given_too_small_is_raised():
    drawing, axes = chart_style.canvas(2)
    small = axes.text(0.5, 0.5, "pieni", fontsize=6)
    chart_style.finish(drawing, axes, "fi", synthetic=False)
    assert small.get_fontsize() == chart_style.LEAST


def test_no_word_is_cut_off_and_no_chart_has_a_legend(gallery):
    for name, figure in gallery.items():
        drawing = figure.png.drawing
        renderer = drawing.canvas.get_renderer()
        edge = drawing.bbox
        for text in visible(drawing):
            box = text.get_window_extent(renderer)
            assert box.x0 >= edge.x0 - 2, (name, text.get_text())
            assert box.x1 <= edge.x1 + 2, (name, text.get_text())
        assert not drawing.legends, name
        assert not any(axes.get_legend() for axes in drawing.axes), name


def test_numbers_have_no_decimal_point(gallery):
    days = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
    for name, figure in gallery.items():
        for text in visible(figure.png.drawing):
            assert not re.search(r"\d\.\d", days.sub("", text.get_text())), (name, text.get_text())


def test_every_medium_is_drawn(gallery):
    figure = gallery["luku"]
    sizes = {}
    for medium in ("screen", "print", "grey"):
        with Image.open(io.BytesIO(chart_style.drawn(figure, medium))) as picture:
            sizes[medium] = picture.width
            assert (picture.mode == "L") == (medium == "grey")
    assert sizes == {"screen": 832, "print": 1920, "grey": 1920}
    svg = chart_style.drawn(figure, "svg")
    assert svg == chart_style.drawn(figure, "svg")
    assert b"<svg" in svg
    assert b"dc:date" not in svg
    assert chart_style.drawn(figure) == bytes(figure.png)


def test_a_picture_without_its_drawing_and_an_unknown_medium_are_refused(gallery):
    figure = gallery["luku"]
    read_back = chart_style.Figure(bytes(figure.png), figure.alt, figure.table, figure.release_id)
    assert chart_style.drawn(read_back) == bytes(figure.png)
    with pytest.raises(SosrakeError, match="make the chart again"):
        chart_style.drawn(read_back, "print")
    with pytest.raises(SosrakeError, match="medium 'fax'"):
        chart_style.drawn(figure, "fax")


def test_names_at_ends_do_not_cover_each_other():
    drawing, axes = chart_style.canvas(3)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 100)
    charts_labels.name_ends(
        axes, [End(1, 10 + place, f"viiva {place} pitkällä nimellä") for place in range(5)]
    )
    chart_style.finish(drawing, axes, "fi", synthetic=False)
    renderer = drawing.canvas.get_renderer()
    boxes = sorted((text.get_window_extent(renderer) for text in axes.texts), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1 for low, high in itertools.pairwise(boxes))


def test_words_in_a_chart_are_never_in_a_line_s_lighter_colour():
    """Only the first colour of the palette is dark enough for words on white; the others have inks."""
    written = []
    for file in sorted(Path(chart_style.__file__).parent.glob("chart*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") not in ("annotate", "text"):
                continue
            given = [ast.unparse(one.value) for one in call.keywords if one.arg == "color"]
            written += [(file.name, one) for one in given if "COLOURS[" in one and "COLOURS[0]" not in one]
    assert written == []
