"""Straight trends, changes and moving values: kernels against statsmodels, frames, breaks, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import change_kernels, intervals, rates, trends
from sosrake_lib.indicators import trend_kernels as kernels

YEARS = np.arange(2010, 2020)
KEPT = ("value", "lower", "upper", "p_value")


def series(values, first=2010, **columns) -> pd.DataFrame:
    base = {
        "indicator": "toimeentulotuki",
        "region_level": "kunta",
        "region_code": "297",
        "borders": 2021,
        "period": [str(first + number) for number in range(len(values))],
        "value": np.array(values, float),
        "per": 100.0,
        "status": "ok",
        "origin": "published",
    }
    return pd.DataFrame({**base, **columns})


def counted(numerators, denominator=1000.0, **columns) -> pd.DataFrame:
    x = np.array(numerators, float)
    return series(100 * x / denominator, numerator=x, denominator=denominator, **columns)


def absent(frame: pd.DataFrame, row: int, status: str = "missing") -> pd.DataFrame:
    changed = frame.copy()
    changed.loc[row, "status"] = status
    changed.loc[row, ["value", "numerator", "denominator"]] = np.nan
    return changed


# --- kernels


@pytest.mark.parametrize("weighted", [False, True])
def test_log_linear_equals_statsmodels(weighted):
    generator = np.random.default_rng(1)
    values, weights = generator.lognormal(3, 0.2, (20, 10)), generator.uniform(1, 9, (20, 10))
    values[generator.random((20, 10)) < 0.2] = np.nan
    found = kernels.log_linear(YEARS, values, weights if weighted else None)
    limits = kernels.slope_limits(found.slope, found.standard_error, found.df, 0.9)
    for row in range(20):
        use = np.isfinite(values[row])
        w = weights[row, use] if weighted else np.ones(use.sum())
        fit = sm.WLS(np.log(values[row, use]), sm.add_constant(YEARS[use] - 2015.0), weights=w).fit()
        got = [found.slope[row], found.standard_error[row], found.p_value[row], found.rss[row]]
        # Two orders of the same sums: agreement to some 1e-12, tested a hundredfold coarser.
        np.testing.assert_allclose(got, [fit.params[1], fit.bse[1], fit.pvalues[1], fit.ssr], rtol=1e-9)
        np.testing.assert_allclose([limits.lower[row], limits.upper[row]], fit.conf_int(0.1)[1], rtol=1e-9)


@pytest.mark.parametrize("overdispersed", [False, True])
def test_poisson_equals_statsmodels(overdispersed):
    generator = np.random.default_rng(2)
    people = generator.uniform(800, 1200, (20, 10))
    counts = generator.poisson(0.004 * people).astype(float)
    counts[generator.random((20, 10)) < 0.1] = np.nan
    found = kernels.poisson(YEARS, counts, people, overdispersed=overdispersed)
    for row in range(20):
        use = np.isfinite(counts[row])
        model = sm.GLM(
            counts[row, use],
            sm.add_constant(YEARS[use] - 2015.0),
            family=sm.families.Poisson(),
            offset=np.log(people[row, use]),
        )
        fit = model.fit(tol=1e-13, tol_criterion="params", scale="X2" if overdispersed else None)
        got = [found.slope[row], found.standard_error[row], found.deviance[row]]
        np.testing.assert_allclose(got, [fit.params[1], fit.bse[1], fit.deviance], rtol=1e-8)
        assert found.dispersion[row] == pytest.approx(fit.pearson_chi2 / fit.df_resid, rel=1e-8)


def test_limits_of_the_last_step_are_those_of_glm():
    year, count = range(2012, 2020), [44, 39, 41, 36, 30, 33, 27, 25]
    people = [12000, 12100, 11900, 12050, 12010, 11950, 11800, 11750]
    limits = kernels.percent_limits(kernels.poisson(year, count, people, information="last_step"))
    # R 4.2.2 glm(poisson, offset), confint.default; R prints 15 digits.
    assert limits.lower[0] == pytest.approx(-11.9292819618948, rel=1e-12)
    assert limits.upper[0] == pytest.approx(-2.24252096656815, rel=1e-12)
    exact = kernels.percent_limits(kernels.poisson(year, count, people))
    assert exact.upper[0] == pytest.approx(limits.upper[0], rel=1e-5)
    assert exact.upper[0] != limits.upper[0]


def test_counts_without_a_finite_slope_have_none():
    found = kernels.poisson([1, 2, 3], [[0, 0, 0], [5, 0, 0], [0, 0, 5], [0, 5, 0], [0, 0, 1]])
    assert np.isnan(found.slope[[0, 1, 2, 4]]).all()
    assert found.slope[3] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found.deviance[0])


def test_a_constant_series_does_not_change():
    found = kernels.log_linear(YEARS, np.full(10, 0.3))
    assert (found.slope[0], found.standard_error[0], found.rss[0]) == (0, 0, 0)


def test_kernels_say_what_is_wrong():
    with pytest.raises(
        SosrakeError, match=r"value 0 \(series 1, point 2\) is not above zero; use the Poisson"
    ):
        kernels.log_linear([1, 2, 3], [1, 0, 2])
    with pytest.raises(SosrakeError, match="weight -1"):
        kernels.log_linear([1, 2, 3], [1, 1, 2], [1, 1, -1])
    with pytest.raises(SosrakeError, match="count -2"):
        kernels.poisson([1, 2, 3], [1, -2, 2])
    with pytest.raises(SosrakeError, match="population 0"):
        kernels.poisson([1, 2, 3], [1, 2, 2], [9, 0, 9])
    with pytest.raises(SosrakeError, match="value is infinite"):
        kernels.log_linear([1, 2, 3], [1, np.inf, 2])
    with pytest.raises(SosrakeError, match="one finite time for each value"):
        kernels.log_linear([1, 2], [1, 1, 2])
    with pytest.raises(SosrakeError, match="information 'first'"):
        kernels.poisson([1, 2, 3], [1, 2, 2], information="first")
    with pytest.raises(SosrakeError, match="confidence 95"):
        kernels.percent_limits(kernels.log_linear([1, 2, 3], [1, 1, 2]), 95)


POSITIVE = st.lists(st.floats(0.5, 500), min_size=4, max_size=9)


@settings(max_examples=40, deadline=None)
@given(POSITIVE, st.floats(0.01, 100))
def test_the_scale_does_not_matter_and_the_interval_holds_the_value(values, factor):
    one = kernels.log_linear(range(len(values)), values)
    other = kernels.log_linear(range(len(values)), np.array(values) * factor)
    np.testing.assert_allclose(one.slope, other.slope, atol=1e-9)
    limits, wider = kernels.percent_limits(one), kernels.percent_limits(one, 0.998)
    value = kernels.percent(one.slope)
    assert (limits.lower <= value).all() and (value <= limits.upper).all()
    assert (wider.lower <= limits.lower).all() and (limits.upper <= wider.upper).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=4, max_size=9), st.floats(0.1, 1000))
def test_people_in_thousands_give_the_same_poisson_trend(counts, factor):
    people = np.linspace(900, 1100, len(counts))
    one = kernels.poisson(range(len(counts)), counts, people)
    other = kernels.poisson(range(len(counts)), counts, people * factor)
    np.testing.assert_allclose(one.slope, other.slope, atol=1e-7)
    mirrored = kernels.poisson(-np.arange(len(counts)), counts, people)
    np.testing.assert_allclose(one.slope, -mirrored.slope, atol=1e-7)


# --- annual percent change of frames


def test_every_series_has_its_row_and_the_order_of_rows_does_not_matter():
    both = pd.concat([series([8, 7.6, 7.1, 6.9]), series([5, 5.5, 6.1, 6.4], region_code="046")])
    found = trends.annual_percent_change(both, confidence=(0.95, 0.998))
    assert found["confidence"].tolist() == [0.95, 0.95, 0.998, 0.998]
    assert set(found["method"]) == {"log_linear"}
    assert set(found["period"]) == {"2010/2013"}
    assert (found["per"] == 100).all() and (found["origin"] == "own").all()
    frames.check(found)
    shuffled = trends.annual_percent_change(both.sample(frac=1, random_state=3), confidence=(0.95, 0.998))
    keys = ["confidence", "region_code"]
    one, other = (part.sort_values(keys).reset_index(drop=True) for part in (found, shuffled))
    pd.testing.assert_frame_equal(one[list(KEPT)], other[list(KEPT)])
    alone = trends.annual_percent_change(series([8, 7.6, 7.1, 6.9]))
    expected = kernels.percent(kernels.log_linear(range(4), [8, 7.6, 7.1, 6.9]).slope)[0]
    assert alone["value"].item() == pytest.approx(expected) == found["value"].iloc[0]


def test_poisson_takes_zeros_and_log_linear_names_the_way_out():
    frame = counted([3, 0, 2, 1, 4, 0, 1])
    with pytest.raises(
        FrameError, match=r"value is not above zero.*in 2 row\(s\); the first is toimeentulotuki"
    ):
        trends.annual_percent_change(frame)
    with pytest.raises(
        FrameError, match="use model='poisson', which takes zeros as counts, or name a constant"
    ):
        trends.annual_percent_change(frame)
    found = trends.annual_percent_change(frame, "poisson")
    assert found["method"].item() == "poisson_regression" and np.isnan(found["df"].item())
    quasi = trends.annual_percent_change(frame, "quasi_poisson")
    assert quasi["method"].item() == "quasi_poisson_regression" and quasi["df"].item() == 5
    assert found["value"].item() == pytest.approx(quasi["value"].item())
    added = trends.annual_percent_change(frame, added=0.1)
    assert added["added_constant"].item() == 0.1


def test_gaps_are_told_and_suppressed_years_are_not_left_out_silently():
    frame = series([8, 7.6, 7.1, 6.9, 6.6])
    found = trends.annual_percent_change(absent(frame, 2))
    assert (found["periods_used"].item(), found["periods_expected"].item()) == (4, 5)
    expected = kernels.log_linear([0, 1, 3, 4], [8, 7.6, 6.9, 6.6]).slope[0]
    assert found["slope"].item() == pytest.approx(expected)
    without_row = trends.annual_percent_change(frame.drop(index=2))
    assert without_row["value"].item() == found["value"].item()
    assert without_row["periods_expected"].item() == 5
    hidden = absent(frame, 2, "suppressed")
    blocked = trends.annual_percent_change(hidden)
    assert (blocked["status"].item(), blocked["reason"].item()) == ("missing", "value_absent")
    assert np.isnan(blocked["value"].item()) and np.isnan(blocked["p_value"].item())
    allowed = trends.annual_percent_change(hidden, leave_out=("missing", "suppressed"))
    assert allowed["value"].item() == found["value"].item()
    strict = trends.annual_percent_change(absent(frame, 2), leave_out=())
    assert strict["reason"].item() == "value_absent"
    edge = trends.annual_percent_change(absent(frame, 4))
    assert edge["period"].item() == "2010/2013" and edge["periods_expected"].item() == 5


def test_a_break_is_never_crossed_silently():
    frame = series([8, 7.6, 7.1, 9.9, 9.5, 9.2], break_before=[False, False, False, True, False, False])
    with pytest.raises(
        FrameError, match=r"break_before inside a series.*toimeentulotuki kunta 297 2013.*split"
    ):
        trends.annual_percent_change(frame)
    split = trends.annual_percent_change(frame, breaks="split")
    assert split["period"].tolist() == ["2010/2012", "2013/2015"] and split["stretch"].tolist() == [1, 2]
    assert (split["value"] < 0).all() and not split["crosses_break"].any()
    crossed = trends.annual_percent_change(frame, breaks="cross")
    assert crossed["crosses_break"].item() and crossed["value"].item() > 0
    first = frame.assign(break_before=[True, *[False] * 5])
    assert trends.annual_percent_change(first)["stretch"].item() == 1
    with pytest.raises(FrameError, match="breaks 'ignore'; expected one of refuse, split, cross"):
        trends.annual_percent_change(frame, breaks="ignore")
    monthly = frame.assign(period=[f"2019-0{month}" for month in range(1, 7)])
    with pytest.raises(FrameError, match="lie in the same years"):
        trends.annual_percent_change(monthly, breaks="split")


def test_months_count_as_parts_of_a_year():
    periods = [f"{year}-{month:02d}" for year in (2018, 2019) for month in range(1, 13)]
    values = 10 * 1.05 ** (np.arange(24) / 12)
    found = trends.annual_percent_change(series(values, period=periods))
    assert found["value"].item() == pytest.approx(5)
    assert (found["period"].item(), found["first_period"].item()) == ("2018/2019", "2018-01")
    spans = series([8, 7, 6], period=["2010/2012", "2013/2015", "2016/2018"])
    assert trends.annual_percent_change(spans)["period"].item() == "2010/2018"


def test_short_series_have_a_reason_and_a_frame_of_them_a_message():
    both = pd.concat([series([8, 7.6, 7.1]), series([5, 5.5], region_code="046")])
    found = trends.annual_percent_change(both)
    assert found["reason"].tolist() == ["", "too_few_periods"]
    with pytest.raises(FrameError, match=r"no series has 3 periods with a value \(the longest has 2\)"):
        trends.annual_percent_change(series([5, 5.5]))
    alone = trends.annual_percent_change(
        pd.concat([counted([2, 0, 0]), counted([2, 1, 3], region_code="046")]), "poisson"
    )
    assert alone["reason"].tolist() == ["no_finite_trend", ""]


def test_bad_input_is_refused_by_name():
    frame = series([8, 7.6, 7.1, 6.9])
    cases = [
        (frame.assign(per=[100, 100, 1000, 100]), "column per has 100 and 1000 in the series"),
        (frame.assign(borders=[2019, 2020, 2021, 2021]), "column borders has 2019 and 2020"),
        (frame.assign(origin=["published", "synthetic", "own", "own"]), "mixes synthetic rows"),
        (
            frame.assign(period=["2010", "2011", "2012", "2013-01"]),
            r"mixes kinds or lengths of period \(2010, 2013-01",
        ),
        (
            frame.assign(period=["2010/2012", "2011/2013", "2012/2014", "2013/2015"]),
            "overlaps the one before it",
        ),
        (frame.assign(period=["2010", "2010", "2012", "2013"]), "repeats the key"),
        (frame.assign(value=[8, np.inf, 7, 6]), r"row 2, column value: .*inf"),
        (frame.iloc[:0], "the frame has no rows"),
        (rates.as_given(frame, "index"), "already analysed"),
    ]
    for wrong, message in cases:
        with pytest.raises(FrameError, match=message):
            trends.annual_percent_change(wrong)
    options = [
        ({"model": "lasso"}, "model 'lasso'; expected one of log_linear"),
        ({"confidence": 95}, "confidence 95"),
        ({"fewest": 2}, "at least 3 periods"),
        ({"weights": "paino"}, "column paino of weights is missing"),
        ({"added": -1}, "added -1"),
        ({"leave_out": ("ok",)}, "leave_out names 'ok'"),
        ({"model": "poisson"}, r"numerator or denominator is absent in 4 row\(s\)"),
        ({"model": "poisson", "weights": "value"}, "belong to log_linear"),
    ]
    for option, message in options:
        with pytest.raises(FrameError, match=message):
            trends.annual_percent_change(frame, **option)
    with pytest.raises(FrameError, match="numerator is negative"):
        trends.annual_percent_change(counted([1, -2, 3]), "poisson")
    with pytest.raises(FrameError, match="denominator is not above zero"):
        trends.annual_percent_change(counted([1, 2, 3]).assign(denominator=[9, 0, 9]), "poisson")
    with pytest.raises(FrameError, match="weight paino is absent or not above zero"):
        trends.annual_percent_change(frame.assign(paino=[1, 0, 1, 1]), weights="paino")


def test_the_users_data_stay_as_they_are():
    frame = counted([3, 4, 2, 1])
    before = frame.copy(deep=True)
    trends.annual_percent_change(frame, "poisson")
    trends.moving(frame)
    trends.change(frame, "2010", "2013", kinds={"toimeentulotuki": "rate"})
    pd.testing.assert_frame_equal(frame, before)


# --- change between two periods


def test_mover_ratio_equals_the_quadratic():
    a, b = 0.1, 0.3
    one, other = intervals.wilson(10, 100), intervals.wilson(9, 30)
    found = change_kernels.mover_ratio(a, one, b, other)
    l1, u1, l2, u2 = (float(part) for part in (one.lower, one.upper, other.lower, other.upper))
    low = (a * b - np.sqrt((a * b) ** 2 - l1 * u2 * (2 * a - l1) * (2 * b - u2))) / (u2 * (2 * b - u2))
    high = (a * b + np.sqrt((a * b) ** 2 - u1 * l2 * (2 * a - u1) * (2 * b - l2))) / (l2 * (2 * b - l2))
    assert float(found.lower) == pytest.approx(low, rel=1e-12)
    assert float(found.upper) == pytest.approx(high, rel=1e-12)
    none = change_kernels.mover_ratio(0.0, intervals.wilson(0, 50), b, other)
    assert float(none.lower) == 0 and float(none.upper) > 0


def test_change_of_proportions_rates_and_means():
    frame = counted([60, 55, 40], 500.0)
    share = trends.change(frame, "2010", "2012", kinds={"toimeentulotuki": "proportion"}, confidence=0.9)
    limits = intervals.newcombe(40, 500, 60, 500, 0.9)
    assert share["method"].tolist() == ["newcombe", "change_mover_ratio"]
    np.testing.assert_allclose(
        share.loc[0, ["value", "lower", "upper"]].astype(float), [-4, 100 * limits.lower, 100 * limits.upper]
    )
    assert share["verdict"].tolist() == ["decrease", "decrease"] and share["per"].tolist() == [100, 1]
    assert share["value"].iloc[1] == pytest.approx(2 / 3)
    event = trends.change(frame, "2010", "2012", kinds={"toimeentulotuki": "rate"}, ratio_method="log_ratio")
    assert event["method"].tolist() == ["mover_poisson", "change_log_ratio"]
    half = stats.norm.ppf(0.975) * np.sqrt(1 / 40 + 1 / 60)
    assert event["upper"].iloc[1] == pytest.approx(2 / 3 * np.exp(half), rel=1e-12)
    generator = np.random.default_rng(5)
    before, after = generator.normal(20, 4, 30), generator.normal(23, 6, 25)
    scores = series(
        [before.mean(), after.mean()],
        standard_deviation=[before.std(ddof=1), after.std(ddof=1)],
        denominator=[30.0, 25.0],
    )
    mean = trends.change(scores, "2010", "2011", kinds={"toimeentulotuki": "mean"})
    test = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert mean["method"].tolist() == ["change_welch", "change_mover_ratio"]
    assert mean["lower"].iloc[0] == pytest.approx(test.low, rel=1e-10)
    assert mean["upper"].iloc[0] == pytest.approx(test.high, rel=1e-10)
    assert mean["lower"].iloc[1] < mean["value"].iloc[1] < mean["upper"].iloc[1]


def test_change_takes_analysed_frames_of_several_confidences_once():
    analysed = rates.rate(counted([60, 55, 40]), (0.95, 0.998))
    found = trends.change(analysed, "2010", "2012", measures=("difference",), confidence=(0.95, 0.998))
    assert len(found) == 2 and found["confidence"].tolist() == [0.95, 0.998]


def test_change_says_why_there_is_none():
    whole = counted([60, 55, 40])
    gone = counted([60, 55, 40], region_code="046").drop(index=2)
    hidden = absent(counted([60, 55, 40], region_code="049"), 2, "suppressed")
    zero = counted([0, 55, 40], region_code="091")
    plain = series([6, 5.5, 4], region_code="092")
    frame = pd.concat([whole, gone, hidden, zero, plain])
    found = trends.change(frame, "2010", "2012", kinds={"toimeentulotuki": "rate"})
    shown = found.set_index(["region_code", "statistic"])["reason"]
    assert shown.loc["046"].tolist() == ["period_absent"] * 2
    assert shown.loc["049"].tolist() == ["value_absent"] * 2
    assert shown.loc["091"].tolist() == ["", "first_is_zero"]
    assert shown.loc["092"].tolist() == ["no_counts"] * 2
    bare = found.loc[(found["region_code"] == "092") & (found["statistic"] == "difference")]
    assert bare["value"].item() == -2 and bare["verdict"].item() == "not_testable"
    assert np.isnan(bare["lower"].item())


def test_change_over_a_break_other_borders_or_overlap_is_refused():
    frame = counted([60, 55, 40], break_before=[False, True, False])
    kinds = {"toimeentulotuki": "rate"}
    with pytest.raises(FrameError, match=r"1 series have break_before between the two periods.* 2011"):
        trends.change(frame, "2010", "2012", kinds=kinds)
    split = trends.change(frame, "2010", "2012", kinds=kinds, breaks="split")
    assert set(split["reason"]) == {"break_between"} and set(split["status"]) == {"missing"}
    assert trends.change(frame, "2010", "2012", kinds=kinds, breaks="cross")["crosses_break"].all()
    assert not trends.change(frame, "2011", "2012", kinds=kinds)["crosses_break"].any()
    clean = counted([60, 55, 40])
    with pytest.raises(FrameError, match="column borders is 2019 and then 2021"):
        trends.change(clean.assign(borders=[2019, 2020, 2021]), "2010", "2012", kinds=kinds)
    with pytest.raises(FrameError, match="does not begin after '2012' has ended"):
        trends.change(clean, "2012", "2010", kinds=kinds)
    with pytest.raises(FrameError, match="different kinds or lengths"):
        trends.change(clean, "2010", "2011-01", kinds=kinds)
    with pytest.raises(FrameError, match="period '2015' is not in the frame"):
        trends.change(clean, "2010", "2015", kinds=kinds)
    with pytest.raises(FrameError, match="measures"):
        trends.change(clean, "2010", "2012", kinds=kinds, measures=("odds",))
    with pytest.raises(FrameError, match="ratio_method 'koopman'"):
        trends.change(clean, "2010", "2012", kinds=kinds, ratio_method="koopman")
    twice = pd.concat([clean, clean.assign(borders=2019)])
    with pytest.raises(FrameError, match="two rows in 2010, such as by two maps"):
        trends.change(twice, "2010", "2012", kinds=kinds)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50), st.integers(1, 50))
def test_intervals_of_ratios_hold_the_ratio(last, first):
    found = change_kernels.mover_ratio(
        last / 60, intervals.wilson(last, 60), first / 60, intervals.wilson(first, 60)
    )
    assert float(found.lower) <= last / first <= float(found.upper)


# --- moving values


def test_moving_values_sum_counts():
    frame = counted([20, 40, 30, 50], [1000.0, 1100.0, 900.0, 1000.0])
    found = trends.moving(frame)
    assert found["period"].tolist() == ["2010/2012", "2011/2013"]
    assert found["middle_year"].tolist() == [2011, 2012]
    assert found["numerator"].tolist() == [90, 120] and found["denominator"].tolist() == [3000, 3000]
    np.testing.assert_allclose(found["value"], [3, 4])
    assert set(found["moving_method"]) == {"moving_counts"}
    analysed = rates.rate(found)
    assert (analysed["lower"] < analysed["value"]).all()


def test_moving_values_without_counts_are_means():
    found = trends.moving(series([8, 7, 6, 5, 4]), years=5)
    assert (found["value"].item(), found["middle_year"].item()) == (6, 2012)
    assert found["moving_method"].item() == "moving_mean" and np.isnan(found["numerator"].item())


def test_incomplete_windows_are_missing_unless_allowed():
    frame = counted([20, 40, 30, 50, 60])
    for gappy in (absent(frame, 2), frame.drop(index=2)):
        found = trends.moving(gappy)
        assert set(found["status"]) == {"missing"} and set(found["reason"]) == {"too_few_periods"}
        allowed = trends.moving(gappy, min_periods=2)
        assert allowed["periods_used"].tolist() == [2, 2, 2] and allowed["status"].eq("ok").all()
        assert allowed["numerator"].tolist() == [60, 90, 110]
    hidden = trends.moving(absent(frame, 2, "suppressed"), min_periods=1)
    assert set(hidden["reason"]) == {"value_absent"}
    with pytest.raises(FrameError, match="min_periods 4; expected 1 to 3"):
        trends.moving(frame, min_periods=4)


def test_windows_do_not_span_a_break():
    frame = counted([20, 40, 30, 50, 60, 70], break_before=[False, False, False, True, False, False])
    with pytest.raises(FrameError, match="break_before inside a series"):
        trends.moving(frame)
    split = trends.moving(frame, breaks="split")
    assert split["period"].tolist() == ["2010/2012", "2013/2015"]
    assert split["break_before"].tolist() == [False, True]
    crossed = trends.moving(frame, breaks="cross")
    assert crossed["crosses_break"].tolist() == [False, True, True, False]


def test_moving_months_end_with_their_last_month():
    periods = [f"{year}-{month:02d}" for year in (2018, 2019) for month in range(1, 13)]
    values = np.arange(24.0)
    found = trends.moving(series(values, period=periods), months=12)
    assert found["period"].iloc[0] == "2018-12" and found["first_period"].iloc[0] == "2018-01"
    assert found["value"].tolist() == [values[start : start + 12].mean() for start in range(13)]
    assert set(found["middle_period"]) == {""}
    three = trends.moving(series(values, period=periods), months=3)
    assert three["middle_period"].iloc[0] == "2018-02"
    halves = series([1, 2, 3], period=["2018-H1", "2018-H2", "2019-H1"])
    assert trends.moving(halves, months=12)["period"].tolist() == ["2018-H2", "2019-H1"]
    with pytest.raises(FrameError, match="months=5 is no whole number of half-years"):
        trends.moving(halves, months=5)
    with pytest.raises(FrameError, match="years=4 has no middle year"):
        trends.moving(series(values), years=4)
    with pytest.raises(FrameError, match="no series spans 3 periods"):
        trends.moving(series([1, 2]))
