"""The coverage proof as a document for people and as data for the ladder."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import scipy
from coverage_task import LEVEL, Cell, Tested
from coverage_worlds import WORLDS

# Beyond this distance from what was promised, and beyond chance, an interval or test fails.
MARGIN = 0.03
VERDICTS = ("holds", "doubtful", "cautious", "fails")
# What the ladder names by its key is reckoned like this unless the user says otherwise.
OTHERWISE = {
    ("twfe", "cluster"),
    ("twfe", "classical"),
    ("did_2x2", "hc1, rows of units"),
    *(("interrupted_series", name) for name in ("ols", "newey_west", "prais_winsten")),
    ("controlled_series", "newey_west"),
    ("callaway_santanna", "normal"),
    ("propensity_matching", "with replacement"),
    ("randomisation_test", "start not drawn"),
}
NOT_SIMULATED = {
    "groups.change_bounds": "gives bounds that assume nothing; nothing random is claimed beyond paired t",
    "groups.level_bounds": "gives bounds of a level that assume nothing; nothing random is claimed",
    "groups.weighted_level": "a level, no change; weights and errors are those of groups.weighted_change",
    "did.fixed_effects_regression": "a table of associations; the errors are those of twfe's cells",
    "prepost.paired_change": "the same interval as groups.paired_group_change, whose cells stand for it",
}


@dataclass(frozen=True)
class Row:
    """What a cell gave; NaN: `error` where the truth is an effect, `coverage` where no interval is given."""

    estimator: str
    variant: str
    size: str
    world: str
    draws: int
    level: float
    coverage: float
    error: float
    refused: float
    seconds: float

    @property
    def coverage_error(self) -> float:
        """Monte Carlo standard error of the coverage."""
        return float(np.sqrt(self.coverage * (1 - self.coverage) / (self.draws * (1 - self.refused))))

    @property
    def error_error(self) -> float:
        """Monte Carlo standard error of the share of false findings."""
        return float(np.sqrt(self.error * (1 - self.error) / self.draws))

    @property
    def verdict(self) -> str:
        """Say whether what was promised is kept, beyond what chance in the draws may do."""
        short = [self.level - self.coverage - 2 * self.coverage_error]
        short.append(self.error - (1 - self.level) - 2 * self.error_error)
        worst = np.nanmax(short)
        if worst > MARGIN:
            return "fails"
        if worst > 0:
            return "doubtful"
        wide = self.coverage - 2 * self.coverage_error > self.level + MARGIN
        return "cautious" if wide else "holds"


def row_of(cell: Cell, found: Tested, seconds: float) -> Row:
    """Count a cell's draws."""
    told = np.isfinite(found.lower) & np.isfinite(found.upper)
    held = (found.lower <= found.truth) & (found.truth <= found.upper)
    interval = bool(told.any())
    answered = np.isfinite(found.p_value)
    wrong = found.p_value[answered] <= (1 - found.level + 1e-9)
    return Row(
        cell.estimator,
        cell.variant,
        cell.size,
        cell.world,
        len(found.p_value),
        found.level,
        float(held[told].mean()) if interval else float("nan"),
        float(wrong.mean()) if found.null else float("nan"),
        float(1 - (told if interval else answered).mean()),
        seconds,
    )


