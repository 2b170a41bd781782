"""The list of outputs: `index.html` for people, `luettelo.json` for programs; and the times as CSV."""

from __future__ import annotations

import csv
import html
import io
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sosrake_lib import regions
from sosrake_lib.gather.cache import replace_file
from sosrake_lib.language import say

MANIFEST = "luettelo.json"
_COLUMNS = ("output", "slug", "audience", "format", "state", "seconds", "notebook_seconds", "bytes", "made")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem;"
    "color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}"
    "caption,th,td{text-align:left;padding:.4rem .6rem}td,th{border-bottom:1px solid #767676;"
    "vertical-align:top}caption{font-weight:700;font-size:1.25rem;padding:1.5rem 0 .5rem}"
    "a{color:#0b4f8a}.vieritys{overflow-x:auto}"
)


@dataclass(frozen=True)
class Line:
    """One format of one piece: what it is, its state (luonnos, hyvaksytty, failed, absent), files, times.

    `files` are names within the output folder; `made` is true when this run made them; `reason` says why it
    failed or what was lacking.
    """

    key: str
    output: str
    name: str
    slug: str
    region: str
    audience: str
    format: str
    state: str
    files: tuple[str, ...] = ()
    seconds: float = 0.0
    notebook_seconds: float = 0.0
    bytes: int = 0
    made: bool = False
    reason: str = ""


def region_name(region: tuple[str, str] | None, language: str) -> str:
    """Name the area of an output; one that is made once is about the whole project."""
    return regions.name(*region, language=language) if region else say("outputs.whole", language)


def write(folder: Path, lines: Sequence[Line], language: str) -> Path:
    """Write the list of what stands in a folder of outputs and give its first page."""
    told = [{**asdict(line), "made": None} for line in lines]
    for one in told:
        for name in ("made", "seconds", "notebook_seconds", "key"):
            del one[name]  # what differs from run to run is no part of the list
    body = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    replace_file(folder / MANIFEST, body.encode("utf-8"))
    replace_file(folder / "index.html", page(folder, lines, language).encode("utf-8"))
    return folder / "index.html"


def page(folder: Path, lines: Sequence[Line], language: str) -> str:
    """Make the list as a page: a table an output, a row an area and audience."""
    outputs: dict[str, dict[tuple[str, str], list[Line]]] = {}
    for line in lines:
        rows = outputs.setdefault(line.name, {})
        rows.setdefault((line.region, line.audience), []).append(line)
    title, intro = html.escape(say("outputs.title", language)), html.escape(say("outputs.intro", language))
    tables = "\n".join(_table(name, rows, folder, language) for name, rows in outputs.items())
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{intro}</p>\n{tables}\n"
        "</main>\n</body>\n</html>\n"
    )


def times(lines: Sequence[Line]) -> str:
    """Give the times of a run as CSV: a row a format of a piece; `notebook_seconds` is that of its page.

    A page's seconds are of its last run, and the same on each of its formats' rows.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for line in lines:
        row = asdict(line)
        writer.writerow(
            [f"{row[name]:.3f}" if isinstance(row[name], float) else row[name] for name in _COLUMNS]
        )
    return text.getvalue()


def _table(name: str, rows: dict[tuple[str, str], list[Line]], folder: Path, language: str) -> str:
    with_audience = any(audience for _, audience in rows)
    heads = ["area", *(["audience"] if with_audience else []), "files", "state_heading"]
    head = "".join(f'<th scope="col">{html.escape(say(f"outputs.{one}", language))}</th>' for one in heads)
    body = "\n".join(_row(*key, lines, folder, language, with_audience) for key, lines in rows.items())
    caption = html.escape(name)
    return (
        f'<div class="vieritys" role="region" aria-label="{caption}" tabindex="0"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def _row(
    region: str, audience: str, lines: list[Line], folder: Path, language: str, with_audience: bool
) -> str:
    cells = [f'<th scope="row">{html.escape(region)}</th>']
    if with_audience:
        named = say(f"outputs.audience_name.{audience}", language) if audience else ""
        cells.append(f"<td>{html.escape(named)}</td>")
    links = ", ".join(link for line in lines for link in _links(line, folder, language))
    states = dict.fromkeys(say(f"outputs.state.{line.state}", language) for line in lines)
    cells += [f"<td>{links or '–'}</td>", f"<td>{html.escape(', '.join(states))}</td>"]
    return f"<tr>{''.join(cells)}</tr>"


def _links(line: Line, folder: Path, language: str) -> list[str]:
    words = say("outputs.page_link", language) if line.format == "html" else line.format.upper()
    root = folder.parent if folder.name == "tuotokset" else folder.parent.parent
    found = []
    for place, name in enumerate(line.files, start=1):
        address = Path(os.path.relpath(root / name, folder)).as_posix()
        number = f" {place}" if len(line.files) > 1 else ""
        about = html.escape(f"{line.name}, {line.region}: {words}{number}")
        text = html.escape(f"{words}{number}")
        found.append(f'<a href="{html.escape(address)}" aria-label="{about}">{text}</a>')
    return found
