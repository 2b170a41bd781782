"""An area against a larger one: what is compared, what is told, and when nothing can be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import comparison, intervals, rates

# An identity in exact arithmetic; what is left is rounding of doubles on numbers near 100.
IDENTITY = 1e-9


def rows(
    codes, numerators, denominators, *, level="hva", indicator="tyottomyysaste", **columns
) -> pd.DataFrame:
    numerators, denominators = np.array(numerators, float), np.array(denominators, float)
    return pd.DataFrame(
        {
            "indicator": indicator,
            "region_level": level,
            "region_code": codes,
            "borders": 2026,
            "period": "2019",
            "value": 100 * numerators / denominators,
            "per": 100,
            "numerator": numerators,
            "denominator": denominators,
            "status": "ok",
            "origin": "synthetic",
            **columns,
        }
    )


COUNTRY = rows(["SSS"], [200_000], [2_500_000], level="maa")


def test_difference_is_against_the_rest_but_told_against_the_whole():
    area = rates.proportion(rows(["19"], [300_000], [1_000_000]))
    country = rows(["SSS"], [400_000], [2_000_000], level="maa")
    found = comparison.against(area, country).iloc[0]
    assert found["difference"] == pytest.approx(30 - 20, abs=IDENTITY)
    rest = intervals.newcombe(300_000, 1_000_000, 100_000, 1_000_000)
    assert found["difference_lower"] == pytest.approx(100 * float(rest.lower) * 0.5, abs=IDENTITY)
    assert found["difference_upper"] == pytest.approx(100 * float(rest.upper) * 0.5, abs=IDENTITY)
    apart = comparison.against(area, country, part_of_reference=False).iloc[0]
    # Taking the area for a stranger to its own country would misjudge the uncertainty.
    assert apart["difference_upper"] != pytest.approx(found["difference_upper"], abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500), st.integers(500, 5_000), st.integers(500, 90_000), st.integers(100_000, 900_000))
def test_interval_holds_the_difference_and_the_verdict_follows_it(x, n, rest_x, rest_n):
    area = rates.proportion(rows(["19"], [x], [n]))
    found = comparison.against(area, rows(["SSS"], [x + rest_x], [n + rest_n], level="maa")).iloc[0]
    assert found["difference_lower"] <= found["difference"] <= found["difference_upper"]
    expected = "similar"
    if found["difference_lower"] > 0:
        expected = "higher"
    elif found["difference_upper"] < 0:
        expected = "lower"
    assert found["verdict"] == expected
    whole = 100 * x / n - 100 * (x + rest_x) / (n + rest_n)
    assert found["difference"] == pytest.approx(whole, abs=IDENTITY)


def test_verdicts_and_reasons_of_tested_areas():
    frame = rates.proportion(rows(["10", "11", "12"], [1_500, 800, 100], [10_000, 10_000, 10_000]))
    found = comparison.against(frame, COUNTRY)
    assert found["verdict"].tolist() == ["higher", "similar", "lower"]
    assert found["reason"].tolist() == [
        "interval_above_zero",
        "interval_includes_zero",
        "interval_below_zero",
    ]
    assert set(found["difference_method"]) == {"newcombe"}
    assert set(found["reference_level"]) == {"maa"}
    assert found["reference_value"].tolist() == [8.0] * 3
    assert set(found["verdict"]) <= set(comparison.VERDICTS)
    assert set(found["reason"]) <= set(comparison.REASONS)


def test_rates_are_tested_with_poisson_limits():
    area, country = rows(["10"], [25], [1_000]), rows(["SSS"], [10_000], [500_000], level="maa")
    found = comparison.against(rates.rate(area), country).iloc[0]
    own, rest = intervals.poisson(25), intervals.poisson(9_975)
    scale = 100 * (1 - 1_000 / 500_000)
    difference = 25 / 1_000 - 9_975 / 499_000
    below = np.hypot(25 / 1_000 - own.lower / 1_000, rest.upper / 499_000 - 9_975 / 499_000)
    assert found["difference_lower"] == pytest.approx(scale * (difference - below), abs=IDENTITY)
    assert found["difference_method"] == "mover_poisson"
    assert found["verdict"] == "similar"


def test_nothing_is_claimed_where_nothing_can_be_tested():
    good = rows(["10"], [800], [10_000])
    absent = rows(["11"], [800], [10_000], status="suppressed").assign(value=np.nan)
    bare = rows(["12"], [800], [10_000]).assign(numerator=np.nan, denominator=np.nan)
    huge = rows(["13"], [800], [9_000_000])
    other = rows(["10"], [800], [10_000], indicator="asumistuki")
    frame = rates.proportion(pd.concat([good, absent, bare, huge, other], ignore_index=True))
    found = comparison.against(frame, COUNTRY)
    assert found["reason"].tolist() == [
        "interval_includes_zero", "value_absent", "no_denominator", "not_nested", "no_reference",
    ]  # fmt: skip
    assert found["verdict"].tolist() == ["similar"] + ["not_testable"] * 4
    assert found.loc[1:, ["difference_lower", "difference_upper"]].isna().all(axis=None)
    # A plain difference can still be told of two published values, a test cannot.
    assert found.loc[2, "difference"] == pytest.approx(0.0, abs=IDENTITY)
    assert np.isnan(found.loc[4, "difference"])


def test_index_and_absent_reference_and_the_area_itself():
    index = rates.as_given(rows(["10"], [110], [100]), "index")
    assert comparison.against(index, COUNTRY)["reason"].tolist() == ["statistic_without_test"]
    area = rates.proportion(rows(["10"], [800], [10_000]))
    missing = COUNTRY.assign(value=np.nan, status="missing")
    assert comparison.against(area, missing)["reason"].tolist() == ["reference_absent"]
    assert comparison.against(rates.proportion(COUNTRY), COUNTRY)["reason"].tolist() == ["same_area"]


def test_bonferroni_widens_with_the_number_of_tests():
    frame = rates.proportion(rows(["10", "11", "12"], [858, 800, 100], [10_000] * 3))
    plain = comparison.against(frame, COUNTRY)
    strict = comparison.against(frame, COUNTRY, adjust="bonferroni")
    assert strict["difference_confidence"].tolist() == pytest.approx([1 - 0.05 / 3] * 3)
    assert (strict["difference_lower"] < plain["difference_lower"]).all()
    assert (plain.loc[0, "verdict"], strict.loc[0, "verdict"]) == ("higher", "similar")
    # Several confidences repeat the same comparisons; they are not counted as further tests.
    twice = comparison.against(
        rates.proportion(rows(["10", "11", "12"], [858, 800, 100], [10_000] * 3), (0.95, 0.998)),
        COUNTRY,
        adjust="bonferroni",
    )
    assert twice["difference_confidence"].tolist() == pytest.approx([1 - 0.05 / 3] * 6)


def test_false_verdicts_stay_near_their_share_when_no_area_differs():
    random = np.random.default_rng(51)
    areas, people, rounds = 51, 4_000, 25
    wrong = any_wrong = 0
    for _ in range(rounds):
        x = random.binomial(people, 0.1, size=areas)
        frame = rates.proportion(rows([f"{i:03d}" for i in range(areas)], x, [people] * areas, level="kunta"))
        whole = rows(["SSS"], [x.sum()], [people * areas], level="maa")
        plain = comparison.against(frame, whole)
        strict = comparison.against(frame, whole, adjust="bonferroni")
        wrong += (plain["verdict"] != "similar").sum()
        any_wrong += (strict["verdict"] != "similar").any()
    # 1 275 tests at 5 %: standard error 0.6 %, so three of them either side; the seed is fixed.
    assert 0.03 < wrong / (areas * rounds) < 0.07
    assert any_wrong <= 4


def test_unclear_input_is_refused():
    area = rows(["10"], [800], [10_000])
    with pytest.raises(FrameError, match=r"run rates\.analyse first"):
        comparison.against(area, COUNTRY)
    two = pd.concat([COUNTRY, rows(["19"], [8], [100])], ignore_index=True)
    with pytest.raises(FrameError, match="several areas for tyottomyysaste 2019"):
        comparison.against(rates.proportion(area), two)
    with pytest.raises(FrameError, match="is per 100 but its reference per 1000"):
        comparison.against(rates.proportion(area), COUNTRY.assign(per=1000, value=80.0))
    with pytest.raises(FrameError, match="adjust 'holm'; expected one of none, bonferroni"):
        comparison.against(rates.proportion(area), COUNTRY, adjust="holm")


def test_frames_are_left_alone_and_extra_columns_kept():
    frame = rates.proportion(rows(["10"], [800], [10_000]).assign(producer="THL"))
    before, reference = frame.copy(deep=True), COUNTRY.copy(deep=True)
    found = comparison.against(frame, COUNTRY)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(reference, COUNTRY)
    assert found["producer"].tolist() == ["THL"]
    assert set(frame.columns) <= set(found.columns)
    # A second comparison (with the county after the country) replaces the first one's columns.
    again = comparison.against(found, rows(["19"], [900], [20_000]), part_of_reference=True)
    assert again["reference_code"].tolist() == ["19"]
    assert again.columns.is_unique
