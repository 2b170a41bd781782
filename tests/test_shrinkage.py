"""Empirical Bayes smoothing: exact fractions, a plain loop, posterior quantiles, frames and refusals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import rates, shrinkage, smallarea

ROW = [[1], [0, 2], [1, 3], [2, 4], [3]]
COUNT = [20, 100, 5, 0, 33]
PEOPLE = [1_000, 2_000, 500, 300, 1_200]


def areas(count=COUNT, people=PEOPLE, **columns) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "indicator": "kiireelliset",
            "region_level": "hva",
            "region_code": [f"A{number}" for number in range(len(count))],
            "borders": 2026,
            "period": "2020",
            "per": 1_000.0,
            "numerator": np.array(count, float),
            "denominator": np.array(people, float),
            "status": "ok",
            "origin": "synthetic",
        }
    )
    frame["value"] = 1_000 * frame["numerator"] / frame["denominator"]
    return frame.assign(**columns)


def pairs(lists=ROW) -> pd.DataFrame:
    rows = [(f"A{area}", f"A{other}") for area, others in enumerate(lists) for other in others]
    return pd.DataFrame(rows, columns=["region_code", "neighbour_code"])


def moments(x, n):
    """Marshall's estimates in exact fractions: mean, variance between, smoothed levels."""
    x, n = [Fraction(one) for one in x], [Fraction(one) for one in n]
    mean = sum(x) / sum(n)
    s2 = sum(people * (cases / people - mean) ** 2 for cases, people in zip(x, n, strict=True)) / sum(n)
    between = max(Fraction(0), s2 - mean / (sum(n) / len(n)))
    return mean, between


def test_global_moments_by_exact_fractions():
    mean, between = moments(COUNT, PEOPLE)
    found = shrinkage.smooth_global(COUNT, PEOPLE)
    assert found.prior_mean == pytest.approx(float(mean), rel=1e-14)
    assert found.prior_variance == pytest.approx(float(between), rel=1e-12)
    for place, (x, n) in enumerate(zip(COUNT, PEOPLE, strict=True)):
        weight = between / (between + mean / n)
        assert found.value[place] == pytest.approx(float(mean + weight * (Fraction(x, n) - mean)), rel=1e-12)
        assert found.weight_own[place] == pytest.approx(float(weight), rel=1e-12)


def test_binomial_weights_are_those_of_martuzzi_and_elliott():
    x, n = np.array([40, 300, 20, 5]), np.array([100.0, 500, 90, 30])
    found = shrinkage.smooth_global(x, n, distribution="binomial")
    m, average = x.sum() / n.sum(), n.mean()
    s2 = (n * (x / n - m) ** 2).sum() / n.sum()
    # Their weight as printed: no prior variance in it, so it checks ours from another side.
    weight = (n * s2 - n / average * m * (1 - m)) / ((n - 1) * s2 + (average - n) / average * m * (1 - m))
    assert found.weight_own == pytest.approx(weight, rel=1e-12)


def test_intervals_are_quantiles_of_the_posterior():
    found = shrinkage.smooth_global(COUNT, PEOPLE, confidence=0.9)
    m, a = found.prior_mean[0], found.prior_variance[0]
    posterior = stats.gamma(np.array(COUNT) + m**2 / a, scale=1 / (np.array(PEOPLE) + m / a))
    assert found.lower == pytest.approx(posterior.ppf(0.05), rel=1e-9)
    assert found.upper == pytest.approx(posterior.ppf(0.95), rel=1e-9)
    assert found.value == pytest.approx(posterior.mean(), rel=1e-12)
    share = shrinkage.smooth_global(COUNT, PEOPLE, distribution="binomial")
    m, a = share.prior_mean[0], share.prior_variance[0]
    worth = m * (1 - m) / a - 1
    beta = stats.beta(np.array(COUNT) + m * worth, np.array(PEOPLE) - COUNT + (1 - m) * worth)
    assert share.lower == pytest.approx(beta.ppf(0.025), rel=1e-9)
    assert share.value == pytest.approx(beta.mean(), rel=1e-10)


