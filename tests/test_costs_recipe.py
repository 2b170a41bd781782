"""Costs beside outcomes: figures against the sample, truth recovered, no advice, no default threshold."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import protect, samples
from sosrake_lib.batch import cost_study, recipes_costs
from sosrake_lib.batch.recipes import RECIPES
from sosrake_lib.effects import economics
from sosrake_lib.errors import FrameError, GatherError, ParameterError, SosrakeError
from sosrake_lib.influence import charts_costs, pages, words_costs
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import messages

TABLES = (cost_study.PEOPLE, cost_study.PRICES, cost_study.WAYS)
PRICES = {"tyotunnit": 52, "ryhmakerrat": 38, "kotikaynnit": 95}
USUAL = "tavanomainen"
TRUE_COST = {"tavanomainen": 823, "ryhma": 588, "ryhma_ja_yksilo": 1071, "tiivis": 1384}
TRUE_GOAL = {"tavanomainen": 45, "ryhma": 35, "ryhma_ja_yksilo": 60, "tiivis": 55}
NOTEBOOK = "notebooks/3_tiedon_tyostaminen/kustannukset.ipynb"
ADVICE = re.compile(
    r"kannatta|kannatti|kannattav|worth (?:it|buying)|cost-effective|good value|should be chosen", re.I
)


@pytest.fixture(scope="module")
def release():
    return protect.release(RECIPES["kustannukset"](None), name="kustannukset", preview=True)


@pytest.fixture(scope="module")
def people():
    table = samples.table(cost_study.PEOPLE)
    cost = sum(price * table[item] for item, price in PRICES.items())
    return table.assign(cost=cost.astype(float)).dropna(subset=["goal"])


@pytest.fixture
def folder(tmp_path, project):
    for name, ending in itertools.product(TABLES, ("csv", "toml")):
        shutil.copy(project / "data" / "samples" / f"{name}.{ending}", tmp_path)
    return tmp_path


def part(release, name, **filters):
    return protect.protected_frame(release.select(part=name, **filters)).set_index("item")


def edited(folder, name, edit):
    path = folder / f"{name}.csv"
    edit(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


# --- figures ------------------------------------------------------------------------------------------


def test_costs_and_goals_are_those_of_the_sample_and_the_truth_lies_near(release, people):
    cost = part(release, "kustannukset", indicator="kustannus_henkilo")
    goal = part(release, "tavoitteet")
    by_way = people.groupby("strategy")
    assert cost["value"].to_dict() == by_way["cost"].mean().round(0).to_dict()
    assert goal["value"].to_dict() == pytest.approx((100 * by_way["goal"].mean()).to_dict())
    for way in TRUE_COST:
        # Four intervals at once: three standard errors hold all four but once in a hundred.
        half = 1.5 * (cost.at[way, "upper"] - cost.at[way, "lower"]) / 2
        assert abs(cost.at[way, "value"] - TRUE_COST[way]) < half
        half = 1.5 * (goal.at[way, "upper"] - goal.at[way, "lower"]) / 2
        assert abs(goal.at[way, "value"] - TRUE_GOAL[way]) < half


def test_items_add_up_to_the_cost(release):
    rows = protect.protected_frame(release.select(part="kustannukset"))
    whole = rows.loc[rows["indicator"] == "kustannus_henkilo"].set_index("item")["value"]
    items = rows.loc[rows["indicator"] != "kustannus_henkilo"].groupby("item")["value"].sum()
    assert (whole - items).abs().max() <= 2, "each is rounded to whole euros"


def test_the_order_is_the_truth_s(release, people):
    found = part(release, "vertailu")
    assert found["category"].to_dict() == {
        "ryhma": "ND", "ryhma_ja_yksilo": "ND", "tavanomainen": "ED", "tiivis": "D",
    }  # fmt: skip
    mean = people.groupby("strategy")[["cost", "goal"]].mean()
    step = mean.loc["ryhma_ja_yksilo"] - mean.loc["ryhma"]
    assert found.at["ryhma_ja_yksilo", "icer"] == round(step["cost"] / step["goal"])
    assert found.at["ryhma_ja_yksilo", "reason"] == "ryhma"


def test_differences_are_welch_s_and_claim_an_association(release, people):
    found = protect.protected_frame(release.select(part="erot", indicator="kustannus_ero")).set_index("item")
    from scipy import stats

    usual = people.loc[people["strategy"] == USUAL, "cost"]
    for way, row in found.iterrows():
        new = people.loc[people["strategy"] == way, "cost"]
        interval = stats.ttest_ind(new, usual, equal_var=False).confidence_interval()
        assert [row["value"], row["lower"], row["upper"]] == pytest.approx(
            [new.mean() - usual.mean(), interval.low, interval.high]
        )
    assert set(found["claim"]) == {"yhteys"}


def test_the_cheaper_and_less_is_told_as_a_saving(release):
    found = part(release, "suhteet")
    assert found.at["ryhma", "position"] == "south_west"
    assert found.at["ryhma", "kind"] == "saving_per_unit_lost"
    assert found["lower"].isna().all(), "no difference in goals is sure, so no ratio has limits"
    said = " ".join(map(str, words_costs.quadrants(release.select(part="suhteet"), recipes_costs.names())))
    assert "Säästö yhtä saavuttamatta jäänyttä tavoitetta kohti" in said and "Suhteelle ei voi antaa" in said


def test_probabilities_agree_with_a_bootstrap_of_people(release, people):
    groups = {
        way: rows.rename(columns={"goal": "effect"}) for way, rows in people.groupby("strategy", sort=False)
    }
    drawn = economics.draws_of_people(groups, draws=3000, seed=1)
    levels = [0.0, 2000.0, 5000.0, 10000.0]
    found = economics.decision_uncertainty(drawn, levels).table
    rows = protect.protected_frame(release.select(part="varmuus")).set_index(["item", "wtp"])["value"]
    for one in found.itertuples():
        assert rows[(one.strategy, one.wtp)] == pytest.approx(100 * one.probability_best, abs=4)
    assert rows.groupby("wtp").sum().round(0).eq(100).all()


def test_points_are_means_within_the_interval_and_no_sum_of_people(release, people):
    points = protect.protected_frame(release.select(part="pisteet"))
    differences = protect.protected_frame(release.select(part="erot", indicator="kustannus_ero"))
    for row in differences.itertuples():
        own = points.loc[points["item"] == row.item, "value"]
        assert own.between(row.lower, row.upper).mean() == pytest.approx(0.95, abs=0.05)
        assert (own % 1 == 0).all()


# --- protection ---------------------------------------------------------------------------------------


def test_a_way_with_too_few_people_is_left_out_of_every_comparison(folder):
    def shrink(table):
        place = table.groupby("strategy").cumcount()
        return table.loc[(table["strategy"] != "tiivis") | (place < 30)]

    edited(folder, cost_study.PEOPLE, shrink)
    made = protect.release(recipes_costs.costs_and_outcomes(folder), name="kustannukset", preview=True)
    for name in ("vertailu", "erot", "suhteet", "pisteet", "varmuus", "nettohyoty", "tavoitetta_kohti"):
        assert "tiivis" not in set(part(made, name).index), name
    goal = part(made, "tavoitteet")
    assert goal.at["tiivis", "status"] == "suppressed" and np.isnan(goal.at["tiivis", "value"])
    said = words_costs.left_out(
        made.select(part="tavoitteet"), made.select(part="vertailu"), recipes_costs.names()
    )
    assert [str(one) for one in said] == [
        "Tiivis kotiin vietävä työ jää pois vertailuista: siinä on liian vähän ihmisiä."
    ]


def test_few_lost_people_are_hidden_and_no_cost_rests_on_them(folder):
    edited(folder, cost_study.PEOPLE, lambda t: t.assign(goal=t["goal"].replace("", "0")))

    def three(table):
        own = table.index[table["strategy"] == "ryhma"][:3]
        return table.assign(goal=table["goal"].where(~table.index.isin(own), ""))

    edited(folder, cost_study.PEOPLE, three)
    made = protect.release(recipes_costs.costs_and_outcomes(folder), name="kustannukset", preview=True)
    lost = part(made, "ei_tiedossa")
    assert lost.at["ryhma", "status"] == "suppressed"
    sizes = part(made, "kustannukset")["denominator"]
    assert set(sizes.loc["ryhma"]) == {157.0}, "every cost is of those whose goal is known"


def test_real_peoples_tables_get_no_page(folder):
    path = folder / f"{cost_study.PEOPLE}.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"synthetic"', '"real"'), encoding="utf-8")
    with pytest.raises(samples.AbsentTable, match="omasta taulusta esimerkkila_kustannukset"):
        recipes_costs.costs_and_outcomes(folder)


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (0, lambda t: t.assign(taksi="1"), "sarakkeella taksi ei ole hintaa"),
        (0, lambda t: t.assign(goal=t["goal"].where(t.index != 1, "2")), "rivi 2: sarakkeessa goal"),
        (0, lambda t: t.assign(tyotunnit=t["tyotunnit"].where(t.index != 2, "")), "rivi 3: sarake tyotunnit"),
        (0, lambda t: t.assign(tyotunnit="-1"), "expected 0 or more"),
        (0, lambda t: t.assign(strategy=t["strategy"].where(t.index != 0, "uusi")), "rivi 1: toimintatapaa"),
        (0, lambda t: pd.concat([t, t.head(1)]), "sarakkeen person arvo on jo"),
        (0, lambda t: t.groupby("strategy").head(40), "vähintään 50 ihmistä"),
        (0, lambda t: t.assign(goal="1"), "sekä tavoitteen saavuttaneista että muista"),
        (1, lambda t: t.assign(unit_price=""), "sarake unit_price on tyhjä"),
        (1, lambda t: t.assign(origin=["own", *["synthetic"] * 2]), "invented .* and real rows together"),
        (2, lambda t: t.assign(usual="ei"), "täsmälleen yhdellä"),
        (2, lambda t: t.assign(assignment="arpa"), "sarakkeessa assignment"),
    ],
)
def test_what_is_wrong_is_told_by_file_row_and_column(folder, name, edit, message):
    edited(folder, TABLES[name], edit)
    with pytest.raises((GatherError, FrameError), match=message):
        recipes_costs.costs_and_outcomes(folder)


# --- words --------------------------------------------------------------------------------------------


def sentences(release, language):
    names = recipes_costs.names(language=language)
    costs = release.select(part="kustannukset", indicator="kustannus_henkilo")
    netto = release.select(part="nettohyoty")
    return [
        *words_costs.in_brief(costs, release.select(part="tavoitteet"), names, language),
        *words_costs.order(release.select(part="vertailu"), names, language),
        *words_costs.quadrants(release.select(part="suhteet"), names, language),
        *words_costs.turns(netto, names, language),
        *words_costs.at_levels(netto, words_costs.levels("2000; 5000", netto), names, language),
    ]


@pytest.mark.parametrize("language", ["fi", "en"])
def test_nothing_advises_and_every_sum_is_named_invented(release, language, project):
    said = [str(one) for one in sentences(release, language)]
    invented = "keksity" if language == "fi" else "invented"
    for one in said:
        assert not ADVICE.search(one), one
        if re.search(r"\d euro", one) and not re.search(
            r"nettohyöty on|net benefit is|millään|any limit", one
        ):
            assert invented in one, one
    for text in messages.catalogue("kustannukset", language).values():
        assert not ADVICE.search(text)
    cells = json.loads((project / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    assert not ADVICE.search(json.dumps(cells, ensure_ascii=False))


@pytest.mark.parametrize("language", ["fi", "en"])
def test_tables_and_charts_name_invented_prices(release, language):
    names = recipes_costs.names(language=language)
    plane = charts_costs.plane(release.select(part="pisteet"), release.select(part="erot"), names, language)
    curve = charts_costs.acceptability(release.select(part="varmuus"), names, language)
    tables = [
        plane.table,
        curve.table,
        words_costs.order_table(release.select(part="vertailu"), names, language),
        words_costs.level_table(release.select(part="nettohyoty"), "benefit", names, language, every=4),
        words_costs.knowing_table(release.select(part="tiedon_arvo"), language, every=4),
    ]
    for one in tables:
        assert ("keksity" if language == "fi" else "invented") in one.caption.partition(":")[2]
    assert ("eivät ihmisiä" if language == "fi" else "not people") in plane.alt
    assert len(tables[3].plain) == len(tables[4].plain) == 6
    for one in (plane, curve, *tables):
        pages.html_of(one, language)
    assert all(name in curve.table.plain for name in (names[way] for way in TRUE_COST))


def test_no_level_is_chosen_for_the_reader(release):
    netto = release.select(part="nettohyoty")
    assert words_costs.levels("", netto) == ()
    assert "päättäjien valinta" in words_costs.who_chooses(()).text("fi")
    assert words_costs.at_levels(netto, (), recipes_costs.names()) == []
    assert words_costs.levels("2000; 5000", netto) == (2000.0, 5000.0)
    assert "2\u00a0000; 5\u00a0000" in words_costs.who_chooses((2000.0, 5000.0)).text("fi")
    with pytest.raises(ParameterError, match=r"maksuhalukkuus 1234 ei ole laskettu; .* 500, 1000"):
        words_costs.levels("1234", netto)


def test_where_the_answer_turns_is_read_from_the_verdicts(release):
    rows = sorted(rows_of(release.select(part="nettohyoty", item="tiivis")), key=lambda row: row["wtp"])
    last = max(float(row["wtp"]) for row in rows if row["verdict"] == "lower")
    said = " ".join(map(str, words_costs.turns(release.select(part="nettohyoty"), recipes_costs.names())))
    written = f"{last:,.0f}".replace(",", "\u00a0")
    assert f"Tiivis kotiin vietävä työ: nettohyöty on tavanomaista pienempi, kun yksi lisätavoite saa maksaa enintään {written} euroa" in said  # fmt: skip # noqa: E501


# --- the simulation and the net benefit ---------------------------------------------------------------


def arm(seed, cost, effect, size=60):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"cost": rng.gamma(4, cost / 4, size), "effect": rng.random(size) < effect}).astype(
        float
    )


def test_draws_have_the_means_and_covariances_they_were_given():
    people = arm(1, 900, 0.5)
    drawn = economics.draws_of_means({"a": people, "b": people}, draws=40_000, seed=3)
    found = economics.arm_means(people)
    pair = drawn[["cost_a", "effect_a"]].to_numpy()
    error = np.sqrt(np.diag(found.covariance) / 40_000)
    assert (np.abs(pair.mean(axis=0) - found.mean) < 4 * error).all()
    scale = np.sqrt(np.outer(*[np.diag(found.covariance)] * 2))
    # In units of the deviations: the error of a variance of 40 000 draws is 0.007.
    np.testing.assert_allclose(np.cov(pair, rowvar=False) / scale, found.covariance / scale, atol=0.03)
    again = economics.draws_of_means({"a": people, "b": people}, draws=40_000, seed=3)
    pd.testing.assert_frame_equal(drawn, again)


@settings(max_examples=30)
@given(st.integers(0, 50), st.sampled_from([0.0, 500.0, 20000.0]))
def test_net_benefit_s_interval_is_welch_s_of_peoples_own_net_benefits(seed, wtp):
    from scipy import stats

    new, usual = arm(seed, 900, 0.5), arm(seed + 100, 700, 0.4, 40)
    found = economics.net_benefit_difference(new, usual, wtp).iloc[0]
    one, other = (wtp * rows["effect"] - rows["cost"] for rows in (new, usual))
    interval = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    assert found["value"] == pytest.approx(one.mean() - other.mean())
    assert [found["lower"], found["upper"]] == pytest.approx([interval.low, interval.high])


def test_the_new_functions_refuse_what_they_cannot_use():
    people = arm(1, 900, 0.5)
    with pytest.raises(SosrakeError, match="has no default"):
        economics.net_benefit_difference(people, people, None)
    with pytest.raises(SosrakeError, match="expected two or more"):
        economics.draws_of_means({"a": people})
    with pytest.raises(FrameError, match="at least 3 are needed"):
        economics.arm_means(people.head(2))
    with pytest.raises(FrameError, match="invented"):
        economics.draws_of_means({"a": people.assign(origin="synthetic"), "b": people})


@settings(max_examples=40)
@given(st.floats(1, 1e6))
def test_the_range_is_round_begins_at_nothing_and_reaches_the_top(top):
    found = recipes_costs.round_steps(top)
    assert found[0] == 0 and top <= found[-1] * (1 + 1e-9) and found[-1] <= 2.6 * top
    assert np.allclose(np.diff(found), found[1])


def test_the_files_are_what_the_script_makes(project, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(project / "tools"))
    import synthetic_costs

    monkeypatch.setattr(sys, "argv", ["synthetic_costs.py", "--to", str(tmp_path)])
    synthetic_costs.main()
    for made in sorted(tmp_path.glob("esimerkkila*")):
        assert made.read_bytes() == (project / "data" / "samples" / made.name).read_bytes(), made.name
