"""The training plan as a file people edit: koulutussuunnitelma.csv, and beside it what was generated last.

The file is written as Finnish spreadsheets open it (semicolons, UTF-8 with a mark), and read in whatever
encoding and separator it comes back. Its dictionary (.toml) says what the columns are and remembers what the
rules said the last time, so that a person's changes can be told from ours.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from babel.dates import get_month_names

from sosrake_lib.batch.training_merge import GENERATED, ID, MARKS, Merged
from sosrake_lib.errors import GatherError, SosrakeError
from sosrake_lib.gather import findings as found_in
from sosrake_lib.gather.cache import replace_file
from sosrake_lib.gather.readers import read_file
from sosrake_lib.language import say

NAME = "koulutussuunnitelma"
MONTHS, HOURS = ("kuukausi", "paattyy"), "tunnit"
_REFUSED = 3  # severity of a finding from which a file cannot be used
_MEANING = {
    ID: "stable name of the row: the item or domain it is about, or a person's own",
    "osa_alue": "domain of competence",
    "vaittama": "item of the survey; empty when the row is about the whole domain",
    "kohderyhma": "for whom",
    "tavoite": "aim: the step of skill, or what is to change",
    "muoto": "form",
    HOURS: "hours for one participant",
    "vastuu": "who is responsible; left for people to fill",
    "kuukausi": "first month, such as 2027-01",
    "paattyy": "last month",
    "mittari": "how it is seen later",
    "huomautus": "notes of one's own",
    "perustelu": "why the row is there: the figures and limits of its rule",
    "saanto": "rule of sosrake_lib/catalogue/training_rules.toml",
    "muokattu": "columns whose cell a person has changed; written anew each time",
    "uusi_ehdotus": "what the rules would now say in a cell a person has changed",
    "tila": "new, ground gone, or a row of one's own",
}


@dataclass(frozen=True, eq=False)
class Kept:
    """A plan as it lies in a folder: the person's rows, and what was generated before (None: unknown)."""

    rows: pd.DataFrame
    base: dict[str, dict[str, str]] | None
    struck: tuple[str, ...]


def read_plan(folder: Path, language: str = "fi") -> Kept | None:
    """Read the plan of a folder; None when there is none.

    Raises
    ------
    GatherError naming file, row and column when the file cannot be read, has no column `tunnus`, a name
    stands twice, hours are no number or a month is no month.
    """
    path = folder / f"{NAME}.csv"
    if not path.is_file():
        return None
    names = {ID, *GENERATED, *MARKS}
    raw = read_file(path, lambda cells: len({str(cell).strip() for cell in cells} & names))
    bad = [one for one in raw.findings if found_in.SEVERITY[one.kind] >= _REFUSED]
    if bad:
        first = found_in.told(bad, path.name, language).iloc[0]
        row = "" if pd.isna(first["row"]) else f" row {first['row']},"
        raise GatherError(f"{path.name}:{row} {first['reason']} {first['fix']}")
    if ID not in raw.header:
        raise GatherError(f"{path.name}: row 1: column {ID} is missing; it names the rows: put it back")
    twice = next((name for name in raw.header if raw.header.count(name) > 1), None)
    if twice:
        raise GatherError(f"{path.name}: row 1: column {twice} stands twice; keep one")
    rows = [
        {name: _cell(path, number, name, cell) for name, cell in zip(raw.header, cells, strict=True)}
        for number, cells in raw.rows
    ]
    _refuse_twice(path, [number for number, _ in raw.rows], [row[ID] for row in rows])
    base, struck = _remembered(folder / f"{NAME}.toml")
    return Kept(pd.DataFrame(rows, columns=raw.header), base, struck)


def write_plan(folder: Path, merged: Merged, kind: str, language: str = "fi") -> Path:
    """Write the plan and its dictionary; `kind` is that of the survey it was made from (real, synthetic).

    Raises
    ------
    SosrakeError when the file cannot be replaced, for example while it is open in a spreadsheet.
    """
    path = folder / f"{NAME}.csv"
    body = merged.rows.to_csv(index=False, sep=";", lineterminator="\r\n")
    try:
        # The memory first: if only it were written, nothing of the person's file would be lost.
        replace_file(path.with_suffix(".toml"), _dictionary(merged, kind, language).encode("utf-8"))
        replace_file(path, body.encode("utf-8-sig"))
    except OSError as problem:
        raise SosrakeError(
            f"{path}: cannot be written ({problem.strerror or problem}); close it in the spreadsheet"
        ) from problem
    return path


