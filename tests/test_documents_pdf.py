"""PDF read back: tags, language, title, alternative texts, headings of tables, order, letters."""

from __future__ import annotations

import io
import re

import pytest
from document_pages import (
    ALT,
    APPROVED,
    FULL,
    MINUS,
    NOTES,
    OTHER_LETTERS,
    THOUSANDS,
    bodies,
    figure,
    number,
    page,
    png,
    table,
)
from hypothesis import Phase, given, settings
from pdf_structure import Structure, faults
from pypdf import PdfReader

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents import document_of, plain, runs_of, to_pdf
from sosrake_lib.influence.documents.blocks import TableBlock
from sosrake_lib.influence.documents.measure import HYPHEN, in_letters
from sosrake_lib.influence.documents.pdf_headers import with_row_headers

A4 = (595.28, 841.89)
SPACES = re.compile(r"[ \n]+")


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return to_pdf(page(), NOTES)


@pytest.fixture(scope="module")
def read(pdf) -> Structure:
    return Structure(pdf)


def without_spaces(text: str) -> str:
    return SPACES.sub("", text.replace(HYPHEN, ""))


def test_the_file_breaks_no_rule_of_pdf_ua(pdf):
    assert faults(pdf) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"/Marked true", b"/Marked null", "document: MarkInfo"),
        (b"/DisplayDocTitle true", b"/DisplayDocTitlX true", "document: title shown"),
        (b"/Alt ", b"/Alx ", "figure without alternative text"),
        (b"/BBox", b"/BBoX", "figure without its place"),
        (b"/Scope /Row", b"/Scopx /Row", "without a scope"),
        (b"/S /H3", b"/S /H5", "heading 'Luvut': H5 after H2"),
        (b"/ID (R1x0y0)", b"/ID (R9x9y9)", "names headings"),
        (b"/S /LBody", b"/S /LBodx", "not a standard type"),
        (b"pdfuaid:part", b"pdfuaid:pant", "document: PDF/UA part"),
        (b"/Tabs /S", b"/Tabs /R", "tabs do not follow"),
        (b"/Contents (", b"/Contentx (", "without words"),
        (b"/Lang (fi", b"/Lang (xx", "document: Lang"),
    ],
)
def test_the_checker_sees_a_broken_file(pdf, old, new, told):
    assert old in pdf
    assert any(told in one for one in faults(pdf.replace(old, new)))


def test_language_title_and_bookmarks(read):
    assert read.catalog["/Lang"].startswith("fi")
    assert read.reader.metadata.title == "Koesivu: Esimerkkilä"
    assert "Koesivu: Esimerkkilä" in read.xmp
    flat = [one.title for one in _flat(read.reader.outline)]
    assert flat == ["Koesivu: Esimerkkilä", "Kysymys ääkkösin", "Luvut", "Muuta", "Mihin sivu perustuu"]
    assert Structure(to_pdf(page(language="en"))).catalog["/Lang"].startswith("en")


def test_reading_order_is_the_order_of_the_page():
    document = document_of(page())
    got = without_spaces(Structure(to_pdf(page())).root.text)
    at = 0
    texts = [plain(runs) for block in (*document.blocks, *document.basis) for runs in runs_of(block)]
    for text in (document.title, *document.lead, *texts):
        wanted = without_spaces(in_letters(text.replace("\n", "")))
        at = got.index(wanted, at) + len(wanted)


def test_signs_spaces_and_markup_come_out_as_they_went_in(read):
    got = read.root.text
    for text in ("19,3\u00a0%", MINUS, THOUSANDS, "ääkkösin"):
        assert text in got
    assert without_spaces(in_letters(OTHER_LETTERS)) in without_spaces(got)
    assert "😀 [CJK" not in got and "[cjk" in in_letters("漢").lower()
    assert "Kysymys ääkkösin" in read.text and MINUS in read.text


