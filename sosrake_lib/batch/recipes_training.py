"""The training plan: from the survey's protected figures by rules to rows, hours and months.

The rules see what a reader may see. A figure that protection hides is unknown to them: a row that rested on
it would tell it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, frame, protect
from sosrake_lib.batch import recipes_survey
from sosrake_lib.batch import recipes_survey_scales as on_scales
from sosrake_lib.batch.releases import ledger_home
from sosrake_lib.indicators import training_plan

RULES = recipes_survey.RULES
SURVEY = "osaaminen"  # name of the survey's release
HOURS = "koulutus_tunnit"
HOURS_METHOD = "training_rules"
# Parts of the survey that the rules see.
_SEEN = ("vaje", "vaje_osa_alueet", "kattavuus", "koulutustarve", "koulutustarve_vaittamat")


def training_plan_of_survey(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the training plan from the invented county's competence survey.

    Returns
    -------
    Parts, all by the rules `vakio`: `rivit` (one row a row of the plan: its gap, and `category` = rule,
    `position` = level aimed at, `kind` = form, `competence` = domain, `item`, `hours`, `month`,
    `last_month`, `order` in the plan), `tunnit` (hours of each month and in all: group), and the figures the
    rules saw: `vaje`, `vaje_osa_alueet`, `kattavuus`, `koulutustarve`, `koulutustarve_vaittamat`.

    Raises
    ------
    GatherError when the survey is a real one, as `recipes_survey.competence_survey`.
    """
    survey = recipes_survey.competence_survey(data)
    made = plan_of(survey, data)
    seen = {name: survey[name] for name in _SEEN}
    rows = plan_rows(made.rows, survey)
    source = rows_source(survey)
    parts = {
        "rivit": protect.part(rows, rules=RULES),
        "tunnit": protect.part(hours(made.months, survey).assign(**source), rules=RULES),
    }
    return {**parts, **seen}


def plan_of(
    survey: Mapping[str, protect.Part], data: Path | None, start: str | None = None
) -> training_plan.TrainingPlan:
    """Make the plan that the rules give from what protection leaves of a survey's parts."""
    return training_plan.make_plan(
        protected_figures(survey, data), catalogue.competence_framework(), catalogue.training_rules(), start
    )


def protected_figures(survey: Mapping[str, protect.Part], data: Path | None) -> pd.DataFrame:
    """Give the figures of each domain and item as they may leave the house: NaN where hidden.

    Returns
    -------
    DataFrame `training_plan.COLUMNS`.
    """
    release = protect.release(survey, name=SURVEY, preview=True, home=ledger_home(data))

    def told(part: str, ending: str = "") -> pd.DataFrame:
        rows = protect.protected_frame(release.select(part=part))
        rows = rows.loc[(rows["status"] == "ok") & (rows["group"] == frame.ALL_GROUPS)]
        return rows.assign(key=rows["indicator"].str.removesuffix(ending)).set_index("key")

    gaps = pd.concat([told("vaje"), told("vaje_osa_alueet")])
    need = pd.concat(
        [told(part, f".{on_scales.NEED}") for part in ("koulutustarve", "koulutustarve_vaittamat")]
    )
    names = {"value": "gap", "lower": "gap_lower", "upper": "gap_upper"}
    found = gaps.rename(columns=names)[["gap", "gap_lower", "gap_upper", "importance", "skill"]]
    found["reach"] = told("kattavuus", f".{on_scales.REACH}")["value"]
    found["need"] = need["value"]
    framework = catalogue.competence_framework()
    keys = [*(one.key for one in framework.domains), *(one.key for one in framework.items)]
    return found.reindex(keys).rename_axis("key").reset_index()[list(training_plan.COLUMNS)]


def plan_rows(rows: pd.DataFrame, survey: Mapping[str, protect.Part]) -> pd.DataFrame:
    """Give the plan's rows as figures of the release: the gap of each, with what the rule gave it."""
    gaps = pd.concat([survey["vaje"].frame, survey["vaje_osa_alueet"].frame], ignore_index=True)
    gaps = gaps.loc[gaps["group"] == frame.ALL_GROUPS]
    given = pd.DataFrame(
        {
            "indicator": rows["row"],
            "category": rows["rule"],
            "position": rows["aim"],
            "kind": rows["form"],
            "competence": rows["domain"],
            "item": rows["item"],
            "order": range(1, len(rows) + 1),
            "hours": rows["hours"].astype("float64"),
            "month": pd.to_datetime(rows["month"] + "-01"),
            "last_month": pd.to_datetime(rows["last_month"] + "-01"),
        }
    )
    return given.merge(gaps.drop(columns=["rank", "rank_lower", "rank_upper"]), on="indicator", how="left")


def hours(months: pd.DataFrame, survey: Mapping[str, protect.Part]) -> pd.DataFrame:
    """Give the hours of training for one participant: of each month (group, such as 2027-01), and in all.

    The period is the survey's: the figures rest on it, and a plan's months are no time of observation.
    """
    respondents = survey["vastaajat"].frame
    whole = respondents.loc[respondents["group"] == frame.ALL_GROUPS].iloc[0]
    place = {
        column: whole[column] for column in ("region_level", "region_code", "borders", "period", "origin")
    }
    by_month = months.rename(columns={"month": "group", "hours": "value"})
    in_all = pd.DataFrame({"group": [frame.ALL_GROUPS], "value": [float(months["hours"].sum())]})
    rows = pd.concat([by_month, in_all], ignore_index=True).assign(**place)
    analysed = {"statistic": "sum", "method": HOURS_METHOD, "confidence": 0.95, "status": "ok"}
    # Hours are no people; what stands behind them is everyone who answered.
    return frame.check(
        rows.assign(indicator=HOURS, denominator=float(whole["value"]), **analysed),
        file="recipes_training.hours",
    )


def rows_source(survey: Mapping[str, protect.Part]) -> dict[str, str]:
    """Give producer, source and licence of the survey the plan rests on."""
    first = survey["vaje"].frame.iloc[0]
    return {name: str(first[name]) for name in ("producer", "source", "licence")}
