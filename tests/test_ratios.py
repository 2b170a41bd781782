"""Ratios and differences: exact against slow sums, approximate against statsmodels and scipy, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.rates import confint_poisson_2indep

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import comparison, intervals, rates, ratios, repeat_events

# Two correct codings of one closed formula differ only by rounding of double arithmetic.
SAME_FORMULA = 1e-12
# Quantiles and roots are found by iteration; two libraries agree to about this.
SAME_ROOT = 1e-7
COUNTS = [(11, 6), (6, 11), (0, 5), (5, 0), (1, 1), (3, 40), (250, 200), (1000, 1200)]


def slow_minimum_likelihood(x: int, size: int, share: float) -> float:
    """Add up every outcome at most as likely as the one seen (R's rule, ties within 1e-7)."""
    seen = stats.binom.pmf(x, size, share)
    each = [stats.binom.pmf(outcome, size, share) for outcome in range(size + 1)]
    return min(1.0, sum(one for one in each if one <= seen * (1 + 1e-7)))


@pytest.mark.parametrize(("x", "y"), COUNTS)
def test_exact_ratio_agrees_with_slow_sums(x, y):
    t, u = 800, 1083
    for null in (1.0, 2.5):
        found = ratios.rate_ratio(x, t, y, u, 0.998, null_ratio=null)
        share = null * t / (null * t + u)
        assert float(found.p_value) == pytest.approx(slow_minimum_likelihood(x, x + y, share), rel=1e-9)
        assert float(found.p_value) == pytest.approx(stats.binomtest(x, x + y, share).pvalue, rel=1e-9)
    ends = stats.binomtest(x, x + y).proportion_ci(0.998)
    lower, upper = (end / (1 - end) * u / t if end < 1 else np.inf for end in (ends.low, ends.high))
    assert (float(found.lower), float(found.upper)) == pytest.approx((lower, upper), rel=SAME_ROOT)


def test_numbers_of_r():
    # R 4.2.2, poisson.test(c(11, 6), c(800, 1083)): the figures of its own help page, at full length.
    found = ratios.rate_ratio(11, 800, 6, 1083)
    assert [float(part) for part in (found.ratio, found.lower, found.upper, found.p_value)] == pytest.approx(
        [2.481875, 0.841343464782514, 8.17316047279096, 0.0845369158986006], rel=1e-10
    )
    turned = ratios.rate_ratio(6, 1083, 11, 800)
    assert float(turned.lower) == pytest.approx(1 / 8.17316047279096, rel=1e-10)
    assert float(turned.upper) == pytest.approx(1 / 0.841343464782514, rel=1e-10)
    assert float(turned.p_value) == pytest.approx(0.0845369158986006, rel=1e-10)


def test_one_sided_alternatives_leave_an_end_open():
    two = ratios.rate_ratio(11, 800, 6, 1083, 0.9)
    more = ratios.rate_ratio(11, 800, 6, 1083, 0.95, alternative="greater")
    less = ratios.rate_ratio(11, 800, 6, 1083, 0.95, alternative="less")
    assert (float(more.lower), float(more.upper)) == (pytest.approx(float(two.lower)), np.inf)
    assert (float(less.lower), float(less.upper)) == (0.0, pytest.approx(float(two.upper)))
    share = 800 / 1883
    assert float(more.p_value) == pytest.approx(stats.binomtest(11, 17, share, "greater").pvalue)
    assert float(less.p_value) == pytest.approx(stats.binomtest(11, 17, share, "less").pvalue)


@pytest.mark.parametrize(("x", "y"), COUNTS)
def test_mid_p_limits_leave_half_of_the_outcome_in_each_tail(x, y):
    t, u, size = 800, 1083, x + y
    found = ratios.rate_ratio(x, t, y, u, 0.95, "mid_p")
    exact = ratios.rate_ratio(x, t, y, u, 0.95)
    assert exact.lower <= found.lower and found.upper <= exact.upper
    if x:
        share = found.lower * t / (found.lower * t + u)
        above = stats.binom.sf(x, size, share) + stats.binom.pmf(x, size, share) / 2
        assert above == pytest.approx(0.025, rel=SAME_ROOT)
    if y:
        share = found.upper * t / (found.upper * t + u)
        below = stats.binom.cdf(x, size, share) - stats.binom.pmf(x, size, share) / 2
        assert below == pytest.approx(0.025, rel=SAME_ROOT)
    at_limit = ratios.rate_ratio(x, t, y, u, 0.95, "mid_p", null_ratio=found.upper if y else found.lower)
    # The p-value and the interval are two sides of one test.
    assert float(at_limit.p_value) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize("confidence", [0.01, 0.5, 0.998, 0.999999])
def test_mid_p_limits_at_every_level(confidence):
    random = np.random.default_rng(5)
    x, y = random.integers(1, 60, 300).astype(float), random.integers(0, 60, 300).astype(float)
    found = ratios.rate_ratio(x, 1, y, 1, confidence, "mid_p")
    share = found.lower / (1 + found.lower)
    tails = stats.binom.sf(x, x + y, share) + stats.binom.pmf(x, x + y, share) / 2
    np.testing.assert_allclose(tails, (1 - confidence) / 2, rtol=SAME_ROOT)


def test_log_normal_ratios_agree_with_statsmodels():
    for x, y in [(11, 6), (41, 15), (250, 200)]:
        found = ratios.rate_ratio(x, 800, y, 1083, 0.9, "log_normal")
        ratio, half = x * 1083 / (y * 800), stats.norm.ppf(0.95) * np.sqrt(1 / x + 1 / y)
        by_hand = (ratio * np.exp(-half), ratio * np.exp(half))
        assert (float(found.lower), float(found.upper)) == pytest.approx(by_hand, rel=SAME_FORMULA)
        risks = ratios.risk_ratio(x, 800, y, 1083, 0.9, "log_normal")
        wanted = confint_proportions_2indep(
            x, 800, y, 1083, method="log", compare="ratio", alpha=0.1, correction=False
        )
        assert (float(risks.lower), float(risks.upper)) == pytest.approx(wanted, rel=SAME_FORMULA)
        table = Table2x2([[x, 800 - x], [y, 1083 - y]])
        odds = ratios.odds_ratio(x, 800, y, 1083, 0.9)
        assert (float(odds.lower), float(odds.upper)) == pytest.approx(
            table.oddsratio_confint(0.1), rel=1e-10
        )
        assert float(odds.p_value) == pytest.approx(table.oddsratio_pvalue(), rel=1e-9)
    # SciPy's documentation of relative_risk(27, 122, 44, 487).
    found = ratios.risk_ratio(27, 122, 44, 487, 0.95, "log_normal")
    assert float(found.lower) == pytest.approx(1.5836990926700116, rel=SAME_FORMULA)
    assert float(found.upper) == pytest.approx(3.7886786315466354, rel=SAME_FORMULA)


def test_score_limits_agree_with_statsmodels_and_the_paper():
    # Koopman (1984) Biometrics 40, 513-517: 36 of 40 against 16 of 80, two decimals printed.
    paper = ratios.risk_ratio(36, 40, 16, 80)
    assert (float(paper.lower), float(paper.upper)) == pytest.approx((2.94, 7.15), abs=0.005)
    for x, n, y, m in [(36, 40, 16, 80), (27, 122, 44, 487), (3, 10, 9, 10), (1, 500, 7, 450)]:
        for alpha in (0.05, 0.002):
            found = ratios.risk_ratio(x, n, y, m, 1 - alpha)
            wanted = confint_proportions_2indep(
                x, n, y, m, method="score", compare="ratio", alpha=alpha, correction=False
            )
            assert (float(found.lower), float(found.upper)) == pytest.approx(wanted, rel=1e-6)
        # At a ratio of 1 the score is the plain chi-square test of the two groups.
        chi_square = stats.chi2_contingency([[x, n - x], [y, m - y]], correction=False).pvalue
        assert float(found.p_value) == pytest.approx(chi_square, rel=1e-9)


def test_nothing_and_everything():
    exact = ratios.rate_ratio([0, 5, 0], 100, [5, 0, 0], 200)
    assert exact.ratio[0] == 0 and np.isinf(exact.ratio[1]) and np.isnan(exact.ratio[2])
    assert exact.lower.tolist()[::2] == [0.0, 0.0] and exact.lower[1] > 0
    assert np.isfinite(exact.upper[0]) and np.isinf(exact.upper[1:]).all()
    assert exact.p_value[2] == 1.0
    wald = ratios.rate_ratio([0, 5, 0], 100, [5, 0, 0], 200, method="log_normal")
    assert np.isnan(wald.lower).all() and np.isnan(wald.p_value).all()
    score = ratios.risk_ratio([0, 10, 0, 10], 10, [5, 0, 0, 10], 10)
    assert score.lower.tolist()[::2] == [0.0, 0.0] and score.lower[1] > 1
    assert np.isinf(score.upper[1:3]).all() and score.upper[0] < 1
    assert score.lower[3] == pytest.approx(1 / score.upper[3]) and score.ratio[3] == 1
    assert ratios.odds_ratio(0, 10, 5, 10, method="haldane").lower > 0
    assert np.isnan(ratios.odds_ratio(0, 10, 5, 10).upper)


def test_absent_and_broken_counts():
    for found in (
        ratios.rate_ratio([None, 5], 100, [5, 3], [100, None]),
        ratios.rate_ratio([None, 5], 100, [5, 3], [100, None], method="mid_p"),
        ratios.risk_ratio([None, 5], 100, [5, 3], [100, None]),
    ):
        assert np.isnan(found.ratio).all() and np.isnan(found.lower).all() and np.isnan(found.upper).all()
        assert np.isnan(found.p_value).all()
    # Derived counts need not be whole: limits stay between their neighbours', the exact p-value is absent.
    found = ratios.rate_ratio(10.5, 800, 6, 1083)
    assert ratios.rate_ratio(10, 800, 6, 1083).lower < found.lower < ratios.rate_ratio(11, 800, 6, 1083).lower
    assert np.isnan(found.p_value)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.1, 50), st.sampled_from(ratios.RATE_METHODS))
