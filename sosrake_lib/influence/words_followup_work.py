"""Experiments and self-assessment in words: a one-page report of a try, and the profile of seven points.

Levels are told as words of a description, point by point: there is no sum, no mean and no order of areas.
"""

from __future__ import annotations

from collections.abc import Sequence

from sosrake_lib.catalogue.self_assessment import AssessedPoint, self_assessment
from sosrake_lib.influence import labels, pages
from sosrake_lib.influence import words_followup as words
from sosrake_lib.influence.project_texts import word_table
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import Sentence, compose, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import both
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Text

ROOM = "itsearviointi"
PLAN = ("ongelma", "muutosidea", "mittari", "ennuste")
REPORTED = (*PLAN, "mita_tehtiin", "mita_havaittiin", "opittu")


def experiment_page(
    release: Release, one: Entry, language: str = "fi"
) -> list[pages.Heading | Table | Sentence | Text | pages.Note]:
    """Give the one-page report of an experiment: its card, who took part, what it does not tell."""
    name = one.words("nimi")[language == "en"]
    told: list[pages.Heading | Table | Sentence | Text | pages.Note] = [pages.Heading(3, name)]
    told += [experiment_card(one, language), took_part(release, one, language)]
    return [*told, pages.Note(words.said("experiment.limit"))]


def experiment_card(one: Entry, language: str = "fi") -> Table:
    """Show a card by its phases: plan, do, study, act."""
    lines = [(f"phase.{field}", one.words(field)) for field in REPORTED]
    lines.append(("phase.ratkaisu", words.choice(one, "ratkaisu")))
    lines += [("phase.seuraava", one.words("seuraava")), ("phase.omistaja", one.words("omistaja"))]
    lines.append(("phase.aika", _time(one)))
    body = [(words.pair(key), pair) for key, pair in lines]
    head = [words.pair(f"head.{name}") for name in ("vaihe", "kirjaus")]
    name = one.words("nimi")
    told = [say(f"{words.ROOM}.caption.kokeilu", code, name=name[at]) for at, code in enumerate(("fi", "en"))]
    return words.entry_table([one], head, body, (told[0], told[1]), language)


def took_part(release: Release, one: Entry, language: str = "fi") -> Sentence:
    """Say how many people took part, or that the number is hidden or unknown."""
    chosen = release.select(part="kokeilut_mukana", group=one.key)
    rows: Sequence[Row] = rows_if_any(chosen)
    if not rows:
        return compose(f"{words.ROOM}.experiment.people_unknown", language)
    if not rows[0].shown:
        return compose(f"{words.ROOM}.experiment.people_hidden", language)
    told = number(
        labels.bare_figure(rows[0], "value", language),
        rows[0].reference("value"),
        rows[0].release_id,
        language,
    )
    return compose(f"{words.ROOM}.experiment.people", language, value=told)


def newest(found: Sequence[Entry]) -> dict[str, Entry]:
    """Give the newest assessment of each point that has one, by the point's key."""
    told: dict[str, Entry] = {}
    for one in sorted(found, key=lambda one: one.day("paiva")):
        if one.code("tila") != "paattynyt":
            told[one.code("kohta")] = one
    return told


def answer(found: Sequence[Entry]) -> Text:
    """Say how many points have been assessed, when and by whom (roles)."""
    now = newest(found)
    if not now:
        return said("answer_none")
    last = max(now.values(), key=lambda one: one.day("paiva"))
    count = (numbers.count(len(now), "fi"), numbers.count(len(now), "en"))
    return said("answer", done=count, day=words.date_pair(last.day("paiva")), who=last.words("arvioijat"))


def profile(found: Sequence[Entry], language: str = "fi") -> Table:
    """Show the seven points with the level in words and its written ground; a point without one says so."""
    now = newest(found)
    dash = ("–", "–")
    body = []
    for point in self_assessment().points:
        one = now.get(point.key)
        told = [_pair("not_assessed"), words.pair("none"), dash]
        if one is not None:
            told = [_level_words(one.code("taso")), one.words("perustelu"), words.dated(one, "paiva")]
        body.append([_name(point), *told])
    head = [words.pair(f"head.{name}") for name in ("kohta", "taso", "perustelu", "paiva")]
    if not now:
        columns = {
            one[language == "en"]: [text_of(*line[at]) for line in body] for at, one in enumerate(head)
        }
        return word_table(columns, text_of(*words.pair("caption.itsearviointi")), language)
    return words.entry_table(list(now.values()), head, body, words.pair("caption.itsearviointi"), language)


