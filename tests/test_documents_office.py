"""Word documents and slides read back: headings, languages, heads of tables, alternative texts, notes."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from itertools import pairwise

import pytest
from document_pages import ALT, APPROVED, FULL, NOTES, OTHER_LETTERS, bodies, figure, number, page, png, table
from docx import Document
from docx.oxml.ns import qn
from hypothesis import Phase, given, settings
from pptx import Presentation
from pptx.util import Pt

from sosrake_lib.influence.documents import (
    FigureBlock,
    TableBlock,
    document_of,
    plain,
    runs_of,
    to_docx,
    to_pptx,
)
from sosrake_lib.influence.documents.office import divided, lines_needed
from sosrake_lib.influence.documents.slide_flow import (
    MOST_LINES,
    MOST_ROWS,
    ROOM,
    Chart,
    Rows,
    Words,
    height_of,
    lines_of,
)
from sosrake_lib.influence.documents.slides import slides_of

SPACES = re.compile(r"[ \n\v\t]+")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def squeezed(text: str) -> str:
    return SPACES.sub("", text)


def opened(data: bytes):
    return Document(io.BytesIO(data))


def slides(data: bytes):
    return Presentation(io.BytesIO(data))


def xml(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def docx_text(document) -> str:
    return squeezed("".join(node.text or "" for node in document.element.body.iter(qn("w:t"))))


@pytest.fixture(scope="module")
def docx() -> bytes:
    return to_docx(page(), NOTES)


@pytest.fixture(scope="module")
def pptx() -> bytes:
    return to_pptx(page(), NOTES)


def test_headings_are_real_and_in_order(docx):
    found = [
        (one.style.name, one.text) for one in opened(docx).paragraphs if one.style.name.startswith("Heading")
    ]
    assert found == [
        ("Heading 1", "Koesivu: Esimerkkilä"),
        ("Heading 2", "Kysymys ääkkösin"),
        ("Heading 3", "Luvut"),
        ("Heading 2", "Muuta"),
        ("Heading 2", "Mihin sivu perustuu"),
        ("Heading 2", "Lukujen lähteet"),
    ]


def test_every_word_of_the_page_is_in_the_document_in_order(docx):
    got = docx_text(opened(to_docx(page())))
    at = 0
    document = document_of(page())
    for block in document.blocks:
        for runs in runs_of(block):
            wanted = squeezed(plain(runs))
            at = got.index(wanted, at) + len(wanted)
    assert squeezed(OTHER_LETTERS) in got


def test_language_of_document_and_passages(docx):
    styles = xml(docx, "word/styles.xml")
    assert 'w:lang w:val="fi-FI"' in styles and "en-US" not in styles
    runs = [run for one in opened(docx).paragraphs for run in one.runs if "In English" in run.text]
    assert runs[0].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "en-GB"
    assert 'w:lang w:val="en-GB"' in xml(to_docx(page(language="en")), "word/styles.xml")


def test_heads_of_tables_repeat_and_rows_stay_whole(docx):
    tables = opened(docx).tables
    assert [[cell.text for cell in row.cells] for row in tables[0].rows] == [
        ["Alue", "Luku", "Väli"],
        ["Aineistola", "19,3\u00a0%", "18,9"],
        ["Mallisalmi", "••\u00a0suojattu", "••\u00a0suojattu"],
    ]
    for made in tables:
        assert made.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in made.rows)
        look = made._tbl.tblPr.find(qn("w:tblLook"))
        assert (look.get(qn("w:firstRow")), look.get(qn("w:firstColumn"))) == ("1", "1")
    assert tables[0]._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Osuus kunnittain, 2025"


def test_pictures_have_alternative_texts(docx, pptx):
    shapes = opened(docx).inline_shapes
    assert [one._inline.docPr.get("descr") for one in shapes] == [ALT]
    found = [
        shape._element.xpath(".//p:cNvPr")[0].get("descr")
        for slide in slides(pptx).slides
        for shape in slide.shapes
        if shape.shape_type == 13
    ]
    assert found == [ALT]


def test_numbers_lead_to_their_sources_and_back(docx):
    body = opened(docx).element.body
    anchors = [one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink")) if one.get(qn("w:anchor"))]
    names = [one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))]
    assert Counter(anchors) == Counter(["source_1", "source_2", "number_1", "number_2"])
    assert set(anchors) <= set(names) and len(names) == len(set(names))
    ids = [one.get(qn("w:id")) for one in body.iter(qn("w:bookmarkStart"))]
    assert len(ids) == len(set(ids)) == len(list(body.iter(qn("w:bookmarkEnd"))))
    texts = [one.text for one in opened(docx).paragraphs]
    at = texts.index("Lukujen lähteet")
    assert texts[at + 1].startswith("1. Lähde: Kela, indikaattori 2320. Ajanjakso: 2025.")
    assert texts[at + 2].startswith("2. Lähde: Kela, koko maa.")
    assert any(one.startswith("Lähde: Kela, kunnat.") for one in texts)  # the table's, under it


def test_outside_links_work_and_inside_ones_are_text(docx):
    held = opened(docx).part.rels.values()
    assert [one.target_ref for one in held if one.is_external] == ["https://www.thl.fi/"]
    inside = opened(to_docx(page('<p>Katso <a href="toinen.html">toinen sivu</a>.</p>')))
    assert "Katsotoinensivu." in docx_text(inside)
    assert not [one for one in inside.part.rels.values() if one.is_external]


@pytest.mark.parametrize("form", ["docx", "pptx"])
def test_properties_tell_nothing_of_people_clocks_or_programs(form, docx, pptx):
    data = docx if form == "docx" else pptx
    held = (opened(data) if form == "docx" else slides(data)).core_properties
    assert (held.author, held.last_modified_by, held.title) == ("SOSRAKE", "SOSRAKE", "Koesivu: Esimerkkilä")
    assert held.created.year == held.modified.year == 2000
    assert held.language == "fi-FI"
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    names = archive.namelist()
    assert not [name for name in names if "thumbnail" in name or "printerSettings" in name]
    for name in names:
        if name.endswith((".xml", ".rels")):
            assert not re.search(r"/tmp|/root|Steve Canny", archive.read(name).decode("utf-8", "ignore"))


def test_equal_pages_give_equal_bytes(docx, pptx):
    assert to_docx(page(), NOTES) == docx and to_pptx(page(), NOTES) == pptx
    changed = page(FULL.replace("Kysymys", "Vastaus"))
    assert to_docx(changed, NOTES) != docx and to_pptx(changed, NOTES) != pptx


def test_state_and_origin_stand_on_every_sheet_and_slide():
    mark = "LUONNOS · Keksitty esimerkkiaineisto"
    assert opened(to_docx(page())).sections[0].header.paragraphs[0].text == mark
    ready = opened(to_docx(page(approval=APPROVED))).sections[0].header.paragraphs[0].text
    assert ready.startswith("Hyväksytty julkaistavaksi: tietosuojavastaava, 5.3.2026.")
    for one, told in ((page(), mark), (page(approval=APPROVED), ready), (page(language="en"), "DRAFT")):
        for slide in slides(to_pptx(one)).slides:
            texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
            assert any(text.startswith(told) for text in texts), texts


def test_page_numbers_are_fields(docx):
    foot = xml(docx, next(n for n in zipfile.ZipFile(io.BytesIO(docx)).namelist() if "footer" in n))
    assert "PAGE" in foot and "NUMPAGES" in foot and "sivu" in foot


def test_a_wide_table_turns_the_sheet_and_the_rest_stands_upright():
    rows = [[f"Kunta {n}", *["10,5\u00a0%"] * 8] for n in range(20)]
    body = table([f"Tutkimuskohde {n}" for n in range(9)], rows) + "<p>Loppu.</p>"
    sections = opened(to_docx(page(body))).sections
    turned = [section.page_width > section.page_height for section in sections]
    assert turned == [False, True, False]


def test_slides_are_wide_and_begin_with_title_and_state(pptx):
    held = slides(pptx)
    assert held.slide_width / held.slide_height == pytest.approx(16 / 9)
    first = held.slides[0]
    assert first.shapes.title.text == "Koesivu: Esimerkkilä"
    assert "LUONNOS: tätä sivua ei ole hyväksytty julkaistavaksi." in first.placeholders[1].text
    titles = [slide.shapes.title.text for slide in held.slides]
    assert titles == [
        *("Koesivu: Esimerkkilä", "Kysymys ääkkösin", "Luvut", "Muuta"),
        "Mihin sivu perustuu",
    ]
    texts = [shape.text_frame.text for shape in held.slides[2].shapes if shape.has_text_frame]
    assert "Luku on pieni, väestö 63\u00a0432.\nOsuus kunnittain, 2025" in texts


def test_letters_of_slides_are_large_and_nothing_leaves_the_slide(pptx):
    held = slides(pptx)
    for slide in held.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= held.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= held.slide_height
            frames = [shape.text_frame] if shape.has_text_frame else []
            if shape.has_table:
                frames += [cell.text_frame for row in shape.table.rows for cell in row.cells]
            for frame in frames:
                for paragraph in frame.paragraphs:
                    for run in paragraph.runs:
                        assert run.font.size >= Pt(14)
                        assert run._r.rPr.get("lang") in ("fi-FI", "en-GB")


def boxes(slide):
    """Give top and bottom of what stands under a slide's title, in the order it was put there."""
    held = [one for one in slide.shapes if one.has_table or one.shape_type in (13, 17)]
    kept = [one for one in held if Pt(110) < one.top < Pt(500)]
    return [(one.top, one.top + one.height) for one in kept]


