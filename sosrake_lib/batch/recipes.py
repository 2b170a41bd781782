"""What each release is made of: from the data folder to the parts that go through the gate.

A recipe reads data, calls the rooms that compute, and says by which rules each part is protected. It runs in
the parent process over all regions at once, before any notebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions, samples
from sosrake_lib.batch import recipes_effects
from sosrake_lib.batch.area_rows import (
    AREA,
    by_its_rules,
    municipalities_and_counties,
    newest,
    of_area,
    of_the_area,
    on_current_map,
    published,
    with_area_sums,
)
from sosrake_lib.batch.hand_texts import with_texts
from sosrake_lib.batch.invented import Recipe, of_the_invented_county
from sosrake_lib.batch.recipes_chain import impact_chains
from sosrake_lib.batch.recipes_costs import costs_and_outcomes
from sosrake_lib.batch.recipes_decider import for_deciders
from sosrake_lib.batch.recipes_decider_view import decider_words
from sosrake_lib.batch.recipes_deciders import deciders
from sosrake_lib.batch.recipes_effects_kela import interrupted_assistance
from sosrake_lib.batch.recipes_feedback import feedback_audit
from sosrake_lib.batch.recipes_followup import followup
from sosrake_lib.batch.recipes_goals import goal_attainment
from sosrake_lib.batch.recipes_implementation import implementation_plan
from sosrake_lib.batch.recipes_index import OWN, disadvantage_index, own_index
from sosrake_lib.batch.recipes_inequality import inequality_between_municipalities
from sosrake_lib.batch.recipes_instruments import measurements
from sosrake_lib.batch.recipes_needs import service_needs
from sosrake_lib.batch.recipes_participation import participation
from sosrake_lib.batch.recipes_phenomenon import phenomenon_cards
from sosrake_lib.batch.recipes_plans import plans_and_paths
from sosrake_lib.batch.recipes_project import project_monitoring
from sosrake_lib.batch.recipes_protection import data_protection
from sosrake_lib.batch.recipes_recording import recording_quality
from sosrake_lib.batch.recipes_rehabilitation import social_rehabilitation
from sosrake_lib.batch.recipes_reporting import social_reporting
from sosrake_lib.batch.recipes_situation import situation
from sosrake_lib.batch.recipes_social_report import social_report
from sosrake_lib.batch.recipes_survey import competence_survey
from sosrake_lib.batch.recipes_training import training_plan_of_survey
from sosrake_lib.batch.recipes_trend import (
    assistance,
    assistance_by_year,
    differences_between_municipalities,
    population,
)
from sosrake_lib.batch.recipes_wellbeing import wellbeing
from sosrake_lib.batch.recipes_work_activity import work_activity
from sosrake_lib.indicators import comparison, rates, smallarea
from sosrake_lib.language import say

COUNTRY = ("maa", "SSS")
# The indicators a page leads with, in the order of the six themes; each has a denominator to test by.
HEADLINES = (
    "pienituloisuusaste",
    "toimeentulotuki_25_64",
    "tyottomyysaste",
    "pitkaaikaistyottomat",
    "asumistuki",
)
# Series that are drawn over time: the sum variables of the panel, and the number of people.
INDICES = ("diak_huono_osaisuus", "diak_inhimillinen", "diak_sosiaaliset", "diak_taloudelliset")
SERIES = (*INDICES, "vaesto")
# Whose differences between a county's municipalities are told; the funnel is drawn of the same.
DIFFERENCES_OF = "tyottomyysaste"
LEVELS = ("kunta", "hva", "joukko", "kuntaryhmitys", "maa")
FAMILIES = ("diak_", "kela_")


def area_indicators(data: Path | None) -> dict[str, protect.Part]:
    """Make the indicators of every area, compared with country, area and like municipalities.

    Every part is there even when the data have no rows for it: a page then says so in words. Published
    figures go by the rules `avoin`; a part that holds an office's own counts goes by `vakio`.

    Raises
    ------
    AbsentTable when the data folder and what was gathered hold no indicator at all.
    """
    rows = samples.indicator_frame(data)
    if rows.empty:
        raise samples.AbsentTable(say("batch.no_indicators"))
    family = rows["indicator"].str.extract(f"^({'|'.join(FAMILIES)})", expand=False).fillna("")
    current = with_area_sums(newest(rows.loc[(family == "") & rows["region_level"].isin(LEVELS)]))
    # A number of people is not compared with the country's: it tells only of size.
    analysed = rates.analyse(of_the_area(current.loc[current["indicator"] != "vaesto"]))
    against_country = comparison.against(analysed, of_area(current, *COUNTRY))
    series = on_current_map(
        of_the_area(rows.loc[rows["indicator"].isin(SERIES) & rows["region_level"].isin(LEVELS)])
    )
    yearly = assistance_by_year(rows.loc[family == "kela_"])
    own = own_index(rows)
    parts = {
        "vertailu": against_country,
        "vertailu_alue": comparison.against(municipalities_and_counties(analysed), of_area(current, *AREA)),
        "vertailu_ryhma": against_like_municipalities(analysed, current),
        # The limits around small own counts would tell the joint level they were made from.
        "suppilo": funnels(analysed.loc[published(analysed)]),
        "nosto": findings(against_country),
        "diak": newest(rows.loc[family == "diak_"]),
        "sarja": series,
        "kela": rows.loc[family == "kela_"],
        "kela_vuosi": yearly,
        "vuosimuutos": frame.combine([population(series), assistance(yearly)]),
        "oma_indeksi": own.loc[own["indicator"] == OWN].reset_index(drop=True),
        "kuntaerot": differences_between_municipalities(current, DIFFERENCES_OF),
    }
    return {name: by_its_rules(part) for name, part in parts.items()}


def county_only() -> list[str]:
    """Name the panel's indicators that a source publishes for counties but not for every municipality."""
    return [
        one.key for one in catalogue.indicators() if one.key.startswith("diak_") and one.level_min == "hva"
    ]


