"""Three-way merge of a training plan: what was generated before, what a person made of it, what is now.

Pure: tables of text in, a table of text out. Nothing a person wrote is lost: a changed cell stays, a row of
one's own stays, a row struck out stays out, and a row whose ground has gone stays with a mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

ID = "tunnus"
# What rules generate and a person may change; the file's columns in their order.
GENERATED = (
    *("osa_alue", "vaittama", "kohderyhma", "tavoite", "muoto", "tunnit", "vastuu", "kuukausi", "paattyy"),
    *("mittari", "huomautus", "perustelu", "saanto"),
)
# What the merge itself writes, anew each time.
CHANGED, PROPOSED, STATE = "muokattu", "uusi_ehdotus", "tila"
MARKS = (CHANGED, PROPOSED, STATE)
NOTES = "huomautus"
OWN_PREFIX = "oma-"

Base = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Words:
    """What the column `tila` says of a row that is new, has lost its ground, or is a person's own.

    `known` are such words of any language; other words in the column are a person's and go to the notes.
    """

    new: str
    gone: str
    own: str
    known: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Merged:
    """A merged plan: `rows` as written, `base` = what was generated of each row, `struck` = ids left out.

    `kept_cells` counts cells a person changed; `own`, `gone`, `new` and `out` name rows.
    """

    rows: pd.DataFrame
    base: dict[str, dict[str, str]]
    struck: tuple[str, ...]
    kept_cells: int = 0
    own: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    out: tuple[str, ...] = ()


@dataclass(eq=False)
class _Draft:
    """Rows of a merge while they are put together."""

    rows: list[dict[str, str]] = field(default_factory=list)
    kept_cells: int = 0
    own: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


def merge(
    generated: pd.DataFrame,
    words: Words,
    *,
    edited: pd.DataFrame | None = None,
    base: Base | None = None,
    struck: tuple[str, ...] = (),
) -> Merged:
    """Join what the rules generate now with what a person has made of an earlier plan.

    Parameters
    ----------
    generated : `tunnus` and the columns `GENERATED`, all text.
    words : of the column `tila`.
    edited : the person's table as it is now: `tunnus` and any columns; None for a first plan.
    base : what was generated of each row the last time; None when nobody remembers. Then every cell that
        differs from what is generated now is taken for a person's.
    struck : ids a person has struck out before.

    Returns
    -------
    Merged. Rows keep the person's order, new ones come last. A changed cell is named in `muokattu`; where the
    rules would now say something else than when it was changed, `uusi_ehdotus` tells it.

    Examples
    --------
    >>> import pandas as pd
    >>> row = dict.fromkeys(GENERATED, "") | {"tunnus": "media", "muoto": "työpaja", "tunnit": "8"}
    >>> first = merge(pd.DataFrame([row]), Words("uusi", "poissa", "oma"))
    >>> mine = first.rows.assign(tunnit="4")
    >>> again = merge(pd.DataFrame([row]), Words("uusi", "poissa", "oma"), edited=mine, base=first.base)
    >>> again.rows[["tunnit", "muokattu"]].values.tolist()
    [['4', 'tunnit']]
    """
    now = {row[ID]: row for row in generated.astype("str").to_dict("records")}
    before: Base = base or {}
    if edited is None:
        rows = _table([{**row, **_marks()} for row in now.values()], ())
        return Merged(rows, {key: _said(row) for key, row in now.items()}, ())
    mine = edited.fillna("").astype("str")
    draft = _Draft()
    taken = {*now, *before, *mine[ID]}
    for row in mine.to_dict("records"):
        _one(_with_notes(row, words), now, before, words, draft, taken)
    here = {row[ID] for row in draft.rows}
    out = tuple(key for key in (*before, *struck) if key not in here)
    out = tuple(dict.fromkeys(out))
    for key, row in now.items():
        if key not in here and key not in out:
            draft.rows.append({**row, **_marks(state=words.new)})
            draft.new.append(key)
    extra = tuple(column for column in mine if column not in (ID, *GENERATED, *MARKS))
    remembered = {key: _said(now[key]) if key in now else dict(before[key]) for key in {**now, **before}}
    return Merged(
        _table(draft.rows, extra),
        {key: remembered[key] for key in sorted(remembered)},
        out,
        draft.kept_cells,
        tuple(draft.own),
        tuple(draft.gone),
        tuple(draft.new),
        tuple(key for key in out if key in now),
    )


def _one(row: dict[str, str], now: Base, before: Base, words: Words, draft: _Draft, taken: set[str]) -> None:
    """Put one row of the person's table into the draft."""
    key = row[ID]
    if key in now:
        kept, changed, proposals = _cells(row, now[key], before.get(key))
        draft.rows.append({**kept, **_marks(changed, proposals)})
        draft.kept_cells += len(changed)
    elif key in before:
        changed = [name for name in GENERATED if name in row and row[name] != before[key].get(name, "")]
        draft.rows.append({**dict(before[key]), **row, **_marks(changed, state=words.gone)})
        draft.kept_cells += len(changed)
        draft.gone.append(key)
    else:
        name = key or _free(taken)
        taken.add(name)
        draft.rows.append({**row, ID: name, **_marks(state=words.own)})
        draft.own.append(name)


def _with_notes(row: dict[str, str], words: Words) -> dict[str, str]:
    """Move what a person wrote into our column `tila` to the notes: the column is written anew."""
    written = row.get(STATE, "")
    if not written or written in (words.new, words.gone, words.own, *words.known):
        return row
    return {**row, NOTES: "; ".join(filter(None, (row.get(NOTES, ""), written)))}


def _cells(
    row: dict[str, str], now: Mapping[str, str], before: Mapping[str, str] | None
) -> tuple[dict[str, str], list[str], list[str]]:
    """Choose cell by cell; a column the person removed comes back as it is generated."""
    kept, changed, proposals = {**row}, [], []
    for name in GENERATED:
        fresh = now.get(name, "")
        cell = row.get(name)
        untouched = before is not None and cell == before.get(name, "")
        if cell is None or cell == fresh or untouched:
            kept[name] = fresh
            continue
        changed.append(name)
        if before is None or fresh != before.get(name, ""):
            proposals.append(f"{name}: {fresh or '–'}")
    return kept, changed, proposals


def _marks(
    changed: list[str] | tuple[str, ...] = (), proposals: list[str] | tuple[str, ...] = (), state: str = ""
) -> dict[str, str]:
    return {CHANGED: ", ".join(changed), PROPOSED: "; ".join(proposals), STATE: state}


def _said(row: Mapping[str, str]) -> dict[str, str]:
    return {name: row.get(name, "") for name in GENERATED}


def _free(taken: set[str]) -> str:
    """Find a name for a row that a person added without one."""
    number = 1
    while f"{OWN_PREFIX}{number}" in taken:
        number += 1
    return f"{OWN_PREFIX}{number}"


def _table(rows: list[dict[str, str]], extra: tuple[str, ...]) -> pd.DataFrame:
    columns = [ID, *GENERATED, *extra, *MARKS]
    return pd.DataFrame(rows, columns=columns).fillna("").astype("str")
