"""The committed notebooks: saved form, house form, and that nbval would catch any changed digit."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import notebook_form as form

PROJECT = Path(__file__).resolve().parents[1]

NOTEBOOKS = form.themed_notebooks()
EXERCISES = form.exercise_notebooks()
NAMES = [str(path.relative_to(PROJECT)) for path in NOTEBOOKS]

# Every nbval tag that switches a comparison off, with its reason; a new one must be argued here.
ALLOWED_IGNORES: dict[str, str] = {}
# Pages that end with three questions: all but the apps, which are tools and not lessons.
WITH_QUESTIONS = [path for path in NOTEBOOKS if "apps" not in path.parts]


def test_the_planned_notebooks_are_there():
    assert {
        "notebooks/0_aloitus.ipynb",
        "notebooks/0_hankeseuranta.ipynb",
        "notebooks/1_osaamiskartoitus/koulutussuunnitelma.ipynb",
        "notebooks/1_osaamiskartoitus/osaamiskartoitus.ipynb",
        "notebooks/2_tiedon_kokoaminen/asiakaspalaute.ipynb",
        "notebooks/2_tiedon_kokoaminen/aktivointisuunnitelmat.ipynb",
        "notebooks/2_tiedon_kokoaminen/indikaattorit.ipynb",
        "notebooks/2_tiedon_kokoaminen/kirjaamisen_laatu.ipynb",
        "notebooks/2_tiedon_kokoaminen/osallistava_tieto.ipynb",
        "notebooks/2_tiedon_kokoaminen/paatoksentekijan_tietotarve.ipynb",
        "notebooks/2_tiedon_kokoaminen/palvelutarpeen_arvioinnit.ipynb",
        "notebooks/3_tiedon_tyostaminen/alueprofiili.ipynb",
        "notebooks/3_tiedon_tyostaminen/huono_osaisuusindeksi.ipynb",
        "notebooks/3_tiedon_tyostaminen/eriarvoisuus.ipynb",
        "notebooks/3_tiedon_tyostaminen/kuntouttava_tyotoiminta.ipynb",
        "notebooks/3_tiedon_tyostaminen/sosiaalinen_kuntoutus.ipynb",
        "notebooks/2_tiedon_kokoaminen/sosiaalinen_raportointi.ipynb",
        "notebooks/3_tiedon_tyostaminen/ilmiokortti.ipynb",
        "notebooks/3_tiedon_tyostaminen/mittarit.ipynb",
        "notebooks/3_tiedon_tyostaminen/tavoitteet.ipynb",
        "notebooks/3_tiedon_tyostaminen/kustannukset.ipynb",
        "notebooks/3_tiedon_tyostaminen/tietosuoja.ipynb",
        "notebooks/3_tiedon_tyostaminen/vaikutusketju.ipynb",
        "notebooks/3_tiedon_tyostaminen/vaikuttavuus.ipynb",
        "notebooks/4_vaikuttaminen/hyvinvointikertomus.ipynb",
        "notebooks/4_vaikuttaminen/infograafi.ipynb",
        "notebooks/4_vaikuttaminen/itsearviointi.ipynb",
        "notebooks/4_vaikuttaminen/mediasuunnitelma.ipynb",
        "notebooks/4_vaikuttaminen/toteutussuunnitelma.ipynb",
        "notebooks/4_vaikuttaminen/paattajakooste.ipynb",
        "notebooks/4_vaikuttaminen/sosiaalinen_raportti.ipynb",
        "notebooks/4_vaikuttaminen/tilannekuvapaketti.ipynb",
        "notebooks/4_vaikuttaminen/vaikuttamisloki.ipynb",
        "notebooks/apps/mittarilaskuri.ipynb",
        "notebooks/apps/paattajan_nakyma.ipynb",
        "notebooks/apps/tilannekuva.ipynb",
        "notebooks/apps/vaikuttavuussimulaattori.ipynb",
        "course/moduuli_1_tietotyo/oppitunti.ipynb",
    } <= set(NAMES)
    assert [path.name for path in EXERCISES]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_house_form(path):
    assert form.findings(form.load(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_saved_form_is_what_the_saver_writes(path):
    assert form.dump(form.saved_form(form.load(path))) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WITH_QUESTIONS, ids=lambda path: path.stem)
def test_opens_with_aim_and_minutes_and_ends_with_three_explained_questions(path):
    cells = [
        form.text_of(cell["source"]) for cell in form.load(path)["cells"] if cell["cell_type"] == "markdown"
    ]
    assert re.search(r"Tavoite", cells[0])
    assert re.search(r"\d+ minuuttia", cells[0])
    assert cells[-1].count("<details>") == cells[-1].count("</details>") == 3


@pytest.mark.parametrize("path", [*NOTEBOOKS, *EXERCISES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_personal_path_or_comment_marker(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|root)/|[A-Z]:\\\\Users", text)
    assert "NBVAL_" not in text


def test_each_ignore_tag_has_a_reason():
    tagged = {
        f"{path.relative_to(PROJECT)}#{cell['id']}"
        for path in NOTEBOOKS
        for cell in form.load(path)["cells"]
        if any(
            tag.startswith(("nbval-ignore", "nbval-skip", "skip")) for tag in cell["metadata"].get("tags", [])
        )
    }
    assert tagged == set(ALLOWED_IGNORES)


def nbval_judge():
    """Build nbval's own comparison with our sanitize file, without a kernel."""
    from nbval.plugin import IPyNbCell, get_sanitize_patterns

    patterns = dict(
        get_sanitize_patterns((PROJECT / "notebooks" / "sanitize.cfg").read_text(encoding="utf-8"))
    )

    def sanitize(text):
        if not isinstance(text, str):
            return text
        for regex, replacement in patterns.items():
            text = re.sub(regex, replacement, text)
        return text

    skipped = (
        *("metadata", "traceback", "prompt_number", "output_type", "name", "execution_count"),
        *("application/vnd.jupyter.widget-view+json", "image/png", "image/jpeg"),
    )
    judge = SimpleNamespace(
        parent=SimpleNamespace(skip_compare=skipped),
        sanitize=sanitize,
        colors=SimpleNamespace(FAIL="", OKBLUE="", ENDC=""),
        format_output_compare=lambda *parts: None,
    )
    return lambda test, reference: IPyNbCell.compare_outputs(judge, test, reference)


