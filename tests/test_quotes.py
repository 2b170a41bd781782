"""The quote bank: permission with scope, uses and days, two reviewers, withdrawal, and the one gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from register_databases import fresh_database, private_server

from sosrake_lib.errors import GatherError, SosrakeError
from sosrake_lib.gather import participation as gate
from sosrake_lib.register import PersonalData, backup, open_register, restore, verify_trail
from sosrake_lib.register.engine import NEWEST, migrate, schema_of
from sosrake_lib.register.quote_bank import (
    Permission,
    bank_quote,
    note_shown,
    publishable,
    withdraw,
)
from sosrake_lib.register.quotes import add_quote, review_quote
from sosrake_lib.register.receipts import new_key

TODAY = date.today()
WORDS = "Asuntoa ei löytynyt, vaikka hain puolitoista vuotta, kuutamosonaatti."
PAPER = Permission(
    "julkinen",
    TODAY,
    TODAY + timedelta(days=365),
    ("raportti", "verkkosivu"),
    "arkistokaappi, mappi lainausluvat",
)
ABOUT = {"source": "haastattelu", "theme": "asuminen", "region": ("hva", "E1"), "user": "tp1"}


@pytest.fixture(scope="module")
def server():
    with private_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def register(request, tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    if request.param == "sqlite":
        opened = open_register(f"sqlite:///{tmp_path / 'r.sqlite'}")
        yield opened
        opened.close()
        return
    with fresh_database(request.getfixturevalue("server"), "lainaukset") as address:
        opened = open_register(address)
        yield opened
        opened.close()


def reviewed(register, permission=PAPER, text=WORDS):
    banked = bank_quote(register, new_key(), text, permission, **ABOUT)
    review_quote(register, banked.number, expected_version=1, user="tp1")
    review_quote(register, banked.number, expected_version=2, user="tp2")
    return banked


def test_only_a_permitted_reviewed_quote_leaves_for_its_uses(register):
    key = new_key()
    first = bank_quote(register, key, WORDS, PAPER, **ABOUT)
    assert bank_quote(register, key, WORDS, PAPER, **ABOUT) == first  # once by its key
    with pytest.raises(SosrakeError, match="another kaytto"):
        bank_quote(register, key, WORDS, replace(PAPER, uses=("media",)), **ABOUT)
    assert publishable(register, TODAY).empty
    review_quote(register, first.number, expected_version=1, user="tp1")
    assert publishable(register, TODAY).empty
    review_quote(register, first.number, expected_version=2, user="tp2")
    shown = publishable(register, TODAY, theme="asuminen", region=("hva", "E1"))
    assert shown["text"].tolist() == [WORDS]
    assert publishable(register, TODAY, use="media").empty
    assert publishable(register, TODAY, theme="koyhyys").empty
    assert publishable(register, TODAY + timedelta(days=366)).empty
    assert publishable(register, TODAY - timedelta(days=1)).empty
    assert verify_trail(register).intact


def test_a_quote_without_a_paper_or_for_the_house_stays_in(register):
    number = add_quote(
        register, "k", WORDS, source="palaute", scope="julkinen", permitted_on=TODAY,
        permitted_until=TODAY + timedelta(days=9), user="tp1",
    )  # fmt: skip
    review_quote(register, number, expected_version=1, user="tp1")
    review_quote(register, number, expected_version=2, user="tp2")
    reviewed(register, replace(PAPER, scope="sisainen"), "Toinen lainaus.")
    assert publishable(register, TODAY).empty


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"form": "suullinen"}, "expected kirjallinen"),
        ({"uses": ()}, "expected kirjallinen, some of raportti"),
        ({"uses": ("mainos",)}, "mainos"),
        ({"kept_at": " "}, "where the paper is kept"),
        ({"permitted_until": TODAY - timedelta(days=1)}, "ends after it begins"),
    ],
)
def test_a_poor_permission_is_refused_and_nothing_is_saved(register, change, says):
    with pytest.raises(SosrakeError, match=says):
        bank_quote(register, new_key(), WORDS, replace(PAPER, **change), **ABOUT)
    with register.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM lainaus")).scalar() == 0


def test_words_that_name_someone_are_refused(register):
    with pytest.raises(PersonalData):
        bank_quote(register, new_key(), "Soita 131052-308T niin kerron.", PAPER, **ABOUT)


def test_withdrawal_by_code_removes_the_words_everywhere_and_names_the_releases(register, tmp_path):
    banked = reviewed(register)
    other = reviewed(register, text="Bussi ei kulje iltaisin.")
    note_shown(register, [banked.number], "abc", TODAY, user="tp1")
    note_shown(register, [banked.number], "abc", TODAY, user="tp1")
    saved = backup(register, tmp_path / "kopiot")
    gone = withdraw(register, banked.withdrawal_code, user="tp1")
    assert (gone.number, gone.shown_in) == (banked.number, ("abc",))
    assert gone.redaction.reached and not gone.redaction.pending
    assert publishable(register, TODAY)["lainaus_id"].tolist() == [other.number]
    assert b"kuutamosonaatti" not in (tmp_path / "kopiot" / saved.file.rpartition("/")[2]).read_bytes()
    assert verify_trail(register).intact
    with pytest.raises(SosrakeError, match="may not be shown"):
        note_shown(register, [banked.number], "uusi", TODAY, user="tp1")
    with pytest.raises(SosrakeError, match="no quote has this code"):
        withdraw(register, "AAAA-BBBB", user="tp1")


def test_papers_come_back_from_a_backup(tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    opened = open_register()
    reviewed(opened)
    saved = backup(opened, tmp_path / "kopiot")
    opened.close()
    restore(tmp_path / "kopiot" / saved.file.rpartition("/")[2], replace=True)
    again = open_register()
    assert publishable(again, TODAY)["text"].tolist() == [WORDS] and verify_trail(again).intact
    again.close()


def test_an_older_register_gets_the_papers_and_keeps_its_quotes(tmp_path):
    address = f"sqlite:///{tmp_path / 'vanha.sqlite'}"
    from sosrake_lib.register.engine import Register, address_of, make_engine

    older = Register(make_engine(address_of(address)))
    with older.writing() as connection:
        migrate(connection, "observations")
    number = add_quote(
        older, "k", WORDS, source="palaute", scope="julkinen", permitted_on=TODAY,
        permitted_until=TODAY, user="tp1",
    )  # fmt: skip
    older.close()
    newer = open_register(address)
    assert schema_of(newer) == NEWEST and verify_trail(newer).intact
    assert publishable(newer, TODAY).empty and number == 1
    newer.close()


# --- the gate -------------------------------------------------------------------------------------------

GOOD = {
    "text": "Sain vastauksen vasta kolmannella kerralla.",
    "source": "haastattelu",
    "form": "kirjallinen",
    "scope": "julkinen",
    "uses": "verkkosivu; raportti",
    "permitted_on": "2026-01-01",
    "permitted_until": "2027-12-31",
    "withdrawn": "",
    "reviewer_1": "tp1",
    "reviewer_2": "tp2",
}
DAY = date(2026, 6, 1)


def judged(**changes):
    rows = gate.read_quotes(pd.DataFrame([{**GOOD, **changes}]), "lainaukset")
    return gate.judge_quotes(rows, DAY)["reason"].iloc[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"withdrawn": "2026-03-01"}, "withdrawn"),
        ({"form": "suullinen"}, "not_written"),
        ({"scope": "sisainen"}, "not_public"),
        ({"uses": "media"}, "use_not_covered"),
        ({"permitted_on": "2026-06-02"}, "not_yet"),
        ({"permitted_until": "2026-05-31"}, "ended"),
        ({"permitted_until": "2026-06-01"}, ""),
        ({"reviewer_2": ""}, "reviewers_lack"),
        ({"reviewer_2": "tp1"}, "reviewers_lack"),
        ({"text": "Soita minulle numeroon 131052-308T."}, "personal"),
    ],
)
def test_the_gate_says_why_a_quote_stays_in(changes, reason):
    assert judged(**changes) == reason


@settings(max_examples=40, deadline=None)
@given(
    st.dates(date(2025, 1, 1), date(2028, 1, 1)),
    st.sampled_from(["", "2026-02-01"]),
    st.sampled_from(["tp1", "tp2", ""]),
    st.sampled_from(["kirjallinen", "suullinen", ""]),
)
def test_nothing_passes_without_every_condition(day, withdrawn, second, form):
    rows = pd.DataFrame([{**GOOD, "withdrawn": withdrawn, "reviewer_2": second, "form": form}])
    passes = gate.judge_quotes(rows, day)["reason"].iloc[0] == ""
    in_force = date(2026, 1, 1) <= day <= date(2027, 12, 31)
    assert passes == (in_force and not withdrawn and second == "tp2" and form == "kirjallinen")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"source": "netti"}, "row 1, column source"),
        ({"text": " "}, "row 1, column text"),
        ({"uses": "mainos"}, "row 1, column uses"),
        ({"permitted_on": "1.1.2026"}, "row 1, column permitted_on"),
        ({"permitted_until": "2025-12-31"}, "ends before it begins"),
        ({"withdrawn": "kylla"}, "row 1, column withdrawn"),
    ],
)
def test_a_broken_table_of_quotes_is_refused(changes, says):
    with pytest.raises(GatherError, match=says):
        gate.read_quotes(pd.DataFrame([{**GOOD, **changes}]), "lainaukset")


def test_a_missing_column_and_an_unknown_use_are_refused():
    with pytest.raises(GatherError, match="column reviewer_2 is missing"):
        gate.read_quotes(pd.DataFrame([GOOD]).drop(columns="reviewer_2"), "lainaukset")
    with pytest.raises(GatherError, match="use 'mainos'; expected one of raportti"):
        gate.judge_quotes(pd.DataFrame([GOOD]), DAY, "mainos")


def test_entries_that_name_someone_are_refused_without_repeating_it():
    rows = pd.DataFrame(
        {"mita_tapahtui": ["Jonotin kaksi tuntia.", "Soitin 131052-308T."], "ehdotus": ["", ""]}
    )
    with pytest.raises(GatherError, match=r"haastattelu: row 2, column mita_tapahtui") as told:
        gate.check_entries(rows, "haastattelu")
    assert "131052" not in str(told.value)
    assert gate.check_entries(rows.iloc[:1], "haastattelu").equals(rows.iloc[:1])
