"""What the release of social rehabilitation is made of: goals attained, change, and what drop-out could hide.

The question is whether the goals set were attained: by group, municipality and year of start. A client has
attained the goals when they were met on the whole as expected or better (T score of 50 or more).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions
from sosrake_lib.batch import client_rows as rows_of
from sosrake_lib.batch.client_rows import RULES, Clients
from sosrake_lib.effects import change, goals, groups
from sosrake_lib.effects.effect import Effect
from sosrake_lib.gather import rehabilitation as gathered
from sosrake_lib.language import say

TABLE = "esimerkkila_sosiaalinen_kuntoutus"
KEY = "sosiaalinen_kuntoutus"
CLIENTS, REACHED, THEME, LEFT = (
    f"{KEY}_{name}" for name in ("asiakkaat", "tavoitteet", "teemat", "poistuneet")
)
ENDED, QUALITY, KINDS, START = (
    f"{KEY}_{name}" for name in ("paattyminen", "elamanlaatu", "luokat", "lahtotaso")
)
LOSS = "_kato"
SMALL = f"{REACHED}_pienet"
# Analyses of drop-out, in the order a reader meets them.
ASSESSED, WEIGHTED, LOW, HIGH = "arvioidut", "painotettu", "alaraja", "ylaraja"
STAYED, GONE = "arvioitiin", "poistui"
OTHERS = "muut_luokat"
# Words of the page's tables and captions, of its language file.
HEADINGS = (
    *("group_caption", "municipality_caption", "year_caption", "theme_caption", "lost_caption"),
    *("ended_caption", "goals_loss_caption", "quality_loss_caption", "quality_caption", "kinds_caption"),
    *("assessed", "began", "clients", "service_group", "theme", "year", "analysis", "how_ended"),
    *("change_class", "change"),
)
EXPECTED = 50.0  # T score of goals met as expected on the whole
POINTS = 2  # decimals of figures in points of quality of life


def social_rehabilitation(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on social rehabilitation.

    Parameters
    ----------
    data : data folder with the table `esimerkkila_sosiaalinen_kuntoutus`; the samples when left out.

    Returns
    -------
    Parts, all by the rules `vakio`: `asiakkaat` (who began: all, by group and year of start; by municipality
    the count and the share's denominator would tell small municipalities), `tavoitteet` (share of assessed
    clients who attained their goals: all, by group, year of start and municipality, compared with everyone),
    `pienet_kunnat` (the same of the small municipalities joined), `teemat` (the same by theme), `poistuneet`
    (share of those who began without an assessment at the end), `paattyminen` (how it ended), `lahtotaso`
    (quality of life at the start of those assessed and those not), `elamanlaatu` (change of quality of life:
    all, weighted, by group; effects), `luokat` (reliable change of single clients) and `kato` (what drop-out
    could do to both figures: `group` arvioidut, painotettu, alaraja, ylaraja).

    Raises
    ------
    GatherError when the table breaks its contract (`gather.rehabilitation`); SosrakeError when too few were
    measured to tell any change.
    """
    sheet, about = rows_of.read_table(TABLE, data)
    checked = gathered.social_rehabilitation(sheet, f"{TABLE}.csv")
    clients = rows_of.clients_of(checked, "service_group", about["kind"], f"{TABLE}.csv")
    reached = attained(checked)
    told = rows_of.shares(clients, reached, REACHED)
    made = {
        "asiakkaat": rows_of.counts(clients, CLIENTS, ("all", "group", "year")),
        "tavoitteet": rows_of.compared(told, clients.county, clients.period),
        "pienet_kunnat": rows_of.small_together(clients, reached, SMALL),
        "teemat": by_theme(clients),
        "poistuneet": rows_of.shares(clients, reached.isna().astype("float64"), LEFT),
        "paattyminen": rows_of.classes(clients, checked["end_reason"], ENDED, gathered.END_REASONS),
        "lahtotaso": rows_of.means(
            _by_assessed(clients, reached), checked["quality_before"], START, "group", POINTS
        ),
        "elamanlaatu": quality(clients),
        "luokat": single_clients(clients),
        "kato": frame.combine([lost_goals(clients, reached), lost_quality(clients)]),
    }
    source = rows_of.provenance(TABLE, about)
    return {name: protect.part(rows.assign(**source), rules=RULES) for name, rows in made.items()}


