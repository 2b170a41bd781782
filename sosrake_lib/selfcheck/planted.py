"""Module 1's exercise: real published figures with the three classic errors of an indicator table in them.

1. A code clash: `12` is Etelä-Savo among wellbeing services counties and Pohjois-Karjala among regions.
2. Suppressed figures taken as 0.
3. A boundary that moved: Heinävesi and Joroinen changed region on 1 January 2021.

The seed chooses indicator, hidden municipalities, region and years, so each learner has own numbers.
Every right and every known wrong answer is computed from the same figures, never typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, regions, samples
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language.numbers import count, number
from sosrake_lib.language.places import place

YEAR = 2019
CLASH = "12"
INDICATORS = ("tyottomyysaste", "toimeentulotuki_25_64", "asumistuki", "korkea_aste", "lapsiperheet")
COUNTIES_WITH_HIDDEN = ("13", "14", "20")
MOVED_REGIONS = ("10", "11", "12")
FIRST_YEARS = (2016, 2017, 2018, 2019, 2020)
LAST_YEARS = (2021, 2022)
COLUMNS = ("indikaattori", "alue", "nimi", "vuosi", "lukumaara", "nimittaja")
_COUNTIES = ("12", "13", "14", "20")
_REGIONS = ("10", "11", "12", "18")
# Right and known wrong answers must lie clearly further apart than a question's tolerance (0.05).
_LEAST_GAP = 0.2
_MOST_DRAWS = 100


@dataclass(frozen=True, eq=False)
class Planted:
    """The table a learner gets, the answers computed from the true figures, and what texts may mention."""

    table: pd.DataFrame
    answers: Mapping[str, object]
    facts: Mapping[str, str]


@dataclass(frozen=True)
class _Draw:
    indicator: str
    county: str
    hidden: tuple[str, ...]
    region: str
    first: int
    last: int


def plant(seed: int, data: Path | None = None) -> Planted:
    """Plant the three errors into published figures of Eastern Finland.

    Returns
    -------
    Planted; `table` has the columns indikaattori, alue (a code without its level, as such tables come), nimi,
    vuosi, lukumaara (count) and nimittaja (of how many; empty for population).

    Raises
    ------
    SosrakeError when the samples lack the figures the exercise needs.
    """
    rng = np.random.default_rng(seed)
    figures = samples.indicator_frame(data)
    usable = [key for key in INDICATORS if _apart(_shares(figures, key))]
    if not usable:
        raise SosrakeError(
            f"course: the samples hold none of {', '.join(INDICATORS)} for {YEAR}; restore data/samples"
        )
    for _ in range(_MOST_DRAWS):
        draw = _drawn(rng, figures, usable)
        shares, people = _shares(figures, draw.indicator), _people(figures, draw)
        answers = {**_share_answers(shares, draw), **_boundary_answers(people, draw)}
        if _told_apart(answers):
            parts = [_shares_with_errors(shares, draw), _people_with_sums(people, draw)]
            table = pd.concat(parts, ignore_index=True)[list(COLUMNS)]
            return Planted(table.astype({"nimittaja": "Int64"}), answers, _facts(draw, answers))
    raise SosrakeError(
        f"course: seed {seed} gives no table whose wrong answers differ from the right ones; use another"
    )


def _drawn(rng: np.random.Generator, figures: pd.DataFrame, usable: list[str]) -> _Draw:
    indicator = str(rng.choice(usable))
    shares = _shares(figures, indicator)
    county = str(rng.choice(COUNTIES_WITH_HIDDEN))
    smallest = shares[shares["hva"] == county].sort_values(["lukumaara", "alue"])["alue"].head(4)
    hidden = tuple(sorted(rng.choice(smallest.to_numpy(dtype=object), size=2, replace=False)))
    region = str(rng.choice(MOVED_REGIONS))
    return _Draw(indicator, county, hidden, region, int(rng.choice(FIRST_YEARS)), int(rng.choice(LAST_YEARS)))


def _told_apart(answers: Mapping[str, object]) -> bool:
    """Say whether no known wrong number could pass for the right one."""
    pairs = (("county_12", "region_12", "mean_12"), ("known_share", "zeroed_share", "known_mean"))
    shares = all(
        abs(float(answers[right]) - float(answers[name])) > _LEAST_GAP  # type: ignore[arg-type]
        for right, *wrong in pairs
        for name in wrong
    )
    return shares and answers["true_change"] != answers["table_change"]


def _shares(figures: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Give the municipalities' counts and denominators of one indicator, with their county and region."""
    rows = figures[
        (figures["indicator"] == indicator)
        & (figures["region_level"] == "kunta")
        & (figures["period"] == str(YEAR))
        & (figures["sex"] == "total")
        & (figures["status"] == "ok")
    ].dropna(subset=["numerator", "denominator"])
    borders = int(rows["borders"].iloc[0]) if len(rows) else regions.CURRENT_YEAR
    wanted = [code for code in rows["region_code"] if regions.parent(code, "hva", borders) in _COUNTIES]
    rows = rows[rows["region_code"].isin(wanted)].sort_values("region_code")
    return pd.DataFrame(
        {
            "indikaattori": indicator,
            "alue": rows["region_code"].to_list(),
            "nimi": [regions.name("kunta", code, year=borders) for code in rows["region_code"]],
            "vuosi": YEAR,
            "lukumaara": rows["numerator"].round().astype("int64").to_list(),
            "nimittaja": rows["denominator"].round().astype("int64").to_list(),
            "hva": [regions.parent(code, "hva", borders) for code in rows["region_code"]],
            "maakunta": [regions.parent(code, "maakunta", borders) for code in rows["region_code"]],
        }
    )


