"""Disclosure drill: release many seeded tables, then attack each with nothing but what was released.

Run by `make drills`, or `python benchmarks/protect_drill.py --tables 30`. Exit code 1 when any hidden cell
is recovered or narrow. The tables are invented; only the shape (43 municipalities, their regions, six
services) is that of the project. The attack builds its own equations from the released rows and shares no
code with the choice of what is hidden but the solver.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd
from scipy import sparse

from sosrake_lib import protect, regions
from sosrake_lib.protect.audit import Reader, exposed

YEAR = 2020
GROUPS = tuple(f"palvelu{number}" for number in range(1, 7))
KEY = ["region_level", "region_code", "period", "group"]


def table(seed: int, years: int) -> pd.DataFrame:
    """Make municipality x service x year with every total: small and large places, many small numbers."""
    random = np.random.default_rng(seed)
    codes = regions.members("joukko", "hanke43", YEAR)
    areas = {("joukko", "hanke43"): codes}
    for code in codes:
        areas[("maakunta", str(regions.parent(code, "maakunta", YEAR)))] = ()
    for area in list(areas)[1:]:
        areas[area] = tuple(code for code in codes if code in regions.members(*area, YEAR))
    # Municipalities of 1 000 to 120 000 people, services used by one to thirty in a thousand of them.
    sizes, shares = (
        random.lognormal(8.6, 1.1, len(codes)),
        np.exp(random.uniform(np.log(1e-3), np.log(3e-2), len(GROUPS))),
    )
    rows = []
    for year in range(years):
        counts = random.poisson(
            sizes[:, None] * shares * random.gamma(4.0, 0.25, size=(len(codes), len(GROUPS)))
        )
        lines = {("kunta", code): counts[place] for place, code in enumerate(codes)}
        for area, members in areas.items():
            lines[area] = sum(lines[("kunta", code)] for code in members)
        for (level, code), line in lines.items():
            for group, count in zip((*GROUPS, "all"), (*line, line.sum()), strict=True):
                rows.append((level, code, str(YEAR + year), group, float(count)))
    frame = pd.DataFrame(rows, columns=[*KEY, "value"])
    constant = {"indicator": "harjoitus", "borders": YEAR, "status": "ok", "origin": "synthetic"}
    return frame.assign(**constant, numerator=frame["value"])


def attack(shown: pd.DataFrame, minimum_count: int) -> tuple[int, int]:
    """Count recovered and narrow hidden cells of a released table."""
    place = {key: row for row, key in enumerate(shown[KEY].itertuples(index=False, name=None))}
    equations = []
    for (level, code, period, group), row in place.items():
        if group == "all":
            equations.append((row, [place[level, code, period, one] for one in GROUPS]))
        if level != "kunta":
            inner = [
                code_
                for code_ in regions.members(level, code, YEAR)
                if ("kunta", code_, period, group) in place
            ]
            equations.append((row, [place["kunta", code_, period, group] for code_ in inner]))
    matrix = sparse.lil_array((len(equations), len(shown)))
    for number, (total, parts) in enumerate(equations):
        matrix[number, total] = 1.0
        for part in parts:
            matrix[number, part] = -1.0
    hidden = (shown["status"] != "ok").to_numpy()
    value = shown["numerator"].to_numpy()
    zero = np.zeros(len(equations))
    reader = Reader(
        sparse.csr_array(matrix), zero, zero, np.where(hidden, 0.0, value), np.where(hidden, np.inf, value)
    )
    weak = np.flatnonzero(exposed(reader, hidden, np.full(len(shown), minimum_count - 1.0)))
    widths = [high - low for low, high in (reader.interval(np.eye(1, len(shown), cell)[0]) for cell in weak)]
    return sum(width < 1 for width in widths), sum(width >= 1 for width in widths)


def drill(tables: int, years: int, minimum_count: int) -> int:
    """Release and attack so many tables; print what was found; give the number of cells given away."""
    rules = protect.rule_set("vakio", minimum_count=minimum_count)
    recovered = narrow = cells = hidden = 0
    clients = hidden_clients = slowest = slowest_attack = 0.0
    for seed in range(tables):
        frame = table(seed, years)
        start = time.perf_counter()
        parts = {"taulu": protect.part(frame, rules, ("region", "group"))}
        made = protect.release(parts, name="harjoitus", preview=True)
        slowest = max(slowest, time.perf_counter() - start)
        shown = protect.protected_frame(made.select("taulu"))
        start = time.perf_counter()
        found = attack(shown, minimum_count)
        slowest_attack = max(slowest_attack, time.perf_counter() - start)
        recovered, narrow = recovered + found[0], narrow + found[1]
        inner = frame.merge(shown[[*KEY, "status"]], on=KEY, suffixes=("", "_shown")).query(
            "region_level == 'kunta' and group != 'all'"
        )
        mark = inner["status_shown"] != "ok"
        cells, hidden = cells + len(inner), hidden + int(mark.sum())
        clients, hidden_clients = (
            clients + inner["value"].sum(),
            hidden_clients + inner.loc[mark, "value"].sum(),
        )
    print(
        f"k={minimum_count} tables={tables} years={years}: recovered {recovered}, narrow {narrow}; hidden "
        f"{hidden / cells:.1%} of cells, {hidden_clients / clients:.1%} of clients; slowest release "
        f"{slowest:.1f} s, slowest attack {slowest_attack:.1f} s",
        flush=True,
    )
    return recovered + narrow


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=300)
    parser.add_argument("--large", type=int, default=20, help="tables of four years")
    arguments = parser.parse_args()
    given_away = sum(drill(arguments.tables, 1, k) for k in (3, 5, 10))
    given_away += sum(drill(arguments.large, 4, k) for k in (3, 5, 10) if arguments.large)
    return int(given_away > 0)


if __name__ == "__main__":
    sys.exit(main())
