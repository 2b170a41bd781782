"""Lost wake-ups: notebooks of many Output cells run by papermill, with Jupyter's own client and with ours.

A cell that writes into an ipywidgets `Output` can make Jupyter's client miss its reply and wait for ever; a
cell time-out then ends the notebook, or wakes the client to a reply that was there long ago: both are a
stall. Printed is how many notebooks stalled with each client, how long those
took that finished, and their slowest cell. Exit code 1 when one stalls with the sliced client.

Run by `make drills`, or `python benchmarks/sliced_client.py --rounds 3`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CELLS = 60
CELL_SECONDS = 20  # a cell takes milliseconds
NOTEBOOK_SECONDS = 180
CLIENTS = ("plain", "sliced")
STALLED = 3


def write_notebook(path: Path) -> None:
    """Write a notebook in which every cell shows an Output widget and prints into it."""
    import nbformat

    cells = [nbformat.v4.new_code_cell("import ipywidgets\nfrom IPython.display import display")]
    cells += [
        nbformat.v4.new_code_cell(
            f"shown = ipywidgets.Output()\ndisplay(shown)\nwith shown:\n    print({number})\nprint({number})"
        )
        for number in range(CELLS)
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})))


def run_one(client: str, folder: Path) -> int:
    """Run one notebook in this process; the exit code says whether a cell stalled."""
    import papermill
    from jupyter_client.manager import AsyncKernelManager
    from nbclient.exceptions import CellTimeoutError

    from sosrake_lib.batch.kernels import SlicedKernelManager

    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    notebook = folder / "widgets.ipynb"
    write_notebook(notebook)
    try:
        papermill.execute_notebook(
            notebook,
            folder / "done.ipynb",
            progress_bar=False,
            execution_timeout=CELL_SECONDS,
            kernel_manager_class=SlicedKernelManager if client == "sliced" else AsyncKernelManager,
            shutdown_kernel="immediate",
        )
    except CellTimeoutError:
        return STALLED
    return 0


def measure(client: str) -> tuple[float, float] | None:
    """Run one notebook in a process of its own: seconds and the slowest cell's, or None when it stalled."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        begun = time.monotonic()
        command = [sys.executable, __file__, "--one", client, "--folder", folder]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            code = process.wait(NOTEBOOK_SECONDS)
        except subprocess.TimeoutExpired:
            end_with_children(process)
            return None
        seconds = time.monotonic() - begun
        slowest = slowest_cell(Path(folder) / "done.ipynb") if code == 0 else 0.0
    if code not in (0, STALLED):
        raise SystemExit(f"the notebook failed with the {client} client (exit code {code})")
    # A reply found only when the time-out looked for it had lain unread all that time.
    return None if code == STALLED or slowest >= CELL_SECONDS - 1 else (seconds, slowest)


def slowest_cell(done: Path) -> float:
    """Give the longest time a cell took, the first left out: it imports."""
    cells = json.loads(done.read_text(encoding="utf-8"))["cells"]
    return max(cell["metadata"]["papermill"]["duration"] for cell in cells[1:])


def end_with_children(process: subprocess.Popen) -> None:
    """End a process that waits for ever, and the kernel it started."""
    import psutil

    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    process.kill()
    process.wait()


def main() -> int:
    """Run the rounds, the clients taking turns, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--one", choices=CLIENTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        return run_one(arguments.one, arguments.folder)
    found: dict[str, list[tuple[float, float] | None]] = {client: [] for client in CLIENTS}
    for _ in range(arguments.rounds):
        for client in CLIENTS:
            found[client].append(measure(client))
    for client, runs in found.items():
        finished = [one for one in runs if one is not None]
        took = "none finished"
        if finished:
            median, slowest = statistics.median(one[0] for one in finished), max(one[1] for one in finished)
            took = f"finished ones took {median:.1f} s (median, with start-up), slowest cell {slowest:.2f} s"
        print(
            f"{client}: {runs.count(None)} of {len(runs)} notebooks of {CELLS} Output cells stalled; {took}"
        )
    return int(None in found["sliced"])


if __name__ == "__main__":
    sys.exit(main())
