"""DOCX and PPTX opened with LibreOffice: pages as it lays them out, and whether the first has anything on it.

LibreOffice and pdftoppm stand on many machines and not on all: where they are missing, the documents are not
opened and the table says so.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from everything_memory import Found, Memory, Task
from PIL import Image
from pypdf import PdfReader

MANY = 20  # documents a start of LibreOffice
SECONDS = 600
DARK = 128
LEAST_INK = 0.001  # share of dark pixels of a page that has a line of text on it


def there() -> bool:
    """Say whether this machine can open documents."""
    return shutil.which("soffice") is not None and shutil.which("pdftoppm") is not None


def run(tasks: Sequence[Task], memory: Memory) -> list[Found]:
    """Open the documents that are not known, some at a time."""
    found = {task: known for task in tasks if (known := memory.known(task)) is not None}
    left = [task for task in tasks if task not in found]
    for start in range(0, len(left), MANY):
        batch = left[start : start + MANY]
        for task, result in zip(batch, converted(batch), strict=True):
            found[task] = result
            if "fault" not in result:
                memory.enter(task, result)
        print(f"office: {start + len(batch)}/{len(left)}", flush=True)
    return [Found(task, found[task]) for task in tasks]


def converted(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Open a few documents in one start of LibreOffice, each under a name of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        profile = (folder / "profile").as_uri()
        for place, task in enumerate(tasks):
            shutil.copy(task.file, folder / f"{place:03d}{task.file.suffix}")
        subprocess.run(
            [
                *(
                    "soffice",
                    "--headless",
                    "--norestore",
                    f"-env:UserInstallation={profile}",
                ),
                *("--convert-to", "pdf", "--outdir", str(folder)),
                *(str(folder / f"{place:03d}{task.file.suffix}") for place, task in enumerate(tasks)),
            ],
            check=False,
            capture_output=True,
            timeout=SECONDS,
        )
        return [looked_at(folder / f"{place:03d}.pdf") for place in range(len(tasks))]


def looked_at(pdf: Path) -> dict[str, Any]:
    """Count the pages of what LibreOffice made and see whether the first is blank."""
    if not pdf.is_file():
        return {"fault": "LibreOffice did not open it"}
    picture = pdf.with_suffix("")
    subprocess.run(
        [
            "pdftoppm",
            "-r",
            "40",
            "-f",
            "1",
            "-l",
            "1",
            "-singlefile",
            "-gray",
            "-png",
            str(pdf),
            str(picture),
        ],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    with Image.open(picture.with_suffix(".png")) as page:
        counts = page.convert("L").histogram()
    ink = sum(counts[:DARK]) / sum(counts)
    return {"pages": len(PdfReader(pdf).pages), "ink": round(ink, 4), "blank": ink < LEAST_INK}
