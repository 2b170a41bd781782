"""Personal data in what people write: sure findings block saving, probable ones need a yes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather import identifiers

SURE, PROBABLE, REVIEW = "sure", "probable", "review"
LEVELS = (SURE, PROBABLE, REVIEW)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a text seems to name someone; the text itself is not repeated."""

    field: str
    type: str
    start: int
    end: int
    level: str


class PersonalData(SosrakeError):
    """A text names someone, or seems to; `findings` tell where, `level` how sure."""

    def __init__(self, message: str, findings: tuple[Finding, ...], level: str) -> None:
        super().__init__(message)
        self.findings = findings
        self.level = level


def find(texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """List what in the texts (field -> text) seems to name someone, field by field."""
    return tuple(
        Finding(field, entity.type, entity.start, entity.end, entity.level)
        for field, text in texts.items()
        if text
        for entity in identifiers.find(text)
    )


def refuse_personal(texts: Mapping[str, str], *, confirmed: bool = False) -> tuple[Finding, ...]:
    """Refuse texts that name someone; give back the probable findings a person has confirmed as harmless.

    Parameters
    ----------
    confirmed : the writer has looked at the probable findings and says that they name nobody.

    Raises
    ------
    PersonalData with level "sure" whatever is confirmed, with level "probable" until it is confirmed.
    """
    found = find(texts)
    sure = _of(found, SURE)
    if sure:
        raise PersonalData(
            f"register: {_where(sure)}: personal data that is sure; remove it: no one is named here",
            sure,
            SURE,
        )
    probable = _of(found, PROBABLE)
    if probable and not confirmed:
        raise PersonalData(
            f"register: {_where(probable)}: probably personal data; remove it, or confirm it names nobody",
            probable,
            PROBABLE,
        )
    return probable


def _of(found: Iterable[Finding], level: str) -> tuple[Finding, ...]:
    return tuple(one for one in found if one.level == level)


def _where(found: tuple[Finding, ...]) -> str:
    return ", ".join(dict.fromkeys(f"{one.field} ({one.type})" for one in found))
