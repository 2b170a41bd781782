"""The batch: what is made, skipped, failed and resumed, with small notebooks in a project of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from unittest import mock

import nbformat
import psutil
import pytest

from sosrake_lib.batch import journal, pool, releases, runner, site_stage
from sosrake_lib.batch.worker import Order, examine
from sosrake_lib.errors import BatchError, ParameterError
from sosrake_lib.register import open_register

PROJECT = Path(__file__).resolve().parents[1]
SPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}
DECLARED = """
["{name}".kieli]
type = "choice"
allowed = ["fi", "en"]
default = "fi"
label_fi = "Kieli"
label_en = "Language"
"""


def write_notebook(path: Path, *cells: str) -> None:
    first = nbformat.v4.new_code_cell('kieli = "fi"', metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(
        cells=[first, *map(nbformat.v4.new_code_cell, cells)], metadata={"kernelspec": SPEC}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


def write_project(folder: Path, notebooks: dict[str, tuple[str, ...]], seconds: int = 60) -> Path:
    """Write a project whose notebooks run once each; page names are the notebooks' own."""
    plan, declared = "", ""
    for name, cells in notebooks.items():
        write_notebook(folder / "notebooks" / f"{name}.ipynb", *cells)
        plan += (
            f'[[muistikirjat]]\npath = "{name}"\npage = "{name}"\ntitle_fi = "{name}"\ntitle_en = "{name}"\n'
            f'releases = []\nlevels = ["once"]\ncell_seconds = {seconds}\n'
        )
        declared += DECLARED.format(name=name)
    (folder / "notebooks" / "plan.toml").write_text(plan, encoding="utf-8")
    (folder / "notebooks" / "parameters.toml").write_text(declared, encoding="utf-8")
    (folder / "data" / "samples").mkdir(parents=True, exist_ok=True)
    return folder


def build_list(pages, folder, language):
    """Build a site that only lists its pages."""
    index = site_stage.index_page(folder, language)
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text("\n".join(page.task.key for page in pages), encoding="utf-8")
    return site_stage.Built(index)


def run(project: Path, **options):
    # the library's own hash is held still: these tests are about the notebooks
    with mock.patch.object(releases, "library_fingerprint", lambda: "library"):
        return _run(project, **options)


def _run(project: Path, **options):
    return runner.run(
        project, **{"recipes": {}, "build": build_list, "workers": 2, "language": "en", **options}
    )


