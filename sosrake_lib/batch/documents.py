"""From an executed notebook of a reports folder to the page that documents are made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sosrake_lib.errors import BatchError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.influence.pages import Page


def page_made(project: Path, output: Path, page: str, region: str = "", language: str = "fi") -> Page:
    """Read a page that `sosrake reports` has made.

    Parameters
    ----------
    project : folder that holds `notebooks/plan.toml`.
    output : folder of the reports.
    page : name of the page (`paattajakooste`), or with its region (`kunta-297/paattajakooste`).
    region : folder of the region (`kunta-297`); empty for a page of the whole project.
    language : `fi` or `en`.

    Raises
    ------
    BatchError when the plan has no such page, or it has not been made yet.
    """
    from sosrake_lib.batch import plan as plans
    from sosrake_lib.batch.releases import known_recipes
    from sosrake_lib.batch.runner import NOTEBOOKS
    from sosrake_lib.batch.site_stage import PageSource, page_of

    full = plans.load(project, recipes=known_recipes(), language=language)
    key = f"{region}/{page}" if region else page
    found = [task for task in full.tasks if task.key == key]
    if not found:
        regions = [task.slug for task in full.tasks if task.page == page and task.slug]
        known = ", ".join(regions[:8]) or ", ".join(dict.fromkeys(task.page for task in full.tasks))
        raise BatchError(say("documents.no_page", language, page=key, known=known))
    task = found[0]
    notebook = output / NOTEBOOKS / language / task.slug / f"{task.page}.ipynb"
    if not notebook.is_file():
        raise BatchError(say("documents.not_made", language, page=key, folder=str(output)))
    order = list(dict.fromkeys(one.page for one in full.tasks))
    return page_of(PageSource(task, notebook, order.index(task.page)), language)
