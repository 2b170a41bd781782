"""Every page of the site says its state, and in one sentence how many of its figures are hidden and why."""

from __future__ import annotations

import re

import pytest
from built_site import PAGES, PROJECT, built  # noqa: F401

from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.hidden_words import hidden_sentence
from sosrake_lib.language import say

NUMBER = {"yksi": 1, "One": 1, "one": 1}
PROTECTED = {
    "fi": re.compile(r"Sivulta on suojattu (yksi|[\d\s]+) lukua?, jotta ketään ei voi tunnistaa"),
    "en": re.compile(r"(One|[\d,\s]+) figures? on this page (?:has|have) been protected"),
}
WORDED = {
    "fi": "luku on suojattu, jotta ketään ei voi tunnistaa",
    "en": "figure is protected so that nobody can be identified",
}
WORDS = {say("words.mark.suppressed", language) for language in ("fi", "en")}  # in tables of words


def marks(page):
    """Find the marks of protected figures in a page's tables: cells, and lines that have any."""
    cells = [
        cell
        for cell in page.all("td")
        if any("suojattu" in one.classes for one in cell.all("span")) or cell.text().strip() in WORDS
    ]
    lines = {}
    for cell in cells:
        line = cell.parent
        table = line
        while table.tag != "table":
            table = table.parent
        lines.setdefault(id(table), set()).add(id(line))
    return len(cells), max((len(found) for found in lines.values()), default=0)


def told(page):
    (found,) = [one for one in page.all("dd") if "suojattuja" in one.classes]
    return " ".join(found.text().split())


def count_in(sentence, language):
    found = PROTECTED[language].search(sentence)
    if found is None:
        none = (
            say(f"pages.protected.{key}", language)[:20] for key in ("none", "no_protected", "no_figures")
        )
        assert sentence.startswith(tuple(none))
        return 0
    return NUMBER.get(found[1].strip()) or int(re.sub(r"\D", "", found[1]))


@pytest.mark.parametrize("place", PAGES)
def test_one_sentence_tells_how_many_figures_are_protected_on_this_page(built, place):  # noqa: F811
    language = "en" if place.startswith("en/") else "fi"
    page = built.page(place)
    sentence = told(page)
    assert sentence.endswith(".")
    # what is protected is told in one sentence, what a source does not give in a second one at most
    assert len(re.findall(r"[.!?](?:\s|$)", sentence)) in (1, 2)
    cells, lines = marks(page)
    count = count_in(sentence, language)
    # a figure may have several marks (its value, its interval, a second table), never fewer than one
    assert lines <= count <= cells
    assert (count > 0) == (cells > 0)
    # a page that shows no figure has no interval to explain
    named = [one.text().strip() for one in page.all("dt")]
    no_figures = sentence == say("pages.protected.no_figures", language)
    assert (say("pages.basis.uncertainty", language) in named) != no_figures
    (article,) = page.all("article")
    assert count or WORDED[language] not in article.text()


@pytest.mark.parametrize("place", PAGES)
def test_page_that_nobody_has_approved_is_a_draft_in_title_and_at_its_top(built, place):  # noqa: F811
    language = "en" if place.startswith("en/") else "fi"
    page = built.page(place)
    (title,) = page.all("title")
    assert title.text().startswith(say("pages.state.draft", language))
    (banner,) = [one for one in page.all("p") if "luonnos" in one.classes]
    assert banner.text() == say("pages.state.draft_told", language)
    (heading,) = page.all("h1")
    assert banner.parent is heading.parent
    assert banner.parent.children.index(banner) < banner.parent.children.index(heading)


def test_sentence_in_every_case_and_both_languages():
    def facts(suppressed=0, missing=0, unpublished=0):
        given = {"suppressed": suppressed, "missing": missing, "not_published_at_level": unpublished}
        hidden = tuple((f"{name}{at}", name) for name, many in given.items() for at in range(many))
        return Facts("2019", hidden=hidden)

    assert hidden_sentence(facts(12)) == "Sivulta on suojattu 12 lukua, jotta ketään ei voi tunnistaa."
    assert hidden_sentence(facts(1, 1)) == (
        "Sivulta on suojattu yksi luku, jotta ketään ei voi tunnistaa. Lisäksi yksi luku puuttuu, "
        "koska sitä ei ole aineistossa."
    )
    assert hidden_sentence(facts(0, 3, 2)) == (
        "Sivulta ei ole suojattu yhtään lukua. Silti 3 lukua puuttuu, koska niitä ei ole aineistossa, "
        "ja 2 lukua puuttuu, koska niitä ei julkaista tällä aluetasolla."
    )
    assert hidden_sentence(facts(), "en") == (
        "The tables and charts on this page have no protected or missing figures."
    )
    # of a page that shows no figure at all it is not said that none is missing
    assert hidden_sentence(Facts()) == "Sivulla ei näytetä yhtään lukua."
    for language in ("fi", "en"):
        told = [
            hidden_sentence(facts(a, b, c), language) for a in (0, 1, 7) for b in (0, 1, 7) for c in (0, 1)
        ]
        assert len(set(told)) == len(told)
        assert all(one.endswith(".") and ".." not in one for one in told)


def test_count_is_of_different_figures_and_knows_nothing_of_other_pages():
    """The same figure in two tables is one; the order and the number of its marks change nothing."""
    one = Facts(hidden=(("a", "suppressed"), ("b", "suppressed")))
    again = Facts(hidden=(("b", "suppressed"), ("a", "suppressed")))
    assert hidden_sentence(one.with_more(again)) == hidden_sentence(one)


def test_css_marks_every_printed_sheet_of_a_draft():
    css = (PROJECT / "sosrake_lib/influence/templates/site.css").read_text(encoding="utf-8")
    for name, word in (("luonnos", "LUONNOS"), ("draft", "DRAFT")):
        assert re.search(rf'@page {name} \{{[^}}]*content: "{word}"', css)
