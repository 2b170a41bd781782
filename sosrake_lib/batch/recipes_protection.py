"""What the page on protection is made of: the lesson's invented table through the gate, and what it cost.

The table is the library's own (`protect.lesson`), so the page is the same with every data folder. Its counts
go through the gate as any counts do. What a reader achieves is told as numbers of cells: they count no
people, so beside each stands how many clients the whole table holds.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from sosrake_lib import frame, protect
from sosrake_lib.errors import DisclosureError
from sosrake_lib.language import say
from sosrake_lib.protect.lesson import Attack, attack, lesson

RULES = "vakio"
NAME = "tietosuoja"
COUNTY = ("hva", "E1")
CLIENTS = "opetus_asiakkaat"
HIDDEN, RECOVERED, NARROWED = "opetus_piilossa", "opetus_palautuu", "opetus_rajautuu"
OF_CELLS, OF_CLIENTS = "opetus_osuus_soluista", "opetus_osuus_asiakkaista"
POSSIBLE = "opetus_vaihtoehdot"
# What a reader has: only small cells hidden; the gate's table; it with the reason of each mark; it with a
# report of a year ago that was made by a lower limit.
ONLY_SMALL, GATE, REASON, EARLIER = "vain_pienet", "portti", "syy_nakyy", "vanha_raportti"
REFUSED = "refused"


def data_protection(_data: Path | None = None) -> dict[str, protect.Part]:
    """Make the parts of the page on protection; the data folder is not read.

    Returns
    -------
    Parts, all by the rules `vakio`: `taulu` (clients by municipality and service, which the gate hides),
    `hyokkays` (hidden cells, those a reader takes back and those pinned between few values, by what the
    reader has: group), `hinta` (shares of cells and of clients behind marks), `valit` (hidden cells of the
    gate's table: how many whole numbers still fit, with `least` and `most`) and `kielto` (`verdict` tells
    that the ledger refuses the table of last year by the new limit).

    Raises
    ------
    DisclosureError when the gate does not do what the page tells: it lets a cell be taken back, or publishes
    what last year's report has told.
    """
    hidden = hidden_by_gate(lesson().minimum_count)
    # what the report of a year ago shows
    earlier = ~hidden_by_gate(lesson().earlier_minimum)
    attacks = {
        ONLY_SMALL: attack(lesson().small, reason_shown=True),
        GATE: attack(hidden),
        REASON: attack(hidden, reason_shown=True),
        EARLIER: attack(hidden, also_known=earlier),
    }
    if attacks[GATE].cells("recovered") or attacks[GATE].cells("narrow"):
        raise DisclosureError("lesson: the gate lets a cell of its own table be taken back; mend protect")
    parts = {
        "taulu": table_rows(),
        "hyokkays": told_by_reader(attacks),
        "hinta": prices({ONLY_SMALL: lesson().small, GATE: hidden}),
        "valit": ranges(attacks[GATE]),
        "kielto": refusal(),
    }
    sums = {"taulu": ("region", "group")}
    return {name: protect.part(rows, rules=RULES, totals=sums.get(name, ())) for name, rows in parts.items()}


def table_rows() -> pd.DataFrame:
    """Give the lesson's table as an indicator frame of counts, with its totals."""
    groups = [*lesson().services, frame.ALL_GROUPS]
    rows = [
        {"region_level": level, "region_code": code, "group": group, "value": float(count)}
        for (level, code), counts in zip(_places(), lesson().whole.tolist(), strict=True)
        for group, count in zip(groups, counts, strict=True)
    ]
    return _framed(pd.DataFrame(rows).assign(indicator=CLIENTS))


def hidden_by_gate(minimum_count: int) -> np.ndarray:
    """Put the table through the gate in a house without a past; give what it hides, as `Lesson.whole`."""
    with tempfile.TemporaryDirectory() as home:
        made = protect.release({"taulu": _part(minimum_count)}, name=NAME, preview=True, home=Path(home))
    rows = protect.protected_frame(made.select("taulu"))
    marks = rows.assign(hidden=rows["status"] == "suppressed")
    wide = marks.pivot(index="region_code", columns="group", values="hidden")
    codes = [code for _, code in _places()]
    return wide.loc[codes, [*lesson().services, frame.ALL_GROUPS]].to_numpy(dtype=bool)


