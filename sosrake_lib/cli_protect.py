"""`sosrake audit`: commands of the disclosure control, put under the one command line by `cli`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.cli_report import FINDINGS, FINE
from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.errors import DisclosureError


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(help="cli.audit.help")(audit)
    app.command("output-check", help="cli.output_check.help")(output_check)


def audit(
    file: Annotated[Path, typer.Argument(help="cli.option.audit_file")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="cli.option.audit_jsonl")] = False,
) -> None:
    """Attack what is published as a reader would, one JSON line a case; `-` reads standard input."""
    from sosrake_lib.protect.audit_lines import audit_line

    if not jsonl and str(file) != "-" and file.suffix != ".jsonl":
        raise DisclosureError(f"audit: {file.name}: expected lines of JSON; say --jsonl if it holds them")
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    wrong = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = audit_line(json.loads(line))
        except (DisclosureError, json.JSONDecodeError, TypeError, AttributeError) as problem:
            wrong = True
            # what Python says of a wrong type may quote a figure of the line
            plain = isinstance(problem, TypeError | AttributeError)
            found = {"id": None, "line": number, "error": type(problem).__name__ if plain else str(problem)}
        typer.echo(json.dumps(found, ensure_ascii=False))
    raise typer.Exit(FINDINGS if wrong else FINE)


def output_check(
    folder: Annotated[Path, typer.Argument(help="cli.option.results")],
    minimum: Annotated[int, typer.Option("--minimum", help="cli.option.minimum")] = 5,
    degrees: Annotated[int, typer.Option("--degrees", help="cli.option.degrees")] = 10,
    to: Annotated[Path | None, typer.Option("--statement", help="cli.option.statement")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="cli.option.json")] = False,
    language: Speak = Language.fi,
) -> None:
    """Check results before they leave a secure environment, and write the statement that goes with them."""
    from sosrake_lib.protect.output_check import Limits, check_folder, statement

    found = check_folder(folder, Limits(minimum_count=minimum, degrees=degrees))
    text = statement(found, language)
    if to is not None:
        to.write_text(text, encoding="utf-8")
    typer.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else text)
    raise typer.Exit(FINDINGS if found.risks else FINE)
