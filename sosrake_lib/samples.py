"""Finds the figures: the project's samples, or the user's own folder, and what `gather` has stored.

A data folder holds `*.csv` files, each with a dictionary of the same name (`*.toml`) that says whether its
rows are real or synthetic, what its columns are and where they come from. Files of indicators carry the key
of the indicator frame; every other file is a table.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, frame
from sosrake_lib.errors import FrameError, GatherError

PLAN = Path("notebooks") / "plan.toml"
SHIPPED = Path("data") / "samples"
PROVENANCE = ("producer", "licence", "source", "retrieved")
_NUMBERS = ("areas_used", "areas_expected", "denominator_low", "denominator_high", "value_low", "value_high")
_KEY_COLUMNS = ("indicator", "region_level", "region_code", "period")
# Tables that describe the world and not the user's clients or area; only these are lent by the samples.
REFERENCE_TABLES = ("hanke/paattajat",)


class AbsentTable(GatherError):
    """A data folder does not hold what was asked for: a page is left out for it, nothing has failed.

    `table` names the table that is not there; empty when the message tells of something else.
    """

    def __init__(self, message: str, table: str = "") -> None:
        super().__init__(message)
        self.table = table


def project_root(start: Path | None = None) -> Path:
    """Find the project: environment SOSRAKE_PROJECT, else the nearest parent with notebooks/plan.toml.

    Without either it is the source checkout this module lies in.
    """
    named = os.environ.get("SOSRAKE_PROJECT")
    if named:
        return Path(named).expanduser()
    here = (start or Path.cwd()).resolve()
    for folder_ in (here, *here.parents):
        if (folder_ / PLAN).is_file():
            return folder_
    return Path(__file__).resolve().parents[1]


def folder(data: Path | str | None = None) -> Path:
    """Give the data folder: the argument, else environment SOSRAKE_DATA, else the project's data/samples.

    Raises
    ------
    GatherError when the folder does not exist.
    """
    chosen = data or os.environ.get("SOSRAKE_DATA")
    place = Path(chosen).expanduser() if chosen else _shipped()
    if not place.is_dir():
        raise GatherError(
            f"data folder {place} does not exist; make it, or leave --data out to use the samples"
        )
    return place


def is_shipped(data: Path | str | None = None) -> bool:
    """Say whether the data folder is the project's own samples and not a user's folder."""
    return folder(data).resolve() == _shipped().resolve()


def home() -> Path:
    """Give the place of private memory: environment SOSRAKE_HOME, else data/private in the project."""
    named = os.environ.get("SOSRAKE_HOME")
    return Path(named).expanduser() if named else project_root() / "data" / "private"


def indicator_frame(data: Path | str | None = None) -> pd.DataFrame:
    """Read every real indicator row of a data folder, and what `gather` stored over it.

    A gathered row replaces the sample's row of the same key. When the gathered rows of an indicator, level,
    period, sex, age and group stand on another year's map, they replace all the sample's rows of these:
    figures of two maps side by side would be counted twice. Our own sums over municipalities are left out
    where all their municipalities were gathered anew: they were made from the older figures.

    Returns
    -------
    Indicator frame with the extra columns of the files: producer, licence, source, retrieved, made_from,
    denominator_status, denominator_low, denominator_high, value_low, value_high, areas_used, areas_expected,
    caveat (empty, or why a figure must not be taken as it stands).

    Raises
    ------
    FrameError when a row breaks the frame's contract or two files hold the same key;
    GatherError when a file has no dictionary.
    """
    place = folder(data)
    parts = [
        frame.check(_read(path), file=path.name)
        for path in _csv_files(place)
        if _is_indicators(path) and _kind(path) == "real"
    ]
    stored = frame.combine(parts, file=str(place))
    gathered = [
        frame.check(pd.read_parquet(path), file=path.name)
        for path in sorted((home() / "gathered").glob("*.parquet"))
    ]
    if not gathered:
        return _neutral_text(stored)
    newer = frame.combine(gathered, file="gathered")
    kept = stored[~_replaced(stored, newer)]
    return _neutral_text(frame.combine([kept, newer], file="samples and gathered"))


def table(name: str, data: Path | str | None = None) -> pd.DataFrame:
    """Read one table of a data folder, such as `esimerkkila_asiakkaat` or `hanke/talous`.

    Codes, dates and words come as text; the columns that the dictionary calls `integer` or `number` come as
    numbers. An empty cell is missing, never 0.
    """
    path = folder(data) / f"{name}.csv"
    if not path.is_file():
        known = ", ".join(files(data)["name"])
        raise AbsentTable(f"table {name!r} is not in {path.parent}; the data folder has: {known}", name)
    columns = dictionary(name, data)["columns"]
    read = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")
    lacking = [column for column in columns if column not in read]
    if lacking:
        raise GatherError(f"{path.name}: column {lacking[0]} is missing; its dictionary {name}.toml names it")
    for column, about in columns.items():
        if about["type"] in ("integer", "number"):
            read[column] = _number(read[column], path.name, column, about["type"])
    return read


def reference_table(name: str, data: Path | str | None = None) -> pd.DataFrame:
    """Read a table that describes the world: the data folder's own, else the one shipped with the samples.

    Only for `REFERENCE_TABLES`, such as who decides on what by which act: they hold nothing of the user's
    area or clients, so that a folder without one loses nothing of its own and gains nobody else's figures.

    Raises
    ------
    GatherError when the table is not one of these: no other table is ever borrowed.
    """
    if name not in REFERENCE_TABLES:
        known = ", ".join(REFERENCE_TABLES)
        raise GatherError(
            f"reference table {name!r}; expected one of {known}; read others with samples.table"
        )
    own = (folder(data) / f"{name}.csv").is_file()
    return table(name, data if own else _shipped())


def dictionary(name: str, data: Path | str | None = None) -> dict:
    """Read the dictionary of one file: title, kind, licence, what is true in it, and its columns."""
    if not (folder(data) / f"{name}.csv").is_file():
        raise AbsentTable(f"table {name!r} is not in {folder(data)}; add it, or leave its pages out", name)
    return _dictionary(folder(data) / f"{name}.csv")


def files(data: Path | str | None = None) -> pd.DataFrame:
    """List the data folder's files for hashing.

    Returns
    -------
    DataFrame: name (without ending, with `/` between folders), kind (real or synthetic), sha256; sorted.
    """
    place = folder(data)
    rows = [
        {
            "name": path.relative_to(place).with_suffix("").as_posix(),
            "kind": _kind(path),
            "sha256": _sha256(str(path), path.stat().st_mtime_ns, path.stat().st_size),
        }
        for path in _csv_files(place)
    ]
    return pd.DataFrame(rows, columns=["name", "kind", "sha256"])


def derived_denominators(rows: pd.DataFrame) -> pd.DataFrame:
    """Derive the denominators a source does not publish from its count and its rounded rate.

    A value v, rounded to the catalogue's decimals, lies in v +- h; with the count n and scale `per` the
    denominator lies in per*n/(v+h) .. per*n/(v-h). A count that is a rounded yearly mean adds half a unit.
    No denominator follows when the count is absent or 0, or when v is not above h: then it is `absent`.

    Parameters
    ----------
    rows : DataFrame with indicator, value, per, numerator.

    Returns
    -------
    Copy with denominator (nearest whole number to per*n/v), denominator_low, denominator_high (people or
    units) and denominator_status (derived or absent).

    Raises
    ------
    FrameError when no whole number fits a count and its rate.

    Examples
    --------
    >>> import pandas as pd
    >>> from sosrake_lib import samples
    >>> rows = pd.DataFrame({"indicator": ["asumistuki"], "value": [5.4], "per": [100.0]})
    >>> rows["numerator"] = 214.0
    >>> samples.derived_denominators(rows)[["denominator_low", "denominator_high"]].values.tolist()
    [[3927.0, 4000.0]]
    """
    about = [catalogue.indicator(key) for key in rows["indicator"]]
    half = np.array([0.5 * 10.0**-one.decimals for one in about])
    mean = np.array([one.count_is_mean for one in about], dtype=bool)
    low, high, best = _range(
        rows["numerator"].to_numpy(dtype=float),
        rows["value"].to_numpy(dtype=float),
        rows["per"].to_numpy(dtype=float),
        half,
        mean,
    )
    if np.any(low > high):
        row = int(np.flatnonzero(low > high)[0])
        raise FrameError(
            f"derived_denominators: row {row + 1} has count {rows['numerator'].iloc[row]} and rate "
            f"{rows['value'].iloc[row]}, which no denominator gives; check the file"
        )
    return rows.assign(
        denominator=best,
        denominator_low=low,
        denominator_high=high,
        denominator_status=np.where(np.isnan(low), "absent", "derived"),
    )


def _range(
    count: np.ndarray, value: np.ndarray, per: np.ndarray, half: np.ndarray, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give low, high and best whole denominators; NaN where none follows."""
    usable = (count > 0) & (value > half * (1 + 1e-9))
    slack = np.where(mean, 0.5, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = per * (count - slack) / (value + half)
        high = per * (count + slack) / (value - half)
        best = np.rint(per * count / value)
    # The true denominator is whole; of a yearly mean only its neighbourhood is known.
    low = np.where(mean, np.floor(low), np.ceil(low - 1e-6))
    high = np.where(mean, np.ceil(high), np.floor(high + 1e-6))
    best = np.clip(best, low, high)
    return tuple(np.where(usable, numbers, np.nan) for numbers in (low, high, best))  # type: ignore[return-value]


def _replaced(stored: pd.DataFrame, newer: pd.DataFrame) -> np.ndarray:
    """Say which stored rows the newer ones replace."""
    keys = list(frame.KEY)
    block = [column for column in keys if column not in ("region_code", "borders")]
    same_key = pd.MultiIndex.from_frame(stored[keys]).isin(pd.MultiIndex.from_frame(newer[keys]))
    has_block = pd.MultiIndex.from_frame(stored[block]).isin(pd.MultiIndex.from_frame(newer[block]))
    on_map = [*block, "borders"]
    same_map = pd.MultiIndex.from_frame(stored[on_map]).isin(pd.MultiIndex.from_frame(newer[on_map]))
    replaced = same_key | (has_block & ~same_map)
    series = pd.MultiIndex.from_frame(stored[[column for column in block if column != "region_level"]])
    member = (stored["region_level"] == "kunta").to_numpy()
    renewed = series.isin(series[member & replaced]) & ~series.isin(series[member & ~replaced])
    return replaced | ((stored["origin"] == "own").to_numpy() & renewed)


def _shipped() -> Path:
    return project_root() / SHIPPED


def _csv_files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*.csv") if not path.name.startswith("."))


def _is_indicators(path: Path) -> bool:
    # Other tables of the folder may come from a spreadsheet in another encoding; only the header is judged.
    with path.open(encoding="utf-8", errors="replace") as lines:
        header = lines.readline().rstrip("\r\n").split(",")
    return set(_KEY_COLUMNS) <= set(header)


def _read(path: Path) -> pd.DataFrame:
    read = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")
    for column in (*_NUMBERS, *frame.NUMBERS, "borders"):
        if column in read:
            read[column] = _number(read[column], path.name, column, "number")
    if "break_before" in read:
        read["break_before"] = read["break_before"] == "true"
    return read


def _number(column: pd.Series, file: str, name: str, kind: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = column.index[numbers.isna() & column.notna()]
    if len(wrong):
        raise GatherError(
            f"{file}: row {wrong[0] + 1}, column {name}: {column[wrong[0]]!r}; expected a number"
        )
    return numbers.astype("Int64") if kind == "integer" else numbers.astype("float64")


def _neutral_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Give provenance columns an empty text where a file has none, so that filters need no NaN."""
    filled = rows.copy()
    for column in (*PROVENANCE, "made_from", "denominator_status", "caveat"):
        if column not in filled:
            filled[column] = ""
        filled[column] = filled[column].fillna("").astype("str")
    return filled


def _kind(path: Path) -> str:
    kind = _dictionary(path).get("kind")
    if kind not in ("real", "synthetic"):
        raise GatherError(f"{path.with_suffix('.toml').name}: kind is {kind!r}; expected real or synthetic")
    return kind


def _dictionary(path: Path) -> dict:
    beside = path.with_suffix(".toml")
    if not beside.is_file():
        raise GatherError(f"{path.name} has no dictionary; write {beside.name} with kind = real or synthetic")
    return tomllib.loads(beside.read_text(encoding="utf-8"))


@lru_cache(maxsize=1024)
def _sha256(path: str, changed: int, size: int) -> str:
    """Hash a file once for its time of change and size, which are here only as the cache's key."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
