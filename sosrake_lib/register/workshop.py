"""The phenomenon workshop: from observations to a card, from a card to a proposal with owner and date."""

from __future__ import annotations

from datetime import date
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register.engine import Register
from sosrake_lib.register.followup import change_entry, read_entry
from sosrake_lib.register.proposals import add_proposal

KIND = "ilmiotyopaja"


def propose(
    register: Register,
    card: int,
    *,
    expected_version: int,
    proposed_on: date,
    user: str,
    cost: str = "",
    benefit: str = "",
    confirmed: bool = False,
) -> int:
    """Make the proposal of a card a proposal of the register and give its number.

    The card must say the proposal in words, the body that decides and what would change. Both are saved or
    neither: the card's new version carries the proposal's number and the state `ehdotettu`. What is known of
    its `cost` and `benefit`, in words, is told beside the card: a card has no field for them.

    Raises
    ------
    SosrakeError when the entry is no card, lacks what a proposal needs, or has its proposal already.
    """
    with register.together() as within:
        now = _ready(within, card)
        number = add_proposal(
            within,
            key=f"kortti-{card}",
            region_level=now["alue_taso"],
            region_code=now["alue_koodi"],
            theme=now["teema"],
            text=now["ehdotus_sanoin"],
            decision_maker=now["paattaja"],
            target=now["kohde"],
            proposed_on=proposed_on,
            cost=cost,
            benefit=benefit,
            phenomenon=int(now["ilmio"]) if now["ilmio"] else None,
            user=user,
            confirmed=confirmed,
        )
        change_entry(
            within,
            card,
            {"ehdotus": str(number)},
            expected_version=expected_version,
            state="ehdotettu",
            on=proposed_on,
            user=user,
            confirmed=confirmed,
        )
    return number


def _ready(register: Register, number: int) -> dict[str, Any]:
    """Read a card that has what a proposal needs and no proposal yet."""
    now = read_entry(register, number)
    if now["kind"] != KIND:
        raise SosrakeError(f"register: entry {number} is of kind {now['kind']}; expected a card ({KIND})")
    if now["ehdotus"]:
        raise SosrakeError(f"register: card {number} has its proposal already: number {now['ehdotus']}")
    lacking = next((name for name in ("ehdotus_sanoin", "paattaja", "kohde") if not now[name]), None)
    if lacking:
        raise SosrakeError(
            f"register: card {number}: {lacking} is empty; a proposal needs it: write it first"
        )
    return now
