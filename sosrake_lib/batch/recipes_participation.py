"""What the release of participatory knowledge is made of: who has been heard, and who tells observations.

Quotes are words and no figures: a page asks for them with `shown_quotes`, which passes only what the gate of
`gather.participation` lets through on the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch.invented import invented_table
from sosrake_lib.catalogue.method_cards import methods
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.participation import judge_quotes, read_quotes
from sosrake_lib.indicators import rates
from sosrake_lib.language import say

HEARINGS, QUOTES = "esimerkkila_kuulemiset", "esimerkkila_lainaukset"
OBSERVATIONS = "esimerkkila_havainnot"
HEARD, REPORTED = "kuultu_henkilot", "havainnot_kertojittain"
# The five producers of knowledge, in the order of the observation form.
REPORTERS = ("asiakas", "asukas", "ammattilainen", "viranomainen", "kolmas_sektori")
RULES = "vakio"
REGION = ("hva", "E1")
# Words of the page that a notebook takes from the language room.
HEADINGS = (
    *("head.heard", "head.group", "head.reporter", "head.observations"),
    *("caption.heard", "caption.reporters"),
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote that may be shown: its words in both languages, where it was said, of what and by whom."""

    number: str
    text_fi: str
    text_en: str
    source: str
    theme: str
    group: str


@dataclass(frozen=True, slots=True)
class Quotes:
    """The quotes that may be shown on a day, and why others stay in (each reason once)."""

    shown: tuple[Quote, ...]
    kept_in: tuple[str, ...]


def participation(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of participatory knowledge over the invented county.

    Parameters
    ----------
    data : data folder with `esimerkkila_kuulemiset` and `esimerkkila_havainnot`; the samples when left out.

    Returns
    -------
    Parts by the rules `vakio`: `kuultu` (people heard by group and in all; 0 where nobody was heard)
    and `kertojat` (observations of social reporting by who told them, and in all).

    Raises
    ------
    GatherError for a hearing of an unknown group or method, or a number that is not whole and positive;
    AbsentTable when a table is not there or holds real people's.
    """
    hearings = checked_hearings(invented_table(HEARINGS, data))
    reported = invented_table(OBSERVATIONS, data)
    groups = group_order()
    heard = hearings.groupby("group")["people"].sum().astype("float64").reindex(groups, fill_value=0.0)
    told = reported["tiedontuottaja"].value_counts().astype("float64").reindex(REPORTERS, fill_value=0.0)
    parts = {
        "kuultu": (counts(heard, HEARD, period_of(hearings["month"])), HEARINGS),
        "kertojat": (counts(told, REPORTED, period_of(reported["pvm"])), OBSERVATIONS),
    }
    return {
        name: protect.part(rows.assign(**_source(table, data)), rules=RULES, totals=("group",))
        for name, (rows, table) in parts.items()
    }


def shown_quotes(data: Path | None = None, on: date | None = None, theme: str = "") -> Quotes:
    """Give the quotes of the data folder that may be shown on a web page on a day.

    Parameters
    ----------
    on : day of the release; today when left out. theme : key of a theme; every theme when empty.

    Raises
    ------
    GatherError when the table is broken (`gather.participation.read_quotes`); AbsentTable as `participation`.
    """
    rows = read_quotes(invented_table(QUOTES, data), QUOTES)
    judged = judge_quotes(rows, on or date.today())
    of_theme = judged.loc[judged["theme"] == theme] if theme else judged
    passed = of_theme.loc[of_theme["reason"] == ""]
    shown = tuple(
        Quote(row["quote"], row["text"], row["text_en"], row["source"], row["theme"], row["group"])
        for row in passed.to_dict("records")
    )
    return Quotes(shown, tuple(sorted(set(of_theme["reason"]) - {""})))


def checked_hearings(rows: pd.DataFrame) -> pd.DataFrame:
    """Check hearings: month, group, method and a whole number of people on each row.

    Raises
    ------
    GatherError naming row and column.
    """
    known = {
        "group": [one.key for one in methods().groups],
        "method": [one.key for one in methods().cards],
    }
    for column, keys in known.items():
        wrong = ~rows[column].isin(keys)
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise GatherError(
                f"{HEARINGS}: row {row + 1}, column {column}: {rows[column].iloc[row]!r}; expected one of "
                f"{', '.join(keys)}"
            )
    people = pd.to_numeric(rows["people"], errors="coerce")
    wrong = ~(people >= 1) | (people % 1 != 0)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise GatherError(f"{HEARINGS}: row {row + 1}, column people: expected a whole number, 1 or more")
    return rows.assign(people=people.astype("int64"))


def counts(by_group: pd.Series, indicator: str, period: str) -> pd.DataFrame:
    """Make counts by group and their sum into an analysed frame of the county."""
    values = np.append(by_group.to_numpy(dtype="float64"), by_group.sum())
    rows = pd.DataFrame({"group": [*by_group.index, frame.ALL_GROUPS], "value": values})
    place = {"region_level": REGION[0], "region_code": REGION[1], "borders": regions.CURRENT_YEAR}
    given = rows.assign(indicator=indicator, period=period, status="ok", origin="synthetic", **place)
    return rates.as_given(given, "count")


def period_of(months: pd.Series) -> str:
    """Give the years that months or days span: `2025` or `2024/2025`."""
    years = sorted({str(month)[:4] for month in months})
    return years[0] if len(years) == 1 else f"{years[0]}/{years[-1]}"


def group_order() -> list[str]:
    """Give the groups to be heard in the order of the catalogue."""
    return [one.key for one in methods().groups]


def names(language: str = "fi") -> Mapping[str, str]:
    """Name the groups heard and those who tell observations."""
    groups = {one.key: one.name.text(language) for one in methods().groups}
    return groups | {key: say(f"osallistava_tieto.reporter.{key}", language) for key in REPORTERS}


def _source(table: str, data: Path | None) -> dict[str, str]:
    licence = str(samples.dictionary(table, data)["licence"]).partition(" (")[0]
    return {"producer": say("words.synthetic"), "source": f"{table}.csv", "licence": licence}
