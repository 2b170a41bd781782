"""The release of service-needs assessments: known truths are found, small cells cannot be reckoned back."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from sosrake_lib import catalogue, protect, samples
from sosrake_lib.batch import recipes_needs
from sosrake_lib.gather import records
from sosrake_lib.influence import words

make_synthetic = pytest.importorskip("make_synthetic", reason="tools/ is not beside the tests")


@pytest.fixture(scope="module")
def parts():
    return recipes_needs.service_needs(None)


@pytest.fixture(scope="module")
def opened(parts):
    return protect.release(parts, name="palvelutarpeet", preview=True)


@pytest.fixture(scope="module")
def released(opened):
    return {name: protect.protected_frame(opened.select(part=name)) for name in opened.parts}


def one(rows, **key):
    for column, value in key.items():
        rows = rows.loc[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_no_number_of_clients_below_the_minimum_leaves(released):
    clients = released["asiakkaat"]
    assert not clients["value"].between(1, 4).any()
    shares = released["osuudet"]
    assert not shares["numerator"].between(1, 4).any()
    assert not (shares["denominator"] - shares["numerator"]).between(0, 4).any()
    assert (released["kasittelyaika"]["denominator"] >= 5).all()


def test_something_is_hidden_and_no_cell_alone_in_its_sum(released):
    clients = released["asiakkaat"]
    hidden = clients.assign(hidden=clients["status"] == "suppressed")
    assert hidden["hidden"].sum() > 50
    sexes = hidden.groupby(["region_code", "group"])["hidden"].sum()
    municipalities = hidden.loc[hidden["region_level"] == "kunta"].groupby(["sex", "group"])["hidden"].sum()
    county = hidden.loc[hidden["region_level"] == "hva"]
    assert not county["hidden"].any()
    assert 1 not in set(sexes)
    assert 1 not in set(municipalities)


def test_counts_and_shares_hide_the_same_people(released):
    """A count shown in one part and hidden in the other would be no secret."""
    clients = released["asiakkaat"].set_index(["region_code", "sex", "group"])
    for _, share in released["osuudet"].iterrows():
        key = (share["region_code"], share["sex"], share["group"])
        assert clients.at[key, "status"] == share["status"]
        if share["status"] == "ok":
            assert clients.at[key, "value"] == share["numerator"]
            # What it is divided by is shown too, so it is no way to a hidden number of clients.
            assert clients.at[(*key[:2], "all"), "value"] == share["denominator"]


def test_known_truths_are_found(released):
    shares = released["osuudet"]
    housing = one(shares, region_code="E02", group="asuminen", sex="total")
    assert housing["verdict"] == "higher"
    women = one(shares, region_code="E1", group="vakivalta", sex="female")
    men = one(shares, region_code="E1", group="vakivalta", sex="male")
    assert women["lower"] > men["upper"]
    days = released["kasittelyaika"].set_index("region_code")
    # Drawn around 36 days; the interval of 211 assessments is about 3 days to each side.
    assert days.at["E03", "value"] == pytest.approx(36, abs=4)
    assert days.at["E03", "lower"] > days.drop("E03")["value"].max()


def test_shares_are_not_made_of_few_clients(parts):
    rows = parts["osuudet"].frame
    assert rows["denominator"].min() >= 50
    assert {"E06", "E07", "E08"}.isdisjoint(rows["region_code"])


def test_area_sums_are_declared_only_when_they_hold(parts):
    assert parts["asiakkaat"].totals == ("region", "sex")
    rows = samples.table("esimerkkila_asiakkaat")
    client = rows.loc[rows["region_code"] == "E01", "client"].iloc[0]
    elsewhere = rows.loc[rows["client"] == client].assign(region_code="E02", assessment="A99999")
    moved = records.needs_counts(pd.concat([rows, elsewhere], ignore_index=True), by=("sex",))
    clients = moved.loc[moved["indicator"] == records.CLIENTS]
    assert recipes_needs.sums_that_hold(clients) == ("sex",)


def test_twin_samples_release_the_same_bytes(tmp_path, project):
    """A reader cannot tell which of two samples was true when they differ between hidden cells only."""
    rows = samples.table("esimerkkila_asiakkaat")
    twin = make_synthetic.margin_preserving_twin(rows)
    assert (twin.cells["before"] != twin.cells["after"]).all()
    other = tmp_path / "twin"
    other.mkdir()
    twin.records.to_csv(other / "esimerkkila_asiakkaat.csv", index=False, lineterminator="\n")
    shutil.copy(project / "data" / "samples" / "esimerkkila_asiakkaat.toml", other)
    written = []
    for name, data in (("one", None), ("two", other)):
        folder = tmp_path / name
        parts = recipes_needs.service_needs(data)
        made = protect.release(parts, name="palvelutarpeet", home=tmp_path / f"home_{name}", folder=folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        written.append((made.id, {path.relative_to(folder): path.read_bytes() for path in files}))
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fi", "asuminen: Aineistolassa 35,0"), ("en", "housing: 35.0% in Aineistola and ")],
)
def test_shares_and_counts_are_said_in_their_own_units(opened, language, expected):
    """Counts and shares of clients have one key in the release, and words of their own in sentences."""
    share = opened.select(part="osuudet", region=("kunta", "E02"), group="asuminen", sex="total")
    told = words.comparison(share, language)
    described = catalogue.indicator(records.CLIENTS, per=100)
    name = described.name_en if language == "en" else described.name_fi
    assert told.text.startswith(f"{name}, {expected}")
    assert "%" in told.text.split(":")[1]
    assert "100" not in told.text, "limits widened for many comparisons are nearly, not wholly, certain"
    assert ("prosenttiyksikköä" if language == "fi" else "percentage points") in told.text
    clients = words.level(
        opened.select(part="asiakkaat", region=("hva", "E1"), group="all", sex="total"), language
    )
    assert ("asiakasta" if language == "fi" else "clients") in clients.text
    assert "%" not in clients.text
    days = words.level(opened.select(part="kasittelyaika", region=("kunta", "E03")), language)
    assert ("päivää" if language == "fi" else "days") in days.text
    made = words.level(opened.select(part="arvioinnit", region=("hva", "E1")), language)
    assert ("arviointia" if language == "fi" else "assessments") in made.text


def test_clients_without_a_need_are_no_small_number_either(released):
    clients = released["asiakkaat"].set_index(["region_code", "sex", "group"])["value"]
    everyone = clients.xs("all", level="group")
    left = everyone.reindex(clients.index.droplevel("group")).to_numpy() - clients.to_numpy()
    assert not ((left > 0) & (left < 5)).any()
