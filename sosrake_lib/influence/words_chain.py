"""Impact chains in words: the chain as a table with its figures, what it leaves open, what a design allows.

Texts are those people wrote in the chain's file; figures are inserted from released rows. Nothing is judged
here: what a chain leaves open comes from `gather.chains`, what a design allows from `effects.ladder`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sosrake_lib.catalogue import indicator
from sosrake_lib.effects.design import Claim
from sosrake_lib.effects.ladder import ladder
from sosrake_lib.errors import CatalogueError
from sosrake_lib.gather.chains import CHANGE, Chain, Finding, Link, Measure, open_matters
from sosrake_lib.influence import labels, pieces, project_texts
from sosrake_lib.influence.rows import Row, rows_if_any
from sosrake_lib.influence.sentence import Sentence, compose, constant, join, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Release, Text

ROOM = "vaikutusketju"
LEVELS, CHANGES = "luvut", "muutokset"
# Designs of two measurements that a service could have, from the barest: groups, times, assignment.
DESIGNS: Mapping[str, tuple[int, int, str]] = {
    "once": (1, 1, "none"),
    "before_after": (1, 2, "none"),
    "existing": (2, 2, "none"),
    "chosen": (2, 2, "chosen"),
    "by_rule": (2, 2, "by_rule"),
    "randomised": (2, 2, "randomised"),
}
MOST_ESTIMATORS = 2
_CHAIN_HEAD = ("step", "text", "measure", "figure", "assumption")
_NUMERAL = re.compile(r"\d+")

Figures = Mapping[str, Row]


def figures(release: Release, region: tuple[str, str]) -> dict[str, Row]:
    """Read the released figure of each measure: key -> row, a change as its effect's row."""
    found: dict[str, Row] = {}
    for part in (LEVELS, CHANGES):
        chosen = release.select(part=part, region=region)
        for row in rows_if_any(chosen):
            if not str(row["indicator"]).endswith(".n"):
                found[str(row["indicator"])] = row
    return found


def chain_table(chain: Chain, known: Figures, measures: Mapping[str, Measure], language: str = "fi") -> Table:
    """Show a chain: step, what, measure, figure and what is assumed to lead on, one line a link.

    Parameters
    ----------
    chain, measures : as `batch.recipes_chain.chains` reads them. known : as `figures` reads them.
    """
    head = [say(f"{ROOM}.head.{name}", language) for name in _CHAIN_HEAD]
    body: list[list[Cell]] = [
        [
            say(f"{ROOM}.step.{link.step}", language),
            constant(told(link.text, language), language),
            constant(measure_name(link, measures, language), language),
            figure(link, known, language),
            constant(told(link.assumption, language) or "–", language),
        ]
        for link in chain.links
    ]
    caption = say(f"{ROOM}.table_caption", language, chain=told(chain.name, language))
    return _table(chain, known, head, body, caption, language)


def follow_up_table(chain: Chain, language: str = "fi") -> Table:
    """Show where the knowledge of each measured link comes from, who is responsible and when it is seen."""
    measured = [link for link in chain.links if link.measure]
    columns = {
        say(f"{ROOM}.head.step", language): [_both(f"{ROOM}.step.{link.step}") for link in measured],
        say(f"{ROOM}.head.text", language): [_text(link.text) for link in measured],
        **{
            say(f"{ROOM}.head.{name}", language): [_text(getattr(link, name)) for link in measured]
            for name in ("source", "role", "follow_up")
        },
    }
    names = [say(f"{ROOM}.more_caption", code, chain=told(chain.name, code)) for code in ("fi", "en")]
    return project_texts.word_table(columns, _text((names[0], names[1])), language)


