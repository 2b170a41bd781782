"""Releases in the batch: made once over all regions, opened by notebooks, remade when something changed."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import nbformat
import pandas as pd
import pytest

from sosrake_lib import batch, protect, samples
from sosrake_lib.batch import releases, runner, site_stage
from sosrake_lib.errors import BatchError, DisclosureError

PLAN = """
[julkaisut.luvut]
recipe = "luvut"
rules = ["avoin"]

[julkaisut.rikki]
recipe = "rikki"
rules = ["avoin"]

[[muistikirjat]]
path = "profiili"
page = "profiili"
title_fi = "Profiili"
title_en = "Profile"
releases = ["luvut"]
levels = ["kunta"]
regions = ["kunta-046", "kunta-297"]

[[muistikirjat]]
path = "rikki"
page = "rikki"
title_fi = "Rikki"
title_en = "Broken"
releases = ["rikki"]
levels = ["once"]
"""
REGION = """
["profiili".alue_taso]
type = "choice"
allowed = ["kunta"]
default = "kunta"
label_fi = "Taso"
label_en = "Level"

["profiili".alue_koodi]
type = "region"
level = "alue_taso"
default = "297"
label_fi = "Alue"
label_en = "Region"
"""
RELEASE = '["{name}".julkaisu]\ntype = "text"\ndefault = ""\nlabel_fi = "Julkaisu"\nlabel_en = "Release"\n'


def numbers(data: Path | None) -> dict[str, protect.Part]:
    """Cook two published figures from the data folder's only file."""
    value = float((samples.folder(data) / "luku.txt").read_text(encoding="utf-8"))
    rows = pd.DataFrame(
        {
            "indicator": "tyottomyysaste",
            "region_level": "kunta",
            "region_code": ["046", "297"],
            "borders": 2021,
            "period": "2019",
            "value": [value, 12.0],
            "per": 100.0,
            "status": "ok",
            "origin": "published",
        }
    )
    return {"luvut": protect.part(rows, rules="avoin")}


def elsewhere(data: Path | None) -> dict[str, protect.Part]:
    """Cook a figure of another municipality only."""
    frame = numbers(data)["luvut"].frame
    rows = frame.loc[frame["region_code"] == "297"].assign(indicator="pienituloisuusaste")
    return {"muualta": protect.part(rows, rules="avoin")}


def broken(data: Path | None) -> dict[str, protect.Part]:
    raise DisclosureError("this recipe cannot be released")


RECIPES = {"luvut": numbers, "rikki": broken}


