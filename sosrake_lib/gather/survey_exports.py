"""Exports of one's own competence survey, as Webropol and Forms write them, to the survey's own columns.

Headings, text scales, choices in one cell or in a column each, decimals and empty cells are read; what was
converted or left out is said. Nothing that tells who somebody is comes along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import checks, readers, schemas, survey, table_files
from sosrake_lib.gather.survey_answers import answer_of, by_words, item_and_scale
from sosrake_lib.gather.survey_background import (
    OTHER,
    SEVERAL,
    class_of,
    merged_classes,
    option_of,
    plain,
    question_of,
)
from sosrake_lib.language import say

_RESPONDENT = (
    "respondent",
    "vastaaja",
    "vastaajan tunnus",
    "vastaajanumero",
    "id",
    "respondent id",
    "tunnus",
)
_ORGANISATION = ("organisation", "organisaatio", "organisaationi", "työnantaja", "employer", "organization")
_KEPT = {"years": ("years", "työvuodet", "vuodet alalla"), "supervisor": ("supervisor", "oletko esihenkilö")}
# Written by the form service itself; a time of answering can tell who answered, so it is left out.
_TECHNICAL = frozenset(
    (
        "aloitusaika", "lopetusaika", "päättymisaika", "valmistumisaika", "vastausaika", "tallennusaika",
        "lähetysaika", "start time", "completion time", "last modified time", "submitted", "created",
        "kieli", "language", "ip osoite", "ip address", "ip",
    )
)  # fmt: skip
_NOBODY = frozenset(("", "anonymous", "anonyymi", "nan"))
_CHOSEN, _NOT_CHOSEN = (
    frozenset(("1", "x", "kyllä", "yes", "true", "valittu")),
    frozenset(("", "0", "ei", "no")),
)


@dataclass(frozen=True, slots=True)
class SurveyExport:
    """A read export: `sheets` as `survey.read_answers` wants them, and what is to be told of it."""

    sheets: pd.DataFrame
    messages: tuple[str, ...]


def read_export(table: pd.DataFrame, language: str = "fi") -> SurveyExport:
    """Read an export of the competence survey.

    Parameters
    ----------
    table : one row a respondent, every cell as text, headings as the form service wrote them: an
        organisation, columns of items and scales (see `survey_answers.item_and_scale`), background questions
        (kohderyhmä, rooli, palvelutehtävä, organisaatiotaso, tehtävätyyppi) in one column or one a choice.

    Returns
    -------
    SurveyExport: `sheets` with respondent, organisation, background classes (missing = not told) and a column
    `<item>.<scale>` for every item of the framework, those not asked all missing; `messages` say what was
    converted, left out or not asked.

    Raises
    ------
    GatherError with row (the heading is row 1) and column: no organisation, no item, a heading twice, an
    answer that is not on the scale, a column that tells who somebody is.
    """
    cells = table.astype("object").where(table.notna(), "").map(lambda cell: str(cell).strip())
    cells.columns = [str(name) for name in table.columns]
    messages: list[str] = []
    meant = _meanings(list(cells.columns))
    _refuse_persons(cells, meant)
    sheets = _people(cells, meant, messages, language)
    sheets = sheets.assign(**_backgrounds(cells, meant, messages, language))
    answers, converted = _answers(cells, meant)
    if not answers:
        raise GatherError(say("survey.no_items", language))
    if converted:
        messages.append(say("survey.converted", language, count=converted))
    items = catalogue.competence_framework().items
    columns = [f"{item.key}.{scale}" for item in items for scale in survey.SCALES]
    lacking = [column for column in columns if column not in answers]
    if lacking:
        messages.append(say("survey.not_asked", language, count=len(lacking), columns=", ".join(lacking[:5])))
    empty = pd.Series(pd.NA, index=cells.index, dtype="Int64")
    wide = pd.DataFrame({column: answers.get(column, empty) for column in columns})
    left = [name for name, what in meant.items() if what is None]
    if left:
        messages.append(say("survey.left_out", language, columns=", ".join(left)))
    return SurveyExport(pd.concat([sheets, wide], axis=1), tuple(messages))


def read_export_file(path: Path, language: str = "fi") -> SurveyExport:
    """Read an export from CSV, XLSX or ODS; see `read_export`."""
    if not path.is_file():
        raise GatherError(say("survey.no_file", language, file=path.name))
    raw = readers.read_file(path, _known_headings)
    if not raw.columns:
        told = "; ".join(finding.kind for finding in raw.findings) or "empty"
        raise GatherError(say("survey.unreadable", language, file=path.name, why=told))
    table = pd.DataFrame([[_text(cell) for cell in row] for _, row in raw.rows])
    table.columns = raw.header
    return read_export(table, language)


def import_export(path: Path, to: Path, language: str = "fi", minimum: int = 5) -> SurveyExport:
    """Read an export and write it to a data folder as the table `osaamiskartoitus`, all or nothing.

    The folder may not lie inside a git tree. Background classes of fewer than `minimum` respondents are
    joined before anything is written. Answers are checked once more by `survey.read_answers`.
    """
    table_files.refuse_git(to.resolve())
    read = with_small_classes_merged(read_export_file(path, language), minimum, language)
    survey.read_answers(read.sheets)
    table_files.write(read.sheets, schemas.schema("osaamiskartoitus"), path, to, synthetic=False)
    return read


def with_small_classes_merged(read: SurveyExport, minimum: int, language: str = "fi") -> SurveyExport:
    """Join the background classes of fewer than `minimum` respondents, and say of which questions."""
    sheets, joined = read.sheets.copy(), []
    for question in catalogue.competence_framework().background:
        if question.key in sheets:
            merged = merged_classes(sheets[question.key], minimum)
            if not merged.equals(sheets[question.key]):
                joined.append(question.name_en if language == "en" else question.name_fi)
            sheets[question.key] = merged
    told = [say("survey.merged", language, minimum=minimum, questions=", ".join(joined))] if joined else []
    return SurveyExport(sheets, (*read.messages, *told))


def _known_headings(cells: Sequence[Any]) -> int:
    return sum(_meaning(str(cell)) is not None for cell in cells if cell is not None and str(cell).strip())


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


Meaning = tuple[str, ...]


def _meanings(headings: list[str]) -> dict[str, Meaning | None]:
    twice = next((name for name in headings if headings.count(name) > 1), None)
    if twice is not None:
        raise GatherError(say("survey.twice", heading=twice))
    meant = {name: _meaning(name, strict=True) for name in headings}
    seen: dict[Meaning, str] = {}
    for name, what in meant.items():
        if what is not None and what[0] in ("item", "respondent", "organisation", "background"):
            if what in seen:
                raise GatherError(say("survey.same", first=seen[what], second=name))
            seen[what] = name
    return meant


def _meaning(heading: str, strict: bool = False) -> Meaning | None:
    words = plain(heading)
    if words in _RESPONDENT or words in _ORGANISATION:
        return ("respondent",) if words in _RESPONDENT else ("organisation",)
    if words in _TECHNICAL:
        return ("technical",)
    for name, headings in _KEPT.items():
        if words in headings:
            return "kept", name
    question = question_of(heading)
    if question is not None:
        return "background", question.key
    option = option_of(heading)
    if option is not None:
        return "option", option[0].key, option[1]
    try:
        found = item_and_scale(heading)
    except GatherError:
        if strict:
            raise
        return None
    return None if found is None else ("item", *found)


def _refuse_persons(cells: pd.DataFrame, meant: dict[str, Meaning | None]) -> None:
    """Refuse a column that tells who somebody is, unless the form service left it empty."""
    looked = [name for name, what in meant.items() if what is None or what[0] == "kept"]
    filled = [name for name in looked if not set(cells[name].str.casefold()) <= _NOBODY]
    rows = list(enumerate(cells[filled].itertuples(index=False, name=None), start=2))
    for finding in checks.personal(filled, rows, set()):
        raise GatherError(say("survey.person", column=finding.column))


def _people(
    cells: pd.DataFrame, meant: dict[str, Meaning | None], messages: list[str], language: str
) -> pd.DataFrame:
    organisation = next((name for name, what in meant.items() if what == ("organisation",)), None)
    if organisation is None:
        raise GatherError(say("survey.no_organisation", language))
    empty = cells[organisation] == ""
    if empty.any():
        row = int(empty.to_numpy().argmax()) + 2
        raise GatherError(say("survey.empty_organisation", language, row=row, column=organisation))
    number = next((name for name, what in meant.items() if what == ("respondent",)), None)
    if number is not None and not cells[number].duplicated().any() and (cells[number] != "").all():
        respondents = cells[number]
    else:
        respondents = pd.Series([str(place) for place in range(1, len(cells) + 1)], index=cells.index)
        messages.append(say("survey.numbered", language))
    kept = {what[1]: cells[name] for name, what in meant.items() if what is not None and what[0] == "kept"}
    return pd.DataFrame({"respondent": respondents, "organisation": cells[organisation], **kept})


def _backgrounds(
    cells: pd.DataFrame, meant: dict[str, Meaning | None], messages: list[str], language: str
) -> dict[str, pd.Series]:
    made: dict[str, pd.Series] = {}
    for question in catalogue.competence_framework().background:
        name = next((name for name, what in meant.items() if what == ("background", question.key)), None)
        wanted = ("option", question.key)
        options = {name: what[2] for name, what in meant.items() if what is not None and what[:2] == wanted}
        if name is not None:
            made[question.key] = cells[name].map(lambda cell, asked=question: class_of(cell, asked))
        elif options:
            made[question.key] = _of_options(cells[list(options)], options)
        else:
            continue
        other = int((made[question.key] == OTHER).sum())
        if other:
            asked = question.name_en if language == "en" else question.name_fi
            messages.append(say("survey.other_class", language, count=other, question=asked))
    return made


def _of_options(cells: pd.DataFrame, options: dict[str, str]) -> pd.Series:
    """Join columns of one choice each: one chosen is its class, several `useita`, none missing."""
    chosen = []
    for place, row in enumerate(cells.itertuples(index=False, name=None), start=2):
        picked = []
        for (heading, key), cell in zip(options.items(), row, strict=True):
            words = plain(cell)
            if words in _CHOSEN or (words and words in plain(heading)):
                picked.append(key)
            elif words not in _NOT_CHOSEN:
                raise GatherError(say("survey.no_choice", row=place, column=heading))
        chosen.append(SEVERAL if len(set(picked)) > 1 else picked[0] if picked else None)
    return pd.Series(chosen, index=cells.index, dtype="object")


def _answers(cells: pd.DataFrame, meant: dict[str, Meaning | None]) -> tuple[dict[str, pd.Series], int]:
    answers: dict[str, pd.Series] = {}
    converted = 0
    for name, what in meant.items():
        if what is None or what[0] != "item":
            continue
        read: list[int | None] = []
        for row, cell in enumerate(cells[name], start=2):
            try:
                read.append(answer_of(cell, what[2]))
            except GatherError as problem:
                raise GatherError(say("survey.at", row=row, column=name, why=str(problem))) from None
            converted += read[-1] is not None and by_words(cell)
        answers[f"{what[1]}.{what[2]}"] = pd.Series(read, index=cells.index, dtype="Int64")
    return answers, converted