def test_rate_ratios_hold_their_estimate_turn_round_and_scale(x, y, time, method):
    found = ratios.rate_ratio(x, time, y, 10.0, 0.9, method)
    if np.isnan(found.lower) or x == y == 0:
        return
    assert found.lower <= found.ratio <= found.upper
    turned = ratios.rate_ratio(y, 10.0, x, time, 0.9, method)
    if np.isfinite(found.upper):
        assert float(turned.lower * found.upper) == pytest.approx(1, rel=1e-6)
    thousandfold = ratios.rate_ratio(x, 1000 * time, y, 10_000.0, 0.9, method)
    assert float(thousandfold.lower) == pytest.approx(float(found.lower), rel=1e-9)
    wide = ratios.rate_ratio(x, time, y, 10.0, 0.99, method)
    assert wide.lower <= found.lower and found.upper <= wide.upper
    assert 0 <= found.p_value <= 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(60, 300), st.integers(0, 60), st.integers(60, 300))
def test_score_limits_are_where_the_score_is_z(x, n, y, m):
    found = ratios.risk_ratio(x, n, y, m, 0.95)
    if x == y == 0:
        return
    assert found.lower <= found.ratio <= found.upper
    for limit in (found.lower, found.upper):
        if 0 < limit < np.inf:
            at_limit = ratios.risk_ratio(x, n, y, m, 0.95, null_ratio=limit)
            assert float(at_limit.p_value) == pytest.approx(0.05, rel=1e-6)


