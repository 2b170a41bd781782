"""The training plan's rules, engine, three-way merge and file: each row has its ground, nothing is lost."""

from __future__ import annotations

import ast
import copy
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib import catalogue, samples
from sosrake_lib.batch import training_file, training_merge
from sosrake_lib.batch.training_merge import GENERATED, Words, merge
from sosrake_lib.catalogue.competence import framework_of
from sosrake_lib.catalogue.training import rules_of
from sosrake_lib.errors import CatalogueError, FrameError, GatherError, SosrakeError
from sosrake_lib.gather import schemas, survey
from sosrake_lib.indicators import training_plan

FRAMEWORK, RULES = catalogue.competence_framework(), catalogue.training_rules()
PROJECT = Path(__file__).resolve().parents[1]
CATALOGUE = PROJECT / "sosrake_lib" / "catalogue"
NAN = float("nan")
WORDS = Words("uusi", "peruste poistunut", "oma rivi", ("new", "ground gone", "own row"))


def figures(**given_figures):
    """Make figures of keys: key=(gap, gap_lower, reach, importance, skill, need)."""
    names = ("gap", "gap_lower", "reach", "importance", "skill", "need")
    rows = [
        {"key": key, **dict(zip(names, values, strict=True)), "gap_upper": values[0] + 0.2}
        for key, values in given_figures.items()
    ]
    return pd.DataFrame(rows, columns=list(training_plan.COLUMNS))


def made(start="2027-01", rules=RULES, **given_figures):
    return training_plan.make_plan(figures(**given_figures), FRAMEWORK, rules, start)


def read(name):
    return tomllib.loads((CATALOGUE / name).read_text(encoding="utf-8"))


# One framework file


def test_survey_plan_and_course_use_the_same_file(project):
    """Items and scales of the sheet, of the plan's rules and of the course are those of competences.toml."""
    items = {item.key for item in FRAMEWORK.items}
    scales = tuple(scale.key for scale in FRAMEWORK.scales)
    assert scales == survey.SCALES
    assert len(FRAMEWORK.scales[0].points) == survey.HIGHEST
    asked = {c.name for c in schemas.schema("osaamiskartoitus").columns if c.kind == "scale"}
    assert asked == {f"{item}.{scale}" for item in items for scale in scales}
    assert asked <= set(samples.table("osaamiskartoitus").columns)
    assert catalogue.competences() is FRAMEWORK.domains
    conditions = {item.key for item in FRAMEWORK.items if item.condition}
    assert {key for rule in RULES.rules if rule.condition for key in rule.items} == conditions
    lessons = {path.parent.name for path in (project / "course").glob("*/oppitunti.ipynb")}
    assert {unit.key for unit in FRAMEWORK.units} == lessons, "units that exist, and no others"


def test_another_framework_file_changes_survey_plan_and_course_alike(monkeypatch):
    """No other module holds a list of items of its own: the three follow the file when it changes."""
    held = read("competences.toml")
    moved = copy.deepcopy(held)
    moved["units"]["moduuli_1_tietotyo"]["items"] = ["mittarit"]
    other = framework_of(moved)
    by_item = {item.key: item for item in other.items}
    assert by_item["mittarit"].units == ("moduuli_1_tietotyo",)
    assert by_item["rekisterit"].units == ()
    plan = training_plan.make_plan(
        figures(mittarit=(0.9, 0.4, 40, 4, 3, 3.5), rekisterit=(0.9, 0.4, 40, 4, 3, 3.5)), other, RULES
    )
    assert plan.rows["row"].tolist() == ["mittarit"]


def test_course_readme_lists_the_items_its_units_train(project):
    text = (project / "course" / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\| \[([^\]]+)\]\((\w+)/\) \| ([^|]+) \| ([^|]+) \|$", text, flags=re.MULTILINE))
    names = {item.key: item.name_fi for item in FRAMEWORK.items}
    domains = {item.key: domain.name_fi for domain in FRAMEWORK.domains for item in domain.items}
    told = {
        (unit.name_fi, unit.key, names[item], domains[item])
        for unit in FRAMEWORK.units
        for item in unit.items
    }
    assert shown == told


