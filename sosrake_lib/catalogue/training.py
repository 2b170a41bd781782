"""Reads training_rules.toml: how measured gaps turn into rows of a training plan."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from sosrake_lib.catalogue.competence import competence_framework
from sosrake_lib.errors import CatalogueError

_FILE = "training_rules.toml"
# Figures a rule may ask of a domain or an item; each is the least it must be.
FIGURES = ("gap", "gap_lower", "reach", "importance", "need")
NEXT = "next"
# Pieces a reason may always hold: what the gap of the row is.
_ALWAYS = ("gap", "lower", "upper", "skill", "importance")
_ABOUT = ("domain", "item")


@dataclass(frozen=True)
class TrainingRule:
    """One rule: what it asks of the figures, and the row it gives.

    `when` holds the least of each figure asked for; `unit` asks for a course unit that trains the item.
    `aim` is a key of a level, "next", or empty when `aim_fi` and `aim_en` say it. `month` is how many months
    after the start the row may begin; `hours` are for one participant.
    """

    key: str
    about: str
    when: Mapping[str, float]
    target: str
    form: str
    hours: float
    month: int
    measure_fi: str
    measure_en: str
    reason_fi: str
    reason_en: str
    unit: bool = False
    condition: bool = False
    domains: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    covers: bool = False
    aim: str = ""
    aim_fi: str = ""
    aim_en: str = ""


@dataclass(frozen=True)
class TrainingRules:
    """All rules in the order they are tried, with the words of target groups and forms: key -> (fi, en)."""

    start: str
    hours_per_month: float
    quiet_months: tuple[int, ...]
    targets: Mapping[str, tuple[str, str]]
    forms: Mapping[str, tuple[str, str]]
    rules: tuple[TrainingRule, ...]

    def rule(self, key: str) -> TrainingRule:
        """Give the rule of a key.

        Raises
        ------
        CatalogueError when there is none.
        """
        found = next((rule for rule in self.rules if rule.key == key), None)
        if found is None:
            known = ", ".join(rule.key for rule in self.rules)
            raise CatalogueError(f"catalogue/{_FILE}: no rule {key!r}; expected one of {known}")
        return found


@cache
def training_rules() -> TrainingRules:
    """Give the rules of the training plan.

    Raises
    ------
    CatalogueError when a rule names a target, form, level, domain, item or figure that there is not, or its
    words hold a digit or a piece that the rule does not ask for.

    Examples
    --------
    >>> from sosrake_lib import catalogue
    >>> catalogue.training_rules().rule("tyopaja").when["gap_lower"]
    1.0
    """
    text = (files("sosrake_lib.catalogue") / _FILE).read_text(encoding="utf-8")
    return rules_of(tomllib.loads(text))


def rules_of(read: Mapping[str, Any]) -> TrainingRules:
    """Make the rules of what was read from their file; errors as `training_rules`."""
    targets, forms = (
        {key: (row["name_fi"], row["name_en"]) for key, row in read[name].items()}
        for name in ("targets", "forms")
    )
    rules = tuple(_rule(key, row) for key, row in read["rules"].items())
    plan = read["plan"]
    quiet = tuple(plan.get("quiet_months", ()))
    made = TrainingRules(plan["start"], float(plan["hours_per_month"]), quiet, targets, forms, rules)
    if len(set(quiet) & set(range(1, 13))) != len(quiet) or len(quiet) > 11:
        raise CatalogueError(f"catalogue/{_FILE}: quiet_months {list(quiet)}; expected months 1-12, not all")
    for rule in rules:
        _check(rule, made)
    return made


def _rule(key: str, row: Mapping[str, Any]) -> TrainingRule:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    when = dict(values.pop("when", {}))
    unit = bool(when.pop("unit", False))
    strange = sorted(set(when) - set(FIGURES))
    if strange:
        raise CatalogueError(
            f"catalogue/{_FILE}: rule {key}: figure {strange[0]!r}; expected {', '.join(FIGURES)}, unit"
        )
    try:
        return TrainingRule(
            key=key, when={name: float(least) for name, least in when.items()}, unit=unit, **values
        )
    except TypeError as wrong:
        raise CatalogueError(f"catalogue/{_FILE}: rule {key}: {wrong}") from None


def _check(rule: TrainingRule, rules: TrainingRules) -> None:
    framework = competence_framework()
    where = f"catalogue/{_FILE}: rule {rule.key}"
    levels = {"", NEXT, *(level.key for level in framework.levels)}
    known: list[tuple[str, tuple[str, ...], set[str]]] = [
        ("about", (rule.about,), set(_ABOUT)),
        ("target", (rule.target,), set(rules.targets)),
        ("form", (rule.form,), set(rules.forms)),
        ("aim", (rule.aim,), levels),
        ("domains", rule.domains, {domain.key for domain in framework.domains}),
        ("items", rule.items, {item.key for item in framework.items}),
    ]
    for name, given, allowed in known:
        strange = sorted(set(given) - allowed)
        if strange:
            raise CatalogueError(
                f"{where}: {name} {strange[0]!r}; expected one of {', '.join(sorted(allowed))}"
            )
    if bool(rule.aim) == bool(rule.aim_fi and rule.aim_en):
        raise CatalogueError(f"{where}: give either aim or both aim_fi and aim_en")
    if not rule.when or rule.hours < 0 or rule.month < 0:
        raise CatalogueError(f"{where}: a rule asks for some figure, and hours and month are not below 0")
    if rule.about == "domain" and (rule.condition or rule.items or rule.unit):
        raise CatalogueError(f"{where}: condition, items and unit are asked of items, not of a domain")
    for name in ("measure_fi", "measure_en", "reason_fi", "reason_en", "aim_fi", "aim_en"):
        _check_words(getattr(rule, name), rule, f"{where}: {name}")


def _check_words(text: str, rule: TrainingRule, where: str) -> None:
    """Words hold no figure of their own: a figure told must be one the rule has asked for."""
    pieces = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    allowed = {*_ALWAYS, *rule.when, *(f"limit_{name}" for name in rule.when)} - {"gap_lower"}
    strange = sorted(pieces - allowed)
    if strange:
        raise CatalogueError(
            f"{where}: piece {{{strange[0]}}} is not asked for by the rule; ask or leave out"
        )
    if re.search(r"\d", re.sub(r"{[^}]*}", "", text)):
        raise CatalogueError(f"{where}: a digit in the words; put figures and limits in as {{pieces}}")
