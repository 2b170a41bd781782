"""The outputs table: what holds is loaded, what does not is refused, and each page has what it promises."""

from __future__ import annotations

import ast
import json
import tomllib
from dataclasses import replace

import pytest

from sosrake_lib.batch import outputs, outputs_run, releases
from sosrake_lib.batch.outputs_render import missing_heading
from sosrake_lib.errors import BatchError
from sosrake_lib.influence.words_closing import BACK, BODY
from sosrake_lib.language import say

CLOSING_FIELDS = (BODY, BACK)
# What the decision maker's page says in sections of its own.
OWN_CLOSING = (("Kuka päättää", "Who decides"), ("Milloin", "When"))


@pytest.fixture(scope="module")
def read():
    from conftest import PROJECT

    return outputs_run.read_tables(PROJECT, releases.known_recipes(), "fi")


@pytest.fixture
def table(read):
    return read[1]


@pytest.fixture
def plan(read):
    return read[0]


def notebook_of(project, plan, one):
    path = next(task.notebook for task in plan.tasks if task.page == one.page)
    return json.loads((project / "notebooks" / f"{path}.ipynb").read_text(encoding="utf-8"))


def code_of(notebook):
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")


def stored_body(notebook, language="fi"):
    """Give the words and shown outputs a page is made of."""
    parts = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and "opas" not in cell["metadata"].get("tags", ()):
            source = (
                cell["source"] if language == "fi" else cell["metadata"].get("sosrake", {}).get(language, "")
            )
            parts += [
                f"<h2>{line[3:]}</h2>" for line in "".join(source).splitlines() if line.startswith("## ")
            ]
        parts += [
            "".join(out["data"]["text/html"])
            for out in cell.get("outputs", ())
            if "sosrake" in out["metadata"]
        ]
    return "\n".join(parts)


def calls(code, name):
    """Give the constant second arguments of calls of `words_hand.<name>`."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            found.append(node.args[1].value if isinstance(node.args[1], ast.Constant) else None)
    return found


def test_the_table_holds(table, plan):
    assert {"paattajakooste", "hankeseuranta", "osaamisraportti", "koulutussuunnitelma"} <= {
        one.key for one in table
    }
    made = outputs.pieces(table, plan)
    assert len({piece.key for piece in made}) == len(made)
    decision = [piece for piece in made if piece.output.key == "paattajakooste"]
    # The four counties and 51 municipalities of the area, and the invented county.
    assert len(decision) == 56
    assert {piece.key for piece in made} >= {"kunta-297/paattajakooste", "hanke/hankeseuranta"}


def test_every_page_says_whom_it_does_not_reach(table, plan, project):
    """Without the section an output is no output: in its notebook, in its stored page, and in its fields."""
    for one in table:
        notebook = notebook_of(project, plan, one)
        assert ".not_reached(" in code_of(notebook), f"{one.key}: the page lacks the section"
        assert "not_reached" in {field.name for field in one.fields}, one.key
        assert missing_heading(stored_body(notebook), ("Keitä tieto ei tavoita",)) == "", one.key


def test_every_page_has_the_headings_it_promises(table, plan, project):
    for one in table:
        notebook = notebook_of(project, plan, one)
        assert missing_heading(stored_body(notebook), one.headings("fi")) == "", one.key
        # The stored page is Finnish: what code shows in the page's language is looked for in Finnish alone.
        english = [each for each in one.headings("en")[1:] if each != say("paatos.heading", "en")]
        assert missing_heading(stored_body(notebook, "en"), english) == "", one.key


def test_no_stored_page_stands_on_changed_figures(table, plan, project):
    """The samples' texts rest on the figures beneath: after a change `sosrake write ... --still-true`."""
    for one in table:
        notebook = notebook_of(project, plan, one)
        assert "Luvut ovat muuttuneet" not in stored_body(notebook), one.key


def test_every_page_says_who_decides_and_when_it_is_looked_at_again(table, plan, project):
    """By the shared block, or by sections of its own that say the same; asked for, and on the stored page."""
    for one in table:
        for place, language in enumerate(("fi", "en")):
            asked = {pair[place] for pair in one.required}
            own = {pair[place] for pair in OWN_CLOSING}
            assert say("paatos.heading", language) in asked or own <= asked, one.key
        notebook = notebook_of(project, plan, one)
        if say("paatos.heading") in {pair[0] for pair in one.required}:
            assert set(CLOSING_FIELDS) <= {field.name for field in one.fields}, one.key
        assert missing_heading(stored_body(notebook), one.headings("fi")) == "", one.key


def test_every_field_is_shown_and_its_release_takes_texts(table, plan, project):
    recipes = releases.known_recipes()
    planned = {one.name: one for one in plan.releases}
    for one in table:
        notebook = notebook_of(project, plan, one)
        code = code_of(notebook)
        shown = set(calls(code, "shown")) | {"not_reached"}
        shown |= set(CLOSING_FIELDS) if "words_closing" in code else set()
        assert {field.name for field in one.fields} <= shown, one.key
        task = next(task for task in plan.tasks if task.page == one.page)
        taking = [
            planned[name]
            for name in task.releases
            if one.key in getattr(recipes[planned[name].recipe], "written_in", ())
        ]
        # Texts of real areas have one release; those of the invented county may have one of their own.
        real = [each for each in taking if one.key not in recipes[each.recipe].invented_only]
        assert len(real) == 1, f"{one.key}: wrap its recipe with hand_texts.with_texts"
        assert len(taking) - len(real) <= 1, one.key
        assert all("vakio" in each.rules for each in taking)


