"""From unprotected parts to frames a reader may see: primary cells, secondary cells, audit, mask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sosrake_lib import frame as frames
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.amounts import Amounts, amounts, hidden_too, yielding
from sosrake_lib.protect.attack import Known, narrow
from sosrake_lib.protect.beside import linked, unshown
from sosrake_lib.protect.cells import IDENTITY, besides, cells, identity
from sosrake_lib.protect.denominators import hidden_along, links, told, with_told
from sosrake_lib.protect.mask import mask
from sosrake_lib.protect.part import REFERENCE, Part, people
from sosrake_lib.protect.sums import Sums, sums
from sosrake_lib.protect.suppress import Pattern, secondary, unprotectable


@dataclass(frozen=True, eq=False)
class Hiding:
    """The cells of a release, the sums over them, and which are hidden; internal, never shown."""

    cells: pd.DataFrame
    counts: Sums
    denominators: Sums
    denominated: np.ndarray
    hidden: np.ndarray
    minimum_count: int
    amounts: Amounts | None = None


def protect(
    parts: Mapping[str, Part], earlier: pd.DataFrame, declared_earlier: Mapping[str, frozenset[str]]
) -> dict[str, pd.DataFrame]:
    """Protect all parts together, reckoning with what left the house earlier; audit what comes out.

    Raises
    ------
    DisclosureError when something cannot be protected, naming it.
    """
    hiding = hide(parts, earlier, declared_earlier)
    found = recoverable(hiding)
    if len(found):
        raise unprotectable(hiding.cells, np.arange(len(hiding.cells)), int(found[0]))
    hidden_keys = _keys(hiding.cells[hiding.hidden & ~hiding.cells["fixed"].to_numpy(dtype=bool)], frames.KEY)
    return {name: _masked(name, given, parts, hidden_keys) for name, given in parts.items()}


def hide(
    parts: Mapping[str, Part], earlier: pd.DataFrame, declared_earlier: Mapping[str, frozenset[str]]
) -> Hiding:
    """Choose what is hidden: primary cells, then others until counts and small denominators are safe."""
    minimum = _minimum_count(parts)
    listed = cells(parts, earlier)
    declared = _declared(parts, declared_earlier)
    beside = linked(listed, besides(parts))
    counts = sums(listed, declared, slack_below=minimum, beside=beside.sums)
    listed = _inferred(listed, counts, minimum)
    denominated = np.concatenate([links(listed), beside.tellers])
    listed = with_told(listed, denominated)
    denominators = sums(listed, {}, column="denominator")
    hidden = listed["hide"].to_numpy(dtype=bool) | unshown(listed, beside)
    covered = np.zeros(len(listed), dtype=bool)
    few = _few_denominators(listed, minimum)
    by_denominator = _denominator_states(listed, minimum)
    money = amounts(listed, declared)
    while True:
        before = hidden.sum()
        guard = (listed["guard"].to_numpy(dtype=bool) | hidden) & ~listed["fixed"].to_numpy(dtype=bool)
        pattern = secondary(listed, counts, Pattern(hidden, covered), guard, minimum)
        hidden = _whole_rows(listed, hidden_along(listed, denominated, pattern.hidden))
        covered = pattern.covered
        if few.any() or denominators.few(minimum).any():
            uncovered = Pattern(hidden, np.zeros(len(listed), dtype=bool))
            hidden = secondary(by_denominator, denominators, uncovered, few & hidden, minimum).hidden
            hidden = _whole_rows(listed, hidden)
        if money is not None:
            hidden = _whole_rows(listed, hidden_too(money, hidden, minimum))
        if hidden.sum() == before:
            return Hiding(listed, counts, denominators, denominated, hidden, minimum, money)


def recoverable(hiding: Hiding) -> np.ndarray:
    """Attack every hidden count and small denominator by linear and integer programs; give what yields."""
    listed = hiding.cells
    few = _few_denominators(listed, hiding.minimum_count)
    wanted = hiding.hidden & ~listed["fixed"].to_numpy(dtype=bool)
    bound = listed["bound"].to_numpy(dtype="float64")
    found = _attack(listed["count"], hiding.counts, hiding, wanted, bound)
    free = np.full(len(listed), np.inf)
    found |= _attack(listed["denominator"], hiding.denominators, hiding, wanted & few, free)
    found |= wanted & told(listed, hiding.denominated, hiding.hidden)
    if hiding.amounts is not None:
        found |= yielding(hiding.amounts, hiding.hidden)
    return np.flatnonzero(found)


def _attack(
    known: pd.Series, equations: Sums, hiding: Hiding, wanted: np.ndarray, bound: np.ndarray
) -> np.ndarray:
    values = known.to_numpy(dtype="float64")
    shown = ~hiding.hidden & np.isfinite(values)
    width = np.full(len(values), hiding.minimum_count - 1.0)
    return narrow(equations, Known(values, shown, bound), wanted, width, rest=hiding.minimum_count)


def _inferred(listed: pd.DataFrame, equations: Sums, minimum: int) -> pd.DataFrame:
    """Reckon from this release's own counts the size of what an earlier one hid; the ledger holds none."""
    if not (listed["kept"] & listed["count"].isna()).any():
        return listed
    values = np.append(listed["count"].to_numpy(dtype="float64"), equations.rest_counts)
    matrix, changed = equations.matrix, True
    while changed:
        changed = False
        for row in range(matrix.shape[0]):
            columns = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
            signs = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
            lacking = np.isnan(values[columns])
            if lacking.sum() == 1:
                values[columns[lacking]] = -(signs[~lacking] @ values[columns[~lacking]]) / signs[lacking]
                changed = True
    found = pd.Series(values[: len(listed)], index=listed.index)
    renewed = listed["kept"] & listed["count"].isna() & (found >= 0)
    state = np.where(found >= minimum, "large", "small")
    return listed.assign(
        count=listed["count"].where(~renewed, found), state=listed["state"].where(~renewed, state)
    )


