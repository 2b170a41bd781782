"""Names of columns as offices write them, and the names our schemas have for them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from sosrake_lib.gather.cells import plain
from sosrake_lib.gather.findings import Finding
from sosrake_lib.gather.raw import Cells, RawTable
from sosrake_lib.gather.schemas import Schema

_YEAR = re.compile(r"(?:19|20)\d{2}\*?")


@dataclass(frozen=True, eq=False)
class Named:
    """A table whose columns have the schema's names, and what was said of them."""

    table: RawTable
    findings: list[Finding]

    @property
    def usable(self) -> bool:
        """Say whether every column that is needed is there, once."""
        stopping = ("missing_column", "misspelt_column", "duplicate_column", "wide_table")
        return not any(finding.kind in stopping for finding in self.findings)


def known_names(cells: Cells, kind: Schema) -> int:
    """Count the different columns of the schema a line names."""
    known = _canonical(kind)
    return len({known[key] for key in map(_key, cells) if key in known})


def named(raw: RawTable, kind: Schema) -> Named:
    """Give columns their names in the schema; say other spellings, columns that lack or stand twice."""
    canonical = _canonical(kind)
    findings: list[Finding] = []
    header: list[str] = []
    for name in raw.header:
        shown = " ".join(name.split())
        own = canonical.get(_key(name), shown)
        if own != name and own in canonical.values():
            findings.append(Finding("header_name", raw.header_row, own, {"name": shown[:60]}))
        if own and own in header:
            findings.append(Finding("duplicate_column", raw.header_row, own))
        header.append(own)
    findings += _missing(header, raw, kind)
    return Named(replace(raw, header=header), findings)


def _missing(header: list[str], raw: RawTable, kind: Schema) -> list[Finding]:
    lacking = [column.name for column in kind.columns if column.required and column.name not in header]
    others = [name for name in header if name and name not in {column.name for column in kind.columns}]
    years = [name for name in others if _YEAR.fullmatch(name)]
    findings = []
    if lacking and len(years) >= 2:
        findings.append(Finding("wide_table", raw.header_row, values={"years": ", ".join(years[:5])}))
    for name in lacking:
        near = difflib.get_close_matches(_key(name), [_key(other) for other in others], n=1, cutoff=0.75)
        hint = next((other for other in others if [_key(other)] == near), "")
        kind_of = "misspelt_column" if hint else "missing_column"
        findings.append(Finding(kind_of, raw.header_row, name, {"hint": hint[:60]}))
    return findings


@lru_cache(maxsize=32)
def _canonical(kind: Schema) -> dict[str, str]:
    return {_key(other): column.name for column in kind.columns for other in (column.name, *column.also)}


def _key(name: object) -> str:
    """Give a header as it is compared: no case, dots over letters, signs between words or unit after."""
    text = plain("" if name is None else str(name)[:200])
    bare = re.sub(r"\s*[(\[][^)\]]*[)\]]$", "", text) or text
    letters = unicodedata.normalize("NFKD", bare)
    spaced = re.sub(r"[^\w.]+|_", " ", "".join(one for one in letters if not unicodedata.combining(one)))
    return spaced.strip(" .")
