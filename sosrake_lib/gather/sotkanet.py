"""Sotkanet, THL's indicator bank: ids and titles are checked, regions joined, absent cells stay absent.

The service has no working region filter and uses region ids of its own; a cell it does not publish is
simply not in the answer. See `sosrake_lib.gather.sotkanet_answers` for what is checked.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from sosrake_lib import catalogue, regions, samples
from sosrake_lib import frame as frames
from sosrake_lib.errors import FrameError, GatherError
from sosrake_lib.gather import sotkanet_answers as answers
from sosrake_lib.gather.http import POLITE, Limits, Source
from sosrake_lib.gather.periods import years_of
from sosrake_lib.gather.store import Gathered, keep_frame, stale_message
from sosrake_lib.language import say

ADDRESS = "https://sotkanet.fi/rest/1.1"
LICENCE = "CC BY 4.0"
# The wellbeing services counties and regions the workbook is made for, and the country beside them.
AREA = {"hva": ("12", "13", "14", "20"), "maakunta": ("10", "11", "12", "18"), "maa": ("SSS",)}
LEVELS = ("kunta", "maakunta", "hva", "maa")
_WITH_DENOMINATOR = ("proportion", "rate", "ratio")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Harvest:
    """One indicator's rows and how they came."""

    frame: pd.DataFrame
    about: dict[str, object] = field(default_factory=dict)
    stale: bool = False
    oldest: datetime | None = None
    silent: tuple[str, ...] = ()


