"""The reference cases: published and independent numbers through the public functions."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sosrake_lib import verify as room
from sosrake_lib.errors import SosrakeError
from sosrake_lib.verify.compare import Tolerance, agrees, disagreements, plain
from sosrake_lib.verify.names import read_name

PROJECT = Path(__file__).resolve().parents[1]
ORACLES = PROJECT.parent / "shared" / "oracles"
# Disclosure control has no kinds: its cases are judged by what an audit allows, not by figures.
TOPICS = (
    *("rates_proportions", "standardisation", "life_expectancy", "inequality", "funnel_plot"),
    *("spatial_smoothing", "trend", "composite_index", "survey_means", "reliability", "group_comparison"),
    *("did", "regression_se", "its", "synthetic_control", "outcomes", "goal_attainment", "single_case"),
    *("sensitivity", "power", "cost_effectiveness", "matching", "rdd"),
)
CASES = room.cases().to_dict("records")
SIMPLE = [case for case in CASES if case["function"].partition(".")[0] in ("rates", "intervals")]


def name_of(case) -> str:
    return f"{case['topic']}-{case['id']}"


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    """Run every case once; each is then judged by a test of its own."""
    return room.verify().set_index(["file", "id"], drop=False)


@pytest.mark.parametrize("case", CASES, ids=map(name_of, CASES))
def test_reference_case(case, found):
    row = found.loc[(case["file"], case["id"])]
    assert row["state"] == "passed", f"{row['reason']} ({row['source']})"


def test_verify_runs_every_case(found):
    assert found["id"].tolist() == [case["id"] for case in CASES]
    assert len(found) >= 300
    assert room.summary(found) == f"{len(CASES)} passed, 0 failed, 0 unsupported"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_shared_case_of_the_topic_passes(topic):
    if not ORACLES.is_dir():
        pytest.skip("the sources in ../shared are not beside the project")
    done = room.verify(ORACLES, [topic])
    wrong = done.loc[done["state"] != "passed", ["id", "state", "reason"]]
    assert len(done) and wrong.empty, wrong.to_string()


@pytest.mark.parametrize("case", SIMPLE[::11], ids=map(name_of, SIMPLE[::11]))
def test_a_changed_expectation_is_caught(case):
    for name, value in json.loads(case["expected"]).items():
        spoiled = json.loads(case["expected"])
        spoiled[name] = "other" if isinstance(value, str) else value * 1.01 + 0.01
        if not isinstance(value, str):
            assert abs(spoiled[name] - value) > float(case["absolute"]), "the case allows any number"
        assert room.run_case({**case, "expected": json.dumps(spoiled)}).state == "failed", name


def test_a_failing_case_tells_its_error_and_a_lost_quantity_is_not_passed():
    case = {**SIMPLE[0], "function": "rates.proportion", "inputs": '{"numerator": 5, "denominator": 0}'}
    outcome = room.run_case(case)
    assert outcome.state == "failed" and outcome.reason.startswith("FrameError")
    lost = room.run_case({**SIMPLE[0], "expected": '{"no_such_quantity": 1}'})
    assert lost.state == "failed" and "no_such_quantity: not given; expected 1" in lost.reason
    other = room.run_case({**SIMPLE[0], "function": "os.system"})
    assert other.state == "unsupported" and "'os.system' is not in the list" in other.reason


@pytest.mark.parametrize(
    ("got", "wanted", "same"),
    [
        (1.0, 1.0, True),
        (1.0, 1.0 + 2e-6, False),
        (float("nan"), None, True),
        (None, None, True),
        (0.0, None, False),
        (float("nan"), 0.0, False),
        ([1.0], 1.0, True),
        (1.0, [1.0], True),
        ([1.0, 2.0], [1.0, 2.0], True),
        ([1.0, 2.0], [1.0], False),
        ({"a": [1, None]}, {"a": [1.0, None]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("High", "High", True),
        ("High", 1.0, False),
        (True, 1.0, False),
        (float("inf"), 1e308, False),
        (pd.Series([1.0, float("nan")]), [1.0, None], True),
    ],
)
def test_agreement_of_numbers_texts_and_nothing(got, wanted, same):
    assert (not disagreements({"q": got}, {"q": wanted}, Tolerance(1e-6, 0.0))) is same


def test_a_refused_quantity_must_be_refused_unless_the_source_may_leave_it_empty():
    within = Tolerance(0.0, 0.0)
    assert disagreements({"q": 1.0}, {"q": None}, within)
    assert not disagreements({}, {"q": None}, within)
    assert not disagreements({"q": 1.0}, {"q": None}, within, {"q"})
    assert disagreements({"q": 1.0}, {"q": 2.0}, within, {"q"})
    assert not agrees(float("nan"), 1.0, Tolerance(1.0, 1.0)), "a lost number is never an agreeing one"
    assert plain({"a": (1, 2)}) == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("text", "kind", "options"),
    [
        ("icc", "icc", {}),
        ("joinpoint_fit(k=1)", "joinpoint_fit", {"k": 1}),
        ("rate(ci='fay_feuer', level=0.9)", "rate", {"ci": "fay_feuer", "level": 0.9}),
        ("gini / theil / atkinson (weighted)", "gini / theil / atkinson", {"variant": "weighted"}),
        ("(definition note) psych::omega", "psych::omega", {}),
        ("seasonal_indices(additive)", "seasonal_indices", {"variant": "additive"}),
        ("kind(option=word)", "kind", {"option": "word"}),
    ],
)
def test_names_of_quantities_are_read(text, kind, options):
    named = read_name(text)
    assert (named.kind, dict(named.options)) == (kind, options)


def case_file(folder, **changes):
    table = pd.DataFrame([{key: CASES[0][key] for key in room.COLUMNS} | changes])
    table.to_csv(folder / "cases.csv", index=False, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": " "}, "source is empty"),
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
    with pytest.raises(SosrakeError, match="is not a folder"):
        room.verify(tmp_path / "nowhere")
    lines = (case_file(tmp_path) / "cases.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "cases.csv").write_text("".join([*lines, *lines[1:]]), encoding="utf-8")
    with pytest.raises(SosrakeError, match="the id stands twice"):
        room.verify(tmp_path)
    (tmp_path / "cases.csv").write_text("id,function\n", encoding="utf-8")
    with pytest.raises(SosrakeError, match="column inputs is missing"):
        room.verify(tmp_path)


def a_json_case(**changes) -> dict:
    return {
        "id": "one",
        "topic": "shares",
        "function": "rates.proportion",
        "inputs": {"numerator": 5, "denominator": 10},
        "expected": {"value": 0.5},
        "tolerance": {"rel": 0, "abs": 1e-12},
        "source": "arithmetic",
    } | changes


def test_json_cases_run_and_are_counted_by_topic(tmp_path):
    listed = [
        a_json_case(),
        a_json_case(id="two", expected={"value": 0.4}),
        a_json_case(id="three", function="horoscope", topic="stars"),
    ]
    (tmp_path / "x.json").write_text(json.dumps(listed), encoding="utf-8")
    done = room.verify(tmp_path)
    assert done["state"].tolist() == ["passed", "failed", "unsupported"]
    assert room.summary(done) == "1 passed, 1 failed, 1 unsupported"
    assert room.verify(tmp_path, ["stars"])["id"].tolist() == ["three"]
    with pytest.raises(SosrakeError, match=r"topic 'moon' has no case in .* there are shares, stars"):
        room.verify(tmp_path, ["moon"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "x.json is not JSON"),
        ("{}", "holds a dict; expected a list of cases"),
        ('[{"id": "one"}]', "case 1 lacks topic"),
        (json.dumps([a_json_case(tolerance=None)]), "relative '' is not a number"),
    ],
)
def test_a_faulty_json_file_is_refused(tmp_path, text, message):
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(SosrakeError, match=re.escape(message)):
        room.verify(tmp_path)


def test_a_case_reads_no_table_outside_its_folder(tmp_path):
    case = {**SIMPLE[0], "inputs": '{"csv": "../secret.csv"}'}
    outcome = room.run_case(case, tmp_path)
    assert outcome.state == "failed" and "lies outside" in outcome.reason


COMPUTING = {"numpy", "scipy", "math", "statistics", "statsmodels", "operator", "functools", "itertools"}
COMPUTING_CALLS = {
    *("sum", "round", "abs", "min", "max", "pow", "divmod", "mean", "std", "var", "cumsum", "prod", "dot"),
    *("add", "sub", "mul", "div", "truediv", "mod", "cov", "corr", "rank", "quantile", "median", "eval"),
    *("agg", "aggregate", "apply", "transform", "groupby", "exp", "log", "sqrt", "sort_values", "sorted"),
}
ADAPTERS = sorted((PROJECT / "sosrake_lib" / "verify").glob("kinds_*.py"))


def names_from_the_library(tree: ast.AST) -> set[str]:
    """Name the library's modules an adapter imports; calling their functions is what an adapter is for."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sosrake_lib")
        for alias in node.names
    }


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.stem)
def test_adapters_rename_and_reshape_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    library = names_from_the_library(tree)
    for node in ast.walk(tree):
        where = f"{path.name}, line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.BinOp):
            # `a | b` joins mappings and names types; nothing else is reshaping.
            assert isinstance(node.op, ast.BitOr), f"{where}: arithmetic"
        assert not isinstance(node, ast.AugAssign), f"{where}: arithmetic"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd | ast.Invert):
            assert isinstance(node.operand, ast.Constant), f"{where}: a sign is turned"
        if isinstance(node, ast.Compare):
            orders = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
            assert not any(isinstance(op, orders) for op in node.ops), f"{where}: numbers are compared"
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            owner = getattr(called, "value", None)
            if isinstance(owner, ast.Name) and owner.id in library:
                continue
            assert name not in COMPUTING_CALLS, f"{where}: {name}() computes"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            assert not {one.split(".")[0] for one in names} & COMPUTING, f"{where}: {names} computes"


def test_no_adapter_knows_a_case_by_its_id():
    ids = {case["id"] for case in CASES}
    for path in ADAPTERS:
        texts = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not texts & (ids - set(room.kinds())), path.name


def test_the_list_of_kinds_in_the_document_is_the_code_s():
    text = (PROJECT / "docs" / "verify.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- kinds:start -->\n(.*?)\n?<!-- kinds:end -->", text, flags=re.DOTALL)
    assert shown is not None
    assert shown[1].strip() == room.kinds_as_markdown(), "renew the table: sosrake verify --kinds"


def test_the_tool_says_the_same_as_the_command(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps([a_json_case()]), encoding="utf-8")
    tool = [sys.executable, str(PROJECT / "tools" / "verify_reference.py"), str(tmp_path)]
    done = subprocess.run(tool, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "passed  x.json  one  rates.proportion",
        "1 passed, 0 failed, 0 unsupported",
    ]
