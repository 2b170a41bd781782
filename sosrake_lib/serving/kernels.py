"""The app's kernels: few, with only the environment they need, gone when the page is ready."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextvars import ContextVar

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Dict, Int

# Names and starts of names a kernel needs; tokens, passwords and keys of the server's environment stay out.
_NEEDED = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "VIRTUAL_ENV", "CONDA_PREFIX"),
        *(
            "SYSTEMROOT",
            "WINDIR",
            "USERPROFILE",
            "APPDATA",
            "LOCALAPPDATA",
            "PROGRAMDATA",
            "COMSPEC",
            "PATHEXT",
        ),
        *("PYTHONPATH", "PYTHONHASHSEED", "PYTHONUTF8", "IPYTHONDIR", "MPLCONFIGDIR", "LD_LIBRARY_PATH"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
        *("SOSRAKE_PROJECT", "SOSRAKE_DATA", "SOSRAKE_HOME"),
        *("QUERY_STRING", "SCRIPT_NAME", "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"),
        *("SERVER_SOFTWARE", "VOILA_BASE_URL", "VOILA_SERVER_URL", "VOILA_PREHEAT"),
    }
)
_NEEDED_STARTS = ("LC_",)

# Where a kernel finds the form it was sent: in its own environment, which only this user may read.
FORM = "SOSRAKE_APP_FORM"

_started: ContextVar[list[str] | None] = ContextVar("sosrake_started_kernels", default=None)
_form: ContextVar[str] = ContextVar("sosrake_form_of_the_request", default="")


def filtered_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Keep what a kernel needs to run a page; everything else of the server's environment is left out.

    Examples
    --------
    >>> filtered_environment({"PATH": "/bin", "DATABASE_PASSWORD": "x", "LC_ALL": "C.UTF-8"})
    {'PATH': '/bin', 'LC_ALL': 'C.UTF-8'}
    """
    return {
        name: value
        for name, value in environment.items()
        if name.upper() in _NEEDED or name.upper().startswith(_NEEDED_STARTS)
    }


class PageKernels(AsyncMappingKernelManager):
    """Kernels of open pages: at most `most_kernels` at a time, each with a filtered environment."""

    most_kernels = Int(
        8, config=True, help="Pages computed at the same time; the next visitor is told to wait."
    )
    told = Dict(config=True, help="Variables each kernel gets beside its filtered environment.")

    async def _async_start_kernel(self, *, kernel_id=None, path=None, **kwargs):
        if len(self.list_kernel_ids()) >= self.most_kernels:
            raise HTTPError(503, "all %d kernels of the app are in use", self.most_kernels)
        form = {FORM: _form.get()} if _form.get() else {}
        kwargs["env"] = {**filtered_environment(kwargs.get("env", os.environ)), **self.told, **form}
        started = await super()._async_start_kernel(kernel_id=kernel_id, path=path, **kwargs)
        record = _started.get()
        if record is not None:
            record.append(started)
        return started

    # jupyter_client calls the public name; both must lead here.
    start_kernel = _async_start_kernel  # type: ignore[assignment]


def record_started() -> list[str]:
    """Begin a list, for the running request alone, of the kernels it starts."""
    record: list[str] = []
    _started.set(record)
    return record


def give_form(text: str) -> None:
    """Hand a form's text to the kernel that the running request, and no other, will start.

    It is kept in memory alone: no file, no cell of the notebook and no message that a history stores.
    """
    _form.set(text)


async def stop(manager: AsyncMappingKernelManager, kernel_ids: list[str]) -> None:
    """Stop a page's kernels now: a finished page is plain HTML and needs none."""
    alive = [kernel_id for kernel_id in kernel_ids if kernel_id in manager]
    await asyncio.gather(
        *(manager.shutdown_kernel(kernel_id, now=True) for kernel_id in alive), return_exceptions=True
    )
