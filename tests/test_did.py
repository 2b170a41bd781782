"""Difference-in-differences, two-way fixed effects and event studies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.did import (
    did_2x2,
    event_study,
    fixed_effects_regression,
    four_means,
    pretrend,
    twfe,
)
from sosrake_lib.effects.did.pretrends import noncentrality, wald_power
from sosrake_lib.effects.regression import fit_ols
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.verify import columns

# The same arithmetic in another order.
ROUNDING = 1e-8


def panel(units=12, times=6, treated=5, start=4, effect=3.0, seed=1):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {"unit": np.repeat(np.arange(units), times), "year": np.tile(np.arange(1, times + 1), units)}
    )
    data["group"] = (data["unit"] < treated).astype(int)
    data["post"] = (data["year"] >= start).astype(int)
    data["treated"] = data["group"] * data["post"]
    data["x"] = rng.normal(size=len(data))
    data["y"] = (
        effect * data["treated"] + data["x"] + data["unit"] / 3 + data["year"] + rng.normal(size=len(data))
    )
    return data


NAMES = {"outcome": "y", "treatment": "treated", "unit": "unit", "time": "year"}
EVENT = NAMES | {"treatment": "group", "reference": 3}


def dummies(data, columns):
    """Design with all dummies, the asked columns first."""
    effects = [pd.get_dummies(data["unit"]), pd.get_dummies(data["year"], drop_first=True)]
    return np.column_stack([*columns, *[one.to_numpy(dtype=float) for one in effects]])


def impact(shared, name):
    path = shared / "data" / "impact" / name
    if not path.is_file():
        pytest.skip("the sources in ../shared are not beside the project")
    return pd.read_csv(path)


def test_kiel_mcclain_as_printed(shared):
    # Wooldridge, Introductory econometrics, table 13.2: prices of houses near a waste incinerator.
    houses = impact(shared, "wooldridge_kielmc.csv")
    names = {"outcome": "rprice", "treatment": "nearinc", "post": "y81", "standard_error": "classical"}
    printed = (
        ([], -11_863.90, 7_456.65),
        (["age", "agesq"], -21_920.27, 6_359.75),
        (["age", "agesq", "intst", "land", "area", "rooms", "baths"], -14_177.93, 4_987.27),
    )
    for covariates, estimate, error in printed:
        found = did_2x2(houses, **names, covariates=covariates)
        assert found.estimate == pytest.approx(estimate, abs=0.01)
        assert found.standard_error == pytest.approx(error, abs=0.01)


def test_injury_as_printed(shared):
    # Meyer, Viscusi & Durbin (1995), Wooldridge example 13.4: .191 (.069), Kentucky.
    workers = impact(shared, "wooldridge_injury.csv.gz").query("ky == 1")
    found = did_2x2(
        workers, outcome="ldurat", treatment="highearn", post="afchnge", standard_error="classical"
    )
    assert (round(found.estimate, 3), round(found.standard_error, 3)) == (0.191, 0.069)
    assert sum(found.details["n"]) == 5626


def test_2x2_is_the_double_difference_of_means():
    data = panel()
    found = did_2x2(data, outcome="y", treatment="group", post="post", cluster="unit")
    means = data.groupby(["group", "post"])["y"].mean()
    expected = (means[1, 1] - means[1, 0]) - (means[0, 1] - means[0, 0])
    assert found.estimate == pytest.approx(expected, rel=1e-12)
    table = four_means(data, outcome="y", treatment="group", post="post")
    np.testing.assert_allclose(table["mean"], means.to_numpy(), rtol=1e-12)
    assert table["n"].tolist() == [21, 21, 15, 15]
    assert (found.method, found.n["treated"], found.n["control"]) == ("did_2x2_cr2", 5, 7)


def test_two_waves_by_cr2_is_close_to_welch_on_changes():
    # One row a unit before and after: the cluster-robust test compares two means of changes.
    data = panel(times=2, start=2)
    found = did_2x2(data, outcome="y", treatment="group", post="post", cluster="unit")
    change = data.pivot(index="unit", columns="year", values="y").diff(axis=1)[2]
    first, second = change[:5], change[5:]
    welch = np.sqrt(first.var() / 5 + second.var() / 7)
    assert found.standard_error == pytest.approx(welch, rel=1e-9)


@pytest.mark.parametrize("covariates", [[], ["x"]])
def test_twfe_equals_least_squares_on_dummies(covariates):
    data = panel()
    design = dummies(data, [data["treated"], *(data[name] for name in covariates)])
    theirs = sm.OLS(data["y"], design).fit()
    plain = twfe(data, **NAMES, covariates=covariates, standard_error="classical")
    assert plain.estimate == pytest.approx(theirs.params.iloc[0], rel=ROUNDING)
    assert plain.standard_error == pytest.approx(theirs.bse.iloc[0], rel=ROUNDING)
    assert plain.df == theirs.df_resid
    robust = twfe(data, **NAMES, covariates=covariates, standard_error="hc1")
    assert robust.standard_error == pytest.approx(theirs.HC1_se.iloc[0], rel=ROUNDING)
    clustered = theirs.get_robustcov_results("cluster", groups=data["unit"], use_correction=False)
    bare = twfe(data, **NAMES, covariates=covariates, standard_error="cluster_uncorrected")
    assert bare.standard_error == pytest.approx(clustered.bse[0], rel=ROUNDING)
    counted = 1 + len(covariates) + 6
    factor = np.sqrt(12 / 11 * 71 / (72 - counted))
    corrected = twfe(data, **NAMES, covariates=covariates, standard_error="cluster")
    assert corrected.standard_error == pytest.approx(clustered.bse[0] * factor, rel=ROUNDING)
    assert corrected.df == 11


def test_twfe_of_an_unbalanced_panel_equals_dummies():
    data = panel().drop(index=[3, 17, 40, 41])
    found = twfe(data, **NAMES, covariates=["x"], unbalanced="keep", standard_error="classical")
    theirs = sm.OLS(data["y"], dummies(data, [data["treated"], data["x"]])).fit()
    assert found.estimate == pytest.approx(theirs.params.iloc[0], rel=ROUNDING)
    assert found.standard_error == pytest.approx(theirs.bse.iloc[0], rel=ROUNDING)
    assert "unbalanced_panel" in found.caveats
    whole = twfe(data, **NAMES, covariates=["x"], unbalanced="balance", standard_error="classical")
    assert "rows_left_out" in whole.caveats
    assert sum(whole.n.values()) == 12 - data["unit"].value_counts().lt(6).sum()


def test_twfe_with_one_start_is_the_difference_of_mean_changes():
    data = panel()
    wide = data.pivot(index="unit", columns="year", values="y")
    change = wide[[4, 5, 6]].mean(axis=1) - wide[[1, 2, 3]].mean(axis=1)
    assert twfe(data, **NAMES).estimate == pytest.approx(change[:5].mean() - change[5:].mean(), rel=1e-10)


def test_fixed_effects_regression_takes_any_regressor():
    data = panel()
    table = fixed_effects_regression(
        data, outcome="y", regressors=["x", "treated"], effects=["unit", "year"], standard_error="classical"
    )
    theirs = sm.OLS(data["y"], dummies(data, [data["x"], data["treated"]])).fit()
    np.testing.assert_allclose(table["standard_error"], theirs.bse.iloc[:2], rtol=ROUNDING)


def test_event_study_equals_least_squares_on_dummies():
    data = panel()
    found = event_study(data, **EVENT, covariates=["x"], standard_error="cluster_uncorrected")
    columns = [data["group"] * (data["year"] == year) for year in (1, 2, 4, 5, 6)]
    theirs = sm.OLS(data["y"], dummies(data, [*columns, data["x"]])).fit()
    clustered = theirs.get_robustcov_results("cluster", groups=data["unit"], use_correction=False)
    path = found.path.loc[found.path["step"] != 0]
    np.testing.assert_allclose(path["estimate"], theirs.params.iloc[:5], rtol=ROUNDING)
    np.testing.assert_allclose(path["standard_error"], clustered.bse[:5], rtol=ROUNDING)
    assert found.path.loc[2, ["time", "step", "estimate"]].tolist() == [3, 0, 0.0]
    mean = np.array([0, 0, 1, 1, 1]) / 3
    covariance = np.asarray(clustered.cov_params())[:5, :5]
    assert found.effect.estimate == pytest.approx(mean @ theirs.params.iloc[:5], rel=ROUNDING)
    assert found.effect.standard_error == pytest.approx(np.sqrt(mean @ covariance @ mean), rel=ROUNDING)
    before = clustered.f_test(np.eye(2, design_width(data)))
    assert found.pretrend.statistic == pytest.approx(float(before.fvalue), rel=1e-6)


def design_width(data):
    return dummies(data, [data["x"]] * 6).shape[1]


def test_event_study_steps_count_from_the_reference_and_start_may_be_later():
    found = event_study(panel(), **(EVENT | {"reference": 2}), start=4)
    assert found.path["step"].tolist() == [-1, 0, 1, 2, 3, 4]
    # Only times before the reference are tested; the time between reference and start is neither.
    assert found.pretrend.tested == 1


def test_pretrend_finds_a_steady_parting_and_lowers_the_claim():
    data = panel(units=40, treated=20)
    data["y"] += 2 * data["group"] * data["year"]
    found = event_study(data, **EVENT, assignment="by_rule")
    assert found.pretrend.verdict == "fails"
    assert found.effect.claim is Claim.YHTEYS
    assert "pretrend_differs" in found.effect.caveats


def test_power_of_the_pretrend_test_by_simulation():
    rng = np.random.default_rng(5)
    covariance = np.array([[1.0, 0.5], [0.5, 1.0]])
    steps = np.array([-2.0, -1.0])
    at_rest = pretrend([0.0, 0.0], covariance, steps, [1, 2], 1.0)
    drawn = rng.multivariate_normal(at_rest.slope_80 * steps, covariance, size=20_000)
    wald = np.einsum("ni,ij,nj->n", drawn, np.linalg.inv(covariance), drawn)
    # Monte Carlo error of a share of 0.8 in 20 000 draws is 0.003.
    assert np.mean(wald > 5.991465) == pytest.approx(0.8, abs=0.01)
    assert at_rest.bias_80 == pytest.approx(at_rest.slope_80 * 1.5)
    assert 0 < at_rest.slope_50 < at_rest.slope_80


def test_power_of_an_f_test_equals_statsmodels():
    from statsmodels.stats.power import FTestPower

    # statsmodels names numerator and denominator the other way round; effect size f² times the total is λ.
    power = FTestPower().power(effect_size=0.5, df_num=20, df_denom=3, alpha=0.05, ncc=1)
    assert wald_power(0.25 * (20 + 3 + 1), 3, 20, 0.05) == pytest.approx(power, rel=1e-9)
    assert wald_power(noncentrality(0.8, 3, 20, 0.05), 3, 20, 0.05) == pytest.approx(0.8, rel=1e-9)


@pytest.mark.parametrize(
    ("treated", "assignment", "claim"),
    [
        (10, "by_rule", Claim.TODENNAKOINEN_VAIKUTUS),
        (10, "randomised", Claim.VAIKUTUS),
        (10, "chosen", Claim.YHTEYS),
        (10, "none", Claim.ERO),
        (3, "by_rule", Claim.YHTEYS),
        (3, "randomised", Claim.YHTEYS),
        (3, "none", Claim.ERO),
    ],
)
def test_the_claim_is_the_design_s_unless_units_are_too_few(treated, assignment, claim):
    found = twfe(panel(units=20, treated=treated), **NAMES, assignment=assignment)
    assert found.claim is claim
    assert ("few_treated_units" in found.caveats) == (treated < 5)


def test_one_treated_unit_is_refused_where_clusters_are_needed_and_labelled_otherwise():
    data = panel(treated=1)
    with pytest.raises(FrameError, match=r"twfe: 1 treated cluster\(s\).*randomisation_inference"):
        twfe(data, **NAMES)
    with pytest.raises(FrameError, match=r"did_2x2: 1 treated cluster"):
        did_2x2(data, outcome="y", treatment="group", post="post", cluster="unit")
    with pytest.raises(FrameError, match=r"event_study: 1 treated cluster"):
        event_study(data, **EVENT)
    found = twfe(data, **NAMES, standard_error="classical", assignment="by_rule")
    assert found.claim is Claim.ERO
    assert "one_treated_unit" in found.caveats
    clusters = found.assumptions.set_index("check").loc["number_of_units"]
    assert clusters.tolist() == ["1 treated, 11 control", "fails"]


def test_different_starts_are_told():
    data = panel()
    data.loc[(data["unit"] == 0) & (data["year"] == 3), "treated"] = 1
    found = twfe(data, **NAMES)
    assert "staggered_treatment" in found.caveats
    assert found.assumptions.set_index("check").loc["one_start", "verdict"] == "doubtful"


def test_time_gaps_are_told():
    data = panel()
    data["year"] = data["year"].map({1: 2015, 2: 2016, 3: 2018, 4: 2019, 5: 2020, 6: 2021})
    assert "time_gaps" in twfe(data, **NAMES).caveats


def test_the_user_s_data_are_not_touched():
    data = panel()
    before = data.copy()
    twfe(data, **NAMES, covariates=["x"])
    event_study(data, **EVENT)
    pd.testing.assert_frame_equal(data, before)


@settings(max_examples=25, deadline=None)
@given(
    shift=st.floats(-100, 100), scale=st.floats(0.1, 100), seed=st.integers(0, 50), order=st.integers(0, 50)
)
def test_scale_and_order_of_rows_do_not_matter(shift, scale, seed, order):
    data = panel(seed=seed)
    moved = data.assign(y=scale * data["y"] + shift).sample(frac=1, random_state=order)
    first, other = twfe(data, **NAMES), twfe(moved, **NAMES)
    assert other.estimate == pytest.approx(scale * first.estimate, rel=1e-6, abs=1e-6)
    assert other.standard_error == pytest.approx(scale * first.standard_error, rel=1e-6)
    assert other.p_value == pytest.approx(first.p_value, rel=1e-4, abs=1e-9)
    assert other.lower <= other.estimate <= other.upper


def test_an_effect_put_into_the_data_comes_back():
    data = panel(effect=0.0)
    without, added = twfe(data, **NAMES), twfe(data.assign(y=data["y"] + 7 * data["treated"]), **NAMES)
    assert added.estimate - without.estimate == pytest.approx(7.0, rel=1e-10)
    assert added.standard_error == pytest.approx(without.standard_error, rel=1e-9)


def test_cr2_under_absorbed_effects_equals_cr2_on_dummies():
    from sosrake_lib.effects.regression import cr2

    data = panel()
    whole = cr2(fit_ols(data["y"], dummies(data, [data["treated"]])), data["unit"])
    found = twfe(data, **NAMES, standard_error="cr2")
    assert found.standard_error == pytest.approx(whole.standard_error[0], rel=1e-7)
    assert found.df == pytest.approx(whole.df[0], rel=1e-7)


BAD = {
    "no column": (lambda d: d.drop(columns="y"), r"twfe: column 'y' is missing; the data have unit, year"),
    "empty": (
        lambda d: d.assign(y=d["y"].where(d.index != 7)),
        r"column 'y' is empty in 1 row\(s\), first 7",
    ),
    "infinite": (
        lambda d: d.assign(y=d["y"].where(d.index != 7, np.inf)),
        r"column 'y' is infinite in row 7",
    ),
    "text": (lambda d: d.assign(y="a"), r"column 'y' is not numbers"),
    "twice": (
        lambda d: pd.concat([d, d.iloc[[5]]]),
        r"unit 0 stands 2 times in time 6 \(1 such pairs\); keep one row",
    ),
    "constant": (lambda d: d.assign(y=4.0), r"every 'y' is 4; nothing varies"),
    "hole": (
        lambda d: d.drop(index=8),
        r"unit 1 has no row for time 3 \(1 unit-times lack\); give unbalanced='bal",
    ),
    "one unit": (lambda d: d.query("unit == 0"), r"1 unit\(s\) in 'unit' and 6 time\(s\)"),
    "one time": (lambda d: d.query("year == 5"), r"12 unit\(s\) in 'unit' and 1 time\(s\)"),
    "no rows": (lambda d: d.iloc[:0], r"the data have no rows"),
    "not 0/1": (
        lambda d: d.assign(treated=2 * d["treated"]),
        r"column 'treated' is 2 in row 3; expected 0 \(not",
    ),
    "never": (lambda d: d.assign(treated=0), r"every row of column 'treated' is untreated"),
    "always": (
        lambda d: d.assign(treated=d["group"]),
        r"every treated unit is treated from the first time 1 on",
    ),
    "ends": (
        lambda d: d.assign(treated=d["treated"].where(d["year"] != 6, 0)),
        r"unit 0 is untreated in 6 after having been treated",
    ),
    "all at once": (
        lambda d: d.assign(treated=d["post"]),
        r"treatment is the same for all units in each time",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_unfit_panels_are_refused_in_words(name):
    spoil, said = BAD[name]
    with pytest.raises(SosrakeError, match=said):
        twfe(spoil(panel()), **NAMES, standard_error="classical")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reference": 9}, r"reference 9 is not among the times 1 to 6"),
        ({"reference": 6}, r"reference 6 must come before the first treated time"),
        ({"treatment": "treated"}, r"column 'treated' changes within unit 0"),
        ({"standard_error": "x"}, r"standard_error 'x'; expected one of auto"),
        ({"cluster": "nowhere"}, r"column 'nowhere' is missing"),
        ({"unbalanced": "x"}, r"unbalanced 'x'; expected one of error, keep, balance"),
    ],
)
def test_unfit_event_studies_are_refused_in_words(change, said):
    with pytest.raises(SosrakeError, match=said):
        event_study(panel(), **(EVENT | change))


@pytest.mark.parametrize(
    ("data", "change", "said"),
    [
        (panel(), {"post": "x"}, r"column 'x' is .* in row 0; expected 0 or 1"),
        (panel().query("treated == 0"), {}, r"no row has 'group' = 1 and 'post' = 1.*paired_change"),
        (panel(), {"standard_error": "cluster"}, r"'cluster' needs a cluster column"),
        (panel(), {"standard_error": "robust"}, r"standard_error 'robust'; expected one of auto"),
        (panel(), {"cluster": "nowhere"}, r"column 'nowhere' is missing"),
        (panel().assign(y=1.0), {}, r"every 'y' is 1; nothing varies"),
    ],
)
def test_unfit_two_by_two_tables_are_refused_in_words(data, change, said):
    with pytest.raises(SosrakeError, match=said):
        did_2x2(data, **({"outcome": "y", "treatment": "group", "post": "post"} | change))


def test_columns_as_cases_write_them():
    table = panel()
    read = columns.resolve(table.drop(columns="post"), ["post (year >= 4)", "unit (factor)", "x"])
    assert read.table["post"].tolist() == table["post"].tolist()
    assert (read.numeric, read.factors) == (("post", "x"), ("unit",))
    assert columns.resolve(table, "group*post").table["group*post"].tolist() == table["treated"].tolist()
    assert columns.code_of("start (10000 = never)", "never") == 10000
    assert columns.code_of("start (NA = never)", "never") is None
    for text, said in (
        ("post (year >= 3)", "is not what 'year >= 3' says"),
        ("w", "the table has no column 'w'"),
    ):
        with pytest.raises(FrameError, match=said):
            columns.resolve(table, text)
    with pytest.raises(FrameError, match="neither a csv nor columns"):
        columns.table_of({"outcome": "y"})
