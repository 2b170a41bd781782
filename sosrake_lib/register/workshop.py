"""The phenomenon workshop: from observations to a card, from a card to a proposal with owner and date."""

from __future__ import annotations

from datetime import date

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
    confirmed: bool = False,
) -> int:
    """Make the proposal of a card a proposal of the register and give its number.

    The card must say the proposal in words, the body that decides and what would change. Both are saved or
    neither: the card's new version carries the proposal's number and the state `ehdotettu`.

    Raises
    ------
    SosrakeError when the entry is no card, lacks what a proposal needs, or has its proposal already.
    """
    with register.together() as within:
        now = read_entry(within, card)
        if now["laji"] != KIND:
            raise SosrakeError(f"register: entry {card} is of kind {now['laji']}; expected a card ({KIND})")
        if now["ehdotus"]:
            raise SosrakeError(f"register: card {card} has its proposal already: number {now['ehdotus']}")
        lacking = next((name for name in ("ehdotus_sanoin", "paattaja", "kohde") if not now[name]), None)
        if lacking:
            raise SosrakeError(
                f"register: card {card}: {lacking} is empty; a proposal needs it: write it first"
            )
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
