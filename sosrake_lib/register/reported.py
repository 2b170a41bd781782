"""What has been reported, in classes, days and states: the register read for counting, without its words.

No column here holds an observation's own text. A phenomenon's name and summary are there only when another
person has approved them for others to see; a proposal's words are there as they were given to its decider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa

from sosrake_lib.register import coding
from sosrake_lib.register.counts import half_year, rollup
from sosrake_lib.register.engine import Register
from sosrake_lib.register.summaries import APPROVED
from sosrake_lib.register.tables import EHDOTUS, HAVAINTO, ILMIO, PALAUTE, TILAMUUTOS

OBSERVED = (
    *("havainto_id", "saapunut", "kaavio", "tiedontuottaja", "palvelutehtava", "alue_taso", "alue_koodi"),
    *("teema", "tuen_tarve", "rakennetyyppi", "yleisyys", "hyva_kaytanto", "ehdotuksen_kohde"),
    *("paattaja_taso", "alkupera", "tila", "ilmio_id"),
)
_PHENOMENON = (
    *("ilmio_id", "nimi", "teema", "rakennetyyppi", "alue_taso", "alue_koodi", "indikaattorit", "mittarit"),
    *("naytto", "tila", "yhteenveto", "yhteenveto_en", "yhteenveto_tila"),
)
_PUBLISHED = ("nimi", "yhteenveto", "yhteenveto_en")
_PROPOSAL = ("ehdotus_id", "ilmio_id", "teksti", "paattaja", "kohde", "pvm", "tila", "paatetty")


@dataclass(frozen=True)
class Reported:
    """The register as frames for counting.

    Attributes
    ----------
    observations : one row an observation: `OBSERVED`, `period` (half-year it arrived in) and `answered` (day
        of the first feedback on or after its arrival, empty when there is none yet).
    phenomena : one row a phenomenon that has not been deleted; name and summary empty until approved.
    proposals : one row a proposal that answers a phenomenon.
    steps : ilmio_id, state, day of every step in the lives of phenomena.
    pairs : two coders' codes side by side (`coding.pairs`).
    document : what the provisional roll-up says of itself: schema, versions, period, coverage.
    on : the day of reading; those without feedback have waited until it.
    """

    observations: pd.DataFrame
    phenomena: pd.DataFrame
    proposals: pd.DataFrame
    steps: pd.DataFrame
    pairs: pd.DataFrame
    document: dict
    on: date

    @property
    def origin(self) -> str:
        """Say whether the observations are `own` or `synthetic`; a register never holds both."""
        return str(self.observations["alkupera"].iloc[0]) if len(self.observations) else "own"


def has_observations(register: Register) -> bool:
    """Say whether anybody has reported anything."""
    query = sa.select(HAVAINTO.c.havainto_id).limit(1)
    with register.reading() as connection:
        return connection.execute(query).first() is not None


def areas(register: Register) -> pd.DataFrame:
    """Name the areas observations come from: alue_taso, alue_koodi."""
    columns = ("alue_taso", "alue_koodi")
    return _frame(register, sa.select(*(HAVAINTO.c[name] for name in columns)).distinct(), columns)


def read_reported(register: Register, on: date) -> Reported:
    """Read the register as it stands; `on` is the day waits are counted to."""
    observed = _frame(
        register,
        sa.select(*(HAVAINTO.c[name] for name in OBSERVED)).where(HAVAINTO.c.taydentaa.is_(None)),
        OBSERVED,
    ).sort_values("havainto_id", ignore_index=True)
    answers = _frame(register, _answers(), ("havainto_id", "answered"))
    periods = [half_year(day) for day in observed["saapunut"]]
    observed = observed.merge(answers, on="havainto_id", how="left").assign(period=periods)
    steps = sa.select(TILAMUUTOS.c.ilmio_id, TILAMUUTOS.c.tila, TILAMUUTOS.c.pvm)
    steps = steps.where(TILAMUUTOS.c.ilmio_id.is_not(None)).order_by(TILAMUUTOS.c.tilamuutos_id)
    return Reported(
        observed.assign(answered=observed["answered"].fillna("")).astype({"ilmio_id": "Int64"}),
        _phenomena(register),
        _proposals(register),
        _frame(register, steps, ("ilmio_id", "state", "day")),
        coding.pairs(register),
        rollup(register, on=on).document,
        on,
    )


def _answers() -> sa.Select:
    """Ask the first feedback to each observation itself or to its phenomenon, from its arrival on.

    What was told of a phenomenon before an observation arrived is no answer to who reported it.
    """
    to_whom = sa.or_(
        PALAUTE.c.havainto_id == HAVAINTO.c.havainto_id, PALAUTE.c.ilmio_id == HAVAINTO.c.ilmio_id
    )
    given = HAVAINTO.join(PALAUTE, sa.and_(to_whom, PALAUTE.c.pvm >= HAVAINTO.c.saapunut))
    return (
        sa.select(HAVAINTO.c.havainto_id, sa.func.min(PALAUTE.c.pvm))
        .select_from(given)
        .where(PALAUTE.c.poistettu == "")
        .group_by(HAVAINTO.c.havainto_id)
    )


def _phenomena(register: Register) -> pd.DataFrame:
    query = sa.select(*(ILMIO.c[name] for name in _PHENOMENON)).where(ILMIO.c.poistettu == "")
    found = _frame(register, query.order_by(ILMIO.c.ilmio_id), _PHENOMENON)
    approved = found["yhteenveto_tila"] == APPROVED
    for name in _PUBLISHED:
        found[name] = found[name].where(approved, "")
    return found.assign(approved=approved).drop(columns="yhteenveto_tila")


def _proposals(register: Register) -> pd.DataFrame:
    columns = [EHDOTUS.c[name] for name in _PROPOSAL]
    query = sa.select(*columns).where(EHDOTUS.c.ilmio_id.is_not(None), EHDOTUS.c.poistettu == "")
    return _frame(register, query.order_by(EHDOTUS.c.pvm, EHDOTUS.c.ehdotus_id), _PROPOSAL).fillna("")


def _frame(register: Register, query: sa.Select, columns: tuple[str, ...]) -> pd.DataFrame:
    with register.reading() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    return pd.DataFrame(found, columns=list(columns))
