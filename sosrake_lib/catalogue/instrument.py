"""Instruments as records: what is asked, how it is scored, what is known of it, and the licence gate.

Scoring rules and names of scales ship. The wording of an item ships only under a licence of
FREE_TEXT_LICENCES; a record that holds another one's wording cannot be made (see `Instrument`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sosrake_lib.errors import CatalogueError

# Licences under which the wording of items may stand in this project. "No fee", "free to use" and "no
# derivatives" are not among them: they let people use a form, not copy it into a program.
FREE_TEXT_LICENCES = ("cc0", "cc_by_4", "cc_by_sa_4", "public_domain", "own")
INSTRUMENT_KINDS = ("items", "scores", "goals")
SCORING_METHODS = ("sum", "mean")
RELIABILITY_KINDS = ("retest", "internal")
SEXES_OF_BANDS = ("any", "male", "female")
LONGEST_NAME = 45


@dataclass(frozen=True, slots=True)
class TextLicence:
    """Who lets what be done with the form: a key, what it says, and where that stands."""

    key: str
    name: str
    source: str

    @property
    def texts_free(self) -> bool:
        """Whether the wording of items may stand in this project."""
        return self.key in FREE_TEXT_LICENCES


@dataclass(frozen=True, slots=True)
class InstrumentItem:
    """One item: its number on the form and the name of the area it asks of; `text_*` only where free."""

    number: int
    name_fi: str
    name_en: str
    text_fi: str = ""
    text_en: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A class of scores from `at_least` up to the next one of the same sex and ages; a screening aid only.

    `age_to` is included. `verified` says whether the cut-off was compared with the source named.
    """

    key: str
    at_least: float
    name_fi: str
    name_en: str
    source: str
    sex: str = "any"
    age_from: float = 0.0
    age_to: float = 150.0
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Reliability:
    """A published reliability of a scale: `kind` retest (over time) or internal (alpha), of whom, source."""

    kind: str
    value: float
    population: str
    source: str


@dataclass(frozen=True, slots=True)
class ScoredScale:
    """One score of an instrument.

    `score = factor * (sum or mean of the items, reversed where the form says) + shift`. `max_missing` items
    may be empty, the mean of the others stands in. `minimum, maximum` are the ends that answers can give.
    `summary` marks a score that its makers did not mean as a measure; `sensitive` one that is left out
    unless asked for; `top_coded` the highest score shown. `cutoff` belongs to clinical instruments.
    """

    key: str
    name_fi: str
    name_en: str
    items: tuple[int, ...]
    method: str
    factor: float
    shift: float
    max_missing: int
    minimum: float
    maximum: float
    direction: str
    summary: bool
    sensitive: bool
    verified: bool
    top_coded: float | None
    cutoff: float | None
    bands: tuple[Band, ...]
    reliability: tuple[Reliability, ...]

    @property
    def higher_is_better(self) -> bool:
        """The wanted direction of change."""
        return self.direction == "higher_is_better"

    @property
    def known_reliability(self) -> Reliability | None:
        """The published reliability to use for change: over time before internal; None when none is known."""
        ordered = sorted(self.reliability, key=lambda one: RELIABILITY_KINDS.index(one.kind))
        return ordered[0] if ordered else None


@dataclass(frozen=True, slots=True)
class InstrumentNote:
    """What a reader must be told with every figure of the instrument."""

    key: str
    fi: str
    en: str


@dataclass(frozen=True, slots=True)
class GoalLevel:
    """A level of attainment of a goal, from the least to the most attained."""

    key: str
    name_fi: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument: words, form, scoring, source, licence.

    `kind`: "items" is scored here from answers; "scores" is only taken in as ready scores; "goals" is a plan
    whose goals are assessed. `verified` says whether the scoring was compared with the source named; what is
    not is refused unless asked for. `formative`: the items make up the area, so that internal consistency
    says nothing. `form_max_missing`: more empty items than this and no score is given at all.
    `missing_source` names who gives the rule of missing items; empty = none was found, so that every item is
    needed.

    Raises
    ------
    CatalogueError when the record holds the wording of an item without a free licence, or something that
    looks like a wording in the place of a name.
    """

    key: str
    name_fi: str
    name_en: str
    measures_fi: str
    measures_en: str
    kind: str
    source: str
    verified: bool
    formative: bool
    clinical: bool
    items: int
    item_min: int
    item_max: int
    reverse: tuple[int, ...]
    form_max_missing: int | None
    missing_source: str
    licence: TextLicence
    item_names: tuple[InstrumentItem, ...]
    levels: tuple[GoalLevel, ...]
    scales: tuple[ScoredScale, ...]
    notes: tuple[InstrumentNote, ...]

    def __post_init__(self) -> None:
        """Close the licence gate: it stands in the record itself, so no way of making one passes by it."""
        for item in self.item_names:
            if (item.text_fi or item.text_en) and not self.licence.texts_free:
                raise CatalogueError(
                    f"instrument {self.key}: item {item.number} has a text, but its licence is "
                    f"{self.licence.key!r} ({self.licence.name}); texts ship only under "
                    f"{', '.join(FREE_TEXT_LICENCES)}. Take the text out and link to the form"
                )
            for name in (item.name_fi, item.name_en):
                if len(name) > LONGEST_NAME or set(name) & set("?!.…"):
                    raise CatalogueError(
                        f"instrument {self.key}: item {item.number}, name {name!r} looks like the wording of "
                        f"the item; expected the name of an area, at most {LONGEST_NAME} characters"
                    )

    @property
    def items_shipped(self) -> bool:
        """Whether the wording of any item is in this project."""
        return any(item.text_fi or item.text_en for item in self.item_names)

    def scale(self, key: str) -> ScoredScale:
        """Give one scale; CatalogueError names the others when there is no such one."""
        for one in self.scales:
            if one.key == key:
                return one
        known = ", ".join(one.key for one in self.scales)
        raise CatalogueError(f"instrument {self.key}: no scale {key!r}; expected one of {known}")
