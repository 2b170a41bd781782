"""The form a notebook has in git: what is kept, what is dropped, and what the house asks of it.

Used by save_notebooks.py (writes) and tests/test_notebook_form.py (judges). Nothing here runs a kernel.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]*")
ADDRESS = re.compile(r"0x[0-9a-f]{8,16}")
DROPPED_KINDS = (
    "image/png",
    "image/jpeg",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.sosrake.drawings+json",  # charts for print: only notebooks that batches run keep them
)
MAX_CODE_CELLS = 15
MAX_CELL_LINES = 15


def themed_notebooks(project: Path = PROJECT) -> list[Path]:
    """List the notebooks that are committed executed: themed ones, apps, lessons."""
    found = [*(project / "notebooks").rglob("*.ipynb"), *(project / "course").rglob("oppitunti.ipynb")]
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def exercise_notebooks(project: Path = PROJECT) -> list[Path]:
    """List the generated exercises, which stay unsolved."""
    return sorted((project / "course").rglob("tehtava.ipynb"))


def load(path: Path) -> dict:
    """Read a notebook as plain JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def dump(notebook: dict) -> str:
    """Write a notebook as Jupyter does: one space of indent, a newline at the end."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def text_of(value: str | list[str]) -> str:
    """Join a multi-line string of the notebook format."""
    return value if isinstance(value, str) else "".join(value)


def saved_form(notebook: dict) -> dict:
    """Return the notebook as git keeps it: text outputs stay, pictures and churn go."""
    kept = copy.deepcopy(notebook)
    house = kept.get("metadata", {}).get("sosrake", {})
    kept["metadata"] = {"kernelspec": dict(KERNELSPEC), "language_info": {"name": "python"}, "sosrake": house}
    kept["nbformat"], kept["nbformat_minor"] = 4, 5
    seen: set[str] = set()
    for cell in kept["cells"]:
        _settle_cell(cell, seen)
    return kept


def findings(notebook: dict) -> list[str]:
    """Say how a themed notebook breaks the house form; an empty list when it does not."""
    cells = notebook["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code" and text_of(cell["source"]).strip()]
    markdown = "\n".join(text_of(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    wrong = []
    for number, cell in enumerate(code):
        lines = text_of(cell["source"]).strip().splitlines()
        if cell.get("execution_count") is None:
            wrong.append(f"code cell {number} has no execution count: nbval would skip it")
        if len(lines) > MAX_CELL_LINES:
            wrong.append(f"code cell {number} has {len(lines)} lines, {MAX_CELL_LINES} at most")
        if lines and lines[-1].rstrip().endswith(";"):
            wrong.append(f"code cell {number} ends with a semicolon, which nbval sees through")
        wrong.extend(f"code cell {number}: stored {name}" for name in _unwanted_outputs(cell))
    if len(code) > MAX_CODE_CELLS:
        wrong.append(f"{len(code)} code cells, {MAX_CODE_CELLS} at most")
    if sum("parameters" in cell.get("metadata", {}).get("tags", []) for cell in code) != 1:
        wrong.append("exactly one code cell carries the tag `parameters`")
    if len(re.findall(r"(?m)^# ", markdown)) != 1:
        wrong.append("exactly one first-level heading")
    house = notebook["metadata"].get("sosrake", {})
    if house.get("vaihe") not in {"1", "2", "3", "4", "5", "TP I"} or house.get("tp") not in {
        "I",
        "II",
        "III",
    }:
        wrong.append('metadata.sosrake declares vaihe ("1"-"5" or "TP I") and tp ("I"-"III")')
    return wrong


def _settle_cell(cell: dict, seen: set[str]) -> None:
    source = text_of(cell["source"])
    cell["source"] = source.splitlines(keepends=True)
    digest = hashlib.sha256(source.encode()).hexdigest()
    name = cell.get("id") or digest[:8]
    while name in seen:
        digest = hashlib.sha256(digest.encode()).hexdigest()
        name = digest[:8]
    seen.add(name)
    cell["id"] = name
    metadata = {
        key: value for key, value in cell.get("metadata", {}).items() if key in ("tags", "sosrake", "jupyter")
    }
    cell["metadata"] = metadata
    if cell["cell_type"] != "code":
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
        return
    cell.setdefault("execution_count", None)
    cell["outputs"] = [settled for output in cell.get("outputs", []) if (settled := _settle_output(output))]


def _settle_output(output: dict) -> dict | None:
    output = {key: value for key, value in output.items() if key != "transient"}
    if "data" in output:
        output["data"] = {
            kind: _settle_text(value) for kind, value in output["data"].items() if kind not in DROPPED_KINDS
        }
        output["metadata"] = (
            {"sosrake": output["metadata"]["sosrake"]} if "sosrake" in output["metadata"] else {}
        )
        return output if output["data"] else None
    if "text" in output:
        output["text"] = _settle_text(output["text"])
    return output


def _settle_text(value: object) -> object:
    if not isinstance(value, str | list):
        return value
    settled = ADDRESS.sub("0xADDRESS", PICTURE.sub("data:,", text_of(value)))
    return settled.splitlines(keepends=True)


def _unwanted_outputs(cell: dict) -> list[str]:
    names = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            names.append("error output")
        if output.get("name") == "stderr":
            names.append("stderr output (a warning?)")
        names.extend(kind for kind in output.get("data", {}) if kind.startswith("image/"))
    return names
