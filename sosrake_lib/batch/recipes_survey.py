"""What the release of the competence survey is made of: answers in classes, gaps, need for training.

Answers are released in classes wide enough for nobody to stand out, and an item whose classes are still too
small is left out whole: one missing class could be reckoned back from the number of respondents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions, samples
from sosrake_lib.batch import recipes_survey_scales as on_scales
from sosrake_lib.batch import recipes_survey_waves as over_waves
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import survey
from sosrake_lib.indicators import rates, scales
from sosrake_lib.language import say

TABLE = "osaamiskartoitus"
RULES = "vakio"
RESPONDENTS = "vastaajat"
OTHERS = "muut"
# The invented answers carry the year of the project's own survey; they belong to the invented county.
PLACE = scales.Place("hva", "E1", regions.CURRENT_YEAR, "2020", "synthetic")
# Classes of a scale from fine to coarse, each a (lowest, highest) answer. They are set beforehand: importance
# is rated high and skill low in such surveys, so the coarse classes part the scale at different points.
_FINE = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5))
_THREE = ((1, 2), (3, 3), (4, 5))
CLASSES: Mapping[str, tuple[tuple[tuple[int, int], ...], ...]] = {
    "tarkeys": (_FINE, _THREE, ((1, 3), (4, 5))),
    "osaaminen": (_FINE, _THREE, ((1, 2), (3, 5))),
}
# Means and bootstrap limits are released as they are shown. With all their digits the sums of single
# answers could be sought from them, and machines differ in the last digits.
DECIMALS = on_scales.DECIMALS


def competence_survey(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the competence survey.

    Parameters
    ----------
    data : data folder with the table `osaamiskartoitus`; the samples when left out.

    Returns
    -------
    Parts, all by the rules `vakio`: `vastaajat` (respondents by organisation), `vastausaste` (share of the
    staff that answered, when the dictionary has a table [staff]), `tarkeys` and `osaaminen` (how answers
    divide, one row an item and class: indicator "<item>.<scale>.<lowest><highest>"), `vaje` (gap importance -
    skill of each item), `vaje_osa_alueet` (gap of each domain, of everyone and by organisation),
    `suurin_vaje` (the domain with the greatest gap and the greatest item of each domain), `kattavuus` (share
    with a gap of a point or more, of items and domains), `nelikentta` (importance against skill),
    `luotettavuus` (alpha and omega of domains), `organisaatioerot` (Cliff's delta, corrected by Holm),
    `koulutustarve` and `koulutustarve_vaittamat` (mean need for training of domains and items); where the
    folder has the tables of waves and of invited, `kyselykerrat` (own skill of domains, by wave and
    organisation) and `vastausaste_kerroittain` (answered of invited).

    Raises
    ------
    GatherError when the table is a real survey, as its sheets do not say where they were answered.
    """
    about = samples.dictionary(TABLE, data)
    if about["kind"] != "synthetic":
        raise GatherError(
            f"{TABLE}: the answers are real, and a sheet does not say which area it belongs to; this recipe "
            "makes the invented county's pages only, so use the table of data/samples"
        )
    return survey_parts(data, PLACE)


