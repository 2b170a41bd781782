"""`sosrake export`: a release, or a part of it, as a file; put under the one command line by `cli`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sosrake_lib.language import say


class Form(StrEnum):
    """Forms of an exported file; tsv and html are for the clipboard."""

    csv = "csv"
    xlsx = "xlsx"
    ods = "ods"
    docx = "docx"
    pptx = "pptx"
    json = "json"
    tsv = "tsv"
    html = "html"


class FigureLanguage(StrEnum):
    """Languages of exported figures: Swedish too, whose names stand in the catalogue."""

    fi = "fi"
    en = "en"
    sv = "sv"


def add_commands(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    app.command(help="cli.export.help")(export)


def export(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="cli.option.export_release")],
    form: Annotated[Form, typer.Option("--format", help="cli.option.export_format")] = Form.xlsx,
    part: Annotated[str | None, typer.Option("--part", help="cli.option.export_part")] = None,
    region: Annotated[str | None, typer.Option("--region", help="cli.option.export_region")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="cli.option.export_to")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="cli.option.output")] = None,
    language: Annotated[
        FigureLanguage, typer.Option("--language", help="cli.option.language")
    ] = FigureLanguage.fi,
) -> None:
    """Write a release, or a part or an area of it, into a file."""
    from sosrake_lib.batch.releases import release_folder
    from sosrake_lib.errors import DisclosureError
    from sosrake_lib.influence.exports import write
    from sosrake_lib.protect import Release

    opened = Release.load(release, None if output is None else release_folder(output))
    thing = opened if part is None else opened.select(part)
    if region is not None:
        level, _, code = region.partition("-")
        if part is None:
            raise DisclosureError(f"export: --region {region} needs --part, one of {', '.join(opened.parts)}")
        thing = opened.select(part, region=(level, code))
    name = "-".join([opened.name, *(piece for piece in (part, region, opened.id) if piece)])
    place = Path(f"{name}.{form}") if to is None else to / f"{name}.{form}" if to.is_dir() else to
    if place.suffix != f".{form}":
        raise DisclosureError(f"export: --to {place.name}: expected a folder or a name that ends .{form}")
    written = write(thing, place, language=language)
    typer.echo(say("vienti.written", language, file=written.name))
