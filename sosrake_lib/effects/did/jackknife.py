"""Errors of group-time averages when clusters are few: leave each cluster out in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sosrake_lib.effects.did.aggregate import Aggregated, aggregate
from sosrake_lib.effects.did.group_time import Choices, Wide, group_time_effects
from sosrake_lib.effects.did.treatment import NEVER, Adoption
from sosrake_lib.effects.regression import t_quantile, two_sided
from sosrake_lib.effects.regression.linear import Floats
from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Everything that group-time averages are made from, so that they can be made again without a cluster.

    Attributes
    ----------
    wide, adoption, times, choices : as in `group_time_effects`. codes : (units,) clusters.
    options : kind of average -> options of `aggregate`.
    """

    wide: Wide
    adoption: Adoption
    times: np.ndarray
    choices: Choices
    codes: np.ndarray
    options: Mapping[str, Mapping[str, object]]

    def without(self, cluster: int) -> Setting:
        """Leave a cluster out."""
        kept = self.codes != cluster
        covariates = None if self.wide.covariates is None else self.wide.covariates[kept]
        weights = self.wide.weights[kept]
        wide = replace(
            self.wide,
            outcome=self.wide.outcome[kept],
            covariates=covariates,
            weights=weights / weights.mean(),
        )
        codes = np.unique(self.codes[kept], return_inverse=True)[1]
        return replace(self, wide=wide, adoption=Adoption(self.adoption.start[kept]), codes=codes)

    def averages(self) -> dict[str, Aggregated]:
        """Average the group-time effects in every way asked."""
        cells = group_time_effects(self.wide, self.adoption, self.times, self.choices, self.codes)
        return {kind: aggregate(cells, kind, **given) for kind, given in self.options.items()}  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Standard errors from leaving clusters out, and the degrees of freedom they are worth.

    Attributes
    ----------
    overall : kind of average -> (standard error, degrees of freedom).
    covariance : kind of average -> (m, m) covariance of its parts, in their order; NaN where a part is not
        there without some cluster.
    """

    overall: Mapping[str, tuple[float, float]]
    covariance: Mapping[str, Floats]

    def errors(self, kind: str) -> Floats:
        """Standard errors of the parts of an average, (m,)."""
        return np.sqrt(np.diag(self.covariance[kind]))

    def frame(self, chosen: Aggregated, confidence: float) -> pd.DataFrame:
        """Give the frame of `Aggregated.frame` with these errors and t limits."""
        error, df = self.errors(chosen.kind), self.overall[chosen.kind][1]
        half = float(t_quantile(0.5 + confidence / 2, df)) * error
        with np.errstate(invalid="ignore", divide="ignore"):
            p_values = two_sided(chosen.att / error, np.full(len(error), df))
        limits = {"lower": chosen.att - half, "upper": chosen.att + half}
        return chosen.frame(confidence).assign(standard_error=error, p_value=p_values, **limits)


def leave_out_each(setting: Setting, averages: Mapping[str, Aggregated]) -> LeftOut:
    """Estimate again without each cluster and see how far the averages move.

    Formula: error² = (G - 1)/G · Σ (average without cluster g - average)²; the degrees of freedom are
    Satterthwaite's of two arms: (v1 + v0)² / (v1²/(n1 - 1) + v0²/(n0 - 1)), v the arms' shares of the sum and
    n their clusters. Without covariates and with one start these are Welch's, but for (G - 1)/G · n/(n - 1).

    At 13 units and 6 years with 3 treated, 95 % intervals held the truth 94 - 97 % of the time in worlds
    where normal limits of the influence functions held it 77 - 91 % (docs/coverage.md has the figures).

    Source: MacKinnon JG, Nielsen MØ, Webb MD (2023), doi 10.1002/jae.2969 (cluster jackknife); Welch BL
    (1947), doi 10.1093/biomet/34.1-2.28.

    Raises
    ------
    SosrakeError when the effect cannot be estimated without one of the clusters.
    """
    if setting.wide.covariates is None:
        # Without covariates the three methods are the same difference of mean changes; this one is quickest.
        setting = replace(setting, choices=replace(setting.choices, est_method="reg"))
    count = int(setting.codes.max()) + 1
    moved = {kind: np.empty(count) for kind in averages}
    parts = {kind: np.full((count, len(one.att)), np.nan) for kind, one in averages.items()}
    for cluster in range(count):
        for kind, other in setting.without(cluster).averages().items():
            moved[kind][cluster] = other.overall - averages[kind].overall
            parts[kind][cluster] = _matched(averages[kind], other) - averages[kind].att
    in_arm = np.zeros(count, dtype=bool)
    in_arm[setting.codes[setting.adoption.start != NEVER]] = True
    if in_arm.all():
        # Nobody is never treated: those that start last are the comparison.
        in_arm[setting.codes[setting.adoption.start == setting.adoption.start.max()]] = False
    scale = (count - 1) / count
    return LeftOut(
        {
            kind: (float(np.sqrt(scale * (one**2).sum())), _freedom(one, in_arm))
            for kind, one in moved.items()
        },
        {kind: scale * one.T @ one for kind, one in parts.items()},
    )


def _matched(whole: Aggregated, other: Aggregated) -> Floats:
    """Give the other's parts in the order of the whole's; NaN where it has none."""
    found = dict(zip(other.at.tolist(), other.att.tolist(), strict=True))
    return np.array([found.get(one, np.nan) for one in whole.at.tolist()])


def _freedom(moved: Floats, in_arm: np.ndarray) -> float:
    shares = [(float((moved[arm] ** 2).sum()), int(arm.sum())) for arm in (in_arm, ~in_arm)]
    below = sum(share**2 / (size - 1) for share, size in shares if size > 1)
    total = sum(share for share, _ in shares)
    if below == 0:
        raise SosrakeError(
            "callaway_santanna: no cluster moves the estimate, so its error cannot be judged by leaving them "
            "out; use limits='normal'"
        )
    return total**2 / below
