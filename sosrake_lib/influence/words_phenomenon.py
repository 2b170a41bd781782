"""A phenomenon card in words: what upholds it, what is known beside it, how strongly, and what is not known.

Nothing is judged here: directions, strength and answers come released; figures are marked with their results.
"""

from __future__ import annotations

from collections.abc import Sequence

from sosrake_lib import regions
from sosrake_lib.catalogue import indicator, needs
from sosrake_lib.errors import CatalogueError, SosrakeError
from sosrake_lib.influence import labels, pages, pieces, project_texts
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import Sentence, compose, constant
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.influence.words_reporting import WEAK, text
from sosrake_lib.language import collation_key, numbers, say
from sosrake_lib.protect import Release, Text

ROOM = "ilmiokortti"
QUESTIONS = (
    *("havaintoja", "tuottajia", "ihmiset_itse", "puolivuosia", "koodaus", "kattavuus"),
    *("asiakastieto", "tilasto", "mittari", "suunta", "paattaja", "heikoimmat"),
)
# Whose table of bodies a level's deciders are looked up in.
LEVELS = {"kunta": "kunta", "tiimi": "hva", "palvelualue": "hva", "hva": "hva"}


def chosen(release: Release, region: tuple[str, str], asked: str = "") -> str:
    """Name the phenomenon asked for by its number at the desk; the first one when nothing is asked.

    Raises
    ------
    SosrakeError naming the numbers there are.
    """
    keys = [str(row["indicator"]) for row in _rows(release, "kortti", region)]
    if not asked and keys:
        return keys[0]
    if f"ilmio_{asked}" not in keys:
        known = ", ".join(key.removeprefix("ilmio_") for key in keys) or "-"
        raise SosrakeError(f"ilmiokortti: ilmio {asked!r}; expected one of {known}; see the desk's list")
    return f"ilmio_{asked}"


def card(
    release: Release, region: tuple[str, str], key: str, language: str = "fi"
) -> list[pages.Heading | Text]:
    """Give the phenomenon's name and approved summary, word for word."""
    row = _card(release, region, key)
    if not row["label_fi"]:
        return [_said("not_approved")]
    name = pages.Heading(2, str(row[f"name_{language}"]))
    return [name, text(str(row["label_fi"]), str(row["label_en"]))]


def theme_of(release: Release, region: tuple[str, str], key: str) -> str:
    """Give the key of the phenomenon's theme."""
    return str(_card(release, region, key)["theme"])


def upholding(release: Release, region: tuple[str, str], key: str) -> list[Text]:
    """Say which structure upholds the phenomenon, who is thought to decide, and what should change."""
    row = _card(release, region, key)
    told = []
    if row["kind"]:
        told.append(_filled("structure", "structure", f"register.choice.rakennetyyppi.{row['kind']}"))
    level, target = (linked(release, region, key, kind) for kind in ("taso", "kohde"))
    if level:
        told.append(_filled("level", "level", f"register.choice.paattaja_taso.{level[0]}"))
    else:
        told.append(_said("level_open"))
    if target:
        told.append(_filled("target", "target", f"register.target.{target[0]}"))
    return told


def deciding_level(release: Release, region: tuple[str, str], key: str) -> str:
    """Give the level whose bodies are named first: `kunta` or `hva`."""
    level = linked(release, region, key, "taso")
    return LEVELS.get(level[0], "hva") if level else "hva"


def linked(release: Release, region: tuple[str, str], key: str, kind: str) -> list[str]:
    """Name what is joined to a phenomenon: need, indicators, measures, level or target."""
    return [str(row["group"]) for row in _rows(release, "liitokset", region, indicator=key, kind=kind)]


def measure_names(
    release: Release, region: tuple[str, str], key: str, language: str = "fi"
) -> dict[str, str]:
    """Give the names of the measures joined to a phenomenon."""
    rows = _rows(release, "liitokset", region, indicator=key, kind="mittari")
    return {str(row["group"]): str(row[f"name_{language}"]) or str(row["group"]) for row in rows}


