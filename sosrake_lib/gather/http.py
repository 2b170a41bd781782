"""Answers of remote sources: one deadline, one size cap, few retries, a checked cache, an offline switch.

A client's own read time-out counts the pause between bytes, so an answer that drips can last for ever;
here the whole call has one budget of time. Nothing enters the cache before its content was checked.
"""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import json
import logging
import os
import threading
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import httpx
import stamina

from sosrake_lib.errors import GatherError, StaleDataWarning
from sosrake_lib.gather import cache, polite
from sosrake_lib.gather.parsing import parse_json

USER_AGENT = "sosrake/0.1 (open workbook for structural social work; python-httpx)"
ACCEPT = "application/json, text/csv;q=0.9, text/plain;q=0.8"
OFFLINE_VARIABLE = "SOSRAKE_OFFLINE"
RETRIED = (429, 502, 503, 504)

# A library does not decide how a retry is logged; without this, Python prints it bare on the terminal.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Limits:
    """What one call may cost; the defaults are those of the workbook, tests shorten them.

    `deadline` seconds cover all tries and pauses of a call; only a pause the source itself asks for with
    Retry-After (at most `longest_wait` seconds each) is granted on top of it. `between` seconds pass between
    two calls to the same host, which is called over one connection at a time.
    """

    deadline: float = 60.0
    decoded_bytes: int = 50_000_000
    retries: int = 3
    longest_wait: float = 60.0
    first_pause: float = 0.5
    redirects: int = 5
    between: float = 0.0


# What a source's own module asks with, where nothing else is said: two calls a second at most.
POLITE = Limits(between=0.5)
Parse = Callable[[bytes, str], Any]


@dataclass(frozen=True)
class Answer:
    """A checked answer: parsed content and where, when and under which licence it came."""

    content: Any
    url: str
    source: str
    licence: str
    retrieved: datetime
    sha256: str
    stale: bool


@dataclass(frozen=True)
class Source:
    """A remote service: its name, address, licence, limits, and how long an answer counts as fresh.

    Examples
    --------
    >>> Source("thl_sotkanet", "ftp://sotkanet.fi", "CC BY 4.0").get("regions")
    Traceback (most recent call last):
    ...
    sosrake_lib.errors.GatherError: thl_sotkanet: address 'ftp://sotkanet.fi'; expected https; mend base_url
    """

    name: str
    base_url: str
    licence: str
    offline: bool = False
    limits: Limits = field(default_factory=Limits)
    fresh_for: timedelta = timedelta(days=1)

    def get(
        self,
        path: str,
        parameters: Sequence[tuple[str, str]] = (),
        check: Callable[[Any], Any] | None = None,
        parse: Parse = parse_json,
    ) -> Answer:
        """Fetch with GET; `parse` and `check(content)` raise GatherError before anything is stored."""
        return self._answer("GET", path, parameters, None, check, parse)

    def post(self, path: str, body: Mapping[str, Any], check: Callable[[Any], Any] | None = None) -> Answer:
        """Fetch JSON with POST of a JSON body; stored and checked as `get`."""
        return self._answer("POST", path, (), body, check, parse_json)

    def _answer(
        self,
        method: str,
        path: str,
        parameters: Sequence[tuple[str, str]],
        body: Mapping[str, Any] | None,
        check: Callable[[Any], Any] | None,
        parse: Parse,
    ) -> Answer:
        _check_address(self)
        url = f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"
        if parameters:
            url = str(httpx.URL(url, params=tuple(parameters)))
        sent = b"" if body is None else json.dumps(body, sort_keys=True).encode("utf-8")
        stored = cache.read(self.name, method, url, sent)
        if stored is not None and (is_offline(self.offline) or _age(stored) <= self.fresh_for):
            return self._stored(stored, url, "offline", check, parse)
        if is_offline(self.offline):
            raise GatherError(
                f"{self.name}: offline, and {url} is not in the cache; "
                f"run once without --offline (and without {OFFLINE_VARIABLE}), or copy a cache here"
            )
        try:
            with polite.turn(httpx.URL(url).netloc.decode(), self.limits.between, self.limits.deadline):
                raw = _fetch(method, url, sent, self)
            content = parse(raw, f"{self.name}: {url}")
            if check is not None:
                check(content)
        except GatherError as problem:
            if stored is None:
                raise
            return self._stored(stored, url, str(problem), check, parse)
        kept = cache.write(self.name, method, url, sent, raw, self.licence)
        return Answer(content, url, self.name, self.licence, kept.retrieved, kept.sha256, False)

    def _stored(
        self, stored: cache.Stored, url: str, why: str, check: Callable[[Any], Any] | None, parse: Parse
    ) -> Answer:
        content = parse(stored.body, f"{self.name}: cache of {url}")
        if check is not None:
            check(content)
        stale = _age(stored) > self.fresh_for
        if stale:
            days = max(1, round(_age(stored) / timedelta(days=1)))
            warnings.warn(
                f"{self.name}: using data stored {days} days ago ({stored.retrieved:%Y-%m-%d}): {why}",
                StaleDataWarning,
                stacklevel=4,
            )
        return Answer(content, url, self.name, stored.licence, stored.retrieved, stored.sha256, stale)


