"""Slope and relative index of inequality: line, intervals, published bands, options, refusals, frames."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import inequality, rates
from sosrake_lib.indicators.slope_index import slope_index

# The limits the authors of PHEindicatormethods stored for their simulated fixture (testdata_SII.xlsx).
BANDS = {
    "sii_111_area1": (-11.22085722098469, -10.21798062145461),
    "sii_131_area1": (10.21798062145461, 11.22085722098469),
    "sii_246_area1": (3.127594617650817, 10.7586873680794),
    "sii_266_area1": (-3.5868233016744155, -2.9653170017272723),
    "sii_286_area1": (-0.11220857220984691, -0.1021798062145461),
    "sii_306_area1": (-3.4809615490242884, -2.833237344763632),
    "sii_326_area1": (-0.11490838449464633, -0.10443087776045443),
}


@pytest.fixture(scope="module")
def published(project) -> dict[str, dict]:
    table = pd.read_csv(project / "tests" / "reference" / "inequality.csv").set_index("id")
    return {case: json.loads(table.at[case, "inputs"]) for case in BANDS}


def of_case(case: dict, **options):
    if options.pop("errors", True):
        options["standard_errors"] = case["standard_error"]
    else:
        options |= {"lower": case["lower"], "upper": case["upper"]}
    return slope_index(
        case["value"],
        case["population"],
        case["quantile"],
        value_type=case["value_type"],
        transform=case["transform"],
        multiplier=case["multiplier"],
        **options,
    )


@pytest.mark.parametrize("method", ["simulation", "delta"])
@pytest.mark.parametrize("case", BANDS)
def test_limits_lie_in_the_published_bands(published, case, method):
    # The published limits are one simulation; the notes of the cases allow 1-2 per cent of the limits.
    for errors in (True, False):
        limits = of_case(published[case], method=method, errors=errors).limits.iloc[0]
        assert limits["sii_lower"] == pytest.approx(BANDS[case][0], rel=0.02)
        assert limits["sii_upper"] == pytest.approx(BANDS[case][1], rel=0.02)


@pytest.mark.parametrize("case", BANDS)
def test_delta_and_simulation_agree(published, case):
    drawn = of_case(published[case]).limits.iloc[0]
    analytic = of_case(published[case], method="delta").limits.iloc[0]
    for kind in ("sii", "rii"):
        width = drawn[f"{kind}_upper"] - drawn[f"{kind}_lower"]
        for end in ("lower", "upper"):
            assert drawn[f"{kind}_{end}"] == pytest.approx(analytic[f"{kind}_{end}"], abs=0.02 * width)


def test_the_line_is_weighted_least_squares():
    rng = np.random.default_rng(1)
    for _ in range(20):
        n = int(rng.integers(3, 12))
        y, people = rng.normal(50, 9, n), rng.uniform(10, 500, n)
        share = people / people.sum()
        fit = sm.WLS(y, sm.add_constant(np.cumsum(share) - share / 2), weights=share).fit().params
        found = slope_index(y, people)
        assert found.sii == pytest.approx(fit[1], rel=1e-9)
        assert found.rii == pytest.approx((fit[0] + fit[1]) / fit[0], rel=1e-9)
        assert found.intercept == pytest.approx(fit[0], rel=1e-9)
        assert found.limits[["sii_lower", "rii_upper"]].isna().all(axis=None)


def test_errors_derived_from_limits_follow_the_scale_of_the_value():
    people, z = [10.0, 12, 9, 11, 10], 1.959963984540054
    value, errors = np.array([5.0, 4, 4.2, 3, 2.5]), np.array([0.1, 0.12, 0.1, 0.2, 0.15])
    given_errors = slope_index(value, people, standard_errors=errors, value_type="rate", method="delta")
    limits = {"lower": value * np.exp(-z * errors), "upper": value * np.exp(z * errors)}
    derived = slope_index(value, people, **limits, value_type="rate", method="delta")
    np.testing.assert_allclose(derived.limits, given_errors.limits, rtol=1e-9)
    wide = slope_index(value, people, **limits, value_type="rate", method="delta", limits_confidence=0.998)
    assert wide.limits.at[0, "sii_lower"] > derived.limits.at[0, "sii_lower"]


def test_a_negative_multiplier_turns_everything_round(published):
    case = published["sii_111_area1"]
    plain, turned = of_case(case), of_case({**case, "multiplier": -100})
    assert turned.sii == -plain.sii
    assert turned.rii == pytest.approx(1 / plain.rii)
    assert turned.intercept == plain.intercept
    row, other = plain.limits.iloc[0], turned.limits.iloc[0]
    assert (other["sii_lower"], other["sii_upper"]) == (-row["sii_upper"], -row["sii_lower"])
    assert other["rii_lower"] == pytest.approx(1 / row["rii_upper"])


def test_seed_confidences_and_reliability(published):
    case = published["sii_246_area1"]
    one = of_case(case, confidence=(0.95, 0.998), replicates=5000, seed=3, reliability=True)
    two = of_case(case, confidence=(0.95, 0.998), replicates=5000, seed=3)
    pd.testing.assert_frame_equal(one.limits, two.limits)
    assert one.limits.at[1, "sii_lower"] < one.limits.at[0, "sii_lower"]
    assert two.reliability is None
    assert one.reliability["confidence"].tolist() == [0.95, 0.998]
    # The further out, the less steady; more replicates are steadier.
    assert one.reliability.at[1, "sii"] > one.reliability.at[0, "sii"]
    many = of_case(case, replicates=100_000, reliability=True)
    assert many.reliability.at[0, "sii"] < one.reliability.at[0, "sii"]


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            ([1, 2], [1, 1]),
            {"value_type": "percent"},
            "value_type 'percent'; use one of rate, proportion, other",
        ),
        (([1, 2], [1, 1]), {"transform": "sqrt"}, "transform 'sqrt'; use one of log, logit, own, None"),
        (([1, 2], [1, 1]), {"multiplier": 0}, "multiplier 0; give a number other than 0"),
        (([1, 2], [1, 1]), {"method": "exact"}, "method 'exact'; use one of simulation, delta"),
        (([1, 2], [1, 0]), {}, r"population\[1\] is 0; every group needs people"),
        (([1, 2], [1, -1]), {}, r"weights\[1\] is -1; a weight counts people"),
        (([1, np.nan], [1, 1]), {}, r"values\[1\] is nan; leave missing values out first"),
        (([1], [1]), {}, "1 group.s. of one rank; a slope needs two or more"),
        (([1, 2], [1, 1], [3, 3]), {}, "2 group.s. of one rank; a slope needs two or more"),
        (([1, 2], [1, 1], [3]), {}, "rank has 1 entries for 2 values"),
        (
            ([12, 20], [1, 1]),
            {"transform": "logit"},
            "value 12 is not between 0 and 1.*divide per cents by 100",
        ),
        (([0, 2], [1, 1]), {"value_type": "rate"}, "value 0 is not above 0, as the log scale of rates needs"),
        (([1, 2], [1, 1]), {"lower": [1, 3], "upper": [2, 2]}, "lower limit is above its upper limit"),
        (([1, 2], [1, 1]), {"standard_errors": [-1, 1]}, "a standard error is negative"),
        (([1, 2], [1, 1]), {"replicates": 10}, "10 replicates; expected 1000 or more"),
        (([1, 2], [1, 1]), {"confidence": 95}, "confidence 95; expected different shares"),
    ],
)
def test_bad_input_is_refused_with_a_way_out(arguments, options, message):
    with pytest.raises(SosrakeError, match=message):
        slope_index(*arguments, **options)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(1, 100), st.integers(1, 1000)), min_size=3, max_size=12),
    st.randoms(use_true_random=False),
)
def test_order_of_rows_and_size_of_numbers_do_not_matter(groups, random):
    rows = [(place, *pair) for place, pair in enumerate(groups)]
    value, people = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    found = slope_index(value, people, method="delta", standard_errors=np.ones(len(rows)))
    mixed = random.sample(rows, len(rows))
    rank, y, w = zip(*mixed, strict=True)
    again = slope_index(y, w, rank, method="delta", standard_errors=np.ones(len(rows)))
    assert (again.sii, again.rii) == pytest.approx((found.sii, found.rii), rel=1e-7, abs=1e-9)
    tenfold = slope_index(value * 10, people * 7, method="delta", standard_errors=np.full(len(rows), 10.0))
    assert tenfold.sii == pytest.approx(10 * found.sii, rel=1e-7, abs=1e-7)
    limits = found.limits.iloc[0]
    assert limits["sii_lower"] <= found.sii <= limits["sii_upper"]
    assert slope_index(np.full(len(rows), 5.0), people).sii == pytest.approx(0, abs=1e-9)


def areas(**columns) -> pd.DataFrame:
    base = {
        "indicator": "osuus",
        "region_level": "kunta",
        "region_code": ["E01", "E02", "E03", "E04", "E05"],
        "borders": 2026,
        "period": "2019",
        "value": [12.0, 9.5, 9.0, 7.0, 6.0],
        "per": 100,
        "denominator": [1000.0, 900, 1500, 700, 1100],
        "status": "ok",
        "origin": "synthetic",
        "deprivation": [130.0, 120, 110, 90, 80],
    }
    return pd.DataFrame({**base, **columns})


def test_a_frame_of_proportions_gives_what_the_kernel_gives():
    frame = areas()
    frame["numerator"] = (frame["value"] * frame["denominator"] / 100).round()
    frame["value"] = 100 * frame["numerator"] / frame["denominator"]
    analysed = rates.proportion(frame, [0.95, 0.998])
    for method in ("delta", "simulation"):
        options = {"value_type": "proportion", "method": method}
        kernel = slope_index(
            analysed["value"][:5] / 100,
            frame["denominator"],
            lower=analysed["lower"][:5] / 100,
            upper=analysed["upper"][:5] / 100,
            multiplier=100,
            replicates=2000,
            **options,
        )
        for measure in ("sii", "rii"):
            row = inequality.between_groups(
                analysed, "deprivation", measure, area=("hva", "E1"), **options
            ).iloc[0]
            assert row["value"] == pytest.approx(getattr(kernel, measure))
            assert row["lower"] == pytest.approx(kernel.limits.at[0, f"{measure}_lower"])
            assert row["upper"] == pytest.approx(kernel.limits.at[0, f"{measure}_upper"])
            assert (row["method"], row["statistic"]) == (f"sii_{method}", measure)
            assert row["per"] == (100 if measure == "sii" else 1)


def test_the_other_end_first_turns_the_sign():
    one = inequality.between_groups(areas(), "deprivation", "sii", area=("hva", "E1"))["value"].iloc[0]
    other = inequality.between_groups(areas(), "deprivation", "sii", area=("hva", "E1"), first="lowest")
    assert other["value"].iloc[0] == pytest.approx(-one)
    assert one < 0


def test_quantile_groups_give_the_slope_of_their_pooled_values():
    frame = inequality.quantile_groups(areas(), "deprivation", 2, weights="denominator")
    assert frame["quantile"].tolist() == [1, 1, 1, 2, 2] or frame["quantile"].tolist() == [1, 1, 2, 2, 2]
    found = inequality.between_groups(frame, "quantile", "sii", first="lowest", area=("hva", "E1"))
    pooled = frame.assign(cases=frame["value"] * frame["denominator"]).groupby("quantile")
    people = pooled["denominator"].sum()
    kernel = slope_index(pooled["cases"].sum() / people, people)
    assert found["value"].iloc[0] == pytest.approx(kernel.sii)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "slope"}, "measure 'slope'; use one of sii, rii"),
        ({"measure": "concentration_standard", "method": "delta"}, "method delta is for sii and rii"),
        ({"measure": "concentration_erreygers"}, "needs bounds="),
        ({"first": "most"}, "first 'most'; use one of highest, lowest"),
        ({"rank": "tulot"}, "rank column 'tulot' is not in the frame"),
        ({"value_type": "share"}, "value_type 'share'"),
    ],
)
def test_wrong_questions_to_frames_are_refused(options, message):
    arguments = {"rank": "deprivation", "measure": "sii", **options}
    with pytest.raises(SosrakeError, match=message):
        inequality.between_groups(areas(), **arguments)


def test_values_outside_a_transform_name_the_area():
    with pytest.raises(
        FrameError, match="osuus kunta E02 2019 is 0; expected above 0, as transform log needs"
    ):
        inequality.between_groups(
            areas(value=[12.0, 0, 9, 7, 6]), "deprivation", transform="log", area=("hva", "E1")
        )
