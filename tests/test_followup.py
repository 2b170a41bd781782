"""Plans and follow-up in the register: versions that stay, roles and no persons; alike on both databases."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from register_databases import fresh_database, private_server
from typer.testing import CliRunner

from sosrake_lib import cli
from sosrake_lib.catalogue.followup_words import named, partner_needs, recommended
from sosrake_lib.catalogue.self_assessment import self_assessment, self_assessment_of
from sosrake_lib.errors import CatalogueError, SosrakeError
from sosrake_lib.gather.schemas import schema
from sosrake_lib.register import (
    PersonalData,
    StaleVersion,
    backup,
    decide,
    open_register,
    proposals,
    redact,
    restore,
    verify_trail,
)
from sosrake_lib.register.engine import NEWEST, Register, address_of, make_engine, migrate, schema_of
from sosrake_lib.register.followup import (
    add_entry,
    areas_followed,
    change_entry,
    close_entry,
    entries,
    history,
    read_entry,
)
from sosrake_lib.register.followup_check import check_region, checked, small_counts
from sosrake_lib.register.followup_import import import_entries
from sosrake_lib.register.followup_kinds import kind, kinds
from sosrake_lib.register.happened import happened
from sosrake_lib.register.proposals import TARGETS, add_proposal
from sosrake_lib.register.workshop import propose

COUNTY = ("hva", "E1")
DAY = date(2026, 3, 5)
PLAN = {
    "viesti": "Pieniä asuntoja tarvitaan.",
    "kohderyhma": "valtuutetut",
    "kanava": "kokous",
    "paiva": "2026-04-01",
    "vastuurooli": "johtava sosiaalityöntekijä",
}
TOLD = {"paiva": "2026-01-02", "kanava": "some", "kohderyhma": "asukkaat", "viesti": "Hei."}
CARD = {
    "paiva": "2026-01-21",
    "kortti": "Kohtaamispaikat suljetaan",
    "teema": "yksinaisyys",
    "havainto": "Ihmiset jäivät kotiin.",
    "ehdotus_sanoin": "Kirjasto avataan kahtena iltana.",
    "paattaja": "kunnanvaltuusto",
    "kohde": "palvelu",
    "omistaja": "sosiaaliohjaaja",
    "maarapaiva": "2026-02-27",
}
LOG = {
    "aihe": "Kerroimme asunnoista.",
    "teema": "asuminen",
    "kenelle": "kunnanvaltuusto",
    "kohde": "resurssi",
    "paiva": "2026-01-10",
    "vastuurooli": "sosiaaliohjaaja",
    "seuranta_pvm": "2026-06-01",
}


@pytest.fixture(scope="module")
def server():
    with private_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def register(request, tmp_path):
    if request.param == "sqlite":
        opened = open_register(f"sqlite:///{tmp_path / 'rekisteri.sqlite'}")
        yield opened
    else:
        with fresh_database(request.getfixturevalue("server"), "seuranta") as address:
            opened = open_register(address)
            yield opened
            assert verify_trail(opened).intact
            opened.close()
        return
    assert verify_trail(opened).intact
    opened.close()


def add(register, name, fields, key="k", **more):
    return add_entry(register, key, name, fields, region=more.pop("region", COUNTY), user="tp1", **more)


def test_a_change_is_a_new_version_and_the_old_one_stays(register):
    number = add(register, "mediasuunnitelma", PLAN, on=DAY)
    assert add(register, "mediasuunnitelma", PLAN, on=DAY) == number, "the same key and content saves nothing"
    assert (
        change_entry(register, number, {"paiva": "2026-05-02"}, expected_version=1, user="tp2", on=DAY) == 2
    )
    assert close_entry(register, number, expected_version=2, user="tp1", on=DAY) == 3
    told = history(register, number)
    assert told["paiva"].tolist() == ["2026-04-01", "2026-05-02", "2026-05-02"]
    assert told["tila"].tolist() == ["suunniteltu", "suunniteltu", "peruttu"]
    now = entries(register, "mediasuunnitelma")
    assert now[["nro", "tila", "paiva"]].to_numpy().tolist() == [[3, "peruttu", "2026-05-02"]]
    assert read_entry(register, number)["laji"] == "mediasuunnitelma"
    assert areas_followed(register) == (COUNTY,)
    with pytest.raises(SosrakeError, match="nothing, its life is over"):
        change_entry(register, number, {}, expected_version=3, user="tp1", state="tehty")


def test_nothing_is_saved_over_a_version_one_has_not_seen(register):
    number = add(register, "mediasuunnitelma", PLAN)
    change_entry(register, number, {"viesti": "Uusi viesti."}, expected_version=1, user="tp1")
    with pytest.raises(StaleVersion, match="at version 2, you were saving over version 1") as stale:
        change_entry(register, number, {"viesti": "Toinen."}, expected_version=1, user="tp2")
    assert stale.value.stands["viesti"] == "Uusi viesti."
    same = change_entry(register, number, {"viesti": "Uusi viesti."}, expected_version=2, user="tp1")
    assert same == 2, "a change that changes nothing writes no version"
    with pytest.raises(SosrakeError, match="other content"):
        add(register, "mediasuunnitelma", {**PLAN, "viesti": "Aivan muu."})


def test_the_database_itself_refuses_to_rewrite_or_remove_a_version(register):
    add(register, "mediasuunnitelma", PLAN)
    for sentence in (
        "UPDATE seurantaversio SET sisalto = '{}'",
        "UPDATE seurantaversio SET tila = 'tehty'",
        "DELETE FROM seurantaversio",
    ):
        with pytest.raises(sa.exc.DatabaseError, match="only grows"), register.writing() as connection:
            connection.exec_driver_sql(sentence)


def test_an_entry_can_be_deleted_for_good_and_the_trail_holds(register, tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    number = add(register, "kanavaloki", {**TOLD, "viesti": "Kuutamosonaatti soi."})
    change_entry(register, number, {"jatko": "uudelleen"}, expected_version=1, user="tp1")
    saved = backup(register, tmp_path / "kopiot")
    copy = tmp_path / "kopiot" / saved.file
    assert b"Kuutamosonaatti" in copy.read_bytes()
    done = redact(register, "seuranta", number, reason="pyyntö", user="tp1")
    assert not done.pending and b"Kuutamosonaatti" not in copy.read_bytes()
    assert entries(register, "kanavaloki").empty and verify_trail(register).intact
    assert history(register, number)["viesti"].tolist() == ["", ""]
    with pytest.raises(SosrakeError, match="was deleted"):
        change_entry(register, number, {"jatko": "x"}, expected_version=2, user="tp1")


def test_entries_come_back_from_a_backup(register, tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    number = add(register, "mediasuunnitelma", PLAN)
    change_entry(register, number, {"lahde": "ilmiökortti"}, expected_version=1, user="tp1")
    saved = backup(register, tmp_path / "kopiot")
    other = f"sqlite:///{tmp_path / 'toinen.sqlite'}"
    assert restore(tmp_path / "kopiot" / saved.file, other).content == saved.content
    again = open_register(other)
    assert entries(again, "mediasuunnitelma")["lahde"].tolist() == ["ilmiökortti"]
    assert len(history(again, number)) == 2 and verify_trail(again).intact
    again.close()


def test_an_older_register_gets_the_tables_and_keeps_what_it_has(register, tmp_path, request):
    if not register.is_file:
        address = request.getfixturevalue("server")
        with fresh_database(address, "vanha") as fresh:
            _upgrade(fresh)
        return
    _upgrade(f"sqlite:///{tmp_path / 'vanha.sqlite'}")


def _upgrade(address):
    older = Register(make_engine(address_of(address)))
    with older.writing() as connection:
        migrate(connection, "quote_permission")
    number = add_proposal(
        older, key="a", region_level="hva", region_code="E1", theme="asuminen", text="Asuntoja lisää.",
        decision_maker="aluehallitus", target="resurssi", proposed_on=DAY, user="tp1",
    )  # fmt: skip
    assert schema_of(older) == "quote_permission"
    older.close()
    newer = open_register(address)
    assert schema_of(newer) == NEWEST == "followup" and verify_trail(newer).intact
    assert proposals(newer)["ehdotus_id"].tolist() == [number]
    assert entries(newer, "mediasuunnitelma").empty
    newer.close()


# --- what may be written --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("mediasuunnitelma", {"vastuurooli": "Maija Virtanen"}, "vastuurooli names a person"),
        ("mediasuunnitelma", {"viesti": ""}, "viesti is empty"),
        ("mediasuunnitelma", {"paiva": "1.4.2026"}, "expected a day"),
        ("mediasuunnitelma", {"kanava": "torvi"}, "expected one of kokous, tapaaminen"),
        ("mediasuunnitelma", {"vari": "sininen"}, "no field 'vari'"),
        ("mediasuunnitelma", {"viesti": "x" * 2001}, "2001 characters"),
        ("kanavaloki", {"tavoitetut": "noin sata"}, "whole number"),
        ("kanavaloki", {"tavoitetut": "5", "reaktiot": "6"}, "larger than tavoitetut"),
        ("kanavaloki", {"reaktiot": "6"}, "larger than tavoitetut"),
        ("kanavaloki", {"reaktio_sanoin": "Kolme asiakasta soitti."}, "one to four people"),
        ("vaikuttamisloki", {"indikaattori": "onnellisuus"}, "vaikuttamisloki: .*onnellisuus"),
        ("vaikuttamisloki", {"mita_muuttui": "Jono on lyhyt."}, "muutoksen_luonne is empty"),
        ("vaikuttamisloki", {"ehdotus": "seitsemän"}, "expected a number of the register"),
        ("vuosikello", {"paatos": "kylan_kokous"}, "no decision 'kylan_kokous'"),
    ],
)
def test_what_is_wrong_is_told_by_kind_and_field(name, fields, expected):
    full = {
        "mediasuunnitelma": PLAN,
        "kanavaloki": TOLD,
        "vaikuttamisloki": LOG,
        "vuosikello": {"tapahtuma": "Kooste", "paiva": "2026-01-31", "toistuu": "kerran", "vastuurooli": "a"},
    }[name]
    with pytest.raises(SosrakeError, match=expected):
        checked(kind(name), {**full, **fields})


def test_a_role_that_seems_a_person_is_refused_even_when_confirmed():
    with pytest.raises(PersonalData) as found:
        checked(kind("mediasuunnitelma"), {**PLAN, "vastuurooli": "Maija Virtanen"}, confirmed=True)
    assert found.value.findings[0].field == "vastuurooli" and "Maija" not in str(found.value)


def test_a_link_must_be_in_the_register(register):
    with pytest.raises(SosrakeError, match="no ehdotus 7"):
        add(register, "vaikuttamisloki", {**LOG, "ehdotus": "7"})
    assert entries(register, "vaikuttamisloki").empty, "nothing was saved"


def test_invented_and_real_never_meet(register):
    add(register, "mediasuunnitelma", PLAN)
    with pytest.raises(SosrakeError, match="invented and real never meet"):
        add(register, "mediasuunnitelma", PLAN, key="toinen", origin="synthetic")


def test_an_area_is_one_there_is_and_keeps_its_zeros():
    assert check_region("kunta", "46") == ("kunta", "046") and check_region("hva", "E1") == COUNTY
    for level, code in (("kunta", "999"), ("maakunta", "10"), ("hva", "")):
        with pytest.raises(SosrakeError, match="expected kunta or hva"):
            check_region(level, code)


@settings(max_examples=50, deadline=None)
@given(st.integers(5, 9999), st.sampled_from(["asiakasta", "ihmistä", "perhettä", "osallistujaa"]))
def test_five_or_more_people_may_be_counted_in_words(number, noun):
    assert small_counts(f"Mukana oli {number} {noun}.") == ()
    assert small_counts(f"Mukana oli {number % 4 + 1} {noun}.")


# --- workshop, what happened ----------------------------------------------------------------------------


def test_a_card_becomes_a_proposal_once_and_both_are_saved_or_neither(register):
    card = add(register, "ilmiotyopaja", CARD)
    number = propose(register, card, expected_version=1, proposed_on=DAY, user="tp1")
    now = read_entry(register, card)
    assert (now["ehdotus"], now["tila"], now["nro"]) == (str(number), "ehdotettu", 2)
    made = proposals(register).iloc[0]
    assert (made["text"], made["decision_maker"], made["target"]) == (
        CARD["ehdotus_sanoin"], CARD["paattaja"], CARD["kohde"],
    )  # fmt: skip
    with pytest.raises(SosrakeError, match="has its proposal already"):
        propose(register, card, expected_version=2, proposed_on=DAY, user="tp1")
    lacking = add(register, "ilmiotyopaja", {**CARD, "paattaja": ""}, key="toinen")
    with pytest.raises(SosrakeError, match="paattaja is empty"):
        propose(register, lacking, expected_version=1, proposed_on=DAY, user="tp1")
    with pytest.raises(StaleVersion):
        fresh = add(register, "ilmiotyopaja", CARD, key="kolmas")
        propose(register, fresh, expected_version=9, proposed_on=DAY, user="tp1")
    assert len(proposals(register)) == 1, "a refused card leaves no proposal behind"


def test_what_happened_tells_every_proposal_with_its_decision(register):
    card = add(register, "ilmiotyopaja", CARD)
    number = propose(register, card, expected_version=1, proposed_on=DAY, user="tp1")
    decide(
        register, number, status="hylatty", decided_on=date(2026, 5, 1), expected_version=1, note="ei rahaa"
    )
    told = happened(register).iloc[0]
    assert (told["tila"], told["paatetty"], told["perustelu"]) == ("hylatty", "2026-05-01", "ei rahaa")
    assert told["ilmio"] == "", "a phenomenon nobody approved has no name here"


# --- tables in ------------------------------------------------------------------------------------------


def test_the_same_table_again_changes_nothing_and_another_word_adds_a_version(register):
    table = pd.DataFrame(
        [{"tunnus": "A", "alue_taso": "kunta", "alue_koodi": "46", **TOLD, "tavoitetut": "120"}]
    )
    assert import_entries(register, "kanavaloki", table, user="tp1").added == (1,)
    assert import_entries(register, "kanavaloki", table, user="tp1").same == (1,)
    other = table.assign(jatko="uudelleen")
    assert import_entries(register, "kanavaloki", other, user="tp1").changed == (1,)
    assert history(register, 1)["jatko"].tolist() == ["", "uudelleen"]
    assert entries(register, "kanavaloki")["alue_koodi"].tolist() == ["046"]


def test_a_wrong_row_brings_nothing_in(register):
    rows = [{"tunnus": name, "alue_taso": "hva", "alue_koodi": "E1", **TOLD} for name in "AB"]
    rows[1]["paiva"] = "keväällä"
    with pytest.raises(SosrakeError, match=r"row 3: .*paiva 'keväällä'"):
        import_entries(register, "kanavaloki", pd.DataFrame(rows), user="tp1")
    assert entries(register, "kanavaloki").empty
    with pytest.raises(SosrakeError, match="column tunnus is missing"):
        import_entries(register, "kanavaloki", pd.DataFrame([TOLD]), user="tp1")
    named = pd.DataFrame([{**rows[0], "viesti": "Maija Virtanen soitti."}])
    with pytest.raises(PersonalData, match="row 2"):
        import_entries(register, "kanavaloki", named, user="tp1")


def test_the_command_line_adds_changes_lists_and_brings_a_spreadsheet_in(tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)

    def run(*words):
        return CliRunner().invoke(cli.app, ["followup", *words])

    fields = [f"--field={name}={value}" for name, value in LOG.items()]
    causal = "--field=mita_muuttui=Jonot lyhenivät palvelun ansiosta."
    made = run(
        "add", "vaikuttamisloki", "--region", "hva-E1", *fields, causal, "--field=muutoksen_luonne=kuvaus"
    )
    assert made.exit_code == 0 and "Kirjaus 1" in made.output and "ansiosta" in made.output
    assert "versio 2" in run("change", "1", "--field", "paatos=kesken", "--state", "kasittelyssa").output
    listed = run("list", "vaikuttamisloki", "--language", "en").output
    assert "1 v2 2026-01-10 hva:E1 [kasittelyssa] Kerroimme asunnoista." in listed
    assert "paatos = kesken" in run("history", "1").output
    assert "versio 3" in run("close", "1").output
    file = tmp_path / "loki.csv"
    head = "tunnus;alue_taso;alue_koodi;paiva;kanava;kohderyhma;viesti;tavoitetut;reaktiot\n"
    file.write_text(head + "A1;kunta;E01;1.2.2026;some;asukkaat;Hei.;120;4\n", encoding="utf-8-sig")
    assert "Uusia kirjauksia 1" in run("import", "kanavaloki", str(file)).output
    file.write_text(head + "A1;kunta;E01;helmikuu;some;asukkaat;Hei.;120;4\n", encoding="utf-8-sig")
    assert run("import", "kanavaloki", str(file)).exit_code == 1
    assert "expected NAME=TEXT" in str(run("change", "1", "--field", "paatos").exception)


# --- data -----------------------------------------------------------------------------------------------


def test_closed_lists_of_tables_are_those_of_the_catalogue():
    listed = {
        ("mediasuunnitelma", "kohderyhma"): named("audiences"),
        ("mediasuunnitelma", "kanava"): named("channels"),
        ("kanavaloki", "kohderyhma"): named("audiences"),
        ("kanavaloki", "kanava"): named("channels"),
        ("sidosryhmat", "laji"): named("stakeholder_kinds"),
        ("verkosto", "laji"): named("partner_kinds"),
        ("verkosto", "tarve"): partner_needs(),
        ("verkosto", "toinen_tarve"): partner_needs(),
        ("itsearviointi", "kohta"): {point.key: point for point in self_assessment().points},
    }
    for (name, field), known in listed.items():
        assert kind(name).columns[field].allowed == tuple(known), (name, field)
    for name in kinds():
        states = next(column for column in schema(name).columns if column.name == "tila")
        assert set(states.allowed) == set(kind(name).states), name
    for name in ("vaikuttamisloki", "ilmiotyopaja"):
        assert kind(name).columns["kohde"].allowed == TARGETS


@pytest.mark.parametrize("name", kinds())
def test_every_kind_names_columns_it_has_and_states_that_lead_somewhere(name):
    of = kind(name)
    fields = {of.names, *of.roles, *of.links, *of.keys} | ({of.when} if of.when else set())
    assert fields <= set(of.columns)
    assert {then for states in of.states.values() for then in states} <= set(of.states)
    reached = {of.first}
    for _ in of.states:
        reached |= {then for state in reached for then in of.states[state]}
    assert reached == set(of.states)
    assert all(of.columns[role].kind == "text" for role in of.roles)


def test_every_notebook_a_need_leads_to_exists(project):
    for need, about in partner_needs().items():
        assert about.notebooks, need
        for path in about.notebooks:
            assert (project / "notebooks" / f"{path}.ipynb").is_file(), (need, path)
    assert recommended("paatoksenteko", "vaikuttaminen").count("4_vaikuttaminen/paattajakooste") == 1
    with pytest.raises(CatalogueError, match="no need 'raha'"):
        recommended("raha")


def test_the_seven_points_are_those_of_the_centre_of_excellence():
    form = self_assessment()
    assert [point.key for point in form.points] == [
        *("tieto", "kokemus", "ennakointi", "osallisuus", "verkostot", "oikeudet", "hyvinvointivastuu")
    ]
    assert len(form.levels) == 4 and form.law == "1301/2014"
    with pytest.raises(CatalogueError, match="no point 'raha'"):
        form.point("raha")
    read = {"version": "1", "law": "1301/2014", "source_fi": "a", "source_en": "a", "points": {}}
    with pytest.raises(CatalogueError, match="expected four"):
        self_assessment_of({**read, "levels": [{"fi": "a", "en": "a"}]})


def test_a_version_holds_all_fields_as_one_text(register):
    number = add(register, "mediasuunnitelma", PLAN)
    with register.reading() as connection:
        row = connection.exec_driver_sql("SELECT sisalto FROM seurantaversio").scalar_one()
    assert json.loads(row) == {**PLAN, "lahde": ""} and number == 1