def is_offline(offline: bool = False) -> bool:
    """Say whether sockets are forbidden: by argument or by the environment variable SOSRAKE_OFFLINE."""
    return offline or os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in ("", "0", "false", "no")


def retry_after(header: str | None, now: datetime) -> float | None:
    """Read a Retry-After header (seconds or HTTP date) into seconds from `now`; None when it says nothing.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> retry_after("Wed, 21 Oct 2026 07:28:10 GMT", datetime(2026, 10, 21, 7, 28, tzinfo=UTC))
    10.0
    >>> retry_after("7", datetime(2026, 1, 1, tzinfo=UTC))
    7.0
    """
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class _Passing(Exception):
    """A failure that may pass: worth another try, after `wait` seconds when the source named them."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class _Budget:
    """The time left for one call; a pause the source asked for is added to it."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self) -> float:
        return self._end - monotonic()

    def grant(self, seconds: float) -> None:
        self._end += seconds


def _fetch(method: str, url: str, sent: bytes, source: Source) -> bytes:
    limits = source.limits
    budget = _Budget(limits.deadline)

    def pause(problem: Exception) -> bool | float:
        if not isinstance(problem, _Passing) or budget.left() <= 0:
            return False
        if problem.wait is None:
            return True
        if problem.wait > limits.longest_wait:
            return False
        budget.grant(problem.wait)
        return problem.wait

    tries = stamina.retry_context(
        on=pause,
        attempts=limits.retries + 1,
        timeout=None,
        wait_initial=limits.first_pause,
        wait_max=max(limits.first_pause * 8, limits.first_pause),
        wait_jitter=limits.first_pause,
    )
    try:
        for attempt in tries:
            with attempt:
                return _one_try(method, url, sent, source, budget)
    except _Passing as problem:
        raise GatherError(f"{source.name}: {url}: {problem}; try again later") from None
    raise GatherError(f"{source.name}: {url}: no try was made; set retries to 0 or more")


def _one_try(method: str, url: str, sent: bytes, source: Source, budget: _Budget) -> bytes:
    """Run one try in a thread of its own, so that it can be left behind when the time is up.

    The thread has its own event loop: a notebook's running loop does not matter, and the deadline
    covers name look-up, connection, headers and body alike.
    """
    left = budget.left()
    late = GatherError(
        f"{source.name}: {url}: no whole answer in {source.limits.deadline:g} s; "
        "try again later or ask for less"
    )
    if left <= 0:
        raise late
    done: Future[bytes] = Future()

    def work() -> None:
        try:
            done.set_result(asyncio.run(_timed(method, url, sent, source, left)))
        except BaseException as problem:
            done.set_exception(problem)

    threading.Thread(target=work, name="sosrake-gather", daemon=True).start()
    try:
        return done.result(timeout=left + 1.0)
    except (TimeoutError, FutureTimeout):
        raise late from None


async def _timed(method: str, url: str, sent: bytes, source: Source, seconds: float) -> bytes:
    async with asyncio.timeout(seconds):
        return await _through_redirects(method, url, sent, source)


