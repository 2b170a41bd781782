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
from claims import LABELLED, RULES, judged

__all__ = ["built"]  # the fixture, for pytest to find here


def test_every_shipped_text_passes_or_is_allowed_with_a_reason():
    left, unused = check_texts.judged(check_texts.texts())
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
    for path in (
        LABELLED,
        LABELLED.with_name("labelled_claims_kept.jsonl"),
        *(PROJECT / rule for rule in RULES),
    ):
        named = path.relative_to(PROJECT).as_posix()
        line = f"- `{named}` sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
        assert line in page, f"{named} has changed since it was measured: say so in docs/reliability.md"


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


def test_built_pages_label_nobody_and_rank_no_area(built):
    told = []
    for path in sorted((built.output / "site").rglob("*.html")):
        found = reading.find_in(reading.page(path.read_text(encoding="utf-8"), path.name), Claim.VAIKUTUS)
        for row in found[found["kind"].isin(("stigma", "rank"))].to_dict("records"):
            if not _allowed(row):
                told.append((path.name, row["kind"], row["phrase"]))
    assert told == []


def _allowed(row: dict) -> bool:
    return any(
        entry["kind"] == row["kind"] and entry["phrase"].casefold() == row["phrase"].casefold()
        for entry in check_texts.allowed()
    )
