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
from sosrake_lib.batch.page_titles import page_keys, page_titles
from sosrake_lib.catalogue.followup_words import named, partner_needs, recommended
from sosrake_lib.catalogue.self_assessment import self_assessment, self_assessment_of
from sosrake_lib.errors import CatalogueError, SosrakeError
from sosrake_lib.gather.schemas import schema
from sosrake_lib.register import (
    PersonalData,
    StaleVersion,
    backup,
    decide,
    followup,
    open_register,
    proposals,
    redact,
    restore,
    retain,
    verify_trail,
)
from sosrake_lib.register.engine import NEWEST, Register, address_of, make_engine, migrate, schema_of
from sosrake_lib.register.followup import (
    add_entry,
    areas_followed,
    change_entry,
    close_entry,
    entries,
    entry_key,
    history,
    read_entry,
)
from sosrake_lib.register.followup_check import check_region, checked, small_counts
from sosrake_lib.register.followup_import import import_entries
from sosrake_lib.register.followup_kinds import kind, kinds
from sosrake_lib.register.happened import happened
from sosrake_lib.register.proposals import TARGETS, add_proposal
from sosrake_lib.register.workbook_pages import workbook_pages
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
    assert read_entry(register, number)["kind"] == "mediasuunnitelma"
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
        # The library of today writes the benefit's column, which that register had not: lent for one row.
        connection.execute(sa.text("ALTER TABLE ehdotus ADD COLUMN hyoty TEXT NOT NULL DEFAULT ''"))
    number = add_proposal(
        older, key="a", region_level="hva", region_code="E1", theme="asuminen", text="Asuntoja lisää.",
        decision_maker="aluehallitus", target="resurssi", proposed_on=DAY, user="tp1",
    )  # fmt: skip
    with older.writing() as connection:
        connection.execute(sa.text("ALTER TABLE ehdotus DROP COLUMN hyoty"))
    assert schema_of(older) == "quote_permission"
    older.close()
    newer = open_register(address)
    assert schema_of(newer) == NEWEST and verify_trail(newer).intact
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
    known = {
        "cost": "Tilat maksavat kunnalle 3 000 euroa vuodessa.",
        "benefit": "Ihmisillä on paikka tavata.",
    }
    number = propose(register, card, expected_version=1, proposed_on=DAY, user="tp1", **known)
    now = read_entry(register, card)
    assert (now["ehdotus"], now["tila"], now["nro"]) == (str(number), "ehdotettu", 2)
    made = proposals(register).iloc[0]
    assert (made["text"], made["decision_maker"], made["target"]) == (
        CARD["ehdotus_sanoin"], CARD["paattaja"], CARD["kohde"],
    )  # fmt: skip
    assert (made["cost"], made["benefit"]) == tuple(known.values())
    with pytest.raises(SosrakeError, match="has its proposal already"):
        propose(register, card, expected_version=2, proposed_on=DAY, user="tp1")
    lacking = add(register, "ilmiotyopaja", {**CARD, "paattaja": ""}, key="toinen")
    with pytest.raises(SosrakeError, match="paattaja is empty"):
        propose(register, lacking, expected_version=1, proposed_on=DAY, user="tp1")
    with pytest.raises(StaleVersion):
        fresh = add(register, "ilmiotyopaja", CARD, key="kolmas")
        propose(register, fresh, expected_version=9, proposed_on=DAY, user="tp1")
    other = add(register, "tyoryhma", {"paiva": "2026-04-01", "asia": "Asumisneuvonnan jatko"}, key="muu")
    with pytest.raises(SosrakeError, match=r"is of kind tyoryhma; expected a card \(ilmiotyopaja\)"):
        propose(register, other, expected_version=1, proposed_on=DAY, user="tp1")
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
    assert "Huomaa, " not in made.output, "the same words are told once"
    assert "versio 2" in run("change", "1", "--field", "paatos=kesken", "--state", "kasittelyssa").output
    listed = run("list", "vaikuttamisloki", "--language", "en").output
    assert "1 v2 2026-01-10 hva:E1 [kasittelyssa] Kerroimme asunnoista." in listed
    assert "paatos = kesken" in run("history", "1").output
    assert "versio 3" in run("close", "1").output
    file = tmp_path / "loki.csv"
    head = "tunnus;alue_taso;alue_koodi;paiva;kanava;kohderyhma;viesti;tavoitetut;reaktiot\n"
    file.write_text(head + "A1;kunta;E01;1.2.2026;some;asukkaat;Hei.;120;4\n", encoding="utf-8-sig")
    assert "Uusia kirjauksia 1" in run("import", "kanavaloki", str(file)).output
    poor = "A2;kunta;E01;2.2.2026;some;asukkaat;Valmennus paransi arkea.;;\n"
    file.write_text(head + poor, encoding="utf-8-sig")
    brought = run("import", "kanavaloki", str(file))
    assert brought.exit_code == 0 and "Uusia kirjauksia 1" in brought.output
    assert "Rivi 1: Huomaa, Viesti: ”paransi”." in brought.output
    file.write_text(head + "A1;kunta;E01;helmikuu;some;asukkaat;Hei.;120;4\n", encoding="utf-8-sig")
    assert run("import", "kanavaloki", str(file)).exit_code == 1
    assert "expected NAME=TEXT" in str(run("change", "1", "--field", "paatos").exception)


