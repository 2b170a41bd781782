"""The tile map: places of municipalities, what it refuses, what is hatched, and its words."""

from __future__ import annotations

import io
from collections import deque

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from sosrake_lib import regions
from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators import comparison, rates
from sosrake_lib.influence import chart_style, charts_tilemap
from sosrake_lib.influence.charts_tilemap import LOOKS, tile_map
from sosrake_lib.influence.charts_tiles import county_labels, tiles
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import say
from sosrake_lib.protect import part, release

COUNTIES = ("12", "13", "14", "20")
# Pairs that share a border on the ground and stand side by side, or by their corners, on the grid.
NEIGHBOURS = (
    ("297", "749"), ("297", "402"), ("297", "204"), ("297", "857"), ("297", "778"), ("297", "844"),
    ("167", "276"), ("167", "426"), ("167", "146"), ("167", "848"), ("491", "213"), ("491", "097"),
    ("491", "178"), ("491", "507"), ("491", "623"), ("740", "046"), ("740", "768"), ("205", "765"),
    ("205", "578"), ("290", "765"), ("290", "541"), ("777", "620"), ("777", "105"), ("541", "422"),
    ("171", "915"), ("171", "178"), ("090", "426"), ("090", "309"), ("593", "778"), ("593", "213"),
    ("687", "541"), ("925", "762"), ("263", "595"), ("239", "921"), ("260", "848"), ("681", "768"),
)  # fmt: skip


def frame(indicator: str = "tyottomyysaste", **columns: object) -> pd.DataFrame:
    """Give the newest shares of every municipality of two counties and the country."""
    codes = [*regions.members("hva", "13"), *regions.members("hva", "20")]
    rows = [row("kunta", code, 900 + 10 * place, 10_000) for place, code in enumerate(codes)]
    made = pd.DataFrame([*rows, row("maa", "SSS", 250_000, 2_500_000)]).assign(indicator=indicator)
    return made.assign(**columns)


def row(level: str, code: str, count: int, size: int) -> dict[str, object]:
    key = {"indicator": "tyottomyysaste", "region_level": level, "region_code": code, "borders": 2026}
    figures = {
        "value": 100 * count / size,
        "per": 100.0,
        "numerator": float(count),
        "denominator": float(size),
    }
    return key | figures | {"period": "2024", "status": "ok", "origin": "published"}


def compared(made: pd.DataFrame) -> pd.DataFrame:
    return comparison.against(
        rates.proportion(made[made["region_level"] == "kunta"]), made[made["region_level"] == "maa"]
    )


def chosen(made: pd.DataFrame):
    return release({"luvut": part(made, "avoin")}, name="koe", preview=True).select()


@pytest.fixture(scope="module")
def selection():
    made = frame()
    made.loc[made["region_code"] == "687", ["value", "numerator"]] = np.nan
    made.loc[made["region_code"] == "687", "status"] = "suppressed"
    return chosen(compared(made))


def drawn(monkeypatch, selection, **options):
    """Draw a map and give its axes too."""
    kept = []
    finish = chart_style.finish
    monkeypatch.setattr(
        chart_style, "finish", lambda drawing, axes, *rest, **more: kept.append(axes) or finish(
            drawing, axes, *rest, **more
        )
    )  # fmt: skip
    return tile_map(selection, "Työttömyys", **options), kept[0]


def test_every_municipality_of_the_register_has_one_tile_of_its_own():
    real = {code: tile for code, tile in tiles().items() if tile.county in COUNTIES}
    assert len(real) == 51
    for county in COUNTIES:
        own = {code for code, tile in real.items() if tile.county == county}
        assert own == set(regions.members("hva", county, 2026))
    assert len({(tile.row, tile.column) for tile in real.values()}) == 51
    invented = {code for code, tile in tiles().items() if tile.county == "E1"}
    assert invented == set(regions.members("hva", "E1"))


def test_names_are_the_registers_names_parted_to_fit():
    for code, tile in tiles().items():
        assert tile.name.replace("-", "") == regions.name("kunta", code)
        assert max(map(len, tile.lines.split("\n"))) <= 8


