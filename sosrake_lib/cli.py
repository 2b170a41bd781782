"""`sosrake ...`: a thin shell over the library; one function of it stands behind each command.

Exit codes: 0 fine, 1 findings, 2 wrong use, 3 a notebook failed, 4 a fault of
the program (told without its own words), 130 interrupted.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sosrake_lib import (
    cli_alternatives,
    cli_claims,
    cli_counting,
    cli_desk,
    cli_documents,
    cli_export,
    cli_feedback,
    cli_followup,
    cli_gather,
    cli_ledger,
    cli_outputs,
    cli_protect,
    cli_quotes,
    cli_register,
    cli_template,
)
from sosrake_lib.cli_report import (
    FINDINGS,
    FINE,
    INTERRUPTED,
    NOTEBOOK_FAILED,
    PROGRAM_FAULT,
    WRONG_USE,
    as_plain,
    code_of,
    shown_progress,
    tell_cases,
    tell_import,
    tell_report,
)
from sosrake_lib.cli_words import Language, Speak, UsageError, name_project, project_folder, speak, wrong_use
from sosrake_lib.errors import DisclosureError, GatherError, SosrakeError
from sosrake_lib.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence


_LAB_START = "/lab/tree/notebooks"


# help texts are keys of language/*/cli.toml; `main` puts them into the language asked for
Project = Annotated[Path | None, typer.Option("--project", help="cli.option.project")]
Data = Annotated[Path | None, typer.Option("--data", help="cli.option.data")]
Output = Annotated[Path | None, typer.Option("--output", help="cli.option.output")]
Kind = Annotated[str, typer.Option("--table", help="cli.option.table")]
File = Annotated[Path, typer.Argument(help="cli.option.file")]
HeaderRow = Annotated[int | None, typer.Option("--header-row", min=1, help="cli.option.header_row")]

app = typer.Typer(
    help="cli.help",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
cli_gather.add_commands(app)
cli_counting.add_commands(app)
cli_feedback.add_commands(app)
cli_protect.add_commands(app)
cli_alternatives.add_commands(app)
cli_ledger.add_commands(app)
cli_export.add_commands(app)
cli_register.add_commands(app)
cli_followup.add_commands(app)
cli_quotes.add_commands(app)
cli_template.add_commands(app)
cli_desk.add_commands(app)
cli_documents.add_commands(app)
cli_outputs.add_commands(app)
cli_claims.add_commands(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(given)
    command = typer.main.get_command(app)
    speak(command, language)
    try:
        # not standalone: the library would write its usage over several lines
        left = command.main(args=given, prog_name="sosrake", standalone_mode=False)
    except UsageError as wrong:
        if type(wrong).__name__ == "NoArgsIsHelpError":
            typer.echo(str(wrong))
            sys.exit(FINE)
        _say_problem(wrong_use(wrong, language))
        sys.exit(WRONG_USE)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Exception as problem:
        # an error may quote a person's figure: only those whose words are known not to are told as they are
        from sosrake_lib.batch import faults

        ours = faults.is_ours(problem)
        _say_problem(str(problem) if ours else faults.in_words("sosrake", problem, language))
        findings = isinstance(problem, GatherError | DisclosureError)
        sys.exit((FINDINGS if findings else WRONG_USE) if ours else PROGRAM_FAULT)
    sys.exit(left if isinstance(left, int) else FINE)


@app.command(help="cli.reports.help")
def reports(
    data: Data = None,
    output: Output = None,
    language: Speak = Language.fi,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="cli.option.workers")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="cli.option.only")] = None,
    correct: Annotated[str, typer.Option("--correct", help="cli.option.correct")] = "",
    project: Project = None,
) -> None:
    """Make every region's pages."""
    from sosrake_lib.batch import run

    with shown_progress(language) as progress:
        try:
            report = run(
                project_folder(project),
                data=data,
                output=output,
                language=language.value,
                workers=workers,
                only=only or (),
                corrects=correct,
                progress=progress,
            )
        except KeyboardInterrupt:
            typer.echo(say("cli.reports.interrupted", language), err=True)
            raise typer.Exit(INTERRUPTED) from None
    tell_report(report, language)
    raise typer.Exit(NOTEBOOK_FAILED if report.failed else FINE)


@app.command(name="import", help="cli.import.help")
def import_table(
    file: File,
    table: Kind,
    to: Annotated[Path, typer.Option("--to", help="cli.option.to")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="cli.option.dry_run")] = False,
    header_row: HeaderRow = None,
    language: Speak = Language.fi,
) -> None:
    """Bring a file of one's own into a data folder."""
    from sosrake_lib.gather.tables import import_file

    _check_asked(file, table, language)
    result = import_file(
        file, table=table, to=to, dry_run=dry_run, language=language.value, header_row=header_row
    )
    tell_import(result, language)


@app.command(help="cli.check.help")
def check(
    file: File,
    table: Kind,
    as_json: Annotated[bool, typer.Option("--json", help="cli.option.json")] = False,
    header_row: HeaderRow = None,
    language: Speak = Language.fi,
) -> None:
    """Say what is wrong with a file, writing nothing."""
    from sosrake_lib.gather.tables import check_file

    _check_asked(file, table, language)
    result = check_file(file, table=table, language=language.value, header_row=header_row)
    if not as_json:
        tell_import(result, language)
    typer.echo(json.dumps(as_plain(file, result), ensure_ascii=False, indent=1))
    raise typer.Exit(code_of(result))


