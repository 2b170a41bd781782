"""The reporting form's fields as a page asks them, made of the one file of fields (`register/fields.toml`).

Screen, paper and desk show the same fields: none is written out in a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sosrake_lib import regions
from sosrake_lib.language import collation_key, messages, say
from sosrake_lib.register.fields import Field, fields

VARIANTS = ("ammattilainen", "asiakas")
# Who fills which form; the rest of the field's values belong to the other one.
_TELLERS = {
    "ammattilainen": ("ammattilainen", "viranomainen", "kolmas_sektori"),
    "asiakas": ("asiakas", "asukas"),
}
_ROWS = {"havainto": 7}
_FEW = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as it is asked: `look` is text, radio, select or region; `groups` are options by heading."""

    name: str
    label: str
    help: str
    look: str
    required: bool
    longest: int
    rows: int
    groups: Mapping[str, Mapping[str, str]]


def asked(variant: str, language: str, county: str = "") -> tuple[Asked, ...]:
    """Give the fields of a form in their order: at most eight.

    Parameters
    ----------
    county : code of the wellbeing services county whose areas are offered; all when empty.

    Examples
    --------
    >>> form = asked("asiakas", "fi", "E1")
    >>> len(form), [one.name for one in form if one.required]
    (8, ['tiedontuottaja', 'alue', 'teema', 'havainto'])
    """
    return tuple(_asked(field, variant, language, county) for field in fields().values() if field.seen)


def field_label(name: str, language: str) -> str:
    """Name a field as the desk names it."""
    return say(f"register.field.{name}", language)


def choice_label(name: str, value: str, language: str) -> str:
    """Name a class of a field; a count's class is its own name."""
    known = messages.catalogue("register", language)
    if name == "tuen_tarve" and value:
        from sosrake_lib import catalogue

        need = next(one for one in catalogue.needs() if one.key == value)
        return need.name_en if language == "en" else need.name_fi
    if name == "ehdotuksen_kohde" and value:
        return say(f"register.target.{value}", language)
    return known.get(f"register.choice.{name}.{value}", value.replace("-", "–"))


def region_label(level: str, code: str, language: str) -> str:
    """Name an area; its code when it is no longer known."""
    try:
        return regions.name(level, code, language)
    except regions.RegionError:
        return f"{level}:{code}"


def _asked(field: Field, variant: str, language: str, county: str) -> Asked:
    if field.kind == "region":
        look, groups = "region", areas(language, county)
    elif field.kind == "choice":
        options = {value: _option(field.name, value, variant, language) for value in _offered(field, variant)}
        look, groups = ("radio" if len(options) <= _FEW else "select"), {"": options}
    else:
        look, groups = "text", {}
    return Asked(
        name=field.name,
        label=say(f"raportointi.field.{variant}.{field.name}", language),
        help=say(f"raportointi.help.{variant}.{field.name}", language),
        look=look,
        required=field.required,
        longest=field.longest,
        rows=_ROWS.get(field.name, 4),
        groups=groups,
    )


def _offered(field: Field, variant: str) -> tuple[str, ...]:
    if field.name != "tiedontuottaja":
        return field.values
    return tuple(value for value in field.values if value in _TELLERS[variant])


def _option(name: str, value: str, variant: str, language: str) -> str:
    own = messages.catalogue("raportointi", language).get(f"raportointi.choice.{variant}.{name}.{value}")
    return own or choice_label(name, value, language)


@cache
def areas(language: str, county: str = "") -> Mapping[str, Mapping[str, str]]:
    """Give areas as options ("level:code" -> name) by county; the invented county stands last."""
    codes = [county] if county else regions.codes("hva", invented=True)
    named = sorted(
        ((regions.is_invented(code), regions.name("hva", code, language), code) for code in codes),
        key=lambda one: (one[0], collation_key(one[1])),
    )
    whole = {f"hva:{code}": name for invented, name, code in named if not invented}
    made: dict[str, Mapping[str, str]] = {say("raportointi.area.counties", language): whole} if whole else {}
    for invented, name, code in named:
        inside = sorted(
            ((regions.name("kunta", one, language), f"kunta:{one}") for one in regions.members("hva", code)),
            key=lambda one: collation_key(one[0]),
        )
        first = {f"hva:{code}": name} if invented else {}
        heading = say("raportointi.area.invented", language) if invented else name
        made[heading] = first | {key: label for label, key in inside}
    return made
