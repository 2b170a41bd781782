"""The one result shape of every study of change or effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.errors import SosrakeError

ASSUMPTION_COLUMNS = ("check", "result", "verdict")
VERDICTS = ("holds", "doubtful", "fails", "not_testable")
SENSITIVITY_COLUMNS = ("analysis", "estimate", "lower", "upper")


@dataclass(frozen=True, eq=False)
class Effect:
    """An estimate with its interval, its design and what may be said of it.

    Attributes
    ----------
    estimate, standard_error, lower, upper : in `unit`.
    p_value, df : of the test that the estimate is zero; df is infinite for a normal reference.
    confidence : two-sided level of lower and upper.
    n : arm -> number of units used.
    unit : what the estimate counts, such as "points".
    design, claim : how it came about; a claim the design does not permit is refused.
    method : key of indicators/method_entries.
    assumptions : frame `check, result, verdict` (holds, doubtful, fails, not_testable).
    sensitivity : frame `analysis, estimate, lower, upper`: the same question answered otherwise.
    details : frame or None.
    caveats : text keys a reader must be told.
    source : where the figures come from.
    """

    estimate: float
    standard_error: float
    lower: float
    upper: float
    p_value: float
    df: float
    confidence: float
    n: Mapping[str, int]
    unit: str
    design: Design
    claim: Claim
    method: str
    assumptions: pd.DataFrame
    sensitivity: pd.DataFrame
    details: pd.DataFrame | None
    caveats: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", MappingProxyType(dict(self.n)))
        if self.claim not in self.design.claim.permits:
            raise SosrakeError(
                f"Effect: claim {self.claim.value!r} is more than the design allows "
                f"({self.design.claim.value!r}: {self.design.groups} group(s), {self.design.times} time(s), "
                f"assignment {self.design.assignment}); lower the claim or describe the design rightly"
            )
        if not np.isfinite([self.estimate, self.lower, self.upper]).all() or self.lower > self.upper:
            raise SosrakeError(
                f"Effect: estimate {self.estimate}, interval {self.lower} to {self.upper}; expected finite "
                "numbers, lower limit first"
            )
        _check_table(self.assumptions, ASSUMPTION_COLUMNS, "assumptions")
        _check_table(self.sensitivity, SENSITIVITY_COLUMNS, "sensitivity")
        unknown = sorted(set(self.assumptions["verdict"]) - set(VERDICTS))
        if unknown:
            raise SosrakeError(
                f"Effect: verdict {unknown[0]!r} of an assumption; expected one of {', '.join(VERDICTS)}"
            )


def _check_table(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    if tuple(table.columns) != columns:
        raise SosrakeError(f"Effect: {name} has columns {list(table.columns)}; expected {list(columns)}")
