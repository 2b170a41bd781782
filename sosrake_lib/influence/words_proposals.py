"""The proposals of a decision maker's page: the fate of an earlier one, the present one, its decider and day.

All come from one released list (part `ehdotukset` of `batch.recipes_decider_view`). Words are their writer's:
on a page of another language they stand apart, marked as Finnish. Every sentence names the release it rests
on, so that an approval of the page covers the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from sosrake_lib import regions
from sosrake_lib.influence import decisions, texts, words_decider
from sosrake_lib.influence.pages import Showable
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.influence.words_followup import Entry, date_pair, entries, indicator_pair
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

PROPOSALS, CLOCK = "ehdotukset", "vuosikello"
OPEN = ("tehty", "kesken")  # states of a proposal that waits for its decision
ROOM = "decisions"
_MOST_DAYS = 3  # days of the area's own clock that are told

Shown = Showable | list[Sentence] | list[Text]


@dataclass(frozen=True, slots=True)
class Proposals:
    """What a page tells of proposals: an earlier one, and the one that waits; either may be lacking.

    Attributes
    ----------
    earlier : the newest decided proposal, else the one before the newest that waits; never the same as it.
    waiting : the newest proposal that has not been decided.
    """

    earlier: Entry | None
    waiting: Entry | None

    @property
    def theme(self) -> str:
        """Give the theme of the newer of them; empty without any."""
        newest = self.waiting or self.earlier
        return newest.code("teema") if newest else ""


def of_area(words: Release, region: tuple[str, str]) -> Proposals:
    """Choose the proposals of a page from the list of a release of words."""
    listed = entries(words, PROPOSALS, region, inside=False, when="pvm")
    waiting = [one for one in listed if one.code("tila") in OPEN]
    decided = [one for one in listed if one.code("tila") not in OPEN]
    decided.sort(key=lambda one: one.day("paatetty") or one.day("pvm"))
    earlier = [*waiting[:-1][-1:], *decided][-1:]
    return Proposals(next(iter(earlier), None), next(iter(waiting[-1:]), None))


def theme(asked: str, finding: Selection, told: Proposals) -> str:
    """Give the page's theme: the one asked for, else the finding's, else the proposal's; `kaikki` without."""
    if asked or len(finding):
        return asked or decisions.theme_of(finding)
    return told.theme or "kaikki"


def fate(one: Entry | None, language: str = "fi") -> list[Shown]:
    """Tell what happened to an earlier proposal: words, decision, what has been seen since, what follows."""
    if one is None:
        return [texts.said("seuranta.no_proposal")]
    begun = _flow(_lead("seuranta.last.told", one, "pvm", language), one)
    told: list[Sentence] = []
    told.append(compose(f"seuranta.last.{one.code('tila')}", language, capital=True, **_on(one, language)))
    told += _line("paatos_sanoin" if one.has("paatos_sanoin") else "perustelu", one, language)
    if one.has("mita_muuttui"):
        told += _line("mita_muuttui", one, language)
    elif one.code("tila") not in OPEN:
        told.append(compose("seuranta.last.unchanged", language))
    if one.has("indikaattori"):
        name = constant(_of(indicator_pair(one.code("indikaattori")), language), language)
        told.append(compose("seuranta.last.indicator", language, name=name))
    if one.has("seuranta_pvm"):
        told.append(compose("seuranta.last.next", language, day=_day(one, "seuranta_pvm", language)))
    return [*begun, *_flow(told, one)]


def proposal(one: Entry | None, language: str = "fi") -> list[Shown]:
    """Tell the proposal that waits: words, target, cost, benefit and state; or that there is none."""
    if one is None:
        return [texts.said(f"{ROOM}.no_proposal")]
    begun = _flow(_lead(f"{ROOM}.proposed", one, "pvm", language), one)
    told: list[Sentence] = []
    if one.has("kohde"):
        told.append(
            _filled(f"{ROOM}.target", language, say(f"register.target.{one.code('kohde')}", language))
        )
    for field in ("kustannus", "hyoty"):
        told += _line(field, one, language) or [compose(f"{ROOM}.no_{field}", language)]
    told.append(_filled(f"{ROOM}.state", language, say(f"register.status.{one.code('tila')}", language)))
    return [*begun, *_flow(told, one)]


def who(one: Entry | None, bodies: pd.DataFrame, level: str, theme: str, language: str = "fi") -> list[Shown]:
    """Say who decides: the proposal's own body, then the nearest of the general table; else the whole table.

    Parameters
    ----------
    one : the proposal that waits. bodies, level, theme : as in `decisions.who_decides`.
    """
    own = _flow(_line("paattaja", one, language), one) if one is not None else []
    general = decisions.who_decides(bodies, level, theme)[: 1 if own else None]
    return [*own, texts.said(f"{ROOM}.general_who"), general]


