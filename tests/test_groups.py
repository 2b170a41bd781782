"""Comparison of groups: published and independent numbers, plain loops, frames, messages, properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import group_kernels as kernels
from sosrake_lib.indicators import groups, mean_difference
from sosrake_lib.indicators.paired_answers import paired_effect
from sosrake_lib.indicators.scales import Place

HERE = Place("hva", "E1", 2026, "2020", "synthetic")
LIKERT = (
    [3, 4, 4, 5, 2, 3, 4, 5, 4, 3, 2, 4],
    [2, 3, 3, 2, 1, 4, 2, 3, 3, 2],
)
answer_lists = st.lists(st.integers(1, 5), min_size=3, max_size=15)


def survey(sizes=None, seed=3, items=("media", "verkostot")) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    parts, first = [], 0
    for shift, (name, size) in enumerate((sizes or {"A": 14, "B": 12, "C": 9}).items()):
        for item in items:
            answer = np.clip(random.integers(1, 5, size) + (shift if item == "media" else 0), 1, 5)
            people = np.arange(first, first + size)
            rows = {
                "respondent": people,
                "item": item,
                "organisation": name,
                "answer": answer.astype("float64"),
            }
            parts.append(pd.DataFrame(rows))
        first += size
    return pd.concat(parts, ignore_index=True)


def test_shared_cases_of_two_groups():
    # R effectsize 0.8.3 and effsize 0.8.1, four digits of their own optimiser and print.
    found = groups.two_groups(*LIKERT)
    assert found.cliffs_delta == pytest.approx(0.575)
    assert found.hedges_g == pytest.approx(1.1167208251748, rel=1e-9)
    assert found.hedges_g_approximate == pytest.approx(1.11681460577953, rel=1e-9)
    assert (found.hedges_g_interval.lower, found.hedges_g_interval.upper) == pytest.approx(
        (0.227493463696, 1.98238009769587), rel=1e-5
    )
    assert (found.rank_biserial_interval.lower, found.rank_biserial_interval.upper) == pytest.approx(
        (0.158214932926336, 0.8178753282096), rel=1e-9
    )
    assert (found.cliffs_delta_interval.lower, found.cliffs_delta_interval.upper) == pytest.approx(
        (0.104022149412996, 0.835331066529617), rel=1e-9
    )


def test_cliff_s_interval_is_that_of_hogarty_and_kromrey():
    _, first, second = kernels.on_common_points(
        [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]
    )
    found = kernels.cliffs_delta(first, second)
    limits = kernels.cliff_interval(found.delta, found.variance, 10, 6)
    assert float(found.delta) == -0.25
    assert (float(limits.lower), float(limits.upper)) == pytest.approx((-0.7265846, 0.3890062), abs=6e-8)


def test_the_fault_of_effsize_is_kept_apart():
    sleep = (
        [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
        [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    )
    found = groups.two_groups(*sleep)
    theirs, ours = found.cliffs_delta_interval_effsize, found.cliffs_delta_interval
    assert (float(theirs.lower), float(theirs.upper)) == pytest.approx(
        (-0.798044055911, 0.021078775285), 1e-9
    )
    signs = np.sign(np.subtract.outer(*map(np.array, sleep)))
    d = signs.mean()
    squares = 100 * ((signs.mean(1) - d) ** 2).sum() + 100 * ((signs.mean(0) - d) ** 2).sum()
    variance = (squares - ((signs - d) ** 2).sum()) / (100 * 81)
    other = kernels.cliff_interval(d, variance, 10, 10)
    assert (float(ours.lower), float(ours.upper)) == pytest.approx((float(other.lower), float(other.upper)))
    assert float(ours.upper) > float(theirs.upper)


@settings(max_examples=40, deadline=None)
@given(answer_lists, answer_lists)
def test_kernels_agree_with_plain_loops(first, second):
    _, x, y = kernels.on_common_points(first, second)
    m, n = len(first), len(second)
    pairs = [[(a > b) - (a < b) for b in second] for a in first]
    d = sum(map(sum, pairs)) / (m * n)
    rows = [sum(row) / n for row in pairs]
    columns = [sum(row[j] for row in pairs) / m for j in range(n)]
    plain = n**2 * sum((r - d) ** 2 for r in rows) + m**2 * sum((c - d) ** 2 for c in columns)
    plain -= sum((s - d) ** 2 for row in pairs for s in row)
    least = (1 - d**2) / (m * n - 1) if len({*first, *second}) > 1 else 0.0
    found = kernels.cliffs_delta(x, y)
    assert float(found.delta) == pytest.approx(d, abs=1e-12)
    assert float(found.variance) == pytest.approx(max(plain / (m * n * (m - 1) * (n - 1)), least), abs=1e-12)
    assert float(kernels.mann_whitney(x, y).statistic) == pytest.approx((d + 1) / 2 * m * n)


@settings(max_examples=40, deadline=None)
@given(answer_lists, answer_lists, st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_hold_the_value_and_mirror(first, second, confidence):
    found, turned = groups.two_groups(first, second, confidence), groups.two_groups(second, first, confidence)
    assert -1 <= found.cliffs_delta <= 1
    assert turned.cliffs_delta == pytest.approx(-found.cliffs_delta)
    for name, value in (
        ("cliffs_delta_interval", found.cliffs_delta),
        ("rank_biserial_interval", found.rank_biserial),
        ("hedges_g_interval", found.hedges_g),
        ("cohens_d_interval", found.cohens_d),
    ):
        limits, mirror = getattr(found, name), getattr(turned, name)
        if np.isfinite(limits.lower):
            assert limits.lower - 1e-9 <= value <= limits.upper + 1e-9
            assert float(mirror.lower) == pytest.approx(-float(limits.upper), abs=1e-7)
    assert 0 <= found.p_normal <= found.p_normal_continuity <= 1


@settings(max_examples=30, deadline=None)
@given(answer_lists, answer_lists, st.randoms())
def test_order_and_spacing_of_the_points_change_nothing_ordinal(first, second, random):
    found = groups.two_groups(first, second)
    shuffled = random.sample(first, len(first))
    other = groups.two_groups([10.0**a for a in shuffled], [10.0**b for b in second])
    assert other.cliffs_delta == pytest.approx(found.cliffs_delta)
    assert other.p_normal == pytest.approx(found.p_normal)
    scaled = groups.two_groups([3 * a + 7 for a in first], [3 * b + 7 for b in second])
    assert scaled.hedges_g == pytest.approx(found.hedges_g, nan_ok=True)


@pytest.mark.parametrize("seed", range(4))
def test_tests_agree_with_scipy(seed):
    random = np.random.default_rng(seed)
    parts = [random.integers(1, 6, size).astype("float64") for size in (9, 14, 11)]
    found = groups.two_groups(parts[0], parts[1], 0.9)
    for name, continuity in (("p_normal_continuity", True), ("p_normal", False)):
        other = stats.mannwhitneyu(*parts[:2], method="asymptotic", use_continuity=continuity)
        assert getattr(found, name) == pytest.approx(other.pvalue, rel=1e-10)
        assert found.mann_whitney_u == other.statistic
    welch = stats.ttest_ind(*parts[:2], equal_var=False)
    limits = welch.confidence_interval(0.9)
    assert (float(found.welch.t), float(found.welch.p_value)) == pytest.approx(
        (welch.statistic, welch.pvalue)
    )
    assert (float(found.welch.interval.lower), float(found.welch.interval.upper)) == pytest.approx(
        (limits.low, limits.high)
    )
    whole = groups.many_groups(parts)
    other = stats.kruskal(*parts)
    assert (whole.h, whole.p_value, whole.df) == pytest.approx((other.statistic, other.pvalue, 2.0))
    assert whole.epsilon_squared == pytest.approx(other.statistic / 33)


def test_exact_p_is_given_without_ties_only():
    first, second = [7.1, 6.3, 5.2, 9.4], [3.3, 5.9, 6.1]
    assert (
        groups.two_groups(first, second).p_exact == stats.mannwhitneyu(first, second, method="exact").pvalue
    )
    assert groups.two_groups(*LIKERT).p_exact is None
    with pytest.raises(SosrakeError, match="some answers are equal"):
        kernels.mann_whitney_exact([1, 2], [2, 3])


def test_noncentral_limits_put_t_at_the_tails():
    d, m, n = np.array([0.4, -2.0, 0.0, 3.0]), np.array([8, 30, 5, 400]), np.array([10, 12, 5, 300])
    limits = mean_difference.standardised_interval(d, m, n, 0.9)
    scale = np.sqrt(1 / m + 1 / n)
    for limit, share in ((limits.lower, 0.95), (limits.upper, 0.05)):
        assert stats.nct.cdf(d / scale, m + n - 2, limit / scale) == pytest.approx([share] * 4, abs=1e-7)


def test_everyone_alike_and_groups_wholly_apart_are_defined():
    same = groups.two_groups([3, 3, 3], [3, 3, 3])
    assert (same.cliffs_delta, same.p_normal, float(same.welch.p_value)) == (0.0, 1.0, 1.0)
    assert np.isnan(same.hedges_g) and np.isnan(same.cliffs_delta_interval.lower)
    apart = groups.two_groups([4, 5, 5, 5], [1, 2, 2])
    q2 = stats.t.ppf(0.975, 5) ** 2
    assert apart.cliffs_delta == 1.0
    # Wilson's lower limit of "all of three", turned from 0-1 to -1-1.
    assert float(apart.cliffs_delta_interval.lower) == pytest.approx((3 - q2) / (3 + q2))
    assert float(apart.cliffs_delta_interval.upper) == 1.0
    flat = groups.many_groups([[2, 2], [2, 2, 2]])
    assert (flat.h, flat.p_value, flat.epsilon_squared) == (0.0, 1.0, 0.0)


def test_empty_and_impossible_groups_are_refused():
    with pytest.raises(SosrakeError, match=r"second has 0 answer\(s\); a comparison needs two"):
        groups.two_groups([1, 2], [])
    with pytest.raises(SosrakeError, match="first holds an infinite answer"):
        groups.two_groups([1, np.inf], [1, 2])
    with pytest.raises(SosrakeError, match=r"1 group\(s\) with answers; expected two"):
        groups.many_groups([[1, 2], [np.nan]])
    with pytest.raises(SosrakeError, match="variance 'other'; use one of unbiased, consistent"):
        groups.two_groups([1, 2], [1, 2], variance="other")
    with pytest.raises(SosrakeError, match="confidence 95; expected a share"):
        groups.two_groups([1, 2], [1, 2], 95)
    with pytest.raises(SosrakeError, match="method 'sidak'; use one of holm"):
        kernels.adjust_p([0.1], "sidak")
    with pytest.raises(SosrakeError, match="expected 0 to 1"):
        kernels.adjust_p([0.1, 1.1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_corrected_p_values_agree_with_statsmodels(p_values):
    from statsmodels.stats.multitest import multipletests

    for method, other in (("holm", "holm"), ("benjamini_hochberg", "fdr_bh"), ("bonferroni", "bonferroni")):
        found = kernels.adjust_p(p_values, method)
        assert found == pytest.approx(multipletests(p_values, method=other)[1], abs=1e-12)
        assert (found >= np.array(p_values) - 1e-12).all()


def test_pairs_agree_with_scipy_and_leave_the_unanswered_out():
    random = np.random.default_rng(1)
    first = random.integers(1, 5, (30, 3)).astype("float64")
    second = np.clip(first + random.integers(-1, 3, (30, 3)), 1, 5)
    second[4, 1] = np.nan
    found = paired_effect(first, second)
    for item in range(3):
        whole = np.isfinite(second[:, item])
        a, b = first[whole, item], second[whole, item]
        other = stats.wilcoxon(b, a, zero_method="wilcox", correction=True, method="asymptotic")
        assert found.p_value[item] == pytest.approx(other.pvalue, rel=1e-9)
        assert found.pairs[item] == whole.sum()
        assert found.dominance[item] == pytest.approx(np.sign(b - a).mean())
    assert (found.rank_biserial_interval.lower <= found.rank_biserial).all()
    assert (found.rank_biserial <= found.rank_biserial_interval.upper).all()
    still = paired_effect([2, 3], [2, 3])
    assert (float(still.rank_biserial), float(still.p_value)) == (0.0, 1.0)
    assert np.isnan(still.dominance_interval.lower)
    with pytest.raises(SosrakeError, match="one pair each"):
        paired_effect([1, 2], [1])


def test_compare_gives_analysed_frames_that_add_up():
    rows = survey()
    before = rows.copy(deep=True)
    found = groups.compare(rows, HERE, by="organisation", confidence=(0.9, 0.95))
    pd.testing.assert_frame_equal(rows, before)
    effects = found.effects
    assert frames.is_analysed(effects) and len(effects) == 2 * 3 * 2
    assert set(effects["group"]) == {"A / B", "A / C", "B / C"}
    one = effects[(effects["indicator"] == "media") & (effects["group"] == "A / C")]
    answers = [rows[(rows["item"] == "media") & (rows["organisation"] == name)]["answer"] for name in "AC"]
    other = groups.two_groups(*answers, confidence=0.95)
    row = one[one["confidence"] == 0.95].iloc[0]
    assert (row["value"], row["lower"], row["upper"], row["p_value"]) == pytest.approx(
        (
            other.cliffs_delta,
            float(other.cliffs_delta_interval.lower),
            float(other.cliffs_delta_interval.upper),
            other.p_normal_continuity,
        )
    )
    per_level = effects[effects["confidence"] == 0.9]
    assert per_level["p_adjusted"].to_numpy() == pytest.approx(kernels.adjust_p(per_level["p_value"]))
    assert set(found.overall["statistic"]) == {"epsilon_squared"}
    assert found.sizes["respondents"].sum() == 35


@pytest.mark.parametrize("effect", list(groups.EFFECTS))
def test_every_effect_of_compare_is_that_of_two_groups(effect):
    rows = survey({"A": 8, "B": 9})
    found = groups.compare(rows, HERE, by="organisation", effect=effect).effects
    for _, row in found.iterrows():
        pair = [
            rows[(rows["item"] == row["indicator"]) & (rows["organisation"] == name)]["answer"]
            for name in "AB"
        ]
        other = groups.two_groups(*pair)
        value = float(other.welch.difference) if effect == "mean_difference" else getattr(other, effect)
        limits = other.welch.interval if effect == "mean_difference" else getattr(other, f"{effect}_interval")
        assert row["value"] == pytest.approx(value)
        assert (row["lower"], row["upper"]) == pytest.approx((float(limits.lower), float(limits.upper)))


def test_against_the_rest_and_against_one():
    rows = survey()
    rest = groups.compare(rows, HERE, by="organisation", against="rest").effects
    assert rest["group"].tolist()[:3] == ["A / rest", "B / rest", "C / rest"]
    media = rows[rows["item"] == "media"]
    other = groups.two_groups(
        media.loc[media["organisation"] == "C", "answer"], media.loc[media["organisation"] != "C", "answer"]
    )
    assert rest.loc[2, "value"] == pytest.approx(other.cliffs_delta)
    one = groups.compare(rows, HERE, by="organisation", against="B").effects
    assert set(one["group"]) == {"A / B", "C / B"}


def test_small_groups_are_refused_or_merged_until_nobody_can_be_told_apart():
    rows = survey({"A": 10, "B": 3, "C": 6})
    with pytest.raises(FrameError, match="group 'B' has 3 respondents, under min_size 5; merge small"):
        groups.compare(rows, HERE, by="organisation")
    found = groups.compare(rows, HERE, by="organisation", small="merge")
    # Three alone would be everyone minus the others, so the next smallest joins them.
    assert found.sizes.set_index("group")["merged_into"].to_dict() == {"A": "A", "B": "others", "C": "others"}
    assert set(found.effects["group"]) == {"A / others"}
    with pytest.raises(FrameError, match=r"has 1 group\(s\) with answers"):
        groups.compare(survey({"A": 3, "B": 3}), HERE, by="organisation", small="merge")


def test_an_item_few_of_a_group_answered_is_suppressed_with_all_that_tells_of_it():
    rows = survey()
    rows.loc[(rows["organisation"] == "C") & (rows["item"] == "media") & (rows.index % 3 > 0), "answer"] = (
        np.nan
    )
    found = groups.compare(rows, HERE, by="organisation").effects
    hidden = found[found["status"] == "suppressed"]
    assert set(hidden["group"]) == {"A / C", "B / C"} and set(hidden["indicator"]) == {"media"}
    told = ["value", "lower", "upper", "p_value", "p_adjusted", "denominator", "first_size", "second_size"]
    assert hidden[told].isna().all(axis=None)


def test_a_constant_item_is_defined_in_a_comparison():
    rows = survey().assign(answer=4.0)
    found = groups.compare(rows, HERE, by="organisation")
    assert (found.effects["value"] == 0).all() and (found.effects["p_value"] == 1).all()
    assert found.effects["lower"].isna().all() and (found.overall["value"] == 0).all()
    hedges = groups.compare(rows, HERE, by="organisation", effect="hedges_g").effects
    assert set(hedges["status"]) == {"missing"}


def test_wrong_answers_to_a_comparison_are_named():
    rows = survey()
    with pytest.raises(FrameError, match="column unit is missing"):
        groups.compare(rows, HERE, by="unit")
    with pytest.raises(FrameError, match="row 1, column answer: inf; expected a finite number"):
        groups.compare(rows.assign(answer=np.inf), HERE, by="organisation")
    with pytest.raises(FrameError, match="answers item 'media' twice"):
        groups.compare(pd.concat([rows, rows]), HERE, by="organisation")
    both = rows.copy()
    both.loc[0, "organisation"] = "B"
    with pytest.raises(FrameError, match="a respondent stands in two groups of column organisation"):
        groups.compare(both, HERE, by="organisation")
    with pytest.raises(FrameError, match="row 1, column organisation is empty"):
        groups.compare(rows.assign(organisation=None), HERE, by="organisation")
    for wrong, message in (
        ({"effect": "eta"}, "effect 'eta'; use one of cliffs_delta"),
        ({"against": "Z"}, "against 'Z'; use pairs, rest or one of A, B, C"),
        ({"small": "drop"}, "small 'drop'; use one of refuse, merge"),
        ({"adjust": "sidak"}, "adjust 'sidak'; use one of holm"),
    ):
        with pytest.raises(FrameError, match=message):
            groups.compare(rows, HERE, by="organisation", **wrong)
