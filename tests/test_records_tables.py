"""Tables of client records: importers, who may not be in them, limits, law breaks, events, themes."""

from __future__ import annotations

import subprocess
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sosrake_lib import catalogue, samples
from sosrake_lib.catalogue import record_rules
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import records, records_checks, records_events, records_limits, records_plans
from sosrake_lib.gather.records_themes import theme_counts
from sosrake_lib.gather.schemas import schema
from sosrake_lib.gather.tables import check_file, import_file

SAMPLES = ("mittaukset", "tavoitteet", "kuntouttava_tyotoiminta")
OWN = ("aktivointisuunnitelmat", "tapahtumat", "kirjaaminen")
HETU = "131052-308T"


def event_log(*events: tuple[str, str, str], **more: object) -> pd.DataFrame:
    rows = pd.DataFrame(events, columns=["matter", "event", "date"])
    return rows.assign(client="K" + rows["matter"], region_code="E01", sex="female", age="25-34", **more)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_comes_through_the_import_unchanged_but_for_its_ids(name, tmp_path):
    file = samples.folder() / f"esimerkkila_{name}.csv"
    result = import_file(file, name, tmp_path)
    assert result.verdict == "accept", result.findings
    given = pd.read_csv(file, dtype=str, keep_default_na=False).replace("-0", "0")
    made = pd.read_csv(result.written, dtype=str, keep_default_na=False)
    assert list(made.columns) == list(given.columns)
    pd.testing.assert_frame_equal(made.drop(columns="client"), given.drop(columns="client"))
    assert not set(made["client"]) & set(given["client"])
    pairs = pd.DataFrame({"old": given["client"], "new": made["client"]}).drop_duplicates()
    assert pairs["old"].is_unique and pairs["new"].is_unique


@pytest.mark.parametrize("name", OWN)
def test_the_samples_of_records_fit_their_schemas(name):
    result = check_file(samples.folder() / f"esimerkkila_{name}.csv", name)
    assert result.verdict == "accept", result.findings.head()


@pytest.mark.parametrize("name", [*SAMPLES, *OWN, "tyotoiminnan_palaute", "palvelutarpeet"])
def test_every_schema_has_words_and_hides_personal_values(name):
    kind = schema(name)
    assert all(column.meaning_fi and column.meaning for column in kind.columns)
    ids = [one for one in kind.columns if one.kind == "pseudonym"]
    assert ids and all(one.personal for one in ids)


@pytest.mark.parametrize(
    ("column", "cell"),
    [("client", HETU), ("hetu", "x"), ("nimi", "x"), ("syntymäaika", "1.1.1990"), ("sähköposti", "x")],
)
def test_a_column_of_a_person_is_refused_by_the_importer_without_its_value(column, cell, tmp_path):
    file = tmp_path / "oma.csv"
    rows = pd.read_csv(samples.folder() / "esimerkkila_tapahtumat.csv", dtype=str).head(20)
    rows.assign(**{column: [cell] * 20}).to_csv(file, index=False, sep=";")
    result = import_file(file, "tapahtumat", tmp_path / "to")
    assert result.verdict == "refuse" and result.written is None
    told = result.findings.to_string()
    assert column in told and HETU not in told


def test_a_person_in_a_table_is_told_by_column_and_rows_only():
    rows = pd.DataFrame({"client": ["1", HETU, "2", HETU], "other": "x"})
    with pytest.raises(GatherError, match=r"sarakkeessa client .*\(rivit: 3, 5\)") as caught:
        records_checks.pseudonymous(rows, ["client"], "oma.csv")
    assert HETU not in str(caught.value)
    many = pd.DataFrame({"client": [HETU] * 13})
    with pytest.raises(GatherError, match=r"11 ja 3 muuta"):
        records_checks.pseudonymous(many, ["client"], "oma.csv")
    names = pd.DataFrame({"laatija": ["Aino Esimerkki", "Veikko Malli", "Helmi Kuvitteellinen"] * 4})
    names["laatija"] += [""] * 12
    names = pd.DataFrame(
        {"x": [f"{a} {b}" for a in ("Aino", "Veikko") for b in ("Malli", "Kuvitus", "Aalto")]}
    )
    with pytest.raises(GatherError, match="sarakkeessa x"):
        records_checks.pseudonymous(names, ["client"], "oma.csv")
    records_checks.pseudonymous(pd.DataFrame({"client": ["K1", "K2"], "need": "asuminen"}), ["client"], "x")


