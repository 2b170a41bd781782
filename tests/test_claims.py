"""The ten kinds of findings of `influence.claims`: examples of each, and near neighbours that are free."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import claims
from sosrake_lib.influence.sentence import compose, constant, join, number
from sosrake_lib.language import say

FOUND_FI = {
    "claim": [
        "Ryhmä vähensi yksinäisyyttä.",
        "Muutos johtuu uudesta palvelusta.",
        "Perhetyö on vähentänyt lastensuojelun tarvetta.",
        "Ohjaus helpotti arkea ja katkaisi velkakierteen.",
        "Kotiin viety tuki ehkäisi laitoshoitoa.",
        "Palvelun takia moni palasi töihin.",
        "Uudistus aiheutti jonoja.",
        "Digitalisaatio on johtanut palvelujen ulkopuolelle jäämiseen.",
        "Velkaneuvonta parantaa toimeentuloa.",
        "Yksinäisyys heikentää terveyttä.",
        "Työttömyys väheni, koska kunta palkkasi ohjaajan.",
        "Vertaistuki vaikutti osallistujien toipumiseen.",
        "Sosiaalityön seurauksena häätöjen määrä laski.",
        "Jonot lyhenivät, joten palvelu ei ollut kallis, mutta se paransi arkea.",
        "Kyselyn tulokset todistavat, että valmennus auttaa.",
    ],
    "number": ["Palvelun piirissä on 57 perhettä.", "Osuus on 12,5 %.", "Hinta on 1 250 euroa."],
    "source": [
        "Tilastojen mukaan tilanne on pahentunut.",
        "Tutkimus osoittaa, että matkat ovat pitkiä.",
        "Asiantuntijoiden mukaan palvelu on tarpeen.",
        "Kuten tiedetään, nuoret voivat huonosti.",
        "Tunnetusti syrjäseuduilla on pitkät matkat.",
        "Kyselyt kertovat yksinäisyydestä.",
    ],
    "stigma": [
        "Alkoholistit kokoontuvat torille.",
        "Syrjäytyneet jäävät kotiin.",
        "Sossupummit elävät toisten rahoilla.",
        "Ongelmaperheet vievät työntekijän ajan.",
        "Köyhät asuvat keskustan laidalla.",
        "Haastavat asiakkaat siirretään toiseen tiimiin.",
        "Peliongelmaisille on ryhmä.",
        "Moniosaiset eivät hyödy.",
        "Hullut kuuluvat hoitoon.",
    ],
    "rank": [
        "Kunta on sijalla neljä.",
        "Kuntamme on maan köyhimpiä.",
        "Alueista heikoin on pohjoinen.",
        "Tiimi on hyvinvointialueen paras.",
        "Kaupunki on maakunnan kärjessä.",
        "Työttömyysaste on korkein.",
        "Kunta on vertailun pohjalla.",
        "Lastensuojelun asiakkaita on eniten naapurikunnassa.",
        "Yksiköt pannaan paremmuusjärjestykseen.",
    ],
    "person": [
        "Taajaman 84-vuotias leski jäi ilman kyytiä.",
        "Kylän ainoa somalialainen perhe muutti pois.",
        "Entinen kirkkoherra hakeutui päihdehoitoon.",
        "Nuori mies menehtyi asuntopalossa.",
        "Seitsenlapsinen syyrialainen perhe sai asunnon.",
        "Viiden lapsen yksinhuoltaja haki tukea.",
        "Kunnanjohtajan poika joutui velkoihin.",
        "Kaksosten äiti uupui.",
        "Samassa talossa asuva nainen kertoi häädöstä.",
    ],
    "abbreviation": ["MDT kokoontuu kuukausittain.", "Asia vietiin PKS:lle.", "hva rahoittaa ryhmän."],
    "actor": [
        "Palvelua tulisi lisätä.",
        "Lomake on uusittava.",
        "Sovittiin, että asiaan palataan.",
        "Esitetään, että ryhmä jatkuu.",
        "Jonot täytyy purkaa.",
        "Olisi tärkeää vahvistaa osallisuutta.",
        "On päätetty luopua paperilomakkeesta.",
    ],
    "word": [
        "Tarjoamme vaikuttavia palveluja.",
        "Menetelmä on vaikuttava.",
        "Kunta kehittää vaikuttavaa perhetyötä.",
        "Palvelut järjestetään vaikuttavasti.",
        "Vaikuttavat palvelut säästävät.",
    ],
}
FREE_FI = [
    "Tavoitteena on parantaa arkea.",
    "Hankkeella pyrittiin siihen, että valmennus parantaa arkea.",
    "Ero voi johtua myös ikärakenteesta.",
    "Valmennus ei vähentänyt yksinäisyyttä.",
    "Vaikuttiko valmennus yksinäisyyteen?",
    "Ei tiedetä, vähensikö valmennus yksinäisyyttä.",
    "Emme voi sanoa, että muutos johtui ryhmästä.",
    "Tieto vaikuttaa päätöksiin, kun se on selkeää.",
    "Sosiaalisen raportoinnin tarkoitus on vaikuttaa rakenteisiin.",
    "Jonot lyhenivät seurannan aikana.",
    "Tarvitsemme lisää tietoa nuorten asumisesta.",
    "Kokous pidetään 3.5.2027 klo 14.30.",
    "Laki määrää siitä (1301/2014, 7 §).",
    "Mukana oli 18–29-vuotiaita nuoria.",
    "Tutkimusta tarvitaan lisää.",
    "Tilastot eivät kerro kaikesta.",
    "Ihmiset, joilla on päihderiippuvuus, saavat tukea.",
    "Köyhyys on alueella yleistä.",
    "Suurin osa kävijöistä oli työttömiä.",
    "Parasta ryhmässä oli yhdessäolo.",
    "Asiakkaat ohjattiin parhaiten sopivaan palveluun.",
    "Kylän ainoa kauppa suljettiin.",
    "Osallistujat olivat yli 65-vuotiaita.",
    "Kunnanjohtaja esitteli talousarvion.",
    "THL ja Kela julkaisevat tietoja.",
    "Aikuissosiaalityön tiimi (AST) kokoontui; AST sopi työnjaosta.",
    "Kunnan tulee selvittää asia.",
    "Lautakunta päätti, että ryhmä jatkuu.",
    "Me ehdotamme lautakunnalle uutta ryhmää.",
    "Hyvinvointialueen pitäisi palkata ohjaaja.",
    "Palvelun vaikuttavuus arvioidaan myöhemmin.",
    "Puhe oli vaikuttava kokemus.",
    "Tulokseen vaikuttavat tekijät luetellaan.",
]
FOUND_EN = {
    "claim": ["The coaching improved daily life.", "Loneliness fell because of the group.",
              "The fee led to debts."],
    "number": ["There are 57 families in the service.", "The share is 12.5%."],
    "source": ["According to studies, distances are long.", "Research shows that people are lonely."],
    "stigma": ["The poor live at the edge of the centre.", "Junkies gather in the square."],
    "rank": ["The municipality is the poorest in the county.", "It is at the bottom of the list."],
    "person": ["The village's only deaf client waited.", "An 84-year-old woman was left without a ride.",
               "A young man died in a fire."],
    "abbreviation": ["The MDT meets monthly."],
    "actor": ["It was decided to close the office.", "The form must be renewed.",
              "It is proposed that the group go on."],
    "word": ["We offer impactful services."],
}  # fmt: skip
FREE_EN = [
    "The aim is that coaching helps people.",
    "The coaching did not improve daily life.",
    "The difference may be due to age structure.",
    "The municipality must renew the form.",
    "The meeting is on 3 May 2027.",
    "People who use alcohol told about the service.",
    "Most of the people were women.",
]


# Numbers in words, and comparisons of named places: found, and near neighbours that are free.
WORDED = {
    "fi": [
        ("Joka kolmas asiakas jäi ilman apua.", "Joka kolmas"),
        ("Kolmasosa vastaajista kertoi yksinäisyydestä.", "Kolmasosa"),
        ("Kuusikymmentä prosenttia vastasi.", "Kuusikymmentä"),
        ("Kuusikymmentäviisi prosenttia vastasi.", "Kuusikymmentäviisi"),
        ("Viidennes asukkaista on eläkkeellä.", "Viidennes"),
        ("Noin puolet asiakkaista odotti kuukauden.", "Noin puolet"),
        ("Yli puolet kertoi yksinäisyydestä.", "Yli puolet"),
        ("Kaksi kolmasosaa perheistä muutti.", "Kaksi kolmasosaa"),
        ("Kaksisataa perhettä jonottaa asuntoa.", "Kaksisataa"),
    ],
    "en": [
        ("One in three clients was left without help.", "One in three"),
        ("A third of the respondents were lonely.", "A third of"),
        ("Sixty per cent answered.", "Sixty"),
        ("Half of the families moved.", "Half of"),
    ],
}
WORDED_FREE = {
    "fi": [
        "Ryhmä kokoontuu joka toinen viikko.",
        "Ylin viidennes asuu keskustassa.",
        "Kolme ihmistä kertoi samasta.",
        "Päivästä puolet ajasta kuluu matkoihin.",
        "Osapuolet kertoivat samasta asiasta.",
        "Joka kolmas kysely jäi tekemättä.",
    ],
    "en": ["The group meets every second week.", "Three people told the same."],
}
PLACES = {
    "fi": [
        "Kuopio on Mikkeliä parempi.",
        "Kuopio on parempi kuin Mikkeli.",
        "Mikkelissä voidaan huonommin kuin Kuopiossa.",
        "Kuopiossa menee Mikkeliä paremmin.",
        "Kajaani jää jälkeen Joensuusta.",
        "Joensuu ohitti Kajaanin.",
    ],
    "en": ["Kuopio is better than Mikkeli.", "Services in Kuopio work better than in Mikkeli."],
}
PLACES_FREE = {
    "fi": [
        "Luku on Kuopiossa suurempi kuin koko maassa.",
        "Kuopio on Mikkeliä suurempi.",
        "Kuopiossa luku on tätä parempi kuin aiemmin.",
        "Työttömyys on Joensuussa samaa tasoa kuin Kuopiossa.",
    ],
    "en": ["The figure of Kuopio is larger than that of the whole country."],
}


def kinds(
    text: str, claim: Claim = Claim.KUVAUS, results: tuple[str, ...] = (), language: str = "fi"
) -> set[str]:
    return set(claims.find(text, claim, results, language)["kind"])


@pytest.mark.parametrize(
    ("language", "kind", "text"),
    [
        (language, kind, text)
        for language, told in (("fi", FOUND_FI), ("en", FOUND_EN))
        for kind, texts in told.items()
        for text in texts
    ],
)
def test_a_finding_of_each_kind_and_where_it_stands(language, kind, text):
    found = claims.find(text, Claim.MUUTOS, (), language)
    assert kind in set(found["kind"]), found
    for row in found.to_dict("records"):
        assert text[row["start"] : row["end"]] == row["phrase"]
        assert row["why"] == say(f"claims.why.{row['kind']}", language)
        assert row["better"].endswith(".")


@pytest.mark.parametrize(
    ("language", "text"),
    [*(("fi", text) for text in FREE_FI), *(("en", text) for text in FREE_EN)],
)
def test_what_may_be_said_is_free(language, text):
    assert claims.find(text, Claim.MUUTOS, (), language).empty, claims.find(text, Claim.MUUTOS, (), language)


def test_a_stronger_design_frees_its_own_words():
    said = "Valmennus vähensi poissaoloja."
    assert kinds(said, Claim.TODENNAKOINEN_VAIKUTUS) == {"claim"}
    assert kinds(said, Claim.VAIKUTUS) == set()
    assert kinds("Valmennus todennäköisesti vähensi poissaoloja.", Claim.TODENNAKOINEN_VAIKUTUS) == set()
    assert kinds("Valmennus todennäköisesti vähensi poissaoloja.", Claim.YHTEYS) == {"claim"}


def test_numbers_are_held_by_results_however_their_spaces_are_written():
    text = "Hinta on 2 300 euroa vuonna 2024 (kustannuslaskenta)."
    assert kinds(text, results=("2 300",)) == set()
    assert kinds(text, results=("2 301",)) == {"number"}
    for space in "\u00a0\u202f\u2009":
        assert kinds(text.replace(" ", space), results=("2 300",)) == set()
        assert kinds(text, results=(f"2{space}300",)) == set()
    assert kinds("Väli on 12,3–14,8 (Sotkanet, 2021).", results=("12,3", "14,8")) == set()
    assert kinds("Väli on 12,3–14,9 (Sotkanet, 2021).", results=("12,3", "14,8")) == {"number"}
    assert kinds("The share is 12.5% (Sotkanet, 2021).", results=("12.5",), language="en") == set()


def test_a_sentence_knows_its_numbers():
    told = join(
        [
            constant("Vuonna 2019 osuus oli", "fi"),
            number("9,9 %", "luvut.0:value", "r1", "fi"),
            constant("Sotkanetissa.", "fi"),
        ]
    )
    assert claims.find(told).empty
    assert claims.find(told.text)["kind"].tolist() == ["number"]


@pytest.mark.parametrize(
    ("language", "text", "phrase"), [(key, *one) for key, told in WORDED.items() for one in told]
)
def test_a_number_in_words_is_asked_for_its_result_and_source(language, text, phrase):
    found = claims.find(text, Claim.KUVAUS, (), language)
    assert found[["kind", "phrase"]].values.tolist() == [["number", phrase], ["source", phrase]]
    assert claims.find(text, Claim.KUVAUS, (phrase,), language)["kind"].tolist() == ["source"]


@pytest.mark.parametrize(
    ("language", "text"),
    [(key, one) for told in (WORDED_FREE, PLACES_FREE) for key in told for one in told[key]],
)
def test_times_quintiles_and_neutral_comparisons_are_free(language, text):
    assert claims.find(text, Claim.KUVAUS, (), language).empty


@pytest.mark.parametrize(("language", "text"), [(key, one) for key in PLACES for one in PLACES[key]])
def test_places_are_not_called_better_than_each_other(language, text):
    assert kinds(text, Claim.KUVAUS, (), language) == {"rank"}


def test_a_source_clears_the_figures_of_its_own_paragraph_only():
    text = "Jonossa on 40 ihmistä.\n\nOma seuranta, 2026: mukana oli 12 perhettä.\n\n- 9 ihmistä muutti."
    found = claims.check_written(text)
    assert found[["kind", "phrase"]].values.tolist() == [["source", "40"], ["source", "9"]]
    assert [text[row.start : row.end] for row in found.itertuples()] == ["40", "9"]
    assert claims.find(text)["kind"].tolist().count("source") == 2
    assert claims.check_written("Jonossa on 40 ihmistä, 12 perhettä ja 3 lasta.")["phrase"].tolist() == ["40"]


def test_a_decimal_may_end_a_sentence():
    first = "Ero on pistettä ja sen alaraja ainakin 1,5."
    assert kinds(f"{first} " + " ".join(["Sana", *["sana"] * 20]) + ".") == {"number", "source"}
    assert kinds("Jonossa on 40. Kokous pidetään 14. huhtikuuta.") == {"number", "source"}


def test_source_and_period_may_stand_in_another_sentence_of_the_same_text():
    assert kinds("Osuus on 8 %. Luku on vuodelta 2019 (Sotkanet).", results=("8 %",)) == set()
    assert kinds("Osuus on 8 %. Luku on Sotkanetista.", results=("8 %",)) == {"source"}
    assert kinds("Osuus on 8 %. Luku on vuodelta 2019.", results=("8 %",)) == {"source"}


@pytest.mark.parametrize(("count", "found"), [(25, False), (26, True)])
def test_a_sentence_of_over_25_words_is_long(count, found):
    assert (kinds(" ".join(["Sana", *["sana"] * (count - 1)]) + ".") == {"long"}) is found
    two = " ".join(["Sana", *["sana"] * 19]) + "."
    assert kinds(f"{two} {two}") == set()


def test_advice_has_all_words_in_both_languages():
    for language in ("fi", "en"):
        for kind in claims.KINDS:
            assert say(f"claims.kind.{kind}", language) and say(f"claims.why.{kind}", language).endswith(".")
        text = "Narkomaanit asuvat siellä." if language == "fi" else "Junkies live there."
        (line,) = claims.better(text, language)
        assert say("claims.why.stigma", language) in line and say("claims.better.substance", language) in line


def test_a_written_text_is_asked_for_its_source_and_not_for_a_result():
    found = claims.check_written("Jonossa on 40 ihmistä. Valmennus paransi arkea.")
    assert found["kind"].tolist() == ["source", "claim"]
    assert found["advice"].tolist() == (found["why"] + " " + found["better"]).tolist()
    assert claims.check_written("Jonossa on 40 ihmistä (oma seuranta, 2026).").empty


def test_the_librarys_own_sentence_passes():
    assert claims.find(compose("words.claim.holds", "fi")).empty


def test_texts_are_checked_in_two_languages():
    with pytest.raises(SosrakeError, match="texts are checked in fi and en"):
        claims.find("Text.", Claim.KUVAUS, (), "sv")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_places_hold(text):
    found = claims.find(text)
    for row in found.to_dict("records"):
        assert 0 <= row["start"] < row["end"] <= len(text)
        assert text[row["start"] : row["end"]] == row["phrase"]
