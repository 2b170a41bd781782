"""The page of social reporting: parts against the sample counted anew, what may leave, an own register."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import protect, samples
from sosrake_lib.batch import plan, recipes_reporting, reporting_source
from sosrake_lib.batch.recipes_reporting import comparable, newest_half_year, social_reporting
from sosrake_lib.indicators import reported_counts as counts
from sosrake_lib.influence import words_reporting
from sosrake_lib.register import feedback, importer, open_register
from sosrake_lib.register.reported import read_reported

COUNTY = ("hva", "E1")
COUNTED = ("maarat", "luokat", "kattavuus", "kunnat")


@pytest.fixture(scope="module")
def parts():
    return social_reporting(None)


@pytest.fixture(scope="module")
def release(parts):
    return protect.release(parts, name="sosiaalinen_raportointi", preview=True)


@pytest.fixture(scope="module")
def reported():
    table = samples.table("esimerkkila_havainnot")
    half = [f"{day[:4]}-H{1 if day[5:7] <= '06' else 2}" for day in table["saapunut"]]
    return table.assign(half=half, year=table["saapunut"].str[:4])


@pytest.fixture
def own_register(tmp_path, monkeypatch):
    """A house's own register: forty observations from three municipalities of a real county."""
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)
    rows = pd.DataFrame(
        {
            "id": [f"O{number}" for number in range(40)],
            "saapunut": [f"2025-{1 + number % 12:02d}-10" for number in range(40)],
            "region_level": "kunta",
            "region_code": [("297", "140", "297", "915")[number % 4] for number in range(40)],
            "tiedontuottaja": ["ammattilainen", "asukas"] * 20,
            "teema": "asuminen",
            "havainto": "Vuokrat ovat nousseet.",
        }
    )
    register = open_register()
    numbers = importer.import_observations(register, rows, name="oma", origin="own", user="tp1")
    yield register, numbers
    register.close()


def frames(release):
    return {name: protect.protected_frame(release.select(part=name)) for name in release.parts}


def test_half_years_and_municipalities_are_counted_as_in_the_sample(parts, reported):
    found = parts["maarat"].frame
    own = found.loc[found["indicator"] == "raportointi_havainnot"].set_index("period")["value"]
    assert own.to_dict() == reported.groupby("half").size().astype(float).to_dict()
    rows = parts["kunnat"].frame
    municipal = rows.loc[rows["region_level"] == "kunta"]
    counted = reported.groupby(["year", "region_code"]).size()
    for row in municipal.to_dict("records"):
        assert row["value"] == counted.get((row["period"], row["region_code"]), 0)


def test_answered_are_those_of_the_feedback_file(parts, reported):
    given_to = samples.table("esimerkkila_palautteet").merge(reported, on="id")
    found = parts["maarat"].frame
    answered = found.loc[found["indicator"] == "raportointi_palautteet"].set_index("period")["value"]
    assert answered.to_dict() == given_to.groupby("half").size().astype(float).to_dict()


def test_classes_sum_to_all_and_none_is_small(parts):
    rows = parts["luokat"].frame
    for _, part in rows.groupby(["indicator", "period"]):
        whole = part.loc[part["group"] == "all", "value"].iloc[0]
        classes = part.loc[part["group"] != "all", "value"]
        assert classes.sum() == whole
        assert not classes.between(1, 4).any()


def test_no_small_figure_leaves(release):
    for name in COUNTED:
        shown = protect.protected_frame(release.select(part=name))
        assert not shown.loc[shown["status"] == "ok", "value"].between(1, 4).any(), name


def test_truth_of_the_waits_is_recovered(reported):
    """Half have had feedback after 48.0 and 24.0 days: what the generator was given (its dictionary)."""
    found = reporting_source.open_reported()
    place = counts.Place(*COUNTY, 2026, "2025", "synthetic")
    for year, truth in (("2024", 48.0), ("2025", 24.0)):
        rows = found.observations.loc[found.observations["period"].str.startswith(year)]
        row = counts.median_days(rows, found.on, place, "odotus").iloc[0]
        assert row["lower"] <= truth <= row["upper"]
        assert row["denominator"] == (reported["year"] == year).sum()


def test_truth_of_the_coders_is_recovered(parts):
    rows = parts["sopivuus"].frame.set_index("indicator")
    same = rows.loc["raportointi_kappa_rakennetyyppi_samat"]
    assert same["lower"] <= 100 * (0.90 * 0.85 + 0.10 * 0.15 / 5) <= same["upper"]


