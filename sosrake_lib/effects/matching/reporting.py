"""What every comparison of treated with controls tells beside its number: checks, claim, caveats."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.errors import FrameError

Row = tuple[str, str, str]
# Conventions, not laws: standardised differences (Stuart 2010), shares of rows inside the common support and
# of the sample that weights leave effective.
SMD_DOUBTFUL, SMD_FAILED = 0.1, 0.25
SUPPORT_DOUBTFUL, SUPPORT_FAILED = 1.0, 0.8
EFFECTIVE_DOUBTFUL, EFFECTIVE_FAILED = 0.5, 0.1
FEW_UNITS = 20
ESTIMANDS = ("ATT", "ATE", "ATC", "ATO")


def check_estimand(estimand: str, allowed: Iterable[str], where: str) -> str:
    """Refuse an estimand the function does not know; small letters will do."""
    asked = str(estimand).upper()
    if asked not in allowed:
        raise FrameError(f"{where}: estimand {estimand!r}; expected one of {', '.join(allowed)}")
    return asked


def bearable(design: Design, assumptions: Iterable[Row]) -> Claim:
    """Take what the design allows; where a check fails, no more than a difference."""
    fails = any(verdict == "fails" for _, _, verdict in assumptions)
    return Claim.ERO if fails and Claim.ERO in design.claim.permits else design.claim


def balance_row(balance: pd.DataFrame) -> Row:
    """Judge the largest standardised difference that is left."""
    left = balance["smd_after"].abs()
    if left.empty:
        return ("balance", "no covariates", "not_testable")
    if left.isna().any():
        name = balance.loc[left.isna(), "covariate"].iloc[0]
        return ("balance", f"{name}: no standardised difference", "doubtful")
    largest = float(left.max())
    verdict = "holds" if largest <= SMD_DOUBTFUL else "doubtful" if largest <= SMD_FAILED else "fails"
    return (
        "balance",
        f"largest difference {largest:.2f} SD ({balance.loc[left.idxmax(), 'covariate']})",
        verdict,
    )


def support_row(share: float) -> Row:
    """Judge the share of those asked about whose like is among the others."""
    verdict = "holds" if share >= SUPPORT_DOUBTFUL else "doubtful" if share >= SUPPORT_FAILED else "fails"
    return ("common_support", f"{share:.3f} inside", verdict)


def effective_row(share: float) -> Row:
    """Judge how much of the smaller effective arm the weights leave."""
    verdict = "holds" if share >= EFFECTIVE_DOUBTFUL else "doubtful" if share >= EFFECTIVE_FAILED else "fails"
    return ("effective_sample", f"{share:.2f} of the rows", verdict)


def assignment_row(assignment: str) -> Row:
    """Say what is behind the comparison that no figure shows."""
    if assignment == "randomised":
        return ("no_unmeasured_confounding", "assignment was randomised", "holds")
    return ("no_unmeasured_confounding", "not measured", "not_testable")


NO_SPILLOVER: Row = ("no_spillover", "not measured", "not_testable")


def size_row(treated: int, control: int) -> Row:
    """Judge the numbers compared."""
    verdict = "holds" if min(treated, control) >= FEW_UNITS else "doubtful"
    return ("number_of_units", f"{treated} treated, {control} control", verdict)


def caveats(assumptions: Iterable[Row], *, dropped: int = 0, extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Name what a reader must be told, from the checks."""
    told = {
        "no_unmeasured_confounding": "unmeasured_confounding",
        "balance": "imbalance_left",
        "common_support": "not_all_in_common_support",
        "effective_sample": "few_effective",
        "number_of_units": "few_units",
        "all_matched": "treated_without_match",
    }
    found = [told[check] for check, _, verdict in assumptions if verdict != "holds" and check in told]
    return (*found, *(["rows_left_out"] if dropped else []), *extra)
