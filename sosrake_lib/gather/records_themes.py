"""Clients by theme, only through the sub-code of a need: needs and themes are many to many."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.catalogue.record_rules import need_details
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import records_checks as checks
from sosrake_lib.language import say

DETAIL = "need_detail"
_COLUMNS = ("client", "region_code", "contact", "need", DETAIL)


@dataclass(frozen=True, slots=True, eq=False)
class ThemeCounts:
    """Clients by theme, and how many need rows could not be led to a theme.

    counts : `region_code, period, theme, clients`; small counts are still in: publish through `protect`.
    without_detail : rows whose need touches a theme but has no sub-code; they are in no theme's count.
    """

    counts: pd.DataFrame
    without_detail: int


def theme_counts(records: pd.DataFrame, file: str = "records") -> ThemeCounts:
    """Count different clients by municipality, year and theme.

    Parameters
    ----------
    records : one row an assessment and need: client, region_code, contact (yyyy-mm-dd), need, need_detail
        (key of `catalogue/crosswalk_needs.toml`, may be empty).

    Raises
    ------
    GatherError when there is no column of sub-codes at all: a need such as housing touches several themes,
    so without it no count by theme is true. Also for a sub-code that is not its need's.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"client": ["1", "2", "3"], "region_code": "E01", "contact": "2025-03-01",
    ...     "need": "asuminen", "need_detail": ["vuokravelka", "asunnon_puute", ""]})
    >>> found = theme_counts(rows)
    >>> found.counts[["theme", "clients"]].values.tolist(), found.without_detail
    ([['asuminen', 1], ['koyhyys', 1]], 1)
    """
    if DETAIL not in records:
        raise GatherError(say(f"{checks.ROOM}.no_detail", file=file))
    checks.columns(records, _COLUMNS, file)
    checks.pseudonymous(records, _COLUMNS, file)
    checks.filled(records, ("client", "region_code", "contact", "need"), file)
    known = {need.key: need.themes for need in catalogue.needs()}
    checks.allowed(records, {"need": list(known), DETAIL: list(need_details())}, file)
    rows = records[list(_COLUMNS)].reset_index(drop=True)
    given = rows[DETAIL].fillna("") != ""
    home = rows[DETAIL].map({key: one.need for key, one in need_details().items()})
    strange = given & (home != rows["need"])
    if strange.any():
        row = int(strange.to_numpy().argmax()) + 2
        raise GatherError(say(f"{checks.ROOM}.strange_detail", file=file, row=row))
    lacking = int((~given & rows["need"].map(lambda need: bool(known[need]))).sum())
    led = rows.loc[given].assign(
        theme=rows[DETAIL].map({key: one.theme for key, one in need_details().items()}),
        period=checks.days(rows, "contact", file).dt.year.astype("str"),
    )
    led = led.loc[led["theme"] != ""]
    counted = led.groupby(["region_code", "period", "theme"], as_index=False)["client"].nunique()
    return ThemeCounts(counted.rename(columns={"client": "clients"}), lacking)
