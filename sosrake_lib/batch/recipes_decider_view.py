"""The words beside the figures of the decision maker's page: one list of proposals, the area's own clock.

The page and the app read this release, so an approval covers its words: a changed proposal makes another
release, and its page is a draft again. The figures are those of the release `paattajalle`. A house that has
recorded nothing yet sees Esimerkkilä's invented proposals, quotes and finding, which never stand beside real
figures: an invented release and a real one are two releases.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib import protect, samples
from sosrake_lib.batch.followup_source import Followed
from sosrake_lib.batch.plan import INVENTED_COUNTY
from sosrake_lib.batch.recipes_decider import VOICES
from sosrake_lib.batch.recipes_decider_invented import invented_findings
from sosrake_lib.batch.recipes_reporting import as_words, wordy
from sosrake_lib.batch.releases import REGISTER_ENTRIES
from sosrake_lib.errors import SosrakeWarning
from sosrake_lib.gather import identifiers
from sosrake_lib.influence import claims
from sosrake_lib.language import numbers, say
from sosrake_lib.register import recorded
from sosrake_lib.register.followup import OWN, SYNTHETIC

PROPOSALS, CLOCK = "ehdotukset", "vuosikello"
INVENTED_PROPOSALS = "esimerkkila_ehdotukset"
RULES = "vakio"
# Fields of a proposal: a person's words, codes of closed lists, days. The last three words and the last day
# are what the influence log knows of it.
WORDS = (
    *("ehdotus", "paattaja", "kustannus", "hyoty", "perustelu"),
    *("ilmio", "paatos_sanoin", "mita_muuttui"),
)
CODES = ("teema", "kohde", "tila", "indikaattori")
DAYS = ("pvm", "paatospaiva", "paatetty", "seuranta_pvm")
# Words that are asked for their claims, as advice: what is proposed and what it is hoped to bring.
_CLAIMING = ("ehdotus", "hyoty")


def decider_words(data: Path | None) -> dict[str, protect.Part]:
    """Make the words of the decision maker's page and view.

    Parameters
    ----------
    data : data folder; its `hanke/ehdotukset` and the house's own register are read, else the samples of
        Esimerkkilä.

    Returns
    -------
    Parts by the rules `vakio`, all rows of words without a figure. `ehdotukset`: one row a field of each
    proposal (`indicator` = "ehdotus_<number>" of the register, "kirjattu_<line>" of the file; `group` = field
    of `WORDS`, `CODES` or `DAYS`; `label_fi`/`label_en` = words, `category` = code, `note` = day).
    `vuosikello`: planned entries of the area's own yearly clock. Invented ones come with `aanet` (quotes) and
    Esimerkkilä's finding (`recipes_decider_invented`), which the release `paattajalle` carries of real areas.

    Raises
    ------
    GatherError when a proposal names somebody; the message says where and repeats no word.
    """
    from sosrake_lib.batch.followup_source import open_followup
    from sosrake_lib.batch.recipes_followup import followup_parts

    told, by_hand = open_followup(data), recorded.written_proposals(data)
    origin = OWN if told.origin == OWN or len(by_hand) else SYNTHETIC
    if origin == SYNTHETIC:
        by_hand = recorded.written_proposals(data, written=INVENTED_PROPOSALS)
    listed = [*(of_register(told) if told.origin == origin else ()), *of_file(by_hand)]
    if origin == OWN:
        _advise(listed)
    about = _provenance(origin)
    parts = {PROPOSALS: _part(proposal_rows(listed, told, origin), about)}
    clock = followup_parts(told)[CLOCK].frame if told.origin == origin else as_words([])
    parts[CLOCK] = _part(clock, about)
    if origin == SYNTHETIC:
        parts[VOICES] = _part(as_words(_invented_voices(data, told.on.year)), about)
        parts |= invented_findings(data)
    return parts


def of_register(told: Followed) -> list[dict[str, str]]:
    """List the register's proposals with what the influence log knows of what changed since."""
    log = told.entries["vaikuttamisloki"]
    later = {str(row["ehdotus"]): row for row in log.to_dict("records") if row["ehdotus"]}
    listed = []
    for one in told.happened.to_dict("records"):
        if not one["ehdotus_id"]:
            continue  # an approved phenomenon nobody has made a proposal about
        known = later.get(str(one["ehdotus_id"]), {})
        fields = {name: str(one.get(name, "") or known.get(name, "")) for name in (*WORDS, *CODES, *DAYS)}
        where = say("decisions.where_register", number=one["ehdotus_id"])
        # What looks like a name has been looked at by the one who entered it; a sure one still stops here.
        for name in WORDS:
            identifiers.refuse(fields[name], f"{where}, {name}", confirmed=True)
        place = {"tunnus": f"ehdotus_{one['ehdotus_id']}", "missa": where}
        listed.append({**fields, **place, **{name: str(one[name]) for name in ("alue_taso", "alue_koodi")}})
    return listed


