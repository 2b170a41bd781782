"""Kill drill: the batch is killed outright at random moments, over and over, and must lose nothing.

A project of twelve tiny notebooks and one release is made page by page in a process of its own, which is
killed (SIGKILL) after a seeded random time and started again at once, until the batch is whole; then the next
batch begins. After each kill every finished page must be whole and in the journal, no worker or kernel may
live on for more than ten seconds, and a page the journal knows may not be made again. A batch that came
through its kills must equal one that was left in peace. Exit code 1 when any of this fails.

Run by `make drills`, or `python benchmarks/kill_drill.py --kills 5`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

NAMES = tuple(f"sivu_{number:02d}" for number in range(1, 13))
LONGEST_SHARE = 0.5  # a kill comes after at most this share of the time a batch takes in peace
ORPHAN_SECONDS = 10.0
RUN_SECONDS = 300
TAG = {"tags": ["parameters"]}
DECLARED = """
["{name}".kieli]
type = "choice"
allowed = ["fi", "en"]
default = "fi"
label_fi = "Kieli"
label_en = "Language"

["{name}".julkaisu]
type = "text"
pattern = "([0-9a-f]{{16}})?"
default = ""
label_fi = "Julkaisu"
label_en = "Release"
"""


@dataclass
class Findings:
    """What went wrong, counted, and how often pages were run again."""

    kills: int = 0
    batches: int = 0
    broken: int = 0
    without_entry: int = 0
    orphans: int = 0
    unlike: int = 0
    failed: int = 0
    redone: Counter = field(default_factory=Counter)
    begun_again: Counter = field(default_factory=Counter)
    known_again: int = 0

    @property
    def faults(self) -> int:
        """Everything that may not happen at all."""
        return sum(
            (self.broken, self.without_entry, self.orphans, self.unlike, self.failed, self.known_again)
        )


def write_project(folder: Path) -> Path:
    """Write the twelve notebooks; each notes in a log when it begins and when it has run to its end."""
    import nbformat

    notebooks = folder / "notebooks"
    notebooks.mkdir(parents=True)
    (folder / "data" / "samples").mkdir(parents=True)
    plan, declared = '[julkaisut.koe]\nrecipe = "koe"\nrules = "vakio"\n', ""
    for number, name in enumerate(NAMES):
        note = f'open({str(folder / "log.txt")!r}, "a").write("{{}} {name}\\n")'
        cells = [
            nbformat.v4.new_code_cell('kieli = "fi"\njulkaisu = ""', metadata=TAG),
            nbformat.v4.new_code_cell(f"{note.format('begin')};"),
            nbformat.v4.new_code_cell(f"import time\ntime.sleep(0.2)\nprint({number} ** 2, len(julkaisu))"),
            nbformat.v4.new_code_cell(f"{note.format('end')};"),
        ]
        for cell_number, cell in enumerate(cells):
            cell["id"] = f"{name}-{cell_number}"
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
        (notebooks / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
        plan += f'[[muistikirjat]]\npath = "{name}"\npage = "{name}"\n'
        plan += f'title_fi = "{name}"\ntitle_en = "{name}"\nreleases = ["koe"]\nlevels = ["once"]\n'
        declared += DECLARED.format(name=name)
    (notebooks / "plan.toml").write_text(plan, encoding="utf-8")
    (notebooks / "parameters.toml").write_text(declared, encoding="utf-8")
    return folder


def recipe(data: Path | None) -> dict:
    """Make a small table with something to hide, so that ledger and release are under fire too."""
    import pandas as pd

    from sosrake_lib import protect, regions

    codes = regions.members("hva", "E1", 2026)
    random = np.random.default_rng(2020)
    counts = random.poisson(12, size=len(codes)).astype(float)
    rows = pd.DataFrame({"region_code": [*codes, "E1"], "value": [*counts, counts.sum()]})
    rows["region_level"] = ["kunta"] * len(codes) + ["hva"]
    constant = {"indicator": "koe", "borders": 2026, "period": "2024", "status": "ok", "origin": "synthetic"}
    rows = rows.assign(**constant, numerator=rows["value"])
    return {"luvut": protect.part(rows, rules="vakio", totals=("region",))}


def build_list(pages, folder: Path, language: str):
    """Build a site that lists its pages: what is drilled is the batch, not the look of pages."""
    from sosrake_lib.batch import site_stage

    index = site_stage.index_page(folder, language)
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text("\n".join(page.task.key for page in pages), encoding="utf-8")
    return site_stage.Built(index)


def run_batch(project: Path, workers: int) -> int:
    """Run the batch in this process, as the child of the drill; exit code 3 when a page failed."""
    from sosrake_lib.batch import releases, runner

    # held still, so that work on the library while the drill runs does not make pages anew
    releases.library_fingerprint = lambda: "drill"
    report = runner.run(project, recipes={"koe": recipe}, build=build_list, workers=workers)
    for failure in report.failed:
        print(f"{failure.key}: {failure.reason}", file=sys.stderr)
    return 3 if report.failed else 0


def start(project: Path, home: Path, workers: int) -> subprocess.Popen:
    """Start the batch in a process of its own."""
    command = [sys.executable, __file__, "--run", str(project), "--workers", str(workers)]
    # The warning is multiprocessing's own word for having been killed.
    told = {"SOSRAKE_HOME": str(home), "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore::UserWarning"}
    return subprocess.Popen(command, env={**os.environ, **told})


def finals(project: Path) -> dict[str, Path]:
    """Give the finished pages by name."""
    found = (project / "reports" / "notebooks").rglob("*.ipynb")
    return {path.stem: path for path in found if not path.name.startswith(".")}


def entries(project: Path) -> dict[str, str]:
    """Give the journal's hash of each page, by the name of its file."""
    path = project / "reports" / "journal" / "journal.sqlite"
    if not path.exists():
        return {}
    database = sqlite3.connect(path, timeout=30)
    try:
        rows = database.execute("select file, sha256 from made").fetchall()
    except sqlite3.OperationalError:
        return {}  # killed before the tables were made
    finally:
        database.close()
    return {Path(file).stem: sha256 for file, sha256 in rows}


