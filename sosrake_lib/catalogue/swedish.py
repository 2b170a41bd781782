"""Swedish of the catalogue's units, for labels and exported files; names stand in the catalogue itself."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

_FILE = "units_sv.toml"


def unit_sv(unit_fi: str) -> str:
    """Give a unit of the catalogue in Swedish; one that is not in `units_sv.toml` stays in Finnish.

    Examples
    --------
    >>> from sosrake_lib.catalogue.swedish import unit_sv
    >>> unit_sv("1 000 asukasta kohti")
    'per 1 000 invånare'
    """
    return _units().get(unit_fi, unit_fi)


@cache
def _units() -> dict[str, str]:
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return {str(finnish): str(swedish) for finnish, swedish in tomllib.loads(text).items()}
