"""Social rehabilitation: figures counted independently, truth recovered, nothing small leaves, words."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from sosrake_lib import protect, samples
from sosrake_lib.batch import client_rows
from sosrake_lib.batch import recipes_rehabilitation as recipe
from sosrake_lib.effects import groups
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import FrameError, GatherError
from sosrake_lib.gather import rehabilitation as gathered
from sosrake_lib.indicators import rates
from sosrake_lib.indicators.comparison_parts import parts_against_whole
from sosrake_lib.influence import charts_rehabilitation, claims
from sosrake_lib.influence import words_rehabilitation as told

make = pytest.importorskip("synthetic_rehabilitation", reason="tools/ is not beside the tests")
THEMES = ("arki", "ihmissuhteet", "terveys", "asiointi", "osallisuus")
# Of all 420 who began, the lost included; data/samples/esimerkkila_sosiaalinen_kuntoutus.toml says the same.
TRUE_SHARE = 100 * 248 / 420


@pytest.fixture(scope="module")
def parts():
    return recipe.social_rehabilitation(None)


@pytest.fixture(scope="module")
def opened(parts):
    return protect.release(parts, name="sosiaalinen_kuntoutus", preview=True)


@pytest.fixture(scope="module")
def released(opened):
    return {name: protect.protected_frame(opened.select(part=name)) for name in opened.parts}


@pytest.fixture(scope="module")
def sheet():
    return samples.table(recipe.TABLE)


def plain(text):
    return str(text).replace("\u00a0", " ")


def reached(rows):
    """Goals met on the whole: with equal weights T is 50 or more when the levels sum to 0 or more."""
    ends = rows[[f"{theme}.end" for theme in THEMES]].astype("float64")
    return (ends.sum(axis=1, min_count=1) >= 0).where(ends.notna().any(axis=1)).astype("float64")


def test_sample_is_what_the_tool_makes_and_its_dictionary_tells_the_truth(sheet):
    made = make.social_rehabilitation(make.SEED)
    assert len(made) == len(sheet) == 420
    assert reached(made).to_numpy() == pytest.approx(reached(sheet).to_numpy(), nan_ok=True)
    whole = make.social_rehabilitation(make.SEED, lost_known=True)
    assert 100 * reached(whole).mean() == pytest.approx(TRUE_SHARE)
    about = " ".join(samples.dictionary(recipe.TABLE)["true_in_it"])
    assert "59.0 %" in about and "(248 of 420)" in about and "64.1 %" in about and "320" in about
    assert (whole["quality_after"] - whole["quality_before"]).mean() == pytest.approx(0.28, abs=0.005)


def test_shares_are_those_counted_from_the_sample(parts, sheet):
    found = parts["tavoitteet"].frame.set_index(["region_code", "period", "group"])
    yes = reached(sheet)
    for key, chosen in (
        (("E1", "2023/2025", "all"), yes.notna()),
        (("E1", "2023/2025", "nuorten_ryhma"), sheet["service_group"] == "nuorten_ryhma"),
        (("E1", "2024", "all"), sheet["start"].str.startswith("2024")),
        (("E02", "2023/2025", "all"), sheet["region_code"] == "E02"),
    ):
        own = yes[chosen].dropna()
        row = found.loc[key]
        assert (row["numerator"], row["denominator"]) == (own.sum(), len(own))
        low, high = proportion_confint(own.sum(), len(own), method="wilson")
        assert [row["value"], row["lower"], row["upper"]] == pytest.approx(
            [100 * own.mean(), 100 * low, 100 * high]
        )


def test_weighting_comes_nearer_the_truth_and_the_bounds_hold_it(parts):
    rows = parts["kato"].frame
    share = rows[rows["indicator"] == "sosiaalinen_kuntoutus_tavoitteet_kato"].set_index("group")
    assert share.at["alaraja", "value"] < TRUE_SHARE < share.at["ylaraja", "value"]
    naive, weighted = (share.at[name, "value"] - TRUE_SHARE for name in ("arvioidut", "painotettu"))
    assert naive > 4 and abs(weighted) < abs(naive) / 2
    assert share.at["painotettu", "lower"] < TRUE_SHARE < share.at["painotettu", "upper"]
    change = rows[rows["indicator"] == "sosiaalinen_kuntoutus_elamanlaatu_kato"].set_index("group")
    assert change.at["alaraja", "value"] < 0.28 < change.at["ylaraja", "value"]
    assert abs(change.at["painotettu", "value"] - 0.28) < abs(change.at["arvioidut", "value"] - 0.28)


def test_bounds_are_plain_counting(parts, sheet):
    yes = reached(sheet)
    rows = parts["kato"].frame.set_index(["indicator", "group"])["value"]
    key = "sosiaalinen_kuntoutus_tavoitteet_kato"
    assert rows[key, "alaraja"] == round(100 * yes.sum() / len(yes), 1)
    assert rows[key, "ylaraja"] == round(100 * (yes.sum() + yes.isna().sum()) / len(yes), 1)
    before, after = sheet["quality_before"], sheet["quality_after"]
    key = "sosiaalinen_kuntoutus_elamanlaatu_kato"
    assert rows[key, "alaraja"] == round((after.fillna(1) - before).mean(), 2)
    assert rows[key, "ylaraja"] == round((after.fillna(5) - before).mean(), 2)


def test_what_differs_in_truth_is_found_and_what_does_not_is_not(parts):
    rows = parts["tavoitteet"].frame.set_index(["region_code", "period", "group"])["verdict"]
    assert rows["E1", "2023/2025", "nuorten_ryhma"] == "lower"
    assert {rows["E1", year, "all"] for year in ("2023", "2024", "2025")} == {"similar"}
    assert {rows[code, "2023/2025", "all"] for code in ("E01", "E02")} == {"similar"}


def test_small_municipalities_are_hidden_and_cannot_be_reckoned_back(released, sheet):
    rows = released["tavoitteet"]
    municipal = rows[rows["region_level"] == "kunta"].set_index("region_code")["status"]
    assert municipal.to_dict() == {
        "E01": "ok", "E02": "ok", **dict.fromkeys(("E03", "E04", "E05", "E06", "E07", "E08"), "suppressed")
    }  # fmt: skip
    assert not (released["asiakkaat"]["region_level"] == "kunta").any()
    together = released["pienet_kunnat"].iloc[0]
    small = sheet["region_code"].isin([f"E0{number}" for number in range(3, 9)])
    assert together["denominator"] == reached(sheet)[small].notna().sum() >= 50


def test_no_number_of_clients_below_the_minimum_leaves(released):
    for name, rows in released.items():
        shown = rows[rows["status"] == "ok"]
        for column in ("numerator", "denominator"):
            assert not shown[column].between(1, 4).any(), f"{name}: {column}"
    shown = released["tavoitteet"].query("status == 'ok'")
    began = released["asiakkaat"].set_index(["region_code", "period", "group"])["value"]
    for _, row in shown[shown["region_level"] == "hva"].iterrows():
        assert not 1 <= began[row["region_code"], row["period"], row["group"]] - row["denominator"] <= 4


def test_a_small_loss_hides_the_share_beside_the_count(sheet):
    checked = gathered.social_rehabilitation(sheet, "own.csv")
    clients = client_rows.clients_of(checked, "service_group", "synthetic", "own.csv")
    yes = pd.Series(1.0, index=checked.index)
    yes.iloc[:3] = np.nan
    rows = client_rows.shares(clients, yes, recipe.REACHED, ("all",))
    assert rows["status"].tolist() == ["suppressed"] and rows["value"].isna().all()


def test_weighted_level_is_the_weighted_change_from_nothing():
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"x": rng.normal(size=300)})
    data["y"] = np.where(
        rng.random(300) < 1 / (1 + np.exp(-data["x"])), 100.0 * (rng.random(300) < 0.5), np.nan
    )
    level = groups.weighted_level(data, outcome="y", predictors=("x",), unit="%")
    moved = data.assign(after=data["x"] + data["y"])
    change = groups.weighted_change(moved, before="x", after="after", unit="%")
    assert [level.estimate, level.standard_error] == pytest.approx([change.estimate, change.standard_error])
    assert level.claim is Claim.KUVAUS and level.n == {
        "paired": data["y"].notna().sum(),
        "lost": data["y"].isna().sum(),
    }
    with pytest.raises(FrameError, match="no predictors"):
        groups.weighted_level(data, outcome="y", predictors=(), unit="%")
    with pytest.raises(FrameError, match="nothing is to be weighted"):
        groups.weighted_level(data.fillna(0), outcome="y", predictors=("x",), unit="%")
    with pytest.raises(FrameError, match="holds 0"):
        groups.level_bounds(data, outcome="y", lowest=1, highest=100)


@settings(max_examples=40, deadline=None)
@given(st.integers(5, 60), st.integers(5, 60), st.data())
def test_part_minus_whole_is_an_identity(n, rest, data):
    x, other = data.draw(st.integers(0, n)), data.draw(st.integers(0, rest))
    rows = pd.DataFrame(
        {
            "indicator": "a", "region_level": "hva", "region_code": "E1", "borders": 2026, "period": "2025",
            "group": ["all", "x"], "value": [100 * (x + other) / (n + rest), 100 * x / n], "per": 100.0,
            "numerator": [float(x + other), float(x)], "denominator": [float(n + rest), float(n)],
            "status": "ok", "origin": "synthetic",
        }
    )  # fmt: skip
    made = rates.proportion(rows)
    found = parts_against_whole(made.iloc[[1]], made.iloc[[0]], adjust="none").iloc[0]
    assert found["difference"] == pytest.approx(rows["value"][1] - rows["value"][0], abs=1e-9)
    low, high = confint_proportions_2indep(x, n, other, rest, method="newcomb", compare="diff")
    scale = 100 * rest / (n + rest)
    assert [found["difference_lower"], found["difference_upper"]] == pytest.approx(
        [scale * low, scale * high], abs=1e-6
    )


def test_sentences_say_no_more_than_the_design(opened):
    whole = opened.select(part="tavoitteet", region=("hva", "E1"), group="all", period="2023/2025")
    loss = opened.select(part="kato", indicator="sosiaalinen_kuntoutus_tavoitteet_kato")
    answer = plain(told.answer(whole))
    assert answer.startswith("64 % niistä asiakkaista, joiden tavoitteet arvioitiin lopussa")
    assert "49 % ja ylimmillään 73 %" in plain(told.sure(loss)) and "57 %" in plain(told.sure(loss))
    change = opened.select(part="kato", indicator="sosiaalinen_kuntoutus_elamanlaatu_kato")
    assert str(told.change_bounds(change)).endswith("Suuntaa ei siis tiedetä varmasti.")
    rows = opened.select(part="tavoitteet", region=("hva", "E1"), period="2023/2025")
    names = recipe.names("en")
    spoken = told.compared(rows.select(group=["nuorten_ryhma", "mielen_ryhma"]), "en", names)
    assert "the share is lower than among everyone" in str(spoken[1])
    assert "No difference from everyone was shown" in str(spoken[0])
    for language in ("fi", "en"):
        for one in (told.answer(whole, language), told.sure(loss, language), *told.compared(
            rows.select(group=["nuorten_ryhma"]), language, recipe.names(language)
        )):  # fmt: skip
            assert claims.check(one, Claim.ERO, language).empty
    hidden = opened.select(part="tavoitteet", region=("kunta", "E08"))
    assert "liian vähän" in str(told.compared(hidden, "fi", None, "region")[0])
    assert "ei voi kertoa" in str(told.answer(hidden))


def test_chart_shows_hidden_in_words_and_tells_its_range(opened):
    rows = opened.select(part="tavoitteet", region=[("kunta", f"E0{number}") for number in range(1, 9)])
    figure = charts_rehabilitation.intervals(rows, "Kunnittain")
    assert "välillä 60–66 %" in plain(figure.alt) and "Suojattuja lukuja: 6" in plain(figure.alt)
    assert Image.open(io.BytesIO(figure.png)).size[0] == 832


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="end_reason"), "sarake end_reason puuttuu"),
        (lambda rows: rows.assign(muistiinpano="x"), "sarake muistiinpano on tuntematon"),
        (lambda rows: rows.assign(nimi="Testi Henkilö"), "kuka joku on"),
        (lambda rows: pd.concat([rows, rows.iloc[[4]]]), "rivin 421 asiakas"),
        (lambda rows: rows.assign(quality_after=7), "sarake quality_after: odotettiin lukua 1–5"),
        (lambda rows: rows.assign(start="1.2.2025"), "sarake start: päivää ei voi lukea"),
        (lambda rows: rows.assign(end="2020-01-01"), "loppu on ennen alkua"),
        (lambda rows: rows.assign(end_reason="hups"), "tuntematon koodi"),
        (lambda rows: rows.assign(region_code="E99"), "kuntaa E99 ei ole"),
        (lambda rows: rows.assign(**{"arki.start": None, "arki.end": 1}), "ei lähtötasoa"),
        (lambda rows: rows.drop(columns="arki.end"), "sarake arki.end puuttuu"),
        (lambda rows: rows.assign(client=None), "sarake client on tyhjä"),
    ],
)
def test_a_table_that_breaks_its_contract_is_told_what_to_mend(sheet, change, message):
    with pytest.raises(GatherError, match=message):
        gathered.social_rehabilitation(change(sheet), "oma.csv")


def test_nobody_and_two_counties_are_refused(sheet):
    checked = gathered.social_rehabilitation(sheet, "oma.csv")
    with pytest.raises(GatherError, match="ei ole yhtään asiakasta"):
        client_rows.clients_of(checked.iloc[:0], "service_group", "synthetic", "oma.csv")
    mixed = checked.assign(region_code=["297", *checked["region_code"][1:]])
    with pytest.raises(GatherError, match="usealle hyvinvointialueelle"):
        client_rows.clients_of(mixed, "service_group", "synthetic", "oma.csv")
