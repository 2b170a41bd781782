"""Render what people read to pictures, to be looked at: pages and the app, wide, narrow and in print.

Pages of the smallest, the largest, the most-hidden and a merged municipality, of the invented county and the
front page, at 1280 and 360 px and as print; the app at both widths. Writes reports/pictures/*.png and one
contact sheet a width; `--readme` also renews the pictures of the README in docs/pictures.

Run: python tools/contact_sheet.py [--readme] [--site FOLDER]     (needs Debian's chromium)
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from sosrake_lib import regions

PROJECT = Path(__file__).resolve().parents[1]
PICTURES = PROJECT / "reports" / "pictures"
README_PICTURES = PROJECT / "docs" / "pictures"
WIDTHS = {"1280": 1280, "360": 360}
SMALLEST, LARGEST, MERGED = "kunta-697", "kunta-297", "kunta-507"
PAGES = ("alueprofiili", "paattajakooste")
HIDDEN_MARKS = re.compile(r"data-hidden|••")
APP_SECONDS = 120


def most_hidden(site: Path) -> str:
    """Find the municipality whose pages show the most hidden or absent figures."""
    counts = {
        folder.name: sum(
            len(HIDDEN_MARKS.findall(page.read_text(encoding="utf-8"))) for page in folder.glob("*.html")
        )
        for folder in site.glob("kunta-*")
    }
    return max(sorted(counts), key=counts.__getitem__)


def targets(site: Path) -> dict[str, Path]:
    """Name the pages to render."""
    found = {"etusivu": site / "index.html"}
    for label, slug in (
        ("pienin", SMALLEST),
        ("suurin", LARGEST),
        ("liitetty", MERGED),
        ("suojatuin", most_hidden(site)),
    ):
        for page in PAGES:
            found[f"{label}-{slug}-{page}"] = site / slug / f"{page}.html"
    for page in sorted((site / regions.slug("hva", "E1")).glob("*.html")):
        found[f"keksitty-{page.stem}"] = page
    lacking = [path for path in found.values() if not path.is_file()]
    if lacking:
        raise SystemExit(
            f"contact_sheet: {lacking[0].relative_to(site)} is not in the site; run `make reports` first"
        )
    return found


def render(browser: Browser, name: str, address: str, *, ready: str = "main") -> list[Path]:
    """Take a full-page picture at each width and one as it prints."""
    made = []
    for label, width in WIDTHS.items():
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(address)
        page.wait_for_selector(ready, timeout=APP_SECONDS * 1000)
        made.append(PICTURES / f"{name}-{label}.png")
        page.screenshot(path=made[-1], full_page=True)
        page.close()
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.goto(address)
    page.wait_for_selector(ready, timeout=APP_SECONDS * 1000)
    page.emulate_media(media="print")
    made.append(PICTURES / f"{name}-print.png")
    page.screenshot(path=made[-1], full_page=True)
    page.close()
    return made


def sheet(pictures: list[Path], target: Path, *, tall: int = 900, columns: int = 6) -> None:
    """Put the tops of many pictures side by side on one sheet."""
    tiles = []
    for path in pictures:
        picture = Image.open(path).convert("RGB")
        scale = 320 / picture.width
        shrunk = picture.resize((320, round(picture.height * scale))).crop((0, 0, 320, tall))
        ImageDraw.Draw(shrunk).text((6, tall - 16), path.stem, fill="black")
        tiles.append(shrunk)
    rows = -(-len(tiles) // columns)
    canvas = Image.new("RGB", (columns * 330, rows * (tall + 10)), "white")
    for number, tile in enumerate(tiles):
        canvas.paste(tile, (number % columns * 330, number // columns * (tall + 10)))
    canvas.save(target)


@contextmanager
def served_app(name: str):
    """Serve an app on loopback for as long as it is looked at; give its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sosrake_lib", "app", name, "--port", "8871"],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = "http://127.0.0.1:8871/"
    try:
        for _ in range(APP_SECONDS):
            try:
                urllib.request.urlopen(address, timeout=APP_SECONDS)
                break
            except OSError:
                time.sleep(1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def renew_readme() -> None:
    """Crop the pictures the README shows from those just made."""
    README_PICTURES.mkdir(parents=True, exist_ok=True)
    shown = {
        "etusivu-1280.png": "site.png",
        f"suurin-{LARGEST}-alueprofiili-1280.png": "area_profile.png",
        f"suurin-{LARGEST}-paattajakooste-1280.png": "decision_page.png",
        "sovellus-1280.png": "app.png",
    }
    for source, target in shown.items():
        picture = Image.open(PICTURES / source).convert("RGB").crop((0, 0, 1280, 1000)).resize((800, 625))
        picture.quantize(128).save(README_PICTURES / target, optimize=True)
    phone = Image.open(PICTURES / "paattajan_nakyma-360.png").convert("RGB").crop((0, 0, 360, 1000))
    phone.quantize(128).save(README_PICTURES / "app_decider.png", optimize=True)


def main(arguments: list[str]) -> int:
    """Render everything and say where the pictures are."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("contact_sheet: chromium is not here; install Debian's package chromium", file=sys.stderr)
        return 2
    site = (
        Path(arguments[arguments.index("--site") + 1])
        if "--site" in arguments
        else PROJECT / "reports" / "site"
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-quic"]
        )
        for name, path in targets(site).items():
            made += render(browser, name, path.resolve().as_uri())
        with served_app("tilannekuva") as address:
            made += render(browser, "sovellus", address, ready="figure img, [role=alert]")
        with served_app("paattajan_nakyma") as address:
            made += render(browser, "paattajan_nakyma", address, ready="#perusta")
        browser.close()
    for label in (*WIDTHS, "print"):
        sheet([path for path in made if path.stem.endswith(label)], PICTURES / f"sheet-{label}.png")
    if "--readme" in arguments:
        renew_readme()
    print(f"{len(made)} pictures and the sheets are in {PICTURES.relative_to(PROJECT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
