"""What a hand-written text says that its design does not carry, or that hurts: found before it is kept.

A sentence that tells a cause, labels people or tells of one person is kept only when its writer has seen the
finding and confirms the words; whoever approves a page sees what stands in its texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sosrake_lib.batch.hand_files import Entry
from sosrake_lib.batch.releases import HAND_TEXTS
from sosrake_lib.gather import identifiers
from sosrake_lib.gather.identifiers.entity import PROBABLE
from sosrake_lib.gather.identifiers.masking import told
from sosrake_lib.language import say

# Kinds of `influence.claims` that a writer confirms: cause, stigma, a person that may be known.
CONFIRMED = ("claim", "stigma", "person")
_TEXTS = {"fi": "label_fi", "en": "label_en"}


def findings(entry: Entry, language: str = "") -> pd.DataFrame:
    """Find in both languages of a text what its writer is told (`influence.claims.check_written`).

    Each text is checked by the rules of its own language. language : of the advice; the text's own when left
    out.
    """
    return _found({"fi": entry.text, "en": entry.text_en}, language)


def personal(entry: Entry, where: str, language: str = "fi") -> tuple[str, ...]:
    """Say of each language of a text which kinds of personal data it probably holds; never the words."""
    judged = [identifiers.check(text) for text in (entry.text, entry.text_en)]
    kinds = [told(one.kinds(PROBABLE), language) for one in judged if one.asks]
    return tuple(say("personal.unconfirmed", language, where=where, what=what) for what in kinds)


def to_confirm(found: pd.DataFrame) -> pd.DataFrame:
    """Give the findings that a text is kept with only when its writer confirms them."""
    return found[found["kind"].isin(CONFIRMED)].reset_index(drop=True)


def standing(releases: Iterable[str], folder: Path, language: str = "") -> pd.DataFrame:
    """Give the findings to be confirmed that stand in the hand-written texts of saved releases.

    Parameters
    ----------
    releases : ids. folder : folder of the saved releases; one that is not there has no page here either.
    language : of the advice; the text's own when left out.

    Returns
    -------
    DataFrame as of `check_written` with `place`: output, region and field of the text.
    """
    made = [_of_release(release, folder, language) for release in releases if (folder / release).is_dir()]
    found = [one for one in made if len(one)]
    if not found:
        return _found({}, language).assign(place="")
    return pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)


def _of_release(release: str, folder: Path, language: str) -> pd.DataFrame:
    from sosrake_lib.protect import Release, protected_frame

    opened = Release.load(release, folder=folder)
    if HAND_TEXTS not in opened.parts:
        return pd.DataFrame()
    found = []
    for row in protected_frame(opened.select(HAND_TEXTS)).to_dict("records"):
        texts = {written: str(row.get(column) or "") for written, column in _TEXTS.items()}
        place = f"{row['group']}, {row['region_level']}-{row['region_code']}, {row['indicator']}"
        found.append(to_confirm(_found(texts, language)).assign(place=place))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _found(texts: dict[str, str], language: str) -> pd.DataFrame:
    from sosrake_lib.influence import claims

    made = [claims.check_written(text, written, advice=language) for written, text in texts.items() if text]
    return pd.concat(made or [claims.check_written("")], ignore_index=True)
