"""What the release of goals is made of: T scores, goals reached, who rated, what was never rated.

A figure of goals is protected by the people whose goals they are: a person with four goals is still one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, samples
from sosrake_lib.batch import outcome_data as reading
from sosrake_lib.batch import recipes_instruments_rows as made_of
from sosrake_lib.batch.outcome_data import OutcomePlace
from sosrake_lib.effects import goals as effects
from sosrake_lib.effects.instruments import plan_goals
from sosrake_lib.errors import FrameError, GatherError, SosrakeError
from sosrake_lib.indicators import rates
from sosrake_lib.language import keys, numbers, say

TABLE = "esimerkkila_tavoitteet"
RULES = "vakio"
RHOS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
USUAL_RHO = 0.3
MISSING = ("missing", "rated_only")
NEEDED = ("client", "region_code", "group", "set_on", "goal", "theme", "level")
MORE = (
    *("weight", "baseline", "assessed_on", "second_level", "not_assessed", "plan_level", "with_client"),
    *("levels_written", "deadline"),
)
PLAN_LEVELS = ("ei", "osittain", "kokonaan")
CLIENTS, PER_CLIENT = "tavoitteet_asiakkaat", "tavoitteet_asiakasta_kohti"
OTHER_THEMES = "muut_teemat"
REACHED, REACHED_ALL, UNRATED = "tavoitteet_osuus", "tavoitteet_osuus_kaikki", "tavoitteet_arvioimatta"
LEVELS, PLAN = "tavoitteet_tasot", "tavoitteet_suunnitelma"
TOWNS = "tavoitteet_t_kunnat"
CHANGE, ICC, REASON = "tavoitteet_muutos", "tavoitteet_arvioijat", "tavoitteet_syy"
QUALITY = ("with_client", "all_levels", "deadline")
# How the levels -2 ... 2 are told, from fine to coarse; codes 1 ... 5.
_SPANS = (
    tuple((code, code) for code in range(1, 6)),
    ((1, 2), (3, 3), (4, 5)),
    ((1, 2), (3, 5)),
)
_PLAN_SPANS = (((1, 1), (2, 2), (3, 3)), ((1, 1), (2, 3)))


def goal_attainment(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on goals.

    Parameters
    ----------
    data : data folder with the table `esimerkkila_tavoitteet`; the samples when left out. One's own table
        has the same columns; its dictionary says `kind = "real"`.

    Returns
    -------
    Parts by the rules `vakio`: `maarat` (clients, goals a client), `t` (mean T score by
    group for every rho of RHOS, indicator `t_name(rho)` for people with all goals rated and
    `t_name(rho, rated_only=True)` from the rated goals), `t_kunnat` (by municipality in `group`, rho 0.3,
    small ones joined), `osuus` (share of rated goals at 0 or above: all, by group, by theme), `tasot` (how
    levels spread, by theme), `arvioimatta` (share of goals never rated, reasons), `arvioijat` (agreement of
    two raters), `muutos` (change of T scores, an effect), `laatu` (quality of goals), `suunnitelma` (the same
    goals as written in the plan: ei, osittain, kokonaan).

    Raises
    ------
    AbsentTable without the table; GatherError or FrameError naming the column and row that cannot be read.
    """
    about = samples.dictionary(TABLE, data)
    rows = read_goals(data)
    place = reading.place_of(rows, "set_on", str(about["kind"]), TABLE)
    rules = protect.rule_set(RULES)
    rows = rows.assign(
        group=settled(rows, "group", rules, reading.OTHER_GROUPS),
        theme=settled(rows, "theme", rules, OTHER_THEMES),
    )
    made = {
        "maarat": amounts(rows, place, rules.minimum_count),
        "t": frame.combine(t_scores(rows, place, rho, how) for rho in RHOS for how in MISSING),
        "t_kunnat": by_municipality(rows, place, rules.minimum_count),
        "osuus": reached(rows, place, rules.minimum_count),
        "tasot": levels(rows, place, rules),
        "arvioimatta": unrated(rows, place, rules.minimum_count),
        "arvioijat": raters(rows, place),
        "muutos": change(rows, place),
        "laatu": quality(rows, place, rules.minimum_count),
        "suunnitelma": in_plans(rows, place, rules),
    }
    source = reading.origin_columns(TABLE, about, place.origin)
    return {name: protect.part(part.assign(**source), rules=RULES) for name, part in made.items()}


