"""The reporting form as a server of its own: it sends what people write and can read nothing of it back.

Everything a visitor sees between two requests (a draft that could not be saved, a receipt) waits in memory
behind an address nobody can guess; nothing is written, logged or set as a cookie.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from tornado.web import Application, HTTPError

from sosrake_lib.errors import SosrakeError
from sosrake_lib.register.fields import fields
from sosrake_lib.register.intake import Form, Intake, NotSaved, Receipt
from sosrake_lib.register.receipts import is_key, is_receipt
from sosrake_lib.serving import intake_shown as shown
from sosrake_lib.serving.forms_fields import VARIANTS, asked
from sosrake_lib.serving.forms_memory import Memory
from sosrake_lib.serving.forms_page import FormPage, application

DRAFT_SECONDS = 30 * 60
SHOWN_SECONDS = 10 * 60


@dataclass(frozen=True)
class Room:
    """What the pages share: the sending end, what waits for its browser, documents and the county offered."""

    intake: Intake
    county: str = ""
    documents: Mapping[str, Markup] = field(default_factory=dict)
    drafts: Memory[NotSaved] = field(default_factory=lambda: Memory(DRAFT_SECONDS))
    saved: Memory[shown.Saved] = field(default_factory=lambda: Memory(SHOWN_SECONDS))
    told: Memory[shown.Told] = field(default_factory=lambda: Memory(SHOWN_SECONDS))


class Page(FormPage):
    """A page of the form's server."""

    @property
    def room(self) -> Room:
        """Give what the pages share."""
        return self.settings["room"]

    @property
    def variant(self) -> str:
        """Give which form is filled: the professional's unless the address says the client's."""
        chosen = self.get_query_argument("lomake", VARIANTS[0])
        return chosen if chosen in VARIANTS else VARIANTS[0]

    def page(self, template: str, here: str, **values: Any) -> None:
        """Answer with a page that knows its own address in other languages."""
        known = {"variant": self.variant, "here": here, "documents": self.room.documents}
        self.show(template, **known, **values)


class Report(Page):
    """The empty form, and where it is sent."""

    def get(self) -> None:
        """Give an empty form with a key of its own."""
        self.form(Form(), None)

    def form(self, form: Form, problem: NotSaved | None, draft: str = "") -> None:
        """Show a form, filled or empty, and what is wrong with it."""
        self.page(
            "intake_form.html",
            f"/luonnos/{draft}" if draft else "/",
            fields=asked(self.variant, self.language, self.room.county),
            form=form,
            draft=draft,
            problem=None if problem is None else shown.problem(problem, self.variant, self.language),
        )

    async def post(self) -> None:
        """Send the form on; answer with the address of its receipt, or of the form as it was."""
        sent = self.sent()
        known = {name: text for name, text in sent.fields.items() if name in fields()}
        key = sent.text("avain")
        form = Form({**known, "kieli": self.language}, key) if is_key(key) else Form({**known})
        before = self.room.drafts.get(sent.text("luonnos"))
        try:
            code = await self.aside(_send, self.room.intake, form, before, sent.text("vahvistan") == "on")
        except NotSaved as problem:
            self.room.drafts.drop(sent.text("luonnos"))
            self.go(f"/luonnos/{self.room.drafts.put(problem)}?lomake={self.variant}")
            return
        self.room.drafts.drop(sent.text("luonnos"))
        summary = await self.aside(_summary, self.room.intake, known.get("teema", ""))
        self.go(f"/kiitos/{self.room.saved.put(shown.Saved(code, summary))}?lomake={self.variant}")


class Draft(Report):
    """A form that was not saved: it comes back as it was, until it is saved, cleared or half an hour old."""

    def get(self, token: str = "") -> None:
        """Give the form back."""
        problem = self.room.drafts.get(token)
        if problem is None:
            raise HTTPError(410)
        self.form(problem.form, problem, token)

    async def post(self, token: str = "") -> None:
        """Forget a draft and give an empty form."""
        self.room.drafts.drop(token)
        self.go(f"/?lomake={self.variant}")


