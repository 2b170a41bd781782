"""The feedback audit: what a form needs to show an effect, human codes win, better questions, the command."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sosrake_lib.cli import main
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.feedback import CODES, PARTS, audit, better_questions, forms
from sosrake_lib.gather.feedback import answers as told
from sosrake_lib.gather.feedback.audit import ABSENT, HUMAN, MEASURED, RECALLED
from sosrake_lib.gather.feedback.codes import codes_of
from sosrake_lib.gather.feedback.questions import beside, for_lacking
from sosrake_lib.gather.themes.labelled import KEPT, labelled

SETS = Path(__file__).parent / "reference" / "labelled_feedback.jsonl"
START, NOW = "Millainen arkesi oli palvelun alkaessa, 0–10?", "Onko arkesi nyt parempi vai huonompi?"
HELPED = "Mikä auttoi?"


def one_form(*questions, **columns):
    return pd.DataFrame({"lomake": "A", "kysymys": list(questions), **columns})


def test_our_six_questions_make_a_form_that_can_show_an_effect():
    six = better_questions()
    assert len(six) == 6 and all(one.text(language) for one in six for language in ("fi", "en", "sv"))
    when = [one.when if one.when in ("alku", "molemmat") else "loppu" for one in six]
    found = audit(one_form(*(one.fi for one in six), ajankohta=when), file="x.csv").forms.iloc[0]
    assert found["can_show"] and found["start"] == MEASURED
    assert {part for one in six for part in one.supplies} == set(PARTS)


@pytest.mark.parametrize("left_out", [START, NOW, HELPED])
def test_a_form_without_one_part_cannot_show_an_effect(left_out):
    whole = [START, NOW, HELPED]
    assert audit(one_form(*whole), file="x.csv").able == 1
    found = audit(one_form(*(one for one in whole if one != left_out)), file="x.csv")
    lacking = found.lacking("A")
    assert found.able == 0 and lacking
    assert {one.key for one in for_lacking(lacking)} <= {one.key for one in better_questions()}


def test_start_is_measured_recalled_or_absent():
    assert audit(one_form(START, NOW, HELPED), file="x.csv").forms["start"].item() == RECALLED
    asked = ["alku", "loppu", "loppu"]
    assert audit(one_form(START, NOW, HELPED, ajankohta=asked), file="x").forms["start"].item() == MEASURED
    assert audit(one_form(HELPED), file="x.csv").forms["start"].item() == ABSENT


def test_a_human_code_wins_and_the_rest_is_marked_as_a_suggestion():
    sheet = one_form(
        "Kuinka tyytyväinen olit?",
        "Kuinka tyytyväinen olit ruokaan?",
        koodi=["prosessi", None],
        osa=["ei_koodia", None],
    )
    rows = audit(sheet, file="x.csv").questions
    assert rows.loc[0, ["tyytyvaisyys", "prosessi", "by"]].to_list() == [False, True, HUMAN]
    assert rows.loc[1, "tyytyvaisyys"] and rows.loc[1, "by"].startswith("kone:")


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (pd.DataFrame({"kysymys": ["A?"]}), "sarake lomake puuttuu"),
        (one_form("A?", None), "rivi 3, sarake kysymys on tyhjä"),
        (one_form("A?", koodi=["hyvä"]), "rivi 2, sarake koodi: arvoa hyvä"),
        (one_form("A?", ajankohta=["joskus"]), "sarake ajankohta: arvoa joskus"),
        (one_form(), "ei ole rivejä"),
    ],
)
def test_faults_of_the_table_of_questions(sheet, message):
    with pytest.raises(GatherError, match=message):
        audit(sheet, file="x.csv")


def test_a_better_question_is_offered_beside_what_does_not_ask_of_change():
    assert beside(["tyytyvaisyys"]).key == "muutos" and beside(["osallistuminen"]).key == "tavoite"
    assert beside(["koettu_muutos", "tyytyvaisyys"]) is None


def test_answers_are_counted_by_a_persons_code_first_and_hold_no_text():
    sheet = pd.DataFrame(
        {
            "lomake": ["A", "A", "A"],
            "vastaus": ["Olen tyytyväinen.", "Olen tyytyväinen.", None],
            "koodi": ["koettu_muutos", None, None],
        }
    )
    rows = told.coded(forms.answers(sheet, file="x.csv"))
    assert list(rows.columns) == ["form", "suggested", *CODES] and len(rows) == 2
    counted = told.counts(forms.answers(sheet, file="x.csv")).set_index("code")
    assert counted.loc["tyytyvaisyys"].to_list() == [1, 1]
    assert counted.loc["koettu_muutos"].to_list() == [1, 0]


def test_suggestions_stay_as_good_as_told_on_the_development_part():
    right = people = made = 0
    for text in labelled(SETS, ("palaute",)):
        codes = {
            f"palaute.{one.code}"
            for one in codes_of(text.text, dictionary="simplemma")
            if one.dimension == "palaute"
        }
        right, people, made = right + len(codes & text.codes), people + len(text.codes), made + len(codes)
    assert (right, people, made) == (111, 125, 118)
    with pytest.raises(GatherError, match="säästetty"):
        labelled(SETS, ("palaute",), part=KEPT)


def run(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code, capsys.readouterr()


def test_command_says_what_lacks_and_tells_no_answer(tmp_path, capsys):
    sheet, answers = tmp_path / "lomake.csv", tmp_path / "vastaukset.csv"
    sheet.write_text("Lomake;Kysymys\nA;Kuinka tyytyväinen olit?\n", encoding="cp1252")
    secret = "Oma salainen vastaukseni, olen tyytyväinen."
    answers.write_text("lomake,vastaus\n" + f'A,"{secret}"\n' * 2, encoding="utf-8")
    code, said = run(["feedback", str(sheet), "--answers", str(answers)], capsys)
    assert code == 1 and "0 lomakkeella 1 lomakkeesta" in said.out
    assert "Puuttuu: Lähtötilanne" in said.out and "koneen ehdotus" in said.out
    assert "Muistin harha" in said.out and "Tyytyväisyys: alle 5" in said.out
    assert "salainen" not in said.out + said.err
    code, said = run(["feedback", str(sheet), "--json"], capsys)
    assert json.loads(said.out)["able"] == 0
    code, said = run(["feedback", str(tmp_path / "poissa.csv")], capsys)
    assert code == 1 and "poissa.csv" in said.err and len(said.err.splitlines()) == 1


def test_a_form_that_can_show_an_effect_leaves_with_zero(tmp_path, capsys):
    sheet = tmp_path / "lomake.csv"
    sheet.write_text(f'lomake,kysymys\nA,"{START}"\nA,{NOW}\nA,{HELPED}\n', encoding="utf-8")
    code, said = run(["feedback", str(sheet), "--language", "en"], capsys)
    assert code == 0 and "recall bias is possible" in said.out