def test_a_promise_names_its_half_year(register):
    given = {"puolivuosi": "2026-H1", "lupaus": "Yksiköissä käydään.", "maarapaiva": "2026-05-31"}
    add(register, "lupaus", given)
    for wrong in ("2026", "kevät 2026", "2026-H3", "2026-h1"):
        with pytest.raises(
            SosrakeError, match=r"lupaus: puolivuosi .*; expected a half-year such as 2026-H1"
        ):
            add(register, "lupaus", {**given, "puolivuosi": wrong}, key=f"väärä {wrong}")
    assert entries(register, "lupaus")["puolivuosi"].tolist() == ["2026-H1"]


# --- pages of the workbook ------------------------------------------------------------------------------

PARTNER = {
    "organisaatio": "Kansalaisopisto",
    "laji": "oppilaitos",
    "tarve": "osaaminen",
    "yhteistyomuoto": "Yhteinen koulutus.",
    "yhteysrooli": "kehittäjäkoordinaattori",
}


def test_pages_of_a_partner_are_pages_of_the_plan(register):
    number = add(register, "verkosto", {**PARTNER, "sivut": "alueprofiili,infograafi_asukas; alueprofiili"})
    assert entries(register, "verkosto")["sivut"].tolist() == ["alueprofiili; infograafi_asukas"]
    told = (
        r"verkosto: sivut: no page 'alueprofili' in notebooks/plan\.toml; .* alueprofiili, .*vaikuttamisloki"
    )
    with pytest.raises(SosrakeError, match=told):
        change_entry(register, number, {"sivut": "alueprofili"}, expected_version=1, user="tp1")
    rows = [{"tunnus": "N1", "alue_taso": "hva", "alue_koodi": "E1", **PARTNER, "sivut": "raha"}]
    with pytest.raises(SosrakeError, match=r"row 2: .*verkosto: sivut: no page 'raha'"):
        import_entries(register, "verkosto", pd.DataFrame(rows), user="tp1")


def test_pages_are_not_guessed_without_a_plan(register, tmp_path, monkeypatch):
    monkeypatch.setenv("SOSRAKE_PROJECT", str(tmp_path))
    with pytest.raises(SosrakeError, match=r"plan\.toml is not there.*set SOSRAKE_PROJECT"):
        add(register, "verkosto", {**PARTNER, "sivut": "alueprofiili"})
    assert add(register, "verkosto", PARTNER), "an entry that names no page needs no plan"


def test_the_plans_pages_are_those_of_the_page_titles(project):
    pages, titles = workbook_pages(project), page_titles(project)
    assert all(pages[key] == titles[path] for path, key in page_keys(project).items())
    assert len(pages) > len(titles), "an infographic has a page for each of its readers"


