"""What a page rests on by its numbers: also those that stand in sentences only.

Tables and pictures carry their facts into the notebook; a sentence carries the names of its rows. Where the
releases are at hand, the facts of those rows join the page's: a page of sentences has its sources, methods
and age too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.number_notes import Behind, ReleasedRows, notes_behind
from sosrake_lib.influence.pages import Page


def with_facts(page: Page, releases: Path | ReleasedRows) -> Page:
    """Give a page whose facts cover every number on it; errors as `number_notes.notes_behind`.

    Parameters
    ----------
    page : made with `page_from_notebook`. releases : folder of the releases the page rests on.
    """
    return with_facts_behind(page, notes_behind(page, releases))


def with_facts_behind(page: Page, behind: Mapping[tuple[str, str], Behind]) -> Page:
    """Give a page whose facts cover every number that stands on it.

    Parameters
    ----------
    behind : what stands behind the page's numbers (`number_notes.notes_behind`).
    """
    return replace(page, facts=page.facts.with_more(facts_of(behind)))


def facts_of(behind: Mapping[tuple[str, str], Behind]) -> Facts:
    """Collect the facts of shown numbers: of each its own method, as its note tells it.

    Nothing is hidden among them: a hidden figure is no number of the page.
    """
    rows = {(one.row.release_id, str(one.row["result_id"])): one.row for one in behind.values()}
    told = Facts.of_rows(list(rows.values()))
    return replace(told, methods=tuple(sorted({one.method for one in behind.values()})), hidden=())
