"""The influence log and the channels in words: what was told, decided and seen, who was reached and reacted.

An order in time is told as an order in time. No sentence says that telling brought a change about, and
channels are compared only within one audience, by what a reader may see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sosrake_lib.catalogue.followup_words import named
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence import words_followup as words
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_followup import Entry, entries
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "vaikuttamisloki"
KIND = "vaikuttamisloki"
DECIDED = ("hyvaksytty", "osittain", "hylatty")
REACHED, ANSWERED, PAIRS = "kanava_tavoitetut", "kanava_reaktiot", "kanavaparit"


def answer(found: Sequence[Entry]) -> Text:
    """Say how many matters have been told, on how many there is a decision, how many wait."""
    if not found:
        return said("answer_none")
    decided = sum(one.code("paatos") in DECIDED for one in found)
    counts = {"told": len(found), "decided": decided, "open": len(found) - decided}
    # Matters are public documents that stand in the table below, not people.
    return said("answer", **{name: _count(value) for name, value in counts.items()})


def log_table(found: Sequence[Entry], language: str = "fi") -> Table | Text:
    """Show brief, to whom, decision, follow-up indicator and what has been seen, oldest first."""
    columns = {
        "aihe": lambda one: one.words("aihe"),
        "kenelle": lambda one: _joined(one.words("kenelle"), words.dated(one, "paiva")),
        "paatos": decision,
        "seuranta": lambda one: words.indicator_pair(one.code("indikaattori")),
        "muutos": changed,
    }
    return words.shown(found, columns, KIND, language)


def decision(one: Entry) -> tuple[str, str]:
    """Say what was decided and when, in the writer's words where there are some."""
    if not one.has("paatos"):
        return words.pair("none")
    state = words.choice(one, "paatos")
    head = _joined((state[0].capitalize(), state[1].capitalize()), words.dated(one, "paatos_pvm"))
    if not one.has("paatos_sanoin"):
        return head
    own = one.words("paatos_sanoin")
    return f"{head[0]}. {own[0]}", f"{head[1]}. {own[1]}"


def changed(one: Entry) -> tuple[str, str]:
    """Say what has been seen, and whether it describes the situation or the same thing at two times."""
    if not one.has("mita_muuttui"):
        return words.pair("none")
    own, kind = one.words("mita_muuttui"), words.choice(one, "muutoksen_luonne")
    return f"{own[0]} ({kind[0]})", f"{own[1]} ({kind[1]})"


def later(found: Sequence[Entry]) -> list[Text]:
    """List the matters that are still to be looked at, by their day."""
    waiting = [one for one in found if one.has("seuranta_pvm") and one.code("tila") != "paattynyt"]
    told = [
        said("later", matter=_first_sentence(one.words("aihe")), day=words.date_pair(one.day("seuranta_pvm")))
        for one in sorted(waiting, key=lambda one: one.day("seuranta_pvm"))
    ]
    return told or [said("nothing_later")]


def channels_table(release: Release, region: tuple[str, str], language: str = "fi") -> Table | Text:
    """Show by audience and channel how often something was told, how many were reached, what share reacted.

    A channel nobody has measured says so; a small figure is hidden. Channels stand in the order of names.
    """
    rows = _rows(release, "kanavat", region)
    log = entries(release, "kanavaloki", region)
    if not rows:
        return words.said("nothing")
    by_key = {(str(row["indicator"]), str(row["group"])): row for row in rows}
    times = Counter(f"{one.code('kohderyhma')}.{one.code('kanava')}" for one in log)
    head = [
        say(f"{words.ROOM}.head.{name}", language)
        for name in ("kohderyhma", "kanava", "kertaa", "tavoitetut", "reaktiot")
    ]
    groups = sorted({group for _, group in by_key}, key=lambda group: _names(group, language))
    body: list[list[Cell]] = [
        [
            constant(_names(group, language)[0].capitalize(), language),
            constant(_names(group, language)[1], language),
            constant(numbers.count(times[group], language), language),
            _figure(by_key[REACHED, group], language),
            _figure(by_key[ANSWERED, group], language),
        ]
        for group in groups
    ]
    caption = (
        f"{say(f'{words.ROOM}.caption.kanavat', language)}, {labels.when(str(rows[0]['period']), language)}"
    )
    return word_table(rows, head, body, caption, language, numbers=(2, 3, 4))


def channel_names(language: str = "fi") -> dict[str, str]:
    """Give the channel of each group of the part `kanavat`, for a chart of one audience."""
    groups = [f"{audience}.{channel}" for audience in named("audiences") for channel in named("channels")]
    return {group: _names(group, language)[1] for group in groups}


def pairs(release: Release, region: tuple[str, str], language: str = "fi") -> list[Sentence]:
    """Say of each two channels of one audience whether the shares that reacted can be told apart."""
    told = []
    for row in _rows(release, PAIRS, region):
        audience, first, second = str(row["group"]).split(".")
        lists = [named("channels")[one][language == "en"] for one in (first, second)]
        told.append(
            compose(
                f"{ROOM}.{'apart' if row['category'] == 'eroaa' else 'similar'}",
                language,
                audience=named("audiences")[audience][language == "en"],
                first=lists[0],
                second=lists[1],
            )
        )
    return told or [compose(f"{ROOM}.no_pairs", language)]


def compared_audiences(release: Release, region: tuple[str, str]) -> list[str]:
    """Name the audiences for which at least two channels have a share that is shown."""
    shown = Counter(group.split(".")[0] for group in _answered(release, region))
    return [audience for audience in named("audiences") if shown[audience] > 1]


def reactions(release: Release, region: tuple[str, str], audience: str = "") -> Selection:
    """Select the shares that reacted and are shown, of one audience or (for a source line) of all."""
    groups = [one for one in _answered(release, region) if not audience or one.split(".")[0] == audience]
    return release.select(part="kanavat", region=region, indicator=ANSWERED, group=groups)


def reactions_caption(audience: str, language: str = "fi") -> str:
    """Give the caption of the chart of one audience."""
    return say(
        f"{words.ROOM}.caption.reactions", language, audience=named("audiences")[audience][language == "en"]
    )


def said(key: str, **values: tuple[str, str]) -> Text:
    """Give a text of the page of the influence log."""
    return words.said_in(ROOM, key, values)


def _figure(row: Row, language: str) -> Cell:
    if row["status"] == "missing":
        return say(f"{words.ROOM}.not_measured", language)
    if not row.shown:
        return say(f"{words.ROOM}.hidden", language)
    value = number(labels.figure(row, "value", language), row.reference("value"), row.release_id, language)
    if not row.has("lower"):
        return value
    return join([value, pieces.interval(row, "lower", "upper", language)])


def _answered(release: Release, region: tuple[str, str]) -> list[str]:
    return [str(row["group"]) for row in _rows(release, "kanavat", region, indicator=ANSWERED) if row.shown]


def _names(group: str, language: str) -> tuple[str, str]:
    audience, _, channel = group.partition(".")
    return named("audiences")[audience][language == "en"], named("channels")[channel][language == "en"]


def _rows(release: Release, part: str, region: tuple[str, str], **filters: object) -> tuple[Row, ...]:
    chosen = release.select(part=part, region=region, **filters)
    return rows_if_any(chosen)


def _count(value: int) -> tuple[str, str]:
    return numbers.count(value, "fi"), numbers.count(value, "en")


def _joined(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str]:
    return f"{first[0]}, {second[0]}", f"{first[1]}, {second[1]}"


def _first_sentence(pair: tuple[str, str]) -> tuple[str, str]:
    first, second = (one.partition(". ")[0].removesuffix(".") for one in pair)
    return first, second
