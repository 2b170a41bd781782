"""Make the region tables of `sosrake_lib/region_data` from the yearly municipality keys.

Run: python tools/make_region_data.py ../shared

Reads the municipality keys of 2013-2026, the eastern municipalities and Sotkanet's region list; writes
small CSV files with ranges of validity. Stops when a fact does not hold (a merger without a successor).
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import pandas as pd

TARGET = Path(__file__).resolve().parents[1] / "sosrake_lib" / "region_data"

# Our level, its column stem in the keys, digits of its code.
LEVELS = (
    ("seutukunta", "seutukunta", 3),
    ("maakunta", "maakunta", 2),
    ("hva", "hyvinvointialue", 2),
    ("yta", "yhteistyoalue", 1),
    ("tyollisyysalue", "tyollisyysalue", 2),
    ("kuntaryhmitys", "kuntaryhmitys", 1),
)

# Reviewed by hand: the first year without the municipality, and where its people went.
SUCCESSORS = {
    "476": ("297", 2015),  # Maaninka -> Kuopio
    "413": ("609", 2015),  # Lavia -> Pori
    "838": ("423", 2015),  # Tarvasjoki -> Lieto
    "283": ("098", 2016),  # Hämeenkoski -> Hollola
    "164": ("301", 2016),  # Jalasjärvi -> Kurikka
    "319": ("783", 2016),  # Köyliö -> Säkylä
    "532": ("398", 2016),  # Nastola -> Lahti
    "174": ("297", 2017),  # Juankoski -> Kuopio
    "442": ("051", 2017),  # Luvia -> Eurajoki
    "911": ("541", 2020),  # Valtimo -> Nurmes
    "099": ("214", 2021),  # Honkajoki -> Kankaanpää
    "588": ("507", 2025),  # Pertunmaa -> Mäntyharju
}

FOUR_REGIONS = ("10", "11", "12", "18")
SETS = (
    ("hanke43", 2020, "Hankkeen 43 kuntaa", "Projektets 43 kommuner", "The project's 43 municipalities"),
    ("alue53", 2019, "Alueen 53 kuntaa", "Områdets 53 kommuner", "The area's 53 municipalities"),
    ("alue52", 2020, "Alueen 52 kuntaa", "Områdets 52 kommuner", "The area's 52 municipalities"),
    ("alue51", 2026, "Alueen 51 kuntaa", "Områdets 51 kommuner", "The area's 51 municipalities"),
)

# Invented on purpose: names of statistics, so that nobody takes them for places.
INVENTED = (
    ("maa", "E0", "keksitty vertailumaa", 5_000_000),
    ("hva", "E1", "Esimerkkilä", 102_820),
    ("kunta", "E01", "Otoslinna", 58_400),
    ("kunta", "E02", "Aineistola", 21_300),
    ("kunta", "E03", "Taulukkala", 9_450),
    ("kunta", "E04", "Mallisalmi", 6_120),
    ("kunta", "E05", "Osuuskoski", 3_480),
    ("kunta", "E06", "Luokkavaara", 2_190),
    ("kunta", "E07", "Kuvitejärvi", 1_240),
    ("kunta", "E08", "Pisteniemi", 640),
)


def main() -> None:
    """Read ../shared, check, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path, help="the folder with data/ and domain/")
    parser.add_argument("--to", type=Path, default=TARGET, help="folder to write to")
    arguments = parser.parse_args()
    shared, target = arguments.shared, arguments.to
    keys = read_keys(shared / "data" / "fi" / "geofi_municipality_key_2013_2026.csv.gz")
    keys = fill_hva_of_merged(keys)
    sotkanet = read_sotkanet(shared / "data" / "raw")
    municipalities = make_municipalities(keys, sotkanet)
    memberships = make_memberships(keys)
    regions = make_regions(keys, sotkanet)
    sets = make_sets(keys, read_east(shared / "domain" / "municipalities_east.csv", municipalities))
    check_invented(municipalities, regions)
    invented = pd.DataFrame(INVENTED, columns=["level", "code", "name_fi", "inhabitants"])
    tables = {
        "municipalities": municipalities,
        "memberships": memberships,
        "regions": regions,
        "sets": sets,
        "invented": invented,
    }
    for name, table in tables.items():
        path = target / f"{name}.csv"
        table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        print(f"{path.name}: {len(table)} rows, {path.stat().st_size / 1000:.0f} kB")


