"""What deciders need to know: the matrix against an independent reading, gaps, calendar, page."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from importlib.resources import files

import pytest

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_deciders as recipe
from sosrake_lib.batch.recipes_needs import service_needs
from sosrake_lib.errors import CatalogueError, GatherError
from sosrake_lib.influence import charts_deciders
from sosrake_lib.influence import words_deciders as words

DAY = date(2026, 12, 1)
REGION = ("hva", "E1")


@pytest.fixture(scope="module")
def released():
    return protect.release(recipe.deciders(None), name="tietotarve", preview=True)


@pytest.fixture(scope="module")
def lines():
    return recipe.matrix(on=DAY)


@pytest.fixture(scope="module")
def rows():
    with (samples.folder() / f"{recipe.NEEDS}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_matrix_agrees_with_a_plain_reading_of_the_files(lines, rows):
    read = tomllib.loads((files("sosrake_lib.catalogue") / "method_cards.toml").read_text(encoding="utf-8"))
    there = {theme: set(recipe.knowledge(theme, on=DAY).sorts) for theme in recipe.THEMES}
    for line, row in zip(lines, rows, strict=True):
        order = read["question"][row["question_kind"]]["knowledge"]
        present = [sort for sort in order if sort in there[row["theme"]]]
        assert line.wanted == order[0]
        assert line.best == (present[0] if present else "")
        full = present[:1] == order[:1]
        assert line.gap == (
            "nothing" if not present else "weaker" if not full else "partial" if row["lacks_fi"] else "none"
        )


def test_knowledge_of_a_theme_is_what_the_data_hold():
    observed = set(samples.table(recipe.PHENOMENA)["teema"])
    for theme in recipe.THEMES:
        found = recipe.knowledge(theme, on=DAY)
        assert ("havainto" in found.sorts) == (theme in observed)
        assert ("mittari" in found.sorts) == (theme in recipe.MEASURED)
        assert ("asiakastieto" in found.sorts) == bool(found.needs)
    assert "laadullinen" not in recipe.knowledge("sairastavuus", on=DAY).sorts  # nobody is quoted on it
    # When permissions have ended, there are no words of people left.
    assert "laadullinen" not in recipe.knowledge("asuminen", on=date(2031, 1, 1)).sorts


def test_a_question_without_knowledge_names_the_method_that_would_gather_it(lines):
    empty = next(one for one in lines if one.gap == "nothing")
    assert (empty.theme, empty.kind, empty.method) == ("sairastavuus", "kokemus", "haastattelu")
    told = [text.text("fi") for text in words.gaps([empty])]
    assert "nyt sitä ei ole" in told[0] and "Kerää tietoa näin: yksilöhaastattelu." in told[0]
    full = [one for one in lines if one.gap == "none"]
    assert full and not any(one.method for one in full)
    assert words.gaps(full)[0].text("en").startswith("No gaps are recorded.")


def test_figures_are_those_of_the_observations_and_of_the_release_of_needs(released):
    told = protect.protected_frame(released.select(part="ilmiot")).set_index("group")["value"]
    counted = samples.table("esimerkkila_havainnot")["ilmio"].dropna().value_counts()
    assert told.to_dict() == counted.to_dict() and "all" not in told.index
    own = protect.release({"asiakkaat": service_needs(None)["asiakkaat"]}, name="p", preview=True)
    first, second = (
        protect.protected_frame(one.select(part="asiakkaat"))[["group", "sex", "value", "status"]]
        for one in (released, own)
    )
    assert first.equals(second)


def test_the_table_tells_question_decision_knowledge_and_gap(released, lines):
    housing = [one for one in lines if one.theme == "asuminen"]
    table = words.matrix(housing, recipe.knowledge("asuminen", on=DAY), released, REGION, "fi")
    assert table.plain.shape == (3, 4) and table.synthetic
    text = table.plain.to_string()
    assert "36 havaintoa" in text and "Asuntojonon pituutta ei julkaista." in text
    assert table.html.count('data-result="') >= 1
    english = words.matrix(housing, recipe.knowledge("asuminen", on=DAY), released, REGION, "en")
    assert "36 observations" in english.plain.to_string()
    assert words.answer(housing, "asuminen").text("fi").startswith("Aiheesta ”asuminen” on kirjattu 3 ")
    assert "No questions" in words.answer([], "asuminen").text("en")


@pytest.mark.parametrize("theme", recipe.THEMES)
@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_theme_makes_a_page(released, theme, language):
    found = recipe.matrix(on=DAY, theme=theme)
    known = recipe.knowledge(theme, on=DAY)
    assert len(words.matrix(found, known, released, REGION, language).plain) == len(found) >= 2
    bodies = samples.reference_table("hanke/paattajat")
    who = words.who_decides(bodies, theme, DAY, language).plain
    assert len(set(who.iloc[:, 0])) == 4  # every level stands there, recorded or not
    assert len(words.acts(bodies, theme, DAY, language).plain) > 5


def test_what_is_not_recorded_is_said_so():
    bodies = samples.reference_table("hanke/paattajat")
    who = words.who_decides(bodies, "yksinaisyys", DAY, "fi").plain
    kela = who.loc[who["Taso"] == "Kela"]
    assert kela["Toimielin"].tolist() == ["Ei kirjattu"] and kela["Laki"].tolist() == ["ei kirjattu"]


def test_an_expired_act_stops_the_page():
    bodies = samples.reference_table("hanke/paattajat").copy()
    bodies.loc[0, "law"] = "Laki julkisesta työvoima- ja yrityspalvelusta 916/2012"
    with pytest.raises(CatalogueError, match="916/2012 is not in force on 2026-12-01"):
        words.acts(bodies, "asuminen", DAY)


def test_the_clock_is_drawn_and_its_months_stand_in_the_table():
    drawn = charts_deciders.clock("fi")
    assert "välillä maaliskuu–joulukuu" in drawn.alt and drawn.png.startswith(b"\x89PNG")
    months = drawn.table.plain["Päätöksen aika"]
    assert "marraskuu, joulukuu (joka vuosi)" in set(months)
    assert months.str.contains("kuukautta ei ole kirjattu").any()


def test_the_interview_template_on_paper_has_the_same_questions(project):
    sheet = (project / "docs/osallistava_tieto/tietotarpeet.md").read_text(encoding="utf-8")
    for question in words.interview("fi").plain.iloc[:, 0][:7]:
        assert question in sheet


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("theme", "sää", "row 1, column theme"),
        ("question_kind", "arvaus", "row 1, column question_kind"),
        ("question_en", "", "row 1, column question_en"),
        ("need", "T02", "row 2, column need"),
    ],
)
def test_a_broken_question_is_refused(column, value, says):
    broken = samples.table(recipe.NEEDS)
    broken.loc[0, column] = value
    with pytest.raises(GatherError, match=says):
        recipe.checked_needs(broken)
    with pytest.raises(GatherError, match="column lacks_fi is missing"):
        recipe.checked_needs(samples.table(recipe.NEEDS).drop(columns="lacks_fi"))


def test_an_unknown_decision_is_refused(rows):
    with pytest.raises(CatalogueError, match="no decision 'vaalit'"):
        recipe.line({**rows[0], "decision": "vaalit"}, ("havainto",))
