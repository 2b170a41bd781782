"""Gather the areas of a frame into groups: checks, weights, ranks, the area they lie in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib import regions
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.inequality_kernels import Floats

# What identifies a group beside the area it lies in; an area stands once in each group.
BY = ("indicator", "borders", "period", "sex", "age", "group")
WEIGHTS_ON = ("region_level", "region_code", "borders", "period")
RANK_ON = ("region_level", "region_code", "borders")
REGISTER_LEVELS = ("seutukunta", "maakunta", "hva", "yta", "tyollisyysalue", "kuntaryhmitys", "maa")
MISSING = ("refuse", "leave_out")


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Rows of areas that count (`number` of group, `weight`, values) and one row per group.

    `groups` has the key of the result, `areas_used`, `areas_expected`, `reason` ("" where a figure can be
    computed) and what the group inherits (`break_before`, `origin`, `per`).
    """

    rows: pd.DataFrame
    groups: pd.DataFrame

    def stacks(self, *columns: str) -> Iterator[tuple[np.ndarray, tuple[Floats, ...]]]:
        """Give groups of equal size together: their numbers (g,) and each column as (g, n)."""
        usable = self.groups.index[self.groups["reason"] == ""].to_numpy()
        size = self.groups["areas_used"].to_numpy()
        number = self.rows["number"].to_numpy()
        order = np.argsort(number, kind="stable")
        start = np.searchsorted(number[order], np.arange(len(self.groups)))
        values = [self.rows[column].to_numpy(dtype="float64")[order] for column in columns]
        for n in np.unique(size[usable]):
            chosen = usable[size[usable] == n]
            places = start[chosen][:, None] + np.arange(n)
            yield chosen, tuple(column[places] for column in values)


def gather(
    frame: pd.DataFrame,
    where: str,
    *,
    within: str | None,
    area: tuple[str, str],
    by: Sequence[str],
    weights: str | pd.DataFrame | None,
    weights_on: Sequence[str] = WEIGHTS_ON,
    rank: str | pd.DataFrame | None = None,
    rank_on: Sequence[str] = RANK_ON,
    missing: str = "refuse",
    min_areas: int = 3,
) -> Gathered:
    """Check a frame of areas and gather it into groups; see `inequality.between_areas` for the arguments."""
    if missing not in MISSING:
        raise FrameError(f"{where}: missing {missing!r}; use one of {', '.join(MISSING)}")
    if min_areas < 2:
        raise FrameError(f"{where}: min_areas {min_areas}; inequality needs at least 2 areas")
    rows = _rows(frame, where)
    rows["container"] = containers(rows, within, area, where)
    rows = rows[rows["container"].notna()].reset_index(drop=True)
    rows["weight"] = joined(rows, weights, weights_on, "weights", where)
    rows["rank"] = joined(rows, rank, rank_on, "rank", where)
    _check_numbers(rows, where)
    rows["number"] = _numbers(rows, by, where)
    usable = (rows["status"] == "ok") & rows[["value", "weight", "rank"]].notna().all(axis=1)
    groups = _groups(rows, usable, within, area)
    groups["reason"] = np.select(
        [
            groups["areas_used"] < min_areas,
            (groups["areas_used"] < groups["areas_expected"]) & (missing == "refuse"),
            ~(groups["people"] > 0),
        ],
        ["too_few_areas", "areas_missing", "no_weight"],
        default="",
    )
    return Gathered(rows[usable].reset_index(drop=True), groups)


