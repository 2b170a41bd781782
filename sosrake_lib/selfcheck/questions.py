"""Questions of a module as data: `course/<module>/kysymykset.toml` and its one loader.

A question names *how* its answer and its known wrong answers are computed (a key of the module's answers), so
no figure stands in the file and every learner has own numbers.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib import samples
from sosrake_lib.errors import SosrakeError

KINDS = ("number", "codes", "text")
HINTS = 3


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that learners really give: how it is computed and why it is wrong."""

    answer: str
    why: str


@dataclass(frozen=True)
class Question:
    """One self-check.

    Attributes
    ----------
    name : such as `m1_1`; task : what is asked; kind : number, codes or text.
    answer : key of the module's answers; tolerance : largest allowed distance of a number (its unit).
    hints : three, each telling more; right : what a right answer is told; wrong : known wrong answers.
    """

    name: str
    task: str
    kind: str
    answer: str
    tolerance: float
    decimals: int
    unit: str
    hints: tuple[str, ...]
    right: str
    wrong: tuple[Wrong, ...]


def module_folder(module: str, project: Path | None = None) -> Path:
    """Find the folder of a module (`moduuli_1_tietotyo`), or say which modules there are."""
    course = Path(project or samples.project_root()) / "course"
    names = sorted(path.parent.name for path in course.glob("moduuli_*/kysymykset.toml"))
    if module not in names:
        raise SosrakeError(f"course: no module {module!r} in {course}; it holds {', '.join(names) or 'none'}")
    return course / module


def load(module: str, project: Path | None = None) -> dict[str, Question]:
    """Read and check the questions of a module, in the order of the file.

    Raises
    ------
    SosrakeError naming file, question, what is missing or unknown and what to write.
    """
    path = module_folder(module, project) / "kysymykset.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SosrakeError(f"{path}: not valid TOML ({fault}); mend the file") from None
    return {
        name: _question(f"{path.parent.name}/{path.name} [{name}]", name, tables[name]) for name in tables
    }


def _question(where: str, name: str, table: dict) -> Question:
    lacking = [key for key in ("task", "kind", "answer", "hints", "right", "wrong") if not table.get(key)]
    if lacking:
        raise SosrakeError(f"{where}: {lacking[0]} is missing; write it")
    if table["kind"] not in KINDS:
        raise SosrakeError(f"{where}: kind {table['kind']!r}; expected one of {', '.join(KINDS)}")
    if len(table["hints"]) != HINTS:
        raise SosrakeError(f"{where}: {len(table['hints'])} hints; expected {HINTS}, each telling more")
    if table["kind"] == "number" and "tolerance" not in table:
        raise SosrakeError(f"{where}: a number needs its tolerance; write it")
    return Question(
        name=name,
        task=table["task"],
        kind=table["kind"],
        answer=table["answer"],
        tolerance=float(table.get("tolerance", 0)),
        decimals=int(table.get("decimals", 1)),
        unit=table.get("unit", ""),
        hints=tuple(table["hints"]),
        right=table["right"],
        wrong=tuple(Wrong(one["answer"], one["why"]) for one in table["wrong"]),
    )
