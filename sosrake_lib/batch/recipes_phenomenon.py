"""What the release of phenomenon cards is made of: several kinds of knowledge beside each phenomenon.

Observations, records, indicators and measures are joined at area x theme x period, never per person; the join
is `indicators.triangulation.side_by_side`, which refuses anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch import recipes_reporting as reporting
from sosrake_lib.batch import reporting_source as source
from sosrake_lib.batch.area_rows import newest, published
from sosrake_lib.batch.phenomenon_beside import counted, counts_of, here, unjoined
from sosrake_lib.batch.recipes_chain import chains, impact_chains
from sosrake_lib.batch.recipes_needs import against_county, service_needs
from sosrake_lib.indicators import rates, triangulation
from sosrake_lib.indicators import reported_counts as counts
from sosrake_lib.indicators.agreement import cohen_kappa
from sosrake_lib.indicators.scales import Place
from sosrake_lib.language import say
from sosrake_lib.register.fields import fields
from sosrake_lib.register.reported import Reported

RULES = "vakio"
INDICATORS = "esimerkkila_indikaattorit"
RECORDS, STATISTICS = "asiakastieto", "tilasto"
# Kappa from which the coders are held to agree (Landis & Koch 1977, doi 10.2307/2529310: moderate).
AGREE = 0.41
QUESTIONS = (
    *("havaintoja", "tuottajia", "ihmiset_itse", "puolivuosia", "koodaus", "kattavuus"),
    *("asiakastieto", "tilasto", "mittari", "suunta", "paattaja", "heikoimmat"),
)
COUNTED_QUESTIONS = ("havaintoja", "tuottajia", "ihmiset_itse", "puolivuosia")
# Joined to a phenomenon besides figures: which need, indicators and measures, who could change it and how.
LINKS = ("tarve", "tilasto", "mittari", "taso", "kohde")


@dataclass(frozen=True)
class Beside:
    """What can be laid beside the observations of one origin; parts already made, never rows of people."""

    records: Mapping[str, protect.Part]
    indicators: pd.DataFrame
    measures: Mapping[str, protect.Part]
    names: Mapping[str, tuple[str, str]]


def phenomenon_cards(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the phenomenon cards, all phenomena at once.

    Parameters
    ----------
    data : data folder; see `recipes_reporting.social_reporting`. Invented observations meet invented records
        and indicators only; a house's own meet published indicators.

    Returns
    -------
    Parts: `kortti` (name, summary, structure, state; words), `liitokset` (what is joined to it: `kind` one of
    `LINKS`, key in `group`), `havainnot` (observations by municipality, `group` the phenomenon), `tuottajat`
    (by kind of reporter), `asiakkaat` and `osuudet` (needs in client records), `tilasto` (indicators compared
    with the county), `luvut` and `muutokset` (measures), `rinnakkain` (how each kind points, `category` of
    `triangulation`), `naytto` (strength A-D) and `tarkistus` (the dozen questions: yes, no, not known).

    Raises
    ------
    AbsentTable when there is neither a register with observations nor the invented ones.
    """
    reported = source.open_reported(data)
    units = reporting.reporting_units(reported, data)
    english = dict(source.english_names(reported, data))
    beside = _beside(reported, data)
    made: dict[str, list[pd.DataFrame]] = {}
    left: list[protect.Beside] = []
    for county in source.counties(reported):
        left += unjoined(reported, county)
        for name, rows in _of_county(reported, county, units, beside, english).items():
            made.setdefault(name, []).append(rows)
    about = reporting.provenance(reported)
    frames = {name: frame.combine(rows).assign(**about) for name, rows in made.items()}
    parts = {
        name: protect.part(
            rows,
            rules=RULES,
            totals=_totals(name, rows),
            beside=tuple(left) if name == "havainnot" else (),
        )
        for name, rows in frames.items()
    }
    open_rules = "avoin" if reported.origin == "own" else RULES
    parts["tilasto"] = protect.part(beside.indicators, rules=open_rules)
    return parts | dict(beside.records) | dict(beside.measures)


def facts(reported: Reported, own: pd.DataFrame, directions: Mapping[str, str]) -> triangulation.Base:
    """Count what a phenomenon's knowledge base holds, for its strength and the dozen questions."""
    least = protect.rule_set(RULES).minimum_count
    enough = [own[name].value_counts() >= least for name in ("tiedontuottaja", "period")]
    pairs = reported.pairs.loc[reported.pairs["field"] == "rakennetyyppi"]
    pairs = pairs.loc[(pairs["first"] != "") & (pairs["second"] != "")]
    agree = None
    if len(pairs) >= protect.rule_set(RULES).minimum_denominator:
        agree = bool(cohen_kappa(list(pairs["first"]), list(pairs["second"])).kappa >= AGREE)
    return triangulation.Base(
        len(own), int(enough[0].sum()), int(enough[1].sum()), reporting.is_weak(own), agree, directions
    )


