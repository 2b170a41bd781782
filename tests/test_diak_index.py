"""Diak's index made again from its parts: the rows carried here, and the whole panel where it is at hand."""

from __future__ import annotations

import pandas as pd
import pytest

from sosrake_lib import catalogue, samples
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import composite, diak_index, diak_lacks

LEVELS = {
    "Kunnat": ("kunta", 3),
    "Hyvinvointialueet": ("hva", 2),
    "Seutukunnat": ("seutukunta", 3),
    "Maakunnat": ("maakunta", 2),
}


@pytest.fixture(scope="module")
def rows():
    every = samples.indicator_frame()
    return every.loc[every["indicator"].str.startswith("diak_")]


@pytest.fixture(scope="module")
def made(rows):
    return diak_index.reproduce(rows)


@pytest.fixture(scope="module")
def panel(request):
    path = request.config.rootpath.parent / "shared" / "data" / "fi" / "diak_hos_timeseries_2011_2020.csv.gz"
    if not path.is_file():
        pytest.skip(
            "Diak's whole panel is not beside the project; the carried rows are held by the other tests"
        )
    read = pd.read_csv(path, dtype={"aluekoodi": str})
    titles = {one.title: one.key for one in catalogue.indicators() if one.key.startswith("diak_")}
    names = sorted(read.loc[read["regio_level"] == "Maakunnat", "aluenimi"].unique())
    code = read["aluekoodi"].fillna(read["aluenimi"].map({name: str(n) for n, name in enumerate(names)}))
    level = read["regio_level"].map({name: one for name, (one, _) in LEVELS.items()})
    digits = read["regio_level"].map({name: number for name, (_, number) in LEVELS.items()})
    return pd.DataFrame(
        {
            "indicator": read["variable"].map(titles),
            "region_level": level,
            "region_code": [one.zfill(number) for one, number in zip(code, digits, strict=True)],
            "borders": 2023,
            "period": [f"{year - 1}/{year + 1}" for year in read["aika"]],
            "value": read["value"],
            "status": "ok",
            "origin": "published",
        }
    )


def counts(summary, *keys):
    return summary.groupby(list(keys))["rows"].sum().to_dict()


def test_every_carried_row_is_reproduced_to_its_last_decimal(made):
    assert not set(made.rows["explanation"]) & {"not_reproduced", "no_parts", "part_of_other_period_counted"}
    # Four decimals: half a unit of the last one from the parts, as much from the published figure.
    assert made.rows["rule_difference"].abs().max() < 1.01e-4
    assert len(made.rows) == 4 * (520 + 40 + 13)


def test_carried_county_rows_are_plain_means_but_for_one_cost_counted_as_0(made):
    county = made.rows.loc[made.rows["region_level"] == "hva"]
    odd = county.loc[
        ~county["explanation"].isin(["mean_of_parts", "mean_of_available_parts", "mean_of_dimensions"])
    ]
    assert odd["explanation"].tolist() == ["absent_counted_as_0", "follows_from_dimension"]
    assert set(odd["period"]) == {"2010/2012"} and odd["region_code"].nunique() == 1


def test_carried_municipality_rows_of_2018_with_a_missing_part_are_found_and_explained(rows, made):
    odd = made.rows.loc[made.rows["explanation"] == "earlier_mean_counted_as_part"]
    # The year Diak writes on a three-year mean is its middle year.
    assert set(odd["period"]) == {"2017/2019"} and set(odd["indicator"]) == {"diak_inhimillinen"}
    assert len(odd) == 22 and (odd["parts_used"] < odd["parts_expected"]).all()
    # All rows of that year with an absent part are so, and no other row of the panel is.
    same = made.rows.loc[
        (made.rows["indicator"] == "diak_inhimillinen")
        & (made.rows["region_level"] == "kunta")
        & (made.rows["parts_used"] < made.rows["parts_expected"])
        & (made.rows["period"] == "2017/2019")
    ]
    assert len(same) == 22
    assert (odd["published"] < odd["computed"]).all()
    # By hand for one of them: five figures of six, their sum and a sixth of it, over six.
    one = odd.loc[odd["parts_used"] == 5].iloc[0]
    parts = diak_index.parts_by_level().query("dimension == 'diak_inhimillinen'")["part"]
    own = rows.loc[
        (rows["region_code"] == one["region_code"])
        & (rows["period"] == "2017/2019")
        & rows["indicator"].isin(parts)
    ]
    total = own["value"].sum()
    assert (total + total / 6) / 6 == pytest.approx(one["published"], abs=1.01e-4)


def test_the_newest_period_counts_absent_figures_as_0(rows, made):
    zero = made.rows.loc[
        (made.rows["explanation"] == "absent_counted_as_0") & (made.rows["region_level"] == "kunta")
    ]
    assert set(zero["period"]) == {"2019/2021"} and len(zero) == 12
    told = rows.loc[rows["caveat"].eq("absent_part_counted_as_0") & ~rows["indicator"].eq(diak_index.TOTAL)]
    key = ["indicator", "region_code", "period"]
    assert set(map(tuple, zero[key].to_numpy())) <= set(map(tuple, told[key].to_numpy()))


