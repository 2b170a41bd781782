"""Wordings that are findings, each beside a near neighbour that is free."""

from __future__ import annotations

import pytest

from sosrake_lib.effects.design import Claim
from sosrake_lib.influence import claims
from sosrake_lib.language.places import place

# language, kind, a finding, its near neighbour
PAIRS = [
    ("fi", "claim", "Valmennus laski asunnottomuutta.", "Työttömyys laski koko maassa."),
    ("fi", "claim", "Leikkaukset ajoivat perheet ahdinkoon.", "Kuljettaja ajoi asiakkaan kotiin."),
    ("fi", "claim", "Hoitoon pääsy näkyy suoraan vähentyneinä kuluina.", "Luku näkyy taulukon rivillä."),
    ("fi", "claim", "Osallisuus kohentui sen myötä.", "Ajan myötä ihmiset muuttivat."),
    ("fi", "claim", "Toiminta on tuottanut tuloksia.", "Kunta on tuottanut palvelun itse."),
    ("en", "claim", "Cuts drove families into poverty.", "A worker drove clients to the meeting."),
    (
        "en",
        "claim",
        "Without the project clients would have been excluded.",
        "Without a source it stays a guess.",
    ),
    ("en", "claim", "The trial works and delivers results.", "The office delivers meals."),
    ("en", "claim", "The service paid off.", "The family paid off its debts."),
    (
        "en",
        "claim",
        "The fee rose, which is why debt grew.",
        "The group is small, which is why it is hidden.",
    ),
    ("fi", "number", "Kaksi kolmesta vastaajasta jäi ilman apua.", "Valitse yksi kolmesta vaihtoehdosta."),
    ("fi", "number", "Tukea sai tuhat kuopiolaista.", "Tukea sai moni kuopiolainen."),
    ("fi", "number", "Jonot kasvoivat kolminkertaisiksi.", "Kaksinkertainen kirjanpito lopetettiin."),
    ("fi", "number", "Kymmenisen perhettä odotti.", "Ryhmä jatkui kymmenisen vuotta."),
    ("fi", "number", "Mukana oli satakunta perhettä.", "Mukana oli Satakunta ja Kainuu."),
    ("fi", "number", "Tusina asiakasta odotti.", "Tusinatavaraa ei hankita."),
    ("fi", "number", "Määrä on tuplaantunut.", "Kysely on tupla."),
    ("fi", "number", "Hinta on miljoona euroa.", "Kysymyksiä on miljoona."),
    ("fi", "number", "½ asiakkaista odotti.", "Asiakkaista osa odotti."),
    ("en", "number", "The debts doubled.", "They have a double room."),
    ("en", "number", "A dozen families waited.", "Families waited."),
    ("en", "number", "Debts grew threefold.", "The letter was folded."),
    ("fi", "stigma", "Pitkäaikaistyöttömät ovat passiivisia.", "Työttömät ovat mukana suunnittelussa."),
    ("fi", "stigma", "Yksinhuoltajat ovat taakka kunnalle.", "Velka on taakka perheelle."),
    ("fi", "stigma", "Vammaiset kärsivät.", "Vammaiset kärsivät palvelujen puutteesta."),
    ("fi", "stigma", "Tiimissä on haasteellisia asiakkaita.", "Tilanne oli haasteellinen."),
    ("en", "stigma", "Welfare dependants fill the office.", "Children are dependants of the client."),
    ("en", "stigma", "It is for hard-to-reach groups.", "The office is hard to reach by bus."),
    ("en", "stigma", "Immigrants are a burden.", "The fees are a burden to families."),
    ("en", "stigma", "People suffering from disability wait.", "People suffering from cold wait."),
    ("fi", "person", "Rautavaaran ainoa sijoitettu lapsi muutti.", "Rautavaaran ainoa kauppa suljettiin."),
    ("fi", "person", "Ainoa perhe Rautavaaralla muutti.", "Perheitä muutti Rautavaaralta."),
    ("fi", "person", "Soita Matille numeroon 045 123 4567.", "Neuvonnan vaihde on 015 123 4567."),
    ("fi", "person", "Tunnus on 131052-308T.", "Päätös on tehty lain mukaan."),
    (
        "fi",
        "person",
        "Kirjoita osoitteeseen matti.virtanen@kunta.fi.",
        "Kirjoita osoitteeseen kirjaamo@kunta.fi.",
    ),
    ("fi", "person", "Soita +358 (0)45 123 4567.", "Soita neuvontaan +358 (0)15 123 4567."),
    ("fi", "person", "Soita 00358 45 123 4567.", "Soita neuvontaan 00358 15 123 4567."),
    ("fi", "person", "Kysy: matti.virtanen@hva.fi.", "Kysy: asiakas.palvelu@hva.fi."),
    ("fi", "person", "Kysy: liisa_lahti@kunta.fi.", "Kysy: palvelu.neuvonta@kunta.fi."),
    ("fi", "person", "Kysy: elina.posti@kunta.fi.", "Kysy: sosiaali.päivystys@kunta.fi."),
    ("en", "person", "Write to john.smith@example.org.", "Write to customer.services@example.org."),
    ("en", "person", "Rautavaara’s only placed child moved.", "Rautavaara’s only shop closed."),
    ("en", "actor", "It will be decided in the autumn.", "The board will decide in the autumn."),
    ("en", "actor", "Services will be developed.", "Services will be developed by the county."),
    ("en", "rank", "Mikkeli lags behind Kuopio.", "The work lags behind its plan."),
    ("en", "rank", "Kuopio outperforms Mikkeli.", "The trial outperforms expectations."),
    ("fi", "word", "Tämä sivu on selkokieltä.", "Tämä sivu on selkeää kieltä."),
    ("fi", "word", "Tämä on selkokielinen tiivistelmä.", "Sivua ei ole tarkistettu selkokieleksi."),
    ("en", "word", "This page is in easy language.", "This page is in clear language."),
]