def questions(
    base: triangulation.Base,
    *,
    people: bool,
    coverage: bool | None,
    linked: Mapping[str, bool],
    decider: bool,
) -> dict[str, str]:
    """Answer the dozen questions of "is the knowledge enough": yes, no or not known.

    Parameters
    ----------
    people : at least five observations come from clients or residents themselves.
    coverage : at least half of the units report; None when nobody has told.
    linked : kind of knowledge -> is it there for the same area, theme and period.
    decider : a proposal has been made to a named body.
    """
    pointing = {triangulation.SAME, triangulation.MIXED} & set(base.directions.values())
    tested = set(base.directions.values()) - {triangulation.UNKNOWN}
    found: dict[str, bool | None] = {
        "havaintoja": base.observations >= triangulation.MANY,
        "tuottajia": base.producers >= 2,
        "ihmiset_itse": people,
        "puolivuosia": base.half_years >= 2,
        "koodaus": base.coders_agree,
        "kattavuus": coverage,
        **{kind: linked[kind] for kind in (RECORDS, STATISTICS, "mittari")},
        "suunta": bool(pointing) and triangulation.CONFLICT not in tested if tested else None,
        "paattaja": decider,
        # No register can tell who is missing from it: people must ask this.
        "heikoimmat": None,
    }
    said = {True: reporting.YES, False: reporting.NO, None: reporting.UNKNOWN}
    return {name: said[found[name]] for name in QUESTIONS}


def _of_county(
    reported: Reported,
    county: tuple[str, str],
    units: pd.DataFrame,
    beside: Beside,
    english: dict[str, str],
) -> dict[str, pd.DataFrame]:
    period = reporting.whole_period(reported.observations)
    observed = here(reported, county)
    cards = reporting.phenomena_rows(reported, county, english)
    listed = {str(key) for key in cards["indicator"]}
    owns = {f"ilmio_{number}": rows for number, rows in observed.groupby("ilmio_id")}
    sizes = counts_of(counted(reported, county), county, period, reported.origin)
    left = unjoined(reported, county)
    seen = shown(frame.combine(sizes.values()), left) if sizes else frame.empty()
    parts: dict[str, list[pd.DataFrame]] = {"havainnot": list(sizes.values())}
    place = Place(*county, regions.CURRENT_YEAR, period, reported.origin)
    for one in reported.phenomena.to_dict("records"):
        key = f"ilmio_{one['ilmio_id']}"
        if key not in listed:
            continue
        own = owns.get(key, observed.iloc[:0])
        # A weak signal has no count, so nothing is joined by what most of its observations say.
        told = own.iloc[:0] if reporting.is_weak(own) else own
        joined = _joined(seen.loc[seen["group"] == key], one, told, beside, (county, period))
        directions = {kind: triangulation.direction(joined, kind) for kind in (RECORDS, STATISTICS)}
        base = facts(reported, own, directions)
        rows = _told(reported, one, own, units, joined, base, (county, key, period), beside.names)
        if key in sizes:
            rows["tuottajat"] = _producers(own, key, place)
        for name, part in rows.items():
            parts.setdefault(name, []).append(part)
    return {"kortti": cards, **{name: frame.combine(rows) for name, rows in parts.items()}}


def most_common(own: pd.DataFrame, field: str) -> str:
    """Name the class that at least half of a phenomenon's observations carry; empty when none does."""
    found = own.loc[own[field] != "", field].value_counts()
    least = protect.rule_set(RULES).minimum_count
    return str(found.index[0]) if len(found) and found.iloc[0] >= max(least, len(own) / 2) else ""


def shown(counted: pd.DataFrame, left: tuple[protect.Beside, ...] = ()) -> pd.DataFrame:
    """Give the counts as a reader will see them, so that nothing hidden steers what is said of agreement."""
    given = protect.part(counted, rules=RULES, totals=_totals("havainnot", counted), beside=left)
    made = protect.release({"havainnot": given}, name="ilmiokortti", preview=True)
    return protect.protected_frame(made.select(part="havainnot"))


