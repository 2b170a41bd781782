"""What was told and what happened: every proposal with its decision, and the phenomenon it answers.

A phenomenon's name is there only when another person has approved its summary for others to see. A proposal's
words are there as they were given to its decider: a proposal and a decision are public documents.
"""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.register.engine import Register
from sosrake_lib.register.summaries import APPROVED
from sosrake_lib.register.tables import EHDOTUS, ILMIO, TILAMUUTOS

COLUMNS = (
    *("ehdotus_id", "ilmio_id", "alue_taso", "alue_koodi", "teema", "ilmio", "ehdotus", "paattaja", "kohde"),
    *("pvm", "tila", "paatetty", "perustelu", "kustannus", "hyoty"),
)


def happened(register: Register) -> pd.DataFrame:
    """List proposals that have not been deleted, oldest first, then approved phenomena without a proposal.

    Returns
    -------
    DataFrame with `COLUMNS`: `ehdotus_id` is 0 for a phenomenon nobody has made a proposal about; its `tila`
    is then the phenomenon's own state and its `pvm` the day it last moved on, empty when it never has.
    """
    with register.reading() as connection:
        proposed = [_proposal(row) for row in connection.execute(_proposals()).mappings()]
        waiting = [_phenomenon(row) for row in connection.execute(_phenomena()).mappings()]
    return pd.DataFrame([*proposed, *waiting], columns=list(COLUMNS))


def _proposals() -> sa.Select:
    name = sa.case((ILMIO.c.yhteenveto_tila == APPROVED, ILMIO.c.nimi), else_="")
    query = sa.select(EHDOTUS, name.label("ilmio_nimi")).outerjoin(
        ILMIO, ILMIO.c.ilmio_id == EHDOTUS.c.ilmio_id
    )
    return query.where(EHDOTUS.c.poistettu == "").order_by(EHDOTUS.c.pvm, EHDOTUS.c.ehdotus_id)


def _phenomena() -> sa.Select:
    answered = sa.select(EHDOTUS.c.ilmio_id).where(EHDOTUS.c.ilmio_id.is_not(None), EHDOTUS.c.poistettu == "")
    moved = (
        sa.select(sa.func.max(TILAMUUTOS.c.pvm))
        .where(TILAMUUTOS.c.ilmio_id == ILMIO.c.ilmio_id, TILAMUUTOS.c.tila != "koottu")
        .scalar_subquery()
    )
    query = sa.select(ILMIO, sa.func.coalesce(moved, "").label("siirtyi")).where(
        ILMIO.c.poistettu == "",
        ILMIO.c.yhteenveto_tila == APPROVED,
        ILMIO.c.alue_koodi != "",
        ILMIO.c.ilmio_id.not_in(answered),
    )
    return query.order_by(ILMIO.c.ilmio_id)


def _proposal(row: sa.RowMapping) -> dict[str, object]:
    told = {
        name: row[name] for name in ("ehdotus_id", "alue_taso", "alue_koodi", "teema", "paattaja", "kohde")
    }
    told |= {
        name: row[name] or "" for name in (*("pvm", "tila", "paatetty", "perustelu"), *("kustannus", "hyoty"))
    }
    return told | {
        "ilmio_id": row["ilmio_id"] or 0,
        "ilmio": row["ilmio_nimi"] or "",
        "ehdotus": row["teksti"],
    }


def _phenomenon(row: sa.RowMapping) -> dict[str, object]:
    told = {name: row[name] for name in ("ilmio_id", "alue_taso", "alue_koodi", "teema", "tila")}
    empty = dict.fromkeys(("ehdotus", "paattaja", "kohde", "paatetty", "perustelu", "kustannus", "hyoty"), "")
    return {**empty, **told, "ehdotus_id": 0, "ilmio": row["nimi"], "pvm": row["siirtyi"]}
