"""Kela's files: regions by name, months that agree, counts whole, nothing believed that does not fit."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standin.answers_v2 import KELA
from standin.server import StandIn

from sosrake_lib import samples
from sosrake_lib.errors import GatherError
from sosrake_lib.gather import kela
from sosrake_lib.gather.http import Limits
from sosrake_lib.gather.parsing import parse_csv

QUICK = Limits(deadline=10.0, first_pause=0.01)
KEY = ["indicator", "region_level", "region_code", "borders", "period", "group"]


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


def records(name="toimeentulotuki_maakunta"):
    return parse_csv(KELA[kela.FILES[name]], name)


def test_regions_months_and_groups_are_read(server):
    frame = kela.fetch("toimeentulotuki_maakunta", base_url=server.kela(), limits=QUICK)
    kainuu = frame[(frame["region_code"] == "18") & (frame["group"] == "uusi")].set_index("indicator")
    assert kainuu["value"].to_dict() == {
        "kela_perustoimeentulotuki_saajat": 101,
        "kela_perustoimeentulotuki_kotitaloudet": 80,
    }
    assert set(frame["region_level"]) == {"maakunta"} and set(frame["region_code"]) == {"18", "01"}
    assert set(frame["period"]) == {"2019-01"} and set(frame["origin"]) == {"published"}
    assert set(frame["producer"]) == {"Kela"} and set(frame["licence"]) == {"CC BY 4.0"}


def test_file_without_regions_is_of_the_country(server):
    frame = kela.fetch("asumistuki", base_url=server.kela(), limits=QUICK)
    assert set(zip(frame["region_level"], frame["region_code"], strict=True)) == {("maa", "SSS")}
    # The file breaks the line inside a field: "aiemmin tukea / saaneet ruokakunnat".
    assert frame.set_index("group")["value"].to_dict() == {"jatkuva": 367735, "uusi": 5498}


def test_command_keeps_rows_and_says_what_it_left_out(server, home):
    told = kela.command("tyottomyysturva_maakunta", base_url=server.kela(), limits=QUICK)
    assert told.rows == 2 and "Yrittäjien työmarkkinatuki" in told.messages[0]
    about = json.loads(told.files[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert about["licence"] == "CC BY 4.0" and len(about["raw_sha256"]) == 64
    rows = samples.indicator_frame()
    kept = rows[(rows["indicator"] == "kela_tyottomyysturva_saajat") & (rows["region_code"] == "18")]
    assert kept[kept["borders"] == 2019].set_index("group")["value"].to_dict() == {
        "jatkuva": 3377,
        "uusi": 412,
    }


def test_downloaded_file_is_read_by_its_path(tmp_path):
    file = tmp_path / "saajat.csv"
    file.write_bytes(KELA[kela.FILES["asumistuki"]])
    assert kela.command(str(file)).rows == 2
    with pytest.raises(GatherError, match="is not there; give a file, or a name: toimeentulotuki, "):
        kela.command(str(tmp_path / "puuttuu.csv"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"val": "12.5"}, "row 2: val is '12.5'; expected a whole number"),
        ({"val": "-1"}, "row 2: val is '-1'"),
        ({"val": ""}, "row 2: val is ''"),
        ({"kuukausi": "13"}, "do not name one month"),
        ({"paiva": "2019-02-01"}, "do not name one month"),
        ({"alue": "Savo"}, "region 'Savo' is not in the region register"),
        ({"variable": "kaikki saajat"}, "type or variable is none we know"),
        ({"type": "Etuudet"}, "type or variable is none we know"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_place(change, said):
    rows = records()
    rows[0] |= change
    with pytest.raises(GatherError, match=said):
        kela.check_records(rows, "toimeentulotuki_maakunta")


def test_a_file_of_other_benefits_is_refused_by_name():
    rows = [row | {"etuus": "Sairauspäiväraha"} for row in records()]
    with pytest.raises(GatherError, match=r"tiedoston etuudet ovat Sairauspäiväraha\. Valitse jokin näistä"):
        kela.check_records(rows, "x")


def test_separated_text_is_read_strictly():
    for raw, said in (
        (b'"a";"b"\n"1";"2"', "the last line has no end"),
        (b'"a";"b"\n"1"\n', "row 2 has 1 fields, the header 2"),
        (b'"a";"a"\n"1";"2"\n', "a column stands twice"),
        (b'"a";"b"\n"1";"2\n', "not whole separated text"),
        ('"ä"\n'.encode("latin-1"), "is not UTF-8"),
    ):
        with pytest.raises(GatherError, match=said):
            parse_csv(raw, "kela")


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_cut_file_is_refused_or_still_whole_rows(data):
    """The end cut away: refused with words, or every row that is left is one of the file's."""
    whole = KELA[kela.FILES["toimeentulotuki_maakunta"]]
    place = data.draw(st.integers(0, len(whole) - 1))
    raw = whole[:place]
    try:
        got = parse_csv(raw, "kela")
        kela.check_records(got, "kela")
    except GatherError as refused:
        assert "\n" not in str(refused)
    else:
        assert all(row in records() for row in got)


def test_offline_needs_no_socket(server, monkeypatch):
    import socket

    kela.fetch("asumistuki", base_url=server.kela(), limits=QUICK)

    def forbidden(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    assert len(kela.fetch("asumistuki", base_url=server.kela(), offline=True)) == 2
    with pytest.raises(GatherError, match="offline"):
        kela.fetch("toimeentulotuki", base_url=server.kela(), offline=True)


def test_the_real_files_give_the_rows_of_the_sample(shared):
    """The sample was made from the same files by another program (tools/make_samples.py)."""
    made = pd.concat(
        [kela.read_file(shared / "data" / "fi" / f"kela_{name}") for name in kela.FILES.values()]
    )
    assert len(made) == 236 + 4248 + 2124 + 118
    sample = samples.indicator_frame()
    sample = sample[sample["indicator"].str.startswith("kela_")]
    both = sample.merge(made, on=KEY, suffixes=("", "_made"), validate="one_to_one")
    assert len(both) == len(sample) == 1770 and (both["value"] == both["value_made"]).all()
