"""Exports read back: marks, numbers, no formula, no name or clock, equal bytes, and the draft mark."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import cli, protect
from sosrake_lib.batch import recipes_protection
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.effects import ladder
from sosrake_lib.errors import DisclosureError
from sosrake_lib.influence import exports, pieces, words_feedback, words_goals, words_instruments
from sosrake_lib.influence.exports import content, export
from sosrake_lib.influence.exports.content import _cell as judged_cell
from sosrake_lib.influence.exports.safe import guarded, words
from sosrake_lib.influence.tables import HIDDEN_MARK
from sosrake_lib.protect import approval

OFFICE = ("xlsx", "ods", "docx", "pptx")
FORMULA = "=HYPERLINK(2)"
# counts of clients; 3 is hidden, and with it what would give it back
COUNTS = {"E01": 120, "E02": 3, "E03": 41, "E04": 1250}


def row(code: str, count: float, group: str = "asuminen", level: str = "kunta") -> dict:
    return {
        "indicator": "palvelutarve_asiakkaat",
        "region_level": level,
        "region_code": code,
        "borders": 2026,
        "period": "2025",
        "sex": "total",
        "age": "all",
        "group": group,
        "value": float(count),
        "lower": np.nan,
        "upper": np.nan,
        "per": 1.0,
        "numerator": float(count),
        "denominator": np.nan,
        "status": "ok",
        "break_before": False,
        "origin": "synthetic",
        "producer": "Keksitty esimerkkiaineisto",
        "source": "koe.csv",
        "licence": "MIT",
    }


def make(**counts: float) -> protect.Release:
    rows = [row(code, count) for code, count in {**COUNTS, **counts}.items()]
    rows.append(row("E1", 1500, FORMULA, "hva"))
    rows.append(row("E1", 1600.0, "talous", "hva"))
    return protect.release({"osa": protect.part(pd.DataFrame(rows), "vakio")}, name="koe", preview=True)


@pytest.fixture(scope="module")
def made() -> protect.Release:
    return make()


@pytest.fixture(scope="module")
def files(made) -> dict[str, bytes]:
    return {form: export(made, form) for form in exports.FORMATS}


def grid(form: str, data: bytes) -> list[list]:
    """Read every cell of a file back with a reader that is not the writer where there is one."""
    if form in ("csv", "tsv"):
        return list(
            csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";" if form == "csv" else "\t")
        )
    if form in ("xlsx", "ods"):
        engine = "openpyxl" if form == "xlsx" else "calamine"
        return (
            pd.read_excel(io.BytesIO(data), header=None, engine=engine, keep_default_na=False)
            .to_numpy()
            .tolist()
        )
    if form == "docx":
        from docx import Document

        table = Document(io.BytesIO(data)).tables[0]
        return [[cell.text for cell in line.cells] for line in table.rows]
    if form == "pptx":
        from pptx import Presentation

        tables = [
            shape.table
            for slide in Presentation(io.BytesIO(data)).slides
            for shape in slide.shapes
            if shape.has_table
        ]
        return [[cell.text for cell in line.cells] for table in tables for line in table.rows]
    if form == "json":
        return [list(one.values()) for one in json.loads(data)["parts"][0]["rows"]]
    return [re.findall(r"<td[^>]*>(.*?)</td>", line) for line in data.decode().split("<tr>")]


def inside(form: str, data: bytes) -> str:
    """Give all text a file holds, whatever part of the zip it stands in."""
    if form not in OFFICE:
        return data.decode("utf-8")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", errors="ignore") for name in packed.namelist())


@pytest.mark.parametrize("form", exports.FORMATS)
def test_hidden_figures_are_one_mark_and_shown_ones_stay(form, files):
    cells = [str(cell) for line in grid(form, files[form]) for cell in line]
    assert sum(cell == HIDDEN_MARK for cell in cells) >= 1
    told = {re.sub(r"[\s,.]", "", cell) for cell in cells}
    assert {"120", "41", "1250"} <= told
    assert "3" not in told


@pytest.mark.parametrize("form", ["xlsx", "ods", "json"])
def test_numbers_are_numbers(form, files):
    found = [cell for line in grid(form, files[form]) for cell in line if isinstance(cell, int | float)]
    assert {120, 41, 1250, 1500, 1600} <= set(found)
    assert 3 not in found


@pytest.mark.parametrize("form", exports.FORMATS)
def test_text_is_never_a_formula(form, files):
    text = inside(form, files[form])
    assert "HYPERLINK(2)" in text
    if form in ("csv", "tsv", "html"):
        begun = [
            cell for line in grid(form, files[form]) for cell in line if str(cell).startswith(("=", "+", "@"))
        ]
        assert begun == []
        assert f"'{FORMULA}" in html.unescape(text)
    assert not re.search(r"<f[ >]|table:formula", text)


def test_an_edited_cell_of_a_workbook_stays_text(files):
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(files["xlsx"]))["osa"]
    found = [cell for line in sheet for cell in line if cell.value == FORMULA]
    assert [(cell.data_type, cell.quotePrefix) for cell in found] == [("s", True)]


@given(st.text(max_size=12))
@settings(max_examples=50)
def test_guarded_text_never_begins_a_formula(text):
    shown = guarded(text)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}"))
    assert words(text) in (shown, shown[1:])


def test_decimals_follow_the_language():
    frame = pd.DataFrame([row("E01", 120) | {"value": 12.25, "per": 100.0, "denominator": 980.0}])
    opened = protect.release({"osa": protect.part(frame, "vakio")}, name="koe", preview=True)
    assert ";12,25;" in export(opened, "csv").decode()
    assert ",12.25," in export(opened, "csv", language="en").decode()
    assert "\t12,25\t" in export(opened, "tsv").decode()
    assert export(opened, "csv")[:3] == b"\xef\xbb\xbf" != export(opened, "csv", bom=False)[:3]


@pytest.mark.parametrize("form", exports.FORMATS)
def test_state_origin_source_and_release_stand_inside(form, files, made):
    text = inside(form, files[form])
    for piece in ("LUONNOS", made.id, "Keksitty esimerkkiaineisto", "koe.csv", "MIT"):
        assert piece in text


@pytest.mark.parametrize("form", exports.FORMATS)
def test_approval_in_the_ledger_takes_the_draft_mark_away(form, made, home):
    rows = pd.DataFrame([row(code, count) for code, count in COUNTS.items()])
    kept = protect.release({"osa": protect.part(rows, "vakio")}, name="hyvaksytty")
    assert "LUONNOS" in inside(form, export(kept, form))
    approval.approve([kept.id], "johtava asiantuntija")
    approved = inside(form, export(kept, form))
    assert "LUONNOS" not in approved
    assert re.search(r"johtava asiantuntija, \d{1,2}\.\d{1,2}\.\d{4}", approved)
    # nobody says of himself that it is approved
    with pytest.raises(DisclosureError, match="its approval is read from the ledger"):
        export(made, form, approval=approval.Approval("johtaja", "2026-03-05"))


@pytest.mark.parametrize("form", exports.FORMATS)
def test_no_clock_machine_or_maker_is_told(form, files):
    text = inside(form, files[form])
    assert not re.search(r"/(?:home|root|tmp|work|Users)/|[A-Z]:\\", text)
    assert not re.search(r"python-(?:docx|pptx)|Steve Canny|fr-FR", text)
    assert set(re.findall(r"(20\d\d)-\d\d-\d\dT\d\d:\d\d", text)) <= {"2000"}
    if form in OFFICE:
        with zipfile.ZipFile(io.BytesIO(files[form])) as packed:
            assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert not [
                name for name in packed.namelist() if "thumbnail" in name.lower() or "printer" in name
            ]


@pytest.mark.parametrize("form", exports.FORMATS)
def test_twins_that_differ_behind_the_mark_have_equal_bytes(form, files):
    """3 or 4 clients behind the mark: no byte of any format differs."""
    twin = make(E02=4)
    assert export(twin, form) == files[form]
    assert export(make(E03=42), form) != files[form]


@pytest.mark.parametrize("form", exports.FORMATS)
def test_texts_are_written_too(form):
    text = protect.Text("Laki 1301/2014 velvoittaa.", "Act 1301/2014 obliges.", ("1301/2014",))
    assert "Act 1301/2014 obliges." in inside(form, export(text, form, language="en"))
    assert "DRAFT" in inside(form, export(text, form, language="en"))


@pytest.mark.parametrize("thing", [pd.DataFrame({"value": [3]}), {"value": 3}, "3", None])
def test_nothing_but_released_things_is_written(thing):
    with pytest.raises(DisclosureError, match="expected Release, Selection or Text"):
        export(thing, "csv")


def test_wrong_form_and_language_are_refused(made):
    with pytest.raises(DisclosureError, match=r"form 'pdf'; expected one of csv, xlsx"):
        export(made, "pdf")
    with pytest.raises(DisclosureError, match="language 'de'; expected one of fi, en, sv"):
        content(made, "de")


def test_command_writes_a_part_of_a_saved_release(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SOSRAKE_PROJECT", "")
    rows = pd.DataFrame([row(code, count) for code, count in COUNTS.items()])
    saved = protect.release(
        {"osa": protect.part(rows, "vakio")}, name="koe", folder=tmp_path / "out" / "releases"
    )
    given = ["export", saved.id, "--output", tmp_path / "out", "--part", "osa", "--to", tmp_path]

    def call(*more: str) -> int:
        with pytest.raises(SystemExit) as left:
            cli.main([str(one) for one in (*given, *more)])
        return left.value.code or 0

    assert call("--format", "csv", "--region", "kunta-E01") == 0
    written = tmp_path / f"koe-osa-kunta-E01-{saved.id}.csv"
    assert written.read_bytes() == export(saved.select("osa", region=("kunta", "E01")), "csv")
    assert written.name in capsys.readouterr().out
    assert call("--format", "ods") == 0
    assert call("--format", "pdf") == 2
    assert call("--to", str(tmp_path / "a.csv")) == 1
    assert "ends .xlsx" in capsys.readouterr().err
    assert not list(tmp_path.glob(".*.part"))


BAD = ("=cmd|' /C calc'!A0", "+1", "-x", "@SUM(1)", "\t=1", "＝1+1")


def bad_content(sign: str):
    """Every text of a file as an attacker would have it: title, state, source, part, heading, cell."""
    from sosrake_lib.influence.exports.content import Cell, Content, Sheet

    sign = words(sign)  # as `content` reads every text
    line = (Cell(sign, sign), Cell(-3.5, "-3,5"), Cell(HIDDEN_MARK, HIDDEN_MARK))
    sheets = (Sheet(sign, (sign, f"{sign}b", "Luku"), (line,), sign, 1),)
    return Content(sign, "fi", "ab" * 8, sign, sign, sheets)


def written(form: str, held) -> bytes:
    from sosrake_lib.influence.exports import _writer
    from sosrake_lib.influence.exports.plain import as_csv

    return as_csv(held) if form == "csv" else _writer(form)(held)


@pytest.mark.parametrize("sign", BAD)
@pytest.mark.parametrize("form", ["csv", "tsv", "html", "xlsx", "ods"])
def test_no_text_of_any_place_begins_a_formula(form, sign):
    data = written(form, bad_content(sign))
    if form in ("csv", "tsv"):
        cells = [cell for line in grid(form, data) for cell in line if cell not in ("-3,5", "")]
        assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@", "＝")]
    elif form == "html":
        texts = re.findall(r">([^<>]+)<", html.unescape(data.decode()).partition("<body>")[2])
        assert not [
            text for text in texts if text.strip()[:1] in ("=", "+", "@", "＝") or text.strip() == "-x"
        ]
        assert "<td>-3,5</td>" in data.decode()
    else:
        text = inside(form, data)
        assert not re.search(r"<f[ >]|table:formula", text)
        names = re.findall(r'<sheet [^>]*\bname="([^"]*)"|table:name="([^"]*)"', text)
        assert names
        assert not [name for pair in names for name in pair if name[:1] in ("=", "+", "-", "@")]


@pytest.mark.parametrize("form", OFFICE)
def test_no_other_program_is_named_and_files_still_open(form, files):
    with zipfile.ZipFile(io.BytesIO(files[form])) as packed:
        name = next(name for name in packed.namelist() if name in ("docProps/app.xml", "meta.xml"))
        text = packed.read(name).decode("utf-8")
    assert re.search(r"<(?:meta:generator|Application)>SOSRAKE<", text)
    assert not re.search(r">[^<]*(?:Microsoft|Macintosh|LibreOffice|odfdo|Normal\.dot)|<AppVersion", text)
    assert grid(form, files[form])


def test_a_part_named_as_excel_keeps_to_itself():
    from dataclasses import replace

    from openpyxl import load_workbook

    held = bad_content("x")
    held = replace(held, sheets=tuple(replace(one, name="History") for one in held.sheets))
    assert load_workbook(io.BytesIO(written("xlsx", held))).sheetnames == ["History_"]


def test_headings_that_are_alike_lose_no_column():
    from sosrake_lib.influence.exports.content import _apart

    assert _apart(["Luku", "Alue", "Luku", "Luku"]) == ("Luku", "Alue", "Luku (3)", "Luku (4)")


JUDGED = {
    *pieces.VERDICTS,
    *ladder.VERDICTS,
    *words_feedback.AGREEMENT,
    *words_goals.AGREEMENT,
    *words_instruments.RTM,
    "no_change_shown",
    recipes_protection.REFUSED,
}


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("verdict", sorted(JUDGED))
def test_every_judgement_of_a_row_has_words_in_a_file(verdict, language):
    told = judged_cell({"verdict": verdict, "status": "ok"}, "verdict", language)
    assert told.text and "_" not in told.text


@pytest.fixture(scope="module")
def chosen() -> pd.DataFrame:
    """One published comparison of a municipality, as the decision maker's page rests on it."""
    told = RECIPES["paattajalle"](None)["nosto_valtuutettu"].frame
    return told.loc[(told["region_level"] == "kunta") & (told["region_code"] == "297")]


