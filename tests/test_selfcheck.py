"""Self-checks: every known wrong answer gets its own explanation, nothing a learner gives crashes them."""

from __future__ import annotations

import json
import math
import socket

import numpy as np
import pandas as pd
import pytest

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.selfcheck import open_exercise, progress, questions

MODULE = "moduuli_1_tietotyo"
SEEDS = (0, 1, 7, 11, 2026)
NAMES = ("m1_1", "m1_2", "m1_3", "m1_4", "m1_5")


@pytest.fixture(scope="module")
def exercises():
    return {seed: open_exercise(MODULE, seed) for seed in SEEDS}


def given(answer):
    return sorted(answer) if isinstance(answer, frozenset) else answer


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_right_answer_is_right_and_known_wrong_ones_are_told_why(exercises, seed, name):
    exercise = exercises[seed]
    assert exercise.check(name, given(exercise.right_answer(name))).right is True
    question = exercise.questions[name]
    assert question.wrong, "each question has a known wrong answer"
    for wrong, answer in zip(question.wrong, exercise.wrong_answers(name).values(), strict=True):
        told = exercise.check(name, given(answer))
        assert told.right is False
        assert wrong.why.format_map(exercise.facts) in told.text


@pytest.mark.parametrize("name", NAMES)
def test_unsolved_question_gets_its_task_and_first_hint(exercises, name):
    told = exercises[1].check(name, ...)
    assert told.right is None
    assert exercises[1].task(name).text in told.text
    assert exercises[1].check(name, None).text == told.text == exercises[1].check(name, "  ").text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "answer",
    [
        *(0, -1, 1e300, math.nan, math.inf, True, "kissa", "", [], [1, 2], [None], {}, object(), len, b"046"),
        *(pd.DataFrame({"a": [1]}), pd.Series([1.0, 2.0]), np.array([]), np.float64(3.2), ["046", 90]),
    ],
    ids=lambda value: type(value).__name__,  # no address in a name: the workers must agree
)
def test_nothing_given_as_an_answer_crashes_a_check(exercises, name, answer):
    told = exercises[1].check(name, answer)
    assert told.right in (None, False)
    assert told.text


def test_numbers_are_read_as_finns_write_them(exercises):
    right = exercises[1].right_answer("m1_1")
    assert exercises[1].check("m1_1", f"{right:.3f}".replace(".", ",") + " %").right
    assert exercises[1].check("m1_1", pd.Series([right])).right
    assert "Kerro sadalla" in exercises[1].check("m1_1", right / 100).text


def test_sign_and_lost_zero_are_named(exercises):
    exercise = exercises[1]
    assert "etumerkki" in exercise.check("m1_5", -exercise.right_answer("m1_5")).text
    assert "alkunolla" in exercise.check("m1_2", [46]).text
    assert "Näitä ei pitäisi olla mukana: 999" in exercise.check("m1_4", ["999"]).text


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_errors_are_in_the_table(exercises, seed):
    exercise = exercises[seed]
    table, indicator = exercise.table, exercise.facts["indicator"]
    shares = table[table["indikaattori"] == indicator]
    row = shares[shares["alue"] == "12"].iloc[0]
    assert row["nimi"] == "Etelä-Savon hyvinvointialue"
    region = shares[shares["alue"].isin(regions.members("maakunta", "12"))]
    hidden = shares[(shares["lukumaara"] == 0) & (shares["alue"].str.len() == 3)]
    assert sorted(hidden["alue"]) == sorted(exercise.right_answer("m1_2"))
    # the clash: the county's row holds the other 12's count (its own hidden zeros make the sum smaller)
    assert row["lukumaara"] >= region["lukumaara"].sum()
    assert row["nimittaja"] == region["nimittaja"].sum()
    # the boundary: Heinavesi and Joroinen moved on 1 January 2021 (Statistics Finland's regional divisions)
    assert exercise.right_answer("m1_4") == {"090", "171"}


