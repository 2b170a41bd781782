"""The competence survey: answers long, on the scale, without the sheets' own ids."""

from __future__ import annotations

import pandas as pd
import pytest

from sosrake_lib import catalogue, samples
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import survey


@pytest.fixture(scope="module")
def sheets():
    return samples.table("osaamiskartoitus")


def test_every_answer_comes_once(sheets):
    long = survey.read_answers(sheets)
    assert list(long.columns) == ["respondent", "organisation", "domain", "item", "scale", "answer"]
    assert len(long) == len(sheets) * 24 * 3 and not long.duplicated(["respondent", "item", "scale"]).any()
    items = {item.key for domain in catalogue.competences() for item in domain.items}
    assert set(long["item"]) == items and set(long["scale"]) == set(survey.SCALES)
    assert long["answer"].dropna().between(1, 5).all()
    wide = sheets["media.tarkeys"].astype("float64")
    got = long[(long["item"] == "media") & (long["scale"] == "tarkeys")].set_index("respondent")["answer"]
    pd.testing.assert_series_equal(got.astype("float64"), wide, check_names=False)
    assert "V01" not in long.to_csv()


def test_no_answer_stays_no_answer(sheets):
    wide = sheets.filter(regex=r"\.").isna().sum().sum()
    assert survey.read_answers(sheets)["answer"].isna().sum() == wide > 0


@pytest.mark.parametrize("wrong", [0, 6, 2.5, "hyvä"])
def test_off_the_scale_is_refused_with_its_place(sheets, wrong):
    changed = sheets.astype({"media.tarkeys": "object"})
    changed.loc[3, "media.tarkeys"] = wrong
    with pytest.raises(GatherError, match=r"row 4, column media.tarkeys: an answer is off the scale"):
        survey.read_answers(changed)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop(columns="media.osaaminen"), "column media.osaaminen is missing"),
        (lambda table: pd.concat([table, table.iloc[[0]]]), "row 65 repeats a respondent"),
        (lambda table: table.assign(nimi="Aino Virtanen"), "column nimi holds or seems to hold who"),
        (
            lambda table: table.assign(palaute="hetuni on 010190-900P"),
            "column palaute holds or seems to hold",
        ),
    ],
)
def test_wrong_tables_are_refused(sheets, change, said):
    with pytest.raises(GatherError, match=said):
        survey.read_answers(change(sheets))
