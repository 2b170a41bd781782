"""The tables of docs/outputs.md: outputs x figures, and kinds of the site's pages x figures."""

from __future__ import annotations

import csv
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

from everything_memory import Found

START, END = "<!-- everything: alku -->", "<!-- everything: loppu -->"
NOT_LOOKED = "not opened here"


@dataclass(frozen=True)
class Made:
    """What there is of one output: key, files by format with their bytes, pieces, seconds of each piece."""

    key: str
    formats: tuple[str, ...]
    pieces: tuple[str, ...]
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    failed: tuple[str, ...]


def seconds_of(times: Path) -> dict[str, dict[str, float]]:
    """Read `sosrake outputs --times`: output -> piece -> seconds of its page and of its formats."""
    found: dict[str, dict[str, float]] = {}
    if not times.is_file():
        return found
    with times.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            piece = "_".join(part for part in (f"{row['slug']}/{row['output']}", row["audience"]) if part)
            own = found.setdefault(row["output"], {})
            own[piece] = own.get(piece, float(row["notebook_seconds"])) + float(row["seconds"])
    return found


def by_name(found: Iterable[Found], kind: str, name: str) -> list[dict[str, Any]]:
    """Give what a kind of check found of one output or kind of page."""
    return [one.result for one in found if one.task.kind == kind and one.task.name == name]


def outputs_table(made: Sequence[Made], found: Sequence[Found], one_page: Sequence[str], office: bool) -> str:
    """Put a row for each output and a row for all of them."""
    heads = (
        *("output", "pieces", "formats", "failed", "s: mean", "s: most", "s: total", "kB: mean", "kB: most"),
        *("files that do not open", "numbers", "without a result", "PDF: faults", "PDF: pages"),
        *("PDF: least contrast", "PDF: least pt", "DOCX, PPTX: bad"),
    )
    rows = [_output_row(one, found, one_page, office) for one in made]
    return _table(heads, rows)


def _output_row(one: Made, found: Sequence[Found], one_page: Sequence[str], office: bool) -> list[str]:
    pdf, opened, numbers, documents = (
        by_name(found, kind, one.key) for kind in ("pdf", "opens", "numbers", "office")
    )
    pages = [found["pages"] for found in pdf if "pages" in found]
    promised = one.key in one_page and pages
    over = f"; {sum(count > 1 for count in pages)} of {len(pages)} over the one promised" if promised else ""
    return [
        f"`{one.key}`",
        str(len(one.pieces)),
        ", ".join(one.formats),
        str(len(one.failed)),
        *_three(one.seconds),
        *(f"{number / 1000:.0f}" for number in (fmean(one.sizes or [0]), max(one.sizes, default=0))),
        str(sum("fault" in result for result in opened)),
        str(sum(result.get("numbers", 0) for result in numbers)),
        str(sum(result.get("without", 1) for result in numbers)),
        str(sum(len(result.get("faults", ["fault"])) for result in pdf)) if pdf else "–",
        f"{min(pages)}–{max(pages)}{over}" if pages else "–",
        _least(pdf, "contrast", "short"),
        _least(pdf, "points"),
        (str(sum(bad_document(one) for one in documents)) if office else NOT_LOOKED) if documents else "–",
    ]


def bad_document(result: dict[str, Any]) -> bool:
    """Say whether LibreOffice found nothing to show in a document."""
    return "fault" in result or result["pages"] < 1 or result["blank"]


def _three(seconds: Sequence[float]) -> list[str]:
    if not seconds:
        return ["–", "–", "–"]
    return [f"{fmean(seconds):.1f}", f"{max(seconds):.1f}", f"{sum(seconds):.0f}"]


def _least(results: Sequence[dict[str, Any]], name: str, short: str = "") -> str:
    known = [result[name] for result in results if result.get(name)]
    if not known:
        return "–"
    below = sum(result.get(short, 0) for result in results) if short else 0
    return f"{min(known):g}" + (f" ({below} texts too faint)" if below else "")


def site_table(
    found: Sequence[Found],
    weights: dict[str, list[tuple[int, int]]],
    dead: dict[str, int],
    most_bytes: int,
) -> str:
    """Put a row for each kind of page of the site."""
    heads = (
        *("page", "pages", "in the browser", "axe: serious", "axe: other", "least contrast"),
        *(
            "over 360 px",
            "asked of other hosts",
            "numbers",
            "without a result",
            "kB: most",
            "with pictures: most",
        ),
        *(f"over {most_bytes // 1000} kB", "dead links"),
    )
    rows = []
    for name, sizes in sorted(weights.items()):
        seen, numbers = by_name(found, "site", name), by_name(found, "numbers", f"site/{name}")
        rows.append(
            [
                f"`{name}`",
                str(len(sizes)),
                str(len(seen) - sum("fault" in result for result in seen)),
                total(seen, "serious"),
                total(seen, "other"),
                _least(seen, "contrast", "short_count"),
                total(seen, "broad"),
                str(sum(len(result.get("asked_elsewhere", [])) for result in seen)),
                total(numbers, "numbers"),
                str(sum(result.get("without", 1) for result in numbers)),
                f"{max(own for own, _ in sizes) / 1000:.0f}",
                f"{max(both for _, both in sizes) / 1000:.0f}",
                str(sum(own > most_bytes for own, _ in sizes)),
                str(dead.get(name, 0)),
            ]
        )
    return _table(heads, rows)


def total(results: Sequence[dict[str, Any]], key: str) -> str:
    """Sum one figure over results."""
    return str(sum(result.get(key, 0) for result in results))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """Say on what the figures were taken."""
    tools = ", ".join(f"{name} {version(name)}" for name in ("typst", "pypdf", "axe-playwright-python"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{date.today().isoformat()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory:.0f} GB, Python {platform.python_version()}, {tools}."
    )


def write(document: Path, body: str) -> None:
    """Put the tables between the markers of the document.

    Raises
    ------
    SystemExit when the document has no markers.
    """
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
    from document_parts import renew_between

    renew_between(document, START, END, body)
