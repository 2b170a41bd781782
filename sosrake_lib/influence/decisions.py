"""Who decides on a theme by the general table: bodies and their powers, from a reviewed table."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from sosrake_lib.catalogue import indicator
from sosrake_lib.catalogue.laws import NOT_RECORDED, citation
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import say
from sosrake_lib.protect import Selection, Text

_NUMERAL = re.compile(r"\d[\d./:-]*")


def theme_of(finding: Selection) -> str:
    """Name the theme of a finding's indicator; `kaikki` (all) when there is no finding."""
    return indicator(str(rows_of(finding)[0]["indicator"])).theme if len(finding) else "kaikki"


def who_decides(bodies: pd.DataFrame, level: str, theme: str, on: date | None = None) -> list[Text]:
    """Say which bodies decide on a theme, nearest first, and by which act.

    Parameters
    ----------
    bodies : table `hanke/paattajat`: level (kunta, hva, valtio, kela), theme (or `kaikki`), body, powers, law
        and the days between which the body decides.
    level : `kunta` or `hva`, the level of the page.
    theme : key of the catalogue's theme.
    on : day the bodies must decide on; today when left out.

    Raises
    ------
    SosrakeError when the table names nobody for the level: the page would have no addressee.
    """
    order = {"kunta": ("kunta", "hva", "valtio", "kela"), "hva": ("hva", "kunta", "valtio", "kela")}
    if level not in order:
        raise SosrakeError(f"who_decides: level {level!r}; expected kunta or hva")
    told = []
    present = deciding(bodies, on or date.today())
    for of_level in order[level]:
        rows = present.loc[(present["level"] == of_level) & present["theme"].isin((theme, "kaikki"))]
        if of_level == level and rows.empty:
            raise SosrakeError(
                f"who_decides: no body of level {level} decides on {theme}; complete the table"
            )
        # Powers over the theme say more than general powers, which are told of the page's own level.
        own = rows.loc[rows["theme"] == theme]
        told += [_body(row) for row in (own if len(own) or of_level != level else rows).to_dict("records")]
    return told


def deciding(bodies: pd.DataFrame, on: date) -> pd.DataFrame:
    """Give the bodies that decide on a day; a table without days of validity holds present ones."""
    rows, day = bodies, on.isoformat()
    if "valid_from" in rows:
        rows = rows.loc[rows["valid_from"].isna() | (rows["valid_from"].fillna("").astype(str) <= day)]
    if "valid_to" in rows:
        rows = rows.loc[rows["valid_to"].isna() | (rows["valid_to"].fillna("").astype(str) >= day)]
    return rows


def _body(row: dict) -> Text:
    texts = [
        say(
            "decisions.body",
            language,
            body=_sentence_case(row[f"body_{language}"]),
            decides=row[f"decides_{language}"],
            law=_law(row["law"], language),
        )
        for language in ("fi", "en")
    ]
    return _with_numerals(texts[0], texts[1], row["law"])


def _law(text: str, language: str) -> str:
    return say("decisions.law_not_recorded", language) if text == NOT_RECORDED else citation(text, language)


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_numerals(text_fi: str, text_en: str, act: str) -> Text:
    """Declare the numerals of an act, which are no results; a number among the other words is refused."""
    found = dict.fromkeys(numeral.rstrip(".:-/") for numeral in _NUMERAL.findall(act))
    held = tuple(numeral for numeral in found if numeral in text_fi or numeral in text_en)
    return Text(text_fi, text_en, constants=held)