def kinds(text: str, language: str) -> set[str]:
    return set(claims.find(text, Claim.KUVAUS, (), language)["kind"])


@pytest.mark.parametrize(("language", "kind", "found", "free"), PAIRS)
def test_a_finding_and_its_near_neighbour(language, kind, found, free):
    assert kind in kinds(found, language)
    assert kind not in kinds(free, language)


@pytest.mark.parametrize("name", ["Kuopio", "Juva", "Rautavaara", "Hirvensalmi", "Etelä-Savo"])
def test_the_only_person_of_a_place_may_be_known_whatever_the_place(name):
    assert kinds(f"{place(name, 'genitive')} ainoa sijoitettu lapsi muutti.", "fi") == {"person"}
    assert kinds(f"Ainoa sijoitettu lapsi {place(name, 'in')} muutti.", "fi") == {"person"}
    assert kinds(f"{place(name, 'genitive')} ainoa koulu suljettiin.", "fi") == set()


def test_a_phone_number_of_a_person_is_told_as_a_person_and_not_as_a_figure():
    found = claims.find("Soita Matille numeroon 045 123 4567.")
    assert found[["kind", "phrase"]].values.tolist() == [["person", "Matille"], ["person", "045 123 4567"]]
    assert kinds("Puhelinnumero on 045 123 4567.", "fi") == {"person"}
    assert "person" not in kinds("Matille ei ole ilmoitettu. Neuvonta vastaa aina.", "fi")


@pytest.mark.parametrize(
    ("language", "text", "free"),
    [
        ("fi", "Tämä sivu on selkokieltä. Selkokielen on tarkistanut Selkokeskus.", True),
        ("fi", "Tämä sivu on selkokieltä. Tekstin on tarkistanut selkokielen asiantuntija.", True),
        ("fi", "Tämä sivu on selkokieltä. Sitä ei ole tarkistanut selkokielen asiantuntija.", False),
        ("fi", "Selkotunnus puuttuu. Sivu on selkokieltä.", False),
        ("fi", "Selkotunnusta ei ole haettu. Sivu on selkokieltä.", False),
        ("fi", "Sivu on selkokieltä. Selkotunnusta on haettu.", False),
        ("fi", "Sivu on selkokieltä. Selkotunnusta ei ole myönnetty.", False),
        ("fi", "Sivu on selkokieltä. Se ei ole saanut selkotunnusta.", False),
        ("fi", "Sivu on selkokieltä. Se julkaistaan, kun selkotunnus on myönnetty.", False),
        ("fi", "Sivu on selkokieltä. Tavoitteena on, että selkotunnus on myönnetty keväällä.", False),
        ("fi", "Sivu on selkokieltä. Onko selkotunnus myönnetty?", False),
        ("fi", "Sivu on selkokieltä. Se sai selkotunnuksen hakemuksen takaisin.", False),
        ("fi", "Sivu on selkokieltä. Selkotunnus on myönnetty.", True),
        ("fi", "Sivu on selkokieltä. Selkotunnus myönnettiin keväällä.", True),
        ("fi", "Sivu on selkokieltä, ja se sai selkotunnuksen.", True),
        ("fi", "Sivu on selkokieltä. Selkokeskus on myöntänyt sille selkotunnuksen.", True),
        ("fi", "Sivu on selkokieltä. Sille on myönnetty selkotunnus.", True),
        ("fi", "Sivu on selkokieltä. Sivulla on selkotunnus.", True),
        ("en", "This page is in easy language. It will be checked by an easy language expert.", False),
        ("en", "This page is in easy language. Was it checked by an easy language expert?", False),
        ("en", "This page is in easy language. It was checked by an easy language expert.", True),
        ("en", "This page is in easy language. It was not checked by an easy language expert.", False),
    ],
)
def test_easy_language_may_be_said_when_the_text_tells_who_checked_it(language, text, free):
    found = claims.find(text, Claim.KUVAUS, (), language)
    assert ("word" not in set(found["kind"])) is free
