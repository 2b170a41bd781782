"""A county's situation-picture pack in words: the meeting, what is new, the themes, the phenomena.

Figures and days come released; what no register and no release holds is said not to be recorded. What the
meeting decides on is in `words_situation_meeting`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sosrake_lib import catalogue, regions
from sosrake_lib.catalogue import themes
from sosrake_lib.influence import labels, pieces, words, words_figures, words_followup, words_phenomenon
from sosrake_lib.influence.charts import bars_with_intervals
from sosrake_lib.influence.charts_number import number_panel
from sosrake_lib.influence.pages import Heading, Note, Showable
from sosrake_lib.influence.rows import Row, rows_if_any, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import both
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.influence.words_reporting import WEAK, text
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "situation"
MEETING, NEWS = "kokous", "uutta"
# Parts whose entries may be new, and which field orders them.
ENTRIES = {
    words_followup.HAPPENED: "pvm",
    "vaikuttamisloki": "paiva",
    "kokeilut": "alku",
    "itsearviointi": "paiva",
    "mediasuunnitelma": "paiva",
}
MAIN = ("ilmio", "ehdotus", "paatos")
THEMES = ("koyhyys", "tyottomyys", "asuminen", "sairastavuus", "paihde_mielenterveys", "yksinaisyys")
_NEW: dict[str, Callable[[Entry], tuple[str, str]]] = {
    "ilmio": lambda one: one.words("ilmio"),
    "ehdotus": lambda one: one.words("ehdotus"),
    "paatos": lambda one: _decision(one),
    "muutos": lambda one: one.words("mita_muuttui"),
    "kokeilu_alkoi": lambda one: one.words("nimi"),
    "kokeilu_paattyi": lambda one: one.words("nimi"),
    "itsearviointi": lambda one: pair("assessed"),
    "viesti": lambda one: one.words("viesti"),
}


def where_from(release: Release, region: tuple[str, str]) -> Note:
    """Say where the pack's entries come from: the county's own register, the invented one, or nowhere yet."""
    if regions.is_invented(region[1]):
        return Note(said("invented"))
    return Note(said("own" if told_of(release, region) else "no_register"))


def told_of(release: Release, region: tuple[str, str]) -> bool:
    """Say whether the register holds anything of the county that the pack shows."""
    held = (rows_in(release, part, region) for part in (MEETING, "kortti"))
    return any(held) or bool(entries_by_key(release, region))


def days(release: Release, region: tuple[str, str]) -> dict[str, str]:
    """Give the days of the county's meetings by name (`batch.recipes_situation`); none without a register."""
    return {str(row["group"]): str(row["note"]) for row in rows_in(release, MEETING, region)}


def meeting(release: Release, region: tuple[str, str]) -> list[Text]:
    """Say which meeting the pack is made for and on what day things stand as told."""
    known = days(release, region)
    if not known:
        return [said("no_meeting_known")]
    stated = words_followup.date_pair(known.get("tilanne", ""))
    return [said("for_meeting" if "seuraava" in known else "no_next", day=stated)]


def news(release: Release, region: tuple[str, str], language: str = "fi") -> list[Showable]:
    """Show what is new since the last meeting that decided something, or in the newest half-year."""
    known = days(release, region)
    if not known:
        return [said("nothing_recorded")]
    rows = rows_in(release, NEWS, region)
    quiet = not {str(row["group"]) for row in rows}.intersection(MAIN)
    # One paragraph: on a slide there is room for one above a table.
    told: list[Showable] = [_since(known, quiet=quiet)]
    return [*told, _news_table(release, region, rows, language)] if rows else told


def area_themes(
    release: Release, figures: Release, region: tuple[str, str], language: str = "fi"
) -> list[Showable]:
    """Show a figure of each theme with its interval and what it is beside; name the themes without one.

    Parameters
    ----------
    release : of `batch.recipes_situation`; its part `tilasto` has the invented county's figures.
    figures : release "paattajalle" (`nosto_teema_<theme>` of `batch.recipes_decider`).
    """
    told: list[Showable] = []
    without: list[str] = []
    for theme in THEMES:
        found = _invented(release, region, theme, language) or _published(figures, region, theme, language)
        if found:
            told += [Heading(3, theme_name(theme, language)), *found]
        else:
            without.append(theme)
    if not told:
        return [said("no_figures")]
    return [*told, *_strength(figures, region, language), *_without(without, language)]


