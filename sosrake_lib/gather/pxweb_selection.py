"""Choosing codes of a PxWeb variable: codes, masks and expressions, worked out against the table's own list.

Version 2 of the interface has expressions for values; version 1 has a part of them. Here they are worked out
before anything is asked, so that they mean the same in both, the answer can be checked code by code, and the
number of cells is known beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sosrake_lib.errors import GatherError

_EXPRESSION = re.compile(r"(top|bottom|from|to|range)\((.*)\)", re.IGNORECASE)


def chosen_codes(wanted: Sequence[str], values: Sequence[str], where: str, time: bool = False) -> list[str]:
    """Give the codes that a selection means, each once, in the order of the table.

    Parameters
    ----------
    wanted : codes; masks with `*` (any letters) and `?` (one letter); `top(n)`, `bottom(n)`: the first and
        last n of the table's list, of a time variable the newest and oldest n; `from(code)`, `to(code)`,
        `range(code,code)`: a stretch of the list, of a time variable a stretch of time, ends included.
    values : all codes of the variable, in the table's order.
    where : table and variable, for messages.

    Examples
    --------
    >>> chosen_codes(["top(2)"], ["2023", "2022", "2021"], "t: 'Vuosi'", time=True)
    ['2023', '2022']
    >>> chosen_codes(["KU*"], ["SSS", "KU297", "MK11"], "t: 'Alue'")
    ['KU297']
    """
    # A time variable stands oldest or newest first in a table; its codes sort by time.
    ordered = sorted(values) if time else list(values)
    picked: set[str] = set()
    for one in wanted:
        found = _meant_by(one, ordered, where, time)
        if not found:
            raise GatherError(f"{where} has no code {one!r}; it has {_some(values)}; choose from these")
        picked.update(found)
    return [value for value in values if value in picked]


def _meant_by(one: str, ordered: list[str], where: str, time: bool) -> list[str]:
    if one in ordered:
        return [one]
    expression = _EXPRESSION.fullmatch(one.strip())
    if expression is not None:
        return _stretch(expression[1].lower(), expression[2], ordered, where, time)
    if "*" in one or "?" in one:
        mask = re.compile(re.escape(one).replace(r"\*", ".*").replace(r"\?", "."))
        return [value for value in ordered if mask.fullmatch(value)]
    return []


def _stretch(kind: str, inside: str, ordered: list[str], where: str, time: bool) -> list[str]:
    parts = [part.strip() for part in inside.split(",")]
    if kind in ("top", "bottom"):
        if len(parts) != 1 or not parts[0].isdecimal() or int(parts[0]) < 1:
            raise GatherError(f"{where}: {kind}({inside}); expected a whole number such as {kind}(3)")
        length = int(parts[0])
        return ordered[-length:] if (kind == "top") is time else ordered[:length]
    if len(parts) != (2 if kind == "range" else 1):
        raise GatherError(f"{where}: {kind}({inside}); expected from(code), to(code) or range(code,code)")
    for code in parts:
        if code not in ordered:
            raise GatherError(f"{where} has no code {code!r}; it has {_some(ordered)}; choose from these")
    places = [ordered.index(code) for code in parts]
    if kind == "range":
        return ordered[min(places) : max(places) + 1]
    return ordered[places[0] :] if kind == "from" else ordered[: places[0] + 1]


def _some(values: Sequence[str]) -> str:
    return ", ".join(values[:6]) + ("..." if len(values) > 6 else "")
