"""Power when whole municipalities, units or groups are assigned: two levels, with covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from sosrake_lib.effects.power.means import power_t
from sosrake_lib.effects.power.solving import check_levels, check_size, reached, rounded_up
from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """A two-level design: whole clusters are assigned.

    Attributes
    ----------
    icc : share of the outcome's variance between clusters. people : in each cluster (harmonic mean).
    clusters : in all. treated_share : of the clusters. r2_people, r2_clusters : share of the variance within
        and between clusters that covariates explain. cluster_covariates : their number at the level of
        clusters.
    """

    icc: float
    people: float
    clusters: float
    treated_share: float = 0.5
    r2_people: float = 0.0
    r2_clusters: float = 0.0
    cluster_covariates: int = 0

    def __post_init__(self) -> None:
        for name in ("icc", "r2_people", "r2_clusters"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise SosrakeError(f"ClusterPlan: {name} {share!r}; expected a share from 0 to 1")
        if not 0 < self.treated_share < 1:
            raise SosrakeError(
                f"ClusterPlan: treated_share {self.treated_share!r}; expected above 0 and below 1"
            )
        check_size("ClusterPlan", "people", self.people, 1)
        if not (np.isfinite(self.clusters) and self.df > 0):
            raise SosrakeError(
                f"ClusterPlan: {self.clusters!r} clusters with {self.cluster_covariates} covariate(s) leave "
                f"{self.df:g} degrees of freedom; at least {self.cluster_covariates + 3} clusters are needed"
            )

    @property
    def df(self) -> float:
        """Clusters minus covariates minus 2."""
        return self.clusters - self.cluster_covariates - 2

    @property
    def standard_error(self) -> float:
        """Of the effect, in standard deviations of the outcome.

        √((ρ(1 - R₂²) + (1 - ρ)(1 - R₁²)/n) / (P(1 - P)J)), with ρ the icc, R² of covariates between (2) and
        within (1) clusters, n people in each of J clusters, P the share treated.
        """
        between = self.icc * (1 - self.r2_clusters)
        within = (1 - self.icc) * (1 - self.r2_people) / self.people
        return float(
            np.sqrt((between + within) / (self.treated_share * (1 - self.treated_share) * self.clusters))
        )


@dataclass(frozen=True, slots=True)
class ClusterMde:
    """Minimum detectable effect of a clustered design in standard deviations, with its interval."""

    effect: float
    lower: float
    upper: float
    df: float
    standard_error: float
    method: str = "power_cluster_randomised"


@dataclass(frozen=True, slots=True)
class ClustersNeeded:
    """A number of clusters as solved, and rounded up."""

    clusters: float
    rounded_up: int
    method: str = "power_cluster_randomised"


def minimum_detectable_clusters(
    plan: ClusterPlan, *, power: float = 0.8, alpha: float = 0.05, sides: int = 2
) -> ClusterMde:
    """Give the smallest effect, in standard deviations, that a clustered design finds.

    Returns
    -------
    ClusterMde: (t(1 - alpha/sides, df) + t(power, df)) · se, the two-t approximation; limits of an estimate
    of that size at 1 - alpha.

    Compared with R PowerUpR 1.1.0 mdes.cra2 (tests/reference/power.csv). Source: Dong and Maynard (2013),
    doi 10.1080/19345747.2012.673143; Bloom (1995), doi 10.1177/0193841X9501900504.

    Examples
    --------
    >>> found = minimum_detectable_clusters(ClusterPlan(icc=0.1, people=20, clusters=40))
    >>> print(round(found.effect, 4), found.df)
    0.3463 38
    """
    check_levels("minimum_detectable_clusters", power=power, alpha=alpha, sides=sides)
    critical = float(special.stdtrit(plan.df, 1 - alpha / sides))
    error = plan.standard_error
    effect = (critical + float(special.stdtrit(plan.df, power))) * error
    return ClusterMde(effect, effect - critical * error, effect + critical * error, plan.df, error)


def power_clusters(effect_size: float, plan: ClusterPlan, *, alpha: float = 0.05, sides: int = 2) -> float:
    """Power of a clustered design, from the noncentral t distribution.

    Examples
    --------
    >>> print(round(power_clusters(0.35, ClusterPlan(icc=0.1, people=20, clusters=40)), 3))
    0.809
    """
    check_levels("power_clusters", alpha=alpha, sides=sides)
    if not np.isfinite(effect_size):
        raise SosrakeError(f"power_clusters: effect_size {effect_size!r}; expected a finite number")
    return float(power_t(abs(effect_size) / plan.standard_error, plan.df, alpha, sides))


def clusters_needed(
    effect_size: float, plan: ClusterPlan, *, power: float = 0.8, alpha: float = 0.05, sides: int = 2
) -> ClustersNeeded:
    """Find the number of clusters for an effect by the two-t approximation.

    Parameters
    ----------
    plan : all but its number of clusters is used.

    Examples
    --------
    >>> clusters_needed(0.35, ClusterPlan(icc=0.1, people=20, clusters=40)).rounded_up
    40
    """
    where = "clusters_needed"
    check_levels(where, power=power, alpha=alpha, sides=sides)
    if not (np.isfinite(effect_size) and effect_size != 0):
        raise SosrakeError(f"{where}: effect_size {effect_size!r}; expected a finite number other than 0")
    unit_error = plan.standard_error * np.sqrt(plan.clusters)

    def at(clusters: float) -> float:
        df = clusters - plan.cluster_covariates - 2
        shift = abs(effect_size) * np.sqrt(clusters) / unit_error
        return float(special.stdtr(df, shift - special.stdtrit(df, 1 - alpha / sides)))

    found = reached(at, power, plan.cluster_covariates + 2.5, where)
    return ClustersNeeded(found, max(rounded_up(found), plan.cluster_covariates + 3))


def design_effect(cluster_size: float, icc: float, cv: float = 0.0) -> float:
    """How many times more people clusters need than single people: 1 + ((1 + cv²)m - 1)ρ.

    Parameters
    ----------
    cluster_size : mean number of people in a cluster. icc : see ClusterPlan. cv : coefficient of variation of
        the cluster sizes, 0 when equal.

    Source: Eldridge, Ashby and Kerry (2006), doi 10.1093/ije/dyl129.

    Examples
    --------
    >>> round(design_effect(20, 0.05), 2)
    1.95
    """
    check_size("design_effect", "cluster_size", cluster_size, 1)
    if not 0 <= icc <= 1 or not (np.isfinite(cv) and cv >= 0):
        raise SosrakeError(
            f"design_effect: icc {icc!r}, cv {cv!r}; expected a share from 0 to 1 and a number of 0 or more"
        )
    return float(1 + ((1 + cv**2) * cluster_size - 1) * icc)


def inflated(n: float, cluster_size: float, icc: float, cv: float = 0.0) -> int:
    """Enlarge a number of people by the design effect, rounded up.

    Examples
    --------
    >>> inflated(64, 20, 0.05)
    125
    """
    check_size("inflated", "n", n, 1)
    return rounded_up(n * design_effect(cluster_size, icc, cv))
