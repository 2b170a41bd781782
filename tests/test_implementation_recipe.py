"""A county's implementation plan: its release, operating model, working-group file and words."""

from __future__ import annotations

import csv
import re
from datetime import date

import pytest

from sosrake_lib import protect, regions, samples
from sosrake_lib.batch import hand_files, plan, releases
from sosrake_lib.batch import recipes_implementation as recipe
from sosrake_lib.batch.hand_files import Entry
from sosrake_lib.batch.page_titles import page_keys, page_titles
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.catalogue.operating_model import operating_model, steps_of
from sosrake_lib.errors import CatalogueError
from sosrake_lib.influence import claims, words_followup, words_followup_plans, words_hand
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


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    home = tmp_path_factory.mktemp("luvut")
    return protect.release(RECIPES["paattajalle"](None), name="paattajalle", preview=True, home=home)


def text_of(items, language="fi"):
    return re.sub(r"<[^>]+>", "", "".join(html_of(one, language) for one in flat(items)))


def flat(items):
    for one in items:
        if isinstance(one, list):
            yield from flat(one)
        else:
            yield one


def test_every_real_county_has_a_plan_and_the_register_s_counties_too(project):
    loaded = plan.load(project, recipes=releases.known_recipes())
    areas = {task.region for task in loaded.tasks if task.page == "toteutussuunnitelma"}
    members = regions.members("joukko", "alue51")
    assert areas == {*(("hva", regions.parent(code, "hva")) for code in members), REGION}


def test_a_county_of_the_register_that_the_plan_names_too_is_made_once(project, monkeypatch):
    monkeypatch.setattr("sosrake_lib.batch.followup_source.followed_counties", lambda: (REAL,))
    loaded = plan.load(project, recipes=releases.known_recipes())
    assert [task.region for task in loaded.tasks if task.page == "toteutussuunnitelma"].count(REAL) == 1


@pytest.mark.parametrize("code", ["12", "13", "14", "20"])
def test_a_real_county_s_plan_has_figures_and_nothing_invented(release, figures, code):
    region = ("hva", code)
    shown = [words.where_from(release, region), *words.clock(release, region)]
    shown += [words_followup.what_happened(release, region), *words.group_file([])]
    told = [*words.area_figures(figures, region), *words.sources(release, figures, region)]
    text = text_of([*shown, *told])
    assert "Alueelta ei ole kirjauksia" in text and "Ei kirjattu." in text
    assert "keksit" not in text.lower().replace("ei ole keksitty mitään", "") and "Esimerkkilä" not in text
    findings = next(one for one in told if isinstance(one, list))
    parts = [
        figures.select(part=f"nosto_teema_{theme}", region=region)
        for theme in words.THEMES
        if f"nosto_teema_{theme}" in figures.parts
    ]
    values = [protect.protected_frame(one)["value"].iloc[0] for one in parts if len(one)]
    assert len(findings) == len(values) >= 3
    for value, one in zip(values, findings, strict=True):
        assert f"{value:.1f}".replace(".", ",") in one.text and one.numbers
    assert loose_numbers("".join(html_of(one, "fi") for one in flat(told))).empty
    assert words.knowledge(release, figures, region) == ["rekisteri"]


def test_the_invented_county_s_plan_has_entries_and_no_published_figure(release, figures):
    text = text_of([words.where_from(release, REGION), *words.area_figures(figures, REGION)])
    assert "ovat keksittyjä" in text and "ei ole julkaistuja lukuja" in text
    assert words.knowledge(release, figures, REGION) == ["havainto", "henkilostokysely"]
    assert len(words.clock(release, REGION)) == 2
    assert "keksityt kirjaukset" in text_of(words.sources(release, figures, REGION))


def test_an_empty_register_of_a_folder_of_ones_own_gives_an_empty_plan(tmp_path, figures):
    parts = RECIPES["toteutussuunnitelma"](tmp_path)
    made = protect.release(parts, name="toteutussuunnitelma", preview=True, home=tmp_path)
    assert not made.synthetic
    text = text_of([words.where_from(made, REAL), *words.competence(made, REAL), *words.clock(made, REAL)])
    assert "ei ole kirjauksia" in text and "osaamiskartoitusta ei ole" in text


def test_texts_of_a_real_county_stand_beside_its_figures_and_invented_ones_beside_entries(
    tmp_path, release, figures, monkeypatch
):
    entry = Entry("Tavoite: jono lyhenee.", "johtava sosiaalityöntekijä", date(2026, 1, 2))
    monkeypatch.setattr(hand_files, "slugs", lambda *_: ("hva-13", "hva-E1"))
    monkeypatch.setattr(hand_files, "read", lambda *_: {"tavoitteet": entry})
    for name, region, other in (("paattajalle", REAL, REGION), ("toteutussuunnitelma", REGION, REAL)):
        made = protect.release(RECIPES[name](None), name=name, preview=True, home=tmp_path)
        pair = (release, made) if region == REAL else (made, figures)
        found = words_hand.texts_among(pair, region)
        assert words_hand.written(found, "tavoitteet", output="toteutussuunnitelma"), name
        assert not words_hand.written(words_hand.texts_among(pair, other), "tavoitteet"), name


def test_the_sample_texts_are_the_invented_county_s_and_rest_on_its_present_entries(release):
    for output in ("toteutussuunnitelma", "mediasuunnitelma"):
        assert hand_files.slugs(output) == ("hva-E1",)
        for name, entry in hand_files.read(output, "hva-E1").items():
            assert entry.role.endswith("(keksitty)") and entry.text_en and entry.based_on, name
            found = claims.check_written(entry.text)
            assert found.empty, (name, found)
    made = protect.release(RECIPES["toteutussuunnitelma"](None), name="toteutussuunnitelma", preview=True)
    texts = words_hand.texts_among((made,), REGION)
    rows = protect.protected_frame(texts)
    assert (rows["note"] == "").all(), "sosrake write toteutussuunnitelma --field F --still-true"


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
    assert [one.text("fi") for one in told[1::2]] == ["Ei kirjattu."] * 2


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
    shown = words.model_table(titles, language, page_keys())
    assert len(shown.plain) == len(operating_model()) and loose_numbers(shown.html).empty
    assert shown.html.count("data-sivu=") == len(operating_model())


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