@pytest.mark.parametrize("kind", ["repository", "worktree"])
def test_records_are_never_written_into_a_git_tree(kind, tmp_path):
    tree = tmp_path / "tree"
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    target = tree / "deep" / "folder"
    if kind == "worktree":
        name = ["-c", "user.name=x", "-c", "user.email=x@x.invalid"]
        subprocess.run(["git", *name, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tree, check=True)
        subprocess.run(["git", "worktree", "add", "-q", str(tmp_path / "side")], cwd=tree, check=True)
        target = tmp_path / "side" / "deep"
        assert (tmp_path / "side" / ".git").is_file()
    with pytest.raises(GatherError, match="git"):
        import_file(samples.folder() / "esimerkkila_tapahtumat.csv", "tapahtumat", target)
    assert not target.exists()
    link = tmp_path / "link"
    link.symlink_to(tree, target_is_directory=True)
    with pytest.raises(GatherError, match="git"):
        import_file(samples.folder() / "esimerkkila_tapahtumat.csv", "tapahtumat", link / "data")


def test_law_changes_are_dated_and_what_is_not_checked_says_so():
    first, second = record_rules.law_changes()
    assert (first.on, first.act, first.verified) == (date(2025, 1, 1), "381/2023", True)
    assert second.on == date(2026, 1, 1) and not second.verified and "HE 109/2025" in second.proposal
    for one in (*record_rules.law_changes(), *record_rules.time_limits()):
        assert one.source and one.text_fi and one.text_en and one.checked <= date.today()
        assert one.act or not one.verified, f"{one.key}: verified without the act's number"


def test_series_break_where_the_law_changed():
    periods = pd.Series(["2024", "2025", "2026"])
    assert records_plans.breaks_before(periods).tolist() == [False, True, True]
    halves = pd.Series(["2025-H1", "2025-H2"])
    # Nothing before it is told, so nothing is broken off from it.
    assert records_plans.breaks_before(halves).tolist() == [False, False]


def test_seven_working_days_skip_weekends_and_easter():
    limit = record_rules.time_limit("arvioinnin_aloitus")
    starts = pd.Series(pd.to_datetime(["2024-03-26", "2025-12-22", "2026-05-11", "2025-06-16"]))
    ends = records_limits.last_days(starts, limit).dt.strftime("%Y-%m-%d").tolist()
    # Counted by hand: Easter 2024, Christmas and New Year, Ascension 14.5.2026, Midsummer Eve 20.6.2025.
    assert ends == ["2024-04-08", "2026-01-07", "2026-05-21", "2025-06-26"]
    assert record_rules.time_limit("palvelu").unit == "months"


def test_easter_sundays_are_those_of_the_almanac():
    found = [records_limits._easter(year) for year in (2000, 2008, 2019, 2025, 2026, 2038)]
    assert [day.isoformat()[5:] for day in found] == ["04-23", "03-23", "04-21", "04-20", "04-05", "04-25"]


def test_a_case_counts_only_when_its_limit_has_passed():
    limit = record_rules.time_limit("palvelu")
    starts = pd.Series(pd.to_datetime(["2025-01-01", "2025-01-01", "2025-05-01", "2025-05-01"]))
    ends = pd.Series(pd.to_datetime(["2025-04-01", "2025-04-02", "2025-05-02", None]))
    found = records_limits.kept(starts, ends, limit, pd.Timestamp("2025-06-30"))
    assert found.iloc[:2].tolist() == [1.0, 0.0] and found.iloc[2:].isna().all()
    before = records_limits.kept(starts - pd.DateOffset(years=15), ends, limit, pd.Timestamp("2025-06-30"))
    assert before.isna().all(), "the limit was not in force"


def test_matters_tell_days_limits_and_what_goes_on():
    log = event_log(
        ("1", "yhteydenotto", "2025-01-02"),
        ("1", "arviointi_valmis", "2025-05-02"),
        ("1", "palvelu_alkoi", "2025-05-12"),
        ("2", "yhteydenotto", "2025-02-01"),
        ("2", "suunnitelma_laadittu", "2025-03-01"),
        ("2", "suunnitelma_tarkistettu", "2025-04-01"),
    )
    rows = records_events.matters(log, "oma.csv", "2025-12-31").rows.set_index("matter")
    assert rows.loc["1", ["days_assessment", "days_service"]].tolist() == [120.0, 130.0]
    assert rows.loc["1", ["limit_arviointi_aikuinen", "limit_palvelu"]].tolist() == [0.0, 0.0]
    assert not rows.at["2", "seen_assessment"] and rows.at["2", "days_assessment"] == 333
    assert rows.at["2", "limit_palvelu"] == 0.0, "still waiting when the limit passed is not in time"
    assert np.isnan(rows.at["1", "limit_arviointi_lapsi"]) and np.isnan(
        rows.at["1", "limit_arvioinnin_aloitus"]
    )
    assert rows.at["2", "reviewed"] == 1.0 and np.isnan(rows.at["1", "reviewed"])


def test_what_is_not_recorded_is_not_zero():
    events = (("1", "yhteydenotto", "2025-01-02"), ("2", "yhteydenotto", "2025-01-03"))
    none = records_events.matters(event_log(*events), "oma.csv")
    assert none.absent == ("own_words", "with_client", "denied", "fee_hindered")
    assert none.rows[["denied", "fee_hindered"]].isna().all(axis=None)
    empty = records_events.matters(event_log(*events, denied=""), "oma.csv")
    assert "denied" in empty.absent
    half = records_events.matters(event_log(*events, denied=["ei", ""]), "oma.csv")
    assert "denied" not in half.absent
    assert half.rows["denied"].iloc[0] == 0.0 and np.isnan(half.rows["denied"].iloc[1])


def test_repeat_assessments_are_known_only_after_a_year_of_log():
    log = event_log(
        ("1", "yhteydenotto", "2024-01-01"),
        ("1", "arviointi_valmis", "2024-02-01"),
        ("2", "yhteydenotto", "2025-01-10"),
        ("2", "arviointi_valmis", "2025-01-20"),
        ("3", "yhteydenotto", "2025-06-01"),
        ("3", "arviointi_valmis", "2025-06-20"),
    ).assign(client=["K1"] * 4 + ["K2"] * 2)
    rows = records_events.matters(log, "oma.csv").rows.set_index("matter")["repeat"]
    assert np.isnan(rows["1"]) and rows["2"] == 1.0 and rows["3"] == 0.0


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (event_log(("1", "arviointi_valmis", "2025-01-02")), "puuttuu tapahtuma yhteydenotto"),
        (
            event_log(("1", "yhteydenotto", "2025-01-02"), ("1", "paatos", "2025-01-01")),
            "ennen yhteydenottoa",
        ),
        (event_log(("1", "yhteydenotto", "2.1.2025")), "rivi 2, sarake date"),
        (event_log(("1", "kahvi", "2025-01-02")), "rivi 2, sarake event"),
        (event_log(("1", "yhteydenotto", "2025-01-02")).assign(region_code="999"), "kuntanumeroa ei tunneta"),
        (event_log(("1", "yhteydenotto", "2025-01-02")).assign(client=HETU), "sarakkeessa client"),
        (event_log(("1", "yhteydenotto", "2025-01-02")).drop(columns="event"), "sarake event puuttuu"),
        (event_log(("1", "yhteydenotto", "2025-01-02")).iloc[:0], "ei yhtään riviä"),
    ],
)
def test_faults_of_a_log_are_said_with_their_place(log, told):
    with pytest.raises(GatherError, match=told) as caught:
        records_events.matters(log, "oma.csv")
    assert HETU not in str(caught.value)