def test_items_and_scale_words_stand_in_no_other_module():
    """A second list of items anywhere in the library would drift from the file."""
    keys = {item.key for item in FRAMEWORK.items}
    for path in (PROJECT / "sosrake_lib").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        literals = [
            {element.value for element in node.elts if isinstance(element, ast.Constant)}
            for node in ast.walk(tree)
            if isinstance(node, ast.Tuple | ast.List | ast.Set)
        ]
        assert not any(len(found & keys) > 2 for found in literals), path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda f: f["levels"]["tuettu"].update(point=6),
            r"level tuettu is not on the scale osaaminen \(1-5\)",
        ),
        (lambda f: f["units"]["moduuli_1_tietotyo"]["items"].append("nolla"), "item 'nolla' is unknown"),
        (lambda f: f["yhteistyo_edellytykset"]["conditions"].append("raha"), "condition 'raha' is no item"),
        (lambda f: f["scales"]["tarkeys"]["points"].pop(), "the scales differ in points"),
        (lambda f: f["tiedon_tyostaminen"]["items"].update(media=["a", "b"]), "'media' stands twice"),
    ],
)
def test_a_framework_at_odds_with_itself_is_refused(change, message):
    held = read("competences.toml")
    change(held)
    with pytest.raises(CatalogueError, match=message):
        framework_of(held)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(target="kissat"), "target 'kissat'; expected"),
        (lambda r: r.update(form="juhlat"), "form 'juhlat'; expected"),
        (lambda r: r["when"].update(tunne=1), "figure 'tunne'; expected gap"),
        (lambda r: r.update(reason_fi="Ero on 1,5."), "a digit in the words"),
        (lambda r: r.update(measure_en="{need_x}"), "piece {need_x} is not asked for"),
        (lambda r: r.update(aim="mestari"), "aim 'mestari'; expected"),
        (lambda r: r.update(aim=""), "give either aim or both"),
        (lambda r: r.update(items=["media_x"]), "items 'media_x'; expected"),
        (lambda r: r.update(hours=-1), "hours and month are not below 0"),
        (lambda r: r.update(colour="red"), "unexpected keyword argument 'colour'"),
        (lambda r: r.update(about="domain", items=["media"]), "asked of items, not of a domain"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(change, message):
    held = read("training_rules.toml")
    change(held["rules"]["tyopaja"])
    with pytest.raises(CatalogueError, match=message):
        rules_of(held)


def test_words_of_rules_name_no_cause_and_no_rank():
    forbidden = re.compile(r"\b(aiheutt|johtu|vaikutt\w+ siihen|causes?|because of|paras|huonoin|best|worst)")
    for rule in RULES.rules:
        for text in (rule.reason_fi, rule.reason_en, rule.measure_fi, rule.measure_en):
            assert not forbidden.search(text.lower()), text


# The engine


def test_the_first_rule_that_fits_gives_the_row_with_its_figures():
    plan = made(vaikutusten_arviointi=(1.4, 1.2, 82, 4.1, 2.7, 4.3))
    row = plan.rows.iloc[0]
    assert (row["rule"], row["form"], row["aim"], row["hours"]) == ("tyopaja", "tyopaja", "itsenainen", 8)
    assert (row["gap"], row["reach"], row["need"]) == (1.4, 82, 4.3)
    assert row["domain"] == "tiedon_tyostaminen"


@pytest.mark.parametrize(("lower", "rule"), [(1.0, "tyopaja"), (0.999, "vertaisklinikka"), (0.499, None)])
def test_a_limit_is_met_at_the_limit_itself(lower, rule):
    plan = made(vaikutusten_arviointi=(lower + 0.2, lower, 82, 4.1, 2.7, 4.3))
    assert plan.rows["rule"].tolist() == ([rule] if rule else [])


def test_conditions_of_work_lead_to_structure_and_never_to_training():
    high = (1.9, 1.7, 95, 4.6, 2.0, 4.9)
    keys = [item.key for item in FRAMEWORK.items if item.condition]
    plan = made(**dict.fromkeys(keys, high), yhteistyo_edellytykset=high)
    of_conditions = plan.rows.loc[plan.rows["item"].isin(keys)]
    assert set(of_conditions["form"]) == {"rakenteellinen"}
    assert sorted(of_conditions["item"]) == sorted(keys), "a domain's series does not cover them"
    assert (of_conditions["hours"] == 0).all()
    assert (of_conditions["aim"] == "").all(), "no level of skill is aimed at"
    for rule in RULES.rules:
        if rule.condition:
            assert "oulut" in rule.reason_fi, "it says why training is not the answer"


def test_a_domain_row_stands_for_its_items():
    high = (1.8, 1.6, 90, 4.2, 2.4, 4.4)
    plan = made(tiedolla_vaikuttaminen=high, media=high, ehdotus=high, yhdistaminen=high)
    assert plan.rows["row"].tolist() == ["tiedolla_vaikuttaminen", "yhdistaminen"]


def test_a_hidden_figure_fits_no_rule_that_asks_for_it():
    """Known or hidden above the limit, the plan must not tell: the hidden one gets no such row."""
    shown = made(yhdistaminen=(0.9, 0.7, 71, 4, 2.95, 3.6))
    hidden = made(yhdistaminen=(0.9, 0.7, NAN, 4, 2.95, 3.6))
    assert shown.rows["rule"].tolist() == ["vertaisklinikka"]
    assert hidden.rows.empty
    assert hidden.unjudged.values.tolist() == [["vertaisklinikka", "yhdistaminen", "reach"]]


def test_a_hidden_figure_is_not_named_where_the_rule_fails_anyway():
    assert made(yhdistaminen=(0.4, 0.1, NAN, 4, 2.95, 3.6)).unjudged.empty


def test_without_a_mean_of_skill_the_aim_is_left_open():
    assert made(yhdistaminen=(0.9, 0.7, 71, 4, NAN, 3.6)).rows["aim"].tolist() == [""]


@pytest.mark.parametrize(
    ("skill", "level"),
    [
        *((1.0, "tuettu"), (2.0, "itsenainen"), (2.99, "itsenainen")),
        *((3.0, "soveltava"), (4.6, "ohjaava"), (5.0, "ohjaava")),
    ],
)
def test_the_aim_is_the_next_step(skill, level):
    assert FRAMEWORK.level_above(skill).key == level


def test_a_course_unit_takes_its_hours_once():
    figures_ = (0.8, 0.4, 40, 4, 3, 3.5)
    plan = made(rekisterit=figures_, tilastojen_luku=figures_)
    assert plan.rows["unit"].tolist() == ["moduuli_1_tietotyo"] * 2
    assert sorted(plan.rows["hours"]) == [0, 2]
    assert plan.rows["month"].nunique() == 1


def test_no_figures_give_an_empty_plan():
    plan = made()
    assert plan.rows.empty
    assert plan.months.empty
    assert list(plan.rows.columns) == list(training_plan.ROW_COLUMNS)


def test_the_order_of_figures_does_not_matter():
    many = figures(
        **{item.key: (0.6 + place / 30, 0.5 + place / 30, 70, 4.2, 2.9, 4.1)
           for place, item in enumerate(FRAMEWORK.items)}
    )  # fmt: skip
    first = training_plan.make_plan(many, FRAMEWORK, RULES)
    again = training_plan.make_plan(many.sample(frac=1, random_state=3), FRAMEWORK, RULES)
    pd.testing.assert_frame_equal(first.rows, again.rows)


@given(
    hours=st.lists(st.sampled_from([0.0, 2.0, 3.0, 8.0, 24.0]), max_size=12),
    cap=st.sampled_from([0.0, 3.0, 8.0, 10.0]),
    quiet=st.sets(st.integers(1, 12), max_size=3),
    first=st.integers(0, 11),
)
@settings(max_examples=50, deadline=None)
def test_hours_never_pass_the_cap_and_none_are_lost(hours, cap, quiet, first):
    start = training_plan.month_after("2027-01", first)
    earliest = [place % 4 for place in range(len(hours))]
    spread = training_plan.spread_hours(hours, earliest, start, cap, sorted(quiet))
    for amount, early, one in zip(hours, earliest, spread, strict=True):
        assert sum(one.values()) == amount
        assert min(one) >= early
        assert len(one) == 1 or amount > cap > 0
    months = {}
    for one in spread:
        for place, amount in one.items():
            months[place] = months.get(place, 0) + amount
            assert int(training_plan.month_after(start, place)[5:]) not in quiet
    assert not cap or all(amount <= cap for amount in months.values())


@pytest.mark.parametrize("month", ["2027", "2027-13", "1/2027", "", 2027])
def test_a_start_that_is_no_month_is_refused(month):
    with pytest.raises(SosrakeError, match="expected a year and a month such as 2027-01"):
        made(start=month, aika=(1, 1, 1, 1, 1, 1))


def test_wrong_figures_are_refused():
    right = figures(aika=(1, 0.8, 60, 4, 3, 4))
    with pytest.raises(FrameError, match="column need is missing"):
        training_plan.make_plan(right.drop(columns="need"), FRAMEWORK, RULES)
    with pytest.raises(FrameError, match="key 'kissa' is not in the framework"):
        training_plan.make_plan(right.assign(key="kissa"), FRAMEWORK, RULES)
    with pytest.raises(FrameError, match="key 'aika' stands twice"):
        training_plan.make_plan(pd.concat([right, right]), FRAMEWORK, RULES)
    with pytest.raises(FrameError, match="row 1, column gap is infinite"):
        training_plan.make_plan(right.assign(gap=np.inf), FRAMEWORK, RULES)


# The merge


def generated(*keys, **cells):
    rows = [
        {"tunnus": key, **dict.fromkeys(GENERATED, ""), "muoto": "työpaja", "tunnit": "8"} for key in keys
    ]
    for row in rows:
        row.update(cells)
    return pd.DataFrame(rows, columns=["tunnus", *GENERATED])


def again(previous, edited, now):
    return merge(now, WORDS, edited=edited, base=previous.base, struck=previous.struck)


def row_of(result, key):
    return result.rows.set_index("tunnus").loc[key]


def test_an_unchanged_plan_follows_the_rules():
    first = merge(generated("a", "b"), WORDS)
    second = again(first, first.rows, generated("a", "b", tunnit="6"))
    assert second.rows["tunnit"].tolist() == ["6", "6"]
    assert (second.rows["muokattu"] == "").all()
    assert second.kept_cells == 0


def test_a_changed_cell_is_kept_marked_and_the_new_proposal_told():
    first = merge(generated("a", "b"), WORDS)
    mine = first.rows.copy()
    mine.loc[0, ["tunnit", "vastuu"]] = ["4", "palveluvastaava"]
    second = again(first, mine, generated("a", "b", tunnit="6"))
    row = row_of(second, "a")
    assert (row["tunnit"], row["vastuu"], row["muokattu"]) == ("4", "palveluvastaava", "tunnit, vastuu")
    assert row["uusi_ehdotus"] == "tunnit: 6"
    third = again(second, second.rows, generated("a", "b", tunnit="6"))
    assert row_of(third, "a")["tunnit"] == "4", "kept on every rerun"
    assert row_of(third, "a")["muokattu"] == "tunnit, vastuu"


def test_a_cell_a_person_emptied_stays_empty():
    first = merge(generated("a", mittari="tuotos"), WORDS)
    second = again(first, first.rows.assign(mittari=""), generated("a", mittari="tuotos"))
    assert row_of(second, "a")["mittari"] == ""
    assert row_of(second, "a")["muokattu"] == "mittari"


def test_own_rows_stay_and_get_a_name():
    first = merge(generated("a"), WORDS)
    own = {"tunnus": "", "muoto": "opintopiiri", "tunnit": "5"}
    mine = pd.concat([first.rows, pd.DataFrame([own, own])], ignore_index=True)
    second = again(first, mine, generated("a"))
    assert second.rows["tunnus"].tolist() == ["a", "oma-1", "oma-2"]
    assert row_of(second, "oma-1")["tila"] == "oma rivi"
    third = again(second, second.rows, generated("a"))
    pd.testing.assert_frame_equal(third.rows, second.rows)


def test_a_row_struck_out_stays_out_until_its_writer_takes_it_back():
    first = merge(generated("a", "b"), WORDS)
    second = again(first, first.rows.iloc[:1], generated("a", "b"))
    third = again(second, second.rows, generated("a", "b", tunnit="99"))
    assert third.rows["tunnus"].tolist() == ["a"]
    assert third.out == ("b",)
    # The ground goes and comes back: still out.
    fourth = again(third, third.rows, generated("a"))
    fifth = again(fourth, fourth.rows, generated("a", "b"))
    assert fifth.rows["tunnus"].tolist() == ["a"]
    back = again(fifth, pd.concat([fifth.rows, first.rows.iloc[1:]]), generated("a", "b"))
    assert back.rows["tunnus"].tolist() == ["a", "b"]
    assert back.struck == ()


def test_a_row_whose_ground_has_gone_is_kept_and_flagged():
    first = merge(generated("a", "b"), WORDS)
    mine = first.rows.assign(vastuu=["", "koordinaattori"])
    second = again(first, mine, generated("a"))
    row = row_of(second, "b")
    assert (row["tila"], row["vastuu"], row["muoto"]) == ("peruste poistunut", "koordinaattori", "työpaja")
    assert second.gone == ("b",)
    third = again(second, second.rows, generated("a", "b"))
    assert row_of(third, "b")["tila"] == ""
    assert row_of(third, "b")["vastuu"] == "koordinaattori"


def test_a_new_row_comes_last_and_says_so():
    first = merge(generated("b"), WORDS)
    second = again(first, first.rows, generated("a", "b"))
    assert second.rows["tunnus"].tolist() == ["b", "a"]
    assert row_of(second, "a")["tila"] == "uusi"
    assert row_of(again(second, second.rows, generated("a", "b")), "a")["tila"] == ""


def test_without_memory_every_difference_is_taken_for_a_person_s():
    mine = generated("a", tunnit="4")
    result = merge(generated("a", "b"), WORDS, edited=mine)
    assert row_of(result, "a")["tunnit"] == "4"
    assert row_of(result, "a")["uusi_ehdotus"] == "tunnit: 8"
    assert row_of(result, "b")["tila"] == "uusi"


def test_own_columns_and_remarks_in_ours_are_kept():
    first = merge(generated("a"), WORDS)
    mine = first.rows.assign(budjetti="900 €", tila="sovittu")
    second = again(first, mine, generated("a"))
    row = row_of(second, "a")
    assert (row["budjetti"], row["huomautus"], row["tila"]) == ("900 €", "sovittu", "")


def test_a_column_taken_away_comes_back_as_generated():
    first = merge(generated("a", mittari="tuotos"), WORDS)
    second = again(first, first.rows.drop(columns="mittari"), generated("a", mittari="tuotos"))
    assert row_of(second, "a")["mittari"] == "tuotos"
    assert second.kept_cells == 0


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_no_cell_a_person_changed_is_ever_lost(data):
    keys = ["a", "b", "c", "d"]
    cell = st.sampled_from(["", "x", "y"])
    first = merge(generated(*data.draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))), WORDS)
    mine = first.rows.copy()
    for row in mine.index:
        for column in ("muoto", "vastuu", "mittari"):
            if data.draw(st.booleans()):
                mine.loc[row, column] = data.draw(cell)
    now = generated(*data.draw(st.lists(st.sampled_from(keys), unique=True)), muoto=data.draw(cell))
    second = again(first, mine, now)
    assert second.rows["tunnus"].is_unique
    for row in mine.to_dict("records"):
        kept = row_of(second, row["tunnus"])
        for column in ("muoto", "vastuu", "mittari"):
            if row[column] != first.base[row["tunnus"]][column]:
                assert kept[column] == row[column]
    twice = again(second, second.rows, now)
    assert twice.rows.drop(columns=["tila", "uusi_ehdotus"]).equals(
        second.rows.drop(columns=["tila", "uusi_ehdotus"])
    )


