"""Method cards: every card whole in both languages, questions answered, templates and sheets usable."""

from __future__ import annotations

import copy
import csv
import tomllib
from importlib.resources import files

import pytest
from typer.testing import CliRunner

from sosrake_lib import cli
from sosrake_lib.catalogue import method_cards as cards
from sosrake_lib.errors import CatalogueError
from sosrake_lib.gather import templates
from sosrake_lib.gather.schemas import kinds, schema
from sosrake_lib.gather.tables import check_file
from sosrake_lib.influence import words_participation as words

READ = tomllib.loads((files("sosrake_lib.catalogue") / "method_cards.toml").read_text(encoding="utf-8"))
NAMED = {
    *("kysely", "haastattelu", "ryhmahaastattelu", "havainnointi", "asiakasraati", "fokuskeskustelu"),
    *("kokemusasiantuntija", "yhteistutkijuus", "asiakaslahtoinen_arviointi"),
}


def test_every_named_method_has_a_card_and_every_question_a_method():
    known = cards.methods()
    assert {one.key for one in known.cards} >= NAMED
    assert all(known.for_question(one.key) for one in known.questions)
    assert {one.form for one in known.cards} - {""} == set(cards.FORMS)


@pytest.mark.parametrize("card", cards.methods().cards, ids=lambda one: one.key)
def test_a_card_can_be_shown_whole(card):
    for language in ("fi", "en"):
        table = words.card_table(card.key, language)
        assert len(table.plain) == 7 and not (table.plain == "").any(axis=None)
    assert 3 <= len(card.steps) <= 7
    assert not {"parantaa", "vaikuttavaksi"} & set(
        card.fits.fi.lower().split()
    )  # a method promises no effect


def test_the_first_choice_is_the_method_whose_first_purpose_it_is():
    chosen = cards.methods().for_question("kokemus")
    assert chosen[0].key == "haastattelu" and chosen[0].questions[0] == "kokemus"
    told = [one.text("fi") for one in words.choice("maara")]
    assert told[0].startswith("Kysymykseen ”kuinka yleistä asia on ja missä” sopii ensin kysely.")
    assert len(told) == 2  # no other method answers it


@pytest.mark.parametrize(
    ("place", "change", "says"),
    [
        (("card", "kysely"), {"ethics_en": ""}, "kysely lacks ethics"),
        (("card", "kysely"), {"questions": ["arvaus"]}, r"questions \['arvaus'\]"),
        (("card", "kysely"), {"form": "vihko"}, r"form \['vihko'\]"),
        (("card", "kysely"), {"people": [9, 3]}, "range"),
        (("card", "kysely"), {"steps_en": ["one"]}, "steps differ"),
        (("question", "maara"), {"knowledge": ["huhu"]}, r"knowledge \['huhu'\]"),
    ],
)
def test_a_broken_card_is_refused(place, change, says):
    read = copy.deepcopy(READ)
    read[place[0]][place[1]].update(change)
    with pytest.raises(CatalogueError, match=says):
        cards.methods_of(read)


def test_unknown_keys_name_what_there_is():
    with pytest.raises(CatalogueError, match="no card 'x'; expected one of kysely"):
        cards.methods().card("x")
    with pytest.raises(CatalogueError, match="no question 'x'; expected one of maara"):
        cards.methods().question("x")


# --- entry templates ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", cards.FORMS)
def test_a_filled_template_passes_the_check_of_its_kind(kind, tmp_path):
    values = {"municipality": "046", "count": "5", "text": "teksti", "pseudonym": "T1"}
    row = [
        "2026-03" if one.name == "kuukausi" else one.allowed[0] if one.allowed else values[one.kind]
        for one in schema(kind).columns
    ]
    file = tmp_path / "oma.csv"
    file.write_text(templates.empty_table(kind) + ";".join(row) + "\n", encoding="utf-8-sig")
    assert check_file(file, table=kind).verdict in ("accept", "accept_converted")
    groups = {one.key for one in cards.methods().groups}
    column = next((one for one in schema(kind).columns if one.name == "ryhma"), None)
    assert column is None or set(column.allowed) == groups | {"muu"}


def test_the_group_template_knows_the_methods_of_groups():
    of_groups = {one.key for one in cards.methods().cards if one.form == "ryhma"}
    column = next(one for one in schema("ryhma").columns if one.name == "menetelma")
    assert set(column.allowed) == of_groups


def test_the_command_writes_a_table_or_a_form_and_overwrites_nothing(tmp_path):
    run = CliRunner().invoke
    to = tmp_path / "pohja.csv"
    assert run(cli.app, ["template", "haastattelu", "--to", str(to)]).exit_code == 0
    with to.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file, delimiter=";"))[0] == "haastattelu"
    again = run(cli.app, ["template", "haastattelu", "--to", str(to)])
    assert again.exit_code != 0 and "on jo olemassa" in str(again.exception)
    shown = run(cli.app, ["template", "ryhma", "--print", "--language", "en"]).output
    assert "<h1>Group discussions" in shown and "<script" not in shown and "http" not in shown
    assert "expected one of" in str(run(cli.app, ["template", "vihko"]).exception)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_a_template_and_a_form(kind):
    columns = [one.name for one in schema(kind).columns]
    assert templates.empty_table(kind).strip().split(";") == columns
    for language in ("fi", "en"):
        assert templates.printable(kind, language).count("<fieldset>") == len(columns)


def test_the_sheets_are_drafts_with_places_for_the_controller(project):
    place = project / "docs" / "osallistava_tieto"
    for name in words.SHEETS:
        text = (place / f"{name}.md").read_text(encoding="utf-8")
        assert "**Luonnos.**" in text
        assert name == "tietotarpeet" or "[" in text, name
    assert "perua" in (place / "lainauslupa.md").read_text(encoding="utf-8")
    assert "vapaaehtoista" in (place / "suostumus.md").read_text(encoding="utf-8")
