"""Serving: loopback only, nothing beside the page, every state in words, text escaped, kernels bounded."""

from __future__ import annotations

import ast
import http.client
import os
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser

import nbformat
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from sosrake_lib import catalogue, serving
from sosrake_lib.errors import DisclosureError, SosrakeError
from sosrake_lib.serving import controls, html, kernels, launcher, session

# A server with the shipped configuration, but short limits and an app of the test's own.
SERVER = """
import sys
from sosrake_lib.serving import launcher
launcher.CELL_SECONDS = 3
from sosrake_lib.serving import application
application.PAGE_SECONDS = float(sys.argv[3])
configuration = launcher.configuration("127.0.0.1", launcher._port("127.0.0.1", 0), {"SOSRAKE_TOLD": "told"})
configuration.PageKernels.most_kernels = int(sys.argv[2])
server = application.AppServer.instance(config=configuration, notebook_path=sys.argv[1])
server.when_ready = lambda url: print("READY", server.port, flush=True)
from contextlib import nullcontext
from sosrake_lib.serving import private
from sosrake_lib.serving.apps import App
server.page_app = App("koe", private=sys.argv[4] == "private")
with private.silent_log() if server.page_app.private else nullcontext():
    server.initialize([])
    server.start()
"""
APP = """
import os, time
from IPython.display import HTML, display
query = os.environ["QUERY_STRING"]
display(HTML(f"<p>{sorted(os.environ)}</p>"))
form = os.environ.get("SOSRAKE_APP_FORM", "")
if "repeat" in query: display(HTML(f"<p>form: {form}</p>"))
if "error" in query: raise ValueError("salaisuus" + form)
if "slow" in query: time.sleep(600)
if "dead" in query: os._exit(1)
print("printed words")
display(HTML("<p>the end</p>"))
"""


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, dict(response.getheaders())
        self.text = response.read().decode("utf-8")


@pytest.fixture(scope="module")
def start(tmp_path_factory, project):
    servers = []

    def started(most=4, page_seconds=60, kind="open"):
        path = tmp_path_factory.mktemp("apps") / "koe.ipynb"
        cells = [nbformat.v4.new_markdown_cell("# For JupyterLab"), nbformat.v4.new_code_cell(APP)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(path), str(most), str(page_seconds), kind],
            stdout=subprocess.PIPE,
            stderr=path.with_suffix(".log").open("w"),
            text=True,
            env={**os.environ, "DATABASE_PASSWORD": "hunter2"},
            cwd=project,
        )
        servers.append(server)
        deadline = threading.Timer(60, server.kill)
        deadline.start()
        line = server.stdout.readline()
        deadline.cancel()
        assert line.startswith("READY"), "the server did not start in 60 s"
        port = int(line.split()[1])

        def ask(address, host="127.0.0.1", method="GET", body=None, **headers):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, address, body=body, headers={"Host": f"{host}:{port}", **told})
            return Answer(connection.getresponse())

        ask.log = path.with_suffix(".log")
        return ask

    yield started
    for server in servers:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="module")
def ask(start):
    return start()


@pytest.fixture(scope="module")
def private_ask(start):
    return start(kind="private")


FORM = {"Content_Type": "application/x-www-form-urlencoded"}


def test_page_is_plain_html_with_a_strict_policy_and_no_cookie(ask):
    answer = ask("/?alue=kunta-297")
    assert answer.status == 200
    assert "the end" in answer.text
    assert 'id="valmis"' in answer.text
    assert "printed words" not in answer.text, "only HTML outputs reach a page"
    assert "For JupyterLab" not in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert not re.findall(r"(?:src|href)=\"?https?:", answer.text)


def test_kernel_gets_a_filtered_environment(ask):
    names = ask("/?x").text
    assert "DATABASE_PASSWORD" not in names
    assert "PATH" in names
    assert "SOSRAKE_TOLD" in names


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("error", "Laskenta keskeytyi virheeseen"),
        ("slow", "kesti liian kauan"),
        ("dead", "sammui kesken työn"),
        ("error&kieli=en", "The work ended in an error"),
    ],
)
def test_failed_page_says_why_without_a_traceback(ask, query, words):
    text = ask(f"/?{query}").text
    assert words in text
    assert "the end" not in text
    for leak in ("Traceback", "ValueError", "salaisuus", "show_tracebacks", "koe.ipynb"):
        assert leak not in text
    assert 'id="valmis"' in text


@pytest.mark.parametrize(
    "path",
    [
        "/koe.ipynb",
        "/voila/files/koe.ipynb",
        "/api/kernels",
        "/voila/static/voila.js",
        "/voila/tree",
        "/../x",
    ],
)
def test_no_other_address_answers(ask, path):
    answer = ask(path)
    assert answer.status == 404
    assert "Tätä sivua ei ole" in answer.text


