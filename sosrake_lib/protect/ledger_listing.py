"""What left the house, when, and to which page: read from the ledger as frames, and exported as a file.

Nothing here holds a hidden value, as the ledger holds none: a hidden figure is a key and a mark. How many
figures a release hid is for the house itself; pages tell only of the marks they show.
"""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pandas as pd

from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say
from sosrake_lib.protect import ledger
from sosrake_lib.protect.approval import APPROVED, DRAFT, approvals
from sosrake_lib.protect.ledger_schema import COLUMNS, KEY, NUMBERS, quoted

WITHDRAWN = "peruttu"
RELEASE_COLUMNS = (
    *("release", "name", "day", "figures", "hidden", "corrected", "pages", "state", "role", "approved_on"),
    *("withdrawn_on", "reason"),
)
CORRECTION_COLUMNS = ("day", "key", "old", "new", "old_release", "new_release", "reason")
FORMS = ("csv", "json")


def listed(home: Path | None = None) -> pd.DataFrame:
    """List the releases of one ledger in the order they left.

    Returns
    -------
    DataFrame: release, name, day, figures (shown ones that this release was the first to tell), hidden (marks
    it was the first to show), corrected (figures of it that a later release has replaced), pages (a list of
    page keys), state (luonnos, hyväksytty or peruttu), role and approved_on, withdrawn_on and reason.
    """
    approved = approvals(home)
    with ledger.opened(home, write=False) as book:
        counts = {row[0]: row[1:] for row in book.rows("figures", _COUNTS, "GROUP BY release")}
        old = dict(book.rows("superseded", "release, count(*)", "GROUP BY release"))
        gone = {row[0]: row[1:] for row in book.rows("withdrawals", "release, day, reason")}
        pages: dict[str, list[str]] = {}
        for release, page in book.rows("pages", "release, page", "ORDER BY page"):
            pages.setdefault(release, []).append(page)
        rows = []
        for release, name, day in book.rows("releases", "id, name, day", "ORDER BY rowid"):
            shown, hidden = counts.get(release, (0, 0))
            state = WITHDRAWN if release in gone else APPROVED if release in approved else DRAFT
            by = approved.get(release)
            rows.append(
                (release, name, day, shown, hidden, old.get(release, 0), pages.get(release, []), state)
                + ((by.role, by.approved_on) if by else ("", ""))
                + gone.get(release, ("", ""))
            )
    return pd.DataFrame(rows, columns=list(RELEASE_COLUMNS))


def corrections(home: Path | None = None) -> pd.DataFrame:
    """List the corrections: which figure, its old and new published value, in which releases, and why."""
    with ledger.opened(home, write=False) as book:
        rows = book.rows("corrections", quoted(CORRECTION_COLUMNS), "ORDER BY number")
    return pd.DataFrame(rows, columns=list(CORRECTION_COLUMNS))


def export(path: Path, *, home: Path | None = None, language: str = "en") -> int:
    """Write all published figures to a file, replaced whole; give the number of figures.

    Parameters
    ----------
    path : ends .csv (figures only) or .json (figures, releases, corrections and the newest hash).

    Raises
    ------
    DisclosureError when the name ends otherwise, or a hidden line holds a number (then nothing is written).
    """
    form = path.suffix.lstrip(".").lower()
    if form not in FORMS:
        raise DisclosureError(say("ledger.export.form", language, file=path.name, forms=", ".join(FORMS)))
    with ledger.opened(home, write=False) as book:
        figures = book.rows("figures", quoted(COLUMNS), f"ORDER BY {quoted(KEY)}")
        newest = [row[0] for row in book.rows("entries", "hash", "ORDER BY number DESC LIMIT 1")]
    frame = pd.DataFrame(figures, columns=list(COLUMNS))
    told = frame[list(NUMBERS[1:])].ne("").any(axis=1) if len(frame) else pd.Series(dtype=bool)
    if (frame["hidden"].eq(1) & told).any():
        raise DisclosureError(say("ledger.export.hidden", language))
    _replace(path, _csv(frame) if form == "csv" else _json(frame, home, newest))
    return len(frame)


_COUNTS = "release, sum(hidden = 0), sum(hidden)"


def _csv(frame: pd.DataFrame) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(frame.columns)
    text = frame.copy()
    for column in text.columns.difference(NUMBERS):
        # an own code that begins like a formula is text in a spreadsheet too
        text[column] = [f"'{one}" if str(one).startswith(tuple("=+-@\t\r")) else one for one in text[column]]
    writer.writerows(text.itertuples(index=False, name=None))
    return out.getvalue()


def _json(frame: pd.DataFrame, home: Path | None, newest: list[str]) -> str:
    content = {
        "newest": newest[0] if newest else "",
        "releases": listed(home).to_dict("records"),
        "corrections": corrections(home).to_dict("records"),
        "figures": frame.to_dict("records"),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=int) + "\n"


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
