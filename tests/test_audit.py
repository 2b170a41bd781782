"""What a reader can reckon back: own cases that stand alone, and the shared ones when they are there."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import audit as auditing
from sosrake_lib.protect.audit import Target, audit, exact, rate, rounded

# Interval ends are whole counts found by integer programs; the solver's own feasibility tolerance is 1e-6.
WHOLE = 1e-6


def one(statements, cells, target=None, k=5, **known):
    target = target or Target("hidden", (0,), k, **known)
    return audit(cells, statements, [target]).iloc[0]


def test_subtraction_from_a_total_recovers_the_only_hidden_cell():
    found = one([exact([1], 51), exact([2], 9), exact([0, 1, 2], 62)], 3)
    assert (found.low, found.high, found.status) == (2, 2, "recovered")


def test_rate_with_a_known_population_gives_the_count_back():
    # 4 of 1 234 people is 3.2 per 1 000; 3.15..3.25 per 1 000 of them is 3.89..4.01, so only 4 fits.
    found = one([rate([0], 3.2, 1234, 1000, 1)], 1, primary_known=True)
    assert (found.low, found.high, found.status) == (4, 4, "recovered")


def test_rate_of_a_large_population_leaves_many_counts():
    found = one([rate([0], 0.3, 250_000, 1000, 1)], 1)
    assert found.status == "protected"
    assert (found.low, found.high) == (63, 87)  # 0.25..0.35 per 1 000 of 250 000 is 62.5..87.5


def test_rounded_and_exact_figures_together_recover_a_cell():
    statements = [rounded([0], 5, 5), exact([1], 31), exact([0, 1], 34)]
    assert one(statements, 2).status == "recovered"
    assert one(statements[:1], 2).status == "protected"  # 2.5..7.5 alone: 3..7, five whole counts


def test_random_rounding_reaches_further_than_nearest():
    nearest, random = one([rounded([0], 10, 5)], 1), one([rounded([0], 10, 5, "random")], 1)
    assert (nearest.low, nearest.high) == (8, 12)
    assert (random.low, random.high) == (6, 14)


def test_difference_of_two_nested_areas_is_a_target():
    statements = [exact([0, 1, 2], 90), exact([0, 1], 88)]
    assert one(statements, 3, Target("rest", (2,), 5)).status == "recovered"


def test_block_with_a_small_column_total_is_narrow():
    statements = [exact([0, 1], 41), exact([2, 3], 60), exact([0, 2], 3), exact([1, 3], 98)]
    found = audit(
        4, statements, [Target(name, (cell,), 5) for cell, name in enumerate("abcd")], [2, 39, 1, 59]
    )
    assert found["status"].tolist() == ["narrow", "protected", "narrow", "protected"]
    assert found["low"].tolist() == pytest.approx([0, 38, 0, 57], abs=WHOLE)
    assert found["high"].tolist() == pytest.approx([3, 41, 3, 60], abs=WHOLE)


def test_rule_known_to_the_reader_makes_a_cell_small_known():
    assert one([], 1, primary_known=True, can_be_zero=False).status == "small_known"
    assert one([], 1, primary_known=True).status == "protected"
    assert np.isinf(one([], 1).high)


def test_integer_bounds_are_tighter_than_linear_ones():
    # Three pairs that each sum to 7 would need 3.5 each: x + y = 7, y + z = 7, x + z <= 6.5 as published.
    statements = [exact([0, 1], 7), exact([1, 2], 7), auditing.Statement((0, 2), 0, 6.5)]
    found = one(statements, 3)
    assert (found.low, found.high) == (0, 3)  # linear: 3.25


def test_contradicting_figures_are_said():
    with pytest.raises(DisclosureError, match="contradict each other"):
        one([exact([0], 3), exact([0], 4)], 1)
    with pytest.raises(DisclosureError, match="expected nearest or random"):
        rounded([0], 5, 5, "up")


def test_shared_cases_come_out_as_expected(shared):
    lines = (shared / "cases" / "disclosure.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        case = json.loads(line)
        statements, targets = read_published(case)
        found = audit(len(case["atoms"]), statements, targets, case["truth"]).set_index("name")
        for status in ("recovered", "small_known", "narrow", "protected"):
            names = found.index[found["status"] == status].tolist()
            assert sorted(names) == sorted(case["expected"][status]), (case["id"], status)
        for name, (low, high) in case["expected"]["intervals"].items():
            expected = [low, np.inf if high is None else high]
            assert found.loc[name, ["low", "high"]].tolist() == pytest.approx(expected, abs=WHOLE), case["id"]


def read_published(case):
    kinds = {"count": exact, "rounded": rounded, "rate": rate}
    statements, targets = [], []
    for entry in case["published"]:
        kind, args = entry["kind"], entry["args"]
        if kind in kinds:
            statements.append(kinds[kind](*args))
        else:
            targets.append(
                Target(
                    args[0],
                    tuple(args[1]),
                    entry.get("k", case["k"]),
                    entry.get("primary_known", False),
                    entry.get("zero_suppressed", True),
                )
            )
    return statements, targets
