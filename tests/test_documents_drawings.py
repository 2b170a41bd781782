"""Charts as lines and letters: what the drawing tells, how it is carried, and how print shows it."""

from __future__ import annotations

import base64
import copy
import io
import json
import re
import zipfile
from unittest import mock

import pandas as pd
import pytest
from document_pages import ALT, RELEASE, figure, table
from document_pages import page as page_of
from pdf_structure import Structure, faults
from PIL import Image

from sosrake_lib import cli_outputs
from sosrake_lib.batch import outputs_render
from sosrake_lib.batch.outputs_run import OutputsReport
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import chart_style, drawings
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_dumbbell import _make_room
from sosrake_lib.influence.documents import blocks_of, document_of, page_picture, to_docx, to_pdf, to_pptx
from sosrake_lib.influence.documents import figures as prints
from sosrake_lib.influence.documents.blocks import FigureBlock
from sosrake_lib.influence.documents.figure_columns import in_columns
from sosrake_lib.influence.documents.slide_flow import TALLEST_CHART
from sosrake_lib.influence.pages import Page, PageContext, page_from_notebook, show
from sosrake_lib.influence.tables import Table

notebook_form = pytest.importorskip("notebook_form", reason="tools/ is not beside the tests")
artefact_walk = pytest.importorskip("artefact_walk", reason="tools/ is not beside the tests")
EXACT = 12.3456789


def chart(rows: int = 4, first: float = EXACT, height: float = 0.0) -> Figure:
    """Draw bars with their names and one hidden row; `first` is the first bar's value."""
    drawing, axes = chart_style.canvas(height or 0.8 + 0.6 * rows)
    values = [first, *(10.0 + place for place in range(1, rows))]
    axes.barh(range(rows), values, color=chart_style.COLOURS[0])
    for place, value in enumerate(values):
        axes.text(value, place, f" {round(value)} %", va="center", fontsize=chart_style.LEAST)
    axes.set_yticks(range(rows), [f"Väittämä {place + 1}" for place in range(rows)])
    axes.set_xlim(0, 60)
    axes.scatter([first], [0], s=54)
    png = chart_style.finish(drawing, axes, "fi", synthetic=False)
    words = table(["Alue", "Luku"], [["Aineistola", "12"]])
    return Figure(png, ALT, Table(words, pd.DataFrame({"Luku": ["12"]}), RELEASE, "Osuus"), RELEASE)


def with_drawing(made: Figure) -> Page:
    given = page_of(figure(picture=bytes(made.png)) + table(["Alue", "Luku"], [["Aineistola", "12"]]))
    svg = chart_style.drawing_of(made)
    return Page(
        given.context, given.body, given.facts, given.releases, {drawings.name_of(bytes(made.png)): svg}
    )


def without_drawing(given: Page) -> Page:
    return Page(given.context, given.body, given.facts, given.releases)


@pytest.fixture(scope="module")
def bars() -> Figure:
    return chart()


def test_a_drawing_is_text_and_shapes_of_the_charts_own_size(bars):
    svg = chart_style.drawing_of(bars)
    assert drawings.checked(svg) == svg
    assert "Väittämä 1" in svg
    wide, high = (float(one) for one in re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg).groups())
    with Image.open(io.BytesIO(bars.png)) as picture:
        assert picture.size == pytest.approx((wide * 130 / 72, high * 130 / 72), abs=1)
    assert drawings.least_letters(svg) == chart_style.LEAST


def test_a_drawing_tells_no_value_finer_than_a_dot_of_the_png(bars):
    """Two values closer than the grid give the same drawing; names of pieces hold no trace of either."""
    step = 60 / 460 * drawings.GRID  # what one grid step is worth on the axis, at most
    assert chart_style.drawing_of(chart(first=EXACT + step / 500)) == chart_style.drawing_of(bars)
    assert chart_style.drawing_of(chart(first=EXACT + 20 * step)) != chart_style.drawing_of(bars)
    svg = chart_style.drawing_of(bars)
    assert "12.3" not in svg
    assert set(re.findall(r' id="([a-z]+)\d+"', svg)) == {"d"}
    places = [float(one) for path in re.findall(r'<use [^>]*? x="([\d.-]+)"', svg) for one in [path]]
    assert places
    assert all(one % drawings.GRID == 0 for one in places)