@pytest.mark.parametrize("shown", [figure(), table(["Alue", "Luku"], [["Kuopio", "1"], ["Joensuu", "2"]])])
def test_paragraphs_above_and_under_a_picture_or_table_never_touch_it(shown):
    told = "".join(f"<p>Kappale {place} on lyhyt.</p>" for place in range(2))
    made = slides(to_pptx(page(f"<h2>Osa</h2>{told}{shown}<p>Kappale sen alla.</p>")))
    together = [boxes(slide) for slide in made.slides if len(boxes(slide)) > 1]
    assert together
    for found in together:
        assert all(above[1] <= below[0] for above, below in pairwise(found)), found
    # what the height is counted of: two lines and a caption, each with the gap before it
    document = document_of(page(f"<h2>Osa</h2>{told}{shown}"))
    words = next(piece for slide in slides_of(document) for piece in slide.pieces)
    assert len(words.lines) == 3 and words.height > 3 * words.size * 1.15 + 2 * words.size * 0.35


def test_no_slide_is_fuller_than_its_room():
    body = "<h2>Pitkä</h2>" + "".join(f"<p>{'Tämä on virke numero. ' * 40}</p>" for _ in range(3))
    made = slides_of(document_of(page(body)))
    assert len(made) > 3
    assert all(height_of(one.pieces) <= ROOM for one in made)
    assert all(line.lines() <= MOST_LINES for one in made for line in one.lines)
    assert [one.title for one in made][1] == "Pitkä (jatkuu)"
    # divided after a sentence
    assert all(plain(one.lines[-1].runs).endswith(".") for one in made[:-1])