# The file


def written(folder, *keys):
    return training_file.write_plan(folder, merge(generated(*keys, vastuu="Äijälä; ”x”"), WORDS), "synthetic")


def test_a_written_plan_is_read_back_and_does_not_disturb_the_data_folder(tmp_path):
    path = written(tmp_path, "a", "b")
    kept = training_file.read_plan(tmp_path)
    assert kept.rows["vastuu"].tolist() == ["Äijälä; ”x”"] * 2
    assert set(kept.base) == {"a", "b"}
    assert samples.files(tmp_path)["kind"].tolist() == ["synthetic"]
    assert path.read_bytes().startswith(b"\xef\xbb\xbftunnus;osa_alue;")
    assert training_file.read_plan(tmp_path / "no") is None


@pytest.mark.parametrize(
    ("encoding", "separator"), [("cp1252", ";"), ("utf-8", ","), ("utf-16", "\t"), ("utf-8-sig", ";")]
)
def test_what_a_spreadsheet_makes_of_the_file_is_read(tmp_path, encoding, separator):
    table = generated("a", vastuu="Työpäällikkö", kuukausi="tammi.27", tunnit="2,50")
    text = table.to_csv(index=False, sep=separator)
    (tmp_path / "koulutussuunnitelma.csv").write_bytes(text.encode(encoding))
    rows = training_file.read_plan(tmp_path).rows
    assert rows[["vastuu", "kuukausi", "tunnit"]].values.tolist() == [["Työpäällikkö", "2027-01", "2,5"]]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"tunnit": "kahdeksan"}, "row 2, column tunnit: 'kahdeksan'; expected hours such as 8"),
        ({"kuukausi": "keväällä"}, "row 2, column kuukausi: 'keväällä'; expected a month"),
        ({"paattyy": "2027-13"}, "row 2, column paattyy"),
    ],
)
def test_an_unreadable_cell_names_row_and_column(tmp_path, cells, message):
    generated("a", **cells).to_csv(tmp_path / "koulutussuunnitelma.csv", index=False, sep=";")
    with pytest.raises(GatherError, match=message):
        training_file.read_plan(tmp_path)


