"""Plans and follow-up at the desk: the command line's checks, versions, advice that refuses nothing."""

from __future__ import annotations

import re

import pytest
from desk_served import one, place, two

from sosrake_lib import register as room
from sosrake_lib.language import messages, say
from sosrake_lib.register import followup
from sosrake_lib.register.followup_kinds import kind, kinds
from sosrake_lib.register.proposals import add_proposal
from sosrake_lib.serving import desk_followup_fields as shown
from sosrake_lib.serving.desk_advice import advice, entry_advice
from sosrake_lib.serving.forms import Form

__all__ = ["one", "place", "two"]  # the fixtures, for pytest to find here

AREA = {"alue": "hva:E1"}
PLAN = {
    "viesti": "Vuokrat vievät suuren osan tuloista.",
    "kohderyhma": "valtuutetut",
    "kanava": "kokous",
    "paiva": "2026-03-02",
    "vastuurooli": "kehittäjäsosiaalityöntekijä",
}
LOG = {
    "aihe": "Pyydettiin asumisneuvojan tehtävää.",
    "teema": "asuminen",
    "kenelle": "aluevaltuusto",
    "kohde": "resurssi",
    "paiva": "2026-02-10",
    "vastuurooli": "johtava sosiaalityöntekijä",
    "seuranta_pvm": "2026-09-01",
}
CARD = {
    "paiva": "2026-02-12",
    "kortti": "Asunto katoaa eron jälkeen",
    "teema": "asuminen",
    "havainto": "Toinen jää ilman vuokrasopimusta.",
    "omistaja": "työryhmä",
    "maarapaiva": "2026-06-30",
}
# One right entry of each kind: every kind's form must be able to save one.
WHOLE = {
    "mediasuunnitelma": PLAN,
    "sidosryhmat": {
        "toimielin": "aluevaltuusto", "laji": "toimielin", "rooli": "päättää talousarviosta",
        "kiinnostus": "suuri", "vaikutusvalta": "suuri", "yhteysrooli": "kehittämispäällikkö",
    },
    "vuosikello": {
        "tapahtuma": "Toimitetaan tiedot talousarvion valmisteluun.", "paatos": "kunta_talousarvio",
        "paiva": "2026-08-15", "toistuu": "vuosittain", "vastuurooli": "kehittämispäällikkö",
    },
    "kanavaloki": {
        "paiva": "2026-03-02", "kanava": "kokous", "kohderyhma": "valtuutetut",
        "viesti": "Kerrottiin asumisesta.", "tavoitetut": "40", "reaktiot": "9",
    },
    "vaikuttamisloki": LOG,
    "ilmiotyopaja": CARD,
    "kokeilut": {
        "nimi": "Asumisneuvonta kirjastossa", "ongelma": "Vuokravelka huomataan myöhään.",
        "muutosidea": "Neuvoja on paikalla viikoittain.", "mittari": "Häädön uhat", "alku": "2026-01-12",
        "omistaja": "asumisneuvonnan tiimi", "mukana": "24",
    },
    "itsearviointi": {
        "kohta": "tieto", "paiva": "2026-05-05", "taso": "2",
        "perustelu": "Havainnot kootaan puolivuosittain.",
        "arvioijat": "sosiaalityön johtoryhmä",
    },
    "verkosto": {
        "organisaatio": "Esimerkkilän asukasyhdistys", "laji": "jarjesto", "tarve": "tilannekuva",
        "yhteistyomuoto": "yhteinen kokous keväisin", "yhteysrooli": "yhteyshenkilönä toimiva työntekijä",
        "sivut": "alueprofiili; infograafi_asukas",
    },
    "tyoryhma": {"paiva": "2026-04-01", "asia": "Asumisneuvonnan jatko"},
    "lupaus": {
        "puolivuosi": "2026-H1", "lupaus": "Jokainen raportoinut saa palautteen kuukauden kuluessa.",
        "vastuurooli": "työryhmän puheenjohtaja", "maarapaiva": "2026-06-30",
    },
}  # fmt: skip


def add(worker, name, fields):
    address = f"/seuranta/{name}"
    return worker.do(address, "lisaa_merkinta", {**AREA, **fields})


@pytest.mark.parametrize("name", kinds())
def test_every_kind_is_added_shown_changed_and_its_state_moved(one, name):
    page = add(one, name, WHOLE[name])
    of = kind(name)
    for field, value in WHOLE[name].items():
        assert shown.value_label(of, field, value, "fi") in page
    then = of.states[of.first][0]
    page = one.do("/merkinta/1", "muuta_merkinta", {**WHOLE[name], "tila": then})
    assert (
        say("tyopoyta.followup.version", version=2, day=page_day(), state=shown.state_label(then, "fi"))
        in page
    )
    listed = one.get(f"/seuranta/{name}")
    assert 'href="/merkinta/1' in listed and shown.state_label(then, "fi") in listed
    register = room.open_register()
    saved = followup.history(register, 1)
    register.close()
    assert saved["tila"].tolist() == [of.first, then]
    assert all(saved[field].tolist() == [value] * 2 for field, value in WHOLE[name].items())


