"""Costs beside outcomes in words: what was spent and attained, what is dominated, where the answer turns.

Nothing is computed or advised here. Every sentence with a cost says that the prices are invented; what one
more attained goal may cost is told only as a range, or at the levels the reader has chosen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sosrake_lib.errors import ParameterError
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection, Text

ROOM = "kustannukset"
BOUNDED = ("north_east", "south_west")  # quadrants in which a ratio orders something
Names = Mapping[str, str]


def in_brief(costs: Selection, goals: Selection, names: Names, language: str = "fi") -> list[Sentence]:
    """Say of each way its mean cost a person and the share who attained the goal.

    Parameters
    ----------
    costs : rows of `kustannus_henkilo`. goals : rows of `kustannus_tavoite`. names : way -> words.
    """
    shares = {str(row["item"]): row for row in rows_of(goals)}
    said = []
    for row in rows_of(costs):
        share, way = shares[str(row["item"])], _way(row, names, language)
        if not (row.shown and share.shown):
            said.append(compose(f"{ROOM}.short_hidden", language, way=way))
            continue
        interval = pieces.interval(share, "lower", "upper", language)
        goal = pieces.figure(share, "value", language)
        cost = _figure(row, "value", language)
        said.append(compose(f"{ROOM}.short", language, way=way, cost=cost, goal=goal, interval=interval))
    return said


def left_out(goals: Selection, ordered: Selection, names: Names, language: str = "fi") -> list[Sentence]:
    """Name the ways that have too few people to be compared; an empty list when all are."""
    kept = {str(row["item"]) for row in rows_of(ordered)}
    gone = [row for row in rows_of(goals) if row["item"] not in kept]
    return [compose(f"{ROOM}.left_out", language, way=_way(row, names, language)) for row in gone]


def lost(selection: Selection, names: Names, language: str = "fi") -> list[Sentence]:
    """Say of each way how many people's goal is not known; `selection` holds part `ei_tiedossa`."""
    said = []
    for row in rows_of(selection):
        way = _way(row, names, language)
        if not row.shown:
            said.append(compose(f"{ROOM}.lost_hidden", language, way=way))
        elif row["value"] > 0:
            said.append(compose(f"{ROOM}.lost", language, way=way, count=_figure(row, "value", language)))
    return said


def order(selection: Selection, names: Names, language: str = "fi") -> list[Sentence]:
    """Say which ways are dominated, and what one more goal costs from one way to the next."""
    said = []
    for row in _ordered(selection):
        way, status = _way(row, names, language), str(row["category"])
        if status != "ND":
            said.append(compose(f"{ROOM}.order.{status}", language, way=way))
        elif row.has("icer"):
            other = constant(names[str(row["reason"])], language)
            icer = _figure(row, "icer", language)
            said.append(compose(f"{ROOM}.order.ND_more", language, way=way, other=other, icer=icer))
        else:
            cost, effect = _figure(row, "value", language), _share(row, "effect", language)
            said.append(compose(f"{ROOM}.order.ND", language, way=way, value=cost, effect=effect))
    return said


def quadrants(selection: Selection, names: Names, language: str = "fi") -> list[Sentence]:
    """Say where each way lies beside the usual one, and how its ratio reads there."""
    said = []
    for row in rows_of(selection):
        where = str(row["position"])
        told = compose(
            f"{ROOM}.quadrant.{where}",
            language,
            way=_way(row, names, language),
            ratio=_figure(row, "value", language) if where in BOUNDED else Sentence("", language),
            interval=pieces.interval(row, "lower", "upper", language),
        )
        if where in BOUNDED and not row.has("lower"):
            unbounded = compose(f"{ROOM}.quadrant.unbounded", language, capital=False)
            told = join([told, unbounded], between="")
        said.append(told)
    return said


