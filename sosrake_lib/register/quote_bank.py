"""The quote bank's papers: who may use a quote for what, where it has been shown, and how it is withdrawn.

`quotes` keeps the words and the two reviewers. Here stands the written permission beside each quote: form,
where the paper is kept (no name), for which uses, on which theme and area. The person gets a code on it and
may withdraw with the code, without telling a name. What leaves is judged by `judge_quotes` of gather.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather.participation import USES, WRITTEN, judge_quotes
from sosrake_lib.register import receipts, rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.quotes import add_quote, review_quote, withdraw_quote
from sosrake_lib.register.redaction import Redaction
from sosrake_lib.register.tables import LAINAUS, LAINAUSJULKAISU, LAINAUSLUPA, LAINAUSSIVU

# The register's columns under the names that the gate reads.
_NAMES = {
    "lainaus_id": "lainaus_id",
    "teksti": "text",
    "lahdelaji": "source",
    "muoto": "form",
    "luvan_laajuus": "scope",
    "kaytto": "uses",
    "lupa_pvm": "permitted_on",
    "lupa_paattyy": "permitted_until",
    "peruttu": "withdrawn",
    "tarkastaja_1": "reviewer_1",
    "tarkastaja_2": "reviewer_2",
    "teema": "theme",
    "alue_taso": "region_level",
    "alue_koodi": "region_code",
    "alkupera": "origin",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """A person's written permission: how far it reaches, its days, its uses and where the paper is kept."""

    scope: str
    permitted_on: date
    permitted_until: date
    uses: tuple[str, ...]
    kept_at: str
    form: str = WRITTEN


@dataclass(frozen=True, slots=True)
class Banked:
    """A quote's number and the code its person may withdraw it with; the code is shown once."""

    number: int
    withdrawal_code: str


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A published page a quote stands on (`fi/kunta-297/paattajakooste`), and the first ISO day of it."""

    page: str
    day: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawn quote, the releases and pages that had shown it, and where the deletion has reached."""

    number: int
    shown_in: tuple[str, ...]
    redaction: Redaction
    pages: tuple[ShownPage, ...] = ()


def bank_quote(
    register: Register,
    key: str,
    text: str,
    permission: Permission,
    *,
    source: str,
    theme: str,
    region: tuple[str, str],
    user: str,
    observation: int | None = None,
    origin: str = "own",
) -> Banked:
    """Take a quote with its permission into the bank, once by its key; both are saved or neither.

    Parameters
    ----------
    key : of `receipts.new_key`. region : (level, code) the quote is told of; coarse enough to name nobody.

    Raises
    ------
    SosrakeError for a key that is no form's, a permission that is not written, unknown uses or no place where
    the paper is kept; otherwise as `quotes.add_quote`.
    """
    odd = sorted(set(permission.uses) - set(USES))
    if permission.form != WRITTEN or odd or not permission.uses or not permission.kept_at.strip():
        raise SosrakeError(
            f"register: lainaus: permission {permission.form!r}, uses {odd or permission.uses}; expected "
            f"{WRITTEN}, some of {', '.join(USES)}, and where the paper is kept"
        )
    if not receipts.is_key(key):
        raise SosrakeError("register: lainaus: the key is no form's; make one with receipts.new_key()")
    code = receipts.receipt(key)
    paper = {
        "muoto": permission.form,
        "sailytys": permission.kept_at.strip(),
        "kaytto": ";".join(permission.uses),
        "teema": theme,
        "alue_taso": region[0],
        "alue_koodi": region[1],
        "peruutus": receipts.receipt_hash(code),
    }
    with register.together() as one:
        number = add_quote(
            one,
            receipts.key_hash(key),
            text,
            source=source,
            scope=permission.scope,
            permitted_on=permission.permitted_on,
            permitted_until=permission.permitted_until,
            user=user,
            observation=observation,
            origin=origin,
        )
        with one.writing() as connection:
            _add_paper(connection, number, paper, user)
    return Banked(number, code)


