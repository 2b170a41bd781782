"""The catalogue: complete, its titles those of the source, its crosswalks sound."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest

from sosrake_lib import catalogue, frame
from sosrake_lib.errors import CatalogueError

SIX = ("sairastavuus", "paihde_mielenterveys", "koyhyys", "yksinaisyys", "tyottomyys", "asuminen")
EXTRACT = (181, 3562, 5, 1275, 3099, 2320, 453, 182, 761, 3195, 179, 304, 313, 2343, 3126)
LIVE = (127, 189, 326, 234, 405, 493, 3075, 3106, 4284, 2618, 5641)
# Region classes of the 2016 list that have a level in the workbook.
LEVELS = {"Kunta": "kunta", "Seutukunta": "seutukunta", "Maakunta": "maakunta", "Maa": "maa"}


@pytest.fixture(scope="module")
def listed_2016(shared) -> dict[int, dict]:
    with gzip.open(
        shared / "data" / "raw" / "sotkanet_2016_SotkaIndicators.json.gz", "rt", encoding="utf-8"
    ) as file:
        return {one["id"]: one for one in json.load(file)}


@pytest.fixture(scope="module")
def extract_2019(shared) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "fi" / "sotkanet_2019_municipalities.csv")


def test_the_six_themes_come_first_and_every_theme_has_indicators():
    assert tuple(theme.key for theme in catalogue.themes())[:6] == SIX
    assert all(catalogue.indicators(theme.key) for theme in catalogue.themes())
    assert sum(len(catalogue.indicators(theme.key)) for theme in catalogue.themes()) == len(
        catalogue.indicators()
    )


@pytest.mark.parametrize("number", EXTRACT + LIVE)
def test_sotkanet_ids_are_found(number):
    assert catalogue.by_sotkanet(number).sotkanet == number


def test_keys_ids_titles_and_short_names_are_unique():
    everyone = catalogue.indicators()
    sotkanet = [one for one in everyone if one.sotkanet is not None]
    assert len({one.sotkanet for one in sotkanet}) == len(sotkanet)
    titles = [title for one in sotkanet for title in (*one.titles, *one.former_titles)]
    assert len(set(titles)) == len(titles)
    diak = [one.title for one in everyone if one.key.startswith("diak_")]
    assert len(set(diak)) == len(diak) == 26
    for language in ("fi", "en", "sv"):
        names = catalogue.descriptions(language)["name"]
        same = names[names.duplicated(keep=False)].tolist()
        assert not same, same


def test_titles_are_those_of_the_2016_list(listed_2016):
    seen = 0
    for one in catalogue.indicators():
        if one.sotkanet in listed_2016:
            title = listed_2016[one.sotkanet]["title"]["fi"].strip()
            assert title in (*one.titles, *one.former_titles), (one.key, title)
            assert one.accepts(title) is (title not in one.former_titles)
            seen += 1
    assert seen >= 39


def test_titles_and_producers_are_those_of_the_2019_extract(extract_2019):
    columns = ["indicator", "indicator.title.fi", "indicator.organization.title.fi"]
    rows = extract_2019[columns].drop_duplicates()
    assert sorted(rows["indicator"]) == sorted(EXTRACT)
    for number, title, producer in rows.itertuples(index=False):
        one = catalogue.by_sotkanet(number)
        assert (one.title, one.producer) == (title, producer)
        assert one.verified


def test_unverified_titles_are_those_of_no_response_we_hold(listed_2016, extract_2019):
    held = set(listed_2016) | set(extract_2019["indicator"])
    for one in catalogue.indicators():
        if one.sotkanet is not None:
            assert one.verified is (one.sotkanet in held), one.key


def test_levels_and_sexes_follow_the_2016_list(listed_2016):
    for one in catalogue.indicators():
        if one.sotkanet not in listed_2016:
            continue
        classes = listed_2016[one.sotkanet]["classifications"]
        levels = {LEVELS[value] for value in classes["region"]["values"] if value in LEVELS}
        # Wellbeing services counties did not exist in 2016; everything else is as listed then.
        assert set(one.levels) - {"hva"} == levels, one.key
        assert set(one.sexes) - {"total"} <= set(classes["sex"]["values"]), one.key


def test_diak_titles_and_levels_are_those_of_the_panel(shared):
    panel = pd.read_csv(shared / "data" / "fi" / "diak_hos_timeseries_2011_2020.csv.gz")
    names = {
        "Kunnat": "kunta",
        "Seutukunnat": "seutukunta",
        "Maakunnat": "maakunta",
        "Hyvinvointialueet": "hva",
    }
    found = panel.assign(level=panel["regio_level"].map(names)).groupby("variable")["level"].agg(set)
    diak = {one.title: one for one in catalogue.indicators() if one.key.startswith("diak_")}
    assert set(found.index) == set(diak)
    for title, levels in found.items():
        assert set(diak[title].levels) == levels, title


def test_an_index_whose_100_is_the_median_area_is_not_called_the_country(shared):
    panel = pd.read_csv(shared / "data" / "fi" / "diak_hos_timeseries_2011_2020.csv.gz")
    parts = panel[(panel["regio_level"] == "Kunnat") & (panel["var_class"] != "Summamuuttujat")]
    # A 0 fills a gap, see tests/test_samples.py::test_a_filled_gap_is_not_a_zero.
    values = parts[parts["value"] != 0].groupby(["variable", "aika"])["value"]
    medians = values.median()[values.size() == 293]
    # 0.01: a float's last digit, and the low-income rate of two years, whose median lies 0.002 off.
    assert len(medians) > 60
    assert medians.to_numpy() == pytest.approx(100, abs=0.01)
    units = {one.unit_fi for one in catalogue.indicators() if one.key.startswith("diak_")}
    assert units == {"indeksi, keskimmäinen alue = 100"}


def test_loneliness_is_level_honest():
    for key in ("yksinaisyys", "diak_yksinaisyys"):
        one = catalogue.indicator(key)
        assert one.level_min == "hva"
        assert "kopioida" in one.note_fi
    assert catalogue.indicator("diak_itsemurhat").levels == ("maakunta", "hva")


def test_service_use_is_not_called_need():
    for key in (
        "mielenterveyskaynnit",
        "paihdehuollon_asiakkaat",
        "diak_mielenterveyskaynnit",
        "diak_paihdehoito_laitos",
    ):
        one = catalogue.indicator(key)
        assert one.direction == "neutral"
        assert "ei tarpeesta" in one.note_fi
        assert "not of need" in one.note_en


def test_social_assistance_breaks_in_2017():
    for number in (5, 1275, 234, 405, 493, 1248, 453):
        assert catalogue.by_sotkanet(number).breaks == ("2017",)


def test_what_a_rate_needs_is_there():
    for one in catalogue.indicators():
        if one.kind in ("proportion", "rate", "ratio") and not one.key.startswith("diak_"):
            assert one.denominator_fi and one.denominator_en, one.key
        for period in one.breaks:
            frame.period_end(period)
        assert bool(one.note_fi) is bool(one.note_en), one.key
        assert one.licence in ("CC BY 4.0", "MIT"), one.key
        for text in (
            one.name_fi,
            one.name_sv,
            one.name_en,
            one.short_fi,
            one.short_en,
            one.unit_fi,
            one.unit_en,
        ):
            assert text.strip() == text != "", one.key


def test_descriptions_join_to_a_frame():
    rows = pd.DataFrame(
        {
            "indicator": ["asumistuki"],
            "region_level": ["kunta"],
            "region_code": ["046"],
            "borders": [2026],
            "period": ["2019"],
            "value": [5.4],
            "status": ["ok"],
            "origin": ["published"],
        }
    )
    joined = frame.describe(frame.check(rows), catalogue.descriptions("en"))
    assert joined.loc[0, "short"] == "Housing allowance"
    assert list(catalogue.descriptions().columns) == [
        "indicator",
        "name",
        "short",
        "unit",
        "theme",
        "direction",
        "producer",
        "licence",
        "source",
        "decimals",
        "kind",
        "level_min",
    ]


def test_needs_are_the_ten_classes_of_section_11_and_reach_the_six_themes():
    needs = catalogue.needs()
    assert [need.number for need in needs] == list(range(1, 11))
    reached = {theme for need in needs for theme in need.themes}
    assert reached == set(SIX)
    # Many to many: a need touches several themes and a theme is touched by several needs.
    assert max(len(need.themes) for need in needs) > 1
    assert sum("sairastavuus" in need.themes for need in needs) > 1


def test_competences_are_four_times_six():
    domains = catalogue.competences()
    assert [len(domain.items) for domain in domains] == [6, 6, 6, 6]
    items = [item for domain in domains for item in domain.items]
    assert len({item.key for item in items}) == len({item.name_fi for item in items}) == 24
    assert all(item.domain == domain.key for domain in domains for item in domain.items)


def test_mistakes_are_answered_with_what_to_do():
    with pytest.raises(CatalogueError, match="nearest: tyottomyysaste"):
        catalogue.indicator("tyottomyysastee")
    with pytest.raises(CatalogueError, match="expected one of sairastavuus"):
        catalogue.indicators("terveys")
    with pytest.raises(CatalogueError, match="add it with its title"):
        catalogue.by_sotkanet(999999)
    with pytest.raises(CatalogueError, match="expected fi, en or sv"):
        catalogue.descriptions("de")