def check_finals(project: Path, findings: Findings) -> None:
    """Look at every finished page: is it whole, and does the journal know this very file."""
    from sosrake_lib.batch.worker import examine

    known = entries(project)
    for name, path in finals(project).items():
        content = path.read_bytes()
        try:
            whole = examine(json.loads(content)) is None
        except ValueError:
            whole = False
        findings.broken += not whole
        findings.without_entry += known.get(name) != hashlib.sha256(content).hexdigest()


def state(project: Path, home: Path) -> dict[str, object]:
    """Give what must be equal: cells and outputs of pages, the site, the release, the ledger's figures."""
    pages = {}
    for name, path in finals(project).items():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        pages[name] = [(cell["source"], cell.get("outputs"), cell.get("execution_count")) for cell in cells]
    folders = [
        (path.relative_to(project).as_posix(), path.read_bytes())
        for part in ("site", "releases")
        for path in sorted((project / "reports" / part).rglob("*"))
        if path.is_file()
    ]
    ledgers = sorted(home.rglob("ledger.sqlite"))
    figures = []
    for ledger in ledgers:
        database = sqlite3.connect(ledger)
        columns = "indicator, region_code, hidden, value, count, release"
        figures += database.execute(f"select {columns} from figures order by 1, 2").fetchall()
        database.close()
    return {"pages": pages, "folders": folders, "figures": figures}


