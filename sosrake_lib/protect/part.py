"""A part of a release: one frame, the rules it is protected by, and the sums its reader can do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.beside import Beside, arms
from sosrake_lib.protect.rules import RuleSet, rule_set, text_columns

TOTAL_COLUMNS = ("region", "sex", "age", "group", "period")
REFERENCE = ("reference_level", "reference_code")
# The two largest contributions behind a sum of money or hours: they judge it and never leave the house.
LARGEST = ("largest", "second_largest")
_CONTRACT_TEXT = {*frames.KEY, *frames.ANALYSIS_KEY, "status", "origin"} - {"borders", "confidence"}


@dataclass(frozen=True, eq=False)
class Part:
    """A checked frame on its way to a release; still unprotected, so it is never shown."""

    frame: pd.DataFrame
    rules: RuleSet
    totals: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()

    def __repr__(self) -> str:
        return f"Part({len(self.frame)} rows, rules {self.rules.name}, unprotected)"


def part(
    frame: pd.DataFrame,
    rules: str | RuleSet,
    totals: tuple[str, ...] = (),
    beside: tuple[Beside, ...] = (),
) -> Part:
    """Check a frame and name the rules it is released by.

    Parameters
    ----------
    frame : source or analysed indicator frame. Under `vakio` each row with status ok needs the number of
        people behind it: `numerator` (proportions, rates), a whole `value` with per 1 (counts), or
        `denominator` = n (means and other summaries of n people). A sum of money or hours has `denominator`
        = its contributors and the columns `largest` and `second_largest`, the two largest contributions
        behind it: rules of dominance and p per cent judge it by them, and they never leave the house.
    rules : `vakio`, `avoin`, or a `RuleSet`.
    totals : key columns whose total rows are the sums of the other rows: `region` (an area is the sum of its
        municipalities), `sex` (total), `age` (all), `group` (all), `period` (a year is its halves). Declared
        sums must hold exactly. Sums that hold without being declared are found and reckoned with too.
    beside : totals that another release tells and of which rows of this part are a part (`protect.Beside`);
        what the rows lack of them is protected too. The arms of effects are found without being named.

    Raises
    ------
    DisclosureError when `avoin` is asked for rows that no source has published, when a row gives no number of
    people, or when a text column is not on the list of `rules.toml`; FrameError when the frame is malformed.
    """
    checked = frames.check(frame, file="part")
    given = Part(
        checked,
        rule_set(rules) if isinstance(rules, str) else rules,
        (totals,) if isinstance(totals, str) else tuple(totals),
        (*beside, *arms(checked)),
    )
    check_part("part", given)
    return given


def check_part(name: str, given: Part) -> None:
    """Refuse a part that may not be released as it stands; messages name the part, never a value."""
    unknown = [column for column in given.totals if column not in TOTAL_COLUMNS]
    if unknown:
        raise DisclosureError(
            f"part {name}: totals {unknown[0]!r}; expected some of {', '.join(TOTAL_COLUMNS)}"
        )
    origins = set(given.frame["origin"])
    if "synthetic" in origins and origins != {"synthetic"}:
        raise DisclosureError(
            f"part {name}: synthetic rows stand among {sorted(origins - {'synthetic'})}; "
            "invented and real figures never meet: make two releases"
        )
    _check_audience(name, given.frame)
    _check_text(name, given.frame)
    _check_sums(name, given.frame)
    if given.rules.open:
        _check_open(name, given.frame)
    else:
        lacking = (given.frame["status"] == "ok") & people(given.frame).isna()
        if lacking.any():
            raise DisclosureError(
                f"part {name}: {_row(given.frame, lacking)} does not say how many people stand behind it; "
                "give a whole numerator (for a mean denominator = n), or release published figures by avoin"
            )


def people(frame: pd.DataFrame) -> pd.Series:
    """Count the people behind each row: numerator, else a whole value of a count, else n of a mean."""
    count = frame["numerator"].copy()
    whole = (
        (frame["per"] == 1) & frame["denominator"].isna() & (frame["value"] % 1 == 0) & (frame["value"] >= 0)
    )
    count = count.where(count.notna(), frame["value"].where(whole))
    count = count.where(count.notna(), frame["denominator"])
    usable = np.isfinite(count) & (count >= 0) & ((count - count.round()).abs() < 1e-6)
    return count.round().where(usable & (frame["status"] == "ok"))


def _check_open(name: str, frame: pd.DataFrame) -> None:
    made_from = frame["made_from"] if "made_from" in frame else pd.Series("", index=frame.index)
    allowed = (frame["origin"] == "published") | ((frame["origin"] == "own") & (made_from == "published"))
    if not allowed.all():
        raise DisclosureError(
            f"part {name}: {_row(frame, ~allowed)} has origin {frame.loc[~allowed, 'origin'].iloc[0]}, so "
            "avoin does not fit: it is for a source's own published aggregates, or own sums of them with "
            "made_from = published; use rules vakio"
        )


def _check_sums(name: str, frame: pd.DataFrame) -> None:
    """See that a sum tells both contributions and how many contributed."""
    if not set(LARGEST) & set(frame.columns):
        return
    lacking = [column for column in LARGEST if column not in frame]
    if lacking:
        raise DisclosureError(
            f"part {name}: column {lacking[0]} is missing beside the other; a sum is judged by its two "
            "largest contributions, so give both (0 where there is one contributor)"
        )
    told = frame[LARGEST[0]].notna() & (frame["status"] == "ok")
    wrong = told & (frame["denominator"].isna() | frame["numerator"].notna())
    if wrong.any():
        raise DisclosureError(
            f"part {name}: {_row(frame, wrong)} is a sum of contributions; give the number of "
            "contributors as its denominator, and no numerator"
        )


def _check_audience(name: str, frame: pd.DataFrame) -> None:
    """Keep orders of areas and their probabilities in the researcher's own notebook."""
    if "audience" in frame and frame["audience"].eq("research").any():
        raise DisclosureError(
            f"part {name}: the rows are for research notebooks only (column audience): ranks of areas make "
            "league tables; a page says similar, lower or higher: use comparison.against or a funnel class"
        )


def _check_text(name: str, frame: pd.DataFrame) -> None:
    allowed = _CONTRACT_TEXT | text_columns()
    for column in frame.columns:
        plain = pd.api.types.is_numeric_dtype(frame[column]) or pd.api.types.is_datetime64_any_dtype(
            frame[column]
        )
        if not plain and column not in allowed:
            raise DisclosureError(
                f"part {name}: column {column} holds free text; only known text columns may leave the house; "
                "drop it, or put its words in one of the columns listed in protect/rules.toml"
            )


def _row(frame: pd.DataFrame, wrong: pd.Series) -> str:
    row = frame.index[wrong][0]
    return f"row {row + 1} ({', '.join(str(frame.at[row, column]) for column in frames.KEY)})"
