"""Sealing a form's process: files of the register and starting programs are refused there for good.

The process boundary (`receiver`) already keeps observations and passwords out of a form's kernel. The seal is
a second line on one person's machine, where the same user owns both processes: Python's own audit events
refuse to open, list or link anything in the private folders and to start another program. It cannot be taken
off. It does not hold against native code; between people, run the receiver as another user of the system.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Credentials and addresses a form's process has no use for.
SECRETS = ("SOSRAKE_DATABASE", "SOSRAKE_FRONT", "SOSRAKE_HOME", "PGPASSWORD", "PGPASSFILE", "PGSERVICEFILE")
_PATH_EVENTS = frozenset(
    {"open", "os.listdir", "os.scandir", "os.link", "os.symlink", "os.rename", "os.remove", "os.truncate"}
    | {"os.chmod", "os.chown", "os.utime", "os.rmdir", "os.mkdir", "sqlite3.connect", "shutil.copyfile"}
    | {
        "shutil.copytree",
        "shutil.move",
        "shutil.rmtree",
        "glob.glob",
        "pathlib.Path.glob",
        "pathlib.Path.rglob",
    }
)
_PROGRAM_EVENTS = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn"}
)
_NATIVE_EVENTS = frozenset({"ctypes.dlopen", "ctypes.dlsym", "sqlite3.load_extension"})


def filtered(environment: dict[str, str]) -> dict[str, str]:
    """Give an environment without the register's addresses and credentials, for starting a form's kernel.

    Examples
    --------
    >>> from sosrake_lib.register.seal import filtered
    >>> filtered({"PATH": "/bin", "SOSRAKE_DATABASE": "postgresql://x", "SOSRAKE_INTAKE": "127.0.0.1:1"})
    {'PATH': '/bin', 'SOSRAKE_INTAKE': '127.0.0.1:1'}
    """
    return {name: value for name, value in environment.items() if name not in SECRETS}


def seal(private: Iterable[Path | str]) -> None:
    """Refuse, from now on and for good, what would reach the private folders from this process.

    Parameters
    ----------
    private : folders of the register: the private folder, and the front's and the register's files' folders.

    Raises afterwards
    -----------------
    PermissionError at each try to open, list, link or move something there, to start a program, or to load
    native code by hand.
    """
    folders = tuple(os.path.realpath(place) for place in private)
    for name in SECRETS:
        os.environ.pop(name, None)

    def refuse(event: str, details: tuple[Any, ...]) -> None:
        if event in _PROGRAM_EVENTS or event in _NATIVE_EVENTS:
            raise PermissionError(f"register: a sealed process may not {event}")
        if event in _PATH_EVENTS and any(_inside(one, folders) for one in details):
            raise PermissionError("register: a sealed process may not reach the register's folder")

    sys.addaudithook(refuse)


def _inside(given: Any, folders: tuple[str, ...]) -> bool:
    if isinstance(given, bytes):
        given = os.fsdecode(given)
    if not isinstance(given, str | os.PathLike):
        return False
    text = os.fspath(given)
    text = os.fsdecode(text) if isinstance(text, bytes) else text
    if text.startswith("file:"):
        text = text[5:].partition("?")[0]
    try:
        real = os.path.realpath(text)
    except (OSError, ValueError):
        return True
    return any(real == folder or real.startswith(folder + os.sep) for folder in folders)
