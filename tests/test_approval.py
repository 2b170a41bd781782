"""Approval: by role and day, of a content hash, of a page only when all it rests on is approved."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from disclosure_tables import row

from sosrake_lib import protect
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import approval, ledger
from sosrake_lib.protect.approval import Approval

ROLE = "tietosuojavastaava"


def make(count, name="koe", **other):
    frame = pd.DataFrame([row("E01", count=count)])
    return protect.release({"osa": protect.part(frame, "vakio")}, name=name, **other).id


def test_approval_has_a_role_and_a_day_and_belongs_to_the_content(home):
    first = make(20)
    assert approval.approvals() == {}
    assert approval.approve([first], f"  {ROLE} ") == (first,)
    (found,) = approval.approvals().values()
    assert found.role == ROLE
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found.approved_on)
    changed = make(21, corrects="kirjausvirhe")
    assert changed not in approval.approvals()
    assert approval.approval_of([first, changed]) is None


@pytest.mark.parametrize(
    "role",
    [
        *(
            "Matti Virtanen",
            "tietosuojavastaava Korhonen",
            "matti.virtanen@esimerkki.fi",
            "Satu Mäkinen, johtaja",
        ),
        *("johtaja " + "040" + " 123 4567", "virtanen(at)esimerkki.fi", "johtaja 010190-999Y"),
    ],
)
def test_role_is_a_title_and_names_nobody(home, role):
    release = make(20)
    with pytest.raises(DisclosureError, match="only a title will do") as refused:
        approval.approve([release], role)
    assert not any(word in str(refused.value) for word in role.split() if word != "johtaja")
    assert approval.approvals() == {}


@pytest.mark.parametrize("role", ["", "   ", "a" * 81])
def test_role_is_there_and_short(home, role):
    with pytest.raises(DisclosureError, match="missing or too long"):
        approval.approve([make(20)], role)


@pytest.mark.parametrize(
    "role",
    [
        *("johtava sosiaalityöntekijä", "kehittämispäällikkö", "Data protection officer", "tutkimusjohtaja"),
        *("hyvinvointialueen viestintäpäällikkö", "sosiaalijohtaja", "ylijohtaja", "Director of services"),
    ],
)
def test_titles_are_taken(home, role):
    assert approval.checked_role(role) == role


def test_all_or_none_of_the_releases_are_approved(home):
    release = make(20)
    with pytest.raises(DisclosureError, match="is not in the memory"):
        approval.approve([release, "0" * 16], ROLE)
    assert approval.approvals() == {}


def test_page_is_approved_when_all_it_rests_on_is():
    known = {"a": Approval("johtaja", "2026-03-05"), "b": Approval(ROLE, "2026-02-01")}
    assert approval.approval_of(["a"], known) == known["a"]
    assert approval.approval_of(["a", "b", "a"], known) == Approval(f"{ROLE}, johtaja", "2026-03-05")
    assert approval.approval_of(["a", "c"], known) is None
    assert approval.approval_of([], known) is None  # what rests on nothing was approved by nobody


def test_taken_back_is_a_draft_again_and_the_record_of_both_stays(home):
    release = make(20)
    assert approval.take_back([release], ROLE) == ()  # it was no more than a draft
    approval.approve([release], ROLE)
    approval.approve([release], "johtaja")
    assert approval.approvals()[release].role == "johtaja"
    assert approval.take_back([release], ROLE) == (release,)
    assert approval.approvals() == {}
    with ledger.opened(write=False) as book:
        states = [row[0] for row in book.rows("approvals", "state")]
    assert states == ["hyväksytty", "hyväksytty", "luonnos"]


def test_release_of_the_samples_is_found_in_their_own_ledger(home):
    own, samples = ledger.homes()
    release = make(20, home=samples)
    approval.approve([release], ROLE)
    assert set(approval.approvals()) == {release}
    assert not ledger.ledger_path(own).exists()


def test_withdrawn_release_cannot_be_approved_and_its_approval_ends(home):
    from sosrake_lib.protect.ledger_withdrawal import withdraw

    release = make(20)
    approval.approve([release], ROLE)
    withdraw(release, "virhe lähteessä")
    assert approval.approvals() == {}
    with pytest.raises(DisclosureError, match="cannot be approved"):
        approval.approve([release], "johtaja")
