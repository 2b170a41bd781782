"""What the release of the impact chains is made of: a figure of each measure that people's records give.

The chains' words are a person's own and no figure: the page reads them itself (`chains`). Figures come from
measurements of people, so they leave by the rules `vakio`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch import recipes_needs
from sosrake_lib.batch.invented import invented_table
from sosrake_lib.effects.effect import Effect
from sosrake_lib.effects.groups import compared_change
from sosrake_lib.effects.prepost import paired_change
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.chains import (
    ASSIGNMENTS,
    CHANGE,
    HOUSE,
    NOT_MEASURED,
    Chain,
    Measure,
    read_chains,
    read_measures,
)
from sosrake_lib.indicators import rates
from sosrake_lib.language import say
from sosrake_lib.protect.effects import Place, effect_frame

CHAINS, MEASURES = "esimerkkila_vaikutusketju", "esimerkkila_ketjun_mittarit"
MEASUREMENTS = "esimerkkila_ketjun_mittaukset"
RULES = "vakio"
REGION, PERIOD = ("hva", "E1"), "2025"
TOOK_PART, COMPARISON = "mukana", "vertailu"
COLUMNS = ("measure", "person", "group", "before", "value")
DECIMALS = 1
_ROOM = "vaikutusketju.read"


@dataclass(frozen=True, slots=True)
class Chains:
    """The chains of a data folder and the own measures they name."""

    chains: tuple[Chain, ...]
    measures: Mapping[str, Measure]

    def names(self, language: str = "fi") -> dict[str, str]:
        """Give the own measures' names: key -> words."""
        place = 1 if language == "en" else 0
        return {key: one.name[place] for key, one in self.measures.items()}


def chains(data: Path | None = None) -> Chains:
    """Read the chains and their own measures, checked; they are words, so a notebook reads them itself.

    Raises
    ------
    GatherError naming file, row and column when something is wrong (`gather.chains`); AbsentTable when a
    table is not there or holds real people's (the page tells of the invented Esimerkkilä).
    """
    own = read_measures(invented_table(MEASURES, data), MEASURES)
    return Chains(read_chains(invented_table(CHAINS, data), own, CHAINS), own)


def impact_chains(data: Path | None) -> dict[str, protect.Part]:
    """Make the figures of the impact chains.

    Parameters
    ----------
    data : data folder with the tables `esimerkkila_vaikutusketju`, `esimerkkila_ketjun_mittarit` and
        `esimerkkila_ketjun_mittaukset`; the samples when left out.

    Returns
    -------
    Parts by the rules `vakio`: `luvut` (indicator = the measure: people counted, a mean or a share with its
    interval, or a service figure of the house) and `muutokset` (change before and after, or the difference
    from a comparison group, as `protect.effect_frame` gives them). A measure of the catalogue has no row: of
    an invented county nothing is published.

    Raises
    ------
    As `chains`; GatherError when a chain's measure has no measurement or a value is not what its kind asks.
    """
    known = chains(data)
    used = dict.fromkeys(link.measure for chain in known.chains for link in chain.links if link.measure)
    own = [known.measures[key] for key in used if key in known.measures]
    measured = measurements(invented_table(MEASUREMENTS, data), known.measures)
    levels = [figure(one, _of(one, measured)) for one in own if one.kind != CHANGE]
    levels += [house_figure(key, data) for key in used if key in HOUSE]
    changes = [change(one, _of(one, measured)) for one in own if one.kind == CHANGE]
    licence = str(samples.dictionary(MEASUREMENTS, data)["licence"]).partition(" (")[0]
    source = {"producer": say("words.synthetic"), "source": f"{MEASUREMENTS}.csv", "licence": licence}
    parts = {"luvut": levels, "muutokset": changes}
    return {
        name: protect.part(frame.combine(rows).assign(**source) if rows else frame.empty(), rules=RULES)
        for name, rows in parts.items()
    }


