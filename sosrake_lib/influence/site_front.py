"""Pages that lead to others: the first page, areas, themes, the search, and the pages on the site itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sosrake_lib import catalogue, regions
from sosrake_lib.influence import labels, site_about, site_areas, site_news, site_search, site_themes
from sosrake_lib.influence.facts import joined_sources
from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.site_areas import Area, area_address, page_address
from sosrake_lib.influence.site_background import Background, Found, Link, other_address, render
from sosrake_lib.influence.site_downloads import ANCHOR, words_found
from sosrake_lib.influence.site_state import Changes
from sosrake_lib.language import collation_key, say

SEARCH = "haku.html"


@dataclass(frozen=True, eq=False)
class Whole:
    """The site of one language as its pages see it.

    Attributes
    ----------
    own : its pages. there : addresses of the other language. areas, areas_there : areas of both.
    indicators : the catalogue's indicators on each page. methods : those behind single numbers.
    changes : what changed since the last round.
    """

    own: tuple[Page, ...]
    there: frozenset[str]
    areas: tuple[Area, ...]
    areas_there: frozenset[Area]
    language: str
    year: int
    background: Background
    indicators: Mapping[str, frozenset[str]]
    methods: frozenset[str]
    changes: Changes

    def other(self, address: str) -> str:
        """Lead to a page of the site itself in the other language, when there is one."""
        return other_address(address, self.language) if self.there else ""

    @property
    def drafts(self) -> bool:
        """Say whether some page is a draft."""
        return any(page.context.approval is None for page in self.own)


def front_files(whole: Whole) -> dict[str, bytes]:
    """Give every page that leads to others, and the data of the search."""
    made = dict(_front(whole))
    files = {address: markup.encode("utf-8") for address, markup in made.items()}
    files[site_search.INDEX_FILE] = site_search.index_script(_found(whole))
    return files


def _front(whole: Whole) -> Iterator[tuple[str, str]]:
    yield "index.html", _index(whole)
    for area in whole.areas:
        yield area_address(area), _area(area, whole)
        if area[0] == "hva" and site_areas.tells(area, whole.background):
            yield site_areas.happened_address(area), _happened(area, whole)
    for theme in site_themes.six_themes():
        address = site_themes.theme_address(theme)
        told = site_themes.view(theme, whole.own, whole.indicators, whole.language)
        yield address, _made("theme.html.j2", address, whole, view=told)
    yield SEARCH, _made("search.html.j2", SEARCH, whole, themes=_themes(whole), areas=_counties(whole))
    yield site_about.METHODS, _methods(whole)
    told_changes = site_about.changes_view(
        whole.changes, {page_address(page): page for page in whole.own}, whole.language
    )
    yield site_about.CHANGES, _made("changes.html.j2", site_about.CHANGES, whole, view=told_changes)
    statement = site_about.statement_view(whole.background, whole.year, whole.language)
    yield site_about.STATEMENT, _made("statement.html.j2", site_about.STATEMENT, whole, view=statement)


def _made(template: str, address: str, whole: Whole, **values: Any) -> str:
    other = values.pop("other", None)
    return render(
        template,
        whole.language,
        root="../" * address.count("/"),
        other=whole.other(address) if other is None else other,
        drafts=whole.drafts,
        **values,
    )


def _area(area: Area, whole: Whole) -> str:
    address = area_address(area)
    told = site_areas.view(area, whole.own, whole.areas, whole.background, whole.language)
    other = other_address(address, whole.language) if area in whole.areas_there else ""
    return _made("area.html.j2", address, whole, view=told, other=other)


def _happened(county: Area, whole: Whole) -> str:
    address = site_areas.happened_address(county)
    return _made(
        "happened.html.j2",
        address,
        whole,
        name=regions.name(*county, whole.language),
        body=site_areas.happened(county, whole.background, whole.language),
        synthetic=regions.is_invented(county[1]),
        draft=site_areas.is_draft(county, whole.background),
        other=other_address(address, whole.language) if county in whole.areas_there else "",
    )


def _methods(whole: Whole) -> str:
    return _made(
        "methods.html.j2",
        site_about.METHODS,
        whole,
        plain=site_about.plain_methods(whole.language),
        methods=site_about.methods_used(whole.own, whole.methods, whole.language),
    )


def _index(whole: Whole) -> str:
    language = whole.language
    reporting = [page for page in whole.own if page.context.key in site_areas.REPORTING]
    invented = say("words.synthetic", language)
    every = (labels.told_source(source, language) for page in whole.own for source in page.facts.sources)
    sources = (invented if source.startswith(invented) else source for source in every)
    return _made(
        "index.html.j2",
        "index.html",
        whole,
        year=whole.year,
        state=site_news.state_of(whole.own, language),
        news=site_news.news_of(whole.changes, language),
        themes=_themes(whole),
        counties=[one for one in _counties(whole) if not one[2]],
        invented=[one for one in _counties(whole) if one[2]],
        ceased=_ceased(whole),
        reporting=_named(reporting),
        happened=_happened_links(whole),
        influence=_influence(whole),
        project=[
            Link(page_address(page), page.context.title) for page in whole.own if page.context.region is None
        ],
        sources=[source[:1].upper() + source[1:] for source in joined_sources(sources)],
    )


def _named(pages: list[Page]) -> list[Link]:
    return [
        Link(page_address(page), f"{page.context.title}: {page.context.region_name}")
        for page in sorted(pages, key=lambda one: (site_areas.order(one), one.context.region_name))
    ]


def _influence(whole: Whole) -> list[tuple[str, list[Link], bool]]:
    """Group a county's pages for influencing under its name; invented ones come last and say so."""
    grouped: dict[Area, list[Page]] = {}
    for page in sorted(whole.own, key=site_areas.order):
        area = page.context.region
        if area and area[0] != "kunta" and page.context.section == "vaikuttaminen":
            grouped.setdefault(area, []).append(page)
    groups = [
        (
            regions.name(*area, whole.language),
            [Link(page_address(page), page.context.title) for page in pages],
            regions.is_invented(area[1]),
        )
        for area, pages in grouped.items()
    ]
    return sorted(groups, key=lambda group: (group[2], collation_key(group[0])))


