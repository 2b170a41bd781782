"""Every artefact of a small site, walked by a reader: no channel gives back a figure that is hidden."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import shutil
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from built_site import PROJECT
from test_twin_site import PAGE, TABLE, project

from sosrake_lib import batch, catalogue, cli, protect, regions, samples
from sosrake_lib.gather import records as needs
from sosrake_lib.influence import documents, exports
from sosrake_lib.protect.audit import Statement, Target, audit, exact

artefact_walk = pytest.importorskip("artefact_walk", reason="tools/ is not beside the tests")
artefact_records = pytest.importorskip("artefact_records", reason="tools/ is not beside the tests")
pytestmark = pytest.mark.slow
__all__ = ["project"]

MINIMUM = 5
KEY = ["region_level", "region_code", "sex", "group"]


@dataclass(frozen=True)
class Artefacts:
    """The folder that was written, what its files hold, the release's rows, and the truth behind them."""

    folder: Path
    pieces: list
    rows: pd.DataFrame
    truth: pd.DataFrame

    @property
    def hidden(self) -> list[str]:
        return self.rows.loc[self.rows["status"] == "suppressed", "result_id"].tolist()


@pytest.fixture(scope="module")
def artefacts(project, tmp_path_factory) -> Artefacts:
    """Build the site of clients by need; write the release in every format beside it."""
    folder, home = tmp_path_factory.mktemp("walked"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOSRAKE_HOME", str(home))
        patch.delenv("SOSRAKE_DATA", raising=False)
        report = batch.run(project, data=Path(samples.folder()), output=folder, workers=1)
        # set here, so that what the commands set is taken away with the rest
        patch.setenv("SOSRAKE_PROJECT", str(project))
        _written_by_commands(project, folder, tmp_path_factory.mktemp("out"))
    assert report.made == (PAGE,)
    saved = next(path.name for path in (folder / "releases").iterdir())
    opened = protect.Release.load(saved, folder / "releases")
    (folder / "exports").mkdir()
    for form in exports.FORMATS:
        exports.write(opened, folder / "exports" / f"release.{form}")
    rows = pd.concat(
        [protect.protected_frame(opened.select(part)).assign(part=part) for part in opened.parts]
    )
    counted = needs.needs_counts(samples.table(TABLE), by=("sex",))
    truth = counted.loc[counted["indicator"] == needs.CLIENTS].set_index(KEY)["value"]
    return Artefacts(folder, list(artefact_walk.walk(folder)), rows.reset_index(drop=True), truth)


def _written_by_commands(project, folder, public) -> None:
    """Write the page as documents, approve and publish it, and keep what the ledger's commands tell."""
    kept = folder / "commands"
    kept.mkdir()
    given = ["--project", str(project), "--output", str(folder)]
    place = ["--region", "hva-E1", "--to", str(kept), "--format", ",".join(documents.FORMATS)]
    name = PAGE.rpartition("/")[2]
    for number, command in enumerate(
        (
            ["document", name, *place, *given],
            ["approve", "--role", "johtava sosiaalityöntekijä", "--page", PAGE, *given],
            ["approvals", "--json"],
            ["publish", str(public), "--data", str(PROJECT / "data" / "samples"), *given],
            ["ledger", "list"],
            ["ledger", "list", "--json"],
            ["ledger", "export", str(kept / "ledger.csv")],
            ["ledger", "export", str(kept / "ledger.json")],
            ["ledger", "verify", *given],
        )
    ):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                cli.main(command)
            except SystemExit as left:
                assert left.code == 0, (command, said.getvalue())
        (kept / f"{number}-{command[0]}.log").write_text(said.getvalue(), encoding="utf-8")
    shutil.copytree(public, folder / "published")


def told(pieces, hidden) -> list[str]:
    """Name each place where a number is tied to a hidden figure: by its reference, or in a line of it."""
    wanted = "|".join(re.escape(one) for one in hidden)
    reference = re.compile(rf"(?:{wanted}):(?:value|numerator|denominator|lower|upper)")
    found = []
    for piece in pieces:
        if reference.search(piece.text):
            found.append(f"{piece.place} ({piece.channel})")
    return found


def test_every_kind_of_artefact_is_walked(artefacts):
    kinds = {Path(piece.place.partition("!")[0]).suffix for piece in artefacts.pieces}
    assert {
        ".html",
        ".ipynb",
        ".json",
        ".parquet",
        ".css",
        *(f".{form}" for form in exports.FORMATS),
    } <= kinds
    assert any(piece.channel.startswith("picture") for piece in artefacts.pieces)
    assert any("!xl/worksheets" in piece.place for piece in artefacts.pieces)


def test_what_commands_write_and_say_is_walked(artefacts):
    """Journal, executed notebooks, documents, published pages, lists and exports of the ledger."""
    places = {piece.place.partition("!")[0] for piece in artefacts.pieces}
    assert {"journal/journal.sqlite", f"notebooks/fi/{PAGE}.ipynb", "commands/ledger.json"} <= places
    assert f"published/{PAGE}.html" in places
    written = {Path(place).suffix for place in places if place.startswith("commands/")}
    assert {f".{form}" for form in documents.FORMATS} <= written
    assert len([place for place in places if place.startswith("commands/") and place.endswith(".log")]) == 9
    figures = json.loads((artefacts.folder / "commands" / "ledger.json").read_text(encoding="utf-8"))[
        "figures"
    ]
    hidden = [one for one in figures if one["hidden"]]
    assert len(hidden) > 50
    assert {one[name] for one in hidden for name in ("value", "count", "denominator")} == {""}


def test_no_channel_ties_a_number_to_a_hidden_figure(artefacts):
    assert len(artefacts.hidden) > 50
    assert told(artefacts.pieces, artefacts.hidden) == []
    shown = artefacts.rows.loc[artefacts.rows["status"] == "ok", "result_id"].tolist()
    assert any("site/" in place for place in told(artefacts.pieces, shown))


def test_hidden_rows_of_releases_and_exports_hold_no_number(artefacts):
    for piece in artefacts.pieces:
        if piece.channel == "rows":
            rows = pd.read_csv(pd.io.common.StringIO(piece.text))
            rows = rows.loc[rows["status"] == "suppressed"]
            assert rows[["value", "numerator", "denominator", "lower", "upper"]].isna().all(axis=None)
    parts = json.loads((artefacts.folder / "exports" / "release.json").read_text(encoding="utf-8"))["parts"]
    lines = [line for part in parts for line in part["rows"] if line["Luvun tunnus"] in set(artefacts.hidden)]
    assert len(lines) == len(artefacts.hidden)
    assert {line["Luku"] for line in lines} == {"••"}
    assert not [
        x
        for line in lines
        for name, x in line.items()
        if isinstance(x, float | int) and x not in (1, 100, 0.95)
    ]


def test_no_picture_carries_a_text_of_its_own(artefacts):
    """A picture tells its drawing program at most; no figure, place or path."""
    drawn = [piece for piece in artefacts.pieces if piece.channel.startswith("picture")]
    # the picture of a whole page carries the page's title and first words, as its own alternative text
    texts = {piece.text for piece in drawn if not piece.place.startswith("commands/")}
    assert not [text for text in texts if re.search(r"\d{2,}|/", text.replace("https://matplotlib.org/", ""))]


COUNTED = ("joille on tehty palvelutarpeen arviointi", "Kuinka monelle asiakkaalle on kirjattu tuen tarve")
DIVIDED = ("joille on kirjattu tuen tarve", "Kuinka suurelle osalle")
# Headings of what is no figure of the people of the line: time, scale, level of confidence.
SCALES = ("Ajanjakso", "Kerroin", "Luottamustaso", "Alue", "Luvun tunnus", "Eron luottamustaso")
YEAR = 2025.0


@dataclass(frozen=True)
class Near:
    """A number in an artefact, and the one cell that the words around it name."""

    place: str
    heading: str
    key: tuple
    number: float
    counted: bool


@cache
def names() -> tuple[dict[str, re.Pattern], dict[str, str]]:
    """Give how areas (in any Finnish case) and needs are named."""
    codes = [("hva", "E1"), *(("kunta", code) for code in regions.members("hva", "E1"))]
    stems = {code: regions.name(level, code).lower()[:-1] for level, code in codes}
    areas = {code: re.compile(rf"\b{stem}") for code, stem in stems.items()}
    return areas, {one.key: one.name_fi.lower() for one in catalogue.needs()}


@cache
def key_of(about: str) -> tuple | None:
    """Name the cell that words are about: one area, one need (or everyone), and the sex; else None."""
    text, (known, needed) = about.lower(), names()
    areas = [code for code, named in known.items() if named.search(text)]
    groups = [key for key, name in needed.items() if name in text]
    everyone = not groups and ("kaikki" in text or COUNTED[0] in about)
    if len(areas) != 1 or len(groups) > 1 or not (groups or everyone):
        return None
    woman, man = (bool(re.search(word, text)) for word in (r"\bnai(?:set|si)", r"\bmie(?:het|hi)"))
    sex = "total" if woman == man else "female" if woman else "male"
    level = "hva" if areas[0] == "E1" else "kunta"
    return level, areas[0], sex, groups[0] if groups else "all"


@pytest.fixture(scope="module")
def near(artefacts) -> list[Near]:
    """Extract from every artefact the numbers that stand in a record about one cell of clients."""
    return numbers_near(artefacts.folder)


def numbers_near(folder) -> list[Near]:
    found = []
    for one in artefact_records.records(folder):
        counted, divided = (any(words in one.about for words in kind) for kind in (COUNTED, DIVIDED))
        key = key_of(one.about) if (counted or divided) and one.heading not in SCALES else None
        if key is None:
            continue
        numbers = [number for number in one.numbers if number != YEAR]
        found += [Near(one.place, one.heading, key, number, counted and not divided) for number in numbers]
    return found


def test_numbers_near_protected_cells_are_none_and_those_near_shown_ones_are_true(artefacts, near):
    """A reader takes each artefact apart: the figures are found, and none stands by a hidden cell."""
    hidden = hidden_keys(artefacts)
    assert [one for one in near if one.key in hidden] == []
    assert {".docx", ".pptx"} <= {Path(one.place).suffix for one in near if one.place.startswith("commands/")}
    near = told_plainly(near)
    kinds = {Path(one.place.partition("!")[0]).suffix for one in near if one.counted}
    assert {".html", ".ipynb", ".csv", ".tsv", ".xlsx", ".ods", ".docx", ".pptx", ".json"} <= kinds
    told = {(one.key, one.number) for one in near if one.counted}
    assert len({key for key, _ in told}) > 100
    assert all(artefacts.truth[key] == number for key, number in told)


def told_plainly(near: list[Near]) -> list[Near]:
    """Leave out documents: a record of theirs may hold several cells, so a number's own cell is not sure."""
    return [one for one in near if not one.place.startswith("commands/")]


def hidden_keys(artefacts) -> set[tuple]:
    counts = artefacts.rows.loc[artefacts.rows["part"] == "asiakkaat"]
    return set(map(tuple, counts.loc[counts["status"] == "suppressed", KEY].to_numpy()))


def test_the_audit_with_the_extracted_numbers_recovers_nothing(artefacts, near):
    """The reader has nothing but what the artefacts told, and the sums everyone knows."""
    place = {key: number for number, key in enumerate(artefacts.truth.index)}
    stated = {(place[one.key], one.number) for one in told_plainly(near) if one.counted}
    sums = []
    for level, code, sex, group in place:
        pair = [(level, code, one, group) for one in ("female", "male")]
        if sex == "total" and all(one in place for one in pair):
            sums.append(sum_of([place[one] for one in pair], place[level, code, sex, group]))
    hidden = [key for key in place if key in hidden_keys(artefacts)]
    targets = [Target("|".join(key), (place[key],), MINIMUM) for key in hidden]
    truth = artefacts.truth.to_numpy()
    given = [*(exact([cell], number) for cell, number in sorted(stated)), *sums]
    assert len(stated) > 100
    assert len(targets) > 50
    assert set(audit(len(place), given, targets, truth)["status"]) == {"protected"}
    # the same reader with one hidden count shown gets its partner: the audit is no rubber stamp
    planted = next(place[key] for key in hidden if key[2] == "female" and small(truth[place[key]]))
    more = audit(len(place), [*given, exact([planted], truth[planted])], targets, truth)
    assert "recovered" in set(more["status"])


def sum_of(pair, whole):
    """State that two cells make a third."""
    return Statement((*pair, whole), 0.0, 0.0, (1.0, 1.0, -1.0))


def small(count: float) -> bool:
    return 0 < count < MINIMUM


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PLANTS = {
    "page.html": lambda told: f'<img alt="x" data-x="{told}">'.encode(),
    "chart.svg": lambda told: f"<svg><desc>{told}</desc></svg>".encode(),
    "run.ipynb": lambda told: json.dumps({"metadata": {"papermill": {"parameters": {"x": told}}}}).encode(),
    "widgets.json": lambda told: json.dumps({"state": {"a": {"value": told}}}).encode(),
    "run.log": lambda told: told.encode(),
    "picture.png": lambda told: artefact_walk.PNG + chunk(b"tEXt", b"Title\0" + told.encode()),
    "packed.png": lambda told: artefact_walk.PNG + chunk(b"zTXt", b"T\0\0" + zlib.compress(told.encode())),
    "inside.html": lambda told: base64.b64encode(artefact_walk.PNG + chunk(b"tEXt", told.encode())),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_figure_is_found_in_each_channel(name, tmp_path):
    hidden = "asiakkaat.0123456789"
    (tmp_path / name).write_bytes(PLANTS[name](f"{hidden}:value=3"))
    assert told(artefact_walk.walk(tmp_path), [hidden])
    (tmp_path / name).write_bytes(PLANTS[name](f"{hidden}: suojattu"))
    assert told(artefact_walk.walk(tmp_path), [hidden]) == []


def test_a_figure_in_an_office_file_or_a_name_is_found(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = "asiakkaat.0123456789:value"
    book.save(tmp_path / "a.xlsx")
    assert told(artefact_walk.walk(tmp_path), ["asiakkaat.0123456789"])
    (tmp_path / "a.xlsx").unlink()
    (tmp_path / "asiakkaat.0123456789:value=3").mkdir()
    assert told(artefact_walk.walk(tmp_path), ["asiakkaat.0123456789"])


SAID = "Kuvitejärvi, Asuminen, asiakkaat, joille on tehty palvelutarpeen arviointi"
HEADS, LINE = ["Alue", "Ryhmä", "Mitä luku kertoo", "Luku"], SAID.split(", ", 2)


def page(number) -> bytes:
    head = "".join(f"<th>{one}</th>" for one in HEADS)
    cells = f"<th>{LINE[0]}</th><th>{LINE[1]}</th><th>{LINE[2]}</th><td>{number}</td>"
    return f"<table><thead><tr>{head}</tr></thead><tbody><tr>{cells}</tr></tbody></table>".encode()


def workbook(number) -> bytes:
    from openpyxl import Workbook

    book, made = Workbook(), io.BytesIO()
    for line in (HEADS, [*LINE, number]):
        book.active.append(line)
    book.save(made)
    return made.getvalue()


def document(number) -> bytes:
    from docx import Document

    book, made = Document(), io.BytesIO()
    table = book.add_table(rows=2, cols=len(HEADS))
    for row, line in zip(table.rows, (HEADS, [*LINE, str(number)]), strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.text = text
    book.save(made)
    return made.getvalue()


def paper(number) -> bytes:
    import typst

    return typst.compile(f"{SAID}: {number}".encode(), format="pdf")


NEAR = {
    "cell.html": page,
    "alt.html": lambda number: f'<img alt="{SAID}: {number}">'.encode(),
    "comment.html": lambda number: f"<!-- {SAID}: {number} -->".encode(),
    "run.log": lambda number: f"{SAID}: {number}".encode(),
    "lines.csv": lambda number: "\n".join([";".join(HEADS), ";".join([*LINE, str(number)])]).encode(),
    "told.json": lambda number: json.dumps([{"about": SAID, "value": number}]).encode(),
    "run.ipynb": lambda number: json.dumps(
        {"cells": [{"outputs": [{"text": [f"{SAID} {number}"]}]}]}
    ).encode(),
    "book.xlsx": workbook,
    "paper.docx": document,
    "paper.pdf": paper,
}


@pytest.mark.parametrize("name", NEAR)
def test_a_number_planted_near_a_protected_cell_is_found_with_its_cell(name, tmp_path):
    (tmp_path / name).write_bytes(NEAR[name](3))
    found = numbers_near(tmp_path)
    assert {(one.key, one.number) for one in found} == {(("kunta", "E07", "total", "asuminen"), 3.0)}
    (tmp_path / name).write_bytes(NEAR[name]("suojattu"))
    assert numbers_near(tmp_path) == []


def test_words_and_alternative_texts_of_a_pdf_are_read(tmp_path):
    import typst

    picture = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    )
    (tmp_path / "a.svg").write_bytes(picture)
    source = tmp_path / "a.typ"
    source.write_text(
        '#set document(title: "asiakkaat.0123456789:title")\n'
        '#image("a.svg", alt: "asiakkaat.0123456789:alt")\n'
        "asiakkaat.0123456789:text",
        encoding="utf-8",
    )
    (tmp_path / "a.pdf").write_bytes(typst.compile(str(source), format="pdf"))
    text = next(
        one.text for one in artefact_walk.walk(tmp_path) if one.place == "a.pdf" and one.channel == "pdf"
    )
    assert {f"asiakkaat.0123456789:{one}" for one in ("title", "alt", "text")} <= set(text.split())


def test_a_kind_the_walk_does_not_know_stops_it(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="teach it to"):
        list(artefact_walk.walk(tmp_path))
