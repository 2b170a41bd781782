"""Themes in free text: codebook, negation, the lock on the kept third, coders' tables."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.themes import codebook, coding, lemmatiser, suggest, suggest_many
from sosrake_lib.gather.themes.codebook import DIMENSIONS, SEED_THEMES
from sosrake_lib.gather.themes.labelled import DEVELOPMENT, KEPT, labelled, part_of
from sosrake_lib.gather.themes.lemmas import AS_WRITTEN, SIMPLEMMA, VOIKKO
from sosrake_lib.indicators import coders

REFERENCE = Path(__file__).parent / "reference"
TEXTS = REFERENCE / "labelled_themes.jsonl"


def found(text, dimension="teema", dictionary=AS_WRITTEN):
    return {one.code for one in suggest(text, dictionary=dictionary) if one.dimension == dimension}


def test_codebook_has_the_projects_codes_and_every_code_is_defined_in_both_languages():
    book = codebook()
    assert tuple(code.key for code in book.of("teema")) == SEED_THEMES
    assert [code.key for code in book.of("tarve")] == [one.key for one in catalogue.needs()]
    for code in book.codes:
        assert code.name() and code.name("en") and len(code.definition_fi) > 20 < len(code.definition_en)
    with pytest.raises(GatherError, match=r"väri.*teema, tarve, rakenne"):
        book.of("väri")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Rahat eivät riitä vuokraan.", {"koyhyys", "asuminen"}),
        ("Hän ei ole yksinäinen.", set()),
        ("En ole köyhä, mutta yksinäinen.", {"yksinaisyys"}),
        ("Ystäviä on paljon.", set()),
        ("Ystäviä ei ole.", {"yksinaisyys"}),
        ("Alkoholi ei ole ongelma.", set()),
        ("Päihteitä hän ei käytä.", set()),
        ("Velkaa ei ole.", set()),
        ("Velkaiselle ei ole neuvontaa.", {"koyhyys"}),
        ("Hän ei saa päihdehoitoa.", {"paihde_mielenterveys"}),
        ("Yksinäinen ja tyoton.", {"yksinaisyys", "tyottomyys"}),
        ("TOIMENTULOTUKI MYÖHÄSTYI", {"koyhyys"}),
        ("", set()),
        ("12.3.2024 klo 14", set()),
    ],
)
def test_negation_and_slips_of_the_pen(text, codes):
    assert found(text) == codes


def test_a_theme_brings_its_need_and_says_so():
    made = {one.code: one for one in suggest("Olen työtön.", dictionary=AS_WRITTEN)}
    assert made["osallisuus"].because == "teema.tyottomyys" and made["tyottomyys"].because == "problem"
    assert {one.by for one in made.values()} == {f"kone:{AS_WRITTEN}"}


def test_many_suggestions_hold_no_text_and_are_marked():
    rows = suggest_many([("1", "Velkaa on."), ("2", "Hei.")], dictionary=AS_WRITTEN)
    assert list(rows.columns) == ["unit", "rater", "dimension", "code", "suggestion"]
    assert set(rows["unit"]) == {"1"} and rows["suggestion"].all()
    assert not rows.astype(str).apply(lambda column: column.str.contains("elkaa")).any().any()


def test_simplemma_finds_base_forms_and_an_absent_dictionary_is_refused():
    assert lemmatiser(SIMPLEMMA).lemmas("asunnossa") == ("asunto",)
    assert lemmatiser("auto").name in (VOIKKO, SIMPLEMMA)
    with pytest.raises(GatherError, match="Sanakirjaa keksitty"):
        lemmatiser("keksitty")


@given(st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_text_gives_codes_of_the_book_only(text):
    known = {(code.dimension, code.key) for code in codebook().codes}
    assert {(one.dimension, one.code) for one in suggest(text, dictionary=AS_WRITTEN)} <= known


def test_the_kept_third_is_shut_without_the_flag_and_follows_from_the_hash():
    with pytest.raises(GatherError, match="säästetty kolmannes"):
        labelled(TEXTS, DIMENSIONS, part=KEPT)
    with pytest.raises(GatherError, match="development ja kept"):
        labelled(TEXTS, DIMENSIONS, part="muu")
    ids = [json.loads(line)["id"] for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    assert len(ids) == len(set(ids)) == 176
    third = {name for name in ids if int(hashlib.sha256(name.encode()).hexdigest(), 16) % 3 == 0}
    assert {name for name in ids if part_of(name) == KEPT} == third and len(third) == 57
    names = {text.name for text in labelled(TEXTS, DIMENSIONS)}
    assert names == set(ids) - third and part_of("teksti-001") == DEVELOPMENT


def test_labels_use_known_codes_and_the_figures_page_names_the_file_measured():
    known = {f"{code.dimension}.{code.key}" for code in codebook().codes}
    texts = labelled(TEXTS, DIMENSIONS)
    assert set().union(*(text.codes for text in texts)) <= known
    page = (REFERENCE.parents[1] / "docs" / "reliability.md").read_text(encoding="utf-8")
    for file in (TEXTS, REFERENCE / "labelled_feedback.jsonl"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() in page


def test_suggestions_stay_as_good_as_told_on_the_development_part():
    right = given_by_people = made = 0
    for text in labelled(TEXTS, DIMENSIONS):
        codes = {f"teema.{code}" for code in found(text.text, dictionary=SIMPLEMMA)}
        own = {code for code in text.codes if code.startswith("teema.")}
        right, given_by_people, made = right + len(codes & own), given_by_people + len(own), made + len(codes)
    assert (right, given_by_people, made) == (117, 131, 124)


SHEET = pd.DataFrame(
    {
        "unit": ["1", "1", "2", "2", "3", "3", "4"],
        "coder": ["A", "B", "A", "B", "A", "B", "A"],
        "codes": ["koyhyys asuminen", "koyhyys", "ei_koodia", "ei_koodia", "asuminen", "asuminen", "koyhyys"],
    }
)
KNOWN = ["koyhyys", "asuminen"]


def test_disagreements_are_listed_by_unit_and_code():
    codes = coding.read_codes(SHEET, KNOWN, file="koodit.csv")
    assert coding.disagreements(codes, KNOWN).to_dict("records") == [
        {"unit": "1", "code": "asuminen", "gave": "A", "did_not": "B"}
    ]


def test_agreed_code_settles_only_what_was_open():
    codes = coding.read_codes(SHEET, KNOWN, file="koodit.csv")
    agreed = pd.DataFrame({"unit": ["1", "3"], "codes": ["asuminen", "koyhyys"]})
    final = coding.settled(codes, KNOWN, agreed, file="koodit.csv").set_index(["unit", "code"])
    assert final.loc[("1", "asuminen")].to_list() == [True, coding.SETTLED]
    assert final.loc[("3", "asuminen")].to_list() == [True, coding.BOTH]
    unsettled = coding.settled(codes, KNOWN, file="koodit.csv").set_index(["unit", "code"])
    assert unsettled.at[("1", "asuminen"), "given"] is pd.NA
    assert unsettled.at[("1", "asuminen"), "decided_by"] == coding.OPEN


def test_agreement_of_the_table_is_that_of_another_library():
    codes = coding.read_codes(SHEET.iloc[:6], KNOWN, file="koodit.csv")
    table = coding.yes_no(codes, KNOWN).rename(columns={"code": "asked"})
    figures = coders.coders(
        table, code="given", by=["asked"], levels=["ei", "kylla"], method="none"
    ).figures.set_index(["asked", "statistic"])["value"]
    assert figures["koyhyys", "cohen_kappa"] == pytest.approx(
        cohens_kappa(np.array([[2, 0], [0, 1]]))["kappa"]
    )
    assert figures["asuminen", "cohen_kappa"] == pytest.approx(
        cohens_kappa(np.array([[1, 0], [1, 1]]))["kappa"]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codes": ["koyhyys"] * 6 + ["velka"]}, "rivi 8: koodia velka ei ole"),
        ({"codes": [*["koyhyys"] * 6, None]}, "rivi 8, sarake codes on tyhjä"),
        ({"coder": ["A", "A", *"ABABA"]}, "rivi 3: A on koodannut yksikön 1"),
        ({"coder": ["kone:voikko", *"BABABA"]}, "varattu koneen ehdotukselle"),
    ],
)
def test_faults_of_the_coders_table_say_row_and_column(change, message):
    with pytest.raises(GatherError, match=message):
        coding.read_codes(SHEET.assign(**change), KNOWN, file="koodit.csv")


def test_one_coder_is_not_enough():
    with pytest.raises(GatherError, match="koodaajia on 1"):
        coding.read_codes(SHEET[SHEET["coder"] == "A"], KNOWN, file="koodit.csv")
