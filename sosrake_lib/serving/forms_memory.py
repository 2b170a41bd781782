"""Memory of a form's server: drafts, receipts and answers that a browser comes for; never on a disk.

A browser may keep the body of a POST in the files of a session it restores. So a POST is answered with an
address of its own, and what it leads to waits here for a while.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

MOST_KEPT = 500
Kept = TypeVar("Kept")


@dataclass
class Memory(Generic[Kept]):
    """Things kept for `seconds` behind addresses nobody can guess; the oldest go when there are too many.

    Examples
    --------
    >>> memory = Memory(60)
    >>> token = memory.put("luonnos")
    >>> memory.get(token), memory.drop(token), memory.get(token)
    ('luonnos', None, None)
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    most: int = MOST_KEPT
    _kept: dict[str, tuple[float, Kept]] = field(default_factory=dict, repr=False)

    def put(self, thing: Kept) -> str:
        """Keep a thing and give its token."""
        self.forget_old()
        while len(self._kept) >= self.most:
            del self._kept[next(iter(self._kept))]
        token = secrets.token_urlsafe(16)
        self._kept[token] = (self.clock() + self.seconds, thing)
        return token

    def get(self, token: str) -> Kept | None:
        """Give a thing; None when it is too old, was dropped or never came."""
        self.forget_old()
        found = self._kept.get(token)
        return None if found is None else found[1]

    def touch(self, token: str) -> None:
        """Let a thing that is in use stay a whole time longer."""
        if token in self._kept:
            self._kept[token] = (self.clock() + self.seconds, self._kept[token][1])

    def drop(self, token: str) -> None:
        """Forget a thing."""
        self._kept.pop(token, None)

    def forget_old(self) -> None:
        """Forget what nobody came for in time."""
        now = self.clock()
        for token in [token for token, (until, _) in self._kept.items() if until <= now]:
            del self._kept[token]
