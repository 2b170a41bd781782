"""`sosrake template ...`: empty tables and printable forms, put under the one command line by `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.errors import GatherError
from sosrake_lib.language import say


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(help="cli.template.help")(template)


def template(
    kind: Annotated[str, typer.Argument(help="cli.option.template_kind")],
    to: Annotated[Path | None, typer.Option("--to", help="cli.option.template_to")] = None,
    paper: Annotated[bool, typer.Option("--print", help="cli.option.template_print")] = False,
    language: Speak = Language.fi,
) -> None:
    """Write an empty table of a kind, or its form for paper; without a file, tell it on the screen."""
    from sosrake_lib.gather.templates import empty_table, printable

    text = printable(kind, language) if paper else empty_table(kind)
    if to is None:
        typer.echo(text, nl=False)
        return
    if to.exists():
        raise GatherError(say("cli.template.exists", language, file=str(to)))
    # The mark of UTF-8 in front of a table is what a Finnish spreadsheet needs to read ä and ö.
    to.write_text(text, encoding="utf-8" if paper else "utf-8-sig", newline="\n")
    typer.echo(say("cli.template.written", language, file=str(to)))
