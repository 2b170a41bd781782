"""Counts that leave the register: our own provisional roll-up, never anyone's official schema.

Counts only, by area, half-year and one class at a time; whoever shows them passes them through `protect`
first. The number of reports is not an indicator of need: coverage (who reports) stands beside every count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib import frame, regions
from sosrake_lib.register.engine import NEWEST, Register
from sosrake_lib.register.feedback import first_feedback
from sosrake_lib.register.fields import fields, schema_version
from sosrake_lib.register.life import states
from sosrake_lib.register.tables import EHDOTUS, HAVAINTO, ILMIO

SCHEMA = "sosrake-havaintokooste"
SCHEMA_VERSION = "0.1"
# The classes counts are given by, one at a time; `all` counts everything.
BY = (
    *("tiedontuottaja", "palvelutehtava", "teema", "tuen_tarve", "rakennetyyppi", "yleisyys"),
    *("lukumaara_luokka", "kesto", "hyva_kaytanto", "ehdotuksen_kohde", "paattaja_taso", "tila"),
)
INDICATORS = {
    "havaintoja": "observations that arrived in the period, supplements not counted apart",
    "palaute_annettu": "of these, observations whose reporter has had feedback by the day of the export",
    "tuottajia": "kinds of reporter (tiedontuottaja) with at least one observation: coverage, not need",
    "ilmioita": "phenomena that observations of the period have joined",
    "ilmioita_ehdotus": "of these, phenomena with at least one proposal",
    "ilmioita_paatos": "of these, phenomena whose proposal has been accepted or rejected",
}


@dataclass(frozen=True)
class Rollup:
    """The export: an indicator frame of counts, and the document that says what it is."""

    counts: pd.DataFrame
    document: dict[str, Any]


def rollup(register: Register, *, level: str | None = None, on: date | None = None) -> Rollup:
    """Count observations by area and half-year, in all and by each class of `BY`.

    Parameters
    ----------
    level : keep areas of this level only; by default every area that observations name.
    on : day of the export.

    Returns
    -------
    Rollup whose `counts` is a checked indicator frame: indicator one of `INDICATORS`, `group` "all" or
    "field=class", one row each class that occurs. A class that does not occur has no row: nothing is known of
    it but that nobody reported it.
    """
    observed = _observed(register)
    if level is not None:
        observed = observed[observed["alue_taso"] == level]
    answered = set(first_feedback(register)["havainto_id"])
    observed = observed.assign(answered=observed["havainto_id"].isin(answered))
    joined = observed.merge(_followed(register), on="ilmio_id", how="left")
    parts = [_in_all(joined), *(_by(joined, name) for name in BY)]
    told = pd.concat(parts, ignore_index=True)
    counts = frame.check(_framed(told), file="register rollup") if len(told) else frame.empty()
    return Rollup(counts, _document(observed, on or date.today()))


def write_rollup(made: Rollup, folder: Path) -> tuple[Path, Path]:
    """Write the counts as `havaintokooste.csv` and the document as `havaintokooste.json` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table, about = folder / "havaintokooste.csv", folder / "havaintokooste.json"
    shown = [
        "indicator",
        "region_level",
        "region_code",
        "borders",
        "period",
        "group",
        "value",
        "status",
        "origin",
    ]
    made.counts[shown].to_csv(table, index=False, lineterminator="\n", encoding="utf-8")
    about.write_text(json.dumps(made.document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return table, about


def half_year(day: str) -> str:
    """Give the half-year of an ISO day or month.

    Examples
    --------
    >>> from sosrake_lib.register.counts import half_year
    >>> half_year("2025-06-30"), half_year("2025-07")
    ('2025-H1', '2025-H2')
    """
    return f"{day[:4]}-H{1 if int(day[5:7]) <= 6 else 2}"


def _observed(register: Register) -> pd.DataFrame:
    names = ("havainto_id", "saapunut", "alue_taso", "alue_koodi", "ilmio_id", "alkupera", *BY)
    query = sa.select(*(HAVAINTO.c[name] for name in names)).where(HAVAINTO.c.taydentaa.is_(None))
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query.order_by(HAVAINTO.c.havainto_id))]
    rows = pd.DataFrame(found, columns=list(names)).astype({"ilmio_id": "Int64"})
    return rows.assign(period=[half_year(day) for day in rows["saapunut"]])


