"""Standardised rates: against plain loops and distributions, over bad input, ages and standards."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from sosrake_lib import catalogue
from sosrake_lib.errors import CatalogueError, FrameError, SosrakeError
from sosrake_lib.indicators import standardise
from sosrake_lib.indicators import standardise_kernels as kernels
from sosrake_lib.indicators.age_groups import AgeGroup, read_age

AGES = ("0-14", "15-64", "65-")
# Sums of the same numbers in another order differ in the last digits of double precision only.
EXACT = {"rel": 1e-12}


def areas(count, population, *, ages=AGES, **columns) -> pd.DataFrame:
    """Rows by age of one area per row of `count`."""
    x, n = np.atleast_2d(np.array(count, float)), np.atleast_2d(np.array(population, float))
    n = np.broadcast_to(n, x.shape)
    frame = pd.DataFrame(
        {
            "indicator": "kuolleet",
            "region_level": "hva",
            "region_code": [f"{place + 1:02d}" for place in range(len(x)) for _ in ages],
            "borders": 2026,
            "period": "2019",
            "age": list(ages) * len(x),
            "numerator": x.ravel(),
            "denominator": n.ravel(),
            "status": "ok",
            "origin": "own",
        }
    )
    return frame.assign(**columns)


def weights(values=(16_000, 64_500, 19_500), ages=AGES, **columns) -> pd.DataFrame:
    return pd.DataFrame({"age": list(ages), "weight": list(values)}).assign(**columns)


def reference(count=(90, 2_500, 12_000), population=(800_000, 3_400_000, 1_300_000), ages=AGES, **columns):
    return pd.DataFrame(
        {"age": list(ages), "numerator": list(count), "denominator": list(population)}
    ).assign(**columns)


ONE = areas([2, 30, 160], [1_500, 6_000, 2_500])


# --- against independent computations -------------------------------------------------------------------


def slow_direct(count, population, weight, variance=None):
    """Exact fractions, one age after another."""
    total = sum(map(Fraction, weight))
    rate = spread = Fraction(0)
    for place, (x, n, w) in enumerate(zip(count, population, weight, strict=True)):
        share = Fraction(w) / total / Fraction(n)
        rate += share * Fraction(x)
        spread += share**2 * Fraction(x if variance is None else variance[place])
    return float(rate), float(spread)


def test_direct_rates_equal_a_plain_loop():
    generator = np.random.default_rng(7)
    population = generator.integers(200, 9_000, (40, 12))
    count = generator.poisson(population * 0.01)
    weight = generator.integers(1, 9, 12)
    found = kernels.direct_sums(count, population, weight)
    limits = kernels.dobson(found, 0.998)
    for place in range(40):
        rate, spread = slow_direct(count[place].tolist(), population[place].tolist(), weight.tolist())
        events = int(count[place].sum())
        z = stats.norm.ppf(0.999)
        lower = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
        assert found.rate[place] == pytest.approx(rate, **EXACT)
        assert found.variance[place] == pytest.approx(spread, **EXACT)
        expected = rate + math.sqrt(spread / events) * (lower - events)
        assert limits.lower[place] == pytest.approx(expected, rel=1e-9)
        assert limits.lower[place] < rate < limits.upper[place]


def test_the_gamma_interval_equals_scipys_distribution():
    found = kernels.direct_sums([[3, 1, 0], [0, 0, 0]], [[900, 700, 300]] * 2, [3, 5, 2])
    limits = kernels.fay_feuer(found, 0.9)
    rate, spread, largest = found.rate[0], found.variance[0], max(0.3 / 900, 0.5 / 700, 0.2 / 300)
    assert found.largest[0] == pytest.approx(largest, **EXACT)
    lower = stats.gamma.ppf(0.05, rate**2 / spread, scale=spread / rate)
    mean, variance = rate + largest, spread + largest**2
    upper = stats.gamma.ppf(0.95, mean**2 / variance, scale=variance / mean)
    assert limits.lower[0] == pytest.approx(lower, rel=1e-10)
    assert limits.upper[0] == pytest.approx(upper, rel=1e-10)
    # Without events the lower limit is 0 and the upper that of one event of the greatest weight.
    assert limits.lower[1] == 0
    assert limits.upper[1] == pytest.approx(-math.log(0.05) * found.largest[1], rel=1e-10)


def test_indirect_ratios_equal_a_plain_loop():
    count, population = [[2, 30, 160], [0, 3, 4]], [[1_500, 6_000, 2_500], [90, 400, 200]]
    found = standardise.indirect_ratio(areas(count, population), reference(), confidence=0.95)
    for place in range(2):
        expected = sum(
            n * x / m
            for n, x, m in zip(
                population[place], reference()["numerator"], reference()["denominator"], strict=True
            )
        )
        row, events = found.iloc[place], sum(count[place])
        assert row["value"] == pytest.approx(events / expected, **EXACT)
        assert row["denominator"] == pytest.approx(expected, **EXACT)
    assert found["method"].tolist() == ["indirect_byar", "indirect_exact"]
    exact = stats.chi2.ppf([0.025, 0.975], [14, 16]) / 2 / found["denominator"].iloc[1]
    assert found.loc[1, ["lower", "upper"]].tolist() == pytest.approx(exact.tolist(), rel=1e-10)
    rates = standardise.indirect_rate(areas(count, population), reference(), per=1_000)
    crude = 14_590 / 5_500_000 * 1_000
    assert rates["reference_value"].tolist() == pytest.approx([crude] * 2, **EXACT)
    for column in ("value", "lower", "upper"):
        assert rates[column].tolist() == pytest.approx((found[column] * crude).tolist(), **EXACT)
    assert rates["denominator"].tolist() == [10_000, 690]
    assert rates["crude_value"].tolist() == pytest.approx([19.2, 7_000 / 690], **EXACT)


def test_indirect_limits_by_other_methods():
    exact = standardise.indirect_ratio(ONE, reference(), method="exact").iloc[0]
    quantiles = stats.chi2.ppf([0.025, 0.975], [384, 386]) / 2 / exact["denominator"]
    assert [exact["lower"], exact["upper"]] == pytest.approx(quantiles.tolist(), rel=1e-10)
    assert exact["method"] == "indirect_exact"
    logarithmic = standardise.indirect_ratio(ONE, reference(), method="log_normal").iloc[0]
    factor = math.exp(stats.norm.ppf(0.975) / math.sqrt(192))
    assert logarithmic["upper"] == pytest.approx(exact["value"] * factor, rel=1e-12)
    assert logarithmic["lower"] == pytest.approx(exact["value"] / factor, rel=1e-12)
    assert logarithmic["method"] == "indirect_log_normal"
    with pytest.raises(FrameError, match="method 'wald'; expected one of byar, exact, log_normal"):
        standardise.indirect_rate(ONE, reference(), method="wald")


def test_comparative_ratios_equal_a_plain_loop():
    standard = weights()
    own = slow_direct([2, 30, 160], [1_500, 6_000, 2_500], standard["weight"].tolist())
    other = slow_direct(
        reference()["numerator"].tolist(), reference()["denominator"].tolist(), standard["weight"].tolist()
    )
    found = standardise.comparative_ratio(ONE, reference(), standard, confidence=0.9, per=100).iloc[0]
    error = math.sqrt(own[1] / own[0] ** 2 + other[1] / other[0] ** 2)
    ratio, z = 100 * own[0] / other[0], stats.norm.ppf(0.95)
    assert found["value"] == pytest.approx(ratio, **EXACT)
    assert found["lower"] == pytest.approx(ratio * math.exp(-z * error), rel=1e-12)
    assert found["upper"] == pytest.approx(ratio * math.exp(z * error), rel=1e-12)
    known = standardise.comparative_ratio(ONE, reference(), standard, reference_is_known=True).iloc[0]
    wider = standardise.comparative_ratio(ONE, reference(), standard).iloc[0]
    assert wider["lower"] < known["lower"] < known["upper"] < wider["upper"]
    # Standardised to the reference's own people, the reference's rate is its crude rate.
    classic = standardise.comparative_ratio(ONE, reference()).iloc[0]
    assert classic["reference_rate"] == pytest.approx(14_590 / 5_500_000, **EXACT)


def test_repeat_events_equal_a_plain_loop_and_widen_the_interval():
    people = pd.concat(
        [
            areas([[20, 10, 35]], [900, 1_200, 400], events_each=1),
            areas([[6, 4, 2]], [900, 1_200, 400], events_each=3),
        ]
    )
    made = standardise.from_event_frequencies(people)
    assert made["numerator"].tolist() == [38, 22, 41]
    assert made["sum_of_squared_events"].tolist() == [74, 46, 53]
    clustered = standardise.direct(made, weights(), count_variance="sum_of_squared_events").iloc[0]
    independent = standardise.direct(made, weights()).iloc[0]
    rate, spread = slow_direct([38, 22, 41], [900, 1_200, 400], [16_000, 64_500, 19_500], [74, 46, 53])
    assert clustered["value"] == independent["value"] == pytest.approx(100_000 * rate, **EXACT)
    assert clustered["standard_error"] == pytest.approx(100_000 * math.sqrt(spread), rel=1e-12)
    assert clustered["lower"] < independent["lower"] < independent["upper"] < clustered["upper"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"events_each": 1.5}, "column events_each is not a whole number from 1 up in 3 row"),
        ({"events_each": 0}, "leave people without events out"),
        ({"numerator": -1}, "numerator is empty or negative in 3 row"),
    ],
)
def test_bad_event_frequencies_are_named(changes, message):
    with pytest.raises(FrameError, match=message):
        standardise.from_event_frequencies(ONE.assign(**{"events_each": 1, **changes}))


def test_event_frequencies_of_one_key_belong_together():
    once = ONE.assign(events_each=1)
    with pytest.raises(FrameError, match="the same events_each stands twice in a key"):
        standardise.from_event_frequencies(pd.concat([once, once]))
    with pytest.raises(FrameError, match="denominator differs within a key in 3 row"):
        standardise.from_event_frequencies(pd.concat([once, once.assign(events_each=2, denominator=5)]))
    with pytest.raises(FrameError, match="column events_each is missing"):
        standardise.from_event_frequencies(ONE)


# --- the frame's contract ------------------------------------------------------------------------------


def test_one_row_a_group_and_confidence_and_the_users_frame_unchanged():
    frame = areas([[2, 30, 160], [4, 20, 90]], [1_500, 6_000, 2_500])
    before = frame.copy(deep=True)
    found = standardise.direct(frame, weights(), confidence=(0.95, 0.998), per=1_000)
    pd.testing.assert_frame_equal(frame, before)
    assert found["confidence"].tolist() == [0.95, 0.95, 0.998, 0.998]
    assert found["age"].unique().tolist() == ["all"]
    assert found["statistic"].unique().tolist() == ["directly_standardised_rate"]
    assert found["per"].unique().tolist() == [1_000]
    assert found["numerator"].tolist() == [192, 114] * 2
    assert found["denominator"].tolist() == [10_000] * 4
    assert found["crude_value"].tolist() == pytest.approx([19.2, 11.4] * 2)
    assert found.loc[0, "value"] == pytest.approx(15.918333333333333)
    assert (found["lower"][2:].to_numpy() < found["lower"][:2].to_numpy()).all()
    assert found["origin"].unique().tolist() == ["own"]
    assert found["standard"].unique().tolist() == ["given"]
    assert not set(found["status"]) - {"ok"}


def test_the_order_of_rows_and_categoricals_change_nothing():
    frame = areas([[2, 30, 160], [4, 20, 90], [1, 9, 80]], [1_500, 6_000, 2_500])
    plain = standardise.direct(frame, weights()).set_index("region_code")
    shuffled = frame.sample(frac=1, random_state=3)
    text = ["indicator", "region_level", "region_code", "period", "age", "status", "origin"]
    for other in (shuffled, shuffled.astype(dict.fromkeys(text, "category"))):
        found = standardise.direct(other, weights()).set_index("region_code").loc[plain.index]
        for column in ("value", "lower", "upper", "numerator", "standard_error"):
            assert found[column].tolist() == pytest.approx(plain[column].tolist(), **EXACT)


def test_few_events_give_no_rate_unless_asked_for():
    found = standardise.direct(areas([[0, 2, 7], [0, 2, 8]], [1_500, 6_000, 2_500]), weights())
    assert found["status"].tolist() == ["missing", "ok"]
    assert found["reason"].tolist() == ["few_events", ""]
    assert found.loc[0, ["value", "lower", "upper", "crude_value", "standard_error"]].isna().all()
    assert found["numerator"].tolist() == [9, 10], "the count itself stays"
    asked = standardise.direct(areas([[0, 2, 7]], [1_500, 6_000, 2_500]), weights(), min_count=0).iloc[0]
    assert asked["method"] == "dobson_exact"
    rate, spread = slow_direct([0, 2, 7], [1_500, 6_000, 2_500], [16_000, 64_500, 19_500])
    upper = stats.chi2.ppf(0.975, 20) / 2
    assert asked["upper"] == pytest.approx(1e5 * (rate + math.sqrt(spread / 9) * (upper - 9)), rel=1e-10)
    # No events at all: the rate is 0, Dobson's scale is 0/0, Fay and Feuer's upper limit stands.
    nothing = areas([0, 0, 0], [1_500, 6_000, 2_500])
    assert standardise.direct(nothing, weights(), min_count=0)["upper"].isna().all()
    gamma = standardise.direct(nothing, weights(), min_count=0, method="fay_feuer").iloc[0]
    assert (gamma["value"], gamma["lower"]) == (0, 0) and gamma["upper"] > 0


@pytest.mark.parametrize("status", ["suppressed", "not_published_at_level"])
def test_a_hidden_row_makes_the_group_missing_and_is_never_zero(status):
    frame = areas([[2, 30, 160], [4, 20, 90]], [1_500, 6_000, 2_500])
    frame.loc[0, ["status", "numerator"]] = [status, np.nan]
    for missing_counts in ("missing", "zero"):
        found = standardise.direct(frame, weights(), missing_counts=missing_counts)
        assert found["reason"].tolist() == ["part_not_published", ""]
        assert found["status"].tolist() == ["missing", "ok"]
        assert np.isnan(found.loc[0, "numerator"])


def test_an_empty_count_is_missing_or_zero_as_asked():
    frame = areas([2, 30, 160], [1_500, 6_000, 2_500])
    frame.loc[0, ["status", "numerator"]] = ["missing", np.nan]
    missing = standardise.direct(frame, weights()).iloc[0]
    assert missing["reason"] == "count_missing"
    assert (missing["ages_used"], missing["ages_expected"]) == (2, 3)
    zero = standardise.direct(frame, weights(), missing_counts="zero").iloc[0]
    assert zero["value"] == pytest.approx(100_000 * (30 / 6_000 * 0.645 + 160 / 2_500 * 0.195))
    assert zero["numerator"] == 190
    with pytest.raises(FrameError, match="missing_counts 'drop'; expected one of missing, zero"):
        standardise.direct(frame, weights(), missing_counts="drop")


def test_people_missing_or_none_say_so():
    frame = areas([[2, 30, 160], [4, 20, 90]], [1_500, 6_000, 2_500])
    frame.loc[0, "denominator"] = np.nan
    frame.loc[3, "denominator"] = 0
    assert standardise.direct(frame, weights())["reason"].tolist() == [
        "population_missing",
        "zero_population",
    ]
    # Nobody of an age is no obstacle to expected events.
    ratio = standardise.indirect_ratio(frame, reference())
    assert ratio["reason"].tolist() == ["population_missing", ""]
    assert standardise.indirect_ratio(areas([0, 0, 0], [0, 0, 0]), reference())["reason"].tolist() == [
        "nothing_expected"
    ]


def test_a_group_that_lacks_an_age_is_missing():
    frame = areas([[2, 30, 160], [4, 20, 90]], [1_500, 6_000, 2_500]).drop(index=4)
    found = standardise.direct(frame, weights())
    assert found["reason"].tolist() == ["", "age_absent"]
    assert found["ages_used"].tolist() == [3, 2]


def test_sexes_stay_apart_or_are_standardised_over():
    both = pd.concat(
        [areas([2, 30, 160], [1_500, 6_000, 2_500], sex=sex) for sex in ("male", "female")],
        ignore_index=True,
    )
    apart = standardise.direct(both, weights())
    assert apart["sex"].tolist() == ["male", "female"]
    standard = pd.concat([weights(sex="male"), weights((10_000, 60_000, 30_000), sex="female")])
    joined = standardise.direct(both, standard)
    assert joined.loc[joined["sex"] == "male", "value"].item() == pytest.approx(apart["value"].iloc[0])
    assert joined["value"].iloc[1] > joined["value"].iloc[0], "the women's standard is older"
    keys = ["indicator", "region_level", "region_code", "borders", "period", "group"]
    over = standardise.direct(both, standard, by=keys)
    assert over["sex"].tolist() == ["total"]
    assert over["ages_expected"].tolist() == [6]
    assert over["value"].item() == pytest.approx(joined["value"].mean()), "both standards weigh 100 000"
    with pytest.raises(FrameError, match=r"the age stands twice in its group .* add sex to by"):
        standardise.direct(both, weights(), by=keys)


def test_a_break_and_synthetic_rows_are_carried():
    frame = areas([2, 30, 160], [1_500, 6_000, 2_500], origin="synthetic", break_before=[False, True, False])
    found = standardise.direct(frame, weights()).iloc[0]
    assert found["break_before"] and found["origin"] == "synthetic"


def test_the_totals_of_an_area_serve_indirect_ratios():
    unknown = areas([0, 0, 0], [1_500, 6_000, 2_500], deaths=192)
    by_total = standardise.indirect_ratio(unknown, reference(), observed="deaths").iloc[0]
    by_age = standardise.indirect_ratio(ONE, reference()).iloc[0]
    assert by_total["value"] == by_age["value"]
    with pytest.raises(FrameError, match="column deaths differs within a group"):
        standardise.indirect_ratio(unknown.assign(deaths=[1, 2, 3]), reference(), observed="deaths")
    with pytest.raises(FrameError, match="column events is missing; it should hold all events"):
        standardise.indirect_ratio(unknown, reference(), observed="events")


def test_a_reference_joins_by_period():
    frame = pd.concat([ONE, ONE.assign(period="2020")], ignore_index=True)
    years = pd.concat([reference(period="2019"), reference((180, 5_000, 24_000), period="2020")])
    found = standardise.indirect_ratio(frame, years)
    assert found["value"].iloc[0] == pytest.approx(2 * found["value"].iloc[1])
    ratios = standardise.comparative_ratio(frame, years, weights())
    assert ratios["value"].iloc[0] == pytest.approx(2 * ratios["value"].iloc[1])
    with pytest.raises(FrameError, match="the reference has no rows for period 2020"):
        standardise.indirect_ratio(frame, reference(period="2019"))


# --- right or refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"numerator": [2, -3, 160]},
            r"column numerator is negative in 1 row\(s\): 2; the first is kuolleet",
        ),
        ({"denominator": [1_500, 6_000, -1]}, "column denominator is negative"),
        ({"numerator": [2, np.inf, 160]}, "column numerator is infinite"),
        ({"numerator": ["a", "b", "c"]}, "column numerator is not numeric"),
        ({"age": ["0-14", "15-64", "15-64"]}, "65- of the standard has no row in the frame"),
        ({"age": ["0-14", "15-64", "all"]}, "all of the frame is not in the standard"),
        ({"age": ["0-14", None, "65-"]}, "row 2, column age is empty"),
        ({"status": ["ok", "fine", "ok"]}, "column status: 'fine'; expected one of ok, suppressed"),
        ({"origin": ["own", "synthetic", "own"]}, "column origin mixes synthetic rows with"),
        ({"statistic": "rate"}, "the frame is analysed already"),
    ],
)
def test_bad_rows_are_named(changes, message):
    with pytest.raises(FrameError, match=message):
        standardise.direct(ONE.assign(**changes), weights())


def test_ages_twice_and_varying_columns_are_named():
    twice = pd.concat([ONE, ONE.iloc[:1]], ignore_index=True)
    with pytest.raises(FrameError, match=r"the age stands twice in its group .*; keep one row an age"):
        standardise.direct(twice, weights())
    other = ONE.assign(period=["2019", "2019", "2020"])
    with pytest.raises(FrameError, match="column period has several values in one group, such as 2019, 2020"):
        standardise.direct(other, weights(), by=["region_code"])
    for by in (["region"], "region_code", ["age"]):
        with pytest.raises(FrameError, match="expected a list of key columns that are not summed over"):
            standardise.direct(ONE, weights(), by=by)
    with pytest.raises(FrameError, match="the frame has no rows"):
        standardise.direct(ONE.iloc[:0], weights())
    with pytest.raises(FrameError, match="column denominator is missing"):
        standardise.direct(ONE.drop(columns="denominator"), weights())


@pytest.mark.parametrize(
    ("standard", "message"),
    [
        (weights((0, 0, 0)), "the weights of the standard sum to 0"),
        (weights((1, -1, 3)), "column weight of the standard is negative or infinite"),
        (weights((1, np.nan, 3)), "column weight of the standard is empty for an age"),
        (pd.concat([weights(), weights()]), "the standard has several rows for age 0-14"),
        (weights().rename(columns={"weight": "w"}), "the standard has no column weight"),
        (weights().iloc[:0], "the standard has no rows"),
        (weights(sex="male"), "the standard has no rows for sex total"),
    ],
)
def test_a_bad_standard_is_refused(standard, message):
    with pytest.raises(FrameError, match=message):
        standardise.direct(ONE, standard)


def test_a_bad_reference_is_refused():
    with pytest.raises(FrameError, match="an age without people"):
        standardise.indirect_ratio(ONE, reference(population=(800_000, 0, 5)))
    with pytest.raises(FrameError, match="numerator of the reference is empty for an age"):
        standardise.indirect_ratio(ONE, reference((1, np.nan, 3)))
    filled = standardise.indirect_ratio(ONE, reference((90, np.nan, 12_000)), missing_counts="zero")
    assert filled["value"].item() > standardise.indirect_ratio(ONE, reference())["value"].item()
    two = pd.concat([reference(region_code="01"), reference(region_code="02")])
    with pytest.raises(FrameError, match="several rows for age 0-14; keep one area, such as the country"):
        standardise.indirect_rate(ONE, two)
    with pytest.raises(FrameError, match="the ages of the standard and the reference differ"):
        standardise.comparative_ratio(ONE, reference(), weights((1, 2), AGES[:2]))
    few = standardise.comparative_ratio(ONE, reference((1, 2, 3)))
    assert few["reason"].tolist() == ["few_reference_events"]


def test_bad_options_are_refused():
    with pytest.raises(FrameError, match="method 'normal'; expected one of dobson, fay_feuer"):
        standardise.direct(ONE, weights(), method="normal")
    for confidence in (95, (0.95, 0.95), ()):
        with pytest.raises(FrameError, match="expected different shares between 0 and 1"):
            standardise.direct(ONE, weights(), confidence=confidence)
    for per in (0, -1, math.nan):
        with pytest.raises(FrameError, match="expected a number above 0"):
            standardise.indirect_ratio(ONE, reference(), per=per)
    with pytest.raises(SosrakeError, match=r"count \(1, 2\), population \(1, 2\) and weight \(1, 3\)"):
        kernels.direct_sums([[1, 2]], [[3, 4]], [1, 2, 3])
    with pytest.raises(SosrakeError, match="expected a share between 0 and 1"):
        kernels.fay_feuer(kernels.direct_sums([[1]], [[3]], [1]), 95)


# --- ages and standard populations ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("0", AgeGroup(0, 0)),
        ("<1", AgeGroup(0, 0)),
        ("1-4", AgeGroup(1, 4)),
        ("10 – 14", AgeGroup(10, 14)),
        ("90 +", AgeGroup(90, math.inf)),
        ("85-", AgeGroup(85, math.inf)),
        ("all", AgeGroup(0, math.inf)),
    ],
)
def test_ages_are_read_as_sources_write_them(text, group):
    assert read_age(text) == group


@pytest.mark.parametrize("text", ["young", "", "5-1", "-4", "1-4-5"])
def test_other_texts_are_no_ages(text):
    with pytest.raises(FrameError, match="age "):
        read_age(text)


def test_standards_are_complete_and_named():
    for one in catalogue.standard_populations():
        table = catalogue.standard_population(one.key)
        assert one.source and one.licence and one.name_fi and one.name_en
        assert tuple(table["age"]) == one.ages
        assert (table["weight"] > 0).all()
        regrouped = standardise.regroup_ages(table, ["0-14", "15-64", "65-"])
        assert regrouped["weight"].sum() == pytest.approx(table["weight"].sum())
    sums = {
        one.key: catalogue.standard_population(one.key)["weight"].sum()
        for one in catalogue.standard_populations()
    }
    # The European ones sum to 100 000, Finland to its people, the WHO's printed per cents to 100.035.
    assert sums["esp2013"] == sums["esp1976"] == 100_000
    assert sums["finland2015"] == 5_487_308
    assert sums["who2000_2025"] == pytest.approx(100.035)
    parted = catalogue.standard_population("finland2015", by_sex=True)
    assert parted.groupby("sex")["weight"].sum().to_dict() == {"female": 2_785_818, "male": 2_701_490}
    whole = catalogue.standard_population("finland2015").set_index("age")["weight"]
    assert (parted.groupby("age")["weight"].sum().loc[whole.index] == whole).all()


def test_five_year_ages_of_the_european_standard_are_those_the_peers_use():
    ages = [f"{first}-{first + 4}" for first in range(0, 90, 5)] + ["90+"]
    found = standardise.regroup_ages(catalogue.standard_population("esp2013"), ages)
    expected = [5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000]
    assert found["weight"].tolist() == [*expected, 4000, 2500, 1500, 1000]
    assert found["age"].tolist() == ages


def test_an_unknown_standard_is_named():
    with pytest.raises(CatalogueError, match="no standard population 'esp2012'; nearest: esp2013"):
        standardise.direct(ONE, "esp2012")
    with pytest.raises(CatalogueError, match=r"'esp2013' is not published by sex.* use finland2015"):
        catalogue.standard_population("esp2013", by_sex=True)


def test_a_standards_key_is_put_together_to_the_frames_ages():
    found = standardise.direct(ONE, "esp2013").iloc[0]
    assert found["value"] == pytest.approx(standardise.direct(ONE, weights())["value"].item())
    assert found["standard"] == "esp2013"


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        (["0-17", "18-"], "'0-17' is not a sum of the standard's ages: it cuts '15-19'"),
        (["0-14", "10-64", "65-"], "ages '0-14' and '10-64' overlap"),
        (["15-64"], "are in none of the ages wanted.*partial=True"),
        (["0-14", "15-64", "65-69"], "ages 70-74, 75-79"),
        (["0-14", "15-64", "65-", "all"], "overlap"),
    ],
)
def test_ages_that_do_not_fit_the_standard_are_named(ages, message):
    with pytest.raises(FrameError, match=message):
        standardise.regroup_ages(catalogue.standard_population("esp2013"), ages)


def test_part_of_the_ages_on_purpose():
    working = standardise.regroup_ages(catalogue.standard_population("esp2013"), ["15-64"], partial=True)
    assert working[["age", "weight"]].to_numpy().tolist() == [["15-64", 64_500]]
    with pytest.raises(FrameError, match="does not fill age '90-109'"):
        young = catalogue.standard_population("esp2013").iloc[:-1]
        standardise.regroup_ages(young, ["90-109"], partial=True)


def test_a_standard_by_sex_is_put_together_sex_by_sex():
    parted = catalogue.standard_population("finland2015", by_sex=True)
    wide = standardise.regroup_ages(parted, ["0-64", "65-"])
    assert wide.groupby("sex")["weight"].sum().to_dict() == {"female": 2_785_818, "male": 2_701_490}
    assert list(wide.columns) == ["age", "sex", "weight", "standard"]


# --- properties ----------------------------------------------------------------------------------------

_strata = some.lists(
    some.tuples(some.integers(0, 400), some.integers(500, 90_000), some.integers(1, 9_000)),
    min_size=2,
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(_strata, some.sampled_from([0.8, 0.95, 0.998]), some.randoms())
def test_direct_rates_are_bounded_and_do_not_hang_on_order_or_scale(strata, confidence, order):
    count, population, weight = np.array(strata, float).T
    found = kernels.direct_sums(count, population, weight)
    rates = count / population
    assert rates.min() * (1 - 1e-12) <= found.rate[0] <= rates.max() * (1 + 1e-12)
    shuffled = list(strata)
    order.shuffle(shuffled)
    other = kernels.direct_sums(*(np.array(shuffled, float).T * [[1], [1], [7]]))
    assert other.rate[0] == pytest.approx(found.rate[0], **EXACT)
    assert other.variance[0] == pytest.approx(found.variance[0], **EXACT)
    for limits in (kernels.fay_feuer(found, confidence), kernels.dobson(found, confidence)):
        if count.sum() > 0:
            assert limits.lower[0] <= found.rate[0] <= limits.upper[0]
    assert kernels.fay_feuer(found, confidence).lower[0] >= 0
    people = kernels.direct_sums(count, population * 10, weight)
    assert people.rate[0] == pytest.approx(found.rate[0] / 10, **EXACT)


@settings(max_examples=50, deadline=None)
@given(_strata, some.integers(1, 50))
def test_a_reference_against_itself_is_one_and_more_events_are_more(strata, more):
    count, population, weight = np.array(strata, float).T
    count = count + 1
    expected = kernels.expected_counts(population, count / population)
    assert kernels.observed_ratio(count.sum(), expected)[0] == pytest.approx(1, **EXACT)
    limits = kernels.observed_ratio_limits(count.sum(), expected)
    assert limits.lower[0] < 1 < limits.upper[0]
    first, second = (
        kernels.direct_sums(count + extra * (np.arange(len(count)) == 0), population, weight).rate[0]
        for extra in (0, more)
    )
    assert second > first
