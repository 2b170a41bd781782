"""`sosrake gather all`: refresh what the plan needs, one call at a time, and go on where the last run ended.

Each job is one indicator, file or table. What a job brought is stored before the next begins, and a journal
under home()/gathered says which jobs are done: an interrupted run, or one whose source failed, is finished by
the same command. A source that fails several times in a row is left in peace until the next run.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from sosrake_lib import catalogue, samples
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import kela, pxweb, sotkanet
from sosrake_lib.gather.cache import replace_file
from sosrake_lib.gather.http import Limits, is_offline
from sosrake_lib.gather.store import Gathered
from sosrake_lib.language import say

# A job that was done this recently is not asked again.
FRESH_FOR = timedelta(days=1)
# Failures in a row after which a source is left until the next run.
GIVE_UP_AFTER = 3

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to ask of one source: an indicator, a file or a table."""

    source: str
    name: str
    asked: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name the job in the journal; another question is another job."""
        return ":".join([self.source, self.name, *self.asked])


@dataclass(frozen=True, slots=True)
class Round:
    """What a run of all jobs came to."""

    jobs: tuple[Job, ...]
    done: tuple[Job, ...]
    already: tuple[Job, ...]
    stale: tuple[Job, ...]
    failed: tuple[tuple[Job, str], ...]
    postponed: tuple[Job, ...]
    unverified: tuple[str, ...]
    messages: tuple[str, ...]
    files: tuple[Path, ...]
    rows: int

    @property
    def whole(self) -> bool:
        """Say whether every job is done with a fresh answer."""
        return not (self.failed or self.postponed or self.stale)

    def lines(self, language: str = "fi") -> list[str]:
        """Say the round in words, one line a thing."""
        said = [*self.messages]
        said += [
            say("gather_all.failed", language, name=job.name, source=_named(job), why=why)
            for job, why in self.failed
        ]
        if self.postponed:
            sources = ", ".join(sorted({_named(job) for job in self.postponed}))
            said.append(say("gather_all.postponed", language, count=len(self.postponed), sources=sources))
        if self.unverified:
            keys = ", ".join(self.unverified)
            said.append(say("gather_all.unverified", language, count=len(self.unverified), keys=keys))
        counts = {
            "jobs": len(self.jobs),
            "done": len(self.done),
            "already": len(self.already),
            "stale": len(self.stale),
            "failed": len(self.failed) + len(self.postponed),
        }
        said.append(say("gather_all.summary", language, **counts))
        if not self.whole:
            said.append(say("gather_all.again", language))
        return said


def gather_all(
    plan: Path,
    *,
    offline: bool = False,
    unverified: bool = False,
    again: bool = False,
    progress: Progress | None = None,
    language: str = "fi",
    addresses: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    sources: Mapping[str, Any] | None = None,
) -> Round:
    """Refresh every open source the plan needs.

    Parameters
    ----------
    plan : notebooks/plan.toml; a source is asked when the plan makes one of its releases.
    offline : open no socket; what the cache holds is stored anew, the rest is told as failed.
    unverified : ask also indicators whose id has not been verified; their title must fit all the same.
    again : ask also what was done within the last day.
    addresses : source -> another address (sotkanet, kela, statfin), as for tests.
    sources : another table of sources than the shipped open_sources.toml.

    Returns
    -------
    Round; nothing is raised for a source that fails. An interrupt is passed on, what was done is kept.

    Raises
    ------
    GatherError when the plan or the table of sources cannot be read.
    """
    wanted = sources if sources is not None else shipped_sources()
    left_out = () if unverified else _unverified(wanted, plan)
    jobs = tuple(needed(plan, wanted, unverified=unverified))
    journal = _Journal(samples.home() / "gathered" / "all.json")
    ask = _Ask(offline, unverified, language, dict(addresses or {}), limits)
    collected = _Collected()
    for place, job in enumerate(jobs, start=1):
        if progress is not None:
            progress(say("gather_all.progress", language, place=place, total=len(jobs), name=_told(job)))
        if not again and journal.is_done(job):
            collected.already.append(job)
        elif collected.in_a_row.get(job.source, 0) >= GIVE_UP_AFTER:
            collected.postponed.append(job)
        else:
            _do(job, ask, journal, collected)
    return collected.round(jobs, left_out)


def needed(plan: Path, sources: Mapping[str, Any], *, unverified: bool = False) -> Iterator[Job]:
    """Give the jobs that the plan's releases need, Sotkanet first."""
    made = releases_of(plan)
    part = sources.get("sotkanet", {})
    if made & set(part.get("releases", ())):
        years = f"{part['first_year']}-{date.today().year}"
        for entry in catalogue.indicators():
            if entry.sotkanet is not None and (entry.verified or unverified):
                yield Job("sotkanet", str(entry.sotkanet), (years, ",".join(part.get("sexes", ("total",)))))
    part = sources.get("kela", {})
    if made & set(part.get("releases", ())):
        yield from (Job("kela", name) for name in part.get("files", ()))
    for table in sources.get("statfin", ()):
        if made & set(table.get("releases", ())):
            yield Job("statfin", table["table"], (table.get("indicator", ""), *table["select"]))


