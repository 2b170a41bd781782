"""Regression kernels and covariances against statsmodels, plain loops and the definitions."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import regression as reg
from sosrake_lib.errors import FrameError, SosrakeError

# Two programs that do the same arithmetic in another order agree to rounding.
ROUNDING = 1e-9


def sample(seed=1, n=60, k=3):
    rng = np.random.default_rng(seed)
    x = reg.with_intercept(*rng.normal(size=(k - 1, n)))
    y = x @ np.arange(1.0, k + 1) + rng.normal(size=n) * (1 + np.abs(x[:, 1]))
    return y, x, rng.uniform(0.5, 3, n), rng.integers(0, 9, n), rng.integers(0, 5, n)


def roots(covariance):
    return np.sqrt(np.diag(covariance))


def test_least_squares_equals_statsmodels():
    y, x, w, *_ = sample()
    for weights, theirs in ((None, sm.OLS(y, x).fit()), (w, sm.WLS(y, x, weights=w).fit())):
        fit = reg.fit_ols(y, x, weights)
        np.testing.assert_allclose(fit.coefficients, theirs.params, rtol=ROUNDING)
        np.testing.assert_allclose(roots(fit.classical), theirs.bse, rtol=ROUNDING)
        for kind in ("HC0", "HC1", "HC2", "HC3"):
            own = roots(reg.hc_covariance(fit, kind))
            np.testing.assert_allclose(own, getattr(theirs, f"{kind}_se"), rtol=ROUNDING)


def test_hc4_by_its_definition():
    y, x, *_ = sample(n=25)
    fit = reg.fit_ols(y, x)
    bread, meat = np.linalg.inv(x.T @ x), np.zeros((3, 3))
    for row, e in zip(x, fit.residuals, strict=True):
        h = row @ bread @ row
        meat += np.outer(row, row) * e**2 / (1 - h) ** min(4.0, 25 * h / 3)
    np.testing.assert_allclose(reg.hc_covariance(fit, "HC4"), bread @ meat @ bread, rtol=ROUNDING)


@pytest.mark.parametrize("lag", [0, 1, 3, 7])
def test_newey_west_equals_statsmodels(lag):
    y, x, *_ = sample(4)
    fit, theirs = reg.fit_ols(y, x), sm.OLS(y, x).fit()
    for adjust in (False, True):
        robust = theirs.get_robustcov_results("HAC", maxlags=lag, use_correction=adjust)
        own = roots(reg.newey_west_covariance(fit, lag, adjust=adjust))
        np.testing.assert_allclose(own, robust.bse, rtol=ROUNDING)


def test_prewhitened_newey_west_by_its_definition():
    y, x, *_ = sample(4)
    fit = reg.fit_ols(y, x)
    u = x * fit.residuals[:, None]
    a = np.linalg.lstsq(u[:-1], u[1:], rcond=None)[0].T
    v = np.array([u[t] - a @ u[t - 1] for t in range(1, len(u))])
    gamma = [sum(np.outer(v[t], v[t - lag]) for t in range(lag, len(v))) for lag in range(3)]
    meat = gamma[0] + sum((1 - lag / 3) * (gamma[lag] + gamma[lag].T) for lag in (1, 2))
    back = np.linalg.inv(np.eye(3) - a)
    bread = np.linalg.inv(x.T @ x)
    own = reg.newey_west_covariance(fit, 2, prewhite=True)
    np.testing.assert_allclose(own, bread @ back @ meat @ back.T @ bread, rtol=1e-8)


def test_lag_chosen_by_the_rule_of_1994():
    rng = np.random.default_rng(8)
    noise = np.zeros(200)
    for t in range(1, 200):
        noise[t] = 0.8 * noise[t - 1] + rng.normal()
    x = reg.with_intercept(np.arange(200.0) / 200)
    fit = reg.fit_ols(noise, x)
    h = x[:, 1] * fit.residuals
    m = int(4 * 2 ** (2 / 9))
    sigma = [sum(h[t] * h[t - j] for t in range(j, 200)) / 200 for j in range(m + 1)]
    s0, s1 = sigma[0] + 2 * sum(sigma[1:]), 2 * sum(j * sigma[j] for j in range(1, m + 1))
    assert reg.newey_west_lag(fit) == int(1.1447 * ((s1 / s0) ** 2 * 200) ** (1 / 3)) > 1


def test_clusters_equal_statsmodels_and_two_ways_are_a_sum_and_a_difference():
    y, x, w, a, b = sample()
    for weights, theirs in ((None, sm.OLS(y, x).fit()), (w, sm.WLS(y, x, weights=w).fit())):
        fit = reg.fit_ols(y, x, weights)
        robust = theirs.get_robustcov_results("cluster", groups=a)
        np.testing.assert_allclose(roots(reg.cluster_covariance(fit, a)), robust.bse, rtol=ROUNDING)
        both = np.array([f"{one}-{other}" for one, other in zip(a, b, strict=True)])
        parts = [reg.cluster_covariance(fit, labels) for labels in (a, b, both)]
        whole = reg.two_way_cluster_covariance(fit, a, b)
        np.testing.assert_allclose(whole, parts[0] + parts[1] - parts[2], rtol=ROUNDING, atol=1e-14)


def test_each_row_its_own_cluster_is_hc1():
    y, x, *_ = sample()
    fit = reg.fit_ols(y, x)
    own = reg.cluster_covariance(fit, np.arange(60))
    np.testing.assert_allclose(own, reg.hc_covariance(fit, "HC1"), rtol=ROUNDING)


def by_definition(x, e, labels, w):
    """CR2 and Satterthwaite's degrees with full n x n matrices (Pustejovsky & Tipton 2018)."""
    root = np.sqrt(w)
    x, e = x * root[:, None], e * root
    m = np.linalg.inv(x.T @ x)
    rest = np.eye(len(e)) - x @ m @ x.T
    scores, directions = [], []
    for label in np.unique(labels):
        rows = labels == label
        values, vectors = np.linalg.eigh(rest[np.ix_(rows, rows)])
        power = np.where(values > 1e-9, np.abs(values) ** -0.5, 0.0)
        pulled = (vectors * power) @ vectors.T @ x[rows] @ m
        scores.append(pulled.T @ e[rows])
        directions.append(rest[rows].T @ pulled)
    covariance = sum(np.outer(s, s) for s in scores)
    degrees = []
    for column in range(x.shape[1]):
        p = np.column_stack([one[:, column] for one in directions])
        gram = p.T @ p
        degrees.append(np.trace(gram) ** 2 / (gram**2).sum())
    return covariance, np.array(degrees)


