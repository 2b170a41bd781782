"""The area recipe on the real samples: levels, comparisons, the finding, and what is never mixed."""

from __future__ import annotations

import shutil

import pytest

from sosrake_lib import catalogue, protect, regions, samples
from sosrake_lib.batch import recipes
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import decisions, texts


@pytest.fixture(scope="module")
def parts():
    return recipes.area_indicators(None)


@pytest.fixture(scope="module")
def made(parts):
    return protect.release(parts, name="alueindikaattorit", preview=True)


def rows(parts, name):
    return parts[name].frame


def test_every_county_and_municipality_is_compared_with_the_country(parts):
    compared = rows(parts, "vertailu")
    unemployment = compared.loc[compared["indicator"] == "tyottomyysaste"]
    counties = unemployment.loc[unemployment["region_level"] == "hva", "region_code"]
    assert sorted(counties) == ["12", "13", "14", "20"]
    municipalities = set(unemployment.loc[unemployment["region_level"] == "kunta", "region_code"])
    assert municipalities == set(regions.members("joukko", "alue51"))
    assert len(municipalities) == 51


def test_published_values_leave_unaltered(parts):
    # Published by Sotkanet for 2019: Kuopio (297), unemployed 9.9 % of the labour force, 5 576 people.
    compared = rows(parts, "vertailu")
    kuopio = compared.query(
        "indicator == 'tyottomyysaste' and region_code == '297' and region_level == 'kunta'"
    )
    assert kuopio[["value", "numerator"]].to_numpy().tolist() == [[9.9, 5576.0]]


def test_the_claim_of_the_brief_fails_for_social_assistance_in_kainuu(parts):
    compared = rows(parts, "vertailu")
    kainuu = compared.query("region_level == 'hva' and region_code == '20'").set_index("indicator")
    assert kainuu.at["toimeentulotuki_25_64", "verdict"] == "lower"
    assert kainuu.at["tyottomyysaste", "verdict"] == "higher"


def test_like_municipalities_are_of_the_same_group(parts):
    compared = rows(parts, "vertailu_ryhma")
    groups = compared[["region_code", "reference_code"]].drop_duplicates()
    assert groups["region_code"].is_unique
    for code, group in groups.itertuples(index=False):
        assert regions.parent(code, "kuntaryhmitys") == group


def test_there_is_one_finding_an_area_and_the_worse_comes_first(parts):
    findings, compared = rows(parts, "nosto"), rows(parts, "vertailu")
    assert len(findings) == 51 + 4
    assert set(findings["indicator"]) <= set(recipes.HEADLINES)
    for finding in findings.itertuples():
        there = compared.loc[
            (compared["region_level"] == finding.region_level)
            & (compared["region_code"] == finding.region_code)
            & compared["indicator"].isin(recipes.HEADLINES)
        ]
        assert (finding.verdict == "higher") == there["verdict"].eq("higher").any()


def test_the_country_is_compared_with_nobody(parts):
    compared = rows(parts, "vertailu")
    assert set(compared.loc[compared["region_level"] == "maa", "verdict"]) == {"not_testable"}


def test_population_is_carried_to_the_present_map_and_indices_are_not(parts):
    series = rows(parts, "sarja")
    people = (series["indicator"] == "vaesto") & (series["region_level"] == "kunta")
    assert set(series.loc[people, "borders"]) == {regions.CURRENT_YEAR}
    here = series.query("indicator == 'vaesto' and region_code == '507' and period == '2022'")["value"].item()
    source = samples.indicator_frame()
    source = source.loc[(source["indicator"] == "vaesto") & (source["period"] == "2022")]
    then = source.loc[
        source["region_code"].isin(["507", "588"]) & (source["region_level"] == "kunta"), "value"
    ]
    assert here == then.sum()
    assert series.loc[series["indicator"].str.startswith("diak_"), "borders"].max() < regions.CURRENT_YEAR


def test_no_invented_area_is_among_real_figures(parts):
    for part in parts.values():
        assert not part.frame["region_code"].map(regions.is_invented).any()


def test_newest_keeps_the_last_period_with_a_value(parts):
    source = samples.indicator_frame()
    kept = recipes.newest(source)
    assert set(kept.loc[kept["indicator"] == "vaesto", "period"]) == {"2022"}
    assert set(kept.loc[kept["indicator"] == "tyottomyysaste", "period"]) == {"2019"}


