"""The desk as a server of its own: everything behind a login, every change with the version that was seen.

One address takes all changes (`/tee/NAME`) and answers with the page the person came from, where stands what
came of it. What somebody wrote is given back whenever it was not saved.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tornado.web import Application, HTTPError

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import LANGUAGES
from sosrake_lib.register import Desk
from sosrake_lib.register.coding import CODED
from sosrake_lib.register.fields import fields
from sosrake_lib.register.proposals import TARGETS
from sosrake_lib.register.receipts import new_key, receipt
from sosrake_lib.serving import desk_read
from sosrake_lib.serving.desk_actions import Done, act
from sosrake_lib.serving.desk_session import SESSION_SECONDS, Door, Session
from sosrake_lib.serving.forms_fields import areas, asked, choice_label, field_label
from sosrake_lib.serving.forms_page import FormPage, application

COOKIE = "istunto"
_BACK = re.compile(r"/(?:(?:havainto|ilmio|koodaus)/\d{1,9}|koodaus|ilmiot|vastaamatta|paperi)?")
_SPOKEN = ("fi", "en")


@dataclass(frozen=True)
class Room:
    """What the pages share: the desk whose user is put in for each session, and the door."""

    desk: Desk
    door: Door


class Page(FormPage):
    """A page of the desk."""

    @property
    def room(self) -> Room:
        """Give what the pages share."""
        return self.settings["room"]

    @property
    def session(self) -> Session | None:
        """Give the session this browser has."""
        return self.room.door.sessions.get(self.get_cookie(COOKIE, "") or "")

    def entered(self) -> Session:
        """Give the session; a browser without one is sent to the login."""
        session = self.session
        if session is None:
            raise HTTPError(401)
        self.room.door.sessions.touch(self.get_cookie(COOKIE, "") or "")
        return session

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send those without a session to the login; say other errors as any page does."""
        if status_code == 401:
            self.set_status(303)
            self.set_header("Location", f"/kirjaudu?kieli={self.language}")
            self.finish()
            return
        super().write_error(status_code, **kwargs)

    async def page(self, template: str, here: str, read: Callable[[Desk], dict[str, Any]]) -> None:
        """Read what a page shows aside and show it, with what came of the last action."""
        session = self.entered()
        desk = replace(self.room.desk, user=session.user)
        try:
            values = await self.aside(read, desk)
        except SosrakeError:
            raise HTTPError(404) from None
        done: Done | None = session.answers.get(self.get_query_argument("viesti", ""))
        self.show(template, **self._common(session, here, done), **values)

    def _common(self, session: Session, here: str, done: Done | None) -> dict[str, Any]:
        language = self.language

        def written(action: str, name: str, otherwise: object = "") -> object:
            kept = done is not None and done.kind != "done" and done.action == action
            return done.written.get(name, "") if kept and done is not None else otherwise

        return {
            "user": session.user,
            "form_key": session.key,
            "here": here,
            "done": done,
            "written": written,
            "new_key": new_key,
            "today": date.today().isoformat(),
            "areas": areas(language),
            "targets": TARGETS,
            "coded": CODED,
            "spoken": LANGUAGES,
            "classes_of": lambda name: [
                (one, choice_label(name, one, language)) for one in fields()[name].values
            ],
            "label_of": lambda name: field_label(name, language),
        }


class Login(Page):
    """Where a token is brought."""

    def get(self) -> None:
        """Ask for the token."""
        self.show(
            "desk_login.html", wrong=self.get_query_argument("vaara", "") == "1", user="", here="/kirjaudu"
        )

    async def post(self) -> None:
        """Open a session, or say slowly that the token is wrong."""
        session = await self.room.door.open(self.sent().text("tunnus"))
        if session is None:
            self.go("/kirjaudu?vaara=1")
            return
        secure = self.request.protocol == "https"
        self.set_cookie(
            COOKIE, session, httponly=True, samesite="Strict", secure=secure, max_age=SESSION_SECONDS * 16
        )
        self.go("/")


class Logout(Page):
    """Where a session ends."""

    def post(self) -> None:
        """End it."""
        session = self.entered()
        _check_key(session, self.sent().text("lomake"))
        self.room.door.sessions.drop(self.get_cookie(COOKIE, "") or "")
        self.clear_cookie(COOKIE, httponly=True, samesite="Strict")
        self.go("/kirjaudu")


