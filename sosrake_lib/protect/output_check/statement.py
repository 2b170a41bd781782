"""The statement a researcher hands to whoever decides on results leaving a secure environment."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from sosrake_lib.language import numbers, say
from sosrake_lib.protect.output_check.checking import CheckedFile, FolderCheck
from sosrake_lib.protect.output_check.limits import Risk

ROOM = "output_check"


def statement(found: FolderCheck, language: str = "fi", day: date | None = None) -> str:
    """Write the statement as markdown: what was checked, by which limits, what was seen, what to judge.

    The lines for purpose, population and method are left for the researcher to fill. Nothing is called safe.

    Parameters
    ----------
    found : what `check_folder` gives.
    language : fi or en.
    day : date of the statement; left out, today.
    """
    limits = found.limits
    told = {name: numbers.count(value, language) for name, value in asdict(limits).items()}
    lines = [
        f"# {say(f'{ROOM}.title', language)}",
        "",
        say(f"{ROOM}.intro", language, folder=found.folder, day=numbers.day(day or date.today(), language)),
        "",
        say(f"{ROOM}.limits", language, **told),
        "",
        *[
            f"- {say(f'{ROOM}.fill.{name}', language)}: "
            for name in ("purpose", "data", "population", "method")
        ],
        "",
        say(f"{ROOM}.summary", language, files=str(len(found.files)), risks=str(found.risks)),
    ]
    for one in found.files:
        lines += ["", *_file(one, language)]
    closing = [say(f"{ROOM}.{name}", language) for name in ("never_safe", "also")]
    return "\n".join([*lines, "", *closing, "", f"- {say(f'{ROOM}.fill.signed', language)}: ", ""])


def lines_of(one: CheckedFile, language: str) -> list[str]:
    """Tell each risk of a file in a sentence."""
    return [_risk(risk, language) for risk in one.risks]


def _file(one: CheckedFile, language: str) -> list[str]:
    told = say(f"{ROOM}.file", language, tables=str(one.tables), rows=numbers.count(one.rows, language))
    risks = [f"- {line}" for line in lines_of(one, language)]
    nothing = [f"- {say(f'{ROOM}.nothing_seen', language)}"]
    # A hash of a file that must stay could be tried against its few possible small counts.
    told_hash = one.sha256 if one.sha256 and not one.risks else "–"
    return [f"## {one.path}", "", told, f"sha256: {told_hash}", "", *(risks or nothing)]


def _risk(risk: Risk, language: str) -> str:
    return say(
        f"{ROOM}.risk.{risk.kind}", language, where=risk.where, places=numbers.count(risk.places, language)
    )
