"""Goals through their recipe: truth recovered, people protected, known limits told."""

from __future__ import annotations

import io
import re
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import stats

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_goals as recipe
from sosrake_lib.effects.design import Claim
from sosrake_lib.effects.goals import GOAL_CAVEATS
from sosrake_lib.errors import FrameError, GatherError, SosrakeError
from sosrake_lib.influence import charts_outcomes, claims, words_effects
from sosrake_lib.influence import words_goals as words

# What the generator's cut of a normal variable gives for all goals of a theme (the sample's dictionary).
TRUE_SHARES = {
    "arki": 79,
    "asuminen": 73,
    "osallisuus": 69,
    "talous": 54,
    "terveys_paihteet": 58,
    "tyo_opiskelu": 62,
}


@pytest.fixture(scope="module")
def parts():
    return recipe.goal_attainment(None)


@pytest.fixture(scope="module")
def released(parts):
    return protect.release(parts, name="tavoitteet", preview=True)


@pytest.fixture(scope="module")
def rows():
    return samples.table(recipe.TABLE)


@pytest.fixture(scope="module")
def generator(project):
    sys.path.insert(0, str(project / "tools"))
    import synthetic_outcomes

    yield synthetic_outcomes
    sys.path.remove(str(project / "tools"))


def t_by_hand(own, rho):
    """T score of one person in plain arithmetic, from the goals rated."""
    own = own.dropna(subset=["level"])
    x, w = own["level"].astype(float), own["weight"].astype(float)
    return (
        50 + 10 * (w * x).sum() / np.sqrt((1 - rho) * (w**2).sum() + rho * w.sum() ** 2)
        if len(own)
        else np.nan
    )


# --- the sample ---------------------------------------------------------------------------------------


def test_the_sample_is_what_the_generator_makes(generator, rows):
    made = generator.goals(generator.SEED + 1)
    assert made["client"].nunique() == generator.PEOPLE and len(made) == len(rows)
    for column in ("level", "second_level", "weight", "baseline"):
        np.testing.assert_array_equal(made[column].to_numpy("float64"), rows[column].to_numpy("float64"))


def test_the_shares_the_dictionary_tells_are_those_of_the_model(generator):
    for theme, shift in generator.THEMES.items():
        assert 100 * stats.norm.sf(generator.STEPS[1], loc=shift) == pytest.approx(
            TRUE_SHARES[theme], abs=0.5
        )


def test_truth_lies_between_the_share_of_the_rated_and_the_least(parts):
    """Goals with less attained are left unrated: the rated ones look too good, the bound too bad."""
    found = parts["osuus"].frame.set_index(["indicator", "group"])
    for theme, true in TRUE_SHARES.items():
        rated = found.loc[(f"{recipe.REACHED}_teema", theme)]
        least = found.loc[(f"{recipe.REACHED_ALL}_teema", theme)]
        assert least["value"] < rated["value"]
        assert least["lower"] - 1 < true < rated["upper"] + 1, theme
    true = np.mean(list(TRUE_SHARES.values()))
    assert (
        found.loc[(recipe.REACHED_ALL, "all"), "value"] < true < found.loc[(recipe.REACHED, "all"), "value"]
    )


def test_groups_do_not_differ_beyond_chance(parts):
    found = parts["t"].frame.query(f"indicator == '{recipe.t_name(0.3, rated_only=True)}' and group != 'all'")
    assert len(found) == 3
    assert found["lower"].max() < found["upper"].min()


# --- figures against independent reckoning ------------------------------------------------------------


@pytest.mark.parametrize("rho", recipe.RHOS)
def test_t_scores_are_those_of_the_definition(parts, rows, rho):
    scores = pd.Series({name: t_by_hand(own, rho) for name, own in rows.groupby("client")}).dropna()
    row = (
        parts["t"]
        .frame.query(f"indicator == '{recipe.t_name(rho, rated_only=True)}' and group == 'all'")
        .iloc[0]
    )
    assert row["value"] == pytest.approx(scores.mean())
    ends = stats.t.interval(0.95, len(scores) - 1, scores.mean(), stats.sem(scores))
    assert (row["lower"], row["upper"]) == pytest.approx(ends)
    assert (row["denominator"], row["spread"]) == (len(scores), pytest.approx(scores.std()))
    whole = rows.groupby("client").filter(lambda own: own["level"].notna().all())
    complete = parts["t"].frame.query(f"indicator == '{recipe.t_name(rho)}' and group == 'all'").iloc[0]
    assert complete["denominator"] == whole["client"].nunique()


