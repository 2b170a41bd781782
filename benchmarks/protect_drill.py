"""Disclosure drill: release many seeded tables, then attack each with nothing but what was released.

Run by `make drills`, or `python benchmarks/protect_drill.py --tables 30 --large 2`. Exit code 1 when a hidden
cell is recovered or narrow, when a removed secondary suppression goes unseen though it gives a cell away, or
when a table takes longer than it may. `--write docs/protect.md` puts the figures between the markers there.

The tables are invented; only the shape (43 municipalities, their sub-regions, regions and all, six services)
is that of the project. The attack builds its own equations from the released rows and shares no code with the
choice of what is hidden but the solver.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from sosrake_lib import protect, regions
from sosrake_lib.protect import ledger
from sosrake_lib.protect.attack import components
from sosrake_lib.protect.audit import Reader, exposed
from sosrake_lib.protect.protecting import Hiding, hide, recoverable

YEAR = 2020
GROUPS = tuple(f"palvelu{number}" for number in range(1, 7))
KEY = ["region_level", "region_code", "period", "group"]
LEVELS = {1: ("maakunta",), 4: ("seutukunta", "maakunta")}
AUDIT_SECONDS, SUPPRESSION_SECONDS = 5.0, 30.0
START, END = "<!-- protect_drill: alku -->", "<!-- protect_drill: loppu -->"


@dataclass(frozen=True, slots=True)
class Found:
    """What one table, or all of a kind, gave: counts add up, seconds are the slowest."""

    tables: int = 0
    recovered: int = 0
    narrow: int = 0
    cells: int = 0
    hidden: int = 0
    clients: float = 0.0
    hidden_clients: float = 0.0
    removed: int = 0
    caught: int = 0
    unseen: int = 0
    hide_seconds: float = 0.0
    audit_seconds: float = 0.0

    def __add__(self, other: Found) -> Found:
        pairs = zip(fields(self), astuple(self), astuple(other), strict=True)
        both = {one.name: max(a, b) if one.name.endswith("seconds") else a + b for one, a, b in pairs}
        return Found(**both)

    def fails(self) -> bool:
        """Say whether something was given away, went unseen, or took too long."""
        slow = self.audit_seconds > AUDIT_SECONDS or self.hide_seconds > SUPPRESSION_SECONDS
        return bool(self.recovered or self.narrow or self.unseen or slow)


def table(seed: int, years: int) -> pd.DataFrame:
    """Make municipality x service x year with every total: small and large places, many small numbers."""
    random = np.random.default_rng(seed)
    codes = regions.members("joukko", "hanke43", YEAR)
    areas: dict[tuple[str, str], tuple[str, ...]] = {("joukko", "hanke43"): codes}
    for level in LEVELS.get(years, LEVELS[4]):
        for code in codes:
            area = (level, str(regions.parent(code, level, YEAR)))
            areas[area] = tuple(one for one in codes if one in regions.members(*area, YEAR))
    # Municipalities of 1 000 to 120 000 people, services used by one to thirty in a thousand of them.
    sizes = random.lognormal(8.6, 1.1, len(codes))
    shares = np.exp(random.uniform(np.log(1e-3), np.log(3e-2), len(GROUPS)))
    rows = []
    for year in range(years):
        chance = random.gamma(4.0, 0.25, size=(len(codes), len(GROUPS)))
        counts = random.poisson(sizes[:, None] * shares * chance)
        lines = {("kunta", code): counts[place] for place, code in enumerate(codes)}
        for area, members in areas.items():
            lines[area] = np.sum([lines["kunta", code] for code in members], axis=0)
        for (level, code), line in lines.items():
            for group, count in zip((*GROUPS, "all"), (*line, line.sum()), strict=True):
                rows.append((level, code, str(YEAR + year), group, float(count)))
    frame = pd.DataFrame(rows, columns=[*KEY, "value"])
    constant = {"indicator": "harjoitus", "borders": YEAR, "status": "ok", "origin": "synthetic"}
    return frame.assign(**constant, numerator=frame["value"])


def equations(shown: pd.DataFrame) -> sparse.csr_array:
    """Write the sums of a released table from its rows alone."""
    place = {key: row for row, key in enumerate(shown[KEY].itertuples(index=False, name=None))}
    lines = []
    for (level, code, period, group), row in place.items():
        if group == "all":
            lines.append((row, [place[level, code, period, one] for one in GROUPS]))
        if level != "kunta":
            keys = [("kunta", one, period, group) for one in regions.members(level, code, YEAR)]
            lines.append((row, [place[key] for key in keys if key in place]))
    matrix = sparse.lil_array((len(lines), len(shown)))
    for number, (total, parts) in enumerate(lines):
        matrix[number, total] = 1.0
        for part in parts:
            matrix[number, part] = -1.0
    return sparse.csr_array(matrix)


def attack(values: np.ndarray, hidden: np.ndarray, matrix: sparse.csr_array, width: float) -> np.ndarray:
    """Give how wide the reader's interval is, for each hidden cell where that is less than `width`."""
    right = -(matrix[:, ~hidden] @ values[~hidden])
    weak: list[float] = []
    for rows, columns in components(matrix, hidden, hidden):
        zero, most = np.zeros(len(columns)), np.full(len(columns), np.inf)
        reader = Reader(matrix[rows][:, columns], right[rows], right[rows], zero, most)
        inside = exposed(reader, np.ones(len(columns), dtype=bool), np.full(len(columns), width))
        for cell in np.flatnonzero(inside):
            low, high = reader.interval(np.eye(1, len(columns), int(cell))[0])
            weak.append(high - low)
    return np.array(weak)


