"""Place names in the cases a sentence needs: in Kuopio is Kuopiossa, in Juva is Juvalla."""

from __future__ import annotations

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language.messages import check_language, load

CASES = ("nominative", "genitive", "in", "from", "to")


def place(name: str, case: str = "nominative", language: str = "fi") -> str:
    """Give a place name in a case.

    Parameters
    ----------
    name : Finnish name of a municipality (any since 2013), a region (maakunta), a wellbeing services county,
        Itä-Suomi, Suomi, koko maa, a named set, Esimerkkilä or one of its municipalities; for English and
        Swedish also the name in that language. Sub-regions and employment areas have `area`.
    case : nominative, genitive, in, from or to.
    language : fi; en with prepositions; sv in the nominative only, for labels.

    Returns
    -------
    The form for the middle of a sentence: common nouns begin small ("koko maassa"), whoever makes the
    sentence capitalises its first letter. The nominative is the label as it is.

    Raises
    ------
    SosrakeError for a name or case without data: a form is never guessed from the letters. Only a last
    word that is inflected like any word (hyvinvointialue, kaupunki) follows a rule.

    Source of the local cases: Asutusnimihakemisto of the Institute for the Languages of Finland (Kotus),
    whose rule is to follow the place's own usage (Kielitoimiston ohjepankki, "Nimien taivutus: kunnannimet ja
    muut asutusnimet"). Where two forms live side by side (Kangasniemellä, Kangasniemessä), one is used.

    Examples
    --------
    >>> from sosrake_lib.language.places import place
    >>> place("Kuopio", "in"), place("Juva", "in"), place("Kainuun hyvinvointialue", "in")
    ('Kuopiossa', 'Juvalla', 'Kainuun hyvinvointialueella')
    >>> place("Etelä-Savo", "in", "en"), place("Mikkeli", language="sv")
    ('in South Savo', 'S:t Michel')
    """
    check_language(language)
    if case not in CASES:
        raise SosrakeError(f"case {case!r} of a place name is unknown; use one of {', '.join(CASES)}")
    if language == "fi":
        return _finnish(name, case)
    foreign = _translated(name, language)
    if case == "nominative":
        return foreign
    templates = load("places", language).get("cases", {})
    if case not in templates:
        raise SosrakeError(f"place {name!r}: {language} has names for labels only; use case='nominative'")
    return templates[case].format(name=_in_sentence(foreign, language))


def area(level: str, name: str, case: str = "in", language: str = "fi") -> str:
    """Give a sub-region or an employment area with the word for its kind, in a case.

    Such an area often bears the name of its largest town ("Kuopio"): "Kuopiossa" would tell of the town.

    Parameters
    ----------
    level : seutukunta or tyollisyysalue.
    name : its name in this language, as the register has it.
    case : genitive, in, from or to.
    language : fi or en.

    Raises
    ------
    SosrakeError for another level, and for a Finnish name without its genitive.

    Examples
    --------
    >>> area("seutukunta", "Ylä-Savo"), area("tyollisyysalue", "Oulun seutu", "genitive")
    ('Ylä-Savon seutukunnassa', 'Oulun seudun työllisyysalueen')
    >>> area("seutukunta", "Kuopio", "in", "en")
    'in the Kuopio sub-region'
    """
    check_language(language)
    words = load("places", language).get("area_word", {})
    if level not in words or case not in CASES[1:]:
        raise SosrakeError(
            f"area {level!r} in case {case!r} ({language}): expected seutukunta or tyollisyysalue, and "
            f"one of {', '.join(CASES[1:])}; other places have place()"
        )
    if language != "fi":
        return str(load("places", language)["cases"][case].format(name=f"the {name} {words[level]}"))
    genitives = load("places", "fi")["area_genitive"]
    whose = genitives[name] if name in genitives else place(name, "genitive")
    return place(f"{whose} {words[level]}", case)


def known_places() -> frozenset[str]:
    """Give the Finnish names that have their cases one by one in fi/places.toml."""
    return frozenset(load("places", "fi")["places"])


def _finnish(name: str, case: str) -> str:
    forms = _finnish_forms(name)
    return forms[CASES.index(case)]


def _finnish_forms(name: str) -> tuple[str, ...]:
    """Give the five forms, from the list of names or from a last word that is inflected like any word."""
    data = load("places", "fi")
    if name in data["places"]:
        return (name, *data["places"][name])
    first, _, last = name.rpartition(" ")
    if first and last in data["last_words"]:
        return tuple(f"{first} {form}" for form in (last, *data["last_words"][last]))
    raise SosrakeError(
        f"place {name!r} has no case forms; add it to sosrake_lib/language/fi/places.toml, "
        "or use the name of a region as regions.name gives it"
    )


def _translated(name: str, language: str) -> str:
    names = load("places", language)["names"]
    if name in names:
        return names[name]
    if name in names.values():
        return name
    _finnish_forms(name)
    if name.rpartition(" ")[0]:
        raise SosrakeError(f"place {name!r} has no {language} name; add it to {language}/places.toml")
    return name


def _in_sentence(name: str, language: str) -> str:
    """Give a label the article or small letter it needs inside a sentence."""
    data = load("places", language)
    if name in data["in_sentence"]:
        return data["in_sentence"][name]
    article = data["with_article"].get(name.rpartition(" ")[2])
    return f"{article} {name}" if article else name
