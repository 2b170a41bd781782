"""A desk served from a thread, and people logged in at it: helpers of the tests of the desk."""

from __future__ import annotations

import asyncio
import re
import threading
from html import unescape

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from sosrake_lib import register as room
from sosrake_lib.language import say
from sosrake_lib.serving import desk as served
from sosrake_lib.serving import desk_session


class Waited:
    """Remembers how long wrong tokens were made to wait, and how many waited at the same time."""

    def __init__(self):
        self.seconds, self.now, self.most = [], 0, 0

    async def __call__(self, seconds):
        self.seconds.append(seconds)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1


class Worker:
    """A logged-in browser without script."""

    def __init__(self, url, token):
        self.client = httpx.Client(base_url=url, timeout=30)
        self.entered = self.client.post("/kirjaudu", data={"tunnus": token})
        self.key = re.search(r'name="lomake" value="([^"]+)"', self.get("/")).group(1)

    def get(self, address):
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return unescape(answer.text)

    def hidden(self, address, action):
        """Give the hidden fields of a page's form, as a browser would send them."""
        form = re.search(rf'<form[^>]*action="/tee/{action}[?"].*?</form>', self.get(address), re.DOTALL)
        assert form, f"{address} has no form {action}"
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group()))

    def send(self, action, given):
        answer = self.client.post(f"/tee/{action}", data={"lomake": self.key, **given})
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"])

    def do(self, address, action, given=None):
        page = self.send(action, {**self.hidden(address, action), **(given or {})})
        assert say(f"tyopoyta.done.{action}") in page, re.findall(
            r'role="(?:alert|status)".*?</div>', page, re.S
        )
        return page


@pytest.fixture
def place(home):
    """Serve a desk with two users; gives its address, their tokens and what waiting was done."""
    tokens = {user: desk_session.make_token(user).read_text().strip() for user in ("tp1", "tp2")}
    waited, opened = Waited(), room.open_desk("tyopoyta")
    door = desk_session.Door(desk_session.tokens_folder(), wait=waited)
    sockets, loop = bind_sockets(0, "127.0.0.1"), asyncio.new_event_loop()

    def run():
        asyncio.set_event_loop(loop)
        HTTPServer(served.make(opened, door)).add_sockets(sockets)
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}", tokens, waited
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    opened.shut()


@pytest.fixture
def one(place):
    return Worker(place[0], place[1]["tp1"])


@pytest.fixture
def two(place):
    return Worker(place[0], place[1]["tp2"])