def test_many_rows_are_as_one_by_one():
    random = np.random.default_rng(3)
    x, y = random.poisson(8, 200), random.poisson(20, 200)
    t, u = random.uniform(50, 100, 200), random.uniform(50, 400, 200)
    for method in ratios.RATE_METHODS:
        together = ratios.rate_ratio(x, t, y, u, 0.95, method)
        for row in range(0, 200, 20):
            alone = ratios.rate_ratio(x[row], t[row], y[row], u[row], 0.95, method)
            assert together.lower[row] == pytest.approx(float(alone.lower), rel=1e-12, nan_ok=True)
            assert together.p_value[row] == pytest.approx(float(alone.p_value), rel=1e-9, nan_ok=True)


def test_p_values_of_great_counts_stay_right():
    x, y, t, u = 1_000_400, 999_000, 5e6, 5e6
    found = ratios.rate_ratio(x, t, y, u)
    normal = 2 * stats.norm.sf(abs(x - (x + y) / 2) / np.sqrt((x + y) / 4))
    assert float(found.p_value) == pytest.approx(normal, rel=2e-3)
    assert float(found.p_value) == pytest.approx(stats.binomtest(x, x + y).pvalue, rel=1e-6)


def test_differences_agree_with_statsmodels():
    for x, n, y, m in [(56, 70, 48, 80), (9, 10, 3, 10), (5, 200, 9, 150)]:
        found = intervals.wald_proportions(x, n, y, m, 0.9)
        wanted = confint_proportions_2indep(x, n, y, m, method="wald", compare="diff", alpha=0.1)
        assert (float(found.lower), float(found.upper)) == pytest.approx(wanted, rel=SAME_FORMULA)
        found = intervals.wald_rates(x, n, y, m, 0.9)
        wanted = confint_poisson_2indep(x, n, y, m, method="wald", compare="diff", alpha=0.1)
        assert (float(found.lower), float(found.upper)) == pytest.approx(wanted, rel=SAME_FORMULA)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ratios.rate_ratio(-1, 5, 3, 5), r"ratios\.rate_ratio: count -1 at position 1"),
        (lambda: ratios.rate_ratio(1, 5, [3, np.inf], 5), "other count inf at position 2"),
        (lambda: ratios.rate_ratio(1, 0, 3, 5), "denominator 0 at position 1 .*finite number above zero"),
        (lambda: ratios.rate_ratio(1, 5, 3, 5, null_ratio=0), "null_ratio 0"),
        (lambda: ratios.rate_ratio(1, 5, 3, 5, method="fisher"), "method 'fisher'; use one of exact, mid_p"),
        (
            lambda: ratios.rate_ratio(1, 5, 3, 5, alternative="more"),
            "alternative 'more'; use one of two_sided",
        ),
        (lambda: ratios.rate_ratio(1, 5, 3, 5, 95), "write 95 % as 0.95"),
        (lambda: ratios.risk_ratio(6, 5, 3, 5), "count 6 at position 1 .*at most its denominator"),
        (lambda: ratios.risk_ratio(1, 5, 3, 5, method="wald"), "method 'wald'; use one of score, log_normal"),
        (lambda: ratios.odds_ratio(1, 5, 6, 5), "other count 6"),
        (lambda: ratios.odds_ratio(1, 5, 3, 5, method="exact"), "use one of woolf, haldane"),
    ],
)
def test_bad_counts_are_refused_with_their_place(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


def rows(codes, numerators, denominators, *, level="hva", **columns) -> pd.DataFrame:
    numerators, denominators = np.array(numerators, float), np.array(denominators, float)
    neutral = {
        "indicator": "toimeentulotuki",
        "region_level": level,
        "region_code": codes,
        "borders": 2026,
        "period": "2019",
        "value": 100 * numerators / denominators,
        "per": 100,
        "numerator": numerators,
        "denominator": denominators,
        "status": "ok",
        "origin": "published",
    }
    return pd.DataFrame({**neutral, **columns})


COUNTRY = rows(["SSS"], [200_000], [2_500_000], level="maa")


def test_ratio_is_against_the_rest_but_told_of_the_whole():
    country = rows(["SSS"], [400], [20_000], level="maa")
    for made, kernel in ((rates.rate, ratios.rate_ratio), (rates.proportion, ratios.risk_ratio)):
        found = comparison.ratio(made(rows(["19"], [150], [5_000])), country).iloc[0]
        to_rest = kernel(150, 5_000, 250, 15_000)
        assert found["ratio"] == pytest.approx(3 / 2, rel=SAME_FORMULA)
        for limit in ("lower", "upper"):
            r = float(getattr(to_rest, limit))
            # One area in four of the country's people: whole = r / (3/4 + r/4).
            assert found[f"ratio_{limit}"] == pytest.approx(r / (0.75 + 0.25 * r), rel=SAME_FORMULA)
        assert found["ratio_p_value"] == pytest.approx(float(to_rest.p_value))
        assert (found["ratio_verdict"], found["ratio_reason"]) == ("higher", "interval_above_one")
    apart = comparison.ratio(rates.rate(rows(["19"], [150], [5_000])), country, part_of_reference=False)
    plain = ratios.rate_ratio(150, 5_000, 400, 20_000)
    assert apart.loc[0, "ratio_upper"] == pytest.approx(float(plain.upper), rel=SAME_FORMULA)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500), st.integers(500, 5_000), st.integers(500, 90_000), st.integers(100_000, 900_000))
