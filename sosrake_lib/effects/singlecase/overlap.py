"""How little the phases of one case overlap: NAP, Tau and their relatives, side by side and as one effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats

from sosrake_lib.effects.change.columns import Floats, need_share
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.singlecase import nonoverlap, trend
from sosrake_lib.effects.singlecase.phases import ENOUGH_POINTS, Phases
from sosrake_lib.errors import SosrakeError

IMPROVEMENTS = ("increase", "decrease")
OVERLAP_CAVEATS = ("one_case", "no_comparison_group", "values_follow_each_other", "other_events_in_time")
TREND_LEVEL = 0.1
AUTOCORRELATED = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Overlap:
    """Indices of one case.

    Attributes
    ----------
    table : `index, estimate, standard_error, lower, upper, method`; no error or limits where none are known.
        nap, tau, tau_u, tau_bc, pnd, pem, pand, ird, smd.
    n_baseline, n_treatment : values used.
    trend_p : Kendall's test of a trend in the baseline.
    autocorrelation : lag 1, of values less their phase's mean.
    caveats : text keys a reader must be told.
    """

    table: pd.DataFrame
    n_baseline: int
    n_treatment: int
    trend_p: float
    autocorrelation: float
    caveats: tuple[str, ...]


def overlap(
    baseline: ArrayLike,
    treatment: ArrayLike,
    *,
    improvement: str,
    confidence: float = 0.95,
    variance: str = "unbiased",
    solver: str = "exact",
    tau_u: str = "pairs_between",
    pretest: float | None = None,
    kendall: bool = False,
    spread: str = "baseline",
    times: tuple[ArrayLike, ArrayLike] | None = None,
) -> Overlap:
    """Compare the values of two phases by how little they overlap.

    Parameters
    ----------
    baseline, treatment : values in order of time; NaN is left out.
    improvement : "increase" or "decrease", the wanted direction.
    variance, solver : of NAP and the Taus, see nonoverlap.nap_error and nap_interval.
    tau_u : denominator, see trend.tau_u; packages differ.
    pretest, kendall : of baseline-corrected Tau: take the trend out only where Kendall's test is below
        `pretest` (None = always); with `kendall` tau-b of values and phase as Tarlow (2017), else 2NAP - 1.
    spread : of the standardised difference, "baseline" or "pooled".
    times : of both phases; left out, 1, 2, 3, ... (before NaN is left out).

    NAP: share of pairs in which the treatment value is better, ties half. Tau = 2NAP - 1. Intervals take the
    values as independent, which values in time seldom are. PND falls as the baseline gets longer.
    Compared with R SingleCaseES 0.7.4 (tests/reference/single_case.csv). Source: Parker, Vannest & Davis
    (2011), doi 10.1177/0145445511399147; Pustejovsky (2019), doi 10.1037/met0000179.

    Raises
    ------
    SosrakeError for an unknown option, an infinite value or a phase without two values.

    Examples
    --------
    >>> found = overlap([3, 3, 4, 5], [4, 5, 6, 7, 7], improvement="increase")
    >>> print(found.table.set_index("index")["estimate"].round(3).to_dict()["nap"])
    0.9
    """
    _check_options(improvement, variance, solver, confidence)
    a, times_a = _values(baseline, None if times is None else times[0], 0)
    b, times_b = _values(treatment, None if times is None else times[1], np.size(baseline))
    sign = 1.0 if improvement == "increase" else -1.0
    a, b = sign * a, sign * b
    corrected = trend.without_baseline_trend(a, b, times_a, times_b, pretest)
    of_trend = _nap_rows(corrected.a, corrected.b, confidence, variance, solver)["tau"]
    if kendall:
        of_trend = (trend.kendall_between(corrected.a, corrected.b), np.nan, np.nan, np.nan)
    d, error = nonoverlap.smd(a, b, spread)
    half = special.ndtri(0.5 + confidence / 2) * error
    rows = _nap_rows(a, b, confidence, variance, solver) | {
        "tau_u": (trend.tau_u(a, b, tau_u), np.nan, np.nan, np.nan),
        "tau_bc": of_trend,
        "pnd": (nonoverlap.pnd(a, b), np.nan, np.nan, np.nan),
        "pem": (nonoverlap.pem(a, b), np.nan, np.nan, np.nan),
        "pand": (nonoverlap.pand(a, b), np.nan, np.nan, np.nan),
        "ird": (nonoverlap.ird(a, b), np.nan, np.nan, np.nan),
        "smd": (d, error, d - half, d + half),
    }
    table = pd.DataFrame(
        [(name, *row, METHOD_OF[name]) for name, row in rows.items()],
        columns=["index", "estimate", "standard_error", "lower", "upper", "method"],
    )
    return _result(table, a, b, corrected.p_value)


METHOD_OF = {
    "nap": "nap",
    "tau": "tau_nonoverlap",
    "tau_u": "tau_u",
    "tau_bc": "tau_baseline_corrected",
    "pnd": "pnd",
    "pem": "pem",
    "pand": "pand",
    "ird": "ird",
    "smd": "smd_within_case",
}


def overlap_change(found: Phases, *, improvement: str, confidence: float = 0.95, source: str = "") -> Effect:
    """Tau of one case as an Effect: how much surer than chance a treatment value is better.

    Parameters
    ----------
    found : from `phases`.
    improvement : "increase" or "decrease"; the estimate is positive towards it.

    Returns
    -------
    Effect with claim `muutos`; p value of the rank-sum test (exact without ties and with up to 50 values);
    `sensitivity` with the baseline's trend taken out and by Tau-U; `details` the table of all indices.

    Examples
    --------
    >>> a_case = Phases(*(np.array(v, dtype=float) for v in ([5, 6, 5, 7, 6], [8, 9, 7, 9, 10],
    ...     [1, 2, 3, 4, 5], [6, 7, 8, 9, 10])), 0)
    >>> effect = overlap_change(a_case, improvement="increase")
    >>> print(round(effect.estimate, 2), effect.claim.value)
    0.96 muutos
    """
    both = (found.baseline_times, found.treatment_times)
    one = overlap(found.baseline, found.treatment, improvement=improvement, confidence=confidence, times=both)
    table = one.table.set_index("index")
    tau = table.loc["tau"]
    test = stats.mannwhitneyu(found.treatment, found.baseline, alternative="two-sided")
    others = table.loc[["tau_bc", "tau_u"], ["estimate", "lower", "upper"]].reset_index()
    return Effect(
        estimate=float(tau["estimate"]),
        standard_error=float(tau["standard_error"]),
        lower=float(tau["lower"]),
        upper=float(tau["upper"]),
        p_value=float(test.pvalue),
        df=float("inf"),
        confidence=confidence,
        n={"baseline": one.n_baseline, "treatment": one.n_treatment},
        unit="Tau",
        design=Design(groups=1, times=one.n_baseline + one.n_treatment),
        claim=Claim.MUUTOS,
        method="tau_nonoverlap",
        assumptions=assumptions_of(one),
        sensitivity=others.set_axis(list(SENSITIVITY_COLUMNS), axis=1),
        details=one.table,
        caveats=one.caveats,
        source=source,
    )


def assumptions_of(one: Overlap) -> pd.DataFrame:
    """Tell the checks of one case: trend before the change, values that follow each other, enough values."""
    fewest = min(one.n_baseline, one.n_treatment)
    rising = np.isfinite(one.trend_p) and one.trend_p < TREND_LEVEL
    linked = one.autocorrelation > AUTOCORRELATED
    rows = [
        ("comparison_group", "none", "fails"),
        ("baseline_trend", f"{one.trend_p:.3f}", "doubtful" if rising else "holds"),
        ("autocorrelation", f"{one.autocorrelation:.2f}", "doubtful" if linked else "holds"),
        ("points_in_phase", str(fewest), "doubtful" if fewest < ENOUGH_POINTS else "holds"),
        ("start_was_drawn", "not known", "not_testable"),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _result(table: pd.DataFrame, a: Floats, b: Floats, trend_p: float) -> Overlap:
    left = np.concatenate([a - a.mean(), b - b.mean()])
    total = float((left**2).sum())
    lag = float((left[1:] * left[:-1]).sum() / total) if total > 0 else float("nan")
    told = list(OVERLAP_CAVEATS)
    if min(len(a), len(b)) < ENOUGH_POINTS:
        told.append("few_points")
    if np.isfinite(trend_p) and trend_p < TREND_LEVEL:
        told.append("trend_before_change")
    return Overlap(table, len(a), len(b), trend_p, lag, tuple(told))


def _nap_rows(
    a: Floats, b: Floats, confidence: float, variance: str, solver: str
) -> dict[str, tuple[float, float, float, float]]:
    won = nonoverlap.wins(a, b)
    nap = float(won.mean())
    error = nonoverlap.nap_error(won, variance)
    lower, upper = nonoverlap.nap_interval(nap, len(a), len(b), confidence, solver=solver)
    return {"nap": (nap, error, lower, upper), "tau": (2 * nap - 1, 2 * error, 2 * lower - 1, 2 * upper - 1)}


def _values(values: ArrayLike, times: ArrayLike | None, after: int) -> tuple[Floats, Floats]:
    given = np.asarray(values, dtype="float64")
    if given.ndim != 1 or np.isinf(given).any():
        raise SosrakeError("overlap: expected a list of finite values for each phase, NaN where not measured")
    when = after + 1.0 + np.arange(len(given)) if times is None else np.asarray(times, dtype="float64")
    if when.shape != given.shape:
        raise SosrakeError(f"overlap: {given.size} values and {when.size} times; expected as many")
    measured = np.isfinite(given)
    if measured.sum() < 2:
        raise SosrakeError(
            f"overlap: a phase has {int(measured.sum())} values; expected two at least, five to say anything"
        )
    return given[measured], when[measured]


def _check_options(improvement: str, variance: str, solver: str, confidence: float) -> None:
    need_share(confidence, "confidence", "overlap")
    for name, value, known in (
        ("improvement", improvement, IMPROVEMENTS),
        ("variance", variance, ("unbiased", "hanley", "null")),
        ("solver", solver, ("exact", "coarse")),
    ):
        if value not in known:
            raise SosrakeError(f"overlap: {name} {value!r}; expected one of {', '.join(known)}")
