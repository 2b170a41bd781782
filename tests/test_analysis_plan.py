"""Analysis plans: written, locked, refused when changed, and held against what was done."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.batch import analysis_plans as files
from sosrake_lib.effects import Design, paired_change
from sosrake_lib.effects.analysis_plan import (
    AnalysisPlan,
    Done,
    LockedPlan,
    departures,
    done_by,
    fingerprint,
    lock,
)
from sosrake_lib.effects.analysis_plan_text import read_text, write_text
from sosrake_lib.errors import SosrakeError

DAY = date(2026, 1, 15)


def a_plan(**changes) -> AnalysisPlan:
    given = {
        "title": "Ryhmätoiminta ja yksinäisyys",
        "question": "Muuttuiko yksinäisyys?",
        "design": Design(2, 2, "chosen"),
        "primary": ("yksinäisyys",),
        "secondary": ("elämänlaatu",),
        "estimator": "did_two_by_two",
        "options": {"standard_error": "cr2", "draws": 999, "trend": False},
        "subgroups": ("sukupuoli",),
    }
    return AnalysisPlan(**{**given, **changes})


@given(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
    st.dictionaries(
        st.text(max_size=8),
        st.one_of(
            st.text(),
            st.booleans(),
            st.integers(-(2**60), 2**60),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
    ),
    st.lists(st.text(), max_size=3),
)
@settings(max_examples=50, deadline=None)
def test_text_gives_the_plan_back(title, options, subgroups):
    plan = a_plan(title=title, options=options, subgroups=subgroups)
    assert read_text(write_text(plan)) == plan
    locked = lock(plan, DAY)
    assert read_text(write_text(locked)) == locked


def test_a_person_can_read_and_write_the_file():
    text = write_text(lock(a_plan(), DAY))
    assert 'title = "Ryhmätoiminta ja yksinäisyys"' in text and "[design]" in text
    assert '"locked_on" = "2026-01-15"' in text
    fields = ('title = "T"', 'question = "Q"', 'primary = ["a"]', 'estimator = "paired_t"')
    by_hand = "\n".join([*fields, "[design]", "groups = 1", "times = 2"])
    plan = read_text(by_hand)
    assert isinstance(plan, AnalysisPlan) and plan.confidence == 0.95 and plan.secondary == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("yksinäisyys", "elämänilo"),
        ("2026-01-15", "2026-01-14"),
        ("0.95", "0.9"),
        ("cr2", "hc1"),
        ("did_two_by_two", "matching"),
        ('"groups" = 2', '"groups" = 3'),
    ],
)
def test_a_changed_locked_plan_is_refused(old, new):
    text = write_text(lock(a_plan(), DAY))
    assert old in text
    with pytest.raises(SosrakeError, match="changed after it was locked on 2026-01-1"):
        read_text(text.replace(old, new))


def test_layout_is_not_content():
    text = write_text(lock(a_plan(), DAY))
    assert read_text("# a remark\n" + text.replace(" = ", "=")) == lock(a_plan(), DAY)


def test_locking_anew_shows_when_the_hash_was_noted():
    first = lock(a_plan(), DAY)
    again = lock(a_plan(estimator="matching"), DAY)
    assert isinstance(read_text(write_text(again)), LockedPlan)
    with pytest.raises(SosrakeError, match="changed after it was locked"):
        read_text(write_text(again), expected_hash=first.hash)
    with pytest.raises(SosrakeError, match="its lock is gone"):
        read_text(write_text(a_plan()), expected_hash=first.hash)


def test_fingerprint_depends_on_plan_and_day():
    assert fingerprint(a_plan(), DAY) == fingerprint(a_plan(), DAY)
    assert (
        len(
            {
                fingerprint(a_plan(), DAY),
                fingerprint(a_plan(), date(2026, 1, 16)),
                fingerprint(a_plan(title="x"), DAY),
            }
        )
        == 3
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": " "}, "title is empty"),
        ({"primary": ()}, "no primary outcome"),
        ({"secondary": ("yksinäisyys",)}, "outcome 'yksinäisyys' stands twice"),
        ({"confidence": 95}, "confidence 95"),
        ({"options": {"draws": [1]}}, "option 'draws' is"),
        ({"options": {"draws": float("nan")}}, "option 'draws' is nan"),
    ],
)
def test_a_poor_plan_is_refused(changes, message):
    with pytest.raises(SosrakeError, match=message):
        a_plan(**changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "not TOML"),
        ('title = "T"\n', "field 'question' is missing"),
        (write_text(a_plan()) + "[wishes]\n", "field 'wishes' is unknown"),
        (
            write_text(a_plan()).replace('["sukupuoli"]', '"sukupuoli"'),
            "subgroups is 'sukupuoli'; expected a list",
        ),
        (write_text(a_plan()).replace('"times" = 2', '"year" = 2'), "expected groups, times and assignment"),
        (write_text(a_plan()) + "[lock]\n", "its lock is not readable"),
    ],
)
def test_a_poor_file_is_refused(text, message):
    with pytest.raises(SosrakeError, match=message):
        read_text(text)


# --- Departures
# -----------------------------------------------------------------------------------------------


def test_doing_as_planned_is_no_departure():
    plan = a_plan()
    done = Done(
        plan.primary,
        plan.secondary,
        plan.estimator,
        plan.subgroups,
        plan.options,
        plan.confidence,
        plan.design,
        DAY,
    )
    found = departures(lock(plan, DAY), done)
    assert found.empty and list(found.columns) == ["aspect", "kind", "planned", "done"]


def test_every_departure_is_listed():
    done = Done(
        primary=("elämänlaatu",),
        secondary=("yksinäisyys", "terveys"),
        estimator="matching",
        subgroups=(),
        options={"standard_error": "hc1", "draws": 999, "caliper": 0.2},
        confidence=0.9,
        design=Design(1, 2),
        opened_on=date(2026, 1, 1),
    )
    found = departures(lock(a_plan(), DAY), done)
    rows = {tuple(row) for row in found.itertuples(index=False)}
    assert rows == {
        ("lock", "opened_before_lock", "2026-01-15", "2026-01-01"),
        ("design", "changed", "2 group(s), 2 time(s), chosen", "1 group(s), 2 time(s), none"),
        ("primary", "dropped", "yksinäisyys", ""),
        ("primary", "added", "", "elämänlaatu"),
        ("secondary", "dropped", "elämänlaatu", ""),
        ("secondary", "added", "", "yksinäisyys"),
        ("secondary", "added", "", "terveys"),
        ("estimator", "changed", "did_two_by_two", "matching"),
        ("confidence", "changed", "0.95", "0.9"),
        ("options.standard_error", "changed", "cr2", "hc1"),
        ("options.trend", "dropped", "False", ""),
        ("options.caliper", "added", "", "0.2"),
        ("subgroups", "dropped", "sukupuoli", ""),
    }


def test_a_plan_never_locked_is_a_departure():
    assert departures(a_plan(), Done()).to_dict("records") == [
        {"aspect": "lock", "kind": "not_locked", "planned": "", "done": ""}
    ]


def test_what_was_done_is_read_from_the_effects():
    effect = paired_change([18, 22, 15, 25], [14, 20, 15, 18], unit="points")
    plan = a_plan(design=Design(1, 2), primary=("a",), secondary=(), estimator="paired_t")
    done = done_by({"a": effect, "b": effect}, primary=["a"], opened_on=DAY)
    found = departures(lock(plan, DAY), done)
    assert found.to_dict("records") == [{"aspect": "secondary", "kind": "added", "planned": "", "done": "b"}]
    with pytest.raises(SosrakeError, match="primary outcome 'c' has no effect"):
        done_by({"a": effect}, primary=["c"])
    with pytest.raises(SosrakeError, match="no effect is given"):
        done_by({})


# --- Files
# ----------------------------------------------------------------------------------------------------


def test_outcomes_open_only_behind_a_lock(tmp_path):
    path = tmp_path / "suunnitelma.toml"
    opened = []

    def load():
        opened.append(1)
        return pd.DataFrame({"a": [1]})

    files.save_plan(a_plan(), path)
    with pytest.raises(SosrakeError, match="it is not locked; lock it before the outcomes are opened"):
        files.open_outcomes(path, load, DAY)
    assert not opened and files.opened_on(path) is None
    locked = files.lock_plan(path, DAY)
    assert files.open_plan(path) == locked
    assert len(files.open_outcomes(path, load, date(2026, 2, 1))) == 1
    files.open_outcomes(path, load, date(2026, 3, 1))
    assert files.opened_on(path) == date(2026, 2, 1) and len(opened) == 2


def test_a_locked_file_cannot_be_changed_unlocked_or_locked_anew(tmp_path):
    path = tmp_path / "suunnitelma.toml"
    files.save_plan(a_plan(), path)
    files.save_plan(a_plan(title="Toinen"), path)
    files.lock_plan(path, DAY)
    for call in (lambda: files.save_plan(a_plan(), path), lambda: files.lock_plan(path, DAY)):
        with pytest.raises(SosrakeError, match="it is locked"):
            call()
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("did_two_by_two", "matching"), encoding="utf-8")
    with pytest.raises(SosrakeError, match="changed after it was locked"):
        files.open_plan(path)
    path.write_text(write_text(a_plan()), encoding="utf-8")
    with pytest.raises(SosrakeError, match="its lock is gone"):
        files.open_plan(path)
    path.write_text(write_text(lock(a_plan(estimator="matching"), DAY)), encoding="utf-8")
    with pytest.raises(SosrakeError, match="changed after it was locked"):
        files.open_outcomes(path, lambda: 1, DAY)
    path.write_text(whole, encoding="utf-8")
    assert isinstance(files.open_plan(path), LockedPlan)


def test_a_lock_that_nobody_noted_is_refused(tmp_path):
    path = tmp_path / "suunnitelma.toml"
    path.write_text(write_text(lock(a_plan(), DAY)), encoding="utf-8")
    with pytest.raises(SosrakeError, match=r"lukitut\.csv beside it has no such line"):
        files.open_plan(path)
    with pytest.raises(SosrakeError, match="cannot be read"):
        files.open_plan(tmp_path / "puuttuu.toml")
