"""The command line's own words: help texts, headings and wrong use, in the language asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say

# The command-line library keeps its errors in a place of its own; this is the base of every wrong use.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

# What the library writes in English whatever the language, and the message that says it.
_WRITTEN = {
    r"^Usage:": "usage",
    r"^Options:": "options",
    r"^Commands:": "commands",
    r"^Arguments:": "arguments",
    r"\[required\]": "required",
    r"\[default: ": "default",
    r"\[OPTIONS\]": "options_mark",
    r"COMMAND \[ARGS\]\.\.\.": "command_mark",
}

_NOT_ONE_OF = re.compile(r"(?:Value error, )?(?P<given>'.*') is not one of (?P<known>.*?)\.?")


class Language(StrEnum):
    """Languages of messages and pages."""

    fi = "fi"
    en = "en"


# every command's `--language`: one that is not known is refused in words before anything is done
Speak = Annotated[Language, typer.Option("--language", help="cli.option.page_language")]


def speak(command: Any, language: str) -> None:
    """Put the help texts of a command and its subcommands, keys of `cli.toml`, into the language."""
    for part in with_parts(command):
        if part.help and part.help.startswith("cli."):
            part.help = say(part.help, language)
        if hasattr(part, "get_help"):
            _give_help(part, language)


def name_project(given: Path | None) -> Path | None:
    """Let everything a command calls find the project that was named on the command line."""
    if given is not None:
        os.environ["SOSRAKE_PROJECT"] = str(given.resolve())
    return given


def project_folder(given: Path | None) -> Path:
    """Give the project named on the command line, else the nearest one; it must have a plan."""
    from sosrake_lib.samples import project_root

    folder = name_project(given) or project_root()
    if not (folder / "notebooks" / "plan.toml").is_file():
        raise SosrakeError(say("batch.no_plan", path=str(folder / "notebooks" / "plan.toml")))
    return folder.resolve()


def with_parts(command: Any) -> Iterator[Any]:
    """Give a command, its parameters and its subcommands: everything that has a help text."""
    yield command
    yield from (one for one in command.params if hasattr(one, "help"))
    for part in getattr(command, "commands", {}).values():
        yield from with_parts(part)


def wrong_use(problem: Any, language: str) -> str:
    """Say in one line what was written wrong, and where the right way is told."""
    path = problem.ctx.command_path if problem.ctx is not None else "sosrake"
    return say("cli.wrong_use.line", language, what=_what(problem, language), command=path)


def _what(problem: Any, language: str) -> str:
    kind = type(problem).__name__
    if kind == "NoSuchOption":
        return say("cli.wrong_use.option", language, name=problem.option_name)
    if kind == "MissingParameter":
        return say("cli.wrong_use.missing", language, name=_name(problem))
    if isinstance(problem, typer.BadParameter):
        choice = _NOT_ONE_OF.fullmatch(problem.message)
        why = say("cli.wrong_use.choice", language, **choice.groupdict()) if choice else problem.message
        return say("cli.wrong_use.value", language, name=_name(problem), why=why)
    unknown = re.fullmatch(r"No such command '(.*)'\.?", problem.message)
    if unknown:
        return say("cli.wrong_use.command", language, name=unknown[1])
    return say("cli.wrong_use.other", language, why=problem.message)


def _name(problem: Any) -> str:
    parameter = problem.param
    if parameter is None:
        return "?"
    longest = max(parameter.opts, key=len)
    return longest if longest.startswith("-") else longest.upper()


def _give_help(command: Any, language: str) -> None:
    """Put the headings of a command's help, and what --help itself says, into the language."""
    written, option_of = command.get_help, command.get_help_option

    def get_help(context: Any) -> str:
        text = written(context)
        for pattern, key in _WRITTEN.items():
            text = re.sub(pattern, say(f"cli.headings.{key}", language), text, flags=re.MULTILINE)
        return text

    def get_help_option(context: Any) -> Any:
        option = option_of(context)
        if option is not None:
            option.help = say("cli.option.help", language)
        return option

    command.get_help, command.get_help_option = get_help, get_help_option
