"""The desk as a server of its own: everything behind a login, every change with the version that was seen.

One address takes all changes (`/tee/NAME`) and answers with the page the person came from, where stands what
came of it. What somebody wrote is given back whenever it was not saved.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tornado.web import Application

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register import Desk
from sosrake_lib.register.receipts import new_key, receipt
from sosrake_lib.serving import desk_read
from sosrake_lib.serving.desk_actions import Done, act
from sosrake_lib.serving.desk_followup_pages import Entries, Entry, FollowUp, Proposal, Proposals
from sosrake_lib.serving.desk_page import COOKIE, Page, Room, check_key
from sosrake_lib.serving.desk_session import SESSION_SECONDS, Door
from sosrake_lib.serving.forms_fields import asked
from sosrake_lib.serving.forms_page import application

_BACK = re.compile(
    r"/(?:(?:havainto|ilmio|koodaus|merkinta|ehdotus)/\d{1,9}|seuranta(?:/[a-z]{1,30})?"
    r"|koodaus|ilmiot|vastaamatta|paperi|ehdotukset)?"
)
_SPOKEN = ("fi", "en")


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
        check_key(session, self.sent().text("lomake"))
        self.room.door.sessions.drop(self.get_cookie(COOKIE, "") or "")
        self.clear_cookie(COOKIE, httponly=True, samesite="Strict")
        self.go("/kirjaudu")


class Act(Page):
    """Where every change is sent."""

    async def post(self, action: str) -> None:
        """Do it in the session's name and go back to the page it came from."""
        session = self.entered()
        form = self.sent()
        check_key(session, form.text("lomake"))
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
            (r"/seuranta", FollowUp),
            (r"/seuranta/([a-z]{1,30})", Entries),
            (r"/merkinta/(\d{1,9})", Entry),
            (r"/ehdotukset", Proposals),
            (r"/ehdotus/(\d{1,9})", Proposal),
        ],
        words="tyopoyta",
        language=language,
        languages=_SPOKEN,
        hosts=hosts,
        room=Room(desk, door),
    )
