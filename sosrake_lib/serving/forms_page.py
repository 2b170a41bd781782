"""What every page of the forms' servers shares: strict headers, one escaping template room, no log.

No script runs, no picture or font is asked from anywhere, and everything a template writes is escaped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from tornado.web import Application, HTTPError, RequestHandler

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import LANGUAGES, say
from sosrake_lib.serving import private
from sosrake_lib.serving.forms import Form, parsed

TEMPLATES = Path(__file__).with_name("forms_templates")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
MOST_BODY_BYTES = 131_072
_FORM_TYPE = "application/x-www-form-urlencoded"
_OWN_HOSTS = ("127.0.0.1", "localhost", "::1")
Answer = TypeVar("Answer")


class FormPage(RequestHandler):
    """A page of plain HTML; `settings["words"]` names the language file its errors speak from."""

    def set_default_headers(self) -> None:
        """Forbid scripts, other hosts, frames, referrers and copies on disk."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse a request that names a host which is not ours (a rebound name of another site)."""
        host = urlsplit(f"//{self.request.host}").hostname
        if host not in (*_OWN_HOSTS, *self.settings.get("hosts", ())):
            raise HTTPError(403, "other host")
        if len(self.request.query) > 500:
            raise HTTPError(414, "address too long")

    def check_xsrf_cookie(self) -> None:
        """Take a form from our own pages only."""
        private.check_sender(self.request)

    @property
    def language(self) -> str:
        """Give the language the address asks for."""
        asked = self.get_query_argument("kieli", self.settings["language"])
        return asked if asked in self.settings["languages"] else self.settings["language"]

    def sent(self) -> Form:
        """Give the form that came, line ends as one sign; 413 and 415 for what is no form of ours."""
        if len(self.request.body) > MOST_BODY_BYTES:
            raise HTTPError(413, "form too long")
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != _FORM_TYPE:
            raise HTTPError(415, "not a form")
        try:
            text = self.request.body.decode("ascii")
        except UnicodeDecodeError:
            raise HTTPError(415, "not a form") from None
        form = parsed(text)
        if form.broken:
            raise HTTPError(415, "not a form")
        plain = {name: value.replace("\r\n", "\n") for name, value in form.fields.items()}
        return Form(plain, sent=True)

    async def aside(self, work: Callable[..., Answer], *given: Any, **named: Any) -> Answer:
        """Do what may wait for a disk or another process without keeping other visitors waiting."""
        return await asyncio.to_thread(work, *given, **named)

    def show(self, template: str, **values: Any) -> None:
        """Answer with a page."""
        words, language = self.settings["words"], self.language
        page = templates().get_template(template)
        self.finish(
            page.render(
                language=language,
                t=lambda key, **named: say(f"{words}.{key}", language, **named),
                say=lambda key, **named: say(key, language, **named),
                query=f"?kieli={language}" if len(self.settings["languages"]) > 1 else "",
                **values,
            )
        )

    def go(self, address: str) -> None:
        """Send the browser to fetch a page, in the language of this one."""
        more = "&" if "?" in address else "?"
        self.redirect(f"{address}{more}kieli={self.language}", status=303)

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        """Say what went wrong without a traceback, a path or a word of what was sent."""
        words, known = self.settings["words"], {403: "403", 405: "405", 413: "413", 414: "414", 415: "415"}
        if status_code in (404, 410):
            keys = (f"{words}.gone.heading", f"{words}.gone.explanation")
        elif status_code in known and self.language != "sv":
            start = f"serving.status.{status_code}"
            keys = (f"{start}.heading", f"{start}.explanation")
        else:
            keys = (f"{words}.failed.heading", f"{words}.failed.explanation")
        heading, explanation = (say(key, self.language) for key in keys)
        self.show("error.html", heading=heading, explanation=explanation)

    def log_exception(self, *_given: Any) -> None:
        """Log nothing: a traceback could carry what somebody wrote."""


class Missing(FormPage):
    """Any address there is nothing at."""

    def get(self, *_given: str) -> None:
        """Say so."""
        raise HTTPError(404)

    post = get


class Style(FormPage):
    """The style sheet, the only thing a page asks for besides itself."""

    def get(self) -> None:
        """Give it."""
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.finish(style())


def application(handlers: list, **settings: Any) -> Application:
    """Make an application of pages that logs nothing and keeps no cookie of its own."""
    settings = {"languages": LANGUAGES, "language": "fi", **settings}
    made = [(r"/tyyli\.css", Style), *handlers, (r"/.*", Missing)]
    return Application(made, log_function=lambda _handler: None, xsrf_cookies=True, **settings)


@cache
def templates() -> Environment:
    """Give the templates: everything is escaped, a name that is not given is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def document(file: Path) -> str:
    """Read a document of the project that is served as a page; `html.rendered` makes the page's part of it.

    Raises
    ------
    SosrakeError when the file is not there.
    """
    if not file.is_file():
        raise SosrakeError(say("serving.error.no_document", file=str(file)))
    return file.read_text(encoding="utf-8")


@cache
def style() -> str:
    """Give the style sheet."""
    return (TEMPLATES / "forms.css").read_text(encoding="utf-8")


__all__ = ["FormPage", "Missing", "Style", "application", "document", "templates"]