def test_figures_of_the_table_are_the_published_ones(exercises, project):
    """Except for the planted cells, every municipality's count is the sample's own."""
    sample = pd.read_csv(project / "data/samples/sotkanet_2019.csv", dtype={"region_code": "str"})
    exercise = exercises[1]
    published = sample[
        (sample["indicator"] == exercise.facts["indicator"]) & (sample["region_level"] == "kunta")
    ].set_index("region_code")["numerator"]
    rows = exercise.table
    rows = rows[(rows["indikaattori"] == exercise.facts["indicator"]) & (rows["alue"].str.len() == 3)]
    rows = rows[~rows["alue"].isin(exercise.right_answer("m1_2"))].set_index("alue")["lukumaara"]
    assert (rows == published[rows.index]).all()


def test_same_seed_same_table_other_seed_other_answers(exercises):
    pd.testing.assert_frame_equal(open_exercise(MODULE, 7).table, exercises[7].table)
    answers = {exercise.right_answer("m1_3") for exercise in exercises.values()}
    assert len(answers) == len(SEEDS)


def test_learner_cannot_change_the_checks_by_changing_the_table(exercises):
    exercise = exercises[1]
    before = exercise.right_answer("m1_1")
    own = exercise.table
    own["lukumaara"] = 0
    assert exercise.right_answer("m1_1") == before
    assert exercise.table["lukumaara"].sum() > 0


def test_three_hints_in_turn_and_progress_kept(exercises, home):
    exercise = exercises[1]
    hints = [exercise.hint("m1_1").text for _ in range(4)]
    assert len(set(hints[:3])) == 3
    assert hints[3] == hints[2]
    exercise.check("m1_1", 1.0)
    exercise.check("m1_1", exercise.right_answer("m1_1"))
    exercise.check("m1_1", 1.0)
    assert progress.read(home)["m1_1"] == progress.Progress(solved=True, tries=3, hints=3)
    stored = json.loads((home / progress.FILE).read_text(encoding="utf-8"))
    assert set(stored["m1_1"]) == {"solved", "tries", "hints"}
    assert [path.name for path in (home / "course").iterdir()] == ["progress.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"m1_1": 3}', '{"m1_1": {"solved": true}}'])
def test_torn_progress_file_does_not_stop_a_lesson(exercises, home, text):
    (home / "course").mkdir()
    (home / progress.FILE).write_text(text, encoding="utf-8")
    assert exercises[1].check("m1_1", exercises[1].right_answer("m1_1")).right
    assert progress.read(home)["m1_1"].solved


def test_home_that_cannot_be_written_is_said_not_raised(home):
    (home / "course").write_text("a file where the folder should be", encoding="utf-8")
    exercise = open_exercise(MODULE, 1)
    told = exercise.check("m1_1", exercise.right_answer("m1_1"))
    assert told.right
    assert "ei voitu tallentaa" in told.text


def test_checks_open_no_socket(monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("a self-check opened a socket")

    monkeypatch.setattr(socket, "socket", refused)
    exercise = open_exercise(MODULE, 3)
    assert exercise.check("m1_3", 1.0).right is False


def test_wrong_use_is_one_line_that_can_be_acted_on(exercises):
    with pytest.raises(SosrakeError, match=r"m1_9.*m1_1"):
        exercises[1].check("m1_9", 1)
    with pytest.raises(SosrakeError, match="kokonaislukua"):
        open_exercise(MODULE, "seitsemän")
    with pytest.raises(SosrakeError, match=r"moduuli_9.*moduuli_1_tietotyo"):
        open_exercise("moduuli_9")
    with pytest.raises(SosrakeError, match="anna 1, 2 tai 3"):
        exercises[1].hint("m1_1", 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('kind = "number"', 'kind = "luku"'), "kind 'luku'; expected one of"),
        (("tolerance = 0.05\n", ""), "needs its tolerance"),
        (("right = ", "oikein = "), "right is missing"),
        (("[m1_1]", "[m1_1"), "not valid TOML"),
    ],
)
def test_broken_question_file_is_named(tmp_path, project, change, message):
    folder = tmp_path / "course" / MODULE
    folder.mkdir(parents=True)
    text = (project / "course" / MODULE / "kysymykset.toml").read_text(encoding="utf-8")
    (folder / "kysymykset.toml").write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SosrakeError, match=message):
        questions.load(MODULE, tmp_path)
