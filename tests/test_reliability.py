"""Cronbach's alpha: published and independent numbers, intervals, domains, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import item_answers, reliability, reliability_kernels, unit_bootstrap
from sosrake_lib.indicators.methods import method
from sosrake_lib.indicators.reliability_domains import REASONS, by_domain
from sosrake_lib.verify.kinds_reliability import KINDS


def sheet(people=60, items=5, seed=1, missing=0.0):
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(people, 1))
    values = np.clip(np.round(3 + 0.8 * trait + 0.8 * rng.normal(size=(people, items))), 1, 5)
    values[rng.random(values.shape) < missing] = np.nan
    return pd.DataFrame(values, columns=[f"i{n}" for n in range(items)])


def long(table, **constant):
    rows = table.reset_index(names="respondent").melt("respondent", var_name="item", value_name="answer")
    return rows.assign(**constant)


def slow_alpha(table):
    k = table.shape[1]
    return k / (k - 1) * (1 - table.var(ddof=1).sum() / table.sum(axis=1).var(ddof=1))


def test_alpha_and_items_by_the_definition():
    table = sheet()
    found = reliability.cronbach_alpha(table)
    assert found.alpha == pytest.approx(slow_alpha(table), rel=1e-12)
    standardised = (table - table.mean()) / table.std()
    assert found.alpha_standardised == pytest.approx(slow_alpha(standardised), rel=1e-12)
    for row in found.items.itertuples():
        others = table.drop(columns=row.item)
        assert row.item_rest == pytest.approx(table[row.item].corr(others.sum(axis=1)), rel=1e-12)
        assert row.item_total == pytest.approx(table[row.item].corr(table.sum(axis=1)), rel=1e-12)
        assert row.alpha_if_dropped == pytest.approx(slow_alpha(others), rel=1e-12)
    # Guttman's lambda 6 from regressions of each item on the others.
    errors = []
    for item in standardised:
        x = standardised.drop(columns=item).to_numpy()
        y = standardised[item].to_numpy()
        errors.append(1 - ((x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum() / (y**2).sum())
    assert found.lambda6 == pytest.approx(1 - sum(errors) / table.corr().to_numpy().sum(), rel=1e-9)


def test_pairwise_covariances_are_those_of_pandas_and_listwise_drops_rows():
    table = sheet(missing=0.15)
    answers = item_answers.read_answers(table, "test")
    expected = table.loc[table.notna().any(axis=1)].cov().to_numpy()
    assert item_answers.covariance(answers) == pytest.approx(expected, rel=1e-12)
    weights = np.vstack([np.ones(answers.n), np.arange(answers.n) % 3]).astype("float64")
    repeated = pd.DataFrame(np.repeat(answers.values, (np.arange(answers.n) % 3), axis=0)).cov().to_numpy()
    assert item_answers.covariances(answers.values, weights)[1] == pytest.approx(repeated, rel=1e-10)
    complete = table.dropna()
    found = reliability.cronbach_alpha(table, deletion="listwise")
    assert (found.n, found.complete) == (len(complete), len(complete))
    assert found.alpha == pytest.approx(slow_alpha(complete), rel=1e-12)
    assert reliability.cronbach_alpha(table).n == table.notna().any(axis=1).sum()


def test_feldt_interval_of_a_published_alpha():
    # R psych 2.2.9 alpha.ci (0.84, 7 items, 30 respondents).
    limits = reliability.alpha_interval(0.84, 7, 30)
    assert [limits.lower, limits.upper] == pytest.approx([0.73415385327539, 0.914085513195601], rel=1e-9)
    one = reliability.alpha_interval(0.84, 7, 30, two_sided=False)
    assert one.lower == pytest.approx(1 - 0.16 * stats.f.ppf(0.95, 29, 174), rel=1e-12)
    assert one.upper == pytest.approx(1 - 0.16 * stats.f.ppf(0.05, 29, 174), rel=1e-12)
    many = reliability.alpha_interval(0.84, 7, 30, confidence=[0.95, 0.998])
    assert many.lower[1] < many.lower[0] == limits.lower


def test_duhachek_error_is_the_delta_method():
    covariance = np.cov(sheet(items=4).to_numpy().T)
    n, k, step = 60, 4, 1e-6
    gradient = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            moved = covariance.copy()
            moved[i, j] += step
            back = covariance.copy()
            back[i, j] -= step
            gradient[i, j] = (reliability_kernels.alpha_of(moved) - reliability_kernels.alpha_of(back)) / (
                2 * step
            )
    # Covariances of sample covariances of normal values: (v_ik v_jl + v_il v_jk) / n.
    spread = sum(
        gradient[i, j]
        * gradient[a, b]
        * (covariance[i, a] * covariance[j, b] + covariance[i, b] * covariance[j, a])
        for i in range(k)
        for j in range(k)
        for a in range(k)
        for b in range(k)
    )
    assert reliability_kernels.duhachek_error(covariance, n) == pytest.approx(np.sqrt(spread / n), rel=1e-6)


@pytest.mark.parametrize("name", ["bonett", "hakstian_whalen", "fisher_z"])
def test_other_intervals_are_near_feldts_in_a_large_sample(name):
    feldt = reliability.alpha_interval(0.8, 10, 2000)
    other = reliability.alpha_interval(0.8, 10, 2000, method=name)
    # All are large-sample forms of the same law; Fisher's treats alpha as a correlation and is wider.
    tolerance = 0.008 if name == "fisher_z" else 0.001
    assert [other.lower, other.upper] == pytest.approx([feldt.lower, feldt.upper], abs=tolerance)


def test_bootstrap_agrees_with_resampling_rows_one_by_one():
    table = sheet(people=80, items=4)
    found = reliability.cronbach_alpha(
        table, methods=("bootstrap_percentile", "bootstrap_bca"), replicates=4000
    )
    rng = np.random.default_rng(5)
    values = table.to_numpy()
    slow = []
    for _ in range(2000):
        drawn = values[rng.integers(0, len(values), len(values))]
        slow.append(slow_alpha(pd.DataFrame(drawn)))
    limits = found.intervals.set_index("method")
    # Two Monte Carlo runs: the limits' own error is about 0.005.
    assert limits.loc["bootstrap_percentile", ["lower", "upper"]].tolist() == pytest.approx(
        np.quantile(slow, [0.025, 0.975]), abs=0.02
    )
    jackknife = unit_bootstrap.left_out(
        lambda w: reliability_kernels.alpha_of(item_answers.covariances(values, w)),
        np.ones(80, dtype="int64"),
    )
    assert jackknife[3] == pytest.approx(slow_alpha(table.drop(index=3)), rel=1e-10)


def test_patterns_drawn_at_once_have_the_law_of_units_drawn_one_by_one():
    values = np.repeat([[0.0], [1.0]], [30, 10], axis=0)
    kinds = unit_bootstrap.patterns(values)
    assert kinds.counts.tolist() == [30, 10]

    def share(weights):
        return weights @ kinds.rows[:, 0] / weights.sum(axis=1)

    drawn = unit_bootstrap.replicates_of(share, kinds.counts, 20_000, 3) * 40
    expected = stats.binom(40, 0.25)
    assert drawn.mean() == pytest.approx(expected.mean(), abs=0.1)
    assert drawn.std() == pytest.approx(expected.std(), abs=0.1)


def test_reversed_items_and_negative_alpha():
    table = sheet()
    turned = table.assign(i1=6 - table["i1"])
    assert reliability.cronbach_alpha(turned, reverse=["i1"], max_plus_min=6).alpha == pytest.approx(
        slow_alpha(table), rel=1e-12
    )
    against = reliability.cronbach_alpha([[1, 5], [2, 4], [3, 3.5], [4, 1], [5, 2]])
    assert against.alpha < 0
    assert against.note == "negative_alpha"
    assert turned["i1"].equals(6 - table["i1"]), "the user's table is left as it was"


def test_two_items_have_no_alpha_if_dropped():
    found = reliability.cronbach_alpha(sheet(items=2))
    assert found.items["alpha_if_dropped"].isna().all()


@pytest.mark.parametrize(
    ("items", "options", "message"),
    [
        ([[1], [2], [3]], {}, "1 item; reliability of a sum needs two items"),
        ([[1, 2], [2, 3]], {}, "2 respondents used of 2; expected 3 or more"),
        (
            [[1, None], [2, 3], [None, 2], [1, 1]],
            {"deletion": "listwise"},
            "2 respondents used of 4.*pairwise",
        ),
        ([[1, 2], [2, 2], [3, 2]], {}, "item '2' is answered alike by all"),
        ([[1, None], [2, None], [3, None]], {}, "item '2' has no answer"),
        ([[1, None], [2, None], [None, 1], [None, 3]], {}, "two items share fewer than 3 respondents"),
        ([[1, 2], [2, float("inf")], [3, 2]], {}, "row 2, column 2: inf; expected a finite number"),
        ([[1, 2], [2]], {}, "not a table of numbers"),
        ([[1, "kyllä"], [2, 2]], {}, "not a table of numbers"),
        ([[1, 2], [2, 3], [3, 4]], {"reverse": ["z"]}, "reversed item 'z' is not among the items 1, 2"),
        ([[1, 2], [2, 3], [3, 4]], {"reverse": ["1"]}, "reversing needs max_plus_min"),
    ],
)
def test_what_cannot_be_answered_says_why(items, options, message):
    with pytest.raises(FrameError, match=message):
        reliability.cronbach_alpha(items, **options)


def test_text_in_a_sheet_is_named():
    with pytest.raises(FrameError, match="row 2, column b: 'ei'; expected a finite number or nothing"):
        reliability.cronbach_alpha(pd.DataFrame({"a": [1, 2, 3], "b": [1, "ei", 2]}))
    with pytest.raises(FrameError, match="column a stands twice"):
        reliability.cronbach_alpha(pd.DataFrame([[1, 2], [2, 2], [3, 1]], columns=["a", "a"]))


@pytest.mark.parametrize("options", [{"formative": True}, {"instrument": "3X10D"}])
def test_formative_measures_are_refused_and_told_what_to_use(options):
    with pytest.raises(SosrakeError, match=r"formative.*items form the area.*profile of areas.*test-retest"):
        reliability.cronbach_alpha(sheet(), **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reliability.cronbach_alpha(sheet(), methods=["wald"]), "method 'wald'; use one of feldt"),
        (
            lambda: reliability.cronbach_alpha(sheet(), deletion="mean"),
            "deletion 'mean'; use one of pairwise",
        ),
        (lambda: reliability.alpha_interval(1.2, 7, 30), "alpha 1.2; expected a coefficient, at most 1"),
        (lambda: reliability.alpha_interval(0.8, 1, 30), "k 1; expected the number of items, 2 or more"),
        (lambda: reliability.alpha_interval(0.8, 7, 2), "n 2; expected the number of respondents, 3 or more"),
        (lambda: reliability.alpha_interval(0.8, 7, 30, confidence=95), "confidence 95"),
        (lambda: reliability.alpha_interval(0.8, 7, 30, method="duhachek"), "needs standard_error"),
        (
            lambda: reliability.cronbach_alpha(sheet(), methods=["bootstrap_bca"], replicates=10),
            "10 replicates; expected 100 or more",
        ),
    ],
)
def test_options_out_of_range_are_refused(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


def test_by_domain_gives_each_domain_its_own_figures():
    first, second = sheet(seed=1), sheet(items=4, seed=2, missing=0.1).add_prefix("z")
    answers = pd.concat([long(first, domain="tieto"), long(second, domain="vaikuttaminen")])
    found = by_domain(answers, confidence=[0.95, 0.998], replicates=200)
    assert found["domain"].tolist() == ["tieto"] * 2 + ["vaikuttaminen"] * 2
    alone = reliability.cronbach_alpha(second)
    row = found.loc[(found["domain"] == "vaikuttaminen") & (found["confidence"] == 0.95)].iloc[0]
    assert row["alpha"] == pytest.approx(alone.alpha, rel=1e-12)
    assert row["lower"] == pytest.approx(alone.intervals["lower"][0], rel=1e-12)
    assert (row["items"], row["n"]) == (4, alone.n)
    assert row["omega_lower"] < row["omega"] < row["omega_upper"]
    assert set(found["status"]) == {"ok"}
    for key in {*found["method"], *found["omega_method"]}:
        assert method(key).key == key


def test_by_domain_without_a_domain_and_by_groups():
    table = sheet()
    assert by_domain(long(table), omega_method="none")["domain"].tolist() == ["all"]
    answers = pd.concat([long(table, domain="a", group="hva"), long(table, domain="a", group="kunta")])
    found = by_domain(answers, by=("domain", "group"), omega_method="none")
    assert found["group"].tolist() == ["hva", "kunta"]
    assert found["alpha"].nunique() == 1


def test_by_domain_says_why_there_is_no_figure():
    table = sheet(items=3)
    constant = table.assign(i2=4.0)
    twins = table.assign(i2=table["i0"])
    apart = pd.DataFrame({"a": [1, 2, np.nan, np.nan], "b": [np.nan, np.nan, 1, 2]})
    parts = {
        "formative": long(table, domain="hyvinvointi"),
        "one_item": long(table[["i0"]], domain="yksi"),
        "too_few_respondents": long(table.head(2), domain="harvat"),
        "item_without_variance": long(constant, domain="sama"),
        "too_few_pairs": long(apart, domain="erilla"),
        "two_items": long(table[["i0", "i1"]], domain="kaksi"),
        "not_positive_definite": long(twins, domain="kaksoset"),
    }
    found = by_domain(pd.concat(parts.values()), formative=["hyvinvointi"], omega_method="none")
    assert found["reason"].tolist() == list(parts) == list(REASONS)
    assert found["status"].tolist() == ["missing"] * 5 + ["ok"] * 2
    assert found["alpha"].isna().tolist() == [True] * 5 + [False] * 2
    assert found["omega"].isna().all()


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda t: t.drop(columns="item"), {}, "column item is missing"),
        (lambda t: pd.concat([t, t.head(1)]), {}, "a respondent answers item 'i0' twice"),
        (lambda t: t.assign(answer="paljon"), {}, "row 1, column answer: 'paljon'; expected a finite number"),
        (lambda t: t.assign(item=None), {}, "row 1, column item is empty"),
        (lambda t: t, {"formative": ["x"]}, "formative domain 'x' is not in column domain"),
        (lambda t: t, {"reverse": ["x"]}, "reversed item 'x' is not in column item"),
        (lambda t: t, {"reverse": ["i0"]}, "reversing needs max_plus_min"),
        (lambda t: t, {"method": "x"}, "method 'x'; use one of feldt"),
    ],
)
def test_faulty_long_answers_are_refused(change, options, message):
    with pytest.raises(SosrakeError, match=message):
        by_domain(change(long(sheet())), **options)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    items=st.integers(2, 6),
    factor=st.floats(0.01, 100),
    shift=st.floats(-50, 50),
)
def test_alpha_does_not_depend_on_unit_or_order(seed, items, factor, shift):
    table = sheet(people=25, items=items, seed=seed)
    if (table.nunique() < 2).any():
        return
    found = reliability.cronbach_alpha(table)
    moved = table.sample(frac=1, random_state=seed)[list(reversed(table.columns))] * factor + shift
    again = reliability.cronbach_alpha(moved)
    assert again.alpha == pytest.approx(found.alpha, rel=1e-8, abs=1e-8)
    assert found.alpha <= 1
    limits = found.intervals
    assert (limits["lower"] <= found.alpha).all() and (found.alpha <= limits["upper"]).all()


@settings(max_examples=30, deadline=None)
@given(
    alpha=st.floats(-0.95, 0.99),
    k=st.integers(2, 40),
    n=st.integers(10, 2000),
    name=st.sampled_from(["feldt", "bonett", "hakstian_whalen", "fisher_z"]),
)
def test_intervals_of_alpha_hold_the_value_and_widen_with_confidence(alpha, k, n, name):
    limits = reliability.alpha_interval(alpha, k, n, confidence=[0.8, 0.95, 0.998], method=name)
    assert (np.diff(limits.lower) <= 0).all() and (np.diff(limits.upper) >= 0).all()
    assert limits.lower[1] <= alpha <= limits.upper[1] <= 1


def test_the_cases_of_the_peers_agree(shared):
    tables = shared / "oracles"
    for case in json.loads((tables / "reliability.json").read_text(encoding="utf-8")):
        if case["function"].startswith("cronbach_alpha") and "csv" in case["inputs"]:
            table = pd.read_csv(tables / case["inputs"]["csv"])
            found = KINDS["cronbach_alpha"].run({**case["inputs"], "table": table})
            for name, value in case["expected"].items():
                got = found[name].tolist() if hasattr(found[name], "tolist") else found[name]
                assert got == pytest.approx(
                    [value] if isinstance(got, list) and not isinstance(value, list) else value, rel=1e-6
                )
