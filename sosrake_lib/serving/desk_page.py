"""What every page of the desk shares: the session, its user's desk, and what came of the last action."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tornado.web import HTTPError

from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import LANGUAGES
from sosrake_lib.register import Desk
from sosrake_lib.register.coding import CODED
from sosrake_lib.register.fields import fields
from sosrake_lib.register.proposals import TARGETS
from sosrake_lib.register.receipts import new_key
from sosrake_lib.serving.desk_actions import Done
from sosrake_lib.serving.desk_followup_fields import named_field
from sosrake_lib.serving.desk_session import Door, Session
from sosrake_lib.serving.forms_fields import areas, choice_label, field_label
from sosrake_lib.serving.forms_page import FormPage

COOKIE = "istunto"


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
            "named": lambda name: named_field(name, language),
            "classes_of": lambda name: [
                (one, choice_label(name, one, language)) for one in fields()[name].values
            ],
            "label_of": lambda name: field_label(name, language),
        }


def check_key(session: Session, key: str) -> None:
    """Refuse a form that was not made in this session."""
    if not hmac.compare_digest(session.key.encode(), key.encode()):
        raise HTTPError(403, "form of another session")