@pytest.fixture
def place(tmp_path) -> Path:
    folder = tmp_path / "project"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "data" / "samples").mkdir(parents=True)
    write_number(folder, 9.9)
    code = (
        "from sosrake_lib import batch\nopened = batch.open_release('luvut', julkaisu)\n"
        "print(opened.id, len(opened.select(region=(alue_taso, alue_koodi))))"
    )
    set_here = 'alue_taso = "kunta"\nalue_koodi = "297"\njulkaisu = ""'
    for name, first in (("profiili", set_here), ("rikki", 'julkaisu = ""')):
        cells = [
            nbformat.v4.new_code_cell(first, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(code),
        ]
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=spec)
        (folder / "notebooks" / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    declared = REGION + "".join(RELEASE.format(name=name) for name in ("profiili", "rikki"))
    (folder / "notebooks" / "plan.toml").write_text(PLAN, encoding="utf-8")
    (folder / "notebooks" / "parameters.toml").write_text(declared, encoding="utf-8")
    return folder


def write_number(folder: Path, value: float) -> None:
    (folder / "data" / "samples" / "luku.txt").write_text(str(value), encoding="utf-8")


def build_list(pages, folder, language):
    index = site_stage.index_page(folder, language)
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(" ".join(page.task.key for page in pages), encoding="utf-8")
    return site_stage.Built(index)


def run(place, **options):
    with mock.patch.object(releases, "library_fingerprint", lambda: "library"):
        return runner.run(place, recipes=RECIPES, build=build_list, language="en", workers=1, **options)


def printed(place: Path, code: str) -> str:
    path = place / "reports" / "notebooks" / "en" / f"kunta-{code}" / "profiili.ipynb"
    return nbformat.read(path, as_version=4).cells[-1].outputs[0].text.strip()


def test_release_is_made_once_opened_by_its_id_and_remade_when_the_data_change(place, home):
    first = run(place)
    assert first.made == ("kunta-046/profiili", "kunta-297/profiili")
    made = [folder.name for folder in (place / "reports" / "releases").iterdir()]
    assert [printed(place, code) for code in ("046", "297")] == [f"{made[0]} 1"] * 2
    # a release that is refused takes its own pages with it, not the others
    assert [(one.key, one.cell) for one in first.failed] == [("rikki", None)]
    assert "release rikki could not be made: this recipe cannot be released" in first.failed[0].reason
    # figures of the shipped samples have a ledger of their own
    assert (home / "samples" / "ledger.sqlite").is_file()
    assert not (home / "ledger.sqlite").exists()

    with mock.patch.object(protect, "release", side_effect=AssertionError("made again")):
        again = run(place)
    assert (again.made, len(again.skipped)) == ((), 2)

    write_number(place, 10.4)
    changed = run(place)
    assert len(changed.made) == 2
    assert printed(place, "046") != f"{made[0]} 1"


def test_damaged_release_is_made_again(place):
    run(place, only=["kunta-046"])
    (folder,) = (place / "reports" / "releases").iterdir()
    (folder / "luvut.parquet").write_bytes(b"damaged")
    run(place, only=["kunta-046"])
    assert protect.Release.load(folder.name, folder=folder.parent).name == "luvut"


def test_only_the_releases_of_asked_pages_are_made(place):
    report = run(place, only=["kunta-046"])
    assert len(report.made) == 1 and not report.failed  # the broken release was not asked for
    (first,) = (place / "reports" / "releases").iterdir()
    write_number(place, 10.4)
    asked = run(place, only=["rikki"])
    assert [failure.key for failure in asked.failed] == ["rikki"]
    assert [folder.name for folder in (place / "reports" / "releases").iterdir()] == [first.name]


def test_own_data_need_a_reason_for_a_changed_figure(place, tmp_path, home):
    own = tmp_path / "own"
    own.mkdir()
    (own / "luku.txt").write_text("5", encoding="utf-8")
    assert run(place, data=own, only=["kunta-046"]).made
    assert (home / "ledger.sqlite").is_file()
    (own / "luku.txt").write_text("6", encoding="utf-8")
    refused = run(place, data=own, only=["kunta-046"])
    assert "left the house" in refused.failed[0].reason
    assert run(place, data=own, only=["kunta-046"], corrects="the source corrected it").made


def test_a_changed_figure_is_told_as_refused_beside_a_release_that_knows_no_such_area(place, tmp_path, home):
    """Words of another release, which never name the area, do not turn a refusal into "no figures"."""
    plan, declared = (place / "notebooks" / name for name in ("plan.toml", "parameters.toml"))
    more = '[julkaisut.muualta]\nrecipe = "muualta"\nrules = ["avoin"]\n'
    both = PLAN.replace('releases = ["luvut"]', 'releases = ["luvut", "muualta"]')
    plan.write_text(more + both, encoding="utf-8")
    asked = RELEASE.format(name="profiili").replace(".julkaisu]", ".julkaisu_muualta]")
    declared.write_text(declared.read_text(encoding="utf-8") + asked, encoding="utf-8")
    notebook = nbformat.read(place / "notebooks" / "profiili.ipynb", as_version=4)
    notebook.cells[0].source += '\njulkaisu_muualta = ""'
    nbformat.write(notebook, place / "notebooks" / "profiili.ipynb")
    own = tmp_path / "own"
    own.mkdir()
    (own / "luku.txt").write_text("5", encoding="utf-8")
    recipes = {**RECIPES, "muualta": elsewhere}
    with mock.patch.dict(RECIPES, recipes):
        assert run(place, data=own, only=["kunta-046"]).made == ("kunta-046/profiili",)
        (own / "luku.txt").write_text("6", encoding="utf-8")
        refused = run(place, data=own, only=["kunta-046"])
        assert refused.left_out == ()
        assert [failure.key for failure in refused.failed] == ["kunta-046/profiili"]
        assert "left the house" in refused.failed[0].reason
        assert run(place, data=own, only=["kunta-046"], corrects="the source corrected it").made


def test_own_data_are_told_by_a_sealed_hash(tmp_path, monkeypatch):
    own = tmp_path / "own"
    own.mkdir()
    (own / "luku.txt").write_text("5", encoding="utf-8")
    told = []
    for home in ("a", "b"):
        monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / home))
        told += [releases.data_fingerprint(own), releases.data_fingerprint(own)]
    assert told[0] == told[1] != told[2] == told[3]  # nobody without the house's secret can try values
    (own / "luku.txt").write_text("6", encoding="utf-8")
    assert releases.data_fingerprint(own) != told[2]