def _joined(
    seen: pd.DataFrame,
    one: Mapping[str, Any],
    own: pd.DataFrame,
    beside: Beside,
    where: tuple[tuple[str, str], str],
) -> pd.DataFrame:
    """Lay the kinds of knowledge side by side at area x theme x period (the period's last year)."""
    theme = str(one["teema"])
    county, period = where
    kinds = {"havainnot": _key_of(seen, theme)}
    need = most_common(own, "tuen_tarve")
    if "osuudet" in beside.records and need:
        shares = beside.records["osuudet"].frame
        kinds[RECORDS] = _key_of(shares.loc[(shares["group"] == need) & (shares["sex"] == "total")], theme)
    statistics = beside.indicators.loc[beside.indicators["indicator"].isin(_indicators(one, beside))]
    if len(statistics):
        first = statistics.loc[statistics["indicator"] == statistics["indicator"].iloc[0]]
        kinds[STATISTICS] = _key_of(first, theme)
    joined = triangulation.side_by_side(kinds)
    joined = joined.loc[joined["period"] == str(frame.period_end(period).year)]
    inside = {("kunta", code) for code in regions.members(*county)}
    here = [pair in inside for pair in zip(joined["region_level"], joined["region_code"], strict=True)]
    return joined.loc[here]


def _key_of(rows: pd.DataFrame, theme: str) -> pd.DataFrame:
    """Keep the join's own columns and what they tell; the period is the last year of what the rows cover."""
    years = [frame.period_end(str(period)).year for period in rows["period"]]
    told = [name for name in triangulation.TOLD if name in rows]
    named = rows.assign(theme=theme, period=[str(year) for year in years])
    return named[[*triangulation.JOIN, *told]].reset_index(drop=True)


def _told(
    reported: Reported,
    one: Mapping[str, Any],
    own: pd.DataFrame,
    units: pd.DataFrame,
    joined: pd.DataFrame,
    base: triangulation.Base,
    where: tuple[tuple[str, str], str, str],
    names: Mapping[str, tuple[str, str]],
) -> dict[str, pd.DataFrame]:
    """Make a card's rows of words: links, directions, strength and the dozen questions."""
    county, key, period = where
    links = _links(one, own, joined)
    proposed = reported.proposals.loc[reported.proposals["ilmio_id"] == one["ilmio_id"], "paattaja"]
    themselves = int(own["tiedontuottaja"].isin(("asiakas", "asukas")).sum())
    linked = {kind: any(name == kind for name, _ in links) for kind in ("mittari",)}
    linked |= {kind: _is_there(joined, kind) for kind in (RECORDS, STATISTICS)}
    answers = questions(
        base,
        people=themselves >= protect.rule_set(RULES).minimum_count,
        coverage=_coverage(units, county),
        linked=linked,
        decider=bool((proposed != "").any()),
    )
    if reporting.is_weak(own):
        # Yes to any of these tells at least how many there are, and a weak signal has no count.
        answers |= dict.fromkeys(COUNTED_QUESTIONS, reporting.UNKNOWN)

    def words(group: str, **said: str) -> dict[str, Any]:
        return reporting.wordy(county, key, period, reported.origin) | {"group": group, **said}

    return {
        "liitokset": reporting.as_words(
            [words(code, kind=name, **_named(code, names)) for name, code in links]
        ),
        "rinnakkain": reporting.as_words(
            [words(kind, category=way) for kind, way in base.directions.items()]
        ),
        "naytto": reporting.as_words(
            [words("naytto", category=triangulation.strength(base), note=str(one["naytto"]))]
        ),
        "tarkistus": reporting.as_words([words(name, category=said) for name, said in answers.items()]),
    }


def _links(one: Mapping[str, Any], own: pd.DataFrame, joined: pd.DataFrame) -> list[tuple[str, str]]:
    if reporting.is_weak(own):
        # What most of its observations say would tell that there are at least so many (`most_common`).
        own = own.iloc[:0]
    found = [("tarve", most_common(own, "tuen_tarve"))] if _is_there(joined, RECORDS) else []
    if _is_there(joined, STATISTICS):
        found += [("tilasto", key) for key in str(one["indikaattorit"]).split()]
    found += [("mittari", key) for key in str(one["mittarit"]).split()]
    found += [("taso", most_common(own, "paattaja_taso")), ("kohde", most_common(own, "ehdotuksen_kohde"))]
    return [(name, code) for name, code in found if code]