def _apart(shares: pd.DataFrame) -> bool:
    """Say whether the two areas called 12 differ enough for the clash to be seen."""
    if shares.empty or set(shares["hva"]) != set(_COUNTIES):
        return False
    return (
        abs(_per_cent(shares[shares["hva"] == CLASH]) - _per_cent(shares[shares["maakunta"] == CLASH]))
        > _LEAST_GAP
    )


def _per_cent(rows: pd.DataFrame) -> float:
    return 100 * float(rows["lukumaara"].sum()) / float(rows["nimittaja"].sum())


def _shares_with_errors(shares: pd.DataFrame, draw: _Draw) -> pd.DataFrame:
    sums = shares.groupby("hva")[["lukumaara", "nimittaja"]].sum()
    other = shares[shares["maakunta"] == CLASH][["lukumaara", "nimittaja"]].sum()
    sums.loc[CLASH] = other  # error 1: the figures of the other area called 12
    counties = pd.DataFrame(
        {
            "indikaattori": draw.indicator,
            "alue": list(_COUNTIES),
            "nimi": [regions.name("hva", code) for code in _COUNTIES],
            "vuosi": YEAR,
            "lukumaara": sums.loc[list(_COUNTIES), "lukumaara"].to_list(),
            "nimittaja": sums.loc[list(_COUNTIES), "nimittaja"].to_list(),
        }
    )
    # error 2: what the sender hid has become 0
    shown = shares.assign(lukumaara=shares["lukumaara"].where(~shares["alue"].isin(draw.hidden), 0))
    return pd.concat([shown, counties], ignore_index=True)


def _people(figures: pd.DataFrame, draw: _Draw) -> pd.DataFrame:
    """Give the municipalities' populations of the two years, with the region each belonged to then."""
    rows = figures[
        (figures["indicator"] == "vaesto")
        & (figures["region_level"] == "kunta")
        & figures["period"].isin([str(draw.first), str(draw.last)])
        & (figures["sex"] == "total")
        & (figures["status"] == "ok")
    ]
    listed = pd.DataFrame(
        {
            "indikaattori": "vaesto",
            "alue": rows["region_code"].to_list(),
            "vuosi": rows["period"].astype("int64").to_list(),
            "lukumaara": rows["value"].round().astype("int64").to_list(),
        }
    )
    for column, year in (("silloin", None), ("lopussa", draw.last)):
        listed[column] = [
            regions.parent(code, "maakunta", year or then)
            for code, then in zip(listed["alue"], listed["vuosi"], strict=True)
        ]
    listed = listed[listed["lopussa"].isin(_REGIONS)].sort_values(["vuosi", "alue"]).reset_index(drop=True)
    if set(listed["vuosi"]) != {draw.first, draw.last}:
        raise SosrakeError(
            f"course: the samples lack the population of {draw.first} or {draw.last}; restore data/samples"
        )
    listed["nimi"] = [regions.name("kunta", code, year=draw.last) for code in listed["alue"]]
    return listed


