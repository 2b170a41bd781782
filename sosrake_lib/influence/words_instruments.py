"""Sentences on instruments: classes of reliable change, drop-out, regression to the mean, what each is for.

Nothing is computed here. Numbers come from released rows; keys of caveats and details have their words in
language/*/mittarit.toml, and what is common to all effects in vaikuttavuus.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sosrake_lib import catalogue
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import pieces
from sosrake_lib.influence.rows import Row, one_row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import word_table
from sosrake_lib.language import keys, numbers, say
from sosrake_lib.protect import Selection

DETAILS = (
    *("missing_rule", "reason", "band_reason", "reliability_kind", "crossed", "kind", "direction"),
    *("licence", "formula", "scored"),
)
RTM = ("expected_from_choice", "more_than_expected", "less_than_expected")
COMPARED = ("higher", "lower", "similar", "not_testable")
_HEAD = ("name", "measures", "direction", "missing", "people")
_LIMITS_HEAD = ("name", "cutoff", "licence")


def classes(selection: Selection, names: Mapping[str, str], language: str = "fi") -> Sentence:
    """Say how people divide into the classes of reliable change, the wanted direction first.

    Parameters
    ----------
    selection : rows of part `luokat`, one scale and one group.
    names : `recipes_instruments.names`.
    """
    rows = sorted(rows_of(selection), key=lambda row: -int(row["point"]))
    first = rows[0]
    if not all(row.shown for row in rows):
        return compose("mittarit.words.hidden", language, name=_title(first, names, language))
    shares = [
        compose(
            "mittarit.words.class_share",
            language,
            capital=False,
            **{"class": names[str(int(row["point"]))]},
            value=percent(row, "value", language),
            interval=pieces.interval(row, "lower", "upper", language),
        )
        for row in rows
    ]
    told = join(shares, between="; ")
    return compose(
        "mittarit.words.classes",
        language,
        name=_title(first, names, language),
        place_in=pieces.place(first, language),
        people=_count(first, "denominator", language),
        shares=_capital(told),
    )


def sorted_range(selection: Selection, key: str, language: str = "fi") -> Sentence:
    """Say between which shares the wanted direction moves over formulas or reliabilities.

    Parameters
    ----------
    selection : rows of part `kaavat` or `luotettavuudet`, one scale.
    key : "formula_range" or "reliability_range".
    """
    shown = [row for row in rows_of(selection) if row.shown]
    if not shown:
        raise SosrakeError(f"sorted_range: no shown row of part {selection.part}; say that it is protected")
    low, high = (pick(shown, key=lambda row: float(row["value"])) for pick in (min, max))
    return compose(
        f"mittarit.words.{key}",
        language,
        low=percent(low, "value", language),
        high=percent(high, "value", language),
    )


def anchor(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say how much those had changed who felt a little better, and whether that can be a limit."""
    row = one_row(selection)
    if not row.shown:
        return Sentence(say("mittarit.no_anchor", language), language)
    told = compose(
        "mittarit.words.anchor",
        language,
        value=points(row, "value", language),
        interval=interval(row, "lower", "upper", language),
        people=_count(row, "denominator", language),
    )
    return join([told, *caveats(str(row["caveats"]).split(), language)])


def both(selection: Selection | Row, language: str = "fi") -> Sentence:
    """Say how many changed both reliably and by what matters, towards the wanted."""
    row = one_row(selection)
    if not row.shown:
        return Sentence(say("mittarit.no_figures", language), language)
    return compose(
        "mittarit.words.both",
        language,
        value=percent(row, "value", language),
        interval=pieces.interval(row, "lower", "upper", language),
    )


def dropout(selection: Selection | Row, names: Mapping[str, str], language: str = "fi") -> Sentence:
    """Say who was measured again, and whether those who were not began elsewhere."""
    row = one_row(selection)
    if not row.shown:
        return compose("mittarit.words.hidden", language, name=_title(row, names, language))
    if row["verdict"] not in COMPARED:
        raise SosrakeError(f"dropout: verdict {row['verdict']!r}; expected one of {', '.join(COMPARED)}")
    told: dict[str, Any] = {
        "name": _title(row, names, language),
        "value": percent(row, "value", language),
        "interval": pieces.interval(row, "lower", "upper", language),
    }
    if row["verdict"] != "not_testable":
        told["difference"] = points(row, "difference", language)
        told["difference_interval"] = interval(row, "difference_lower", "difference_upper", language)
    return compose(f"mittarit.words.dropout_{row['verdict']}", language, **told)


