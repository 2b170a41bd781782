"""Kernels that cannot be waited for in vain: a client that looks at its shell socket four times a second.

Where a cell writes into an ipywidgets `Output`, the executing side sends on the same shell socket on which
it awaits the reply; the send can swallow the socket's wake-up and the reply then lies unread for ever.
Polling in slices finds it at the next slice. The same client serves papermill (`SlicedKernelManager`) and
Voilà (`voila_settings`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

SLICE_SECONDS = 0.25
# A Unix socket's path has room for 104 bytes on macOS and 108 on Linux; the channel's number is added to it.
_LONGEST_SOCKET_PATH = 100


class SlicedChannel(AsyncZMQSocketChannel):
    """A shell channel whose waiting is cut into slices, so that no lost wake-up lasts longer than one."""

    async def get_msg(  # type: ignore[override]
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """Give the next message; `queue.Empty` when none came in `timeout` seconds (None: no limit)."""
        if self.socket is None:
            raise Empty
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = SLICE_SECONDS if deadline is None else deadline - time.monotonic()
            # poll() first asks the socket itself: what a lost wake-up left behind is seen here
            if await self.socket.poll(max(0, int(1000 * min(left, SLICE_SECONDS)))):
                return await self._recv()
            if deadline is not None and time.monotonic() >= deadline:
                raise Empty


class SlicedClient(AsyncKernelClient):
    """A kernel client with a sliced shell channel; otherwise Jupyter's own."""

    shell_channel_class = Type(SlicedChannel)


class SlicedKernelManager(AsyncKernelManager):
    """Starts ordinary kernels and talks to them through `SlicedClient`, over private sockets on POSIX.

    On POSIX the transport is `ipc` in a folder only this user may enter, because a kernel's TCP port is open
    to every user of the machine. Where the temporary folder's path is too long for a socket, TCP is used.
    """

    client_factory = Type(klass=AsyncKernelClient, default_value=SlicedClient, config=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._private: Path | None = None
        if os.name == "posix" and not self.connection_file:
            folder = Path(tempfile.mkdtemp(prefix="sosrake-"))
            self._private = folder
            self.connection_file = str(folder / "k.json")
            longest = f"{folder / 'k-ipc'}-5"
            self.transport = "ipc" if len(os.fsencode(longest)) <= _LONGEST_SOCKET_PATH else "tcp"

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart and self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)
            self._private = None

    cleanup_resources = _async_cleanup_resources


def voila_settings() -> dict[str, dict[str, str]]:
    """Give the settings that make Voilà's kernels use the same client, for its configuration file.

    >>> voila_settings()["ServerKernelManager"]["client_factory"]
    'sosrake_lib.batch.kernels.SlicedClient'
    """
    settings = {"client_factory": f"{__name__}.{SlicedClient.__name__}"}
    if os.name == "posix":
        settings["transport"] = "ipc"
    return {"ServerKernelManager": settings}