def test_the_same_chart_gives_the_same_bytes(bars):
    assert chart_style.drawing_of(bars) == chart_style.drawing_of(bars) == chart_style.drawing_of(chart())


def test_nothing_of_program_or_day_is_left(bars):
    svg = chart_style.drawing_of(bars)
    assert not re.search(r"matplotlib\.org|<metadata|<!--|<!DOCTYPE|\d{4}-\d\d-\d\d", svg)


def test_packing_gives_back_what_was_packed_and_is_small(bars):
    svg = {"a" * 64: chart_style.drawing_of(bars)}
    packed = drawings.packed(svg)
    assert drawings.unpacked(packed) == drawings.unpacked(json.dumps(packed)) == svg
    assert len(packed["a" * 64]) < len(svg["a" * 64]) / 2


HEAD = '<svg width="10pt" height="10pt" viewBox="0 0 10 10">'


@pytest.mark.parametrize(
    "inside",
    [
        "<script>x</script>",
        '<image href="data:image/png;base64,AA"/>',
        '<use href="https://a.example/x.svg#a"/>',
        '<path style="fill: url(file:///etc/passwd)"/>',
        "<style>@import 'a.css'</style>",
        "<!ENTITY a 'b'>",
        "<foreignObject/>",
    ],
)
def test_what_no_chart_holds_is_refused(inside):
    with pytest.raises(SosrakeError, match="run the notebook again"):
        drawings.unpacked(drawings.packed({"a": f"{HEAD}{inside}</svg>"}))
    assert drawings.checked(f"{HEAD}<path/></svg>")


@pytest.mark.parametrize("told", [{"a": "???"}, {"a": base64.b64encode(b"x").decode()}, ["a"], {"a": ""}])
def test_what_is_not_packed_is_refused(told):
    with pytest.raises(SosrakeError, match="run the notebook again"):
        drawings.unpacked(told)


def shown(made: Figure, monkeypatch) -> dict:
    """Give the output that `show` makes in a notebook."""
    told: list[dict] = []
    monkeypatch.setattr(
        "IPython.display.display",
        lambda data, raw, metadata: told.append(
            {"output_type": "display_data", "data": data, "metadata": metadata}
        ),
    )
    show(made)
    return told[0]


def test_show_carries_the_drawing_to_the_page_and_stored_notebooks_drop_it(bars, monkeypatch):
    output = shown(bars, monkeypatch)
    cell = {"cell_type": "code", "source": "x", "outputs": [output], "metadata": {}, "id": "a"}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    page = page_from_notebook(copy.deepcopy(notebook), context=PageContext("a", "A", 2026))
    assert page.drawings == {drawings.name_of(bytes(bars.png)): chart_style.drawing_of(bars)}
    assert "svg" not in page.body
    assert [block.svg for block in blocks_of(page) if isinstance(block, FigureBlock)] == list(
        page.drawings.values()
    )
    stored = notebook_form.saved_form(notebook)
    assert set(stored["cells"][0]["outputs"][0]["data"]) == {"text/html", "text/plain"}


def test_a_figure_read_from_a_file_has_no_drawing(bars, monkeypatch):
    read = Figure(bytes(bars.png), ALT, bars.table, RELEASE)
    assert chart_style.drawing_of(read) == ""
    assert drawings.KIND not in shown(read, monkeypatch)["data"]


