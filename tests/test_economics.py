"""Economics: dominance, net benefit, acceptability, value of information, cost per outcome, and invented
costs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from sosrake_lib.effects import economics
from sosrake_lib.errors import FrameError, SosrakeError

PROJECT = Path(__file__).resolve().parents[1]
POINTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=8)


def ways(rows, **columns):
    return pd.DataFrame(rows, columns=["strategy", "cost", "effect"]).assign(**columns)


def slow_dominance(rows):
    """Dominated, then extendedly dominated by any mixture of two others, by exact fractions."""
    alive = []
    for i, (cost, effect) in enumerate(rows):
        beaten = any(
            (c <= cost and e >= effect) and ((c, e) != (cost, effect) or j < i)
            for j, (c, e) in enumerate(rows)
            if j != i
        )
        alive.append(not beaten)
    status = ["ND" if kept else "D" for kept in alive]
    for i, (cost, effect) in enumerate(rows):
        for a, (c1, e1) in enumerate(rows):
            for b, (c2, e2) in enumerate(rows):
                if alive[i] and alive[a] and alive[b] and e1 < effect < e2:
                    mixed = c1 + Fraction((c2 - c1) * (effect - e1), e2 - e1)
                    if mixed < cost:
                        status[i] = "ED"
    return status


@given(POINTS)
@settings(max_examples=50, deadline=None)
def test_dominance_equals_every_mixture_by_fractions(rows):
    found = economics.dominance(*zip(*rows, strict=True))
    assert found.tolist() == slow_dominance(rows)


@given(POINTS)
@settings(max_examples=30, deadline=None)
def test_ratios_rise_down_the_table(rows):
    frame = ways([(f"way{n}", *row) for n, row in enumerate(rows)])
    table = economics.icer_table(frame).table
    ratios = table["icer"].dropna().to_numpy()
    assert (np.diff(ratios) >= -1e-9).all() and (ratios > 0).all()
    assert (table["icer"].notna() == table["compared_with"].ne("")).all()
    shuffled = economics.icer_table(frame.iloc[::-1]).table
    assert sorted(shuffled["status"]) == sorted(table["status"])


def test_icer_of_the_cheapest_best_is_alone():
    table = economics.icer_table(ways([("a", 1, 5), ("b", 2, 5), ("c", 3, 4)])).table
    assert table["status"].tolist() == ["ND", "D", "D"] and table["icer"].isna().all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", 1, 2)], "one strategy"),
        ([("a", 1, 2), ("a", 2, 3)], "strategy 'a' stands twice"),
        ([("a", 1, 2), ("b", np.nan, 3)], "column 'cost' is empty in 1 row"),
        ([("a", 1, 2), ("b", np.inf, 3)], "column 'cost' is infinite"),
        ([("a", "x", 2), ("b", 1, 3)], "column 'cost' is not numbers"),
    ],
)
def test_icer_table_refuses(rows, message):
    with pytest.raises(FrameError, match=message):
        economics.icer_table(ways(rows))


def test_invented_and_real_never_stand_in_one_table():
    rows = [("a", 1, 2), ("b", 2, 3)]
    assert economics.icer_table(ways(rows, origin="synthetic")).origin == "synthetic"
    assert economics.icer_table(ways(rows)).origin == "own"
    with pytest.raises(FrameError, match=r"invented \(synthetic\) and real rows together"):
        economics.icer_table(ways(rows, origin=["synthetic", "published"]))
    with pytest.raises(FrameError, match="origin 'guess'"):
        economics.icer_table(ways(rows, origin="guess"))


# --- Net benefit
# ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "effect", "quadrant", "reads", "preferred"),
    [
        (1450, 0.13, "north_east", "cost_per_unit_gained", "new"),
        (1450, 0.05, "north_east", "cost_per_unit_gained", "usual"),
        (-100, 0.1, "south_east", "none", "new"),
        (100, -0.1, "north_west", "none", "usual"),
        (-1200, -0.05, "south_west", "saving_per_unit_lost", "new"),
        (-800, -0.05, "south_west", "saving_per_unit_lost", "usual"),
        (-1000, -0.05, "south_west", "saving_per_unit_lost", "equal"),
        (-1, 0, "south_east", "none", "new"),
        (1, 0, "north_west", "none", "usual"),
        (0, 0, "origin", "none", "equal"),
    ],
)
def test_every_quadrant_is_judged_by_net_benefit(cost, effect, quadrant, reads, preferred):
    found = economics.increment(cost, effect, wtp=20000)
    assert (found.quadrant, found.icer_is, found.preferred) == (quadrant, reads, preferred)
    assert found.inmb == 20000 * effect - cost
    assert np.isnan(found.icer) if effect == 0 else found.icer == pytest.approx(cost / effect)


@given(st.floats(-1e5, 1e5), st.floats(-5, 5), st.floats(1, 1e5))
@settings(max_examples=50, deadline=None)
def test_health_and_monetary_benefit_agree(cost, effect, wtp):
    found = economics.increment(cost, effect, wtp)
    assert found.inhb * wtp == pytest.approx(found.inmb, rel=1e-9, abs=1e-6)
    assert economics.increment(-cost, -effect, wtp).inmb == pytest.approx(-found.inmb)


@pytest.mark.parametrize(
    "call",
    [
        lambda: economics.increment(1, 1, None),
        lambda: economics.net_monetary_benefit(1, 1, None),
        lambda: economics.decision_uncertainty(draws_frame()),
    ],
)
def test_willingness_to_pay_is_asked_for(call):
    with pytest.raises(SosrakeError, match=r"wtp .* is not given and has no default: it is the decision"):
        call()


def test_benefit_refuses():
    with pytest.raises(SosrakeError, match="wtp -1; expected finite numbers of 0 or more"):
        economics.increment(1, 1, -1)
    with pytest.raises(SosrakeError, match="2 values of wtp"):
        economics.increment(1, 1, [1, 2])
    with pytest.raises(SosrakeError, match="inc_cost nan"):
        economics.increment(np.nan, 1, 1)
    with pytest.raises(SosrakeError, match="wtp 0"):
        economics.net_health_benefit(1, 1, 0)
    assert np.isnan(economics.increment(1, 1, 0).inhb)


# --- Acceptability and information
# ----------------------------------------------------------------------------


def draws_frame(size=400, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "cost_usual": rng.normal(1000, 100, size),
            "cost_new": rng.normal(1500, 200, size),
            "effect_usual": rng.normal(1.0, 0.1, size),
            "effect_new": rng.normal(1.1, 0.1, size),
        }
    )


def test_acceptability_equals_the_plain_loop():
    data = draws_frame(60)
    found = economics.decision_uncertainty(data, [0, 3000, 8000], population=10)
    for wtp in (0, 3000, 8000):
        best = {"usual": 0, "new": 0}
        lost, benefit = [], {"usual": [], "new": []}
        for row in data.to_dict("records"):
            value = {name: wtp * row[f"effect_{name}"] - row[f"cost_{name}"] for name in best}
            best[max(value, key=value.get)] += 1
            lost.append(max(value.values()))
            for name in best:
                benefit[name].append(value[name])
        rows = found.table.loc[found.table["wtp"] == wtp].set_index("strategy")
        assert rows["probability_best"].to_dict() == pytest.approx({name: n / 60 for name, n in best.items()})
        evpi = np.mean(lost) - max(np.mean(benefit[name]) for name in best)
        value = found.value.loc[found.value["wtp"] == wtp].iloc[0]
        assert (value["evpi"], value["evpi_population"]) == pytest.approx((evpi, 10 * evpi))
        assert rows["mean_nmb"]["new"] == pytest.approx(np.mean(benefit["new"]))
        assert rows.loc[rows["on_frontier"]].index[0] == value["strategy"]


@given(st.integers(0, 1000), st.floats(0, 20000))
@settings(max_examples=25, deadline=None)
def test_information_is_never_worth_less_than_nothing(seed, wtp):
    found = economics.decision_uncertainty(draws_frame(50, seed), wtp)
    assert found.value["evpi"].iloc[0] >= 0
    assert found.table["probability_best"].sum() == pytest.approx(1)
    frontier = found.table.loc[found.table["on_frontier"]]
    assert frontier["expected_loss"].iloc[0] == pytest.approx(found.value["evpi"].iloc[0])
    assert frontier["mean_nmb"].iloc[0] == found.table["mean_nmb"].max()


def test_ties_are_shared():
    data = pd.DataFrame({"cost_a": [1.0, 1], "cost_b": [1.0, 1], "effect_a": [1.0, 1], "effect_b": [1.0, 1]})
    assert economics.decision_uncertainty(data, 5).table["probability_best"].tolist() == [0.5, 0.5]


def test_wide_has_one_row_a_wtp():
    found = economics.decision_uncertainty(draws_frame(), [1000, 2000], strategies=["new", "usual"])
    assert found.wide("mean_nmb").shape == (2, 2) and list(found.wide("mean_nmb")) == ["new", "usual"]


def test_bootstrap_of_people_feeds_the_curve():
    rng = np.random.default_rng(2)
    usual, new = (
        pd.DataFrame({"cost": rng.normal(m, 50, 300), "effect": rng.binomial(1, p, 300)})
        for m, p in ((500, 0.4), (700, 0.6))
    )
    drawn = economics.draws_of_people({"usual": usual, "new": new}, draws=3000)
    assert drawn["cost_new"].mean() == pytest.approx(new["cost"].mean(), rel=0.002)
    assert drawn["effect_new"].std() == pytest.approx(new["effect"].std() / np.sqrt(300), rel=0.05)
    assert drawn.equals(economics.draws_of_people({"usual": usual, "new": new}, draws=3000))
    with pytest.raises(FrameError, match="invented"):
        economics.draws_of_people({"usual": usual.assign(origin="synthetic"), "new": new})


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (draws_frame(), {"strategies": ["usual"]}, "at least two different ones"),
        (draws_frame(), {"strategies": ["usual", "other"]}, "column 'cost_other' is missing"),
        (draws_frame(1), {}, r"1 draw\(s\)"),
        (draws_frame().assign(cost_new=np.nan), {}, "column 'cost_new' is empty"),
        (draws_frame().assign(origin=["own"] * 399 + ["synthetic"]), {}, "invented"),
    ],
)
def test_decision_uncertainty_refuses(data, options, message):
    with pytest.raises(FrameError, match=message):
        economics.decision_uncertainty(data, 1000, **options)


# --- Cost per outcome
# -----------------------------------------------------------------------------------------


def test_fieller_limits_solve_their_equation():
    """At each limit the difference a - θb is exactly t standard errors from zero."""
    found = economics.fieller(1000.0, 0.5, 2500.0, 0.0025, 0.8, df=30)
    t = stats.t.ppf(0.975, 30)
    for limit in (found.lower, found.upper):
        distance = (1000 - limit * 0.5) ** 2
        assert distance == pytest.approx(t**2 * (2500 - 2 * limit * 0.8 + limit**2 * 0.0025), rel=1e-8)
    assert found.lower < found.ratio < found.upper


def test_fieller_without_variance_below_is_the_plain_interval():
    found = economics.fieller(10.0, 2.0, 4.0, 0.0)
    assert (found.lower, found.upper) == pytest.approx(
        ((10 - 1.959964 * 2) / 2, (10 + 1.959964 * 2) / 2), rel=1e-6
    )


def test_a_denominator_that_may_be_zero_has_no_bounded_interval():
    outside = economics.fieller(10.0, 0.5, 1.0, 1.0)
    assert outside.form == "outside" and np.isnan(outside.lower) and outside.outer_lower < outside.outer_upper
    nothing = economics.fieller(0.1, 0.1, 1.0, 1.0)
    assert nothing.form == "everything" and np.isnan([nothing.lower, nothing.upper]).all()


def test_fieller_equals_a_root_search_over_a_regression_test():
    """The limits are the θ whose test that mean(cost - θ·outcome) = 0 has p = 0.05 (scipy ttest_1samp)."""
    rng = np.random.default_rng(6)
    cost, outcome = rng.gamma(4, 250, 60), rng.binomial(1, 0.6, 60).astype(float)
    found = economics.ratio_of_means(cost, outcome)

    def distance(theta):
        return stats.ttest_1samp(cost - theta * outcome, 0).pvalue - 0.05

    assert found.lower == pytest.approx(optimize.brentq(distance, found.ratio / 3, found.ratio), rel=1e-8)
    assert found.upper == pytest.approx(optimize.brentq(distance, found.ratio, 3 * found.ratio), rel=1e-8)


def test_bootstrap_and_fieller_agree_in_large_samples():
    rng = np.random.default_rng(7)
    cost, outcome = rng.gamma(4, 250, 800), rng.binomial(1, 0.6, 800)
    one, other = (
        economics.ratio_of_means(cost, outcome, method=m, draws=4000) for m in ("fieller", "bootstrap")
    )
    assert (one.lower, one.upper) == pytest.approx((other.lower, other.upper), rel=0.02)
    assert one.ratio == other.ratio == pytest.approx(cost.mean() / outcome.mean())


def test_ratio_of_differences_bootstrapped_over_zero_orders_nothing():
    rng = np.random.default_rng(8)
    groups = (
        rng.normal(1500, 100, 40),
        rng.normal(0.51, 0.2, 40),
        rng.normal(1000, 100, 40),
        rng.normal(0.5, 0.2, 40),
    )
    assert economics.ratio_of_differences(*groups, method="bootstrap").form == "everything"
    assert economics.ratio_of_differences(*groups).form in ("outside", "everything")


@given(st.floats(0.1, 50), st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_ratio_scales_with_costs(factor, seed):
    rng = np.random.default_rng(seed)
    cost, outcome = rng.gamma(4, 250, 30), 1 + rng.random(30)
    one, other = economics.ratio_of_means(cost, outcome), economics.ratio_of_means(factor * cost, outcome)
    assert (other.ratio, other.lower, other.upper) == pytest.approx(
        (factor * one.ratio, factor * one.lower, factor * one.upper)
    )
    order = rng.permutation(30)
    assert economics.ratio_of_means(cost[order], outcome[order]).lower == pytest.approx(one.lower)


def test_cost_per_outcome_by_group():
    rows = pd.DataFrame(
        {
            "town": ["a"] * 5 + ["b"] * 4 + ["c"] * 2,
            "cost": [9, 11, 10, 10, 12, 20, 22, 18, 20, 5, 6],
            "outcome": [1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1],
        }
    )
    found = economics.cost_per_outcome(rows, by=["town"]).set_index("town")
    assert (
        found.loc["a", "value"] == pytest.approx(52 / 4)
        and found.loc["a", "lower"] < 13 < found.loc["a", "upper"]
    )
    assert found["status"].tolist() == ["ok", "missing", "missing"] and found["value"].iloc[1:].isna().all()
    assert set(found["method"]) == {"ratio_fieller"}
    assert economics.cost_per_outcome(rows)["people"].tolist() == [11]
    with pytest.raises(FrameError, match="column 'price' is missing"):
        economics.cost_per_outcome(rows, cost="price")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: economics.ratio_of_means([1, 2, 3], [1, 2]), "two lists of equal length"),
        (lambda: economics.ratio_of_means([1, 2, np.nan], [1, 2, 3]), "without empty values"),
        (lambda: economics.ratio_of_means([1, 2], [1, 2]), "2 people; at least three"),
        (lambda: economics.ratio_of_means([1, 2, 3], [0, 0, 0]), "no outcome to divide"),
        (lambda: economics.ratio_of_means([1, 2, 3], [1, 2, 3], method="delta"), "method 'delta'"),
        (lambda: economics.ratio_of_means([1, 2, 3], [1, 2, 3], confidence=95), "confidence 95"),
        (lambda: economics.fieller(1, 1, -1, 1), "variances 0 or more"),
    ],
)
def test_ratios_refuse(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


# --- Costs
# ----------------------------------------------------------------------------------------------------


def used(**changes):
    rows = pd.DataFrame(
        {
            "way": ["new", "new", "usual"],
            "item": ["visit", "group", "visit"],
            "quantity": [2, 4, 5],
            "unit_price": [60.0, 25, 60],
        }
    )
    return rows.assign(**{"origin": "published", "source": "price list 2024", **changes})


def test_costs_are_quantities_times_prices():
    found = economics.total_costs(used(), by=["way"])
    assert found.totals.set_index("way")["cost"].to_dict() == {"new": 220.0, "usual": 300.0}
    assert (
        found.origin == "own"
        and found.caveats == ()
        and found.items["name"].tolist() == ["visit", "group", "visit"]
    )


def test_invented_prices_are_named_so():
    found = economics.total_costs(used(origin="synthetic", source=""), by=["way"])
    assert found.items["name"].str.endswith("(keksitty hinta)").all()
    assert set(found.totals["origin"]) == {"synthetic"} and found.caveats == ("invented_costs",)
    assert (
        economics.total_costs(used(origin="synthetic"), language="en").items["name"].iloc[0]
        == "visit (invented price)"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"origin": ["synthetic", "published", "published"]}, "invented"),
        ({"source": ""}, "the price of 'visit' has no source"),
        ({"quantity": [-1, 1, 1]}, "column 'quantity' is -1 in row 0"),
        ({"unit_price": [1, np.nan, 1]}, "column 'unit_price' is empty"),
    ],
)
def test_costs_refuse(changes, message):
    with pytest.raises(FrameError, match=message):
        economics.total_costs(used(**changes))


def test_nobody_is_told_what_to_buy():
    """The word for "is worth doing" is not in the room, its method entries or its adapters, in any form."""
    library = PROJECT / "sosrake_lib"
    files = [*(library / "effects" / "economics").glob("*.py"), library / "verify" / "kinds_economics.py"]
    files.append(library / "indicators" / "method_entries" / "economics.toml")
    for path in files:
        text = path.read_text(encoding="utf-8").casefold()
        for word in ("kannatta", "worthwhile", "good value"):
            assert word not in text, f"{path.name}: {word}"
