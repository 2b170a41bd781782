"""`sosrake claims`: what a text, a notebook or a page says that it should not."""

from __future__ import annotations

from typing import Annotated

import typer

from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say


def add_commands(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command(help="cli.claims.help")(claims)


def claims(
    what: Annotated[str, typer.Argument(metavar="TEXT", help="cli.option.claims_what")],
    claim: Annotated[str, typer.Option("--claim", help="cli.option.claims_claim")] = "",
    result: Annotated[list[str] | None, typer.Option("--result", help="cli.option.claims_result")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="cli.option.claims_json")] = False,
    language: Speak = Language.fi,
) -> None:
    """Print each finding with its place, why, and a better wording; ends with 1 when there are any."""
    import json
    import sys

    from sosrake_lib.effects.design import Claim
    from sosrake_lib.influence.claims import reading

    told = sys.stdin.read() if what == "-" else what
    known = ", ".join(one.value for one in Claim)
    if claim and claim not in {one.value for one in Claim}:
        raise SosrakeError(say("claims.no_claim", language, claim=claim, known=known))
    most = Claim(claim) if claim else reading.claim_of(told)
    found = reading.find_in(reading.pieces(told, language), most, tuple(result or ()))
    rows = found.to_dict("records")
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            line = say("claims.line", language, **{name: row[name] for name in ("phrase", "why", "better")})
            where = f"{row['where']}, {say('claims.kind.' + row['kind'], language)}"
            typer.echo(say("claims.place", language, where=where, line=line))
        typer.echo(
            say("claims.found", language, count=len(rows)) if rows else say("claims.nothing", language)
        )
    if rows:
        raise typer.Exit(1)
