"""From an event log to matters: days from need to assessment and service, limits, repeats, and slots.

A slot (service denied, fee that hindered) tells of what many offices do not record. What is not recorded is
not known: it is never 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.catalogue.record_rules import TimeLimit, time_limit, time_limits
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import records_checks as checks
from sosrake_lib.gather.records_limits import kept
from sosrake_lib.language import say

EVENTS = (
    *("yhteydenotto", "arviointi_alkoi", "arviointi_valmis", "paatos", "palvelu_alkoi"),
    *("suunnitelma_laadittu", "suunnitelma_tarkistettu"),
)
COLUMNS = ("matter", "client", "region_code", "sex", "age", "event", "date")
FLAGS = ("own_words", "with_client")
SLOTS = ("denied", "fee_hindered")
_OF_MATTER = ["client", "region_code", "sex", "age"]
REPEAT_WITHIN_DAYS = 365


@dataclass(frozen=True, slots=True, eq=False)
class Matters:
    """Matters of an event log, one row each; person-level, never shown.

    rows : `matter, client, region_code, sex, age`, the first day of each of EVENTS, `days_<step>` and
        `seen_<step>` (assessment, service; not seen = days followed), `limit_<key>` (1.0 kept, 0.0 not, NaN
        not passed or not concerning), `repeat` (a completed assessment within a year of an earlier one),
        `reviewed` (plan in half a year), FLAGS and SLOTS (1.0, 0.0, NaN).
    absent : slots and flags that the log does not record at all.
    followed_until : last day the log tells of.
    """

    rows: pd.DataFrame
    absent: tuple[str, ...]
    followed_until: pd.Timestamp


def matters(log: pd.DataFrame, file: str, followed_until: str | None = None) -> Matters:
    """Read an event log into matters.

    Parameters
    ----------
    log : the columns of `gather/schemas/tapahtumat.toml`; FLAGS and SLOTS may be absent.
    followed_until : day the log was drawn (yyyy-mm-dd); left out, its last event.

    Raises
    ------
    GatherError naming column and row: a person's data, an unknown event, a day that cannot be read, a matter
    of two clients or without a contact, an event before the contact.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"matter": "1", "client": "1", "region_code": "E01", "sex": "male",
    ...     "age": "25-34", "event": ["yhteydenotto", "arviointi_valmis"],
    ...     "date": ["2025-01-02", "2025-02-03"]})
    >>> found = matters(log, "oma.csv", "2025-12-31")
    >>> found.rows[["days_assessment", "limit_arviointi_aikuinen", "denied"]].values.tolist(), found.absent
    ([[32.0, 1.0, nan]], ('own_words', 'with_client', 'denied', 'fee_hindered'))
    """
    rows = _checked(log, file)
    until = checks.end_of_following(rows["date"].max(), followed_until, file)
    firsts = rows.groupby(["matter", "event"])["date"].min().unstack("event")
    firsts = firsts.reindex(columns=list(EVENTS)).apply(pd.to_datetime)
    made = rows.groupby("matter")[_OF_MATTER].first().join(firsts).reset_index()
    _contacts_first(made, firsts, file)
    made = _flags(_days(made, until), rows)
    for limit in time_limits():
        if limit.start in EVENTS:
            made[f"limit_{limit.key}"] = _limit(made, limit, until)
    made["repeat"] = _repeats(made, rows["date"].min())
    absent = tuple(name for name in (*FLAGS, *SLOTS) if name not in rows or made[name].isna().all())
    return Matters(made, absent, until)


def _checked(log: pd.DataFrame, file: str) -> pd.DataFrame:
    checks.columns(log, COLUMNS, file)
    checks.pseudonymous(log, (*COLUMNS, *FLAGS, *SLOTS), file)
    checks.filled(log, COLUMNS, file)
    known = {"event": EVENTS, "sex": ("male", "female"), **dict.fromkeys((*FLAGS, *SLOTS), checks.YES_NO)}
    checks.allowed(log, known, file)
    checks.places(log, file)
    rows = log[[*COLUMNS, *(one for one in (*FLAGS, *SLOTS) if one in log)]].reset_index(drop=True).copy()
    rows["date"] = checks.days(rows, "date", file)
    several = rows.groupby("matter")["client"].transform("nunique") > 1
    if several.any():
        row = int(np.flatnonzero(several)[0]) + 2
        raise GatherError(say(f"{checks.ROOM}.two_clients", file=file, row=row))
    return rows


def _contacts_first(made: pd.DataFrame, firsts: pd.DataFrame, file: str) -> None:
    lacking = made["yhteydenotto"].isna()
    early = firsts.lt(firsts["yhteydenotto"], axis=0).any(axis=1).to_numpy()
    for wrong, key in ((lacking.to_numpy(), "no_contact"), (early, "before_contact")):
        if wrong.any():
            raise GatherError(say(f"{checks.ROOM}.{key}", file=file, count=int(wrong.sum())))


def _days(made: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    steps = {"assessment": "arviointi_valmis", "service": "palvelu_alkoi"}
    for step, event in steps.items():
        end = made[event].fillna(until)
        made[f"days_{step}"] = (end - made["yhteydenotto"]).dt.days.astype("float64")
        made[f"seen_{step}"] = made[event].notna()
    plan, review = made["suunnitelma_laadittu"], made["suunnitelma_tarkistettu"]
    made["reviewed"] = kept(plan, review, time_limit("tarkistus"), until)
    return made


def _flags(made: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Give flags and slots of each matter: yes if a row says so, no if one says no, else unknown."""
    for name in (*FLAGS, *SLOTS):
        if name not in rows:
            made[name] = np.nan
            continue
        said = checks.yes_or_no(rows[name])
        made[name] = said.groupby(rows["matter"]).max().reindex(made["matter"]).to_numpy()
    return made


def _limit(made: pd.DataFrame, limit: TimeLimit, until: pd.Timestamp) -> pd.Series:
    found = kept(made[limit.start], made[limit.end], limit, until)
    return found.where(made["age"].isin(limit.ages)) if limit.ages else found


def _repeats(made: pd.DataFrame, first_day: pd.Timestamp) -> pd.Series:
    """Say whether an assessment came within a year of the client's earlier one.

    It is not known for those completed in the log's first year: the earlier one would lie before the log.
    """
    done = made.dropna(subset=["arviointi_valmis"]).sort_values(["client", "arviointi_valmis"], kind="stable")
    gap = done.groupby("client")["arviointi_valmis"].diff().dt.days
    again = (gap <= REPEAT_WITHIN_DAYS).astype("float64")
    known = done["arviointi_valmis"] >= first_day + pd.Timedelta(days=REPEAT_WITHIN_DAYS)
    return again.where(known).reindex(made.index)
