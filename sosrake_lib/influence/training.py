"""The training plan in words: its table, the reason of each row, the rules, and the scales behind them.

Figures come from released rows; hours, months and limits are constants of the rules. No word is made here:
they stand in catalogue/training_rules.toml, catalogue/competences.toml and the language room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter

from sosrake_lib import catalogue
from sosrake_lib.catalogue import CompetenceItem, TrainingRule
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Selection, Text

ROOM = "koulutussuunnitelma"
HEADS = ("what", "target", "aim", "form", "hours", "when", "measure")
_DECIMALS = {"reach": 0, "limit_reach": 0}
_GAP = {"gap": "value", "lower": "lower", "upper": "upper"}


def plan_table(
    selection: Selection, caption: str, language: str = "fi", columns: Sequence[str] = HEADS
) -> Table:
    """Show the plan: a line a row, by month, with what the rule gives.

    Parameters
    ----------
    selection : rows of part `rivit` of the plan's release (`batch.recipes_training`).
    columns : some of HEADS, in order; `what` first.
    """
    rows = in_order(selection)
    body: list[list[Cell]] = []
    for row in rows:
        rule, kind = str(row["category"]), str(row["kind"])
        span = months(_month(row["month"]), _month(row["last_month"]), language)
        cells: dict[str, Cell] = {
            "what": heading(str(row["indicator"]), language),
            "target": target(rule, language),
            "aim": aim(rule, str(row["position"]), language),
            "form": form(kind, _unit(row), language),
            "hours": hours(float(row["hours"]), kind, language),
            "when": constant(span, language),
            "measure": measure(rule, language),
        }
        body.append([cells[name] for name in columns])
    head = [say(f"{ROOM}.head.{name}", language) for name in columns]
    places = [columns.index("hours")] if "hours" in columns else []
    return word_table(rows, head, body, caption, language, numbers=places)


def hours_table(selection: Selection, caption: str, language: str = "fi") -> Table:
    """Show the hours of each month; `selection` holds part `tunnit`, where a month is a group."""
    rows = [row for row in rows_of(selection) if row["group"] != "all"]
    body: list[list[Cell]] = [
        [constant(numbers.period(str(row["group"]), language), language), _hours_of(row, language)]
        for row in sorted(rows, key=lambda row: str(row["group"]))
    ]
    head = [say(f"{ROOM}.{name}", language) for name in ("month", "hours")]
    return word_table(rows, head, body, caption, language, numbers=[1])


def total(selection: Selection, language: str = "fi") -> Sentence:
    """Say the hours of the whole plan for one participant; `selection` holds part `tunnit`."""
    whole = next(row for row in rows_of(selection) if row["group"] == "all")
    return compose(f"{ROOM}.total", language, hours=_hours_of(whole, language))


def reasons(
    release: Release, region: tuple[str, str], language: str = "fi", **filters: object
) -> list[Sentence]:
    """Say of each row of the plan why it is there: its rule and the figures that called for it.

    Parameters
    ----------
    release : the plan's release, with the figures the rules saw.
    filters : narrow the rows, such as kind="rakenteellinen".
    """
    seen = {
        (part, str(row["indicator"])): row
        for part in ("kattavuus", "koulutustarve", "koulutustarve_vaittamat")
        for row in rows_of(release.select(part=part, region=region))
    }
    told = []
    for row in in_order(release.select(part="rivit", region=region, **filters)):
        rule = catalogue.training_rules().rule(str(row["category"]))
        pieces = {**_limits(rule, language), **_figures(row, seen, language)}
        reason = filled(rule.reason_en if language == "en" else rule.reason_fi, pieces, language)
        told.append(_labelled(heading(str(row["indicator"]), language), reason, language))
    return told


def rules(language: str = "fi") -> list[Sentence]:
    """Say what each form asks of the figures at the least; rules that ask alike are told together."""
    known = catalogue.training_rules()
    names = {item.key: _word((item.name_fi, item.name_en), language) for item in _items()}
    told: dict[tuple[str, str, str], tuple[list[str], Sentence]] = {}
    for rule in known.rules:
        asked = [
            compose(f"{ROOM}.asked.{name}", language, capital=False, limit=piece)
            for name, piece in _limits_by_figure(rule, language).items()
        ]
        asked += [Sentence(say(f"{ROOM}.asked.unit", language), language)] if rule.unit else []
        limits = join(asked, between=", ")
        only, _ = told.setdefault((rule.form, rule.about, limits.text), ([], limits))
        only += [names[key] for key in rule.items]
    said = []
    for (key, about, _), (only, limits) in told.items():
        within = say(f"{ROOM}.whole_domain", language) if about == "domain" else "; ".join(only)
        subject = _word(known.forms[key], language) + (f" ({within})" if within else "")
        said.append(compose(f"{ROOM}.rule", language, rule=Sentence(subject, language), asked=limits))
    return said


def cap(language: str = "fi") -> Sentence:
    """Say how many hours a month the rules allow one person, and which months they leave free."""
    known = catalogue.training_rules()
    quiet = ", ".join(
        numbers.period(f"2000-{one:02d}", language).partition(" ")[0] for one in known.quiet_months
    )
    return compose(
        f"{ROOM}.cap",
        language,
        hours=constant(_plain(known.hours_per_month, language), language),
        quiet=Sentence(quiet, language),
    )


def scale_words(language: str = "fi") -> list[Sentence]:
    """Say what the points of each scale mean, from the competence framework."""
    told = []
    for scale in catalogue.competence_framework().scales:
        name = scale.name_en if language == "en" else scale.name_fi
        points = [
            constant(f"{point} = {words[1] if language == 'en' else words[0]}", language)
            for point, words in enumerate(scale.points, start=1)
        ]
        told.append(_labelled(Sentence(name, language), join(points, between="; "), language, stop=True))
    return told


def compared(selection: Selection) -> Text:
    """Say which two organisations are compared, and which way the figure points."""
    pairs = dict.fromkeys(str(row["group"]) for row in rows_of(selection))
    told = {}
    for language in ("fi", "en"):
        texts = []
        for pair in pairs:
            first, _, second = pair.partition(" / ")
            texts.append(say("osaamiskartoitus.compared", language, first=first, second=second))
        told[language] = " ".join(texts)
    digits = dict.fromkeys(piece for pair in pairs for piece in pair.split() if any(map(str.isdigit, piece)))
    return Text(told["fi"], told["en"], constants=tuple(digits))


def in_order(selection: Selection) -> list[Row]:
    """Give the plan's rows in the plan's own order: by month."""
    return sorted(rows_of(selection), key=lambda row: float(row["order"]))


def heading(key: str, language: str) -> Sentence:
    """Name the item, or the whole domain, that a row is about."""
    framework = catalogue.competence_framework()
    named = {one.key: (one.name_fi, one.name_en) for one in framework.domains}
    named |= {one.key: (one.name_fi, one.name_en) for one in framework.items}
    text = _word(named[key], language)
    if any(domain.key == key for domain in framework.domains):
        text = f"{text} ({say(f'{ROOM}.whole_domain', language)})"
    return Sentence(text, language)


def target(rule: str, language: str) -> str:
    """Name the target group of a rule."""
    known = catalogue.training_rules()
    return _word(known.targets[known.rule(rule).target], language)


def aim(rule: str, level: str, language: str) -> str:
    """Say the aim: the step of skill in words, or what the rule itself says."""
    found = next((one for one in catalogue.competence_framework().levels if one.key == level), None)
    if found is None:
        own = catalogue.training_rules().rule(rule)
        return (own.aim_en if language == "en" else own.aim_fi) or say(f"{ROOM}.aim_open", language)
    name, can = (found.name_en, found.can_en) if language == "en" else (found.name_fi, found.can_fi)
    return f"{name}: {can}"


def form(key: str, unit: str, language: str) -> Sentence:
    """Name the form, with the unit of the course when there is one."""
    words = _word(catalogue.training_rules().forms[key], language)
    found = next((one for one in catalogue.competence_framework().units if one.key == unit), None)
    if found is None:
        return Sentence(words, language)
    return constant(f"{words} ({_word((found.name_fi, found.name_en), language)})", language)


def hours(amount: float, kind: str, language: str) -> Sentence:
    """Say the hours of one participant; a change in how work is organised and a shared course have none."""
    if amount:
        return constant(_plain(amount, language), language)
    shared = any(rule.form == kind and rule.unit for rule in catalogue.training_rules().rules)
    return Sentence(say(f"{ROOM}.{'same_course' if shared else 'no_hours'}", language), language)


def measure(rule: str, language: str) -> str:
    """Say how it is seen later whether the aim was reached."""
    own = catalogue.training_rules().rule(rule)
    return own.measure_en if language == "en" else own.measure_fi


def months(first: str, last: str, language: str) -> str:
    """Say a span of months: tammikuu 2027, tammikuu–maaliskuu 2027, marraskuu 2027 – helmikuu 2028.

    Examples
    --------
    >>> months("2027-01", "2027-03", "fi"), months("2027-11", "2028-02", "en")
    ('tammikuu–maaliskuu 2027', 'November 2027 – February 2028')
    """
    start, end = (numbers.period(month, language) for month in (first, last))
    if first == last:
        return start
    if first[:4] == last[:4]:
        return f"{start.partition(' ')[0]}–{end}"
    return f"{start} – {end}"


def filled(template: str, pieces: Mapping[str, Sentence], language: str) -> Sentence:
    """Fill a rule's words with pieces, keeping track of where each number lands."""
    parts = []
    for words, name, _, _ in Formatter().parse(template):
        parts += [Sentence(words, language)] if words else []
        parts += [pieces[name]] if name is not None else []
    return join(parts, between="")