@app.command(help="cli.personal.help")
def personal(
    file: Annotated[str, typer.Argument(help="cli.option.personal_file")],
    masked: Annotated[bool, typer.Option("--mask", help="cli.option.personal_mask")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="cli.option.personal_jsonl")] = False,
    language: Speak = Language.fi,
) -> None:
    """Say where personal data stands in a text."""
    from sosrake_lib.gather.identifiers.command import personal as look

    findings = False
    for told in look(file, masked=masked, jsonl=jsonl, language=language.value):
        typer.echo("\n".join(told.lines), nl=not masked)
        findings = findings or (told.findings and not jsonl)
    raise typer.Exit(FINDINGS if findings else FINE)


@app.command(help="cli.trace.help")
def trace(
    page: Annotated[str, typer.Argument(help="cli.option.page")],
    shown: Annotated[str, typer.Argument(metavar="NUMBER", help="cli.option.number")],
    output: Output = None,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Say what stands behind a number of a page."""
    from sosrake_lib.batch.trace import trace as follow

    found = follow(page, shown, project_folder(project), output=output, language=language)
    typer.echo("\n\n".join("\n".join(one.lines(language)) for one in found))


@app.command(name="analysis-plan", help="cli.analysis_plan.help")
def analysis_plan(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="cli.option.analysis_plan")],
    lock: Annotated[bool, typer.Option("--lock", help="cli.option.lock_plan")] = False,
    language: Speak = Language.fi,
) -> None:
    """Lock an analysis plan, or say whether it is locked and when its outcomes were opened."""
    from datetime import date

    from sosrake_lib.batch.analysis_plans import lock_plan, state_of

    if lock:
        lock_plan(path, date.today())
    typer.echo("\n".join(state_of(path, language)))


@app.command(name="training-plan", help="cli.training_plan.help")
def training_plan(
    data: Data = None,
    start: Annotated[str | None, typer.Option("--start", help="cli.option.start")] = None,
    write: Annotated[bool, typer.Option("--write", help="cli.option.write")] = False,
    to: Annotated[Path | None, typer.Option("--to", help="cli.option.plan_to")] = None,
    region: Annotated[str | None, typer.Option("--region", help="cli.option.answered_in")] = None,
    period: Annotated[str | None, typer.Option("--period", help="cli.option.answered_when")] = None,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Turn the competence survey into a training plan that people go on editing."""
    from sosrake_lib.batch.training_command import make_training_plan

    name_project(project)
    report = make_training_plan(
        data, start=start, write=write, to=to, region=region, period=period, language=language.value
    )
    typer.echo("\n".join(report.lines(language.value)))


@app.command(help="cli.verify.help")
def verify(
    folder: Annotated[Path | None, typer.Argument(help="cli.option.cases")] = None,
    topic: Annotated[list[str] | None, typer.Option("--topic", help="cli.option.topic")] = None,
    kinds: Annotated[bool, typer.Option("--kinds", help="cli.option.kinds")] = False,
    language: Speak = Language.fi,
) -> None:
    """Run reference cases against this installation, or list what a case may ask for."""
    from sosrake_lib.verify import kinds_as_markdown, summary
    from sosrake_lib.verify import verify as run_cases

    if kinds:
        typer.echo(kinds_as_markdown())
        return
    done = run_cases(folder, topic or ())
    tell_cases(done, language)
    # The line is the same in every language: scripts and reviewers look for it.
    typer.echo(summary(done))
    raise typer.Exit(FINE if (done["state"] == "passed").all() else FINDINGS)


@app.command(help="cli.lab.help")
def lab(project: Project = None, language: Speak = Language.fi) -> None:
    """Open the notebooks in JupyterLab."""
    folder = project_folder(project)
    typer.echo(say("cli.lab.starting", language, folder=str(folder / "notebooks")))
    try:
        # `-m` takes the JupyterLab of this very Python, wherever PATH points
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                f"--ServerApp.root_dir={folder}",
                f"--LabApp.default_url={_LAB_START}",
            ],
            check=False,
        )
    except KeyboardInterrupt:
        return
    raise typer.Exit(done.returncode)


@app.command(name="app", help="cli.app.help")
def serve_app(
    name: Annotated[str, typer.Argument(help="cli.option.app_name")] = "tilannekuva",
    listing: Annotated[bool, typer.Option("--list", help="cli.option.app_list")] = False,
    port: Annotated[int | None, typer.Option("--port", help="cli.option.port")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="cli.option.browser")] = False,
    language: Speak = Language.fi,
    project: Project = None,
) -> None:
    """Serve an app on this machine, or list the apps."""
    from sosrake_lib.serving.apps import listed
    from sosrake_lib.serving.launcher import serve

    if listing:
        typer.echo("\n".join(listed(project_folder(project), language)))
        return
    try:
        serve(project_folder(project), port=port, open_browser=browser, language=language, app=name)
    except KeyboardInterrupt:
        return


def _language(arguments: Sequence[str]) -> str:
    """Find the language of help texts before the arguments are read."""
    for place, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--language=") else ""
        if argument == "--language" and place + 1 < len(arguments):
            value = arguments[place + 1]
        if value in set(Language):
            return value
    return Language.fi.value


def _say_problem(text: str) -> None:
    typer.echo(f"sosrake: {' '.join(text.split())}", err=True)


def _check_asked(file: Path, table: str, language: str) -> None:
    """Refuse a file that is not there and a kind of table there is none of: wrong use, not a finding."""
    from sosrake_lib.gather.schemas import kinds

    if table not in kinds():
        raise SosrakeError(say("cli.import.no_kind", language, table=table, known=", ".join(kinds())))
    if not file.is_file():
        raise SosrakeError(say("cli.import.no_file", language, file=str(file)))
