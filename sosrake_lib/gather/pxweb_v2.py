"""Version 2 of PxWeb's interface: tables by id, metadata as json-stat2, code lists, queries as a POST.

The dialect follows PxTools/PxApiSpecs PxAPI-2.yml: `/tables?query=`, `/tables/{id}/metadata`,
`/tables/{id}/data`, `/codelists/{id}`, `/config`. Errors come as application/problem+json with the same
status codes as in version 1. A query without a selection would give the table's default selection, so every
variable is always named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pandas as pd

from sosrake_lib.errors import GatherError
from sosrake_lib.gather import pxweb_answers as answers
from sosrake_lib.gather.http import Answer, Source

FORM = "json-stat2"
# The product's own default, for servers that do not tell their limits.
DEFAULT_CELLS = 100_000


class PxWebV2:
    """Version 2, as `pxweb.Transport`.

    Parameters
    ----------
    source : where the interface is, such as `https://host/api/v2`.
    language : language of texts; an answer in another language than the service has is refused by it.
    codelists : variable -> id of the code list (aggregation or value set) whose codes are asked instead of
        the table's own.
    """

    def __init__(
        self, source: Source, language: str = "fi", codelists: Mapping[str, str] | None = None
    ) -> None:
        self._source, self._language = source, language
        self._codelists = dict(codelists or {})

    def metadata(self, table: str) -> Answer:
        """Give title and variables of a table in the shape of version 1, code lists put in place."""
        asked = (("lang", self._language),)
        answer = self._source.get(f"tables/{quote(table)}/metadata", asked, check=check_dataset)
        described = variables_of(answer.content)
        stale = answer.stale
        for name, identifier in self._codelists.items():
            variable = _named(described, name, table)
            listed = self._source.get(f"codelists/{quote(identifier)}", asked, check=check_codelist)
            stale = stale or listed.stale
            variable["values"] = [value["code"] for value in listed.content["values"]]
            variable["valueTexts"] = [value["label"] for value in listed.content["values"]]
            variable["elimination"] = False
        return replace(answer, content=described, stale=stale)

    def most_cells(self) -> int:
        """Ask the server; one that tells nothing has the product's default."""
        try:
            told = self._source.get("config").content
        except GatherError:
            return DEFAULT_CELLS
        cells = told.get("maxDataCells") if isinstance(told, dict) else None
        return cells if type(cells) is int and cells > 0 else DEFAULT_CELLS

    def data(self, table: str, query: answers.Query) -> Answer:
        """Ask for the chosen cells and read them strictly."""
        selection = [self._selection(code, values) for code, values in query]
        path = f"tables/{quote(table)}/data?lang={self._language}&outputFormat={FORM}"
        answer = self._source.post(
            path, {"selection": selection}, check=lambda content: answers.read_json_stat2(content, query)
        )
        return replace(answer, content=answers.read_json_stat2(answer.content, query))

    def tables(self, words: str) -> pd.DataFrame:
        """Find tables by words: id, label, updated, first and last period, whether it is discontinued."""
        asked = (("lang", self._language), ("query", words), ("pageSize", "100"))
        found = self._source.get("tables", asked, check=check_tables).content["tables"]
        columns = ("id", "label", "updated", "firstPeriod", "lastPeriod", "discontinued")
        return pd.DataFrame([[table.get(name) for name in columns] for table in found], columns=list(columns))

    def _selection(self, code: str, values: tuple[str, ...]) -> dict[str, Any]:
        selection: dict[str, Any] = {"variableCode": code, "valueCodes": list(values)}
        listed = {name.casefold(): identifier for name, identifier in self._codelists.items()}
        identifier = next((listed[name] for name in listed if code.casefold().startswith(name)), None)
        return selection if identifier is None else {**selection, "codelist": identifier}


def check_dataset(content: Any) -> None:
    """Check the description of a table: a json-stat2 dataset whose dimensions have codes, values left out."""
    dimensions = content.get("dimension") if isinstance(content, dict) else None
    names = content.get("id") if isinstance(content, dict) else None
    if not isinstance(dimensions, dict) or not isinstance(names, list) or not names:
        raise GatherError("PxWeb: the answer describes no table; check the id of the table")
    if not isinstance(content.get("label"), str):
        raise GatherError("PxWeb: the table has no label; the service may have changed")
    for name in names:
        codes = answers.codes_of(dimensions.get(name))
        if not codes or len(set(codes)) != len(codes) or not all(isinstance(code, str) for code in codes):
            raise GatherError(f"PxWeb: variable {name!r} has no codes, or a code stands twice or not as text")


def check_codelist(content: Any) -> None:
    """Check a code list: values with a code and a label as text, each once."""
    values = content.get("values") if isinstance(content, dict) else None
    if not isinstance(values, list) or not values:
        raise GatherError("PxWeb: the answer is no code list; check its id")
    codes = [value.get("code") if isinstance(value, dict) else None for value in values]
    if not all(isinstance(code, str) for code in codes) or len(set(codes)) != len(codes):
        raise GatherError("PxWeb: a code of the code list stands twice or not as text")


def check_tables(content: Any) -> None:
    """Check the list of tables."""
    tables = content.get("tables") if isinstance(content, dict) else None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise GatherError("PxWeb: the answer lists no tables; the service may have changed")


def variables_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a checked description into that of version 1: title, and variables with codes and their texts."""
    role = content.get("role") or {}
    variables = []
    for name in content["id"]:
        dimension = content["dimension"][name]
        codes = answers.codes_of(dimension)
        texts = dimension.get("category", {}).get("label") or {}
        variables.append(
            {
                "code": name,
                "text": dimension.get("label", name),
                "values": codes,
                "valueTexts": [texts.get(code, code) for code in codes],
                "elimination": (dimension.get("extension") or {}).get("elimination") is True,
                "time": name in (role.get("time") or []),
                "place": name in (role.get("geo") or []),
            }
        )
    return {"title": content["label"], "variables": variables}


def _named(described: Mapping[str, Any], name: str, table: str) -> dict[str, Any]:
    for variable in described["variables"]:
        if variable["code"].casefold().startswith(name.casefold()):
            return variable
    known = ", ".join(variable["code"] for variable in described["variables"])
    raise GatherError(f"{table}: variable {name!r} is not there; the table has {known}; name one of these")
