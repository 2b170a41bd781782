"""Plans in words: media plan, stakeholders, yearly clock and decision calendar, working group, partners."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sosrake_lib.catalogue.decision_calendar import Decision, decision
from sosrake_lib.catalogue.followup_words import recommended
from sosrake_lib.influence import words_followup as words
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts_gantt import gantt
from sosrake_lib.influence.project_texts import PageNames
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Text
from sosrake_lib.register.workbook_pages import keys_in

Column = Callable[[Entry], tuple[str, str]]
# Kinds that are drawn on a line of time, and the fields that name them and who answers for them.
_NAMED = {
    "vuosikello": "tapahtuma",
    "mediasuunnitelma": "viesti",
    "kokeilut": "nimi",
    "ilmiotyopaja": "kortti",
}
_ROLES = {
    "vuosikello": "vastuurooli",
    "mediasuunnitelma": "vastuurooli",
    "kokeilut": "omistaja",
    "ilmiotyopaja": "omistaja",
}
_FIRST_DAY = {"kokeilut": "alku"}
SCHEDULED = tuple(_NAMED)


def media_plan(found: Sequence[Entry], language: str = "fi") -> Table | Text:
    """Show message, audience, channel, day, responsible role and state."""
    columns = _texts("viesti") | _choices("kohderyhma", "kanava") | _days("paiva")
    columns |= _texts("vastuurooli", "lahde") | _choices("tila")
    return words.shown(found, columns, "mediasuunnitelma", language)


def stakeholder_map(
    found: Sequence[Entry], named: Mapping[str, tuple[str, str]], language: str = "fi"
) -> Table | Text:
    """Show each body with interest and influence (our own judgement), who keeps contact, and its pages.

    Parameters
    ----------
    named : key of a page -> its title in both languages (`register.workbook_pages.workbook_pages`).
    """
    columns = _texts("toimielin") | _choices("laji") | _texts("rooli")
    columns |= _choices("kiinnostus", "vaikutusvalta") | _texts("yhteysrooli", "tapa")
    in_force = [one for one in found if one.code("tila") == "voimassa"]
    return _with_pages(in_force, columns, "sivut_taholle", _own_pages, named, "sidosryhmat", language)


def yearly_clock(found: Sequence[Entry], language: str = "fi") -> Table | Text:
    """Show what is done by when, for which decision of the calendar, and by when it needs the knowledge."""
    columns = _days("paiva") | _texts("tapahtuma") | _choices("toistuu")
    columns |= {"paatoskalenteri": _decision_name, "valmiina": _ready}
    columns |= _texts("vastuurooli") | _choices("tila")
    return words.shown(found, columns, "vuosikello", language)


def working_group(found: Sequence[Entry], language: str = "fi") -> Table | Text:
    """Show the items of the working group: day, matter, decision, owner, by when, state."""
    columns = _days("paiva") | _texts("asia", "paatos_sanoin", "omistaja") | _days("maarapaiva")
    return words.shown(found, columns | _choices("tila"), "tyoryhma", language)


def workshop_cards(found: Sequence[Entry], language: str = "fi") -> Table | Text:
    """Show the workshop's cards: phenomenon, observations, proposal, decider, owner, by when."""
    columns = _texts("kortti", "havainto", "ehdotus_sanoin", "paattaja", "omistaja") | _days("maarapaiva")
    return words.shown(found, columns | _choices("tila"), "ilmiotyopaja", language)


def partners(
    found: Sequence[Entry],
    named: Mapping[str, tuple[str, str]],
    paths: Mapping[str, str],
    language: str = "fi",
) -> Table | Text:
    """Show partners, what they need, how we work together and the pages that answer their need.

    Pages chosen for a partner take the place of those its need leads to.

    Parameters
    ----------
    named : key of a page -> its title in both languages (`register.workbook_pages.workbook_pages`).
    paths : path of a notebook -> key of its page (`batch.page_titles.page_keys`).
    """
    columns = _texts("organisaatio") | _choices("laji") | {"tarve": _needs} | _texts("yhteistyomuoto")
    columns |= _texts("yhteysrooli") | _choices("tila")
    going_on = [one for one in found if one.code("tila") != "paattynyt"]
    keys = partial(pages_of, paths=paths)
    return _with_pages(going_on, columns, "sivut", keys, named, "verkosto", language)