def test_shares_count_goals_and_their_interval_people(parts, rows):
    rated = rows.dropna(subset=["level"])
    row = parts["osuus"].frame.set_index(["indicator", "group"]).loc[(recipe.REACHED, "all")]
    met = rated["level"].astype(float) >= 0
    assert row["numerator"] == met.sum() and row["denominator"] == len(rated)
    each = pd.DataFrame({"person": rated["client"], "met": met}).groupby("person")["met"].agg(["sum", "size"])
    share, n = met.mean(), len(each)
    error = np.sqrt(n / (n - 1) * ((each["sum"] - share * each["size"]) ** 2).sum()) / len(rated)
    half = stats.t.ppf(0.975, n - 1) * error / (share * (1 - share))
    ends = 100 / (1 + np.exp(-(np.log(share / (1 - share)) + np.array([-half, half]))))
    assert (row["lower"], row["upper"]) == pytest.approx(tuple(ends))
    least = parts["osuus"].frame.set_index(["indicator", "group"]).loc[(recipe.REACHED_ALL, "all")]
    assert (least["numerator"], least["denominator"]) == (met.sum(), len(rows))


def test_goals_never_rated_are_counted_with_their_reasons(parts, rows):
    found = parts["arvioimatta"].frame.set_index(["indicator", "group"])
    left = rows[rows["level"].isna()]
    assert found.loc[(recipe.UNRATED, "all"), "numerator"] == len(left)
    for theme, own in rows.groupby("theme"):
        assert found.loc[(f"{recipe.UNRATED}_teema", theme), "value"] == pytest.approx(
            100 * own["level"].isna().mean()
        )
    people = left.groupby("not_assessed")["client"].nunique()
    assert found.loc[recipe.REASON]["value"].to_dict() == people.to_dict()


