"""Self-checks: an answer in, in plain Finnish why it is right or wrong out; no answer crashes them."""

from __future__ import annotations

import math
import numbers
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.language.numbers import count, number
from sosrake_lib.selfcheck import planted, progress
from sosrake_lib.selfcheck.questions import HINTS, Question, load

MODULES: dict[str, Callable[[int], planted.Planted]] = {"moduuli_1_tietotyo": planted.plant}
_WIDTH = 88
_LARGEST_WRITTEN = 1e12  # what is larger is no count of people; it is named in powers of ten


@dataclass(frozen=True)
class Feedback:
    """What a learner is told: the question, whether the answer is right (None: not answered yet) and why."""

    question: str
    right: bool | None
    text: str

    def __repr__(self) -> str:
        """Show the words themselves in a notebook."""
        return "\n".join(textwrap.wrap(self.text, _WIDTH))


@dataclass(frozen=True, eq=False)
class Exercise:
    """One learner's copy of a module's exercise: a table of one's own and the questions about it.

    Attributes
    ----------
    module, seed : which exercise and whose.
    table : the table with errors planted in it; a fresh copy on each reading.
    facts : words and numbers the texts may mention (which indicator, which county, which years).
    """

    module: str
    seed: int
    questions: Mapping[str, Question]
    material: planted.Planted
    home: Path | None = None

    @property
    def table(self) -> pd.DataFrame:
        """Give a copy of the table, so that nothing done to it changes the checks."""
        return self.material.table.copy()

    @property
    def facts(self) -> Mapping[str, str]:
        """Give what this learner's questions are about."""
        return self.material.facts

    def task(self, name: str) -> Feedback:
        """Say what a question asks, with this learner's own indicator, county and years."""
        return Feedback(name, None, self._fill(self._question(name).task))

    def check(self, name: str, answer: object) -> Feedback:
        """Compare an answer with the one computed from the figures; say why it is wrong when it is.

        `...` and None count as not answered: the first hint is given. An answer of a wrong kind is told what
        kind is expected. A known wrong answer gets its own explanation.
        """
        question = self._question(name)
        if answer is ... or answer is None or (isinstance(answer, str) and not answer.strip()):
            return Feedback(
                name,
                None,
                say("selfcheck.unsolved", task=self._fill(question.task), hint=self._hint(question, 1)),
            )
        given = _understood(question.kind, answer)
        if given is None:
            return self._tell(name, False, say(f"selfcheck.kind.{question.kind}", got=_kind_of(answer)))
        if _same(question, given, self._computed(question, question.answer)):
            return self._tell(name, True, self._fill(question.right))
        return self._tell(name, False, self._why(question, given))

    def hint(self, name: str, step: int | None = None) -> Feedback:
        """Give the next of three hints, or the one asked for; each tells more than the one before."""
        question = self._question(name)
        if step is not None and step not in range(1, HINTS + 1):
            raise SosrakeError(say("selfcheck.hint_range", step=repr(step)))
        known = progress.read(self.home).get(name, progress.Progress())
        chosen = step or min(known.hints + 1, HINTS)
        note = self._remember(lambda: progress.record_hint(name, chosen, self.home))
        text = say("selfcheck.hint", step=chosen, hint=self._hint(question, chosen))
        return Feedback(name, None, text + note)

    def wrong_answers(self, name: str) -> dict[str, object]:
        """Compute the known wrong answers of a question for this learner, by their key."""
        question = self._question(name)
        return {one.answer: self._computed(question, one.answer) for one in question.wrong}

    def right_answer(self, name: str) -> object:
        """Compute the right answer of a question for this learner; for teachers and tests."""
        question = self._question(name)
        return self._computed(question, question.answer)

    def _question(self, name: str) -> Question:
        if name not in self.questions:
            raise SosrakeError(say("selfcheck.no_question", name=repr(name), names=", ".join(self.questions)))
        return self.questions[name]

    def _computed(self, question: Question, key: str) -> Any:
        if key not in self.material.answers:
            known = ", ".join(self.material.answers)
            raise SosrakeError(
                f"kysymykset.toml [{question.name}]: answer {key!r} is not computed; one of {known}"
            )
        return _understood(question.kind, self.material.answers[key])

    def _why(self, question: Question, given: Any) -> str:
        for one in question.wrong:
            if _same(question, given, self._computed(question, one.answer)):
                return say("selfcheck.wrong", why=self._fill(one.why))
        if question.kind == "codes":
            return say("selfcheck.wrong", why=_codes_why(given, self._computed(question, question.answer)))
        if question.kind == "number":
            near = _number_why(float(given), float(self._computed(question, question.answer)), question)
            return say("selfcheck.wrong", why=f"{near} {self._hint(question, 1)}")
        return say("selfcheck.wrong", why=self._hint(question, 1))

    def _hint(self, question: Question, step: int) -> str:
        return self._fill(question.hints[step - 1])

    def _fill(self, text: str) -> str:
        try:
            return text.format_map(self.facts)
        except KeyError as fault:
            raise SosrakeError(
                f"kysymykset.toml: {{{fault.args[0]}}} is no fact of the exercise; see planted.py"
            ) from None

    def _tell(self, name: str, right: bool, text: str) -> Feedback:
        note = self._remember(lambda: progress.record_try(name, right, self.home))
        return Feedback(name, right, text + note)

    def _remember(self, write: Callable[[], object]) -> str:
        try:
            write()
        except OSError:
            return " " + say("selfcheck.not_stored")
        return ""


