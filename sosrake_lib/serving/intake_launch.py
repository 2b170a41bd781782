"""Starting the reporting form: a receiver that may only insert, and beside it the process people reach.

browser -> form's process (no file, no password) -> receiver (inserts into the front) ... desk -> register
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather import identifiers
from sosrake_lib.language import say
from sosrake_lib.register import Receiver, open_counter, open_front
from sosrake_lib.serving.forms_page import document
from sosrake_lib.serving.intake_process import TAKEN

# What an organisation says of its own: the county whose areas are offered, names of its reverse proxy.
COUNTY, HOSTS = "SOSRAKE_INTAKE_COUNTY", "SOSRAKE_APP_HOSTS"
DOCUMENTS = {
    "ohje": Path("docs") / "ohjeistus_sosiaalinen_raportointi.md",
    "tietosuoja": Path("docs") / "tietosuoja" / "tietosuojaseloste.md",
}
DEFAULT_PORT = 8867
_ANY_NAME = "Eräs Virtanen kertoi asiasta."
_PASSED_ON = (
    *("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "WINDIR", "VIRTUAL_ENV"),
    *("LD_LIBRARY_PATH", "PYTHONUTF8"),
)


@dataclass(frozen=True, slots=True)
class Serving:
    """A form that is being served: its address and its process."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def serving(project: Path, port: int | None = None, language: str = "fi") -> Iterator[Serving]:
    """Serve the form while the context lasts.

    Parameters
    ----------
    port : None takes 8867 or, when it is in use, a free one.

    Raises
    ------
    SosrakeError when the port is taken, the county is not known or the process does not start.
    """
    counter = open_counter()
    try:
        if counter.front.is_file:
            # A server's tables are made by the desk's owner; a file's may be made here, then let go of.
            open_front().close()
        # The word lists are read while the form's process starts: the first visitor does not wait for them.
        threading.Thread(
            target=identifiers.find, args=("Eräs Virtanen kertoi asiasta.",), daemon=True
        ).start()
        with Receiver(counter) as receiver:
            process, bound = _start(project, receiver.address, port, language)
            try:
                yield Serving(f"http://127.0.0.1:{bound}/", process)
            finally:
                _stop(process)
    finally:
        counter.close()


def environment() -> dict[str, str]:
    """Give the environment of the form's process: nothing that names the register, its folder or a password.

    Examples
    --------
    >>> import os
    >>> os.environ["SOSRAKE_DATABASE"] = "postgresql://salasana@palvelin/sosrake"
    >>> "SOSRAKE_DATABASE" in environment()
    False
    >>> del os.environ["SOSRAKE_DATABASE"]
    """
    kept = {name: value for name, value in os.environ.items() if name.upper() in _PASSED_ON}
    package = str(Path(__file__).resolve().parents[2])
    return {**kept, "PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}


def hosts() -> list[str]:
    """Give the names under which a reverse proxy on this machine serves the apps."""
    return [name.strip() for name in os.environ.get(HOSTS, "").split(",") if name.strip()]


def _start(
    project: Path, receiver: str, port: int | None, language: str
) -> tuple[subprocess.Popen[str], int]:
    told = {
        "receiver": receiver,
        "county": _county(),
        "language": language,
        "hosts": hosts(),
        "documents": {name: document(project / file) for name, file in DOCUMENTS.items()},
    }
    for candidate in (DEFAULT_PORT, 0) if port is None else (port,):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "sosrake_lib.serving.intake_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=environment(),
            cwd=tempfile.gettempdir(),
        )
        if process.stdin is None or process.stdout is None:
            raise SosrakeError(say("serving.error.form_process"))
        process.stdin.write(json.dumps({**told, "port": candidate}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline().strip()
        if line.isdecimal():
            return process, int(line)
        if process.wait(timeout=30) != TAKEN:
            raise SosrakeError(say("serving.error.form_process"))
    raise SosrakeError(say("serving.error.port", port=str(port)))


def _stop(process: subprocess.Popen[str]) -> None:
    """Close the pipe, which ends the process; a process that does not listen is ended by force."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _county() -> str:
    code = os.environ.get(COUNTY, "").strip()
    if code and code not in regions.codes("hva", invented=True):
        raise SosrakeError(say("serving.error.county", variable=COUNTY, code=repr(code)))
    return code


__all__ = ["Serving", "environment", "hosts", "serving"]