def strengths(found: Sequence[Entry]) -> list[Text]:
    """List what works, in the writers' words, point by point."""
    now = newest(found)
    told = [
        said("strength", point=(point.name_fi, point.name_en), text=now[point.key].words("vahvuus"))
        for point in self_assessment().points
        if point.key in now and now[point.key].has("vahvuus")
    ]
    return told or [said("no_strength")]


def steps(found: Sequence[Entry], language: str = "fi") -> Table | Text:
    """Show the agreed next step of each point and the role that takes it forward."""
    now = newest(found)
    own = [now[point.key] for point in self_assessment().points if point.key in now]
    columns = {
        "kohta": _point_name,
        "seuraava_askel": lambda one: one.words("seuraava_askel"),
        "omistaja": lambda one: one.words("omistaja"),
    }
    return words.shown(own, columns, "askeleet", language)


def missing(found: Sequence[Entry]) -> list[Text]:
    """Name the points nobody has assessed; none when all have been."""
    lacking = [point for point in self_assessment().points if point.key not in newest(found)]
    if not lacking or not found:
        return []
    named = [", ".join(_name(point)[place].lower() for point in lacking) for place in (0, 1)]
    return [said("missing", points=(named[0], named[1]))]


def moved(found: Sequence[Entry]) -> list[Text]:
    """Tell the points whose newest level differs from the one before; which way is good is not said."""
    told = []
    for key, one in newest(found).items():
        before = [
            other
            for other in found
            if other.code("kohta") == key
            and other.day("paiva") < one.day("paiva")
            and other.code("tila") != "paattynyt"
        ]
        if before and before[-1].code("taso") != one.code("taso"):
            then = before[-1]
            values = {"was": _level_words(then.code("taso")), "now": _level_words(one.code("taso"))}
            told.append(said("changed", point=_point_name(one), day=words.dated(then, "paiva"), **values))
    return told


def form_table(language: str = "fi") -> Table:
    """Show the form: point, question, what could show an answer."""
    form = self_assessment()
    cells = {
        "kohta": [text_of(point.name_fi, point.name_en) for point in form.points],
        "kysymys": [text_of(point.question_fi, point.question_en) for point in form.points],
        "naytto": [text_of(point.evidence_fi, point.evidence_en) for point in form.points],
    }
    columns = {say(f"{words.ROOM}.head.{name}", language): texts for name, texts in cells.items()}
    return word_table(columns, text_of(*words.pair("caption.lomake")), language)


def levels_in_words() -> Text:
    """Say what the levels mean."""
    told = [
        ", ".join(f"{place} = {pair[code]}" for place, pair in enumerate(self_assessment().levels))
        for code in (0, 1)
    ]
    return said("levels", levels=(told[0], told[1]))


def law_line() -> Text:
    """Say where the points come from and which act they rest on."""
    form = self_assessment()
    return said("law", source=(form.source_fi, form.source_en), law=(form.law, form.law))


def said(key: str, **values: tuple[str, str]) -> Text:
    """Give a text of the page of the self-assessment."""
    return words.said_in(ROOM, key, values)


def _pair(key: str) -> tuple[str, str]:
    return both(f"{ROOM}.{key}")


def _level_words(level: str) -> tuple[str, str]:
    pair = self_assessment().levels[int(level)]
    return (
        say(f"{ROOM}.level", "fi", number=level, words=pair[0]),
        say(f"{ROOM}.level", "en", number=level, words=pair[1]),
    )


def _point_name(one: Entry) -> tuple[str, str]:
    return _name(self_assessment().point(one.code("kohta")))


def _name(point: AssessedPoint) -> tuple[str, str]:
    return point.name_fi, point.name_en


def _time(one: Entry) -> tuple[str, str]:
    start, end = words.dated(one, "alku"), words.dated(one, "loppu")
    if not one.has("loppu"):
        told = [
            say(f"{words.ROOM}.experiment.time_open", code, start=start[at])
            for at, code in enumerate(("fi", "en"))
        ]
    else:
        told = [
            say(f"{words.ROOM}.experiment.time", code, start=start[at], end=end[at])
            for at, code in enumerate(("fi", "en"))
        ]
    return told[0], told[1]