def towards_the_mean(selection: Selection, language: str = "fi") -> Sentence:
    """Say the change of those chosen by their score beside what the choice alone gives.

    Parameters
    ----------
    selection : rows of part `tasoittuminen`, one scale; none or hidden ones give the general warning.
    """
    if not len(selection):
        return Sentence(say("mittarit.none_chosen", language), language)
    by_group = {str(row["group"]): row for row in rows_of(selection)}
    if not all(row.shown for row in by_group.values()):
        return Sentence(say("mittarit.none_chosen", language), language)
    verdict = str(by_group["havaittu"]["verdict"])
    if verdict not in RTM:
        raise SosrakeError(f"towards_the_mean: verdict {verdict!r}; expected one of {', '.join(RTM)}")
    told: dict[str, Any] = {"people": _count(by_group["havaittu"], "denominator", language)}
    for name, group in (("expected", "odotettu"), ("observed", "havaittu"), ("beyond", "ylittava")):
        told[name] = points(by_group[group], "value", language)
        told[f"{name}_interval"] = interval(by_group[group], "lower", "upper", language)
    return compose(f"mittarit.words.rtm_{verdict}", language, **told)


def direction(key: str, language: str = "fi") -> Sentence:
    """Say which way is better on a scale named "<instrument>.<scale>"."""
    instrument, _, scale = key.partition(".")
    better = catalogue.instrument(instrument).scale(scale).higher_is_better
    return Sentence(say(f"mittarit.words.direction_{'better' if better else 'worse'}", language), language)


def notes(key: str, language: str = "fi") -> list[Sentence]:
    """Give what a reader must be told with every figure of an instrument."""
    record = catalogue.instrument(key.partition(".")[0])
    return [constant(note.en if language == "en" else note.fi, language) for note in record.notes]


def told_caveats(selections: Iterable[Selection], language: str = "fi") -> list[Sentence]:
    """Say, each once, the caveats that shown rows carry: of scoring, of classes and of the mean change.

    Parameters
    ----------
    selections : rows of parts `mittarit`, `luokat` and `muutos` of one scale; empty ones give nothing.
    """
    rows = [row for one in selections if len(one) for row in rows_of(one) if row.shown]
    return caveats((key for row in rows for key in str(row["caveats"]).split()), language)


def caveats(found: Iterable[str], language: str = "fi") -> list[Sentence]:
    """Say caveats of scoring, change and goals, each once, in words.

    Raises
    ------
    SosrakeError for a key without words.
    """
    return [Sentence(caveat_text(key, language), language) for key in dict.fromkeys(found)]


def caveat_text(key: str, language: str = "fi", own: str = "mittarit") -> str:
    """Give the words of one caveat: of the page `own`, else the common ones."""
    for table in dict.fromkeys((own, "mittarit", "vaikuttavuus")):
        if f"{table}.caveat.{key}" in keys(language):
            return say(f"{table}.caveat.{key}", language)
    raise SosrakeError(f"caveat {key!r} has no words; add it to language/fi and en, {own}.toml, [caveat]")


def detail(table: str, key: str, language: str = "fi") -> str:
    """Give the words of a key in the data of instruments, such as missing_rule "complete".

    Examples
    --------
    >>> detail("reason", "too_many_items_missing")
    'liian moneen kysymykseen ei vastattu'
    """
    if table not in DETAILS or f"mittarit.{table}.{key}" not in keys(language):
        raise SosrakeError(f"detail {table}.{key} has no words; add it to language/fi and en, mittarit.toml")
    return say(f"mittarit.{table}.{key}", language)


def instrument_table(selection: Selection, caption: str, language: str = "fi") -> Table:
    """Make the table of what each instrument measures, how it is read and how many were measured.

    Parameters
    ----------
    selection : rows of part `mittarit`; of an instrument with several scales its total or first is told.
    """
    rows = _of_instruments(selection)
    body = [_instrument_line(record, row, language) for record, row in rows]
    head = [say(f"mittarit.head.{name}", language) for name in _HEAD]
    return word_table([row for _, row in rows], head, body, caption, language, numbers=(4,))


def limit_table(selection: Selection, caption: str, language: str = "fi") -> Table:
    """Make the table of each instrument's cut-offs with their source, and of its licence.

    Parameters
    ----------
    selection : rows of part `mittarit`.
    """
    rows = _of_instruments(selection)
    body = [_limit_line(record, row, language) for record, row in rows]
    head = [say(f"mittarit.head.{name}", language) for name in _LIMITS_HEAD]
    return word_table([row for _, row in rows], head, body, caption, language)


def _of_instruments(selection: Selection) -> list[tuple[catalogue.Instrument, Row]]:
    """Pair each instrument with the row of its total, or of its first scale there is."""
    by_scale = {str(row["indicator"]): row for row in rows_of(selection)}
    found = []
    for record in catalogue.instruments():
        told = [f"{record.key}.{scale.key}" for scale in record.scales]
        first = [key for key in (f"{record.key}.total", *told) if key in by_scale]
        found += [(record, by_scale[first[0]])] if first else []
    return found