def _followed(register: Register) -> pd.DataFrame:
    """Say of each phenomenon whether it has a proposal and whether one has been decided."""
    query = sa.select(ILMIO.c.ilmio_id, EHDOTUS.c.tila).outerjoin(
        EHDOTUS, EHDOTUS.c.ilmio_id == ILMIO.c.ilmio_id
    )
    with register.reading() as connection:
        found = pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=["ilmio_id", "tila_"])
    open_states = ("tehty", "kesken")
    told = found.assign(
        proposed=found["tila_"].notna(), decided=found["tila_"].notna() & ~found["tila_"].isin(open_states)
    )
    grouped = pd.DataFrame(told.groupby("ilmio_id")[["proposed", "decided"]].any()).reset_index()
    return grouped.astype({"ilmio_id": "Int64"})


_AREA = ["alue_taso", "alue_koodi", "period", "alkupera"]


def _in_all(joined: pd.DataFrame) -> pd.DataFrame:
    of = joined.groupby(_AREA, sort=True)
    own = joined.dropna(subset="ilmio_id").drop_duplicates([*_AREA, "ilmio_id"])
    own = own.astype({"proposed": bool, "decided": bool})
    phenomena = own.groupby(_AREA, sort=True)
    told = pd.DataFrame(
        {
            "havaintoja": of.size(),
            "palaute_annettu": of["answered"].sum(),
            "tuottajia": of["tiedontuottaja"].nunique(),
            "ilmioita": phenomena.size(),
            "ilmioita_ehdotus": phenomena["proposed"].sum(),
            "ilmioita_paatos": phenomena["decided"].sum(),
        }
    ).fillna(0)
    told.columns.name = "indicator"
    return told.stack().rename("value").reset_index().assign(group=frame.ALL_GROUPS)


def _by(joined: pd.DataFrame, name: str) -> pd.DataFrame:
    told = joined[joined[name] != ""].groupby([*_AREA, name], sort=True).size().rename("value").reset_index()
    groups = [f"{name}={value}" for value in told[name]]
    return told.assign(indicator="havaintoja", group=groups).drop(columns=name)


def _framed(told: pd.DataFrame) -> pd.DataFrame:
    named = told.rename(
        columns={"alue_taso": "region_level", "alue_koodi": "region_code", "alkupera": "origin"}
    )
    return named.assign(
        borders=regions.CURRENT_YEAR, status="ok", per=1.0, value=named["value"].astype("float64")
    )


def _document(observed: pd.DataFrame, on: date) -> dict[str, Any]:
    days = sorted(observed["saapunut"])
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "provisional": True,
        "whose": "SOSRAKE workbook's own provisional schema; not an official or a national one",
        "form_version": schema_version(),
        "register_schema": NEWEST,
        "exported": on.isoformat(),
        "period": {
            "first": days[0] if days else None,
            "last": days[-1] if days else None,
            "step": "half-year",
        },
        "coverage": {
            "areas": int(observed.groupby(["alue_taso", "alue_koodi"]).ngroups) if len(observed) else 0,
            "observations": len(observed),
            "synthetic": bool((observed["alkupera"] == "synthetic").any()),
            "note": "reports come from active reporters; counts are not prevalence and not need",
        },
        "protection": "unprotected counts: pass them through sosrake_lib.protect before anyone sees them",
        "indicators": INDICATORS,
        "classes": {
            name: list(states("havainto") if name == "tila" else fields()[name].values) for name in BY
        },
    }
