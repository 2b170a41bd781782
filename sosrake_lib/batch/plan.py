"""The plan: which releases and notebooks, at which levels, for which regions; checked before anything runs.

`notebooks/plan.toml` is the batch's only input. `[julkaisut.NAME]` names a recipe and the rule sets its parts
may use; each `[[muistikirjat]]` names a notebook, its page, titles, releases, levels and regions.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sosrake_lib import parameters, regions
from sosrake_lib.errors import BatchError, ParameterError
from sosrake_lib.language import say
from sosrake_lib.parameters import Value

INVENTED_COUNTY = ("hva", "E1")
SECTIONS = ("tieto", "vaikuttaminen", "hyvinvointi")
PROJECT_PAGES = "hanke"  # folder of pages that are about no region
LEVELS = ("once", "esimerkkila", "rekisteri", "seuranta", "kunta", "seutukunta", "maakunta", "hva")
RELEASE_PARAMETER = "julkaisu"

_SLUG = re.compile(r"[a-z0-9_]+")
_REQUIRED = ("path", "page", "title_fi", "title_en", "releases", "levels")
_OPTIONAL = ("regions", "parameters", "cell_seconds", "section", "tables", "site")


@dataclass(frozen=True)
class ReleasePlan:
    """A release the batch makes: its name, the recipe it is cooked from, the rule sets its parts may use."""

    name: str
    recipe: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """One notebook for one region (None: once for all), with what it is asked and the releases it opens.

    `tables` are tables of the data folder that the notebook reads itself: a folder without one has no page.
    A task with `site` false is a variant that only `sosrake outputs` needs: it runs when it is asked for by
    its page or key, and gives no page of the site.
    """

    notebook: str
    page: str
    title_fi: str
    title_en: str
    region: tuple[str, str] | None
    parameters: Mapping[str, Value]
    releases: tuple[str, ...]
    cell_seconds: int = 120
    section: str = "tieto"
    tables: tuple[str, ...] = ()
    site: bool = True

    @property
    def slug(self) -> str:
        """Folder of the region's pages, such as `kunta-297`; empty for what is made once."""
        return regions.slug(*self.region) if self.region else ""

    @property
    def key(self) -> str:
        """Name of the page within a site, such as `kunta-297/alueprofiili`."""
        return f"{self.slug}/{self.page}" if self.region else self.page

    @property
    def address(self) -> str:
        """Address of the page within the site of its language."""
        return f"{self.slug or PROJECT_PAGES}/{self.page}.html"

    def asked(self, release_ids: Mapping[str, str]) -> dict[str, Value]:
        """Give the notebook's parameters with the ids of its releases.

        The first release goes to `julkaisu`, each further one to `julkaisu_<its name>`.
        """
        names = [
            RELEASE_PARAMETER if place == 0 else f"{RELEASE_PARAMETER}_{name}"
            for place, name in enumerate(self.releases)
        ]
        return {
            **self.parameters,
            **{asked: release_ids[name] for asked, name in zip(names, self.releases, strict=True)},
        }


@dataclass(frozen=True)
class Plan:
    """A checked plan: every path, recipe, parameter and page name in it holds."""

    project: Path
    language: str
    releases: tuple[ReleasePlan, ...]
    tasks: tuple[Task, ...]

    def path(self, task: Task) -> Path:
        """Give the notebook file of a task."""
        return self.project / "notebooks" / f"{task.notebook}.ipynb"

    def only(self, names: Iterable[str]) -> Plan:
        """Keep the tasks that carry one of the names: a page, a region's folder, or both (`hva-12/...`)."""
        wanted = tuple(names)
        for name in wanted:
            if not any(name in (task.key, task.page, task.slug) for task in self.tasks):
                pages = ", ".join(dict.fromkeys(task.page for task in self.tasks))
                raise BatchError(say("batch.only", self.language, name=name, pages=pages))
        kept = tuple(
            task
            for task in self.tasks
            if {task.key, task.page}.intersection(wanted)
            or (task.site and (task.slug in wanted or not wanted))
        )
        return replace(self, tasks=kept)


def load(project: Path, *, recipes: Iterable[str], language: str = "fi") -> Plan:
    """Read and check `notebooks/plan.toml`; nothing has run when it is refused.

    Parameters
    ----------
    project : folder that holds `notebooks/`.
    recipes : names of the recipes there are.
    language : of the pages (`kieli` of notebooks that declare it) and of the messages.

    Raises
    ------
    BatchError or ParameterError naming the entry of the plan, what is wrong with it and what was expected.
    """
    project = Path(project)
    path = project / "notebooks" / "plan.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BatchError(say("batch.no_plan", language, path=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BatchError(f"{path}: not valid TOML ({fault}); mend the file") from None
    _refuse_extra(str(path), table, ("julkaisut", "muistikirjat"), language)
    releases = tuple(
        _release(name, entry, tuple(recipes), language) for name, entry in table.get("julkaisut", {}).items()
    )
    tasks: list[Task] = []
    for entry in table.get("muistikirjat", ()):
        tasks += _tasks(project, entry, [one.name for one in releases], language)
    if not tasks:
        raise BatchError(say("batch.empty_plan", language, path=str(path)))
    _check_unique(tasks, language)
    return Plan(project, language, releases, tuple(tasks))


def _refuse_extra(where: str, table: Mapping, allowed: Iterable[str], language: str) -> None:
    for name in table:
        if name not in allowed:
            raise BatchError(
                say("batch.plan_extra", language, where=where, name=name, allowed=", ".join(allowed))
            )


