"""What each method key in a frame's `method` column means, where it comes from and which tests hold it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sosrake_lib.errors import SosrakeError


@dataclass(frozen=True, slots=True)
class Method:
    """One entry of method_entries/*.toml; `doi` may be empty, `tests` are pytest node ids."""

    key: str
    name_fi: str
    name_en: str
    formula: str
    doi: str
    source: str
    tests: tuple[str, ...]


def method(key: str) -> Method:
    """Look a method up by the key that stands in the `method` column.

    Examples
    --------
    >>> method("wilson").doi
    '10.1080/01621459.1927.10502953'
    """
    known = _registry()
    if key not in known:
        raise SosrakeError(
            f"method {key!r} is not in sosrake_lib/indicators/method_entries; "
            f"known: {', '.join(sorted(known))}"
        )
    return known[key]


def methods() -> tuple[Method, ...]:
    """List every method the workbook uses, file by file (basic first), each in its own order."""
    return tuple(_registry().values())


@cache
def _registry() -> dict[str, Method]:
    known: dict[str, Method] = {}
    folder = resources.files("sosrake_lib.indicators").joinpath("method_entries")
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    for file in sorted(files, key=lambda one: (one.name != "basic.toml", one.name)):
        for key, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if key in known:
                raise SosrakeError(f"{file.name}: method {key!r} stands in another file too; keep one entry")
            known[key] = Method(key=key, **{**entry, "tests": tuple(entry["tests"])})
    return known
