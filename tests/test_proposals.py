"""One list of proposals: checked where it is made, told on the page, covered by the page's approval."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import warnings
from datetime import date

import pytest

from sosrake_lib import protect, regions, samples
from sosrake_lib.batch.recipes_decider_view import decider_words
from sosrake_lib.errors import GatherError, SosrakeError, SosrakeWarning
from sosrake_lib.influence import pages, words_decider
from sosrake_lib.influence import words_proposals as told
from sosrake_lib.protect.approval import approval_of, approve
from sosrake_lib.register import add_proposal, decide, open_register, proposals
from sosrake_lib.register.engine import NEWEST, schema_of
from sosrake_lib.register.recorded import written_proposals
from sosrake_lib.register.trail import verify_trail

BENEFIT = "Odotettu hyöty kirjaajan sanoin: ”{}.” Hyötyä ei ole laskettu tämän sivun luvuista."
KUOPIO, EXAMPLE = ("kunta", "297"), ("hva", "E1")
ROW = {
    "id": "1", "date": "2026-01-15", "region_level": "kunta", "region_code": "297", "theme": "asuminen",
    "target": "palvelu", "proposal_fi": "Asumisneuvonta avataan kirjastoon.", "addressee": "kunnanvaltuusto",
    "cost_euro": "20000", "benefit_fi": "Neuvontaa saisi ilman ajanvarausta.",
    "decision_date": "2026-03-09", "status": "käsittelyssä", "written_by": "sosiaaliohjaaja",
}  # fmt: skip
EARLIER = ROW | {
    "id": "2", "date": "2025-02-01", "status": "hylätty", "decision_date": "2025-05-12",
    "proposal_fi": "Vuokravakuuteen myönnetään maksusitoumus.", "cost_euro": "", "benefit_fi": "",
}  # fmt: skip


@pytest.fixture
def folder(home, tmp_path, project):
    """Give a data folder of one's own whose file of proposals is written by `write`."""
    place = tmp_path / "oma"
    (place / "hanke").mkdir(parents=True)
    known = (project / "data" / "samples" / "hanke" / "ehdotukset.toml").read_text(encoding="utf-8")
    (place / "hanke" / "ehdotukset.toml").write_text(known, encoding="utf-8")
    return place


def write(place, *rows):
    names = list(dict.fromkeys([*ROW, "names_nobody"]))
    with (place / "hanke" / "ehdotukset.csv").open("w", encoding="utf-8", newline="") as file:
        made = csv.DictWriter(file, names, restval="")
        made.writeheader()
        made.writerows(rows)
    return place


def released(place, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SosrakeWarning)
        made = decider_words(place)
    return protect.release(made, name="paattajan_sanat", **(options or {"preview": True}))


def said(shown, language="fi"):
    blocks = [pages._block(one, language)[1] for one in shown]
    return "\n".join(blocks).replace("\N{NO-BREAK SPACE}", " ")


def markup(shown, language):
    return "\n".join(pages._block(one, language)[0] for one in shown)


# --- checked where it is made ---------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["proposal_fi", "addressee", "benefit_fi", "written_by"])
def test_a_row_that_names_somebody_stops_and_its_words_are_not_repeated(folder, column):
    named = "Matti Virtanen (131052-308T) sai valmennusta, ja valmennus paransi tilannetta."
    write(folder, ROW, ROW | {column: named})
    with pytest.raises(GatherError, match=rf"hanke/ehdotukset.csv, rivi 3, sarake {column}") as stopped:
        decider_words(folder)
    assert "henkilötunnus" in str(stopped.value)
    assert "Matti" not in str(stopped.value) and "131052" not in str(stopped.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"theme": "saa"}, "rivi 2, sarake theme: arvoa ei tunneta; sallitut ovat sairastavuus"),
        ({"status": "ehkä"}, "sarake status: arvoa ei tunneta; sallitut ovat tehty, kesken"),
        ({"target": "kaikki"}, "sarake target: arvoa ei tunneta; sallitut ovat laki"),
        ({"date": "5.3.2026"}, "sarake date: päivää ei voi lukea"),
        ({"decision_date": "maaliskuu"}, "sarake decision_date: päivää ei voi lukea"),
        ({"proposal_fi": " "}, "sarake proposal_fi: kenttä on tyhjä"),
        ({"cost_euro": "-95000"}, "sarake cost_euro: kustannus on alle nollan"),
        ({"region_code": "911"}, "rivi 2, sarake region_code: .*541"),
        ({"region_level": "hva", "region_code": "E1"}, "keksityn ja oikean alueen"),
    ],
)
def test_a_wrong_row_is_told_by_file_line_and_column(folder, change, message):
    with pytest.raises(GatherError, match=message):
        written_proposals(write(folder, ROW | change))


