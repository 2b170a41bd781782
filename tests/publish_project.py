"""A small project with two pages in two languages, made once: what approving and publishing are tried on."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import nbformat
import pandas as pd

from sosrake_lib import protect, samples
from sosrake_lib.batch import releases, runner

PLAN = """
[julkaisut.luvut]
recipe = "luvut"
rules = ["vakio"]

[julkaisut.muut]
recipe = "muut"
rules = ["vakio"]

[[muistikirjat]]
path = "luvut"
page = "luvut"
title_fi = "Asiakkaiden määrät"
title_en = "Numbers of clients"
releases = ["luvut"]
levels = ["kunta"]
regions = ["kunta-E01", "kunta-E02"]

[[muistikirjat]]
path = "muut"
page = "muut"
title_fi = "Muut määrät"
title_en = "Other numbers"
releases = ["muut"]
levels = ["once"]
"""
PARAMETERS = """
["luvut".alue_taso]
type = "choice"
allowed = ["kunta"]
default = "kunta"
label_fi = "Taso"
label_en = "Level"

["luvut".alue_koodi]
type = "region"
level = "alue_taso"
default = "E01"
label_fi = "Alue"
label_en = "Region"

["luvut".julkaisu]
type = "text"
default = ""
label_fi = "Julkaisu"
label_en = "Release"

["muut".julkaisu]
type = "text"
default = ""
label_fi = "Julkaisu"
label_en = "Release"
"""
SHOW = """
from sosrake_lib import batch
from sosrake_lib.influence import pages, tables
valinta = batch.open_release("{name}", julkaisu).select("luvut"{region})
pages.show(tables.table(valinta, columns=("value",), caption="Asiakkaat"))
"""
# municipality x need; the two counts of 2 and 3 are hidden, and with them what would give them back
COUNTS = {"E01": (40.0, 2.0, 30.0), "E02": (35.0, 3.0, 20.0), "E03": (50.0, 45.0, 44.0)}
NEEDS = ("asuminen", "talous", "tyo")
LUVUT, MUUT = "kunta-E01/luvut", "muut"


def rows(indicator: str, counts: dict[str, tuple[float, ...]]) -> pd.DataFrame:
    listed = [(code, need, line[at]) for code, line in counts.items() for at, need in enumerate(NEEDS)]
    listed += [("E1", need, sum(line[at] for line in counts.values())) for at, need in enumerate(NEEDS)]
    return pd.DataFrame(
        {
            "indicator": indicator,
            "region_level": ["hva" if code == "E1" else "kunta" for code, _, _ in listed],
            "region_code": [code for code, _, _ in listed],
            "borders": 2026,
            "period": "2025",
            "group": [need for _, need, _ in listed],
            "value": [count for *_, count in listed],
            "numerator": [count for *_, count in listed],
            "per": 1.0,
            "status": "ok",
            "origin": "synthetic",
            "producer": "Keksitty esimerkkiaineisto",
            "source": "koe.csv",
            "licence": "MIT",
        }
    )


def _read(data: Path | None) -> dict[str, tuple[float, ...]]:
    text = (samples.folder(data) / "luvut.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: tuple(map(float, line[1:])) for line in lines}


def luvut(data: Path | None) -> dict[str, protect.Part]:
    return {"luvut": protect.part(rows("palvelutarve_asiakkaat", _read(data)), "vakio", ("region",))}


def muut(data: Path | None) -> dict[str, protect.Part]:
    counts = {code: (line[0] + 10, 60.0, 70.0) for code, line in _read(data).items()}
    return {"luvut": protect.part(rows("palvelutarve_asiakkaat", counts).assign(period="2024"), "vakio")}


RECIPES = {"luvut": luvut, "muut": muut}


def make(folder: Path, counts: dict[str, tuple[float, ...]] = COUNTS) -> Path:
    """Write the project's files into a new folder."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "data" / "samples").mkdir(parents=True)
    write_counts(folder, counts)
    for name, first, region in (
        (
            "luvut",
            'alue_taso = "kunta"\nalue_koodi = "E01"\njulkaisu = ""',
            ", region=(alue_taso, alue_koodi)",
        ),
        ("muut", 'julkaisu = ""', ""),
    ):
        title = nbformat.v4.new_markdown_cell(f"# {name}\n\nSivu kertoo määristä.")
        title.metadata["sosrake"] = {"en": f"# {name}\n\nThe page tells of numbers."}
        cells = [
            title,
            nbformat.v4.new_code_cell(first, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(SHOW.format(name=name, region=region)),
        ]
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=spec)
        (folder / "notebooks" / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (folder / "notebooks" / "plan.toml").write_text(PLAN, encoding="utf-8")
    (folder / "notebooks" / "parameters.toml").write_text(PARAMETERS, encoding="utf-8")
    return folder


def write_counts(folder: Path, counts: dict[str, tuple[float, ...]]) -> None:
    text = "\n".join(" ".join(map(str, (code, *line))) for code, line in counts.items())
    (folder / "data" / "samples" / "luvut.txt").write_text(text, encoding="utf-8")


def run(folder: Path, language: str = "fi", **options) -> runner.Report:
    """Make the pages and the real site."""
    with mock.patch.object(releases, "library_fingerprint", lambda: "library"):
        return runner.run(folder, recipes=RECIPES, language=language, workers=1, **options)


def tree(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