@pytest.fixture(scope="module")
def compared(chosen) -> protect.Release:
    return protect.release({"nosto": protect.part(chosen, "avoin")}, name="koe", preview=True)


@pytest.mark.parametrize("language", ["fi", "en", "sv"])
def test_every_column_of_a_comparison_is_named_in_the_language(compared, language):
    sheet = content(compared, language).sheets[0]
    assert [name for name in sheet.headings if "_" in name] == []
    assert len(set(sheet.headings)) == len(sheet.headings)
    told = dict(zip(sheet.headings, (cell.text for cell in sheet.lines[0]), strict=True))
    heading, place = {
        "fi": ("Vertailualue", "koko maa"),
        "en": ("Compared with", "the whole country"),
        "sv": ("Jämförelseområde", "hela landet"),
    }[language]
    assert told[heading] == place


@pytest.mark.parametrize("form, engine", [("xlsx", "openpyxl"), ("ods", "calamine")])
def test_a_spreadsheet_holds_how_figures_were_made_on_a_sheet_of_its_own(compared, form, engine):
    read = pd.read_excel(io.BytesIO(export(compared, form)), sheet_name=None, header=None, engine=engine)
    first, second = ([str(cell) for cell in frame.to_numpy().ravel()] for frame in read.values())
    assert "newcombe" in second and "wilson" in second and not {"newcombe", "wilson"} & set(first)
    assert "Vertailualue" in first and "Luvun tunnus" in first and "Luvun tunnus" in second
    assert "Montako mittaria verrattiin" in second


def test_computed_limits_are_rounded_and_a_published_value_is_not(compared):
    (released,) = protect.protected_frame(compared.select("nosto")).to_dict("records")
    sheet = content(compared, "fi").sheets[0]
    told = dict(zip(sheet.headings, (cell.value for cell in sheet.lines[0]), strict=True))
    assert told["Luku"] == released["value"]
    assert told["Luottamusvälin alaraja"] == round(released["lower"], 4) != released["lower"]
    assert told["Lukumäärä"] == released["numerator"]


@pytest.mark.parametrize(
    "p, shown, held", [(1e-201, "<\u00a00,001", 0.001), (0.0034, "0,003", 0.0034), (0.25, "0,250", 0.25)]
)
def test_a_p_value_is_neither_nought_nor_the_tail_of_an_approximation(chosen, p, shown, held):
    part = protect.part(chosen.assign(chosen_p_value=p), "avoin")
    made = protect.release({"nosto": part}, name="koe", preview=True)
    sheet = content(made, "fi").sheets[0]
    cell = dict(zip(sheet.headings, sheet.lines[0], strict=True))[
        "Eron p-arvo, valinta otettu huomioon (pienin 0,001)"
    ]
    assert (cell.text, cell.value) == (shown, held)
