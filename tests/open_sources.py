"""The open sources as the fault tests ask them, and the words each fault must be told in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from standin.server import StandIn

from sosrake_lib.errors import StaleDataWarning
from sosrake_lib.gather import kela, pxweb, sotkanet
from sosrake_lib.gather.http import Limits, Source
from sosrake_lib.gather.pxweb_v2 import PxWebV2

# Shortened: a hanging service costs a test a second, not a minute. Retries wait hundredths of a second.
QUICK = Limits(deadline=0.8, decoded_bytes=2_000_000, first_pause=0.01)
PATIENT = Limits(deadline=15.0, decoded_bytes=2_000_000, first_pause=0.01)
SLOW = ("hang", "drip", "drip-headers")
PASSING = ("reset", "429-seconds", "429-date", "503-then-200", "gzip")
# What each fault is told as: an expression that fits every source.
WORDS: dict[str, str] = {
    "hang": "no whole answer in 0.8 s",
    "drip": "no whole answer in 0.8 s",
    "drip-headers": "no whole answer in 0.8 s",
    "cut-with-length": "the connection failed",
    "cut-without-length": "was cut",
    "cut-gzip": "the packed answer was cut",
    "429-long": "answered 429, wait 3600 s",
    "503": "answered 503; try again later",
    "500": "answered 500; try again later",
    "404": "answered 404; the source has no such",
    "400": "answered 400; the query names",
    "login": "a web page, not data",
    "empty": "the answer is empty",
    "latin-1": "is not UTF-8",
    "loop": "redirected in a circle|a query was redirected",
    "to-file": "redirected to file://",
    "to-other-host": "redirected to https://example.invalid",
    "endless": "larger than 2 MB",
    "bomb": "larger than 2 MB",
    "deep": "not whole JSON|the last line has no end",
    "nan": "NaN is not a number|val is 'NaN'",
    "infinity": "Infinity is not a number|val is 'Infinity'",
    "text-number": "'9,9'.*expected a (finite|whole) number",
    "null": "field value is None|value does not fit|val is 'NULL'",
    "object": "expected a list of rows, got dict|no json-stat2 dataset|the last line has no end",
    "wrong-fields": "field indicator is None|no json-stat2 dataset|column etuus is missing",
    "duplicates": "repeats region, year and gender|does not hold what was asked|stands twice",
    "empty-list": "no json-stat2 dataset|the last line has no end",
    "unknown-region": "has region 99999|does not hold what was asked|region 'Atlantis' is not",
}


def _sotkanet(server: StandIn, limits: Limits) -> pd.DataFrame:
    return sotkanet.fetch([181], [2019], base_url=server.sotkanet(), limits=limits)


def _pxweb(server: StandIn, limits: Limits) -> pd.DataFrame:
    chosen = {"Alue": ["*"], "Tiedot": ["M162"], "Vuosi": ["*"]}
    table = "StatFin/avainluvut.px"
    return pxweb.statfin(table, chosen, base_url=server.pxweb(), limits=limits, indicator="tyottomyysaste")


def _pxweb_v2(server: StandIn, limits: Limits) -> pd.DataFrame:
    chosen = {"Alue": ["*"], "Tiedot": ["M162"], "Vuosi": ["*"]}
    transport = PxWebV2(Source("pxweb2", server.pxweb2(), "CC BY 4.0", limits=limits))
    return pxweb.statfin("avainluvut", chosen, transport=transport, indicator="tyottomyysaste")


def _kela(server: StandIn, limits: Limits) -> pd.DataFrame:
    return kela.fetch("toimeentulotuki_maakunta", base_url=server.kela(), limits=limits)


SOURCES: dict[str, Callable[[StandIn, Limits], pd.DataFrame]] = {
    "sotkanet": _sotkanet,
    "pxweb-v1": _pxweb,
    "pxweb-v2": _pxweb_v2,
    "kela": _kela,
}
# Sotkanet answers an empty list where it has no figures: there it is no fault.
REFUSED = [
    (source, fault) for source in SOURCES for fault in WORDS if (source, fault) != ("sotkanet", "empty-list")
]


def kept_figures(home: Path) -> list[str]:
    found = [json.loads(file.read_text(encoding="utf-8"))["url"] for file in (home / "cache").rglob("*.json")]
    return [url for url in found if re.search(r"/json\?|/data\?|\.csv$", url)] + [
        file.name for file in home.rglob("*.parquet")
    ]


def make_old(home: Path, days: int) -> None:
    for file in (home / "cache").rglob("*.json"):
        about = json.loads(file.read_text(encoding="utf-8"))
        about["retrieved"] = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        file.write_text(json.dumps(about), encoding="utf-8")


def limits_for(fault: str) -> Limits:
    return QUICK if fault in SLOW else PATIENT


def check_stale(server: StandIn, home: Path, source: str, fault: str) -> None:
    """Make an answer forty days old, break the source: the older one is used, its age and the reason said."""
    server.fault = ""
    healthy = SOURCES[source](server, PATIENT)
    make_old(home, 40)
    server.fault = fault
    server.broken.clear()
    with pytest.warns(StaleDataWarning, match=r"using data stored 40 days ago \(") as told:
        again = SOURCES[source](server, limits_for(fault))
    assert any(re.search(WORDS[fault], str(one.message)) for one in told)
    figures = ["region_level", "region_code", "period", "group", "value"]
    pd.testing.assert_frame_equal(again[figures], healthy[figures])
