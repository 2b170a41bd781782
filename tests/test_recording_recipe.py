"""Quality of recording: shares against the sample, phases that find the training, nothing of a worker."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_recording as recipe
from sosrake_lib.errors import FrameError, GatherError, SosrakeError
from sosrake_lib.gather import records_entries
from sosrake_lib.indicators import recording
from sosrake_lib.influence import charts_recording, words_recording

make = pytest.importorskip("synthetic_records", reason="tools/ is not beside the tests")
TRAINED = [unit for unit, about in make.UNITS.items() if about[2]]
OTHERS = ["Työikäisten palvelut"]
SMALL = "Kotoutumistiimi"


@pytest.fixture(scope="module")
def parts():
    return recipe.recording_quality(None)


@pytest.fixture(scope="module")
def opened(parts):
    return protect.release(parts, name="kirjaamisen_laatu", preview=True)


@pytest.fixture(scope="module")
def released(opened):
    return {name: protect.protected_frame(opened.select(part=name)) for name in opened.parts}


@pytest.fixture(scope="module")
def entries():
    rows = samples.table(recipe.TABLE)
    month = rows["contact"].str[:7]
    half = month.str[:4] + month.str[5:].astype(int).map(lambda one: "-H1" if one <= 6 else "-H2")
    return rows.assign(month=month, half=half)


def test_sample_is_what_the_tool_makes():
    read = samples.table(recipe.TABLE).fillna("").astype(str)
    made = make.entries(make.SEED + 2).fillna("").astype(str)
    pd.testing.assert_frame_equal(read, made, check_dtype=False)


def test_shares_are_those_of_the_entries(parts, entries):
    rows = parts["osuudet"].frame.set_index(["indicator", "group", "period"])
    own = entries[(entries["unit"] == TRAINED[0]) & (entries["half"] == "2025-H2")]
    worded = own["text"] == "kylla"
    delay = (pd.to_datetime(own["recorded"]) - pd.to_datetime(own["contact"])).dt.days
    vague = pd.to_numeric(own["vague"]) > 0
    expected = {
        "recording_client_view": ((own["client_view"] == "kylla").sum(), len(own)),
        "recording_vague_wording": ((vague & worded).sum(), worded.sum()),
        "recording_goal_measurability": (
            pd.to_numeric(own["measurable"]).sum(),
            pd.to_numeric(own["goals"]).sum(),
        ),
        "recording_coded": (own["need"].notna().sum(), (worded | own["need"].notna()).sum()),
        "recording_within_3_days": ((delay <= 3).sum(), len(own)),
        "recording_completeness": (own[["service_task", "document_type"]].notna().sum().sum(), 2 * len(own)),
    }
    for indicator, (numerator, denominator) in expected.items():
        row = rows.loc[(indicator, TRAINED[0], "2025-H2")]
        assert (row["numerator"], row["denominator"]) == (numerator, denominator), indicator
        assert row["value"] == pytest.approx(100 * numerator / denominator)
    assert rows.at[("recording_delay_median", TRAINED[0], "2025-H2"), "value"] == delay.median()


@pytest.mark.parametrize(
    ("measure", "chance"),
    [("client_view", "client_view"), ("goal_measurability", "measurable"), ("vague_wording", "vague")],
)
def test_centres_recover_the_chances_before_and_after_the_training(parts, measure, chance):
    rows = parts["ohjaus"].frame
    rows = rows[(rows["indicator"] == f"recording_{measure}") & (rows["status"] == "ok")]
    before, after = make.ENTRY[chance]
    for unit in (*TRAINED, *OTHERS):
        centres = rows[rows["group"] == unit].groupby("phase")["centre"].first()
        assert centres[1.0] == pytest.approx(100 * before, abs=6)
        assert centres[2.0] == pytest.approx(100 * (after if unit in TRAINED else before), abs=6)


def test_words_find_a_change_where_it_was_and_nowhere_else(opened):
    for measure, way in (
        ("client_view", "nousi"),
        ("goal_measurability", "nousi"),
        ("vague_wording", "laski"),
    ):
        rows = opened.select(part="ohjaus", indicator=f"recording_{measure}")
        for unit in TRAINED:
            assert way in words_recording.phases(rows.select(group=unit)).text
        for unit in OTHERS:
            assert "muutosta ei ole osoitettu" in words_recording.phases(rows.select(group=unit)).text
        assert "lukuja ei näytetä" in words_recording.phases(rows.select(group=SMALL)).text
        assert "no change has been shown" in words_recording.phases(rows.select(group=OTHERS[0]), "en").text


def test_limits_are_three_standard_errors_from_the_phase_s_share(parts):
    rows = parts["ohjaus"].frame
    rows = rows[(rows["indicator"] == "recording_client_view") & (rows["group"] == TRAINED[0])]
    for _, phase in rows.groupby("phase"):
        share = phase["numerator"].sum() / phase["denominator"].sum()
        width = 3 * (share * (1 - share) / phase["denominator"]) ** 0.5
        assert phase["centre"].to_numpy() == pytest.approx(100 * share)
        assert phase["limit_upper"].to_numpy() == pytest.approx(100 * (share + width).to_numpy())
    assert rows["phase"].nunique() == 2 and (rows["points"] == 12).all()


def test_a_unit_of_few_recorders_is_hidden_whole_and_no_worker_leaves(released):
    for name, rows in released.items():
        small = rows[rows["group"] == SMALL]
        assert len(small) and set(small["status"]) == {"suppressed"}, name
        assert small[["value", "numerator", "denominator"]].isna().all(axis=None)
        assert not {"recorder", "recorders", "entry"} & set(rows.columns)
        keys = samples.table(recipe.TABLE)["recorder"].unique()
        assert not rows.astype(str).isin(list(keys)).any(axis=None)


def test_a_hidden_month_is_not_in_the_centre_line(parts):
    rows = parts["ohjaus"].frame
    ok = rows[(rows["status"] == "ok")]
    assert (ok["numerator"] >= 5).all() and (ok["denominator"] >= 50).all()
    for _, phase in ok.groupby(["indicator", "group", "phase"]):
        share = 100 * phase["numerator"].sum() / phase["denominator"].sum()
        assert phase["centre"].iloc[0] == pytest.approx(share)
    hidden = rows[rows["status"] != "ok"]
    assert hidden[["numerator", "denominator"]].isna().all(axis=None) and (hidden["note"] == "").all()


def test_chart_has_both_phases_and_refuses_a_hidden_unit(opened):
    rows = opened.select(part="ohjaus", indicator="recording_client_view")
    figure = charts_recording.control(rows.select(group=TRAINED[0]), "Näkemys")
    assert "ennen muutosta ja sen jälkeen" in figure.alt and "välillä" in figure.alt
    with pytest.raises(SosrakeError, match="every month of the unit is hidden"):
        charts_recording.control(rows.select(group=SMALL), "Näkemys")
    with pytest.raises(SosrakeError, match="group"):
        charts_recording.control(rows, "Näkemys")


def test_without_a_known_change_there_is_one_phase(entries):
    rows = records_entries.entries(samples.table(recipe.TABLE).head(2500), "oma.csv")
    monthly = recipe.measured(rows, recipe.place_of(rows, "synthetic"), "month")
    assert recipe.charted(monthly, None)["phase"].dropna().eq(1).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"recorded": "2020-01-01"}, "recorded on ennen kuin contact"),
        ({"goals": "1", "measurable": "2"}, "mitattavia tavoitteita on enemmän"),
        ({"vague": "monta"}, "sarake vague: odotettiin kokonaisluku"),
        ({"client_view": "ehkä"}, "sarake client_view: arvoa ei tunneta"),
        ({"recorder": "131052-308T"}, "sarakkeessa recorder"),
    ],
)
def test_faults_of_entries_are_said(change, told):
    sheet = samples.table(recipe.TABLE).head(5).assign(**change)
    with pytest.raises(GatherError, match=told) as caught:
        records_entries.entries(sheet, "oma.csv")
    assert "131052" not in str(caught.value)


def test_vague_expressions_are_whole_words():
    assert records_entries.vague_expressions("Käynyt silloin tällöin; vointi melko hyvä.") == 2
    assert records_entries.vague_expressions("Melkoinen muutos, yleensäkin useimmin.") == 0
    assert records_entries.vague_expressions("") == 0


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_vague_expressions_add_up_over_lines(first, second):
    found = records_entries.vague_expressions
    assert found(f"{first}\n\n{second}") >= max(found(first), found(second))


def test_vague_wording_needs_its_texts():
    rows = pd.DataFrame({"unit": ["a"], "month": ["2025-01"], "who": ["x"], "vague": [1]})
    with pytest.raises(FrameError, match="name text too"):
        recording.counted(
            rows, unit="unit", period="month", recorder="who", vague="vague", required=["vague"]
        )
