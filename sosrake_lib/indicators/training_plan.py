"""Which training do measured gaps ask for? Rules turn protected figures into the rows of a plan.

Nothing is decided here beyond the rules of sosrake_lib/catalogue/training_rules.toml: the first rule that
fits an item or a domain gives its row, and the row carries the rule and the figures that called for it. A
hidden figure is unknown, and a rule that asks for it does not fit: otherwise a row would tell the figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib.catalogue import CompetenceFramework, TrainingRule, TrainingRules
from sosrake_lib.catalogue.training import FIGURES, NEXT
from sosrake_lib.errors import FrameError, SosrakeError

COLUMNS = ("key", "gap", "gap_lower", "gap_upper", "reach", "importance", "skill", "need")
ROW_COLUMNS = (
    *("row", "rule", "about", "domain", "item", "target", "form", "unit", "aim"),
    *("hours", "month", "last_month", *COLUMNS[1:]),
)
_WHERE = "training_plan.make_plan"
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPlan:
    """A plan: `rows`, `unjudged` (rule, key, figure: hidden, so not used) and `months` (month, hours)."""

    rows: pd.DataFrame
    unjudged: pd.DataFrame
    months: pd.DataFrame


def make_plan(
    figures: pd.DataFrame,
    framework: CompetenceFramework,
    rules: TrainingRules,
    start: str | None = None,
) -> TrainingPlan:
    """Turn gaps into rows of a training plan.

    Answers: what training do the figures of a competence survey ask for, for whom, when, and why?

    Parameters
    ----------
    figures : one row a domain or item: `key` (of the framework), `gap` (importance - skill, points of the
        scale), `gap_lower`, `gap_upper` (its interval), `reach` (per cent of respondents with a gap of a
        point or more), `importance`, `skill`, `need` (means). NaN = hidden or not asked.
    framework, rules : `catalogue.competence_framework()`, `catalogue.training_rules()`.
    start : first month, such as "2027-01"; the rules' own when left out.

    Returns
    -------
    TrainingPlan. `rows`: one row a domain or item that some rule fits, by month: `row` (stable name: the key
    of the domain or item), `rule`, `about`, `domain`, `item`, `target`, `form`, `unit` (of the course), `aim`
    (key of a level, "" when the rule says the aim in words), `hours`, `month`, `last_month`, and the figures.
    A domain whose row covers its items takes their place; items that tell of conditions are judged by
    the rules for conditions only. Hours never pass the rules' cap of a month; a unit of the course that
    serves many items takes its hours once, on the first of their rows.

    Raises
    ------
    FrameError when a column is missing, a key is unknown or stands twice, or a figure is infinite;
    SosrakeError when `start` is no month.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib import catalogue
    >>> figures = pd.DataFrame({"key": ["aika", "yhdistaminen"], "gap": [0.8, 1.3], "gap_lower": [0.6, 1.1],
    ...     "gap_upper": [1.0, 1.5], "reach": [60.0, 71.0], "importance": 4.0, "skill": 3.0, "need": 4.1})
    >>> made = make_plan(figures, catalogue.competence_framework(), catalogue.training_rules(), "2027-01")
    >>> print(made.rows[["row", "form", "aim", "hours", "month"]].to_string(index=False))
             row           form       aim  hours   month
            aika rakenteellinen              0.0 2027-01
    yhdistaminen        tyopaja soveltava    8.0 2027-03
    """
    first = month_after(rules.start if start is None else start, 0)
    known = _checked(figures, framework)
    chosen, unjudged = _chosen(known, framework, rules)
    rows = pd.DataFrame([_row(key, rule, known, framework) for key, rule in chosen], columns=ROW_COLUMNS)
    order = {rule.key: place for place, rule in enumerate(rules.rules)}
    by_urgency = pd.DataFrame({"rule": rows["rule"].map(order), "gap": -rows["gap"].astype("float64")})
    rows = rows.loc[by_urgency.sort_values(["rule", "gap"], kind="stable").index].reset_index(drop=True)
    again = rows["unit"].ne("") & rows["unit"].duplicated()
    rows["hours"] = rows["hours"].astype("float64").mask(again, 0.0)
    earliest = [rules.rule(key).month for key in rows["rule"]]
    spread = spread_hours(rows["hours"].tolist(), earliest, first, rules.hours_per_month, rules.quiet_months)
    rows["month"] = [month_after(first, min(one)) for one in spread]
    rows["last_month"] = [month_after(first, max(one)) for one in spread]
    for column in ("month", "last_month"):
        rows[column] = rows[column].mask(again, rows.groupby("unit")[column].transform("first"))
    ordered = rows.sort_values(["month", "last_month"], kind="stable", ignore_index=True)
    return TrainingPlan(
        ordered, pd.DataFrame(unjudged, columns=["rule", "key", "figure"]), _months(first, spread)
    )


def month_after(month: str, count: int) -> str:
    """Give the month so many months after another.

    Raises
    ------
    SosrakeError when the text is no month such as 2027-01.

    Examples
    --------
    >>> month_after("2027-11", 3)
    '2028-02'
    """
    if not isinstance(month, str) or not _MONTH.fullmatch(month):
        raise SosrakeError(f"training plan: month {month!r}; expected a year and a month such as 2027-01")
    place = int(month[:4]) * 12 + int(month[5:]) - 1 + count
    return f"{place // 12:04d}-{place % 12 + 1:02d}"


def spread_hours(
    hours: Sequence[float], earliest: Sequence[int], start: str, cap: float, quiet: Sequence[int] = ()
) -> list[dict[int, float]]:
    """Put rows into months in their order, at most `cap` hours a month and none in quiet months.

    Parameters
    ----------
    hours, earliest : of each row: its hours, and how many months after the start it may begin.
    start : first month; cap : most hours a month (0 = no limit); quiet : months of the year left free.

    Returns
    -------
    For each row: month after the start -> hours. A row that fits into one month is not cut; a longer one
    goes on over the next months.

    Examples
    --------
    >>> spread_hours([12, 3, 6], [0, 0, 0], "2027-06", 8, quiet=[7])
    [{0: 8.0, 2: 4.0}, {2: 3.0}, {3: 6.0}]
    """
    used: dict[int, float] = {}
    spread = []
    for amount, first in zip(hours, earliest, strict=True):
        left, place, own = float(amount), first, dict[int, float]()
        while left > 0 or not own:
            free = float("inf") if cap <= 0 else cap - used.get(place, 0.0)
            at_once = cap <= 0 or amount <= cap
            open_month = int(month_after(start, place)[5:]) not in quiet
            if open_month and (left == 0 or (free >= left if at_once else free > 0)):
                own[place] = min(left, free)
                used[place] = used.get(place, 0.0) + own[place]
                left -= own[place]
            place += 1
        spread.append(own)
    return spread


def _checked(figures: pd.DataFrame, framework: CompetenceFramework) -> dict[str, dict[str, float]]:
    lacking = [column for column in COLUMNS if column not in figures]
    if lacking:
        raise FrameError(f"{_WHERE}: column {lacking[0]} is missing; expected {', '.join(COLUMNS)}")
    keys = figures["key"].astype("str")
    names = {*(domain.key for domain in framework.domains), *(item.key for item in framework.items)}
    for wrong, why in ((~keys.isin(names), "is not in the framework"), (keys.duplicated(), "stands twice")):
        if wrong.any():
            raise FrameError(f"{_WHERE}: key {keys[wrong].iloc[0]!r} {why}; keep one row a domain and item")
    numbers = figures[list(COLUMNS[1:])].astype("float64")
    infinite = np.isinf(numbers.to_numpy())
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        raise FrameError(
            f"{_WHERE}: row {row + 1}, column {COLUMNS[1 + column]} is infinite; leave the unknown empty"
        )
    records: list[dict[str, float]] = numbers.to_dict("records")
    return dict(zip(keys, records, strict=True))


def _chosen(
    known: dict[str, dict[str, float]], framework: CompetenceFramework, rules: TrainingRules
) -> tuple[list[tuple[str, TrainingRule]], list[tuple[str, str, str]]]:
    """Find the first rule that fits each domain, then each item that no domain's row covers."""
    chosen: list[tuple[str, TrainingRule]] = []
    unjudged: list[tuple[str, str, str]] = []
    for domain in framework.domains:
        mine = [rule for rule in rules.rules if rule.about == "domain" and _concerns(rule, domain.key, "")]
        found = _first(domain.key, mine, known, unjudged)
        if found is not None:
            chosen.append((domain.key, found))
        covered = found is not None and found.covers
        for item in domain.items:
            if covered and not item.condition:
                continue
            fitting = [
                rule
                for rule in rules.rules
                if rule.about == "item"
                and rule.condition == item.condition
                and _concerns(rule, domain.key, item.key)
                and (item.units or not rule.unit)
            ]
            rule = _first(item.key, fitting, known, unjudged)
            if rule is not None:
                chosen.append((item.key, rule))
    return chosen, unjudged


