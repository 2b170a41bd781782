"""Phenomena: observations merged, what is known of them, who does what next, and the publishable summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.fields import fields
from sosrake_lib.register.life import check_step
from sosrake_lib.register.observations import note_state
from sosrake_lib.register.screening import refuse_personal
from sosrake_lib.register.tables import HAVAINTO, ILMIO, TEHTAVA

EVIDENCE = ("", "A", "B", "C", "D")
# What a desk may change by `change_phenomenon`; states and the summary have functions of their own.
OPEN = (
    *("nimi", "kuvaus", "teema", "rakennetyyppi", "alue_taso", "alue_koodi", "indikaattorit", "mittarit"),
    *("naytto", "ristiriidat", "omistaja", "seuranta_pvm"),
)
_WORDS = ("nimi", "kuvaus", "ristiriidat")


def add_phenomenon(
    register: Register, key: str, *, name: str, theme: str, user: str, confirmed: bool = False, **more: str
) -> int:
    """Open a phenomenon and give its number; the same key again gives the first.

    Parameters
    ----------
    more : any other of `OPEN`; `indikaattorit` and `mittarit` are keys of the catalogue with spaces between.
    """
    values = {"nimi": name.strip(), "teema": theme, **more}
    _check(values, confirmed=confirmed)
    with register.writing() as connection:
        before = connection.execute(sa.select(ILMIO).where(ILMIO.c.avain == key)).mappings().one_or_none()
        saved = rows.add_once(
            connection, ILMIO, key, values if before is not None else {**values, "tila": "koottu"}, user=user
        )
        if before is None:
            today = date.today().isoformat()
            note_state(connection, "ilmio_id", saved["ilmio_id"], "koottu", today, user)
    return int(saved["ilmio_id"])


def change_phenomenon(
    register: Register,
    number: int,
    changes: Mapping[str, str],
    *,
    expected_version: int,
    user: str,
    confirmed: bool = False,
) -> int:
    """Change what is known of a phenomenon; give its new version."""
    _check(changes, confirmed=confirmed)
    with register.writing() as connection:
        saved = rows.change(connection, ILMIO, number, changes, expected_version=expected_version, user=user)
    return int(saved["versio"])


def merge(register: Register, number: int, observations: Iterable[int], *, user: str) -> int:
    """Join reviewed observations to a phenomenon; give how many joined.

    All or none: one observation that has not been reviewed, or belongs elsewhere, refuses them all.
    """
    joined = 0
    with register.writing() as connection:
        _check_open(connection, number)
        for observation in dict.fromkeys(observations):
            now = rows.one(connection, HAVAINTO, observation)
            if now["ilmio_id"] == number:
                continue
            check_step("havainto", observation, now["tila"], "yhdistetty")
            changes = {"ilmio_id": number, "tila": "yhdistetty"}
            rows.replace(connection, HAVAINTO, observation, changes, user=user)
            today = date.today().isoformat()
            note_state(connection, "havainto_id", observation, "yhdistetty", today, user)
            joined += 1
    return joined


def separate(register: Register, observation: int, *, expected_version: int, user: str) -> int:
    """Take an observation out of its phenomenon; give its new version."""
    with register.writing() as connection:
        now = rows.one(connection, HAVAINTO, observation)
        check_step("havainto", observation, now["tila"], "luettu")
        changes = {"ilmio_id": None, "tila": "luettu"}
        saved = rows.change(
            connection, HAVAINTO, observation, changes, expected_version=expected_version, user=user
        )
        note_state(connection, "havainto_id", observation, "luettu", date.today().isoformat(), user)
    return int(saved["versio"])


def move(
    register: Register, number: int, state: str, *, expected_version: int, user: str, on: date | None = None
) -> int:
    """Move a phenomenon along its life; every reporter sees the day. Give its new version."""
    with register.writing() as connection:
        now = rows.one(connection, ILMIO, number)
        check_step("ilmio", number, now["tila"], state)
        saved = rows.change(
            connection, ILMIO, number, {"tila": state}, expected_version=expected_version, user=user
        )
        note_state(connection, "ilmio_id", number, state, (on or date.today()).isoformat(), user)
    return int(saved["versio"])


def follow_proposal(connection: sa.Connection, number: int, state: str, day: str, user: str) -> None:
    """Let a phenomenon follow its proposal where its life has that step; else it stays where it is."""
    from sosrake_lib.register.life import states

    now = rows.one(connection, ILMIO, number)
    path = [state] if state in states("ilmio")[now["tila"]] else []
    if state == "ehdotus_tehty" and now["tila"] == "koottu":
        path = ["tyoryhmassa", state]
    for step in path:
        rows.replace(connection, ILMIO, number, {"tila": step}, user=user)
        note_state(connection, "ilmio_id", number, step, day, user)


def phenomena(register: Register) -> pd.DataFrame:
    """List phenomena with how many observations each has, for the desk only; oldest first."""
    count = (
        sa.select(sa.func.count())
        .select_from(HAVAINTO)
        .where(HAVAINTO.c.ilmio_id == ILMIO.c.ilmio_id)
        .scalar_subquery()
        .label("havaintoja")
    )
    with register.reading() as connection:
        result = connection.execute(sa.select(ILMIO, count).order_by(ILMIO.c.ilmio_id))
        names, found = list(result.keys()), [tuple(row) for row in result]
    return pd.DataFrame(found, columns=names).drop(columns=["avain"])


def read_phenomenon(register: Register, number: int) -> dict[str, Any]:
    """Give one phenomenon whole, for the desk."""
    with register.reading() as connection:
        return dict(rows.one(connection, ILMIO, number))


def assign(register: Register, key: str, *, phenomenon: int, to: str, task: str, due: date, user: str) -> int:
    """Give somebody (a role or a working group) a task about a phenomenon; give the task's number."""
    refuse_personal({"tehtava": task})
    if not to.strip() or not task.strip():
        raise SosrakeError("register: tehtava needs a doer and what to do; write both")
    values = {
        "ilmio_id": phenomenon,
        "kenelle": to.strip(),
        "tehtava": task.strip(),
        "maarapaiva": due.isoformat(),
    }
    with register.writing() as connection:
        _check_open(connection, phenomenon)
        before = connection.execute(sa.select(TEHTAVA).where(TEHTAVA.c.avain == key)).one_or_none()
        more = {} if before is not None else {"tila": "avoin", "pvm": date.today().isoformat()}
        return int(rows.add_once(connection, TEHTAVA, key, {**values, **more}, user=user)["tehtava_id"])