def test_short_sections_share_a_slide_under_their_own_headings():
    body = "".join(f"<h2>Osa {n}</h2><p>Osan {n} ainoa virke.</p>" for n in range(7))
    made = slides_of(document_of(page(body)))[:-1]
    assert [one.title for one in made] == ["Osa 0 · Osa 1 · Osa 2", "Osa 3 · Osa 4 · Osa 5", "Osa 6"]
    told = [plain(line.runs) for line in made[0].lines]
    assert told == [line for n in range(3) for line in (f"Osa {n}", f"Osan {n} ainoa virke.")]
    nested = slides_of(document_of(page("<h2>Yllä</h2><h3>Alla</h3><p>Sana.</p><h3>Toinen</h3><p>Sana.</p>")))
    assert [one.title for one in nested][:-1] == ["Yllä"]
    assert [plain(line.runs) for line in nested[0].lines] == ["Alla", "Sana.", "Toinen", "Sana."]


def test_a_heading_over_nothing_is_told_with_what_does_not_fit_beside_it():
    made = slides_of(document_of(page(f"<h2>Yllä</h2><h3>Alla</h3>{figure()}")))
    assert [one.title for one in made][:-1] == ["Yllä: Alla"]
    assert any(isinstance(piece, Chart) for piece in made[0].pieces)


def test_a_heading_is_never_the_last_of_a_slide():
    body = "<h2>Eka</h2><p>Sana.</p><h2>Yllä</h2><h3>Alla</h3><p>Toinen.</p><h3>Viimeinen</h3>"
    made = slides_of(document_of(page(body)))[:-1]
    assert [one.title for one in made] == ["Eka · Yllä", "Viimeinen"]
    assert [plain(line.runs) for line in made[0].lines] == ["Eka", "Sana.", "Yllä", "Alla", "Toinen."]


def test_a_line_that_announces_is_never_the_last_of_a_slide():
    points = "".join(f"<li>{'Tämä on kohta. ' * 16}</li>" for _ in range(3))
    for count in range(8, 16):
        told = "".join(f"<p>Kappale {place}.</p>" for place in range(count))
        made = slides_of(document_of(page(f"<h2>Osa</h2>{told}<p>Luvattiin:</p><ul>{points}</ul>")))
        assert len(made) > 2
        assert all(plain(one.lines[-1].runs).endswith(".") for one in made)


