"""From a page to blocks: every word in its order, numbers with their results, and refusals of the unknown."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from document_pages import ALT, APPROVED, NOTES, OTHER_LETTERS, bodies, figure, number, page, png, table
from hypothesis import given, settings

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents import (
    Bullets,
    FigureBlock,
    Heading,
    NoteBlock,
    Paragraph,
    Run,
    TableBlock,
    blocks_of,
    document_of,
    plain,
    runs_of,
)
from sosrake_lib.influence.documents.blocks import LINE_BREAK
from sosrake_lib.influence.documents.layout import lay_out
from sosrake_lib.influence.documents.measure import HYPHEN, cut, width_of
from sosrake_lib.influence.documents.notes import NumberNote, notes_in, notes_of_table, units_kept


@pytest.fixture(scope="module")
def blocks():
    return blocks_of(page())


def only(blocks, kind):
    return [block for block in blocks if isinstance(block, kind)]


def test_a_page_becomes_its_blocks_in_order(blocks):
    kinds = [type(block).__name__ for block in blocks]
    assert kinds == [
        *("Heading", "Paragraph", "Bullets", "Heading", "NoteBlock", "FigureBlock", "TableBlock"),
        *("Heading", "Paragraph", "Paragraph", "Bullets", "Paragraph", "Paragraph", "Paragraph", "Rule"),
        *("Paragraph", "Paragraph", "TableBlock"),
    ]
    assert [(one.level, plain(one.runs)) for one in only(blocks, Heading)] == [
        (2, "Kysymys ääkkösin"),
        (3, "Luvut"),
        (2, "Muuta"),
    ]


def test_signs_of_markup_are_text(blocks):
    assert plain(blocks[1].runs) == f"Missä asiassa tilanne poikkeaa? {OTHER_LETTERS}"


def test_numbers_keep_their_results_and_their_spaces(blocks):
    runs = only(blocks, Bullets)[0].items[0].runs
    assert {run.reference: run.text for run in runs if run.reference} == {
        "nosto.1:value": "19,3\u00a0%",
        "nosto.1:reference_value": "13,9\u00a0%",
        "nosto.1:difference": "−1,5",
    }


def test_lists_keep_their_points_under_points(blocks):
    bullets, ordered = only(blocks, Bullets)
    assert [plain(item.runs) for item in bullets.items][1] == "Toinen kohta"
    assert plain(bullets.items[1].below[0].items[0].runs) == "alakohta"
    assert ordered.ordered and [plain(item.runs) for item in ordered.items] == ["yksi", "kaksi"]


def test_a_figure_knows_its_alternative_text_and_table(blocks):
    found = only(blocks, FigureBlock)[0]
    assert (found.alt, found.number, found.table) == (ALT, 1, 1)
    assert found.png == png(600, 300)


def test_a_table_keeps_caption_heads_rows_and_notes(blocks):
    first, folded = only(blocks, TableBlock)
    assert [cell.text for cell in first.head] == ["Alue", "Luku", "Väli"]
    assert [[cell.text for cell in row] for row in first.rows] == [
        ["Aineistola", "19,3\u00a0%", "18,9"],
        ["Mallisalmi", "••\u00a0suojattu", "••\u00a0suojattu"],
    ]
    assert first.stubs == 1 and first.rows[0][0].header and first.rows[0][1].figure
    assert [plain(note) for note in first.notes] == ["•• luku on suojattu, jotta ketään ei voi tunnistaa."]
    assert (folded.summary, folded.number) == ("Luvut taulukkona", 2)


def test_stress_links_languages_and_line_breaks(blocks):
    paragraphs = only(blocks, Paragraph)
    runs = {run.text: run for run in paragraphs[1].runs}
    assert runs["THL:n sivut"].link == "https://www.thl.fi/" and runs["THL:n sivut"].leads_out
    assert runs["tärkeä"].strong and runs["asia"].emphasis and runs["koodi_1"].code
    english = paragraphs[2].runs
    assert {run.language for run in english} == {"en"}
    assert [run.text for run in english] == ["In English here.", LINE_BREAK, "Second line."]
    assert paragraphs[3].quote and plain(paragraphs[3].runs) == "Lainattu kohta."


def test_a_note_holds_its_paragraphs(blocks):
    note = only(blocks, NoteBlock)[0]
    assert [plain(block.runs) for block in note.blocks] == ["Luku on pieni, väestö 63\u00a0432."]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>Ala<sub>2</sub></p>", "<sub> inside a line"),
        ('<table><thead><tr><th scope="col">a</th></tr></thead></table>', "0 rows"),
        (table(["a", "b"], [["c", "d"]]).replace("<td ", '<td colspan="2" '), "joined over 2"),
        (table(["a", "b"], [["c"]]), "as many cells"),
        ('<figure><figcaption>k</figcaption><img alt="a" src="data:,"></figure>', "run the notebook"),
        (figure().replace(ALT, " "), "no alternative text"),
        (f'<div class="huomio">{figure()}</div>', "inside a note"),
        (f"<ul><li>a{figure()}</li></ul>", "FigureBlock inside a point"),
        ("<ul>irti<li>a</li></ul>", "'irti' between the points"),
        ("<table>irti<tr><th>a</th></tr></table>", "'irti' outside the cells"),
        ("<p>auki", "never closed"),
        ("<p><!-- piilo --></p>", "a comment"),
        ('<p lang="ru">слово</p>', "language 'ru'"),
        ('<p><em lang="ru">слово</em></p>', "language 'ru'"),
    ],
)
def test_what_is_not_understood_is_refused(body, words):
    given = replace(page(), body=body)  # as it stands: not cleaned before
    with pytest.raises(SosrakeError, match=re.escape(words)):
        blocks_of(given)


@settings(max_examples=40, deadline=None)
@given(bodies())
def test_no_word_of_a_page_is_dropped(body):
    given = page(body)
    read = "".join(plain(runs) for block in blocks_of(given) for runs in runs_of(block))

    class Text(HTMLParser):
        words = ""

        def handle_data(self, data):
            self.words += data

    text = Text()
    text.feed(given.body)
    squeezed = [re.sub(r"[ \n]+", "", one) for one in (read, text.words)]
    assert squeezed[0] == squeezed[1]


def test_a_document_tells_state_origin_age_and_basis():
    draft, ready = document_of(page()), document_of(page(approval=APPROVED))
    assert draft.title == "Koesivu: Esimerkkilä"
    assert draft.mark == "LUONNOS · Keksitty esimerkkiaineisto"
    assert ready.draft == "" and ready.mark.startswith(
        "Hyväksytty julkaistavaksi: tietosuojavastaava, 5.3.2026."
    )
    basis = " ".join(plain(runs) for block in draft.basis for runs in runs_of(block))
    assert "Kela, indikaattori 2320, CC BY 4.0" in basis and "Sivulta on suojattu yksi luku" in basis
    english = document_of(page(language="en"))
    assert english.mark == "DRAFT · Invented example data" and "is based on" in plain(english.basis[0].runs)
    with pytest.raises(SosrakeError, match="expected fi or en"):
        document_of(page(language="sv"))


def test_numbers_of_a_paragraph_share_equal_notes():
    runs = only(blocks_of(page()), Bullets)[0].items[0].runs
    found = notes_in(runs, NOTES)
    assert [runs[place].reference for place in found] == ["nosto.1:value", "nosto.1:reference_value"]
    assert found[next(iter(found))].text("fi") == (
        "Lähde: Kela, indikaattori 2320. Ajanjakso: 2025. Menetelmä: Wilsonin väli. "
        "Luottamusväli: 18,9–19,6. Joukon koko: 63\u00a0432."
    )
    assert NumberNote(hidden="kaksi lukua").text("en") == "Not shown: kaksi lukua."


def test_notes_of_a_table_are_told_by_source_and_row():
    body = table(
        ["Alue", "Luku", "Vertailu"],
        [
            ["A", number("1", "a:value"), number("9", "a:reference")],
            ["B", number("2", "b:value"), number("9", "b:reference")],
        ],
    )
    notes = {
        "a:value": NumberNote("Kela", "2025", n="100"),
        "b:value": NumberNote("Kela", "2025", n="200"),
        "a:reference": NumberNote("THL", "2025"),
        "b:reference": NumberNote("THL", "2025"),
    }
    told = notes_of_table(only(blocks_of(page(body)), TableBlock)[0], notes, "fi")
    assert told == (
        "Luku: Lähde: Kela. Ajanjakso: 2025. Joukon koko: A: 100; B: 200.",
        "Vertailu: Lähde: THL. Ajanjakso: 2025.",
    )


def test_a_series_of_periods_tells_its_source_once():
    """Rows named by their period have one source; where the row does not tell the period, the note does."""
    months = ["tammikuu 2019", "helmikuu 2019", "maaliskuu 2019"]
    rows = [[month, number(str(place), f"m{place}:value")] for place, month in enumerate(months)]
    notes = {f"m{place}:value": NumberNote("Kela", month) for place, month in enumerate(months)}
    series = only(blocks_of(page(table(["Ajanjakso", "Saajia"], rows))), TableBlock)[0]
    assert notes_of_table(series, notes, "fi") == ("Lähde: Kela.",)
    areas = [[f"Alue {place}", cells[1]] for place, cells in enumerate(rows)]
    told = notes_of_table(only(blocks_of(page(table(["Alue", "Saajia"], areas))), TableBlock)[0], notes, "fi")
    assert told == tuple(
        f"Alue {place}: Lähde: Kela. Ajanjakso: {month}." for place, month in enumerate(months)
    )


def test_widths_are_those_of_the_letters():
    from matplotlib.ft2font import FT2Font, LoadFlags

    from sosrake_lib.influence.documents.measure import font_folder

    font = FT2Font(str(font_folder() / "DejaVuSans.ttf"))
    font.set_size(100, 72)
    font.set_text("Ålesund 19,3 %", 0.0, flags=LoadFlags.NO_HINTING)
    assert width_of("Ålesund 19,3 %", 100) == pytest.approx(font.get_width_height()[0] / 64, rel=0.03)


@settings(max_examples=40, deadline=None)
@given(bodies())
def test_cutting_and_dividing_lose_nothing_and_fit(body):
    for block in only(blocks_of(page(body)), TableBlock):
        for runs in runs_of(block):
            pieces = cut(plain(runs), 90.0, 9.0)
            assert "".join(pieces).replace(HYPHEN, "") == plain(runs).replace(HYPHEN, "")
            longest = max((word for piece in pieces for word in piece.split(" ")), key=len, default="")
            assert width_of(longest, 9.0) <= 90.0 or len(longest) < 9
        laid = lay_out(block, 480.0, 730.0, 9.0)
        shown = [column for part in laid.parts for column in part.columns]
        assert set(shown) == set(range(len(block.head)))
        assert [one for one in shown if one >= block.stubs] == list(range(block.stubs, len(block.head)))
        assert all(part.columns[: min(1, block.stubs)] == (0,)[: block.stubs] for part in laid.parts)
        assert all(sum(part.widths) <= (730.0 if laid.turned else 480.0) + 0.01 for part in laid.parts)


def test_a_wide_table_is_turned_and_a_wider_one_divided():
    def made(columns: int, rows: int, word: str):
        head = [f"{word}{n}" for n in range(columns)]
        body = table(head, [[word] * columns for _ in range(rows)])
        return lay_out(only(blocks_of(page(body)), TableBlock)[0], 480.0, 730.0, 9.0)

    narrow = made(5, 20, "sanat")
    assert not narrow.turned and len(narrow.parts) == 1
    assert made(9, 20, "tutkimus").turned and len(made(9, 20, "tutkimus").parts) == 1
    wide = made(12, 20, "toimeentulotuki")
    assert wide.turned and len(wide.parts) > 1
    few = made(9, 2, "tutkimus")
    assert not few.turned and len(few.parts) == 2


def test_a_mark_stands_after_the_unit_and_after_the_upper_limit():
    runs = (
        Run("Ero on "),
        Run("3,0", "a"),
        Run("\u00a0prosenttiyksikköä (95 %:n luottamusväli "),
        Run("13,4", "b"),
        Run("–"),
        Run("14,0", "c"),
        Run(")."),
    )
    limits = NumberNote(source="Kela", period="2019")
    notes = {"a": NumberNote(source="THL"), "b": limits, "c": limits}
    kept = units_kept(runs, notes)
    marked = [kept[place].text for place in notes_in(kept, notes)]
    assert marked == ["3,0\u00a0prosenttiyksikköä", "14,0"]
    assert "".join(run.text for run in kept) == "".join(run.text for run in runs)