def answer(release: Release, region: tuple[str, str], key: str, language: str = "fi") -> list[Sentence]:
    """Say how much has been observed, how strong the evidence is and what it is enough for."""
    told = [_observed(release, region, key, language)]
    row = _rows(release, "naytto", region, indicator=key)[0]
    grade = str(row["category"])
    meaning = say(f"{ROOM}.grade.{grade}", language)
    told.append(compose(f"{ROOM}.strength", language, grade=grade, meaning=meaning))
    if row["note"]:
        told.append(compose(f"{ROOM}.desk", language, grade=str(row["note"])))
    answers = [str(one["category"]) for one in _rows(release, "tarkistus", region, indicator=key)]
    # Counted lines of the checklist that stands on the page, no result.
    yes, no, unknown = (
        constant(numbers.count(answers.count(code), language), language)
        for code in ("kylla", "ei", "ei_tiedeta")
    )
    conclusion = say(f"{ROOM}.conclusion.{grade}", language)
    share = compose(f"{ROOM}.yes_count", language, yes=yes, no=no, unknown=unknown, conclusion=conclusion)
    return [*told, share]


def side_by_side(release: Release, region: tuple[str, str], key: str, language: str = "fi") -> Table | Text:
    """Show observations, records and statistics of each municipality on one line, in alphabetical order."""
    observed = _by_place(release, "havainnot", group=key)
    if not observed:
        return _said("observed_weak")
    need, indicators = (linked(release, region, key, kind) for kind in ("tarve", "tilasto"))
    records = _by_place(release, "osuudet", group=need[0], sex="total") if need else {}
    statistics = _by_place(release, "tilasto", indicator=indicators[0]) if indicators else {}
    places = [("kunta", code) for code in regions.members(*region)]
    ordered = sorted(places, key=lambda place: collation_key(_place_name(place, language)))
    body: list[list[Cell]] = [
        [
            _place_name(place, language),
            _count(observed.get(place), language),
            _compared(records.get(place), language),
            _compared(statistics.get(place), language),
        ]
        for place in ordered
    ]
    head = [say(f"{ROOM}.head.{name}", language) for name in ("area", "observations", "records", "statistic")]
    told = (need_name(need[0], language) if need else "", _short(indicators, language))
    head[2:] = [f"{name}: {what}" if what else name for name, what in zip(head[2:], told, strict=True)]
    rows = [one for found in (observed, records, statistics) for one in found.values()]
    return word_table(rows, head, body, say(f"{ROOM}.caption.side", language), language, numbers=(1,))


def directions(release: Release, region: tuple[str, str], key: str, language: str = "fi") -> list[Sentence]:
    """Say of each kind of knowledge whether it points the same way, conflicts, or cannot tell."""
    return [
        compose(f"{ROOM}.way.{row['category']}", language, kind=say(f"{ROOM}.kind.{row['group']}", language))
        for row in _rows(release, "rinnakkain", region, indicator=key)
    ]


def checklist(release: Release, region: tuple[str, str], key: str, language: str = "fi") -> Table:
    """Show the dozen questions with their answers and reasons, in the order of the list."""
    found = _answers(release, region, key)
    cells: dict[str, list[Text]] = {"question": [], "answer": [], "reason": []}
    for name in QUESTIONS:
        cells["question"].append(_said(f"question.{name}"))
        verdict = [say(f"sosiaalinen_raportointi.verdict.{found[name]}", code) for code in ("fi", "en")]
        cells["answer"].append(text(verdict[0], verdict[1]))
        cells["reason"].append(_said(f"reason.{found[name]}.{name}"))
    columns = {say(f"{ROOM}.head.{name}", language): texts for name, texts in cells.items()}
    named = [say(f"{ROOM}.caption.checklist", code) for code in ("fi", "en")]
    if release.synthetic:
        said = zip(("fi", "en"), named, strict=True)
        named = [f"{say('words.synthetic', code)}: {one}" for code, one in said]
    return project_texts.word_table(columns, text(named[0], named[1]), language)


def unknowns(release: Release, region: tuple[str, str], key: str) -> list[Text]:
    """Say what is not known: one sentence for each question that is not answered yes."""
    found = _answers(release, region, key)
    return [_said(f"unknown.{name}") for name in QUESTIONS if found[name] != "kylla"] or [_said("no_unknown")]


def not_reached(release: Release, region: tuple[str, str], key: str) -> list[Text]:
    """Name the municipalities without observations and those whose figure is protected."""
    observed = _by_place(release, "havainnot", group=key)
    told = []
    for name, test in (
        ("municipalities_silent", lambda row: row.shown and float(row["value"]) == 0),
        ("municipalities_hidden", lambda row: not row.shown),
    ):
        places = [place for place, row in observed.items() if place[0] == "kunta" and test(row)]
        if places:
            told.append(_places(name, places))
    return told


