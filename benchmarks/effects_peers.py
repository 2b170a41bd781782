"""The peers that may not be dependencies, run by their own interpreter: linearmodels and diff-diff.

`effects.py --peers-python PATH` starts this file: a line "task rows" comes in, a line of JSON with processor
seconds, wall seconds, coefficient and standard error goes out. The data are invented here; diff-diff's own
data loaders are never called.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
import time
import warnings
from collections.abc import Callable

import effects_data as data

Run = Callable[[], list[float]]


def linearmodels(rows: int) -> Run:
    """Two-way fixed effects, clustered by unit."""
    from linearmodels.panel import PanelOLS

    table = data.large_panel(rows)

    def run() -> list[float]:
        indexed = table.set_index(["unit", "year"])
        model = PanelOLS(indexed["y"], indexed[["on"]], entity_effects=True, time_effects=True)
        # Unit effects lie within the clusters: as ours and fixest's, they are not counted in n - K.
        found = model.fit(cov_type="clustered", cluster_entity=True, auto_df=False, count_effects=False)
        return [float(found.params["on"]), float(found.std_errors["on"])]

    return run


def diff_diff(rows: int) -> Run:
    """The same by diff-diff's estimator of two-way fixed effects."""
    from diff_diff import TwoWayFixedEffects

    table = data.large_panel(rows)

    def run() -> list[float]:
        model = TwoWayFixedEffects(cluster="unit")
        found = model.fit(table, outcome="y", treatment="ever", post="post", unit="unit")
        return [float(found.att), float(found.se)]

    return run


TASKS: dict[str, Callable[[int], Run]] = {"linearmodels": linearmodels, "diff-diff": diff_diff}


def main() -> int:
    """Answer until the input ends."""
    warnings.simplefilter("ignore")
    present = [name for name in TASKS if importlib.util.find_spec(name.replace("-", "_"))]
    print(json.dumps({name: importlib.metadata.version(name) for name in present}), flush=True)
    prepared: dict[str, Run] = {}
    for line in sys.stdin:
        name, rows = line.split()
        try:
            if line not in prepared:
                prepared[line] = TASKS[name](int(rows))
            begun = time.process_time(), time.perf_counter()
            numbers = prepared[line]()
            spent = time.process_time() - begun[0], time.perf_counter() - begun[1]
            print(json.dumps({"cpu": spent[0], "wall": spent[1], "numbers": numbers}), flush=True)
        except Exception as fault:  # the peer's own fault is a result here
            print(json.dumps({"fault": f"{type(fault).__name__}: {fault}"[:200]}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
