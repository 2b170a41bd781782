"""Rules of sums, rounding, the least to hide and rows of persons; by the ESSNet handbook and by hand."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import DisclosureError, FrameError
from sosrake_lib.protect import exhaustive, magnitude, microdata, rounding

parts = st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(lambda found: sum(found) > 0)
tables = st.integers(2, 3).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 30), min_size=columns, max_size=columns), min_size=2, max_size=3
    )
)


@settings(max_examples=50)
@given(parts, st.integers(1, 3), st.sampled_from([60, 75, 90]))
def test_dominance_is_the_share_of_the_largest(found, largest, share):
    top = sum(sorted(found, reverse=True)[:largest])
    assert magnitude.dominant(found, largest, share) == (100 * top > share * sum(found))


@settings(max_examples=50)
@given(parts, st.sampled_from([5, 10, 50]))
def test_the_protection_level_is_what_the_rule_lacks(found, percent):
    lacking = magnitude.upper_protection(found, percent)
    assert (lacking > 1e-9) == magnitude.too_well_estimated(found, percent)
    assert magnitude.estimate_of_largest(found) >= max(found)


def test_the_rule_of_p_per_cent_and_its_share_undo_each_other():
    assert magnitude.percent_for_share(magnitude.share_for_percent(12.5)) == pytest.approx(12.5, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: magnitude.dominant([], 1, 90), "no contributions"),
        (lambda: magnitude.dominant([3, -1], 1, 90), "contribution 2 is negative"),
        (lambda: magnitude.MagnitudeRules(largest=2), "needs both"),
        (lambda: magnitude.MagnitudeRules(largest=2, share=120), "expected at least 1 and 0-100"),
        (lambda: magnitude.MagnitudeRules(percent=0), "percent 0"),
        (lambda: rounding.conventional([1], 1), "base 1"),
        (lambda: rounding.conventional([1.5], 5), "not whole"),
        (lambda: rounding.controlled([1, 2], 5), "expected rows and columns"),
        (lambda: exhaustive.least_hidden(np.zeros((6, 6)), np.zeros((6, 6))), "at most 30 cells"),
        (lambda: exhaustive.hidden_at((2, 2), [[4, 1]]), r"\(4, 1\) is outside"),
        (lambda: exhaustive.feasible([[1, 2]], [[True]]), "hidden cells of shape"),
        (lambda: exhaustive.least_hidden([[1, 9]], [[True, False]]), "no choice of cells"),
        (lambda: microdata.summary(pd.DataFrame({"a": [1]}), ["a"], minimum=1), "minimum 1"),
    ],
)
def test_wrong_use_is_refused_in_words(call, message):
    with pytest.raises(DisclosureError, match=message):
        call()


@settings(max_examples=30, deadline=None)
@given(tables, st.sampled_from([3, 5, 10]))
def test_controlled_rounding_adds_up_and_stays_near(table, base):
    found = rounding.controlled(table, base)
    assert rounding.acceptable(table, found.table, base)
    # No choice of neighbouring multiples is nearer than each cell's own nearest one.
    apart = np.abs(
        rounding.conventional(found.table * 0 + rounding.with_margins(np.array(table)), base)
        - rounding.with_margins(np.array(table))
    ).sum()
    assert found.changed >= apart - 1e-9


def test_a_table_that_does_not_add_up_is_no_controlled_rounding():
    assert not rounding.acceptable([[1, 4]], [[0, 5, 10], [0, 5, 10]], 5)
    assert not rounding.acceptable([[1, 4]], [[0, 10, 10], [0, 10, 10]], 5)
    assert rounding.acceptable([[1, 4]], [[0, 5, 5], [0, 5, 5]], 5)


def test_random_rounding_keeps_the_mean():
    drawn = np.array([rounding.random(np.full(200, 7), 5, seed) for seed in range(50)])
    assert set(np.unique(drawn)) == {5, 10}
    # 10 000 draws with deviation 2.45: the mean lies within 4 standard errors of 7.
    assert abs(drawn.mean() - 7) < 4 * 2.45 / 100


def narrowest(table, hidden, primary):
    found = exhaustive.feasible(table, hidden)[:-1, :-1]
    return (found[..., 1] - found[..., 0])[primary].min()


@settings(max_examples=15, deadline=None)
@given(tables)
def test_the_fewest_hidden_cells_are_those_of_trying_every_pattern(table):
    counts = np.array(table)
    primary = exhaustive.primary_between(counts, 1, 2)
    if not primary.any():
        return
    free = np.argwhere(~primary)
    tried = None
    for size in range(len(free) + 1):
        for chosen in combinations(range(len(free)), size):
            hidden = primary.copy()
            hidden[tuple(free[list(chosen)].T)] = True
            if narrowest(counts, hidden, primary) >= 1:
                total = int(counts[hidden & ~primary].sum())
                tried = (size, min(total, tried[1]) if tried else total)
        if tried:
            break
    if tried is None:
        with pytest.raises(DisclosureError, match="no choice of cells"):
            exhaustive.least_hidden(counts, primary)
        return
    found = exhaustive.least_hidden(counts, primary)
    assert (found.extra, found.extra_total) == tried
    assert exhaustive.protects(counts, primary, found.hidden)


def test_a_primary_cell_left_open_is_not_protected():
    table = [[20, 50, 10], [8, 19, 22], [17, 32, 1]]
    primary = exhaustive.primary_between(table, 1, 2)
    assert not exhaustive.protects(table, primary, np.zeros((3, 3), dtype=bool))
    assert not exhaustive.protects(table, primary, primary)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "y", None])), min_size=1, max_size=12))
def test_class_sizes_are_those_of_comparing_every_pair(people):
    rows = pd.DataFrame(people, columns=["one", "two"])
    sizes = microdata.class_sizes(rows, ["one", "two"])["size"]
    for mine, size in zip(people, sizes, strict=True):
        fits = [
            mine[0] == other[0] and (None in (mine[1], other[1]) or mine[1] == other[1]) for other in people
        ]
        assert size == sum(fits)


def test_the_summary_counts_rows_by_their_class():
    rows = pd.DataFrame({"area": list("aaabbc")})
    told = microdata.summary(rows, ["area"], minimum=3)
    assert (told.rows, told.alone, told.in_pairs, told.below_minimum, told.smallest) == (6, 1, 2, 3, 1)
    assert microdata.sample_uniques(rows, ["area"]).tolist() == [False] * 5 + [True]


def test_a_missing_answer_is_no_answer():
    rows = pd.DataFrame({"area": list("aab"), "need": [1, None, None]})
    assert microdata.distinct_diversity(rows, ["area"], "need").tolist() == [1, 1, 0]


def test_an_absent_column_is_named():
    with pytest.raises(FrameError, match="column 'age' is not in the table"):
        microdata.class_sizes(pd.DataFrame({"sex": ["f"]}), ["age"])


def test_rows_in_common_are_counted():
    one = pd.DataFrame({"a": [1, 2, 2], "b": ["x", "y", "y"]})
    assert microdata.rows_in_common(one, one.iloc[1:], ["a", "b"]) == 2
    assert microdata.rows_in_common(one, pd.DataFrame({"a": [9], "b": ["x"]}), ["a", "b"]) == 0
