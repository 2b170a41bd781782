"""Proportions, rates and means: intervals behave as intervals, published values stay, errors name rows."""

from __future__ import annotations

import doctest
import importlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from sosrake_lib import frame as frames
from sosrake_lib import samples
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import intervals, methods, rates

# Two correct codings of one closed formula differ only by rounding of double arithmetic.
SAME_FORMULA = 1e-12
# Rounding of double arithmetic when limits of 0 and 1 are compared with their estimates.
ROUNDING = 1e-9

counts = st.integers(min_value=0, max_value=10**6)
confidences = st.floats(min_value=0.5, max_value=0.999)


def source(**columns) -> pd.DataFrame:
    neutral = {
        "indicator": "tyottomyysaste",
        "region_level": "kunta",
        "region_code": [f"E{number:02d}" for number in range(1, 1 + len(columns["value"]))],
        "borders": 2019,
        "period": "2019",
        "per": 100.0,
        "status": "ok",
        "origin": "published",
    }
    return pd.DataFrame({**neutral, **columns})


@given(st.tuples(counts, counts).map(sorted), confidences)
def test_wilson_holds_its_estimate_and_is_symmetric(pair, confidence):
    x, n = pair[0], max(pair[1], 1)
    limits = intervals.wilson(x, n, confidence)
    assert 0 <= limits.lower <= x / n + ROUNDING
    assert x / n - ROUNDING <= limits.upper <= 1
    mirrored = intervals.wilson(n - x, n, confidence)
    assert float(limits.lower) == pytest.approx(1 - float(mirrored.upper), abs=ROUNDING)


@given(st.tuples(counts, counts).map(sorted), confidences)
def test_more_confidence_gives_a_wider_wilson_interval(pair, confidence):
    x, n = pair[0], max(pair[1], 1)
    narrow, wide = intervals.wilson(x, n, confidence), intervals.wilson(x, n, (1 + confidence) / 2)
    assert wide.lower <= narrow.lower + ROUNDING
    assert wide.upper >= narrow.upper - ROUNDING


@given(counts, confidences)
def test_poisson_limits_hold_their_count_and_widen(count, confidence):
    for kernel in (intervals.poisson_exact, intervals.poisson):
        narrow, wide = kernel(count, confidence), kernel(count, (1 + confidence) / 2)
        assert wide.lower <= narrow.lower <= count <= narrow.upper <= wide.upper


def test_byar_is_close_to_exact_from_ten_upwards():
    x = np.arange(10, 5_000)
    exact, near = intervals.poisson_exact(x), intervals.byar(x)
    # The reason for the switch at 10: from there both limits agree within 0.02 events.
    assert np.abs(exact.lower - near.lower).max() < 0.02
    assert np.abs(exact.upper - near.upper).max() < 0.02


def test_wilson_agrees_with_statsmodels_over_a_grid():
    n = np.array([1, 5, 25, 519, 56_323, 2_600_000])
    for share in (0.0, 0.02, 0.5, 0.99, 1.0):
        x = np.floor(share * n)
        lower, upper = proportion_confint(x, n, alpha=0.002, method="wilson")
        got = intervals.wilson(x, n, 0.998)
        np.testing.assert_allclose(got.lower, lower, rtol=0, atol=SAME_FORMULA)
        np.testing.assert_allclose(got.upper, upper, rtol=0, atol=SAME_FORMULA)


def test_published_value_is_kept_to_the_last_digit():
    frame = source(value=[9.9, 10.4], numerator=[5576, np.nan], denominator=[56_323, np.nan])
    found = rates.proportion(frame)
    assert found["value"].tolist() == [9.9, 10.4]
    assert found["method"].tolist() == ["wilson", "published"]
    assert found.loc[1, ["lower", "upper"]].isna().all()
    assert found.loc[0, "lower"] < 9.9 < found.loc[0, "upper"]


def test_rows_without_counts_say_where_their_value_comes_from():
    for origin, count_method, index_method in (
        ("published", "published", "published"),
        ("own", "sum_of_municipalities", "given"),
        ("synthetic", "count", "given"),
    ):
        frame = source(value=[12.0], origin=origin, per=1.0)
        assert rates.as_given(frame, "count")["method"].tolist() == [count_method]
        assert rates.as_given(frame, "index")["method"].tolist() == [index_method]