def test_an_entry_from_before_a_column_is_the_same_entry(register, monkeypatch):
    """A table brought again after its kind got a column brings no version, and neither does the same key."""
    given = {"toimielin": "asukasraati", "laji": "asukkaat", "rooli": "kertoo arjesta", "kiinnostus": "suuri"}
    given |= {"vaikutusvalta": "pieni", "yhteysrooli": "sosiaaliohjaaja"}
    row = {"tunnus": "S1", "alue_taso": "hva", "alue_koodi": "E1", **given}
    with monkeypatch.context() as before:
        before.setattr(followup, "checked", lambda *_, **__: {**given, "tapa": ""})
        first = import_entries(register, "sidosryhmat", pd.DataFrame([row]), user="tp1").added[0]
    with register.reading() as connection:
        kept = connection.exec_driver_sql("SELECT sisalto FROM seurantaversio").scalar_one()
    assert "sivut" not in json.loads(kept)
    assert import_entries(register, "sidosryhmat", pd.DataFrame([row]), user="tp1").same == (first,)
    key = entry_key("sidosryhmat", "S1", ("hva", "E1"))
    assert add(register, "sidosryhmat", given, key=key) == first
    assert len(history(register, first)) == 1


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
    fields = {of.names, *of.roles, *of.links, *of.keys, *of.pages} | ({of.when} if of.when else set())
    assert fields <= set(of.columns)
    assert {then for states in of.states.values() for then in states} <= set(of.states)
    assert all(of.columns[name].kind == "text" for name in of.pages)
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
    named_ = {path.rpartition("/")[2] for path in recommended(*partner_needs())}
    assert named_ >= {
        *("infograafi", "toteutussuunnitelma", "mediasuunnitelma", "sosiaalinen_raportti"),
        *("hyvinvointikertomus", "tilannekuvapaketti"),
    }
    assert set(recommended(*partner_needs())) <= set(page_titles()), "each is a page of plan.toml"
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


# --- how long entries are kept --------------------------------------------------------------------------


def test_old_entries_lose_their_words_and_what_still_stands_does_not(register):
    """Five years from writing: earlier versions and ended entries go, the newest of an open one stays."""
    long_ago, later, today = date(2026, 1, 2), date(2031, 6, 1), date(2031, 6, 2)
    number = add(register, "mediasuunnitelma", PLAN, on=long_ago)
    change_entry(register, number, {"viesti": "Uusi viesti."}, expected_version=1, user="tp1", on=long_ago)
    ended = add(register, "kanavaloki", TOLD, key="loppunut", on=long_ago)
    close_entry(register, ended, expected_version=1, user="tp1", on=long_ago)
    fresh = add(register, "kanavaloki", {**TOLD, "viesti": "Tuore."}, key="tuore", on=later)
    due = retain(register, today, dry_run=True)
    assert set(due["table"]) == {"seurantaversio"} and len(due) == 3, "one earlier version, two of the ended"
    assert history(register, number)["viesti"].tolist() == [PLAN["viesti"], "Uusi viesti."]
    assert retain(register, today, dry_run=False).equals(due)
    assert history(register, number)["viesti"].tolist() == ["", "Uusi viesti."]
    assert history(register, ended)["viesti"].tolist() == ["", ""]
    assert history(register, ended)["pvm"].tolist() == [long_ago.isoformat()] * 2, "days and states stay"
    assert entries(register, "mediasuunnitelma")["viesti"].tolist() == ["Uusi viesti."]
    assert entries(register, "kanavaloki")["seuranta_id"].tolist() == [fresh]
    assert retain(register, today, dry_run=True).empty


def test_a_backup_follows_what_retention_took_from_entries(tmp_path):
    """The words go from a listed copy too; the day is one on which the copy itself is still kept."""
    kept = open_register(f"sqlite:///{tmp_path / 'rekisteri.sqlite'}")
    old, today = date(2020, 1, 2), date.today()
    number = add(kept, "kanavaloki", {**TOLD, "viesti": "Kuutamosonaatti."}, on=old)
    close_entry(kept, number, expected_version=1, user="tp1", on=old)
    made = backup(kept, tmp_path / "kopiot")
    copy = tmp_path / "kopiot" / made.file
    assert b"Kuutamosonaatti" in copy.read_bytes()
    assert len(retain(kept, today, dry_run=False)) == 2
    assert b"Kuutamosonaatti" not in copy.read_bytes() and verify_trail(kept).intact
    kept.close()


def test_an_entry_is_kept_for_five_years_to_the_day(register):
    number = add(register, "kanavaloki", TOLD, on=date(2026, 3, 5))
    close_entry(register, number, expected_version=1, user="tp1", on=date(2026, 3, 5))
    assert retain(register, date(2031, 3, 5), dry_run=True).empty
    assert len(retain(register, date(2031, 3, 6), dry_run=True)) == 2
