"""What a follow-up entry may hold: fields of its kind, roles and no persons, no small counts in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from sosrake_lib import regions
from sosrake_lib.catalogue import indicator
from sosrake_lib.catalogue.decision_calendar import decision
from sosrake_lib.errors import CatalogueError, RegionError, SosrakeError
from sosrake_lib.gather.schemas import Column
from sosrake_lib.register.followup_kinds import Kind
from sosrake_lib.register.screening import PersonalData, find, refuse_personal
from sosrake_lib.register.workbook_pages import checked_keys

LONGEST = 2000
LEVELS = ("kunta", "hva")
_HALF_YEAR = re.compile(r"20\d\d-H[12]")
# One to four people in words tell of somebody as surely as the figure does: a release would hide it.
_SMALL = re.compile(
    r"\b(?:[1-4]|yksi|yhden|yhtä|kaksi|kahden|kahta|kolme|kolmen|kolmea|neljä|neljän|neljää)\s+"
    r"(?:asiak|henkilö|ihmi|osallistuj|nuor|laps|last|perhee|perhett|opiskelij|tyttö|tytön|poik|poja|mies|miest|nai)\w*",
    re.IGNORECASE,
)


def checked(kind: Kind, given: Mapping[str, str], *, confirmed: bool = False) -> dict[str, str]:
    """Check the fields of an entry and give all of them, empty ones too.

    Parameters
    ----------
    given : field -> text; a field left out is empty. Days are ISO days, counts whole numbers.
    confirmed : the writer says that what is probably personal data names nobody; in a role nothing helps.

    Raises
    ------
    SosrakeError naming kind, field and what was expected; PersonalData when a text names someone.
    """
    wrong = next((name for name in given if name not in kind.columns), None)
    if wrong is not None:
        raise SosrakeError(
            f"register: {kind.name} has no field {wrong!r}; expected {', '.join(kind.columns)}"
        )
    row = {name: str(given.get(name, "") or "").strip() for name in kind.columns}
    for name, column in kind.columns.items():
        _check_field(kind.name, column, row[name])
    _check_keys(kind, row)
    row |= {name: checked_keys(f"register: {kind.name}: {name}", row[name]) for name in kind.pages}
    words = {name: row[name] for name in kind.of("text")}
    _refuse_persons(kind, words)
    refuse_personal(words, confirmed=confirmed)
    _refuse_small(kind, words)
    return row


def check_region(level: str, code: str) -> tuple[str, str]:
    """Give the checked area of an entry; a municipality's code may lack the zeros a spreadsheet ate."""
    code = code.strip().zfill(3) if level == "kunta" and code.strip().isdigit() else code.strip()
    code = code.zfill(2) if level == "hva" and code.isdigit() else code
    try:
        if level in LEVELS:
            regions.region(level, code)
            return level, code
    except RegionError:
        pass
    raise SosrakeError(f"register: area {level} {code!r}; expected kunta or hva and the code of one there is")


def small_counts(text: str) -> tuple[str, ...]:
    """Find one to four people counted in words.

    Examples
    --------
    >>> from sosrake_lib.register.followup_check import small_counts
    >>> small_counts("Kolme asiakasta vastasi 12 kysymykseen."), small_counts("Muutama asiakas vastasi.")
    (('Kolme asiakasta',), ())
    """
    return tuple(found.group() for found in _SMALL.finditer(text))


def _check_field(kind: str, column: Column, text: str) -> None:
    where = f"register: {kind}: {column.name}"
    if not text:
        if column.required:
            raise SosrakeError(f"{where} is empty; write it: {column.meaning}")
        return
    if column.kind == "choice" and text not in column.allowed:
        raise SosrakeError(f"{where} {text!r}; expected one of {', '.join(column.allowed)}")
    if column.kind == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            raise SosrakeError(f"{where} {text!r}; expected a day such as 2026-03-31") from None
    if column.kind == "count" and not text.isdecimal():
        raise SosrakeError(f"{where} {text!r}; expected a whole number, or empty when it was not measured")
    if len(text) > LONGEST:
        raise SosrakeError(f"{where} has {len(text)} characters; at most {LONGEST}; shorten it")


def _check_keys(kind: Kind, row: Mapping[str, str]) -> None:
    """Check what names something of the catalogue or of the register, and counts within one another."""
    try:
        if row.get("indikaattori"):
            indicator(row["indikaattori"])
        if kind.name == "vuosikello" and row["paatos"]:
            decision(row["paatos"])
    except CatalogueError as problem:
        raise SosrakeError(f"register: {kind.name}: {problem}") from None
    if "puolivuosi" in row and not _HALF_YEAR.fullmatch(row["puolivuosi"]):
        raise SosrakeError(
            f"register: {kind.name}: puolivuosi {row['puolivuosi']!r}; expected a half-year such as 2026-H1"
        )
    for name in kind.links:
        if row[name] and not row[name].isdecimal():
            raise SosrakeError(
                f"register: {kind.name}: {name} {row[name]!r}; expected a number of the register"
            )
    if row.get("reaktiot") and int(row["reaktiot"]) > int(row["tavoitetut"] or 0):
        raise SosrakeError(
            f"register: {kind.name}: reaktiot is larger than tavoitetut; give both, of the same people"
        )
    if row.get("mita_muuttui") and not row["muutoksen_luonne"]:
        raise SosrakeError(
            f"register: {kind.name}: muutoksen_luonne is empty; say kuvaus (the situation now) or muutos "
            "(the same thing at two times): nothing stronger can be told here"
        )


def _refuse_persons(kind: Kind, words: Mapping[str, str]) -> None:
    """Refuse a role that names someone, or seems to: here a yes of the writer does not help."""
    found = find({name: words[name] for name in kind.roles})
    if found:
        raise PersonalData(
            f"register: {kind.name}: {found[0].field} names a person ({found[0].type}); write the role, such "
            "as kehittäjäkoordinaattori",
            found,
            found[0].level,
        )


def _refuse_small(kind: Kind, words: Mapping[str, str]) -> None:
    for name, text in words.items():
        if small_counts(text):
            raise SosrakeError(
                f"register: {kind.name}: {name} counts one to four people in words; so few could be "
                "recognised: write 'muutama' or leave the number out"
            )
