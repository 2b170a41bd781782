"""Numbers with their units: Kielitoimisto's conventions by example, and what holds of every number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import LANGUAGES, keys, numbers

NBSP, MINUS = numbers.NO_BREAK_SPACE, numbers.MINUS
VALUES = st.floats(-1e9, 1e9, allow_nan=False)
WRITERS = (
    *(numbers.percent, numbers.points, numbers.percent_words, numbers.signed, numbers.per_thousand),
    *(numbers.euros, numbers.euros_words),
)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        # Kielitoimiston ohjepankki, "Prosentti ja prosenttiyksikkö", "Numeroilmaukset", "Välilyönti".
        (numbers.percent(3.2), "3,2_%"),
        (numbers.points(3.2), "3,2_prosenttiyksikköä"),
        (numbers.points(1, 0), "1_prosenttiyksikkö"),
        (numbers.points(1.0), "1,0_prosenttiyksikköä"),
        (numbers.points(-1, 0), "−1_prosenttiyksikkö"),
        (numbers.percent_words(1, 0), "1_prosentti"),
        (numbers.percent_words(0.5), "0,5_prosenttia"),
        (numbers.counted(0, "person"), "0_henkilöä"),
        (numbers.counted(1, "person"), "1_henkilö"),
        (numbers.counted(1204, "household"), "1_204_kotitaloutta"),
        (numbers.counted(21, "municipality"), "21_kuntaa"),
        (numbers.percent_interval(9.7, 10.2), "9,7–10,2_%"),
        (numbers.percent_interval(-1.5, 2), "−1,5_–_2,0_%"),
        (numbers.euros(1234.5, 2), "1_234,50_€"),
        (numbers.euros(-1200), "−1_200_€"),
        (numbers.euros_words(1200), "1_200_euroa"),
        (numbers.per_thousand(12.3), "12,3 tuhatta kohti"),
        (numbers.signed(0.7), "+0,7"),
        (numbers.signed(-0.7), "−0,7"),
        (numbers.signed(0.04), "0,0"),
        (numbers.ordinal(3), "3."),
        (numbers.about("9,9_%".replace("_", NBSP)), "noin_9,9_%"),
        (numbers.large(1_250_000), "1,3_miljoonaa"),
        (numbers.large(-2_000_000), "−2_miljoonaa"),
        (numbers.large(999_960_000), "1,0_miljardia"),
        (numbers.large(1_000_000_000), "1_miljardi"),
        (numbers.points(3.2, 1, "en"), "3.2_percentage points"),
        (numbers.points(1, 0, "en"), "1_percentage point"),
        (numbers.euros(1234.5, 2, "en"), "€1,234.50"),
        (numbers.euros(-5, 0, "en"), "−€5"),
        (numbers.large(1_250_000, 1, "en"), "1.3_million"),
        (numbers.counted(2, "person", "en"), "2_people"),
        (numbers.points(3.2, 1, "sv"), "3,2_procentenheter"),
        (numbers.points(1, 0, "sv"), "1_procentenhet"),
        (numbers.large(1_000_000, 1, "sv"), "1_miljon"),
        (numbers.about("9,9_%".replace("_", NBSP), "sv"), "cirka_9,9_%"),
    ],
)
def test_conventions(told, text):
    assert told == text.replace("_", NBSP)


@pytest.mark.parametrize(
    ("value", "swedish", "english"),
    [
        *(
            (1, "1:a", "1st"),
            (2, "2:a", "2nd"),
            (3, "3:e", "3rd"),
            (11, "11:e", "11th"),
            (12, "12:e", "12th"),
        ),
        *((21, "21:a", "21st"), (22, "22:a", "22nd"), (111, "111:e", "111th"), (100, "100:e", "100th")),
    ],
)
def test_ordinals(value, swedish, english):
    assert (numbers.ordinal(value, "sv"), numbers.ordinal(value, "en")) == (swedish, english)


@settings(max_examples=50)
@given(VALUES, st.sampled_from(WRITERS), st.sampled_from(LANGUAGES), st.integers(0, 3))
def test_a_number_and_its_unit_never_part(value, write, language, decimals):
    told = write(value, decimals, language)
    # A break may come only after the unit's first word, never between digits or before the unit.
    assert not re.search(r"\d [\d%€]", told)
    assert "-" not in told and "  " not in told and "{" not in told
    if write in (numbers.percent, numbers.points, numbers.euros_words):
        assert not re.search(r"\d \w", told)


@settings(max_examples=50)
@given(VALUES, st.integers(0, 3), st.sampled_from(LANGUAGES))
def test_the_singular_stands_after_a_plain_one_only(value, decimals, language):
    for number in (value, 1.0, -1.0):
        told = numbers.counted(number, "point", language, decimals)
        digits, word = told.rsplit(NBSP, 1) if language != "en" else told.split(NBSP, 1)
        forms = {"fi": "prosenttiyksikkö", "en": "percentage point", "sv": "procentenhet"}
        assert (word == forms[language]) == (digits.removeprefix(MINUS) == "1")


@settings(max_examples=50)
@given(VALUES, VALUES, st.integers(0, 2), st.sampled_from(LANGUAGES))
def test_ends_of_an_interval_are_told_in_order_and_apart(first, second, decimals, language):
    low, high = sorted((first, second))
    told = numbers.percent_interval(low, high, decimals, language)
    assert told.startswith(numbers.number(low, decimals, language))
    upper = numbers.number(high, decimals, language)
    assert told.count("–") == 1 and told.rstrip("%").rstrip(NBSP).endswith(upper)
    assert f"–{MINUS}" not in told


@settings(max_examples=50)
@given(st.floats(-1e13, 1e13, allow_nan=False), st.sampled_from(LANGUAGES))
def test_large_numbers_keep_their_size(value, language):
    told = numbers.large(value, 1, language)
    words = {"miljo": 1e6, "million": 1e6, "milja": 1e9, "billion": 1e9}
    scale = next((size for word, size in words.items() if word in told), 1.0)
    digits = re.match(rf"[{MINUS}\d.,{NBSP}]+", told).group().replace(NBSP, "").replace(MINUS, "-")
    plain = digits.replace(",", "") if language == "en" else digits.replace(",", ".")
    assert float(plain) * scale == pytest.approx(value, abs=0.051 * scale + 0.5)


def test_refusals():
    with pytest.raises(SosrakeError, match="unit 'sheep'; expected one of percent, point"):
        numbers.counted(3, "sheep")
    with pytest.raises(SosrakeError, match="expected a whole number of 1 or more"):
        numbers.ordinal(0)
    with pytest.raises(SosrakeError, match="say absent values in words"):
        numbers.points(float("nan"))


def test_every_unit_has_both_forms_in_every_language():
    for language in LANGUAGES:
        for form in ("one", "other"):
            table = f"numbers.unit.{form}."
            found = {key.removeprefix(table) for key in keys(language) if key.startswith(table)}
            assert found == set(numbers.UNITS)
