"""Make the invented feedback of Esimerkkilä: twelve forms, their questions, 640 answers and two coders.

Run: `python tools/synthetic_feedback.py` (`make samples` runs it). What is true in the files stands in their
dictionaries (from sample_descriptions.toml) and is what this script was given in synthetic_feedback.toml.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
from sample_files import write_table

PROJECT = Path(__file__).resolve().parents[1]
TEXTS = Path(__file__).with_suffix(".toml")
SEED = 20250907
YEAR = "2025"
ANSWERS, FORMS = "esimerkkila_palaute", "esimerkkila_palaute_lomakkeet"
CODES = (
    *("tyytyvaisyys", "prosessi", "osallistuminen", "koettu_muutos", "vaikutus_elamaan"),
    "kehittamisehdotus",
)
ABLE = ("C", "G")
NONE = "ei_koodia"
# How often a coder sees a code that is there, and gives one that is not.
SEES = {"koodaaja_1": (0.95, 0.02), "koodaaja_2": (0.90, 0.03)}
# Share of disagreements that were talked over; the rest is still open.
SETTLED = 0.8


def main() -> None:
    """Write both files with their dictionaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PROJECT / "data" / "samples")
    write(parser.parse_args().to)


def write(to: Path) -> None:
    """Write the forms and the answers."""
    given = texts()
    write_table(to, FORMS, forms(given, SEED))
    write_table(to, ANSWERS, answers(given, SEED))


def texts() -> dict:
    """Read what the files are made of."""
    return tomllib.loads(TEXTS.read_text(encoding="utf-8"))


def forms(given: dict, seed: int) -> pd.DataFrame:
    """Make one row a question of a form, with its true codes and parts and what two coders gave."""
    rng = np.random.default_rng([seed, 1])
    bank = {one["avain"]: one for one in given["kysymys"]}
    rows = []
    for form, about in given["lomakkeet"].items():
        for number, key in enumerate(about["kysymykset"], start=1):
            asked = "molemmat" if key in about.get("molemmat", ()) else "loppu"
            true = [code for code in bank[key]["koodi"].split() if code != NONE]
            rows.append(
                {
                    "lomake": form,
                    "nro": number,
                    "kysymys": bank[key]["teksti"],
                    "ajankohta": asked,
                    **{coder: _cell(_seen(true, coder, rng)) for coder in SEES},
                    "koodi": _cell(true),
                    "osa": bank[key]["osa"],
                }
            )
    return pd.DataFrame(rows)


def answers(given: dict, seed: int, *, open_left: bool = True) -> pd.DataFrame:
    """Make one row an answer; `koodi` is what the coders ended with, empty where they still differ."""
    rng = np.random.default_rng([seed, 2])
    rows = []
    for form, about in given["lomakkeet"].items():
        shares = given["osuudet"]["kykenevat" if form in ABLE else "muut"]
        for _ in range(about["vastaajia"]):
            true = [code for code in CODES if rng.random() < shares[code]]
            coded = {coder: _seen(true, coder, rng) for coder in SEES}
            settled = rng.random() < SETTLED
            agree = len({_cell(codes) for codes in coded.values()}) == 1
            # What both gave stands, right or not: nobody knew to talk it over.
            final = next(iter(coded.values())) if agree else true
            kept = agree or settled or not open_left
            rows.append(
                {
                    "lomake": form,
                    "vastaus": _answer(true, given["lauseet"], rng),
                    **{coder: _cell(codes) for coder, codes in coded.items()},
                    "koodi": _cell(final) if kept else "",
                }
            )
    made = pd.DataFrame(rows)
    made = made.iloc[rng.permutation(len(made))].reset_index(drop=True)
    made.insert(0, "id", [f"V{number:04d}" for number in range(1, len(made) + 1)])
    made.insert(2, "period", YEAR)
    return made.assign(region_level="hva", region_code="E1")


def _seen(true: list[str], coder: str, rng: np.random.Generator) -> list[str]:
    sees, invents = SEES[coder]
    return [code for code in CODES if rng.random() < (sees if code in true else invents)]


def _answer(true: list[str], bank: dict[str, list[str]], rng: np.random.Generator) -> str:
    return " ".join(str(rng.choice(bank[code])) for code in (true or [NONE]))


def _cell(codes: list[str]) -> str:
    return " ".join(codes) or NONE


if __name__ == "__main__":
    main()