def observed(data: Path | None) -> dict[str, protect.Part]:
    """Cook what a house's own register gives beside the shipped samples: counts of its own."""
    count = float((samples.folder(data) / "luku.txt").read_text(encoding="utf-8"))
    rows = pd.DataFrame(
        {
            "indicator": "asiakkaat",
            "region_level": "kunta",
            "region_code": ["046", "297"],
            "borders": 2021,
            "period": "2019",
            "value": [count, 120.0],
            "numerator": [count, 120.0],
            "per": 1.0,
            "status": "ok",
            "origin": "own",
        }
    )
    return {"luvut": protect.part(rows, rules="vakio")}


def test_own_registers_figures_go_to_the_houses_own_ledger_also_over_the_samples(place, home):
    """The data folder is the shipped one, but the figures are of people of this house."""
    plan = PLAN.replace('rules = ["avoin"]', 'rules = ["vakio"]', 1)
    (place / "notebooks" / "plan.toml").write_text(plan, encoding="utf-8")
    write_number(place, 40)
    with mock.patch.dict(RECIPES, luvut=observed):
        assert run(place).made == ("kunta-046/profiili", "kunta-297/profiili")
        assert (home / "ledger.sqlite").is_file()
        assert not (home / "samples" / "ledger.sqlite").exists()
        # and no reason is made up for a figure of the house's own that changes
        write_number(place, 41)
        refused = run(place)
        assert "another value" in refused.failed[0].reason
        assert len(run(place, corrects="laskettu väärin").made) == 2


def test_rules_outside_the_plan_are_refused(place):
    plan = place / "notebooks" / "plan.toml"
    plan.write_text(PLAN.replace('rules = ["avoin"]', 'rules = ["vakio"]'), encoding="utf-8")
    report = run(place, only=["kunta-046"])
    assert "release luvut, part luvut: rule set avoin is not allowed by the plan" in report.failed[0].reason


def test_open_release_without_an_id_is_a_preview(place, monkeypatch, home):
    monkeypatch.setenv("SOSRAKE_PROJECT", str(place))
    monkeypatch.setattr(releases, "known_recipes", lambda: RECIPES)
    opened = batch.open_release("luvut")
    assert (opened.name, len(opened.select())) == ("luvut", 2)
    assert not list(home.rglob("ledger.sqlite"))
    with pytest.raises(BatchError, match="release 'kela': there is no such recipe; known are luvut, rikki"):
        batch.open_release("kela")


def test_open_release_refuses_the_id_of_another_release(place, tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_PROJECT", str(place))
    made = protect.release(numbers(None), name="muu")
    assert batch.open_release("muu", made.id).id == made.id
    with pytest.raises(BatchError, match="is named 'muu'; expected 'luvut'"):
        batch.open_release("luvut", made.id)


def test_fingerprint_of_the_library_is_stable():
    assert len(releases.library_fingerprint()) == 64
