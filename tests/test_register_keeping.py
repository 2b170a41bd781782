"""Keeping the register: redaction everywhere, backups, retention, older databases, quotes, a sealed form."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from register_databases import fresh_database, private_server

from sosrake_lib import cli
from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import (
    PersonalData,
    backup,
    check_backup,
    decisions,
    open_desk,
    open_register,
    proposals,
    restore,
    retain,
    verify_trail,
)
from sosrake_lib.register.backups import content_hash
from sosrake_lib.register.engine import NEWEST, schema_of
from sosrake_lib.register.quotes import add_quote, review_quote, withdraw_quote
from sosrake_lib.register.receipts import new_key
from sosrake_lib.register.redaction import finish
from sosrake_lib.register.retention import after, rules
from sosrake_lib.register.tables import LOKI, METADATA, SUOLA

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
SECRET_WORD = "kuutamosonaatti"
FULL = {
    "tiedontuottaja": "ammattilainen",
    "alue": "kunta:E01",
    "teema": "asuminen",
    "havainto": f"Pieniä vuokra-asuntoja ei ole tarjolla, {SECRET_WORD}.",
}


@pytest.fixture(scope="module")
def server():
    with private_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request, tmp_path):
    if request.param == "sqlite":
        files = tmp_path / "rekisteri" / "r.sqlite", tmp_path / "rekisteri" / "f.sqlite"
        opened = open_desk("tp1", database=f"sqlite:///{files[0]}", front=f"sqlite:///{files[1]}")
        yield opened
        opened.shut()
        return
    with fresh_database(request.getfixturevalue("server"), "koe") as address:
        opened = open_desk("tp1", database=address, front=address)
        yield opened
        opened.shut()


@pytest.fixture(scope="module")
def drill():
    sys.path.insert(0, str(BENCHMARKS))
    import register_drill_parts

    yield register_drill_parts
    sys.path.remove(str(BENCHMARKS))


def address_of(desk):
    return desk.register.engine.url.render_as_string(hide_password=False)


def words_in(folder):
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and SECRET_WORD.encode() in path.read_bytes()
    ]


def hash_of(register):
    with register.reading() as connection:
        return content_hash(connection)


# --- redaction ------------------------------------------------------------------------------------------


def test_a_redaction_reaches_register_trail_and_backups(desk, tmp_path):
    number = desk.add(new_key(), FULL)
    desk.review(number, version=1)
    desk.code(number, {"teema": "asuminen", "tuen_tarve": "", "rakennetyyppi": ""}, note=f"ks. {SECRET_WORD}")
    made = backup(desk.register, tmp_path / "kopiot")
    assert SECRET_WORD.encode() in (tmp_path / "kopiot" / made.file).read_bytes()
    done = desk.redact("havainto", number, reason="rekisteröidyn pyyntö")
    assert [Path(one).name for one in done.reached] == [made.file] and not done.pending
    assert words_in(tmp_path) == []
    for name in METADATA.tables:
        with desk.register.reading() as connection:
            rows = connection.exec_driver_sql(f"SELECT * FROM {name}").all()
        assert SECRET_WORD not in str(rows), name
    assert verify_trail(desk.register).intact
    row = desk.read(number)
    assert (row["havainto"], row["teema"], bool(row["poistettu"])) == ("", "asuminen", True)
    check_backup(tmp_path / "kopiot" / made.file)
    with pytest.raises(SosrakeError, match="was deleted"):
        desk.mask(number, {"havainto": "uusi"}, version=row["versio"])


def test_no_salt_is_left_to_try_a_guess_against(desk):
    number = desk.add(new_key(), FULL)
    other = desk.add(new_key(), FULL)
    desk.redact("havainto", number, reason="pyyntö")
    with desk.register.reading() as connection:
        of = sa.select(LOKI.c.nro, LOKI.c.tapahtuma, SUOLA.c.suola).outerjoin(SUOLA).order_by(LOKI.c.nro)
        mine = connection.execute(of.where(LOKI.c.taulu == "havainto", LOKI.c.rivi == number)).all()
        theirs = connection.execute(of.where(LOKI.c.taulu == "havainto", LOKI.c.rivi == other)).all()
    assert [(line.tapahtuma, line.suola is None) for line in mine] == [
        ("lisatty", True),
        ("poistettu", False),
    ]
    assert all(line.suola for line in theirs)


def test_a_mask_leaves_nothing_of_what_stood_there(desk, tmp_path):
    number = desk.add(new_key(), FULL)
    made = backup(desk.register, tmp_path / "kopiot")
    desk.mask(number, {"havainto": "Asuntoja ei ole tarjolla."}, version=1)
    assert words_in(tmp_path) == [] and verify_trail(desk.register).intact
    with sqlite3.connect(tmp_path / "kopiot" / made.file) as copy:
        assert copy.execute("SELECT havainto FROM havainto").fetchone() == ("Asuntoja ei ole tarjolla.",)


def test_a_backup_that_is_away_stays_pending_and_never_brings_words_back(desk, tmp_path):
    number = desk.add(new_key(), FULL)
    made = backup(desk.register, tmp_path / "kopiot")
    file, away = tmp_path / "kopiot" / made.file, tmp_path / "poissa"
    away.mkdir()
    shutil.move(file, away)
    assert desk.redact("havainto", number, reason="pyyntö").pending == (str(file),)
    shutil.move(away / made.file, file)
    restore(file, address_of(desk), replace=True)
    again = open_register(address_of(desk))
    with again.reading() as connection:
        assert SECRET_WORD not in str(connection.exec_driver_sql("SELECT * FROM havainto").all())
    assert verify_trail(again).intact
    finish(again)
    again.close()
    assert words_in(tmp_path) == []


def test_a_lost_register_is_restored_without_the_words_deleted_since(tmp_path):
    address = f"sqlite:///{tmp_path / 'r.sqlite'}"
    desk = open_desk("tp1", database=address, front=f"sqlite:///{tmp_path / 'f.sqlite'}")
    number = desk.add(new_key(), FULL)
    desk.add(new_key(), {**FULL, "havainto": "Tämä jää."})
    made = backup(desk.register, tmp_path / "kopiot")
    kept = tmp_path / "muistitikku"
    shutil.copytree(tmp_path / "kopiot", kept)
    desk.redact("havainto", number, reason="pyyntö")
    desk.shut()
    shutil.copy(tmp_path / "kopiot" / "poistot.jsonl", kept)
    for file in tmp_path.glob("r.sqlite*"):
        file.unlink()
    restore(kept / made.file, address)
    register = open_register(address)
    with register.reading() as connection:
        assert connection.exec_driver_sql("SELECT havainto FROM havainto ORDER BY 1").all() == [
            ("",),
            ("Tämä jää.",),
        ]
    register.close()


@pytest.mark.parametrize(("table", "reason"), [("loki", "pyyntö"), ("havainto", " ")])
def test_a_redaction_needs_words_and_a_reason(tmp_path, table, reason):
    desk = open_desk("tp1")
    with pytest.raises(SosrakeError, match="expected one of ilmio, havainto"):
        desk.redact(table, 1, reason=reason)
    desk.shut()


# --- backups --------------------------------------------------------------------------------------------


def test_what_is_restored_hashes_as_what_was_backed_up(desk, tmp_path):
    for _ in range(5):
        desk.add(new_key(), FULL)
    before = hash_of(desk.register)
    made = backup(desk.register, tmp_path / "kopiot")
    desk.add(new_key(), FULL)
    file = tmp_path / "kopiot" / made.file
    with pytest.raises(SosrakeError, match="say --replace"):
        restore(file, address_of(desk))
    assert restore(file, address_of(desk), replace=True).content == made.content == before
    assert hash_of(desk.register) == before and verify_trail(desk.register).intact
    assert desk.add(new_key(), FULL) == 6, "numbering goes on"


def test_a_backup_moves_between_kinds_of_database(desk, tmp_path):
    desk.add(new_key(), FULL)
    made = backup(desk.register, tmp_path / "kopiot")
    other = f"sqlite:///{tmp_path / 'toinen.sqlite'}"
    assert restore(tmp_path / "kopiot" / made.file, other).content == made.content
    register = open_register(other)
    assert hash_of(register) == hash_of(desk.register) and verify_trail(register).intact
    back = backup(register, tmp_path / "takaisin")
    register.close()
    assert restore(tmp_path / "takaisin" / back.file, address_of(desk), replace=True).content == made.content


def test_a_changed_backup_is_refused(tmp_path):
    desk = open_desk("tp1")
    desk.add(new_key(), FULL)
    made = backup(desk.register, tmp_path)
    desk.shut()
    file = tmp_path / made.file
    with file.open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"x")
    with pytest.raises(SosrakeError, match="its hash differs"):
        restore(file, f"sqlite:///{tmp_path / 'r.sqlite'}")
    assert not (tmp_path / "r.sqlite").exists()


def test_a_broken_register_is_not_passed_on_as_whole(home, tmp_path):
    desk = open_desk("tp1")
    desk.add(new_key(), FULL)
    desk.shut()
    with sqlite3.connect(home / "register.sqlite") as connection:
        connection.execute("UPDATE havainto SET teema = 'muu'")
    register = open_register()
    with pytest.raises(SosrakeError, match="no backup: havainto 1 differs"):
        backup(register, tmp_path)
    register.close()


# --- retention ------------------------------------------------------------------------------------------


def test_retention_lists_first_and_then_deletes(desk, tmp_path):
    old = date.today() - timedelta(days=1200)
    from sosrake_lib.register.observations import add_observation

    add_observation(desk.register, new_key(), FULL, user="tp1", arrived=old)
    desk.add(new_key(), {**FULL, "havainto": "Uusi havainto."})
    made = backup(desk.register, tmp_path / "kopiot")
    today = date.today()
    due = retain(desk.register, today, dry_run=True)
    assert due[["table", "row"]].values.tolist() == [["havainto", 1]]
    assert desk.read(1)["havainto"] == FULL["havainto"]
    assert retain(desk.register, today, dry_run=False).equals(due)
    assert desk.read(1)["havainto"] == "" and desk.read(2)["havainto"] == "Uusi havainto."
    assert retain(desk.register, today, dry_run=True).empty and words_in(tmp_path) == []
    year = retain(desk.register, after(today, 13), dry_run=False)
    assert "varmuuskopio" in set(year["table"]) and not (tmp_path / "kopiot" / made.file).exists()
    assert verify_trail(desk.register).intact


def test_every_rule_is_dated_and_the_newest_in_force():
    assert rules(date(2025, 12, 31)) == ()
    assert {rule.table for rule in rules(date(2026, 1, 1))} == {
        *("havainto", "koodaus", "tehtava", "palaute", "lainaus", "varmuuskopio", "seurantaversio")
    }


# --- older databases ------------------------------------------------------------------------------------


def test_an_older_register_is_carried_over_without_its_text_in_the_trail(drill, tmp_path):
    file = tmp_path / "vanha.sqlite"
    drill.make_older(file, 4)
    assert b"Vanhan lokin teksti 2." in file.read_bytes()
    register = open_register(f"sqlite:///{file}")
    assert schema_of(register) == NEWEST and verify_trail(register).intact
    assert proposals(register)["status"].tolist() == ["tehty", "kesken", "tehty", "kesken"]
    assert decisions(register, 2)["note"].tolist() == ["pöydälle 2"]
    register.scrub()
    register.close()
    assert file.read_bytes().count(b"Vanhan lokin teksti 2.") == 1, (
        "the proposal itself, no line of the trail"
    )


def test_an_older_trail_that_was_broken_is_never_made_whole(drill, tmp_path):
    file = tmp_path / "vanha.sqlite"
    drill.make_older(file, 2)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE ehdotus SET teksti = 'Muutettu salaa.' WHERE ehdotus_id = 1")
    register = open_register(f"sqlite:///{file}")
    trail = verify_trail(register)
    register.close()
    assert not trail.intact and "already broken when it was converted" in trail.reason


def test_a_newer_register_is_left_alone(home):
    open_register().close()
    with sqlite3.connect(home / "register.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    with pytest.raises(SosrakeError, match="a newer version of the workbook"):
        open_register()


# --- quotes ---------------------------------------------------------------------------------------------


def test_a_quote_leaves_only_with_a_permission_and_two_reviewers(desk, tmp_path):
    number = desk.add(new_key(), {**FULL, "lupa_lainata": "ei"})
    today = date(2026, 6, 1)
    about = {
        "source": "havainto",
        "scope": "julkinen",
        "permitted_on": today,
        "permitted_until": after(today, 12),
        "user": "tp1",
    }
    with pytest.raises(SosrakeError, match="without leave to quote"):
        add_quote(desk.register, "q", "Asuntoa ei löytynyt.", observation=number, **about)
    with pytest.raises(PersonalData):
        add_quote(desk.register, "q", "Soita 131052-308T.", **about)
    quote = add_quote(desk.register, "q", f"Asuntoa ei löytynyt, {SECRET_WORD}.", **about)
    review_quote(desk.register, quote, expected_version=1, user="tp1")
    with pytest.raises(SosrakeError, match="another reviewer"):
        review_quote(desk.register, quote, expected_version=2, user="tp1")
    review_quote(desk.register, quote, expected_version=2, user="tp2")
    with pytest.raises(SosrakeError, match="its two reviewers already"):
        review_quote(desk.register, quote, expected_version=3, user="tp3")
    withdraw_quote(desk.register, quote, user="tp1")
    assert verify_trail(desk.register).intact


# --- a form's process -----------------------------------------------------------------------------------

SEALED = """
import os, sqlite3, subprocess, sys
from pathlib import Path
from sosrake_lib.register.intake import Form, Intake
from sosrake_lib.register.seal import seal
home, address = sys.argv[1:]
seal([home])
tries = {
    "open": lambda: open(Path(home) / "register.sqlite", "rb").read(),
    "sqlite": lambda: sqlite3.connect(f"{home}/register.sqlite").execute("SELECT * FROM havainto").fetchall(),
    "uri": lambda: sqlite3.connect(f"file:{home}/register.sqlite?mode=ro", uri=True),
    "list": lambda: os.listdir(home),
    "link": lambda: os.link(f"{home}/register.sqlite", f"{home}-linked"),
    "round": lambda: open(f"{home}/../{Path(home).name}/register.sqlite", "rb"),
    "program": lambda: subprocess.run(["cat", f"{home}/register.sqlite"]),
    "shell": lambda: os.system("true"),
}
for name, one in tries.items():
    try:
        one()
        print("REACHED", name)
    except PermissionError:
        print("refused", name)