def test_figures_and_tables_are_told(read):
    figures = read.root.every("Figure")
    assert [str(one.values["/Alt"]) for one in figures] == [ALT]
    first, second = read.root.every("Table")
    heads = [(one.text, one.attribute("/Table", "/Scope")) for one in first.every("TH")]
    assert heads == [
        *(("Alue", "/Column"), ("Luku", "/Column"), ("Väli", "/Column")),
        *(("Aineistola", "/Row"), ("Mallisalmi", "/Row")),
    ]
    assert [one.text for one in first.every("TD")] == ["19,3\u00a0%", "18,9", *["••\u00a0suojattu"] * 2]
    assert "Taulukko 1. Osuus kunnittain, 2025" in first.every("Caption")[0].text
    assert second.every("TH")[-1].text == "Kuvitejärvi"
    assert "Luvut ovat taulukossa 1." in read.root.text


def test_footnotes_tell_what_stands_behind_numbers(read):
    notes = [one.text for one in read.root.every("Note")]
    assert len(notes) == 2  # two of three numbers share one
    assert "Lähde: Kela, indikaattori 2320. Ajanjakso: 2025." in notes[0] and "63\u00a0432" in notes[0]
    assert "Lähde: Kela, koko maa. Ajanjakso: 2025." in notes[1]
    assert "Lähde: Kela, kunnat." in read.root.text  # of the table's numbers, under it
    assert Structure(to_pdf(page())).root.every("Note") == []


def test_points_of_a_list_share_the_footnote(read):
    body = "<ul>" + "".join(f"<li>Luku {number('1', f'{n}:value')}</li>" for n in range(3)) + "</ul>"
    shared = {f"{n}:value": NOTES["osa.1:value"] for n in range(3)}
    made = to_pdf(page(body), shared)
    assert faults(made) == []
    assert len(Structure(made).root.every("Note")) == 1
    assert Structure(made).text.count("Luku 11") == 3  # the same raised number at each


def test_languages_of_passages_are_tagged(pdf, read):
    assert b"/Lang (en" in pdf
    assert "In English here." in read.root.text


def test_draft_is_marked_on_every_page_and_an_approved_page_names_a_role():
    long = "".join(f"<p>{'Pitkä teksti. ' * 60}</p>" for _ in range(14))
    draft = PdfReader(io.BytesIO(to_pdf(page(long))))
    assert len(draft.pages) > 2
    for place, sheet in enumerate(draft.pages, start=1):
        text = sheet.extract_text()
        assert "LUONNOS · Keksitty esimerkkiaineisto" in text
        assert text.count("LUONNOS") >= 2 or "LUONNOS" in text.replace(" ", "")
        assert f"sivu {place}/{len(draft.pages)}" in text
    ready = PdfReader(io.BytesIO(to_pdf(page(long, approval=APPROVED))))
    for sheet in ready.pages:
        text = sheet.extract_text()
        assert "LUONNOS" not in text
        assert "Hyväksytty julkaistavaksi: tietosuojavastaava, 5.3.2026." in text.replace("\n", " ")
    english = PdfReader(io.BytesIO(to_pdf(page(long, language="en"))))
    assert all(
        "DRAFT" in sheet.extract_text() and "page 1/" in english.pages[0].extract_text()
        for sheet in english.pages
    )


def test_the_mark_is_not_read_aloud(read):
    assert read.root.text.count("LUONNOS") == 1  # the sentence under the title


def test_nothing_but_the_page_is_in_the_file(pdf, read):
    told = read.reader.metadata
    assert set(told) <= {"/Title", "/Author", "/Creator", "/CreationDate", "/ModDate", "/Producer"}
    assert told.author == "SOSRAKE"
    raw = pdf.decode("latin1")
    assert "/tmp" not in raw and "/root" not in raw and "figure-1" not in raw
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", read.xmp)) <= {"2000-01-01T"}
    assert not {"/EmbeddedFiles", "/JavaScript"} & set(read.catalog.get("/Names", {}))


def test_equal_pages_give_equal_bytes(pdf):
    assert to_pdf(page(), NOTES) == pdf
    assert to_pdf(page(FULL.replace("Kysymys", "Vastaus")), NOTES) != pdf


