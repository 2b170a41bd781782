"""Kela's open CSV files of monthly recipients: read strictly, regions by name, months as periods.

The files are those of Kela's research unit (koronamittarit, recipients of benefits, 1/2019-11/2023, CC BY
4.0): separated by semicolons, every field quoted, months as three columns that must agree, regions by their
Finnish names. A recipient is new when the benefit began in the month, else continuing; the two do not
overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from sosrake_lib import catalogue, regions
from sosrake_lib import frame as frames
from sosrake_lib.errors import GatherError
from sosrake_lib.gather.http import POLITE, Answer, Limits, Source
from sosrake_lib.gather.parsing import parse_csv
from sosrake_lib.gather.store import Gathered, keep_frame, stale_message
from sosrake_lib.language import say

# HEAD is the repository's own default branch.
ADDRESS = (
    "https://raw.githubusercontent.com/kelaresearchandanalytics/koronamittarit/HEAD/docs/"
    "mittari_etuuksien_saajat"
)
LICENCE = "CC BY 4.0"
PRODUCER, PUBLICATION = "Kela", "Kelan tutkimus, koronamittarit"
FILES = {
    "toimeentulotuki": "saajat_toimeentulotuki_kuva.csv",
    "toimeentulotuki_maakunta": "saajat_toimeentulotuki_maakunta_kuva.csv",
    "tyottomyysturva_maakunta": "saajat_tyottomyysturva_maakunta_kuva.csv",
    "asumistuki": "saajat_asumistuki_kuva.csv",
}
NEW, CONTINUING = "uusi", "jatkuva"
# Benefit and kind of recipient in the files -> key of the catalogue.
_INDICATORS = {
    ("Perustoimeentulotuki", "Saajat"): "kela_perustoimeentulotuki_saajat",
    ("Perustoimeentulotuki", "Saajakotitaloudet"): "kela_perustoimeentulotuki_kotitaloudet",
    ("Työttömyysturva", ""): "kela_tyottomyysturva_saajat",
    ("Yleinen asumistuki", ""): "kela_asumistuki_kotitaloudet",
}
_BENEFITS = {benefit for benefit, _ in _INDICATORS}
_COLUMNS = ("etuus", "vuosi", "kuukausi", "paiva", "variable", "val")
_GROUPS = {"uudet": NEW, "aiemmin": CONTINUING}

Progress = Callable[[str], None]


def fetch(
    name: str,
    *,
    base_url: str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Fetch one of Kela's files as an indicator frame; nothing but the answer cache is written.

    Parameters
    ----------
    name : a key of `FILES`, such as `toimeentulotuki_maakunta`.
    base_url : another folder with the same files (https, or http on this machine).
    offline : open no socket; only an answer in the cache is used.

    Returns
    -------
    Indicator frame: monthly periods, group `uusi` or `jatkuva`, level maakunta where the file names regions,
    else maa; `borders` the year of the newest month. Benefits that are not in the catalogue are left out.

    Raises
    ------
    GatherError when the file cannot be reached or trusted: columns, months that do not agree, a count that is
    not a whole number, an unknown region, a row twice, or a file that was cut.
    """
    answer = _answer(name, base_url, offline, limits, progress)
    return rows_of(answer.content, name, answer.retrieved)


def read_file(path: Path) -> pd.DataFrame:
    """Read a file that was downloaded by hand; as `fetch`."""
    records, when = _file(path)
    return rows_of(records, path.name, when)


def command(
    name: str,
    offline: bool = False,
    base_url: str | None = None,
    progress: Progress | None = None,
    *,
    language: str = "fi",
    limits: Limits | None = None,
) -> Gathered:
    """Fetch a file, or read one given by its path, and keep it: what `sosrake gather kela` does."""
    if name in FILES:
        answer = _answer(name, base_url, offline, limits, progress)
        records, when, stale = answer.content, answer.retrieved, answer.stale
        about: dict[str, object] = {"source": answer.url, "raw_sha256": answer.sha256}
        kept_as = name
    else:
        records, when = _file(Path(name))
        about, stale, kept_as = {"source": Path(name).name}, False, Path(name).stem
    frame = rows_of(records, name, when)
    about |= {"retrieved": when.isoformat(), "licence": LICENCE}
    file = keep_frame(f"kela_{kept_as}", frame, about)
    others = sorted({record["etuus"] for record in records} - _BENEFITS)
    messages = [say("gather.kela_left_out", language, benefits=", ".join(others))] if others else []
    messages += [stale_message(when, language)] if stale else []
    return Gathered((file,), len(frame), len(frame), 0, stale, tuple(messages))