def _instrument_line(record: catalogue.Instrument, row: Row, language: str) -> list[Sentence | str]:
    english = language == "en"
    name, measures = (record.name_en, record.measures_en) if english else (record.name_fi, record.measures_fi)
    scale = record.scale(str(row["indicator"]).partition(".")[2])
    return [
        constant(name, language),
        constant(measures, language),
        say(f"mittarit.direction.{scale.direction}", language),
        _missing(record, scale, language),
        _count(row, "value", language) if row.shown else say(f"words.mark.{row['status']}", language),
    ]


def _limit_line(record: catalogue.Instrument, row: Row, language: str) -> list[Sentence | str]:
    scale = record.scale(str(row["indicator"]).partition(".")[2])
    return [
        constant(record.name_en if language == "en" else record.name_fi, language),
        _cutoffs(record, scale, language),
        constant(say(f"mittarit.licence.{record.licence.key}", language), language),
    ]


def _missing(record: catalogue.Instrument, scale: catalogue.ScoredScale, language: str) -> Sentence:
    if record.kind == "scores":
        return constant(say("mittarit.missing_rule.ready_score", language), language)
    if not record.missing_source:
        return constant(say("mittarit.missing_rule.complete", language), language)
    most = constant(numbers.count(scale.max_missing, language), language)
    allowed = compose("mittarit.cutoff.items_allowed", language, capital=False, most=most)
    rule = say("mittarit.missing_rule.published", language)
    return compose("mittarit.cutoff.allowed", language, capital=False, rule=rule, most=allowed)


def _cutoffs(record: catalogue.Instrument, scale: catalogue.ScoredScale, language: str) -> Sentence:
    if record.formative:
        return Sentence(say("mittarit.cutoff.formative", language), language)
    used = [band for band in scale.bands if band.verified]
    lowest = min((band.at_least for band in used), default=0.0)
    limits = [_band(band, language) for band in used if band.at_least > lowest]
    if not limits:
        key = "unverified" if scale.bands else "none"
        return Sentence(say(f"mittarit.cutoff.{key}", language), language)
    # A long address may break into lines after its slashes.
    source = constant(next(band.source for band in used).replace("/", "/\u200b"), language)
    told = join(limits, between="; ")
    return compose("mittarit.cutoff.source", language, capital=False, limits=told, source=source)


def _band(band: catalogue.Band, language: str) -> Sentence:
    name = band.name_en if language == "en" else band.name_fi
    whole = band.at_least == round(band.at_least)
    limit = constant(numbers.number(band.at_least, 0 if whole else 1, language), language)
    if band.sex == "any" and band.age_from == 0:
        return compose("mittarit.cutoff.band", language, capital=False, name=name, limit=limit)
    low, high = (constant(f"{round(age)}", language) for age in (band.age_from, band.age_to))
    if band.sex == "any":
        who = compose("mittarit.cutoff.from_age", language, capital=False, age=low)
    else:
        who = compose(f"mittarit.cutoff.ages_{band.sex}", language, capital=False, low=low, high=high)
    return compose("mittarit.cutoff.band_of", language, capital=False, name=name, who=who, limit=limit)


def percent(row: Row, column: str, language: str) -> Sentence:
    """Give a share of hundred with its percent sign, marked with its result."""
    text = numbers.percent(float(row[column]), 1, language)
    return number(text, row.reference(column), row.release_id, language)


def points(row: Row, column: str, language: str, decimals: int = 2) -> Sentence:
    """Give a figure in points of a scale, marked with its result."""
    text = numbers.number(float(row[column]), decimals, language)
    return number(text, row.reference(column), row.release_id, language)


def interval(row: Row, lower: str, upper: str, language: str, decimals: int = 2) -> Sentence:
    """Give the interval of a figure in points, in brackets; nothing when the row has none."""
    if not (row.has(lower) and row.has(upper)):
        return Sentence("", language)
    level = numbers.percent(100 * float(row["confidence"]), 0, language)
    low, high = (points(row, column, language, decimals) for column in (lower, upper))
    key = "words.interval_signed" if float(row[lower]) < 0 else "words.interval"
    return compose(key, language, capital=False, confidence=constant(level, language), lower=low, upper=high)


def _count(row: Row, column: str, language: str) -> Sentence:
    text = numbers.count(round(float(row[column])), language)
    return number(text, row.reference(column), row.release_id, language)


def _title(row: Row, names: Mapping[str, str], language: str) -> Sentence:
    return constant(names[".".join(str(row["indicator"]).split(".")[:2])], language)


def _capital(sentence: Sentence) -> Sentence:
    text = sentence.text[:1].upper() + sentence.text[1:]
    return Sentence(text, sentence.language, sentence.numbers, sentence.release_id, sentence.constants)
