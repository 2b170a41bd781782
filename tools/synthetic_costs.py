"""Make the invented costs and outcomes of four ways of working in Esimerkkilä; fixed seed.

Run: `python tools/synthetic_costs.py`. Each price is invented. What is true stands in the dictionaries (from
tools/sample_descriptions.toml) and is the number this script was given: a test recovers it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260506
PEOPLE, LOST = 160, 0.06
# item -> (Finnish, English, euros a unit); every price is invented.
PRICES = {
    "tyotunnit": ("Työntekijän työtunnit", "Worker's hours", "tunti", "hour", 52.0),
    "ryhmakerrat": ("Ryhmäkerrat", "Group sessions", "kerta", "session", 38.0),
    "kotikaynnit": ("Kotikäynnit", "Home visits", "käynti", "visit", 95.0),
}
# way of working -> (Finnish, English, usual, mean hours, sessions and visits a person, chance of the goal)
WAYS = {
    "tavanomainen": ("Yksilötapaamiset", "Individual meetings", "kyllä", (14, 0, 1), 0.45),
    "ryhma": ("Ryhmä", "Group", "ei", (4, 10, 0), 0.35),
    "ryhma_ja_yksilo": (
        "Ryhmä ja yksilötapaamiset",
        "Group and individual meetings",
        "ei",
        (10, 12, 1),
        0.60,
    ),
    "tiivis": ("Tiivis kotiin vietävä työ", "Intensive work at home", "ei", (12, 0, 8), 0.55),
}
SPREAD = 4.0  # shape of the gamma distribution of a person's hours; sessions and visits are Poisson
LIKELIER = 0.04  # how much the chance of the goal rises with a person's hours, in deviations of them


def main() -> None:
    """Write people, prices and ways of working with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    to = parser.parse_args().to
    write_table(to, "esimerkkila_kustannukset", people(SEED))
    write_table(to, "esimerkkila_yksikkohinnat", prices())
    write_table(to, "esimerkkila_toimintatavat", ways())


def people(seed: int) -> pd.DataFrame:
    """Make one row a person: strategy, person, a quantity of each item, goal (1, 0 or not known)."""
    rng = np.random.default_rng(seed)
    made = []
    for strategy, (*_, means, chance) in WAYS.items():
        hours = rng.gamma(SPREAD, means[0] / SPREAD, PEOPLE)
        likelier = chance + LIKELIER * (hours - means[0]) / (means[0] / np.sqrt(SPREAD))
        rows = pd.DataFrame({"tyotunnit": np.maximum(1, np.rint(hours))})
        rows["ryhmakerrat"], rows["kotikaynnit"] = (rng.poisson(mean, PEOPLE) for mean in means[1:])
        rows["goal"] = (rng.random(PEOPLE) < np.clip(likelier, 0.02, 0.98)).astype(float)
        rows.loc[rng.random(PEOPLE) < LOST, "goal"] = np.nan
        made.append(rows.assign(strategy=strategy))
    table = pd.concat(made, ignore_index=True)
    table["person"] = [f"H{number:04d}" for number in rng.permutation(len(table)) + 1]
    return table[["strategy", "person", *PRICES, "goal"]].sort_values("person", ignore_index=True)


def prices() -> pd.DataFrame:
    """Make one row an item: item, name, unit, unit_price, origin, source."""
    rows = [(item, *told[:4], told[4], "synthetic", "keksitty hinta") for item, told in PRICES.items()]
    columns = ["item", "name", "name_en", "unit", "unit_en", "unit_price", "origin", "source"]
    return pd.DataFrame(rows, columns=columns)


def ways() -> pd.DataFrame:
    """Make one row a way of working: strategy, name, usual, assignment."""
    rows = [(key, *told[:3], "chosen") for key, told in WAYS.items()]
    return pd.DataFrame(rows, columns=["strategy", "name", "name_en", "usual", "assignment"])


if __name__ == "__main__":
    main()
