"""Fit an interrupted series out of a frame: what was used, the line, and the line without the change."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.its.autocorrelation import durbin_watson, durbin_watson_p
from sosrake_lib.effects.its.estimators import TimeFit, newey_west, ordinary, prais_winsten, reml
from sosrake_lib.effects.its.series import Series, read_series
from sosrake_lib.effects.its.terms import Season, Terms, segmented_terms, with_covariates
from sosrake_lib.effects.regression import check_confidence, coefficient_table, t_quantile
from sosrake_lib.errors import FrameError

METHODS = ("reml", "ols", "newey_west", "prais_winsten")
# Fewer points than these and a line with its own slope says nothing that can be judged.
LEAST_BEFORE = 3
LEAST_AFTER = 2
LEAST_DF = 2


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The choices of a fit, kept so that it can be fitted again otherwise."""

    change: int
    washed: NDArray[np.bool_]
    slope_change: bool
    slope_from: int
    season: Season
    breaks: tuple[int, ...]
    method: str
    lag: int | str | None
    adjust: bool


@dataclass(frozen=True, slots=True, eq=False)
class SeriesFit:
    """A fitted interrupted series.

    Attributes
    ----------
    series : as read. plan : the choices made. terms : columns at every period, used or not. used : (n,)
    periods the fit rests on. fit : coefficients and covariance. confidence : of limits below.
    """

    series: Series
    plan: Plan
    terms: Terms
    used: NDArray[np.bool_]
    fit: TimeFit
    confidence: float

    @property
    def after(self) -> NDArray[np.bool_]:
        """Periods after the change, wash-out left out."""
        return self.used & (self.series.place >= self.plan.change)

    def coefficients(self) -> pd.DataFrame:
        """List the terms: `term, estimate, standard_error, statistic, df, p_value, lower, upper`."""
        degrees = [self.fit.contrast_df(row) for row in np.eye(len(self.terms.names))]
        return coefficient_table(
            self.terms.names, self.fit.coefficients, self.fit.covariance, degrees, self.confidence
        )

    def periods(self) -> pd.DataFrame:
        """List the periods: `period, observed, fitted, counterfactual, effect, lower, upper, used`.

        `counterfactual` is the line as it would have gone on; `effect` = fitted - counterfactual with its
        limits, empty before the change. In a controlled series all are differences from the comparison.
        """
        line = self.terms.matrix @ self.fit.coefficients
        effect = self.terms.effect @ self.fit.coefficients
        limits = np.full((len(line), 2), np.nan)
        after = self.series.place >= self.plan.change
        for row in np.flatnonzero(after):
            estimate, error, df = self.fit.contrast(self.terms.effect[row])
            half = float(t_quantile(0.5 + self.confidence / 2, df)) * error
            limits[row] = estimate - half, estimate + half
        return pd.DataFrame(
            {
                "period": list(self.series.labels),
                "observed": self.series.value,
                "fitted": line,
                "counterfactual": line - effect,
                "effect": np.where(after, effect, np.nan),
                "lower": limits[:, 0],
                "upper": limits[:, 1],
                "used": self.used,
            }
        )

    def contrast(self, at: Hashable = "last") -> tuple[float, float, float]:
        """Give estimate, standard error and degrees of freedom of the effect.

        Parameters
        ----------
        at : a period after the change, or "last", "average", "cumulative", "level", "slope".
        """
        return self.fit.contrast(self.weights(at))

    def weights(self, at: Hashable) -> NDArray[np.float64]:
        """Turn the question into weights of the coefficients."""
        effect = self.terms.effect[self.after]
        if at == "last":
            return effect[-1]
        if at == "average":
            return effect.mean(axis=0)
        if at == "cumulative":
            return effect.sum(axis=0)
        if at in ("level", "slope"):
            term = f"{at}_change"
            if term not in self.terms.names:
                raise FrameError(f"interrupted_series: at {at!r}, but the slope was not let change")
            return (np.array(self.terms.names) == term).astype("float64")
        row = self.series.find(at, "interrupted_series")
        if self.series.place[row] < self.plan.change:
            raise FrameError(f"interrupted_series: at {at!r} is before the change; ask at a period after it")
        return self.terms.effect[row]

    def durbin_watson(self) -> tuple[float, float]:
        """Give Durbin and Watson's statistic of the least-squares residuals and its exact p value."""
        kept, place = self.terms.matrix[self.used], self.series.place[self.used]
        residuals = ordinary(self.series.value[self.used], kept).residuals
        return durbin_watson(residuals, place), durbin_watson_p(kept, residuals, place)