def plain_reason(rule: TrainingRule, figures: Mapping[str, float], language: str) -> str:
    """Say the reason of a row without a page: figures as `indicators.training_plan` names them."""
    named = {"lower": figures["gap_lower"], "upper": figures["gap_upper"], **figures}
    pieces = _limits(rule, language)
    wanted = rule.reason_en if language == "en" else rule.reason_fi
    for name in ("gap", "lower", "upper", "reach", "importance", "skill", "need"):
        if f"{{{name}}}" in wanted:
            pieces[name] = constant(_written(name, float(named[name]), language), language)
    return filled(wanted, pieces, language).text


def _figures(row: Row, seen: Mapping[tuple[str, str], Row], language: str) -> dict[str, Sentence]:
    """Give the figures of a row's reason, each marked with the released row it comes from."""
    key = str(row["indicator"])
    need = seen.get(("koulutustarve", f"{key}.koulutustarve"))
    places: dict[str, tuple[Row | None, str]] = {
        **{name: (row, column) for name, column in _GAP.items()},
        **{name: (row, name) for name in ("importance", "skill")},
        "reach": (seen.get(("kattavuus", f"{key}.kattavuus")), "value"),
        "need": (need or seen.get(("koulutustarve_vaittamat", f"{key}.koulutustarve")), "value"),
    }
    return {
        name: number(
            _written(name, float(source[column]), language),
            source.reference(column),
            source.release_id,
            language,
        )
        for name, (source, column) in places.items()
        if source is not None and source.shown and source.has(column)
    }