def turns(selection: Selection, names: Names, language: str = "fi") -> list[Sentence]:
    """Say over which part of the range each way's net benefit surely differs from the usual one's."""
    said = []
    for rows in _by_way(selection).values():
        verdicts = [str(row["verdict"]) for row in rows]
        way = _way(rows[0], names, language)
        low, high = (_figure(rows[place], "wtp", language) for place in (0, -1))
        told = False
        for verdict, whole, word in (("higher", "always", "clear"), ("lower", "never", "lower")):
            if verdict not in verdicts:
                continue
            key, at = _turn(verdicts, verdict, whole, word)
            level = _figure(rows[at], "wtp", language)
            said.append(compose(f"{ROOM}.turn.{key}", language, at=level, way=way, low=low, high=high))
            told = True
        if not told:
            said.append(compose(f"{ROOM}.turn.unclear", language, way=way, low=low, high=high))
    return said


def levels(text: str, selection: Selection, language: str = "fi") -> tuple[float, ...]:
    """Read the reader's own levels of what one more goal may cost; none is chosen for the reader.

    Parameters
    ----------
    text : numbers apart by `;` or spaces, or nothing. selection : part `nettohyoty`: the levels computed.

    Raises
    ------
    ParameterError for a level that was not computed, naming those that were.
    """
    known = sorted({float(row["wtp"]) for row in rows_of(selection)})
    wanted = [float(piece) for piece in re.split(r"[;\s]+", text.strip()) if piece]
    for level in wanted:
        if level not in known:
            listed = ", ".join(f"{one:g}" for one in known)
            raise ParameterError(say(f"{ROOM}.level_unknown", language, value=f"{level:g}", known=listed))
    return tuple(wanted)


def who_chooses(chosen: Sequence[float]) -> Text:
    """Say whose choice the level is: the reader's own levels, or a range and no level."""
    if not chosen:
        return Text(say(f"{ROOM}.no_level", "fi"), say(f"{ROOM}.no_level", "en"))
    told = {}
    for language in ("fi", "en"):
        listed = "; ".join(numbers.number(one, 0, language) for one in chosen)
        told[language] = (say(f"{ROOM}.levels_chosen", language, levels=listed), listed)
    constants = dict.fromkeys(text for _, listed in told.values() for text in listed.split("; "))
    return Text(told["fi"][0], told["en"][0], constants=tuple(constants))


def at_levels(
    selection: Selection, chosen: Sequence[float], names: Names, language: str = "fi"
) -> list[Sentence]:
    """Say each way's net benefit against the usual one at the levels the reader has chosen."""
    said = []
    for row in rows_of(selection):
        if float(row["wtp"]) in chosen:
            told = compose(
                f"{ROOM}.benefit.{row['verdict']}",
                language,
                way=_way(row, names, language),
                wtp=_figure(row, "wtp", language),
                value=_figure(row, "value", language),
                interval=pieces.interval(row, "lower", "upper", language),
            )
            said.append(told)
    return said


def order_table(selection: Selection, names: Names, language: str = "fi") -> Table:
    """Show the ways from the cheapest that is not dominated, with position, increments and ratio."""
    rows = _ordered(selection)
    columns = ("way", "category", "cost", "goal", "inc_cost", "inc_effect", "icer")
    body: list[list[Cell]] = [
        [
            _way(row, names, language),
            say(f"{ROOM}.category.{row['category']}", language),
            _figure(row, "value", language),
            _share(row, "effect", language),
            _or_none(row, "inc_cost", language),
            _or_none(row, "inc_effect", language, 1),
            _or_none(row, "icer", language),
        ]
        for row in rows
    ]
    head = _heads(columns, language)
    return word_table(rows, head, body, _caption("order", language), language, numbers=(2, 3, 4, 5, 6))


def difference_table(selection: Selection, names: Names, language: str = "fi") -> Table:
    """Show each way's difference from the usual one in cost and in goals, with intervals."""
    rows = rows_of(selection)
    by_way: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_way.setdefault(str(row["item"]), {})[str(row["indicator"])] = row
    body: list[list[Cell]] = []
    for way, found in by_way.items():
        cells = [
            _with_interval(found[key], decimals, language)
            for key, decimals in (("kustannus_ero", 0), ("kustannus_tavoite_ero", 1))
        ]
        body.append([constant(names[way], language), *cells])
    head = _heads(("way", "cost_difference", "goal_difference"), language)
    return word_table(rows, head, body, _caption("difference", language), language, numbers=(1, 2))


