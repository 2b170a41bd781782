"""From a number on a page to its row, method, source and test; and every way that can fail."""

from __future__ import annotations

import pandas as pd
import pytest

from sosrake_lib import protect
from sosrake_lib.batch import trace as tracing
from sosrake_lib.errors import SosrakeError

PAGE = """<!doctype html><html lang="fi"><body><main data-release="{release}">
<p>Työttömyysaste oli <span data-result="{one}:value">9,9&nbsp;%</span> ja väli
<span data-result="{two}:value" data-release="{release}"><b>12 345</b></span>.<br>Vuosi 2019.</p>
<p><span data-result="luvut.0000000000:value">77</span></p></main>
<p><span data-result="luvut.1111111111:value">88</span></p></body></html>"""


@pytest.fixture
def output(tmp_path):
    """A site of one page over a real release of two published figures."""
    rows = pd.DataFrame(
        {
            "indicator": ["tyottomyysaste", "vaesto"],
            "region_level": "kunta",
            "region_code": "046",
            "borders": 2021,
            "period": "2019",
            "value": [9.9, 12345.0],
            "per": [100.0, 1.0],
            "status": "ok",
            "origin": "published",
            "licence": "CC BY 4.0",
        }
    )
    made = protect.release(
        {"luvut": protect.part(rows, rules="avoin")}, name="koe", folder=tmp_path / "releases", home=tmp_path
    )
    results = protect.protected_frame(made.select()).set_index("indicator")["result_id"]
    page = tmp_path / "site" / "kunta-046" / "alueprofiili.html"
    page.parent.mkdir(parents=True)
    filled = PAGE.format(release=made.id, one=results["tyottomyysaste"], two=results["vaesto"])
    page.write_text(filled, encoding="utf-8")
    return tmp_path


def follow(output, number, page="kunta-046/alueprofiili"):
    return tracing.trace(page, number, output, output=output, language="fi")


@pytest.mark.parametrize("number", ["9,9", "9.9", "9,9 %"])
def test_number_leads_to_row_method_source_and_test(output, number):
    (found,) = follow(output, number)
    assert found.shown.text == "9,9\u00a0%"
    assert found.row["region_code"] == "046"
    assert found.row["value"] == 9.9
    told = "\n".join(found.lines("fi"))
    for words in (
        "Käyttölupa: CC BY 4.0",
        "Ajanjakso: 2019",
        "Menetelmä: julkaistu luku sellaisenaan",
        "tests/test_",
    ):
        assert words in told
    page = output / "site" / "kunta-046" / "alueprofiili.html"
    (found,) = tracing.trace(page, number, output, language="en")
    assert "Method: published figure, unaltered (published)" in found.lines("en")


def test_thousands_and_result_ids_find_their_number(output):
    (by_number,) = follow(output, "12345")
    (by_text,) = follow(output, "12\u00a0345")
    (by_id,) = follow(output, by_number.shown.result_id)
    assert by_number.shown == by_text.shown == by_id.shown
    assert by_id.row["indicator"] == "vaesto"
    assert by_id.shown.text == "12 345"


def test_page_may_be_a_file(output):
    assert follow(output, "9,9", page=output / "site" / "kunta-046" / "alueprofiili.html")


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("2019", r"lukua 2019 ei ole sivulla tuloksena \(tuloksia on 4\)"),
        ("9", "lukua 9 ei ole sivulla"),
        ("abc", "lukua abc ei ole sivulla"),
        ("77", "tulosta luvut.0000000000 ei ole julkaisussa"),
        ("88", "sivu ei kerro, mihin julkaisuun luku kuuluu"),
    ],
)
def test_number_without_a_result_is_said(output, number, message):
    with pytest.raises(SosrakeError, match=message):
        follow(output, number)


def test_unknown_page_says_how_to_name_one(output):
    with pytest.raises(SosrakeError, match=r"sivua kunta-999/x ei ole kansiossa .*tee sivut ensin"):
        follow(output, "9,9", page="kunta-999/x")


def test_method_of_a_difference_is_its_own(output):
    row = {"origin": "published", "method": "wilson", "difference_method": "published"}
    assert "wilson" in tracing._method(row, "lower", "fi")["name"]
    assert "published" in tracing._method(row, "difference_lower", "fi")["name"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("9,9", (9.9,)),
        ("−0,5 %", (-0.5,)),
        ("1\u00a0234\u00a0567", (1234567.0,)),
        ("noin 3 kunnassa", (3.0,)),
        ("ei lukua", ()),
    ],
)
def test_reading_numbers(text, numbers):
    assert tracing.read_number(text) == numbers
