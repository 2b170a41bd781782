"""Every artefact of a small site, walked by a reader: no channel gives back a figure that is hidden."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from test_twin_site import PAGE, TABLE, project

from sosrake_lib import batch, protect, samples
from sosrake_lib.gather import records as needs
from sosrake_lib.influence import exports
from sosrake_lib.protect.audit import Statement, Target, audit, exact

artefact_walk = pytest.importorskip("artefact_walk", reason="tools/ is not beside the tests")
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
    texts = {piece.text for piece in artefacts.pieces if piece.channel.startswith("picture")}
    assert not [text for text in texts if re.search(r"\d{2,}|/", text.replace("https://matplotlib.org/", ""))]


def test_a_reader_of_the_page_recovers_nothing(artefacts):
    """All figures the page shows, tied to their cells, and the sums a reader knows; then the audit tries."""
    page = (artefacts.folder / "site" / f"{PAGE}.html").read_text(encoding="utf-8")
    seen = set(re.findall(r'data-result="(asiakkaat\.[0-9a-f]{10}):value"', page))
    counts = artefacts.rows.loc[artefacts.rows["part"] == "asiakkaat"].set_index("result_id")
    assert seen
    assert set(counts.index[counts["status"] == "ok"]) >= seen
    place = {key: number for number, key in enumerate(artefacts.truth.index)}
    cell = {one: place[tuple(counts.loc[one, KEY])] for one in counts.index}
    # the reader has the exports too: every figure that left the house is stated
    stated = [
        exact([cell[one]], counts.at[one, "value"])
        for one in counts.index
        if counts.at[one, "status"] == "ok"
    ]
    empty = []
    for level, code, sex, group in place:
        if (
            sex == "total"
            and (level, code, "female", group) in place
            and (level, code, "male", group) in place
        ):
            pair = [place[level, code, one, group] for one in ("female", "male")]
            empty.append((pair, place[level, code, sex, group]))
    sums = [sum_of(pair, whole) for pair, whole in empty]
    hidden = [one for one in counts.index if counts.at[one, "status"] == "suppressed"]
    targets = [Target(one, (cell[one],), MINIMUM) for one in hidden]
    truth = artefacts.truth.to_numpy()
    found = audit(len(place), [*stated, *sums], targets, truth)
    assert set(found["status"]) == {"protected"}
    # the same reader with one hidden count shown gets its partner: the audit is no rubber stamp
    planted = next(one for one in hidden if counts.at[one, "sex"] == "female" and small(truth[cell[one]]))
    more = audit(len(place), [*stated, *sums, exact([cell[planted]], truth[cell[planted]])], targets, truth)
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
