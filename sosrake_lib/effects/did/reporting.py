"""What every comparison tells beside its number: the claim it bears, its assumptions and caveats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import FEW_UNITS, Claim, Design, borne
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.regression import t_quantile, two_sided
from sosrake_lib.errors import FrameError

# Conventions, not laws: under these a standard error from clusters is trusted less, and the claim lowered.
FEW_TREATED = FEW_UNITS
FEW_CLUSTERS = 40
FEW_DEGREES = 4.0

Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Arms:
    """How many units (clusters) are compared with how many."""

    treated: int
    control: int

    @property
    def all(self) -> int:
        """Both together."""
        return self.treated + self.control


@dataclass(frozen=True, slots=True)
class Study:
    """What the user says of a study beside its columns.

    Attributes
    ----------
    assignment : see `Design`. measured_in : what the outcome counts, such as "points". source : of the
        figures.
    confidence : two-sided level.
    """

    assignment: str = "none"
    measured_in: str = ""
    source: str = ""
    confidence: float = 0.95


def bearable(design: Design, arms: Arms, *, trends_fail: bool = False) -> Claim:
    """Lower a design's claim to what its numbers of units and its trends before bear.

    Units by `effects.design.borne`; trends that part before the treatment: at most an association, `yhteys`.
    """
    claim = borne(design, min(arms.treated, arms.control))
    return claim.capped(Claim.YHTEYS) if trends_fail else claim


def arm_caveats(arms: Arms, df: float = np.inf) -> tuple[str, ...]:
    """Name what few units or few degrees of freedom make doubtful."""
    found = []
    for name, count in (("treated", arms.treated), ("control", arms.control)):
        if count == 1:
            found.append(f"one_{name}_unit")
        elif count < FEW_TREATED:
            found.append(f"few_{name}_units")
    if arms.all < FEW_CLUSTERS:
        found.append("few_clusters")
    if df < FEW_DEGREES:
        found.append("few_degrees_of_freedom")
    return tuple(found)


def cluster_row(arms: Arms) -> Row:
    """Judge the numbers of clusters."""
    least = min(arms.treated, arms.control)
    few = least < FEW_TREATED or arms.all < FEW_CLUSTERS
    verdict = "fails" if least <= 1 else "doubtful" if few else "holds"
    return ("number_of_units", f"{arms.treated} treated, {arms.control} control", verdict)


UNTESTABLE: tuple[Row, ...] = (
    ("no_anticipation", "not measured", "not_testable"),
    ("no_spillover", "not measured", "not_testable"),
)


def need_clusters(arms: Arms, where: str) -> None:
    """Refuse cluster-robust errors where one arm is a single cluster: they would be far too small."""
    for name, count in (("treated", arms.treated), ("control", arms.control)):
        if count < 2:
            raise FrameError(
                f"{where}: {count} {name} cluster(s); a cluster-robust standard error needs two or more in "
                "each arm "
                "(with one it is near zero whatever the truth); use randomisation_inference or synthetic "
                "control, "
                "or a standard_error that does not need clusters"
            )


def tested(
    estimate: float,
    error: float,
    limits: tuple[float, float],
    p_value: float,
    *,
    study: Study,
    design: Design,
    claim: Claim,
    method: str,
    n: Mapping[str, int],
    assumptions: Iterable[Row],
    sensitivity: Iterable[tuple[str, float, float, float]] = (),
    details: pd.DataFrame | None = None,
    caveats: Iterable[str] = (),
    df: float = np.inf,
) -> Effect:
    """Put an Effect together whose interval and p value come from a test of its own."""
    return Effect(
        estimate=float(estimate),
        standard_error=float(error),
        lower=float(limits[0]),
        upper=float(limits[1]),
        p_value=float(p_value),
        df=float(df),
        confidence=study.confidence,
        n=n,
        unit=study.measured_in,
        design=design,
        claim=claim,
        method=method,
        assumptions=pd.DataFrame(list(assumptions), columns=list(ASSUMPTION_COLUMNS)),
        sensitivity=pd.DataFrame(list(sensitivity), columns=list(SENSITIVITY_COLUMNS)),
        details=details,
        caveats=tuple(dict.fromkeys(caveats)),
        source=study.source,
    )


def built(
    estimate: float,
    error: float,
    df: float,
    *,
    study: Study,
    design: Design,
    claim: Claim,
    method: str,
    n: Mapping[str, int],
    assumptions: Iterable[Row],
    sensitivity: Iterable[tuple[str, float, float, float]] = (),
    details: pd.DataFrame | None = None,
    caveats: Iterable[str] = (),
) -> Effect:
    """Put an Effect together from an estimate whose interval is estimate ± t(df)·error."""
    half = float(t_quantile(0.5 + study.confidence / 2, df)) * error
    if not np.isfinite(half):
        raise FrameError(
            f"{method}: the standard error of the estimate {estimate:g} is not a number; there are too few "
            "rows or "
            "clusters for it, choose another standard_error"
        )
    return tested(
        estimate,
        error,
        (estimate - half, estimate + half),
        float(two_sided(estimate / error, df)) if error > 0 else float("nan"),
        study=study,
        design=design,
        claim=claim,
        method=method,
        n=n,
        assumptions=assumptions,
        sensitivity=sensitivity,
        details=details,
        caveats=caveats,
        df=df,
    )
