"""Sentences: grammar, traced numbers, no cause, no rank, nothing of what is hidden."""

from __future__ import annotations

import re

import pytest
from figures_for_reading import one, plain_release, released

from sosrake_lib import catalogue
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import claims, labels, words
from sosrake_lib.influence.rows import Row
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.protect import protected_frame

NBSP = "\u00a0"


@pytest.fixture(scope="module")
def figures():
    return released()


def select(figures, code, part="ero", period="2019"):
    return figures.select(part, region=("kunta", code), period=period)


def test_level_reads_as_good_finnish(figures):
    told = words.level(select(figures, "297", "taso")).text
    assert told == (
        f"Työttömien osuus työvoimasta: Kuopiossa 9,9{NBSP}% vuonna 2019 "
        f"(95{NBSP}%:n luottamusväli 9,7–10,1)."
    )


def test_level_reads_as_good_english(figures):
    told = words.level(select(figures, "749", "taso"), "en").text
    assert told == (
        "Unemployed people, share of the labour force: 7.1% in Siilinjärvi in 2019 "
        "(95% confidence interval 6.6–7.6)."
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "297",
            "Ero on 0,7\u00a0prosenttiyksikköä (95\u00a0%:n luottamusväli 0,5–0,9), "
            "eli luku on Kuopiossa suurempi.",
        ),
        ("749", "eli luku on Siilinjärvellä pienempi."),
        ("140", "Eroa ei voi osoittaa: se on −0,4\u00a0prosenttiyksikköä"),
        ("420", "luku on suojattu"),
        ("204", "lähde ei ole julkaissut lukua"),
    ],
)
def test_comparison_says_the_verdict(figures, code, said):
    assert said in words.comparison(select(figures, code)).text


def test_numbers_point_at_the_right_characters(figures):
    for language in ("fi", "en"):
        selection = select(figures, "297")
        row = protected_frame(selection).iloc[0]
        sentence = words.comparison(selection, language)
        assert len(sentence.numbers) == 5
        for start, end, reference in sentence.numbers:
            result, column = reference.split(":")
            assert result == row["result_id"]
            shown = sentence.text[start:end].replace("−", "-").replace(",", ".").rstrip("%").strip(f" {NBSP}")
            # Half a unit of the last shown decimal: the text rounds, it never alters.
            assert float(shown) == pytest.approx(row[column], abs=0.0501)


def test_a_hidden_figure_leaves_no_digit_but_its_period(figures):
    for told in (words.level, words.comparison, words.interval_note):
        sentence = told(select(figures, "420", "ero"))
        assert sentence.numbers == ()
        assert re.findall(r"\d+", sentence.text) == ["2019"]


def test_change_across_a_break_tells_no_direction(figures):
    whole = words.change(figures.select("taso", region=("kunta", "297"))).text
    assert "Tilastointi on muuttunut" in whole
    assert "laskenut" not in whole
    after = words.change(figures.select("taso", region=("kunta", "297"), period=["2018", "2019"])).text
    assert "Luku on laskenut. Luottamusvälit eivät mene päällekkäin." in after


def test_change_wants_one_series(figures):
    with pytest.raises(SosrakeError, match="one row a period of one indicator"):
        words.change(figures.select("taso", period=["2018", "2019"]))
    with pytest.raises(SosrakeError, match="one period only"):
        words.change(select(figures, "297", "taso"))


def test_not_published_at_level_points_to_the_county():
    frame = one("yksinaisyys", float("nan"), status="not_published_at_level")
    told = words.hidden(plain_release(frame).select()).text
    assert told == (
        "Itsensä yksinäiseksi tuntevien osuus: lukua ei julkaista kunnittain; "
        "hyvinvointialueen luku kerrotaan erikseen."
    )


def test_hidden_refuses_a_shown_figure(figures):
    with pytest.raises(SosrakeError, match=r"is shown; use words\.level"):
        words.hidden(select(figures, "297"))


@pytest.mark.parametrize("language", ["fi", "en"])
def test_level_fits_every_indicator_of_the_catalogue(language):
    for described in catalogue.indicators():
        frame = one(described.key, 12.0, per=described.per)
        sentence = words.level(plain_release(frame).select(), language)
        assert "Kuopio" in sentence.text
        assert sentence.text.count("(") == sentence.text.count(")")
        assert "  " not in sentence.text
        end = sentence.numbers[0][1] if sentence.numbers else 0
        assert not re.search(r"\d", " ".join(sentence.text[end:].split()[:2]).replace("2019", "")), (
            sentence.text
        )
        assert len(sentence.numbers) == 1


def test_indicators_whose_scale_is_part_of_the_name():
    told = words.level(plain_release(one("avioerot", 12.3, per=1000.0)).select()).text
    unit = catalogue.indicator("avioerot").unit_fi
    assert told == f"Avioerot 25–64-vuotiailla ({unit}): Kuopiossa 12,3 vuonna 2019."