def test_foreign_host_name_and_long_address_are_refused(ask):
    assert ask("/", host="evil.example").status == 403
    long = ask("/?alue=" + "x" * 600)
    assert long.status == 414
    assert "Osoite on liian pitkä" in long.text


def test_next_visitor_is_told_when_all_kernels_are_in_use_and_kernels_go(start):
    ask = start(most=1, page_seconds=2)
    stuck = []
    first = threading.Thread(target=lambda: stuck.append(ask("/?slow")))
    first.start()
    told = next(
        answer
        for answer in iter(lambda: ask("/?kieli=en"), None)
        if answer.status == 503 or not first.is_alive()
    )
    assert told.status == 503
    assert "The app is busy" in told.text
    first.join()
    assert "Sivu ei valmistunut" in stuck[0].text
    assert ask("/").status == 200, "the first page's kernel is gone, so the next one starts"


def send(ask, address, body, **headers):
    """Send a form and follow to its page, as a browser does."""
    answer = ask(address, method="POST", body=body, **FORM, **headers)
    assert (answer.status, answer.text) == (303, "")
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.headers["Location"]


def test_a_form_reaches_its_own_kernel_once_and_no_other(private_ask):
    place = send(private_ask, "/?repeat", "ennen_1=83746", Sec_Fetch_Site="same-origin", Origin="null")
    assert re.fullmatch(r"/tulos/[\w-]{22}\?repeat", place)
    answer = private_ask(place)
    assert answer.status == 200
    assert "form: ennen_1=83746" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    again = private_ask(place)
    assert again.status == 410
    assert "Vastaukset on unohdettu" in again.text
    after = private_ask("/?repeat")
    assert after.status == 200
    for other in (again, after):
        assert "83746" not in other.text
        assert "SOSRAKE_APP_FORM" not in other.text


def test_the_address_of_results_cannot_be_guessed_and_answers_only_a_private_app(private_ask, ask):
    assert private_ask("/tulos/" + "a" * 22).status == 410
    assert private_ask("/tulos/x").status == 404
    assert private_ask("/muu", method="POST", body="a=1", **FORM).status == 404
    assert ask("/tulos/" + "a" * 22).status == 404


def test_forms_nobody_comes_for_are_forgotten():
    from sosrake_lib.serving.private import MOST_WAITING, WAIT_SECONDS, Waiting

    now = [0.0]
    waiting = Waiting(clock=lambda: now[0])
    first = waiting.put("a=1")
    now[0] = WAIT_SECONDS
    assert waiting.take(first) is None
    assert not waiting._forms
    addresses = [waiting.put(f"a={number}") for number in range(MOST_WAITING + 3)]
    assert len(waiting._forms) == MOST_WAITING
    assert waiting.take(addresses[0]) is None
    assert waiting.take(addresses[-1]) == f"a={MOST_WAITING + 2}"
    assert "a=5" not in repr(waiting)


def test_a_failing_page_logs_that_it_failed_and_no_value(private_ask):
    answer = private_ask(send(private_ask, "/?error", "ennen_1=92837"))
    assert "Laskenta keskeytyi virheeseen" in answer.text
    log = private_ask.log.read_text()
    assert re.search(r"notebook_renderer\.py:\d+\) CellExecutionError", log), "where it failed can be told"
    for leak in ("92837", "salaisuus", "Traceback"):
        assert leak not in log
        assert leak not in answer.text


def test_an_open_app_logs_its_failures_as_before(ask):
    ask("/?error")
    assert "salaisuus" in ask.log.read_text()


@pytest.mark.parametrize(
    ("headers", "body", "status", "words"),
    [
        ({**FORM, "Sec_Fetch_Site": "cross-site"}, "a=1", 403, "Pyyntöä ei hyväksytä"),
        ({**FORM, "Sec_Fetch_Site": "same-site"}, "a=1", 403, "Pyyntöä ei hyväksytä"),
        ({**FORM, "Origin": "http://evil.example"}, "a=1", 403, "Pyyntöä ei hyväksytä"),
        ({"Content_Type": "application/json"}, "{}", 415, "ei ollut tämän sivun lomake"),
        ({"Content_Type": "text/plain"}, "a=1", 415, "ei ollut tämän sivun lomake"),
        (FORM, "a=1\0b", 415, "ei ollut tämän sivun lomake"),
        (FORM, "a=" + "1" * 7000, 413, "Lomake on liian pitkä"),
    ],
)
def test_a_form_from_elsewhere_or_of_another_kind_starts_nothing(private_ask, headers, body, status, words):
    answer = private_ask("/?repeat", method="POST", body=body, **headers)
    assert answer.status == status
    assert words in answer.text
    assert "the end" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_request_larger_than_any_form_is_not_read(private_ask):
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        answer = private_ask("/", method="POST", body="a" * 200_000, **FORM)
        raise ConnectionError(answer.status) if answer.status == 400 else AssertionError(answer.status)


