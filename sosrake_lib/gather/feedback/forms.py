"""Feedback forms and answers as tables: read from an office's file, columns checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sosrake_lib.errors import GatherError
from sosrake_lib.gather.feedback.codes import CODES, PARTS
from sosrake_lib.gather.readers import read_file
from sosrake_lib.language import say

QUESTION_COLUMNS = ("lomake", "kysymys")
ANSWER_COLUMNS = ("lomake", "vastaus")
START, END, BOTH_ENDS = "alku", "loppu", "molemmat"
NONE = "ei_koodia"
_KNOWN = ("lomake", "nro", "kysymys", "ajankohta", "koodi", "osa", "vastaus")


def read_sheet(path: Path) -> pd.DataFrame:
    """Read a file of questions or answers (CSV, XLSX, ODS) as text; an empty cell is missing.

    Raises
    ------
    GatherError when the file cannot be read as a table.
    """
    if not path.is_file():
        raise GatherError(say("asiakaspalaute.fault.no_file", file=str(path)))
    raw = read_file(path, lambda cells: sum(str(cell).strip().lower() in _KNOWN for cell in cells))
    if not raw.header:
        raise GatherError(say("asiakaspalaute.fault.no_table", file=path.name))
    columns = {
        name.strip().lower(): ["" if cell is None else str(cell).strip() for cell in column.cells()]
        for name, column in zip(map(str, raw.header), raw.columns, strict=True)
    }
    return pd.DataFrame(columns).replace("", pd.NA)


def questions(sheet: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Check a table of forms: one row a question.

    Parameters
    ----------
    sheet : columns lomake, kysymys; and where known nro, ajankohta (alku, loppu, molemmat; empty = loppu),
        koodi and osa (codes given by people, parted by spaces or semicolons; `ei_koodia` for none).

    Returns
    -------
    DataFrame form, number, question, asked, codes, parts (the last two missing where nobody has coded).

    Raises
    ------
    GatherError naming row and column.

    Examples
    --------
    >>> found = questions(pd.DataFrame({"lomake": ["A"], "kysymys": ["Mikä muuttui?"]}), file="x.csv")
    >>> found[["form", "number", "asked"]].iloc[0].to_dict()
    {'form': 'A', 'number': '1', 'asked': 'loppu'}
    """
    rows = _filled(sheet, QUESTION_COLUMNS, file)
    numbers = (rows.groupby("lomake").cumcount() + 1).astype(str)
    made = pd.DataFrame(
        {
            "form": rows["lomake"].astype(str),
            "number": _column(rows, "nro").astype("object").where(_column(rows, "nro").notna(), numbers),
            "question": rows["kysymys"].astype(str),
            "asked": _column(rows, "ajankohta").fillna(END).astype(str),
            "codes": _column(rows, "koodi"),
            "parts": _column(rows, "osa"),
        }
    )
    _known(made, "asked", (START, END, BOTH_ENDS), file, "ajankohta")
    _known(made, "codes", (*CODES, NONE), file, "koodi")
    _known(made, "parts", (*PARTS, NONE), file, "osa")
    made["number"] = made["number"].astype(str)
    return made


def answers(sheet: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Check a table of answers: columns lomake, vastaus, and koodi where people have coded.

    Returns
    -------
    DataFrame form, answer, codes. Rows without an answer are left out; texts stay in memory only.

    Raises
    ------
    GatherError naming row and column, never the answer.
    """
    for column in ANSWER_COLUMNS:
        if column not in sheet:
            raise GatherError(_lacking(file, column, ANSWER_COLUMNS))
    rows = sheet.loc[sheet["vastaus"].notna() & sheet["lomake"].notna()].reset_index(drop=True)
    made = pd.DataFrame(
        {
            "form": rows["lomake"].astype(str),
            "answer": rows["vastaus"].astype(str),
            "codes": _column(rows, "koodi"),
        }
    )
    _known(made, "codes", (*CODES, NONE), file, "koodi")
    return made


def split_codes(cell: object) -> tuple[str, ...]:
    """Part the codes of a cell; `ei_koodia` gives none.

    Examples
    --------
    >>> split_codes("tyytyvaisyys; prosessi"), split_codes("ei_koodia")
    (('tyytyvaisyys', 'prosessi'), ())
    """
    return tuple(one for one in str(cell).replace(";", " ").replace(",", " ").split() if one != NONE)


def _filled(sheet: pd.DataFrame, columns: Sequence[str], file: str) -> pd.DataFrame:
    for column in columns:
        if column not in sheet:
            raise GatherError(_lacking(file, column, columns))
        empty = sheet[column].isna()
        if empty.any():
            raise GatherError(
                say(
                    "asiakaspalaute.fault.empty",
                    file=file,
                    column=column,
                    row=int(empty.to_numpy().argmax()) + 2,
                )
            )
    if sheet.empty:
        raise GatherError(say("asiakaspalaute.fault.no_rows", file=file))
    return sheet.reset_index(drop=True)


def _lacking(file: str, column: str, columns: Sequence[str]) -> str:
    return say("asiakaspalaute.fault.column", file=file, column=column, columns=", ".join(columns))


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    empty = pd.Series(pd.NA, index=rows.index, dtype="object")
    return rows[name].astype("object").where(rows[name].notna(), pd.NA) if name in rows else empty


def _known(made: pd.DataFrame, column: str, known: Sequence[str], file: str, called: str) -> None:
    for place, cell in enumerate(made[column], start=2):
        given = [] if pd.isna(cell) else str(cell).replace(";", " ").replace(",", " ").split()
        wrong = [one for one in given if one not in known]
        if wrong:
            listed = ", ".join(known)
            raise GatherError(
                say(
                    "asiakaspalaute.fault.code",
                    file=file,
                    row=place,
                    column=called,
                    code=wrong[0],
                    known=listed,
                )
            )
