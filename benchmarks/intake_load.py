"""How long eight people at once wait for the reporting form, in a real browser, and whether all are saved.

Run: `python benchmarks/intake_load.py [--people 8] [--rounds 5]`; it makes a private folder of its own. Each
person opens the form, fills it and sends it with a double click; all send at the same moment.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
FULL = {
    "tiedontuottaja": "ammattilainen",
    "alue": "kunta:E01",
    "teema": "asuminen",
    "havainto": "Jonot ovat pitkiä. " * 20,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's waits in seconds, and the receipt."""

    opened: float
    saved: float
    code: str


async def report(browser, url: str, number: int, here: asyncio.Barrier) -> Turn:
    """Open, fill and send the form once."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await here.wait()
    start = time.perf_counter()
    await page.goto(url)
    opened = time.perf_counter() - start
    await page.check("input[value=ammattilainen]")
    await page.select_option("#alue", "kunta:E01")
    await page.select_option("#teema", "asuminen")
    await page.fill("#havainto", f"Havainto numero {number}: jonot ovat pitkiä. " * 20)
    await here.wait()
    start = time.perf_counter()
    await page.dblclick("main form button[type=submit]")
    await page.wait_for_selector(".kuitti")
    saved = time.perf_counter() - start
    code = await page.inner_text(".kuitti")
    await context.close()
    return Turn(opened, saved, code)


def posted(url: str, people: int, rounds: int) -> list[float]:
    """Measure the server alone: people send forms at once without a browser; seconds of each."""

    def one(_number: int) -> list[float]:
        waits = []
        with httpx.Client(base_url=url, timeout=60) as client:
            for _ in range(rounds):
                start = time.perf_counter()
                answer = client.post("/", data={**FULL, "avain": secrets.token_hex(16)})
                waits.append(time.perf_counter() - start)
                if not answer.headers["location"].startswith("/kiitos/"):
                    raise RuntimeError("a form was not saved")
        return waits

    with ThreadPoolExecutor(people) as pool:
        return [wait for waits in pool.map(one, range(people)) for wait in waits]


async def crowd(url: str, people: int, rounds: int) -> list[Turn]:
    """Let people report at once, round after round."""
    from playwright.async_api import async_playwright

    turns: list[Turn] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for turn in range(rounds):
            here = asyncio.Barrier(people)
            turns += await asyncio.gather(
                *(report(browser, url, turn * people + one, here) for one in range(people))
            )
        await browser.close()
    return turns


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=8)
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="sosrake-intake-") as home:
        os.environ["SOSRAKE_HOME"] = home
        from sosrake_lib import register as room
        from sosrake_lib.register.inbox import waiting
        from sosrake_lib.serving.intake_launch import serving

        start = time.perf_counter()
        with serving(PROJECT, 0) as form:
            print(f"start: {time.perf_counter() - start:.1f} s")
            alone = posted(form.url, given.people, given.rounds)
            turns = asyncio.run(crowd(form.url, given.people, given.rounds))
        front = room.open_front()
        saved = waiting(front)
        front.close()
    told = {
        "server alone": alone,
        "open": [one.opened for one in turns],
        "save": [one.saved for one in turns],
    }
    for name, seconds in told.items():
        middle, high, most = np.percentile(seconds, [50, 95, 100])
        print(
            f"{name}: median {middle * 1000:.0f} ms, 95 % {high * 1000:.0f} ms, longest {most * 1000:.0f} ms"
        )
    receipts = len({one.code for one in turns})
    print(f"forms sent {len(turns) + len(alone)}, receipts in browsers {receipts}, saved {saved}")


if __name__ == "__main__":
    main()
