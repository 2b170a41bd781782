"""What the release of the effects ladder is made of: one question climbed where the truth is known.

The samples are invented and the truth stands beside every estimate. Nothing is estimated here: rows are
chosen for each rung, `effects` estimates, and the rows go to protection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, samples
from sosrake_lib.effects import Effect, coverage, did, fragility, groups, matching, synthetic
from sosrake_lib.errors import GatherError, SosrakeError
from sosrake_lib.language import say
from sosrake_lib.protect.effects import Place, effect_frame

RULES = "vakio"
CLIENTS = "esimerkkila_vaikuttavuus_asiakkaat"
OFFICES = "esimerkkila_vaikuttavuus_toimipisteet"
TRUTH = "esimerkkila_vaikuttavuus_totuus"
OUTCOME = "vointi"
GROUPS = ("mukana", "jono", "muut")
# The rungs in their order; the first four need clients, the others offices over years.
RUNGS = (
    "jalkeen",
    "ennen_jalkeen",
    "vertailu",
    "erotus",
    "vuosittain",
    "porrastettu",
    "arvonta",
    "synteettinen",
)
PATH, STURDY = "vaikuttavuus_polku", "vaikuttavuus_kestavyys"
# The smallest difference that would matter to clients, points; half of it may part the offices before.
SMALLEST = 2.0
MARGIN = 1.5
UNIT = "points"
_SCORE: dict[str, Any] = {"outcome": "score", "unit": "office", "time": "year"}


@dataclass(frozen=True, slots=True)
class Years:
    """The years of the offices' story: last before anyone began, and the first when all had."""

    last_before: int
    first_after: int
    last: int

    def stable(self, offices: pd.DataFrame) -> pd.DataFrame:
        """Leave out the years in which offices began in turn."""
        return offices.loc[(offices["year"] <= self.last_before) | (offices["year"] >= self.first_after)]


