"""Keeping the ledger: its chain, backups while others write, bringing one back, and older ledgers."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import time

import pandas as pd
import pytest
from disclosure_tables import CODES, row

from sosrake_lib import cli, protect
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import approval, ledger, ledger_keeping, ledger_listing, ledger_withdrawal
from sosrake_lib.protect.ledger_schema import COLUMNS, FIRST_TABLES, KEY, quoted

ROLE = "tietosuojavastaava"


def make(rows, name="koe", **other):
    return protect.release({"osa": protect.part(pd.DataFrame(rows), "vakio")}, name=name, **other)


@pytest.fixture
def made(home):
    """Two releases, a correction, an approval and a withdrawal: a ledger with everything in it."""
    first = make([row("E01", count=20), row("E02", count=3), row("E03", count=30)])
    second = make([row("E01", count=21), row("E04", count=40)], name="toinen", corrects="laskettu väärin")
    approval.approve([first.id], ROLE)
    ledger_withdrawal.withdraw(first.id, "virhe lähteessä")
    return first, second


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return left.value.code or 0, told.out, told.err


def change(home, statement):
    connection = sqlite3.connect(home / ledger.FILE_NAME)
    with connection:
        connection.execute(statement)
    connection.close()


def test_chain_holds_each_act_and_the_line_a_correction_replaced(home, made):
    chain = ledger_keeping.check_chain(home / ledger.FILE_NAME)
    assert chain.faults == ()
    assert chain.entries == 4
    assert len(ledger_listing.corrections()) == 1
    listed = ledger_listing.listed().set_index("release")
    assert listed.at[made[0].id, "corrected"] == 1
    assert listed["state"].tolist() == ["peruttu", "luonnos"]
    # the same release and the same approval again are no act
    approval.approve([made[1].id], ROLE)
    approval.approve([made[1].id], ROLE)
    make([row("E01", count=21), row("E04", count=40)], name="toinen")
    assert ledger_keeping.check_chain(home / ledger.FILE_NAME).entries == 5


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        ("UPDATE figures SET value = '22' WHERE region_code = 'E04'", (("lines", 2),)),
        ("DELETE FROM figures WHERE region_code = 'E02'", (("lines", 1),)),
        ("DELETE FROM superseded", (("lines", 1), ("lines", 2))),
        ("UPDATE corrections SET reason = 'muu'", (("lines", 2),)),
        ("UPDATE approvals SET role = 'johtaja'", (("lines", 3),)),
        ("DELETE FROM withdrawals", (("lines", 4),)),
        ("UPDATE entries SET day = '2020-01-01' WHERE number = 3", (("hash", 3),)),
        ("DELETE FROM entries WHERE number = 2", (("order", 3), ("hash", 3), ("stray", 2))),
        ("INSERT INTO releases VALUES ('0123456789abcdef', 'x', '2020-01-01', 9)", (("stray", 9),)),
        ("UPDATE releases SET name = 'muu'", (("lines", 1), ("lines", 2))),
        ("DELETE FROM sums", None),
    ],
)
def test_any_line_changed_by_hand_is_found_and_its_entry_named(home, made, capsys, statement, faults):
    if faults is None:  # this ledger has no sums: nothing to find, and nothing is found
        statement, faults = "DELETE FROM sums", ()
    change(home, statement)
    assert ledger_keeping.check_chain(home / ledger.FILE_NAME).faults == faults
    code, told, _ = call(capsys, "ledger", "verify", "--output", home / "ulos", "--language", "en")
    assert code == (1 if faults else 0)
    assert ("The memory is whole" in told) != bool(faults)


def test_verify_finds_a_saved_release_that_is_not_what_left(home, made, tmp_path, capsys):
    folder = tmp_path / "ulos"
    shutil.copytree(tmp_path / "releases", folder / "releases")
    code, told, _ = call(capsys, "ledger", "verify", "--output", folder)
    assert (code, "2 ehjää, 0 muuttunutta" in told) == (0, True)
    (folder / "releases" / made[1].id / "osa.parquet").write_bytes(b"muu")
    shutil.rmtree(folder / "releases" / made[0].id)
    code, told, _ = call(capsys, "ledger", "verify", "--output", folder)
    assert code == 1
    assert f"Julkaisun {made[1].id} tiedostot eivät ole ne" in told
    assert "0 ehjää, 1 muuttunutta; 1 ei ole" in told


def test_withdrawn_figures_are_still_what_a_reader_knows(home):
    """All but one municipality left and was withdrawn; the county's total would still give it away."""
    shown = make([row(code, count=20) for code in CODES[:7]], name="kunnat")
    ledger_withdrawal.withdraw(shown.id, "lähde korjasi lukunsa")
    released = make([row(CODES[7], count=3), row("E1", count=143)], name="summa")
    frame = protect.protected_frame(released.select())
    assert set(frame["status"]) == {"suppressed"}


