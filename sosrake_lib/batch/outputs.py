"""The outputs table: what is made for whom, of which page, in which formats, with which fields to write in.

`notebooks/outputs.toml` has one table an output. An output is a page of `notebooks/plan.toml`; every other
format is made from that page. A table that does not hold is refused before anything runs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sosrake_lib.batch.plan import INVENTED_COUNTY, LEVELS, Plan, Task
from sosrake_lib.errors import BatchError
from sosrake_lib.language import say

FILE = Path("notebooks") / "outputs.toml"
FORMATS = ("html", "pdf", "docx", "pptx", "png", "svg", "xlsx", "csv")
AUDIENCES = (
    *("valtuutettu", "hyvinvointikoordinaattori", "asuminen", "tyollisyys", "koulutus", "media", "asukas"),
    *("viranhaltija", "esihenkilo", "tyoryhma", "rahoittaja"),
)
CADENCES = ("kerran", "kokous", "puolivuosi", "vuosi", "tarvittaessa")
NOT_REACHED = "outputs.not_reached"  # heading every output has: "Keitä tieto ei tavoita"
LONGEST_FIELD = 4000

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NEEDED = ("name_fi", "name_en", "name_sv", "page", "levels", "formats", "audiences", "cadence")
_OPTIONAL = ("required", "fields")
_FIELD = ("name", "label_fi", "label_en", "help_fi", "help_en", "max_length")


@dataclass(frozen=True, slots=True)
class Field:
    """A place where a person writes in an output: its name, what it is called, what to write, how long."""

    name: str
    label_fi: str
    label_en: str
    help_fi: str
    help_en: str
    max_length: int

    def label(self, language: str = "fi") -> str:
        """Give the field's heading."""
        return self.label_en if language == "en" else self.label_fi

    def help(self, language: str = "fi") -> str:
        """Say what is to be written."""
        return self.help_en if language == "en" else self.help_fi