def test_an_app_without_answers_takes_no_form(ask):
    answer = ask("/", method="POST", body="a=1", **FORM)
    assert answer.status == 405
    assert "ei ota vastaan lähetettyjä lomakkeita" in answer.text


def test_apps_are_listed_with_their_command_in_both_languages(project, capsys):
    from sosrake_lib.cli import main

    for language, title in (("fi", "Mittarilaskuri"), ("en", "Instrument calculator")):
        with pytest.raises(SystemExit) as left:
            main(["app", "--list", "--language", language, "--project", str(project)])
        assert left.value.code == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.partition("  –  ")[0] for line in lines] == [
            "sosrake app",
            "sosrake app paattajan_nakyma",
            "sosrake app mittarilaskuri",
            "sosrake app vaikuttavuussimulaattori",
            "sosrake app sosiaalinen_raportointi",
            "sosrake app tyopoyta",
        ]
        assert lines[2].partition("  –  ")[2].startswith(title)


def test_every_app_notebook_is_known_and_has_words_of_its_own(project):
    from sosrake_lib.serving import apps

    assert set(apps.notebooks(project)) == set(apps.APPS)
    for name in apps.APPS:
        for language in ("fi", "en"):
            assert apps.words(name, "title", language) != apps.words("", "title", language)
            assert launcher.frame_texts(language, name)["title"] == apps.words(name, "title", language)
    assert [name for name, app in apps.APPS.items() if app.private] == ["mittarilaskuri"]


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.4", "::", "example.org", ""])
def test_address_others_could_reach_is_refused(address, project):
    with pytest.raises(SosrakeError, match=r"127\.0\.0\.1"):
        launcher.serve(project, address=address)


def test_server_refuses_a_foreign_address_given_by_configuration():
    from traitlets.config import Config

    from sosrake_lib.serving.application import AppServer

    with pytest.raises(SosrakeError, match="eikä sovelluksessa ole kirjautumista"):
        AppServer(config=Config({"AppServer": {"ip": "0.0.0.0"}}))


def test_unknown_app_language_and_taken_port_are_one_line(project):
    with pytest.raises(SosrakeError, match="tilannekuva"):
        launcher.serve(project, app="muu")
    with pytest.raises(SosrakeError, match="fi tai en"):
        launcher.serve(project, language="sv")
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SosrakeError, match="varattu"):
            launcher.serve(project, port=taken.getsockname()[1])


def test_configuration_closes_what_voila_leaves_open():
    settings = launcher.configuration("127.0.0.1", 8866)
    voila = settings.VoilaConfiguration
    assert (voila.file_allowlist, voila.allow_template_override, voila.show_tracebacks) == ([], "NO", False)
    assert voila.strip_sources
    assert settings.MappingKernelManager.cull_idle_timeout > 0
    assert settings.VoilaExecutor.timeout > 0


def test_servers_kernels_talk_through_the_sliced_client_over_private_sockets():
    from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

    from sosrake_lib.batch.kernels import SlicedClient

    manager = ServerKernelManager(config=launcher.configuration("127.0.0.1", 8866))
    assert manager.client_factory is SlicedClient
    assert manager.transport == ("ipc" if os.name == "posix" else "tcp")


def test_missing_template_is_an_error_at_the_start_not_a_page_that_never_comes(monkeypatch, tmp_path):
    from sosrake_lib.serving import application

    monkeypatch.setattr(application, "TEMPLATES", tmp_path)
    server = application.AppServer(config=launcher.configuration("127.0.0.1", 8866))
    with pytest.raises(SosrakeError, match=r"index\.html\.j2"):
        server.setup_template_dirs()


class Reading(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data):
        self.words += data


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))))
def test_any_text_stays_text(text):
    """Whatever is given as a child or an attribute value makes no tag and no attribute of its own."""
    read = Reading(str(html.element("p", text, title=text)))
    assert read.tags == ["p"]
    assert read.attributes == ["title"]
    assert read.words == text
    menu = controls.Menu("teema", text, text, {text or "x": {text: text}})
    assert set(Reading(str(controls.form([menu], "fi"))).tags) <= {
        "form", "div", "label", "select", "optgroup", "option", "button",
    }  # fmt: skip


def test_unescaped_text_cannot_be_shown():
    with pytest.raises(TypeError, match=r"markup made by serving\.element"):
        serving.show("<script>alert(1)</script>")


