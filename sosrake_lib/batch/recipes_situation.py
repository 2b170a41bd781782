"""What the release of a county's situation-picture pack is made of: its meetings, what is new, what is open.

Nothing is counted here. Entries of the register and phenomena with their statistics are the very parts that
their own releases have; beside them stand days and states that a meeting needs, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sosrake_lib import protect, samples
from sosrake_lib.batch.followup_source import Followed, county_code, open_followup
from sosrake_lib.batch.house_register import house_register
from sosrake_lib.batch.recipes_followup import HAPPENED, followup_parts
from sosrake_lib.batch.recipes_phenomenon import phenomenon_cards
from sosrake_lib.batch.recipes_reporting import RULES, as_words, wordy
from sosrake_lib.register.followup import OWN
from sosrake_lib.register.reported import has_observations

MEETING, NEWS, DECIDED = "kokous", "uutta", "paatokset"
# Parts of plans and follow-up, and of phenomenon cards, that the pack shows; counts of observations are none.
FOLLOWED = (
    *(HAPPENED, "tyoryhma", "vuosikello", "vaikuttamisloki", "kokeilut"),
    *("itsearviointi", "mediasuunnitelma"),
)
CARDS = ("kortti", "liitokset", "rinnakkain", "naytto", "tilasto")
LAST, NEXT, STATED, SINCE, HALF_YEAR = "edellinen", "seuraava", "tilanne", "alkaen", "puolivuosi"
DONE, OPEN, LATE = "tehty", "avoin", "myohassa"
AGENDA = ("asialistalla", "siirretty")


@dataclass(frozen=True, slots=True)
class Meeting:
    """Days of a working group, ISO days or empty.

    Attributes
    ----------
    last : the newest meeting that decided something. next : the first meeting on the agenda after it.
    stated : the day against which a due day is late: the next meeting's, else that of the newest entry.
    entered : day of the newest entry. half_year : newest half-year with an event, when there is no meeting.
    """

    last: str
    next: str
    stated: str
    entered: str
    half_year: str

    @property
    def since(self) -> str:
        """Give the day after which something is new: the last meeting's, or the last before the half-year."""
        if self.last or not self.half_year:
            return self.last
        start = f"{self.half_year[:4]}-{'01' if self.half_year.endswith('H1') else '07'}-01"
        return str(pd.Timestamp(start) - pd.Timedelta(days=1))[:10]


def situation(data: Path | None) -> dict[str, protect.Part]:
    """Make the parts of the situation-picture pack, for each county the register tells of.

    Returns
    -------
    Parts `kokous` (`group` one of edellinen, seuraava, tilanne, alkaen, puolivuosi; the day in `note`),
    `uutta` (`indicator` = key of an entry, `group` = what is new, `note` = its day), `paatokset` (`indicator`
    = key of a decision of the working group, `category` tehty, avoin or myohassa), all words by the rules
    `vakio`; those of `FOLLOWED` (`recipes_followup`) and of `CARDS` (`recipes_phenomenon`). With a data
    folder of one's own and nothing recorded the parts have no rows; without observations those of `CARDS`
    are left out.
    """
    told = open_followup(data)
    followed = followup_parts(told)
    rows: dict[str, list[dict[str, Any]]] = {MEETING: [], NEWS: [], DECIDED: []}
    for code in told.counties:
        county = ("hva", code)
        own = of_county(told, code)
        meeting = meeting_of(own)
        rows[MEETING] += meeting_rows(county, meeting, told)
        rows[NEWS] += news_rows(county, own, meeting, told)
        rows[DECIDED] += decided_rows(county, own["tyoryhma"], meeting.stated, told)
    about = _provenance(followed)
    made = {name: protect.part(as_words(found).assign(**about), rules=RULES) for name, found in rows.items()}
    return made | {name: followed[name] for name in FOLLOWED} | cards(told.origin, data)


def cards(origin: str, data: Path | None) -> dict[str, protect.Part]:
    """Give the parts of the phenomenon cards of the same origin; none when nothing has been observed."""
    if origin == OWN and not _observed():
        return {}
    try:
        made = phenomenon_cards(data)
    except samples.AbsentTable:
        if samples.is_shipped(data):
            raise
        return {}
    # Invented and real never meet: a house whose entries are its own does not show invented phenomena.
    same = set(made["kortti"].frame["origin"]) == {origin}
    return {name: made[name] for name in CARDS if name in made} if same else {}


def of_county(told: Followed, code: str) -> dict[str, pd.DataFrame]:
    """Give the entries of a county and its municipalities by kind, and proposals (`HAPPENED`)."""
    kinds = {**told.entries, HAPPENED: told.happened}
    return {name: rows.loc[_home(rows) == code].reset_index(drop=True) for name, rows in kinds.items()}


