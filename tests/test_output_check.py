"""The output check on files as researchers leave them: each risk is found where it is, and nowhere else."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.output_check import Limits, check_folder, statement
from sosrake_lib.protect.output_check.statement import lines_of


def kinds(found, name):
    one = next(one for one in found.files if one.path == name)
    return {(risk.kind, risk.where): risk.places for risk in one.risks}


def checked(folder, name, text, **limits):
    (folder / name).write_text(text, encoding="utf-8")
    return kinds(check_folder(folder, Limits(**limits)), name)


def test_small_counts_are_found_in_finnish_numbers(tmp_path):
    text = "alue;asiakkaat;osuus %;väestö\nA;1 204;9,8;12 300\nB;3;0,2;1 400\nC;4;0,3;1 300\n"
    assert checked(tmp_path, "a.csv", text) == {("small_count", "asiakkaat"): 2}


def test_a_clean_table_gives_no_risk(tmp_path):
    text = "alue;asiakkaat;osuus %;väestö\nA;120;9,8;12300\nB;50;3,6;1400\n"
    assert checked(tmp_path, "a.csv", text) == {}


def test_the_minimum_is_the_data_owners(tmp_path):
    text = "area,count\nA,7\nB,50\n"
    assert checked(tmp_path, "a.csv", text) == {}
    assert checked(tmp_path, "a.csv", text, minimum_count=10) == {("small_count", "count"): 1}


def test_hidden_figures_that_totals_give_back(tmp_path):
    text = "palvelu;asiakkaat 2024;asiakkaat 2025;yhteensä\na;40;..;62\nb;31;18;49\nyhteensä;71;40;111\n"
    assert checked(tmp_path, "a.csv", text) == {("recoverable", "a.csv"): 1}


def test_hidden_figures_that_stay_hidden(tmp_path):
    text = "palvelu;x;y;z;yhteensä\na;..;..;20;60\nb;..;..;30;80\nyhteensä;70;20;50;140\n"
    assert checked(tmp_path, "a.csv", text) == {}
    column = "palvelu;asiakkaat\na;40\nb;..\nyhteensä;71\n"
    assert checked(tmp_path, "b.csv", column) == {("recoverable", "b.csv"): 1}


def test_shares_of_few_and_of_all(tmp_path):
    text = "ryhmä;osuus %;n\na;100;60\nb;41;30\nc;0;80\n"
    assert checked(tmp_path, "a.csv", text) == {
        ("full_group", "osuus %"): 2,
        ("small_denominator", "osuus %"): 1,
    }
    assert checked(tmp_path, "b.csv", "ryhmä;osuus %\na;12,5\nb;41\n") == {("no_count", "osuus %"): 1}


def test_summaries_of_few_people_and_outer_values(tmp_path):
    text = "group,mean,n\na,3.4,8\nb,3.1,40\n"
    assert checked(tmp_path, "a.csv", text) == {("few_behind", "mean"): 1}
    described = pd.Series(np.linspace(0, 9, 40), name="score").describe().rename_axis("what").to_csv()
    assert ("extreme", "b.csv") in checked(tmp_path, "b.csv", described)


def test_rows_of_persons(tmp_path):
    rows = "\n".join(f"k{n},{n % 3},{n % 5 + 0.5}" for n in range(30))
    found = checked(tmp_path, "a.csv", f"asiakas_id,ryhmä,arvo\n{rows}\n")
    assert found[("person_rows", "asiakas_id")] == 30


def test_personal_data_is_told_by_its_kind_only(tmp_path):
    code = "131052-" + "308T"
    (tmp_path / "a.txt").write_text(f"Asiakkaan tunnus {code} ja osoite.", encoding="utf-8")
    found = check_folder(tmp_path)
    assert ("personal_data", "HETU") in kinds(found, "a.txt")
    assert code not in statement(found) and code not in json.dumps(lines_of(found.files[0], "fi"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OLS Regression Results\nNo. Observations: 12\nDf Residuals: 4\nR-squared: 0.81\n", {"few_degrees"}),
        (
            "lm\nCoefficients: Estimate Std. Error\nResidual standard error: 2.1 on 3 degrees of freedom",
            {"few_degrees"},
        ),
        (
            "Linear regression  Number of obs = 8  F(2, 5) = 3.1  R-squared = 1.0000",
            {"few_degrees", "few_behind", "saturated"},
        ),
        ("OLS Regression Results\nNo. Observations: 1 200\nDf Residuals: 1 190\nR-squared: 0.31\n", set()),
        ("Kerroin 0,4, keskivirhe 0,1 (regressio)", {"no_count"}),
        ("Kokous pidettiin tiistaina.", set()),
    ],
)
def test_models_by_their_degrees_of_freedom(tmp_path, text, expected):
    found = checked(tmp_path, "model.txt", text)
    assert {kind for kind, _ in found if kind != "names"} == expected


def test_workbooks_are_read_sheet_by_sheet(tmp_path):
    with pd.ExcelWriter(tmp_path / "a.xlsx", engine="openpyxl") as book:
        pd.DataFrame({"alue": ["A", "B"], "lkm": [3, 20]}).to_excel(book, sheet_name="taulu", index=False)
        pd.DataFrame({"alue": ["A", "B"], "lkm": [2, 20]}).to_excel(book, sheet_name="piilo", index=False)
        book.book["piilo"].sheet_state = "hidden"
    found = kinds(check_folder(tmp_path), "a.xlsx")
    assert found == {("small_count", "lkm"): 2, ("hidden_content", "piilo"): 1}


def test_json_tables_and_notebooks(tmp_path):
    (tmp_path / "a.json").write_text(
        json.dumps({"t": [{"area": "A", "count": 2}, {"area": "B", "count": 9}]})
    )
    cell = {"source": ["m.summary()"], "outputs": [{"output_type": "error", "traceback": ["x"]}]}
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {"widgets": {}}}))
    found = check_folder(tmp_path)
    assert kinds(found, "a.json") == {("small_count", "count"): 1}
    assert kinds(found, "b.ipynb") == {("hidden_content", "b.ipynb"): 2}


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("a.png", b"\x89PNG", "picture"),
        ("a.pkl", b"x", "code_or_state"),
        ("a.parquet", b"PAR1", "code_or_state"),
        ("a.bin", b"x", "not_read"),
        ("a.xlsx", b"no zip", "not_read"),
        ("a.json", b"{", "not_read"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, name, body, kind):
    (tmp_path / name).write_bytes(body)
    assert {found for found, _ in kinds(check_folder(tmp_path), name)} == {kind}


def test_the_statement_names_files_and_hashes_and_calls_nothing_safe(tmp_path):
    (tmp_path / "a.csv").write_text("alue;asiakkaat\nA;3\nB;50\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("alue;asiakkaat\nA;30\nB;50\n", encoding="utf-8")
    found = check_folder(tmp_path)
    finnish, english = (statement(found, code, day=date(2026, 1, 2)) for code in ("fi", "en"))
    for one in found.files:
        assert one.path in finnish
        # a hash of a small table could be tried against its few possible counts
        assert (one.sha256 in finnish) == (not one.risks)
    assert "asiakkaat: pieniä lukumääriä, paikkoja 1" in finnish
    assert "Se ei tarkoita, ettei riskejä ole" in finnish
    assert "The program calls no file safe" in english
    assert found.risks == 1


def test_an_empty_or_absent_folder_is_refused(tmp_path):
    with pytest.raises(DisclosureError, match="holds no file"):
        check_folder(tmp_path)
    with pytest.raises(DisclosureError, match="is no folder"):
        check_folder(tmp_path / "x")
    with pytest.raises(DisclosureError, match="expected 3-10"):
        Limits(minimum_count=1)
