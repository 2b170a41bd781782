"""Exports of what was released: CSV, XLSX, ODS, DOCX, PPTX, JSON, and tables for the clipboard.

The input is a `Release`, a `Selection` of one, or a `Text`; nothing else is written. Hidden figures carry one
mark, numbers stay numbers, text is never a formula, and equal content gives equal bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sosrake_lib.errors import DisclosureError
from sosrake_lib.influence.exports.content import Content, Exportable, content
from sosrake_lib.protect.approval import Approval

__all__ = ["FORMATS", "Content", "Exportable", "content", "export", "write"]

FORMATS = ("csv", "xlsx", "ods", "docx", "pptx", "json", "tsv", "html")


def export(
    thing: Exportable,
    form: str,
    *,
    language: str = "fi",
    home: Path | None = None,
    approval: Approval | None = None,
    bom: bool = True,
) -> bytes:
    """Give the bytes of a file that holds a release, a selection or a text.

    Parameters
    ----------
    thing : `Release`, `Selection` or `Text`. form : csv, xlsx, ods, docx, pptx, json; tsv and html are for
    the clipboard. language : `fi`, `en`, or for figures `sv`: words, decimal sign of CSV and TSV, and how
    figures read in documents. home : folder of the ledgers; a release they do not know as approved carries
    LUONNOS (DRAFT) in every format. approval : of the page a `Text` is from; a release's own is always read
    from the ledger. bom : whether CSV begins with a byte order mark, which Excel needs to read ä and ö right.

    Raises
    ------
    DisclosureError when the thing has not been through a release or the release has been withdrawn, or the
    form is unknown.
    """
    held = content(thing, language, home=home, approval=approval)
    if form == "csv":
        from sosrake_lib.influence.exports.plain import as_csv

        return as_csv(held, bom=bom)
    return _writer(form)(held)


def write(
    thing: Exportable,
    to: Path,
    *,
    language: str = "fi",
    home: Path | None = None,
    approval: Approval | None = None,
) -> Path:
    """Write an export into a file, whole or not at all; the ending of its name says the form."""
    form = to.suffix.lstrip(".").lower()
    made = export(thing, form, language=language, home=home, approval=approval)
    temporary = to.with_name(f".{to.name}.part")
    temporary.write_bytes(made)
    return temporary.replace(to)


def _writer(form: str) -> Callable[[Content], bytes]:
    """Find the writer of a form; the libraries of office files are loaded only when they are needed."""
    if form in ("json", "tsv", "html"):
        from sosrake_lib.influence.exports import plain

        return {"json": plain.as_json, "tsv": plain.as_tsv, "html": plain.as_html}[form]
    if form in ("xlsx", "ods"):
        from sosrake_lib.influence.exports import spreadsheets

        return {"xlsx": spreadsheets.as_xlsx, "ods": spreadsheets.as_ods}[form]
    if form in ("docx", "pptx"):
        from sosrake_lib.influence.exports import documents

        return {"docx": documents.as_docx, "pptx": documents.as_pptx}[form]
    raise DisclosureError(f"export: form {form!r}; expected one of {', '.join(FORMATS)}")
