"""Differences between municipalities: figures against independent reckoning, words, pictures."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from sosrake_lib import protect, regions, samples
from sosrake_lib.batch import recipes_inequality as recipe
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import charts_inequality, claims, words_inequality

COUNTIES = ("12", "13", "14", "20")


@pytest.fixture(scope="module")
def parts():
    return recipe.inequality_between_municipalities(None)


@pytest.fixture(scope="module")
def released(parts):
    return protect.release(parts, name="eriarvoisuus", preview=True)


@pytest.fixture(scope="module")
def municipal():
    rows = samples.indicator_frame()
    rows = rows[(rows["region_level"] == "kunta") & rows["indicator"].isin(recipe.THINGS)]
    return rows.assign(hva=[regions.parent(code, "hva") for code in rows["region_code"]])


def gini(x, w):
    """Half the mean difference between two people over the mean: the definition, in a plain double sum."""
    x, w = np.asarray(x, "float64"), np.asarray(w, "float64")
    apart = (w[:, None] * w[None, :] * np.abs(x[:, None] - x[None, :])).sum()
    return apart / (2 * w.sum() * (w * x).sum())


@pytest.mark.parametrize("county", COUNTIES)
def test_ginis_are_those_of_the_definition(parts, municipal, county):
    found = parts["erot"].frame
    here = found[(found["region_code"] == county) & (found["indicator"] == "kuntaerot_gini")]
    assert sorted(here["group"]) == sorted(recipe.THINGS)
    for _, row in here.iterrows():
        own = municipal[(municipal["indicator"] == row["group"]) & (municipal["hva"] == county)]
        assert row["value"] == pytest.approx(gini(own["value"], own["denominator"]), rel=1e-9)
        assert row["lower"] <= row["value"] <= row["upper"]
        assert row["areas_used"] == row["areas_expected"] == len(own)


def test_every_gini_diak_has_published_of_these_is_ours_too(parts):
    both = parts["diak"].frame
    assert len(both) == 200
    assert set(both["region_code"]) == set(COUNTIES)
    assert set(both["group"]) == set(recipe.SERIES)
    assert both["value"].round(2).tolist() == both["published"].tolist()


def test_differences_are_parted_between_counties_and_inside_them(parts, municipal):
    shares = parts["osuus"].frame.set_index("group")["value"]
    for thing in recipe.THINGS:
        own = municipal[municipal["indicator"] == thing]
        cases = own["value"] * own["denominator"]
        p, s = (one.groupby(own["hva"]).sum() / one.sum() for one in (own["denominator"], cases))
        between = (s * np.log(s / p)).sum()
        mean = cases.sum() / own["denominator"].sum()
        total = (cases * np.log(own["value"] / mean)).sum() / cases.sum()
        assert shares[thing] == pytest.approx(100 * between / total, rel=1e-9)


def test_slope_along_low_income_is_the_weighted_line(parts, municipal):
    found = parts["jarjestys"].frame.set_index(["indicator", "group", "region_code"])
    own = municipal[municipal["hva"] == "20"].pivot(
        index="region_code", columns="indicator", values=["value", "denominator"]
    )
    order = own["value"]["pienituloisuusaste"].sort_values().index
    assert own["value"]["pienituloisuusaste"].is_unique
    people = own["denominator"]["tyottomyysaste"].loc[order].astype("float64")
    place = (people.cumsum() - people / 2) / people.sum()
    y = own["value"]["tyottomyysaste"].loc[order].astype("float64")
    slope, low = np.polyfit(place, y, 1, w=np.sqrt(people))
    assert found.at[("kuntaerot_sii", "tyottomyysaste", "20"), "value"] == pytest.approx(slope, rel=1e-9)
    logs, _ = np.polyfit(place, np.log(y), 1, w=np.sqrt(people))
    assert found.at[("kuntaerot_rii", "tyottomyysaste", "20"), "value"] == pytest.approx(np.exp(logs))
    assert low > 0


def test_verdicts_follow_the_intervals(parts):
    slopes = parts["jarjestys"].frame.query("indicator == 'kuntaerot_sii'")
    expected = np.select([slopes["lower"] > 0, slopes["upper"] < 0], ["higher", "lower"], "similar")
    assert slopes["verdict"].tolist() == expected.tolist()
    assert {"higher", "similar", "lower"} == set(expected)
    changes = parts["muutos"].frame
    grown = np.select(
        [changes["lower"] > 0, changes["upper"] < 0], ["increase", "decrease"], "no_change_shown"
    )
    assert changes["verdict"].tolist() == grown.tolist()
    assert {"increase", "decrease", "no_change_shown"} == set(grown)


def test_change_is_from_the_first_three_years_to_the_last(parts):
    ginis = parts["sarja"].frame.set_index(["group", "region_code", "period"])["value"]
    for _, row in parts["muutos"].frame.iterrows():
        first, last = (
            ginis[row["group"], row["region_code"], period] for period in ("2010/2012", "2019/2021")
        )
        assert row["value"] == pytest.approx(last - first)
        assert (row["first_value"], row["last_value"]) == pytest.approx((first, last))


def test_a_series_whose_recording_changed_has_no_change():
    rows = samples.indicator_frame()
    broken = rows[(rows["indicator"] == "diak_huono_osaisuus") & (rows["region_level"] == "kunta")]
    people = recipe.in_three_years(rows[rows["indicator"] == "vaesto"])
    assert recipe.change(broken, people).empty


def test_curves_end_where_the_ginis_say(parts):
    """The curve read at tenths bounds the Gini from below: straight lines cut its corners."""
    curves = parts["lorenz"].frame
    ginis = parts["erot"].frame.set_index(["indicator", "group", "region_code"])["value"]
    for (indicator, code), line in curves.groupby(["indicator", "region_code"]):
        line = line.sort_values("population_share")
        x = np.concatenate([[0], line["population_share"] / 100, [1]])
        y = np.concatenate([[0], line["value"] / 100, [1]])
        read = 1 - ((y[1:] + y[:-1]) * np.diff(x)).sum()
        true = ginis["kuntaerot_gini", indicator.removeprefix("kuntaerot_lorenz_"), code]
        assert true - 0.03 < read <= true + 1e-9


def test_all_is_made_of_published_figures_and_nothing_tells_an_order(parts):
    for name, part in parts.items():
        rows = part.frame
        assert part.rules.open, name
        own = rows["origin"] == "own"
        assert (rows.loc[own, "made_from"] == "published").all(), name
        assert not {"rank", "quantile", "place"} & set(rows.columns), name
        if name != "kunnat":
            assert set(rows["region_level"]) <= {"hva", "joukko"}, name
    series = parts["sarja"].frame
    assert series["source"].str.contains("karttasovellus v20230224; THL Sotkanet, indikaattori 127").all()


def test_a_folder_without_municipalities_or_diak_gives_empty_parts(tmp_path, project):
    place = project / "data" / "samples"
    for name in ("kela_monthly.csv", "kela_monthly.toml"):
        (tmp_path / name).write_bytes((place / name).read_bytes())
    made = recipe.inequality_between_municipalities(tmp_path)
    assert all(part.frame.empty for part in made.values())


def test_a_county_that_lacks_a_municipality_has_no_figure(municipal):
    cut = municipal[~((municipal["region_code"] == "297") & (municipal["indicator"] == "tyottomyysaste"))]
    found = recipe.differences(cut.drop(columns="hva"))
    row = found.query("region_code == '13' and group == 'tyottomyysaste' and indicator == 'kuntaerot_gini'")
    assert row["status"].tolist() == ["missing"]
    assert row["reason"].tolist() == ["areas_missing"]
    made = protect.release({"erot": protect.part(found, rules="avoin")}, name="koe", preview=True)
    chosen = made.select(
        region=("hva", "13"), group="tyottomyysaste", indicator="kuntaerot_s80s20", part="erot"
    )
    assert words_inequality.ratio(chosen).text == (
        "Työttömyys: kuntien eroa ei voi kertoa Pohjois-Savon hyvinvointialueella, koska kaikkien kuntien "
        "luvut eivät ole aineistossa."
    )


def select(released, part, county, **filters):
    return released.select(part=part, region=("hva", county), **filters)


def test_words_say_grown_only_beyond_chance(released):
    def said(county, thing, language="fi"):
        series = select(released, "sarja", county, group=thing)
        return words_inequality.change(series, select(released, "muutos", county, group=thing), language).text

    grown = said("13", "diak_mielenterveyskaynnit")
    assert "0,142 vuosina 2010–2012 ja 0,217 vuosina 2019–2021. Kuntien väliset erot ovat kasvaneet" in grown
    assert "erot ovat pienentyneet" in said("12", "diak_pienituloisuus")
    same = said("14", "diak_pienituloisuus")
    assert (
        "muutosta ei voi osoittaa" in same and "kasva" not in same and "piene" not in same.split(": ", 1)[1]
    )
    assert "have grown" in said("13", "diak_mielenterveyskaynnit", "en")
    with pytest.raises(SosrakeError, match="not of one area and indicator"):
        words_inequality.change(
            select(released, "sarja", "12", group="diak_pienituloisuus"),
            select(released, "muutos", "13", group="diak_pienituloisuus"),
        )


@pytest.mark.parametrize("language", ["fi", "en"])
def test_no_sentence_claims_a_cause_or_a_rank_or_labels(released, language):
    said = []
    for county in COUNTIES:
        ratios = select(released, "erot", county, indicator="kuntaerot_s80s20")
        slopes = select(released, "jarjestys", county, indicator="kuntaerot_sii")
        for thing in recipe.THINGS:
            said.append(words_inequality.ratio(ratios.select(group=thing), language))
            if thing != recipe.ORDER_BY:
                said.append(words_inequality.order(slopes.select(group=thing), language))
        for thing in recipe.SERIES:
            chosen = [select(released, part, county, group=thing) for part in ("sarja", "muutos")]
            said.append(words_inequality.change(*chosen, language))
    for thing in recipe.THINGS:
        said.append(words_inequality.share(released.select(part="osuus", group=thing), language))
    for sentence in said:
        # They may tell of difference and of change, so what neither design allows is too much.
        found = [claims.check(sentence, design, language) for design in (Claim.ERO, Claim.MUUTOS)]
        both = found[0].merge(found[1], on=["kind", "start", "end"])
        assert both.empty, (sentence.text, both)
        assert sentence.numbers


def names_of_municipalities():
    return {regions.name("kunta", code) for code in regions.members("joukko", "alue51")}


def test_pictures_name_no_municipality_and_their_tables_list_by_name(released):
    dots = released.select(part="kunnat", indicator="asumistuki")
    figure = charts_inequality.strip(dots, "Asumistuki kunnittain", highlight="13")
    assert not any(name in figure.alt for name in names_of_municipalities())
    assert "Pohjois-Savon hyvinvointialue 13,6\u00a0%" in figure.alt
    listed = [name for name in figure.table.plain.iloc[:, 0] if name in names_of_municipalities()]
    assert len(listed) == 51
    assert listed[0] == "Enonkoski" and listed[-1] == "Vieremä"
    again = charts_inequality.strip(dots, "Asumistuki kunnittain", highlight="13")
    assert figure.png == again.png
    assert Image.open(io.BytesIO(figure.png)).width == 832


def test_lorenz_picture_names_its_curves_and_has_its_table(released):
    curves = select(released, "lorenz", "13")
    figure = charts_inequality.lorenz(curves, "Käyrät", names=recipe.names())
    assert "Asumistuki 29,8\u00a0%; Pienituloisuus 44,7\u00a0%" in figure.alt
    assert figure.table.plain.iloc[:, 0].tolist() == [f"{ten}\u00a0%" for ten in range(10, 100, 10)]
    english = charts_inequality.lorenz(curves, "Curves", "en", names=recipe.names("en"))
    assert re.search(r"Housing allowance 29\.8%", english.alt)
    with pytest.raises(SosrakeError, match="values of region_code"):
        charts_inequality.lorenz(released.select(part="lorenz"), "Käyrät")


def test_pictures_refuse_what_they_cannot_draw(released):
    county = released.select(part="kunnat", indicator="asumistuki", region=("hva", "13"))
    with pytest.raises(SosrakeError, match="no shown municipality has a denominator"):
        charts_inequality.strip(county, "Asumistuki")
    with pytest.raises(SosrakeError, match="values of indicator"):
        charts_inequality.strip(released.select(part="kunnat"), "Kaikki")


def test_names_cover_what_the_page_shows(parts):
    for language in ("fi", "en"):
        known = set(recipe.names(language))
        for name in ("erot", "sarja", "muutos", "osuus", "jarjestys", "lorenz", "diak"):
            assert set(parts[name].frame["group"]) <= known, name


def test_the_users_data_stay_as_they_were(municipal):
    before = municipal.copy()
    recipe.differences(municipal)
    recipe.curves(municipal)
    pd.testing.assert_frame_equal(municipal, before)
