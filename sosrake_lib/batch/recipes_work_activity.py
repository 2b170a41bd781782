"""What the release of rehabilitative work activity is made of: goals, change, next steps, self-evaluation.

A provider's report holds its own figures and those of all providers together; no part orders providers.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions
from sosrake_lib.batch import client_rows as rows_of
from sosrake_lib.batch.client_rows import RULES, Clients
from sosrake_lib.batch.recipes_rehabilitation import attained
from sosrake_lib.effects import groups
from sosrake_lib.gather import rehabilitation as gathered
from sosrake_lib.indicators import rates
from sosrake_lib.language import say

TABLE = "esimerkkila_kuntouttava_tyotoiminta"
ANSWERS = f"{TABLE}_itsearviointi"
CLIENTS, WRITTEN, TOGETHER, REACHED = (
    f"tyotoiminta_{name}" for name in ("asiakkaat", "kirjattu", "yhdessa", "tavoitteet")
)
ABILITY, TAKING_PART, NEXT, EVALUATION = (
    f"tyotoiminta_{name}" for name in ("tyokyky", "osallistuminen", "jatko", "itsearviointi")
)
# Years from which the law or its organising changed the service: figures on both sides are not of one kind.
BREAKS = ("2021", "2023", "2025")
# Texts of the page on each change, with what in them is no result.
LAW_CHANGES = {
    "goal": ("1.1.2021", "1 January 2021", "702/2020"),
    "county": ("1.1.2023", "1 January 2023", "591/2022"),
    "employment": ("1.1.2025", "1 January 2025", "399/2023", "381/2023"),
    "next": ("HE 109/2025", "2026"),
}
PROVIDER = "toimija_"
# Order of the next steps on the page: towards work first, what goes on and what is not known last.
NEXT_ORDER = gathered.NEXT_STEPS
# What a provider's own report tells of its clients.
OWN_PARTS = ("kirjattu", "tavoitteet", "osallistuminen")
HEADINGS = (
    *("written_caption", "together_caption", "reached_caption", "next_caption", "profile_caption"),
    *("step", "area", "where", "year", "assessed"),
)
DECIMALS = 1
# With two providers each could reckon the other from the joint figure.
LEAST_PROVIDERS = 3


def work_activity(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on rehabilitative work activity.

    Parameters
    ----------
    data : data folder with `esimerkkila_kuntouttava_tyotoiminta` and its `_itsearviointi`; the samples when
        left out.

    Returns
    -------
    Parts, all by the rules `vakio`: `asiakkaat` (who began: all, by year and provider), `kirjattu` (share
    with a written goal), `yhdessa` (share of those written together), `tavoitteet` (share of the assessed who
    attained their goals): each of all, by year of start (`break_before` where the law changed) and provider
    (`group` toimija_<code>); `tyokyky` (change of the client's own estimate of work ability; an effect),
    `osallistuminen` (days taken part of those agreed, mean per cent), `jatko` (where clients moved on to),
    `itsearviointi` (mean step by area, `category` = area, year and provider, and of all providers together).

    Raises
    ------
    GatherError when a table breaks its contract (`gather.rehabilitation`).
    """
    sheet, about = rows_of.read_table(TABLE, data)
    checked = gathered.work_activity(sheet, f"{TABLE}.csv")
    named = checked.assign(provider=PROVIDER + checked["provider"].astype(str).str.lower())
    clients = rows_of.clients_of(named, "provider", about["kind"], f"{TABLE}.csv")
    answers, about_answers = rows_of.read_table(ANSWERS, data)
    written = has_goal(named)
    together = (named["goals_with_client"] == "kylla").astype("float64")
    splits = ("all", "group", "year")
    made = {
        "asiakkaat": rows_of.counts(clients, CLIENTS, splits),
        "kirjattu": with_breaks(rows_of.shares(clients, written, WRITTEN, splits)),
        "yhdessa": with_breaks(
            rows_of.shares(clients, together.where(named["goals_with_client"].notna()), TOGETHER, splits)
        ),
        "tavoitteet": with_breaks(rows_of.shares(clients, attained(named), REACHED, splits)),
        "tyokyky": ability(clients),
        "osallistuminen": taking_part(clients),
        "jatko": rows_of.classes(clients, named["next_step"], NEXT, gathered.NEXT_STEPS),
    }
    source = rows_of.provenance(TABLE, about)
    parts = {name: rows.assign(**source) for name, rows in made.items()}
    evaluated = self_evaluation(gathered.self_evaluations(answers, f"{ANSWERS}.csv"), clients)
    parts["itsearviointi"] = evaluated.assign(**rows_of.provenance(ANSWERS, about_answers))
    return {name: protect.part(rows, rules=RULES) for name, rows in parts.items()}


