"""From a number on a built page back to its row, method, source and the test behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.number_notes import method_key as _method_key
from sosrake_lib.influence.number_notes import present
from sosrake_lib.language import say

if TYPE_CHECKING:
    from sosrake_lib.protect import Release

_SPACES = "\u00a0\u202f\u2009 "
_NUMBER = re.compile(rf"-?\d+(?:[{_SPACES}]\d{{3}})*(?:[.,]\d+)?")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_OF_REFERENCE = ("indicator", "period", "sex", "age", "group")
# what a reader asks first stands first; whatever else the released row holds follows in its own order
_FIRST = ("indicator", "region_level", "region_code", "period", "sex", "age", "group", "status", "origin")


@dataclass(frozen=True)
class Shown:
    """A number as it stands on a page: its text, the result it is (`part.hash:column`) and its release."""

    text: str
    result: str
    release_id: str

    @property
    def result_id(self) -> str:
        """Name of the released row, without the column."""
        return self.result.rpartition(":")[0] or self.result

    @property
    def column(self) -> str:
        """Column of the released row the number was written from."""
        return self.result.rpartition(":")[2] if ":" in self.result else "value"


@dataclass(frozen=True)
class Traced:
    """A shown number with what stands behind it; `method` maps name, formula, doi and tests."""

    shown: Shown
    release_name: str
    row: Mapping[str, Any]
    source: Mapping[str, str]
    method: Mapping[str, Any]

    def lines(self, language: str = "fi") -> list[str]:
        """Write it out for a person, one fact a line."""
        facts = [
            ("number", f"{self.shown.text} ({self.shown.column})"),
            ("result", self.shown.result_id),
            ("release", f"{self.release_name} ({self.shown.release_id})"),
            *((f"source.{name}", text) for name, text in self.source.items()),
            ("method", self.method["name"]),
            ("formula", self.method["formula"]),
            ("doi", self.method["doi"]),
            ("tests", ", ".join(self.method["tests"])),
        ]
        told = [f"{say(f'cli.trace.{name}', language)}: {text}" for name, text in facts if text]
        row = ", ".join(f"{name} = {_plain(value)}" for name, value in self.row.items() if present(value))
        return [*told, f"{say('cli.trace.row', language)}: {row}"]


def trace(
    page: str | Path,
    number: str,
    project: Path,
    *,
    output: Path | None = None,
    language: str = "fi",
) -> tuple[Traced, ...]:
    """Find a number on a built page and everything it rests on; the same number may stand for many results.

    Parameters
    ----------
    page : file of a page, or its name in the site, such as `kunta-297/alueprofiili`.
    number : as it is read on the page (`9,9` or `9.9`), or a result id (with or without its column).
    project, output : where the site is; without `output`, `reports/` of the project.

    Raises
    ------
    SosrakeError when there is no such page, the number is not on it as a result, or its row is gone.
    """
    path = find_page(page, project, output=output, language=language)
    everything = numbers_on(path)
    found = tuple(one for one in everything if _is(one, number))
    if not found:
        raise SosrakeError(
            say("cli.trace.not_found", language, number=number, page=str(path), count=len(everything))
        )
    opened = _releases({one.release_id for one in found} - {""}, path_of_releases(path))
    unique = {(one.result, one.release_id): one for one in found}
    return tuple(_behind(one, opened, language) for one in unique.values())


def find_page(page: str | Path, project: Path, *, output: Path | None = None, language: str = "fi") -> Path:
    """Give the file of a page named by path or by its place in the site."""
    site = (output or Path(project) / "reports") / "site"
    folder = site if language == "fi" else site / language
    for candidate in (Path(page), folder / f"{page}.html", folder / str(page)):
        if candidate.is_file():
            return candidate.resolve()
    raise SosrakeError(say("cli.trace.no_page", language, page=str(page), site=str(folder)))


def numbers_on(path: Path) -> tuple[Shown, ...]:
    """Give every number of a built page that names the result it is."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return tuple(reader.found)


def path_of_releases(page: Path) -> Path:
    """Give the folder of releases that lies beside the site a page belongs to."""
    for folder in page.parents:
        if folder.name == "site":
            return folder.parent / "releases"
    raise SosrakeError(f"{page}: not inside a folder named site; give a page of a built site")