@pytest.mark.parametrize("county", [*COUNTIES, "E1"])
def test_a_countys_tiles_are_one_connected_block(county):
    left = {(tile.row, tile.column) for tile in tiles().values() if tile.county == county}
    waiting = deque([left.pop()])
    while waiting:
        at, across = waiting.popleft()
        beside = {(at + 1, across), (at - 1, across), (at, across + 1), (at, across - 1)} & left
        left -= beside
        waiting.extend(beside)
    assert not left


def test_real_neighbours_stand_beside_each_other():
    known = tiles()
    for one, other in NEIGHBOURS:
        apart = abs(known[one].row - known[other].row), abs(known[one].column - known[other].column)
        assert max(apart) == 1, (known[one].name, known[other].name)


def test_north_is_up_and_east_is_right():
    middle = {
        county: np.mean(
            [(tile.row, tile.column) for tile in tiles().values() if tile.county == county], axis=0
        )
        for county in COUNTIES
    }
    assert middle["20"][0] < middle["13"][0] < middle["12"][0]
    assert middle["13"][1] < middle["14"][1]


def test_county_names_stand_on_free_ground():
    taken = {(tile.row, tile.column) for tile in tiles().values() if tile.county in COUNTIES}
    for county in COUNTIES:
        at, across = county_labels()[county]
        assert not {(at, across), (at, across + 1)} & taken


def test_a_hidden_municipality_is_hatched_and_has_no_colour(monkeypatch, selection):
    _, axes = drawn(monkeypatch, selection)
    tile = tiles()["687"]
    patch = next(one for one in axes.patches if abs(one.get_x() - tile.column - 0.035) < 1e-6
                 and abs(one.get_y() - tile.row - 0.035) < 1e-6)  # fmt: skip
    assert patch.get_hatch() == chart_style.HATCH
    assert tuple(patch.get_facecolor()[:3]) == (1.0, 1.0, 1.0)
    words = [text.get_text() for text in axes.texts]
    assert words.count("suojattu") == 2  # in the tile and in the key


def test_tiles_tell_the_class_of_the_comparison_with_a_sign_and_a_word(monkeypatch, selection):
    figure, axes = drawn(monkeypatch, selection)
    words = [text.get_text() for text in axes.texts]
    assert "▼ 9,0" in words
    assert "▲ 11,6" in words
    told = {name: say(f"words.comparison.verdict.{name}") for name in ("higher", "similar", "lower")}
    assert set(told.values()) <= set(words)
    assert any(word.replace("\n", " ") == "Verrattuna: koko maa 10,0\u00a0%" for word in words)
    verdicts = [one["verdict"] for one in rows_of(selection) if one.shown]
    assert f"{told['higher']} {verdicts.count('higher')}" in figure.alt
    assert f"{told['lower']} {verdicts.count('lower')}" in figure.alt


def test_alt_text_agrees_with_the_table(selection):
    figure = tile_map(selection, "Työttömyys")
    values = [one for one in figure.table.plain.iloc[:, 1] if one[0].isdigit()]
    numbers = [float(one.replace("\u00a0%", "").replace(",", ".")) for one in values]
    low, high = (f"{pick(numbers):.1f}".replace(".", ",") for pick in (min, max))
    assert f"Kuviossa on 26 lukua; ne ovat välillä {low}–{high}\u00a0%." in figure.alt
    assert "Suojattuja lukuja: 1." in figure.alt
    assert len(figure.table.plain) == 27


def test_one_county_alone_keeps_the_size_of_letters_and_needs_no_borders(monkeypatch, selection):
    own = selection.select(region=[("kunta", code) for code in regions.members("hva", "20")])
    figure, axes = drawn(monkeypatch, own)
    assert len(figure.table.plain) == 8
    assert not axes.lines
    assert axes.get_xlim()[1] - axes.get_xlim()[0] == pytest.approx(charts_tilemap.COLUMNS + 0.12)


