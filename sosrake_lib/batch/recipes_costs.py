"""What the release of costs beside outcomes is made of: means, differences, ratios, and how sure they are.

Costs are quantities of people's use times unit prices. People leave as means only: the points of the plane
are simulated from means and their covariances, never from drawn people, whose sums could be solved back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect, regions, samples
from sosrake_lib.batch.cost_study import ITEM, PEOPLE, PRICES, RULES, Study, names, read
from sosrake_lib.effects import economics
from sosrake_lib.effects.matching import difference_in_means
from sosrake_lib.errors import GatherError
from sosrake_lib.indicators import rates
from sosrake_lib.language import say
from sosrake_lib.protect.effects import Place, effect_frame

__all__ = ["costs_and_outcomes", "names"]

REGION, PERIOD = ("hva", "E1"), "2025"
COST, GOAL, LOST = "kustannus_henkilo", "kustannus_tavoite", "kustannus_ei_tiedossa"
PER_GOAL, ORDERED = "kustannus_tavoitetta_kohti", "kustannus_vertailu"
COST_DIFFERENCE, GOAL_DIFFERENCE, RATIO = "kustannus_ero", "kustannus_tavoite_ero", "kustannus_suhde"
POINT, SURE, BENEFIT, KNOWING = (
    *("kustannus_arvonta", "kustannus_todennakoisyys", "kustannus_nettohyoty", "kustannus_tiedon_arvo"),
)
DIFFERENCE = "difference"
DRAWS, POINTS, SEED = 4000, 200, 20
# Round steps of what one more attained goal may cost: a range to look over, no threshold.
STEPS, NICE = 20, (1.0, 2.0, 2.5, 5.0, 10.0)


def costs_and_outcomes(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the page on costs.

    Parameters
    ----------
    data : data folder with the tables `esimerkkila_kustannukset`, `esimerkkila_yksikkohinnat` and
        `esimerkkila_toimintatavat`; the samples when left out.

    Returns
    -------
    Parts by the rules `vakio`; `item` is the way of working everywhere: `kustannukset` (mean cost a person,
    and of each item: `kustannus_era.<item>`), `tavoitteet` (share who attained the goal), `ei_tiedossa`
    (people whose goal is not known), `tavoitetta_kohti` (cost of an attained goal, Fieller), `vertailu`
    (dominance: `category` ND, ED, D, `reason` the way compared with, increments), `erot` (each way against
    the usual: costs and goals as effects), `suhteet` (the ratio of these differences, `position` its
    quadrant), `pisteet` (simulated means), `varmuus` (share of simulations with the highest net benefit, by
    `wtp`), `nettohyoty` (against the usual, by `wtp`) and `tiedon_arvo` (by `wtp`). Ways with too few people
    stand in the first three parts only.

    Raises
    ------
    GatherError naming file, row and column; AbsentTable when a table is not there or is of real people.
    """
    study = read(data)
    kept = study.compared()
    if study.usual not in kept or len(kept) < 2:
        rules = protect.rule_set(RULES)
        people, rarer = rules.minimum_denominator, rules.minimum_count
        raise GatherError(say("kustannukset.read.too_few", file=PEOPLE, people=people, rarer=rarer))
    levels = levels_of(study, kept)
    made: dict[str, pd.DataFrame] = {
        "kustannukset": frame.combine([mean_costs(study), item_costs(study)]),
        "tavoitteet": attained(study),
        "ei_tiedossa": lost(study),
        "tavoitetta_kohti": per_goal(study, kept),
        "vertailu": ordered(study, kept),
        "erot": differences(study, kept),
        "suhteet": ratios(study, kept),
        **uncertain(study, kept, levels),
        "nettohyoty": benefits(study, kept, levels),
    }
    licence = str(samples.dictionary(PEOPLE, data)["licence"]).partition(" (")[0]
    source = {"producer": say("words.synthetic"), "source": f"{PEOPLE}.csv, {PRICES}.csv", "licence": licence}
    return {name: protect.part(rows.assign(**source), rules=RULES) for name, rows in made.items()}


def mean_costs(study: Study) -> pd.DataFrame:
    """Give the mean cost a person in each way of working, of those whose goal is known."""
    return _means(study.known, COST)


def item_costs(study: Study) -> pd.DataFrame:
    """Give the mean cost a person of each item in each way of working."""
    known = study.items.dropna(subset=["outcome"]).groupby("item", sort=False)
    by_item = [_means(rows, f"{ITEM}.{item}") for item, rows in known]
    return frame.combine(by_item)


def attained(study: Study) -> pd.DataFrame:
    """Give the share who attained the goal, of those whose goal is known."""
    known = study.known.groupby("strategy", sort=False)["outcome"]
    rows = known.agg(numerator="sum", denominator="size").reset_index().astype({"denominator": "float64"})
    value = rates.per_units(rows["numerator"], rows["denominator"], 100)
    return rates.proportion(_rows(rows["strategy"], GOAL, rows.assign(value=value, per=100.0)))


