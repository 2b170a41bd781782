"""The peers that may not be dependencies, run by their own interpreter: pingouin (GPL) and PHStatsMethods.

`indicators.py --peers-python PATH` starts this file as a small server: a line with a task's name comes in, a
line of JSON with processor seconds, wall seconds and some result numbers goes out. Nothing of theirs is
copied and nothing of the project is imported here but the invented data.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
import time
import warnings
from collections.abc import Callable

import indicator_data as data
import numpy as np
import pandas as pd

PACKAGES = ("PHStatsMethods", "pingouin")


def proportions() -> Callable[[], list]:
    from PHStatsMethods import ph_proportion

    table = data.counts(45_000)

    def run() -> list:
        found = ph_proportion(table, "events", "people", "area", multiplier=100)
        return found[["lower_95_ci", "upper_95_ci"]].to_numpy()[:500].tolist()

    return run


def rates() -> Callable[[], list]:
    from PHStatsMethods import ph_rate

    table = data.counts(45_000)

    def run() -> list:
        found = ph_rate(table, "events", "people", "area", multiplier=1000)
        return found[["lower_95_ci", "upper_95_ci"]].to_numpy()[:500].tolist()

    return run


def standardised() -> Callable[[], list]:
    from PHStatsMethods import ph_dsr

    events, people = data.by_age(2_250)
    table = pd.DataFrame(
        {
            "area": np.repeat([f"{place:05d}" for place in range(len(events))], len(data.AGES)),
            "events": events.ravel(),
            "people": people.ravel(),
            "weight": np.tile(np.arange(len(data.AGES), 0, -1.0), len(events)),
        }
    )

    def run() -> list:
        found = ph_dsr(table, "events", "people", "weight", "area", euro_standard_pops=False)
        return found[["Value", "lower_95_ci", "upper_95_ci"]].to_numpy()[:500].tolist()

    return run


def funnel() -> Callable[[], list]:
    from PHStatsMethods import assign_funnel_significance

    table = data.counts(4_500)

    def run() -> list:
        found = assign_funnel_significance(table, "events", "proportion", "people")
        column = [name for name in found if name not in table][-1]
        return found[column].astype(str).tolist()[:500]

    return run


def alpha() -> Callable[[], list]:
    import pingouin

    table = pd.DataFrame(data.answers())

    def run() -> list:
        value, limits = pingouin.cronbach_alpha(table)
        return [float(value), *map(float, limits)]

    return run


def icc() -> Callable[[], list]:
    import pingouin

    ratings = data.ratings()
    table = pd.DataFrame(
        {
            "target": np.repeat(np.arange(ratings.shape[0]), ratings.shape[1]),
            "rater": np.tile(np.arange(ratings.shape[1]), ratings.shape[0]),
            "rating": ratings.ravel(),
        }
    )

    def run() -> list:
        found = pingouin.intraclass_corr(table, targets="target", raters="rater", ratings="rating")
        return found["ICC"].astype(float).tolist()

    return run


def groups() -> Callable[[], list]:
    import pingouin

    table = data.long_answers(items=5)

    def run() -> list:
        found = []
        for _, rows in table.groupby("item"):
            pairs = pingouin.pairwise_tests(
                rows, dv="answer", between="organisation", parametric=False, effsize="CLES"
            )
            found += (2 * pairs["CLES"].astype(float) - 1).tolist()
        return found

    return run


TASKS: dict[str, Callable[[], Callable[[], list]]] = {
    "PHStatsMethods proportions": proportions,
    "PHStatsMethods rates": rates,
    "PHStatsMethods standardised": standardised,
    "PHStatsMethods funnel": funnel,
    "pingouin alpha": alpha,
    "pingouin icc": icc,
    "pingouin groups": groups,
}


def main() -> int:
    """Answer task after task until the input ends."""
    warnings.simplefilter("ignore")
    present = [name for name in PACKAGES if importlib.util.find_spec(name)]
    versions = {name: importlib.metadata.version(name) for name in (*present, "pandas", "numpy")}
    print(json.dumps(versions), flush=True)
    prepared: dict[str, Callable[[], list]] = {}
    for line in sys.stdin:
        name = line.strip()
        try:
            if name not in prepared:
                prepared[name] = TASKS[name]()
            begun = time.process_time(), time.perf_counter()
            numbers = prepared[name]()
            spent = time.process_time() - begun[0], time.perf_counter() - begun[1]
            print(json.dumps({"cpu": spent[0], "wall": spent[1], "numbers": numbers}), flush=True)
        except Exception as fault:  # the peer's own fault is a result here
            print(json.dumps({"fault": f"{type(fault).__name__}: {fault}"[:200]}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