@pytest.mark.parametrize("weighted", [False, True])
def test_cr2_by_its_definition(weighted):
    y, x, w, a, _ = sample(5)
    w = w if weighted else np.ones(60)
    fit = reg.fit_ols(y, x, w)
    covariance, degrees = by_definition(x, fit.residuals, a, w)
    found = reg.cr2(fit, a)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-8)
    np.testing.assert_allclose(found.df, degrees, rtol=1e-8)


def test_cr2_of_two_arms_of_equal_clusters_has_the_degrees_of_a_t_test():
    # Equal clusters, m in each arm: the statistic is the two-sample t of cluster means, df = 2m - 2.
    treated = np.repeat([0.0, 1.0], 20)
    y = np.random.default_rng(2).normal(size=40)
    labels = np.repeat(np.arange(10), 4)
    found = reg.cr2(reg.fit_ols(y, reg.with_intercept(treated)), labels)
    means = y.reshape(10, 4).mean(axis=1)
    pooled = np.sqrt((means[:5].var(ddof=1) + means[5:].var(ddof=1)) / 5)
    assert found.df[1] == pytest.approx(8.0, rel=1e-9)
    assert found.standard_error[1] == pytest.approx(pooled, rel=1e-9)


def test_cr2_is_unchanged_when_the_clusters_own_effects_are_absorbed():
    y, x, _, a, _ = sample(7)
    dummies = (a[:, None] == np.arange(9)[None, :]).astype(float)
    whole = reg.cr2(reg.fit_ols(y, np.column_stack([x[:, 1:], dummies])), a)
    inner = reg.absorb(np.column_stack([y, x[:, 1:]]), [a]).values
    short = reg.cr2(reg.fit_ols(inner[:, 0], inner[:, 1:]), a)
    np.testing.assert_allclose(short.standard_error, whole.standard_error[:2], rtol=1e-8)
    np.testing.assert_allclose(short.df, whole.df[:2], rtol=1e-8)


