"""Sentences and tables on the feedback audit: what forms can show, what answers tell, who agreed.

Nothing is computed here. Example questions are the workbook's own wording; no client's word is ever shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sosrake_lib.errors import SosrakeError
from sosrake_lib.gather.feedback.codes import CODES, PARTS
from sosrake_lib.gather.feedback.questions import BESIDE, better_questions, question
from sosrake_lib.influence import labels, pieces
from sosrake_lib.influence.rows import Row, rows_of
from sosrake_lib.influence.sentence import Sentence, compose, constant, number
from sosrake_lib.influence.tables import Table
from sosrake_lib.influence.word_tables import Cell, word_table
from sosrake_lib.language import numbers, say
from sosrake_lib.protect import Selection

ROOM = "asiakaspalaute"
AGREEMENT = ("reliable", "tentative", "too_low")
_HEAD = ("form", *(f"part.{part}" for part in PARTS), "result")


def forms(selection: Selection, language: str = "fi") -> Sentence:
    """Say how many forms can show an effect, and whom they asked; rows of part `yhteensa`."""
    by = {str(row["indicator"]): row for row in rows_of(selection)}
    return compose(
        f"{ROOM}.words.forms",
        language,
        all=_whole(by["palaute_lomakkeita"], language),
        able=_whole(by["palaute_kykenevia"], language),
        share=_percent(by["palaute_kykenevalla_kysytty"], language),
    )


def told(selection: Selection, code: str, names: Mapping[str, str], language: str = "fi") -> Sentence:
    """Say how often answers tell of one matter on forms that can show an effect and on the others.

    Parameters
    ----------
    selection : rows of part `vastaukset`.
    code : such as koettu_muutos.
    """
    by = {str(row["indicator"]): row for row in rows_of(selection.select(group=code))}
    able, others = by["palaute_vastaukset_kykenevat"], by["palaute_vastaukset_muut"]
    name = names[code]
    if not (able.shown and others.shown):
        return compose(f"{ROOM}.words.told_hidden", language, matter=name)
    return compose(
        f"{ROOM}.words.told",
        language,
        matter=name,
        able=_percent(able, language),
        able_interval=pieces.interval(able, "lower", "upper", language),
        others=_percent(others, language),
        others_interval=pieces.interval(others, "lower", "upper", language),
    )


def agreement(selection: Selection, names: Mapping[str, str], language: str = "fi") -> list[Sentence]:
    """Say of each code how well the coders agree; rows of Krippendorff's alpha, in the codes' order.

    Raises
    ------
    SosrakeError for a verdict this room has no sentence for.
    """
    return [_agreed(row, names, language) for row in _in_order(selection)]


def forms_table(selection: Selection, names: Mapping[str, str], language: str = "fi") -> Table:
    """Make a table of forms: which parts each has, and what follows; rows of part `lomakkeet`."""
    rows = rows_of(selection)
    by: dict[str, dict[str, Row]] = {}
    for row in rows:
        by.setdefault(str(row["group"]), {})[str(row["indicator"])] = row
    head = [say(f"{ROOM}.head.{name}", language) for name in _HEAD]
    body = [_form_line(names[form], found, language) for form, found in sorted(by.items())]
    return word_table(rows, head, body, say(f"{ROOM}.forms_caption", language), language)


def beside_table(selection: Selection, names: Mapping[str, str], language: str = "fi") -> Table:
    """Make a table of usual questions with a better one beside each; rows of part `kysymykset`.

    The usual questions are the workbook's own examples, not taken from anybody's form.
    """
    rows = {str(row["group"]): row for row in rows_of(selection)}
    head = [say(f"{ROOM}.head.{name}", language) for name in ("usual", "tells", "share", "beside")]
    body: list[Sequence[Cell]] = []
    for code, better in BESIDE.items():
        row = rows[code]
        body.append(
            [
                constant(say(f"{ROOM}.usual.{code}", language), language),
                names[code],
                _percent(row, language) if row.shown else say("words.mark.suppressed", language),
                constant(question(better).text(language), language),
            ]
        )
    caption = say(f"{ROOM}.beside_caption", language)
    return word_table(list(rows.values()), head, body, caption, language, numbers=(2,))


def six_questions(language: str = "fi") -> list[Sentence]:
    """Give the six questions in the order they are asked, each with when."""
    return [
        constant(f"{one.text(language)} ({say(f'{ROOM}.when.{one.when}', language)})", language)
        for one in better_questions()
    ]


def machine_table(selection: Selection, names: Mapping[str, str], language: str = "fi") -> Table:
    """Make a table of the machine's suggestion against people: right of the suggested, found of the given."""
    by: dict[str, dict[str, Row]] = {}
    for row in rows_of(selection):
        by.setdefault(str(row["group"]), {})[str(row["indicator"])] = row
    head = [say(f"{ROOM}.head.{name}", language) for name in ("matter", "right", "found")]
    body: list[Sequence[Cell]] = [
        [names[code], *(_share_cell(by[code].get(key), language) for key in _MACHINE)]
        for code in CODES
        if code in by
    ]
    caption = say(f"{ROOM}.machine_caption", language)
    return word_table(rows_of(selection), head, body, caption, language, numbers=(1, 2))