def as_nodes(outputs):
    import nbformat

    return [nbformat.from_dict(output) for output in joined(outputs)]


def joined(outputs):
    """Join multi-line strings, as nbformat does on reading."""
    settled = copy.deepcopy(outputs)
    for output in settled:
        if "text" in output:
            output["text"] = form.text_of(output["text"])
        for kind, value in output.get("data", {}).items():
            output["data"][kind] = form.text_of(value) if isinstance(value, list) else value
    return settled


RELEASE = re.compile(r'data-release="[0-9a-f]{16}"')


def places_of_numbers(outputs):
    """Yield (output, field, position) of the last digit of each stored number, names of releases left out."""
    for index, output in enumerate(outputs):
        fields = {"text": output["text"]} if "text" in output else output.get("data", {})
        for field, text in fields.items():
            if isinstance(text, str):
                unnamed = RELEASE.sub(lambda name: " " * len(name[0]), text)
                for match in re.finditer(r"\d+", unnamed):
                    yield index, field, match.end() - 1


def with_digit_changed(outputs, index, field, position):
    changed = list(outputs)
    output = copy.deepcopy(outputs[index])
    holder = output if field == "text" and "text" in output else output["data"]
    text = holder[field]
    holder[field] = text[:position] + str((int(text[position]) + 1) % 10) + text[position + 1 :]
    changed[index] = output
    return changed


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_every_stored_digit_changed_once_is_caught(path):
    same = nbval_judge()
    checked, missed = 0, []
    for number, cell in enumerate(form.load(path)["cells"]):
        if cell["cell_type"] != "code":
            continue
        outputs = as_nodes(cell["outputs"])
        assert same(outputs, outputs)
        for place in places_of_numbers(outputs):
            checked += 1
            if same(outputs, with_digit_changed(outputs, *place)):
                missed.append((number, *place))
    assert checked > 0
    assert missed == []


def test_another_name_of_a_release_is_no_change():
    """The name is a digest to the last bit, and the last bit differs between processors."""
    same = nbval_judge()
    told = '<p data-release="{}">Luku on {} %.</p>'
    here, there, other = (
        as_nodes([{"output_type": "display_data", "data": {"text/html": told.format(*one)}, "metadata": {}}])
        for one in (("a" * 16, "9,9"), ("0123456789abcdef", "9,9"), ("a" * 16, "9,8"))
    )
    assert same(here, there) and not same(here, other)


def test_saver_refuses_outputs_from_own_data(monkeypatch, tmp_path, capsys):
    import save_notebooks

    monkeypatch.setenv("SOSRAKE_DATA", str(tmp_path))
    assert save_notebooks.main([]) == 2
    assert "only outputs from data/samples" in capsys.readouterr().err