def answer(chain: Chain, known: Figures, measures: Mapping[str, Measure], language: str = "fi") -> Sentence:
    """Say how many links have a measure and a figure, and what may be said of the chain's effect step."""
    claim = claim_of(chain, known, measures)
    measured = sum(bool(link.measure) for link in chain.links)
    shown = sum(link.measure in known and known[link.measure].shown for link in chain.links)
    return compose(
        f"{ROOM}.answer_one",
        language,
        chain=constant(told(chain.name, language), language),
        measured=constant(numbers.count(measured, language), language),
        figures=constant(numbers.count(shown, language), language),
        links=constant(numbers.count(len(chain.links), language), language),
        claim=say(f"{ROOM}.claim_now.{claim.value if claim else 'none'}", language),
    )


def claim_of(chain: Chain, known: Figures, measures: Mapping[str, Measure]) -> Claim | None:
    """Give the strongest claim of the effect step's shown changes; None when no change is measured."""
    found = [
        Claim(str(known[link.measure]["claim"]))
        for link in chain.at("vaikutus")
        if (own := measures.get(link.measure)) is not None
        and own.kind == CHANGE
        and link.measure in known
        and known[link.measure].shown
    ]
    strongest = [one for one in found if not any(other.stronger_than(one) for other in found)]
    return strongest[0] if strongest else None


def gaps(
    chain: Chain, known: Figures, measures: Mapping[str, Measure], language: str = "fi"
) -> list[Sentence]:
    """List plainly what the chain leaves open, link by link; one sentence when nothing is."""
    open_now = open_matters(chain, measures)
    said = [_finding(one, language) for one in open_now]
    known_open = {one.link for one in open_now if one.key.endswith("_not_measured")}
    for link in chain.links:
        if not link.measure and link not in known_open:
            said.append(_finding(Finding("link_not_measured", link), language))
        elif link.measure and link.measure not in known:
            said.append(_named("no_figure", link, measures, language))
        elif link.measure and not known[link.measure].shown:
            said.append(_named("hidden", link, measures, language))
    return said or [compose(f"{ROOM}.nothing_open", language)]


def dropout(
    chain: Chain, release: Release, measures: Mapping[str, Measure], language: str = "fi"
) -> list[Sentence]:
    """Say of each change how many have a first measurement only; nothing when everyone was measured twice."""
    said = []
    for link in chain.links:
        own = measures.get(link.measure)
        if own is None or own.kind != CHANGE:
            continue
        chosen = release.select(part=CHANGES, indicator=f"{own.key}.n", group="only_before")
        for row in rows_if_any(chosen):
            name = constant(told(own.name, language), language)
            if not row.shown:
                said.append(compose(f"{ROOM}.dropout_hidden", language, measure=name))
            elif row["value"] > 0:
                count = numbers.count(round(float(row["value"])), language)
                piece = number(count, row.reference("value"), row.release_id, language)
                said.append(compose(f"{ROOM}.dropout", language, measure=name, before=piece))
    return said


def designs(now: Sequence[Claim], language: str = "fi") -> Table:
    """Show what each design allows, how it is computed and what it takes; `now` marks the claims in use."""
    cells: dict[str, list[Text]] = {name: [] for name in ("design", "claim", "estimators", "needs")}
    for key, (groups, times, assignment) in DESIGNS.items():
        allowed = ladder(groups, times, assignment, "score")
        in_use = allowed.claim in now
        name = (say(f"{ROOM}.design.{key}", "fi"), say(f"{ROOM}.design.{key}", "en"))
        marked = [
            say(f"{ROOM}.design.now", code, design=text)
            for code, text in zip(("fi", "en"), name, strict=True)
        ]
        cells["design"].append(_text((marked[0], marked[1]) if in_use else name))
        cells["claim"].append(_text((allowed.claim.name_in("fi"), allowed.claim.name_in("en"))))
        first = allowed.estimators.head(MOST_ESTIMATORS)
        fi, en = ("; ".join(first[f"name_{code}"]) or "–" for code in ("fi", "en"))
        cells["estimators"].append(_text((fi, en)))
        cells["needs"].append(_both(f"{ROOM}.design_needs.{key}"))
    columns = {say(f"{ROOM}.head.{name}", language): texts for name, texts in cells.items()}
    return project_texts.word_table(columns, _both(f"{ROOM}.designs_caption"), language)