def test_two_clients_of_one_matter_and_a_day_after_the_end_are_faults():
    log = event_log(("1", "yhteydenotto", "2025-01-02"), ("1", "paatos", "2025-02-02"))
    with pytest.raises(GatherError, match="kaksi asiakasta"):
        records_events.matters(log.assign(client=["a", "b"]), "oma.csv")
    with pytest.raises(GatherError, match="ennen taulukon viimeistä päivää"):
        records_events.matters(log, "oma.csv", "2025-01-31")


def test_plans_out_of_order_or_twice_are_refused():
    sheet = samples.table("esimerkkila_aktivointisuunnitelmat").head(3)
    early = sheet.assign(made="2020-01-01")
    with pytest.raises(GatherError, match="made on ennen kuin needed"):
        records_plans.plans(early, "oma.csv")
    with pytest.raises(GatherError, match="rivi 3: plan on jo"):
        records_plans.plans(sheet.assign(plan="1"), "oma.csv")


def test_no_count_by_theme_without_a_sub_code():
    rows = samples.table("esimerkkila_asiakkaat").head(50)
    with pytest.raises(GatherError, match="sarake need_detail puuttuu"):
        theme_counts(rows)
    with pytest.raises(GatherError, match="alakoodi ei kuulu tarpeeseensa"):
        theme_counts(rows.assign(need="asuminen", need_detail="velka"))
    found = theme_counts(rows.assign(need="asuminen", need_detail=""))
    assert found.counts.empty and found.without_detail == len(rows)


def test_a_client_is_once_in_each_theme_and_none_is_led_by_the_need_alone():
    rows = pd.DataFrame(
        {
            "client": ["1", "1", "2"],
            "region_code": "E01",
            "contact": "2025-01-01",
            "need": ["asuminen", "talous", "talous"],
            "need_detail": ["vuokravelka", "velka", "tyon_puute"],
        }
    )
    found = theme_counts(rows).counts.set_index("theme")["clients"].to_dict()
    assert found == {"koyhyys": 1, "tyottomyys": 1}


def test_the_crosswalk_leads_only_where_the_need_leads():
    touched = {need.key: set(need.themes) for need in catalogue.needs()}
    details = record_rules.need_details()
    for one in details.values():
        assert not one.theme or one.theme in touched[one.need]
    for need, themes in touched.items():
        assert {one.theme for one in details.values() if one.need == need} - {""} == themes, need


def test_needs_counts_refuse_a_person_still():
    rows = samples.table("esimerkkila_asiakkaat").head(30).assign(hetu=HETU)
    with pytest.raises(GatherError, match="hetu"):
        records.needs_counts(rows)
