"""The stage of outputs: what is left to be made, what became of it, and what stands in the folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch import outputs_index, releases, runner, site_stage
from sosrake_lib.batch import plan as plans
from sosrake_lib.batch.journal import digest, file_hash
from sosrake_lib.batch.outputs import ONCE_SLUG, Piece
from sosrake_lib.batch.outputs_index import Line
from sosrake_lib.batch.outputs_memory import Kept, Memory
from sosrake_lib.batch.outputs_pool import in_processes
from sosrake_lib.batch.outputs_render import SITE_FORMAT, Rendered, Renderer, RenderOrder, missing_heading
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.batch.runner import Progress, Report
    from sosrake_lib.influence.pages import PageContext

FOLDER = "tuotokset"
DRAFT, APPROVED = "luonnos", "hyvaksytty"
# absent: the data folder has nothing for the page; no_figures: a page of words has no data behind it
FAILED, ABSENT, NO_FIGURES = "failed", "absent", "no_figures"
_MOST_WORKERS = 8


@dataclass(frozen=True)
class _Job:
    piece: Piece
    form: str
    key: str
    fingerprint: str
    state: str


def base(output: Path, language: str) -> Path:
    """Give the folder of outputs of a language: Finnish at the root, others in a folder of their own."""
    return output / FOLDER if language == "fi" else output / FOLDER / language


def key_of(piece: Piece, form: str, language: str) -> str:
    """Name one format of a piece in the journal."""
    return f"{language}/{FOLDER}/{piece.key}.{form}"


def made_from(
    piece: Piece, source: site_stage.PageSource, context: PageContext, library: str, renderer: Renderer
) -> dict[str, object]:
    """Say what the formats of a piece are made from: a file stands while all of it is the same."""
    return {
        "notebook": file_hash(source.notebook),
        "context": repr(asdict(context)),
        "headings": piece.output.headings(context.language),
        "library": library,
        "renderer": f"{renderer.__module__}.{renderer.__qualname__}",
    }


def fingerprint(piece: Piece, form: str, about: Mapping[str, object]) -> str:
    """Give the fingerprint of one format of a piece."""
    return digest({**about, "format": form, "stem": piece.stem})


def _state_of(context: PageContext) -> str:
    return APPROVED if context.approval else DRAFT


class Stage:
    """Makes formats from executed notebooks and files what became of each."""

    def __init__(
        self,
        place: Path,
        language: str,
        memory: Memory,
        plan: plans.Plan,
        renderer: Renderer,
        progress: Callable[[Progress], None],
    ) -> None:
        self.place, self.language, self.memory, self.plan = place, language, memory, plan
        self.renderer, self.progress = renderer, progress
        self.library = releases.library_fingerprint()
        self.order = list(dict.fromkeys(task.page for task in plan.tasks))
        self.pixels: set[str] = set()  # pieces whose charts came as pixels

    def run(
        self, asked: Sequence[Piece], formats: tuple[str, ...], pages: Report, workers: int | None
    ) -> list[Line]:
        """Make what is asked for; a line a format, in the order asked."""
        absent = {key: one.reason for one in pages.left_out for key in one.keys}
        failed = {one.key: one.reason for one in pages.failed}
        lines: dict[str, Line] = {}
        orders: list[tuple[RenderOrder, list[_Job]]] = []
        for piece in asked:
            own = [form for form in piece.formats if not formats or form in formats]
            for reasons, state, key in (
                (failed, FAILED, "outputs.no_notebook"),
                (absent, ABSENT, "outputs.absent"),
            ):
                if piece.task.key in reasons:
                    why = say(key, self.language, reason=reasons[piece.task.key])
                    lines |= {
                        self.key(piece, form): self._line(piece, form, state, reason=why) for form in own
                    }
                    own = []
            if own:
                orders += self._prepared(piece, own, lines)
        for jobs, rendered in self._rendered(orders, workers):
            for job, one in zip(jobs, rendered, strict=True):
                lines[job.key] = self._filed(job, one)
                self.pixels |= {job.piece.key} if one.pixels else set()
        keys = [
            self.key(piece, form)
            for piece in asked
            for form in piece.formats
            if not formats or form in formats
        ]
        return [lines[key] for key in keys]

    def _prepared(
        self, piece: Piece, formats: list[str], lines: dict[str, Line]
    ) -> list[tuple[RenderOrder, list[_Job]]]:
        """Say what of a piece is left to be made; what stands, and the site's page, get lines at once."""
        source = self._source(piece)
        context = site_stage.context_of(source, self.language)
        state = _state_of(context)
        about = made_from(piece, source, context, self.library, self.renderer)
        jobs = []
        for form in formats:
            key = self.key(piece, form)
            made = fingerprint(piece, form, about)
            if form == SITE_FORMAT:
                lines[key] = self._site_line(piece, source, state)
            elif self.memory.is_made(key, made):
                lines[key] = self._kept_line(piece, form, state, self.memory.known(key))
            else:
                jobs.append(_Job(piece, form, key, made, state))
        if not jobs:
            return []
        order = RenderOrder(
            key=piece.key,
            notebook=source.notebook,
            context=context,
            headings=piece.output.headings(self.language),
            formats=tuple(job.form for job in jobs),
            output=self.place,
            stem=(base(self.place, self.language) / piece.key).relative_to(self.place).as_posix(),
            releases=releases.release_folder(self.place),
            language=self.language,
            renderer=self.renderer,
        )
        return [(order, jobs)]

    def _rendered(
        self, orders: list[tuple[RenderOrder, list[_Job]]], workers: int | None
    ) -> Iterator[tuple[list[_Job], tuple[Rendered, ...]]]:
        total = len(orders)
        if total:
            self.progress(runner.Progress("outputs", 0, total))
        jobs = {order.key: own for order, own in orders}
        many = max(1, workers or min(os.cpu_count() or 1, _MOST_WORKERS))
        for done, (key, made) in enumerate(in_processes([one for one, _ in orders], many), start=1):
            self.progress(runner.Progress("outputs", done, total, key))
            yield jobs[key], made

    def _filed(self, job: _Job, one: Rendered) -> Line:
        if one.reason:
            return self._line(job.piece, job.form, FAILED, reason=one.reason)
        kept = Kept(job.key, job.fingerprint, one.files, job.state, one.seconds, self.library)
        self.memory.finish(kept)
        return self._kept_line(job.piece, job.form, job.state, kept, made=bool(kept.files))

    def _site_line(self, piece: Piece, source: site_stage.PageSource, state: str) -> Line:
        """Tell of the site's page: it stands when the site was built, and must have the headings too."""
        page = site_stage.index_page(self.place / site_stage.SITE, self.language).parent / piece.task.address
        line = self._line(piece, SITE_FORMAT, state)
        if not page.is_file():
            reason = say("outputs.no_notebook", self.language, reason=str(page))
            return replace(line, state=FAILED, reason=reason)
        lacking = missing_heading(page.read_text(encoding="utf-8"), piece.output.headings(self.language))
        if lacking:
            reason = say("outputs.no_heading", self.language, heading=lacking)
            return replace(line, state=FAILED, reason=reason)
        return replace(line, files=(page.relative_to(self.place).as_posix(),), bytes=page.stat().st_size)

    def standing(self, every: Sequence[Piece], lines: Sequence[Line]) -> list[Line]:
        """Give a line for all that stands in the folder: of this run, else as it was last made."""
        now = {line.key: line for line in lines}
        told = []
        for piece in every:
            for form in piece.formats:
                key = self.key(piece, form)
                if key in now:
                    told.append(now[key])
                elif form == SITE_FORMAT:
                    source = self._source(piece)
                    line = self._site_line(piece, source, self._state(source))
                    told += [line] if line.files else []
                elif self.memory.is_whole(key):
                    kept = self.memory.known(key)
                    told.append(self._kept_line(piece, form, kept.state if kept else DRAFT, kept))
        return told

    def _state(self, source: site_stage.PageSource) -> str:
        """Give the state of a page nobody asked for now; without its notebook nothing can be approved."""
        if not source.notebook.is_file():
            return DRAFT
        return _state_of(site_stage.context_of(source, self.language))

    def forget(self, every: Sequence[Piece]) -> None:
        """Remove what an earlier table asked for and this one does not."""
        there = {self.key(piece, form) for piece in every for form in piece.formats}
        own = f"{self.language}/"
        self.memory.forget([key for key in self.memory.every() if key.startswith(own) and key not in there])

    def key(self, piece: Piece, form: str) -> str:
        """Name one format of a piece in the journal."""
        return key_of(piece, form, self.language)

    def _source(self, piece: Piece) -> site_stage.PageSource:
        task = piece.task
        folder = self.place / runner.NOTEBOOKS / self.language / task.slug
        return site_stage.PageSource(task, folder / f"{task.page}.ipynb", self.order.index(task.page))

    def _kept_line(
        self, piece: Piece, form: str, state: str, kept: Kept | None, *, made: bool = False
    ) -> Line:
        """Tell of what was entered: files, or that a page of words has no data behind it."""
        if kept is not None and not kept.files:
            reason = say("outputs.no_figures", self.language)
            return self._line(piece, form, NO_FIGURES, kept=kept, reason=reason)
        return self._line(piece, form, state, kept=kept, made=made)

    def _line(
        self,
        piece: Piece,
        form: str,
        state: str,
        *,
        kept: Kept | None = None,
        made: bool = False,
        reason: str = "",
    ) -> Line:
        files = tuple(kept.files) if kept else ()
        return Line(
            key=self.key(piece, form),
            output=piece.output.key,
            name=piece.output.name(self.language),
            slug=piece.task.slug or ONCE_SLUG,
            region=outputs_index.region_name(piece.task.region, self.language),
            audience=piece.audience,
            format=form,
            state=state,
            files=files,
            seconds=kept.seconds if kept else 0.0,
            notebook_seconds=self.memory.notebook_seconds(f"{self.language}/{piece.task.key}"),
            bytes=sum((self.place / name).stat().st_size for name in files),
            made=made,
            reason=reason,
        )
