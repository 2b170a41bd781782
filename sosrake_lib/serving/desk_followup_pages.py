"""Pages of the desk for plans and follow-up: kinds, entries of a kind, one entry, and proposals."""

from __future__ import annotations

from sosrake_lib.serving import desk_followup
from sosrake_lib.serving.desk_page import Page


class FollowUp(Page):
    """The kinds of follow-up entry."""

    async def get(self) -> None:
        """List them."""
        await self.page(
            "desk_followup.html", "/seuranta", lambda desk: desk_followup.index(desk, self.language)
        )


class Entries(Page):
    """The entries of a kind, and a form for a new one."""

    async def get(self, name: str) -> None:
        """List them."""
        await self.page(
            "desk_entries.html",
            f"/seuranta/{name}",
            lambda desk: desk_followup.kind_page(desk, name, self.language),
        )


class Entry(Page):
    """One entry, what may be changed in it, and its versions."""

    async def get(self, number: str) -> None:
        """Show it whole."""
        await self.page(
            "desk_entry.html",
            f"/merkinta/{number}",
            lambda desk: desk_followup.entry_page(desk, int(number), self.language),
        )


class Proposals(Page):
    """All proposals and where each stands."""

    async def get(self) -> None:
        """List them."""
        await self.page(
            "desk_proposals.html",
            "/ehdotukset",
            lambda desk: desk_followup.proposal_list(desk, self.language),
        )


class Proposal(Page):
    """One proposal and the decisions it has met."""

    async def get(self, number: str) -> None:
        """Show it whole."""
        await self.page(
            "desk_proposal.html",
            f"/ehdotus/{number}",
            lambda desk: desk_followup.proposal_page(desk, int(number), self.language),
        )
