"""Interrupted time series: other people's numbers, plain reformulations, refusals and properties."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim, its
from sosrake_lib.effects.regression import t_quantile
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.verify.compare import Tolerance, disagreements
from sosrake_lib.verify.kinds_its import KINDS
from sosrake_lib.verify.names import read_name

PROJECT = Path(__file__).resolve().parents[1]
DEATHS = PROJECT.parent / "shared" / "data" / "impact" / "its_deaths_temps_england_wales.csv"
VALUES = [31.2, 30.8, 33.1, 32.0, 34.4, 33.9, 35.8, 35.1, 36.9, 30.2, 29.8, 28.1, 28.9, 27.0, 26.1, 27.3]


def reference():
    csv.field_size_limit(10**7)
    with (PROJECT / "tests" / "reference" / "its.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def yearly(values=VALUES, start=2004, **columns):
    return pd.DataFrame({"year": range(start, start + len(values)), "value": values, **columns})


def estimate(data=None, **options):
    asked = {"outcome": "value", "time": "year", "first_after": 2013} | options
    return its.interrupted_series(yearly() if data is None else data, **asked)


@pytest.mark.parametrize("case", reference(), ids=lambda case: case["id"])
def test_reference_cases_of_others(case):
    name = read_name(case["function"])
    got = KINDS[name.kind].run(json.loads(case["inputs"]) | dict(name.options))
    within = Tolerance(float(case["relative"]), float(case["absolute"]))
    assert disagreements(got, json.loads(case["expected"]), within) == []


def test_newey_west_equals_a_plain_loop():
    terms = its.segmented_terms(range(16), 9)
    fit = its.newey_west(VALUES, terms.matrix, lag=3, adjust=False)
    scores, bread = its.scores(terms.matrix, fit.residuals), np.linalg.inv(terms.matrix.T @ terms.matrix)
    meat = np.zeros((4, 4))
    for s in range(16):
        for t in range(16):
            meat += max(0.0, 1 - abs(s - t) / 4) * np.outer(scores[s], scores[t])
    assert fit.covariance == pytest.approx(bread @ meat @ bread, rel=1e-9)


def test_a_lag_is_a_distance_in_time_and_not_in_rows():
    place = np.array([0, 1, 2, 3, 4, 8, 9, 10, 11, 12])
    terms = its.segmented_terms(place, 8)
    fit = its.newey_west(VALUES[:10], terms.matrix, place, lag=2, adjust=False)
    scores, bread = its.scores(terms.matrix, fit.residuals), np.linalg.inv(terms.matrix.T @ terms.matrix)
    near = np.maximum(0, 1 - np.abs(np.subtract.outer(place, place)) / 3)
    assert fit.covariance == pytest.approx(bread @ scores.T @ near @ scores @ bread, rel=1e-9)


def test_prais_winsten_equals_a_plain_iteration():
    terms = its.segmented_terms(range(16), 9).matrix
    y, rho = np.array(VALUES), 0.0
    b = np.linalg.lstsq(terms, y, rcond=None)[0]
    for _ in range(300):
        e = y - terms @ b
        rho = (e[1:] @ e[:-1]) / (e[:-1] @ e[:-1])
        root = np.sqrt(1 - rho**2)
        ty, tx = np.r_[root * y[0], y[1:] - rho * y[:-1]], terms[1:] - rho * terms[:-1]
        b = np.linalg.lstsq(np.vstack([root * terms[:1], tx]), ty, rcond=None)[0]
    fit = its.prais_winsten(VALUES, terms)
    assert fit.autocorrelation == pytest.approx(rho, abs=1e-8)
    assert fit.coefficients == pytest.approx(b, rel=1e-7)


def test_the_kinds_of_autocorrelation():
    residuals = [1.0, 0.5, 0.25, -0.5]
    by_hand = {"regress": 0.5 / 1.3125, "backward": 0.5 / 0.5625, "correlation": 0.5 / 1.5625}
    for kind, value in by_hand.items():
        assert its.first_order(residuals, kind=kind) == pytest.approx(value)
    assert its.first_order(residuals, kind="durbin_watson") == pytest.approx(1 - 0.875 / 1.5625 / 2)
    with pytest.raises(SosrakeError, match="kind 'other'; expected regress"):
        its.first_order(residuals, kind="other")


def test_reml_equals_the_dense_likelihood():
    terms = its.segmented_terms(range(16), 9).matrix
    fit = its.reml(VALUES, terms)

    def cost(sigma2, rho):
        v = sigma2 * rho ** np.abs(np.subtract.outer(np.arange(16), np.arange(16)))
        inner = terms.T @ np.linalg.solve(v, terms)
        rest = VALUES - terms @ np.linalg.solve(inner, terms.T @ np.linalg.solve(v, VALUES))
        logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1]
        return (logs + rest @ np.linalg.solve(v, rest)) / 2

    best = cost(fit.sigma2, fit.autocorrelation)
    for step in (-1e-3, 1e-3):
        assert cost(fit.sigma2 + step, fit.autocorrelation) > best
        assert cost(fit.sigma2, fit.autocorrelation + step) > best


def test_satterthwaite_degrees_are_n_minus_k_when_nothing_else_is_estimated():
    fit = its.reml(VALUES, its.segmented_terms(range(16), 9).matrix)
    known = replace(fit, slopes=fit.slopes[:1], spread=np.array([[2 / fit.df]]))
    assert known.contrast_df([0, 0, 1, 0]) == pytest.approx(fit.df)
    assert 1 <= fit.contrast_df([0, 0, 1, 7]) <= fit.df


def test_reml_intervals_hold_the_truth_where_newey_west_does_not():
    # 150 series of 16 points, autocorrelation 0.4, nothing happens: Monte Carlo error at 0.95 is 0.018.
    rng = np.random.default_rng(11)
    terms = its.segmented_terms(range(16), 8)
    held = {"reml": 0, "newey_west": 0}
    for _ in range(150):
        noise = rng.normal(size=40)
        for t in range(1, 40):
            noise[t] += 0.4 * noise[t - 1]
        for name in held:
            found = getattr(its, name)(noise[-16:], terms.matrix).contrast(terms.effect[-1])
            held[name] += abs(found[0]) <= t_quantile(0.975, found[2]) * found[1]
    assert held["reml"] / 150 > 0.88
    assert held["newey_west"] / 150 < 0.80


def test_durbin_watson_p_is_the_share_below_in_simulation():
    terms = its.segmented_terms(range(12), 6).matrix
    z = np.random.default_rng(4).normal(size=(40_000, 12))
    q = np.linalg.qr(terms)[0]
    rest = z - z @ q @ q.T
    d = (np.diff(rest, axis=1) ** 2).sum(axis=1) / (rest**2).sum(axis=1)
    for row in rest[:4]:
        p = its.durbin_watson_p(terms, row)
        # Three Monte Carlo errors of a share at 40 000 draws.
        assert p == pytest.approx((d <= its.durbin_watson(row)).mean(), abs=0.0075)
        assert its.durbin_watson_p(terms, row, side="less") == pytest.approx(1 - p)
    with pytest.raises(SosrakeError, match="side 'up'; expected greater"):
        its.durbin_watson_p(terms, rest[0], side="up")


def test_the_difference_from_a_comparison_is_the_stacked_regression():
    control = np.linspace(30, 37, 16) + np.cos(np.arange(16))
    terms = its.segmented_terms(range(16), 9)
    both = its.stacked(VALUES, control, terms.matrix, terms.names, lag=2)
    gap = its.newey_west(np.array(VALUES) - control, terms.matrix, lag=2, adjust=False)
    assert both.coefficients[4:] == pytest.approx(gap.coefficients, rel=1e-8)
    assert both.joint[4:, 4:] == pytest.approx(gap.covariance, rel=1e-6)
    effect = estimate(yearly(other=control), control="other", method="newey_west", lag=2, adjust=False)
    point = terms.effect[-1] @ gap.coefficients
    assert effect.estimate == pytest.approx(point)
    assert both.names[-1] == "group_slope_change"
    with pytest.raises(SosrakeError, match="kind 'x'; expected one of ols, within, joint"):
        both.standard_errors("x")


def test_an_effect_tells_what_it_is():
    effect = estimate()
    assert effect.claim is Claim.MUUTOS and effect.design.groups == 1
    assert effect.n == {"before": 9, "after": 7} and effect.method == "its_reml"
    assert {"no_comparison_group", "few_points"} <= set(effect.caveats)
    assert effect.details["term"].tolist() == ["intercept", "pre_slope", "level_change", "slope_change"]
    assert "placebo_halfway_before" in set(effect.sensitivity["analysis"])
    assert effect.estimate == pytest.approx(estimate(method="ols").estimate, abs=0.5)


def test_a_rule_and_a_comparison_allow_an_association_unless_points_are_few():
    control = np.random.default_rng(2).normal(30, 1, 16)
    few = estimate(yearly(other=control), control="other", assignment="by_rule")
    assert few.claim is Claim.ERO and "no_comparison_group" not in few.caveats
    rng = np.random.default_rng(3)
    data = yearly(rng.normal(size=24), other=rng.normal(size=24))
    many = estimate(data, control="other", first_after=2016, assignment="by_rule")
    assert many.claim is Claim.YHTEYS and "one_treated_unit" in many.caveats


def test_a_comparison_as_rows_equals_one_as_a_column():
    control = np.random.default_rng(5).normal(30, 1, 16)
    long = pd.concat([yearly().assign(area="a"), yearly(control).assign(area="b")])
    rows = estimate(long, unit="area", treated="a", control="b")
    column = estimate(yearly(other=control), control="other")
    assert rows.estimate == pytest.approx(column.estimate)
    assert rows.standard_error == pytest.approx(column.standard_error)
    shuffled = estimate(long.sample(frac=1, random_state=0), unit="area", treated="a", control="b")
    assert shuffled.estimate == pytest.approx(rows.estimate)


def test_the_questions_at_different_periods():
    fit = its.fit_series(yearly(), outcome="value", time="year", first_after=2013, method="ols")
    table = fit.periods()
    assert table["effect"].isna().tolist() == [True] * 9 + [False] * 7
    by_period = table["effect"].to_numpy()[9:]
    assert fit.contrast("average")[0] == pytest.approx(by_period.mean())
    assert fit.contrast("cumulative")[0] == pytest.approx(by_period.sum())
    assert fit.contrast(2014)[0] == pytest.approx(by_period[1])
    assert fit.contrast("slope")[0] == pytest.approx(by_period[1] - by_period[0])
    assert (table["fitted"] - table["counterfactual"]).to_numpy()[9:] == pytest.approx(by_period)
    with pytest.raises(FrameError, match="at 2006 is before the change"):
        fit.contrast(2006)
    with pytest.raises(FrameError, match="no period 1999 in the series, which runs from 2004 to 2019"):
        fit.contrast(1999)


def test_the_coding_of_the_slope_does_not_move_the_effect():
    one, zero = estimate(method="ols"), estimate(method="ols", slope_from=0)
    assert one.estimate == pytest.approx(zero.estimate)
    level = estimate(method="ols", slope_from=0, at="level")
    assert level.estimate == pytest.approx(estimate(method="ols", at=2013).estimate)


def test_washed_out_periods_do_not_count():
    spoiled = list(VALUES)
    spoiled[9:11] = [99.0, -99.0]
    clean = estimate(washout=2)
    assert estimate(yearly(spoiled), washout=2).estimate == pytest.approx(clean.estimate)
    assert clean.n["after"] == 5
    assert estimate(washout=[2013, 2014]).estimate == pytest.approx(clean.estimate)
    with pytest.raises(FrameError, match="leaves no period after the change"):
        estimate(washout=20)
    with pytest.raises(FrameError, match="washout -1"):
        estimate(washout=-1)


def test_a_season_is_taken_out():
    quarters = [f"{year}-Q{q}" for year in range(2015, 2021) for q in (1, 2, 3, 4)]
    season = np.tile([10.0, 0.0, -5.0, 3.0], 6)
    noise = np.random.default_rng(1).normal(0, 0.5, 24)
    data = pd.DataFrame({"q": quarters, "value": 50 + season + noise + 4 * (np.arange(24) >= 12)})
    asked = {"outcome": "value", "time": "q", "first_after": "2018-Q1", "at": "average"}
    plain = its.interrupted_series(data, **asked)
    for kind, options in (("dummies", {}), ("harmonics", {"harmonics": 2})):
        effect = its.interrupted_series(data, seasonal=kind, **options, **asked)
        assert effect.lower < 4 < effect.upper
        assert effect.standard_error < plain.standard_error / 2
    with pytest.raises(SosrakeError, match=r"1 period.s. a year cannot repeat a season"):
        estimate(seasonal="dummies")
    with pytest.raises(SosrakeError, match="3 harmonic pairs of 4 periods; expected 1 to 2"):
        its.interrupted_series(data, seasonal="harmonics", harmonics=3, **asked)


def test_breaks_are_refused_given_a_level_cut_or_crossed():
    jump = np.array(VALUES) + 20 * (np.arange(16) >= 4)
    data = yearly(jump, break_before=np.arange(16) == 4)
    with pytest.raises(FrameError, match=r"the series breaks before 2008 .column break_before."):
        estimate(data)
    levelled = estimate(data, breaks="level", method="ols")
    assert "break_level_1" in set(levelled.details["term"]) and "series_breaks" in levelled.caveats
    assert estimate(data, breaks="cut", method="ols").n["before"] == 5
    assert estimate(data, breaks="cross", method="ols").n["before"] == 9
    with pytest.raises(FrameError, match="breaks at the change itself"):
        estimate(yearly(break_before=np.arange(16) == 9), breaks="level")
    assert estimate(yearly(break_before=np.arange(16) == 0)).n["before"] == 9
    with pytest.raises(FrameError, match="breaks 'x'; expected refuse, level, cut or cross"):
        estimate(data, breaks="x")


def test_gaps_are_refused_or_kept_as_gaps():
    data = yearly().drop(index=[3, 4])
    with pytest.raises(FrameError, match=r"2 period.s. lack, first between 2006 and 2009"):
        estimate(data)
    for method in ("ols", "newey_west", "prais_winsten", "reml"):
        kept = estimate(data, gaps="keep", method=method)
        assert kept.n["before"] == 7 and "gaps_in_series" in kept.caveats


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"outcome": "no"}, "column 'no' is missing"),
        ({"value": [np.nan, *VALUES[1:]]}, {}, "no usable number in 1 row.s., first 0"),
        ({"value": [np.inf, *VALUES[1:]]}, {}, "no usable number in 1 row"),
        ({"value": ["much", *VALUES[1:]]}, {}, "is not numbers"),
        ({"value": [5.0] * 16}, {}, "is 5 in all 16 periods; a constant series"),
        ({"status": ["suppressed"] + ["ok"] * 15}, {}, "no usable number"),
        ({"origin": ["synthetic"] + ["own"] * 15}, {}, "mixes synthetic with real rows"),
        ({"year": [2004, *range(2004, 2019)]}, {}, "period 2004 stands twice"),
        ({"year": [2004.3, *range(2005, 2020)]}, {}, "is not evenly spaced"),
        (
            {"year": ["spring", *map(str, range(2005, 2020))]},
            {"first_after": "2013"},
            "has 'spring'; expected",
        ),
        (
            {"year": ["2004-01", *map(str, range(2005, 2020))]},
            {"first_after": "2013"},
            "mixes kinds of period",
        ),
        ({}, {"first_after": 2030}, "no period 2030 in the series"),
        ({}, {"first_after": 2005}, "1 period.s. before and 15 after"),
        ({}, {"first_after": 2019}, "15 period.s. before and 1 after"),
        ({}, {"method": "arima"}, "method 'arima'; expected one of reml, ols"),
        ({}, {"method": "newey_west", "lag": 40}, "lag 40 for 16 periods"),
        ({}, {"confidence": 95}, "confidence 95; expected a share"),
        ({}, {"unit": "year", "treated": 1900}, "column 'year' has no 1900"),
        ({}, {"at": "slope", "slope_change": False}, "the slope was not let change"),
        ({"value": list(range(16))}, {}, "the line passes through every figure"),
        ({}, {"gaps": "fill"}, "gaps 'fill'; expected refuse or keep"),
    ],
)
def test_bad_input_is_told_where_and_what_to_do(change, options, message):
    with pytest.raises(SosrakeError, match=message):
        estimate(yearly().assign(**change), **options)


def test_a_comparison_must_be_there_in_every_period():
    long = pd.concat([yearly().assign(area="a"), yearly().assign(area="b").iloc[:10]])
    with pytest.raises(FrameError, match="comparison 'b' has no figure for 2014"):
        estimate(long, unit="area", treated="a", control="b")


def test_periods_of_every_kind_are_placed():
    read = its.fit_series
    texts = {
        "month": [f"20{19 + m // 12}-{m % 12 + 1:02d}" for m in range(16)],
        "half": [f"20{10 + h // 2}-H{h % 2 + 1}" for h in range(16)],
        "span": [f"{y}/{y + 1}" for y in range(1990, 2022, 2)],
        "year": [str(y) for y in range(2004, 2020)],
    }
    wanted = read(yearly(), outcome="value", time="year", first_after=2013).coefficients()["estimate"]
    for labels in [*texts.values(), list(pd.date_range("2019-01-01", periods=16, freq="MS"))]:
        data = yearly().assign(year=labels)
        found = read(data, outcome="value", time="year", first_after=labels[9]).coefficients()["estimate"]
        assert found.to_numpy() == pytest.approx(wanted.to_numpy(), abs=1e-6)


def test_the_users_frame_is_left_alone():
    data = yearly()
    before = data.copy()
    estimate(data)
    pd.testing.assert_frame_equal(data, before)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-50, 50), min_size=12, max_size=20),
    st.floats(0.1, 50),
    st.floats(-100, 100),
)
def test_scale_and_shift_carry_through(values, scale, shift):
    noise = np.random.default_rng(0).normal(0, 5, len(values))
    values = np.array(values) + noise
    first = 2004 + len(values) // 2
    one = estimate(yearly(values), first_after=first, method="newey_west")
    other = estimate(yearly(scale * values + shift), first_after=first, method="newey_west")
    assert other.estimate == pytest.approx(scale * one.estimate, rel=1e-6, abs=1e-6)
    assert other.standard_error == pytest.approx(scale * one.standard_error, rel=1e-6, abs=1e-8)
    assert one.lower <= one.estimate <= one.upper and 0 <= one.p_value <= 1


def test_deaths_and_temperatures_as_statsmodels_fits_them():
    """Monthly deaths of England and Wales around January 2020, month dummies and temperature."""
    if not DEATHS.is_file():
        pytest.skip("the sources in ../shared are not beside the project")
    import statsmodels.api as sm

    data = pd.read_csv(DEATHS).assign(period=lambda rows: rows["date"].str[:7])
    fit = its.fit_series(
        data,
        outcome="deaths",
        time="period",
        first_after="2020-01",
        seasonal="dummies",
        covariates=["temp"],
        method="newey_west",
        lag=4,
    )
    design = pd.get_dummies(data["month"], drop_first=True, dtype=float)
    since = np.maximum(0, np.arange(len(data)) - (data["date"] < "2020-01-01").sum() + 1)
    design = np.column_stack(
        [np.ones(len(data)), np.arange(1, len(data) + 1), since > 0, since, design, data["temp"]]
    ).astype(float)
    peer = sm.OLS(data["deaths"].to_numpy(float), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True}
    )
    assert fit.fit.coefficients == pytest.approx(peer.params, rel=1e-6)
    assert fit.fit.standard_errors == pytest.approx(peer.bse, rel=1e-6)