class Thanks(Page):
    """The receipt and one paragraph on the phenomenon."""

    def get(self, token: str) -> None:
        """Show them for a while."""
        saved = self.room.saved.get(token)
        if saved is None:
            raise HTTPError(410)
        summary = shown.summary(saved.summary, self.language) if saved.summary else None
        self.page("intake_thanks.html", f"/kiitos/{token}", code=saved.code, summary=summary)


class Where(Page):
    """Where people ask where their report is."""

    def get(self) -> None:
        """Ask for the code."""
        self.page("intake_where.html", "/missa", told=None)

    async def post(self) -> None:
        """Look the code up and send the browser on to the answer."""
        told = await self.aside(_look_up, self.room.intake, self.sent().text("kuitti"))
        self.go(f"/tilanne/{self.room.told.put(told)}?lomake={self.variant}")


class State(Page):
    """What a receipt code shows."""

    def get(self, token: str) -> None:
        """Show states and feedback for a while."""
        told = self.room.told.get(token)
        if told is None:
            raise HTTPError(410)
        self.page("intake_where.html", f"/tilanne/{token}", told=shown.told_receipt(told, self.language))


class Summaries(Page):
    """The approved summaries: all that is shown of observations."""

    async def get(self) -> None:
        """List them."""
        found = await self.aside(_all_summaries, self.room.intake)
        listed = [shown.summary(one, self.language) for one in found]
        self.page("intake_summaries.html", "/ilmiot", summaries=listed)


class Paper(Page):
    """The same fields on paper."""

    def get(self) -> None:
        """Give the form to print."""
        listed = asked(self.variant, self.language, self.room.county)
        self.page("intake_print.html", "/tulosta", fields=listed)


class Document(Page):
    """A document of the project: guidance, privacy notice."""

    def initialize(self, name: str) -> None:
        """Name the document."""
        self.name = name

    def get(self) -> None:
        """Show it; it is in Finnish."""
        if self.name not in self.room.documents:
            raise HTTPError(404)
        self.page(
            "intake_document.html", f"/{self.name}", name=self.name, text=self.room.documents[self.name]
        )


def make(room: Room, language: str = "fi", hosts: tuple[str, ...] = ()) -> Application:
    """Make the server's application.

    Parameters
    ----------
    hosts : names under which a reverse proxy on this machine serves it.
    """
    token = r"([\w-]{22})"
    return application(
        [
            (r"/", Report),
            (rf"/luonnos/{token}", Draft),
            (rf"/kiitos/{token}", Thanks),
            (r"/missa", Where),
            (rf"/tilanne/{token}", State),
            (r"/ilmiot", Summaries),
            (r"/tulosta", Paper),
            (r"/ohje", Document, {"name": "ohje"}),
            (r"/tietosuoja", Document, {"name": "tietosuoja"}),
        ],
        words="raportointi",
        language=language,
        hosts=hosts,
        room=room,
    )


async def forget(room: Room, seconds: float = 60) -> None:
    """Forget what nobody came for, until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        for memory in (room.drafts, room.saved, room.told):
            memory.forget_old()


def _send(intake: Intake, form: Form, before: NotSaved | None, confirmed: bool) -> str:
    """Send a form; a yes holds for the places that were shown, not for ones written since."""
    try:
        return intake.send(form)
    except NotSaved as problem:
        if problem.kind != "confirm" or not confirmed or before is None:
            raise
        if not shown.places(problem) <= shown.places(before):
            raise
    return intake.send(form, confirmed=True)


def _look_up(intake: Intake, code: str) -> shown.Told:
    if not is_receipt(code):
        return shown.Told("mistyped")
    try:
        receipt: Receipt | None = intake.look_up(code)
    except SosrakeError:
        return shown.Told("away")
    return shown.Told("unknown") if receipt is None else shown.Told("known", receipt)


def _all_summaries(intake: Intake) -> tuple[Mapping[str, Any], ...]:
    try:
        return intake.summaries()
    except SosrakeError:
        return ()


def _summary(intake: Intake, theme: str) -> Mapping[str, Any] | None:
    """Give the newest approved summary of a theme, as thanks; none is no fault."""
    try:
        found = intake.summaries(theme)
    except SosrakeError:
        return None
    return max(found, key=lambda one: one["approved"], default=None)
