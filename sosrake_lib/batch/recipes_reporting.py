"""What the release of social reporting is made of: who reported what, what was answered, what it led to.

Counts of observations leave by the rules `vakio`. Of phenomena leave their names and approved summaries only;
a weak signal is words without a count. The number of observations is no indicator of need, so coverage
stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.indicators import reported_counts as counts
from sosrake_lib.indicators.scales import Place
from sosrake_lib.language import say
from sosrake_lib.register.fields import fields
from sosrake_lib.register.life import states
from sosrake_lib.register.reported import Reported

RULES = "vakio"
# Units that could report: of a house's own register, and of the invented one.
UNITS = {"own": "raportointiyksikot", "synthetic": "esimerkkila_raportointiyksikot"}
TOTAL = "raportointi_havainnot"
ANSWERED, ANSWERED_SHARE = "raportointi_palautteet", "raportointi_palautteen_saaneet"
DAYS, KAPPA, REPORTING = "raportointi_odotus", "raportointi_kappa", "raportointi_yksikot"
# What observations are counted by, one field at a time. How common a thing is, and whether an observation has
# joined a phenomenon, are left out: a weak signal has no count, and the other classes would give it.
BY = ("tiedontuottaja", "teema", "rakennetyyppi", "palvelutehtava", "ehdotuksen_kohde")
WEAK = "uusi_heikko_signaali"
# Two half-years are compared only when the share of units that report differs by at most this much.
COVERAGE_STEP = 0.10
CHECKS = ("lomake", "kattavuus", "jakso")
YES, NO, UNKNOWN = "kylla", "ei", "ei_tiedeta"
WORDLESS = dict.fromkeys(("name_fi", "name_en", "label_fi", "label_en", "theme", "kind", "category"), "")


def social_reporting(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of social reporting, for each county that has observations.

    Parameters
    ----------
    data : data folder with the invented observations, read only when the house's own register holds none;
        its table `raportointiyksikot` (of Esimerkkilä: `esimerkkila_raportointiyksikot`) tells the units that
        could report.

    Returns
    -------
    Parts by the rules `vakio`: `maarat` (observations and those answered, by half-year), `luokat`
    (observations by the fields of `BY`: indicator "raportointi_<field>"), `odotus`
    (median days to the first feedback), `osuudet` (share answered), `kattavuus` (units by how many have
    reported), `sopivuus` (coders' agreement), `kunnat` (observations by municipality and year), `ilmiot`,
    `vaiheet`, `ehdotukset` (words, no figure) and `vertailtavuus` (may two half-years be compared: yes, no,
    not known).

    Raises
    ------
    AbsentTable when there is neither a register with observations nor the invented ones.
    """
    return reporting_parts(source.open_reported(data), data)