def test_withdrawn_release_is_not_recorded_again(home, made):
    with pytest.raises(
        DisclosureError, match=f"release {made[0].id} .koe. was withdrawn on .*virhe lähteessä"
    ):
        make([row("E01", count=20), row("E02", count=3), row("E03", count=30)], corrects="takaisin")
    assert not ledger_withdrawal.withdraw(made[0].id, "uudelleen")
    assert ledger_withdrawal.withdrawals()[made[0].id].reason == "virhe lähteessä"


@pytest.mark.parametrize(
    ("reason", "told"), [("  ", "the reason is missing"), ("Matti Virtanen pyysi", "holds a name")]
)
def test_reason_of_a_withdrawal_is_there_and_names_nobody(home, made, reason, told):
    with pytest.raises(DisclosureError, match=told) as refused:
        ledger_withdrawal.withdraw(made[1].id, reason)
    assert "Virtanen" not in str(refused.value)


def test_reason_of_a_correction_names_nobody(home, made):
    with pytest.raises(DisclosureError, match="holds a name") as refused:
        make([row("E01", count=22)], corrects="Matti Virtanen laski väärin")
    assert "Virtanen" not in str(refused.value)
    # the reason the batch gives for the shipped samples
    make(
        [row("E01", count=22)],
        corrects="the shipped samples, what was gathered over them, or their recipe changed",
    )


def test_withdrawal_of_what_never_left_is_refused(home, made):
    with pytest.raises(DisclosureError, match="release 0000000000000000 is not in the memory"):
        ledger_withdrawal.withdraw("0" * 16, "syy")


@pytest.mark.parametrize(("language", "told"), [("fi", "toisella arvolla"), ("en", "with another value")])
def test_clash_names_indicator_area_period_release_and_page(home, made, language, told):
    from sosrake_lib.protect.ledger_pages import remember_pages

    remember_pages({made[1].id: [f"kunta-E0{number}/sivu" for number in range(1, 6)]})
    with pytest.raises(DisclosureError) as refused:
        make([row("E01", count=22)], language=language)
    text = str(refused.value)
    pages = "kunta-E01/sivu, kunta-E02/sivu, kunta-E03/sivu "
    for piece in (told, "asiakkaat, ", ", 2024", made[1].id, "toinen", pages):
        assert piece in text
    from sosrake_lib import regions

    assert regions.name("kunta", "E01", language) in text


@pytest.mark.parametrize(("language", "told"), [("fi", "pitäisi suojata"), ("en", "must be hidden")])
def test_figure_that_has_left_cannot_be_hidden_and_is_named_in_both_languages(home, language, told):
    rules = protect.rule_set("vakio", minimum_count=3)
    protect.release({"osa": protect.part(pd.DataFrame([row("E01", count=4)]), rules)}, name="ensin")
    with pytest.raises(DisclosureError, match=told) as refused:
        make([row("E01", count=4)], language=language)
    assert "ensin" in str(refused.value)


@pytest.mark.parametrize(
    ("language", "told"), [("fi", "voitaisiin laskea"), ("en", "could be reckoned back")]
)
def test_figure_that_would_come_back_names_the_earlier_one_in_both_languages(home, language, told):
    rules = protect.rule_set("vakio", minimum_count=3)
    known = pd.DataFrame([row("E1", count=143), *(row(code, count=20) for code in CODES[:7])])
    protect.release({"osa": protect.part(known, rules, ("region",))}, name="kunnat")
    with pytest.raises(DisclosureError, match=told) as refused:
        make([row(CODES[7], count=3)], name="viimeinen", language=language)
    assert "kunnat" in str(refused.value)


