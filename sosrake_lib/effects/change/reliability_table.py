"""How the classes of change depend on a reliability that is never known exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from sosrake_lib.effects.change.classes import CLASSES, IndividualChange, individual_change
from sosrake_lib.errors import SosrakeError

USUAL = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def over_reliability(change: IndividualChange, reliabilities: Sequence[float] = USUAL) -> pd.DataFrame:
    """Sort the same people again with other reliabilities.

    Parameters
    ----------
    change : result of individual_change; its method, limit, cut-off and norms are kept.
    reliabilities : values to try, each between 0 and 1.

    Returns
    -------
    DataFrame, one row a reliability: `reliability, standard_error, smallest_reliable_change` (points, where
    no change is expected to be 0) and people in each class. Where the counts move much, the classes of
    single people should not be told.

    Raises
    ------
    SosrakeError without a reliability to try or with one outside 0 to 1.

    Examples
    --------
    >>> data = pd.DataFrame({"before": [20, 24, 18, 30], "after": [12, 23, 25, 14]})
    >>> found = individual_change(
    ...     data, before="before", after="after", reliability=0.9, higher_is_better=False
    ... )
    >>> table = over_reliability(found, [0.5, 0.9])
    >>> print(table[["smallest_reliable_change", "reliable_wanted"]].round(2).to_string(index=False))
     smallest_reliable_change  reliable_wanted
                        10.37                1
                         4.64                2
    """
    if not len(reliabilities):
        raise SosrakeError("over_reliability: no reliability given; give some, such as 0.7, 0.8 and 0.9")
    rows = []
    for value in reliabilities:
        again = individual_change(
            change.people,
            before="before",
            after="after",
            reliability=value,
            higher_is_better=change.higher_is_better,
            method=change.reliable.method,
            known=replace(change.known, reliability=value),
            critical=change.critical,
            clinical=bool(pd.notna(change.cutoff)),
            cutoff=change.cutoff if pd.notna(change.cutoff) else None,
        )
        size = again.reliable.standard_error
        counts = again.people["class"].value_counts()
        shown = [kind for kind in CLASSES if kind != "recovered" or pd.notna(change.cutoff)]
        rows.append(
            {"reliability": value, "standard_error": size, "smallest_reliable_change": change.critical * size}
            | {kind: int(counts.get(kind, 0)) for kind in shown}
        )
    return pd.DataFrame(rows)
