"""What stands behind each number of a page, from the released row it is: source, period, method, interval, n.

The site and the documents tell the same notes: both ask `notes_of`, the site by way of `notes_behind`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import labels
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.page_numbers import numbers_on_page
from sosrake_lib.influence.pages import Page
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release

# methods that tell how the limits were made; the figure between them is the source's or a sum of its figures
_OF_LIMITS = frozenset(("wilson", "poisson_exact", "byar", "mean_t"))
# methods whose denominator is a sum of money or of plans, no group of people or cases
_OF_SUMS = frozenset(("share_of_planned",))
_OF_ORIGIN = {"published": "published", "own": "sum_of_municipalities", "synthetic": "given"}
_SAME_FIGURE = ("indicator", "period", "sex", "age", "group")
_MEASURED = frozenset(("value", "lower", "upper", "numerator", "n"))
_DECIMALS = re.compile(r"[.,](\d+)\D*$")


@dataclass(eq=False)
class ReleasedRows:
    """Rows of releases by their names; each release is opened once."""

    folder: Path
    _opened: dict[str, Release] = field(default_factory=dict)
    _parts: dict[tuple[str, str], dict[str, Row]] = field(default_factory=dict)
    _figures: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=dict)

    def release(self, release_id: str) -> Release:
        """Open a release, once."""
        if release_id not in self._opened:
            self._opened[release_id] = Release.load(release_id, folder=self.folder)
        return self._opened[release_id]

    def row(self, release_id: str, result_id: str) -> Row:
        """Give the row a number was written from.

        Raises
        ------
        SosrakeError when the release has no such row.
        """
        part = result_id.rpartition(".")[0]
        if part not in self.release(release_id).parts:
            raise SosrakeError(
                f"release {release_id}: no part {part!r} behind {result_id}; make the page again"
            )
        if (release_id, part) not in self._parts:
            self._parts[release_id, part] = {
                str(row["result_id"]): row for row in self._rows(release_id, part)
            }
        found = self._parts[release_id, part].get(result_id)
        if found is None:
            raise SosrakeError(f"release {release_id}: no row {result_id}; make the page again")
        return found

    def reference(self, row: Row) -> Row | None:
        """Give the row of the area a row is compared with; None when it is compared with no area.

        Raises
        ------
        SosrakeError when the release has no such row: the figure's own area, source and interval could not
        be told, and those of the row compared are not its.
        """
        if not present(row.columns.get("reference_level")):
            return None
        if row.release_id not in self._figures:
            release = self.release(row.release_id)
            every = (one for part in release.parts for one in self._rows(row.release_id, part))
            self._figures[row.release_id] = {_figure(one): one for one in every if one.has("value")}
        area = (row["reference_level"], row["reference_code"])
        same = tuple(row.columns.get(name) for name in _SAME_FIGURE)
        found = self._figures[row.release_id].get((*area, *same, row["reference_value"]))
        if found is None:
            raise SosrakeError(
                f"release {row.release_id}: {row['result_id']} is compared with {'-'.join(map(str, area))}, "
                f"whose {row['indicator']} of {row['period']} is in no part of it; expected that row, "
                "so that the figure compared with has a source; keep it by area_rows.references_of"
            )
        return found

    def _rows(self, release_id: str, part: str) -> tuple[Row, ...]:
        selection = self.release(release_id).select(part=part)
        return rows_if_any(selection)


@dataclass(frozen=True, slots=True)
class Behind:
    """A shown number with its row, the columns its limits and its n stand in, its method and its note.

    The row of a figure of comparison is that of the area compared with.
    """

    text: str
    result: str
    row: Row
    limits: tuple[str, str] | None
    counted: str
    method: str
    note: NumberNote


def notes_of(page: Page, releases: Path | ReleasedRows) -> Mapping[str, NumberNote]:
    """Say what stands behind each number of a page, by its reference `<result_id>:<column>`.

    Parameters
    ----------
    page : made with `page_from_notebook`.
    releases : folder of the releases the page rests on.

    Raises
    ------
    SosrakeError when a number's row, or the row of the area it is compared with, is not in its release;
    DisclosureError when a release is not there.
    """
    return {one.result: one.note for one in notes_behind(page, releases).values()}


def notes_behind(page: Page, releases: Path | ReleasedRows) -> Mapping[tuple[str, str], Behind]:
    """Give what stands behind each number of a page, by (release, reference); errors as `notes_of`."""
    held = releases if isinstance(releases, ReleasedRows) else ReleasedRows(Path(releases))
    shown = numbers_on_page(page.body)
    texts: dict[tuple[str, str], str] = {}
    for text, result, release in shown.itertuples(index=False, name=None):
        texts.setdefault((release, result), text)
    return {key: _behind(page, held, *key, text) for key, text in texts.items()}


def method_key(row: Mapping[str, Any], column: str) -> str:
    """Name the method of one column: a row compared or classed has a method for that beside its own.

    Examples
    --------
    >>> method_key({"origin": "published", "method": "wilson"}, "value")
    'published'
    >>> method_key({"origin": "published", "method": "wilson"}, "lower")
    'wilson'
    """
    for kind in ("difference", "funnel"):
        if column.startswith(kind) and present(row.get(f"{kind}_method")):
            return str(row[f"{kind}_method"])
    if column == "chosen_from":
        return column
    if column == "denominator" and row.get("denominator_status") == "derived":
        return "derived_denominator"
    own, origin = row.get("method"), str(row["origin"])
    if column == "reference_value" and origin == "synthetic" and not present(row.get("reference_level")):
        return "given"  # the truth that the makers of invented data know, not what a method finds of it
    # a published figure stays as its source gave it, though an interval was reckoned around it
    figure = column in ("value", "numerator") and origin != "synthetic"
    if not present(own) or (figure and own in _OF_LIMITS):
        return _OF_ORIGIN[origin]
    return str(own)


def written(text: str, row: Row, column: str, language: str) -> str:
    """Write another column of a row with the decimals and the sign that its shown number has.

    Counts are written whole.
    """
    if column in labels.COUNTS:
        return labels.bare_figure(row, column, language)
    found = _DECIMALS.search(text.replace("\u00a0", "").rstrip("% "))
    decimals = len(found[1]) if found else 0
    if "%" in text:
        return numbers.percent(float(row[column]), decimals, language)
    return numbers.number(float(row[column]), decimals, language)


def limits_written(text: str, row: Row, limits: tuple[str, str], language: str) -> tuple[str, str]:
    """Write the ends of an interval: 15,3 and 15,6 %, the sign of per cent after the second only."""
    lower, upper = (written(text, row, name, language) for name in limits)
    return (
        (lower.rstrip("%\u00a0 "), upper) if lower.endswith("%") and upper.endswith("%") else (lower, upper)
    )


def _as_measured(text: str, row: Row, column: str) -> str:
    """Give an end of an interval the per cent of its figure: the note of both is then the same one."""
    end_of_share = column in ("lower", "upper") and labels.is_percent(row, column)
    return f"{text}%" if end_of_share and "%" not in text else text


def interval_written(ends: tuple[str, str], language: str, shown: tuple[str, str] | None = None) -> str:
    """Join the ends of an interval, apart where one is negative; `shown` are the same ends as markup."""
    lower, upper = shown or ends
    negative = any(end.startswith(numbers.MINUS) for end in ends)
    return say(f"numbers.interval{'_negative' * negative}", language, lower=lower, upper=upper)


def _behind(page: Page, held: ReleasedRows, release: str, result: str, text: str) -> Behind:
    result_id, _, column = result.rpartition(":")
    row, language = held.row(release, result_id), page.context.language
    other = held.reference(row) if column == "reference_value" else None
    row, column = (other, "value") if other else (row, column)
    limits, counted = _limits(row, column), counted_column(row, column)
    ends = limits_written(_as_measured(text, row, column), row, limits, language) if limits else None
    key = method_key(row.columns, column)
    # of an area that is not the page's own, also what its source does not give is said
    lacking = say("site.note.not_given", language) if other else ""
    note = NumberNote(
        source=_source(row, language),
        period=numbers.period(str(row["period"]), language),
        method=_method_told(row, column, key, language),
        interval=interval_written(ends, language) if ends else lacking,
        n=written(text, row, counted, language) if counted else lacking,
        hidden=_hidden(page, str(row["indicator"])),
        area=labels.region_text(row, language) if other else "",
    )
    return Behind(text, result, row, limits, counted, key, note)


def _source(row: Row, language: str) -> str:
    told = _source_text(
        *(str(row[name]) for name in ("indicator", "per")),
        *(str(row[name]) if row.has(name) else "" for name in ("producer", "source", "licence")),
        language=language,
    )
    fetched = str(row["retrieved"]) if row.has("retrieved") and row["retrieved"] else ""
    return say("site.note.fetched", language, source=told, day=fetched) if fetched else told


@cache
def _source_text(indicator: str, per: str, producer: str, source: str, licence: str, *, language: str) -> str:
    """Name a source once for all rows that share it: a page has hundreds of numbers of a few sources."""
    told = {"indicator": indicator, "per": float(per), "producer": producer, "source": source}
    return labels.source_text(Row("", False, {**told, "licence": licence}), language)


def _method_told(row: Row, column: str, key: str, language: str) -> str:
    """Name a number's method; of a difference that is not that of the figures as written, say why."""
    told = labels.method_text(key, language)
    if column != "difference" or not all(row.has(name) for name in ("value", "reference_value")):
        return told
    names = ("value", "reference_value", "difference")
    exact = [float(row[name]) for name in names]
    value, reference, difference = (
        round(one, labels.decimals_of(row, name)) for name, one in zip(names, exact, strict=True)
    )
    is_difference = math.isclose(exact[0] - exact[1], exact[2], rel_tol=1e-6, abs_tol=1e-9)
    if not is_difference or math.isclose(value - reference, difference, abs_tol=1e-9):
        return told
    return say("site.note.unrounded", language, method=told)


