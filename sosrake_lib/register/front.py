"""The front: what stands before the register's door.

Three tables. `saapunut` takes forms as they come; `naytto_kuitti` holds what a receipt code may show (dated
states and feedback, no word of an observation); `naytto_ilmio` the approved summaries. The desk owns the
front (`open_front`): it empties the first and writes the others. The receiver of forms gets a `Counter`
(`open_counter`): it may insert into the first and read the other two, nothing else. On SQLite the front is a
file of its own with an authorizer that denies the rest; on PostgreSQL the counter is a role with these
grants.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from sosrake_lib import samples
from sosrake_lib.errors import SosrakeError
from sosrake_lib.register.engine import Register, address_of, make_engine
from sosrake_lib.register.receipts import key_hash, receipt_hash

VARIABLE = "SOSRAKE_FRONT"
_FILE = "register_front.sqlite"
_KEPT_CONNECTIONS = 8
METADATA = sa.MetaData()
ARRIVED = sa.Table(
    "saapunut",
    METADATA,
    sa.Column("saapunut_id", sa.Integer, primary_key=True),
    sa.Column("avain", sa.Text, nullable=False),
    sa.Column("tiiviste", sa.Text, nullable=False),
    sa.Column("kuitti", sa.Text, nullable=False),
    sa.Column("sisalto", sa.Text, nullable=False),
    sa.Column("tullut", sa.Text, nullable=False),
    sa.UniqueConstraint("avain", "tiiviste"),
)
SHOWN_RECEIPTS = sa.Table(
    "naytto_kuitti",
    METADATA,
    sa.Column("kuitti", sa.Text, primary_key=True),
    sa.Column("sisalto", sa.Text, nullable=False),
)
SHOWN_SUMMARIES = sa.Table(
    "naytto_ilmio",
    METADATA,
    sa.Column("ilmio_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sisalto", sa.Text, nullable=False),
)
# One statement for both databases; without a named target it needs no right to read.
_INSERT = sa.text(
    "INSERT INTO saapunut (avain, tiiviste, kuitti, sisalto, tullut) "
    "VALUES (:avain, :tiiviste, :kuitti, :sisalto, :tullut) ON CONFLICT DO NOTHING"
)
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Counter:
    """What the receiver of forms holds: it puts in, and shows what may be shown."""

    front: Register

    def put(self, key: str, content: Mapping[str, Any], code: str, *, on: date | None = None) -> None:
        """Insert a form once; the same form under the same key again changes nothing.

        Another text under the same key is a second row: nothing a person wrote is overwritten unread.
        """
        text = json.dumps(dict(content), ensure_ascii=False, sort_keys=True)
        row = {
            "avain": key_hash(key),
            # The form's key is secret and not kept: nobody can try a text against this hash.
            "tiiviste": key_hash(f"{key}|{text}"),
            "kuitti": receipt_hash(code),
            "sisalto": text,
            "tullut": (on or date.today()).isoformat(),
        }
        with self.front.writing() as connection:
            connection.execute(_INSERT, row)

    def receipt(self, code: str) -> dict[str, Any] | None:
        """Give what a receipt code shows; None before the desk took the form in, and for a wrong code."""
        query = sa.select(SHOWN_RECEIPTS.c.sisalto).where(SHOWN_RECEIPTS.c.kuitti == receipt_hash(code))
        with self.front.reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else json.loads(found)

    def summaries(self) -> list[dict[str, Any]]:
        """List the approved summaries of phenomena."""
        query = sa.select(SHOWN_SUMMARIES.c.sisalto).order_by(SHOWN_SUMMARIES.c.ilmio_id)
        with self.front.reading() as connection:
            return [json.loads(text) for text in connection.execute(query).scalars()]

    def close(self) -> None:
        """Let go of the database."""
        self.front.close()


def open_front(url: str | None = None) -> Register:
    """Open the front as its owner, making its tables when needed; for the desk.

    Parameters
    ----------
    url : by default environment SOSRAKE_FRONT, else the register's own PostgreSQL (SOSRAKE_DATABASE), else
        `register_front.sqlite` in the private folder.
    """
    front = Register(make_engine(_address(url)))
    with front.writing() as connection:
        METADATA.create_all(connection)
    return front


def open_counter(url: str | None = None) -> Counter:
    """Open the front for inserting only; for the process that receives forms.

    The tables must be there already: the desk makes them with `open_front`.
    """
    engine = make_engine(_address(url), keep=_KEPT_CONNECTIONS)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _deny_reading)
    return Counter(Register(engine))


def grant_counter(front: Register, role: str) -> None:
    """Give a PostgreSQL role the counter's rights: insert into `saapunut`, read the two shown tables.

    Raises
    ------
    SosrakeError for a name that is no plain role, or a front that is a file (which has no roles).
    """
    if front.is_file or not _ROLE.fullmatch(role):
        raise SosrakeError(f"register: role {role!r}; expected a plain PostgreSQL role; name one")
    with front.writing() as connection:
        connection.exec_driver_sql(f"REVOKE ALL ON saapunut, naytto_kuitti, naytto_ilmio FROM {role}")
        connection.exec_driver_sql(f"GRANT INSERT ON saapunut TO {role}")
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE saapunut_saapunut_id_seq TO {role}")
        connection.exec_driver_sql(f"GRANT SELECT ON naytto_kuitti, naytto_ilmio TO {role}")


def _address(url: str | None) -> sa.URL:
    named = url or os.environ.get(VARIABLE)
    if named:
        return address_of(named)
    register = address_of(None)
    if register.get_backend_name() == "sqlite":
        return sa.URL.create("sqlite", database=str(samples.home() / _FILE))
    return register


def _deny_reading(connection: sqlite3.Connection, _record: Any) -> None:
    """Let SQLite itself refuse all but inserting into `saapunut` and reading what is shown."""
    plain = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION)
    waiting = (sqlite3.SQLITE_PRAGMA, "busy_timeout")
    shown = (SHOWN_RECEIPTS.name, SHOWN_SUMMARIES.name)

    def judge(action: int, first: str | None, _second: str | None, *_rest: Any) -> int:
        inserts = action == sqlite3.SQLITE_INSERT and first == ARRIVED.name
        reads = action == sqlite3.SQLITE_READ and first in shown
        allowed = inserts or reads or action in plain or (action, first) == waiting
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    connection.set_authorizer(judge)