def lost(study: Study) -> pd.DataFrame:
    """Count the people whose goal is not known: no figure of the page tells of them."""
    counted = study.people["outcome"].isna().groupby(study.people["strategy"], sort=False).sum()
    rows = pd.DataFrame({"value": counted.to_numpy(dtype="float64")})
    return rates.as_given(_rows(pd.Series(counted.index), LOST, rows), "count")


def per_goal(study: Study, kept: list[str]) -> pd.DataFrame:
    """Give what one attained goal cost in each way of working, with Fieller's interval."""
    people = pd.concat([study.of(one) for one in kept])
    found = economics.cost_per_outcome(people, by=["strategy"])
    rows = found[["value", "lower", "upper", "method", "confidence"]].round(0)
    rows = rows.assign(denominator=found["people"].astype("float64"), statistic="ratio")
    return _rows(found["strategy"], PER_GOAL, rows)


def ordered(study: Study, kept: list[str]) -> pd.DataFrame:
    """Put the ways of working in order of cost and say which are dominated (`economics.icer_table`)."""
    means = pd.concat([study.of(one) for one in kept]).groupby("strategy", sort=False)
    given = means[["cost", "outcome"]].mean().reset_index()
    given["origin"] = "synthetic"
    found = economics.icer_table(given, effect="outcome").table
    rows = pd.DataFrame(
        {
            "value": found["cost"].round(0),
            "effect": (100 * found["effect"]).round(1),
            "inc_cost": found["inc_cost"].round(0),
            "inc_effect": (100 * found["inc_effect"]).round(1),
            "icer": found["icer"].round(0),
            "category": found["status"],
            "reason": found["compared_with"],
            "order": np.arange(1.0, len(found) + 1),
            "denominator": [float(len(study.of(str(one)))) for one in found["strategy"]],
        }
    )
    rows = rows.assign(statistic="ratio", method="icer", confidence=0.95)
    return _rows(found["strategy"], ORDERED, rows)


def differences(study: Study, kept: list[str]) -> pd.DataFrame:
    """Estimate each way's cost and share of goals minus the usual way's, as effects with their claim."""
    made = []
    for strategy in kept:
        if strategy == study.usual:
            continue
        people = pd.concat([study.of(strategy), study.of(study.usual)])
        people = people.assign(new=(people["strategy"] == strategy).astype(int), goal=100 * people["outcome"])
        goals = {"treated": study.of(strategy), "control": study.of(study.usual)}
        events = {arm: int(rows["outcome"].sum()) for arm, rows in goals.items()}
        for outcome, key, unit, yes in (
            ("cost", COST_DIFFERENCE, "euros", None),
            ("goal", GOAL_DIFFERENCE, "percentage points", events),
        ):
            assignment = str(study.ways.set_index("strategy").at[strategy, "assignment"])
            found = difference_in_means(
                people, outcome=outcome, treatment="new", assignment=assignment, measured_in=unit
            )
            place = Place(*REGION, PERIOD, group=strategy)
            rows = effect_frame(
                found, place, indicator=key, people="n", events=yes, origin="synthetic", statistic=DIFFERENCE
            )
            made.append(rows.assign(item=strategy))
    return frame.combine(made)


def ratios(study: Study, kept: list[str]) -> pd.DataFrame:
    """Give the ratio of the differences in cost and goals to the usual way, with its quadrant.

    A ratio without limits has none in the row; `position` tells the quadrant, `kind` how the ratio reads.
    """
    usual = study.of(study.usual)
    rows = []
    others = [one for one in kept if one != study.usual]
    for strategy in others:
        new = study.of(strategy)
        found = economics.ratio_of_differences(new["cost"], new["outcome"], usual["cost"], usual["outcome"])
        inc = (new["cost"].mean() - usual["cost"].mean(), new["outcome"].mean() - usual["outcome"].mean())
        # The quadrant does not hang on what a goal may cost; any level gives the same.
        placed = economics.increment(*inc, wtp=0)
        bounded = found.form == "bounded"
        rows.append(
            {
                "value": round(found.ratio),
                "lower": round(found.lower) if bounded else np.nan,
                "upper": round(found.upper) if bounded else np.nan,
                "position": placed.quadrant,
                "kind": placed.icer_is,
                "denominator": float(min(len(new), len(usual))),
                "method": found.method,
            }
        )
    given = pd.DataFrame(rows).assign(statistic="ratio", confidence=0.95)
    return _rows(pd.Series(others), RATIO, given)