def places(data: bytes):
    """Give each word's left edge, right edge, size and page size, as set."""
    found = []
    for sheet in PdfReader(io.BytesIO(data)).pages:
        wide, high = float(sheet.mediabox.width), float(sheet.mediabox.height)

        def visit(text, cm, tm, font, size, wide=wide, high=high):
            if text.strip():
                found.append((tm[4] * cm[0] + cm[4], abs(tm[0] * cm[0]) * size, wide, high, text))

        sheet.extract_text(visitor_text=visit)
    return found


def test_no_text_is_under_nine_points_and_sheets_are_a4(pdf):
    sizes = {round(size, 1) for _, size, *_ in places(pdf)}
    assert max(sizes) > 15
    small = {text.strip() for _, size, _, _, text in places(pdf) if size < 9}
    assert all(text.isdigit() for text in small)  # the raised numbers of footnotes only
    assert {(round(w, 1), round(h, 1)) for _, _, w, h, _ in places(pdf)} == {(595.3, 841.9)}


def test_a_long_table_repeats_its_head_and_holds_every_row():
    rows = [[f"Kunta {n}", str(n), f"{n},5\u00a0%"] for n in range(200)]
    made = to_pdf(page(table(["Alue", "Luku", "Osuus"], rows)))
    assert faults(made) == []
    read = Structure(made)
    assert len(read.root.every("Table")) == 1
    assert [row.children[0].text for row in read.root.every("Table")[0].every("TR")][1:] == [
        f"Kunta {n}" for n in range(200)
    ]
    sheets = [sheet.extract_text() for sheet in read.reader.pages]
    assert all("Osuus" in text for text in sheets if "Kunta " in text)


def test_a_wide_table_is_turned_or_divided_and_never_clipped():
    head = [f"Toimeentulotukea saaneet {n}" for n in range(12)]
    rows = [[f"Kunta {n}", *[f"{n}0,5\u00a0%"] * 11] for n in range(12)]
    made = to_pdf(page(table(head, rows)))
    assert faults(made) == []
    read = Structure(made)
    tables = read.root.every("Table")
    assert all(
        [row.children[0].text for row in one.every("TR")][1:] == [f"Kunta {n}" for n in range(12)]
        for one in tables
    )
    assert sum(len(one.every("TR")[0].children) - 1 for one in tables) == 11
    turned = [float(sheet.mediabox.width) > float(sheet.mediabox.height) for sheet in read.reader.pages]
    assert any(turned) or len(tables) > 1
    assert len(tables) == 1 or "osa 1/" in read.root.text


def test_a_tall_picture_stays_on_its_sheet():
    made = to_pdf(page(figure(picture=png(300, 4000))))
    assert faults(made) == []
    box = Structure(made).root.every("Figure")[0].attribute("/Layout", "/BBox")
    assert 0 < float(box[1]) < float(box[3]) < A4[1]


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(bodies())
def test_any_page_becomes_a_sound_pdf_with_every_word(body):
    given = page(body)
    made = to_pdf(given)
    assert faults(made) == []
    read = Structure(made)
    got = without_spaces(read.root.text)
    for block in document_of(given).blocks:
        for runs in runs_of(block):
            if isinstance(block, TableBlock):
                continue
            assert without_spaces(in_letters(plain(runs))) in got
    cells = [without_spaces(one.text) for one in read.root.every("TH", "TD")]
    for block in document_of(given).blocks:
        if isinstance(block, TableBlock):
            assert {
                without_spaces(in_letters(cell.text)) for row in (block.head, *block.rows) for cell in row
            } <= set(cells)
    assert all(0 <= left <= wide for left, _, wide, _, _ in places(made))


def test_a_file_of_another_form_is_refused(pdf):
    with pytest.raises(SosrakeError, match="no plain table"):
        with_row_headers(b"%PDF-1.7 nothing", [])
    import typst

    plain_file = typst.compile(b"= a", pretty=True)
    with pytest.raises(SosrakeError, match="0 tables in the structure, 1 in the page"):
        with_row_headers(plain_file, [1])


def _flat(outline):
    for one in outline:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one
