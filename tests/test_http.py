"""Remote answers: every fault of a bad day ends in one clear line or in the older stored answer."""

from __future__ import annotations

import ast
import json
import re
import socket
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from standin.server import FAULTS, StandIn

from sosrake_lib.errors import GatherError, StaleDataWarning
from sosrake_lib.gather import cache
from sosrake_lib.gather.http import USER_AGENT, Limits, Source, retry_after

# Shortened so that a hanging service costs a test a second, not a minute.
QUICK = Limits(deadline=1.0, decoded_bytes=2_000_000, first_pause=0.01)
PATIENT = Limits(deadline=10.0, decoded_bytes=2_000_000, first_pause=0.01)
REFUSED = {
    "hang": "no whole answer in 1 s",
    "drip": "no whole answer in 1 s",
    "drip-headers": "no whole answer in 1 s",
    "cut-with-length": "the connection failed",
    "cut-without-length": "not whole JSON",
    "cut-gzip": "the packed answer was cut",
    "429-long": "answered 429, wait 3600 s",
    "503": "answered 503",
    "500": "answered 500; try again later",
    "404": "answered 404; the source has no such",
    "400": "answered 400; the query names",
    "login": "a web page, not data",
    "empty": "the answer is empty",
    "nan": "NaN is not a number",
    "infinity": "Infinity is not a number",
    "latin-1": "is not UTF-8",
    "deep": "not whole JSON",
    "loop": "redirected in a circle",
    "to-file": "redirected to file://",
    "to-other-host": "redirected to https://example.invalid",
    "endless": "larger than 2 MB",
    "bomb": "larger than 2 MB",
}
PASSING = ("reset", "429-seconds", "429-date", "503-then-200", "to-same-host", "gzip")
# These break the content of a data call; test_sotkanet.py holds what must be said of each.
CONTENT = ("empty-list", "object", "wrong-fields", "null", "text-number", "duplicates", "unknown-region")


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


def source(server: StandIn, fault: str = "", limits: Limits = QUICK, **more) -> Source:
    return Source("standin", server.sotkanet(fault), "CC BY 4.0", limits=limits, **more)


DATA = ("json", (("indicator", "181"), ("years", "2019"), ("genders", "total")))


def make_old(home: Path, days: int = 40) -> None:
    for file in (home / "cache").rglob("*.json"):
        about = json.loads(file.read_text(encoding="utf-8"))
        about["retrieved"] = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        file.write_text(json.dumps(about), encoding="utf-8")


def test_every_fault_of_the_stand_in_is_tested():
    assert sorted([*REFUSED, *PASSING, *CONTENT]) == sorted(FAULTS)


@pytest.mark.parametrize("fault", REFUSED)
def test_fault_ends_in_one_clear_line_within_the_deadline(server, fault, home):
    # A busy machine may need more than a second for the bytes that make an answer too large.
    limits = PATIENT if "larger than" in REFUSED[fault] else QUICK
    begun = monotonic()
    with pytest.raises(GatherError, match=re.escape(REFUSED[fault])) as refused:
        source(server, fault, limits).get(*DATA)
    assert "\n" not in str(refused.value)
    # The deadline, and the second the caller grants a thread that is being left behind.
    assert monotonic() - begun < limits.deadline + 2.5
    assert list(home.rglob("*.json")) == []


@pytest.mark.parametrize("fault", PASSING)
def test_passing_trouble_is_waited_out(server, fault):
    answer = source(server, fault, PATIENT).get(*DATA)
    assert len(answer.content) == 8 and not answer.stale


@pytest.mark.parametrize("fault", ["404", "400", "500", "login"])
def test_lasting_trouble_is_asked_once(server, fault):
    before = len(server.calls)
    with pytest.raises(GatherError):
        source(server, fault).get(*DATA)
    assert len(server.calls) == before + 1


def test_three_retries_and_no_more(server):
    before = len(server.calls)
    with pytest.raises(GatherError, match="503"):
        source(server, "503", PATIENT).get(*DATA)
    assert len(server.calls) == before + 4