def test_no_variation_beyond_chance_gives_everyone_the_common_level_with_its_own_interval():
    found = shrinkage.smooth_global([5, 3, 12, 0], [1_000, 800, 1_500, 300])
    assert (found.prior_variance == 0).all()
    assert (found.weight_own == 0).all()
    assert found.value == pytest.approx(20 / 3_600)
    assert found.lower == pytest.approx(stats.chi2.ppf(0.025, 40) / 2 / 3_600)
    assert found.upper == pytest.approx(stats.chi2.ppf(0.975, 42) / 2 / 3_600)
    nobody = shrinkage.smooth_global([0, 0, 0], [10, 20, 30])
    assert (nobody.value == 0).all()
    assert (nobody.lower == 0).all()


@pytest.mark.parametrize("around", shrinkage.AROUND)
def test_local_equals_a_plain_loop(around):
    found = shrinkage.smooth_local(COUNT, PEOPLE, ROW, around=around)
    x, n = np.array(COUNT, float), np.array(PEOPLE, float)
    members = [[area, *others] for area, others in enumerate(ROW)]
    means = [x[some].sum() / n[some].sum() for some in members]
    for area, some in enumerate(members):
        seen = sum(
            n[one] * (x[one] / n[one] - means[area if around == "neighbourhood" else one]) ** 2
            for one in some
        )
        between = max(0.0, seen / n[some].sum() - means[area] / n[some].mean())
        weight = between / (between + means[area] / n[area])
        assert found.prior_variance[area] == pytest.approx(between, rel=1e-10, abs=1e-15)
        assert found.value[area] == pytest.approx(means[area] + weight * (x[area] / n[area] - means[area]))


def test_local_over_everybody_is_global():
    everybody = [[other for other in range(5) if other != area] for area in range(5)]
    local = shrinkage.smooth_local(COUNT, PEOPLE, everybody)
    assert local.value == pytest.approx(shrinkage.smooth_global(COUNT, PEOPLE).value, rel=1e-12)


def test_islands_keep_their_own_rate_only_when_allowed():
    lists = [[1], [0], [3], [2], []]
    with pytest.raises(SosrakeError, match="area 4 has no neighbour with counts"):
        shrinkage.smooth_local(COUNT, PEOPLE, lists)
    found = shrinkage.smooth_local(COUNT, PEOPLE, lists, zero_policy=True)
    assert found.value[4] == pytest.approx(33 / 1_200)
    assert found.weight_own[4] == 1


def test_frame_keeps_rows_and_leaves_absent_areas_out():
    frame = areas()
    frame.loc[1, "status"] = "suppressed"
    frame.loc[1, ["value", "numerator", "denominator"]] = np.nan
    before = frame.copy(deep=True)
    found = smallarea.empirical_bayes(frame)
    pd.testing.assert_frame_equal(frame, before)
    kernel = shrinkage.smooth_global([20, 5, 0, 33], [1_000, 500, 300, 1_200])
    assert found.loc[[0, 2, 3, 4], "smoothed"].to_numpy() == pytest.approx(1_000 * kernel.value)
    assert found.loc[[0, 2, 3, 4], "prior_variance"].to_numpy() == pytest.approx(1e6 * kernel.prior_variance)
    assert found.loc[1, ["smoothed", "weight_own"]].isna().all()
    assert found.loc[1, ["status", "smoothing_method"]].tolist() == ["suppressed", ""]
    assert found["areas_used"].eq(4).all()
    assert found["areas_expected"].eq(5).all()


def test_each_family_and_each_sex_is_smoothed_alone():
    both = pd.concat([areas(sex="female"), areas([1, 2, 3, 4, 90], sex="male")], ignore_index=True)
    found = smallarea.empirical_bayes(both)
    alone = smallarea.empirical_bayes(areas([1, 2, 3, 4, 90], sex="male"))
    assert found.loc[5:, "smoothed"].tolist() == pytest.approx(alone["smoothed"].tolist())
    shuffled = smallarea.empirical_bayes(both.sample(frac=1, random_state=1), neighbours=pairs())
    joined = shuffled.merge(smallarea.empirical_bayes(both, neighbours=pairs()), on=["region_code", "sex"])
    assert joined["smoothed_x"].tolist() == pytest.approx(joined["smoothed_y"].tolist())
    assert set(shuffled["smoothing_method"]) == {"empirical_bayes_local"}


