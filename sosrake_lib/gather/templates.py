"""Empty tables and printable forms of the kinds of table that can be imported, made from their schemas."""

from __future__ import annotations

import html

from sosrake_lib.gather.schemas import Column, schema
from sosrake_lib.language import say

SEPARATOR = ";"
# Texts that need one line on paper; other texts get room for a few sentences.
ONE_LINE = ("kuukausi", "palvelu", "kunta")
LINES = 4
_STYLE = (
    "body{font:12pt/1.4 sans-serif;max-width:180mm;margin:10mm auto;padding:0 5mm}"
    "fieldset{border:1px solid #333;margin:0 0 4mm;break-inside:avoid}legend{font-weight:bold}"
    ".rivi{border-bottom:1px solid #333;height:9mm}.ohje{margin:0 0 1mm;color:#333}"
)


def empty_table(kind: str) -> str:
    """Give the header of a kind of table, as an office's spreadsheet reads it: one line, semicolons.

    Examples
    --------
    >>> empty_table("ryhma").split(";")[:3]
    ['ryhmatapaaminen', 'kuukausi', 'menetelma']
    """
    return SEPARATOR.join(column.name for column in schema(kind).columns) + "\n"


def printable(kind: str, language: str = "fi") -> str:
    """Give a form for paper: each column with its meaning, boxes to tick, or room to write.

    Returns
    -------
    A whole HTML page without scripts or outside files; it prints on paper of any size.
    """
    about = schema(kind)
    title = html.escape(about.title_en if language == "en" else about.title_fi)
    fields = "\n".join(_field(column, language) for column in about.columns)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n"
        f"<p><strong>{html.escape(say('osallistava_tieto.print.draft', language))}</strong> "
        f"{html.escape(say('osallistava_tieto.print.no_names', language))}</p>\n{fields}\n</body></html>\n"
    )


def _field(column: Column, language: str) -> str:
    meaning = html.escape(column.meaning if language == "en" else column.meaning_fi)
    needed = f" ({say('osallistava_tieto.print.needed', language)})" if column.required else ""
    if column.allowed:
        boxes = " &nbsp; ".join(f"☐&nbsp;{html.escape(one)}" for one in column.allowed)
        room = f"<p>{boxes}</p>"
    else:
        long = column.kind == "text" and column.name not in ONE_LINE
        room = '<div class="rivi"></div>' * (LINES if long else 1)
    return (
        f"<fieldset><legend>{html.escape(column.name)}{html.escape(needed)}</legend>"
        f'<p class="ohje">{meaning}</p>{room}</fieldset>'
    )
