"""Measurements through their recipe: truth recovered, nothing small leaves, words for every key."""

from __future__ import annotations

import ast
import io
import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import stats

from sosrake_lib import catalogue, protect, samples
from sosrake_lib.batch import outcome_data as reading
from sosrake_lib.batch import recipes_instruments as recipe
from sosrake_lib.batch import recipes_instruments_rows as made_of
from sosrake_lib.catalogue.instrument import FREE_TEXT_LICENCES, INSTRUMENT_KINDS
from sosrake_lib.effects.change import CLASS_NAMES, METHODS, anchor_difference
from sosrake_lib.effects.change.thresholds import THRESHOLD_NAMES
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import FrameError, GatherError, SosrakeError
from sosrake_lib.influence import charts_outcomes, claims, words_effects
from sosrake_lib.influence import words_instruments as words
from sosrake_lib.language import keys, say

ROOMS = Path(__file__).resolve().parents[1] / "sosrake_lib"
EUROHIS = "eurohis_qol_8.total"


@pytest.fixture(scope="module")
def parts():
    return recipe.measurements(None)


@pytest.fixture(scope="module")
def released(parts):
    return protect.release(parts, name="mittarit", preview=True)


@pytest.fixture(scope="module")
def rows():
    return samples.table(recipe.TABLE)


@pytest.fixture(scope="module")
def generator(project):
    sys.path.insert(0, str(project / "tools"))
    import synthetic_outcomes

    yield synthetic_outcomes
    sys.path.remove(str(project / "tools"))


def scored_by_hand(rows, key, size, reverse=(), low=0, high=4):
    """Sum of a form without empty answers, first and second measurement of each client."""
    items = rows[[f"{key}_{number}" for number in range(1, size + 1)]].astype("float64")
    for number in reverse:
        items[f"{key}_{number}"] = low + high - items[f"{key}_{number}"]
    total = rows.assign(score=items.sum(axis=1, skipna=False))
    wide = total.pivot(index="client", columns="time", values="score")
    return wide.join(rows.drop_duplicates("client").set_index("client")[["group", "chosen_by"]])


# --- the sample ---------------------------------------------------------------------------------------


def test_the_sample_is_what_the_generator_makes(generator, rows):
    made = generator.measurements(generator.SEED)
    assert len(made) == len(rows) and made["client"].nunique() == generator.CLIENTS
    for column in ("eurohis_qol_8_1", "core_om_34", "own_view", "age"):
        np.testing.assert_array_equal(made[column].to_numpy("float64"), rows[column].to_numpy("float64"))


def test_the_dictionary_tells_the_reliabilities_given(generator, project):
    about = tomllib.loads((project / "data" / "samples" / f"{recipe.TABLE}.toml").read_text(encoding="utf-8"))
    assert about["reliability"] == generator.TOLD
    assert set(generator.TOLD) <= {f"{one.key}.total" for one in catalogue.instruments()}


def test_scores_carry_the_reliability_the_dictionary_tells(generator):
    """Two drawings of the same true scores correlate as the reliability says, on the forms' own grid."""
    rng = np.random.default_rng(5)
    level, own = rng.normal(size=(2, 20_000))
    for key, (_, _, reliability) in generator.SCALES.items():
        true = generator.true_scores(key, level, own)
        first, second = (generator.drawn(key, true, rng) for _ in range(2))
        # Rounding to a few steps and the ends of a scale take a little.
        slack = 0.06 if key in ("yksinaisyys_thl", "audit_c") else 0.03
        assert np.corrcoef(first, second)[0, 1] == pytest.approx(reliability, abs=slack), key


