"""Withdrawals: a release that is no longer built, published or exported, and why.

A withdrawal takes nothing back from a reader: every figure stays in the union that later releases are audited
against. It only ends the house's own use of the release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say
from sosrake_lib.protect import ledger
from sosrake_lib.protect.ledger_persons import refuse_person


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawn release: its id, why, and on which day."""

    release: str
    reason: str
    day: str


def withdraw(release: str, reason: str, *, home: Path | None = None, language: str = "en") -> bool:
    """Withdraw a release; give False when it had been withdrawn before.

    Raises
    ------
    DisclosureError when the release is in no ledger, or the reason is empty or names a person.
    """
    plain = " ".join(reason.split())
    if not plain:
        raise DisclosureError(say("ledger.reason.empty", language))
    refuse_person(plain, "ledger.reason.person", language)
    found = new = False
    for folder in ledger.homes(home):
        if not ledger.ledger_path(folder).exists():
            continue
        with ledger.opened(folder) as book:
            if not book.rows("releases", "id", "WHERE id = ?", release):
                continue
            found = True
            if not book.rows("withdrawals", "release", "WHERE release = ?", release):
                new = True
                book.name_entry("withdrawal", release)
                book.add("withdrawals", release, plain, ledger.today())
    if not found:
        raise DisclosureError(say("ledger.unknown", language, release=release))
    return new


def withdrawals(home: Path | None = None) -> dict[str, Withdrawal]:
    """Give every withdrawn release of both ledgers."""
    found: dict[str, Withdrawal] = {}
    for folder in ledger.homes(home):
        with ledger.opened(folder, write=False) as book:
            rows = book.rows("withdrawals", "release, reason, day")
        found |= {release: Withdrawal(release, reason, day) for release, reason, day in rows}
    return found


def refuse_withdrawn(releases: Iterable[str], *, home: Path | None = None, language: str = "en") -> None:
    """Refuse to use a release that has been withdrawn, saying when and why.

    Raises
    ------
    DisclosureError naming the first such release.
    """
    gone = withdrawals(home)
    for release in releases:
        if release in gone:
            one = gone[release]
            raise DisclosureError(
                say("ledger.withdrawn_use", language, release=release, day=one.day, reason=one.reason)
            )