def test_one_row_per_confidence_and_the_frame_is_left_alone():
    frame = source(value=[5.0, np.nan], numerator=[5, np.nan], denominator=100.0, status=["ok", "suppressed"])
    before = frame.copy(deep=True)
    found = rates.proportion(frame, confidence=(0.95, 0.998))
    pd.testing.assert_frame_equal(frame, before)
    assert found["confidence"].tolist() == [0.95, 0.95, 0.998, 0.998]
    assert found.loc[2, "lower"] < found.loc[0, "lower"]
    hidden = found[found["status"] == "suppressed"]
    assert hidden[["value", "lower", "upper"]].isna().all(axis=None)
    assert set(hidden["method"]) == {"published"}
    assert frames.is_analysed(found)


def test_extra_columns_and_order_are_kept():
    frame = source(value=[5.0, 6.0], numerator=[5, 6], denominator=100.0, producer=["a", "b"])
    assert rates.rate(frame)["producer"].tolist() == ["a", "b"]


def test_rate_says_which_method_each_row_used():
    frame = source(value=[9.0, 10.0], numerator=[9, 10], denominator=100.0)
    assert rates.rate(frame)["method"].tolist() == ["poisson_exact", "byar"]
    assert set(rates.rate(frame, method="poisson_exact")["method"]) == {"poisson_exact"}


def test_a_rate_may_exceed_its_denominator_but_a_proportion_may_not():
    frame = source(value=[150.0], numerator=[150], denominator=100.0)
    assert rates.rate(frame).loc[0, "upper"] > 150
    with pytest.raises(FrameError, match=r"numerator is greater than denominator in 1 row\(s\): 1; .* E01"):
        rates.proportion(frame)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"value": [5.0, 5.0], "numerator": [5, -5], "denominator": 100.0}, r"count is negative .*: 2;"),
        ({"value": [5.0, 0.0], "numerator": [5, 0], "denominator": [100, 0]}, r"denominator is zero .*: 2;"),
        # The classic slip: a per cent with per left at 1.
        (
            {"value": [5.0], "numerator": [5], "denominator": 100.0, "per": 1.0},
            r"value is not per \* numerator / denominator",
        ),
    ],
)
def test_impossible_counts_are_refused_by_row(columns, message):
    for function in (rates.proportion, rates.rate):
        with pytest.raises(FrameError, match=message):
            function(source(**columns))


def test_rounded_value_is_no_contradiction():
    rates.proportion(source(value=[0.1, 10.0], numerator=[62, 54], denominator=[76_551, 519.0]))


def test_analysing_twice_is_refused():
    found = rates.proportion(source(value=[5.0], numerator=[5], denominator=100.0))
    with pytest.raises(FrameError, match="already analysed"):
        rates.proportion(found)


@pytest.mark.parametrize("confidence", [(), (95,), (0.95, 0.95), (0.0,)])
def test_confidence_must_be_a_share(confidence):
    with pytest.raises(FrameError, match="expected different shares between 0 and 1"):
        rates.proportion(source(value=[5.0], numerator=[5], denominator=100.0), confidence)
    with pytest.raises(SosrakeError, match=r"write 95 % as 0\.95"):
        intervals.wilson(1, 2, 95)


def test_unknown_method_is_refused():
    with pytest.raises(FrameError, match="'wald' is not known; use one of wilson"):
        rates.proportion(source(value=[5.0]), method="wald")


def test_mean_without_deviation_has_no_interval():
    frame = source(
        value=[53.7, 53.7, 53.7],
        standard_deviation=[20.98, np.nan, 1.0],
        denominator=[8, 8, 1.0],
        per=1.0,
    )
    found = rates.mean(frame)
    assert found["method"].tolist() == ["mean_t", "published", "published"]
    assert found["lower"].isna().tolist() == [False, True, True]
    with pytest.raises(FrameError, match="standard_deviation is negative"):
        rates.mean(source(value=[1.0], standard_deviation=[-1.0], denominator=[8]))


def test_analyse_goes_by_kind_and_keeps_the_order():
    frame = source(
        indicator=["a", "b", "c", "a"],
        region_code=["E01", "E01", "E01", "E02"],
        value=[5.0, 5.0, 100.0, 6.0],
        numerator=[5, 5, np.nan, 6],
        denominator=[100, 100, np.nan, 100],
    )
    kinds = {"a": "proportion", "b": "rate", "c": "index"}
    found = rates.analyse(frame, kinds, (0.95, 0.998))
    assert found["indicator"].tolist() == ["a", "b", "c", "a"] * 2
    assert found["method"].tolist() == ["wilson", "poisson_exact", "published", "wilson"] * 2
    by_column = rates.analyse(frame.assign(kind=frame["indicator"].map(kinds)), "kind", (0.95, 0.998))
    pd.testing.assert_frame_equal(by_column.drop(columns="kind"), found)
    with pytest.raises(FrameError, match="row 2, indicator 'b': kind nan"):
        rates.analyse(frame, {"a": "proportion", "c": "index"})
    assert rates.analyse(frames.empty(), {}).empty