def _happened_links(whole: Whole) -> list[Link]:
    counties = [area for area in whole.areas if area[0] == "hva" and site_areas.tells(area, whole.background)]
    links = [Link(site_areas.happened_address(one), regions.name(*one, whole.language)) for one in counties]
    return sorted(links, key=lambda link: collation_key(link.text))


def _themes(whole: Whole) -> list[Link]:
    return [
        Link(site_themes.theme_address(theme), site_themes.theme_name(theme, whole.language))
        for theme in site_themes.six_themes()
    ]


def _counties(whole: Whole) -> list[tuple[Link, list[Link], bool]]:
    """Group areas under their wellbeing services county, by name, and say which are invented."""
    groups = []
    for county in (area for area in whole.areas if area[0] == "hva"):
        inside = [
            Link(area_address(area), regions.name(*area, whole.language))
            for area in whole.areas
            if site_areas.county_of(area) == county
        ]
        inside.sort(key=lambda link: collation_key(link.text))
        head = Link(area_address(county), regions.name(*county, whole.language))
        groups.append((head, inside, regions.is_invented(county[1])))
    return sorted(groups, key=lambda group: collation_key(group[0].text))


def _ceased(whole: Whole) -> list[Link]:
    """Lead from each ceased municipality of the area to the page of the one it belongs to now."""
    links = []
    for code, area in site_areas.ceased(whole.own, whole.language).items():
        name = regions.name("kunta", code, whole.language, site_areas.AREA_YEAR)
        successor = regions.name(*area, whole.language)
        links.append(
            Link(area_address(area), say("pages.ceased", whole.language, name=name, successor=successor))
        )
    return links


def _found(whole: Whole) -> Iterator[Found]:
    """List what the search finds: areas, pages, themes and their indicators, pages on the site itself."""
    language = whole.language

    def kind(name: str) -> str:
        return say(f"site.search.kind.{name}", language)

    for area in whole.areas:
        words = site_search.place_words(*area)
        name, files = regions.name(*area, language), words_found(whole.background.downloads, area, language)
        yield Found(area_address(area), name, kind("area"), words)
        if files:
            title = say("site.downloads.of", language, name=name)
            yield Found(f"{area_address(area)}#{ANCHOR}", title, kind("file"), (*words, *files))
    for code, area in site_areas.ceased(whole.own, language).items():
        name = regions.name("kunta", code, language, site_areas.AREA_YEAR)
        told = say("pages.ceased", language, name=name, successor=regions.name(*area, language))
        words = site_search.place_words("kunta", code, site_areas.AREA_YEAR)
        yield Found(area_address(area), told, kind("area"), words)
    for theme in site_themes.six_themes():
        names = site_themes.indicator_names(theme)
        address, own = site_themes.theme_address(theme), (theme.name_fi, theme.name_en, theme.name_sv)
        yield Found(address, site_themes.theme_name(theme, language), kind("theme"), own)
        for key, called in names.items():
            yield Found(f"{address}#{key}", called[language == "en"], kind("indicator"), called)
    for page in whole.own:
        yield _found_page(page, kind("page"), whole.indicators.get(page_address(page), frozenset()))
    for name, address in (
        ("methods", site_about.METHODS),
        ("changes", site_about.CHANGES),
        ("statement", site_about.STATEMENT),
    ):
        title = say(f"site.{name}.title", language)
        yield Found(address, title, kind("about"), (title, say(f"site.search.words.{name}", language)))


def _found_page(page: Page, kind: str, shown: frozenset[str]) -> Found:
    """Find a page by its title, its area and the themes of the figures on it."""
    context = page.context
    themes = {theme.key: theme for theme in catalogue.themes()}
    held = sorted({catalogue.indicator(key).theme for key in shown} & set(themes))
    told = [site_themes.theme_name(themes[key], context.language) for key in held]
    title = f"{context.title}: {context.region_name}" if context.region_name else context.title
    place = site_search.place_words(*context.region) if context.region else ()
    return Found(page_address(page), title, kind, (context.title, *place, *told))
