"""Read how cases write columns: `post (period >= 6)`, `treat*post`, `village (factor)`.

Adapters compute nothing; what a case's text says about columns is read and carried out here, for any table.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sosrake_lib.errors import FrameError

_TEXT = re.compile(r"\s*(?P<name>[^()]+?)\s*(?:\((?P<remark>.*)\))?\s*")
_CONDITION = re.compile(r"\s*(?P<column>[\w.]+)\s*(?P<sign>>=|<=|==|!=|=|>|<)\s*(?P<value>\S+)\s*")
_CODE = re.compile(r"\s*(?P<code>[-+\w.]+)\s*=\s*(?P<meaning>.+?)\s*")
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class ColumnText:
    """A column as written: its name, and the remark in brackets ("" when there is none)."""

    name: str
    remark: str


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """A table that has every column a case names.

    `numeric` are the columns of numbers, `factors` those marked as factors, both by their plain names and in
    the order of the texts; `names` are all of them.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    numeric: tuple[str, ...]
    factors: tuple[str, ...]


def table_of(given: Mapping[str, Any]) -> pd.DataFrame:
    """Take a case's table: the one its `csv` names, or the columns written in its input `data`.

    Examples
    --------
    >>> table_of({"data": {"y": [1.0, 2.0]}})["y"].tolist()
    [1.0, 2.0]
    """
    if "table" in given:
        return given["table"]
    if not isinstance(given.get("data"), Mapping):
        raise FrameError("verify: the case has neither a csv nor columns in an input `data`; give one")
    return pd.DataFrame(dict(given["data"]))


def read_column(text: str) -> ColumnText:
    """Part a column's text into its name and remark.

    Examples
    --------
    >>> read_column("post (period >= 6)")
    ColumnText(name='post', remark='period >= 6')
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        return ColumnText(text.strip(), "")
    return ColumnText(match["name"], (match["remark"] or "").strip())


def code_of(text: str, meaning: str) -> float | None:
    """Read the number that a remark gives for a meaning; None when it gives none.

    Examples
    --------
    >>> code_of("year_treated (10000 = never)", "never")
    10000.0
    """
    match = _CODE.fullmatch(read_column(text).remark)
    if match is None or match["meaning"] != meaning:
        return None
    code = _number(match["code"])
    return code if isinstance(code, float) else None


def resolve(table: pd.DataFrame, texts: str | Sequence[str] | None) -> Resolved:
    """Find or make the columns that texts name.

    A column the table has is taken as it is; `a*b` or `a:b` is made as the product of columns; a name with a
    condition, `post (period >= 6)`, as 0 and 1; `(factor)` marks a factor.

    Raises
    ------
    FrameError when a text names neither a column nor a way to make it, or when the table's column contradicts
    the condition written beside it.

    Examples
    --------
    >>> table = pd.DataFrame({"period": [5, 6], "treat": [1, 1]})
    >>> resolve(resolve(table, "post (period >= 6)").table, "treat*post").table["treat*post"].tolist()
    [0, 1]
    """
    listed = [texts] if isinstance(texts, str) else list(texts or ())
    read = [read_column(text) for text in listed]
    for column in read:
        table = _with_column(table, column)
    factors = tuple(column.name for column in read if column.remark == "factor")
    names = tuple(column.name for column in read)
    return Resolved(table, names, tuple(name for name in names if name not in factors), factors)


def _with_column(table: pd.DataFrame, column: ColumnText) -> pd.DataFrame:
    condition = _CONDITION.fullmatch(column.remark)
    stated = None
    if condition is not None and condition["column"] in table:
        sign = _SIGNS[condition["sign"]]
        stated = sign(table[condition["column"]], _number(condition["value"])).astype("int64")
    if column.name in table:
        if stated is not None and (table[column.name].astype("float64") != stated).any():
            raise FrameError(
                f"verify: column {column.name!r} of the table is not what {column.remark!r} says; correct one"
            )
        return table
    if stated is not None:
        return table.assign(**{column.name: stated})
    parts = [part.strip() for part in re.split(r"[*:]", column.name)]
    if len(parts) > 1 and set(parts) <= set(table.columns):
        return table.assign(**{column.name: table[parts].prod(axis=1)})
    raise FrameError(
        f"verify: the table has no column {column.name!r}; it has {', '.join(map(str, table.columns))}"
    )


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip("'\"")
