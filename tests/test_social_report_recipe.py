"""The social report: its half-years, promises and voices; what was carried over; what never reaches it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

from sosrake_lib import protect, samples
from sosrake_lib.batch import followup_source, hand_files
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.batch.hand_files import Entry
from sosrake_lib.batch.recipes_followup import followup_parts
from sosrake_lib.batch.recipes_social_report import (
    HalfYears,
    half_years,
    period_rows,
    promise_before,
    promised_rows,
    social_report,
    voice_rows,
)
from sosrake_lib.cli import app
from sosrake_lib.errors import GatherError
from sosrake_lib.influence import words_followup
from sosrake_lib.influence import words_social_report as words
from sosrake_lib.influence.tables import Table

COUNTY = ("hva", "E1")


@pytest.fixture(scope="module")
def parts():
    return social_report(None)


@pytest.fixture(scope="module")
def release(parts):
    return protect.release(parts, name="sosiaalinen_raportti", preview=True)


@pytest.fixture(scope="module")
def followed():
    told = followup_parts(followup_source.open_followup())
    return protect.release(told, name="seuranta", preview=True)


@pytest.fixture(scope="module")
def steps():
    return samples.table(source.STEPS).fillna("").astype("str")


def test_the_report_holds_words_and_no_figure(parts):
    for name, one in parts.items():
        assert one.frame["value"].isna().all(), name
        assert one.rules.name == "vakio"
    assert set(parts) == {"jaksot", "luvattu", "aanet"}


def test_its_half_years_are_those_of_the_observations(release):
    days = samples.table(source.OBSERVATIONS)["saapunut"].astype("str")
    halves = sorted({f"{day[:4]}-H{1 if day[5:7] <= '06' else 2}" for day in days})
    assert words.period(release, COUNTY) == halves[-1]
    assert words.period(release, COUNTY, "edellinen") == halves[-2]


def test_an_unfinished_half_year_waits_and_the_first_has_none_before():
    given = pd.Series(["2025-H1", "2025-H2"])
    assert half_years(given, pd.Timestamp("2025-09-01")) == HalfYears("2025-H1", "")
    assert half_years(given.iloc[1:], pd.Timestamp("2025-09-01")) == HalfYears("2025-H2", "")


def test_the_promise_is_the_one_that_stood_when_the_half_year_ended(release):
    """The sample's newest promise is for the next report; the one before it is told of here."""
    entry = hand_files.read("sosiaalinen_raportti", "hva-E1")["lupaukset"]
    assert entry.written > date(2025, 12, 31) and len(entry.earlier) == 1
    told = " ".join(
        str(one.text("fi") if isinstance(one, protect.Text) else one)
        for one in words.promised(release, COUNTY)[:-1]
    )
    assert entry.earlier[0].text.split("\n")[0] in told
    assert entry.text.split("\n")[0] not in told


def test_promise_before_takes_the_newest_by_the_day():
    def of(day):
        return Entry(text=f"luvattu {day}", role="rooli", written=day)

    early, late = of(date(2024, 8, 1)), of(date(2025, 2, 1))
    entry = replace(of(date(2025, 9, 1)), earlier=(late, early))
    assert promise_before(entry, date(2025, 6, 30)).written == late.written
    assert promise_before(entry, date(2025, 12, 31)).written == date(2025, 9, 1)
    assert promise_before(entry, date(2024, 1, 1)) is None


def test_a_promise_that_names_a_person_stays_in(tmp_path, monkeypatch):
    phone = "040" + " 123 4567"  # put together here: no phone number stands in the project
    named = Entry(text=f"Soita numeroon {phone}.", role="rooli", written=date(2025, 8, 1))
    monkeypatch.setattr(hand_files, "read", lambda *_: {"lupaukset": named})
    with pytest.raises(GatherError) as refused:
        promised_rows(COUNTY, HalfYears("2025-H2", "2025-H1"), "synthetic", tmp_path)
    assert "040" not in str(refused.value)


