"""The receiver: a process boundary between a form's kernel and what has been reported.

It listens on this machine only and knows three verbs: save a form, show a receipt, list approved summaries.
There is no verb that reads an observation, and the `Counter` it works with could not. One request is one line
of JSON; anything else (a browser's HTTP, a long or slow line) is refused and the link closed.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Mapping
from typing import Any

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register.fields import faults, text_fields
from sosrake_lib.register.front import Counter
from sosrake_lib.register.receipts import is_key, receipt
from sosrake_lib.register.screening import SURE, PersonalData, refuse_personal

LONGEST_REQUEST = 100_000
SECONDS = 20.0
AT_ONCE = 32


class Receiver:
    """Serves forms from a thread of the process that holds the counter; use it as a context.

    `address` is what an `Intake` is given ("127.0.0.1:port").
    """

    def __init__(self, counter: Counter, port: int = 0) -> None:
        self._counter = counter
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.counter = counter
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Give the receiver's address."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def __enter__(self) -> Receiver:
        """Start answering."""
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        """Stop answering; forms being saved are saved first."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self) -> None:
        """Answer until interrupted."""
        self._server.serve_forever()


def answer(counter: Counter, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one request; never repeats a word of a form."""
    verb = asked.get("verb")
    if verb == "save":
        return _save(counter, asked)
    if verb == "receipt" and isinstance(asked.get("code"), str):
        return {"ok": True, "receipt": counter.receipt(asked["code"])}
    if verb == "summaries":
        return {"ok": True, "summaries": counter.summaries()}
    return {"ok": False, "kind": "request", "message": "no such verb"}


def _save(counter: Counter, asked: Mapping[str, Any]) -> dict[str, Any]:
    key, given = asked.get("key"), asked.get("fields")
    if not isinstance(key, str) or not is_key(key) or not isinstance(given, dict):
        return {"ok": False, "kind": "request", "message": "a form has a key and fields"}
    wrong = faults(given)
    if wrong:
        told = [(one.field, one.kind) for one in wrong]
        return {"ok": False, "kind": "fields", "message": "correct the fields", "faults": told}
    texts = {name: given[name] for name in text_fields() if given.get(name)}
    try:
        probable = refuse_personal(texts, confirmed=asked.get("confirmed") is True)
    except PersonalData as named:
        kind = "personal" if named.level == SURE else "confirm"
        places = [(one.field, one.type, one.start, one.end) for one in named.findings]
        return {"ok": False, "kind": kind, "message": str(named), "findings": places}
    code = receipt(key)
    counter.put(key, {"fields": given, "confirmed": len(probable)}, code)
    return {"ok": True, "receipt": code}


class _Server(socketserver.ThreadingTCPServer):
    """Threads that are waited for at the end; a crowd waits in the listening queue."""

    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128
    counter: Counter

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._room.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a traceback could carry a form's words to a log."""


class _Handler(socketserver.StreamRequestHandler):
    timeout = SECONDS

    def handle(self) -> None:
        told: dict[str, Any]
        try:
            asked = json.loads(self.rfile.readline(LONGEST_REQUEST))
            told = answer(self.server.counter, asked if isinstance(asked, dict) else {})  # type: ignore[attr-defined]
        except SosrakeError as problem:
            told = {"ok": False, "kind": "disk", "message": str(problem)}
        except (ValueError, RecursionError):
            told = {"ok": False, "kind": "request", "message": "one line of JSON is expected"}
        self.wfile.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
