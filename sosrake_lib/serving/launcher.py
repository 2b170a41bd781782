"""Serve an app notebook with Voilà on this machine only, behind a page template of our own.

One address answers, `/`; there is no file, kernel or websocket address beside it. A page is plain HTML,
streamed while its cells run, so its kernel is stopped as soon as the page is ready.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.serving import apps
from sosrake_lib.serving.session import make_release, variable_of

if TYPE_CHECKING:
    from traitlets.config import Config

LANGUAGES = ("fi", "en")
DEFAULT_PORT = 8866
CELL_SECONDS = 60
PAGE_SECONDS = 120
LATE_SECONDS = 15
IDLE_SECONDS = 300
MOST_QUERY_CHARACTERS = 500
TEMPLATES = Path(__file__).with_name("voila_templates")

# No script at all runs on a page, and nothing is asked from another host.
CONTENT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def serve(
    project: Path | str,
    port: int | None = None,
    open_browser: bool = False,
    language: str = "fi",
    *,
    address: str = "127.0.0.1",
    app: str = apps.DEFAULT_APP,
) -> None:
    """Serve `notebooks/apps/<app>.ipynb` until interrupted, printing the address to open.

    Parameters
    ----------
    project : root of the workbook.
    port : port to listen on; None takes 8866 or, when it is in use, a free one.
    open_browser : open the page in the user's browser too.
    language : `fi` or `en`, the language of a page whose address does not say `kieli=`.
    address : a loopback address; anything else is refused, as the app has no login.
    app : name of the notebook; `serving.apps` says what each known one needs.

    Raises
    ------
    SosrakeError when the address is not this machine's own, the port is in use or the app does not exist.
    """
    if language not in LANGUAGES:
        raise SosrakeError(say("serving.error.language", asked=repr(language)))
    check_loopback(address)
    if app in apps.FORMS:
        from sosrake_lib.serving.forms_launch import serve_form

        serve_form(app, Path(project), port, language, open_browser)
        return
    notebook = apps.notebook(Path(project), app)
    served, chosen = apps.app_of(app), _port(address, port)
    print(apps.words(app, "starting", language), flush=True)
    with tempfile.TemporaryDirectory(prefix="sosrake-app-") as session:
        told = _told_to_kernels(Path(project).resolve(), Path(session), language, served)
        from sosrake_lib.serving.application import AppServer
        from sosrake_lib.serving.private import silent_log

        # As the process's one application: only then do Voilà's other parts write to its log.
        server = AppServer.instance(config=configuration(address, chosen, told), notebook_path=str(notebook))
        server.page_language, server.page_app = language, served
        server.when_ready = lambda url: _announce(url, open_browser, language, app)
        with silent_log() if served.private else nullcontext():
            _run(server)


def _run(server: Any) -> None:
    try:
        server.initialize([])
        server.start()
    finally:
        type(server).clear_instance()


def check_loopback(address: str) -> None:
    """Refuse an address that other machines could reach.

    Examples
    --------
    >>> check_loopback("127.0.0.1")
    >>> check_loopback("0.0.0.0")
    Traceback (most recent call last):
    ...
    sosrake_lib.errors.SosrakeError: app: osoite '0.0.0.0' näkyisi ...
    """
    if address == "localhost":
        return
    try:
        own = ipaddress.ip_address(address).is_loopback
    except ValueError:
        own = False
    if not own:
        raise SosrakeError(say("serving.error.loopback", address=repr(address)))


def configuration(address: str, port: int, told: Mapping[str, str] | None = None) -> Config:
    """Give the whole configuration of the server; no file of the user's own is read besides.

    `told` are the variables each kernel gets beside its filtered environment.
    """
    from traitlets.config import Config

    from sosrake_lib.batch.kernels import voila_settings

    settings: dict[str, dict[str, Any]] = {
        "AppServer": {"ip": address, "port": port, "port_retries": 0, "open_browser": False, "log_level": 40},
        "VoilaConfiguration": {
            "template": "sosrake",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "strip_sources": True,
            "show_tracebacks": False,
            "file_allowlist": [],
            "file_denylist": [".*"],
            "resources": {},
            "http_keep_alive_timeout": 2 * PAGE_SECONDS,
            "multi_kernel_manager_class": "sosrake_lib.serving.kernels.PageKernels",
            "prelaunch_hook": prepare_page,
        },
        "VoilaExecutor": {"timeout": CELL_SECONDS, "startup_timeout": CELL_SECONDS},
        "VoilaExporter": {"language_code": "fi", "extra_template_basedirs": [str(TEMPLATES)]},
        "MappingKernelManager": {
            "cull_idle_timeout": IDLE_SECONDS,
            "cull_interval": 60,
            "cull_connected": True,
            "allow_tracebacks": False,
        },
        "PageKernels": {"told": dict(told or {})},
        **voila_settings(),
    }
    return Config(settings)


def page_language(query: str, default: str) -> str:
    """Read the page's language from its address; the default when it says none or an unknown one.

    Examples
    --------
    >>> page_language("alue=kunta-297&kieli=en", "fi")
    'en'
    """
    asked = parse_qs(query).get("kieli", [default])[-1]
    return asked if asked in LANGUAGES else default


def prepare_page(handler: Any, *, notebook: Any, cwd: str) -> Any:
    """Give the template the words of the page's frame before its kernel starts (Voilà's prelaunch hook)."""
    from tornado.web import HTTPError

    if len(handler.request.query) > MOST_QUERY_CHARACTERS:
        raise HTTPError(414, "address too long")
    language = page_language(handler.request.query, handler.settings["page_language"])
    notebook.metadata["sosrake_page"] = frame_texts(language, handler.settings["page_app"].name)
    return notebook


def frame_texts(language: str, app: str) -> dict[str, str | int]:
    """Give the words an app's frame says while it loads, is late, is stuck or fails."""
    names = ("title", "skip", "loading", "failed", "start_again")
    reasons = ("failed_error", "failed_timeout", "failed_stopped")
    return {
        "language": language,
        "start_address": f"/?kieli={language}",
        "late_seconds": LATE_SECONDS,
        "limit_seconds": PAGE_SECONDS,
        **{name: apps.words(app, name, language) for name in (*names, *reasons)},
        "late": apps.words(app, "late", language, seconds=LATE_SECONDS, limit=PAGE_SECONDS),
        "stuck": apps.words(app, "stuck", language, limit=PAGE_SECONDS),
    }