def read_keys(path: Path) -> pd.DataFrame:
    """Read the yearly keys: one row a municipality and year, codes as text with their zeros."""
    raw = pd.read_csv(path, dtype=str)
    keys = pd.DataFrame({"year": raw["key_year"].astype(int), "code": raw["kunta"].str.zfill(3)})
    for language in ("fi", "sv", "en"):
        keys[f"name_{language}"] = raw[f"municipality_name_{language}"].str.strip()
    for level, stem, digits in LEVELS:
        keys[level] = raw[f"{stem}_code"].str.removesuffix(".0").str.zfill(digits)
        for language in ("fi", "sv", "en"):
            keys[f"{level}_name_{language}"] = raw[f"{stem}_name_{language}"].str.strip()
    require(not keys.duplicated(["year", "code"]).any(), "a municipality stands twice in one year")
    return keys.sort_values(["code", "year"], ignore_index=True)


def fill_hva_of_merged(keys: pd.DataFrame) -> pd.DataFrame:
    """Give Valtimo and Honkajoki the county of their successor, so that sums of 2018-2020 are whole.

    The key carries the counties backwards to 2018 for the municipalities of 2021 only.
    """
    filled = keys.copy()
    county = [column for column in keys if column == "hva" or column.startswith("hva_")]
    gaps = filled.index[(filled["year"] >= 2018) & filled["hva"].isna()]
    require(set(filled.loc[gaps, "code"]) == {"911", "099"}, "other municipalities lack a wellbeing county")
    for row in gaps:
        heir = SUCCESSORS[filled.at[row, "code"]][0]
        same = (filled["code"] == heir) & (filled["year"] == filled.at[row, "year"])
        filled.loc[row, county] = filled.loc[same, county].iloc[0]
    return filled


def read_sotkanet(folder: Path) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Give Sotkanet's (id, older id) by (level, code)."""
    categories = {"KUNTA": "kunta", "SEUTUKUNTA": "seutukunta", "MAAKUNTA": "maakunta"}
    ids: dict[tuple[str, str], tuple[int, int | None]] = {}
    for entry in json.loads((folder / "sotkanet_2016_SotkaRegions.json").read_text(encoding="utf-8")):
        if entry["category"] in categories:
            ids[categories[entry["category"]], entry["code"]] = (entry["id"], None)
        elif entry["category"] == "MAA":
            ids["maa", "SSS"] = (entry["id"], None)
    recoded = pd.read_csv(folder / "sotkanet_welfare_region_id_recode.csv", dtype=str)
    for code, new, old in zip(recoded["uusi_code"], recoded["uusi_id"], recoded["vanha_id"], strict=True):
        ids["hva", code.zfill(2)] = (int(new), int(old) if isinstance(old, str) else None)
    return ids


def make_municipalities(keys: pd.DataFrame, sotkanet: dict) -> pd.DataFrame:
    """Give each municipality once: newest names, years of validity, successor, Sotkanet's id."""
    last = keys["year"].max()
    newest = keys.groupby("code").last()
    span = keys.groupby("code")["year"].agg(["min", "max", "size"])
    require((span["max"] - span["min"] + 1 == span["size"]).all(), "a municipality vanished and came back")
    gone = set(span.index[span["max"] < last])
    require(gone == set(SUCCESSORS), f"mergers differ from the reviewed table: {gone ^ set(SUCCESSORS)}")
    for code, (heir, year) in SUCCESSORS.items():
        require(span.at[code, "max"] == year - 1, f"{code} ceased in another year than {year}")
        require(span.at[heir, "min"] <= year <= span.at[heir, "max"], f"{heir} does not exist in {year}")
    table = newest[["name_fi", "name_sv", "name_en"]].copy()
    table["valid_from"] = span["min"]
    table["valid_to"] = span["max"].where(span["max"] < last).astype("Int64")
    table["successor"] = [SUCCESSORS.get(code, ("", 0))[0] for code in table.index]
    table["sotkanet_id"] = [sotkanet["kunta", code][0] for code in table.index]
    return table.reset_index()


