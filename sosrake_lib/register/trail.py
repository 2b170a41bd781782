"""The trail of changes: each line carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sosrake_lib.register.engine import Register

_START = "0" * 64


@dataclass(frozen=True)
class Trail:
    """What a check of the trail found.

    `last_hash` written down elsewhere lets a later check tell that nobody cut lines off the end.
    """

    entries: int
    last_hash: str
    intact: bool
    broken_at: int | None
    reason: str


def write_line(connection: sa.Connection, event: str, row: Mapping[str, Any] | sa.RowMapping) -> None:
    """Append one line about the state a proposal reached; call it inside the transaction of the change."""
    last = connection.execute(
        sa.text("SELECT nro, tiiviste FROM muutosloki ORDER BY nro DESC LIMIT 1")
    ).one_or_none()
    line = {
        "nro": 1 if last is None else last.nro + 1,
        "aika": datetime.now(UTC).isoformat(timespec="seconds"),
        "tapahtuma": event,
        "ehdotus_id": row["ehdotus_id"],
        "sisalto": json.dumps(dict(row), ensure_ascii=False, sort_keys=True),
        "edellinen": _START if last is None else last.tiiviste,
    }
    line["tiiviste"] = _hash(line)
    connection.execute(
        sa.text(
            "INSERT INTO muutosloki VALUES "
            "(:nro, :aika, :tapahtuma, :ehdotus_id, :sisalto, :edellinen, :tiiviste)"
        ),
        line,
    )


def verify_trail(register: Register) -> Trail:
    """Check every line's hash and number, and that each proposal stands as its last line says.

    Returns
    -------
    Trail with `intact`; when it is False, `broken_at` is the first line that does not fit (None when a
    proposal itself differs) and `reason` says what is wrong.
    """
    with register.reading() as connection:
        lines = connection.execute(sa.text("SELECT * FROM muutosloki ORDER BY nro")).mappings().all()
        rows = connection.execute(sa.text("SELECT * FROM ehdotus")).mappings().all()
    previous, states = _START, {}
    for position, line in enumerate(lines, start=1):
        parts = {name: line[name] for name in line if name != "tiiviste"}
        if line["nro"] != position or line["edellinen"] != previous or line["tiiviste"] != _hash(parts):
            reason = f"line {line['nro']} does not follow from line {position - 1}"
            return Trail(len(lines), previous, False, line["nro"], reason)
        previous = line["tiiviste"]
        states[line["ehdotus_id"]] = json.loads(line["sisalto"])
    for row in rows:
        if states.pop(row["ehdotus_id"], None) != dict(row):
            reason = f"proposal {row['ehdotus_id']} differs from its last line in the trail"
            return Trail(len(lines), previous, False, None, reason)
    if states:
        reason = f"proposal {min(states)} is in the trail but not in the register"
        return Trail(len(lines), previous, False, None, reason)
    return Trail(len(lines), previous, True, None, "")


def _hash(line: Mapping[str, Any]) -> str:
    whole = json.dumps({name: line[name] for name in sorted(line)}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(whole.encode("utf-8")).hexdigest()
