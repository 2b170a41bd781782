"""Every exercise is its lesson with the solutions blanked, and runs to its end unsolved."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys

import pytest


@pytest.fixture(scope="module")
def tools(project):
    sys.path.insert(0, str(project / "tools"))
    try:
        yield importlib.import_module("make_exercises"), importlib.import_module("notebook_form")
    finally:
        sys.path.remove(str(project / "tools"))


def run(notebook, form):
    """Run the code cells in order, as Python; the last expression of a cell is ignored."""
    names: dict = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                exec(compile(form.text_of(cell["source"]), "<cell>", "exec"), names)
    return names, printed.getvalue()


def test_there_is_a_lesson(tools, project):
    assert tools[0].lessons(project)


def test_exercises_equal_what_the_generator_makes(tools, project):
    maker, form = tools
    for lesson in maker.lessons(project):
        made = form.dump(maker.exercise(form.load(lesson)))
        assert lesson.with_name("tehtava.ipynb").read_text(encoding="utf-8") == made, (
            f"{lesson.parent.name}/tehtava.ipynb differs from its lesson; run tools/make_exercises.py"
        )


def test_no_solution_is_left_in_an_exercise(tools, project):
    maker, form = tools
    for lesson in maker.lessons(project):
        solutions = [
            form.text_of(cell["source"])
            for cell in form.load(lesson)["cells"]
            if maker.SOLUTION in cell.get("metadata", {}).get("tags", [])
        ]
        exercise = lesson.with_name("tehtava.ipynb").read_text(encoding="utf-8")
        lines = [line.strip() for text in solutions for line in text.splitlines() if len(line.strip()) > 12]
        assert solutions
        assert not [line for line in lines if line.replace('"', '\\"') in exercise]


def test_changed_lesson_is_noticed(tools, project):
    maker, form = tools
    lesson = form.load(maker.lessons(project)[0])
    before = form.dump(maker.exercise(lesson))
    lesson["cells"][-1]["source"] = "toinen loppu"
    assert form.dump(maker.exercise(lesson)) != before


def test_lesson_without_solutions_is_refused(tools):
    maker, _ = tools
    bare = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "# A"}], "metadata": {}}
    with pytest.raises(ValueError, match="ratkaisu"):
        maker.exercise(bare)


def test_unsolved_exercise_runs_to_its_end_and_lesson_solves_every_question(tools, project):
    maker, form = tools
    for lesson in maker.lessons(project):
        solved, _ = run(form.load(lesson), form)
        assert solved["vastaus"] is not ...
        unsolved, _ = run(form.load(lesson.with_name("tehtava.ipynb")), form)
        assert unsolved["vastaus"] is ...


@pytest.mark.parametrize("seed", [1, 5])
def test_lesson_solutions_are_right_for_every_learner(tools, project, seed, home):
    """The lesson's own solutions, run with another seed, are accepted by every check."""
    from sosrake_lib.selfcheck import progress

    maker, form = tools
    for lesson in maker.lessons(project):
        notebook = form.load(lesson)
        for cell in notebook["cells"]:
            if "parameters" in cell.get("metadata", {}).get("tags", []):
                cell["source"] = f"siemen = {seed}"
        names, _ = run(notebook, form)
        kept = progress.read(home)
        assert set(kept) == set(names["harjoitus"].questions)
        assert all(one.solved and one.tries == 1 for one in kept.values())