def read_goals(data: Path | None) -> pd.DataFrame:
    """Read and check the goal forms: `person, goal, weight, baseline, score`, and the other columns."""
    rows = samples.table(TABLE, data)
    reading.need_columns(rows, NEEDED, (*NEEDED, *MORE), TABLE)
    given = [column for column in ("group", "theme") if rows[column].isna().any()]
    if given:
        row = int(np.flatnonzero(rows[given[0]].isna())[0]) + 1
        raise GatherError(say("mittarit.error.empty", table=TABLE, column=given[0], row=row))
    return effects.check_goals(
        rows,
        person="client",
        score="level",
        weight="weight" if "weight" in rows else None,
        baseline="baseline" if "baseline" in rows else None,
    )


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of indicators, groups, themes and levels: code -> text."""
    words: dict[str, str] = {}
    for table in ("name", "service", "theme", "reason"):
        start = f"tavoitteet.{table}."
        words |= {
            key.removeprefix(start): say(key, language) for key in keys(language) if key.startswith(start)
        }
    for rho in RHOS:
        shown = numbers.number(rho, 1, language)
        words[t_name(rho)] = say("tavoitteet.t_all", language, rho=shown)
        words[t_name(rho, rated_only=True)] = say("tavoitteet.t_rated", language, rho=shown)
    words[OTHER_THEMES] = say("tavoitteet.other_themes", language)
    return words | reading.town_names(language)


def level_names(table: str = "level", language: str = "fi") -> dict[str, str]:
    """Give the words of classes of levels, of goals (`level`) or of client plans (`plan_level`)."""
    start = f"tavoitteet.{table}."
    return {key.removeprefix(start): say(key, language) for key in keys(language) if key.startswith(start)}


def point_names(item: str, table: str, language: str = "fi") -> dict[str, str]:
    """Give the words of classes as indicators of their own, "<item>.<code>"."""
    return {f"{item}.{code}": text for code, text in level_names(table, language).items()}


def t_name(rho: float, *, rated_only: bool = False) -> str:
    """Name the mean T score of one rho.

    Examples
    --------
    >>> t_name(0.3), t_name(0.3, rated_only=True)
    ('tavoitteet_t_03', 'tavoitteet_t_arvioidut_03')
    """
    return f"tavoitteet_t_{'arvioidut_' if rated_only else ''}{round(10 * rho):02d}"


def settled(rows: pd.DataFrame, column: str, rules: protect.RuleSet, others: str) -> pd.Series:
    """Join services or themes until each has enough goals rated, and enough people on every side of them.

    A share of goals is of goals, but its rule is of people: the people whose goals were reached, were not,
    and were not rated, each nobody or at least the minimum. Joining leaves nothing to hide, and so nothing
    that the row of everyone would give back.
    """
    labels = rows[column].astype("str")
    while labels.nunique() > 1:
        weak = [label for label, own in rows.groupby(labels) if _weak(own, rules)]
        if not weak:
            break
        order = [label for label in labels.value_counts(ascending=True).index if label != weak[0]]
        partner = others if others in order else order[0]
        labels = labels.mask(labels.isin((weak[0], partner)), others)
    return labels


def _weak(own: pd.DataFrame, rules: protect.RuleSet) -> bool:
    rated = own["score"].notna()
    sides = (own["score"] >= 0, own["score"] < 0, ~rated)
    people = [own.loc[side, "person"].nunique() for side in sides]
    few = any(0 < count < rules.minimum_count for count in people)
    return few or int(rated.sum()) < rules.minimum_denominator


def amounts(rows: pd.DataFrame, place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Count clients, and the mean number of goals of a client.

    The count is hidden when only a few clients have no rated goal: beside those with a T score it would tell
    the few.
    """
    each = rows.groupby("person").size().astype("float64")
    rated = rows.loc[rows["score"].notna(), "person"].nunique()
    hidden = 0 < len(each) - rated < minimum
    key = place.columns() | {"status": "suppressed" if hidden else "ok"}
    size = float("nan") if hidden else float(len(each))
    count = rates.as_given(pd.DataFrame([key | {"indicator": CLIENTS, "value": size}]), "count")
    mean = {"value": np.nan if hidden else float(each.mean()), "denominator": size}
    spread = {"standard_deviation": np.nan if hidden else float(each.std())}
    made = rates.mean(pd.DataFrame([key | {"indicator": PER_CLIENT} | mean | spread]))
    return frame.combine([count, made.drop(columns=["standard_deviation"])])


