"""Where gathered frames are kept: a Parquet file and its description, found by the next run of anything."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib import samples
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.cache import replace_file
from sosrake_lib.language import say


@dataclass(frozen=True)
class Gathered:
    """What a gathering brought: stored files, counts of rows by status, lines for the user."""

    files: tuple[Path, ...]
    rows: int
    values: int
    missing: int
    stale: bool
    messages: tuple[str, ...]


def keep_frame(name: str, frame: pd.DataFrame, about: Mapping[str, object]) -> Path:
    """Store an indicator frame as home()/gathered/<name>.parquet, joined to what was there.

    A period and sex gathered anew replaces all rows of that indicator, period and sex: a cell the source
    has withdrawn since must not live on.
    """
    file = samples.home() / "gathered" / f"{name}.parquet"
    if file.is_file():
        older = pd.read_parquet(file)
        renewed = ["indicator", "period", "sex"]
        replaced = pd.MultiIndex.from_frame(older[renewed]).isin(pd.MultiIndex.from_frame(frame[renewed]))
        older = older[~replaced]
        frame = pd.concat([older, frame], ignore_index=True) if len(older) else frame
    _check_others(file, frame)
    checked = frames.check(frame, file=file.name).sort_values(frames.key_of(frame), ignore_index=True)
    return _write(file, checked, about)


def stale_message(when: datetime, language: str) -> str:
    """Say that older answers were used, and how old the oldest is."""
    days = max(1, round((datetime.now(UTC) - when) / timedelta(days=1)))
    return say("gather.stale", language, days=days, date=when.date().isoformat())


def keep_table(name: str, table: pd.DataFrame, about: Mapping[str, object]) -> Path:
    """Store a table that is no indicator frame as home()/gathered/tables/<name>.parquet."""
    return _write(samples.home() / "gathered" / "tables" / f"{name}.parquet", table, about)


def _check_others(file: Path, frame: pd.DataFrame) -> None:
    """Refuse figures that another source has already given: two truths under one key stop every later run."""
    keys = pd.MultiIndex.from_frame(frame[list(frames.KEY)].astype("str"))
    for other in sorted(file.parent.glob("*.parquet")):
        if other == file:
            continue
        stored = pd.read_parquet(other, columns=list(frames.KEY)).astype("str")
        if pd.MultiIndex.from_frame(stored).isin(keys).any():
            raise GatherError(
                f"{file.name}: {other.name} already holds some of these figures from another source; "
                f"choose one of the two and remove {other} if it is the other one"
            )


def _write(file: Path, table: pd.DataFrame, about: Mapping[str, object]) -> Path:
    packed = io.BytesIO()
    try:
        table.to_parquet(packed, index=False)
    except (ValueError, TypeError) as problem:
        raise GatherError(
            f"{file.name}: cannot be stored as Parquet ({problem}); check its columns"
        ) from None
    body = packed.getvalue()
    described = {**about, "rows": len(table), "sha256": hashlib.sha256(body).hexdigest()}
    replace_file(file, body)
    text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True)
    replace_file(file.with_suffix(".json"), text.encode("utf-8"))
    return file
