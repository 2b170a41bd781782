"""The desk: one place for everything that is done with what has been reported, in one person's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import (
    coding,
    feedback,
    followup,
    inbox,
    observations,
    phenomena,
    proposals,
    summaries,
    workshop,
)
from sosrake_lib.register.engine import Register, open_register
from sosrake_lib.register.front import open_front
from sosrake_lib.register.redaction import Redaction, redact
from sosrake_lib.register.screening import Finding, find


@dataclass(frozen=True)
class Desk:
    """What a worker at the desk may do; every change is written to the trail in `user`'s name.

    `user` is a pseudonymous user name of the organisation, never a person's own name: the trail only grows.
    Every changing method takes the version that was seen and raises `StaleVersion` with both versions when
    somebody else was faster. Methods that give a number give the new version unless they say otherwise.
    """

    register: Register
    front: Register
    user: str

    def take_in(self) -> inbox.Drained:
        """Take the forms that have arrived into the register, and show their receipts."""
        drained = inbox.drain(self.register, self.front, user=self.user)
        self.publish()
        return drained

    def waiting(self) -> int:
        """Count the forms that have arrived and not been taken in."""
        return inbox.waiting(self.front)

    def publish(self) -> None:
        """Bring receipts and approved summaries up to date for those who stand before the door."""
        feedback.publish(self.register, self.front)

    def observations(self, state: str | None = None) -> pd.DataFrame:
        """List observations without their words; see `observations.observations`."""
        return observations.observations(self.register, state)

    def read(self, number: int) -> dict[str, Any]:
        """Give one observation whole."""
        return observations.read(self.register, number)

    def findings(self, number: int) -> tuple[Finding, ...]:
        """Say where an observation's words name or seem to name someone."""
        row = self.read(number)
        return find({name: row[name] for name in observations.as_words(row)})

    def add(self, key: str, fields: Mapping[str, str], *, confirmed: bool = False) -> int:
        """Save an observation that came on paper; give its number."""
        return observations.add_observation(self.register, key, fields, user=self.user, confirmed=confirmed)

    def mask(self, number: int, texts: Mapping[str, str], *, version: int) -> int:
        """Save texts from which what names someone has been removed."""
        return observations.mask(self.register, number, texts, expected_version=version, user=self.user)

    def review(self, number: int, *, version: int, confirmed: bool = False) -> int:
        """Mark an observation as read: its words name no one and may be coded."""
        return observations.review(
            self.register, number, expected_version=version, user=self.user, confirmed=confirmed
        )

    def close(self, number: int, *, version: int) -> int:
        """Close an observation that joins no phenomenon."""
        return observations.close(self.register, number, expected_version=version, user=self.user)

    def to_code(self) -> pd.DataFrame:
        """List the reviewed observations this person has yet to code."""
        return coding.to_code(self.register, self.user)

    def code(self, number: int, codes: Mapping[str, str], *, note: str = "", version: int = 0) -> int:
        """Save this person's codes of an observation."""
        return coding.code(self.register, number, codes, coder=self.user, note=note, expected_version=version)

    def pairs(self) -> pd.DataFrame:
        """Give both coders' codes side by side; disagreements are the rows where `agree` is False."""
        return coding.pairs(self.register)

    def settle(self, number: int, codes: Mapping[str, str], *, version: int) -> int:
        """Save what two coders agreed on as the observation's own codes."""
        return coding.settle(self.register, number, codes, expected_version=version, user=self.user)

    def phenomena(self) -> pd.DataFrame:
        """List phenomena with how many observations each has."""
        return phenomena.phenomena(self.register)

    def new_phenomenon(self, key: str, *, name: str, theme: str, confirmed: bool = False, **more: str) -> int:
        """Open a phenomenon; give its number."""
        return phenomena.add_phenomenon(
            self.register, key, name=name, theme=theme, user=self.user, confirmed=confirmed, **more
        )

    def change_phenomenon(
        self, number: int, changes: Mapping[str, str], *, version: int, confirmed: bool = False
    ) -> int:
        """Change what is known of a phenomenon."""
        return phenomena.change_phenomenon(
            self.register, number, changes, expected_version=version, user=self.user, confirmed=confirmed
        )

    def merge(self, phenomenon: int, numbers: Iterable[int]) -> int:
        """Join reviewed observations to a phenomenon; give how many joined."""
        return phenomena.merge(self.register, phenomenon, numbers, user=self.user)

    def separate(self, number: int, *, version: int) -> int:
        """Take an observation out of its phenomenon."""
        return phenomena.separate(self.register, number, expected_version=version, user=self.user)

    def move(self, phenomenon: int, state: str, *, version: int, on: date | None = None) -> int:
        """Move a phenomenon along its life."""
        return phenomena.move(
            self.register, phenomenon, state, expected_version=version, user=self.user, on=on
        )

    def assign(self, key: str, *, phenomenon: int, to: str, task: str, due: date) -> int:
        """Give somebody a task about a phenomenon; give the task's number."""
        return phenomena.assign(
            self.register, key, phenomenon=phenomenon, to=to, task=task, due=due, user=self.user
        )

    def tasks(self, phenomenon: int | None = None) -> pd.DataFrame:
        """List tasks by their due day."""
        return phenomena.tasks(self.register, phenomenon)

    def finish_task(self, number: int, state: str, *, version: int) -> int:
        """Mark a task as `tehty` or `peruttu`."""
        return phenomena.finish_task(self.register, number, state, expected_version=version, user=self.user)

    def propose(self, key: str, **fields: Any) -> int:
        """Record a proposal; see `proposals.add_proposal`. Give its number."""
        return proposals.add_proposal(self.register, key=key, user=self.user, **fields)

    def proposals(self) -> pd.DataFrame:
        """List proposals, oldest first; see `proposals.proposals`."""
        return proposals.proposals(self.register)

    def decisions(self, proposal: int) -> pd.DataFrame:
        """List the decisions a proposal has met, first to last."""
        return proposals.decisions(self.register, proposal)

    def decide(
        self,
        proposal: int,
        *,
        status: str,
        decided_on: date,
        version: int,
        note: str = "",
        confirmed: bool = False,
    ) -> int:
        """Record what was decided on a proposal."""
        return proposals.decide(
            self.register,
            proposal,
            status=status,
            decided_on=decided_on,
            expected_version=version,
            note=note,
            user=self.user,
            confirmed=confirmed,
        )

    def entries(self, kind: str) -> pd.DataFrame:
        """List the follow-up entries of a kind as they stand; see `followup.entries`."""
        return followup.entries(self.register, kind)

    def entry(self, number: int) -> dict[str, Any]:
        """Give one follow-up entry as it stands, and its `kind`."""
        return followup.read_entry(self.register, number)

    def entry_history(self, number: int) -> pd.DataFrame:
        """List the versions of a follow-up entry, first to last."""
        return followup.history(self.register, number)

    def add_entry(self, key: str, kind: str, fields: Mapping[str, str], **how: Any) -> int:
        """Add a follow-up entry; see `followup.add_entry`. Give its number."""
        return followup.add_entry(self.register, key, kind, fields, user=self.user, **how)

    def change_entry(
        self,
        number: int,
        changes: Mapping[str, str],
        *,
        version: int,
        state: str = "",
        confirmed: bool = False,
    ) -> int:
        """Write a new version of a follow-up entry."""
        return followup.change_entry(
            self.register,
            number,
            changes,
            expected_version=version,
            user=self.user,
            state=state,
            confirmed=confirmed,
        )

    def close_entry(self, number: int, *, version: int) -> int:
        """End a follow-up entry: move it to the last state of its kind."""
        return followup.close_entry(self.register, number, expected_version=version, user=self.user)

    def propose_card(
        self, card: int, *, version: int, on: date, confirmed: bool = False, **known: str
    ) -> int:
        """Make a workshop card's proposal a proposal of the register; give the proposal's number.

        `known` : `cost` and `benefit` in words, as far as they are known.
        """
        return workshop.propose(
            self.register,
            card,
            expected_version=version,
            proposed_on=on,
            user=self.user,
            confirmed=confirmed,
            **known,
        )

    def write_summary(
        self, phenomenon: int, text: str, *, version: int, english: str = "", confirmed: bool = False
    ) -> int:
        """Draft the publishable paragraph on a phenomenon."""
        return summaries.write_summary(
            self.register,
            phenomenon,
            text,
            english=english,
            expected_version=version,
            user=self.user,
            confirmed=confirmed,
        )

    def approve_summary(self, phenomenon: int, *, version: int, release: str = "") -> int:
        """Approve another person's draft for others to see."""
        return summaries.approve_summary(
            self.register, phenomenon, expected_version=version, user=self.user, release=release
        )

    def withdraw_summary(self, phenomenon: int, *, version: int) -> int:
        """Stop showing a phenomenon's summary."""
        return summaries.withdraw_summary(self.register, phenomenon, expected_version=version, user=self.user)

    def answer(self, key: str, text: str, **whom: Any) -> int:
        """Write feedback behind the receipt codes (`phenomenon=` or `observation=`); give its number."""
        given = feedback.give_feedback(self.register, key, text, user=self.user, **whom)
        self.publish()
        return given

    def unanswered(self) -> pd.DataFrame:
        """List the observations whose reporter has had no feedback, the longest wait first."""
        return feedback.unanswered(self.register)

    def redact(self, table: str, number: int, *, reason: str) -> Redaction:
        """Delete the words of a row from the register, the trail and the backups."""
        done = redact(self.register, table, number, reason=reason, user=self.user)
        self.publish()
        return done

    def shut(self) -> None:
        """Let go of both databases."""
        self.register.close()
        self.front.close()


def open_desk(user: str, *, database: str | None = None, front: str | None = None) -> Desk:
    """Open the desk in a person's name over the register and its front; see `open_register`, `open_front`.

    Raises
    ------
    SosrakeError when the user name is empty or looks like a person's own name or address.
    """
    plain = user.strip()
    if not plain or len(plain) > 40 or " " in plain or "@" in plain:
        raise SosrakeError(f"register: user {user!r}; expected a pseudonymous user name without spaces or @")
    return Desk(open_register(database), open_front(front), plain)
