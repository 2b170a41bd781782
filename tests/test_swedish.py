"""Figures in Swedish: `sosrake export --language sv` read back, and every unit of the catalogue."""

from __future__ import annotations

import csv
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from sosrake_lib import catalogue, cli, protect
from sosrake_lib.catalogue.swedish import unit_sv
from sosrake_lib.errors import DisclosureError
from sosrake_lib.influence import exports, labels

SOURCE = {"producer": "THL", "source": "THL Sotkanet, indikaattori 181", "licence": "CC BY 4.0"}
HEADINGS = ("Indikator", "Område", "Period", "Kön", "Ålder", "Grupp", "Områdets kod", "Värde")


def row(indicator: str, code: str, value: float, status: str = "ok", **more: object) -> dict:
    return {
        "indicator": indicator, "region_level": "kunta", "region_code": code, "borders": 2023,
        "period": "2019", "sex": "total", "age": "all", "group": "all", "value": value, "lower": np.nan,
        "upper": np.nan, "per": 100.0, "numerator": np.nan, "denominator": np.nan, "status": status,
        "break_before": False, "origin": "published", **SOURCE, **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        [
            row("tyottomyysaste", "491", 12.3),
            row("tyottomyysaste", "297", 9.9, sex="female"),
            row("tyottomyysaste", "204", np.nan, "missing"),
            row("vaesto", "297", 118664.0, per=1.0),
        ]
    )


@pytest.fixture(scope="module")
def made(rows) -> protect.Release:
    return protect.release({"osa": protect.part(rows, "avoin")}, name="koe", preview=True)


def test_a_table_is_read_in_swedish(made):
    book = openpyxl.load_workbook(io.BytesIO(exports.export(made, "xlsx", language="sv")))
    lines = [[cell for cell in line if cell is not None] for line in book.active.iter_rows(values_only=True)]
    head = next(line for line in lines if line and line[0] == "Indikator")
    assert tuple(head[: len(HEADINGS)]) == HEADINGS
    told = " ".join(str(cell) for line in lines for cell in line)
    assert "S:t Michel" in told, "Mikkeli has a Swedish name"
    assert "Arbetslösa, % av arbetskraften" in told and "kvinnor" in told and "alla åldrar" in told
    assert "inte publicerad" in told and "UTKAST (LUONNOS)" in told and "THL Sotkanet, indikator 181" in told
    for finnish in ("Mikkeli", "naiset", "Työttömien", "ei julkaistu", "Alue", "indikaattori"):
        assert finnish not in told, finnish


def test_a_csv_has_a_decimal_comma_and_semicolons(made):
    text = exports.export(made, "csv", language="sv").decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {"12,3", "9,9", "inte publicerad"} <= {line["Värde"] for line in lines}
    assert {line["Material"] for line in lines} == {"Siffrorna gäller verkliga områden."}


@pytest.mark.parametrize("form", exports.FORMATS)
def test_every_format_is_written_in_swedish(made, form):
    assert exports.export(made, form, language="sv") != exports.export(made, form, language="fi")
    if form == "html":
        assert b'<html lang="sv">' in exports.export(made, form, language="sv")


def test_a_text_has_no_swedish_and_an_unknown_language_is_refused(made):
    with pytest.raises(DisclosureError, match="a text has no Swedish; expected fi or en"):
        exports.export(protect.Text("Sanoja.", "Words."), "docx", language="sv")
    with pytest.raises(DisclosureError, match="language 'de'; expected one of fi, en, sv"):
        exports.export(made, "csv", language="de")


def test_the_command_writes_swedish(rows, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SOSRAKE_PROJECT", "")
    part = protect.part(rows, "avoin")
    saved = protect.release({"osa": part}, name="koe", folder=tmp_path / "out" / "releases")
    given = ("export", saved.id, "--output", tmp_path / "out", "--part", "osa", "--to", tmp_path)
    with pytest.raises(SystemExit) as left:
        cli.main([str(one) for one in (*given, "--format", "csv", "--language", "sv")])
    assert (left.value.code or 0) == 0
    written = tmp_path / f"koe-osa-{saved.id}.csv"
    assert "S:t Michel" in written.read_text(encoding="utf-8-sig")
    assert f"Skrivet i filen {written.name}." in capsys.readouterr().out


def test_every_unit_of_the_catalogue_has_swedish():
    lacking = {one.unit_fi for one in catalogue.indicators() if unit_sv(one.unit_fi) == one.unit_fi}
    assert lacking <= {"%", "0–100"}
    described = catalogue.descriptions("sv").set_index("indicator")
    assert described.at["tyottomyysaste", "unit"] == "%"
    assert described.at["diak_inhimillinen", "unit"] == "index, mittersta området = 100"


def test_an_english_source_names_the_indicator_in_english():
    assert labels.told_source("THL Sotkanet, indikaattori 2320", "en") == "THL Sotkanet, indicator 2320"
    assert labels.told_source("THL Sotkanet, indikaattorit 127, 181", "sv") == (
        "THL Sotkanet, indikatorer 127, 181"
    )
