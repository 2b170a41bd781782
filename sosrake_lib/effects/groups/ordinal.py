"""Change of an ordinal outcome of the same people: more up than down, without pretending steps are equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats

from sosrake_lib.effects.change.columns import Floats, need_columns, numbers, once_each
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.effect import ASSUMPTION_COLUMNS, SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.prepost import DROPOUT_DOUBTFUL, FEW_PAIRS
from sosrake_lib.effects.regression import check_confidence
from sosrake_lib.errors import FrameError


def ordinal_change(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    person: str | None = None,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Share of people who went up less the share who went down.

    Parameters
    ----------
    data : one row a person; `before` and `after` are columns of numbers in the order of the levels, or
        ordered categories. Only the order counts. NaN = not measured.

    Returns
    -------
    Effect in shares from -1 to 1, claim `muutos`; p value of the exact sign test; interval of Agresti & Min
    (2005), doi 10.1002/sim.1781: Wald with half a person added to each of up, down and twice to unchanged.
    `details`: people up, down, unchanged, and the level table as `from_level, to_level, people`.

    Raises
    ------
    FrameError for missing columns, categories of different order, fewer than three pairs.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [1, 2, 2, 3, 1, 4], "after": [2, 3, 2, 4, 2, 3]})
    >>> found = ordinal_change(data, before="before", after="after")
    >>> print(found.estimate, found.p_value, found.n["up"])
    0.5 0.375 4
    """
    where = "ordinal_change"
    check_confidence(confidence, where)
    need_columns(data, [before, after, person], where)
    if person is not None:
        once_each(data, [person], where)
    first, second = _levels(data, before, after)
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < 3:
        raise FrameError(f"{where}: {int(both.sum())} people have both measurements; expected three or more")
    moved = np.sign(second[both] - first[both])
    up, down, size = int((moved > 0).sum()), int((moved < 0).sum()), int(both.sum())
    lower, upper, error = paired_limits(up, down, size, confidence)
    lost = int((np.isfinite(first) & ~both).sum())
    return Effect(
        estimate=(up - down) / size,
        standard_error=error,
        lower=lower,
        upper=upper,
        p_value=sign_test(up, down),
        df=float("inf"),
        confidence=confidence,
        n={"paired": size, "up": up, "down": down, "unchanged": size - up - down, "only_before": lost},
        unit="share",
        design=Design(groups=1, times=2),
        claim=Claim.MUUTOS,
        method="ordinal_change",
        assumptions=_assumptions(size, lost),
        sensitivity=_sensitivity(up, down, size, lost, confidence),
        details=_table(first[both], second[both]),
        caveats=_caveats(size, lost),
        source=source,
    )


def paired_limits(up: int, down: int, size: int, confidence: float) -> tuple[float, float, float]:
    """Limits and standard error of (up - down)/size by Agresti & Min's adjusted Wald interval.

    Examples
    --------
    >>> print([round(value, 3) for value in paired_limits(6, 2, 20, 0.95)])
    [-0.074, 0.438, 0.134]
    """
    plain = (up - down) / size
    more_up, more_down, all_ = up + 0.5, down + 0.5, size + 2.0
    middle = (more_up - more_down) / all_
    error = np.sqrt((more_up + more_down) / all_ - middle**2) / np.sqrt(all_)
    half = special.ndtri(0.5 + confidence / 2) * error
    own = np.sqrt((up + down) / size - plain**2) / np.sqrt(size)
    lower, upper = max(middle - half, -1.0), min(middle + half, 1.0)
    return float(min(lower, plain)), float(max(upper, plain)), float(own)


def sign_test(up: int, down: int) -> float:
    """Two-sided exact test that up and down are as likely; 1 when nobody moved.

    Examples
    --------
    >>> sign_test(4, 1)
    0.375
    """
    if up + down == 0:
        return 1.0
    return float(stats.binomtest(up, up + down).pvalue)


def _levels(data: pd.DataFrame, before: str, after: str) -> tuple[Floats, Floats]:
    kinds = [data[column].dtype for column in (before, after)]
    ordered = [isinstance(kind, pd.CategoricalDtype) and kind.ordered for kind in kinds]
    if all(ordered):
        if kinds[0] != kinds[1]:
            raise FrameError(
                f"ordinal_change: columns {before!r} and {after!r} have different levels or orders; "
                "give both the same ordered categories"
            )
        codes = [data[column].cat.codes.to_numpy(dtype="float64") for column in (before, after)]
        first, second = (np.where(values < 0, np.nan, values) for values in codes)
        return first, second
    return numbers(data, before, "ordinal_change"), numbers(data, after, "ordinal_change")


def _table(first: Floats, second: Floats) -> pd.DataFrame:
    levels = pd.DataFrame({"from_level": first, "to_level": second})
    counted = levels.value_counts(["from_level", "to_level"]).sort_index()
    return counted.rename("people").reset_index()


def _assumptions(size: int, lost: int) -> pd.DataFrame:
    share = lost / (size + lost)
    rows = [
        ("comparison_group", "none", "fails"),
        ("regression_to_the_mean", "not measured", "not_testable"),
        ("dropout", f"{share:.3f}", "doubtful" if share > DROPOUT_DOUBTFUL else "holds"),
        ("number_of_pairs", str(size), "doubtful" if size < FEW_PAIRS else "holds"),
    ]
    return pd.DataFrame(rows, columns=list(ASSUMPTION_COLUMNS))


def _sensitivity(up: int, down: int, size: int, lost: int, confidence: float) -> pd.DataFrame:
    rows = []
    for name, more_up, more_down in (("unchanged", 0, 0), ("down", 0, lost), ("up", lost, 0)):
        if lost:
            people = size + lost
            lower, upper, _ = paired_limits(up + more_up, down + more_down, people, confidence)
            rows.append((f"lost_{name}", (up + more_up - down - more_down) / people, lower, upper))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def _caveats(size: int, lost: int) -> tuple[str, ...]:
    told = ["no_comparison_group", "regression_to_the_mean", "levels_are_ordinal"]
    if lost:
        told.append("dropout")
    if size < FEW_PAIRS:
        told.append("few_pairs")
    return tuple(told)