def releases_of(plan: Path) -> set[str]:
    """Name the releases a plan makes."""
    try:
        read = tomllib.loads(plan.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise GatherError(
            f"{plan}: cannot be read as a plan ({problem}); name the project with --project"
        ) from None
    return set(read.get("julkaisut", {}))


def shipped_sources() -> dict[str, Any]:
    """Read open_sources.toml."""
    return tomllib.loads((files("sosrake_lib.gather") / "open_sources.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class _Ask:
    """How the jobs of a run are asked."""

    offline: bool
    unverified: bool
    language: str
    addresses: Mapping[str, str]
    limits: Limits | None

    def of(self, job: Job) -> Gathered:
        common: dict[str, Any] = {
            "offline": self.offline,
            "base_url": self.addresses.get(job.source),
            "language": self.language,
            "limits": self.limits,
        }
        if job.source == "kela":
            return kela.command(job.name, **common)
        if job.source == "statfin":
            indicator, *select = job.asked
            return pxweb.command(job.name, select, indicator or None, **common)
        years, sexes = job.asked
        number, kinds = int(job.name), sexes.split(",")
        return sotkanet.command([number], years, sexes=kinds, unverified=self.unverified, **common)


class _Collected:
    """What the jobs of a run came to, so far."""

    def __init__(self) -> None:
        self.done: list[Job] = []
        self.already: list[Job] = []
        self.stale: list[Job] = []
        self.failed: list[tuple[Job, str]] = []
        self.postponed: list[Job] = []
        self.messages: list[str] = []
        self.files: list[Path] = []
        self.rows = 0
        self.in_a_row: dict[str, int] = {}

    def round(self, jobs: tuple[Job, ...], left_out: Sequence[str]) -> Round:
        return Round(
            jobs,
            tuple(self.done),
            tuple(self.already),
            tuple(self.stale),
            tuple(self.failed),
            tuple(self.postponed),
            tuple(left_out),
            tuple(dict.fromkeys(self.messages)),
            tuple(self.files),
            self.rows,
        )


class _Journal:
    """Which jobs were done and when; replaced as a whole after each job, so that a kill loses at most one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            read = json.loads(file.read_text(encoding="utf-8"))
            self._done = {str(key): datetime.fromisoformat(when) for key, when in read["done"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # An absent or damaged journal costs another question, nothing else.
            self._done = {}

    def is_done(self, job: Job) -> bool:
        when = self._done.get(job.key)
        return when is not None and timedelta(0) <= datetime.now(UTC) - when <= FRESH_FOR

    def note(self, job: Job) -> None:
        self._done[job.key] = datetime.now(UTC).replace(microsecond=0)
        told = {"done": {key: when.isoformat() for key, when in sorted(self._done.items())}}
        replace_file(self._file, json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8"))


def _do(job: Job, ask: _Ask, journal: _Journal, collected: _Collected) -> None:
    try:
        brought = ask.of(job)
    except GatherError as problem:
        collected.failed.append((job, str(problem)))
        if not is_offline(ask.offline):
            collected.in_a_row[job.source] = collected.in_a_row.get(job.source, 0) + 1
        return
    collected.messages += brought.messages
    collected.files += brought.files
    collected.rows += brought.rows
    if brought.stale:
        collected.stale.append(job)
        collected.in_a_row[job.source] = collected.in_a_row.get(job.source, 0) + 1
        return
    collected.in_a_row[job.source] = 0
    collected.done.append(job)
    if not is_offline(ask.offline):
        journal.note(job)


def _unverified(sources: Mapping[str, Any], plan: Path) -> tuple[str, ...]:
    if not releases_of(plan) & set(sources.get("sotkanet", {}).get("releases", ())):
        return ()
    return tuple(entry.key for entry in catalogue.indicators() if not entry.verified)


def _told(job: Job) -> str:
    if job.source == "sotkanet":
        return f"Sotkanet {job.name}: {catalogue.by_sotkanet(int(job.name)).name_fi}"
    return f"{_named(job)} {job.name}"


def _named(job: Job) -> str:
    return {"sotkanet": "Sotkanet", "kela": "Kela", "statfin": "PxWeb"}[job.source]
