"""Words of a county's implementation plan: entries, the area's figures, operating model, working group.

What no register and no release holds is said not to be recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sosrake_lib import regions
from sosrake_lib.catalogue.operating_model import Step, operating_model
from sosrake_lib.influence import project_texts, training, words, words_followup, words_followup_plans
from sosrake_lib.influence.pages import Heading, Note, Showable
from sosrake_lib.influence.project_texts import PageNames
from sosrake_lib.influence.rows import rows_if_any, rows_of
from sosrake_lib.influence.sentence import Sentence
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import said
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.influence.words_followup_plans import working_group
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "toteutussuunnitelma"
COMPARED = "vertailu"
AGENDA = ("asialistalla", "siirretty")
_COURSES = ("valmennus", "tyopaja", "verkkokurssi", "vertaisklinikka")
# Themes whose finding the plan names as a ground of its goals, in the order of the wellbeing report.
THEMES = ("koyhyys", "tyottomyys", "asuminen", "sairastavuus", "paihde_mielenterveys", "yksinaisyys")


def where_from(release: Release, region: tuple[str, str]) -> Note:
    """Say where the plan's entries come from: the area's own register, the invented one, or nowhere yet."""
    if regions.is_invented(region[1]):
        return Note(words_followup.said("invented"))
    return Note(said(f"{ROOM}.no_register") if not _told_of(release, region) else words_followup.said("own"))


def sources(
    release: Release, figures: Release, region: tuple[str, str], language: str = "fi"
) -> list[Showable]:
    """Name what the page rests on: the register's entries, and the published figures when there are some."""
    told: list[Showable] = []
    if regions.is_invented(region[1]) or _told_of(release, region):
        told.append(words_followup.source(release))
    keys = [str(row["indicator"]) for one in _findings(figures, region) for row in rows_of(one)]
    if keys:
        told.append(words.source_line(figures.select(part=COMPARED, region=region, indicator=keys), language))
    return told


def knowledge(release: Release, figures: Release, region: tuple[str, str]) -> list[str]:
    """Name the sources the page's knowledge comes from (`catalogue.coverage_groups.SOURCES`)."""
    there = {
        "rekisteri": bool(_findings(figures, region)),
        "havainto": regions.is_invented(region[1]) or _told_of(release, region),
        "henkilostokysely": _survey(release, region) is not None,
    }
    return [name for name, known in there.items() if known] or ["rekisteri"]


def clock(release: Release, region: tuple[str, str], language: str = "fi") -> list[Showable]:
    """Show the yearly clock and the line of time of the plan; once in words when nothing has a day."""
    found = words_followup.entries(release, "vuosikello", region)
    kinds = ("vuosikello", "mediasuunnitelma")
    drawn = words_followup_plans.schedule(release, region, language, kinds=kinds)
    table = words_followup_plans.yearly_clock(found, language)
    return [table, *([] if isinstance(drawn, Text) else [drawn])]


def area_figures(
    figures: Release, region: tuple[str, str], language: str = "fi"
) -> list[Showable | list[Sentence]]:
    """Say by theme what the area's figures show beside the whole country; without figures, that.

    Parameters
    ----------
    figures : release "paattajalle" (`nosto_teema_<theme>` of `batch.recipes_decider`).
    """
    found = _findings(figures, region)
    if not found:
        invented = regions.is_invented(region[1])
        return [said(f"{ROOM}.no_figures_invented" if invented else f"{ROOM}.no_figures")]
    return [said(f"{ROOM}.figures"), [words.finding(one, language).full for one in found]]


def model_table(
    titles: Mapping[str, tuple[str, str]], language: str = "fi", pages: Mapping[str, str] | None = None
) -> Table:
    """Show the steps of the operating model: who does, what comes in and goes out, how often, which page.

    Parameters
    ----------
    titles : path of a notebook -> its title in both languages (`batch.page_titles.page_titles`).
    pages : path of a notebook -> key of its page (`batch.page_titles.page_keys`): the site links to it.
    """
    steps = operating_model()
    columns: dict[str, Sequence[Text] | Sequence[PageNames]] = {
        "step": [text_of(*one.name) for one in steps],
        "role": [text_of(*one.role) for one in steps],
        "input": [text_of(*one.input) for one in steps],
        "output": [text_of(*one.output) for one in steps],
        "rhythm": [said(f"{ROOM}.rhythm.{one.rhythm}") for one in steps],
        "page": [_page(one, titles, pages or {}) for one in steps],
    }
    return _table(columns, "model", language)


def group_file(found: Sequence[Entry], language: str = "fi") -> list[Showable]:
    """Give the working-group file: what is on the agenda, and what has been decided by whom and by when.

    Returns
    -------
    For `pages.show(*group_file(...))`: two third-level headings, each with its table or that nothing stands.
    """
    open_, done = (
        [one for one in found if (one.code("tila") in AGENDA) == on_agenda] for on_agenda in (True, False)
    )
    return [
        Heading(3, say(f"{ROOM}.agenda", language)),
        working_group(open_, language),
        Heading(3, say(f"{ROOM}.decided", language)),
        working_group(done, language),
    ]


def competence(release: Release, region: tuple[str, str], language: str = "fi") -> list[Showable]:
    """Show the training the survey called for and its hours; without a survey, that none is recorded."""
    rows = _survey(release, region)
    if rows is None:
        return [said(f"{ROOM}.no_survey")]
    caption = say(f"{ROOM}.caption.training", language)
    table = training.plan_table(rows, caption, language, ("what", "target", "aim", "form", "when"))
    hours = release.select(part="tunnit", region=region)
    return [table, training.total(hours, language), said(f"{ROOM}.from_survey")]


def _findings(figures: Release, region: tuple[str, str]) -> list[Selection]:
    parts = [f"nosto_teema_{theme}" for theme in THEMES]
    chosen = [figures.select(part=one, region=region) for one in parts if one in figures.parts]
    return [one for one in chosen if len(one)]


def _told_of(release: Release, region: tuple[str, str]) -> bool:
    """Say whether the register holds anything of the county or a municipality of it."""
    places = [region, *(("kunta", code) for code in regions.members(*region))]
    named = [one for one in release.parts if one != "omat_tekstit"]
    return any(rows_if_any(release.select(part=one, region=places)) for one in named)


def _survey(release: Release, region: tuple[str, str]) -> Selection | None:
    """Give the training the area's survey called for; None when there is no survey."""
    if "rivit" not in release.parts:
        return None
    rows = release.select(part="rivit", region=region, kind=list(_COURSES))
    return rows if len(rows) else None


def _page(one: Step, titles: Mapping[str, tuple[str, str]], pages: Mapping[str, str]) -> PageNames:
    name = text_of(*titles.get(one.notebook, (one.notebook, one.notebook)))
    return PageNames(((name, pages.get(one.notebook, "")),))


def _table(columns: Mapping[str, Sequence[Text] | Sequence[PageNames]], caption: str, language: str) -> Table:
    cells = {say(f"{ROOM}.head.{name}", language): column for name, column in columns.items()}
    return project_texts.word_table(cells, said(f"{ROOM}.caption.{caption}"), language)