def against_like_municipalities(analysed: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Compare each municipality with all the country's municipalities of its own group (urban, rural)."""
    municipalities = analysed.loc[analysed["region_level"] == "kunta"]
    group = municipalities["region_code"].map(lambda code: regions.parent(code, "kuntaryhmitys") or "")
    compared = [
        comparison.against(municipalities.loc[group == code], of_area(reference, "kuntaryhmitys", code))
        for code in sorted(set(group) - {""})
        if len(of_area(reference, "kuntaryhmitys", code))
    ]
    return frame.combine(compared) if compared else municipalities.iloc[:0]


def funnels(analysed: pd.DataFrame) -> pd.DataFrame:
    """Class the municipalities by the funnel around their joint level, one headline indicator at a time."""
    municipalities = analysed.loc[(analysed["region_level"] == "kunta") & (analysed["sex"] == "total")]
    classed = [
        smallarea.funnel_class(part)
        for indicator in HEADLINES
        if (part := municipalities.loc[municipalities["indicator"] == indicator])["status"].eq("ok").sum() > 1
    ]
    return frame.combine(classed) if classed else municipalities.iloc[:0]


def findings(compared: pd.DataFrame) -> pd.DataFrame:
    """Choose the one figure a decision maker's page leads with, per municipality and county.

    Of the headline indicators that can be tested, the one whose difference from the country is largest in
    units of its own uncertainty; differences for the worse come first. The rule is the same everywhere, so
    the choice tells of the area and not of the writer. An area without a testable headline has no finding.
    """
    rows = municipalities_and_counties(compared)
    rows = rows.loc[rows["indicator"].isin(HEADLINES) & (rows["sex"] == "total")]
    rows = rows.loc[rows["verdict"].isin(("higher", "similar", "lower"))]
    half_width = (rows["difference_upper"] - rows["difference_lower"]) / 2
    order = pd.DataFrame(
        {
            "worse": rows["verdict"] == "higher",
            "clear": (rows["difference"] / half_width).abs(),
            "area": rows["region_level"] + rows["region_code"],
        }
    )
    first = (
        order.sort_values(["worse", "clear"], ascending=False, kind="stable").drop_duplicates("area").index
    )
    return rows.loc[sorted(first)]


RECIPES: Mapping[str, Recipe] = {
    "asiakaspalaute": of_the_invented_county(
        feedback_audit, "esimerkkila_palaute", "esimerkkila_palaute_lomakkeet"
    ),
    "aktivointisuunnitelmat": of_the_invented_county(
        plans_and_paths, "esimerkkila_aktivointisuunnitelmat", "esimerkkila_tapahtumat"
    ),
    "alueindikaattorit": area_indicators,
    "paattajalle": with_texts(
        for_deciders(area_indicators),
        *("paattajakooste", "infograafi", "mediasuunnitelma", "toteutussuunnitelma", "tilannekuvapaketti"),
    ),
    "paattajan_sanat": decider_words,
    "eriarvoisuus": inequality_between_municipalities,
    "hanke": with_texts(project_monitoring, "hankeseuranta"),
    "huono_osaisuusindeksi": disadvantage_index,
    "hyvinvointikertomus": with_texts(wellbeing(area_indicators), "hyvinvointikertomus"),
    "kirjaamisen_laatu": of_the_invented_county(recording_quality, "esimerkkila_kirjaaminen"),
    "koulutussuunnitelma": with_texts(
        of_the_invented_county(training_plan_of_survey, "osaamiskartoitus"), "koulutussuunnitelma"
    ),
    "ilmiokortti": phenomenon_cards,
    "mittarit": measurements,
    "kuntouttava_tyotoiminta": of_the_invented_county(
        work_activity,
        "esimerkkila_kuntouttava_tyotoiminta",
        "esimerkkila_kuntouttava_tyotoiminta_itsearviointi",
    ),
    "osaaminen": with_texts(of_the_invented_county(competence_survey, "osaamiskartoitus"), "osaamisraportti"),
    "palvelutarpeet": of_the_invented_county(service_needs, "palvelutarpeet"),
    "sosiaalinen_kuntoutus": with_texts(
        of_the_invented_county(social_rehabilitation, "esimerkkila_sosiaalinen_kuntoutus"),
        "vaikuttavuusselvitys",
    ),
    "seuranta": with_texts(
        followup, "vaikuttamisloki", "itsearviointi", "mediasuunnitelma", invented_only=("mediasuunnitelma",)
    ),
    "sosiaalinen_raportointi": social_reporting,
    "sosiaalinen_raportti": with_texts(social_report, "sosiaalinen_raportti", figures=("jaksot",)),
    "tavoitteet": goal_attainment,
    "tietosuoja": data_protection,
    "kustannukset": costs_and_outcomes,
    "tilannekuvapaketti": with_texts(situation, "tilannekuvapaketti", invented_only=True),
    "toteutussuunnitelma": with_texts(implementation_plan, "toteutussuunnitelma", invented_only=True),
    "vaikutusketju": impact_chains,
    "katkos_toimeentulotuki": interrupted_assistance,
    "vaikuttavuus": with_texts(
        of_the_invented_county(
            recipes_effects.effects_ladder, recipes_effects.CLIENTS, recipes_effects.OFFICES
        ),
        "vaikuttavuusarvio",
    ),
    "osallistava_tieto": participation,
    "tietotarve": deciders,
}