def _rows(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    checked = frames.check(frame, file=where)
    if frames.is_analysed(checked):
        # Several confidences repeat the same figures; the first one's limits stand for the row.
        checked = checked.drop_duplicates(subset=list(frames.KEY), ignore_index=True)
    levels = sorted(checked["region_level"].unique())
    if len(levels) > 1:
        raise FrameError(
            f"{where}: column region_level mixes {', '.join(levels)}; choose the areas to compare, such as "
            "frame[frame['region_level'] == 'kunta']"
        )
    origins = set(checked["origin"])
    if "synthetic" in origins and origins != {"synthetic"}:
        raise FrameError(
            f"{where}: column origin mixes synthetic rows with real ones; compare them separately"
        )
    return checked


def containers(rows: pd.DataFrame, within: str | None, area: tuple[str, str], where: str) -> pd.Series:
    """Give the code of the area of level `within` each row lies in: from a column, or from the register."""
    if within is None:
        return pd.Series(area[1], index=rows.index, dtype="object")
    if within not in frames.REGION_LEVELS:
        raise FrameError(f"{where}: within {within!r}; use a region level: {', '.join(REGISTER_LEVELS)}")
    if within in rows:
        return rows[within].astype("object").where(rows[within].notna(), None)
    if within not in REGISTER_LEVELS or (len(rows) and rows["region_level"].iloc[0] != "kunta"):
        raise FrameError(
            f"{where}: the register tells only municipalities' {', '.join(REGISTER_LEVELS)}; for other "
            f"areas give a column {within!r} with the code of the area each row lies in"
        )
    places = rows[["region_code", "borders"]].drop_duplicates()
    parents = [
        regions.parent(code, within, int(year))
        for code, year in zip(places["region_code"], places["borders"], strict=True)
    ]
    known = pd.Series(parents, index=pd.MultiIndex.from_frame(places), dtype="object")
    return pd.Series(
        known.reindex(pd.MultiIndex.from_frame(rows[["region_code", "borders"]])).to_numpy(), index=rows.index
    )


def joined(
    rows: pd.DataFrame, given: str | pd.DataFrame | None, on: Sequence[str], what: str, where: str
) -> Floats:
    """Take weights or ranks from a column, or from a frame joined by key; 1 everywhere when left out."""
    if given is None:
        return np.ones(len(rows))
    if isinstance(given, str):
        if given not in rows:
            raise FrameError(
                f"{where}: {what} column {given!r} is not in the frame; name a column, or give a frame"
            )
        numbers = pd.to_numeric(rows[given], errors="coerce")
        wrong = rows.index[numbers.isna() & rows[given].notna()]
        if len(wrong):
            raise FrameError(
                f"{where}: row {wrong[0] + 1}, column {given}: {rows.at[wrong[0], given]!r} is not a number; "
                f"{what} are numbers"
            )
        return numbers.to_numpy(dtype="float64")
    other = frames.check(given, file=f"{where}, {what}")
    _same_origin(rows, other, what, where)
    twice = other.duplicated(subset=list(on))
    if twice.any():
        row = other.loc[twice].iloc[0]
        key = ", ".join(str(row[column]) for column in on)
        raise FrameError(
            f"{where}: {what} has several rows for ({key}); keep one, or name more key columns in {what}_on"
        )
    table = other[[*on, "value"]].rename(columns={"value": "_joined"})
    return rows[list(on)].merge(table, on=list(on), how="left", validate="many_to_one")["_joined"].to_numpy()


def _same_origin(rows: pd.DataFrame, other: pd.DataFrame, what: str, where: str) -> None:
    invented = {"synthetic" in set(part["origin"]) for part in (rows, other) if len(part)}
    if len(invented) > 1:
        raise FrameError(f"{where}: {what} and frame mix synthetic rows with real ones; they never meet")


def _check_numbers(rows: pd.DataFrame, where: str) -> None:
    for column, wrong, expected in (
        ("weight", rows["weight"] < 0, "0 or more people"),
        ("weight", np.isinf(rows["weight"]), "a finite number of people"),
        ("rank", np.isinf(rows["rank"]), "a finite rank"),
    ):
        bad = rows.index[wrong]
        if len(bad):
            row = rows.loc[bad[0]]
            raise FrameError(
                f"{where}: {column} of {row['indicator']} {row['region_level']} {row['region_code']} "
                f"{row['period']} is {row[column]:g}; expected {expected}"
            )


def _numbers(rows: pd.DataFrame, by: Sequence[str], where: str) -> np.ndarray:
    unknown = [column for column in by if column not in BY]
    if unknown:
        raise FrameError(f"{where}: by has {unknown[0]!r}; use key columns: {', '.join(BY)}")
    number = rows.groupby(["container", *by], sort=False, dropna=False).ngroup().to_numpy()
    codes = pd.factorize(rows["region_code"])[0].astype("int64")
    cell = pd.Series(number * (int(codes.max()) + 1 if len(codes) else 1) + codes)
    twice = cell.duplicated()
    if twice.any():
        row = rows.loc[int(np.flatnonzero(twice)[0])]
        raise FrameError(
            f"{where}: {row['region_level']} {row['region_code']} stands twice in a group "
            f"({row['indicator']}, {row['period']}, {row['sex']}, {row['age']}, {row['group']}); "
            "group by every column that differs"
        )
    for column in ("per", *(key for key in BY if key not in by)):
        codes = pd.factorize(rows[column])[0]
        first = pd.Series(codes).groupby(number).transform("first").to_numpy()
        if (codes != first).any():
            row = rows.loc[int(np.flatnonzero(codes != first)[0])]
            raise FrameError(
                f"{where}: {row['indicator']} {row['period']}: column {column} differs between areas of one "
                f"group (one is {row[column]}); use one scale, or group by it"
            )
    return number


def _groups(rows: pd.DataFrame, usable: pd.Series, within: str | None, area: tuple[str, str]) -> pd.DataFrame:
    number = rows["number"].to_numpy()
    count = int(number.max()) + 1 if len(rows) else 0
    first = rows.drop_duplicates("number").set_index("number").sort_index()
    groups = first[[*BY, "container", "per", "origin"]].copy()
    groups["areas_level"] = first["region_level"]
    groups["region_level"] = area[0] if within is None else within
    groups["break_before"] = np.bincount(number, rows["break_before"], count) > 0
    used = usable.to_numpy()
    groups["areas_used"] = np.bincount(number, used, count).astype("int64")
    groups["people"] = np.bincount(number[used], rows["weight"].to_numpy()[used], count)
    groups["areas_expected"] = _expected(rows, groups, within)
    return groups


def _expected(rows: pd.DataFrame, groups: pd.DataFrame, within: str | None) -> np.ndarray:
    """Count the areas there should be: the register's municipalities, or all areas the frame has there."""
    places = ["container", "borders"]
    listed = rows[[*places, "region_code"]].drop_duplicates().groupby(places).size()
    if within in REGISTER_LEVELS and within not in rows and within != "maa":
        listed = pd.Series(
            [len(regions.members(within, code, int(year))) for code, year in listed.index],
            index=listed.index,
        )
    return listed.reindex(pd.MultiIndex.from_frame(groups[places])).to_numpy(dtype="int64")
