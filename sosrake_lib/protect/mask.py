"""How a hidden row looks: the same whatever hid it, with nothing left that gives it back."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.protect.part import LARGEST

# What stays on a hidden row: its key, its scale and where its indicator comes from.
KEPT_ON_HIDDEN = (
    *frames.KEY,
    "statistic",
    "confidence",
    "per",
    "origin",
    "producer",
    "licence",
    "source",
    "title",
    "theme",
    "kind",
    "direction",
    "name",
    "short",
    "unit",
    "region_name",
    "item",
    "point",
)
_REFERENCE_VALUES = ("reference_", "difference")


def mask(frame: pd.DataFrame, hidden: np.ndarray, reference_hidden: np.ndarray) -> pd.DataFrame:
    """Give the frame as a reader may see it, sorted by key.

    Parameters
    ----------
    frame : checked indicator frame, source or analysed.
    hidden : bool per row; such a row keeps `KEPT_ON_HIDDEN` only. `method` goes too: it can depend on the
        count (exact below ten, Byar from ten). Rows that a source suppressed are masked in the same way.
        Contributions behind a sum (`part.LARGEST`) leave with no row.
    reference_hidden : bool per row; the row is compared with a hidden one, so the comparison goes, the row
        stays.
    """
    hidden = hidden | (frame["status"] == "suppressed").to_numpy()
    masked = frame.drop(columns=[name for name in LARGEST if name in frame])
    for column in masked.columns:
        masked[column] = _plain(masked[column])
        if column not in KEPT_ON_HIDDEN:
            masked.loc[hidden, column] = _nothing(masked[column])
        if column.startswith(_REFERENCE_VALUES) and column not in ("reference_level", "reference_code"):
            masked.loc[reference_hidden, column] = _nothing(masked[column])
    if "verdict" in masked:
        masked.loc[reference_hidden & ~hidden, "verdict"] = "not_testable"
    if "reason" in masked:
        masked.loc[reference_hidden & ~hidden, "reason"] = "suppressed"
    masked.loc[hidden, "status"] = "suppressed"
    order = [column for column in frames.key_of(masked) if column != "method"]
    masked = masked.drop_duplicates(subset=frames.key_of(masked))
    return masked.sort_values([*order, *(["method"] if "method" in masked else [])]).reset_index(drop=True)


def result_ids(part: str, frame: pd.DataFrame) -> list[str]:
    """Name each row for good: `<part>.<10 hex of the key's sha256>`."""
    keys = zip(*(frame[column].map(str) for column in frames.key_of(frame)), strict=True)
    return [f"{part}.{hashlib.sha256(chr(31).join(key).encode('utf-8')).hexdigest()[:10]}" for key in keys]


def _plain(column: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(column):
        return column.astype("bool")
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("int64" if column.name == "borders" else "float64")
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.astype("datetime64[us]")
    return column.astype("object").where(column.notna(), "").astype("str")


def _nothing(column: pd.Series) -> object:
    if pd.api.types.is_bool_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return np.nan
    return pd.NaT if pd.api.types.is_datetime64_any_dtype(column) else ""
