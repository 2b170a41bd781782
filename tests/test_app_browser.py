"""The app tilannekuva in a real browser: what a reader sees, what the page asks for, and who can use it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading

import pytest

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS, PAGE_MILLISECONDS = 90, 60_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address(project, tmp_path_factory):
    """Start the app as `sosrake app` does and give its address; the deadline is on the whole start."""
    code = "import sys; from sosrake_lib.serving import serve; serve(sys.argv[1])"
    environment = {
        **os.environ,
        "SOSRAKE_HOME": str(tmp_path_factory.mktemp("home")),
        "SECRET_TOKEN": "do-not-pass",
    }
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(project)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=project,
    )
    deadline = threading.Timer(START_SECONDS, server.kill)
    deadline.start()
    said = []
    try:
        for line in server.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                deadline.cancel()
                yield found.group()
                break
        else:
            pytest.fail(f"the app did not start in {START_SECONDS} s: {''.join(said)}")
    finally:
        deadline.cancel()
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


class Visit:
    """One page in a window of its own, remembering what it asked for and complained about."""

    def __init__(self, browser, width=1280):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=False)
        self.page = self.context.new_page()
        self.asked, self.complaints = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_default_timeout(PAGE_MILLISECONDS)

    def open(self, url):
        self.page.goto(url, timeout=PAGE_MILLISECONDS)
        self.ready()
        return self.page

    def ready(self):
        self.page.wait_for_selector("#valmis", state="attached")

    def outside(self, address):
        return [url for url in self.asked if not url.startswith((address, "data:"))]


@pytest.fixture()
def visit(browser):
    visits = []

    def made(width=1280):
        visits.append(Visit(browser, width))
        return visits[-1]

    yield made
    for one in visits:
        one.context.close()


def serious(page):
    """Run axe on the page: serious and critical violations, each with its rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (one["id"], [node["target"] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def wide(page):
    """Say by how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_first_page_shows_figure_table_and_numbers_and_asks_nobody_else(address, visit):
    view = visit()
    page = view.open(address)
    assert page.locator("html").get_attribute("lang") == "fi"
    assert page.locator("h1").all_inner_texts() == ["Alueen tilannekuva"]
    assert page.locator("figure img").count() >= 1
    for picture in page.locator("figure img").all():
        assert len(picture.get_attribute("alt")) > 20
        assert picture.evaluate("one => one.complete && one.naturalWidth > 100")
    assert page.locator("table caption").count() >= 1
    # Kuopio's unemployment in 2019 as Sotkanet published it: 9.9 % of the labour force
    numbers = page.locator("[data-result]").all_inner_texts()
    assert "9,9\u00a0%" in [text.replace(" ", "\u00a0") for text in numbers]
    assert all(
        one.get_attribute("data-result").endswith(
            (
                "value",
                "lower",
                "upper",
                "reference_value",
                "difference",
                "difference_lower",
                "difference_upper",
            )
        )
        for one in page.locator("[data-result]").all()
    )
    assert not page.locator("#loading").is_visible()
    assert not page.locator("#failed").count()
    assert view.outside(address) == []
    assert view.complaints == []
    text = page.content()
    assert "do-not-pass" not in text
    assert "read_choice" not in text, "the notebook's code is on the page"
    assert view.context.cookies() == []
    assert serious(page) == []


def test_choice_lives_in_the_address_and_is_made_with_the_keyboard(address, visit):
    view = visit(360)
    page = view.open(f"{address}?alue=hva-12&teema=huono_osaisuus&jakso=2018/2020")
    assert page.locator("select[name=alue]").input_value() == "hva-12"
    assert "Etelä-Savon hyvinvointialueella" in page.locator("main").inner_text()
    assert page.locator("figure img").count() >= 1
    assert wide(page) == 0
    page.locator("select[name=teema]").select_option("koyhyys")
    page.locator("form button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**teema=koyhyys**")
    view.ready()
    assert "alue=hva-12" in page.url
    assert page.locator("select[name=teema]").input_value() == "koyhyys"
    assert "Tästä teemasta ei ole lukuja jaksolta" in page.locator(".answer[role=status]").inner_text()
    assert wide(page) == 0
    assert view.complaints == []


def test_wrong_address_is_answered_with_what_is_allowed_and_a_way_out(address, visit):
    view = visit(360)
    payload = '"><script>document.title="x"</script>'
    page = view.open(f"{address}?alue=kunta-588&teema={payload}&jakso=kesä")
    told = page.locator("[role=alert]").inner_text()
    assert "Osoitetta ei voi näyttää" in told
    assert "Mäntyharju (kunta-507)" in told
    assert "tyottomyys (Työttömyys)" in told
    assert "2018/2020" in told
    assert payload in told, "what was asked is shown as text"
    assert page.title() == "Alueen tilannekuva"
    assert page.locator("figure, table").count() == 0
    assert wide(page) == 0
    assert serious(page) == []
    page.locator("[role=alert] a").click()
    page.wait_for_url("**alue=kunta-507**")
    view.ready()
    assert "Mäntyharjulla" in page.locator("main").inner_text()
    assert not page.locator("[role=alert]").count()


def test_english_page(address, visit):
    view = visit()
    page = view.open(f"{address}?alue=kunta-297&teema=asuminen&jakso=2019&kieli=en")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == "Area overview"
    assert "in Kuopio" in page.locator("main").inner_text()
    assert page.locator("form button").inner_text() == "Show"
    assert serious(page) == []
    assert view.outside(address) == []
    assert view.complaints == []
