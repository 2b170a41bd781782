"""The Voilà application as the workbook runs it: one page, our template, errors in the reader's language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated
from traitlets import List, Type, Unicode, validate
from voila.app import Voila
from voila.configuration import VoilaConfiguration
from voila.tornado.handler import TornadoVoilaHandler

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.serving import html, kernels, private
from sosrake_lib.serving.apps import App, words
from sosrake_lib.serving.launcher import (
    CONTENT_POLICY,
    PAGE_SECONDS,
    TEMPLATES,
    check_loopback,
    page_language,
)

_SAID_STATUSES = (403, 404, 405, 410, 413, 414, 415, 503)


class Reader(IdentityProvider):
    """Everyone on this machine is the same nameless reader: no login and no cookie."""

    def get_user(self, handler: Any) -> User:
        """Give the reader, without the cookie Jupyter would leave behind."""
        return User("lukija")


class PageHandler(TornadoVoilaHandler):
    """Stream the page, stop its kernel when it is ready, and never wait without an end."""

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Answer `/` with the page; any other address with a page that leads back."""
        await self._page(path)

    async def _page(self, path: str | None) -> None:
        if path:
            raise HTTPError(404)
        started = kernels.record_started()
        try:
            async with asyncio.timeout(PAGE_SECONDS):
                async for snippet in self.get_generator(path=None):
                    self.write(snippet)
                    await self.flush()
        except TimeoutError:
            self.write(self._stuck())
        except StreamClosedError:
            self.log.info("the reader left before the page was ready")
        finally:
            await kernels.stop(self.kernel_manager, started)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what went wrong in the page's language; no traceback and no path reaches the reader."""
        status = status_code if status_code in _SAID_STATUSES else 500
        language = self._language()
        self.set_header("Content-Type", "text/html; charset=utf-8")
        template = self.settings["voila_jinja2_env"].get_template("error.html")
        page = template.render(
            page_language=language,
            heading=say(f"serving.status.{status}.heading", language),
            explanation=say(f"serving.status.{status}.explanation", language),
            start_again=say("serving.frame.start_again", language),
            start_address=f"{self.base_url}?kieli={language}",
        )
        self.finish(page)

    def check_xsrf_cookie(self) -> None:
        """Take a form only from our own page; there is no cookie to check, as nothing is kept."""
        if self.request.method not in ("GET", "HEAD"):
            private.check_sender(self.request)

    def _language(self) -> str:
        return page_language(self.request.query, self.settings["page_language"])

    def _stuck(self) -> str:
        language = self._language()
        reason = words(self.settings["page_app"].name, "stuck", language, limit=PAGE_SECONDS)
        box = html.answer(say("serving.frame.failed", language), reason)
        return f"<style>#loading {{ display: none; }}</style>{box}</main></body></html>"


class PrivatePageHandler(PageHandler):
    """A page whose form holds people's answers: sent by POST, shown once at an address of its own."""

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Answer `/` with the empty form, and the one-time address of a form with its results."""
        if not private.is_result(path):
            await self._page(path)
            return
        form = self.settings["waiting_forms"].take(path)
        if form is None:
            raise HTTPError(410)
        kernels.give_form(form)
        await self._page(None)

    @authenticated
    async def post(self, path: str | None = None) -> None:
        """Take a form and send the browser on, so that what it remembers holds no answer."""
        if path and not private.is_result(path):
            raise HTTPError(404)
        waiting = self.settings["waiting_forms"]
        address = waiting.put(private.form_of(self.request))
        IOLoop.current().call_later(private.WAIT_SECONDS + 1, waiting.forget_old)
        query = f"?{self.request.query}" if self.request.query else ""
        self.redirect(f"{self.base_url}{address}{query}", status=303)


class AppServer(Voila):
    """Voilà on loopback, with no address but the page's and no configuration but ours."""

    config_file_paths = List(Unicode(), [])
    page_language = "fi"
    page_app = App("")
    when_ready: Callable[[str], None] = staticmethod(lambda url: None)
    ip = Unicode("127.0.0.1", config=True)
    identity_provider_class = Type(Reader, klass=IdentityProvider)

    @validate("ip")
    def _only_loopback(self, proposal: Any) -> str:
        check_loopback(proposal["value"])
        return proposal["value"]

    def setup_template_dirs(self) -> None:
        """Point to the package's own template; Voilà would wait without an answer for one it cannot find."""
        folder = TEMPLATES / str(VoilaConfiguration(parent=self).template)
        if not (folder / "index.html.j2").is_file():
            raise SosrakeError(say("serving.error.template", folder=str(folder)))
        self.template_paths = [str(folder)]
        self.static_paths = []

    def init_settings(self) -> dict:  # type: ignore[override]
        """Add the headers of every answer; refuse requests that name another host (DNS rebinding)."""
        return {
            **super().init_settings(),  # type: ignore[dict-item]
            "allow_remote_access": False,
            "page_language": self.page_language,
            "page_app": self.page_app,
            "waiting_forms": private.Waiting(),
            "default_handler_class": self._handler(),
            "default_handler_args": self._page_arguments(),
            "headers": {
                "Content-Security-Policy": CONTENT_POLICY,
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
            },
        }

    def init_handlers(self) -> list:  # type: ignore[override]
        """Serve the page alone: no kernel, file, theme or websocket address."""
        return [(r"/(.*)", self._handler(), self._page_arguments())]

    def listen(self) -> None:
        """Listen as Voilà does, but read no request larger than a form of ours could be."""
        usual = self.app.listen
        self.app.listen = partial(usual, max_body_size=private.MOST_BODY_BYTES)  # type: ignore[method-assign]
        super().listen()

    def start(self) -> None:
        """Start listening and say the address once the server answers."""
        IOLoop.current().add_callback(lambda: self.when_ready(f"http://{self._host()}:{self.port}/"))
        super().start()

    def _host(self) -> str:
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    def _handler(self) -> type[PageHandler]:
        return PrivatePageHandler if self.page_app.private else PageHandler

    def _page_arguments(self) -> dict[str, Any]:
        return {
            "notebook_path": Path(str(self.notebook_path)).name,
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
