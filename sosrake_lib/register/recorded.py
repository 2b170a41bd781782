"""Proposals that people have recorded: in the register, or in the data folder's hand-written file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sosrake_lib import samples
from sosrake_lib.samples import AbsentTable

WRITTEN_BY_HAND = "hanke/ehdotukset"
COLUMNS = ("theme", "proposal", "addressee", "cost", "proposed_on", "decision_date", "status")


def recorded_proposals(region: tuple[str, str], data: Path | None = None) -> pd.DataFrame:
    """List the proposals recorded for a region, oldest first; an empty frame when nobody has recorded one.

    Reads the register when there is one (it is never made by reading) and the data folder's
    `hanke/ehdotukset.csv`. Nothing is proposed, priced or dated by the workbook itself.

    Returns
    -------
    DataFrame with the text columns `COLUMNS`; an unknown cost or date is an empty text.
    """
    found = [_from_register(region), _from_file(region, data)]
    told = [part for part in found if len(part)]
    if not told:
        return pd.DataFrame({column: pd.Series(dtype="str") for column in COLUMNS})
    rows = pd.concat(told, ignore_index=True)
    return rows.sort_values("proposed_on", kind="stable").reset_index(drop=True)


def _from_register(region: tuple[str, str]) -> pd.DataFrame:
    from sosrake_lib.register.engine import exists, open_register

    if not exists():
        return pd.DataFrame()
    from sosrake_lib.register.proposals import proposals

    register = open_register()
    try:
        rows = proposals(register, region)
    finally:
        register.close()
    rows = rows[rows["text"] != ""]  # a deleted proposal is no longer told
    names = {
        "text": "proposal",
        "decision_maker": "addressee",
        "decided": "decision_date",
    }
    return rows.rename(columns=names).reindex(columns=list(COLUMNS)).fillna("").astype("str")


def _from_file(region: tuple[str, str], data: Path | None) -> pd.DataFrame:
    try:
        rows = samples.table(WRITTEN_BY_HAND, data)
    except AbsentTable:
        # A user's own folder need not have the file; a broken one is an error like any other.
        return pd.DataFrame()
    here = rows.loc[(rows["region_level"] == region[0]) & (rows["region_code"] == region[1])].copy()
    here["cost"] = [f"{cost:.0f}" if pd.notna(cost) else "" for cost in here["cost_euro"]]
    names = {"proposal_fi": "proposal", "date": "proposed_on"}
    return here.rename(columns=names).reindex(columns=list(COLUMNS)).fillna("").astype("str")
