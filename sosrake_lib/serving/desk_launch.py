"""Starting the desk: on this machine only, over the register and its front, for those who have a token."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.register import Desk, open_desk
from sosrake_lib.serving import desk
from sosrake_lib.serving.desk_session import FIRST_USER, Door, check_folder, make_token, tokens_folder
from sosrake_lib.serving.forms_page import MOST_BODY_BYTES
from sosrake_lib.serving.intake_launch import hosts
from sosrake_lib.serving.private import silent_log

DEFAULT_PORT = 8868
# Never used for a change: each session's own user is put in its place.
_NOBODY = "tyopoyta"


def serve(
    port: int | None = None,
    language: str = "fi",
    when_ready: Callable[[str], None] = print,
    when_made: Callable[[str, str], None] = print,
) -> None:
    """Serve the desk until interrupted; the first start makes the first user's token.

    Parameters
    ----------
    port : None takes 8868 or, when it is in use, a free one.
    when_ready : told the address; when_made : told the user and the file of a token made now.

    Raises
    ------
    SosrakeError when the port is taken, a token can be read by others, or the register does not open.
    """
    folder = tokens_folder()
    if not check_folder(folder):
        when_made(FIRST_USER, str(make_token(FIRST_USER, folder)))
    opened = open_desk(_NOBODY)
    try:
        with silent_log():
            asyncio.run(_serve(opened, Door(folder), _sockets(port), language, when_ready))
    finally:
        opened.shut()


async def _serve(
    opened: Desk, door: Door, sockets: list[socket.socket], language: str, when_ready: Callable[[str], None]
) -> None:
    proxied = tuple(hosts())
    app = desk.make(opened, door, language, proxied)
    server = HTTPServer(
        app, max_body_size=MOST_BODY_BYTES, xheaders=bool(proxied), idle_connection_timeout=60
    )
    server.add_sockets(sockets)
    when_ready(f"http://127.0.0.1:{sockets[0].getsockname()[1]}/")
    await asyncio.Event().wait()


def _sockets(port: int | None) -> list[socket.socket]:
    for candidate in (DEFAULT_PORT, 0) if port is None else (port,):
        try:
            return bind_sockets(candidate, "127.0.0.1")
        except OSError:
            continue
    raise SosrakeError(say("serving.error.port", port=str(port)))
