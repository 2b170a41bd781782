"""Approval: who, by role, has said that a release may be published, and on which day.

A release is a draft (luonnos) until it is approved (hyväksytty). An approval belongs to the release's
content hash: figures that change have another hash and are a draft again. It stands in the ledger in which
the release does, with a role and a day and never with a person's name. A page is approved when every
release it rests on is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say
from sosrake_lib.protect import ledger
from sosrake_lib.protect.ledger_persons import refuse_person

APPROVED, DRAFT = "hyväksytty", "luonnos"
LONGEST_ROLE = 80


@dataclass(frozen=True, slots=True)
class Approval:
    """What is known of an approval; a page without one is a draft and says so in every format.

    Attributes
    ----------
    role : the approver's role ("tietosuojavastaava"), never a person's name.
    approved_on : the day, `YYYY-MM-DD`.
    """

    role: str
    approved_on: str


def approve(
    releases: Iterable[str], role: str, *, home: Path | None = None, language: str = "en"
) -> tuple[str, ...]:
    """Approve releases, all or none of them; give those that were drafts until now.

    Parameters
    ----------
    releases : release ids that have left the house (`sosrake ledger list`).
    role : the approver's role in the organisation.
    home : folder of the ledgers; the samples' own is looked into too.

    Raises
    ------
    DisclosureError when a release is not in the ledger or has been withdrawn, or the role names a person.
    """
    return _enter(releases, APPROVED, role, home, language)


def take_back(
    releases: Iterable[str], role: str, *, home: Path | None = None, language: str = "en"
) -> tuple[str, ...]:
    """Make approved releases drafts again; the approval and its end both stay on record."""
    return _enter(releases, DRAFT, role, home, language)


def approvals(home: Path | None = None) -> dict[str, Approval]:
    """Give the approval of every release that is approved now and has not been withdrawn."""
    found: dict[str, Approval] = {}
    for folder in ledger.homes(home):
        with ledger.opened(folder, write=False) as book:
            newest = _newest(book)
            gone = {row[0] for row in book.rows("withdrawals", "release")}
        found |= {
            release: Approval(role, day)
            for release, (state, role, day) in newest.items()
            if state == APPROVED and release not in gone
        }
    return found


def approval_of(releases: Iterable[str], known: Mapping[str, Approval] | None = None) -> Approval | None:
    """Give the approval of what rests on all these releases: None unless every one is approved.

    Parameters
    ----------
    releases : ids of one page or file; without any there is nothing that was approved.
    known : what `approvals` gave; left out, it is read from the ledgers.

    Returns
    -------
    Approval with the newest day, and the roles when there were several, in the order of their days.
    """
    known = approvals() if known is None else known
    wanted = list(dict.fromkeys(releases))
    if not wanted or any(release not in known for release in wanted):
        return None
    found = sorted((known[release] for release in wanted), key=lambda one: (one.approved_on, one.role))
    return Approval(", ".join(dict.fromkeys(one.role for one in found)), found[-1].approved_on)


def checked_role(role: str, language: str = "en") -> str:
    """Give the role with single spaces; refuse an empty or long one, and one in which a person is named."""
    plain = " ".join(role.split())
    if not plain or len(plain) > LONGEST_ROLE:
        raise DisclosureError(say("ledger.role.length", language, most=LONGEST_ROLE))
    refuse_person(plain, "ledger.role.person", language)
    return plain


def _enter(
    releases: Iterable[str], state: str, role: str, home: Path | None, language: str
) -> tuple[str, ...]:
    wanted, role = list(dict.fromkeys(releases)), checked_role(role, language)
    places = {folder: _standing(wanted, folder) for folder in ledger.homes(home)}
    unknown = [one for one in wanted if not any(one in standing for standing in places.values())]
    if unknown:
        raise DisclosureError(say("ledger.unknown", language, release=unknown[0]))
    for standing in places.values():
        for release, withdrawn in standing.items():
            if withdrawn and state == APPROVED:
                raise DisclosureError(say("ledger.withdrawn_approval", language, release=release))
    changed: list[str] = []
    for folder, standing in places.items():
        if standing:
            changed += _write(folder, list(standing), state, role)
    return tuple(dict.fromkeys(changed))


def _standing(wanted: list[str], folder: Path) -> dict[str, bool]:
    """Find which of the releases stand in a ledger, and whether they have been withdrawn."""
    with ledger.opened(folder, write=False) as book:
        there = {row[0] for row in book.rows("releases", "id")}
        gone = {row[0] for row in book.rows("withdrawals", "release")}
    return {release: release in gone for release in wanted if release in there}


def _write(folder: Path, releases: list[str], state: str, role: str) -> list[str]:
    with ledger.opened(folder) as book:
        newest = _newest(book)
        changed = [one for one in releases if _changes(newest.get(one), state, role)]
        for release in changed:
            book.add("approvals", release, state, role, ledger.today())
        book.name_entry("approval" if state == APPROVED else "approval taken back", " ".join(changed))
    return changed


def _changes(then: tuple[str, str, str] | None, state: str, role: str) -> bool:
    """Say whether a line is new: the same approval by the same role is not, one by another role is."""
    if then is None:
        return state == APPROVED
    return then[0] != state or (state == APPROVED and then[1] != role)


def _newest(book: ledger.Ledger) -> dict[str, tuple[str, str, str]]:
    rows = book.rows("approvals", "release, state, role, day", "ORDER BY rowid")
    return {release: (state, role, day) for release, state, role, day in rows}
