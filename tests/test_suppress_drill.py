"""A small part of the drill: whole tables released and attacked, suppressions taken away one at a time."""

from __future__ import annotations

import importlib.util
import sys

import pytest


@pytest.fixture(scope="module")
def drill(project):
    path = project / "benchmarks" / "protect_drill.py"
    spec = importlib.util.spec_from_file_location("protect_drill", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["protect_drill"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("k", "seeds"), [(3, range(4)), (5, range(4, 7)), (10, range(7, 9))])
def test_nothing_is_recovered_or_narrowed(drill, k, seeds):
    found = drill.drill(seeds, 1, k, mutations=0)
    assert (found.recovered, found.narrow) == (0, 0)
    assert 0 < found.hidden < found.cells


def test_a_removed_suppression_is_caught_or_proved_harmless(drill):
    """What the attack finds after a removal the audit has found: no unsafe table is said to be safe."""
    found = drill.drill([1], 1, 3, mutations=1)
    assert found.removed > 0
    assert found.caught > 0
    assert found.unseen == 0


def test_the_attack_finds_what_is_there(drill):
    """With one suppression too few the drill fails: its zeros mean something."""
    frame = drill.table(0, 1)
    matrix = drill.equations(frame)
    hidden = ((frame["value"] > 0) & (frame["value"] < 5)).to_numpy()
    assert len(drill.attack(frame["value"].to_numpy(), hidden, matrix, 4.0))
    assert drill.Found(recovered=1).fails()
    assert drill.Found(unseen=1).fails()
    assert not drill.Found(tables=1).fails()


def test_the_table_goes_between_the_markers(drill, tmp_path):
    path = tmp_path / "luvut.md"
    path.write_text(f"alku\n{drill.START}\nvanha\n{drill.END}\nloppu\n", encoding="utf-8")
    drill.write(path, [drill.line(5, 1, drill.Found(tables=2, cells=10, hidden=1, clients=9.0))])
    text = path.read_text(encoding="utf-8")
    assert "vanha" not in text
    assert "| 43 x 6 | 5 | 2 | 0 | 0 | 10,0 % |" in text
    assert text.endswith("loppu\n")
