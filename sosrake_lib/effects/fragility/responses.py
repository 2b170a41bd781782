"""Response shift: people's own yardstick may move between two self-reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sosrake_lib.effects.regression import t_quantile
from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True, eq=False)
class ResponseShift:
    """A change of self-reports, with the first time also judged afterwards.

    Attributes
    ----------
    table : frame `quantity, estimate, lower, upper`: change_reported (after - before), change_in_hindsight
        (after - then) and response_shift (then - before).
    people : with all three. share_of_change : response shift in relation to the change reported (not a number
        when that is 0).
    """

    table: pd.DataFrame
    people: int
    share_of_change: float
    confidence: float
    method: str = "response_shift"

    @property
    def shift(self) -> pd.Series:
        """The row of the response shift."""
        return self.table.set_index("quantity").loc["response_shift"]


def response_shift(
    before: ArrayLike, after: ArrayLike, then: ArrayLike, *, confidence: float = 0.95
) -> ResponseShift:
    """Compare the change of self-reports with the change seen in hindsight.

    After learning what a task asks, people often judge their earlier skill lower than they did at the time.
    The plain change then hides progress; the hindsight change can in turn flatter the service. Neither is the
    truth.

    Parameters
    ----------
    before, after : self-reports at the two times. then : the first time judged at the second ("then-test").
        Same order of people; those with an empty value are left out.
    confidence : of the t intervals.

    Raises
    ------
    SosrakeError when lengths differ, values are not numbers or fewer than three people have all three.

    Source: Howard (1980), doi 10.1177/0193841X8000400105; Schwartz and Sprangers (1999),
    doi 10.1016/S0277-9536(99)00045-7.

    Examples
    --------
    >>> found = response_shift([6, 7, 5, 6], [7, 8, 7, 7], then=[4, 6, 4, 5])
    >>> found.table["estimate"].round(2).tolist()
    [1.25, 2.5, -1.25]
    """
    values = _reports(before, after, then)
    whole = np.isfinite(values).all(axis=0)
    people = int(whole.sum())
    if people < 3:
        raise SosrakeError(
            f"response_shift: {people} people have all three reports; at least three are needed"
        )
    first, second, judged = (one[whole] for one in values)
    changes = {
        "change_reported": second - first,
        "change_in_hindsight": second - judged,
        "response_shift": judged - first,
    }
    factor = float(t_quantile(0.5 + confidence / 2, people - 1)) / np.sqrt(people)
    rows = [
        (
            name,
            change.mean(),
            change.mean() - factor * change.std(ddof=1),
            change.mean() + factor * change.std(ddof=1),
        )
        for name, change in changes.items()
    ]
    reported = float(changes["change_reported"].mean())
    share = float(changes["response_shift"].mean()) / reported if reported else np.nan
    table = pd.DataFrame(rows, columns=["quantity", "estimate", "lower", "upper"])
    return ResponseShift(table, people, share, confidence)


def _reports(*reports: ArrayLike) -> list[NDArray[np.float64]]:
    try:
        values = [np.asarray(one, "float64") for one in reports]
    except (TypeError, ValueError) as problem:
        raise SosrakeError(
            f"response_shift: a report is not a number ({problem}); convert the columns"
        ) from problem
    if len({one.shape for one in values}) != 1 or values[0].ndim != 1:
        raise SosrakeError(
            f"response_shift: shapes {', '.join(str(one.shape) for one in values)}; expected three lists of "
            f"equal length"
        )
    return values
