"""The feedback audit: what each question can bring out, and whether a form can show an effect at all.

A form can show an effect when it asks where one started, names an area of life, shows a direction and asks
what helped. Then an answer tells of an experienced change; it still does not prove what caused it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sosrake_lib.gather.feedback.codes import CODES, FEEDBACK, PART, PARTS, codes_of
from sosrake_lib.gather.feedback.forms import BOTH_ENDS, END, START, questions, split_codes

HUMAN = "ihminen"
MEASURED, RECALLED, ABSENT = "measured", "recalled", "absent"


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What the forms can show.

    Attributes
    ----------
    questions : a row per question: form, number, question, asked, a boolean column per code and part, `by`
        (ihminen where a person has coded, else kone:<dictionary>: a suggestion).
    forms : a row per form: form, questions, a boolean column per part, `can_show`, `start` (measured = asked
        at the start too; recalled = asked afterwards; absent), `suggested` (any code is the machine's).
    """

    questions: pd.DataFrame
    forms: pd.DataFrame

    @property
    def able(self) -> int:
        """Count the forms that can show an effect."""
        return int(self.forms["can_show"].sum())

    def lacking(self, form: str) -> tuple[str, ...]:
        """Name the parts a form lacks."""
        row = self.forms.loc[self.forms["form"] == form].iloc[0]
        return tuple(part for part in PARTS if not row[part])


def audit(sheet: pd.DataFrame, *, file: str, dictionary: str = "auto") -> Audit:
    """Audit feedback forms.

    Parameters
    ----------
    sheet : one row a question (`forms.questions`); codes given by people win over the machine's suggestion.
    file : name of the table, for messages.
    dictionary : of the machine's suggestion: auto, voikko, simplemma or as_written.

    Raises
    ------
    GatherError when the table breaks its contract.

    Examples
    --------
    >>> sheet = pd.DataFrame({"lomake": ["A", "B", "B", "B"], "kysymys": [
    ...     "Kuinka tyytyväinen olit?", "Miten arkesi sujui palvelun alkaessa, 0–10?",
    ...     "Onko arkesi nyt parempi vai huonompi?", "Mikä auttoi?"]})
    >>> found = audit(sheet, file="x.csv", dictionary="as_written").forms
    >>> found[["form", "can_show", "start"]].to_dict("list")
    {'form': ['A', 'B'], 'can_show': [False, True], 'start': ['absent', 'recalled']}
    """
    given = questions(sheet, file=file)
    coded = pd.concat([given, given.apply(_coded, axis=1, dictionary=dictionary)], axis=1)
    rows = [_form(str(form), part) for form, part in coded.groupby("form", sort=False)]
    return Audit(coded.drop(columns=["codes", "parts"]), pd.DataFrame(rows))


def _coded(row: pd.Series, dictionary: str) -> pd.Series:
    """Code one question; a person's codes and parts win, each where given."""
    suggested = codes_of(row["question"], dictionary=dictionary)
    machine = {
        FEEDBACK: {one.code for one in suggested if one.dimension == FEEDBACK},
        PART: {one.code for one in suggested if one.dimension == PART},
    }
    human = {FEEDBACK: row["codes"], PART: row["parts"]}
    final = {
        name: set(split_codes(human[name])) if pd.notna(human[name]) else machine[name] for name in human
    }
    everyone = pd.notna(row["codes"]) and pd.notna(row["parts"])
    by = HUMAN if everyone else _machine_name(dictionary)
    values = {code: code in final[FEEDBACK] for code in CODES} | {part: part in final[PART] for part in PARTS}
    return pd.Series({**values, "by": by})


def _machine_name(dictionary: str) -> str:
    from sosrake_lib.gather.themes.lemmas import lemmatiser
    from sosrake_lib.gather.themes.suggest import MACHINE

    return f"{MACHINE}:{lemmatiser(dictionary).name}"


def _form(form: str, part: pd.DataFrame) -> dict[str, object]:
    asked = set(part["asked"])
    measured = BOTH_ENDS in asked or {START, END} <= asked
    # A question of one's situation asked at both ends is a measured start: nobody has to remember.
    twice = part.loc[part["asked"] == BOTH_ENDS, ["elamanalue", "suunta"]].any(axis=1).any()
    found = {one: bool(part[one].any()) for one in PARTS}
    start = MEASURED if twice or (measured and found["lahtotilanne"] and _at_start(part)) else ABSENT
    if start == ABSENT and found["lahtotilanne"]:
        start = RECALLED
    found["lahtotilanne"] = start != ABSENT
    return {
        "form": form,
        "questions": len(part),
        **found,
        "can_show": all(found.values()),
        "start": start,
        "suggested": bool((part["by"] != HUMAN).any()),
    }


def _at_start(part: pd.DataFrame) -> bool:
    """Say whether a question of one's situation was asked when the service began."""
    first = part.loc[part["asked"] == START]
    return bool(first[["lahtotilanne", "suunta"]].any(axis=1).any())
