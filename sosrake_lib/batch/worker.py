"""What happens inside one worker process: a notebook is run into a temporary file and judged.

The worker writes only that temporary file. Journal, ledger and final paths belong to the parent. When the
parent is gone, however it ended, the worker ends its kernels and itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

PARAMETERS_TAG = "injected-parameters"


@dataclass(frozen=True)
class Order:
    """One notebook to run: where it is, what it is asked, where its temporary result goes."""

    key: str
    notebook: Path
    part: Path
    parameters: Mapping[str, str | int | float | bool]
    cell_seconds: int


@dataclass(frozen=True)
class Fault:
    """Why an executed notebook is not a finished one.

    `kind`: error (a cell raised), exit (a cell left with sys.exit), not_run (a cell was never executed), died
    (the kernel or its worker died), timeout, unreadable (the file is no notebook) or stopped (anything else).
    `cell` counts the code cells of the source notebook from 1; None when no cell is to blame.
    """

    kind: str
    cell: int | None
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """How one order ended: without `fault` the temporary file is whole and has this hash."""

    key: str
    sha256: str
    fault: Fault | None
    seconds: float


def prepare(lifeline: Connection, environment: Mapping[str, str]) -> None:
    """Set a new worker up: environment for its kernels, Ctrl-C left to the parent, a watch over the parent.

    `lifeline` is the reading end of a pipe whose writing end only the parent holds: when it closes, because
    the parent closed it or is dead, the worker kills its kernels and leaves at once.
    """
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(lifeline,), daemon=True, name="parent watch").start()


def execute(order: Order) -> Outcome:
    """Run a notebook with papermill into `order.part`, judge it, make it durable and tell its hash."""
    started = time.monotonic()
    order.part.unlink(missing_ok=True)
    fault = _run(order)
    try:
        judged = fault or examine(json.loads(order.part.read_text(encoding="utf-8")))
    except (OSError, ValueError) as broken:
        judged = fault or Fault("unreadable", None, _one_line(broken))
    sha256 = ""
    if judged is None:
        _forget_machine(order.part)
        with order.part.open("rb+") as file:
            sha256 = hashlib.sha256(file.read()).hexdigest()
            os.fsync(file.fileno())
    return Outcome(order.key, sha256, judged, time.monotonic() - started)


def _forget_machine(part: Path) -> None:
    """Take papermill's paths and times out of a finished notebook: they tell of this machine only."""
    notebook = json.loads(part.read_text(encoding="utf-8"))
    notebook["metadata"].pop("papermill", None)
    for cell in notebook["cells"]:
        cell["metadata"].pop("papermill", None)
        cell["metadata"].pop("execution", None)
    part.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")


def examine(notebook: Mapping) -> Fault | None:
    """Judge an executed notebook: every code cell ran and none left an error; otherwise the first fault.

    papermill calls a notebook finished when its kernel died, and takes `sys.exit(0)` for success; here the
    cells themselves are asked.

    Examples
    --------
    >>> ran = {"cell_type": "code", "source": "1", "execution_count": 1, "outputs": [], "metadata": {}}
    >>> examine({"cells": [ran]}) is None
    True
    >>> examine({"cells": [ran, {**ran, "execution_count": None}]})
    Fault(kind='not_run', cell=2, detail='1')
    """
    for number, cell in _code_cells(notebook):
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                kind = "exit" if output.get("ename") == "SystemExit" else "error"
                return Fault(kind, number, _one_line(f"{output.get('ename')}: {output.get('evalue')}"))
        if cell.get("execution_count") is None:
            return Fault("not_run", number, _first_line(cell))
    return None


def _run(order: Order) -> Fault | None:
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from sosrake_lib.batch.kernels import SlicedKernelManager

    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    try:
        papermill.execute_notebook(
            order.notebook,
            order.part,
            parameters=dict(order.parameters),
            cwd=order.notebook.parent,
            progress_bar=False,
            execution_timeout=order.cell_seconds,
            kernel_manager_class=SlicedKernelManager,
            shutdown_kernel="immediate",
        )
    except PapermillExecutionError as fault:
        return _from_file(order.part) or Fault("error", None, _one_line(f"{fault.ename}: {fault.evalue}"))
    except CellTimeoutError:
        return Fault("timeout", _last_started(order.part), str(order.cell_seconds))
    except DeadKernelError:
        return Fault("died", _last_started(order.part))
    except Exception as fault:  # whatever else breaks one notebook must not stop the others
        return Fault("stopped", _last_started(order.part), _one_line(f"{type(fault).__name__}: {fault}"))
    return None


def _from_file(part: Path) -> Fault | None:
    notebook = _read(part)
    return None if notebook is None else examine(notebook)


def _last_started(part: Path) -> int | None:
    started = [
        number
        for number, cell in _code_cells(_read(part) or {})
        if cell["metadata"].get("papermill", {}).get("start_time")
    ]
    return started[-1] if started else None


def _read(part: Path) -> dict | None:
    try:
        return json.loads(part.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _code_cells(notebook: Mapping):
    """Give the code cells that have source, numbered as in the source notebook (injected ones share one)."""
    number = 0
    for cell in notebook.get("cells", ()):
        if cell.get("cell_type") != "code":
            continue
        if PARAMETERS_TAG not in cell.get("metadata", {}).get("tags", ()):
            number += 1
        if "".join(cell.get("source", "")).strip():
            yield number, cell


def _first_line(cell: Mapping) -> str:
    return _one_line("".join(cell["source"]).strip().splitlines()[0])


def _one_line(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= 300 else line[:299] + "…"


def _watch(lifeline: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv_bytes()
    _end_children()
    os._exit(1)


def _end_children() -> None:
    import psutil

    children = psutil.Process().children(recursive=True)
    for child in children:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