def as_month(text: str) -> str | None:
    """Read a month as people and spreadsheets write it; None when it is none.

    Examples
    --------
    >>> [as_month(text) for text in ("2027-01", "1/2027", "1.1.2027", "tammi.27", "January 2027", "joskus")]
    ['2027-01', '2027-01', '2027-01', '2027-01', '2027-01', None]
    """
    given = text.strip().lower()
    for pattern in (
        r"(?P<y>\d{4})-(?P<m>\d{1,2})(-\d{1,2}.*)?",
        r"(\d{1,2}[./])?(?P<m>\d{1,2})[./](?P<y>\d{4})",
    ):
        match = re.fullmatch(pattern, given)
        if match:
            month = int(match["m"])
            return f"{match['y']}-{month:02d}" if 1 <= month <= 12 else None
    match = re.fullmatch(r"(?P<name>[a-zåäö]+)[ .\-]*(?P<y>\d{4}|\d{2})", given)
    month_of = _months_by_name()
    if match is None or match["name"] not in month_of:
        return None
    year = match["y"] if len(match["y"]) == 4 else f"20{match['y']}"
    return f"{year}-{month_of[match['name']]:02d}"


def as_hours(text: str) -> str | None:
    """Read hours written with a comma or a point; None when they are no number of hours.

    Examples
    --------
    >>> as_hours("8,0"), as_hours("2.5"), as_hours("paljon"), as_hours("-1")
    ('8', '2,5', None, None)
    """
    given = text.strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,4}(\.\d{1,2})?", given):
        return None
    return f"{float(given):g}".replace(".", ",")


def _cell(path: Path, row: int, column: str, cell: object) -> str:
    text = re.sub(r"\s*\r?\n\s*", " ", str(cell)).strip()
    read = {HOURS: as_hours, **dict.fromkeys(MONTHS, as_month)}.get(column)
    if read is None or not text:
        return text
    value = read(text)
    if value is None:
        expected = "hours such as 8 or 2,5" if column == HOURS else "a month such as 2027-01"
        raise GatherError(
            f"{path.name}: row {row}, column {column}: {text[:40]!r}; expected {expected}, or nothing"
        )
    return value


def _refuse_twice(path: Path, numbers: list[int], names: list[str]) -> None:
    seen: dict[str, int] = {}
    for number, name in zip(numbers, names, strict=True):
        if name and name in seen:
            raise GatherError(
                f"{path.name}: row {number}, column {ID}: {name!r} stands on row {seen[name]} too; "
                "clear it on a row of your own and it gets a name"
            )
        seen[name] = number


def _remembered(path: Path) -> tuple[dict[str, dict[str, str]] | None, tuple[str, ...]]:
    if not path.is_file():
        return None, ()
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        base = {str(key): {str(k): str(v) for k, v in row.items()} for key, row in read["generated"].items()}
        return base, tuple(str(key) for key in read["struck_out"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError) as problem:
        raise GatherError(
            f"{path.name}: what was generated before cannot be read ({problem}); remove the file, and every "
            "cell that differs from the rules will be taken for yours"
        ) from problem


def _dictionary(merged: Merged, kind: str, language: str) -> str:
    """Write the dictionary; JSON's quoting of text is TOML's too."""
    lines = [
        f"title = {json.dumps(say('koulutussuunnitelma.file.title', language), ensure_ascii=False)}",
        f'kind = "{kind}"',
        'licence = ""',
        f"rows = {len(merged.rows)}",
        f"struck_out = {json.dumps(list(merged.struck), ensure_ascii=False)}",
    ]
    for name in merged.rows.columns:
        meaning = _MEANING.get(str(name), "a column of one's own")
        lines += ["", f"[columns.{json.dumps(str(name), ensure_ascii=False)}]", 'type = "text"']
        lines.append(f"meaning = {json.dumps(meaning, ensure_ascii=False)}")
    for key, row in merged.base.items():
        lines += ["", f"[generated.{json.dumps(key, ensure_ascii=False)}]"]
        lines += [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in row.items()]
    return "\n".join(lines) + "\n"


def _months_by_name() -> dict[str, int]:
    """Name the months in Finnish and English, whole and cut, as spreadsheets write dates."""
    found: dict[str, int] = {}
    for language in ("fi", "en"):
        for width in ("wide", "abbreviated"):
            for context in ("stand-alone", "format"):
                for number, name in get_month_names(width, context=context, locale=language).items():
                    found[name.lower().rstrip(".")] = number
    found |= {name.removesuffix("kuu"): number for name, number in list(found.items())}
    return found
