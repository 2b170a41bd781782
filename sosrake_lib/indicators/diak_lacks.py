"""What Diak's disadvantage index lacks, shown with its own figures, and a small index of ours beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.composite_framework import flat
from sosrake_lib.indicators.composite_wide import UNIT
from sosrake_lib.indicators.diak_index import DIMENSIONS, TOTAL, framework, parts_by_level, reproduce

Floats = NDArray[np.float64]

OWN_TOTAL = "oma_pienituloisuus_ja_tyo"
# Parts of Diak's human dimension for which a source gives counts, so that their error is known.
COUNTED = (
    "pitkaaikaistyottomat",
    "pienituloisuusaste",
    "toimeentulotuki_25_64",
    "pitkaaikainen_toimeentulotuki_18_24",
)


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Effect of leaving each part out.

    `areas` : UNIT, part, dimension, total (all parts), total_without, difference. `parts` : per part and
    level
    `areas, mean_shift, largest_shift, area_of_largest, measures`, absolute differences in index points.
    """

    areas: pd.DataFrame
    parts: pd.DataFrame


def leave_out(frame: pd.DataFrame) -> LeftOut:
    """Compute Diak's total anew without each of its parts: how much hangs on one figure.

    Parameters
    ----------
    frame : Diak's published figures; plain means of available parts, dimensions equally weighted, as Diak.

    Returns
    -------
    LeftOut. A dimension has few parts, so one part of a municipality carries 1/12 to 1/18 of the total.

    Examples
    --------
    >>> from sosrake_lib import samples
    >>> every = samples.indicator_frame()
    >>> rows = every[every["indicator"].str.startswith("diak_") & (every["period"] == "2018/2020")]
    >>> found = leave_out(rows).parts
    >>> bool((found["mean_shift"] <= found["largest_shift"]).all()), len(found) > 20
    (True, True)
    """
    rows = frames.check(frame, file="diak_lacks.leave_out")
    parts = parts_by_level()
    rows = rows.loc[rows["indicator"].isin(parts["part"])]
    if rows.empty:
        raise FrameError("diak_lacks.leave_out: the frame holds no part of Diak's index (keys diak_*)")
    wide = rows.pivot(index=list(UNIT), columns="indicator", values="value")
    wide = wide.reindex(columns=parts["part"].tolist())
    values, there = wide.fillna(0).to_numpy(), wide.notna().to_numpy()
    member = np.array([parts["dimension"] == dimension for dimension in DIMENSIONS]).T.astype("float64")
    sums, counts = (values * there) @ member, there @ member
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = (sums / counts).mean(axis=1)
        changed = np.stack(
            [_without(sums, counts, values, there, member, j) for j in range(len(parts))], axis=1
        )
    units = wide.index.to_frame(index=False)
    used = there & np.isfinite(whole)[:, None]
    unit, place = np.nonzero(used)
    areas = units.iloc[unit].reset_index(drop=True)
    areas["part"] = parts["part"].to_numpy()[place]
    areas["dimension"] = parts["dimension"].to_numpy()[place]
    areas["total"], areas["total_without"] = whole[unit], changed[unit, place]
    areas["difference"] = areas["total_without"] - areas["total"]
    return LeftOut(areas, _per_part(areas, parts))


def lacks(frame: pd.DataFrame) -> pd.DataFrame:
    """List what the index lacks, each with a figure counted from the published rows themselves.

    Returns
    -------
    DataFrame `lack, region_level, figure, of`, one row a finding: `without_interval` (rows of the total
    without limits, of all), `parts_of_total` (parts at this level, of those at the level with most),
    `areas_with_other_parts` (rows whose parts differ from the level's own), `money_or_service_parts` (parts
    that tell of use or cost, of all), `rows_with_absent_part`, `rows_not_plain_mean` (published totals that
    are not the mean of their available parts).

    Examples
    --------
    >>> from sosrake_lib import samples
    >>> every = samples.indicator_frame()
    >>> found = lacks(every[every["indicator"].str.startswith("diak_")])
    >>> total = found[found["lack"] == "without_interval"]
    >>> total["figure"].tolist() == total["of"].tolist()
    True
    """
    found = reproduce(frame)
    rows = frames.check(frame, file="diak_lacks.lacks")
    totals = rows.loc[(rows["indicator"] == TOTAL) & (rows["status"] == "ok")]
    parts = parts_by_level()
    most = len(parts)
    lines: list[tuple[str, str, int, int]] = []
    for level, few in totals.groupby("region_level", sort=True):
        name = str(level)
        made = found.rows.loc[(found.rows["indicator"] == TOTAL) & (found.rows["region_level"] == name)]
        own = parts.loc[parts[name] == "always"]
        other = made["parts_expected"] != len(own)
        costly = own["measures"].isin(["service_use", "money"])
        bare = few[["lower", "upper"]].isna().any(axis=1)
        absent = made["parts_used"] < made["parts_expected"]
        odd = made["explanation"] != "mean_of_dimensions"
        lines += [
            ("without_interval", name, int(bare.sum()), len(few)),
            ("parts_of_total", name, len(own), most),
            ("areas_with_other_parts", name, int(other.sum()), len(made)),
            ("money_or_service_parts", name, int(costly.sum()), len(own)),
            ("rows_with_absent_part", name, int(absent.sum()), len(made)),
            ("rows_not_plain_mean", name, int(odd.sum()), len(made)),
        ]
    return pd.DataFrame(lines, columns=["lack", "region_level", "figure", "of"])


def refuse_sampling_error() -> None:
    """Say why Diak's own index can have no interval, and what can be done instead; always raises."""
    raise FrameError(
        "diak_lacks: Diak publishes indices without counts or limits, so their sampling error cannot be had "
        f"from them; indicators with counts ({', '.join(COUNTED)}) have it: see counted_framework and "
        "composite_sampling.sampling_error"
    )


def counted_framework() -> pd.DataFrame:
    """Give a small framework of ours: those parts of the human dimension that a source gives with counts.

    It is not Diak's index: four of its parts, one year instead of three. What it has is an interval, by
    `composite_sampling.sampling_error` on `rates.analyse` of the 2019 figures.

    Examples
    --------
    >>> counted_framework()["key"].tolist()[-1]
    'oma_pienituloisuus_ja_tyo'
    """
    return flat(dict.fromkeys(COUNTED, 1), total=OWN_TOTAL)


def shared_parts() -> pd.DataFrame:
    """List the parts that stand in the index at every level: on them alone could levels be compared."""
    inside = [set(framework(level)["key"]) for level in ("hva", "maakunta", "seutukunta", "kunta")]
    parts = parts_by_level()
    return parts.loc[parts["part"].isin(set.intersection(*inside))].reset_index(drop=True)


def _without(
    sums: Floats,
    counts: Floats,
    values: Floats,
    there: NDArray[np.bool_],
    member: Floats,
    part: int,
) -> Floats:
    gone = np.outer(there[:, part], member[part])
    return ((sums - gone * values[:, [part]]) / (counts - gone)).mean(axis=1)


def _per_part(areas: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    shift = areas.assign(shift=areas["difference"].abs())
    grouped = shift.groupby(["region_level", "part"], sort=False)["shift"]
    table = grouped.agg(areas="size", mean_shift="mean", largest_shift="max").reset_index()
    where = shift.loc[grouped.idxmax().to_numpy()]
    table["area_of_largest"] = where["region_code"].to_numpy()
    return table.merge(parts[["part", "dimension", "measures"]], on="part", validate="many_to_one")
