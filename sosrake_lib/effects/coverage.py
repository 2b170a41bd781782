"""What the coverage simulation found of an estimator, read for the ladder and for the words of a result.

The figures are made by benchmarks/coverage.py (docs/coverage.md, coverage.toml): data whose truth is known,
at the sizes that users have. A world is ordinary when it is no more than what such data are (few, unequal,
alike from year to year), and broken when it breaks what the estimator asks for (ladder.toml, [simulation]).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from sosrake_lib.effects.effect import Effect
from sosrake_lib.language import numbers, say

OUTCOMES = ("holds", "fails", "fails_if_broken")
# Caveat keys that a result gets from the simulation, by outcome.
LABELS = {
    "fails": "interval_failed_in_simulation",
    "fails_if_broken": "interval_fails_if_assumptions_break",
}
_TREATED = re.compile(r"(\d+) of \d+ treated")
_TIMES = re.compile(r"(\d+) years, \d+ of them after")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the simulation says of an estimator at a size.

    Attributes
    ----------
    outcome : "fails" in an ordinary world, "fails_if_broken" only where its assumptions break, else "holds".
    world, size : where it did worst. fails_in : every world it fails in.
    coverage : share of 95 % intervals that held the truth there; NaN where no interval is given.
    error : share of tests that found there what was not; NaN where there was an effect.
    """

    outcome: str
    world: str
    size: str
    fails_in: tuple[str, ...]
    coverage: float
    error: float

    @property
    def held(self) -> float:
        """Share of intervals that held the truth, or, without an interval, of tests that were right."""
        return self.coverage if np.isfinite(self.coverage) else 1 - self.error

    @property
    def size_key(self) -> str:
        """The size as a key of the language room."""
        return re.sub(r"\W+", "_", self.size.replace("+", "and")).strip("_")

    def text(self, language: str = "fi") -> str:
        """Say it in a sentence, with the world and the size."""
        return say(
            f"vaikuttavuus.simulated.{self.outcome}",
            language,
            held=numbers.percent(100 * self.held, 0, language),
            world=say(f"vaikuttavuus.world.{self.world}", language),
            size=say(f"vaikuttavuus.simulated_size.{self.size_key}", language),
        )


def simulated(estimator: str, *, treated: int | None = None, times: int | None = None) -> Simulated:
    """Read what the simulation found of an estimator of the ladder, as it reckons unless asked otherwise.

    Parameters
    ----------
    estimator : key of ladder.toml. treated, times : of the study at hand, when known: the cells of the
        nearest size simulated decide.

    Examples
    --------
    >>> simulated("paired_group_change").outcome, simulated("sun_abraham").outcome
    ('fails', 'fails_if_broken')
    """
    ways = set(_data()["estimator"][estimator]["ways"])
    return _summed(_near(_cells(estimator, ways), treated, times))


def of_effect(effect: Effect) -> Simulated | None:
    """Read what the simulation found of the way an effect was reckoned; None when it was not simulated."""
    found = _ways().get(effect.method)
    if found is None:
        return None
    # One way of reckoning serves a series alone and with its comparison.
    compared = found[0] == "interrupted_series" and effect.design.groups == 2
    cells = _cells("controlled_series" if compared else found[0], {found[1]})
    if not cells:
        return None
    times = effect.n.get("before", 0) + effect.n.get("after", 0)
    return _summed(_near(cells, effect.n.get("treated"), times or None))


def labelled(effect: Effect) -> Effect:
    """Add the caveat that the simulation gives; an effect whose way holds, or is not simulated, stays.

    Examples
    --------
    >>> from sosrake_lib.effects.prepost import paired_change
    >>> change = paired_change([18, 22, 15, 25, 19], [14, 20, 15, 18, 12], unit="points")
    >>> labelled(change).caveats[-1]
    'interval_failed_in_simulation'
    """
    found = of_effect(effect)
    key = LABELS.get(found.outcome) if found is not None else None
    if key is None or key in effect.caveats:
        return effect
    return replace(effect, caveats=(*effect.caveats, key))


def _cells(estimator: str, ways: set[str]) -> list[Mapping[str, Any]]:
    return [one for one in _data()["cell"] if one["estimator"] == estimator and one["variant"] in ways]


def _near(cells: list[Mapping[str, Any]], treated: int | None, times: int | None) -> list[Mapping[str, Any]]:
    """Keep the cells of the size nearest to what is known; cells without such a size stay."""
    for pattern, known in ((_TREATED, treated), (_TIMES, times)):
        sizes = [int(hit.group(1)) if (hit := pattern.search(one["size"])) else None for one in cells]
        given = [size for size in sizes if size is not None]
        if known is None or not given:
            continue
        nearest = min(given, key=lambda size: (abs(size - known), size))
        cells = [one for one, size in zip(cells, sizes, strict=True) if size in (None, nearest)]
    return cells


def _summed(cells: Iterable[Mapping[str, Any]]) -> Simulated:
    cells = list(cells)
    failing = [one for one in cells if one["verdict"] == "fails"]
    broken = set(_rules()["broken"])
    ordinary = [one for one in failing if one["world"] not in broken]
    outcome = "fails" if ordinary else "fails_if_broken" if failing else "holds"
    worst = min(failing or cells, key=_kept)
    return Simulated(
        outcome,
        worst["world"],
        worst["size"],
        tuple(dict.fromkeys(one["world"] for one in failing)),
        float(worst.get("coverage", np.nan)),
        float(worst.get("error", np.nan)),
    )


def _kept(cell: Mapping[str, Any]) -> float:
    """The share of intervals, or else of tests, that were right."""
    return float(min(cell.get("coverage", 1.0), 1 - cell.get("error", 0.0)))


def _ways() -> dict[str, tuple[str, str]]:
    return {method: (pair[0], pair[1]) for method, pair in _rules()["methods"].items()}


def _rules() -> dict[str, Any]:
    return dict(_read("ladder.toml")["simulation"])


def _data() -> dict[str, Any]:
    return _read("coverage.toml")


@cache
def _read(name: str) -> dict[str, Any]:
    text = resources.files("sosrake_lib.effects").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)
