"""Which areas are neighbours: a given list, checked once, and the weights the measures of a map need.

The library carries no neighbour list: which municipalities touch changes with the map, and the maps have
licences of their own. Bring a list as pairs of region codes.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sosrake_lib.errors import FrameError, SosrakeError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
STYLES = ("W", "B", "C", "U", "S")


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Pairs of neighbouring areas, sorted by the area and then by its neighbour.

    Parameters
    ----------
    codes : region codes; the numbers below are places in it.
    area, neighbour : the two ends of each pair. A list may be one-sided; a shared border stands twice.
    weight : weight of each pair before any style; 1 when none was given.
    back : number of the pair that runs the other way; -1 where there is none.
    """

    codes: tuple[Hashable, ...]
    area: Integers
    neighbour: Integers
    weight: Floats
    back: Integers

    def of(self, codes: Sequence[Hashable]) -> Neighbours:
        """Keep the pairs whose both ends are among `codes`, numbered by their place there."""
        place = {code: number for number, code in enumerate(codes)}
        numbers = np.array([place.get(code, -1) for code in self.codes], dtype="int64")
        if not self.codes:
            return neighbours_from_pairs([], [], codes)
        area, neighbour = numbers[self.area], numbers[self.neighbour]
        kept = (area >= 0) & (neighbour >= 0)
        return _neighbours(tuple(codes), area[kept], neighbour[kept], self.weight[kept])

    def counts(self) -> Integers:
        """Count the neighbours of each area."""
        return np.bincount(self.area, minlength=len(self.codes))


def neighbours_from_lists(
    lists: Sequence[Sequence[int]] | Mapping[Hashable, Sequence[Hashable]], *, first: int = 0
) -> Neighbours:
    """Read a list of lists of places, or a mapping from a region code to its neighbours' codes.

    Parameters
    ----------
    first : number of the first place, 0 or 1. With 1, as R counts, a lone 0 stands for no neighbours.

    Examples
    --------
    >>> row_of_three = neighbours_from_lists([[1], [0, 2], [1]])
    >>> row_of_three.counts().tolist()
    [1, 2, 1]
    """
    named = dict(lists) if isinstance(lists, Mapping) else dict(enumerate(lists, start=first))
    if first == 1:
        named = {code: [] if [*_listed(others)] == [0] else others for code, others in named.items()}
    sizes = [len(_listed(others)) for others in named.values()]
    area = np.repeat(np.array([*named], dtype=object), sizes)
    others = [other for listed in named.values() for other in _listed(listed)]
    return neighbours_from_pairs(list(area), others, list(named))


def neighbours_from_pairs(
    area: Sequence[Hashable],
    neighbour: Sequence[Hashable],
    codes: Sequence[Hashable] | None = None,
    weight: Sequence[float] | None = None,
) -> Neighbours:
    """Read two equally long lists of codes, one pair a place.

    Parameters
    ----------
    codes : every area, those without neighbours too; left out, the codes that occur in `area`.
    weight : weight of each pair, above zero; left out, 1.

    Raises
    ------
    SosrakeError when an area is its own neighbour, a pair stands twice, a neighbour is not among `codes`, or
    a weight is not above zero.
    """
    known = tuple(dict.fromkeys([*area, *neighbour] if codes is None else codes))
    place = {code: number for number, code in enumerate(known)}
    unknown = [code for code in [*area, *neighbour] if code not in place]
    if unknown:
        raise SosrakeError(
            f"neighbours: {unknown[0]!r} is named as a neighbour but is no area of the list; "
            "correct the code or give it a place of its own (places count from 0)"
        )
    start = np.array([place[code] for code in area], dtype="int64")
    end = np.array([place[code] for code in neighbour], dtype="int64")
    if (start == end).any():
        raise SosrakeError(
            f"neighbours: {known[start[start == end][0]]!r} is its own neighbour; leave such pairs out"
        )
    given = np.ones(len(start)) if weight is None else np.asarray(weight, dtype="float64")
    if not (np.isfinite(given).all() and (given > 0).all()):
        raise SosrakeError("neighbours: a weight is not above zero; leave out pairs that are no neighbours")
    return _neighbours(known, start, end, given)


def neighbours_from_frame(pairs: pd.DataFrame) -> Neighbours:
    """Read a frame of pairs: `region_code, neighbour_code` and, when there are weights, `weight`."""
    for column in ("region_code", "neighbour_code"):
        if column not in pairs:
            raise FrameError(
                f"neighbours: column {column} is missing; expected region_code, neighbour_code, one row a "
                "pair"
            )
        wrong = np.flatnonzero([not isinstance(code, str) for code in pairs[column]])
        if len(wrong):
            raise FrameError(
                f"neighbours: row {wrong[0] + 1}, column {column}: {pairs[column].iloc[wrong[0]]!r}; "
                "expected text; read codes as text so that zeros stay"
            )
    weight = pairs["weight"].tolist() if "weight" in pairs else None
    return neighbours_from_pairs(
        pairs["region_code"].tolist(), pairs["neighbour_code"].tolist(), weight=weight
    )


