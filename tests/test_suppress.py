"""Secondary suppression: nothing hidden comes back, no hidden size shows in what is hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import CODES, GROUPS, attack, counts_of, released, row, rules, table

from sosrake_lib import protect
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import ledger
from sosrake_lib.protect.protecting import Hiding, hide, recoverable
from sosrake_lib.protect.suppress import certificate


def hiding(frame, k=5, totals=("region", "group")):
    with ledger.opened(write=False) as book:
        return hide({"osa": protect.part(frame, rules(k), totals)}, book.earlier([]), {})


@pytest.mark.parametrize("k", [3, 5, 10])
@pytest.mark.parametrize("seed", range(6))
def test_reader_recovers_and_narrows_nothing(seed, k):
    found = attack(released(table(counts_of(seed)), k), k)
    assert len(found)
    assert set(found["status"]) == {"protected"}


def test_three_ways_with_sex_leave_nothing_open():
    random = np.random.default_rng(7)
    men = random.poisson(random.gamma(0.8, 9.0, size=(len(CODES), 4))).astype(float)
    women = random.poisson(random.gamma(0.8, 9.0, size=(len(CODES), 4))).astype(float)
    parts = [table(men, sex="male"), table(women, sex="female"), table(men + women, sex="total")]
    chosen = hiding(pd.concat(parts, ignore_index=True), totals=("region", "sex", "group"))
    assert chosen.hidden.sum() > chosen.cells["hide"].sum()
    assert len(recoverable(chosen)) == 0


def caught_mutations(counts):
    """Show one secondary suppression after the other and count how often the audit finds it."""
    chosen = hiding(table(counts))
    added = np.flatnonzero(chosen.hidden & ~chosen.cells["hide"].to_numpy(dtype=bool))
    caught = 0
    for cell in added:
        mutated = chosen.hidden.copy()
        mutated[cell] = False
        caught += bool(len(recoverable(Hiding(**{**vars(chosen), "hidden": mutated}))))
    return caught, len(added)


def test_dropping_any_secondary_suppression_of_a_lone_cell_fails_the_audit():
    counts = np.full((len(CODES), len(GROUPS)), 20.0)
    counts[2, 1] = 2
    assert caught_mutations(counts) == (3, 3)


def test_dropping_a_secondary_suppression_is_caught_in_crowded_tables():
    # Not each: a cell may be hidden because no reader could prove it needless without knowing hidden sizes.
    results = [caught_mutations(counts_of(seed)) for seed in range(3)]
    assert all(caught >= 1 for caught, added in results if added)
    assert sum(caught for caught, _ in results) >= 0.5 * sum(added for _, added in results)


def test_primary_alone_is_not_enough():
    frame = table(counts_of(3))
    chosen = hiding(frame)
    alone = chosen.cells["hide"].to_numpy(dtype=bool)
    assert len(recoverable(Hiding(**{**vars(chosen), "hidden": alone})))


def test_undeclared_sums_that_hold_are_reckoned_with():
    frame = table(counts_of(4))
    assert released(frame, totals=()).equals(released(frame))


def test_shift_between_hidden_cells_changes_nothing():
    """Twins: hidden counts that differ along a margin-preserving shift are released to equal bytes."""
    twins = 0
    for seed in range(4):
        counts = counts_of(seed)
        shown = released(table(counts))
        for other in shifted(counts, shown, seed):
            twins += 1
            again = released(table(other))
            assert again.equals(shown)
            assert not np.array_equal(other, counts)
    assert twins >= 6


def shifted(counts, shown, seed, k=5):
    """Give tables with the same margins where small cells stay small and hidden large ones stay large."""
    marks = shown[
        (shown["status"] == "suppressed") & (shown["group"] != "all") & (shown["region_code"] != "E1")
    ]
    hidden = {
        (CODES.index(code), GROUPS.index(g)) for code, g in zip(marks.region_code, marks.group, strict=True)
    }
    random = np.random.default_rng(seed)
    found = []
    for _ in range(400):
        (a, b), (c, d) = random.choice(len(CODES), 2, False), random.choice(len(GROUPS), 2, False)
        if not {(a, c), (a, d), (b, c), (b, d)} <= hidden:
            continue
        other = counts.copy()
        step = random.integers(1, 4)
        other[[a, b], [c, d]] += step
        other[[a, b], [d, c]] -= step
        if len(found) < 2 and kinds(other, k) == kinds(counts, k) and (other >= 0).all():
            found.append(other)
    return found


def kinds(counts, k):
    return (np.sign(counts) + (counts >= k)).tolist()


def test_lone_hidden_municipality_takes_its_total_along():
    frame = pd.DataFrame(
        [row("E01", count=3), row("E1", count=3)] + [row(code, count=0) for code in CODES[1:]]
    )
    shown = released(frame, totals=("region",)).set_index("region_code")["status"]
    assert shown["E01"] == "suppressed"
    assert (shown == "suppressed").sum() >= 2


def test_area_minus_its_listed_municipalities_is_protected():
    listed = [row(code, count=20) for code in CODES[:-1]]
    total = row("E1", count=20 * len(listed) + 3)  # the unlisted municipality has three
    shown = released(pd.DataFrame([*listed, total]), totals=("region",))
    assert (shown["status"] == "suppressed").any()


def test_linked_parts_are_protected_together():
    counts = counts_of(2)
    by_group = table(counts)
    sexes = [
        row(code, count=c, sex=s)
        for code, c in zip(CODES, counts.sum(axis=1), strict=True)
        for s in ["total"]
    ]
    men = [one | {"sex": "male", "value": m, "numerator": m} for one in sexes for m in [one["value"] // 3]]
    women = [
        one
        | {"sex": "female", "value": one["value"] - man["value"], "numerator": one["value"] - man["value"]}
        for one, man in zip(sexes, men, strict=True)
    ]
    parts = {
        "palvelut": protect.part(by_group, rules(), ("region", "group")),
        "sukupuoli": protect.part(pd.DataFrame([*sexes, *men, *women]), rules(), ("sex",)),
    }
    made = protect.release(parts, name="koe", preview=True)
    one = protect.protected_frame(made.select("palvelut", group="all")).set_index("region_code")["status"]
    two = protect.protected_frame(made.select("sukupuoli", sex="total")).set_index("region_code")["status"]
    assert one[list(CODES)].tolist() == two[list(CODES)].tolist()


def test_distribution_without_a_total_row_counts_its_denominator():
    answers = pd.DataFrame(
        row("E1", group, count, denominator=64.0, per=100.0, indicator="osaaminen")
        for group, count in zip("12345", (2, 12, 20, 18, 12), strict=True)
    )
    assert (released(answers, totals=())["status"] == "suppressed").sum() >= 2


def test_points_of_a_scale_are_reckoned_against_those_who_answered():
    answers = pd.DataFrame(
        row(
            "E1",
            count=count,
            denominator=64.0,
            per=100.0,
            indicator=f"verkostot.{point}",
            item="verkostot",
            point=point,
        )
        for point, count in zip((1, 2, 3, 4, 5), (2, 12, 20, 18, 12), strict=True)
    )
    shown = released(answers, totals=())
    assert (shown["status"] == "suppressed").sum() >= 2
    assert shown["point"].tolist() == [1, 2, 3, 4, 5]


def test_declared_total_that_is_not_the_sum_is_refused_without_its_value():
    frame = table(counts_of(1))
    frame.loc[frame.index[-1], ["value", "numerator"]] += 7
    with pytest.raises(DisclosureError, match="is not the sum of its parts") as caught:
        released(frame)
    assert str(int(frame["value"].iloc[-1])) not in str(caught.value).replace("2024", "").replace("2026", "")


def test_certificate_keeps_sums_and_signs():
    from scipy import sparse

    matrix = sparse.csr_array(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]))
    low, high = np.array([0.0, -1, -1, -1]), np.ones(4)
    assert certificate(matrix, low, high, np.ones(4), 0).tolist() == [1, -1, -1, 1]
    assert certificate(matrix, np.array([0.0, 0, -1, -1]), high, np.ones(4), 0) is None
