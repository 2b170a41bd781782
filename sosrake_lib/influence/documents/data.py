"""The data behind a page: the released rows it shows, written through the rules of exports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.blocks import Block, runs_of
from sosrake_lib.influence.documents.content import document_of
from sosrake_lib.influence.documents.reading import blocks_of
from sosrake_lib.influence.exports import Content, content
from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import say
from sosrake_lib.protect import Release, Selection

FORMS = ("xlsx", "csv", "ods", "json")
_FIGURE = ("indicator", "region_level", "region_code", "period", "sex", "age", "group")


def data_behind(page: Page, folder: Path | None = None, form: str = "xlsx") -> bytes:
    """Write the rows behind a page: every row whose number it shows, and those it says are hidden.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    folder : folder of the releases; without it the one that `Release.load` knows.
    form : xlsx, csv, ods or json.

    Raises
    ------
    SosrakeError when the form is unknown or the page shows no released figure.
    """
    if form not in FORMS:
        raise SosrakeError(
            f"data of page {page.context.key}: form {form!r}; expected one of {', '.join(FORMS)}"
        )
    held = content_behind(page, [Release.load(name, folder) for name in page.releases])
    if form in ("csv", "json"):
        from sosrake_lib.influence.exports import plain

        return plain.as_csv(held) if form == "csv" else plain.as_json(held)
    from sosrake_lib.influence.exports import spreadsheets

    return spreadsheets.as_xlsx(held) if form == "xlsx" else spreadsheets.as_ods(held)


def has_figures(page: Page) -> bool:
    """Say whether a page shows a released figure: one without any has no data behind it."""
    return bool(_shown(blocks_of(page)))


def content_behind(page: Page, releases: Iterable[Release]) -> Content:
    """Collect what a file of the page's data holds: a sheet for each part of a release that it shows."""
    document, language = document_of(page), page.context.language
    shown = _shown(document.blocks)
    made = []
    for release in releases:
        for part in release.parts:
            chosen = _chosen(release.select(part), shown, set(page.facts.hidden))
            if chosen is not None:
                made.append(content(chosen, language))
    if not made:
        raise SosrakeError(
            f"data of page {page.context.key}: no figure of {', '.join(page.releases) or 'a release'} on it; "
            "a page without figures has no data behind it"
        )
    draft = say("vienti.draft", language)
    return replace(
        made[0],
        title=document.title,
        release_id=", ".join(dict.fromkeys(one.release_id for one in made)),
        state=draft if page.context.approval is None else made[0].state,
        sheets=tuple(sheet for one in made for sheet in one.sheets),
    )


def _shown(blocks: Iterable[Block]) -> set[str]:
    return {
        run.reference.rpartition(":")[0]
        for block in blocks
        for runs in runs_of(block)
        for run in runs
        if run.reference
    }


def _chosen(selection: Selection, shown: set[str], hidden: set[tuple[str, str]]) -> Selection | None:
    """Choose the rows whose number the page shows, and hidden ones of the same part that it tells of."""
    if not len(selection):
        return None
    rows = rows_of(selection)
    seen = [str(row["result_id"]) for row in rows if str(row["result_id"]) in shown]
    if not seen:
        return None
    told = [
        str(row["result_id"])
        for row in rows
        if ("|".join(str(row[column]) for column in _FIGURE), str(row["status"])) in hidden
    ]
    return selection.select(result_id=[*seen, *told])
