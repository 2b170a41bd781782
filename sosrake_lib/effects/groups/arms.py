"""A service's people and those it is compared with: rows of both, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns, numbers, shown
from sosrake_lib.errors import FrameError


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """People measured twice.

    Attributes
    ----------
    before, after : scores. treated : 1 of the group, 0 of the comparison.
    covariates : (n, k). cluster : labels, or None.
    lost : people measured at the start only, treated and comparison.
    rows : the data's index labels of the people used.
    """

    before: Floats
    after: Floats
    treated: Floats
    covariates: Floats
    cluster: np.ndarray | None
    lost: tuple[int, int]
    rows: pd.Index


def arms(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    group: str,
    treated: Any,
    comparison: Any,
    covariates: tuple[str, ...] = (),
    cluster: str | None = None,
    where: str,
) -> Arms:
    """Take the people of two groups who were measured twice.

    Examples
    --------
    >>> data = pd.DataFrame({"b": [1.0, 2, 3, 4, 5, 6], "a": [2.0, 3, 5, 4, 6, 6], "g": list("xxxyyy")})
    >>> arms(data, before="b", after="a", group="g", treated="x", comparison="y", where="example").treated
    array([1., 1., 1., 0., 0., 0.])
    """
    need_columns(data, [before, after, group, *covariates, cluster], where)
    for name, value in (("treated", treated), ("comparison", comparison)):
        if not data[group].eq(value).any():
            known = ", ".join(map(shown, pd.unique(data[group])[:6]))
            raise FrameError(f"{where}: {name} {value!r} is no value of column {group!r}; it has {known}")
    used = data.loc[data[group].isin([treated, comparison])]
    first, second = (numbers(used, column, where) for column in (before, after))
    columns = [numbers(used, column, where, complete=True) for column in covariates]
    in_group = used[group].eq(treated).to_numpy()
    both = np.isfinite(first) & np.isfinite(second)
    began = np.isfinite(first) & ~both
    for name, chosen in ((treated, in_group), (comparison, ~in_group)):
        if (both & chosen).sum() < 3:
            raise FrameError(
                f"{where}: {int((both & chosen).sum())} people of group {name!r} have both measurements; "
                "expected three or more of each"
            )
    if cluster is not None and used.loc[both, cluster].isna().any():
        raise FrameError(f"{where}: column {cluster!r} is empty for someone; name everyone's cluster")
    return Arms(
        before=first[both],
        after=second[both],
        treated=in_group[both].astype("float64"),
        covariates=np.column_stack(columns)[both] if columns else np.empty((int(both.sum()), 0)),
        cluster=None if cluster is None else used.loc[both, cluster].to_numpy(),
        lost=(int((began & in_group).sum()), int((began & ~in_group).sum())),
        rows=used.index[both],
    )


def lost_shares(found: Arms) -> tuple[float, float]:
    """Share lost of each group, treated and comparison.

    Examples
    --------
    >>> data = pd.DataFrame({"b": [1.0, 2, 3, 4, 5, 6, 7], "a": [2.0, 3, 5, None, 4, 6, 6]})
    >>> data["g"] = list("xxxxyyy")
    >>> found = arms(data, before="b", after="a", group="g", treated="x", comparison="y", where="example")
    >>> lost_shares(found)
    (0.25, 0.0)
    """
    kept = int(found.treated.sum()), int((1 - found.treated).sum())
    return found.lost[0] / (found.lost[0] + kept[0]), found.lost[1] / (found.lost[1] + kept[1])
