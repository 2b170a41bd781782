"""Tracebacks and logs: an error where people's figures are at hand says its kind and place, and no figure.

A count of its own kind is planted in an unprotected frame; whatever breaks, it stands in nothing that is
told.
"""

from __future__ import annotations

import ast
import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sosrake_lib import batch, frame, protect
from sosrake_lib.batch.faults import without_values
from sosrake_lib.errors import BatchError, FrameError, SosrakeError
from sosrake_lib.protect.protecting import hide

PROJECT = Path(__file__).resolve().parents[1]
# Hidden: a small count, and the count of another class that would give it back.
SMALL, PARTNER = 4, 7313
NOTEBOOK = "2_tiedon_kokoaminen/palvelutarpeen_arvioinnit"
COUNTS = {"E01": {"a": PARTNER, "b": 900}, "E02": {"a": SMALL, "b": 800}, "E03": {"a": 6100, "b": 700}}


def rows() -> pd.DataFrame:
    made = [
        {"region_level": "kunta", "region_code": code, "group": group, "value": float(count)}
        for code, counts in COUNTS.items()
        for group, count in (*counts.items(), ("all", sum(counts.values())))
    ]
    made += [
        {"region_level": "hva", "region_code": "E1", "group": group, "value": float(count)}
        for group, count in (("a", PARTNER + SMALL + 6100), ("b", 2400), ("all", PARTNER + SMALL + 8500))
    ]
    about = {"borders": 2026, "period": "2025", "status": "ok", "origin": "synthetic"}
    return pd.DataFrame(made).assign(indicator="palvelutarve_asiakkaat", **about)


def part() -> protect.Part:
    return protect.part(rows(), "vakio", totals=("region", "group"))


def raised(words: object):
    raise ValueError(f"could not convert {words!r}")