def read_number(text: str) -> tuple[float, ...]:
    """Read the numbers of a shown text: decimal comma or point, spaces between thousands, a real minus.

    >>> read_number("9,9 %"), read_number("12 345"), read_number("−0,5")
    ((9.9,), (12345.0,), (-0.5,))
    """
    plain = text.replace("−", "-")
    return tuple(
        float(re.sub(rf"[{_SPACES}]", "", match).replace(",", ".")) for match in _NUMBER.findall(plain)
    )


class _Reader(HTMLParser):
    """Collects the text of elements with data-result; data-release is theirs or their nearest ancestor's."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Shown] = []
        self._open: list[tuple[str, str, str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        given = dict(attrs)
        release = given.get("data-release") or (self._open[-1][2] if self._open else "")
        self._open.append((tag, given.get("data-result") or "", release, []))

    def handle_endtag(self, tag: str) -> None:
        if not any(entry[0] == tag for entry in self._open):
            return
        while self._open:
            name, result, release, texts = self._open.pop()
            if result:
                self.found.append(Shown("".join(texts).strip(), result, release))
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        for _, result, _, texts in self._open:
            if result:
                texts.append(data)


def _is(shown: Shown, number: str) -> bool:
    if number in (shown.result, shown.result_id):
        return True
    asked = read_number(number)
    return bool(asked) and set(asked) <= set(read_number(shown.text))


def _releases(ids: set[str], folder: Path) -> dict[str, Release]:
    from sosrake_lib.protect import Release

    return {release_id: Release.load(release_id, folder=folder) for release_id in sorted(ids)}


def _behind(shown: Shown, opened: Mapping[str, Release], language: str) -> Traced:
    from sosrake_lib.protect import protected_frame

    if not shown.release_id:
        raise SosrakeError(say("cli.trace.no_release", language, result=shown.result))
    release = opened[shown.release_id]
    part = shown.result_id.rpartition(".")[0]
    frame = protected_frame(release.select(part=part))
    rows = frame.loc[frame["result_id"] == shown.result_id]
    if len(rows) != 1:
        raise SosrakeError(
            say("cli.trace.no_row", language, result=shown.result_id, release=shown.release_id)
        )
    row = rows.iloc[0].to_dict()
    ordered = {name: row[name] for name in (*_FIRST, *row) if name in row}
    reference = _reference_row(release, row) if shown.column == "reference_value" else None
    method = _method(row, shown.column, language, reference)
    return Traced(shown, release.name, ordered, _source(row, language), method)


def _reference_row(release: Release, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Find the row a figure of comparison is of: the same figure of the area compared with."""
    from sosrake_lib.protect import protected_frame

    if not present(row.get("reference_level")):
        # A known truth or a limit stands beside the figure; it is no figure of another area.
        return None
    area = (row["reference_level"], row["reference_code"])
    for part in release.parts:
        frame = protected_frame(release.select(part=part, region=area))
        for candidate in frame.to_dict("records"):
            same = all(candidate[name] == row[name] for name in _OF_REFERENCE)
            if same and candidate["value"] == row["reference_value"]:
                return candidate
    raise SosrakeError(
        f"release {release.id}: {row['result_id']} is compared with {'-'.join(map(str, area))}, whose row is "
        "not in the release; expected it there; keep it in the recipe (area_rows.references_of)"
    )


def _source(row: Mapping[str, Any], language: str) -> dict[str, str]:
    """Say whose figure it is: from the row itself, and for what it does not carry, from the catalogue."""
    from sosrake_lib import catalogue
    from sosrake_lib.errors import CatalogueError

    try:
        described = catalogue.indicator(str(row["indicator"]))
    except CatalogueError:
        described = None  # synthetic tables and register counts describe themselves in their rows
    told = {"period": str(row["period"])}
    if described is not None:
        told = {"name": described.name_en if language == "en" else described.name_fi, **told}
    for name in ("producer", "source", "licence", "retrieved"):
        value = row.get(name)
        told[name] = _plain(value) if present(value) else str(getattr(described, name, "") or "")
    return told


def _method(
    row: Mapping[str, Any], column: str, language: str, reference: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Describe the method of one column; a figure of comparison has that of its own row, when it is there."""
    from sosrake_lib.indicators.methods import method

    key = _method_key(row, column) if reference is None else _method_key(reference, "value")
    entry = method(key)
    name = entry.name_en if language == "en" else entry.name_fi
    return {"name": f"{name} ({entry.key})", "formula": entry.formula, "doi": entry.doi, "tests": entry.tests}


def _plain(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)
