"""Refreshing all open sources: what the plan needs, resumed, polite, offline without a socket."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from standin.server import StandIn

from sosrake_lib import catalogue, cli
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import gather_all as room
from sosrake_lib.gather import polite, sotkanet
from sosrake_lib.gather.http import Limits, Source

QUICK = Limits(deadline=10.0, first_pause=0.01, retries=1)
SOURCES = {
    "sotkanet": {"releases": ["luvut"], "first_year": 2018, "sexes": ["total"]},
    "kela": {"releases": ["katkos"], "files": ["toimeentulotuki_maakunta", "asumistuki"]},
    "statfin": [
        {
            "table": "StatFin/avainluvut.px",
            "select": ["Alue=KU297", "Tiedot=M162", "Vuosi=top(1)"],
            "releases": ["luvut"],
        }
    ],
}
CHOSEN = (181, 127, 5)


@pytest.fixture
def server():
    with StandIn() as running:
        yield running


@pytest.fixture
def plan(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text('[julkaisut.luvut]\nrecipe = "a"\n[julkaisut.katkos]\nrecipe = "b"\n', encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """The stand-in knows three of the catalogue's indicators; ask only those and one unverified."""
    kept = tuple(
        one for one in catalogue.indicators() if one.sotkanet in CHOSEN or one.key == "sairastavuusindeksi"
    )
    monkeypatch.setattr(room.catalogue, "indicators", lambda: kept)


def gather(server, plan, **more):
    addresses = {"sotkanet": server.sotkanet(), "kela": server.kela(), "statfin": server.pxweb()}
    given = {"addresses": addresses, "limits": QUICK, "sources": SOURCES} | more
    return room.gather_all(plan, **given)


def names(jobs):
    return [job.name for job in jobs]


def test_everything_the_plan_needs_is_stored_and_told(server, plan, home):
    said: list[str] = []
    told = gather(server, plan, progress=said.append)
    assert sorted(names(told.jobs)) == sorted(
        ["181", "127", "5", "toimeentulotuki_maakunta", "asumistuki", "StatFin/avainluvut.px"]
    )
    assert told.whole and len(told.done) == 6 and told.rows > 100
    assert said[0].startswith("1/6 Sotkanet ") and said[-1] == "6/6 PxWeb StatFin/avainluvut.px"
    kept = {file.name for file in (home / "gathered").rglob("*.parquet")}
    # Indicator 5 has no figures in the stand-in: nothing to store, and the line says so.
    assert kept == {"sotkanet_181.parquet", "sotkanet_127.parquet", "kela_toimeentulotuki_maakunta.parquet",
                    "kela_asumistuki.parquet", "avainluvut.parquet"}  # fmt: skip
    assert any("Indikaattori 5: lähteessä ei ole lukuja" in line for line in told.lines())
    assert told.unverified == ("sairastavuusindeksi",)
    assert any(
        "joiden tunnusta ei ole varmistettu lähteestä: sairastavuusindeksi" in one for one in told.lines()
    )


def test_a_release_that_is_not_in_the_plan_asks_nothing(server, tmp_path):
    plan = tmp_path / "small.toml"
    plan.write_text('[julkaisut.katkos]\nrecipe = "b"\n', encoding="utf-8")
    told = gather(server, plan)
    assert names(told.jobs) == ["toimeentulotuki_maakunta", "asumistuki"] and told.unverified == ()
    with pytest.raises(GatherError, match="cannot be read as a plan"):
        gather(server, tmp_path / "puuttuu.toml")


def test_interrupt_keeps_what_was_done_and_the_next_run_goes_on(server, plan, monkeypatch):
    asked = []
    real = sotkanet.command

    def interrupted(numbers, *rest, **more):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(numbers[0])
        return real(numbers, *rest, **more)

    monkeypatch.setattr(sotkanet, "command", interrupted)
    with pytest.raises(KeyboardInterrupt):
        gather(server, plan)
    monkeypatch.setattr(sotkanet, "command", real)
    before = len(server.calls)
    told = gather(server, plan)
    assert [int(job.name) for job in told.already] == asked and len(told.done) == 4 and told.whole
    assert not [call for call in server.calls[before:] if f"indicator={asked[0]}&" in call]
    third = gather(server, plan)
    assert len(third.already) == 6 and third.done == ()
    assert len(gather(server, plan, again=True).done) == 6


def test_damaged_journal_costs_only_a_question(server, plan, home):
    gather(server, plan)
    (home / "gathered" / "all.json").write_bytes(b'{"done": [')
    assert len(gather(server, plan).done) == 6


def test_failing_source_is_left_in_peace_and_others_go_on(server, plan):
    server.fault = "500"
    told = gather(server, plan)
    assert not told.whole and told.done == ()
    assert len(told.failed) == 6  # three of Sotkanet, two of Kela, one of PxWeb: never a fourth in a row
    kept = {**SOURCES, "kela": {"releases": ["katkos"], "files": ["asumistuki"] * 5}}
    again = gather(server, plan, sources=kept)
    assert [job.source for job in again.postponed] == ["kela", "kela"]
    said = "\n".join(again.lines())
    assert "answered 500" in said and "Sama komento jatkaa siitä" in said
    assert "Kesken jäi 2 hakua, koska lähde ei vastannut monta kertaa peräkkäin (Kela)" in said
    server.fault = ""
    assert gather(server, plan).whole


