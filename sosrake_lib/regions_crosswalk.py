"""Carry figures over merged municipalities and up to larger regions.

Counts are summed; proportions and rates are recomputed from numerator and denominator. What cannot be
carried honestly (means, indices, shares without their parts) is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from sosrake_lib.errors import RegionError
from sosrake_lib.regions_register import is_invented, members, parent, region, successor
from sosrake_lib.regions_sums import SERIES, TRACES, prepared, refuse_repeats, sum_up


def crosswalk(from_year: int, to_year: int) -> pd.DataFrame:
    """Say where the territory of each municipality of one year belongs in a later year.

    Returns
    -------
    DataFrame from_code, to_code: one row a municipality of `from_year`, unchanged ones included.

    Raises
    ------
    RegionError for a step back in time: a merged municipality's figure cannot be split into its parts.

    Examples
    --------
    >>> from sosrake_lib import regions
    >>> steps = regions.crosswalk(2024, 2026)
    >>> steps[steps["from_code"] != steps["to_code"]].values.tolist()
    [['588', '507']]
    """
    if from_year > to_year:
        raise RegionError(
            f"crosswalk {from_year} -> {to_year}: figures cannot be split back over a merger, only summed "
            f"forward; rebase the older figures to {from_year}, or fetch figures of the division {to_year}"
        )
    codes = members("maa", "SSS", from_year)
    return pd.DataFrame({"from_code": codes, "to_code": [successor(code, to_year) for code in codes]})


def rebase(frame: pd.DataFrame, to_year: int, *, counts: Collection[str] = ()) -> pd.DataFrame:
    """Carry an indicator frame to the division of `to_year`.

    A municipality that no merger touches passes unchanged. For a merged one:

    - count (numerator equals value and there is no denominator, or the indicator is named in `counts`):
      the values are summed;
    - proportion or rate (numerator and denominator present): value = per * sum(numerator) / sum(denominator);
    - anything else (index, mean, share without its parts): refused.

    A merged municipality with an absent part gets no value: its status is `missing` (or the status all its
    parts share) and `areas_used` < `areas_expected` says so. Larger regions pass when their territory is the
    same in both years and are refused otherwise: aggregate them from municipalities.

    Parameters
    ----------
    frame : source indicator frame (`frame.check`ed), rows of one or several `borders`.
    to_year : division to carry to; not before any row's `borders`.
    counts : indicator keys whose value is a count although no numerator says so.

    Returns
    -------
    A new frame in the order of the old with `borders` = to_year; merged rows have origin `own`, no lower and
    upper, and extra columns areas_used, areas_expected (whole numbers) and made_from (`published` when every
    part was published).

    Raises
    ------
    RegionError, naming indicator and municipality, for the refusals above and for unknown or ceased codes.
    """
    source = prepared(frame, "rebase")
    steps = _steps(source, to_year)
    source["_position"] = np.arange(len(source))
    located = source.merge(steps, on=["region_level", "region_code", "borders"], how="left", validate="m:1")
    touched = located["_parts"] > 1
    merged = sum_up(located[touched], ["region_level", "_to", "borders", *SERIES], counts, "rebase")
    whole = pd.concat([located[~touched], merged], ignore_index=True) if len(merged) else located
    whole = whole.sort_values("_position").assign(region_code=lambda rows: rows["_to"], borders=to_year)
    whole = whole.drop(columns=["_position", "_to", "_parts"]).reset_index(drop=True)
    return refuse_repeats(_as_before(whole, source), "rebase")


def aggregate(
    frame: pd.DataFrame,
    level: str,
    year: int | None = None,
    code: str | None = None,
    *,
    counts: Collection[str] = (),
) -> pd.DataFrame:
    """Sum municipality rows up to the regions of a level, by the rules of `rebase`.

    Only rows of level kunta are used; larger regions in the frame are left out, as they would count twice.

    Parameters
    ----------
    frame : source indicator frame with municipality rows.
    level : maakunta, hva, joukko, maa, ...; a named set needs `code`.
    year : division of the regions; older rows are rebased to it first. None: each row's own borders.
    code : only this region; otherwise every region that has at least one row.
    counts : as in `rebase`.

    Returns
    -------
    Frame with one row a region and series, origin `own` (`synthetic` for invented areas), and extra columns
    areas_used (municipalities with a value), areas_expected (all of the region) and made_from. When any is
    absent there is no value: the status is `missing`, or the status all parts share.

    Raises
    ------
    RegionError as `rebase`; also when invented and real municipalities meet.
    """
    source = prepared(frame, "aggregate")
    source = source[source["region_level"] == "kunta"].drop(columns=["areas_used", "areas_expected"])
    if source.empty:
        raise RegionError(
            f"aggregate to {level}: the frame has no row of level kunta; give municipality rows"
        )
    if level == "joukko" and code is None:
        raise RegionError("aggregate to joukko: a named set needs its code, such as code='alue51'")
    if year is not None:
        source = rebase(source, year, counts=counts).drop(columns=["areas_used", "areas_expected"])
    source = prepared(source, "aggregate")
    _check_invented(source, level, code)
    source["_position"] = np.arange(len(source))
    places = _places(source, level, code)
    located = source.merge(places, on=["region_code", "borders"], how="inner", validate="m:1")
    located["region_level"] = level
    summed = sum_up(located, ["region_level", "_to", "borders", *SERIES], counts, "aggregate")
    summed = summed.sort_values("_position").assign(region_code=lambda rows: rows["_to"])
    summed = summed.drop(columns=["_position", "_to", "_parts"]).reset_index(drop=True)
    return _as_before(summed, source)


def _steps(source: pd.DataFrame, to_year: int) -> pd.DataFrame:
    """Give each (level, code, borders) of the frame its code in `to_year` and the number of its parts."""
    asked = source[["region_level", "region_code", "borders"]].drop_duplicates(ignore_index=True)
    targets, parts = [], []
    sizes: dict[int, pd.Series] = {}
    for level, code, borders in asked.itertuples(index=False):
        borders = int(borders)
        if borders not in sizes:
            sizes[borders] = crosswalk(borders, to_year)["to_code"].value_counts()
        region(level, code, borders)
        if level == "kunta" and not is_invented(code):
            target = successor(code, to_year)
            targets.append(target)
            parts.append(int(sizes[borders][target]))
        else:
            _check_same_territory(level, code, borders, to_year)
            targets.append(code)
            parts.append(1)
    return asked.assign(_to=pd.array(targets, dtype="str"), _parts=np.array(parts, dtype="int64"))


def _check_same_territory(level: str, code: str, borders: int, to_year: int) -> None:
    if is_invented(code) or level == "maa":
        return
    region(level, code, to_year)
    then = {successor(part, to_year) for part in members(level, code, borders)}
    now = set(members(level, code, to_year))
    if then != now:
        moved = ", ".join(f"{region('kunta', part, to_year).name_fi} ({part})" for part in sorted(then ^ now))
        raise RegionError(
            f"rebase {borders} -> {to_year}: {region(level, code, borders).name_fi} ({level} {code}) is not "
            f"the same territory; {moved} moved: aggregate it from municipality rows instead"
        )


def _places(source: pd.DataFrame, level: str, code: str | None) -> pd.DataFrame:
    """Give each municipality of the frame its region of `level` and the size of that region."""
    asked = source[["region_code", "borders"]].drop_duplicates(ignore_index=True)
    found = []
    inside: dict[int, frozenset[str]] = {}
    for own, borders in asked.itertuples(index=False):
        year = int(borders)
        region("kunta", own, year)
        if code is not None:
            if year not in inside:
                inside[year] = frozenset(members(level, code, year))
            target = code if own in inside[year] else None
        else:
            target = parent(own, level, year)
        if target is None and code is None:
            raise RegionError(
                f"aggregate to {level}: municipality {own} belongs to no {level} in the division of {year}; "
                "give a year in which the level exists"
            )
        found.append((own, borders, target))
    places = pd.DataFrame(found, columns=["region_code", "borders", "_to"]).dropna(subset=["_to"])
    if places.empty:
        raise RegionError(f"aggregate: no row of the frame is a municipality of {level} {code}")
    sizes = {
        key: len(members(level, key[0], int(key[1])))
        for key in places[["_to", "borders"]].drop_duplicates().itertuples(index=False, name=None)
    }
    return places.assign(_parts=[sizes[key] for key in zip(places["_to"], places["borders"], strict=True)])


def _check_invented(source: pd.DataFrame, level: str, code: str | None) -> None:
    invented = source["region_code"].map(is_invented) | (source["origin"] == "synthetic")
    if invented.any() and not invented.all():
        raise RegionError(
            "aggregate: invented and real municipalities in one frame; they are never summed together"
        )
    if invented.any() and (level != "hva" or code not in (None, "E1")):
        raise RegionError(f"aggregate to {level}: invented municipalities belong only to ('hva', 'E1')")


def _as_before(made: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """Give the columns in the order of the source, the traces last, with the types they had."""
    order = [column for column in source.columns if column not in (*TRACES, "_position")]
    made = made[[*order, *TRACES]].reset_index(drop=True)
    whole = ["borders", "areas_used", "areas_expected"]
    return made.astype(dict.fromkeys(whole, "int64"))
