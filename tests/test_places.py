"""Place names in their cases: every municipality since 2013 and every area above it."""

from __future__ import annotations

import re

import pytest

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels
from sosrake_lib.language import places

YEARS = range(2013, regions.CURRENT_YEAR + 1)
# Names whose forms are printed in Kielitoimiston ohjepankki and Kielikello as examples of the local cases.
PUBLISHED = {
    "Laukaa": ("Laukaan", "Laukaassa"),
    "Luvia": ("Luvian", "Luvialla"),
    "Lavia": ("Lavian", "Laviassa"),
    "Parainen": ("Paraisten", "Paraisilla"),
    "Joroinen": ("Joroisten", "Joroisissa"),
    "Huittinen": ("Huittisten", "Huittisissa"),
    "Kauniainen": ("Kauniaisten", "Kauniaisissa"),
    "Isokyrö": ("Isonkyrön", "Isossakyrössä"),
    "Sotkamo": ("Sotkamon", "Sotkamossa"),
    "Padasjoki": ("Padasjoen", "Padasjoella"),
    "Enontekiö": ("Enontekiön", "Enontekiöllä"),
    "Ylitornio": ("Ylitornion", "Ylitorniolla"),
    "Tornio": ("Tornion", "Torniossa"),
    "Rovaniemi": ("Rovaniemen", "Rovaniemellä"),
    "Tampere": ("Tampereen", "Tampereella"),
    "Kuopio": ("Kuopion", "Kuopiossa"),
    "Siilinjärvi": ("Siilinjärven", "Siilinjärvellä"),
}


def every_municipality() -> list[tuple[str, str, int]]:
    return sorted({("kunta", code, year) for year in YEARS for code in regions.codes("kunta", year)})


@pytest.mark.parametrize(("name", "forms"), PUBLISHED.items())
def test_published_forms(name, forms):
    assert (places.place(name, "genitive"), places.place(name, "in")) == forms


def test_every_municipality_of_the_register_has_its_forms():
    seen = {regions.name(*where[:2], "fi", where[2]) for where in every_municipality()}
    assert len(seen) >= 318
    for name in seen:
        genitive, inside, source, goal = (places.place(name, case) for case in places.CASES[1:])
        plain = [re.sub(r" Tl$", "", form) for form in (genitive, inside, source, goal)]
        assert plain[0].endswith(("n", "in")), name
        outer = plain[1].endswith(("lla", "llä"))
        assert outer or plain[1].endswith(("ssa", "ssä")), name
        assert plain[2].endswith(("lta", "ltä") if outer else ("sta", "stä")), name
        assert plain[3].endswith("lle") if outer else plain[3].endswith("n"), name


def test_local_cases_are_of_one_series_and_keep_the_vowels_of_the_name():
    for where in every_municipality():
        name = regions.name(*where[:2], "fi", where[2])
        inside, source = (re.sub(r" Tl$", "", places.place(name, case)) for case in ("in", "from"))
        assert inside[-1] == source[-1], name
        # The last part of a compound decides: Rovaniemellä, Hämeenlinnassa; e and i go with either.
        stem = re.sub(r"(ssa|ssä|lla|llä)$", "", inside).casefold()
        last = next((vowel for vowel in reversed(stem) if vowel in "aouäöy"), "")
        if last and not re.search(r"(niem|ves|saar|joe|joki|hde|vede|ede|koske|salme|lamm)\w*$", stem):
            assert (inside[-1] == "a") == (last in "aou"), name


def test_every_region_of_every_year_can_be_told_in_a_sentence():
    for level in ("seutukunta", "maakunta", "hva", "yta", "tyollisyysalue", "kuntaryhmitys", "joukko", "maa"):
        for code in regions.codes(level):
            for language in ("fi", "en"):
                told = labels.place_in(level, code, regions.CURRENT_YEAR, language)
                assert "  " not in told and "{" not in told
            assert labels.place_of(level, code, regions.CURRENT_YEAR, "fi").endswith("n")


def test_an_area_that_bears_a_towns_name_is_not_taken_for_the_town():
    town = regions.name("kunta", "297")
    codes = {regions.name("seutukunta", code): code for code in regions.codes("seutukunta")}
    told = labels.place_in("seutukunta", codes[town], regions.CURRENT_YEAR, "fi")
    assert (town, told) == ("Kuopio", "Kuopion seutukunnassa")
    assert labels.place_in("kunta", "297", regions.CURRENT_YEAR, "fi") == "Kuopiossa"


@pytest.mark.parametrize(
    ("level", "code", "inside", "whose"),
    [
        ("hva", "13", "Pohjois-Savon hyvinvointialueella", "Pohjois-Savon hyvinvointialueen"),
        ("maa", "SSS", "koko maassa", "koko maan"),
        ("hva", "E1", "Esimerkkilässä", "Esimerkkilän"),
        ("kunta", "171", "Joroisissa", "Joroisten"),
    ],
)
def test_composed_phrases(level, code, inside, whose):
    assert labels.place_in(level, code, regions.CURRENT_YEAR, "fi") == inside
    assert labels.place_of(level, code, regions.CURRENT_YEAR, "fi") == whose


def test_names_in_english_and_swedish_are_those_of_the_register():
    for where in every_municipality():
        finnish = regions.name(*where[:2], "fi", where[2])
        for language in ("en", "sv"):
            assert places.place(finnish, language=language) == regions.name(*where[:2], language, where[2])


def test_between_two_places():
    own, country = ("kunta", "297"), ("maa", "SSS")
    assert labels.between(own, country, 2026, "fi") == "Kuopion ja koko maan välillä"
    assert labels.between(own, country, 2026, "en") == "between Kuopio and the whole country"


def test_an_area_wants_its_level_and_a_known_name():
    with pytest.raises(SosrakeError, match="expected seutukunta or tyollisyysalue"):
        places.area("kunta", "Kuopio")
    with pytest.raises(SosrakeError, match="'Olematon' has no case forms"):
        places.area("seutukunta", "Olematon")
