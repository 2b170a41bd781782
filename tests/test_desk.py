"""The desk: who gets in, what each form does, and that nothing written is lost or overwritten unseen."""

from __future__ import annotations

import re
import threading

import httpx
import pytest
from desk_served import one, place, two

from sosrake_lib import register as room
from sosrake_lib.errors import SosrakeError
from sosrake_lib.indicators.agreement import cohen_kappa
from sosrake_lib.language import numbers, say
from sosrake_lib.register.receipts import new_key, receipt
from sosrake_lib.serving import desk_actions, desk_session

__all__ = ["one", "place", "two"]  # the fixtures, for pytest to find here

ENTRIES = ("/seuranta", "/seuranta/vuosikello", "/merkinta/1", "/ehdotukset", "/ehdotus/1")
FULL = {
    "tiedontuottaja": "ammattilainen",
    "alue": "kunta:E01",
    "teema": "asuminen",
    "havainto": "Pieniä vuokra-asuntoja ei ole tarjolla.",
}


def reported(*texts):
    """Put forms into the front, as the reporting form does, and give their keys."""
    room.open_front().close()
    counter = room.open_counter()
    keys = []
    for text in texts:
        keys.append(new_key())
        fields = {**FULL, "havainto": text, "kieli": "fi"}
        counter.put(keys[-1], {"fields": fields, "confirmed": 1}, receipt(keys[-1]))
    counter.close()
    return keys


def test_every_page_and_change_needs_a_session(place):
    client = httpx.Client(base_url=place[0])
    for address in (
        "/",
        "/havainto/1",
        "/koodaus",
        "/ilmiot",
        "/ilmio/1",
        "/vastaamatta",
        "/paperi",
        *ENTRIES,
    ):
        answer = client.get(address)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/kirjaudu")
        assert not answer.text
    for action in desk_actions.ACTIONS:
        answer = client.post(f"/tee/{action}", data={"lomake": "x", "numero": "1"})
        assert answer.status_code == 303 and answer.headers["location"].startswith("/kirjaudu")


def test_a_token_opens_a_session_and_never_stands_in_an_address(place, one):
    url, tokens, _ = place
    cookie = one.entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and tokens["tp1"] not in cookie
    assert tokens["tp1"] not in one.entered.headers["location"] and "Käyttäjä tp1" in one.get("/")
    asked = httpx.get(f"{url}/?tunnus={tokens['tp1']}")
    assert asked.status_code == 303, "a token in an address opens nothing"
    one.client.post("/ulos", data={"lomake": one.key})
    assert one.client.get("/").status_code == 303


