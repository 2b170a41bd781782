"""Background of a survey's respondents in coarse classes: read from free wordings, merged when small."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError

SEVERAL, OTHER = "useita", "muu"
_NUMBERING = re.compile(r"^\s*\d+\s*[.):]\s*")
_CHOICES = re.compile(r"\s*[;|\n]\s*")


def plain(text: str) -> str:
    """Reduce a heading or a wording to what is compared: letters and digits, case and numbering away.

    Examples
    --------
    >>> plain("12. Rooli  (nykyinen)")
    'rooli nykyinen'
    """
    kept = _NUMBERING.sub("", unicodedata.normalize("NFKC", str(text)).casefold())
    return " ".join(re.findall(r"\w+", kept))


def question_of(heading: str) -> catalogue.BackgroundQuestion | None:
    """Find the background question a heading stands for, by its key, names or other headings."""
    words = plain(heading)
    for question in catalogue.competence_framework().background:
        known = (question.key, question.name_fi, question.name_en, *question.also)
        if words in {plain(one) for one in known}:
            return question
    return None


def option_of(heading: str) -> tuple[catalogue.BackgroundQuestion, str] | None:
    """Find question and class of a column that holds one choice of a question: `Rooli: Sosiaaliohjaaja`."""
    words = plain(heading)
    for question in catalogue.competence_framework().background:
        for name in (question.name_fi, question.name_en, question.key, *question.also):
            beginning = plain(name) + " "
            if words.startswith(beginning):
                found = class_of(words.removeprefix(beginning), question)
                if found not in (None, OTHER):
                    return question, str(found)
    return None


def class_of(cell: str, question: catalogue.BackgroundQuestion) -> str | None:
    """Give the class of an answer; several choices are `useita`, an unknown wording `muu`, empty None.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> role = catalogue.competence_framework().background[1]
    >>> class_of("lähiesimies", role), class_of("Sosiaaliohjaaja; Esihenkilö", role), class_of("piispa", role)
    ('esihenkilo', 'useita', 'muu')
    """
    choices = [choice for choice in _CHOICES.split(str(cell).strip()) if plain(choice)]
    found = {_one(choice, question) for choice in choices}
    if not found:
        return None
    return found.pop() if len(found) == 1 else SEVERAL


def merged_classes(values: pd.Series, minimum: int) -> pd.Series:
    """Join classes with fewer than `minimum` respondents into `muu`, and the next smallest if still too few.

    Parameters
    ----------
    values : class of each respondent, missing = not told.
    minimum : fewest respondents a class may have.

    Returns
    -------
    The same column; classes below the minimum are `muu`. Where even all of them together stay below it, the
    whole column is missing: nothing coarser is left.
    """
    if minimum < 1:
        raise GatherError(f"survey: minimum {minimum}; expected 1 or more; give the rule set's minimum count")
    sizes = values.value_counts(ascending=True)
    small = [name for name in sizes.index if sizes[name] < minimum]
    joined = set(small) | ({OTHER} & set(sizes.index) if small else set())
    while joined and sizes[list(joined)].sum() < minimum and len(joined) < len(sizes):
        joined.add(next(name for name in sizes.index if name not in joined))
    merged = values.mask(values.isin(joined), OTHER)
    if joined and sizes[list(joined)].sum() < minimum:
        return merged.mask(merged.notna())
    return merged


def _one(choice: str, question: catalogue.BackgroundQuestion) -> str:
    words = plain(choice)
    for one in question.classes:
        if words in {plain(name) for name in (one.key, one.name_fi, one.name_en, *one.also)}:
            return one.key
    return OTHER