def test_ratio_and_difference_tell_the_same_story(x, n, rest_x, rest_n):
    area = rates.rate(rows(["19"], [x], [n]))
    whole = rows(["SSS"], [x + rest_x], [n + rest_n], level="maa")
    found = comparison.ratio(comparison.against(area, whole), whole).iloc[0]
    assert found["ratio_lower"] <= found["ratio"] <= found["ratio_upper"]
    assert found["ratio"] == pytest.approx((x / n) / ((x + rest_x) / (n + rest_n)))
    assert (found["ratio"] > 1) == (found["difference"] > 0)
    assert {found["verdict"], found["ratio_verdict"]} != {"higher", "lower"}


def test_ratio_methods_levels_and_reasons():
    frame = rates.rate(rows(["10", "11", "12"], [1_500, 800, 0], [10_000] * 3), (0.95, 0.998))
    for method, key in (
        ("exact", "rate_ratio_exact"),
        ("mid_p", "rate_ratio_mid_p"),
        ("log_normal", "rate_ratio_log_normal"),
    ):
        found = comparison.ratio(frame, COUNTRY, None, rate_method=method)
        assert set(found["ratio_method"]) == {key}
        assert found["ratio_confidence"].tolist() == [0.95] * 3 + [0.998] * 3
        assert found["ratio_verdict"].tolist()[:2] == ["higher", "similar"]
        assert found.loc[3, "ratio_lower"] < found.loc[0, "ratio_lower"]
        third = ("not_testable", "no_limits") if method == "log_normal" else ("lower", "interval_below_one")
        assert (found.loc[2, "ratio_verdict"], found.loc[2, "ratio_reason"]) == third
    for method, key in (("score", "risk_ratio_score"), ("log_normal", "risk_ratio_log_normal")):
        shares = rates.proportion(rows(["10"], [1_500], [10_000]))
        assert set(comparison.ratio(shares, COUNTRY, proportion_method=method)["ratio_method"]) == {key}
    strict = comparison.ratio(frame, COUNTRY, adjust="bonferroni")
    assert strict["ratio_confidence"].tolist() == pytest.approx([1 - 0.05 / 3] * 6)


