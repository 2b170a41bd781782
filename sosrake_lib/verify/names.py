"""Read the name of a quantity as cases write it: `kind`, `kind(option=value)` or `kind (word)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_REMARK = re.compile(r"^\([^)]*\)\s*")
_NAME = re.compile(r"(?P<kind>[^(]+?)\s*(?:\((?P<inside>.*)\))?\s*")
_OPTION = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<value>.+?)\s*")


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """The kind's name and the options written behind it; a word without `=` is the option `variant`."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)


def read_name(text: str) -> Named:
    """Part a quantity's name into kind and options.

    Examples
    --------
    >>> read_name("annual_percent_change(model='poisson')").options
    {'model': 'poisson'}
    >>> read_name("cohen_kappa (from a table)")
    Named(kind='cohen_kappa', options={'variant': 'from a table'})
    """
    match = _NAME.fullmatch(_REMARK.sub("", text.strip()))
    if match is None:
        return Named(text.strip())
    options: dict[str, Any] = {}
    for part in (match["inside"] or "").split(","):
        option = _OPTION.fullmatch(part)
        if option is not None:
            options[option["name"]] = _value(option["value"])
        elif part.strip():
            options["variant"] = part.strip()
    return Named(match["kind"], options)


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
