"""Esimerkkilä's own finding for its decision maker's page: invented figures beside an invented country.

The rule of choice is that of real areas (`recipes_decider.clearest`): only the figures are made up, and they
never stand beside real ones.
"""

from __future__ import annotations

from pathlib import Path

from sosrake_lib import frame, protect, samples
from sosrake_lib.batch.area_rows import REFERENCES, newest, of_area, references_of
from sosrake_lib.batch.invented import invented_table
from sosrake_lib.batch.plan import INVENTED_COUNTY
from sosrake_lib.batch.recipes_decider import COMPARED, FINDING, STRENGTH, STRENGTHS, choices, clearest
from sosrake_lib.catalogue.audiences import audiences
from sosrake_lib.indicators import comparison, rates
from sosrake_lib.language import say

FIGURES, COUNTRY = "esimerkkila_indikaattorit", "esimerkkila_vertailumaa"
RULES = "vakio"


def invented_findings(data: Path | None) -> dict[str, protect.Part]:
    """Compare Esimerkkilä's newest figures with the invented country's, and choose what its page leads with.

    Parameters
    ----------
    data : data folder; without the invented tables there is nothing to tell.

    Returns
    -------
    Parts by the rules `vakio`: `vertailu`, `nosto_<theme>` and `nosto_<audience>`, `vahvuus` and
    `vertailukohta`, as in the release `paattajalle`; a part without a row is left out.
    """
    try:
        tables = [invented_table(name, data) for name in (FIGURES, COUNTRY)]
    except samples.AbsentTable:
        return {}
    rows = newest(frame.combine([frame.check(one) for one in tables]))
    country = rows.loc[rows["region_level"] == "maa"]
    compared = comparison.against(rates.analyse(of_area(rows, *INVENTED_COUNTY)), country)
    asked = dict.fromkeys(key for one in audiences() for key in one.indicators)
    compared = compared.loc[compared["indicator"].isin(list(asked))].reset_index(drop=True)
    found = {COMPARED: compared, STRENGTH: clearest(compared, STRENGTHS, to_the_better=True)}
    for name, keys in choices(asked).items():
        found[f"{FINDING}_{name}"] = clearest(compared, keys)
    found[REFERENCES] = references_of(compared, country)
    about = {"producer": say("words.synthetic"), "source": f"{FIGURES}.csv, {COUNTRY}.csv", "licence": "MIT"}
    return {
        name: protect.part(part.reset_index(drop=True).assign(**about), rules=RULES)
        for name, part in found.items()
        if len(part)
    }
