"""Places of municipalities on the tile map, read from `tile_places.toml` beside this module.

A tile is [row, column]; how the places were chosen is told in the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence.rows import Row


@dataclass(frozen=True, slots=True)
class Tile:
    """One municipality's place: its code, its county's code, row from the north, column from the west."""

    code: str
    county: str
    row: int
    column: int
    name: str  # with a hyphen where it is parted

    @property
    def lines(self) -> str:
        """Give the name on two lines where it is parted."""
        return self.name.replace("-", "-\n")


@cache
def tiles() -> Mapping[str, Tile]:
    """Give every tile by its municipality's code.

    Examples
    --------
    >>> from sosrake_lib.influence.charts_tiles import tiles
    >>> tiles()["297"].county, tiles()["297"].lines
    ('13', 'Kuopio')
    """
    return MappingProxyType(
        {
            code: Tile(code, county, int(place[0]), int(place[1]), str(place[2]))
            for county, entry in _counties().items()
            for code, place in entry["tiles"].items()
        }
    )


@cache
def county_labels() -> Mapping[str, tuple[int, int]]:
    """Give the row and column at which each county's name stands on the map of the whole area."""
    return MappingProxyType({code: tuple(entry["label"]) for code, entry in _counties().items()})


def tiles_of(rows: Sequence[Row]) -> dict[str, Tile]:
    """Give the tiles a map of these rows shows: whole counties, on the grid of the area.

    Raises
    ------
    SosrakeError when a row is no municipality, or one outside the four counties of the area: the map has no
    place for it.
    """
    known = tiles()
    for row in rows:
        level, code = str(row["region_level"]), str(row["region_code"])
        if level != "kunta":
            raise SosrakeError(
                f"tile_map: a row of {level} {code}; expected municipalities only; "
                "select(region_level='kunta') and give the wider area in the comparison"
            )
        if code not in known:
            raise SosrakeError(
                f"tile_map: municipality {code} has no tile; the map holds the municipalities of 2026 of "
                "Etelä-Savo, Pohjois-Savo, Pohjois-Karjala and Kainuu; for others draw bars_with_intervals, "
                "and move old codes to the borders of 2026 first (regions.rebase)"
            )
    counties = {known[str(row["region_code"])].county for row in rows}
    return {code: tile for code, tile in known.items() if tile.county in counties}


@cache
def _counties() -> dict[str, dict]:
    text = files("sosrake_lib.influence").joinpath("tile_places.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["county"])
