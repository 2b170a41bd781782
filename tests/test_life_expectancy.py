"""Life tables: against a plain loop in exact fractions, numerical derivatives and refusals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators.life_expectancy import life_expectancy
from sosrake_lib.indicators.life_table import REFUSALS, life_tables, table_of

STARTS = [0, 1, 15, 65, 85]
LABELS = ("0", "1-14", "15-64", "65-84", "85-")
DEATHS = [17, 21, 1_043, 4_403, 3_873]
PEOPLE = [7_060, 130_522, 494_889, 131_611, 23_872]


def areas(deaths=(DEATHS,), people=(PEOPLE,), ages=LABELS, **columns) -> pd.DataFrame:
    x, n = np.atleast_2d(np.array(deaths, float)), np.atleast_2d(np.array(people, float))
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


def slow_expectancy(starts, probabilities, last_mortality, fraction):
    """The definition, age by age: years lived by 1 newborn, and by those who reach each age."""
    alive, years = [1.0], []
    for place, q in enumerate(probabilities):
        width = starts[place + 1] - starts[place]
        years.append(width * alive[-1] * ((1 - q) + fraction[place] * q))
        alive.append(alive[-1] * (1 - q))
    years.append(alive[-1] / last_mortality)
    return [sum(years[place:]) / alive[place] for place in range(len(starts))]


def test_life_tables_equal_a_plain_loop():
    generator = np.random.default_rng(11)
    people = generator.integers(3_000, 60_000, (30, 5))
    deaths = generator.binomial(people, [0.003, 0.0004, 0.003, 0.03, 0.16])
    found = life_tables(STARTS, deaths, people)
    fraction = [0.1, 0.5, 0.5, 0.5]
    for area in range(30):
        probabilities = []
        for place in range(4):
            m = Fraction(int(deaths[area, place]), int(people[area, place]))
            n = STARTS[place + 1] - STARTS[place]
            probabilities.append(n * m / (1 + (1 - Fraction(str(fraction[place]))) * n * m))
        last = deaths[area, 4] / people[area, 4]
        expected = slow_expectancy(STARTS, list(map(float, probabilities)), last, fraction)
        # The same sums in another order: equal to the last digits.
        assert found.expectancy[area].tolist() == pytest.approx(expected, rel=1e-12)
        assert found.probability[area, :4].tolist() == pytest.approx(list(map(float, probabilities)))


def test_the_variance_is_that_of_the_delta_method():
    found = life_tables(STARTS, [DEATHS], [PEOPLE])
    q = found.probability[0, :4]
    last = found.mortality[0, 4]
    fraction = [0.1, 0.5, 0.5, 0.5]
    # Chiang: binomial q² (1 - q) / deaths; Silcocks: the last age's mortality is Poisson.
    spread = [*(q**2 * (1 - q) / DEATHS[:4]), last**2 / DEATHS[4]]
    step = 1e-6
    for age in range(5):
        variance = 0.0
        for place in range(5):
            moved = []
            for side in (step, -step):
                changed = [one * (1 + side * (n == place)) for n, one in enumerate([*q, last])]
                moved.append(slow_expectancy(STARTS, changed[:4], changed[4], fraction)[age])
            slope = (moved[0] - moved[1]) / (2 * step * [*q, last][place])
            variance += slope**2 * spread[place]
        # A central difference with a step of 1e-6 is good to about nine digits.
        assert found.variance[0, age] == pytest.approx(variance, rel=1e-7)


def test_ninety_five_per_cent_of_simulated_areas_hold_the_truth():
    generator = np.random.default_rng(5)
    rates = np.array(DEATHS) / PEOPLE
    truth = life_tables(STARTS, [DEATHS], [PEOPLE]).expectancy[0, 0]
    people = np.full((4_000, 5), PEOPLE) // 10
    limits = life_tables(STARTS, generator.poisson(people * rates), people).limits(0.95)
    held = np.mean((limits.lower[:, 0] <= truth) & (truth <= limits.upper[:, 0]))
    # 4 000 draws: the share's own standard error is 0.0034; three of them either way.
    assert held == pytest.approx(0.95, abs=0.011)


def test_the_last_age_alone_is_people_over_deaths():
    row = table_of(STARTS, DEATHS, PEOPLE, at_ages=[85], confidence=0.9).iloc[0]
    assert row["expectancy"] == pytest.approx(23_872 / 3_873)
    half = stats.norm.ppf(0.95) * 23_872 / 3_873 / np.sqrt(3_873)
    assert row["upper"] - row["expectancy"] == pytest.approx(half, rel=1e-12)


def test_an_age_without_deaths_is_no_obstacle():
    without = table_of(STARTS, [17, 0, *DEATHS[2:]], PEOPLE).iloc[0]
    whole = table_of(STARTS, DEATHS, PEOPLE).iloc[0]
    assert without["expectancy"] > whole["expectancy"] and np.isfinite(without["lower"])


def test_own_fractions_move_the_expectancy():
    early = table_of([0, 5, 65], [4, 40, 90], [600, 8_000, 1_500], fraction=[0.1, 0.5]).iloc[0]
    late = table_of([0, 5, 65], [4, 40, 90], [600, 8_000, 1_500], fraction=[0.9, 0.5, 0.5]).iloc[0]
    assert early["expectancy"] < late["expectancy"]
    assert table_of([0, 5, 65], [4, 40, 90], [600, 8_000, 1_500])["fraction"].tolist() == [0.5] * 3
    assert table_of(STARTS, DEATHS, PEOPLE)["fraction"].tolist() == [0.1, 0.5, 0.5, 0.5, 0.5]


def test_ages_in_any_order_and_as_texts():
    order = [3, 0, 4, 1, 2]
    texts = ["0", "1 - 14", "15–64", "65-84", "85 +"]
    plain = table_of(STARTS, DEATHS, PEOPLE)
    shuffled = table_of(*([column[n] for n in order] for column in (texts, DEATHS, PEOPLE)))
    pd.testing.assert_frame_equal(plain, shuffled)
    with pytest.raises(SosrakeError, match="at_ages 30 begins none of the ages; expected one of 0, 1, 15"):
        table_of(STARTS, DEATHS, PEOPLE, at_ages=[0, 30])


@pytest.mark.parametrize(
    ("deaths", "people", "refusal"),
    [
        ([17, np.nan, 1_043, 4_403, 3_873], PEOPLE, "count_missing"),
        ([17, np.inf, 1_043, 4_403, 3_873], PEOPLE, "count_missing"),
        ([17, -1, 1_043, 4_403, 3_873], PEOPLE, "negative_count"),
        ([0, 21, 1_043, 4_403, 3_873], [0, *PEOPLE[1:]], "zero_population"),
        ([1, 2, 3, 4, 5], [900, 900, 900, 900, 900], "small_population"),
        ([8_000, 21, 1_043, 4_403, 3_873], PEOPLE, "deaths_above_population"),
        ([17, 21, 1_043, 4_403, 0], PEOPLE, "no_deaths_in_last_age"),
        ([17, 21, 60_000, 4_403, 3_873], PEOPLE, "probability_above_one"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused_with_its_reason(deaths, people, refusal):
    found = life_tables(STARTS, [deaths, DEATHS], [people, PEOPLE])
    assert found.refusal.tolist() == [refusal, ""]
    assert refusal in REFUSALS
    for column in (found.expectancy, found.survivors, found.variance, found.limits().lower):
        assert np.isnan(column[0]).all() and np.isfinite(column[1]).all()


def test_a_lower_limit_of_people_is_an_argument():
    assert life_tables([0, 65], [[4, 9]], [[800, 150]]).refusal.tolist() == ["small_population"]
    assert life_tables([0, 65], [[4, 9]], [[800, 150]], minimum_population=0).refusal.tolist() == [""]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 5, 5], [[1, 2, 3]], [[9, 9, 9]]), "each above the one before"),
        (([0], [[1]], [[9]]), "expected at least two ages"),
        (([0, 5], [[1, 2, 3]], [[9, 9, 9]]), "do not fit 2 ages"),
    ],
)
def test_ages_and_shapes_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(SosrakeError, match=message):
        life_tables(*arguments)


@pytest.mark.parametrize("fraction", [[0.1], [0.1, 0.5, 0.5, 0.5, 0.5, 0.5], [0, 0.5, 0.5, 0.5]])
def test_fractions_that_do_not_fit_are_refused(fraction):
    with pytest.raises(SosrakeError, match="expected one number between 0 and 1 for each of the 5 ages"):
        life_tables(STARTS, [DEATHS], [PEOPLE], fraction=fraction)


# --- frames --------------------------------------------------------------------------------------------


def test_the_frame_says_the_same_as_the_table():
    half = [one // 2 for one in DEATHS]
    frame = pd.concat([areas([DEATHS, half], sex="male"), areas([half, DEATHS], sex="female")])
    before = frame.copy(deep=True)
    found = life_expectancy(frame, at_ages=[0, 65], confidence=(0.95, 0.998))
    pd.testing.assert_frame_equal(frame, before)
    told = found.expectancy
    assert len(told) == 16
    assert told["statistic"].unique().tolist() == ["life_expectancy"]
    assert told["method"].unique().tolist() == ["chiang_silcocks"]
    row = told.query("region_code == '02' and sex == 'female' and age == '65' and confidence == 0.998").iloc[
        0
    ]
    one = table_of(STARTS, DEATHS, PEOPLE, at_ages=[65], confidence=0.998).iloc[0]
    assert row[["value", "lower", "upper"]].tolist() == pytest.approx(
        one[["expectancy", "lower", "upper"]].tolist(), rel=1e-12
    )
    assert (row["numerator"], row["denominator"], row["at_age"]) == (8_276, 155_483, 65)
    table = found.tables.query("region_code == '02' and sex == 'female'")
    assert table["expectancy"].tolist() == pytest.approx(
        table_of(STARTS, DEATHS, PEOPLE)["expectancy"].tolist(), rel=1e-12
    )
    assert table["start_age"].tolist() == STARTS
    assert table["survivors"].iloc[0] == 100_000


def test_the_order_of_rows_changes_nothing():
    frame = areas([DEATHS, [one // 2 for one in DEATHS]])
    plain = life_expectancy(frame).expectancy.set_index("region_code")["value"]
    found = life_expectancy(frame.sample(frac=1, random_state=2)).expectancy.set_index("region_code")["value"]
    assert found.loc[plain.index].tolist() == pytest.approx(plain.tolist(), rel=1e-12)


def test_groups_without_a_table_are_missing_and_say_why():
    frame = areas([DEATHS] * 4)
    frame.loc[2, ["status", "numerator"]] = ["suppressed", np.nan]
    frame.loc[9, "numerator"] = 0
    frame.loc[10:14, "denominator"] = 500.0
    found = life_expectancy(frame)
    assert found.expectancy["status"].tolist() == ["missing", "missing", "missing", "ok"]
    assert found.expectancy["reason"].tolist() == [
        "part_not_published",
        "no_deaths_in_last_age",
        "small_population",
        "",
    ]
    assert found.expectancy.loc[:2, ["value", "lower", "upper", "standard_error"]].isna().all(axis=None)
    assert found.tables.loc[found.tables["reason"] != "", "expectancy"].isna().all()


@pytest.mark.parametrize(
    ("ages", "message"),
    [
        (("0", "1-14", "15-64", "65-84", "90-"), "'65-84' and '90-' leave a gap"),
        (("0", "1-14", "15-64", "65-84", "80-"), "'65-84' and '80-' overlap"),
        (("0", "1-14", "15-64", "65-84", "85-89"), "the last age '85-89' is not open"),
        (("0", "1-14", "15-64", "65-84", "all"), "overlap; expected ages that follow one another"),
        (("0", "1-14", "15-64", "65-84", "old"), "age 'old': expected whole years"),
    ],
)
def test_ages_that_are_not_closed_are_named(ages, message):
    with pytest.raises(FrameError, match=message):
        life_expectancy(areas(ages=ages))


def test_other_bad_frames_are_named():
    with pytest.raises(
        FrameError, match=r"at_ages \[30\]: expected ages at which an age of the frame begins"
    ):
        life_expectancy(areas(), at_ages=[30])
    with pytest.raises(FrameError, match="column numerator is negative"):
        life_expectancy(areas([[17, -1, 1_043, 4_403, 3_873]]))
    with pytest.raises(FrameError, match="the age stands twice"):
        life_expectancy(pd.concat([areas(), areas().iloc[:1]]))
    with pytest.raises(FrameError, match="the frame has no rows by age"):
        life_expectancy(areas().iloc[:0])
    with pytest.raises(FrameError, match="column age has only '0-'"):
        life_expectancy(areas([[5]], [[100]], ages=("0-",)))
    with pytest.raises(FrameError, match="expected different shares between 0 and 1"):
        life_expectancy(areas(), confidence=95)
    with pytest.raises(SosrakeError, match="expected a share between 0 and 1"):
        life_tables(STARTS, [DEATHS], [PEOPLE]).limits(95)


# --- properties ----------------------------------------------------------------------------------------

_rates = some.lists(some.floats(0.0005, 0.02), min_size=2, max_size=7)


@settings(max_examples=50, deadline=None)
@given(_rates, some.floats(0.05, 0.4), some.integers(1, 4))
def test_fewer_deaths_live_longer_and_more_people_are_surer(rates, last, times):
    starts = [0, 1, *range(5, 5 * len(rates), 5)][: len(rates) + 1]
    people = np.full((1, len(starts)), 40_000.0)
    deaths = people * [*rates[: len(starts) - 1], last]
    found = life_tables(starts, deaths, people)
    limits = found.limits()
    assert (limits.lower <= found.expectancy).all() and (found.expectancy <= limits.upper).all()
    assert (np.diff(found.survivors) <= 0).all()
    fewer = life_tables(starts, deaths * 0.9, people)
    assert (fewer.expectancy > found.expectancy).all()
    more = life_tables(starts, deaths * times, people * times)
    assert more.expectancy == pytest.approx(found.expectancy, rel=1e-12)
    assert more.variance == pytest.approx(found.variance / times, rel=1e-9)
