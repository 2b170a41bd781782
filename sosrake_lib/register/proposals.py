"""Proposals for action: added once, decided knowingly, never lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib import catalogue, regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.life import check_step, states
from sosrake_lib.register.phenomena import follow_proposal
from sosrake_lib.register.rows import StaleVersion
from sosrake_lib.register.screening import refuse_personal
from sosrake_lib.register.tables import EHDOTUS, ILMIO, PAATOS

TARGETS = ("laki", "politiikka", "resurssi", "kaytanto", "palvelu", "ymparisto", "asenne")

# The life of a proposal; each state names the states that may follow it.
STATUSES: Mapping[str, tuple[str, ...]] = states("ehdotus")

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
    "benefit",
    "status",
    "decided",
    "note",
    "version",
)
_LONGEST = 4000
# How a phenomenon's life names the decision on its proposal.
_PHENOMENON_STEP = {
    "kesken": "paatos_kesken",
    "hyvaksytty": "paatos_hyvaksytty",
    "hylatty": "paatos_hylatty",
}


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
    benefit: str = "",
    phenomenon: int | None = None,
    user: str = "",
    confirmed: bool = False,
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
    cost, benefit : what is known of the cost, and of what it would bring, in words; may be empty.
    phenomenon : the phenomenon it answers; its life moves on with the proposal's.
    user : who writes it, as the trail tells.
    confirmed : the writer says that what is probably personal data names nobody.

    Raises
    ------
    SosrakeError when a field is empty, too long or not allowed, or when `key` was used for another proposal;
    PersonalData when the text names someone (it is not repeated).
    """
    row = {
        "alue_taso": region_level,
        "alue_koodi": region_code,
        "teema": theme,
        "teksti": text.strip(),
        "paattaja": decision_maker.strip(),
        "kohde": target,
        "pvm": proposed_on.isoformat(),
        "kustannus": cost.strip(),
        "hyoty": benefit.strip(),
    }
    _check_proposal({**row, "avain": key})
    refuse_personal({name: row[name] for name in ("teksti", "kustannus", "hyoty")}, confirmed=confirmed)
    with register.writing() as connection:
        new = connection.execute(sa.select(EHDOTUS).where(EHDOTUS.c.avain == key)).one_or_none() is None
        if phenomenon is not None:
            rows.one(connection, ILMIO, phenomenon)
        values = {**row, "ilmio_id": phenomenon, **({"tila": "tehty"} if new else {})}
        saved = rows.add_once(connection, EHDOTUS, key, values, user=user)
        if new and phenomenon is not None:
            follow_proposal(connection, phenomenon, "ehdotus_tehty", row["pvm"], user)
        return int(saved["ehdotus_id"])


def proposals(register: Register, region: tuple[str, str] | None = None) -> pd.DataFrame:
    """List proposals, all or of one region (level, code), oldest first.

    Returns
    -------
    DataFrame with `COLUMNS`; dates are ISO text, `decided` and `note` empty until there is a decision.
    """
    query = (
        "SELECT ehdotus_id, alue_taso, alue_koodi, teema, teksti, paattaja, kohde, pvm, kustannus, hyoty, "
        "tila, coalesce(paatetty, ''), coalesce(perustelu, ''), versio FROM ehdotus"
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
    user: str = "",
    confirmed: bool = False,
) -> int:
    """Move a proposal along its life and return its new version.

    `expected_version` is the version the editor saw. When somebody changed the proposal meanwhile nothing
    is saved, and the message shows both: what stands in the register and what was being saved.

    Raises
    ------
    SosrakeError on an unknown proposal, a step its life does not have, or a changed version.
    """
    _check_text("note", note, empty_allowed=True)
    refuse_personal({"perustelu": note}, confirmed=confirmed)
    decided = {"tila": status, "paatetty": decided_on.isoformat(), "perustelu": note.strip()}
    with register.writing() as connection:
        found = connection.execute(sa.select(EHDOTUS).where(EHDOTUS.c.ehdotus_id == proposal)).mappings()
        now = found.one_or_none()
        if now is None:
            raise SosrakeError(f"register: no proposal {proposal}; list them with proposals()")
        if now["versio"] != expected_version:
            raise _conflict(now, expected_version, status, decided_on, note)
        check_step("ehdotus", proposal, now["tila"], status)
        saved = rows.change(
            connection, EHDOTUS, proposal, decided, expected_version=expected_version, user=user
        )
        entry = {"tila": status, "pvm": decided["paatetty"], "perustelu": decided["perustelu"]}
        rows.add(connection, PAATOS, {**entry, "ehdotus_id": proposal}, user=user)
        if now["ilmio_id"] is not None:
            step = _PHENOMENON_STEP.get(status, status)
            follow_proposal(connection, now["ilmio_id"], step, decided["paatetty"], user)
        return int(saved["versio"])


def decisions(register: Register, proposal: int) -> pd.DataFrame:
    """List the decisions a proposal has met, first to last: status, decided (day), note."""
    query = sa.select(PAATOS.c.tila, PAATOS.c.pvm, PAATOS.c.perustelu).where(PAATOS.c.ehdotus_id == proposal)
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query.order_by(PAATOS.c.paatos_id))]
    return pd.DataFrame(found, columns=["status", "decided", "note"])


def _conflict(now: sa.RowMapping, expected: int, status: str, decided_on: date, note: str) -> StaleVersion:
    stands = f"version {now['versio']} ({now['tila']}, {now['paatetty'] or 'undated'}"
    stands += f", {now['perustelu'] or 'no note'})"
    mine = f"version {expected} ({status}, {decided_on.isoformat()}, {note or 'no note'})"
    return StaleVersion(
        f"register: proposal {now['ehdotus_id']} changed while you edited it: the register has {stands}, "
        f"you were saving over {mine}; read both and save again",
        dict(now),
        {"tila": status, "paatetty": decided_on.isoformat(), "perustelu": note},
    )


def _check_proposal(row: Mapping[str, Any]) -> None:
    for name in ("avain", "teksti", "paattaja"):
        _check_text(name, row[name])
    for name in ("kustannus", "hyoty"):
        _check_text(name, row[name], empty_allowed=True)
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
