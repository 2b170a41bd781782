"""Work activity and providers' self-evaluation: figures, truth, no ranking of providers, the form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sosrake_lib import catalogue, protect, samples
from sosrake_lib.batch import recipes_work_activity as recipe
from sosrake_lib.catalogue.evaluation_form import self_evaluation_of
from sosrake_lib.errors import CatalogueError, GatherError, SosrakeError
from sosrake_lib.gather import rehabilitation as gathered
from sosrake_lib.influence import charts_rehabilitation, claims, self_evaluation, words_effects

make = pytest.importorskip("synthetic_rehabilitation", reason="tools/ is not beside the tests")
THEMES = ("arki", "toimintakyky", "osaaminen", "osallisuus", "jatkopolku")


@pytest.fixture(scope="module")
def parts():
    return recipe.work_activity(None)


@pytest.fixture(scope="module")
def opened(parts):
    return protect.release(parts, name="kuntouttava_tyotoiminta", preview=True)


@pytest.fixture(scope="module")
def released(opened):
    return {name: protect.protected_frame(opened.select(part=name)) for name in opened.parts}


@pytest.fixture(scope="module")
def clients():
    return samples.table(recipe.TABLE)


@pytest.fixture(scope="module")
def answers():
    return samples.table(recipe.ANSWERS)


def test_samples_are_what_the_tool_makes(clients, answers):
    made = make.work_activity(make.SEED)
    assert made.clients["client"].tolist() == clients["client"].tolist()
    assert made.answers["step"].to_numpy() == pytest.approx(
        answers["step"].astype("float64").to_numpy(), nan_ok=True
    )


def test_shares_of_written_goals_recover_the_chances_by_year(parts, clients):
    found = parts["kirjattu"].frame
    found = found[found["group"] == "all"].set_index("period")
    has = clients[[f"{theme}.start" for theme in THEMES]].notna().any(axis=1)
    for year, chance in make.WRITTEN.items():
        own = has[clients["start"].str.startswith(str(year))]
        assert (found.at[str(year), "numerator"], found.at[str(year), "denominator"]) == (own.sum(), len(own))
        assert stats.binomtest(int(own.sum()), len(own), chance).pvalue > 0.01
    assert found["break_before"].to_dict() == {"2023": False, "2023/2025": False, "2024": False, "2025": True}


def test_change_of_work_ability_is_the_paired_mean_and_holds_the_truth(parts, clients):
    row = parts["tyokyky"].frame.query("statistic == 'effect'").iloc[0]
    change = (clients["work_ability_after"] - clients["work_ability_before"]).astype("float64").dropna()
    test = stats.ttest_1samp(change, 0).confidence_interval(0.95)
    assert [row["value"], row["lower"], row["upper"]] == pytest.approx([change.mean(), test.low, test.high])
    truth = sum(step * chance for step, chance in make.WORK_ABILITY_STEPS.items())
    assert row["lower"] < truth < row["upper"] and row["claim"] == "muutos"


def test_next_steps_are_shares_of_clients_and_fit_their_chances(parts, clients):
    found = parts["jatko"].frame.set_index("group")
    counted = clients["next_step"].value_counts()
    assert found["numerator"].to_dict() == counted.astype("float64").to_dict()
    expected = [make.NEXT_STEPS[step] * len(clients) for step in make.NEXT_STEPS]
    assert stats.chisquare([counted[step] for step in make.NEXT_STEPS], expected).pvalue > 0.01


def test_taking_part_is_the_mean_of_days_of_those_agreed(parts, clients):
    found = parts["osallistuminen"].frame.set_index("group")["value"]
    share = 100 * clients["attended_days"].astype("float64") / clients["planned_days"].astype("float64")
    assert found["all"] == pytest.approx(share.mean(), abs=0.05)
    assert found["toimija_c"] == pytest.approx(share[clients["provider"] == "C"].mean(), abs=0.05)


def test_profile_is_the_mean_of_the_providers_answers(parts, answers):
    found = parts["itsearviointi"].frame.set_index(["group", "period", "category"])
    form = {one.key: one.area for one in catalogue.self_evaluation().questions}
    own = answers.assign(area=answers["question"].map(form), step=answers["step"].astype("float64"))
    mean = own.groupby(["provider", "year", "area"])["step"].mean()
    assert found.at[("toimija_a", "2025", "seuranta"), "value"] == round(mean["A", 2025, "seuranta"], 1)
    told = mean.drop("F").groupby(["year", "area"]).mean()
    for (year, area), value in told.items():
        assert found.at[("all", str(year), area), "value"] == pytest.approx(round(value, 1))
    newest = told[2025]
    assert newest.idxmin() == told[2024].idxmin() == "seuranta"
    assert (newest - told[2024]).idxmax() == "tavoitteet"


def test_a_provider_with_few_evaluators_is_hidden_alone(released):
    rows = released["itsearviointi"]
    hidden = set(rows.loc[rows["status"] == "suppressed", "group"])
    assert hidden == {"toimija_f"}
    assert (rows.loc[rows["group"] == "all", "denominator"] == 33).all()


def test_two_providers_have_no_joint_figure(answers, parts):
    two = gathered.self_evaluations(answers[answers["provider"].isin(["A", "B"])], "oma.csv")
    sheet, about = recipe.rows_of.read_table(recipe.TABLE, None)
    checked = gathered.work_activity(sheet, "oma.csv")
    made = recipe.self_evaluation(
        two, recipe.rows_of.clients_of(checked, "provider", about["kind"], "oma.csv")
    )
    assert set(made["group"]) == {"toimija_a", "toimija_b"}


def test_no_number_of_people_below_the_minimum_leaves(released):
    for name, rows in released.items():
        shown = rows[rows["status"] == "ok"]
        for column in ("numerator", "denominator"):
            assert not shown[column].between(1, 4).any(), f"{name}: {column}"


def test_providers_are_never_drawn_or_told_side_by_side(opened):
    both = opened.select(part="itsearviointi", group=["toimija_a", "toimija_b", "all"])
    with pytest.raises(SosrakeError, match="2 values of group"):
        charts_rehabilitation.profile(both, "Profiili")
    own = opened.select(part="itsearviointi", group=["toimija_a", "all"])
    figure = charts_rehabilitation.profile(own, "Profiili", names=recipe.names())
    assert "Toimija B" not in figure.table.html and "Toimija A" in figure.table.html
    for language in ("fi", "en"):
        said = self_evaluation.own_profile(own.select(group="toimija_a"), language)
        assert len(said) == len(catalogue.self_evaluation().areas)
        kinds = [str(one).partition(" – ")[0] for one in said]
        assert kinds == sorted(kinds, key=kinds.index)  # strengths, to develop, between: each together
        assert all(
            claims.check(one, words_effects.claim_of(opened.select(part="tyokyky")), language).empty
            for one in said
        )
    assert str(self_evaluation.own_profile(own.select(group="toimija_a"))[0]).startswith("Vahvuus")
    hidden = opened.select(part="itsearviointi", group="toimija_f")
    assert "suojattu" in str(self_evaluation.own_profile(hidden)[0])
    with pytest.raises(SosrakeError, match="hidden"):
        charts_rehabilitation.profile(hidden, "Profiili")


def test_form_holds_every_question_in_both_languages_with_a_box_for_each_step():
    form = catalogue.self_evaluation()
    for language in ("fi", "en"):
        tables = self_evaluation.form_tables(language)
        assert len(tables) == len(form.areas)
        markup = "".join(one.html for one in tables)
        texts = [one.text_en if language == "en" else one.text_fi for one in form.questions]
        assert all(text.replace("'", "&#x27;") in markup for text in texts)
        assert markup.count(self_evaluation.BOX) == len(form.questions) * (len(form.steps) + 1)
        assert str(self_evaluation.steps_in_words(language)).count("=") == len(form.steps)
    assert self_evaluation.schema_table().plain["Sarake"].tolist() == list(gathered.ANSWERS)
    assert self_evaluation.question_keys("en").plain.shape == (len(form.questions), 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda read: read["areas"]["a"]["evidence"].pop("x"), "'x' must stand both"),
        (lambda read: read["areas"].update(b=read["areas"]["a"]), "'x' stands twice"),
        (lambda read: read["steps"].pop(), "fewer than two steps"),
        (lambda read: read["areas"]["a"]["questions"].update(x=["vain suomi", ""]), "Finnish and English"),
    ],
)
def test_a_form_that_cannot_be_asked_is_refused(change, message):
    area = {"name_fi": "A", "name_en": "A", "questions": {"x": ["k", "q"]}, "evidence": {"x": ["n", "s"]}}
    read = {
        "version": "1",
        "steps": [{"fi": "ei", "en": "no"}, {"fi": "on", "en": "yes"}],
        "areas": {"a": area},
    }
    assert self_evaluation_of(read).questions[0].area == "a"
    change(read)
    with pytest.raises(CatalogueError, match=message):
        self_evaluation_of(read)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.assign(step=5), "odotettiin lukua 1–4"),
        (lambda rows: rows.assign(question="outo"), "tuntematon koodi"),
        (lambda rows: pd.concat([rows, rows.iloc[[0]]]), "vastattu kahdesti"),
        (lambda rows: rows.assign(evaluators=range(1, len(rows) + 1)), "vastaajamäärä vaihtelee"),
        (lambda rows: rows.assign(ranking=1), "sarake ranking on tuntematon"),
        (lambda rows: rows.drop(columns="year"), "sarake year puuttuu"),
    ],
)
def test_answers_that_break_their_contract_are_refused(answers, change, message):
    with pytest.raises(GatherError, match=message):
        gathered.self_evaluations(change(answers), "oma.csv")


def test_more_days_than_agreed_are_refused(clients):
    with pytest.raises(GatherError, match="enemmän kuin sovittuja"):
        gathered.work_activity(clients.assign(attended_days=np.full(len(clients), 500)), "oma.csv")
