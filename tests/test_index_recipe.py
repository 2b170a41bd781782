"""The release of the disadvantage index: figures against plain reckoning, and what its page says in words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from sosrake_lib import catalogue, language, protect, regions, samples
from sosrake_lib.batch import recipes, recipes_index, recipes_trend
from sosrake_lib.indicators import diak_index
from sosrake_lib.influence import charts_index, tables, words_index, words_trend
from sosrake_lib.language import say

TOTAL = recipes_index.TOTAL
# Published figures have four decimals, so a mean of them may be half a unit of the last one off, twice.
ROUNDING = 2e-4
# What no page may say: orders, blame and causes.
FORBIDDEN = re.compile(
    r"sijoitu(?!kse|ste|tu)|\bpahin|\bparas|\bhuonoin|kärjessä|huono-osaisi|aiheut|johtuu|ranking|worst|\bbest\b|"
    r"\bdue to\b|caused",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def parts():
    return recipes_index.disadvantage_index(None)


@pytest.fixture(scope="module")
def made(parts):
    return protect.release(parts, name="huono_osaisuusindeksi", preview=True)


@pytest.fixture(scope="module")
def published():
    rows = samples.indicator_frame()
    return rows.loc[rows["indicator"].str.startswith("diak_")]


def rows(parts, name, code=None):
    frame = parts[name].frame
    return frame if code is None else frame.loc[frame["region_code"] == code]


def own_parts(published, level, code, period):
    there = published.loc[
        (published["region_level"] == level)
        & (published["region_code"] == code)
        & (published["period"] == period)
    ].set_index("indicator")["value"]
    table = diak_index.parts_by_level()
    return {
        dimension: there.reindex(table.loc[table["dimension"] == dimension, "part"]).dropna()
        for dimension in recipes_index.DIMENSIONS
    }


def test_every_municipality_and_county_of_the_area_has_its_figures(parts):
    for name in ("toistettu", "osat", "maarat", "ilman_osaa", "vaihtelu"):
        municipal = rows(parts, name).loc[lambda frame: frame["region_level"] == "kunta", "region_code"]
        assert set(municipal) == set(regions.members("joukko", "alue52", 2023))
    own = rows(parts, "oma").loc[lambda frame: frame["indicator"] == recipes_index.OWN]
    assert set(own.loc[own["region_level"] == "kunta", "region_code"]) == set(
        regions.members("joukko", "alue51")
    )
    assert set(own.loc[own["region_level"] == "hva", "region_code"]) == {"12", "13", "14", "20"}


@pytest.mark.parametrize("place", [("kunta", "297"), ("kunta", "697"), ("hva", "20")])
def test_computed_figures_are_plain_means_of_the_parts(parts, published, place):
    computed = rows(parts, "toistettu", place[1])
    computed = computed.loc[(computed["region_level"] == place[0]) & (computed["group"] == "laskettu")]
    for period, of_period in computed.groupby("period"):
        held = own_parts(published, *place, period)
        found = of_period.set_index("indicator")["value"]
        means = {dimension: float(np.mean(values)) for dimension, values in held.items()}
        for dimension, mean in means.items():
            assert found[dimension] == pytest.approx(mean, abs=1e-9)
        assert found[TOTAL] == pytest.approx(sum(means.values()) / 3, abs=1e-9)


def test_published_figures_leave_unaltered(parts, published):
    given = rows(parts, "toistettu").loc[lambda frame: frame["group"] == "julkaistu"]
    key = ["indicator", "region_level", "region_code", "period"]
    both = given.merge(published[[*key, "value"]], on=key, suffixes=("", "_source"), validate="one_to_one")
    assert len(both) == len(given)
    assert (both["value"] == both["value_source"]).all()
    assert set(given["origin"]) == {"published"}


def test_the_odd_rows_are_those_of_2017_2019_of_2019_2021_and_one_county_row(parts):
    totals = rows(parts, "toistettu").loc[
        lambda frame: (frame["indicator"] == TOTAL) & (frame["group"] == "laskettu")
    ]
    odd = totals.loc[totals["difference"].abs() > ROUNDING]
    assert odd.groupby(["region_level", "period"]).size().to_dict() == {
        ("hva", "2010/2012"): 1,
        ("kunta", "2017/2019"): 22,
        ("kunta", "2019/2021"): 9,
    }
    assert (odd["difference"] > 0).all(), "every odd published figure is too low"
    assert set(odd["note"]) == {"follows_from_dimension"}


def test_leaving_a_part_out_is_the_mean_without_it(parts, published):
    held = own_parts(published, "kunta", "697", "2019/2021")
    found = rows(parts, "ilman_osaa", "697").set_index("group")["value"]
    assert len(found) == sum(map(len, held.values())) == 11
    for dimension, values in held.items():
        for part in values.index:
            means = [
                other.drop(part).mean() if name == dimension else other.mean() for name, other in held.items()
            ]
            assert found[part] == pytest.approx(np.mean(means), abs=1e-9)
    spread = rows(parts, "vaihtelu", "697").iloc[0]
    assert (spread["lowest"], spread["highest"]) == (found.min(), found.max())


def test_parts_are_counted_by_level_and_by_what_they_tell(parts):
    def counts(code):
        return rows(parts, "maarat", code).set_index(["indicator", "group"])["value"].to_dict()

    county, smallest, city = counts("20"), counts("697"), counts("297")
    for one in (county, smallest, city):
        assert one["diak_osia", "taso_hva"] == 22
        assert one["diak_osia", "taso_kunta"] == 15
        assert one["diak_jaksoja", "all"] == 10
    assert [one["diak_osia", "all"] for one in (county, smallest, city)] == [19, 11, 17]
    assert [one["diak_osia", "palvelut_ja_raha"] for one in (county, smallest, city)] == [6, 5, 6]
    assert [one["diak_jaksoja", "samat"] for one in (county, smallest, city)] == [9, 8, 10]


def test_a_part_without_a_figure_is_not_zero(parts):
    held = rows(parts, "osat")
    assert held.loc[held["status"] != "ok", "value"].isna().all()
    smallest = held.loc[held["region_code"] == "697"].set_index("indicator")
    assert smallest.at["diak_nuorisotyottomyys", "status"] == "missing"
    assert smallest.at["diak_itsemurhat", "status"] == "not_published_at_level"


def test_our_index_is_the_mean_of_ratios_to_the_median_and_its_verdict_follows_from_the_interval(parts):
    frame = rows(parts, "oma").loc[lambda found: found["region_level"] == "kunta"]
    wide = frame.loc[frame["indicator"] != recipes_index.OWN].pivot(
        index="region_code", columns="indicator", values="value"
    )
    assert list(wide.columns) == ["pienituloisuusaste", "pitkaaikaistyottomat", "toimeentulotuki_25_64"]
    plain = (100 * wide / wide.median()).mean(axis=1)
    own = frame.loc[frame["indicator"] == recipes_index.OWN].set_index("region_code")
    assert own["value"].to_dict() == pytest.approx(plain.round(1).to_dict())
    assert (own["middle_value"] == plain.median().round(1)).all()
    assert ((own["lower"] <= own["value"]) & (own["value"] <= own["upper"])).all()
    assert (own["verdict"] == "higher").equals(own["lower"] > own["middle_value"])
    assert (own["verdict"] == "lower").equals(own["upper"] < own["middle_value"])
    assert set(own["verdict"]) == {"higher", "similar", "lower"}


def test_an_indicator_lacking_in_one_municipality_is_left_out_of_our_index():
    source = samples.indicator_frame()
    gone = (source["indicator"] == "pienituloisuusaste") & (source["region_code"] == "697")
    changed = source.assign(status=source["status"].mask(gone, "missing"), value=source["value"].mask(gone))
    keys = set(recipes_index.counted_figures(changed)["indicator"])
    assert keys == {"pitkaaikaistyottomat", "toimeentulotuki_25_64"}
    one = source.loc[source["indicator"].isin(["pienituloisuusaste", "vaesto"])]
    assert recipes_index.own_index(one).empty


def test_nothing_tells_an_order_or_a_probability(parts):
    for part in parts.values():
        assert not {"probability_higher", "order_first", "rank", "audience"} & set(part.frame.columns)


def test_every_group_and_indicator_has_words(parts):
    assert say("huono_osaisuusindeksi.own_verdict.similar", "en")
    for code in ("fi", "en"):
        known = words_index.index_words(code)
        assert set(rows(parts, "osat")["group"]) <= set(known)
        for part in parts.values():
            for key in part.frame["indicator"].unique():
                assert catalogue.indicator(key)


def test_yearly_change_crosses_no_break_and_no_change_of_content(parts):
    change = rows(parts, "muutos")
    told = change.loc[change["status"] == "ok"]
    assert set(told["indicator"]) == {"diak_sosiaaliset_vuosimuutos"}
    assert set(told["region_level"]) == {"kunta"}, "counties have parts more from 2016 on"
    assert set(change.loc[change["status"] != "ok", "verdict"]) == {"not_testable"}
    one = told.loc[told["region_code"] == "276"].iloc[0]
    again = rows(parts, "toistettu", "276")
    series = again.loc[
        (again["indicator"] == "diak_sosiaaliset")
        & (again["group"] == "laskettu")
        & again["period"].isin(["2010/2012", "2013/2015", "2016/2018", "2019/2021"])
    ].sort_values("period")
    slope = np.polyfit([2011, 2014, 2017, 2020], np.log(series["value"]), 1)[0]
    assert one["value"] == pytest.approx(100 * (np.exp(slope) - 1), rel=1e-9)


def test_a_break_between_kept_spans_is_kept():
    spans = pd.DataFrame({"period": [f"{year}/{year + 2}" for year in range(2010, 2020)], "indicator": "a"})
    spans = spans.assign(region_level="hva", region_code="12", break_before=spans["period"] == "2014/2016")
    kept = recipes_trend.apart(spans).set_index("period")["break_before"]
    assert kept.to_dict() == {
        "2010/2012": False, "2013/2015": False, "2016/2018": True, "2019/2021": False,
    }  # fmt: skip


def said(made, place, code):
    """Say everything the page says of an area."""
    again, osat, maarat = (made.select(part=name, region=place) for name in ("toistettu", "osat", "maarat"))
    newest = words_index.newest_period(osat)
    total = again.select(indicator=TOTAL, period=newest)
    periods = maarat.select(indicator=recipes_index.PERIODS)
    told = [
        *words_index.published(total.select(group="julkaistu"), total.select(group="laskettu"), code),
        words_index.recomputed(periods.select(group="all"), periods.select(group="samat"), code),
        words_index.left_out(made.select(part="vaihtelu", region=place), code),
        *words_index.parts_held(maarat.select(indicator=recipes_index.HELD), code),
        *words_index.listed(osat, code),
        *words_index.sides(osat, code),
        *words_index.own_index(made.select(part="oma", region=place, indicator=recipes_index.OWN), code),
        *words_index.changes(made.select(part="muutos", region=place), code),
    ]
    for period in words_index.parted_periods(again, TOTAL):
        told += words_index.parted(again.select(period=period), TOTAL, code)
    return [sentence.text for sentence in told]


@pytest.mark.parametrize("code", ["fi", "en"])
@pytest.mark.parametrize("level", ["kunta", "hva"])
def test_no_area_is_ranked_blamed_or_explained(made, level, code):
    codes = regions.members("joukko", "alue51") if level == "kunta" else ("12", "13", "14", "20")
    for one in codes:
        for text in said(made, (level, one), code):
            assert not FORBIDDEN.search(text), text
            assert not re.search(r"\{|\}|\bnan\b|None|\.\.", text), text
            assert "huono-osais" not in re.sub("(?i)inhimillinen huono-osaisuus", "", text).lower()


def test_the_smallest_municipality_in_words(made):
    told = said(made, ("kunta", "697"), "fi")
    assert told[0] == (
        "Diakin julkaisema indeksi on Ristijärvellä 109 vuosina 2019–2021. Saman tason keskimmäinen alue saa "
        "luvun 100, ja suurempi luku tarkoittaa enemmän ongelmia. Julkaistu luku on liian pieni: osien "
        "keskiarvona laskettu indeksi on 125."
    )
    counted = "puuttuvia osia on 1. Julkaistu luku syntyy, kun puuttuva osa lasketaan nollaksi."
    assert f"Taloudelliset yhteydet: {counted}" in told
    assert any("aiempi keskiarvo" in text and text.startswith("Inhimillinen") for text in told)


def test_the_caveat_is_told_only_where_it_applies(made):
    kuopio = said(made, ("kunta", "297"), "fi")
    assert not any("liian pieni" in text or "nollaksi" in text for text in kuopio)
    assert any("kaikilla 10 jaksolla" in text for text in kuopio)


def test_strengths_are_said_first_and_hold_no_service_use(made):
    osat = made.select(part="osat", region=("kunta", "297"))
    below, above = (sentence.text for sentence in words_index.sides(osat, "fi"))
    assert below.startswith("Ongelmia on vähemmän")
    assert "koulutuksen ulkopuolella" in below
    assert "pitkäaikaistyöttömyys" in above
    assert "mielenterveyden avohoitokäynnit" not in below + above


def test_charts_draw_what_their_tables_hold(made):
    place = ("kunta", "697")
    series = made.select(
        part="toistettu", region=place, indicator=list(recipes_index.DIMENSIONS), group="laskettu"
    )
    drawn = charts_index.index_over_time(series, "Ulottuvuudet", "fi")
    assert len(drawn.table.plain) == 10
    assert "Ontto merkki" in drawn.alt
    assert "2015–2017" in drawn.alt
    again = charts_index.index_over_time(series, "Ulottuvuudet", "fi")
    assert drawn.png == again.png
    without = made.select(part="ilman_osaa", region=place)
    dots = charts_index.without_each_part(
        without, made.select(part="vaihtelu", region=place), "Ilman osaa", "en"
    )
    assert len(dots.table.plain) == 11
    assert "They lie between 114.7" in dots.alt or "between 114.7" in dots.alt


def test_the_table_of_parts_says_what_all_of_them_tell(made):
    osat = made.select(part="osat", region=("kunta", "697"), status=["ok", "missing"])
    human = osat.select(category="diak_inhimillinen")
    assert "ihmisten tilanne" in words_index.parts_caption(human, "diak_inhimillinen", "fi")
    social = osat.select(category="diak_sosiaaliset")
    caption = words_index.parts_caption(social, "diak_sosiaaliset", "fi")
    heads = words_index.part_headings("fi")
    table = tables.table(
        social, ["value"], caption, "fi", names=words_index.index_words("fi"), headings=heads
    )
    assert list(table.plain.columns) == ["Osa", "Mistä osa kertoo", "Luku"]


def test_help_is_told_where_suicides_are():
    assert "Kriisipuhelin" in words_index.where_to_get_help().text("fi")


def test_without_diaks_figures_there_is_no_page(tmp_path, project):
    import shutil

    for name in ("sotkanet_2019", "population_2000_2022"):
        for ending in ("csv", "toml"):
            shutil.copy(project / "data" / "samples" / f"{name}.{ending}", tmp_path)
    with pytest.raises(samples.AbsentTable, match="Diakin huono-osaisuusindeksin lukuja"):
        recipes_index.disadvantage_index(tmp_path)


# The parts the area profile has of these.


@pytest.fixture(scope="module")
def profile():
    return recipes.area_indicators(None)


@pytest.fixture(scope="module")
def profile_made(profile):
    return protect.release(profile, name="alueindikaattorit", preview=True)


def test_both_pages_tell_the_same_index(parts, profile):
    key = ["region_level", "region_code"]
    shown = ["value", "lower", "upper", "middle_value", "verdict"]
    own = rows(parts, "oma").loc[lambda found: found["indicator"] == recipes_index.OWN]
    pd.testing.assert_frame_equal(
        own.set_index(key)[shown].sort_index(),
        profile["oma_indeksi"].frame.set_index(key)[shown].sort_index(),
    )


def test_yearly_change_of_population_is_the_slope_of_its_logarithm(profile):
    change = profile["vuosimuutos"].frame
    one = change.loc[(change["indicator"] == "vaesto_vuosimuutos") & (change["region_code"] == "697")].iloc[0]
    assert one["period"] == "2012/2022"
    series = profile["sarja"].frame
    people = series.loc[
        (series["indicator"] == "vaesto") & (series["region_code"] == "697") & (series["period"] >= "2012")
    ].sort_values("period")
    slope = np.polyfit(people["period"].astype(int), np.log(people["value"]), 1)[0]
    assert one["value"] == pytest.approx(100 * (np.exp(slope) - 1), rel=1e-9)
    assert one["verdict"] == "decrease"


def test_assistance_is_a_mean_of_twelve_months_of_both_groups(profile):
    yearly = profile["kela_vuosi"].frame
    assert sorted(yearly["period"].unique()) == ["2019", "2020", "2021", "2022"], "2023 lacks December"
    months = samples.indicator_frame()
    months = months.loc[
        (months["indicator"] == "kela_perustoimeentulotuki_saajat")
        & (months["region_code"] == "10")
        & months["period"].str.startswith("2019")
    ]
    found = yearly.loc[(yearly["region_code"] == "10") & (yearly["period"] == "2019"), "value"].item()
    assert found == pytest.approx(months["value"].sum() / 12)


def test_change_is_said_with_both_ends_and_whether_it_can_be_shown(profile_made):
    def change(place, part, **chosen):
        row = profile_made.select(part="vuosimuutos", region=place)
        return words_trend.annual_change(
            row, profile_made.select(part=part, region=place, **chosen), "fi"
        ).text

    told = change(("kunta", "697"), "sarja", indicator="vaesto")
    assert re.search(r"1\s450\shenkilöä vuonna 2012 ja 1\s174\shenkilöä vuonna 2022", told)
    assert told.endswith("joten luku on laskenut.")
    assert change(("maakunta", "10"), "kela_vuosi").endswith("tasaista nousua tai laskua ei voi osoittaa.")
    assert "luku on noussut" in change(("kunta", "297"), "sarja", indicator="vaesto")


def test_differences_between_municipalities_name_none_and_have_an_interval(profile, profile_made):
    gini = profile["kuntaerot"].frame
    assert set(gini["region_code"]) == {"12", "13", "14", "20"}
    assert gini[["lower", "upper"]].notna().all(axis=None)
    county = [("kunta", code) for code in regions.members("hva", "12")]
    told = words_trend.between_municipalities(
        profile_made.select(part="kuntaerot", region=("hva", "12")),
        profile_made.select(part="vertailu", region=county, indicator="tyottomyysaste", sex="total"),
        "fi",
    ).text
    names = [regions.name("kunta", code) for code in regions.members("hva", "12")]
    assert not any(name in told for name in names)
    values = profile["vertailu"].frame
    values = values.loc[
        values["region_code"].isin(regions.members("hva", "12"))
        & (values["region_level"] == "kunta")
        & (values["indicator"] == "tyottomyysaste"),
        "value",
    ]
    for value in (values.min(), values.max()):
        assert language.numbers.percent(value, 1, "fi") in told


def test_gini_is_that_of_a_plain_loop(profile):
    values = profile["vertailu"].frame
    chosen = values.loc[
        values["region_code"].isin(regions.members("hva", "20"))
        & (values["region_level"] == "kunta")
        & (values["indicator"] == "tyottomyysaste")
    ]
    x, w = chosen["value"].to_numpy(), chosen["denominator"].to_numpy()
    apart = sum(a * b * abs(u - v) for a, u in zip(w, x, strict=True) for b, v in zip(w, x, strict=True))
    plain = apart / (2 * w.sum() ** 2 * np.average(x, weights=w))
    found = profile["kuntaerot"].frame.set_index("region_code").at["20", "value"]
    assert found == pytest.approx(plain, rel=1e-9)
