"""Pick the project's samples of real figures from the data laid beside the project, and say so.

Run: `python tools/make_samples.py [--from ../shared/data]`. Writes data/samples/*.csv and their dictionaries.
Only figures that are open (CC BY 4.0 or MIT) are carried over; no file is copied. The project's own figures
(sums over municipalities) are marked `own` with `made_from` = published. Borders: a file's municipality codes
are compared with the municipality keys of every year, and the file is refused unless they fit the year given.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from sample_diak import diak, diak_gini
from sample_files import write_sample, write_table
from sample_regions import COUNTIES, COUNTRY, OLDER_BORDERS, REGIONS, key_of_year, municipality_keys

from sosrake_lib import catalogue, frame, samples

PROJECT = Path(__file__).resolve().parents[1]
SOTKANET_BORDERS = 2026


def main() -> None:
    """Make every sample of real figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", type=Path, default=PROJECT.parent / "shared" / "data")
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    fi = options.source / "fi"
    keys = municipality_keys(fi / "geofi_municipality_key_2013_2026.csv.gz")
    population = read_population(fi / "sotkanet_population_geofi.csv", keys)
    for name, rows, used in (
        (
            "sotkanet_2019",
            sotkanet(fi / "sotkanet_2019_municipalities.csv", keys, population),
            ("sotkanet_2019_municipalities.csv", "sotkanet_population_geofi.csv"),
        ),
        ("population_2000_2022", population_sample(population, keys), ("sotkanet_population_geofi.csv",)),
        (
            "diak_2011_2020",
            diak(fi / "diak_hos_timeseries_2011_2020.csv.gz", keys),
            ("diak_hos_timeseries_2011_2020.csv.gz", "diak_hos_variable_descriptions.csv"),
        ),
        (
            "kela_monthly",
            kela(fi),
            (
                "kela_saajat_toimeentulotuki_kuva.csv",
                "kela_saajat_toimeentulotuki_maakunta_kuva.csv",
                "kela_saajat_tyottomyysturva_maakunta_kuva.csv",
                "kela_saajat_asumistuki_kuva.csv",
            ),
        ),
    ):
        hashes = {file: hashlib.sha256((fi / file).read_bytes()).hexdigest() for file in used}
        write_sample(options.to, name, frame.check(rows, file=name), hashes)
    published = "diak_hos_inequality_gini.csv"
    hashes = {published: hashlib.sha256((fi / published).read_bytes()).hexdigest()}
    write_table(options.to, "diak_gini", diak_gini(fi / published), hashes)


def read_population(path: Path, keys: pd.DataFrame) -> pd.DataFrame:
    """Read Sotkanet's population 2000-2022 (indicator 127): kunta, year, people, on the map of 2023."""
    read = pd.read_csv(path)
    rows = pd.DataFrame(
        {
            "kunta": read["municipality_code"].astype(int).astype(str).str.zfill(3),
            "year": read["year"].astype(int),
            "people": read["primary.value"].astype(float),
        }
    )
    of_year = key_of_year(keys, OLDER_BORDERS, set(rows["kunta"]))
    if set(rows["kunta"]) != set(of_year.index):
        raise SystemExit("the population file lacks municipalities of its map")
    return rows