def test_degrees_without_the_matrix_of_cluster_pairs_are_the_same(monkeypatch):
    y, x, _, a, _ = sample(7)
    fit = reg.fit_ols(y, x)
    small = reg.cr2(fit, a).df
    monkeypatch.setattr("sosrake_lib.effects.regression.satterthwaite.LARGEST_PAIRS", 2)
    np.testing.assert_allclose(reg.cr2(fit, a).df, small, rtol=1e-9)


def test_logit_equals_statsmodels():
    y, x, *_ = sample(9, n=200)
    outcome = (y > np.median(y)).astype(float)
    fit, theirs = reg.fit_logit(outcome, x), sm.Logit(outcome, x).fit(disp=0, tol=1e-14, maxiter=200)
    np.testing.assert_allclose(fit.coefficients, theirs.params, rtol=1e-7)
    np.testing.assert_allclose(roots(fit.classical), theirs.bse, rtol=1e-7)
    robust = sm.Logit(outcome, x).fit(disp=0, cov_type="HC0", tol=1e-14, maxiter=200)
    np.testing.assert_allclose(roots(reg.hc_covariance(fit, "HC0")), robust.bse, rtol=1e-6)
    assert fit.deviance == pytest.approx(-2 * theirs.llf, rel=1e-10)


def test_logit_of_two_groups_is_the_odds_ratio():
    outcome = np.repeat([1, 0, 1, 0], [10, 30, 20, 20])
    fit = reg.fit_logit(outcome, reg.with_intercept(np.repeat([0, 1], 40)))
    assert fit.coefficients[1] == pytest.approx(np.log((20 / 20) / (10 / 30)), rel=1e-12)


@pytest.mark.parametrize("weights", [None, "drawn"])
@pytest.mark.parametrize("factors", [1, 2, 3])
def test_absorbing_equals_dummies(factors, weights):
    y, _, w, a, b = sample(11)
    c = np.arange(60) % 4
    w = None if weights is None else w
    labels = [a, b, c][:factors]
    dummies = np.column_stack([(one[:, None] == np.unique(one)[None, :]).astype(float) for one in labels])
    root = np.ones(60) if w is None else np.sqrt(w)
    fitted = dummies @ np.linalg.lstsq(dummies * root[:, None], y * root, rcond=None)[0]
    found = reg.absorb(y, labels, w)
    np.testing.assert_allclose(found.values[:, 0], y - fitted, atol=1e-8)
    assert found.rank == np.linalg.matrix_rank(dummies)


def test_a_balanced_panel_is_absorbed_in_one_pass():
    y = np.random.default_rng(1).normal(size=24)
    unit, time = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    table = y.reshape(6, 4)
    expected = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    found = reg.absorb(y, [unit, time])
    np.testing.assert_allclose(found.values[:, 0], expected.ravel(), atol=1e-13)
    assert (found.rank, found.rounds) == (9, 1)


def test_parts_without_a_common_level_cost_one_dummy_less():
    found = reg.absorb(np.arange(4.0), [[1, 1, 2, 2], ["a", "b", "c", "d"]])
    assert found.rank == 4


def test_nested():
    assert reg.nested([1, 1, 2, 3], ["a", "a", "a", "b"])
    assert not reg.nested([1, 1, 2, 3], ["a", "b", "a", "b"])