def test_true_changes_are_recovered(parts, generator):
    """Outside the group activity people moved 0.39 deviations on average, in it and in alcohol nobody."""
    true = generator.SIZE * (generator.CHANGED - generator.WORSENED)
    assert true == pytest.approx(0.39)
    found = parts["muutos"].frame.set_index(["indicator", "group"])
    for key, items in (("eurohis_qol_8.total", 8), ("3x10d.keskiarvo", 10)):
        sd = generator.SCALES[key.split(".")[0]][1] / items
        for group in ("sosiaaliohjaus", "sosiaalityo"):
            row = found.loc[(f"{key}.muutos", group)]
            # Those not chosen began above the mean, and return towards it a little.
            assert row["value"] == pytest.approx(true * sd, abs=3.2 * row["standard_error"])
    alcohol = found.loc[("audit_c.total.muutos", "all")]
    assert alcohol["lower"] < 0 < alcohol["upper"]
    # By an instrument they were not chosen by the group activity shows nothing.
    distress = found.loc[("core_om.total.muutos", "ryhmatoiminta")]
    assert abs(distress["value"]) < 3 * distress["standard_error"]


def test_the_chosen_rise_by_regression_to_the_mean_alone(parts, rows):
    found = parts["tasoittuminen"].frame.set_index("group").drop(columns=["region_level"])
    own = scored_by_hand(rows, "eurohis_qol_8", 8)
    first, second = own["alku"] / 8, own["loppu"] / 8
    chosen = own["chosen_by"].eq("eurohis_qol_8") & first.notna() & second.notna()
    assert found.at["odotettu", "value"] == pytest.approx((1 - 0.81) * (first.mean() - first[chosen].mean()))
    assert found.at["havaittu", "value"] == pytest.approx((second - first)[chosen].mean())
    assert found["denominator"].eq(chosen.sum()).all()
    assert set(found["verdict"]) == {"expected_from_choice"}
    # The bare change looks like a result.
    assert found.at["havaittu", "lower"] > 0


def test_those_lost_began_worse_off(parts):
    found = parts["katoaminen"].frame.set_index(["indicator", "group"])
    assert found.at[(f"{EUROHIS}.uudelleen", "all"), "verdict"] == "higher"
    assert found.at[("core_om.total.uudelleen", "all"), "verdict"] == "lower"


# --- figures against independent reckoning ------------------------------------------------------------


def test_mean_change_is_the_paired_t(parts, rows):
    wide = scored_by_hand(rows, "eurohis_qol_8", 8)[["alku", "loppu"]].dropna() / 8
    row = parts["muutos"].frame.set_index(["indicator", "group"]).loc[(f"{EUROHIS}.muutos", "all")]
    expected = stats.ttest_rel(wide["loppu"], wide["alku"]).confidence_interval()
    assert (row["lower"], row["upper"]) == pytest.approx((expected.low, expected.high))
    assert row["mean_before"] == pytest.approx(wide["alku"].mean())
    assert row["denominator"] == len(wide)
    assert row["claim"] == "muutos"


def test_classes_are_those_of_jacobson_and_truax(parts, rows):
    wide = scored_by_hand(rows, "eurohis_qol_8", 8)[["alku", "loppu"]].dropna() / 8
    index = (wide["loppu"] - wide["alku"]) / (wide["alku"].std() * np.sqrt(2 * (1 - 0.81)))
    expected = {33: (index > 1.96).sum(), 11: (index < -1.96).sum(), 22: (index.abs() <= 1.96).sum()}
    found = parts["luokat"].frame.query(f"item == '{EUROHIS}.luokka'").set_index("point")["numerator"]
    assert found.to_dict() == expected
    formulas = parts["kaavat"].frame.query(f"indicator == '{EUROHIS}.kaava'").set_index("group")
    assert set(formulas.index) == set(METHODS)
    assert formulas.at["jacobson_truax", "numerator"] == expected[33]
    limit = 1.96 * wide["alku"].std() * np.sqrt(2 * (1 - 0.81))
    assert formulas.at["jacobson_truax", "limit"] == pytest.approx(limit)


