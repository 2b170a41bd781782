"""What the project's own release is made of: participants, money, sustainability scores and basic facts.

The figures are those of the project's public descriptions, each row with its source. Nothing is added where a
source tells nothing: a realised figure that is not recorded is missing, never 0. Where two sources give two
figures both are kept, told apart by `group`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, samples
from sosrake_lib.batch.recipes_project_people import money_by_partner, people_parts
from sosrake_lib.errors import FrameError
from sosrake_lib.indicators import rates

AREA = ("joukko", "hanke43")
BORDERS = 2020  # the project lists its municipalities on the map of that year
PLANNED, REALISED = "suunniteltu", "toteutunut"
STAGES = {"planned": PLANNED, "realised": REALISED}
PRODUCER = "SOSRAKE-työkirjan kooste"
LICENCE = "MIT"  # of the compilation: the sources are public pages, told in our own words
WHO = {"henkilöt": "hanke_henkilot", "yritykset": "hanke_yritykset"}
# Shares and sums of published figures, without an interval.
SHARE_METHOD, SUM_METHOD = "share_of_planned", "sum_of_published"
# Basic facts that are counts; the rest are words and dates, which no release holds.
COUNTS = ("maakunnat", "seutukunnat", "kunnat", "avainkumppanit")
SCORES = {"direct": "hanke_kestavyys_suora", "indirect": "hanke_kestavyys_valillinen"}


def project_monitoring(data: Path | None) -> dict[str, protect.Part]:
    """Make the release of the project's monitoring page from the tables `hanke/*` of a data folder.

    Returns
    -------
    Parts, all of the area ("joukko", "hanke43") and of the span from the project's start to the latest of the
    ends its sources give: `osallistujat` and `talous` (group: suunniteltu, toteutunut), `kaytto` (realised of
    planned, %), `kestavyys` (group: criterion), `kestavyys_summat` (group: dimension), `perusluvut` (group:
    the source, so that contradicting counts stand side by side), `rahat` (group: partner, by period) and,
    once the house has filled its own table of participants, those of `recipes_project_people.people_parts`.

    Raises
    ------
    FrameError when a table names a kind of participant, or holds a count, that the page could not name.
    """
    facts = samples.table("hanke/perustiedot", data)
    money = samples.table("hanke/talous", data)
    scores = samples.table("hanke/kestavyys", data)
    parts = {
        "osallistujat": participants(samples.table("hanke/osallistujat", data)),
        "talous": staged(money, "hanke_" + money["item"]),
        "kaytto": use_of_money(money),
        "kestavyys": sustainability(scores),
        "kestavyys_summat": sustainability_sums(scores),
        "perusluvut": counts(facts),
    }
    period = span(facts)
    parts["rahat"] = money_by_partner(data, period)
    made = {
        name: protect.part(placed(rows, period), rules="avoin") for name, rows in parts.items() if len(rows)
    }
    return made | people_parts(data, facts, placed, period)


def span(facts: pd.DataFrame) -> str:
    """Give the years from the start to the latest end that any source gives, such as `2020/2023`.

    Examples
    --------
    >>> import pandas as pd
    >>> span(pd.DataFrame({"fact": ["alku", "loppu", "loppu"],
    ...     "value": ["2020-05-01", "2023-02-28", "2022-10-31"]}))
    '2020/2023'
    """
    starts, ends = (facts.loc[facts["fact"] == name, "value"].dropna() for name in ("alku", "loppu"))
    if starts.empty or ends.empty:
        lacking = "alku" if starts.empty else "loppu"
        raise FrameError(
            f"hanke/perustiedot: fact {lacking!r} has no value; expected a day, year-month-day; add it"
        )
    return f"{min(starts)[:4]}/{max(ends)[:4]}"


def participants(table: pd.DataFrame) -> pd.DataFrame:
    """Give planned and realised participants: people and companies."""
    unknown = sorted(set(table["group"]) - set(WHO))
    if unknown:
        raise FrameError(
            f"hanke/osallistujat: group {unknown[0]!r}; expected one of {', '.join(WHO)}; use one of these"
        )
    return staged(table, table["group"].map(WHO))


def staged(table: pd.DataFrame, indicator: pd.Series) -> pd.DataFrame:
    """Lay columns `planned` and `realised` out as rows of one indicator, told apart by `group`."""
    return pd.concat(
        [rows_of(indicator, table[column], table["source"], group=stage) for column, stage in STAGES.items()],
        ignore_index=True,
    )


def use_of_money(table: pd.DataFrame) -> pd.DataFrame:
    """Give the realised share of the planned sum, %, for the items that have both."""
    both = table.loc[table["planned"].notna() & table["realised"].notna() & (table["planned"] != 0)]
    realised, planned = (both[name].astype("float64") for name in ("realised", "planned"))
    share = pd.Series(rates.per_units(realised, planned, 100.0), index=both.index)
    rows = rows_of("hanke_kaytto_" + both["item"], share, both["source"], group=frame.ALL_GROUPS)
    return computed(rows.assign(per=100.0, numerator=realised.to_numpy(), denominator=planned.to_numpy()))


def sustainability(table: pd.DataFrame) -> pd.DataFrame:
    """Give each criterion's direct and indirect score, planned and realised, as the source gives them."""
    criterion = table["number"].map(lambda number: f"kriteeri_{int(number):02d}")
    return pd.concat(
        [
            rows_of(f"{key}_{stage}", table[f"{column}_{kind}"], table["source"], group=criterion)
            for kind, key in SCORES.items()
            for column, stage in STAGES.items()
        ],
        ignore_index=True,
    )


