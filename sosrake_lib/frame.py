"""The indicator frame: the one table shape that every room reads and writes.

A plain pandas DataFrame, long, one row a value. `check` is the only place where its form is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from sosrake_lib.errors import FrameError

KEY = ("indicator", "region_level", "region_code", "borders", "period", "sex", "age", "group")
ANALYSIS_KEY = ("statistic", "method", "confidence")
VALUES = ("value", "lower", "upper", "per", "numerator", "denominator", "status", "break_before", "origin")
NUMBERS = ("value", "lower", "upper", "per", "numerator", "denominator")

STATUSES = ("ok", "suppressed", "missing", "not_published_at_level")
ORIGINS = ("published", "own", "synthetic")
SEXES = ("total", "male", "female")
ALL_AGES = "all"
ALL_GROUPS = "all"
REGION_LEVELS = (
    "kunta",
    "seutukunta",
    "maakunta",
    "hva",
    "yta",
    "tyollisyysalue",
    "kuntaryhmitys",
    "joukko",
    "maa",
)

_PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])|-H(?P<half>[12])|/(?P<last>\d{4}))?")
_TEXT_COLUMNS = (
    "indicator",
    "region_level",
    "region_code",
    "period",
    "sex",
    "age",
    "group",
    "status",
    "origin",
)
_DEFAULTS = {"sex": "total", "age": ALL_AGES, "group": ALL_GROUPS, "break_before": False, "per": 1.0}


def check(frame: pd.DataFrame, *, file: str = "indicator frame") -> pd.DataFrame:
    """Return a checked copy of an indicator frame, or say exactly what is wrong with it.

    Parameters
    ----------
    frame : DataFrame with the source columns `KEY + VALUES`; an analysed frame has `ANALYSIS_KEY` too.
        `sex`, `age`, `group`, `break_before`, `per`, `lower`, `upper`, `numerator`, `denominator` may be
        left out and get their neutral value. Extra columns are kept.
    file : name used in messages.

    Returns
    -------
    DataFrame with text codes, float numbers, integer `borders`, boolean `break_before`; a copy.

    Raises
    ------
    FrameError naming file, row (1 = first data row), column, offending value, what was expected, what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib import frame
    >>> one = pd.DataFrame({"indicator": ["tyottomyysaste"], "region_level": ["kunta"],
    ...     "region_code": ["046"], "borders": [2021], "period": ["2019"], "value": [9.9],
    ...     "status": ["ok"], "origin": ["published"]})
    >>> frame.check(one).loc[0, "sex"]
    'total'
    """
    checked = frame.reset_index(drop=True).copy()
    for column, neutral in _DEFAULTS.items():
        if column not in checked:
            checked[column] = neutral
    for column in ("lower", "upper", "numerator", "denominator"):
        if column not in checked:
            checked[column] = np.nan
    _check_columns(checked, file)
    checked = _typed(checked, file)
    _check_codes(checked, file)
    _check_values(checked, file)
    _check_key(checked, file)
    return checked


def is_analysed(frame: pd.DataFrame) -> bool:
    """Say whether a frame carries `statistic, method, confidence` (one row per confidence)."""
    return set(ANALYSIS_KEY) <= set(frame.columns)


def key_of(frame: pd.DataFrame) -> list[str]:
    """Name the columns that identify a row of this frame."""
    return [*KEY, *ANALYSIS_KEY] if is_analysed(frame) else list(KEY)


def combine(frames: Iterable[pd.DataFrame], *, file: str = "combined frame") -> pd.DataFrame:
    """Put frames on top of each other, refusing duplicate keys and synthetic rows among real ones.

    Raises
    ------
    FrameError when the same key stands twice or when `origin` mixes `synthetic` with real rows.
    """
    parts = [part for part in frames if len(part)]
    if not parts:
        return empty()
    combined = check(pd.concat(parts, ignore_index=True), file=file)
    origins = set(combined["origin"])
    if "synthetic" in origins and origins != {"synthetic"}:
        raise FrameError(
            f"{file}: column origin mixes synthetic rows with {sorted(origins - {'synthetic'})}; "
            "invented and real figures never meet: combine them separately"
        )
    return combined


def empty() -> pd.DataFrame:
    """Return an indicator frame without rows."""
    return check(pd.DataFrame({column: [] for column in (*KEY, *VALUES)}))


def describe(frame: pd.DataFrame, descriptions: pd.DataFrame) -> pd.DataFrame:
    """Join what is constant for an indicator (names, unit, source, licence) to its rows by `indicator`.

    `descriptions` has one row an indicator, as made by `catalogue.descriptions(language)`.
    """
    unknown = sorted(set(frame["indicator"]) - set(descriptions["indicator"]))
    if unknown:
        raise FrameError(
            f"describe: indicator {unknown[0]!r} has no description; add it to sosrake_lib/catalogue"
        )
    new = [column for column in descriptions.columns if column == "indicator" or column not in frame.columns]
    return frame.merge(descriptions[new], on="indicator", how="left", validate="many_to_one")


def period_end(period: str) -> date:
    """Give the last day a period covers: `2019`, `2020-03`, `2020-H1`, `2018/2020`."""
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise FrameError(f"period {period!r}: expected 2019, 2020-03, 2020-H1 or 2018/2020")
    year = int(match["last"] or match["year"])
    month = int(match["month"] or (6 * int(match["half"]) if match["half"] else 12))
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def newest_period(frame: pd.DataFrame) -> str:
    """Give the period that ends last among rows with a value; an error when no row has one."""
    present = frame.loc[frame["status"] == "ok", "period"]
    if present.empty:
        raise FrameError("newest_period: no row has status ok, so the frame rests on no period")
    return max(present.unique(), key=period_end)


def _check_columns(frame: pd.DataFrame, file: str) -> None:
    lacking = [column for column in (*KEY, *VALUES) if column not in frame]
    if lacking:
        raise FrameError(
            f"{file}: column {lacking[0]} is missing; an indicator frame has {', '.join((*KEY, *VALUES))}"
        )
    half = [column for column in ANALYSIS_KEY if column in frame]
    if half and len(half) < len(ANALYSIS_KEY):
        raise FrameError(f"{file}: an analysed frame has all of {', '.join(ANALYSIS_KEY)}; only {half} found")


def _typed(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    for column in _TEXT_COLUMNS:
        if not _is_text(frame[column]):
            wrong = [row for row, value in enumerate(frame[column]) if not isinstance(value, str)]
            if wrong:
                _refuse(
                    frame, file, wrong[0], column, "text", "read codes and periods as text so that zeros stay"
                )
        frame[column] = frame[column].astype("str")
    for column in NUMBERS:
        numbers = pd.to_numeric(frame[column], errors="coerce").astype("float64")
        wrong = frame.index[numbers.isna() & frame[column].notna()]
        if len(wrong):
            _refuse(frame, file, wrong[0], column, "a number or nothing", "convert it before the frame")
        frame[column] = numbers
    borders = pd.to_numeric(frame["borders"], errors="coerce")
    wrong = frame.index[borders.isna() | (borders % 1 != 0)]
    if len(wrong):
        _refuse(frame, file, wrong[0], "borders", "the year whose map the code belongs to", "give the year")
    frame["borders"] = borders.astype("int64")
    # An empty place is no break: NaN would become True.
    frame["break_before"] = frame["break_before"].eq(True).astype("bool")
    return frame


def _is_text(column: pd.Series) -> bool:
    """Say whether every value is surely text, without a Python call a cell; False means: look at each."""
    if isinstance(column.dtype, pd.StringDtype):
        return not column.hasnans
    if isinstance(column.dtype, pd.CategoricalDtype):
        return not column.hasnans and _is_text(column.cat.categories.to_series())
    return pd.api.types.infer_dtype(column, skipna=False) in ("string", "empty")


def _check_codes(frame: pd.DataFrame, file: str) -> None:
    allowed = {"region_level": REGION_LEVELS, "status": STATUSES, "origin": ORIGINS, "sex": SEXES}
    for column, values in allowed.items():
        wrong = frame.index[~frame[column].isin(values)]
        if len(wrong):
            _refuse(frame, file, wrong[0], column, "one of " + ", ".join(values), "use one of these")
    short = (frame["region_level"] == "kunta") & ~frame["region_code"].str.fullmatch(r"\d{3}|E\d{2}")
    if short.any():
        _refuse(
            frame,
            file,
            frame.index[short][0],
            "region_code",
            "three digits",
            "restore leading zeros, such as 046",
        )
    periods = [period for period in frame["period"].unique() if _PERIOD.fullmatch(period) is None]
    if periods:
        row = frame.index[frame["period"] == periods[0]][0]
        _refuse(frame, file, row, "period", "2019, 2020-03, 2020-H1 or 2018/2020", "write the period so")


def _check_values(frame: pd.DataFrame, file: str) -> None:
    absent = frame["status"] != "ok"
    wrong = frame.index[absent & frame["value"].notna()]
    if len(wrong):
        # the value itself is not told: it may be one that a source has hidden
        raise FrameError(
            f"{file}: row {wrong[0] + 1}, column value: a number; expected nothing, as status is "
            f"{frame.at[wrong[0], 'status']}; leave the value empty: absent is never 0"
        )
    wrong = frame.index[~absent & ~np.isfinite(frame["value"])]
    if len(wrong):
        _refuse(
            frame,
            file,
            wrong[0],
            "value",
            "a finite number, as status is ok",
            "give the value or another status",
        )


def _check_key(frame: pd.DataFrame, file: str) -> None:
    twice = frame.duplicated(subset=key_of(frame), keep="first")
    if twice.any():
        row = frame.index[twice][0]
        key = ", ".join(str(frame.at[row, column]) for column in key_of(frame))
        raise FrameError(f"{file}: row {row + 1} repeats the key ({key}); keep one row a key")


def _refuse(frame: pd.DataFrame, file: str, row: int, column: str, expected: str, advice: str) -> None:
    value = frame.at[row, column]
    raise FrameError(f"{file}: row {row + 1}, column {column}: {value!r}; expected {expected}; {advice}")
