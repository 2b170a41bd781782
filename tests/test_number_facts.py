"""A page's facts cover its sentences: sources, methods and age do not depend on a table standing beside."""

from __future__ import annotations

from pathlib import Path

import pytest
from figures_for_reading import released

from sosrake_lib.influence import labels, site, tables, words
from sosrake_lib.influence.documents import document_of
from sosrake_lib.influence.documents.blocks import runs_of
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.number_facts import with_facts
from sosrake_lib.influence.number_notes import ReleasedRows
from sosrake_lib.influence.pages import Page, PageContext, html_of
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.influence.site_background import Background

CONTEXT = PageContext("lauseet", "Lauseet", 2026, ("kunta", "297"), "Kuopio")


@pytest.fixture(scope="module")
def figures():
    return released()


@pytest.fixture(scope="module")
def held(figures):
    return ReleasedRows(Path(), _opened={figures.id: figures})


def chosen(figures):
    return figures.select("ero", region=("kunta", "297"), period="2019")


def page_of(figures, *items):
    body = "".join(html_of(one) for one in items)
    facts = Facts()
    for one in items:
        facts = facts.with_more(getattr(one, "facts", Facts()))
    return Page(CONTEXT, body, facts, (figures.id,))


def test_a_page_of_sentences_has_the_facts_of_its_rows(figures, held):
    page = page_of(figures, words.comparison(chosen(figures)))
    assert page.facts == Facts()
    found = with_facts(page, held).facts
    (row,) = rows_of(chosen(figures))
    assert found.newest_period == "2019"
    assert labels.source_text(row) in found.sources
    assert found.methods == ("published", "wilson")  # the figure is its source's, its interval is ours
    assert found.hidden == ()


def test_facts_of_tables_stay_and_sentences_add_to_them(figures, held):
    table = tables.table(figures.select("ero", period="2019"), ("value", "difference", "verdict"), "Ero")
    before = page_of(figures, table, words.comparison(chosen(figures)))
    after = with_facts(before, held).facts
    assert set(before.facts.sources) <= set(after.sources)
    assert set(before.facts.methods) <= set(after.methods)
    assert after.hidden == before.facts.hidden


def test_a_page_without_numbers_has_no_facts(figures, held):
    page = Page(CONTEXT, "<p>Vain sanoja.</p>", Facts(), (figures.id,))
    assert with_facts(page, held).facts == Facts()


def test_the_site_tells_what_a_page_of_sentences_rests_on(figures, held, monkeypatch, tmp_path):
    monkeypatch.setattr(site, "ReleasedRows", lambda folder: held)
    page = page_of(figures, words.comparison(chosen(figures)))
    files = site.site_content([page], background=Background(releases=tmp_path))
    markup = files["kunta-297/lauseet.html"].decode("utf-8")
    basis = markup[markup.index('<section class="perusta"') :]
    assert 'class="ika"' in markup
    assert "<dt>Lähteet</dt>" in basis and "<dt>Menetelmät</dt>" in basis


def test_a_document_tells_it_too(figures, held):
    page = page_of(figures, words.comparison(chosen(figures)))
    told = document_of(with_facts(page, held))
    text = " ".join(run.text for block in told.basis for runs in runs_of(block) for run in runs)
    assert "Lähteet" in text and "Menetelmät" in text
