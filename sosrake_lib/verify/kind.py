"""What a kind of quantity is: the name cases use, and the adapter that asks this library for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Given = Mapping[str, Any]
Adapter = Callable[[Given], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of quantity.

    Parameters
    ----------
    run : adapter from a case's inputs to the quantities found, under the names that cases use. It renames
        and reshapes only; every computation is the library's (held by a test on its syntax tree).
    description : what it is and which inputs it takes, for docs/verify.md.
    optional : quantities that a source may leave empty without that meaning "must be refused".
    follows : expected quantities that are a free choice of the source (one of several right patterns); the
        adapter gets them among the inputs and gives them back only when the library finds them right.

    asks : the adapter finds in `given["asked"]` the names of the expected quantities, for some hold options
        ("dominance_1_90_unsafe").

    A sentence under `acceptance` is a rule; the adapter answers True when the
    library's own result keeps it.
    """

    run: Adapter
    description: str
    optional: frozenset[str] = frozenset()
    follows: frozenset[str] = frozenset()
    asks: bool = False
