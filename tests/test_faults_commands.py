"""A value of a person's row is planted in an error under every command: nothing that is told repeats it.

The commands are read from the program itself, so a new one is drilled here, or exempted by name with a
reason, before this file passes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

import pytest
import typer

from sosrake_lib import cli
from sosrake_lib.cli_report import PROGRAM_FAULT
from sosrake_lib.errors import FrameError

PLANTED = ("Aino Planttila", "131052-308T", "73135")
QUOTED = ", ".join(PLANTED)


@dataclass(frozen=True)
class Drill:
    """How a command is given, and the function under it that meets the rows."""

    given: str
    broken: str


REGISTER = "sosrake_lib.register.open_register"
WHEN = "--permitted-on 2026-01-01 --permitted-until 2027-01-01"
QUOTE = f"FILE --source haastattelu --theme koyhyys --region hva-E1 {WHEN} --kept-at x --user u"
DRILLS = {
    "claims": Drill("teksti", "sosrake_lib.influence.claims.reading.pieces"),
    "count": Drill("--database FOLDER --table t --what tarpeet", "sosrake_lib.gather.counting.count"),
    "feedback": Drill("FILE", "sosrake_lib.gather.feedback.forms.read_sheet"),
    "audit": Drill("LINES", "sosrake_lib.protect.audit_lines.audit_line"),
    "output-check": Drill("FOLDER", "sosrake_lib.protect.output_check.check_folder"),
    "protect-alternatives": Drill("FILE", "sosrake_lib.gather.tables.import_file"),
    "approve": Drill("--role johtaja 0123456789abcdef", "sosrake_lib.protect.approval.approve"),
    "approvals": Drill("", "sosrake_lib.protect.approval.approvals"),
    "publish": Drill("FOLDER", "sosrake_lib.batch.publish.publish"),
    "export": Drill("0123456789abcdef", "sosrake_lib.protect.release.store.load"),
    "template": Drill("asiakkaat", "sosrake_lib.gather.templates.empty_table"),
    "desk-token": Drill("kayttaja", "sosrake_lib.serving.desk_session.make_token"),
    "document": Drill("hva-E1/x", "sosrake_lib.batch.documents.page_made"),
    "outputs": Drill("", "sosrake_lib.batch.outputs_run.make"),
    "write": Drill("sosiaalinen_raportti --region hva-E1", "sosrake_lib.batch.hand_files.read"),
    "reports": Drill("", "sosrake_lib.batch.run"),
    "import": Drill("FILE --table asiakkaat --to FOLDER", "sosrake_lib.gather.tables.import_file"),
    "check": Drill("FILE --table asiakkaat", "sosrake_lib.gather.tables.check_file"),
    "personal": Drill("FILE", "sosrake_lib.gather.identifiers.command.personal"),
    "trace": Drill("hva-E1/x 3", "sosrake_lib.batch.trace.trace"),
    "analysis-plan": Drill("FILE", "sosrake_lib.batch.analysis_plans.state_of"),
    "training-plan": Drill("", "sosrake_lib.batch.training_command.make_training_plan"),
    "verify": Drill("FOLDER", "sosrake_lib.verify.verify"),
    "app": Drill("", "sosrake_lib.serving.launcher.serve"),
    "gather sotkanet": Drill("--indicator 181 --periods 2019", "sosrake_lib.gather.sotkanet.command"),
    "gather statfin": Drill("t --select a=*", "sosrake_lib.gather.pxweb.command"),
    "gather kela": Drill("t", "sosrake_lib.gather.kela.command"),
    "gather survey": Drill("FILE --to FOLDER", "sosrake_lib.gather.survey_exports.import_export"),
    "gather all": Drill("", "sosrake_lib.gather.gather_all.gather_all"),
    "ledger list": Drill("", "sosrake_lib.protect.ledger_listing.listed"),
    "ledger export": Drill("OUT", "sosrake_lib.protect.ledger_listing.export"),
    "ledger backup": Drill("", "sosrake_lib.protect.ledger_keeping.backup"),
    "ledger restore": Drill("FILE", "sosrake_lib.protect.ledger_keeping.restore"),
    "ledger verify": Drill("", "sosrake_lib.protect.ledger_keeping.verify"),
    "ledger withdraw": Drill(
        "0123456789abcdef --reason virhe", "sosrake_lib.protect.ledger_withdrawal.withdraw"
    ),
    "register backup": Drill("", REGISTER),
    "register restore": Drill("FILE", "sosrake_lib.register.restore"),
    "register verify": Drill("", REGISTER),
    "register export": Drill("--to FOLDER", REGISTER),
    "register retain": Drill("", REGISTER),
    "register redact": Drill("havainto 1 --reason pyynto", REGISTER),
    "register pending": Drill("", REGISTER),
    "register receive": Drill("", "sosrake_lib.register.open_counter"),
    "register front": Drill("", "sosrake_lib.register.open_desk"),
    "register unanswered": Drill("", REGISTER),
    "register samples": Drill("", REGISTER),
    "followup add": Drill("vuosikello --region hva-E1", "sosrake_lib.register.followup.add_entry"),
    "followup change": Drill("1", REGISTER),
    "followup close": Drill("1", REGISTER),
    "followup list": Drill("", REGISTER),
    "followup history": Drill("1", REGISTER),
    "followup import": Drill("vuosikello FILE", "sosrake_lib.gather.tables.import_file"),
    "followup propose": Drill("1", REGISTER),
    "quote add": Drill(QUOTE, "sosrake_lib.register.quote_bank.bank_quote"),
    "quote list": Drill("", REGISTER),
    "quote review": Drill("1 --user u", REGISTER),
    "quote withdraw": Drill("1 --user u", REGISTER),
}
EXEMPT = {"lab": "starts another program and reads no row"}


def commands() -> list[str]:
    """Name every command of the program, those of groups with the group."""

    def below(command: object, path: tuple[str, ...]) -> Iterator[str]:
        under = getattr(command, "commands", None)
        if under is None:
            yield " ".join(path)
            return
        for name, one in under.items():
            yield from below(one, (*path, name))

    return sorted(below(typer.main.get_command(cli.app), ()))


def test_every_command_is_drilled_or_exempted_with_a_reason():
    known = {*DRILLS, *EXEMPT}
    assert sorted(known) == commands()
    assert all(len(reason) > 10 for reason in EXEMPT.values())


def pandas_like() -> Exception:
    """Make an error as pandas does: the value in its words, and another error behind it."""
    try:
        raise KeyError(PLANTED[1])
    except KeyError as behind:
        fault = ValueError(f"could not convert {QUOTED}")
        fault.__cause__ = behind
        return fault


ERRORS = {
    "program": pandas_like,
    "frame": lambda: FrameError(f"kysely: row 12, column answer: {QUOTED!r}; expected 1-6"),
    "unnamed": lambda: KeyError(QUOTED),
}


@pytest.fixture
def told(monkeypatch, tmp_path, capfd, caplog):
    """Give what runs a command over a function that raises: its exit code and everything it said."""

    def run(name: str, drill: Drill, fault: Exception) -> tuple[object, str]:
        met = []

        def fail(*_: object, **__: object) -> None:
            met.append(drill.broken)
            raise fault

        module, _, function = drill.broken.rpartition(".")
        holder = _holder(module)
        monkeypatch.setattr(holder, function, fail)
        places = {
            "FILE": tmp_path / "a.csv",
            "LINES": tmp_path / "a.jsonl",
            "FOLDER": tmp_path,
            "OUT": tmp_path / "out.csv",
        }
        places["FILE"].write_text("kunta_nro;vuosi\n", encoding="utf-8")
        places["LINES"].write_text("{}\n", encoding="utf-8")
        given = [str(places.get(word, word)) for word in drill.given.split()]
        with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit) as left:
            cli.main([*name.split(), *given])
        streams = capfd.readouterr()
        assert met, f"{name}: {drill.broken} was not reached: {streams.err}"
        return left.value.code, "\n".join((streams.out, streams.err, caplog.text))

    return run


def _holder(path: str) -> object:
    try:
        return import_module(path)
    except ModuleNotFoundError:
        above, _, name = path.rpartition(".")
        return getattr(import_module(above), name)


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("name", DRILLS)
def test_an_error_under_a_command_tells_kind_and_place_and_no_value(name, kind, told):
    code, said = told(name, DRILLS[name], ERRORS[kind]())
    assert not [one for one in PLANTED if one in said]
    assert code == PROGRAM_FAULT
    assert type(ERRORS[kind]()).__name__ in said
    assert "Traceback" not in said
    assert ("row 12, column answer" in said) == (kind == "frame")


def test_english_is_told_in_english(told):
    drill = Drill("FILE --table asiakkaat --language en", "sosrake_lib.gather.tables.check_file")
    code, said = told("check", drill, ValueError(QUOTED))
    assert code == PROGRAM_FAULT
    assert "program error ValueError" in said