def level_table(
    selection: Selection, caption: str, names: Names, language: str = "fi", every: int = 1
) -> Table:
    """Show a figure of each way at levels of what one more goal may cost, with its interval where it has one.

    Parameters
    ----------
    selection : part `varmuus` or `nettohyoty`. caption : `sure` or `benefit`. every : of how many levels one
        is shown, from the first on.
    """
    by_way = _by_way(selection)
    levels = range(0, len(next(iter(by_way.values()))), every)
    first = next(iter(by_way.values()))
    body: list[list[Cell]] = [
        [
            _figure(first[place], "wtp", language),
            *(_with_interval(rows[place], 0, language) for rows in by_way.values()),
        ]
        for place in levels
    ]
    head = [say(f"{ROOM}.head.level", language), *(names[way] for way in by_way)]
    told, places = _caption(caption, language), tuple(range(1, len(head)))
    return word_table(rows_of(selection), head, body, told, language, numbers=places)


def knowing_table(selection: Selection, language: str = "fi", every: int = 1) -> Table:
    """Show what surer knowledge is worth at most, per client, at each level; part `tiedon_arvo`."""
    rows = sorted(rows_of(selection), key=lambda row: float(row["wtp"]))[::every]
    body: list[list[Cell]] = [[_figure(row, name, language) for name in ("wtp", "value")] for row in rows]
    head = _heads(("level", "value"), language)
    return word_table(rows, head, body, _caption("knowing", language), language, numbers=(1,))


def _turn(verdicts: Sequence[str], verdict: str, whole: str, word: str) -> tuple[str, int]:
    """Which end of the range a verdict reaches, and at which level it begins or ends."""
    places = [place for place, one in enumerate(verdicts) if one == verdict]
    if len(places) == len(verdicts):
        return whole, 0
    return (f"{word}_up", places[0]) if places[-1] == len(verdicts) - 1 else (f"{word}_down", places[-1])


def _by_way(selection: Selection) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in sorted(rows_of(selection), key=lambda row: float(row["wtp"])):
        found.setdefault(str(row["item"]), []).append(row)
    return found


def _ordered(selection: Selection) -> list[Row]:
    return sorted(rows_of(selection), key=lambda row: float(row["order"]))


def _way(row: Row, names: Names, language: str) -> Sentence:
    return constant(names[str(row["item"])], language)


def _figure(row: Row, column: str, language: str, decimals: int = 0) -> Sentence:
    text = numbers.number(float(row[column]), decimals, language)
    return number(text, row.reference(column), row.release_id, language)


def _share(row: Row, column: str, language: str) -> Sentence:
    text = numbers.percent(float(row[column]), 1, language)
    return number(text, row.reference(column), row.release_id, language)


def _or_none(row: Row, column: str, language: str, decimals: int = 0) -> Cell:
    return _figure(row, column, language, decimals) if row.has(column) else say(f"{ROOM}.none", language)


def _with_interval(row: Row, decimals: int, language: str) -> Cell:
    if not row.shown:
        return say("words.mark.suppressed", language)
    if not row.has("lower"):
        return _figure(row, "value", language, decimals)
    low, high = (_figure(row, edge, language, decimals) for edge in ("lower", "upper"))
    dash = " – " if float(row["lower"]) < 0 else "–"
    opened, between, closed = (Sentence(sign, language) for sign in (labels.NBSP + "(", dash, ")"))
    return join([_figure(row, "value", language, decimals), opened, low, between, high, closed], between="")


def _heads(columns: Sequence[str], language: str) -> list[str]:
    return [say(f"{ROOM}.head.{name}", language) for name in columns]


def _caption(name: str, language: str) -> str:
    return say(f"{ROOM}.{name}_caption", language)