ENTRY = {
    **{"name_fi": "Koe", "name_en": "Trial", "name_sv": "Prov", "page": "paattajakooste", "levels": ["hva"]},
    **{"formats": ["pdf"], "audiences": ["media"], "cadence": "vuosi"},
}
FIELD = {
    **{"name": "oma", "label_fi": "Oma", "label_en": "Own", "help_fi": "Kirjoita.", "help_en": "Write."},
    "max_length": 100,
}


def load(tmp_path, plan, **change):
    entry = {key: value for key, value in {**ENTRY, **change}.items() if value is not None}
    (tmp_path / "notebooks").mkdir(exist_ok=True)
    fields = entry.pop("fields", [])
    text = "[koe]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in entry.items())
    for one in fields:
        text += "\n[[koe.fields]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in one.items())
    (tmp_path / "notebooks" / "outputs.toml").write_text(text + "\n", encoding="utf-8")
    return outputs.load(tmp_path, plan, "en")


def test_what_holds_is_loaded(tmp_path, plan):
    (one,) = load(tmp_path, plan, fields=[FIELD], required=[["Havainto", "The finding"]])
    assert one.name("sv") == "Prov"
    assert one.headings("en") == ("Whom the knowledge does not reach", "The finding")
    assert one.field("oma").label("en") == "Own"
    assert one.variants == ("",)
    with pytest.raises(BatchError, match="no field toinen; fields: oma"):
        one.field("toinen", "en")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"page": "sivu"}, "page sivu is not in plan.toml; pages: .*paattajakooste"),
        ({"levels": ["once"]}, "plan.toml does not make page paattajakooste at level once"),
        ({"levels": ["maailma"]}, "levels holds the unknown maailma; known: once"),
        ({"formats": ["exe"]}, "formats holds the unknown exe; known: html, pdf"),
        ({"formats": ["pdf", "pdf"]}, "formats holds pdf twice"),
        ({"formats": "pdf"}, "formats must be a list"),
        ({"audiences": ["kaikki"]}, "audiences holds the unknown kaikki"),
        (
            {"audiences": ["media", "asukas"]},
            "page paattajakooste_asukas of audience asukas is not in plan.toml",
        ),
        ({"cadence": "joskus"}, "cadence holds the unknown joskus; known: kerran"),
        ({"name_sv": None}, "name_sv"),
        ({"muoto": "pdf"}, "muoto"),
        ({"required": [["Havainto"]]}, "each row of required is two headings"),
        ({"fields": [{**FIELD, "max_length": 0}]}, "max_length"),
        ({"fields": [{**FIELD, "max_length": 100000}]}, "max_length is a whole number, 1–4000"),
        ({"fields": [{**FIELD, "help_en": ""}]}, "help_en"),
        ({"fields": [FIELD, FIELD]}, "fields holds oma twice"),
        ({"fields": [{**FIELD, "name": "Oma kenttä"}]}, "use small letters"),
    ],
)
def test_a_table_that_does_not_hold_is_refused(tmp_path, plan, change, message):
    with pytest.raises(BatchError, match=message):
        load(tmp_path, plan, **change)


def test_a_file_that_is_none_is_refused(tmp_path, plan):
    with pytest.raises(BatchError, match="there is no such file"):
        outputs.load(tmp_path, plan, "en")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "outputs.toml").write_text("koe = [", encoding="utf-8")
    with pytest.raises(BatchError, match="not valid TOML"):
        outputs.load(tmp_path, plan, "en")
    (tmp_path / "notebooks" / "outputs.toml").write_text("", encoding="utf-8")
    with pytest.raises(BatchError, match="holds no output"):
        outputs.load(tmp_path, plan, "en")


def test_pieces_are_chosen_by_output_and_region(table, plan):
    chosen = outputs.pieces(table, plan, only=["paattajakooste"], regions=["kunta-297", "hva-12"])
    assert [piece.key for piece in chosen] == ["hva-12/paattajakooste", "kunta-297/paattajakooste"]
    with pytest.raises(BatchError, match="tuotosta olematon ei ole"):
        outputs.pieces(table, plan, only=["olematon"])
    with pytest.raises(BatchError, match="alueelle kunta-999"):
        outputs.pieces(table, plan, regions=["kunta-999"])


def test_an_audience_has_a_page_and_files_of_its_own(table, plan):
    """The first audience may be the page itself; a variant that is no page of the site has no html."""
    base = next(task for task in plan.tasks if task.page == "paattajakooste")
    variant = replace(base, page="paattajakooste_media", site=False)
    wider = replace(plan, tasks=(*plan.tasks, variant))
    one = replace(outputs.output(table, "paattajakooste"), audiences=("valtuutettu", "media"))
    made = outputs.pieces([one], wider, regions=[base.slug])
    assert [piece.stem for piece in made] == ["paattajakooste_valtuutettu", "paattajakooste_media"]
    assert [piece.task.page for piece in made] == ["paattajakooste", "paattajakooste_media"]
    assert "html" in made[0].formats and "html" not in made[1].formats
    # Such a variant is run only when it is asked for by its page.
    assert variant not in wider.only([]).tasks
    assert variant not in wider.only([base.slug]).tasks
    assert wider.only([variant.key]).tasks == (variant,)


def test_the_files_of_the_table_are_toml_in_words(project):
    read = tomllib.loads((project / "notebooks" / "outputs.toml").read_text(encoding="utf-8"))
    for entry in read.values():
        for field in entry["fields"]:
            assert field["help_fi"].endswith((".", "?")) and field["help_en"].endswith((".", "?"))
