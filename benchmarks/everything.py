"""Judge every output and every page of the site that `make everything` has made.

Time and size of each output; whether each file opens; faults of the PDFs' structure, their pages, contrast
and smallest letters; DOCX and PPTX as LibreOffice shows them; axe, contrast and width of the site's pages in
chromium; numbers without a result; links that lead nowhere. What has been looked at is not looked at again
until it changes, so the drill may be stopped and started. The tables go to docs/outputs.md.

Run: make everything, then python benchmarks/everything.py [--output FOLDER] [--sample N] [--print]
     python benchmarks/everything.py --published FOLDER      links, axe and numbers of a published site
     python benchmarks/everything.py --make [--region kunta-297 ...]      makes what is judged first
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import everything_office
import everything_pdf
import everything_report as report
import everything_site
import everything_words as words
from everything_memory import PROJECT, Found, Memory, Task, run

from sosrake_lib.batch import outputs, outputs_run, outputs_stage, releases, runner, site_stage

DOCUMENT = PROJECT / "docs" / "outputs.md"
TIMES = "tuotokset_ajat.csv"
ONE_PAGE = ("infograafi", "paattajakooste")  # outputs that promise one page
MOST_BYTES = 500_000  # of a page of the site, whose pictures are files beside it
OFFICE = (".docx", ".pptx")
SEED = 20261122
# what a check may have found that should not be there
FAULTS = ("fault", "without", "faults", "short", "serious", "broad", "asked_elsewhere")
LANGUAGES = ("fi", "en")


def main(arguments: Sequence[str]) -> int:
    """Look at everything, write the tables, and say whether all that must be nought is."""
    asked = read_arguments(arguments)
    folder = asked.output.resolve()
    if asked.make:
        make(folder, asked.region)
    if asked.published:
        return judge_published(asked.published.resolve(), folder, asked)
    manifest = read_manifest(folder)
    site = folder / site_stage.SITE
    pages = sorted(site.rglob("*.html"))
    memory = Memory(folder)
    try:
        found = look(folder, manifest, pages, memory, asked)
    finally:
        memory.close()
    made = [made_of(key, manifest, folder) for key in dict.fromkeys(line["output"] for line in manifest)]
    dead = words.dead_links([*pages, outputs_stage.base(folder, "fi") / "index.html"])
    body = written(made, found, pages, dead, site, asked)
    if asked.print:
        print(body)
    else:
        report.write(DOCUMENT, body)
    wrong = faults_of(made, found, dead, folder)
    print("\n".join(wrong[:60]), file=sys.stderr)
    print(f"{len(found)} checks; {len(wrong)} faults")
    return 1 if wrong else 0


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=PROJECT / "reports", help="folder of the reports")
    parser.add_argument("--published", type=Path, help="judge this published site instead; prints only")
    parser.add_argument("--make", action="store_true", help="make the site and the outputs first")
    parser.add_argument("--region", action="append", default=[], help="with --make: only these regions")
    parser.add_argument("--sample", type=int, default=0, help="pages of each kind in the browser; all: 0")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--print", action="store_true", help="print the tables and leave the document alone")
    return parser.parse_args(arguments)


def judge_published(site: Path, folder: Path, asked: argparse.Namespace) -> int:
    """Judge a site that `sosrake publish` has written; its releases and the memory stay in `folder`."""
    pages = sorted(site.rglob("*.html"))
    if not pages:
        raise SystemExit(f"everything: no page in {site}; publish one first: sosrake publish")
    memory, many = Memory(folder), asked.workers
    try:
        behind = site_numbers(site, pages, releases.release_folder(folder))
        found = run(behind, words.check, memory, workers=many, words="numbers")
        seen = in_browser(site, pages, asked.sample)
        found += run(seen, everything_site.check, memory, workers=many, words="browser")
    finally:
        memory.close()
    dead = words.dead_links(pages)
    weights = {page.relative_to(site).as_posix(): [words.weight(page)] for page in pages}
    wrong = faults_of((), found, dead, site)
    wrong += [f"weight {name}: {own[0][0]} bytes" for name, own in weights.items() if own[0][0] > MOST_BYTES]
    print("\n".join(wrong[:60]), file=sys.stderr)
    print(f"{len(pages)} published pages, {len(found)} checks; {len(wrong)} faults")
    return 1 if wrong else 0


def site_numbers(site: Path, pages: Sequence[Path], held: Path) -> list[Task]:
    """List the pages of a site, whose numbers are judged against the releases they rest on."""
    return [
        Task("numbers", f"site/{name}", page, {"language": language, "releases": str(held)})
        for page in pages
        for name, language in [kind_of(page, site)]
    ]


def make(folder: Path, regions: Sequence[str]) -> None:
    """Make what is judged; a failing page or output is told by the commands and counted in the tables."""
    only = [part for region in regions for part in ("--only", region)]
    places = [part for region in regions for part in ("--region", region)]
    for command in (["reports", *only], ["outputs", *places, "--times", str(folder / TIMES)]):
        folder.mkdir(parents=True, exist_ok=True)
        line = [sys.executable, "-m", "sosrake_lib", *command, "--output", str(folder)]
        subprocess.run(line, cwd=PROJECT, check=False)


def read_manifest(folder: Path) -> list[dict[str, Any]]:
    """Read the list of outputs; without one there is nothing to judge."""
    path = outputs_stage.base(folder, "fi") / "luettelo.json"
    if not path.is_file():
        raise SystemExit(f"everything: {path} is not there; run `make everything` first, or add --make")
    return list(json.loads(path.read_text(encoding="utf-8")))


def look(
    folder: Path,
    manifest: Sequence[dict[str, Any]],
    pages: Sequence[Path],
    memory: Memory,
    asked: argparse.Namespace,
) -> list[Found]:
    """Do every check, the quick ones first."""
    files = [
        Task("opens", line["output"], folder / name, {"format": line["format"]})
        for line in manifest
        for name in line["files"]
    ]
    pdf = [Task("pdf", one.name, one.file) for one in files if one.file.suffix == ".pdf"]
    behind = numbers_behind(folder, manifest, pages)
    many = asked.workers
    found = run(files, words.check, memory, workers=many, words="files")
    found += run(behind, words.check, memory, workers=many, words="numbers")
    found += run(pdf, everything_pdf.check, memory, workers=many, words="PDF")
    if everything_office.there():
        office = [Task("office", one.name, one.file) for one in files if one.file.suffix in OFFICE]
        found += everything_office.run(office, memory)
    seen = in_browser(folder / site_stage.SITE, pages, asked.sample)
    return found + run(seen, everything_site.check, memory, workers=many, words="browser")


def numbers_behind(folder: Path, manifest: Sequence[dict[str, Any]], pages: Sequence[Path]) -> list[Task]:
    """List the page behind each output and each page of the site, whose numbers are judged."""
    plan, table = outputs_run.read_tables(PROJECT, releases.known_recipes(), "fi")
    standing = {(line["output"], line["slug"], line["audience"]) for line in manifest if line["files"]}
    held = str(releases.release_folder(folder))
    library = releases.library_fingerprint()
    tasks = []
    for piece in outputs.pieces(table, plan):
        task = piece.task
        notebook = folder / runner.NOTEBOOKS / "fi" / task.slug / f"{task.page}.ipynb"
        if (piece.output.key, task.slug or outputs.ONCE_SLUG, piece.audience) in standing:
            given = {"language": "fi", "releases": held, "task": task.key, "library": library}
            tasks.append(Task("numbers", piece.output.key, notebook, given))
    return tasks + site_numbers(folder / site_stage.SITE, pages, Path(held))


def kind_of(page: Path, site: Path) -> tuple[str, str]:
    """Name a page's kind (its file's name without the area) and its language."""
    parts = page.relative_to(site).parts
    return page.stem, parts[0] if parts[0] in LANGUAGES[1:] else LANGUAGES[0]


def in_browser(site: Path, pages: Sequence[Path], sample: int) -> list[Task]:
    """List the pages looked at in the browser: all, or some of each kind drawn with a fixed seed."""
    kinds: dict[str, list[Path]] = {}
    for page in pages:
        kinds.setdefault(kind_of(page, site)[0], []).append(page)
    rng = random.Random(SEED)
    beside = tuple(path for path in (site / "site.css", site / "site.js") if path.is_file())
    return [
        Task("site", kind, page, beside=beside)
        for kind, own in sorted(kinds.items())
        for page in (rng.sample(own, min(sample, len(own))) if sample else own)
    ]


def made_of(key: str, manifest: Sequence[dict[str, Any]], folder: Path) -> report.Made:
    """Sum up what stands of one output."""
    own = [line for line in manifest if line["output"] == key]
    names = {f"{line['slug']}/{key}" + (f"_{line['audience']}" if line["audience"] else "") for line in own}
    seconds = report.seconds_of(folder / TIMES).get(key, {})
    return report.Made(
        key=key,
        formats=tuple(dict.fromkeys(line["format"] for line in own)),
        pieces=tuple(sorted(names)),
        sizes=tuple((folder / name).stat().st_size for line in own for name in line["files"]),
        seconds=tuple(value for name, value in seconds.items() if name in names),
        failed=tuple(
            f"{line['slug']}/{key}.{line['format']}: {line['reason']}"
            for line in own
            if line["state"] == outputs_stage.FAILED
        ),
    )


def written(
    made: Sequence[report.Made],
    found: Sequence[Found],
    pages: Sequence[Path],
    dead: dict[Path, list[str]],
    site: Path,
    asked: argparse.Namespace,
) -> str:
    """Put the tables together with what they rest on."""
    regions = {piece.partition("/")[0] for one in made for piece in one.pieces}
    counted = {
        kind: sum(region.startswith(kind) and region != "hva-E1" for region in regions)
        for kind in ("hva", "kunta")
    }
    weights: dict[str, list[tuple[int, int]]] = {}
    lost: dict[str, int] = {}
    for page in pages:
        name = kind_of(page, site)[0]
        weights.setdefault(name, []).append(words.weight(page))
        lost[name] = lost.get(name, 0) + len(dead.get(page, []))
    browser = f"at most {asked.sample} pages of each kind" if asked.sample else "every page"
    total = sum(sum(one.seconds) for one in made)
    return "\n\n".join(
        [
            f"Measured {report.machine()} Counties: {counted['hva']}, municipalities: {counted['kunta']}, "
            f"with the invented county and the project; {sum(len(one.pieces) for one in made)} outputs, "
            f"{total / 60:.0f} min of work on them; {len(pages)} pages of the site, "
            f"{browser} in the browser.",
            "### Outputs",
            report.outputs_table(made, found, ONE_PAGE, everything_office.there()),
            "### Pages of the site",
            report.site_table(found, weights, lost, MOST_BYTES),
        ]
    )


def faults_of(
    made: Sequence[report.Made], found: Sequence[Found], dead: dict[Path, list[str]], folder: Path
) -> list[str]:
    """Name everything that should not be: a line a fault."""
    wrong = [line for one in made for line in one.failed]
    for one in found:
        name, result = one.task.file.relative_to(folder), one.result
        told = [f"{key}: {result[key]}" for key in FAULTS if result.get(key)]
        told += ["blank"] * (one.task.kind == "office" and report.bad_document(result))
        if one.task.kind == "pdf" and one.task.name in ONE_PAGE and result.get("pages", 1) > 1:
            told.append(f"{result['pages']} pages, one is promised")
        extra = f" {result['loose']} {result['wrong']}" if result.get("without") else ""
        extra += f" {result['rules']}" if result.get("serious") else ""
        wrong += [f"{one.task.kind} {name}: {words_}{extra}" for words_ in told]
    wrong += [f"links {os.path.relpath(page, folder)}: {links[:5]}" for page, links in dead.items()]
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
