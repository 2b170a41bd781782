"""Phenomenon cards: joined at area x theme x period and never per person, rated by the stated rule."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_needs, recipes_phenomenon, reporting_source
from sosrake_lib.batch.recipes_phenomenon import QUESTIONS, phenomenon_cards
from sosrake_lib.errors import FrameError, SosrakeError
from sosrake_lib.indicators import triangulation
from sosrake_lib.indicators.triangulation import Base, direction, side_by_side, strength
from sosrake_lib.influence import words_phenomenon

COUNTY = ("hva", "E1")
FLATS, ONLINE, QUEUE, RIDES, PLACES, LOANS = (f"ilmio_{number}" for number in range(1, 7))
KEY = {"region_level": ["kunta"], "region_code": ["E02"], "theme": ["asuminen"], "period": ["2025"]}
WAYS = ("samaan", "osin", "ristiin", "ei_tukea", "ei_tiedeta")


@pytest.fixture(scope="module")
def parts():
    return phenomenon_cards(None)


@pytest.fixture(scope="module")
def release(parts):
    return protect.release(parts, name="ilmiokortti", preview=True)


@pytest.fixture(scope="module")
def reported():
    return reporting_source.open_reported()


@pytest.fixture
def quick(reported, monkeypatch):
    """Read the invented register once for all tests that make the cards anew."""
    monkeypatch.setattr(reporting_source, "open_reported", lambda data=None: reported)


def category(parts, part, key, group):
    rows = parts[part].frame
    return rows.loc[(rows["indicator"] == key) & (rows["group"] == group), "category"].iloc[0]


def test_the_join_has_no_key_of_a_person():
    assert triangulation.JOIN == ("region_level", "region_code", "theme", "period")
    found = side_by_side({"a": pd.DataFrame(KEY).assign(value=1.0), "b": pd.DataFrame(KEY).assign(value=2.0)})
    assert list(found.columns) == [*triangulation.JOIN, "a_value", "b_value"]


@pytest.mark.parametrize("column", ["client", "havainto_id", "asiakas", "yksikko", "havainto"])
def test_anything_of_a_person_is_refused(column):
    with pytest.raises(FrameError, match=f"column {column} does not belong there; .* never a person"):
        side_by_side({"asiakastieto": pd.DataFrame(KEY).assign(value=1.0, **{column: "x"})})


def test_two_rows_of_one_key_are_refused():
    twice = pd.concat([pd.DataFrame(KEY), pd.DataFrame(KEY)]).assign(value=1.0)
    with pytest.raises(FrameError, match="stands twice"):
        side_by_side({"havainnot": twice})


def test_the_recipe_joins_by_nothing_else(quick, monkeypatch):
    """Every frame the recipe hands to the join holds the four keys and what they tell."""
    seen = []
    joined = triangulation.side_by_side

    def watched(kinds):
        seen.extend(set(one.columns) for one in kinds.values())
        return joined(kinds)

    monkeypatch.setattr(triangulation, "side_by_side", watched)
    phenomenon_cards(None)
    assert seen and all(columns <= {*triangulation.JOIN, *triangulation.TOLD} for columns in seen)


def test_who_the_clients_are_makes_no_difference(quick, monkeypatch, parts):
    """New names for all clients leave every part as it was: nobody is joined to anything by a name."""
    real = samples.table

    def renamed(name, data=None):
        rows = real(name, data)
        if name == recipes_needs.TABLE:
            rows = rows.assign(client="Z" + rows["client"].str[::-1])
        return rows

    monkeypatch.setattr(samples, "table", renamed)
    again = phenomenon_cards(None)
    for name, part in parts.items():
        pd.testing.assert_frame_equal(part.frame, again[name].frame)


def test_observations_are_those_of_the_sample(parts):
    about = samples.table("esimerkkila_ilmiot")
    rows = parts["havainnot"].frame
    whole = rows.loc[rows["region_level"] == "hva"].set_index("group")["value"]
    told = {f"ilmio_{place + 1}": float(count) for place, count in enumerate(about["havaintoja"][:5])}
    assert whole.to_dict() == told
    listed = samples.table("esimerkkila_havainnot")
    own = listed.loc[listed["ilmio"] == "pienet_vuokra_asunnot", "region_code"].value_counts()
    flats = rows.loc[(rows["group"] == FLATS) & (rows["region_level"] == "kunta")]
    assert {code: float(own.get(code, 0)) for code in flats["region_code"]} == flats.set_index("region_code")[
        "value"
    ].to_dict()


def test_no_small_count_leaves_and_the_weak_signal_has_none(release):
    for name in ("havainnot", "tuottajat"):
        rows = protect.protected_frame(release.select(part=name))
        assert not rows.loc[rows["status"] == "ok", "value"].between(1, 4).any()
    assert LOANS not in set(protect.protected_frame(release.select(part="havainnot"))["group"])
    told = [str(one) for one in words_phenomenon.answer(release, COUNTY, LOANS)]
    assert told[0] == "Ilmiö on heikko signaali, joten havaintojen määrää ei kerrota."


def test_the_planted_truth_shows(parts):
    """E02 has half of the observations on flats, twice the housing need and more housing allowance."""
    assert category(parts, "rinnakkain", FLATS, "asiakastieto") in ("samaan", "osin")
    assert category(parts, "rinnakkain", FLATS, "tilasto") in ("samaan", "osin")
    assert category(parts, "naytto", FLATS, "naytto") == "A"
    # Unemployment is the same everywhere, so it neither supports nor refutes the lack of rides.
    assert category(parts, "rinnakkain", RIDES, "tilasto") == "ei_tukea"
    assert category(parts, "naytto", LOANS, "naytto") == "D"


def test_each_card_answers_the_dozen_questions(parts):
    rows = parts["tarkistus"].frame
    assert len(QUESTIONS) == 12 and QUESTIONS == words_phenomenon.QUESTIONS
    assert set(rows.groupby("indicator").size()) == {12} and rows["indicator"].nunique() == 6
    assert set(rows.loc[rows["group"] == "heikoimmat", "category"]) == {"ei_tiedeta"}
    proposed = rows.loc[(rows["group"] == "paattaja") & (rows["category"] == "kylla"), "indicator"]
    assert set(proposed) == {FLATS, ONLINE, QUEUE, RIDES}
    measured = rows.loc[(rows["group"] == "mittari") & (rows["category"] == "kylla"), "indicator"]
    assert set(measured) == {QUEUE, PLACES, LOANS}


@pytest.mark.parametrize(
    ("base", "grade"),
    [
        (Base(20, 2, 2, False, True, {"a": "samaan", "b": "osin"}), "A"),
        (Base(20, 2, 2, False, None, {"a": "samaan", "b": "osin"}), "B"),
        (Base(19, 2, 2, False, True, {"a": "samaan", "b": "osin"}), "B"),
        (Base(20, 2, 2, False, True, {"a": "samaan", "b": "ei_tiedeta"}), "B"),
        (Base(20, 2, 2, False, True, {"a": "samaan", "b": "ristiin"}), "C"),
        (Base(20, 2, 2, False, True, {"a": "ei_tukea", "b": "ei_tiedeta"}), "C"),
        (Base(9, 2, 2, False, True, {"a": "samaan", "b": "samaan"}), "D"),
        (Base(50, 1, 4, False, True, {"a": "samaan", "b": "samaan"}), "D"),
        (Base(50, 3, 4, True, True, {"a": "samaan", "b": "samaan"}), "D"),
    ],
)
def test_strength_follows_the_stated_rule(base, grade):
    assert strength(base) == grade


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 40), st.integers(0, 5), st.integers(0, 4), st.booleans(), st.sampled_from(WAYS),
    st.sampled_from(WAYS),
)  # fmt: skip
def test_more_conflict_never_strengthens(observations, producers, halves, agree, first, second):
    before = Base(observations, producers, halves, False, agree, {"a": first, "b": second})
    after = Base(observations, producers, halves, False, agree, {"a": first, "b": "ristiin"})
    assert strength(after) >= strength(before)  # A is before D


@pytest.mark.parametrize(
    ("verdicts", "way"),
    [
        (["higher", "similar"], "samaan"),
        (["higher", "lower"], "osin"),
        (["lower", "similar"], "ristiin"),
        (["similar", "similar"], "ei_tukea"),
        (["not_testable", ""], "ei_tiedeta"),
    ],
)
def test_directions_by_hand(verdicts, way):
    rows = pd.DataFrame({"havainnot_value": [5.0, 20.0], "tilasto_verdict": verdicts})
    assert direction(rows, "tilasto") == way


def test_hidden_or_few_observations_steer_nothing():
    rows = pd.DataFrame({"havainnot_value": [float("nan"), 4.0], "tilasto_verdict": ["higher", "lower"]})
    assert direction(rows, "tilasto") == "ei_tiedeta"


def test_another_year_s_statistics_are_not_beside(quick, monkeypatch):
    """The join is by period too: figures of 2024 are no figures of 2025."""
    real = samples.table

    def older(name, data=None):
        rows = real(name, data)
        return rows.loc[rows["period"] == "2024"] if name == recipes_phenomenon.INDICATORS else rows

    monkeypatch.setattr(samples, "table", older)
    found = phenomenon_cards(None)
    assert category(found, "tarkistus", FLATS, "tilasto") == "ei"
    assert category(found, "rinnakkain", FLATS, "tilasto") == "ei_tiedeta"


def test_invented_records_do_not_stand_beside_an_own_register(tmp_path, monkeypatch):
    from sosrake_lib.register import importer, open_register, phenomena

    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path))
    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)
    rows = pd.DataFrame(
        {
            "id": [str(number) for number in range(30)],
            "saapunut": [f"2019-{1 + number % 12:02d}-10" for number in range(30)],
            "region_level": "kunta",
            "region_code": ["297", "140"] * 15,
            "tiedontuottaja": ["ammattilainen", "asukas", "ammattilainen"] * 10,
            "teema": "tyottomyys",
            "havainto": "Töitä ei ole tarjolla.",
        }
    )
    register = open_register()
    numbers = importer.import_observations(register, rows, name="oma", origin="own", user="tp1")
    number = phenomena.add_phenomenon(
        register, "a", name="Työt", theme="tyottomyys", user="tp1", indikaattorit="tyottomyysaste"
    )
    from sosrake_lib.register import observations

    for one in numbers.values():
        version = observations.read(register, one)["versio"]
        observations.review(register, one, expected_version=version, user="tp1")
    phenomena.merge(register, number, numbers.values(), user="tp1")
    register.close()
    parts = phenomenon_cards(None)
    made = protect.release(parts, name="ilmiokortti", preview=True)
    assert not made.synthetic and {"osuudet", "asiakkaat", "luvut"}.isdisjoint(parts)
    assert set(parts["tilasto"].frame["origin"]) == {"published", "own"}
    assert parts["tilasto"].rules.open
    assert category(parts, "tarkistus", f"ilmio_{number}", "tilasto") == "kylla"
    assert category(parts, "tarkistus", f"ilmio_{number}", "ihmiset_itse") == "kylla"
    table = words_phenomenon.side_by_side(made, ("hva", "13"), f"ilmio_{number}")
    assert "Kuopio" in table.plain.iloc[:, 0].tolist() and "Keksitty" not in table.caption
    assert words_phenomenon.card(made, ("hva", "13"), f"ilmio_{number}")[0].text_fi.startswith(
        "Ilmiön yhteen"
    )


def test_the_words_of_a_card(release):
    told = [str(one) for one in words_phenomenon.answer(release, COUNTY, FLATS)]
    assert told[0].startswith("Ilmiöstä on tehty Esimerkkilässä 36\u00a0havaintoa vuosina 2024–2025.")
    assert told[1].startswith("Näytön vahvuus on A.")
    table = words_phenomenon.side_by_side(release, COUNTY, FLATS)
    first = table.plain.iloc[0].tolist()
    assert first[0] == "Aineistola" and first[1] == "18\u00a0havaintoa" and first[2].endswith("suurempi")
    assert str(words_phenomenon.directions(release, COUNTY, RIDES)[1]).startswith("Tilasto ei tue eikä kumoa")
    english = words_phenomenon.checklist(release, COUNTY, FLATS, "en").plain
    assert len(english) == 12 and english.iloc[0, 1] == "yes"


def test_a_phenomenon_that_is_not_there_is_told_by_number(release):
    assert words_phenomenon.chosen(release, COUNTY) == FLATS
    with pytest.raises(SosrakeError, match="ilmio '99'; expected one of 1, 2, 3, 4, 5, 6"):
        words_phenomenon.chosen(release, COUNTY, "99")


def test_the_invented_statistics_name_their_own_file_and_no_real_producer(parts):
    rows = parts["tilasto"].frame
    assert set(rows["source"]) == {"esimerkkila_indikaattorit.csv"}
    assert len(set(rows["producer"])) == 1 and "Kela" not in "".join(set(rows["producer"]))
