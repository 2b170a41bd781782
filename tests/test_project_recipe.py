"""The project's own release and page: figures of the sources, nothing mended, nothing made up."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from sosrake_lib import protect, samples
from sosrake_lib.batch import recipes_project
from sosrake_lib.errors import FrameError, GatherError
from sosrake_lib.influence import number_notes, project_texts, tables
from sosrake_lib.influence.page_numbers import loose_numbers
from sosrake_lib.influence.rows import rows_of
from sosrake_lib.language import messages
from sosrake_lib.protect import protected_frame

TABLES = ("perustiedot", "talous", "kestavyys", "osallistujat", "tasa_arvo", "toimijat", "tapahtumat")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    parts = recipes_project.project_monitoring(None)
    return protect.release(parts, name="hanke", preview=True, home=tmp_path_factory.mktemp("home"))


@pytest.fixture
def own_data(project, tmp_path):
    shutil.copytree(project / "data" / "samples" / "hanke", tmp_path / "hanke")
    return tmp_path


def figures(made, part) -> dict[tuple[str, str], float]:
    frame = protected_frame(made.select(part=part))
    return {(row.indicator, row.group): row.value for row in frame.itertuples()}


def rewrite(own_data, name, change):
    path = own_data / "hanke" / f"{name}.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(table)
    table.to_csv(path, index=False)


def test_every_figure_is_of_the_projects_43_municipalities_and_of_no_others(made):
    for part in made.parts:
        frame = protected_frame(made.select(part=part))
        assert set(zip(frame["region_level"], frame["region_code"], frame["borders"], strict=True)) == {
            ("joukko", "hanke43", 2020)
        }
        assert set(frame["period"]) == {"2020/2023"}
        assert not frame["source"].eq("").any()


def test_money_planned_realised_and_used(made):
    money = figures(made, "talous")
    assert money["hanke_eu_ja_valtio", "suunniteltu"] == 785_975
    assert money["hanke_julkinen", "toteutunut"] == 558_241
    used = figures(made, "kaytto")
    assert set(used) == {("hanke_kaytto_eu_ja_valtio", "all"), ("hanke_kaytto_julkinen", "all")}
    # 0.05: the brief gives the share with one decimal, 62.4 % in both pairs
    assert list(used.values()) == pytest.approx([62.4, 62.4], abs=0.05)


def test_what_is_not_recorded_is_missing_and_not_zero(made):
    frame = protected_frame(made.select(part="osallistujat")).set_index(["indicator", "group"])
    assert frame.loc[("hanke_henkilot", "suunniteltu"), "value"] == 223
    assert frame.loc[("hanke_henkilot", "toteutunut"), "status"] == "missing"
    assert frame.loc[("hanke_yritykset", "toteutunut"), "value"] == 0
    scores = protected_frame(made.select(part="kestavyys"))
    realised = scores["indicator"].str.endswith("toteutunut")
    assert set(scores.loc[realised, "status"]) == {"missing"}
    assert set(scores.loc[~realised, "status"]) == {"ok"}
    assert realised.sum() == 30


def test_sums_by_dimension_are_those_of_the_brief(made):
    sums = figures(made, "kestavyys_summat")
    direct, indirect = "hanke_kestavyys_suora_suunniteltu", "hanke_kestavyys_valillinen_suunniteltu"
    told = {
        dimension: (sums[direct, dimension], sums[indirect, dimension])
        for dimension in ("ekologinen", "taloudellinen", "sosiaalinen_kulttuurinen")
    }
    assert told == {"ekologinen": (8, 12), "taloudellinen": (12, 11), "sosiaalinen_kulttuurinen": (13, 22)}


def test_a_sum_with_an_unrecorded_score_is_missing(own_data):
    rewrite(own_data, "kestavyys", lambda table: table.__setitem__("realised_direct", ["1"] * 14 + [""]))
    part = recipes_project.project_monitoring(own_data)["kestavyys_summat"].frame
    realised = part.loc[part["indicator"] == "hanke_kestavyys_suora_toteutunut"].set_index("group")
    assert realised.loc["ekologinen", "value"] == 5
    assert realised.loc["sosiaalinen_kulttuurinen", "status"] == "missing"


def test_contradicting_counts_stand_side_by_side_with_their_sources(made):
    counts = figures(made, "perusluvut")
    assert counts["hanke_avainkumppanit", "ESR-hankekuvaus S21989"] == 12
    assert counts["hanke_avainkumppanit", "Uutiskirje, touko–kesäkuu 2021"] == 13
    assert counts["hanke_kunnat", "ESR-hankekuvaus S21989"] == 43


def test_how_a_figure_was_made_is_told(made):
    use = protected_frame(made.select(part="kaytto"))
    assert set(use["origin"]) == {"own"}
    assert set(use["method"]) == {"share_of_planned"}
    assert set(protected_frame(made.select(part="kestavyys_summat"))["method"]) == {"sum_of_published"}
    assert (100 * use["numerator"] / use["denominator"]).tolist() == pytest.approx(use["value"].tolist())
    assert set(protected_frame(made.select(part="talous"))["method"]) == {"published"}


def test_a_share_of_money_is_not_said_to_be_of_a_group_of_people(made):
    for row in rows_of(made.select(part="kaytto")):
        assert row.has("denominator") and number_notes.counted_column(row, "value") == ""


def test_an_item_without_a_realised_sum_has_no_share(own_data):
    rewrite(own_data, "talous", lambda table: table.__setitem__("realised", ""))
    assert "kaytto" not in recipes_project.project_monitoring(own_data)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("osallistujat", ("group", "koirat"), "group 'koirat'; expected one of henkilöt, yritykset"),
        ("perustiedot", ("value", "noin sata"), "column value: 'noin sata'; expected a whole number"),
    ],
)
def test_a_word_where_a_figure_belongs_is_refused(own_data, name, change, message):
    rewrite(own_data, name, lambda table: table.__setitem__(*change))
    with pytest.raises(FrameError, match=message):
        recipes_project.project_monitoring(own_data)


def test_without_a_start_or_a_table_it_says_what_is_missing(own_data):
    rewrite(own_data, "perustiedot", lambda table: table.__setitem__("fact", "loppu"))
    with pytest.raises(FrameError, match="fact 'alku' has no value"):
        recipes_project.project_monitoring(own_data)
    (own_data / "hanke" / "talous.csv").unlink()
    with pytest.raises(GatherError, match="'hanke/talous' is not in"):
        recipes_project.project_monitoring(own_data)


def test_the_three_ends_are_all_shown_and_none_is_among_the_agreed_facts():
    facts = samples.table("hanke/perustiedot")
    disputed = project_texts.contradictions(facts).plain
    ends = disputed.loc[disputed.iloc[:, 0] == "Loppupäivä"].iloc[:, 1].tolist()
    assert sorted(ends) == ["28.2.2023", "31.10.2022", "31.12.2022"]
    agreed = project_texts.basic_facts(facts).plain
    assert "Loppupäivä" not in set(agreed.iloc[:, 0])
    assert agreed.iloc[:, 1].tolist()[-1] == "ei kirjattu"


def test_ceased_actors_have_their_successor():
    told = project_texts.ceased_actors(samples.table("hanke/toimijat")).plain
    essote = told.loc[told["Toimija"].str.contains("Essote")].iloc[0]
    assert (essote["Päättyi"], essote["Seuraaja"]) == ("31.12.2022", "Etelä-Savon hyvinvointialue")
    assert len(told) + len(project_texts.actors(samples.table("hanke/toimijat")).plain) == 17


@pytest.mark.parametrize("language", ["fi", "en"])
def test_no_number_of_the_page_is_loose(made, language):
    shown = [
        project_texts.basic_facts(samples.table("hanke/perustiedot"), language),
        project_texts.contradictions(samples.table("hanke/perustiedot"), language),
        project_texts.equality(samples.table("hanke/tasa_arvo"), language),
        project_texts.actors(samples.table("hanke/toimijat"), language),
        project_texts.events(samples.table("hanke/tapahtumat"), language),
        tables.table(
            made.select("talous"),
            ["value"],
            "x",
            language,
            across="group",
            names=project_texts.names(language),
        ),
    ]
    markup = "".join(table.html for table in shown)
    markup += "".join(said.html() for said in project_texts.use_of_money(made.select("kaytto"), language))
    assert "62" in markup
    assert loose_numbers(markup).empty


def test_each_code_of_the_release_has_its_words(made):
    known = project_texts.names("fi")
    for part in made.parts:
        frame = protected_frame(made.select(part=part))
        assert set(frame["indicator"]) <= set(known)
        partners = set(frame["group"]) if part == "rahat" else set()  # organisations are their own names
        assert set(frame["group"]) - {"all"} <= set(known) | set(frame["source"]) | partners
    criteria = samples.table("hanke/kestavyys")
    for row in criteria.itertuples():
        assert known[f"kriteeri_{row.number:02d}"] == row.criterion_fi


def test_each_word_of_the_shipped_tables_is_translated_or_a_name():
    own = set(messages.catalogue("hankeseuranta", "fi").values())
    columns = ("answer", "question_fi", "reason_fi", "type", "role", "successor", "event_fi", "source")
    for name in TABLES:
        table = samples.table(f"hanke/{name}")
        for column in set(columns) & set(table.columns):
            assert set(table[column].dropna()) <= own, (name, column)


def test_a_table_of_words_escapes_what_people_wrote():
    rows = samples.table("hanke/tasa_arvo").assign(reason_fi="<script>alert</script>")
    markup = project_texts.equality(rows).html
    assert "<script>" not in markup
    assert "&lt;script&gt;" in markup
