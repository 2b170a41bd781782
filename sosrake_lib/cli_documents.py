"""`sosrake document`: a page as PDF, Word, slides, a picture or data; put under the command line by `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.cli_words import Language, Speak
from sosrake_lib.language import say


def add_commands(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command(help="cli.document.help")(document)


def document(
    page: Annotated[str, typer.Argument(metavar="PAGE", help="cli.option.document_page")],
    region: Annotated[str, typer.Option("--region", help="cli.option.document_region")] = "",
    forms: Annotated[str, typer.Option("--format", help="cli.option.document_format")] = "pdf",
    to: Annotated[Path | None, typer.Option("--to", help="cli.option.document_to")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="cli.option.output")] = None,
    language: Speak = Language.fi,
    project: Annotated[Path | None, typer.Option("--project", help="cli.option.project")] = None,
) -> None:
    """Write a made page in other formats."""
    from sosrake_lib.batch.documents import page_made
    from sosrake_lib.batch.releases import release_folder
    from sosrake_lib.cli_words import project_folder
    from sosrake_lib.influence.documents import make_documents
    from sosrake_lib.influence.number_facts import with_facts
    from sosrake_lib.influence.number_notes import notes_of

    folder = project_folder(project)
    place = (output or folder / "reports").resolve()
    made = page_made(folder, place, page, region, language.value)
    formats = [form.strip() for form in forms.split(",") if form.strip()]
    releases = release_folder(place)
    made = with_facts(made, releases)
    files = make_documents(made, formats, to or Path(), notes=notes_of(made, releases), releases=releases)
    typer.echo(say("documents.written", language, files=", ".join(file.name for file in files)))
