"""A wellbeing-report chapter in words: finding, aim, action and follow-up figure by theme; what is missing.

Findings are released figures. Aims and actions are only what somebody has written or the register holds;
where nobody has, the chapter says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sosrake_lib import catalogue
from sosrake_lib.catalogue.minimum_data import MinimumItem, minimum_items
from sosrake_lib.influence import words_finding, words_followup
from sosrake_lib.influence.rows import Row, rows_if_any, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "hyvinvointikertomus"
THEMES = ("sairastavuus", "paihde_mielenterveys", "koyhyys", "yksinaisyys", "tyottomyys", "asuminen")
MINIMUM = "vahimmaistiedot"
THERE = "on"
# Why an item of the minimum data has no figure; the recipe chooses one for each item.
REASONS = ("vain_alue", "tunnus", "ei_julkaistu", "ei_haettu")


def chapter_table(
    release: Release,
    followed: Release,
    region: tuple[str, str],
    texts: Selection | None = None,
    language: str = "fi",
) -> Table:
    """Show finding, aim, action and follow-up figure of each theme on one line.

    Parameters
    ----------
    release : with `nosto` and `vahimmaistiedot`. followed : plans and follow-up (`mita_tapahtui`).
    texts : what people wrote for the chapter; a line that begins with a theme's name and a colon is its own.
    """
    aims, actions = (lines_by_theme(texts, field, language) for field in ("tavoitteet", "toimenpiteet"))
    proposed = _proposals(followed, region, language)
    body: list[list[Cell]] = []
    rest: list[Row] = list(_rows(release, MINIMUM, region))
    for theme in THEMES:
        row = _finding_row(release, region, theme)
        rest = [*([row] if row else []), *rest]
        body.append(
            [
                theme_name(theme, language),
                _finding(row, theme, region, language),
                _written(aims.get(theme, []), language),
                _written([*actions.get(theme, []), *proposed.get(theme, [])], language),
                _follow_up(row, theme, region, language),
            ]
        )
    head = [
        say(f"{ROOM}.head.{name}", language) for name in ("theme", "finding", "aim", "action", "followed")
    ]
    made = word_table(rest, head, body, say(f"{ROOM}.caption.chapter", language), language)
    return _only_words(made)


def strengths(release: Release, region: tuple[str, str], language: str = "fi") -> list[Sentence | Text]:
    """Tell the figures that clearly differ to the better, one a theme; or say that none does."""
    found = [
        words_finding.finding(row, language).full
        for theme in THEMES
        for row in _rows(release, "vahvuus", region)
        if _theme_of(row) == theme
    ]
    return list(found) or [_said("no_strength")]


def lines_by_theme(texts: Selection | None, field: str, language: str = "fi") -> dict[str, list[str]]:
    """Give the lines of a hand-written field that begin with a theme's name and a colon, by theme."""
    found: dict[str, list[str]] = {}
    for row in rows_of(texts) if texts is not None and len(texts) else ():
        if row["indicator"] == field:
            spoken = "label_en" if language == "en" and row["label_en"] else "label_fi"
            for line in str(row[spoken]).splitlines():
                name, colon, rest = line.partition(":")
                theme = _theme_named(name.strip())
                if colon and theme and rest.strip():
                    found.setdefault(theme, []).append(rest.strip())
    return found


def missing_table(release: Release, region: tuple[str, str], language: str = "fi") -> Table | Text:
    """Show the items of the minimum data that have no figure in the chapter, each with its reason's name."""
    rows = _missing(release, region)
    if not rows:
        return _said("nothing_missing")
    by_item = {str(row["indicator"]): row for row in rows}
    keys = [(one, f"vahimmaistieto_{one.key}") for one in minimum_items()]
    told = [(one, by_item[key]) for one, key in keys if key in by_item]
    body: list[list[Cell]] = [
        [
            constant(_name(one, language), language),
            theme_name(catalogue.indicator(one.indicator).theme, language),
            say(f"{ROOM}.why.{row['category']}", language),
        ]
        for one, row in told
    ]
    names = ["item", "theme", "why"]
    if len({one.verified for one in minimum_items()}) > 1:  # a list of one state is told of once, above
        names.append("list")
        for cells, (one, _) in zip(body, told, strict=True):
            cells.append(say(f"{ROOM}.{'checked' if one.verified else 'unchecked'}", language))
    head = [say(f"{ROOM}.head.{name}", language) for name in names]
    rests, caption = [row for _, row in told], say(f"{ROOM}.caption.missing", language)
    return word_table(rests, head, body, caption, language)