def test_raters_agree_as_much_as_their_errors_let_them(parts, rows):
    twice = rows.dropna(subset=["level", "second_level"]).astype({"level": float, "second_level": float})
    row = parts["arvioijat"].frame.iloc[0]
    assert row["goals"] == len(twice)
    assert row["exact"] == pytest.approx(100 * (twice["level"] == twice["second_level"]).mean())
    both = twice[["level", "second_level"]].to_numpy()
    n, k = both.shape
    grand = both.mean()
    between = k * ((both.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    raters = n * ((both.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    rest = ((both - both.mean(axis=1, keepdims=True) - both.mean(axis=0) + grand) ** 2).sum() / (
        (n - 1) * (k - 1)
    )
    assert row["value"] == pytest.approx(
        (between - rest) / (between + (k - 1) * rest + k * (raters - rest) / n)
    )
    assert row["denominator"] == twice["client"].nunique()


def test_change_is_the_paired_t_of_t_scores(parts, rows):
    rated = rows.dropna(subset=["level"])
    start = rated.assign(level=rated["baseline"])
    first, second = (
        pd.Series({name: t_by_hand(own, 0.3) for name, own in table.groupby("client")})
        for table in (start, rated)
    )
    row = parts["muutos"].frame.set_index("group").loc["all"]
    expected = stats.ttest_rel(second, first).confidence_interval()
    assert (row["lower"], row["upper"]) == pytest.approx((expected.low, expected.high))
    assert row["claim"] == "muutos" and set(GOAL_CAVEATS) <= set(row["caveats"].split())


def test_plan_levels_are_counted_with_their_caveats(parts, rows):
    found = parts["suunnitelma"].frame
    counts = rows["plan_level"].value_counts()
    assert found.set_index("point")["numerator"].to_dict() == {
        11: counts["ei"], 22: counts["osittain"], 33: counts["kokonaan"],
    }  # fmt: skip
    assert {"filled_without_client", "goals_not_assessed"} <= set(found["caveats"].iloc[0].split())


# --- protection ---------------------------------------------------------------------------------------


def test_nothing_of_fewer_than_five_people_is_shown(released, rows):
    for name in released.parts:
        shown = protect.protected_frame(released.select(part=name)).query("status == 'ok'")
        assert not {"person", "client", "goal"} & set(shown.columns), name
        for column in ("numerator", "denominator"):
            assert not shown[column].between(1, 4).any(), (name, column)
    towns = protect.protected_frame(released.select(part="t_kunnat"))
    assert (
        "E08" not in set(towns["group"])
        and towns["denominator"].sum() == rows.dropna(subset=["level"])["client"].nunique()
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 7), st.integers(60, 260))
def test_services_that_stay_have_enough_people_on_every_side(seed, groups, goals):
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.ones(groups))
    rows = pd.DataFrame(
        {"person": rng.integers(0, goals // 2, goals), "group": rng.choice(groups, goals, p=share)}
    )
    rows["score"] = rng.choice([-2.0, -1, 0, 1, 2, np.nan], goals)
    rules = protect.rule_set("vakio")
    labels = recipe.settled(rows, "group", rules, "muut")
    if labels.nunique() > 1:
        for _, own in rows.groupby(labels):
            assert own["score"].notna().sum() >= rules.minimum_denominator
            for side in (own["score"] >= 0, own["score"] < 0, own["score"].isna()):
                people = own.loc[side, "person"].nunique()
                assert people == 0 or people >= rules.minimum_count


def test_a_few_clients_without_a_rated_goal_are_not_told(rows):
    checked = recipe.effects.check_goals(rows, person="client", score="level")
    lost = checked.groupby("person")["score"].transform("count") == 0
    names = checked.loc[lost, "person"].unique()
    kept = checked[~checked["person"].isin(names[3:])]
    place = recipe.OutcomePlace("E1", "2025", "synthetic")
    told = recipe.amounts(kept, place, 5)
    assert len(names) >= 5 and told["status"].eq("suppressed").all() and told["value"].isna().all()
    assert recipe.amounts(checked, place, 5)["status"].eq("ok").all()


# --- a user's own table -------------------------------------------------------------------------------


@pytest.fixture
def own_table(tmp_path, project):
    def write(rows, kind="synthetic"):
        text = (project / "data" / "samples" / f"{recipe.TABLE}.toml").read_text(encoding="utf-8")
        head, *tables = re.split(r"(?m)^(?=\[)", text)
        kept = [one for one in tables if one[9:].partition("]")[0] in rows.columns]
        text = head.replace('kind = "synthetic"', f'kind = "{kind}"') + "".join(kept)
        (tmp_path / f"{recipe.TABLE}.toml").write_text(text, encoding="utf-8")
        rows.to_csv(tmp_path / f"{recipe.TABLE}.csv", index=False)

    return write


def test_the_least_a_table_needs_makes_a_page(tmp_path, own_table, rows):
    own_table(rows[list(recipe.NEEDED)].assign(region_code="297"), "real")
    made = recipe.goal_attainment(tmp_path)
    assert set(made["t"].frame["region_code"]) == {"13"} and set(made["t"].frame["origin"]) == {"own"}
    for name in ("arvioijat", "suunnitelma", "laatu", "muutos"):
        assert made[name].frame.empty, name
    opened = protect.release(made, name="tavoitteet", preview=True)
    assert "ei tiedetä" in words.raters(opened.select(part="arvioijat")).text
    assert words.plan_caveats(opened.select(part="suunnitelma")) == []


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda rows: rows.drop(columns="theme"), GatherError, r"sarake theme puuttuu"),
        (lambda rows: rows.assign(tavoite="kävelen"), GatherError, r"saraketta tavoite ei tunneta"),
        (lambda rows: rows.assign(theme=rows["theme"].mask(rows.index == 2)), GatherError, r"rivi 3 on"),
        (lambda rows: rows.assign(set_on="2025"), GatherError, r"rivillä 1 ei ole päivää"),
        (lambda rows: rows.assign(level=3), FrameError, r"expected a whole level from -2"),
        (lambda rows: rows.assign(goal=1), FrameError, r"stands on two rows"),
        (lambda rows: rows.assign(weight=0), FrameError, r"weights of client .* are all 0"),
        (lambda rows: rows.assign(plan_level="ehkä"), FrameError, r"expected one of ei, osittain, kokonaan"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_read_say_why(tmp_path, own_table, rows, change, error, message):
    own_table(change(rows))
    with pytest.raises(error, match=message):
        recipe.goal_attainment(tmp_path)


# --- words and pictures -------------------------------------------------------------------------------


def select(released, part, indicator, group="all"):
    return released.select(part=part, indicator=indicator, group=group)


def test_the_answer_gives_both_shares(released):
    both = (select(released, "osuus", name) for name in (recipe.REACHED, recipe.REACHED_ALL))
    said = words.answer(*both).text
    assert said.startswith("Esimerkkilässä vuonna 2025 arvioiduista tavoitteista 70,2\u00a0% saavutti")
    assert "Jos arvioimatta jääneet lasketaan saavuttamatta jääneiksi, osuus on 58,8\u00a0%" in said
    assert "220 asiakkaan kanssa" in words.amounts(released.select(part="maarat")).text


def test_t_words_follow_the_interval():
    def said(low, high):
        row = {
            "indicator": "t", "region_level": "hva", "region_code": "E1", "borders": 2026, "period": "2025",
            "value": (low + high) / 2, "lower": low, "upper": high, "denominator": 40.0, "status": "ok",
            "origin": "synthetic", "statistic": "mean", "method": "mean_of_t_scores", "confidence": 0.95,
        }  # fmt: skip
        made = protect.release(
            {"t": protect.part(pd.DataFrame([row]), rules="vakio")}, name="koe", preview=True
        )
        return words.t_score(made.select(part="t")).text

    assert "sisältää luvun viisikymmentä" in said(48, 52)
    assert "kokonaan yli viidenkymmenen" in said(51, 56) and "helppoja" in said(51, 56)
    assert "kokonaan alle viidenkymmenen" in said(41, 49) and "vaativia" in said(41, 49)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_no_sentence_claims_a_cause_a_rank_or_labels(released, language):
    said = [
        words.answer(
            *(select(released, "osuus", one) for one in (recipe.REACHED, recipe.REACHED_ALL)), language
        ),
        words.unrated(select(released, "arvioimatta", recipe.UNRATED), language),
        words.t_score(select(released, "t", recipe.t_name(0.3)), language),
        words.raters(released.select(part="arvioijat"), language),
        words.amounts(released.select(part="maarat"), language),
        words_effects.effect(select(released, "muutos", recipe.CHANGE), language, recipe.names(language)),
    ]
    for sentence in said:
        assert claims.check(sentence, Claim.MUUTOS, language).empty, sentence.text
        assert sentence.numbers


@pytest.mark.parametrize("language", ["fi", "en"])
def test_known_limits_are_always_told(released, language):
    told = [one.text for one in words.limits_of(select(released, "muutos", recipe.CHANGE), language)]
    assert [one.text for one in words.limits(language=language)] == told[: len(GOAL_CAVEATS)]
    assert len(told) == len(set(told)) > len(GOAL_CAVEATS)
    plan = words.plan_caveats(released.select(part="suunnitelma"), language)
    assert len(plan) == 2


def test_the_dots_have_their_line_range_and_table(released):
    chosen = released.select(part="t", indicator=recipe.t_name(0.3, rated_only=True))
    figure = charts_outcomes.dots(chosen, "T-pisteet", names=recipe.names())
    assert figure.png == charts_outcomes.dots(chosen, "T-pisteet", names=recipe.names()).png
    assert Image.open(io.BytesIO(figure.png)).width == 832
    assert re.search(r"ne ovat välillä \d\d,\d–\d\d,\d\.", figure.alt)
    assert figure.table.plain.shape[0] == 4
    with pytest.raises(SosrakeError, match="values of indicator"):
        charts_outcomes.dots(released.select(part="t"), "Kaikki", names=recipe.names())


def test_levels_are_drawn_with_their_own_words(released):
    chosen = released.select(part="tasot", group="all")
    names = recipe.names("en") | recipe.level_names("level", "en")
    figure = charts_outcomes.class_shares(
        chosen, "Levels", "en", names=names, shades=charts_outcomes.LEVELS, words="tavoitteet"
    )
    assert "All goals assessed" in figure.alt
    assert any("expected level" in text for text in figure.table.plain.iloc[:, 0])


def test_names_cover_what_the_page_shows(parts):
    for language in ("fi", "en"):
        known = set(recipe.names(language))
        for name in ("t", "t_kunnat", "osuus", "arvioimatta", "muutos", "laatu", "arvioijat", "maarat"):
            frame = parts[name].frame
            assert set(frame["indicator"]) <= known, (name, set(frame["indicator"]) - known)
            assert set(frame["group"]) - {"all"} <= known, name
        assert {f"{point:g}" for point in parts["tasot"].frame["point"]} <= set(
            recipe.level_names("level", language)
        )
        assert set(parts["suunnitelma"].frame["indicator"]) <= set(
            recipe.point_names(recipe.PLAN, "plan_level", language)
        )


def test_the_users_data_stay_as_they_were(rows):
    before = rows.copy()
    recipe.effects.check_goals(rows, person="client", score="level")
    pd.testing.assert_frame_equal(rows, before)
