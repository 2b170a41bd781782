"""docs/peers.md claims nothing without a command, and every command, test and function it names exists."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import typer

from sosrake_lib.cli import app

PROJECT = Path(__file__).resolve().parents[1]
TEXT = (PROJECT / "docs" / "peers.md").read_text(encoding="utf-8")
CODE = sorted(set(re.findall(r"`([^`\n]+)`", TEXT)))
NODES = [text for text in CODE if text.startswith("tests/")]
COMMANDS = [text for text in CODE if text.startswith("sosrake ")]
SCRIPTS = [text for text in CODE if text.startswith("python ") and "pytest" not in text]
FUNCTIONS = [text for text in CODE if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)]
BUILT, NOT_BUILT = "shown by", "not built"


def rows() -> list[list[str]]:
    """Give the rows of the capability tables (not of the figures measured) as lists of cells."""
    tables = [part for part in re.split(r"\n\n", TEXT) if BUILT in part.partition("\n")[0]]
    lines = [line for table in tables for line in table.splitlines()[2:]]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_row_names_a_command_or_says_that_it_is_not_built():
    assert len(rows()) > 80
    for row in rows():
        capability, ours, shown = row[:3]
        if ours.startswith(NOT_BUILT):
            assert shown == "-", capability
        else:
            assert re.fullmatch(r"`(tests/|sosrake |python )[^`]+`", shown), capability
        assert all(row), capability


@pytest.mark.parametrize("node", NODES)
def test_every_test_named_exists(node):
    file, _, name = node.partition("::")
    text = (PROJECT / file).read_text(encoding="utf-8")
    assert not name or re.search(rf"(?m)^def {re.escape(name)}\b", text)


def commands_of(command) -> dict:
    return getattr(command, "commands", {})


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_and_option_exists(line):
    words = line.split()[1:]
    found = typer.main.get_command(app)
    while words and words[0] in commands_of(found):
        found = commands_of(found)[words.pop(0)]
    assert not commands_of(found) or not words, f"{line}: {words[0]} is no command"
    options = {option for one in found.params for option in one.opts}
    asked = [word for word in words if word.startswith("--")]
    assert set(asked) <= options
    for place, word in enumerate(words):
        if word == "--topic" and words[place + 1] != "NAME":
            assert (PROJECT / "tests" / "reference" / f"{words[place + 1]}.csv").is_file()


@pytest.mark.parametrize("line", SCRIPTS)
def test_every_script_and_option_exists(line):
    _, file, *words = line.split()
    source = (PROJECT / file).read_text(encoding="utf-8")
    for place, word in enumerate(words):
        if word.startswith("--"):
            assert f'"{word}"' in source
        if word == "--only":
            named = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / file).parent.glob("*.py"))
            assert words[place + 1] in named.lower()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_named_exists(name):
    module, function = name.split(".")
    assert callable(getattr(importlib.import_module(f"sosrake_lib.indicators.{module}"), function))


@pytest.mark.parametrize("page", ["methods.md", "verify.md", "peers.md"])
def test_every_test_and_topic_named_by_a_page_exists(page):
    text = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text):
        source = (PROJECT / file).read_text(encoding="utf-8")
        assert not name or re.search(rf"(?m)^def {name}\b", source), f"{page}: {file}::{name}"
    for topic in re.findall(r"verify --topic ([a-z_]+)", text):
        assert (PROJECT / "tests" / "reference" / f"{topic}.csv").is_file(), f"{page}: {topic}"