def open_exercise(
    module: str, seed: int = 1, *, project: Path | None = None, home: Path | None = None
) -> Exercise:
    """Open a module's exercise with the errors of one seed planted in real published figures.

    Parameters
    ----------
    module : folder name under `course/`, such as `moduuli_1_tietotyo`.
    seed : a whole number from 0 up; the same number gives the same table and the same answers everywhere.
    """
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
        raise SosrakeError(say("selfcheck.seed", seed=repr(seed)))
    loaded = load(module, project)
    if module not in MODULES:
        raise SosrakeError(
            f"course: module {module!r} has no exercise material; add it to selfcheck/checks.py"
        )
    return Exercise(module, int(seed), loaded, MODULES[module](int(seed)), home)


def _understood(kind: str, answer: Any) -> Any:
    """Turn what a learner gives into a number, a set of codes or a text; None when it is none of these."""
    if kind == "number":
        return _as_number(answer)
    if kind == "codes":
        return _as_codes(answer)
    return answer.strip().casefold() if isinstance(answer, str) else None


def _as_number(answer: object) -> float | None:
    if isinstance(answer, str):
        text = answer.replace(" ", "").replace(" ", "").replace("−", "-").replace(",", ".").rstrip("%")
        try:
            answer = float(text)
        except ValueError:
            return None
    if isinstance(answer, pd.Series | np.ndarray) and answer.size == 1:
        answer = np.asarray(answer).reshape(-1)[0]
    if isinstance(answer, bool | np.bool_) or not isinstance(answer, numbers.Real):
        return None
    return float(answer) if math.isfinite(float(answer)) else None


def _as_codes(answer: object) -> frozenset[str] | None:
    if isinstance(answer, str):
        answer = [part for part in answer.replace(";", ",").split(",") if part.strip()]
    if isinstance(answer, pd.DataFrame) or not isinstance(answer, Iterable):
        return None
    items = list(answer)
    if not all(isinstance(item, str | numbers.Integral) for item in items):
        return None
    return frozenset(str(item).strip() for item in items)


def _same(question: Question, given: Any, expected: Any) -> bool:
    if question.kind == "number":
        return abs(float(given) - float(expected)) <= question.tolerance
    return given == expected


def _codes_why(given: frozenset[str], expected: frozenset[str]) -> str:
    short = sorted(code for code in given if code.isdigit() and len(code) < 3)
    if short:
        return say("selfcheck.codes.zeros", codes=", ".join(short))
    extra, lacking = sorted(given - expected), len(expected - given)
    parts = []
    if extra:
        parts.append(say("selfcheck.codes.extra", codes=", ".join(extra)))
    if lacking:
        parts.append(say("selfcheck.codes.lacking", lacking=lacking))
    return " ".join(parts)


def _number_why(given: float, expected: float, question: Question) -> str:
    if abs(given) >= _LARGEST_WRITTEN:
        shown = f"{given:g}"
    else:
        shown = count(round(given)) if question.decimals == 0 else number(given, question.decimals)
    if expected and abs(given * 100 - expected) <= question.tolerance:
        return say("selfcheck.number.share", given=shown)
    if expected and abs(given + expected) <= question.tolerance:
        return say("selfcheck.number.sign", given=shown)
    key = "low" if given < expected else "high"
    return say(f"selfcheck.number.{key}", given=f"{shown} {question.unit}".strip())


def _kind_of(answer: object) -> str:
    if isinstance(answer, bool | np.bool_):
        key = "truth"
    elif isinstance(answer, numbers.Real):
        key = "number" if math.isfinite(float(answer)) else "nan"
    elif isinstance(answer, pd.DataFrame | pd.Series):
        key = "table"
    elif isinstance(answer, str | list | tuple | set | frozenset):
        key = "text" if isinstance(answer, str) else "list"
    else:
        return say("selfcheck.got.other", name=type(answer).__name__)
    return say(f"selfcheck.got.{key}")
