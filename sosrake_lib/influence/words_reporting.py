"""Social reporting in words: what was reported, what was answered, what it led to.

A weak signal is told as words without a count. What is said of phenomena is their approved summaries; no
observation's own words come here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sosrake_lib.influence import labels, pages, pieces, project_texts
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Text

ROOM = "sosiaalinen_raportointi"
WEAK = "uusi_heikko_signaali"
DECIDED = ("hyvaksytty", "hylatty", "seurannassa", "suljettu")
# Kappa from which agreement is called strong or fair (Landis & Koch 1977, doi 10.2307/2529310).
STRONG, FAIR = 0.81, 0.41
_NUMERAL = re.compile(r"\d[\d.,/–-]*\d|\d")


def newest_half_year(release: Release, region: tuple[str, str]) -> str:
    """Name the half-year the page tells of: the one the comparison is made with, else the newest."""
    compared = _rows(release, "vertailtavuus", region)
    if compared:
        return str(compared[0]["note"])
    return max(str(row["period"]) for row in _rows(release, "maarat", region))


def half_years(release: Release, region: tuple[str, str]) -> list[str]:
    """Name the half-years the release tells of, oldest first."""
    return sorted({str(row["period"]) for row in _rows(release, "maarat", region)})


def answer(release: Release, region: tuple[str, str], period: str, language: str = "fi") -> list[Sentence]:
    """Say how much was reported, by how many units, and how many have been answered how soon."""
    counted = {str(row["indicator"]): row for row in _rows(release, "maarat", region, period=period)}
    told = [_reported(counted["raportointi_havainnot"], language), _units(release, region, period, language)]
    answered = counted.get("raportointi_palautteet")
    if answered is not None and answered.shown:
        told.append(compose(f"{ROOM}.answered", language, value=_plain(answered, 0, language)))
    told += [_waited(row, language) for row in _rows(release, "odotus", region, period=period)]
    shares = _rows(release, "osuudet", region)
    told += [
        compose(
            f"{ROOM}.share_answered",
            language,
            value=pieces.figure(row, "value", language),
            interval=pieces.interval(row, "lower", "upper", language),
        )
        for row in shares
        if row.shown and "H" not in str(row["period"])
    ]
    return told


def followed(release: Release, region: tuple[str, str], language: str = "fi") -> Sentence:
    """Say how many phenomena have a proposal and how many proposals have been decided."""
    listed = _rows(release, "ilmiot", region)
    proposals = _rows(release, "ehdotukset", region)
    proposed = {str(row["indicator"]) for row in proposals}
    decided = [row for row in proposals if row["category"] in DECIDED]
    # Phenomena and proposals are public documents that stand in the tables below, not people.
    return compose(
        f"{ROOM}.proposal_share",
        language,
        phenomena=constant(numbers.count(len(listed), language), language),
        proposed=constant(numbers.count(len(proposed), language), language),
        decided=constant(numbers.count(len(decided), language), language),
    )


def coders(release: Release, region: tuple[str, str], language: str = "fi") -> list[Sentence]:
    """Say how two coders agreed on the type of structure, and what their classes can bear."""
    rows = {str(row["indicator"]): row for row in _rows(release, "sopivuus", region)}
    kappa = rows.get("raportointi_kappa_rakennetyyppi")
    if kappa is None or not kappa.shown:
        return [compose(f"{ROOM}.kappa_unknown", language)]
    value = float(kappa["value"])
    reading = "strong" if value >= STRONG else "fair" if value >= FAIR else "weak"
    told = [
        compose(
            f"{ROOM}.kappa",
            language,
            value=_plain(kappa, 2, language),
            interval=_interval(kappa, 2, language),
            reading=say(f"{ROOM}.reading.{reading}", language),
        )
    ]
    same = rows.get("raportointi_kappa_rakennetyyppi_samat")
    if same is not None and same.shown:
        share = number(
            numbers.percent(float(same["value"]), 0, language),
            same.reference("value"),
            same.release_id,
            language,
        )
        interval = _interval(same, 0, language)
        told.append(compose(f"{ROOM}.kappa_same", language, value=share, interval=interval))
    return told


def summaries(release: Release, region: tuple[str, str], language: str = "fi") -> list[pages.Heading | Text]:
    """Tell each approved phenomenon: its name, its summary word for word, the structure that upholds it."""
    told: list[pages.Heading | Text] = []
    for row in _approved(release, region, weak=False):
        told.append(pages.Heading(3, str(row[f"name_{language}"])))
        told.append(text(str(row["label_fi"]), str(row["label_en"])))
        if row["kind"]:
            told.append(_structure(str(row["kind"])))
    return told or [_said("no_phenomena")]


def weak_signals(release: Release, region: tuple[str, str]) -> list[Text]:
    """Tell the weak signals as words, without a count."""
    told = [text(str(row["label_fi"]), str(row["label_en"])) for row in _approved(release, region, weak=True)]
    return told or [_said("no_weak")]


def life_table(release: Release, region: tuple[str, str], language: str = "fi") -> Table:
    """Show each phenomenon, the state of its life and the dated steps that led there."""
    steps = _rows(release, "vaiheet", region)
    cells: dict[str, list[Text]] = {"phenomenon": [], "state": [], "steps": []}
    for row in _rows(release, "ilmiot", region):
        own = sorted(
            (one for one in steps if one["indicator"] == row["indicator"]),
            key=lambda one: (str(one["period"]), _order(str(one["group"]))),
        )
        cells["phenomenon"].append(_name(row))
        cells["state"].append(_state(str(row["category"])))
        cells["steps"].append(_steps(own))
    return _word_table(cells, "life", language, synthetic=release.synthetic)


def proposals_table(release: Release, region: tuple[str, str], language: str = "fi") -> Table | Text:
    """Show what has been proposed to whom, when, and what was decided."""
    rows = _rows(release, "ehdotukset", region)
    if not rows:
        return _said("no_proposals")
    cells: dict[str, list[Text]] = {"proposal": [], "body": [], "made": [], "decision": []}
    for row in sorted(rows, key=lambda one: (str(one["period"]), str(one["group"]))):
        cells["proposal"].append(text(str(row["label_fi"]), str(row["label_en"])))
        cells["body"].append(text(str(row["name_fi"]), str(row["name_en"])))
        cells["made"].append(_period(str(row["period"])))
        cells["decision"].append(_decision(row))
    return _word_table(cells, "proposals", language, synthetic=release.synthetic)


def comparability(release: Release, region: tuple[str, str], language: str = "fi") -> Table | Text:
    """Show which earlier half-years the newest may be compared with, check by check."""
    rows = _rows(release, "vertailtavuus", region)
    if not rows:
        return _said("no_comparison")
    by_period: dict[str, dict[str, str]] = {}
    for row in rows:
        by_period.setdefault(str(row["period"]), {})[str(row["group"])] = str(row["category"])
    cells: dict[str, list[Text]] = {"period": [], "form": [], "coverage": [], "complete": []}
    for period, verdicts in sorted(by_period.items()):
        cells["period"].append(_period(period))
        for name, check in (("form", "lomake"), ("coverage", "kattavuus"), ("complete", "jakso")):
            cells[name].append(_said(f"verdict.{verdicts[check]}"))
    return _word_table(cells, "comparable", language, synthetic=release.synthetic)


def text(finnish: str, english: str) -> Text:
    """Make a text whose numerals are declared constants: people wrote it, nobody measured it."""
    found = dict.fromkeys([*_NUMERAL.findall(finnish), *_NUMERAL.findall(english)])
    return Text(finnish or "–", english or "–", constants=tuple(found))


def schema(release: Release, region: tuple[str, str]) -> Text:
    """Say by which provisional schema and form the roll-up is made."""
    name, _, form = str(_rows(release, "maarat", region)[0]["source"]).partition("; lomake ")
    told = [say(f"{ROOM}.schema", code, schema=name, form=form) for code in ("fi", "en")]
    return text(told[0], told[1])


def _rows(release: Release, part: str, region: tuple[str, str], **filters: object) -> tuple[Row, ...]:
    chosen = release.select(part=part, region=region, **filters)
    return rows_if_any(chosen)


def _approved(release: Release, region: tuple[str, str], *, weak: bool) -> list[Row]:
    rows = [row for row in _rows(release, "ilmiot", region) if row["label_fi"]]
    return [row for row in rows if (row["note"] == WEAK) is weak]


def _reported(row: Row, language: str) -> Sentence:
    when = pieces.time(row, language)
    if not row.shown:
        return compose(f"{ROOM}.reported_hidden", language, when=when)
    place = pieces.place(row, language)
    value = pieces.figure(row, "value", language)
    return compose(f"{ROOM}.reported", language, when=when, place_in=place, value=value)


def _units(release: Release, region: tuple[str, str], period: str, language: str) -> Sentence:
    rows = {str(row["group"]): row for row in _rows(release, "kattavuus", region, period=period)}
    if "all" not in rows or not rows["all"].shown:
        return compose(f"{ROOM}.units_unknown", language)
    value = pieces.figure(rows["all"], "value", language)
    silent = rows["0"]
    if not silent.shown:
        return compose(f"{ROOM}.units_hidden", language, value=value)
    few = number(
        labels.bare_figure(silent, "value", language),
        silent.reference("value"),
        silent.release_id,
        language,
    )
    return compose(f"{ROOM}.units_told", language, value=value, silent=few)


def _waited(row: Row, language: str) -> Sentence:
    if not row.shown:
        return compose(f"{ROOM}.waited_unknown", language)
    value = number(
        numbers.count(round(float(row["value"])), language), row.reference("value"), row.release_id, language
    )
    unit = constant(labels.NBSP + say(f"{ROOM}.days_genitive", language), language)
    return compose(
        f"{ROOM}.waited",
        language,
        value=join([value, unit], between=""),
        interval=_interval(row, 0, language),
    )


def _plain(row: Row, decimals: int, language: str, column: str = "value") -> Sentence:
    shown = numbers.number(float(row[column]), decimals, language)
    return number(shown, row.reference(column), row.release_id, language)


def _interval(row: Row, decimals: int, language: str) -> Sentence:
    """Give the interval in brackets; an open end says so."""
    if not row.has("lower"):
        return Sentence("", language)
    level = constant(numbers.percent(float(row["confidence"]) * 100, 0, language), language)
    low = _plain(row, decimals, language, "lower")
    if not row.has("upper"):
        return compose(f"{ROOM}.interval_open", language, capital=False, confidence=level, lower=low)
    high = _plain(row, decimals, language, "upper")
    return compose("words.interval", language, capital=False, confidence=level, lower=low, upper=high)


def _structure(kind: str) -> Text:
    words = [say(f"register.choice.rakennetyyppi.{kind}", code) for code in ("fi", "en")]
    told = [
        say(f"{ROOM}.structure_told", code, structure=one)
        for code, one in zip(("fi", "en"), words, strict=True)
    ]
    return text(told[0], told[1])


def _name(row: Row) -> Text:
    if not row["name_fi"]:
        return _said("unnamed")
    return text(str(row["name_fi"]), str(row["name_en"]))


def _state(state: str) -> Text:
    return text(say(f"register.state.{state}", "fi"), say(f"register.state.{state}", "en"))


def _steps(own: Sequence[Row]) -> Text:
    told = [
        "; ".join(
            f"{numbers.period(str(row['period']), code)}: {say('register.state.' + str(row['group']), code)}"
            for row in own
        )
        for code in ("fi", "en")
    ]
    return text(told[0], told[1])


def _order(state: str) -> int:
    from sosrake_lib.register.life import states

    return list(states("ilmio")).index(state)


def _decision(row: Row) -> Text:
    told = []
    for code in ("fi", "en"):
        state = say(f"register.status.{row['category']}", code)
        told.append(f"{state}, {numbers.period(str(row['note']), code)}" if row["note"] else state)
    return text(told[0], told[1])


def _period(period: str) -> Text:
    return text(numbers.period(period, "fi"), numbers.period(period, "en"))


def _said(key: str) -> Text:
    return text(say(f"{ROOM}.{key}", "fi"), say(f"{ROOM}.{key}", "en"))


def _word_table(cells: Mapping[str, list[Text]], caption: str, language: str, *, synthetic: bool) -> Table:
    columns = {say(f"{ROOM}.head.{name}", language): texts for name, texts in cells.items()}
    named = [say(f"{ROOM}.caption.{caption}", code) for code in ("fi", "en")]
    if synthetic:
        said = zip(("fi", "en"), named, strict=True)
        named = [f"{say('words.synthetic', code)}: {one}" for code, one in said]
    return project_texts.word_table(columns, text(named[0], named[1]), language)