def _is_there(joined: pd.DataFrame, kind: str) -> bool:
    """Say whether a kind has a figure for the same areas, theme and period."""
    name = f"{kind}_value"
    return name in joined and bool(joined[name].notna().any())


def _named(code: str, names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    finnish, english = names.get(code, ("", ""))
    return {"name_fi": finnish, "name_en": english}


def _producers(own: pd.DataFrame, key: str, place: Place) -> pd.DataFrame:
    least = protect.rule_set(RULES).minimum_count
    classes = fields()["tiedontuottaja"].values
    return counts.by_class(own, "tiedontuottaja", classes, place, f"{key}_tuottajat", least)


def _coverage(units: pd.DataFrame, county: tuple[str, str]) -> bool | None:
    """Say whether at least half of the county's units report in the newest half-year told of."""
    here = units.loc[
        [
            (level, code) == county or regions.parent(code, "hva") == county[1]
            for level, code in zip(units["region_level"], units["region_code"], strict=True)
        ]
    ]
    if here.empty:
        return None
    now = here.loc[here["puolivuosi"] == here["puolivuosi"].max()]
    return bool((now["raportoijia"].astype("float64") > 0).mean() >= 0.5)


def _indicators(one: Mapping[str, Any], beside: Beside) -> list[str]:
    """Name the indicators beside a phenomenon: those joined to it at the desk, that the data hold."""
    there = set(beside.indicators["indicator"])
    return [key for key in str(one["indikaattorit"]).split() if key in there]


def _beside(reported: Reported, data: Path | None) -> Beside:
    """Gather what may stand beside: invented with invented, own with published, nothing else."""
    if reported.origin == "synthetic":
        statistics = _invented_statistics(data) if _invented(INDICATORS, data) else None
        records = service_needs(data) if _invented("esimerkkila_asiakkaat", data) else {}
        told = _invented("esimerkkila_vaikutusketju", data)
        measures = impact_chains(data) if told else {}
        names = {key: one.name for key, one in chains(data).measures.items()} if told else {}
        kept = {name: part for name, part in records.items() if name in ("asiakkaat", "osuudet")}
        return Beside(kept, frame.empty() if statistics is None else statistics, measures, names)
    wanted = {key for text in reported.phenomena["indikaattorit"] for key in str(text).split()}
    rows = samples.indicator_frame(data)
    rows = rows.loc[rows["indicator"].isin(wanted) & rows["region_level"].isin(("kunta", "hva"))]
    rows = rows.loc[published(rows) & (rows["sex"] == "total")]
    here = rows.loc[_in_counties(rows, source.counties(reported))]
    last = frame.period_end(reporting.whole_period(reported.observations)).year
    here = here.loc[[frame.period_end(str(period)).year == last for period in here["period"]]]
    return Beside({}, _analysed(here) if len(here) else frame.empty(), {}, {})


def _invented_statistics(data: Path | None) -> pd.DataFrame:
    """Compare the invented indicators with their county; they name their own file, not the real producer."""
    about = {"producer": say("words.synthetic"), "source": f"{INDICATORS}.csv", "licence": "MIT"}
    return _analysed(frame.check(_table(INDICATORS, data))).assign(**about)


def _analysed(rows: pd.DataFrame) -> pd.DataFrame:
    now = newest(rows)
    whole = {code for level, code in _pairs(now) if level == "hva"}
    compared = now.loc[
        [level == "hva" or regions.parent(code, "hva") in whole for level, code in _pairs(now)]
    ]
    return against_county(rates.analyse(compared)) if len(compared) else frame.empty()


def _in_counties(rows: pd.DataFrame, counties: tuple[tuple[str, str], ...]) -> list[bool]:
    codes = {code for _, code in counties}
    return [
        code in codes if level == "hva" else regions.parent(code, "hva") in codes
        for level, code in _pairs(rows)
    ]


def _table(name: str, data: Path | None) -> pd.DataFrame:
    return samples.table(name, data).astype({"borders": "int64"})


def _invented(name: str, data: Path | None) -> bool:
    try:
        return samples.dictionary(name, data).get("kind") == "synthetic"
    except samples.AbsentTable:
        return False


def _totals(name: str, rows: pd.DataFrame) -> tuple[str, ...]:
    if name == "tuottajat":
        return ("group",)
    if name != "havainnot":
        return ()
    level = rows.groupby(["group", "region_level"])["value"].sum().unstack("region_level")
    return ("region",) if {"kunta", "hva"} <= set(level) and level["kunta"].equals(level["hva"]) else ()


def _pairs(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["region_level"], rows["region_code"], strict=True))
