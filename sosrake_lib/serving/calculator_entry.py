"""What the calculator asks for and what was entered: fields read and checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sosrake_lib.catalogue import Instrument, ScoredScale
from sosrake_lib.language import numbers, say
from sosrake_lib.serving.forms import Form, number_of

TIMES = ("ennen", "jalkeen")
SEXES = ("female", "male", "other")
OLDEST = 120


@dataclass(frozen=True)
class Asked:
    """What the calculator asks for: an instrument, its answers or scores, the code of the lowest answer."""

    instrument: Instrument
    by_answers: bool
    coded_from: int
    language: str

    @property
    def scales(self) -> tuple[ScoredScale, ...]:
        """Give the scales shown: verified, not sensitive, and of those with the same items the first."""
        open_ones = [one for one in self.instrument.scales if one.verified and not one.sensitive]
        first = {one.items or one.key: one for one in reversed(open_ones)}
        return tuple(one for one in open_ones if first[one.items or one.key] is one)

    @property
    def needs_sex_and_age(self) -> bool:
        """Whether a class of the instrument depends on sex or age."""
        return any(band.sex != "any" or band.age_from > 0 for one in self.scales for band in one.bands)

    def item_name(self, number: int) -> str:
        """Name a question: its wording where that is free, the area it asks of, or its number."""
        known = {one.number: one for one in self.instrument.item_names}.get(number)
        plain = say("mittarilaskuri.question", self.language, number=number)
        if known is None:
            return plain
        text, name = (
            (known.text_en, known.name_en) if self.language == "en" else (known.text_fi, known.name_fi)
        )
        return f"{number}. {text or name}"

    def scale_name(self, scale: ScoredScale) -> str:
        """Name a scale."""
        return scale.name_en if self.language == "en" else scale.name_fi


@dataclass(frozen=True)
class Entered:
    """A form read: values by (time, item or scale), the person, error of measurement by scale, faults.

    NaN stands for an empty field. `repr` shows nothing of a person.
    """

    values: Mapping[tuple[str, str], float]
    sex: str | None
    age: float
    sd: Mapping[str, float]
    reliability: Mapping[str, float]
    faults: tuple[str, ...]

    def __repr__(self) -> str:
        """Say that there is something, not what."""
        return f"Entered({len(self.values)} fields)"

    @property
    def empty(self) -> bool:
        """Whether no answer and no score was written."""
        return all(math.isnan(value) for value in self.values.values())


def read(asked: Asked, form: Form) -> Entered:
    """Read the fields of a form; what cannot be is a fault that names the field and what it may hold."""
    faults: list[str] = []

    def value(name: str, label: str, low: float, high: float, *, whole: bool = False) -> float:
        try:
            found = number_of(form.text(name))
        except ValueError:
            found = math.inf
        if math.isnan(found) or (low <= found <= high and (not whole or found == int(found))):
            return found
        kind = "whole" if whole else "number"
        ends = {"low": plain(low, asked.language), "high": plain(high, asked.language)}
        faults.append(say(f"mittarilaskuri.wrong.{kind}", asked.language, field=label, **ends))
        return math.nan

    values = {
        (time, key): value(
            f"{time}_{key}", f"{label}, {time_name(time, asked.language)}", low, high, whole=whole
        )
        for key, label, low, high, whole in questions(asked)
        for time in TIMES
    }
    sd, reliability = {}, {}
    for scale in asked.scales:
        words = {"scale": asked.scale_name(scale)}
        span = scale.maximum - scale.minimum
        field = say("mittarilaskuri.field.sd", asked.language, **words)
        sd[scale.key] = value(f"hajonta_{scale.key}", field, 0.01, span)
        field = say("mittarilaskuri.field.reliability", asked.language, **words)
        reliability[scale.key] = value(f"luotettavuus_{scale.key}", field, 0.01, 0.99)
    age = value("ika", say("mittarilaskuri.age", asked.language), 0, OLDEST)
    sex = form.text("sukupuoli")
    return Entered(values, sex if sex in SEXES else None, age, sd, reliability, tuple(faults))


def questions(asked: Asked) -> Iterator[tuple[str, str, float, float, bool]]:
    """Yield each thing asked for before and after: key, label, lowest, highest, whether whole."""
    record = asked.instrument
    if not asked.by_answers:
        for scale in asked.scales:
            yield scale.key, asked.scale_name(scale), scale.minimum, scale.maximum, False
        return
    high = asked.coded_from + record.item_max - record.item_min
    for number in range(1, record.items + 1):
        yield str(number), asked.item_name(number), asked.coded_from, high, True


def time_name(time: str, language: str) -> str:
    """Name a time of measurement."""
    return say(f"mittarilaskuri.time.{time}", language)


def plain(value: float, language: str) -> str:
    """Write a score with as few decimals as it needs, two at most.

    Examples
    --------
    >>> plain(6.0, "fi"), plain(5.5, "fi"), plain(12.9412, "fi")
    ('6', '5,5', '12,94')
    """
    decimals = next(count for count in (0, 1, 2) if count == 2 or value == round(value, count))
    return numbers.number(value, decimals, language)