async def _through_redirects(method: str, url: str, sent: bytes, source: Source) -> bytes:
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": "application/json, text/csv;q=0.9, text/plain;q=0.8",
        "Accept-Encoding": "gzip",
    }
    if method == "POST":
        headers["Content-Type"] = "application/json"
    # A proxy of the environment must not catch a stand-in that runs on this machine.
    trust = not _is_loopback(httpx.URL(source.base_url).host)
    async with httpx.AsyncClient(headers=headers, timeout=None, trust_env=trust) as client:
        for _ in range(source.limits.redirects + 1):
            try:
                async with client.stream(method, url, content=sent or None) as response:
                    if response.is_redirect:
                        url = _next_address(url, response, method, source)
                        continue
                    _check_status(response, url, source)
                    return await _body(response, url, source)
            except httpx.TransportError as problem:
                said = str(problem) or type(problem).__name__
                raise _Passing(f"the connection failed ({said})") from None
    raise GatherError(f"{source.name}: {url}: redirected in a circle; report it to the source")


def _next_address(url: str, response: httpx.Response, method: str, source: Source) -> str:
    old = httpx.URL(url)
    try:
        new = old.join(response.headers.get("location", ""))
    except httpx.InvalidURL:
        raise GatherError(f"{source.name}: {url}: redirected to an address that cannot be read") from None
    loopback = _is_loopback(old.host) and new.scheme == "http"
    if (
        (new.scheme != "https" and not loopback)
        or new.host != old.host
        or (loopback and new.port != old.port)
    ):
        raise GatherError(
            f"{source.name}: {url}: redirected to {new.scheme}://{new.host}; "
            "only https on the same host is followed; check the address of the service"
        )
    if method == "POST" and response.status_code not in (307, 308):
        raise GatherError(f"{source.name}: {url}: a query was redirected; check the address of the service")
    return str(new)


def _check_status(response: httpx.Response, url: str, source: Source) -> None:
    code = response.status_code
    if code == 200:
        return
    if code in RETRIED:
        wait = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        raise _Passing(f"the source answered {code}" + (f", wait {wait:.0f} s" if wait else ""), wait)
    advice = {
        400: "the query names something the source does not have; check codes and years",
        403: "the source refuses the query (too many cells, or this network); ask for less",
        404: "the source has no such indicator or table; check its id",
    }
    raise GatherError(f"{source.name}: {url}: answered {code}; {advice.get(code, 'try again later')}")


async def _body(response: httpx.Response, url: str, source: Source) -> bytes:
    """Read and unpack piece by piece, so that neither an endless body nor a packed bomb fills the memory."""
    limit = source.limits.decoded_bytes
    packed = response.headers.get("content-encoding", "").strip().lower()
    if packed not in ("", "identity", "gzip"):
        raise GatherError(f"{source.name}: {url}: packed as {packed[:20]!r}; expected gzip or nothing")
    unpack = zlib.decompressobj(wbits=31) if packed == "gzip" else None
    pieces, size = [], 0
    async for piece in response.aiter_raw():
        if unpack is not None:
            try:
                piece = unpack.decompress(piece, limit - size + 1)
            except zlib.error:
                raise GatherError(f"{source.name}: {url}: the packed answer is broken; try again") from None
        size += len(piece)
        if size > limit:
            raise GatherError(
                f"{source.name}: {url}: the answer is larger than {limit / 1e6:g} MB; "
                "ask for fewer years or areas"
            )
        pieces.append(piece)
    if unpack is not None and not unpack.eof:
        raise _Passing("the packed answer was cut")
    return b"".join(pieces)


def _check_address(source: Source) -> None:
    try:
        url = httpx.URL(source.base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if (url.scheme == "https" and url.host) or (url.scheme == "http" and _is_loopback(url.host)):
        return
    raise GatherError(f"{source.name}: address {source.base_url!r}; expected https; mend base_url")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _age(stored: cache.Stored) -> timedelta:
    return max(datetime.now(UTC) - stored.retrieved, timedelta(0))