def make_memberships(keys: pd.DataFrame) -> pd.DataFrame:
    """Give the memberships as ranges: code, level, parent, valid_from, valid_to (empty = still)."""
    long = keys.melt(["year", "code"], [level for level, _, _ in LEVELS], "level", "parent").dropna()
    long = long.sort_values(["level", "code", "year"], ignore_index=True)
    before = long.groupby(["level", "code"])[["year", "parent"]].shift()
    new = (before["parent"] != long["parent"]) | (before["year"] + 1 != long["year"])
    long["run"] = new.cumsum()
    ranges = long.groupby("run").agg(
        code=("code", "first"),
        level=("level", "first"),
        parent=("parent", "first"),
        valid_from=("year", "min"),
        valid_to=("year", "max"),
    )
    ranges["valid_to"] = ranges["valid_to"].where(ranges["valid_to"] < keys["year"].max()).astype("Int64")
    return ranges.sort_values(["level", "code", "valid_from"], ignore_index=True)


def make_regions(keys: pd.DataFrame, sotkanet: dict) -> pd.DataFrame:
    """Give every region above the municipality with its newest names and years."""
    last = int(keys["year"].max())
    rows: list[tuple] = []
    for level, _, _ in LEVELS:
        for code, part in keys.dropna(subset=[level]).groupby(level):
            newest = part.sort_values("year").iloc[-1]
            names = tuple(newest[f"{level}_name_{language}"] for language in ("fi", "sv", "en"))
            end = int(part["year"].max())
            rows.append((level, code, *names, int(part["year"].min()), end if end < last else None))
    for code, _, *labels in SETS:
        rows.append(("joukko", code, *labels, 2013, None))
    rows.append(("maa", "SSS", "Suomi", "Finland", "Finland", 2013, None))
    columns = ["level", "code", "name_fi", "name_sv", "name_en", "valid_from", "valid_to"]
    table = pd.DataFrame(rows, columns=columns)
    ids = [sotkanet.get(key, (None, None)) for key in zip(table["level"], table["code"], strict=True)]
    table["sotkanet_id"] = pd.array([new for new, _ in ids], dtype="Int64")
    table["sotkanet_old_id"] = pd.array([old for _, old in ids], dtype="Int64")
    table["valid_to"] = table["valid_to"].astype("Int64")
    known = table["level"].isin(["hva", "maakunta", "maa"])
    require(table.loc[known, "sotkanet_id"].notna().all(), "a county lacks Sotkanet's id")
    return table


def read_east(path: Path, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Read the eastern municipalities and hold their names and Sotkanet ids against the register."""
    east = pd.read_csv(path, dtype=str)
    both = east.merge(municipalities, left_on="kuntanumero", right_on="code", validate="one_to_one")
    require(len(both) == 53, "an eastern municipality is not in the keys")
    require((both["nimi_fi"] == both["name_fi"]).all(), "a Finnish name differs")
    stated = both.dropna(subset=["sotkanet_region_id"])
    ids = stated["sotkanet_region_id"].astype(float).astype(int)
    require(len(stated) == 51 and (ids == stated["sotkanet_id"]).all(), "a Sotkanet id differs")
    return east


def make_sets(keys: pd.DataFrame, east: pd.DataFrame) -> pd.DataFrame:
    """Give the members of each named set in its own division."""
    seed = set(east.loc[east["in_seed"] == "True", "kuntanumero"])
    parts = []
    for name, year, *_ in SETS:
        division = keys[keys["year"] == year]
        wanted = division["code"].isin(seed) if name == "hanke43" else division["maakunta"].isin(FOUR_REGIONS)
        found = sorted(division.loc[wanted, "code"])
        require(len(found) == int(name[-2:]), f"{name} has {len(found)} municipalities in {year}")
        parts.append(pd.DataFrame({"set": name, "year": year, "code": found}))
    return pd.concat(parts, ignore_index=True)


def check_invented(municipalities: pd.DataFrame, regions: pd.DataFrame) -> None:
    """Hold the invented names against every real name, and the county's size against its parts."""
    real = {*municipalities["name_fi"], *municipalities["name_sv"], *regions["name_fi"], *regions["name_sv"]}
    names = [name for _, _, name, _ in INVENTED]
    require(
        not real & set(names) and len(set(names)) == len(names), "an invented name is real or stands twice"
    )
    parts = sum(size for level, _, _, size in INVENTED if level == "kunta")
    require(parts == INVENTED[1][3], f"the parts of Esimerkkilä have {parts} inhabitants")


def require(holds: bool, otherwise: str) -> None:
    """Stop the tool when a fact does not hold."""
    if not holds:
        raise SystemExit(f"make_region_data: {otherwise}")


if __name__ == "__main__":
    main()
