"""A page of the site in a browser: axe's rules, contrast by computed style, a telephone's width.

Contrast is reckoned here beside axe's own rule: each visible text with its computed colour over the colours
computed beneath it, with their transparency. A text over a background picture is told apart as unknown.
"""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from everything_memory import Task

WIDE, NARROW = 1280, 360
SERIOUS = ("serious", "critical")

CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const read = css => {
    const found = css.match(/^rgba?\\(([^)]+)\\)$/);
    if (found) {
      const parts = found[1].split(/[,/ ]+/).filter(Boolean).map(Number);
      return [parts[0], parts[1], parts[2], parts.length > 3 ? parts[3] : 1];
    }
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
  const luminance = colour => {
    const even = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = colour.map(c => even(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const told = {least: 21, short: [], texts: 0, unknown: 0};
  const known = new Map();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || known.has(element)) continue;
    known.set(element, true);
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (style.visibility === 'hidden' || !box.width || !box.height) continue;
    if (element.closest('script,style')) continue;
    const chain = [];
    let opacity = 1, picture = false, solid = false;
    for (let at = element; at; at = at.parentElement) {
      const own = getComputedStyle(at);
      opacity *= Number(own.opacity);
      if (solid) continue;
      if (own.backgroundImage !== 'none') picture = true;
      const ground = read(own.backgroundColor);
      chain.push(ground);
      solid = ground[3] === 1;
    }
    if (picture) { told.unknown += 1; continue; }
    const beneath = chain.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
    const letters = read(style.color);
    const above = over([letters[0], letters[1], letters[2], letters[3] * opacity], beneath);
    const [low, high] = [luminance(above), luminance(beneath)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const enough = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    told.texts += 1;
    told.least = Math.min(told.least, ratio);
    if (ratio < enough) told.short.push(node.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return told;
}"""


@contextmanager
def opened_browser() -> Iterator[Any]:
    """Open Debian's chromium for as long as it is needed."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        raise FileNotFoundError("chromium is not here; install Debian's package chromium")
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-quic"])
        yield opened
        opened.close()


@cache
def browser() -> Any:
    """Open the browser once for a worker process; it closes as the process ends."""
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(opened_browser())


@cache
def axe() -> Any:
    """Read axe's script once for a worker process."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def check(task: Task) -> dict[str, Any]:
    """Judge one page of the site."""
    page = browser().new_page(viewport={"width": WIDE, "height": 900})
    try:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(task.file.resolve().as_uri())
        violations = axe().run(page).response["violations"]
        contrast = page.evaluate(CONTRAST)
        page.set_viewport_size({"width": NARROW, "height": 740})
        broad = page.evaluate("document.documentElement.scrollWidth") > NARROW
    finally:
        page.close()
    return {
        "serious": sum(len(one["nodes"]) for one in violations if one["impact"] in SERIOUS),
        "other": sum(len(one["nodes"]) for one in violations if one["impact"] not in SERIOUS),
        "rules": sorted(f"{one['id']} ({one['impact']})" for one in violations),
        "contrast": round(contrast["least"], 2),
        "short": contrast["short"][:5],
        "short_count": len(contrast["short"]),
        "texts": contrast["texts"],
        "unknown": contrast["unknown"],
        "broad": broad,
        "asked_elsewhere": [url for url in asked if not url.startswith(("file:", "data:"))],
    }
