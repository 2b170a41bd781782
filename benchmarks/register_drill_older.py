"""A register as the first schema had it: proposals, decisions and a trail that held each state's text."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa

_START = "0" * 64


def fill(connection: sa.Connection, proposals: int) -> None:
    """Write proposals, a decision on every second one, and the trail the first version wrote of them."""
    last = _START
    for number in range(1, proposals + 1):
        row: dict[str, Any] = {
            "ehdotus_id": number,
            "avain": f"avain{number}",
            "alue_taso": "kunta",
            "alue_koodi": "297",
            "teema": "asuminen",
            "teksti": f"Vanhan lokin teksti {number}.",
            "paattaja": "Aluehallitus",
            "kohde": "palvelu",
            "pvm": "2026-03-05",
            "kustannus": "",
            "tila": "tehty",
            "paatetty": None,
            "perustelu": None,
            "versio": 1,
        }
        columns = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        connection.execute(sa.text(f"INSERT INTO ehdotus ({columns}) VALUES ({places})"), row)
        last = _line(connection, last, "lisatty", row)
        if number % 2:
            continue
        row |= {"tila": "kesken", "paatetty": "2026-04-01", "perustelu": f"pöydälle {number}", "versio": 2}
        connection.execute(
            sa.text(
                "UPDATE ehdotus SET tila = :tila, paatetty = :paatetty, perustelu = :perustelu, versio = 2 "
                "WHERE ehdotus_id = :ehdotus_id"
            ),
            row,
        )
        last = _line(connection, last, "muutettu", row)


def _line(connection: sa.Connection, last: str, event: str, row: dict[str, Any]) -> str:
    number = (connection.execute(sa.text("SELECT max(nro) FROM muutosloki")).scalar() or 0) + 1
    line = {
        "nro": number,
        "aika": "2026-03-05T10:00:00+00:00",
        "tapahtuma": event,
        "ehdotus_id": row["ehdotus_id"],
        "sisalto": json.dumps(row, ensure_ascii=False, sort_keys=True),
        "edellinen": last,
    }
    whole = json.dumps({name: line[name] for name in sorted(line)}, ensure_ascii=False, sort_keys=True)
    line["tiiviste"] = hashlib.sha256(whole.encode("utf-8")).hexdigest()
    connection.execute(
        sa.text(
            "INSERT INTO muutosloki VALUES "
            "(:nro, :aika, :tapahtuma, :ehdotus_id, :sisalto, :edellinen, :tiiviste)"
        ),
        line,
    )
    return str(line["tiiviste"])
