"""Recall and false alarms of personal data in text, and the speed.

    python benchmarks/personal_texts.py                  development part, every miss shown
    python benchmarks/personal_texts.py --held-out       the part the rules were not mended by: figures only
    python benchmarks/personal_texts.py --cases FILE     cases whose entities have offsets
    python benchmarks/personal_texts.py --write          all figures into docs/reliability.md

The texts of tests/reference/personal_texts.jsonl are invented, identity codes are of the artificial range,
and a seed splits them: two thirds for development, one third held out.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.gather.identifiers import TYPES, Entity, find, lexicon

PROJECT = Path(__file__).resolve().parents[1]
TEXTS = PROJECT / "tests" / "reference" / "personal_texts.jsonl"
PAGE = PROJECT / "docs" / "reliability.md"
SEED = 5
HEADING = "## Henkilötiedot tekstissä"
_MARK = re.compile(r"\[\[([A-Z_]+):(.*?)\]\](?!\])")
_WANTED = {"must": ("sure",), "probable": ("sure", "probable"), "review": ("sure", "probable", "review")}
TARGETS = {
    "HETU": 100,
    "EMAIL": 100,
    "IBAN": 100,
    "PHONE": 95,
    "DOB": 95,
    "PLATE": 95,
    "ADDRESS": 95,
    "NAME": 85,
}


@dataclass(frozen=True)
class Case:
    """One text; `spans` are type, start, end and the level at which a find counts."""

    name: str
    text: str
    spans: tuple[tuple[str, int, int, str], ...]


@dataclass(frozen=True)
class Score:
    """What was asked and found: `wanted`, `found`, `alarms` by type, and negatives with an alarm."""

    wanted: dict[str, int]
    found: dict[str, int]
    alarms: dict[str, int]
    negatives: int
    alarmed: int
    misses: tuple[str, ...]


def own_cases(held_out: bool) -> list[Case]:
    """Give the own texts of one part; which part a text is in follows from the seed alone."""
    rows = [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    order = sorted(rows, key=lambda row: row["id"])
    random.Random(SEED).shuffle(order)
    third = len(order) // 3
    return [_unmarked(row) for row in (order[:third] if held_out else order[third:])]


def cases_of(path: Path) -> list[Case]:
    """Read cases whose entities have offsets."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Case(
            row["id"],
            row["text"],
            tuple((one["type"], one["start"], one["end"], row["level"]) for one in row["entities"]),
        )
        for row in rows
    ]


def _unmarked(row: dict) -> Case:
    """Take the marks out; a tilde only keeps an invented number from looking like somebody's in this file."""
    text, spans, at = "", [], 0
    marked = row["marked"].replace("~", "")
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        level = row.get("levels", {}).get(match[1], row["level"])
        spans.append((match[1], len(text), len(text) + len(match[2]), level))
        text += match[2]
        at = match.end()
    return Case(row["id"], text + marked[at:], tuple(spans))


def score(cases: Iterable[Case], dictionary: str) -> Score:
    """Compare finds with the marked ones: type and both ends equal, the level at least the marked one."""
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    misses: list[str] = []
    negatives = alarmed = 0
    for case in cases:
        finds = find(case.text, dictionary=dictionary)
        for kind, start, end, level in case.spans:
            wanted[kind] += 1
            if any(_hits(one, kind, start, end, level) for one in finds):
                found[kind] += 1
            else:
                misses.append(f"{case.name}: {kind} {start}-{end} ({level}) in {case.text!r}; {_told(finds)}")
        extra = _extra(case, finds)
        alarms.update(one.type for one in extra)
        if extra:
            misses.append(f"{case.name}: alarm in {case.text!r}; {_told(extra)}")
        negatives += not case.spans
        alarmed += not case.spans and bool(extra)
    return Score(dict(wanted), dict(found), dict(alarms), negatives, alarmed, tuple(misses))


def _extra(case: Case, finds: Iterable[Entity]) -> list[Entity]:
    """Give the finds that touch nothing marked and are not only for review."""
    return [
        one
        for one in finds
        if one.level != "review" and not any(one.start < e and s < one.end for _, s, e, _ in case.spans)
    ]


def _hits(one: Entity, kind: str, start: int, end: int, level: str) -> bool:
    return (one.type, one.start, one.end) == (kind, start, end) and one.level in _WANTED[level]