def missing_reasons(release: Release, region: tuple[str, str], language: str = "fi") -> list[Sentence]:
    """Tell once what each reason named in the table of missing items means; none that the table lacks."""
    named = {row["category"] for row in _missing(release, region)}
    return [compose(f"{ROOM}.why_told.{one}", language) for one in REASONS if one in named]


def minimum_summary(release: Release, region: tuple[str, str], language: str = "fi") -> Sentence:
    """Say how many items the list has and how many of them have no figure; counted lines, no result."""
    listed, missing = (len(rows) for rows in (_rows(release, MINIMUM, region), _missing(release, region)))
    return compose(
        f"{ROOM}.summary",
        language,
        items=constant(numbers.count(listed, language), language),
        missing=constant(numbers.count(missing, language), language),
    )


def list_state() -> Text:
    """Say whether the list has been compared with the national one, and which parts of it have no items."""
    items = minimum_items()
    if all(one.verified for one in items):
        return _said("list_checked")
    return _said("list_unchecked")


def theme_name(key: str, language: str = "fi") -> str:
    """Name a theme in the language."""
    found = next(one for one in catalogue.themes() if one.key == key)
    return found.name_en if language == "en" else found.name_fi


def _finding(row: Row | None, theme: str, region: tuple[str, str], language: str) -> Cell:
    if row is not None:
        return words_finding.finding(row, language).full
    county_only = region[0] == "kunta" and theme == "yksinaisyys"
    return say(f"{ROOM}.{'county_only' if county_only else 'no_figure'}", language)


def _follow_up(row: Row | None, theme: str, region: tuple[str, str], language: str) -> Cell:
    if row is not None:
        return constant(_indicator_name(str(row["indicator"]), language), language)
    listed = [one.indicator for one in minimum_items() if catalogue.indicator(one.indicator).theme == theme]
    usable = [key for key in listed if region[0] == "hva" or catalogue.indicator(key).level_min == "kunta"]
    if not usable:
        return say(f"{ROOM}.follow_by_work", language)
    name = constant(_indicator_name(usable[0], language), language)
    return compose(f"{ROOM}.follow_when_there", language, indicator=name)


def _written(lines: Sequence[str], language: str) -> Cell:
    if not lines:
        return say(f"{ROOM}.not_recorded", language)
    return join([constant(one, language) for one in lines])


def _proposals(followed: Release, region: tuple[str, str], language: str) -> dict[str, list[str]]:
    """Give the register's proposals of the area itself by theme, each with its state."""
    place = int(language == "en")
    found: dict[str, list[str]] = {}
    for one in words_followup.entries(followed, words_followup.HAPPENED, region, inside=False, when="pvm"):
        if one.has("ehdotus"):
            words = (one.words("ehdotus")[place].rstrip("."), words_followup.decided(one)[place])
            told = say(f"{ROOM}.proposed", language, proposal=words[0], state=words[1])
            found.setdefault(one.code("teema"), []).append(told)
    return found


def _finding_row(release: Release, region: tuple[str, str], theme: str) -> Row | None:
    return next((row for row in _rows(release, "nosto", region) if _theme_of(row) == theme), None)


def _theme_of(row: Row) -> str:
    return catalogue.indicator(str(row["indicator"])).theme


def _theme_named(name: str) -> str:
    folded = name.casefold()
    return next(
        (
            one.key
            for one in catalogue.themes()
            if folded in (one.name_fi.casefold(), one.name_en.casefold(), one.key)
        ),
        "",
    )


def _name(one: MinimumItem, language: str) -> str:
    return _indicator_name(one.indicator, language)


def _indicator_name(key: str, language: str) -> str:
    found = catalogue.indicator(key)
    return found.name_en if language == "en" else found.name_fi


def _only_words(made: Table) -> Table:
    """Tell of a table's rows of words that they hide no figure."""
    return replace(made, facts=replace(made.facts, hidden=()))


def _rows(release: Release, part: str, region: tuple[str, str]) -> tuple[Row, ...]:
    if part not in release.parts:
        return ()
    found = release.select(part=part, region=region)
    return rows_if_any(found)


def _missing(release: Release, region: tuple[str, str]) -> list[Row]:
    return [row for row in _rows(release, MINIMUM, region) if row["category"] != THERE]


def _said(key: str) -> Text:
    return words_followup.said_in(ROOM, key, {})