def sources(
    release: Release, figures: Release, region: tuple[str, str], language: str = "fi"
) -> list[Showable]:
    """Name what the pack rests on: the register's entries and the published figures."""
    if regions.is_invented(region[1]):
        return [said("source_invented")]
    told: list[Showable] = [words_followup.source(release)] if told_of(release, region) else []
    parts = [f"nosto_teema_{theme}" for theme in THEMES]
    keys = [str(row["indicator"]) for part in parts for row in rows_in(figures, part, region)]
    if keys:
        told.append(
            words.source_line(figures.select(part="vertailu", region=region, indicator=keys), language)
        )
    return told or [said("no_source")]


def phenomena(release: Release, region: tuple[str, str], language: str = "fi") -> list[Showable]:
    """Show each approved phenomenon beside statistics, and the weak signals in words; never a count."""
    approved = [row for row in rows_in(release, "kortti", region) if row["label_fi"]]
    strong = [row for row in approved if row["note"] != WEAK]
    if not strong:
        return [said("no_phenomena")]
    told: list[Showable] = [Note(said("not_need")), _phenomenon_table(release, region, strong, language)]
    weak = [row for row in approved if row["note"] == WEAK]
    if weak:
        told.append(Heading(3, say(f"{ROOM}.weak", language)))
    return told + [text(str(row["label_fi"]), str(row["label_en"])) for row in weak]


def theme_name(key: str, language: str = "fi") -> str:
    """Name a theme in the language."""
    found = next(one for one in themes() if one.key == key)
    return found.name_en if language == "en" else found.name_fi


def rows_in(release: Release, part: str, region: tuple[str, str], **filters: object) -> tuple[Row, ...]:
    """Read the rows of a part for a region; none when the release has no such part."""
    return rows_if_any(release.select(part=part, region=region, **filters)) if part in release.parts else ()


def entries_by_key(release: Release, region: tuple[str, str]) -> dict[str, Entry]:
    """Give the county's entries that may be new, by their key."""
    return {
        one.key: one
        for part, when in ENTRIES.items()
        for one in words_followup.entries(release, part, region, when=when)
    }


def pair(key: str) -> tuple[str, str]:
    """Give a text of `language/*/situation.toml` in both languages."""
    return both(f"{ROOM}.{key}")


def filled(key: str, **values: tuple[str, str]) -> tuple[str, str]:
    """Give a text of the pack in both languages, filled in both."""
    finnish, english = (
        say(f"{ROOM}.{key}", code, **{name: value[place] for name, value in values.items()})
        for place, code in enumerate(("fi", "en"))
    )
    return finnish, english


def said(key: str, **values: tuple[str, str]) -> Text:
    """Give a text of the pack filled in both languages."""
    return words_followup.said_in(ROOM, key, values)


def _since(known: dict[str, str], *, quiet: bool) -> Text:
    """Say since when what is told is new, and whether that holds no phenomenon, proposal or decision."""
    first = _since_when(known)
    if not quiet:
        return said("only", first=first)
    return said("since_quiet", first=first, second=pair("no_main_news"))


def _since_when(known: dict[str, str]) -> tuple[str, str]:
    if "edellinen" in known:
        day = words_followup.date_pair(known["edellinen"])
        return filled("since", day=day)
    if "puolivuosi" in known:
        half = known["puolivuosi"]
        return filled(f"half_year_{half[-2:].lower()}", year=(half[:4], half[:4]))
    return pair("no_meeting")


def _news_table(release: Release, region: tuple[str, str], rows: tuple[Row, ...], language: str) -> Table:
    known = entries_by_key(release, region)
    found = [(known[str(row["indicator"])], row) for row in rows if str(row["indicator"]) in known]
    body = [
        [
            pair(f"new.{row['group']}"),
            words_followup.date_pair(str(row["note"])),
            _NEW[str(row["group"])](one),
        ]
        for one, row in found
    ]
    head = [pair(f"head.{name}") for name in ("new", "day", "what")]
    return words_followup.entry_table([one for one, _ in found], head, body, pair("caption.news"), language)


def _decision(one: Entry) -> tuple[str, str]:
    state, proposal = words_followup.decided(one), one.words("ehdotus")
    return f"{proposal[0].rstrip('.')} ({state[0]})", f"{proposal[1].rstrip('.')} ({state[1]})"


def _published(figures: Release, region: tuple[str, str], theme: str, language: str) -> list[Showable]:
    if regions.is_invented(region[1]) or f"nosto_teema_{theme}" not in figures.parts:
        return []
    chosen = figures.select(part=f"nosto_teema_{theme}", region=region)
    if not len(chosen):
        return []
    found = words.finding(chosen, language)
    if not rows_of(chosen)[0].shown:
        return [found.full]
    return [found.full, _panel(chosen, theme, language)]


