"""Groups before and after: sizes, signed ranks, comparison groups, levels of clients, and people lost."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.effects import Claim, paired_change
from sosrake_lib.effects.groups import (
    change_bounds,
    compared_change,
    mixed_change,
    ordinal_change,
    paired_group_change,
    paired_sizes,
    proportional_odds,
    signed_rank,
    signed_rank_change,
    weighted_change,
)
from sosrake_lib.effects.groups.bounds import imbens_manski
from sosrake_lib.effects.groups.ordinal import paired_limits
from sosrake_lib.effects.groups.signed_rank import pseudo_median
from sosrake_lib.errors import FrameError, SosrakeError

# The same double arithmetic in another order.
ROUNDING = 1e-10
BEFORE = [18, 22, 15, 25, 19, 21, 17, 24, 20, 16, 23, 14]
AFTER = [14, 20, 15, 18, 12, 19, 17, 15, 16, 10, 22, 13]
PAIRS = pd.DataFrame({"before": BEFORE, "after": AFTER, "who": range(12)})
COLUMNS = {"before": "before", "after": "after"}
ARMS = {"group": "arm", "treated": "service", "comparison": "waiting"}


def two_groups(n=60, seed=6, effect=2.0):
    rng = np.random.default_rng(seed)
    first = rng.normal(20, 4, n)
    arm = np.where(np.arange(n) % 2 == 0, "service", "waiting")
    after = 5 + 0.7 * first + effect * (arm == "service") + rng.normal(0, 2, n)
    return pd.DataFrame({"before": first, "after": after, "arm": arm, "age": rng.integers(18, 65, n)})


changes = st.lists(st.integers(-4, 4), min_size=2, max_size=9)


@settings(max_examples=40, deadline=None)
@given(changes, st.sampled_from(["dropped", "pratt"]))
def test_signed_ranks_against_every_sign_counted(values, rule):
    assume(any(values))
    d = np.array(values, dtype=float)
    found = signed_rank(d, zeros=rule)
    moved = d != 0
    ranks = stats.rankdata(np.abs(d))[moved] if rule == "pratt" else stats.rankdata(np.abs(d[moved]))
    observed = ranks[d[moved] > 0].sum()
    sums = np.array([np.dot(ranks, signs) for signs in itertools.product((0, 1), repeat=len(ranks))])
    middle = ranks.sum() / 2
    p_value = np.mean(np.abs(sums - middle) >= abs(observed - middle) - 1e-9)
    assert found.positive == pytest.approx(observed)
    assert found.p_exact == pytest.approx(p_value)
    turned = signed_rank(-d, zeros=rule)
    assert turned.p_exact == pytest.approx(found.p_exact)
    assert turned.rank_biserial == pytest.approx(-found.rank_biserial)
    assert -1 <= found.rank_biserial <= 1
    assert found.p_normal <= found.p_normal_continuity + ROUNDING


def test_signed_ranks_against_scipy():
    d = np.random.default_rng(1).normal(0.3, 1, 60)
    found = signed_rank(d)
    for name, options in (
        ("p_exact", {"method": "exact"}),
        ("p_normal", {"method": "approx"}),
        ("p_normal_continuity", {"method": "approx", "correction": True}),
    ):
        assert getattr(found, name) == pytest.approx(stats.wilcoxon(d, **options).pvalue, rel=1e-9)
    many = np.random.default_rng(1).normal(0.1, 1, 500)
    assert np.isnan(signed_rank(many).p_exact)
    assert signed_rank(many).p_normal == pytest.approx(stats.wilcoxon(many, method="approx").pvalue)


def test_pseudo_median_is_the_middle_of_walsh_averages():
    d = np.array([1.1, -0.4, 2.3, 0.7, 3.1, -1.2, 1.9, 0.2])
    walsh = sorted((d[i] + d[j]) / 2 for i in range(8) for j in range(i, 8))
    middle, lower, upper = pseudo_median(d)
    assert middle == pytest.approx((walsh[17] + walsh[18]) / 2)
    # Tables of the signed rank: for n = 8 the 4th from each end (R qsignrank(.025, 8) = 4).
    assert (lower, upper) == pytest.approx((walsh[3], walsh[-4]))
    assert all(np.isnan(pseudo_median(np.arange(5_000.0))))


def test_sizes_turn_with_direction_and_shrink_with_the_correction():
    found, turned = paired_sizes(BEFORE, AFTER), paired_sizes(AFTER, BEFORE)
    assert turned.dz == pytest.approx(-found.dz)
    assert turned.dz_lower == pytest.approx(-found.dz_upper, abs=1e-6)
    # Deviations of different measurements: the size by the first does not merely turn its sign.
    assert abs(turned.smcr + found.smcr) > 0.01
    assert abs(found.smcc) < abs(found.dz)
    plain = paired_change(BEFORE, AFTER, unit="points")
    assert (found.lower, found.upper, found.p_value) == pytest.approx(
        (plain.lower, plain.upper, plain.p_value)
    )
    with pytest.raises(SosrakeError, match="before is 5 for everyone"):
        paired_sizes([5, 5, 5], [1, 2, 3])
    with pytest.raises(SosrakeError, match="2 people have both scores"):
        paired_sizes([5, np.nan, 5], [1, 2, 3])


def test_group_change_keeps_the_mean_and_adds_the_others():
    lost = PAIRS.assign(after=[*AFTER[:10], np.nan, np.nan])
    effect = paired_group_change(lost, **COLUMNS, unit="points", person="who", scale=(0, 40))
    plain = paired_change(lost["before"], lost["after"], unit="points")
    assert (effect.estimate, effect.lower, effect.p_value) == (plain.estimate, plain.lower, plain.p_value)
    assert effect.claim is Claim.MUUTOS
    assert effect.sensitivity["analysis"].tolist() == [
        "dropouts_unchanged", "without_most_influential", "signed_rank", "lost_lowest", "lost_highest",
    ]  # fmt: skip
    details = effect.details.set_index("quantity")["value"]
    sizes = paired_sizes(lost["before"], lost["after"])
    assert details["smcr"] == sizes.smcr and details["dz"] == sizes.dz
    assert details["p_exact_dropped"] == signed_rank((lost["after"] - lost["before"]).dropna()).p_exact
    ranks = signed_rank_change(lost, **COLUMNS, unit="points", zeros="pratt")
    assert ranks.lower <= ranks.estimate <= ranks.upper
    assert ranks.sensitivity.loc[0, "estimate"] == plain.estimate
    with pytest.raises(FrameError, match="who 1 stands on two rows"):
        paired_group_change(PAIRS.assign(who=1), **COLUMNS, unit="points", person="who")


def test_bounds_hold_whatever_the_lost_did():
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"before": rng.integers(0, 11, 40), "after": rng.integers(0, 11, 40).astype(float)})
    whole = (data["after"] - data["before"]).mean()
    cut = data.assign(after=data["after"].mask(np.arange(40) % 4 == 0))
    found = change_bounds(cut, **COLUMNS, lowest=0, highest=10)
    assert found.interval_low < found.low <= whole <= found.high < found.interval_high
    assert found.high - found.low == pytest.approx(10 * 10 / 40)
    assert found.lost == 10 and not found.sign_is_known
    tipping = found.table.set_index("analysis").loc["tipping_point", "estimate"]
    assert (30 * found.complete + 10 * tipping) / 40 == pytest.approx(0)
    none = change_bounds(data, **COLUMNS, lowest=0, highest=10)
    assert none.low == none.high == pytest.approx(whole)
    assert imbens_manski((0.0, 0, 0, 1.0), (50.0, 0, 0, 1.0), 0.95) == pytest.approx(
        (-1.645, 51.645), abs=1e-3
    )
    with pytest.raises(FrameError, match="column 'after', row 1 is 11; expected 0 to 10"):
        change_bounds(data.assign(after=[1, 11] + [5] * 38), **COLUMNS, lowest=0, highest=10)
    with pytest.raises(SosrakeError, match="expected the scale's two ends"):
        change_bounds(data, **COLUMNS, lowest=10, highest=10)


def test_weighting_brings_back_the_mean_of_everyone():
    """People who began low change more and leave more: the plain mean is wrong, the weighted is not."""
    rng = np.random.default_rng(4)
    n = 20_000
    first = rng.normal(0, 1, n)
    after = first + 1 - first + rng.normal(0, 1, n)
    stays = rng.random(n) < 1 / (1 + np.exp(-(0.5 + first)))
    data = pd.DataFrame({"before": first, "after": np.where(stays, after, np.nan)})
    effect = weighted_change(data, **COLUMNS, unit="points")
    whole = (after - first).mean()
    naive = effect.sensitivity.set_index("analysis").loc["unweighted", "estimate"]
    assert abs(effect.estimate - whole) < 0.03 < 0.2 < abs(naive - whole)
    assert effect.claim is Claim.MUUTOS and "dropout_explained_by_predictors" in effect.caveats


def test_the_error_of_weighting_is_that_of_a_bootstrap():
    rng = np.random.default_rng(14)
    first = rng.normal(0, 1, 150)
    after = first + 0.5 * first + rng.normal(1, 1, 150)
    stays = rng.random(150) < 1 / (1 + np.exp(-(0.8 + 0.8 * first)))
    data = pd.DataFrame({"before": first, "after": np.where(stays, after, np.nan)})
    effect = weighted_change(data, **COLUMNS, unit="points")
    again = [
        weighted_change(data.iloc[rng.integers(150, size=150)], **COLUMNS, unit="points").estimate
        for _ in range(200)
    ]
    # 200 draws know a standard error to about 5 %; the influence is itself an approximation.
    assert effect.standard_error == pytest.approx(np.std(again), rel=0.2)
    with pytest.raises(FrameError, match="everyone was measured again"):
        weighted_change(PAIRS, **COLUMNS, unit="points")
    sorted_out = PAIRS.assign(after=PAIRS["after"].where(PAIRS["before"] > 18).astype(float))
    with pytest.raises(SosrakeError, match="separate"):
        weighted_change(sorted_out, **COLUMNS, unit="points")


def test_ancova_equals_least_squares_with_hc3():
    import statsmodels.formula.api as smf

    data = two_groups()
    effect = compared_change(
        data, **COLUMNS, **ARMS, assignment="randomised", unit="points", covariates=("age",)
    )
    other = smf.ols("after ~ (arm == 'service') + before + age", data).fit(cov_type="HC3", use_t=True)
    name = next(term for term in other.params.index if "arm" in term)
    assert effect.estimate == pytest.approx(other.params[name])
    assert effect.standard_error == pytest.approx(other.bse[name])
    assert (effect.lower, effect.upper) == pytest.approx(tuple(other.conf_int().loc[name]))
    assert effect.p_value == pytest.approx(other.pvalues[name])
    assert effect.sensitivity["analysis"].tolist() == ["change_scores", "without_first_score", "slopes_apart"]
    gain = data.assign(gain=data["after"] - data["before"]).groupby("arm")["gain"].mean()
    plain = compared_change(data, **COLUMNS, **ARMS, assignment="randomised", unit="points")
    assert plain.sensitivity.loc[0, "estimate"] == pytest.approx(gain["service"] - gain["waiting"])


@pytest.mark.parametrize(
    ("assignment", "claim"),
    [
        ("none", Claim.ERO),
        ("chosen", Claim.YHTEYS),
        ("by_rule", Claim.TODENNAKOINEN_VAIKUTUS),
        ("randomised", Claim.VAIKUTUS),
    ],
)
def test_a_comparison_claims_what_its_assignment_allows(assignment, claim):
    effect = compared_change(two_groups(), **COLUMNS, **ARMS, assignment=assignment, unit="points")
    assert effect.claim is claim
    assert ("groups_differ_unseen" in effect.caveats) == (assignment != "randomised")


def test_groups_without_common_first_scores_are_told():
    data = two_groups()
    far = data.assign(before=data["before"] + 30 * (data["arm"] == "service"))
    effect = compared_change(far, **COLUMNS, **ARMS, assignment="chosen", unit="points")
    checks = effect.assumptions.set_index("check")["verdict"]
    assert checks["first_scores_overlap"] == "fails" and checks["first_scores_alike"] == "doubtful"


def test_clusters_have_their_own_freedom():
    data = two_groups().assign(place=np.repeat(range(10), 6))
    effect = compared_change(data, **COLUMNS, **ARMS, assignment="chosen", unit="points", cluster="place")
    assert effect.df < 10
    assert effect.estimate == pytest.approx(
        compared_change(data, **COLUMNS, **ARMS, assignment="chosen", unit="points").estimate
    )


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (
            {},
            {"treated": "group"},
            "treated 'group' is no value of column 'arm'; it has 'service', 'waiting'",
        ),
        ({"after": np.nan}, {}, "0 people of group 'service' have both measurements"),
        ({"after": 3.0}, {}, "every score of 'after' is the same"),
        ({}, {"assignment": "random"}, "assignment 'random'; expected one of none"),
        ({}, {"covariates": ("height",)}, "column 'height' is missing"),
        ({"age": np.nan}, {"covariates": ("age",)}, "column 'age', row 0 is empty"),
        ({"copy": lambda d: d["age"] * 2}, {"covariates": ("age", "copy")}, "column"),
    ],
)
def test_bad_input_of_a_comparison(change, options, message):
    usual = {**COLUMNS, **ARMS, "assignment": "chosen", "unit": "points"}
    with pytest.raises(SosrakeError, match=message):
        compared_change(two_groups().assign(**change), **(usual | options))


def test_mixed_model_equals_analysis_of_variance_when_balanced():
    """With as many clients everywhere and large variances, the estimate and its error are those of anova."""
    rng = np.random.default_rng(12)
    place, group = np.repeat(np.arange(12), 20), np.tile(np.repeat([0, 1], 10), 12)
    unique = place * 2 + group
    moved = 2 + rng.normal(0, 3, 12)[place] + rng.normal(0, 2, 24)[unique] + rng.normal(0, 1, 240)
    first = rng.normal(20, 4, 240)
    data = pd.DataFrame({"before": first, "after": first + moved, "m": place, "g": group})
    effect = mixed_change(data, **COLUMNS, group="g", municipality="m", unit="points")
    means = pd.Series(moved).groupby(place).mean()
    # 1e-4: the optimiser stops where the likelihood no longer rises in the fourth digit.
    assert effect.estimate == pytest.approx(means.mean(), rel=1e-6)
    assert effect.standard_error == pytest.approx(means.std() / np.sqrt(12), rel=1e-3)
    of_groups = pd.Series(moved).groupby(unique).mean()
    between = of_groups.groupby(of_groups.index // 2).var().mean()
    within = pd.Series(moved).groupby(unique).var().mean()
    details = effect.details.set_index("quantity")["value"]
    assert details["variance_client"] == pytest.approx(within, rel=1e-3)
    assert details["variance_group"] == pytest.approx(between - within / 10, rel=1e-2)
    assert details["variance_municipality"] == pytest.approx(means.var() - between / 2, rel=1e-2)
    assert effect.df == 11 and effect.n["groups"] == 24
    assert effect.claim is Claim.MUUTOS
    narrow = effect.sensitivity.set_index("analysis").loc["every_client_alike"]
    assert narrow["upper"] - narrow["lower"] < effect.upper - effect.lower


def test_mixed_model_refuses_too_few_levels():
    data = pd.DataFrame(
        {"before": range(8), "after": [3, 1, 4, 1, 5, 9, 2, 6], "m": [1, 1, 2, 2] * 2, "g": 1}
    )
    options = {**COLUMNS, "group": "g", "municipality": "m", "unit": "points"}
    with pytest.raises(FrameError, match="2 municipalities with 8 clients"):
        mixed_change(data, **options)
    with pytest.raises(FrameError, match="every group has one client"):
        mixed_change(data.assign(m=range(8)), **options)
    with pytest.raises(FrameError, match="every change is 2"):
        mixed_change(data.assign(m=[1, 2, 3, 4] * 2, after=data["before"] + 2), **options)
    with pytest.raises(FrameError, match="m or g is empty"):
        mixed_change(data.assign(g=[None, *[1] * 7]), **options)


levels = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=3, max_size=20)


@settings(max_examples=40, deadline=None)
@given(levels)
def test_ordinal_change_counts_directions_only(pairs):
    data = pd.DataFrame(pairs, columns=["before", "after"])
    effect = ordinal_change(data, **COLUMNS)
    up, down = (data["after"] > data["before"]).sum(), (data["after"] < data["before"]).sum()
    assert effect.estimate == pytest.approx((up - down) / len(data))
    assert -1 <= effect.lower <= effect.estimate <= effect.upper <= 1
    # Any rising renaming of the levels tells the same.
    renamed = ordinal_change(data.replace({1: 1, 2: 10, 3: 11, 4: 500, 5: 501}), **COLUMNS)
    assert (renamed.estimate, renamed.p_value) == (effect.estimate, effect.p_value)
    assert effect.details["people"].sum() == len(data)


def test_ordinal_change_of_ordered_categories_and_people_lost():
    kind = pd.CategoricalDtype(["poor", "fair", "good"], ordered=True)
    data = pd.DataFrame({"before": ["poor", "fair", "poor", "good"], "after": ["fair", "good", "poor", None]})
    effect = ordinal_change(data.astype(kind), **COLUMNS)
    assert effect.estimate == pytest.approx(2 / 3) and effect.n["only_before"] == 1
    lost = effect.sensitivity.set_index("analysis")["estimate"]
    assert lost.to_dict() == {"lost_unchanged": 0.5, "lost_down": 0.25, "lost_up": 0.75}
    other = pd.CategoricalDtype(["good", "fair", "poor"], ordered=True)
    with pytest.raises(FrameError, match="different levels or orders"):
        ordinal_change(data.astype({"before": kind, "after": other}), **COLUMNS)
    # Agresti & Min (2005): (6.5 - 2.5)/22 with half a person in each cell.
    assert paired_limits(6, 2, 20, 0.95)[0] == pytest.approx(4 / 22 - 1.959964 * 0.130741, abs=1e-4)


def test_two_levels_make_proportional_odds_a_logit():
    import statsmodels.formula.api as smf

    data = two_groups(120).assign(after=lambda d: (d["after"] > 20).astype(float))
    effect = proportional_odds(data, **COLUMNS, **ARMS, assignment="chosen")
    other = smf.logit("after ~ (arm == 'service') + before", data.assign(after=data["after"].astype(int)))
    fitted = other.fit(disp=False)
    name = next(term for term in fitted.params.index if "arm" in term)
    assert effect.estimate == pytest.approx(fitted.params[name], rel=1e-5)
    assert effect.standard_error == pytest.approx(fitted.bse[name], rel=1e-4)
    assert effect.claim is Claim.YHTEYS


def test_proportional_odds_finds_known_odds_and_tells_the_cuts():
    rng = np.random.default_rng(7)
    n = 3_000
    arm = np.where(rng.random(n) < 0.5, "service", "waiting")
    first = rng.integers(1, 6, n)
    hidden = 1.0 * (arm == "service") + 0.5 * first + rng.logistic(size=n)
    data = pd.DataFrame({"arm": arm, "before": first, "after": np.digitize(hidden, [0.5, 2.0, 3.5])})
    effect = proportional_odds(data, **COLUMNS, **ARMS, assignment="randomised")
    assert effect.lower < 1.0 < effect.upper and effect.upper - effect.lower < 0.4
    assert len(effect.sensitivity) == 3
    assert effect.assumptions.set_index("check").loc["proportional_odds", "verdict"] == "holds"
    ratio = effect.details.set_index("quantity")["value"]["odds_ratio"]
    assert ratio == pytest.approx(np.exp(effect.estimate))
    # A service that moves people from the top and the bottom to the middle has no common odds.
    squeezed = np.where(arm == "service", 0.3, 1.5) * (rng.logistic(size=n))
    bent = data.assign(after=np.digitize(squeezed, [-1, 0, 1]))
    told = proportional_odds(bent, **COLUMNS, **ARMS, assignment="randomised")
    assert told.assumptions.set_index("check").loc["proportional_odds", "verdict"] == "doubtful"


def test_levels_that_groups_decide_have_no_odds():
    data = pd.DataFrame(
        {
            "before": [1, 2, 3] * 4,
            "after": [3, 4, 3, 4, 3, 4, 1, 2, 1, 2, 1, 2],
            "arm": ["service"] * 6 + ["waiting"] * 6,
        }
    )
    with pytest.raises(SosrakeError, match="no finite estimate exists"):
        proportional_odds(data, **COLUMNS, **ARMS, assignment="chosen")
    with pytest.raises(SosrakeError, match="every later level is 1"):
        proportional_odds(data.assign(after=1), **COLUMNS, **ARMS, assignment="chosen")


def test_signed_rank_refuses_what_cannot_be_ranked():
    with pytest.raises(SosrakeError, match="all 3 changes are zero or empty"):
        signed_rank([0, 0, 0])
    with pytest.raises(SosrakeError, match="zeros 'split'; expected one of dropped, pratt"):
        signed_rank([1, 2], zeros="split")
    with pytest.raises(SosrakeError, match="a change is infinite"):
        signed_rank([1, np.inf])
    many = pd.DataFrame({"before": np.zeros(5_000), "after": np.arange(5_000.0)})
    with pytest.raises(SosrakeError, match="5000 changes; the pseudo-median is computed up to 4000"):
        signed_rank_change(many, **COLUMNS, unit="points")
