"""Faults of the program where people's figures are at hand: told by kind and place, never by their words.

An error of pandas or numpy may quote the very value it failed on, and a FrameError of ours quotes it on
purpose, for the person who reckons with rows of their own in a notebook. Where the program reckons with them
(batch, apps, commands) such a message must reach neither screen, log nor journal: row and column are told.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sosrake_lib.errors import BatchError, FrameError, SosrakeError
from sosrake_lib.language import say

Made = TypeVar("Made")
_LIBRARY = Path(__file__).resolve().parents[1]
_ROW = re.compile(r"\brows? (\d{1,7})\b")
# a name of the program's own: what a person wrote in a cell has no such form, or stands in quotes
_COLUMN = re.compile(r"\bcolumn ([a-z][a-z_]{1,40})\b")


def without_values(what: str, make: Callable[[], Made], language: str = "fi") -> Made:
    """Make something of unprotected figures; an error that is not ours loses its words.

    Parameters
    ----------
    what : what is made, such as a release's name.
    make : makes it.

    Raises
    ------
    SosrakeError as it is: the library's own messages name places and keys, and are tested to hold no figure.
    BatchError in place of FrameError and of every other error: its kind, and file, line and function in the
    library; of a FrameError row and column too. An error of the system (no room, no right) keeps the
    system's own words, which know of no figure.

    Examples
    --------
    >>> try:
    ...     without_values("luvut", lambda: float("Matti 3"))
    ... except BatchError as told:
    ...     print("ValueError" in str(told), "Matti" in str(told), told.__context__)
    True False None
    """
    try:
        return make()
    except Exception as fault:
        if is_ours(fault):
            raise
        told = in_words(what, fault, language)
    # outside the handler: the error below then has no other behind it that a traceback would print
    raise BatchError(told)


def is_ours(fault: Exception) -> bool:
    """Say whether a message may be told as it is: one of the library's, but none that quotes a cell."""
    return isinstance(fault, SosrakeError) and not isinstance(fault, FrameError)


def in_words(what: str, fault: Exception, language: str = "fi") -> str:
    """Tell an error by its kind and place, without its own words."""
    return say("faults.program", language, what=what, kind=_kind(fault), place=_place(fault))


def _kind(fault: Exception) -> str:
    system = fault.strerror if isinstance(fault, OSError) else None
    return f"{type(fault).__name__}: {system}" if system else type(fault).__name__


def _place(fault: Exception) -> str:
    """Name the last step inside the library, or else the last of all."""
    steps = traceback.extract_tb(fault.__traceback__)
    own = [step for step in steps if Path(step.filename).is_relative_to(_LIBRARY)] or steps
    last = own[-1]
    place = f"{Path(last.filename).name}, {last.lineno}, {last.name}"
    return f"{place}{_cell(str(fault))}" if isinstance(fault, FrameError) else place


def _cell(message: str) -> str:
    """Tell row and column of a message that names them."""
    row, column = _ROW.search(message), _COLUMN.search(message)
    told = [f"row {row[1]}" if row else "", f"column {column[1]}" if column else ""]
    told = [one for one in told if one]
    return f"; {', '.join(told)}" if told else ""