def test_truth_of_coverage_is_recovered(parts):
    rows = parts["kattavuus"].frame
    silent = rows.loc[rows["group"] == "0"].set_index("period")["value"]
    assert (24 - silent).to_dict() == {"2024-H1": 10, "2024-H2": 13, "2025-H1": 16, "2025-H2": 18}


def test_an_observation_s_own_words_never_leave(release, reported):
    told = "\n".join(frame.to_csv() for frame in frames(release).values())
    for column in ("havainto", "keita_koskee", "seuraukset_asiakkaille", "ehdotus"):
        for text in reported[column].dropna().unique():
            assert text not in told


def test_a_weak_signal_is_words_without_a_count(release):
    rows = protect.protected_frame(release.select(part="ilmiot"))
    weak = rows.loc[rows["note"] == "uusi_heikko_signaali"]
    assert weak["value"].isna().all() and len(weak) == 1
    assert "yleisyys" not in recipes_reporting.BY
    for text in words_reporting.weak_signals(release, COUNTY):
        assert not any(sign.isdigit() for sign in text.text_fi + text.text_en)


def test_the_weak_signal_cannot_be_reckoned_from_the_rest(release):
    """No part tells how many observations joined a phenomenon, which less the others would be the signal."""
    told = set().union(*(set(frame["indicator"]) for frame in frames(release).values()))
    assert not any(name.endswith(("tila", "yleisyys")) for name in told)
    counted = set().union(*(set(frames(release)[name]["indicator"]) for name in COUNTED))
    assert not any(name.startswith("ilmio_") for name in counted)


def test_an_unapproved_phenomenon_has_neither_name_nor_summary(own_register):
    from sosrake_lib.register import phenomena

    register, _ = own_register
    phenomena.add_phenomenon(register, "a", name="Luonnos", theme="asuminen", user="tp1")
    found = read_reported(register, date(2025, 12, 31)).phenomena.iloc[0]
    assert (found["nimi"], found["yhteenveto"], found["approved"]) == ("", "", False)


@pytest.mark.parametrize(
    ("period", "expected"),
    [("2024-H1", ("kylla", "ei", "kylla")), ("2025-H1", ("kylla", "kylla", "kylla"))],
)
def test_half_years_are_compared_only_when_they_are_alike(parts, period, expected):
    """10 of 24 units against 18 are 33 points apart, 16 against 18 are 8."""
    rows = parts["vertailtavuus"].frame
    own = rows.loc[rows["period"] == period].set_index("group")["category"]
    assert tuple(own[name] for name in ("lomake", "kattavuus", "jakso")) == expected


def test_another_form_and_an_open_half_year_are_not_comparable():
    observed = pd.DataFrame({"period": ["2025-H1", "2025-H2"], "kaavio": ["1", "2"]})
    units = pd.DataFrame({"puolivuosi": [], "raportoijia": []})
    found = comparable(observed, units, pd.Timestamp("2025-09-01"), "2025-H2")
    assert found["verdict"].tolist() == ["ei", "ei_tiedeta", "ei"]


def test_the_newest_half_year_is_one_that_has_ended():
    assert newest_half_year(["2024-H2", "2025-H1"], pd.Timestamp("2025-03-01")) == "2024-H2"
    assert newest_half_year(["2025-H1"], pd.Timestamp("2025-03-01")) == "2025-H1"


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30), min_size=1))
def test_merging_keeps_the_sum_and_leaves_nothing_small(counted):
    merged = counts.with_small_merged(counted, 5)
    assert sum(merged.values()) == sum(counted.values())
    used = [value for value in counted.values() if value]
    if sum(used) >= 5 and len(used) > 1:
        assert not any(0 < value < 5 for value in merged.values())
    kept = {name: value for name, value in merged.items() if name != counts.OTHERS}
    assert all(counted[name] == value for name, value in kept.items())


def test_sentences_say_what_the_parts_hold(release):
    told = [str(one) for one in words_reporting.answer(release, COUNTY, "2025-H2")]
    assert told[0] == "Vuoden 2025 loppupuolella Esimerkkilässä tehtiin 47\u00a0havaintoa."
    assert told[1].endswith("Niistä 6 ei tehnyt puolivuoden aikana yhtään havaintoa.")
    assert "24\u00a0päivän kuluessa (95\u00a0%:n luottamusväli 18–26)" in told[3]
    english = [str(one) for one in words_reporting.answer(release, COUNTY, "2025-H2", "en")]
    assert len(english) == len(told) and "47\u00a0observations" in english[0]
    assert (
        str(words_reporting.followed(release, COUNTY))
        == "Ilmiöitä on 6, heikot signaalit mukaan luettuina. Ehdotus on tehty 4 ilmiöstä, "
        "ja päätös on saatu 2 ehdotukseen."
    )


