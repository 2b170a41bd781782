"""Sotkanet: titles checked, its own region ids joined, absent cells absent, nothing untrusted stored."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from standin.server import StandIn

from sosrake_lib import regions, samples
from sosrake_lib.errors import CatalogueError, GatherError
from sosrake_lib.gather import sotkanet
from sosrake_lib.gather.http import Limits

QUICK = Limits(deadline=5.0, first_pause=0.01)


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


def fetch(server, indicators=(181,), years=(2019,), fault="", **more):
    return sotkanet.fetch(indicators, years, base_url=server.sotkanet(fault), limits=QUICK, **more)


def at(frame, level, code):
    return frame[(frame["region_level"] == level) & (frame["region_code"] == code)].iloc[0]


def test_internal_ids_become_typed_codes(server):
    frame = fetch(server)
    kuopio = at(frame, "kunta", "297")
    assert (kuopio["value"], kuopio["numerator"], kuopio["per"], kuopio["status"]) == (9.8, 5518, 100, "ok")
    assert (kuopio["borders"], kuopio["origin"], kuopio["retrieved"][:2]) == (
        regions.CURRENT_YEAR,
        "published",
        "20",
    )
    assert at(frame, "maa", "SSS")["value"] == 9.3 and at(frame, "maakunta", "11")["value"] == 10.2
    # Old and new id of the county both answer, a hospital district too: one row a county, no district.
    assert (frame["region_code"] == "13").sum() == 1 and at(frame, "hva", "13")["value"] == 10.2


def test_denominator_is_derived_with_its_range(server):
    kuopio = at(fetch(server), "kunta", "297")
    low, high = kuopio["denominator_low"], kuopio["denominator_high"]
    assert low <= kuopio["denominator"] <= high and kuopio["denominator_status"] == "derived"
    # The catalogue says whether the count is a yearly mean (half a unit off); the range follows by hand.
    assert low == pytest.approx(5518 * 100 / 9.85, abs=6) and high == pytest.approx(5518 * 100 / 9.75, abs=6)


def test_absent_cells_of_the_area_are_missing_never_zero(server):
    frame = fetch(server)
    area = {code for hva in ("12", "13", "14", "20") for code in regions.members("hva", hva)}
    rows = frame[(frame["region_level"] == "kunta") & frame["region_code"].isin(area)]
    assert set(rows["region_code"]) == area and len(area) == 51
    absent = rows[~rows["region_code"].isin(("297", "491"))]
    assert set(absent["status"]) == {"missing"} and absent["value"].isna().all()
    assert absent["numerator"].isna().all() and set(absent["denominator_status"]) == {"absent"}
    assert at(frame, "kunta", "091")["value"] == 9.4


def test_count_indicator_has_no_numerator(server):
    frame = fetch(server, (127,))
    kajaani = at(frame, "kunta", "205")
    assert kajaani["value"] == 36493 and np.isnan(kajaani["numerator"]) and np.isnan(kajaani["denominator"])


def test_sex_or_year_without_figures_gives_no_rows(server):
    frame = fetch(server, years=(2023, 2024), sexes=("total", "male"))
    assert set(frame["period"]) == {"2023"} and set(frame["sex"]) == {"total"}


def test_other_title_at_the_source_is_refused_naming_both(server):
    with pytest.raises(GatherError, match=r"calls it 'Jotain aivan muuta', the catalogue expects 'Pitkä"):
        fetch(server, (3562,))
    assert not (samples.home() / "gathered").exists()


def test_joined_and_parted_words_of_a_title_are_the_same(server):
    assert fetch(server, (5,)).empty


def test_unknown_id_is_refused_before_anything_is_asked(server):
    before = len(server.calls)
    with pytest.raises(CatalogueError):
        fetch(server, (999999,))
    assert len(server.calls) == before


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("object", "expected a list of rows, got dict"),
        ("wrong-fields", "row 1: field indicator is None; expected int"),
        ("null", "field value is None; expected a finite number"),
        ("text-number", "field value is '9,9'; expected a finite number"),
        ("nan", "NaN is not a number"),
        ("duplicates", "repeats region, year and gender"),
        ("unknown-region", "has region 99999, which the source's own list does not hold"),
    ],
)
def test_rows_that_cannot_be_trusted_are_refused_and_not_kept(server, home, fault, said):
    with pytest.raises(GatherError, match=re.escape(said)):
        fetch(server, fault=fault)
    kept = [json.loads(file.read_text(encoding="utf-8"))["url"] for file in (home / "cache").rglob("*.json")]
    assert not [url for url in kept if "/json?" in url]


def test_empty_list_is_a_normal_answer(server):
    assert fetch(server, fault="empty-list").empty
    told = sotkanet.command([181], "2019", base_url=server.sotkanet("empty-list"), limits=QUICK)
    assert told.files == () and "ei ole lukuja" in told.messages[0]


def test_command_stores_what_the_next_run_reads(server, home):
    told = sotkanet.command([181, 127], "2018-2019", base_url=server.sotkanet(), limits=QUICK)
    assert [file.name for file in told.files] == ["sotkanet_181.parquet", "sotkanet_127.parquet"]
    about = json.loads((home / "gathered" / "sotkanet_181.json").read_text(encoding="utf-8"))
    assert about["licence"] == "CC BY 4.0" and about["title"] == "Työttömät, % työvoimasta"
    assert len(about["sha256"]) == len(about["raw_sha256"]) == 64
    frame = samples.indicator_frame()
    rows = frame[(frame["indicator"] == "tyottomyysaste") & (frame["region_code"] == "297")]
    assert rows.set_index("period")["value"].to_dict() == {"2018": 9.8, "2019": 9.8}


def test_later_years_join_what_is_stored(server, home):
    sotkanet.command([181], "2018", base_url=server.sotkanet(), limits=QUICK)
    sotkanet.command([181], "2019", base_url=server.sotkanet(), limits=QUICK)
    stored = pd.read_parquet(home / "gathered" / "sotkanet_181.parquet")
    assert set(stored["period"]) == {"2018", "2019"}


def test_progress_and_offline(server):
    said: list[str] = []
    fetch(server, progress=said.append)
    assert said and said[0].startswith("Sotkanet 181")
    before = len(server.calls)
    assert len(fetch(server, offline=True)) and len(server.calls) == before
    with pytest.raises(GatherError, match="offline"):
        fetch(server, (127,), offline=True)


def test_captured_answers_are_replayed_byte_for_byte(shared):
    raw = shared / "data" / "raw"
    with StandIn(raw) as server:
        frame = sotkanet.fetch([127], [2019, 2023], base_url=server.sotkanet(), limits=QUICK)
    captured = json.loads((raw / "omsorgsradar_sotkanet_127_fixture.json").read_text(encoding="utf-8"))
    helsinki = {str(row["year"]): row["value"] for row in captured if row["region"] == 46}
    got = frame[frame["region_code"] == "091"].set_index("period")["value"].to_dict()
    assert got == helsinki and len(captured) == (frame["status"] == "ok").sum()


def test_titles_of_the_captured_list_fit_the_catalogue(shared):
    with StandIn(shared / "data" / "raw") as server:
        listed = sotkanet.known_indicators(base_url=server.sotkanet()).set_index("sotkanet")
    # The list is of 2016; what it names under these ids is what the catalogue means.
    assert listed.loc[[181, 127, 5, 3562, 1275, 2320], "fits"].all()


def test_years_are_read_strictly():
    from sosrake_lib.gather.periods import years_of

    assert years_of("2015-2017, 2019") == (2015, 2016, 2017, 2019)
    for wrong in ("", "15-17", "2019-2015", "2019;2020"):
        with pytest.raises(GatherError, match="expected years such as"):
            years_of(wrong)
