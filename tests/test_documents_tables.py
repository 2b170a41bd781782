"""Tables on paper: no row alone on a sheet, columns kept together, words divided where a reader would."""

from __future__ import annotations

import io
import json

import pytest
import typst
from document_pages import page, table
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from sosrake_lib.influence.documents import TableBlock, blocks_of, to_docx, to_pdf
from sosrake_lib.influence.documents.layout import lay_out
from sosrake_lib.influence.documents.office import lines_needed
from sosrake_lib.influence.documents.pdf import SMALL, TURNED, UPRIGHT
from sosrake_lib.influence.documents.table_breaks import lonely, settled

WORDS = [
    "Päivä",
    "Mitä tehdään",
    "Kuinka usein",
    "Mihin päätökseen",
    "Tieto valmiina",
    "Kuka vastaa",
    "Vaihe",
]
CELLS = [
    "23.1.2026",
    "Luku rakenteellisesta sosiaalityöstä annetaan hyvinvointikertomukseen.",
    "vuosittain",
    "Kunnan hyvinvointiraportti vuosittain, laajempi kertomus valtuustokausittain",
    "tammikuu",
    "kehittämispäällikkö",
    "suunniteltu",
]


def block_of(head: list[str], rows: list[list[str]]) -> TableBlock:
    return next(one for one in blocks_of(page(table(head, rows))) if isinstance(one, TableBlock))


@pytest.fixture
def asked(monkeypatch) -> list[list[dict]]:
    """Keep what is read of the places of rows each time a document is set."""
    found: list[list[dict]] = []
    read = typst.query

    def query(*given, **named):
        told = read(*given, **named)
        found.append(json.loads(told))
        return told

    monkeypatch.setattr(typst, "query", query)
    return found


def test_no_row_stands_alone_however_long_a_table_is(asked):
    mended = 0
    for count in range(30, 42):
        asked.clear()
        rows = [[f"Kunta {n}.", str(n)] for n in range(count)]
        pdf = to_pdf(page(f"<h2>Osa</h2><p>Kappale.</p>{table(['Alue', 'Luku'], rows)}"))
        assert asked, "a table of many rows is looked at"
        assert not lonely(asked[-1])
        mended += len(asked) > 1
        text = " ".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages)
        assert all(f"Kunta {n}." in text for n in range(count))
    assert mended, "at some of the lengths a row would have stood alone"


def test_a_low_table_is_whole_and_nothing_is_asked(asked):
    rows = [[f"Kunta {n}", str(n)] for n in range(8)]
    told = "".join(f"<p>Kappale {n}.</p>" for n in range(32))
    sheets = PdfReader(io.BytesIO(to_pdf(page(f"{told}{table(['Alue', 'Luku'], rows)}")))).pages
    assert asked == []
    assert [sum(f"Kunta {n}" in one.extract_text() for n in range(8)) for one in sheets] == [0, 8]


def test_ways_of_setting_a_lonely_table_end():
    part = {"name": "1-1", "room": 4.0, "ways": [5.0, 3.0]}
    block = {"kind": "table", "kept": False, "low": False, "may_begin": True, "parts": [part]}
    tried = []
    while settled([block], ("1-1",)):
        tried.append((part["room"], block.get("begins", False)))
    assert tried == [(5.0, False), (3.0, False), (4.0, True), (5.0, True), (3.0, True)]
    assert not settled([block], ())


def test_a_table_of_seven_columns_of_words_is_not_divided():
    laid = lay_out(block_of(WORDS, [CELLS] * 4), UPRIGHT, TURNED, SMALL)
    assert len(laid.parts) == 1 and not laid.turned
    assert sum(laid.parts[0].widths) <= UPRIGHT + 0.01


def test_a_column_of_long_text_gets_the_room_that_short_ones_can_spare():
    """Rows are as low as the room allows: sharing it evenly made a finding of five lines ten."""
    finding = "Työttömien osuus työvoimasta on alueella suurempi kuin koko maassa. " * 3
    rows = [
        [f"Teema {n} on tämä", finding, "Ei kirjattu mitään", "Työttömien osuus työvoimasta"]
        for n in range(4)
    ]
    block = block_of(["Teema", "Havainto", "Tavoite", "Seurantaluku"], rows)
    (part,) = lay_out(block, UPRIGHT, TURNED, SMALL).parts
    assert sum(part.widths) == pytest.approx(UPRIGHT)

    def lines(widths):
        return max(
            lines_needed(cell.runs, width - 8, SMALL)
            for cell, width in zip(block.rows[0], widths, strict=True)
        )

    assert part.widths[1] > UPRIGHT / 3
    assert lines(part.widths) <= 6 < lines([UPRIGHT / 4] * 4)


def test_parts_of_a_table_are_about_as_wide():
    head = ["Alue", *(f"Sarake {'x' * 11}{n}" for n in range(7))]
    laid = lay_out(block_of(head, [["Kuopio", *["1"] * 7]]), UPRIGHT, TURNED, SMALL)
    counts = [len(part.columns) for part in laid.parts]
    assert len(counts) > 1 and max(counts) - min(counts) <= 1
    assert [one for part in laid.parts for one in part.columns if one] == list(range(1, 8))


def test_long_words_of_word_tables_may_be_divided_between_syllables_only():
    docx = Document(io.BytesIO(to_docx(page(table(WORDS, [CELLS] * 4)))))
    cell = docx.tables[0].rows[1].cells[5]
    run = cell.paragraphs[0].runs[0]._r
    pieces = [one.text or "" for one in run.iter(qn("w:t"))]
    assert "".join(pieces) == "kehittämispäällikkö"
    assert len(list(run.iter(qn("w:softHyphen")))) == len(pieces) - 1
    assert len(pieces) > 2 and all(len(piece) <= 6 for piece in pieces)
    assert not list(docx.tables[0].rows[1].cells[0]._tc.iter(qn("w:softHyphen")))


def test_head_and_last_rows_of_word_tables_stay_with_their_neighbours():
    rows = [[f"Kunta {n}", str(n)] for n in range(20)]
    made = Document(io.BytesIO(to_docx(page(table(["Alue", "Luku"], rows))))).tables[0]
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in made.rows]
    assert [place for place, one in enumerate(kept) if one] == [0, 1, 19]