def t_scores(rows: pd.DataFrame, place: OutcomePlace, rho: float, missing: str) -> pd.DataFrame:
    """Mean T score of everyone and of each group; people whose T cannot be told are left out and counted."""
    indicator = t_name(rho, rated_only=missing == "rated_only")
    return frame.combine(
        _t_row(own, place.columns() | {"group": group}, indicator, rho, missing)
        for group, own in _with_all(rows)
    )


def by_municipality(rows: pd.DataFrame, place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Mean T score by municipality from the rated goals, rho 0.3; small municipalities are one group."""
    rated = rows.loc[rows["score"].notna()]
    town = reading.merged(rated["region_code"], rated["person"], minimum, reading.OTHER_TOWNS)
    return frame.combine(
        _t_row(own, place.columns() | {"group": str(name)}, TOWNS, USUAL_RHO, "rated_only")
        for name, own in rated.groupby(town)
    )


def _t_row(
    own: pd.DataFrame, key: dict[str, object], indicator: str, rho: float, missing: str
) -> pd.DataFrame:
    found = effects.goal_summary(own, rho=rho, missing=missing).iloc[0]
    people = effects.person_goals(own, rho=rho, missing=missing).people
    used = int(people["t_score"].notna().sum())
    row = key | {
        "indicator": indicator, "value": found["t_mean"], "lower": found["t_lower"],
        "upper": found["t_upper"], "denominator": float(used),
        "spread": found["t_sd"], "status": found["status"], "statistic": "mean",
        "method": found["t_method"], "confidence": found["confidence"],
    }  # fmt: skip
    return frame.check(pd.DataFrame([row]))


def reached(rows: pd.DataFrame, place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Share of rated goals at the expected level or above: all, by group and by theme.

    `tavoitteet_osuus_kaikki` counts goals never rated as not reached: the least the share can be.
    """
    worst = rows.assign(score=rows["score"].fillna(-2.0))
    parts = []
    for indicator, goals in ((REACHED, rows), (REACHED_ALL, worst)):
        parts += _shares(goals, place, indicator, minimum)
    return frame.combine(parts)


def unrated(rows: pd.DataFrame, place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Share of goals never rated, by group and theme, and the reasons given."""
    # A goal never rated is counted as one that has the property asked for, 0, and any other as not, -1.
    asked = rows.assign(score=np.where(rows["score"].isna(), 0.0, -1.0))
    parts = _shares(asked, place, UNRATED, minimum)
    if "not_assessed" in rows:
        left = rows.loc[rows["score"].isna()]
        reasons = left.assign(why=left["not_assessed"].fillna("ei_kirjattu"))
        for reason, own in reasons.groupby("why"):
            count = place.columns() | {"group": str(reason), "indicator": REASON, "status": "ok"}
            people = pd.DataFrame([count | {"value": float(own["person"].nunique())}])
            parts.append(rates.as_given(people, "count"))
    return frame.combine(parts)


def levels(rows: pd.DataFrame, place: OutcomePlace, rules: protect.RuleSet) -> pd.DataFrame:
    """Spread of the levels reached: one row a theme and level, in classes wide enough for all themes."""
    rated = rows.loc[rows["score"].notna()]
    codes = rated["score"] + 3
    return made_of.divided(codes, rated["theme"], LEVELS, _SPANS, place, rules)


def in_plans(rows: pd.DataFrame, place: OutcomePlace, rules: protect.RuleSet) -> pd.DataFrame:
    """Spread of the same goals over the levels of the client plan; its caveats in `caveats`."""
    if "plan_level" not in rows:
        return frame.empty()
    with_client = "with_client" if "with_client" in rows else None
    given = rows if with_client is None else rows.assign(with_client=_true(rows[with_client]))
    found = plan_goals(
        given, person="person", goal="goal", level="plan_level", levels=PLAN_LEVELS, with_client=with_client
    )
    counts = found.levels.groupby("level")["goals"].sum().reindex(PLAN_LEVELS).to_numpy()
    codes = pd.Series(np.repeat([1.0, 2.0, 3.0], counts))
    groups = pd.Series(frame.ALL_GROUPS, index=codes.index)
    made = made_of.divided(codes, groups, PLAN, _PLAN_SPANS, place, rules)
    return made.assign(caveats=" ".join(found.scored.caveats))


def raters(rows: pd.DataFrame, place: OutcomePlace) -> pd.DataFrame:
    """Agreement of two raters over the goals both rated: ICC, weighted kappa, share of equal levels."""
    if "second_level" not in rows:
        return frame.empty()
    twice = rows.loc[rows["score"].notna() & rows["second_level"].notna()]
    both = pd.concat(
        [
            twice[["person", "goal"]].assign(rater=rater, score=twice[column])
            for rater, column in (("own", "score"), ("second", "second_level"))
        ]
    )
    try:
        found = effects.rater_agreement(both)
    except FrameError:
        return frame.empty()
    row = place.columns() | {
        "indicator": ICC, "value": found.icc, "lower": found.lower, "upper": found.upper,
        "denominator": float(twice["person"].nunique()), "goals": float(found.goals), "kappa": found.kappa,
        "exact": 100 * found.exact, "verdict": found.verdict, "status": "ok", "statistic": "icc",
        "method": "icc_f", "confidence": 0.95,
    }  # fmt: skip
    return frame.check(pd.DataFrame([row]))


def change(rows: pd.DataFrame, place: OutcomePlace) -> pd.DataFrame:
    """Measure the mean change of T scores from the start, of everyone and of each group."""
    parts = []
    for group, own in _with_all(rows):
        try:
            found = effects.goal_change(own, rho=USUAL_RHO, missing="rated_only", source=f"{TABLE}.csv")
        except SosrakeError:
            continue
        told = protect.effect_frame(found, place.of(group), indicator=CHANGE, people="n", origin=place.origin)
        parts.append(told.loc[told["statistic"] == "effect"])
    return frame.combine(parts)


def quality(rows: pd.DataFrame, place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Share of goals set with the client, with all five levels described, with a day set beforehand."""
    met = {}
    if "with_client" in rows:
        met["with_client"] = _true(rows["with_client"])
    if "levels_written" in rows:
        met["all_levels"] = rows["levels_written"].eq(len(effects.LEVELS))
    if "deadline" in rows:
        met["deadline"] = _true(rows["deadline"])
    parts = []
    for name, holds in met.items():
        asked = rows.assign(score=np.where(holds, 0.0, -1.0))
        parts.append(_goal_share(asked, place, f"tavoitteet_laatu_{name}", frame.ALL_GROUPS, minimum))
    return frame.combine(parts)


def _shares(goals: pd.DataFrame, place: OutcomePlace, indicator: str, minimum: int) -> list[pd.DataFrame]:
    """Share of everyone's goals and by group, and, as `<indicator>_teema`, of everyone's and by theme."""
    return [
        _goal_share(own, place, name, group, minimum)
        for name, column in ((indicator, "group"), (f"{indicator}_teema", "theme"))
        for group, own in _with_all(goals, column)
    ]


def _goal_share(
    own: pd.DataFrame, place: OutcomePlace, indicator: str, group: str, minimum: int
) -> pd.DataFrame:
    """Share of goals at 0 or above with its interval over people; withheld with few people on a side."""
    rated = own.loc[own["score"].notna()]
    met = rated["score"] >= 0
    key = place.columns() | {"indicator": indicator, "group": group, "per": 100.0}
    key |= {"statistic": "proportion", "method": "share_of_goals_by_people", "confidence": 0.95}
    sides = [rated.loc[side, "person"].nunique() for side in (met, ~met)]
    if not len(rated) or any(0 < count < minimum for count in sides):
        return frame.check(pd.DataFrame([key | {"value": np.nan, "status": "suppressed"}]))
    found = effects.goal_summary(rated).iloc[0]
    limits = {name: 100 * found[f"share_{name}"] for name in ("lower", "upper")}
    counts = {"numerator": float(met.sum()), "denominator": float(len(rated))}
    row = key | limits | counts | {"value": 100 * float(met.mean()), "status": "ok"}
    return frame.check(pd.DataFrame([row]))


def _true(column: pd.Series) -> pd.Series:
    return column.astype("str").str.casefold().isin(("true", "1", "kyllä"))


def _with_all(rows: pd.DataFrame, column: str = "group") -> list[tuple[str, pd.DataFrame]]:
    parts = [(str(name), part) for name, part in rows.groupby(column)]
    return [(frame.ALL_GROUPS, rows), *(parts if len(parts) > 1 else [])]