def test_recovered_is_said_of_the_clinical_instrument_only(parts, rows):
    items = parts["luokat"].frame
    recovered = items.loc[items["point"].isin([44, 34]), "item"].str.split(".").str[0]
    assert set(recovered) == {"core_om"}
    names = recipe.names()
    assert [names[code] for code in ("44", "33", "22", "11")] == [
        "toipunut",
        "luotettava muutos toivottuun suuntaan",
        "ei luotettavaa muutosta",
        "luotettava muutos ei-toivottuun suuntaan",
    ]
    reverse = catalogue.instrument("core_om").reverse
    answers = rows[[f"core_om_{number}" for number in range(1, 35)]].astype("float64")
    for number in reverse:
        answers[f"core_om_{number}"] = 4 - answers[f"core_om_{number}"]
    score = (10 * answers.mean(axis=1)).where(answers.isna().sum(axis=1) <= 3)
    wide = rows.assign(score=score).pivot(index="client", columns="time", values="score").dropna()
    error = wide["alku"].std() * np.sqrt(2 * (1 - 0.88))
    better = (wide["alku"] - wide["loppu"]) / error > 1.96
    crossed = (wide["alku"] > 10) & (wide["loppu"] < 10)
    found = items.query("item == 'core_om.total.luokka'").set_index("point")["numerator"]
    assert found[44] == (better & crossed).sum()
    assert found[33] == (better & ~crossed).sum()


def test_empty_answers_follow_the_published_rule(parts, rows):
    found = parts["pisteytys"].frame.set_index(["item", "point"])["numerator"]
    first = rows[rows["time"] == "alku"]
    empty = first[[f"core_om_{number}" for number in range(1, 35)]].isna().sum(axis=1)
    answered = empty < 34
    assert found["core_om.total.pisteytys", 11] == (empty == 0).sum()
    assert found["core_om.total.pisteytys", 22] == empty.between(1, 3).sum()
    assert found["core_om.total.pisteytys", 33] == (answered & (empty > 3)).sum()
    # EUROHIS-QOL-8 has no published rule: one empty answer leaves the form unscored.
    eight = first[[f"eurohis_qol_8_{number}" for number in range(1, 9)]].isna().any(axis=1)
    assert found[f"{EUROHIS}.pisteytys", 33] == eight.sum()
    assert found[f"{EUROHIS}.pisteytys", 22] == 0


def test_instruments_without_a_known_reliability_have_no_classes(parts):
    classed = {item.rsplit(".", 1)[0] for item in parts["luokat"].frame["item"]}
    assert classed == {EUROHIS, "core_om.total", "phq8.total", "audit_c.total"}
    changed = set(parts["muutos"].frame["indicator"])
    assert {"3x10d.terveys.muutos", "kykyviisari.tyokyky.muutos", "yksinaisyys_thl.total.muutos"} <= changed


def test_anchor_is_the_mean_change_of_the_little_better(parts, rows):
    wide = scored_by_hand(rows, "eurohis_qol_8", 8)
    view = rows[rows["time"] == "loppu"].set_index("client")["own_view"]
    change = (wide["loppu"] - wide["alku"]).dropna() / 8
    own = change[view.reindex(change.index).eq(4)]
    row = parts["merkitys"].frame.set_index("indicator").loc[f"{EUROHIS}.mid"]
    assert row["value"] == pytest.approx(own.mean())
    assert (row["denominator"], row["caveats"]) == (len(own), "")
    ends = stats.t.interval(0.95, len(own) - 1, own.mean(), stats.sem(own))
    assert (row["lower"], row["upper"]) == pytest.approx(ends)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.integers(1, 5)), min_size=8, max_size=40), st.booleans())
def test_anchor_turns_with_the_direction(changes, better):
    data = pd.DataFrame({"before": 0.0, "after": [one for one, _ in changes]})
    data["view"] = [4, 4, 4, *[view for _, view in changes[3:]]]
    given_ = {"before": "before", "after": "after", "view": "view", "a_little_better": [4]}
    found = anchor_difference(data, **given_, higher_is_better=better)
    turned = anchor_difference(data.assign(after=-data["after"]), **given_, higher_is_better=not better)
    assert found.smallest == pytest.approx(turned.smallest)
    assert found.lower <= found.smallest <= found.upper
    assert ("anchor_not_above_zero" in found.caveats) == (not found.lower > 0)