def test_a_broken_file_is_an_error_and_not_silence(tmp_path):
    path = tmp_path / "koulutussuunnitelma.csv"
    generated("a", "a").to_csv(path, index=False, sep=";")
    with pytest.raises(GatherError, match="row 3, column tunnus: 'a' stands on row 2 too"):
        training_file.read_plan(tmp_path)
    generated("a").drop(columns="tunnus").to_csv(path, index=False, sep=";")
    with pytest.raises(GatherError, match="row 1: column tunnus is missing"):
        training_file.read_plan(tmp_path)
    path.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(GatherError, match=r"koulutussuunnitelma\.csv: "):
        training_file.read_plan(tmp_path)
    path.write_text("tunnus;muoto\na;työpaja;liikaa\n", encoding="utf-8")
    with pytest.raises(GatherError, match="row 2, Rivillä on 3 saraketta, odotettiin 2"):
        training_file.read_plan(tmp_path)


def test_a_broken_memory_says_what_to_do(tmp_path):
    written(tmp_path, "a")
    (tmp_path / "koulutussuunnitelma.toml").write_text("kind = [", encoding="utf-8")
    with pytest.raises(GatherError, match="remove the file, and every cell that differs"):
        training_file.read_plan(tmp_path)


def test_a_file_that_cannot_be_replaced_says_why(tmp_path, monkeypatch):
    def locked(path, content):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(training_file, "replace_file", locked)
    with pytest.raises(SosrakeError, match="close it in the spreadsheet"):
        written(tmp_path, "a")


def test_marks_of_the_merge_are_explained_in_the_dictionary(tmp_path):
    written(tmp_path, "a")
    about = tomllib.loads((tmp_path / "koulutussuunnitelma.toml").read_text(encoding="utf-8"))
    assert set(about["columns"]) == {"tunnus", *GENERATED, *training_merge.MARKS}
    assert all(column["meaning"] for column in about["columns"].values())
