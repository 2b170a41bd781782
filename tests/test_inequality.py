"""Inequality between areas: Diak's published Ginis, kernels against loops, frames, refusals, properties."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sosrake_lib import frame as frames
from sosrake_lib import regions
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import concentration, inequality
from sosrake_lib.indicators import inequality_kernels as kernels
from sosrake_lib.indicators import inequality_measures as measures
from sosrake_lib.indicators import inequality_shares as shares
from sosrake_lib.indicators.inequality_decomposition import theil

VALUES = np.array([3.0, 8, 8, 1, 20, 12, 5, 9])
PEOPLE = np.array([4.0, 1, 6, 2, 2, 9, 3, 5])


def as_frame(table: pd.DataFrame, value: str, indicator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": indicator,
            "region_level": "kunta",
            "region_code": table["region_code"],
            "borders": 2021,
            "period": table["period"].astype("str"),
            "value": table[value],
            "status": "ok",
            "origin": "published",
        }
    )


def test_carried_ginis_are_those_diak_published(project):
    carried = pd.read_csv(
        project / "tests" / "reference" / "figures" / "diak_gini.csv",
        dtype={"region_code": "str", "hva": "str", "period": "str"},
    )
    published = carried.drop_duplicates(["indicator", "period", "hva"])
    assert len(published) == 32
    found = inequality.between_areas(
        as_frame(carried, "value", carried["indicator"]).assign(denominator=carried["population"]),
        within="hva",
        missing="leave_out",
        min_areas=5,
    ).rename(columns={"region_code": "hva"})
    joined = published.merge(found, on=["indicator", "period", "hva"], validate="one_to_one")
    assert joined["value_y"].round(2).tolist() == joined["published_gini"].tolist()
    assert (joined["lower"] < joined["value_y"]).all()


def test_every_published_gini_of_diak_is_reproduced(shared):
    data = shared / "data" / "fi"
    text = {"aluekoodi": "str"}
    published = pd.read_csv(data / "diak_hos_inequality_gini.csv", dtype=text)
    panel = pd.read_csv(data / "diak_hos_timeseries_2011_2020.csv.gz", dtype=text)
    population = pd.read_csv(data / "diak_population_2011_2020.csv", dtype=text)
    # Åland's municipalities have no code there and no Gini.
    panel, people = (
        table[(table["regio_level"] == "Kunnat") & table["aluekoodi"].notna()].assign(
            region_code=lambda rows: rows["aluekoodi"].str.zfill(3), period=lambda rows: rows["aika"]
        )
        for table in (panel, population)
    )
    areas = as_frame(panel, "value", panel["variable"])
    weights = as_frame(people, "pop", "vaesto")
    # One cost indicator is below 0 in some years: Diak kept it, so does this.
    options = {
        "weights": weights,
        "missing": "leave_out",
        "min_areas": 5,
        "negative": "keep",
        "method": "no_interval",
    }
    found = pd.concat(
        [inequality.between_areas(areas, within="hva", **options), inequality.between_areas(areas, **options)]
    )
    key = published.assign(
        region_code=published["aluekoodi"].str.zfill(2).fillna("SSS"), period=published["aika"].astype("str")
    ).rename(columns={"variable": "indicator"})
    joined = key.merge(found, on=["indicator", "period", "region_code"], how="left", validate="one_to_one")
    assert len(joined) == 3994
    assert (joined["value"].round(2) == joined["gini"]).all()
    # The rule of 5 municipalities tells exactly which Ginis were published.
    assert (found["status"] == "ok").sum() == 3994


def slow_gini(values, weights):
    total = sum(weights)
    mean = sum(w * x for x, w in zip(values, weights, strict=True)) / total
    apart = sum(
        w * v * abs(x - y)
        for x, w in zip(values, weights, strict=True)
        for y, v in zip(values, weights, strict=True)
    )
    return apart / (2 * mean * total**2)


def test_gini_is_half_the_relative_mean_difference_and_laekens_form():
    assert kernels.gini(VALUES, PEOPLE) == pytest.approx(slow_gini(VALUES, PEOPLE), rel=1e-12)
    order = np.argsort(VALUES)
    x, w = VALUES[order], PEOPLE[order]
    laeken = (2 * (w * x * w.cumsum()).sum() - (w**2 * x).sum()) / (w.sum() * (w * x).sum()) - 1
    assert kernels.gini(VALUES, PEOPLE) == pytest.approx(laeken, rel=1e-12)
    curve = shares.lorenz_curve(VALUES, PEOPLE)
    area = np.trapezoid(curve["value_share"], curve["population_share"])
    assert kernels.gini(VALUES, PEOPLE) == pytest.approx(1 - 2 * area, rel=1e-12)


def test_entropy_and_atkinson_are_their_formulas():
    p, r = PEOPLE / PEOPLE.sum(), VALUES / np.average(VALUES, weights=PEOPLE)
    assert kernels.theil_t(VALUES, PEOPLE) == pytest.approx((p * r * np.log(r)).sum())
    assert kernels.theil_l(VALUES, PEOPLE) == pytest.approx(-(p * np.log(r)).sum())
    for alpha in (-1, 0.5, 2, 3):
        expected = ((p * r**alpha).sum() - 1) / (alpha * (alpha - 1))
        assert kernels.entropy(VALUES, PEOPLE, alpha=alpha) == pytest.approx(expected)
    for epsilon in (0.25, 0.5, 2, 3):
        expected = 1 - (p * r ** (1 - epsilon)).sum() ** (1 / (1 - epsilon))
        assert kernels.atkinson(VALUES, PEOPLE, epsilon=epsilon) == pytest.approx(expected)
    assert kernels.atkinson(VALUES, PEOPLE, epsilon=1) == pytest.approx(1 - np.exp((p * np.log(r)).sum()))
    assert kernels.variation(VALUES, PEOPLE) ** 2 / 2 == pytest.approx(kernels.entropy(VALUES, PEOPLE))


def test_shares_are_read_off_the_lorenz_curve():
    curve = shares.lorenz_curve(VALUES, PEOPLE)

    def share(of):
        return np.interp(of, curve["population_share"], curve["value_share"])

    assert shares.palma(VALUES, PEOPLE) == pytest.approx((1 - share(0.9)) / share(0.4))
    assert shares.s80s20(VALUES, PEOPLE) == pytest.approx((1 - share(0.8)) / share(0.2))
    assert shares.palma([2, 2, 2]) == 0.25
    assert shares.s80s20([2, 2, 2]) == shares.s80s20([2, 2, 2], definition="quantile") == 1


def test_weighted_quantiles_repeat_people():
    repeated = np.repeat(VALUES, PEOPLE.astype(int))
    for share in (0.1, 0.25, 0.5, 0.77, 1):
        # Eurostat's definition without weights is numpy's averaged inverted distribution function.
        expected = np.quantile(repeated, share, method="averaged_inverted_cdf")
        assert shares.weighted_quantile(VALUES, share, PEOPLE) == pytest.approx(expected)
    assert shares.poverty_threshold(VALUES, PEOPLE, share=0.5) == pytest.approx(0.5 * np.median(repeated))


def test_concentration_is_the_covariance_with_the_rank():
    rank = np.array([2, 1, 4, 4, 6, 3, 5, 5])
    places = concentration.fractional_rank(rank, PEOPLE)
    assert np.average(places, weights=PEOPLE) == pytest.approx(0.5)
    covariance = np.cov(VALUES, places, aweights=PEOPLE, ddof=0)[0, 1]
    mean = np.average(VALUES, weights=PEOPLE)
    found = concentration.all_indexes(VALUES, rank, PEOPLE, bounds=(0, 25)).set_index("kind")["value"]
    assert found["generalised"] == pytest.approx(2 * covariance)
    assert found["standard"] == pytest.approx(2 * covariance / mean)
    assert found["erreygers"] == pytest.approx(8 * covariance / 25)
    assert found["wagstaff"] == pytest.approx(2 * covariance * 25 / ((25 - mean) * mean))
    delta = concentration.concentration_index(VALUES, rank, PEOPLE, form="linreg_delta")
    assert delta == pytest.approx(found["standard"] * 7 / 8)
    # Ranked by itself the concentration index is the Gini.
    assert concentration.concentration_index(VALUES, VALUES, PEOPLE) == pytest.approx(
        kernels.gini(VALUES, PEOPLE)
    )


def test_theil_parts_add_up():
    groups = np.array(["b", "a", "b", "c", "a", "c", "c", "b"])
    for measure in ("theil_t", "theil_l"):
        found = theil(VALUES, groups, PEOPLE, measure=measure)
        assert found.within + found.between == pytest.approx(found.total, rel=1e-12)
        assert found.total == pytest.approx(measures.value_of(measure, VALUES, PEOPLE), rel=1e-12)
        inside = found.groups.set_index("group")["inequality"]
        for group in "abc":
            own = groups == group
            assert inside[group] == pytest.approx(measures.value_of(measure, VALUES[own], PEOPLE[own]))
        assert found.groups[["population_share", "value_share"]].sum().tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: kernels.gini([]), r"values has shape \(0,\); expected a list of at least one number"),
        (lambda: kernels.gini([1, np.nan]), r"values\[1\] is nan; leave missing values out first"),
        (lambda: kernels.gini([1, np.inf]), r"values\[1\] is inf"),
        (lambda: kernels.gini([1, -2]), r"values\[1\] is -2; this measure needs values of 0 or more"),
        (lambda: kernels.gini([1, 2], [1, -1]), r"weights\[1\] is -1; a weight counts people"),
        (lambda: kernels.gini([1, 2], [0, 0]), "the weights sum to 0; nobody is left to compare"),
        (lambda: kernels.gini([1, 2], [1]), "1 weights for 2 values"),
        (lambda: kernels.gini([1, 2], negative="yes"), "negative 'yes'; use refuse or keep"),
        (lambda: kernels.atkinson([1, 2], epsilon=0), "epsilon 0; give an aversion above 0"),
        (lambda: kernels.entropy([1, 2], alpha=np.nan), "alpha nan; give a number"),
        (lambda: measures.value_of("hoover", [1, 2]), "measure 'hoover' is unknown; use one of gini"),
        (
            lambda: measures.value_of("atkinson_half", [1, 2]),
            "'half' is no number; write for example atkinson_0.5",
        ),
        (lambda: measures.estimate("theil_l", [0, 1, 2]), "infinite, as a value is 0; use theil_t"),
        (lambda: shares.lorenz_curve([0, 0]), "all values are 0; there is nothing to share"),
        (lambda: shares.s80s20([1, 2], definition="x"), "definition 'x'; use one of smooth, quantile"),
        (lambda: shares.weighted_quantile([1], 50), "share 50; expected a share between 0 and 1"),
        (lambda: shares.poverty_rate([1], share=0), "share 0; give a share above 0"),
        (lambda: concentration.concentration_index([1, 2], [1]), "rank has 1 entries for 2 values"),
        (lambda: concentration.concentration_index([1, -2], [1, 2]), r"values\[1\] is -2"),
        (
            lambda: concentration.concentration_index([1, 2], [1, 2], kind="wagstaff"),
            r"kind wagstaff needs bounds=\(least, greatest possible value\)",
        ),
        (
            lambda: concentration.concentration_index([1, 2], [1, 2], kind="erreygers", bounds=(0, 1)),
            r"values reach from 1 to 2, outside bounds \(0, 1\)",
        ),
        (
            lambda: concentration.concentration_index([1, 2], [1, 2], bounds=(1, 0)),
            r"bounds \(1, 0\); expected \(least, greatest\)",
        ),
        (
            lambda: concentration.concentration_index([0, 0], [1, 2], kind="wagstaff", bounds=(0, 1)),
            "all values stand at the bound 0",
        ),
        (lambda: concentration.fractional_rank([1], ties="last"), "ties 'last'; use one of average, order"),
        (lambda: theil([1, 2], ["a"]), "1 groups for 2 values, or a group is missing"),
        (
            lambda: theil([0, 2], ["a", "b"], measure="theil_l"),
            "a value is 0 and has no logarithm; use theil_t",
        ),
        (lambda: theil([1, 2], ["a", "b"], measure="gini"), "measure 'gini' does not part"),
    ],
)
def test_bad_lists_are_refused_with_a_way_out(run, message):
    with pytest.raises(SosrakeError, match=message):
        run()


def test_defined_answers_at_the_edges():
    assert kernels.gini([5]) == kernels.gini([0, 0]) == kernels.gini([0.1, 0.1, 0.1]) == 0
    assert kernels.theil_l([0, 1]) == np.inf
    assert kernels.atkinson([0, 1], epsilon=1) == kernels.atkinson([0, 1], epsilon=2) == 1
    assert kernels.gini([-1, 4], negative="keep") == pytest.approx(5 / 6)
    assert concentration.concentration_index([0, 0], [1, 2]) == 0
    assert theil([0, 0, 0], ["a", "b", "b"]).total == 0


positive = st.lists(st.tuples(st.floats(0.01, 1e4), st.integers(1, 50)), min_size=2, max_size=20)
RELATIVE = [name for name in measures.NAMES if name != "gini_corrected"]


@settings(max_examples=50, deadline=None)
@given(positive, st.floats(0.01, 1000), st.sampled_from(RELATIVE), st.randoms(use_true_random=False))
def test_scale_order_and_copies_do_not_matter(rows, factor, measure, random):
    # A jump of quantile measures could be hit by rounding; whole values keep clear of it.
    whole = [(round(x) + 1.0, w) for x, w in rows] if measure in ("s80s20_quantile", "poverty_rate") else rows
    x, w = np.array(whole).T
    factor = 4.0 if whole is not rows else factor
    found = measures.value_of(measure, x, w)
    mixed, other = np.array(random.sample(whole, len(whole))).T
    close = {"rel": 1e-6, "abs": 1e-9}
    assert measures.value_of(measure, mixed * factor, other) == pytest.approx(found, **close)
    assert measures.value_of(measure, np.repeat(x, w.astype(int))) == pytest.approx(found, **close)
    assert measures.value_of(measure, x, w * 3) == pytest.approx(found, **close)


@settings(max_examples=50, deadline=None)
@given(positive, st.sampled_from(measures.NAMES))
def test_measures_stay_in_their_range(rows, measure):
    x, w = np.array(rows).T
    chosen = measures.named(measure)
    found = measures.value_of(measure, x, w)
    if measure == "s80s20_quantile":
        assert found >= 0
    else:
        assert chosen.lower - 1e-9 <= found <= chosen.upper * len(x) / (len(x) - 1) + 1e-9
    assert measures.value_of(measure, np.full(len(x), x[0]), w) == (
        {"palma": 0.25, "s80s20": 1, "s80s20_quantile": 1}.get(measure, 0)
    )


@settings(max_examples=50, deadline=None)
@given(positive, st.floats(0.05, 0.95))
def test_a_transfer_from_rich_to_poor_lowers_inequality(rows, part):
    x = np.array([row[0] for row in rows])
    assume(x.max() - x.min() > 0.01)
    moved = x.copy()
    gift = part * (x.max() - x.min()) / 2
    moved[x.argmax()] -= gift
    moved[x.argmin()] += gift
    for measure in ("gini", "theil_t", "theil_l", "entropy_2", "atkinson_0.5", "atkinson_2", "variation"):
        assert measures.value_of(measure, moved) <= measures.value_of(measure, x) + 1e-12


@settings(max_examples=50, deadline=None)
@given(positive)
def test_atkinson_grows_with_aversion(rows):
    x, w = np.array(rows).T
    found = [kernels.atkinson(x, w, epsilon=epsilon) for epsilon in (0.1, 0.5, 0.9, 1, 1.5, 2, 5)]
    assert all(high >= low - 1e-9 for low, high in pairwise(found))
    assert 1 - np.exp(-kernels.theil_l(x, w)) == pytest.approx(found[3], abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(positive, st.sampled_from(["theil_t", "theil_l"]), st.integers(1, 4))
def test_parts_add_up_for_any_grouping(rows, measure, count):
    x, w = np.array(rows).T
    found = theil(x, np.arange(len(x)) % count, w, measure=measure)
    assert found.within + found.between == pytest.approx(found.total, abs=1e-12)
    assert found.between >= -1e-12
    assert found.total == pytest.approx(measures.value_of(measure, x, w), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(positive, st.randoms(use_true_random=False))
def test_concentration_lies_between_the_ginis(rows, random):
    x, w = np.array(rows).T
    rank = np.array([random.randint(0, 5) for _ in rows])
    found = concentration.concentration_index(x, rank, w)
    limit = kernels.gini(x, w)
    assert -limit - 1e-9 <= found <= limit + 1e-9
    assert concentration.concentration_index(x, -rank, w) == pytest.approx(-found, abs=1e-9)


def areas(**columns) -> pd.DataFrame:
    base = {
        "indicator": "osuus",
        "region_level": "kunta",
        "region_code": ["E01", "E02", "E03", "E04"],
        "borders": 2026,
        "period": "2019",
        "value": [4.0, 6.0, 9.0, 12.0],
        "per": 100,
        "denominator": [900.0, 2000, 1500, 800],
        "status": "ok",
        "origin": "synthetic",
    }
    return pd.DataFrame({**base, **columns})


EXAMPLE = {"area": ("hva", "E1")}


@pytest.mark.parametrize("measure", measures.NAMES)
@pytest.mark.parametrize("method", ["jackknife", "bootstrap_percentile", "bootstrap_bca", "no_interval"])
def test_frames_give_what_lists_give(measure, method):
    if method == "jackknife" and not measures.named(measure).steady:
        method = "bootstrap_percentile"  # the jackknife is refused there, see below
    frame = pd.concat([areas(), areas(period="2020", value=[1.0, 2, 2, 7])], ignore_index=True)
    before = frame.copy()
    found = inequality.between_areas(
        frame, measure, method=method, confidence=(0.9, 0.95), replicates=300, **EXAMPLE
    )
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(found[list(frames.check(found).columns)], frames.check(found))
    assert found["confidence"].tolist() == [0.9, 0.9, 0.95, 0.95]
    for (period, confidence), row in found.set_index(["period", "confidence"]).iterrows():
        own = frame[frame["period"] == period]
        given = (measure, own["value"], own["denominator"])
        assert row["value"] == pytest.approx(measures.value_of(*given))
        assert (row["region_level"], row["region_code"], row["areas_level"]) == ("hva", "E1", "kunta")
        assert (row["statistic"], row["method"]) == (measure, method)
        assert (row["areas_used"], row["areas_expected"]) == (4, 4)
        assert row["origin"] == "synthetic"
        if method != "no_interval":
            kernel = measures.estimate(*given, method=method, confidence=confidence, replicates=300)
            assert (row["lower"], row["upper"]) == pytest.approx((kernel.lower, kernel.upper), abs=1e-9)


def test_a_county_with_an_absent_area_is_missing_unless_left_out():
    frame = areas(value=[4.0, np.nan, 9, 12], status=["ok", "suppressed", "ok", "ok"])
    row = inequality.between_areas(frame, **EXAMPLE).iloc[0]
    assert (row["status"], row["reason"]) == ("missing", "areas_missing")
    assert (row["areas_used"], row["areas_expected"]) == (3, 4)
    assert np.isnan(row["value"])
    kept = inequality.between_areas(frame, missing="leave_out", **EXAMPLE).iloc[0]
    assert (kept["status"], kept["areas_used"], kept["areas_expected"]) == ("ok", 3, 4)
    assert kept["value"] == pytest.approx(kernels.gini([4, 9, 12], [900, 1500, 800]))


def test_groups_without_an_answer_say_why():
    few = inequality.between_areas(areas().iloc[:2], **EXAMPLE).iloc[0]
    assert (few["status"], few["reason"], few["areas_used"]) == ("missing", "too_few_areas", 2)
    nobody = inequality.between_areas(areas(denominator=0.0), **EXAMPLE).iloc[0]
    assert (nobody["status"], nobody["reason"]) == ("missing", "no_weight")
    infinite = inequality.between_areas(areas(value=[0.0, 1, 2, 3]), "theil_l", **EXAMPLE).iloc[0]
    assert (infinite["status"], infinite["reason"]) == ("missing", "undefined")
    equal = inequality.between_areas(areas(value=7.1), **EXAMPLE).iloc[0]
    assert (equal["status"], equal["value"], equal["lower"], equal["upper"]) == ("ok", 0, 0, 0)


def test_counties_come_from_the_register_and_expect_all_their_municipalities():
    codes = regions.members("hva", "12", 2021)
    own = pd.DataFrame(
        {
            "indicator": "osuus",
            "region_level": "kunta",
            "region_code": list(codes[:-1]),
            "borders": 2021,
            "period": "2019",
            "value": np.arange(1.0, len(codes)),
            "denominator": 1000.0,
            "status": "ok",
            "origin": "published",
        }
    )
    row = inequality.between_areas(own, within="hva").iloc[0]
    assert (row["region_code"], row["reason"]) == ("12", "areas_missing")
    assert (row["areas_used"], row["areas_expected"]) == (len(codes) - 1, len(codes))
    assert row["origin"] == "own"
    found = inequality.between_areas(areas(), within="hva")
    assert found["region_code"].tolist() == ["E1"]


def test_sexes_and_breaks_stay_apart():
    frame = pd.concat(
        [areas(sex="female"), areas(sex="male", value=[1.0, 1, 1, 1], break_before=True)], ignore_index=True
    )
    found = inequality.between_areas(frame, **EXAMPLE).set_index("sex")
    assert found.at["male", "value"] == 0
    assert found.at["female", "value"] > 0
    assert found["break_before"].to_dict() == {"female": False, "male": True}


def test_weights_may_come_from_a_frame():
    people = areas(indicator="vaesto", value=[900.0, 2000, 1500, 800], per=1).drop(columns="denominator")
    joined = inequality.between_areas(areas().drop(columns="denominator"), weights=people, **EXAMPLE)
    column = inequality.between_areas(areas(), **EXAMPLE)
    assert joined["value"].iloc[0] == column["value"].iloc[0]
    alike = inequality.between_areas(areas(), weights=None, **EXAMPLE)
    assert alike["value"].iloc[0] == pytest.approx(kernels.gini([4, 6, 9, 12]))


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (areas(), {"weights": "vaki"}, "weights column 'vaki' is not in the frame"),
        (areas(vaki=["1", "x", "2", "3"]), {"weights": "vaki"}, "row 2, column vaki: 'x' is not a number"),
        (
            areas(denominator=[1, -1, 1, 1]),
            {},
            "weight of osuus kunta E02 2019 is -1; expected 0 or more people",
        ),
        (areas(value=[1.0, -2, 3, 4]), {}, "osuus kunta E02 2019 is -2; gini needs values of 0 or more"),
        (
            areas(value=[1.0, -2, 3, 4]),
            {"measure": "theil_t", "negative": "keep"},
            "theil_t needs values of 0",
        ),
        (areas(), {"negative": "yes"}, "negative 'yes'; use refuse or keep"),
        (areas(), {"measure": "hoover"}, "measure 'hoover' is unknown"),
        (areas(), {"method": "normal"}, "method 'normal'; use one of"),
        (areas(), {"missing": "drop"}, "missing 'drop'; use one of refuse, leave_out"),
        (areas(), {"min_areas": 1}, "min_areas 1; inequality needs at least 2 areas"),
        (areas(), {"within": "lääni"}, "within 'lääni'; use a region level"),
        (areas(), {"by": ("indicator", "value")}, "by has 'value'; use key columns"),
        (
            pd.concat([areas(), areas(region_level="hva", region_code=["E1", "12", "13", "14"])]),
            {},
            "column region_level mixes hva, kunta; choose the areas to compare",
        ),
        (
            pd.concat([areas(), areas(period="2020")]),
            {"by": ("indicator", "borders", "sex", "age", "group")},
            "kunta E01 stands twice in a group .*group by every column that differs",
        ),
        (areas(per=[100, 100, 1000, 100]), {}, "column per differs between areas of one group"),
        (
            areas(origin=["synthetic", "synthetic", "own", "own"]),
            {},
            "column origin mixes synthetic rows with real ones",
        ),
        (
            areas(region_level="seutukunta", region_code=["011", "012", "013", "014"]),
            {"within": "hva"},
            "give a column 'hva' with the code of the area each row lies in",
        ),
        (areas(), {"weights": areas(origin="published")}, "mix synthetic rows with real ones"),
        (
            areas(),
            {"weights": pd.concat([areas(sex="male"), areas(sex="female")])},
            "weights has several rows for .*keep one, or name more key columns in weights_on",
        ),
    ],
)
def test_bad_frames_are_refused_with_a_way_out(frame, options, message):
    with pytest.raises(SosrakeError, match=message):
        inequality.between_areas(frame, **{**EXAMPLE, **options})


def test_a_slope_without_limits_has_no_interval():
    found = inequality.between_groups(areas(rank=[1.0, 2, 3, 4]), "rank", "rii", **EXAMPLE).iloc[0]
    assert (found["method"], found["status"]) == ("no_interval", "ok")
    assert np.isnan(found["lower"])


def test_concentration_of_areas_is_that_of_the_list():
    frame = areas(rank=[3.0, 1, 3, 2])
    for kind in concentration.KINDS:
        found = inequality.between_groups(
            frame, "rank", f"concentration_{kind}", bounds=(0, 100), first="lowest", **EXAMPLE
        ).iloc[0]
        options = {"kind": kind, "bounds": (0, 100)}
        given = (frame["value"], frame["rank"], frame["denominator"])
        expected = concentration.estimate_concentration(*given, method="jackknife", **options)
        assert found["value"] == pytest.approx(concentration.concentration_index(*given, **options))
        assert (found["lower"], found["upper"]) == pytest.approx((expected.lower, expected.upper))
        assert found["method"] == "jackknife"


def test_an_area_without_a_rank_counts_as_missing_and_equal_ranks_have_no_slope():
    frame = areas(rank=[1.0, np.nan, 3, 4])
    found = inequality.between_groups(frame, "rank", **EXAMPLE).iloc[0]
    assert (found["status"], found["reason"], found["areas_used"]) == ("missing", "areas_missing", 3)
    equal = inequality.between_groups(areas(rank=1.0), "rank", **EXAMPLE).iloc[0]
    assert (equal["status"], equal["reason"]) == ("missing", "undefined")


def test_a_rank_may_come_from_another_indicator():
    index = areas(indicator="huono_osaisuus", value=[80.0, 95, 110, 130]).drop(columns="denominator")
    column = inequality.between_groups(areas(rank=[80.0, 95, 110, 130]), "rank", **EXAMPLE)
    joined = inequality.between_groups(areas(), index, **EXAMPLE)
    assert joined["value"].iloc[0] == column["value"].iloc[0] < 0


def test_parts_of_a_country_within_and_between():
    frame = pd.concat([areas(), areas(period="2020", value=[0.0, 0, 5, 5])], ignore_index=True)
    frame["seutukunta"] = ["a", "a", "b", "b"] * 2
    found = inequality.decompose(frame, inner="seutukunta", **EXAMPLE)
    wide = found.totals.pivot(index="period", columns="statistic", values="value")
    assert (wide["theil_t_within"] + wide["theil_t_between"]).tolist() == pytest.approx(
        wide["theil_t"].tolist()
    )
    assert wide.at["2020", "theil_t_within"] == 0
    kernel = theil(areas()["value"], ["a", "a", "b", "b"], areas()["denominator"])
    assert wide.at["2019", "theil_t_between"] == pytest.approx(kernel.between)
    parts = found.parts[found.parts["period"] == "2019"]
    assert parts["inner_code"].tolist() == ["a", "b"]
    assert parts["mean"].tolist() == pytest.approx(kernel.groups["mean"].tolist())
    zeros = inequality.decompose(frame, "theil_l", inner="seutukunta", **EXAMPLE).totals
    assert zeros.loc[zeros["period"] == "2020", "status"].eq("missing").all()
    with pytest.raises(FrameError, match="measure 'gini' does not part; use one of theil_t, theil_l"):
        inequality.decompose(frame, "gini", **EXAMPLE)


@pytest.mark.parametrize("measure", ["theil_t", "theil_l"])
def test_parts_have_the_limits_of_areas_left_out_one_by_one(measure):
    rng = np.random.default_rng(4)
    codes = [f"E{number:02d}" for number in range(1, 10)]
    frame = areas(
        region_code=codes,
        value=rng.gamma(4, 2, 9),
        denominator=rng.integers(500, 9000, 9).astype("float64"),
        seutukunta=list("aaabbccdc"),
    )
    found = inequality.decompose(frame, measure, inner="seutukunta", **EXAMPLE).totals.set_index("statistic")
    left = []
    for place in range(9):
        rest = frame.drop(index=place)
        one = theil(rest["value"], rest["seutukunta"], rest["denominator"], measure=measure)
        left.append([one.total, one.within, one.between, 100 * one.between / one.total])
    names = [measure, f"{measure}_within", f"{measure}_between", f"{measure}_between_share"]
    assert found.index.tolist() == names
    for place, name in enumerate(names):
        own = np.array(left)[:, place]
        error = np.sqrt(8 / 9 * ((own - own.mean()) ** 2).sum())
        half = 2.306004135 * error  # t(8), 97.5 %
        expected = np.clip(found.at[name, "value"] + np.array([-half, half]), 0, 100 if place == 3 else None)
        assert (found.at[name, "lower"], found.at[name, "upper"]) == pytest.approx(tuple(expected), rel=1e-8)
        assert found.at[name, "method"] == "jackknife"
    assert found.at[names[3], "value"] == pytest.approx(
        100 * found.at[names[2], "value"] / found.at[measure, "value"]
    )


@pytest.mark.parametrize("method", ["bootstrap_percentile", "bootstrap_bca", "jackknife"])
def test_the_whole_of_the_parts_has_the_interval_of_the_measure(method):
    frame = pd.concat([areas(), areas(period="2020", value=[1.0, 2, 2, 7])], ignore_index=True)
    frame["seutukunta"] = ["a", "a", "b", "b"] * 2
    options = {"method": method, "confidence": (0.9, 0.95), "replicates": 300, **EXAMPLE}
    totals = inequality.decompose(frame, "theil_t", inner="seutukunta", **options).totals
    whole = totals[totals["statistic"] == "theil_t"].sort_values(["period", "confidence"])
    alone = inequality.between_areas(frame, "theil_t", **options).sort_values(["period", "confidence"])
    for column in ("value", "lower", "upper"):
        assert whole[column].tolist() == pytest.approx(alone[column].tolist(), abs=1e-12)
    share = totals[totals["statistic"] == "theil_t_between_share"]
    assert share["lower"].between(0, 100).all() and share["upper"].between(0, 100).all()
    assert ((share["lower"] <= share["value"]) & (share["value"] <= share["upper"])).all()


def test_parts_of_nothing_have_no_share():
    frame = areas(value=0.0, seutukunta=["a", "a", "b", "b"])
    found = inequality.decompose(frame, inner="seutukunta", **EXAMPLE).totals.set_index("statistic")
    assert found.at["theil_t", "value"] == found.at["theil_t", "upper"] == 0
    share = found.loc["theil_t_between_share"]
    assert (share["status"], share["reason"], share["method"]) == ("missing", "undefined", "no_interval")
    bare = inequality.decompose(frame, inner="seutukunta", method="no_interval", **EXAMPLE).totals
    assert bare["lower"].isna().all()


@pytest.mark.parametrize("measure", ["s80s20_quantile", "poverty_rate"])
def test_a_measure_that_jumps_is_not_jackknifed(measure):
    found = inequality.between_areas(areas(), measure, replicates=300, **EXAMPLE)
    assert found["method"].tolist() == ["bootstrap_percentile"]
    message = f"method 'jackknife' does not hold for {measure}.*use bootstrap_percentile, or leave method out"
    with pytest.raises(SosrakeError, match=message):
        inequality.between_areas(areas(), measure, method="jackknife", **EXAMPLE)
    with pytest.raises(SosrakeError, match=message):
        measures.estimate(measure, [1, 2, 3], method="jackknife")
    assert inequality.between_areas(areas(), "palma", **EXAMPLE)["method"].tolist() == ["jackknife"]


YEARS = pd.concat([areas(), areas(period="2020", value=[6.0, 6.5, 8.0, 9.0])], ignore_index=True)


def test_change_pairs_the_areas():
    found = inequality.change_between_areas(YEARS, "2019", "2020", **EXAMPLE).iloc[0]
    ginis = [kernels.gini(part["value"], part["denominator"]) for _, part in YEARS.groupby("period")]
    assert (found["first_value"], found["last_value"]) == pytest.approx(tuple(ginis))
    assert found["value"] == pytest.approx(ginis[1] - ginis[0])
    left = [
        np.subtract(
            *(
                kernels.gini(
                    part["value"].drop(part.index[place]), part["denominator"].drop(part.index[place])
                )
                for _, part in reversed(list(YEARS.groupby("period")))
            )
        )
        for place in range(4)
    ]
    half = 3.182446305 * np.sqrt(3 / 4 * ((left - np.mean(left)) ** 2).sum())  # t(3), 97.5 %
    assert (found["lower"], found["upper"]) == pytest.approx((found["value"] - half, found["value"] + half))
    assert (found["statistic"], found["period"], found["areas_used"]) == ("gini_change", "2019/2020", 4)
    assert found["verdict"] == ("decrease" if found["upper"] < 0 else "no_change_shown")


@pytest.mark.parametrize("method", ["jackknife", "bootstrap_percentile", "bootstrap_bca", "no_interval"])
def test_change_has_a_verdict_only_with_an_interval(method):
    same = pd.concat([areas(), areas(period="2020", value=[8.0, 12, 18, 24])], ignore_index=True)
    options = {"method": method, "replicates": 300, "confidence": (0.9, 0.95), **EXAMPLE}
    found = inequality.change_between_areas(same, "2019", "2020", **options)
    # Doubling every figure changes no relative measure, whichever areas are drawn.
    assert found["value"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert set(found["verdict"]) == {"not_testable" if method == "no_interval" else "no_change_shown"}
    if method != "no_interval":
        assert found["upper"].tolist() == pytest.approx([0, 0], abs=1e-9)
    turned = inequality.change_between_areas(
        YEARS.assign(period=YEARS["period"].map({"2019": "2020", "2020": "2019"})), "2019", "2020", **options
    )
    straight = inequality.change_between_areas(YEARS, "2019", "2020", **options)
    assert turned["value"].tolist() == pytest.approx((-straight["value"]).tolist())


def test_change_needs_both_periods_and_the_same_areas():
    gone = YEARS.drop(index=5)
    refused = inequality.change_between_areas(gone, "2019", "2020", **EXAMPLE).iloc[0]
    assert (refused["status"], refused["reason"], refused["verdict"]) == (
        "missing",
        "areas_missing",
        "not_testable",
    )
    kept = inequality.change_between_areas(gone, "2019", "2020", missing="leave_out", **EXAMPLE).iloc[0]
    assert (kept["areas_used"], kept["areas_expected"]) == (3, 4)
    three = areas().drop(index=1)
    assert kept["first_value"] == pytest.approx(kernels.gini(three["value"], three["denominator"]))
    other = pd.concat([YEARS, areas(indicator="muu")], ignore_index=True)
    found = inequality.change_between_areas(other, "2019", "2020", **EXAMPLE).set_index("indicator")
    assert found.at["muu", "reason"] == "period_absent"


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (YEARS, {"first": "2018"}, "period '2018' is not in the frame"),
        (YEARS, {"first": "2020", "last": "2019"}, "give the earlier period first"),
        (YEARS, {"breaks": "split"}, "breaks 'split'; use refuse or cross"),
        (YEARS, {"measure": "poverty_rate", "method": "jackknife"}, "does not hold for poverty_rate"),
        (
            YEARS.assign(break_before=YEARS["period"] == "2020"),
            {},
            "osuus kunta E01 has break_before at 2020, between the two periods",
        ),
    ],
)
def test_wrong_questions_about_change_are_refused(frame, options, message):
    with pytest.raises(SosrakeError, match=message):
        inequality.change_between_areas(frame, **{"first": "2019", "last": "2020", **EXAMPLE, **options})


def test_lorenz_heights_are_read_from_the_curve():
    curve = shares.lorenz_curve(areas()["value"], areas()["denominator"])
    found = inequality.lorenz_ordinates(areas(), [0.2, 0.5, 0.9], **EXAMPLE)
    expected = 100 * np.interp([0.2, 0.5, 0.9], curve["population_share"], curve["value_share"])
    assert found["value"].tolist() == pytest.approx(expected.tolist())
    assert found["statistic"].tolist() == ["lorenz_0.2", "lorenz_0.5", "lorenz_0.9"]
    assert ((found["lower"] <= found["value"]) & (found["value"] <= found["upper"])).all()
    assert (found["upper"] <= found["population_share"]).all()
    alike = inequality.lorenz_ordinates(areas(value=3.0), [0.5], **EXAMPLE).iloc[0]
    assert (alike["value"], alike["lower"], alike["upper"]) == (50, 50, 50)
    with pytest.raises(FrameError, match="expected shares between 0 and 1"):
        inequality.lorenz_ordinates(areas(), [50], **EXAMPLE)


def test_a_ratio_left_out_one_by_one_stays_above_zero():
    frame = areas(rank=[1.0, 2, 3, 4])
    found = inequality.between_groups(
        frame, "rank", "rii", method="jackknife", transform="log", first="lowest", **EXAMPLE
    ).iloc[0]
    assert 0 < found["lower"] < found["value"] < found["upper"]
    turned = inequality.between_groups(
        frame, "rank", "rii", method="jackknife", transform="log", first="highest", **EXAMPLE
    ).iloc[0]
    assert (turned["lower"], turned["upper"]) == pytest.approx((1 / found["upper"], 1 / found["lower"]))


def test_lorenz_of_a_frame_is_that_of_the_list():
    curve = inequality.lorenz(pd.concat([areas(), areas(period="2020", value=0.0)]), **EXAMPLE)
    expected = shares.lorenz_curve(areas()["value"], areas()["denominator"])
    assert curve["period"].unique().tolist() == ["2019"]
    np.testing.assert_allclose(curve["population_share"], expected["population_share"])
    np.testing.assert_allclose(curve["value_share"], expected["value_share"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 3}, "4 areas have a rank; 3 groups need at least 6: use fewer groups"),
        ({"n": 1}, "n of 2 or more"),
        ({"first": "most"}, "first 'most'"),
        ({"rank_by": "tulot"}, "rank column 'tulot' is not in the frame"),
    ],
)
def test_quantile_groups_refuse_what_they_cannot_make(options, message):
    with pytest.raises(FrameError, match=message):
        inequality.quantile_groups(areas(rank=[1.0, 2, 3, 4]), **{"rank_by": "rank", "n": 2, **options})
    with pytest.raises(FrameError, match="equal ranks leave a group of 2 empty"):
        inequality.quantile_groups(areas(rank=1.0), "rank", 2)


def test_quantile_groups_follow_people_when_asked():
    frame = areas(rank=[1.0, 2, 3, 4], denominator=[10.0, 10, 10, 5000])
    alike = inequality.quantile_groups(frame, "rank", 2, first="lowest")["quantile"]
    assert alike.tolist() == [1, 1, 2, 2]
    by_people = inequality.quantile_groups(frame, "rank", 2, first="lowest", weights="denominator")
    assert by_people["quantile"].tolist() == [1, 1, 1, 2]
    absent = inequality.quantile_groups(
        pd.concat([frame, areas(region_code=["E05", "E06", "E07", "E08"])], ignore_index=True), "rank", 2
    )["quantile"]
    assert absent.isna().tolist() == [False] * 4 + [True] * 4


@pytest.mark.parametrize("confidence", [(), "0.95", None, (0.95, 0.95), (0.95, None)])
def test_a_confidence_that_is_none_is_refused_in_words(confidence):
    with pytest.raises(FrameError, match="expected different shares between 0 and 1"):
        inequality.between_areas(areas(), confidence=confidence)
