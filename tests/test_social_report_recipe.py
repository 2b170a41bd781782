"""The social report: its half-years, promises and voices; what was carried over; what never reaches it."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from typer.testing import CliRunner

from sosrake_lib import protect, regions, samples
from sosrake_lib.batch import followup_source
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.batch.recipes_followup import followup_parts
from sosrake_lib.batch.recipes_phenomenon import phenomenon_cards
from sosrake_lib.batch.recipes_social_report import (
    HalfYears,
    half_years,
    period_rows,
    social_report,
    voice_rows,
)
from sosrake_lib.cli import app
from sosrake_lib.influence import words_followup
from sosrake_lib.influence import words_social_phenomena as phenomena
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
def reported():
    return source.open_reported(None)


@pytest.fixture(scope="module")
def cards():
    return protect.release(phenomenon_cards(None), name="ilmiokortti", preview=True)


@pytest.fixture(scope="module")
def steps():
    return samples.table(source.STEPS).fillna("").astype("str")


def test_the_report_holds_words_and_no_figure(parts):
    for name, one in parts.items():
        assert one.frame["value"].isna().all(), name
        assert one.rules.name == "vakio"
    assert set(parts) == {"jaksot", "aanet"}


def test_its_half_years_are_those_of_the_observations(release):
    days = samples.table(source.OBSERVATIONS)["saapunut"].astype("str")
    halves = sorted({f"{day[:4]}-H{1 if day[5:7] <= '06' else 2}" for day in days})
    assert words.period(release, COUNTY) == halves[-1]
    assert words.period(release, COUNTY, "edellinen") == halves[-2]


def test_an_unfinished_half_year_waits_and_the_first_has_none_before():
    given = pd.Series(["2025-H1", "2025-H2"])
    assert half_years(given, pd.Timestamp("2025-09-01")) == HalfYears("2025-H1", "")
    assert half_years(given.iloc[1:], pd.Timestamp("2025-09-01")) == HalfYears("2025-H2", "")


def promises(half_year, *states):
    """Give the promises of the sample for a half-year, in the order of their days."""
    told = samples.table(followup_source.ENTRIES).fillna("").astype("str")
    told = told.loc[told["laji"] == "lupaus"].pivot(index=["tunnus", "tila"], columns="kentta", values="arvo")
    told = told.reset_index().fillna("").sort_values("maarapaiva")
    return told.loc[(told["puolivuosi"] == half_year) & (told["tila"].isin(states) | (not states))]


def test_promises_are_those_of_the_half_year_and_each_says_what_became_of_it(followed):
    table, *more = words.promised(followed, COUNTY, "2025-H2")
    expected = promises("2025-H2")
    assert list(table.plain["Lupaus"]) == list(expected["lupaus"]) and len(expected) == 3
    assert list(table.plain["Mitä lupaukselle tapahtui"]) == [
        "toteutui, 16.9.2025",
        "ei toteutunut, 20.1.2026",
        "toteutui osittain, 20.1.2026",
    ]
    assert list(table.plain["Mitä tehtiin"]) == list(expected["mita_tehtiin"])
    assert more == []


def test_a_promise_belongs_to_its_half_year_whenever_it_was_written(followed):
    """What was promised for the next half-year is never shown as the last report's promise."""
    following = words.promised_next(followed, COUNTY, "2025-H2")
    assert list(following.plain["Lupaus"]) == list(promises("2026-H1")["lupaus"])
    now = words.promised(followed, COUNTY, "2025-H2")[0].html
    assert not any(text in now for text in promises("2026-H1")["lupaus"])
    assert words.promised_next(followed, COUNTY, "2026-H1").text("fi").startswith("Seuraavalle puolivuodelle")
    assert words.promised(followed, ("hva", "12"), "2025-H2")[0].text("fi").startswith("Tälle puolivuodelle")


def test_an_earlier_promise_that_is_open_is_told_again(followed):
    """In the second half of 2026 the promises of the first are still open in the register."""
    (open_ones,) = words.promised(followed, COUNTY, "2026-H2")
    assert list(open_ones.plain["Lupaus"]) == list(promises("2026-H1")["lupaus"])
    assert "Aiemmin luvattu" in open_ones.caption
    assert list(open_ones.plain["Mitä lupaukselle tapahtui"]) == ["luvattu", "luvattu"]


def test_phenomena_are_told_in_short_and_explained_once(cards):
    told = " ".join(str(one) for one in phenomena.phenomena(cards, COUNTY))
    assert "Luku kertoo raportoinnista" not in told
    *_, lines = phenomena.how_to_read(cards, COUNTY)
    said = [one.text for one in lines]
    assert len(said) == len(set(said)) and {one[:9] for one in said} >= {
        "Vahvuus A",
        "Vahvuus C",
        "Vahvuus D",
    }
    for language in ("fi", "en"):
        kinds = [one for one in phenomena.phenomena(cards, COUNTY, language) if isinstance(one, list)]
        assert len(kinds) == 5 and all(len(one) <= 3 for one in kinds)


def test_municipalities_are_told_of_the_same_register_with_small_ones_hidden(cards, reported):
    table = phenomena.by_municipality(cards, COUNTY)
    assert list(table.plain["Kunta"]) == sorted(table.plain["Kunta"])
    assert table.caption.endswith(", 2024–2025")
    observed = reported.observations
    named = reported.phenomena.set_index("ilmio_id")["nimi"]
    for number, name in named.items():
        if name not in table.plain:
            continue
        own = observed.loc[observed["ilmio_id"] == number, "alue_koodi"].value_counts()
        for row in table.plain.to_dict("records"):
            code = next(
                code for code in regions.members(*COUNTY) if regions.name("kunta", code) == row["Kunta"]
            )
            true = int(own.get(code, 0))
            shown = str(row[name])
            assert shown in ("suojattu", "ei havaintoja") or shown == f"{true}\u00a0havaintoa"
            assert not (1 <= true <= 4) or shown == "suojattu"


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
    assert "päätös kesken, tilanne 10.6.2025" in set(table.plain["Päätös"])
    assert "hyväksytty, 25.3.2025" in set(table.plain["Päätös"])


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
    answered = set(samples.table(source.FEEDBACK)["id"])
    count = len(set(samples.table(source.OBSERVATIONS)["id"]) - answered)
    assert f"Vastausta odottavia havaintoja: {count}" in result.output
    waits = [int(days) for days in re.findall(r"odottanut (\d+) päivää", result.output)]
    assert len(waits) == count and waits == sorted(waits, reverse=True)
