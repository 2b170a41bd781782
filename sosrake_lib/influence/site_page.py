"""One page of the site: its pictures as files, its numbers with their notes, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sosrake_lib.influence import labels, words
from sosrake_lib.influence.facts import joined_sources
from sosrake_lib.influence.hidden_words import hidden_sentence
from sosrake_lib.influence.number_notes import Behind
from sosrake_lib.influence.pages import Page, state_told
from sosrake_lib.influence.site_areas import area_address, folder_of, order
from sosrake_lib.influence.site_background import Link, other_address, render
from sosrake_lib.influence.site_downloads import offers
from sosrake_lib.influence.site_links import with_links
from sosrake_lib.influence.site_notes import Noted, noted
from sosrake_lib.influence.site_pictures import taken_out

if TYPE_CHECKING:
    from sosrake_lib.influence.site_front import Whole


def page_files(
    page: Page, address: str, whole: Whole, behind: Mapping[tuple[str, str], Behind] | None
) -> dict[str, bytes]:
    """Give the files of one page: its markup and its pictures.

    Parameters
    ----------
    behind : what stands behind its numbers; None leaves numbers without notes.
    """
    context, language = page.context, page.context.language
    taken = taken_out(with_links(page.body, page, whole.own))
    shown = Noted(taken.markup, "") if behind is None else noted(taken.markup, behind, language)
    siblings = sorted((one for one in whole.own if folder_of(one) == folder_of(page)), key=order)
    area = Link(f"../{area_address(context.region)}", context.region_name) if context.region else None
    markup = render(
        "page.html.j2",
        language,
        root="../",
        other=other_address(address, language) if address in whole.there else "",
        context=context,
        body=shown.body,
        notes=shown.section,
        area=area,
        siblings=[Link(f"{one.context.key}.html", one.context.title) for one in siblings],
        own_address=f"{context.key}.html",
        basis=_basis(page),
        files=offers(whole.background.downloads, context.region, language, page=context.key),
    )
    return {address: markup.encode("utf-8"), **taken.files}


def _basis(page: Page) -> dict[str, Any]:
    """Say in words what the page rests on; every figure here is a count of the page itself."""
    facts, language, year = page.facts, page.context.language, page.context.build_year
    return {
        "state": state_told(page),
        "age": words.age_of_period(facts.newest_period, year, language).html() if facts.newest_period else "",
        "sources": joined_sources(labels.told_source(source, language) for source in facts.sources),
        "methods": tuple(labels.method_text(key, language) for key in facts.methods),
        "hidden": hidden_sentence(facts, language),
        "figures": bool(facts.newest_period),  # a page of words only has no interval to explain
        "own": facts.own,
        "releases": page.releases,
    }