def test_a_broken_file_is_an_error_and_a_lacking_one_is_no_proposal(folder, tmp_path):
    (folder / "hanke" / "ehdotukset.csv").write_text("id\n1\n", encoding="utf-8")
    with pytest.raises(SosrakeError, match="ehdotukset"):
        written_proposals(folder)
    assert written_proposals(tmp_path).empty and written_proposals().empty


def test_what_looks_like_a_name_passes_only_when_somebody_has_looked(folder):
    row = ROW | {"proposal_fi": "Koivulan toimintakeskus avataan illaksi Virtasen talossa."}
    with pytest.raises(GatherError, match="sarake proposal_fi"):
        written_proposals(write(folder, row))
    assert len(written_proposals(write(folder, row | {"names_nobody": "kyllä"}))) == 1


def test_words_that_claim_too_much_are_told_as_advice_without_the_words(folder):
    write(folder, ROW | {"benefit_fi": "Valmennus paransi tilannetta."})
    with pytest.warns(SosrakeWarning, match="ehdotusten tiedosto, rivi 2, hyoty") as found:
        decider_words(folder)
    assert not any("Valmennus" in str(one.message) for one in found)


def test_the_page_s_kernel_reads_neither_register_nor_file_of_proposals(project):
    notebook = json.loads((project / "notebooks/4_vaikuttaminen/paattajakooste.ipynb").read_text("utf-8"))
    code = "\n".join("".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code")
    assert "register" not in code.replace("rekisteri", "") and "ehdotukset.csv" not in code
    assert 'batch.open_release("paattajan_sanat"' in code


# --- one list, covered by an approval -------------------------------------------------------------------


def test_a_changed_proposal_is_a_draft_again(folder, home, tmp_path):
    options = {"home": home, "folder": tmp_path / "r"}
    made = released(write(folder, ROW), **options)
    shown = told.proposal(told.of_area(made, KUOPIO).waiting)
    assert {one.release_id for one in shown} == {made.id}, "the page rests on the release of its words"
    approve([made.id], "tietosuojavastaava")
    assert approval_of([made.id]) is not None
    assert released(write(folder, ROW), **options).id == made.id
    for change in ({"proposal_fi": "Asumisneuvonta avataan torille."}, {"cost_euro": "30000"}):
        changed = released(write(folder, ROW | change), **options)
        assert changed.id != made.id and approval_of([changed.id]) is None


def test_the_fate_and_the_proposal_are_never_the_same_one(folder):
    both = told.of_area(released(write(folder, ROW, EARLIER)), KUOPIO)
    assert said(told.fate(both.earlier)).startswith(
        "Viimeksi ehdotettiin 1.2.2025: ”Vuokravakuuteen myönnetään maksusitoumus.” Ehdotuksesta päättää "
        "kunnanvaltuusto.\nEhdotus hylättiin (12.5.2025)."
    )
    assert said(told.proposal(both.waiting)).startswith("Ehdotettu 15.1.2026: ”Asumisneuvonta avataan")
    one = told.of_area(released(write(folder, ROW)), KUOPIO)
    assert one.earlier is None and said(told.fate(None)) == "Aiempaa ehdotusta ei ole kirjattu."
    gone = told.of_area(released(write(folder, EARLIER)), KUOPIO)
    assert gone.waiting is None and "Ehdotusta ei ole kirjattu." in said(told.proposal(None))
    older = EARLIER | {"status": "tehty", "decision_date": ""}
    two = told.of_area(released(write(folder, ROW, older)), KUOPIO)
    assert "Ehdotusta ei ole vielä käsitelty." in said(told.fate(two.earlier))
    assert two.earlier.key != two.waiting.key
    assert told.of_area(released(write(folder, ROW)), ("kunta", "507")).waiting is None


def test_the_register_and_the_file_make_one_list(folder):
    register = open_register()
    given = {"region_level": "kunta", "region_code": "297", "theme": "asuminen", "target": "resurssi"}
    number = add_proposal(
        register, key="a", text="Asuntoja lisää.", decision_maker="kaupunginhallitus",
        cost="Arvio valmistuu keväällä.", benefit="Jono lyhenisi.", proposed_on=date(2026, 2, 1), **given,
    )  # fmt: skip
    assert proposals(register)["benefit"].tolist() == ["Jono lyhenisi."]
    both = told.of_area(released(write(folder, ROW)), KUOPIO)
    shown = said(told.proposal(both.waiting))
    assert "”Asuntoja lisää.”\nMuutettaisiin: resurssi. Arvioitu kustannus: Arvio valmistuu" in shown
    assert BENEFIT.format("Jono lyhenisi") + " Tilanne: ehdotus tehty." in shown
    assert "Asumisneuvonta" in said(told.fate(both.earlier))
    decide(
        register,
        number,
        status="hyvaksytty",
        decided_on=date(2026, 2, 9),
        expected_version=1,
        note="Sovittu.",
    )
    register.close()
    after = told.of_area(released(folder), KUOPIO)
    assert "Ehdotus hyväksyttiin (9.2.2026). Päätöksen perustelu: Sovittu." in said(told.fate(after.earlier))
    assert "Asumisneuvonta" in said(told.proposal(after.waiting))


# --- what the page says ---------------------------------------------------------------------------------


def test_cost_and_benefit_are_told_or_said_to_be_unknown(folder):
    shown = said(told.proposal(told.of_area(released(write(folder, ROW)), KUOPIO).waiting))
    assert "Muutettaisiin: palvelu. Arvioitu kustannus: 20 000 euroa." in shown
    assert BENEFIT.format("Neuvontaa saisi ilman ajanvarausta") + " Tilanne: päätös kesken." in shown
    without = write(folder, ROW | {"cost_euro": "", "benefit_fi": ""})
    shown = said(told.proposal(told.of_area(released(without), KUOPIO).waiting))
    assert "Kustannusta ei ole arvioitu. Hyötyä ei ole arvioitu." in shown


def test_the_proposal_s_own_body_and_day_come_first_and_the_general_ones_are_said_to_be_so(folder):
    words = released(write(folder, ROW | {"addressee": "asuntolautakunta"}))
    one = told.of_area(words, KUOPIO).waiting
    bodies = samples.reference_table("hanke/paattajat")
    who = said(told.who(one, bodies, "kunta", "asuminen")).splitlines()
    assert who[:2] == [
        "Tästä ehdotuksesta päättää asuntolautakunta.",
        "Kuka tästä aiheesta yleensä päättää:",
    ]
    assert any(line.startswith("Kunnanvaltuusto") for line in who[2:])
    when = said(told.when(one, words, KUOPIO)).splitlines()
    assert when[0] == "Ehdotuksen päätöspäiväksi on kirjattu 9.3.2026. Päätöstä ei ole vielä kirjattu."
    assert when[1] == "Yleisen päätöskalenterin mukaan:"
    alone = said(told.who(None, bodies, "kunta", "asuminen")).splitlines()
    assert alone[0] == "Kuka tästä aiheesta yleensä päättää:"
    nothing = said(told.when(None, words, KUOPIO)).splitlines()
    assert nothing[-1].startswith("Ajat ovat yleisiä")


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(tmp_path_factory.mktemp("w")))
        return protect.release(decider_words(None), name="paattajan_sanat", preview=True)