def test_the_framework_gives_the_same_index_as_any_other(rows, made):
    plain = made.rows.loc[(made.rows["region_level"] == "hva") & (made.rows["period"] == "2018/2020")]
    county = rows.loc[(rows["region_level"] == "hva") & (rows["period"] == "2018/2020")]
    found = composite.index(county, diak_index.framework("hva"), "none", missing="available")
    joined = found.merge(plain, on=["indicator", "region_code"])
    assert len(joined) == 16
    assert (joined["value"] - joined["published"]).abs().max() < 2e-4
    assert (joined["value"] - joined["computed"]).abs().max() < 1e-9


def test_every_row_of_the_whole_panel_is_reproduced_or_explained(panel):
    found = diak_index.reproduce(panel, tolerance=1e-9)
    rules = counts(found.summary, "region_level", "explanation")
    county = {rule for level, rule in rules if level in ("hva", "maakunta", "seutukunta")}
    assert county == {"mean_of_parts", "mean_of_available_parts", "mean_of_dimensions"}
    assert found.rows.loc[found.rows["region_level"] == "hva", "difference"].abs().max() < 1e-12
    assert len(found.rows.loc[found.rows["region_level"] == "hva"]) == 880
    odd = found.rows.loc[found.rows["explanation"] == "earlier_mean_counted_as_part"]
    assert len(odd) == 122 and set(odd["period"]) == {"2017/2019"}
    absent = odd["parts_expected"] - odd["parts_used"]
    assert absent.value_counts().to_dict() == {1: 107, 2: 9, 3: 5, 4: 1}
    assert rules["kunta", "follows_from_dimension"] == 123 and rules["kunta", "mean_of_dimensions"] == 2807
    assert ("kunta", "not_reproduced") not in rules
    assert found.rows["rule_difference"].abs().max() < 1e-10


def test_the_one_hidden_part_is_the_areas_own_figure_of_the_next_year(panel):
    found = diak_index.reproduce(panel, tolerance=1e-9).rows
    hidden = found.loc[found["explanation"] == "part_of_other_period_counted"]
    assert hidden["implied_from"].tolist() == ["diak_asiakasmaksut_haitanneet 2019/2021"]
    assert len(hidden) == 1 and hidden["region_code"].tolist() == ["235"]
    fees = panel.loc[
        (panel["indicator"] == "diak_asiakasmaksut_haitanneet") & (panel["region_code"] == "235")
    ]
    later = fees.loc[(fees["region_level"] == "kunta") & (fees["period"] == "2019/2021"), "value"]
    assert hidden["implied_part"].iloc[0] == pytest.approx(later.iloc[0], abs=1e-9)


def test_a_wrong_figure_is_not_explained_away(rows):
    wrong = rows.copy()
    chosen = (wrong["indicator"] == "diak_sosiaaliset") & (wrong["region_code"] == "297")
    wrong.loc[chosen & (wrong["period"] == "2018/2020"), "value"] += 0.01
    found = diak_index.reproduce(wrong).rows
    odd = found.loc[found["explanation"] == "not_reproduced", ["indicator", "region_code", "period"]]
    assert odd.to_numpy().tolist() == [["diak_sosiaaliset", "297", "2018/2020"]]
    shifted = rows.assign(value=rows["value"].where(rows["indicator"] != diak_index.TOTAL, rows["value"] + 1))
    totals = diak_index.reproduce(shifted).rows.query("indicator == @diak_index.TOTAL")
    assert set(totals["explanation"]) == {"not_reproduced"}


def test_leaving_a_part_out_equals_a_plain_loop(rows):
    found = diak_lacks.leave_out(rows)
    areas = found.areas.loc[(found.areas["region_code"] == "297") & (found.areas["period"] == "2018/2020")]
    own = rows.loc[(rows["region_code"] == "297") & (rows["period"] == "2018/2020")].set_index("indicator")[
        "value"
    ]
    parts = diak_index.parts_by_level()
    for gone in areas.itertuples():
        means = []
        for dimension in diak_index.DIMENSIONS:
            keys = parts.loc[parts["dimension"] == dimension, "part"]
            means.append(own.reindex([key for key in keys if key != gone.part]).mean())
        assert gone.total_without == pytest.approx(sum(means) / 3)
    assert set(found.parts["region_level"]) >= {"kunta", "hva"}
    assert (found.parts["largest_shift"] >= found.parts["mean_shift"]).all()


def test_what_it_lacks_is_counted(rows):
    found = diak_lacks.lacks(rows).set_index(["lack", "region_level"])
    assert found.loc[("without_interval", "kunta"), ["figure", "of"]].tolist() == [520, 520]
    assert found.loc[("parts_of_total", "kunta"), "figure"] == 15
    assert found.loc[("parts_of_total", "hva"), "figure"] == 22
    assert found.loc[("areas_with_other_parts", "kunta"), "figure"] > 0
    assert found.loc[("money_or_service_parts", "kunta"), ["figure", "of"]].tolist() == [6, 15]
    assert len(diak_lacks.shared_parts()) == 15
    with pytest.raises(FrameError, match="without counts or limits, so their sampling error cannot be had"):
        diak_lacks.refuse_sampling_error()


def test_frames_without_the_index_are_refused(rows):
    other = rows.loc[rows["indicator"] == "diak_koettu_terveys"]
    with pytest.raises(FrameError, match=r"no figure of diak_inhimillinen"):
        diak_index.reproduce(other)
    with pytest.raises(FrameError, match="no part of Diak's index"):
        diak_lacks.leave_out(rows.loc[rows["indicator"] == diak_index.TOTAL])
    with pytest.raises(FrameError, match="level 'postinumero'"):
        diak_index.framework("postinumero")
