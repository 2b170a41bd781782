"""The release an app shows: made once when the app starts, opened by every page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.protect import Release

VARIABLE = "SOSRAKE_APP_RELEASE"


def make_release(name: str, folder: Path, data: Path | None = None) -> str:
    """Make the release of one session of the app in a folder of its own and give its id.

    Only published figures (rule set `avoin`) may stand in it: an app on this machine is a preview and leaves
    nothing in the ledger, so a figure that needs protecting must not reach a page through it.

    Raises
    ------
    DisclosureError when a part is protected by any other rule set.
    """
    from sosrake_lib.batch.faults import without_values
    from sosrake_lib.batch.releases import known_recipes
    from sosrake_lib.protect import release

    parts = without_values(name, lambda: known_recipes()[name](data))
    closed = sorted(part for part, given in parts.items() if not given.rules.open)
    if closed:
        raise DisclosureError(say("serving.error.closed", release=name, parts=", ".join(closed)))
    return release(parts, name=name, home=folder / "ledger", folder=folder).id


def open_release(name: str, release_id: str = "") -> Release:
    """Open the release a page shows: the one named, else the session's own, else a preview from the samples.

    The last is what a person meets who opens the app's notebook in JupyterLab.
    """
    from sosrake_lib.batch import open_release as opened

    return opened(name, release_id or os.environ.get(VARIABLE, ""))