def fetch(
    indicators: Sequence[int],
    years: Sequence[int],
    sexes: Sequence[str] = ("total",),
    *,
    base_url: str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
    unverified: bool = False,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Fetch indicators of Sotkanet as one indicator frame; nothing but the answer cache is written.

    Parameters
    ----------
    indicators : Sotkanet's indicator ids, each of them in the catalogue.
    years, sexes : what is asked for; a year or sex for which the source has nothing gives no rows.
    base_url : another address of the same service (https, or http on this machine).
    offline : open no socket; only answers in the cache are used.
    unverified : try also ids that have not been compared with an answer of the source; the title must fit.

    Returns
    -------
    Indicator frame at levels kunta, maakunta, hva and maa, `borders` the division of the year of retrieval
    (the source recalculates its series to it). For the area's regions an absent cell is a row with status
    `missing`, never 0, or `not_published_at_level` where the indicator has no such level. The source's
    count is `numerator`; `denominator` with `denominator_low, denominator_high` is worked back from it and
    the rounded rate, `denominator_status` is derived or absent. Also `producer, licence, source, retrieved`.

    Raises
    ------
    GatherError when the source cannot be reached, its title is not the catalogue's, or its rows cannot be
    trusted (wrong fields, not finite, duplicates, unknown regions). CatalogueError for an unknown id.
    """
    source = _source(base_url, offline, limits)
    harvests = [_harvest(source, number, years, sexes, progress, unverified) for number in indicators]
    return frames.combine([harvest.frame for harvest in harvests], file="Sotkanet")


def command(
    indicators: list[int],
    periods: str,
    offline: bool = False,
    base_url: str | None = None,
    progress: Progress | None = None,
    *,
    sexes: Sequence[str] = ("total",),
    language: str = "fi",
    unverified: bool = False,
    limits: Limits | None = None,
) -> Gathered:
    """Fetch indicators and keep them for the next run: what `sosrake gather sotkanet` does.

    `periods` is `2019`, `2015-2023` or a list of such with commas. Each indicator is stored by itself as
    soon as it has come, so that a later failure takes nothing away. An id that has not been verified is
    refused unless `unverified` says to try it.
    """
    years = years_of(periods)
    source = _source(base_url, offline, limits)
    files, messages, rows, values, stale = [], [], 0, 0, False
    for number in indicators:
        harvest = _harvest(source, number, years, sexes, progress, unverified)
        if harvest.frame.empty:
            messages.append(say("gather.nothing_published", language, indicator=number, periods=periods))
            continue
        files.append(keep_frame(f"sotkanet_{number}", harvest.frame, harvest.about))
        rows += len(harvest.frame)
        values += int((harvest.frame["status"] == "ok").sum())
        if harvest.stale and harvest.oldest is not None:
            stale = True
            messages.append(stale_message(harvest.oldest, language))
        for combination in harvest.silent:
            messages.append(say("gather.no_such_period", language, indicator=number, period=combination))
    return Gathered(tuple(files), rows, values, rows - values, stale, tuple(messages))


def _source(base_url: str | None, offline: bool, limits: Limits | None) -> Source:
    return Source("thl_sotkanet", base_url or ADDRESS, LICENCE, offline, limits or POLITE)


def _harvest(
    source: Source,
    number: int,
    years: Sequence[int],
    sexes: Sequence[str],
    progress: Progress | None,
    unverified: bool,
) -> _Harvest:
    entry = catalogue.by_sotkanet(number)
    if not entry.verified and not unverified:
        raise GatherError(say("gather.unverified", indicator=number, name=entry.key, title=entry.title))
    if progress is not None:
        progress(f"Sotkanet {number}: {entry.name_fi}")
    described = source.get(f"indicators/{number}", check=partial(answers.check_title, entry=entry))
    places = source.get("regions", check=answers.check_regions)
    known = {place["id"]: place["category"] for place in places.content}
    asked = [("indicator", str(number))]
    asked += [("years", str(year)) for year in years] + [("genders", sex) for sex in sexes]
    data = source.get("json", asked, partial(answers.check_rows, number=number, known=known))
    got = answers.rows_of(data.content, years, sexes)
    frame = _frame(got, entry, data.retrieved)
    pairs = set(zip(got["period"], got["sex"], strict=True))
    silent = tuple(
        f"{year} ({sex})" for year, sex in itertools.product(years, sexes) if (str(year), sex) not in pairs
    )
    about = {
        "source": data.url,
        "title": described.content["title"]["fi"],
        "updated": described.content.get("data-updated", ""),
        "retrieved": data.retrieved.isoformat(),
        "licence": entry.licence,
        "raw_sha256": data.sha256,
    }
    answered = (data, places, described)
    stale = any(answer.stale for answer in answered)
    return _Harvest(frame, about, stale, min(answer.retrieved for answer in answered), silent)


def _frame(got: pd.DataFrame, entry: catalogue.Indicator, when: datetime) -> pd.DataFrame:
    """Join regions, keep the wanted levels, add the absent cells of the area, derive denominators."""
    borders = min(when.year, regions.CURRENT_YEAR)
    joined = got.merge(answers.regions_at(borders, LEVELS), on="sotkanet_id", how="inner")
    # Old and new ids of the wellbeing counties may both answer; the newer one counts.
    joined = joined.sort_values("age_of_id", kind="stable")
    joined = joined.drop_duplicates(["region_level", "region_code", "period", "sex"]).assign(status="ok")
    frame = pd.concat([joined, _absent(joined, entry, borders)], ignore_index=True)
    frame = frame.assign(
        indicator=entry.key,
        borders=borders,
        age="all",
        group="all",
        per=float(entry.per),
        break_before=frame["period"].isin(entry.breaks),
        origin="published",
        producer=entry.producer,
        licence=entry.licence,
        source=entry.source,
        retrieved=when.date().isoformat(),
    )
    frame = _with_denominators(frame, entry)
    checked = frames.check(
        frame.drop(columns=["sotkanet_id", "age_of_id"]), file=f"Sotkanet {entry.sotkanet}"
    )
    return checked.sort_values(frames.key_of(checked), ignore_index=True)


def _with_denominators(frame: pd.DataFrame, entry: catalogue.Indicator) -> pd.DataFrame:
    """Work denominators back from count and rounded rate, where the indicator has such a thing."""
    if entry.kind not in _WITH_DENOMINATOR:
        none = dict.fromkeys(("denominator", "denominator_low", "denominator_high"), np.nan)
        return frame.assign(**none, denominator_status="absent")
    try:
        return samples.derived_denominators(frame)
    except FrameError as problem:
        raise GatherError(f"Sotkanet {entry.sotkanet}: count and rate do not fit ({problem})") from None


def _absent(joined: pd.DataFrame, entry: catalogue.Indicator, borders: int) -> pd.DataFrame:
    """Make a row for each of the area's regions the answer does not hold, for periods it does hold."""
    area = {level: list(codes) for level, codes in AREA.items()}
    area["kunta"] = sorted(code for hva in AREA["hva"] for code in regions.members("hva", hva, borders))
    columns = ["region_level", "region_code", "period", "sex"]
    present = set(joined[columns].itertuples(index=False, name=None))
    pairs = sorted(set(zip(joined["period"], joined["sex"], strict=True)))
    answered = set(joined["region_level"])
    rows = [
        (
            level,
            code,
            *pair,
            "missing" if level in answered or level in entry.levels else "not_published_at_level",
        )
        for level in LEVELS
        for code in area[level]
        for pair in pairs
        if (level, code, *pair) not in present
    ]
    return pd.DataFrame(rows, columns=[*columns, "status"]).assign(value=np.nan, numerator=np.nan)


def known_indicators(offline: bool = False, base_url: str | None = None) -> pd.DataFrame:
    """List the catalogue's Sotkanet indicators with the title the source gives each id now.

    Returns
    -------
    DataFrame indicator, sotkanet, title, fits (bool): whether the title is one the catalogue accepts.
    """
    source = _source(base_url, offline, None)
    listed = source.get("indicators", check=answers.check_titles).content
    titles = {entry["id"]: entry["title"]["fi"] for entry in listed}
    wanted = [entry for entry in catalogue.indicators() if entry.sotkanet is not None]
    if not wanted:
        raise GatherError("Sotkanet: the catalogue names no Sotkanet indicator; add one")
    rows = [
        (
            entry.key,
            entry.sotkanet,
            titles.get(entry.sotkanet, ""),
            answers.fits(titles.get(entry.sotkanet, ""), entry),
        )
        for entry in wanted
    ]
    return pd.DataFrame(rows, columns=["indicator", "sotkanet", "title", "fits"])
