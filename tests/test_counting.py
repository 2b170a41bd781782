"""Counts where the records are: one definition, three databases, equal frames; nothing about one person."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from register_databases import private_server
from typer.testing import CliRunner

from sosrake_lib import protect, samples
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import counting
from sosrake_lib.gather.counting import Aggregation, Measure
from sosrake_lib.gather.counting import database as databases
from sosrake_lib.gather.counting.definition import KINDS

TABLE = "palvelutarpeet"
WHAT = Aggregation(
    "kaikki",
    ("region_code", "sex"),
    (
        Measure("rows", "rows"),
        Measure("clients", "distinct", "client"),
        Measure("known", "known", "days"),
        Measure("within_30", "within", "days", 30),
        Measure("days", "sum", "days"),
    ),
    year="contact",
    where=(("need", "asuminen"),),
)


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    made = samples.table("esimerkkila_asiakkaat").astype("str").head(1200)
    # Gaps and an empty place: every database must read them alike.
    made.loc[made.index[::17], "days"] = ""
    made.loc[made.index[5], "region_code"] = ""
    return made


@pytest.fixture(scope="module")
def expected(records) -> pd.DataFrame:
    """The same counts by pandas, written apart from the library."""
    rows = records[records["need"] == "asuminen"].assign(
        period=lambda one: one["contact"].str[:4], number=lambda one: pd.to_numeric(one["days"])
    )
    grouped = rows.groupby(["region_code", "sex", "period"])
    return pd.DataFrame(
        {
            "rows": grouped.size(),
            "clients": grouped["client"].nunique(),
            "known": grouped["number"].count(),
            "within_30": grouped["number"].apply(lambda days: int((days <= 30).sum())),
            "days": grouped["number"].sum(),
        }
    ).reset_index()


@pytest.fixture(scope="module")
def folder(records, tmp_path_factory):
    place = tmp_path_factory.mktemp("records")
    records.to_csv(place / f"{TABLE}.csv", index=False)
    parquet = place / "parquet"
    parquet.mkdir()
    typed = records.assign(days=pd.to_numeric(records["days"]).astype("Int32"))
    typed.to_parquet(parquet / f"{TABLE}.parquet", index=False)
    return place


def compared(found: counting.Counted, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found.rows, expected, check_dtype=False)
    assert found.rows.dtypes.map(str).tolist() == ["str"] * 3 + ["int64"] * 4 + ["float64"]


def test_duckdb_counts_csv_parquet_and_its_own_file(folder, expected, records):
    import duckdb

    compared(counting.count(str(folder), TABLE, WHAT), expected)
    compared(counting.count(str(folder / "parquet"), TABLE, WHAT), expected)
    file = folder / "kanta.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create table {TABLE} as select * from records")
    before = file.read_bytes()
    compared(counting.count(str(file), TABLE, WHAT), expected)
    assert file.read_bytes() == before


def test_postgresql_gives_the_same_frame_and_cannot_be_written_to(records, expected):
    with private_server() as address:
        engine = sa.create_engine(address, poolclass=sa.NullPool)
        typed = records.assign(
            days=pd.to_numeric(records["days"]), contact=pd.to_datetime(records["contact"]).dt.date
        )
        with engine.begin() as connection:
            typed.to_sql(TABLE, connection, index=False, dtype={"contact": sa.Date(), "days": sa.Integer()})
        engine.dispose()
        compared(counting.count(address, TABLE, WHAT), expected)
        with counting.opened(address, TABLE) as place, pytest.raises(Exception, match="read-only"):
            place.table.get_backend().raw_sql(f"delete from {TABLE}")
        with pytest.raises(GatherError, match="taulua toinen ei ole"):
            counting.count(address, "toinen", WHAT)


def test_spark_gives_the_same_frame(folder, expected):
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        if os.environ.get("CI") == "true":
            raise RuntimeError("Java is not installed (Debian: apt-get install openjdk-17-jre-headless)")
        pytest.skip("Java is not installed (Debian: apt-get install openjdk-17-jre-headless)")
    from pyspark.sql import SparkSession

    try:
        compared(counting.count(f"spark:{folder}", TABLE, WHAT), expected)
        compared(counting.count(f"spark:{folder / 'parquet'}", TABLE, WHAT), expected)
    finally:
        session = SparkSession.getActiveSession()
        if session is not None:
            session.stop()


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", ""]), st.integers(0, 6), st.one_of(st.none(), st.integers(0, 99))
        ),
        min_size=1,
        max_size=40,
    )
)
def test_counts_hold_what_counts_must(rows, tmp_path_factory):
    table = pd.DataFrame(rows, columns=["unit", "client", "days"]).astype({"days": "Int64"})
    place = tmp_path_factory.mktemp("any")
    table.to_parquet(place / "t.parquet")
    what = Aggregation(
        "x",
        ("unit",),
        (
            Measure("rows", "rows"),
            Measure("clients", "distinct", "client"),
            Measure("known", "known", "days"),
            Measure("within", "within", "days", 50),
        ),
    )
    found = counting.count(str(place), "t", what).rows
    assert found["rows"].sum() == len(table)
    assert (found["clients"] <= found["rows"]).all() and (found["clients"] >= 1).all()
    assert (found["within"] <= found["known"]).all() and (found["known"] <= found["rows"]).all()
    assert found["known"].sum() == table["days"].notna().sum()


@pytest.mark.parametrize("key", ["client", "asiakas_id", "hetu", "recorder", "nimi", "matter", "entry", "id"])
def test_no_group_and_no_filter_by_one_person(key):
    with pytest.raises(GatherError, match=f"sarake {key} erottaa ihmiset toisistaan"):
        Aggregation("x", (key,), (Measure("rows", "rows"),))
    with pytest.raises(GatherError, match=f"sarake {key} erottaa ihmiset toisistaan"):
        Aggregation("x", (), (Measure("rows", "rows"),), where=((key, "K1"),))


def test_a_column_whose_different_values_are_counted_is_no_group():
    with pytest.raises(GatherError, match="sarake koodi erottaa"):
        Aggregation("x", ("koodi",), (Measure("n", "distinct", "koodi"),))


def test_rows_cannot_be_selected():
    with pytest.raises(GatherError, match="Rivejä ei voi hakea"):
        Aggregation("x", ("need",), ())
    assert {"min", "max", "first", "list"}.isdisjoint(KINDS)


def test_a_key_that_tells_people_apart_by_its_values_is_refused(tmp_path):
    rows = pd.DataFrame({"tunnus": [f"K{one:04d}" for one in range(200)], "n": 1})
    rows.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(GatherError, match="lähes jokaisella rivillä oma arvo"):
        counting.count(str(tmp_path), "t", Aggregation("x", ("tunnus",), (Measure("rows", "rows"),)))


def test_a_key_that_looks_like_somebody_does_not_come_back(tmp_path):
    rows = pd.DataFrame({"luokka": ["a", "b", "131052-308T", "c"], "n": 1})
    rows.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(GatherError) as caught:
        counting.count(str(tmp_path), "t", Aggregation("x", ("luokka",), (Measure("rows", "rows"),)))
    assert "131052" not in str(caught.value) and "luokka" in str(caught.value)


def test_days_are_no_groups(tmp_path):
    pd.DataFrame({"day": pd.to_datetime(["2025-01-01", "2025-01-02"])}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(GatherError, match="päivittäin ei lasketa"):
        counting.count(str(tmp_path), "t", Aggregation("x", ("day",), (Measure("rows", "rows"),)))


def test_the_result_has_its_columns_and_no_other(folder):
    found = counting.count(str(folder), TABLE, WHAT).rows
    assert list(found.columns) == [*WHAT.keys, *(one.name for one in WHAT.measures)]


def test_counts_become_a_frame_that_protection_takes(folder, records):
    what = counting.aggregation("tarpeet")
    kept = records[records["region_code"] != ""]
    kept.to_csv(folder / "ehjat.csv", index=False)
    framed = counting.as_frame(
        counting.count(str(folder), "ehjat", what), "clients", "palvelutarve_asiakkaat"
    )
    assert set(framed["origin"]) == {"synthetic"} and (framed["per"] == 1).all()
    whole = kept.assign(period=kept["contact"].str[:4])
    own = whole.groupby(["region_code", "need", "period"])["client"].nunique()
    back = framed.set_index(["region_code", "group", "period"])["value"]
    assert back.sort_index().to_numpy() == pytest.approx(own.sort_index().to_numpy())
    opened = protect.release({"tarpeet": protect.part(framed, "vakio")}, name="kokeilu", preview=True)
    left = protect.protected_frame(opened.select(part="tarpeet"))
    shown = left.loc[left["status"] == "ok", "value"]
    assert not shown.between(1, 4).any() and (left["status"] == "suppressed").any()


def test_a_sum_is_no_number_of_people(folder):
    counted = counting.count(str(folder), TABLE, counting.aggregation("arvioinnit"))
    with pytest.raises(GatherError, match="days ei ole lukumäärä"):
        counting.as_frame(counted, "days", "paivat")


def test_no_password_in_a_message():
    secret = "salasana-joka-ei-nay"
    with pytest.raises(GatherError) as caught:
        counting.count(f"postgresql://anna:{secret}@127.0.0.1:1/kanta", TABLE, WHAT)
    assert secret not in str(caught.value) and "anna" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert secret not in databases.shown(f"postgresql://anna:{secret}@kone/kanta?password={secret}")


@pytest.mark.parametrize(
    ("database", "table", "told"),
    [
        ("/ei/ole", TABLE, "ei ole; tarkista polku"),
        ("mysql://kone/kanta", TABLE, "osoite alkaa mysql://"),
        ("/tmp", "a; drop table b", "ei kelpaa"),
        ("/tmp", "ei_tallaista_taulua", "taulua ei_tallaista_taulua ei ole"),
    ],
)
def test_what_cannot_be_opened_is_said(database, table, told):
    with pytest.raises(GatherError, match=told):
        counting.count(database, table, WHAT)


def test_a_missing_column_and_a_wrong_number_are_said(folder, tmp_path):
    with pytest.raises(GatherError, match="sarake amount puuttuu"):
        counting.count(str(folder), TABLE, Aggregation("x", ("sex",), (Measure("s", "sum", "amount"),)))
    pd.DataFrame({"sex": ["male"], "days": ["paljon"]}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(GatherError, match="tarkista, että luvut ovat lukuja"):
        counting.count(str(tmp_path), "t", Aggregation("x", ("sex",), (Measure("s", "sum", "days"),)))


def test_a_definition_of_ones_own_is_read_from_a_file(tmp_path):
    file = tmp_path / "oma.toml"
    file.write_text(
        '[oma]\nby = ["sex"]\nwhere = { need = "talous" }\n'
        'measures = [{ name = "clients", kind = "distinct", column = "client" }]\n',
        encoding="utf-8",
    )
    found = counting.aggregation(str(file))
    assert found.by == ("sex",) and found.where == (("need", "talous"),)
    file.write_text("[oma]\nby = 3\n", encoding="utf-8")
    with pytest.raises(GatherError, match="ei voi lukea"):
        counting.aggregation(str(file))
    with pytest.raises(GatherError, match=r"ei sellaista\. Valmiit: arvioinnit"):
        counting.aggregation("tuntematon")


def test_the_command_tells_counts_and_hides_small_ones(folder, tmp_path):
    from sosrake_lib.cli import app

    made = CliRunner().invoke(
        app,
        [
            "count",
            "--database",
            str(folder),
            "--table",
            "palvelutarpeet",
            "--what",
            "tarpeet",
            "--to",
            str(tmp_path),
        ],
    )
    assert made.exit_code == 0, made.output
    assert "••" in made.output and "Tietokannasta tuli vain lukumääriä" in made.output
    # the number of all rows would give a single hidden group back
    assert "Laskettu •• rivistä" in made.output
    written = pd.read_csv(tmp_path / "tarpeet.csv", dtype=str, keep_default_na=False)
    assert list(written.columns) == ["region_code", "need", "period", "clients", "assessments"]
    assert np.issubdtype(pd.to_numeric(written["clients"]).dtype, np.integer)


def test_the_command_writes_nothing_into_a_git_tree(folder, tmp_path):
    from sosrake_lib.cli import app

    (tmp_path / ".git").mkdir()
    asked = ["count", "--database", str(folder), "--table", "palvelutarpeet", "--what", "tarpeet"]
    made = CliRunner().invoke(app, [*asked, "--to", str(tmp_path / "alla")])
    assert made.exit_code != 0 and isinstance(made.exception, GatherError)
    assert not (tmp_path / "alla").exists()
