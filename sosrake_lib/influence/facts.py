"""What the figures of a page rest on: newest period, sources, methods, and how many are not shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sosrake_lib import frame as frames
from sosrake_lib.influence import labels
from sosrake_lib.influence.rows import Row

# An indicator of a register in the languages of the workbook: one, many.
_MANY = {"indikaattori": "indikaattorit", "indicator": "indicators", "indikator": "indikatorer"}
_NUMBERED = re.compile(rf"(?P<before>.*\b)(?P<one>{'|'.join(_MANY)}) (?P<number>\d+)(?P<after>.*)")


def joined_sources(sources: Iterable[str]) -> list[str]:
    """Tell sources that differ only by an indicator's number once, with all their numbers.

    Examples
    --------
    >>> joined_sources(["Kela, indikaattori 2320, CC BY", "Kela, indikaattori 313, CC BY"])
    ['Kela, indikaattorit 313, 2320, CC BY']
    >>> joined_sources(["THL Sotkanet, indicator 181", "THL Sotkanet, indicator 127"])
    ['THL Sotkanet, indicators 127, 181']
    """
    found: dict[tuple[str, str, str], set[int]] = {}
    plain = set()
    for source in sources:
        match = _NUMBERED.fullmatch(source)
        if match:
            found.setdefault((match["before"], match["one"], match["after"]), set()).add(int(match["number"]))
        else:
            plain.add(source)
    for (before, one, after), numbers in found.items():
        told = ", ".join(map(str, sorted(numbers)))
        plain.add(f"{before}{_MANY[one] if len(numbers) > 1 else one} {told}{after}")
    return sorted(plain)


@dataclass(frozen=True)
class Facts:
    """Collected from the rows of each shown table and figure, carried in the output's metadata.

    `hidden` holds (whose figure, status) of every row that is not shown, so that a figure missing from two
    tables is counted once.
    """

    newest_period: str = ""
    sources: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    own: bool = False

    @classmethod
    def of_rows(cls, rows: Sequence[Row]) -> Facts:
        """Collect the facts of released rows."""
        periods = [str(row["period"]) for row in rows if row.shown]
        methods = {str(row["method"]) for row in rows if row.has("method") and row["method"]}
        return cls(
            max(periods, key=frames.period_end, default=""),
            tuple(sorted({text for row in rows if (text := labels.source_text(row))})),
            tuple(sorted(methods)),
            tuple(sorted({(_figure_of(row), str(row["status"])) for row in rows if not row.shown})),
            any(labels.is_sum_of_published(row) for row in rows),
        )

    @classmethod
    def of_metadata(cls, told: Mapping[str, Any]) -> Facts:
        """Read the facts back from an output's metadata."""
        given = told.get("facts", {})
        return cls(
            str(given.get("newest_period", "")),
            tuple(given.get("sources", ())),
            tuple(given.get("methods", ())),
            tuple((str(result), str(status)) for result, status in given.get("hidden", ())),
            bool(given.get("own", False)),
        )

    def metadata(self, release_id: str, kind: str) -> dict[str, Any]:
        """Write the facts for an output's metadata, beside the release and the kind of thing shown."""
        told: dict[str, Any] = {"release": release_id, "kind": kind}
        if self != Facts():
            told["facts"] = {
                "newest_period": self.newest_period,
                "sources": list(self.sources),
                "methods": list(self.methods),
                "hidden": [list(pair) for pair in self.hidden],
                "own": self.own,
            }
        return told

    def with_more(self, other: Facts) -> Facts:
        """Join two collections of facts."""
        periods = [period for period in (self.newest_period, other.newest_period) if period]
        return Facts(
            max(periods, key=frames.period_end, default=""),
            tuple(sorted({*self.sources, *other.sources})),
            tuple(sorted({*self.methods, *other.methods})),
            tuple(sorted({*self.hidden, *other.hidden})),
            self.own or other.own,
        )

    def count(self, status: str) -> int:
        """Count the figures that are not shown for a reason: `suppressed`, `missing`, ..."""
        return sum(found == status for _, found in self.hidden)


def _figure_of(row: Row) -> str:
    key = ("indicator", "region_level", "region_code", "period", "sex", "age", "group")
    return "|".join(str(row[column]) for column in key)