def figure(link: Link, known: Figures, language: str) -> Sentence:
    """Give the figure of a link with its interval, or say why there is none."""
    if not link.measure:
        return Sentence(say(f"{ROOM}.not_measured", language), language)
    row = known.get(link.measure)
    if row is None:
        return Sentence(say(f"{ROOM}.no_figure_here", language), language)
    if not row.shown:
        return Sentence(say(f"{ROOM}.protected", language), language)
    key = "plain"
    if row.has("claim") and row["claim"]:
        key = "change" if row["claim"] == Claim.MUUTOS.value else "compared"
    interval = pieces.interval(row, "lower", "upper", language)
    return compose(f"{ROOM}.{key}", language, capital=False, value=_value(row, language), interval=interval)


def measure_name(link: Link, measures: Mapping[str, Measure], language: str) -> str:
    """Name a link's measure: one's own, the catalogue's, or that it is not measured."""
    if not link.measure:
        return say(f"{ROOM}.not_measured", language)
    if link.measure in measures:
        return told(measures[link.measure].name, language)
    try:
        found = indicator(link.measure)
    except CatalogueError:
        return link.measure
    return found.name_en if language == "en" else found.name_fi


def told(text: tuple[str, str], language: str) -> str:
    """Give a text of the chain in a language."""
    return text[1] if language == "en" else text[0]


def _value(row: Row, language: str) -> Sentence:
    if row["per"] == 100:
        text = numbers.percent(float(row["value"]), 1, language)
    else:
        counted = row["statistic"] == "count"
        value = float(row["value"])
        text = numbers.count(round(value), language) if counted else numbers.number(value, 1, language)
    shown = number(text, row.reference("value"), row.release_id, language)
    unit = str(row[f"unit_{language}"]) if row.has(f"unit_{language}") else ""
    unit = unit or labels.unit_text(row, language)
    if not unit or row["per"] == 100:
        return shown
    return join([shown, constant(labels.NBSP + unit, language)], between="")


def _finding(finding: Finding, language: str) -> Sentence:
    link = finding.link
    return compose(
        f"{ROOM}.open.{finding.key}",
        language,
        step=say(f"{ROOM}.step.{link.step}", language),
        text=constant(told(link.text, language), language),
        why=constant(told(link.why_not, language), language),
        needed=constant(told(link.needed, language), language),
    )


def _named(key: str, link: Link, measures: Mapping[str, Measure], language: str) -> Sentence:
    return compose(
        f"{ROOM}.open.{key}",
        language,
        step=say(f"{ROOM}.step.{link.step}", language),
        measure=constant(measure_name(link, measures, language), language),
    )


def _table(
    chain: Chain, known: Figures, head: list[str], body: list[list[Cell]], caption: str, language: str
) -> Table:
    """Rest the table on the chain's own figures; a chain without any is a table of words."""
    rows = {link.measure: known[link.measure] for link in chain.links if link.measure in known}
    if rows:
        return word_table(list(rows.values()), head, body, caption, language, numbers=(3,))
    texts = [[_text((str(cell), str(cell))) for cell in column] for column in zip(*body, strict=True)]
    return project_texts.word_table(dict(zip(head, texts, strict=True)), _text((caption, caption)), language)


def _design(key: str, in_use: bool) -> Text:
    fi, en = (say(f"{ROOM}.design.{key}", code) for code in ("fi", "en"))
    if in_use:
        fi, en = say(f"{ROOM}.design.now", "fi", design=fi), say(f"{ROOM}.design.now", "en", design=en)
    return _text((fi, en))


def _both(key: str) -> Text:
    return _text((say(key, "fi"), say(key, "en")))


def _text(text: tuple[str, str]) -> Text:
    """Make a text whose numerals are declared constants: people wrote them, nobody measured them."""
    pair = [one or "–" for one in text]
    found = dict.fromkeys([*_NUMERAL.findall(pair[0]), *_NUMERAL.findall(pair[1])])
    return Text(pair[0], pair[1], constants=tuple(found))
