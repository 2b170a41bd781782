"""What phenomena lack of all observations: never told, and reckoned with when phenomena are counted.

The pages of social reporting tell how many observations there are, by area, theme and kind of structure. All
observations minus those of the counted phenomena leave those that have joined none, and the weak signals,
which have no count. Where there is a weak signal and few are left, a counted phenomenon is hidden as well
(`protect.Beside`); of classes only those count in which a weak signal lies, for the card tells them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sosrake_lib import frame, protect, regions
from sosrake_lib.batch import recipes_reporting as reporting
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.indicators import reported_counts as counts
from sosrake_lib.indicators.scales import Place
from sosrake_lib.protect.beside import FAMILY
from sosrake_lib.register.reported import Reported

RULES = "vakio"
OBSERVED = "ilmio_havainnot"

# Fields whose class a phenomenon's card tells of all its observations, and by which all of them are counted.
FIELDS = ("teema", "rakennetyyppi")
_COLUMNS = ("indicator", "region_level", "region_code", "borders", "period")


def unjoined(reported: Reported, county: tuple[str, str]) -> tuple[protect.Beside, ...]:
    """Give what social reporting tells of all observations: what phenomena lack of it is protected."""
    owned = counted(reported, county)
    period = reporting.whole_period(reported.observations)
    cells = counts_of(owned, county, period, reported.origin)
    weak = signals(reported, county)
    if not cells or not weak:
        return ()
    least = protect.rule_set(RULES).minimum_count
    return left_out(here(reported, county), owned, weak, frame.combine(cells.values()), least)


def signals(reported: Reported, county: tuple[str, str]) -> list[pd.DataFrame]:
    """Give the observations of each weak signal."""
    return [own for _, own in here(reported, county).groupby("ilmio_id") if reporting.is_weak(own)]


def here(reported: Reported, county: tuple[str, str]) -> pd.DataFrame:
    """Give the county's observations."""
    return reported.observations.loc[source.county_of(reported.observations) == county[1]]


def counted(reported: Reported, county: tuple[str, str]) -> dict[str, pd.DataFrame]:
    """Give the observations of each phenomenon that has a count: a weak signal has none."""
    listed = set(reporting.phenomena_rows(reported, county, {})["indicator"])
    owns = {f"ilmio_{number}": rows for number, rows in here(reported, county).groupby("ilmio_id")}
    return {key: own for key, own in owns.items() if key in listed and not reporting.is_weak(own)}


def counts_of(
    counted: Mapping[str, pd.DataFrame], county: tuple[str, str], period: str, origin: str
) -> dict[str, pd.DataFrame]:
    """Count each phenomenon's observations in the county and its municipalities."""
    return {key: by_area(own, key, county, period, origin) for key, own in counted.items()}


def by_area(own: pd.DataFrame, key: str, county: tuple[str, str], period: str, origin: str) -> pd.DataFrame:
    """Count a phenomenon's observations in the county and its municipalities over the whole register."""
    sizes = {county: len(own)}
    for code in regions.members(*county):
        at = (own["alue_taso"] == "kunta") & (own["alue_koodi"] == code)
        sizes["kunta", code] = int(at.sum())
    place = Place(*county, regions.CURRENT_YEAR, period, origin)
    return counts.in_places(sizes, place, OBSERVED, key)


def left_out(
    observed: pd.DataFrame,
    counted: Mapping[str, pd.DataFrame],
    weak: Sequence[pd.DataFrame],
    cells: pd.DataFrame,
    minimum: int,
) -> tuple[protect.Beside, ...]:
    """Give the totals that social reporting tells and of which counted phenomena are a part.

    Parameters
    ----------
    observed : the county's observations: alue_taso, alue_koodi, period (half-year), and `FIELDS`.
    counted : phenomenon's key -> its observations.
    weak : the observations of each weak signal.
    cells : the rows of their counts, groups = the keys; areas are the county and its municipalities.
    minimum : a municipality's total is known where each of its years may be told.

    Examples
    --------
    >>> observed = pd.DataFrame({"alue_taso": "kunta", "alue_koodi": "E01", "period": "2025-H1",
    ...     "teema": ["asuminen"] * 9, "rakennetyyppi": ["resurssi"] * 8 + ["normi"]})
    >>> cells = pd.DataFrame({"indicator": "ilmio_havainnot", "region_level": "hva", "region_code": "E1",
    ...     "borders": 2026, "period": ["2025"], "group": "ilmio_1"})
    >>> found = left_out(observed, {"ilmio_1": observed[:8]}, [observed[8:]], cells, 5)
    >>> [(one.key["group"], one.count) for one in found]
    [('beside:kaikki', 9), ('beside:teema:asuminen', 9)]
    """
    found = []
    for place in sorted(set(zip(cells["region_level"], cells["region_code"], strict=True))):
        rows = cells.loc[(cells["region_level"] == place[0]) & (cells["region_code"] == place[1])]
        key = {column: rows[column].iloc[0] for column in _COLUMNS}
        inside = _inside(observed, *map(str, place))
        keys = [group for group in counted if group in set(rows["group"])]
        if not keys or not _told(inside, str(place[0]), minimum):
            continue
        found.append(_total(key, "kaikki", len(inside), keys))
        if str(place[0]) != "kunta":
            found += _by_field(key, inside, {group: counted[group] for group in keys}, weak)
    return tuple(found)


def _by_field(
    key: Mapping[str, object],
    inside: pd.DataFrame,
    counted: Mapping[str, pd.DataFrame],
    weak: Sequence[pd.DataFrame],
) -> list[protect.Beside]:
    found = []
    for field in FIELDS:
        of_class: dict[str, list[str]] = {}
        for group, own in counted.items():
            if own[field].nunique() == 1:
                of_class.setdefault(str(own[field].iloc[0]), []).append(group)
        told = {str(own[field].iloc[0]) for own in weak if own[field].nunique() == 1}
        for name, groups in of_class.items():
            if name not in told:
                continue
            size = int((inside[field] == name).sum())
            found.append(_total(key, f"{field}:{name}", size, groups))
    return found


def _total(key: Mapping[str, object], name: str, size: int, groups: list[str]) -> protect.Beside:
    return protect.Beside(
        {**key, "group": f"{FAMILY}:{name}"}, size, tuple({"group": group} for group in groups)
    )


def _inside(observed: pd.DataFrame, level: str, code: str) -> pd.DataFrame:
    if level == "kunta":
        return observed.loc[(observed["alue_taso"] == "kunta") & (observed["alue_koodi"] == code)]
    return observed.loc[[_county(level, *pair) == code for pair in _pairs(observed)]]


def _county(level: str, own_level: str, code: str) -> str | None:
    return code if own_level == level else regions.parent(code, level)


def _pairs(observed: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(observed["alue_taso"], observed["alue_koodi"], strict=True))


def _told(inside: pd.DataFrame, level: str, minimum: int) -> bool:
    """Say whether a reader may know the total: of a county always, of a municipality year by year."""
    if level != "kunta":
        return True
    return bool((inside["period"].str[:4].value_counts() >= minimum).all())
