"""The reporting form: what it asks, what it refuses and keeps, what its process cannot reach."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from html import unescape

import httpx
import psutil
import pytest

from sosrake_lib import register as room
from sosrake_lib.errors import SosrakeError
from sosrake_lib.language import say
from sosrake_lib.register import engine
from sosrake_lib.register.fields import fields
from sosrake_lib.register.front import ARRIVED
from sosrake_lib.register.receipts import is_receipt, new_key, receipt
from sosrake_lib.serving import intake_launch
from sosrake_lib.serving.forms_fields import VARIANTS, asked

FULL = {
    "tiedontuottaja": "ammattilainen",
    "alue": "kunta:E01",
    "teema": "asuminen",
    "havainto": "Pieniä vuokra-asuntoja ei ole tarjolla.",
}
LANGUAGES = ("fi", "sv", "en")
SECRETS = {"SOSRAKE_OTHER": "salainen", "DATABASE_PASSWORD": "salainen", "PGPASSWORD": "salainen"}


class Visitor:
    """A browser without script: follows no redirect by itself, remembers no cookie."""

    def __init__(self, form):
        self.form = form
        self.client = httpx.Client(base_url=form.url, timeout=30)

    def get(self, address, **more):
        return self.client.get(address, **more)

    def send(self, given, query="?kieli=fi", **more):
        return self.client.post(f"/{query}", data=given, **more)

    def draft(self, answer):
        """Give the page of a form that came back and the fields it holds."""
        assert answer.status_code == 303 and answer.headers["location"].startswith("/luonnos/")
        page = self.get(answer.headers["location"]).text
        key, token = (
            re.search(f'name="{name}" value="([^"]*)"', page).group(1) for name in ("avain", "luonnos")
        )
        return page, {"avain": key, "luonnos": token}


@pytest.fixture(scope="module")
def served(project, tmp_path_factory):
    """Serve one form for the module, from a process whose own environment is full of secrets."""
    place = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOSRAKE_HOME", str(place))
        for name, value in SECRETS.items():
            patched.setenv(name, value)
        with intake_launch.serving(project, 0) as form:
            yield form, place


@pytest.fixture
def visitor(served, home, monkeypatch):
    """Give a visitor and an empty front; the test's own home is the form's."""
    form, place = served
    monkeypatch.setenv("SOSRAKE_HOME", str(place))
    front = room.open_front()
    with front.writing() as connection:
        connection.execute(ARRIVED.delete())
    front.close()
    yield Visitor(form)


def arrived():
    front = room.open_front()
    try:
        with front.reading() as connection:
            return [json.loads(row["sisalto"]) for row in connection.execute(ARRIVED.select()).mappings()]
    finally:
        front.close()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_asks_eight_fields_of_which_four_are_required_also_on_paper(visitor, variant, language):
    query = f"?kieli={language}&lomake={variant}"
    screen, paper = visitor.get(f"/{query}").text, unescape(visitor.get(f"/tulosta{query}").text)
    named = set(re.findall(r'<(?:input type="radio"|textarea|select)[^>]* name="([a-z_]+)"', screen))
    assert named == {name for name, field in fields().items() if field.seen}
    assert len(named) == 8
    assert screen.count(f"({say('raportointi.required', language)})") == 4
    for field in asked(variant, language):
        assert field.label in unescape(screen)
        assert field.label in paper
        for label in field.groups.get("", {}).values() if field.look != "region" else ():
            assert label in unescape(screen) and label in paper


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_that_it_is_no_place_for_one_matter_or_urgent_need(visitor, language):
    page = unescape(visitor.get(f"/?kieli={language}&lomake=asiakas").text)
    for key in ("title", "urgent", "social", "case"):
        assert say(f"raportointi.place.{key}", language) in page
    assert "112" in page
    assert not re.search(r"\b0\d{1,2} ?\d{3} ?\d{3,4}\b", page), "no phone number of a person or an office"


def test_only_one_countys_areas_are_offered_when_it_is_named(project, monkeypatch):
    region = next(one for one in asked("asiakas", "fi", "11") if one.look == "region")
    offered = [value for options in region.groups.values() for value in options]
    assert "hva:11" in offered and "kunta:E01" not in offered and len(offered) < 40
    monkeypatch.setenv(intake_launch.COUNTY, "Savo")
    with pytest.raises(SosrakeError, match="SOSRAKE_INTAKE_COUNTY"), intake_launch.serving(project, 0):
        pass


def test_sending_twice_saves_once_and_gives_the_same_receipt(visitor):
    given = {**FULL, "avain": new_key()}
    codes = set()
    for _ in range(3):
        answer = visitor.send(given, "?kieli=sv")
        page = visitor.get(answer.headers["location"]).text
        codes.add(re.search(r'class="kuitti"[^>]*>([^<]+)<', page).group(1))
    assert codes == {receipt(given["avain"])} and all(is_receipt(code) for code in codes)
    (saved,) = arrived()
    assert saved["fields"] == {**FULL, "kieli": "sv"}
    visitor.send({**given, "havainto": "Toinen teksti samalla lomakkeella."})
    assert len(arrived()) == 2, "another text is never lost nor written over the first"


def test_what_is_wrong_is_said_and_the_form_comes_back_as_it_was(visitor):
    written = "Rivi <script>alert(1)</script> & toinen\nrivi"
    page, kept = visitor.draft(visitor.send({"havainto": written, "teema": "olematon", "avain": new_key()}))
    assert "<script>" not in page and written in unescape(page)
    for name in ("tiedontuottaja", "alue", "teema"):
        assert f'href="#{name}"' in page
    assert say("register.fault.lacking") in page and say("register.fault.no_choice") in page
    assert not arrived()
    saved = visitor.send({**FULL, **kept, "havainto": written})
    assert saved.headers["location"].startswith("/kiitos/")
    assert arrived()[0]["fields"]["havainto"] == written
    gone = visitor.get(f"/luonnos/{kept['luonnos']}")
    assert gone.status_code == 410 and "<script>" not in gone.text


def test_a_sure_identifier_blocks_saving_whatever_is_ticked(visitor):
    named = {**FULL, "havainto": "Maija Meikäläinen 131052-308T ei saa asuntoa.", "avain": new_key()}
    page, kept = visitor.draft(visitor.send(named))
    assert say("raportointi.wrong.personal") in unescape(page)
    assert "”131052-308T” (henkilötunnus)" in unescape(page) and 'name="vahvistan"' not in page
    visitor.draft(visitor.send({**named, **kept, "vahvistan": "on"}))
    assert not arrived()
    assert visitor.send({**FULL, **kept}).headers["location"].startswith("/kiitos/")


def test_a_probable_identifier_needs_a_yes_that_holds_for_what_was_shown(visitor):
    first = {**FULL, "havainto": "Eräs Virtanen kertoi, että vuokrat nousevat.", "avain": new_key()}
    page, kept = visitor.draft(visitor.send({**first, "vahvistan": "on"}))
    assert 'name="vahvistan"' in page, "a yes given before anything was shown is none"
    other = {**first, **kept, "havainto": f"{first['havainto']} Eräs Korhonen myös.", "vahvistan": "on"}
    page, kept = visitor.draft(visitor.send(other))
    assert "Korhonen" in page and not arrived(), "a yes does not hold for a name written since"
    assert visitor.send({**other, **kept}).headers["location"].startswith("/kiitos/")
    assert arrived()[0]["confirmed"] == 2


def test_a_locked_database_keeps_the_text_and_the_same_button_saves_it_later(visitor, served, monkeypatch):
    monkeypatch.setattr(engine, "WAIT_MILLISECONDS", 100)
    holder = sqlite3.connect(served[1] / "register_front.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    page, kept = visitor.draft(visitor.send({**FULL, "avain": new_key()}))
    assert FULL["havainto"] in page and say("raportointi.wrong.disk") in unescape(page)
    assert '<option value="asuminen" selected>' in page
    holder.execute("ROLLBACK")
    holder.close()
    assert visitor.send({**FULL, **kept}).headers["location"].startswith("/kiitos/")
    assert len(arrived()) == 1


def test_a_full_disk_keeps_the_text(visitor, monkeypatch):
    def full(*_given, **_named):
        raise SosrakeError("register: the database answered 'database or disk is full'; nothing was saved")

    monkeypatch.setattr("sosrake_lib.register.front.Counter.put", full)
    page, _ = visitor.draft(visitor.send({**FULL, "avain": new_key()}, "?kieli=en"))
    assert FULL["havainto"] in page and say("raportointi.wrong.disk", "en") in unescape(page)


def test_an_absent_receiver_keeps_the_text(visitor, monkeypatch):
    monkeypatch.setattr("sosrake_lib.register.receiver.answer", lambda *_given: 1 / 0)
    page, _ = visitor.draft(visitor.send({**FULL, "avain": new_key()}, "?kieli=sv"))
    assert FULL["havainto"] in page and say("raportointi.wrong.away", "sv") in unescape(page)


def test_a_draft_can_be_cleared(visitor):
    _, kept = visitor.draft(visitor.send({"havainto": "Kesken", "avain": new_key()}))
    answer = visitor.client.post(f"/luonnos/{kept['luonnos']}", data={"a": "1"})
    assert answer.status_code == 303 and visitor.get(f"/luonnos/{kept['luonnos']}").status_code == 410


def test_where_is_my_report(visitor):
    code = receipt(key := new_key())
    visitor.send({**FULL, "avain": key})

    def asked_with(text):
        answer = visitor.client.post("/missa?kieli=fi", data={"kuitti": text})
        return unescape(visitor.get(answer.headers["location"]).text)

    assert say("raportointi.where.unknown") in asked_with(code)
    assert say("raportointi.where.mistyped") in asked_with(code[:-1] + ("A" if code[-1] != "A" else "C"))
    desk = room.open_desk("tp1")
    desk.take_in()
    newest = int(desk.observations()["havainto_id"].iloc[-1])
    desk.answer("palaute-1", "Kiitos. Asia viedään työryhmään.", observation=newest)
    desk.shut()
    shown = asked_with(code.lower().replace("-", " "))
    assert say("register.state.uusi") in shown and "Asia viedään työryhmään." in shown
    assert FULL["havainto"] not in shown


def test_thanks_tell_an_approved_summary_only(visitor):
    desk = room.open_desk("tp1")
    number = desk.new_phenomenon("ilmio-1", name="Pieniä asuntoja puuttuu", theme="asuminen")
    version = desk.write_summary(number, "Pieniä vuokra-asuntoja on liian vähän.", version=1)
    desk.publish()

    def thanked():
        answer = visitor.send({**FULL, "avain": new_key()})
        return visitor.get(answer.headers["location"]).text

    assert say("raportointi.thanks.none") in thanked(), "a draft is nobody's to see"
    other = room.open_desk("tp2")
    other.approve_summary(number, version=version)
    other.publish()
    assert "Pieniä vuokra-asuntoja on liian vähän." in thanked()
    assert "Pieniä vuokra-asuntoja on liian vähän." in visitor.get("/ilmiot").text
    desk.shut()
    other.shut()


def test_strict_headers_no_cookie_no_script_and_only_our_own_host(visitor):
    page = visitor.get("/")
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["cache-control"] == "no-store" and "set-cookie" not in page.headers
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", page.text)
    assert visitor.get("/", headers={"Host": "paha.example"}).status_code == 403
    for headers in ({"Origin": "https://paha.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.send({**FULL, "avain": new_key()}, headers=headers).status_code == 403
    assert not arrived()
    assert visitor.get("/register.sqlite").status_code == 404
    assert visitor.get("/../pyproject.toml").status_code == 404
    assert (
        visitor.client.post("/", content=b"{}", headers={"Content-Type": "application/json"}).status_code
        == 415
    )


def test_documents_are_served_beside_the_form(visitor):
    guide = visitor.get("/ohje").text
    assert "Esimerkki: havainnosta päätökseen" in guide and "☐" in guide
    assert 'href="/ohje' in visitor.get("/").text
    assert "Tietosuojaseloste" in visitor.get("/tietosuoja").text


def test_nothing_of_a_refused_form_is_written_anywhere(visitor, served):
    secret = "Aivan erityinen lause 131052-308T"
    visitor.draft(visitor.send({**FULL, "havainto": secret, "avain": new_key()}))
    held = [path for path in served[1].rglob("*") if path.is_file()]
    assert held and not any(b"erityinen lause" in path.read_bytes() for path in held)


def test_the_forms_process_is_given_no_address_of_the_register_and_no_password(visitor, served):
    told = psutil.Process(visitor.form.process.pid).environ()
    assert not [name for name in told if name.startswith(("SOSRAKE", "PG", "DATABASE")) or name == "HOME"]
    assert str(served[1]) not in json.dumps(told) and "salainen" not in json.dumps(told)
    opened = [file.path for file in psutil.Process(visitor.form.process.pid).open_files()]
    assert not [path for path in opened if "sqlite" in path]


TRIED = """
import json, os, socket, sqlite3, subprocess, sys
from sosrake_lib.register import open_register, open_front, open_counter
from sosrake_lib.register.intake import Form, Intake
from sosrake_lib.serving.intake_fence import raise_fence
receiver, home, other = sys.argv[1:]
register = os.path.join(home, "register.sqlite")
raise_fence(receiver)
tries = {
    "open": lambda: open(register, "rb"),
    "os.open": lambda: os.open(register, os.O_RDONLY),
    "write": lambda: open(os.path.join(home, "x"), "w"),
    "program": lambda: open(os.__file__, "a"),
    "sqlite3": lambda: sqlite3.connect(register),
    "register": lambda: open_register("sqlite:///" + register),
    "front": lambda: open_front("sqlite:///" + os.path.join(home, "register_front.sqlite")),
    "counter": lambda: open_counter("sqlite:///" + os.path.join(home, "register_front.sqlite")).summaries(),
    "environ": lambda: open("/proc/%d/environ" % os.getppid(), "rb"),
    "password": lambda: open(os.path.expanduser("~/.pgpass")),
    "socket": lambda: socket.create_connection(("127.0.0.1", int(other))),
    "shell": lambda: subprocess.run(["cat", register]),
    "system": lambda: os.system("true"),
}
told = {}
for name, attempt in tries.items():
    try:
        attempt()
        told[name] = "done"
    except PermissionError:
        told[name] = "refused"
    except Exception as problem:
        told[name] = "refused" if "may not" in str(problem) else repr(problem)
