"""What others see of observations: a phenomenon's summary, written by one person and approved by another."""

from __future__ import annotations

from datetime import date

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import rows
from sosrake_lib.register.engine import Register
from sosrake_lib.register.screening import refuse_personal
from sosrake_lib.register.tables import ILMIO

DRAFT, APPROVED, WITHDRAWN = "luonnos", "hyvaksytty", "vedetty"
LONGEST = 1200
PUBLIC = (
    "ilmio_id",
    "nimi",
    "teema",
    "alue_taso",
    "alue_koodi",
    "yhteenveto",
    "yhteenveto_en",
    "tila",
    "alkupera",
)


def write_summary(
    register: Register,
    number: int,
    text: str,
    *,
    english: str = "",
    expected_version: int,
    user: str,
    confirmed: bool = False,
) -> int:
    """Write one publishable paragraph on a phenomenon as a draft; give the phenomenon's new version.

    An earlier approval ends here: what is shown is always what was approved, word for word.
    """
    texts = {"yhteenveto": text.strip(), "yhteenveto_en": english.strip()}
    if not texts["yhteenveto"] or max(len(one) for one in texts.values()) > LONGEST:
        raise SosrakeError(f"register: yhteenveto needs one paragraph of at most {LONGEST} characters")
    refuse_personal(texts, confirmed=confirmed)
    new = {**texts, "yhteenveto_tila": DRAFT, "yhteenveto_tekija": user}
    return _change(
        register,
        number,
        {**new, "yhteenveto_hyvaksyja": "", "yhteenveto_pvm": "", "julkaisu": ""},
        expected_version,
        user,
    )


def approve_summary(
    register: Register, number: int, *, expected_version: int, user: str, release: str = ""
) -> int:
    """Approve a drafted summary for others to see; give the phenomenon's new version.

    Parameters
    ----------
    release : id of the release the summary's figures are from; empty when it has none.

    Raises
    ------
    SosrakeError when there is no draft, or its writer is the one who would approve it.
    """
    with register.reading() as connection:
        now = rows.one(connection, ILMIO, number)
    if now["yhteenveto_tila"] != DRAFT:
        raise SosrakeError(f"register: ilmio {number} has no drafted summary; write one first")
    if now["yhteenveto_tekija"] == user:
        raise SosrakeError("register: a summary is approved by another person than its writer; ask one")
    changes = {
        "yhteenveto_tila": APPROVED,
        "yhteenveto_hyvaksyja": user,
        "yhteenveto_pvm": date.today().isoformat(),
        "julkaisu": release,
    }
    return _change(register, number, changes, expected_version, user)


def withdraw_summary(register: Register, number: int, *, expected_version: int, user: str) -> int:
    """Stop showing a summary; give the phenomenon's new version."""
    return _change(register, number, {"yhteenveto_tila": WITHDRAWN}, expected_version, user)


def approved_summaries(register: Register) -> pd.DataFrame:
    """List the approved summaries: all that leaves of observations besides protected counts.

    Returns
    -------
    DataFrame with `PUBLIC`, `approved` (day) and `release`; no count and no word of an observation.
    """
    columns = [*(ILMIO.c[name] for name in PUBLIC), ILMIO.c.yhteenveto_pvm, ILMIO.c.julkaisu]
    query = sa.select(*columns).where(ILMIO.c.yhteenveto_tila == APPROVED, ILMIO.c.poistettu == "")
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query.order_by(ILMIO.c.ilmio_id))]
    return pd.DataFrame(found, columns=[*PUBLIC, "approved", "release"])


def _change(register: Register, number: int, changes: dict[str, str], version: int, user: str) -> int:
    with register.writing() as connection:
        saved = rows.change(connection, ILMIO, number, changes, expected_version=version, user=user)
    return int(saved["versio"])
