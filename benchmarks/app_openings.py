"""Openings of the apps that show figures: pages asked for again and again, none may stall.

An app is started as `sosrake app NAME` starts it and asked for several pages at a time. A page counts as
opened when it has come to its end (its last mark), without a box that says it failed, within the limit.
Afterwards no kernel may be left. Exit code 1 when a page stalls, fails or leaves a kernel.

Run by `make drills`, or `python benchmarks/app_openings.py --openings 8 --app paattajan_nakyma`.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlsplit

import psutil

PROJECT = Path(__file__).resolve().parents[1]
ADDRESSES = {
    "tilannekuva": (
        "/",
        "/?alue=kunta-297&teema=asuminen&jakso=2019",
        "/?alue=hva-12&teema=huono_osaisuus&jakso=2018/2020",
        "/?alue=kunta-507&teema=koyhyys&kieli=en",
    ),
    "paattajan_nakyma": (
        "/",
        "/?alue=kunta-697&teema=tyottomyys",
        "/?alue=hva-13&kieli=en",
        "/?alue=hva-E1",
    ),
}
START_SECONDS = 120
PAGE_SECONDS = 130  # ten more than the server's own limit, so that its answer is seen
KERNEL_SECONDS = 10
LAST_MARK, FAILED_MARK = 'id="valmis"', 'id="failed"'


@dataclass(frozen=True)
class Opening:
    """How one opening went: `fault` is empty when the page came to its end."""

    address: str
    seconds: float
    fault: str


def started(home: str, app: str) -> tuple[subprocess.Popen, str]:
    """Start an app and give its process and address."""
    code = "import sys; from sosrake_lib.serving import serve; serve(sys.argv[1], app=sys.argv[2])"
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(PROJECT), app],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**os.environ, "SOSRAKE_HOME": home, "PYTHONUTF8": "1"},
    )
    deadline = threading.Timer(START_SECONDS, server.kill)
    deadline.start()
    for line in server.stdout or ():
        if found := re.search(r"http://[\d.]+:\d+", line):
            deadline.cancel()
            return server, found.group()
    deadline.cancel()
    raise SystemExit(f"the app did not start in {START_SECONDS} s")


def opened(base: str, address: str) -> Opening:
    """Ask for a page as a browser does and read it to its end; the socket's limit bounds each read."""
    begun = time.monotonic()
    place = urlsplit(base)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=PAGE_SECONDS)
    try:
        connection.request("GET", address, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
    except (OSError, http.client.HTTPException) as fault:
        return Opening(address, time.monotonic() - begun, type(fault).__name__)
    finally:
        connection.close()
    seconds = time.monotonic() - begun
    if answer.status != 200:
        return Opening(address, seconds, f"status {answer.status}")
    if LAST_MARK not in text or FAILED_MARK in text:
        return Opening(address, seconds, "not whole")
    return Opening(address, seconds, "" if seconds < PAGE_SECONDS else "late")


def kernels_left(server: subprocess.Popen) -> int:
    """Count the server's child processes that are still there after a short while."""
    end = time.monotonic() + KERNEL_SECONDS
    while True:
        children = [
            child
            for child in psutil.Process(server.pid).children(recursive=True)
            if child.status() != psutil.STATUS_ZOMBIE
        ]
        if not children or time.monotonic() > end:
            return len(children)
        time.sleep(0.2)


def drill(app: str, openings: int, at_a_time: int) -> tuple[list[Opening], int]:
    """Open the app's pages so many times, so many at a time."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        server, base = started(home, app)
        try:
            asked = list(islice(cycle(ADDRESSES[app]), openings))
            with ThreadPoolExecutor(at_a_time) as readers:
                found = list(readers.map(lambda address: opened(base, address), asked))
            return found, kernels_left(server)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def report(app: str, openings: int, at_a_time: int) -> bool:
    """Run the drill of one app, print its figures and say whether it went well."""
    found, left = drill(app, openings, at_a_time)
    seconds = [one.seconds for one in found]
    faults = [one for one in found if one.fault]
    for one in faults:
        print(f"{app} {one.address}: {one.fault} after {one.seconds:.1f} s")
    print(
        f"{app}: {len(found)} openings, {at_a_time} at a time: {len(faults)} stalled or failed; "
        f"median {statistics.median(seconds):.1f} s, slowest {max(seconds):.1f} s; kernels left {left}",
        flush=True,
    )
    return not faults and left == 0


def main() -> int:
    """Run the drill of each app, or of the one asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--openings", type=int, default=20)
    parser.add_argument("--at-a-time", type=int, default=4)
    parser.add_argument("--app", choices=tuple(ADDRESSES), help="one app; all when left out")
    asked = parser.parse_args()
    names = (asked.app,) if asked.app else tuple(ADDRESSES)
    went_well = [report(name, asked.openings, asked.at_a_time) for name in names]
    return int(not all(went_well))


if __name__ == "__main__":
    sys.exit(main())
