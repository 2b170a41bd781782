"""Words, numbers, periods and place names."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import language, regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import collate, messages, numbers, places, say

SPACE = "\u00a0"
MINUS = "\u2212"
AREA_LEVELS = ("maakunta", "hva", "yta", "joukko", "kuntaryhmitys", "maa")


def test_finnish_and_english_say_the_same_things():
    assert language.LANGUAGES == ("fi", "en", "sv")
    finnish, english = language.keys("fi"), language.keys("en")
    assert finnish == english, sorted(finnish ^ english)
    assert language.keys("sv") <= finnish


def test_both_languages_need_the_same_values():
    fields = {}
    for code in ("fi", "en"):
        fields[code] = {
            key: {name for _, name, _, _ in messages.Formatter().parse(text) if name is not None}
            for file in {key.partition(".")[0] for key in language.keys(code)}
            for key, text in messages.catalogue(file, code).items()
        }
    assert fields["fi"] == fields["en"]


def test_say_and_its_refusals():
    assert say("regions.level.hva") == "hyvinvointialue"
    assert say("regions.level.hva", "en") == "wellbeing services county"
    assert say("regions.borders", year=2021) == "vuoden 2021 aluejako"
    with pytest.raises(SosrakeError, match="needs the value 'year'"):
        say("regions.borders")
    with pytest.raises(SosrakeError, match="value year is float"):
        say("regions.borders", year=2021.0)
    with pytest.raises(SosrakeError, match=r"'regions\.nothing' is not in"):
        say("regions.nothing")
    with pytest.raises(SosrakeError, match=r"nofile\.toml does not exist"):
        say("nofile.entry")
    with pytest.raises(SosrakeError, match="'de' is not spoken here"):
        say("regions.invented", "de")
    with pytest.raises(SosrakeError, match="does not exist"):
        messages.load("../fi/regions", "fi")


def test_a_value_with_braces_is_shown_as_it_is():
    said = say("regions.ceased", name="{name.__class__}", day="1.1.2025", successor="X")
    assert said.startswith("{name.__class__} lakkasi")


@pytest.mark.parametrize(
    ("value", "decimals", "code", "text"),
    [
        (9.9, 1, "fi", "9,9"),
        (1234567.25, 1, "fi", f"1{SPACE}234{SPACE}567,3"),
        (1234.5, 1, "sv", f"1{SPACE}234,5"),
        (1234.5, 1, "en", "1,234.5"),
        (-2.25, 1, "fi", f"{MINUS}2,3"),
        (-2.25, 1, "en", f"{MINUS}2.3"),
        (-0.04, 1, "fi", "0,0"),
        (2.5, 0, "fi", "3"),
        (1e21, 0, "en", "1,000,000,000,000,000,000,000"),
        (0.00001, 3, "fi", "0,000"),
    ],
)
def test_number(value, decimals, code, text):
    assert numbers.number(value, decimals, code) == text


@settings(deadline=None)  # a machine under load is slow, not wrong
@given(st.floats(-1e12, 1e12), st.integers(0, 4), st.sampled_from(language.LANGUAGES))
def test_a_number_can_be_read_back(value, decimals, code):
    text = numbers.number(value, decimals, code)
    assert not set(text) & {"-", " ", "\u202f"}
    thousands, point = (",", ".") if code == "en" else (SPACE, ",")
    back = float(text.replace(thousands, "").replace(point, ".").replace(MINUS, "-"))
    # Half of the last decimal, and what a float of this size cannot hold.
    assert abs(back - value) <= 0.5 * 10**-decimals + 1e-3 * (abs(value) > 1e9) + 1e-6


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_absent_is_no_number(value):
    for write in (numbers.number, numbers.count, numbers.percent):
        with pytest.raises(SosrakeError, match="say absent values in words"):
            write(value)


def test_count_percent_and_interval():
    assert numbers.count(122594) == f"122{SPACE}594"
    with pytest.raises(SosrakeError, match="no whole number"):
        numbers.count(12.5)
    assert numbers.percent(9.9) == f"9,9{SPACE}%"
    assert numbers.percent(9.9, 1, "en") == "9.9%"
    assert numbers.interval(9.7, 10.2) == "9,7–10,2"
    assert numbers.interval(-1.5, 2, 1, "fi") == f"{MINUS}1,5{SPACE}–{SPACE}2,0"
    with pytest.raises(SosrakeError, match="swap"):
        numbers.interval(2, 1)


@pytest.mark.parametrize(
    ("period", "finnish", "english"),
    [
        ("2019", "2019", "2019"),
        ("2018/2020", "2018–2020", "2018–2020"),
        ("2020-03", "maaliskuu 2020", "March 2020"),
        ("2020-H1", "2020, alkuvuosi", "2020, first half"),
        ("2020-H2", "2020, loppuvuosi", "2020, second half"),
    ],
)
def test_period(period, finnish, english):
    assert numbers.period(period) == finnish
    assert numbers.period(period, "en") == english


def test_wrong_period_and_day():
    with pytest.raises(SosrakeError, match="2020-13"):
        numbers.period("2020-13")
    assert numbers.day(date(2020, 3, 5)) == "5.3.2020"
    assert numbers.day(date(2020, 3, 5), "en") == "5 March 2020"


def test_case_forms_are_those_of_the_name_list(shared):
    with (shared / "domain/place_names_cases.csv").open(encoding="utf-8") as stream:
        listed = list(csv.DictReader(stream))
    assert len(listed) == 59
    for row in listed:
        assert [places.place(row["name"], case) for case in places.CASES[1:]] == [
            row[case] for case in ("genitive", "in", "from", "to")
        ]


def test_every_region_of_the_work_has_its_forms():
    wanted = [("kunta", code, 2019) for code in regions.members("joukko", "alue53", 2019)]
    wanted += [(level, code, 2026) for level in AREA_LEVELS for code in regions.codes(level)]
    wanted += [("kunta", f"E0{number}", 2026) for number in range(1, 9)] + [("hva", "E1", 2026)]
    for level, code, year in wanted:
        region = regions.region(level, code, year)
        forms = [places.place(region.name_fi, case) for case in places.CASES]
        assert len(set(forms)) == 5, region
        assert places.place(region.name_fi, language="en") == region.name_en
        assert places.place(region.name_fi, language="sv") == region.name_sv
        assert places.place(region.name_en, "in", "en").startswith("in ")


@pytest.mark.parametrize(
    ("name", "case", "form"),
    [
        ("Kainuun hyvinvointialue", "in", "Kainuun hyvinvointialueella"),
        ("Etelä-Savon hyvinvointialue", "genitive", "Etelä-Savon hyvinvointialueen"),
        ("koko maa", "in", "koko maassa"),
        ("Koko maa", "genitive", "koko maan"),
        ("Maaseutumaiset kunnat", "in", "maaseutumaisissa kunnissa"),
        ("Hankkeen 43 kuntaa", "in", "hankkeen 43 kunnassa"),
        ("Esimerkkilä", "in", "Esimerkkilässä"),
        ("Juuka", "to", "Juukaan"),
        ("Ahvenanmaa", "in", "Ahvenanmaalla"),
    ],
)
def test_forms_of_larger_areas(name, case, form):
    assert places.place(name, case) == form


def test_english_places():
    assert places.place("Kuopio", "in", "en") == "in Kuopio"
    assert places.place("koko maa", "in", "en") == "in the whole country"
    county = places.place("Etelä-Savon hyvinvointialue", "in", "en")
    assert county == "in the South Savo wellbeing services county"
    assert places.place("Hankkeen 43 kuntaa", "from", "en") == "from the project's 43 municipalities"


def test_unknown_places_are_refused():
    with pytest.raises(SosrakeError, match="'Atlantis' has no case forms"):
        places.place("Atlantis", "in")
    with pytest.raises(SosrakeError, match="'Atlantis' has no case forms"):
        places.place("Atlantis", "in", "en")
    with pytest.raises(SosrakeError, match="'dative' of a place name is unknown"):
        places.place("Kuopio", "dative")
    with pytest.raises(SosrakeError, match="names for labels only"):
        places.place("Kuopio", "in", "sv")


def test_finnish_alphabet():
    assert collate(["Öja", "Åland", "Zug", "aura", "Äetsä", "Ähtäri", "Aura", "Šakki", "Sb"]) == [
        "Aura",
        "aura",
        "Šakki",
        "Sb",
        "Zug",
        "Åland",
        "Äetsä",
        "Ähtäri",
        "Öja",
    ]
    decomposed = "A\u0308hta\u0308ri"
    assert collate(["Öja", decomposed, "Zug"]) == ["Zug", decomposed, "Öja"]
    names = regions.municipalities()["name_fi"]
    assert collate(reversed(list(names))) == collate(names)
    assert collate(names)[0] == "Akaa" and collate(names)[-1] == "Äänekoski"
