"""Small answers in the recorded form of Sotkanet 1.1 and PxWeb v1, for when the captured ones are absent."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

# Sotkanet's own ids, not municipality codes; the last two are a hospital district and an unneeded region.
REGIONS = (
    (161, "297", "KUNTA", "Kuopio"),
    (94, "205", "KUNTA", "Kajaani"),
    (228, "491", "KUNTA", "Mikkeli"),
    (46, "091", "KUNTA", "Helsinki"),
    (497, "11", "MAAKUNTA", "Pohjois-Savo"),
    (974, "13", "HYVINVOINTIALUE", "Pohjois-Savon hyvinvointialue"),
    (894, "17", "HYVINVOINTIALUE", "Pohjois-Savon hyvinvointialue (vanha)"),
    (658, "358", "MAA", "Koko maa"),
    (603, "13", "SAIRAANHOITOPIIRI", "Pohjois-Savon SHP"),
)
TITLES = {
    181: "Työttömät, % työvoimasta",
    127: "Väestö 31.12.",
    5: "Toimeentulotukea saaneet 25 - 64-vuotiaat, % vastaavan ikäisestä väestöstä",
    3562: "Jotain aivan muuta",
}
RATES = {161: (9.8, 5518), 228: (9.9, 2439), 46: (9.4, 32843), 497: (10.2, 11517), 974: (10.2, 11517),
         894: (10.2, 11517), 658: (9.3, 248254), 603: (10.2, 11517)}  # fmt: skip
COUNTS = {161: 118664, 94: 36493, 228: 52583, 46: 653835, 658: 5525292}


def sotkanet_regions() -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "code": code,
            "category": category,
            "title": {"fi": name, "en": name, "sv": name},
            "memberOf": [],
        }
        for number, code, category, name in REGIONS
    ]


def sotkanet_indicator(number: int) -> dict[str, Any] | None:
    if number not in TITLES:
        return None
    return {
        "id": number,
        "title": {"fi": TITLES[number], "en": "", "sv": ""},
        "organization": {"id": 2, "title": {"fi": "THL"}},
        "classifications": {"sex": {"values": ["male", "female", "total"]}},
        "data-updated": "2026-06-01",
        "decimals": 1,
    }


def sotkanet_data(number: int, years: Sequence[str], genders: Sequence[str]) -> list[dict[str, Any]]:
    """All categories mixed, unsorted; sex `male` has nothing, as for some indicators of the service."""
    rows: list[dict[str, Any]] = []
    for year, gender in itertools.product(years, genders):
        if gender == "male" or int(year) > 2023:
            continue
        if number == 127:
            rows += [_row(number, region, year, gender, value) for region, value in COUNTS.items()]
        elif number == 181:
            rows += [
                _row(number, region, year, gender, value) | {"absValue": count}
                for region, (value, count) in RATES.items()
            ]
    return rows[::-1]


def _row(indicator: int, region: int, year: str, gender: str, value: float) -> dict[str, Any]:
    return {"indicator": indicator, "region": region, "year": int(year), "gender": gender, "value": value}


PX_TABLE = {
    "title": "Kuntien avainluvut muuttujina Alue 2025, Tiedot ja Vuosi",
    "variables": [
        {"code": "Alue 2025", "text": "Alue 2025",
         "values": ["SSS", "KU297", "KU205", "MK11", "SK112", "HVA13"],
         "valueTexts": ["KOKO MAA", "Kuopio", "Kajaani", "Pohjois-Savo", "Kuopio", "Pohjois-Savon hva"]},
        {"code": "Tiedot", "text": "Tiedot", "values": ["M411", "M162"],
         "valueTexts": ["Väkiluku", "Työttömien osuus työvoimasta, %"]},
        {"code": "Vuosi", "text": "Vuosi", "values": ["2021", "2022", "2023"],
         "valueTexts": ["2021", "2022", "2023"], "time": True},
    ],
}  # fmt: skip


def px_value(area: str, item: str, year: str) -> float | None:
    """A made-up but fixed value; Kajaani's unemployment of 2022 is missing."""
    if (area, item, year) == ("KU205", "M162", "2022"):
        return None
    base = 1000.0 if item == "M411" else 5.0
    return base + len(area) + int(year) - 2021 + (0.5 if area == "SSS" else 0.0)


def px_select(query: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]] | None:
    """Resolve a v1 query against the table; None stands for 400 "Parameter error"."""
    chosen = {part["code"]: part["selection"] for part in query}
    known = {variable["code"]: variable for variable in PX_TABLE["variables"]}
    if set(chosen) - set(known):
        return None
    result = []
    for code, variable in known.items():
        selection = chosen.get(code, {"filter": "all", "values": ["*"]})
        values = variable["values"]
        kind = selection["filter"].lower()
        if kind == "all":
            picked = list(values)
        elif kind == "top":
            picked = list(values[-int(selection["values"][0]) :])
        else:
            picked = list(selection["values"])
        if not set(picked) <= set(values):
            return None
        result.append((code, [value for value in values if value in picked]))
    return result


def px_json_stat2(selection: Sequence[tuple[str, list[str]]]) -> dict[str, Any]:
    names = {v["code"]: dict(zip(v["values"], v["valueTexts"], strict=True)) for v in PX_TABLE["variables"]}
    cells = [px_value(*codes) for codes in itertools.product(*(values for _, values in selection))]
    return {
        "class": "dataset",
        "version": "2.0",
        "label": PX_TABLE["title"],
        "source": "Tilastokeskus",
        "updated": "2026-05-01T05:00:00Z",
        "id": [code for code, _ in selection],
        "size": [len(values) for _, values in selection],
        "dimension": {
            code: {
                "label": code,
                "category": {
                    "index": {value: place for place, value in enumerate(values)},
                    "label": {value: names[code][value] for value in values},
                },
            }
            for code, values in selection
        },
        "value": cells,
        "status": {str(place): ".." for place, cell in enumerate(cells) if cell is None},
        "role": {"time": ["Vuosi"], "metric": ["Tiedot"]},
    }


def px_json(selection: Sequence[tuple[str, list[str]]]) -> dict[str, Any]:
    rows = []
    for codes in itertools.product(*(values for _, values in selection)):
        value = px_value(*codes)
        rows.append({"key": list(codes), "values": [".." if value is None else str(value)]})
    columns = [{"code": code, "text": code, "type": "t" if code == "Vuosi" else "d"} for code, _ in selection]
    columns.append({"code": "value", "text": "value", "type": "c"})
    return {"columns": columns, "comments": [], "data": rows, "metadata": []}


def as_bytes(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8")