def schedule(
    release: Release, region: tuple[str, str], language: str = "fi", *, kinds: Sequence[str] = SCHEDULED
) -> Figure | Text:
    """Draw what is done when and by which role on a line of time; a text when nothing has a day.

    Parameters
    ----------
    kinds : kinds of entry that are drawn, some of `SCHEDULED`.
    """
    found = [
        one
        for kind in kinds
        for one in words.entries(release, kind, region, when=_FIRST_DAY.get(kind, "paiva"))
        if one.has(_FIRST_DAY.get(kind, "paiva")) and one.code("tila") != "peruttu"
    ]
    if not found:
        return words.said("nothing")
    place = int(language == "en")
    names = {one.key: one.words(_NAMED[one.part])[place] for one in found}
    names |= {one.words(_ROLES[one.part])[0]: one.words(_ROLES[one.part])[place] for one in found}
    places = list(dict.fromkeys(one.region for one in found))
    chosen = release.select(part="aikataulu", region=places, group=[one.key for one in found])
    drawn = gantt(chosen, say(f"{words.ROOM}.caption.aikataulu", language), language, names=names)
    # Rows of a plan hold no figure, so none of them is told as a figure that is not shown.
    return replace(drawn, table=replace(drawn.table, facts=replace(drawn.table.facts, hidden=())))


def needs_of(one: Entry) -> tuple[str, ...]:
    """Give the keys of a partner's needs, the first first."""
    return tuple(code for code in (one.code("tarve"), one.code("toinen_tarve")) if code)


def pages_of(one: Entry, paths: Mapping[str, str]) -> tuple[str, ...]:
    """Give the keys of a partner's pages: those chosen for it, else those its needs lead to.

    Parameters
    ----------
    paths : path of a notebook -> key of its page (`batch.page_titles.page_keys`).
    """
    return _own_pages(one) or tuple(paths[path] for path in recommended(*needs_of(one)))


def calendar_of(one: Entry) -> Decision | None:
    """Give the decision of the calendar a piece of work aims at; None when it names none."""
    row = one.rows.get("paatos")
    return decision(str(row["category"])) if row is not None else None


def _decision_name(one: Entry) -> tuple[str, str]:
    aimed = calendar_of(one)
    return ("–", "–") if aimed is None else (aimed.name_fi, aimed.name_en)


def _ready(one: Entry) -> tuple[str, str]:
    """Say the month by which the decision's preparation needs the knowledge."""
    aimed = calendar_of(one)
    if aimed is None or not aimed.ready:
        return "–", "–"
    return say(f"tietotarve.month.m{aimed.ready}", "fi"), say(f"tietotarve.month.m{aimed.ready}", "en")


def _needs(one: Entry) -> tuple[str, str]:
    told = [words.choice(one, field) for field in ("tarve", "toinen_tarve") if one.has(field)]
    return "; ".join(pair[0] for pair in told), "; ".join(pair[1] for pair in told)


def _own_pages(one: Entry) -> tuple[str, ...]:
    return keys_in(one.code("sivut"))


def _with_pages(
    found: Sequence[Entry],
    columns: dict[str, Column],
    head: str,
    keys: Callable[[Entry], tuple[str, ...]],
    named: Mapping[str, tuple[str, str]],
    caption: str,
    language: str,
) -> Table | Text:
    """Show entries with a last column that names their pages; the names are marked for the site's links."""
    told = {one.key: _page_names(keys(one), named) for one in found}
    columns = columns | {head: lambda one: _page_words(told[one.key])}
    made = words.shown(found, columns, caption, language)
    if isinstance(made, Text):
        return made
    markup, cell = made.html, '<td class="sana">{}</td></tr>'
    for one in {names.text(language): names for names in told.values() if names.pieces}.values():
        plain = cell.format(html.escape(one.text(language)))
        markup = markup.replace(plain, cell.format(one.markup(language)))
    return replace(made, html=markup)


def _page_words(names: PageNames) -> tuple[str, str]:
    return (names.text("fi"), names.text("en")) if names.pieces else words.pair("none")


def _page_names(keys: Sequence[str], named: Mapping[str, tuple[str, str]]) -> PageNames:
    """Name pages; one that the plan no longer has is told as its key and that it is not there."""
    return PageNames(
        tuple(
            (text_of(*named[key]), key) if key in named else (words.said("no_such_page", page=(key, key)), "")
            for key in keys
        )
    )


def _texts(*fields: str) -> dict[str, Column]:
    return {field: partial(_words, field=field) for field in fields}


def _choices(*fields: str) -> dict[str, Column]:
    return {field: partial(words.choice, field=field) for field in fields}


def _days(*fields: str) -> dict[str, Column]:
    return {field: partial(words.dated, field=field) for field in fields}


def _words(one: Entry, field: str) -> tuple[str, str]:
    return one.words(field)
