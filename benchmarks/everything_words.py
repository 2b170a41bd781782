"""What is read from files alone: numbers against their releases, links, sizes, and whether a file opens."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from everything_memory import PROJECT, Task

from sosrake_lib.batch import outputs_run, releases, site_stage
from sosrake_lib.batch.plan import Plan
from sosrake_lib.influence.page_numbers import loose_numbers, numbers_on_page

sys.path[:0] = [str(PROJECT / "tests"), str(PROJECT / "tools")]
from number_faults import faults  # noqa: E402
from opened_files import opened  # noqa: E402

LINK = re.compile(r"""<(?:a|link|img|script|source)\b[^>]*?\s(?:href|src)=["']([^"']*)["']""")
PICTURE = re.compile(r"""<img\b[^>]*?\ssrc=["']([^"']*)["']""")
NAME = re.compile(r"""\sid=["']([^"']+)["']""")


def numbers(task: Task) -> dict[str, Any]:
    """Judge the numbers of a page of the site, or of the page an output is made of (an executed notebook)."""
    language, folder = task.given["language"], Path(task.given["releases"])
    if task.file.suffix == ".ipynb":
        markup = f"<article>{body_of(task)}</article>"
    else:
        markup = task.file.read_text(encoding="utf-8")
    loose = [str(text) for text in loose_numbers(markup)["text"]]
    wrong = faults(markup, folder, language)
    return {
        "numbers": len(numbers_on_page(markup)),
        "loose": loose[:5],
        "wrong": wrong[:5],
        "without": len(loose) + len(wrong),
    }


def body_of(task: Task) -> str:
    """Read the page of an executed notebook."""
    plan = read_plan(task.given["language"])
    made = next(one for one in plan.tasks if one.key == task.given["task"])
    order = list(dict.fromkeys(one.page for one in plan.tasks))
    source = site_stage.PageSource(made, task.file, order.index(made.page))
    return str(site_stage.page_of(source, task.given["language"]).body)


@cache
def read_plan(language: str) -> Plan:
    """Read the plan once for a process."""
    return outputs_run.read_tables(PROJECT, releases.known_recipes(), language)[0]


def opens(task: Task) -> dict[str, Any]:
    """Open one file; a fault is told by `everything_memory.run`."""
    return {"parts": opened(task.file).parts}


def check(task: Task) -> dict[str, Any]:
    """Do a check of this module by its kind."""
    return numbers(task) if task.kind == "numbers" else opens(task)


def weight(path: Path) -> tuple[int, int]:
    """Give a page's bytes alone and with its pictures.

    Returns
    -------
    (bytes of the HTML, bytes of the HTML and of each picture it shows once).
    """
    shown = {unescape(one) for one in PICTURE.findall(path.read_text(encoding="utf-8"))}
    files = [path.parent / unquote(one) for one in shown if not one.startswith("data:")]
    own = path.stat().st_size
    return own, own + sum(one.stat().st_size for one in files if one.is_file())


def dead_links(pages: Iterable[Path]) -> dict[Path, list[str]]:
    """List the links of each page that lead nowhere: no such file, or no such place in it."""
    found: dict[Path, list[str]] = {}
    for page in pages:
        addresses = {unescape(one) for one in LINK.findall(page.read_text(encoding="utf-8"))}
        dead = sorted(one for one in addresses if not leads(page, one))
        if dead:
            found[page] = dead
    return found


def leads(page: Path, address: str) -> bool:
    """Say whether an address on a page leads somewhere; those of other hosts are not asked."""
    parts = urlsplit(address)
    if parts.scheme or address.startswith("//"):
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
    if not target.is_file():
        return False
    return not parts.fragment or target.suffix != ".html" or unquote(parts.fragment) in names_in(target)


@cache
def names_in(page: Path) -> frozenset[str]:
    """Give the places of a page that a link can lead to."""
    return frozenset(unescape(one) for one in NAME.findall(page.read_text(encoding="utf-8")))