def page_day():
    from datetime import date

    from sosrake_lib.language import numbers

    return numbers.day(date.today(), "fi")


def test_the_index_counts_what_is_under_way(one):
    add(one, "tyoryhma", WHOLE["tyoryhma"])
    page = one.get("/seuranta")
    row = re.search(
        r'<a href="/seuranta/tyoryhma[^>]*>Työryhmän asiat</a></th><td>(\d)</td><td>(\d)</td>', page
    )
    assert row.groups() == ("1", "1")
    add(one, "sidosryhmat", WHOLE["sidosryhmat"])
    one.do("/merkinta/2", "paata_merkinta")
    assert re.search(r"Sidosryhmäkartta</a></th><td>0</td><td>1</td>", one.get("/seuranta"))
    listed = one.get("/seuranta/sidosryhmat")
    assert say("tyopoyta.followup.none") in listed and "Päättyneet (1)" in listed
    assert "/tee/paata_merkinta" not in one.get("/merkinta/2"), "what has ended is not ended again"


def test_what_somebody_saved_meanwhile_is_not_overwritten_and_mine_is_not_lost(one, two):
    add(one, "mediasuunnitelma", PLAN)
    seen = one.hidden("/merkinta/1", "muuta_merkinta")
    two.do("/merkinta/1", "muuta_merkinta", {**PLAN, "viesti": "Toisen viesti."})
    page = one.send("muuta_merkinta", {**seen, **PLAN, "viesti": "Minun viestini."})
    assert say("tyopoyta.wrong.stale") in page and "(versio 2)" in page
    sides = '<td class="sanat">Toisen viesti.</td><td class="sanat">Minun viestini.</td>'
    assert f'<th scope="row">Viesti</th>{sides}' in page
    assert re.search(r"<textarea[^>]*>\s*Minun viestini.</textarea>", page)
    closed = one.send("paata_merkinta", {**seen, "versio": "1"})
    assert say("tyopoyta.wrong.stale") in closed
    one.do("/merkinta/1", "muuta_merkinta", {**PLAN, "viesti": "Yhteinen viesti."})
    page = two.get("/merkinta/1")
    assert "Yhteinen viesti." in page and page.count("<h3>Versio ") == 3


def test_personal_data_and_small_counts_are_refused_and_come_back_filled(one):
    hidden = one.hidden("/seuranta/mediasuunnitelma", "lisaa_merkinta")
    named = one.send("lisaa_merkinta", {**hidden, **AREA, **PLAN, "vastuurooli": "Maija Meikäläinen"})
    assert say("tyopoyta.wrong.title") in named and 'value="Maija Meikäläinen"' in named
    assert "Kuka vastaa: " in named, "the field is told by its own name"
    sure = one.send("lisaa_merkinta", {**hidden, **AREA, **PLAN, "viesti": "Hetu on 131052-308T."})
    assert say("tyopoyta.wrong.personal") in sure and "Hetu on 131052-308T.</textarea>" in sure
    few = one.send("lisaa_merkinta", {**hidden, **AREA, **PLAN, "viesti": "Kolme asiakasta kertoi."})
    assert "counts one to four people" in few and "Kolme asiakasta kertoi.</textarea>" in few
    assert say("tyopoyta.followup.none") in one.get("/seuranta/mediasuunnitelma")


def test_a_role_that_seems_to_name_someone_is_refused_though_confirmed(one):
    hidden = one.hidden("/seuranta/mediasuunnitelma", "lisaa_merkinta")
    given = {**hidden, **AREA, **PLAN, "vastuurooli": "Virtanen", "vahvistan": "on"}
    assert say("tyopoyta.wrong.title") in one.send("lisaa_merkinta", given)
    assert say("tyopoyta.followup.none") in one.get("/seuranta/mediasuunnitelma")


def test_sending_an_entry_twice_saves_once(one):
    hidden = one.hidden("/seuranta/mediasuunnitelma", "lisaa_merkinta")
    for _ in range(2):
        one.send("lisaa_merkinta", {**hidden, **AREA, **PLAN})
    assert one.get("/seuranta/mediasuunnitelma").count('href="/merkinta/') == 1


def test_a_wrong_state_kind_or_field_changes_nothing(one):
    add(one, "mediasuunnitelma", PLAN)
    hidden = one.hidden("/merkinta/1", "muuta_merkinta")
    for wrong in (
        {"tila": "paattynyt"},
        {"merkintalaji": "verkosto"},
        {"versio": "x"},
        {"kanava": "savumerkki"},
    ):
        page = one.send("muuta_merkinta", {**hidden, **PLAN, **wrong})
        assert say("tyopoyta.wrong.title") in page
    assert one.get("/merkinta/1").count("<h3>Versio ") == 1
    assert one.client.get("/seuranta/olematon").status_code == 404
    assert one.client.get("/merkinta/99").status_code == 404
    assert one.client.get("/ehdotus/99").status_code == 404