def test_ratio_says_why_nothing_can_be_tested():
    good = rows(["10"], [800], [10_000])
    absent = rows(["11"], [800], [10_000], status="suppressed").assign(value=np.nan)
    bare = rows(["12"], [800], [10_000]).assign(numerator=np.nan, denominator=np.nan)
    huge = rows(["13"], [800], [9_000_000])
    other = rows(["10"], [800], [10_000], indicator="asumistuki")
    frame = rates.rate(pd.concat([good, absent, bare, huge, other], ignore_index=True))
    found = comparison.ratio(frame, COUNTRY)
    assert found["ratio_reason"].tolist() == [
        "interval_includes_one", "value_absent", "no_denominator", "not_nested", "no_reference",
    ]  # fmt: skip
    assert found["ratio_verdict"].tolist() == ["similar"] + ["not_testable"] * 4
    assert found.loc[2, "ratio"] == pytest.approx(1.0) and np.isnan(found.loc[4, "ratio"])
    index = comparison.ratio(rates.as_given(good, "index"), COUNTRY)
    assert index["ratio_reason"].tolist() == ["statistic_without_test"]
    # Repeat events vary more than Poisson says, so a Poisson test would be too sure of them.
    clustered = rates.rate(good.assign(sum_of_squared_events=4_000.0), variance="clustered")
    assert comparison.ratio(clustered, COUNTRY)["ratio_reason"].tolist() == ["statistic_without_test"]
    assert comparison.against(clustered, COUNTRY)["reason"].tolist() == ["statistic_without_test"]


