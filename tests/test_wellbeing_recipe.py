"""A wellbeing-report chapter: findings counted anew, aims only from people, what is missing and why."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sosrake_lib import catalogue, cli, protect, regions, samples
from sosrake_lib.batch import followup_source, hand_files, recipes_wellbeing
from sosrake_lib.batch.hand_files import Entry
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.batch.recipes_followup import followup_parts
from sosrake_lib.batch.recipes_wellbeing import THEMES, by_theme, minimum_rows
from sosrake_lib.catalogue.minimum_data import items_of, minimum_items
from sosrake_lib.errors import CatalogueError
from sosrake_lib.influence import words_hand
from sosrake_lib.influence import words_wellbeing as words

KUOPIO, COUNTY = ("kunta", "297"), ("hva", "E1")
ITEM = {"indicator": "asumistuki", "part": "tila", "reference": "", "verified": False}


@pytest.fixture(scope="module")
def parts():
    return RECIPES["hyvinvointikertomus"](None)


@pytest.fixture(scope="module")
def release(parts):
    return protect.release(parts, name="hyvinvointikertomus", preview=True)


@pytest.fixture(scope="module")
def followed():
    told = followup_parts(followup_source.open_followup())
    return protect.release(told, name="seuranta", preview=True)


def theme_of(key):
    return catalogue.indicator(key).theme


def test_each_area_has_at_most_one_finding_a_theme(parts):
    rows = parts["nosto"].frame
    themes = rows["indicator"].map(theme_of)
    assert not pd.DataFrame({"a": rows["region_level"] + rows["region_code"], "t": themes}).duplicated().any()
    assert set(themes) <= set(THEMES)
    assert (rows["region_level"] + rows["region_code"]).nunique() == 55, "four counties and 51 municipalities"


def test_the_finding_is_the_clearest_difference_counted_anew(parts):
    """Two shares of work force and of unemployed: z = d / se, with no help of the library."""
    rows = samples.indicator_frame(None)
    rows = rows.loc[
        (rows["sex"] == "total") & rows["indicator"].isin(("tyottomyysaste", "pitkaaikaistyottomat"))
    ]
    found = parts["nosto"].frame
    for code in ("297", "140", "290"):
        own = rows.loc[(rows["region_level"] == "kunta") & (rows["region_code"] == code)].set_index(
            "indicator"
        )
        land = rows.loc[rows["region_level"] == "maa"].set_index("indicator")
        clear = {}
        for key in own.index:
            n, share, whole = (
                own.loc[key, "denominator"],
                own.loc[key, "value"] / 100,
                land.loc[key, "value"] / 100,
            )
            error = math.sqrt(share * (1 - share) / n + whole * (1 - whole) / land.loc[key, "denominator"])
            clear[key] = (share - whole) / error
        worse = {key: z for key, z in clear.items() if z > 1.96} or clear
        expected = max(worse, key=lambda key: abs(worse[key]))
        mine = found.loc[(found["region_level"] == "kunta") & (found["region_code"] == code)]
        assert [key for key in mine["indicator"] if theme_of(key) == "tyottomyys"] == [expected], code


def test_strengths_are_clear_differences_to_the_better(parts):
    rows = parts["vahvuus"].frame
    for row in rows.to_dict("records"):
        better = {"higher_is_worse": "lower", "higher_is_better": "higher"}
        assert row["verdict"] == better[catalogue.indicator(row["indicator"]).direction]
        assert catalogue.indicator(row["indicator"]).may_be_strength
    assert len(rows)


# What a title that tells of a benefit, a pension or the use of a service has in it; a survey of those who
# went without care tells of need, and is no use of a service.
OF_SERVICES = re.compile(
    "toimeentulotu|asumistu|eläke|tukea saa|työmarkkinatu|käyn|käyttä.* palvel|asiak|hoito|rikok"
)
UNMET = ("diak_asiakasmaksut_haitanneet", "asiakasmaksut_haitanneet", "diak_tinkineet")
UNMET += ("tinkineet_ruoasta_laakkeista",)


def test_few_benefits_or_little_use_of_services_is_no_strength(parts):
    """The use of a service is not need: few recipients may also mean that people do not apply."""
    told = [one for one in catalogue.indicators() if OF_SERVICES.search(f"{one.name_fi} {one.title}".lower())]
    kept = {one.key for one in told if one.may_be_strength}
    assert kept <= set(UNMET)
    assert len(told) > 25
    for recipe in (parts, RECIPES["paattajalle"](None)):
        found = set(recipe["vahvuus"].frame["indicator"])
        assert found and not found & ({one.key for one in told} - set(UNMET))


def test_the_areas_compared_with_are_in_the_release(parts):
    """A figure of comparison has a row of its own, so its note can tell whose it is."""
    own = parts["vertailukohta"].frame.set_index("indicator")
    assert set(own["region_level"]) == {"maa"} and own.index.is_unique
    for name in ("nosto", "vahvuus"):
        for row in parts[name].frame.dropna(subset=["reference_value"]).to_dict("records"):
            assert own.loc[row["indicator"], "value"] == row["reference_value"]


def test_a_theme_without_figures_says_so_and_nothing_is_copied_down(release, followed):
    told = words.chapter_table(release, followed, KUOPIO).plain.set_index("Teema")
    assert list(told.index) == [words.theme_name(theme) for theme in THEMES]
    assert told.loc["Yksinäisyys", "Havainto"].startswith("Kuntakohtaista lukua ei julkaista")
    assert set(told["Tavoite"]) == {"Ei kirjattu"} and set(told["Toimenpide"]) == {"Ei kirjattu"}


def test_minimum_rows_give_the_reason_each_is_missing():
    items = items_of(
        {
            "a": ITEM,
            "b": ITEM | {"indicator": "yksinaisyys"},
            "c": ITEM | {"indicator": "taydentava_toimeentulotuki"},
            "d": ITEM | {"indicator": "kuolleisuus"},
        }
    )
    rows = samples.indicator_frame(None)
    kuopio = (rows["indicator"] == "asumistuki") & (rows["region_code"] == "297")
    given = rows.copy()
    told = minimum_rows(given, items)
    assert len(told) == 55 * 4 and told["value"].isna().all()
    of = {(row["region_code"], row["indicator"][-1]): row for row in told.to_dict("records")}
    assert of["297", "a"]["category"] == "on" and of["297", "a"]["note"] == "2019"
    assert of["297", "b"]["category"] == "vain_alue"
    county = regions.parent("297", "hva")
    assert of[county, "b"]["category"] == "ei_haettu", "the county could have the figure"
    assert of["297", "c"]["category"] == "tunnus" and of["297", "d"]["category"] == "ei_haettu"
    given.loc[kuopio, ["value", "numerator"]] = float("nan")
    given.loc[kuopio, "status"] = "missing"
    told = minimum_rows(given, items).set_index(["region_code", "indicator"])
    assert told.loc[("297", "vahimmaistieto_a"), "category"] == "ei_julkaistu"


def test_the_annex_lists_what_the_chapter_lacks(release):
    table = words.missing_table(release, KUOPIO)
    missing = len(table.plain)
    text = words.minimum_summary(release, KUOPIO).text
    assert f"{len(minimum_items())} kohtaa" in text and f"Niistä {missing} " in text
    order = [catalogue.indicator(one.indicator).name_fi for one in minimum_items()]
    named = list(table.plain.iloc[:, 0])
    assert named == [name for name in order if name in named]
    assert list(table.plain.columns) == ["Tieto", "Teema", "Miksi se puuttuu"]
    assert "ole verrattu kansalliseen" in words.list_state().text("fi")


@pytest.mark.parametrize("language", ["fi", "en"])
def test_each_reason_of_the_annex_is_explained_once(release, language):
    named = {one.casefold() for one in words.missing_table(release, KUOPIO, language).plain.iloc[:, 2]}
    told = [one.text for one in words.missing_reasons(release, KUOPIO, language)]
    assert sorted(named) == sorted(one.partition(":")[0].casefold() for one in told)
    assert all(one.partition(": ")[2].endswith(".") for one in told)


def test_every_reason_of_the_recipe_has_its_words():
    recipe = {
        recipes_wellbeing.COUNTY_ONLY,
        recipes_wellbeing.NO_ID,
        recipes_wellbeing.NOT_PUBLISHED,
        recipes_wellbeing.NOT_GATHERED,
    }
    assert recipe == set(words.REASONS)


def test_a_list_checked_in_part_says_of_each_item_whether_it_is(release, monkeypatch):
    first, *rest = minimum_items()
    mixed = (first, *(replace(one, verified=True) for one in rest))
    monkeypatch.setattr(words, "minimum_items", lambda: mixed)
    table = words.missing_table(release, KUOPIO).plain
    name = catalogue.indicator(first.indicator).name_fi
    assert dict(zip(table.iloc[:, 0], table.iloc[:, 3], strict=True)) == {
        one: "tarkistamatta" if one == name else "tarkistettu" for one in table.iloc[:, 0]
    }


@pytest.mark.parametrize(
    "change, message",
    [
        ({"indicator": "onnellisuus"}, "x: .*onnellisuus"),
        ({"part": "muu"}, "part 'muu'; expected tila, toiminta, laatu"),
        ({"verified": True}, "x is verified without a reference"),
    ],
)
def test_a_broken_item_is_refused(change, message):
    with pytest.raises(CatalogueError, match=message):
        items_of({"x": ITEM | change})
    with pytest.raises(CatalogueError, match="x lacks verified"):
        items_of({"x": {name: told for name, told in ITEM.items() if name != "verified"}})


def test_written_lines_stand_beside_their_theme(parts, followed, monkeypatch):
    entries = {
        "tavoitteet": Entry(
            "Asuminen: jono lyhenee\nmuu rivi", "hyvinvointikoordinaattori", date(2026, 1, 2)
        ),
        "toimenpiteet": Entry("Työttömyys: yhteinen vastaanotto", "palvelupäällikkö", date(2026, 1, 2)),
    }
    monkeypatch.setattr(hand_files, "slugs", lambda *_: ("kunta-297",))
    monkeypatch.setattr(hand_files, "read", lambda *_: entries)
    from sosrake_lib.batch import hand_texts

    texts = hand_texts.part("hyvinvointikertomus", parts, None)
    release = protect.release({**parts, "omat_tekstit": texts}, name="hyvinvointikertomus", preview=True)
    own = words_hand.texts_of(release, KUOPIO)
    told = words.chapter_table(release, followed, KUOPIO, own).plain.set_index("Teema")
    assert told.loc["Asuminen", "Tavoite"] == "jono lyhenee"
    assert told.loc["Työttömyys", "Toimenpide"] == "yhteinen vastaanotto"
    assert told.loc["Köyhyys", "Tavoite"] == "Ei kirjattu"
    other = words_hand.texts_of(release, ("kunta", "140"))
    assert words.lines_by_theme(other, "tavoitteet") == {}


def test_proposals_of_the_register_stand_as_actions(release, followed):
    """Proposals are the area's own: the invented county's never reach a real municipality."""
    found = words._proposals(followed, COUNTY, "fi")
    assert any("pieniksi" in line and "kesken" in line for line in found["asuminen"])
    assert words._proposals(followed, KUOPIO, "fi") == {}


def test_an_untested_theme_is_told_without_a_judgement(parts):
    rows = parts["nosto"].frame.query("region_code == '297'")
    open_ = rows.assign(verdict="not_testable")
    assert len(by_theme(open_)) == len(rows)
    assert by_theme(open_, to_the_better=True).empty


def test_the_saved_page_says_what_is_not_recorded(project):
    path = project / "notebooks/4_vaikuttaminen/hyvinvointikertomus.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = "".join("".join(out["data"]["text/html"]) for cell in cells for out in cell.get("outputs", ()))
    assert "Ei kirjattu" in shown and "Keitä tieto ei tavoita" in shown and "keksitty" not in shown.lower()
    assert replace(minimum_items()[0], verified=True).verified


OWN = (
    "indikaattori;kuntanumero;kunnan nimi;vuosi;arvo;osoittaja;nimittäjä\n"
    "tyottomyysaste;297;Kuopio;2024;9,8;5518;56 323\n"
    "toimeentulotuki_25_64;297;Kuopio;2024;7,0;4200;60 000\n"
)


def call(*arguments):
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    return left.value.code or 0


def test_a_folder_of_ones_own_without_entries_has_its_chapter(project, tmp_path, monkeypatch, capsys):
    """No entry and no observation: the page is made, says so, and nothing invented stands there."""
    monkeypatch.setenv("SOSRAKE_PROJECT", "")
    file, folder = tmp_path / "omat.csv", tmp_path / "oma"
    file.write_text(OWN, encoding="utf-8")
    assert call("import", file, "--table", "indikaattorit", "--to", folder) == 0
    asked = ("--only", "kunta-297/hyvinvointikertomus", "--only", "vaikuttamisloki")
    assert call("reports", "--project", project, "--data", folder, *asked) == 0
    said = capsys.readouterr()
    assert "Tehty 1, ennallaan 0, jätetty pois 1, epäonnistui 0." in said.out, said.err
    assert "vaikuttamisloki" in said.err and "ei ole lukuja näiltä alueilta" in said.err
    page = tmp_path / "oma-sivut" / "site" / "kunta-297" / "hyvinvointikertomus.html"
    chapter = page.read_text(encoding="utf-8")
    assert "Ei kirjattu" in chapter and "omat luvut" in chapter
    assert "eksity" not in chapter and "Esimerkkil" not in chapter
