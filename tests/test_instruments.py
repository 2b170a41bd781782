"""Instruments: the licence gate, scoring against published rules and worked examples, and what is refused."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import catalogue
from sosrake_lib.catalogue.instrument_files import read_instrument
from sosrake_lib.effects.change import individual_change, paired_rows
from sosrake_lib.effects.instruments import (
    bands_of,
    change_options,
    combine,
    import_scores,
    item_scores,
    plan_goals,
    score_instrument,
    turned,
)
from sosrake_lib.errors import CatalogueError, FrameError, SosrakeError
from sosrake_lib.indicators.reliability import cronbach_alpha

FILES = Path(catalogue.__file__).parent / "instruments"
KEYS = [one.key for one in catalogue.instruments()]
# The same sums in another order.
ROUNDING = 1e-12
# Published scores are rounded to two decimals.
TWO_DECIMALS = 0.005 + ROUNDING

# A form of WHOQOL-BREF and its scores as the open calculator awell-score gives them (its test "random
# response"); it takes items 3, 4 and 26 already turned, so here they are turned back to what is on the form.
WHOQOL_TURNED = {3: 2, 4: 1, 10: 4, 15: 4, 16: 3, 17: 4, 18: 4, 5: 4, 6: 3, 7: 4, 11: 5, 19: 5, 26: 2}
WHOQOL_TURNED |= {20: 4, 21: 3, 22: 5, 8: 5, 9: 3, 12: 3, 13: 4, 14: 3, 23: 4, 24: 3, 25: 4, 1: 4, 2: 3}
WHOQOL = {n: 6 - a if n in (3, 4, 26) else a for n, a in WHOQOL_TURNED.items()}
# A form of CORE-OM and its mean scores by the same calculator ("random response", items already turned).
CORE_TURNED = dict.fromkeys(range(1, 35), 0) | {1: 2, 3: 4, 7: 1, 8: 1, 12: 4, 13: 1, 14: 1, 21: 4, 22: 1}
CORE_TURNED |= {25: 1, 29: 2, 30: 1, 31: 1, 32: 4}
CORE_REVERSED = (3, 4, 7, 12, 19, 21, 31, 32)
CORE = {n: 4 - a if n in CORE_REVERSED else a for n, a in CORE_TURNED.items()}


def form(key, *answers, person="person"):
    """A table of forms, each a dict number -> answer."""
    rows = [{f"{key}_{number}": answer for number, answer in one.items()} for one in answers]
    names = [f"p{place}" for place in range(len(rows))]
    return pd.DataFrame(rows).astype("float64").assign(**{person: names})


def alike(key, answer, **options):
    record = catalogue.instrument(key)
    return form(key, dict.fromkeys(range(1, record.items + 1), answer), **options)


def scores(scored):
    return scored.people.set_index(["person", "scale"])["score"]


# The licence gate.


@pytest.mark.parametrize("key", KEYS)
def test_every_instrument_names_its_licence_and_source_and_ships_no_protected_text(key):
    record = catalogue.instrument(key)
    assert record.source and record.licence.name and record.licence.source
    assert record.measures_fi and record.measures_en and record.scales
    assert not record.items_shipped or record.licence.texts_free
    table = tomllib.loads((FILES / f"{key}.toml").read_text(encoding="utf-8"))
    texts = [name for item in table.get("item_names", []) for name in item if name.startswith("text")]
    assert not texts or table["licence"]["key"] in catalogue.FREE_TEXT_LICENCES


def test_a_record_with_a_protected_text_cannot_be_made():
    record = catalogue.instrument("core_om")
    item = catalogue.InstrumentItem(1, "Yksinäisyys", "Loneliness", text_en="a wording")
    with pytest.raises(CatalogueError, match="item 1 has a text, but its licence is 'cc_by_nd_4'"):
        replace(record, item_names=(item,))
    free = catalogue.TextLicence("cc0", "CC0", "here")
    assert replace(record, item_names=(item,), licence=free).items_shipped
    table = tomllib.loads((FILES / "phq8.toml").read_text(encoding="utf-8"))
    named = {"number": 1, "name_fi": "Mieli", "name_en": "Mind", "text_fi": "sanamuoto"}
    with pytest.raises(CatalogueError, match=r"texts ship only under cc0"):
        read_instrument("phq8", {**table, "item_names": [named]})


@pytest.mark.parametrize("name", ["Kuinka usein tunnet olevasi yksin?", "a" * 46])
def test_a_wording_does_not_pass_as_the_name_of_an_area(name):
    record = catalogue.instrument("audit_c")
    with pytest.raises(CatalogueError, match="looks like the wording"):
        replace(record, item_names=(catalogue.InstrumentItem(1, name, "x"),))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "colour is not a field"),
        ({"kind": "poll"}, "kind is 'poll'; expected one of items, scores, goals"),
        ({"direction": "up"}, "direction is 'up'"),
        (
            {"scales": {"total": {"name_fi": "a", "name_en": "b", "items": [9]}}},
            r"items \[9\]; expected diff",
        ),
        ({"scales": {"total": {"name_fi": "a", "name_en": "b", "items": [1], "bands": "x"}}}, "bands 'x'"),
    ],
)
def test_a_wrong_file_is_refused_by_name(change, message):
    table = tomllib.loads((FILES / "phq8.toml").read_text(encoding="utf-8"))
    with pytest.raises(CatalogueError, match=message):
        read_instrument("phq8", {**table, **change})


def test_unknown_keys_name_the_nearest():
    with pytest.raises(CatalogueError, match="nearest: audit_c"):
        catalogue.instrument("audit-c")
    with pytest.raises(CatalogueError, match="no scale 'mean'; expected one of total"):
        catalogue.instrument("phq8").scale("mean")


@pytest.mark.parametrize(
    ("key", "scale", "minimum", "maximum", "direction"),
    [
        ("3x10d", "talous", 0, 10, "higher_is_better"),
        ("3x10d", "keskiarvo", 0, 10, "higher_is_better"),
        ("audit_c", "total", 0, 12, "higher_is_worse"),
        ("paradise24fin", "total", 0, 4, "higher_is_worse"),
        ("whoqol_bref", "social", 4, 20, "higher_is_better"),
        ("whoqol_bref", "social_100", 0, 100, "higher_is_better"),
        ("eurohis_qol_8", "total", 1, 5, "higher_is_better"),
        ("core_om", "total", 0, 40, "higher_is_worse"),
        ("kykyviisari", "tyokyky", 0, 10, "higher_is_better"),
        ("phq8", "total", 0, 24, "higher_is_worse"),
        ("phq9", "total", 0, 27, "higher_is_worse"),
        ("yksinaisyys_thl", "total", 1, 5, "higher_is_worse"),
        ("ucla3", "total", 3, 9, "higher_is_worse"),
        ("avain", "kokonaan", 0, 100, "higher_is_better"),
    ],
)
def test_ranges_and_directions(key, scale, minimum, maximum, direction):
    found = catalogue.instrument(key).scale(scale)
    assert (found.minimum, found.maximum, found.direction) == (minimum, maximum, direction)


def test_formative_instruments_are_refused_by_alpha():
    formative = [one.key for one in catalogue.instruments() if one.formative]
    assert formative == ["3x10d", "avain"]
    for key in formative:
        with pytest.raises(SosrakeError, match="formative"):
            cronbach_alpha([[1, 2], [2, 3], [4, 4]], instrument=key)
        assert not any(scale.reliability for scale in catalogue.instrument(key).scales)


# Scoring against published rules and worked examples.


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("physical_100", 53.57),
        ("psychological_100", 70.83),
        ("social_100", 75),
        ("environment_100", 65.63),
        ("physical", 88 / 7),
        ("environment", 14.5),
        ("overall", 4),
        ("general_health", 3),
    ],
)
def test_whoqol_bref_as_another_calculator(scale, expected):
    found = scores(score_instrument(form("whoqol_bref", WHOQOL), "whoqol_bref"))
    assert found["p0", scale] == pytest.approx(expected, abs=TWO_DECIMALS)


def test_whoqol_bref_middle_answers_are_fifty():
    found = scores(score_instrument(alike("whoqol_bref", 3), "whoqol_bref"))
    assert {found["p0", f"{name}_100"] for name in ("physical", "psychological", "social")} == {50.0}


@pytest.mark.parametrize(
    ("empty", "missing", "reason"),
    [
        ((3,), set(), ""),
        ((3, 4), {"physical"}, "too_many_items_missing"),
        ((5, 6), {"psychological"}, "too_many_items_missing"),
        ((20,), set(), ""),
        ((20, 21), {"social"}, "too_many_items_missing"),
        ((8, 9), set(), ""),
        ((8, 9, 12), {"environment"}, "too_many_items_missing"),
        ((3, 5, 8, 9, 20), set(), ""),
        ((1, 3, 5, 8, 9, 20), {"physical", "psychological", "social", "environment"}, "form_incomplete"),
    ],
)
def test_whoqol_bref_missing_items_as_the_manuals_syntax(empty, missing, reason):
    answers = {n: a for n, a in WHOQOL.items() if n not in empty} | dict.fromkeys(empty, np.nan)
    people = score_instrument(form("whoqol_bref", answers), "whoqol_bref").people.set_index("scale")
    domains = people.loc[["physical", "psychological", "social", "environment"]]
    assert set(domains.index[domains["status"] == "missing"]) == missing
    assert set(domains.loc[sorted(missing), "reason"]) == ({reason} if missing else set())
    assert people["missing_rule"].eq("published").all()


def test_the_mean_of_the_other_items_stands_in_after_turning():
    answers = WHOQOL | {3: np.nan}
    found = scores(score_instrument(form("whoqol_bref", answers), "whoqol_bref"))
    rest = [WHOQOL_TURNED[n] for n in (4, 10, 15, 16, 17, 18)]
    assert found["p0", "physical"] == pytest.approx(4 * sum(rest) / 6, abs=ROUNDING)


@pytest.mark.parametrize(
    ("scale", "raw", "items", "published"),
    [
        ("wellbeing", 2, 4, 0.5),
        ("problems", 3, 12, 0.25),
        ("functioning", 22, 12, 1.83),
        ("risk", 1, 6, 0.17),
        ("total", 28, 34, 0.82),
    ],
)
def test_core_om_as_another_calculator(scale, raw, items, published):
    found = scores(score_instrument(form("core_om", CORE), "core_om", scales=(scale,)))["p0", scale]
    assert found == pytest.approx(10 * raw / items, abs=ROUNDING)
    assert found / 10 == pytest.approx(published, abs=TWO_DECIMALS)


def test_core_om_worked_example_of_a_resource_hub():
    # socasresourcehub.com 5b.1: a sum of 56 over 34 items is a mean of 1.64 and a clinical score of 16.
    turned_answers = dict.fromkeys(range(1, 35), 1) | dict.fromkeys(range(1, 23), 2)
    answers = {n: 4 - a if n in CORE_REVERSED else a for n, a in turned_answers.items()}
    found = scores(score_instrument(form("core_om", answers), "core_om"))["p0", "total"]
    assert found == pytest.approx(560 / 34, abs=ROUNDING)
    assert int(found) == 16


def test_core_om_turns_the_eight_positive_items_and_parts_the_rest():
    record = catalogue.instrument("core_om")
    assert record.reverse == CORE_REVERSED
    parts = [record.scale(key).items for key in ("wellbeing", "problems", "functioning", "risk")]
    assert [len(part) for part in parts] == [4, 12, 12, 6]
    assert sorted(sum(parts, ())) == list(range(1, 35))
    assert set(record.scale("non_risk").items) == set(range(1, 35)) - set(parts[3])


@pytest.mark.parametrize(
    ("empty", "scale", "status"),
    [
        ((1, 2, 3), "total", "ok"),
        ((1, 2, 3, 5), "total", "missing"),
        ((1, 2), "non_risk", "ok"),
        ((1, 2, 3), "non_risk", "missing"),
        ((1,), "functioning", "ok"),
        ((1, 3), "functioning", "missing"),
        ((4,), "wellbeing", "missing"),
        ((9,), "risk", "missing"),
    ],
)
def test_core_om_prorates_as_its_trust_says(empty, scale, status):
    answers = CORE | dict.fromkeys(empty, np.nan)
    people = score_instrument(form("core_om", answers), "core_om", scales=(scale,)).people
    assert people.loc[0, "status"] == status


def test_core_om_leaves_the_risk_scale_out_unless_asked_for():
    found = score_instrument(form("core_om", CORE), "core_om")
    assert "risk" not in set(found.people["scale"])
    assert "risk_items" in {note.key for note in found.notes}


@pytest.mark.parametrize(("answer", "band"), [(0, "below_cutoff"), (1, "at_or_above_cutoff")])
def test_core_om_cutoff_is_ten(answer, band):
    answers = {n: 4 - answer if n in CORE_REVERSED else answer for n in range(1, 35)}
    people = score_instrument(form("core_om", answers), "core_om", scales=("total",)).people
    assert (people.loc[0, "score"], people.loc[0, "band"]) == (10.0 * answer, band)


@pytest.mark.parametrize(
    ("sex", "age", "cutoff"),
    [
        ("male", 20, 6),
        ("male", 64.5, 6),
        ("female", 44, 5),
        ("female", 65, 4),
        ("male", 80, 4),
        (None, 70, 4),
    ],
)
def test_audit_c_has_the_finnish_cutoffs(sex, age, cutoff):
    points = {cutoff - 1: "below_cutoff", cutoff: "at_or_above_cutoff"}
    for total, band in points.items():
        answers = {1: min(total, 4), 2: total - min(total, 4), 3: 0}
        data = form("audit_c", answers).assign(sex=pd.Series([sex], dtype=object), age=age)
        people = score_instrument(data, "audit_c", sex="sex", age="age").people
        assert (people.loc[0, "score"], people.loc[0, "band"]) == (total, band)


@pytest.mark.parametrize(("sex", "age"), [(None, 40), ("other", 40), ("male", None), ("male", 17)])
def test_audit_c_gives_no_class_where_no_cutoff_is_for_the_person(sex, age):
    data = form("audit_c", {1: 4, 2: 4, 3: 4}).assign(
        sex=pd.Series([sex], dtype=object), age=pd.Series([age], dtype="float64")
    )
    found = score_instrument(data, "audit_c", sex="sex", age="age")
    assert found.people.loc[0, "score"] == 12
    assert pd.isna(found.people.loc[0, "band"])
    assert found.people.loc[0, "band_reason"] == "sex_or_age_needed"
    assert found.caveats == ("class_without_sex_or_age",)


def test_forms_numbered_from_one_are_moved():
    data = form("audit_c", {1: 1, 2: 5, 3: 3})
    assert scores(score_instrument(data, "audit_c", coded_from=1))["p0", "total"] == 0 + 4 + 2
    with pytest.raises(FrameError, match=r"'audit_c_2', row 0 is 5; expected a whole number from 0 to 4"):
        score_instrument(data, "audit_c")


def test_answers_that_never_use_the_lowest_code_raise_a_caveat():
    answers = [{1: 1, 2: 2, 3: 4}] * 20
    assert score_instrument(form("audit_c", *answers), "audit_c").caveats[0] == "lowest_answer_never_used"
    assert "lowest_answer_never_used" not in score_instrument(form("audit_c", answers[0]), "audit_c").caveats


@pytest.mark.parametrize(
    ("points", "band"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (15, "moderately_severe"),
        (20, "severe"),
        (24, "severe"),
    ],
)
def test_phq8_classes(points, band):
    answers = {n: min(3, max(0, points - 3 * (n - 1))) for n in range(1, 9)}
    people = score_instrument(form("phq8", answers), "phq8").people
    assert (people.loc[0, "score"], people.loc[0, "band"]) == (points, band)


def test_where_no_rule_of_missing_items_was_found_every_item_is_needed():
    for key in ("phq8", "eurohis_qol_8", "paradise24fin", "audit_c", "ucla3"):
        data = alike(key, catalogue.instrument(key).item_max)
        data[f"{key}_2"] = np.nan
        people = score_instrument(data, key).people
        assert people["status"].tolist() == ["missing"]
        assert people["missing_rule"].tolist() == ["complete"]
        assert people.loc[0, "items_answered"] == people.loc[0, "items"] - 1


def test_an_own_rule_of_missing_items_is_named():
    data = alike("paradise24fin", 2)
    data["paradise24fin_7"] = np.nan
    found = score_instrument(data, "paradise24fin", max_missing=2)
    assert found.people.loc[0, "score"] == 2
    assert found.people.loc[0, "missing_rule"] == "own"
    assert found.caveats == ("own_missing_rule",)
    with pytest.raises(SosrakeError, match="max_missing -1; expected 0 or more"):
        score_instrument(data, "paradise24fin", max_missing=-1)


def test_eurohis_is_the_mean_and_good_from_four():
    found = score_instrument(alike("eurohis_qol_8", 4), "eurohis_qol_8").people
    assert (found.loc[0, "score"], found.loc[0, "band"]) == (4.0, "good_on_average")
    data = alike("eurohis_qol_8", 4).assign(eurohis_qol_8_1=3.0)
    assert score_instrument(data, "eurohis_qol_8").people.loc[0, "band"] == "below_good"


@pytest.mark.parametrize(
    ("step", "band"), [(1, "not_lonely"), (3, "not_lonely"), (4, "lonely"), (5, "lonely")]
)
def test_lonely_are_the_two_highest_steps(step, band):
    assert score_instrument(alike("yksinaisyys_thl", step), "yksinaisyys_thl").people.loc[0, "band"] == band


def test_a_cutoff_without_a_source_is_given_only_when_asked_for():
    found = score_instrument(alike("ucla3", 2), "ucla3")
    assert found.people.loc[0, "score"] == 6
    assert pd.isna(found.people.loc[0, "band"])
    assert found.people.loc[0, "band_reason"] == "not_verified"
    assert found.caveats == ("cutoff_not_verified",)
    assert score_instrument(alike("ucla3", 2), "ucla3", unverified=True).people.loc[0, "band"] == "lonely"


def test_3x10d_is_a_profile_whose_mean_is_a_summary():
    answers = dict(enumerate([7, 5, 8, 6, 10, 0, 3, 6, 4, 7], start=1))
    people = score_instrument(form("3x10d", answers), "3x10d").people.set_index("scale")
    assert people.loc["talous", ["score", "band"]].tolist() == [3.0, "dissatisfied"]
    assert people.loc["vaikeuksien_voittaminen", "band"] == "dissatisfied"
    assert people.loc["paivittainen_parjaaminen", "band"] == "moderately_satisfied"
    assert people.loc["asuminen", "band"] == "satisfied"
    assert people.loc["keskiarvo", "score"] == pytest.approx(5.6, abs=ROUNDING)
    assert people["summary"].to_dict()["keskiarvo"] and people["summary"].sum() == 1
    assert people.loc["keskiarvo", "band_reason"] == "no_classes"
    one_empty = score_instrument(form("3x10d", answers | {7: np.nan}), "3x10d").people.set_index("scale")
    assert one_empty.index[one_empty["status"] == "missing"].tolist() == ["talous", "keskiarvo"]


# Scores taken in ready.


def test_phq9_comes_as_a_total_and_never_shows_its_ninth_answer():
    data = pd.DataFrame(
        {"person": list("abcd"), "points": [27, 24, 25, 10], "kunta": "E1", "phq9_9": [3, 0, 1, 0]}
    )
    found = import_scores(data, "phq9", scores={"total": "points"}, keep=("kunta",))
    assert found.people["score"].tolist() == [24, 24, 24, 10]
    assert found.people["maximum"].eq(24).all()
    assert found.people["band"].tolist() == ["severe", "severe", "severe", "moderate"]
    assert "phq9_9" not in found.people
    # The note stands whatever was answered, so that it tells nothing of anybody.
    calm = import_scores(data.assign(points=0), "phq9", scores={"total": "points"})
    assert calm.notes == found.notes
    assert "jo pitänyt reagoida sen ammattilaisen" in found.notes[0].fi
    with pytest.raises(FrameError, match="'phq9_9' may hold an answer to PHQ-9"):
        import_scores(data, "phq9", scores={"total": "points"}, keep=("phq9_9",))
    with pytest.raises(SosrakeError, match=r"answers to phq9 are not scored here .*use import_scores"):
        score_instrument(data, "phq9")


def test_phq8_and_phq9_of_the_same_people_are_not_put_together():
    eight = score_instrument(alike("phq8", 1), "phq8")
    nine = import_scores(pd.DataFrame({"person": ["p0"], "t": [9]}), "phq9", scores={"total": "t"})
    other = import_scores(pd.DataFrame({"person": ["x"], "t": [9]}), "phq9", scores={"total": "t"})
    with pytest.raises(SosrakeError, match="their difference is the answer to the ninth question"):
        combine([eight, nine])
    assert len(combine([eight, other]).people) == 2
    with pytest.raises(FrameError, match="phq8, total of one person stands twice"):
        combine([eight, eight])
    with pytest.raises(SosrakeError, match="nothing to combine"):
        combine([])


def test_kykyviisari_takes_only_verified_scales_by_default():
    data = pd.DataFrame({"person": ["a", "b"], "work": [7, None], "mind": [55.0, 60.0]})
    found = import_scores(data, "kykyviisari", scores={"tyokyky": "work"})
    assert found.people["status"].tolist() == ["ok", "missing"]
    assert found.people["reason"].tolist() == ["", "no_score"]
    with pytest.raises(SosrakeError, match="scale 'mieli' is not verified: its range was not found"):
        import_scores(data, "kykyviisari", scores={"mieli": "mind"})
    doubtful = import_scores(data, "kykyviisari", scores={"mieli": "mind"}, unverified=True)
    assert doubtful.caveats == ("unverified_scoring",)
    with pytest.raises(
        FrameError, match=r"kykyviisari, tyokyky, column 'mind', row 0 is 55; expected a score"
    ):
        import_scores(data, "kykyviisari", scores={"tyokyky": "mind"})
    with pytest.raises(SosrakeError, match="not scored here"):
        score_instrument(data, "kykyviisari")
    with pytest.raises(SosrakeError, match="no scores named"):
        import_scores(data, "kykyviisari", scores={})
    with pytest.raises(SosrakeError, match="avain is made of goals; use plan_goals"):
        import_scores(data, "avain", scores={"kokonaan": "mind"})


# Goals of plans.


def some_goals():
    return pd.DataFrame(
        {
            "person": ["a", "a", "a", "b", "b", "c"],
            "goal": [1, 2, 3, 1, 2, 1],
            "level": ["kokonaan", "osittain", "ei", "osittain", None, None],
            "together": [True, True, True, True, False, True],
        }
    )


def test_plan_goals_are_counted_of_the_assessed():
    found = plan_goals(some_goals(), unverified=True, with_client="together")
    people = found.scored.people.set_index(["person", "scale"])
    assert people.loc[("a", "kokonaan"), "score"] == pytest.approx(100 / 3)
    assert people.loc[("a", "ainakin_osittain"), "score"] == pytest.approx(200 / 3)
    assert people.loc[("b", "ainakin_osittain"), ["score", "items_answered", "items"]].tolist() == [100, 1, 2]
    assert people.loc[("c", "kokonaan"), ["status", "reason"]].tolist() == ["missing", "no_goal_assessed"]
    assert found.levels.loc[found.levels["person"] == "a", "goals"].tolist() == [1, 1, 1]
    assert set(found.scored.caveats) >= {"filled_without_client", "goals_not_assessed", "unverified_scoring"}
    assert {note.key for note in found.scored.notes} == {"context_bound", "filled_with_client"}


def test_plan_goals_want_the_codes_of_the_client_system():
    with pytest.raises(SosrakeError, match="answer codes of AVAIN were not verified"):
        plan_goals(some_goals())
    with pytest.raises(
        FrameError, match=r"column 'level', row 1 is 'osittain'; expected one of ei, kokonaan"
    ):
        plan_goals(some_goals(), levels=["ei", "kokonaan"])
    with pytest.raises(SosrakeError, match="expected two or more different codes"):
        plan_goals(some_goals(), levels=["ei"])
    with pytest.raises(FrameError, match=r"person 'a', goal 1 stands on two rows"):
        plan_goals(some_goals().assign(goal=1), unverified=True)
    with pytest.raises(FrameError, match="'goal', row 0 is empty"):
        plan_goals(some_goals().assign(goal=None), unverified=True)
    four = some_goals().assign(level=[3, 2, 0, 1, None, None])
    counted = plan_goals(four.astype({"level": "Int64"}), levels=["0", "1", "2", "3"])
    assert "filled_with_client_unknown" in counted.scored.caveats
    assert counted.scored.scale("kokonaan")["score"].tolist()[0] == pytest.approx(100 / 3)


def test_plan_goals_by_time():
    twice = pd.concat([some_goals().assign(when=1), some_goals().assign(when=2, level="kokonaan")])
    found = plan_goals(twice.reset_index(drop=True), unverified=True, time="when").scored
    assert found.people.groupby("time")["score"].max().tolist() == [100, 100]
    assert len(found.scale("kokonaan")) == 6


# Bad input.


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phq8_3": [4.0]}, r"phq8, column 'phq8_3', row 0 is 4; expected a whole number from 0 to 3"),
        ({"phq8_3": [-1.0]}, "row 0 is -1"),
        ({"phq8_3": [1.5]}, r"row 0 is 1.5; expected a whole number"),
        ({"phq8_3": [np.inf]}, "column 'phq8_3', row 0 is infinite"),
        ({"phq8_3": ["usein"]}, "holds what is not a number"),
        ({"person": [None]}, "column 'person', row 0 names nobody"),
    ],
)
def test_wrong_answers_name_row_and_column(change, message):
    with pytest.raises(FrameError, match=message):
        score_instrument(alike("phq8", 1).assign(**change), "phq8")


def test_wrong_tables_are_refused():
    data = alike("phq8", 1)
    with pytest.raises(FrameError, match="column 'phq8_8' is missing"):
        score_instrument(data.drop(columns="phq8_8"), "phq8")
    with pytest.raises(FrameError, match=r"phq8 has 8 items, items= names 2 different columns"):
        score_instrument(data, "phq8", items=["phq8_1", "phq8_2"])
    with pytest.raises(FrameError, match=r"person 'p0' stands on two rows"):
        score_instrument(pd.concat([data, data], ignore_index=True), "phq8")
    with pytest.raises(FrameError, match="kept column 'score' is a name of the result"):
        score_instrument(data.assign(score=1), "phq8", keep=("score",))
    with pytest.raises(FrameError, match=r"column 'sex', row 0 is 'mies'; expected male, female, other"):
        score_instrument(data.assign(sex="mies"), "phq8", sex="sex")
    with pytest.raises(FrameError, match=r"age in years, column 'age', row 0 is 1980"):
        score_instrument(data.assign(age=1980), "phq8", age="age")
    with pytest.raises(FrameError, match="the data has no rows"):
        score_instrument(data.iloc[:0], "phq8")
    with pytest.raises(SosrakeError, match="answers to avain are not scored here"):
        score_instrument(data, "avain")
    with pytest.raises(SosrakeError, match="method 'median'"):
        item_scores([[1, 2]], method="median")
    with pytest.raises(SosrakeError, match="max_missing 2 of 2 items"):
        item_scores([[1, 2]], max_missing=2)


def test_the_data_are_left_alone_and_columns_carried():
    data = form("core_om", CORE, CORE).assign(kunta=["x", "y"], person=["a", "b"])
    before = data.copy()
    people = score_instrument(data, "core_om", keep=("kunta",)).people
    pd.testing.assert_frame_equal(data, before)
    assert people.columns.tolist()[:5] == ["person", "kunta", "instrument", "scale", "score"]
    assert people.groupby("person")["kunta"].unique().map(list).to_dict() == {"a": ["x"], "b": ["y"]}


# Ready for change.


def test_scores_go_on_to_reliable_change():
    rng = np.random.default_rng(4)
    answers = [dict(enumerate(rng.integers(0, 5, 34), start=1)) for _ in range(24)]
    data = form("core_om", *answers).assign(person=np.tile(range(12), 2), when=np.repeat(["pre", "post"], 12))
    rows = score_instrument(data, "core_om", time="when").scale("total")
    wide = paired_rows(rows, person="person", time="time", outcome="score", first="pre", second="post")
    options = change_options("core_om", "total", reliability=0.9)
    change = individual_change(wide, before="before", after="after", person="person", **options.arguments())
    assert len(change.people) == 12
    assert (change.cutoff, change.higher_is_better) == (10.0, False)


def test_reliability_is_published_or_given_and_never_invented():
    known = change_options("phq8", "total")
    assert (known.reliability, known.reliability_kind) == (0.892, "internal")
    assert known.arguments()["cutoff"] is None
    with pytest.raises(
        SosrakeError, match=r"core_om, total has no reliability: no published figure was verif"
    ):
        change_options("core_om", "total")
    with pytest.raises(SosrakeError, match="it is formative, so internal consistency says nothing"):
        change_options("3x10d", "talous")
    with pytest.raises(SosrakeError, match=r"reliability 1\.2; expected between 0 and 1"):
        change_options("3x10d", "talous", reliability=1.2)
    for record in catalogue.instruments():
        for scale in record.scales:
            assert all(0 < one.value < 1 and one.source and one.population for one in scale.reliability)


# Properties.


def tables(low, high, items):
    answer = st.one_of(st.integers(low, high).map(float), st.just(np.nan))
    return st.lists(st.lists(answer, min_size=items, max_size=items), min_size=1, max_size=6)


@settings(max_examples=50, deadline=None)
@given(tables(0, 4, 5), st.integers(0, 4), st.sampled_from(["sum", "mean"]))
def test_item_scores_against_a_plain_loop(rows, max_missing, method):
    found = item_scores(rows, method=method, factor=2, shift=1, max_missing=max_missing)
    for place, row in enumerate(rows):
        given_answers = [one for one in row if one == one]
        assert found.answered[place] == len(given_answers)
        if len(row) - len(given_answers) > max_missing:
            assert np.isnan(found.score[place])
        else:
            mean = sum(given_answers) / len(given_answers)
            expected = 2 * mean * (5 if method == "sum" else 1) + 1
            assert found.score[place] == pytest.approx(expected, abs=ROUNDING * 100)


@settings(max_examples=50, deadline=None)
@given(tables(1, 5, 4))
def test_turning_twice_gives_the_answers_back(rows):
    again = turned(turned(rows, [1, 3], 1, 5), [1, 3], 1, 5)
    np.testing.assert_array_equal(again, np.array(rows))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([key for key in KEYS if catalogue.instrument(key).kind == "items"]), st.data())
def test_scores_stay_within_their_range_and_follow_the_people(key, data):
    record = catalogue.instrument(key)
    rows = data.draw(tables(record.item_min, record.item_max, record.items))
    table = pd.DataFrame(rows, columns=[f"{key}_{n + 1}" for n in range(record.items)])
    table["person"] = range(len(table))
    people = score_instrument(table, key).people
    ok = people.loc[people["status"] == "ok"]
    assert ((ok["score"] >= ok["minimum"] - 1e-9) & (ok["score"] <= ok["maximum"] + 1e-9)).all()
    back = score_instrument(table.iloc[::-1], key).people.set_index(["person", "scale"])["score"]
    pd.testing.assert_series_equal(scores_of(people), back.reindex(scores_of(people).index))


def scores_of(people):
    return people.set_index(["person", "scale"])["score"]


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 24), st.floats(0, 24))
def test_a_higher_score_never_has_a_lower_class(one, other):
    bands = catalogue.instrument("phq8").scale("total").bands
    order = [band.key for band in bands]
    low, high = bands_of(sorted([one, other]), bands)
    assert order.index(low) <= order.index(high)
