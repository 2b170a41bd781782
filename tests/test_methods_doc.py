"""docs/methods.md names every method of the registry, and every method names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

from sosrake_lib.indicators.methods import methods

PROJECT = Path(__file__).resolve().parents[1]
DOC = PROJECT / "docs" / "methods.md"


def table() -> str:
    """Render the registry as the rows of the document's table."""
    rows = ["| key in column `method` | what it is | formula | source |", "|---|---|---|---|"]
    for entry in methods():
        source = f"doi {entry.doi}" if entry.doi else entry.source
        rows.append(f"| `{entry.key}` | {entry.name_en} | {entry.formula} | {source} |".replace("\n", " "))
    return "\n".join(rows)


def test_the_table_of_methods_equals_the_registry():
    text = DOC.read_text(encoding="utf-8")
    shown = re.search(r"<!-- registry:start -->\n(.*?)\n?<!-- registry:end -->", text, flags=re.DOTALL)
    assert shown is not None
    assert shown[1].strip() == table(), "renew the table of docs/methods.md from the registry"


def test_every_test_named_by_a_method_exists():
    for entry in methods():
        assert entry.tests, f"{entry.key} names no test"
        for node in entry.tests:
            file, _, name = node.partition("::")
            text = (PROJECT / file).read_text(encoding="utf-8")
            assert re.search(rf"(?m)^def {name.split('[')[0]}\b", text), f"{entry.key}: {node} is not there"
