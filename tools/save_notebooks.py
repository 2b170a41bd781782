"""Run the committed notebooks on the samples and save them in the form git keeps.

Saving an unchanged notebook again gives an empty diff. Outputs from anything but `data/samples` are
refused, so that no user's own figure ever enters git.

Run: python tools/save_notebooks.py [--check] [PATH ...]
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from notebook_form import PROJECT, dump, findings, load, saved_form, themed_notebooks

CELL_SECONDS = 180


def run(path: Path) -> dict:
    """Execute one notebook in its own folder, as a reader would, and return it."""
    import nbformat
    from nbclient import NotebookClient

    from sosrake_lib.batch.kernels import SlicedKernelManager

    notebook = nbformat.reads(dump(load(path)), as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        kernel_manager_class=SlicedKernelManager,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    return dict(client.execute())


def save(path: Path) -> bool:
    """Run and write one notebook; say whether its file changed."""
    text = dump(saved_form(run(path)))
    if text == path.read_text(encoding="utf-8"):
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


def check(paths: list[Path]) -> int:
    """Report notebooks whose stored form is not the saved form."""
    wrong = []
    for path in paths:
        name = path.relative_to(PROJECT)
        notebook = load(path)
        wrong.extend(f"{name}: {finding}" for finding in findings(notebook))
        if dump(saved_form(notebook)) != path.read_text(encoding="utf-8"):
            wrong.append(f"{name}: not in saved form; run tools/save_notebooks.py")
    print("\n".join(wrong) or f"{len(paths)} notebooks in saved form")
    return 1 if wrong else 0


def main(arguments: list[str]) -> int:
    """Save (or with --check judge) the named notebooks, all by default."""
    named = [Path(name).resolve() for name in arguments if not name.startswith("-")]
    paths = named or themed_notebooks()
    if "--check" in arguments:
        return check(paths)
    if os.environ.get("SOSRAKE_DATA"):
        print(
            "save_notebooks: SOSRAKE_DATA is set; only outputs from data/samples may be saved",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory() as memory:
        # A ledger of its own: what was gathered or released on this machine must not show in git.
        os.environ["SOSRAKE_HOME"] = memory
        os.environ.pop("SOSRAKE_DATABASE", None)  # a house's own register never enters git
        os.environ["SOSRAKE_RELEASES"] = str(Path(memory) / "releases")
        for path in paths:
            print(("saved     " if save(path) else "unchanged ") + str(path.relative_to(PROJECT)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