def sotkanet(path: Path, keys: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Make the rows of Sotkanet 2019: the area's municipalities as published, and our own sums."""
    read = pd.read_csv(path, dtype={"region.code": str})
    read["kunta"] = read["region.code"].str.zfill(3)
    of_year = key_of_year(keys, SOTKANET_BORDERS, set(read["kunta"]))
    if set(read["kunta"]) != set(of_year.index):
        raise SystemExit("the Sotkanet extract lacks municipalities of its map")
    for number, title in read[["indicator", "indicator.title.fi"]].drop_duplicates().itertuples(index=False):
        if not catalogue.by_sotkanet(int(number)).accepts(title):
            raise SystemExit(f"Sotkanet {number} is called {title!r}, which the catalogue does not know")
    rows = full_grid(read, of_year)
    rows = with_denominators(rows, population)
    own = [
        sums(rows, "hva", of_year["hva"], COUNTIES),
        sums(rows, "kuntaryhmitys", of_year["kuntaryhmitys"], tuple(sorted(set(of_year["kuntaryhmitys"])))),
        sums(rows, "joukko", of_year["hva"].isin(COUNTIES).map({True: "alue51", False: ""}), ("alue51",)),
        sums(rows, "maa", pd.Series("SSS", index=of_year.index), ("SSS",)),
    ]
    ours = rows[rows["region_code"].map(of_year["hva"]).isin(COUNTIES)]
    whole = pd.concat(
        [ours.assign(origin="published", made_from="", areas_used=np.nan, areas_expected=np.nan), *own]
    )
    about = {one.key: one for one in catalogue.indicators()}
    return whole.assign(
        borders=SOTKANET_BORDERS,
        period="2019",
        producer=whole["indicator"].map(lambda key: about[key].producer),
        licence="CC BY 4.0",
        source=whole["indicator"].map(lambda key: about[key].source),
        retrieved="2025",
    )


def full_grid(read: pd.DataFrame, of_year: pd.DataFrame) -> pd.DataFrame:
    """Give every indicator a row in every municipality; what the source leaves out is missing."""
    read = read.assign(key=read["indicator"].map(lambda number: catalogue.by_sotkanet(int(number)).key))
    grid = pd.MultiIndex.from_product([sorted(set(read["key"])), of_year.index], names=["key", "kunta"])
    found = read.set_index(["key", "kunta"]).reindex(grid).reset_index()
    return pd.DataFrame(
        {
            "indicator": found["key"],
            "region_level": "kunta",
            "region_code": found["kunta"],
            "value": found["primary.value"],
            "per": found["key"].map(lambda key: catalogue.indicator(key).per),
            "numerator": found["absolute.value"],
            "status": np.where(found["primary.value"].isna(), "missing", "ok"),
        }
    )


def with_denominators(rows: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Derive denominators; the share of Swedish speakers has a published one, the population of the day."""
    derived = samples.derived_denominators(rows)
    people = population[population["year"] == 2019].set_index("kunta")["people"]
    # On the extract's map Pertunmaa (588) is a part of Mäntyharju (507), on the population file's it is not.
    people = people.rename({"588": "507"}).groupby(level=0).sum()
    swedish = (derived["indicator"] == "ruotsinkieliset") & derived["numerator"].notna()
    known = derived.loc[swedish, "region_code"].map(people)
    fits = known.between(derived.loc[swedish, "denominator_low"], derived.loc[swedish, "denominator_high"])
    if not fits[derived.loc[swedish, "denominator_status"] == "derived"].all():
        raise SystemExit("a published population lies outside the range derived from count and rate")
    for column in ("denominator", "denominator_low", "denominator_high"):
        derived.loc[swedish, column] = known
    derived.loc[swedish, "denominator_status"] = "published"
    return derived


def sums(rows: pd.DataFrame, level: str, belongs: pd.Series, codes: tuple[str, ...]) -> pd.DataFrame:
    """Sum municipalities to a level: our own figures, or a row without a figure where no sum is possible.

    `belongs` maps a municipality to the code of the level. Only municipalities with both count and
    denominator are used; how many, and of how many, stands on the row.
    """
    made = []
    for code in codes:
        members = set(belongs.index[belongs == code])
        for key, part in rows[rows["region_code"].isin(members)].groupby("indicator", sort=True):
            made.append(_sum(catalogue.indicator(str(key)), level, code, part))
    return pd.DataFrame(made)


def _sum(about: catalogue.Indicator, level: str, code: str, part: pd.DataFrame) -> dict:
    base = {"indicator": about.key, "region_level": level, "region_code": code, "per": about.per}
    if part["numerator"].notna().sum() == 0:
        published = level in about.levels
        status = "missing" if published else "not_published_at_level"
        return {
            **base,
            "status": status,
            "origin": "published",
            "made_from": "",
            "denominator_status": "absent",
        }
    used = part[part["numerator"].notna() & part["denominator"].notna()]
    count, low, high = (used[column].sum() for column in ("numerator", "denominator_low", "denominator_high"))
    whole = used["denominator"].sum()
    return {
        **base,
        "value": about.per * count / whole,
        "value_low": about.per * count / high,
        "value_high": about.per * count / low,
        "numerator": count,
        "denominator": whole,
        "denominator_low": low,
        "denominator_high": high,
        "denominator_status": "published" if (used["denominator_status"] == "published").all() else "derived",
        "status": "ok",
        "origin": "own",
        "made_from": "published",
        "areas_used": len(used),
        "areas_expected": len(part),
    }


def population_sample(population: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Make the rows of population: the area's municipalities as published, and sums of ours."""
    of_year = key_of_year(keys, OLDER_BORDERS, set(population["kunta"]))
    rows = population.assign(hva=population["kunta"].map(of_year["hva"]))
    area = rows[rows["hva"].isin(COUNTIES)]
    parts = [_population_rows(area, "kunta", area["kunta"], own=False)]
    parts.append(_population_rows(area, "hva", area["hva"]))
    parts.append(_population_rows(area, "joukko", pd.Series("alue52", index=area.index)))
    parts.append(_population_rows(rows, *COUNTRY))
    about = catalogue.indicator("vaesto")
    return pd.concat(parts).assign(
        indicator="vaesto",
        borders=OLDER_BORDERS,
        per=1.0,
        status="ok",
        producer=about.producer,
        licence="CC BY 4.0",
        source=about.source,
        retrieved="2023",
    )


def _population_rows(rows: pd.DataFrame, level: str, code: pd.Series | str, own: bool = True) -> pd.DataFrame:
    summed = rows.assign(region_code=code).groupby(["region_code", "year"], as_index=False)
    made = summed.agg(value=("people", "sum"), areas=("kunta", "nunique"))
    made["period"] = made["year"].astype(str)
    made = made.assign(
        region_level=level, origin="own" if own else "published", made_from="published" if own else ""
    )
    made["areas_used"] = made["areas_expected"] = made["areas"] if own else np.nan
    return made.drop(columns=["year", "areas"])


def kela(fi: Path) -> pd.DataFrame:
    """Make the monthly rows of Kela: the four regions and the country."""
    people, households = "kela_perustoimeentulotuki_saajat", "kela_perustoimeentulotuki_kotitaloudet"
    kinds = {"Saajat": people, "Saajakotitaloudet": households}
    assistance = [_kela_file(fi, f"toimeentulotuki{part}") for part in ("", "_maakunta")]
    parts = [rows.assign(indicator=rows["type"].map(kinds)) for rows in assistance]
    benefit = _kela_file(fi, "tyottomyysturva_maakunta")
    parts.append(
        benefit[benefit["etuus"] == "Työttömyysturva"].assign(indicator="kela_tyottomyysturva_saajat")
    )
    parts.append(_kela_file(fi, "asumistuki").assign(indicator="kela_asumistuki_kotitaloudet"))
    rows = pd.concat(parts)
    rows = rows[rows["region_code"].notna()]
    made = rows[["indicator", "region_level", "region_code", "period", "group", "value"]]
    return made.assign(
        borders=OLDER_BORDERS,
        per=1.0,
        status="ok",
        origin="published",
        producer="Kela",
        licence="CC BY 4.0",
        source="Kelan tutkimus, koronamittarit",
        retrieved="2023",
    )


def _kela_file(fi: Path, name: str) -> pd.DataFrame:
    read = pd.read_csv(fi / f"kela_saajat_{name}_kuva.csv", sep=";", encoding="utf-8-sig")
    group = np.where(read["variable"].str.startswith("uudet"), "uusi", "jatkuva")
    regional = "alue" in read
    return read.assign(
        region_level="maakunta" if regional else COUNTRY[0],
        region_code=read["alue"].map(REGIONS) if regional else COUNTRY[1],
        period=read["paiva"].str[:7],
        group=group,
        value=read["val"].astype(float),
    )


if __name__ == "__main__":
    main()
