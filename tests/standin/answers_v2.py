"""Answers in the form of PxWeb's second interface (PxAPI-2.yml) and of Kela's open CSV files."""

from __future__ import annotations

import json
from typing import Any

from . import answers

TABLE = "avainluvut"
AGGREGATION = "agg_maakunnat"
# The table's variables, with the flags only the second interface has.
_ELIMINATED: frozenset[str] = frozenset()
_PROBLEM = "https://tools.ietf.org/html/rfc7231"


def answer(parts: list[str], query: dict[str, list[str]], sent: bytes, cells: int) -> tuple[int, bytes]:
    """Give status and body of a call below the interface's address."""
    if query.get("lang", ["fi"])[0] not in ("fi", "en"):
        return _problem(400, "Unsupported language")
    if parts == ["config"]:
        return 200, answers.as_bytes(
            {"apiVersion": "2.0", "appVersion": "1.0", "defaultLanguage": "fi", "languages": [{"id": "fi"}],
             "maxDataCells": cells, "maxCallsPerTimeWindow": 30, "timeWindow": 10,
             "license": "https://creativecommons.org/licenses/by/4.0/",
             "defaultDataFormat": "px", "dataFormats": ["px", "json-stat2", "csv"]}
        )  # fmt: skip
    if parts == ["tables"]:
        listed = {"id": TABLE, "label": answers.PX_TABLE["title"], "updated": "2026-05-01T05:00:00Z",
                  "firstPeriod": "2021", "lastPeriod": "2023", "discontinued": False}  # fmt: skip
        return 200, answers.as_bytes({"language": "fi", "tables": [listed], "page": {}})
    if parts == ["codelists", AGGREGATION]:
        values = [{"code": "MK11", "label": "Pohjois-Savo", "valueMap": ["KU297"]},
                  {"code": "SK112", "label": "Kuopio", "valueMap": ["KU297"]}]  # fmt: skip
        return 200, answers.as_bytes({"id": AGGREGATION, "label": "Ylemmät alueet", "language": "fi",
                                      "type": "Aggregation", "values": values})  # fmt: skip
    if parts[:2] != ["tables", TABLE] or len(parts) != 3:
        return _problem(404, f"Node with id, {'/'.join(parts)} can not be found")
    if parts[2] == "metadata":
        return 200, answers.as_bytes(_metadata())
    return _data(query, sent, cells)


def _metadata() -> dict[str, Any]:
    whole = [(variable["code"], list(variable["values"])) for variable in answers.PX_TABLE["variables"]]
    described = answers.px_json_stat2(whole) | {"value": [], "status": {}}
    for code, _ in whole:
        described["dimension"][code]["extension"] = {"elimination": code in _ELIMINATED}
    return described


def _data(query: dict[str, list[str]], sent: bytes, cells: int) -> tuple[int, bytes]:
    if not sent or query.get("outputFormat") != ["json-stat2"]:
        return _problem(400, "Only a POST with outputFormat=json-stat2 is played here")
    chosen = {one["variableCode"]: one for one in json.loads(sent)["selection"]}
    selection, size = [], 1
    for variable in answers.PX_TABLE["variables"]:
        one = chosen.get(variable["code"])
        if one is None:
            return _problem(400, f"Missing selection for mandatory variable {variable['code']}")
        known = ["MK11", "SK112"] if one.get("codelist") == AGGREGATION else variable["values"]
        wrong = [value for value in one["valueCodes"] if value not in known]
        if wrong:
            return _problem(
                400, f"Value, {wrong[0]} is not a valid value code for variable {variable['code']}"
            )
        selection.append((variable["code"], [value for value in known if value in one["valueCodes"]]))
        size *= len(selection[-1][1])
    if size > cells:
        return _problem(403, "Too many cells selected")
    return 200, answers.as_bytes(answers.px_json_stat2(selection))


def _problem(status: int, detail: str) -> tuple[int, bytes]:
    return status, answers.as_bytes({"type": _PROBLEM, "title": "Error", "status": status, "detail": detail})


# A few lines in the form of Kela's files: byte order mark, quotes, a line break in a field, region names.
_ASSISTANCE = """\ufeff"alue";"etuus";"vuosi";"kuukausi";"paiva";"variable";"val";"type"
"Kainuu";"Perustoimeentulotuki";"2019";"1";"2019-01-01";"uudet saajat";"101";"Saajat"
"Kainuu";"Perustoimeentulotuki";"2019";"1";"2019-01-01";"uudet saajat";"80";"Saajakotitaloudet"
"Kainuu";"Perustoimeentulotuki";"2019";"1";"2019-01-01";"aiemmin tukea saaneet";"2000";"Saajat"
"Kainuu";"Perustoimeentulotuki";"2019";"1";"2019-01-01";"aiemmin tukea saaneet";"1400";"Saajakotitaloudet"
"Uusimaa";"Perustoimeentulotuki";"2019";"1";"2019-01-01";"uudet saajat";"3001";"Saajat"
"""
_HOUSING = """\ufeff"etuus";"vuosi";"kuukausi";"paiva";"variable";"val"
"Yleinen asumistuki";"2019";"1";"2019-01-01";"uudet saajaruokakunnat";"5498"
"Yleinen asumistuki";"2019";"1";"2019-01-01";"aiemmin tukea
saaneet ruokakunnat";"367735"
"""
_UNEMPLOYED = """\ufeff"etuus";"vuosi";"kuukausi";"paiva";"alue";"variable";"val"
"Työttömyysturva";"2019";"1";"2019-01-01";"Kainuu";"aiemmin tukea saaneet";"3377"
"Työttömyysturva";"2019";"1";"2019-01-01";"Kainuu";"uudet saajat";"412"
"Yrittäjien työmarkkinatuki";"2019";"1";"2019-01-01";"Kainuu";"yrittäjien työmarkkinatuen saajat";"0"
"""
KELA = {
    "saajat_toimeentulotuki_maakunta_kuva.csv": _ASSISTANCE.encode(),
    "saajat_asumistuki_kuva.csv": _HOUSING.encode(),
    "saajat_tyottomyysturva_maakunta_kuva.csv": _UNEMPLOYED.encode(),
}