def test_an_analysed_frame_of_two_confidences_is_smoothed_alike_in_each():
    analysed = rates.analyse(areas(), {"kiireelliset": "rate"}, [0.95, 0.998])
    found = smallarea.empirical_bayes(analysed)
    assert found["smoothed"].tolist()[:5] == found["smoothed"].tolist()[5:]


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (areas().iloc[:2], {}, r"has 2 area\(s\) with counts; smoothing needs at least 3"),
        (areas(people=[0, 1, 1, 1, 1], value=1.0), {}, r"denominator is zero in 1 row\(s\), .*row 1"),
        (areas([-1, 1, 1, 1, 1]), {}, "a count is negative in 1 row"),
        (areas([np.inf, 1, 1, 1, 1], value=1.0), {}, "a count is infinite in 1 row"),
        (areas([2_000, 1, 1, 1, 1]), {"distribution": "binomial"}, "numerator is greater than denominator"),
        (areas().assign(per=[1, 1, 1, 1, 100.0]), {}, "column per has several values in one family"),
        (areas(origin=["own", *["synthetic"] * 4]), {}, "mixes synthetic and real rows"),
        (areas(sex=["male", *["female"] * 4]), {"by": ["indicator"], "neighbours": None}, None),
        (
            pd.concat([areas(sex="male"), areas(sex="female")]),
            {"by": ["indicator"]},
            "stands twice in one family",
        ),
        (areas(), {"by": ["county"]}, "column county is missing"),
        (areas(), {"neighbours": [[1], [0]]}, "a list of places cannot be joined to region codes"),
        (areas(), {"neighbours": {"X": ["Y"], "Y": ["X"]}}, "no two areas of the frame are neighbours"),
        (areas(), {"neighbours": {"A0": ["A1"], "A1": ["A0"]}}, "area 'A2' has no neighbour with counts"),
        (areas(), {"confidence": 95}, "confidence 95; expected a share"),
        (areas(), {"distribution": "normal"}, "distribution 'normal'; expected poisson or binomial"),
    ],
)
def test_unclear_input_is_refused(frame, options, message):
    if message is None:
        assert smallarea.empirical_bayes(frame, **options)["areas_used"].eq(5).all()
        return
    with pytest.raises(SosrakeError, match=message):
        smallarea.empirical_bayes(frame, **options)


def test_kernel_refuses_what_cannot_be():
    with pytest.raises(SosrakeError, match="a population is not above zero"):
        shrinkage.smooth_global([1, 2, 3], [10, 0, 10])
    with pytest.raises(SosrakeError, match="1 area"):
        shrinkage.smooth_global([1, np.nan, np.nan], [10, 5, 10])
    with pytest.raises(SosrakeError, match="3 areas but 5 in the neighbour list"):
        shrinkage.smooth_local([1, 2, 3], [10, 20, 30], ROW)
    with pytest.raises(FrameError, match="the frame has no rows"):
        smallarea.empirical_bayes(areas().iloc[:0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(60, 5_000)), min_size=3, max_size=9), st.randoms())
def test_smoothed_lies_between_own_and_common_level(data, random):
    x, n = map(np.array, zip(*data, strict=True))
    for distribution in shrinkage.DISTRIBUTIONS:
        found = shrinkage.smooth_global(x, n, distribution=distribution)
        low, high = np.minimum(found.raw, found.prior_mean), np.maximum(found.raw, found.prior_mean)
        assert ((low - 1e-12 <= found.value) & (found.value <= high + 1e-12)).all()
        assert ((found.weight_own >= 0) & (found.weight_own <= 1)).all()
        assert (found.lower <= found.value + 1e-12).all()
        assert (found.value <= found.upper + 1e-12).all()
        order = list(range(len(x)))
        random.shuffle(order)
        turned = shrinkage.smooth_global(x[order], n[order], distribution=distribution)
        assert turned.value == pytest.approx(found.value[order], rel=1e-9, abs=1e-14)
