"""A reader of the site cannot tell which of two samples was true when only hidden cells differ."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from built_site import PROJECT

from sosrake_lib import batch, samples

make_synthetic = pytest.importorskip("make_synthetic", reason="tools/ is not beside the tests")
pytestmark = pytest.mark.slow

TABLE = "esimerkkila_asiakkaat"
RELEASE = "palvelutarpeet"
NOTEBOOK = "2_tiedon_kokoaminen/palvelutarpeen_arvioinnit"
PAGE = "hva-E1/palvelutarpeen_arvioinnit"
SHIFTED_SHOWN = ("E01", "talous")  # many clients: a figure that is shown


@dataclass(frozen=True)
class Site:
    """Everything that leaves the house, by place, and what the notebook's cells put out."""

    files: dict[str, bytes]
    outputs: list

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

    def from_records(name, rows) -> Site:
        folder = tmp_path_factory.mktemp(name)
        data, home = folder / "data", folder / "home"
        shutil.copytree(PROJECT / "data" / "samples", data)
        home.mkdir()
        rows.to_csv(data / f"{TABLE}.csv", index=False, lineterminator="\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SOSRAKE_HOME", str(home))
            patch.delenv("SOSRAKE_DATA", raising=False)
            report = batch.run(project, data=data, output=folder / "reports", workers=1)
        assert report.failed == ()
        assert report.made == (PAGE,)
        return _read(folder / "reports")

    return from_records


@pytest.fixture(scope="module")
def original(build, records):
    return build("one", records)


def _read(output: Path) -> Site:
    files = {
        path.relative_to(output).as_posix(): path.read_bytes()
        for part in ("site", "releases")
        for path in sorted((output / part).rglob("*"))
        if path.is_file()
    }
    executed = json.loads((output / "notebooks" / "fi" / f"{PAGE}.ipynb").read_text(encoding="utf-8"))
    return Site(files, [cell.get("outputs") for cell in executed["cells"]])


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


def test_shift_of_a_shown_cell_changes_page_and_release(build, original, records):
    """One assessment fewer in one large cell: what is compared above can differ."""
    code, need = SHIFTED_SHOWN
    place = records.index[(records["region_code"] == code) & (records["need"] == need)][0]
    other = build("shown", records.drop(index=place))
    assert other.page != original.page
    assert other.files["site/index.html"] == original.files["site/index.html"]
    releases = [{name for name in site.files if name.startswith("releases/")} for site in (original, other)]
    assert not releases[0] & releases[1]  # a release is named by its content