@pytest.mark.filterwarnings("ignore::sosrake_lib.errors.StaleDataWarning")
def test_old_answers_are_used_with_their_age_and_asked_again_next_time(server, plan, home):
    gather(server, plan)
    for file in (home / "cache").rglob("*.json"):
        about = json.loads(file.read_text(encoding="utf-8"))
        about["retrieved"] = (datetime.now(UTC) - timedelta(days=12)).isoformat()
        file.write_text(json.dumps(about), encoding="utf-8")
    server.fault = "login"
    told = gather(server, plan, again=True)
    assert len(told.stale) >= 4 and not told.whole
    assert any("käytettiin 12 päivää vanhaa vastausta" in line for line in told.lines())
    assert any("an answer 12 days old was used" in line for line in
               gather(server, plan, again=True, language="en").lines())  # fmt: skip


def test_offline_opens_no_socket_and_says_what_is_lacking(server, plan, home, monkeypatch):
    gather(server, plan)
    before = {file.name: pd.read_parquet(file) for file in (home / "gathered").glob("*.parquet")}

    def forbidden(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    told = gather(server, plan, again=True, offline=True)
    assert len(told.done) == 6
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.read_parquet(home / "gathered" / name), frame)
    other = {**SOURCES, "kela": {"releases": ["katkos"], "files": ["toimeentulotuki"] * 5}}
    lacking = gather(server, plan, again=True, offline=True, sources=other)
    # Offline nothing is being disturbed: each is told, none is postponed.
    assert len(lacking.failed) == 5 and lacking.postponed == ()
    assert "offline" in lacking.failed[0][1]


def test_unverified_id_is_refused_and_tried_only_when_told_to(server, plan):
    with pytest.raises(GatherError, match=r"tunnusta ei ole varmistettu.*--unverified") as refused:
        sotkanet.fetch([5641], [2023], base_url=server.sotkanet(), limits=QUICK)
    assert "Sairastavuusindeksi, ikävakioitu" in str(refused.value)
    before = len(server.calls)
    told = gather(server, plan, unverified=True)
    # The stand-in has no such id: the attempt ends in words, the rest is gathered.
    assert len(server.calls) > before and names([job for job, _ in told.failed]) == ["5641"]
    assert "has no such indicator" in told.failed[0][1] and len(told.done) == 6


def test_title_is_checked_before_anything_is_replaced(server, plan, home, monkeypatch):
    gather(server, plan)
    kept = (home / "gathered" / "sotkanet_181.parquet").read_bytes()
    from standin import answers

    monkeypatch.setitem(answers.TITLES, 181, "Jotain aivan muuta")
    for file in (home / "cache").rglob("*.json"):
        file.unlink()
    told = gather(server, plan, again=True)
    assert [job.name for job, _ in told.failed] == ["181"] and "calls it 'Jotain aivan muuta'" in told.failed[
        0
    ][1]
    assert (home / "gathered" / "sotkanet_181.parquet").read_bytes() == kept


def test_calls_of_one_host_follow_each_other_with_a_pause(server):
    """Two threads ask at once: never two calls at a time, and the pause between them is kept."""
    running, most, begun = [0], [0], []
    real = server.answer

    def watched(*arguments):
        running[0] += 1
        most[0] = max(most[0], running[0])
        begun.append(time.monotonic())
        time.sleep(0.05)
        running[0] -= 1
        return real(*arguments)

    server.answer = watched
    slow = Limits(deadline=10.0, between=0.2)

    def ask(path):
        Source("standin", server.sotkanet(), "CC BY 4.0", limits=slow).get(path)

    threads = [
        threading.Thread(target=ask, args=(path,)) for path in ("regions", "indicators", "indicators/181")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1 and len(begun) == 3
    gaps = [later - earlier for earlier, later in itertools.pairwise(begun)]
    assert min(gaps) >= 0.2


def test_a_turn_that_is_not_given_back_is_told(home):
    with (
        polite.turn("localhost:1", 0.0, 1.0),
        pytest.raises(GatherError, match="another gathering is asking this service now"),
        polite.turn("localhost:1", 0.0, 0.1),
    ):
        raise AssertionError("two turns at once")


def test_shipped_sources_name_what_the_shipped_plan_makes(project):
    shipped = room.shipped_sources()
    made = room.releases_of(project / "notebooks" / "plan.toml")
    for part in ("sotkanet", "kela"):
        assert set(shipped[part]["releases"]) <= made
    jobs = list(room.needed(project / "notebooks" / "plan.toml", shipped))
    assert {job.source for job in jobs} == {"sotkanet", "kela"}
    assert len({job.key for job in jobs}) == len(jobs)


def test_command_says_the_round_and_its_code(server, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "project" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "plan.toml").write_text('[julkaisut.katkos_toimeentulotuki]\nrecipe = "b"\n', encoding="utf-8")
    monkeypatch.setattr(room.kela, "POLITE", QUICK)
    arguments = [
        "gather",
        "all",
        "--project",
        str(tmp_path / "project"),
        "--address",
        f"kela={server.kela()}",
    ]
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    said = capsys.readouterr().out
    # Of the four files the stand-in lacks one.
    assert left.value.code == 1 and "nyt haettu 3" in said and "Kela toimeentulotuki: lukuja ei saatu" in said
    with pytest.raises(SystemExit) as left:
        cli.main([*arguments, "--language", "en"])
    assert "answered already within a day 3" in capsys.readouterr().out
    monkeypatch.setattr(room.kela, "command", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(SystemExit) as left:
        cli.main([*arguments, "--again"])
    assert left.value.code == 130 and "sama komento jatkaa" in capsys.readouterr().err
