"""The project's own monitoring table: people counted, forecast and protected; money; results."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_project
from sosrake_lib.batch.page_titles import page_keys, page_titles
from sosrake_lib.catalogue.project_results import project_results, results_of
from sosrake_lib.errors import CatalogueError, FrameError, SosrakeError
from sosrake_lib.indicators.count_forecast import forecast_total
from sosrake_lib.influence import words_project
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.pages import html_of
from sosrake_lib.protect import protected_frame

MONTHS = ("2020-05", "2020-06", "2020-07", "2020-08")
ROWS = [
    *(
        (month, "ammattilaiset", "naiset", people)
        for month, people in zip(MONTHS, (20, 14, 18, 16), strict=True)
    ),
    ("2020-06", "opiskelijat", "miehet", 9),
    ("2020-07", "opiskelijat", "", 3),
]


@pytest.fixture
def own_data(project, tmp_path):
    shutil.copytree(project / "data" / "samples" / "hanke", tmp_path / "hanke")
    return tmp_path


def write(own_data, rows):
    table = pd.DataFrame(rows, columns=["month", "group", "sex", "people"])
    table.to_csv(own_data / "hanke" / "osallistujaseuranta.csv", index=False)


def made_of(data, home):
    return protect.release(recipes_project.project_monitoring(data), name="hanke", preview=True, home=home)


def rows_of(release, part):
    return protected_frame(release.select(part=part)).set_index("group")


def test_without_rows_the_page_says_so_and_how_to_give_them(tmp_path):
    release = made_of(None, tmp_path)
    assert not {"osallistujat_sukupuoli", "osallistujat_ennuste"} & set(release.parts)
    told = " ".join(text.text("fi") for text in words_project.participants(release))
    assert "Osallistujatietoja ei ole." in told and "hanke/osallistujaseuranta.csv" in told
    assert "ei ole kirjattu" in words_project.gender(release)[0].text("fi")


def test_counts_are_those_of_the_table_and_small_ones_do_not_leave(own_data, tmp_path):
    write(own_data, ROWS)
    release = made_of(own_data, tmp_path)
    sexes = rows_of(release, "osallistujat_sukupuoli")
    assert sexes.loc["all", "value"] == sum(row[3] for row in ROWS) == 80
    assert sexes.loc["ei_kerrottu", "status"] == "suppressed"
    # With one hidden cell only, the total would tell it: another goes too.
    assert (sexes["status"] == "suppressed").sum() >= 2
    months = rows_of(release, "osallistujat_kuukausi")
    assert months.loc["2020-06", "value"] == 23
    groups = rows_of(release, "osallistujat_ryhma")
    assert groups.loc["opiskelijat", "value"] == 12


def test_a_forecast_is_that_of_the_formula_and_holds_the_total(own_data, tmp_path):
    write(own_data, ROWS)
    found = rows_of(made_of(own_data, tmp_path), "osallistujat_ennuste")
    assert sorted(found.index) == ["2022-10-31", "2022-12-31", "2023-02-28"]  # all three ends of the sources
    counts = np.array([20, 23, 21, 16])
    left, rate = 26, counts.mean()  # from September 2020 to October 2022
    phi = max(1.0, ((counts - rate) ** 2 / rate).sum() / 3)
    half = stats.t.ppf(0.975, 3) * (phi * rate * left * (1 + left / 4)) ** 0.5
    row = found.loc["2022-10-31"]
    assert row["value"] == pytest.approx(80 + 26 * 20)
    assert (row["lower"], row["upper"]) == (pytest.approx(600 - half), pytest.approx(600 + half))
    assert row["method"] == "forecast_of_count"


def test_the_forecast_interval_covers_what_comes():
    rng = np.random.default_rng(7)
    drawn = rng.poisson(8.0, size=(2000, 24))
    hits = 0
    for months in drawn:
        told = forecast_total(months[:12], 12)
        hits += told.lower <= months.sum() <= told.upper
    # 0.015: three standard errors of a share of 0.95 in 2000 draws
    assert hits / len(drawn) >= 0.95 - 0.015


def test_a_forecast_needs_months_and_people():
    with pytest.raises(SosrakeError, match="expected at least 3 months"):
        forecast_total(np.array([3.0, 4.0]), 5)
    with pytest.raises(SosrakeError, match="nobody counted"):
        forecast_total(np.zeros(4), 5)


def test_no_forecast_after_the_last_end(own_data, tmp_path):
    write(own_data, [*ROWS, ("2023-03", "ammattilaiset", "naiset", 9)])
    release = made_of(own_data, tmp_path)
    assert "osallistujat_ennuste" not in release.parts
    assert [str(one) for one in words_project.participants(release)] == [
        "Osallistujia on laskettu 89, kun suunnitelmassa heitä oli 223."
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("heinäkuu", "a", "naiset", 5), "row 1, column month: expected a month"),
        (("2021-03", "a", "kissat", 5), "column sex: expected naiset, miehet"),
        (("2021-03", "a", "naiset", -1), "column people: expected a whole number"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(own_data, row, message):
    write(own_data, [row])
    with pytest.raises(FrameError, match=message):
        recipes_project.project_monitoring(own_data)


def test_partners_money_is_what_the_sources_tell(tmp_path):
    release = made_of(None, tmp_path)
    rows = protected_frame(release.select(part="rahat"))
    told = rows.loc[rows["status"] == "ok"]
    assert told[["group", "value"]].to_numpy().tolist() == [
        ["Kaakkois-Suomen ammattikorkeakoulu (Xamk)", 128_226.0]
    ]
    assert told["value"].iloc[0] == samples.table("hanke/talous").set_index("item").loc["xamk", "planned"]
    actors = samples.table("hanke/toimijat")
    assert set(rows["group"]) == set(actors.loc[actors["role"].str.contains("toteuttaja"), "organisation"])
    gaps = [text.text("fi") for text in words_project.money_gaps(release)]
    assert "Diak" in gaps[0] and "Xamk" not in gaps[0]
    assert gaps[1].startswith("Rahankäyttöä ei ole kirjattu jaksoittain")


def test_a_period_of_money_is_kept_and_the_gap_is_no_longer_told(own_data, tmp_path):
    path = own_data / "hanke" / "talous_osapuolittain.csv"
    table = pd.read_csv(path)
    table.loc[len(table)] = ["Diakonia-ammattikorkeakoulu (Diak)", "2021", 1000, 900, "oma"]
    table.to_csv(path, index=False)
    release = made_of(own_data, tmp_path)
    rows = protected_frame(release.select(part="rahat"))
    assert rows.loc[rows["period"] == "2021", "value"].tolist() == [1000.0, 900.0]
    assert len(words_project.money_gaps(release)) == 1


def test_every_artefact_of_the_results_is_there(project):
    listed = project_results()
    assert len(listed) >= 8
    for one in listed:
        for path in one.artefacts:
            assert (project / path).exists(), (one.key, path)
    shown = words_project.results("en", page_titles(), page_keys())
    assert len(shown.plain) == len(listed)
    assert '<span data-sivu="osaamiskartoitus">Competence survey</span>' in shown.html
    assert shown.plain.iloc[1, 3] == "Competence survey; Training plan"
    assert "file docs/ohjeistus_sosiaalinen_raportointi.md" in shown.html, "what is no page is a named file"
    files = [path for one in listed for path in one.artefacts if not path.startswith("notebooks/")]
    named = shown.html.count("data-sivu=") + len(files)
    assert named == sum(len(one.artefacts) for one in listed), "each artefact is a page or a named file"


def test_results_whose_state_and_artefacts_disagree_are_refused():
    table = dict.fromkeys(("name_fi", "name_en", "source_fi", "source_en"), "a")
    with pytest.raises(CatalogueError, match="name the artefacts"):
        results_of({"x": {**table, "state": "valine", "artefacts": []}})
    with pytest.raises(CatalogueError, match="state 'hyvä'"):
        results_of({"x": {**table, "state": "hyvä", "artefacts": ["a"]}})


@pytest.mark.parametrize("language", ["fi", "en"])
def test_the_draft_says_it_is_one_and_each_number_has_a_result(tmp_path, language):
    note, told, *rest = words_project.draft(made_of(None, tmp_path), language)
    assert html_of(note, language).count("Luonnos" if language == "fi" else "Draft") == 1
    text = " ".join(str(one) for one in told)
    assert "223" in text and "62" in text and len(told) == 6
    assert len(rest) == 3  # participants and scores not recorded, and what the figures do not tell
    assert loose_numbers("".join(one.html() for one in told)).empty


@pytest.mark.parametrize("language", ["fi", "en"])
def test_counts_and_forecasts_of_the_page_rest_on_results(own_data, tmp_path, language):
    write(own_data, ROWS)
    release = made_of(own_data, tmp_path)
    told = words_project.participants(release, language)
    assert len(told) == 4 and loose_numbers("".join(one.html() for one in told)).empty
    assert words_project.own_names(release, language)["2020-06"] != "2020-06"
