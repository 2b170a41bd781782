"""What the command line tells: progress of a run, what it made, findings in a file, what was gathered."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sosrake_lib.language import say
from sosrake_lib.language.numbers import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from sosrake_lib.batch.runner import Failure, LeftOut, Progress, Report
    from sosrake_lib.gather.store import Gathered

FINE, FINDINGS, WRONG_USE, NOTEBOOK_FAILED, PROGRAM_FAULT, INTERRUPTED = 0, 1, 2, 3, 4, 130


@contextmanager
def shown_progress(language: str) -> Iterator[Callable[[Progress], None]]:
    """Show progress as a bar in a terminal, as plain lines elsewhere (a log file, CI)."""
    if not sys.stdout.isatty():
        yield lambda step: typer.echo(_step(step, language))
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns) as bars:
        stages: dict[str, Any] = {}

        def progress(step: Progress) -> None:
            if step.stage not in stages:
                stages[step.stage] = bars.add_task(say(f"cli.stage.{step.stage}", language), total=step.total)
            bars.update(stages[step.stage], completed=step.done, total=max(step.total, step.done))

        yield progress


def _step(step: Progress, language: str) -> str:
    stage = say(f"cli.stage.{step.stage}", language)
    return " ".join([stage, *([f"{step.done}/{step.total}"] if step.total else []), step.text]).strip()


def tell_report(report: Report, language: str) -> None:
    """Print what failed and why, what was left out and why, how many pages were made, and where they are."""
    for alike in _alike(report.failed):
        first = alike[0]
        cell = say("cli.reports.cell", language, cell=first.cell) if first.cell else ""
        copy = say("cli.reports.copy", language, copy=str(first.copy)) if first.copy else ""
        more = say("cli.reports.more", language, count=len(alike) - 1) if len(alike) > 1 else ""
        told = say(
            "cli.reports.failed",
            language,
            page=first.key,
            more=more,
            notebook=first.notebook,
            cell=cell,
            reason=first.reason,
            copy=copy,
        )
        typer.echo(told, err=True)
    for one in report.left_out:
        typer.echo(_left_out(one, language), err=True)
    left_out = sum(len(one.keys) for one in report.left_out)
    typer.echo(
        say(
            "cli.reports.summary_left_out" if left_out else "cli.reports.summary",
            language,
            made=len(report.made),
            skipped=len(report.skipped),
            left_out=left_out,
            failed=len(report.failed),
            seconds=number(report.seconds, 1, language),
        )
    )
    if report.index is not None:
        typer.echo(say("cli.reports.index", language, index=str(report.index)))
    else:
        typer.echo(say("cli.reports.no_index", language), err=True)


def _left_out(one: LeftOut, language: str) -> str:
    more = say("cli.reports.more", language, count=len(one.keys) - 1) if len(one.keys) > 1 else ""
    return say(
        "cli.reports.left_out",
        language,
        notebook=one.notebook,
        page=one.keys[0],
        more=more,
        reason=one.reason,
    )


def _alike(failed: Sequence[Failure]) -> list[list[Failure]]:
    """Put failures of one cell of one notebook for one reason together: a person mends them at once."""
    groups: dict[tuple, list[Failure]] = {}
    for failure in failed:
        groups.setdefault((failure.notebook, failure.cell, failure.reason), []).append(failure)
    return list(groups.values())


def tell_cases(done: pd.DataFrame, language: str) -> None:
    """Print one line a reference case: its state, where it stands, and why it did not pass."""
    for case in done.to_dict("records"):
        values = {str(name): str(value) for name, value in case.items()}
        key = "cli.verify.passed" if case["state"] == "passed" else "cli.verify.not_passed"
        typer.echo(say(key, language, **values))


def tell_import(result: Any, language: str) -> None:
    """Print what was found in a file; leave with 1 when a person has something to mend."""
    for finding in result.findings.to_dict("records"):
        row = "" if finding["row"] is None or finding["row"] != finding["row"] else str(finding["row"])
        place = say("cli.import.place", language, row=row or "–", column=finding["column"] or "–")
        typer.echo(f"{place}: {finding['reason']} {finding['fix']}".strip())
    typer.echo(say(f"cli.import.verdict.{result.verdict}", language, rows=result.rows))
    if result.written is not None:
        typer.echo(say("cli.import.written", language, file=str(result.written)))
    raise typer.Exit(code_of(result))


def code_of(result: Any) -> int:
    """Give the exit code of a verdict on a file: 1 when a person has something to mend."""
    return FINDINGS if result.verdict in ("refuse", "refuse_rows") else FINE


def as_plain(file: Path, result: Any) -> dict[str, Any]:
    """Give a verdict as plain data: file, verdict, findings (row is null when all of the file is meant)."""
    findings = [
        {**one, "row": None if one["row"] is None or one["row"] != one["row"] else int(one["row"])}
        for one in result.findings.astype("object").where(result.findings.notna(), None).to_dict("records")
    ]
    return {"file": file.name, "verdict": result.verdict, "findings": findings}


def tell_gathered(gathered: Gathered, language: str) -> None:
    """Print what a source gave; leave with 1 when nothing was stored."""
    for line in gathered.messages:
        typer.echo(line)
    for file in gathered.files:
        typer.echo(say("cli.gather.stored", language, file=str(file)))
    typer.echo(
        say(
            "cli.gather.summary",
            language,
            rows=gathered.rows,
            values=gathered.values,
            missing=gathered.missing,
        )
    )
    if not gathered.files:
        raise typer.Exit(FINDINGS)
