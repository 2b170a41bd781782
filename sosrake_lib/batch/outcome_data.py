"""Measurements and goals of clients as a user's table gives them: checked, placed, scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, protect, regions, samples
from sosrake_lib.effects.change import paired_rows
from sosrake_lib.effects.instruments import Scored, import_scores, score_instrument
from sosrake_lib.errors import GatherError, RegionError
from sosrake_lib.language import say

FIRST, SECOND = "alku", "loppu"
OTHER_TOWNS, OTHER_GROUPS = "muut_kunnat", "muut_palvelut"
INVENTED = "E1"
PERSON_COLUMNS = ("client", "region_code", "group", "time", "date")
# Columns a table may have besides the answers; without them the page leaves out what rests on them.
MORE_COLUMNS = ("sex", "age", "chosen_by", "own_view")


@dataclass(frozen=True, slots=True)
class OutcomePlace:
    """Where and when the people of a table were measured: the county, the years, real or invented."""

    region_code: str
    period: str
    origin: str
    borders: int = regions.CURRENT_YEAR
    region_level: str = "hva"

    def columns(self) -> dict[str, object]:
        """Give the key columns of rows about this place."""
        names = ("region_level", "region_code", "borders", "period", "origin")
        return {name: getattr(self, name) for name in names}

    def of(self, group: str) -> protect.Place:
        """Give the place of an effect among one group."""
        return protect.Place(self.region_level, self.region_code, self.period, self.borders, group=group)


@dataclass(frozen=True, slots=True, eq=False)
class ScaleData:
    """One scale as measured. About single people: it never leaves the recipe.

    `key` is "<instrument>.<scale>"; `wide` has `person, before, after, group, chosen_by, own_view`;
    `answered` has, at the first measurement, `state` of those who answered at all (complete, filled,
    unscored), empty for ready scores; `bands` `person, time, band`; `reliability` NaN = none known.
    """

    key: str
    record: catalogue.Instrument
    scale: catalogue.ScoredScale
    wide: pd.DataFrame
    answered: pd.Series
    bands: pd.DataFrame
    reliability: float
    caveats: tuple[str, ...]


def place_of(rows: pd.DataFrame, dates: str, kind: str, name: str) -> OutcomePlace:
    """Find the one county the rows' municipalities belong to, and the years of their first dates.

    Raises
    ------
    GatherError when municipalities are unknown or of several counties, or no date can be read.
    """
    codes = sorted(rows["region_code"].dropna().unique())
    try:
        counties = {regions.parent(code, "hva") or "" for code in codes}
    except RegionError as problem:
        raise GatherError(say("mittarit.error.region", table=name, problem=str(problem))) from problem
    if len(counties) != 1 or rows["region_code"].isna().any():
        raise GatherError(say("mittarit.error.counties", table=name, count=len(counties - {""})))
    days = pd.to_datetime(rows[dates], format="%Y-%m-%d", errors="coerce")
    if days.isna().any():
        row = int(np.flatnonzero(days.isna())[0]) + 1
        raise GatherError(say("mittarit.error.date", table=name, column=dates, row=row))
    years = sorted({int(day.year) for day in days})
    period = str(years[0]) if len(years) == 1 else f"{years[0]}/{years[-1]}"
    return OutcomePlace(counties.pop(), period, "synthetic" if kind == "synthetic" else "own")


def need_columns(rows: pd.DataFrame, needed: Sequence[str], known: Sequence[str], name: str) -> None:
    """Refuse a table without a column needed, or with one that nobody reads.

    A column of unknown meaning may hold what must not be here, such as an answer about self-harm.
    """
    for column in needed:
        if column not in rows:
            raise GatherError(
                say("mittarit.error.lacking", table=name, column=column, known=", ".join(needed))
            )
    strange = [str(column) for column in rows.columns if column not in known]
    if strange and strange[0].startswith("phq9_"):
        raise GatherError(say("mittarit.error.phq", table=name, column=strange[0]))
    if strange:
        raise GatherError(
            say("mittarit.error.unknown", table=name, column=strange[0], known=", ".join(known))
        )


def merged(values: pd.Series, persons: pd.Series, minimum: int, others: str) -> pd.Series:
    """Join values with fewer people than `minimum` under the name `others`, so that none stands out.

    When the joined ones are still too few together, the next smallest is joined to them.
    """
    pairs = pd.DataFrame({"value": values, "person": persons}).drop_duplicates()
    people = pairs["value"].value_counts(ascending=True)
    small = list(people.index[people < minimum])
    while small and people[small].sum() < minimum and len(small) < len(people):
        small = list(people.index[: len(small) + 1])
    return values.mask(values.isin(small), others)


def town_names(language: str = "fi") -> dict[str, str]:
    """Give the names of municipalities that stand as groups."""
    codes = [*regions.codes("kunta", regions.CURRENT_YEAR), *regions.members("hva", INVENTED)]
    named = {code: regions.name("kunta", code, language) for code in codes}
    others = {OTHER_TOWNS: "other_towns", OTHER_GROUPS: "other_services"}
    return named | {code: say(f"mittarit.{key}", language) for code, key in others.items()}


def origin_columns(name: str, about: Mapping[str, Any], origin: str) -> dict[str, str]:
    """Give the columns that tell where figures come from."""
    return {
        "producer": say("words.synthetic") if origin == "synthetic" else "",
        "source": f"{name}.csv",
        "licence": str(about.get("licence", "")).partition(" (")[0],
    }


def read_scales(name: str, data: Path | None, minimum: int) -> tuple[ScaleData, ...]:
    """Read a table of measurements and score every instrument it holds, in the order of menus.

    Services with fewer clients than `minimum` are joined. An instrument is there when all its items are
    there ("<key>_1", "<key>_2", ...), or a ready score of it
    ("<key>_<scale>").

    Raises
    ------
    AbsentTable without the table; GatherError for unknown columns, times or no instrument at all.
    """
    rows = samples.table(name, data)
    reliability = samples.dictionary(name, data).get("reliability", {})
    known = [*PERSON_COLUMNS, *MORE_COLUMNS, *_answer_columns(rows)]
    need_columns(rows, PERSON_COLUMNS, known, name)
    odd = sorted(set(rows["time"].dropna()) - {FIRST, SECOND}) or (["–"] if rows["time"].isna().any() else [])
    if odd:
        raise GatherError(say("mittarit.error.time", table=name, value=odd[0]))
    rows = rows.assign(**{column: np.nan for column in MORE_COLUMNS if column not in rows})
    if rows["group"].isna().any():
        row = int(np.flatnonzero(rows["group"].isna())[0]) + 1
        raise GatherError(say("mittarit.error.empty", table=name, column="group", row=row))
    rows["group"] = merged(rows["group"], rows["client"], minimum, OTHER_GROUPS)
    found = []
    for record in catalogue.instruments():
        found += _scales_of(record, rows, dict(reliability))
    if not found:
        raise GatherError(say("mittarit.error.no_instrument", table=name))
    return tuple(found)


def _answer_columns(rows: pd.DataFrame) -> list[str]:
    told = []
    for record in catalogue.instruments():
        told += _items_of(record) if record.kind == "items" else []
        told += [f"{record.key}_{scale.key}" for scale in record.scales]
    return [column for column in told if column in rows]


def _items_of(record: catalogue.Instrument) -> list[str]:
    return [f"{record.key}_{number}" for number in range(1, record.items + 1)]


def _scales_of(
    record: catalogue.Instrument, rows: pd.DataFrame, reliability: dict[str, float]
) -> list[ScaleData]:
    if record.kind == "goals":
        return []
    items = _items_of(record) if record.kind == "items" else []
    scores = {
        scale.key: f"{record.key}_{scale.key}"
        for scale in record.scales
        if f"{record.key}_{scale.key}" in rows and not scale.sensitive
    }
    whose: dict[str, Any] = {
        "person": "client",
        "time": "time",
        "sex": "sex",
        "age": "age",
        "keep": ("group",),
    }
    if items and set(items) <= set(rows):
        # Beside a total, its part without the sensitive items would tell those by difference.
        sensitive = any(scale.sensitive for scale in record.scales)
        scored = score_instrument(rows, record.key, scales=("total",) if sensitive else None, **whose)
        state = _states(scored, rows[items].notna().any(axis=1))
    elif scores:
        scored = import_scores(rows, record.key, scores=scores, **whose)
        state = dict[str, pd.Series]()
    else:
        return []
    keys = list(dict.fromkeys(scored.people["scale"]))
    return [_one(record, key, scored, rows, state.get(key), reliability) for key in keys]


def _states(scored: Scored, answered: pd.Series) -> dict[str, pd.Series]:
    """Tell of each scale how those who answered at the start were scored."""
    found = {}
    for key, part in scored.people.groupby("scale", sort=False):
        whole = part["items_answered"] == part["items"]
        state = np.select([whole, part["status"] == "ok"], ["complete", "filled"], default="unscored")
        first = (part["time"] == FIRST).to_numpy() & answered.to_numpy()
        found[str(key)] = pd.Series(state)[first].reset_index(drop=True)
    return found


def _one(
    record: catalogue.Instrument,
    key: str,
    scored: Scored,
    rows: pd.DataFrame,
    state: pd.Series | None,
    reliability: dict[str, float],
) -> ScaleData:
    people = scored.scale(key)
    wide = paired_rows(
        people, person="person", time="time", outcome="score", first=FIRST, second=SECOND, keep=("group",)
    )
    of_client = rows.groupby("client", sort=False)
    wide["chosen_by"] = wide["person"].map(of_client["chosen_by"].first())
    views = rows.loc[rows["time"] == SECOND].set_index("client")["own_view"]
    wide["own_view"] = pd.to_numeric(wide["person"].map(views))
    scale = record.scale(key)
    named = f"{record.key}.{key}"
    own = scale.known_reliability
    return ScaleData(
        key=named,
        record=record,
        scale=scale,
        wide=wide.dropna(subset=["before", "after"], how="all").reset_index(drop=True),
        answered=pd.Series(dtype="object") if state is None else state,
        bands=people[["person", "time", "band"]],
        reliability=float(reliability.get(named, np.nan if own is None else own.value)),
        caveats=scored.caveats,
    )