def as_neighbours(given: Neighbours | pd.DataFrame | Mapping | Sequence) -> Neighbours:
    """Take neighbours in any of the forms above."""
    if isinstance(given, Neighbours):
        return given
    if isinstance(given, pd.DataFrame):
        return neighbours_from_frame(given)
    if isinstance(given, Mapping | Sequence) and not isinstance(given, str):
        return neighbours_from_lists(given)
    raise SosrakeError(
        f"neighbours: {type(given).__name__}; expected a frame of pairs region_code, neighbour_code, "
        "a mapping from code to neighbours' codes, or a list of lists of places"
    )


def for_codes(
    given: Neighbours | pd.DataFrame | Mapping | Sequence, codes: Sequence[Hashable], function: str
) -> Neighbours:
    """Fit a neighbour list to the areas of a frame; neighbours outside the frame fall away."""
    if isinstance(given, Sequence):
        raise FrameError(
            f"{function}: neighbours as a list of places cannot be joined to region codes; "
            "give pairs or a mapping by region_code"
        )
    found = as_neighbours(given).of(list(codes))
    if not len(found.area) and len(codes) > 1:
        raise FrameError(
            f"{function}: no two areas of the frame are neighbours in the list given; "
            f"the frame has codes such as {codes[0]!r}; check that both use the same codes and borders"
        )
    return found


def styled_weights(
    neighbours: Neighbours, present: NDArray[np.bool_], style: str = "W", *, zero_policy: bool = True
) -> Floats:
    """Weigh the pairs among the areas present.

    Parameters
    ----------
    present : families x areas, True where the area has a value.
    style : "W" each area's weights sum to 1; "B" as given (1 when no weights were); "C" all weights sum to
        the number of areas; "U" all sum to 1; "S" variance-stabilising: each area's weights over the root of
        their squares' sum, then all sum to the number of areas (Tiefelsdorf, Griffith & Boots 1999,
        doi 10.1068/a310165).
    zero_policy : with it, the number of areas that "C" and "S" sum to counts only those with neighbours.

    Returns
    -------
    Array families x pairs; 0 for a pair with an absent end.
    """
    if style not in STYLES:
        raise SosrakeError(f"neighbours: style {style!r}; expected one of {', '.join(STYLES)}")
    start, end = neighbours.area, neighbours.neighbour
    weights = neighbours.weight * (present[:, start] & present[:, end])
    if style in ("W", "S"):
        power = 1 if style == "W" else 2
        row = summed_by_area(weights**power, neighbours) ** (1 / power)
        weights = np.divide(weights, row[:, start], out=np.zeros(weights.shape), where=weights > 0)
    if style in ("C", "U", "S"):
        linked = summed_by_area(weights, neighbours) > 0
        areas = linked.sum(axis=1) if zero_policy else present.sum(axis=1)
        wanted = np.ones(len(present)) if style == "U" else areas.astype("float64")
        total = weights.sum(axis=1)
        weights = weights * np.divide(wanted, total, out=np.zeros(len(wanted)), where=total > 0)[:, None]
    return weights


def summed_by_area(pairs: Floats, neighbours: Neighbours) -> Floats:
    """Sum values of pairs (families x pairs) for each area: families x areas."""
    counts = neighbours.counts()
    found = np.zeros((len(pairs), len(counts)))
    linked = np.flatnonzero(counts)
    if len(linked):
        # Pairs are sorted by area, so each area's pairs are one slice.
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])[linked]
        found[:, linked] = np.add.reduceat(pairs, starts, axis=1)
    return found


def _neighbours(
    codes: tuple[Hashable, ...], area: Integers, neighbour: Integers, weight: Floats
) -> Neighbours:
    order = np.lexsort((neighbour, area))
    area, neighbour, weight = area[order], neighbour[order], weight[order]
    key = area * len(codes) + neighbour
    twice = np.flatnonzero(key[1:] == key[:-1])
    if len(twice):
        pair = (codes[area[twice[0]]], codes[neighbour[twice[0]]])
        raise SosrakeError(f"neighbours: the pair {pair} stands twice; keep one row a pair")
    mirrored = neighbour * len(codes) + area
    found = np.searchsorted(key, mirrored)
    there = found < len(key)
    there[there] = key[found[there]] == mirrored[there]
    return Neighbours(codes, area, neighbour, weight, np.where(there, found, -1))


def _listed(others: Sequence) -> Sequence:
    # R writes a vector of length one as a scalar.
    return others if isinstance(others, list | tuple | np.ndarray | set | frozenset) else [others]