def test_derived_denominators_hardly_move_the_limits():
    frame = samples.indicator_frame()
    real = frame[
        (frame["denominator_status"] == "derived")
        & (frame["origin"] == "published")
        & (frame["per"] == 100)
        & (frame["numerator"] > 0)
        & np.isfinite(frame["denominator_high"])
    ]
    assert len(real) > 400
    count = real["numerator"].to_numpy()
    middle = intervals.wilson(count, real["denominator"])
    half_width = (middle.upper - middle.lower) / 2
    for edge in ("denominator_low", "denominator_high"):
        other = intervals.wilson(count, real[edge])
        moved = np.maximum(np.abs(other.lower - middle.lower), np.abs(other.upper - middle.upper))
        # The greatest shifts of the real figures of 2019, rounded up: sampling uncertainty is several times
        # the uncertainty of the denominator, least so in the biggest towns (Kuopio, 0.36).
        assert (moved / half_width).max() < 0.4
        assert (moved / half_width < 0.25).mean() > 0.95
        assert 100 * moved.max() < 0.3


def test_every_real_figure_can_be_analysed_and_stays_as_published():
    frame = samples.indicator_frame()
    found = rates.analyse(frame)
    assert len(found) == len(frame)
    assert found["value"].equals(frame["value"].reset_index(drop=True))
    able = found["lower"].notna()
    assert able.sum() > 500
    assert (found.loc[able, "lower"] <= found.loc[able, "upper"]).all()
    assert set(found["method"]) <= {entry.key for entry in methods.methods()}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(counts, counts).map(sorted), min_size=1, max_size=20))
def test_frame_and_kernel_agree(pairs):
    x = np.array([pair[0] for pair in pairs], dtype="float64")
    n = np.array([max(pair[1], 1) for pair in pairs], dtype="float64")
    found = rates.proportion(source(value=100 * x / n, numerator=x, denominator=n))
    limits = intervals.wilson(x, n)
    np.testing.assert_array_equal(found["lower"], 100 * limits.lower)
    np.testing.assert_array_equal(found["upper"], 100 * limits.upper)


@pytest.mark.parametrize("method", rates.PROPORTION_METHODS)
def test_each_interval_of_a_proportion_comes_from_its_kernel(method):
    frame = source(value=[0.0, 44.5, 100.0], numerator=[0, 0.445, 25], denominator=[25, 1, 25])
    found = rates.proportion(frame, (0.95, 0.998), method)
    assert set(found["method"]) == {method}
    for place, level in ((0, 0.95), (3, 0.998)):
        limits = getattr(intervals, method)([0, 0.445, 25], [25, 1, 25], level)
        rows = found.iloc[place : place + 3]
        np.testing.assert_allclose(rows["lower"], 100 * limits.lower, rtol=SAME_FORMULA)
        np.testing.assert_allclose(rows["upper"], 100 * limits.upper, rtol=SAME_FORMULA)


def test_agresti_coull_leaves_the_scale_unless_clipped():
    frame = source(value=[0.0], numerator=[0], denominator=[25])
    assert rates.proportion(frame, method="agresti_coull").loc[0, "lower"] < 0
    assert rates.proportion(frame, method="agresti_coull", clip=True).loc[0, "lower"] == 0


