"""Regions with time: names, members, Sotkanet's ids and everything the register and the crosswalks offer.

The one door to regions: `from sosrake_lib import regions`.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from sosrake_lib.errors import RegionError
from sosrake_lib.region_data import table
from sosrake_lib.regions_crosswalk import aggregate, crosswalk, rebase
from sosrake_lib.regions_register import (
    CURRENT_YEAR,
    FIRST_YEAR,
    MEMBER_LEVELS,
    Region,
    codes,
    is_invented,
    members,
    memberships,
    parent,
    region,
    successor,
)

__all__ = [
    "CURRENT_YEAR",
    "FIRST_YEAR",
    "Region",
    "aggregate",
    "codes",
    "crosswalk",
    "from_sotkanet",
    "is_invented",
    "members",
    "municipalities",
    "name",
    "parent",
    "rebase",
    "region",
    "slug",
    "sotkanet_id",
    "sotkanet_ids",
    "successor",
]


def name(level: str, code: str, language: str = "fi", year: int = CURRENT_YEAR) -> str:
    """Give a region's name in Finnish, English or Swedish.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> regions.name("kunta", "491"), regions.name("kunta", "491", "sv"), regions.name("hva", "13", "en")
    ('Mikkeli', 'S:t Michel', 'North Savo wellbeing services county')
    """
    found = region(level, code, year)
    names = {"fi": found.name_fi, "sv": found.name_sv, "en": found.name_en}
    if language not in names:
        raise RegionError(f"language {language!r} has no region names; use fi, en or sv")
    return names[language]


def municipalities(year: int = CURRENT_YEAR, within: tuple[str, str] | None = None) -> pd.DataFrame:
    """List the municipalities of a year, of the whole country or `within` one region.

    Parameters
    ----------
    year : division of 1 January of this year, 2013-2026.
    within : (level, code), such as ("hva", "13"); invented municipalities only within ("hva", "E1").

    Returns
    -------
    DataFrame, one row a municipality in order of code: region_code, name_fi, name_sv, seutukunta, maakunta,
    hva, yta, tyollisyysalue, kuntaryhmitys (codes; empty where the division did not exist), sotkanet_id.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> regions.municipalities(2021, ("maakunta", "12"))["region_code"].head(2).tolist()
    ['090', '146']
    """
    level, code = ("maa", "SSS") if within is None else within
    wanted = list(members(level, code, year))
    if is_invented(code):
        return _invented(wanted)
    facts = table("municipalities").set_index("code").loc[wanted, ["name_fi", "name_sv", "sotkanet_id"]]
    joined = facts.join(memberships(year)).rename_axis("region_code").reset_index()
    return joined[["region_code", "name_fi", "name_sv", *MEMBER_LEVELS, "sotkanet_id"]]


def sotkanet_id(level: str, code: str) -> int:
    """Give the id Sotkanet uses for a region (Kuopio is municipality 297 and region 161).

    Raises
    ------
    RegionError when the region has no known id (named sets, invented areas, employment areas).
    """
    ids = sotkanet_ids()
    found = ids[(ids["region_level"] == level) & (ids["region_code"] == code)]
    if found.empty:
        _last_known(level, code)
        raise RegionError(f"{level} {code} has no known Sotkanet id; use municipalities, regions or counties")
    return int(found["sotkanet_id"].iloc[0])


def from_sotkanet(region_id: int) -> Region:
    """Give the region behind Sotkanet's id, in its last division; older county ids are accepted.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> regions.from_sotkanet(161).code, regions.from_sotkanet(894).name_fi
    ('297', 'Pohjois-Savon hyvinvointialue')
    """
    ids = sotkanet_ids()
    found = ids[ids["sotkanet_id"] == region_id]
    if found.empty:
        raise RegionError(
            f"Sotkanet's region id {region_id!r} is no municipality, sub-region, region, wellbeing county or "
            "country of the register; a municipality code is not Sotkanet's id: see regions.sotkanet_ids()"
        )
    return _last_known(found["region_level"].iloc[0], found["region_code"].iloc[0])


@cache
def _sotkanet_ids() -> pd.DataFrame:
    above = table("regions").rename(columns={"level": "region_level", "code": "region_code"})
    below = table("municipalities").rename(columns={"code": "region_code"}).assign(region_level="kunta")
    older = above.drop(columns="sotkanet_id").rename(columns={"sotkanet_old_id": "sotkanet_id"})
    parts = [part[["sotkanet_id", "region_level", "region_code"]] for part in (below, above, older)]
    everyone = pd.concat(parts, ignore_index=True).dropna(subset=["sotkanet_id"])
    return everyone.astype({"sotkanet_id": "int64"}).reset_index(drop=True)


def sotkanet_ids() -> pd.DataFrame:
    """Give the whole table sotkanet_id, region_level, region_code, to join many rows at once.

    Newer ids stand before the older ids of the wellbeing counties.
    """
    return _sotkanet_ids().copy()


def slug(level: str, code: str) -> str:
    """Give the short name of a region for folders and addresses.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> regions.slug("kunta", "297")
    'kunta-297'
    """
    _last_known(level, code)
    return f"{level}-{code}"


def _last_known(level: str, code: str) -> Region:
    """Give a region in the last division it existed in."""
    try:
        return region(level, code)
    except RegionError:
        for year in range(CURRENT_YEAR - 1, FIRST_YEAR - 1, -1):
            if code in codes(level, year, invented=True):
                return region(level, code, year)
        raise


def _invented(wanted: list[str]) -> pd.DataFrame:
    facts = (
        table("invented").set_index("code").loc[wanted, ["name_fi"]].rename_axis("region_code").reset_index()
    )
    listed = facts.assign(name_sv=facts["name_fi"], sotkanet_id=pd.array([pd.NA] * len(facts), dtype="Int64"))
    for level in MEMBER_LEVELS:
        listed[level] = pd.array([parent(code, level) for code in wanted], dtype="str")
    return listed[["region_code", "name_fi", "name_sv", *MEMBER_LEVELS, "sotkanet_id"]]
