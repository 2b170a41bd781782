"""Walk pages of a built site by keyboard alone, magnified and on grey paper.

On one page of every kind, at the widths of a desk and of a telephone: the Tab key reaches everything that can
be used, in reading order and in sight, with a mark around it, and leads out again; the skip link leads to the
content. At 200 % (a window of 640 px) and at 320 px nothing scrolls sideways; printed in grey every text
keeps its contrast, no letter is under 9 pt and no table is cut.

Run: python benchmarks/keyboard.py [--site FOLDER] [--all]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import everything_site

PROJECT = Path(__file__).resolve().parents[1]
WIDTHS = (1200, 360)
NO_SCROLL = (640, 320)  # 1280 at 200 %, and WCAG 1.4.10's width
PAPER = 680  # A4 less its margins, in css pixels
LEAST_POINTS = 9
MOST_STEPS = 3000

# Marks everything that can take the focus now, in the order of the markup.
MARK = """() => {
  const wanted = 'a[href],button,input,select,textarea,summary,[tabindex]';
  const seen = {checkOpacity: true, visibilityProperty: true};
  window.walked = Array.from(document.querySelectorAll(wanted)).filter(one =>
    one.tabIndex >= 0 && !one.disabled && one.checkVisibility(seen) && one.getClientRects().length);
  return window.walked.map(one => one.tagName.toLowerCase() + ' ' + one.textContent.trim().slice(0, 40));
}"""
# Says what has the focus: its place in the markup, where it stands, whether it is marked and seen.
STEP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const rects = Array.from(one.getClientRects()), style = getComputedStyle(one);
  const first = rects[0] || one.getBoundingClientRect(), last = rects[rects.length - 1] || first;
  const inside = first.bottom > 0 && first.top < innerHeight && first.right > 0 && first.left < innerWidth;
  const hit = document.elementFromPoint(
    Math.min(Math.max(first.left + first.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(first.top + Math.min(first.height / 2, 20), 0), innerHeight - 1));
  return {
    index: window.walked.indexOf(one),
    text: one.tagName.toLowerCase() + ' ' + one.textContent.trim().slice(0, 40),
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: inside && first.width > 1 && hit !== null && (one.contains(hit) || hit.contains(one)),
    above: first.bottom + scrollY, under: last.top + scrollY, left: first.left, right: last.right,
  };
}"""
INSIDE = "() => document.activeElement.closest('main') !== null"
BROAD = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PRINTED = """() => ({
  small: Array.from(document.querySelectorAll('body *')).filter(one =>
    one.checkVisibility() && Array.from(one.childNodes).some(node => node.nodeType === 3 && node.data.trim())
    && !one.closest('svg,.vain-kuultava') && parseFloat(getComputedStyle(one).fontSize) < LEAST)
    .map(one => one.textContent.trim().slice(0, 40)).slice(0, 5),
  cut: Array.from(document.querySelectorAll('main *')).filter(one =>
    one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && !one.closest('.vain-kuultava')
    && getComputedStyle(one).overflowX !== 'visible').map(one => one.className || one.tagName).slice(0, 5),
})""".replace("LEAST", str(LEAST_POINTS * 96 / 72 - 0.01))


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk by keyboard found on one page at one width: steps taken and everything that is wrong."""

    steps: int
    faults: tuple[str, ...]


def walk(page: Any) -> Walked:
    """Go through an open page by the Tab key from its beginning to its end."""
    there = page.evaluate(MARK)
    steps: list[Mapping[str, Any]] = []
    for _ in range(min(len(there) + 60, MOST_STEPS)):
        page.keyboard.press("Tab")
        step = page.evaluate(STEP)
        if step is None or (steps and step["index"] == steps[0]["index"]):
            return Walked(len(steps), faults_of(there, steps))
        steps.append(step)
    return Walked(len(steps), (*faults_of(there, steps), f"trapped: {steps[-1]['text']}"))


def faults_of(there: Sequence[str], steps: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Say what is wrong with a walk.

    Parameters
    ----------
    there : what can take the focus, in the order of the markup.
    steps : what took it: `index` among `there` (-1 for a region that scrolls by itself), `marked`, `seen`,
        and where it stands: `above` (its first line's lower edge), `under` (its last line's upper edge),
        `left` and `right`. A step upwards is against reading unless it is to the right, into the next column.

    Examples
    --------
    >>> one = {"index": 0, "text": "a", "marked": True, "seen": True}
    >>> low = one | {"above": 120, "under": 100, "left": 0, "right": 50}
    >>> high = one | {"index": 1, "text": "b", "above": 20, "under": 0, "left": 0, "right": 50}
    >>> faults_of(["a", "b"], [low, high])
    ('upwards: a -> b',)
    """
    told = [f"no mark: {one['text']}" for one in steps if not one["marked"]]
    told += [f"out of sight: {one['text']}" for one in steps if not one["seen"]]
    known = [one for one in steps if one["index"] >= 0]
    for before, now in pairwise(known):
        if now["index"] < before["index"]:
            told.append(f"order: {before['text']} -> {now['text']}")
        elif now["above"] <= before["under"] and now["left"] < before["right"]:
            told.append(f"upwards: {before['text']} -> {now['text']}")
    reached = {one["index"] for one in known}
    return (*told, *(f"not reached: {name}" for at, name in enumerate(there) if at not in reached))