def test_the_area_s_own_clock_follows_the_proposal_s_day_in_place_of_the_general_calendar(invented):
    one = told.of_area(invented, EXAMPLE).waiting
    lines = said(told.when(one, invented, EXAMPLE)).splitlines()
    places = [
        next(place for place, line in enumerate(lines) if line.startswith(start))
        for start in ("Ehdotuksen päätöspäiväksi", "Alueen omaan", "31.8.2026: Päättäjien sivut")
    ]
    assert places == sorted(places) and not any(line.startswith("Yleisen") for line in lines)
    assert told.own_clock(invented, ("kunta", "E01")), "a municipality is told of its county's clock"
    assert told.own_clock(invented, KUOPIO) == ()


def test_finnish_words_are_marked_on_an_english_page(invented, folder):
    own = released(write(folder, ROW, EARLIER))
    for words, area in ((invented, EXAMPLE), (own, KUOPIO)):
        both = told.of_area(words, area)
        shown = [*told.proposal(both.waiting, "en"), *told.fate(both.earlier, "en")]
        for part in re.findall(r'<span class="lause" lang="en"[^>]*>(.*?)</span></p>', markup(shown, "en")):
            assert not re.search("[äö]", part), part
    assert 'lang="fi"' in markup(told.proposal(told.of_area(own, KUOPIO).waiting, "en"), "en")
    english = said(told.proposal(told.of_area(own, KUOPIO).waiting, "en"), "en")
    assert "Estimated cost: 20,000 euros." in english and "What would change: service." in english
    translated = said(told.fate(told.of_area(invented, EXAMPLE).earlier, "en"), "en")
    assert "Free seats of school transport" in translated and "rejected (14 October 2025)" in translated


