"""One connection a host, and a pause between two calls, over all processes of this user.

A small SQLite file of each host under home()/cache/hosts is locked while the host is called and holds the
time of the last call: its lock works on every system and ends with the process that held it. The services
promise no rate, so we stay far below what could disturb.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sosrake_lib import samples
from sosrake_lib.errors import GatherError


@contextmanager
def turn(host: str, pause: float, longest_wait: float) -> Iterator[None]:
    """Hold the turn of calling a host.

    Parameters
    ----------
    host : name of the host, with its port where one is given.
    pause : seconds that must have passed since the last call to this host ended.
    longest_wait : seconds to wait for another process that is calling the same host.

    Raises
    ------
    GatherError when another process keeps the turn longer than that.
    """
    file = samples.home() / "cache" / "hosts" / f"{host.replace(':', '_')}.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=longest_wait, isolation_level=None)) as held:
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise GatherError(
                f"{host}: another gathering is asking this service now; let it end, then try again"
            ) from None
        held.execute("CREATE TABLE IF NOT EXISTS call (ended REAL)")
        last = held.execute("SELECT max(ended) FROM call").fetchone()[0]
        left = 0.0 if last is None else pause - (time.time() - last)
        # A clock that was set back must not hold a turn for hours.
        if 0 < left <= pause:
            time.sleep(left)
        try:
            yield
        finally:
            held.execute("DELETE FROM call")
            held.execute("INSERT INTO call VALUES (?)", (time.time(),))
            held.execute("COMMIT")