def survey_parts(data: Path | None, place: scales.Place) -> dict[str, protect.Part]:
    """Make the parts of a survey answered in `place`; see `competence_survey`."""
    about = samples.dictionary(TABLE, data)
    rules = protect.rule_set(RULES)
    minimum = rules.minimum_count
    answers = with_small_groups_merged(survey.read_answers(samples.table(TABLE, data)), minimum)
    asked = on_scales.staff_asked(about.get("staff", {}), answers, OTHERS)
    whole = int(asked.sum()) if len(asked) else None
    items, domains = item_answers(answers), domain_answers(answers)
    by_item, by_domain = gaps(items, place, whole), gaps(domains, place, whole)
    organisations = [
        gaps(rows, place, int(asked[name]) if len(asked) else None, str(name))
        for name, rows in domains.groupby("organisation")
    ]
    made = {
        "vastaajat": respondents(answers, place),
        "tarkeys": in_classes(answers, "tarkeys", minimum, place),
        "osaaminen": in_classes(answers, "osaaminen", minimum, place),
        "vaje": by_item,
        "vaje_osa_alueet": frame.combine([by_domain, *organisations]),
        "suurin_vaje": greatest(by_item, by_domain),
        "kattavuus": frame.combine([on_scales.reach(rows, place, whole) for rows in (domains, items)]),
        "nelikentta": on_scales.quadrants(items, place, whole),
        "luotettavuus": on_scales.reliability(answers, place),
        "organisaatioerot": on_scales.differences(answers, place, minimum, rules.minimum_denominator),
        "koulutustarve": on_scales.needs(answers, place, by="domain"),
        "koulutustarve_vaittamat": on_scales.needs(answers, place),
        "vastausaste": on_scales.response(answers, asked, place) if len(asked) else None,
    }
    made |= over_waves.wave_parts(answers, data, place, OTHERS)
    source = {
        "producer": say("words.synthetic") if place.origin == "synthetic" else "",
        "source": f"{TABLE}.csv",
        "licence": str(about["licence"]).partition(" (")[0],
    }
    return {
        name: protect.part(rows.assign(**source), rules=RULES)
        for name, rows in made.items()
        if rows is not None
    }


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of items and domains with their scale, of classes and own indicators: code -> text."""
    words = {RESPONDENTS: say("osaamiskartoitus.respondents", language)}
    domains = catalogue.competences()
    described = [(one.key, one.name_fi, one.name_en) for one in domains]
    described += [(item.key, item.name_fi, item.name_en) for one in domains for item in one.items]
    for key, finnish, english in described:
        said = english if language == "en" else finnish
        words |= {f"{key}.{scale}": said for scale in survey.SCALES}
        words |= {f"{key}.{scale}.{on_scales.RELIABILITY}": said for scale in on_scales.RELIABILITY_SCALES}
        words[f"{key}.{on_scales.REACH}"] = said
        words[f"{key}.{on_scales.SKILL}.{on_scales.DIFFERENCE}"] = said
    for low, high in {span for kinds in CLASSES.values() for classes in kinds for span in classes}:
        words[class_code(low, high)] = str(low) if low == high else f"{low}–{high}"
    words |= {code: words[f"{domain}.osaaminen"] for code, domain in over_waves.names().items()}
    own = (OTHERS, "others"), (on_scales.ALPHA, "alpha"), (on_scales.OMEGA, "omega"), ("response_rate",) * 2
    return words | {code: say(f"osaamiskartoitus.{key}", language) for code, key in own}


def items_of(domain: str, scale: str) -> list[str]:
    """Name a domain's items on a scale in the survey's order, as charts of the distribution know them."""
    found = (one for one in catalogue.competences() if one.key == domain)
    return [f"{item.key}.{scale}" for one in found for item in one.items]


def indicators_of(domain: str, scale: str) -> list[str]:
    """Name what may hold the answers to a domain's items: every class of every division of the scale."""
    spans = sorted({class_code(*span) for classes in CLASSES[scale] for span in classes})
    return [f"{item}.{span}" for item in items_of(domain, scale) for span in spans]


def class_code(low: int, high: int) -> str:
    """Name a class of answers by its lowest and highest, so that codes stand in the order of the scale."""
    return f"{low}{high}"