def test_invented_proposals_never_stand_beside_real_ones(invented, folder):
    assert invented.synthetic
    assert told.of_area(invented, KUOPIO).waiting is None
    own = released(write(folder, ROW))
    assert not own.synthetic
    listed = protect.protected_frame(own.select(part="ehdotukset"))["region_code"]
    assert not any(regions.is_invented(code) for code in listed)


# --- the register -----------------------------------------------------------------------------------------


def test_a_register_from_before_the_benefit_verifies_after_it(home):
    register = open_register()
    add_proposal(
        register, key="a", region_level="hva", region_code="13", theme="asuminen", text="Asuntoja lisää.",
        decision_maker="aluehallitus", target="resurssi", proposed_on=date(2026, 2, 1),
    )  # fmt: skip
    register.close()
    with sqlite3.connect(home / "register.sqlite") as connection:
        connection.execute("ALTER TABLE ehdotus DROP COLUMN hyoty")
        connection.execute("UPDATE alembic_version SET version_num = 'quote_pages'")
    register = open_register()
    assert schema_of(register) == NEWEST and verify_trail(register).intact
    register.close()
    with sqlite3.connect(home / "register.sqlite") as connection:
        connection.execute("UPDATE ehdotus SET hyoty = 'Lisätty salaa.'")
    register = open_register()
    assert not verify_trail(register).intact
    register.close()


def test_an_invented_quote_is_told_in_the_page_s_language(invented):
    spoken = [words_decider.voice(invented, EXAMPLE, "asuminen", code)[1] for code in ("fi", "en")]
    assert [one.language for one in spoken] == ["fi", "en"]
    assert "jonossa on muita" in spoken[0].text and "others were in line" in spoken[1].text