def _panel(chosen: Selection, theme: str, language: str) -> Showable:
    caption = say(f"{ROOM}.caption.theme", language, theme=theme_name(theme, language))
    return number_panel(chosen, caption, language, low=True)


def _invented(release: Release, region: tuple[str, str], theme: str, language: str) -> list[Showable]:
    """Tell the invented county's own figure and draw its municipalities beside it."""
    if not regions.is_invented(region[1]):
        return []
    told: list[Showable] = []
    for row in _rows_of_theme(release, region, theme):
        key = str(row["indicator"])
        places = [("kunta", code) for code in regions.members(*region)]
        inside = release.select(part="tilasto", region=places, indicator=key)
        told.append(join([words_figures.level(row, language), _apart(rows_if_any(inside), language)]))
        whole = release.select(part="tilasto", region=region, indicator=key)
        caption = say(f"{ROOM}.caption.inside", language, theme=theme_name(theme, language))
        told.append(bars_with_intervals(inside, caption, language, reference=whole))
    return told


def _rows_of_theme(release: Release, region: tuple[str, str], theme: str) -> list[Row]:
    found = rows_in(release, "tilasto", region, sex="total") if regions.is_invented(region[1]) else ()
    return [row for row in found if catalogue.indicator(str(row["indicator"])).theme == theme]


def _apart(rows: tuple[Row, ...], language: str) -> Sentence:
    """Name the municipalities whose figure can be told apart from the county's, in alphabetical order."""
    named = {
        verdict: sorted(
            labels.region_text(row, language) for row in rows if row.shown and row["verdict"] == verdict
        )
        for verdict in ("higher", "lower")
    }
    told = [
        say(f"{ROOM}.apart.{verdict}", language, places=", ".join(names))
        for verdict, names in named.items()
        if names
    ]
    return constant(" ".join(told) or say(f"{ROOM}.apart.none", language), language)


def _strength(figures: Release, region: tuple[str, str], language: str) -> list[Showable]:
    if regions.is_invented(region[1]) or not rows_in(figures, "vahvuus", region):
        return []
    chosen = figures.select(part="vahvuus", region=region)
    return [Heading(3, say(f"{ROOM}.strength", language)), words.finding(chosen, language).full]


def _without(listed: list[str], language: str) -> list[Showable]:
    if not listed:
        return []
    names = [", ".join(theme_name(key, code).lower() for key in listed) for code in ("fi", "en")]
    heading = Heading(3, say(f"{ROOM}.without_heading", language))
    return [heading, said("without", themes=(names[0], names[1]))]


def _phenomenon_table(release: Release, region: tuple[str, str], found: list[Row], language: str) -> Table:
    body: list[list[Cell]] = []
    rest: list[Row] = []
    for row in found:
        key = str(row["indicator"])
        grade = rows_in(release, "naytto", region, indicator=key)
        ways = [
            one for one in rows_in(release, "rinnakkain", region, indicator=key) if one["group"] == "tilasto"
        ]
        rest += [row, *grade, *ways]
        body.append(
            [
                constant(str(row[f"name_{language}"]), language),
                _beside(release, region, key, language),
                say(f"{ROOM}.way.{ways[0]['category'] if ways else 'ei_tiedeta'}", language),
                say(f"{ROOM}.grade.{grade[0]['category']}", language),
            ]
        )
    head = [say(f"{ROOM}.head.{name}", language) for name in ("phenomenon", "statistic", "way", "strength")]
    return only_words(word_table(rest, head, body, say(f"{ROOM}.caption.phenomena", language), language))


def _beside(release: Release, region: tuple[str, str], key: str, language: str) -> Cell:
    """Say the county's figure of the first statistic joined to a phenomenon, or that none is joined."""
    for indicator in words_phenomenon.linked(release, region, key, "tilasto"):
        found = rows_in(release, "tilasto", region, indicator=indicator)
        if found and found[0].shown:
            name = words_phenomenon.indicator_name(indicator, language)
            value = pieces.figure(found[0], "value", language)
            interval = pieces.interval(found[0], "lower", "upper", language)
            when = pieces.time(found[0], language)
            named = constant(name, language)
            return compose(f"{ROOM}.beside", language, name=named, value=value, interval=interval, when=when)
    return say(f"{ROOM}.no_statistic", language)


def only_words(made: Table) -> Table:
    """Tell of a table's rows of words that they hide no figure."""
    return replace(made, facts=replace(made.facts, hidden=()))
