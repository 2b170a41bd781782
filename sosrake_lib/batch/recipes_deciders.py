"""What deciders need to know: their questions beside the best knowledge there is, and what lacks.

The matrix is words: it says of each question which sort of knowledge answers it best, which of them there is
on the theme, and what to do about a gap. Its figures (observations of a phenomenon, clients with a need) come
from the release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, protect, samples
from sosrake_lib.batch.invented import invented_table
from sosrake_lib.batch.recipes_needs import service_needs
from sosrake_lib.batch.recipes_participation import (
    OBSERVATIONS,
    RULES,
    counts,
    period_of,
    shown_quotes,
)
from sosrake_lib.catalogue.decision_calendar import Decision, decision
from sosrake_lib.catalogue.method_cards import KNOWLEDGE, methods
from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

NEEDS, PHENOMENA = "esimerkkila_tietotarpeet", "esimerkkila_ilmiot"
OBSERVED = "havainnot_ilmioittain"
THEMES = ("sairastavuus", "paihde_mielenterveys", "koyhyys", "yksinaisyys", "tyottomyys", "asuminen")
LEVELS = ("kunta", "hva")
# Where change before and after has been measured: theme -> table of the data folder.
MEASURED = {
    "tyottomyys": "esimerkkila_kuntouttava_tyotoiminta",
    "yksinaisyys": "esimerkkila_sosiaalinen_kuntoutus",
}
GAPS = ("none", "partial", "weaker", "nothing")


@dataclass(frozen=True, slots=True)
class Line:
    """One question of a decider with the best knowledge there is.

    `wanted` is the sort of knowledge that would answer best, `best` the best there is ("" when nothing is),
    `gap` one of `GAPS`, `method` the card that would fill a gap ("" when none is needed or no card does),
    `lacks_*` what the decider found lacking in what there is.
    """

    need: str
    decision: Decision
    theme: str
    kind: str
    question_fi: str
    question_en: str
    wanted: str
    best: str
    gap: str
    method: str
    lacks_fi: str
    lacks_en: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What knowledge there is on one theme: its sorts, and what each consists of.

    `indicators` are keys of the catalogue, `needs` keys of support needs, `phenomena` key -> (fi, en).
    """

    theme: str
    sorts: tuple[str, ...]
    indicators: tuple[str, ...]
    needs: tuple[str, ...]
    phenomena: Mapping[str, tuple[str, str]]


def deciders(data: Path | None) -> dict[str, protect.Part]:
    """Make the figures beside the matrix of the invented county.

    Returns
    -------
    Parts by the rules `vakio`: `ilmiot` (observations joined to each phenomenon: group = phenomenon) and
    `asiakkaat` (clients with each support need, exactly as the release of service needs has them).

    Raises
    ------
    AbsentTable when a table is not there or holds real people's.
    """
    reported = invented_table(OBSERVATIONS, data)
    joined = reported.loc[reported["ilmio"].notna()]
    by_phenomenon = joined["ilmio"].value_counts().astype("float64")
    order = [key for key in invented_table(PHENOMENA, data)["ilmio"] if key in by_phenomenon.index]
    rows = counts(by_phenomenon.reindex(order), OBSERVED, period_of(reported["pvm"]))
    # A sum over phenomena beside all observations would tell the few that joined none: it stays out.
    rows = rows.loc[rows["group"] != "all"]
    licence = str(samples.dictionary(OBSERVATIONS, data)["licence"]).partition(" (")[0]
    source = {"producer": say("words.synthetic"), "source": f"{OBSERVATIONS}.csv", "licence": licence}
    return {
        "ilmiot": protect.part(rows.assign(**source), rules=RULES),
        "asiakkaat": service_needs(data)["asiakkaat"],
    }