def told_by_reader(attacks: dict[str, Attack]) -> pd.DataFrame:
    """Count hidden cells, cells taken back exactly, and cells pinned between few values, for each reader."""
    rows = [
        {"indicator": indicator, "group": group, "value": float(count)}
        for group, found in attacks.items()
        for indicator, count in (
            (HIDDEN, int(found.hidden.sum())),
            (RECOVERED, found.cells("recovered")),
            (NARROWED, found.cells("narrow") + found.cells("small_known")),
        )
    ]
    return _of_table(pd.DataFrame(rows))


def prices(marks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Give what hiding costs: the share of cells, and of clients, whose figures a reader does not see.

    Totals are left out, as they count the same clients again. The county's total is published, so a reader
    can reckon both shares from the table: they tell nothing more of any cell.
    """
    counts = lesson().counts
    rows = [
        {"indicator": indicator, "group": group, "value": share, "per": 100.0}
        for group, hidden in marks.items()
        for indicator, share in (
            (OF_CELLS, 100.0 * hidden[:-1, :-1].mean()),
            (OF_CLIENTS, 100.0 * counts[hidden[:-1, :-1]].sum() / counts.sum()),
        )
    ]
    return _of_table(pd.DataFrame(rows))


def ranges(found: Attack) -> pd.DataFrame:
    """Give how many whole numbers fit each hidden cell, and the least and the most of them.

    They follow from what the gate publishes, so a reader with a pencil has them already.
    """
    groups = [*lesson().services, frame.ALL_GROUPS]
    rows = [
        {
            "region_level": _places()[row][0],
            "region_code": _places()[row][1],
            "group": groups[column],
            "value": float(found.high[row, column] - found.low[row, column] + 1),
            "least": float(found.low[row, column]),
            "most": float(found.high[row, column]),
        }
        for row, column in zip(*np.nonzero(found.hidden), strict=True)
    ]
    return _of_table(pd.DataFrame(rows).assign(indicator=POSSIBLE), within_county=False)


def refusal() -> pd.DataFrame:
    """Release the table by last year's limit, then ask for it by this year's; tell what the ledger says."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        for minimum, expected in ((lesson().earlier_minimum, ""), (lesson().minimum_count, REFUSED)):
            try:
                protect.release({"taulu": _part(minimum)}, name=NAME, home=home, folder=home / "releases")
                verdict = ""
            except DisclosureError:
                verdict = REFUSED
            if verdict != expected:
                raise DisclosureError("lesson: the ledger does not do what the page tells; mend protect")
    whole = pd.DataFrame([{"value": float(lesson().counts.sum()), "group": EARLIER}])
    return _of_table(whole.assign(indicator="opetus_kielto", verdict=REFUSED))


def _places() -> list[tuple[str, str]]:
    return [*(("kunta", code) for code in lesson().areas), COUNTY]


def _part(minimum_count: int) -> protect.Part:
    rules = protect.rule_set(RULES, minimum_count=minimum_count)
    return protect.part(table_rows(), rules=rules, totals=("region", "group"))


def _of_table(rows: pd.DataFrame, *, within_county: bool = True) -> pd.DataFrame:
    """Make rows about the table: no counts of people, so everyone in the table stands behind each."""
    placed = rows.assign(region_level=COUNTY[0], region_code=COUNTY[1]) if within_county else rows
    return _framed(placed.assign(denominator=float(lesson().counts.sum())))


def _framed(rows: pd.DataFrame) -> pd.DataFrame:
    table = lesson()
    about = {
        "borders": table.borders,
        "period": table.year,
        "status": "ok",
        "origin": "synthetic",
        "producer": say("words.synthetic"),
        "source": "protect/lesson.toml",
        "licence": "MIT",
    }
    return frame.check(rows.assign(**about), file="recipes_protection")
