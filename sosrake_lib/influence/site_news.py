"""What the first page says of the site today: how many pages are approved, and what is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.site_state import Changes
from sosrake_lib.language import numbers, say


def state_of(own: Sequence[Page], language: str) -> str:
    """Say how many pages there are and how many of them are approved."""
    approved = sum(page.context.approval is not None for page in own)
    key = "none" if not approved else "all" if approved == len(own) else "some"
    counts = {"pages": numbers.number(len(own), 0, language)}
    counts |= {"approved": numbers.number(approved, 0, language)} if key == "some" else {}
    return say(f"site.front.state.{key}", language, **counts)


def news_of(changes: Changes, language: str) -> str:
    """Say what is new since the round before."""
    if changes.first:
        return say("site.front.state.first", language)
    new, changed = len(changes.new or {}), len(changes.changed or {})
    if not new and not changed:
        return say("site.front.state.same", language)
    counts = {
        "new": numbers.number(new, 0, language),
        "changed": numbers.number(changed, 0, language),
    }
    if not changes.day:
        return say("site.front.state.news", language, **counts)
    day = numbers.day(date.fromisoformat(changes.day), language)
    return say("site.front.state.news_on", language, day=day, **counts)