def test_an_own_register_goes_through_the_same_recipe(own_register, tmp_path):
    parts = social_reporting(None)
    made = protect.release(parts, name="sosiaalinen_raportointi", preview=True)
    assert not made.synthetic
    rows = parts["maarat"].frame
    assert set(rows["region_code"]) == {"13"} and set(rows["origin"]) == {"own"}
    assert rows.loc[rows["indicator"] == "raportointi_havainnot", "value"].sum() == 40
    told = [str(one) for one in words_reporting.answer(made, ("hva", "13"), "2025-H2")]
    assert any("kattavuudesta ei voi sanoa" in one for one in told)
    assert any("odotusaikaa ei voi sanoa" in one for one in told)
    assert words_reporting.summaries(made, ("hva", "13"))[0].text_fi.startswith("Yhdenkään ilmiön")
    assert "Keksitty" not in str(words_reporting.comparability(made, ("hva", "13")).caption)


def test_pages_are_made_of_the_counties_of_the_register(own_register):
    project = samples.project_root()
    planned = plan.load(project, recipes=recipes_of())
    own = [task.region for task in planned.tasks if task.page == "sosiaalinen_raportointi"]
    assert own == [("hva", "13")]


def test_without_a_register_the_invented_county_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path))
    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)
    assert reporting_source.reporting_counties() == (COUNTY,)
    assert not (tmp_path / "register.sqlite").exists()


def test_what_was_told_before_an_observation_came_is_no_answer_to_it(own_register):
    register, numbers = own_register
    late = numbers["O11"]  # arrived on 10 December 2025
    feedback.give_feedback(register, "a", "Kiitos.", user="tp1", observation=late, on=date(2025, 1, 2))
    found = read_reported(register, date(2025, 12, 31)).observations.set_index("havainto_id")
    assert found.loc[late, "answered"] == ""
    feedback.give_feedback(register, "b", "Kiitos.", user="tp1", observation=late, on=date(2025, 12, 20))
    found = read_reported(register, date(2025, 12, 31)).observations
    own = found.loc[found["havainto_id"] == late]
    assert counts.waits(own, date(2025, 12, 31))["days"].tolist() == [10]


def test_a_register_s_new_observation_makes_its_release_anew(own_register):
    from sosrake_lib.batch.releases import register_fingerprint

    register, _ = own_register
    register.close()
    before = register_fingerprint()
    more = pd.DataFrame(
        [
            {
                "id": "X",
                "saapunut": "2025-12-30",
                "region_level": "kunta",
                "region_code": "297",
                "tiedontuottaja": "asukas",
                "teema": "asuminen",
                "havainto": "Uusi havainto.",
            }
        ]
    )
    opened = open_register()
    importer.import_observations(opened, more, name="lisaa", origin="own", user="tp1")
    opened.close()
    assert register_fingerprint() != before


def test_real_observations_in_a_table_are_left_out_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)
    for name in ("esimerkkila_havainnot",):
        (tmp_path / f"{name}.csv").write_text("id\n", encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text('kind = "real"\n[columns]\n', encoding="utf-8")
    with pytest.raises(samples.AbsentTable, match="rekisteriin"):
        social_reporting(tmp_path)


def test_the_generator_writes_the_committed_files(tmp_path, monkeypatch):
    import sys

    import synthetic_reporting

    to = tmp_path / "samples"
    monkeypatch.setattr(sys, "argv", ["synthetic_reporting.py", "--to", str(to)])
    synthetic_reporting.main()
    for made in sorted(to.iterdir()):
        committed = samples.project_root() / "data" / "samples" / made.name
        assert made.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8"), made.name


def test_a_median_is_missing_when_fewer_than_half_have_been_answered():
    observed = pd.DataFrame({"saapunut": ["2025-01-01"] * 4, "answered": ["2025-01-05", "", "", ""]})
    place = counts.Place(*COUNTY, 2026, "2025", "synthetic")
    row = counts.median_days(observed, date(2025, 6, 30), place, "odotus").iloc[0]
    assert row["status"] == "missing" and np.isnan(row["value"])


def recipes_of():
    from sosrake_lib.batch.recipes import RECIPES

    return tuple(RECIPES)