def test_difference_by_wald_and_at_each_rows_own_level():
    area = rates.rate(rows(["10"], [25], [1_000]), (0.95, 0.998))
    country = rows(["SSS"], [1_000], [50_000], level="maa")
    found = comparison.against(area, country, None, interval="wald")
    assert found["difference_method"].tolist() == ["wald_difference"] * 2
    by_hand = intervals.wald_rates(25, 1_000, 975, 49_000, 0.998).scaled(100 * (1 - 1_000 / 50_000))
    assert found.loc[1, "difference_upper"] == pytest.approx(float(by_hand.upper), rel=SAME_FORMULA)
    shares = comparison.against(rates.proportion(rows(["10"], [25], [1_000])), country, interval="wald")
    by_hand = intervals.wald_proportions(25, 1_000, 975, 49_000).scaled(98)
    assert shares.loc[0, "difference_lower"] == pytest.approx(float(by_hand.lower), rel=SAME_FORMULA)
    mover = comparison.against(area, country, None)
    assert mover["difference_confidence"].tolist() == [0.95, 0.998]
    assert mover.loc[1, "difference_lower"] < mover.loc[0, "difference_lower"]


def test_unclear_comparisons_are_refused():
    area = rates.rate(rows(["10"], [800], [10_000]))
    with pytest.raises(FrameError, match=r"comparison\.ratio: .* run rates\.analyse first"):
        comparison.ratio(rows(["10"], [800], [10_000]), COUNTRY)
    two = pd.concat([COUNTRY, rows(["19"], [8], [100])], ignore_index=True)
    with pytest.raises(FrameError, match=r"comparison\.ratio: the reference has several areas"):
        comparison.ratio(area, two)
    with pytest.raises(FrameError, match="is per 100 but its reference per 1000"):
        comparison.ratio(area, COUNTRY.assign(per=1000, value=80.0))
    with pytest.raises(FrameError, match="rate_method 'wald'; expected one of exact, mid_p, log_normal"):
        comparison.ratio(area, COUNTRY, rate_method="wald")
    with pytest.raises(FrameError, match="proportion_method 'katz'; expected one of score, log_normal"):
        comparison.ratio(area, COUNTRY, proportion_method="katz")
    with pytest.raises(FrameError, match="invented and real figures never meet"):
        comparison.ratio(area, COUNTRY.assign(origin="synthetic"))
    with pytest.raises(FrameError, match=r"comparison\.ratio: confidence 95; expected a share"):
        comparison.ratio(area, COUNTRY, 95)
    with pytest.raises(FrameError, match="interval 'normal'; expected one of mover, wald"):
        comparison.against(area, COUNTRY, interval="normal")


def test_repeat_events_reach_the_rate_and_leave_frames_alone():
    frame = rows(["10", "11"], [5, 7], [1_000, 2_000])
    table = pd.DataFrame({"region_code": ["10", "10", "11"], "events_per_person": [2, 3, 7]})
    before, table_before = frame.copy(deep=True), table.copy(deep=True)
    found = rates.rate(repeat_events.add_squares(frame, table), variance="clustered")
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(table, table_before)
    assert found["sum_of_squared_events"].tolist() == [13.0, 49.0]
    assert (found["upper"] > rates.rate(frame)["upper"]).all()