def test_export_as_json_and_csv_holds_marks_and_no_formula(home, made, tmp_path, capsys):
    make([row("E05", group="=SUM(A1)", count=44)], name="kaava")
    code, told, _ = call(capsys, "ledger", "export", tmp_path / "m.csv")
    assert (code, "Viety 5 lukua" in told) == (0, True)
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    assert [line["group"] for line in lines if line["region_code"] == "E05"] == ["'=SUM(A1)"]
    hidden = [line for line in lines if line["hidden"] == "1"]
    assert [(line["region_code"], line["value"], line["count"]) for line in hidden] == [("E02", "", "")]
    call(capsys, "ledger", "export", tmp_path / "m.json")
    told = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert [one["reason"] for one in told["corrections"]] == ["laskettu väärin"]
    assert [one["state"] for one in told["releases"]] == ["peruttu", "luonnos", "luonnos"]
    assert told["newest"] == ledger_keeping.check_chain(home / ledger.FILE_NAME).newest
    change(home, "UPDATE figures SET value = '3' WHERE hidden = 1")
    code, _, err = call(capsys, "ledger", "export", tmp_path / "n.csv")
    assert (code, "suojattu rivi" in err) == (1, True)
    assert not (tmp_path / "n.csv").exists()
    with pytest.raises(DisclosureError, match="must end in one of csv, json"):
        ledger_listing.export(tmp_path / "m.txt")


def _write_on(home, folder, stop):
    number = 0
    while not stop.is_set():
        number += 1
        rows = pd.DataFrame([row("E01", f"ryhma{number}", count=20 + number)])
        protect.release({"osa": protect.part(rows, "vakio")}, name=f"k{number}", home=home, folder=folder)


def test_backups_made_while_another_process_writes_are_whole(home, made, tmp_path):
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    writer = context.Process(target=_write_on, args=(home, tmp_path / "ulos", stop))
    writer.start()
    try:
        begun = ledger_keeping.check_chain(home / ledger.FILE_NAME).entries
        while ledger_keeping.check_chain(home / ledger.FILE_NAME).entries == begun:
            assert writer.is_alive()
            time.sleep(0.05)
        copies = [ledger_keeping.backup(home=home) for _ in range(8)]
    finally:
        stop.set()
        writer.join()
    assert writer.exitcode == 0
    for copy in copies:
        told = ledger_keeping.check_backup(home / "backups" / copy.file)
        assert told == copy
    assert copies[-1].entries > begun


def test_backup_and_restore_through_the_command_line(home, made, tmp_path, capsys):
    code, told, _ = call(capsys, "ledger", "backup", "--to", tmp_path / "k.sqlite")
    assert (code, "4 merkintää" in told) == (0, True)
    before = ledger_keeping.check_chain(home / ledger.FILE_NAME)
    # nothing new since: restoring is harmless
    assert call(capsys, "ledger", "restore", tmp_path / "k.sqlite")[0] == 0
    make([row("E05", count=50)], name="uusi")
    code, _, err = call(capsys, "ledger", "restore", tmp_path / "k.sqlite", "--language", "en")
    assert (code, "would forget them" in err) == (1, True)
    assert ledger_keeping.check_chain(home / ledger.FILE_NAME).entries == 5
    code, told, _ = call(capsys, "ledger", "restore", tmp_path / "k.sqlite", "--replace")
    assert (code, "Entinen muisti" in told) == (0, True)
    assert ledger_keeping.check_chain(home / ledger.FILE_NAME) == before
    (aside,) = [one for one in home.glob("ledger-ennen-palautusta-*.sqlite") if _entries(one) == 5]
    assert aside.is_file()


def test_lost_or_broken_ledger_comes_back_from_its_backup(home, made, tmp_path):
    ledger_keeping.backup(tmp_path / "k.sqlite")
    before = ledger_keeping.check_chain(home / ledger.FILE_NAME)
    for name in (ledger.FILE_NAME, f"{ledger.FILE_NAME}-wal", f"{ledger.FILE_NAME}-shm"):
        (home / name).unlink(missing_ok=True)
    ledger_keeping.restore(tmp_path / "k.sqlite")
    assert ledger_keeping.check_chain(home / ledger.FILE_NAME) == before
    change(home, "DELETE FROM withdrawals")
    with pytest.raises(DisclosureError, match="chain of the memory is broken, so no backup"):
        ledger_keeping.backup(tmp_path / "toinen.sqlite")
    assert not list(tmp_path.glob("toinen*")) and not list(tmp_path.glob(".toinen*"))


def test_damaged_backup_is_refused(home, made, tmp_path, capsys):
    ledger_keeping.backup(tmp_path / "k.sqlite")
    assert call(capsys, "ledger", "verify", tmp_path / "k.sqlite")[0] == 0
    content = bytearray((tmp_path / "k.sqlite").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "k.sqlite").write_bytes(content)
    for command in ("verify", "restore"):
        code, _, err = call(capsys, "ledger", command, tmp_path / "k.sqlite")
        assert (code, "ei ole se varmuuskopio" in err) == (1, True)
    (tmp_path / "k.sqlite.json").unlink()
    with pytest.raises(DisclosureError, match="is no backup"):
        ledger_keeping.restore(tmp_path / "k.sqlite")


