"""Texts labelled before the rules were written; a third is kept for one final figure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

DEVELOPMENT, KEPT = "development", "kept"
PARTS = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled text: its codes as `dimension.code`, its kind, and every dimension it was labelled in."""

    name: str
    kind: str
    text: str
    codes: frozenset[str]


def part_of(name: str) -> str:
    """Give the part a text belongs to: it follows from the hash of its id alone, so nobody chooses it.

    Examples
    --------
    >>> part_of("teksti-001"), part_of("teksti-004")
    ('development', 'kept')
    """
    return KEPT if int(hashlib.sha256(name.encode()).hexdigest(), 16) % PARTS == 0 else DEVELOPMENT


def labelled(
    path: Path, dimensions: Sequence[str], *, part: str = DEVELOPMENT, final_figure: bool = False
) -> list[Labelled]:
    """Read one part of a labelled set.

    Parameters
    ----------
    path : lines of JSON: id, kind, text, and a list of codes under the name of each dimension.
    part : development or kept.
    final_figure : must be said for the kept part. Whoever has seen it while writing rules may not measure by
        it any more.

    Raises
    ------
    GatherError for the kept part without `final_figure`, and for an unknown part.
    """
    if part not in (DEVELOPMENT, KEPT):
        raise GatherError(say("coding.no_part", part=part))
    if part == KEPT and not final_figure:
        raise GatherError(say("coding.kept", file=path.name))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(
            row["id"],
            row["kind"],
            row["text"],
            frozenset(f"{dimension}.{code}" for dimension in dimensions for code in row[dimension]),
        )
        for row in rows
        if part_of(row["id"]) == part
    ]
