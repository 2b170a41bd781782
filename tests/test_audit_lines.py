"""The audit on lines of JSON: every kind of statement against counting out all possible tables."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.audit_lines import STATUSES, audit_line

MOST = 6


def holds(statement, counts):
    kind, args = statement["kind"], statement["args"]
    if kind in ("suppressed", "target"):
        total = sum(counts[cell] for cell in args[1])
        known = statement.get("primary_known", False)
        low = 0 if statement.get("zero_suppressed", True) else 1
        return not known or low <= total <= statement["k"] - 1
    total = sum(counts[cell] for cell in args[0])
    if kind == "count":
        return total == args[1]
    if kind == "rounded":
        mode = args[3] if len(args) > 3 else "nearest"
        return abs(total - args[1]) <= (args[2] / 2 if mode == "nearest" else args[2] - 1)
    if kind == "rate":
        return abs(total / args[2] * args[3] - args[1]) <= 0.5 * 10.0 ** -args[4] + 1e-9
    return total >= sum(counts[cell] for cell in args[1]) + args[2]


def counted_out(case):
    """Give the interval of each hidden cell by trying every table of counts up to MOST."""
    size = len(case["atoms"])
    fits = [
        counts
        for counts in itertools.product(range(MOST + 1), repeat=size)
        if all(holds({"k": case["k"], **statement}, counts) for statement in case["published"])
    ]
    found = {}
    for statement in case["published"]:
        if statement["kind"] in ("suppressed", "target"):
            name, cells = statement["args"]
            sums = [sum(counts[cell] for cell in cells) for counts in fits]
            found[name] = [float(min(sums)), float(max(sums))]
    return found


@st.composite
def small_cases(draw):
    size = draw(st.integers(2, 4))
    truth = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    some = st.lists(st.integers(0, size - 1), min_size=1, max_size=size, unique=True)
    # The total is always told, so that no interval reaches past what is counted out.
    published = [{"kind": "count", "args": [list(range(size)), min(sum(truth), MOST)]}]
    if sum(truth) > MOST:
        truth = [1] * size
        published = [{"kind": "count", "args": [list(range(size)), size]}]
    for _ in range(draw(st.integers(0, 2))):
        cells = draw(some)
        total = sum(truth[cell] for cell in cells)
        kind = draw(st.sampled_from(["count", "rounded", "random", "rate", "order"]))
        if kind == "count":
            published.append({"kind": "count", "args": [cells, total]})
        elif kind == "rounded":
            published.append({"kind": "rounded", "args": [cells, round(total / 5) * 5, 5]})
        elif kind == "random":
            published.append({"kind": "rounded", "args": [cells, total // 3 * 3, 3, "random"]})
        elif kind == "rate":
            told = round(total / 90 * 1000, 1)
            published.append({"kind": "rate", "args": [cells, told, 90, 1000, 1]})
        else:
            others = draw(some)
            low = total - sum(truth[cell] for cell in others)
            published.append({"kind": "order", "args": [cells, others, low]})
    for cell in range(size):
        mark = {"kind": "suppressed", "args": [f"c{cell}", [cell]]}
        if truth[cell] in (1, 2, 3, 4) and draw(st.booleans()):
            mark |= {"primary_known": True, "zero_suppressed": draw(st.booleans())}
        published.append(mark)
    return {"id": "drawn", "atoms": [f"c{n}" for n in range(size)], "k": 5, "published": published}


@settings(max_examples=50, deadline=None)
@given(small_cases())
def test_intervals_are_those_of_counting_out_every_table(case):
    assert audit_line(case)["intervals"] == counted_out(case)


def case(*published, atoms=2, k=5, **more):
    return {"id": "x", "atoms": [f"a{n}" for n in range(atoms)], "k": k, "published": list(published), **more}


SUPPRESSED = {"kind": "suppressed", "args": ["a0", [0]]}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([{"kind": "count", "args": [[0, 1], 20]}, {"kind": "count", "args": [[1], 17]}], "recovered"),
        ([{"kind": "rounded", "args": [[0], 5, 3]}], "narrow"),
        ([{"kind": "count", "args": [[0, 1], 20]}], "protected"),
    ],
)
def test_the_status_follows_the_interval(told, status):
    found = audit_line(case(*told, SUPPRESSED))
    assert found[status] == ["a0"]
    assert sum(len(found[name]) for name in STATUSES) == 1


def test_a_reader_who_knows_the_rule_knows_a_small_count():
    known = {**SUPPRESSED, "primary_known": True, "zero_suppressed": False}
    found = audit_line(case(known))
    assert found["small_known"] == ["a0"]
    assert found["intervals"] == {"a0": [1.0, 4.0]}


def test_without_any_total_the_upper_end_is_open():
    assert audit_line(case(SUPPRESSED))["intervals"] == {"a0": [0.0, None]}


def test_a_cell_that_was_never_few_is_protected_unless_it_comes_back_exactly():
    told = [{"kind": "rounded", "args": [[0], 10, 3]}, SUPPRESSED]
    assert audit_line(case(*told))["narrow"] == ["a0"]
    assert audit_line(case(*told, truth=[9, 4]))["protected"] == ["a0"]
    exact = [{"kind": "count", "args": [[0, 1], 20]}, {"kind": "count", "args": [[1], 11]}, SUPPRESSED]
    assert audit_line(case(*exact, truth=[9, 11]))["recovered"] == ["a0"]


def test_a_rank_tells_as_much_as_a_count():
    """Three areas with 9 clients in all, the largest leads each by at least 4: the others have few."""
    told = [
        {"kind": "count", "args": [[0, 1, 2], 9]},
        {"kind": "order", "args": [[0], [1], 4]},
        {"kind": "order", "args": [[0], [2], 4]},
        {"kind": "target", "args": ["second", [1]]},
    ]
    assert audit_line(case(*told, atoms=3))["intervals"]["second"] == [0.0, 2.0]


def test_a_cell_absent_at_the_source_is_attacked_like_a_hidden_one():
    told = [{"kind": "count", "args": [[0, 1], 20]}, {"kind": "count", "args": [[0], 18]}]
    assert audit_line(case(*told, {"kind": "target", "args": ["absent", [1]]}))["recovered"] == ["absent"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"id": 1}, "no 'atoms'"),
        (case({"kind": "sum", "args": [[0], 1]}), "statement 1: kind 'sum'"),
        (case({"kind": "count", "args": [[0]]}), r"statement 1 \(count\): expected 2 to 2 args"),
        (case({"kind": "count", "args": [[7], 1]}), r"cells \[7\]; expected numbers from 0 to 1"),
        (case({"kind": "count", "args": [[], 1]}), r"cells \[\]"),
        (case({"kind": "count", "args": [[0], float("nan")]}), "something that is no number"),
        (case({"kind": "rounded", "args": [[0], 5, 0]}), "base 0"),
        (case({"kind": "rounded", "args": [[0], 5, 5, "up"]}), "mode 'up'"),
        (case(SUPPRESSED, truth=[1]), "truth has 1 counts for 2 atoms"),
        (
            case({"kind": "count", "args": [[0], 3]}, {"kind": "count", "args": [[0], 4]}, SUPPRESSED),
            "contradict each other",
        ),
    ],
)
def test_a_line_of_another_form_is_refused_in_words(line, message):
    with pytest.raises(DisclosureError, match=message):
        audit_line(line)


def test_the_answer_is_plain_json():
    found = json.loads(json.dumps(audit_line(case({"kind": "count", "args": [[0, 1], 3]}, SUPPRESSED))))
    assert list(found) == ["id", *STATUSES, "intervals"]
    assert np.isfinite(found["intervals"]["a0"]).all()