def test_the_walk_of_artefacts_reads_packed_drawings(tmp_path):
    hidden = "asiakkaat.0123456789:value"
    packed = drawings.packed({"a": f"{HEAD}<text>{hidden}</text></svg>"})
    cells = [{"outputs": [{"data": {drawings.KIND: packed}}]}]
    (tmp_path / "run.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert hidden in "\n".join(one.text for one in artefact_walk.walk(tmp_path))


def test_the_pdf_has_lines_and_letters_and_keeps_the_rules(bars):
    pdf = to_pdf(with_drawing(bars))
    assert faults(pdf) == []
    assert pdf == to_pdf(with_drawing(bars))
    read = Structure(pdf)
    assert [one.values["/Alt"] for one in read.root.every("Figure")] == [ALT]
    assert not [image for sheet in read.reader.pages for image in sheet.images]
    assert "Väittämä 4" in "".join(sheet.extract_text() for sheet in read.reader.pages)


def test_a_page_without_drawings_shows_its_png_and_says_which(bars):
    old = without_drawing(with_drawing(bars))
    assert prints.without_drawing(document_of(old).blocks) == (1,)
    assert prints.without_drawing(document_of(with_drawing(bars)).blocks) == ()
    assert [image for sheet in Structure(to_pdf(old)).reader.pages for image in sheet.images]


@pytest.mark.parametrize(("make", "folder"), [(to_docx, "word/media"), (to_pptx, "ppt/media")])
def test_word_and_slides_have_a_picture_of_240_dots_an_inch(bars, make, folder):
    made = make(with_drawing(bars))
    assert made == make(with_drawing(bars))
    packed = zipfile.ZipFile(io.BytesIO(made))
    pictures = [packed.read(name) for name in packed.namelist() if name.startswith(folder)]
    assert [Image.open(io.BytesIO(one)).width for one in pictures] == [round(chart_style.WIDTH * 240)]
    assert len(pictures[0]) < 80_000


def test_a_picture_of_the_page_as_svg_leans_on_no_letters_of_the_viewer(bars):
    assert b"image/svg+xml" not in page_picture(with_drawing(bars), "svg")


@pytest.mark.parametrize("drawn", [True, False])
def test_a_chart_too_tall_for_nine_points_is_divided_between_its_rows(drawn):
    tall = chart(rows=24, height=15.0)
    given = with_drawing(tall)
    document = prints.in_parts(document_of(given if drawn else without_drawing(given)), 620.0)
    parts = [one for one in document.blocks if isinstance(one, FigureBlock)]
    assert [(one.number, one.part, one.parts) for one in parts] == [(1, 1, 2), (1, 2, 2)]
    assert [one.alt.partition(". ")[0] for one in parts] == ["osa 1/2", "osa 2/2"]
    heights = [int.from_bytes(one.png[20:24], "big") * 72 / one.dots for one in parts]
    assert sum(heights) == pytest.approx(15 * 72, abs=1.5)
    # the smallest letters of the chart, as large as they stand on the sheet
    assert min(chart_style.LEAST * min(1.0, 620.0 / high) for high in heights) >= chart_style.LEAST_IN_PRINT
    for one in parts:
        with Image.open(io.BytesIO(one.png)) as picture:
            grey = picture.convert("L").crop((0, 0, 60, picture.height))  # names of rows stand there
            ends = [grey.crop((0, at, 60, at + 1)).getextrema()[0] for at in (0, picture.height - 1)]
        assert min(ends) > 200, "a cut goes through letters"
    pdf = to_pdf(given if drawn else without_drawing(given))
    assert faults(pdf) == []
    assert len(Structure(pdf).root.every("Figure")) == 2


def test_a_chart_that_fits_is_whole(bars):
    document = document_of(with_drawing(bars))
    assert prints.in_parts(document, 620.0) == document


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_number_of_a_dumbbell_never_reaches_over_the_end_of_its_axis(side):
    drawing, axes = chart_style.canvas(3.0)
    axes.set_yticks([0], ["Toimeentulotuki, 25–64 v."])
    axes.set_xlim(9, 20)
    at, away, edge = (9.2, -5, "right") if side == "left" else (19.8, 5, "left")
    told = axes.annotate(
        "10,6 %", (at, 0), xytext=(away, 0), textcoords="offset points", ha=edge, fontsize=9.8
    )

    def inside() -> bool:
        drawing.draw_without_rendering()
        frame, box = axes.get_window_extent(), told.get_window_extent()
        return frame.x0 <= box.x0 and box.x1 <= frame.x1

    assert not inside()
    _make_room(axes)
    assert inside()


@pytest.mark.parametrize(
    ("rows", "height", "counts", "repeats"), [(4, 2.5, [1], 0), (12, 6.5, [2], 1), (30, 16.0, [2, 2], 1)]
)
def test_rows_of_a_tall_chart_stand_side_by_side_on_slides(rows, height, counts, repeats):
    """Each column has the chart's axis under it, and letters stay about as large as drawn."""
    tall = chart(rows=rows, height=height)
    document = document_of(with_drawing(tall))
    made = [one for one in in_columns(document, TALLEST_CHART).blocks if isinstance(one, FigureBlock)]
    assert len(made) == len(counts)
    if not repeats:
        assert made == [one for one in document.blocks if isinstance(one, FigureBlock)]
        return
    assert [(one.part, one.parts) for one in made] == (
        [(0, 0)] if len(made) == 1 else [(place, len(made)) for place in range(1, len(made) + 1)]
    )
    for one, count in zip(made, counts, strict=True):
        with Image.open(io.BytesIO(one.png)) as picture:
            wide, high = (side * 72 / one.dots for side in picture.size)
            grey = picture.convert("L")
        assert wide == pytest.approx(chart_style.WIDTH * 72 * (count + 0.04 * (count - 1)), abs=1.5)
        scale = min(872 / wide, 332 / high)
        assert scale * chart_style.LEAST >= 0.85 * chart_style.LEAST
        # the axis is a dark line under each column: from the names of rows to the end of the values
        half = grey.crop(
            (grey.width - round(chart_style.WIDTH * one.dots) + 400, 0, grey.width - 60, grey.height)
        )
        dark = [
            at for at in range(half.height) if half.crop((0, at, half.width, at + 1)).getextrema()[1] < 120
        ]
        assert dark and dark[-1] > half.height / 2
    alts = [one.alt for one in made]
    assert all(alt.endswith(ALT) for alt in alts) and len(set(alts)) == len(alts)


def test_columns_need_a_drawing_of_one_panel(bars):
    tall = without_drawing(with_drawing(chart(rows=24, height=15.0)))
    document = document_of(tall)
    assert in_columns(document, TALLEST_CHART) == document
    svg = chart_style.drawing_of(bars)
    top, bottom = drawings.plot_area(svg)
    assert 0 <= top < 0.2 and 0.8 < bottom < 1
    ground = re.search(r'<path d="[^"]*" style="fill: #ffffff"/>', svg)[0]
    assert drawings.plot_area(svg + ground) is None


@pytest.mark.parametrize("drawn", [True, False])
def test_a_run_tells_whose_charts_came_as_pixels(bars, drawn, tmp_path, capsys, monkeypatch):
    """A page run before drawings were kept still becomes a PDF; that its charts are pixels is told."""
    output = shown(bars, monkeypatch)
    if not drawn:
        del output["data"][drawings.KIND]
    cell = {"cell_type": "code", "source": "x", "outputs": [output], "metadata": {}, "id": "a"}
    notebook = tmp_path / "sivu.ipynb"
    notebook.write_text(json.dumps({"cells": [cell], "metadata": {}}), encoding="utf-8")
    order = outputs_render.RenderOrder(
        key="kunta-297/sivu", notebook=notebook, context=PageContext("sivu", "Sivu", 2026),
        headings=(), formats=("pdf", "png"),
        output=tmp_path, stem="sivu", releases=tmp_path, language="fi",
        renderer=lambda page, form, releases: [outputs_render.Content(f".{form}", b"x")],
    )  # fmt: skip
    made = outputs_render.render(order)
    assert {one.format: (one.pixels, one.reason) for one in made} == {
        "pdf": (not drawn, ""),
        "png": (False, ""),
    }
    told = (order.key,) if made[0].pixels else ()
    cli_outputs.tell(OutputsReport(mock.Mock(), (), tmp_path, 1.0, told), "fi")
    said = capsys.readouterr().err
    assert ("kunta-297/sivu. Tee sivut uudestaan." in said) is not drawn