_MACHINE = ("palaute_kone_oikein", "palaute_kone_loytyi")


def _form_line(name: str, found: Mapping[str, Row], language: str) -> list[Cell]:
    yes, no = (say(f"{ROOM}.mark.{one}", language) for one in ("yes", "no"))
    hidden = say("words.mark.suppressed", language)

    def mark(row: Row) -> str:
        if not row.shown:
            return hidden
        return yes if float(row["value"]) == 1 else no

    parts = [mark(found[f"palaute_osa_{part}"]) for part in PARTS]
    result = found["palaute_nayttaa"]
    if not result.shown:
        return [name, *parts, hidden]
    recalled = found["palaute_muisteltu"]
    key = "not_able"
    if float(result["value"]) == 1:
        key = "able_recalled" if recalled.shown and float(recalled["value"]) == 1 else "able"
    return [name, *parts, say(f"{ROOM}.result.{key}", language)]


def _agreed(row: Row, names: Mapping[str, str], language: str) -> Sentence:
    name = names[str(row["group"])]
    if not row.shown:
        return compose(f"{ROOM}.words.agreed_hidden", language, matter=name)
    if row["verdict"] not in AGREEMENT:
        raise SosrakeError(f"agreement: verdict {row['verdict']!r}; expected one of {', '.join(AGREEMENT)}")
    value = number(labels.figure(row, "value", language), row.reference("value"), row.release_id, language)
    return compose(
        f"{ROOM}.words.{row['verdict']}",
        language,
        matter=name,
        alpha=value,
        interval=pieces.interval(row, "lower", "upper", language),
    )


def _share_cell(row: Row | None, language: str) -> Cell:
    if row is None or not row.shown:
        return say("words.mark.suppressed", language)
    return compose(
        f"{ROOM}.words.share",
        language,
        share=_percent(row, language),
        interval=pieces.interval(row, "lower", "upper", language),
    )


def _in_order(selection: Selection) -> list[Row]:
    rows = {str(row["group"]): row for row in rows_of(selection)}
    return [rows[code] for code in CODES if code in rows]


def _whole(row: Row, language: str) -> Sentence:
    if not row.shown:
        return Sentence(say("words.mark.suppressed", language), language)
    text = numbers.number(float(row["value"]), 0, language)
    return number(text, row.reference("value"), row.release_id, language)


def _percent(row: Row, language: str) -> Sentence:
    if not row.shown:
        return Sentence(say("words.mark.suppressed", language), language)
    return number(labels.figure(row, "value", language), row.reference("value"), row.release_id, language)
