"""The releases an app shows: made once when the app starts, opened by every page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib import frame
from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.protect import Part, Release

VARIABLE = "SOSRAKE_APP_RELEASE"


def make_release(name: str, folder: Path, data: Path | None = None) -> str:
    """Make the release of one session of the app in a folder of its own and give its id.

    Only published figures (rule set `avoin`) and rows of words may stand in it: an app on this machine is a
    preview and leaves nothing in the ledger, so a figure that needs protecting must not reach a page through
    it. Content is what the batch would release, so its id is that of the pages' own release.

    Raises
    ------
    DisclosureError when a part holds figures and is protected by any other rule set, or the house has
    withdrawn a release of this very content, or a quote in it may not be shown.
    """
    from sosrake_lib.batch.faults import without_values
    from sosrake_lib.batch.releases import known_recipes
    from sosrake_lib.protect import release
    from sosrake_lib.protect.owner_rules import rules_of

    with rules_of(data):
        parts = without_values(name, lambda: known_recipes()[name](data))
    closed = sorted(part for part, given in parts.items() if not may_be_shown(given))
    if closed:
        raise DisclosureError(say("serving.error.closed", release=name, parts=", ".join(closed)))
    made = release(parts, name=name, home=folder / "ledger", folder=folder)
    refuse_gone(made)
    return made.id


def may_be_shown(given: Part) -> bool:
    """Say whether an app may show a part: published figures, words, or invented figures of nobody."""
    return given.rules.open or words_only(given) or invented_only(given)


def invented_only(given: Part) -> bool:
    """Say whether every row of a part is invented: a state of the app can then tell of no person."""
    rows = given.frame
    return "origin" in rows and len(rows) > 0 and bool((rows["origin"] == "synthetic").all())


def words_only(given: Part) -> bool:
    """Say whether a part tells words and no figure: no row has a number, and none hides one."""
    rows = given.frame
    empty = rows[[name for name in frame.NUMBERS if name in rows and name != "per"]].isna().all(axis=None)
    return bool(empty) and not rows["status"].isin(("ok", "suppressed")).any()


def variable_of(name: str) -> str:
    """Name the variable that tells a kernel the id of one of the session's releases.

    Examples
    --------
    >>> variable_of("paattajalle")
    'SOSRAKE_APP_RELEASE_PAATTAJALLE'
    """
    return f"{VARIABLE}_{name.upper()}"


def open_release(name: str, release_id: str = "") -> Release:
    """Open a release a page shows: the one named, else the session's own, else a preview from the samples.

    The last is what a person meets who opens the app's notebook in JupyterLab. A release is judged again each
    time: what was withdrawn while the app was open is not shown on its next page.

    Raises
    ------
    DisclosureError when the release has been withdrawn, or a quote in it may no longer be shown.
    """
    from sosrake_lib.batch import open_release as opened

    found = opened(name, release_id or os.environ.get(variable_of(name), ""))
    refuse_gone(found)
    return found


def refuse_gone(opened: Release) -> None:
    """Refuse a release that the house has withdrawn, or that holds a quote it may not show today.

    The session has a ledger of its own, so the house's is asked: the same content has the same id in both.

    Raises
    ------
    DisclosureError telling which and why.
    """
    from sosrake_lib.batch.quotes_shown import permitted_today, quotes_of
    from sosrake_lib.protect.ledger_withdrawal import withdrawals

    language = os.environ.get("SOSRAKE_APP_LANGUAGE", "fi")
    gone = withdrawals().get(opened.id)
    if gone:
        told = {"release": f"{opened.id} ({opened.name})", "day": gone.day, "reason": gone.reason}
        raise DisclosureError(say("serving.error.withdrawn", language, **told))
    quotes = set(quotes_of(opened))
    ended = quotes - set(permitted_today()) if quotes else set()
    if ended:
        told = {"release": f"{opened.id} ({opened.name})", "number": str(min(ended))}
        raise DisclosureError(say("serving.error.quote", language, **told))
