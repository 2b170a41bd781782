"""Drafts, approvals and publishing, on a small project made once: what goes out, what does not, and why."""

from __future__ import annotations

import json
import shutil
from unittest import mock

import publish_project
import pytest
from publish_project import COUNTS, LUVUT, MUUT, tree

from sosrake_lib import cli, protect
from sosrake_lib.batch import releases
from sosrake_lib.errors import BatchError, DisclosureError
from sosrake_lib.influence import exports
from sosrake_lib.protect import approval, ledger_listing, ledger_withdrawal

ROLE = "tietosuojavastaava"
PAGE = "kunta-E01/luvut.html"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """Make the project's pages and site once, in both languages."""
    base = tmp_path_factory.mktemp("julkaisu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(base / "home"))
        for name in ("SOSRAKE_DATA", "SOSRAKE_PROJECT", "SOSRAKE_RELEASES"):
            patch.delenv(name, raising=False)
        folder = publish_project.make(base / "project")
        for language in ("fi", "en", "fi"):
            report = publish_project.run(folder, language)
            assert report.failed == ()
    return base


@pytest.fixture
def place(first, tmp_path, monkeypatch):
    """Give a copy of it to each test, with a memory of its own."""
    shutil.copytree(first, tmp_path / "oma")
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "oma" / "home"))
    monkeypatch.setenv("SOSRAKE_PROJECT", str(tmp_path / "oma" / "project"))
    monkeypatch.delenv("SOSRAKE_RELEASES")
    monkeypatch.setattr(releases, "known_recipes", lambda: publish_project.RECIPES)
    return tmp_path / "oma" / "project"


def call(capsys, *arguments):
    """Run a command; give its exit code, what it said, and of what it complained."""
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return left.value.code or 0, told.out, told.err


def ids() -> dict[str, str]:
    listed = ledger_listing.listed(ledger_home())
    return dict(zip(listed["name"], listed["release"], strict=True))


def ledger_home():
    from sosrake_lib.protect.ledger import homes

    return homes()[1]


def site(place, address=PAGE):
    return (place / "reports" / "site" / address).read_text(encoding="utf-8")


def test_every_page_is_a_draft_until_it_is_approved_and_again_when_its_figures_change(place, capsys):
    assert "<title>LUONNOS – Asiakkaiden määrät" in site(place)
    assert 'class="luonnos"' in site(place)
    assert "<title>DRAFT – Numbers of clients" in site(place, f"en/{PAGE}")
    code, out, _ = call(capsys, "approve", "--page", LUVUT, "--role", ROLE)
    assert (code, out.count("Hyväksytty:")) == (0, 1)
    report = publish_project.run(place)
    assert report.made == ()  # nothing is computed again: only the site is built
    assert "LUONNOS" not in site(place)
    assert f"Hyväksytty julkaistavaksi: {ROLE}" in site(place)
    assert "LUONNOS" in site(place, "hanke/muut.html")  # the other release was not approved
    publish_project.write_counts(place, {**COUNTS, "E03": (51.0, 45.0, 44.0)})
    publish_project.run(place)
    assert "LUONNOS" in site(place)


def test_publishing_takes_approved_pages_only_and_leads_to_no_other(place, tmp_path, capsys):
    out = tmp_path / "ulos"
    code, _, err = call(capsys, "publish", out)
    assert code == 1
    assert "yhtään sivua ei ole hyväksytty" in err
    assert not out.exists()
    call(capsys, "approve", "--all-of", "luvut", "--role", ROLE)
    code, told, _ = call(capsys, "publish", out)
    assert code == 0
    assert "Jätetty pois fi/muut: luonnos; hyväksymättä" in told
    files = tree(out)
    assert {name for name in files if name.endswith(("/luvut.html", "/muut.html"))} == {
        *(PAGE, "kunta-E02/luvut.html", f"en/{PAGE}", "en/kunta-E02/luvut.html"),
    }
    assert {"index.html", "en/index.html", "kunta-E01/index.html", "saavutettavuus.html"} <= set(files)
    for name, content in files.items():
        # the statement stays a draft until the publisher has told who answers for it
        assert b"LUONNOS" not in content or name.endswith((".css", "saavutettavuus.html")), name
        assert b"muut.html" not in content, name
    # samples may be approved, and still say what they are
    assert "Keksitty esimerkkiaineisto" in files[PAGE].decode("utf-8")
    again = call(capsys, "publish", out, "--language", "en")
    assert "0 files written" in again[1]
    assert tree(out) == files


