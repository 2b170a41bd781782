"""Every text the project ships passes the check of claims, or stands in the allow file with a reason."""

from __future__ import annotations

import hashlib
import json
import sys

import pytest
from built_site import PROJECT, built
from typer.testing import CliRunner

from sosrake_lib.cli import app
from sosrake_lib.effects.design import Claim
from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import claims
from sosrake_lib.influence.claims import reading

sys.path.insert(0, str(PROJECT / "tools"))
sys.path.insert(0, str(PROJECT / "benchmarks"))

import check_texts
from claims import FIRST, LABELLED, RULES, changed, first_opening, judged, since
from claims import main as measure

SHIPPED = tuple(check_texts.texts())
__all__ = ["built"]  # the fixture, for pytest to find here


def test_every_shipped_text_passes_or_is_allowed_with_a_reason():
    left, unused = check_texts.judged(SHIPPED)
    assert left == [], "mend the text or enter it: python tools/check_texts.py --entries"
    assert unused == [], "these entries of tools/claims_allowed.toml allow nothing"


def test_the_allow_file_gives_a_reason_and_names_a_known_kind():
    for entry in check_texts.allowed():
        assert set(entry) == {"where", "kind", "phrase", "reason"}
        assert entry["reason"].strip() and entry["kind"] in {*claims.KINDS, "selkokieli"}


def test_selkokieli_is_said_only_of_what_a_person_has_checked():
    (found,) = check_texts.findings(check_texts.Text("x", "Sivu on selkokieltä.", "fi"))
    assert (found.kind, found.phrase) == ("selkokieli", "selkokieltä")
    assert not list(check_texts.findings(check_texts.Text("x", "Sivu on selkeää kieltä.", "fi")))
    (found,) = check_texts.findings(check_texts.Text("x", "The page is easy-to-read.", "en"))
    assert (found.kind, found.phrase) == ("selkokieli", "easy-to-read")
    assert not list(check_texts.findings(check_texts.Text("x", "The page is in clear language.", "en")))


@pytest.mark.parametrize(
    "where",
    [
        *("fi/mediasuunnitelma.", "en/mediasuunnitelma.", "fi/infograafi.", "en/infograafi."),
        *("fi/tyopoyta.", "notebooks/4_vaikuttaminen/infograafi.ipynb", "notebooks/apps/"),
        *("sosrake_lib/catalogue/method_cards.toml", "sosrake_lib/catalogue/coverage_groups.toml"),
        *("sosrake_lib/catalogue/self_assessment_shl.toml", "sosrake_lib/catalogue/followup_words.toml"),
        *("sosrake_lib/catalogue/self_evaluation.toml", "sosrake_lib/catalogue/operating_model.toml"),
        *("data/samples/omat_tekstit/", "data/samples/esimerkkila_seuranta.csv", "docs/osallistava_tieto/"),
        *("README.md", "course/", "sosrake_lib/gather/schemas/", "notebooks/outputs.toml"),
    ],
)
def test_every_kind_of_shipped_text_is_read_in_its_languages(where):
    languages = {one.language for one in SHIPPED if one.where.startswith(where)}
    finnish_only = where.startswith(("fi/", "docs/", "course/", "notebooks/apps"))
    english_only = where.startswith("en/")
    expected = {"fi"} if finnish_only else {"en"} if english_only else {"fi", "en"}
    assert languages == expected


def test_the_check_of_shipped_texts_can_fail(monkeypatch):
    entry = {"where": "a", "kind": "stigma", "phrase": "narkomaanit", "reason": "r"}
    unused = {"where": "b", "kind": "stigma", "phrase": "nistit", "reason": "r"}
    monkeypatch.setattr(check_texts, "allowed", lambda: (entry, unused))
    told = [check_texts.Text(where, "Narkomaanit asuvat siellä.", "fi") for where in ("a", "c")]
    left, over = check_texts.judged(told)
    assert [one.where for one in left] == ["c"] and over == [unused]


def test_labelled_sentences_are_found_as_the_page_says():
    texts = judged(LABELLED)
    kinds = [(kind, one) for one in texts for kind in claims.KINDS]
    both = sum(kind in one.labels & one.found for kind, one in kinds)
    assert len(texts) == 100
    assert both / sum(kind in one.found for kind, one in kinds) >= 0.9
    assert both / sum(kind in one.labels for kind, one in kinds) >= 0.9


