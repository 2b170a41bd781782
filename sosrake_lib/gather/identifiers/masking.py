"""Gates: mask a text, judge it before it is saved, refuse it; no message repeats what was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sosrake_lib.errors import GatherError
from sosrake_lib.gather.identifiers.entity import LEVELS, PROBABLE, REVIEW, SURE, TYPES, Entity
from sosrake_lib.gather.identifiers.finding import find
from sosrake_lib.language import say


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a gate does with a text: sure finds block, probable ones need a yes, the rest is for a reader."""

    entities: tuple[Entity, ...]

    @property
    def blocked(self) -> bool:
        """A sure find: the text may not be saved as it is."""
        return any(one.level == SURE for one in self.entities)

    @property
    def asks(self) -> bool:
        """A probable find: a person has to say yes before the text is saved."""
        return any(one.level == PROBABLE for one in self.entities)

    def kinds(self, *levels: str) -> dict[str, int]:
        """Count finds by type, of the levels named or of all."""
        counted = Counter(one.type for one in self.entities if one.level in (levels or LEVELS))
        return {kind: counted[kind] for kind in TYPES if counted[kind]}


def check(text: str, *, dictionary: str = "auto") -> Judgement:
    """Judge a text before it is saved.

    Examples
    --------
    >>> judged = check("Soita Maija Meikäläiselle")
    >>> judged.blocked, judged.kinds()
    (True, {'NAME': 1})
    """
    return Judgement(tuple(find(text, dictionary=dictionary)))


def refuse(
    text: str, where: str, *, language: str = "fi", confirmed: bool = False, dictionary: str = "auto"
) -> Judgement:
    """Raise when a text holds a sure find, or a probable one that nobody has confirmed to be harmless.

    Parameters
    ----------
    text : what is about to be saved.
    where : what the reader calls the place, such as a field's name.
    confirmed : a person has looked at the probable finds and said yes.

    Raises
    ------
    GatherError with the kinds of what was found and how many; the text itself is not in it.
    """
    judged = check(text, dictionary=dictionary)
    if judged.blocked:
        raise GatherError(
            say("personal.refused", language, where=where, what=told(judged.kinds(SURE), language))
        )
    if judged.asks and not confirmed:
        what = told(judged.kinds(PROBABLE), language)
        raise GatherError(say("personal.unconfirmed", language, where=where, what=what))
    return judged


def told(kinds: dict[str, int], language: str) -> str:
    """Say kinds and their numbers: "henkilötunnus (2), nimi (1)"."""
    return ", ".join(
        f"{say(f'personal.type.{kind.lower()}', language)} ({count})" for kind, count in kinds.items()
    )


def mask(
    text: str, *, language: str = "fi", levels: tuple[str, ...] = (SURE, PROBABLE), dictionary: str = "auto"
) -> str:
    """Put the name of its kind in the place of each find, until nothing of the levels is found.

    What stands beside a find can decide what it is taken for, so the masked text is searched again; every
    round takes something away, and mask(mask(x)) == mask(x).

    Examples
    --------
    >>> mask("Maija Meikäläisen tunnus on 131052-308T.")
    '[nimi] tunnus on [henkilötunnus].'
    """
    unknown = sorted(set(levels) - set(LEVELS))
    if unknown:
        raise GatherError(say("personal.no_level", language, level=unknown[0], known=", ".join(LEVELS)))
    while True:
        chosen = [one for one in find(text, dictionary=dictionary) if one.level in levels]
        if not chosen:
            return text
        for one in reversed(chosen):
            text = f"{text[: one.start]}{say(f'personal.mask.{one.type.lower()}', language)}{text[one.end :]}"


__all__ = ["REVIEW", "Judgement", "check", "mask", "refuse", "told"]
