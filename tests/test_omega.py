"""Omega of one factor and of a general factor with groups: independent fits, known structures, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from statsmodels.multivariate.factor import Factor
from statsmodels.multivariate.factor_rotation import rotate_factors

from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import factor_kernels, item_answers, omega

LOADINGS = np.array([0.9, 0.7, 0.6, 0.5, 0.8])


def sheet(people=150, loadings=LOADINGS, seed=3):
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(people, 1))
    noise = rng.normal(size=(people, len(loadings))) * np.sqrt(1 - np.square(loadings))
    return (trait * loadings + noise) * np.arange(1, len(loadings) + 1)


def exact(correlation, people=80):
    """Answers whose correlations are exactly those given."""
    drawn = np.random.default_rng(1).normal(size=(people, len(correlation)))
    free = np.linalg.qr(drawn - drawn.mean(axis=0))[0]
    free -= free.mean(axis=0)
    return free @ np.linalg.cholesky(correlation).T


def with_groups(per, general=0.7, group=0.4):
    k = 3 * per
    own = np.repeat(np.eye(3), per, axis=0) * group
    correlation = general**2 + own @ own.T
    np.fill_diagonal(correlation, 1.0)
    return correlation, (k * general) ** 2 / correlation.sum()


def test_one_factor_agrees_with_statsmodels_and_with_a_plain_search():
    values = sheet()
    correlation = np.corrcoef(values.T)
    fit = factor_kernels.one_factor_ml(correlation)
    peer = Factor(values, n_factor=1, method="ml").fit()
    peers = peer.loadings[:, 0] * np.sign(peer.loadings[:, 0].sum())
    # statsmodels stops at about five digits.
    assert fit.loadings == pytest.approx(peers, abs=2e-5)
    assert fit.uniquenesses == pytest.approx(peer.uniqueness, abs=5e-5)

    def discrepancy(parameters):
        loadings, unique = parameters[:5], np.exp(parameters[5:])
        model = np.outer(loadings, loadings) + np.diag(unique)
        return np.linalg.slogdet(model)[1] + np.trace(np.linalg.solve(model, correlation))

    start = np.r_[np.full(5, 0.5), np.full(5, -0.5)]
    plain = optimize.minimize(discrepancy, start, method="BFGS", options={"gtol": 1e-9})
    assert np.abs(plain.x[:5]) == pytest.approx(fit.loadings, abs=1e-5)
    least = plain.fun - np.linalg.slogdet(correlation)[1] - 5
    assert fit.discrepancy == pytest.approx(least, abs=1e-9)


def test_the_gradient_of_the_fit_is_its_slope():
    correlation = np.corrcoef(sheet().T)[None]
    logs = np.log(np.array([[0.3, 0.5, 0.6, 0.7, 0.4]]))
    parts = factor_kernels._concentrated(correlation, logs)
    for place in range(5):
        step = np.zeros(5)
        step[place] = 1e-6
        above = factor_kernels._concentrated(correlation, logs + step).discrepancy
        below = factor_kernels._concentrated(correlation, logs - step).discrepancy
        assert parts.gradient[0, place] == pytest.approx((above - below)[0] / 2e-6, rel=1e-6, abs=1e-8)


def test_many_matrices_at_once_give_what_each_gives_alone():
    rng = np.random.default_rng(8)
    values = sheet(people=60)
    many = np.stack([np.corrcoef(values[rng.integers(0, 60, 60)].T) for _ in range(40)])
    batch = factor_kernels.one_factor_ml_batch(many)
    assert batch.converged.all()
    for place, correlation in enumerate(many):
        alone = factor_kernels.one_factor_ml(correlation)
        assert batch.discrepancy[place] == pytest.approx(alone.discrepancy, abs=1e-8)
        assert batch.loadings[place] == pytest.approx(alone.loadings, abs=1e-5)


def test_omega_of_a_known_structure_is_exact():
    correlation = np.outer(LOADINGS, LOADINGS)
    np.fill_diagonal(correlation, 1.0)
    found = omega.omega_total(exact(correlation), method="none")
    expected = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum())
    assert found.omega == pytest.approx(expected, rel=1e-7)
    assert found.omega_standardised == pytest.approx(expected, rel=1e-7)
    assert found.loadings["standardised_loading"].tolist() == pytest.approx(LOADINGS, rel=1e-6)
    assert found.chi_square == pytest.approx(0, abs=1e-8)
    assert (found.df, found.note) == (5, "")


def test_divisor_moves_loadings_and_not_omega():
    values = sheet(people=50)
    biased = omega.omega_total(values, method="none")
    unbiased = omega.omega_total(values, method="none", divisor="n_minus_1")
    assert unbiased.omega == pytest.approx(biased.omega, rel=1e-12)
    ratio = unbiased.loadings["residual_variance"] / biased.loadings["residual_variance"]
    assert ratio.tolist() == pytest.approx([50 / 49] * 5, rel=1e-9)
    variances = biased.loadings["loading"] ** 2 + biased.loadings["residual_variance"]
    assert variances.tolist() == pytest.approx(values.var(axis=0), rel=1e-6)


def test_bootstrap_of_omega_agrees_with_refitting_one_by_one():
    values = sheet(people=70)
    found = omega.omega_total(values, replicates=2000)
    assert found.replicates == 2000
    rng = np.random.default_rng(4)
    slow = [omega.omega_total(values[rng.integers(0, 70, 70)], method="none").omega for _ in range(200)]
    # 200 replicates place a 2.5 % quantile to about 0.01.
    assert found.intervals[["lower", "upper"]].iloc[0].tolist() == pytest.approx(
        np.quantile(slow, [0.025, 0.975]), abs=0.03
    )
    bca = omega.omega_total(values, method="bootstrap_bca", replicates=1000).intervals.iloc[0]
    assert bca["lower"] < found.omega < bca["upper"]
    again = omega.omega_total(values, replicates=2000)
    assert again.intervals.equals(found.intervals)


def test_a_heywood_case_is_held_at_the_bound_and_told():
    correlation = np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]])
    found = omega.omega_total(exact(correlation), method="none")
    assert found.note == "heywood_case"
    assert found.loadings["heywood"].tolist() == [True, False, False]
    assert found.loadings["uniqueness"][0] == pytest.approx(factor_kernels.FLOOR)


def test_an_item_that_goes_the_other_way_is_told():
    values = sheet()
    values[:, 1] *= -1
    assert omega.omega_total(values, method="none").note == "negative_loading"
    turned = omega.omega_total(
        pd.DataFrame(values, columns=list("abcde")), reverse=["b"], max_plus_min=0, method="none"
    )
    assert turned.note == ""
    assert turned.omega == pytest.approx(omega.omega_total(sheet(), method="none").omega, rel=1e-9)


def test_matrices_that_cannot_be_fitted_are_marked():
    broken = np.stack([np.eye(3), np.ones((3, 3)), np.full((3, 3), np.nan)])
    found = factor_kernels.one_factor_ml_batch(broken)
    assert found.converged.tolist()[1:] == [False, False]
    assert np.isnan(found.loadings[1:]).all()


def test_minres_agrees_with_least_squares_over_loadings():
    rng = np.random.default_rng(6)
    groups = np.repeat(rng.normal(size=(200, 2)), 4, axis=1)
    correlation = np.corrcoef(
        (0.6 * rng.normal(size=(200, 1)) + 0.6 * groups + 0.7 * rng.normal(size=(200, 8))).T
    )
    found = factor_kernels.minres(correlation, 2)
    apart = np.triu_indices(8, 1)

    def residuals(flat):
        loadings = flat.reshape(8, 2)
        return (correlation - loadings @ loadings.T)[apart]

    plain = optimize.least_squares(
        residuals, found.loadings.ravel() + 0.05, xtol=1e-14, ftol=1e-14, gtol=1e-14
    )
    assert (residuals(found.loadings.ravel()) ** 2).sum() == pytest.approx(2 * plain.cost, rel=1e-6)
    assert found.converged


def test_oblimin_agrees_with_statsmodels():
    correlation, _ = with_groups(3)
    values = exact(correlation) + 0.05 * np.random.default_rng(2).normal(size=(80, 9))
    loadings = factor_kernels.minres(np.corrcoef(values.T), 3).loadings
    ours = factor_kernels.oblimin(loadings)
    theirs, _ = rotate_factors(loadings, "oblimin", 0, "oblique", tol=1e-9, max_tries=5000)

    def criterion(pattern):
        squares = pattern**2
        return sum((squares[:, a] * squares[:, b]).sum() for a in range(3) for b in range(3) if a != b)

    assert criterion(ours.loadings) <= criterion(theirs) + 1e-9
    model = ours.loadings @ ours.correlations @ ours.loadings.T
    assert model == pytest.approx(loadings @ loadings.T, abs=1e-9)
    assert np.diag(ours.correlations) == pytest.approx(1)
    # Factors may come in another order: compare each item's loadings sorted.
    assert np.sort(np.abs(ours.loadings)) == pytest.approx(np.sort(np.abs(theirs)), abs=1e-5)


@pytest.mark.parametrize("per", [2, 3, 4])
def test_schmid_leiman_finds_a_known_structure(per):
    correlation, hierarchical = with_groups(per)
    found = omega.omega_schmid_leiman(exact(correlation))
    assert found.omega_hierarchical == pytest.approx(hierarchical, abs=1e-5)
    assert found.omega_total == pytest.approx(1 - 3 * per * 0.35 / correlation.sum(), abs=1e-6)
    assert found.loadings["general"].tolist() == pytest.approx([0.7] * 3 * per, abs=1e-4)
    groups = found.loadings.filter(like="group_").to_numpy()
    assert np.sort(groups, axis=1)[:, -1] == pytest.approx(0.4, abs=1e-3)
    assert found.omega_limit == pytest.approx(found.omega_hierarchical / found.omega_total)


def test_schmid_leiman_turns_items_and_takes_one_or_two_factors():
    correlation, _ = with_groups(3)
    values = exact(correlation)
    plain = omega.omega_schmid_leiman(values)
    values[:, 0] *= -1
    turned = omega.omega_schmid_leiman(values)
    assert turned.omega_hierarchical == pytest.approx(plain.omega_hierarchical, abs=1e-6)
    assert turned.loadings["turned"].tolist() == [True] + [False] * 8
    two, one = (omega.omega_schmid_leiman(values, factors=count) for count in (2, 1))
    assert two.omega_hierarchical <= two.omega_total <= 1
    assert one.omega_hierarchical <= one.omega_total + 1e-9


def test_the_two_omegas_differ_on_the_same_answers():
    correlation, _ = with_groups(2)
    values = exact(correlation)
    assert (
        omega.omega_schmid_leiman(values).omega_total > omega.omega_total(values, method="none").omega + 0.005
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: omega.omega_total(sheet()[:, :2]), "2 items; a factor needs 3 at least"),
        (lambda: omega.omega_total(sheet(), formative=True), "formative"),
        (lambda: omega.omega_schmid_leiman(sheet(), instrument="3X10D"), "3X10D is formative"),
        (lambda: omega.omega_total(sheet(), method="wald"), "method 'wald'"),
        (lambda: omega.omega_total(sheet(), divisor="k"), "'k'; use one of n, n_minus_1"),
        (lambda: omega.omega_total(sheet()[:, [0, 1, 1]]), "not positive definite"),
        (lambda: omega.omega_schmid_leiman(sheet()), "3 factors cannot be told from 5 items"),
        (lambda: omega.omega_schmid_leiman(sheet(), factors=0), "factors 0; expected a whole number from 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100))
def test_omega_is_a_share_and_does_not_depend_on_unit_or_order(seed, factor):
    values = sheet(people=60, seed=seed)
    answers = item_answers.read_answers(values, "test")
    found = omega.omega_of(answers, method="none")
    assert 0 <= found.omega <= 1
    moved = values[::-1, ::-1] * factor + 3
    assert omega.omega_total(moved, method="none").omega == pytest.approx(found.omega, rel=1e-6)
