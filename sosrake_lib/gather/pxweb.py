"""PxWeb tables (Statistics Finland and others): look, ask within the cell limit, read, map to regions.

`Transport` is what a dialect of the interface must offer; version 1 is here, version 2 in `pxweb_v2`: a
successor with another dialect is another class, not a change of the functions that use it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import pxweb_answers as answers
from sosrake_lib.gather.http import POLITE, Answer, Limits, Source
from sosrake_lib.gather.pxweb_v2 import PxWebV2
from sosrake_lib.gather.store import Gathered, keep_frame, keep_table, stale_message

ADDRESS = "https://pxdata.stat.fi/PxWeb/api/v1/fi"
LICENCE = "CC BY 4.0"
# The product's own default, for servers that do not tell their limits.
DEFAULT_CELLS = 100_000

Progress = Callable[[str], None]
Query = Sequence[tuple[str, tuple[str, ...]]]


class Transport(Protocol):
    """One dialect of the interface."""

    def metadata(self, table: str) -> Answer:
        """Give title and variables of a table, checked."""
        ...

    def most_cells(self) -> int:
        """Say how many cells one query may ask for."""
        ...

    def data(self, table: str, query: Query) -> Answer:
        """Give the chosen cells as a tidy table in `content`: variables, value, mark."""
        ...


class PxWebV1:
    """Version 1: GET for metadata, POST of a query for data, as json-stat2 or the older json."""

    def __init__(self, source: Source, form: str = "json-stat2") -> None:
        if form not in answers.READERS:
            raise GatherError(
                f"PxWeb: form {form!r}; expected {' or '.join(answers.READERS)}; use one of these"
            )
        self._source, self._form = source, form

    def metadata(self, table: str) -> Answer:
        """Give title and variables of a table, checked."""
        return self._source.get(table, check=answers.check_metadata)

    def most_cells(self) -> int:
        """Ask the server; one that tells nothing has the product's default."""
        try:
            told = self._source.get("?config").content
        except GatherError:
            return DEFAULT_CELLS
        cells = told.get("maxCells") if isinstance(told, dict) else None
        return cells if type(cells) is int and cells > 0 else DEFAULT_CELLS

    def data(self, table: str, query: Query) -> Answer:
        """Ask for the chosen cells and read them strictly."""
        read = answers.READERS[self._form]
        body = {
            "query": [
                {"code": code, "selection": {"filter": "item", "values": list(values)}}
                for code, values in query
            ],
            "response": {"format": self._form},
        }
        answer = self._source.post(table, body, check=lambda content: read(content, query))
        return Answer(**{**answer.__dict__, "content": read(answer.content, query)})


