"""One command for all outputs: releases and pages once, then every format of every output from its page.

Unchanged files are left alone, a killed run goes on where it was, and one failing output stops no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch import outputs, outputs_index, releases, runner, site_stage
from sosrake_lib.batch import plan as plans
from sosrake_lib.batch.journal import hold
from sosrake_lib.batch.outputs import Output
from sosrake_lib.batch.outputs_index import Line
from sosrake_lib.batch.outputs_memory import Memory
from sosrake_lib.batch.outputs_render import Renderer, by_documents
from sosrake_lib.batch.outputs_stage import FAILED, Stage, base
from sosrake_lib.errors import BatchError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.batch.runner import Progress, Report


@dataclass(frozen=True)
class OutputsReport:
    """What a run did: the pages' own report, a line for each format asked for, the list, seconds.

    `pixels` names the pieces made now whose page was run before drawings of charts were kept.
    """

    pages: Report
    lines: tuple[Line, ...]
    index: Path
    seconds: float
    pixels: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Line, ...]:
        """Give the formats that could not be made."""
        return tuple(line for line in self.lines if line.state == FAILED)


def make(
    project: Path,
    *,
    data: Path | None = None,
    output: Path | None = None,
    language: str = "fi",
    workers: int | None = None,
    only: Iterable[str] = (),
    regions: Iterable[str] = (),
    formats: Iterable[str] = (),
    corrects: str = "",
    progress: Callable[[Progress], None] = lambda step: None,
    renderer: Renderer = by_documents,
    recipes: Mapping[str, releases.Recipe] | None = None,
    build: site_stage.Builder | None = None,
) -> OutputsReport:
    """Make the outputs of `notebooks/outputs.toml`, redoing only what changed.

    Parameters
    ----------
    project, data, output, language, workers, corrects, progress, recipes, build : as `runner.run`.
    only : keys of outputs; all when empty. regions : slugs (`kunta-297`, `hanke`); all when empty.
    formats : some of `outputs.FORMATS`; those of each output when empty.
    renderer : makes one format of a page; a function of a module, as it is called in worker processes.

    Returns
    -------
    OutputsReport. Files lie in `<output>/tuotokset/<slug>/<output>[_<audience>].<ext>` (English ones under
    `tuotokset/en/`), with `index.html` and `luettelo.json` of all that stands.

    Raises
    ------
    BatchError before anything runs, when the plan or the table of outputs does not hold, or another runner
    works in the output folder.
    """
    started = time.monotonic()
    project = Path(project).resolve()
    data = Path(data).resolve() if data else None
    recipes = releases.known_recipes() if recipes is None else recipes
    plan, table = read_tables(project, recipes, language)
    every = outputs.pieces(table, plan)
    asked = outputs.pieces(table, plan, only=only, regions=regions)
    wanted = _known_formats(tuple(formats), language)
    place = runner.output_folder(project, data, output)
    pages = runner.run(
        project,
        data=data,
        output=place,
        language=language,
        workers=workers,
        only=list(dict.fromkeys(piece.task.key for piece in asked)),
        corrects=corrects,
        progress=progress,
        recipes=recipes,
        build=build,
    )
    with hold(place, language), closing(Memory(place)) as memory:
        stage = Stage(place, language, memory, plan, renderer, progress)
        lines = stage.run(asked, wanted, pages, workers)
        stage.forget(every)
        index = outputs_index.write(base(place, language), stage.standing(every, lines), language)
    pixels = tuple(sorted(stage.pixels))
    return OutputsReport(pages, tuple(lines), index, time.monotonic() - started, pixels)


def read_tables(
    project: Path, recipes: Mapping[str, releases.Recipe], language: str
) -> tuple[plans.Plan, tuple[Output, ...]]:
    """Read and check the plan and the table of outputs of a project."""
    plan = plans.load(project, recipes=recipes, language=language)
    return plan, outputs.load(project, plan, language)


def _known_formats(formats: tuple[str, ...], language: str) -> tuple[str, ...]:
    for form in formats:
        if form not in outputs.FORMATS:
            raise BatchError(
                say(
                    "outputs.word",
                    language,
                    where="--format",
                    name="--format",
                    word=form,
                    known=", ".join(outputs.FORMATS),
                )
            )
    return formats
