"""`sosrake outputs`: made, skipped, resumed and failing outputs, in a small project with its own renderer."""

from __future__ import annotations

import csv
import json
import os
import textwrap
from dataclasses import replace
from pathlib import Path
from unittest import mock

import nbformat
import pytest

from sosrake_lib.batch import (
    outputs_index,
    outputs_render,
    outputs_run,
    outputs_stage,
    releases,
    runner,
    site_stage,
)
from sosrake_lib.batch import plan as plans
from sosrake_lib.batch.outputs_memory import Kept, Memory, part_of
from sosrake_lib.batch.outputs_render import Content
from sosrake_lib.errors import BatchError, SosrakeError
from sosrake_lib.influence import words_hand
from sosrake_lib.influence.facts import Facts
from sosrake_lib.influence.pages import Heading, PageContext, html_of, page_from_notebook
from sosrake_lib.language import say
from sosrake_lib.protect import Text

SECTION = 'pages.show(*words_hand.not_reached([], ["hanke"], None, kieli), language=kieli)'
SHOWN = (
    "from sosrake_lib.influence import pages, words_hand\n"
    "from sosrake_lib.protect import Text\n"
    'pages.show(pages.Heading(2, "Havainto"), Text("Sana.", "A word."), language=kieli)'
)
PLAN = """
[[muistikirjat]]
path = "{name}"
page = "{name}"
title_fi = "{name}"
title_en = "{name}"
releases = []
levels = ["once"]
"""
DECLARED = """
["{name}".kieli]
type = "choice"
allowed = ["fi", "en"]
default = "fi"
label_fi = "Kieli"
label_en = "Language"
"""
TABLE = """
[{name}]
name_fi = "Tuotos {name}"
name_en = "Output {name}"
name_sv = "Produkt {name}"
page = "{name}"
levels = ["once"]
formats = {formats}
audiences = ["viranhaltija"]
cadence = "vuosi"
required = [["Havainto", "Havainto"]]
"""


def fake(page, form, releases_folder):
    """Stand for the documents: two files for csv, a fault for docx, the page's own words otherwise."""
    if form == "docx":
        raise SosrakeError("no such document")
    if form == "pptx":
        os._exit(3)  # a renderer that takes its process along
    body = f"{form} {page.context.title} {page.body}".encode()
    return (
        [Content(f".{form}", body)] if form != "csv" else [Content("_1.csv", b"1"), Content("_2.csv", b"2")]
    )