def with_small_groups_merged(answers: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Join organisations with fewer respondents than `minimum` into one, and that with the next smallest.

    A group alone below the minimum would be everyone minus the others.
    """
    size = answers.drop_duplicates("respondent")["organisation"].value_counts(ascending=True)
    small = list(size.index[size < minimum])
    while small and size[small].sum() < minimum and len(small) < len(size):
        small = list(size.index[: len(small) + 1])
    merged = answers["organisation"].isin(small)
    return answers.assign(organisation=answers["organisation"].mask(merged, OTHERS))


def item_answers(answers: pd.DataFrame) -> pd.DataFrame:
    """Give one row a respondent and item with both importance and skill."""
    wide = answers.pivot(
        index=["respondent", "organisation", "domain", "item"], columns="scale", values="answer"
    ).reset_index()
    both = wide.rename(columns={"tarkeys": "importance", "osaaminen": "skill"})
    both = both.dropna(subset=["importance", "skill"])
    return both.astype({"importance": "float64", "skill": "float64"})


def domain_answers(answers: pd.DataFrame) -> pd.DataFrame:
    """Give one row a respondent and domain: the respondent's means over the domain's items answered."""
    keys = ["respondent", "organisation", "domain"]
    means = item_answers(answers).groupby(keys)[["importance", "skill"]].mean().reset_index()
    return means.rename(columns={"domain": "item"})


def gaps(
    rows: pd.DataFrame, place: scales.Place, staff: int | None = None, group: str = frame.ALL_GROUPS
) -> pd.DataFrame:
    """Measure the gap importance - skill with bootstrap intervals, of everyone or of one organisation.

    `staff` is how many were asked, if known: the fewer did not answer, the narrower the interval.
    """
    measured = scales.gap(rows, place, population=staff).assign(group=group)
    shown = ["value", "lower", "upper", "importance", "skill"]
    return measured.assign(**{column: measured[column].round(DECIMALS) for column in shown})


def greatest(by_item: pd.DataFrame, by_domain: pd.DataFrame) -> pd.DataFrame:
    """Pick the domain with the greatest gap, and in each domain the item with the greatest gap."""
    domain_of = {item.key: domain.key for domain in catalogue.competences() for item in domain.items}
    ordered = by_item.sort_values("rank", kind="stable")
    first = ordered.loc[~ordered["indicator"].map(domain_of).duplicated()]
    return frame.combine([by_domain.loc[by_domain["rank"] == 1], first])


def in_classes(answers: pd.DataFrame, scale: str, minimum: int, place: scales.Place = PLACE) -> pd.DataFrame:
    """Count how the answers on one scale divide, in the finest classes in which no item has a small one.

    In the coarsest classes an item with a class of 1 to `minimum` - 1 is withheld whole.
    """
    chosen = answers.loc[answers["scale"] == scale]
    rows = chosen.assign(item=chosen["item"] + f".{scale}")
    counted = pd.DataFrame()
    for classes in CLASSES[scale]:
        lowest = {answer: low for low, high in classes for answer in range(low, high + 1)}
        joined = rows.assign(answer=rows["answer"].map(lowest).astype("float64"))
        counted = scales.distribution(joined, [low for low, _ in classes], place)
        highest = dict(classes)
        counted["point"] = [int(class_code(low, highest[low])) for low in counted["point"]]
        counted["indicator"] = counted["item"] + "." + counted["point"].astype("str")
        small = counted["numerator"].between(1, minimum - 1)
        if not small.any():
            break
    withheld = counted["item"].isin(set(counted.loc[small, "item"]))
    counted.loc[withheld, ["value", "numerator", "denominator", "not_answered"]] = float("nan")
    counted.loc[withheld, "status"] = "suppressed"
    return rates.proportion(counted.drop(columns=["not_answered"]))


def respondents(answers: pd.DataFrame, place: scales.Place) -> pd.DataFrame:
    """Count respondents by organisation and together."""
    people = answers.drop_duplicates("respondent")["organisation"].value_counts(sort=False)
    rows = pd.DataFrame({"group": [frame.ALL_GROUPS, *people.index], "value": [people.sum(), *people]})
    return rates.as_given(rows.assign(indicator=RESPONDENTS, status="ok", **asdict(place)), "count")
