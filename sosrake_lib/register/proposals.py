"""Proposals for action: added once, decided knowingly, never lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather.identifiers import identity_codes
from sosrake_lib.register.engine import Register
from sosrake_lib.register.trail import write_line

TARGETS = ("laki", "politiikka", "resurssi", "kaytanto", "palvelu", "ymparisto", "asenne")

# The life of a proposal; each state names the states that may follow it.
STATUSES: Mapping[str, tuple[str, ...]] = {
    "tehty": ("kesken", "hyvaksytty", "hylatty"),
    "kesken": ("hyvaksytty", "hylatty"),
    "hyvaksytty": ("seurannassa", "suljettu"),
    "hylatty": ("suljettu",),
    "seurannassa": ("suljettu",),
    "suljettu": (),
}

COLUMNS = (
    "ehdotus_id",
    "region_level",
    "region_code",
    "theme",
    "text",
    "decision_maker",
    "target",
    "proposed_on",
    "cost",
    "status",
    "decided",
    "note",
    "version",
)
_LONGEST = 4000


def add_proposal(
    register: Register,
    *,
    key: str,
    region_level: str,
    region_code: str,
    theme: str,
    text: str,
    decision_maker: str,
    target: str,
    proposed_on: date,
    cost: str = "",
) -> int:
    """Save a proposal and return its number; the same `key` again returns the first number, saving nothing.

    Parameters
    ----------
    key : the form's idempotency key: made once when the form opens, sent with every try.
    region_level, region_code : whose proposal it is, such as ("kunta", "297").
    theme : a theme of the catalogue, or "muu".
    text : the proposal itself, no personal data.
    decision_maker : the body that decides, in its own name.
    target : what should change; one of `TARGETS`.
    cost : what is known of the cost, in words; may be empty.

    Raises
    ------
    SosrakeError when a field is empty, too long or not allowed, when the text holds a personal identity
    code (the code is not repeated), or when `key` was used for another proposal.
    """
    row = {
        "avain": key,
        "alue_taso": region_level,
        "alue_koodi": region_code,
        "teema": theme,
        "teksti": text.strip(),
        "paattaja": decision_maker.strip(),
        "kohde": target,
        "pvm": proposed_on.isoformat(),
        "kustannus": cost.strip(),
    }
    _check_proposal(row)
    with register.writing() as connection:
        found = connection.execute(sa.text("SELECT * FROM ehdotus WHERE avain = :avain"), {"avain": key})
        earlier = found.mappings().one_or_none()
        if earlier is not None:
            return _same_again(earlier, row)
        added = connection.execute(
            sa.text(
                "INSERT INTO ehdotus (avain, alue_taso, alue_koodi, teema, teksti, paattaja, kohde, "
                "pvm, kustannus, tila, versio) VALUES (:avain, :alue_taso, :alue_koodi, :teema, :teksti, "
                ":paattaja, :kohde, :pvm, :kustannus, 'tehty', 1) RETURNING *"
            ),
            row,
        )
        saved = added.mappings().one()
        write_line(connection, "lisatty", saved)
        return int(saved["ehdotus_id"])


def proposals(register: Register, region: tuple[str, str] | None = None) -> pd.DataFrame:
    """List proposals, all or of one region (level, code), oldest first.

    Returns
    -------
    DataFrame with `COLUMNS`; dates are ISO text, `decided` and `note` empty until there is a decision.
    """
    query = (
        "SELECT ehdotus_id, alue_taso, alue_koodi, teema, teksti, paattaja, kohde, pvm, kustannus, tila, "
        "coalesce(paatetty, ''), coalesce(perustelu, ''), versio FROM ehdotus"
    )
    chosen = {}
    if region is not None:
        query += " WHERE alue_taso = :taso AND alue_koodi = :koodi"
        chosen = {"taso": region[0], "koodi": region[1]}
    with register.reading() as connection:
        rows = connection.execute(sa.text(query + " ORDER BY ehdotus_id"), chosen).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))


def decide(
    register: Register,
    proposal: int,
    *,
    status: str,
    decided_on: date,
    expected_version: int,
    note: str = "",
) -> int:
    """Move a proposal along its life and return its new version.

    `expected_version` is the version the editor saw. When somebody changed the proposal meanwhile nothing
    is saved, and the message shows both: what stands in the register and what was being saved.

    Raises
    ------
    SosrakeError on an unknown proposal, a step its life does not have, or a changed version.
    """
    _check_text("note", note, empty_allowed=True)
    with register.writing() as connection:
        found = connection.execute(
            sa.text("SELECT * FROM ehdotus WHERE ehdotus_id = :id"), {"id": proposal}
        ).mappings()
        now = found.one_or_none()
        if now is None:
            raise SosrakeError(f"register: no proposal {proposal}; list them with proposals()")
        if now["versio"] != expected_version:
            raise _conflict(now, expected_version, status, decided_on, note)
        allowed = STATUSES[now["tila"]]
        if status not in allowed:
            raise SosrakeError(
                f"register: proposal {proposal} is {now['tila']}; {status!r} cannot follow it; "
                f"expected {', '.join(allowed) or 'nothing, its life is over'}"
            )
        changed = connection.execute(
            sa.text(
                "UPDATE ehdotus SET tila = :tila, paatetty = :paatetty, perustelu = :perustelu, "
                "versio = versio + 1 WHERE ehdotus_id = :id RETURNING *"
            ),
            {"tila": status, "paatetty": decided_on.isoformat(), "perustelu": note.strip(), "id": proposal},
        )
        saved = changed.mappings().one()
        write_line(connection, "muutettu", saved)
        return int(saved["versio"])


def _same_again(earlier: sa.RowMapping, row: Mapping[str, Any]) -> int:
    differing = [name for name in row if earlier[name] != row[name]]
    if differing:
        raise SosrakeError(
            f"register: key {row['avain']!r} already stands for proposal {earlier['ehdotus_id']} "
            f"with another {differing[0]}; open a new form"
        )
    return int(earlier["ehdotus_id"])


def _conflict(now: sa.RowMapping, expected: int, status: str, decided_on: date, note: str) -> SosrakeError:
    stands = f"version {now['versio']} ({now['tila']}, {now['paatetty'] or 'undated'}"
    stands += f", {now['perustelu'] or 'no note'})"
    mine = f"version {expected} ({status}, {decided_on.isoformat()}, {note or 'no note'})"
    return SosrakeError(
        f"register: proposal {now['ehdotus_id']} changed while you edited it: the register has {stands}, "
        f"you were saving over {mine}; read both and save again"
    )


def _check_proposal(row: Mapping[str, Any]) -> None:
    for name in ("avain", "teksti", "paattaja"):
        _check_text(name, row[name])
    _check_text("kustannus", row["kustannus"], empty_allowed=True)
    regions.region(row["alue_taso"], row["alue_koodi"])
    themes = (*(theme.key for theme in catalogue.themes()), "muu")
    for name, allowed in (("teema", themes), ("kohde", TARGETS)):
        if row[name] not in allowed:
            raise SosrakeError(f"register: {name} {row[name]!r}; expected one of {', '.join(allowed)}")


def _check_text(name: str, text: str, *, empty_allowed: bool = False) -> None:
    if not text.strip() and not empty_allowed:
        raise SosrakeError(f"register: {name} is empty; write it")
    if len(text) > _LONGEST:
        raise SosrakeError(f"register: {name} has {len(text)} characters; at most {_LONGEST}; shorten it")
    if identity_codes(text):
        raise SosrakeError(
            f"register: {name} holds a personal identity code; remove it: no one is named here"
        )
