"""What answers tell, by code: a person's where there is one, else the machine's suggestion. Counts only."""

from __future__ import annotations

import pandas as pd

from sosrake_lib.gather.feedback.codes import CODES, FEEDBACK, codes_of
from sosrake_lib.gather.feedback.forms import split_codes


def coded(rows: pd.DataFrame, *, dictionary: str = "auto") -> pd.DataFrame:
    """Code answers of `forms.answers`; the result holds no text.

    Returns
    -------
    DataFrame form, suggested (True = the machine's) and a boolean column per code; rows as given.
    """
    made = []
    for form, answer, codes in rows[["form", "answer", "codes"]].itertuples(index=False):
        human = pd.notna(codes)
        given = set(split_codes(codes)) if human else _suggested(answer, dictionary)
        made.append({"form": form, "suggested": not human, **{code: code in given for code in CODES}})
    return pd.DataFrame(made, columns=["form", "suggested", *CODES])


def counts(rows: pd.DataFrame, *, dictionary: str = "auto") -> pd.DataFrame:
    """Count answers by code over all forms: code, answers, suggested (how many of them the machine coded)."""
    found = coded(rows, dictionary=dictionary)
    return pd.DataFrame(
        {
            "code": list(CODES),
            "answers": [int(found[code].sum()) for code in CODES],
            "suggested": [int((found[code] & found["suggested"]).sum()) for code in CODES],
        }
    )


def _suggested(text: str, dictionary: str) -> set[str]:
    return {one.code for one in codes_of(text, dictionary=dictionary) if one.dimension == FEEDBACK}