def test_own_name_is_told_and_a_fresh_answer_is_not_asked_again(server, home):
    server.agents.clear()
    first = source(server).get("regions")
    before = len(server.calls)
    again = source(server).get("regions")
    assert len(server.calls) == before and server.agents == {USER_AGENT}
    assert again.sha256 == first.sha256 and again.retrieved == first.retrieved
    about = json.loads(next((home / "cache" / "standin").glob("*.json")).read_text(encoding="utf-8"))
    assert (
        about["licence"] == "CC BY 4.0" and about["source"] == "standin" and about["url"].endswith("/regions")
    )


@pytest.mark.parametrize("fault", ["hang", "login", "cut-without-length", "500"])
def test_older_answer_is_used_and_its_age_said(server, home, fault, monkeypatch):
    healthy = source(server).get(*DATA)
    make_old(home)
    # The cache knows an answer by its address; let the broken service stand at the healthy one's.
    monkeypatch.setattr("sosrake_lib.gather.http._fetch", _from(server, fault))
    with pytest.warns(StaleDataWarning, match="stored 40 days ago"):
        answer = source(server).get(*DATA)
    assert answer.stale and answer.content == healthy.content


def _from(server, fault):
    from sosrake_lib.gather import http

    plain = http._fetch

    def fetch(method, url, sent, asked):
        return plain(method, url.replace("/rest/1.1", f"/fault/{fault}/rest/1.1"), sent, asked)

    return fetch


def test_refused_content_never_replaces_the_cache(server, home):
    kept = source(server).get("regions")
    make_old(home)

    def refuse(content):
        raise GatherError("not what was expected")

    with pytest.raises(GatherError, match="not what was expected"), warnings.catch_warnings():
        warnings.simplefilter("ignore", StaleDataWarning)
        source(server).get("regions", check=refuse)
    with pytest.warns(StaleDataWarning):
        assert source(server, offline=True).get("regions").sha256 == kept.sha256


def test_damaged_cache_is_not_believed(server, home):
    source(server).get("regions")
    next((home / "cache").rglob("*.body")).write_bytes(b"[]")
    with pytest.raises(GatherError, match="offline"):
        source(server, offline=True).get("regions")


@pytest.mark.parametrize("way", ["argument", "environment"])
def test_offline_opens_no_socket(server, way, monkeypatch):
    source(server).get("regions")

    def forbidden(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    if way == "environment":
        monkeypatch.setenv("SOSRAKE_OFFLINE", "1")
    asked = source(server, offline=way == "argument")
    assert len(asked.get("regions").content) == 9
    with pytest.raises(GatherError, match="run once without --offline"):
        asked.get("indicators/5")


def test_plain_http_is_refused_but_on_loopback():
    with pytest.raises(GatherError, match="expected https"):
        Source("thl", "http://sotkanet.fi/rest/1.1", "CC BY 4.0").get("regions")


def test_it_runs_inside_a_running_event_loop(server):
    import asyncio

    async def notebook():
        return source(server).get("regions")

    assert len(asyncio.run(notebook()).content) == 9


def test_retry_after_reads_both_forms_and_nothing_else():
    now = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
    assert retry_after("30", now) == 30
    assert retry_after("Wed, 21 Oct 2026 07:28:30 GMT", now) == 30
    assert retry_after("Wed, 21 Oct 2026 07:00:00 GMT", now) == 0
    assert retry_after("soon", now) is None and retry_after(None, now) is None


def test_interrupted_replacement_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "answer.json"
    cache.replace_file(target, b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        cache.replace_file(target, b"new")
    assert target.read_bytes() == b"old" and [file.name for file in tmp_path.iterdir() if file.is_file()] == [
        "answer.json"
    ]


def test_stand_in_imports_nothing_of_the_library(project):
    for file in (project / "tests" / "standin").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("sosrake")], file
