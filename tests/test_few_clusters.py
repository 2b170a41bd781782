"""Wild cluster bootstrap and randomisation inference against refitting each draw and each assignment."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.did import (
    check_panel,
    randomisation_inference,
    randomise,
    twfe,
    wild_bootstrap,
    wild_cluster_bootstrap,
)
from sosrake_lib.effects.did.few_clusters import residualiser
from sosrake_lib.errors import FrameError, SosrakeError

NAMES = {"outcome": "y", "treatment": "treated", "unit": "unit", "time": "year"}


def panel(units=9, times=5, treated=3, start=4, effect=2.0, seed=1):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {"unit": np.repeat(np.arange(units), times), "year": np.tile(np.arange(1, times + 1), units)}
    )
    data["treated"] = ((data["unit"] < treated) & (data["year"] >= start)).astype(float)
    data["x"] = rng.normal(size=len(data))
    data["y"] = (
        effect * data["treated"]
        + data["x"]
        + rng.normal(size=len(data))
        + rng.normal(size=units)[data["unit"]]
    )
    return data


def dummies(data, *columns):
    effects = [pd.get_dummies(data["unit"]), pd.get_dummies(data["year"], drop_first=True)]
    return np.column_stack([*columns, *[one.to_numpy(dtype=float) for one in effects]])


def t_of(y, design, labels, hypothesis=0.0):
    """Clustered, uncorrected t of the first coefficient, fitted anew."""
    bread = np.linalg.inv(design.T @ design)
    b = bread @ design.T @ y
    scores = design * (y - design @ b)[:, None]
    meat = sum(np.outer(s, s) for s in (scores[labels == g].sum(axis=0) for g in np.unique(labels)))
    return (b[0] - hypothesis) / np.sqrt((bread @ meat @ bread)[0, 0])


def independent(matrix):
    keep = []
    for column in range(matrix.shape[1]):
        if np.linalg.matrix_rank(matrix[:, [*keep, column]]) > len(keep):
            keep.append(column)
    return matrix[:, keep]


@pytest.mark.parametrize("hypothesis", [0.0, 1.5])
@pytest.mark.parametrize("covariate", [False, True])
def test_wild_bootstrap_equals_refitting_every_draw(hypothesis, covariate):
    data = panel(units=7)
    unit, x = data["unit"].to_numpy(), data["treated"].to_numpy()
    extra = [data["x"].to_numpy()] if covariate else []
    rest = dummies(data, *extra)
    design = np.column_stack([x, rest])
    y = data["y"].to_numpy() - hypothesis * x
    fitted = rest @ np.linalg.lstsq(rest, y, rcond=None)[0]
    observed = abs(t_of(y, design, unit))
    signs = list(itertools.product((-1.0, 1.0), repeat=7))
    far = [
        abs(t_of(fitted + (y - fitted) * np.array(v)[unit], design, unit)) >= observed * (1 - 1e-9)
        for v in signs
    ]
    checked = check_panel(data, outcome="y", unit="unit", time="year", where="test")
    take = residualiser(checked, ["x"] if covariate else [], "test")
    found = wild_bootstrap(data["y"].to_numpy(), x, unit, take, weights="rademacher")
    assert found.enumerated and found.draws == 128
    assert found.p_value(hypothesis) == pytest.approx(np.mean(far), abs=1e-12)
    assert found.estimate / found.standard_error == pytest.approx(
        t_of(data["y"].to_numpy(), design, unit), rel=1e-9
    )


def test_drawn_weights_give_about_the_share_of_all_signs():
    data = panel(units=14, treated=6)
    checked = check_panel(data, outcome="y", unit="unit", time="year", where="test")
    arrays = (data["y"].to_numpy(), data["treated"].to_numpy(), data["unit"].to_numpy())
    take = residualiser(checked, [], "test")
    every = wild_bootstrap(*arrays, take, weights="rademacher", draws=20_000)
    drawn = wild_bootstrap(*arrays, take, weights="rademacher", draws=9_999)
    assert every.enumerated and not drawn.enumerated
    for hypothesis in (0.0, 1.0, 2.5):
        # Monte Carlo error of a share in 9 999 draws is at most 0.005.
        assert drawn.p_value(hypothesis) == pytest.approx(every.p_value(hypothesis), abs=0.02)


def test_wild_limits_are_where_the_p_value_crosses():
    data = panel(units=14, treated=6)
    checked = check_panel(data, outcome="y", unit="unit", time="year", where="test")
    found = wild_bootstrap(
        data["y"].to_numpy(),
        data["treated"].to_numpy(),
        data["unit"].to_numpy(),
        residualiser(checked, [], "test"),
    )
    lower, upper = found.interval(0.9)
    step = 1e-4 * found.standard_error
    assert found.p_value(lower + step) > 0.1 >= found.p_value(lower - step)
    assert found.p_value(upper - step) > 0.1 >= found.p_value(upper + step)


def test_wild_effect_agrees_with_twfe_and_says_its_method():
    data = panel(units=16, treated=7)
    found = wild_cluster_bootstrap(data, **NAMES, covariates=["x"], draws=999)
    plain = twfe(data, **NAMES, covariates=["x"], standard_error="cluster_uncorrected")
    assert found.estimate == pytest.approx(plain.estimate, rel=1e-10)
    assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-9)
    assert found.method == "wild_cluster_bootstrap_rademacher"
    assert wild_cluster_bootstrap(panel(units=12, treated=5), **NAMES, draws=999).method.endswith("webb")
    again = wild_cluster_bootstrap(data, **NAMES, covariates=["x"], draws=999)
    assert (again.lower, again.upper, again.p_value) == (found.lower, found.upper, found.p_value)


def test_few_treated_clusters_make_the_bootstrap_doubtful():
    found = wild_cluster_bootstrap(panel(units=16, treated=4), **NAMES, assignment="by_rule", draws=999)
    checks = found.assumptions.set_index("check")["verdict"]
    assert checks["clusters_for_the_bootstrap"] == "doubtful"
    assert found.claim is Claim.YHTEYS
    with pytest.raises(FrameError, match=r"1 treated cluster\(s\).*randomisation_inference"):
        wild_cluster_bootstrap(panel(treated=1), **NAMES)


@pytest.mark.parametrize("covariate", [False, True])
@pytest.mark.parametrize("holes", [False, True])
def test_randomisation_equals_fitting_every_assignment(covariate, holes):
    data = panel(units=7, treated=2).drop(index=[1, 20] if holes else []).reset_index(drop=True)
    extra = [data["x"].to_numpy()] if covariate else []
    coefficients = []
    for chosen in itertools.combinations(range(7), 2):
        x = (data["unit"].isin(chosen) & (data["year"] >= 4)).to_numpy(dtype=float)
        design = np.column_stack([x, dummies(data, *extra)])
        coefficients.append(np.linalg.lstsq(design, data["y"], rcond=None)[0][0])
    found = randomisation_inference(
        data, **NAMES, covariates=["x"] if covariate else [], unbalanced="keep", confidence=0.9
    )
    assert found.estimate == pytest.approx(coefficients[0], rel=1e-9)
    assert found.p_value == pytest.approx(np.mean(np.abs(coefficients) >= abs(coefficients[0]) - 1e-12))
    assert found.details.set_index("quantity")["value"].to_dict() == {
        "assignments": 21,
        "every_assignment_once": 1.0,
        "smallest_p_value": 1 / 21,
    }


def test_different_starts_are_handed_out_whole():
    data = panel(units=6, treated=0)
    starts = {0: 3, 1: 4}
    data["treated"] = [
        float(u in starts and t >= starts[u]) for u, t in zip(data["unit"], data["year"], strict=True)
    ]
    coefficients = []
    for early, late in itertools.permutations(range(6), 2):
        x = ((data["unit"] == early) & (data["year"] >= 3)) | ((data["unit"] == late) & (data["year"] >= 4))
        design = np.column_stack([x.astype(float), dummies(data)])
        coefficients.append(np.linalg.lstsq(design, data["y"], rcond=None)[0][0])
    found = randomisation_inference(data, **NAMES, confidence=0.9)
    assert found.p_value == pytest.approx(np.mean(np.abs(coefficients) >= abs(coefficients[0]) - 1e-12))
    assert len(coefficients) == found.details["value"][0]


def test_randomisation_limits_are_where_the_p_value_crosses():
    data = panel(units=11, treated=3, seed=4)
    found = randomisation_inference(data, **NAMES, confidence=0.9)

    def p_value(effect):
        moved = data.assign(y=data["y"] - effect * data["treated"])
        return randomisation_inference(moved, **NAMES, confidence=0.9).p_value

    for limit, outwards in ((found.lower, -1e-6), (found.upper, 1e-6)):
        assert p_value(limit - outwards) > 0.1 >= p_value(limit + outwards)


def test_one_treated_unit_of_thirteen_gives_what_it_can():
    found = randomisation_inference(panel(units=13, treated=1, effect=40.0), **NAMES, assignment="by_rule")
    assert found.p_value == pytest.approx(1 / 13)
    assert found.confidence == pytest.approx(12 / 13)
    assert found.claim is Claim.ERO
    assert {"confidence_lowered", "one_treated_unit", "few_clusters"} <= set(found.caveats)
    assert found.lower <= found.estimate <= found.upper


def test_drawn_assignments_are_repeatable_and_near_the_exact_share():
    data = panel(units=14, treated=4)
    exact = randomisation_inference(data, **NAMES)
    drawn = randomisation_inference(data, **NAMES, draws=900)
    again = randomisation_inference(data, **NAMES, draws=900)
    assert exact.details["value"].tolist()[:2] == [1001.0, 1.0]
    assert drawn.details["value"].tolist()[:2] == [901.0, 0.0]
    assert (drawn.p_value, drawn.lower) == (again.p_value, again.lower)
    # Monte Carlo error of a share in 900 draws is at most 0.017.
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.05)


def test_whole_clusters_are_permuted():
    data = panel(units=12, treated=4)
    data["area"] = data["unit"] // 2
    found = randomisation_inference(data, **NAMES, cluster="area", confidence=0.8)
    assert found.details["value"][0] == 15
    assert dict(found.n) == {"treated": 2, "control": 4}
    with pytest.raises(FrameError, match="treatment differs within a cluster in time 4"):
        randomisation_inference(panel(units=12, treated=3).assign(area=data["area"]), **NAMES, cluster="area")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 200), scale=st.floats(0.1, 50), effect=st.floats(-20, 20))
def test_a_constant_effect_moves_estimate_and_limits_with_it(seed, scale, effect):
    data = panel(units=8, treated=3, seed=seed)
    moved = data.assign(y=scale * data["y"] + effect * data["treated"])
    first = randomisation_inference(data, **NAMES, confidence=0.9)
    other = randomisation_inference(moved, **NAMES, confidence=0.9)
    for name in ("estimate", "lower", "upper"):
        expected = scale * getattr(first, name) + effect
        assert getattr(other, name) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert first.lower <= first.estimate <= first.upper
    assert 1 / 56 - 1e-12 <= first.p_value <= 1


def test_type_one_error_of_randomisation_is_held():
    # Under no effect the share of p <= 0.1 is at most 0.1; 200 draws, Monte Carlo error 0.021.
    hits = [
        randomisation_inference(
            panel(units=7, treated=2, effect=0.0, seed=seed), **NAMES, confidence=0.9
        ).p_value
        <= 0.1
        for seed in range(200)
    ]
    assert np.mean(hits) < 0.1 + 3 * 0.021


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda d: wild_cluster_bootstrap(d, **NAMES, weights="x"),
            r"weights 'x', draws 9999; expected one of auto",
        ),
        (lambda d: wild_cluster_bootstrap(d, **NAMES, draws=9), r"draws 9; expected .* at least 99"),
        (lambda d: wild_cluster_bootstrap(d, **NAMES, confidence=2), r"confidence 2; expected a share"),
        (lambda d: randomisation_inference(d, **NAMES, draws=5), r"5 draws; at least 19"),
        (lambda d: randomisation_inference(d, **NAMES, confidence=0), r"confidence 0; expected a share"),
        (lambda d: randomisation_inference(d.drop(index=2), **NAMES), r"unit 0 has no row for time 3"),
    ],
)
def test_unfit_choices_are_refused_in_words(call, said):
    with pytest.raises(SosrakeError, match=said):
        call(panel())


def test_nothing_to_permute_is_said():
    with pytest.raises(SosrakeError, match="all units took the same path"):
        randomise(
            np.zeros(4), lambda part: np.zeros((4, len(part))), np.ones(2, dtype=int), lambda columns: columns
        )