def test_a_card_becomes_a_proposal_and_its_decision_is_followed(one):
    add(one, "ilmiotyopaja", CARD)
    assert say("tyopoyta.followup.propose_lacks") in one.get("/merkinta/1")
    whole = {"ehdotus_sanoin": "Aluevaltuusto perustaa tuetun asumisen tiimin.", "paattaja": "aluevaltuusto"}
    one.do("/merkinta/1", "muuta_merkinta", {**CARD, **whole, "kohde": "palvelu"})
    page = one.do("/merkinta/1", "ehdota_kortista", {"pvm": "2026-03-01"})
    assert whole["ehdotus_sanoin"] in page and "/ehdotus/1" in one.get("/merkinta/1")
    assert "/tee/ehdota_kortista" not in one.get("/merkinta/1")
    one.do(
        "/ehdotus/1",
        "kirjaa_paatos",
        {"tila": "hyvaksytty", "pvm": "2026-06-15", "perustelu": "Talousarviossa."},
    )
    page = one.get("/ehdotus/1")
    assert "hyväksytty: Talousarviossa." in page
    assert "hyväksytty" in one.get("/ehdotukset") and "aluevaltuusto" in one.get("/ehdotukset")


def test_words_that_claim_too_much_are_saved_and_told(one):
    page = add(one, "vaikuttamisloki", LOG)
    assert say("tyopoyta.advice.lead") not in page
    strong = {"mita_muuttui": "Neuvonta vähensi häätöjä.", "muutoksen_luonne": "muutos"}
    page = one.do("/merkinta/1", "muuta_merkinta", {**LOG, **strong})
    assert say("tyopoyta.advice.lead") in page and "Mitä on nähty: ”vähensi”." in page
    assert say("tyopoyta.advice.lead") not in one.get("/merkinta/1"), "told once, and the text stands"
    assert "Neuvonta vähensi häätöjä." in one.get("/merkinta/1")
    register = room.open_register()
    add_proposal(
        register, key="k", region_level="hva", region_code="E1", theme="asuminen", text="Lisätään neuvontaa.",
        decision_maker="aluevaltuusto", target="resurssi", proposed_on=room_day(), user="tp1",
    )  # fmt: skip
    register.close()
    page = one.do(
        "/ehdotus/1",
        "kirjaa_paatos",
        {"tila": "hyvaksytty", "pvm": "2026-06-15", "perustelu": "Valmennus paransi arkea."},
    )
    assert "Perustelu: ”paransi”." in page


def room_day():
    from datetime import date

    return date(2026, 3, 1)


def test_a_change_may_be_told_as_a_change_where_it_is_one():
    of = kind("vaikuttamisloki")
    told = {"mita_muuttui": "Jonot lyhenivät."}
    assert entry_advice(of, {**told, "muutoksen_luonne": "muutos"}, "fi") == ()
    (found,) = entry_advice(of, {**told, "mita_muuttui": "Neuvonta lyhensi jonoja."}, "en")
    assert found.phrase == "lyhensi" and found.advice.startswith("The word tells a cause")


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_field_and_choice_has_words(language):
    for name in kinds():
        of = kind(name)
        assert shown.title(of, language) and messages.catalogue("tyopoyta", language)
        for field, column in of.columns.items():
            assert shown.named_field(field, language) != field, (name, field)
            for value in column.allowed:
                assert shown.value_label(of, field, value, language) not in ("", None)
        for state in of.states:
            assert shown.state_label(state, language)


def test_pages_are_there_in_english_and_carry_no_script(one):
    add(one, "ilmiotyopaja", CARD)
    for address in ("/seuranta", "/seuranta/ilmiotyopaja", "/merkinta/1", "/ehdotukset"):
        page = one.client.get(f"{address}?kieli=en")
        assert page.status_code == 200 and '<html lang="en">' in page.text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", page.text)


@pytest.mark.parametrize("action", ["avaa_ilmio", "muuta_ilmio"])
def test_the_name_of_a_phenomenon_is_advised_on_when_a_card_is_made(action):
    """A name is a heading of pages: a cause in it would be told in the page's own voice."""
    (found,) = advice(action, Form({"nimi": "Kohtaamispaikkojen sulkeminen lisää yksinoloa"}), "fi")
    assert found.phrase == "sulkeminen lisää"
    named = "Kohtaamispaikkoja on suljettu, ja yksin asuvat kertovat yksinolosta"
    assert advice(action, Form({"nimi": named}), "fi") == ()


def test_pages_of_an_entry_are_read_as_keys_where_there_is_no_plan(tmp_path, monkeypatch):
    """An entry is read where the project is not at hand; writing pages there is refused elsewhere."""
    read = "alueprofiili; ei_ole"
    assert shown.value_label(kind("verkosto"), "sivut", read, "fi") == "Alueprofiili; ei_ole"
    monkeypatch.setenv("SOSRAKE_PROJECT", str(tmp_path))
    assert shown.value_label(kind("verkosto"), "sivut", read, "fi") == read
