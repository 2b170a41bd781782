"""The one gate, judged by machine: what people see is made of releases, selections and texts, nothing else.

Read from the syntax of the library, not from a run, so that a new writer cannot slip past by being untested.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

from sosrake_lib.errors import SosrakeError
from sosrake_lib.influence import exports, pages, rows

PROJECT = Path(__file__).resolve().parents[1]
LIBRARY = PROJECT / "sosrake_lib"
INFLUENCE = LIBRARY / "influence"
MODULES = sorted(INFLUENCE.rglob("*.py"))

# What figures and words may come in.
RELEASED = {"Release", "Selection", "Text", "Exportable", "Row"}
# Words, choices and containers; they hold no figure of anybody.
PLAIN = {
    *("str", "bool", "None", "Ellipsis", "tuple", "list", "dict", "set", "frozenset", "date", "Path"),
    *("Sequence", "Mapping", "Iterable", "Iterator", "Callable", "Literal"),
}
# What people see, or what is written for them.
MADE = {"Table", "Figure", "Sentence", "Text", "Note", "Heading", "Page", "Site", "bytes"}
# Numbers that lay a page out, by the parameter's name.
LAYOUT = {"decimals", "every", "numbers", "build_year", "dots", "stubs", "most"}
# Words of an office's own plan and of the ladder of designs: what was to be done, what may be claimed.
PLANNED = {"Chain", "Measure", "Link", "Claim"}
# By what role and when a release was approved; no figure.
STATES = {"Approval"}
# What a page maker takes beside these, each with the reason why no figure of a person can come in by it.
FACTS = "facts that were public before the project: acts, bodies, organisations and its own published words"
WHOLE_MODULES = {"project_texts": FACTS, "decisions": FACTS, "words_deciders": FACTS}
SINGLE = {
    "training.hours.amount": "the length of a course as its own plan says",
    "words_costs.who_chooses.chosen": "what the reader is willing to pay: a choice, no finding",
    "words_costs.at_levels.chosen": "what the reader is willing to pay: a choice, no finding",
    "training.reasons.filters": "which rows of the release are wanted",
    "chart_style.finish.drawing": "a canvas the caller has drawn released rows on",
    "chart_style.finish.axes": "a canvas the caller has drawn released rows on",
    "charts_chain.chain.known": "the figures of the chain, read from a release by words_chain",
    "pdf_headers.with_row_headers.pdf": "a file the writer beside it has made of a page",
    "pictures.described.png": "a picture the room has drawn of released rows",
    "pictures.marked.png": "a picture the room has drawn of released rows",
    "pictures.titled.svg": "a picture the room has drawn of a page",
    "words_media.message.bodies": FACTS,
    "site_files.write_all.files": "files the room has made of pages",
    "safe.sealed.content": "a file the writers beside it have made",
    "charts_funnel.funnel.curve": "limits of a funnel: what chance alone gives at each size, of no area",
    "pages.page_from_notebook.notebook": "an executed notebook: only outputs signed by pages.show are read",
}


@dataclass(frozen=True)
class Taken:
    """One parameter of a public function: where it is, and the names its annotation holds."""

    place: str
    names: frozenset[str]


def names_in(annotation: ast.expr | None) -> frozenset[str]:
    """Give the names of an annotation; one that is absent is told as such."""
    if annotation is None:
        return frozenset({"(no annotation)"})
    return frozenset(
        node.id if isinstance(node, ast.Name) else str(node.value)
        for node in ast.walk(annotation)
        if isinstance(node, ast.Name | ast.Constant)
    )


def makers(tree: ast.Module, module: str) -> list[Taken]:
    """List the parameters of the public functions that make what people see."""
    found = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        made = names_in(node.returns)
        if not made & MADE and node.name != "show":
            continue
        given = [
            *node.args.posonlyargs,
            *node.args.args,
            *node.args.kwonlyargs,
            node.args.vararg,
            node.args.kwarg,
        ]
        found += [Taken(f"{module}.{node.name}.{one.arg}", names_in(one.annotation)) for one in given if one]
    return found


def classes(folder: Path) -> set[str]:
    """Name the classes and aliases a folder's modules define."""
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.add(node.targets[0].id)
    return found


OWN = classes(INFLUENCE) | classes(LIBRARY / "catalogue")


def allowed(place: str) -> set[str]:
    """Name what a parameter may hold."""
    layout = {"int", "float"} if place.rpartition(".")[2] in LAYOUT else set()
    return RELEASED | PLAIN | PLANNED | STATES | OWN | layout


def judged(path: Path) -> list[str]:
    """Give what is wrong with a module's makers."""
    name = path.stem if path.stem != "__init__" else path.parent.name
    if name in WHOLE_MODULES:
        return []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = [(one, one.names - allowed(one.place)) for one in makers(tree, name)]
    return [f"{one.place}: {', '.join(sorted(odd))}" for one, odd in wrong if odd and one.place not in SINGLE]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_makers_take_released_things_and_words_only(path):
    assert judged(path) == []


def test_each_exception_is_still_needed():
    there = {one.place for path in MODULES for one in makers(ast.parse(path.read_text("utf-8")), path.stem)}
    assert set(SINGLE) <= there
    assert set(WHOLE_MODULES) <= {path.stem for path in MODULES}


def test_a_maker_of_raw_figures_is_found():
    """The check itself: each raw thing a new writer might take is named."""
    source = (
        "def rates(rows: pd.DataFrame, wide: np.ndarray, one: float, many, *, decimals: int) -> Table: ...\n"
        "def _own(rows: pd.DataFrame) -> Table: ...\n"
        "def fine(selection: Selection, names: Mapping[str, str] | None = None) -> list[Sentence]: ...\n"
    )
    odd = {one.place: one.names - allowed(one.place) for one in makers(ast.parse(source), "new")}
    assert {place for place, names in odd.items() if names} == {
        f"new.rates.{x}" for x in ("rows", "wide", "one", "many")
    }
    assert not odd["new.rates.decimals"]
    assert not odd["new.fine.names"]


def functions(folder: Path) -> set[str]:
    """Name the functions a folder's modules define: reading a page's own markup is one of them."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def calls(tree: ast.AST) -> set[str]:
    """Name the functions called, by their last name."""
    return {
        ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.Call)
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_room_reads_no_data_and_opens_the_gate_in_one_place(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = calls(tree)
    plain = {"read_text", "read_bytes", *functions(INFLUENCE)}
    assert not {name for name in called if name.startswith("read_") and name not in plain}
    assert ("protected_frame" in called) == (path.stem == "rows")
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert not imported & {"samples", "gather", "register"}


def test_releases_are_made_by_protect_alone():
    """Nobody else builds a release or a selection, or reaches for the frames inside one."""
    for path in sorted(LIBRARY.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.parent.name == "protect" or path.parent.parent.name == "protect":
            continue
        own = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        assert not (calls(tree) - own) & {"Release", "Selection", "Part"}, path.name
        reached = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert "_frames" not in reached, path.name


@pytest.mark.parametrize(
    "thing", [{"value": 3}, 3, "3", [3], object()], ids=lambda thing: type(thing).__name__
)
def test_the_doors_refuse_at_run_time_too(thing):
    with pytest.raises(SosrakeError):
        pages.show(thing)
    with pytest.raises(SosrakeError):
        exports.export(thing, "csv")
    with pytest.raises(SosrakeError):
        rows.rows_of(thing)
