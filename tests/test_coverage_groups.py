"""Groups that sources miss: the file's form, and which groups a page tells of."""

from __future__ import annotations

import itertools
import re

import pytest

from sosrake_lib.catalogue import coverage_groups as groups
from sosrake_lib.catalogue import themes
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import CatalogueError, SosrakeError
from sosrake_lib.influence import words_hand
from sosrake_lib.influence.claims import check

THEMES = tuple(one.key for one in themes())
# Requirement 99 of the project, and what its brief names besides.
ASKED = {
    *("asunnottomat", "ilman_verkkoa", "palvelujen_ulkopuolella", "paperittomat", "kielivahemmistot"),
    *(
        "laitoksissa",
        "vakivaltaa_kokevat",
        "turvakielto",
        "yksin_asuvat_ikaantyneet",
        "nuoret_ilman_palveluja",
    ),
}


def test_the_groups_asked_for_are_there_and_each_has_its_words():
    found = {one.key: one for one in groups.groups()}
    assert set(found) >= ASKED
    for one in found.values():
        for language in ("fi", "en"):
            assert one.why(language).endswith(".") and one.reach(language).endswith(".")
            assert not one.name(language).endswith(".")
        # Said of people, so no word that labels them and no cause.
        told = f"{one.name()}. {one.why()} {one.reach()}"
        assert check(told, Claim.KUVAUS, "fi").empty, told
    assert any(one.verified for one in found.values())
    assert not all(one.verified for one in found.values())


@pytest.mark.parametrize(("theme", "source"), list(itertools.product(("", *THEMES), groups.SOURCES)))
def test_each_theme_and_source_has_someone_it_misses(theme, source):
    wanted = (theme,) if theme else ()
    found = groups.chosen(wanted, (source,), 3)
    assert 1 <= len(found) <= 3
    for one in found:
        assert source in one.missed_by
        assert not theme or not one.themes or theme in one.themes


def test_a_pages_own_theme_comes_first():
    assert groups.chosen(("asuminen",), ("rekisteri",), 1)[0].key == "asunnottomat"
    assert groups.chosen(("tyottomyys",), ("rekisteri", "havainto"), 1)[0].key == "nuoret_ilman_palveluja"
    # Of the unnamed theme those come first that more of the sources miss.
    both = groups.chosen((), ("asiakastieto", "mittaus"), 2)
    assert {"asiakastieto", "mittaus"} <= set(both[0].missed_by)


ROW = {
    **dict.fromkeys(("name_fi", "name_en", "why_fi", "why_en", "reach_fi", "reach_en"), "Sana."),
    **{"missed_by": ["rekisteri"], "themes": [], "reference": "", "verified": False},
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"why_en": ""}, "koe lacks why_en"),
        ({"missed_by": ["huhu"]}, "source 'huhu' is unknown; expected one of rekisteri"),
        ({"themes": ["saa"]}, "theme 'saa' is unknown"),
        ({"why_fi": "Noin 3 puuttuu."}, "why_fi holds a digit"),
        ({"verified": True}, "verified without a reference"),
    ],
)
def test_a_row_that_does_not_hold_is_refused(change, message):
    with pytest.raises(CatalogueError, match=message):
        groups.groups_of({"koe": {**ROW, **change}})


@pytest.mark.parametrize("language", ["fi", "en"])
def test_the_section_is_short_and_says_what_it_rests_on(language):
    told = words_hand.not_reached(["asuminen"], ["rekisteri", "havainto"], None, language)
    heading, rests, lines, checked, own = told
    assert heading.level == 2
    assert (
        heading.text == {"fi": "Keitä tieto ei tavoita", "en": "Whom the knowledge does not reach"}[language]
    )
    named = {
        "fi": "rekisteritilastoihin ja työntekijöiden havaintoihin",
        "en": "register statistics and workers'",
    }
    assert named[language] in str(rests)
    assert len(lines) == 3  # with the sentences around them at most six lines
    assert str(lines[0]).startswith({"fi": "Asunnottomat: ", "en": "People without a home: "}[language])
    unsure = {"fi": "eikä kaikkia", "en": "not all of the reasons"}[language]
    assert unsure not in checked.text(language), "every group told here has been seen in a source"
    of_staff = words_hand.not_reached([], ["henkilostokysely"], None, language)
    assert unsure in of_staff[3].text(language)
    assert {"fi": "kirjattu", "en": "recorded"}[language] in own.text(language)


def test_the_section_refuses_what_it_does_not_know():
    with pytest.raises(SosrakeError, match="no source; expected some of rekisteri"):
        words_hand.not_reached([], [], None)
    with pytest.raises(CatalogueError, match="source 'huhu'"):
        words_hand.not_reached([], ["huhu"], None)
    assert words_hand.not_reached([], ["hanke"], None, heading=False)[0].text.startswith("Sivun tiedot")


def test_what_is_said_to_be_seen_in_a_source_names_it_and_where():
    seen = [one for one in groups.groups() if one.verified]
    assert len(seen) >= 8
    for one in seen:
        assert re.search(r"\([^()]*\.fi\b[^()]*\)", one.reference), one.key
