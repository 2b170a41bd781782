"""The ladder of effects: the truth recovered, figures against independent reckoning, words, protection."""

from __future__ import annotations

import io
import re
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import stats

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes, recipes_effects_kela
from sosrake_lib.batch import recipes_effects as recipe
from sosrake_lib.effects.analysis_plan import KINDS, AnalysisPlan, Done, departures, lock
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.fragility.summary import KEYS
from sosrake_lib.errors import GatherError, SosrakeError
from sosrake_lib.influence import charts_effects, claims, words_effects
from sosrake_lib.influence import words_effects_ladder as words
from sosrake_lib.language import keys

HONEST = recipe.RUNGS[2:]


@pytest.fixture(scope="module")
def parts():
    return recipes.RECIPES["vaikuttavuus"](None)


@pytest.fixture(scope="module")
def released(parts, tmp_path_factory):
    return protect.release(parts, name="vaikuttavuus", preview=True, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def kela(tmp_path_factory):
    made = recipes_effects_kela.interrupted_assistance(None)
    home = tmp_path_factory.mktemp("kela")
    return made, protect.release(made, name="katkos_toimeentulotuki", preview=True, home=home)


@pytest.fixture(scope="module")
def rows(parts):
    found = parts["portaat"].frame
    found = found[found["statistic"] == "effect"]
    return found.assign(rung=[code.split("_", 2)[2] for code in found["indicator"]]).set_index("rung")


def rung(released, name):
    code = recipe.code(name)
    return released.select(part="portaat", indicator=[code, f"{code}.n"])


def test_naive_rungs_miss_the_truth_and_honest_ones_hold_it(rows):
    assert rows.index.tolist() == list(recipe.RUNGS)
    assert (rows["reference_value"] == 3.0).all()
    for name in recipe.RUNGS[:2]:
        assert not rows.loc[name, "lower"] <= 3.0 <= rows.loc[name, "upper"], name
    for name in HONEST:
        assert rows.loc[name, "lower"] <= 3.0 <= rows.loc[name, "upper"], name


def test_figures_are_those_of_a_plain_reckoning(rows):
    clients = samples.table(recipe.CLIENTS).astype({"before": float, "after": float})
    inside = clients[clients["group"] == "mukana"].dropna()
    change = inside["after"] - inside["before"]
    assert rows.loc["ennen_jalkeen", "value"] == pytest.approx(change.mean())
    half = stats.t.ppf(0.975, len(change) - 1) * change.std() / np.sqrt(len(change))
    assert rows.loc["ennen_jalkeen", "upper"] == pytest.approx(change.mean() + half)
    ended = clients.dropna()
    own = ended["group"] == "mukana"
    assert rows.loc["jalkeen", "value"] == pytest.approx(
        ended.loc[own, "after"].mean() - ended.loc[~own, "after"].mean()
    )
    low = ended[ended["group"] != "muut"]
    x = np.column_stack([np.ones(len(low)), low["group"] == "mukana", low["before"]]).astype(float)
    ancova = np.linalg.lstsq(x, low["after"].to_numpy(float), rcond=None)[0][1]
    assert rows.loc["vertailu", "value"] == pytest.approx(ancova)
    score = samples.table(recipe.OFFICES).pivot(index="office", columns="year", values="score").astype(float)
    start = samples.table(recipe.OFFICES).groupby("office")["start"].first()
    gain = score[2025] - score[2020]
    assert rows.loc["erotus", "value"] == pytest.approx(gain[start > 0].mean() - gain[start == 0].mean())
    cells = [
        (score.loc[office, year] - score.loc[office, begun - 1])
        - (score.loc[start == 0, year] - score.loc[start == 0, begun - 1]).mean()
        for office, begun in start[start > 0].items()
        for year in range(begun, 2026)
    ]
    assert rows.loc["porrastettu", "value"] == pytest.approx(np.mean(cells))


def test_claims_climb_with_the_design_and_not_with_the_method(rows):
    expected = {"jalkeen": "yhteys", "ennen_jalkeen": "muutos", "vertailu": "todennakoinen_vaikutus"}
    assert {name: rows.loc[name, "claim"] for name in expected} == expected
    assert (rows.loc[list(recipe.RUNGS[3:]), "claim"] == "yhteys").all()
    assert rows.loc["synteettinen", "verdict"] == "too_little_data"
    assert "one_treated_unit" in rows.loc["synteettinen", "caveats"]
    assert rows["note"].isin(("fails", "fails_if_broken", "holds")).all()


def test_the_test_before_tells_what_it_could_have_found(rows, released):
    told = rows.loc["vuosittain", ["pretrend_p", "pretrend_power", "pretrend_bias"]].astype(float)
    assert told["pretrend_p"] > 0.05 and 0 < told["pretrend_power"] < 100 and told["pretrend_bias"] > 0
    said = str(words.pretrend(rung(released, "vuosittain")))
    assert "ei osoitettu" in said and "todennäköisyydellä" in said
    assert "so few years" in str(words.pretrend(rung(released, "erotus"), "en"))


@pytest.mark.parametrize("language", ["fi", "en"])
def test_words_say_no_more_than_the_claim(released, language):
    names = recipe.outcome_names(language)
    for name in recipe.RUNGS:
        chosen = rung(released, name)
        for text in words.told(chosen, language, names):
            assert claims.check(text, words_effects.claim_of(chosen), language).empty, str(text)
        assert claims.check(words.simulated(chosen, language), Claim.KUVAUS, language).empty


def test_fragility_is_one_table_and_one_sentence(parts, released):
    chosen = released.select(part="kestavyys")
    row = parts["kestavyys"].frame.iloc[0]
    assert row["caveats"] == "fragility_partly interval_fails_if_assumptions_break"
    table = words.checks_table(chosen, "Koettelu")
    checks = [pair.split("=")[0] for pair in row["checks"].split()]
    assert len(table.plain) == len(checks) == 10
    assert {
        *("placebo_in_time", "placebo_in_space", "leave_one_unit_out", "e_value", "rosenbaum_bounds"),
        *("robustness_value", "pretrend_equivalence", "minimum_detectable_effect", "response_shift"),
    } < set(checks)
    assert str(words.fragility(chosen)).startswith(
        "Tulos kestää koettelun vain osittain. Epävarmaa on ainakin tämä: "
    )
    with pytest.raises(SosrakeError, match="tells no tries"):
        words.fragility(rung(released, "erotus"))


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_sum_of_tries_departure_and_aspect_has_words(language):
    known = keys(language)
    for key in KEYS:
        assert f"vaikuttavuus.fragile.{key}" in known
    for kind in KINDS:
        assert f"vaikuttavuus.departure.{kind}" in known
    for name in ("lock", "design", "primary", "secondary", "estimator", "confidence", "subgroups", "options"):
        assert f"vaikuttavuus.aspect.{name}" in known


def test_departures_are_said():
    plan = AnalysisPlan("A", "B", Design(2, 2, "by_rule"), ("vointi",), "ancova_change", options={"lag": 1})
    done = Done(primary=("vointi",), secondary=("arki",), confidence=0.9, options={"lag": 2})
    locked = lock(plan, pd.Timestamp("2026-01-15").date())
    assert words.departures(departures(locked, done)) == [
        "Muu tulos: suunnitelmassa ei ollut, lisättiin arki.",
        "Luottamustaso: suunnitelmassa 0.95, tehtiin 0.9.",
        "Menetelmän valinta lag: suunnitelmassa 1, tehtiin 2.",
    ]
    assert words.departures(departures(locked, Done()), "en") == ["There were no departures from the plan."]
    assert "ei ollut lukittu" in words.departures(departures(plan, Done()))[0]


@pytest.mark.parametrize("language", ["fi", "en"])
def test_pictures_give_a_range_and_stand_beside_their_table(released, kela, language):
    ladder = charts_effects.rungs(
        released.select(part="portaat"), "Portaat", language, names=recipe.names(language)
    )
    path = charts_effects.by_year(released.select(part="polku"), "Polku", language)
    series = charts_effects.carried_on(
        kela[1].select(part="sarja", region=("maakunta", "11")), "Sarja", language, change="2020-03",
        names=recipes_effects_kela.names(language),
    )  # fmt: skip
    for figure, lines in ((ladder, 8), (path, 6), (series, 24)):
        assert Image.open(io.BytesIO(figure.png)).width > 600
        assert len(figure.table.plain) == lines
        assert re.search(r"\d", figure.alt) and len(figure.alt) > 60


def test_assistance_is_a_change_at_the_most_and_real(kela):
    made, found = kela
    frame = made["muutos"].frame
    assert sorted(frame["region_code"]) == ["10", "11", "12", "18", "SSS"]
    assert set(frame["claim"]) == {"muutos"} and set(frame["made_from"]) == {"published"}
    months = made["sarja"].frame
    rows = samples.table("kela_monthly")
    one = rows[(rows["indicator"] == recipes_effects_kela.INDICATOR) & (rows["region_code"] == "11")]
    summed = one.groupby("period")["value"].sum().loc["2019-01":"2020-12"]
    shown = months[months["region_code"] == "11"].set_index("period")["value"]
    assert shown.to_dict() == summed.astype(float).to_dict()
    # Least squares with a level for each month of the year, a line and a step: another estimator, so near.
    for _, row in frame.iterrows():
        series = months[months["region_code"] == row["region_code"]].sort_values("period")
        after = (series["period"] >= "2020-03").to_numpy(float)
        month = np.eye(12)[series["period"].str[-2:].astype(int) - 1]
        x = np.column_stack([month, np.arange(len(series)), after])
        step = np.linalg.lstsq(x, series["value"].to_numpy(float), rcond=None)[0][-1]
        assert row["lower"] < step < row["upper"]
        assert series["expected"].notna().tolist() == (after > 0).tolist()
    for text in words.each(found.select(part="muutos"), "fi", recipes_effects_kela.names()):
        assert claims.check(text, Claim.MUUTOS).empty


def test_files_are_what_the_script_makes_and_the_truth_comes_back(project, tmp_path):
    sys.path.insert(0, str(project / "tools"))
    try:
        import synthetic_effects
    finally:
        sys.path.remove(str(project / "tools"))
    synthetic_effects.write(tmp_path)
    for name in (recipe.CLIENTS, recipe.OFFICES, recipe.TRUTH):
        for ending in (".csv", ".toml"):
            shipped = project / "data" / "samples" / f"{name}{ending}"
            assert (tmp_path / f"{name}{ending}").read_bytes() == shipped.read_bytes()
    gains = []
    for seed in range(40):
        ended = synthetic_effects.clients(seed).dropna()
        mean = ended.groupby("group")[["before", "after"]].mean()
        change = mean["after"] - mean["before"]
        gains.append(change["mukana"] - change["jono"])
    error = np.std(gains, ddof=1) / np.sqrt(len(gains))
    assert abs(np.mean(gains) - synthetic_effects.EFFECT) < 3.5 * error


def own_folder(tmp_path, project, table, change):
    for path in (project / "data" / "samples").glob("esimerkkila_vaikuttavuus_*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    rows = pd.read_csv(tmp_path / f"{table}.csv", dtype=str, keep_default_na=False)
    change(rows).to_csv(tmp_path / f"{table}.csv", index=False)
    return tmp_path


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        (recipe.CLIENTS, lambda r: r.assign(group="ryhmä"), "sarakkeessa group on arvo 'ryhmä'"),
        (recipe.CLIENTS, lambda r: r.assign(after=["101", *r["after"][1:]]), "rivillä 2 on pistemäärä"),
        (recipe.CLIENTS, lambda r: r.drop(columns="before"), "column before is missing"),
        (recipe.OFFICES, lambda r: r.assign(score=["", *r["score"][1:]]), "sarakkeesta score puuttuu arvo"),
        (recipe.OFFICES, lambda r: r.assign(start="0"), "yksikään toimipiste ei ole aloittanut"),
        (recipe.OFFICES, lambda r: r.assign(start="2018"), "aloitti heti ensimmäisenä vuonna"),
    ],
)
def test_unfit_files_are_refused_in_words(project, tmp_path, table, change, said):
    with pytest.raises(GatherError, match=re.escape(said)):
        recipe.effects_ladder(own_folder(tmp_path, project, table, change))


def test_too_few_people_are_hidden_and_a_rung_too_high_is_told(project, tmp_path):
    def few(rows):
        inside = rows["group"] == "mukana"
        return rows[~inside | (inside.cumsum() <= 4)]

    made = recipe.effects_ladder(own_folder(tmp_path, project, recipe.CLIENTS, few))
    release = protect.release(made, name="vaikuttavuus", preview=True, home=tmp_path / "home")
    said = str(words_effects.effect(rung(release, "ennen_jalkeen"), "fi", recipe.outcome_names()))
    assert "suojattu" in said
    shown = protect.protected_frame(rung(release, "ennen_jalkeen"))
    assert shown.loc[shown["statistic"] == "effect", "value"].isna().all()


def test_real_clients_do_not_stand_on_a_page_that_calls_them_invented(project, tmp_path):
    folder = own_folder(tmp_path, project, recipe.CLIENTS, lambda rows: rows)
    about = folder / f"{recipe.CLIENTS}.toml"
    about.write_text(about.read_text(encoding="utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    with pytest.raises(samples.AbsentTable):
        recipes.RECIPES["vaikuttavuus"](folder)
