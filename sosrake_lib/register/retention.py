"""How long things are kept: dated rules as data, and the run that carries them out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.register import redaction, rows, tables
from sosrake_lib.register.engine import Register
from sosrake_lib.register.followup_kinds import kind
from sosrake_lib.register.tables import SECRET, SEURANTA, SEURANTAVERSIO, VARMUUSKOPIO

STANDING = "standing"
COLUMNS = ("table", "row", "since", "due", "what", "reason_fi", "reason_en")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: words or file of a table's rows go `months` after the day in column `clock`.

    `spares` = "standing": the newest version of an entry of plans and follow-up stays until the entry ends.
    """

    table: str
    clock: str
    months: int
    what: str
    valid_from: date
    reason_fi: str
    reason_en: str
    spares: str = ""


def rules(on: date) -> tuple[Rule, ...]:
    """Give the rules in force on a day, one a table."""
    newest: dict[str, Rule] = {}
    for rule in sorted(_rules(), key=lambda one: one.valid_from):
        if rule.valid_from <= on:
            newest[rule.table] = rule
    return tuple(newest.values())


def retain(register: Register, on: date, *, dry_run: bool, user: str = "") -> pd.DataFrame:
    """Delete what has been kept long enough, or with `dry_run` only list it.

    Returns
    -------
    DataFrame with `COLUMNS`, one row each thing whose time is up on the day, in the order of the rules.
    """
    due = pd.concat([pd.DataFrame(columns=list(COLUMNS)), *(_due(register, rule, on) for rule in rules(on))])
    due = due.reset_index(drop=True)
    if dry_run or due.empty:
        return due
    words = due[due["what"] == "words"]
    with register.writing() as connection:
        for table, number, reason in zip(words["table"], words["row"], words["reason_fi"], strict=True):
            redaction.empty(connection, table, int(number), user=user)
            redaction.note_redaction(connection, table, int(number), f"säilytysaika: {reason}", user)
    for number in due.loc[due["what"] == "file", "row"]:
        _remove_backup(register, int(number), user)
    if len(words):
        redaction.finish(register)
    return due


def after(day: date, months: int) -> date:
    """Give the day so many months later; the last day of a shorter month.

    Examples
    --------
    >>> from datetime import date
    >>> from sosrake_lib.register.retention import after
    >>> after(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError("no such day")  # pragma: no cover - every month has a 28th


def _due(register: Register, rule: Rule, on: date) -> pd.DataFrame:
    of = tables.table(rule.table)
    query = sa.select(tables.identifier(of), of.c[rule.clock]).where(
        of.c.poistettu == "", of.c[rule.clock] != ""
    )
    if rule.what == "words":
        query = query.where(sa.or_(*(of.c[name] != "" for name in SECRET[rule.table])))
    with register.reading() as connection:
        found = connection.execute(query.order_by(tables.identifier(of))).all()
        spared = standing(connection) if rule.spares == STANDING else frozenset()
    told = []
    for number, text in found:
        if number in spared:
            continue
        since = date.fromisoformat(text[:10])
        due = after(since, rule.months)
        if due < on:
            told.append((rule.table, number, since, due, rule.what, rule.reason_fi, rule.reason_en))
    return pd.DataFrame(told, columns=list(COLUMNS))


def standing(connection: sa.Connection) -> frozenset[int]:
    """Name the versions that tell how entries of plans and follow-up now stand, of those not yet ended."""
    newest = sa.select(SEURANTAVERSIO.c.seuranta_id, sa.func.max(SEURANTAVERSIO.c.nro).label("nro"))
    last = newest.group_by(SEURANTAVERSIO.c.seuranta_id).subquery()
    of = sa.and_(last.c.seuranta_id == SEURANTAVERSIO.c.seuranta_id, last.c.nro == SEURANTAVERSIO.c.nro)
    query = (
        sa.select(SEURANTAVERSIO.c.seurantaversio_id, SEURANTAVERSIO.c.tila, SEURANTA.c.laji)
        .join(last, of)
        .join(SEURANTA, SEURANTA.c.seuranta_id == SEURANTAVERSIO.c.seuranta_id)
    )
    return frozenset(number for number, state, name in connection.execute(query) if state != kind(name).last)


def _remove_backup(register: Register, number: int, user: str) -> None:
    with register.writing() as connection:
        file = Path(rows.one(connection, VARMUUSKOPIO, number)["tiedosto"])
        file.unlink(missing_ok=True)
        file.with_name(file.name + ".json").unlink(missing_ok=True)
        gone = {"tila": "poistettu", "poistettu": date.today().isoformat()}
        rows.replace(connection, VARMUUSKOPIO, number, gone, user=user, event="poistettu")


@cache
def _rules() -> tuple[Rule, ...]:
    source = files("sosrake_lib.register").joinpath("retention.toml")
    told: list[Mapping] = tomllib.loads(source.read_text(encoding="utf-8"))["rule"]
    return tuple(Rule(**{**one, "valid_from": date.fromisoformat(one["valid_from"])}) for one in told)
