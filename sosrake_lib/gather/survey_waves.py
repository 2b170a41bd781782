"""Waves of the competence survey, and how many were invited to each.

Of the first wave (December 2019 - January 2020) only figures of organisations may be read, never of persons;
the framework file says the finest level of each wave.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from sosrake_lib import catalogue
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import survey
from sosrake_lib.language import say

MEANS = ("wave", "organisation", "item", "scale", "respondents", "mean")
INVITED = ("wave", "organisation", "invited")


def wave(key: str) -> catalogue.SurveyWave:
    """Give a wave of the framework by its key.

    Raises
    ------
    GatherError naming the known waves.
    """
    known = catalogue.competence_framework().waves
    for one in known:
        if one.key == key:
            return one
    raise GatherError(say("survey.no_wave", wave=key, known=", ".join(one.key for one in known)))


def answers_of_wave(sheets: pd.DataFrame, key: str) -> pd.DataFrame:
    """Read a wave's answers by respondent, where the framework allows it; see `survey.read_answers`.

    Returns
    -------
    The long answers with a column `wave`.

    Raises
    ------
    GatherError for a wave of which only figures of organisations may be read.
    """
    one = wave(key)
    if one.level != "respondent":
        raise GatherError(say("survey.organisation_only", wave=one.name_fi))
    return survey.read_answers(sheets).assign(wave=key)


def read_means(table: pd.DataFrame) -> pd.DataFrame:
    """Check means of organisations, of any wave.

    Parameters
    ----------
    table : columns `wave, organisation, item, scale, respondents, mean`: one row an organisation, item and
        scale; `respondents` how many answered, `mean` their mean on the scale 1-5.

    Returns
    -------
    DataFrame of these columns, respondents Int64, mean float64, with `domain` of the item.

    Raises
    ------
    GatherError with the row (the heading is row 1): a column of respondents' own answers, a column lacking,
    an unknown wave, item or scale, a key twice, a mean off the scale, or one that so many answers cannot
    have.
    """
    personal = [name for name in table.columns if name == "respondent" or "." in str(name)]
    if personal:
        raise GatherError(say("survey.rows_of_persons", column=personal[0]))
    _columns(table, MEANS)
    domains = {item.key: domain.key for domain in catalogue.competences() for item in domain.items}
    made = table[list(MEANS)].copy()
    made["respondents"] = _whole(made["respondents"], "respondents")
    made["mean"] = pd.to_numeric(made["mean"], errors="coerce")
    for name, known in (
        ("wave", {one.key for one in catalogue.competence_framework().waves}),
        ("item", set(domains)),
        ("scale", set(survey.SCALES)),
    ):
        _refuse(~made[name].isin(known), "survey.unknown_value", column=name)
    _refuse(~made["mean"].between(survey.LOWEST, survey.HIGHEST), "survey.mean_off", highest=survey.HIGHEST)
    _refuse(made.duplicated(["wave", "organisation", "item", "scale"]), "survey.row_twice")
    # A sum of whole answers: the mean times their number lies within its rounding of a whole number.
    total = made["mean"] * made["respondents"].astype("float64")
    slack = 0.005 * made["respondents"].astype("float64") + 1e-9
    _refuse((total - total.round()).abs() > slack, "survey.mean_impossible")
    return made.assign(domain=made["item"].map(domains)).reset_index(drop=True)


def read_invited(table: pd.DataFrame) -> pd.DataFrame:
    """Check how many were invited: columns `wave, organisation, invited`, one row an organisation and wave.

    Raises
    ------
    GatherError with the row: a column lacking, an unknown wave, a count that is not a whole number above
    zero, or an organisation twice in a wave.
    """
    _columns(table, INVITED)
    made = table[list(INVITED)].copy()
    made["invited"] = _whole(made["invited"], "invited")
    known = {one.key for one in catalogue.competence_framework().waves}
    _refuse(~made["wave"].isin(known), "survey.unknown_value", column="wave")
    _refuse(made.duplicated(["wave", "organisation"]), "survey.row_twice")
    return made.reset_index(drop=True)


def answered(answers: pd.DataFrame, means: pd.DataFrame) -> pd.DataFrame:
    """Count who answered, by wave and organisation, from answers (with `wave`) and from means.

    Returns
    -------
    DataFrame wave, organisation, answered. Of means it is the greatest number of any item: an item may be
    left unanswered by some.
    """
    keys = ["wave", "organisation"]
    people = answers.drop_duplicates(["wave", "respondent"]).groupby(keys)["respondent"].count()
    told = means.groupby(keys)["respondents"].max().astype("int64")
    counts = [one.reset_index().set_axis([*keys, "answered"], axis=1) for one in (people, told)]
    both = pd.concat(counts, ignore_index=True)
    twice = both.duplicated(keys)
    if twice.any():
        raise GatherError(say("survey.wave_twice", wave=str(both.loc[twice, "wave"].iloc[0])))
    return both


def invited_and_answered(invited: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Put invited and answered side by side, refusing what cannot be.

    Returns
    -------
    DataFrame wave, organisation, invited, answered: one row for each invited organisation, 0 where nobody
    answered.

    Raises
    ------
    GatherError when an organisation answered that was not invited, or more answered than were invited.
    """
    keys = ["wave", "organisation"]
    joined = invited.merge(counts, on=keys, how="outer", indicator=True)
    strange = joined[joined["_merge"] == "right_only"]
    if len(strange):
        raise GatherError(say("survey.not_invited", organisation=strange.iloc[0]["organisation"]))
    joined["answered"] = joined["answered"].fillna(0).astype("int64")
    more = joined[joined["answered"] > joined["invited"]]
    if len(more):
        first = more.iloc[0]
        raise GatherError(
            say(
                "survey.more_answered",
                organisation=first["organisation"],
                answered=first["answered"],
                invited=first["invited"],
            )
        )
    return joined.drop(columns="_merge")


def _columns(table: pd.DataFrame, names: tuple[str, ...]) -> None:
    lacking = [name for name in names if name not in table]
    if lacking:
        raise GatherError(say("survey.no_column", column=lacking[0], expected=", ".join(names)))


def _whole(column: pd.Series, name: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    _refuse(~(numbers.gt(0) & numbers.mod(1).eq(0)), "survey.not_whole", column=name)
    return numbers.astype("Int64")


def _refuse(wrong: pd.Series, message: str, **values: Any) -> None:
    if wrong.any():
        raise GatherError(say(message, row=int(wrong.to_numpy().argmax()) + 2, **values))
