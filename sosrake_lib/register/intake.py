"""A form's side of the register: it sends, and asks what a receipt shows; it can read no observation.

An `Intake` knows one address of the receiver's process on this machine and nothing else: no file, no database
address, no password. Whatever goes wrong, the form and its text stay with the person who wrote it.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register.receipts import is_receipt, new_key

VARIABLE = "SOSRAKE_INTAKE"
SECONDS = 20.0
_MOST_BYTES = 1_000_000


class NotSaved(SosrakeError):
    """A form was not saved; nothing of it is lost.

    `form` is the form as it was, `kind` why (`fields`, `personal`, `confirm`, `disk`, `away`), `faults` the
    wrong fields as (field, kind of `register.fault`), `findings` where the text names, or seems to name,
    someone as (field, type, start, end).
    """

    def __init__(self, message: str, form: Form, kind: str, told: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.form = form
        self.kind = kind
        self.faults = tuple(tuple(one) for one in (told or {}).get("faults", ()))
        self.findings = tuple(tuple(one) for one in (told or {}).get("findings", ()))


@dataclass(frozen=True, slots=True)
class Form:
    """A form while it is being filled: its fields (field -> text) and the key made when it opened."""

    fields: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default_factory=new_key)

    def filled(self, **fields: str) -> Form:
        """Give the same form with more fields; the key stays, so that sending again never doubles it."""
        return Form({**self.fields, **fields}, self.key)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a code shows: dated states in their order and feedback, each a mapping of texts."""

    states: tuple[Mapping[str, str], ...]
    feedback: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """The sending end; `address` is "host:port" of the receiver, by default environment SOSRAKE_INTAKE."""

    address: str = field(default_factory=lambda: os.environ.get(VARIABLE, ""))

    def send(self, form: Form, *, confirmed: bool = False) -> str:
        """Send a form and give its receipt code; sending again gives the same code and saves nothing twice.

        Parameters
        ----------
        confirmed : the writer has looked at what is probably personal data and says that it names nobody.

        Raises
        ------
        NotSaved, with the form and its text.
        """
        asked = {"verb": "save", "key": form.key, "fields": dict(form.fields), "confirmed": confirmed}
        try:
            told = self._ask(asked)
        except SosrakeError as problem:
            raise NotSaved(str(problem), form, "away") from None
        if not told.get("ok"):
            raise NotSaved(str(told.get("message", "")), form, str(told.get("kind", "away")), told)
        return str(told["receipt"])

    def look_up(self, code: str) -> Receipt | None:
        """Say what a receipt code shows; None while the form waits for the desk, and for a code never given.

        Raises
        ------
        SosrakeError when the code was mistyped (its check sign does not agree), or nobody answers.
        """
        if not is_receipt(code):
            raise SosrakeError(
                "register: this is not a whole receipt code; check it sign by sign: three groups of five"
            )
        told = self._ask({"verb": "receipt", "code": code}).get("receipt")
        return None if told is None else Receipt(tuple(told["states"]), tuple(told["feedback"]))

    def summaries(self, theme: str | None = None) -> tuple[Mapping[str, Any], ...]:
        """List the approved summaries of phenomena, all or of one theme: the thanks a reporter gets."""
        told = self._ask({"verb": "summaries"}).get("summaries", ())
        return tuple(one for one in told if theme is None or one["teema"] == theme)

    def _ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        host, _, port = self.address.rpartition(":")
        if not host or not port.isdecimal():
            raise SosrakeError(f"register: no receiver at {self.address!r}; start sosrake register receive")
        try:
            with socket.create_connection((host, int(port)), timeout=SECONDS) as link:
                link.sendall(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
                link.shutdown(socket.SHUT_WR)
                with link.makefile("rb") as answer:
                    told = json.loads(answer.read(_MOST_BYTES))
        except (OSError, ValueError):
            raise SosrakeError(
                "register: the receiver did not answer; your text is kept here: try again in a moment"
            ) from None
        return told if isinstance(told, dict) else {}