def finish_task(register: Register, number: int, state: str, *, expected_version: int, user: str) -> int:
    """Mark a task as done (`tehty`) or dropped (`peruttu`); give its new version."""
    with register.writing() as connection:
        check_step("tehtava", number, rows.one(connection, TEHTAVA, number)["tila"], state)
        saved = rows.change(
            connection, TEHTAVA, number, {"tila": state}, expected_version=expected_version, user=user
        )
    return int(saved["versio"])


def tasks(register: Register, phenomenon: int | None = None) -> pd.DataFrame:
    """List tasks, all or of one phenomenon, by their due day."""
    query = sa.select(TEHTAVA).order_by(TEHTAVA.c.maarapaiva, TEHTAVA.c.tehtava_id)
    if phenomenon is not None:
        query = query.where(TEHTAVA.c.ilmio_id == phenomenon)
    with register.reading() as connection:
        result = connection.execute(query)
        return pd.DataFrame([tuple(row) for row in result], columns=list(result.keys())).drop(
            columns=["avain"]
        )


def _check(values: Mapping[str, str], *, confirmed: bool) -> None:
    wrong = sorted(set(values) - set(OPEN))
    if wrong:
        raise SosrakeError(f"register: ilmio has no open field {wrong[0]!r}; expected {', '.join(OPEN)}")
    if "nimi" in values and not values["nimi"].strip():
        raise SosrakeError("register: nimi is empty; name the phenomenon")
    for name in ("teema", "rakennetyyppi"):
        value = values.get(name)
        allowed = fields()[name].values
        if value is not None and value not in allowed and (value or name == "teema"):
            raise SosrakeError(f"register: {name} {value!r}; expected one of {', '.join(allowed)}")
    if values.get("naytto", "") not in EVIDENCE:
        raise SosrakeError(f"register: naytto {values['naytto']!r}; expected A, B, C, D or empty")
    refuse_personal({name: values[name] for name in _WORDS if name in values}, confirmed=confirmed)


def _check_open(connection: sa.Connection, number: int) -> None:
    now = rows.one(connection, ILMIO, number)
    if now["tila"] == "suljettu" or now["poistettu"]:
        raise SosrakeError(f"register: ilmio {number} is closed; open a new one")
