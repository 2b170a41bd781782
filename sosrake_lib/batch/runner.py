"""The main job: plan, releases, notebooks in worker processes, site; unchanged work is skipped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.batch import plan as plans
from sosrake_lib.batch import pool, releases, site_stage
from sosrake_lib.batch.journal import Journal, digest, file_hash, hold
from sosrake_lib.batch.worker import Fault, Order, Outcome
from sosrake_lib.language import say

NOTEBOOKS = "notebooks"
FAILED = "failed"
_MOST_WORKERS = 8


@dataclass(frozen=True)
class Progress:
    """Where a run is: `stage` is plan, releases, notebooks or site; `text` names what was just done."""

    stage: str
    done: int
    total: int
    text: str = ""


@dataclass(frozen=True)
class Failure:
    """A page that could not be made: its notebook, the code cell to blame, the reason; where its copy is."""

    key: str
    notebook: str
    cell: int | None
    reason: str
    copy: Path | None = None


@dataclass(frozen=True)
class LeftOut:
    """Pages of one notebook that were not made, as the data folder has nothing for them; why, in a line."""

    notebook: str
    keys: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Report:
    """What a run did: keys made and skipped, failures, the site's first page (None: not built), seconds.

    `left_out` are pages that a user's own data say nothing of: they were not asked to be and did not fail.
    """

    made: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[Failure, ...]
    index: Path | None
    seconds: float
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class _Job:
    task: plans.Task
    fingerprint: str
    order: Order
    final: Path

    def is_made(self, journal: Journal) -> bool:
        return journal.is_made(self.order.key, self.fingerprint, self.order.part, self.final)

    def is_kept(self, journal: Journal) -> bool:
        return journal.is_whole(self.order.key, self.final)


def run(
    project: Path,
    *,
    data: Path | None = None,
    output: Path | None = None,
    language: str = "fi",
    workers: int | None = None,
    only: Iterable[str] = (),
    corrects: str = "",
    progress: Callable[[Progress], None] = lambda step: None,
    recipes: Mapping[str, releases.Recipe] | None = None,
    build: site_stage.Builder | None = None,
) -> Report:
    """Make every page of the plan and the site, redoing only what changed.

    Parameters
    ----------
    project : folder that holds `notebooks/plan.toml`.
    data : data folder; without it the one that `samples.folder` finds.
    output : where everything goes; without it `reports/` of the project, or for a data folder of one's own
        `<folder>-sivut` beside that folder, so that own figures stay outside the project.
    language : of the pages and messages, fi or en.
    workers : worker processes; without it one a core, at most eight.
    only : pages (`alueprofiili`), regions (`hva-12`) or both (`hva-12/alueprofiili`) to keep.
    corrects : reason why figures already released change; without it a changed one is refused.
    progress : called with a `Progress` at each step.
    recipes, build : other recipes and another site builder than the library's own.

    Returns
    -------
    Report; a failing notebook or release is in it and does not stop the others.

    Raises
    ------
    BatchError or ParameterError before any kernel starts, when the plan does not hold or another runner works
    in the output folder.
    """
    started = time.monotonic()
    project = Path(project).resolve()
    data = Path(data).resolve() if data else None
    with _named_project(project):
        output = output_folder(project, data, output)
        progress(Progress("plan", 0, 1))
        recipes = releases.known_recipes() if recipes is None else recipes
        full = plans.load(project, recipes=recipes, language=language)
        chosen = {task.key for task in full.only(only).tasks}
        with hold(output, language), closing(Journal(output)) as journal:
            library = releases.library_fingerprint()
            read = releases.read_fingerprint(project, data)
            opened = {name for task in full.tasks if task.key in chosen for name in task.releases}
            ready = _release_stage(full, opened, journal, data, recipes, library, corrects, progress)
            absent = _absent(full, ready, data, output)
            jobs = [
                job for job in _jobs(full, ready.ids, output, library, read) if job.task.key not in absent
            ]
            current = {job.task.key for job in jobs if job.is_made(journal)}
            stage = _NotebookStage(
                [job for job in jobs if job.task.key in chosen - current], journal, language, progress
            )
            stage.run(workers, _kernel_environment(project, data, output))
            failed = _without_release(full, ready.refused, chosen) + stage.failed
            # with --only, the pages that were not asked for stay in the site as they last were
            kept = {job.task.key for job in jobs if job.task.key not in chosen and job.is_kept(journal)}
            pages = _pages(full, jobs, kept.union(current, stage.made))
            progress(Progress("site", 0, len(pages)))
            site = site_stage.build_when_changed(
                pages, journal, language=language, library=library, build=build, data=data
            )
            failed += _without_page(full, site.refused)
    skipped = tuple(job.task.key for job in jobs if job.task.key in chosen & current)
    left_out = _left_out(full, {key: why for key, why in absent.items() if key in chosen})
    return Report(tuple(stage.made), skipped, tuple(failed), site.index, time.monotonic() - started, left_out)


class _NotebookStage:
    """Runs jobs and files each outcome: journal and final name, or a failed copy and a line to tell."""

    def __init__(
        self, jobs: list[_Job], journal: Journal, language: str, progress: Callable[[Progress], None]
    ) -> None:
        self.jobs = {job.order.key: job for job in jobs}
        self.journal = journal
        self.language = language
        self.progress = progress
        self.made: list[str] = []
        self.failed: list[Failure] = []

    def run(self, workers: int | None, environment: Mapping[str, str]) -> None:
        if not self.jobs:
            return
        for job in self.jobs.values():
            job.final.parent.mkdir(parents=True, exist_ok=True)
        self.progress(Progress("notebooks", 0, len(self.jobs)))
        pool.run_orders(
            [job.order for job in self.jobs.values()],
            workers=max(1, workers or min(os.cpu_count() or 1, _MOST_WORKERS)),
            environment=environment,
            finished=self._file,
        )

    def _file(self, outcome: Outcome) -> None:
        job = self.jobs[outcome.key]
        aside = _failed_copy(self.journal.output, outcome.key)
        if outcome.fault is None:
            self.journal.finish(
                outcome.key, job.fingerprint, job.order.part, job.final, outcome.sha256, outcome.seconds
            )
            aside.unlink(missing_ok=True)
            self.made.append(job.task.key)
        else:
            self._set_aside(job, outcome.fault, aside)
        done = len(self.made) + len(self.failed)
        self.progress(Progress("notebooks", done, len(self.jobs), job.task.key))

    def _set_aside(self, job: _Job, fault: Fault, aside: Path) -> None:
        copy = None
        if job.order.part.exists():
            aside.parent.mkdir(parents=True, exist_ok=True)
            job.order.part.replace(aside)
            copy = aside
        reason = say(f"batch.fault.{fault.kind}", self.language, detail=fault.detail)
        self.failed.append(Failure(job.task.key, job.task.notebook, fault.cell, reason, copy))


def _release_stage(
    full: plans.Plan,
    opened: Collection[str],
    journal: Journal,
    data: Path | None,
    recipes: Mapping[str, releases.Recipe],
    library: str,
    corrects: str,
    progress: Callable[[Progress], None],
) -> releases.Made:
    total = len([one for one in full.releases if one.name in opened])
    progress(Progress("releases", 0, total))
    return releases.make_releases(
        full,
        journal,
        data=data,
        recipes=recipes,
        library=library,
        corrects=corrects,
        said=lambda done, name: progress(Progress("releases", done, total, name)),
        opened=opened,
    )


def output_folder(project: Path, data: Path | None = None, output: Path | None = None) -> Path:
    """Give the folder everything goes to: the one asked for, else `reports/`, or beside one's own data."""
    from sosrake_lib import samples

    if output:
        return Path(output).resolve()
    if samples.is_shipped(data):
        return (project / "reports").resolve()
    folder = samples.folder(data).resolve()
    return folder.parent / f"{folder.name}-sivut"