def rows_of(records: Sequence[dict[str, str]], name: str, when: datetime) -> pd.DataFrame:
    """Turn a parsed file into an indicator frame; errors as `fetch`."""
    check_records(records, name)
    codes = _region_codes()
    kept = [record for record in records if record["etuus"] in _BENEFITS]
    country = ("maa", "SSS")
    places = [("maakunta", codes[record["alue"]]) if "alue" in record else country for record in kept]
    frame = pd.DataFrame(
        {
            "indicator": [_INDICATORS[_kind(record)] for record in kept],
            "region_level": [level for level, _ in places],
            "region_code": [code for _, code in places],
            "borders": min(max(int(record["vuosi"]) for record in kept), regions.CURRENT_YEAR),
            "period": [_month(record) for record in kept],
            "group": [_group(record) for record in kept],
            "value": [float(record["val"]) for record in kept],
            "per": 1.0,
            "status": "ok",
            "origin": "published",
            "producer": PRODUCER,
            "licence": LICENCE,
            "source": PUBLICATION,
            "retrieved": when.date().isoformat(),
        }
    )
    frame["break_before"] = [
        period in catalogue.indicator(key).breaks
        for period, key in zip(frame["period"], frame["indicator"], strict=True)
    ]
    checked = frames.check(frame, file=f"Kela {name}")
    return checked.sort_values(frames.key_of(checked), ignore_index=True)


def check_records(records: Sequence[dict[str, str]], name: str) -> None:
    """Check a parsed file row by row (the header is row 1) before it is believed or kept."""
    where = f"Kela {name}"
    if not records:
        raise GatherError(f"{where}: the file has no rows; try again later")
    lacking = [column for column in _COLUMNS if column not in records[0]]
    if lacking:
        raise GatherError(f"{where}: column {lacking[0]} is missing; the file may have changed")
    if not {record["etuus"] for record in records} & _BENEFITS:
        found = ", ".join(sorted({record["etuus"] for record in records}))
        raise GatherError(say("gather.kela_nothing", name=name, benefits=found, known=", ".join(FILES)))
    known = _region_codes()
    seen = set()
    for place, record in enumerate(records, start=2):
        _check_record(record, f"{where}: row {place}", known)
        key = tuple(value for column, value in record.items() if column != "val")
        if key in seen:
            raise GatherError(f"{where}: row {place} stands twice; try again later")
        seen.add(key)


def _check_record(record: dict[str, str], where: str, known: dict[str, str]) -> None:
    if not (record["val"].isascii() and record["val"].isdecimal()):
        raise GatherError(
            f"{where}: val is {record['val']!r}; expected a whole number of recipients; try again later"
        )
    if _month(record) is None or record["paiva"] != f"{_month(record)}-01":
        raise GatherError(f"{where}: vuosi, kuukausi and paiva do not name one month; try again later")
    if "alue" in record and record["alue"] not in known:
        raise GatherError(
            f"{where}: region {record['alue']!r} is not in the region register; check its spelling"
        )
    if record["etuus"] in _BENEFITS and (_kind(record) not in _INDICATORS or not _group(record)):
        raise GatherError(
            f"{where}: type or variable is none we know ({record['variable']!r}); the file may have changed"
        )


def _file(path: Path) -> tuple[list[dict[str, str]], datetime]:
    if not path.is_file():
        raise GatherError(f"Kela: {path} is not there; give a file, or a name: {', '.join(FILES)}")
    when = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return parse_csv(path.read_bytes(), path.name), when


def _kind(record: dict[str, str]) -> tuple[str, str]:
    return record["etuus"], record.get("type", "")


def _group(record: dict[str, str]) -> str:
    return _GROUPS.get(record["variable"].partition(" ")[0], "")


def _month(record: dict[str, str]) -> str | None:
    year, month = record["vuosi"], record["kuukausi"]
    if not (year.isdecimal() and month.isdecimal() and len(year) == 4 and 1 <= int(month) <= 12):
        return None
    return f"{year}-{int(month):02d}"


def _region_codes() -> dict[str, str]:
    return {regions.name("maakunta", code): code for code in regions.codes("maakunta")}


def _answer(
    name: str, base_url: str | None, offline: bool, limits: Limits | None, progress: Progress | None
) -> Answer:
    if name not in FILES:
        raise GatherError(f"Kela: no file {name!r}; choose one of {', '.join(FILES)}")
    if progress is not None:
        progress(f"Kela {name}")
    source = Source("kela", base_url or ADDRESS, LICENCE, offline, limits or POLITE)
    return source.get(FILES[name], check=lambda records: check_records(records, name), parse=parse_csv)