def effects_ladder(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on the ladder of effects.

    Parameters
    ----------
    data : data folder with the tables CLIENTS and OFFICES (their dictionaries tell the columns); TRUTH is
        read where it is.

    Returns
    -------
    Parts by the rules `vakio`: `portaat` (an effect for each of RUNGS with its arms, `reference_value` = the
    truth, what the coverage simulation says in `coverage`, `note` = outcome, `label` = world, `item` = size,
    and of "vuosittain" the test before: pretrend_p, pretrend_power, pretrend_bias), `polku` (difference from
    the other offices by `year`) and `kestavyys` (the checks of `how_fragile`).

    Raises
    ------
    AbsentTable when a table lacks; GatherError for an unknown group or a value outside the scale.
    """
    clients, offices = read_clients(data), read_offices(data)
    truth = _truth(data)
    years = years_of(offices)
    events = did.event_study(
        years.stable(offices), **_SCORE, treatment="ever", reference=years.last_before,
        assignment="chosen", measured_in=UNIT,
    )  # fmt: skip
    rungs = {**client_rungs(clients), **office_rungs(offices, years)}
    rungs["vuosittain"] = lambda: events.effect
    least = int(offices["clients"].min())
    rows = [_rung(name, rungs[name], years, least) for name in RUNGS]
    told = frame.combine(rows).assign(reference_value=truth)
    source = _provenance(data)
    parts = {
        "portaat": _with_pretrend(told, events.pretrend).assign(**source),
        "polku": path_rows(events.path, years, least).assign(**source),
        "kestavyys": sturdiness(offices, years, events, least).assign(**source),
    }
    return {name: protect.part(rows, rules=RULES) for name, rows in parts.items()}


def names(language: str = "fi") -> dict[str, str]:
    """Give the words of the rungs and of the page's other indicators: code -> text."""
    said = {code(rung): say(f"vaikuttavuus.porras.{rung}", language) for rung in RUNGS}
    return said | {one: say(f"vaikuttavuus.{one}", language) for one in (PATH, STURDY)}


def outcome_names(language: str = "fi") -> dict[str, str]:
    """Give every rung the name of what is measured, for sentences: code -> text."""
    return dict.fromkeys(names(language), say("vaikuttavuus.page.outcome", language))


def code(rung: str) -> str:
    """Name a rung as an indicator of the release; its number keeps the rungs in their order."""
    return f"vaikuttavuus_{RUNGS.index(rung) + 1}_{rung}"


def read_clients(data: Path | None) -> pd.DataFrame:
    """Read the clients and check group and scale."""
    rows = samples.table(CLIENTS, data)
    _need(rows, ("client", "group", "before", "after"), CLIENTS)
    unknown = sorted(set(rows["group"].dropna()) - set(GROUPS))
    if unknown or rows["group"].isna().any():
        raise GatherError(
            say(
                "vaikuttavuus.error.group", table=CLIENTS, found=(unknown or [""])[0], known=", ".join(GROUPS)
            )
        )
    made = rows.assign(before=rows["before"].astype("float64"), after=rows["after"].astype("float64"))
    scores = made[["before", "after"]]
    outside = ((scores < 0) | (scores > 100)).any(axis=1)
    if outside.any():
        raise GatherError(say("vaikuttavuus.error.scale", table=CLIENTS, row=int(np.argmax(outside)) + 2))
    return made


def read_offices(data: Path | None) -> pd.DataFrame:
    """Read the offices' years; `ever` marks those that began, `on` the years from their start on."""
    rows = samples.table(OFFICES, data)
    _need(rows, ("office", "year", "start", "clients", "score"), OFFICES)
    numbers = {name: rows[name].astype("float64") for name in ("year", "start", "clients", "score")}
    empty = next((name for name, column in numbers.items() if column.isna().any()), None)
    if empty is not None:
        raise GatherError(say("vaikuttavuus.error.empty", table=OFFICES, column=empty))
    made = rows.assign(**numbers).astype({"year": "int64", "start": "int64", "clients": "int64"})
    ever = (made["start"] > 0).astype("int64")
    return made.assign(ever=ever, on=ever * (made["year"] >= made["start"]))


def years_of(offices: pd.DataFrame) -> Years:
    """Find the years before anyone began and after all had."""
    starts = offices.loc[offices["start"] > 0, "start"]
    if starts.empty:
        raise GatherError(say("vaikuttavuus.error.no_start", table=OFFICES))
    before = offices.loc[offices["year"] < starts.min(), "year"]
    if before.empty:
        raise GatherError(say("vaikuttavuus.error.no_before", table=OFFICES))
    return Years(int(before.max()), int(starts.max()), int(offices["year"].max()))


def client_rungs(clients: pd.DataFrame) -> dict[str, Callable[[], Effect]]:
    """Give the rungs that clients measured once or twice can climb."""
    inside = clients.loc[clients["group"] == "mukana"]
    low = clients.loc[clients["group"] != "muut"]
    ended = clients.loc[clients["after"].notna()]
    ended = ended.assign(treated=(ended["group"] == "mukana").astype("int64"))
    pair: dict[str, Any] = {"before": "before", "after": "after"}
    return {
        "jalkeen": lambda: replace(
            matching.difference_in_means(ended, outcome="after", treatment="treated", assignment="chosen"),
            unit=UNIT,
        ),
        "ennen_jalkeen": lambda: groups.paired_group_change(inside, **pair, unit=UNIT),
        "vertailu": lambda: groups.compared_change(
            low, **pair, group="group", treated="mukana", comparison="jono", assignment="by_rule", unit=UNIT
        ),
    }


def office_rungs(offices: pd.DataFrame, years: Years) -> dict[str, Callable[[], Effect]]:
    """Give the rungs that offices over years can climb; offices asked for the group themselves."""
    two = offices.loc[offices["year"].isin((years.last_before, years.last))]
    two = two.assign(post=(two["year"] == years.last).astype("int64"))
    said: dict[str, Any] = {"assignment": "chosen", "measured_in": UNIT}
    first = _first_office(offices)
    alone = offices.loc[(offices["ever"] == 0) | (offices["office"] == first)]
    return {
        "erotus": lambda: did.did_2x2(
            two, outcome="score", treatment="ever", post="post", cluster="office", **said
        ),
        "porrastettu": lambda: (
            did.callaway_santanna(
                offices, **_SCORE, first_treated="start", base_period="universal", **said
            ).effect
        ),
        "arvonta": lambda: did.randomisation_inference(offices, **_SCORE, treatment="on", **said),
        "synteettinen": lambda: synthetic.synthetic_control(
            alone, **_SCORE, treatment="on", intercept=True, assignment="chosen", measure=UNIT
        ),
    }


def path_rows(path: pd.DataFrame, years: Years, people: int) -> pd.DataFrame:
    """Give the differences by year as rows; the year compared with is 0 and has no interval."""
    rows = [
        {
            **_key(PATH, str(int(one["time"]))),
            "value": one["estimate"],
            "lower": one["lower"],
            "upper": one["upper"],
            "denominator": float(people),
            "per": 1.0,
            "status": "ok",
            "origin": "synthetic",
            "statistic": "effect",
            "method": "event_study_cr2",
            "confidence": 0.95,
            "year": float(one["time"]),
            "first_year": float(years.last_before + 1),
            "first_after": float(years.first_after),
        }
        for _, one in path.iterrows()
    ]
    return frame.check(pd.DataFrame(rows), file=PATH)


def sturdiness(offices: pd.DataFrame, years: Years, events: did.EventStudy, people: int) -> pd.DataFrame:
    """Try the offices' estimate in every way: the checks of `how_fragile` as an effect's own."""
    stable = years.stable(offices)
    treated = tuple(offices.loc[offices["ever"] == 1, "office"].unique())

    def estimate(rows: pd.DataFrame, given: fragility.Treated) -> Effect:
        marked = rows.assign(on=given.marks(rows["office"], rows["year"]))
        return did.twfe(marked, **_SCORE, treatment="on", assignment="chosen", measured_in=UNIT)

    study = fragility.Study(
        stable, "office", fragility.Treated(treated, years.first_after), estimate, time="year"
    )
    effect = estimate(stable, study.treated)
    evidence = fragility.Evidence(
        study=study,
        pretrends=fragility.pretrend_equivalence(events.path, MARGIN, start=years.first_after),
        robustness=_robustness(effect),
        outcome_sd=float(stable["score"].std()),
        smallest_of_interest=SMALLEST,
        self_report=True,
    )
    found = fragility.tried(effect, fragility.how_fragile(effect, evidence))
    return effect_frame(found, _place(str(years.last)), indicator=STURDY, people=people, origin="synthetic")


def _robustness(effect: Effect) -> fragility.RobustnessValue | None:
    if not (np.isfinite(effect.df) and effect.df > 1):
        return None
    return fragility.robustness_value(
        df=effect.df, estimate=effect.estimate, standard_error=effect.standard_error
    )


def _rung(name: str, made: Callable[[], Effect], years: Years, least: int) -> pd.DataFrame:
    """Estimate a rung and put it into rows; one that cannot be estimated is a missing row."""
    offices = name in RUNGS[3:]
    period = f"{years.last_before}/{years.last}" if offices else str(years.last)
    try:
        effect = coverage.labelled(made())
    except SosrakeError:
        # A rung too high for the user's own data is told as missing; the others stand.
        row = {**_key(code(name), period), "value": np.nan, "status": "missing", "origin": "synthetic"}
        return frame.check(
            pd.DataFrame([{**row, "statistic": "effect", "method": "", "confidence": 0.95, "per": 1.0}]),
            file=name,
        )
    rows = effect_frame(
        effect, _place(period), indicator=code(name), people=least if offices else "n", origin="synthetic"
    )
    found = coverage.of_effect(effect)
    if found is None:
        return rows
    own = rows["statistic"] == "effect"
    words = {"note": found.outcome, "label": found.world, "item": found.size_key}
    told = {column: np.where(own, text, "") for column, text in words.items()}
    return rows.assign(**told, coverage=np.where(own, 100 * found.held, np.nan))


def _with_pretrend(rows: pd.DataFrame, test: did.PreTrend | None) -> pd.DataFrame:
    """Put the test of the years before beside its rung; nothing beside a hidden one."""
    if test is None:
        return rows
    mine = (
        (rows["indicator"] == code("vuosittain")) & (rows["statistic"] == "effect") & (rows["status"] == "ok")
    )
    told = {"p": test.p_value, "power": 100 * test.power_at_estimate, "bias": test.bias_80}
    return rows.assign(**{f"pretrend_{name}": np.where(mine, value, np.nan) for name, value in told.items()})


def _first_office(offices: pd.DataFrame) -> str:
    """Name the office that began first."""
    began = offices.loc[offices["start"] > 0].sort_values(["start", "office"], kind="stable")
    return str(began["office"].iloc[0])


def _truth(data: Path | None) -> float:
    """Give the effect the data were made with; NaN where nobody knows it."""
    try:
        rows = samples.table(TRUTH, data)
    except samples.AbsentTable:
        return float("nan")
    return float(rows.set_index("outcome")["effect"].get(OUTCOME, np.nan))


def _need(rows: pd.DataFrame, columns: tuple[str, ...], table: str) -> None:
    lacking = [column for column in columns if column not in rows]
    if lacking:
        raise GatherError(say("vaikuttavuus.error.column", table=table, column=lacking[0]))


def _place(period: str) -> Place:
    return Place("hva", "E1", period)


def _key(indicator: str, period: str) -> dict[str, object]:
    place = _place(period)
    key = {column: getattr(place, column) for column in frame.KEY if column != "indicator"}
    return {"indicator": indicator, **key}


def _provenance(data: Path | None) -> dict[str, str]:
    about = samples.dictionary(OFFICES, data)
    licence = str(about["licence"]).partition(" (")[0]
    return {"producer": say("words.synthetic"), "source": f"{OFFICES}.csv", "licence": licence}
