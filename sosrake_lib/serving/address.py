"""The address line of an app: the choice it asks for, checked, and the faults to be answered in words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from sosrake_lib import parameters
from sosrake_lib.errors import ParameterError
from sosrake_lib.serving.launcher import page_language

MOST_FIELDS = 20


@dataclass(frozen=True)
class Fault:
    """One thing in the address that is not allowed: which parameter, what was asked, what the check says."""

    name: str
    value: str
    message: str


@dataclass(frozen=True)
class Choice:
    """What an address asks for.

    Attributes
    ----------
    notebook : the app's name in parameters.toml.
    values : every declared parameter, checked; a faulty one has its default.
    language : `fi` or `en`.
    faults : what was not allowed; a page with faults answers them and shows no figures.
    """

    notebook: str
    values: Mapping[str, parameters.Value]
    language: str = "fi"
    faults: tuple[Fault, ...] = field(default=())

    def text(self, name: str) -> str:
        """Give a parameter's value as text."""
        return str(self.values[name])

    def link(self, **changed: object) -> str:
        """Write the address of this choice with some values changed; defaults are kept too.

        Examples
        --------
        >>> Choice("apps/tilannekuva", {"alue": "kunta-297", "teema": "koyhyys"}).link(teema="asuminen")
        '?alue=kunta-297&teema=asuminen'
        """
        shown = {name: value for name, value in {**self.values, **changed}.items() if value != ""}
        return "?" + urlencode(shown)


def read_choice(notebook: str, given: Mapping[str, object] | None = None, query: str | None = None) -> Choice:
    """Read an app's choice: from its address when it has one, else from the notebook's own parameters.

    Parameters
    ----------
    notebook : name in parameters.toml, such as `apps/tilannekuva`.
    given : values of the notebook's parameters cell, which hold where the address says nothing.
    query : the address line after `?`; None takes what the server says (QUERY_STRING).

    Returns
    -------
    Choice; whatever the address holds is refused by `parameters` and becomes a fault, never an exception.
    """
    asked = os.environ.get("QUERY_STRING", "") if query is None else query
    language = page_language(asked, os.environ.get("SOSRAKE_APP_LANGUAGE", "fi"))
    start = {**parameters.check(notebook, dict(given or {}), language=language), "kieli": language}
    try:
        pairs = parse_qsl(asked.lstrip("?"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as fault:
        return Choice(notebook, start, language, (Fault("", asked[:80], str(fault)),))
    values, faults = dict(start), []
    for name, text in pairs:
        try:
            one = parameters.from_query(notebook, urlencode({name: text}), language=language)
        except ParameterError as fault:
            faults.append(Fault(name, text, str(fault)))
            continue
        values[name] = one[name]
    twice = [name for name, _ in pairs if [other for other, _ in pairs].count(name) > 1]
    if twice:
        faults.append(_twice(notebook, twice[0], asked, language))
    return Choice(notebook, values, language, tuple(faults))


def _twice(notebook: str, name: str, asked: str, language: str) -> Fault:
    try:
        parameters.from_query(notebook, asked, language=language)
    except ParameterError as fault:
        return Fault(name, "", str(fault))
    raise ParameterError(f"{notebook}: parameter {name} stands twice in the address and was not refused")