def _release(name: str, entry: Mapping, recipes: tuple[str, ...], language: str) -> ReleasePlan:
    where = f"plan.toml [julkaisut.{name}]"
    _refuse_extra(where, entry, ("recipe", "rules"), language)
    rules = entry.get("rules", ())
    rules = (rules,) if isinstance(rules, str) else tuple(rules)
    if not rules:
        raise BatchError(say("batch.plan_lacks", language, where=where, name="rules"))
    if entry.get("recipe") not in recipes:
        known = ", ".join(recipes)
        raise BatchError(
            say("batch.recipe", language, where=where, recipe=str(entry.get("recipe")), known=known)
        )
    return ReleasePlan(name, entry["recipe"], rules)


def _tasks(project: Path, entry: Mapping, releases: list[str], language: str) -> list[Task]:
    where = f"plan.toml [[muistikirjat]] {entry.get('path', '?')}"
    _refuse_extra(where, entry, (*_REQUIRED, *_OPTIONAL), language)
    for name in _REQUIRED:
        if name not in entry:
            raise BatchError(say("batch.plan_lacks", language, where=where, name=name))
    if not _SLUG.fullmatch(entry["page"]):
        raise BatchError(say("batch.page_name", language, where=where, page=entry["page"]))
    if entry.get("section", "tieto") not in SECTIONS:
        known = ", ".join(SECTIONS)
        raise BatchError(
            say("batch.section", language, where=where, section=str(entry["section"]), known=known)
        )
    for name in entry["releases"]:
        if name not in releases:
            known = ", ".join(releases)
            raise BatchError(say("batch.release_name", language, where=where, name=name, known=known))
    _check_notebook(project, entry["path"], where, language)
    return [_task(project, entry, region, language) for region in _regions(entry, where, language)]


def _task(project: Path, entry: Mapping, region: tuple[str, str] | None, language: str) -> Task:
    notebook = entry["path"]
    declared = {one.name for one in parameters.definitions(notebook, project=project, language=language)}
    asked: dict[str, object] = dict(entry.get("parameters", {}))
    if "kieli" in declared:
        asked.setdefault("kieli", str(language))  # a command gives its choice as a member of an enum
    if region:
        asked.update(alue_taso=region[0], alue_koodi=region[1])
    for place, name in enumerate(entry["releases"]):
        # declared or refused: an empty id is what the notebook has until the batch knows the release
        asked[RELEASE_PARAMETER if place == 0 else f"{RELEASE_PARAMETER}_{name}"] = ""
    checked = parameters.check(notebook, asked, project=project, language=language)
    return Task(
        notebook,
        entry["page"],
        entry["title_fi"],
        entry["title_en"],
        region,
        checked,
        tuple(entry["releases"]),
        int(entry.get("cell_seconds", 120)),
        entry.get("section", "tieto"),
        tuple(entry.get("tables", ())),
        entry.get("site", True) is not False,
    )


def _regions(entry: Mapping, where: str, language: str) -> list[tuple[str, str] | None]:
    found: list[tuple[str, str] | None] = []
    listed = entry.get("regions")
    for slug in listed if isinstance(listed, list) else ():
        if slug.partition("-")[0] not in entry["levels"]:
            known = ", ".join(entry["levels"])
            raise BatchError(say("batch.level", language, where=where, level=slug, known=known))
    for level in entry["levels"]:
        if level not in LEVELS:
            raise BatchError(say("batch.level", language, where=where, level=level, known=", ".join(LEVELS)))
        if level == "once":
            found.append(None)
        elif level == "esimerkkila":
            found.append(INVENTED_COUNTY)
        elif level == "rekisteri":
            from sosrake_lib.batch.reporting_source import reporting_counties

            found += reporting_counties()
        elif level == "seuranta":
            from sosrake_lib.batch.followup_source import followed_counties

            found += followed_counties()
        else:
            found += [(level, code) for code in _codes(level, listed, where, language)]
    return list(dict.fromkeys(found))  # a county of the register may also be one of the named


def _codes(level: str, wanted: object, where: str, language: str) -> list[str]:
    """Give a level's codes: of a named set (`alue51`), or of a list of slugs (`["kunta-297", "hva-12"]`)."""
    if isinstance(wanted, list):
        return [slug.partition("-")[2] for slug in wanted if slug.partition("-")[0] == level]
    if not isinstance(wanted, str):
        raise BatchError(say("batch.plan_lacks", language, where=where, name="regions"))
    members = regions.members("joukko", wanted)
    if level == "kunta":
        return list(members)
    return sorted({parent for member in members if (parent := regions.parent(member, level)) is not None})


def _check_notebook(project: Path, notebook: str, where: str, language: str) -> None:
    path = project / "notebooks" / f"{notebook}.ipynb"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BatchError(say("batch.no_notebook", language, where=where, path=str(path))) from None
    except ValueError as fault:
        raise BatchError(f"{path}: no notebook ({fault}); restore it from git") from None
    cells = [
        "".join(cell["source"])
        for cell in content.get("cells", ())
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", ())
    ]
    declared = [one.name for one in parameters.definitions(notebook, project=project, language=language)]
    assigned = {
        target.id
        for cell in cells[:1]
        for statement in ast.parse(cell).body
        for target in getattr(statement, "targets", [getattr(statement, "target", None)])
        if isinstance(target, ast.Name)
    }
    for name in declared:
        if name not in assigned:
            raise ParameterError(say("batch.not_assigned", language, path=str(path), name=name))


def _check_unique(tasks: list[Task], language: str) -> None:
    seen: dict[str, Task] = {}
    for task in tasks:
        if task.key in seen:
            raise BatchError(
                say(
                    "batch.page_twice",
                    language,
                    page_key=task.key,
                    first=seen[task.key].notebook,
                    second=task.notebook,
                )
            )
        seen[task.key] = task
