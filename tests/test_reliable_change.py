"""Reliable change, cut-offs, thresholds, who was measured again, and regression to the mean."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects import Claim
from sosrake_lib.effects.change import (
    CLASS_NAMES,
    METHODS,
    Measured,
    chosen_below,
    clinical_counts,
    clinical_cutoffs,
    combined_change,
    individual_change,
    meaningful_change,
    over_reliability,
    paired_rows,
    percentage_change,
    regression_to_the_mean,
    reliable_change_index,
    second_measurement,
)
from sosrake_lib.errors import FrameError, SosrakeError

SURVEY = Path(__file__).resolve().parents[2] / "shared" / "data" / "survey"
# The same double arithmetic in another order.
ROUNDING = 1e-12
KNOWN = Measured(
    reliability=0.8,
    sd_before=10.0,
    mean_before=50.0,
    sd_after=12.0,
    mean_after=53.0,
    reliability_after=0.7,
    correlation=0.5,
)
PEOPLE = pd.DataFrame(
    {
        "who": list("abcdefghij"),
        "before": [20.0, 24, 18, 30, 26, 22, 28, 25, 21, 23],
        "after": [12.0, 23, 25, 14, 20, 22, 15, 9, 20, np.nan],
        "place": list("xxxxxyyyyy"),
    }
)


def classified(**options):
    usual = {"before": "before", "after": "after", "reliability": 0.9, "higher_is_better": False}
    return individual_change(PEOPLE, **(usual | options))


def plain_index(method, x, y, k):
    """Six formulas written out for one person."""
    r, r2 = k.reliability, k.reliability_after
    true = k.mean_before + r * (x - k.mean_before)
    error = k.sd_before * (2 * (1 - r)) ** 0.5
    if method == "jacobson_truax":
        return (y - x) / error
    if method == "gulliksen_lord_novick":
        return (y - true) / (k.sd_before * (1 - r**2) ** 0.5)
    if method == "hsu_linn_nord":
        return (y - k.mean_after - r * (x - k.mean_before)) / (k.sd_after * (1 - r**2) ** 0.5)
    if method == "edwards_nunnally":
        return (y - true) / (k.sd_before * (1 - r) ** 0.5)
    if method == "nunnally_kotsch":
        return (y - true) / (k.sd_before**2 * r**2 * (1 - r) + k.sd_after**2 * (1 - r2)) ** 0.5
    together = 2 * k.sd_before * k.sd_after * k.correlation
    whole = k.sd_before**2 + k.sd_after**2 - together
    of_change = (k.sd_before**2 * r + k.sd_after**2 * r2 - together) / whole
    moved = (y - x) * of_change + (k.mean_after - k.mean_before) * (1 - of_change)
    return moved / (of_change**0.5 * error)


@pytest.mark.parametrize("method", METHODS)
def test_six_methods_against_a_plain_formulation(method):
    before, after = np.array([40.0, 50.0, 61.5]), np.array([55.0, 49.0, 61.5])
    found = reliable_change_index(before, after, KNOWN, method)
    expected = [plain_index(method, x, y, KNOWN) for x, y in zip(before, after, strict=True)]
    assert found.index == pytest.approx(expected, abs=ROUNDING)
    # A score at `expected` is no change, one standard error further is an index of one.
    at = reliable_change_index(before, found.expected, KNOWN, method).index
    assert at == pytest.approx(np.zeros(3), abs=ROUNDING)
    further = reliable_change_index(before, found.expected + found.standard_error, KNOWN, method).index
    assert further == pytest.approx(np.ones(3), abs=ROUNDING)


PATIENTS = [
    ("hamd", False, 0.80, "jacobson_truax", (29, 10, 1)),
    ("hamd", False, 0.80, "hageman_arrindell", (32, 7, 1)),
    ("who", True, 0.85, "jacobson_truax", (21, 18, 1)),
    ("bdi", False, 0.801, "jacobson_truax", (18, 22, 0)),
]


@pytest.mark.parametrize(("outcome", "higher", "reliability", "method", "counts"), PATIENTS)
def test_published_counts_of_real_patients(outcome, higher, reliability, method, counts):
    """Counts printed in the articles of R clinicalsignificance for the data of Claus et al. (2020)."""
    file = SURVEY / "clinicalsignificance_claus_2020.csv"
    if not file.is_file():
        pytest.skip("the sources in ../shared are not beside the project")
    rows = pd.read_csv(file)
    wide = paired_rows(
        rows, person="id", time="time", outcome=outcome, first=1, second=4, keep=("treatment",)
    )
    found = individual_change(
        wide, before="before", after="after", reliability=reliability, higher_is_better=higher, method=method
    )
    got = clinical_counts(found)
    assert tuple(got[["improved", "unchanged", "deteriorated"]]) == counts
    assert len(wide) == 43 and found.people["class"].notna().sum() == 40
    if (outcome, method) == ("hamd", "jacobson_truax"):
        counted = found.people["class"].groupby(wide["treatment"]).value_counts()
        assert counted["PA", "reliable_wanted"] == 20 and counted["TAU", "reliable_wanted"] == 9


def test_published_counts_of_a_fictional_trial():
    """Printed in the articles of R clinicalsignificance for its fictional antidepressants data."""
    file = SURVEY / "clinicalsignificance_antidepressants_fictional.csv"
    if not file.is_file():
        pytest.skip("the sources in ../shared are not beside the project")
    rows = pd.read_csv(file)
    wide = paired_rows(
        rows, person="patient", time="measurement", outcome="mom_di", first="Before", second="After"
    )
    found = individual_change(wide, before="before", after="after", reliability=0.8, higher_is_better=False)
    assert found.counts["people"].tolist() == [274, 237, 44]
    anchored = meaningful_change(wide["before"], wide["after"], smallest=7, higher_is_better=False)
    counted = pd.Series(anchored).value_counts()
    assert counted["meaningful_wanted"] == 331 and counted["meaningful_unwanted"] == 67


def test_the_classes_have_the_words_of_the_field():
    assert CLASS_NAMES["fi"]["reliable_wanted"] == "luotettava muutos toivottuun suuntaan"
    assert CLASS_NAMES["fi"]["no_reliable_change"] == "ei luotettavaa muutosta"
    assert CLASS_NAMES["fi"]["reliable_unwanted"] == "luotettava muutos ei-toivottuun suuntaan"
    assert CLASS_NAMES["fi"]["recovered"] == "toipunut"
    for language in ("fi", "en"):
        for name in CLASS_NAMES[language].values():
            assert not Claim.MUUTOS.forbidden(name, language)


def test_recovered_is_said_of_clinical_instruments_only():
    plain = classified()
    assert "recovered" not in plain.counts["class"].tolist()
    assert plain.claim is Claim.MUUTOS
    with pytest.raises(SosrakeError, match="cutoff 15 of an instrument that is not clinical"):
        classified(cutoff=15)
    found = classified(clinical=True, cutoff=15)
    assert found.people.set_index(PEOPLE["who"])["class"]["a"] == "recovered"
    # Reliable, but not across: d ends at 14 and crosses; g ends exactly at the cut-off and does not.
    assert found.people.set_index(PEOPLE["who"])["class"]["g"] == "reliable_wanted"
    assert found.counts["people"].sum() == 9
    assert clinical_counts(found).sum() == 9


def test_crossing_without_reliable_change_is_no_recovery():
    data = pd.DataFrame({"before": [15.5, 30, 10, 22], "after": [14.5, 29, 18, 20]})
    found = individual_change(
        data, before="before", after="after", reliability=0.8, higher_is_better=False, clinical=True,
        cutoff=15, known=Measured(0.8, 4.0),
    )  # fmt: skip
    assert found.people["class"].tolist()[0] == "no_reliable_change"
    assert found.people["crossed"].tolist() == ["to_functional", "no", "to_clinical", "no"]
    assert clinical_counts(found)["harmed"] == 1


def test_frame_contract_and_counts_by_group():
    before = PEOPLE.copy()
    found = classified(person="who", by=("place",))
    pd.testing.assert_frame_equal(PEOPLE, before)
    assert len(found.people) == len(PEOPLE)
    assert pd.isna(found.people.loc[9, "class"])
    assert found.counts.groupby("place")["people"].sum().to_dict() == {"x": 5, "y": 4}
    assert (found.counts["lower"] <= found.counts["share"] + ROUNDING).all()
    assert (found.counts["share"] <= found.counts["upper"] + ROUNDING).all()
    assert found.counts.groupby("place")["share"].sum().tolist() == pytest.approx([1.0, 1.0])
    assert {"dropout", "few_people", "sd_from_these_people", "regression_to_the_mean"} <= set(found.caveats)
    told = classified(known=Measured(0.9, 5.0))
    assert "sd_from_these_people" not in told.caveats
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.critical = 1.0


def test_unclear_limits_are_where_the_class_turns():
    found = classified()
    row = found.people.iloc[0]
    just = individual_change(
        PEOPLE.assign(after=[row["unclear_from"] + d for d in (-0.01, 0.01)] + [20.0] * 8, before=20.0),
        before="before", after="after", reliability=0.9, higher_is_better=False, known=found.known,
    )  # fmt: skip
    assert just.people["class"].tolist()[:2] == ["reliable_wanted", "no_reliable_change"]


scores = st.floats(min_value=0, max_value=60, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(scores, scores), min_size=4, max_size=25), st.floats(0.3, 0.95), st.floats(-50, 50))
def test_direction_shift_and_order_of_people(pairs, reliability, shift):
    before, after = (np.array(one) for one in zip(*pairs, strict=True))
    known = Measured(reliability, 8.0)
    plain = reliable_change_index(before, after, known).index
    assert reliable_change_index(-before, -after, known).index == pytest.approx(-plain)
    assert reliable_change_index(before + shift, after + shift, known).index == pytest.approx(plain, abs=1e-6)
    assert reliable_change_index(before[::-1], after[::-1], known).index == pytest.approx(plain[::-1])
    # A surer measure makes every index larger.
    surer = reliable_change_index(before, after, dataclasses.replace(known, reliability=0.97)).index
    assert (np.abs(surer) >= np.abs(plain)).all()


def test_over_reliability_repeats_the_result_and_moves_the_right_way():
    found = classified()
    table = over_reliability(found, [0.5, 0.7, 0.9])
    same = table.set_index("reliability").loc[0.9]
    counts = found.counts.set_index("class")["people"]
    assert [same[kind] for kind in counts.index] == counts.tolist()
    assert table["smallest_reliable_change"].is_monotonic_decreasing
    assert table["no_reliable_change"].is_monotonic_decreasing
    with pytest.raises(SosrakeError, match="no reliability given"):
        over_reliability(found, [])
    with pytest.raises(SosrakeError, match=r"reliability 1.2; expected a number between 0 and 1"):
        over_reliability(found, [1.2])


def test_thresholds_take_exactly_as_much_as_enough():
    found = meaningful_change(
        [20, 20, 20, np.nan], [13, 13.1, 25, 4], smallest=7, higher_is_better=False, smallest_unwanted=5
    )
    assert found.tolist() == ["meaningful_wanted", "no_meaningful_change", "meaningful_unwanted", None]
    half = percentage_change([20, 0, 10], [30, 5, 9], smallest=0.5, higher_is_better=True)
    assert half.tolist() == ["meaningful_wanted", None, "no_meaningful_change"]
    with pytest.raises(SosrakeError, match="smallest 0; expected above 0"):
        meaningful_change([1], [2], smallest=0, higher_is_better=True)
    with pytest.raises(SosrakeError, match="first score -2 is below 0"):
        percentage_change([-2], [1], smallest=0.5, higher_is_better=True)


def test_combined_counts_only_what_is_both():
    joined = combined_change(
        ["reliable_wanted", "reliable_wanted", "reliable_unwanted", "recovered", None],
        ["meaningful_wanted", "no_meaningful_change", "meaningful_wanted", "meaningful_wanted", "x"],
    )
    assert joined.tolist() == [
        "reliable_wanted", "no_reliable_change", "no_reliable_change", "recovered", None,
    ]  # fmt: skip
    with pytest.raises(SosrakeError, match="1 and 2 classes"):
        combined_change(["recovered"], ["meaningful_wanted", "meaningful_wanted"])


def test_second_measurement_tells_who_left():
    found = second_measurement(PEOPLE, before="before", after="after", person="who", by=("place",))
    table = found.table.set_index("place")
    assert table["people"].to_dict() == {"x": 5, "y": 5, "all": 10}
    assert table["measured_again"].to_dict() == {"x": 5, "y": 4, "all": 9}
    assert table.loc["y", "before_left"] == 23 and np.isnan(table.loc["x", "before_left"])
    assert found.caveats == ("dropout",)
    worse = PEOPLE.assign(after=[12, 23, np.nan, np.nan, np.nan, 22, 15, 9, 20, 20])
    table = second_measurement(worse, before="before", after="after").table
    gone = worse.loc[worse["after"].isna(), "before"]
    stayed = worse.loc[worse["after"].notna(), "before"]
    assert table.loc[0, "difference"] == pytest.approx(stayed.mean() - gone.mean())
    pooled = np.sqrt((stayed.var() + gone.var()) / 2)
    assert table.loc[0, "standardised_difference"] == pytest.approx((stayed.mean() - gone.mean()) / pooled)


def test_regression_to_the_mean_explains_what_a_simulation_shows():
    """People chosen by a low score rise by (1 - r)(M - m) though nothing was done to them."""
    rng = np.random.default_rng(11)
    true = rng.normal(50, np.sqrt(80), 200_000)
    first, second = (true + rng.normal(0, np.sqrt(20), 200_000) for _ in range(2))
    chosen = first < 40
    data = pd.DataFrame({"before": first[chosen], "after": second[chosen]})
    found = regression_to_the_mean(data, before="before", after="after", reliability=0.8, population_mean=50)
    assert found.expected_change == pytest.approx(found.observed_change, abs=0.1)
    assert found.verdict == "expected_from_choice"
    assert chosen_below(40, 50, 10, 0.8) == pytest.approx(found.expected_change, abs=0.1)
    helped = regression_to_the_mean(
        data.assign(after=data["after"] + 3),
        before="before",
        after="after",
        reliability=0.8,
        population_mean=50,
    )
    assert helped.verdict == "more_than_expected" and helped.beyond == pytest.approx(3, abs=0.1)
    assert "regression_to_the_mean" in found.caveats


def test_cutoffs_refuse_the_wrong_side():
    with pytest.raises(SosrakeError, match="functional mean 40 is not better than clinical mean 60"):
        clinical_cutoffs(
            mean_clinical=60, sd_clinical=5, mean_functional=40, sd_functional=5, higher_is_better=True
        )
    with pytest.raises(SosrakeError, match="neither group are given"):
        clinical_cutoffs(mean_clinical=60, higher_is_better=True)
    with pytest.raises(SosrakeError, match="sd_functional 0; expected above 0"):
        clinical_cutoffs(mean_functional=60, sd_functional=0, higher_is_better=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"before": "score"}, "column 'score' is missing; the data has who, before"),
        ({"before": "who"}, "column 'who' holds what is not a number"),
        ({"person": "place"}, "place 'x' stands on two rows"),
        ({"reliability": 1.0}, "reliability 1.0; expected a number between 0 and 1"),
        ({"method": "jt"}, "method 'jt'; expected one of jacobson_truax"),
        ({"critical": -1}, "critical -1.0; expected above 0"),
        ({"method": "nunnally_kotsch", "known": Measured(0.8, 4.0)}, "needs mean_before"),
        ({"known": Measured(0.8, 0.0)}, "sd_before 0.0; expected above 0"),
        (
            {"method": "hageman_arrindell", "known": Measured(0.6, 5.0, 20.0, 5.0, 18.0, None, 0.7)},
            "reliability of the differences is -0.333",
        ),
    ],
)
def test_bad_input_of_individual_change(change, message):
    with pytest.raises(SosrakeError, match=message):
        classified(**change)


def test_bad_frames_of_individual_change():
    few = PEOPLE.assign(after=[1.0, 2.0] + [np.nan] * 8)
    with pytest.raises(FrameError, match="2 people have both measurements; at least three"):
        individual_change(few, before="before", after="after", reliability=0.8, higher_is_better=True)
    alike = PEOPLE.assign(before=20.0)
    with pytest.raises(FrameError, match="all 9 first scores are 20"):
        individual_change(alike, before="before", after="after", reliability=0.8, higher_is_better=True)
    endless = PEOPLE.assign(after=[np.inf, *[1.0] * 9])
    with pytest.raises(FrameError, match="column 'after', row 0 is infinite"):
        individual_change(endless, before="before", after="after", reliability=0.8, higher_is_better=True)
    rows = pd.DataFrame({"p": [1, 1, 1], "t": [1, 1, 2], "v": [1.0, 2, 3]})
    with pytest.raises(FrameError, match="p 1 has t 1 twice"):
        paired_rows(rows, person="p", time="t", outcome="v", first=1, second=2)
    with pytest.raises(FrameError, match="second 5 is no value of column 't'"):
        paired_rows(rows, person="p", time="t", outcome="v", first=1, second=5)
    with pytest.raises(FrameError, match="the data has no rows"):
        second_measurement(PEOPLE.iloc[:0], before="before", after="after")
