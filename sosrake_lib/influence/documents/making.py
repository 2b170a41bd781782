"""Files of a page in the formats asked for, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.documents.data import data_behind
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.documents.pdf import to_pdf
from sosrake_lib.influence.documents.pictures import page_picture
from sosrake_lib.influence.documents.slides import to_pptx
from sosrake_lib.influence.documents.word import to_docx
from sosrake_lib.influence.pages import Page

FORMATS = ("pdf", "docx", "pptx", "png", "svg", "xlsx", "csv")


def make_documents(
    page: Page,
    formats: Iterable[str],
    to: Path,
    *,
    notes: Mapping[str, NumberNote] | None = None,
    releases: Path | None = None,
) -> tuple[Path, ...]:
    """Write a page in formats into a folder.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    formats : of `FORMATS`.
    to : folder; made when it is not there.
    notes : what stands behind each number (PDF, Word, slides).
    releases : folder of releases, for the data behind the page.

    Returns
    -------
    The files written, in the order asked: `<region>-<page>.<format>`, of pages in English `.en.<format>`.

    Raises
    ------
    SosrakeError for an unknown format before anything is written, or when the page is not understood.
    """
    wanted = list(dict.fromkeys(formats))
    unknown = [form for form in wanted if form not in FORMATS]
    if unknown or not wanted:
        raise SosrakeError(
            f"document: format {', '.join(unknown) or '-'}; expected some of {', '.join(FORMATS)}"
        )
    makers: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: to_pdf(page, notes),
        "docx": lambda: to_docx(page, notes),
        "pptx": lambda: to_pptx(page, notes),
        "png": lambda: page_picture(page, "png"),
        "svg": lambda: page_picture(page, "svg"),
        "xlsx": lambda: data_behind(page, releases, "xlsx"),
        "csv": lambda: data_behind(page, releases, "csv"),
    }
    made = [(form, makers[form]()) for form in wanted]
    to.mkdir(parents=True, exist_ok=True)
    return tuple(_written(to / f"{file_stem(page)}.{form}", data) for form, data in made)


def file_stem(page: Page) -> str:
    """Name the files of a page: `kunta-297-paattajakooste`, `hanke-hankeseuranta`, in English `....en`."""
    context = page.context
    slug = regions.slug(*context.region) if context.region else "hanke"
    return f"{slug}-{context.key}{'' if context.language == 'fi' else f'.{context.language}'}"


def _written(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    return temporary.replace(path)