def test_withdrawn_and_taken_back_pages_leave_the_published_folder(place, tmp_path, capsys):
    out = tmp_path / "ulos"
    for name in ("luvut", "muut"):
        call(capsys, "approve", "--all-of", name, "--role", ROLE)
    call(capsys, "publish", out)
    (out / "oma.html").write_text("oma", encoding="utf-8")
    (out / "kunta-E01" / "oma.txt").write_text("oma", encoding="utf-8")
    code, told, _ = call(
        capsys, "ledger", "withdraw", ids()["luvut"], "--reason", "laskettu väärästä taulusta"
    )
    assert (code, "on peruttu" in told) == (0, True)
    _, told, _ = call(capsys, "publish", out)
    assert "Jätetty pois fi/kunta-E01/luvut: julkaisu" in told
    assert "laskettu väärästä taulusta" in told
    assert not (out / PAGE).exists()
    assert not (out / "en" / PAGE).exists()
    assert (out / "hanke" / "muut.html").is_file()
    call(capsys, "approve", ids()["muut"], "--take-back", "--role", ROLE)
    code, told, _ = call(capsys, "publish", out)
    assert code == 1
    assert "poistettu kansiosta" in told
    assert set(tree(out)) == {"oma.html", "kunta-E01/oma.txt"}


def test_withdrawn_release_is_not_built_made_again_or_exported(place, capsys, tmp_path):
    release = ids()["luvut"]
    opened = protect.Release.load(release, place / "reports" / "releases")
    assert "LUONNOS" in exports.export(opened, "csv").decode("utf-8")
    ledger_withdrawal.withdraw(release, "virhe lähteessä")
    report = publish_project.run(place)
    assert [one.keys for one in report.left_out] == [("kunta-E01/luvut", "kunta-E02/luvut")]
    assert "peruttu" in report.left_out[0].reason
    assert not (place / "reports" / "site" / PAGE).exists()
    assert "kunta-E01" not in site(place, "index.html")
    with pytest.raises(DisclosureError, match=f"release {release} was withdrawn"):
        exports.export(opened, "csv", language="en")
    code, _, err = call(capsys, "export", release, "--to", tmp_path, "--output", place / "reports")
    assert (code, "on peruttu" in err) == (1, True)
    # made anew under another fingerprint it has the same content, and the ledger knows it
    with mock.patch.object(releases, "_source", lambda recipe: "changed"):
        again = publish_project.run(place)
    assert [one.keys for one in again.left_out] == [("kunta-E01/luvut", "kunta-E02/luvut")]
    assert again.failed == ()


def test_files_of_others_are_never_overwritten(place, tmp_path):
    from sosrake_lib.batch.publish import publish

    approval.approve(ids().values(), ROLE)
    out = tmp_path / "ulos"
    out.mkdir()
    (out / "index.html").write_text("toisen sivu", encoding="utf-8")
    with pytest.raises(BatchError, match=r"kansiossa on tiedosto index\.html"):
        publish(place, out)
    assert tree(out) == {"index.html": b"toisen sivu"}
    for inside in ("reports/site", "reports", "reports/site/ulos"):
        with pytest.raises(BatchError, match="anna toinen kansio"):
            publish(place, place / inside)


