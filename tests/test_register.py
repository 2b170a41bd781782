"""The register: nothing saved twice, nothing overwritten silently, no line of the trail changed unseen."""

from __future__ import annotations

import sqlite3
import threading
from datetime import date

import pytest
import sqlalchemy as sa

from sosrake_lib.errors import RegionError, SosrakeError
from sosrake_lib.language import say
from sosrake_lib.language.messages import load
from sosrake_lib.register import (
    STATUSES,
    TARGETS,
    add_proposal,
    decide,
    decisions,
    open_register,
    proposals,
    verify_trail,
)
from sosrake_lib.register.fields import fields
from sosrake_lib.register.life import states

DAY = date(2026, 3, 5)


@pytest.fixture
def register(home):
    opened = open_register()
    yield opened
    opened.close()


def add(register, key="a", **changes):
    fields = {
        "region_level": "kunta",
        "region_code": "297",
        "theme": "asuminen",
        "text": "Asumisneuvonta jokaiseen kuntaan.",
        "decision_maker": "Aluehallitus",
        "target": "palvelu",
        "proposed_on": DAY,
    }
    return add_proposal(register, key=key, **(fields | changes))


def test_added_once_however_often_it_is_sent(register):
    assert add(register) == add(register) == 1
    assert len(proposals(register)) == 1 and verify_trail(register).entries == 1
    with pytest.raises(SosrakeError, match="key 'a' already stands for ehdotus 1 with another teksti"):
        add(register, text="Jotain muuta.")


def test_listed_by_region(register):
    add(register)
    add(register, "b", region_level="hva", region_code="13")
    assert proposals(register, ("hva", "13"))["ehdotus_id"].tolist() == [2]
    row = proposals(register, ("kunta", "297")).iloc[0]
    assert (row["status"], row["version"], row["proposed_on"], row["cost"]) == ("tehty", 1, "2026-03-05", "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "  "}, "teksti is empty"),
        ({"text": "x" * 5000}, "at most 4000"),
        ({"text": "Asiakas 131052-308T odottaa."}, r"teksti \(HETU\): personal data that is sure"),
        ({"theme": "saa"}, "teema 'saa'; expected one of"),
        ({"target": "kaikki"}, "kohde 'kaikki'; expected one of laki"),
    ],
)
def test_wrong_fields_are_refused_and_nothing_is_saved(register, change, said):
    with pytest.raises(SosrakeError, match=said) as refused:
        add(register, **change)
    assert "131052" not in str(refused.value) and proposals(register).empty


def test_ceased_municipality_is_refused_by_the_region_register(register):
    with pytest.raises(RegionError, match="541"):
        add(register, region_code="911")


def test_second_editor_sees_both_versions(register):
    number = add(register)
    assert decide(register, number, status="kesken", decided_on=DAY, expected_version=1, note="pöydälle") == 2
    both = (
        r"register has version 2 \(kesken, 2026-03-05, pöydälle\), you were saving over version 1 \(hylatty"
    )
    with pytest.raises(SosrakeError, match=both):
        decide(register, number, status="hylatty", decided_on=DAY, expected_version=1)
    assert proposals(register)["status"].tolist() == ["kesken"]


def test_life_has_an_order(register):
    number = add(register)
    with pytest.raises(SosrakeError, match="is tehty; 'suljettu' cannot follow it; expected kesken"):
        decide(register, number, status="suljettu", decided_on=DAY, expected_version=1)
    with pytest.raises(SosrakeError, match="no proposal 9"):
        decide(register, 9, status="kesken", decided_on=DAY, expected_version=1)


def test_trail_only_grows(register):
    add(register)
    for change in ("UPDATE loki SET tapahtuma = 'x'", "DELETE FROM loki"):
        with (
            register.engine.connect() as connection,
            pytest.raises(sa.exc.IntegrityError, match="only grows"),
        ):
            connection.exec_driver_sql(change)
    assert verify_trail(register).intact


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("UPDATE loki SET tekija = 'x' WHERE nro = 1", "line 1"),
        ("UPDATE loki SET sisalto = 'x' WHERE nro = 4", "line 4"),
        ("DELETE FROM loki WHERE nro = 2", "line 3 does not follow from line 1"),
        ("DELETE FROM loki WHERE nro = 4", "paatos 1 has no line"),
        ("UPDATE ehdotus SET teksti = 'muuta' WHERE ehdotus_id = 2", "ehdotus 2 differs"),
        ("UPDATE ehdotus SET versio = 7 WHERE ehdotus_id = 2", "ehdotus 2 differs"),
        ("DELETE FROM suola WHERE nro = 2", "ehdotus 2 differs"),
        ("DELETE FROM ehdotus WHERE ehdotus_id = 2", "ehdotus 2 is in the trail but not"),
        ("INSERT INTO tilamuutos (tila, versio) VALUES ('uusi', 1)", "tilamuutos 1 has no line"),
    ],
)
def test_harm_past_the_triggers_is_found(register, home, harm, said):
    number = add(register)
    add(register, "b")
    decide(register, number, status="kesken", decided_on=DAY, expected_version=1)
    assert verify_trail(register).intact
    register.close()
    with sqlite3.connect(home / "register.sqlite") as connection:
        connection.execute("DROP TRIGGER loki_update")
        connection.execute("DROP TRIGGER loki_delete")
        connection.execute(harm)
    trail = verify_trail(register)
    assert not trail.intact and said in trail.reason


def test_every_decision_is_kept(register):
    number = add(register)
    decide(register, number, status="kesken", decided_on=DAY, expected_version=1, note="pöydälle")
    decide(register, number, status="hylatty", decided_on=DAY, expected_version=2, note="ei rahaa")
    assert decisions(register, number)["note"].tolist() == ["pöydälle", "ei rahaa"]


def test_threads_lose_nothing(home):
    address = f"sqlite:///{home / 'shared.sqlite'}"
    open_register(address).close()

    def work(worker):
        own = open_register(address)
        for place in range(10):
            add(own, f"{worker}-{place}")
        own.close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    register = open_register(address)
    assert len(proposals(register)) == 40
    assert verify_trail(register).intact and verify_trail(register).entries == 40
    register.close()


def test_file_is_safe_and_opening_again_keeps_it(register, home):
    add(register)
    with register.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    again = open_register()
    assert len(proposals(again)) == 1
    again.close()


def test_migration_leaves_the_old_state_or_the_new(home, monkeypatch):
    address = f"sqlite:///{home / 'half.sqlite'}"

    def broken(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", broken)
        with pytest.raises(KeyboardInterrupt):
            open_register(address)
    with sqlite3.connect(home / "half.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    open_register(address).close()


def test_only_files_are_opened():
    with pytest.raises(SosrakeError, match="expected sqlite:/// and a file"):
        open_register("sqlite:///:memory:")
    with pytest.raises(SosrakeError, match="expected sqlite:/// and a file"):
        open_register("mysql://user:secret@localhost/x")
    with pytest.raises(SosrakeError, match="cannot be read") as refused:
        open_register("secret")
    assert "secret" not in str(refused.value)


def test_every_state_target_field_and_class_has_its_word():
    for language in ("fi", "en"):
        for field in fields().values():
            assert say(f"register.field.{field.name}", language)
            spoken = load("register", language)["choice"].get(field.name)
            assert spoken is None or set(spoken) == set(field.values)
        for table in ("havainto", "ilmio", "tehtava"):
            assert all(say(f"register.state.{state}", language) for state in states(table))
        assert all(say(f"register.status.{status}", language) for status in STATUSES)
        assert all(say(f"register.target.{target}", language) for target in TARGETS)