def test_area_sums_are_made_where_the_data_has_none(parts):
    source = samples.indicator_frame()
    lone = source.loc[(source["indicator"] == "tyottomyysaste") & (source["region_level"] == "kunta")]
    summed = recipes.of_area(recipes.with_area_sums(lone), *recipes.AREA)
    given = recipes.of_area(source.loc[source["indicator"] == "tyottomyysaste"], *recipes.AREA)
    assert summed["numerator"].item() == given["numerator"].item()
    assert summed["value"].item() == pytest.approx(
        given["value"].item(), abs=1e-3
    )  # the sample has four decimals


def test_a_merged_municipality_is_told_of(made):
    told = texts.territory(
        made.select(part="sarja", region=("kunta", "507"), indicator="diak_huono_osaisuus")
    )
    assert [text.text("fi") for text in told] == [
        "Kuvion luvut ovat Mäntyharjun luvut ennen kuntaliitosta: Pertunmaa oli oma kuntansa "
        "vuoden 2024 loppuun. Liitoksen jälkeisen kunnan indeksiä ei voi laskea."
    ]
    assert texts.territory(made.select(part="sarja", region=("kunta", "507"), indicator="vaesto")) == []
    assert (
        texts.territory(made.select(part="sarja", region=("kunta", "297"), indicator="diak_huono_osaisuus"))
        == []
    )


def test_a_known_flaw_of_the_source_is_told(made, parts):
    flawed = rows(parts, "sarja").query(
        "caveat == 'absent_part_counted_as_0' and indicator == 'diak_huono_osaisuus'"
    )
    code = flawed["region_code"].iloc[0]
    told = texts.caveats(made.select(part="sarja", region=("kunta", code), indicator="diak_huono_osaisuus"))
    assert "liian pieni" in told[0].text("fi")
    assert texts.caveats(made.select(part="sarja", region=("kunta", code), indicator="vaesto")) == []


def test_the_question_has_the_place_in_its_right_case():
    text = texts.about_place("paattajakooste.question", ("kunta", "171"))
    assert "Joroisissa" in text.text("fi")
    assert "in Joroinen" in text.text("en")


@pytest.mark.parametrize("level", ["kunta", "hva"])
@pytest.mark.parametrize("theme", [*(theme.key for theme in catalogue.themes()), "kaikki"])
def test_somebody_decides_on_every_theme(level, theme):
    told = [text.text("fi") for text in decisions.who_decides(samples.table("hanke/paattajat"), level, theme)]
    assert told
    assert all(text[0].isupper() and text.endswith(").") for text in told)


def test_an_unknown_level_and_an_empty_table_are_refused():
    bodies = samples.table("hanke/paattajat")
    with pytest.raises(SosrakeError, match="level 'maa'; expected kunta or hva"):
        decisions.who_decides(bodies, "maa", "asuminen")
    with pytest.raises(SosrakeError, match="no body of level kunta decides on asuminen"):
        decisions.who_decides(bodies.loc[bodies["level"] != "kunta"], "kunta", "asuminen")


def test_what_the_data_lack_is_an_empty_part(tmp_path, project):
    for ending in ("csv", "toml"):
        shutil.copy(project / "data" / "samples" / f"population_2000_2022.{ending}", tmp_path)
    lacking = recipes.area_indicators(tmp_path)
    assert set(lacking["vuosimuutos"].frame["indicator"]) == {"vaesto_vuosimuutos"}
    for name in ("oma_indeksi", "kuntaerot", "kela_vuosi", "diak"):
        assert lacking[name].frame.empty
    assert protect.release(lacking, name="alueindikaattorit", preview=True)


def test_an_offices_own_counts_stay_out_of_what_is_released_openly():
    source = samples.indicator_frame()
    own = (source["indicator"] == "tyottomyysaste") & (source["region_level"] == "kunta")
    counted = source.assign(origin=source["origin"].mask(own, "own"))
    assert recipes.differences_between_municipalities(counted, "tyottomyysaste").empty
    people = source.loc[source["indicator"] == "vaesto"]
    mixed = people.assign(origin="own", made_from="")
    assert recipes.population(mixed).empty


def test_each_yearly_change_has_a_verdict_that_follows_from_its_interval(parts):
    change = rows(parts, "vuosimuutos").query("status == 'ok'")
    assert len(change) > 55
    rose, fell = change["lower"] > 0, change["upper"] < 0
    assert (change.loc[rose, "verdict"] == "increase").all()
    assert (change.loc[fell, "verdict"] == "decrease").all()
    assert (change.loc[~rose & ~fell, "verdict"] == "no_change_shown").all()
    assert set(change["verdict"]) == {"increase", "decrease", "no_change_shown"}
