"""Every odd table of the family has its verdict, rows, columns and words, in both languages."""

from __future__ import annotations

import json

import bad_books
import bad_tables
import pytest

from sosrake_lib.cli import main
from sosrake_lib.gather.tables import check_file, import_file

CASES = [*bad_tables.CASES, *bad_books.CASES]


def test_cases_have_names_of_their_own():
    assert len({case.name for case in CASES}) == len(CASES) > 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_odd_table_has_its_verdict_rows_and_columns(case, tmp_path):
    file = tmp_path / f"omat{case.ending}"
    file.write_bytes(case.body)
    result = import_file(file, "asiakkaat", tmp_path / "oma", language="en")
    told = result.findings
    assert result.verdict == case.verdict
    assert set(told["row"].dropna()) == set(case.rows)
    assert set(case.columns) <= set(told["column"])
    assert set(case.kinds) <= set(told["kind"]) and (case.kinds or told.empty)
    assert (told["reason"].str.len() > 10).all() and (told["fix"].str.len() > 5).all()
    assert (tmp_path / "oma").exists() == (case.verdict in ("accept", "accept_converted", "warn"))
    finnish = check_file(file, "asiakkaat")
    assert (
        finnish.findings["row"].equals(told["row"])
        and not finnish.findings["reason"].isin(told["reason"]).any()
    )


def test_check_tells_a_machine_what_it_tells_a_person(tmp_path, capsys):
    file = tmp_path / "omat.csv"
    file.write_text(bad_tables.cell(4, 4, "noin 1200"), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["check", str(file), "--table", "asiakkaat", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert left.value.code == 1
    assert told == {
        "file": "omat.csv",
        "verdict": "refuse_rows",
        "findings": [
            {
                "row": 4,
                "column": "asiakkaat",
                "kind": "not_number",
                "reason": "”noin 1200” ei ole luku.",
                "fix": "Kirjoita luku.",
            }
        ],
    }
