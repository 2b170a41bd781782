"""How often the check of claims finds what a person labelled, and how often it asks for nothing.

    python benchmarks/claims.py          the 100 sentences rules were mended by: figures and every miss
    python benchmarks/claims.py --write  the same into docs/reliability.md
    python benchmarks/claims.py --kept   the 50 kept sentences by today's rules: figures only, never a text

The kept sentences were measured once for the page; those figures stand in `claims_first_opening.toml` with
the hashes of what was measured, and nothing here writes them again: `--kept` with `--write` is refused.

Sentences were labelled by another hand before any rule was written. A finding counts once for each kind in
each text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
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
FIRST = PROJECT / "benchmarks" / "claims_first_opening.toml"
KEPT = PROJECT / "tests" / "reference" / "labelled_claims_kept.jsonl"
PAGE = PROJECT / "docs" / "reliability.md"
TABLE = (
    "| kind | labelled | found | right | precision (95 %) | recall (95 %) | F1 |",
    "|---|---|---|---|---|---|---|",
)
HEADING = "## Väitteiden tarkastus"
CODE = "sosrake_lib/influence/claims"
RULES = (
    *(f"{CODE}/{name}.toml" for name in ("rules", "known")),
    *(f"{CODE}/{name}.py" for name in ("kinds", "figures", "sentences", "patterns")),
)
TRUST = (
    "The sentences are short, in Finnish, invented, and labelled by one person before any rule was",
    "written; rules were written by another, who saw the 100 and never the 50. Real texts are longer",
    "and more mixed. A kind with few sentences has a wide interval, and its figure says little. The",
    "figures of the 100 tell that the rules were fitted to them. The kinds were defined to the writer",
    "of the rules with a few examples, which may resemble kept sentences. None of the 150 sentences is",
    "in English: of the English rules nothing has been measured. A person decides every finding.",
)
UNCHANGED = "The rules are still those of that day, so the figures of the 50 are what to go by."
CHANGED = (
    "The rules have been changed since, in {names}: noise on made pages was taken away, and numbers in",
    "words, comparisons of named places and lists were added; later, wordings that an audit saw pass:",
    "more causes, numbers in words, labels, the only person of a named place, ways to reach somebody, and",
    "easy language nobody has checked. The figures of the 50 are therefore those of earlier rules. They",
    "have not been measured again: sentences opened once are no longer unseen, and a figure from them",
    "would say less than it seems to. What to go by now needs new sentences labelled by another hand. The",
    "wordings of that audit are tests now, so they too say nothing of how often the rules find others.",
)
WEAK = (
    "Weakest were *source* (precision 0.50, recall 0.60), *long* (recall 0.50), *person* (recall 0.67)",
    "and *actor* and *rank* (recall 0.75); of all that was labelled 0.79 was found. Each rests on two",
    "to five sentences.",
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
    if given.kept and given.write:
        parser.error("the kept figures are those of the first opening; they are never written again")
    if given.kept:
        print("\n".join(_part("Kept sentences by today's rules, no longer unseen", KEPT, show=False)))
        return
    lines = _part("Sentences the rules were mended by, by today's rules", LABELLED, show=not given.write)
    text = "\n".join([*_opening(), *lines, *_first_opening()]).rstrip() + "\n"
    print(text)
    if given.write:
        renew_section(PAGE, HEADING, text)


def changed() -> list[str]:
    """Name the files of rules that are not what they were at the first opening."""
    then = first_opening()["sha256"]
    return [rule for rule in RULES if _hash(PROJECT / rule) != then[rule]]


def first_opening() -> dict:
    """Read the figures and hashes of the first opening of the kept sentences."""
    return tomllib.loads(FIRST.read_text(encoding="utf-8"))


def since() -> str:
    """Say whether the rules are those the kept sentences were measured by."""
    names = ", ".join(f"`{Path(rule).name}`" for rule in changed())
    return " ".join(CHANGED).format(names=names) if names else UNCHANGED


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
        *TABLE,
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
        "Command: `python benchmarks/claims.py --write`. Precision and recall have Wilson intervals.",
        "",
        " ".join(TRUST),
        "",
        *(f"- `{path.relative_to(PROJECT).as_posix()}` sha256 {_hash(path)}" for path in files),
        "",
    ]


def _first_opening() -> list[str]:
    told = first_opening()
    hashes = [f"- `{name}` sha256 {value}" for name, value in told["sha256"].items()]
    return [
        "### Kept sentences, as first measured",
        "",
        f"Opened for the first time {told['opened'].isoformat()}. {since()}",
        "",
        " ".join(WEAK),
        "",
        told["heading"],
        "",
        *TABLE,
        *told["rows"],
        "",
        "What was measured on that day:",
        "",
        *hashes,
        "",
    ]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
