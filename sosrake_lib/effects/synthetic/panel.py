"""Take units by periods out of a frame: who is treated, from when, and who may stand in."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.effects.its.periods import read_periods
from sosrake_lib.effects.its.series import check_one_origin
from sosrake_lib.effects.regression import check_columns
from sosrake_lib.errors import FrameError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Outcomes of treated units and donors by period.

    Attributes
    ----------
    donors : (donors, periods). treated : (treated units, periods). donor_names, treated_names, periods :
        labels as the data write them. before : number of periods before treatment. lacking : periods
        skipped. left_out : donors left out because a figure lacks.
    """

    donors: Floats
    treated: Floats
    donor_names: tuple[Hashable, ...]
    treated_names: tuple[Hashable, ...]
    periods: tuple[Hashable, ...]
    before: int
    lacking: int = 0
    left_out: tuple[Hashable, ...] = ()

    @property
    def target(self) -> Floats:
        """Mean of the treated units by period, (periods,)."""
        return self.treated.mean(axis=0)

    @property
    def after(self) -> int:
        """Number of periods from the treatment on."""
        return len(self.periods) - self.before


def read_panel(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treatment: str | None = None,
    treated: Hashable | Sequence[Hashable] = None,
    first_after: Hashable = None,
    donors: Sequence[Hashable] | None = None,
    incomplete: str = "refuse",
    where: str = "synthetic_control",
) -> Panel:
    """Read and check a panel.

    Parameters
    ----------
    data : one row a unit and period. outcome, unit, time : columns.
    treatment : column, 1 in the treated units from their first treated period on, else 0; or
    treated, first_after : name (or names) of treated units and their first treated period.
    donors : units that may stand in; left out, all the others.
    incomplete : "refuse" or "drop" donors in which a figure lacks.

    Raises
    ------
    FrameError when a column is missing, a unit has a period twice, a figure lacks, treatment starts at
    different periods, ends again, is there from the start or nowhere, there are fewer than two donors or
    two periods before, or the outcome is constant.
    """
    columns = [outcome, unit, time] + ([treatment] if treatment else [])
    check_columns(data, columns, where)
    check_one_origin(data, where)
    if incomplete not in ("refuse", "drop"):
        raise FrameError(f"{where}: incomplete {incomplete!r}; expected refuse or drop")
    _check_breaks(data, where)
    wide = _wide(data, outcome, unit, time, where)
    names, start = (
        _by_column(data, wide, unit, time, treatment, where)
        if treatment
        else _by_name(wide, treated, first_after, where)
    )
    others = [name for name in wide.index.tolist() if name not in names] if donors is None else list(donors)
    _check_names(wide, names, others, unit, where)
    kept, left_out = _complete(wide, names, others, incomplete, where)
    panel = Panel(
        wide.loc[kept].to_numpy("float64"),
        wide.loc[names].to_numpy("float64"),
        tuple(kept),
        tuple(names),
        tuple(wide.columns.tolist()),
        start,
        _lacking(wide.columns.to_series(name=time), where),
        tuple(left_out),
    )
    _check_size(panel, outcome, where)
    return panel


def _wide(data: pd.DataFrame, outcome: str, unit: str, time: str, where: str) -> pd.DataFrame:
    for name in (unit, time):
        if data[name].isna().any():
            row = data.index[data[name].isna()][0]
            raise FrameError(f"{where}: column {name!r} is empty in row {row!r}; every row needs it")
    twice = data.duplicated([unit, time])
    if twice.any():
        one, period = data.loc[twice, unit].tolist()[0], data.loc[twice, time].tolist()[0]
        raise FrameError(
            f"{where}: {one!r} has period {period!r} twice; a unit has one figure a period, sum or "
            "choose rows first"
        )
    values = pd.to_numeric(data[outcome], errors="coerce")
    wrong = values.isna() & data[outcome].notna()
    if wrong.any() or np.isinf(values).any():
        row = data.index[wrong | np.isinf(values)][0]
        raise FrameError(
            f"{where}: column {outcome!r} is {data.loc[row, outcome]!r} in row {row!r}; expected a finite "
            f"number"
        )
    if "status" in data:
        values = values.where(data["status"] == "ok")
    wide = data.assign(**{outcome: values}).pivot(index=unit, columns=time, values=outcome)
    return wide.loc[:, wide.columns[np.argsort(read_periods(wide.columns.to_series(name=time), where).place)]]


