"""Every file of a folder, its risks, and its hash, so that what was checked is what is handed over."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sosrake_lib.errors import DisclosureError
from sosrake_lib.gather import identifiers
from sosrake_lib.protect.output_check import files
from sosrake_lib.protect.output_check.limits import BY_EYE, SEEN, Limits, Risk
from sosrake_lib.protect.output_check.models import model_risks, text_risks
from sosrake_lib.protect.output_check.risks import table_risks


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file: its path in the folder, its sha256, how many tables and rows it holds, and its risks."""

    path: str
    sha256: str
    tables: int
    rows: int
    risks: tuple[Risk, ...]

    @property
    def seen(self) -> tuple[Risk, ...]:
        """Risks the program saw in the figures."""
        return tuple(risk for risk in self.risks if risk.kind in SEEN)

    @property
    def by_eye(self) -> tuple[Risk, ...]:
        """What only a person can judge."""
        return tuple(risk for risk in self.risks if risk.kind in BY_EYE)


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """What an output check found; `files` in the order of their paths."""

    folder: str
    limits: Limits
    files: tuple[CheckedFile, ...]

    @property
    def risks(self) -> int:
        """How many risks the program saw."""
        return sum(len(one.seen) for one in self.files)


def check_folder(folder: Path | str, limits: Limits | None = None) -> FolderCheck:
    """Check every file of a folder that is about to leave a secure environment.

    Parameters
    ----------
    folder : where the results are; files below it are read too, hidden ones as well.
    limits : what is asked for; left out, counts of 5, shares of 50 people, 10 degrees of freedom.

    Raises
    ------
    DisclosureError when the folder is not there or holds no file.
    """
    place, asked = Path(folder), limits or Limits()
    if not place.is_dir():
        raise DisclosureError(f"output check: {place} is no folder; name the folder of the results")
    found = sorted(path for path in place.rglob("*") if path.is_file() or path.is_symlink())
    if not found:
        raise DisclosureError(f"output check: {place} holds no file; put the results there first")
    checked = tuple(_checked(path, place, asked) for path in found)
    return FolderCheck(place.name, asked, checked)


def _checked(path: Path, folder: Path, limits: Limits) -> CheckedFile:
    name = path.relative_to(folder).as_posix()
    if path.is_symlink():
        return CheckedFile(name, "", 0, 0, (Risk("not_read", path.name),))
    contents = files.read(path)
    found = list(contents.risks)
    for table in contents.tables:
        found += table_risks(table, limits)
    for text in contents.texts:
        found += model_risks(text, limits) + text_risks(text) + _personal(text)
    rows = sum(len(table.values) for table in contents.tables)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return CheckedFile(name, digest, len(contents.tables), rows, _together(found))


def _personal(text: str) -> list[Risk]:
    found: Counter[tuple[str, str]] = Counter()
    for entity in identifiers.find(text):
        # Two capitals in a row are a name in a letter and a heading in a table of results.
        by_eye = entity.type == "NAME" and entity.level != "sure"
        if entity.level != "review":
            found["names" if by_eye else "personal_data", entity.type] += 1
    return [Risk(kind, of, count) for (kind, of), count in sorted(found.items())]


def _together(risks: list[Risk]) -> tuple[Risk, ...]:
    places: Counter[tuple[str, str]] = Counter()
    for risk in risks:
        places[risk.kind, risk.where] += risk.places
    order = {kind: number for number, kind in enumerate((*SEEN, *BY_EYE))}
    rows = sorted(places.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    return tuple(Risk(kind, where, count) for (kind, where), count in rows)
