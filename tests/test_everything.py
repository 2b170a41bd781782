"""Every output of the table for one county, three municipalities, the invented county and the project.

What `make everything` makes for every region is made here for a few, with the house's own documents, and
judged file by file; `benchmarks/everything.py` judges all of it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from built_site import AREAS, PROJECT, built
from number_faults import faults as number_faults
from opened_files import Opened, opened
from pdf_structure import faults as pdf_faults

from sosrake_lib.batch import outputs, outputs_run, outputs_stage, releases, runner, site_stage
from sosrake_lib.batch.journal import hold
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents import document_of
from sosrake_lib.influence.page_numbers import loose_numbers, numbers_on_page
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import say

__all__ = ["built"]  # the fixture, for pytest to find here
pytestmark = pytest.mark.slow

REGIONS = (*AREAS, "hva-E1", outputs.ONCE_SLUG)
# The letters of an SVG are drawn shapes: its words are those of the PNG of the same page.
WORDLESS = ("svg",)


@dataclass(frozen=True)
class Everything:
    """The outputs that were made: the report of the run, what was to be made, every output of the table."""

    folder: Path
    report: outputs_run.OutputsReport
    pieces: tuple[outputs.Piece, ...]
    order: tuple[str, ...]
    declared: tuple[str, ...]

    @cached_property
    def files(self) -> dict[tuple[str, str], list[Path]]:
        """(piece, format) -> files."""
        return {
            (_piece_key(line), line.format): [self.folder / name for name in line.files]
            for line in self.report.lines
        }

    @cached_property
    def contents(self) -> dict[Path, Opened | str]:
        """Every file opened once; the fault in words when it does not open."""
        return {path: _opened(path) for paths in self.files.values() for path in paths}

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Piece -> the page its files are made of."""
        folder = self.folder / runner.NOTEBOOKS / "fi"
        return {
            piece.key: site_stage.page_of(
                site_stage.PageSource(
                    piece.task,
                    folder / piece.task.slug / f"{piece.task.page}.ipynb",
                    self.order.index(piece.task.page),
                ),
                "fi",
            )
            for piece in self.pieces
        }

    def words(self, piece: str) -> dict[str, str]:
        """File of a piece -> its words on one line; forms without words are left out."""
        found = {}
        for (key, form), paths in self.files.items():
            for path in paths if key == piece and form not in WORDLESS else []:
                content = self.contents[path]
                if isinstance(content, Opened):
                    found[path.name] = _plain(content.words)
        return found


def _piece_key(line):
    return f"{line.slug}/{line.output}_{line.audience}" if line.audience else f"{line.slug}/{line.output}"


def _opened(path):
    try:
        return opened(path)
    except SosrakeError as fault:
        return str(fault)


def _plain(text):
    # a line may end inside a word of a PDF; letters alone are compared
    return "".join(text.split()).replace("\u00ad", "").casefold()


@pytest.fixture(scope="session")
def everything(built, tmp_path_factory) -> Everything:
    """Make the outputs on top of a copy of the built site, whose releases and pages are not made again."""
    base = tmp_path_factory.mktemp("everything")
    folder, home = base / "reports", base / "home"
    with hold(built.output):
        shutil.copytree(built.output, folder, ignore=shutil.ignore_patterns("lock.sqlite*", "holder.json"))
        shutil.copytree(built.output.parent / "home", home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(home))
        for name in ("SOSRAKE_DATA", "SOSRAKE_PROJECT", "SOSRAKE_RELEASES"):
            patch.delenv(name, raising=False)
        plan, table = outputs_run.read_tables(PROJECT, releases.known_recipes(), "fi")
        pieces = outputs.pieces(table, plan, regions=REGIONS)
        report = outputs_run.make(PROJECT, output=folder, regions=REGIONS, workers=2)
    order = tuple(dict.fromkeys(task.page for task in plan.tasks))
    return Everything(folder, report, pieces, order, tuple(one.key for one in table))


def test_everything_that_is_declared_is_made(everything):
    assert [f"{_piece_key(line)}.{line.format}: {line.reason}" for line in everything.report.failed] == []
    asked = {(piece.key, form) for piece in everything.pieces for form in piece.formats}
    assert set(everything.files) == asked
    assert all(line.files and line.bytes for line in everything.report.lines)
    assert {line.output for line in everything.report.lines} == set(everything.declared)


def test_the_list_of_outputs_leads_to_every_file(everything):
    listed = json.loads((everything.report.index.parent / "luettelo.json").read_text(encoding="utf-8"))
    named = {everything.folder / name for one in listed for name in one["files"]}
    there = {path for paths in everything.files.values() for path in paths}
    assert there <= named and all(path.is_file() for path in named)
    made = outputs_stage.base(everything.folder, "fi")
    files = {path for path in made.rglob("*") if path.is_file() and path.parent != made}
    assert files <= named  # nothing lies there that the list does not tell of


def test_every_file_opens_and_holds_something(everything):
    assert [fault for fault in everything.contents.values() if isinstance(fault, str)] == []
    assert len(everything.contents) >= len(everything.files)


def test_every_file_says_that_it_is_a_draft(everything):
    mark = _plain(say("pages.state.draft", "fi"))
    silent = [
        f"{piece.key}: {name}"
        for piece in everything.pieces
        for name, words in everything.words(piece.key).items()
        if mark not in words
    ]
    assert silent == []


def test_every_file_of_invented_people_says_so_and_no_other_does(everything):
    """What is invented is told in each form, in the words of the page's origin; a real place's has none."""
    silent, invented = [], 0
    for piece in everything.pieces:
        origin = _plain(document_of(everything.pages[piece.key]).origin)
        invented += bool(origin)
        if origin:
            silent += [name for name, words in everything.words(piece.key).items() if origin not in words]
    assert silent == []
    assert invented >= 5
    real = [piece for piece in everything.pieces if piece.task.slug in AREAS]
    assert not [piece.key for piece in real if document_of(everything.pages[piece.key]).origin]


def test_every_pdf_keeps_the_rules_of_its_structure(everything):
    found = {
        path.name: told
        for path in everything.contents
        if path.suffix == ".pdf" and (told := pdf_faults(path.read_bytes()))
    }
    assert found == {}


def test_no_number_behind_an_output_is_without_its_result(everything):
    """Pages that the site leaves out are judged too: the page each file is made of, not the site's markup."""
    count, found = 0, {}
    for key, page in everything.pages.items():
        markup = f"<article>{page.body}</article>"
        loose = loose_numbers(markup).to_dict("records")
        count += len(numbers_on_page(markup))
        if told := [*loose, *number_faults(markup, everything.folder / "releases", "fi")]:
            found[key] = told
    assert found == {}
    assert count > 20 * len(AREAS)


def test_what_is_judged_here_can_fail(everything, tmp_path):
    """A file cut short does not open, and a figure that no release holds is told."""
    pdf = next(path for path in everything.contents if path.suffix == ".pdf")
    (tmp_path / "lyhyt.pdf").write_bytes(pdf.read_bytes()[:200])
    assert "does not open" in _opened(tmp_path / "lyhyt.pdf")
    with pytest.raises(SosrakeError, match="nobody knows how to open"):
        opened(tmp_path / "tiedosto.exe")
    page = everything.pages["kunta-297/paattajakooste"]
    assert loose_numbers(f"<article>{page.body}<p>Luku 12</p></article>")["text"].tolist() == ["12"]
