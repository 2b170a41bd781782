"""Where people's quotes go: noted when a release is approved and when a page is published with one.

Only the house's own quotes have a bank, a permission and somebody who may withdraw. Invented ones of the
samples are not looked at, so publishing the samples writes to no register. A quote is judged again on the day
its page goes out, as a permission may have ended or been withdrawn since the release was made.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch.house_register import house_register
from sosrake_lib.errors import BatchError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page
    from sosrake_lib.protect import Release

# How recipes name the row of a quote: aani_<number in the bank>.
_QUOTE = re.compile(r"aani_(\d+)")
_USER = "julkaiseminen"


@dataclass(frozen=True, slots=True)
class Stands:
    """Quotes of a release that stand on a page."""

    page: str
    release: str
    numbers: tuple[int, ...]


def quotes_of(release: Release) -> dict[int, tuple[str, ...]]:
    """Give the house's own quotes in a release: number in the bank -> its words, in both languages.

    Invented quotes (origin "synthetic") are left out.
    """
    from sosrake_lib.protect import protected_frame

    found: dict[int, tuple[str, ...]] = {}
    for part in release.parts:
        rows = protected_frame(release.select(part=part))
        if "label_fi" not in rows:
            continue
        for row in rows.loc[rows["origin"] == "own"].to_dict("records"):
            named = _QUOTE.fullmatch(str(row["indicator"]))
            if named:
                words = (str(row["label_fi"]), str(row.get("label_en") or ""))
                found[int(named[1])] = tuple(one for one in words if one)
    return found


def on_pages(made: Mapping[str, Page], releases: Path) -> tuple[Stands, ...]:
    """Find which of the house's quotes stand on which pages, by their words.

    Parameters
    ----------
    made : name of a page (`fi/kunta-297/paattajakooste`) -> page. releases : folder of the saved releases.
    """
    known: dict[str, dict[int, tuple[str, ...]]] = {}
    found = []
    for name, page in made.items():
        text = _plain(page.body)
        for release in page.releases:
            quotes = known.setdefault(release, _saved(release, releases))
            here = tuple(
                number for number, words in quotes.items() if any(_same(one) in text for one in words)
            )
            if here:
                found.append(Stands(name, release, here))
    return tuple(found)


def refused(stands: Iterable[Stands], on: date, language: str = "fi") -> dict[str, str]:
    """Say of each page that shows a quote why it may not go out on a day; nothing of those that may."""
    listed = tuple(stands)
    if not listed:
        return {}
    allowed = _permitted(on)
    return {
        one.page: say("ledger.publish.reason.quote", language, number=min(ended))
        for one in listed
        if (ended := set(one.numbers) - allowed)
    }


def note_pages(stands: Iterable[Stands], on: date) -> None:
    """Write which quotes are published on which pages, once each; without any, no register is opened."""
    from sosrake_lib.register.quote_bank import note_shown

    listed = tuple(stands)
    if not listed:
        return
    with house_register() as register:
        if register is None:
            raise BatchError("quotes: there is no register to note them in; publish where the register is")
        for one in listed:
            note_shown(register, one.numbers, one.release, on, user=_USER, pages=(one.page,))


def note_approved(
    approved: Iterable[str], releases: Path, on: date | None = None, language: str = "fi"
) -> None:
    """Write which quotes releases hold when they are approved: from then on they may leave in any format.

    Raises
    ------
    BatchError when a release holds a quote that may no longer be shown; it is not to be approved.
    """
    from sosrake_lib.register.quote_bank import note_shown

    day = on or date.today()
    held = {release: tuple(_saved(release, releases)) for release in approved}
    held = {release: numbers for release, numbers in held.items() if numbers}
    if not held:
        return
    allowed = _permitted(day)
    for release, numbers in held.items():
        ended = set(numbers) - allowed
        if ended:
            told = {"release": release, "number": min(ended)}
            raise BatchError(say("ledger.approve.quote", language, **told))
    with house_register() as register:
        for release, numbers in held.items():
            if register is not None:
                note_shown(register, numbers, release, day, user=_USER)


def permitted_today() -> tuple[int, ...]:
    """Name the quotes that may be shown today; when they change, releases are made again."""
    return tuple(sorted(_permitted(date.today())))


def _permitted(on: date) -> frozenset[int]:
    from sosrake_lib.register.quote_bank import permitted

    with house_register() as register:
        return frozenset() if register is None else permitted(register, on)


def _saved(release: str, folder: Path) -> dict[int, tuple[str, ...]]:
    """Read the quotes of a saved release; one that is not in the folder has no page here either."""
    from sosrake_lib.protect import Release

    return quotes_of(Release.load(release, folder=folder)) if release and (folder / release).is_dir() else {}


def _plain(body: str) -> str:
    """Give what a reader of a page reads, in one line."""
    return _same(html.unescape(re.sub(r"<[^>]*>", "", body)))


def _same(text: str) -> str:
    """Write a text so that line ends and spaces that keep numbers together make no difference."""
    return " ".join(text.split())
