"""Options that stand in the names of expected quantities, such as `dominance_1_90_unsafe`."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = r"(\d+(?:[._]\d+)?)"


def numbers_in_names(names: Iterable[str], form: str) -> list[tuple[str, tuple[float, ...]]]:
    """Find the names of a form and the numbers at its `#` marks.

    Examples
    --------
    >>> numbers_in_names(["p10_unsafe", "dominance_1_90_unsafe"], "dominance_#_#_unsafe")
    [('dominance_1_90_unsafe', (1.0, 90.0))]
    """
    whole = form.count("#") == 1
    number = _NUMBER if whole else r"(\d+(?:\.\d+)?)"
    pattern = re.compile(re.escape(form).replace(r"\#", number))
    found = []
    for name in names:
        matched = pattern.fullmatch(name)
        if matched:
            found.append((name, tuple(float(one.replace("_", ".")) for one in matched.groups())))
    return found