def test_the_page_of_figures_names_the_files_that_were_measured():
    page = (PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8")
    measured, _, kept = page.partition("### Kept sentences, as first measured")
    for path in (
        LABELLED,
        LABELLED.with_name("labelled_claims_kept.jsonl"),
        *(PROJECT / rule for rule in RULES),
    ):
        named = path.relative_to(PROJECT).as_posix()
        line = f"- `{named}` sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
        assert line in measured, f"{named} has changed: python benchmarks/claims.py --write"
    told = first_opening()
    for line in (*told["rows"], *(f"- `{name}` sha256 {value}" for name, value in told["sha256"].items())):
        assert line in kept


def test_the_page_says_whether_rules_have_changed_since_the_first_opening():
    page = (PROJECT / "docs" / "reliability.md").read_text(encoding="utf-8")
    then = first_opening()["sha256"]
    differ = [
        rule for rule in RULES if hashlib.sha256((PROJECT / rule).read_bytes()).hexdigest() != then[rule]
    ]
    assert changed() == differ
    assert since() in page
    assert ("The rules have been changed since" in page) is bool(differ)
    assert all(f"`{rule.rpartition('/')[2]}`" in since() for rule in differ)
    assert "No rule was changed after" not in page
    for told in ("None of the 150 sentences is in English", "precision 0.50, recall 0.60", "0.79 was found"):
        assert told in page


def test_the_first_opening_is_never_written_again(monkeypatch, capsys):
    before = FIRST.read_bytes(), (PROJECT / "docs" / "reliability.md").read_bytes()
    monkeypatch.setattr(sys, "argv", ["claims.py", "--kept", "--write"])
    with pytest.raises(SystemExit):
        measure()
    assert "never written again" in capsys.readouterr().err
    assert before == (FIRST.read_bytes(), (PROJECT / "docs" / "reliability.md").read_bytes())
    digest = first_opening()["sha256"]["tests/reference/labelled_claims_kept.jsonl"]
    assert digest == hashlib.sha256(LABELLED.with_name("labelled_claims_kept.jsonl").read_bytes()).hexdigest()


def test_no_rule_is_a_labelled_sentence():
    rules = "".join((PROJECT / rule).read_text(encoding="utf-8").casefold() for rule in RULES)
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["text"].rstrip(".").casefold() not in rules


def test_a_page_holds_its_marked_numbers_and_nothing_else():
    markup = (
        '<html lang="fi"><body><nav>Narkomaanit</nav><p>Osuus on <span data-result="a:value">9,9 %</span> '
        'vuonna <span data-constant="">2019</span>.</p><p>Jonossa on 40 ihmistä.</p>'
        '<p lang="en">Junkies live there.</p><script>var a = "pummit";</script></body></html>'
    )
    found = reading.find_in(reading.page(markup, "sivu.html"))
    assert found[["where", "kind", "phrase"]].values.tolist() == [
        ["sivu.html, 2", "number", "40"],
        ["sivu.html, 3", "stigma", "Junkies"],
    ]


def test_a_notebook_is_read_in_both_languages(tmp_path):
    cell = {
        "cell_type": "markdown",
        "metadata": {"sosrake": {"en": "The poor live here."}},
        "source": ["Köyhät asuvat ", "täällä."],
    }
    path = tmp_path / "vihko.ipynb"
    path.write_text(json.dumps({"cells": [cell, {"cell_type": "code", "source": ["x"]}]}), encoding="utf-8")
    assert [one.text for one in reading.pieces(str(path))] == ["Köyhät asuvat täällä."]
    english = reading.find_in(reading.pieces(str(path), "en"))
    assert english["phrase"].tolist() == ["The poor"]


def test_markdown_is_read_without_its_code_and_tables_cell_by_cell():
    text = "# Otsikko\n\n```\nnarkomaanit\n```\n\n| yksi solu | toinen solu |\n\n- **Lihava** kohta ja [linkki](https://a.fi)\n"
    assert [one.text for one in reading.prose(text, "x")] == [
        "Otsikko",
        "yksi solu",
        "toinen solu",
        "Lihava kohta ja linkki",
    ]


def test_the_command_tells_place_reason_and_better_wording(tmp_path):
    path = tmp_path / "teksti.md"
    path.write_text(
        "Valmennus paransi arkea.\n\nJonossa on 40 ihmistä (oma seuranta, 2026).\n", encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["claims", str(path), "--result", "40"])
    assert done.exit_code == 1
    assert "teksti.md, 1, vahva väite: ”paransi”" in done.stdout and "40" not in done.stdout
    clean = CliRunner().invoke(app, ["claims", "Pisteet nousivat.", "--claim", "muutos"])
    assert clean.exit_code == 0 and "ei löytynyt" in clean.stdout
    rows = json.loads(CliRunner().invoke(app, ["claims", str(path), "--json"]).stdout)
    assert [row["kind"] for row in rows] == ["claim", "number"]


def test_a_file_that_cannot_be_read_and_an_unknown_claim_are_refused():
    with pytest.raises(SosrakeError, match="tiedostoa ei voi lukea"):
        reading.pieces("puuttuu.md")
    with pytest.raises(SosrakeError, match="tiedostoa ei voi lukea"):
        reading.pieces("kuva.png")
    failed = CliRunner().invoke(app, ["claims", "Teksti.", "--claim", "totuus"])
    assert isinstance(failed.exception, SosrakeError) and "kuvaus, muutos" in str(failed.exception)


def test_a_pages_claim_follows_its_notebook():
    assert reading.claim_of("site/hva-12/eriarvoisuus.html") is Claim.ERO
    assert reading.claim_of("tuntematon.html") is Claim.KUVAUS


def test_built_pages_pass_all_kinds_or_are_allowed_by_place(built):
    left, unused = check_texts.judged_pages(built.site)
    assert left == [], "mend the text or enter it: python tools/check_texts.py --site"
    assert unused == [], "these entries of tools/claims_allowed.toml allow nothing"


def test_the_check_of_built_pages_asks_every_kind_and_allows_by_place(tmp_path, monkeypatch):
    wrong = (
        "Valmennus paransi arkea. Jonossa on 40 ihmistä. Tutkimus osoittaa sen. Narkomaanit asuvat siellä.",
        "Kuopio on Mikkeliä parempi. Kylän ainoa leski kertoi. MDT kokoontuu. Lomake on uusittava.",
        "Menetelmä on vaikuttava. " + " ".join(["Sana", *["sana"] * 30]) + ".",
    )
    body = "".join(f"<p>{text}</p>" for text in wrong)
    for name in ("a", "b"):
        (tmp_path / f"{name}.html").write_text(
            f'<html lang="fi"><body>{body}</body></html>', encoding="utf-8"
        )
    entry = {"where": "site/a.html", "kind": "stigma", "phrase": "narkomaanit", "reason": "r"}
    monkeypatch.setattr(check_texts, "allowed", lambda: (entry,))
    left, unused = check_texts.judged_pages(tmp_path)
    assert {one.kind for one in left if one.where == "site/b.html"} == set(claims.KINDS)
    assert {one.kind for one in left if one.where == "site/a.html"} == set(claims.KINDS) - {"stigma"}
    assert unused == []


PAGE_NOISE = (
    "<p>Diak, karttasovellus, MIT<br>Kansaneläkelaitos (Kela), THL Sotkanet, indikaattorit 313, 2320, CC BY"
    "<br>Tilastokeskus, THL Sotkanet, indikaattorit 179, 182 ja 304, CC BY 4.0</p>",
    "<p>Ero on <span data-result='a'>4</span> (98,8 %:n luottamusväli <span data-result='b'>1–7</span>).</p>",
    "<p>Aikaa kuluu noin 20 minuuttia.</p><h2>TIETO</h2><p>Mittarina oli CORE-OM.</p>",
    "<dd lang='en'><span class='rivi'>n·(x - 1)</span>"
    "<span class='rivi'>Kim HJ, Fay MP (2000) Tests. Stat Med 19"
    "</span></dd>",
    "<p>Syyt: lupa on päättynyt; lupa koskee vain talon omaa käyttöä; lupa on vain suullinen; lainauksessa on"
    " tietoja ihmisestä; kaksi ihmistä ei ole lukenut lainausta; lupa ei koske sivua; lupa on peruttu.</p>",
)


@pytest.mark.parametrize("markup", PAGE_NOISE)
def test_lists_of_sources_intervals_and_names_on_pages_are_free(markup):
    found = reading.find_in(reading.page(f'<html lang="fi"><body>{markup}</body></html>', "x.html"))
    assert found.empty, found


def test_the_field_of_a_writer_is_asked_for_sources_once_a_paragraph(tmp_path):
    path = tmp_path / "hva-E1.toml"
    path.write_text(
        'output = "x"\n\n[huomiot]\ntext = """Jonossa on 40 ihmistä ja 12 perhettä.\n\nLähde: oma seuranta, '
        '2026. Siinä oli 9 ihmistä."""\ntext_en = "Junkies live there."\nrole = "koordinaattori"\n',
        encoding="utf-8",
    )
    found = reading.find_in(reading.pieces(str(path)))
    assert found[["kind", "phrase", "where"]].values.tolist() == [
        ["source", "40", "hva-E1.toml, huomiot, 1"],
        ["stigma", "Junkies", "hva-E1.toml, huomiot, 1"],
    ]
    broken = tmp_path / "rikki.toml"
    broken.write_text("a = ", encoding="utf-8")
    with pytest.raises(SosrakeError, match="tiedostoa ei voi lukea"):
        reading.pieces(str(broken))


def test_no_built_page_calls_its_language_easy(built):
    for path in sorted((built.output / "site").rglob("*.html")):
        for piece in reading.page(path.read_text(encoding="utf-8"), path.name):
            for hit in check_texts.EASY.finditer(piece.text):
                phrase = hit.group().casefold()
                entries = [one for one in check_texts.allowed() if one["kind"] == "selkokieli"]
                assert phrase in {one["phrase"].casefold() for one in entries}, path.name