def test_counts_have_their_poisson_interval():
    frame = source(value=[0.0, 65.0, np.nan], per=1.0, status=["ok", "ok", "missing"], origin="own")
    found = rates.count(frame, (0.95, 0.998))
    assert found["method"].tolist() == ["poisson_exact", "byar", "published"] * 2
    assert set(found["statistic"]) == {"count"}
    # PHEindicatormethods 2.1.1, testdata_Byars_Wilson.xlsx: 65.
    assert found.loc[1, ["lower", "upper"]].tolist() == pytest.approx([50.163187710459454, 82.84913854593984])
    assert found.loc[0, "upper"] == pytest.approx(-np.log(0.025))
    assert found.loc[4, "lower"] < found.loc[1, "lower"]
    assert set(rates.count(frame, method="poisson_exact")["method"]) == {"poisson_exact", "published"}
    for columns, message in (
        ({"value": [5.0, -5.0], "per": 1.0}, r"rates\.count: a count is negative in 1 row\(s\): 2;"),
        ({"value": [5.0], "per": 1000.0}, "per is not 1 .*use rates.rate"),
        ({"value": [5.0], "per": 1.0, "numerator": [6.0]}, "numerator is not the count"),
    ):
        with pytest.raises(FrameError, match=message):
            rates.count(source(**columns))
    with pytest.raises(FrameError, match="'wilson' is not known; use one of byar, poisson_exact"):
        rates.count(frame, method="wilson")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"numerator": [5, np.inf]}, r"a count is infinite in 1 row\(s\): 2;"),
        ({"per": [100.0, np.nan]}, r"per is not a number above zero in 1 row\(s\): 2;"),
        ({"per": [100.0, -100.0]}, "per is not a number above zero"),
        ({"region_code": "E01"}, r"row 2 repeats the key \(.*E01.*\); keep one row a key"),
        ({"value": [5.0, np.nan]}, "column value: .*expected a finite number, as status is ok"),
        ({"value": [5.0, np.inf]}, "column value: .*expected a finite number, as status is ok"),
    ],
)
def test_broken_rows_are_named(columns, message):
    neutral = {"value": [5.0, 5.0], "numerator": [5, 5], "denominator": 100.0}
    for function in (rates.proportion, rates.rate):
        with pytest.raises(FrameError, match=message):
            function(source(**{**neutral, **columns}))


def test_infinite_deviation_is_refused():
    with pytest.raises(FrameError, match="or one of them is infinite"):
        rates.mean(source(value=[1.0], standard_deviation=[np.inf], denominator=[8]))


def test_text_columns_of_every_kind_are_checked():
    frame = source(value=[5.0, 6.0])
    for column in ("region_code", "period", "status"):
        as_category = frame.assign(**{column: frame[column].astype("category")})
        pd.testing.assert_frame_equal(frames.check(as_category), frames.check(frame))
        as_object = frame.assign(**{column: frame[column].astype(object)})
        pd.testing.assert_frame_equal(frames.check(as_object), frames.check(frame))
        for absent in (None, np.nan):
            broken = as_object.copy()
            broken.loc[1, column] = absent
            for dtype in (object, "str", "category"):
                with pytest.raises(
                    FrameError, match=f"row 2, column {column}: .*; expected text; read codes"
                ):
                    frames.check(broken.astype({column: dtype}))
    with pytest.raises(FrameError, match="row 2, column region_code: 46; expected text"):
        frames.check(frame.assign(region_code=["E01", 46]))


def test_decimals_of_a_published_value_decide_what_is_rounding():
    # 1 of 1 500 is 0.0667 %: 0.1 is its rounding, 0.10 with a second decimal (0.11) is not.
    rates.proportion(source(value=[0.1], numerator=[1], denominator=[1500]))
    with pytest.raises(FrameError, match=r"value is not per \* numerator / denominator"):
        rates.proportion(source(value=[0.1, 0.11], numerator=[1, 1], denominator=[1500, 1500]))


@pytest.mark.parametrize(
    "module",
    [
        f"sosrake_lib.{name}"
        for name in (
            "indicators.intervals",
            "indicators.rates",
            "indicators.comparison",
            "indicators.smallarea",
            "indicators.scales",
            "indicators.quality",
            "indicators.methods",
            "effects.design",
            "effects.effect",
            "effects.prepost",
            "verify",
        )
    ],
)
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_every_method_a_frame_can_name_is_registered(project):
    source_of = {
        path: path.read_text(encoding="utf-8")
        for room in ("indicators", "effects", "batch", "influence")
        for path in (project / "sosrake_lib" / room).rglob("*.py")
    }
    known = {entry.key for entry in methods.methods()}
    for key in known:
        assert any(f'"{key}"' in text for text in source_of.values()), f"{key} is registered but used nowhere"
    with pytest.raises(SosrakeError, match="method 'wald' is not in"):
        methods.method("wald")


def test_every_test_a_method_names_exists(project):
    for entry in methods.methods():
        assert entry.tests, entry.key
        for node in entry.tests:
            file, _, name = node.partition("::")
            assert f"def {name}(" in (project / file).read_text(encoding="utf-8"), node