def attained(clients: pd.DataFrame) -> pd.Series:
    """Say of each client whether the goals were met as expected on the whole: 1, 0, NaN = not assessed.

    A client with several goals is judged by those that were assessed.
    """
    forms = goals.check_goals(gathered.goal_forms(clients), baseline="start")
    people = goals.person_goals(forms, missing="rated_only").people.set_index("person")["t_score"]
    score = clients["client"].map(people)
    return (score >= EXPECTED - 1e-9).astype("float64").where(score.notna())


def by_theme(clients: Clients) -> pd.DataFrame:
    """Give of each theme the share of clients whose goal in it was attained (0 or above)."""
    parts = []
    for theme in gathered.themes(clients.rows):
        level = clients.rows[f"{theme}{gathered.END}"]
        yes = (level >= 0).astype("float64").where(level.notna())
        if yes.notna().any():
            parts.append(rows_of.shares(clients, yes, THEME, ("all",)).assign(group=theme))
    return frame.combine(parts)


def quality(clients: Clients) -> pd.DataFrame:
    """Measure the change of quality of life: of all, weighted for drop-out, and of each group of size."""
    rows, least = clients.rows, protect.rule_set(RULES).minimum_count
    found = [_told(paired(rows), clients)]
    weighted = weighted_quality(clients)
    if weighted is not None:
        found.append(_told(weighted, clients, statistic="weighted"))
    for name, part in rows.groupby(clients.group):
        both = part[["quality_before", "quality_after"]].notna().all(axis=1).sum()
        if both >= 2 * least:
            found.append(_told(paired(part), clients, group=str(name)))
    return frame.combine(found)


def paired(rows: pd.DataFrame) -> Effect:
    """Measure the mean change of those measured twice."""
    return groups.paired_group_change(
        rows, before="quality_before", after="quality_after", unit="points", scale=gathered.QUALITY
    )


def weighted_quality(clients: Clients) -> Effect | None:
    """Weight the change by the chance of a second measurement; None where nobody with a first was lost."""
    rows = clients.rows.loc[clients.rows["quality_before"].notna()]
    if rows["quality_after"].notna().all():
        return None
    known = with_predictors(rows, clients.group)
    return groups.weighted_change(
        known.data,
        before="quality_before",
        after="quality_after",
        predictors=known.names,
        unit="points",
    )


def single_clients(clients: Clients) -> pd.DataFrame:
    """Sort the clients measured twice by reliable change, and give the share of each class.

    Where a class has too few clients to be told, all but the wanted change are told together.
    """
    reliability = catalogue.instrument("eurohis_qol_8").scale("total").reliability[0].value
    sorted_ = change.individual_change(
        clients.rows,
        before="quality_before",
        after="quality_after",
        reliability=reliability,
        higher_is_better=True,
    )
    kinds = [kind for kind in change.CLASSES if kind != "recovered"]
    label = sorted_.people["class"]
    counted = label.value_counts().reindex(kinds, fill_value=0)
    if counted.between(1, protect.rule_set(RULES).minimum_count - 1).any():
        kinds = [kinds[0], OTHERS]
        label = label.where(label.isna() | (label == kinds[0]), OTHERS)
    return rows_of.classes(clients, label, KINDS, kinds)


def lost_goals(clients: Clients, reached: pd.Series) -> pd.DataFrame:
    """Say what share of all who began could have attained their goals, the lost counted in."""
    rows = clients.rows.assign(reached=100 * reached)
    bounds = groups.level_bounds(rows, outcome="reached", lowest=0, highest=100)
    weighted = None
    measured = rows["quality_before"].notna()
    if bounds.lost and reached.loc[measured].isna().any():
        known = with_predictors(rows.loc[measured], clients.group)
        weighted = groups.weighted_level(
            known.data, outcome="reached", predictors=("quality_before", *known.names), unit="%"
        )
    return _analyses(clients, REACHED + LOSS, bounds, weighted, 1)


def lost_quality(clients: Clients) -> pd.DataFrame:
    """Say what the mean change of quality of life could be, the lost counted in."""
    low, high = gathered.QUALITY
    bounds = groups.change_bounds(
        clients.rows, before="quality_before", after="quality_after", lowest=low, highest=high
    )
    return _analyses(clients, QUALITY + LOSS, bounds, weighted_quality(clients), POINTS)