def test_letters_are_readable_on_a_phone_and_in_print():
    pixels_a_point = 328 / (chart_style.WIDTH * 72)
    assert charts_tilemap.LETTERS * pixels_a_point >= 8.4
    assert chart_style.printed(chart_style.LEAST) >= 9


def test_names_fit_in_their_tiles(monkeypatch, selection):
    figure, axes = drawn(monkeypatch, selection)
    renderer = figure.png.drawing.canvas.get_renderer()
    wide = axes.transData.transform((1, 0))[0] - axes.transData.transform((0, 0))[0]
    names = {tile.lines for tile in tiles().values()}
    found = [text for text in axes.texts if text.get_text() in names]
    assert len(found) == 27
    assert max(text.get_window_extent(renderer).width for text in found) <= wide


def test_classes_are_told_apart_in_grey_and_by_every_colour_vision():
    def lightness(colour: str) -> float:
        red, green, blue = (
            (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in to_rgb(colour)
        )
        light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return 116 * light ** (1 / 3) - 16 if light > 0.008856 else 903.3 * light

    shown = [LOOKS[name] for name in ("higher", "similar", "lower")]
    values = sorted(lightness(look.fill) for look in shown)
    assert min(np.diff(values)) > 12
    assert len({look.sign for look in shown}) == 3
    for look in (*LOOKS.values(), *charts_tilemap.STEPS):
        fill, letters = ((lightness(colour) + 16) / 116 for colour in (look.fill, look.letters))
        bright, dark = max(fill, letters) ** 3, min(fill, letters) ** 3
        assert (bright + 0.05) / (dark + 0.05) >= 4.5
    steps = [lightness(look.fill) for look in charts_tilemap.STEPS]
    assert min(-np.diff(steps)) > 10


def test_figures_without_any_interval_are_shaded_in_steps():
    made = frame("gini_tulot", per=1.0, numerator=np.nan, denominator=np.nan)
    made["value"] = made["value"] * 3
    figure = tile_map(chosen(made[made["region_level"] == "kunta"]), "Tuloerot")
    assert "luokittain" not in figure.alt
    assert list(figure.table.plain.columns)[-1] == "Luku"


@pytest.mark.parametrize(
    ("indicator", "reason"),
    [
        ("vaesto", "is a count"),
        ("raportointi_havainnot", "is a count"),
        ("raportointi_palautteen_saaneet", "of observations"),
        ("diak_huono_osaisuus", "against the middle one"),
        ("oma_pienituloisuus_ja_tyo", "against the middle one"),
        ("tuntematon", "not in the catalogue"),
    ],
)
def test_what_a_map_would_tell_wrongly_is_refused(indicator, reason):
    from sosrake_lib.catalogue import indicators

    per = next((one.per for one in indicators() if one.key == indicator), 1.0)
    made = frame(indicator, per=per, numerator=np.nan, denominator=np.nan, value=100.0)
    with pytest.raises(SosrakeError, match=reason):
        tile_map(chosen(made[made["region_level"] == "kunta"]), "x")


def test_areas_without_a_place_are_refused(selection):
    outside = compared(
        pd.DataFrame([row("kunta", "091", 900, 10_000), row("maa", "SSS", 250_000, 2_500_000)])
    )
    with pytest.raises(SosrakeError, match="091 has no tile"):
        tile_map(chosen(outside), "x")
    country = frame()
    with pytest.raises(SosrakeError, match="a row of maa SSS"):
        tile_map(chosen(country), "x")


def test_intervals_without_a_verdict_are_refused():
    made = rates.proportion(frame().query("region_level == 'kunta'"))
    with pytest.raises(SosrakeError, match=r"comparison\.against"):
        tile_map(chosen(made), "x")


def test_each_language_and_the_same_bytes_each_time(selection):
    first, second = tile_map(selection, "Unemployment", "en"), tile_map(selection, "Unemployment", "en")
    assert first.png == second.png
    assert first.alt.startswith("Tile map: Unemployment, 2024.")
    with Image.open(io.BytesIO(first.png)) as picture:
        assert picture.width == round(chart_style.WIDTH * chart_style.DOTS)
