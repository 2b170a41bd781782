"""Clients drawn by a known rule: what a naive and an honest estimate make of a service whose effect is known.

People are chosen by a low first score, some are lost before the second, and the service adds a known number
of points. Every score is a true level plus error of measurement, so that first and second scores of a person
correlate by the reliability and a low first score is partly bad luck: it rises again without any service.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sosrake_lib.effects.change.intervals import t_half_width
from sosrake_lib.effects.change.selection import chosen_below
from sosrake_lib.errors import SosrakeError

Floats = NDArray[np.float64]
# Scores of everyone who might have been chosen; a higher score is better.
POPULATION_MEAN, POPULATION_SD = 50.0, 10.0
# How far leaving follows the second score where it does: the correlation behind "those who do worse leave".
LEAVING_FOLLOWS_SCORE = 0.7
# The honest estimate lets the change of the lost differ from that of the others by this much, either way: one
# deviation of scores. With a comparison group: the gap may differ this much between the groups.
LOST_MAY_DIFFER = 10.0
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Setting:
    """What is true in the simulated service.

    Attributes
    ----------
    clients : people who begin in the service; as many begin in the comparison group, if there is one.
    chosen : share of the applicants with the lowest first scores who are taken, 1 = everyone.
    reliability : correlation of a person's two scores when nothing happens, between 0 and 1.
    effect : points the service adds to everyone's second score.
    lost : share of those who began without a second score.
    worse_leave : whether those who do worse leave more often; else chance decides.
    compared : whether lots decide among the chosen who gets the service and who waits.
    """

    clients: int = 60
    chosen: float = 0.3
    reliability: float = 0.7
    effect: float = 0.0
    lost: float = 0.2
    worse_leave: bool = False
    compared: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        shares = {"chosen": (0 < self.chosen <= 1), "reliability": (0 < self.reliability < 1)}
        shares["lost"] = 0 <= self.lost < 1
        for name, sound in shares.items():
            if not sound:
                given = getattr(self, name)
                raise SosrakeError(f"Setting: {name} {given!r}; expected a share between 0 and 1")
        if not np.isfinite(self.effect):
            raise SosrakeError(f"Setting: effect {self.effect!r}; expected points of the score")
        if self.clients - round(self.lost * self.clients) < FEWEST:
            raise SosrakeError(
                f"Setting: {self.clients} clients, {self.lost:g} of them lost; at least {FEWEST} must be left"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Clients:
    """Scores of many draws, each of shape (draws, people); `after` is NaN for those lost."""

    before: Floats
    after: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """People of the service and of the comparison group (None when there is none)."""

    service: Clients
    comparison: Clients | None


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """An estimate with its interval for every draw."""

    estimate: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class Told:
    """How estimates do over all draws.

    Attributes
    ----------
    mean : of the estimates. low, high : between them lie 95 % of the estimates.
    misleading : share of draws whose interval leaves out the true effect.
    error : Monte Carlo standard error of that share (Agresti and Coull's, above 0 for a share of 0 too).
    improvement : share of draws whose interval lies above 0, which would be told as an improvement.
    """

    mean: float
    low: float
    high: float
    misleading: float
    error: float
    improvement: float


def draw(setting: Setting, draws: int = 1, seed: int = 1) -> Drawn:
    """Draw the applicants of every draw, take the lowest, serve them and lose some.

    Examples
    --------
    >>> drawn = draw(Setting(clients=40, lost=0.25), draws=3, seed=1)
    >>> drawn.service.before.shape, int(np.isnan(drawn.service.after[0]).sum()), drawn.comparison is None
    ((3, 40), 10, True)
    """
    if draws < 1:
        raise SosrakeError(f"draw: {draws} draws; expected one or more")
    rng = np.random.default_rng(seed)
    begin = setting.clients * (2 if setting.compared else 1)
    applicants = max(begin, round(begin / setting.chosen))
    spread, noise = np.sqrt(setting.reliability), np.sqrt(1 - setting.reliability)
    level = rng.normal(0, spread, (draws, applicants))
    first = level + rng.normal(0, noise, (draws, applicants))
    taken = np.argpartition(first, begin - 1, axis=1)[:, :begin]
    taken = rng.permuted(taken, axis=1)  # lots: the order of those taken says nothing
    before = POPULATION_MEAN + POPULATION_SD * np.take_along_axis(first, taken, axis=1)
    untouched = np.take_along_axis(level, taken, axis=1) + rng.normal(0, noise, (draws, begin))
    after = POPULATION_MEAN + POPULATION_SD * untouched
    size = setting.clients
    served = Clients(before[:, :size], _lose(after[:, :size] + setting.effect, setting, rng))
    if not setting.compared:
        return Drawn(served, None)
    return Drawn(served, Clients(before[:, size:], _lose(after[:, size:], setting, rng)))


def _lose(after: Floats, setting: Setting, rng: np.random.Generator) -> Floats:
    """Take the second score from those who left: by chance, or more often from those who do worse."""
    leaving = round(setting.lost * setting.clients)
    if not leaving:
        return after
    chance = rng.normal(size=after.shape)
    if setting.worse_leave:
        own = (after - after.mean(axis=1, keepdims=True)) / after.std(axis=1, keepdims=True)
        follows = LEAVING_FOLLOWS_SCORE
        chance = -follows * own + np.sqrt(1 - follows**2) * chance
    gone = np.argpartition(-chance, leaving - 1, axis=1)[:, :leaving]
    kept = after.copy()
    np.put_along_axis(kept, gone, np.nan, axis=1)
    return kept


def naive(drawn: Drawn, confidence: float = 0.95) -> Estimates:
    """Mean change of the clients measured twice and its t interval, as if nothing else changed scores.

    The same as `effects.prepost.paired_change`, draw by draw.

    Examples
    --------
    >>> found = naive(draw(Setting(), draws=200, seed=1))
    >>> bool(found.estimate.mean() > 3)  # nothing was done: the choice of people alone moves them
    True
    """
    return _mean(drawn.service.after - drawn.service.before, confidence)


def honest(drawn: Drawn, setting: Setting, confidence: float = 0.95) -> Estimates:
    """Estimate of what the service added, open about choice and loss of people.

    With a comparison group: later scores at the same first score (analysis of covariance, as
    `effects.groups.compared_change`). Without: change beyond regression to the mean (as
    `effects.change.regression_to_the_mean`), which leans on knowing the reliability and the mean of all
    applicants. In both, where people were lost, the interval is widened by the lost share times
    LOST_MAY_DIFFER points, as nobody knows how they fared.

    Examples
    --------
    >>> found = honest(draw(Setting(), draws=200, seed=1), Setting())
    >>> bool(abs(found.estimate.mean()) < 0.3)
    True
    """
    if drawn.comparison is None:
        own = drawn.service
        expected = own.before + (1 - setting.reliability) * (POPULATION_MEAN - own.before)
        found = _mean(own.after - expected, confidence)
    else:
        found = _compared(drawn.service, drawn.comparison, confidence)
    unknown = LOST_MAY_DIFFER * lost_share(setting)
    return Estimates(found.estimate, found.lower - unknown, found.upper + unknown)


def lost_share(setting: Setting) -> float:
    """Share of those who began that was lost, in whole people.

    Examples
    --------
    >>> lost_share(Setting(clients=30, lost=0.25))
    0.26666666666666666
    """
    return round(setting.lost * setting.clients) / setting.clients


def _mean(change: Floats, confidence: float) -> Estimates:
    people = np.isfinite(change).sum(axis=1)
    mean = np.nanmean(change, axis=1)
    half = t_half_width(np.nanstd(change, axis=1, ddof=1) / np.sqrt(people), people - 1, confidence)
    return Estimates(mean, mean - half, mean + half)


def _compared(served: Clients, waited: Clients, confidence: float) -> Estimates:
    """Difference of later scores at the same first score; one slope for both groups, draw by draw."""
    parts = [_centred(one) for one in (served, waited)]
    sxx, sxy, syy = (sum(part[name] for part in parts) for name in ("xx", "xy", "yy"))
    slope = sxy / sxx
    apart = parts[0]["x"] - parts[1]["x"]
    estimate = parts[0]["y"] - parts[1]["y"] - slope * apart
    df = parts[0]["n"] + parts[1]["n"] - 3
    left = (syy - slope * sxy) / df
    error = np.sqrt(left * (1 / parts[0]["n"] + 1 / parts[1]["n"] + apart**2 / sxx))
    half = t_half_width(error, df, confidence)
    return Estimates(estimate, estimate - half, estimate + half)


def _centred(one: Clients) -> dict[str, Floats]:
    x = np.where(np.isfinite(one.after), one.before, np.nan)
    means = np.nanmean(x, axis=1), np.nanmean(one.after, axis=1)
    dx, dy = x - means[0][:, None], one.after - means[1][:, None]
    sums = {"xx": dx * dx, "xy": dx * dy, "yy": dy * dy}
    counted = {name: np.nansum(values, axis=1) for name, values in sums.items()}
    return counted | {"x": means[0], "y": means[1], "n": np.isfinite(one.after).sum(axis=1)}


def told(found: Estimates, effect: float) -> Told:
    """Say how often intervals leave out the true effect, and how the estimates spread.

    Examples
    --------
    >>> rows = np.array([1.0, 3.0]), np.array([0.5, 2.0]), np.array([1.5, 4.0])
    >>> told(Estimates(*rows), effect=1.0).misleading
    0.5
    """
    missed = float(np.mean((found.lower > effect) | (found.upper < effect)))
    low, high = np.quantile(found.estimate, [0.025, 0.975])
    draws = len(found.estimate)
    share = (missed * draws + 2) / (draws + 4)
    return Told(
        mean=float(found.estimate.mean()),
        low=float(low),
        high=float(high),
        misleading=missed,
        error=float(np.sqrt(share * (1 - share) / (draws + 4))),
        improvement=float(np.mean(found.lower > 0)),
    )


def expected_regression(setting: Setting) -> float:
    """Rise that the choice of people alone brings to the mean change, in points; 0 when everyone is taken.

    Formula: (1 - r) s φ(z)/q, z the q quantile of the normal distribution, q the share taken, s the
    deviation and r the reliability (`change.chosen_below` at the cut-off that takes the share q).

    Examples
    --------
    >>> round(expected_regression(Setting(chosen=0.3, reliability=0.7)), 2)
    3.48
    """
    if setting.chosen >= 1:
        return 0.0
    cutoff = POPULATION_MEAN + POPULATION_SD * float(special.ndtri(setting.chosen))
    return chosen_below(cutoff, POPULATION_MEAN, POPULATION_SD, setting.reliability)


def expected_loss_bias(setting: Setting) -> float:
    """What leaving adds to the mean change of those who stay, in points; 0 when chance decides.

    Formula: ρ s (1 - r)(1 + r - rk) / √(r²k + 1 - r²) · φ(z)/(1 - d): z the quantile of 1 - d, d the share
    lost, ρ LEAVING_FOLLOWS_SCORE, k the variance of the first scores of the chosen beside everyone's (1 when
    everyone is taken, then it is exact; else the second scores are taken as normal).

    Examples
    --------
    >>> round(expected_loss_bias(Setting(chosen=1.0, lost=0.2, worse_leave=True)), 2)
    0.73
    """
    share, r = lost_share(setting), setting.reliability
    if not (setting.worse_leave and share):
        return 0.0
    k = 1.0
    if setting.chosen < 1:
        cut = float(special.ndtri(setting.chosen))
        k = 1 - cut * _density(cut) / setting.chosen - (_density(cut) / setting.chosen) ** 2
    moved = (1 - r) * (1 + r - r * k) / np.sqrt(r**2 * k + 1 - r**2)
    z = float(special.ndtri(1 - share))
    return float(LEAVING_FOLLOWS_SCORE * POPULATION_SD * moved * _density(z) / (1 - share))


def _density(z: float) -> float:
    return float(np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))
