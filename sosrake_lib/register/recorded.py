"""Proposals written by hand in the data folder: one checked row each, in the register's own words.

The file is a person's, so every row is read as one: its area, theme, days and state must be known ones, and a
text that names somebody is refused. The message says the file, the row and the column, never the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib import catalogue, regions, samples
from sosrake_lib.errors import GatherError, RegionError
from sosrake_lib.gather import identifiers
from sosrake_lib.language import say
from sosrake_lib.register.proposals import STATUSES, TARGETS
from sosrake_lib.samples import AbsentTable

WRITTEN_BY_HAND = "hanke/ehdotukset"
TEXTS = ("ehdotus", "paattaja", "kustannus", "hyoty")
COLUMNS = (
    *("rivi", "alue_taso", "alue_koodi", "teema", "kohde", "tila", "pvm", "paatospaiva", "paatetty"),
    *TEXTS,
)
# What a column of the file is called in the register; the last two may be lacking in an older file.
_NAMES = {
    "region_level": "alue_taso",
    "region_code": "alue_koodi",
    "theme": "teema",
    "status": "tila",
    "date": "pvm",
    "decision_date": "paatospaiva",
    "proposal_fi": "ehdotus",
    "addressee": "paattaja",
    "cost_euro": "kustannus",
    "benefit_fi": "hyoty",
    "target": "kohde",
}
_STATES = {"käsittelyssä": "kesken", "hyväksytty": "hyvaksytty", "hylätty": "hylatty"}
_YES = ("kyllä", "yes")
_BELOW_NOUGHT = re.compile(r"[-\u2212]\s*\d")


def written_proposals(data: Path | None = None, *, written: str = WRITTEN_BY_HAND) -> pd.DataFrame:
    """Read the proposals people have written by hand in the data folder, as the register would hold them.

    Nothing is proposed, priced or dated by the workbook itself.

    Parameters
    ----------
    data : data folder; its dictionary says what the columns mean.
    written : table of the folder that is read; the invented county has one of its own.

    Returns
    -------
    DataFrame with the text columns `COLUMNS`, one row a proposal: `rivi` is the line of the file, `tila` a
    state of the register, `paatospaiva` the day the matter is to be decided, `paatetty` the day it was, when
    the state says so. What is not known is an empty text. No rows when nobody has written.

    Raises
    ------
    GatherError naming file, line and column: an unknown area, theme, target, state or day, an empty
    proposal, a cost below nought, or personal data (what looks like it passes when the column `names_nobody`
    says kyllä).
    """
    try:
        rows = samples.table(written, data)
    except AbsentTable:
        # A user's own folder need not have the file; a broken one is an error like any other.
        rows = pd.DataFrame()
    invented = len(rows) > 0 and samples.dictionary(written, data).get("kind") == "synthetic"
    told = [
        _read(row, f"{written}.csv", line, invented) for line, row in enumerate(rows.to_dict("records"), 2)
    ]
    return pd.DataFrame(told, columns=list(COLUMNS)).astype("str")


def _read(row: Mapping[Any, Any], file: str, line: int, invented: bool) -> dict[str, str]:
    given = {name: _text(row.get(column)) for column, name in _NAMES.items()}
    given["tila"] = _STATES.get(given["tila"].lower(), given["tila"].lower())
    confirmed = _text(row.get("names_nobody")).lower() in _YES
    for column, name in (*_NAMES.items(), ("written_by", "written_by")):
        where = say("register.written.where", file=file, line=line, column=column)
        if name in TEXTS or name == "written_by":
            identifiers.refuse(given.get(name, _text(row.get(column))), where, confirmed=confirmed)
        fault = _fault(name, given)
        if fault:
            raise GatherError(f"{where}: {fault}")
    _check_area(given, say("register.written.where", file=file, line=line, column="region_code"), invented)
    decided = given["paatospaiva"] if given["tila"] not in ("tehty", "kesken") else ""
    return {**given, "paatetty": decided, "rivi": str(line)}


def _fault(name: str, given: Mapping[str, str]) -> str:
    """Say what is wrong with one thing of a row; empty when nothing is."""
    themes = (*(theme.key for theme in catalogue.themes()), "muu")
    allowed = {"teema": themes, "tila": tuple(STATUSES), "kohde": ("", *TARGETS)}
    if name in allowed and given[name] not in allowed[name]:
        return say("register.written.choice", allowed=", ".join(one for one in allowed[name] if one))
    if name in ("ehdotus", "paattaja") and not given[name]:
        return say("register.written.empty")
    if name == "kustannus" and _BELOW_NOUGHT.match(given[name]):
        return say("register.written.cost")
    if name == "pvm" or (name == "paatospaiva" and given[name]):
        try:
            date.fromisoformat(given[name])
        except ValueError:
            return say("register.written.day")
    return ""


def _check_area(given: Mapping[str, str], where: str, invented: bool) -> None:
    try:
        regions.region(given["alue_taso"], given["alue_koodi"])
    except RegionError as unknown:
        raise GatherError(f"{where}: {unknown}") from None
    if regions.is_invented(given["alue_koodi"]) != invented:
        raise GatherError(f"{where}: {say('register.written.invented')}")


def _text(value: object) -> str:
    """Give a cell as text; a whole number of euros without decimals, an empty cell as an empty text."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    return f"{value:.0f}" if isinstance(value, float | int) else str(value).strip()