def uncertain(study: Study, kept: list[str], levels: np.ndarray) -> dict[str, pd.DataFrame]:
    """Simulate means: points of the plane, shares with the highest net benefit, what knowing is worth."""
    groups = {one: study.of(one) for one in kept}
    draws = economics.draws_of_means(groups, effect="outcome", draws=DRAWS, seed=SEED)
    found = economics.decision_uncertainty(draws, levels, strategies=kept)
    least = float(min(len(rows) for rows in groups.values()))
    common = {"denominator": least, "method": "acceptability", "confidence": 0.95}
    table = found.table
    sure = pd.DataFrame({"value": (100 * table["probability_best"]).round(1), "wtp": table["wtp"]})
    knowing = found.value
    return {
        "pisteet": points(study.usual, kept, draws, common),
        "varmuus": _rows(
            table["strategy"], SURE, sure.assign(per=100.0, statistic="probability", **common), table["wtp"]
        ),
        "tiedon_arvo": _rows(
            knowing["strategy"],
            KNOWING,
            pd.DataFrame({"value": knowing["evpi"].round(0), "wtp": knowing["wtp"]}).assign(
                statistic="value", **common
            ),
            knowing["wtp"],
        ),
    }


def points(usual: str, kept: list[str], draws: pd.DataFrame, common: Mapping[str, object]) -> pd.DataFrame:
    """Give the first simulated differences from the usual way, rounded: value in euros, `inc_effect` in %."""
    first = draws.head(POINTS)
    made = []
    for strategy in (one for one in kept if one != usual):
        cost = (first[f"cost_{strategy}"] - first[f"cost_{usual}"]).round(0)
        effect = (100 * (first[f"effect_{strategy}"] - first[f"effect_{usual}"])).round(1)
        rows = pd.DataFrame({"value": cost, "inc_effect": effect}).assign(statistic="simulated", **common)
        made.append(_rows(pd.Series([strategy] * len(rows)), POINT, rows, pd.Series(range(1, len(rows) + 1))))
    return frame.combine(made)


def benefits(study: Study, kept: list[str], levels: np.ndarray) -> pd.DataFrame:
    """Give each way's net benefit against the usual at every level, with its interval."""
    usual = study.of(study.usual)
    made = []
    for strategy in (one for one in kept if one != study.usual):
        new = study.of(strategy)
        found = economics.net_benefit_difference(new, usual, levels, effect="outcome")
        rows = found[["wtp", "value", "lower", "upper"]].round(0)
        rows = rows.assign(
            denominator=float(min(len(new), len(usual))),
            verdict=np.select([rows["lower"] > 0, rows["upper"] < 0], ["higher", "lower"], "similar"),
            statistic="difference", method="net_benefit", confidence=0.95,
        )  # fmt: skip
        made.append(_rows(pd.Series([strategy] * len(rows)), BENEFIT, rows, rows["wtp"]))
    return frame.combine(made)


def levels_of(study: Study, kept: list[str]) -> np.ndarray:
    """Give the range of what one more attained goal may cost that the curves are drawn over.

    From nothing to at least twice the largest ratio between ways that are not dominated, and twice what a
    goal cost in usual work, in round steps. A range for looking, no threshold.
    """
    usual = study.of(study.usual)
    per_goal_now = float(usual["cost"].mean() / usual["outcome"].mean())
    icers = ordered(study, kept)["icer"].dropna().tolist()
    return round_steps(2 * max(per_goal_now, *icers) if icers else 2 * per_goal_now)


def round_steps(top: float) -> np.ndarray:
    """Give STEPS round steps from 0 that reach `top`.

    Examples
    --------
    >>> round_steps(9300).tolist()[:3], float(round_steps(9300)[-1])
    ([0.0, 500.0, 1000.0], 10000.0)
    """
    rough = max(top, 1.0) / STEPS
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * nice for nice in NICE if power * nice >= rough)
    return np.round(step * np.arange(STEPS + 1), 6)


def _means(people: pd.DataFrame, key: str) -> pd.DataFrame:
    found = people.groupby("strategy", sort=False)["cost"].agg(["mean", "std", "size"]).reset_index()
    given = {"value": found["mean"], "standard_deviation": found["std"], "denominator": found["size"]}
    rows = _rows(found["strategy"], key, pd.DataFrame(given).astype("float64"))
    made = rates.mean(rows).drop(columns=["standard_deviation"])
    return made.assign(**{name: made[name].round(0) for name in ("value", "lower", "upper")})


def _rows(
    strategies: pd.Series, key: str, columns: pd.DataFrame, numbers: pd.Series | None = None
) -> pd.DataFrame:
    """Give rows their key: the way of working is `item`, and `group` with a number where there are many."""
    level, code = REGION
    listed = [str(one) for one in strategies]
    group = listed
    if numbers is not None:
        group = [f"{one}:{number:g}" for one, number in zip(listed, numbers, strict=True)]
    place = {"region_level": level, "region_code": code, "borders": regions.CURRENT_YEAR, "period": PERIOD}
    kept = columns.drop(columns=["strategy"], errors="ignore").reset_index(drop=True)
    keyed = kept.assign(indicator=key, group=group, item=listed, **place)
    return frame.check(keyed.assign(status="ok", origin="synthetic"), file=key)
