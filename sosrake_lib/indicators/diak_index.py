"""Diak's disadvantage index (huono-osaisuusindeksi), made again from its parts, every odd row explained.

The index of Diakonia University of Applied Sciences has three dimensions, each the plain mean of its parts,
and a total, the plain mean of the three. A part is a three-year mean divided by that of the median area of
the level (= 100). Source: Diak, Huono-osaisuus Suomessa (karttasovellus, version 24 February 2023), MIT
licence, with its own descriptions of the variables. Its published figures are kept in
data/samples/diak_2011_2020.csv.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators.composite_framework import check
from sosrake_lib.indicators.composite_wide import UNIT

Floats = NDArray[np.float64]

TOTAL = "diak_huono_osaisuus"
DIMENSIONS = ("diak_inhimillinen", "diak_sosiaaliset", "diak_taloudelliset")
LEVELS = ("hva", "maakunta", "seutukunta", "kunta")
# Figures of the samples have four decimals: a mean and what it is compared with may each be off by half of
# one.
TOLERANCE = 2e-4

EXPLANATIONS = (
    "mean_of_parts",
    "mean_of_available_parts",
    "absent_counted_as_0",
    "earlier_mean_counted_as_part",
    "part_of_other_period_counted",
    "not_reproduced",
    "no_parts",
    "mean_of_dimensions",
    "follows_from_dimension",
)

# (dimension, part, surveyed): surveyed parts exist for counties and regions, and for some large
# municipalities.
_PARTS = (
    ("diak_inhimillinen", "diak_koulutuksen_ulkopuolella", False),
    ("diak_inhimillinen", "diak_nuorisotyottomyys", False),
    ("diak_inhimillinen", "diak_pitkaaikaistyottomyys", False),
    ("diak_inhimillinen", "diak_pitkaaikainen_toimeentulotuki_18_24", False),
    ("diak_inhimillinen", "diak_pitkaaikainen_toimeentulotuki_25_64", False),
    ("diak_inhimillinen", "diak_pienituloisuus", False),
    ("diak_inhimillinen", "diak_yksinaisyys", True),
    ("diak_inhimillinen", "diak_psyykkinen_kuormitus", True),
    ("diak_inhimillinen", "diak_koettu_terveys", True),
    ("diak_inhimillinen", "diak_alkoholikuolleisuus", None),
    ("diak_inhimillinen", "diak_itsemurhat", None),
    ("diak_sosiaaliset", "diak_lastensuojeluilmoitukset", False),
    ("diak_sosiaaliset", "diak_sijoitetut_lapset", False),
    ("diak_sosiaaliset", "diak_vakivaltarikokset", False),
    ("diak_sosiaaliset", "diak_paihderikokset", False),
    ("diak_sosiaaliset", "diak_tinkineet", True),
    ("diak_sosiaaliset", "diak_asiakasmaksut_haitanneet", True),
    ("diak_taloudelliset", "diak_mielenterveyskaynnit", False),
    ("diak_taloudelliset", "diak_tyomarkkinatuki", False),
    ("diak_taloudelliset", "diak_sijoitusten_kustannukset", False),
    ("diak_taloudelliset", "diak_paihdehoito_laitos", False),
    ("diak_taloudelliset", "diak_taydentava_toimeentulotuki", False),
)
# What a part counts: people in a situation, events in a register, use of a service, or money.
_MEASURES = {
    "diak_mielenterveyskaynnit": "service_use",
    "diak_paihdehoito_laitos": "service_use",
    "diak_tyomarkkinatuki": "money",
    "diak_sijoitusten_kustannukset": "money",
    "diak_taydentava_toimeentulotuki": "money",
    "diak_lastensuojeluilmoitukset": "register_event",
    "diak_vakivaltarikokset": "register_event",
    "diak_paihderikokset": "register_event",
    "diak_sijoitetut_lapset": "service_use",
    "diak_asiakasmaksut_haitanneet": "survey",
    "diak_tinkineet": "survey",
    "diak_yksinaisyys": "survey",
    "diak_psyykkinen_kuormitus": "survey",
    "diak_koettu_terveys": "survey",
}


@dataclass(frozen=True, slots=True, eq=False)
class Reproduction:
    """Diak's index made again.

    `rows` : one row an area, period and figure (three dimensions and the total): key, `computed` (plain
    mean of the available parts, or of the three dimensions), `published`, `difference` (computed -
    published),
    `parts_used`, `parts_expected`, `explanation` (one of EXPLANATIONS), `by_rule` (the figure by that rule),
    `rule_difference`, `implied_part` (what one part more would have to be) and
    `implied_from` (part and period where it stands). `summary` : rows counted by
    level, figure, period and explanation.
    """

    rows: pd.DataFrame
    summary: pd.DataFrame


def parts_by_level() -> pd.DataFrame:
    """List the parts of each dimension and say at which level each one is in the index.

    Returns
    -------
    DataFrame `dimension, part, measures, hva, maakunta, seutukunta, kunta`: "always", "where_published"
    (survey figures of some large municipalities) or "never". `measures` is situation, survey, register_event,
    service_use or money. The same name thus holds 22 parts for a county, 15 for most municipalities.

    Examples
    --------
    >>> table = parts_by_level()
    >>> (table["hva"] == "always").groupby(table["dimension"]).sum().tolist()
    [11, 6, 5]
    >>> (table["kunta"] == "always").groupby(table["dimension"]).sum().tolist()
    [6, 4, 5]
    """
    rows = []
    for dimension, part, surveyed in _PARTS:
        municipal = {False: "always", True: "where_published", None: "never"}[surveyed]
        narrow = "always" if surveyed is False else "never"
        measures = _MEASURES.get(part, "situation")
        if part in ("diak_alkoholikuolleisuus", "diak_itsemurhat"):
            measures = "register_event"
        rows.append((dimension, part, measures, "always", "always", narrow, municipal))
    return pd.DataFrame(rows, columns=["dimension", "part", "measures", *LEVELS])


def framework(level: str) -> pd.DataFrame:
    """Give Diak's index as a framework of `composite.index`: parts that are always in it at a level.

    With normalisation "none", missing="available" and all directions 1 it gives Diak's own plain means.

    Examples
    --------
    >>> table = framework("kunta")
    >>> print(len(table), table["parent"].value_counts().head(3).tolist())
    19 [6, 5, 4]
    """
    _known_level(level)
    parts = parts_by_level()
    parts = parts.loc[parts[level] == "always"]
    rows = [(part, dimension) for dimension, part in zip(parts["dimension"], parts["part"], strict=True)]
    rows += [(dimension, TOTAL) for dimension in DIMENSIONS] + [(TOTAL, "")]
    table = pd.DataFrame(rows, columns=["key", "parent"])
    return check(table.assign(weight=1.0, direction=1))


def reproduce(frame: pd.DataFrame, *, tolerance: float = TOLERANCE) -> Reproduction:
    """Make Diak's dimensions and total again from the parts, and explain every row that differs.

    Parameters
    ----------
    frame : Diak's published figures as an indicator frame (keys `diak_*`), any levels and periods. Areas
        without any published dimension are left out.
    tolerance : largest difference that rounding can make; 1e-9 with unrounded figures.

    Returns
    -------
    Reproduction. A row is tried with these rules in turn, and the first that gives the published figure is
    its explanation:

    - `mean_of_parts`, `mean_of_available_parts`: the plain mean, of all parts or of those there are.
    - `absent_counted_as_0`: the sum divided by more parts than there are figures.
    - `earlier_mean_counted_as_part`: with s the sum of the n figures there are and k absent,
      (s + s / (n + k)) / (n + 1). An earlier mean, in which an absent part counted as 0, stands among the
      parts of the final mean. Filling each absent part with s / (n + 1) gives the same number, so the
      figures cannot tell which of the two was done; either way the index is too low.
    - `part_of_other_period_counted`: one part more would give the figure, and what it would have to be
      (`implied_part`) is the area's own figure of an absent part in another period (`implied_from`).
    - the total: `mean_of_dimensions` exact, or `follows_from_dimension` when it is the mean of the dimensions
      as the rules above give them.

    Raises
    ------
    FrameError when the frame holds none of the index's figures.

    Examples
    --------
    >>> import pandas as pd
    >>> keys = [part for part in framework("kunta")["key"] if part not in (*DIMENSIONS, TOTAL)]
    >>> rows = pd.DataFrame({"indicator": [*keys, *DIMENSIONS, TOTAL], "region_level": "kunta",
    ...     "region_code": "146", "borders": 2023, "period": "2018/2020", "origin": "published",
    ...     "value": [105.0] * 3 + [None] + [105.0] * 11 + [102.0833333, 105.0, 105.0, 104.0277778]})
    >>> rows["status"] = rows["value"].notna().map({True: "ok", False: "missing"})
    >>> found = reproduce(rows).rows
    >>> found[["indicator", "explanation"]].to_records(index=False).tolist()[:2]
    [('diak_inhimillinen', 'earlier_mean_counted_as_part'), ('diak_sosiaaliset', 'mean_of_parts')]
    """
    wide, units = _side_by_side(frame)
    parts = parts_by_level()
    always = {level: set(parts.loc[parts[level] == "always", "part"]) for level in LEVELS}
    tables = []
    for dimension in DIMENSIONS:
        keys = parts.loc[parts["dimension"] == dimension, "part"].tolist()
        values = wide.reindex(columns=keys).to_numpy(dtype="float64")
        basic = np.array([[key in always[level] for key in keys] for level in units["region_level"]])
        table = _dimension(values, basic, _published(wide, dimension), tolerance, dimension, units)
        tables.append(_from_other_periods(table, wide.reindex(columns=keys), tolerance))
    tables.append(_total(tables, _published(wide, TOTAL), tolerance, units))
    rows = pd.concat(tables, ignore_index=True)
    keys = ["region_level", "indicator", "period", "explanation"]
    summary = rows.groupby(keys, sort=True, as_index=False).agg(rows=("computed", "size"))
    return Reproduction(rows, summary)


def _dimension(
    values: Floats,
    basic: NDArray[np.bool_],
    published: Floats,
    tolerance: float,
    dimension: str,
    units: pd.DataFrame,
) -> pd.DataFrame:
    there = np.isfinite(values)
    used = there.sum(axis=1)
    # A surveyed part of a municipality counts as expected only where it is there.
    expected = (there | basic).sum(axis=1)
    absent = expected - used
    total = np.where(there, values, 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        computed = np.where(used > 0, total / used, np.nan)
        earlier = (total + total / expected) / (used + 1)
    implied = published * (used + 1) - total
    by_rule, why = computed.copy(), np.full(len(used), "not_reproduced", dtype=object)

    def settle(mask: NDArray[np.bool_], figure: Floats, name: str) -> None:
        agrees = mask & (why == "not_reproduced") & (np.abs(figure - published) <= tolerance)
        why[agrees], by_rule[agrees] = name, figure[agrees]

    settle(absent == 0, computed, "mean_of_parts")
    settle(used > 0, computed, "mean_of_available_parts")
    for more in range(1, values.shape[1] + 1):
        settle((used > 0) & (more <= absent), total / np.maximum(used + more, 1), "absent_counted_as_0")
    settle(absent > 0, earlier, "earlier_mean_counted_as_part")
    why[used == 0] = "no_parts"
    open_rows = (why == "not_reproduced") & np.isfinite(published)
    hidden = np.where(open_rows, implied, np.nan)
    return _rows(units, dimension, computed, published, why, by_rule).assign(
        parts_used=used, parts_expected=expected, implied_part=hidden
    )


def _from_other_periods(table: pd.DataFrame, wide: pd.DataFrame, tolerance: float) -> pd.DataFrame:
    """Look for the part that a figure not yet explained would need among the area's other periods."""
    found = table.assign(implied_from="")
    place = ["region_level", "region_code", "borders", "sex", "age", "group"]
    for row in np.flatnonzero(found["implied_part"].notna()):
        here = found.loc[row]
        own = wide.xs(tuple(here[place]), level=place)
        absent = wide.columns[wide.iloc[row].isna()]
        # Rounding of the mean is multiplied by the number of parts when one of them is worked out of it.
        near = (own[absent] - here["implied_part"]).abs() <= tolerance * (here["parts_used"] + 1)
        if near.any(axis=None):
            part, period = near.unstack().loc[lambda hit: hit].index[0]
            found.loc[row, "explanation"] = "part_of_other_period_counted"
            found.loc[row, ["by_rule", "rule_difference"]] = [here["published"], 0.0]
            found.loc[row, "implied_from"] = f"{part} {period}"
    return found


