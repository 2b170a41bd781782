"""Frames of the competence survey that rest on scales: reliability, quadrants, reach, differences, response.

Each function takes the survey's long answers and gives an indicator frame ready for `protect.part`. What
leaves is rounded as it is shown: with all digits single answers could be sought from the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, frame
from sosrake_lib.indicators import groups, importance, rates, reliability_domains, scales

# Means and bootstrap limits are released as they are shown.
DECIMALS = 2
ALPHA, OMEGA = "alfa", "omega"
RELIABILITY_SCALES = ("osaaminen", "tarkeys")
RELIABILITY, DIFFERENCE, REACH, NEED = "luotettavuus", "ero", "kattavuus", "koulutustarve"
SKILL = "osaaminen"
# A difference is told as one when Holm's corrected p is below this.
LEVEL = 0.05


def reliability(answers: pd.DataFrame, place: scales.Place) -> pd.DataFrame:
    """Give Cronbach's alpha and omega of each domain: group `alfa` or `omega`, with intervals.

    Returns
    -------
    Analysed frame, indicator "<domain>.<scale>.luotettavuus", `denominator` = respondents used.
    """
    parts = []
    for scale in RELIABILITY_SCALES:
        rows = answers.loc[answers["scale"] == scale].astype({"answer": "float64"})
        found = reliability_domains.by_domain(rows)
        for group, columns in (
            (ALPHA, ("alpha", "lower", "upper", "method")),
            (OMEGA, ("omega", "omega_lower", "omega_upper", "omega_method")),
        ):
            value, lower, upper, method = (found[column] for column in columns)
            parts.append(
                pd.DataFrame(
                    {
                        "indicator": found["domain"] + f".{scale}.{RELIABILITY}",
                        "group": group,
                        "value": value.round(DECIMALS),
                        "lower": lower.round(DECIMALS),
                        "upper": upper.round(DECIMALS),
                        "denominator": found["n"].astype("float64"),
                        "status": np.where(value.notna(), "ok", "missing"),
                        "statistic": group,
                        "method": method.where(method != "", "no_interval"),
                        "confidence": found["confidence"],
                    }
                )
            )
    return scales.placed(pd.concat(parts, ignore_index=True), place, "recipes_survey_scales.reliability")


def quadrants(both: pd.DataFrame, place: scales.Place, population: int | None = None) -> pd.DataFrame:
    """Put each item into a quadrant of importance and skill, by the scale's middle and by the items' means.

    Parameters
    ----------
    both : one row a respondent and item: `respondent, item, importance, skill`.

    Returns
    -------
    The gap's frame with `position` (quadrant at the middle), `category` (at the means), `quadrant_flips`,
    `importance_line`, `skill_line`, `midpoint`, and `importance_margin`, `skill_margin`: the half-width of
    the interval of a mean, the median over all items. An item's own limits would tell the spread of its
    answers, and with the classes of answers the number at the ends could be reckoned from it.
    """
    points = len(catalogue.competence_framework().scales[0].points)
    middle = (1 + points) / 2
    found = importance.quadrants(both, place, midpoint=middle, population=population)
    for scale in ("importance", "skill"):
        found[f"{scale}_margin"] = _typical_margin(both, scale, place)
    shown = ("value", "lower", "upper", "importance", "skill", "importance_line", "skill_line")
    rounded = found.assign(**{column: found[column].round(DECIMALS) for column in shown}, midpoint=middle)
    return rounded.rename(columns={"quadrant_at_midpoint": "position", "quadrant_at_means": "category"})


def reach(both: pd.DataFrame, place: scales.Place, population: int | None = None) -> pd.DataFrame:
    """Give the share of respondents whose gap is a point or more, of each item or domain in `item`.

    Its indicator "<key>.kattavuus" is its own: hiding the share must not hide the mean of the gap.
    """
    found = importance.reach(both, place, population=population).drop(columns=["at_least"])
    return found.assign(indicator=found["indicator"] + f".{REACH}")


def needs(answers: pd.DataFrame, place: scales.Place, by: str = "item") -> pd.DataFrame:
    """Give the mean need for training of each item, or of each domain as means of its respondents' means.

    Returns
    -------
    Analysed frame, indicator "<key>.koulutustarve"; domains with t limits, items without: an item's limits
    would tell the spread of its answers. Nobody's answer: no row.
    """
    rows = answers.loc[(answers["scale"] == NEED) & answers["answer"].notna()]
    own = rows.astype({"answer": "float64"}).groupby([by, "respondent"], sort=False)["answer"].mean()
    stats = own.groupby(by, sort=False).agg(value="mean", standard_deviation="std", denominator="count")
    table = stats.rename_axis("indicator").reset_index().assign(status="ok", **asdict(place))
    table["indicator"] = table["indicator"] + f".{NEED}"
    if by == "item":
        table["standard_deviation"] = float("nan")
    found = rates.mean(table).drop(columns=["standard_deviation"])
    shown = ["value", "lower", "upper"]
    return found.assign(**{column: found[column].round(DECIMALS) for column in shown})


def differences(
    answers: pd.DataFrame, place: scales.Place, minimum: int, minimum_denominator: int
) -> pd.DataFrame | None:
    """Compare the organisations' own skill: Cliff's delta, corrected by Holm for all comparisons.

    Single items are compared only where every organisation has at least `minimum_denominator` respondents;
    smaller ones are compared by domain, on each respondent's mean over the domain's items.

    Returns
    -------
    Analysed frame, indicator "<key>.osaaminen.ero", group "A / B", `value` above zero where A is higher,
    `p_adjusted`, `verdict` (higher, similar, lower: of A). None when there is one organisation only.
    """
    rows = answers.loc[(answers["scale"] == SKILL) & answers["answer"].notna()]
    sizes = rows.drop_duplicates("respondent")["organisation"].value_counts()
    if len(sizes) < 2:
        return None
    by = "item" if sizes.min() >= minimum_denominator else "domain"
    keys = ["respondent", "organisation", by]
    own = rows.astype({"answer": "float64"}).groupby(keys, sort=False)["answer"].mean().reset_index()
    asked = own.rename(columns={by: "item"})
    found = groups.compare(asked, place, by="organisation", min_size=minimum).effects
    apart = found["p_adjusted"] < LEVEL
    verdict = np.select(
        [apart & (found["value"] > 0), apart & (found["value"] < 0)], ["higher", "lower"], "similar"
    )
    shown = ["value", "lower", "upper", "p_adjusted"]
    kept = [*frame.KEY, *frame.VALUES, *frame.ANALYSIS_KEY, "p_adjusted"]
    told = found[kept].assign(
        verdict=verdict,
        indicator=found["indicator"] + f".{SKILL}.{DIFFERENCE}",
    )
    return told.assign(**{column: told[column].round(DECIMALS) for column in shown})


def response(answers: pd.DataFrame, asked: pd.Series, place: scales.Place) -> pd.DataFrame:
    """Give the share of each organisation's staff that answered, and of all; `asked` of `staff_asked`."""
    people = answers.drop_duplicates("respondent")[["organisation"]]
    staff = pd.DataFrame({"organisation": asked.index, "staff": asked.to_numpy()})
    found = importance.response(people, staff, place, by="organisation")
    return found.drop(columns=["finite_correction", "margin", "weight"])


def staff_asked(staff: Mapping[str, float], answers: pd.DataFrame, others: str) -> pd.Series:
    """Count how many of each organisation were asked, when organisations have been merged as `others`.

    Parameters
    ----------
    staff : organisation -> how many were asked, as the table's dictionary says ([staff]); empty when it does
        not say.
    """
    kept = set(answers["organisation"]) - {others}
    named = pd.Series(dict(staff), dtype="float64")
    return named.groupby([name if name in kept else others for name in named.index], sort=False).sum()


def _typical_margin(both: pd.DataFrame, scale: str, place: scales.Place) -> float:
    stats = both.groupby("item")[scale].agg(value="mean", standard_deviation="std", denominator="count")
    table = stats.rename_axis("indicator").reset_index().assign(status="ok", **asdict(place))
    limits = rates.mean(table)
    return round(float(((limits["upper"] - limits["lower"]) / 2).median()), DECIMALS)
