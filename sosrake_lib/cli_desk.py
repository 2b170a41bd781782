"""`sosrake desk-token ...`: who may sit at the desk, put under the one command line by `cli`."""

from __future__ import annotations

from typing import Annotated

import typer

from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.language import say


def add_commands(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command(name="desk-token", help="cli.desk_token.help")(desk_token)


def desk_token(
    user: Annotated[str, typer.Argument(help="cli.option.desk_user")],
    remove: Annotated[bool, typer.Option("--remove", help="cli.option.desk_remove")] = False,
    language: Speak = Language.fi,
) -> None:
    """Make a user's token for the desk, or take it away; the token itself is never printed."""
    from sosrake_lib.serving.desk_session import make_token, remove_token

    if remove:
        remove_token(user)
        typer.echo(say("tyopoyta.cli.removed", language, user=user))
        return
    file = make_token(user)
    typer.echo(say("tyopoyta.cli.made", language, user=user, file=str(file)))
