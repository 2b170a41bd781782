"""The competence survey: from one row a respondent to one row an answer, nobody recognisable by an id."""

from __future__ import annotations

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import checks

# Of the one competence framework (sosrake_lib/catalogue/competences.toml).
SCALES = tuple(scale.key for scale in catalogue.competence_framework().scales)
LOWEST, HIGHEST = 1, len(catalogue.competence_framework().scales[0].points)


def read_answers(sheets: pd.DataFrame) -> pd.DataFrame:
    """Check answers and give them long.

    Parameters
    ----------
    sheets : one row a respondent: respondent, organisation, and a column `<item>.<scale>` for the items of
        `catalogue.competences()` and the scales tarkeys, osaaminen, koulutustarve; whole numbers 1-5,
        missing = no answer. Background columns are left out of the result.

    Returns
    -------
    DataFrame respondent (0, 1, ...; the sheet's own id does not come along), organisation, domain, item,
    scale, answer (Int64, missing = no answer); one row a respondent, item and scale.

    Raises
    ------
    GatherError when a column lacks, a sheet stands twice, an answer is off the scale, or a column holds
    an identity code or names.

    Examples
    --------
    >>> from sosrake_lib import samples
    >>> from sosrake_lib.gather import survey
    >>> len(survey.read_answers(samples.table("osaamiskartoitus"))) == 64 * 24 * 3
    True
    """
    domains = {item.key: domain.key for domain in catalogue.competences() for item in domain.items}
    columns = [f"{item}.{scale}" for item in domains for scale in SCALES]
    _check(sheets, columns)
    numbers = sheets[columns].apply(pd.to_numeric, errors="coerce")
    given = sheets[columns].notna() & (sheets[columns].astype("str") != "")
    off = given & ~(numbers.ge(LOWEST) & numbers.le(HIGHEST) & numbers.mod(1).eq(0))
    if off.any(axis=None):
        column = off.columns[off.any()][0]
        row = int(off[column].to_numpy().argmax()) + 1
        raise GatherError(
            f"survey: row {row}, column {column}: an answer is off the scale; expected {LOWEST}-{HIGHEST} or "
            "nothing; mend it"
        )
    wide = numbers.astype("Int64").reset_index(drop=True)
    wide.insert(0, "organisation", sheets["organisation"].astype("str").to_numpy())
    long = wide.rename_axis("respondent").reset_index()
    long = long.melt(["respondent", "organisation"], var_name="column", value_name="answer")
    parts = long.pop("column").str.split(".", n=1, expand=True)
    long = long.assign(domain=parts[0].map(domains), item=parts[0], scale=parts[1])
    long["answer"] = long["answer"].astype("Int64")
    order = ["respondent", "organisation", "domain", "item", "scale", "answer"]
    return long[order].sort_values(["respondent"], kind="stable", ignore_index=True)


def _check(sheets: pd.DataFrame, columns: list[str]) -> None:
    lacking = [column for column in ("respondent", "organisation", *columns) if column not in sheets]
    if lacking:
        raise GatherError(f"survey: column {lacking[0]} is missing; expected <item>.<scale>; add it")
    background = (question.key for question in catalogue.competence_framework().background)
    known = {*columns, *background, "respondent", "organisation", "profession", "years", "supervisor"}
    lines = list(enumerate(sheets.astype("object").itertuples(index=False, name=None), start=2))
    findings = checks.personal([str(column) for column in sheets.columns], lines, known)
    if findings:
        raise GatherError(
            f"survey: column {findings[0].column} holds or seems to hold who somebody is; remove it"
        )
    twice = sheets["respondent"].duplicated()
    if twice.any():
        raise GatherError(
            f"survey: row {int(twice.to_numpy().argmax()) + 1} repeats a respondent; keep one sheet each"
        )