def _concerns(rule: TrainingRule, domain: str, item: str) -> bool:
    return (not rule.domains or domain in rule.domains) and (not rule.items or item in rule.items)


def _first(
    key: str,
    rules: Sequence[TrainingRule],
    known: dict[str, dict[str, float]],
    unjudged: list[tuple[str, str, str]],
) -> TrainingRule | None:
    """Give the first rule that fits; note the rules before it that only a hidden figure kept from fitting."""
    for rule in rules if key in known else ():
        asked = {name: known[key][name] for name in FIGURES if name in rule.when}
        if any(value < rule.when[name] for name, value in asked.items()):
            continue
        hidden = [name for name, value in asked.items() if np.isnan(value)]
        if not hidden:
            return rule
        unjudged += [(rule.key, key, name) for name in hidden]
    return None


def _row(
    key: str, rule: TrainingRule, known: dict[str, dict[str, float]], framework: CompetenceFramework
) -> dict[str, object]:
    item = next((one for one in framework.items if one.key == key), None)
    figures = known[key]
    aim = rule.aim
    if aim == NEXT:
        # Without a mean of skill no step can be next: the aim is left to people.
        aim = "" if np.isnan(figures["skill"]) else framework.level_above(figures["skill"]).key
    return {
        "row": key,
        "rule": rule.key,
        "about": rule.about,
        "domain": key if item is None else item.domain,
        "item": "" if item is None else key,
        "target": rule.target,
        "form": rule.form,
        "unit": item.units[0] if item is not None and rule.unit else "",
        "aim": aim,
        "hours": float(rule.hours),
        **figures,
    }


def _months(start: str, spread: list[dict[int, float]]) -> pd.DataFrame:
    """Sum the hours of each month up to the last one with training; a quiet month between has none."""
    last = max((place for one in spread for place, hours in one.items() if hours), default=-1)
    totals = [sum(one.get(place, 0.0) for one in spread) for place in range(last + 1)]
    names = [month_after(start, place) for place in range(last + 1)]
    return pd.DataFrame({"month": pd.Series(names, dtype="str"), "hours": pd.Series(totals, dtype="float64")})
