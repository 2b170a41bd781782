"""Results as programs print them and people save them: each table in a text is found, what is hidden told."""

from __future__ import annotations

import io
import json
import pickle

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.protect.output_check import Limits, check_folder
from sosrake_lib.protect.output_check.text_tables import framed, in_html, in_text

STATA = """
. tabulate palvelu sukupuoli
           |       sukupuoli
   palvelu |     mies      nainen |     Total
-----------+----------------------+----------
 asuminen  |         3         17 |        20
     talous|        40         52 |        92
-----------+----------------------+----------
     Total |        43         69 |       112
"""
REGRESSION = """
      Source |       SS           df       MS      Number of obs   =       212
-------------+----------------------------------   F(2, 209)       =      4.10
       Model |  120.1                2  60.05
    Residual |  131.2              209  14.57      R-squared       =    0.4779
"""
R_TABLE = """
> table(d$kunta, d$palvelu)

             asuminen talous
  Otoslinna        64    112
  Pisteniemi        1     14
"""
R_SMALL = """
Call:
lm(formula = y ~ x)

Residuals:
      1       2       3       4
-0.1122  0.2244 -0.1122  0.0000

Residual standard error: 0.2 on 32 degrees of freedom
"""
MARKDOWN = "| kunta | asiakkaita |\n|---|---:|\n| Otoslinna | 64 |\n| Pisteniemi | 2 |\n"
LATEX = "\\begin{tabular}{lr}\nkunta & asiakkaita \\\\\n\\hline\nA & 64 \\\\\nB & 2 \\\\\n\\end{tabular}"
HTML = (
    "<table><tr><th>kunta</th><th>N</th></tr>"
    "<tr><td>A</td><td>64</td></tr><tr><td>B</td><td>2</td></tr></table>"
)


def found(folder, name, body) -> dict[tuple[str, str], int]:
    content = body.encode("utf-8") if isinstance(body, str) else body
    (folder / name).write_bytes(content)
    one = next(one for one in check_folder(folder, Limits()).files if one.path == name)
    return {(risk.kind, risk.where): risk.places for risk in one.risks if risk.kind != "names"}


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("a.log", STATA, {("small_count", "mies"): 1}),
        ("a.out", R_TABLE, {("small_count", "asuminen"): 1}),
        ("a.md", MARKDOWN, {("small_count", "asiakkaita"): 1}),
        ("a.tex", LATEX, {("small_count", "asiakkaita"): 1}),
        ("a.html", HTML, {("small_count", "N"): 1}),
        ("a.txt", REGRESSION, {}),
        ("b.txt", R_SMALL, {("person_rows", "Residuals"): 1}),
        ("c.txt", "   Min. 1st Qu.  Median    Mean 3rd Qu.    Max.\n", {("extreme", "summary"): 1}),
    ],
)
def test_what_programs_print(tmp_path, name, body, expected):
    assert found(tmp_path, name, body) == expected


def test_a_log_without_its_small_cell_gives_no_risk(tmp_path):
    assert found(tmp_path, "a.log", STATA.replace("  3 ", " 31 ")) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("above", ["", "Taulukko 1. Asiakkaat kunnittain\n\n", "Lähde: rekisteri;;\n"])
def test_titles_above_and_encodings_hide_nothing(tmp_path, encoding, above):
    body = f"{above}alue;määrä;väestö\nÄhtäri;3;1200\nB;120;9000\nLähde: rekisteri\n".encode(encoding)
    assert found(tmp_path, "a.csv", body) == {("small_count", "määrä"): 1}


def test_a_table_without_headings_and_odd_line_ends_is_read_whole(tmp_path):
    assert found(tmp_path, "a.csv", "A;3;120\nB;40;50\n") == {("small_count", "#2"): 1}
    assert found(tmp_path, "b.csv", "alue;lkm\r\r\nA;3\r\r\nB;40\r\r\n") == {("small_count", "lkm"): 1}
    assert found(tmp_path, "c.csv", "alue;lkm\nA;40;2\nB;50\n") == {("small_count", "#3"): 1}


def test_a_rate_that_the_population_turns_into_a_small_count(tmp_path):
    """Three of 900 is 3.3 per 1 000: the count comes back though it is not in the table."""
    text = "kunta;väestö;per 1 000\nA;900;3,3\nB;58000;4,2\n"
    assert found(tmp_path, "a.csv", text) == {("recoverable_rate", "per 1 000"): 1}
    assert found(tmp_path, "b.csv", text.replace("900;3,3", "9000;3,3")) == {}
    per_cent = "kunta;n;osuus %\nA;120;2,5\nB;580;14,2\n"
    assert found(tmp_path, "c.csv", per_cent) == {("recoverable_rate", "osuus %"): 1}


def workbook(change=lambda book: None) -> bytes:
    from openpyxl import Workbook

    book, made = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = "taulu"
    for line in (["Taulukko 1"], [], ["alue", "lkm"], ["A", 3], ["B", 120]):
        sheet.append(line)
    other = book.create_sheet("toinen")
    for line in (["alue", "n"], ["A", 4], ["B", 60], [], ["alue", "n"], ["C", 2], ["D", 70]):
        other.append(line)
    book.properties.creator = ""
    change(book)
    book.save(made)
    return made.getvalue()