def write_project(folder: Path, notebooks: dict[str, tuple[tuple[str, ...], list[str]]]) -> Path:
    """Write a project: notebook -> (its cells after the parameters, formats of its output)."""
    plan = declared = table = ""
    for name, (cells, formats) in notebooks.items():
        first = nbformat.v4.new_code_cell('kieli = "fi"', metadata={"tags": ["parameters"]}, id="alku")
        rest = [nbformat.v4.new_code_cell(cell, id=f"solu{place}") for place, cell in enumerate(cells)]
        made = nbformat.v4.new_notebook(
            cells=[first, *rest],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        (folder / "notebooks").mkdir(parents=True, exist_ok=True)
        (folder / "notebooks" / f"{name}.ipynb").write_text(nbformat.writes(made), encoding="utf-8")
        plan += PLAN.format(name=name)
        declared += DECLARED.format(name=name)
        table += TABLE.format(name=name, formats=json.dumps(formats))
    (folder / "notebooks" / "plan.toml").write_text(plan, encoding="utf-8")
    (folder / "notebooks" / "parameters.toml").write_text(declared, encoding="utf-8")
    (folder / "notebooks" / "outputs.toml").write_text(table, encoding="utf-8")
    (folder / "data" / "samples").mkdir(parents=True, exist_ok=True)
    return folder


def run(project: Path, **options):
    # the library's own hash is held still: these tests are about the outputs
    with mock.patch.object(releases, "library_fingerprint", lambda: "library"):
        given = {"recipes": {}, "renderer": fake, "workers": 1, "build": build_site, **options}
        return outputs_run.make(project, **given)


def run_quickly(project: Path, **options):
    """Run the outputs over pages that no kernel made: their words are those of the notebooks' own `show`."""
    with mock.patch.object(runner, "run", executed):
        return run(project, **options)


def executed(project, *, output, language, only, build, **_):
    """Stand for the runner: lay the executed notebooks down and build the site."""
    plan = plans.load(project, recipes={}, language=language)
    sources = []
    for task in plan.only(only).tasks:
        read = json.loads(plan.path(task).read_text(encoding="utf-8"))
        for cell in read["cells"][1:]:
            shown = words_hand.not_reached([], ["hanke"], None, language)[:1]
            if "Havainto" in "".join(cell["source"]):
                word = "Toinen sana." if "Toinen" in "".join(cell["source"]) else "Sana."
                shown = [Heading(2, "Havainto"), Text(word, "A word.")]
            markup = "".join(html_of(one, language) for one in shown)
            metadata = {"sosrake": Facts().metadata("", "text")}
            shown_output = {
                "output_type": "display_data",
                "data": {"text/html": markup},
                "metadata": metadata,
            }
            cell["outputs"] = [shown_output]
        final = output / runner.NOTEBOOKS / language / task.slug / f"{task.page}.ipynb"
        final.parent.mkdir(parents=True, exist_ok=True)
        final.write_text(json.dumps(read), encoding="utf-8")
        sources.append(site_stage.PageSource(task, final, 0))
    site = build(sources, output / site_stage.SITE, language)
    return runner.Report(tuple(page.task.key for page in sources), (), (), site.index, 0.1)


def build_site(pages, folder, language):
    """Build a site of bare pages: what the outputs need of it is that its pages stand."""
    index = site_stage.index_page(folder, language)
    for page in pages:
        made = page_from_notebook(page.read(), context=site_stage.context_of(page, language))
        place = index.parent / page.task.address
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"<html>{made.body}</html>", encoding="utf-8")
    index.write_text("index", encoding="utf-8")
    return site_stage.Built(index)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One run over outputs that succeed and fail; each test below looks at its own, or runs again."""
    folder = write_project(
        tmp_path_factory.mktemp("outputs"),
        {
            "hyva": ((SHOWN, SECTION), ["html", "pdf", "csv"]),
            "puute": ((SHOWN,), ["html", "pdf"]),
            "osin": ((SHOWN, SECTION), ["pdf", "docx"]),
            "rikki": (("1 / 0",), ["html", "pdf"]),
        },
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(folder / "home"))
        yield folder, run(folder)


def states(report):
    return {(line.output, line.format): line.state for line in report.lines}


def test_what_can_be_made_is_made_and_what_fails_stops_nothing(mixed):
    folder, report = mixed
    assert states(report) == {
        ("hyva", "html"): "luonnos",
        ("hyva", "pdf"): "luonnos",
        ("hyva", "csv"): "luonnos",
        ("puute", "html"): "failed",
        ("puute", "pdf"): "failed",
        ("osin", "pdf"): "luonnos",
        ("osin", "docx"): "failed",
        ("rikki", "html"): "failed",
        ("rikki", "pdf"): "failed",
    }
    place = folder / "reports" / "tuotokset" / "hanke"
    assert sorted(path.name for path in place.iterdir()) == [
        "hyva.pdf",
        "hyva_1.csv",
        "hyva_2.csv",
        "osin.pdf",
    ]
    assert (place / "hyva.pdf").read_text(encoding="utf-8").startswith("pdf hyva <h2>Havainto</h2>")


def test_each_failure_says_why(mixed):
    _, report = mixed
    reasons = {(line.output, line.format): line.reason for line in report.failed}
    assert "”Keitä tieto ei tavoita”; tuotosta ei tehdä ilman sitä" in reasons[("puute", "pdf")]
    assert "Keitä tieto ei tavoita" in reasons[("puute", "html")]
    assert reasons[("osin", "docx")] == "no such document"
    assert "ZeroDivisionError" in reasons[("rikki", "pdf")]


def test_the_list_tells_what_stands(mixed):
    folder, report = mixed
    listed = json.loads((folder / "reports/tuotokset/luettelo.json").read_text(encoding="utf-8"))
    made = {(one["output"], one["format"]): one for one in listed}
    assert made[("hyva", "csv")]["files"] == ["tuotokset/hanke/hyva_1.csv", "tuotokset/hanke/hyva_2.csv"]
    assert made[("hyva", "html")]["files"] == ["site/hanke/hyva.html"]
    page = report.index.read_text(encoding="utf-8")
    assert '<a href="hanke/hyva.pdf" aria-label="Tuotos hyva, Koko hanke: PDF">PDF</a>' in page
    assert 'href="../site/hanke/hyva.html"' in page
    assert "ei valmistunut" in page and "luonnos" in page
    for line in report.lines:
        for name in line.files:
            assert (folder / "reports" / name).is_file()


def test_times_are_told_by_output_and_format(mixed):
    _, report = mixed
    rows = list(csv.DictReader(outputs_index.times(report.lines).splitlines()))
    assert [(row["output"], row["format"]) for row in rows] == list(states(report))
    pdf = next(row for row in rows if (row["output"], row["format"]) == ("hyva", "pdf"))
    assert float(pdf["notebook_seconds"]) > 0 and int(pdf["bytes"]) > 0 and pdf["made"] == "True"


def test_an_unchanged_run_makes_nothing_and_a_changed_notebook_its_own(tmp_path):
    folder = write_project(
        tmp_path, {"hyva": ((SHOWN, SECTION), ["pdf", "csv"]), "muu": ((SHOWN, SECTION), ["pdf"])}
    )
    assert all(line.made for line in run_quickly(folder).lines)
    place = folder / "reports" / "tuotokset" / "hanke"
    kept = {path.name: path.stat().st_mtime_ns for path in place.iterdir()}
    again = run_quickly(folder)
    assert not any(line.made for line in again.lines) and not again.failed
    assert {path.name: path.stat().st_mtime_ns for path in place.iterdir()} == kept
    # A file that someone lost or changed is made again, and only it.
    (place / "hyva_2.csv").write_text("muutettu", encoding="utf-8")
    assert [line.format for line in run_quickly(folder).lines if line.made] == ["csv"]
    assert (place / "hyva_2.csv").read_text(encoding="utf-8") == "2"
    other = (SHOWN.replace("Sana.", "Toinen sana."), SECTION)
    write_project(tmp_path, {"hyva": (other, ["pdf", "csv"]), "muu": ((SHOWN, SECTION), ["pdf"])})
    assert [line.output for line in run_quickly(folder).lines if line.made] == ["hyva", "hyva"]
    # What the table no longer asks for is taken away, with nothing else.
    (place / "oma.txt").write_text("oma", encoding="utf-8")
    write_project(tmp_path, {"hyva": (other, ["pdf"]), "muu": ((SHOWN, SECTION), ["pdf"])})
    run_quickly(folder)
    assert sorted(path.name for path in place.iterdir()) == ["hyva.pdf", "muu.pdf", "oma.txt"]


def test_only_what_is_asked_for_is_made(tmp_path):
    folder = write_project(
        tmp_path, {"hyva": ((SHOWN, SECTION), ["pdf", "csv"]), "muu": ((SHOWN, SECTION), ["pdf"])}
    )
    report = run_quickly(folder, only=["hyva"], formats=["csv"], regions=["hanke"])
    assert [(line.output, line.format) for line in report.lines] == [("hyva", "csv")]
    assert not (folder / "reports/notebooks/fi/muu.ipynb").exists()
    with pytest.raises(BatchError, match="exe"):
        run_quickly(folder, formats=["exe"])
    english = run_quickly(folder, only=["hyva"], language="en")
    assert english.index == folder / "reports/tuotokset/en/index.html"
    assert (folder / "reports/tuotokset/en/hanke/hyva.pdf").is_file()
    # The Finnish files are not taken for something the English run no longer asks for.
    assert (folder / "reports/tuotokset/hanke/hyva_1.csv").is_file()


def test_a_page_that_was_approved_stands_as_approved_after_a_run_of_something_else(tmp_path, monkeypatch):
    """The list tells of all that stands: a page nobody asked for now keeps the state it has."""
    from sosrake_lib.protect.approval import Approval

    folder = write_project(
        tmp_path, {"hyva": ((SHOWN, SECTION), ["html", "pdf"]), "muu": ((SHOWN, SECTION), ["pdf"])}
    )
    plain = site_stage.context_of

    def approved(source, language, known=None):
        context = plain(source, language, known)
        given = Approval("johtaja", "2026-01-02") if source.task.page == "hyva" else None
        return replace(context, approval=given)

    monkeypatch.setattr(site_stage, "context_of", approved)
    run_quickly(folder)
    run_quickly(folder, only=["muu"])
    listed = json.loads((folder / "reports/tuotokset/luettelo.json").read_text(encoding="utf-8"))
    told = {(one["output"], one["format"]): one["state"] for one in listed}
    assert told == {
        ("hyva", "html"): outputs_stage.APPROVED,
        ("hyva", "pdf"): outputs_stage.APPROVED,
        ("muu", "pdf"): outputs_stage.DRAFT,
    }


def test_a_run_that_was_killed_goes_on(tmp_path):
    """Killed after its entry but before the files took their names, a format is completed, not made again."""
    memory = Memory(tmp_path)
    try:
        final = tmp_path / "tuotokset" / "hanke" / "hyva.pdf"
        outputs_render._write_part(final, b"kokonainen")
        sha = outputs_stage.file_hash(part_of(final))
        kept = Kept("fi/hyva.pdf", "jalki", {"tuotokset/hanke/hyva.pdf": sha}, "luonnos", 0.1)
        with (
            mock.patch.object(Path, "replace", side_effect=KeyboardInterrupt),
            pytest.raises(KeyboardInterrupt),
        ):
            memory.finish(kept)
        assert not final.exists()
        assert memory.is_made("fi/hyva.pdf", "jalki")
        assert final.read_bytes() == b"kokonainen" and not part_of(final).exists()
        assert not memory.is_made("fi/hyva.pdf", "toinen jalki")
        final.write_bytes(b"muutettu")
        assert not memory.is_whole("fi/hyva.pdf")
        memory.forget(["fi/hyva.pdf"])
        assert final.exists()  # someone has changed it: it is theirs
    finally:
        memory.close()


def test_a_renderer_that_kills_its_process_fails_alone(tmp_path):
    folder = write_project(
        tmp_path, {name: ((SHOWN, SECTION), ["pptx" if name == "b" else "pdf"]) for name in ("a", "b", "c")}
    )
    report = run_quickly(folder, workers=2)
    assert states(report) == {("a", "pdf"): "luonnos", ("b", "pptx"): "failed", ("c", "pdf"): "luonnos"}
    assert "laskentaprosessi kuoli" in report.failed[0].reason
    assert not list((folder / "reports" / "tuotokset").rglob(".*"))


def test_the_house_documents_make_the_formats_of_a_page(tmp_path):
    """The renderer of the command line: a page becomes a PDF, and an unknown format is refused in words."""
    folder = write_project(tmp_path, {"hyva": ((SHOWN, SECTION), ["csv"])})
    run_quickly(folder)
    read = json.loads((folder / "reports/notebooks/fi/hyva.ipynb").read_text(encoding="utf-8"))
    page = page_from_notebook(read, context=PageContext("hyva", "Hyvä", 2026))
    (pdf,) = outputs_render.by_documents(page, "pdf", tmp_path)
    assert pdf.ending == ".pdf" and pdf.body.startswith(b"%PDF-")
    with pytest.raises(SosrakeError, match="muotoa html ei voi tehdä"):
        outputs_render.by_documents(page, "html", tmp_path)


def test_a_page_without_figures_has_no_data_file_and_it_is_said(tmp_path, capsys):
    """Nothing stands behind a page of words: its data file is left out in words, which is no failure."""
    from sosrake_lib import cli_outputs

    folder = write_project(tmp_path, {"sanat": ((SHOWN, SECTION), ["png", "csv", "xlsx"])})
    first = run_quickly(folder, renderer=outputs_render.by_documents)
    again = run_quickly(folder, renderer=outputs_render.by_documents)
    for report in (first, again):
        assert report.failed == ()
        told = {line.format: (line.state, line.reason) for line in report.lines if not line.files}
        assert told == dict.fromkeys(("csv", "xlsx"), ("no_figures", say("outputs.no_figures", "fi")))
    assert {line.format for line in first.lines if line.made} == {"png"}
    assert not [line for line in again.lines if line.made]
    assert [path.name for path in (folder / "reports/tuotokset/hanke").iterdir()] == ["sanat.png"]
    listed = json.loads(first.index.with_name("luettelo.json").read_text(encoding="utf-8"))
    assert {one["format"]: one["state"] for one in listed}["xlsx"] == "no_figures"
    cli_outputs.tell(first, "fi")
    assert "sivulla ei ole lukuja" in capsys.readouterr().err
    # what another run asks for leaves the line as it is
    other = run_quickly(folder, renderer=outputs_render.by_documents, formats=["png"])
    kept = json.loads(other.index.with_name("luettelo.json").read_text(encoding="utf-8"))
    assert {one["format"]: one["reason"] for one in kept}["csv"] == say("outputs.no_figures", "fi")


def test_the_command_line_tells_outputs_times_and_failures(mixed, capsys):
    from sosrake_lib import cli_outputs

    _, report = mixed
    cli_outputs.tell(report, "en")
    said = capsys.readouterr()
    assert "hanke/osin: docx: no such document" in said.err
    assert "hyva: 3 files made, 1 as they were, 0 failed; " in said.out
    assert str(report.index) in said.out
    assert textwrap.shorten(said.out, 10**6).count("files made") == 5
