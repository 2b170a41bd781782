"""Client records into counts: who is counted once, what is 0, and that no id leaves."""

from __future__ import annotations

import pandas as pd
import pytest

from sosrake_lib import catalogue, samples
from sosrake_lib.errors import GatherError, RegionError
from sosrake_lib.gather import records


def rows(*lines: tuple) -> pd.DataFrame:
    columns = ["assessment", "client", "region_code", "sex", "age", "contact", "days", "need"]
    return pd.DataFrame(lines, columns=columns)


SMALL = rows(
    ("A1", "K1", "E01", "female", "18-24", "2025-01-02", 10, "asuminen"),
    ("A1", "K1", "E01", "female", "18-24", "2025-01-02", 10, "talous"),
    ("A2", "K1", "E01", "female", "18-24", "2025-06-02", 20, "asuminen"),
    ("A3", "K2", "E02", "male", "25-34", "2025-03-02", None, "asuminen"),
    ("A4", "K1", "E02", "female", "18-24", "2025-09-02", 30, "talous"),
)


def value(frame, code, group, sex="total", indicator=records.CLIENTS, age="all"):
    found = frame[
        (frame["indicator"] == indicator)
        & (frame["region_code"] == code)
        & (frame["group"] == group)
        & (frame["sex"] == sex)
        & (frame["age"] == age)
    ]
    assert len(found) == 1
    return found["value"].iloc[0]


def test_counts_by_hand():
    counts = records.needs_counts(SMALL, ("sex", "age"))
    assert value(counts, "E01", "asuminen") == 1 and value(counts, "E01", "talous") == 1
    assert (
        value(counts, "E01", "all") == 1 and value(counts, "E01", "all", indicator=records.ASSESSMENTS) == 2
    )
    # K1 was met in two municipalities: once in each, once in the county.
    assert value(counts, "E02", "all") == 2 and value(counts, "E1", "all") == 2
    assert value(counts, "E1", "asuminen", "male") == 1 and value(counts, "E01", "asuminen", "male") == 0
    assert value(counts, "E1", "all", age="18-24") == 1
    assert (
        set(counts["status"]) == {"ok"}
        and set(counts["origin"]) == {"synthetic"}
        and set(counts["per"]) == {1}
    )


def test_every_need_has_a_row_and_no_id_leaves():
    counts = records.needs_counts(SMALL)
    total = counts[(counts["sex"] == "total") & (counts["indicator"] == records.CLIENTS)]
    assert len(total) == 3 * (len(catalogue.needs()) + 1)
    told = counts.to_csv()
    assert not [name for name in ("K1", "K2", "A1", "A3") if f",{name}," in told]


def test_waiting_days_take_each_assessment_once():
    days = records.waiting_days(SMALL).set_index("region_code")
    assert days.loc["E01", ["value", "denominator"]].tolist() == [15, 2]
    assert days.loc["E01", "standard_deviation"] == pytest.approx(50**0.5)
    assert days.loc["E1", "value"] == 20 and days.loc["E1", "denominator"] == 3


def test_sample_agrees_with_plain_pandas():
    sample = samples.table("esimerkkila_asiakkaat")
    counts = records.needs_counts(sample)
    expected = sample.groupby(["region_code", "need"])["client"].nunique()
    for (code, need), number in expected.items():
        assert value(counts, code, need) == number
    assert value(counts, "E1", "all") == sample["client"].nunique()
    sexes = value(counts, "E1", "talous", "male") + value(counts, "E1", "talous", "female")
    assert sexes == value(counts, "E1", "talous")


def test_order_of_rows_does_not_matter():
    shuffled = SMALL.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(records.needs_counts(SMALL), records.needs_counts(shuffled))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.assign(client="010190-900P"), "column client holds or seems to hold who"),
        (lambda table: table.assign(etunimi="Aino"), "column etunimi holds or seems to hold who"),
        (lambda table: table.drop(columns="need"), "column need is missing"),
        (lambda table: table.assign(need="jotain"), "a need the catalogue does not know"),
        (lambda table: table.assign(contact="2.1.2025"), "no date yyyy-mm-dd"),
        (lambda table: table.assign(sex="x"), "something else than male and female"),
        (lambda table: table.assign(client=[None, *table["client"][1:]]), "column client is empty"),
        (lambda table: table.assign(region_code=["297", *table["region_code"][1:]]), "invented and real"),
        (lambda table: table.iloc[:0], "no rows"),
    ],
)
def test_what_cannot_be_counted_is_refused_without_a_value(change, said):
    with pytest.raises(GatherError, match=said) as refused:
        records.needs_counts(change(SMALL))
    assert "900P" not in str(refused.value) and "Aino" not in str(refused.value)


def test_unknown_municipality_is_refused():
    with pytest.raises(RegionError):
        records.needs_counts(SMALL.assign(region_code="E99"))
    with pytest.raises(GatherError, match="expected some of sex, age"):
        records.needs_counts(SMALL, ("need",))


def test_input_is_left_alone():
    before = SMALL.copy(deep=True)
    records.needs_counts(SMALL)
    pd.testing.assert_frame_equal(SMALL, before)
