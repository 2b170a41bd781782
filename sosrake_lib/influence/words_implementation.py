"""Words of a county's implementation plan: operating model, working-group file, competence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sosrake_lib.catalogue.operating_model import Step, operating_model
from sosrake_lib.influence import project_texts, training
from sosrake_lib.influence.pages import Heading, Showable
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.texts import said
from sosrake_lib.influence.words_followup import Entry
from sosrake_lib.influence.words_followup_plans import working_group
from sosrake_lib.influence.words_participation import text_of
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Text

ROOM = "toteutussuunnitelma"
AGENDA = ("asialistalla", "siirretty")
_COURSES = ("valmennus", "tyopaja", "verkkokurssi", "vertaisklinikka")


def model_table(titles: Mapping[str, tuple[str, str]], language: str = "fi") -> Table:
    """Show the steps of the operating model: who does, what comes in and goes out, how often, which page.

    Parameters
    ----------
    titles : path of a notebook -> its title in both languages (`batch.page_titles.page_titles`).
    """
    steps = operating_model()
    columns = {
        "step": [text_of(*one.name) for one in steps],
        "role": [text_of(*one.role) for one in steps],
        "input": [text_of(*one.input) for one in steps],
        "output": [text_of(*one.output) for one in steps],
        "rhythm": [said(f"{ROOM}.rhythm.{one.rhythm}") for one in steps],
        "page": [_page(one, titles) for one in steps],
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
    rows = release.select(part="rivit", region=region, kind=list(_COURSES)) if _surveyed(release) else None
    if rows is None or not len(rows):
        return [said(f"{ROOM}.no_survey")]
    caption = say(f"{ROOM}.caption.training", language)
    table = training.plan_table(rows, caption, language, ("what", "target", "aim", "form", "when"))
    hours = release.select(part="tunnit", region=region)
    return [table, training.total(hours, language), said(f"{ROOM}.from_survey")]


def _surveyed(release: Release) -> bool:
    return "rivit" in release.parts


def _page(one: Step, titles: Mapping[str, tuple[str, str]]) -> Text:
    return text_of(*titles.get(one.notebook, (one.notebook, one.notebook)))


def _table(columns: Mapping[str, Sequence[Text]], caption: str, language: str) -> Table:
    cells = {say(f"{ROOM}.head.{name}", language): column for name, column in columns.items()}
    return project_texts.word_table(cells, said(f"{ROOM}.caption.{caption}"), language)
