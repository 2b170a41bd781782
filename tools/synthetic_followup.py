"""Make the invented plans and follow-up of Esimerkkilä: what was told and what came of it.

Run: `python tools/synthetic_followup.py` after synthetic_reporting.py. The words stand in
synthetic_followup.toml; the figures of the channel log are drawn here with a fixed seed. What is true stands
in the dictionary and is what this script was given. No body was told these things, no channel measured.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
WORDS = Path(__file__).with_name("synthetic_followup.toml")
SEED = 20260117
# Audience and channel -> times used, people reached a time on average, true share that answers.
CHANNELS = {
    ("valtuutetut", "kokous"): (4, 32.0, 0.30),
    ("valtuutetut", "kirje"): (3, 58.0, 0.08),
    ("ammattilaiset", "uutiskirje"): (4, 210.0, 0.09),
    ("ammattilaiset", "tilaisuus"): (3, 46.0, 0.25),
    ("asukkaat", "some"): (5, 640.0, 0.04),
    ("asukkaat", "tilaisuus"): (3, 35.0, 0.20),
}
# Told where nobody counts readers: times used.
UNMEASURED = {("asukkaat", "lehti"): 2, ("toimittajat", "tapaaminen"): 1}
MONTHS = ("2025-02", "2025-04", "2025-05", "2025-08", "2025-09", "2025-10", "2025-11")
COLUMNS = ["laji", "tunnus", "region_level", "region_code", "tila", "kentta", "arvo", "arvo_en"]


def main() -> None:
    """Write the table with its dictionary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    written = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    rows = [*entries(written["entry"]), *channel_log(written["messages"], np.random.default_rng(SEED))]
    rows += [
        _row("kaannos", f"K{place}", "", "text", *pair) for place, pair in enumerate(written["translated"], 1)
    ]
    write_table(to, "esimerkkila_seuranta", pd.DataFrame(rows, columns=COLUMNS))


def entries(written: list[dict]) -> list[dict[str, str]]:
    """Make a row of each field of each entry; a text is [Finnish, English], a code or day one word."""
    rows = []
    for entry in written:
        for field, value in entry["fields"].items():
            pair = value if isinstance(value, list) else [str(value), ""]
            where = (entry.get("region", "hva:E1"), entry.get("state", ""))
            rows.append(_row(entry["kind"], entry["id"], where[1], field, *pair, region=where[0]))
    return rows


def channel_log(messages: list[list[str]], rng: np.random.Generator) -> list[dict[str, str]]:
    """Draw how many were reached each time and how many of them answered."""
    rows, place = [], 0
    for (audience, channel), (times, reached, share) in CHANNELS.items():
        for _ in range(times):
            people = int(rng.poisson(reached))
            counted = {"tavoitetut": str(people), "reaktiot": str(int(rng.binomial(people, share)))}
            rows += _told(place, audience, channel, messages[place % len(messages)], counted)
            place += 1
    for (audience, channel), times in UNMEASURED.items():
        for _ in range(times):
            rows += _told(place, audience, channel, messages[place % len(messages)], {})
            place += 1
    return rows


def _told(
    place: int, audience: str, channel: str, message: list[str], counted: dict[str, str]
) -> list[dict[str, str]]:
    own_id, day = f"KL{place + 1:02d}", f"{MONTHS[place % len(MONTHS)]}-{5 + place % 20:02d}"
    codes = {"paiva": day, "kanava": channel, "kohderyhma": audience, **counted}
    rows = [_row("kanavaloki", own_id, "", field, value, "") for field, value in codes.items()]
    return [*rows, _row("kanavaloki", own_id, "", "viesti", *message)]


def _row(
    kind: str, own_id: str, state: str, field: str, value: str, english: str, *, region: str = "hva:E1"
) -> dict[str, str]:
    level, _, code = region.partition(":")
    told = (kind, own_id, level, code, state, field, value, english)
    return dict(zip(COLUMNS, told, strict=True))


if __name__ == "__main__":
    main()