@pytest.mark.parametrize("count", [2, 8, 9, 10, 17, 18, 40])
def test_tables_go_on_in_slides_of_at_most_eight_rows_and_never_one_alone(count):
    rows = [[f"Kunta {n}", str(n)] for n in range(count)]
    made = slides_of(document_of(page(f"<h2>Osa</h2>{table(['Alue', 'Luku'], rows)}")))
    shown = [piece for slide in made for piece in slide.pieces if isinstance(piece, Rows)]
    assert [row[0].text for one in shown for row in one.table.rows] == [f"Kunta {n}" for n in range(count)]
    assert all(2 <= len(one.table.rows) <= MOST_ROWS + 1 and one.size >= 14 for one in shown)
    assert len(shown) <= -(-count // MOST_ROWS) + 1
    captions = [plain(slide.lines[0].runs) for slide in made[:-1]]
    continued = "Osuus kunnittain, 2025 (jatkuu)"
    assert captions == ["Osuus kunnittain, 2025", *[continued] * (len(shown) - 1)]


def test_words_of_slides_are_18_points_or_more():
    made = slides_of(document_of(page()))
    assert all(piece.size >= 18 for one in made for piece in one.pieces if isinstance(piece, Words))


def test_sources_are_in_the_notes_of_a_slide(pptx):
    notes = {
        slide.shapes.title.text: slide.notes_slide.notes_text_frame.text
        for slide in slides(pptx).slides
        if slide.has_notes_slide
    }
    assert "Lähde: Kela, indikaattori 2320." in notes["Kysymys ääkkösin"]
    told = notes["Luvut"]
    assert ALT in told and "Lähde: Kela, kunnat." in told and "ketään ei voi tunnistaa" in told
    assert "Lähteet: Kela, indikaattori 2320, CC BY 4.0" in notes["Mihin sivu perustuu"].replace("\n", " ")
    plain_notes = slides(to_pptx(page(f"<p>Luku {number('1', 'a:value')}</p>"))).slides[1]
    assert "CC BY 4.0" in plain_notes.notes_slide.notes_text_frame.text


def test_long_tables_go_on_over_slides_with_their_heads():
    rows = [[f"Kunta {n}", str(n)] for n in range(40)]
    made = slides(to_pptx(page(table(["Alue", "Luku"], rows))))
    tables = [shape.table for slide in made.slides for shape in slide.shapes if shape.has_table]
    assert len(tables) > 2
    assert {one.cell(0, 0).text for one in tables} == {"Alue"} and all(one.first_row for one in tables)
    assert [row.cells[0].text for one in tables for row in list(one.rows)[1:]] == [
        f"Kunta {n}" for n in range(40)
    ]


@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(bodies())
def test_any_page_becomes_documents_with_every_word(body):
    made = page(body)
    document = document_of(made)
    text = docx_text(opened(to_docx(made)))
    shown = slides(to_pptx(made))
    told = ""
    for slide in shown.slides:
        for shape in slide.shapes:
            told += shape.text_frame.text if shape.has_text_frame else ""
            if shape.has_table:
                told += "".join(cell.text for row in shape.table.rows for cell in row.cells)
    told = squeezed(told)
    # the table behind a picture is left to the other formats, and the notes say so
    of_figures = {block.table for block in document.blocks if isinstance(block, FigureBlock)}
    for block in document.blocks:
        if isinstance(block, TableBlock):
            for cell in (one for row in (block.head, *block.rows) for one in row):
                assert squeezed(cell.text) in text
                assert block.number in of_figures or squeezed(cell.text) in told
        else:
            assert all(squeezed(plain(runs)) in text for runs in runs_of(block))
            if not any(
                one.lines() > MOST_LINES for one in lines_of(block)
            ):  # a longer text is divided over slides
                assert all(squeezed(plain(runs)) in told for runs in runs_of(block))


def test_dividing_a_text_keeps_every_word():
    from sosrake_lib.influence.documents import Run

    runs = (
        Run("Ensimmäinen virke. "),
        Run("Toinen", strong=True),
        Run(" virke on pitkä ja jatkuu vielä. Kolmas."),
    )
    first, rest = divided(runs, 1, 300.0, 20.0)
    assert plain(first) + " " + plain(rest) == plain(runs)
    assert plain(first) == "Ensimmäinen virke." and rest[0].strong
    assert lines_needed(first, 300.0, 20.0) == 1


def test_pictures_of_any_shape_stay_on_the_slide():
    for wide, high in ((900, 60), (60, 900), (640, 480)):
        held = slides(to_pptx(page(figure(picture=png(wide, high)))))
        shape = next(one for slide in held.slides for one in slide.shapes if one.shape_type == 13)
        assert shape.top + shape.height <= held.slide_height and shape.left + shape.width <= held.slide_width
        assert shape.width / shape.height == pytest.approx(wide / high, rel=0.02)
