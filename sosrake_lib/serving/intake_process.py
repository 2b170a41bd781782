"""The process that serves the form: started by `intake_launch`, given one address and no credential.

It reads its own program, binds its port, raises the fence, says the port and serves until its parent closes
the pipe it was given.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from datetime import date

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from sosrake_lib.language import LANGUAGES, messages, numbers, say
from sosrake_lib.register.intake import Intake
from sosrake_lib.serving import forms_page, intake, private
from sosrake_lib.serving.forms_fields import VARIANTS, asked
from sosrake_lib.serving.html import rendered
from sosrake_lib.serving.intake_fence import raise_fence

_PAGES = ("form", "thanks", "where", "summaries", "document", "print")
_WORDS = ("raportointi", "register", "serving")
TAKEN = 3


def main() -> None:
    """Serve until the parent is gone; told what to do by one line of JSON."""
    told = json.loads(sys.stdin.readline())
    try:
        with private.silent_log():
            asyncio.run(_serve(told))
    except OSError:
        sys.exit(TAKEN)


async def _serve(told: dict) -> None:
    documents = {name: rendered(text, say("raportointi.table")) for name, text in told["documents"].items()}
    room = intake.Room(Intake(told["receiver"]), told["county"], documents)
    app = intake.make(room, told["language"], tuple(told["hosts"]))
    sockets = bind_sockets(told["port"], "127.0.0.1")
    warm(told["county"])
    raise_fence(told["receiver"])
    server = HTTPServer(
        app,
        max_body_size=forms_page.MOST_BODY_BYTES,
        xheaders=bool(told["hosts"]),
        idle_connection_timeout=60,
    )
    server.add_sockets(sockets)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_wait, args=(loop, over), daemon=True).start()
    forgetting = asyncio.create_task(intake.forget(room))
    print(sockets[0].getsockname()[1], flush=True)
    await over.wait()
    forgetting.cancel()
    server.stop()


def warm(county: str) -> None:
    """Read everything the pages will need before the fence stands."""
    for language in LANGUAGES:
        for words in _WORDS:
            if words != "serving" or language != "sv":
                messages.catalogue(words, language)
        numbers.day(date(2020, 1, 1), language)
        for variant in VARIANTS:
            asked(variant, language, county)
    for page in _PAGES:
        forms_page.templates().get_template(f"intake_{page}.html")
    for page in ("base.html", "error.html", "intake_base.html", "intake_parts.html"):
        forms_page.templates().get_template(page)
    forms_page.style()


def _wait(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    sys.stdin.read()
    loop.call_soon_threadsafe(over.set)


if __name__ == "__main__":
    main()
