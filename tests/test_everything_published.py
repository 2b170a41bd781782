"""`benchmarks/everything.py --published`: a small site has no fault, and each planted one is told."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from unittest import mock

import publish_project
import pytest
from publish_project import tree

from sosrake_lib.batch import releases
from sosrake_lib.batch.publish import publish
from sosrake_lib.protect import approval, ledger_listing
from sosrake_lib.protect.ledger import homes

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import everything

PAGE = "kunta-E01/luvut.html"
# A number of the page with the mark that leads to its result.
MARKED = re.compile(r'<td class="arvo"[^>]*>(?:(?!</td>).)*</td>')


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Publish one approved page with the site's own pages, once; give the folder of the run and the site."""
    base = tmp_path_factory.mktemp("julkaistu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(base / "home"))
        patch.setenv("SOSRAKE_PROJECT", str(base / "project"))
        for name in ("SOSRAKE_DATA", "SOSRAKE_RELEASES"):
            patch.delenv(name, raising=False)
        patch.setattr(releases, "known_recipes", lambda: publish_project.RECIPES)
        project = publish_project.make(base / "project")
        assert publish_project.run(project, only=("kunta-E01",)).failed == ()
        approval.approve(ledger_listing.listed(homes()[1])["release"], "tietosuojavastaava")
        with mock.patch.object(releases, "library_fingerprint", lambda: "library"):
            assert publish(project, base / "ulos").pages == ("fi/kunta-E01/luvut",)
    return base


@pytest.fixture
def place(published, tmp_path, monkeypatch):
    """Give a copy of the run and of the site to a test."""
    monkeypatch.delenv("SOSRAKE_RELEASES")
    shutil.copytree(published, tmp_path / "oma")
    return tmp_path / "oma"


def judge(place, capfd):
    """Judge the site; give the exit code, the last line and the faults told."""
    output = str(place / "project" / "reports")
    code = everything.main(["--published", str(place / "ulos"), "--output", output, "--workers", "1"])
    told = capfd.readouterr()
    faults = [line for line in told.err.splitlines() if re.match(r"(numbers|site|links|weight) \S+: ", line)]
    return code, told.out.splitlines()[-1], faults


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.browser
def test_a_published_site_has_no_fault_and_each_planted_one_is_found(place, capfd):
    site = place / "ulos"
    pages = [name for name in tree(site) if name.endswith(".html")]
    assert PAGE in pages
    checks = f"{len(pages)} published pages, {2 * len(pages)} checks"
    assert judge(place, capfd) == (0, f"{checks}; 0 faults", [])
    page = site / PAGE
    cell = MARKED.search(page.read_text(encoding="utf-8")).group()
    assert "40" in cell
    # a figure that is not its result's, and beside it a number that rests on nothing
    change(page, cell, f"{cell.replace('40', '41')[:-5]} 12345</td>")
    change(site / "haku.html", "</main>", f"<!-- {'x' * 500_000} --></main>")
    change(site / "menetelmat.html", "</main>", '<a href="hva-12/puuttuu.html">Sivu</a></main>')
    change(site / "muutokset.html", "</main>", '<img src="kuvat/ei_ole.png"></main>')
    code, last, faults = judge(place, capfd)
    told = "\n".join(faults)
    assert code == 1 and last.startswith(checks) and not last.endswith(" 0 faults")
    numbers = next(line for line in faults if line.startswith(f"numbers {PAGE}: "))
    assert numbers.startswith(f"numbers {PAGE}: without: 2 ['12345'] ") and "'41' is not 40.0" in numbers
    assert re.search(r"^weight haku\.html: 50\d{4} bytes$", told, re.MULTILINE), told
    assert "links menetelmat.html: ['hva-12/puuttuu.html']" in told
    assert "links muutokset.html: ['kuvat/ei_ole.png']" in told
    assert re.search(r"^site muutokset\.html: serious: 1 .*image-alt \(critical\)", told, re.MULTILINE), told
    broken = {line.split()[1].rstrip(":") for line in faults}
    assert broken == {PAGE, "haku.html", "menetelmat.html", "muutokset.html"}, "and no other page is blamed"


def test_a_folder_without_pages_is_refused(place):
    empty = place / "tyhja"
    empty.mkdir()
    with pytest.raises(SystemExit, match=r"no page in .*tyhja; publish one first: sosrake publish"):
        everything.main(["--published", str(empty), "--output", str(place / "project" / "reports")])
