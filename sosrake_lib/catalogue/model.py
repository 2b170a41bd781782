"""What the catalogue holds: indicators, themes, support needs and competences as frozen records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """A theme that indicators, needs, observations and pages share."""

    key: str
    name_fi: str
    name_en: str
    name_sv: str


@dataclass(frozen=True)
class Indicator:
    """What one indicator is: its words, scale, direction, levels, source, and how sure we are of it.

    `theme` is empty for figures counted in the house. `per` is the scale of the value (100 = per cent),
    `level_min` the finest level at which every area is published, `levels` all levels at which some area is.
    `title` is the source's present wording; `also_titled` are other wordings of the same thing,
    `former_titles` wordings of another definition. `breaks` names the periods at which a series breaks.
    `verified` says whether the title has been compared with an answer of the source that we hold.
    `count_is_mean` says that the source's count is a mean over the year, rounded, so that it may be half a
    unit off.
    `not_a_strength` says why a figure to the better is not told as an area's strength; empty when it may be:
    `benefit` (fewer recipients may also mean that people do not apply or are not granted), `service_use`
    (little use may mean that the service is not to be had) or `recorded` (what an authority has recorded
    tells of its own work too).
    """

    key: str
    theme: str
    name_fi: str
    name_sv: str
    name_en: str
    short_fi: str
    short_en: str
    unit_fi: str
    unit_en: str
    per: float
    decimals: int
    kind: str
    direction: str
    denominator_fi: str
    denominator_en: str
    level_min: str
    levels: tuple[str, ...]
    producer: str
    licence: str
    source: str
    sotkanet: int | None
    title: str
    also_titled: tuple[str, ...]
    former_titles: tuple[str, ...]
    breaks: tuple[str, ...]
    verified: bool
    sexes: tuple[str, ...]
    note_fi: str
    note_en: str
    count_is_mean: bool
    not_a_strength: str

    @property
    def titles(self) -> tuple[str, ...]:
        """Every wording under which the source's figure is this indicator."""
        return (self.title, *self.also_titled)

    @property
    def may_be_strength(self) -> bool:
        """Say whether a clear difference to the better may be told as an area's strength."""
        return self.direction != "neutral" and not self.not_a_strength

    def accepts(self, title: str) -> bool:
        """Say whether a title a source gives means this indicator (spaces at the ends do not count)."""
        return title.strip() in self.titles


@dataclass(frozen=True)
class Need:
    """A support-need class of the Social Welfare Act, section 11, and the themes it touches."""

    key: str
    number: int
    name_fi: str
    name_en: str
    name_sv: str
    themes: tuple[str, ...]


@dataclass(frozen=True)
class CompetenceItem:
    """One statement of the competence survey.

    `condition` says that it tells of time, tools, support or permission, which no training mends; `units` are
    the units of the course that train it.
    """

    key: str
    domain: str
    name_fi: str
    name_en: str
    condition: bool = False
    units: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompetenceDomain:
    """One of the four domains of the competence survey, with its six items."""

    key: str
    name_fi: str
    name_en: str
    items: tuple[CompetenceItem, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Units of the course that train some item of the domain."""
        return tuple(dict.fromkeys(unit for item in self.items for unit in item.units))


@dataclass(frozen=True)
class CompetenceScale:
    """What is rated of each item, and the words of its points 1, 2, ...: (Finnish, English)."""

    key: str
    name_fi: str
    name_en: str
    points: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SkillLevel:
    """A step of skill one can aim at; `point` is where it stands on the scale of own skill."""

    key: str
    point: int
    name_fi: str
    name_en: str
    can_fi: str
    can_en: str


@dataclass(frozen=True)
class CourseUnit:
    """A unit of the course (folder course/<key>) and the items it trains."""

    key: str
    name_fi: str
    name_en: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class BackgroundClass:
    """A coarse class of a background question; `also` are other wordings of it in surveys' exports."""

    key: str
    name_fi: str
    name_en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class BackgroundQuestion:
    """What is asked of a respondent's work, in coarse classes; `also` are other headers of it."""

    key: str
    name_fi: str
    name_en: str
    also: tuple[str, ...]
    classes: tuple[BackgroundClass, ...]


@dataclass(frozen=True)
class SurveyWave:
    """A time the survey was made: months, period of the frame, and the finest level that may be read.

    `level` is `organisation` where only figures of organisations exist, `respondent` where answers do.
    """

    key: str
    name_fi: str
    name_en: str
    start: str
    end: str
    period: str
    level: str


@dataclass(frozen=True)
class CompetenceFramework:
    """All of competences.toml: what the survey asks, the training plan aims at and the course trains."""

    domains: tuple[CompetenceDomain, ...]
    scales: tuple[CompetenceScale, ...]
    levels: tuple[SkillLevel, ...]
    units: tuple[CourseUnit, ...]
    background: tuple[BackgroundQuestion, ...] = ()
    waves: tuple[SurveyWave, ...] = ()

    @property
    def items(self) -> tuple[CompetenceItem, ...]:
        """Every item, in the survey's order."""
        return tuple(item for domain in self.domains for item in domain.items)

    def level_above(self, skill: float) -> SkillLevel:
        """Give the next step from a mean of own skill: the lowest level whose point is above it."""
        return next((level for level in self.levels if level.point > skill), self.levels[-1])
