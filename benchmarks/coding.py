"""How often the machine's suggestion of themes and of feedback codes is right.

    python benchmarks/coding.py                 development part: figures, and every miss
    python benchmarks/coding.py --final --write the kept third too, and all figures into docs/reliability.md

The texts of tests/reference/labelled_themes.jsonl and labelled_feedback.jsonl are invented and were labelled
before the rules were written. The hash of a text's id says which part it is in; the kept third is opened by
--final alone, and rules are not mended by it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sosrake_lib.gather.feedback.codes import codes_of
from sosrake_lib.gather.themes import lemmatiser, suggest
from sosrake_lib.gather.themes.codebook import DIMENSIONS
from sosrake_lib.gather.themes.labelled import DEVELOPMENT, KEPT, Labelled, labelled
from sosrake_lib.indicators.proportion_intervals import wilson

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tools"))
from document_parts import renew_section  # noqa: E402  (a neighbour folder of this one)

REFERENCE = PROJECT / "tests" / "reference"
PAGE = PROJECT / "docs" / "reliability.md"
HEADING = "## Teemojen ja palautteen koodaus"
REPLICATES, SEED = 2000, 20251122
FEW = 10  # labelled texts below which F1 gets no interval
RULES = (
    "sosrake_lib/gather/themes/codebook.toml",
    "sosrake_lib/gather/themes/negation.toml",
    "sosrake_lib/gather/feedback/codes.toml",
)

INTERVALS = "Precision and recall have Wilson intervals; F1 is resampled by text."
TRUST = (
    "How far to trust these figures: texts and rules have one author, so the kept third is not read",
    "again but was once written by the same hand; it shows what the rules do beyond the texts they were",
    "mended by, and it is an upper limit for real texts. Patterns that stood for one text only were",
    "taken out before the kept third was opened, by judgement, from both parts. Where the kept third",
    "does no worse than the development part (feedback), the author's memory of the wording is a likely",
    "reason. Structures fall most: what upholds a problem is told in too many ways for a list of words.",
    "The labels are one person's; how two people agree is told on the page of the feedback audit. A",
    "code with few texts has a wide interval, and its figure says little. Irony and hints are mostly",
    "missed. The suggestion is for a coder's eyes: a person's code always wins.",
)


@dataclass(frozen=True)
class Task:
    """A labelled set, its dimensions and who suggests."""

    file: str
    dimensions: tuple[str, ...]
    suggest: Callable[..., Sequence]


TASKS = (
    Task("labelled_themes.jsonl", DIMENSIONS, suggest),
    Task("labelled_feedback.jsonl", ("palaute",), codes_of),
)


def main() -> None:
    """Measure, print, and write when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--final", action="store_true", help="open the kept third for the final figure")
    parser.add_argument("--write", action="store_true", help="write the section of docs/reliability.md")
    parser.add_argument("--dictionary", default="auto")
    given = parser.parse_args()
    parts = [DEVELOPMENT, KEPT] if given.final else [DEVELOPMENT]
    lines = _opening(lemmatiser(given.dictionary).name)
    for part in parts:
        lines += [f"### {'Kept third' if part == KEPT else 'Development part'}", ""]
        for task in TASKS:
            lines += _measured(task, part, given.dictionary, show=part == DEVELOPMENT and not given.write)
    text = "\n".join(lines).rstrip() + "\n"
    print(text)
    if given.write:
        renew_section(PAGE, HEADING, text)


def _measured(task: Task, part: str, dictionary: str, *, show: bool) -> list[str]:
    texts = labelled(REFERENCE / task.file, task.dimensions, part=part, final_figure=part == KEPT)
    found = [
        frozenset(f"{one.dimension}.{one.code}" for one in task.suggest(text.text, dictionary=dictionary))
        for text in texts
    ]
    found = [{code for code in codes if code.partition(".")[0] in task.dimensions} for codes in found]
    if show:
        _show_misses(texts, found)
    lines = [
        f"{task.file}: {len(texts)} texts.",
        "",
        "| code | labelled | suggested | right | precision (95 %) | recall (95 %) | F1 (95 %) |",
        "|---|---|---|---|---|---|---|",
    ]
    codes = sorted({code for text in texts for code in text.codes} | set().union(*found))
    for dimension in task.dimensions:
        own = [code for code in codes if code.startswith(f"{dimension}.")]
        lines += [_row(code, texts, found, [code]) for code in own]
        lines.append(_row(f"**{dimension}, all**", texts, found, own))
    return [*lines, ""]


def _row(name: str, texts: list[Labelled], found: list[set[str]], codes: Sequence[str]) -> str:
    """Count over texts; F1's interval resamples whole texts."""
    human = np.array([[code in text.codes for code in codes] for text in texts])
    machine = np.array([[code in one for code in codes] for one in found])
    both, given, made = (table.sum(axis=1) for table in (human & machine, human, machine))
    rng = np.random.default_rng(SEED)
    weights = rng.multinomial(len(texts), np.full(len(texts), 1 / len(texts)), size=REPLICATES)
    totals = (weights @ given) + (weights @ made)
    drawn = np.divide(2 * (weights @ both), totals, out=np.full(REPLICATES, np.nan), where=totals > 0)
    total = given.sum() + made.sum()
    f1 = f"{2 * both.sum() / total:.2f}" if total else "-"
    ends = np.nanpercentile(drawn, [2.5, 97.5]) if np.isfinite(drawn).any() else (np.nan, np.nan)
    cells = [
        *(str(int(one.sum())) for one in (given, made, both)),
        _share(both.sum(), made.sum()),
        _share(both.sum(), given.sum()),
        # Few texts resampled tell nothing of what chance does: all right stays all right.
        f"{f1} ({ends[0]:.2f}-{ends[1]:.2f})" if given.sum() >= FEW else f"{f1} (too few)",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _share(part: int, whole: int) -> str:
    if not whole:
        return "-"
    found = wilson(np.array([float(part)]), np.array([float(whole)]), 0.95)
    low, high = (float(np.ravel(end)[0]) for end in (found.lower, found.upper))
    return f"{part / whole:.2f} ({low:.2f}-{high:.2f})"


def _show_misses(texts: list[Labelled], found: list[set[str]]) -> None:
    for text, codes in zip(texts, found, strict=True):
        if text.codes != codes:
            lost, extra = sorted(text.codes - codes), sorted(codes - text.codes)
            print(f"{text.name} [{text.kind}] {text.text}\n    missed {lost}, extra {extra}")


def _opening(dictionary: str) -> list[str]:
    hashes = [
        f"- `{path.relative_to(PROJECT).as_posix()}` sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in (*(REFERENCE / task.file for task in TASKS), *(PROJECT / rule for rule in RULES))
    ]
    return [
        HEADING,
        "",
        f"Command: `python benchmarks/coding.py --final --write`. Dictionary: {dictionary}. {INTERVALS}",
        "",
        " ".join(TRUST),
        "",
        *hashes,
        "",
    ]


if __name__ == "__main__":
    main()
