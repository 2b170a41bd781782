"""The sliced client: notebooks with Output widgets finish, and messages arrive in time or not at all."""

from __future__ import annotations

import asyncio
import os
from queue import Empty

import nbformat
import pytest

from sosrake_lib.batch import kernels

CELLS = 60
ROUNDS = 3
# One cell takes milliseconds; a swallowed wake-up lasts for ever. The limit only tells the two apart.
LIMIT_SECONDS = 60


class Socket:
    """A socket whose message is there but never announced: poll(None) would never return."""

    def __init__(self, announced_at: int) -> None:
        self.asked: list[int] = []
        self.announced_at = announced_at

    async def poll(self, milliseconds):
        self.asked.append(milliseconds)
        return len(self.asked) >= self.announced_at


class Channel(kernels.SlicedChannel):
    def __init__(self, socket) -> None:
        self.socket = socket

    async def _recv(self):
        return {"content": "reply"}


def test_waiting_without_limit_asks_the_socket_again_and_again():
    socket = Socket(announced_at=4)
    assert asyncio.run(Channel(socket).get_msg()) == {"content": "reply"}
    assert socket.asked == [250, 250, 250, 250]


def test_a_time_limit_ends_in_empty():
    with pytest.raises(Empty):
        asyncio.run(Channel(Socket(announced_at=10**9)).get_msg(timeout=0))


def test_a_closed_channel_is_empty():
    with pytest.raises(Empty):
        asyncio.run(Channel(None).get_msg(timeout=1))


def test_manager_keeps_its_sockets_private():
    manager = kernels.SlicedKernelManager(kernel_name="python3")
    try:
        assert manager.client_factory is kernels.SlicedClient
        if os.name == "posix":
            folder = os.path.dirname(manager.connection_file)  # noqa: PTH120
            assert manager.transport == "ipc"
            assert os.stat(folder).st_mode & 0o077 == 0  # noqa: PTH116
    finally:
        asyncio.run(manager.cleanup_resources())


@pytest.mark.skipif(os.name != "posix", reason="Unix sockets only")
def test_long_temporary_folder_falls_back_to_tcp(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert kernels.SlicedKernelManager(kernel_name="python3").transport == "tcp"


def test_notebook_of_output_widgets_finishes_every_time():
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell("import ipywidgets\nfrom IPython.display import display")]
    cells += [
        nbformat.v4.new_code_cell(
            f"shown = ipywidgets.Output()\ndisplay(shown)\nwith shown:\n    print({number})\nprint({number})"
        )
        for number in range(CELLS)
    ]
    for _ in range(ROUNDS):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in cells])
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=LIMIT_SECONDS,
            kernel_manager_class=kernels.SlicedKernelManager,
            shutdown_kernel="immediate",
        )
        client.execute()
        assert [cell["execution_count"] for cell in notebook.cells] == list(range(1, CELLS + 2))


def test_voila_settings_name_a_class_that_exists():
    from traitlets.utils.importstring import import_item

    named = kernels.voila_settings()["ServerKernelManager"]["client_factory"]
    assert import_item(named) is kernels.SlicedClient