def when(one: Entry | None, words: Release, region: tuple[str, str], language: str = "fi") -> list[Shown]:
    """Say when: the proposal's own day and the area's own yearly clock; without a clock the general calendar.

    Both calendars tell when recurring decisions are made, and the area's own is the truer one.
    """
    told: list[Shown] = []
    if one is not None:
        key = "day" if one.has("paatospaiva") else "no_day"
        known: dict[str, Sentence | str] = (
            {"day": _day(one, "paatospaiva", language)} if one.has("paatospaiva") else {}
        )
        told += _flow([compose(f"{ROOM}.{key}", language, capital=True, **known)], one)
    clock = own_clock(words, region)
    if clock:
        days = [line for each in clock for line in _planned(each, language)]
        return [*told, texts.said(f"{ROOM}.clock"), days]
    general = texts.said(f"{ROOM}.general_when")
    return [*told, *([general] if told else []), words_decider.when(region[0])]


def own_clock(words: Release, region: tuple[str, str]) -> tuple[Entry, ...]:
    """List what the area's own yearly clock has planned; of a municipality, its county's clock too."""
    places = [region]
    if region[0] == "kunta":
        places += [("hva", county)] if (county := regions.parent(region[1], "hva")) else []
    found = [
        one
        for place in places
        for one in entries(words, CLOCK, place, inside=False)
        if one.code("tila") == "suunniteltu" and one.has("paiva")
    ]
    return tuple(sorted(found, key=lambda one: one.day("paiva"))[:_MOST_DAYS])


def _lead(key: str, one: Entry, day: str, language: str) -> list[Sentence]:
    """Begin with the day and the words; words of another language stand after the sentence as they are."""
    when = _day(one, day, language)
    fields = ("ehdotus", "paattaja")
    spoken = [_spoken(one, field, language) for field in fields]
    if {each.language for each in spoken} == {language}:
        known: dict[str, Sentence | str] = {"proposal": spoken[0]}
        if key == "seuranta.last.told":
            known["body"] = spoken[1]
        return [compose(key, language, capital=True, when=when, **known)]
    finnish = [_spoken(one, field, "fi") for field in fields]
    quoted = compose(f"{ROOM}.quoted", "fi", proposal=finnish[0], body=finnish[1])
    return [compose(f"{key}_finnish", language, when=when), quoted]


def _line(field: str, one: Entry, language: str) -> list[Sentence]:
    """Say a field with its label; Finnish words on an English page stand after the label, as they are."""
    if not one.has(field):
        return []
    spoken = _spoken(one, field, language)
    if spoken.language == language:
        return [compose(f"{ROOM}.line.{field}", language, text=spoken)]
    return [compose(f"{ROOM}.line_finnish.{field}", language), constant(f"{spoken.text}.", "fi")]


def _planned(one: Entry, language: str) -> list[Sentence]:
    """Say one line of the clock; as a list of its own language each."""
    spoken = _spoken(one, "tapahtuma", language)
    day = _day(one, "paiva", spoken.language)
    return [_on_release(compose(f"{ROOM}.planned", spoken.language, day=day, text=spoken), one)]


def _spoken(one: Entry, field: str, language: str) -> Sentence:
    """Give a field's words in the page's language when somebody has written them so, else in Finnish."""
    finnish, english = (str(one.rows[field][f"label_{code}"]) for code in ("fi", "en"))
    # an entry of one's own has its Finnish words in both places
    if language == "en" and english and english != finnish:
        return constant(_ended(english, field), "en")
    return constant(_ended(finnish, field), "fi")


def _ended(text: str, field: str) -> str:
    """End a proposal with a full stop, as it is quoted whole; leave others without: a sentence ends them."""
    bare = text.strip().rstrip(".")
    return f"{bare}." if field == "ehdotus" and not bare.endswith(("?", "!")) else bare


def _flow(told: Iterable[Sentence], one: Entry) -> list[Shown]:
    """Put sentences of one language that follow each other into one paragraph, each with its release."""
    paragraphs: list[list[Sentence]] = []
    for sentence in told:
        if paragraphs and paragraphs[-1][-1].language == sentence.language:
            paragraphs[-1].append(sentence)
        else:
            paragraphs.append([sentence])
    return [_on_release(join(each), one) for each in paragraphs]


def _on_release(sentence: Sentence, one: Entry) -> Sentence:
    return replace(sentence, release_id=next(iter(one.rows.values())).release_id)


def _filled(key: str, language: str, text: str) -> Sentence:
    return compose(key, language, text=constant(text, language))


def _on(one: Entry, language: str) -> dict[str, Sentence | str]:
    """Give the day of a decision in brackets, for the states whose words have room for it."""
    if one.code("tila") not in ("kesken", "hyvaksytty", "hylatty"):
        return {}
    if not one.has("paatetty"):
        return {"on": Sentence("", language)}
    return {"on": compose("seuranta.last.on", language, day=_day(one, "paatetty", language))}


def _day(one: Entry, field: str, language: str) -> Sentence:
    return constant(_of(date_pair(one.day(field)), language), language)


def _of(pair: tuple[str, str], language: str) -> str:
    return pair[int(language == "en")]