def sustainability_sums(table: pd.DataFrame) -> pd.DataFrame:
    """Sum the scores of each dimension; a sum with an unrecorded score in it is missing."""
    columns = {
        f"{key}_{stage}": f"{column}_{kind}"
        for kind, key in SCORES.items()
        for column, stage in STAGES.items()
    }
    sums = (
        table.groupby("dimension", sort=False)[list(columns.values())]
        .agg(lambda scores: scores.sum(skipna=False))
        .reset_index()
    )
    source = "; ".join(dict.fromkeys(table["source"]))
    return computed(
        pd.concat(
            [
                rows_of(indicator, sums[column], source, group=sums["dimension"])
                for indicator, column in columns.items()
            ],
            ignore_index=True,
        )
    )


def counts(facts: pd.DataFrame) -> pd.DataFrame:
    """Give the basic facts that are counts, one row a source; sources that disagree are all kept."""
    chosen = facts.loc[facts["fact"].isin(COUNTS)]
    values = pd.to_numeric(chosen["value"], errors="coerce")
    wrong = chosen.index[values.isna() & chosen["value"].notna()]
    if len(wrong):
        raise FrameError(
            f"hanke/perustiedot: row {wrong[0] + 1}, column value: {chosen.at[wrong[0], 'value']!r}; "
            f"expected a whole number, as {chosen.at[wrong[0], 'fact']} is a count"
        )
    return rows_of("hanke_" + chosen["fact"], values, chosen["source"], group=chosen["source"])


def rows_of(
    indicator: pd.Series | str, value: pd.Series, source: pd.Series | str, *, group: pd.Series | str
) -> pd.DataFrame:
    """Make source rows: `ok` where there is a value, else `missing`."""
    numbers = value.astype("float64")
    rows = pd.DataFrame({"value": numbers.to_numpy(dtype="float64", na_value=np.nan)})
    for name, given in (("indicator", indicator), ("group", group), ("source", source)):
        rows[name] = given.to_numpy() if isinstance(given, pd.Series) else given
    status = np.where(rows["value"].notna(), "ok", "missing")
    return rows.assign(status=status, per=1.0, origin="published", made_from="")


def computed(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of rows that we computed them from published ones."""
    return rows.assign(origin="own", made_from="published")


def placed(rows: pd.DataFrame, period: str) -> pd.DataFrame:
    """Add the project's area, map, time and producer, and how each figure was made.

    The method is told here, as `sosrake trace` would take any own figure for a sum over municipalities.
    """
    own = rows["origin"] == "own"
    return frame.check(
        rows.assign(
            region_level=AREA[0],
            region_code=AREA[1],
            borders=BORDERS,
            period=rows.get("period", period),
            producer=PRODUCER,
            licence=LICENCE,
            statistic=np.where(rows["per"] == 1.0, "count", "ratio"),
            method=np.select(
                [own & (rows["per"] == 1.0), own], [SUM_METHOD, SHARE_METHOD], default="published"
            ),
            confidence=0.95,
        ),
        file="project_monitoring",
    )
