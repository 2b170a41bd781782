"""Write docs/data_dictionary.md from the schemas of office tables (sosrake_lib/gather/schemas/*.toml).

    python tools/make_data_dictionary.py [--check]

The page is for the person who makes the file: Finnish names and meanings, how a cell may be written, which
other headers are understood. `--check` writes nothing and ends with 1 when the page is not up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sosrake_lib.gather.schemas import Column, Schema, kinds, schema

PAGE = Path(__file__).resolve().parents[1] / "docs" / "data_dictionary.md"
FORMS = {
    "municipality": "kuntanumero, kolme numeroa: 046",
    "place": "nimi",
    "year": "vuosi: 2021",
    "text": "teksti",
    "count": "kokonaisluku: 1204",
    "number": "luku: 9,8 tai 9.8",
    "scale": "kokonaisluku asteikolta",
    "date": "päivä: 1.2.2021 tai 2021-02-01",
    "choice": "jokin sallituista arvoista",
    "pseudonym": "tunnus, korvataan numerolla",
    "indicator": "indikaattorin avain",
    "needs": "tarpeen avain; monta erotetaan pystyviivalla",
}
INTRO = """# Tietohakemisto: mitä tuotavissa tiedostoissa on

Tämä sivu tehdään tiedostoista `sosrake_lib/gather/schemas/*.toml` työkalulla `tools/make_data_dictionary.py`;
muuta niitä, älä sivua. Se kertoo, mitä sarakkeita tuotavassa tiedostossa on ja miten solut kirjoitetaan.

Tarkista tiedosto ennen tuontia: `sosrake check TIEDOSTO --table LAJI`. Tarkistus ei kirjoita mitään. Komennon
paluuarvo on 0, kun tiedosto kelpaa, 1, kun siinä on korjattavaa, ja 2, kun komento on kirjoitettu väärin.
Valinta `--json` tulostaa saman koneelle:
`{"file", "verdict", "findings": [{"row", "column", "kind", "reason", "fix"}]}`.

| tuomio | mitä se tarkoittaa |
|---|---|
| `accept` | tiedosto kelpaa sellaisenaan, mitään ei sanota |
| `accept_converted` | tiedosto kelpaa; mitä muunnettiin, se sanotaan |
| `warn` | tiedosto kelpaa, mutta jokin kohta on syytä tarkistaa |
| `refuse_rows` | joihinkin riveihin ei voi luottaa; mitään ei tuoda, ennen kuin ne on korjattu |
| `refuse` | tiedostoa ei voi tuoda kokonaisuutena |

Tiedosto voi olla CSV tai TSV (erottimena puolipiste, pilkku, sarkain tai pystyviiva) tai taulukko muodossa
`.xlsx` tai `.ods`. Rivit lasketaan niin kuin ne näkyvät tiedostossa: otsikko on rivi 1. Peitetty luku
kirjoitetaan `<5` tai `..`; se on eri asia kuin nolla ja eri asia kuin tyhjä, jonka arvo puuttuu.
"""


def page() -> str:
    """Give the whole page."""
    return INTRO + "".join(_table(schema(name)) for name in kinds())


def _table(kind: Schema) -> str:
    lines = ["", f"## {kind.name}: {kind.title_fi}", "", f"{kind.title_en}.", ""]
    lines.append(f"Avain, joka on joka rivillä eri: {', '.join(f'`{name}`' for name in kind.key)}.")
    lines += ["", "| sarake | mitä siinä on | miten se kirjoitetaan | pakollinen | muut otsikot |"]
    lines.append("|---|---|---|---|---|")
    plain = [column for column in kind.columns if column.kind != "scale"]
    lines += [_row(column) for column in plain]
    scales = [column for column in kind.columns if column.kind == "scale"]
    if scales:
        lines += ["", "Lisäksi jokaisesta väittämästä ja asteikosta oma sarake; vastaus voi puuttua:", ""]
        lines += ["| sarake | mitä siinä on |", "|---|---|"]
        lines += [f"| `{column.name}` | {_meaning(column)} |" for column in scales]
    return "\n".join(lines) + "\n"


def _row(column: Column) -> str:
    notes = [FORMS.get(column.kind, column.kind)]
    if column.minimum is not None and column.maximum is not None:
        notes.append(f"{column.minimum:g}–{column.maximum:g}")
    elif column.minimum is not None:
        notes.append(f"vähintään {column.minimum:g}")
    if column.at_most:
        notes.append(f"enintään `{column.at_most}`")
    if column.same_within:
        notes.append(f"sama kaikilla riveillä, joilla {' ja '.join(column.same_within)} ovat samat")
    if column.allowed:
        notes.append(", ".join(f"`{value}`" for value in column.allowed))
    needed = "kyllä" if column.required else "ei"
    personal = " Arvoa ei näytetä viesteissä." if column.personal else ""
    others = ", ".join(column.also)
    return f"| `{column.name}` | {_meaning(column)}.{personal} | {'; '.join(notes)} | {needed} | {others} |"


def _meaning(column: Column) -> str:
    return (column.meaning_fi or column.meaning).replace("|", "\\|")


def main() -> None:
    """Write the page, or say whether it is up to date."""
    made = page()
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made else 1)
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
