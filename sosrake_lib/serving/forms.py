"""A form with people's answers as the page's kernel meets it: read once, from memory, never repeated."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl

from sosrake_lib.serving.kernels import FORM

MOST_FIELDS = 200
_NUMBER = re.compile(r"[-−]?\d{1,6}(?:[.,]\d{1,6})?")


@dataclass(frozen=True)
class Form:
    """What was sent: fields by name, empty ones left out; `sent` says whether a form came at all.

    `broken` is True when the form cannot be read: a field twice, or more fields than any form here has.
    Its values are about one person: they are shown to those who entered them and go nowhere else.
    """

    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    sent: bool = False
    broken: bool = False

    def text(self, name: str) -> str:
        """Give a field as it was written; empty when it was left empty."""
        return self.fields.get(name, "")


def read_form() -> Form:
    """Take the form out of this kernel's environment; a second call finds none."""
    return parsed(os.environ.pop(FORM, ""))


def parsed(text: str) -> Form:
    """Read the text of a form; whatever it holds is never an exception.

    Examples
    --------
    >>> form = parsed("ennen_1=3&jalkeen_1=")
    >>> form.sent, form.text("ennen_1"), form.text("jalkeen_1")
    (True, '3', '')
    >>> parsed("a=1&a=2").broken
    True
    """
    if not text:
        return Form()
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return Form(sent=True, broken=True)
    fields = {name: value.strip() for name, value in pairs if value.strip()}
    names = [name for name, _ in pairs]
    return Form(MappingProxyType(fields), sent=True, broken=len(set(names)) < len(names))


def number_of(text: str) -> float:
    """Read a number as people write it; empty is NaN.

    Raises
    ------
    ValueError for what is no number; its message does not repeat what was written.

    Examples
    --------
    >>> number_of("12,5"), number_of("−3")
    (12.5, -3.0)
    """
    if not text:
        return math.nan
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return float(text.replace("−", "-").replace(",", "."))