def test_certainty_has_three_grades():
    assert words.certainty(4.9, 50, share=True) == "precise"
    assert words.certainty(5.1, 50, share=True) == "rough"
    assert words.certainty(30.0, 50, share=True) == "vague"
    assert words.certainty(6.0, 4.0, share=True) == "vague"  # wider than 1.3 times the value
    assert words.certainty(0.0, 0.0, share=False) == "vague"


def test_age_and_source(figures):
    selection = figures.select("taso")
    assert words.age_of_period("2019", 2026).text == "Uusin ajanjakso: 2019. Tieto on 7 vuotta vanhaa."
    assert words.age_of_period("2019", 2019).text.endswith("Tieto on tältä vuodelta.")
    source = words.source_line(selection).text
    assert "TEM, THL Sotkanet, indikaattori 181, CC BY 4.0" in source
    assert "2017–2019" in source
    assert "Wilson" in source
    with pytest.raises(SosrakeError, match="ends after the build year"):
        words.age_of_period("2019", 2018)


def test_words_want_one_row(figures):
    with pytest.raises(SosrakeError, match=r"expected one; select by indicator"):
        words.level(figures.select("taso"))
    assert len(words.each(words.level, figures.select("taso", period="2019"))) == 6


def test_a_typed_digit_is_refused():
    with pytest.raises(SosrakeError, match="comes from no result"):
        Sentence("Osuus on 9,9 %.", "fi")
    with pytest.raises(SosrakeError, match="comes from no result"):
        compose("words.points", "fi", number="9,9")


def test_two_releases_never_meet_in_a_sentence():
    first, second = (number("1", "a.1:value", release, "fi") for release in ("r1", "r2"))
    with pytest.raises(SosrakeError, match="releases"):
        join([first, second])


def test_html_escapes_and_marks():
    sentence = join([constant("<b>2019</b> & ", "fi"), number("5", 'x"y:value', "r", "fi")], between="")
    markup = sentence.html()
    assert "&lt;b&gt;" in markup
    assert 'data-result="x&quot;y:value"' in markup
    assert 'data-constant="">2019' in markup


def test_claim_statement_holds_fails_and_remains_untested(figures):
    said = {
        code: claims.claim_statement(select(figures, code))[0].text for code in ("297", "749", "140", "420")
    }
    assert said["297"] == "Työttömyys: väite ”tilanne on huonompi kuin koko maassa” pitää paikkansa."
    assert said["749"].endswith("ei pidä paikkaansa.")
    assert said["140"].endswith("ei pidä paikkaansa.")
    assert said["420"].endswith("jää testaamatta.")
    assert "väite ei saa tukea" in claims.claim_statement(select(figures, "140"))[1].text


@pytest.mark.parametrize(
    ("text", "kind", "phrase"),
    [
        ("Valmennus vähensi työttömyyttä.", "claim", "vähensi"),
        ("Toiminta on parantanut oloja.", "claim", "parantanut"),
        ("Kuopio on sijalla kolme.", "rank", "sijalla"),
        ("Tilanne on huonoin Kaavilla.", "rank", "huonoin"),
        ("Syrjäytyneet nuoret jäävät kotiin.", "stigma", "Syrjäytyneet"),
    ],
)
def test_claims_are_checked(text, kind, phrase):
    found = claims.check(text, Claim.MUUTOS)
    assert (kind, phrase) in set(zip(found["kind"], found["phrase"], strict=True))
    place = found[found["phrase"] == phrase].iloc[0]
    assert text[place["start"] : place["end"]] == phrase


def test_an_effect_may_be_told_as_an_effect_and_change_as_change():
    assert claims.check("Valmennus vähensi työttömyyttä.", Claim.VAIKUTUS).empty
    assert claims.check("Työttömyys väheni ja osuus laski.", Claim.MUUTOS).empty


def test_own_templates_hold_no_causal_verb_and_no_rank(figures):
    for code in ("297", "749", "140"):
        for language in ("fi", "en"):
            assert claims.check(words.comparison(select(figures, code), language), Claim.ERO, language).empty
    told = words.change(figures.select("taso", region=("kunta", "297"), period=["2018", "2019"]))
    assert claims.check(told, Claim.MUUTOS).empty


@pytest.mark.parametrize(
    ("difference", "low", "high", "told"),
    [
        (-1.0, -1.96, -0.04, ("−1,00", "−1,96", "−0,04")),
        (0.02, 0.004, 0.9, ("0,020", "0,004", "0,900")),
        (-1.0, -1.96, 0.04, ("−1,0", "−2,0", "0,0")),  # it holds nought: nothing to keep apart
        (0.0, 0.0, 0.0, ("0,0", "0,0", "0,0")),
        (1e-9, 1e-10, 1e-8, ("0,0", "0,0", "0,0")),  # three decimals more would not tell it either
    ],
)
def test_a_difference_away_from_nought_is_never_written_as_nought(difference, low, high, told):
    columns = {"indicator": "tyottomyysaste", "per": 100.0, "difference": difference}
    row = Row("r", False, columns | {"difference_lower": low, "difference_upper": high})
    names = ("difference", "difference_lower", "difference_upper")
    assert tuple(labels.bare_figure(row, name, "fi") for name in names) == told
