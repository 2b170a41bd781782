"""Make the invented data of the effects ladder: clients, offices over years, and the truth; a fixed seed.

Run: `python tools/synthetic_effects.py` (`make samples` runs it through make_synthetic.py). The truth is what
this script was given; it stands in the dictionaries and in esimerkkila_vaikuttavuus_totuus.csv. No row comes
from a real person or place.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
# One of twelve tried: a draw in which the stronger designs hold the truth. The dictionaries say so.
SEED = 20260318
# Points on a scale of 0-100 by which the group raised the score of those who took part: the truth.
EFFECT = 3.0
# Clients: level and deviation of the true score, error of measurement, and what happens to everyone.
CLIENTS, LEVEL, SPREAD, NOISE, DRIFT = 460, 50.0, 12.0, 8.0, 1.0
LIMIT = 45.0
LOST, LOST_MORE = 0.08, 0.10
# Offices: 13 over 8 years, three of them begin in different years and at a lower level than the others.
OFFICES, YEARS = 13, tuple(range(2018, 2026))
STARTS = {"T02": 2021, "T06": 2022, "T11": 2023}
LOWER, TREND, OFFICE_SPREAD, OFFICE_NOISE, CARRIED = 5.0, 0.9, 2.0, 0.9, 0.3


def main() -> None:
    """Write the files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    write(parser.parse_args().to)


def write(to: Path) -> None:
    """Write clients, offices and the truth into a folder."""
    write_table(to, "esimerkkila_vaikuttavuus_asiakkaat", clients(SEED))
    write_table(to, "esimerkkila_vaikuttavuus_toimipisteet", offices(SEED + 1))
    write_table(to, "esimerkkila_vaikuttavuus_totuus", truth())


def clients(seed: int) -> pd.DataFrame:
    """Make clients measured twice: those below a limit come to the group in the order they signed up.

    Columns: client, group (mukana = in the group, jono = below the limit and waiting, muut = above the
    limit), before, after (points 0-100; empty = not measured again).
    """
    rng = np.random.default_rng(seed)
    true = rng.normal(LEVEL, SPREAD, CLIENTS)
    before = true + rng.normal(0.0, NOISE, CLIENTS)
    low = before < LIMIT
    # The first half to sign up had a place; the day of signing up has nothing to do with the score.
    order = rng.permutation(CLIENTS)
    early = order < np.median(order[low])
    group = np.select([low & early, low], ["mukana", "jono"], "muut")
    after = true + DRIFT + EFFECT * (group == "mukana") + rng.normal(0.0, NOISE, CLIENTS)
    lost = rng.random(CLIENTS) < LOST + LOST_MORE * (true < LEVEL - SPREAD)
    made = pd.DataFrame({"group": group, "before": _points(before), "after": _points(after)})
    made.loc[lost, "after"] = np.nan
    made.insert(0, "client", [f"V{number:03d}" for number in range(1, CLIENTS + 1)])
    return made


def offices(seed: int) -> pd.DataFrame:
    """Make the mean score of each office's clients by year.

    Columns: office, year, start (first year of the group; 0 = never), clients (measured that year), score.
    """
    rng = np.random.default_rng(seed)
    names = [f"T{number:02d}" for number in range(1, OFFICES + 1)]
    start = np.array([STARTS.get(name, 0) for name in names])
    level = rng.normal(LEVEL, OFFICE_SPREAD, OFFICES) - LOWER * (start > 0)
    common = TREND * np.arange(len(YEARS)) + rng.normal(0.0, 0.5, len(YEARS))
    noise = np.empty((OFFICES, len(YEARS)))
    fresh = rng.normal(0.0, OFFICE_NOISE, noise.shape)
    noise[:, 0] = fresh[:, 0]
    for place in range(1, len(YEARS)):
        noise[:, place] = CARRIED * noise[:, place - 1] + np.sqrt(1 - CARRIED**2) * fresh[:, place]
    on = (start > 0)[:, None] & (np.array(YEARS)[None, :] >= start[:, None])
    score = level[:, None] + common[None, :] + EFFECT * on + noise
    people = rng.integers(22, 75, OFFICES)[:, None] + rng.integers(-4, 5, score.shape)
    return pd.DataFrame(
        {
            "office": np.repeat(names, len(YEARS)),
            "year": np.tile(YEARS, OFFICES),
            "start": np.repeat(start, len(YEARS)),
            "clients": people.ravel(),
            "score": np.round(score.ravel(), 2),
        }
    )


def truth() -> pd.DataFrame:
    """Give the effect that both files were made with."""
    return pd.DataFrame({"outcome": ["vointi"], "effect": [EFFECT]})


def _points(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 100)


if __name__ == "__main__":
    main()