def logged(project: Path, word: str) -> Counter:
    """Count how often each notebook has begun, or run to its end."""
    path = project / "log.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return Counter(line.split()[1] for line in lines if line.startswith(f"{word} "))


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Give those that still run (a process id used anew is another process)."""
    living = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
        except psutil.NoSuchProcess:
            continue
    return living


def end_family(runner: subprocess.Popen) -> list[psutil.Process]:
    """Kill the runner alone and give its workers and kernels, which must end by themselves."""
    try:
        family = psutil.Process(runner.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    runner.kill()
    runner.wait()
    return family


class Drill:
    """One drill: a project, its seeded moments of killing, and what was found."""

    def __init__(self, folder: Path, kills: int, seed: int, workers: int) -> None:
        self.folder, self.kills, self.workers = folder, kills, workers
        self.random = np.random.default_rng(seed)
        self.findings = Findings()
        self.longest = 0.0
        self.families: list[tuple[float, list[psutil.Process]]] = []

    def run(self) -> Findings:
        """Make one batch in peace, then batches under fire until all kills are spent."""
        project, home = self._fresh()
        begun = time.monotonic()
        if start(project, home, self.workers).wait(RUN_SECONDS) != 0:
            raise SystemExit("the undisturbed batch failed; nothing can be compared with it")
        self.longest = LONGEST_SHARE * (time.monotonic() - begun)
        if logged(project, "end") != Counter(NAMES):
            raise SystemExit("the undisturbed batch did not run each notebook once; the drill sees nothing")
        peaceful = state(project, home)
        while self.findings.kills < self.kills:
            project, home = self._fresh()
            self._batch(project, home)
            self.findings.batches += 1
            self.findings.unlike += state(project, home) != peaceful
        self._await_orphans()
        return self.findings

    def _fresh(self) -> tuple[Path, Path]:
        # The same path each time, so that what holds a path is equal too.
        for name in ("project", "home"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return write_project(self.folder / "project"), self.folder / "home"

    def _batch(self, project: Path, home: Path) -> None:
        while True:
            known, ended, begun = entries(project), logged(project, "end"), logged(project, "begin")
            runner = start(project, home, self.workers)
            spent = self.findings.kills >= self.kills
            wait = RUN_SECONDS if spent else float(self.random.uniform(0.3, self.longest))
            try:
                code = runner.wait(wait)
            except subprocess.TimeoutExpired:
                self.families.append((time.monotonic(), end_family(runner)))
                self.findings.kills += 1
                code = None
            check_finals(project, self.findings)
            self._count_again(project, set(known), ended, begun)
            if code is not None:
                self.findings.failed += code != 0
                self._await_orphans()
                return

    def _count_again(self, project: Path, known: set[str], ended: Counter, begun: Counter) -> None:
        """Count pages this start ran although an earlier one had: begun, ended, or known to the journal."""
        now = logged(project, "begin")
        ran = {name for name in now if now[name] > begun[name]}
        self.findings.begun_again[len(ran & set(begun))] += 1
        self.findings.redone[len(ran & set(ended))] += 1
        self.findings.known_again += len(ran & known)

    def _await_orphans(self) -> None:
        for killed, family in self.families:
            while alive(family) and time.monotonic() < killed + ORPHAN_SECONDS:
                time.sleep(0.1)
            self.findings.orphans += len(alive(family))
        self.families.clear()


def main() -> int:
    """Run the drill and print its figures; the exit code says whether anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        return run_batch(arguments.run, arguments.workers)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = Drill(Path(folder), arguments.kills, arguments.seed, arguments.workers).run()
    redone = sum(pages * times for pages, times in found.redone.items())
    again = sum(pages * times for pages, times in found.begun_again.items())
    print(
        f"{found.kills} kills over {found.batches} batches of {len(NAMES)} notebooks, {arguments.workers} "
        f"workers, seed {arguments.seed}, {time.monotonic() - begun:.0f} s\n"
        f"broken finals {found.broken}, finals without a journal entry {found.without_entry}, "
        f"orphans after {ORPHAN_SECONDS:.0f} s {found.orphans}, runs that failed {found.failed}, "
        f"batches unlike the undisturbed one {found.unlike}\n"
        f"pages known to the journal but made again {found.known_again}\n"
        f"pages run to their end and run again {redone}, at most {max(found.redone)} after one kill\n"
        f"pages begun and begun again {again}, at most {max(found.begun_again)} after one kill"
    )
    too_many = max(found.redone) > 1 or max(found.begun_again) > arguments.workers
    return int(found.faults > 0 or too_many)


if __name__ == "__main__":
    sys.exit(main())