@dataclass(frozen=True, slots=True, eq=False)
class Predictors:
    """What was known at the start of everyone: `data` with the columns `names` of 0 and 1."""

    data: pd.DataFrame
    names: tuple[str, ...]


def with_predictors(rows: pd.DataFrame, group: str) -> Predictors:
    """Add a column of 0 and 1 of each group but the commonest, where some stayed and some left."""
    common = rows[group].value_counts().index
    data, names = rows.copy(), []
    for name in sorted(map(str, common[1:])):
        inside = rows[group] == name
        again = rows.loc[inside, "quality_after"].notna()
        if again.any() and not again.all():
            data[f"group_{name}"] = inside.astype("float64")
            names.append(f"group_{name}")
    return Predictors(data, tuple(names))


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of codes in `group`: groups, themes, ways of ending, analyses of drop-out, classes."""
    codes = [*("arjen_ryhma", "nuorten_ryhma", "mielen_ryhma", "yksilovalmennus", "muu"), rows_of.SMALL]
    codes += ["arki", "ihmissuhteet", "terveys", "asiointi", "osallisuus", *gathered.END_REASONS]
    codes += [ASSESSED, WEIGHTED, LOW, HIGH, STAYED, GONE, OTHERS]
    words = {code: say(f"{KEY}.group.{code}", language) for code in codes}
    return words | dict(change.CLASS_NAMES[language])


def municipalities(release: protect.Release) -> list[tuple[str, str]]:
    """Name the municipalities of the release."""
    found = protect.protected_frame(release.select(part="tavoitteet"))
    codes = sorted(set(found.loc[found["region_level"] == "kunta", "region_code"]))
    return [("kunta", code) for code in codes]


def _told(
    effect: Effect, clients: Clients, group: str = frame.ALL_GROUPS, statistic: str = "effect"
) -> pd.DataFrame:
    place = protect.Place("hva", clients.county, clients.period, group=group)
    return protect.effect_frame(
        effect, place, indicator=QUALITY, people="n", origin=clients.origin, statistic=statistic
    )


def _analyses(
    clients: Clients, indicator: str, bounds: groups.ChangeBounds, weighted: Effect | None, decimals: int
) -> pd.DataFrame:
    """Lay the analyses of drop-out out as rows; n is of those behind the smallest count of each.

    Where few were lost, the bounds are hidden: beside the mean of those assessed they would tell how many.
    """
    table = bounds.table.set_index("analysis")
    measured = float(bounds.people - bounds.lost)
    found = [(ASSESSED, *table.loc["complete"], measured, "mean_t")]
    if weighted is not None:
        ends = (weighted.estimate, weighted.lower, weighted.upper)
        found.append((WEIGHTED, *ends, measured, weighted.method))
    if bounds.lost:
        found.append((LOW, *table.loc["lost_lowest"], float(bounds.people), "loss_bounds"))
        found.append((HIGH, *table.loc["lost_highest"], float(bounds.people), "loss_bounds"))
    rows = pd.DataFrame(found, columns=["group", "value", "lower", "upper", "denominator", "method"])
    shown = {column: rows[column].astype("float64").round(decimals) for column in ("value", "lower", "upper")}
    place = {"region_level": "hva", "region_code": clients.county, "period": clients.period}
    few = rows["group"].isin((LOW, HIGH)) & (bounds.lost < protect.rule_set(RULES).minimum_count)
    shown |= {"denominator": rows["denominator"]}
    shown = {column: numbers.mask(few) for column, numbers in shown.items()}
    return frame.check(
        rows.assign(
            **shown,
            **place,
            indicator=indicator,
            borders=regions.CURRENT_YEAR,
            statistic="mean",
            confidence=bounds.confidence,
            status=np.where(few, "suppressed", "ok"),
            origin=clients.origin,
        ),
        file=indicator,
    )


def _by_assessed(clients: Clients, reached: pd.Series) -> Clients:
    """Group the clients by whether they were assessed at the end."""
    assessed = np.where(reached.notna(), STAYED, GONE)
    return Clients(
        clients.rows.assign(assessed=assessed), clients.county, clients.period, "assessed", clients.origin
    )
