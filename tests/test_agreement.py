"""Agreement of coders: kappas, intraclass correlations, Krippendorff's alpha, and the table of coders."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import inter_rater

from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import agreement, agreement_kernels, coders, icc, krippendorff
from sosrake_lib.indicators.methods import method

# Shrout & Fleiss (1979), table 2: six targets, four judges.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
N = None
# Krippendorff (2011): four observers, twelve units, codes missing.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, N],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]


def codes(units=40, raters=3, many=4, seed=1):
    rng = np.random.default_rng(seed)
    true = rng.integers(0, many, size=(units, 1))
    noise = rng.integers(0, many, size=(units, raters))
    return np.where(rng.random((units, raters)) < 0.7, true, noise)


def long(ratings):
    rows = pd.DataFrame(ratings).reset_index(names="unit").melt("unit", var_name="rater", value_name="code")
    return rows.assign(rater="k" + rows["rater"].astype("str"))


def slow_krippendorff(columns, delta):
    """Alpha by writing out every pair of codes; columns = one list of codes per unit."""
    units = [[code for code in unit if code is not None] for unit in columns]
    units = [unit for unit in units if len(unit) > 1]
    values = [code for unit in units for code in unit]
    seen = sum(delta(a, b) / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2))
    chance = sum(delta(a, b) for a, b in permutations(values, 2)) / (len(values) - 1)
    return 1 - seen / chance


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_agrees_with_statsmodels(weights):
    first, second = codes(raters=2, seed=5).T
    found = agreement.cohen_kappa(first, second, weights=weights, confidence=[0.95, 0.998])
    kind = None if weights == "none" else weights
    peer = inter_rater.cohens_kappa(found.table.to_numpy(), wt=kind)
    assert found.kappa == pytest.approx(peer.kappa, rel=1e-12)
    assert found.asymptotic_variance == pytest.approx(peer.var_kappa, rel=1e-10)
    assert found.null_variance == pytest.approx(peer.std_kappa0**2, rel=1e-10)
    assert found.p == pytest.approx(peer.pvalue_two_sided, rel=1e-8)
    limits = found.intervals.iloc[0]
    assert [limits["lower"], limits["upper"]] == pytest.approx([peer.kappa_low, peer.kappa_upp], rel=1e-9)
    assert found.intervals["lower"].is_monotonic_decreasing


def test_own_weights_equal_the_named_ones():
    first, second = codes(raters=2).T
    squared = agreement.cohen_kappa(first, second, weights="squared")
    by_distance = agreement.cohen_kappa(first, second, weights=[0, 1, 4, 9])
    matrix = agreement.cohen_kappa(first, second, weights=agreement_kernels.agreement_weights(4, "quadratic"))
    assert by_distance.kappa == pytest.approx(squared.kappa, rel=1e-12)
    assert matrix.kappa == pytest.approx(squared.kappa, rel=1e-12)


def test_levels_nobody_used_change_weighted_kappa_only():
    first, second = [1, 1, 2, 3, 3, 2], [1, 2, 2, 3, 2, 2]
    levels = [1, 2, 3, 4, 5]
    plain, plain_all = (agreement.cohen_kappa(first, second, levels=given) for given in (None, levels))
    assert plain.kappa == pytest.approx(plain_all.kappa, rel=1e-12)
    table = pd.crosstab(pd.Series(first), pd.Series(second)).reindex(levels, columns=levels, fill_value=0)
    weighted = agreement.cohen_kappa(first, second, levels=levels, weights="linear")
    assert weighted.kappa == pytest.approx(inter_rater.cohens_kappa(table.to_numpy(), wt="linear").kappa)
    assert plain_all.by_code["kappa"].isna().tolist() == [False] * 3 + [True] * 2


def test_kappa_of_a_table_and_of_each_code():
    # 20/5/10/15: observed 35/50, chance (25·30 + 25·20)/2500 = 1/2, kappa 2/5.
    found = agreement.cohen_kappa_of_table([[20, 5], [10, 15]], levels=["on", "ei"])
    assert found.kappa == pytest.approx(0.4, rel=1e-12)
    assert found.by_code["kappa"].tolist() == pytest.approx([0.4, 0.4])
    assert found.table.loc["on", "ei"] == 5
    assert (found.observed, found.expected, found.n) == (pytest.approx(0.7), pytest.approx(0.5), 50)


def test_units_without_both_codes_are_left_out_and_counted():
    found = agreement.cohen_kappa(["a", "b", None, "a"], ["a", "b", "b", np.nan])
    assert (found.n, found.left_out, found.kappa) == (2, 2, 1.0)
    assert found.intervals[["lower", "upper"]].iloc[0].tolist() == [1.0, 1.0]


def test_one_code_only_has_no_kappa_and_says_so():
    found = agreement.cohen_kappa(["a"] * 4, ["a"] * 4)
    assert np.isnan(found.kappa) and np.isnan(found.p)
    assert found.note == "one_code_only"
    assert agreement.fleiss_kappa([["a", "a"], ["a", "a"]]).note == "one_code_only"
    assert agreement.percent_agreement([["a", "a"], ["a", "a"]]).all_agree == 100


def test_fleiss_agrees_with_statsmodels_and_conger_with_mean_of_pairs():
    ratings = codes()
    found = agreement.fleiss_kappa(ratings)
    counts, _ = inter_rater.aggregate_raters(ratings)
    assert found.kappa == pytest.approx(inter_rater.fleiss_kappa(counts), rel=1e-12)
    assert agreement.fleiss_kappa(counts=counts).kappa == pytest.approx(found.kappa, rel=1e-12)
    tables = [
        agreement.cohen_kappa(ratings[:, a], ratings[:, b], levels=range(4))
        for a, b in combinations(range(3), 2)
    ]
    observed = np.mean([one.observed for one in tables])
    expected = np.mean([one.expected for one in tables])
    exact = agreement.conger_kappa(ratings)
    assert exact.kappa == pytest.approx((observed - expected) / (1 - expected), rel=1e-12)
    assert exact.expected == pytest.approx(expected, rel=1e-9)
    assert exact.kappa >= found.kappa


def test_conger_of_two_raters_is_cohen():
    ratings = codes(raters=2)
    cohen = agreement.cohen_kappa(*ratings.T)
    assert agreement.conger_kappa(ratings).kappa == pytest.approx(cohen.kappa, rel=1e-12)


def test_kappa_of_a_code_is_that_of_the_code_against_the_rest():
    ratings = codes()
    found = agreement.fleiss_kappa(ratings)
    alone = agreement.fleiss_kappa((ratings == 2).astype("int64"))
    assert found.by_code["kappa"][2] == pytest.approx(alone.kappa, rel=1e-12)
    assert found.by_code["z"][2] == pytest.approx(alone.z, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: agreement.cohen_kappa([1, 2], [1]), "2 and 1 codes; expected the same units"),
        (lambda: agreement.cohen_kappa([1, N], [N, 1]), "no unit has a code from both raters"),
        (lambda: agreement.cohen_kappa(["a", "b"], ["a", "x"], levels=["a", "b"]), r"code 'x' \(1 such"),
        (lambda: agreement.cohen_kappa(["a", 1], ["a", "b"]), "partly text, partly numbers"),
        (lambda: agreement.cohen_kappa([1, 2], [1, 2], levels=[1, 2, 2]), "a code stands twice"),
        (lambda: agreement.cohen_kappa([1, 2], [1, 2], weights="cubic"), "weights 'cubic'; use one of none"),
        (lambda: agreement.cohen_kappa([1, 2], [1, 2], weights=[1, 2]), "2 x 2 matrix of agreement"),
        (lambda: agreement.cohen_kappa([1, 2], [1, 2], confidence=1.0), "confidence 1.0"),
        (
            lambda: agreement.cohen_kappa_of_table([[1, 2]]),
            r"shape \(1, 2\); expected as many rows as columns",
        ),
        (lambda: agreement.cohen_kappa_of_table([[1, -2], [3, 4]]), "a count is negative"),
        (lambda: agreement.cohen_kappa_of_table([[1, 2], [3, 4]], levels=["a"]), "1 levels for 2 rows"),
        (lambda: agreement.fleiss_kappa(), "give either ratings or counts"),
        (lambda: agreement.fleiss_kappa(counts=[[2, 0], [1, 2]]), "unit 2 has 3 ratings, the first 2"),
        (lambda: agreement.fleiss_kappa(counts=[[1, 0], [0, 1]]), "1 rating per unit"),
        (lambda: agreement.fleiss_kappa(counts=[[1, np.nan]]), "counts are not a table of numbers"),
        (lambda: agreement.fleiss_kappa([["a"], ["b"]]), "1 rater; agreement needs two"),
        (lambda: agreement.fleiss_kappa([["a", N], [N, "b"]]), "no unit was coded by all 2 raters"),
        (lambda: agreement.fleiss_kappa([["a", "b"], ["b"]]), "rows of ratings differ in length"),
        (lambda: krippendorff.krippendorff_alpha([], level="nominal"), "no ratings"),
        (
            lambda: krippendorff.krippendorff_alpha(OBSERVERS, level="likert"),
            "method 'likert'; use one of nominal",
        ),
        (lambda: krippendorff.krippendorff_alpha([["a", "b"]], level="interval"), "'interval' needs numbers"),
        (lambda: krippendorff.krippendorff_alpha([["a", "b"]], level="ordinal"), "give `order`"),
        (lambda: krippendorff.krippendorff_alpha([[-1, 2]], level="ratio"), "value -1 is below 0"),
        (lambda: icc.icc([[1, 2]]), "1 targets with all ratings by 2 raters"),
        (lambda: icc.icc([[1, 1], [1, 1]]), "all ratings are equal"),
        (lambda: icc.icc([[1, "x"], [1, 2]]), "not a table of numbers"),
        (lambda: icc.icc([[1, np.inf], [1, 2]]), "infinite"),
        (lambda: icc.icc(JUDGES, confidence=95), "confidence 95"),
        (lambda: icc.icc(JUDGES, null_value=1), "null_value 1; expected a coefficient below 1"),
        (lambda: icc.icc(JUDGES, average_limits="x"), "method 'x'; use one of mcgraw_wong, spearman_brown"),
    ],
)
def test_what_cannot_be_compared_says_why(call, message):
    with pytest.raises(SosrakeError, match=message):
        call()


def test_icc_of_shrout_and_fleiss():
    figures = icc.icc(JUDGES).figures.set_index("shrout_fleiss")
    # Table 4 of the paper, two decimals.
    printed = {"1,1": 0.17, "2,1": 0.29, "3,1": 0.71, "1,k": 0.44, "2,k": 0.62, "3,k": 0.91}
    assert figures["value"].to_dict() == pytest.approx(printed, abs=0.005)
    for key in figures["method"].unique():
        assert method(key).key == key


def test_icc_limits_by_the_definition_of_f():
    found = icc.icc(JUDGES, confidence=0.9)
    squares = found.variance.set_index("source")["mean_square"]
    assert found.variance["sum_of_squares"][[0, 1]].sum() == pytest.approx(np.var(JUDGES) * 24, rel=1e-12)
    ratio = squares["targets"] / squares["residual"]
    low = ratio / stats.f.ppf(0.95, 5, 15)
    row = found.figures.set_index("form").loc["twoway_consistency_single"]
    assert row["lower"] == pytest.approx((low - 1) / (low + 3), rel=1e-12)
    assert row["p"] == pytest.approx(stats.f.sf(ratio, 5, 15), rel=1e-10)
    # Consistency of the mean of raters is Cronbach's alpha.
    alpha = 4 / 3 * (1 - np.var(JUDGES, axis=0).sum() / np.var(np.sum(JUDGES, axis=1)))
    average = found.figures.set_index("form").loc["twoway_consistency_average", "value"]
    assert average == pytest.approx(alpha, rel=1e-12)


def test_icc_limits_of_an_average_step_up_those_of_one_rating():
    figures = icc.icc(JUDGES, average_limits="spearman_brown").figures.set_index("form")
    for kind in ("oneway", "twoway_agreement", "twoway_consistency"):
        one, many = figures.loc[f"{kind}_single"], figures.loc[f"{kind}_average"]
        for side in ("value", "lower", "upper"):
            assert many[side] == pytest.approx(4 * one[side] / (1 + 3 * one[side]), rel=1e-9)


def test_icc_against_another_value_and_with_gaps():
    found = icc.icc([*JUDGES, [5, None, 4, 4]], null_value=0.2)
    assert (found.targets, found.left_out) == (6, 1)
    row = found.figures.set_index("form").loc["oneway_single"]
    assert row["F"] == pytest.approx(1.79467849223947 * 0.8 / 1.6, rel=1e-9)


def test_perfect_agreement_is_one_and_told():
    found = icc.icc([[1, 1], [2, 2], [5, 5]])
    assert found.figures["value"].tolist() == [1.0] * 6
    assert found.note == "no_residual_variance"
    shifted = icc.icc([[1, 2], [2, 3], [5, 6]]).figures.set_index("form")["value"]
    assert shifted["twoway_consistency_single"] == 1
    assert shifted["twoway_agreement_single"] < 1


@pytest.mark.parametrize(
    ("level", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_printed_example(level, printed):
    found = krippendorff.krippendorff_alpha(OBSERVERS, level=level, units_in="columns", method="none")
    assert found.alpha == pytest.approx(printed, abs=5.1e-4)
    assert (found.units, found.values, found.left_out) == (11, 40, 1)


def test_krippendorff_by_every_pair_written_out():
    columns = list(zip(*OBSERVERS, strict=True))
    values = sorted(code for unit in columns[:11] for code in unit if code is not None)
    totals = {code: values.count(code) for code in values}

    def ordinal(a, b):
        between = sum(totals[code] for code in totals if min(a, b) <= code <= max(a, b))
        return (between - (totals[a] + totals[b]) / 2) ** 2 if a != b else 0

    metrics = {
        "nominal": lambda a, b: a != b,
        "ordinal": ordinal,
        "interval": lambda a, b: (a - b) ** 2,
        "ratio": lambda a, b: ((a - b) / (a + b)) ** 2,
    }
    for level, delta in metrics.items():
        found = krippendorff.krippendorff_alpha(columns, level=level, method="none")
        assert found.alpha == pytest.approx(slow_krippendorff(columns, delta), rel=1e-12), level


@pytest.mark.parametrize("level", krippendorff.LEVELS)
def test_krippendorffs_bootstrap_is_that_of_resampled_units(level):
    ratings = codes(units=30) + 1.0
    weights = np.random.default_rng(2).multinomial(30, np.full(30, 1 / 30), size=5)
    coded = krippendorff.read_ratings(ratings, "test")
    numbers = krippendorff._scale(coded, level)
    fast = krippendorff.disagreements(coded.counts(), weights.astype("float64"), numbers, level).alpha()
    for drawn, value in zip(weights, fast, strict=True):
        again = krippendorff.krippendorff_alpha(np.repeat(ratings, drawn, axis=0), level=level, method="none")
        assert value == pytest.approx(again.alpha, rel=1e-10)
    found = krippendorff.krippendorff_alpha(ratings, level=level, replicates=500)
    limits = found.intervals.iloc[0]
    assert limits["lower"] < found.alpha < limits["upper"]
    bca = krippendorff.krippendorff_alpha(ratings, level=level, replicates=500, method="bootstrap_bca")
    assert bca.intervals["lower"][0] < found.alpha < bca.intervals["upper"][0]


def test_krippendorff_without_variation_or_pairs():
    assert krippendorff.krippendorff_alpha([["a", "a"], ["a", "a"]]).note == "no_variation"
    assert krippendorff.krippendorff_alpha([[3, 3], [3, 3]], level="interval").note == "no_variation"
    found = krippendorff.krippendorff_alpha([["a", N], [N, "b"]])
    assert (found.note, found.units, found.left_out) == ("no_pairs", 0, 2)
    assert np.isnan(found.alpha) and found.intervals.empty


def test_ordered_text_codes_need_their_order_and_equal_numbers():
    names = {1: "ei", 2: "osittain", 3: "kokonaan", 4: "yli", 5: "muu"}
    text = [[names.get(code) for code in row] for row in OBSERVERS]
    found = krippendorff.krippendorff_alpha(
        text, level="ordinal", order=list(names.values()), units_in="columns", method="none"
    )
    assert found.alpha == pytest.approx(0.8153875, abs=1e-6)


def test_the_table_of_coders_gives_what_the_functions_give():
    ratings = codes(units=60)
    found = coders.coders(long(ratings), replicates=500)
    figures = found.figures.set_index("statistic")
    assert figures.loc["fleiss_kappa", "value"] == pytest.approx(agreement.fleiss_kappa(ratings).kappa)
    assert figures.loc["conger_kappa", "value"] == pytest.approx(agreement.conger_kappa(ratings).kappa)
    alpha = krippendorff.krippendorff_alpha(ratings, replicates=500)
    assert figures.loc["krippendorff_alpha", "value"] == pytest.approx(alpha.alpha)
    assert figures.loc["krippendorff_alpha", "lower"] == pytest.approx(alpha.intervals["lower"][0])
    percent = agreement.percent_agreement(ratings)
    assert figures.loc["percent_agreement", "value"] == pytest.approx(percent.pairs_agree)
    assert (figures["lower"] <= figures["value"]).all() and (figures["value"] <= figures["upper"]).all()
    assert set(figures["status"]) == {"ok"}
    for key in figures["method"].unique():
        assert method(key).key == key
    pair = found.pairs.iloc[0]
    assert (pair["rater"], pair["other"], pair["units"]) == ("k0", "k1", 60)
    assert pair["cohen_kappa"] == pytest.approx(agreement.cohen_kappa(ratings[:, 0], ratings[:, 1]).kappa)
    assert found.codes["share"].sum() == pytest.approx(100)


def test_specific_agreement_of_a_code_by_hand():
    # Code a: pairs (a, a) 2 of 3 ratings' partners: 2·1 both of 3 possible.
    found = coders.coders(long([["a", "a"], ["a", "b"], ["b", "b"]]), method="none").codes
    assert found["specific_agreement"].tolist() == pytest.approx([200 / 3, 200 / 3])


def test_two_coders_have_cohens_kappa_and_groups_stand_apart():
    first, second = long(codes(raters=2)), long(codes(raters=2, seed=9))
    both = pd.concat([first.assign(theme="asuminen"), second.assign(theme="velka")])
    found = coders.coders(
        both, by=["theme"], weights="linear", confidence=[0.95, 0.998], replicates=200
    ).figures
    cohen = found.loc[found["statistic"] == "cohen_kappa"]
    assert cohen["theme"].tolist() == ["asuminen"] * 2 + ["velka"] * 2
    alone = agreement.cohen_kappa(*codes(raters=2, seed=9).T, weights="linear")
    assert cohen["value"].iloc[-1] == pytest.approx(alone.kappa)


def test_coders_who_do_not_code_everything():
    ratings = np.array([["a", "a", N], [N, "b", "b"], ["a", N, "b"], ["b", "b", N]], dtype="object")
    found = coders.coders(long(ratings), method="none").figures.set_index("statistic")
    assert found.loc["percent_agreement", "value"] == 75
    assert found.loc["fleiss_kappa", "units"] == 4
    assert found.loc["conger_kappa", ["status", "reason"]].tolist() == ["missing", "raters_differ"]
    uneven = np.array([["a", "a", "a"], ["b", "b", N], ["a", "b", "a"]], dtype="object")
    found = coders.coders(long(uneven), method="none").figures.set_index("statistic")
    assert found.loc["fleiss_kappa", ["units", "left_out"]].tolist() == [2, 1]
    alone = coders.coders(long([["a"], ["b"]]), method="none").figures
    assert set(alone["status"]) == {"missing"}


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda t: t.drop(columns="code"), {}, "column code is missing; expected unit, rater, code"),
        (lambda t: pd.concat([t, t.head(1)]), {}, "rater 'k0' codes unit 0 twice"),
        (lambda t: t.assign(unit=N), {}, "row 1, column unit is empty"),
        (lambda t: t.head(0), {}, "no rows"),
        (lambda t: t, {"levels": [0, 1]}, "is not among"),
        (lambda t: t, {"level": "x"}, "method 'x'; use one of nominal"),
        (lambda t: t, {"method": "wald"}, "method 'wald'"),
    ],
)
def test_faulty_coding_tables_are_refused(change, options, message):
    with pytest.raises(FrameError if "method" not in message else SosrakeError, match=message):
        coders.coders(change(long(codes())), **options)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), raters=st.integers(2, 5), many=st.integers(2, 6))
def test_agreement_does_not_depend_on_order_and_is_bounded(seed, raters, many):
    ratings = codes(units=15, raters=raters, many=many, seed=seed)
    moved = np.random.default_rng(seed).permutation(ratings)[:, ::-1]
    for function in (agreement.fleiss_kappa, agreement.conger_kappa):
        one, other = function(ratings).kappa, function(moved).kappa
        if np.isfinite(one):
            assert other == pytest.approx(one, rel=1e-9, abs=1e-9)
            assert one <= 1 + 1e-12
    for level in krippendorff.LEVELS:
        one, other = (
            krippendorff.krippendorff_alpha(table, level=level, method="none").alpha
            for table in (ratings, moved)
        )
        assert np.isnan(one) or (other == pytest.approx(one, rel=1e-9, abs=1e-9) and one <= 1)
    names = np.array(list("fedcba"))[ratings]
    again = krippendorff.krippendorff_alpha(names, method="none").alpha
    plain = krippendorff.krippendorff_alpha(ratings, method="none").alpha
    assert np.isnan(plain) or again == pytest.approx(plain, rel=1e-9, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_icc_does_not_depend_on_unit_and_lies_in_its_limits(seed, factor, shift):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(8, 1)) + rng.normal(size=(8, 3))
    figures = icc.icc(values).figures
    moved = icc.icc(values * factor + shift).figures
    assert moved["value"].tolist() == pytest.approx(figures["value"].tolist(), rel=1e-6, abs=1e-6)
    assert (figures["value"] <= 1).all()
    exact = figures.loc[~figures["form"].str.contains("agreement")]
    assert (exact["lower"] <= exact["value"]).all() and (exact["value"] <= exact["upper"]).all()