def test_a_view_that_does_not_follow_the_score_sets_no_limit():
    data = pd.DataFrame(
        {"before": 0.0, "after": [5.0, 4, 6, 5, 1, 0, 9, 8], "view": [4, 4, 4, 4, 5, 5, 1, 1]}
    )
    found = anchor_difference(
        data, before="before", after="after", view="view", a_little_better=[4], higher_is_better=True
    )
    assert found.caveats == ("anchor_weak",)
    with pytest.raises(FrameError, match="0 people have both measurements and felt a little better"):
        anchor_difference(
            data, before="before", after="after", view="view", a_little_better=[9], higher_is_better=True
        )


# --- protection ---------------------------------------------------------------------------------------


def test_nothing_of_fewer_than_five_people_is_shown(released, parts):
    for name in released.parts:
        shown = protect.protected_frame(released.select(part=name)).query("status == 'ok'")
        given_ = parts[name].frame
        assert (given_["origin"] == "synthetic").all()
        assert not {"person", "client", "before", "after"} & set(shown.columns), name
        for column in ("numerator", "denominator"):
            assert not shown[column].between(1, 4).any(), (name, column)
        if (shown["per"] == 100).any():
            shares = shown[shown["per"] == 100]
            assert (shares["denominator"] >= 50).all(), name


def test_a_small_class_of_a_service_cannot_be_reckoned_back(released, parts):
    """Hidden services are two at least, so that everyone minus the others gives none of them."""
    raw = parts["luokat"].frame
    small = raw[raw["numerator"].between(1, 4) & raw["item"].str.endswith("luokka_palvelut")]
    assert len(small), "the sample has no small class to hide; make another"
    shown = protect.protected_frame(released.select(part="luokat"))
    for item in set(small["item"]):
        own = shown[(shown["item"] == item) & (shown["group"] != "all")]
        hidden = own[own["status"] == "suppressed"]
        assert hidden["group"].nunique() >= 2
        assert hidden[["value", "numerator", "denominator"]].isna().all().all()
    # The unwanted share of all people is told by formula only when it is nobody or five.
    told = parts["kaavat"].frame
    people = (told["unwanted"] * told["denominator"] / 100).dropna().round()
    assert not people.between(1, 4).any()


def test_small_services_and_municipalities_are_joined(tmp_path, own_table, few):
    rows = few
    seven = rows["client"].isin(rows["client"].unique()[:7])
    own_table(rows.assign(group=rows["group"].mask(seven, "pieni")))
    made = recipe.measurements(tmp_path)
    found = made["asiakkaat"].frame
    assert "pieni" not in set(found["group"]) and reading.OTHER_GROUPS in set(found["group"])
    assert found.set_index("group")["value"].drop("all").min() >= 50
    towns = made["uudelleen"].frame.query(f"indicator == '{recipe.AGAIN_TOWN}'")
    assert (towns["denominator"] >= 50).all() and reading.OTHER_TOWNS in set(towns["group"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=9), st.integers(2, 30))
def test_joined_values_are_never_small_unless_all_are(sizes, minimum):
    values = pd.Series(np.repeat([f"v{place}" for place in range(len(sizes))], sizes))
    joined = reading.merged(values, pd.Series(np.arange(len(values))), minimum, "muut")
    counts = joined.value_counts()
    assert counts.sum() == sum(sizes)
    if sum(sizes) >= minimum:
        assert counts.min() >= minimum


# --- a user's own table -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few(rows):
    """Two instruments of the sample, for tests that make the whole release anew."""
    kept = [*reading.PERSON_COLUMNS, *reading.MORE_COLUMNS, "kykyviisari_tyokyky"]
    return rows[[*kept, *(f"eurohis_qol_8_{number}" for number in range(1, 9))]]