def drilled(seed: int, years: int, minimum_count: int, mutations: bool) -> Found:
    """Release one table, attack it, and take its secondary suppressions away one at a time."""
    frame = table(seed, years)
    rules = protect.rule_set("vakio", minimum_count=minimum_count)
    parts = {"taulu": protect.part(frame, rules, ("region", "group"))}
    start = time.perf_counter()
    made = protect.release(parts, name="harjoitus", preview=True)
    released = time.perf_counter() - start
    shown = protect.protected_frame(made.select("taulu"))
    whole = shown[KEY].merge(frame[[*KEY, "value"]], on=KEY, how="left")["value"].to_numpy()
    hidden, matrix = (shown["status"] != "ok").to_numpy(), equations(shown)
    start = time.perf_counter()
    weak = attack(whole, hidden, matrix, minimum_count - 1.0)
    attacked = time.perf_counter() - start
    inner = ((shown["region_level"] == "kunta") & (shown["group"] != "all")).to_numpy()
    found = Found(
        tables=1,
        recovered=int((weak < 1).sum()),
        narrow=int((weak >= 1).sum()),
        cells=int(inner.sum()),
        hidden=int((inner & hidden).sum()),
        clients=float(whole[inner].sum()),
        hidden_clients=float(whole[inner & hidden].sum()),
        hide_seconds=released,
        audit_seconds=attacked,
    )
    return found + mutated(parts, shown, matrix, minimum_count) if mutations else found


def mutated(
    parts: dict[str, protect.Part], shown: pd.DataFrame, matrix: sparse.csr_array, minimum_count: int
) -> Found:
    """Show each secondary suppression in turn: the audit must see whatever the attack then finds."""
    with ledger.opened(Path("no-such-home"), write=False) as book:
        chosen = hide(parts, book.earlier([]), {})
    place = {key: row for row, key in enumerate(shown[KEY].itertuples(index=False, name=None))}
    keys = chosen.cells[KEY].itertuples(index=False, name=None)
    order = np.array([place[key] for key in keys])
    values = np.zeros(len(shown))
    values[order] = chosen.cells["count"].to_numpy()
    removed = caught = unseen = 0
    for cell in np.flatnonzero(chosen.hidden & ~chosen.cells["hide"].to_numpy(dtype=bool)):
        without = chosen.hidden.copy()
        without[cell] = False
        seen = len(recoverable(Hiding(**{**vars(chosen), "hidden": without}))) > 0
        hidden = np.zeros(len(shown), dtype=bool)
        hidden[order] = without
        given_away = len(attack(values, hidden, matrix, minimum_count - 1.0)) > 0
        removed, caught, unseen = removed + 1, caught + seen, unseen + (given_away and not seen)
    return Found(removed=removed, caught=caught, unseen=unseen)


def drill(seeds: Iterable[int], years: int, minimum_count: int, mutations: int) -> Found:
    """Release and attack a table for each seed; take away suppressions of the first `mutations` of them."""
    total = Found()
    for number, seed in enumerate(seeds):
        total += drilled(seed, years, minimum_count, number < mutations)
    return total


def line(minimum_count: int, years: int, found: Found) -> str:
    """Give one line of the table of figures."""

    def share(part: float, whole: float) -> str:
        return f"{100 * part / whole:.1f} %".replace(".", ",") if whole else "-"

    def seconds(value: float) -> str:
        return f"{value:.1f} s".replace(".", ",")

    form = "43 x 6" if years == 1 else f"43 x 6 x {years} vuotta, hierarkia"
    told = [form, minimum_count, found.tables, found.recovered, found.narrow]
    told += [share(found.hidden, found.cells), share(found.hidden_clients, found.clients)]
    told += [f"{found.caught} / {found.removed}", found.unseen]
    told += [seconds(found.hide_seconds), seconds(found.audit_seconds)]
    return "| " + " | ".join(map(str, told)) + " |"


HEAD = (
    "| taulut | k | määrä | palautui | kapeni | soluja peitetty | asiakkaita peitetty | "
    "poisto huomattiin | jäi huomaamatta | hitain peittäminen | hitain tarkistus |\n" + "|---" * 11 + "|"
)


def write(path: Path, lines: list[str]) -> None:
    """Put the table between the markers of a document."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
    from document_parts import renew_between

    renew_between(path, START, END, "\n".join([HEAD, *lines]))


def main() -> int:
    """Run the drill as the options say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=300, help="tables of 43 x 6 at each k")
    parser.add_argument("--large", type=int, default=20, help="tables of four years with hierarchy at each k")
    parser.add_argument("--mutations", type=int, default=10, help="tables of 43 x 6 at each k taken apart")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--k", type=int, nargs="+", default=[3, 5, 10])
    parser.add_argument("--write", type=Path, help="document whose table is renewed")
    given = parser.parse_args()
    lines, failed = [HEAD], False
    print(HEAD, flush=True)
    for years, count, mutations in ((1, given.tables, given.mutations), (4, given.large, 0)):
        for k in given.k if count else ():
            found = drill(range(given.first_seed, given.first_seed + count), years, k, mutations)
            failed |= found.fails()
            lines.append(line(k, years, found))
            print(lines[-1], flush=True)
    if given.write is not None:
        write(given.write, lines[1:])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
