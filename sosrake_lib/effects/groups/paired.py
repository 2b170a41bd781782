"""Change of one group: the mean by t, the middle by signed ranks, and what the lost could do to both."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns, numbers, once_each
from sosrake_lib.effects.effect import SENSITIVITY_COLUMNS, Effect
from sosrake_lib.effects.groups.bounds import change_bounds
from sosrake_lib.effects.groups.signed_rank import EXACT_UP_TO, WALSH_UP_TO, pseudo_median, signed_rank
from sosrake_lib.effects.groups.sizes import paired_sizes
from sosrake_lib.effects.prepost import paired_change
from sosrake_lib.errors import SosrakeError


def paired_group_change(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    unit: str,
    person: str | None = None,
    scale: tuple[float, float] | None = None,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Mean change of a group with its sizes and the same question answered otherwise.

    Parameters
    ----------
    data : one row a person, NaN = not measured.
    unit : what a score counts.
    person : column that names people; each may stand once.
    scale : lowest and highest score possible; with it `sensitivity` says what the mean change would be if
        everyone lost had ended at either.

    Returns
    -------
    Effect of paired_change (claim `muutos`, t interval), with `details`: dz, SMCR and SMCC with intervals,
    signed ranks by both rules for zeros; `sensitivity`: also the pseudo-median by signed ranks and, with a
    scale, the bounds.

    Raises
    ------
    FrameError for columns, a person twice or scores outside the scale, and what paired_change refuses.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [18, 22, 15, 25, 19], "after": [14, 20, 15, 18, 12]})
    >>> found = paired_group_change(data, before="before", after="after", unit="points")
    >>> print(found.estimate, found.claim.value, found.sensitivity["analysis"].tolist())
    -4.0 muutos ['without_most_influential', 'signed_rank']
    """
    first, second = _measured(data, before, after, person, "paired_group_change")
    found = paired_change(first, second, unit=unit, confidence=confidence, source=source)
    both = np.isfinite(first) & np.isfinite(second)
    change = second[both] - first[both]
    rows = [("signed_rank", *pseudo_median(change, confidence))] if len(change) <= WALSH_UP_TO else []
    if scale is not None and np.isfinite(first).sum() > both.sum():
        bounds = change_bounds(
            data, before=before, after=after, lowest=scale[0], highest=scale[1], confidence=confidence
        )
        chosen = bounds.table["analysis"].isin(["lost_lowest", "lost_highest"])
        rows += list(bounds.table.loc[chosen].itertuples(index=False, name=None))
    more = pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))
    tables = [table for table in (found.sensitivity, more) if len(table)]
    return replace(
        found,
        details=_details(first[both], second[both], confidence),
        sensitivity=pd.concat(tables, ignore_index=True),
    )


def signed_rank_change(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    unit: str,
    zeros: str = "dropped",
    person: str | None = None,
    confidence: float = 0.95,
    source: str = "",
) -> Effect:
    """Middle change of a group by signed ranks: for scores that outliers or a skew make a mean of little use.

    Parameters
    ----------
    data, before, after, unit, person : as in paired_group_change.
    zeros : "dropped" or "pratt", see signed_rank; both are given in `details`.

    Returns
    -------
    Effect with claim `muutos`: estimate the pseudo-median of all changes (zeros too) with its interval, p
    value exact up to 200 changes. The pseudo-median is the median where changes spread evenly around it.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [18, 22, 15, 25, 19], "after": [14, 20, 15, 18, 12]})
    >>> found = signed_rank_change(data, before="before", after="after", unit="points")
    >>> print(found.estimate, found.p_value, found.method)
    -4.0 0.125 signed_rank
    """
    first, second = _measured(data, before, after, person, "signed_rank_change")
    found = paired_change(first, second, unit=unit, confidence=confidence, source=source)
    both = np.isfinite(first) & np.isfinite(second)
    change = second[both] - first[both]
    if len(change) > WALSH_UP_TO:
        raise SosrakeError(
            f"signed_rank_change: {len(change)} changes; the pseudo-median is computed up to "
            f"{WALSH_UP_TO}; with so many the mean is safe: use paired_group_change"
        )
    ranked = signed_rank(change, zeros=zeros, confidence=confidence)
    middle, lower, upper = pseudo_median(change, confidence)
    mean = (("mean_by_t", found.estimate, found.lower, found.upper),)
    exact = ranked.pairs - ranked.zeros <= EXACT_UP_TO
    return replace(
        found,
        estimate=middle,
        standard_error=float("nan"),
        lower=lower,
        upper=upper,
        p_value=ranked.p_exact if exact else ranked.p_normal,
        df=float("inf"),
        method="signed_rank",
        sensitivity=pd.DataFrame(mean, columns=list(SENSITIVITY_COLUMNS)),
        details=_details(first[both], second[both], confidence),
    )


def _measured(
    data: pd.DataFrame, before: str, after: str, person: str | None, where: str
) -> tuple[Floats, Floats]:
    need_columns(data, [before, after, person], where)
    if person is not None:
        once_each(data, [person], where)
    return numbers(data, before, where), numbers(data, after, where)


def _details(first: Floats, second: Floats, confidence: float) -> pd.DataFrame:
    values: dict[str, float] = {
        "mean_before": float(first.mean()),
        "mean_after": float(second.mean()),
        "unchanged": float((first == second).mean()),
    }
    try:
        sizes = paired_sizes(first, second, confidence)
    except SosrakeError:
        # Everyone began alike: the change has a mean but no size in deviations before.
        sizes = None
    if sizes is not None:
        values |= {field.name: float(getattr(sizes, field.name)) for field in fields(sizes)}
    for rule in ("dropped", "pratt"):
        ranked = signed_rank(second - first, zeros=rule, confidence=confidence)
        for name in ("p_exact", "p_normal", "p_normal_continuity", "rank_biserial"):
            values[f"{name}_{rule}"] = float(getattr(ranked, name))
    return pd.DataFrame({"quantity": list(values), "value": list(values.values())})
