"""Survey means by design: published examples, plain loops, domains, frames, messages, properties."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import survey_design
from sosrake_lib.indicators.scales import Place
from sosrake_lib.verify.cases import cases

HERE = Place("hva", "E1", 2026, "2020", "synthetic")


def inputs(case: str) -> dict:
    """Take the data of a carried reference case."""
    found = cases()
    return json.loads(found.loc[(found["topic"] == "survey_means") & (found["id"] == case), "inputs"].iloc[0])


def sample_of(case: str, **options):
    told = inputs(case)
    parts = [told.get(name) for name in ("weights", "strata", "cluster", "fpc")]
    return np.array(told["values"], "float64"), survey_design.design(*parts, **options)


def drawn(seed=4, size=60):
    random = np.random.default_rng(seed)
    strata = random.integers(0, 3, size)
    cluster = strata * 10 + random.integers(0, 4, size)
    return random.normal(10, 3, size), random.uniform(1, 4, size), strata, cluster


def plain_error(scores, strata, cluster, share=0.0) -> float:
    """Sum over strata, units in plain loops."""
    total = 0.0
    for stratum in set(strata):
        units = sorted({c for c, s in zip(cluster, strata, strict=True) if s == stratum})
        sums = [sum(v for v, c in zip(scores, cluster, strict=True) if c == unit) for unit in units]
        middle = sum(sums) / len(sums)
        total += (1 - share) * len(sums) / (len(sums) - 1) * sum((t - middle) ** 2 for t in sums)
    return total**0.5


def test_published_examples_of_the_survey_package():
    y, sample = sample_of("svymean_apiclus1")
    found = survey_design.mean(y, sample)
    assert (float(found.value[0]), float(found.standard_error[0])) == pytest.approx(
        (644.169, 23.5422), abs=6e-4
    )
    assert found.df.tolist() == [14.0]
    enrolled, _ = sample_of("svytotal_apiclus1")
    whole = survey_design.total(enrolled, sample)
    assert float(whole.standard_error[0]) == pytest.approx(932235.03, abs=0.01)
    y, sample = sample_of("svymean_apistrat")
    found = survey_design.mean(y, sample)
    assert (float(found.value[0]), float(found.standard_error[0])) == pytest.approx(
        (662.287363159321, 9.40894080278458), rel=1e-10
    )
    assert found.df.tolist() == [197.0]


def test_a_share_drawn_is_the_same_as_the_size_of_the_population():
    told = inputs("svymean_apistrat")
    y, by_size = sample_of("svymean_apistrat")
    drawn_of = pd.Series(told["strata"]).map(pd.Series(told["strata"]).value_counts())
    shares = drawn_of / np.array(told["fpc"])
    by_share = survey_design.design(told["weights"], told["strata"], None, shares)
    first, other = survey_design.mean(y, by_size), survey_design.mean(y, by_share)
    assert first.standard_error == pytest.approx(other.standard_error, rel=1e-12)


def test_variance_agrees_with_a_plain_loop():
    y, w, strata, cluster = drawn()
    sample = survey_design.design(w, strata, cluster)
    found = survey_design.mean(y, sample)
    value = (w * y).sum() / w.sum()
    assert float(found.value[0]) == pytest.approx(value)
    scores = w * (y - value) / w.sum()
    assert float(found.standard_error[0]) == pytest.approx(plain_error(scores, strata, cluster), rel=1e-10)
    whole = survey_design.total(y, sample)
    assert float(whole.standard_error[0]) == pytest.approx(plain_error(w * y, strata, cluster), rel=1e-10)
    assert found.df.tolist() == [len(set(cluster)) - 3.0]


def test_a_domain_is_the_whole_sample_with_scores_of_zero_outside():
    y, w, strata, cluster = drawn()
    inside = (np.arange(60) % 3).astype("int64")
    sample = survey_design.design(w, strata, cluster)
    found = survey_design.mean(y, sample, domain=inside)
    for part in range(3):
        kept = inside == part
        value = (w * y)[kept].sum() / w[kept].sum()
        scores = np.where(kept, w * (y - value) / w[kept].sum(), 0.0)
        assert float(found.value[part]) == pytest.approx(value)
        assert float(found.standard_error[part]) == pytest.approx(
            plain_error(scores, strata, cluster), rel=1e-9
        )
    gaps = np.where(inside == 0, y, np.nan)
    alone = survey_design.mean(gaps, sample)
    assert float(alone.standard_error[0]) == pytest.approx(float(found.standard_error[0]))
    none = survey_design.mean(y, sample, domain=np.full(60, -1))
    assert np.isnan(none.value).all() and none.size.tolist() == [0.0]


def test_a_plain_sample_is_the_textbook_s():
    y = np.array([1, 3, 3, 4, 9.0])
    found = survey_design.mean(y, survey_design.design([2.0] * 5), 0.9)
    low, high = stats.t.interval(0.9, 4, y.mean(), stats.sem(y))
    assert (float(found.interval.lower[0]), float(found.interval.upper[0])) == pytest.approx((low, high))
    assert float(found.design_effect[0]) == pytest.approx(1.0)
    finite = survey_design.mean(y, survey_design.design([2.0] * 5, fpc=[10] * 5))
    assert float(finite.standard_error[0]) == pytest.approx(stats.sem(y) * np.sqrt(0.5))
    census = survey_design.mean(y, survey_design.design([1.0] * 5, fpc=[5] * 5))
    assert census.standard_error.tolist() == [0.0]


def test_design_effect_without_a_finite_population():
    told = inputs("svymean_apiclus1")
    sample = survey_design.design(told["weights"], None, told["cluster"])
    found = survey_design.mean(told["values"], sample)
    with_fpc = survey_design.mean(told["values"], sample, compared_with="without_replacement")
    left = 1 - 183 / sample.weights.sum()
    assert float(found.design_effect[0]) == pytest.approx(float(with_fpc.design_effect[0]) * left)
    with pytest.raises(SosrakeError, match="compared_with 'srs'; use auto"):
        survey_design.mean(told["values"], sample, compared_with="srs")


def test_a_stratum_of_one_unit_is_refused_or_treated_as_asked():
    y, strata = [1.0, 2.0, 4.0, 10.0], ["A", "A", "A", "B"]
    with pytest.raises(SosrakeError, match=r"stratum 'B' has one first-stage unit.*lonely='adjust'"):
        survey_design.design([1] * 4, strata)
    certain = survey_design.total(y, survey_design.design([1] * 4, strata, lonely="certainty"))
    a = np.array(y[:3])
    assert float(certain.standard_error[0]) == pytest.approx(np.sqrt(1.5 * ((a - a.mean()) ** 2).sum()))
    adjusted = survey_design.total(y, survey_design.design([1] * 4, strata, lonely="adjust"))
    more = 1.5 * ((a - a.mean()) ** 2).sum() + (10 - 17 / 4) ** 2
    assert float(adjusted.standard_error[0]) == pytest.approx(np.sqrt(more))
    # A stratum drawn whole has no error, however few its units are.
    whole = survey_design.design([1] * 4, strata, fpc=[6, 6, 6, 1])
    assert survey_design.total(y, whole).standard_error[0] == pytest.approx(
        np.sqrt(0.5 * 1.5 * ((a - a.mean()) ** 2).sum())
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0.5, 9)), min_size=3, max_size=25),
    st.floats(0.1, 50),
    st.floats(-5, 5),
)
def test_scale_and_order_change_nothing_but_the_scale(rows, factor, shift):
    y, w = (np.array(column, "float64") for column in zip(*rows, strict=True))
    found = survey_design.mean(y, survey_design.design(w))
    other = survey_design.mean(factor * y[::-1] + shift, survey_design.design(7 * w[::-1]))
    assert other.value == pytest.approx(factor * found.value + shift, abs=1e-8)
    assert other.standard_error == pytest.approx(factor * found.standard_error, abs=1e-7)
    assert found.interval.lower[0] <= found.value[0] <= found.interval.upper[0]
    kish = survey_design.kish_effective_size(w)
    assert 1 <= kish <= len(w) + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0.5, 9)), min_size=2, max_size=25))
def test_shares_stay_between_0_and_1(rows):
    y, w = (np.array(column, "float64") for column in zip(*rows, strict=True))
    found = survey_design.proportion(y, survey_design.design(w))
    assert 0 <= found.value[0] <= 1
    if 0 < found.value[0] < 1:
        assert 0 < found.interval.lower[0] <= found.value[0] <= found.interval.upper[0] < 1
        half = (
            stats.t.ppf(0.975, len(y) - 1) * found.standard_error[0] / (found.value[0] * (1 - found.value[0]))
        )
        logit = np.log(found.value[0] / (1 - found.value[0]))
        assert found.interval.upper[0] == pytest.approx(1 / (1 + np.exp(-logit - half)))
    else:
        assert np.isnan(found.interval.lower[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": [1, -1]}, "weight -1 of respondent 2; expected a number from 0 up"),
        ({"weights": [1, np.nan]}, "weight nan of respondent 2"),
        ({"weights": [0, 0]}, "the weights sum to 0"),
        ({}, "give weights, or the size"),
        ({"weights": [1, 1], "strata": ["A"]}, "strata has 1 entries, weights 2"),
        ({"weights": [1, 1], "strata": ["A", None]}, "strata of respondent 2 is empty"),
        ({"weights": [1, 1, 1], "strata": [1, 2, 1], "cluster": [5, 5, 6]}, "cluster 5 lies in two strata"),
        ({"weights": [1, 1], "fpc": [1.5, 1.5]}, "fpc 1.5 of respondent 1 is smaller than the 2 units"),
        ({"weights": [1, 1], "fpc": [0.5, 4]}, "fpc mixes sizes"),
        ({"weights": [1, 1], "fpc": [-1, 4]}, "fpc -1 of respondent 1"),
        ({"weights": [1, 1], "fpc": [4, 5]}, "fpc varies within a stratum"),
        ({"weights": [1, 1, 1], "cluster": [1, 1, 2], "fpc": [4, 5, 4]}, "fpc varies within a cluster"),
        ({"weights": [1, 1], "lonely": "ignore"}, "lonely 'ignore'; use one of fail"),
    ],
)
def test_an_impossible_design_is_refused(arguments, message):
    with pytest.raises(SosrakeError, match=message):
        survey_design.design(**arguments)


def test_nested_names_and_shares_of_their_own():
    nested = survey_design.design([1] * 4, [1, 1, 2, 2], [1, 2, 1, 2], nest=True)
    assert nested.units.tolist() == [2, 2]
    y = np.array([1.0, 4.0, 7.0])
    varied = survey_design.design([2, 4, 8], fpc=[0.5, 0.25, 0.125], fpc_within="varies")
    scores = np.array([2, 16, 56.0])
    by_hand = np.sqrt(1.5 * ((1 - np.array([0.5, 0.25, 0.125])) * (scores - scores.mean()) ** 2).sum())
    assert float(survey_design.total(y, varied).standard_error[0]) == pytest.approx(by_hand)


def staff() -> pd.DataFrame:
    random = np.random.default_rng(2)
    unit = np.repeat(["A", "B", "C"], [12, 10, 8])
    return pd.DataFrame(
        {
            "skill": random.integers(1, 6, 30).astype("float64"),
            "trained": random.integers(0, 2, 30),
            "unit": unit,
            "weight": np.repeat([2.0, 3.0, 5.0], [12, 10, 8]),
            "staff": np.repeat([24, 30, 40], [12, 10, 8]),
        }
    )


def test_the_frame_holds_what_the_arrays_give():
    table = staff()
    table.loc[0, "skill"] = np.nan
    before = table.copy(deep=True)
    parts = {"weights": "weight", "strata": "unit", "fpc": "staff"}
    found = survey_design.estimate(
        table, HERE, values=["skill", "trained"], by="unit", confidence=(0.9, 0.95), **parts
    )
    pd.testing.assert_frame_equal(table, before)
    assert frames.is_analysed(found) and len(found) == 2 * 2 * 4
    sample = survey_design.design(table["weight"], table["unit"], None, table["staff"])
    other = survey_design.mean(table["skill"], sample, 0.9)
    row = found[
        (found["indicator"] == "skill") & (found["group"] == "all") & (found["confidence"] == 0.9)
    ].iloc[0]
    assert (row["value"], row["lower"], row["upper"]) == pytest.approx(
        (float(other.value[0]), float(other.interval.lower[0]), float(other.interval.upper[0]))
    )
    assert row["denominator"] == 29 and row["method"] == "taylor_t"
    shares = survey_design.estimate(table, HERE, values=["trained"], statistic="proportion", **parts)
    assert shares.loc[0, "per"] == 100 and 0 < shares.loc[0, "lower"] < shares.loc[0, "value"] < 100
    totals = survey_design.estimate(table, HERE, values=["trained"], statistic="total", **parts)
    assert totals.loc[0, "value"] == pytest.approx((table["weight"] * table["trained"]).sum())


def test_a_group_without_answers_is_missing():
    table = staff()
    table.loc[table["unit"] == "C", "skill"] = np.nan
    found = survey_design.estimate(table, HERE, values=["skill"], by="unit").set_index("group")
    assert found.loc["C", "status"] == "missing" and np.isnan(found.loc["C", "value"])


def test_wrong_tables_are_named():
    table = staff()
    with pytest.raises(FrameError, match="column pay is missing"):
        survey_design.estimate(table, HERE, values=["pay"])
    with pytest.raises(FrameError, match="row 1, column unit: A; expected a number"):
        survey_design.estimate(table, HERE, values=["unit"])
    with pytest.raises(FrameError, match="row 1, column unit: all; name each"):
        survey_design.estimate(table.assign(unit="all"), HERE, values=["skill"], by="unit")
    with pytest.raises(FrameError, match="'median'; use one of mean, total, proportion"):
        survey_design.estimate(table, HERE, values=["skill"], statistic="median")
    with pytest.raises(FrameError, match="no variable or no respondent"):
        survey_design.estimate(table.iloc[:0], HERE, values=["skill"])
    with pytest.raises(SosrakeError, match="value 3 of respondent 1; expected 1"):
        survey_design.proportion([3, 1], survey_design.design([1, 1]))
    with pytest.raises(SosrakeError, match="value of respondent 2 is infinite"):
        survey_design.mean([1, np.inf], survey_design.design([1, 1]))
    with pytest.raises(SosrakeError, match=r"values have shape \(1,\)"):
        survey_design.mean([1], survey_design.design([1, 1]))
    with pytest.raises(SosrakeError, match="interval 'wald'; use linear_t or logit_t"):
        survey_design.proportion([0, 1], survey_design.design([1, 1]), interval="wald")
