"""What the release of a decision maker's page and of infographics is made of.

Published figures of every area compared with the whole country, the one figure each page leads with by a
stated rule, the strengths beside it, and quotes that people have permitted for their own area.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, frame, protect, regions
from sosrake_lib.batch.area_rows import REFERENCES, by_its_rules, municipalities_and_counties, references_of
from sosrake_lib.batch.invented import Recipe
from sosrake_lib.catalogue.audiences import audiences
from sosrake_lib.indicators import chosen

COMPARED = "vertailu"
FINDING, STRENGTH = "nosto", "vahvuus"
VOICES = "aanet"
TESTED = ("higher", "similar", "lower")
# Figures a strength is chosen from; what may never be one is told in the catalogue (`may_be_strength`).
STRENGTHS = ("pienituloisuusaste", "tyottomyysaste", "pitkaaikaistyottomat", "korkea_aste")
WORSE = {"higher_is_worse": "higher", "higher_is_better": "lower"}
_WORDS = ("label_fi", "label_en", "category", "retrieved", "note", "name_fi", "name_en", "source", "producer")


def for_deciders(area_indicators: Recipe) -> Recipe:
    """Give the recipe of pages for decision makers, over the comparisons another recipe makes.

    Parameters
    ----------
    area_indicators : recipe with the part `vertailu`: every area's newest figures beside the whole country's.

    Returns
    -------
    Recipe. Parts: `vertailu` (the figures a finding may be chosen from); `nosto_<theme>` and
    `nosto_<audience>` (the figure a page leads with, per area, see `clearest`), `vahvuus` (the clearest
    difference for the better), `vertailukohta` (the areas compared with, for the notes of numbers) and, when
    the register holds quotes that may be shown, `aanet`.
    """

    def deciders_pages(data: Path | None) -> dict[str, protect.Part]:
        every = area_indicators(data)[COMPARED].frame
        rows = municipalities_and_counties(every)
        asked = dict.fromkeys(key for one in audiences() for key in one.indicators)
        rows = rows.loc[rows["indicator"].isin(list(asked)) & (rows["sex"] == "total")].reset_index(drop=True)
        parts = {COMPARED: rows, STRENGTH: clearest(rows, STRENGTHS, to_the_better=True)}
        for name, keys in choices(asked).items():
            parts[f"{FINDING}_{name}"] = clearest(rows, keys)
        parts[REFERENCES] = references_of(rows, every)
        made = {name: by_its_rules(part) for name, part in parts.items()}
        voices = voices_of(_permitted(date.today()))
        return {**made, VOICES: protect.part(voices, rules="vakio")} if len(voices) else made

    return deciders_pages


def choices(asked: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Name the sets of indicators that a finding is chosen from: one per audience and one per theme."""
    by_theme: dict[str, tuple[str, ...]] = {}
    for key in asked:
        theme = catalogue.indicator(key).theme
        by_theme[theme] = (*by_theme.get(theme, ()), key)
    named = {f"teema_{theme}": keys for theme, keys in by_theme.items()}
    return {**{one.key: one.indicators for one in audiences()}, **named}


def clearest(rows: pd.DataFrame, keys: Sequence[str], *, to_the_better: bool = False) -> pd.DataFrame:
    """Choose per area the figure whose difference from the country is clearest.

    Clear is the difference in units of its own uncertainty, ``|d| / ((upper - lower) / 2)``. A difference for
    the worse comes before one for the better, and that before none; among equals the catalogue's order
    stands. Use of benefits and services is neither worse nor better: many who are in need do not apply.
    The rule is the same everywhere, so the choice tells of the area and not of the writer. Areas are never
    set against each other. A difference that the choosing may explain (Holm over the area's rows) is none: it
    does not come before one that the choosing does not explain.

    Parameters
    ----------
    rows : compared rows (`verdict`, `difference*`), one per indicator and area.
    keys : indicators to choose from. to_the_better : only differences for the better.

    Returns
    -------
    The chosen rows, at most one an area; an area without a testable figure has none. `chosen_from` and
    `chosen_p_value` tell how many it was chosen from and its p-value with the choice in it; `verdict` is
    `similar` where that p-value leaves room for chance.
    """
    kept = rows.loc[rows["indicator"].isin(list(keys)) & rows["verdict"].isin(TESTED)]
    heeded = chosen.chosen_from(kept)
    stands = heeded[chosen.P_VALUE] < 1 - kept["difference_confidence"]
    kept = kept.assign(
        verdict=kept["verdict"].where(stands, "similar"), **{name: heeded[name] for name in heeded}
    )
    worse = kept["indicator"].map({key: WORSE.get(catalogue.indicator(key).direction, "") for key in keys})
    harm = np.where(kept["verdict"] == "similar", 0, np.where(kept["verdict"] == worse, 2, 1))
    judged = kept["indicator"].map({key: catalogue.indicator(key).may_be_strength for key in keys})
    harm = np.where(judged.to_numpy(dtype=bool), harm, 0)
    half_width = (kept["difference_upper"] - kept["difference_lower"]) / 2
    order = pd.DataFrame(
        {
            "harm": harm,
            "clear": (kept["difference"] / half_width).abs(),
            "area": kept["region_level"] + kept["region_code"],
        },
        index=kept.index,
    )
    if to_the_better:
        order = order.loc[order["harm"] == 1]
    ordered = order.sort_values(["harm", "clear"], ascending=False, kind="stable")
    return kept.loc[sorted(ordered.drop_duplicates("area").index)]


def voices_of(permitted: pd.DataFrame) -> pd.DataFrame:
    """Make rows of words of the quotes that may be shown: the newest of each area and theme.

    Parameters
    ----------
    permitted : `register.quote_bank.publishable`; invented quotes and those of no known area are left out.

    Returns
    -------
    Indicator frame without figures: `indicator` = "aani_<number>", `group` = theme, `label_fi` = the words,
    `category` = kind of source.
    """
    own = permitted.loc[
        (permitted["origin"] != "synthetic") & permitted["region_level"].isin(("kunta", "hva"))
    ]
    latest = own.drop_duplicates(["region_level", "region_code", "theme"], keep="last")
    rows = [
        {
            "indicator": f"aani_{row['lainaus_id']}",
            "region_level": row["region_level"],
            "region_code": row["region_code"],
            "borders": regions.CURRENT_YEAR,
            "period": str(date.today().year),
            "group": row["theme"],
            "value": np.nan,
            "status": "missing",
            "origin": "own",
            **{**dict.fromkeys(_WORDS, ""), "label_fi": row["text"], "category": row["source"]},
            "source": "register/lainaus",
            "producer": "register",
        }
        for row in latest.to_dict("records")
    ]
    if not rows:
        return frame.empty().assign(**dict.fromkeys(_WORDS, ""))
    return frame.check(pd.DataFrame(rows), file=VOICES)


def _permitted(on: date) -> pd.DataFrame:
    """Read the quotes that the gate lets on a web page on a day; none without a register."""
    from sosrake_lib.register.engine import exists, open_register
    from sosrake_lib.register.quote_bank import publishable

    if not exists():
        return pd.DataFrame({name: [] for name in ("origin", "region_level", "region_code", "theme")})
    register = open_register()
    try:
        return publishable(register, on)
    finally:
        register.close()