def test_without_a_ledger_there_is_nothing_to_keep(home, capsys):
    for arguments in (("backup",), ("verify", "--output", home)):
        code, _, err = call(capsys, "ledger", *arguments, "--language", "en")
        assert (code, "there is no memory yet" in err) == (1, True)
    assert "Mitään ei ole vielä" in call(capsys, "ledger", "list")[1]
    assert list(home.iterdir()) == []


def test_older_ledger_is_taken_into_the_chain_with_all_its_lines(home, made):
    """A ledger from before the chain: its tables without `entry`, and no others."""
    old = home / "vanha"
    old.mkdir()
    source, target = sqlite3.connect(home / ledger.FILE_NAME), sqlite3.connect(old / ledger.FILE_NAME)
    for table in FIRST_TABLES:
        columns = [one[1] for one in source.execute(f"PRAGMA table_info({table})") if one[1] != "entry"]
        key = f", PRIMARY KEY ({quoted(KEY)})" if table == "figures" else ""
        target.execute(f"CREATE TABLE {table} ({quoted(columns)}{key})")
        rows = source.execute(f"SELECT {quoted(columns)} FROM {table}").fetchall()
        target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
    target.commit()
    source.close(), target.close()
    with ledger.opened(old, write=False) as book:
        assert len(book.earlier(["asiakkaat"])) == 4
        assert book.rows("withdrawals", "release") == []
    assert len(ledger_listing.listed(old)) == 2
    assert ledger_keeping.verify(home=old).intact
    make([row("E05", count=50)], name="uusi", home=old)
    chain = ledger_keeping.check_chain(old / ledger.FILE_NAME)
    assert (chain.entries, chain.faults) == (2, ())
    with pytest.raises(DisclosureError, match="with another value"):
        make([row("E05", count=51)], name="uusi", home=old)


def test_columns_of_the_ledger_are_known(home, made):
    """A hidden value has no column to stand in: of a hidden figure there is its key and a mark."""
    assert set(COLUMNS) - set(KEY) == {
        *("family", "whole", "point", "hidden", "value", "count", "denominator", "release", "day")
    }


def _approve_for_ever(home, releases):
    while True:
        approval.approve(releases, ROLE, home=home)
        approval.take_back(releases, ROLE, home=home)


def _withdraw_all(home, releases):
    for release in releases:
        ledger_withdrawal.withdraw(release, "virhe lähteessä", home=home)


@pytest.mark.skipif(os.name != "posix", reason="kills a process by signal")
@pytest.mark.parametrize("work", [_approve_for_ever, _withdraw_all])
def test_kill_at_any_moment_leaves_the_old_state_or_the_new(home, made, work):
    """All of an approval's releases stand in it or none, the chain holds, and the next act goes on."""
    releases = [make([row("E05", f"r{number}", count=40)], name=f"r{number}").id for number in range(4)]
    context = multiprocessing.get_context("fork")
    for moment in (0.005, 0.02, 0.05, 0.09, 0.16):
        process = context.Process(target=work, args=(home, releases))
        process.start()
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert ledger_keeping.check_chain(home / ledger.FILE_NAME).faults == ()
        approved = approval.approvals(home)
        if work is _approve_for_ever:
            assert len(set(releases) & set(approved)) in (0, len(releases))
    if work is _withdraw_all:
        _withdraw_all(home, releases)
        assert set(releases) <= set(ledger_withdrawal.withdrawals(home))
    else:
        approval.approve(releases, "johtaja", home=home)
        assert set(releases) <= set(approval.approvals(home))
    assert ledger_keeping.check_chain(home / ledger.FILE_NAME).faults == ()


def _approve_many(home, releases, role):
    for release in releases:
        approval.approve([release], role, home=home)


def test_two_processes_approve_at_once_and_no_line_is_lost(home):
    releases = [make([row("E05", f"r{number}", count=40)], name=f"r{number}").id for number in range(6)]
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_approve_many, args=(home, releases, role)) for role in ("johtaja", ROLE)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    with ledger.opened(home, write=False) as book:
        assert len(book.rows("approvals", "release")) == 12
    assert ledger_keeping.check_chain(home / ledger.FILE_NAME).entries == 18


def _entries(file):
    return ledger_keeping.check_chain(file).entries
