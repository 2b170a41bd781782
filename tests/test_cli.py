"""The command line: exit codes, one-line messages, both languages, and that it stays thin."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pandas as pd
import pytest

from sosrake_lib import cli, cli_words
from sosrake_lib.batch import runner
from sosrake_lib.errors import BatchError, GatherError

DECLARED = (
    '["koe".kieli]\ntype = "choice"\nallowed = ["fi", "en"]\ndefault = "fi"\nlabel_fi = "K"\nlabel_en = "L"\n'
)
PLAN = (
    '[[muistikirjat]]\npath = "koe"\npage = "koe"\ntitle_fi = "Koe"\ntitle_en = "Trial"\n'
    'releases = []\nlevels = ["once"]\n'
)


@pytest.fixture
def place(tmp_path):
    """A project with one notebook that shows nothing a page could hold."""
    folder = tmp_path / "project"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "data" / "samples").mkdir(parents=True)
    cells = [
        nbformat.v4.new_code_cell('kieli = "fi"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print(kieli)"),
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=spec)
    (folder / "notebooks" / "koe.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (folder / "notebooks" / "plan.toml").write_text(PLAN, encoding="utf-8")
    (folder / "notebooks" / "parameters.toml").write_text(DECLARED, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _same_project(monkeypatch):
    # the command sets it for everything it calls; here it must not outlive the test
    monkeypatch.setenv("SOSRAKE_PROJECT", "")


def call(*arguments) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    return left.value.code or 0


def report(**changes):
    given = {"made": ("a",), "skipped": ("b", "c"), "failed": (), "index": None, "seconds": 1234.56}
    return runner.Report(**{**given, **changes})


def test_reports_tells_what_was_done_and_where_the_site_is(place, monkeypatch, capsys):
    asked = {}

    def run(project, **options):
        asked.update(options, project=project)
        options["progress"](runner.Progress("notebooks", 1, 3, "kunta-297/koe"))
        return report(index=place / "reports" / "site" / "index.html")

    monkeypatch.setattr(runner, "run", run)
    assert call("reports", "--project", place, "--only", "koe", "--only", "hva-12", "--workers", 2) == 0
    said = capsys.readouterr().out
    assert "Muistikirjat 1/3 kunta-297/koe" in said
    assert "Tehty 1, ennallaan 2, epäonnistui 0. Aikaa kului 1\u00a0234,6 s." in said
    assert f"Sivusto: {place / 'reports' / 'site' / 'index.html'}" in said
    assert (asked["project"], asked["only"], asked["workers"]) == (place.resolve(), ["koe", "hva-12"], 2)


def test_failed_notebook_is_code_3_with_its_cell_and_reason(place, monkeypatch, capsys):
    failed = runner.Failure(
        "kunta-297/koe", "koe", 3, "the cell ended in an error: ValueError: x", place / "copy.ipynb"
    )
    monkeypatch.setattr(runner, "run", lambda *_, **__: report(failed=(failed,)))
    assert call("reports", "--project", place, "--language", "en") == 3
    said = capsys.readouterr()
    assert (
        "Failed: kunta-297/koe (notebook koe, code cell 3): the cell ended in an error: ValueError: x"
        in said.err
    )
    assert "Made 1, unchanged 2, failed 1." in said.out


@pytest.mark.parametrize(("error", "code"), [(BatchError, 2), (GatherError, 1)])
def test_our_errors_are_one_line_without_a_traceback(place, monkeypatch, capsys, error, code):
    def run(*_, **__):
        raise error("where: what;\nwhat to do")

    monkeypatch.setattr(runner, "run", run)
    assert call("reports", "--project", place) == code
    assert capsys.readouterr().err == "sosrake: where: what; what to do\n"


def test_interrupt_is_tidy(place, monkeypatch, capsys):
    def run(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run", run)
    assert call("reports", "--project", place) == 130
    assert "Keskeytetty. Valmiit sivut ovat tallessa" in capsys.readouterr().err


def test_real_run_refuses_a_page_that_shows_nothing(place, capsys):
    # the notebook runs, but print() is no released figure: there is no page, and the run says so
    assert call("reports", "--project", place, "--workers", 1) == 3
    said = capsys.readouterr()
    assert "Epäonnistui: koe (muistikirja koe):" in said.err
    assert (place / "reports/notebooks/fi/koe.ipynb").is_file()
    assert not (place / "reports/site/index.html").exists()


def test_wrong_use_is_code_2(place, tmp_path, capsys):
    assert call("reports", "--workers", "0") == 2
    assert call("nosuch") == 2
    capsys.readouterr()
    assert call("reports", "--project", tmp_path) == 2
    assert "--project" in capsys.readouterr().err


def test_trace_of_a_missing_page_is_code_2(place, capsys):
    assert call("trace", "kunta-297/koe", "9,9", "--project", place) == 2
    assert "tee sivut ensin: sosrake reports" in capsys.readouterr().err


def test_verify_is_findings_when_a_case_disagrees(monkeypatch, capsys):
    from sosrake_lib import verify

    row = {
        "file": "a.csv",
        "topic": "a",
        "id": "1",
        "function": "f",
        "state": "failed",
        "got": "1",
        "expected": "2",
        "reason": "x: got 1, expected 2",
        "source": "S",
    }
    done = pd.DataFrame([row, {**row, "state": "passed"}, {**row, "state": "unsupported"}])
    monkeypatch.setattr(verify, "verify", lambda folder, topics: done)
    assert call("verify", "--language", "en") == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "failed  a.csv  1  f: x: got 1, expected 2; source of the expected value: S"
    assert said[1] == "passed  a.csv  1  f"
    assert said[-1] == "1 passed, 1 failed, 1 unsupported"
    monkeypatch.setattr(verify, "verify", lambda folder, topics: done.iloc[1:2])
    assert call("verify", "folder") == 0


def test_verify_lists_its_kinds(capsys):
    assert call("verify", "--kinds") == 0
    assert "| `rates.proportion` |" in capsys.readouterr().out


def test_check_tells_findings_and_their_code(tmp_path, monkeypatch, capsys):
    from sosrake_lib.gather import tables
    from sosrake_lib.gather.findings import ImportResult

    found = pd.DataFrame(
        {
            "row": [3, None],
            "column": ["kunta", ""],
            "kind": ["x", "y"],
            "reason": ["R1", "R2"],
            "fix": ["F1", "F2"],
        }
    )
    found["row"] = found["row"].astype("Int64")
    results = {"refuse": 1, "refuse_rows": 1, "warn": 0, "accept": 0, "accept_converted": 0}
    for verdict, code in results.items():
        monkeypatch.setattr(
            tables, "check_file", lambda *_, verdict=verdict, **__: ImportResult(verdict, found, None, 7)
        )
        (tmp_path / "a.csv").touch()
        assert call("check", tmp_path / "a.csv", "--table", "asiakkaat", "--language", "en") == code
        said = capsys.readouterr().out
        assert "row 3, column kunta: R1 F1" in said
        assert "row –, column –: R2 F2" in said


def test_gather_stores_and_tells(monkeypatch, tmp_path, capsys):
    from sosrake_lib.gather import sotkanet
    from sosrake_lib.gather.store import Gathered

    asked = {}

    def command(indicators, periods, **options):
        asked.update(options, indicators=indicators, periods=periods)
        return Gathered((tmp_path / "a.parquet",), 10, 8, 2, False, ("a message",))

    monkeypatch.setattr(sotkanet, "command", command)
    arguments = (
        "gather",
        "sotkanet",
        "--indicator",
        181,
        "--indicator",
        127,
        "--periods",
        "2015-2023",
        "--offline",
    )
    assert call(*arguments) == 0
    assert (asked["indicators"], asked["periods"], asked["offline"]) == ([181, 127], "2015-2023", True)
    assert "Rivejä 10: lukuja 8, puuttuvia 2." in capsys.readouterr().out


def test_help_is_in_the_language_asked_for(capsys):
    assert call("--help") == 0
    assert "Tee kaikkien alueiden sivut." in capsys.readouterr().out
    assert call("reports", "--help", "--language=en") == 0
    assert "Your own data folder" in capsys.readouterr().out


def test_every_help_text_is_a_message():
    import typer

    command = typer.main.get_command(cli.app)
    texts = [
        part.help
        for part in cli_words.with_parts(command)
        if part.help and not part.help.startswith("Show this")
    ]
    assert len(texts) > 30
    from sosrake_lib.language import say

    for text in texts:
        if text.startswith("cli."):
            assert say(text, "fi") != say(text, "en")


def test_importing_the_package_is_light():
    code = (
        "import sys, sosrake_lib, sosrake_lib.cli\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'papermill', 'IPython'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert set(sosrake_lib.__all__) <= set(dir(sosrake_lib))\n"
        "assert sosrake_lib.errors.SosrakeError is sosrake_lib.SosrakeError\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_public_names_exist():
    import sosrake_lib

    for name in sosrake_lib.__all__:
        assert getattr(sosrake_lib, name) is not None


def test_module_runs_as_the_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sosrake_lib", "trace", "x", "1", "--project", str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sosrake: ") and len(done.stderr.splitlines()) == 1
