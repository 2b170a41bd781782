"""What changed since the last round: the site's pages compared with those of the round before.

The state file holds this round's pages and what was told of the change, so that building the same pages again
tells the same and changes no file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sosrake_lib.errors import BatchError
from sosrake_lib.influence.pages import Page

STATE_FILE = "site-state.json"
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is told of a round: its day, and addresses of new, changed and removed pages.

    `new` and `gone` map address to title; `changed` maps address to (title, newest period before, now).
    `first` is True when there is no round to compare with.
    """

    day: str = ""
    first: bool = True
    new: Mapping[str, str] | None = None
    changed: Mapping[str, tuple[str, str, str]] | None = None
    gone: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A round of building: what is told of it, and the file that remembers it."""

    changes: Changes
    content: bytes


def round_of(pages: Mapping[str, Page], previous: bytes, today: date | None) -> Round:
    """Compare the pages of a site with those of the round before.

    Parameters
    ----------
    pages : by their address. previous : the state file of the round before; empty for the first round.
    today : the day on which a change is told; None tells no day.

    Returns
    -------
    Round. When no page has changed, the told changes are those of the round before.

    Raises
    ------
    BatchError when the state file is not one.
    """
    now = {address: _told(page) for address, page in pages.items()}
    before = _read(previous)
    if before is not None and before["pages"] == now:
        told = before["told"]
    else:
        told = _compared(now, before["pages"] if before else None, today)
    content = json.dumps({"pages": now, "told": told}, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
    changed = {address: (row[0], row[1], row[2]) for address, row in told["changed"].items()}
    changes = Changes(told["day"], told["first"], told["new"], changed, told["gone"])
    return Round(changes, content.encode("utf-8"))


def _told(page: Page) -> list[str]:
    """Give title, newest period and a hash of the page's words; its releases' names do not count."""
    context = page.context
    title = f"{context.title}: {context.region_name}" if context.region_name else context.title
    words = " ".join(_TAG.sub(" ", page.body).split())
    return [title, page.facts.newest_period, hashlib.sha256(words.encode("utf-8")).hexdigest()[:16]]


def _compared(
    now: Mapping[str, Sequence[str]], before: Mapping[str, Sequence[str]] | None, today: date | None
) -> dict[str, Any]:
    old = before or {}
    same = [address for address in now if address in old]
    return {
        "day": today.isoformat() if today else "",
        "first": before is None,
        "new": {address: row[0] for address, row in now.items() if before is not None and address not in old},
        "changed": {
            address: [now[address][0], old[address][1], now[address][1]]
            for address in same
            if list(now[address][1:]) != list(old[address][1:])
        },
        "gone": {address: row[0] for address, row in old.items() if address not in now},
    }


def _read(previous: bytes) -> dict[str, Any] | None:
    if not previous:
        return None
    try:
        read = json.loads(previous)
        return {"pages": dict(read["pages"]), "told": dict(read["told"])}
    except (ValueError, TypeError, KeyError) as error:
        raise BatchError(f"{STATE_FILE}: is no state of a site; remove it and build again") from error