def test_quotes_are_those_the_gate_passes_one_a_theme(release):
    bank = samples.table("esimerkkila_lainaukset").fillna("").astype("str")
    allowed = bank.loc[
        (bank["withdrawn"] == "")
        & bank["uses"].str.contains("verkkosivu")
        & (bank["permitted_until"] >= "2025-12-31")
        & (bank["reviewer_1"] != bank["reviewer_2"])
    ]
    found = protect.protected_frame(release.select(part="aanet"))
    assert set(found["label_fi"]) <= set(allowed["text"])
    assert found["theme"].is_unique and 1 <= len(found) <= 3


def test_without_a_quote_it_is_said_so(parts):
    bare = protect.release({"jaksot": parts["jaksot"]}, name="sosiaalinen_raportti", preview=True)
    assert "Lainausta, jonka saisi näyttää, ei ole" in words.voices(bare, COUNTY)[0].text("fi")
    assert words.promised(bare, COUNTY)[0].text("fi") == "Edelliseen raporttiin ei ole kirjattu lupausta."


def test_carried_over_is_what_was_open_or_decided_since(followed, steps):
    made = steps.loc[steps["tapahtuma"] == "ehdotus"].set_index("ilmio")["pvm"]
    decided = steps.loc[steps["tapahtuma"] == "paatos"].set_index("ilmio")["pvm"].to_dict()
    expected = [
        day for key, day in made.items() if day <= "2025-06-30" and decided.get(key, "9999") >= "2025-01-01"
    ]
    table = words.carried_over(followed, COUNTY, "2025-H1")
    assert isinstance(table, Table)
    shown = [words_followup.date_pair(day)[0] for day in sorted(expected)]
    assert list(table.plain["Tehty"]) == shown and len(shown) == 3


def test_new_proposals_are_those_made_within(followed, steps):
    table = words.new_ones(followed, COUNTY, "2025-H2")
    inside = steps.loc[(steps["tapahtuma"] == "ehdotus") & (steps["pvm"] >= "2025-07-01")]
    assert len(inside) == 1 and inside["teksti"].iloc[0] in table.html
    assert words.new_ones(followed, COUNTY, "2030-H1").text("fi").startswith("Puolivuoden aikana ei ole")
    assert words.carried_over(followed, COUNTY, "").text("fi").startswith("Aiempaa puolivuotta ei ole")
    assert {one.day("paiva")[:7] for one in words.decided_items(followed, COUNTY, "2025-H2")} == {
        "2025-09",
        "2025-11",
    }


def test_several_forms_are_told_of(parts):
    reported = source.open_reported(None)
    observed = reported.observations.copy()
    halves = half_years(observed["period"], pd.Timestamp(reported.on))
    now = observed.index[observed["period"] == halves.now]
    observed["kaavio"] = observed["kaavio"].astype("str")
    observed.loc[now[0], "kaavio"] = "2"
    rows = period_rows(observed, halves, COUNTY, reported)
    assert rows[0]["note"] == "1, 2" and rows[1]["note"] == "1"
    assert voice_rows(COUNTY, halves, reported, None)


def test_texts_on_the_page_are_the_writers_own_and_current(project):
    path = project / "notebooks/4_vaikuttaminen/sosiaalinen_raportti.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    shown = "\n".join(
        "".join(out["data"]["text/html"])
        for cell in notebook["cells"]
        for out in cell.get("outputs", ())
        if "data" in out
    )
    assert "Kirjoittajan oma teksti" in shown and "(keksitty)" in shown
    assert "Luvut ovat muuttuneet" not in shown
    assert "Havaintojen määrä ei kerro tarpeesta" in shown
    assert "odottanut" not in shown, "the desk's list of unanswered receipts never reaches a page"


def test_the_unanswered_are_listed_for_the_desk(tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)
    runner = CliRunner()
    assert runner.invoke(app, ["register", "samples"]).exit_code == 0
    result = runner.invoke(app, ["register", "unanswered"])
    assert result.exit_code == 0
    count = len(samples.table(source.OBSERVATIONS))
    assert f"Vastausta odottavia havaintoja: {count}" in result.output
    waits = [int(days) for days in re.findall(r"odottanut (\d+) päivää", result.output)]
    assert len(waits) == count and waits == sorted(waits, reverse=True)
