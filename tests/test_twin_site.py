"""A reader of the site cannot tell which of two samples was true when only hidden cells differ."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from built_site import PROJECT

from sosrake_lib import batch, protect, samples
from sosrake_lib.batch.documents import page_made
from sosrake_lib.influence import documents, exports
from sosrake_lib.influence.number_notes import notes_of
from sosrake_lib.protect import ledger_listing

make_synthetic = pytest.importorskip("make_synthetic", reason="tools/ is not beside the tests")
pytestmark = pytest.mark.slow

TABLE = "esimerkkila_asiakkaat"
RELEASE = "palvelutarpeet"
NOTEBOOK = "2_tiedon_kokoaminen/palvelutarpeen_arvioinnit"
PAGE = "hva-E1/palvelutarpeen_arvioinnit"
SHIFTED_SHOWN = ("E01", "talous")  # many clients: a figure that is shown


@dataclass(frozen=True)
class Site:
    """Everything that leaves the house, by place, what the notebook's cells put out, and what was said."""

    files: dict[str, bytes]
    outputs: list
    log: list[str]

    @property
    def page(self) -> str:
        return self.files[f"site/{PAGE}.html"].decode("utf-8")


@pytest.fixture(scope="module")
def records():
    return samples.table(TABLE, PROJECT / "data" / "samples")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Make a project of the one notebook that needs client records, with its own part of the plan."""
    folder = tmp_path_factory.mktemp("project")
    copy = folder / "notebooks" / f"{NOTEBOOK}.ipynb"
    copy.parent.mkdir(parents=True)
    shutil.copy(PROJECT / "notebooks" / f"{NOTEBOOK}.ipynb", copy)
    shutil.copy(PROJECT / "notebooks" / "parameters.toml", folder / "notebooks")
    # tables of the plan, each with its heading, are told apart by the empty line between them
    tables = (PROJECT / "notebooks" / "plan.toml").read_text(encoding="utf-8").split("\n\n")
    wanted = (f"[julkaisut.{RELEASE}]", f'[[muistikirjat]]\npath = "{NOTEBOOK}"')
    kept = [table for table in tables if table.startswith(wanted)]
    (folder / "notebooks" / "plan.toml").write_text("\n\n".join(kept) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def build(project, tmp_path_factory):
    """Give what builds a site from client records, with a data folder, ledger and output of its own."""

    def from_records(name, rows, forms=exports.FORMATS) -> Site:
        folder = tmp_path_factory.mktemp(name)
        data, home = folder / "data", folder / "home"
        shutil.copytree(PROJECT / "data" / "samples", data)
        home.mkdir()
        rows.to_csv(data / f"{TABLE}.csv", index=False, lineterminator="\n")
        said = Said()
        with pytest.MonkeyPatch.context() as patch, said.listening():
            patch.setenv("SOSRAKE_HOME", str(home))
            patch.delenv("SOSRAKE_DATA", raising=False)
            output = folder / "reports"
            report = batch.run(project, data=data, output=output, workers=1, progress=said.step)
            saved = protect.Release.load(next((output / "releases").iterdir()).name, output / "releases")
            _export(saved, output / "exports", forms)
            _document(project, output)
            ledger_listing.export(output / "documents" / "ledger.csv", home=home)
            said.lines += ledger_listing.listed(home).drop(columns="day").to_json().splitlines()
        assert report.failed == ()
        assert report.made == (PAGE,)
        return _read(output, said.lines)

    return from_records


@pytest.fixture(scope="module")
def original(build, records):
    return build("one", records)


class Said(logging.Handler):
    """Everything that is told while pages are made: steps, log records, both streams."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("sosrake"):
            self.lines.append(self.format(record))

    def step(self, progress: object) -> None:
        self.lines.append(str(progress))

    @contextlib.contextmanager
    def listening(self):
        streams = io.StringIO()
        logging.getLogger().addHandler(self)
        try:
            with contextlib.redirect_stdout(streams), contextlib.redirect_stderr(streams):
                yield self
        finally:
            logging.getLogger().removeHandler(self)
        self.lines += streams.getvalue().splitlines()