def _told_to_kernels(project: Path, session: Path, language: str, app: apps.App) -> dict[str, str]:
    """Make the session's releases and say to the kernels where they lie; the server's own variables stay."""
    told = {
        "SOSRAKE_PROJECT": str(project),
        "SOSRAKE_APP_LANGUAGE": language,
        "SOSRAKE_RELEASES": str(session),
    }
    own = project / "data" / "samples"
    data = Path(os.environ["SOSRAKE_DATA"]) if os.environ.get("SOSRAKE_DATA") else own
    for name in filter(None, (app.release, app.words)):
        told[variable_of(name)] = make_release(name, session, data if data.is_dir() else None)
    return told


def _port(address: str, port: int | None) -> int:
    """Find out before the server starts whether the port is free, so that the answer is one line."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for candidate in (DEFAULT_PORT, 0) if port is None else (port,):
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            if os.name == "posix":
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((address, candidate))
            except OSError:
                continue
            return trial.getsockname()[1]
    raise SosrakeError(say("serving.error.port", port=port))


def _announce(url: str, open_browser: bool, language: str, app: str) -> None:
    print(say("serving.ready", language, title=apps.words(app, "title", language), url=url), flush=True)
    if open_browser and not webbrowser.open(url):
        print(say("serving.no_browser", language, url=url), file=sys.stderr, flush=True)