def statfin(
    table: str,
    selections: Mapping[str, Sequence[str]],
    *,
    indicator: str | None = None,
    base_url: str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
    transport: Transport | None = None,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Fetch cells of a PxWeb table, as an indicator frame when `indicator` is named, else as a tidy table.

    Parameters
    ----------
    table : path of the table below the address, such as `StatFin/vaerak/statfin_vaerak_pxt_11re.px`.
    selections : variable -> codes, or `["*"]` for all; masks such as `KU*` and expressions such as `top(3)`,
        `from(2015)`, `range(2015,2020)` are worked out against the table. A variable is found by the
        beginning of its name ("Alue" finds "Alue 2025"), because the year in the name changes. A variable
        that is left out is summed out when the table allows it, else taken whole.
    indicator : a key of the catalogue; the table must then have one value for each region, period and sex.

    Returns
    -------
    Indicator frame (status `missing` where the source has a dot code; `borders` from the year in the
    region variable's name, else the year of retrieval), or a table with a column a variable (codes as
    text), `value` and `mark` (the dot code, else empty).

    Raises
    ------
    GatherError when the table cannot be read, or a variable or code is not in it.
    """
    gathered = _gather(table, selections, _transport(base_url, offline, transport, limits), progress)
    if indicator is None:
        return gathered.content
    entry = catalogue.indicator(indicator)
    return answers.indicator_rows(gathered.content, entry, table, gathered.retrieved)


def command(
    table: str,
    select: list[str],
    indicator: str | None = None,
    offline: bool = False,
    base_url: str | None = None,
    progress: Progress | None = None,
    *,
    language: str = "fi",
    limits: Limits | None = None,
    version: int = 1,
    codelists: Sequence[str] = (),
) -> Gathered:
    """Fetch cells and keep them for the next run: what `sosrake gather statfin TABLE --select` does.

    `select` holds texts `VARIABLE=code,code`; an indicator is stored where the samples look, a plain table
    under home()/gathered/tables. `version` 2 asks by the newer interface: the table is then an id, `base_url`
    must be given, and `codelists` holds texts `VARIABLE=id`.
    """
    chosen = dict(_selection(text) for text in select)
    if version == 2:
        transport = _second(base_url, offline, limits, codelists)
    else:
        transport = _transport(base_url, offline, None, limits)
    gathered = _gather(table, chosen, transport, progress)
    about = {
        "source": gathered.url,
        "retrieved": gathered.retrieved.isoformat(),
        "licence": gathered.licence,
        "raw_sha256": gathered.sha256,
    }
    if indicator is None:
        rows = gathered.content
        file = keep_table(table.rsplit("/", 1)[-1].removesuffix(".px"), rows, about)
    else:
        entry = catalogue.indicator(indicator)
        rows = answers.indicator_rows(gathered.content, entry, table, gathered.retrieved)
        file = keep_frame(f"statfin_{indicator}", rows, about)
    values = int(rows["value"].notna().sum())
    messages = [stale_message(gathered.retrieved, language)] if gathered.stale else []
    return Gathered((file,), len(rows), values, len(rows) - values, gathered.stale, tuple(messages))


def split(query: Query, most_cells: int) -> list[Query]:
    """Cut a query into queries of at most `most_cells` cells, along its longest variables.

    Examples
    --------
    >>> [len(part[0][1]) for part in split([("Alue", ("A", "B", "C")), ("Vuosi", ("2020", "2021"))], 4)]
    [2, 1]
    """
    cells = math.prod(len(values) for _, values in query)
    if cells <= most_cells:
        return [query]
    longest = max(range(len(query)), key=lambda place: len(query[place][1]))
    code, values = query[longest]
    if len(values) == 1:
        raise GatherError("PxWeb: the source allows no cells at all; try again later")
    length = max(1, most_cells * len(values) // cells)
    parts: list[Query] = []
    for start in range(0, len(values), length):
        piece = list(query)
        piece[longest] = (code, values[start : start + length])
        parts += split(piece, most_cells)
    return parts


def _transport(
    base_url: str | None, offline: bool, transport: Transport | None, limits: Limits | None
) -> Transport:
    if transport is not None:
        return transport
    return PxWebV1(Source("pxweb", base_url or ADDRESS, LICENCE, offline, limits or POLITE))


def _second(
    base_url: str | None, offline: bool, limits: Limits | None, codelists: Sequence[str]
) -> Transport:
    if base_url is None:
        raise GatherError(
            "PxWeb version 2: no address is known for sure; give it with --base-url, "
            "such as https://host/api/v2, or use version 1"
        )
    listed = {name: ids[0] for name, ids in (_selection(text) for text in codelists)}
    return PxWebV2(Source("pxweb2", base_url, LICENCE, offline, limits or POLITE), codelists=listed)


def _gather(
    table: str, selections: Mapping[str, Sequence[str]], transport: Transport, progress: Progress | None
) -> Answer:
    described = transport.metadata(table)
    query = answers.resolve(described.content, selections, table)
    parts = split(query, transport.most_cells())
    pieces: list[Answer] = []
    for place, part in enumerate(parts, start=1):
        if progress is not None:
            progress(f"{table} {place}/{len(parts)}")
        pieces.append(transport.data(table, part))
    whole = pd.concat([piece.content for piece in pieces], ignore_index=True)
    oldest: datetime = min(piece.retrieved for piece in pieces)
    stale = described.stale or any(piece.stale for piece in pieces)
    first = pieces[0]
    return Answer(whole, first.url, first.source, first.licence, oldest, first.sha256, stale)


def _selection(text: str) -> tuple[str, tuple[str, ...]]:
    variable, equals, codes = text.partition("=")
    # A comma inside an expression such as range(2015,2020) parts nothing.
    values = tuple(code.strip() for code in re.split(r",(?![^(]*\))", codes) if code.strip())
    if not equals or not variable.strip() or not values:
        raise GatherError(f"--select {text!r}; expected VARIABLE=code,code or VARIABLE=*; write it so")
    return variable.strip(), values
