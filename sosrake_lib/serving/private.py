"""Forms with people's answers: taken by POST from this very page, handed to one kernel, written nowhere.

A browser keeps the body of a POST in the files of a session it may restore (Chromium's `Sessions/Tabs_*` was
seen to). So a POST is answered with a one-time address, and the page is fetched from there: what stays in the
browser is an address that leads nowhere.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError

MOST_FORM_BYTES = 6000
# What the server itself reads of a request, headers apart, before anything of ours looks at it.
MOST_BODY_BYTES = 65_536
WAIT_SECONDS = 60
MOST_WAITING = 16
_FORM_TYPE = "application/x-www-form-urlencoded"
_ADDRESS = re.compile(r"tulos/([\w-]{22})")


@dataclass
class Waiting:
    """Forms that came and whose page is not asked for yet: each is given once, and only for a minute.

    Examples
    --------
    >>> waiting = Waiting()
    >>> address = waiting.put("ennen_1=3")
    >>> waiting.take(address), waiting.take(address)
    ('ennen_1=3', None)
    """

    clock: Callable[[], float] = time.monotonic
    _forms: dict[str, tuple[float, str]] = field(default_factory=dict, repr=False)

    def put(self, text: str) -> str:
        """Keep a form in memory and give the address (without the first slash) of its page."""
        self.forget_old()
        while len(self._forms) >= MOST_WAITING:
            del self._forms[next(iter(self._forms))]
        token = secrets.token_urlsafe(16)
        self._forms[token] = (self.clock() + WAIT_SECONDS, text)
        return f"tulos/{token}"

    def take(self, address: str) -> str | None:
        """Give a form and forget it; None when it was given already, is too old or never came."""
        self.forget_old()
        found = _ADDRESS.fullmatch(address)
        kept = self._forms.pop(found[1], None) if found else None
        return None if kept is None else kept[1]

    def forget_old(self) -> None:
        """Forget the forms nobody came for."""
        now = self.clock()
        for token in [token for token, (until, _) in self._forms.items() if until <= now]:
            del self._forms[token]


def is_result(address: str | None) -> bool:
    """Tell the address of a form's page from others.

    Examples
    --------
    >>> is_result("tulos/" + "a" * 22), is_result("api/kernels"), is_result("")
    (True, False, False)
    """
    return bool(_ADDRESS.fullmatch(address or ""))


def form_of(request: HTTPServerRequest) -> str:
    """Give the text of a form that may be handed to a kernel.

    Raises
    ------
    HTTPError 413 for one larger than any form of ours, 415 for another type or text that is not a form's.
    """
    if len(request.body) > MOST_FORM_BYTES:
        raise HTTPError(413, "form too long")
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != _FORM_TYPE:
        raise HTTPError(415, "not a form")
    try:
        text = request.body.decode("ascii")
    except UnicodeDecodeError:
        raise HTTPError(415, "not a form") from None
    if "\0" in text:
        raise HTTPError(415, "not a form")
    return text


def check_sender(request: HTTPServerRequest) -> None:
    """Refuse a form that another site's page sends (403).

    Our pages send no referrer, so browsers say `Origin: null` with a form of ours too; `Sec-Fetch-Site`,
    which no page can set, tells the two apart. A browser without it is judged by `Origin` alone, where
    another site's name is refused; a program that is no browser sends neither.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = (None, "null", f"{request.protocol}://{request.host}")
    if (site is not None and site != "same-origin") or origin not in own:
        raise HTTPError(403, "form of another site")


@contextmanager
def silent_log() -> Iterator[None]:
    """Let no log record of this process carry a value: only where it was written and the type of a fault.

    Voilà logs a failing cell with its traceback, and a traceback may quote what was entered.
    """
    usual = logging.getLogRecordFactory()

    def bare(
        name: str, level: int, path: str, line: int, message: object, args: object, fault: Any, *more: Any
    ) -> logging.LogRecord:
        kind = fault[0].__name__ if isinstance(fault, tuple) and fault[0] is not None else ""
        return usual(name, level, path, line, f"({path.rpartition('/')[2]}:{line}) {kind}", (), None)

    logging.setLogRecordFactory(bare)
    try:
        yield
    finally:
        logging.setLogRecordFactory(usual)
