"""A table of follow-up entries into the register: a new id adds an entry, a known one may add a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register.engine import Register
from sosrake_lib.register.followup import OWN, add_entry, change_entry, entry_key, read_entry
from sosrake_lib.register.followup_check import check_region
from sosrake_lib.register.followup_kinds import kind
from sosrake_lib.register.screening import PersonalData
from sosrake_lib.register.tables import SEURANTA


@dataclass(frozen=True, slots=True)
class Brought:
    """What a table brought: entries added, entries with a new version, entries that stood as they were."""

    added: tuple[int, ...]
    changed: tuple[int, ...]
    same: tuple[int, ...]


def import_entries(
    register: Register,
    name: str,
    table: pd.DataFrame,
    *,
    user: str,
    origin: str = OWN,
    on: date | None = None,
    confirmed: bool = False,
) -> Brought:
    """Bring a table of one kind in, all rows or none.

    Parameters
    ----------
    table : columns of the schema (`sosrake template KIND`), texts; `tunnus` with the area tells entries
        apart, so the same table again brings nothing twice.

    Raises
    ------
    SosrakeError naming the row when something in it is wrong.
    """
    of = kind(name)
    lacking = next((one for one in ("tunnus", "alue_taso", "alue_koodi") if one not in table), None)
    if lacking:
        raise SosrakeError(f"register: {name}: column {lacking} is missing; add it (sosrake template {name})")
    found: dict[str, list[int]] = {"added": [], "changed": [], "same": []}
    with register.together() as within:
        for place, row in enumerate(table.fillna("").astype("str").to_dict("records"), start=2):
            try:
                region = check_region(row["alue_taso"], row["alue_koodi"])
                fields = {field: row[field] for field in of.columns if field in row}
                how, number = _bring(
                    within,
                    name,
                    row["tunnus"],
                    fields,
                    region,
                    row.get("tila", ""),
                    user,
                    origin,
                    on,
                    confirmed,
                )
            except SosrakeError as problem:
                raise _at_row(problem, place) from None
            found[how].append(number)
    return Brought(*(tuple(found[how]) for how in ("added", "changed", "same")))


def _bring(
    register: Register,
    name: str,
    own_id: str,
    fields: dict[str, str],
    region: tuple[str, str],
    state: str,
    user: str,
    origin: str,
    on: date | None,
    confirmed: bool,
) -> tuple[str, int]:
    key = entry_key(name, own_id, region)
    with register.reading() as connection:
        number = connection.execute(sa.select(SEURANTA.c.seuranta_id).where(SEURANTA.c.avain == key)).scalar()
    if number is None:
        made = add_entry(
            register, key, name, fields, region=region, state=state, user=user, on=on, origin=origin,
            confirmed=confirmed,
        )  # fmt: skip
        return "added", made
    before = int(read_entry(register, number)["nro"])
    after = change_entry(
        register, number, fields, expected_version=before, state=state, user=user, on=on, confirmed=confirmed
    )
    return ("changed" if after > before else "same"), int(number)


def _at_row(problem: SosrakeError, place: int) -> SosrakeError:
    """Say the row in front of what was wrong, keeping what a finding of personal data tells."""
    told = f"row {place}: {problem}"
    if isinstance(problem, PersonalData):
        return PersonalData(told, problem.findings, problem.level)
    return SosrakeError(told)