def _told(finds: Iterable[Entity]) -> str:
    return (
        ", ".join(f"{one.type} {one.start}-{one.end} {one.level} {one.reason}" for one in finds) or "nothing"
    )


def table(done: Score) -> list[str]:
    """Write a score as the rows of a table."""
    lines = ["| type | marked | found | recall | target | other alarms |", "|---|---|---|---|---|---|"]
    for kind in TYPES:
        if done.wanted.get(kind) or done.alarms.get(kind):
            wanted, found = done.wanted.get(kind, 0), done.found.get(kind, 0)
            recall = f"{100 * found / wanted:.0f} %" if wanted else "-"
            target = f"{TARGETS[kind]} %" if kind in TARGETS else "-"
            lines.append(
                f"| {kind} | {wanted} | {found} | {recall} | {target} | {done.alarms.get(kind, 0)} |"
            )
    share = 100 * done.alarmed / done.negatives if done.negatives else 0
    told = f"{done.alarmed} of {done.negatives} ({share:.1f} %; target at most 6 %)"
    return [*lines, "", f"Texts without personal data that gave an alarm: {told}."]


def speed(dictionary: str) -> float:
    """Measure megabytes a processor second over the project's Finnish messages mixed with our texts.

    One sentence in ten is a text with personal data; the messages are ordinary prose with few digits.
    """
    prose = [
        sentence
        for path in sorted((PROJECT / "sosrake_lib" / "language" / "fi").glob("*.toml"))
        for sentence in re.findall(r'"([^"\n]{40,})"', path.read_text(encoding="utf-8"))
    ]
    held = [case.text for case in own_cases(False) if case.spans]
    draw = random.Random(SEED)
    chosen: list[str] = []
    size = 0
    while size < 2_000_000:
        chosen.append(draw.choice(held if draw.random() < 0.1 else prose))
        size += len(chosen[-1].encode()) + 1
    text = "\n".join(chosen)
    find(text[:50_000], dictionary=dictionary)
    started = time.process_time()
    find(text, dictionary=dictionary)
    return size / 1e6 / (time.process_time() - started)


def page() -> str:
    """Write the section of docs/reliability.md."""
    lines = [
        HEADING,
        "",
        "Command: `python benchmarks/personal_texts.py --write`. The texts are invented "
        "(tests/reference/personal_texts.jsonl); a find counts when its type and both ends are right and its "
        "level is at least the marked one.",
        "",
        "How far to trust these figures: texts and rules have one author, a seed alone chose the held-out "
        "third, and some kinds have one to four texts in it, so 100 % of them says little. No text is a real "
        "client's. Expect more misses in real text, and let a person read whatever leaves the house.",
    ]
    for name, held_out in (("Development part", False), ("Held-out part", True)):
        for dictionary in ("rules", "simplemma"):
            done = score(own_cases(held_out), dictionary)
            lines += ["", f"### {name}, dictionary: {dictionary}", "", *table(done)]
    told = ", ".join(f"{speed(one):.1f} MB/s with {one}" for one in ("rules", "simplemma"))
    return "\n".join([*lines, "", f"Speed, a processor second, one thread: {told} (target 1 MB/s)."]) + "\n"


def write(section: str) -> None:
    """Put the section in its place in the page, or at its end."""
    old = (
        PAGE.read_text(encoding="utf-8")
        if PAGE.exists()
        else "# Reliability: figures and the commands that give them\n"
    )
    before, heading, after = old.partition(HEADING)
    rest = re.search(r"(?m)^## ", after) if heading else None
    tail = after[rest.start() :] if rest else ""
    PAGE.write_text(f"{before.rstrip()}\n\n{section}" + (f"\n{tail}" if tail else ""), encoding="utf-8")


def main() -> int:
    """Run what was asked."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--held-out", action="store_true")
    asked.add_argument("--cases", type=Path)
    asked.add_argument("--dictionary", default="rules")
    asked.add_argument("--speed", action="store_true")
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    if given.write:
        write(page())
        return 0
    if given.speed:
        print(f"{speed(given.dictionary):.2f} MB/s, dictionary {lexicon(given.dictionary).name}")
        return 0
    done = score(cases_of(given.cases) if given.cases else own_cases(given.held_out), given.dictionary)
    print("\n".join(table(done)))
    if not given.held_out:
        print("\n".join(done.misses))
    return 0


if __name__ == "__main__":
    sys.exit(main())
