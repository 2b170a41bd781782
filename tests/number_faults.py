"""Compares the numbers of a page with the released rows they name; reads what is written by itself.

Used by the tests of traceability and of all outputs, and by `benchmarks/everything.py`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from sosrake_lib import protect
from sosrake_lib.influence.page_numbers import numbers_on_page

SPACES = "\u00a0\u202f "


@cache
def rows_of(release_folder: Path, release_id: str) -> dict[str, dict[str, Any]]:
    """Give every released row by its id."""
    release = protect.Release.load(release_id, folder=release_folder)
    frames = [protect.protected_frame(release.select(part=part)) for part in release.parts]
    return {str(row["result_id"]): row for frame in frames for row in frame.to_dict("records")}


def faults(markup: str, release_folder: Path, language: str) -> list[str]:
    """Say of each number of a page that is not what its released row holds why it is not."""
    found = []
    for shown in numbers_on_page(markup).itertuples(index=False):
        name, _, column = str(shown.result).rpartition(":")
        row = rows_of(release_folder, str(shown.release)).get(name)
        if row is None:
            found.append(f"{shown.result}: no such row")
        elif row["status"] != "ok":
            found.append(f"{shown.result}: a row that is not shown")
        elif not is_written(float(row[column]), str(shown.text), language):
            found.append(f"{shown.result}: {shown.text!r} is not {row[column]}")
    return found


def is_written(value: float, text: str, language: str) -> bool:
    """Say whether a text is a value rounded to the decimals it is written with; reads text by itself."""
    point, thousands = (",", SPACES) if language == "fi" else (".", ",")
    plain = re.sub(rf"[%{thousands}]", "", text.replace("−", "-").strip(SPACES + "%"))
    if not re.fullmatch(rf"-?\d+({re.escape(point)}\d+)?", plain):
        return False
    decimals = len(plain.partition(point)[2])
    # half a unit of the last decimal, and what a binary fraction can be off it
    return abs(float(plain.replace(point, ".")) - value) <= 0.5 * 10.0**-decimals + 1e-9