def skip_link(page: Any) -> tuple[str, ...]:
    """Take the first link of an open page and say whether it leads past the navigation."""
    page.evaluate(MARK)
    page.keyboard.press("Tab")
    first = page.evaluate(STEP)
    if first is None or not first["seen"] or page.evaluate(INSIDE):
        return ("skip link: not the first in sight",)
    if not page.evaluate("() => (document.activeElement.getAttribute('href') || '').startsWith('#')"):
        return ("skip link: the first leads away from the page",)
    page.keyboard.press("Enter")
    at_content = page.evaluate(INSIDE)
    page.keyboard.press("Tab")
    after = page.evaluate(STEP)
    # a page whose content has nothing to use goes on to what stands after it
    leads_on = (
        after is None or page.evaluate(INSIDE) or page.locator("main a[href], main summary").count() == 0
    )
    return () if at_content and leads_on else ("skip link: does not lead to the content",)


def printed(page: Any) -> tuple[str, ...]:
    """Say what an open page loses on grey paper: contrast, letters too small, tables that are cut."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.add_style_tag(content="html { filter: grayscale(1); }")
    contrast, sheet = page.evaluate(everything_site.CONTRAST), page.evaluate(PRINTED)
    told = [f"print, contrast: {one}" for one in contrast["short"][:5]]
    told += [f"print, small: {one}" for one in sheet["small"]]
    told += ["print, wider than the sheet"] * (page.evaluate(BROAD) > 0)
    return (*told, *(f"print, cut: {one}" for one in sheet["cut"]))


def check(browser: Any, file: Path) -> Walked:
    """Judge one page at every width."""
    steps, faults = 0, list[str]()
    address = file.resolve().as_uri()
    # print is tried out without the site's own rule against styles from elsewhere, for the grey filter's sake
    context = browser.new_context(bypass_csp=True)
    try:
        for width in WIDTHS:
            page = context.new_page()
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            walked = walk(page)
            page.goto("about:blank")
            page.goto(address)
            told = (*walked.faults, *skip_link(page))
            steps, faults = steps + walked.steps, [*faults, *(f"{width} px, {one}" for one in told)]
            page.close()
        page = context.new_page()
        page.goto(address)
        for width in NO_SCROLL:
            page.set_viewport_size({"width": width, "height": 800})
            faults += [f"{width} px, scrolls sideways"] * (page.evaluate(BROAD) > 0)
        faults += printed(page)
    finally:
        context.close()
    return Walked(steps, tuple(faults))


def one_of_each(site: Path) -> dict[str, Path]:
    """Name a page of each kind in both languages, the heaviest of its kind."""
    found: dict[str, Path] = {}
    for page in sorted(site.rglob("*.html"), key=lambda one: (one.stat().st_size, one)):
        parts = page.relative_to(site).parts
        language, above = ("en/" if parts[0] == "en" else ""), parts[-2] if len(parts) > 1 else ""
        own = "alue" if page.stem == "index" and above not in ("", "en") else page.stem
        kind = above if above == "teemat" else own
        found[f"{language}{kind}"] = page
    return dict(sorted(found.items()))


def main(arguments: Sequence[str]) -> int:
    """Walk, print a table, and say whether anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--site", type=Path, default=PROJECT / "reports" / "site", help="folder of a built site"
    )
    parser.add_argument("--all", action="store_true", help="every page, not one of each kind")
    asked = parser.parse_args(arguments)
    every = {page.relative_to(asked.site).as_posix(): page for page in sorted(asked.site.rglob("*.html"))}
    pages = every if asked.all else one_of_each(asked.site)
    if not pages:
        raise SystemExit(f"keyboard: no page in {asked.site}; build the site first: sosrake reports")
    with everything_site.opened_browser() as browser:
        found = {kind: check(browser, page) for kind, page in pages.items()}
    print(table(found))
    return 1 if any(one.faults for one in found.values()) else 0


def table(found: Mapping[str, Walked]) -> str:
    """Put the pages into a table, with what is wrong under it."""
    lines = ["| Page | Steps of Tab (1200 and 360 px) | Faults |", "|---|---:|---:|"]
    lines += [f"| {kind} | {one.steps} | {len(one.faults)} |" for kind, one in found.items()]
    lines += [f"- {kind}: {fault}" for kind, one in found.items() for fault in one.faults[:8]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
