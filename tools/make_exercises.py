"""Make each lesson's exercise: `tehtava.ipynb` is `oppitunti.ipynb` with its solutions blanked.

Cells tagged `ratkaisu` become `vastaus = ...`; cells tagged `vain-oppitunti` are left out; no output is kept.
The lesson is the one source, so an exercise is never edited by hand.

Run: python tools/make_exercises.py [--check]
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

from notebook_form import PROJECT, dump, load, saved_form, text_of

SOLUTION, LESSON_ONLY = "ratkaisu", "vain-oppitunti"
BLANK = "# Kirjoita ratkaisusi tähän.\nvastaus = ..."
NOTICE = (
    "> Tämä on harjoituksen tehtäväpohja. Vaihda ensin `siemen` omaksi numeroksesi, niin saat omat luvut. "
    "Ratkaise tehtävät järjestyksessä; `tarkista` kertoo, mikä vastauksessa on vialla, ja "
    '`vihje("m1_1")` auttaa.'
)


def exercise(lesson: dict) -> dict:
    """Return the exercise of a lesson; the lesson itself is left as it is."""
    made = copy.deepcopy(lesson)
    made["cells"] = [_blanked(cell) for cell in made["cells"] if LESSON_ONLY not in _tags(cell)]
    solutions = sum(SOLUTION in _tags(cell) for cell in made["cells"])
    if not solutions:
        raise ValueError(f"no cell is tagged {SOLUTION!r}: an exercise without anything to solve")
    first = made["cells"][0]
    first["source"] = f"{text_of(first['source']).rstrip()}\n\n{NOTICE}"
    return saved_form(made)


def lessons(project: Path = PROJECT) -> list[Path]:
    """List the lessons that have an exercise."""
    return sorted((project / "course").glob("moduuli_*/oppitunti.ipynb"))


def main(arguments: list[str]) -> int:
    """Write every exercise, or with --check say which ones differ from their lesson."""
    stale = []
    for lesson in lessons():
        target = lesson.with_name("tehtava.ipynb")
        text = dump(exercise(load(lesson)))
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            continue
        stale.append(str(target.relative_to(PROJECT)))
        if "--check" not in arguments:
            target.write_text(text, encoding="utf-8", newline="\n")
    verb = "differs from its lesson; run tools/make_exercises.py" if "--check" in arguments else "written"
    print("\n".join(f"{name}: {verb}" for name in stale) or "exercises are in step with their lessons")
    return 1 if stale and "--check" in arguments else 0


def _tags(cell: dict) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _blanked(cell: dict) -> dict:
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
        if SOLUTION in _tags(cell):
            cell["source"] = BLANK
    return cell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
