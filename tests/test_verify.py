"""The reference cases: published and independent numbers through the public functions."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sosrake_lib import verify as room
from sosrake_lib.errors import SosrakeError

CASES = room.cases().to_dict("records")


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    """Run every case once; each is then judged by a test of its own."""
    return room.verify()


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_case(case, found):
    row = found.loc[found["id"] == case["id"]].iloc[0]
    assert row["ok"], f"{row['file']}: got {row['got']}, expected {row['expected']} ({row['source']})"


def test_verify_runs_every_case(found):
    assert found["id"].tolist() == [case["id"] for case in CASES]
    assert len(found) >= 40
    assert list(found.columns) == ["file", "id", "function", "got", "expected", "ok", "source"]


@pytest.mark.parametrize("case", CASES[::11], ids=[case["id"] for case in CASES[::11]])
def test_a_changed_expectation_is_caught(case):
    for name, value in json.loads(case["expected"]).items():
        spoiled = json.loads(case["expected"])
        spoiled[name] = "other" if isinstance(value, str) else value * 1.01 + 0.01
        assert not room.run_case({**case, "expected": json.dumps(spoiled)})[1], name


def test_a_failing_case_tells_its_error_and_a_lost_quantity_is_not_ok():
    case = {**CASES[0], "function": "rates.proportion", "inputs": '{"numerator": 5, "denominator": 0}'}
    got, ok = room.run_case(case)
    assert not ok
    assert got.startswith("FrameError")
    assert not room.run_case({**CASES[0], "expected": '{"no_such_quantity": 1}'})[1]
    assert not room._agrees(float("nan"), 1.0, 1.0, 1.0)


def case_file(folder, **changes):
    table = pd.DataFrame([{key: CASES[0][key] for key in room.COLUMNS} | changes])
    table.to_csv(folder / "cases.csv", index=False, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": " "}, "source is empty"),
        ({"function": "os.system"}, r"function 'os\.system'; known: comparison\.against"),
        ({"inputs": "{"}, "inputs is not JSON"),
        ({"expected": "{}"}, "expected a JSON object with entries"),
        ({"relative": "little"}, "relative 'little' is not a number"),
    ],
)
def test_a_faulty_case_file_is_refused(tmp_path, changes, message):
    with pytest.raises(SosrakeError, match=message):
        room.verify(case_file(tmp_path, **changes))


def test_no_cases_and_double_ids_are_refused(tmp_path):
    with pytest.raises(SosrakeError, match="no reference case in"):
        room.verify(tmp_path)
    case_file(tmp_path)
    (tmp_path / "more.csv").write_bytes((tmp_path / "cases.csv").read_bytes())
    with pytest.raises(SosrakeError, match="the id stands twice"):
        room.verify(tmp_path)
    (tmp_path / "more.csv").write_text("id,function\n", encoding="utf-8")
    with pytest.raises(SosrakeError, match="column inputs is missing"):
        room.verify(tmp_path)
