"""Randomisation test of when the treatment phase began: exact where it can be counted, else seeded draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sosrake_lib.effects.change.columns import Floats, need_columns
from sosrake_lib.effects.design import Claim, Design
from sosrake_lib.effects.singlecase.phases import Phases, phases
from sosrake_lib.errors import FrameError, SosrakeError

STATISTICS = ("mean_difference", "median_difference", "nap")
ALTERNATIVES = ("improvement", "two_sided")
COUNTED = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class RandomisationTest:
    """What the observed start looks like among the starts that could have been drawn.

    Attributes
    ----------
    statistic : mean over cases, positive towards improvement.
    p_value : share of arrangements at least as far; of draws (hits + 1)/(draws + 1).
    smallest_p : the smallest p value the design can give; above 0.05 it cannot show anything.
    arrangements : possible in all. counted : every one of them was looked at.
    distribution : statistics of the arrangements looked at, in ascending order.
    cases : DataFrame `case, values, starts, start, statistic`.
    start_was_drawn : as stated by the user; if not, the p value describes and tests nothing.
    design, claim : `muutos`.
    method, caveats : keys.
    """

    statistic: float
    p_value: float
    smallest_p: float
    arrangements: int
    counted: bool
    distribution: Floats
    cases: pd.DataFrame
    start_was_drawn: bool
    design: Design
    claim: Claim
    method: str
    caveats: tuple[str, ...]


def randomisation_test(
    data: pd.DataFrame,
    *,
    time: str,
    value: str,
    phase: str,
    baseline: Any,
    treatment: Any,
    improvement: str,
    start_was_drawn: bool,
    case: str | None = None,
    fewest: int = 3,
    statistic: str = "mean_difference",
    alternative: str = "improvement",
    draws: int = 9_999,
    seed: int = 1,
) -> RandomisationTest:
    """Ask how often a start drawn by lot would have given a difference as large as the observed one.

    Parameters
    ----------
    data, time, value, phase, baseline, treatment : as in `phases`; with `case`, of several cases whose
        starts were drawn independently (multiple baselines).
    improvement : "increase" or "decrease".
    start_was_drawn : whether the start was truly drawn by lot among the possible ones before the data were
        seen. If not, say False: the result is kept and labelled.
    fewest : values each phase must have; the starts that leave as many are the possible ones.
    statistic : difference of means or medians (treatment - baseline), or nap (share of pairs that improved).
    alternative : "improvement", or "two_sided" (distance of the statistic from that of no difference).
    draws, seed : used where there are more than 200 000 arrangements.

    Source: Edgington & Onghena (2007) Randomization Tests; Heyvaert & Onghena (2014),
    doi 10.1080/09602011.2013.818564.

    Raises
    ------
    FrameError when the observed start is not among the possible ones or there is only one.

    Examples
    --------
    >>> data = pd.DataFrame({"t": range(10), "v": [2, 3, 2, 3, 2, 6, 7, 6, 7, 7], "f": list("AAAAABBBBB")})
    >>> found = randomisation_test(
    ...     data, time="t", value="v", phase="f", baseline="A", treatment="B", improvement="increase",
    ...     start_was_drawn=True,
    ... )
    >>> print(found.p_value, found.arrangements)
    0.2 5
    """
    where = "randomisation_test"
    need_columns(data, [time, value, phase, case], where)
    _check_options(statistic, alternative, fewest, draws, improvement)
    pieces = [("one", data)] if case is None else list(data.groupby(case, sort=False))
    sign = 1.0 if improvement == "increase" else -1.0
    columns = {"time": time, "value": value, "phase": phase, "baseline": baseline, "treatment": treatment}
    told, of_cases = [], []
    for name, rows in pieces:
        found = phases(rows, **columns)
        values = sign * np.concatenate([found.baseline, found.treatment])
        of_starts = start_statistics(values, fewest, statistic)
        place = _place(found, fewest, len(of_starts), name)
        of_cases.append(of_starts)
        told.append((name, len(values), len(of_starts), place + fewest, float(of_starts[place])))
    cases = pd.DataFrame(told, columns=["case", "values", "starts", "start", "statistic"])
    neutral = 0.5 if statistic == "nap" else 0.0
    observed = float(cases["statistic"].mean())
    return _tested(of_cases, cases, observed - neutral, neutral, alternative, draws, seed, start_was_drawn)


def start_statistics(values: Floats, fewest: int, statistic: str = "mean_difference") -> Floats:
    """Statistic of a series for every start that leaves `fewest` values in both phases.

    Examples
    --------
    >>> print(start_statistics(np.array([1.0, 2, 3, 6]), 1).round(2))
    [2.67 3.   4.  ]
    """
    n = len(values)
    starts = np.arange(fewest, n - fewest + 1)
    if statistic == "mean_difference":
        sums = np.cumsum(values)
        return (sums[-1] - sums[starts - 1]) / (n - starts) - sums[starts - 1] / starts
    later = np.arange(n)[None, :] >= starts[:, None]
    if statistic == "median_difference":
        after = np.nanmedian(np.where(later, values, np.nan), axis=1)
        return np.asarray(after - np.nanmedian(np.where(later, np.nan, values), axis=1))
    won = (np.sign(values[None, :] - values[:, None]) + 1) / 2
    pairs = np.einsum("si,ij,sj->s", (~later).astype(float), won, later.astype(float))
    return np.asarray(pairs / (starts * (n - starts)))


def _tested(
    of_cases: list[Floats],
    cases: pd.DataFrame,
    observed: float,
    neutral: float,
    alternative: str,
    draws: int,
    seed: int,
    start_was_drawn: bool,
) -> RandomisationTest:
    arrangements = int(np.prod([float(len(one)) for one in of_cases]))
    counted = arrangements <= COUNTED
    means = (_all_means(of_cases) if counted else _drawn_means(of_cases, draws, seed)) - neutral
    distance, limit = (np.abs(means), abs(observed)) if alternative == "two_sided" else (means, observed)
    # Sums of the same numbers in another order differ in the last digits.
    hits = int((distance >= limit - 1e-9 * max(1.0, abs(limit))).sum())
    p_value = hits / arrangements if counted else (hits + 1) / (len(means) + 1)
    smallest = 1 / arrangements if counted else 1 / (len(means) + 1)
    told = ["one_case" if len(cases) == 1 else "few_cases", "other_events_in_time"]
    if not start_was_drawn:
        told.append("start_not_drawn")
    if smallest > 0.05:
        told.append("too_few_starts_for_a_test")
    return RandomisationTest(
        statistic=observed + neutral,
        p_value=float(p_value),
        smallest_p=float(smallest),
        arrangements=arrangements,
        counted=counted,
        distribution=np.sort(means + neutral),
        cases=cases,
        start_was_drawn=start_was_drawn,
        design=Design(groups=1, times=int(cases["values"].max())),
        claim=Claim.MUUTOS,
        method="randomisation_test",
        caveats=tuple(told),
    )


def _all_means(of_cases: list[Floats]) -> Floats:
    total = np.zeros(1)
    for one in of_cases:
        total = (total[:, None] + one[None, :]).ravel()
    return total / len(of_cases)


def _drawn_means(of_cases: list[Floats], draws: int, seed: int) -> Floats:
    drawn = np.random.default_rng(seed)
    total = np.zeros(draws)
    for one in of_cases:
        total += one[drawn.integers(len(one), size=draws)]
    return total / len(of_cases)


def _place(found: Phases, fewest: int, starts: int, name: Any) -> int:
    where = f"randomisation_test: case {name!r}"
    if starts < 2:
        raise FrameError(
            f"{where}: {starts} possible starts with {fewest} values in each phase; expected two or more; "
            "measure longer or lower `fewest`"
        )
    place = len(found.baseline) - fewest
    if not 0 <= place < starts:
        raise FrameError(
            f"{where}: phases of {len(found.baseline)} and {len(found.treatment)} values are not among the "
            f"possible ones with {fewest} or more in each; lower `fewest` to what was decided beforehand"
        )
    return place


def _check_options(statistic: str, alternative: str, fewest: int, draws: int, improvement: str) -> None:
    for name, value, known in (
        ("statistic", statistic, STATISTICS),
        ("alternative", alternative, ALTERNATIVES),
        ("improvement", improvement, ("increase", "decrease")),
    ):
        if value not in known:
            raise SosrakeError(f"randomisation_test: {name} {value!r}; expected one of {', '.join(known)}")
    if fewest < 1 or draws < 1:
        raise SosrakeError(f"randomisation_test: fewest {fewest}, draws {draws}; expected 1 or more of both")
