"""Entries of client records as counts of what they hold, and vague expressions counted where the text is."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import records_checks as checks
from sosrake_lib.language import say

COLUMNS = ("entry", "unit", "recorder", "region_code", "contact", "recorded")
REQUIRED = ("service_task", "document_type")
MORE = (*REQUIRED, "need", "text", "vague", "goals", "measurable", "client_view")
_FILLED = ("entry", "unit", "recorder", "region_code", "contact")


def entries(sheet: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check entries and shape them for `indicators.recording.counted`.

    Parameters
    ----------
    sheet : the columns of `gather/schemas/kirjaaminen.toml`; those of MORE may be absent.

    Returns
    -------
    Copy with days, `month` (2025-07), `half` (2025-H2), numbers, `text` as a mark or empty and `client_view`
        as 1.0, 0.0 or NaN; person-level, never shown.

    Raises
    ------
    GatherError naming column and row: a person's data, an unknown value, a day or number that cannot be read,
    an entry recorded before its contact, more measurable goals than goals.

    Examples
    --------
    >>> import pandas as pd
    >>> sheet = pd.DataFrame({"entry": ["1"], "unit": "Tiimi", "recorder": "R1", "region_code": "E01",
    ...     "contact": "2025-07-01", "recorded": "2025-07-03", "text": "kylla", "client_view": "ei"})
    >>> entries(sheet, "oma.csv")[["month", "half", "text", "client_view"]].values.tolist()
    [['2025-07', '2025-H2', 'x', 0.0]]
    """
    checks.columns(sheet, COLUMNS, file)
    checks.pseudonymous(sheet, (*COLUMNS, *MORE), file)
    checks.filled(sheet, _FILLED, file)
    checks.allowed(sheet, {"text": checks.YES_NO, "client_view": checks.YES_NO}, file)
    checks.places(sheet, file)
    rows = sheet[[*COLUMNS, *(column for column in MORE if column in sheet)]].reset_index(drop=True).copy()
    for column in ("contact", "recorded"):
        rows[column] = checks.days(rows, column, file)
    checks.in_order(rows, ("contact", "recorded"), file)
    for column in ("vague", "goals", "measurable"):
        if column in rows:
            rows[column] = _whole(rows, column, file)
    if {"goals", "measurable"} <= set(rows) and (over := rows["measurable"] > rows["goals"]).any():
        raise GatherError(say("kirjaamisen_laatu.fault.measurable", file=file, row=_row(over)))
    if "text" in rows:
        rows["text"] = np.where(rows["text"] == "kylla", "x", "")
    if "client_view" in rows:
        rows["client_view"] = checks.yes_or_no(rows["client_view"])
    month = rows["contact"].dt.strftime("%Y-%m")
    half = np.where(rows["contact"].dt.month <= 6, "-H1", "-H2")
    return rows.assign(month=month, half=rows["contact"].dt.strftime("%Y") + half)


def vague_expressions(text: str) -> int:
    """Count expressions that leave open what happened, how often or to whom; run it where the text is.

    The list is the workbook's own and short (`catalogue/limits_wording.toml`); such a word is not a fault by
    itself, but entries full of them tell little to the next reader.

    Examples
    --------
    >>> vague_expressions("Käy melko usein, tilanne on ihan ok."), vague_expressions("Kävi 3.2. ja 10.2.")
    (3, 0)
    """
    return len(_vague().findall(text))


@cache
def _vague() -> re.Pattern[str]:
    read = tomllib.loads((files("sosrake_lib.catalogue") / "limits_wording.toml").read_text(encoding="utf-8"))
    words = sorted((re.escape(word) for word in read["vague"]), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", flags=re.IGNORECASE)


def _whole(rows: pd.DataFrame, column: str, file: str) -> pd.Series:
    text = rows[column].astype("object").where(rows[column].notna(), "").astype("str").str.strip()
    found = pd.to_numeric(text.where(text != ""), errors="coerce").astype("float64")
    wrong = (found.isna() & (text != "")) | (found < 0) | (found % 1 > 0)
    if wrong.any():
        raise GatherError(say("kirjaamisen_laatu.fault.number", file=file, column=column, row=_row(wrong)))
    return found


def _row(wrong: pd.Series) -> int:
    return int(np.flatnonzero(wrong.to_numpy())[0]) + 2