def publishable(
    register: Register,
    on: date,
    *,
    use: str = "verkkosivu",
    theme: str | None = None,
    region: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """List the quotes that may be shown on a day for a use; nothing else of the bank is given.

    Returns
    -------
    DataFrame: lainaus_id, text, source, theme, region_level, region_code, permitted_until, origin.
    """
    found = judge_quotes(_listed(register), on, use)
    kept = found.loc[found["reason"] == ""]
    if theme is not None:
        kept = kept.loc[kept["theme"] == theme]
    if region is not None:
        kept = kept.loc[(kept["region_level"] == region[0]) & (kept["region_code"] == region[1])]
    columns = ["lainaus_id", "text", "source", "theme", "region_level", "region_code", "permitted_until"]
    return kept[[*columns, "origin"]].reset_index(drop=True)


def judged(register: Register, on: date, use: str = "verkkosivu") -> pd.DataFrame:
    """Say of each quote, without its words, why it may not be shown.

    Returns
    -------
    DataFrame: lainaus_id, theme, reason (empty: it may be shown).
    """
    return judge_quotes(_listed(register), on, use)[["lainaus_id", "theme", "reason"]]


def sign(register: Register, number: int, *, user: str) -> None:
    """Sign a quote as one of its two reviewers, in the version that stands now."""
    with register.reading() as connection:
        version = int(rows.one(connection, LAINAUS, number)["versio"])
    review_quote(register, number, expected_version=version, user=user)


def note_shown(
    register: Register,
    numbers: Iterable[int],
    release: str,
    on: date,
    *,
    user: str,
    pages: Iterable[str] = (),
) -> None:
    """Write which quotes a release showed and on which pages, once each, for a withdrawal to follow.

    Parameters
    ----------
    pages : pages that go out with these quotes, as `fi/kunta-297/paattajakooste`; none when a release is
        approved and nobody has published it yet.

    Raises
    ------
    SosrakeError when a quote may not be shown on that day, or the release has no id.
    """
    if not release.strip():
        raise SosrakeError("register: lainaus: the release has no id; make it first")
    shown, allowed = tuple(dict.fromkeys(pages)), permitted(register, on)
    with register.writing() as connection:
        for number in dict.fromkeys(numbers):
            if number not in allowed:
                raise SosrakeError(f"register: lainaus {number} may not be shown on {on.isoformat()}")
            _note(connection, LAINAUSJULKAISU, number, "julkaisu", release, on, user)
            for page in shown:
                _note(connection, LAINAUSSIVU, number, "sivu", page, on, user)


def permitted(register: Register, on: date) -> frozenset[int]:
    """Name the quotes that may be shown on a day for some use."""
    found = (publishable(register, on, use=use)["lainaus_id"].tolist() for use in USES)
    return frozenset(int(number) for numbers in found for number in numbers)


def shown_on(register: Register, number: int) -> tuple[ShownPage, ...]:
    """Name the pages a quote has been published on, in the order they were."""
    query = sa.select(LAINAUSSIVU.c.sivu, LAINAUSSIVU.c.pvm).where(LAINAUSSIVU.c.lainaus_id == number)
    with register.reading() as connection:
        found = connection.execute(query.order_by(LAINAUSSIVU.c.lainaussivu_id)).all()
    return tuple(ShownPage(page, day) for page, day in found)


def withdraw(register: Register, which: int | str, *, user: str) -> Withdrawn:
    """Withdraw a quote by its number, or by the code that its person holds.

    The words go from the register, the trail and the backups at once; the next release does not hold them.
    Releases already given out and pages published with it are named, so that people can take the words down
    there too.

    Raises
    ------
    SosrakeError when no quote has the number or the code.
    """
    number = _number_of(register, which) if isinstance(which, str) else which
    shown = sa.select(LAINAUSJULKAISU.c.julkaisu).where(LAINAUSJULKAISU.c.lainaus_id == number)
    with register.reading() as connection:
        rows.one(connection, LAINAUS, number)
        releases = connection.execute(shown.order_by(LAINAUSJULKAISU.c.pvm)).scalars().all()
    pages = shown_on(register, number)
    return Withdrawn(number, tuple(releases), withdraw_quote(register, number, user=user), pages)


def _note(
    connection: sa.Connection, table: sa.Table, number: int, column: str, name: str, on: date, user: str
) -> None:
    """Write once that a quote was shown in a release or on a page; the first day stands."""
    known = sa.select(table).where(table.c.lainaus_id == number, table.c[column] == name)
    if connection.execute(known).first() is None:
        rows.add(connection, table, {"lainaus_id": number, column: name, "pvm": on.isoformat()}, user=user)


def _add_paper(connection: sa.Connection, number: int, paper: dict[str, Any], user: str) -> None:
    known = sa.select(LAINAUSLUPA).where(LAINAUSLUPA.c.lainaus_id == number)
    found = connection.execute(known).mappings().one_or_none()
    if found is None:
        rows.add(connection, LAINAUSLUPA, {**paper, "lainaus_id": number}, user=user)
        return
    differing = [name for name in paper if found[name] != paper[name]]
    if differing:
        raise SosrakeError(f"register: lainaus {number} stands with another {differing[0]}; open a new form")


def _listed(register: Register) -> pd.DataFrame:
    """List quotes with their papers under the gate's names; one without a paper has no form and stays in."""
    paper = [LAINAUSLUPA.c[name] for name in ("muoto", "kaytto", "teema", "alue_taso", "alue_koodi")]
    quote = [LAINAUS.c[name] for name in _NAMES if name in LAINAUS.c]
    query = (
        sa.select(*quote, *paper)
        .outerjoin(LAINAUSLUPA, LAINAUSLUPA.c.lainaus_id == LAINAUS.c.lainaus_id)
        .where(LAINAUS.c.poistettu == "")
        .order_by(LAINAUS.c.lainaus_id)
    )
    with register.reading() as connection:
        found = [dict(row) for row in connection.execute(query).mappings()]
    listed = pd.DataFrame(found, columns=list(_NAMES)).rename(columns=_NAMES)
    words = [name for name in _NAMES.values() if name != "lainaus_id"]
    return listed.assign(**{name: listed[name].fillna("").astype("str") for name in words})


def _number_of(register: Register, code: str) -> int:
    query = sa.select(LAINAUSLUPA.c.lainaus_id).where(LAINAUSLUPA.c.peruutus == receipts.receipt_hash(code))
    with register.reading() as connection:
        found = connection.execute(query).scalars().first()
    if found is None:
        raise SosrakeError("register: no quote has this code; check it on the permission form")
    return int(found)
