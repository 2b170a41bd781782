"""How a release lies on disk: Parquet for the rows, JSON for the rest, in a folder named by their content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib.errors import DisclosureError

HEAD_FILE = "release.json"
FORM = 1
ID_LENGTH = 16


def content_hash(name: str, rules: Mapping[str, Mapping], frames: Mapping[str, pd.DataFrame]) -> str:
    """Hash the name, the rule sets and every protected cell; neither the clock nor the machine enters."""
    digest = hashlib.sha256()
    head = {"form": FORM, "name": name, "rules": rules}
    digest.update(json.dumps(head, sort_keys=True, ensure_ascii=True).encode("utf-8"))
    for part in sorted(frames):
        frame = frames[part]
        digest.update(json.dumps([part, len(frame), list(frame.columns)]).encode("utf-8"))
        for column in frame.columns:
            digest.update(_column_bytes(frame[column]))
    return digest.hexdigest()


def save(folder: Path, head: Mapping, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write the parts, then the head that makes them a release; each file is replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, frame in frames.items():
        _replace(folder / f"{part}.parquet", frame.to_parquet(index=False, engine="pyarrow"))
    text = json.dumps(head, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    _replace(folder / HEAD_FILE, text.encode("utf-8"))


def load(folder: Path) -> tuple[dict, dict[str, pd.DataFrame]]:
    """Read a release and check that its content is the one its hash names."""
    head_file = folder / HEAD_FILE
    if not head_file.exists():
        raise DisclosureError(f"release {folder.name}: {head_file} does not exist; make the release first")
    try:
        head = json.loads(head_file.read_text(encoding="utf-8"))
        frames = {part: pd.read_parquet(folder / f"{part}.parquet") for part in head["parts"]}
        found = content_hash(head["name"], head["rules"], frames)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder) from error
    if found != head.get("sha256") or head.get("id") != found[:ID_LENGTH] or folder.name != head["id"]:
        raise _damaged(folder)
    return head, frames


def _damaged(folder: Path) -> DisclosureError:
    return DisclosureError(
        f"release {folder.name}: its files are not what was released (content hash differs); "
        "delete the folder and make the release again"
    )


def _column_bytes(column: pd.Series) -> bytes:
    if pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype="uint8").tobytes()
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.astype("datetime64[us]").astype("int64").to_numpy(dtype="<i8").tobytes()
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype="<f8") + 0.0
        return np.where(np.isnan(numbers), np.nan, numbers).astype("<f8").tobytes()
    return json.dumps(column.astype("str").tolist()).encode("utf-8")


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