def test_only_the_helper_makes_markup_and_shows_html(project):
    """No module of serving and no app notebook calls Markup(...) on anything but constants, or HTML(...)."""
    sources = {
        path.name: path.read_text(encoding="utf-8") for path in (project / "sosrake_lib/serving").glob("*.py")
    }
    for path in (project / "notebooks/apps").glob("*.ipynb"):
        cells = nbformat.read(path, 4).cells
        sources[path.name] = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    for name, source in sources.items():
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        for call in calls:
            called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            assert called not in ("HTML", "Markdown", "HTMLMath", "eval", "exec", "display_html"), name
            if called == "Markup" and name != "html.py":
                assert all(isinstance(argument, ast.Constant) for argument in call.args), name


def test_environment_filter_keeps_needed_names_only():
    kept = kernels.filtered_environment(
        {"PATH": "/bin", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "x", "GITHUB_TOKEN": "y"}
    )
    assert kept == {"PATH": "/bin", "LC_ALL": "C"}


def test_session_release_takes_published_figures_only(tmp_path, monkeypatch):
    from sosrake_lib.batch import releases

    class Closed:
        class rules:  # noqa: N801
            open = False

        frame = pd.DataFrame({"value": [7.0], "status": ["ok"]})

    monkeypatch.setattr(releases, "known_recipes", lambda: {"r": lambda data: {"osa": Closed}})
    with pytest.raises(DisclosureError, match=r"osa.*julkaistuja lukuja"):
        session.make_release("r", tmp_path)


def test_address_is_read_checked_and_written_back():
    asked = serving.read_choice(
        "apps/tilannekuva", query="alue=hva-13&teema=asuminen&jakso=2018%2F2020&kieli=en"
    )
    assert asked.faults == ()
    assert (asked.text("alue"), asked.text("jakso"), asked.language) == ("hva-13", "2018/2020", "en")
    again = serving.read_choice("apps/tilannekuva", query=asked.link())
    assert again == asked


def test_notebooks_own_parameters_hold_where_the_address_is_silent(monkeypatch):
    monkeypatch.setenv("QUERY_STRING", "teema=koyhyys")
    asked = serving.read_choice("apps/tilannekuva", {"alue": "kunta-046", "teema": "asuminen"})
    assert (asked.text("alue"), asked.text("teema")) == ("kunta-046", "koyhyys")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("teema=x", ["teema"]),
        ("jakso=kes%C3%A4&alue=<b>", ["jakso", "alue"]),
        ("muu=1", ["muu"]),
        ("teema=asuminen&teema=koyhyys", ["teema"]),
        ("kieli=sv", ["kieli"]),
        ("&".join(f"a{i}=1" for i in range(30)), [""]),
    ],
)
def test_wrong_address_becomes_faults_and_defaults(query, names):
    asked = serving.read_choice("apps/tilannekuva", query=query)
    assert [fault.name for fault in asked.faults] == names
    assert asked.text("alue") == "kunta-297"


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80))
def test_no_address_line_raises(query):
    asked = serving.read_choice("apps/tilannekuva", query=query)
    assert asked.values["teema"]


@pytest.fixture(scope="module")
def overview():
    release = serving.open_release("alueindikaattorit")
    return lambda query: serving.Overview(serving.read_choice("apps/tilannekuva", query=query), release)


@pytest.mark.parametrize("theme", [one.key for one in catalogue.themes()])
def test_overview_shows_released_figures_of_every_theme(overview, theme):
    """Ristijarvi (697), the smallest municipality, has no figures of some themes: then it says so."""
    from sosrake_lib.influence import pages

    for region, language in (("hva-12", "fi"), ("kunta-697", "en")):
        shown = overview(f"alue={region}&teema={theme}&jakso=2019&kieli={language}")
        items = [*shown.findings(), *shown.chart(), *shown.table(), *shown.series(), *shown.caveats()]
        flat = [one for item in items for one in (item if isinstance(item, list) else [item])]
        told = [pages.html_of(one, language) for one in flat]
        assert all(told)
        assert bool(shown.periods) == any("data-result" in markup for markup in told)


def test_overview_with_a_fault_holds_no_figure(overview):
    for query in ("alue=kunta-091", "alue=kunta-588", "alue=maa-SSS", "teema=x"):
        shown = overview(query)
        assert shown.faults
        assert "Osoitetta ei voi näyttää" in shown.problem()
        assert not [*shown.findings(), *shown.chart(), *shown.table(), *shown.series(), *shown.caveats()]
        assert isinstance(shown.heading() + shown.controls(), Markup)


def test_period_without_figures_is_said_not_swapped_in_silence(overview):
    shown = overview("alue=kunta-297&teema=tyottomyys&jakso=1999")
    assert shown.period == shown.periods[0]
    assert "ei ole lukuja jaksolta 1999" in shown.problem()


def test_every_region_of_the_menu_can_be_shown(overview):
    from sosrake_lib.serving.options import region_options

    slugs = [slug for group in region_options("fi").values() for slug in group]
    assert len(slugs) == 4 + 51  # the area's counties and municipalities of 2026 (regions.members)
    for slug in slugs:
        assert not overview(f"alue={slug}").faults