class Act(Page):
    """Where every change is sent."""

    async def post(self, action: str) -> None:
        """Do it in the session's name and go back to the page it came from."""
        session = self.entered()
        form = self.sent()
        _check_key(session, form.text("lomake"))
        desk = replace(self.room.desk, user=session.user)
        done = await self.aside(act, desk, action, form, self.language)
        back = done.go or (form.text("paluu") if _BACK.fullmatch(form.text("paluu")) else "/")
        self.go(f"{back}?viesti={session.answers.put(done)}")


class Overview(Page):
    """What waits."""

    async def get(self) -> None:
        """Show it."""
        await self.page("desk_overview.html", "/", lambda desk: desk_read.overview(desk, self.language))


class Observation(Page):
    """One observation."""

    async def get(self, number: str) -> None:
        """Show it whole."""
        await self.page(
            "desk_observation.html",
            f"/havainto/{number}",
            lambda desk: desk_read.observation(desk, int(number), self.language),
        )


class Coding(Page):
    """Coding by two, agreement, what to settle."""

    async def get(self) -> None:
        """Show it."""
        await self.page(
            "desk_coding.html", "/koodaus", lambda desk: desk_read.coding_page(desk, self.language)
        )


class Code(Page):
    """Coding of one observation, without anybody else's codes."""

    async def get(self, number: str) -> None:
        """Show its words and the form."""

        def read(desk: Desk) -> dict[str, Any]:
            found = [one for one in desk.to_code().to_dict("records") if one["havainto_id"] == int(number)]
            if not found:
                raise SosrakeError("nothing to code")
            return {"one": found[0], "number": int(number)}

        await self.page("desk_code.html", f"/koodaus/{number}", read)


class Phenomena(Page):
    """All phenomena."""

    async def get(self) -> None:
        """List them."""
        await self.page(
            "desk_phenomena.html",
            "/ilmiot",
            lambda desk: {"phenomena": desk_read.phenomenon_list(desk, self.language)},
        )


class Phenomenon(Page):
    """One phenomenon."""

    async def get(self, number: str) -> None:
        """Show it whole."""
        await self.page(
            "desk_phenomenon.html",
            f"/ilmio/{number}",
            lambda desk: desk_read.phenomenon(desk, int(number), self.language),
        )


class Unanswered(Page):
    """Receipts without feedback."""

    async def get(self) -> None:
        """List them."""
        await self.page(
            "desk_unanswered.html",
            "/vastaamatta",
            lambda desk: {"waiting": desk_read.unanswered(desk, self.language)},
        )


class Paper(Page):
    """An observation that came on paper."""

    async def get(self) -> None:
        """Give the same fields as the form has."""
        session, language = self.entered(), self.language
        done: Done | None = session.answers.get(self.get_query_argument("viesti", ""))
        # The key stays until the observation is saved: what was refused keeps its receipt code.
        key = done.written.get("avain") if done is not None else None
        shown = {
            "fields": asked("ammattilainen", language),
            "key_of_form": key or new_key(),
            "receipt_of": receipt,
        }
        await self.page("desk_paper.html", "/paperi", lambda desk: shown)


def make(desk: Desk, door: Door, language: str = "fi", hosts: tuple[str, ...] = ()) -> Application:
    """Make the server's application; `desk`'s own user is never used for a change."""
    return application(
        [
            (r"/kirjaudu", Login),
            (r"/ulos", Logout),
            (r"/tee/([a-z_]{1,40})", Act),
            (r"/", Overview),
            (r"/havainto/(\d{1,9})", Observation),
            (r"/koodaus", Coding),
            (r"/koodaus/(\d{1,9})", Code),
            (r"/ilmiot", Phenomena),
            (r"/ilmio/(\d{1,9})", Phenomenon),
            (r"/vastaamatta", Unanswered),
            (r"/paperi", Paper),
        ],
        words="tyopoyta",
        language=language,
        languages=_SPOKEN,
        hosts=hosts,
        room=Room(desk, door),
    )


def _check_key(session: Session, key: str) -> None:
    """Refuse a form that was not made in this session."""
    if not hmac.compare_digest(session.key.encode(), key.encode()):
        raise HTTPError(403, "form of another session")