def has_goal(clients: pd.DataFrame) -> pd.Series:
    """Say of each client whether any goal was written: 1 or 0."""
    starts = [f"{theme}{gathered.START}" for theme in gathered.themes(clients)]
    return clients[starts].notna().any(axis=1).astype("float64")


def ability(clients: Clients) -> pd.DataFrame:
    """Measure the mean change of the client's own estimate of work ability, of those asked twice."""
    effect = groups.paired_group_change(
        clients.rows,
        before="work_ability_before",
        after="work_ability_after",
        unit="points",
        scale=gathered.ABILITY,
    )
    return protect.effect_frame(effect, clients.place, indicator=ABILITY, people="n", origin=clients.origin)


def taking_part(clients: Clients) -> pd.DataFrame:
    """Give the mean of days taken part of the days agreed, in per cent: of all and by provider."""
    share = rates.per_units(clients.rows["attended_days"], clients.rows["planned_days"], 100)
    return frame.combine(
        [rows_of.means(clients, pd.Series(share), TAKING_PART, split, DECIMALS) for split in ("all", "group")]
    )


def self_evaluation(answers: pd.DataFrame, clients: Clients) -> pd.DataFrame:
    """Give the mean step of each area by provider and year, and the mean of all providers together.

    Behind a provider's figure stand its evaluators; with fewer than the minimum its profile is hidden. The
    joint figure counts every provider alike, and needs LEAST_PROVIDERS of them.
    """
    given = answers.dropna(subset=["step"]).assign(
        group=PROVIDER + answers["provider"].astype(str).str.lower(),
        period=answers["year"].astype(int).astype(str),
    )
    own = given.groupby(["period", "group", "area"], as_index=False).agg(
        value=("step", "mean"), denominator=("evaluators", "first")
    )
    # A provider that is hidden itself stays out of the joint figure, which could give it back.
    counted = own.loc[own["denominator"] >= protect.rule_set(RULES).minimum_count]
    joint = counted.groupby(["period", "area"], as_index=False).agg(
        value=("value", "mean"), denominator=("denominator", "sum"), providers=("group", "nunique")
    )
    joint = joint.loc[joint["providers"] >= LEAST_PROVIDERS].drop(columns="providers")
    rows = pd.concat([own, joint.assign(group=frame.ALL_GROUPS)], ignore_index=True)
    rows["value"] = rows["value"].round(DECIMALS)
    rows["indicator"] = EVALUATION + "_" + rows["area"]
    return frame.check(
        rows.rename(columns={"area": "category"}).assign(
            region_level="hva",
            region_code=clients.county,
            borders=regions.CURRENT_YEAR,
            per=1.0,
            status="ok",
            origin=clients.origin,
            statistic="mean",
            method="mean_of_answers",
            confidence=0.95,
        ),
        file="recipes_work_activity.self_evaluation",
    )


def with_breaks(rows: pd.DataFrame) -> pd.DataFrame:
    """Mark the first year that follows a change of the law, where a year before it is told too."""
    years = rows["period"].str.fullmatch(r"\d{4}")
    first = rows.loc[years, "period"].min() if years.any() else ""
    return rows.assign(break_before=years & rows["period"].isin(BREAKS) & (rows["period"] != first))


def shown(selection: protect.Selection) -> bool:
    """Say whether anything of a provider's profile may be shown."""
    return bool((protect.protected_frame(selection)["status"] == "ok").any())


def providers(
    language: str = "fi", codes: tuple[str, ...] = ("a", "b", "c", "d", "e", "f")
) -> dict[str, str]:
    """Give the words of providers' codes: toimija_a -> Toimija A."""
    return {
        f"{PROVIDER}{code}": say("kuntouttava_tyotoiminta.provider", language, code=code.upper())
        for code in codes
    }


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of codes: providers, next steps, areas of the self-evaluation."""
    words = providers(language) | {frame.ALL_GROUPS: say("kuntouttava_tyotoiminta.all_short", language)}
    words |= {code: say(f"kuntouttava_tyotoiminta.next.{code}", language) for code in gathered.NEXT_STEPS}
    for area in catalogue.self_evaluation().areas:
        words[f"{EVALUATION}_{area.key}"] = area.name_en if language == "en" else area.name_fi
    return words


def areas() -> list[str]:
    """Name the indicators of the self-evaluation's areas in the form's order."""
    return [f"{EVALUATION}_{area.key}" for area in catalogue.self_evaluation().areas]
