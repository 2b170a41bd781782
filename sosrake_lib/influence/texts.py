"""Short texts of a page that hold no figure, by key, with the place in its right case."""

from __future__ import annotations

from sosrake_lib import regions
from sosrake_lib.influence.labels import place_in
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import numbers, places, say
from sosrake_lib.protect import Selection, Text


def said(key: str, constants: tuple[str, ...] = ()) -> Text:
    """Give a text of the language room in both languages; numerals in it must be declared constants."""
    return Text(say(key, "fi"), say(key, "en"), constants=constants)


def both(key: str, **values: str) -> tuple[str, str]:
    """Give a text of the language room in Finnish and in English; values are the same in both."""
    return say(key, "fi", **values), say(key, "en", **values)


def about_place(key: str, region: tuple[str, str]) -> Text:
    """Give a text with `{place_in}`, the region's name as in `Kuopiossa` or `in Kuopio`."""
    finnish, english = (place_in(*region, regions.CURRENT_YEAR, language) for language in ("fi", "en"))
    return Text(say(key, "fi", place_in=finnish), say(key, "en", place_in=english))


def territory(selection: Selection) -> list[Text]:
    """Say of figures whether their area was smaller than today: a merger since the map they belong to.

    One text per merged municipality and map; an empty list when every figure is of the present area.
    """
    found = {
        (str(row["region_code"]), int(row["borders"]))
        for row in rows_of(selection)
        if row["region_level"] == "kunta" and int(row["borders"]) < regions.CURRENT_YEAR
    }
    told = []
    for code, borders in sorted(found):
        steps = regions.crosswalk(borders, regions.CURRENT_YEAR)
        joined = (steps["to_code"] == regions.successor(code)) & (steps["from_code"] != code)
        told += [_merger(code, former, borders) for former in steps.loc[joined, "from_code"]]
    return told


def caveats(selection: Selection) -> list[Text]:
    """Say why some shown figures must not be taken as they stand: one text a known flaw of a source."""
    rows = [row for row in rows_of(selection) if row.shown and row.has("caveat") and row["caveat"]]
    return [
        _caveat(flaw, period) for flaw, period in sorted({(row["caveat"], row["period"]) for row in rows})
    ]


def _caveat(flaw: str, period: str) -> Text:
    key = f"texts.caveat.{flaw}"
    finnish, english = (numbers.period(period, language) for language in ("fi", "en"))
    # The period is named, not measured.
    return Text(
        say(key, "fi", period=finnish),
        say(key, "en", period=english),
        constants=tuple(dict.fromkeys((finnish, english))),
    )


def _merger(code: str, former: str, borders: int) -> Text:
    year = str(regions.region("kunta", former, borders).valid_to)
    finnish, english = (
        say(
            "texts.merger",
            language,
            former=regions.name("kunta", former, language, borders),
            whose=places.place(regions.name("kunta", code, "fi", borders), "genitive", language),
            year=year,
        )
        for language in ("fi", "en")
    )
    return Text(finnish, english, constants=(year,))