def measured(release: Release, region: tuple[str, str], key: str, part: str) -> tuple[Row, ...]:
    """Give the rows of a phenomenon's measures in a part (`luvut`, `muutokset`); none when there are none."""
    wanted = linked(release, region, key, "mittari")
    if part not in release.parts or not wanted:
        return ()
    return _rows(release, part, region, indicator=wanted)


def beside_caption(part: str, key: str, language: str = "fi") -> str:
    """Name what a chart beside the phenomenon shows: a need in records, or an indicator."""
    if part == "osuudet":
        return say(f"{ROOM}.caption.records", language, need=need_name(key, language))
    return indicator_name(key, language)


def need_name(key: str, language: str = "fi") -> str:
    """Name a support need in the language."""
    found = next(one for one in needs() if one.key == key)
    return found.name_en if language == "en" else found.name_fi


def indicator_name(key: str, language: str = "fi") -> str:
    """Name an indicator in the language; an unknown one by its key."""
    try:
        found = indicator(key)
    except CatalogueError:
        return key
    return found.name_en if language == "en" else found.name_fi


def _short(indicators: Sequence[str], language: str) -> str:
    """Give the short name of the first indicator; empty when there is none."""
    return labels.short_name(indicators[0], language) if indicators else ""


def _observed(release: Release, region: tuple[str, str], key: str, language: str) -> Sentence:
    if _card(release, region, key)["note"] == WEAK:
        return compose(f"{ROOM}.observed_weak", language)
    row = _by_place(release, "havainnot", group=key)[region]
    if not row.shown:
        return pieces.not_shown(row, language)
    return compose(
        f"{ROOM}.observed",
        language,
        place_in=pieces.place(row, language),
        value=pieces.figure(row, "value", language),
        when=pieces.time(row, language),
    )


def _rows(release: Release, part: str, region: tuple[str, str], **filters: object) -> tuple[Row, ...]:
    found = release.select(part=part, region=region, **filters)
    return rows_if_any(found)


def _by_place(release: Release, part: str, **filters: object) -> dict[tuple[str, str], Row]:
    if part not in release.parts:
        return {}
    found = release.select(part, None, **filters)
    rows = rows_if_any(found)
    return {(str(row["region_level"]), str(row["region_code"])): row for row in rows}


def _card(release: Release, region: tuple[str, str], key: str) -> Row:
    return _rows(release, "kortti", region, indicator=key)[0]


def _answers(release: Release, region: tuple[str, str], key: str) -> dict[str, str]:
    rows = _rows(release, "tarkistus", region, indicator=key)
    return {str(row["group"]): str(row["category"]) for row in rows}


def _count(row: Row | None, language: str) -> Cell:
    if row is None:
        return say(f"{ROOM}.no_knowledge", language)
    if not row.shown:
        return say(f"words.mark.{row['status']}", language)
    if float(row["value"]) == 0:
        return say(f"{ROOM}.not_observed", language)
    return pieces.figure(row, "value", language)


def _compared(row: Row | None, language: str) -> Cell:
    if row is None:
        return say(f"{ROOM}.no_knowledge", language)
    if not row.shown:
        return say(f"words.mark.{row['status']}", language)
    return compose(
        f"{ROOM}.figure_and_verdict",
        language,
        value=pieces.figure(row, "value", language),
        verdict=say(f"words.comparison.verdict.{row['verdict']}", language),
    )


def _place_name(place: tuple[str, str], language: str) -> str:
    return regions.name(*place, language)


def _places(name: str, places: Sequence[tuple[str, str]]) -> Text:
    told = [
        say(
            f"{ROOM}.{name}",
            code,
            places=", ".join(sorted((_place_name(one, code) for one in places), key=collation_key)),
        )
        for code in ("fi", "en")
    ]
    return text(told[0], told[1])


def _filled(key: str, name: str, words: str) -> Text:
    told = [say(f"{ROOM}.{key}", code, **{name: say(words, code)}) for code in ("fi", "en")]
    return text(told[0], told[1])


def _said(key: str) -> Text:
    return text(say(f"{ROOM}.{key}", "fi"), say(f"{ROOM}.{key}", "en"))
