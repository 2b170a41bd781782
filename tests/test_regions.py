"""The region register against the yearly municipality keys and the facts of the area."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sosrake_lib import regions
from sosrake_lib.errors import RegionError
from sosrake_lib.region_data import table

YEARS = range(regions.FIRST_YEAR, regions.CURRENT_YEAR + 1)
# Statistics Finland: number of municipalities on 1 January.
COUNTS = dict(zip(YEARS, [320, 320, 317, 313, 311, 311, 311, 310, 309, 309, 309, 309, 308, 308], strict=True))
KEY_STEMS = {
    "seutukunta": "seutukunta",
    "maakunta": "maakunta",
    "hva": "hyvinvointialue",
    "yta": "yhteistyoalue",
    "tyollisyysalue": "tyollisyysalue",
    "kuntaryhmitys": "kuntaryhmitys",
}


@pytest.mark.parametrize(("year", "count"), COUNTS.items())
def test_number_of_municipalities(year, count):
    assert len(regions.codes("kunta", year)) == len(regions.municipalities(year)) == count
    assert len(regions.members("maa", "SSS", year)) == count


def test_every_membership_is_as_the_yearly_keys_say(shared):
    keys = pd.read_csv(shared / "data/fi/geofi_municipality_key_2013_2026.csv.gz", dtype=str)
    keys["code"] = keys["kunta"].str.zfill(3)
    filled = {("911", 2018), ("911", 2019), ("099", 2018), ("099", 2019), ("099", 2020)}
    for year, of_year in keys.groupby(keys["key_year"].astype(int)):
        listed = regions.municipalities(year).set_index("region_code")
        of_year = of_year.set_index("code").sort_index()
        assert listed.index.tolist() == of_year.index.tolist()
        for level, stem in KEY_STEMS.items():
            stated = of_year[f"{stem}_code"].str.removesuffix(".0")
            ours = listed[level].str.lstrip("0")
            differs = (ours != stated) & ~(ours.isna() & stated.isna())
            expected = {code for code, filled_year in filled if filled_year == year and level == "hva"}
            assert set(listed.index[differs]) == expected


def test_names_are_those_of_the_newest_key(shared):
    keys = pd.read_csv(shared / "data/fi/geofi_municipality_key_2026.csv", dtype=str)
    listed = regions.municipalities().set_index("region_code")
    code_column = next(column for column in ("kunta", "municipality_code") if column in keys)
    for row in keys.to_dict("records"):
        ours = listed.loc[row[code_column].removesuffix(".0").zfill(3)]
        assert ours["name_fi"] == row["municipality_name_fi"].strip()
        assert ours["name_sv"] == row["municipality_name_sv"].strip()


def test_the_eastern_municipalities_are_as_stated(shared):
    east = pd.read_csv(shared / "domain/municipalities_east.csv", dtype=str)
    assert len(east) == 53
    for row in east.to_dict("records"):
        code = row["kuntanumero"]
        last = 2026 if pd.isna(row["voimassa_asti"]) else int(row["voimassa_asti"][:4])
        assert regions.name("kunta", code, year=last) == row["nimi_fi"]
        assert regions.name("kunta", code, "sv", year=last) == row["nimi_sv"]
        if code != "911":
            assert regions.parent(code, "maakunta", 2020) == row["maakunta_2020"][:2]
            assert regions.parent(code, "seutukunta", 2020) == row["seutukunta_2020"][:3]
            assert regions.parent(code, "hva", 2023) == row["hva_2023"][:2]
        if last == 2026:
            assert regions.parent(code, "maakunta") == row["maakunta_2026"][:2]
            assert regions.parent(code, "tyollisyysalue") == row["tyollisyysalue_2025"][:2]
            assert regions.sotkanet_id("kunta", code) == int(float(row["sotkanet_region_id"]))
        else:
            assert regions.successor(code) == row["liitetty"].removesuffix(".0")


def test_hva_12_is_not_maakunta_12():
    assert regions.name("hva", "12") == "Etelä-Savon hyvinvointialue"
    assert regions.name("maakunta", "12") == "Pohjois-Karjala"
    assert not set(regions.members("hva", "12")) & set(regions.members("maakunta", "12"))


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [("090", ("10", "103"), ("12", "122")), ("171", ("10", "105"), ("11", "114"))],
)
def test_heinavesi_and_joroinen_moved_in_2021(code, before, after):
    levels = ("maakunta", "seutukunta")
    assert tuple(regions.parent(code, level, 2020) for level in levels) == before
    assert tuple(regions.parent(code, level, 2021) for level in levels) == after


def test_vaala_left_kainuu_in_2016():
    assert regions.parent("785", "maakunta", 2015) == "18"
    assert regions.parent("785", "maakunta", 2016) == "17"


def test_counties_of_the_four_regions_in_2026():
    counts = {code: len(regions.members("hva", code)) for code in ("12", "13", "14", "20")}
    assert counts == {"12": 11, "13": 19, "14": 13, "20": 8}
    by_region = {code: len(regions.members("maakunta", code)) for code in ("10", "11", "12", "18")}
    assert list(by_region.values()) == list(counts.values())


def test_named_sets_in_their_own_division_and_carried_on():
    assert len(regions.members("joukko", "hanke43", 2020)) == 43
    assert len(regions.members("joukko", "alue53", 2019)) == 53
    assert len(regions.members("joukko", "alue52", 2020)) == 52
    area = regions.members("joukko", "alue51", 2026)
    assert len(area) == 51
    for name in ("alue53", "alue52"):
        assert regions.members("joukko", name, 2026) == area
    assert len(regions.members("joukko", "hanke43", 2026)) == 42
    assert regions.members("joukko", "alue51", 2019) == regions.members("joukko", "alue53", 2019)


def test_the_project_has_half_of_pohjois_savo():
    project = set(regions.members("joukko", "hanke43", 2020))
    shares = {
        code: (len(project & set(members)), len(members))
        for code in ("10", "11", "12", "18")
        for members in [regions.members("maakunta", code, 2020)]
    }
    assert shares == {"10": (14, 14), "11": (9, 18), "12": (12, 12), "18": (8, 8)}


def test_employment_areas_do_not_nest_in_counties():
    listed = regions.municipalities(2026)
    assert (listed.groupby("tyollisyysalue")["hva"].nunique() > 1).any()
    assert (listed.groupby("seutukunta")["maakunta"].nunique() == 1).all()


@pytest.mark.parametrize("level", [*KEY_STEMS, "maa"])
def test_members_and_parent_agree(level):
    for code in regions.codes(level, 2026):
        assert {regions.parent(member, level) for member in regions.members(level, code)} == {code}
    parts = [member for code in regions.codes(level, 2026) for member in regions.members(level, code)]
    assert sorted(parts) == list(regions.codes("kunta", 2026))


def test_levels_begin_in_their_year():
    assert regions.parent("297", "hva", 2017) is None
    assert regions.codes("yta", 2022) == ()
    assert len(regions.codes("hva", 2023)) == 23
    assert regions.codes("tyollisyysalue", 2024) == ()
    with pytest.raises(RegionError, match=r"hva 12\) did not exist in 2015: it is known from 2018"):
        regions.members("hva", "12", 2015)


@pytest.mark.parametrize(
    ("level", "code", "year", "message"),
    [
        ("kunta", "588", 2026, r"Pertunmaa .*588.* ceased on 31\.12\.2024 .* Mäntyharju \(507\)"),
        ("kunta", "911", 2021, r"Valtimo .*31\.12\.2019 and does not exist in 2021.* Nurmes \(541\)"),
        ("kunta", "46", 2026, "three digits: write '046'"),
        ("kunta", 46, 2026, "is no text; .* write '046'"),
        ("kunta", 46.0, 2026, "write '046'"),
        ("hva", 2, 2026, "write '02'"),
        ("hva", "E01", 2026, "is no hva code"),
        ("kunta", "000", 2026, "no kunta '000' in any year 2013-2026"),
        ("hva", "44", 2026, "regions.codes"),
        ("lääni", "1", 2026, "level 'lääni' is unknown; use one of kunta"),
        ("kunta", "297", 2012, "divisions of 2013-2026"),
        ("kunta", "297", "2020", "as a whole number"),
    ],
)
def test_wrong_or_ceased_codes_are_explained(level, code, year, message):
    with pytest.raises(RegionError, match=message):
        regions.region(level, code, year)


def test_region_carries_its_years():
    pertunmaa = regions.region("kunta", "588", np.int64(2024))
    assert (pertunmaa.borders, pertunmaa.valid_from, pertunmaa.valid_to) == (2024, 2013, 2024)
    assert regions.region("kunta", "507").valid_to is None
    with pytest.raises(AttributeError):
        pertunmaa.code = "507"


def test_successor_follows_to_the_year_asked():
    assert regions.successor("588", 2024) == "588"
    assert regions.successor("588") == "507"
    assert regions.successor("476", 2014) == "476"
    with pytest.raises(RegionError, match="three digits"):
        regions.successor("47")


def test_sotkanet_ids_of_both_generations():
    assert regions.sotkanet_id("hva", "12") == 959
    assert regions.from_sotkanet(879) == regions.from_sotkanet(959) == regions.region("hva", "12")
    assert regions.sotkanet_id("maakunta", "11") == 497
    assert regions.from_sotkanet(658) == regions.region("maa", "SSS")
    assert regions.from_sotkanet(297) != regions.region("kunta", "297")
    assert regions.from_sotkanet(regions.sotkanet_id("kunta", "588")).borders == 2024
    assert regions.sotkanet_ids()["sotkanet_id"].is_unique
    with pytest.raises(RegionError, match="no known Sotkanet id"):
        regions.sotkanet_id("joukko", "alue51")
    with pytest.raises(RegionError, match="999999"):
        regions.from_sotkanet(999999)


def test_every_sotkanet_id_leads_back():
    for row in table("municipalities").to_dict("records"):
        assert regions.from_sotkanet(row["sotkanet_id"]).code == row["code"]


def test_invented_areas_stay_apart():
    own = regions.municipalities(within=("hva", "E1"))
    assert own["region_code"].tolist() == [f"E0{number}" for number in range(1, 9)]
    assert regions.parent("E03", "hva") == "E1"
    assert regions.parent("E03", "maa") is None
    assert regions.is_invented("E1") and regions.is_invented("E08") and not regions.is_invented("297")
    for year in (2013, 2026):
        assert not any(regions.is_invented(code) for code in regions.codes("kunta", year))
        assert not any(regions.is_invented(code) for code in regions.members("maa", "SSS", year))
    assert "E1" not in regions.codes("hva") and "E1" in regions.codes("hva", invented=True)
    real = set(table("municipalities")["name_fi"]) | set(table("municipalities")["name_sv"])
    assert not real & set(own["name_fi"])


def test_within_and_slug():
    assert regions.municipalities(2021, ("joukko", "alue52"))["region_code"].nunique() == 52
    assert regions.slug("hva", "12") == "hva-12"
    assert regions.slug("kunta", "588") == "kunta-588"
    with pytest.raises(RegionError):
        regions.slug("kunta", "../x")
    with pytest.raises(RegionError, match="several named sets"):
        regions.parent("297", "joukko")


def test_tables_given_out_may_be_changed_without_harm():
    listed, ids = regions.municipalities(), regions.sotkanet_ids()
    listed["name_fi"], ids["region_code"] = "x", "x"
    assert regions.name("kunta", "297") == "Kuopio"
    assert regions.municipalities().loc[0, "name_fi"] == "Alajärvi"
    assert regions.from_sotkanet(161).code == "297"


def test_the_tool_makes_the_tables_that_are_shipped(shared, project, tmp_path):
    tool = project / "tools" / "make_region_data.py"
    subprocess.run([sys.executable, str(tool), str(shared), "--to", str(tmp_path)], check=True, timeout=60)
    made = sorted(tmp_path.glob("*.csv"))
    assert len(made) == 5
    for path in made:
        assert path.read_bytes() == (project / "sosrake_lib/region_data" / path.name).read_bytes()
