"""The social report in words: what was promised, what happened to it, the phenomena, who reported.

Counts come from the releases of social reporting and of the phenomenon cards and are marked with their
results; promises, decisions and quotes are people's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sosrake_lib import frame
from sosrake_lib.catalogue import themes
from sosrake_lib.influence import words_followup, words_reporting
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import both
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Text

ROOM, PROMISES = "sosiaalinen_raportti", "lupaus"
OPEN = ("tehty", "kesken")
UNSETTLED = ("luvattu", "siirtyi")


def period(report: Release, region: tuple[str, str], which: str = "nykyinen") -> str:
    """Name the half-year the report tells of, or the one before it; empty when there is none."""
    rows = _rows(report, "jaksot", region, group=which)
    return str(rows[0]["period"]) if rows else ""


def title(report: Release, region: tuple[str, str]) -> Text:
    """Say which half-year the report tells of, and whether it has ended."""
    row = _rows(report, "jaksot", region, group="nykyinen")[0]
    when = _period_pair(str(row["period"]))
    return _said("told" if row["category"] == "kylla" else "told_unfinished", period=when)


def promised(
    followed: Release, region: tuple[str, str], now: str, language: str = "fi"
) -> list[Table | Text]:
    """Tell what was promised to be done in the half-year, and what became of each promise.

    Parameters
    ----------
    followed : with the part `lupaus` of `batch.recipes_followup`. now : the half-year the report tells of. A
        promise belongs to the half-year in which it was to be done, whenever it was written down.

    Returns
    -------
    A table of promise, role, day, state and what was done; then earlier promises that are still open. One
    text when none is recorded.
    """
    listed = _promises(followed, region)
    told: list[Table | Text] = []
    for key, found in (
        ("promised", [one for one in listed if _half(one) == now]),
        ("still_open", [one for one in listed if _half(one) < now and one.code("tila") in UNSETTLED]),
    ):
        told += [_promise_table(found, key, language)] if found else []
    return told or [_said("no_promise")]


def promised_next(followed: Release, region: tuple[str, str], now: str, language: str = "fi") -> Table | Text:
    """Show what is promised for the half-years after the report's."""
    found = [one for one in _promises(followed, region) if _half(one) > now]
    return _promise_table(found, "promised_next", language) if found else _said("nothing_promised")


def carried_over(
    followed: Release, region: tuple[str, str], before: str, language: str = "fi"
) -> Table | Text:
    """Show the proposals that were open when the last half-year ended or were decided after it.

    Parameters
    ----------
    before : the half-year before the report's; empty when the report is the first.
    """
    if not before:
        return _said("first_report")
    found = [
        one for one in _proposals(followed, region) if one.day("pvm") <= _end(before) and _left(one, before)
    ]
    return _table(found, "carried", language) if found else _said("nothing_carried")


def new_ones(followed: Release, region: tuple[str, str], now: str, language: str = "fi") -> Table | Text:
    """Show the proposals made during the half-year."""
    found = [one for one in _proposals(followed, region) if _inside(one.day("pvm"), now)]
    return _table(found, "new", language) if found else _said("nothing_new")


def decided_items(followed: Release, region: tuple[str, str], now: str) -> tuple[Entry, ...]:
    """Give the working group's matters of the half-year."""
    listed = words_followup.entries(followed, "tyoryhma", region)
    return tuple(one for one in listed if _inside(one.day("paiva"), now))


def voices(report: Release, region: tuple[str, str], language: str = "fi") -> list[Text]:
    """Give the quotes that may be shown, each with where it was said and of what."""
    named = {one.key: (one.name_fi.lower(), one.name_en.lower()) for one in themes()}
    told = []
    for row in _rows(report, "aanet", region):
        words = (str(row["label_fi"]), str(row["label_en"]))
        where = _source(str(row["category"]))
        theme = named.get(str(row["theme"]), _pair("no_theme"))
        told.append(_said("voice", text=words, source=where, theme=theme))
    return told or [_said("no_voice")]


