"""What people have said: entry tables without names, and the one gate that a quote must pass.

A quote leaves only with a written permission that is in force, covers the use and reaches the public, after
two different reviewers, not withdrawn, with no personal data in it. `judge_quotes` says which, and why not.
The register's quote bank and the data folder's table go through the same gate.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import identifiers
from sosrake_lib.gather.schemas import schema

SOURCES = ("havainto", "haastattelu", "ryhma", "palaute", "havainnointi")
SCOPES = ("sisainen", "julkinen")
USES = ("raportti", "verkkosivu", "media", "koulutus")
WRITTEN = "kirjallinen"
QUOTE_COLUMNS = (
    *("text", "source", "form", "scope", "uses", "permitted_on", "permitted_until", "withdrawn"),
    *("reviewer_1", "reviewer_2"),
)
# Why a quote stays in: the order in which the gate looks.
REASONS = (
    *("withdrawn", "not_written", "not_public", "use_not_covered", "not_yet", "ended"),
    *("reviewers_lack", "personal"),
)
_BLOCKING = ("sure", "probable")


def check_entries(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Refuse entries whose free text names someone; give the entries back.

    Parameters
    ----------
    rows : imported table of the kind `haastattelu`, `ryhma` or `havainnointi`.
    kind : name of its schema.

    Raises
    ------
    GatherError naming row, column and what it seems to be, never the text itself.
    """
    for column in (one.name for one in schema(kind).columns if one.kind == "text" and one.name in rows):
        for place, text in enumerate(rows[column].fillna("").astype(str), start=1):
            found = personal(text)
            if found:
                raise GatherError(
                    f"{kind}: row {place}, column {column}: the text seems to name someone "
                    f"({', '.join(found)}); write it again without what identifies"
                )
    return rows


def read_quotes(rows: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check a table of quotes: `QUOTE_COLUMNS` and whatever else; days as days, uses parted by `;`.

    Raises
    ------
    GatherError naming row and column.
    """
    lacking = [column for column in QUOTE_COLUMNS if column not in rows]
    if lacking:
        raise GatherError(f"{file}: column {lacking[0]} is missing; a quote needs {', '.join(QUOTE_COLUMNS)}")
    read = rows.reset_index(drop=True).copy()
    for column in QUOTE_COLUMNS:
        read[column] = read[column].fillna("").astype(str).str.strip()
    for column, known in (("source", SOURCES), ("scope", SCOPES)):
        _refuse(file, column, read, ~read[column].isin(known), f"expected {', '.join(known)}")
    _refuse(file, "text", read, read["text"] == "", "write the quote")
    odd = read["uses"].map(lambda uses: bool(set(_parted(uses)) - set(USES)))
    _refuse(file, "uses", read, odd, f"expected some of {', '.join(USES)}, parted by ;")
    for column in ("permitted_on", "permitted_until"):
        _refuse(file, column, read, ~read[column].map(_is_day), "expected a day as 2026-03-31")
    given = read["withdrawn"] != ""
    _refuse(file, "withdrawn", read, given & ~read["withdrawn"].map(_is_day), "expected a day, or empty")
    wrong = read["permitted_until"] < read["permitted_on"]
    _refuse(file, "permitted_until", read, wrong, "the permission ends before it begins")
    return read


def judge_quotes(rows: pd.DataFrame, on: date, use: str = "verkkosivu") -> pd.DataFrame:
    """Say of each quote whether it may be shown on a day for a use: column `reason`, empty when it may.

    Parameters
    ----------
    rows : quotes with `QUOTE_COLUMNS`. on : day of the release. use : one of `USES`.

    Returns
    -------
    Copy with `reason`: "" or the first of `REASONS` that stands in the way.

    Raises
    ------
    GatherError for an unknown use.
    """
    if use not in USES:
        raise GatherError(f"quotes: use {use!r}; expected one of {', '.join(USES)}")
    return rows.assign(reason=[_reason(row, on.isoformat(), use) for row in rows.to_dict("records")])


def personal(text: str) -> tuple[str, ...]:
    """Name the kinds of personal data a text seems to hold, surely or probably; never the text."""
    found = [one.type for one in identifiers.find(text) if one.level in _BLOCKING]
    return tuple(dict.fromkeys(found))


def _reason(row: dict, day: str, use: str) -> str:
    first, second = row["reviewer_1"], row["reviewer_2"]
    stands = {
        "withdrawn": bool(row["withdrawn"]),
        "not_written": row["form"] != WRITTEN,
        "not_public": row["scope"] != "julkinen",
        "use_not_covered": use not in _parted(row["uses"]),
        "not_yet": day < row["permitted_on"],
        "ended": day > row["permitted_until"],
        "reviewers_lack": not first or not second or first == second,
    }
    for name in REASONS[:-1]:
        if stands[name]:
            return name
    return "personal" if personal(row["text"]) else ""


def _parted(uses: str) -> list[str]:
    return [one.strip() for one in uses.split(";") if one.strip()]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def _refuse(file: str, column: str, rows: pd.DataFrame, wrong: pd.Series, expected: str) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax()) + 1
        raise GatherError(f"{file}: row {row}, column {column}: {expected}")