def test_wald_test_of_one_coefficient_is_its_t_squared():
    table = reg.coefficient_table(["b"], [2.0], [[0.5]], df=12)
    joint = reg.wald_test([2.0], [[0.5]], df=12)
    assert joint.p_value == pytest.approx(table["p_value"][0], rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    shift=st.floats(-50, 50),
    scale=st.floats(0.1, 50),
    order=st.permutations(list(range(20))),
    seed=st.integers(0, 99),
)
def test_errors_scale_with_the_outcome_and_ignore_the_order_of_rows(shift, scale, order, seed):
    y, x, _, a, _ = sample(seed, n=20)
    a = np.arange(20) % 6
    first, moved = reg.fit_ols(y, x), reg.fit_ols((scale * y + shift)[order], x[order])
    for one, other in (
        (reg.hc_covariance(first, "HC3"), reg.hc_covariance(moved, "HC3")),
        (reg.cluster_covariance(first, a), reg.cluster_covariance(moved, a[order])),
        (reg.cr2(first, a).covariance, reg.cr2(moved, a[order]).covariance),
    ):
        np.testing.assert_allclose(roots(other), scale * roots(one), rtol=1e-6)
    assert (reg.cr2(first, a).df <= 5 + 1e-9).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: reg.fit_ols([1.0, np.nan, 3.0], np.ones((3, 1))), r"outcome has 1 empty .* row 1; leave"),
        (lambda: reg.fit_ols([1.0, 2.0], np.ones((3, 1))), r"outcome \(2,\), design \(3, 1\)"),
        (lambda: reg.fit_ols([1.0, 2.0, 4.0], np.ones((3, 2))), r"column 1 of the design .* follows from"),
        (lambda: reg.fit_ols([1.0], np.ones((1, 2))), r"1 rows for 2 coefficients"),
        (
            lambda: reg.fit_ols([1.0, 2.0], np.ones((2, 1)), [1.0, 0.0]),
            r"weight 0 in row 1; weights must be above",
        ),
        (lambda: reg.fit_logit([0, 2, 1], np.ones((3, 1))), r"outcome 2 in row 1; expected 0 or 1"),
        (lambda: reg.fit_logit([1, 1, 1], np.ones((3, 1))), r"every outcome is 1; both"),
        (
            lambda: reg.fit_logit([0, 0, 1, 1], reg.with_intercept([1, 2, 3, 4])),
            r"separate the ones from the zeros perfectly",
        ),
        (
            lambda: reg.fit_logit([0, 1, 0, 1, 1, 1], reg.with_intercept([0, 0, 0, 0, 1, 1])),
            r"separate the ones from the zeros perfectly",
        ),
        (lambda: reg.absorb([1.0, 2.0], [["a", None]]), r"row 1 has no label"),
        (lambda: reg.absorb([1.0, 2.0], [["a"]]), r"shape \(1,\); expected one label a row, \(2,\)"),
        (
            lambda: reg.coefficient_table(["a"], [1.0], [[1.0]], confidence=95),
            r"confidence 95; expected a share",
        ),
        (lambda: reg.wald_test([1.0, 1.0], np.ones((2, 2))), r"singular; with few clusters test fewer"),
    ],
)
def test_what_is_wrong_is_said(call, said):
    with pytest.raises(SosrakeError, match=said):
        call()


def test_what_is_wrong_with_a_covariance_is_said():
    y, x, *_ = sample(n=10)
    fit = reg.fit_ols(y, x)
    alone = reg.fit_ols(y, reg.with_intercept(np.eye(10)[0]))
    for call, said in (
        (lambda: reg.hc_covariance(fit, "HC9"), r"kind 'HC9'; expected one of HC0"),
        (lambda: reg.hc_covariance(alone, "HC3"), r"row 0 has leverage 1 .* use HC1"),
        (lambda: reg.newey_west_covariance(fit, 10), r"lag 10 for 10 rows; expected 0 to 9"),
        (lambda: reg.cluster_covariance(fit, np.zeros(10)), r"1 cluster\(s\); at least 2 are needed"),
        (lambda: reg.cluster_covariance(fit, [None] * 10), r"row 0 has no cluster"),
        (lambda: reg.cluster_covariance(fit, [1, 2]), r"clusters \(2,\); expected one label a row"),
        (lambda: reg.cluster_covariance(fit, np.arange(10), correction="x"), r"correction 'x'"),
        (lambda: reg.two_way_cluster_covariance(fit, y, y, factor="x"), r"factor 'x'; expected each"),
    ):
        with pytest.raises(SosrakeError, match=said):
            call()


def test_what_is_wrong_with_a_frame_is_said():
    import pandas as pd

    people = pd.DataFrame({"y": [1.0, 2.0], "x": ["a", "b"], "z": [1.0, None]}, index=["p", "q"])
    for names, said in (
        (["w"], r"column 'w' is missing; the data have y, x, z"),
        (["x"], r"column 'x' is not numbers"),
        (["z"], r"column 'z' is empty in 1 row\(s\), first 'q'"),
    ):
        with pytest.raises(FrameError, match=said):
            reg.model_arrays(people, outcome="y", regressors=names)
