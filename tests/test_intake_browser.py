"""The reporting form and the desk in a real browser: no script, keyboard, a small screen, eight at once."""

from __future__ import annotations

import asyncio
import shutil
import threading

import pytest

from sosrake_lib import register as room
from sosrake_lib.language import say
from sosrake_lib.register.inbox import waiting
from sosrake_lib.serving import desk_launch, desk_session, intake_launch

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
WIDTHS = (1200, 360)
AT_ONCE = 8

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def served(project, tmp_path_factory):
    place = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOSRAKE_HOME", str(place))
        with intake_launch.serving(project, 0) as form:
            yield form.url, place


@pytest.fixture
def form(served, monkeypatch, home):
    monkeypatch.setenv("SOSRAKE_HOME", str(served[1]))
    return served[0]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Serve a desk from a thread; it ends with the test process."""
    place, ready, told = tmp_path_factory.mktemp("desk"), threading.Event(), []
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOSRAKE_HOME", str(place))
        token = desk_session.make_token("tp1").read_text().strip()

        def started(url):
            told.append(url)
            ready.set()

        threading.Thread(target=desk_launch.serve, args=(0, "fi", started), daemon=True).start()
        assert ready.wait(60)
        yield told[0], token


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def audit(page):
    """Judge a page by axe's rules and by its width on the screen."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_the_form_passes_axe_and_fits_the_screen(browser, form, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page, asked, complaints = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text))
    for address in (
        "?lomake=ammattilainen&kieli=fi",
        "?lomake=asiakas&kieli=sv",
        "tulosta?kieli=en",
        "missa",
        "ohje",
        "tietosuoja",
        "ilmiot",
    ):
        page.goto(f"{form}{address}")
        audit(page)
    page.goto(f"{form}?lomake=asiakas")
    page.check("input[value=asiakas]")
    page.select_option("#alue", "kunta:E02")
    page.select_option("#teema", "koyhyys")
    page.fill("#havainto", "Eräs Virtanen kertoi, että bussi ei kulje.")
    page.click("main form button[type=submit]")
    page.wait_for_selector("[role=alert]")
    audit(page)
    assert page.title().startswith(say("raportointi.error_prefix"))
    page.check("input[name=vahvistan]")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".kuitti")
    audit(page)
    assert not context.cookies() and not complaints
    assert not [url for url in asked if not url.startswith((form, "data:"))]
    context.close()


def test_the_form_is_filled_and_sent_by_keyboard_without_script(browser, form):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(form)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the links, to the content
    page.locator("input[name=tiedontuottaja]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Aineistola")
    page.keyboard.press("Tab")
    page.keyboard.type("asuminen")
    page.keyboard.press("Tab")
    page.keyboard.type("Pieniä asuntoja ei ole.")
    for _ in range(5):  # how common, consequences, proposal, quoting, then the button
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".kuitti")
    context.close()


def test_eight_people_at_once_each_get_a_receipt_of_their_own(form):
    from playwright.async_api import async_playwright

    front = room.open_front()
    before = waiting(front)

    async def report(browser, number, barrier):
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(f"{form}?kieli={('fi', 'sv', 'en')[number % 3]}")
        await page.check("input[value=ammattilainen]")
        await page.select_option("#alue", "kunta:E01")
        await page.select_option("#teema", "asuminen")
        await page.fill("#havainto", f"Havainto numero {number}: jonot ovat pitkiä.")
        await barrier.wait()
        await page.dblclick("main form button[type=submit]")
        await page.wait_for_selector(".kuitti")
        code = await page.inner_text(".kuitti")
        await context.close()
        return code

    async def crowd():
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            together = Barrier(AT_ONCE)
            codes = await asyncio.gather(*(report(browser, one, together) for one in range(AT_ONCE)))
            await browser.close()
            return codes

    codes = in_a_loop_of_its_own(crowd())
    assert len(set(codes)) == AT_ONCE
    assert waiting(front) == before + AT_ONCE, "a double click saves once"
    front.close()


class Barrier:
    """Lets nobody go before all have come."""

    def __init__(self, most):
        self.left, self.all_here = most, asyncio.Event()

    async def wait(self):
        self.left -= 1
        if not self.left:
            self.all_here.set()
        await self.all_here.wait()


def in_a_loop_of_its_own(work):
    """Run in a thread: the synchronous browser of the other tests has this thread's loop."""
    told = []
    thread = threading.Thread(target=lambda: told.append(asyncio.run(work)))
    thread.start()
    thread.join()
    assert told, "the crowd failed"
    return told[0]


def test_the_desk_passes_axe_without_script_and_on_a_small_screen(browser, desk):
    url, token = desk
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(url)
    audit(page)
    page.fill("#tunnus", token)
    page.click("main button")
    page.wait_for_selector("text=Käyttäjä tp1")
    for address in ("", "koodaus", "ilmiot", "vastaamatta", "paperi", "seuranta", "ehdotukset"):
        page.goto(f"{url}{address}")
        audit(page)
    add_by_keyboard(page, f"{url}seuranta/tyoryhma")
    page.goto(f"{url}ilmiot")
    page.fill("#avaa_ilmio-nimi", "Jonot")
    page.click("main form button")
    page.wait_for_selector("[role=status]")
    audit(page)
    assert token not in page.url and [one["httpOnly"] for one in context.cookies()] == [True]
    context.close()


def add_by_keyboard(page, address):
    """Add a follow-up entry without a pointer and change it; every state is audited."""
    page.goto(address)
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    audit(page)
    page.locator("#lisaa_merkinta-alue").focus()
    page.keyboard.type("Esimerkkilä")
    page.fill("#lisaa_merkinta-paiva", "2026-04-01")
    page.locator("#lisaa_merkinta-asia").focus()
    page.keyboard.type("Asumisneuvonnan jatko.")
    page.locator("form[action*=lisaa_merkinta] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    audit(page)
    page.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("#muuta_merkinta-paatos_sanoin").focus()
    page.keyboard.type("Neuvonta vähensi häätöjä.")
    page.locator("form[action*=muuta_merkinta] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"text={say('tyopoyta.advice.lead')[:30]}")
    audit(page)
