"""Plans and follow-up in words: entries read from a release, the last proposal's fate, what happened since.

An entry's words are its writer's own: numerals in them are constants. Figures (people reached, people in an
experiment) come from the release's own rows and are in `words_followup_log`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sosrake_lib import catalogue, regions
from sosrake_lib.catalogue.followup_words import named, partner_needs
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import constant
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import both
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Text

ROOM = "seuranta"
HAPPENED = "mita_tapahtui"
WAITING = "odottaa_tarkistusta"
_CODES = ("fi", "en")
# Closed lists whose words stand in the catalogue: field -> list.
_LISTS = {"kohderyhma": "audiences", "kanava": "channels"}
_KINDS = {"sidosryhmat": "stakeholder_kinds", "verkosto": "partner_kinds"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a release: its part, number and area, and its fields as released rows.

    `code` gives a choice or state, `day` an ISO day, `words` the writer's text in both languages.
    """

    key: str
    region: tuple[str, str]
    rows: Mapping[str, Row]

    def has(self, field: str) -> bool:
        """Say whether the field holds something."""
        return field in self.rows

    def code(self, field: str) -> str:
        """Give the code of a choice, a state or a link; empty when there is none."""
        return str(self.rows[field]["category"]) if field in self.rows else ""

    def day(self, field: str) -> str:
        """Give the ISO day of a field; empty when there is none."""
        return str(self.rows[field]["note"]) if field in self.rows else ""

    def words(self, field: str) -> tuple[str, str]:
        """Give a field's text as (Finnish, English); what waits to be checked or is empty says so."""
        row = self.rows.get(field)
        if row is None:
            return pair("none")
        if row["category"] == WAITING:
            return pair("waiting")
        return str(row["label_fi"]), str(row["label_en"])

    @property
    def part(self) -> str:
        """Give the kind of the entry, as its key begins."""
        return self.key.rpartition("_")[0]


def entries(
    release: Release, part: str, region: tuple[str, str], *, inside: bool = True, when: str = "paiva"
) -> tuple[Entry, ...]:
    """Read the entries of one kind, by their day; those of a county's municipalities too.

    Parameters
    ----------
    release : with the parts of `batch.recipes_followup`. part : a kind, or "mita_tapahtui".
    inside : of a county, entries of its municipalities as well. when : field that orders them.
    """
    wanted = [region]
    if inside and region[0] == "hva":
        wanted += [("kunta", code) for code in regions.members(*region)]
    found: dict[str, dict[str, Row]] = {}
    for one in wanted:
        chosen = release.select(part=part, region=one)
        for row in rows_if_any(chosen):
            found.setdefault(str(row["indicator"]), {})[str(row["group"])] = row
    told = [Entry(key, _region(rows), rows) for key, rows in found.items()]
    return tuple(sorted(told, key=lambda one: (one.day(when) or "9999", int(one.key.rpartition("_")[2]))))


def last_proposal(release: Release, region: tuple[str, str], *, inside: bool = False) -> list[Text]:
    """Tell the fate of the last proposal: what was proposed to whom, what was decided, what has been seen.

    Parameters
    ----------
    release : with the part `mita_tapahtui`. inside : of a county, its municipalities' proposals too.

    Returns
    -------
    Texts in the order they are read; one that says no proposal has been recorded when there is none.
    """
    made = [
        one for one in entries(release, HAPPENED, region, inside=inside, when="pvm") if one.has("ehdotus")
    ]
    return fate(made[-1]) if made else [said("no_proposal")]


def fate(one: Entry) -> list[Text]:
    """Tell one proposal of the part `mita_tapahtui` from words to what has been seen since."""
    when = date_pair(one.day("pvm"))
    told = [said("last.told", when=when, proposal=one.words("ehdotus"), body=one.words("paattaja"))]
    told.append(said(f"last.{one.code('tila')}", **_on(one)))
    reason = "paatos_sanoin" if one.has("paatos_sanoin") else "perustelu"
    told += [said("last.decision", text=one.words(reason))] if one.has(reason) else []
    if one.has("mita_muuttui"):
        told.append(said("last.changed", text=one.words("mita_muuttui")))
    elif one.code("tila") not in ("tehty", "kesken"):
        told.append(said("last.unchanged"))
    told += (
        [said("last.indicator", name=indicator_pair(one.code("indikaattori")))]
        if one.has("indikaattori")
        else []
    )
    told += [said("last.next", day=date_pair(one.day("seuranta_pvm")))] if one.has("seuranta_pvm") else []
    return told


def what_happened(release: Release, region: tuple[str, str], language: str = "fi") -> Table | Text:
    """Show each approved phenomenon and proposal with its decision, its day and what has been seen since."""
    found = entries(release, HAPPENED, region, when="pvm")
    columns: dict[str, Callable[[Entry], tuple[str, str]]] = {
        "ilmio": lambda one: one.words("ilmio"),
        "ehdotus": lambda one: one.words("ehdotus") if one.has("ehdotus") else pair("no_proposal_yet"),
        "paattaja": lambda one: one.words("paattaja") if one.has("paattaja") else ("–", "–"),
        "paatos": decided,
        "tapahtui": lambda one: one.words("mita_muuttui"),
    }
    return shown(found, columns, HAPPENED, language)