def write_data(rows: Sequence[Row], path: Path, seed: int) -> None:
    """Write the rows as TOML: a table of worlds by verdict for each estimator, then every cell."""
    lines = [
        "# Made by benchmarks/coverage.py; do not edit. How often 95 % intervals held the truth, how often a",
        "# test found what was not there. [estimator.*]: worlds by verdict, the worst over sizes, of the",
        "# ways of reckoning taken when the user says nothing. [[cell]]: every cell.",
        "",
        f"seed = {seed}",
        f"draws = {max(row.draws for row in rows)}",
        f"margin = {MARGIN}",
    ]
    for estimator in dict.fromkeys(row.estimator for row in rows):
        lines += ["", f"[estimator.{estimator}]"]
        own = [row for row in rows if row.estimator == estimator]
        worst = worst_by_world(own)
        ways = dict.fromkeys(row.variant for row in own if (estimator, row.variant) not in OTHERWISE)
        lines.append("ways = [" + ", ".join(f'"{way}"' for way in ways) + "]")
        for verdict in VERDICTS:
            worlds = ", ".join(f'"{world}"' for world, one in worst.items() if one == verdict)
            lines.append(f"{verdict} = [{worlds}]")
    for row in rows:
        lines += ["", "[[cell]]"]
        values = {name: value for name, value in asdict(row).items() if name != "seconds"}
        values |= {"coverage_error": row.coverage_error, "error_error": row.error_error}
        lines += [_entry(name, value) for name, value in values.items() if value == value]
        lines.append(f'verdict = "{row.verdict}"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def worst_by_world(rows: Sequence[Row]) -> dict[str, str]:
    """The worst verdict in each world of the way of reckoning that is taken unless asked otherwise."""
    order = ("holds", "cautious", "doubtful", "fails")
    found: dict[str, str] = {}
    for row in rows:
        if (row.estimator, row.variant) in OTHERWISE:
            continue
        so_far = found.get(row.world, "holds")
        found[row.world] = max(so_far, row.verdict, key=order.index)
    return found


def _entry(name: str, value: object) -> str:
    if isinstance(value, str):
        return f'{name} = "{value}"'
    return f"{name} = {value:.4f}" if isinstance(value, float) else f"{name} = {value}"


def write_document(rows: Sequence[Row], path: Path, *, command: str, seed: int, seconds: float) -> None:
    """Write docs/coverage.md."""
    parts = [
        _head(rows, command, seed, seconds),
        _worlds(rows),
        _failing(rows),
        _tables(rows),
        _left_out(),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _head(rows: Sequence[Row], command: str, seed: int, seconds: float) -> str:
    draws = sorted({row.draws for row in rows})
    fails = sum(row.verdict == "fails" for row in rows)
    count = f"{draws[0]:,}".replace(",", " ") if len(draws) == 1 else f"{draws[0]} to {draws[-1]}"
    chance = np.sqrt(LEVEL * (1 - LEVEL) / draws[-1])
    return f"""# Coverage: how often the intervals hold the truth

Generated by `{command}` on {date.today().isoformat()}: {_machine()}; seed {seed}, {count} draws a cell, \
{len(rows)} cells, {seconds / 60:.1f} processor minutes. Do not edit; run the command again (`make drills`).

Invented data whose truth is known, at the sizes the users have: 13 units x 6 years, 30 pairs, one treated \
unit, 10 years of one series. `coverage` is the share of 95 % intervals that held the truth (with few \
assignments randomisation inference lowers the level and says so: `level`); `error` the share of p values \
at or below 0.05 (one minus the level) where nothing was brought about; ± is the Monte Carlo standard error \
({chance:.3f} at 0.95). Where estimates move with the effect one for one, coverage is the same at any effect.

Verdict: **fails** when coverage is more than {MARGIN} below the level, or error more than {MARGIN} above \
its own, beyond two Monte Carlo errors; doubtful when below, beyond chance, but by less; cautious when more \
than {MARGIN} above. {fails} of {len(rows)} cells fail. The ladder reads the verdicts from \
`sosrake_lib/effects/coverage.toml`.

Synthetic control's p value is a rank among 13 units and cannot be below 0.077: its `error` is 0 while its \
interval, which rests on the placebos' spread, can miss. A test by lot of one case gives no interval. Where \
several ways stand under one estimator, the user has to ask for all but `cr2`, `reml`, `jackknife`, `greedy` \
and `ancova`.

Draws that can be reckoned together are; there the first draws of every cell are compared with the published \
function, and a difference stops the run. The others call the published function draw by draw, without its \
sensitivity table."""


def _machine() -> str:
    model = platform.processor() or platform.machine()
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        names = [line for line in listing.read_text(encoding="utf-8").splitlines() if "model name" in line]
        model = names[0].split(":", 1)[1].strip() if names else model
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, scipy {scipy.__version__}"
    )


def _worlds(rows: Sequence[Row]) -> str:
    used = {row.world for row in rows}
    lines = ["## Worlds", "", "| world | what it is like |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{name}` | {said} |" for name, said in WORLDS.items() if name in used)])


def _failing(rows: Sequence[Row]) -> str:
    lines = ["## What fails", "", "| estimator | way | fails in | worst coverage | worst error |"]
    lines.append("|---|---|---|---|---|")
    for estimator, variant in dict.fromkeys((row.estimator, row.variant) for row in rows):
        own = [row for row in rows if (row.estimator, row.variant) == (estimator, variant)]
        bad = [row for row in own if row.verdict == "fails"]
        if bad:
            worlds = ", ".join(dict.fromkeys(f"`{row.world}`" for row in bad))
            least = _number(
                min((row.coverage for row in bad if row.coverage == row.coverage), default=np.nan)
            )
            most = _number(max((row.error for row in bad if row.error == row.error), default=np.nan))
            lines.append(f"| `{estimator}` | {variant} | {worlds} | {least} | {most} |")
    sound = [
        name
        for name in dict.fromkeys(row.estimator for row in rows)
        if all(row.verdict != "fails" for row in rows if row.estimator == name)
    ]
    said = ", ".join(f"`{name}`" for name in sound) or "none"
    return "\n".join([*lines, "", f"Failing in no world tried here: {said}."])


def _tables(rows: Sequence[Row]) -> str:
    lines = ["## Every cell"]
    for estimator in dict.fromkeys(row.estimator for row in rows):
        lines += ["", f"### `{estimator}`", ""]
        lines.append("| way | size | world | draws | level | coverage | error | no answer | verdict |")
        lines.append("|---|---|---|---|---|---|---|---|---|")
        lines += [_line(row) for row in rows if row.estimator == estimator]
    return "\n".join(lines)


def _line(row: Row) -> str:
    verdict = "**fails**" if row.verdict == "fails" else row.verdict
    cells = (
        row.variant, row.size, f"`{row.world}`", str(row.draws), f"{row.level:.3f}",
        _number(row.coverage, row.coverage_error), _number(row.error, row.error_error),
        f"{row.refused:.3f}" if row.refused else "-", verdict,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _number(value: float, error: float | None = None) -> str:
    if value != value:
        return "-"
    return f"{value:.3f}" if error is None else f"{value:.3f} ± {error:.3f}"


def _left_out() -> str:
    lines = ["## Not simulated, and why", "", "| function | why |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{name}` | {why} |" for name, why in NOT_SIMULATED.items())])