def _limits(row: Row, column: str) -> tuple[str, str] | None:
    """Give the columns of the interval a number stands in; None when it has none."""
    stem = "difference_" if column.startswith("difference") else ""
    if not stem and (column not in _MEASURED or _counts_a_share(row, column)):
        return None
    pair = (f"{stem}lower", f"{stem}upper")
    return pair if all(row.has(name) for name in pair) else None


def _counts_a_share(row: Row, column: str) -> bool:
    """Say whether a count is part of a share: the limits of the row are then those of the share, not its."""
    return column in ("numerator", "n") and not (row.has("value") and row["value"] == row[column])


def counted_column(row: Row, column: str) -> str:
    """Give the column that tells of how many cases the number is; empty when there is none."""
    if column not in _MEASURED or column == "n" or row.columns.get("method") in _OF_SUMS:
        return ""
    return next((name for name in ("denominator", "n") if row.has(name)), "")


def _hidden(page: Page, indicator: str) -> str:
    """Say how many figures of the number's own indicator the page hides, by its marks; empty when none."""
    language = page.context.language
    of_it = [status for figure, status in page.facts.hidden if figure.partition("|")[0] == indicator]
    protected = sum(status == "suppressed" for status in of_it)
    told = []
    for name, count in (("suppressed", protected), ("absent", len(of_it) - protected)):
        if count:
            form = "one" if count == 1 else "many"
            told.append(say(f"site.note.{name}.{form}", language, count=numbers.count(count, language)))
    return say("site.note.and", language).join(told)


def _figure(row: Row) -> tuple[Any, ...]:
    same = (row.columns.get(name) for name in _SAME_FIGURE)
    return (row["region_level"], row["region_code"], *same, row["value"])


def present(value: object) -> bool:
    """Say whether a row holds something there: neither nothing, nor an empty text, nor a lacking number."""
    return value is not None and value == value and value != ""