def comment(book):
    from openpyxl.comments import Comment

    book["taulu"]["B5"].comment = Comment("asiakas 131052-" + "308T", "tekijä")


def hide_column(book):
    book["taulu"].column_dimensions["B"].hidden = True


def maker(book):
    book.properties.creator = "tutkija"


PLAIN = {("small_count", "lkm"): 1, ("small_count", "n"): 2}


def test_every_table_of_every_sheet(tmp_path):
    assert found(tmp_path, "a.xlsx", workbook()) == PLAIN


@pytest.mark.parametrize(
    ("change", "more"),
    [
        (comment, {("hidden_content", "a.xlsx"): 1, ("personal_data", "HETU"): 1}),
        (hide_column, {("hidden_content", "a.xlsx"): 1}),
    ],
)
def test_what_a_workbook_carries_unseen(tmp_path, change, more):
    assert found(tmp_path, "a.xlsx", workbook(change)) == PLAIN | more


def test_the_makers_name_is_told_of(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(workbook(maker))
    risks = check_folder(tmp_path).files[0].risks
    assert ("names", "MAKER") in {(risk.kind, risk.where) for risk in risks}


def test_documents_and_slides(tmp_path):
    from docx import Document
    from pptx import Presentation
    from pptx.util import Emu

    document, slides, made = Document(), Presentation(), {}
    table = document.add_table(3, 2)
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    shown = slide.shapes.add_table(3, 2, Emu(0), Emu(0), Emu(9000), Emu(9000)).table
    for row, line in enumerate((["alue", "lkm"], ["A", "3"], ["B", "120"])):
        for column, text in enumerate(line):
            table.cell(row, column).text = shown.cell(row, column).text = text
    for name, book in (("a.docx", document), ("a.pptx", slides)):
        made[name] = io.BytesIO()
        book.save(made[name])
        assert found(tmp_path, name, made[name].getvalue())["small_count", "lkm"] == 1


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.dat", "a.json", "a"])
def test_a_saved_state_is_refused_whatever_it_is_called(tmp_path, name):
    assert found(tmp_path, name, pickle.dumps({"a": [3]})) == {("code_or_state", name): 1}
    assert found(tmp_path, name, b"SQLite format 3\x00" + bytes(40)) == {("code_or_state", name): 1}


@pytest.mark.parametrize("body", [b"PK\x03\x04rest", b"\x1f\x8brest", b"abc\x00def"])
def test_packed_and_binary_files_are_told_of(tmp_path, body):
    assert found(tmp_path, "a.txt", body) == {("not_read", "a.txt"): 1}


def test_lines_of_json_and_unknown_texts_are_looked_through(tmp_path):
    code = "131052-" + "308T"
    lines = "\n".join(json.dumps({"alue": name, "lkm": count}) for name, count in (("A", 3), ("B", 40)))
    assert found(tmp_path, "a.jsonl", lines) == {("small_count", "lkm"): 1}
    split = json.dumps({"columns": ["alue", "n"], "data": [["A", 3], ["B", 20]]})
    assert found(tmp_path, "b.json", split) == {("small_count", "n"): 1}
    told = found(tmp_path, "a.yaml", f"tunnus: {code}")
    assert told == {("personal_data", "HETU"): 1, ("not_read", "a.yaml"): 1}


def test_output_of_notebooks_is_read_as_tables(tmp_path):
    frame = pd.DataFrame({"lkm": [3, 40]}, index=["A", "B"])
    data = {"text/html": [frame.to_html()], "text/plain": [frame.to_string()]}
    cell = {"source": ["taulu"], "outputs": [{"output_type": "display_data", "data": data}]}
    assert found(tmp_path, "a.ipynb", json.dumps({"cells": [cell]})) == {("small_count", "lkm"): 1}
    plain = {"source": ["taulu"], "outputs": [{"output_type": "stream", "text": [STATA]}]}
    assert found(tmp_path, "b.ipynb", json.dumps({"cells": [plain]})) == {("small_count", "mies"): 1}


counts = st.lists(st.integers(0, 500), min_size=2, max_size=6)


@given(counts, counts)
@settings(max_examples=50)
def test_a_printed_table_is_read_back_whole(first, second):
    size = min(len(first), len(second))
    rows = [(f"alue{'abcdef'[n]}", first[n], second[n]) for n in range(size)]
    lines = ["alue     mies   nainen", *(f"{name}    {a:6d}   {b:6d}" for name, a, b in rows)]
    text = "\n".join(["Otsikko", "", *lines, "", "loppu"])
    expected = [(name, str(a), str(b)) for name, a, b in rows]
    assert [list(frame.itertuples(index=False, name=None)) for frame in in_text(text)] == [expected]
    html = "".join(f"<tr><td>{name}</td><td>{a}</td><td>{b}</td></tr>" for name, a, b in rows)
    head = "<tr><th>alue</th><th>mies</th><th>nainen</th></tr>"
    assert [
        list(frame.itertuples(index=False, name=None)) for frame in in_html(f"<table>{head}{html}</table>")
    ] == [expected]
    (found_frame,) = framed([["Otsikko"], [], ["alue", "mies", "nainen"], *rows])
    assert found_frame["mies"].tolist() == first[:size]
