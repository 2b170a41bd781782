"""The page of the feedback audit: truth recovered, figures counted by hand, no free text, words."""

from __future__ import annotations

import pytest

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_feedback as recipe
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.feedback import audit
from sosrake_lib.influence import charts_feedback
from sosrake_lib.influence import words_feedback as sanat

make = pytest.importorskip("synthetic_feedback", reason="tools/ is not beside the tests")
CODES = make.CODES


@pytest.fixture(scope="module")
def parts():
    return recipe.feedback_audit(None)


@pytest.fixture(scope="module")
def opened(parts):
    return protect.release(parts, name="asiakaspalaute", preview=True)


@pytest.fixture(scope="module")
def answers():
    return samples.table(recipe.ANSWERS)


def plain(text):
    return str(text).replace("\u00a0", " ")


def test_samples_are_what_the_tool_makes(answers):
    given = make.texts()
    again = make.answers(given, make.SEED).replace("", None)
    assert again.fillna("").astype(str).equals(answers[list(again)].fillna("").astype(str))
    assert len(make.forms(given, make.SEED)) == len(samples.table(recipe.FORMS)) == 49


def test_the_forms_that_can_show_an_effect_are_the_true_ones(parts):
    rows = parts["lomakkeet"].frame.set_index(["indicator", "group"])["value"]
    able = {group for group, value in rows["palaute_nayttaa"].items() if value == 1}
    assert able == {f"lomake_{form.lower()}" for form in make.ABLE}
    assert [group for group, value in rows["palaute_muisteltu"].items() if value == 1] == ["lomake_g"]
    total = parts["yhteensa"].frame.set_index("indicator")["value"]
    assert total[["palaute_lomakkeita", "palaute_kykenevia"]].to_list() == [12, 2]


def test_machine_alone_never_calls_a_form_able_that_is_not():
    sheet = samples.table(recipe.FORMS).drop(columns=["koodi", "osa"])
    found = audit(sheet, file="x.csv").forms.set_index("form")["can_show"]
    # It knows words, not meaning: G asks of the start in words it does not know, so a person must look.
    assert set(found.index[found]) == {"C"}
    assert set(found.index[found]) < set(make.ABLE)


def test_shares_of_answers_recover_the_truth(parts):
    given = make.texts()["osuudet"]
    rows = parts["vastaukset"].frame.set_index(["indicator", "group"])
    for indicator, kind in ((recipe.ABLE, "kykenevat"), (recipe.OTHERS, "muut")):
        for code in CODES:
            row = rows.loc[(indicator, code)]
            # Both coders may miss or invent alike, so the share is not exactly the generator's.
            assert row["lower"] - 4 <= 100 * given[kind][code] <= row["upper"] + 4


def test_shares_are_those_counted_by_hand(parts, answers):
    settled = answers.copy()
    able = settled["lomake"].isin(make.ABLE)
    yes = no = 0
    for row in settled.to_dict("records"):
        if row["lomake"] not in make.ABLE:
            continue
        first, second = ("koettu_muutos" in row[one].split() for one in ("koodaaja_1", "koodaaja_2"))
        if first == second:
            yes, no = yes + first, no + (not first)
        elif isinstance(row["koodi"], str):
            there = "koettu_muutos" in row["koodi"].split()
            yes, no = yes + there, no + (not there)
    found = parts["vastaukset"].frame.set_index(["indicator", "group"]).loc[(recipe.ABLE, "koettu_muutos")]
    assert (found["numerator"], found["denominator"]) == (yes, yes + no)
    assert found["denominator"] <= able.sum()


def test_alpha_is_that_of_the_formula(parts, answers):
    """Two raters, yes or no, nothing missing: 1 - Do / De with De of all pairs of ratings."""
    rows = parts["koodaajat"].frame.set_index(["indicator", "group"])["value"]
    for code in CODES:
        first, second = (
            answers[coder].str.split().map(lambda given, code=code: code in given) for coder in recipe.CODERS
        )
        ratings, yes = 2 * len(answers), int(first.sum() + second.sum())
        expected = 2 * yes * (ratings - yes) / (ratings * (ratings - 1))
        assert rows[recipe.ALPHA, code] == pytest.approx(1 - (first != second).mean() / expected, abs=0.0051)


def test_no_free_text_and_nothing_small_leaves(opened, answers):
    sentences = {one for bank in make.texts()["lauseet"].values() for one in bank}
    for name in opened.parts:
        rows = protect.protected_frame(opened.select(part=name))
        cells = set(rows.astype(str).to_numpy().ravel())
        assert not cells & (sentences | set(answers["vastaus"].dropna()))
        shown = rows[rows["status"] == "ok"]
        assert not shown["numerator"].between(1, 4).any()
        assert not shown["denominator"].between(1, 4).any()


def test_an_answer_to_an_unknown_form_is_refused(tmp_path, answers):
    for name in (recipe.ANSWERS, recipe.FORMS):
        for ending in ("csv", "toml"):
            file = samples.folder(None) / f"{name}.{ending}"
            (tmp_path / file.name).write_bytes(file.read_bytes())
    rows = answers.assign(lomake=answers["lomake"].where(answers["lomake"] != "A", "Z"))
    rows.to_csv(tmp_path / f"{recipe.ANSWERS}.csv", index=False)
    with pytest.raises(GatherError, match="lomaketta Z ei ole"):
        recipe.feedback_audit(tmp_path)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_words_and_tables_tell_the_released_figures(opened, language):
    names = recipe.names(language)
    total = opened.select(part="yhteensa")
    told = plain(sanat.forms(total, language))
    assert "12" in told and " 2 " in told and "19" in told
    sentence = plain(sanat.told(opened.select(part="vastaukset"), "koettu_muutos", names, language))
    assert "65" in sentence and "7" in sentence
    alpha = opened.select(part="koodaajat", indicator=recipe.ALPHA)
    assert len(sanat.agreement(alpha, names, language)) == len(CODES)
    table = sanat.forms_table(opened.select(part="lomakkeet"), names, language).plain
    assert len(table) == 12 and table.iloc[2, 1:5].nunique() == 1
    assert len(sanat.beside_table(opened.select(part="kysymykset"), names, language).plain) == 4
    assert len(sanat.machine_table(opened.select(part="kone"), names, language).plain) == len(CODES)
    assert len(sanat.six_questions(language)) == 6


def test_chart_has_words_for_those_who_do_not_see_it(opened):
    rows = opened.select(part="vastaukset")
    figure = charts_feedback.asked_and_told(rows, "Mistä vastaukset kertovat", recipe.names())
    assert "Pistekuvio" in figure.alt and "välillä 6–65" in plain(figure.alt)
    assert len(figure.table.plain) == len(CODES)


def test_words_follow_the_limits_of_alpha():
    assert [recipe._verdict(value) for value in (0.80, 0.70, 0.60)] == ["reliable", "tentative", "too_low"]
