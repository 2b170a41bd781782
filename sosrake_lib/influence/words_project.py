"""Words of the project's monitoring report: partners' money, participants, results and a draft summary.

Everything that has a figure is a sentence over released rows; what no source tells is said to be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sosrake_lib.catalogue.project_results import ProjectResult, project_results
from sosrake_lib.influence import project_texts
from sosrake_lib.influence.pages import Note, Showable
from sosrake_lib.influence.project_texts import PageNames
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import both, said
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "hankeraportti"
PLANNED_MONEY = "hanke_raha_suunniteltu"
SEXES, GROUPS, MONTHS = "osallistujat_sukupuoli", "osallistujat_ryhma", "osallistujat_kuukausi"
FORECAST = "osallistujat_ennuste"
DIRECT, INDIRECT = "hanke_kestavyys_suora_suunniteltu", "hanke_kestavyys_valillinen_suunniteltu"
WORDLESS = "ei_kerrottu"


def own_names(release: Release, language: str = "fi") -> dict[str, str]:
    """Name the groups that people wrote themselves: partners, groups of participants, months, days."""
    found: dict[str, str] = {}
    for part in ("rahat", GROUPS, MONTHS):
        for row in rows_of(release.select(part=part)) if part in release.parts else ():
            code = str(row["group"])
            found[code] = numbers.period(code, language) if part == MONTHS and code != "all" else code
    return found | {code: say(f"{ROOM}.{code}", language) for code in ("all", WORDLESS, "naiset", "miehet")}


def money_gaps(release: Release, language: str = "fi") -> list[Text]:
    """Say whose share no source tells, and that no source divides the money by period when none does."""
    if "rahat" not in release.parts:
        return [said(f"{ROOM}.no_partners")]
    rows = rows_of(release.select(part="rahat"))
    lacking = [str(row["group"]) for row in rows if row["indicator"] == PLANNED_MONEY and not row.shown]
    whole = {str(row["period"]) for row in rows_of(release.select(part="talous"))}
    told = []
    if lacking:
        told.append(_filled("partners_lacking", partners="; ".join(dict.fromkeys(lacking))))
    if {str(row["period"]) for row in rows} <= whole:
        told.append(said(f"{ROOM}.no_periods"))
    return told


def participants(release: Release, language: str = "fi") -> list[Sentence] | list[Text]:
    """Say how many have taken part of those planned, and the forecast to each end; else how to give them."""
    if SEXES not in release.parts:
        return [said(f"{ROOM}.no_participants"), said(f"{ROOM}.how_to_give")]
    total = next(row for row in rows_of(release.select(part=SEXES)) if row["group"] == "all")
    planned = _planned(release)
    if not total.shown:
        return [said(f"{ROOM}.total_hidden")]
    told = [
        compose(f"{ROOM}.counted", language, n=_whole(total, language), planned=_whole(planned, language))
    ]
    if FORECAST not in release.parts:
        return told
    for row in rows_of(release.select(part=FORECAST)):
        if row.shown:
            told.append(_forecast(row, language))
    return told


def gender(release: Release, language: str = "fi") -> list[Text]:
    """Say of the table of women and men that it is not there, or that small numbers are not shown."""
    return [said(f"{ROOM}.gender_rule" if SEXES in release.parts else f"{ROOM}.no_gender")]


def results(
    language: str = "fi",
    titles: Mapping[str, tuple[str, str]] | None = None,
    pages: Mapping[str, str] | None = None,
) -> Table:
    """Show each result of the project, its source, state and the artefacts that carry it on.

    Parameters
    ----------
    titles : path of a notebook -> its title in both languages (`batch.page_titles.page_titles`); a file
        without a title is named by its path alone.
    pages : path of a notebook -> key of its page (`batch.page_titles.page_keys`): the site links to it.
    """
    listed = project_results()
    columns: dict[str, Sequence[Text] | Sequence[PageNames]] = {
        "result": [text_of(one.name_fi, one.name_en) for one in listed],
        "source": [text_of(one.source_fi, one.source_en) for one in listed],
        "state": [said(f"{ROOM}.state.{one.state}") for one in listed],
        "artefact": [_artefacts(one, titles or {}, pages or {}) for one in listed],
    }
    cells = {say(f"{ROOM}.head.{name}", language): column for name, column in columns.items()}
    return project_texts.word_table(cells, said(f"{ROOM}.caption.results"), language)


def draft(release: Release, language: str = "fi") -> list[Showable | list[Sentence]]:
    """Draft the summary of the final report from the release; it says itself that it is a draft.

    Returns
    -------
    For `pages.show(*draft(...))`: a note, a list of sentences with figures, and what is not known.
    """
    told = [_about_people(release, language)]
    if "kaytto" in release.parts:
        told += project_texts.use_of_money(release.select(part="kaytto"), language)
    told += _sustainability(release, language)
    lacking = [said(f"{ROOM}.lacks_people")] if SEXES not in release.parts else []
    realised = [row for row in rows_of(release.select(part="kestavyys")) if "toteutunut" in row["indicator"]]
    lacking += [] if any(row.shown for row in realised) else [said(f"{ROOM}.lacks_scores")]
    return [Note(said(f"{ROOM}.draft_note")), told, *lacking, said(f"{ROOM}.no_effect")]


def _about_people(release: Release, language: str) -> Sentence:
    return compose(f"{ROOM}.planned", language, planned=_whole(_planned(release), language))


def _sustainability(release: Release, language: str) -> list[Sentence]:
    names = project_texts.names(language)
    rows = {
        (str(row["indicator"]), str(row["group"])): row
        for row in rows_of(release.select(part="kestavyys_summat"))
    }
    told = []
    for (indicator, dimension), row in rows.items():
        other = rows.get((INDIRECT, dimension))
        if indicator != DIRECT or other is None or not (row.shown and other.shown):
            continue
        name = constant(names[dimension].lower(), language)
        direct, indirect = _whole(row, language), _whole(other, language)
        told.append(compose(f"{ROOM}.scores", language, dimension=name, direct=direct, indirect=indirect))
    return told


def _planned(release: Release) -> Row:
    chosen: Selection = release.select(part="osallistujat", indicator="hanke_henkilot", group="suunniteltu")
    return rows_of(chosen)[0]


def _forecast(row: Row, language: str) -> Sentence:
    day = numbers.day(date.fromisoformat(str(row["group"])), language)
    value, lower, upper = (_whole(row, language, name) for name in ("value", "lower", "upper"))
    return compose(
        f"{ROOM}.forecast", language, day=constant(day, language), value=value, lower=lower, upper=upper
    )


def _whole(row: Row, language: str, column: str = "value") -> Sentence:
    text = numbers.number(float(row[column]), 0, language)
    return number(text, row.reference(column), row.release_id, language)


def _artefacts(
    one: ProjectResult, titles: Mapping[str, tuple[str, str]], pages: Mapping[str, str]
) -> PageNames:
    told = []
    for path in one.artefacts:
        key = path.removeprefix("notebooks/").removesuffix(".ipynb")
        name = text_of(*titles[key]) if key in titles else _filled("file", path=path)
        told.append((name, pages.get(key, "")))
    return PageNames(tuple(told))


def _filled(key: str, **values: str) -> Text:
    return text_of(*both(f"{ROOM}.{key}", **values))