def _limits(rule: TrainingRule, language: str) -> dict[str, Sentence]:
    return {f"limit_{name}": piece for name, piece in _limits_by_figure(rule, language).items()}


def _limits_by_figure(rule: TrainingRule, language: str) -> dict[str, Sentence]:
    return {
        name: constant(numbers.number(least, _DECIMALS.get(name, 1), language), language)
        for name, least in rule.when.items()
    }


def _written(name: str, value: float, language: str) -> str:
    if name == "reach":
        return numbers.percent(value, 0, language)
    return numbers.number(value, 2 if name in _GAP else 1, language)


def _labelled(label: Sentence, text: Sentence, language: str, *, stop: bool = False) -> Sentence:
    parts = [label, Sentence(": ", language), text]
    return join([*parts, Sentence(".", language)] if stop else parts, between="")


def _items() -> tuple[CompetenceItem, ...]:
    return catalogue.competence_framework().items


def _hours_of(row: Row, language: str) -> Sentence:
    text = _plain(float(row["value"]), language)
    return number(text, row.reference("value"), row.release_id, language)


def _unit(row: Row) -> str:
    item = next((one for one in _items() if one.key == row["item"]), None)
    asked = catalogue.training_rules().rule(str(row["category"])).unit
    return item.units[0] if asked and item is not None and item.units else ""


def _month(value: object) -> str:
    return str(value)[:7]


def _plain(amount: float, language: str) -> str:
    return numbers.number(amount, 0 if amount == int(amount) else 1, language)


def _word(words: Sequence[str], language: str) -> str:
    return words[1] if language == "en" else words[0]
