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

import numpy as np
import pytest
from built_site import AREAS, PROJECT, built
from number_faults import faults as number_faults
from opened_files import Opened, opened
from pdf_structure import faults as pdf_faults
from pypdf import PdfReader

from sosrake_lib.batch import outputs, outputs_run, outputs_stage, releases, runner, site_stage
from sosrake_lib.batch.journal import hold
from sosrake_lib.batch.outputs_formats import DATA_FORMATS
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
# Outputs always made in English too, and how many more are drawn by lot: the built site has made the pages
# of the first two, and the third is promised on one sheet, which English words fill first.
IN_ENGLISH, DRAWN, SEED = ("koulutussuunnitelma", "vaikuttavuusarvio", "paattajakooste"), 3, 20261122


@dataclass(frozen=True)
class Everything:
    """The outputs that were made: the report of the run, what was to be made, every output of the table."""

    folder: Path
    report: outputs_run.OutputsReport
    pieces: tuple[outputs.Piece, ...]
    order: tuple[str, ...]
    declared: tuple[str, ...]
    language: str = "fi"

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
        folder = self.folder / runner.NOTEBOOKS / self.language
        return {
            piece.key: site_stage.page_of(
                site_stage.PageSource(
                    piece.task,
                    folder / piece.task.slug / f"{piece.task.page}.ipynb",
                    self.order.index(piece.task.page),
                ),
                self.language,
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


@pytest.fixture(scope="session")
def english(everything) -> Everything:
    """Make some outputs in English too: three always, the others drawn with a fixed seed."""
    home = everything.folder.parent / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(home))
        for name in ("SOSRAKE_DATA", "SOSRAKE_PROJECT", "SOSRAKE_RELEASES"):
            patch.delenv(name, raising=False)
        plan, table = outputs_run.read_tables(PROJECT, releases.known_recipes(), "en")
        rest = sorted(set(everything.declared) - set(IN_ENGLISH))
        lot = np.random.default_rng(SEED).choice(rest, size=DRAWN, replace=False)
        keys = (*IN_ENGLISH, *(str(one) for one in lot))
        regions = tuple(dict.fromkeys(_one_region(key, everything.pieces) for key in keys))
        pieces = outputs.pieces(table, plan, only=keys, regions=regions)
        report = outputs_run.make(
            PROJECT, output=everything.folder, only=keys, regions=regions, workers=2, language="en"
        )
    return Everything(everything.folder, report, pieces, everything.order, keys, "en")


def _one_region(key, pieces):
    """Give one region an output is made for: the invented county where it can be, for it is always there."""
    places = [piece.task.slug or outputs.ONCE_SLUG for piece in pieces if piece.output.key == key]
    return "hva-E1" if "hva-E1" in places else places[0]


def test_everything_that_is_declared_is_made(everything):
    assert [f"{_piece_key(line)}.{line.format}: {line.reason}" for line in everything.report.failed] == []
    asked = {(piece.key, form) for piece in everything.pieces for form in piece.formats}
    assert set(everything.files) == asked
    lacking = [line for line in everything.report.lines if not (line.files and line.bytes)]
    told = {(line.format, line.reason) for line in lacking}
    # nothing but the data of a page without figures may be left out, and it is said
    assert told <= {(form, say("outputs.no_figures", "fi")) for form in DATA_FORMATS}
    for line in lacking:
        assert numbers_on_page(f"<article>{everything.pages[_piece_key(line)].body}</article>").empty
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
    assert len(everything.contents) >= len([paths for paths in everything.files.values() if paths])
    assert len(everything.contents) >= 0.9 * len(everything.files)  # few pages, if any, have no figure


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


def test_outputs_in_english_are_made_whole(english):
    assert [f"{_piece_key(line)}.{line.format}: {line.reason}" for line in english.report.failed] == []
    assert set(english.files) == {(piece.key, form) for piece in english.pieces for form in piece.formats}
    assert [fault for fault in english.contents.values() if isinstance(fault, str)] == []
    assert {line.output for line in english.report.lines} == set(english.declared)
    assert {"pdf", "docx", "pptx"} <= {form for _, form in english.files}


def test_an_english_file_speaks_english_in_what_the_house_says(english):
    """State, origin and the heading every output has are in English, none of them in Finnish."""
    for piece in english.pieces:
        page = english.pages[piece.key]
        origin = _plain(document_of(page).origin)
        for name, words in english.words(piece.key).items():
            assert _plain(say("pages.state.draft", "en")) in words, name
            assert _plain(say("pages.state.draft", "fi")) not in words, name
            assert origin in words, name
            if name.endswith((".pdf", ".docx", ".html")):
                assert _plain(say(outputs.NOT_REACHED, "en")) in words, name
                assert _plain(say(outputs.NOT_REACHED, "fi")) not in words, name


def test_english_pdfs_and_numbers_keep_the_same_rules(english):
    pdfs = [path for path in english.contents if path.suffix == ".pdf"]
    assert pdfs and {path.name: pdf_faults(path.read_bytes()) for path in pdfs} == {
        path.name: [] for path in pdfs
    }
    assert {str(PdfReader(path).trailer["/Root"]["/Lang"])[:2] for path in pdfs} == {"en"}
    for key, page in english.pages.items():
        markup = f"<article>{page.body}</article>"
        assert loose_numbers(markup).to_dict("records") == [], key
        assert number_faults(markup, english.folder / "releases", "en") == [], key


def test_what_is_judged_here_can_fail(everything, tmp_path):
    """A file cut short does not open, and a figure that no release holds is told."""
    pdf = next(path for path in everything.contents if path.suffix == ".pdf")
    (tmp_path / "lyhyt.pdf").write_bytes(pdf.read_bytes()[:200])
    assert "does not open" in _opened(tmp_path / "lyhyt.pdf")
    with pytest.raises(SosrakeError, match="nobody knows how to open"):
        opened(tmp_path / "tiedosto.exe")
    page = everything.pages["kunta-297/paattajakooste"]
    assert loose_numbers(f"<article>{page.body}<p>Luku 12</p></article>")["text"].tolist() == ["12"]
