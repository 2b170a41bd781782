"""The training plan: its release, words and command; only protected figures, and each row with its ground."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from sosrake_lib import catalogue, cli, protect, samples
from sosrake_lib.batch import recipes_survey, recipes_training, training_command, training_file
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import pages, training
from sosrake_lib.influence.rows import rows_of

AREA = ("hva", "E1")
# Shares that protection hides: of these nearly everyone has a gap of a point or more.
HIDDEN_REACH = {"sosiaalinen_media", "tiedolla_vaikuttaminen"}


@pytest.fixture(scope="module")
def survey():
    return recipes_survey.competence_survey(None)


@pytest.fixture(scope="module")
def release():
    return protect.release(RECIPES["koulutussuunnitelma"](None), name="koulutussuunnitelma", preview=True)


@pytest.fixture(scope="module")
def rows(release):
    return protect.protected_frame(release.select(part="rivit")).set_index("indicator")


@pytest.fixture
def folder(tmp_path, project):
    for ending in ("csv", "toml"):
        shutil.copy(project / "data" / "samples" / f"osaamiskartoitus.{ending}", tmp_path)
    return tmp_path


def test_the_plan_finds_what_is_known_to_be_true(rows):
    """Influencing has the greatest gap of the domains, effect knowledge the greatest outside it."""
    first = rows.loc["tiedolla_vaikuttaminen"]
    assert (first["category"], first["kind"], first["position"]) == (
        "valmennussarja",
        "valmennus",
        "itsenainen",
    )
    assert rows.loc["vaikutusten_arviointi", "category"] == "tyopaja"
    influencing = {
        item.key for item in catalogue.competence_framework().items if item.domain == "tiedolla_vaikuttaminen"
    }
    assert not influencing & set(rows.index), "the domain's series stands for its items"


def test_conditions_get_structure_and_everything_else_training(rows):
    conditions = {item.key for item in catalogue.competence_framework().items if item.condition}
    structural = set(rows.index[rows["kind"] == "rakenteellinen"])
    assert structural == conditions
    assert (rows.loc[sorted(structural), "hours"] == 0).all()


def test_the_figures_of_a_row_are_those_of_the_survey(rows, release):
    gaps = pd.concat(
        [protect.protected_frame(release.select(part=part)) for part in ("vaje", "vaje_osa_alueet")]
    )
    gaps = gaps.loc[gaps["group"] == "all"].set_index("indicator")
    for column in ("value", "lower", "upper", "importance", "skill", "denominator"):
        pd.testing.assert_series_equal(rows[column], gaps.loc[rows.index, column])


def test_hours_of_months_are_those_of_the_rows(rows, release):
    hours = protect.protected_frame(release.select(part="tunnit")).set_index("group")["value"]
    assert hours["all"] == rows["hours"].sum() == hours.drop("all").sum()
    assert hours.drop("all").max() <= catalogue.training_rules().hours_per_month
    assert hours["2027-07"] == 0


def test_rules_see_only_what_a_reader_may_see(survey):
    seen = recipes_training.protected_figures(survey, None).set_index("key")
    raw = survey["kattavuus"].frame
    raw = raw.assign(key=raw["indicator"].str.removesuffix(".kattavuus")).set_index("key")["value"]
    assert set(seen.index[seen["reach"].isna()]) == HIDDEN_REACH
    assert raw[sorted(HIDDEN_REACH)].notna().all(), "the shares are known in the house"
    assert seen["gap"].notna().all(), "hiding a share does not hide the gap"


def test_a_row_does_not_tell_a_hidden_share(survey, monkeypatch):
    """A rule whose limit the hidden share passes makes a row for the shown shares above it and not for it."""
    known = catalogue.training_rules()
    asking = replace(known.rule("tyopaja"), key="laaja", when={"reach": 90.0})
    rules = replace(known, rules=(asking,))
    monkeypatch.setattr(recipes_training.catalogue, "training_rules", lambda: rules)
    raw = survey["kattavuus"].frame
    raw = raw.assign(key=raw["indicator"].str.removesuffix(".kattavuus")).set_index("key")["value"]
    items = {item.key for item in catalogue.competence_framework().items}
    above = set(raw.index[raw >= 90]) & items
    plan = recipes_training.plan_of(survey, None)
    assert above & HIDDEN_REACH
    assert set(plan.rows["row"]) == above - HIDDEN_REACH
    assert set(plan.unjudged["key"]) == HIDDEN_REACH & items


def test_a_share_changed_behind_its_mark_changes_no_row(survey):
    """Two surveys that differ only in a hidden share give the same plan, byte for byte."""
    first = recipes_training.plan_of(survey, None)
    changed = dict(survey)
    frame = survey["kattavuus"].frame.copy()
    at = frame["indicator"] == "sosiaalinen_media.kattavuus"
    frame.loc[at, ["numerator", "value"]] = [frame.loc[at, "numerator"].iloc[0] + 1, 95.2]
    changed["kattavuus"] = protect.part(frame, rules="vakio")
    second = recipes_training.plan_of(changed, None)
    assert first.rows.to_csv() == second.rows.to_csv()
    assert first.unjudged.to_csv() == second.unjudged.to_csv()


def test_a_survey_too_small_for_shares_still_gets_a_plan(survey, monkeypatch):
    """Below fifty respondents every share is hidden; gaps and needs, which are means, carry the plan."""
    seen = recipes_training.protected_figures(survey, None).assign(reach=float("nan"))
    monkeypatch.setattr(recipes_training, "protected_figures", lambda *_: seen)
    plan = recipes_training.plan_of(survey, None)
    found = plan.rows.set_index("row")["rule"]
    assert found["vaikutusten_arviointi"] == "tyopaja_pienelle_joukolle"
    assert "vertaisklinikka" not in set(found)
    assert ("vertaisklinikka", "yhdistaminen", "reach") in set(
        plan.unjudged.itertuples(index=False, name=None)
    )


@pytest.mark.parametrize("language", ["fi", "en"])
def test_each_reason_names_its_figures_and_traces_them(release, language):
    told = training.reasons(release, AREA, language)
    ordered = training.in_order(release.select(part="rivit"))
    assert len(told) == len(ordered)
    known = {
        str(row["result_id"]): row for part in release.parts for row in rows_of(release.select(part=part))
    }
    for sentence, row in zip(told, ordered, strict=True):
        assert sentence.text.startswith(training.heading(str(row["indicator"]), language).text)
        assert len(sentence.numbers) >= 3, "gap and both limits"
        for start, end, reference in sentence.numbers:
            result, _, column = reference.partition(":")
            shown = float(re.sub(r"[^\d.,]", "", sentence.text[start:end]).replace(",", "."))
            assert shown == pytest.approx(float(known[result][column]), abs=0.51)
    effects = next(s for s in told if "83" in s.text)
    assert any(reference.startswith("kattavuus.") for _, _, reference in effects.numbers)
    assert any(reference.startswith("koulutustarve") for _, _, reference in effects.numbers)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_tables_have_a_line_a_row_and_pass_the_page(release, language):
    whole = release.select(part="rivit")
    table = training.plan_table(whole, "Rivit", language)
    assert len(table.plain) == len(whole)
    assert table.synthetic
    assert "data-result" not in table.html, "hours and months are constants of the rules"
    hours = training.hours_table(release.select(part="tunnit"), "Tunnit", language)
    assert hours.plain.iloc[0].tolist() == [("tammikuu 2027" if language == "fi" else "January 2027"), "8"]
    assert "tunnit." in hours.html
    for one in (table, hours, *training.rules(language), training.cap(language)):
        assert pages.html_of(one, language)


def test_every_rule_that_can_make_a_row_is_told():
    said = " ".join(str(sentence) for sentence in training.rules("fi"))
    for limit in ("1,5", "1,0", "0,5", "60", "50", "4,0", "3,0"):
        assert limit in said
    assert "kurssilla on jakso" in said


def test_english_words_are_in_no_finnish_cell(release):
    finnish = training.plan_table(release.select(part="rivit"), "Rivit", "fi").plain
    english = training.plan_table(release.select(part="rivit"), "Rows", "en").plain
    assert not (finnish.to_numpy()[:, [0, 1, 2, 5, 6]] == english.to_numpy()[:, [0, 1, 2, 5, 6]]).any()


# The command


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        cli.main(["training-plan", *map(str, arguments)])
    return left.value.code


def test_the_command_prints_and_writes_nothing_unasked(folder, capsys):
    assert run("--data", folder) == 0
    told = capsys.readouterr().out
    assert told.startswith("Koulutussuunnitelma: 13 riviä, 49 tuntia")
    assert "Mitään ei kirjoitettu" in told
    assert not (folder / "koulutussuunnitelma.csv").exists()


def test_the_command_keeps_hand_edits_over_reruns(folder, capsys):
    assert run("--data", folder, "--start", "2027-01", "--write") == 0
    path = folder / "koulutussuunnitelma.csv"
    table = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    at = table.index[table["tunnus"] == "vaikutusten_arviointi"][0]
    table.loc[at, ["tunnit", "vastuu"]] = ["6", "erityisasiantuntija"]
    table = table.loc[table["tunnus"] != "mittarit"]
    own = {"tunnus": "", "muoto": "opintopiiri", "tunnit": "4", "kuukausi": "2027-09"}
    table = pd.concat([table, pd.DataFrame([own])]).fillna("")
    table.to_csv(path, sep=";", index=False, encoding="cp1252")
    capsys.readouterr()
    assert run("--data", folder, "--start", "2027-03", "--write") == 0
    told = capsys.readouterr().out
    for line in ("soluja säilyi 2", "Omia rivejä säilyi 1", "pysyi poissa 1"):
        assert line in told
    kept = training_file.read_plan(folder).rows.set_index("tunnus")
    assert kept.loc["vaikutusten_arviointi", ["tunnit", "vastuu", "muokattu"]].tolist() == [
        *("6", "erityisasiantuntija", "tunnit, vastuu")
    ]
    assert "mittarit" not in kept.index
    assert kept.loc["oma-1", "tila"] == "oma rivi"
    assert kept.loc["yhdistaminen", "kuukausi"] > "2027-03", "untouched cells follow the rules"
    assert samples.files(folder)["name"].tolist() == ["koulutussuunnitelma", "osaamiskartoitus"]
    before = path.read_bytes()
    assert run("--data", folder, "--start", "2027-03", "--write") == 0
    assert path.read_bytes() == before, "a rerun without news changes nothing"


def test_a_rerun_in_another_language_is_no_edit(folder):
    training_command.make_training_plan(folder, write=True)
    english = training_command.make_training_plan(folder, write=True, language="en")
    assert english.merged.kept_cells == 0
    assert "whole" in english.lines("en")[0] or english.lines("en")[0].startswith("Training plan: 13 rows")
    assert set(english.merged.rows["tila"]) == {""}


def test_a_plan_is_not_written_where_it_would_be_published(folder, project, capsys):
    assert run("--write") == 2
    assert "esimerkkiaineisto" in capsys.readouterr().err
    assert run("--to", project / "docs", "--write") == 2
    assert "git-kansiossa" in capsys.readouterr().err
    assert run("--to", folder / "ei", "--write") == 2
    assert run("--data", folder, "--start", "2027") == 2
    assert "2027-01" in capsys.readouterr().err


def test_real_answers_need_their_place_and_then_get_a_plan(folder):
    about = folder / "osaamiskartoitus.toml"
    about.write_text(about.read_text(encoding="utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    with pytest.raises(SosrakeError, match="--region hva-12 --period 2026"):
        training_command.make_training_plan(folder)
    with pytest.raises(SosrakeError, match="alue hva-99 ei kelpaa"):
        training_command.make_training_plan(folder, region="hva-99", period="2026")
    report = training_command.make_training_plan(folder, region="hva-12", period="2026", write=True)
    assert len(report.merged.rows) == 13
    listed = samples.files(folder).set_index("name")["kind"]
    assert listed["koulutussuunnitelma"] == "real"


def test_the_page_is_left_out_for_an_office_s_own_answers(folder):
    about = folder / "osaamiskartoitus.toml"
    about.write_text(about.read_text(encoding="utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    with pytest.raises(samples.AbsentTable):
        RECIPES["koulutussuunnitelma"](folder)