def measurements(table: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Check measurements: one row a measure and person, columns measure, person, group, before, value.

    Raises
    ------
    GatherError naming row and column.
    """
    lacking = [column for column in COLUMNS if column not in table]
    if lacking:
        raise GatherError(say(f"{_ROOM}.column_lacks", file=MEASUREMENTS, column=lacking[0]))
    rows = table.reset_index(drop=True)[list(COLUMNS)]
    rows["group"] = rows["group"].fillna(TOOK_PART)
    for column in ("before", "value"):
        numbers = pd.to_numeric(rows[column], errors="coerce").astype("float64")
        _refuse("not_number", rows, numbers.isna() & rows[column].notna(), column=column, value=column)
        rows[column] = numbers
    _refuse("unknown_measure", rows, ~rows["measure"].isin(list(measures)), value="measure")
    _refuse("group", rows, ~rows["group"].isin((TOOK_PART, COMPARISON)), value="group")
    _refuse("person_twice", rows, rows.duplicated(["measure", "person"]), value="measure")
    shares = [key for key, one in measures.items() if one.kind == "osuus"]
    wrong = rows["measure"].isin(shares) & rows["value"].notna() & ~rows["value"].isin((0, 1))
    _refuse("not_share", rows, wrong, value="measure")
    return rows


def figure(measure: Measure, rows: pd.DataFrame) -> pd.DataFrame:
    """Make the figure of people counted, of a mean a person, or of a share of people."""
    values = rows.loc[rows["group"] == TOOK_PART, "value"].dropna()
    size = float(len(values))
    key = _key(measure)
    if measure.kind == "henkiloita":
        return rates.as_given(pd.DataFrame([key | {"value": float(values.gt(0).sum())}]), "count")
    if size == 0:
        return rates.as_given(pd.DataFrame([key | {"value": np.nan, "status": "missing"}]), "mean")
    if measure.kind == "osuus":
        numerator = float(values.sum())
        share = {"value": float(rates.per_units(numerator, size, 100)), "per": 100.0}
        return rates.proportion(pd.DataFrame([key | share | {"numerator": numerator, "denominator": size}]))
    spread = float(values.std(ddof=1)) if size > 1 else np.nan
    row = key | {"value": float(values.mean()), "standard_deviation": spread, "denominator": size}
    found = rates.mean(pd.DataFrame([row])).drop(columns=["standard_deviation"])
    return found.assign(**{name: found[name].round(DECIMALS) for name in ("value", "lower", "upper")})


def change(measure: Measure, rows: pd.DataFrame) -> pd.DataFrame:
    """Estimate the change of those who took part, beside a comparison group where there is one.

    Too few people measured twice give a protected row and not an error: the page then says so.
    """
    place = Place(*REGION, PERIOD)
    if _few(measure, rows):
        key = _key(measure) | {"value": np.nan, "status": "suppressed"}
        return rates.as_given(pd.DataFrame([key]), "mean").assign(statistic="effect")
    found = _estimated(measure, rows)
    unit = (measure.unit[0], measure.unit[1])
    return effect_frame(found, place, indicator=measure.key, people="n", origin="synthetic", unit=unit)


def house_figure(key: str, data: Path | None) -> pd.DataFrame:
    """Give a service figure of the whole county as the release of service needs has it."""
    made = recipes_needs.service_needs(data)
    rows = frame.combine(
        [
            part.frame.loc[(part.frame["indicator"] == key) & (part.frame["region_level"] == "hva")]
            for name, part in made.items()
            if name != "osuudet"
        ]
    )
    whole = (rows["sex"] == "total") & (rows["group"] == frame.ALL_GROUPS) & (rows["age"] == frame.ALL_AGES)
    return rows.loc[whole]


def _estimated(measure: Measure, rows: pd.DataFrame) -> Effect:
    taking_part = rows.loc[rows["group"] == TOOK_PART]
    if not (rows["group"] == COMPARISON).any():
        return paired_change(taking_part["before"], taking_part["value"], unit="points")
    if measure.assignment == "none":
        known = ", ".join(ASSIGNMENTS[1:])
        raise GatherError(say(f"{_ROOM}.no_assignment", file=MEASURES, value=measure.key, known=known))
    return compared_change(
        rows, before="before", after="value", group="group", treated=TOOK_PART, comparison=COMPARISON,
        assignment=measure.assignment, unit="points",
    )  # fmt: skip


def _few(measure: Measure, rows: pd.DataFrame) -> bool:
    """Say whether some arm has fewer people measured twice than may be told, or no change that varies."""
    both = rows.dropna(subset=["before", "value"])
    arms = [both.loc[both["group"] == name] for name in rows["group"].unique()]
    least = protect.rule_set(RULES).minimum_count
    varies = (both["value"] - both["before"]).nunique() > 1
    return any(len(arm) < least for arm in arms) or not varies


def _of(measure: Measure, measured: pd.DataFrame) -> pd.DataFrame:
    rows = measured.loc[measured["measure"] == measure.key]
    if rows.empty:
        told = {"file": MEASUREMENTS, "measure": measure.key, "instead": NOT_MEASURED}
        raise GatherError(say(f"{_ROOM}.no_data", **told))
    return rows


def _key(measure: Measure) -> dict[str, object]:
    level, code = REGION
    return {
        "indicator": measure.key,
        "region_level": level,
        "region_code": code,
        "borders": regions.CURRENT_YEAR,
        "period": PERIOD,
        "status": "ok",
        "origin": "synthetic",
        "unit_fi": measure.unit[0],
        "unit_en": measure.unit[1],
    }


def _refuse(key: str, rows: pd.DataFrame, wrong: pd.Series, *, value: str, column: str = "") -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = str(rows.at[row, value])
        raise GatherError(say(f"{_ROOM}.{key}", file=MEASUREMENTS, row=row + 1, value=found, column=column))
