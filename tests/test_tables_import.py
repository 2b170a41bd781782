"""Office tables: each kind of trouble has its verdict, row and column, and all is imported or nothing."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import bad_books
import openpyxl
import pandas as pd
import pytest
import python_calamine

from sosrake_lib import samples
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import findings as found
from sosrake_lib.gather.identifiers import identity_codes
from sosrake_lib.gather.schemas import schema
from sosrake_lib.gather.tables import check_file, import_file, kinds
from sosrake_lib.language import say

# An artificial code (individual number 900-999 is never given to a person); the check character is right.
ARTIFICIAL = "010190-900P"
CLEAN = (
    "kunta_nro;kunta;vuosi;palvelu;asiakkaat;vaesto\n"
    "491;Mikkeli;2021;toimeentulotuki;1204;52122\n"
    "297;Kuopio;2021;toimeentulotuki;4310;121543\n"
    "697;Ristijärvi;2021;toimeentulotuki;26;1231\n"
)

WORDS_1 = (
    "file row column value clean encoding separator found expected rows code name official successor_name"
)
WORDS_3 = "same differing values of by sheets second years part_column day ending"
WORDS_2 = "successor hint year since limit limit_column low high allowed header_row last sheet cell size"


def write(tmp_path: Path, text: str, name: str = "omat.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8", newline="")
    return file


def outside(tmp_path: Path) -> Path:
    return tmp_path / "oma_aineisto"


def expectations(shared) -> list[dict]:
    lines = (shared / "cases" / "bad_inputs" / "expectations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_case_has_its_verdict_row_and_column(shared, tmp_path):
    wrong = []
    for case in expectations(shared):
        file = shared / "cases" / "bad_inputs" / case["file"]
        result = import_file(file, "asiakkaat", outside(tmp_path), dry_run=True)
        must = case["must_mention"]
        rows = must.get("rows") or ([must["row"]] if "row" in must else [])
        columns = must.get("columns") or ([must["column"]] if "column" in must else [])
        told = result.findings
        texts = " ".join(told["reason"])
        fits = (
            result.verdict == case["verdict"]
            and set(told["row"].dropna()) >= set(rows)
            and (not rows or set(told["row"].dropna()) == set(rows))
            and all(column in set(told["column"]) or column in texts for column in columns)
            and all(
                str(must[part]) in texts
                for part in ("encoding", "separator", "sheet", "cell")
                if part in must
            )
        )
        if not fits:
            wrong.append((case["file"], result.verdict, told.to_dict("records")))
    assert wrong == []


def test_clean_file_gives_no_message_and_is_read_by_the_next_run(tmp_path):
    result = import_file(write(tmp_path, CLEAN), "asiakkaat", outside(tmp_path))
    assert (result.verdict, len(result.findings), result.rows) == ("accept", 0, 3)
    assert result.written == outside(tmp_path) / "asiakkaat.csv"
    table = samples.table("asiakkaat", outside(tmp_path))
    assert table["asiakkaat"].tolist() == [1204, 4310, 26] and table["kunta_nro"].tolist()[0] == "491"
    assert samples.files(outside(tmp_path))["kind"].tolist() == ["real"]
    about = tomllib.loads((outside(tmp_path) / "asiakkaat.toml").read_text(encoding="utf-8"))
    assert about["source"] == "omat.csv" and len(about["source_sha256"]) == 64


def test_hidden_value_is_a_third_state(tmp_path):
    text = CLEAN.replace(";26;", ";<5;").replace(";4310;", ";;")
    result = import_file(write(tmp_path, text), "asiakkaat", outside(tmp_path))
    assert result.verdict == "warn"
    table = samples.table("asiakkaat", outside(tmp_path))
    assert table["asiakkaat_tila"].tolist() == ["ok", "puuttuu", "peitetty"]
    assert table["asiakkaat"].isna().tolist() == [False, True, True]


def test_all_or_nothing_and_dry_run(tmp_path):
    bad = import_file(write(tmp_path, CLEAN.replace(";26;", ";-26;")), "asiakkaat", outside(tmp_path))
    dry = import_file(write(tmp_path, CLEAN), "asiakkaat", outside(tmp_path), dry_run=True)
    assert (bad.verdict, dry.verdict) == ("refuse_rows", "accept")
    assert bad.written is None and dry.written is None and not outside(tmp_path).exists()


def test_refused_file_leaves_the_earlier_one(tmp_path):
    import_file(write(tmp_path, CLEAN), "asiakkaat", outside(tmp_path))
    before = (outside(tmp_path) / "asiakkaat.csv").read_bytes()
    import_file(write(tmp_path, CLEAN.replace("297", "999")), "asiakkaat", outside(tmp_path))
    assert (outside(tmp_path) / "asiakkaat.csv").read_bytes() == before


@pytest.mark.parametrize("git", ["folder", "file"])
def test_target_inside_a_git_tree_is_refused(tmp_path, git):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".git").mkdir() if git == "folder" else (tree / ".git").write_text("gitdir: x", encoding="utf-8")
    with pytest.raises(GatherError, match="lies in the git tree"):
        import_file(write(tmp_path, CLEAN), "asiakkaat", tree / "data" / "oma")
    assert not (tree / "data").exists()


def test_title_rows_can_be_passed_by_naming_the_header(tmp_path):
    file = write(tmp_path, "Otsikko\n\n" + CLEAN)
    assert import_file(file, "asiakkaat", outside(tmp_path)).verdict == "refuse"
    told = import_file(file, "asiakkaat", outside(tmp_path), header_row=3)
    assert (told.verdict, told.rows) == ("accept", 3)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("muistiinpano", ARTIFICIAL, "identity_code"),
        ("hetu", "x", "identity_column"),
        ("sukunimi", "x", "name_column"),
    ],
)
def test_persons_are_refused_and_never_repeated(tmp_path, column, value, kind):
    lines = CLEAN.splitlines()
    text = "\n".join([f"{lines[0]};{column}", *(f"{line};{value}" for line in lines[1:])])
    for language in ("fi", "en"):
        result = import_file(write(tmp_path, text), "asiakkaat", outside(tmp_path), language=language)
        assert result.verdict == "refuse" and kind in set(result.findings["kind"])
        assert ARTIFICIAL not in result.findings.to_csv() and not outside(tmp_path).exists()


def test_column_of_full_names_is_refused_whatever_it_is_called(tmp_path):
    names = ["Aino Virtanen", "Eino Korhonen", "Helmi Mäkinen", "Onni Nieminen", "Lyyli Mäki-Aho"]
    lines = [f"491;Mikkeli;{2016 + place};tuki;5;500;{name}" for place, name in enumerate(names)]
    text = "\n".join(["kunta_nro;kunta;vuosi;palvelu;asiakkaat;vaesto;lisatieto", *lines])
    result = import_file(write(tmp_path, text), "asiakkaat", outside(tmp_path))
    assert result.verdict == "refuse" and "name_column" in set(result.findings["kind"])
    assert "Virtanen" not in result.findings.to_csv()


def test_identity_code_in_a_number_cell_is_not_shown(tmp_path):
    text = CLEAN.replace(";26;", f";{ARTIFICIAL};")
    result = import_file(write(tmp_path, text), "asiakkaat", outside(tmp_path))
    assert result.verdict == "refuse" and ARTIFICIAL not in result.findings.to_csv()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (ARTIFICIAL, 1),
        ("131052-308T", 1),  # the model code of the Digital and Population Data Services Agency
        ("131052\u2013308T", 1),
        ("131052A308T", 1),
        ("131052-308U", 0),
        ("331052-308T", 0),
        ("PHQ-9, SF-36 ja WHO-5", 0),
        ("tilaus 1310523081", 0),
    ],
)
def test_identity_code_needs_date_sign_and_check(text, codes):
    assert identity_codes(text) == codes


def test_indicators_become_an_indicator_frame(tmp_path):
    text = (
        "indikaattori;kunta_nro;vuosi;arvo;osoittaja;nimittaja\n"
        "tyottomyysaste;297;2021;9,8;5518;56323\ntyottomyysaste;491;2021;..;;\n"
    )
    result = import_file(write(tmp_path, text), "indikaattorit", outside(tmp_path))
    assert result.verdict == "accept_converted" and result.rows == 2
    frame = samples.indicator_frame(outside(tmp_path)).set_index("region_code")
    assert (frame.loc["297", "value"], frame.loc["297", "denominator"], frame.loc["297", "per"]) == (
        9.8,
        56323,
        100,
    )
    assert frame["status"].to_dict() == {"297": "ok", "491": "suppressed"}
    assert set(frame["origin"]) == {"own"} and set(frame["borders"]) == {2021}
    wrong = text.replace("tyottomyysaste;297", "tyottomyys;297")
    told = check_file(write(tmp_path, wrong), "indikaattorit").findings
    assert told.loc[told["kind"] == "unknown_indicator", "row"].tolist() == [2]


def test_own_records_and_survey_come_in(project, tmp_path):
    for kind, name, rows in (
        ("palvelutarpeet", "esimerkkila_asiakkaat", None),
        ("osaamiskartoitus",) * 2 + (64,),
    ):
        result = import_file(project / "data" / "samples" / f"{name}.csv", kind, outside(tmp_path))
        assert result.verdict == "accept" and rows in (None, result.rows)
    kept = samples.table("palvelutarpeet", outside(tmp_path))
    given = samples.table("esimerkkila_asiakkaat")
    assert kept["client"].nunique() == given["client"].nunique()
    assert not set(kept["client"]) & set(given["client"])
    assert samples.dictionary("palvelutarpeet", outside(tmp_path))["kind"] == "synthetic"


def test_invented_and_real_places_stay_apart(tmp_path):
    text = CLEAN + "E01;Otoslinna;2021;toimeentulotuki;5;58400\n"
    told = import_file(write(tmp_path, text), "asiakkaat", outside(tmp_path))
    assert told.verdict == "refuse" and "synthetic_mixed" in set(told.findings["kind"])


def workbook(tmp_path: Path, rows: list[list]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "omat.xlsx")
    return tmp_path / "omat.xlsx"


def test_workbook_reads_as_the_same_csv(tmp_path):
    cells = [line.split(";") for line in CLEAN.splitlines()]
    typed = [
        [int(cell) if cell.isdigit() and place else cell for place, cell in enumerate(row)] for row in cells
    ]
    result = import_file(workbook(tmp_path, typed), "asiakkaat", outside(tmp_path))
    assert result.verdict == "accept"
    from_excel = result.written.read_bytes()
    import_file(write(tmp_path, CLEAN), "asiakkaat", outside(tmp_path))
    assert from_excel == result.written.read_bytes()


def test_workbook_with_entities_is_refused(tmp_path):
    good = workbook(tmp_path, [line.split(";") for line in CLEAN.splitlines()])
    bad = tmp_path / "paha.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                body = b'<!DOCTYPE x [<!ENTITY a "b">]>' + body
            new.writestr(entry.filename, body)
    assert set(check_file(bad, "asiakkaat").findings["kind"]) == {"entities"}


@pytest.mark.parametrize(("ending", "rounds"), [(".csv", 300), (".xlsx", 60), (".ods", 60)])
def test_random_damage_never_ends_in_a_traceback(tmp_path, monkeypatch, project, ending, rounds):
    monkeypatch.syspath_prepend(project / "benchmarks")
    drill = importlib.import_module("import_mutations")
    told = drill.run(drill.clean(tmp_path, 12)[ending], ending, rounds, 20260305, tmp_path)
    assert told.failures == []
    assert sum(told.verdicts.values()) == rounds and set(told.verdicts) <= set(found.VERDICTS)


def test_a_large_clean_file_is_read_by_column_and_rows_keep_their_numbers(tmp_path, monkeypatch, project):
    monkeypatch.syspath_prepend(project / "benchmarks")
    made = importlib.import_module("import_tables")
    lines = made.rows(900)
    text = made.HEADER + "\n".join(lines) + "\n"
    result = import_file(write(tmp_path, text), "asiakkaat", outside(tmp_path))
    assert (result.verdict, result.rows) == ("accept", 900)
    kept = samples.table("asiakkaat", outside(tmp_path))
    assert [str(one) for one in kept["asiakkaat"]] == [line.split(";")[4] for line in lines]
    # The same faults are found on the same rows with quotes, empty lines and in the short way.
    faults = [*lines[:400], "", *lines[400:]]
    faults[700] = faults[700].replace(";palvelu", ";=1+1 palvelu")
    faults[10] = faults[10].rsplit(";", 1)[0] + ";0"
    quoted = made.HEADER + "\n".join(made.in_quotes(line) if line else "" for line in faults) + "\n"
    for body in (made.HEADER + "\n".join(faults) + "\n", quoted, quoted.replace('"', "", 2)):
        told = check_file(write(tmp_path, body), "asiakkaat").findings
        assert told["row"].tolist() == [12, 702]
        assert told["column"].tolist() == ["vaesto", "palvelu"]


def test_many_alike_findings_are_counted_not_listed(tmp_path):
    lines = [f"697;Ristijärvi;{1980 + n % 40};palvelu {n};-5;1231" for n in range(250)]
    told = check_file(write(tmp_path, "\n".join([CLEAN.split("\n")[0], *lines])), "asiakkaat").findings
    assert told["kind"].value_counts().to_dict() == {"negative": 100, "more_rows": 1}
    assert "150" in told.loc[told["kind"] == "more_rows", "reason"].item()


def test_same_file_again_is_said(tmp_path):
    file = write(tmp_path, CLEAN)
    import_file(file, "asiakkaat", outside(tmp_path))
    again = import_file(file, "asiakkaat", outside(tmp_path))
    assert again.verdict == "accept_converted" and again.findings["kind"].tolist() == ["same_file"]


def test_values_of_personal_columns_are_never_shown(tmp_path):
    header = "assessment;client;region_code;sex;age;contact;days;need"
    rows = ["a1;salainen;491;male;18-24;2021-02-01;salaisuus;toimeentulo"]
    rows += ["a1;salainen;491;nainenx;44v;1.1.202x;1.204;toimeentulo"] * 2
    told = check_file(write(tmp_path, "\n".join([header, *rows])), "palvelutarpeet", language="en")
    words = told.findings.drop(columns="row").to_csv()
    assert told.verdict == "refuse_rows" and len(told.findings) > 4
    assert not any(secret in words for secret in ("salai", "nainenx", "44v", "202x", "1.204", "a1"))
    name = check_file(write(tmp_path, CLEAN.replace(";26;", ";Aino Virtanen;")), "asiakkaat").findings
    assert name["kind"].tolist() == ["not_number"] and "Virtanen" not in name.to_csv()


def test_workbooks_are_read_as_another_reader_reads_them(tmp_path):
    for name, body in (("a.ods", bad_books.ods()), ("a.xlsx", bad_books.xlsx())):
        file = tmp_path / name
        file.write_bytes(body)
        assert import_file(file, "asiakkaat", outside(tmp_path)).verdict in ("accept", "accept_converted")
        ours = pd.read_csv(outside(tmp_path) / "asiakkaat.csv", dtype="str").drop(
            columns=["asiakkaat_tila", "vaesto_tila"]
        )
        theirs = python_calamine.load_workbook(str(file)).get_sheet_by_name("Tiedot").to_python()
        plain = [[f"{cell:g}" if isinstance(cell, float) else cell for cell in row] for row in theirs[:7]]
        assert [list(ours.columns), *ours.to_numpy().tolist()] == plain


def test_data_dictionary_is_up_to_date(project):
    made = subprocess.run(
        [sys.executable, "tools/make_data_dictionary.py", "--check"], cwd=project, check=False
    )
    assert made.returncode == 0, "run python tools/make_data_dictionary.py"
    page = (project / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert all(f"`{column.name}`" in page for kind in kinds() for column in schema(kind).columns)
    assert all(column.meaning_fi for kind in kinds() for column in schema(kind).columns)


def test_every_kind_of_finding_has_words_in_both_languages():
    names = f"{WORDS_1} {WORDS_2} {WORDS_3}"
    values = dict.fromkeys(names.split(), "1")
    for kind in found.SEVERITY:
        for language in ("fi", "en"):
            for part in ("reason", "fix"):
                assert say(f"gather.findings.{kind}.{part}", language, **values)


def test_wrong_use_is_told(tmp_path):
    with pytest.raises(
        GatherError, match="table kind 'muu'; expected one of aktivointisuunnitelmat, asiakkaat"
    ):
        import_file(write(tmp_path, CLEAN), "muu", outside(tmp_path))
    with pytest.raises(GatherError, match="does not exist"):
        import_file(tmp_path / "ei_ole.csv", "asiakkaat", outside(tmp_path))
    assert {"asiakkaat", "indikaattorit", "osaamiskartoitus", "palvelutarpeet"} <= set(kinds())
    assert all(column.meaning for kind in kinds() for column in schema(kind).columns)


def test_findings_are_in_order_and_typed(tmp_path):
    text = CLEAN.replace("297", "999").replace(";26;", ";x1;")
    told = check_file(write(tmp_path, text), "asiakkaat", language="en").findings
    assert list(told.columns) == ["row", "column", "kind", "reason", "fix"]
    assert told["row"].tolist() == [3, 4] and isinstance(told["row"].dtype, pd.Int64Dtype)
    assert told["reason"].tolist()[1] == "“x1” is not a number."