def _total(
    tables: list[pd.DataFrame], published: Floats, tolerance: float, units: pd.DataFrame
) -> pd.DataFrame:
    computed = np.stack([table["computed"].to_numpy() for table in tables]).mean(axis=0)
    by_rule = np.stack([table["by_rule"].to_numpy() for table in tables]).mean(axis=0)
    plain = np.abs(computed - published) <= tolerance
    follows = np.abs(by_rule - published) <= tolerance
    why = np.select([plain, follows], ["mean_of_dimensions", "follows_from_dimension"], "not_reproduced")
    used = sum(table["parts_used"] for table in tables)
    expected = sum(table["parts_expected"] for table in tables)
    found = _rows(units, TOTAL, computed, published, why, np.asarray(np.where(plain, computed, by_rule)))
    return found.assign(parts_used=used, parts_expected=expected, implied_part=np.nan, implied_from="")


def _rows(
    units: pd.DataFrame, key: str, computed: Floats, published: Floats, why: NDArray, by_rule: Floats
) -> pd.DataFrame:
    found = units.copy()
    found.insert(0, "indicator", key)
    return found.assign(
        computed=computed,
        published=published,
        difference=computed - published,
        explanation=why.astype(str),
        by_rule=by_rule,
        rule_difference=by_rule - published,
    )


def _side_by_side(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = frames.check(frame, file="diak_index.reproduce")
    known = {*DIMENSIONS, TOTAL, *(part for _, part, _ in _PARTS)}
    rows = rows.loc[rows["indicator"].isin(known) & rows["region_level"].isin(LEVELS)]
    published = rows.loc[rows["indicator"].isin([*DIMENSIONS, TOTAL]) & rows["value"].notna()]
    if published.empty:
        raise FrameError(
            f"diak_index.reproduce: the frame holds no figure of {', '.join(DIMENSIONS)} or {TOTAL}; "
            "give Diak's published rows, such as data/samples/diak_2011_2020.csv"
        )
    wide = rows.pivot(index=list(UNIT), columns="indicator", values="value")
    wide = wide.loc[wide.index.isin(pd.MultiIndex.from_frame(published[list(UNIT)]))]
    return wide, wide.index.to_frame(index=False)


def _published(wide: pd.DataFrame, key: str) -> Floats:
    return wide[key].to_numpy(dtype="float64") if key in wide else np.full(len(wide), np.nan)


def _known_level(level: str) -> None:
    if level not in LEVELS:
        raise FrameError(f"diak_index: level {level!r}; Diak's index exists for {', '.join(LEVELS)}")