def test_wrong_tokens_are_answered_slowly_and_one_after_another(place):
    url, tokens, waited = place
    client = httpx.Client(base_url=url)

    def wrong(number):
        answer = httpx.post(f"{url}/kirjaudu", data={"tunnus": f"{tokens['tp1']}{number}"})
        assert (
            answer.headers["location"].startswith("/kirjaudu?vaara=1") and "set-cookie" not in answer.headers
        )

    threads = [threading.Thread(target=wrong, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waited.seconds == [desk_session.WRONG_SECONDS] * 4 and waited.most == 1
    assert "Tunnus ei ole oikea" in client.get("/kirjaudu?vaara=1").text
    assert client.post("/kirjaudu", data={"tunnus": tokens["tp2"]}).headers["location"].startswith("/?")
    assert len(waited.seconds) == 4, "a right token does not wait"


def test_a_token_is_in_a_file_for_its_owner_alone(home):
    file = desk_session.make_token("tp1")
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    before = file.read_text()
    assert len(before.strip()) >= 40
    assert desk_session.make_token("tp1").read_text() != before, "a new token ends the older one"
    assert desk_session.owner(file.parent, before) is None
    assert (
        desk_session.owner(file.parent, file.read_text()) == "tp1"
        and desk_session.owner(file.parent, "") is None
    )
    file.chmod(0o644)
    with pytest.raises(SosrakeError, match="chmod 600"):
        desk_session.check_folder(file.parent)
    for user in ("Maija Meikäläinen", "../x", ""):
        with pytest.raises(SosrakeError, match="desk: "):
            desk_session.make_token(user)
    desk_session.remove_token("tp1")
    with pytest.raises(SosrakeError, match="tp1"):
        desk_session.remove_token("tp1")


def test_a_form_of_another_session_or_site_changes_nothing(place, one, two):
    reported("Havainto.")
    assert one.client.post("/tee/ota_vastaan", data={"lomake": two.key}).status_code == 403
    given = {"lomake": one.key}
    for headers in ({"Origin": "https://paha.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert one.client.post("/tee/ota_vastaan", data=given, headers=headers).status_code == 403
    assert one.client.get("/", headers={"Host": "paha.example"}).status_code == 403
    assert "odottaa 1" in one.get("/")
    away = one.client.post("/tee/ota_vastaan", data={**given, "paluu": "https://paha.example"})
    assert away.headers["location"].startswith("/?viesti=")


def test_from_an_arrived_form_to_a_decision_and_back_to_the_reporter(one, two):
    keys = reported("Eräs Virtanen kertoi, että <b>asuntoja</b> ei ole.", "Vuokrat nousevat nopeasti.")
    one.do("/", "ota_vastaan")
    page = one.get("/havainto/1")
    assert "<mark>Virtanen</mark>" in page and "Eräs [nimi] kertoi, että <b>asuntoja</b> ei ole." in page
    assert "<b>asuntoja" not in one.client.get("/havainto/1").text
    unconfirmed = one.send("tarkista", one.hidden("/havainto/1", "tarkista"))
    assert say("tyopoyta.wrong.confirm") in unconfirmed
    one.do("/havainto/1", "peita", {"havainto": "Eräs [nimi] kertoi, että asuntoja ei ole."})
    assert "Virtanen" not in one.get("/havainto/1")
    for number in (1, 2):
        one.do(f"/havainto/{number}", "tarkista")
        one.do(f"/koodaus/{number}", "koodaa", {"teema": "asuminen", "rakennetyyppi": "resurssi"})
    assert "Resurssit" not in two.get("/koodaus/1"), "the second coder does not see the first one's codes"
    two.do("/koodaus/1", "koodaa", {"teema": "asuminen", "rakennetyyppi": "resurssi"})
    two.do("/koodaus/2", "koodaa", {"teema": "koyhyys", "rakennetyyppi": "normi"})
    assert "/havainto/2" in one.get("/koodaus") and "50\u00a0%" in one.get("/koodaus")
    one.do("/havainto/2", "sovi", {"teema": "asuminen", "rakennetyyppi": "resurssi"})
    one.do("/havainto/1", "avaa_ilmio", {"nimi": "Pieniä asuntoja puuttuu"})
    one.do("/havainto/2", "yhdista", {"ilmio": "1"})
    one.do(
        "/ilmio/1",
        "muuta_ilmio",
        {"nimi": "Pieniä asuntoja puuttuu", "teema": "asuminen", "naytto": "C", "alue": "hva:E1"},
    )
    one.do("/ilmio/1", "siirra", {"tila": "tyoryhmassa"})
    one.do(
        "/ilmio/1",
        "anna_tehtava",
        {"kenelle": "työryhmä", "tehtava": "Hae tilastot", "maarapaiva": "2030-01-31"},
    )
    one.do("/ilmio/1", "paata_tehtava", {"tila": "tehty"})
    proposal = {
        "teksti": "Rakennetaan pieniä asuntoja.",
        "paattaja": "kunnanvaltuusto",
        "kohde": "resurssi",
        "alue": "hva:E1",
    }
    one.do("/ilmio/1", "ehdota", proposal)
    one.do(
        "/ilmio/1",
        "kirjaa_paatos",
        {"tila": "hyvaksytty", "pvm": "2026-11-20", "perustelu": "Talousarviossa."},
    )
    one.do("/ilmio/1", "kirjoita_yhteenveto", {"yhteenveto": "Pieniä asuntoja on liian vähän."})
    assert say("tyopoyta.phenomenon.summary_own") in one.get("/ilmio/1")
    two.do("/ilmio/1", "hyvaksy_yhteenveto")
    assert "/havainto/1" in one.get("/vastaamatta")
    one.do("/ilmio/1", "vastaa", {"teksti": "Kiitos. Kunta päätti rakentaa."})
    assert say("tyopoyta.unanswered.none") in one.get("/vastaamatta")
    counter = room.open_counter()
    shown, summaries = counter.receipt(receipt(keys[1])), counter.summaries()
    counter.close()
    states = [step["state"] for step in shown["states"]]
    assert states == ["uusi", "luettu", "yhdistetty", "tyoryhmassa", "ehdotus_tehty", "paatos_hyvaksytty"]
    assert shown["feedback"][0]["text"] == "Kiitos. Kunta päätti rakentaa."
    assert [each["yhteenveto"] for each in summaries] == ["Pieniä asuntoja on liian vähän."]


def test_each_change_is_in_the_name_of_the_one_who_made_it(one, two):
    reported("Havainto yksi.")
    one.do("/", "ota_vastaan")
    two.do("/havainto/1", "tarkista")
    desk = room.open_desk("tp3")
    assert desk.read(1)["tarkastaja"] == "tp2"
    desk.shut()


def test_a_stale_version_shows_both_and_keeps_what_was_written(one, two):
    reported("Alkuperäinen teksti.")
    one.do("/", "ota_vastaan")
    seen = one.hidden("/havainto/1", "peita")
    two.do("/havainto/1", "peita", {"havainto": "Toisen korjaama teksti."})
    page = one.send("peita", {**seen, "havainto": "Minun korjaamani teksti."})
    assert say("tyopoyta.wrong.stale") in page
    assert (
        '<td class="sanat">Toisen korjaama teksti.</td><td class="sanat">Minun korjaamani teksti.</td>'
        in page
    )
    assert re.search(r"<textarea[^>]*>\s*Minun korjaamani teksti.</textarea>", page)
    one.do("/havainto/1", "peita", {"havainto": "Yhteinen teksti."})
    assert "Yhteinen teksti." in two.get("/havainto/1")


def test_what_is_refused_comes_back_filled(one):
    one.do("/ilmiot", "avaa_ilmio", {"nimi": "Jonot", "teema": "asuminen"})
    text = "Maija Meikäläisen 131052-308T asia."
    page = one.send("vastaa", {**one.hidden("/ilmio/1", "vastaa"), "teksti": text})
    assert say("tyopoyta.wrong.personal") in page and f"{text}</textarea>" in page
    page = one.send(
        "ehdota",
        {**one.hidden("/ilmio/1", "ehdota"), "teksti": "Vain teksti", "alue": "hva:E1", "kohde": "laki"},
    )
    assert say("tyopoyta.wrong.title") in page and "Vain teksti</textarea>" in page
    page = one.send("kirjaa_paatos", {"numero": "1", "paluu": "/ilmio/1", "tila": "hyvaksytty"})
    assert say("tyopoyta.wrong.field") in page


def test_sending_a_form_twice_saves_once(one):
    hidden = one.hidden("/ilmiot", "avaa_ilmio")
    for _ in range(2):
        one.send("avaa_ilmio", {**hidden, "nimi": "Jonot", "teema": "asuminen"})
    assert one.get("/ilmiot").count("/ilmio/") == 1


def test_a_paper_form_is_saved_with_a_receipt(one):
    page = one.get("/paperi")
    shown, key = (
        re.search(pattern, page).group(1)
        for pattern in (r'class="kuitti">([^<]+)<', r'name="avain" value="([^"]+)"')
    )
    assert shown == receipt(key)
    page = one.send("lisaa_paperi", {"paluu": "/paperi", "avain": key, "havainto": "Vajaa"})
    assert "Vajaa</textarea>" in page and shown in page, "what was refused keeps its receipt code"
    one.send("lisaa_paperi", {"paluu": "/paperi", "avain": key, **FULL})
    assert FULL["havainto"] in one.get("/havainto/1")


def test_words_are_deleted_with_a_reason(one):
    reported("Poistettava lause.")
    one.do("/", "ota_vastaan")
    one.do("/havainto/1", "poista", {"peruste": "rekisteröidyn pyyntö"})
    assert "Poistettava lause." not in one.get("/havainto/1")


def test_agreement_is_cohens_kappa_of_the_two_coders(one, two):
    codes = [("resurssi", "resurssi"), ("normi", "normi"), ("resurssi", "normi"), ("asenne", "asenne")]
    reported(*(f"Havainto numero {number}." for number in range(len(codes))))
    one.do("/", "ota_vastaan")
    for number, (first, second) in enumerate(codes, start=1):
        one.do(f"/havainto/{number}", "tarkista")
        one.do(f"/koodaus/{number}", "koodaa", {"teema": "asuminen", "rakennetyyppi": first})
        two.do(f"/koodaus/{number}", "koodaa", {"teema": "asuminen", "rakennetyyppi": second})
    page = one.get("/koodaus")
    expected = cohen_kappa(*zip(*codes, strict=True)).kappa
    assert f"<td>75\u00a0%</td><td>{numbers.number(expected, 2)}</td>" in page
    assert "<td>100\u00a0%</td><td>–</td>" in page, "one code only: kappa is not defined"


def test_pages_are_there_in_english_and_carry_no_script(one):
    for address in ("/", "/koodaus", "/ilmiot", "/vastaamatta", "/paperi", "/seuranta", "/ehdotukset"):
        page = one.client.get(f"{address}?kieli=en")
        assert page.status_code == 200 and '<html lang="en">' in page.text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", page.text)
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert page.headers["cache-control"] == "no-store"
    assert one.client.get("/havainto/99").status_code == 404
