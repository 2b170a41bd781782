"""Figures carried over mergers and up to larger regions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import frame, regions
from sosrake_lib.errors import RegionError

# Municipalities that mergers touch, and two that none does.
TOUCHED = (
    *("297", "476", "174", "609", "413", "398", "532", "541", "911", "507", "588", "214", "099"),
    *("046", "765"),
)


def rows(values: dict, *, borders=2013, per=100.0, kind="rate", **columns) -> pd.DataFrame:
    """Make checked rows from code -> (numerator, denominator)."""
    made = []
    for code, (numerator, denominator) in values.items():
        parts = {
            "rate": {"value": per * numerator / denominator, "per": per, "denominator": denominator},
            "count": {"value": numerator, "per": 1.0, "denominator": np.nan},
        }[kind]
        row = {"indicator": "tyottomyysaste", "region_level": "kunta", "region_code": code, "period": "2013"}
        row |= {"borders": borders, "numerator": float(numerator), "status": "ok", "origin": "published"}
        made.append(row | parts | columns)
    return frame.check(pd.DataFrame(made))


def hidden(source: pd.DataFrame, codes, status="suppressed") -> pd.DataFrame:
    changed = source.copy()
    where = changed["region_code"].isin(list(codes))
    changed.loc[where, ["value", "numerator"]] = np.nan
    changed.loc[where, "status"] = status
    return changed


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        (2014, 2015, {"476": "297", "413": "609", "838": "423"}),
        (2015, 2016, {"283": "098", "164": "301", "319": "783", "532": "398"}),
        (2016, 2017, {"174": "297", "442": "051"}),
        (2019, 2020, {"911": "541"}),
        (2020, 2021, {"099": "214"}),
        (2024, 2025, {"588": "507"}),
        (2025, 2026, {}),
    ],
)
def test_each_merger_stands_in_its_year(before, after, gone):
    steps = regions.crosswalk(before, after)
    changed = steps[steps["from_code"] != steps["to_code"]]
    assert dict(zip(changed["from_code"], changed["to_code"], strict=True)) == gone
    assert set(steps["to_code"]) == set(regions.codes("kunta", after))


@given(st.lists(st.integers(2013, 2026), min_size=3, max_size=3).map(sorted))
@settings(max_examples=40, deadline=None)
def test_crosswalks_can_be_chained(years):
    first, middle, last = years
    chained = regions.crosswalk(first, middle).merge(
        regions.crosswalk(middle, last), left_on="to_code", right_on="from_code", suffixes=("", "_next")
    )
    direct = regions.crosswalk(first, last)
    both = direct.merge(chained[["from_code", "to_code_next"]], on="from_code")
    assert len(both) == len(direct)
    assert (both["to_code"] == both["to_code_next"]).all()


def test_back_in_time_is_refused():
    with pytest.raises(RegionError, match="2026 -> 2020: figures cannot be split back"):
        regions.crosswalk(2026, 2020)
    with pytest.raises(RegionError, match="cannot be split back"):
        regions.rebase(rows({"507": (1, 10)}, borders=2026), 2020)


def test_rate_of_a_merged_municipality_is_recomputed():
    source = rows({"507": (100, 2000), "588": (90, 600), "046": (30, 500)}, borders=2024)
    carried = regions.rebase(source, 2026).set_index("region_code")
    assert carried.loc["507", "value"] == pytest.approx(100 * 190 / 2600, rel=1e-12)  # arithmetic only
    assert carried.loc["507", ["numerator", "denominator", "areas_used", "areas_expected"]].tolist() == [
        190,
        2600,
        2,
        2,
    ]
    assert carried.loc["507", ["origin", "made_from"]].tolist() == ["own", "published"]
    assert carried.loc["046", ["value", "origin", "borders"]].tolist() == [6.0, "published", 2026]
    frame.check(carried.reset_index())


def test_population_of_2022_in_the_division_of_2026(shared):
    east = pd.read_csv(shared / "domain/municipalities_east.csv", dtype=str).dropna(subset=["vaesto_2022"])
    people = {row["kuntanumero"]: (int(row["vaesto_2022"]), 1) for row in east.to_dict("records")}
    source = rows(people, borders=2022, kind="count")
    carried = regions.rebase(source, 2026).set_index("region_code")["value"]
    assert carried["507"] == 5564 + 1600
    assert carried.sum() == source["value"].sum()
    assert set(carried.index) == set(regions.members("joukko", "alue51"))


def test_a_merged_municipality_with_an_absent_part_has_no_value():
    source = rows({"297": (10, 100), "476": (1, 10), "174": (5, 50), "046": (1, 10)})
    for part in (hidden(source, ["476"]), source[source["region_code"] != "476"]):
        kuopio = regions.rebase(part, 2026).set_index("region_code").loc["297"]
        assert kuopio["status"] == "missing"
        assert pd.isna(kuopio[["value", "numerator"]]).all()
        assert (kuopio["areas_used"], kuopio["areas_expected"]) == (2, 3)


def test_a_status_all_parts_share_is_kept():
    source = hidden(
        rows({"507": (1, 10), "588": (1, 10)}, borders=2024), ["507", "588"], "not_published_at_level"
    )
    carried = regions.rebase(source, 2025)
    assert carried["status"].tolist() == ["not_published_at_level"]
    assert carried["denominator"].tolist() == [20.0]
    # With a row that is not there at all, the parts share nothing and the denominator is unknown.
    alone = regions.rebase(source[source["region_code"] == "507"], 2025)
    assert alone["status"].tolist() == ["missing"]
    assert alone["denominator"].isna().all()


def test_index_passes_unchanged_areas_and_is_refused_for_merged_ones():
    index = rows({"046": (98, 100), "297": (101, 100)}, borders=2020, indicator="diak_huono_osaisuus")
    index[["numerator", "denominator"]] = np.nan
    carried = regions.rebase(index, 2026)
    assert carried["value"].tolist() == index["value"].tolist()
    assert carried["borders"].tolist() == [2026, 2026]
    index["region_code"] = ["507", "588"]
    with pytest.raises(RegionError, match="diak_huono_osaisuus, kunta 507, 2013 has a value without"):
        regions.rebase(index, 2026)
    summed = regions.rebase(index, 2026, counts=["diak_huono_osaisuus"])
    assert summed["value"].tolist() == [199.0]


def test_parts_that_do_not_make_the_value_are_refused():
    source = rows({"507": (100, 2000), "588": (90, 600)}, borders=2024)
    source.loc[0, "value"] = 7.5
    with pytest.raises(RegionError, match=r"the value is not what its numerator and denominator give"):
        regions.rebase(source, 2026)


def test_different_forms_in_one_merger_are_refused():
    mixed = pd.concat(
        [rows({"507": (5, 50)}, borders=2024), rows({"588": (5, 50)}, borders=2024, kind="count")],
        ignore_index=True,
    )
    with pytest.raises(RegionError, match="a count in one area and a rate in another"):
        regions.rebase(mixed, 2026)
    two = pd.concat(
        [rows({"507": (5, 50)}, borders=2024), rows({"588": (5, 50)}, borders=2024, per=1000.0)],
        ignore_index=True,
    )
    with pytest.raises(RegionError, match="given in different per"):
        regions.rebase(two, 2026)


def test_wrong_codes_and_double_rows_are_refused():
    with pytest.raises(RegionError, match=r"Pertunmaa .* successor is Mäntyharju"):
        regions.rebase(rows({"588": (1, 10)}, borders=2025), 2026)
    twice = pd.concat([rows({"507": (5, 50)}, borders=2024), rows({"507": (5, 50)}, borders=2026)])
    with pytest.raises(RegionError, match="kunta 507, 2013, borders 2026, stands twice"):
        regions.rebase(twice, 2026)
    with pytest.raises(RegionError, match="column origin is missing"):
        regions.rebase(rows({"507": (5, 50)}).drop(columns="origin"), 2026)
    analysed = rows({"507": (5, 50)}).assign(statistic="proportion", method="wilson", confidence=0.95)
    with pytest.raises(RegionError, match="intervals cannot be summed"):
        regions.rebase(analysed, 2026)


def test_larger_regions_pass_only_with_the_same_territory():
    county = rows({"046": (1, 10)}, borders=2020).assign(region_level="maakunta", region_code="18")
    assert regions.rebase(county, 2026)["region_code"].tolist() == ["18"]
    # Pohjois-Karjala of 2019 gained nothing by the merger of Valtimo, which was inside it.
    assert len(regions.rebase(county.assign(region_code="12", borders=2019), 2020)) == 1
    with pytest.raises(RegionError, match=r"Etelä-Savo .*not the same territory; Heinävesi .*Joroinen"):
        regions.rebase(county.assign(region_code="10"), 2026)


def test_extra_columns_follow_the_parts():
    source = rows({"507": (100, 2000), "588": (90, 600), "046": (3, 60)}, borders=2024, licence="CC BY 4.0")
    source["producer"] = ["THL", "Kela", "THL"]
    source["denominator_low"], source["denominator_high"] = (
        source["denominator"] - 5,
        source["denominator"] + 5,
    )
    source["denominator_status"] = ["published", "derived", "published"]
    merged = regions.rebase(source, 2026).set_index("region_code").loc["507"]
    assert merged["producer"] == "Kela; THL"
    assert merged["licence"] == "CC BY 4.0"
    assert (merged["denominator_low"], merged["denominator_high"]) == (2590, 2610)
    assert merged["denominator_status"] == "derived"


def test_empty_frame_stays_empty():
    assert regions.rebase(frame.empty(), 2026).empty


@st.composite
def panels(draw):
    """Draw a panel of 2013 with absent and hidden rows, counts and rates."""
    codes = draw(st.lists(st.sampled_from(TOUCHED), unique=True, min_size=1, max_size=len(TOUCHED)))
    kind = draw(st.sampled_from(["rate", "count"]))
    values = {code: (draw(st.integers(0, 500)), draw(st.integers(500, 90_000))) for code in codes}
    source = rows(values, kind=kind)
    return hidden(source, [code for code in codes if draw(st.integers(0, 5)) == 0])


@given(panels(), st.integers(2013, 2026))
@settings(max_examples=60, deadline=None)
def test_two_steps_are_one_step_and_nothing_is_mutated(source, middle):
    before = source.copy(deep=True)
    direct = regions.rebase(source, 2026)
    chained = regions.rebase(regions.rebase(source, middle), 2026)
    pd.testing.assert_frame_equal(source, before)
    # An area whose every row is absent half-way counts there as one expected area, not as its parts.
    both = [
        carried.drop(columns="areas_expected").sort_values("region_code", ignore_index=True)
        for carried in (direct, chained)
    ]
    pd.testing.assert_frame_equal(*both)
    frame.check(direct)


@given(st.integers(0, 2**32 - 1), st.sampled_from([2013, 2016, 2019, 2024]))
@settings(max_examples=15, deadline=None)
def test_totals_are_kept(seed, borders):
    numbers = np.random.default_rng(seed)
    codes = regions.codes("kunta", borders)
    parts, wholes = numbers.integers(0, 900, len(codes)), numbers.integers(1000, 99_999, len(codes))
    values = dict(zip(codes, zip(parts, wholes, strict=True), strict=True))
    source = rows(values, borders=borders)
    carried = regions.rebase(source, 2026)
    assert carried["region_code"].nunique() == len(carried) == 308
    assert carried["numerator"].sum() == source["numerator"].sum()
    assert carried["denominator"].sum() == source["denominator"].sum()
    country = regions.aggregate(source, "maa")
    counties = regions.aggregate(source, "maakunta", 2026)
    assert country.loc[0, "numerator"] == counties["numerator"].sum() == source["numerator"].sum()
    assert country.loc[0, ["areas_used", "areas_expected"]].tolist() == [len(codes)] * 2


def test_aggregate_to_a_county_names_what_it_used():
    kainuu = dict.fromkeys(regions.members("hva", "20", 2021), (5, 100))
    source = rows(kainuu | {"765": (15, 100)}, borders=2021)
    county = regions.aggregate(source, "hva").iloc[0]
    assert county[["region_level", "region_code", "borders", "origin"]].tolist() == ["hva", "20", 2021, "own"]
    assert county["value"] == pytest.approx(100 * 50 / 800, rel=1e-12)  # arithmetic only
    assert (county["areas_used"], county["areas_expected"], county["made_from"]) == (8, 8, "published")
    for part in (hidden(source, ["697"]), source[source["region_code"] != "697"]):
        county = regions.aggregate(part, "hva").iloc[0]
        assert county["status"] == "missing" and pd.isna(county["value"])
        assert (county["areas_used"], county["areas_expected"]) == (7, 8)


def test_aggregate_takes_the_division_asked_for():
    values = dict.fromkeys(regions.members("joukko", "alue52", 2020), (1, 100))
    source = rows(values, borders=2020, kind="count")
    old = regions.aggregate(source, "maakunta").set_index("region_code")["value"]
    new = regions.aggregate(source, "maakunta", 2026).set_index("region_code")["value"]
    assert old.to_dict() == {"10": 14, "11": 18, "12": 12, "18": 8}
    assert new.to_dict() == {"10": 12, "11": 19, "12": 13, "18": 8}
    whole = regions.aggregate(source, "joukko", 2026, "alue51").iloc[0]
    assert (whole["value"], whole["areas_expected"], whole["region_code"]) == (52, 51, "alue51")
    project = regions.aggregate(source, "joukko", code="hanke43").iloc[0]
    assert (project["value"], project["areas_expected"]) == (43, 43)


def test_aggregate_leaves_larger_regions_out_and_refuses_what_it_cannot_do():
    source = rows(dict.fromkeys(regions.members("hva", "20", 2021), (5, 100)), borders=2021)
    county = source.head(1).assign(region_level="hva", region_code="20")
    both = pd.concat([source, county], ignore_index=True)
    assert regions.aggregate(both, "hva")["numerator"].tolist() == [40.0]
    with pytest.raises(RegionError, match="no row of level kunta"):
        regions.aggregate(county, "maa")
    with pytest.raises(RegionError, match="needs its code"):
        regions.aggregate(source, "joukko")
    with pytest.raises(RegionError, match="belongs to no yta in the division of 2021"):
        regions.aggregate(source, "yta")
    with pytest.raises(RegionError, match="no row of the frame is a municipality of hva 12"):
        regions.aggregate(source, "hva", code="12")
    with pytest.raises(RegionError, match="has a value without numerator"):
        regions.aggregate(source.assign(numerator=np.nan), "hva")


def test_invented_municipalities_are_summed_only_among_themselves():
    own = {f"E0{number}": (number, 100) for number in range(1, 9)}
    invented = rows(own, borders=2026, origin="synthetic")
    county = regions.aggregate(invented, "hva").iloc[0]
    assert (county["region_code"], county["origin"], county["numerator"]) == ("E1", "synthetic", 36)
    assert regions.rebase(rows(own, origin="synthetic"), 2026)["origin"].unique().tolist() == ["synthetic"]
    with pytest.raises(RegionError, match="belong only to"):
        regions.aggregate(invented, "maa")
    with pytest.raises(RegionError, match="never summed together"):
        regions.aggregate(pd.concat([invented, rows({"046": (1, 10)}, borders=2026)]), "hva")
