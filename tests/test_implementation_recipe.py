"""A county's implementation plan: its release, operating model, working-group file and words."""

from __future__ import annotations

import csv

import pytest

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_implementation as recipe
from sosrake_lib.batch.page_titles import page_titles
from sosrake_lib.catalogue.operating_model import operating_model, steps_of
from sosrake_lib.errors import CatalogueError
from sosrake_lib.influence import words_followup, words_followup_plans
from sosrake_lib.influence import words_implementation as words
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.pages import Heading, html_of

REGION = ("hva", "E1")
REAL = ("hva", "13")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return protect.release(recipe.implementation_plan(None), name="suunnitelma", preview=True, home=home)


@pytest.fixture(scope="module")
def recorded():
    with (samples.folder() / "esimerkkila_seuranta.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["laji"] == "tyoryhma"]


def test_the_release_is_invented_and_holds_what_the_plan_needs(release):
    assert release.synthetic
    assert {*recipe.FOLLOWED, "rivit", "tunnit"} <= set(release.parts)


def test_the_working_group_file_parts_the_agenda_from_the_decided(release, recorded):
    found = words_followup.entries(release, "tyoryhma", REGION)
    agenda, open_, decided, done = words.group_file(found)
    assert isinstance(agenda, Heading) and isinstance(decided, Heading)
    ids = {row["tunnus"] for row in recorded}
    settled = {row["tunnus"] for row in recorded if row["tila"] in ("paatetty", "tehty")}
    matters = {row["tunnus"]: row["arvo"] for row in recorded if row["kentta"] == "asia"}
    assert set(open_.plain["Asia"]) == {matters[one] for one in ids - settled}
    assert set(done.plain["Asia"]) == {matters[one] for one in settled}
    owners = {row["arvo"] for row in recorded if row["kentta"] == "omistaja"}
    assert {*open_.plain["Kuka vie eteenpäin"], *done.plain["Kuka vie eteenpäin"]} == owners


def test_an_empty_working_group_says_nothing_is_recorded():
    told = words.group_file([])
    assert [one.text("fi") for one in told[1::2]] == ["Tähän ei ole kirjattu mitään."] * 2


def test_competence_is_the_training_plan_or_says_there_is_no_survey(release):
    table, total, _ = words.competence(release, REGION)
    assert len(table.plain) == len(
        [row for row in protect.protected_frame(release.select("rivit"))["kind"] if row != "rakenteellinen"]
    )
    assert loose_numbers(total.html()).empty
    assert words.competence(release, REAL)[0].text("en").startswith("The county has no competence survey")


def test_a_folder_with_an_own_survey_has_no_invented_training(tmp_path, monkeypatch):
    def refuse(table, data):
        raise samples.AbsentTable("own", table)

    monkeypatch.setattr(recipe, "leave_out_own", refuse)
    assert recipe.competence(tmp_path) == {}


@pytest.mark.parametrize("language", ["fi", "en"])
def test_each_step_of_the_model_names_a_page_that_is_there(project, language):
    titles = page_titles()
    for step in operating_model():
        assert step.notebook in titles
        assert (project / "notebooks" / f"{step.notebook}.ipynb").is_file()
    shown = words.model_table(titles, language)
    assert len(shown.plain) == len(operating_model()) and loose_numbers(shown.html).empty


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rhythm": "joskus"}, "rhythm 'joskus'; expected one of jatkuva"),
        ({"needs": "kirkolliskokous"}, "needs 'kirkolliskokous' is not in"),
        ({"role_en": "2 workers"}, "role_en is empty or holds a digit"),
    ],
)
def test_a_step_that_does_not_hold_is_refused(change, message):
    words_ = {f"{name}_{code}": "a" for name in ("name", "role", "input", "output") for code in ("fi", "en")}
    step = {**words_, "rhythm": "vuosi", "needs": "", "notebook": "x", **change}
    with pytest.raises(CatalogueError, match=message):
        steps_of({"x": step})


def test_the_plan_has_its_line_of_time_and_no_name_of_a_person(release):
    drawn = words_followup_plans.schedule(release, REGION, kinds=("vuosikello", "mediasuunnitelma"))
    assert "johtava sosiaalityöntekijä" in drawn.table.html
    assert loose_numbers(html_of(drawn)).empty