def source(release: Release) -> Text:
    """Say where the entries come from: the area's own register or the invented one."""
    return said("source_invented" if release.synthetic else "source_own")


def shown(
    found: Sequence[Entry],
    columns: Mapping[str, Callable[[Entry], tuple[str, str]]],
    caption: str,
    language: str = "fi",
) -> Table | Text:
    """Show entries as a table of words, or say that nothing has been recorded.

    Parameters
    ----------
    columns : key of a heading (`seuranta.head.<key>`) -> what its cells say in both languages.
    caption : key of the caption (`seuranta.caption.<key>`).
    """
    if not found:
        return said("nothing")
    head = [pair(f"head.{name}") for name in columns]
    body = [[of(one) for of in columns.values()] for one in found]
    return entry_table(found, head, body, pair(f"caption.{caption}"), language)


def entry_table(
    found: Sequence[Entry],
    head: Sequence[tuple[str, str]],
    body: Sequence[Sequence[tuple[str, str]]],
    caption: tuple[str, str],
    language: str,
) -> Table:
    """Make a table of words that rests on the rows of entries; a word is (Finnish, English).

    Numerals in words are constants: people wrote them, nobody measured them.

    An entry's rows hold no figure, so none of them is told as a figure that is not shown.
    """
    place = int(language == "en")
    rows = [row for one in found for row in one.rows.values()]
    cells: list[list[Cell]] = [[constant(cell[place], language) for cell in line] for line in body]
    made = word_table(rows, [one[place] for one in head], cells, caption[place], language)
    return replace(made, facts=replace(made.facts, hidden=()))


def decided(one: Entry) -> tuple[str, str]:
    """Say how a proposal or a phenomenon stands, with the day of the decision when there is one.

    A matter that waits for its decision has the day on which its waiting was written down.
    """
    state = one.code("tila")
    key = f"register.status.{state}" if one.has("ehdotus") else f"register.state.{state}"
    days = date_pair(one.day("paatetty")) if one.has("paatetty") else None
    words = (say(key, "fi"), say(key, "en"))
    if days is None:
        return words
    known = "stands_as_of" if state.endswith("kesken") else "stands_on"
    told = said(known, state=words, day=days)
    return told.text_fi, told.text_en


def choice(one: Entry, field: str) -> tuple[str, str]:
    """Give the words of a choice in both languages; "Ei kirjattu" when nothing was chosen."""
    code = one.code(field)
    return choice_words(one.part, field, code) if code else pair("none")


def choice_words(part: str, field: str, code: str) -> tuple[str, str]:
    """Give the words of a choice's code in both languages; `part` is the kind of the entry."""
    if field == "laji":
        return named(_KINDS[part])[code]
    if field in _LISTS:
        return named(_LISTS[field])[code]
    if field in ("tarve", "toinen_tarve"):
        return partner_needs()[code].name_fi, partner_needs()[code].name_en
    if field == "kohde":
        return say(f"register.target.{code}", "fi"), say(f"register.target.{code}", "en")
    return pair(f"choice.{field}.{code}")


def dated(one: Entry, field: str) -> tuple[str, str]:
    """Give a day in both languages; "Ei kirjattu" when there is none."""
    return date_pair(one.day(field)) if one.has(field) else pair("none")


def date_pair(day: str) -> tuple[str, str]:
    """Write an ISO day in both languages; a dash for none."""
    if not day:
        return "–", "–"
    read = date.fromisoformat(day)
    return numbers.day(read, "fi"), numbers.day(read, "en")


def indicator_pair(key: str) -> tuple[str, str]:
    """Name an indicator of the catalogue in both languages; "Ei kirjattu" for none."""
    if not key:
        return pair("none")
    found = catalogue.indicator(key)
    return found.name_fi, found.name_en


def pair(key: str) -> tuple[str, str]:
    """Give a text of `language/*/seuranta.toml` in both languages."""
    return both(f"{ROOM}.{key}")


def said(key: str, **values: tuple[str, str]) -> Text:
    """Give a text filled in both languages; values are (Finnish, English)."""
    return said_in(ROOM, key, values)


def said_in(room: str, key: str, values: Mapping[str, tuple[str, str]]) -> Text:
    """Give a text of another room's words, filled in both languages."""
    told = (
        say(f"{room}.{key}", code, **{name: value[place] for name, value in values.items()})
        for place, code in enumerate(_CODES)
    )
    return text_of(*told)


def _on(one: Entry) -> dict[str, tuple[str, str]]:
    """Give the day of a decision in brackets, for the states whose words have room for it."""
    if one.code("tila") not in ("kesken", "hyvaksytty", "hylatty"):
        return {}
    if not one.has("paatetty"):
        return {"on": ("", "")}
    day = date_pair(one.day("paatetty"))
    return {"on": (say(f"{ROOM}.last.on", "fi", day=day[0]), say(f"{ROOM}.last.on", "en", day=day[1]))}


def _region(rows: Mapping[str, Row]) -> tuple[str, str]:
    row = next(iter(rows.values()))
    return str(row["region_level"]), str(row["region_code"])
