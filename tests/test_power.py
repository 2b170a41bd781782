"""Power: means, pairs, proportions, clusters, and small studies by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.effects import power
from sosrake_lib.effects.power.panels import unit_changes
from sosrake_lib.effects.power.simulation import autocorrelated
from sosrake_lib.errors import SosrakeError

QUICK = power.Simulation(draws=400, seed=3)


def test_two_means_are_the_tables_of_cohen():
    """Cohen (1988) table 2.4.1: d = 0.5, power 0.80, two-sided 0.05: 64 a group (d = 0.8: 26)."""
    assert power.sample_size_two_means(0.5).n_rounded_up == 64
    assert power.sample_size_two_means(0.2).n_rounded_up == 394
    assert power.sample_size_two_means(0.8).n_rounded_up == 26


@pytest.mark.parametrize(
    ("d", "n1", "n2", "sides"), [(0.5, 64, 64, 2), (0.3, 20, 90, 2), (-0.7, 12, 15, 1), (0.0, 30, 30, 2)]
)
def test_power_equals_statsmodels(d, n1, n2, sides):
    from statsmodels.stats.power import TTestIndPower

    kind = "two-sided" if sides == 2 else "larger"
    expected = TTestIndPower().power(abs(d), n1, 0.05, ratio=n2 / n1, alternative=kind)
    assert float(power.power_two_means(d, n1, n2, sides=sides)) == pytest.approx(expected, rel=1e-7)


def test_paired_power_is_of_scipys_noncentral_t():
    df, shift = 29, 0.4 * np.sqrt(30)
    critical = stats.t.ppf(0.975, df)
    expected = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
    assert float(power.power_paired(0.4, 30)) == pytest.approx(expected, rel=1e-8)
    assert power.sample_size_paired(0.5).n_rounded_up == 34
    # The project's own planning figure: 30 pairs find 0.53 standard deviations of the change.
    assert round(power.minimum_detectable_paired(30), 2) == 0.53


@given(st.floats(0.15, 2), st.floats(0.5, 0.95), st.sampled_from([1, 2]))
@settings(max_examples=40, deadline=None)
def test_size_power_and_effect_are_one_curve(d, wanted, sides):
    size = power.sample_size_two_means(d, power=wanted, sides=sides)
    if size.n_per_group > 2:
        assert float(power.power_two_means(d, size.n_per_group, sides=sides)) == pytest.approx(
            wanted, abs=1e-8
        )
        assert power.minimum_detectable_means(size.n_per_group, power=wanted, sides=sides) == pytest.approx(
            d, rel=1e-6
        )
    assert float(power.power_two_means(d, size.n_rounded_up, sides=sides)) >= wanted - 1e-9


@given(st.floats(0, 3), st.floats(0, 3), st.integers(3, 200))
@settings(max_examples=40, deadline=None)
def test_power_grows_with_effect_and_stays_a_share(one, other, n):
    low, high = (
        np.sort(power.power_two_means(np.sort([one, other]), n)),
        power.power_two_means([one, other], n),
    )
    assert (np.sort(high) == low).all() and (low >= 0.05 - 1e-9).all() and (low <= 1 + 1e-12).all()
    assert float(power.power_two_means(one, n)) <= float(power.power_two_means(one, n + 5)) + 1e-9


def test_unequal_groups():
    size = power.sample_size_two_means(0.5, ratio=2)
    assert float(power.power_two_means(0.5, size.n_per_group, 2 * size.n_per_group)) == pytest.approx(0.8)
    assert size.n_second_rounded_up >= 2 * size.n_per_group


def test_change_size_is_of_the_differences():
    rng = np.random.default_rng(1)
    before = rng.normal(0, 2, 4000)
    after = 0.6 * before + rng.normal(1, 1.5, 4000)
    r, s1, s2 = np.corrcoef(before, after)[0, 1], before.std(ddof=1), after.std(ddof=1)
    change = after - before
    assert power.change_size(change.mean(), s1, r, s2) == pytest.approx(
        change.mean() / change.std(ddof=1), rel=1e-9
    )
    with pytest.raises(SosrakeError, match="change_size: deviations 0"):
        power.change_size(1, 0, 0.5)


def test_proportions_equal_r_and_the_closed_form():
    """R 4.2.2: power.prop.test and pwr.2p.test of 0.5 against 0.65."""
    normal = power.sample_size_two_proportions(0.5, 0.65)
    assert normal.n_per_group == pytest.approx(169.311371333825, rel=1e-7)
    arcsine = power.sample_size_two_proportions(0.5, 0.65, method="arcsine")
    assert arcsine.n_per_group == pytest.approx(169.087942473337, rel=1e-7)
    z, zb = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    by_hand = ((z * np.sqrt(2 * 0.575 * 0.425) + zb * np.sqrt(0.25 + 0.65 * 0.35)) / 0.15) ** 2
    assert normal.n_per_group == pytest.approx(by_hand, rel=1e-9)


def test_strict_counts_the_wrong_side_too():
    loose = power.power_two_proportions(0.5, 0.52, 20)
    strict = power.power_two_proportions(0.5, 0.52, 20, strict=True)
    assert 0 < strict - loose < 0.05
    assert power.power_two_proportions(0.3, 0.3, 50, strict=True) == pytest.approx(0.05, abs=1e-9)
    assert power.power_two_proportions(0.0, 1.0, 5) == 1.0


@pytest.mark.parametrize(("p1", "higher"), [(0.3, True), (0.3, False), (0.9, False)])
@pytest.mark.parametrize("method", ["normal", "arcsine"])
def test_detectable_proportion_has_the_power(p1, higher, method):
    other = power.minimum_detectable_proportions(p1, 150, higher=higher, method=method)
    assert (other > p1) is higher
    assert power.power_two_proportions(p1, other, 150, method=method) == pytest.approx(0.8, abs=1e-8)


def test_cluster_formula_by_hand():
    plan = power.ClusterPlan(icc=0.05, people=15, clusters=20, r2_clusters=0.3, cluster_covariates=1)
    error = np.sqrt((0.05 * 0.7 + 0.95 / 15) / (0.25 * 20))
    factor = stats.t.ppf(0.975, 17) + stats.t.ppf(0.8, 17)
    found = power.minimum_detectable_clusters(plan)
    assert (found.effect, found.df) == pytest.approx((factor * error, 17))
    assert found.lower == pytest.approx(found.effect - stats.t.ppf(0.975, 17) * error)


@given(st.floats(0.2, 1.0), st.floats(0.0, 0.3), st.integers(2, 60))
@settings(max_examples=30, deadline=None)
def test_clusters_needed_detect_the_effect(effect, icc, people):
    plan = power.ClusterPlan(icc=icc, people=people, clusters=10)
    found = power.clusters_needed(effect, plan)
    enough = power.ClusterPlan(icc=icc, people=people, clusters=found.rounded_up)
    assert power.minimum_detectable_clusters(enough).effect <= effect * (1 + 1e-9)


def test_people_alone_cannot_replace_clusters():
    few = power.ClusterPlan(icc=0.1, people=20, clusters=8)
    many = power.ClusterPlan(icc=0.1, people=20000, clusters=8)
    assert power.power_clusters(0.4, many) < 0.6
    assert power.power_clusters(0.4, few) < power.power_clusters(0.4, many)


def test_design_effect_counts_unequal_clusters():
    assert power.design_effect(20, 0.05, cv=0.5) == pytest.approx(1 + (1.25 * 20 - 1) * 0.05)
    assert power.inflated(100, 11, 0.01) == 110
    assert power.design_effect(1, 0.3) == 1


# --- Simulation
# -----------------------------------------------------------------------------------------------


def test_noise_has_the_variance_and_correlation_it_says():
    drawn = autocorrelated(np.random.default_rng(0), (4000, 8), 0.6)
    assert drawn.std() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(drawn[:, 3], drawn[:, 4])[0, 1] == pytest.approx(0.6, abs=0.03)
    assert np.corrcoef(drawn[:, 3], drawn[:, 5])[0, 1] == pytest.approx(0.36, abs=0.04)


def test_one_treated_of_thirteen_can_never_be_found_at_five_percent():
    found = power.simulated_panel_power(power.PanelPlan(units=13, treated=1), [5.0], simulation=QUICK)
    assert found.smallest_p == pytest.approx(1 / 13)
    assert found.table["power"].tolist() == [0.0, 0.0] and np.isnan(found.minimum_detectable)


@pytest.mark.parametrize("test", ["permutation", "t"])
@pytest.mark.parametrize("autocorrelation", [0.0, 0.6])
def test_false_findings_stay_at_alpha_and_power_grows(test, autocorrelation):
    plan = power.PanelPlan(treated=3, autocorrelation=autocorrelation)
    simulation = power.Simulation(draws=2000, seed=5)
    found = power.simulated_panel_power(plan, [0.5, 1.0, 2.0], test=test, simulation=simulation)
    shares = found.table["power"]
    assert shares.iloc[0] == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2000))
    assert shares.is_monotonic_increasing
    again = power.simulated_panel_power(plan, [found.minimum_detectable], test=test, simulation=simulation)
    assert again.table["power"].iloc[1] == pytest.approx(0.8, abs=0.002)


def test_permutation_equals_the_plain_loop():
    from itertools import combinations

    plan = power.PanelPlan(units=6, treated=2, times=4, before=2)
    simulation = power.Simulation(draws=100, seed=8, alpha=0.1)
    found = power.simulated_panel_power(plan, [1.5], simulation=simulation)
    changes = unit_changes(plan, 100, np.random.default_rng(8))
    hits = 0
    for row in changes:
        row = row + np.array([1.5, 1.5, 0, 0, 0, 0])
        sizes = [abs(row[list(c)].mean() - np.delete(row, list(c)).mean()) for c in combinations(range(6), 2)]
        hits += sum(size >= sizes[0] - 1e-12 for size in sizes) / len(sizes) <= 0.1 + 1e-12
    assert found.table["power"].iloc[1] == hits / 100


def test_t_test_of_panel_is_exact_under_its_own_assumptions():
    """Independent normal noise: power of a two-sample t test with shift in standard errors (Monte Carlo error
    0.01)."""
    plan = power.PanelPlan(units=13, treated=3)
    simulation = power.Simulation(draws=6000, seed=1)
    found = power.simulated_panel_power(plan, [1.0], test="t", simulation=simulation)
    spread = np.sqrt(1 / 3 + 1 / 3)
    exact = float(power.power_two_means(1.0 / spread, 3, 10))
    assert found.table["power"].iloc[1] == pytest.approx(exact, abs=0.025)


def test_unequal_units_make_the_t_test_find_what_is_not_there():
    """Three small treated towns that vary three times as much: the t test's false findings exceed 5 %."""
    plan = power.PanelPlan(treated=3, sd=(3.0, 3.0, 3.0, *[1.0] * 10))
    found = power.simulated_panel_power(plan, test="t", simulation=power.Simulation(draws=2000))
    assert found.table["power"].iloc[0] > 0.1


