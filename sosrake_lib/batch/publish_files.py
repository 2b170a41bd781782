"""Files of outputs that go out with the published pages: made after the approval, and of these very pages.

The rule is that of pages: every release a file rests on is approved and none is withdrawn. A file made while
its page was a draft carries LUONNOS, so it stays until `sosrake outputs` has made it again. What is judged is
the fingerprint it was made from: notebook, approval, library and format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch import outputs, outputs_stage, releases, runner, site_stage
from sosrake_lib.batch import plan as plans
from sosrake_lib.batch.outputs import Piece
from sosrake_lib.batch.outputs_memory import Kept, Memory
from sosrake_lib.batch.outputs_render import SITE_FORMAT, Renderer, by_documents
from sosrake_lib.influence.site_downloads import FOLDER, Download
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page


@dataclass(frozen=True, slots=True)
class Files:
    """Files that go out, by language, and why the made files of an approved page do not."""

    offered: Mapping[str, tuple[Download, ...]]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What outputs there are and where the made ones stand."""

    place: Path
    plan: plans.Plan
    pieces: tuple[Piece, ...]


def table_of(project: Path, place: Path, plan: plans.Plan) -> Table:
    """Read the table of outputs; a project without one has no files to publish."""
    there = (project / outputs.FILE).is_file()
    return Table(
        place, plan, outputs.pieces(outputs.load(project, plan, plan.language), plan) if there else ()
    )


def variants(table: Table) -> dict[str, Piece]:
    """Give the pages of outputs that are no pages of the site, such as an audience's own, by key."""
    return {piece.task.key: piece for piece in table.pieces if not piece.task.site}


def collect(table: Table, made: Mapping[str, Page], renderer: Renderer = by_documents) -> Files:
    """Choose the files that go out.

    Parameters
    ----------
    made : pages that may go out (`fi/kunta-297/alueprofiili`), approved, with the variants that have no page
        of their own on the site.
    renderer : the one that made the files; part of what they were made from.
    """
    offered: dict[str, list[Download]] = {}
    left_out: dict[str, str] = {}
    library = releases.library_fingerprint()
    with closing(Memory(table.place)) as memory:
        for name, page in made.items():
            tongue, _, key = name.partition("/")
            for piece in (one for one in table.pieces if one.task.key == key):
                source = source_of(table, piece, tongue)
                about = outputs_stage.made_from(piece, source, page.context, library, renderer)
                for form in (one for one in piece.formats if one != SITE_FORMAT):
                    known = outputs_stage.key_of(piece, form, tongue)
                    kept = memory.known(known)
                    if kept is None:
                        continue
                    if not memory.is_made(known, outputs_stage.fingerprint(piece, form, about)):
                        why = _why_old(piece, form, about, kept)
                        left_out[f"{tongue}/{piece.key}"] = say(
                            f"ledger.publish.reason.{why}", table.plan.language
                        )
                        continue
                    offered.setdefault(tongue, []).extend(_downloads(piece, form, kept, table.place, tongue))
    return Files({tongue: tuple(files) for tongue, files in offered.items()}, left_out)


def _why_old(piece: Piece, form: str, about: Mapping[str, object], kept: Kept) -> str:
    """Say why a file made earlier does not go out: changed by hand, of an earlier program or an older page.

    With the program it was made by in the place of this one, the fingerprint is the file's own only when
    nothing else has changed.
    """
    if kept.fingerprint == outputs_stage.fingerprint(piece, form, about):
        return "touched_files"
    if kept.library == about["library"]:
        return "old_files"
    then = outputs_stage.fingerprint(piece, form, {**about, "library": kept.library})
    return "other_program" if kept.fingerprint == then else "old_files_or_program"


def _downloads(piece: Piece, form: str, kept: Kept, place: Path, tongue: str) -> Iterator[Download]:
    slug = piece.task.slug or outputs.ONCE_SLUG
    audience = say(f"outputs.audience_name.{piece.audience}", tongue) if piece.audience else ""
    for name in kept.files:
        file = place / name
        yield Download(
            address=f"{slug}/{FOLDER}/{file.stem}_{slug}{file.suffix}",
            source=file,
            region=piece.task.region,
            page=piece.task.page,
            name=piece.output.name(tongue),
            audience=audience,
            format=form,
            size=file.stat().st_size,
        )


def source_of(table: Table, piece: Piece, tongue: str) -> site_stage.PageSource:
    """Give the executed notebook a piece is made from."""
    task = piece.task
    order = list(dict.fromkeys(one.page for one in table.plan.tasks))
    notebook = table.place / runner.NOTEBOOKS / tongue / task.slug / f"{task.page}.ipynb"
    return site_stage.PageSource(task, notebook, order.index(task.page))
