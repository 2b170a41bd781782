"""The ledger: what left the house once binds every later release."""

from __future__ import annotations

import csv
import multiprocessing
import sqlite3

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import CODES, counts_of, row, rules, table

from sosrake_lib import protect
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect import ledger, ledger_keeping, ledger_listing


def make(rows, name="koe", totals=("region",), k=5, **other):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
    return protect.release({"osa": protect.part(frame, rules(k), totals)}, name=name, **other)


def entries(home, table_name="figures"):
    connection = sqlite3.connect(home / ledger.FILE_NAME)
    try:
        return connection.execute(f"SELECT * FROM {table_name}").fetchall()
    finally:
        connection.close()


def test_same_figures_again_are_no_new_entry(home):
    frame = table(counts_of(2))
    one = make(frame, totals=("region", "group"))
    first = entries(home)
    two = make(frame, totals=("region", "group"))
    assert two.id == one.id
    assert entries(home) == first
    assert len(first) == len(frame)


def test_preview_records_and_saves_nothing(home, tmp_path):
    make(table(counts_of(2)), totals=("region", "group"), preview=True)
    assert list(home.iterdir()) == []
    assert not (tmp_path / "releases").exists()


def test_changed_figure_needs_a_reason(home):
    first = make([row("E01", count=20), row("E02", count=30)])
    with pytest.raises(
        DisclosureError, match=f"left the house in release {first.id} with another value.*corrects"
    ):
        make([row("E01", count=21), row("E02", count=30)])
    assert len(entries(home, "releases")) == 1  # the refused release left no trace
    make([row("E01", count=21), row("E02", count=30)], corrects="kirjausvirhe korjattu")
    (correction,) = entries(home, "corrections")
    assert "kirjausvirhe korjattu" in correction and first.id in correction
    make([row("E01", count=21), row("E02", count=30)])


def test_cell_published_earlier_cannot_be_hidden_now(home):
    first = make([row("E01", count=4), row("E02", count=30)], k=3)
    with pytest.raises(
        DisclosureError, match=f"E01.* must be hidden but was published in release {first.id}"
    ):
        make([row("E01", count=4), row("E02", count=30)], k=5)


def test_cell_hidden_earlier_stays_hidden(home):
    counts = np.full((len(CODES), 4), 20.0)
    counts[1, 1] = 2
    first = protect.protected_frame(make(table(counts), totals=("region", "group")).select())
    hidden = first.loc[
        (first["status"] == "suppressed") & (first["region_code"] != "E02"), ["region_code", "group"]
    ]
    code, group = hidden.iloc[0]
    again = protect.protected_frame(make([row(code, group, count=20)]).select())
    assert again["status"].tolist() == ["suppressed"]


def test_area_minus_its_municipalities_in_two_reports_is_refused(home):
    """The county's total left first; now all but one municipality would give the last one away."""
    first = make([row("E1", count=127)])
    counts = [20, 20, 20, 20, 20, 20, 4, 3]
    assert sum(counts) == 127
    shown = protect.protected_frame(
        make([row(code, count=c) for code, c in zip(CODES, counts, strict=True)]).select()
    )
    assert (shown["status"] == "suppressed").sum() >= 3  # two small ones and one more to hide their sum
    assert first.id


def test_last_missing_figure_is_refused_by_name_of_release_and_figure(home):
    """Under k = 3 the rest of three people could leave; under k = 5 it may not be pointed at."""
    known = [row("E1", count=143), *(row(code, count=20) for code in CODES[:7])]
    first = make(known, name="kunnat", k=3)
    refused = (
        rf"E08.* could be reckoned back with what release {first.id} published, such as \(asiakkaat, hva, E1"
    )
    with pytest.raises(DisclosureError, match=refused):
        make([row(CODES[7], count=3)], name="viimeinen", k=5)


def test_new_division_does_not_give_back_what_was_hidden(home):
    """A total hidden earlier may not come back as the sum of men and women."""
    counts = np.full((len(CODES), 4), 20.0)
    counts[1, 1] = 2
    make(table(counts), totals=("region", "group"))
    halves = [table(np.floor(counts / 2), sex="male"), table(np.ceil(counts / 2), sex="female")]
    made = make(pd.concat(halves, ignore_index=True), name="sukupuoli", totals=("region", "group"))
    shown = protect.protected_frame(made.select())
    with ledger.opened(home, write=False) as book:
        earlier = book.earlier(["asiakkaat"])
    for key in earlier.loc[
        earlier["hidden"] & (earlier["sex"] == "total"), ["region_code", "group"]
    ].itertuples():
        both = shown[(shown["region_code"] == key.region_code) & (shown["group"] == key.group)]
        assert (both["status"] == "suppressed").any()


def test_two_statistics_of_one_figure_do_not_clash(home):
    rows = []
    for confidence in (0.95, 0.99):
        base = row("E01", count=20, denominator=200.0, per=100.0) | {"value": 10.0}
        rows.append(base | {"statistic": "proportion", "method": "wilson", "confidence": confidence})
    make(rows)
    make([row("E01", count=20, denominator=200.0, per=100.0) | {"value": 10.0}])
    assert len(entries(home)) == 2


def test_one_figure_with_two_values_is_refused(home):
    a, b = row("E01", count=20), row("E01", count=21)
    parts = {"a": protect.part(pd.DataFrame([a]), "vakio"), "b": protect.part(pd.DataFrame([b]), "vakio")}
    with pytest.raises(DisclosureError, match="has different counts in different parts"):
        protect.release(parts, name="koe")


def test_export_and_backup_hold_marks_and_published_figures_only(home, tmp_path):
    make([row("E01", count=3), row("E02", count=4321), row("E03", count=30)], totals=())
    assert ledger_listing.export(tmp_path / "out.csv", home=home) == 3
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = {line["region_code"]: line for line in csv.DictReader(file, delimiter=";")}
    assert (rows["E01"]["hidden"], rows["E01"]["value"], rows["E01"]["count"]) == ("1", "", "")
    assert (rows["E02"]["hidden"], rows["E02"]["value"]) == ("0", "4321")
    ledger_keeping.backup(tmp_path / "copy.sqlite", home=home)
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(copy) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM figures").fetchone() == (3,)
    connection.close()
    with pytest.raises(DisclosureError, match="exists already"):
        ledger_keeping.backup(tmp_path / "copy.sqlite", home=home)


def test_reading_makes_no_ledger_and_writing_needs_one_for_it(home):
    with ledger.opened(home, write=False) as book:
        assert book.earlier(["asiakkaat"]).empty
        with pytest.raises(DisclosureError, match="opened for reading"):
            book.record(("0" * 16, "koe"), pd.DataFrame(), {})
    assert list(home.iterdir()) == []


def _many(home, folder, number):
    made = [row(code, f"ryhma{number}", count=20 + number) for code in CODES]
    protect.release(
        {"osa": protect.part(pd.DataFrame(made), "vakio")}, name=f"koe{number}", home=home, folder=folder
    )


def test_two_processes_write_whole_releases(home, tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_many, args=(home, tmp_path / "out", number)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(entries(home)) == 2 * len(CODES)
