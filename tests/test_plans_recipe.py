"""Plans beside each other and clients' paths: figures against the sample, truth, breaks, nothing small."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes
from sosrake_lib.batch import recipes_plans as recipe
from sosrake_lib.catalogue.record_rules import law_changes
from sosrake_lib.errors import GatherError, SosrakeError
from sosrake_lib.influence import charts_plans, words_plans

make = pytest.importorskip("synthetic_records", reason="tools/ is not beside the tests")
UNTIL = pd.Timestamp("2026-06-30")


@pytest.fixture(scope="module")
def parts():
    return recipe.plans_and_paths(None)


@pytest.fixture(scope="module")
def opened(parts):
    return protect.release(parts, name="aktivointisuunnitelmat", preview=True)


@pytest.fixture(scope="module")
def released(opened):
    return {name: protect.protected_frame(opened.select(part=name)) for name in opened.parts}


@pytest.fixture(scope="module")
def plans():
    rows = samples.table(recipe.TABLE)
    for column in ("needed", "made", "reviewed"):
        rows[column] = pd.to_datetime(rows[column])
    half = np.where(rows["needed"].dt.month <= 6, "-H1", "-H2")
    return rows.assign(half=rows["needed"].dt.year.astype(str) + half)


def test_samples_are_what_the_tool_makes():
    for name, made in (
        (recipe.TABLE, make.plans(make.SEED)),
        (recipe.EVENTS, make.events(make.SEED + 1)),
    ):
        read = samples.table(name).fillna("").astype(str)
        pd.testing.assert_frame_equal(read, made.fillna("").astype(str), check_dtype=False)


def test_needs_are_those_the_maker_was_given(parts):
    found = parts["tarve"].frame.set_index(["period", "group"])["value"]
    for half, (activation, multi) in make.PLANS.items():
        assert found[half, "aktivointisuunnitelma"] == activation and found[half, "monialainen"] == multi


def test_share_in_three_months_is_of_those_whose_three_months_have_passed(parts, plans):
    due = plans["needed"] + pd.DateOffset(months=3)
    passed = plans[due <= UNTIL]
    kept = passed["made"] <= due[passed.index]
    own = kept.groupby([passed["half"], passed["kind"]]).agg(["sum", "count"])
    rows = parts["ajoissa"].frame
    rows = rows[rows["status"] == "ok"].set_index(["period", "group"])
    assert len(rows) >= 12
    for key, row in rows.iterrows():
        assert (row["numerator"], row["denominator"]) == tuple(own.loc[key])
        wilson = stats.binomtest(int(row["numerator"]), int(row["denominator"])).proportion_ci(
            method="wilson"
        )
        assert [row["lower"], row["upper"]] == pytest.approx([100 * wilson.low, 100 * wilson.high])


def test_medians_recover_the_maker_s_and_count_those_who_wait(parts, plans):
    rows = parts["aika"].frame.set_index(["period", "group"])
    for (year, kind), row in rows.iterrows():
        own = plans[(plans["needed"].dt.year == int(year)) & (plans["kind"] == kind)]
        assert row["denominator"] == len(own)
        waiting = own["made"].isna().sum()
        assert row["censored"] == waiting or (np.isnan(row["censored"]) and 1 <= waiting <= 4)
        assert row["value"] > (own["made"] - own["needed"]).dt.days.median() - 1
    # One plan in eight is of the slow place, and eight in a hundred never come: medians lie a little above.
    before, after = (make.PLAN_DAYS["monialainen"][place] for place in (0, 1))
    pooled = rows.loc[[("2023", "monialainen"), ("2024", "monialainen")], "value"].mean()
    assert before < pooled < 1.3 * before
    assert (
        rows.at[("2025", "monialainen"), "lower"] <= 1.15 * after <= rows.at[("2025", "monialainen"), "upper"]
    )


def test_own_words_rise_by_the_maker_s_chances_in_both_kinds(parts):
    rows = parts["omin_sanoin"].frame.query("status == 'ok'")
    by_year = rows.assign(year=rows["period"].str[:4]).groupby("year")[["numerator", "denominator"]].sum()
    for year, row in by_year.iterrows():
        chance = make.OWN_WORDS[int(year)]
        assert stats.binomtest(int(row["numerator"]), int(row["denominator"]), chance).pvalue > 0.01


def test_reviews_rise_from_2025(parts):
    rows = parts["tarkistettu"].frame.query("status == 'ok'")
    later = rows["period"] >= "2025"
    both = [rows[one][["numerator", "denominator"]].sum() for one in (~later, later)]
    before, after = (one["numerator"] / one["denominator"] for one in both)
    assert abs(before - make.REVIEWED[0]) < 0.07 and abs(after - make.REVIEWED[1]) < 0.09


def test_the_slow_place_alone_differs_from_the_county(parts):
    rows = parts["kunnittain"].frame.query("status == 'ok'").set_index("region_code")
    assert rows.at[make.SLOW, "upper"] < rows.at["E1", "lower"]
    assert rows.drop(index=[make.SLOW, "E1"])["upper"].min() > rows.at["E1", "value"]


def test_series_break_at_both_changes_of_the_law(parts):
    for name in ("tarve", "ajoissa", "omin_sanoin", "yhdessa"):
        rows = parts[name].frame
        assert set(rows.loc[rows["break_before"], "period"]) == {"2025-H1", "2026-H1"}, name
    years = parts["aika"].frame
    assert set(years.loc[years["break_before"], "period"]) == {"2025", "2026"}


def test_path_figures_are_those_of_the_log(parts):
    log = samples.table(recipe.EVENTS)
    first = log.assign(date=pd.to_datetime(log["date"])).pivot_table(
        index="matter", columns="event", values="date", aggfunc="min"
    )
    rows = parts["polku"].frame.set_index(["indicator", "period"])
    begun = first[first["yhteydenotto"].dt.year == 2025]
    due = begun["yhteydenotto"] + pd.DateOffset(months=3)
    served = (begun["palvelu_alkoi"] <= due)[due <= UNTIL]
    row = rows.loc[("polku_palvelu_ajoissa", "2025")]
    assert (row["numerator"], row["denominator"]) == (served.sum(), len(served))
    denied = log[log["denied"].notna() & (log["denied"] != "")].groupby("matter")["denied"].max() == "kylla"
    own = denied.reindex(begun.index).dropna()
    assert rows.at[("polku_evatty", "2025"), "numerator"] == own.sum()
    times = parts["polku_ajat"].frame.set_index(["indicator", "period"])
    assert abs(times.at[("polku_arviointi", "2025"), "value"] - (make.ASSESSMENT_DAYS + 1)) < 6
    assert times.at[("polku_palvelu", "2025"), "censored"] == begun["palvelu_alkoi"].isna().sum()


def test_what_the_log_does_not_record_is_missing_and_never_zero(parts, released):
    rows = released["polku"].query("indicator == 'polku_maksu'")
    assert len(rows) == 3 and set(rows["status"]) == {"missing"}
    assert rows[["value", "numerator", "denominator"]].isna().all(axis=None)


def test_no_number_of_people_below_the_minimum_leaves(released):
    for name, rows in released.items():
        shown = rows[rows["status"] == "ok"]
        people = shown["numerator"].where(shown["numerator"].notna(), shown["denominator"])
        people = people.where(people.notna(), shown["value"])
        assert not people.between(1, 4).any(), name
        if "censored" in shown:
            assert not shown["censored"].between(1, 4).any(), name
        assert not {"client", "plan", "matter"} & set(rows.columns)


def test_words_tell_changes_limits_waiting_and_what_is_not_known(opened):
    told = words_plans.changes()
    assert len(told) == len(law_changes())
    assert "381/2023" in told[0].text_fi and "ei ole tarkistettu" in told[1].text_fi
    assert "have not been checked" in told[1].text_en
    assert (
        "45 §" in words_plans.limits()[1].text_fi and "Tarkista sanamuoto" in words_plans.limits()[1].text_fi
    )
    times = opened.select(part="polku_ajat", period="2025")
    assert any("odotti yhä" in one.text for one in words_plans.path(times))
    fee = opened.select(part="polku", indicator="polku_maksu", period="2025")
    assert "eikä se ole nolla" in words_plans.share(fee).text
    assert "it is not zero" in words_plans.share(fee, "en").text
    hidden = opened.select(part="omin_sanoin", period="2026-H1", group="aktivointisuunnitelma")
    assert "ei näytetä" in words_plans.share(hidden).text


def test_the_chart_shows_both_changes_and_only_one_figure(opened):
    names = words_plans.names()
    figure = charts_plans.beside(opened.select(part="tarve"), "Tarpeet", names=names)
    assert "1.1.2025, 1.1.2026" in figure.alt and figure.png.startswith(b"\x89PNG")
    assert "välillä 62–178" in figure.alt
    with pytest.raises(SosrakeError, match="indicator"):
        charts_plans.beside(opened.select(part="polku"), "Polku", names=names)


def test_an_office_s_own_records_do_not_stand_on_an_invented_page(tmp_path):
    for name in (recipe.TABLE, recipe.EVENTS):
        samples.table(name).to_csv(tmp_path / f"{name}.csv", index=False)
        (tmp_path / f"{name}.toml").write_text('kind = "real"\nlicence = ""\n', encoding="utf-8")
    with pytest.raises(samples.AbsentTable):
        recipes.RECIPES["aktivointisuunnitelmat"](tmp_path)


def test_two_counties_in_one_table_are_refused():
    rows = samples.table(recipe.TABLE).head(3).assign(region_code=["297", "491", "297"])
    with pytest.raises(GatherError, match="usealta hyvinvointialueelta"):
        recipe.placed(rows, "real", "oma.csv")
