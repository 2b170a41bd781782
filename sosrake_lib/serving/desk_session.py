"""Who sits at the desk: a token in a file of one's own, a login by form, a session in memory.

The token is written into a file that its owner alone can read and is never part of an address. A wrong one is
answered slowly, and wrong ones wait for each other: trying many at once is no faster.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sosrake_lib import samples
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.serving.forms_memory import Memory

FOLDER = "tyopoyta"
SUFFIX = ".tunnus"
FIRST_USER = "tp1"
WRONG_SECONDS = 2.0
MOST_WAITING = 20
SESSION_SECONDS = 30 * 60
_USER = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass
class Session:
    """One logged-in person's work: user name, the key of their forms, and answers to what they did."""

    user: str
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    answers: Memory[Any] = field(default_factory=lambda: Memory(SESSION_SECONDS, most=20))


@dataclass
class Door:
    """Opens sessions to those who bring a right token.

    Attributes
    ----------
    wait : what makes a wrong answer slow; awaited with the number of seconds.
    """

    folder: Path
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    sessions: Memory[Session] = field(default_factory=lambda: Memory(SESSION_SECONDS, most=50))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    async def open(self, token: str) -> str | None:
        """Give the name of a new session; None, after a while, for a wrong token."""
        user = owner(self.folder, token)
        if user is not None:
            return self.sessions.put(Session(user))
        if self._waiting >= MOST_WAITING:
            return None
        self._waiting += 1
        try:
            async with self._turn:
                await self.wait(WRONG_SECONDS)
        finally:
            self._waiting -= 1
        return None


def tokens_folder() -> Path:
    """Give the folder of the tokens, in the private folder."""
    return samples.home() / FOLDER


def make_token(user: str, folder: Path | None = None) -> Path:
    """Make a new token for a user and give the file it stands in; an older one of the user ends.

    Parameters
    ----------
    user : a pseudonymous user name: small letters, numbers, `-` and `_`.

    Raises
    ------
    SosrakeError for a name of another form.
    """
    if not _USER.fullmatch(user):
        raise SosrakeError(say("tyopoyta.error.user", user=repr(user)))
    place = folder or tokens_folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = place / f"{user}{SUFFIX}"
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(f"{secrets.token_urlsafe(32)}\n")
    return file


def remove_token(user: str, folder: Path | None = None) -> None:
    """Take a user's token away; their open session ends when the desk is started again.

    Raises
    ------
    SosrakeError when the user has none.
    """
    file = (folder or tokens_folder()) / f"{user}{SUFFIX}"
    if not _USER.fullmatch(user) or not file.is_file():
        raise SosrakeError(say("tyopoyta.error.no_user", user=repr(user)))
    file.unlink()


def owner(folder: Path, token: str) -> str | None:
    """Give the user whose token it is; every token is compared, so that time tells nothing."""
    found = None
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        known = file.read_text(encoding="ascii").strip()
        if hmac.compare_digest(known.encode(), token.strip().encode()) and known:
            found = file.name.removesuffix(SUFFIX)
    return found


def check_folder(folder: Path) -> tuple[str, ...]:
    """Give the users there are.

    Raises
    ------
    SosrakeError when others than the owner can read a token.
    """
    files = sorted(folder.glob(f"*{SUFFIX}"))
    for file in files:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise SosrakeError(say("tyopoyta.error.readable", file=str(file)))
    return tuple(file.name.removesuffix(SUFFIX) for file in files)
