"""The list of kinds of quantity this installation can be held to, put together from the adapters."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType

from sosrake_lib.errors import SosrakeError
from sosrake_lib.verify.kind import Kind

MODULES = (
    "house",
    "rates",
    "standardise",
    "inequality",
    "smallarea",
    "trends",
    "reliability",
    "groups",
    "composite",
    "regression",
    "did",
    "its",
    "synthetic",
    "change",
    "goals",
    "singlecase",
    "fragility",
    "power",
    "economics",
    "matching",
    "discontinuity",
    "disclosure",
)


@cache
def kinds() -> MappingProxyType[str, Kind]:
    """Give every kind by its name, in the order of the modules; two adapters of one name are an error."""
    found: dict[str, Kind] = {}
    for module in MODULES:
        own: dict[str, Kind] = import_module(f"sosrake_lib.verify.kinds_{module}").KINDS
        twice = sorted(set(own) & set(found))
        if twice:
            raise SosrakeError(f"verify: kind {twice[0]!r} has two adapters; keep the one in kinds_{module}")
        found |= own
    return MappingProxyType(found)


def as_markdown() -> str:
    """Write the list as the rows of the table in docs/verify.md."""
    rows = ["| kind | what it is and what it takes |", "|---|---|"]
    rows += [f"| `{name}` | {kind.description} |" for name, kind in kinds().items()]
    return "\n".join(rows)