def reporting_parts(reported: Reported, data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of what has been read from a register; see `social_reporting`."""
    units = reporting_units(reported, data)
    english = source.english_names(reported, data)
    made: dict[str, list[pd.DataFrame]] = {}
    home = source.county_of(reported.observations)
    for county in source.counties(reported):
        observed = reported.observations.loc[home == county[1]]
        for name, rows in _of_county(reported, observed, units, county, english).items():
            made.setdefault(name, []).append(rows)
    about = provenance(reported)
    parts = {name: frame.combine(rows) for name, rows in made.items()}
    return {
        name: protect.part(rows.assign(**about), rules=RULES, totals=_totals(name, rows))
        for name, rows in parts.items()
    }


def provenance(reported: Reported) -> dict[str, str]:
    """Say where the figures come from: the register and its provisional schema."""
    invented = reported.origin == "synthetic"
    about = reported.document
    version = f"{about['schema']} {about['schema_version']}; lomake {about['form_version']}"
    return {
        "producer": say("words.synthetic") if invented else say("sosiaalinen_raportointi.own_register"),
        "source": version,
        "licence": "MIT" if invented else "",
    }


def reporting_units(reported: Reported, data: Path | None) -> pd.DataFrame:
    """Read the units that could report; none when the folder does not tell of this register's units."""
    columns = ["puolivuosi", "yksikko", "region_level", "region_code", "raportoijia"]
    try:
        name = UNITS[reported.origin]
        fits = samples.dictionary(name, data).get("kind") == (
            "real" if reported.origin == "own" else "synthetic"
        )
        return samples.table(name, data) if fits else pd.DataFrame(columns=columns)
    except samples.AbsentTable:
        return pd.DataFrame(columns=columns)


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of the release's classes, units and states: code -> text."""
    found = {
        code: say(f"register.choice.{field}.{code}", language)
        for field in BY
        if field != "ehdotuksen_kohde"
        for code in fields()[field].values
    }
    found |= {code: say(f"register.target.{code}", language) for code in fields()["ehdotuksen_kohde"].values}
    found |= {
        code: say(f"register.state.{code}", language) for code in (*states("havainto"), *states("ilmio"))
    }
    found |= {name: say(f"sosiaalinen_raportointi.units.{key}", language) for key, name in _UNIT_KEYS.items()}
    own = {counts.UNKNOWN: "no_class", counts.OTHERS: "other_classes"}
    return found | {code: say(f"sosiaalinen_raportointi.{key}", language) for code, key in own.items()}


def newest_half_year(periods: Iterable[str], ended_by: pd.Timestamp) -> str:
    """Choose the half-year a page tells of: the newest that has ended, else the newest."""
    ordered = sorted(set(periods))
    ended = [one for one in ordered if pd.Timestamp(frame.period_end(one)) <= ended_by]
    return (ended or ordered)[-1]


def comparable(observed: pd.DataFrame, units: pd.DataFrame, on: pd.Timestamp, newest: str) -> pd.DataFrame:
    """Judge whether each earlier half-year may be compared with the newest: columns period, check, verdict.

    The form must have the same version, the share of units that report differ by at most `COVERAGE_STEP`,
    and both half-years have ended. What cannot be known is said to be so.
    """
    forms = {str(period): set(rows["kaavio"]) for period, rows in observed.groupby("period")}
    reporting = units.assign(reports=units["raportoijia"].astype("float64") > 0)
    shares = reporting.groupby("puolivuosi")["reports"].mean().to_dict() if len(units) else {}
    told = []
    for period in sorted(set(forms) - {newest}):
        known = period in shares and newest in shares
        near = known and abs(shares[period] - shares[newest]) <= COVERAGE_STEP
        both = max(pd.Timestamp(frame.period_end(one)) for one in (period, newest)) <= on
        one_form = len(forms[period] | forms[newest]) == 1
        verdicts = (YES if one_form else NO, (YES if near else NO) if known else UNKNOWN, YES if both else NO)
        told += [(period, check, verdict) for check, verdict in zip(CHECKS, verdicts, strict=True)]
    return pd.DataFrame(told, columns=["period", "check", "verdict"])


def phenomena_rows(reported: Reported, county: tuple[str, str], english: Mapping[str, str]) -> pd.DataFrame:
    """List a county's phenomena in words: name and summary when approved, structure, state of its life."""
    observed = reported.observations.assign(county=source.county_of(reported.observations))
    proposed = reported.proposals.drop_duplicates("ilmio_id", keep="last").set_index("ilmio_id")["tila"]
    rows = []
    for one in reported.phenomena.to_dict("records"):
        own = observed.loc[observed["ilmio_id"] == one["ilmio_id"]]
        if county[1] not in _counties_of(one, own):
            continue
        rows.append(
            wordy(county, _key(one["ilmio_id"]), whole_period(reported.observations), reported.origin)
            | {
                "name_fi": one["nimi"],
                "name_en": english.get(one["nimi"], one["nimi"]),
                "label_fi": one["yhteenveto"],
                "label_en": one["yhteenveto_en"] or one["yhteenveto"],
                "theme": one["teema"],
                "kind": one["rakennetyyppi"],
                "category": one["tila"],
                "position": str(proposed.get(one["ilmio_id"], "")),
                "note": WEAK if is_weak(own) else "",
            }
        )
    return as_words(rows)


def is_weak(own: pd.DataFrame) -> bool:
    """Say whether a phenomenon is a weak signal: at least half of its observations call it one."""
    return bool(len(own)) and bool((own["yleisyys"] == WEAK).mean() >= 0.5)


_UNIT_KEYS = {"none": "0", "few": "1-2", "many": "3-"}


def _of_county(
    reported: Reported,
    observed: pd.DataFrame,
    units: pd.DataFrame,
    county: tuple[str, str],
    english: Mapping[str, str],
) -> dict[str, pd.DataFrame]:
    here = units.loc[[_in(county, level, code) for level, code in _pairs(units)]]
    whole = _place(county, whole_period(observed), reported.origin)
    on = pd.to_datetime(reported.on.isoformat())
    halves = [
        (rows, _place(county, str(period), reported.origin)) for period, rows in observed.groupby("period")
    ]
    newest = newest_half_year(observed["period"], on)
    least = protect.rule_set(RULES).minimum_count
    return {
        "maarat": frame.combine(_totals_of(rows, place) for rows, place in halves),
        "luokat": frame.combine(
            counts.by_class(rows, field, fields()[field].values, place, f"raportointi_{field}", least)
            for rows, place in halves
            for field in BY
        ),
        "odotus": frame.combine(
            counts.median_days(rows, reported.on, place, DAYS) for rows, place in [*halves, (observed, whole)]
        ),
        "osuudet": frame.combine(
            _answered_share(rows, place)
            for rows, place in [*halves, (observed, whole)]
            if len(rows) >= protect.rule_set(RULES).minimum_denominator
        ),
        "kattavuus": frame.combine(
            counts.units_by_reporters(rows, _place(county, str(period), reported.origin), REPORTING)
            for period, rows in here.groupby("puolivuosi")
        ),
        "sopivuus": _agreement(reported, observed, whole),
        "kunnat": by_municipality(observed, county, reported.origin),
        "ilmiot": phenomena_rows(reported, county, english),
        "vaiheet": _steps(reported, county),
        "ehdotukset": proposal_rows(reported, county),
        "vertailtavuus": _comparability(observed, here, on, newest, county, reported.origin),
    }


def by_municipality(observed: pd.DataFrame, county: tuple[str, str], origin: str) -> pd.DataFrame:
    """Count observations of each year in the county and each of its municipalities, also where nobody has."""
    years = observed.assign(year=observed["period"].str[:4])
    parts = []
    for year, rows in years.groupby("year"):
        parts.append(counts.in_all(rows, _place(county, str(year), origin), TOTAL))
        for code in regions.members(*county):
            own = rows.loc[(rows["alue_taso"] == "kunta") & (rows["alue_koodi"] == code)]
            parts.append(counts.in_all(own, _place(("kunta", code), str(year), origin), TOTAL))
    return frame.combine(parts)


def proposal_rows(reported: Reported, county: tuple[str, str]) -> pd.DataFrame:
    """List the proposals that answer a county's phenomena: words, body, target and state."""
    observed = reported.observations.assign(county=source.county_of(reported.observations))
    rows = []
    for one in reported.proposals.to_dict("records"):
        own = observed.loc[(observed["ilmio_id"] == one["ilmio_id"]) & (observed["county"] == county[1])]
        if own.empty:
            continue
        words = {"name_fi": one["paattaja"], "name_en": one["paattaja"], "category": one["tila"]}
        words |= {"label_fi": one["teksti"], "label_en": one["teksti"], "kind": one["kohde"]}
        key = wordy(county, _key(one["ilmio_id"]), one["pvm"][:7], reported.origin)
        rows.append(key | words | {"group": f"ehdotus_{one['ehdotus_id']}", "note": one["paatetty"][:7]})
    return as_words(rows)


def _totals_of(rows: pd.DataFrame, place: Place) -> pd.DataFrame:
    answered = rows.loc[rows["answered"] != ""]
    return frame.combine([counts.in_all(rows, place, TOTAL), counts.in_all(answered, place, ANSWERED)])


def _answered_share(rows: pd.DataFrame, place: Place) -> pd.DataFrame:
    return counts.share(int((rows["answered"] != "").sum()), len(rows), place, ANSWERED_SHARE)


def _agreement(reported: Reported, observed: pd.DataFrame, place: Place) -> pd.DataFrame:
    own = reported.pairs.loc[reported.pairs["havainto_id"].isin(observed["havainto_id"])]
    least = protect.rule_set(RULES).minimum_denominator
    return frame.combine(
        counts.agreement(rows, place, f"{KAPPA}_{field}")
        for field, rows in own.groupby("field")
        if len(rows) >= least
    )


def _steps(reported: Reported, county: tuple[str, str]) -> pd.DataFrame:
    """List the dated steps of phenomena in words, from the working group on."""
    observed = reported.observations.assign(county=source.county_of(reported.observations))
    here = set(observed.loc[observed["county"] == county[1], "ilmio_id"].dropna())
    rows = [
        wordy(county, _key(one["ilmio_id"]), one["day"][:7], reported.origin) | {"group": one["state"]}
        for one in reported.steps.to_dict("records")
        if one["ilmio_id"] in here and one["state"] != "koottu"
    ]
    return as_words(rows)


def _comparability(
    observed: pd.DataFrame,
    units: pd.DataFrame,
    on: pd.Timestamp,
    newest: str,
    county: tuple[str, str],
    origin: str,
) -> pd.DataFrame:
    rows = [
        wordy(county, "raportointi_vertailtavuus", one["period"], origin)
        | {"group": one["check"], "category": one["verdict"], "note": newest}
        for one in comparable(observed, units, on, newest).to_dict("records")
    ]
    return as_words(rows)


def wordy(county: tuple[str, str], indicator: str, period: str, origin: str) -> dict[str, Any]:
    """Start a row that holds words and no figure."""
    level, code = county
    key = {"indicator": indicator, "region_level": level, "region_code": code, "period": period}
    told = {"borders": regions.CURRENT_YEAR, "value": np.nan, "status": "missing", "origin": origin}
    return {**key, **told, **WORDLESS, "position": "", "note": ""}


def as_words(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Make a frame of rows that hold words and no figure; one row a key."""
    if not rows:
        return frame.empty().assign(**WORDLESS, position="", note="")
    told = frame.check(pd.DataFrame(rows))
    return told.drop_duplicates(list(frame.KEY)).reset_index(drop=True)


def _totals(name: str, rows: pd.DataFrame) -> tuple[str, ...]:
    """Name the totals that are sums: classes of one field, units, municipalities when all are in one."""
    if name in ("luokat", "kattavuus"):
        return ("group",)
    if name != "kunnat":
        return ()
    level = rows.groupby(["period", "region_level"])["value"].sum().unstack("region_level")
    return ("region",) if {"kunta", "hva"} <= set(level) and level["kunta"].equals(level["hva"]) else ()


def whole_period(observed: pd.DataFrame) -> str:
    """Name the years observations come from: one year, or first/last."""
    years = sorted({period[:4] for period in observed["period"]})
    return years[0] if len(years) == 1 else f"{years[0]}/{years[-1]}"


def _counties_of(phenomenon: dict[str, Any], own: pd.DataFrame) -> set[str]:
    """Name a phenomenon's counties: those of its observations, else of the area it is written for."""
    if len(own):
        return set(own["county"])
    place = pd.DataFrame([{name: phenomenon[name] for name in ("alue_taso", "alue_koodi")}])
    return set(source.county_of(place)) if phenomenon["alue_koodi"] else set()


def _key(number: object) -> str:
    return f"ilmio_{number}"


def _place(region: tuple[str, str], period: str, origin: str) -> Place:
    return Place(*region, regions.CURRENT_YEAR, period, origin)


def _pairs(units: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(units["region_level"], units["region_code"], strict=True))


def _in(county: tuple[str, str], level: str, code: str) -> bool:
    return (level, code) == county or (level == "kunta" and regions.parent(code, "hva") == county[1])
