"""What the release of measurements is made of: who was measured, who changed reliably, how surely.

Scores of single people stay in this process. What leaves is counts, shares and means with their intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, frame, protect, samples
from sosrake_lib.batch import outcome_data as reading
from sosrake_lib.batch import recipes_instruments_rows as made_of
from sosrake_lib.batch.outcome_data import FIRST, SECOND, OutcomePlace, ScaleData
from sosrake_lib.effects.change import CLASS_NAMES, METHODS
from sosrake_lib.effects.change.reliability_table import USUAL
from sosrake_lib.effects.change.thresholds import THRESHOLD_NAMES
from sosrake_lib.indicators import rates
from sosrake_lib.language import keys, numbers, say

TABLE = "esimerkkila_mittaukset"
# Parts whose row of everyone is the sum of the groups.
TOTALS = {"asiakkaat": ("group",)}
RULES = "vakio"
CLIENTS, AGAIN = "mittarit_asiakkaat", "mittarit_uudelleen"
AGAIN_TOWN = "mittarit_uudelleen_kunnat"
# What follows the scale in the name of an indicator.
ENDINGS = (
    *(
        "luokka",
        "luokka_palvelut",
        "merkitys",
        "mid",
        "molemmat",
        "kaava",
        "luotettavuus",
        "uudelleen",
        "muutos",
    ),
    *("poisjaaneet", "tasoittuminen", "pisteytys", "raja"),
)
# Merged classes: code of the lowest and the highest -> key of their words.
_MERGED = {"34": "wanted_or_recovered", "12": "none_or_unwanted"}


def measurements(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on instruments and reliable change.

    Parameters
    ----------
    data : data folder with the table `esimerkkila_mittaukset`; the samples when left out. One's own table
        has the same columns; its dictionary says `kind = "real"`, and its municipalities are of one county.

    Returns
    -------
    Parts by the rules `vakio`; a scale is named "<instrument>.<scale>", and an indicator is that with an
    ending: `asiakkaat` (clients measured, by group), `uudelleen` (share of them with any second measurement,
    by group, and by municipality in `group`), `mittarit` (a row a scale: people with a first measurement,
    caveats),
    `pisteytys` (whole, filled and unscored forms), `luokat` (classes of reliable change), `kaavat` and
    `luotettavuudet` (the same people by other formulas and reliabilities), `merkitys` (smallest important
    difference by own view, classes by it), `katoaminen` (second measurement by scale and group), `muutos`
    (mean change, an effect), `poisjaaneet` (the same if the lost were known), `tasoittuminen` (regression to
    the mean of those chosen by a score), `rajat` (share beyond a cut-off, before and after). A part is empty
    where the data have nothing for it.

    Raises
    ------
    AbsentTable without the table; GatherError naming the column that is lacking, unknown or unreadable.
    """
    about = samples.dictionary(TABLE, data)
    rules = protect.rule_set(RULES)
    found = reading.read_scales(TABLE, data, rules.minimum_denominator)
    rows = samples.table(TABLE, data)
    least = rules.minimum_denominator
    rows["group"] = reading.merged(rows["group"], rows["client"], least, reading.OTHER_GROUPS)
    place = reading.place_of(rows.loc[rows["time"] == FIRST], "date", str(about["kind"]), TABLE)
    made = {
        "asiakkaat": clients(rows, place),
        "uudelleen": measured_again(rows, place, rules),
        "mittarit": overview(found, place, rules.minimum_count),
        "pisteytys": _each(_main(found), lambda one: made_of.scoring(one, place, rules)),
        "luokat": _each(found, lambda one: made_of.classes(one, place, rules)),
        "kaavat": _each(found, lambda one: made_of.formulas(one, place, rules.minimum_count)),
        "luotettavuudet": _each(found, lambda one: made_of.reliabilities(one, place, rules.minimum_count)),
        "merkitys": _each(found, lambda one: made_of.meanings(one, place, rules)),
        "katoaminen": _each(found, lambda one: made_of.dropout(one, place)),
        "muutos": _each(found, lambda one: made_of.mean_change(one, place, f"{TABLE}.csv")),
        "poisjaaneet": _each(found, lambda one: made_of.if_lost_were_known(one, place)),
        "tasoittuminen": _each(found, lambda one: made_of.towards_the_mean(one, place)),
        "rajat": _each(found, lambda one: made_of.beyond_cutoff(one, place)),
    }
    source = reading.origin_columns(TABLE, about, place.origin)
    return {
        name: protect.part(part.assign(**source), rules=RULES, totals=TOTALS.get(name, ()))
        for name, part in made.items()
    }


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of scales with their endings, classes, formulas, reliabilities and groups."""
    words = {key: say(f"mittarit.name.{key}", language) for key in (CLIENTS, AGAIN, AGAIN_TOWN)}
    words |= reading.town_names(language)
    for record in catalogue.instruments():
        for scale in record.scales:
            title = title_of(record, scale, language)
            words[f"{record.key}.{scale.key}"] = title
            words |= {f"{record.key}.{scale.key}.{ending}": title for ending in ENDINGS}
            upper = max(scale.bands, key=lambda band: band.at_least, default=None)
            if upper is not None:
                name = upper.name_en if language == "en" else upper.name_fi
                words[f"{record.key}.{scale.key}.raja"] = f"{title}: {name}"
    words |= {f"{made_of.CODES[key] * 11}": text for key, text in CLASS_NAMES[language].items()}
    words |= {code: say(f"mittarit.class.{key}", language) for code, key in _MERGED.items()}
    words |= {method: say(f"mittarit.formula.{method}", language) for method in METHODS}
    words |= {f"r{round(100 * one)}": numbers.number(one, 2, language) for one in USUAL}
    own = (*made_of.LOST, "odotettu", "havaittu", "ylittava", FIRST, SECOND)
    words |= {key: say(f"mittarit.group.{key}", language) for key in own}
    known = {key.removeprefix("mittarit.service.") for key in keys(language) if ".service." in key}
    return words | {key: say(f"mittarit.service.{key}", language) for key in sorted(known) if "." not in key}


def meaning_names(language: str = "fi") -> dict[str, str]:
    """Give the words of the classes by the smallest important difference: code -> text."""
    place = 1 if language == "en" else 0
    words = {f"{made_of.MEANING[key] * 11}": text[place] for key, text in THRESHOLD_NAMES.items()}
    return words | {"12": say("mittarit.class.not_meaningful_or_unwanted", language)}


def scoring_names(language: str = "fi") -> dict[str, str]:
    """Give the words of how a form was scored: code -> text."""
    words = {f"{code * 11}": say(f"mittarit.scored.{key}", language) for key, code in made_of.STATES.items()}
    return words | {"12": say("mittarit.scored.complete_or_filled", language)}


def title_of(record: catalogue.Instrument, scale: catalogue.ScoredScale, language: str = "fi") -> str:
    """Name a scale for readers: what it measures, and of which instrument."""
    english = language == "en"
    name, measures = (record.name_en, record.measures_en) if english else (record.name_fi, record.measures_fi)
    if scale.key != "total":
        return f"{name.partition(' (')[0]}: {scale.name_en if english else scale.name_fi}"
    return name if "(" in name else f"{measures[:1].upper()}{measures[1:]} ({name})"


def area_names(instrument: str, ending: str, language: str = "fi") -> dict[str, str]:
    """Name the areas of an instrument without its own name, its summaries left out: indicator -> text."""
    return {
        f"{instrument}.{scale.key}.{ending}": scale.name_en if language == "en" else scale.name_fi
        for scale in catalogue.instrument(instrument).scales
        if not scale.summary
    }


def main_indicators(ending: str) -> list[str]:
    """Name one scale of each instrument with an ending: its total, mean or first score."""
    chosen = []
    for record in catalogue.instruments():
        scales = [scale.key for scale in record.scales]
        summaries = [scale.key for scale in record.scales if scale.summary]
        key = next((one for one in ("total", *summaries, *scales) if one in scales), "")
        chosen += [f"{record.key}.{key}.{ending}"] if key and record.kind != "goals" else []
    return chosen


def clients(rows: pd.DataFrame, place: OutcomePlace) -> pd.DataFrame:
    """Count clients with a first measurement, in all and by group."""
    first = rows.loc[rows["time"] == FIRST].drop_duplicates("client")
    counts = first["group"].value_counts().sort_index()
    table = pd.DataFrame({"group": [frame.ALL_GROUPS, *counts.index], "value": [len(first), *counts]})
    table = table.astype({"value": "float64"}).assign(indicator=CLIENTS, status="ok", **place.columns())
    return rates.as_given(table, "count")


def measured_again(rows: pd.DataFrame, place: OutcomePlace, rules: protect.RuleSet) -> pd.DataFrame:
    """Share of clients with a second measurement by any instrument: all, by group and by municipality."""
    first = rows.loc[rows["time"] == FIRST].drop_duplicates("client")
    again = first["client"].isin(set(rows.loc[rows["time"] == SECOND, "client"]))
    towns = reading.merged(
        first["region_code"], first["client"], rules.minimum_denominator, reading.OTHER_TOWNS
    )
    everyone = pd.Series(frame.ALL_GROUPS, index=first.index)
    parts = [(AGAIN, everyone), (AGAIN, first["group"]), (AGAIN_TOWN, towns)]
    counted = [
        again.groupby(by.to_numpy()).agg(numerator="sum", denominator="size").assign(indicator=indicator)
        for indicator, by in parts
    ]
    table = pd.concat(counted).rename_axis("group").reset_index()
    table = table.astype({"numerator": "float64", "denominator": "float64"})
    value = 100 * table["numerator"] / table["denominator"]
    return rates.proportion(table.assign(value=value, per=100.0, status="ok", **place.columns()))


def overview(found: tuple[ScaleData, ...], place: OutcomePlace, minimum: int) -> pd.DataFrame:
    """Tell of each scale how many have a first measurement, and what a reader must know of its scoring.

    The number is hidden when only a few of them were lost: beside those measured twice it would tell the few.
    """
    table = pd.DataFrame(
        {
            "indicator": [one.key for one in found],
            "value": [float(one.wide["before"].notna().sum()) for one in found],
            "caveats": [" ".join(one.caveats) for one in found],
            "reliability": [one.reliability for one in found],
        }
    ).assign(**place.columns())
    lost = [int((one.wide["before"].notna() & one.wide["after"].isna()).sum()) for one in found]
    table["status"] = ["suppressed" if 0 < few < minimum else "ok" for few in lost]
    hidden = table["status"] == "suppressed"
    table.loc[hidden, ["value", "reliability"]] = float("nan")
    return rates.as_given(table, "count")


def _main(found: tuple[ScaleData, ...]) -> tuple[ScaleData, ...]:
    """Keep one scale of each instrument: parts of one form have the same people who answered."""
    keys = {name.removesuffix(".") for name in main_indicators("")}
    return tuple(one for one in found if one.key in keys)


def _each(found: tuple[ScaleData, ...], make: Callable[[ScaleData], pd.DataFrame]) -> pd.DataFrame:
    parts = [part for one in found if len(part := make(one))]
    return pd.concat(parts, ignore_index=True) if parts else frame.empty()