def fit_series(
    data: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    first_after: Hashable,
    unit: str | None = None,
    treated: Hashable = None,
    control: Hashable = None,
    washout: int | Sequence[Hashable] = 0,
    slope_change: bool = True,
    slope_from: int = 1,
    seasonal: str = "none",
    season_length: int | None = None,
    harmonics: int = 2,
    covariates: Sequence[str] = (),
    breaks: str = "refuse",
    gaps: str = "refuse",
    method: str = "reml",
    lag: int | str | None = None,
    adjust: bool = True,
    confidence: float = 0.95,
) -> SeriesFit:
    """Fit a line before and after a change; the parameters are those of `interrupted_series`.

    Examples
    --------
    >>> data = pd.DataFrame({"year": range(2010, 2020), "clients": [9, 11, 10, 12, 11, 15, 17, 16, 18, 17]})
    >>> fit = fit_series(data, outcome="clients", time="year", first_after=2015, method="ols")
    >>> fit.coefficients()[["term", "estimate"]].round(2).values.tolist()
    [['intercept', 9.1], ['pre_slope', 0.5], ['level_change', 3.5], ['slope_change', -0.0]]
    """
    where = "interrupted_series"
    check_confidence(confidence, where)
    if method not in METHODS:
        raise FrameError(f"{where}: method {method!r}; expected one of {', '.join(METHODS)}")
    series = read_series(
        data,
        outcome=outcome,
        time=time,
        unit=unit,
        treated=treated,
        control=control,
        covariates=covariates,
        gaps=gaps,
        where=where,
    )
    washed = _washed(series, series.find(first_after, where), washout, where)
    change = _change(series, series.find(first_after, where), washed, where)
    season = Season(seasonal, season_length or series.season_length, harmonics)
    kept, levels = _breaks(series, change, breaks, where)
    plan = Plan(change, washed | ~kept, slope_change, slope_from, season, levels, method, lag, adjust)
    return fitted(series, plan, confidence)


def fitted(series: Series, plan: Plan, confidence: float) -> SeriesFit:
    """Fit a series by a plan."""
    used = ~plan.washed
    place = series.place
    terms = segmented_terms(
        place,
        plan.change,
        first=int(place[used].min()),
        slope_change=plan.slope_change,
        slope_from=plan.slope_from,
        season=plan.season,
        breaks=plan.breaks,
    )
    terms = _present(with_covariates(terms, series.covariates), used)
    _check_points(used, place < plan.change, terms, plan)
    value, matrix, at = series.value[used], terms.matrix[used], place[used]
    if plan.method == "ols":
        fit = ordinary(value, matrix)
    elif plan.method == "newey_west":
        fit = newey_west(value, matrix, at, lag=plan.lag, adjust=plan.adjust)
    else:
        fit = (prais_winsten if plan.method == "prais_winsten" else reml)(value, matrix, at)
    _check_left(fit, value)
    return SeriesFit(series, plan, terms, used, fit, confidence)


def _present(terms: Terms, used: NDArray[np.bool_]) -> Terms:
    """Leave out dummies of seasons in which nothing was measured."""
    kept = (terms.matrix[used] != 0).any(axis=0)
    names = tuple(name for name, stays in zip(terms.names, kept, strict=True) if stays)
    return Terms(terms.matrix[:, kept], names, terms.effect[:, kept])


def _washed(series: Series, row: int, washout: int | Sequence[Hashable], where: str) -> NDArray[np.bool_]:
    washed = np.zeros(series.place.size, dtype=bool)
    if isinstance(washout, int):
        if washout < 0:
            raise FrameError(f"{where}: washout {washout}; expected how many periods to leave out")
        start = series.place[row]
        return (series.place >= start) & (series.place < start + washout)
    for label in washout:
        washed[series.find(label, where)] = True
    return washed


def _change(series: Series, row: int, washed: NDArray[np.bool_], where: str) -> int:
    later = np.flatnonzero(~washed & (series.place >= series.place[row]))
    if later.size == 0:
        raise FrameError(f"{where}: the wash-out leaves no period after the change; shorten it")
    return int(series.place[later[0]])


def _breaks(
    series: Series, change: int, breaks: str, where: str
) -> tuple[NDArray[np.bool_], tuple[int, ...]]:
    """Tell which periods stay and from which places the series has another level."""
    if breaks not in ("refuse", "level", "cut", "cross"):
        raise FrameError(f"{where}: breaks {breaks!r}; expected refuse, level, cut or cross")
    everything = np.ones(series.place.size, dtype=bool)
    rows = np.flatnonzero(series.broken)
    if rows.size == 0 or breaks == "cross":
        return everything, ()
    named = ", ".join(str(series.labels[row]) for row in rows)
    if breaks == "refuse":
        raise FrameError(
            f"{where}: the series breaks before {named} (column break_before), so figures around it do not "
            "compare. Say breaks='level' to give each stretch its own level, 'cut' to keep the stretch "
            "around the change, or, knowing that the break does not touch this question, 'cross'"
        )
    places = series.place[rows]
    if (places == change).any():
        raise FrameError(
            f"{where}: the series breaks at the change itself ({named}); the two cannot be told apart, use "
            "another measure"
        )
    if breaks == "level":
        return everything, tuple(int(place) for place in places)
    start, end = places[places < change], places[places > change]
    kept = series.place >= (start.max() if start.size else series.place[0])
    return kept & (series.place < (end.min() if end.size else series.place[-1] + 1)), ()


def _check_points(used: NDArray[np.bool_], before: NDArray[np.bool_], terms: Terms, plan: Plan) -> None:
    first, then = int((used & before).sum()), int((used & ~before).sum())
    least = LEAST_AFTER if plan.slope_change else 1
    left = first + then - len(terms.names)
    if first < LEAST_BEFORE or then < least or left < LEAST_DF:
        raise FrameError(
            f"interrupted_series: {first} period(s) before and {then} after the change for "
            f"{len(terms.names)} terms; at least {LEAST_BEFORE} before, {least} after and {LEAST_DF} more "
            "periods than terms are needed. Take more periods, say slope_change=False, drop the season, or "
            "describe "
            "before and after without a line"
        )


def _check_left(fit: TimeFit, value: NDArray[np.float64]) -> None:
    if fit.sigma2 * fit.df <= 1e-20 * float(value @ value):
        raise FrameError(
            "interrupted_series: the line passes through every figure, so nothing is left to judge chance "
            "by; check that the figures are observed ones"
        )