def matrix(data: Path | None = None, on: date | None = None, theme: str = "") -> tuple[Line, ...]:
    """Put each question beside the best knowledge there is, in the order of the file.

    Parameters
    ----------
    on : day on which quotes may be shown; today when left out. theme : one theme; all when empty.

    Raises
    ------
    GatherError for an unknown theme or kind of question; CatalogueError for an unknown decision.
    """
    rows = checked_needs(invented_table(NEEDS, data))
    if theme:
        rows = rows.loc[rows["theme"] == theme]
    known = {key: knowledge(key, data, on).sorts for key in dict.fromkeys(rows["theme"])}
    return tuple(line(row, known[row["theme"]]) for row in rows.to_dict("records"))


def line(row: Mapping[str, str], sorts: tuple[str, ...]) -> Line:
    """Match one question with the sorts of knowledge there are: the first that answers it is the best."""
    kind = methods().question(row["question_kind"])
    wanted = kind.knowledge[0]
    best = next((sort for sort in kind.knowledge if sort in sorts), "")
    lacks = [str(row[name]) if pd.notna(row[name]) else "" for name in ("lacks_fi", "lacks_en")]
    gap = "nothing" if not best else "weaker" if best != wanted else "partial" if lacks[0] else "none"
    cards = methods().for_question(kind.key)
    by_hearing = wanted in ("laadullinen", "havainto")
    return Line(
        need=row["need"],
        decision=decision(row["decision"]),
        theme=row["theme"],
        kind=kind.key,
        question_fi=row["question_fi"],
        question_en=row["question_en"],
        wanted=wanted,
        best=best,
        gap=gap,
        method=cards[0].key if gap != "none" and by_hearing and cards else "",
        lacks_fi=lacks[0],
        lacks_en=lacks[1],
    )


def knowledge(theme: str, data: Path | None = None, on: date | None = None) -> Knowledge:
    """Say which sorts of knowledge there are on a theme, in the order of `method_cards.KNOWLEDGE`."""
    indicators = tuple(
        one.key
        for one in catalogue.indicators(theme)
        if one.verified and one.level_min in LEVELS and not one.key.startswith("diak_")
    )
    needs = tuple(one.key for one in catalogue.needs() if theme in one.themes)
    about = invented_table(PHENOMENA, data)
    phenomena = {
        row["ilmio"]: (row["nimi"], row["name_en"])
        for row in about.loc[about["teema"] == theme].to_dict("records")
    }
    there = {
        "indikaattori": bool(indicators),
        "asiakastieto": bool(needs),
        "mittari": MEASURED.get(theme) in set(samples.files(data)["name"]),
        "havainto": bool(phenomena),
        "laadullinen": bool(shown_quotes(data, on, theme).shown),
    }
    return Knowledge(theme, tuple(sort for sort in KNOWLEDGE if there[sort]), indicators, needs, phenomena)


def checked_needs(rows: pd.DataFrame) -> pd.DataFrame:
    """Check the questions of deciders: a known theme, a question in both languages, each need once.

    Raises
    ------
    GatherError naming row and column.
    """
    needed = ("need", "decision", "theme", "question_kind", "question_fi", "question_en")
    for column in (*needed, "lacks_fi", "lacks_en"):
        if column not in rows:
            raise GatherError(f"{NEEDS}: column {column} is missing; add it")
    for column in needed:
        _refuse(column, rows, rows[column].fillna("") == "", "write it")
    _refuse("theme", rows, ~rows["theme"].isin(THEMES), f"expected one of {', '.join(THEMES)}")
    kinds = [one.key for one in methods().questions]
    _refuse("question_kind", rows, ~rows["question_kind"].isin(kinds), f"expected one of {', '.join(kinds)}")
    _refuse("need", rows, rows["need"].duplicated(), "it stands twice; give each its own")
    return rows


def _refuse(column: str, rows: pd.DataFrame, wrong: pd.Series, expected: str) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise GatherError(f"{NEEDS}: row {row + 1}, column {column}: {rows[column].iloc[row]!r}; {expected}")
