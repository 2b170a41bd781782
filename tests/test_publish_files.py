"""Files of outputs beside the published pages: which go out, what carries a draft's mark, what is offered."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from unittest import mock

import nbformat
import publish_project
import pytest
from built_site import tree as markup_tree
from publish_project import COUNTS, LUVUT, tree

from sosrake_lib.batch import outputs_run, releases
from sosrake_lib.batch.publish import publish
from sosrake_lib.influence import site_downloads
from sosrake_lib.protect import approval, ledger_listing, ledger_withdrawal
from sosrake_lib.protect.ledger import homes

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import artefact_walk

ROLE = "tietosuojavastaava"
PAGE = "luvut"
TABLE = """
[luvut]
name_fi = "Asiakkaiden määrät"
name_en = "Numbers of clients"
name_sv = "Antal klienter"
page = "luvut"
levels = ["kunta"]
formats = ["html", "pdf", "docx", "xlsx"]
audiences = ["viranhaltija"]
cadence = "vuosi"
"""
REACHED = """
from sosrake_lib.influence import words_hand
pages.show(*words_hand.not_reached([], ["hanke"], None, "fi"))
"""
FILES = {f"kunta-E01/tiedostot/luvut_kunta-E01.{form}" for form in ("pdf", "docx", "xlsx")}


def outputs(folder):
    with mock.patch.object(releases, "library_fingerprint", lambda: "library"):
        return outputs_run.make(folder, recipes=publish_project.RECIPES, workers=1)


def put(folder, out):
    with mock.patch.object(releases, "library_fingerprint", lambda: "library"):
        return publish(folder, out)


def run_in(folder, counts=COUNTS):
    """Make the project with a table of outputs and the pages they are made of, without files."""
    project = publish_project.make(folder, counts)
    path = project / "notebooks" / "luvut.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(REACHED))
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    (project / "notebooks" / "outputs.toml").write_text(TABLE, encoding="utf-8")
    publish_project.run(project, only=(PAGE,))  # the other page has no files
    return project


def stand_in(patch, base):
    """Work in a project of its own with its own memory; give the project."""
    patch.setenv("SOSRAKE_HOME", str(base / "home"))
    patch.setenv("SOSRAKE_PROJECT", str(base / "project"))
    for name in ("SOSRAKE_DATA", "SOSRAKE_RELEASES"):
        patch.delenv(name, raising=False)
    patch.setattr(releases, "known_recipes", lambda: publish_project.RECIPES)
    return base / "project"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """Make the pages and their files once: drafts."""
    base = tmp_path_factory.mktemp("tiedostot")
    with pytest.MonkeyPatch.context() as patch:
        assert outputs(run_in(stand_in(patch, base))).failed == ()
    return base


@pytest.fixture(scope="module")
def second(first, tmp_path_factory):
    """Approve the pages and make their files anew, once."""
    base = tmp_path_factory.mktemp("hyvaksytyt") / "oma"
    shutil.copytree(first, base)
    with pytest.MonkeyPatch.context() as patch:
        project = stand_in(patch, base)
        approval.approve([ids()["luvut"]], ROLE)
        assert outputs(project).failed == ()
    return base


@pytest.fixture
def place(first, tmp_path, monkeypatch):
    """Give a copy of the drafts to a test, with a memory of its own."""
    shutil.copytree(first, tmp_path / "oma")
    return stand_in(monkeypatch, tmp_path / "oma")


@pytest.fixture
def approved(second, tmp_path, monkeypatch):
    """Give a copy of the approved files to a test, with a memory of its own."""
    shutil.copytree(second, tmp_path / "oma")
    return stand_in(monkeypatch, tmp_path / "oma")


def ids() -> dict[str, str]:
    listed = ledger_listing.listed(homes()[1])
    return dict(zip(listed["name"], listed["release"], strict=True))


def files_of(folder) -> set[str]:
    return {name for name in tree(folder) if "/tiedostot/" in name}


def test_files_made_as_drafts_stay_until_they_are_made_again(place, tmp_path):
    approval.approve([ids()["luvut"]], ROLE)
    done = put(place, tmp_path / "ulos")
    assert "fi/kunta-E01/luvut" in done.pages
    assert done.files == ()
    assert "sosrake outputs" in done.files_left_out["fi/kunta-E01/luvut"]
    assert files_of(tmp_path / "ulos") == set()
    area = (tmp_path / "ulos" / "kunta-E01" / "index.html").read_text(encoding="utf-8")
    assert "tiedostot" not in area  # nothing dead is offered
    outputs(place)
    again = put(place, tmp_path / "ulos")
    assert again.files_left_out == {}
    assert set(again.files) == files_of(tmp_path / "ulos")
    assert set(again.files) > FILES


def test_approved_files_are_offered_by_area_and_page_with_format_size_and_language(approved, tmp_path):
    out = tmp_path / "ulos"
    put(approved, out)
    for name in ("kunta-E01/index.html", "kunta-E01/luvut.html"):
        page = markup_tree((out / name).read_text(encoding="utf-8"))
        links = [one for one in page.all("a") if one.attributes["href"].startswith("../kunta-E01/tiedostot/")]
        assert {one.attributes["href"].removeprefix("../") for one in links} == FILES
        for link, words in zip(links, ("PDF", "Word", "Luvut (Excel)"), strict=True):
            file = (out / name).parent / link.attributes["href"]
            size = max(1, round(file.stat().st_size / 1000))
            assert link.text() == f"Asiakkaiden määrät: {words} {size}\u00a0kB"
            assert link.attributes["hreflang"] == "fi"
    assert "Tiedostot ovat suomeksi" in (out / "kunta-E01" / "index.html").read_text(encoding="utf-8")
    index = (out / "hakemisto.js").read_text(encoding="utf-8")
    assert "kunta-E01/index.html#tiedostot" in index
    assert "kunta-E01/tiedostot/luvut" not in index  # one line an area, not one a file
    assert (out / "kunta-E01" / "tiedostot" / "luvut_kunta-E01.pdf").read_bytes()[:5] == b"%PDF-"
    again = put(approved, out)
    assert (again.written, again.removed) == (0, 0)


def test_every_published_channel_is_walked_and_none_is_a_draft(approved, tmp_path):
    out = tmp_path / "ulos"
    put(approved, out)
    pieces = list(artefact_walk.walk(out))
    walked = {piece.place for piece in pieces}
    assert walked >= FILES
    for name in FILES:
        text = " ".join(one.text for one in pieces if one.place.startswith(name))
        assert "LUONNOS" not in text, name
        assert "40" in text, name  # what may be shown is there


def test_the_walk_sees_the_mark_of_a_draft(place):
    """The test above would find a draft among what is published."""
    drafts = list(artefact_walk.walk(place / "reports" / "tuotokset" / "kunta-E01"))
    for form in ("pdf", "docx", "xlsx"):
        text = " ".join(one.text for one in drafts if one.place.startswith(f"luvut.{form}"))
        assert "LUONNOS" in text, form


def test_withdrawn_and_unapproved_pages_take_their_files_along(approved, tmp_path):
    out = tmp_path / "ulos"
    put(approved, out)
    assert files_of(out) >= FILES
    ledger_withdrawal.withdraw(ids()["luvut"], "laskettu väärästä taulusta")
    put(approved, out)
    assert files_of(out) == set()


def test_each_reason_why_files_stay_is_the_true_one(place, tmp_path):
    key = "fi/kunta-E01/luvut"
    approval.approve([ids()["luvut"]], ROLE)
    assert "ennen hyväksyntää" in put(place, tmp_path / "ulos").files_left_out[key]
    outputs(place)
    with mock.patch.object(releases, "library_fingerprint", lambda: "library of the next version"):
        done = publish(place, tmp_path / "ulos")
    assert key in done.pages and files_of(tmp_path / "ulos") == set()
    told = done.files_left_out[key]
    assert told.startswith("ohjelma on muuttunut tiedostojen tekemisen jälkeen; aja sosrake outputs")
    assert put(place, tmp_path / "ulos").files_left_out == {}


def test_a_folder_of_an_earlier_version_does_not_claim_to_know_the_program(approved, tmp_path):
    """Its rows do not tell the program: the reason names both possibilities, and files that stand go out."""
    with closing(sqlite3.connect(approved / "reports" / "journal" / "journal.sqlite")) as journal:
        journal.execute("alter table output_made drop column library")
    with mock.patch.object(releases, "library_fingerprint", lambda: "library of the next version"):
        told = publish(approved, tmp_path / "ulos").files_left_out["fi/kunta-E01/luvut"]
    assert "tai ohjelma on muuttunut" in told and "ennen hyväksyntää" in told
    assert set(put(approved, tmp_path / "ulos").files) >= FILES


def test_a_file_somebody_changed_is_no_file_of_the_page(approved, tmp_path):
    (approved / "reports" / "tuotokset" / "kunta-E01" / "luvut.docx").write_bytes(b"muutettu")
    done = put(approved, tmp_path / "ulos")
    assert FILES - set(done.files) == {"kunta-E01/tiedostot/luvut_kunta-E01.docx"}
    assert LUVUT in {name.partition("/")[2] for name in done.files_left_out}
    assert "sitä on muutettu tekemisen jälkeen" in done.files_left_out[f"fi/{LUVUT}"]


@pytest.mark.slow
def test_twins_that_differ_between_hidden_cells_publish_equal_files(approved, tmp_path, monkeypatch):
    hidden = {**COUNTS, "E01": (40.0, 3.0, 30.0), "E02": (35.0, 2.0, 20.0)}
    folders = []
    for name in ("yksi", "kaksi"):
        project = approved
        if name == "kaksi":
            monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / name / "home"))
            project = run_in(tmp_path / name / "project", hidden)
            approval.approve([ids()["luvut"]], ROLE)
            assert outputs(project).failed == ()
        put(project, tmp_path / name / "ulos")
        folders.append(tree(tmp_path / name / "ulos"))
    assert folders[0].keys() > FILES
    assert folders[0].keys() == folders[1].keys()
    assert {name for name in folders[0] if folders[0][name] != folders[1][name]} == set()


def test_project_without_outputs_publishes_its_pages(place, tmp_path):
    (place / "notebooks" / "outputs.toml").unlink()
    approval.approve([ids()["luvut"]], ROLE)
    done = put(place, tmp_path / "ulos")
    assert done.pages
    assert done.files == ()


def test_files_are_grouped_by_output_and_audience():
    def one(audience, form):
        return site_downloads.Download(
            f"a/{form}", Path("a"), ("kunta", "297"), "infograafi", "Infograafi", audience, form, 1_234_567
        )

    found = site_downloads.offers(
        [one("media", "pdf"), one("media", "png"), one("asukas", "svg")], ("kunta", "297"), "fi"
    )
    assert [offer.name for offer in found] == ["Infograafi, media", "Infograafi, asukas"]
    assert [file.words for file in found[0].files] == ["PDF", "Kuva (PNG)"]
    assert found[0].files[0].size == "1\u00a0235\u00a0kB"
    assert site_downloads.offers([one("media", "pdf")], ("kunta", "420"), "fi") == ()
