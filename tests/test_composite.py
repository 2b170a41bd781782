"""The framework, the index over a frame, its parts, weights and versions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import composite, composite_framework, composite_tree, composite_weights, rates
from sosrake_lib.indicators.composite_framework import flat
from sosrake_lib.indicators.composite_scaling import Scaling

AREAS = ("046", "140", "297", "740", "171")
VALUES = {"a": [12.0, 15, 9, 20, 17], "b": [3.1, 2.8, 4, 1.5, 2.2], "c": [55.0, 60, 48, 72, 70]}

# UNDP Human Development Report 2015, table 1: published index, and its four figures of 2014.
HDI = {
    "Norway": (0.944, 81.6, 17.5, 12.6, 64_992),
    "Denmark": (0.923, 80.2, 18.7, 12.7, 44_025),
    "Germany": (0.916, 80.9, 16.5, 13.1, 43_919),
    "Sweden": (0.907, 82.2, 15.8, 12.1, 45_636),
    "Iceland": (0.899, 82.6, 19.0, 10.6, 35_182),
    "France": (0.888, 82.2, 16.0, 11.1, 38_056),
    "Austria": (0.885, 81.4, 15.7, 10.8, 43_869),
    "Finland": (0.883, 80.8, 17.1, 10.3, 38_695),
}


def rows(values=None, areas=AREAS, **columns):
    parts = [
        pd.DataFrame({"indicator": key, "region_code": list(areas), "value": given})
        for key, given in (values or VALUES).items()
    ]
    constant = {"region_level": "kunta", "borders": 2026, "period": "2019", "origin": "synthetic", **columns}
    made = pd.concat(parts, ignore_index=True).assign(**constant)
    return made.assign(status=np.where(made["value"].isna(), "missing", "ok"))


def three():
    return flat({"a": 1, "b": -1, "c": 1}, branches={"a": "x", "b": "x", "c": "y"}, weights={"a": 3, "x": 2})


def test_index_of_branches_equals_the_published_human_development_index():
    keys = ("life", "expected", "mean", "income_log")
    values = {key: [HDI[name][place + 1] for name in HDI] for place, key in enumerate(keys)}
    values["income_log"] = np.log(values["income_log"]).tolist()
    framework = flat(
        dict.fromkeys(keys, 1),
        branches={"life": "health", "expected": "education", "mean": "education", "income_log": "income"},
        total="hdi",
    )
    framework.loc[framework["key"] == "hdi", "aggregation"] = "geometric"
    posts = {
        "life": (20, 85),
        "expected": (0, 18),
        "mean": (0, 15),
        "income_log": (np.log(100), np.log(75_000)),
    }
    scaling = {
        key: Scaling("goalposts", low_post=low, high_post=high, upper=1.0)
        for key, (low, high) in posts.items()
    }
    codes = [f"{number:02d}" for number in range(len(HDI))]
    found = composite.index(rows(values, codes, region_level="joukko"), framework, scaling, "arithmetic")
    total = found.loc[found["indicator"] == "hdi"]
    published = [one[0] for one in HDI.values()]
    # Inputs are published to one decimal, which moves the index by up to 0.001.
    np.testing.assert_allclose(total["value"], published, atol=0.0011)
    assert set(total["aggregation"]) == {"geometric"} and set(total["normalisation"]) == {"goalposts"}


def test_weights_hold_level_by_level_and_a_plain_loop_agrees():
    found = composite.index(rows(), three(), "min_max")
    scaled = {}
    for key, sign in (("a", 1), ("b", -1), ("c", 1)):
        turned = [sign * value for value in VALUES[key]]
        scaled[key] = [100 * (v - min(turned)) / (max(turned) - min(turned)) for v in turned]
    for place in range(5):
        x = (3 * scaled["a"][place] + scaled["b"][place]) / 4
        total = (2 * x + scaled["c"][place]) / 3
        of_area = found.loc[found["region_code"] == AREAS[place]].set_index("indicator")["value"]
        assert of_area["x"] == pytest.approx(x) and of_area["total"] == pytest.approx(total)
    shares = composite_tree.effective_weights(three())["effective_weight"].tolist()
    assert shares == pytest.approx([0.5, 1 / 6, 1 / 3])


def test_the_result_is_a_checked_analysed_frame_without_ranks():
    found = composite.index(rows(), three(), confidence=0.998)
    assert frames.is_analysed(found) and set(found["method"]) == {"composite"}
    assert set(found["statistic"]) == {"index"} and set(found["origin"]) == {"synthetic"}
    assert not [column for column in found if "rank" in column or column.startswith("order")]
    total = found.loc[found["indicator"] == "total"]
    assert total["parts_used"].tolist() == [3] * 5 and total["parts_expected"].tolist() == [3] * 5
    assert found["lower"].isna().all() and set(found["confidence"]) == {0.998}
    before = rows()
    composite.index(before, three())
    pd.testing.assert_frame_equal(before, rows())


def test_a_missing_part_makes_the_area_missing_unless_told_otherwise():
    values = {**VALUES, "b": [np.nan, 2.8, 4, 1.5, 2.2]}
    refused = composite.index(rows(values), three()).set_index(["indicator", "region_code"])
    assert refused.loc[("total", "046"), "status"] == "missing"
    assert refused.loc[("y", "046"), "status"] == "ok"
    assert refused.loc[("total", "046"), "parts_used"] == 2
    given = composite.index(rows(values), three(), missing="available").set_index(
        ["indicator", "region_code"]
    )
    assert given.loc[("total", "046"), "status"] == "ok"
    assert given.loc[("x", "046"), ["parts_used", "parts_expected"]].tolist() == [1, 2]
    # A row that is not there at all is no different from one that says missing.
    absent = rows(values).dropna(subset="value")
    again = composite.index(absent, three(), missing="available").set_index(["indicator", "region_code"])
    assert again.loc[("total", "046"), "value"] == given.loc[("total", "046"), "value"]


def test_periods_and_sexes_are_apart_unless_a_panel_is_asked():
    low, high = (
        rows(),
        rows({key: [2 * value for value in given] for key, given in VALUES.items()}, period="2020"),
    )
    both = pd.concat([low, high])
    apart = composite.index(both, three())
    first, second = (apart.loc[apart["period"] == year, "value"].to_numpy() for year in ("2019", "2020"))
    np.testing.assert_allclose(first, second)
    panel = composite.index(both, flat({"a": 1, "c": 1}), scope="panel")
    first, second = (panel.loc[panel["period"] == year, "value"].to_numpy() for year in ("2019", "2020"))
    assert (second > first).all()
    men = pd.concat([rows(sex="male"), rows({**VALUES, "a": [1.0, 2, 3, 4, 9]}, sex="female")])
    found = composite.index(men, three())
    assert set(found["sex"]) == {"male", "female"} and len(found) == 2 * 5 * 3


def test_the_median_and_the_reference_area_are_100():
    found = composite.index(rows(), flat({"a": 1}), "index_to_median")
    assert found.set_index("region_code")["value"]["140"] == 100
    found = composite.index(rows(), flat({"a": 1, "b": 1}), "index_to_reference", reference="297")
    assert found.set_index("region_code")["value"]["297"] == 100
    with pytest.raises(FrameError, match="reference area '999' has 0 rows in 2019"):
        composite.index(rows(), flat({"a": 1}), "index_to_reference", reference="999")
    gap = rows({**VALUES, "a": [12.0, 15, np.nan, 20, 17]})
    with pytest.raises(FrameError, match="reference area '297' has no value of 'a' in 2019"):
        composite.index(gap, flat({"a": 1, "b": 1}), "index_to_reference", reference="297")
    with pytest.raises(FrameError, match=r"has 2 rows in 2019\.\.\.2020; name an area"):
        both = pd.concat([rows(), rows(period="2020")])
        composite.index(both, flat({"a": 1}), "index_to_reference", reference="297", scope="panel")


def test_branches_can_be_put_together_each_in_its_own_way():
    framework = three()
    framework.loc[framework["key"] == "x", "aggregation"] = "geometric"
    scaling = Scaling("min_max", lower=1, upper=100)
    found = composite.index(rows(), framework, scaling).set_index(["indicator", "region_code"])
    parts = composite.parts(rows(), framework, scaling).set_index(["indicator", "region_code"])["normalised"]
    x = parts[("a", "046")] ** 0.75 * parts[("b", "046")] ** 0.25
    assert found.loc[("x", "046"), "value"] == pytest.approx(x)
    assert found.loc[("total", "046"), "value"] == pytest.approx((2 * x + parts[("c", "046")]) / 3)
    assert found.loc[("x", "046"), "aggregation"] == "geometric"
    with pytest.raises(
        FrameError, match=r"geometric mean of 'x' needs values above zero, but 'a' is 0 in area 297"
    ):
        composite.index(rows(), framework)
    framework.loc[framework["key"] == "x", "aggregation"] = "copeland"
    assert composite.index(rows(), framework, "rank")["value"].notna().all()


def test_pulls_sum_to_the_distance_from_the_mean_index():
    pulls = composite.parts(rows(), three()).groupby("region_code")["pull"].sum()
    found = composite.index(rows(), three())
    total = found.loc[found["indicator"] == "total"].set_index("region_code")["value"]
    np.testing.assert_allclose(pulls, (total - total.mean())[pulls.index])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda r: r[r["indicator"] != "c"], "indicator 'c' of the framework is not in the data.*remove"),
        (lambda r: r[r["region_code"].isin(["046", "140"])], "2 area.*at least 3 areas"),
        (
            lambda r: r.assign(value=r["value"].where(r["indicator"] != "b", 3.0)),
            r"'b' is 3 in every area of 2019",
        ),
        (
            lambda r: pd.concat([r, r.assign(region_level="hva", region_code="12").iloc[[0]]]),
            "region_level has several",
        ),
        (lambda r: pd.concat([r, r.assign(borders=2020).iloc[[0]]]), "borders has several values"),
        (
            lambda r: pd.concat([r, r.assign(period="2020", per=100.0).iloc[[0]]]),
            "'a' stands on several scales",
        ),
        (lambda r: pd.concat([r, r.assign(period="2020", origin="own").iloc[[0]]]), "mixes synthetic rows"),
        (lambda r: pd.concat([r, r.iloc[[0]]]), "repeats the key"),
        (lambda r: r.assign(value=r["value"].replace(12.0, np.inf)), "finite number"),
    ],
)
def test_frames_that_cannot_make_an_index_are_refused(change, match):
    with pytest.raises(FrameError, match=match):
        composite.index(change(rows()), three())


def test_arguments_that_cannot_be_are_refused():
    with pytest.raises(FrameError, match="aggregation 'sum' is not known"):
        composite.index(rows(), three(), aggregation="sum")
    with pytest.raises(FrameError, match="scope 'all'"):
        composite.index(rows(), three(), scope="all")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda t: t.drop(columns="weight"), "column weight is missing"),
        (lambda t: pd.concat([t, t.iloc[[0]]]), "row 7, key 'a': key stands twice"),
        (lambda t: t.replace({"parent": {"x": "z"}}), r"parent 'z' has no row \(orphan\)"),
        (lambda t: t.replace({"parent": {"": "x"}}), r"is above itself \(cycle\)"),
        (lambda t: t.assign(parent=t["parent"].where(t["key"] != "y", "")), "y, total have no parent"),
        (lambda t: t.assign(weight=0.0), "weights under 'total' sum to 0|weights under 'x' sum to 0"),
        (lambda t: t.assign(weight=-1.0), "weight -1 is negative"),
        (lambda t: t.assign(weight=np.nan), "weight is not a number"),
        (lambda t: t.assign(direction=2), "direction 2; expected 1 or -1"),
        (lambda t: t.assign(direction=-1), "expected 1 for a branch"),
        (lambda t: t.assign(aggregation="sum"), "aggregation 'sum'; expected one of arithmetic"),
        (lambda t: t.assign(level=1), "level 1; expected 2, from its children|level 1; expected 3"),
        (lambda t: t.iloc[:0], "it has no rows"),
        (lambda t: t[t["key"] == "total"], "has no indicators under it"),
    ],
)
def test_frameworks_that_cannot_stand_are_refused(change, match):
    with pytest.raises(FrameError, match=match):
        composite_framework.check(change(three()))


def test_indicators_come_and_go_without_touching_the_old_framework():
    old = three()
    grown = composite_framework.add(old, "d", "y", weight=2)
    assert len(grown) == len(old) + 1 and grown.set_index("key").loc["d", "level"] == 1
    small = composite_framework.remove(old, "c")
    assert small["key"].tolist() == ["a", "b", "x", "total"]
    assert composite_framework.remove(old, "x")["key"].tolist() == ["c", "y", "total"]
    pd.testing.assert_frame_equal(old, three())
    with pytest.raises(FrameError, match="'q' is not in the framework"):
        composite_framework.remove(old, "q")
    with pytest.raises(FrameError, match="nothing is left"):
        composite_framework.remove(old, ["x", "y"])
    tree = composite_tree.compiled(old)
    assert composite_tree.pruned(tree, "c").indicators == ("a", "b")
    equal = composite_framework.with_weights(old, "equal")
    assert set(equal["weight"]) == {1.0}
    with pytest.raises(FrameError, match="'q', which is not in the framework"):
        composite_framework.with_weights(old, {"q": 1})
    with pytest.raises(FrameError, match="which has no direction"):
        flat({"a": 1}, weights={"b": 2})


def test_two_versions_stand_side_by_side_and_places_are_for_research():
    before = composite.index(rows(), three())
    after = composite.index(rows(), composite_framework.remove(three(), "b"))
    found = composite.compare_versions(before, after)
    joined = found.areas.set_index(["indicator", "region_code"])
    assert joined.loc[("total", "046"), "difference"] == pytest.approx(
        joined.loc[("total", "046"), "value_after"] - joined.loc[("total", "046"), "value_before"]
    )
    assert set(found.orders["audience"]) == {"research"}
    assert not [column for column in found.areas if column.startswith("order")]
    total = found.orders.loc[found.orders["indicator"] == "total"]
    assert sorted(total["order_before"]) == [1, 2, 3, 4, 5]
    with pytest.raises(FrameError, match="no area and branch in common"):
        composite.compare_versions(before, before.assign(period="2001"))


def test_analysed_frames_of_several_confidences_give_one_index():
    counts = rows(per=100.0, numerator=[12.0, 15, 9, 20, 17] * 3, denominator=100.0)
    counts["value"] = counts["numerator"] + np.repeat([0, 1e-9, 2e-9], 5)
    once = composite.index(counts, flat({"a": 1, "b": 1, "c": 1}))
    twice = composite.index(rates.proportion(counts, (0.95, 0.998)), flat({"a": 1, "b": 1, "c": 1}))
    np.testing.assert_allclose(once["value"], twice["value"])


def test_component_weights_follow_the_correlations():
    found = composite_weights.pca_weights(rows(), flat({"a": 1, "b": -1, "c": 1}))
    leaves = found.loc[found["level"] == 1]
    assert leaves["weight"].sum() == pytest.approx(1)
    assert (leaves["pca_variance_share"] > 0.8).all() and set(leaves["pca_areas"]) == {5.0}
    composite.index(rows(), found)
    with pytest.raises(FrameError, match="several periods"):
        composite_weights.pca_weights(pd.concat([rows(), rows(period="2020")]), three())


def test_flags_tell_what_does_not_belong_together():
    noise = [1.0, -1.0, -1.0, 1.0, 0.0]
    values = {"a": [1.0, 2, 3, 4, 5], "b": [2.0, 4.1, 6, 8, 10], "c": [5.0, 4, 3.5, 2, 1], "d": noise}
    found = composite_weights.correlation_flags(rows(values), flat(dict.fromkeys("abcd", 1)))
    flag = found.set_index(["part", "other"])["flag"]
    assert flag["a", "b"] == "collinear" and flag["a", "d"] == "weak"
    assert composite_weights.correlation_flags(rows(values), flat({"a": 1, "c": -1}))["flag"].tolist() == [
        "collinear"
    ]
    eaten = {"a": [1.0, 2, 3, 4, 5], "c": [4.0, 5, 3, 1, 2]}
    assert composite_weights.correlation_flags(rows(eaten), flat({"a": 1, "c": 1}))["flag"].tolist() == [
        "negative"
    ]
    low = composite_weights.reliability_flags(rows(values), flat({"a": 1, "c": 1}))
    assert set(low["flag"]) == {"low"} and (low["correlation_with_rest"] < 0).all()
    good = composite_weights.reliability_flags(rows(values), flat({"a": 1, "b": 1, "d": 1}), least=0.5)
    assert good.set_index("part")["flag"]["d"] == "better_without"
    alone = composite_weights.reliability_flags(rows(values), flat({"a": 1}))
    assert alone["flag"].tolist() == ["not_computable"]


def test_importance_is_not_the_weight():
    values = {"a": [1.0, 2, 3, 4, 5], "b": [1.0, 2, 3, 4, 6], "c": [3.0, 1, 4, 1, 3.2]}
    found = composite_weights.importance(rows(values), flat(dict.fromkeys("abc", 1))).set_index("indicator")
    assert found["effective_weight"].tolist() == pytest.approx([1 / 3] * 3)
    assert found.loc["c", "importance"] < found.loc["a", "importance"]
    assert found["importance"].sum() == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(
    some.lists(some.floats(-50, 50).map(lambda x: round(x, 3)), min_size=5, max_size=5, unique=True),
    some.floats(0.1, 1_000),
    some.floats(-1_000, 1_000),
    some.permutations(range(15)),
    some.sampled_from(["min_max", "z_score", "rank", "percentile_rank"]),
)
def test_neither_the_unit_of_an_indicator_nor_the_order_of_rows_moves_the_index(a, factor, shift, order, how):
    plain = composite.index(rows(VALUES | {"a": a}), three(), how)
    other = rows(VALUES | {"a": [factor * value + shift for value in a]}).iloc[list(order)]
    key = ["indicator", "region_code"]
    moved = composite.index(other, three(), how).set_index(key)["value"]
    # The shift costs digits: 1 000 beside differences of 0.001.
    np.testing.assert_allclose(moved[pd.MultiIndex.from_frame(plain[key])], plain["value"], rtol=0, atol=1e-6)
