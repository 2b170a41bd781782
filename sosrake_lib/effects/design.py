"""What a design lets one say: claims, the words each allows, and the design of a study.

Claims are not a ladder: "ero" (a difference between groups) is not stronger than "muutos" (a change in
time); each allows its own words. Only `permits` says which claims' words a claim may borrow.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources

from sosrake_lib.errors import SosrakeError

# A convention, not a law: with fewer units in an arm a comparison shows an association at the most.
FEW_UNITS = 5
ASSIGNMENTS = ("none", "chosen", "by_rule", "randomised")


class Claim(Enum):
    """What a result may be said to be; each claim owns its words in Finnish and English (claims.toml)."""

    KUVAUS = "kuvaus"
    MUUTOS = "muutos"
    ERO = "ero"
    YHTEYS = "yhteys"
    TODENNAKOINEN_VAIKUTUS = "todennakoinen_vaikutus"
    VAIKUTUS = "vaikutus"

    @property
    def permits(self) -> frozenset[Claim]:
        """The claims whose words may be used beside this claim's own."""
        return frozenset(Claim(name) for name in _claims()[self.value]["permits"]) | {self}

    def stronger_than(self, other: Claim) -> bool:
        """Say whether this claim says all that another says, and more; False of two different kinds.

        Examples
        --------
        >>> Claim.YHTEYS.stronger_than(Claim.ERO)
        True
        >>> Claim.ERO.stronger_than(Claim.MUUTOS), Claim.MUUTOS.stronger_than(Claim.ERO)
        (False, False)
        """
        return other is not self and other in self.permits

    def capped(self, most: Claim) -> Claim:
        """Lower the claim to `most`; a claim that is no more than `most`, or another kind, stays.

        Examples
        --------
        >>> Claim.VAIKUTUS.capped(Claim.ERO) is Claim.ERO, Claim.MUUTOS.capped(Claim.ERO) is Claim.MUUTOS
        (True, True)
        """
        return most if self.stronger_than(most) else self

    def name_in(self, language: str) -> str:
        """Name the claim in Finnish or English."""
        return str(_entry(self, language)["name"])

    def words(self, language: str = "fi") -> frozenset[str]:
        """Give the words and phrases that say this claim."""
        return frozenset(_entry(self, language)["words"])

    def forbidden(self, text: str, language: str = "fi") -> tuple[str, ...]:
        """List the phrases of a text that say more, or something else, than this claim allows.

        Examples
        --------
        >>> Claim.MUUTOS.forbidden("Ryhmätoiminta paransi toimintakykyä.")
        ('paransi',)
        >>> Claim.MUUTOS.forbidden("Pisteet nousivat 1,6 pistettä.")
        ()
        """
        return tuple(one.phrase for one in said(text, language) if one.claim not in self.permits)


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase that says a claim, in lower case, and where it stands in its text."""

    phrase: str
    claim: Claim
    start: int
    end: int


def said(text: str, language: str = "fi") -> tuple[Said, ...]:
    """Find the phrases of a text that say a claim, the longest first: none lies inside another.

    Examples
    --------
    >>> [one.phrase for one in said("Ryhmä todennäköisesti vaikutti arkeen, mutta aiheutti kuluja.")]
    ['todennäköisesti vaikutti', 'aiheutti']
    """
    owner = {phrase: claim for claim in Claim for phrase in claim.words(language)}
    # "todennäköisesti vaikutti" is one claim, "vaikutti" another.
    longest = sorted(owner, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)", re.IGNORECASE)
    return tuple(
        Said(hit.group().lower(), owner[hit.group().lower()], hit.start(), hit.end())
        for hit in pattern.finditer(text)
    )


@dataclass(frozen=True, slots=True)
class Design:
    """How the figures came about.

    Attributes
    ----------
    groups : number of groups compared, 1 or more.
    times : number of measurement times, 1 or more.
    assignment : how people came to the groups: "none" (one group, or groups that are what they are, such as
        regions), "chosen" (by the people or their workers), "by_rule" (a limit, an area, a date decided),
        "randomised".
    """

    groups: int
    times: int
    assignment: str = "none"

    def __post_init__(self) -> None:
        if self.groups < 1 or self.times < 1:
            raise SosrakeError(
                f"Design: groups {self.groups}, times {self.times}; expected 1 or more of both"
            )
        if self.assignment not in ASSIGNMENTS:
            raise SosrakeError(
                f"Design: assignment {self.assignment!r}; expected one of {', '.join(ASSIGNMENTS)}"
            )
        if self.groups == 1 and self.assignment != "none":
            raise SosrakeError(
                f"Design: one group cannot be assigned ({self.assignment}); "
                "count the comparison group too, or use none"
            )

    @property
    def claim(self) -> Claim:
        """The most this design allows one to claim.

        Examples
        --------
        >>> Design(groups=1, times=2).claim is Claim.MUUTOS
        True
        """
        if self.groups == 1:
            return Claim.KUVAUS if self.times == 1 else Claim.MUUTOS
        if self.assignment == "randomised":
            return Claim.VAIKUTUS
        if self.assignment == "by_rule" and self.times > 1:
            return Claim.TODENNAKOINEN_VAIKUTUS
        return Claim.ERO if self.assignment == "none" else Claim.YHTEYS


def borne(design: Design, fewest: int, *, follows_before: bool = False) -> Claim:
    """Lower a design's claim to what the units in its smaller arm bear; one rule for every comparison.

    Parameters
    ----------
    fewest : units in the smaller arm. follows_before : whether the method follows the unit's own course
        before the change (synthetic control, a series with its comparison), instead of taking for granted
        that it would have gone as the others.

    With one unit whatever else befell it at the same time cannot be told from the treatment by any method, so
    an effect is never claimed: where its course before was followed, the change and the treatment went
    together (`yhteys`); where not, it only came to differ from the others (`ero`). With fewer than 5 units an
    association at the most, since one of them may decide.

    Examples
    --------
    >>> design = Design(2, 8, "by_rule")
    >>> [borne(design, fewest).value for fewest in (1, 2, 5)], borne(design, 1, follows_before=True).value
    (['ero', 'yhteys', 'todennakoinen_vaikutus'], 'yhteys')
    """
    if fewest <= 1 and not follows_before:
        return design.claim.capped(Claim.ERO)
    return design.claim.capped(Claim.YHTEYS) if fewest < FEW_UNITS else design.claim


def _entry(claim: Claim, language: str) -> dict:
    entry = _claims()[claim.value]
    if language not in ("fi", "en"):
        raise SosrakeError(f"Claim: language {language!r}; claims have words in fi and en")
    return entry[language]


@cache
def _claims() -> dict[str, dict]:
    text = resources.files("sosrake_lib.effects").joinpath("claims.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
