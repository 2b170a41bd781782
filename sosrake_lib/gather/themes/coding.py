"""Codes that two people gave to the same texts: read, checked, laid out for agreement, disagreements listed.

Agreement is counted by `indicators.coders`, which takes the table of `yes_no`. A human's code always wins:
the machine's suggestion never enters these tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sosrake_lib.errors import GatherError
from sosrake_lib.gather.themes.suggest import MACHINE
from sosrake_lib.language import say

COLUMNS = ("unit", "coder", "codes")
NONE = "ei_koodia"
BOTH, SETTLED, OPEN = "both", "settled", "open"


def read_codes(sheet: pd.DataFrame, known: Sequence[str], *, file: str) -> pd.DataFrame:
    """Read what coders gave: one row a unit and coder, codes of one dimension parted by spaces or semicolons.

    Parameters
    ----------
    sheet : columns unit, coder, codes; `ei_koodia` says that the coder looked and gave none. An empty cell is
        refused: it could mean either.
    known : codes of the dimension.
    file : name of the table, for messages.

    Returns
    -------
    DataFrame unit, coder, code: one row a given code, and one with code `ei_koodia` where none was given.

    Raises
    ------
    GatherError naming row and column: a missing column, an empty cell, an unknown code, a unit coded twice by
    one coder, a coder named like the machine, fewer than two coders.

    Examples
    --------
    >>> given = ["velka; asunto", "ei_koodia"]
    >>> sheet = pd.DataFrame({"unit": ["1", "1"], "coder": ["A", "B"], "codes": given})
    >>> read_codes(sheet, ["velka", "asunto"], file="koodit.csv").to_dict("list")
    {'unit': ['1', '1', '1'], 'coder': ['A', 'A', 'B'], 'code': ['velka', 'asunto', 'ei_koodia']}
    """
    _check_columns(sheet, file)
    rows, seen = [], set()
    for place, (unit, coder, codes) in enumerate(sheet[list(COLUMNS)].itertuples(index=False), start=2):
        if str(coder).startswith(MACHINE):
            raise GatherError(say("coding.machine", file=file, row=place, coder=str(coder)))
        if (unit, coder) in seen:
            raise GatherError(say("coding.twice", file=file, row=place, coder=str(coder), unit=str(unit)))
        seen.add((unit, coder))
        given = str(codes).replace(";", " ").split()
        for code in given:
            if code not in (*known, NONE):
                listed = ", ".join((*known, NONE))
                raise GatherError(say("coding.unknown_code", file=file, row=place, code=code, known=listed))
            rows.append((str(unit), str(coder), code))
    coders = {coder for _, coder in seen}
    if len(coders) < 2:
        raise GatherError(say("coding.coders", file=file, count=len(coders)))
    return pd.DataFrame(rows, columns=["unit", "coder", "code"]).drop_duplicates(ignore_index=True)


def yes_no(codes: pd.DataFrame, known: Sequence[str]) -> pd.DataFrame:
    """Lay codes out for agreement: one row a unit, coder and code with yes or no.

    Parameters
    ----------
    codes : of `read_codes`.
    known : codes of the dimension; each becomes a question of its own, as a unit may have several codes.

    Returns
    -------
    DataFrame unit, rater, code, given ("kylla" or "ei"), ready for
    `indicators.coders(..., code="given", by=["code"], levels=["ei", "kylla"])`.
    """
    looked = codes[["unit", "coder"]].drop_duplicates()
    every = looked.merge(pd.DataFrame({"code": list(known)}), how="cross")
    given = every.merge(codes.assign(given="kylla"), on=["unit", "coder", "code"], how="left")
    return given.fillna({"given": "ei"}).rename(columns={"coder": "rater"})


def disagreements(codes: pd.DataFrame, known: Sequence[str]) -> pd.DataFrame:
    """List where coders of the same unit differ: unit, code, who gave it and who did not.

    Units that only one person has coded are left out: nobody has disagreed.
    """
    table = yes_no(codes, known)
    rows = []
    for _, part in table.groupby(["unit", "code"], sort=False):
        if part["given"].nunique() == 2:
            gave = ", ".join(sorted(part.loc[part["given"] == "kylla", "rater"]))
            left = ", ".join(sorted(part.loc[part["given"] == "ei", "rater"]))
            rows.append((*part.iloc[0][["unit", "code"]], gave, left))
    return pd.DataFrame(rows, columns=["unit", "code", "gave", "did_not"])


def settled(
    codes: pd.DataFrame, known: Sequence[str], agreed: pd.DataFrame | None = None, *, file: str
) -> pd.DataFrame:
    """Give the code each unit ends with: what all coders gave, or what they agreed on after talking it over.

    Parameters
    ----------
    agreed : columns unit, codes (as in `read_codes`): what was agreed on afterwards; rows with empty
        codes are still open.

    Returns
    -------
    DataFrame unit, code, given (boolean; missing while coders disagree), decided_by (both, settled, open).
    """
    table = yes_no(codes, known)
    counted = table.assign(yes=table["given"] == "kylla").groupby(["unit", "code"], sort=False)["yes"]
    found = counted.agg(["all", "any"]).reset_index()
    same = found["all"] == found["any"]
    given = found["all"].astype("boolean").mask(~same)
    by = pd.Series(BOTH, index=found.index).where(same, OPEN)
    for unit, text in _agreed(agreed, known, file).items():
        here = (found["unit"] == unit) & ~same
        given = given.mask(here, found["code"].isin(text))
        by = by.mask(here, SETTLED)
    return found[["unit", "code"]].assign(given=given, decided_by=by)


def _agreed(agreed: pd.DataFrame | None, known: Sequence[str], file: str) -> dict[str, list[str]]:
    if agreed is None:
        return {}
    found = {}
    for place, (unit, codes) in enumerate(agreed[["unit", "codes"]].itertuples(index=False), start=2):
        given = [] if pd.isna(codes) else str(codes).replace(";", " ").split()
        wrong = [code for code in given if code not in (*known, NONE)]
        if wrong:
            listed = ", ".join((*known, NONE))
            raise GatherError(say("coding.unknown_code", file=file, row=place, code=wrong[0], known=listed))
        if given:
            found[str(unit)] = given
    return found


def _check_columns(sheet: pd.DataFrame, file: str) -> None:
    for column in COLUMNS:
        if column not in sheet:
            raise GatherError(say("coding.column", file=file, column=column, columns=", ".join(COLUMNS)))
        empty = sheet[column].isna() | (sheet[column].astype(str).str.strip() == "")
        if empty.any():
            raise GatherError(say("coding.empty", file=file, column=column, row=int(empty.argmax()) + 2))