def _check_breaks(data: pd.DataFrame, where: str) -> None:
    if "break_before" in data and data["break_before"].fillna(False).astype("bool").any():
        row = data.index[data["break_before"].fillna(False).astype("bool")][0]
        raise FrameError(
            f"{where}: the series breaks in row {row!r} (column break_before), so figures before and after "
            f"do not "
            "compare; take the periods on one side, or drop the column if the break touches every unit alike"
        )


def _by_column(
    data: pd.DataFrame, wide: pd.DataFrame, unit: str, time: str, treatment: str | None, where: str
) -> tuple[list[Hashable], int]:
    status = data.pivot(index=unit, columns=time, values=treatment).reindex_like(wide)
    on = status.fillna(0).to_numpy("float64")
    if not np.isin(on, (0.0, 1.0)).all():
        raise FrameError(
            f"{where}: column {treatment!r} has other values than 0 and 1; mark treated rows with 1"
        )
    names = [name for name, row in zip(wide.index.tolist(), on, strict=True) if row.any()]
    if not names:
        raise FrameError(f"{where}: column {treatment!r} is 0 in every row; mark the treated rows with 1")
    rows = on[on.any(axis=1)]
    if (np.diff(rows, axis=1) < 0).any():
        name = names[int((np.diff(rows, axis=1) < 0).any(axis=1).argmax())]
        raise FrameError(
            f"{where}: {name!r} stops being treated; expected 1 from the first treated period on"
        )
    starts = rows.argmax(axis=1)
    if len(set(starts)) > 1:
        listed = ", ".join(f"{n} {wide.columns[s]}" for n, s in zip(names[:5], starts[:5], strict=True))
        raise FrameError(
            f"{where}: treatment starts at different periods ({listed}); estimate those with one start at a "
            f"time, "
            "or use a staggered estimator"
        )
    return names, int(starts[0])


def _by_name(
    wide: pd.DataFrame, treated: Hashable | Sequence[Hashable], first_after: Hashable, where: str
) -> tuple[list[Hashable], int]:
    if treated is None or first_after is None:
        raise FrameError(
            f"{where}: say who is treated from when: a 0/1 column treatment=, or treated= and first_after="
        )
    if first_after not in wide.columns:
        raise FrameError(
            f"{where}: no period {first_after!r}; the data run from {wide.columns[0]} to {wide.columns[-1]}"
        )
    names = list(treated) if isinstance(treated, list | tuple | set) else [treated]
    return names, int(wide.columns.get_loc(first_after))  # type: ignore[arg-type]


def _check_names(
    wide: pd.DataFrame, names: list[Hashable], others: list[Hashable], unit: str, where: str
) -> None:
    unknown = [name for name in (*names, *others) if name not in wide.index]
    if unknown:
        raise FrameError(
            f"{where}: column {unit!r} has no {unknown[0]!r}; it has {', '.join(map(str, wide.index[:8]))}"
        )
    both = [name for name in names if name in others]
    if both:
        raise FrameError(f"{where}: {both[0]!r} is both treated and a donor; take it from one of them")


def _complete(
    wide: pd.DataFrame, names: list[Hashable], others: list[Hashable], incomplete: str, where: str
) -> tuple[list[Hashable], list[Hashable]]:
    holes = wide.isna()
    lacking = [name for name in others if holes.loc[name].any()]
    ours = [name for name in names if holes.loc[name].any()]
    if ours or (lacking and incomplete == "refuse"):
        name = (ours or lacking)[0]
        period = wide.columns.tolist()[int(holes.loc[name].to_numpy().argmax())]
        raise FrameError(
            f"{where}: {name!r} has no figure for {period!r} ({len(ours) + len(lacking)} unit(s) lack some); "
            "shorten the time, or leave donors with holes out by incomplete='drop'"
        )
    return [name for name in others if name not in lacking], lacking


def _lacking(labels: pd.Series, where: str) -> int:
    place = np.sort(read_periods(labels, where).place)
    return int(place[-1] - place[0] + 1 - place.size)


def _check_size(panel: Panel, outcome: str, where: str) -> None:
    if panel.before == 0:
        raise FrameError(
            f"{where}: {panel.treated_names[0]!r} is treated from the first period on; without a time before "
            "there is nothing to match on"
        )
    if panel.before < 2:
        raise FrameError(f"{where}: one period before treatment; at least two are needed to match a course")
    if len(panel.donors) < 2:
        raise FrameError(
            f"{where}: {len(panel.donors)} unit(s) without treatment; a synthetic unit needs at least two "
            f"donors"
        )
    if np.ptp(panel.donors) == 0 or (panel.before > 0 and np.ptp(panel.treated) == 0 == np.ptp(panel.donors)):
        raise FrameError(f"{where}: column {outcome!r} is the same in every donor and period; check the data")
