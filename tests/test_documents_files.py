"""Files of a page: pictures and their words, the data behind, names, the command, refusals."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import subprocess
import sys

import openpyxl
import pytest
from document_pages import ALT, RELEASE, page, png, table
from PIL import Image
from test_exports import make

from sosrake_lib.batch import documents as made_pages
from sosrake_lib.errors import BatchError, SosrakeError
from sosrake_lib.influence import tables
from sosrake_lib.influence.documents import (
    FORMATS,
    data_behind,
    document_of,
    file_stem,
    make_documents,
    page_picture,
    page_words,
    pictures,
)
from sosrake_lib.influence.documents.data import content_behind
from sosrake_lib.influence.documents.pictures import described, marked
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Page, html_of
from sosrake_lib.influence.safe_html import clean


@pytest.fixture(scope="module")
def released():
    return make()


@pytest.fixture(scope="module")
def shown(released) -> Page:
    """Give a page that shows two of the release's rows and one that is hidden."""
    chosen = released.select("osa", region=[("kunta", "E01"), ("kunta", "E02")])
    made = tables.table(chosen, columns=("value",), caption="Asiakkaat kunnittain")
    given = page(clean(html_of(made)))
    return Page(given.context, given.body, made.facts, (released.id,))


def kinds(data: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(data):
        length = struct.unpack(">I", data[at : at + 4])[0]
        found.append(data[at + 4 : at + 8])
        at += length + 12
    return found


def test_pictures_carry_their_words_and_no_others():
    given = page()
    (picture,) = pictures(given)
    assert (picture.name, picture.alt, picture.caption) == ("koesivu-1", ALT, "Osuus kunnittain, 2025")
    opened = Image.open(io.BytesIO(picture.png))
    assert opened.text == {
        "Title": "Osuus kunnittain, 2025",
        "Description": ALT,
        "Comment": "LUONNOS · Keksitty esimerkkiaineisto",
    }
    chart = Image.open(io.BytesIO(png(600, 300))).convert("RGB")
    strip = opened.height - chart.height
    assert opened.convert("RGB").crop((0, strip, 600, opened.height)).tobytes() == chart.tobytes()
    told = opened.convert("L").crop((0, 0, 600, strip))
    assert strip == 32 and told.getextrema()[0] < 128  # the mark is drawn, not only written in the file
    assert set(kinds(picture.png)) <= {b"IHDR", b"IDAT", b"IEND", b"iTXt", b"pHYs"}


def test_an_approved_picture_of_published_figures_has_no_strip():
    assert marked(png(600, 300), "") == png(600, 300)


def test_foreign_words_of_a_picture_are_left_out():
    from PIL.PngImagePlugin import PngInfo

    held = PngInfo()
    held.add_text("Software", "Piirto-ohjelma")
    held.add_text("Author", "Etunimi Sukunimi")
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PNG", pnginfo=held)
    clean_one = described(made.getvalue(), "Otsikko", "Kuvaus", document_of(page()))
    assert set(Image.open(io.BytesIO(clean_one)).text) == {"Title", "Description", "Comment"}
    assert b"Sukunimi" not in clean_one


def test_the_page_as_one_picture():
    data = page_picture(page())
    opened = Image.open(io.BytesIO(data))
    assert opened.width == 1191 and opened.height > 500  # an A4's width at 144 dots an inch
    assert opened.text["Title"] == "Koesivu: Esimerkkilä" and opened.text["Comment"].startswith("LUONNOS")
    assert opened.text["Description"] == page_words(page())
    assert "Kysymys ääkkösin." in page_words(page()) and ALT in page_words(page())
    assert page_picture(page()) == data
    drawn = page_picture(page(), "svg").decode()
    assert drawn.startswith("<svg") and not re.search(r"<script|/tmp", drawn)
    assert set(re.findall(r'href="(http[^"]*)', drawn)) == {"https://www.thl.fi/"}  # the page's own link
    with pytest.raises(SosrakeError, match="form 'gif'"):
        page_picture(page(), "gif")


def test_a_draft_s_picture_differs_from_an_approved_one():
    from document_pages import APPROVED

    assert page_picture(page()) != page_picture(page(approval=APPROVED))


def test_data_behind_holds_the_rows_shown_and_the_hidden_ones_it_tells_of(shown, released):
    held = content_behind(shown, [released])
    assert held.state.startswith("LUONNOS") and held.release_id == released.id
    (sheet,) = held.sheets
    codes = [line[sheet.headings.index("Alueen koodi")].text for line in sheet.lines]
    assert sorted(codes) == ["kunta-E01", "kunta-E02"]
    values = {
        line[sheet.headings.index("Alueen koodi")].text: line[sheet.headings.index("Luku")].value
        for line in sheet.lines
    }
    assert values == {"kunta-E01": 120, "kunta-E02": "••"}


def test_data_behind_as_files(shown, released, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "sosrake_lib.influence.documents.data.Release.load", lambda name, folder=None: released
    )
    book = openpyxl.load_workbook(io.BytesIO(data_behind(shown, tmp_path)))
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert 120 in cells and 3 not in cells and "••" in cells
    lines = list(
        csv.reader(io.StringIO(data_behind(shown, tmp_path, "csv").decode("utf-8-sig")), delimiter=";")
    )
    assert len(lines) == 3 and "LUONNOS" in " ".join(lines[1])
    assert data_behind(shown, tmp_path) == data_behind(shown, tmp_path)
    with pytest.raises(SosrakeError, match="form 'pdf'"):
        data_behind(shown, tmp_path, "pdf")


def test_a_page_without_figures_has_no_data(released):
    with pytest.raises(SosrakeError, match="no data behind it"):
        content_behind(Page(page().context, "<p>Vain sanoja.</p>", Facts(), ()), [released])


def test_files_are_named_by_region_page_and_language(tmp_path):
    assert file_stem(page()) == "hva-E1-koesivu"
    assert file_stem(page(language="en")) == "hva-E1-koesivu.en"
    assert file_stem(page(synthetic=False)) == "hanke-koesivu"
    made = make_documents(page(), ["pdf", "docx", "pdf", "pptx", "png", "svg"], tmp_path / "uusi")
    assert [one.name for one in made] == [
        f"hva-E1-koesivu.{form}" for form in ("pdf", "docx", "pptx", "png", "svg")
    ]
    assert sorted(one.name for one in (tmp_path / "uusi").iterdir()) == sorted(one.name for one in made)


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(SosrakeError, match=f"format odt; expected some of {', '.join(FORMATS)}"):
        make_documents(page(), ["pdf", "odt"], tmp_path / "uusi")
    assert not (tmp_path / "uusi").exists()


def test_a_page_that_is_not_there_is_told_in_words(tmp_path):
    from sosrake_lib.samples import project_root

    with pytest.raises(BatchError, match=r"Sivua kunta-1/olematon ei ole suunnitelmassa"):
        made_pages.page_made(project_root(), tmp_path, "olematon", "kunta-1")
    with pytest.raises(
        BatchError, match=r"ei ole vielä tehty .* sosrake reports --only kunta-297/alueprofiili"
    ):
        made_pages.page_made(project_root(), tmp_path, "alueprofiili", "kunta-297")


def test_the_command_writes_the_documents_of_a_made_page(tmp_path):
    from sosrake_lib.samples import project_root

    folder = tmp_path / "reports" / "notebooks" / "fi" / "kunta-297"
    folder.mkdir(parents=True)
    markup = table(["Alue", "Luku"], [["Kuopio", "1"]])
    output = {
        "output_type": "display_data",
        "data": {"text/html": markup, "text/plain": ""},
        "metadata": {"sosrake": {"release": RELEASE, "kind": "table"}},
    }
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Alueprofiili\n\nSanoja & <merkkejä>."},
        {"cell_type": "code", "metadata": {}, "source": "", "execution_count": 1, "outputs": [output]},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "alueprofiili.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    asked = ["document", "alueprofiili", "--region", "kunta-297", "--format", "pdf, docx"]
    asked += ["--output", str(tmp_path / "reports"), "--to", str(tmp_path / "valmiit")]
    done = subprocess.run(
        [sys.executable, "-m", "sosrake_lib", *asked],
        cwd=project_root(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "kunta-297-alueprofiili.pdf, kunta-297-alueprofiili.docx" in done.stdout
    assert {one.name for one in (tmp_path / "valmiit").iterdir()} == {
        "kunta-297-alueprofiili.pdf",
        "kunta-297-alueprofiili.docx",
    }
