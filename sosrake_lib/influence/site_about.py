"""Pages on the site itself: methods in plain words, what changed since the last round, accessibility."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sosrake_lib.catalogue.supervision import supervisor
from sosrake_lib.indicators.methods import method
from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.site_background import CHECKS, Background, Link, Publisher
from sosrake_lib.influence.site_state import Changes
from sosrake_lib.language import collation_key, numbers, say

METHODS, CHANGES, STATEMENT = "menetelmat.html", "muutokset.html", "saavutettavuus.html"
# What a reader meets on the pages, in the order it is met; words in language/*/site.toml.
PLAIN = ("figure", "interval", "comparison", "hidden", "effect", "index", "observation", "absent")


@dataclass(frozen=True, slots=True)
class MethodLine:
    """One method of the site's figures: name, formula, where it comes from."""

    key: str
    name: str
    formula: str
    source: str
    doi: str


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What changed since the last round, in a reader's words."""

    day: str
    first: bool
    new: tuple[Link, ...]
    changed: tuple[Link, ...]
    gone: tuple[str, ...]
    newest: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class StatementView:
    """The accessibility statement: what the publisher told and checked, what is missing, who supervises."""

    publisher: Publisher
    missing: tuple[str, ...]
    made_on: str
    checked_on: str
    supervisor: str
    supervisor_site: str
    supervisor_note: str
    defects: tuple[tuple[str, str, str], ...]
    checks: tuple[str, ...]


def plain_methods(language: str) -> tuple[tuple[str, str, str], ...]:
    """Give (key, heading, words) of what a reader meets on the pages."""
    return tuple(
        (key, say(f"site.methods.{key}.title", language), say(f"site.methods.{key}.words", language))
        for key in PLAIN
    )


def methods_used(own: Sequence[Page], used: frozenset[str], language: str) -> tuple[MethodLine, ...]:
    """List the methods behind the figures of the site.

    Parameters
    ----------
    own : pages of the site. used : methods of single numbers besides those the pages' facts name.
    """
    keys = {key for page in own for key in page.facts.methods} | used
    lines = []
    for key in keys:
        told = method(key)
        name = told.name_en if language == "en" else told.name_fi
        # An entry of a list begins as a sentence does; within a sentence the name stays small.
        lines.append(MethodLine(key, name[:1].upper() + name[1:], told.formula, told.source, told.doi))
    return tuple(sorted(lines, key=lambda line: collation_key(line.name)))


def changes_view(changes: Changes, pages: Mapping[str, Page], language: str) -> ChangesView:
    """Say which pages are new, changed or removed, and the newest period of each kind of page."""
    changed = []
    for address, (title, before, now) in (changes.changed or {}).items():
        newer = before != now and bool(now)
        key = "site.changes.newer" if newer else "site.changes.same_period"
        periods = {"now": _period(now, language), "before": _period(before, language)} if newer else {}
        changed.append(Link(address, title, say(key, language, **periods)))
    newest: dict[str, str] = {}
    for page in pages.values():
        period, title = page.facts.newest_period, page.context.title
        if period and not page.context.synthetic:
            newest[title] = max(newest.get(title, ""), period)
    return ChangesView(
        day=numbers.day(date.fromisoformat(changes.day), language) if changes.day else "",
        first=changes.first,
        new=tuple(Link(address, title) for address, title in (changes.new or {}).items()),
        changed=tuple(changed),
        gone=tuple((changes.gone or {}).values()),
        newest=tuple(Link("", title, _period(period, language)) for title, period in newest.items()),
    )


def statement_view(background: Background, year: int, language: str) -> StatementView:
    """Draft the accessibility statement from what the publisher has told.

    Parameters
    ----------
    background : with the publisher and the day.
    year : when no day is known, its last day decides who supervises.
    """
    publisher = background.publisher or Publisher()
    watch = supervisor(background.today or date(year, 12, 31))
    return StatementView(
        publisher=publisher,
        missing=tuple(say(f"site.statement.field.{name}", language) for name in publisher.missing),
        made_on=_day(publisher.made_on, language),
        checked_on=_day(publisher.checked_on, language),
        supervisor=watch.name(language),
        supervisor_site=watch.site,
        supervisor_note=""
        if watch.verified
        else say("site.statement.unverified", language, day=numbers.day(watch.checked, language)),
        defects=tuple(
            (one.criterion, one.what_en if language == "en" else one.what_fi, _day(one.mended_by, language))
            for one in publisher.defects
        ),
        checks=tuple(_check(name, publisher.checks.get(name, ""), language) for name in CHECKS),
    )


def _check(name: str, day: str, language: str) -> str:
    """Say on which day a way of use was checked, or that it has not been."""
    what = say(f"site.statement.check.{name}", language)
    known = {"day": _day(day, language)} if day else {}
    return say(f"site.statement.check.{'done' if day else 'not_done'}", language, what=what, **known)


def _day(text: str, language: str) -> str:
    return numbers.day(date.fromisoformat(text), language) if text else ""


def _period(text: str, language: str) -> str:
    return numbers.period(text, language) if text else ""