@pytest.fixture
def own_table(tmp_path, project):
    def write(rows, kind="synthetic"):
        text = (project / "data" / "samples" / f"{recipe.TABLE}.toml").read_text(encoding="utf-8")
        head, *tables = re.split(r"(?m)^(?=\[)", text)
        kept = [
            one
            for one in tables
            if not one.startswith("[columns.") or one[9:].partition("]")[0].strip('"') in rows.columns
        ]
        text = head.replace('kind = "synthetic"', f'kind = "{kind}"') + "".join(kept)
        (tmp_path / f"{recipe.TABLE}.toml").write_text(text, encoding="utf-8")
        rows.to_csv(tmp_path / f"{recipe.TABLE}.csv", index=False)

    return write


def test_ones_own_clients_are_told_of_their_own_county(tmp_path, own_table, few):
    rows = few
    own_table(
        rows.assign(region_code=rows["region_code"].map(lambda code: "297" if code == "E01" else "749")),
        "real",
    )
    made = recipe.measurements(tmp_path)
    changed = made["muutos"].frame
    assert set(changed["region_code"]) == {"13"} and set(changed["origin"]) == {"own"}
    opened = protect.release(made, name="mittarit", preview=True)
    assert not opened.synthetic
    one = opened.select(part="luokat", region=("hva", "13"), item=f"{EUROHIS}.luokka")
    assert "Pohjois-Savon hyvinvointialueella" in words.classes(one, recipe.names()).text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="group"), r"sarake group puuttuu"),
        (lambda rows: rows.assign(muistiinpano="x"), r"saraketta muistiinpano ei tunneta"),
        (lambda rows: rows.assign(phq9_9=1), r"phq9_9 voi olla PHQ-kyselyn vastaus"),
        (lambda rows: rows.assign(time=rows["time"].replace("loppu", "kesto")), r"time on kesto"),
        (lambda rows: rows.assign(date="eilen"), r"rivillä 1 ei ole päivää"),
        (lambda rows: rows.assign(region_code="999"), r"kuntaa ei tunneta"),
        (lambda rows: rows.assign(region_code=["E01", "297"] * (len(rows) // 2)), r"2 hyvinvointialueeseen"),
        (lambda rows: rows.iloc[:, :9], r"yhdenkään tunnetun mittarin"),
        (lambda rows: rows.assign(group=rows["group"].where(rows.index > 0)), r"group rivi 1 on tyhjä"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_read_say_why(tmp_path, own_table, few, change, message):
    own_table(change(few))
    with pytest.raises(GatherError, match=message):
        recipe.measurements(tmp_path)


def test_an_impossible_answer_names_row_column_and_range(tmp_path, own_table, rows):
    own_table(rows.assign(phq8_3=rows["phq8_3"].mask(rows.index == 4, 7)))
    with pytest.raises(FrameError, match=r"phq8, column 'phq8_3', row 4 is 7; expected a whole number"):
        recipe.measurements(tmp_path)


def test_without_a_table_the_page_is_left_out(tmp_path):
    with pytest.raises(samples.AbsentTable):
        recipe.measurements(tmp_path)


def test_a_table_without_views_sexes_or_choice_still_makes_a_page(tmp_path, own_table, rows):
    kept = [*reading.PERSON_COLUMNS, *(f"audit_c_{number}" for number in (1, 2, 3))]
    own_table(rows[kept])
    made = recipe.measurements(tmp_path)
    assert made["merkitys"].frame.empty and made["tasoittuminen"].frame.empty
    assert made["rajat"].frame.empty  # the cut-offs of AUDIT-C depend on sex and age
    assert "class_without_sex_or_age" in made["mittarit"].frame["caveats"].iloc[0]
    opened = protect.release(made, name="mittarit", preview=True)
    told = words.told_caveats([opened.select(part="mittarit")])
    assert any("sukupuolesta tai iästä" in sentence.text for sentence in told)
    assert "valituksi" in words.towards_the_mean(opened.select(part="tasoittuminen")).text


# --- words, tables, pictures --------------------------------------------------------------------------


def test_the_answer_names_every_class_with_its_interval(released):
    one = released.select(part="luokat", item=f"{EUROHIS}.luokka")
    said = words.classes(one, recipe.names())
    for name in ("luotettava muutos ei-toivottuun suuntaan", "ei luotettavaa muutosta"):
        assert name in said.text
    assert said.text.count("95\u00a0%:n luottamusväli") == 3
    assert "eikä se kerro, mistä muutos syntyi" in said.text
    english = words.classes(one, recipe.names("en"), "en").text
    assert "reliable change in the unwanted direction" in english.casefold()


@pytest.mark.parametrize("language", ["fi", "en"])
def test_no_sentence_claims_a_cause_a_rank_or_labels(released, language):
    names = recipe.names(language)
    said = []
    for key in (EUROHIS, "core_om.total", "phq8.total", "audit_c.total"):
        said.append(words.classes(released.select(part="luokat", item=f"{key}.luokka"), names, language))
        for group in ("all", "ryhmatoiminta"):
            lost = released.select(part="katoaminen", indicator=f"{key}.uudelleen", group=group)
            said.append(words.dropout(lost, names, language))
        anchored = released.select(part="merkitys", indicator=f"{key}.mid")
        said += [words.anchor(anchored, language)] if len(anchored) else []
        said.append(
            words.sorted_range(
                released.select(part="kaavat", indicator=f"{key}.kaava"), "formula_range", language
            )
        )
        changed = released.select(part="muutos", indicator=f"{key}.muutos", group="all")
        said.append(words_effects.effect(changed, language, names))
    said.append(words.towards_the_mean(released.select(part="tasoittuminen"), language))
    for sentence in said:
        found = [claims.check(sentence, claim, language) for claim in (Claim.ERO, Claim.MUUTOS)]
        both = found[0].merge(found[1], on=["kind", "start", "end"])
        assert both.empty, (sentence.text, both)
        assert sentence.numbers


def test_no_change_is_never_said_of_an_interval_that_holds_zero(released):
    alcohol = released.select(part="muutos", indicator="audit_c.total.muutos", group="all")
    said = words_effects.effect(alcohol, "fi", recipe.names()).text
    assert "ei osoitettu muutosta" in said and "ei tarkoita, ettei muutosta ole" in said


def test_the_table_of_instruments_has_cutoffs_with_sources_and_licences(released):
    chosen = released.select(part="mittarit")
    measures = words.instrument_table(chosen, "Mittarit").plain.set_index("Mittari")
    limits = words.limit_table(chosen, "Rajat").plain.set_index("Mittari")
    assert len(limits) == len(measures) == 7
    plain = limits.apply(lambda column: column.str.replace("\u200b", ""))
    audit = plain.at["AUDIT-C", "Raja-arvo ja sen lähde"]
    for piece in (
        "miehet 20–64 vuotta: vähintään 6",
        "naiset 20–64 vuotta: vähintään 5",
        "65 vuotta täyttäneet: vähintään 4",
    ):
        assert piece in audit
    assert "Lähde: THL" in audit
    assert "enintään 3 tyhjää" in measures.at["CORE-OM", "Tyhjät vastaukset"]
    assert plain.at["CORE-OM", "Lupa"].startswith("saa käyttää, mutta ei muokata")
    assert (
        "raja-arvoa"
        in plain.at["3X10D-elämäntilannemittari (18 vuotta täyttäneet)", "Raja-arvo ja sen lähde"]
    )
    assert measures["Mitattu alussa"].str.fullmatch(r"\d+").all()
    english = words.limit_table(chosen, "Limits", "en").plain
    assert not english.apply(lambda column: column.str.contains("vähintään|Lähde")).any().any()


def test_the_picture_draws_classes_and_no_person(released):
    chosen = released.select(part="luokat", item=f"{EUROHIS}.luokka_palvelut")
    figure = charts_outcomes.class_shares(chosen, "Luokat", names=recipe.names())
    again = charts_outcomes.class_shares(chosen, "Luokat", names=recipe.names())
    assert figure.png == again.png and Image.open(io.BytesIO(figure.png)).width == 832
    assert re.search(r"ne ovat välillä [\d,]+–[\d,]+\.", figure.alt)
    assert "Ryhmät: Kaikki kahdesti mitatut; Ryhmätoiminta" in figure.alt
    assert len(figure.table.plain) == len(chosen)
    hidden = released.select(part="luokat", item="phq8.total.luokka_palvelut")
    assert "suojattu" in str(charts_outcomes.class_shares(hidden, "Luokat", names=recipe.names()).table.plain)
    with pytest.raises(SosrakeError, match="values of item"):
        charts_outcomes.class_shares(released.select(part="luokat"), "Kaikki", names=recipe.names())


def test_names_cover_what_the_page_shows(parts):
    for language in ("fi", "en"):
        known = set(recipe.names(language))
        for name in (
            "muutos",
            "katoaminen",
            "kaavat",
            "luotettavuudet",
            "poisjaaneet",
            "tasoittuminen",
            "rajat",
        ):
            frame = parts[name].frame
            assert set(frame["indicator"]) <= known, name
            assert set(frame["group"]) - {"all"} <= known, name
        assert {f"{point:g}" for point in parts["luokat"].frame["point"]} <= known
        assert {"11", "22", "33", "12"} <= set(recipe.meaning_names(language)) & set(
            recipe.scoring_names(language)
        )
    assert made_of.CODES.keys() == CLASS_NAMES["fi"].keys()
    assert made_of.MEANING.keys() == THRESHOLD_NAMES.keys()


# --- every key has its words --------------------------------------------------------------------------


def sources(*folders):
    files = [path for folder in folders for path in (ROOMS / folder).rglob("*.py")]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}


def strings(node):
    return {
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def keys_given(trees, names):
    """Find the strings that code puts under one of the names: in dicts, keywords and assignments."""
    found = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in names:
                        found |= strings(value)
            named = {node.arg} if isinstance(node, ast.keyword) else set()
            named |= {ast.unparse(one) for one in node.targets} if isinstance(node, ast.Assign) else set()
            if named & names:
                found |= strings(node.value)
    return {one for one in found if re.fullmatch(r"[a-z_]+", one)}


def returned_by(trees, function):
    found = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == function:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        # The words after an `if` inside the value are conditions, not keys.
                        parts = [inner.value]
                        while parts:
                            part = parts.pop()
                            if isinstance(part, ast.IfExp):
                                parts += [part.body, part.orelse]
                            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                                found.add(part.value)
    return found


def caveat_keys():
    """Strings that stand in a list, tuple or call that makes caveats in these rooms."""
    found = set()
    for tree in sources("effects/change", "effects/goals", "effects/instruments").values():
        for node in ast.walk(tree):
            part = None
            if isinstance(node, ast.keyword) and node.arg == "caveats":
                part = node.value
            if isinstance(node, ast.Assign):
                named = {ast.unparse(one).casefold() for one in node.targets}
                listed = isinstance(node.value, ast.List | ast.IfExp)
                if named & {"caveats", "goal_caveats"} or (named & {"told"} and listed):
                    part = node.value
            if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "told":
                part = node.value
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "told.append":
                part = node
            if isinstance(node, ast.FunctionDef) and "caveats" in node.name:
                part = ast.Module(
                    body=[one for one in node.body if isinstance(one, ast.Return)], type_ignores=[]
                )
            if part is not None:
                found |= {one for one in strings(part) if re.fullmatch(r"[a-z]+(_[a-z]+)+|dropout", one)}
    return found - {"standardised_difference", "measured_again"}


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_caveat_of_instruments_change_and_goals_has_words(language):
    found = caveat_keys()
    for key in found:
        assert words.caveat_text(key, language) and words.caveat_text(key, language, "tavoitteet")
    assert {
        *("lowest_answer_never_used", "class_without_sex_or_age", "cutoff_not_verified", "own_missing_rule"),
        *("unverified_scoring", "filled_with_client_unknown", "filled_without_client", "goals_not_assessed"),
        *("goals_not_rated", "leavers_differ", "much_dropout", "anchor_weak", "few_people", "dropout"),
        *("reliability_is_an_assumption", "sd_from_these_people", "rho_is_an_assumption"),
    } <= found
    with pytest.raises(SosrakeError, match="caveat 'not_a_key' has no words"):
        words.caveat_text("not_a_key", language)


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_detail_of_instruments_has_words(language):
    scored = sources("effects/instruments")
    goals = {path: tree for path, tree in scored.items() if path.name == "plan_goals.py"}
    inside = {"_classes": {}, "other": {}}
    for path, tree in scored.items():
        if path.name == "frame.py":
            for node in tree.body:
                own = isinstance(node, ast.FunctionDef) and node.name == "_classes"
                inside["_classes" if own else "other"][node] = node
    frame, classes = inside["other"], inside["_classes"]
    given_ = {
        "reason": keys_given(frame, {"reason"}) | keys_given(goals, {"reason"}),
        "missing_rule": keys_given(scored, {"missing_rule"}) | returned_by(scored, "_rule") | {"ready_score"},
        "band_reason": keys_given(classes, {"why", "reason"}) | keys_given(goals, {"band_reason"}),
        "kind": set(INSTRUMENT_KINDS),
        "licence": {one.licence.key for one in catalogue.instruments()} | set(FREE_TEXT_LICENCES),
        "direction": {scale.direction for one in catalogue.instruments() for scale in one.scales},
        "formula": set(METHODS),
        "reliability_kind": {"retest", "internal", "given"},
        "crossed": {"to_functional", "to_clinical", "no"},
        "scored": set(made_of.STATES),
    }
    assert set(given_) == set(words.DETAILS)
    assert {"too_many_items_missing", "form_incomplete", "no_score", "no_goal_assessed"} <= given_["reason"]
    assert {"published", "complete", "own", "ready_score", "assessed_goals"} <= given_["missing_rule"]
    assert {"no_classes", "not_verified", "sex_or_age_needed", "no_score"} <= given_["band_reason"]
    for table, told in given_.items():
        for key in told:
            assert words.detail(table, key, language), (table, key)


def test_both_languages_have_the_same_keys_and_placeholders():
    for name in ("mittarit.", "tavoitteet."):
        finnish, english = ({key for key in keys(one) if key.startswith(name)} for one in ("fi", "en"))
        assert finnish == english and len(finnish) > 80
        for key in finnish:
            holes = {name: re.findall(r"{(\w+)}", text_of(key, name)) for name in ("fi", "en")}
            assert sorted(set(holes["fi"])) == sorted(set(holes["en"])), key


def text_of(key, language):
    from sosrake_lib.language import messages

    return messages.catalogue(key.partition(".")[0], language)[key]


def test_the_answer_to_the_ninth_question_is_nowhere(parts, project, rows):
    assert not [column for column in rows.columns if column.startswith("phq9")]
    for name, part in parts.items():
        assert not part.frame["indicator"].str.contains(r"phq9|core_om\.(?!total)").any(), name
    page = (project / "notebooks" / "3_tiedon_tyostaminen" / "mittarit.ipynb").read_text(encoding="utf-8")
    assert "itsetuhoisia ajatuksia" in page and "phq9" not in page
    assert say("mittarit.error.phq", table="t", column="phq9_9").count("vastaanotossa") == 1


def test_the_users_data_stay_as_they_were(rows):
    before = rows.copy()
    reading.merged(rows["group"], rows["client"], 500, "muut")
    recipe.clients(rows, reading.OutcomePlace("E1", "2025", "synthetic"))
    pd.testing.assert_frame_equal(rows, before)
