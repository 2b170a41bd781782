"""Releases: what a hidden row shows, what is refused, what is stored, and that nothing can be reckoned."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from disclosure_tables import CODES, counts_of, released, row, rules, table

from sosrake_lib import protect
from sosrake_lib.errors import DisclosureError
from sosrake_lib.protect.rules import RuleSet


def rates(counts, population=400.0):
    """Make analysed rates of one indicator: two confidences, interval, provenance, extra columns."""
    rows = []
    for code, count in zip(CODES, counts, strict=False):
        for confidence in (0.95, 0.99):
            rows.append(
                row(code, count=count, per=1000.0, denominator=population)
                | {
                    "value": 1000 * count / population,
                    "lower": 900 * count / population,
                    "upper": 1100 * count / population,
                    "statistic": "rate",
                    "method": "exact" if count < 10 else "byar",
                    "confidence": confidence,
                    "rank": float(count),
                    "verdict": "higher",
                    "producer": "Esimerkki",
                    "areas_used": 1,
                }
            )
    return pd.DataFrame(rows)


def make(frame, name="koe", preview=True, rule="vakio", totals=(), **other):
    return protect.release({"osa": protect.part(frame, rule, totals)}, name=name, preview=preview, **other)


def rows_of(made, **filters):
    return protect.protected_frame(made.select("osa", **filters))


def test_hidden_row_keeps_its_key_and_nothing_else():
    shown = rows_of(make(rates([3, 40, 50, 60, 70, 80, 90, 12])))
    hidden = shown[shown["region_code"] == "E01"]
    assert hidden["status"].tolist() == ["suppressed", "suppressed"]
    for column in ("value", "lower", "upper", "numerator", "denominator", "rank", "areas_used"):
        assert hidden[column].isna().all(), column
    assert set(hidden["method"]) == {""}  # exact or Byar would tell that the count is under ten
    assert set(hidden["verdict"]) == {""}
    assert hidden["producer"].tolist() == ["Esimerkki", "Esimerkki"]
    assert shown.loc[shown["region_code"] == "E02", "value"].iloc[0] == pytest.approx(100.0)


def test_hidden_rows_look_alike_whatever_hid_them():
    frame = rates([3, 40, 397, 60, 70, 80, 90, 12])
    frame.loc[frame["region_code"] == "E02", ["value", "lower", "upper", "numerator"]] = np.nan
    frame.loc[frame["region_code"] == "E02", "status"] = "suppressed"  # absent at the source
    frame.loc[frame["region_code"] == "E04", "denominator"] = 49.0  # too few to divide by
    frame.loc[frame["region_code"] == "E04", "numerator"] = 20.0
    shown = rows_of(make(frame))
    hidden = shown[shown["region_code"].isin(["E01", "E02", "E03", "E04"]) & (shown["confidence"] == 0.95)]
    bare = hidden.drop(columns=["region_code", "result_id"])
    assert len(hidden) == 4
    assert len({line.split(",", 1)[1] for line in bare.to_csv(index=True).splitlines()[1:]}) == 1


def test_secondary_rows_look_like_primary_rows():
    shown = released(table(counts_of(3)))
    hidden = shown[shown["status"] == "suppressed"]
    assert (
        hidden.drop(columns=["region_level", "region_code", "group", "result_id"]).drop_duplicates().shape[0]
        == 1
    )


def test_rows_are_sorted_by_key_not_by_value():
    frame = table(counts_of(5))
    shuffled = frame.sample(frac=1, random_state=1)
    assert released(frame).equals(released(shuffled.sort_values("value", ascending=False)))
    keys = released(frame)[["region_level", "region_code", "group"]].agg(" ".join, axis=1)
    assert keys.is_monotonic_increasing


def test_zero_is_shown_by_default_and_absent_is_no_zero():
    frame = pd.DataFrame(
        [row("E01", count=0), row("E02", count=9), row("E03") | {"value": np.nan, "numerator": np.nan}]
    )
    frame.loc[2, "status"] = "not_published_at_level"
    shown = rows_of(make(frame)).set_index("region_code")
    assert shown.loc["E01", "value"] == 0
    assert shown.loc["E03", "status"] == "not_published_at_level"
    zeros = RuleSet("vakio", "1", 5, 50, True, False)
    assert rows_of(make(frame, rule=zeros)).set_index("region_code").loc["E01", "status"] == "suppressed"


@pytest.mark.parametrize(("k", "hidden"), [(3, {"E01"}), (5, {"E01", "E02"}), (10, {"E01", "E02", "E03"})])
def test_minimum_count_is_a_parameter(k, hidden):
    frame = pd.DataFrame([row(code, count=count) for code, count in zip(CODES, (2, 4, 9, 10), strict=False)])
    shown = rows_of(make(frame, rule=rules(k)))
    assert set(shown.loc[shown["status"] == "suppressed", "region_code"]) == hidden


@pytest.mark.parametrize("k", [2, 11])
def test_minimum_count_outside_3_to_10_is_refused(k):
    with pytest.raises(DisclosureError, match="expected 3-10"):
        rules(k)


def test_nearly_everyone_is_hidden_too():
    frame = pd.DataFrame([row("E01", count=98, denominator=100.0), row("E02", count=60, denominator=100.0)])
    shown = rows_of(make(frame)).set_index("region_code")["status"]
    assert shown.to_dict() == {"E01": "suppressed", "E02": "ok"}


def test_mean_of_few_respondents_is_hidden():
    frame = pd.DataFrame(
        [
            row(code, denominator=n) | {"value": 3.25, "numerator": np.nan}
            for code, n in (("E01", 4.0), ("E02", 32.0))
        ]
    )
    assert rows_of(make(frame)).set_index("region_code")["status"].to_dict() == {
        "E01": "suppressed",
        "E02": "ok",
    }


def test_comparison_with_a_hidden_reference_goes():
    frame = pd.DataFrame(
        [row("E1", count=3), *(row(code, count=0) for code in CODES[1:]), row("E01", count=3)]
    )
    other = pd.DataFrame(
        [row("E02", "muu", count=40) | {"reference_level": "kunta", "reference_code": "E01"}]
    )
    other["reference_value"], other["difference"], other["verdict"] = 3.0, 37.0, "higher"
    base = pd.DataFrame([row("E01", "muu", count=3)])
    parts = {"osa": protect.part(pd.concat([frame, base]), "vakio"), "ero": protect.part(other, "vakio")}
    made = protect.release(parts, name="koe", preview=True)
    shown = protect.protected_frame(made.select("ero")).iloc[0]
    assert shown["value"] == 40
    assert np.isnan(shown["reference_value"]) and np.isnan(shown["difference"])
    assert shown["verdict"] == "not_testable"
    with pytest.raises(DisclosureError, match="compared with kunta E01, which is no row of this release"):
        protect.release({"ero": protect.part(other, "vakio")}, name="koe", preview=True)


def test_avoin_shows_published_figures_unaltered():
    frame = pd.DataFrame([row("046", count=2, origin="published"), row("090", count=7, origin="published")])
    frame.loc[1, ["value", "numerator"]] = np.nan
    frame.loc[1, "status"] = "suppressed"
    shown = rows_of(make(frame, rule="avoin"))
    assert shown["value"].tolist()[0] == 2
    assert shown["status"].tolist() == ["ok", "suppressed"]


@pytest.mark.parametrize("origin", ["synthetic", "own"])
def test_avoin_is_refused_for_what_no_source_published(origin):
    frame = pd.DataFrame([row("E01", count=2, origin=origin)])
    with pytest.raises(
        DisclosureError, match=r"row 1 \(asiakkaat, kunta, E01.* avoin does not fit.*use rules vakio"
    ):
        protect.part(frame, "avoin")


def test_avoin_takes_own_sums_of_published_figures():
    frame = pd.DataFrame([row("046", count=2, origin="own") | {"made_from": "published"}])
    assert len(make(frame, rule="avoin").select("osa")) == 1


def test_synthetic_never_meets_real():
    real = pd.DataFrame([row("046", count=20, origin="published")])
    invented = pd.DataFrame([row("E01", count=20)])
    with pytest.raises(DisclosureError, match="invented and real figures never meet"):
        protect.part(pd.concat([real, invented]), "vakio")
    with pytest.raises(DisclosureError, match="synthetic parts stand among real ones"):
        protect.release({"a": protect.part(real, "avoin"), "b": protect.part(invented, "vakio")}, name="koe")
    assert make(invented).synthetic and not make(real, rule="avoin").synthetic


def test_free_text_and_nameless_counts_are_refused():
    with pytest.raises(DisclosureError, match="column vastaus holds free text"):
        protect.part(pd.DataFrame([row("E01") | {"vastaus": "asun yksin"}]), "vakio")
    with pytest.raises(DisclosureError, match="does not say how many people stand behind it"):
        protect.part(pd.DataFrame([row("E01") | {"value": 3.3, "numerator": np.nan}]), "vakio")
    with pytest.raises(DisclosureError, match="totals 'kunta'"):
        protect.part(pd.DataFrame([row("E01")]), "vakio", ("kunta",))
    with pytest.raises(DisclosureError, match="'tiukka' is unknown"):
        protect.part(pd.DataFrame([row("E01")]), "tiukka")


def test_orders_of_areas_stay_in_the_researchers_notebook():
    ranked = pd.DataFrame([row("046", origin="published") | {"audience": "research"}])
    with pytest.raises(DisclosureError, match="research notebooks only"):
        protect.part(ranked, "avoin")


OPERATIONS = {
    "add": lambda thing: thing + 1,
    "multiply": lambda thing: 2 * thing,
    "subtract": lambda thing: thing - thing,
    "compare": lambda thing: thing < 3,
    "index": lambda thing: thing["value"],
    "iterate": lambda thing: list(thing),
    "number": lambda thing: float(thing),
    "array": lambda thing: np.asarray(thing),
    "sum": lambda thing: sum([thing]),
    "contains": lambda thing: 3 in thing,
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_nothing_can_be_reckoned_with_a_release_or_a_selection(operation):
    made = make(pd.DataFrame([row("E01", count=12)]))
    for thing in (made, made.select()):
        with pytest.raises(DisclosureError, match="never reckoned with"):
            operation(thing)


def test_selection_by_key_and_refusal_of_figures():
    made = make(table(counts_of(1)), totals=("region", "group"))
    assert len(made.select(region=("hva", "E1"))) == 5
    assert len(made.select(region=[("kunta", "E01"), ("kunta", "E02")], group=["all", "asuminen"])) == 4
    assert len(made.select(group="all").select(region=("kunta", "E03"))) == 1
    with pytest.raises(DisclosureError, match="no selection by value"):
        made.select(value=3)
    with pytest.raises(DisclosureError, match="part 'muu' does not exist; expected one of osa"):
        made.select("muu")
    with pytest.raises(DisclosureError, match="expected a Selection"):
        protect.protected_frame(made)


def test_result_ids_are_stable_and_one_each():
    ids = [rows_of(make(table(counts_of(seed)), totals=("region", "group")))["result_id"] for seed in (1, 2)]
    assert ids[0].tolist() == ids[1].tolist()
    assert ids[0].is_unique
    assert ids[0].str.fullmatch(r"osa\.[0-9a-f]{10}").all()


def test_saved_release_loads_equal_and_has_equal_bytes(tmp_path):
    frame = rates([3, 40, 50, 60, 70, 80, 90, 12])
    one = make(frame, preview=False, folder=tmp_path / "a")
    two = make(frame, preview=False, folder=tmp_path / "b")
    preview = make(frame)
    assert one.id == two.id == preview.id
    names = sorted(path.name for path in (tmp_path / "a" / one.id).iterdir())
    assert names == ["osa.parquet", "release.json"]
    for name in names:
        assert (tmp_path / "a" / one.id / name).read_bytes() == (tmp_path / "b" / one.id / name).read_bytes()
    loaded = protect.Release.load(one.id, tmp_path / "a")
    assert rows_of(loaded).equals(rows_of(one))
    assert (loaded.name, loaded.synthetic, loaded.parts, loaded.minimum_count) == ("koe", True, ("osa",), 5)


def test_name_and_rules_enter_the_id():
    frame = pd.DataFrame([row("E01", count=12)])
    ids = {make(frame).id, make(frame, name="toinen").id, make(frame, rule=rules(6)).id}
    assert len(ids) == 3


def test_changed_files_are_refused(tmp_path):
    made = make(pd.DataFrame([row("E01", count=12), row("E02", count=3)]), preview=False, folder=tmp_path)
    place = tmp_path / made.id
    rows = pd.read_parquet(place / "osa.parquet")
    rows.assign(value=rows["value"] + 1).to_parquet(place / "osa.parquet", index=False)
    with pytest.raises(DisclosureError, match="content hash differs"):
        protect.Release.load(made.id, tmp_path)
    head = json.loads((place / "release.json").read_text(encoding="utf-8"))
    assert "E02" not in json.dumps(head)
    (place / "osa.parquet").write_bytes(b"not parquet")
    with pytest.raises(DisclosureError, match="content hash differs"):
        protect.Release.load(made.id, tmp_path)
    with pytest.raises(DisclosureError, match="does not exist"):
        protect.Release.load("0" * 16, tmp_path)
    with pytest.raises(DisclosureError, match="16 hexadecimal digits"):
        protect.Release.load("../../etc", tmp_path)


def test_no_hidden_count_stands_in_any_file(tmp_path):
    """A hidden 4 711 of 4 713 people is nowhere in what was written, nor in the ledger."""
    frame = pd.DataFrame(
        [row("E01", count=4711, denominator=4713.0), row("E02", count=800, denominator=4800.0)]
    )
    made = make(frame, preview=False, folder=tmp_path / "out", home=tmp_path / "home")
    assert rows_of(made)["status"].tolist() == ["suppressed", "ok"]
    rows = pd.read_parquet(tmp_path / "out" / made.id / "osa.parquet")
    assert not (rows.select_dtypes("number").isin([4711, 4713, 4711 / 4713])).any().any()
    for file in [*(tmp_path / "out").rglob("*"), *(tmp_path / "home").rglob("*")]:
        if file.is_file():
            assert b"4711" not in file.read_bytes() and b"4713" not in file.read_bytes()


def test_users_frame_is_untouched():
    frame = table(counts_of(1))
    before = frame.copy(deep=True)
    released(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_text_holds_words_and_declared_constants():
    text = protect.Text("Laki 1301/2014, 7 § velvoittaa.", "Act 1301/2014 obliges.", ("1301/2014", "7 §"))
    assert text.text("en") == "Act 1301/2014 obliges."
    for fi in ("Asiakkaita oli 12.", "Joka ½ vuosi.", "Luku ٣."):
        with pytest.raises(DisclosureError, match="language fi: numeral"):
            protect.Text(fi, "words")
    with pytest.raises(DisclosureError, match="language en: numeral"):
        protect.Text("sanoja", "12 words")
    with pytest.raises(DisclosureError, match="stands in neither language"):
        protect.Text("sanoja", "words", ("2020",))
