"""Fixtures every test may use, and the rule that an unexpected skip fails in CI."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sosrake_lib.register import Register


PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
ALLOWED_SKIPS = PROJECT / "tests" / "allowed_skips.txt"

# One BLAS thread: results and timing do not depend on the machine's cores.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("../shared is not beside the project")
    return SHARED


@pytest.fixture
def own(home, monkeypatch) -> Iterator[Register]:
    """Give a house's own empty register, in the memory of the test."""
    from sosrake_lib.register import open_register  # not above: numpy is read after the variables are set

    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)
    register = open_register()
    yield register
    register.close()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """Give each test a memory of its own, so that no test writes to the user's ledger."""
    place = tmp_path / "sosrake_home"
    place.mkdir()
    monkeypatch.setenv("SOSRAKE_HOME", str(place))
    monkeypatch.setenv("SOSRAKE_RELEASES", str(tmp_path / "releases"))
    for name in ("SOSRAKE_DATA", "SOSRAKE_PROJECT"):
        # Set first, so that what a command sets within the test is taken away after it too.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return place


@pytest.fixture(scope="module", autouse=True)
def no_loop_left_running() -> Iterator[None]:
    """Name the module that leaves an event loop running: no browser would open in the modules after it."""
    yield
    with suppress(RuntimeError):
        left = asyncio.get_running_loop()
        pytest.fail(f"{left} still runs after the module: close its browser or its loop", pytrace=False)


def allowed_skips(text: str) -> dict[str, str]:
    """Read `nodeid | reason` lines; a line without a reason is an error."""
    allowed = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        node, _, reason = (part.strip() for part in line.partition("|"))
        if not reason:
            raise ValueError(f"tests/allowed_skips.txt: {node} has no reason; write `nodeid | reason`")
        allowed[node] = reason
    return allowed


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    expected = hasattr(report, "wasxfail")
    if not report.skipped or expected or os.environ.get("CI") != "true":
        return
    if item.nodeid.split("[")[0] not in allowed_skips(ALLOWED_SKIPS.read_text(encoding="utf-8")):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI without a line in tests/allowed_skips.txt: {report.longrepr}"
