"""Pages that are promised on one A4 sheet: the decision maker's page and the infographic.

The sheet has smaller spaces, and the tables behind its pictures are left out: they stand on the web page and
in the data file. Nothing the page says is left out, and no letter is under nine points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sosrake_lib.influence.documents.blocks import (
    Block,
    FigureBlock,
    Heading,
    Paragraph,
    Run,
    Runs,
    TableBlock,
    plain,
    runs_of,
)
from sosrake_lib.influence.documents.content import Document
from sosrake_lib.influence.documents.notes import NumberNote
from sosrake_lib.influence.documents.office import lines_needed
from sosrake_lib.influence.pages import Page
from sosrake_lib.language import say

ON_ONE_PAGE = ("paattajakooste", "infograafi")  # page keys; an audience's variant is <key>_<audience>
_KINDS = ("value", "reference_value", "interval", "difference", "funnel", "denominator")
_HALF = 255.0  # points: the width of one of two columns
GUTTER = 14.0
_NARROWEST = 120.0  # points of width that text beside a picture needs


@dataclass(frozen=True, slots=True)
class Fit:
    """How tightly a sheet is set; letters are nine points at every one of them.

    Attributes
    ----------
    leading, spacing, above : space between lines, between paragraphs and above headings, in sizes of letters.
    margin : points around the sheet.
    pictures : width of a picture in its own width; letters of charts are 9.8 points, so 0.923 keeps nine.
    columns : what stands after the last picture is set in two columns.
    lists : a list of at least four points before it is, too.
    beside : what follows the last picture begins beside it, where it leaves room.
    """

    leading: float = 0.48
    spacing: float = 0.6
    above: float = 0.75
    margin: float = 30.0
    pictures: float = 1.0
    columns: bool = False
    lists: bool = False
    beside: bool = False


# From the roomiest on; the first that fits is used.
FITS = (
    Fit(),
    Fit(columns=True),
    Fit(leading=0.44, spacing=0.52, above=0.62, margin=26.0, pictures=0.96, columns=True),
    Fit(leading=0.4, spacing=0.46, above=0.5, margin=24.0, pictures=0.923, columns=True),
    Fit(leading=0.36, spacing=0.42, above=0.45, margin=24.0, pictures=0.923, columns=True, lists=True),
    Fit(0.36, 0.42, 0.45, margin=24.0, pictures=0.923, columns=True, lists=True, beside=True),
)


def is_one_page(page: Page) -> bool:
    """Say whether the page is promised on one sheet."""
    return page.context.key.partition("_")[0] in ON_ONE_PAGE


def compact(document: Document) -> Document:
    """Make a document that fits one sheet: no tables behind pictures, short notes, the basis in a few lines.

    Parameters
    ----------
    document : of `content.document_of`.
    """
    behind = {block.table for block in document.blocks if isinstance(block, FigureBlock)}
    kept = [
        replace(block, table=0) if isinstance(block, FigureBlock) else block
        for block in document.blocks
        if not (isinstance(block, TableBlock) and block.number in behind)
    ]
    shown = {run.reference for block in kept for runs in runs_of(block) for run in runs}
    notes = short(document.notes, shown)
    lead = (" ".join(document.lead),) if document.lead else ()
    return replace(document, lead=lead, blocks=tuple(kept), basis=_basis(document), notes=notes)


def last_picture(blocks: Sequence[Block]) -> int:
    """Give the place after the last picture or table among the blocks."""
    shown = [place for place, block in enumerate(blocks) if isinstance(block, FigureBlock | TableBlock)]
    return shown[-1] + 1 if shown else 0


def beside(blocks: Sequence[Block], wide: float, high: float, fit: Fit) -> int:
    """Say how many of the blocks stand beside a picture that is `wide` and `high` points.

    None do where less than a narrow column is left; a heading never stands there last.
    """
    room = 595.28 - 2 * fit.margin - wide - GUTTER
    if room < _NARROWEST:
        return 0
    taken, count = 0.0, 0
    for place, block in enumerate(blocks):
        taken += _lines(block, room) * 9.0 * (0.73 + fit.leading)
        if taken > high:
            break
        if not isinstance(block, Heading):
            count = place + 1
    return count


def in_columns(blocks: Sequence[Block], start: int | None = None) -> tuple[int, int]:
    """Say where two columns begin and where the second one does, as places among the blocks.

    The columns begin after the last picture, or at `start`, and hold about as many lines each; the second
    never begins right after a heading, which belongs to what follows it. The first one is read first.

    Examples
    --------
    >>> one = Paragraph((Run("Sana."),))
    >>> in_columns([one, FigureBlock(b"", "a", ()), one, one, one, one])
    (2, 4)
    """
    start = last_picture(blocks) if start is None else start
    lines = [_lines(block) for block in blocks[start:]]
    best, second = float("inf"), len(blocks)
    for place in range(start + 1, len(blocks)):
        if isinstance(blocks[place - 1], Heading):
            continue
        tallest = max(sum(lines[: place - start]), sum(lines[place - start :]))
        if tallest < best:
            best, second = tallest, place
    return start, second


def _lines(block: Block, wide: float = _HALF) -> float:
    extra = 0.9 if isinstance(block, Heading) else 0.0
    return extra + sum(lines_needed(runs, wide, 9.0) + 0.15 for runs in runs_of(block))


def short(notes: Mapping[str, NumberNote], shown: Collection[str] = ()) -> dict[str, NumberNote]:
    """Leave out of the footnotes what the page's own lines say.

    The commonest source and period stand in the page's lines, methods and what is hidden in its last ones.
    What is left: how many people stand behind a figure, an interval not written beside it, whose the figure
    is when it is another area's, and another figure's source, once a row. A note that tells nothing is none.

    Parameters
    ----------
    notes : notes by their references, `<result_id>:<column>`.
    shown : references of the numbers that the sheet shows.
    """
    common = Counter((note.source, note.period) for note in notes.values()).most_common(1)
    made: dict[str, NumberNote] = {}
    told: set[tuple[str, str, str]] = set()
    for reference, note in notes.items():
        cut = NumberNote(n=note.n, interval="" if _limits_shown(reference, shown) else note.interval)
        of_row = (reference.rpartition(":")[0], note.source, note.period)
        if of_row[1:] != common[0][0] and of_row not in told:
            cut = replace(cut, source=note.source, period=note.period)
            told |= {of_row} if reference in shown else set()
        if cut != NumberNote():
            made[reference] = replace(cut, area=note.area)
    return made


def _limits_shown(reference: str, shown: Collection[str]) -> bool:
    """Say whether the limits of a number stand on the sheet: it is one, or they are written beside it."""
    result, _, column = reference.rpartition(":")
    lower = column if _is_limit(column) else {"value": "lower"}.get(column, f"{column}_lower")
    return _is_limit(column) or f"{result}:{lower}" in shown


def _is_limit(column: str) -> bool:
    return column.endswith(("lower", "upper"))


def _basis(document: Document) -> tuple[Block, ...]:
    """Give methods, what is not shown, the release and where the tables are, in one paragraph."""
    language = document.language
    told = {name: _line(document, name) for name in ("methods", "hidden", "release")}
    methods = methods_by_kind(document.notes, language)
    if methods:
        head = Run(f"{say('pages.basis.methods', language)}: ", strong=True, language=language)
        told["methods"] = (head, Run(methods, language=language))
    runs: list[Run] = []
    for line in told.values():
        ended = plain(line).endswith(".")
        runs += [*line, Run(" " if ended else ". ", language=language)] if line else []
    pointer = Run(say("documents.tables_elsewhere", language), language=language)
    return (Paragraph((*runs, pointer)),)


def methods_by_kind(notes: Mapping[str, NumberNote], language: str) -> str:
    """Say by which method each kind of number was made: a figure, its interval, a difference.

    Kinds made by the same method are told together.

    Examples
    --------
    >>> methods_by_kind({"a:value": NumberNote(method="otos"), "a:lower": NumberNote(method="Wilson")}, "fi")
    'luku: otos; luottamusväli: Wilson'
    >>> methods_by_kind({"a:value": NumberNote(method="malli"), "a:lower": NumberNote(method="malli")}, "fi")
    'luku ja luottamusväli: malli'
    """
    found: dict[str, dict[str, None]] = {}
    for kind in _KINDS:
        for reference, note in notes.items():
            if note.method and _kind(reference) == kind:
                found.setdefault(kind, {})[note.method.rstrip(".")] = None
    if found.get("reference_value", {}).keys() <= found.get("value", {}).keys():
        found.pop("reference_value", None)
    kinds: dict[tuple[str, ...], list[str]] = {}
    for kind, methods in found.items():
        kinds.setdefault(tuple(methods), []).append(say(f"documents.kind.{kind}", language))
    either = say("documents.kind.or", language)
    return "; ".join(f"{_listed(names, language)}: {either.join(way)}" for way, names in kinds.items())


def _listed(names: Sequence[str], language: str) -> str:
    last = say("documents.kind.and", language, last=names[-1])
    return ", ".join(names[:-1]) + last if len(names) > 1 else names[0]


def _kind(reference: str) -> str:
    column = reference.rpartition(":")[2]
    if column.startswith(("difference", "funnel")):
        return column.partition("_")[0]
    if column == "chosen_from":  # told in words beside the number itself
        return column
    return "interval" if _is_limit(column) else column if column in _KINDS else "value"


def _line(document: Document, name: str) -> Runs:
    """Give a line of the basis by its head; nothing when the page has no such line."""
    wanted = say(f"pages.basis.{name}", document.language)
    for block in document.basis:
        if isinstance(block, Paragraph) and plain(block.runs).startswith(wanted):
            return block.runs
    return ()