def _absent(full: plans.Plan, ready: releases.Made, data: Path | None, output: Path) -> dict[str, str]:
    """Say of each page that a folder of one's own has nothing for, why; the samples have all of it.

    A page that rests on a withdrawn release is left out too, of whatever folder.
    """
    from sosrake_lib import samples

    withdrawn = {
        task.key: ready.withdrawn[name]
        for task in full.tasks
        for name in task.releases
        if name in ready.withdrawn
    }
    if samples.is_shipped(data):
        return withdrawn
    tables = set(samples.files(data)["name"])
    folder = releases.release_folder(output)
    areas = {name: releases.areas_of(made, folder) for name, made in ready.ids.items()}
    absent = withdrawn
    for task in full.tasks:
        lacking = [name for name in task.tables if name not in tables]
        without = [ready.absent[name] for name in task.releases if name in ready.absent]
        known = [areas[name] for name in task.releases if name in areas]
        if lacking:
            absent[task.key] = say("batch.no_table", full.language, table=lacking[0])
        elif without:
            absent[task.key] = without[0]
        elif any(name in ready.refused for name in task.releases):
            continue  # what it would tell of the area is not known: the refusal is told as a failure
        elif task.region and known and not any(task.region in one for one in known):
            absent[task.key] = say("batch.no_region", full.language)
    return absent