def _few_denominators(listed: pd.DataFrame, minimum: int) -> np.ndarray:
    denominator = listed["denominator"].to_numpy(dtype="float64")
    return (denominator > 0) & (denominator < minimum) & ~listed["fixed"].to_numpy(dtype=bool)


def _denominator_states(listed: pd.DataFrame, minimum: int) -> pd.DataFrame:
    denominator = listed["denominator"]
    states = np.select(
        [denominator.isna(), denominator == 0, denominator < minimum],
        ["unknown", "zero", "small"],
        default="large",
    )
    return listed.assign(state=states)


def _whole_rows(listed: pd.DataFrame, hidden: np.ndarray) -> np.ndarray:
    """Hide all counts of a figure when one of them is hidden, for they stand on the same row."""
    together = pd.Series(hidden).groupby([listed[column] for column in frames.KEY]).transform("any")
    return together.to_numpy(dtype=bool) & (hidden | ~listed["fixed"].to_numpy(dtype=bool))


def _declared(
    parts: Mapping[str, Part], declared_earlier: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    declared = dict(declared_earlier)
    for given in parts.values():
        for indicator in set(given.frame["indicator"]):
            declared[indicator] = declared.get(indicator, frozenset()) | frozenset(given.totals)
    return declared


def _minimum_count(parts: Mapping[str, Part]) -> int:
    counts = {given.rules.minimum_count for given in parts.values() if not given.rules.open}
    if len(counts) > 1:
        raise DisclosureError(
            f"release: parts have minimum counts {sorted(counts)}; one release has one minimum count"
        )
    return counts.pop() if counts else 5


def _masked(name: str, given: Part, parts: Mapping[str, Part], hidden_keys: set[tuple]) -> pd.DataFrame:
    frame = given.frame
    hidden = np.array([key in hidden_keys for key in _tuples(frame, frames.KEY)], dtype=bool)
    compared = np.zeros(len(frame), dtype=bool)
    if set(REFERENCE) <= set(frame.columns) and not given.rules.open:
        compared = _reference_hidden(name, frame, parts, hidden_keys)
    return mask(frame, hidden & (not given.rules.open), compared)


def _reference_hidden(
    name: str, frame: pd.DataFrame, parts: Mapping[str, Part], hidden_keys: set[tuple]
) -> np.ndarray:
    """Find rows compared with a hidden row; refuse a reference that the audit does not see."""
    columns = ("indicator", *REFERENCE, "period", "sex", "age", "group")
    plain = [column for column in frames.KEY if column != "borders"]
    known = {key for part in parts.values() for key in _tuples(part.frame, plain)}
    borders = frames.KEY.index("borders")
    hidden = {key[:borders] + key[borders + 1 :] for key in hidden_keys}
    answer = np.zeros(len(frame), dtype=bool)
    for row, key in enumerate(_tuples(frame.fillna(dict.fromkeys(REFERENCE, "")), columns)):
        if not key[1] or frame.at[row, "status"] != "ok":
            continue
        if key not in known:
            raise DisclosureError(
                f"part {name}: row {row + 1} is compared with {key[1]} {key[2]}, which is no row of this "
                "release; add the reference's row to a part, so that the audit reckons with it"
            )
        answer[row] = key in hidden
    return answer


def figures(parts: Mapping[str, Part], released: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """List what a release publishes, one row a figure: key, origin, statistic, values as text, hidden."""
    rows = []
    for name, frame in released.items():
        listed = frame[list(frames.KEY)].copy()
        listed["origin"] = frame["origin"]
        listed["statistic"] = frame.get("statistic", "")
        listed[IDENTITY] = _identities(parts[name], frame)
        listed["hidden"] = frame["status"] == "suppressed"
        for column, numbers in (
            ("value", frame["value"]),
            ("count", people(frame)),
            ("denominator", frame["denominator"]),
        ):
            listed[column] = ["" if np.isnan(number) else format(number, ".12g") for number in numbers]
        rows.append(listed[frame["status"].isin(["ok", "suppressed"])])
    columns = [*frames.KEY, "origin", "statistic"]
    every = pd.concat(rows, ignore_index=True).drop_duplicates()
    twice = every.duplicated(subset=columns)
    if twice.any():
        key = ", ".join(str(part) for part in every.loc[twice, columns].iloc[0])
        raise DisclosureError(
            f"release: figure ({key}) has different values in different rows; give it one value"
        )
    return every.sort_values(columns).reset_index(drop=True)


def _identities(given: Part, released: pd.DataFrame) -> np.ndarray:
    # From the unprotected frame, for a hidden row no longer tells what its count counted.
    keys = [*frames.KEY, *(["statistic"] if "statistic" in given.frame else [])]
    told = _tuples(identity(given.frame), IDENTITY)
    known = dict(zip(_tuples(given.frame, keys), told, strict=True))
    return np.array([known[key] for key in _tuples(released, keys)], dtype="object").reshape(
        -1, len(IDENTITY)
    )


def _tuples(frame: pd.DataFrame, columns: tuple[str, ...] | list[str]) -> list[tuple]:
    return list(zip(*(frame[column].tolist() for column in columns), strict=True))


def _keys(frame: pd.DataFrame, columns: tuple[str, ...]) -> set[tuple]:
    return set(_tuples(frame, columns))
