"""How often the check of claims finds what a person labelled, and how often it asks for nothing.

    python benchmarks/claims.py          the 100 sentences rules were mended by: figures and every miss
    python benchmarks/claims.py --kept   the 50 kept sentences: figures only, never a text
    python benchmarks/claims.py --kept --write   and both into docs/reliability.md

Sentences were labelled by another hand before any rule was written. A finding counts once for each kind in
each text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sosrake_lib.effects.design import Claim
from sosrake_lib.indicators.proportion_intervals import wilson
from sosrake_lib.influence.claims import KINDS, find

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tools"))
from document_parts import renew_section  # noqa: E402  (a neighbour folder of this one)

LABELLED = PROJECT / "tests" / "reference" / "labelled_claims.jsonl"
KEPT = PROJECT / "tests" / "reference" / "labelled_claims_kept.jsonl"
PAGE = PROJECT / "docs" / "reliability.md"
HEADING = "## Väitteiden tarkastus"
CODE = "sosrake_lib/influence/claims"
RULES = (
    *(f"{CODE}/{name}.toml" for name in ("rules", "known")),
    *(f"{CODE}/{name}.py" for name in ("kinds", "figures", "sentences", "patterns")),
)
TRUST = (
    "The sentences are short, in Finnish, invented, and labelled by one person before any rule was written;",
    "rules were written by another, who saw the 100 and never the 50. Real texts are longer and more mixed.",
    "A kind with few sentences has a wide interval, and its figure says little. The figures of the 100 tell",
    "that the rules were fitted to them; those of the 50 are what to go by. The kinds were defined to the",
    "writer of the rules with a few examples, which may resemble kept sentences. No rule was changed after.",
    "Since then no-break spaces are read as spaces. A person decides every finding.",
)


@dataclass(frozen=True)
class Judged:
    """A labelled text's kinds, and those that were found."""

    labels: frozenset[str]
    found: frozenset[str]


def main() -> None:
    """Measure, print, and write when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kept", action="store_true", help="the kept sentences: figures only")
    parser.add_argument("--write", action="store_true", help="write the section of docs/reliability.md")
    given = parser.parse_args()
    lines = _part("Sentences the rules were mended by", LABELLED, show=not given.kept)
    if given.kept:
        lines += _part("Kept sentences, opened once", KEPT, show=False)
    text = "\n".join([*_opening(), *lines]).rstrip() + "\n"
    print(text)
    if given.write:
        renew_section(PAGE, HEADING, text)


def judged(path: Path, *, show: bool = False) -> list[Judged]:
    """Run the check over labelled texts; `show` prints what was missed and what was found in vain."""
    made = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = find(row["text"], Claim(row["claim"]), row["results"])
        one = Judged(frozenset(row["labels"]), frozenset(found["kind"]))
        if show and one.labels != one.found:
            lost, extra = sorted(one.labels - one.found), sorted(one.found - one.labels)
            print(f"{row['id']} {row['text']}\n    missed {lost}, extra {extra}")
        made.append(one)
    return made


def _part(name: str, path: Path, *, show: bool) -> list[str]:
    texts = judged(path, show=show)
    return [
        f"### {name}",
        "",
        f"{path.name}: {len(texts)} texts, {sum(not one.labels for one in texts)} of them clean.",
        "",
        "| kind | labelled | found | right | precision (95 %) | recall (95 %) | F1 |",
        "|---|---|---|---|---|---|---|",
        *(_row(kind, texts, (kind,)) for kind in KINDS),
        _row("**all**", texts, KINDS),
        "",
    ]


def _row(name: str, texts: Sequence[Judged], kinds: Sequence[str]) -> str:
    told = sum(kind in one.labels for one in texts for kind in kinds)
    made = sum(kind in one.found for one in texts for kind in kinds)
    both = sum(kind in one.labels & one.found for one in texts for kind in kinds)
    f1 = f"{2 * both / (told + made):.2f}" if told + made else "-"
    return f"| {name} | {told} | {made} | {both} | {_share(both, made)} | {_share(both, told)} | {f1} |"


def _share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    found = wilson(np.array([float(part)]), np.array([float(whole)]), 0.95)
    low, high = (float(np.ravel(end)[0]) for end in (found.lower, found.upper))
    return f"{part / whole:.2f} ({low:.2f}-{high:.2f})"


def _opening() -> list[str]:
    files = (LABELLED, KEPT, *(PROJECT / rule for rule in RULES))
    return [
        HEADING,
        "",
        "Command: `python benchmarks/claims.py --kept --write`. Precision and recall have Wilson intervals.",
        "",
        " ".join(TRUST),
        "",
        *(f"- `{path.relative_to(PROJECT).as_posix()}` sha256 {_hash(path)}" for path in files),
        "",
    ]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