def comparability_line(
    report: Release, reporting: Release, region: tuple[str, str], language: str = "fi"
) -> list[Text | Sentence]:
    """Say in one paragraph what the national roll-up must know: schema, form, period and coverage."""
    row = _rows(report, "jaksot", region, group="nykyinen")[0]
    forms = str(row["note"]) or "–"
    one_form = "one_form" if "," not in forms else "many_forms"
    told: list[Text | Sentence] = [words_reporting.schema(reporting, region)]
    told.append(_said(one_form, forms=(forms, forms), period=_period_pair(str(row["period"]))))
    return told


def _table(found: Sequence[Entry], caption: str, language: str) -> Table | Text:
    columns: dict[str, Callable[[Entry], tuple[str, str]]] = {
        "phenomenon": lambda one: one.words("ilmio"),
        "proposal": lambda one: one.words("ehdotus"),
        "body": lambda one: one.words("paattaja"),
        "made": lambda one: words_followup.date_pair(one.day("pvm")),
        "decision": words_followup.decided,
        "seen": lambda one: one.words("mita_muuttui"),
    }
    head = [_pair(f"head.{name}") for name in columns]
    body = [[of(one) for of in columns.values()] for one in found]
    return words_followup.entry_table(found, head, body, _pair(f"caption.{caption}"), language)


def _promises(followed: Release, region: tuple[str, str]) -> list[Entry]:
    if PROMISES not in followed.parts:
        return []
    listed = words_followup.entries(followed, PROMISES, region, inside=False, when="maarapaiva")
    return [one for one in listed if one.code("tila") != "peruttu"]


def _half(one: Entry) -> str:
    """Give the half-year in which a promise is to be done."""
    return one.words("puolivuosi")[0]


def _promise_table(found: Sequence[Entry], caption: str, language: str) -> Table:
    columns: dict[str, Callable[[Entry], tuple[str, str]]] = {
        "promise": lambda one: one.words("lupaus"),
        "role": lambda one: one.words("vastuurooli"),
        "due": lambda one: words_followup.dated(one, "maarapaiva"),
    }
    if caption == "promised_next":
        columns["state_now"] = _settled
    else:
        columns |= {"state": _settled, "done": lambda one: one.words("mita_tehtiin")}
    head = [_pair(f"head.{name}") for name in columns]
    body = [[of(one) for of in columns.values()] for one in found]
    return words_followup.entry_table(found, head, body, _pair(f"caption.{caption}"), language)


def _settled(one: Entry) -> tuple[str, str]:
    """Say what became of a promise, with the day on which that was agreed."""
    state = words_followup.choice(one, "tila")
    if not one.has("todettu"):
        return state
    day = words_followup.date_pair(one.day("todettu"))
    return f"{state[0]}, {day[0]}", f"{state[1]}, {day[1]}"


def _proposals(followed: Release, region: tuple[str, str]) -> list[Entry]:
    listed = words_followup.entries(followed, words_followup.HAPPENED, region, when="pvm")
    return [one for one in listed if one.has("ehdotus")]


def _left(one: Entry, before: str) -> bool:
    """Say whether a proposal was open at the end of a half-year, or was decided during it or after it."""
    start = f"{before[:4]}-01-01" if before.endswith("H1") else f"{before[:4]}-07-01"
    return one.code("tila") in OPEN or not one.has("paatetty") or one.day("paatetty") >= start


def _inside(day: str, half_year: str) -> bool:
    half = "H1" if day[5:7] <= "06" else "H2"
    return bool(day) and f"{day[:4]}-{half}" == half_year


def _end(half_year: str) -> str:
    return frame.period_end(half_year).isoformat()


def _source(code: str) -> tuple[str, str]:
    key = f"osallistava_tieto.source.{code}"
    return say(key, "fi"), say(key, "en")


def _period_pair(given: str) -> tuple[str, str]:
    return numbers.period(given, "fi"), numbers.period(given, "en")


def _rows(release: Release, part: str, region: tuple[str, str], **filters: object) -> tuple[Row, ...]:
    if part not in release.parts:
        return ()
    found = release.select(part=part, region=region, **filters)
    return rows_if_any(found)


def _pair(key: str) -> tuple[str, str]:
    return both(f"{ROOM}.{key}")


def _said(key: str, **values: tuple[str, str]) -> Text:
    return words_followup.said_in(ROOM, key, values)
