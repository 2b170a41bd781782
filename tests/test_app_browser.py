"""The apps in a real browser: what a reader sees, what the page asks for, and who can use it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

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


@contextmanager
def started(project, home, app):
    """Start an app as `sosrake app NAME` does and give its address; the deadline is on the whole start."""
    code = "import sys; from sosrake_lib.serving import serve; serve(sys.argv[1], 0, app=sys.argv[2])"
    environment = {**os.environ, "SOSRAKE_HOME": str(home), "SECRET_TOKEN": "do-not-pass"}
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(project), app],
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
def address(project, tmp_path_factory):
    with started(project, tmp_path_factory.mktemp("home"), "tilannekuva") as found:
        yield found


@pytest.fixture(scope="module")
def calculator(project, tmp_path_factory):
    with started(project, tmp_path_factory.mktemp("home"), "mittarilaskuri") as found:
        yield found


@pytest.fixture(scope="module")
def simulator(project, tmp_path_factory):
    with started(project, tmp_path_factory.mktemp("home"), "vaikuttavuussimulaattori") as found:
        yield found


@pytest.fixture(scope="module")
def decider(project, tmp_path_factory):
    with started(project, tmp_path_factory.mktemp("home"), "paattajan_nakyma") as found:
        yield found


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


def test_calculator_is_filled_with_the_keyboard_and_its_answers_stay_out_of_the_address(calculator, visit):
    view = visit(360)
    page = view.open(f"{calculator}?mittari=3x10d")
    assert page.locator("h1").all_inner_texts() == ["Mittarilaskuri"]
    assert serious(page) == []
    assert wide(page) == 0
    page.locator("#ennen_1").focus()
    for number in range(1, 11):
        page.keyboard.type(str(number % 7))
        page.keyboard.press("Tab")
        page.keyboard.type(str(number % 7 + 2))
        page.keyboard.press("Tab")
    page.locator("form.vastaukset button").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    view.ready()
    chosen = r"\?mittari=3x10d&tapa=vastaukset&numerointi=oma&kieli=fi"
    assert re.fullmatch(re.escape(calculator) + r"tulos/[\w-]{22}" + chosen, page.url)
    assert all("ennen_" not in url for url in view.asked)
    told = page.locator("main").inner_text()
    assert "Vahvuuksia: nämä ovat nyt parhaalla mallilla" in told
    assert told.index("Profiili keskustelun pohjaksi") < told.index("Onko muutos luotettava?")
    assert page.locator("ul.profiili li").count() == 10
    assert page.locator("#ennen_3").input_value() == "3", "answers can be corrected"
    assert serious(page) == []
    assert wide(page) == 0
    assert view.outside(calculator) == []
    assert view.complaints == []
    assert view.context.cookies() == []
    with page.expect_navigation():
        page.locator("form.controls button").click()
    view.ready()
    assert "/tulos/" not in page.url, "the menus lead back to an empty form"
    assert page.locator("#ennen_3").input_value() == ""


def test_a_printed_page_has_the_results_and_no_form(calculator, visit):
    view = visit(794)
    page = view.open(f"{calculator}?mittari=ucla3")
    page.locator("#ennen_1").fill("2")
    with page.expect_navigation():
        page.locator("form.vastaukset button").click()
    view.ready()
    page.emulate_media(media="print")
    assert not page.locator("form").first.is_visible()
    assert not page.locator("form.vastaukset").is_visible()
    assert page.locator("ul.profiili").is_visible()


def test_calculator_says_what_is_wrong_beside_the_form_in_english(calculator, visit):
    view = visit()
    page = view.open(f"{calculator}?mittari=phq8&kieli=en")
    assert page.title() == "Instrument calculator"
    page.locator("#jalkeen_2").fill("7")
    with page.expect_navigation():
        page.locator("form.vastaukset button").click()
    view.ready()
    assert "Question 2, After: enter a whole number from 0 to 3" in page.locator("[role=alert]").inner_text()
    assert page.locator("form.vastaukset").is_visible()
    assert serious(page) == []
    assert view.complaints == []


def test_answers_are_not_in_the_browsers_own_files_either(calculator, browser, tmp_path):
    """History, cache, form data and the session that a browser may restore: all are in its profile folder."""
    secrets = ("17.3194", "26.8453", "7.49135")
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=CHROMIUM, args=ARGUMENTS
    )
    page = context.pages[0]
    page.goto(f"{calculator}?mittari=core_om&tapa=pisteet", timeout=PAGE_MILLISECONDS)
    page.wait_for_selector("#valmis", state="attached")
    page.locator("details summary").click()
    for name, secret in zip(("ennen_total", "jalkeen_total", "hajonta_total"), secrets, strict=True):
        page.locator(f"#{name}").fill(secret)
    with page.expect_navigation(timeout=PAGE_MILLISECONDS):
        page.locator("form.vastaukset button").click()
    page.wait_for_selector("#valmis", state="attached", timeout=PAGE_MILLISECONDS)
    assert "17,32" in page.locator("main").inner_text()
    context.close()
    files = [path for path in (tmp_path / "profile").rglob("*") if path.is_file()]
    texts = [form for secret in secrets for form in (secret.encode(), secret.encode("utf-16-le"))]
    holding = [path.name for path in files if any(text in path.read_bytes() for text in texts)]
    assert any(path.name == "History" for path in files), "the browser keeps its files there"
    assert holding == []


def test_simulator_is_set_with_the_keyboard_and_its_setting_can_be_shared(simulator, visit):
    view = visit(360)
    page = view.open(simulator)
    assert page.locator("h1").inner_text().replace("\u00ad", "") == "Vaikuttavuussimulaattori"
    assert serious(page) == []
    assert wide(page) == 0
    page.locator("#valinta-vaikutus").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.locator("select[name=vertailu]").select_option("on")
    page.locator("form.controls button").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    view.ready()
    assert "vaikutus=3" in page.url
    assert "vertailu=on" in page.url
    told = page.locator("main").inner_text()
    assert "palvelun vaikutus on +3 pistettä" in told
    assert "vertaa palvelussa olleita odottaneisiin" in told
    picture = page.locator("figure img")
    assert len(picture.get_attribute("alt")) > 100
    assert picture.evaluate("one => one.complete && one.naturalWidth > 100")
    assert serious(page) == []
    assert wide(page) == 0
    assert view.outside(simulator) == []
    assert view.complaints == []
    page.get_by_text("Arvo uudet asiakkaat").click()
    page.wait_for_url("**arvonta=2**")
    view.ready()
    assert "vaikutus=3" in page.url


def test_simulator_answers_a_wrong_address_and_speaks_english(simulator, visit):
    view = visit()
    page = view.open(f"{simulator}?vaikutus=99&kieli=en")
    assert "allowed values are" in page.locator("[role=alert]").inner_text()
    assert page.locator("figure, table").count() == 0
    page.locator("[role=alert] a").click()
    page.wait_for_url("**?kieli=en")
    view.ready()
    assert page.title() == "Effect simulator"
    assert serious(page) == []
    assert view.complaints == []


def test_decision_makers_view_is_read_and_changed_on_a_phone(decider, visit):
    view = visit(360)
    page = view.open(decider)
    assert page.locator("h1").inner_text() == "Päättäjän näkymä: Kuopio"
    assert "LUONNOS" in page.locator(".luonnos").inner_text()
    assert "\u00a0%" in page.locator(".paaluku p").first.inner_text()
    assert wide(page) == 0
    assert serious(page) == []
    page.locator(".paaluku a.lahde").first.click()
    assert page.locator("details.perusta").evaluate("one => one.open"), "a number opens what it rests on"
    assert "Tilastokeskus" in page.locator(".alkupera").first.inner_text()
    page.locator("details.vaihda summary").focus()
    page.keyboard.press("Enter")
    page.locator("select[name=alue]").select_option("hva-E1")
    page.locator("form.controls button").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    view.ready()
    assert "alue=hva-E1" in page.url
    told = page.locator("main").inner_text()
    assert "Keksitty esimerkkiaineisto" in told
    assert "Viimeksi ehdotettiin" in told
    assert "Hain asuntoa yli vuoden" in told
    assert wide(page) == 0
    assert serious(page) == []
    assert view.outside(decider) == []
    assert view.complaints == []


def test_on_the_phone_text_is_large_and_what_is_touched_is_tall(decider, visit):
    view = visit(360)
    page = view.open(f"{decider}?alue=hva-13&kieli=en")
    assert page.locator("html").get_attribute("lang") == "en"
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    sizes = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(one => one.getClientRects().length && "
        "[...one.childNodes].some(text => text.nodeType === 3 && text.textContent.trim()))"
        ".map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert len(sizes) > 50
    assert min(sizes) >= 16
    heights = page.evaluate(
        "[...document.querySelectorAll('main a, main button, main select, main summary')]"
        ".map(one => Math.max(...[...one.getClientRects()].map(box => box.height)))"
    )
    assert len(heights) > 10
    assert min(heights) >= 44
    assert wide(page) == 0
    assert serious(page) == []
    page.emulate_media(media="print")
    assert not page.locator("form").is_visible()
    assert page.locator(".alkupera").first.is_visible()
