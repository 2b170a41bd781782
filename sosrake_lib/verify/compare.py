"""Does what came out agree with what was expected? Numbers by tolerance, text to the letter."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A number agrees when |got - expected| <= absolute + relative * |expected|."""

    relative: float
    absolute: float


def disagreements(
    got: Mapping[str, Any], expected: Mapping[str, Any], within: Tolerance, optional: Collection[str] = ()
) -> list[str]:
    """Name every expected quantity that is absent or differs, one line each; empty means agreement.

    An expected null wants nothing: an absent, empty or not computable quantity. A source may leave a
    quantity of `optional` empty without meaning that; it is then not compared.
    """
    found = []
    for name, wanted in expected.items():
        if wanted is None and name in optional:
            continue
        if name == "acceptance" and isinstance(wanted, str):
            # A rule in words: the kind says whether the library's own result keeps it.
            wanted = True
        if name not in got and wanted is not None:
            found.append(f"{name}: not given; expected {wanted}")
        else:
            found += _differences(plain(got.get(name)), wanted, within, name)
    return found


def plain(value: Any) -> Any:
    """Turn arrays, columns and their scalars into what JSON can hold; what is not a number becomes null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _differences(got: Any, wanted: Any, within: Tolerance, name: str) -> list[str]:
    # R writes a vector of length one as a scalar.
    if isinstance(wanted, list) and not isinstance(got, list) and len(wanted) == 1:
        got = [got]
    if isinstance(got, list) and not isinstance(wanted, list) and len(got) == 1:
        got = got[0]
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return disagreements(got, {f"{key}": part for key, part in wanted.items()}, within)
    if isinstance(wanted, list) and isinstance(got, list):
        if len(got) != len(wanted):
            return [f"{name}: {len(got)} values; expected {len(wanted)}"]
        pairs = enumerate(zip(got, wanted, strict=True))
        return [
            line for n, (one, other) in pairs for line in _differences(one, other, within, f"{name}[{n}]")
        ]
    return [] if agrees(got, wanted, within) else [f"{name}: got {got!r}, expected {wanted!r}"]


def agrees(got: Any, wanted: Any, within: Tolerance) -> bool:
    """Judge one number, text, truth value or null."""
    if wanted is None or got is None:
        return wanted is None and got is None
    if _is_number(got) and _is_number(wanted):
        if math.isinf(wanted) or math.isinf(got):
            return bool(got == wanted)
        return bool(abs(got - wanted) <= within.absolute + within.relative * abs(wanted))
    return type(got) is type(wanted) and bool(got == wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