def test_many_choices_of_units_are_drawn():
    plan = power.PanelPlan(units=43, treated=4)
    found = power.simulated_panel_power(plan, [1.0], simulation=power.Simulation(draws=200))
    assert found.smallest_p == pytest.approx(1 / 1000)
    assert found.table["power"].iloc[1] > 0.3


def test_simulation_is_the_same_again_and_carries_its_error():
    one, other = (
        power.simulated_panel_power(power.PanelPlan(), [1.0], simulation=QUICK).table for _ in range(2)
    )
    assert one.equals(other)
    share = one["power"].iloc[1]
    assert one["monte_carlo_error"].iloc[1] == pytest.approx(np.sqrt(share * (1 - share) / 400))


def test_single_case_needs_enough_starts():
    short = power.simulated_single_case_power(power.SingleCasePlan(5, 5), [3.0], simulation=QUICK)
    assert short.smallest_p == pytest.approx(1 / 5) and short.table["power"].iloc[1] == 0
    long = power.simulated_single_case_power(power.SingleCasePlan(15, 20), [3.0], simulation=QUICK)
    assert long.smallest_p < 0.05 and long.table["power"].iloc[1] > 0.3


def test_autocorrelation_makes_nonoverlap_find_what_is_not_there():
    simulation = power.Simulation(draws=1500, seed=2)
    plain = power.simulated_single_case_power(
        power.SingleCasePlan(8, 10), test="nonoverlap", simulation=simulation
    )
    tied = power.simulated_single_case_power(
        power.SingleCasePlan(8, 10, autocorrelation=0.6), test="nonoverlap", simulation=simulation
    )
    assert plain.table["power"].iloc[0] == pytest.approx(0.05, abs=0.025)
    assert tied.table["power"].iloc[0] > 0.15


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: power.power_two_means(np.nan, 10), "effect_size nan"),
        (lambda: power.power_two_means(0.5, 1), "3 in all"),
        (lambda: power.power_two_means(0.5, 10, sides=3), "1 or 2 sides"),
        (lambda: power.sample_size_two_means(0), "other than 0"),
        (lambda: power.sample_size_two_means(1e-9), "power 0.8 is not reached"),
        (lambda: power.sample_size_two_means(0.5, power=1.0), "power 1.0; expected a share above alpha"),
        (lambda: power.sample_size_two_means(0.5, ratio=0), "ratio 0"),
        (lambda: power.power_paired(0.5, 1), "n_pairs 1"),
        (lambda: power.minimum_detectable_paired(1), "n_pairs 1; expected at least 2"),
        (lambda: power.power_two_proportions(1.2, 0.5, 10), "proportions 1.2 and 0.5"),
        (lambda: power.sample_size_two_proportions(0.5, 0.5), "both proportions are 0.5"),
        (lambda: power.power_two_proportions(0.2, 0.5, 10, method="exact"), "method 'exact'"),
        (lambda: power.minimum_detectable_proportions(0.5, 3), "more people are needed"),
        (lambda: power.ClusterPlan(0.1, 20, 2), "at least 3 clusters are needed"),
        (lambda: power.ClusterPlan(1.1, 20, 10), "icc 1.1"),
        (lambda: power.ClusterPlan(0.1, 20, 10, treated_share=1.0), "treated_share 1.0"),
        (lambda: power.design_effect(0, 0.1), "cluster_size 0"),
        (lambda: power.clusters_needed(0, power.ClusterPlan(0.1, 20, 10)), "effect_size 0"),
        (lambda: power.PanelPlan(units=2, treated=1), "at least 3 units"),
        (lambda: power.PanelPlan(treated=13), "13 treated of 13 units"),
        (lambda: power.PanelPlan(before=0), "0 of 6 times before"),
        (lambda: power.PanelPlan(sd=(1.0, 2.0)), "or 13 of them"),
        (lambda: power.PanelPlan(autocorrelation=1.0), "autocorrelation 1.0"),
        (lambda: power.simulated_panel_power(power.PanelPlan(), test="z"), "test 'z'"),
        (lambda: power.simulated_panel_power(power.PanelPlan(), [np.inf]), "finite numbers"),
        (lambda: power.Simulation(draws=10), "draws 10"),
        (lambda: power.SingleCasePlan(2, 10), "2 before and 10 after"),
        (lambda: power.simulated_single_case_power(power.SingleCasePlan(5, 5), test="pnd"), "test 'pnd'"),
    ],
)
def test_power_refuses(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()