def test_publishing_killed_between_two_files_is_finished_by_the_next(place, tmp_path, monkeypatch):
    from sosrake_lib.batch.publish import publish
    from sosrake_lib.influence import site_files

    approval.approve(ids().values(), ROLE)
    out, whole = tmp_path / "ulos", publish(place, tmp_path / "koko").folder
    write, written = site_files._write, []

    def killed(path, content):
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(path)
        return write(path, content)

    monkeypatch.setattr(site_files, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(place, out)
    monkeypatch.setattr(site_files, "_write", write)
    publish(place, out)  # it takes none of its own files for somebody else's
    assert tree(out) == tree(whole)


def test_page_whose_notebook_is_not_the_one_built_is_left_out(place, tmp_path):
    from sosrake_lib.batch.publish import publish

    approval.approve(ids().values(), ROLE)
    notebook = place / "reports" / "notebooks" / "fi" / "kunta-E01" / "luvut.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("Sivu kertoo", "Sivu väittää"), "utf-8")
    done = publish(place, tmp_path / "ulos")
    assert "ei ole tehty nykyisistä luvuista" in done.left_out["fi/kunta-E01/luvut"]
    assert "fi/kunta-E02/luvut" in done.pages


def test_names_and_pages_that_are_not_there_are_refused_in_words(place, capsys):
    for given, told in (
        (("--page", "kunta-E09/luvut"), "sivua kunta-E09/luvut ei ole sivustossa"),
        (("--all-of", "olematon"), "nimiä ovat luvut, muut"),
        ((), "anna julkaisun tunnus, --page SIVU tai --all-of NIMI"),
        (("0" * 16, "--page", LUVUT), "anna vain yksi"),
        (("0" * 16,), "ei ole muistissa"),
    ):
        code, _, err = call(capsys, "approve", *given, "--role", ROLE)
        assert code in (1, 2)
        assert told in err
    assert approval.approvals() == {}


def test_release_list_tells_what_left_when_and_to_which_page(place, capsys):
    call(capsys, "approve", "--page", MUUT, "--role", ROLE)
    code, told, _ = call(capsys, "ledger", "list", "--samples")
    assert code == 0
    assert "sivut: kunta-E01/luvut, kunta-E02/luvut" in told
    assert "hyväksyjä: tietosuojavastaava" in told
    _, told, _ = call(capsys, "ledger", "list", "--samples", "--json", "--language", "en")
    listed = {one["name"]: one for one in json.loads(told)["releases"]}
    assert listed["muut"]["state"] == "hyväksytty"
    assert listed["luvut"]["pages"] == ["kunta-E01/luvut", "kunta-E02/luvut"]
    assert listed["luvut"]["hidden"] >= 3
    _, told, _ = call(capsys, "approvals", "--language", "en")
    assert "muut  tietosuojavastaava" in told
    _, told, _ = call(capsys, "ledger", "verify", "--samples")
    assert "Muisti on ehjä" in told
    assert "2 ehjää, 0 muuttunutta" in told


@pytest.mark.slow
def test_twin_with_the_same_approvals_gives_the_same_site(place, tmp_path, monkeypatch):
    """Two samples that differ between hidden cells only: equal sites, drafts or approved, byte for byte."""
    hidden = {**COUNTS, "E01": (40.0, 3.0, 30.0), "E02": (35.0, 2.0, 20.0)}
    twin = publish_project.make(tmp_path / "kaksonen" / "project", hidden)
    one, home = place / "reports" / "site", str(tmp_path / "kaksonen" / "home")
    approval.approve(ids().values(), ROLE)
    for language in ("fi", "en", "fi"):
        publish_project.run(place, language)
    monkeypatch.setenv("SOSRAKE_HOME", home)
    for language in ("fi", "en", "fi"):
        publish_project.run(twin, language)
    assert tree(twin / "reports" / "site").keys() == tree(one).keys()
    assert tree(twin / "reports" / "site") != tree(one)  # drafts still
    approval.approve(ids().values(), ROLE)
    for language in ("fi", "en", "fi"):
        publish_project.run(twin, language)
    assert tree(twin / "reports" / "site") == tree(one)
