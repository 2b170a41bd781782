"""A fence around the process that serves the form: no file but the program's own, no database, no neighbour.

The process is given no address of the register and no password to begin with. The fence is for what it could
find by itself: once raised it cannot be taken down (`sys.addaudithook`), and it holds for any Python code of
the process. It is no wall against native code; the operating system's own means (a user of its own) are.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

_NEVER = (
    *("sqlite3.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"),
    *("os.forkpty", "os.startfile", "ctypes.dlopen", "os.remove", "os.rename", "os.link", "os.symlink"),
    *("os.truncate", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "shutil.copyfile", "socket.sendto"),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def raise_fence(receiver: str) -> None:
    """Let this process read its own program and speak to one address from now on, and nothing else.

    Parameters
    ----------
    receiver : "host:port" of the receiver of forms.

    Notes
    -----
    What is refused raises PermissionError, whose message says what kind of thing was tried and no name.
    """
    host, _, port = receiver.rpartition(":")
    neighbour = (host, int(port))
    roots = _program()

    def judge(event: str, given: tuple[Any, ...]) -> None:
        if event in _NEVER:
            raise PermissionError(f"the form's process may not: {event}")
        if event == "open" and not _may_open(given, roots):
            raise PermissionError("the form's process may not open this file")
        if event == "socket.connect" and tuple(given[1][:2]) != neighbour:
            raise PermissionError("the form's process may not connect there")

    sys.addaudithook(judge)


def _program() -> tuple[str, ...]:
    """Name the folders of the program itself: the interpreter's library, packages and this package."""
    own = str(Path(__file__).resolve().parents[1])
    named = [*(sysconfig.get_paths()[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")), own]
    return tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in named)


def _may_open(given: tuple[Any, ...], roots: tuple[str, ...]) -> bool:
    path, mode, flags = (*given, None, None)[:3]
    if not isinstance(path, str | bytes | os.PathLike):
        return True
    writes = any(sign in (mode or "") for sign in "wax+") or bool((flags or 0) & _WRITING)
    return not writes and os.path.realpath(os.fsdecode(path)).startswith(roots)
