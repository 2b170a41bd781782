"""Each hierarchy by itself: municipality, sub-region, county and all; a year and its halves; older pages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import released, row, rules

from sosrake_lib import protect, regions
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.audit import Target, audit, exact
from sosrake_lib.protect.periods import coverings

YEAR = 2020
ALL = ("joukko", "hanke43")
CODES = regions.members(*ALL, YEAR)
HIERARCHY = ("seutukunta", "maakunta")


def areas(level):
    """Give the areas of a level and which of the municipalities lie in each."""
    found = {}
    for code in CODES:
        found.setdefault((level, str(regions.parent(code, level, YEAR))), []).append(code)
    return found


def places(counts, levels, **other):
    """Make a count of each municipality, of each area of the levels, and of all together."""
    value = dict(zip(CODES, counts, strict=True))
    rows = [place("kunta", code, count) for code, count in value.items()]
    inside = {ALL: list(CODES)}
    for level in levels:
        inside |= areas(level)
    rows += [place(*area, sum(value[code] for code in codes)) for area, codes in inside.items()]
    return pd.DataFrame([one | other for one in rows]), inside


def place(level, code, count):
    return row(code, "all", count) | {"region_level": level, "region_code": code, "borders": YEAR}


def judged(shown, inside, k=5):
    """Attack every hidden place with everything shown."""
    number = {code: at for at, code in enumerate(CODES)}
    statements, targets = [], []
    for entry in shown.itertuples():
        area = (entry.region_level, entry.region_code)
        codes = [number[code] for code in inside.get(area, [entry.region_code])]
        if entry.status == "ok":
            statements.append(exact(codes, entry.numerator))
        else:
            targets.append(Target(" ".join(area), tuple(codes), k))
    return audit(len(CODES), statements, targets)


@pytest.mark.parametrize("levels", [("seutukunta",), ("maakunta",), HIERARCHY], ids=" ".join)
def test_areas_inside_areas_leave_nothing_open(levels):
    random = np.random.default_rng(len(levels))
    counts = random.poisson(random.gamma(0.7, 12.0, len(CODES))).astype(float)
    frame, inside = places(counts, levels)
    found = judged(released(frame, totals=("region",)), inside)
    assert len(found)
    assert set(found["status"]) == {"protected"}


def test_a_sub_region_is_no_way_round_its_region():
    """One small municipality: its sub-region alone would give it back, and so would its region."""
    counts = np.full(len(CODES), 40.0)
    counts[0] = 3
    frame, inside = places(counts, HIERARCHY)
    found = judged(released(frame, totals=("region",)), inside)
    assert set(found["status"]) == {"protected"}


def halves(first, second, year, places_=("E01", "E02", "E03")):
    """Give counts of two halves and of the year by municipality, with the county."""
    rows = []
    for period, counts in (("2024-H1", first), ("2024-H2", second), ("2024", year)):
        rows += [row(code, count=count, period=period) for code, count in zip(places_, counts, strict=True)]
    return pd.DataFrame(rows)


def test_a_half_year_is_not_the_year_less_the_other_half():
    frame = halves((3, 20, 30), (17, 25, 35), (20, 45, 65))
    shown = released(frame, totals=()).set_index(["region_code", "period"])["status"]
    assert shown["E01", "2024-H1"] == "suppressed"
    assert (shown["E01"] == "suppressed").sum() >= 2


def test_people_counted_once_a_year_do_not_make_a_sum():
    """The year has fewer than its halves together: nothing follows, and nothing more is hidden."""
    frame = halves((3, 20, 30), (17, 25, 35), (17, 33, 44))
    shown = released(frame, totals=()).set_index(["region_code", "period"])["status"]
    assert (shown == "suppressed").sum() == 1


def test_a_year_hardly_larger_than_its_half_tells_the_other():
    """21 clients in a half-year, 23 in the year, where counts are of people: the year has two new ones."""
    frame = halves((21, 20, 30), (9, 25, 35), (23, 33, 44))
    shown = released(frame, totals=()).set_index(["region_code", "period"])["status"]
    assert (shown["E01"] == "suppressed").any()


def test_last_releases_months_are_reckoned_with(tmp_path):
    """The halves left the house first; the year must not give back the half that was hidden."""
    frame = halves((3, 20, 30), (17, 25, 35), (20, 45, 65))
    where = {"preview": False, "home": tmp_path / "home", "folder": tmp_path / "releases"}
    first = protect.part(frame[frame["period"] != "2024"], rules(), ())
    protect.release({"osa": first}, name="puolivuodet", **where)
    year = frame[frame["period"] == "2024"]
    made = protect.release({"osa": protect.part(year, rules(), ("period",))}, name="vuosi", **where)
    shown = protect.protected_frame(made.select("osa")).set_index("region_code")["status"]
    assert shown.to_dict() == {"E01": "suppressed", "E02": "ok", "E03": "ok"}


def test_a_declared_year_that_is_not_its_halves_is_refused():
    frame = halves((3, 20, 30), (17, 25, 35), (19, 45, 65))
    with pytest.raises(DisclosureError, match="is not the sum of its parts"):
        released(frame, totals=("period",))


def test_months_halves_and_years_make_longer_periods():
    months = [f"2024-{month:02d}" for month in range(1, 13)]
    assert coverings("2024", months) == [tuple(months)]
    assert coverings("2024", [*months[6:], "2024-H1"]) == [("2024-H1", *months[6:])]
    assert coverings("2022/2024", ["2022", "2023", "2024"]) == [("2022", "2023", "2024")]
    assert coverings("2022/2024", ["2022", "2024"]) == []