def _left_out(full: plans.Plan, absent: Mapping[str, str]) -> tuple[LeftOut, ...]:
    """Put pages of one notebook that are absent for one reason into one line."""
    groups: dict[tuple[str, str], list[str]] = {}
    for task in full.tasks:
        if task.key in absent:
            groups.setdefault((task.notebook, absent[task.key]), []).append(task.key)
    return tuple(LeftOut(notebook, tuple(keys), reason) for (notebook, reason), keys in groups.items())


def _jobs(full: plans.Plan, ids: Mapping[str, str], output: Path, library: str, read: str) -> list[_Job]:
    """Give a job for every task whose releases are there."""
    hashes = {task.notebook: file_hash(full.path(task)) for task in full.tasks}
    jobs = []
    for task in full.tasks:
        if not all(name in ids for name in task.releases):
            continue
        asked = task.asked(ids)
        folder = output / NOTEBOOKS / full.language / task.slug
        key = f"{full.language}/{task.key}"
        fingerprint = digest(
            {
                "notebook": task.notebook,
                "file": hashes[task.notebook],
                "asked": asked,
                "library": library,
                "read": read,
            }
        )
        part = folder / f".{task.page}.part.ipynb"
        order = Order(key, full.path(task), part, asked, task.cell_seconds)
        jobs.append(_Job(task, fingerprint, order, folder / f"{task.page}.ipynb"))
    return jobs


def _without_release(full: plans.Plan, refused: Mapping[str, str], chosen: set[str]) -> list[Failure]:
    return [
        Failure(
            task.key,
            task.notebook,
            None,
            say("batch.no_release", full.language, name=name, reason=refused[name]),
        )
        for task in full.tasks
        if task.key in chosen
        for name in [name for name in task.releases if name in refused][:1]
    ]


def _pages(full: plans.Plan, jobs: list[_Job], there: set[str]) -> list[site_stage.PageSource]:
    order = list(dict.fromkeys(task.page for task in full.tasks))
    return [
        site_stage.PageSource(job.task, job.final, order.index(job.task.page))
        for job in jobs
        if job.task.key in there and job.task.site
    ]


def _without_page(full: plans.Plan, refused: Mapping[str, str]) -> list[Failure]:
    return [
        Failure(task.key, task.notebook, None, refused[task.key])
        for task in full.tasks
        if task.key in refused
    ]


def _failed_copy(output: Path, key: str) -> Path:
    return output / FAILED / f"{key}.ipynb"


def _kernel_environment(project: Path, data: Path | None, output: Path) -> dict[str, str]:
    """Give what kernels find in their environment beside what this process has."""
    from sosrake_lib import samples

    return {
        "SOSRAKE_PROJECT": str(project),
        "SOSRAKE_DATA": str(samples.folder(data)),
        "SOSRAKE_RELEASES": str(releases.release_folder(output)),
        "PYTHONHASHSEED": "0",  # the order of sets is then the same in every kernel
        "PYTHONUTF8": "1",
        **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")},
    }


@contextmanager
def _named_project(project: Path) -> Iterator[None]:
    """Let recipes and samples find the project that was asked for, for the time of the run."""
    before = os.environ.get("SOSRAKE_PROJECT")
    os.environ["SOSRAKE_PROJECT"] = str(project)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOSRAKE_PROJECT"]
        else:
            os.environ["SOSRAKE_PROJECT"] = before
