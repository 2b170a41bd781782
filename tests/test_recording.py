"""Quality of recording: counts only, no worker anywhere; control charts against examples worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import control_charts, control_kernels, intervals, record_counts, recording
from sosrake_lib.indicators.scales import Place
from sosrake_lib.indicators.weighted_median import median_of_counts

HERE = Place("hva", "E1", 2026, "2021", "synthetic")
JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11]
JUICE += [20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
BOARDS = [
    21,
    24,
    16,
    12,
    15,
    5,
    28,
    20,
    31,
    25,
    20,
    24,
    16,
    19,
    10,
    17,
    13,
    22,
    18,
    39,
    30,
    24,
    16,
    19,
    17,
    15,
]
PAINT = [
    33.75,
    33.05,
    34.00,
    33.81,
    33.46,
    34.02,
    33.68,
    33.27,
    33.49,
    33.20,
    33.62,
    33.00,
    33.54,
    33.12,
    33.84,
]
NAMES = {
    "unit": "unit",
    "period": "month",
    "recorder": "kirjaaja",
    "required": ("need", "plan"),
    "contact": "met",
    "recorded": "written",
    "code": "need",
    "text": "note",
    "goals": "goals",
    "measurable": "measurable",
    "client_view": "own_view",
}


def entries(workers=None, seed=5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    parts = []
    for unit, people in (workers or {"Aikuiset": 7, "Perheet": 6, "Päihdetyö": 3}).items():
        size = 12 * people
        met = pd.Timestamp("2021-03-01") + pd.to_timedelta(random.integers(0, 20, size), unit="D")
        goals = random.integers(0, 4, size)
        rows = {
            "unit": unit,
            "month": np.where(np.arange(size) % 2, "2021-03", "2021-04"),
            "kirjaaja": [f"salaisuus-{unit}-{number % people}" for number in range(size)],
            "need": random.choice(["A1", "B2", None, ""], size, p=[0.5, 0.3, 0.1, 0.1]),
            "plan": random.choice(["x", None], size, p=[0.8, 0.2]),
            "note": random.choice(["teksti", None], size, p=[0.7, 0.3]),
            "met": met,
            "written": met + pd.to_timedelta(random.integers(0, 12, size), unit="D"),
            "goals": goals,
            "measurable": random.integers(0, goals + 1),
            "own_view": random.choice([True, False, None], size),
        }
        parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True)


def texts_of(table: pd.DataFrame) -> str:
    return table.to_csv() + " ".join(map(str, table.columns)) + str(table.attrs) + str(list(table.index))


def test_counts_are_those_of_a_plain_loop():
    rows = entries()
    before = rows.copy(deep=True)
    found = recording.counted(rows, **NAMES)
    pd.testing.assert_frame_equal(rows, before)
    assert list(found.measures) == list(record_counts.COUNT_COLUMNS)
    table = found.measures.set_index(["unit", "period", "measure"])
    for (unit, month), part in rows.groupby(["unit", "month"]):
        coded = [isinstance(v, str) and v != "" for v in part["need"]]
        planned = [isinstance(v, str) for v in part["plan"]]
        worded = [isinstance(v, str) for v in part["note"]]
        some = [c or w for c, w in zip(coded, worded, strict=True)]
        expected = {
            "completeness": (sum(coded) + sum(planned), 2 * len(part)),
            "complete_entries": (sum(c and p for c, p in zip(coded, planned, strict=True)), len(part)),
            "coded": (sum(coded), sum(some)),
            "text_only": (sum(w and not c for c, w in zip(coded, worded, strict=True)), sum(some)),
            "goal_measurability": (part["measurable"].sum(), part["goals"].sum()),
            "client_view": (part["own_view"].eq(True).sum(), part["own_view"].notna().sum()),
            "dated": (len(part), len(part)),
        }
        for measure, (x, n) in expected.items():
            row = table.loc[(unit, month, measure)]
            assert (row["numerator"], row["denominator"]) == (x, n), measure
        with_goals = part[part["goals"] > 0]["kirjaaja"].nunique()
        assert table.loc[(unit, month, "goal_measurability"), "recorders"] == with_goals
        days = (part["written"] - part["met"]).dt.days
        mine = found.delays[(found.delays["unit"] == unit) & (found.delays["period"] == month)]
        assert mine.set_index("days")["entries"].to_dict() == days.value_counts().to_dict()


def test_no_worker_key_is_in_any_frame():
    rows = entries()
    counts = recording.counted(rows, **NAMES)
    found = recording.indicators(counts, HERE)
    charted = control_charts.chart(found[found["statistic"] == "proportion"], "p")
    for table in (counts.measures, counts.delays, found, charted, control_charts.phases(charted)):
        assert "salaisuus" not in texts_of(table)
        assert not [
            column for column in table if record_counts.looks_like_worker(column) and column != "recorders"
        ]


@pytest.mark.parametrize(
    "column",
    ["worker_id", "tyontekija", "työntekijä_nro", "kirjaaja", "user", "hetu", "handläggare", "Employee"],
)
def test_a_column_that_looks_like_a_worker_is_refused_below_the_unit(column):
    rows = entries().rename(columns={"kirjaaja": "key"})
    with pytest.raises(FrameError, match=f"column {column} looks like a worker's key"):
        recording.counted(
            rows.assign(**{column: "x"}), unit=column, period="month", recorder="key", required=["need"]
        )
    counts = recording.counted(rows, unit="unit", period="month", recorder="key", required=["need"])
    worse = recording.Counts(counts.measures.assign(**{column: "x"}), counts.delays)
    with pytest.raises(FrameError, match=f"measures: column {column} looks like a worker's key"):
        recording.indicators(worse, HERE)


def test_the_recorders_themselves_are_no_unit_whatever_the_column_is_called():
    rows = entries().assign(team=lambda table: table["kirjaaja"])
    for unit in ("kirjaaja", "team"):
        with pytest.raises(FrameError, match=f"column {unit} looks like a worker's key; .* below the unit"):
            recording.counted(rows, unit=unit, period="month", recorder="kirjaaja", required=["need"])
    with pytest.raises(FrameError, match="column team looks like"):
        recording.counted(rows, unit="unit", period="team", recorder="kirjaaja", required=["need"])


def test_fewer_than_five_recorders_are_suppressed_with_all_that_tells_of_them():
    found = recording.indicators(recording.counted(entries(), **NAMES), HERE, confidence=(0.9, 0.95))
    assert frames.is_analysed(found)
    small = found[found["group"] == "Päihdetyö"]
    assert set(small["status"]) == {"suppressed"} and len(small)
    told = ["value", "lower", "upper", "numerator", "denominator", "recorders"]
    assert small[told].isna().all(axis=None)
    shown = found[found["status"] == "ok"]
    assert (shown["recorders"] >= 5).all() and set(shown["group"]) <= {"Aikuiset", "Perheet"}
    with pytest.raises(FrameError, match="minimum_recorders 4; five is the least"):
        recording.indicators(recording.counted(entries(), **NAMES), HERE, minimum_recorders=4)


def test_indicators_are_shares_with_wilson_and_medians():
    counts = recording.counted(entries(), **NAMES)
    found = recording.indicators(counts, HERE, within=(7,)).set_index(["indicator", "group", "period"])
    row = found.loc[("recording_completeness", "Aikuiset", "2021-03")]
    limits = intervals.wilson(row["numerator"], row["denominator"])
    assert row["value"] == pytest.approx(100 * row["numerator"] / row["denominator"])
    assert (row["lower"], row["upper"]) == pytest.approx((100 * limits.lower, 100 * limits.upper))
    rows = entries()
    part = rows[(rows["unit"] == "Aikuiset") & (rows["month"] == "2021-03")]
    days = (part["written"] - part["met"]).dt.days
    timely = found.loc[("recording_within_7_days", "Aikuiset", "2021-03")]
    assert (timely["numerator"], timely["denominator"]) == ((days <= 7).sum(), len(days))
    assert found.loc[("recording_delay_median", "Aikuiset", "2021-03"), "value"] == days.median()


def test_a_unit_without_entries_of_a_kind_is_missing():
    rows = entries({"Aikuiset": 6}).assign(goals=0, measurable=0)
    found = recording.indicators(recording.counted(rows, **NAMES), HERE)
    goal = found[found["indicator"] == "recording_goal_measurability"]
    assert set(goal["status"]) == {"missing"} and goal["value"].isna().all()


def test_wrong_entries_and_counts_are_named():
    rows = entries()
    for changed, message in (
        (rows.drop(columns="note"), "column note is missing"),
        (rows.assign(unit=None), "row 1, column unit is empty"),
        (rows.assign(written=rows["met"] - pd.Timedelta(days=1)), "row 1: written .* is before met"),
        (rows.assign(written="eilen"), "row 1, column written: eilen; expected a date"),
        (rows.assign(measurable=9), "row 1: 9 measurable goals of"),
        (rows.assign(goals=-1), "row 1, column goals: -1; expected a whole number"),
    ):
        with pytest.raises(FrameError, match=message):
            recording.counted(changed, **NAMES)
    plain = {"unit": "unit", "period": "month", "recorder": "kirjaaja"}
    for more, message in (
        ({}, "nothing to count"),
        ({"contact": "met"}, "timeliness needs both dates"),
        ({"goals": "goals"}, "goal measurability needs goals and measurable"),
    ):
        with pytest.raises(FrameError, match=message):
            recording.counted(rows, **plain, **more)
    counts = recording.counted(rows, **NAMES)
    for measures, message in (
        (counts.measures.assign(numerator=-1), "measures: row 1 .*expected counts from 0 up"),
        (counts.measures.assign(numerator=10**6), "the numerator at most the denominator"),
        (counts.measures.assign(other=1), "column other is not among its columns"),
        (counts.measures.drop(columns="recorders"), "column recorders is missing"),
        (counts.measures.assign(measure="speed"), "repeats unit, period, measure"),
        (counts.measures.iloc[:1].assign(measure="speed"), "measure 'speed'; expected completeness"),
    ):
        with pytest.raises(FrameError, match=message):
            recording.indicators(recording.Counts(measures, counts.delays), HERE)
    with pytest.raises(FrameError, match=r"within 1\.5; expected whole days"):
        recording.indicators(counts, HERE, within=(1.5,))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20)), min_size=1, max_size=60))
def test_median_of_counts_is_that_of_the_days(rows):
    table = pd.DataFrame(rows, columns=["group", "days"]).value_counts().rename("entries").reset_index()
    found = median_of_counts(table["days"], table["entries"], table["group"].to_numpy(), 0.9)
    for group in range(len(found.size)):
        days = np.sort([day for one, day in rows if one == group])
        if not len(days):
            assert np.isnan(found.median[group])
            continue
        assert found.median[group] == np.median(days)
        if np.isfinite(found.lower[group]):
            k = int(np.flatnonzero(days == found.lower[group])[-1]) + 1
            assert found.lower[group] <= found.median[group] <= found.upper[group]
            assert stats.binom.cdf(k - 1, len(days), 0.5) >= 0 and k >= 1
    # n = 10, 95 %: the second smallest and second largest (binomial tail 11/1024 below 2.5 %).
    ten = median_of_counts(np.arange(10), np.ones(10))
    assert (float(ten.lower[0]), float(ten.upper[0])) == (1.0, 8.0)
    assert np.isnan(median_of_counts([1, 2, 3], [1, 1, 1]).lower[0])
    with pytest.raises(SosrakeError, match="counts are whole numbers from 0 up"):
        median_of_counts([1], [-1])


def series(numerator, denominator=50, **columns) -> pd.DataFrame:
    months = [f"{2019 + n // 12}-{n % 12 + 1:02d}" for n in range(len(numerator))]
    table = pd.DataFrame({"period": months, "numerator": numerator, "denominator": denominator, "per": 100.0})
    table["value"] = 100 * table["numerator"] / table["denominator"]
    constant = {"indicator": "recording_coded", "region_level": "hva", "region_code": "E1", "borders": 2026}
    return table.assign(**constant, group="Aikuiset", status="ok", origin="synthetic").assign(**columns)


def test_montgomery_s_orange_juice():
    found = control_charts.chart(series(JUICE), "p")
    # Limits as remembered of Montgomery's example (not compared with the book), equal to the formula.
    assert found.loc[0, ["centre", "limit_lower", "limit_upper"]].tolist() == pytest.approx(
        [23.13, 5.24, 41.02], abs=0.006
    )
    beyond = found["signals"].str.contains("beyond_limits")
    assert [row + 1 for row in np.flatnonzero(beyond)] == [15, 23]
    revised = control_charts.chart(series([x for n, x in enumerate(JUICE, 1) if n not in (15, 23)]), "p")
    assert revised.loc[0, ["centre", "limit_lower", "limit_upper"]].tolist() == pytest.approx(
        [21.50, 4.07, 38.93], abs=0.006
    )
    assert set(found["chart_method"]) == {"p_chart"} and set(found["points"]) == {30.0}


def test_montgomery_s_circuit_boards():
    found = control_charts.chart(series(BOARDS, 100), "c")
    # As remembered of Montgomery's example, not compared with the book: 33.22 is 19.85 + 3 sqrt(19.85), the
    # formula on the unrounded centre gives 33.211 (tests/reference/control_charts.csv holds that one).
    assert found.loc[0, ["centre", "limit_lower", "limit_upper"]].tolist() == pytest.approx(
        [19.85, 6.48, 33.22], abs=0.01
    )
    as_rate = control_charts.chart(series(BOARDS, 100), "u")
    assert as_rate["limit_upper"].to_numpy() == pytest.approx(found["limit_upper"].to_numpy())
    for table in (found, as_rate):
        assert [n + 1 for n in np.flatnonzero(table["signals"].str.contains("beyond_limits"))] == [6, 20]


def test_montgomery_s_paint_viscosity():
    table = series([1] * 15).assign(value=PAINT)
    found = control_charts.chart(table, "xmr")
    assert found.loc[0, ["centre", "limit_lower", "limit_upper", "range_limit"]].tolist() == pytest.approx(
        [33.52, 32.24, 34.80, 1.57], abs=0.006
    )
    assert pytest.approx(2.66, abs=0.002) == control_kernels.SIGMAS / control_kernels.D2
    assert (control_kernels.range_limit(1.0) / control_kernels.D2) == pytest.approx(3.267, abs=0.0006)
    assert found["moving_range"].iloc[1:].tolist() == pytest.approx(np.abs(np.diff(PAINT)).tolist())


def test_exact_limits_hold_their_tails():
    tail = stats.norm.cdf(-3)
    for n, share in ((20, 0.05), (200, 0.4)):
        found = control_kernels.proportion_limits([n * share] * 2, [n] * 2, exact=True)
        low, high = found.lower[0] * n, found.upper[0] * n
        assert stats.binom.cdf(low - 1, n, share) < tail <= stats.binom.cdf(low, n, share)
        assert stats.binom.sf(high, n, share) <= tail < stats.binom.sf(high - 1, n, share)
    count = control_kernels.rate_limits([4, 3, 5], exact=True)
    assert (count.lower[0], count.upper[0]) == (stats.poisson.ppf(tail, 4), stats.poisson.ppf(1 - tail, 4))
    methods = {
        kind: control_charts.chart(series(JUICE), kind, limits="exact")["chart_method"][0] for kind in "puc"
    }
    assert methods == {"p": "p_chart_exact", "u": "u_chart_exact", "c": "c_chart_exact"}


def test_laney_widens_where_n_is_large():
    random = np.random.default_rng(8)
    share = np.clip(random.normal(0.6, 0.05, 24), 0, 1)
    rows = series(np.round(20_000 * share), 20_000)
    plain, wide = control_charts.chart(rows, "p"), control_charts.chart(rows, "p", spread="laney")
    assert (plain["signals"] != "").sum() > 10 > (wide["signals"] != "").sum()
    z = (plain["value"] - plain["centre"]) / plain["sigma"]
    factor = z.diff().abs().mean() / 1.128379
    assert (wide["sigma"] / plain["sigma"]).tolist() == pytest.approx([factor] * 24, rel=1e-5)
    assert set(control_charts.chart(rows, "u", spread="laney")["chart_method"]) == {"u_chart_laney"}
    assert set(control_charts.chart(rows, "c", spread="laney")["chart_method"]) == {"c_chart_laney"}


def marked(values, rule, sigma=1.0, centre=0.0) -> list[int]:
    value = np.array(values, "float64")
    same = np.full(value.shape, 1.0)
    limits = control_kernels.Limits(
        value, centre * same, sigma * same, (centre - 3 * sigma) * same, (centre + 3 * sigma) * same, same
    )
    return np.flatnonzero(
        control_kernels.signals(limits, np.zeros(len(value), "int64"), (rule,))[rule]
    ).tolist()


@pytest.mark.parametrize(
    ("rule", "values", "points"),
    [
        ("beyond_limits", [0, 3.1, 3, -3.1], [1, 3]),
        ("nine_on_one_side", [0.1] * 10, [8, 9]),
        ("nine_on_one_side", [0.1] * 8 + [-0.1] * 8, []),
        ("nine_on_one_side", [0.1] * 5 + [np.nan] + [0.1] * 5, []),
        ("six_steadily_moving", [0, 1, 2, 3, 4, 5, 6, 6], [5, 6]),
        ("six_steadily_moving", [5, 4, 3, 2, 1, 2], []),
        ("fourteen_alternating", [0, 1] * 7, [13]),
        ("fourteen_alternating", [0, 1] * 6 + [1, 0], []),
        ("two_of_three_beyond_two_sigma", [2.1, 0, 2.1, -2.1, 0, 0, 2.1], [2]),
        ("four_of_five_beyond_one_sigma", [1.1, 1.1, 0, 1.1, 1.1, -1.1], [4]),
        ("fifteen_within_one_sigma", [0.5, -0.5] * 8, [14, 15]),
        ("eight_beyond_one_sigma", [1.5, -1.5] * 4, [7]),
        ("moving_range_beyond_limit", [0, 3.6, 0.0, 3.7], [3]),
    ],
)
def test_rules_mark_the_last_point_of_their_pattern(rule, values, points):
    assert marked(values, rule) == points


def test_phases_before_and_after_a_change():
    rows = series([10] * 6 + [30] * 6)
    own = control_charts.chart(rows, "p", change="2019-07")
    assert own["phase"].tolist() == [1] * 6 + [2] * 6
    assert own["centre"].tolist() == pytest.approx([20.0] * 6 + [60.0] * 6)
    assert set(own["signals"]) == {""}
    onward = control_charts.chart(rows, "p", change="2019-07", limits_from="before")
    assert onward["centre"].tolist() == pytest.approx([20.0] * 12) and set(onward["points"]) == {6.0}
    assert set(onward["signals"].iloc[6:]) == {"beyond_limits"}
    told = control_charts.phases(own)
    assert told[["first_period", "last_period", "points"]].to_numpy().tolist() == [
        ["2019-01", "2019-06", 6],
        ["2019-07", "2019-12", 6],
    ]
    broken = control_charts.chart(
        rows.assign(break_before=rows["period"] == "2019-04"), "p", change="2019-07"
    )
    assert broken["phase"].tolist() == [1] * 3 + [2] * 3 + [3] * 6


def test_order_of_rows_and_other_series_change_nothing():
    rows = pd.concat([series(JUICE), series(BOARDS, 60, group="Perheet")], ignore_index=True)
    found = control_charts.chart(rows, "p")
    shuffled = rows.sample(frac=1, random_state=1)
    again = control_charts.chart(shuffled.reset_index(drop=True), "p")
    again = again.sort_values(["group", "period"], ignore_index=True)
    pd.testing.assert_frame_equal(again, found.sort_values(["group", "period"], ignore_index=True))
    alone = control_charts.chart(series(JUICE), "p")
    pd.testing.assert_frame_equal(found.iloc[:30], alone)


def test_a_suppressed_or_constant_point_is_defined():
    rows = series(JUICE)
    rows.loc[4, ["value", "numerator", "denominator"]] = np.nan
    rows.loc[4, "status"] = "suppressed"
    found = control_charts.chart(rows, "p")
    assert found.loc[4, "signals"] == "" and found.loc[0, "points"] == 29
    assert found.loc[0, "centre"] == pytest.approx(100 * (347 - 4) / 1450)
    for kind in control_charts.KINDS:
        flat = control_charts.chart(series([7] * 20, 30), kind, rules=control_kernels.RULES)
        wanted = {"fifteen_within_one_sigma", ""}
        assert {name for text in flat["signals"] for name in text.split(",")} <= wanted
    one = control_charts.chart(series([7], 30), "xmr")
    assert one.loc[0, "centre"] == one.loc[0, "value"] and np.isnan(one.loc[0, "limit_upper"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=30))
def test_limits_hold_their_centre_and_stay_in_range(rows):
    x, more = (np.array(column, "float64") for column in zip(*rows, strict=True))
    n = x + more + 1
    for found in (
        control_kernels.proportion_limits(x, n),
        control_kernels.proportion_limits(x, n, exact=True),
    ):
        assert (found.lower >= 0).all() and (found.upper <= 1).all()
    plain = control_kernels.proportion_limits(x, n)
    assert (plain.lower <= plain.centre + 1e-12).all() and (plain.centre <= plain.upper + 1e-12).all()
    assert plain.centre[0] == pytest.approx(x.sum() / n.sum())


def test_wrong_charts_are_refused():
    rows = series(JUICE)
    for options, message in (
        ({"kind": "s"}, "kind 's'; use one of p, u, c, xmr"),
        ({"kind": "p", "limits": "wide"}, "limits 'wide'; use one of three_sigma, exact"),
        ({"kind": "p", "rules": ["odd"]}, "rule 'odd'; use one of beyond_limits"),
        ({"kind": "xmr", "limits": "exact"}, "neither exact limits nor a laney spread"),
        ({"kind": "p", "limits": "exact", "spread": "laney"}, "exact limits have no laney spread"),
        ({"kind": "p", "limits_from": "before"}, "needs the period of the change"),
        ({"kind": "p", "change": "kesä"}, "period 'kesä': expected 2019"),
    ):
        with pytest.raises(FrameError, match=message):
            control_charts.chart(rows, **options)
    for wrong, message in (
        (rows.assign(numerator=60), "numerator 60 of denominator 50; a p chart needs"),
        (rows.assign(numerator=-1), "numerator -1"),
        (rows.assign(denominator=0), "denominator 0"),
        (rows.assign(per=np.where(rows.index > 3, 1.0, 100.0)), "per varies within a series"),
        (rows.iloc[:0], "the frame has no row"),
    ):
        with pytest.raises(FrameError, match=message):
            control_charts.chart(wrong, "p")
    with pytest.raises(FrameError, match="column phase is missing"):
        control_charts.phases(rows)
    with pytest.raises(SosrakeError, match="rule 'odd'"):
        control_kernels.signals(control_kernels.individual_limits([1, 2]), np.zeros(2), ("odd",))


def test_units_of_one_recorder_each_are_taken_for_persons():
    rows = entries().assign(team=lambda table: table["kirjaaja"].str.replace("salaisuus", "T"))
    with pytest.raises(FrameError, match="column team looks like a worker's key"):
        recording.counted(rows, unit="team", period="month", recorder="kirjaaja", required=["need"])