def meeting_of(own: Mapping[str, pd.DataFrame]) -> Meeting:
    """Find the days of the working group in a county's entries.

    Examples
    --------
    >>> items = pd.DataFrame({"paiva": ["2025-09-16", "2026-01-20"], "paatos_sanoin": ["Tehdään.", ""],
    ...     "tila": ["paatetty", "asialistalla"], "pvm": "2025-12-31"})
    >>> meeting_of({"tyoryhma": items, "mita_tapahtui": pd.DataFrame({"pvm": [], "paatetty": []})})
    Meeting(last='2025-09-16', next='2026-01-20', stated='2026-01-20', entered='2025-12-31', half_year='')
    """
    items = own["tyoryhma"]
    last = max(items.loc[items["paatos_sanoin"] != "", "paiva"], default="")
    coming = items.loc[items["tila"].isin(AGENDA) & (items["paiva"] > last), "paiva"]
    following = min(coming, default="")
    entered = max((day for name, rows in own.items() if name != HAPPENED for day in rows["pvm"]), default="")
    happened = own[HAPPENED]
    events = [day for name in ("pvm", "paatetty") for day in happened[name] if day]
    newest = max(events, default="")
    entered = max(entered, newest)
    half = "" if last or not newest else f"{newest[:4]}-H{1 if newest[5:7] <= '06' else 2}"
    return Meeting(last, following, following or entered, entered, half)


def state_of(state: str, due: str, stated: str) -> str:
    """Say whether a decision is done, open, or late on the stated day.

    Examples
    --------
    >>> state_of("paatetty", "2026-01-19", "2026-01-20"), state_of("paatetty", "2026-01-20", "2026-01-20")
    ('myohassa', 'avoin')
    """
    if state == "tehty":
        return DONE
    return LATE if due and due < stated else OPEN


def meeting_rows(county: tuple[str, str], meeting: Meeting, told: Followed) -> list[dict[str, Any]]:
    """Make the rows of a county's meetings: one a day that is known."""
    days = {LAST: meeting.last, NEXT: meeting.next, STATED: meeting.stated, SINCE: meeting.since}
    row = wordy(county, MEETING, _period(meeting.stated, told), told.origin)
    known = [{**row, "group": group, "note": day} for group, day in days.items() if day]
    if meeting.half_year:
        known.append({**row, "group": HALF_YEAR, "note": meeting.half_year})
    return known


def news_rows(
    county: tuple[str, str], own: Mapping[str, pd.DataFrame], meeting: Meeting, told: Followed
) -> list[dict[str, Any]]:
    """Make the rows of what is new: events after the last meeting, known by the day of the newest entry."""
    found = [(key, group, day) for key, group, day in events(own) if meeting.since < day <= meeting.entered]
    return [
        {**wordy(county, key, _period(day, told), told.origin), "group": group, "note": day}
        for key, group, day in sorted(found, key=lambda one: (one[2], one[0]))
    ]


def events(own: Mapping[str, pd.DataFrame]) -> list[tuple[str, str, str]]:
    """List what happened on a day: (key of the entry, what happened, ISO day).

    A changed follow-up has no day of its own but that of its entry. Entries brought in all at once tell by it
    only when they were brought in, and are left out. Of a self-assessment one entry a day is told.
    """
    found: list[tuple[str, str, str]] = []
    for one in own[HAPPENED].to_dict("records"):
        if not one["ehdotus_id"]:
            found.append((f"ilmio_{one['ilmio_id']}", "ilmio", str(one["pvm"])))
            continue
        key = f"ehdotus_{one['ehdotus_id']}"
        found += [(key, "ehdotus", str(one["pvm"])), (key, "paatos", str(one["paatetty"]))]
    log = own["vaikuttamisloki"]
    if log["pvm"].nunique() > 1:
        found += _dated("vaikuttamisloki", log.loc[log["mita_muuttui"] != ""], "muutos", "pvm")
    found += _dated("kokeilut", own["kokeilut"], "kokeilu_alkoi", "alku")
    found += _dated("kokeilut", own["kokeilut"], "kokeilu_paattyi", "loppu")
    found += _dated("itsearviointi", own["itsearviointi"].drop_duplicates("paiva"), "itsearviointi", "paiva")
    media = own["mediasuunnitelma"]
    found += _dated("mediasuunnitelma", media.loc[media["tila"] == "tehty"], "viesti", "paiva")
    return [one for one in found if one[2]]


def decided_rows(
    county: tuple[str, str], items: pd.DataFrame, stated: str, told: Followed
) -> list[dict[str, Any]]:
    """Make a row of the state of each decision of the working group."""
    decided = items.loc[items["paatos_sanoin"] != ""].to_dict("records")
    return [
        {
            **wordy(county, f"tyoryhma_{one['seuranta_id']}", _period(str(one["paiva"]), told), told.origin),
            "category": state_of(str(one["tila"]), str(one["maarapaiva"]), stated),
            "note": str(one["paiva"]),
        }
        for one in decided
    ]


def _dated(kind: str, rows: pd.DataFrame, group: str, when: str) -> Iterable[tuple[str, str, str]]:
    return [(f"{kind}_{one['seuranta_id']}", group, str(one[when])) for one in rows.to_dict("records")]


def _observed() -> bool:
    """Say whether the house's register holds observations of its own."""
    with house_register() as register:
        return register is not None and has_observations(register)


def _home(rows: pd.DataFrame) -> pd.Series:
    places = zip(rows["alue_taso"], rows["alue_koodi"], strict=True)
    return pd.Series([county_code(*place) for place in places], index=rows.index, dtype="str")


def _period(day: str, told: Followed) -> str:
    return day[:7] or str(told.on.year)


def _provenance(followed: Mapping[str, protect.Part]) -> dict[str, str]:
    """Say of the rows made here what the entries they tell of say of themselves."""
    names = ("producer", "source", "licence")
    first = next((one.frame for one in followed.values() if len(one.frame)), None)
    return {} if first is None else {name: str(first[name].iloc[0]) for name in names}
