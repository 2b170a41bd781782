"""Several kinds of knowledge side by side: do they point the same way, how strong is the evidence together.

Knowledge is joined at area x theme x period only. A frame that carries anything of a person is refused, so
that nobody's records are ever laid beside what somebody has reported of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sosrake_lib.errors import FrameError

JOIN = ("region_level", "region_code", "theme", "period")
TOLD = ("value", "verdict")
SAME, MIXED, CONFLICT, NO_SUPPORT, UNKNOWN = "samaan", "osin", "ristiin", "ei_tukea", "ei_tiedeta"
# From how many observations a phenomenon rests on more than single notes, and from how many it is broad.
SOME, MANY = 10, 20


@dataclass(frozen=True, slots=True)
class Base:
    """What is known of a phenomenon's knowledge base, counted over the whole register.

    producers : kinds of reporter with enough observations each; half_years : half-years likewise.
    directions : kind of knowledge (records, indicators) -> how it points, of this module's constants.
    coders_agree : None when too few observations have been coded twice.
    """

    observations: int
    producers: int
    half_years: int
    weak: bool
    coders_agree: bool | None
    directions: Mapping[str, str]


def side_by_side(kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Join kinds of knowledge at area x theme x period.

    Parameters
    ----------
    kinds : kind -> frame with exactly `JOIN` and any of `TOLD`, one row a key.

    Returns
    -------
    One row a key that any kind has: `JOIN`, and for each kind `<kind>_value`, `<kind>_verdict`.

    Raises
    ------
    FrameError when a frame has another column (a person's, a unit's, a text) or a key twice.

    Examples
    --------
    >>> key = {"region_level": ["kunta"], "region_code": ["E02"], "theme": ["asuminen"], "period": ["2025"]}
    >>> kinds = {"havainnot": pd.DataFrame({**key, "value": [18.0]})}
    >>> kinds["asiakastieto"] = pd.DataFrame({**key, "value": [31.0], "verdict": ["higher"]})
    >>> side_by_side(kinds)[["havainnot_value", "asiakastieto_verdict"]].values.tolist()
    [[18.0, 'higher']]
    """
    joined: pd.DataFrame | None = None
    for kind, given in kinds.items():
        _check(kind, given)
        own = given.rename(columns={name: f"{kind}_{name}" for name in TOLD})
        joined = (
            own if joined is None else joined.merge(own, on=list(JOIN), how="outer", validate="one_to_one")
        )
    if joined is None:
        raise FrameError("side_by_side: no kind of knowledge; give at least one frame")
    return joined.sort_values(list(JOIN)).reset_index(drop=True)


def direction(joined: pd.DataFrame, kind: str, *, observed: str = "havainnot", least: int = 5) -> str:
    """Say how a kind of knowledge points in the areas where observations have been made.

    An area counts when it has at least `least` shown observations and the kind has a tested verdict there.
    With `higher` somewhere and `lower` nowhere it points the same way; with both it does in part; with
    `lower` alone it conflicts; with neither it gives no support. Without such an area nothing is known.
    Numbers of observations are never compared with each other: they are no measure of need.

    Examples
    --------
    >>> rows = pd.DataFrame({"havainnot_value": [18.0, 12.0], "tilasto_verdict": ["higher", "similar"]})
    >>> direction(rows, "tilasto")
    'samaan'
    """
    name = f"{kind}_verdict"
    if name not in joined or f"{observed}_value" not in joined:
        return UNKNOWN
    noticed = joined.loc[joined[f"{observed}_value"] >= least, name]
    found = set(noticed[noticed.isin(("higher", "similar", "lower"))])
    if not found:
        return UNKNOWN
    if "higher" in found:
        return MIXED if "lower" in found else SAME
    return CONFLICT if "lower" in found else NO_SUPPORT


def strength(base: Base) -> str:
    """Rate the strength of evidence from A (strong) to D (weak) by one stated rule.

    D : a weak signal, fewer than `SOME` observations, or one kind of reporter only.
    A : at least `MANY` observations over two half-years, coders agree, and both records and indicators point
        the same way at least in part.
    B : at least one other kind of knowledge points the same way at least in part, and none conflicts.
    C : the rest: several people have noticed it, but other knowledge is absent, silent or against.

    Examples
    --------
    >>> strength(Base(36, 3, 4, False, True, {"records": "samaan", "indicators": "osin"}))
    'A'
    >>> strength(Base(24, 2, 4, False, True, {"records": "ei_tiedeta", "indicators": "ei_tukea"}))
    'C'
    """
    if base.weak or base.observations < SOME or base.producers < 2:
        return "D"
    pointing = [one for one in base.directions.values() if one in (SAME, MIXED)]
    broad = base.observations >= MANY and base.half_years >= 2 and base.coders_agree is True
    if broad and len(pointing) >= 2 and len(pointing) == len(base.directions):
        return "A"
    return "B" if pointing and CONFLICT not in base.directions.values() else "C"


def _check(kind: str, given: pd.DataFrame) -> None:
    lacking = [name for name in JOIN if name not in given]
    extra = [str(name) for name in given.columns if name not in (*JOIN, *TOLD)]
    if lacking or extra:
        what = f"column {lacking[0]} is missing" if lacking else f"column {extra[0]} does not belong there"
        raise FrameError(
            f"side_by_side: {kind}: {what}; knowledge is joined at {', '.join(JOIN)} and tells "
            f"{', '.join(TOLD)}, never a person, a unit or a text"
        )
    twice = given.duplicated(list(JOIN))
    if twice.any():
        key = ", ".join(str(given.loc[twice, name].iloc[0]) for name in JOIN)
        raise FrameError(f"side_by_side: {kind}: ({key}) stands twice; give one row a key")
