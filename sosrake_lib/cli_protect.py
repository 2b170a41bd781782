"""`sosrake audit`: commands of the disclosure control, put under the one command line by `cli`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.cli_report import FINDINGS, FINE
from sosrake_lib.errors import DisclosureError


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command(help="cli.audit.help")(audit)


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
            found = {"id": None, "line": number, "error": str(problem)}
        typer.echo(json.dumps(found, ensure_ascii=False))
    raise typer.Exit(FINDINGS if wrong else FINE)
