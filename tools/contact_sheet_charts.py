"""Draw one of each chart from sample releases, to be looked at: on a screen, in grey print and on a phone.

The tile maps and the funnel rest on the sample data of the project, other charts on small invented figures of
Esimerkkilä made here. Writes FOLDER/<chart>-{screen,grey,phone}.png and one sheet of each.

Run: python tools/contact_sheet_charts.py FOLDER [--language en]
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from sosrake_lib import protect, regions
from sosrake_lib.indicators import comparison, rates, scales
from sosrake_lib.influence import chart_style
from sosrake_lib.influence.chart_style import Figure
from sosrake_lib.influence.charts import bars_with_intervals, funnel, series
from sosrake_lib.influence.charts_dumbbell import dumbbell
from sosrake_lib.influence.charts_gantt import gantt
from sosrake_lib.influence.charts_likert import diverging
from sosrake_lib.influence.charts_multiples import small_multiples
from sosrake_lib.influence.charts_number import number_panel
from sosrake_lib.influence.charts_slope import slope
from sosrake_lib.influence.charts_tilemap import tile_map

PHONE = 328  # pixels a picture has on a page 360 pixels wide
PRINTED = 170  # millimetres, drawn at 100 dots an inch for the sheet
INDICATOR = "tyottomyysaste"
SIZES = {
    "E01": 30_000,
    "E02": 11_000,
    "E03": 5_000,
    "E04": 3_100,
    "E05": 1_800,
    "E06": 1_100,
    "E07": 640,
    "E08": 40,
}
YEARS = ("2018", "2019", "2020", "2021", "2022", "2023")
ACTIONS = (
    ("Sovitaan roolit ja työryhmä", "Kehittäjäkoordinaattori", "2026-01-12", "2026-02-27", "2026-02-24"),
    ("Kootaan havainnot ja tilastot", "Sosiaalityöntekijät", "2026-02-02", "2026-05-29", None),
    ("Työpaja kuntien kanssa", "Hyvinvointikoordinaattori", "2026-05-04", "2026-05-15", None),
    ("Ehdotus aluehallitukselle asumisen tuesta", "Aikuissosiaalityön päällikkö", "2026-06-01", "2026-09-15",
     "2026-09-22"),
    ("Seurataan, mitä päätettiin", "Kehittäjäkoordinaattori", "2026-10-01", "2026-12-18", None),
    ("Seuraavan kierroksen suunnitelma", "", None, None, None),
)  # fmt: skip


def invented_levels() -> pd.DataFrame:
    """Make unemployed by municipality, year and sex in Esimerkkilä; a seeded invention."""
    chance = np.random.default_rng(11)
    rows = []
    for place, (code, size) in enumerate(SIZES.items()):
        for year, period in enumerate(YEARS):
            share = 0.07 + 0.012 * place % 0.05 + 0.004 * year
            for sex, shift in (("male", 0.012), ("female", -0.012)):
                people = size // 2
                count = int(chance.binomial(people, share + shift))
                rows.append(_row("kunta", code, period, sex, count, people))
    frame = pd.DataFrame(rows)
    total = frame.groupby(["region_level", "region_code", "period"], as_index=False)[
        ["numerator", "denominator"]
    ].sum()
    county = frame.groupby(["period", "sex"], as_index=False)[["numerator", "denominator"]].sum()
    more = [
        _row("kunta", r.region_code, r.period, "total", r.numerator, r.denominator)
        for r in total.itertuples()
    ]
    more += [_row("hva", "E1", r.period, r.sex, r.numerator, r.denominator) for r in county.itertuples()]
    both = county.groupby("period", as_index=False)[["numerator", "denominator"]].sum()
    more += [_row("hva", "E1", r.period, "total", r.numerator, r.denominator) for r in both.itertuples()]
    return pd.concat([frame, pd.DataFrame(more)], ignore_index=True)


def _row(level: str, code: str, period: str, sex: str, count: int, people: int) -> dict[str, object]:
    return {
        "indicator": INDICATOR, "region_level": level, "region_code": code, "borders": regions.CURRENT_YEAR,
        "period": period, "sex": sex, "value": 100 * count / people, "per": 100.0, "numerator": float(count),
        "denominator": float(people), "status": "ok", "origin": "synthetic",
    }  # fmt: skip


def invented_release() -> protect.Release:
    """Release invented levels (`taso`), their comparison with the county (`vertailu`), a plan (`toimet`)."""
    analysed = rates.proportion(invented_levels())
    newest = analysed[(analysed["period"] == YEARS[-1]) & (analysed["sex"] == "total")]
    compared = comparison.against(
        newest[newest["region_level"] == "kunta"], newest[newest["region_level"] == "hva"]
    )
    parts = {
        "taso": protect.part(analysed, "vakio"),
        "vertailu": protect.part(compared, "vakio"),
        "toimet": protect.part(plan(), "vakio"),
    }
    return protect.release(parts, name="kuviot", preview=True)


def plan() -> pd.DataFrame:
    """Make an invented plan: rows of words with dates, one an action."""
    key: dict[str, object] = {"indicator": "suunnitelman_toimi", "region_level": "hva", "region_code": "E1"}
    key |= {"borders": regions.CURRENT_YEAR, "period": "2026", "value": np.nan, "per": 1.0}
    key |= {"status": "missing", "origin": "synthetic"}
    return pd.DataFrame(
        key
        | {"group": f"toimi{number}", "item": action, "category": owner}
        | dict(zip(("starts", "ends", "decided"), map(pd.Timestamp, days), strict=True))
        for number, (action, owner, *days) in enumerate(ACTIONS)
    )


def survey_release() -> protect.Release:
    """Release an invented survey on a scale of five (`jakauma`), one item of it too small to show."""
    chance = np.random.default_rng(5)
    items = {"media": (0.1, 0.2, 0.3, 0.25, 0.15), "arvioinnit": (0.2, 0.2, 0.2, 0.2, 0.2)}
    items["paattajat"] = (0.02, 0.13, 0.3, 0.35, 0.2)
    rows = [
        {"item": item, "answer": int(answer)}
        for item, shares in items.items()
        for answer in chance.choice(5, size=90, p=shares) + 1
    ]
    place = scales.Place("hva", "E1", regions.CURRENT_YEAR, "2026", "synthetic")
    spread = scales.distribution(pd.DataFrame(rows), (1, 2, 3, 4, 5), place)
    return protect.release({"jakauma": protect.part(spread, "vakio")}, name="kysely", preview=True)


@cache
def area_release() -> protect.Release:
    """Release the project's sample indicators of the area, as the area's own pages do."""
    from sosrake_lib.batch.recipes import area_indicators

    return protect.release(area_indicators(None), name="alueprofiili", preview=True)


@cache
def gallery(language: str = "fi") -> Mapping[str, Figure]:
    """Draw one of each chart."""
    made, area, asked = invented_release(), area_release(), survey_release()
    towns = made.select("taso", region_level="kunta", sex="total")
    compared = area.select("vertailu", indicator=INDICATOR, region_level="kunta", sex="total")
    savo = [("kunta", code) for code in regions.members("hva", "13")]
    points = {"1": "en lainkaan", "2": "vähän", "3": "jonkin verran", "4": "hyvin", "5": "erittäin hyvin"}
    items = {"media": "Kerron havainnoista tiedotusvälineille", "arvioinnit": "Kokoan tietoa arvioinneista"}
    items["paattajat"] = "Tunnen päätöksenteon vaiheet ja paikat"
    young = "pitkaaikainen_toimeentulotuki_18_24"
    late = area.select("vertailu", indicator=young, region_level="kunta", sex="total")
    return {
        "ruutukartta-alue": tile_map(compared, "Työttömyys kunnittain", language, highlight="297"),
        "ruutukartta-maakunta": tile_map(compared.select(region=savo), "Työttömyys kunnittain", language),
        "ruutukartta-puuttuvia": tile_map(late, "Nuorten pitkäaikainen toimeentulotuki", language),
        "ruutukartta-keksitty": tile_map(made.select("vertailu"), "Työttömyys Esimerkkilässä", language),
        "pienet-kuviot": small_multiples(
            towns, "Työttömyys kunnittain", language,
            reference=made.select("taso", region_level="hva", sex="total"), highlight=("kunta", "E03"),
        ),
        "kaltevuus": slope(
            towns.select(region=[("kunta", code) for code in ("E01", "E02", "E03", "E05", "E08")],
                         period=[YEARS[0], YEARS[-1]]),
            "Työttömyys kahtena vuonna", language, highlight=("kunta", "E02"),
        ),
        "kasipainot": dumbbell(
            made.select("taso", region_level="kunta", sex=["male", "female"], period=YEARS[-1]),
            "Työttömyys sukupuolen mukaan", language,
        ),
        "jakauma": diverging(asked.select("jakauma"), "Osaaminen", language, names=points | items),
        "aikajana": gantt(made.select("toimet"), "Suunnitelman toimet", language),
        "luku": number_panel(
            area.select("vertailu", indicator=INDICATOR, sex="total", region=("kunta", "297")),
            "Työttömyys Kuopiossa", language,
        ),
        "luku-keksitty": number_panel(
            made.select("vertailu", region=("kunta", "E06")), "Työttömyys Luokkavaarassa", language
        ),
        "suppilo": funnel(
            area.select("suppilo", indicator=INDICATOR), "Työttömyys ja kunnan koko", language,
            highlight=("kunta", "297"),
        ),
        "pylvaat": bars_with_intervals(
            towns.select(period=YEARS[-1]), "Työttömyys kunnittain", language, highlight=("kunta", "E03"),
            reference=made.select("taso", region_level="hva", sex="total", period=YEARS[-1]),
        ),
        "sarjat": series(
            towns.select(region=[("kunta", code) for code in ("E01", "E02", "E03", "E08")]),
            "Työttömyys vuosittain", language,
        ),
    }  # fmt: skip


def versions(figure: Figure) -> dict[str, Image.Image]:
    """Give a chart as a screen, a grey print and a phone show it."""
    screen = Image.open(io.BytesIO(chart_style.drawn(figure, "screen"))).convert("RGB")
    grey = Image.open(io.BytesIO(chart_style.drawn(figure, "grey"))).convert("RGB")
    wide = round(PRINTED / 25.4 * 100)
    sizes = {"grey": (grey, wide), "phone": (screen, PHONE)}
    shrunk = {
        name: picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        for name, (picture, width) in sizes.items()
    }
    return {"screen": screen, **shrunk}


def sheet(pictures: Mapping[str, Image.Image], columns: int) -> Image.Image:
    """Put pictures of one width side by side, each under the last of its column."""
    width = max(picture.width for picture in pictures.values()) + 12
    heights = [0] * columns
    places = []
    for name, picture in pictures.items():
        column = heights.index(min(heights))
        places.append((name, picture, column * width, heights[column]))
        heights[column] += picture.height + 26
    canvas = Image.new("RGB", (columns * width, max(heights)), "#DDDDDD")
    for name, picture, left, top in places:
        ImageDraw.Draw(canvas).text((left + 4, top + 4), name, fill="black")
        canvas.paste(picture, (left, top + 18))
    return canvas


def main(arguments: list[str]) -> int:
    """Draw the gallery and say where it is."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    language = arguments[arguments.index("--language") + 1] if "--language" in arguments else "fi"
    drawn = {name: versions(figure) for name, figure in gallery(language).items()}
    for name, by_medium in drawn.items():
        for medium, picture in by_medium.items():
            picture.save(folder / f"{name}-{medium}.png")
    for medium, columns in (("screen", 3), ("grey", 3), ("phone", 5)):
        sheet({name: made[medium] for name, made in drawn.items()}, columns).save(
            folder / f"sheet-{medium}.png"
        )
    print(f"{3 * len(drawn)} pictures and 3 sheets are in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