def of_file(by_hand: pd.DataFrame) -> list[dict[str, str]]:
    """List the proposals of the hand-written file (`register.recorded`, which has checked them)."""
    empty = dict.fromkeys((*WORDS, *CODES, *DAYS), "")
    listed = []
    for one in by_hand.to_dict("records"):
        where = say("decisions.where_file", line=one["rivi"])
        listed.append({**empty, **one, "tunnus": f"kirjattu_{one['rivi']}", "missa": where})
    return listed


def proposal_rows(listed: Iterable[Mapping[str, str]], told: Followed, origin: str) -> pd.DataFrame:
    """Make a row of words of each field of each proposal; an empty field has no row."""
    rows: list[dict[str, Any]] = []
    for one in listed:
        area = (one["alue_taso"], one["alue_koodi"])
        start = wordy(area, one["tunnus"], one["pvm"][:7], origin)
        for name in WORDS:
            if one[name]:
                rows.append({**start, "group": name, **_said(name, one[name], told)})
        rows += [{**start, "group": name, "category": one[name]} for name in CODES if one[name]]
        rows += [{**start, "group": name, "note": one[name]} for name in DAYS if one[name]]
    return as_words(rows)


def _said(name: str, text: str, told: Followed) -> dict[str, str]:
    """Give a field's words; a bare sum of euros is written as each language writes it."""
    if name == "kustannus" and text.isdigit():
        sums = {code: numbers.count(int(text), code) for code in ("fi", "en")}
        return {f"label_{code}": say("decisions.euro", code, cost=sums[code]) for code in sums}
    return {"label_fi": text, "label_en": told.english.get(text, "")}


def _advise(listed: Iterable[Mapping[str, str]]) -> None:
    """Tell whoever makes the release of words that claim more than a proposal carries; it stops nothing."""
    written = [(one, name) for one in listed for name in _CLAIMING if one[name]]
    for one, name in written:
        for advice in dict.fromkeys(claims.check_written(one[name])["advice"]):
            told = say("decisions.advice", where=f"{one['missa']}, {name}", advice=advice)
            warnings.warn(told, SosrakeWarning, stacklevel=3)


def _invented_voices(data: Path | None, year: int) -> list[dict[str, Any]]:
    """Give one invented quote a theme, of those whose permission and reviewers let them on a page."""
    from sosrake_lib.batch.recipes_participation import shown_quotes

    try:
        quotes = shown_quotes(data).shown
    except samples.AbsentTable:  # a folder of one's own has no invented quotes
        return []
    by_theme = {one.theme: one for one in reversed(quotes)}
    return [
        {
            **wordy(INVENTED_COUNTY, f"aani_{one.number}", str(year), SYNTHETIC),
            **{"group": theme, "label_fi": one.text_fi, "label_en": one.text_en, "category": one.source},
        }
        for theme, one in by_theme.items()
    ]


def _provenance(origin: str) -> dict[str, str]:
    if origin == SYNTHETIC:
        return {"producer": say("words.synthetic"), "source": PROPOSALS, "licence": ""}
    return {
        "producer": say("sosiaalinen_raportointi.own_register"),
        "source": REGISTER_ENTRIES,
        "licence": "",
    }


def _part(rows: pd.DataFrame, about: Mapping[str, str]) -> protect.Part:
    return protect.part(rows.assign(**about), rules=RULES)
