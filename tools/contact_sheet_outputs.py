"""Make the README's pictures of outputs: the first page of one of each, small enough to keep.

Reads what `sosrake outputs` has made (`make everything`, or `sosrake outputs --region hva-E1 ...`). The first
page is drawn from the PDF by pdftoppm where it is installed, else from the page by the house's own documents.
Writes docs/pictures/output_<key>.png (a palette of few colours, at most 60 kB each) and renews the tables
between the markers of README.md; an output that has not been made keeps the picture it has.

Run: python tools/contact_sheet_outputs.py [--output FOLDER]
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from document_parts import between
from PIL import Image, ImageOps
from pypdf import PdfReader

from sosrake_lib import regions
from sosrake_lib.batch import outputs, outputs_run, outputs_stage, releases
from sosrake_lib.batch.documents import page_made
from sosrake_lib.influence.documents import page_picture

PROJECT = Path(__file__).resolve().parents[1]
PICTURES = PROJECT / "docs" / "pictures"
README = PROJECT / "README.md"
PREFERRED = ("kunta-297", "hva-12", "hva-E1", outputs.ONCE_SLUG)
MARKS = {code: (f"<!-- outputs-{code}: alku -->", f"<!-- outputs-{code}: loppu -->") for code in ("en", "fi")}
WIDTH, TALL = 420, 594  # a sheet of A4
MOST_BYTES, MOST_ALTOGETHER = 60_000, 700_000
COLUMNS = 3
WORDS = {
    "en": "{name}, {region}: first page of a draft, in Finnish. Headings on it: {headings}.",
    "fi": "{name}, {region}: luonnoksen ensimmäinen sivu. Sen otsikot: {headings}.",
}


@dataclass(frozen=True)
class Shown:
    """One output's picture: its key, names, region, file, and the headings of the page."""

    key: str
    names: dict[str, str]
    region: dict[str, str]
    headings: tuple[str, ...]

    @property
    def file(self) -> str:
        """Name of the picture."""
        return f"output_{self.key}.png"

    def cell(self, language: str) -> str:
        """Give the picture with its words, for a table of README.md."""
        named, region = self.names[language], self.region[language]
        alt = WORDS[language].format(name=named, region=region, headings="; ".join(self.headings))
        return f"![{alt.replace('|', '–').replace('[', '(').replace(']', ')')}](docs/pictures/{self.file})"


def main(arguments: Sequence[str]) -> int:
    """Make the pictures and the tables, and say what was made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=PROJECT / "reports", help="folder of the reports")
    folder = parser.parse_args(arguments).output.resolve()
    listed = outputs_stage.base(folder, "fi") / "luettelo.json"
    if not listed.is_file():
        print(f"contact_sheet_outputs: {listed} is not there; run `make everything` first", file=sys.stderr)
        return 2
    manifest = json.loads(listed.read_text(encoding="utf-8"))
    _, table = outputs_run.read_tables(PROJECT, releases.known_recipes(), "fi")
    PICTURES.mkdir(parents=True, exist_ok=True)
    shown = [made for one in table if (made := picture_of(one, manifest, folder)) is not None]
    renew_readme(shown)
    sizes = [(PICTURES / one.file).stat().st_size for one in shown]
    lacking = [one.key for one in table if one.key not in {made.key for made in shown}]
    print(f"{len(shown)} pictures, {sum(sizes) / 1000:.0f} kB, largest {max(sizes, default=0) / 1000:.0f} kB")
    print(f"not made: {', '.join(lacking) or 'none'}")
    return 1 if sum(sizes) > MOST_ALTOGETHER else 0


def picture_of(one: outputs.Output, manifest: list[dict], folder: Path) -> Shown | None:
    """Draw the first page of one output; None when it has no PDF among what was made."""
    of_it = [line for line in manifest if line["output"] == one.key and line["files"]]
    made = [line for line in of_it if line["format"] == "pdf"]
    if not made:
        return None
    order = {slug: place for place, slug in enumerate(PREFERRED)}
    line = min(made, key=lambda row: order.get(row["slug"], len(order)))
    pdf = folder / line["files"][0]
    (PICTURES / f"output_{one.key}.png").write_bytes(small(first_page(pdf, one, line, folder)))
    return Shown(one.key, {code: one.name(code) for code in ("fi", "en")}, places(line), headings_of(pdf))


def places(line: dict) -> dict[str, str]:
    """Name the area of an output in both languages."""
    if line["slug"] == outputs.ONCE_SLUG:
        return {"fi": "koko hanke", "en": "the whole project"}
    level, _, code = line["slug"].partition("-")
    return {language: regions.name(level, code, language=language) for language in ("fi", "en")}


def first_page(pdf: Path, one: outputs.Output, line: dict, folder: Path) -> Image.Image:
    """Draw the first page at about twice the width it is shown at."""
    if shutil.which("pdftoppm"):
        command = ["pdftoppm", "-r", "110", "-f", "1", "-l", "1", "-singlefile", "-png", str(pdf)]
        drawn = subprocess.run(command, check=True, capture_output=True).stdout
        return Image.open(io.BytesIO(drawn)).convert("RGB")
    region = "" if line["slug"] == outputs.ONCE_SLUG else line["slug"]
    page = page_made(PROJECT, folder, one.page, region)
    sheet = Image.open(io.BytesIO(page_picture(page, "png"))).convert("RGB")
    return sheet.crop((0, 0, sheet.width, min(sheet.height, round(sheet.width * TALL / WIDTH))))


def small(picture: Image.Image) -> bytes:
    """Give a picture as a PNG of few colours, with a thin frame, at most `MOST_BYTES` long."""
    shrunk = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
    framed = ImageOps.expand(shrunk.crop((0, 0, WIDTH, min(TALL, shrunk.height))), border=1, fill="#767676")
    for colours in (64, 32, 16, 8):
        body = io.BytesIO()
        framed.quantize(colours, dither=Image.Dither.NONE).save(body, "PNG", optimize=True)
        if body.tell() <= MOST_BYTES:
            return body.getvalue()
    raise SystemExit(
        f"contact_sheet_outputs: a picture stays over {MOST_BYTES // 1000} kB with eight colours"
    )


def headings_of(pdf: Path) -> tuple[str, ...]:
    """Read from the bookmarks which headings stand on the first page; the title itself is left out."""
    reader = PdfReader(pdf)

    def walk(items: list) -> list[str]:
        found = []
        for item in items:
            if isinstance(item, list):
                found += walk(item)
            elif reader.get_destination_page_number(item) == 0:
                found.append(str(item.title))
        return found

    found = walk(reader.outline)
    return tuple(found[1:] or found)


def renew_readme(shown: Sequence[Shown]) -> None:
    """Write the tables of pictures between the markers, in each language."""
    text = README.read_text(encoding="utf-8")
    for language, (start, end) in MARKS.items():
        text = between(text, start, end, table_of(shown, language))
    README.write_text(text, encoding="utf-8")


def table_of(shown: Sequence[Shown], language: str) -> str:
    """Put the pictures into a table of three columns: a row of names, a row of pictures."""
    lines = []
    for start in range(0, len(shown), COLUMNS):
        row = list(shown[start : start + COLUMNS])
        empty = [""] * (COLUMNS - len(row))
        bold = "" if start == 0 else "**"
        lines.append([*(f"{bold}{one.names[language]}{bold}" for one in row), *empty])
        lines += [["---"] * COLUMNS] if start == 0 else []
        lines.append([*(one.cell(language) for one in row), *empty])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
