"""The tables behind the page on costs: people's use and outcomes, unit prices, ways of working; checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sosrake_lib import protect
from sosrake_lib.batch.invented import invented_table
from sosrake_lib.effects import economics
from sosrake_lib.effects.design import ASSIGNMENTS
from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

PEOPLE, PRICES, WAYS = "esimerkkila_kustannukset", "esimerkkila_yksikkohinnat", "esimerkkila_toimintatavat"
RULES = "vakio"
ITEM = "kustannus_era"
USUAL, OTHER = "kyllä", "ei"
_READ = "kustannukset.read"


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """People's costs and outcomes, and the ways of working that are compared.

    Attributes
    ----------
    people : strategy, person, cost (euros), outcome (goal attained: 1, 0, NaN = not known), origin.
    items : strategy, person, item, cost, outcome.
    ways : strategy, name, name_en, usual, assignment. prices : item, name, unit_price, origin, source.
    """

    people: pd.DataFrame
    items: pd.DataFrame
    ways: pd.DataFrame
    prices: pd.DataFrame

    @property
    def usual(self) -> str:
        """The way of working that the others are compared with."""
        return str(self.ways.loc[self.ways["usual"] == USUAL, "strategy"].iloc[0])

    @property
    def known(self) -> pd.DataFrame:
        """People whose outcome is known: every figure rests on the same people."""
        return self.people.dropna(subset=["outcome"])

    def of(self, strategy: str) -> pd.DataFrame:
        """People of one way of working whose outcome is known."""
        return self.known.loc[self.known["strategy"] == strategy]

    def compared(self) -> list[str]:
        """Ways with enough people, and enough with and without the goal, to be compared; the rest are not."""
        rules = protect.rule_set(RULES)
        found = []
        for strategy in self.ways["strategy"]:
            goals = self.of(strategy)["outcome"]
            rarer = min(goals.sum(), len(goals) - goals.sum())
            if len(goals) >= rules.minimum_denominator and rarer >= rules.minimum_count:
                found.append(str(strategy))
        return found


def names(data: Path | None = None, language: str = "fi") -> dict[str, str]:
    """Give the words of ways of working and of items; an invented price is named so."""
    place = "name_en" if language == "en" else "name"
    ways, prices = invented_table(WAYS, data), invented_table(PRICES, data)
    found: dict[str, str] = {}
    for table, key in ((ways, "strategy"), (prices, "item")):
        english = table[place].fillna(table["name"]) if place in table else table["name"]
        found |= dict(zip(table[key], english, strict=True))
    for item in prices["item"]:
        found[f"{ITEM}.{item}"] = say("kustannukset.invented_item", language, item=found[item])
    return found


def read(data: Path | None) -> Study:
    """Read and check people, prices and ways of working; see the samples' dictionaries for the columns."""
    prices, ways, people = (invented_table(name, data) for name in (PRICES, WAYS, PEOPLE))
    _check(prices, PRICES, ("item", "name", "unit_price", "origin", "source"), "item")
    _check(ways, WAYS, ("strategy", "name", "usual", "assignment"), "strategy")
    items = list(prices["item"])
    _check(people, PEOPLE, ("strategy", "person", *items, "goal"), "person")
    strange = [str(one) for one in people if one not in ("strategy", "person", *items, "goal")]
    if strange:
        raise GatherError(say(f"{_READ}.item_strange", file=PEOPLE, column=strange[0], prices=PRICES))
    _check_ways(ways, people)
    goal = pd.to_numeric(people["goal"], errors="coerce").astype("float64")
    wrong = (people["goal"].notna() & ~goal.isin((0, 1))).to_numpy()
    if wrong.any():
        raise GatherError(say(f"{_READ}.goal", file=PEOPLE, row=int(wrong.argmax()) + 1))
    used = people.melt(["strategy", "person"], items, var_name="item", value_name="quantity")
    used = used.merge(prices[["item", "unit_price", "origin", "source"]], on="item", validate="many_to_one")
    found = economics.total_costs(used, by=["strategy", "person"])
    outcome = people[["strategy", "person"]].assign(outcome=goal)
    costed = found.totals.merge(outcome, on=["strategy", "person"], validate="one_to_one")
    items_of = found.items[["strategy", "person", "item", "cost"]]
    return Study(costed, items_of.merge(outcome, on=["strategy", "person"]), ways, prices)


def _check(table: pd.DataFrame, file: str, columns: tuple[str, ...], key: str) -> None:
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise GatherError(say(f"{_READ}.column_lacks", file=file, column=lacking[0]))
    filled = [column for column in columns if column not in ("goal", "assignment", "source")]
    for column in filled:
        empty = table[column].isna().to_numpy()
        if empty.any():
            raise GatherError(say(f"{_READ}.empty", file=file, row=int(empty.argmax()) + 1, column=column))
    twice = table[key].duplicated().to_numpy()
    if twice.any():
        raise GatherError(say(f"{_READ}.twice", file=file, row=int(twice.argmax()) + 1, column=key))


def _check_ways(ways: pd.DataFrame, people: pd.DataFrame) -> None:
    if (ways["usual"] == USUAL).sum() != 1 or not ways["usual"].isin((USUAL, OTHER)).all():
        raise GatherError(say(f"{_READ}.usual", file=WAYS, usual=USUAL, other=OTHER))
    wrong = (~ways["assignment"].isin(ASSIGNMENTS)).to_numpy()
    if wrong.any():
        known = ", ".join(ASSIGNMENTS)
        raise GatherError(say(f"{_READ}.assignment", file=WAYS, row=int(wrong.argmax()) + 1, known=known))
    unknown = (~people["strategy"].isin(list(ways["strategy"]))).to_numpy()
    if unknown.any():
        raise GatherError(say(f"{_READ}.strategy", file=PEOPLE, row=int(unknown.argmax()) + 1, ways=WAYS))