FAULTS = {
    "value": lambda: raised(rows()["value"].tolist()),
    "frame": lambda: raised(rows().to_string()),
    "key": lambda: {}[rows()["value"].iloc[0]],
    "pandas": lambda: rows()["value"].map({}).astype("int64") + pd.Index([PARTNER]).get_loc("x"),
    "chained": lambda: without_values("x", lambda: raised(PARTNER)),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Make a project whose one notebook opens one release, and shows a value that breaks a page maker."""
    folder = tmp_path_factory.mktemp("project")
    copy = folder / "notebooks" / f"{NOTEBOOK}.ipynb"
    copy.parent.mkdir(parents=True)
    notebook = json.loads((PROJECT / "notebooks" / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))
    broken = [
        "from sosrake_lib.influence.rows import rows_of\n",
        "raise ValueError([dict(row.columns) for row in rows_of(luvut.select())])",
    ]
    last = next(cell for cell in reversed(notebook["cells"]) if cell["cell_type"] == "code")
    kept = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    opening = {
        **last,
        "id": "opening",
        "source": [
            "from sosrake_lib import batch\n",
            'luvut = batch.open_release("palvelutarpeet", julkaisu)',
        ],
    }
    notebook["cells"] = [*kept, opening, {**last, "id": "broken", "source": broken}]
    copy.write_text(json.dumps(notebook), encoding="utf-8")
    shutil.copy(PROJECT / "notebooks" / "parameters.toml", folder / "notebooks")
    tables = (PROJECT / "notebooks" / "plan.toml").read_text(encoding="utf-8").split("\n\n")
    wanted = ("[julkaisut.palvelutarpeet]", f'[[muistikirjat]]\npath = "{NOTEBOOK}"')
    plan = "\n\n".join(table for table in tables if table.startswith(wanted))
    (folder / "notebooks" / "plan.toml").write_text(plan + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(project, tmp_path, monkeypatch, caplog, capfd):
    """Give what makes the pages by a recipe, and all that was told while they were made."""
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SOSRAKE_DATA", raising=False)

    def made(recipe) -> tuple[object, str]:
        steps: list[str] = []
        with caplog.at_level(logging.DEBUG):
            report = batch.run(
                project,
                data=PROJECT / "data" / "samples",
                output=tmp_path / "out",
                workers=1,
                recipes={"palvelutarpeet": recipe},
                progress=lambda step: steps.append(str(step)),
            )
        streams = capfd.readouterr()
        # the connection is told to, as it is to every log reader
        told = [repr(report), *steps, caplog.text, streams.out, streams.err]
        for path in sorted((tmp_path / "out").rglob("*")):
            if path.is_file():
                told.append(path.read_bytes().decode("latin-1"))
        return report, "\n".join(told)

    return made


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_in_a_recipe_tells_kind_and_place_only(name, run):
    report, told = run(lambda data: FAULTS[name]())
    assert report.made == ()
    assert "palvelutarpeet: ohjelmavirhe " in repr(report) or name == "chained"
    assert str(PARTNER) not in told


def test_an_error_of_a_page_maker_knows_the_released_rows_only(run):
    """The kernel holds the release: its error quotes all rows, and what is hidden is not among them."""
    report, told = run(lambda data: {"asiakkaat": part()})
    assert len(report.failed) == 1
    assert "6100" in told  # a figure that is shown stands in the kept copy of the failed notebook
    assert str(PARTNER) not in told
    assert f"'value': {float(SMALL)}" not in told


def test_the_planted_counts_are_hidden_and_would_be_found():
    opened = protect.release({"asiakkaat": part()}, name="koe", preview=True)
    hidden = protect.protected_frame(opened.select()).set_index(["region_code", "group"])["status"]
    assert hidden["E01", "a"] == "suppressed"
    assert hidden["E02", "a"] == "suppressed"
    with pytest.raises(ValueError, match=str(PARTNER)):
        FAULTS["value"]()


def test_nothing_stands_behind_the_error_that_a_traceback_would_print():
    script = (
        "from sosrake_lib.batch.faults import without_values\n"
        f"def fail(): raise ValueError('person {PARTNER}')\n"
        "without_values('koe', fail)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 1
    assert "BatchError: koe: ohjelmavirhe ValueError" in ran.stderr
    assert f"person {PARTNER}" not in ran.stderr.replace(script, "")
    assert "During handling" not in ran.stderr


def test_the_systems_own_words_stay_and_ours_too():
    def full():
        raise OSError(28, "No space left on device", f"/data/{PARTNER}")

    with pytest.raises(BatchError, match="OSError: No space left on device") as told:
        without_values("koe", full)
    assert str(PARTNER) not in str(told.value)

    def ours():
        raise SosrakeError("koe: file a.csv is not there")

    with pytest.raises(SosrakeError, match=r"a\.csv is not there"):
        without_values("koe", ours)


def test_an_app_that_cannot_make_its_release_tells_no_figure(monkeypatch, tmp_path):
    from sosrake_lib.batch import releases
    from sosrake_lib.serving import session

    monkeypatch.setattr(releases, "known_recipes", lambda: {"koe": lambda data: FAULTS["frame"]()})
    with pytest.raises(BatchError, match="koe: ohjelmavirhe ValueError") as told:
        session.make_release("koe", tmp_path)
    assert str(PARTNER) not in str(told.value)
    assert told.value.__context__ is None


@pytest.mark.parametrize("show", [repr, str], ids=["repr", "str"])
def test_what_holds_figures_prints_none(show):
    given = part()
    opened = protect.release({"asiakkaat": given}, name="koe", preview=True)
    for one in (given, opened, opened.select()):
        assert str(PARTNER) not in show(one)


def test_a_value_under_a_mark_of_the_source_is_not_repeated():
    wrong = rows().assign(status="suppressed")
    with pytest.raises(FrameError, match="expected nothing, as status is suppressed") as told:
        frame.check(wrong)
    assert str(PARTNER) not in str(told.value)


def test_the_gates_own_messages_name_keys_and_no_value(tmp_path):
    """Every error of protect that can name a cell: parts that disagree, a changed figure, a free text."""
    other = rows()
    other.loc[other["value"] == PARTNER, "value"] = float(PARTNER + 1)
    found = []
    for parts in (
        {"one": part(), "two": protect.part(other, "vakio")},
        {"one": protect.part(other, "vakio", totals=("region",))},
    ):
        with pytest.raises(SosrakeError) as told:
            protect.release(parts, name="koe", home=tmp_path, folder=tmp_path / "releases")
        found.append(str(told.value))
    assert not [text for text in found if str(PARTNER) in text or str(PARTNER + 1) in text]
    assert hide({"one": part()}, _nothing(), {}).hidden.any()


def _nothing() -> pd.DataFrame:
    from sosrake_lib.protect import ledger

    with ledger.opened(Path("/nonexistent"), write=False) as book:
        return book.earlier(["palvelutarve_asiakkaat"])


def test_no_message_of_the_gate_is_built_from_a_count():
    """Read from the syntax: no error of protect formats a column of counts or values."""
    for path in sorted((PROJECT / "sosrake_lib" / "protect").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                continue
            told = " ".join(
                ast.unparse(part.value) for part in ast.walk(node.exc) if isinstance(part, ast.FormattedValue)
            )
            assert not {"'count'", "'value'", "'numerator'", "'denominator'"} & set(
                told.replace("[", " ").replace("]", " ").replace(",", " ").split()
            ), f"{path.name}: {told}"
