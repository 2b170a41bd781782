"""How fast a clean table of a million rows is read, beside `pandas.read_csv(dtype=str)` on the same file.

    python benchmarks/import_tables.py [--rows 1000000] [--folder FOLDER]

Each is measured in a process of its own, side by side on the same machine: seconds (the best of three),
their ratio, and the most memory the process held. The last rows are a workbook of 50 000 rows, Excel and
OpenDocument. The file is made here from the register's municipalities with a seed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import psutil

from sosrake_lib import regions

HEADER = "kunta_nro;kunta;vuosi;palvelu;asiakkaat;vaesto\n"
MEASURE = """
import json, sys, time
import psutil
{setup}
spent = []
for _ in range({rounds}):
    start = time.perf_counter()
    {call}
    spent.append(time.perf_counter() - start)
memory = psutil.Process().memory_info()
peak = getattr(memory, "peak_wset", 0)
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
except ImportError:
    pass
print(json.dumps([min(spent), peak]))
"""
PANDAS = ("import pandas", 'pandas.read_csv({file!r}, sep=";", dtype=str)')
CHECK = (
    "from sosrake_lib.gather.tables import check_file",
    'r = check_file({file!r}, "asiakkaat"); assert r.verdict == {verdict!r}, r.findings.to_string()',
)
IMPORT = (
    "import pathlib, shutil, tempfile\nfrom sosrake_lib.gather.tables import import_file\n"
    "to = pathlib.Path(tempfile.mkdtemp(prefix='sosrake-import-'))",
    'shutil.rmtree(to, ignore_errors=True); r = import_file({file!r}, "asiakkaat", to); '
    "assert r.verdict == {verdict!r}, r.findings.to_string(); shutil.rmtree(to)",
)


def rows(count: int, seed: int = 20260701) -> list[str]:
    """Make clean rows: municipalities, years and as many services as are needed."""
    random = np.random.default_rng(seed)
    lines: list[str] = []
    service = 0
    while len(lines) < count:
        service += 1
        for year in range(2014, 2025):
            listed = regions.municipalities(year)
            people = 800 + (listed["region_code"].astype(int).to_numpy() * 7919 + year) % 90_000
            clients = random.binomial(people, 0.03)
            lines += [
                f"{code};{name};{year};palvelu {service};{count_};{base}"
                for code, name, count_, base in zip(
                    listed["region_code"], listed["name_fi"], clients, people, strict=True
                )
            ]
    return lines[:count]


def measured(
    what: tuple[str, str], file: Path, verdict: str = "accept", rounds: int = 3
) -> tuple[float, float]:
    """Give the best seconds and the most memory in megabytes of a process of its own."""
    setup, call = what
    code = MEASURE.format(setup=setup, call=call.format(file=str(file), verdict=verdict), rounds=rounds)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout)
    return float(seconds), memory / 1e6


def in_quotes(line: str) -> str:
    """Put quotes round every cell, as some programs export."""
    return '"' + line.replace(";", '";"') + '"'


def as_xlsx(lines: list[str], file: Path) -> None:
    """Write an Excel workbook, numbers as numbers."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Tiedot")
    sheet.append(HEADER.strip().split(";"))
    for line in lines:
        code, name, year, service, clients, people = line.split(";")
        sheet.append([code, name, int(year), service, int(clients), int(people)])
    book.save(file)


def as_ods(lines: list[str], file: Path) -> None:
    """Write an OpenDocument spreadsheet, numbers as numbers."""
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    body = []
    for line in [HEADER.strip(), *lines]:
        cells = []
        for place, cell in enumerate(line.split(";")):
            kind = (
                f'office:value-type="float" office:value="{cell}"'
                if place in (2, 4, 5) and cell.isdigit()
                else 'office:value-type="string"'
            )
            cells.append(f"<table:table-cell {kind}><text:p>{cell}</text:p></table:table-cell>")
        body.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="Tiedot">{"".join(body)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)


def main() -> None:
    """Measure and print one line each."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--book-rows", type=int, default=50_000)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="sosrake-import-") as folder:
        lines = rows(options.rows)
        text = Path(folder) / "rivit.csv"
        text.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
        print(f"{options.rows} rows, {text.stat().st_size / 1e6:.0f} MB, {psutil.cpu_count()} cores")
        base = measured(PANDAS, text)
        print(f"pandas.read_csv(dtype=str)  {base[0]:6.2f} s  {base[1]:6.0f} MB")
        quoted = Path(folder) / "lainattu.csv"
        quoted.write_text(HEADER + "\n".join(map(in_quotes, lines)) + "\n", encoding="utf-8")
        for name, what, file in (
            ("check, CSV", CHECK, text),
            ("import, CSV", IMPORT, text),
            ("check, CSV with quotes", CHECK, quoted),
        ):
            spent = measured(what, file, rounds=3 if file == text else 1)
            print(f"{name:27} {spent[0]:6.2f} s  {spent[1]:6.0f} MB  {spent[0] / base[0]:4.1f} x pandas")
        for ending, write in ((".xlsx", as_xlsx), (".ods", as_ods)):
            book = Path(folder) / f"rivit{ending}"
            write(lines[: options.book_rows], book)
            spent = measured(CHECK, book, rounds=1)
            print(f"check, {options.book_rows} rows {ending:8} {spent[0]:6.2f} s  {spent[1]:6.0f} MB")


if __name__ == "__main__":
    main()