def _export(release: protect.Release, to: Path, forms: Sequence[str]) -> None:
    """Write the release in Finnish, and one part of it in English."""
    to.mkdir()
    for form in forms:
        exports.write(release, to / f"{release.name}-fi.{form}")
        exports.write(release.select("asiakkaat"), to / f"asiakkaat-en.{form}", language="en")


def _document(project: Path, output: Path) -> None:
    """Write the page in every format of documents, with the notes of its numbers."""
    made = page_made(project, output, NOTEBOOK.rpartition("/")[2], "hva-E1", "fi")
    releases = output / "releases"
    notes = notes_of(made, releases)
    (output / "documents").mkdir()
    documents.make_documents(made, documents.FORMATS, output / "documents", notes=notes, releases=releases)


def _read(output: Path, log: list[str]) -> Site:
    files = {
        path.relative_to(output).as_posix(): path.read_bytes()
        for part in ("site", "releases", "exports", "documents")
        for path in sorted((output / part).rglob("*"))
        if path.is_file()
    }
    executed = json.loads((output / "notebooks" / "fi" / f"{PAGE}.ipynb").read_text(encoding="utf-8"))
    return Site(files, [cell.get("outputs") for cell in executed["cells"]], log)


def test_site_has_the_page_the_index_and_a_release(original):
    assert {f"site/{PAGE}.html", "site/index.html"} <= set(original.files)
    assert [name for name in original.files if name.startswith("releases/") and name.endswith(".parquet")]
    assert 'class="suojattu"' in original.page


def test_shift_between_hidden_cells_changes_no_byte(build, original, records):
    twin = make_synthetic.margin_preserving_twin(records)
    assert len(twin.cells) == 4
    assert (twin.cells["before"] != twin.cells["after"]).all()
    assert not twin.records.equals(records)
    other = build("twin", twin.records)
    assert list(other.files) == list(original.files)
    assert [name for name in original.files if other.files[name] != original.files[name]] == []
    # executed notebooks stay in the house, yet what their cells show is the same too
    assert other.outputs == original.outputs
    # so is what was said while they were made
    assert other.log == original.log


def test_exports_in_every_format_are_among_what_was_compared(original):
    written = [name for name in original.files if name.startswith("exports/")]
    assert {name.rpartition(".")[2] for name in written} == set(exports.FORMATS)
    assert len(written) == 2 * len(exports.FORMATS)
    assert original.log


def test_documents_and_the_ledger_are_among_what_was_compared(original):
    """The page as papers, slides, pictures and tables, and the list of what left the house."""
    written = [name for name in original.files if name.startswith("documents/")]
    assert {name.rpartition(".")[2] for name in written} == set(documents.FORMATS)
    assert "documents/ledger.csv" in written
    assert b";1;;;;" in original.files["documents/ledger.csv"]  # a mark of a hidden figure, without a number


def test_shift_of_a_shown_cell_changes_page_and_release(build, original, records):
    """One assessment fewer in one large cell: what is compared above can differ."""
    code, need = SHIFTED_SHOWN
    place = records.index[(records["region_code"] == code) & (records["need"] == need)][0]
    other = build("shown", records.drop(index=place), ("csv", "xlsx"))
    assert other.page != original.page
    assert other.files["site/index.html"] == original.files["site/index.html"]
    releases = [{name for name in site.files if name.startswith("releases/")} for site in (original, other)]
    assert not releases[0] & releases[1]  # a release is named by its content
    for form in ("csv", "xlsx"):
        for name in (f"exports/{RELEASE}-fi.{form}", f"exports/asiakkaat-en.{form}"):
            assert other.files[name] != original.files[name]
