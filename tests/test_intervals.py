"""Interval kernels: other people's numbers, tails added up by hand, repeat events, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import exact_binomial, intervals, rates, repeat_events

# Two correct codings of one closed formula differ only by rounding of double arithmetic.
SAME_FORMULA = 1e-12
# Quantiles of beta and gamma are found by iteration; two libraries agree to about this.
SAME_QUANTILE = 1e-10

counts = st.integers(min_value=0, max_value=10**6)
confidences = st.floats(min_value=0.5, max_value=0.999)
PROPORTIONS = {
    "wilson": intervals.wilson,
    "clopper_pearson": intervals.clopper_pearson,
    "agresti_coull": intervals.agresti_coull,
}


@pytest.mark.parametrize(
    ("method", "name"), [("clopper_pearson", "beta"), ("agresti_coull", "agresti_coull")]
)
def test_proportion_intervals_agree_with_statsmodels(method, name):
    n = np.array([1, 5, 25, 519, 56_323, 2_600_000])
    for share in (0.0, 0.02, 0.5, 0.99, 1.0):
        x = np.floor(share * n)
        for confidence in (0.8, 0.95, 0.998):
            lower, upper = proportion_confint(x, n, alpha=1 - confidence, method=name)
            got = PROPORTIONS[method](x, n, confidence)
            if method == "agresti_coull":
                got = intervals.agresti_coull(x, n, confidence, clip=True)
            np.testing.assert_allclose(got.lower, np.clip(lower, 0, 1), rtol=0, atol=SAME_QUANTILE)
            np.testing.assert_allclose(got.upper, np.clip(upper, 0, 1), rtol=0, atol=SAME_QUANTILE)


@pytest.mark.parametrize(("x", "n"), [(1, 25), (3, 7), (24, 25), (250, 1000)])
def test_clopper_pearson_limits_are_the_tails_of_the_binomial(x, n):
    for confidence in (0.95, 0.998):
        found = intervals.clopper_pearson(x, n, confidence)
        tail = (1 - confidence) / 2
        # At the lower limit x or more is as rare as the tail; at the upper one x or fewer.
        assert stats.binom.sf(x - 1, n, found.lower) == pytest.approx(tail, rel=1e-8)
        assert stats.binom.cdf(x, n, found.upper) == pytest.approx(tail, rel=1e-8)


def test_edges_of_clopper_pearson_in_closed_form():
    found = intervals.clopper_pearson([0, 12], [12, 12])
    # 0 of n: (1 - p)^n = 0.025, so p = 1 - 0.025^(1/n); n of n is its mirror image.
    assert found.lower.tolist() == pytest.approx([0.0, 0.025 ** (1 / 12)], abs=SAME_FORMULA)
    assert found.upper.tolist() == pytest.approx([1 - 0.025 ** (1 / 12), 1.0], abs=SAME_FORMULA)


def test_agresti_coull_is_told_as_it_comes_unless_clipped():
    # R binom 1.1.1.1, binom.confint(0, 25, methods = "ac"); the mirror image for 25 of 25.
    low = -0.0243949420666957
    assert intervals.agresti_coull(0, 25).lower == pytest.approx(low, rel=1e-10)
    assert intervals.agresti_coull(25, 25).upper == pytest.approx(1 - low, rel=1e-10)
    clipped = intervals.agresti_coull([0, 25], 25, clip=True)
    assert (clipped.lower[0], clipped.upper[1]) == (0.0, 1.0)


@settings(max_examples=40, deadline=None)
@given(st.tuples(counts, counts).map(sorted), confidences)
def test_every_proportion_interval_holds_its_estimate_widens_and_mirrors(pair, confidence):
    x, n = pair[0], max(pair[1], 1)
    for kernel in PROPORTIONS.values():
        narrow, wide = kernel(x, n, confidence), kernel(x, n, (1 + confidence) / 2)
        assert narrow.lower - 1e-9 <= x / n <= narrow.upper + 1e-9
        assert wide.lower <= narrow.lower + 1e-9 and wide.upper >= narrow.upper - 1e-9
        mirrored = kernel(n - x, n, confidence)
        assert float(narrow.lower) == pytest.approx(1 - float(mirrored.upper), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 200)), min_size=2, max_size=15), st.randoms())
def test_rows_do_not_know_of_each_other(pairs, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    for kernel in PROPORTIONS.values():
        together = {pair: kernel(*pair).upper for pair in pairs}
        found = kernel([x for x, _ in shuffled], [n for _, n in shuffled])
        assert found.upper.tolist() == pytest.approx([float(together[pair]) for pair in shuffled])


def test_a_share_that_is_no_whole_number_of_people():
    # PHEindicatormethods 2.1.1, testdata_Byars_Wilson.xlsx: 0.445 of 1.
    found = intervals.wilson(0.445, 1)
    assert [float(found.lower), float(found.upper)] == pytest.approx(
        [0.04381744772058822, 0.9334621276979156]
    )
    exact = intervals.clopper_pearson(0.445, 1)
    assert 0 < exact.lower < 0.445 < exact.upper < 1


def test_several_confidences_in_one_call():
    both = intervals.wilson(65, 100, [0.95, 0.998])
    for place, level in enumerate((0.95, 0.998)):
        one = intervals.wilson(65, 100, level)
        assert (both.lower[place], both.upper[place]) == (float(one.lower), float(one.upper))
    rows_by_level = intervals.poisson(np.array([[3.0], [30.0]]), [0.95, 0.998])
    assert rows_by_level.lower.shape == (2, 2)
    assert rows_by_level.upper[1, 1] == float(intervals.byar(30, 0.998).upper)
    assert [intervals.level_name(level) for level in (0.95, 0.998, 0.9, 0.999)] == ["95", "998", "90", "999"]


def test_absent_stays_absent():
    for kernel in PROPORTIONS.values():
        found = kernel([None, 5], [10, None])
        assert np.isnan(found.lower).all() and np.isnan(found.upper).all()
    for kernel in (intervals.poisson, intervals.poisson_exact, intervals.byar):
        assert np.isnan(kernel(np.nan).lower) and np.isnan(kernel(np.nan).upper)
    assert np.isnan(intervals.clustered([np.nan, 5], [5, np.nan]).upper).all()


def test_scaled_limits_turn_round_with_a_negative_factor():
    found = intervals.Interval(np.array(1.0), np.array(3.0)).scaled(-100)
    assert (float(found.lower), float(found.upper)) == (-300.0, -100.0)


def test_poisson_limits_are_the_tails_of_the_poisson():
    for count in (1, 4, 9, 137):
        found = intervals.poisson_exact(count, 0.998)
        assert stats.poisson.sf(count - 1, found.lower) == pytest.approx(0.001, rel=1e-8)
        assert stats.poisson.cdf(count, found.upper) == pytest.approx(0.001, rel=1e-8)
    # No event: exp(-upper) = 0.025.
    assert intervals.poisson_exact(0).upper == pytest.approx(-np.log(0.025), rel=SAME_FORMULA)


def test_poisson_switches_where_it_is_told():
    x = np.array([0, 9, 10, 11])
    assert intervals.poisson_method(x).tolist() == ["poisson_exact", "poisson_exact", "byar", "byar"]
    found, late = intervals.poisson(x), intervals.poisson(x, 0.95, 11)
    assert found.upper[2] == intervals.byar(10).upper
    assert late.upper[2] == intervals.poisson_exact(10).upper
    np.testing.assert_array_equal(intervals.poisson(x, 0.95, np.inf).lower, intervals.poisson_exact(x).lower)


def test_repeat_events_by_hand():
    # Ten persons: seven had 1 event, two 2, one 3. O = 7 + 4 + 3 = 14, V = 7·1 + 2·4 + 1·9 = 24.
    squares = intervals.squared_events([1, 2, 3], [7, 2, 1])
    assert squares == 24.0 == intervals.squared_events([1] * 7 + [2, 2, 3])
    z = 1.959963984540054
    normal = intervals.clustered(14, squares, method="normal")
    # √24 = 4.898979486
    assert [float(normal.lower), float(normal.upper)] == pytest.approx(
        [14 - z * 4.898979485566356, 14 + z * 4.898979485566356], rel=SAME_FORMULA
    )
    log = intervals.clustered(14, squares, method="log_normal")
    factor = np.exp(z * 4.898979485566356 / 14)
    assert [float(log.lower), float(log.upper)] == pytest.approx([14 / factor, 14 * factor], rel=SAME_FORMULA)
    dobson = intervals.clustered(14, squares)
    # Byar's limits of 14 by hand: 14(1 - 1/126 - z/(3√14))³ and 15(1 - 1/135 + z/(3√15))³.
    lower, upper = 14 * (1 - 1 / 126 - z / (3 * 14**0.5)) ** 3, 15 * (1 - 1 / 135 + z / (3 * 15**0.5)) ** 3
    wider = (24 / 14) ** 0.5
    assert [float(dobson.lower), float(dobson.upper)] == pytest.approx(
        [14 + wider * (lower - 14), 14 + wider * (upper - 14)], rel=SAME_FORMULA
    )
    effective = intervals.clustered(14, squares, method="effective")
    # 14²/24 = 8.1666... independent events, each worth 24/14 events; below 10, so exact (gamma quantiles).
    by_gamma = stats.gamma.ppf(0.025, 14**2 / 24), stats.gamma.ppf(0.975, 14**2 / 24 + 1)
    assert [float(effective.lower), float(effective.upper)] == pytest.approx(
        [limit * 24 / 14 for limit in by_gamma], rel=SAME_QUANTILE
    )


def test_repeat_events_without_repeats_are_poisson():
    x = np.array([0, 3, 9, 10, 250])
    plain = intervals.poisson(x)
    for method in ("dobson", "effective"):
        found = intervals.clustered(x, x, method=method)
        np.testing.assert_allclose(found.lower, plain.lower, rtol=SAME_FORMULA)
        np.testing.assert_allclose(found.upper, plain.upper, rtol=SAME_FORMULA)


def test_clustered_limits_cover_as_promised_where_poisson_does_not():
    random = np.random.default_rng(47)
    # 40 persons with events on average, one in five of them with eight events each.
    ones, eights = random.poisson(32, 4_000), random.poisson(8, 4_000)
    events, squares = ones + 8.0 * eights, ones + 64.0 * eights
    plain, truth = intervals.poisson(events), 32 + 64
    covered = {"poisson": ((plain.lower <= truth) & (truth <= plain.upper)).mean()}
    for method in intervals.CLUSTERED:
        found = intervals.clustered(events, squares, method=method)
        covered[method] = ((found.lower <= truth) & (truth <= found.upper)).mean()
    # Standard error of a share of 4 000: 0.0035. Poisson limits leave out over a third, as V is 5.7 times O.
    assert covered["poisson"] < 0.65
    assert all(0.90 < covered[method] < 0.98 for method in intervals.CLUSTERED), covered


def test_mean_from_values_at_two_confidences():
    # PHEindicatormethods 2.1.1, testdata_Mean.xlsx, Area1.
    values = [33.09375, 48.38596, 64.83495, 67.98475, 22.93556, 71.23587, 38.78465, 82.37927]
    found = intervals.mean_of(values, [0.95, 0.998])
    assert (found.n, found.mean) == (8, pytest.approx(53.704345))
    assert found.lower.tolist() == pytest.approx([36.168325241336504, 18.216705294788838], rel=1e-10)
    by_scipy = stats.t.interval(0.95, 7, loc=np.mean(values), scale=stats.sem(values))
    assert (found.lower[0], found.upper[0]) == pytest.approx(by_scipy, rel=1e-10)


def test_mean_of_few_absent_and_equal_values():
    with_gap = intervals.mean_of([1, None, 3, np.nan])
    assert (with_gap.n, with_gap.mean) == (2, 2.0)
    strict = intervals.mean_of([1, None, 3], missing="propagate")
    assert np.isnan(strict.mean) and np.isnan(strict.lower)
    alone = intervals.mean_of([4.0])
    assert (alone.n, alone.mean) == (1, 4.0) and np.isnan(alone.deviation) and np.isnan(alone.upper)
    assert intervals.mean_of([]).n == 0 and np.isnan(intervals.mean_of([]).mean)
    equal = intervals.mean_of([5, 5, 5])
    assert (float(equal.lower), float(equal.upper)) == (5.0, 5.0)


def test_binomial_tails_agree_with_scipy():
    x, n, p = (
        np.array(part, float) for part in ([0, 1, 5, 20, 7], [20, 20, 20, 20, 9], [0.3, 0.3, 0.3, 0.3, 0.9])
    )
    np.testing.assert_allclose(exact_binomial.at_least(x, n, p), stats.binom.sf(x - 1, n, p), rtol=1e-12)
    np.testing.assert_allclose(exact_binomial.at_most(x, n, p), stats.binom.cdf(x, n, p), rtol=1e-12)
    np.testing.assert_allclose(exact_binomial.probability(x, n, p), stats.binom.pmf(x, n, p), rtol=1e-12)


def test_mid_p_limits_of_a_proportion_agree_with_published_ones():
    # Documentation of the R package stests, ci_p_mid_p: 5 of 20, 10 of 30, 15 of 40; found there by a root
    # search whose own tolerance is about 1e-5.
    x, n, tail = np.array([5.0, 10, 15]), np.array([20.0, 30, 40]), np.full(3, 0.025)
    lower = exact_binomial.mid_p_lower(x, n, tail)
    upper = 1 - exact_binomial.mid_p_lower(n - x, n, tail)
    assert lower.tolist() == pytest.approx([0.09786008, 0.1833232, 0.2361295], abs=5e-5)
    assert upper.tolist() == pytest.approx([0.47022380, 0.5141852, 0.5313959], abs=5e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: intervals.wilson([1, -1], 5),
            r"intervals\.wilson: numerator -1 at position 2 .* finite count",
        ),
        (lambda: intervals.clopper_pearson(6, 5), r"numerator 6 at position 1 .*at most the denominator"),
        (lambda: intervals.agresti_coull(0, 0), r"denominator 0 at position 1 .*finite number above zero"),
        (lambda: intervals.wilson(1, np.inf), "denominator inf at position 1"),
        (lambda: intervals.poisson_exact([3, np.inf]), "count inf at position 2"),
        (lambda: intervals.byar(-3), r"intervals\.byar: count -3"),
        (lambda: intervals.mean_t(1, -1, 5), "deviation -1 at position 1"),
        (lambda: intervals.mean_of([1, np.inf]), "value inf at position 2"),
        (lambda: intervals.mean_of([1], missing="drop"), "missing 'drop'; use one of omit, propagate"),
        (lambda: intervals.clustered(5, 3), r"sum of squares 3 .*from the count to its square"),
        (lambda: intervals.clustered(5, 26), "sum of squares 26"),
        (lambda: intervals.clustered(5, 9, method="gamma"), "method 'gamma'; use one of dobson"),
        (lambda: intervals.squared_events([1, -2]), "events_per_person -2 at position 2"),
        (lambda: intervals.wilson(1, 2, [0.95, 95]), r"confidence \[0.95, 95\]; expected a share"),
        (lambda: intervals.wilson(1, 2, []), r"confidence \[\]; expected a share"),
        (lambda: intervals.wald_proportions(3, 2, 1, 2), "numerator 3 at position 1"),
        (lambda: intervals.wald_rates(3, 0, 1, 2), "person_time 0 at position 1"),
    ],
)
def test_bad_numbers_are_refused_with_their_place(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


def area(**columns) -> pd.DataFrame:
    neutral = {
        "indicator": "lastensuojeluilmoitukset",
        "region_level": "kunta",
        "region_code": [f"E{number:02d}" for number in range(1, 1 + len(columns["numerator"]))],
        "borders": 2019,
        "period": "2019",
        "per": 1000.0,
        "denominator": 1000.0,
        "status": "ok",
        "origin": "own",
    }
    made = pd.DataFrame({**neutral, **columns})
    return made.assign(value=made["numerator"].where(made["status"] == "ok"))


def test_rate_of_repeat_events_from_a_table_of_persons():
    frame = area(numerator=[14, 0, np.nan], status=["ok", "ok", "missing"])
    table = pd.DataFrame({"region_code": "E01", "events_per_person": [1, 2, 3, 0], "persons": [7, 2, 1, 900]})
    before = frame.copy(deep=True)
    counted = repeat_events.add_squares(frame, table)
    pd.testing.assert_frame_equal(frame, before)
    assert counted["sum_of_squared_events"].tolist()[:2] == [24.0, 0.0]
    assert counted["persons_with_events"].tolist()[:2] == [10.0, 0.0]
    assert counted.loc[2, ["sum_of_squared_events", "persons_with_events"]].isna().all()
    for method in intervals.CLUSTERED:
        found = rates.rate(counted, (0.95, 0.998), variance="clustered", clustered_method=method)
        assert found["method"].tolist() == [f"clustered_{method}"] * 2 + ["published"] + [
            f"clustered_{method}"
        ] * 2 + ["published"]
        by_kernel = intervals.clustered(14, 24, 0.998, method)
        assert found.loc[3, "lower"] == pytest.approx(float(by_kernel.lower), rel=SAME_FORMULA)
        assert found.loc[3, "upper"] == pytest.approx(float(by_kernel.upper), rel=SAME_FORMULA)
    persons = pd.DataFrame({"region_code": "E01", "events_per_person": [1] * 7 + [2, 2, 3]})
    assert repeat_events.add_squares(frame, persons).equals(counted)


def test_bad_tables_of_repeat_events_are_refused():
    frame = area(numerator=[14.0, 5.0])
    good = pd.DataFrame({"region_code": ["E01", "E02"], "events_per_person": [14, 5]})
    assert repeat_events.add_squares(frame, good)["sum_of_squared_events"].tolist() == [196.0, 25.0]
    add = repeat_events.add_squares
    with pytest.raises(FrameError, match="column events_per_person is missing"):
        add(frame, good[["region_code"]])
    with pytest.raises(FrameError, match=r"row 1 \(.* E01 2019\) has 14 events, the table 13"):
        add(frame, good.assign(events_per_person=[13, 5]))
    with pytest.raises(FrameError, match=r"table, row 2, column events_per_person: 2\.5; expected a whole"):
        add(frame, good.assign(events_per_person=[14, 2.5]))
    with pytest.raises(FrameError, match=r"column persons: -1; expected a whole number, not below zero"):
        add(frame, good.assign(persons=[-1, 1]))
    with pytest.raises(FrameError, match=r"row 2 \(E09\) belongs to no row"):
        add(frame, good.assign(region_code=["E01", "E09"]))
    with pytest.raises(FrameError, match="the table has no key column, but the frame has 2 rows"):
        add(frame, good[["events_per_person"]])
    with pytest.raises(FrameError, match="several rows of the frame share lastensuojeluilmoitukset"):
        add(frame, good.assign(indicator="lastensuojeluilmoitukset").drop(columns="region_code"))
    with pytest.raises(FrameError, match="column sum_of_squared_events is missing; variance 'clustered'"):
        rates.rate(frame, variance="clustered")
    for wrong in (13.0, 197.0):
        with pytest.raises(FrameError, match=r"sum_of_squared_events is below the number of events .*: 1;"):
            rates.rate(frame.assign(sum_of_squared_events=[wrong, 5.0]), variance="clustered")
    unknown = rates.rate(frame.assign(sum_of_squared_events=[np.nan, 5.0]), variance="clustered")
    assert unknown["method"].tolist() == ["given", "clustered_dobson"]
    with pytest.raises(FrameError, match="variance 'robust' is not known; use one of poisson, clustered"):
        rates.rate(frame, variance="robust")
