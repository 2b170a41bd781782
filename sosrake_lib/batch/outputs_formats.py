"""Which of the house's documents each format of an output is; files are made from the page, never anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.batch.outputs_render import Content
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import documents
from sosrake_lib.influence.number_notes import notes_of
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page

DATA_FORMATS = ("xlsx", "csv")  # the figures behind a page; of a page of words there are none


def make(page: Page, form: str, releases: Path) -> Sequence[Content]:
    """Make one format of a page.

    Parameters
    ----------
    form : pdf, docx, pptx, png, svg (the whole page on one sheet), xlsx or csv (the figures behind it).
    releases : folder of the releases the page rests on.

    Returns
    -------
    The files; none for the data of a page that shows no figure.

    Raises
    ------
    SosrakeError when there is no such format.
    """
    makers: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: documents.to_pdf(page, notes_of(page, releases)),
        "docx": lambda: documents.to_docx(page, notes_of(page, releases)),
        "pptx": lambda: documents.to_pptx(page, notes_of(page, releases)),
        "png": lambda: documents.page_picture(page, "png"),
        "svg": lambda: documents.page_picture(page, "svg"),
        "xlsx": lambda: documents.data_behind(page, releases, "xlsx"),
        "csv": lambda: documents.data_behind(page, releases, "csv"),
    }
    if form not in makers:
        raise SosrakeError(say("outputs.no_renderer", page.context.language, format=form))
    if form in DATA_FORMATS and not documents.has_figures(page):
        return []
    return [Content(f".{form}", makers[form]())]