def outputs(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(out.get("text", "")) for cell in cells for out in cell.get("outputs", ())]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One run over notebooks that succeed and fail in every way; each test below looks at its own."""
    folder = write_project(
        tmp_path_factory.mktemp("mixed"),
        {
            "good": ("print(kieli)",),
            "raises": ("print('before')", "1 / 0", "print('after')"),
            "leaves": ("import sys", "sys.exit(0)"),
            "dies": ("import os", "os._exit(0)"),
            "hangs": ("import time\ntime.sleep(600)",),
            "last": ("print('last')",),
        },
        seconds=4,
    )
    steps: list[runner.Progress] = []
    return folder, run(folder, progress=steps.append), steps


def failure(report, key):
    return next(one for one in report.failed if one.key == key)


def test_one_failing_notebook_does_not_stop_the_others(mixed):
    folder, report, steps = mixed
    assert sorted(report.made) == ["good", "last"]
    assert sorted(one.key for one in report.failed) == ["dies", "hangs", "leaves", "raises"]
    assert outputs(folder / "reports/notebooks/en/good.ipynb") == ["en\n"]
    assert report.index.read_text(encoding="utf-8").split() == ["good", "last"]
    assert [step.stage for step in steps if step.done == 0] == ["plan", "releases", "notebooks", "site"]
    assert [step.done for step in steps if step.stage == "notebooks"] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("key", "cell", "reason"),
    [
        ("raises", 3, "ended in an error: ZeroDivisionError: division by zero"),
        ("leaves", 3, "ended the notebook early"),
        ("dies", 3, "computing process died"),
        ("hangs", 2, r"not ready within the time limit \(4 s\)"),
    ],
)
def test_failure_names_notebook_cell_and_reason(mixed, key, cell, reason):
    folder, report, _ = mixed
    found = failure(report, key)
    assert (found.notebook, found.cell) == (key, cell)
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(found.reason)
    assert found.copy == folder / "reports/failed/en" / f"{key}.ipynb"
    assert found.copy.is_file()
    assert not (folder / "reports/notebooks/en" / f"{key}.ipynb").exists()


def test_no_kernel_and_no_temporary_file_is_left(mixed):
    folder, _, _ = mixed
    assert not list((folder / "reports").rglob(".*.part.ipynb"))
    assert not [
        child for child in psutil.Process().children(recursive=True) if "ipykernel" in _command(child)
    ]


def test_a_finished_notebook_tells_nothing_of_the_machine(mixed):
    folder, _, _ = mixed
    finished = list((folder / "reports/notebooks").rglob("*.ipynb"))
    assert finished
    for path in finished:
        text = path.read_text(encoding="utf-8")
        assert str(folder) not in text
        assert "start_time" not in text


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_rerun_skips_redoes_and_keeps_the_good_page(tmp_path):
    project = write_project(tmp_path, {"one": ("print(1)",), "two": ("print(2)",)})
    first = run(project)
    assert sorted(first.made) == ["one", "two"]
    again = run(project)
    assert (again.made, sorted(again.skipped)) == ((), ["one", "two"])

    page = project / "reports/notebooks/en/one.ipynb"
    good = page.read_bytes()
    write_notebook(project / "notebooks/one.ipynb", "1 / 0")
    broken = run(project)
    assert ([one.key for one in broken.failed], broken.skipped) == (["one"], ("two",))
    assert page.read_bytes() == good
    # the old page rests on a notebook that is no more: the site does without it
    assert broken.index.read_text(encoding="utf-8") == "two"

    write_notebook(project / "notebooks/one.ipynb", "print(3)")
    page.with_name("two.ipynb").write_text("damaged", encoding="utf-8")
    mended = run(project)
    assert sorted(mended.made) == ["one", "two"]
    assert not (project / "reports/failed/en/one.ipynb").exists()


def test_a_page_is_made_again_when_what_a_notebook_may_read_changes(tmp_path, home):
    project = write_project(tmp_path, {"one": ("print(1)",)})
    written = project / "data/samples/hanke/ehdotukset.csv"
    written.parent.mkdir(parents=True)
    written.write_text("id\n", encoding="utf-8")
    assert run(project).made == ("one",)
    assert run(project).skipped == ("one",)

    written.write_text("id\n1\n", encoding="utf-8")
    assert run(project).made == ("one",), "a proposal written by hand reaches its page"

    register = open_register()
    register.close()
    assert run(project).made == ("one",), "so does what is recorded in the register"
    assert run(project).skipped == ("one",)


def test_unknown_parameter_is_refused_before_any_kernel(tmp_path, monkeypatch):
    project = write_project(tmp_path, {"one": ("print(1)",)})
    plan = project / "notebooks/plan.toml"
    plan.write_text(plan.read_text(encoding="utf-8") + "parameters = {vuosi = 2019}\n", encoding="utf-8")
    monkeypatch.setattr(pool, "run_orders", lambda *_, **__: pytest.fail("a worker was started"))
    with pytest.raises(ParameterError, match="one: unknown parameter vuosi; allowed are kieli"):
        run(project)
    assert not (project / "reports").exists()


def test_unchanged_rerun_imports_no_papermill_and_no_matplotlib(tmp_path):
    project = write_project(tmp_path, {"one": ("print(1)",)})
    run(project)
    code = f"""
    import sys
    sys.path.insert(0, {str(PROJECT / "tests")!r})
    from pathlib import Path
    from sosrake_lib.batch import releases, runner
    releases.library_fingerprint()
    releases.library_fingerprint = lambda: "library"
    def build(pages, folder, language): raise SystemExit("the site was built again")
    report = runner.run(Path({str(project)!r}), recipes={{}}, build=build, language="en")
    assert report.skipped == ("one",) and not report.made, report
    heavy = {{"papermill", "matplotlib", "nbclient", "zmq"}} & set(sys.modules)
    assert not heavy, heavy
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_killed_runner_leaves_no_kernel_and_the_next_run_resumes(tmp_path):
    sign = tmp_path / "started"
    slow = f"import os, pathlib, time\nif not pathlib.Path({str(sign)!r}).exists():\n"
    slow += f"    pathlib.Path({str(sign)!r}).write_text(str(os.getpid()))\n    time.sleep(600)"
    project = write_project(tmp_path / "project", {"first": ("print(1)",), "slow": (slow,)})
    code = f"""
    import sys
    sys.path.insert(0, {str(PROJECT / "tests")!r})
    from pathlib import Path
    import test_batch
    if __name__ == "__main__":
        test_batch.run(Path({str(project)!r}), workers=1)
    """
    script = tmp_path / "start.py"
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    process = subprocess.Popen([sys.executable, str(script)])
    kernel = int(_wait_for(lambda: sign.is_file() and sign.read_text(encoding="utf-8")))
    family = [
        process.pid,
        kernel,
        *(child.pid for child in psutil.Process(process.pid).children(recursive=True)),
    ]
    process.kill()
    process.wait()
    _wait_for(lambda: not any(_alive(pid) for pid in family), seconds=10)
    assert not (project / "reports/notebooks/en/slow.ipynb").exists()

    resumed = run(project)
    assert (resumed.made, resumed.skipped) == (("slow",), ("first",))


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_for(condition, seconds: float = 60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def test_entry_without_its_file_is_completed_from_the_temporary_one(tmp_path):
    made = journal.Journal(tmp_path)
    part, final = tmp_path / ".one.part.ipynb", tmp_path / "one.ipynb"
    part.write_text("whole", encoding="utf-8")
    made.finish("one", "f", part, final, journal.file_hash(part), 1.0)
    final.replace(part)  # as if the run had been killed between entry and replacement
    assert made.is_made("one", "f", part, final)
    assert final.read_text(encoding="utf-8") == "whole"
    assert not made.is_made("one", "another fingerprint", part, final)
    final.write_text("edited", encoding="utf-8")
    assert not made.is_made("one", "f", part, final)
    made.close()


def test_second_runner_is_told_who_holds_the_folder(tmp_path):
    project = write_project(tmp_path, {"one": ("print(1)",)})
    with (
        journal.hold(project / "reports"),
        pytest.raises(BatchError, match=rf"already working in this folder \(process {os.getpid()} on"),
    ):
        run(project)
    assert run(project).made == ("one",)


def test_lock_of_a_dead_process_holds_nobody(tmp_path):
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom sosrake_lib.batch import journal\n"
        "hold = journal.hold(Path(sys.argv[1]))\nhold.__enter__()\n"
        "print('held', flush=True)\nsys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    with pytest.raises(BatchError, match=f"prosessi {process.pid}"), journal.hold(tmp_path):
        pass
    process.kill()
    process.communicate()
    with journal.hold(tmp_path):
        pass


def test_dying_worker_takes_only_its_own_notebook(tmp_path):
    # the kernel kills the worker that started it; the other order in work then is run again, alone
    folder = tmp_path / "notebooks"
    write_notebook(folder / "good.ipynb", "import time\ntime.sleep(1)")
    write_notebook(
        folder / "killer.ipynb", "import os, signal\nos.kill(os.getppid(), signal.SIGTERM)\ninput()"
    )
    orders = [
        Order(name, folder / f"{name}.ipynb", tmp_path / f".{name}.part.ipynb", {}, 20)
        for name in ("killer", "good")
    ]
    outcomes = {}
    pool.run_orders(
        orders, workers=2, environment={}, finished=lambda outcome: outcomes.update({outcome.key: outcome})
    )
    assert outcomes["good"].fault is None
    assert outcomes["killer"].fault.kind == "died"


def test_interrupt_ends_workers_and_kernels(tmp_path):
    sign = tmp_path / "started"
    project = write_project(
        tmp_path / "project",
        {
            "slow": (f"import pathlib, time\npathlib.Path({str(sign)!r}).touch()\ntime.sleep(600)",),
            "two": ("1",),
        },
    )

    def interrupt(step):
        if step.stage == "notebooks" and step.done == 1:
            _wait_for(sign.exists)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(project, progress=interrupt)
    assert not [
        child for child in psutil.Process().children(recursive=True) if "ipykernel" in _command(child)
    ]
    assert run(project, only=["two"]).skipped == ("two",)


def test_only_keeps_what_is_named(tmp_path):
    project = write_project(tmp_path, {"one": ("print(1)",), "two": ("print(2)",)})
    assert run(project, only=["two"]).made == ("two",)
    run(project)
    for name in ("one", "two"):
        write_notebook(project / "notebooks" / f"{name}.ipynb", "print('new')")
    again = run(project, only=["two"])
    # the page that was not asked for is not redone, and stays in the site as it last was
    assert (again.made, again.index.read_text(encoding="utf-8").split()) == (("two",), ["one", "two"])
    with pytest.raises(
        BatchError, match="--only three: the plan has no such page or region; pages are one, two"
    ):
        run(project, only=["three"])


def test_full_disk_leaves_the_good_page(tmp_path, monkeypatch):
    project = write_project(tmp_path, {"one": ("print(1)",)})
    run(project)
    page = project / "reports/notebooks/en/one.ipynb"
    good = page.read_bytes()
    write_notebook(project / "notebooks/one.ipynb", "print(2)")
    # a folder in place of the temporary file cannot be written, as a full disk cannot
    page.with_name(".one.part.ipynb").mkdir()
    report = run(project)
    assert [one.key for one in report.failed] == ["one"]
    assert page.read_bytes() == good


def test_examine_counts_cells_as_the_source_notebook_does():
    def cell(count, tags=(), outputs=()):
        return {
            "cell_type": "code",
            "source": "x",
            "execution_count": count,
            "outputs": list(outputs),
            "metadata": {"tags": list(tags)},
        }

    fault = {"output_type": "error", "ename": "ValueError", "evalue": "two\nlines"}
    notebook = {
        "cells": [cell(1, ["parameters"]), cell(2, ["injected-parameters"]), cell(3, outputs=[fault])]
    }
    found = examine(notebook)
    assert (found.kind, found.cell, found.detail) == ("error", 2, "ValueError: two lines")


def test_fingerprint_follows_names_and_content_of_files(tmp_path):
    (tmp_path / "a.py").write_text("1", encoding="utf-8")
    first = journal.folder_hash(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("noise", encoding="utf-8")
    assert journal.folder_hash(tmp_path) == first
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    renamed = journal.folder_hash(tmp_path)
    (tmp_path / "b.py").write_text("2", encoding="utf-8")
    assert len({first, renamed, journal.folder_hash(tmp_path)}) == 3
    assert journal.folder_hash(tmp_path / "nothing") == ""


def test_hold_is_exclusive_between_threads(tmp_path):
    refused = []

    def second():
        try:
            with journal.hold(tmp_path):
                pass
        except BatchError as fault:
            refused.append(fault)

    with journal.hold(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(refused) == 1