print("SECRETS", [name for name in os.environ if name in ("SOSRAKE_DATABASE", "PGPASSWORD", "SOSRAKE_HOME")])
form = Form({"tiedontuottaja": "asukas", "alue": "kunta:E01", "teema": "muu", "havainto": "Bussi ei kulje."})
print("sent", len(Intake(address).send(form)))
"""


def test_a_sealed_form_can_send_and_reach_nothing(home, tmp_path, monkeypatch):
    from sosrake_lib.register import Receiver, open_counter

    desk = open_desk("tp1")
    desk.add(new_key(), FULL)
    monkeypatch.setenv("PGPASSWORD", "salaisuus")
    with Receiver(open_counter()) as receiver:
        done = subprocess.run(
            [sys.executable, "-c", SEALED, str(home), receiver.address],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "REACHED" not in done.stdout and done.stdout.count("refused") == 8, done.stdout + done.stderr
    assert "SECRETS []" in done.stdout and "sent 17" in done.stdout
    assert desk.waiting() == 1
    desk.shut()


# --- the drill in small ---------------------------------------------------------------------------------


def test_the_drill_in_small(drill, tmp_path):
    files = drill.Place.files
    for found in (
        drill.entries(files(tmp_path / "a"), 3, 8),
        drill.kills(files(tmp_path / "b"), 2, 7),
        drill.races(files(tmp_path / "c"), 3, 6),
        drill.migrations(tmp_path / "d", 2, 40, 7),
        drill.backups(files(tmp_path / "e"), tmp_path / "f", 20),
        drill.full_disk(tmp_path / "g"),
    ):
        assert found.fine, found


# --- the command line -----------------------------------------------------------------------------------


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        cli.main(["register", *map(str, arguments)])
    return left.value.code


def test_commands_from_samples_to_export_and_back(home, tmp_path, capsys):
    assert run("samples") == 0 and run("verify") == 0
    assert "150 keksittyä havaintoa, 6 ilmiötä, 4 ehdotusta sekä 63" in capsys.readouterr().out
    assert run("backup", "--to", tmp_path) == 0
    file = next(tmp_path.glob("rekisteri-*.sqlite"))
    assert run("verify", file, "--language", "en") == 0
    assert "is whole" in capsys.readouterr().out
    assert run("export", "--to", tmp_path / "ulos") == 0
    counts = pd.read_csv(tmp_path / "ulos" / "havaintokooste.csv", dtype=str)
    about = json.loads((tmp_path / "ulos" / "havaintokooste.json").read_text(encoding="utf-8"))
    assert about["schema"] == "sosrake-havaintokooste" and len(counts) > 100
    assert run("retain", "--dry-run", "--on", "2027-06-01") == 0
    assert "poistettaisiin; mitään ei poistettu" in capsys.readouterr().out
    assert run("redact", "havainto", "1", "--reason", "pyyntö", "--user", "tp1") == 0
    assert "1 varmuuskopiosta" in capsys.readouterr().out
    assert run("restore", file) == 2 and run("restore", file, "--replace") == 0
    assert run("front") == 0 and run("pending") == 0
    with sqlite3.connect(home / "register.sqlite") as connection:
        connection.execute("UPDATE havainto SET teema = 'muu' WHERE havainto_id = 2")
    assert run("verify") == 1