@dataclass(frozen=True)
class Output:
    """One output of the table.

    Attributes
    ----------
    key : name of the table and of the files made.
    names : language -> name (fi, en, sv).
    page : page key of the plan.
    levels : some of the plan's levels at which the page is made.
    formats : some of `FORMATS`; html is the page of the site itself.
    audiences : whom it is for. With one, the output has one file a format; with more, each has its own page
        in the plan, `<page>_<audience>`, of which the first may be the page itself.
    cadence : how often it is made: one of `CADENCES`.
    required : (fi, en) headings that the page must have, beside "Keitä tieto ei tavoita".
    fields : where people write.
    """

    key: str
    names: Mapping[str, str]
    page: str
    levels: tuple[str, ...]
    formats: tuple[str, ...]
    audiences: tuple[str, ...]
    cadence: str
    required: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()

    def name(self, language: str = "fi") -> str:
        """Give the output's name."""
        return self.names.get(language, self.names["fi"])

    def field(self, name: str, language: str = "fi") -> Field:
        """Give one field; BatchError names those there are."""
        found = next((one for one in self.fields if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in self.fields) or "–"
            raise BatchError(say("outputs.no_field", language, output=self.key, name=name, known=known))
        return found

    def headings(self, language: str = "fi") -> tuple[str, ...]:
        """Give the headings that the output's page must have."""
        place = 1 if language == "en" else 0
        return (say(NOT_REACHED, language), *(pair[place] for pair in self.required))

    def page_of(self, audience: str, pages: Iterable[str]) -> str:
        """Give the page key of one audience's variant ("" of an output with one audience)."""
        own = f"{self.page}_{audience}"
        return own if audience and own in set(pages) else self.page

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """Name the variants that have files of their own: the audiences, or one nameless variant."""
        return self.audiences if len(self.audiences) > 1 else ("",)


@dataclass(frozen=True)
class Piece:
    """One output to be made: of one page (task), for one audience."""

    output: Output
    task: Task
    audience: str = ""

    @property
    def key(self) -> str:
        """Name of the piece, such as `kunta-297/infograafi_media`."""
        return f"{self.task.slug or ONCE_SLUG}/{self.stem}"

    @property
    def formats(self) -> tuple[str, ...]:
        """Give its formats; a variant that is no page of the site has no html."""
        return tuple(form for form in self.output.formats if form != "html" or self.task.site)

    @property
    def stem(self) -> str:
        """Name of its files without the ending."""
        return f"{self.output.key}_{self.audience}" if self.audience else self.output.key


ONCE_SLUG = "hanke"  # folder, and name of hand-written files, of what is made once


def load(project: Path, plan: Plan, language: str = "fi") -> tuple[Output, ...]:
    """Read and check `notebooks/outputs.toml` against a checked plan.

    Parameters
    ----------
    project : folder that holds `notebooks/`. plan : `batch.plan.load` of the same project.

    Raises
    ------
    BatchError naming the table, what is wrong with it and what was expected: a page that the plan does not
    make at the level, an unknown level, format, audience or cadence, a field without words, a key twice.
    """
    path = Path(project) / FILE
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BatchError(say("outputs.no_file", language, path=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BatchError(f"{path}: not valid TOML ({fault}); mend the file") from None
    if not read:
        raise BatchError(say("outputs.empty", language, path=str(path)))
    found = tuple(_output(key, table, language) for key, table in read.items())
    for one in found:
        _check_pages(one, plan, language)
    return found


def output(outputs: Iterable[Output], key: str, language: str = "fi") -> Output:
    """Give one output by its key; BatchError names those there are."""
    listed = tuple(outputs)
    found = next((one for one in listed if one.key == key), None)
    if found is None:
        known = ", ".join(one.key for one in listed)
        raise BatchError(say("outputs.no_output", language, name=key, known=known))
    return found


def pieces(
    outputs: Iterable[Output],
    plan: Plan,
    *,
    only: Iterable[str] = (),
    regions: Iterable[str] = (),
) -> tuple[Piece, ...]:
    """List what is to be made: every output at its levels, for each audience, in the order of the table.

    Parameters
    ----------
    only : keys of outputs; all when empty. regions : slugs (`kunta-297`, `hanke`); all when empty.

    Raises
    ------
    BatchError for an unknown key, or a region that none of the outputs is made for.
    """
    listed, wanted, places = tuple(outputs), tuple(only), set(regions)
    chosen = [output(listed, key, plan.language) for key in wanted] or list(listed)
    pages = {task.page for task in plan.tasks}
    every = [
        Piece(one, task, audience)
        for one in chosen
        for audience in one.variants
        for task in _tasks(one, one.page_of(audience, pages), plan)
    ]
    there = {piece.task.slug or ONCE_SLUG for piece in every}
    if unknown := sorted(places - there):
        raise BatchError(say("outputs.no_region", plan.language, region=unknown[0]))
    return tuple(piece for piece in every if not places or (piece.task.slug or ONCE_SLUG) in places)


def _tasks(one: Output, page: str, plan: Plan) -> list[Task]:
    return [task for task in plan.tasks if task.page == page and any(_is_at(task, at) for at in one.levels)]


def _is_at(task: Task, level: str) -> bool:
    if level == "once":
        return task.region is None
    if level == "esimerkkila":
        return task.region == INVENTED_COUNTY
    if level == "rekisteri":
        from sosrake_lib.batch.reporting_source import reporting_counties

        return task.region in reporting_counties()
    if level == "seuranta":
        from sosrake_lib.batch.followup_source import followed_counties

        return task.region in followed_counties()
    return task.region is not None and task.region[0] == level


def _output(key: str, table: Any, language: str) -> Output:
    where = f"outputs.toml [{key}]"
    if not _NAME.fullmatch(key) or not isinstance(table, Mapping):
        raise BatchError(say("outputs.key", language, where=where))
    for name in table:
        if name not in (*_NEEDED, *_OPTIONAL):
            known = ", ".join((*_NEEDED, *_OPTIONAL))
            raise BatchError(say("batch.plan_extra", language, where=where, name=name, allowed=known))
    for name in _NEEDED:
        if not table.get(name):
            raise BatchError(say("batch.plan_lacks", language, where=where, name=name))
    for name, known_words in (("levels", LEVELS), ("formats", FORMATS), ("audiences", AUDIENCES)):
        _check_list(where, name, table[name], known_words, language)
    _check_list(where, "cadence", [table["cadence"]], CADENCES, language)
    fields = tuple(_field(where, one, language) for one in table.get("fields", ()))
    _refuse_twice(where, "fields", [one.name for one in fields], language)
    return Output(
        key=key,
        names={code: str(table[f"name_{code}"]) for code in ("fi", "en", "sv")},
        page=str(table["page"]),
        levels=tuple(table["levels"]),
        formats=tuple(table["formats"]),
        audiences=tuple(table["audiences"]),
        cadence=str(table["cadence"]),
        required=tuple(_pair(where, pair, language) for pair in table.get("required", ())),
        fields=fields,
    )


def _check_list(where: str, name: str, given: Any, known: tuple[str, ...], language: str) -> None:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise BatchError(say("outputs.list", language, where=where, name=name))
    for one in given:
        if one not in known:
            told = ", ".join(known)
            raise BatchError(say("outputs.word", language, where=where, name=name, word=one, known=told))
    _refuse_twice(where, name, given, language)


def _refuse_twice(where: str, name: str, given: list[str], language: str) -> None:
    twice = next((one for one in given if given.count(one) > 1), None)
    if twice is not None:
        raise BatchError(say("outputs.twice", language, where=where, name=name, word=twice))


def _pair(where: str, pair: Any, language: str) -> tuple[str, str]:
    good = isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) and one for one in pair)
    if not good:
        raise BatchError(say("outputs.required", language, where=where))
    return pair[0], pair[1]


def _field(where: str, row: Any, language: str) -> Field:
    if not isinstance(row, Mapping):
        raise BatchError(say("outputs.list", language, where=where, name="fields"))
    inside = f"{where} fields {row.get('name', '?')}"
    for name in row:
        if name not in _FIELD:
            raise BatchError(
                say("batch.plan_extra", language, where=inside, name=name, allowed=", ".join(_FIELD))
            )
    for name in _FIELD:
        if not row.get(name):
            raise BatchError(say("batch.plan_lacks", language, where=inside, name=name))
    length = row["max_length"]
    if not _NAME.fullmatch(row["name"]):
        raise BatchError(say("outputs.key", language, where=inside))
    if not isinstance(length, int) or not 1 <= length <= LONGEST_FIELD:
        raise BatchError(say("outputs.length", language, where=inside, most=LONGEST_FIELD))
    return Field(**{name: row[name] for name in _FIELD})


def _check_pages(one: Output, plan: Plan, language: str) -> None:
    """Refuse an output whose page, or an audience's page, the plan does not make at its levels."""
    where = f"outputs.toml [{one.key}]"
    pages = {task.page for task in plan.tasks}
    if one.page not in pages:
        known = ", ".join(sorted(pages))
        raise BatchError(say("outputs.no_page", language, where=where, page=one.page, known=known))
    for level in one.levels:
        if not any(task.page == one.page and _is_at(task, level) for task in plan.tasks):
            raise BatchError(say("outputs.no_level", language, where=where, page=one.page, level=level))
    for audience in one.variants[1:]:
        if one.page_of(audience, pages) == one.page:
            wanted = f"{one.page}_{audience}"
            raise BatchError(
                say("outputs.no_audience_page", language, where=where, page=wanted, audience=audience)
            )