def _people_with_sums(people: pd.DataFrame, draw: _Draw) -> pd.DataFrame:
    # error 3: each year's sum is drawn with that year's borders
    sums = people.groupby(["vuosi", "silloin"], as_index=False)["lukumaara"].sum()
    sums = sums.rename(columns={"silloin": "alue"})
    sums["nimi"] = [regions.name("maakunta", code) for code in sums["alue"]]
    return pd.concat([people, sums.assign(indikaattori="vaesto")], ignore_index=True)


def _share_answers(shares: pd.DataFrame, draw: _Draw) -> dict[str, object]:
    hidden = shares["alue"].isin(draw.hidden)
    own = shares["hva"] == draw.county
    known = shares[own & ~hidden]
    zeroed = shares[own].assign(lukumaara=shares["lukumaara"].where(~hidden, 0))
    names = shares.set_index("alue")["nimi"]
    return {
        "county_12": _per_cent(shares[shares["hva"] == CLASH]),
        "region_12": _per_cent(shares[shares["maakunta"] == CLASH]),
        "mean_12": float((100 * shares["lukumaara"] / shares["nimittaja"])[shares["hva"] == CLASH].mean()),
        "hidden_codes": list(draw.hidden),
        "hidden_first": list(draw.hidden[:1]),
        "hidden_names": [str(names[code]) for code in draw.hidden],
        "no_codes": [],
        "known_share": _per_cent(known),
        "zeroed_share": _per_cent(zeroed),
        "known_mean": float((100 * known["lukumaara"] / known["nimittaja"]).mean()),
    }


def _boundary_answers(people: pd.DataFrame, draw: _Draw) -> dict[str, object]:
    last, first = people["vuosi"] == draw.last, people["vuosi"] == draw.first
    moved = people[first & (people["silloin"] != people["lopussa"])]
    now, then = people["lopussa"] == draw.region, people["silloin"] == draw.region
    end = int(people.loc[last & now, "lukumaara"].sum())
    return {
        "moved_codes": sorted(moved["alue"]),
        "moved_first": sorted(moved["alue"])[:1],
        "true_change": end - int(people.loc[first & now, "lukumaara"].sum()),
        "table_change": end - int(people.loc[first & then, "lukumaara"].sum()),
    }


def _facts(draw: _Draw, answers: Mapping[str, object]) -> dict[str, str]:
    described = catalogue.indicator(draw.indicator)
    return {
        "indicator": draw.indicator,
        "indicator_name": described.short_fi[:1].lower() + described.short_fi[1:],
        "year": str(YEAR),
        "county_code": draw.county,
        "county": regions.name("hva", draw.county),
        "county_of": place(regions.name("hva", draw.county), "genitive"),
        "county_in": place(regions.name("hva", draw.county), "in"),
        "region_code": draw.region,
        "region": regions.name("maakunta", draw.region),
        "region_of": place(regions.name("maakunta", draw.region), "genitive"),
        "first": str(draw.first),
        "last": str(draw.last),
        "hidden_names": " ja ".join(answers["hidden_names"]),  # type: ignore[arg-type]
        "region_12": number(float(answers["region_12"]), 1),  # type: ignore[arg-type]
        "mean_12": number(float(answers["mean_12"]), 1),  # type: ignore[arg-type]
        "zeroed_share": number(float(answers["zeroed_share"]), 1),  # type: ignore[arg-type]
        "known_mean": number(float(answers["known_mean"]), 1),  # type: ignore[arg-type]
        "table_change": count(int(answers["table_change"])),  # type: ignore[call-overload]
        "true_change": count(int(answers["true_change"])),  # type: ignore[call-overload]
    }
