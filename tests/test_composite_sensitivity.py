"""Which choice moves which area; nothing is skipped without being said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import composite
from sosrake_lib.indicators.composite_framework import flat, remove, with_weights
from sosrake_lib.indicators.composite_scaling import Scaling
from sosrake_lib.indicators.composite_sensitivity import sensitivity, variance_shares

CODES = [f"{number:03d}" for number in range(8)]
FRAMEWORK = flat({"a": 1, "b": -1, "c": 1}, branches={"a": "x", "b": "x", "c": "y"})


def rows():
    generator = np.random.default_rng(11)
    parts = [
        pd.DataFrame({"indicator": key, "region_code": CODES, "value": generator.lognormal(2, 1, 8).round(2)})
        for key in "abc"
    ]
    constant = {
        "region_level": "kunta",
        "borders": 2026,
        "period": "2019",
        "origin": "synthetic",
        "status": "ok",
    }
    return pd.concat(parts, ignore_index=True).assign(**constant)


def standardised(values):
    return (values - values.mean()) / values.std(ddof=1)


def test_every_run_is_an_index_of_its_own():
    found = sensitivity(
        rows(),
        FRAMEWORK,
        normalisation=["min_max", "rank"],
        weights=["framework", "equal"],
        leave_out=["nothing", "b"],
    )
    assert found.design == "full_factorial" and len(found.runs) == 8
    smaller = with_weights(remove(FRAMEWORK, "b"), "equal")
    base, other = (
        standardised(made.loc[made["indicator"] == "total", "value"].to_numpy())
        for made in (composite.index(rows(), FRAMEWORK), composite.index(rows(), smaller, "rank"))
    )
    np.testing.assert_allclose(found.areas["standardised"], base)
    assert (found.areas["lowest"] <= other + 1e-12).all() and (found.areas["highest"] >= other - 1e-12).all()
    assert (found.areas["spread"] >= 0).all()
    assert set(found.orders["audience"]) == {"research"}
    assert not [column for column in found.areas if column.startswith("order")]


def test_shares_of_variance_are_those_of_a_known_function():
    one, other = np.meshgrid([0.0, 1, 2], [0.0, 10], indexing="ij")
    additive = (one + other)[..., None]
    first, total = variance_shares(additive)
    whole = np.var([0, 1, 2]) + np.var([0, 10])
    np.testing.assert_allclose(first[:, 0], [np.var([0, 1, 2]) / whole, np.var([0, 10]) / whole])
    np.testing.assert_allclose(first, total)
    product = (np.array([-1.0, 1])[:, None] * np.array([-1.0, 1]))[..., None]
    first, total = variance_shares(product)
    np.testing.assert_allclose(first[:, 0], [0, 0], atol=1e-12)
    np.testing.assert_allclose(total[:, 0], [1, 1])
    assert np.isnan(variance_shares(np.ones((2, 2, 1)))[0]).all()


def test_every_choice_is_declared_varied_or_held():
    found = sensitivity(
        rows(), FRAMEWORK, aggregation=["framework", "harmonic"], normalisation={"one": Scaling(lower=1)}
    )
    declared = found.declared.set_index("choice")
    assert declared["varied"].sum() == 1 and declared.loc["aggregation", "varied"]
    assert {"screening", "outlier_treatment", "sampling_error", "imputation"} <= set(declared.index)
    assert set(found.choices["choice"]) == {"aggregation"}
    assert set(found.areas["moved_most_by"]) == {"aggregation"}
    still = sensitivity(rows(), FRAMEWORK)
    assert set(still.areas["moved_most_by"]) == {"nothing"} and still.choices.empty


def test_one_choice_at_a_time_when_the_factorial_is_too_large():
    options = {"normalisation": ["min_max", "rank", "z_score"], "leave_out": True}
    whole = sensitivity(rows(), FRAMEWORK, **options)
    few = sensitivity(rows(), FRAMEWORK, most_runs=5, **options)
    assert few.design == "one_at_a_time" and len(few.runs) == 1 + 2 + 3
    assert (few.runs["changes"] <= 1).all() and few.choices["first_order"].isna().all()
    np.testing.assert_allclose(few.choices["spread"], whole.choices["spread"])
    assert whole.choices["total_order"].notna().all()


def test_impossible_combinations_are_refused_or_listed():
    options = {"normalisation": ["min_max", "z_score"], "aggregation": ["framework", "geometric"]}
    with pytest.raises(FrameError, match=r"normalisation min_max, aggregation geometric.*cannot be computed"):
        sensitivity(rows(), FRAMEWORK, **options)
    found = sensitivity(rows(), FRAMEWORK, impossible="leave_out", **options)
    assert found.runs["status"].tolist() == ["computed", "not_computable"] * 2
    assert found.runs["reason"].str.contains("needs values above zero").sum() == 2
    assert found.choices["first_order"].isna().all()
    with pytest.raises(FrameError, match="base run cannot be computed"):
        sensitivity(rows(), FRAMEWORK, aggregation=["geometric"], impossible="leave_out")


def test_components_imputation_and_given_weights_are_choices_too():
    frame = rows()
    frame.loc[0, ["value", "status"]] = [np.nan, "missing"]
    found = sensitivity(
        frame,
        FRAMEWORK,
        weights={"own": "framework", "mirror": "pca", "heavy": {"c": 5}},
        imputation=["median", "mean"],
        aggregation={"plain": "framework", "cube": ("generalised", 3)},
        normalisation={"posts": Scaling("min_max", lower=1)},
    )
    assert len(found.runs) == 12 and (found.runs["status"] == "computed").all()
    assert (found.areas["runs_with_value"] == 12).all()
    gap = sensitivity(frame, FRAMEWORK, imputation=["none", "mean"])
    assert gap.areas["runs_with_value"].tolist() == [1] + [2] * 7


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"normalisation": ["rank", "rank"]}, "different alternatives"),
        ({"normalisation": []}, "different alternatives"),
        ({"aggregation": ["sum"]}, "aggregation 'sum' is not known"),
        ({"imputation": ["group_mean"]}, "imputation 'group_mean'"),
        ({"leave_out": ["q"]}, "'q' cannot be left out"),
        ({"weights": ["heavy"]}, "weights 'heavy'"),
        ({"impossible": "skip"}, "impossible 'skip'"),
    ],
)
def test_undeclared_alternatives_are_refused(options, match):
    with pytest.raises(SosrakeError, match=match):
        sensitivity(rows(), FRAMEWORK, **options)


def test_one_table_at_a_time():
    with pytest.raises(FrameError, match="several periods"):
        sensitivity(pd.concat([rows(), rows().assign(period="2020")]), FRAMEWORK)