form = Form({"tiedontuottaja": "asukas", "alue": "kunta:E01", "teema": "muu", "havainto": "Bussi ei kulje."})
told["send"] = Intake(receiver).send(form)
for verb in ("read", "observations", "arrived"):
    told[verb] = Intake(receiver)._ask({"verb": verb, "number": 1}).get("ok")
print(json.dumps(told))
"""


def test_behind_the_fence_the_process_can_send_and_reach_nothing_else(home):
    """Proof by trying: files, databases, credentials, neighbours and programs are refused; sending works."""
    room.open_register().close()
    room.open_front().close()
    counter = room.open_counter()
    with room.Receiver(counter) as receiver, room.Receiver(counter) as other:
        done = subprocess.run(
            [sys.executable, "-P", "-c", TRIED, receiver.address, str(home), other.address.partition(":")[2]],
            capture_output=True,
            text=True,
            check=True,
            env=intake_launch.environment(),
        )
    counter.close()
    told = json.loads(done.stdout)
    assert is_receipt(told.pop("send"))
    assert [told.pop(verb) for verb in ("read", "observations", "arrived")] == [False] * 3
    assert told and set(told.values()) == {"refused"}, told
    assert len(arrived()) == 1
    assert (home / "register.sqlite").stat().st_size > 0
