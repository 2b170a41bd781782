"""One finding in every form: each grade by an example, and what holds of every sentence."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from figures_for_reading import one, plain_release, released
from hypothesis import given, settings
from hypothesis import strategies as st
from test_words_effects import CASES, NAMES, every_study, made, study

from sosrake_lib import catalogue, protect, regions
from sosrake_lib.effects import Claim, Design
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import grades, words, words_headline
from sosrake_lib.influence.claims import check
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import keys, messages

NBSP = "\u00a0"
LANGUAGES = ("fi", "en")
__all__ = ["every_study"]  # a fixture of the effects' tests: every design, sign, significance and size


@pytest.fixture(scope="module")
def figures():
    return released()


def compared(low: float, difference: float, high: float, **columns: object) -> protect.Selection:
    """Give one released comparison of Kuopio with the country."""
    verdict = "higher" if low > 0 else "lower" if high < 0 else "similar"
    columns = {
        "statistic": "proportion",
        "confidence": 0.95,
        "lower": 9.0,
        "upper": 10.0,
        "reference_level": "maa",
        "reference_code": "SSS",
        "reference_value": 9.5 - difference,
        "difference": difference,
        "difference_lower": low,
        "difference_upper": high,
        "difference_confidence": 0.95,
        "verdict": verdict,
        "reason": "",
        "method": "",
    } | columns
    return plain_release(one("tyottomyysaste", 9.5, **columns)).select()


def forms(found: words.Finding) -> list[words.Sentence]:
    return [found.full, found.sureness, found.one_line, *found.plain, *found.unknown]


def is_well_formed(found: words.Finding, language: str) -> None:
    """Check what must hold of every sentence of a finding."""
    for sentence in (*forms(found), found.headline):
        assert sentence.language == language
        assert "  " not in sentence.text and not re.search(r"[{}]", sentence.text), sentence.text
        assert sentence.text == sentence.text.strip()
        assert not re.search(r"\d %", sentence.text), "a blank that may break before the sign"
        for start, end, _ in sentence.numbers:
            assert re.search(r"\d", sentence.text[start:end])
    for sentence in forms(found):
        assert sentence.text.endswith("."), sentence.text
    assert len(found.headline.text) <= words_headline.LONGEST
    assert re.search(r"\b20\d\d\b", found.headline.text.partition(":")[0]), found.headline.text
    assert not found.headline.text.endswith(".") and "(" not in found.headline.text[-1:]
    assert not any(re.search(r"[()\[\]]", one.text.partition(": ")[2]) for one in found.plain[1:])


# --- grades ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "grade", "said"),
    [
        ((0.5, 0.7, 0.9), "sure", "Ero on varma"),
        ((0.1, 0.7, 1.3), "likely", "Ero on todennäköinen mutta ei varma"),
        ((-0.2, 0.4, 1.0), "open", "Ei voi sanoa, onko eroa"),
        ((-0.9, -0.7, -0.5), "sure", "Ero on varma"),
    ],
)
def test_a_comparison_in_three_grades(ends, grade, said):
    found = words.finding(compared(*ends))
    assert (found.kind, found.grade) == ("comparison", grade)
    assert found.sureness.text.startswith(said)


def test_the_sure_bound_is_the_published_one():
    # Benjamin et al. 2018: 0.005 two-sided is 2.807 standard errors (standard normal table).
    half = 1.959964
    assert grades.of_difference(2.81, 2.81 - half, 2.81 + half, 0.95) == "sure"
    assert grades.of_difference(2.80, 2.80 - half, 2.80 + half, 0.95) == "likely"
    assert grades.of_difference(1.0, 0.4, 1.6, 0.95, p_value=0.0049) == "sure"
    assert grades.of_difference(1.0, 0.4, 1.6, 0.95, p_value=0.0051) == "likely"
    assert grades.of_difference(1.0, 0.4, 1.6, 0.95, p_value=0.2) == "open"


@settings(max_examples=50)
@given(st.floats(0.1, 50), st.floats(0.01, 30), st.sampled_from((0.90, 0.95, 0.99)))
def test_a_grade_does_not_depend_on_sign_nor_on_the_level_told(estimate, error, level):
    from statistics import NormalDist

    def graded(value: float, confidence: float) -> str:
        half = error * NormalDist().inv_cdf(0.5 + confidence / 2)
        return grades.of_difference(value, value - half, value + half, confidence)

    assert graded(estimate, level) == graded(-estimate, level)
    told = {graded(estimate, level), graded(estimate, 0.95)} - {"open"}
    assert len(told) <= 1


def test_change_in_three_grades_and_across_a_break(figures):
    def course(*periods):
        return words.finding(figures.select("taso", region=("kunta", "297"), period=list(periods)))

    broken = course("2017", "2018", "2019")
    assert (broken.grade, broken.kind) == ("open", "change")
    assert "tilastointi on muuttunut" in broken.sureness.text and "laskenut" not in broken.headline.text
    fallen = course("2018", "2019")
    assert fallen.grade in ("sure", "likely") and "laskenut" in fallen.headline.text
    assert grades.of_change((9.0, 9.4), (9.3, 9.9)) == "open"
    assert grades.of_change((9.0, 9.4), (9.5, 9.9)) == "likely"
    assert grades.of_change((9.0, 9.4), (10.2, 10.6)) == "sure"


@pytest.mark.parametrize(("width", "grade"), [(2.0, "sure"), (10.0, "likely"), (31.0, "open"), (None, "")])
def test_a_level_is_graded_by_its_interval(width, grade):
    ends = {"lower": 50 - width / 2, "upper": 50 + width / 2} if width else {}
    row = one("tyottomyysaste", 50.0, statistic="proportion", method="", confidence=0.95, **ends)
    found = words.finding(plain_release(row).select())
    assert (found.kind, found.grade) == ("level", grade)
    is_well_formed(found, "fi")


def test_a_design_lowers_the_grade(tmp_path):
    alone = [("comparison_group", "fails")]
    assert grades.of_design("sure", Claim.MUUTOS, ["no_comparison_group"], alone) == "sure"
    assert grades.of_design("sure", Claim.VAIKUTUS, [], alone) == "likely"
    assert grades.of_design("sure", Claim.MUUTOS, ["dropout"], []) == "likely"
    assert grades.of_design("sure", Claim.TODENNAKOINEN_VAIKUTUS, [], []) == "likely"
    assert grades.of_design("likely", Claim.VAIKUTUS, [], [("balance", "fails")]) == "open"
    found = words.finding(made(study(Design(1, 2), -1, "clear", 60), tmp_path), given=NAMES["fi"])
    # The way of reckoning failed in its simulation: a caveat, so no more than likely.
    assert found.grade == "likely" and "tarkistukset jättävät epäilyn varaa" in found.sureness.text


# --- what holds of every finding -------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_municipality_and_status(figures, language):
    for code in ("297", "749", "140", "420", "204"):
        for part in ("ero", "taso"):
            found = words.finding(figures.select(part, region=("kunta", code), period="2019"), language)
            is_well_formed(found, language)
            assert check(found.headline, Claim.ERO, language).empty, found.headline.text
    hidden = words.finding(figures.select("ero", region=("kunta", "420"), period="2019"), language)
    assert hidden.kind == "absent" and not hidden.grade
    assert all(not sentence.numbers for sentence in (*forms(hidden), hidden.headline))
    assert {digits for one in forms(hidden) for digits in re.findall(r"\d+", one.text)} <= {"2019"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_design_says_no_more_than_its_claim(every_study, language):
    names = dict.fromkeys(CASES, NAMES[language]["vointi"])
    for code, (design, _, significance, size) in CASES.items():
        found = words.finding(every_study.select(indicator=[code, f"{code}.n"]), language, given=names)
        is_well_formed(found, language)
        for sentence in (found.headline, found.one_line, found.full, found.sureness, *found.plain[:-1]):
            assert check(sentence, design.claim, language).empty, sentence.text
        if significance == "nothing" and design.claim is not Claim.KUVAUS and size == 60:
            assert found.grade == "open"
            # "Not shown" is never said as "no change".
            none = r"\bei (?:ole |ollut )?(?:muutosta|eroa|yhteyttä|vaikutusta)\b"
            assert not re.search(none, found.headline.text)


def test_headlines_fit_every_indicator_and_the_longest_places():
    areas = (("kunta", "297"), ("hva", "17"), ("maa", "SSS"), ("seutukunta", "176"))
    rows = [
        one(described.key, 12.0, per=described.per, region_level=level, region_code=code)
        for described in catalogue.indicators()
        for level, code in areas
        if level == "maa" or code in regions.codes(level, 2021)
    ]
    given = plain_release(pd.concat(rows, ignore_index=True))
    for row in rows_of(given.select()):
        for language in LANGUAGES:
            is_well_formed(words.finding(row, language), language)


@pytest.fixture(scope="module")
def clear_difference() -> protect.Selection:
    return compared(0.5, 0.7, 0.9)


@settings(max_examples=25, deadline=None)
@given(st.text("abcdefghij ", min_size=1, max_size=150).filter(str.strip))
def test_a_name_of_any_length_is_cut_to_fit(clear_difference, name):
    found = words.finding(clear_difference, given={"tyottomyysaste": " ".join(name.split())})
    assert len(found.headline.text) <= words_headline.LONGEST
    assert "suurempi kuin" in found.headline.text
    assert re.search(r" 2019:", found.headline.text)


def test_every_number_of_every_form_comes_from_the_row(figures):
    selection = figures.select("ero", region=("kunta", "749"), period="2019")
    row = protect.protected_frame(selection).iloc[0]
    for language in LANGUAGES:
        found = words.finding(selection, language)
        assert len(found.full.numbers) == 5
        for sentence in (found.full, found.one_line, *found.plain):
            for start, end, reference in sentence.numbers:
                result, column = reference.split(":")
                shown = sentence.text[start:end].replace("−", "-").replace(",", ".").strip(f"% {NBSP}")
                assert result == row["result_id"]
                assert float(shown) == pytest.approx(row[column], abs=0.0501)


def test_forms_read_as_they_should(figures):
    found = words.finding(figures.select("ero", region=("kunta", "297"), period="2019"))
    assert found.headline.text == "Työttömyys vuonna 2019: Kuopiossa suurempi kuin koko maassa"
    assert found.one_line.text == f"Kuopiossa 9,9{NBSP}%, koko maassa 9,2{NBSP}% vuonna 2019."
    assert [sentence.text for sentence in found.plain] == [
        "Aihe: Työttömyys.",
        "Luku kertoo, kuinka moni sadasta työtä tekevästä tai etsivästä on työtön.",
        f"Kuopiossa luku oli 9,9{NBSP}prosenttia vuonna 2019.",
        "Kun sattuma otetaan huomioon, luku on todennäköisesti vähintään 9,7 ja "
        f"enintään 10,1{NBSP}prosenttia.",
        f"Koko maassa luku oli 9,2{NBSP}prosenttia.",
        "Luku oli siis suurempi kuin koko maassa.",
        "Tämä on varmaa.",
        "Vertailu ei kerro, mistä ero johtuu.",
    ]
    assert found.page[0] is found.full and found.page[1] is found.sureness
    similar = words.finding(figures.select("ero", region=("kunta", "140"), period="2019"), "en")
    told = "Unemployment in 2019: no difference shown between Iisalmi and the whole country"
    assert similar.headline.text == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_headline_tells_the_year_of_its_figure(figures, language):
    """An old figure must not be read as the present; a series tells its first and its last year."""
    for code in ("297", "749", "140", "420", "204"):
        for part in ("ero", "taso"):
            selection = figures.select(part, region=("kunta", code), period="2019")
            assert "2019" in words.finding(selection, language).headline.text.partition(":")[0]
    course = figures.select("taso", region=("kunta", "297"), period=["2018", "2019"])
    assert "2018–2019:" in words.finding(course, language).headline.text


def test_what_is_no_finding_is_refused(figures):
    with pytest.raises(SosrakeError, match="one row a period of one indicator"):
        words.finding(figures.select("taso", period=["2018", "2019"]))
    lone = compared(0.5, 0.7, 0.9, verdict="increase")
    with pytest.raises(SosrakeError, match=r"give the series the change is of"):
        words.finding(lone)
    with pytest.raises(SosrakeError, match="expected one of sure, likely, open"):
        words.grade_name("certain")
    assert [words.grade_name(grade) for grade in grades.GRADES] == ["varma", "todennäköinen", "ei voi sanoa"]


# --- inequality and yearly change ------------------------------------------------------------------------


COUNTY = {"group": "diak_pienituloisuus", "region_level": "hva", "region_code": "13"}


def measured(indicator: str, value: float, low: float, high: float, **columns: object) -> pd.DataFrame:
    """Give one measure of differences between the municipalities of a county."""
    told = COUNTY | {"confidence": 0.95, "lower": low, "upper": high, "statistic": indicator}
    told |= {"method": "", "per": 1.0, "verdict": ""}
    return one(indicator, value, **(told | columns))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("indicator", "numbers", "columns", "grade"),
    [
        ("kuntaerot_s80s20", (1.8, 1.6, 2.0), {}, "sure"),
        ("kuntaerot_osuus_valilla", (40.0, 28.0, 52.0), {"per": 100.0}, "likely"),
        ("kuntaerot_sii", (4.0, 3.0, 5.0), {"verdict": "higher", "per": 100.0}, "sure"),
        ("kuntaerot_sii", (-4.0, -7.5, -0.5), {"verdict": "lower", "per": 100.0}, "likely"),
        ("kuntaerot_sii", (1.0, -3.0, 5.0), {"verdict": "similar", "per": 100.0}, "open"),
    ],
)
def test_differences_between_municipalities(indicator, numbers, columns, grade, language):
    found = words.finding(plain_release(measured(indicator, *numbers, **columns)).select(), language)
    assert (found.kind, found.grade) == ("inequality", grade)
    is_well_formed(found, language)
    between = {"fi": "ei kerro eroista ihmisten välillä", "en": "about differences between people"}[language]
    assert between in found.unknown[-1].text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("verdict", "ends", "grade"),
    [
        ("increase", (0.03, 0.05), "sure"),
        ("decrease", (-0.07, -0.01), "likely"),
        ("no_change_shown", (-0.05, 0.1), "open"),
    ],
)
def test_a_change_of_differences_is_told_beside_its_series(verdict, ends, grade, language):
    middle = sum(ends) / 2
    rows = [
        one("kuntaerot_gini", value, period=period, **{**COUNTY, "per": 1.0})
        for period, value in (("2012", 0.10), ("2019", 0.10 + middle))
    ]
    parts = {
        "muutos": protect.part(measured("kuntaerot_gini_muutos", middle, *ends, verdict=verdict), "avoin"),
        "sarja": protect.part(pd.concat(rows, ignore_index=True), "avoin"),
    }
    given = protect.release(parts, name="koe", preview=True)
    changed, series = (given.select(part=name) for name in parts)
    with pytest.raises(SosrakeError, match="give the figures it is of"):
        words.finding(changed, language)
    found = words.finding(changed, language, series=series)
    assert (found.kind, found.grade) == ("inequality", grade)
    is_well_formed(found, language)


# --- Swedish labels ---------------------------------------------------------------------------------------


def test_the_declared_swedish_set_is_whole():
    finnish, swedish = keys("fi"), keys("sv")
    declared = {key for key in finnish if key.startswith(messages.SWEDISH)}
    assert len(declared) > 200
    assert declared <= swedish, sorted(declared - swedish)
    for key in declared & swedish:
        file = key.partition(".")[0]
        both = [messages.catalogue(file, language)[key] for language in ("fi", "sv")]
        fields = [{name for _, name, _, _ in messages.Formatter().parse(text) if name} for text in both]
        assert fields[0] == fields[1], key


def test_themes_and_indicators_have_swedish_names():
    assert all(described.name_sv for described in (*catalogue.indicators(), *catalogue.themes()))
