"""The calculator: the library's scores and classes, a profile, and answers that stay nowhere."""

from __future__ import annotations

import http.client
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from sosrake_lib import catalogue, parameters, serving
from sosrake_lib.effects.instruments import score_instrument
from sosrake_lib.effects.person import person_change, person_profile
from sosrake_lib.errors import SosrakeError
from sosrake_lib.serving import forms
from sosrake_lib.serving.kernels import FORM

NAME = "apps/mittarilaskuri"
OFFERED = [one.key for one in catalogue.instruments() if one.kind != "goals"]


def page(query: str, fields: dict[str, object] | None = None) -> serving.Calculator:
    sent = forms.parsed(urlencode(fields)) if fields is not None else serving.Form()
    return serving.Calculator(serving.read_choice(NAME, query=query), sent)


def answers(before, after=()) -> dict[str, object]:
    fields = {f"ennen_{number}": value for number, value in enumerate(before, 1)}
    return fields | {f"jalkeen_{number}": value for number, value in enumerate(after, 1)}


def plain(markup) -> str:
    return " ".join(Markup(str(markup).replace("<", " <")).striptags().replace("\u00a0", " ").split())


def all_of(shown: serving.Calculator) -> str:
    parts = (shown.problem(), shown.about(), shown.main(), shown.change(), shown.limits())
    return plain(type(parts[0])("").join(parts))


def test_change_is_that_of_jacobson_and_truax():
    """Jacobson & Truax (1991), the worked example of a marital satisfaction score: RC = 3.16."""
    found = person_change(32.5, 47.5, sd=7.5, reliability=0.8, higher_is_better=True)
    assert found.index == pytest.approx(3.16, abs=0.005)
    assert found.standard_error == pytest.approx(4.74, abs=0.005)
    assert found.kind == "reliable_wanted"
    assert (found.lower, found.upper) == pytest.approx((15 - 1.96 * 4.7434, 15 + 1.96 * 4.7434), abs=1e-3)
    assert found.smallest == pytest.approx(1.96 * 4.7434, abs=1e-3)
    assert found.stable, "at a reliability of 0.7 the smallest reliable change is still 11.4 points"
    assert not person_change(32.5, 43, sd=7.5, reliability=0.8, higher_is_better=True).stable


@settings(max_examples=12, deadline=None)
@given(st.floats(0, 40), st.floats(0, 40), st.floats(1, 10), st.floats(0.5, 0.98), st.booleans())
def test_class_interval_and_direction_agree(before, after, sd, reliability, higher):
    found = person_change(before, after, sd=sd, reliability=reliability, higher_is_better=higher)
    assert (found.kind == "no_reliable_change") == (found.lower <= 0 <= found.upper) or math.isclose(
        abs(found.index), 1.96, rel_tol=1e-9
    )
    turned = person_change(before, after, sd=sd, reliability=reliability, higher_is_better=not higher)
    other = {"reliable_wanted": "reliable_unwanted", "reliable_unwanted": "reliable_wanted"}
    assert turned.kind == other.get(found.kind, found.kind)


def test_a_missing_score_is_refused():
    with pytest.raises(SosrakeError, match="a score is missing"):
        person_change(3, math.nan, sd=1, reliability=0.8, higher_is_better=True)


def test_profile_names_strengths_of_everyone_and_leaves_the_unanswered_unnamed():
    low = pd.DataFrame(
        {
            "area": list("abcdef"),
            "before": [1.0, 2, 1, 0, 3, math.nan],
            "after": [1.0, 1, 3, math.nan, 0, math.nan],
            "lowest": 0,
            "highest": 10,
            "higher_is_better": True,
        }
    )
    found = person_profile(low)
    assert found.strongest == ("c",)
    assert found.weakest == ("d", "e"), "of equals all are named"
    assert (found.towards, found.away) == (("c",), ("e", "b"))
    turned = person_profile(low.assign(higher_is_better=False))
    assert turned.strongest == ("d", "e")
    assert turned.towards == found.away
    one_good = person_profile(low.assign(before=[9.0, 0, 0, 0, 0, 0], after=math.nan))
    assert (one_good.strongest, one_good.weakest) == (("a",), tuple("bcdef"))
    even = person_profile(low.assign(before=5.0, after=5.0))
    assert even.strongest == even.weakest == even.towards == even.away == ()
    with pytest.raises(SosrakeError, match="'highest' is missing"):
        person_profile(low.drop(columns="highest"))


@pytest.mark.parametrize("key", [key for key in OFFERED if catalogue.instrument(key).kind == "items"])
@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_instrument_scores_as_the_library_does(key, language):
    record = catalogue.instrument(key)
    rng = np.random.default_rng(len(key))
    given_ = rng.integers(record.item_min, record.item_max + 1, (2, record.items))
    shown = page(f"mittari={key}&kieli={language}", answers(*given_))
    columns = [f"q{number}" for number in range(record.items)]
    data = pd.DataFrame(given_, columns=columns).assign(person=["x", "y"])
    library = score_instrument(data, key, items=columns).people
    for one in shown.results.scales:
        rows = library.loc[library["scale"] == one.scale.key, "score"]
        assert list(one.score.values()) == pytest.approx(rows.to_list())
    text = all_of(shown)
    assert (record.name_en if language == "en" else record.name_fi) in text
    assert shown.problem() == ""
    hidden = [scale for scale in record.scales if scale.sensitive]
    assert not any(
        (scale.name_en if language == "en" else scale.name_fi) in plain(shown.main()) for scale in hidden
    )


def test_answers_numbered_from_one_are_the_same_answers():
    own = page("mittari=phq8", answers([0, 1, 2, 3, 0, 1, 2, 3]))
    other = page("mittari=phq8&numerointi=1", answers([1, 2, 3, 4, 1, 2, 3, 4]))
    assert own.results.scales[0].score["ennen"] == other.results.scales[0].score["ennen"] == 12


@pytest.mark.parametrize(
    ("sex", "age", "named"),
    [
        ("female", 44, "rajalla tai yli"),
        ("male", 44, "alle rajan"),
        ("", 70, "rajalla tai yli"),
        ("", "", ""),
    ],
)
def test_class_of_audit_c_is_thls_and_needs_sex_or_age(sex, age, named):
    shown = page("mittari=audit_c", {**answers([2, 2, 1]), "sukupuoli": sex, "ika": age})
    assert shown.results.scales[0].band["ennen"] == named
    assert ("Luokkaa ei voi antaa, koska raja riippuu sukupuolesta ja iästä." in all_of(shown)) == (not named)


def test_a_cut_off_that_was_not_verified_gives_no_class_and_a_formative_instrument_its_profile_first():
    shown = page("mittari=ucla3", answers([3, 3, 3]))
    assert shown.results.scales[0].band["ennen"] == ""
    assert "rajaa ei ole varmistettu lähteestä" in plain(shown.main())
    text = plain(page("mittari=3x10d", answers(range(10))).main())
    assert text.startswith("Profiili keskustelun pohjaksi")
    assert "tyytymätön" not in text
    assert text.index("Vahvuuksia") < text.index("Näistä voi olla hyvä puhua")


def test_missing_answers_follow_the_instruments_rule_and_are_never_zero():
    core = [2] * 34
    few = page("mittari=core_om", answers([*core[:31], "", "", ""]))
    total = few.results.scales[0]
    assert total.answered["ennen"] == 31
    assert not math.isnan(total.score["ennen"])
    assert "niiden tilalla on saman asteikon muiden vastausten keskiarvo" in plain(few.main())
    many = page("mittari=core_om", answers([*core[:30], "", "", "", ""]))
    assert math.isnan(many.results.scales[0].score["ennen"])
    assert "Puuttuvaa ei lueta nollaksi." in plain(many.main())


def test_core_om_may_recover_and_never_shows_its_risk_items():
    high, low = [4 if number % 2 else 3 for number in range(34)], [1] * 34
    for number in catalogue.instrument("core_om").reverse:
        high[number - 1], low[number - 1] = 0, 4
    fields = {**answers(high, low), "hajonta_total": "6,5", "luotettavuus_total": "0,9"}
    shown = page("mittari=core_om", fields)
    assert "Toipunut. Muutos on −" in plain(shown.change())
    areas = set(shown.results.profile.rows["area"])
    assert areas == {"Hyvinvointi", "Ongelmat ja oireet", "Toimintakyky"}
    assert "Niihin on jo pitänyt reagoida" in plain(shown.about())


def test_phq9_takes_ready_scores_and_never_shows_more_than_24():
    asked = page("mittari=phq9&tapa=vastaukset")
    assert not asked.asked.by_answers
    assert "ennen_9" not in asked.entry()
    assert "Myönteiseen vastaukseen on jo pitänyt reagoida" in plain(asked.about())
    shown = page("mittari=phq9", {"ennen_total": 27, "jalkeen_total": 26, "hajonta_total": 5})
    whole = str(shown.entry()) + all_of(shown)
    assert not re.search(r"\b2[567]\b", plain(shown.main()) + plain(shown.change()))
    assert 'value="27"' not in whole
    assert 'value="26"' not in whole
    assert whole.count('value="24"') == 2


def test_without_deviation_and_reliability_nothing_is_judged_and_nothing_invented():
    shown = page("mittari=phq8", answers([3] * 8, [0] * 8))
    assert shown.results.scales[0].change is None
    text = plain(shown.change())
    assert "ei voi arvioida ilman hajontaa ja luotettavuutta" in text
    assert "PHQ-8-pisteet: 24 → 0, toivottuun suuntaan." in text
    judged = page(
        "mittari=phq8", {**answers([3] * 8, [0] * 8), "hajonta_total": "5", "luotettavuus_total": "0,8"}
    )
    told = plain(judged.change())
    assert "Luotettava muutos toivottuun suuntaan. Muutos on −24 pistettä" in told
    assert "(0 − 24) / 3,16 = −7,59" in told
    assert "Toipunut" not in told, "only a clinical instrument with a cut-off has recovery"
    assert "ei kerro, mistä muutos johtuu" in told


def test_known_reliability_is_filled_in_with_its_source_and_a_doubt():
    markup = page("mittari=phq8").entry()
    assert 'name="luotettavuus_total" id="luotettavuus_total" value="0,892"' in markup
    assert "Shin et al. (2019)" in markup
    assert "liian varman kuvan" in markup
    assert 'value=""' in page("mittari=core_om").entry()


@pytest.mark.parametrize(
    ("query", "fields", "words"),
    [
        ("mittari=phq8", {"ennen_1": "7"}, "Kysymys 1, Ennen: kirjoita kokonaisluku väliltä 0–3"),
        ("mittari=phq8", {"ennen_1": "1,5"}, "Kysymys 1, Ennen: kirjoita kokonaisluku"),
        ("mittari=phq8&kieli=en", {"jalkeen_2": "secret"}, "Question 2, After: enter a whole number"),
        ("mittari=phq9", {"ennen_total": "99"}, "PHQ-9-pisteet, Ennen: kirjoita luku väliltä 0–27"),
        ("mittari=phq8", {"ennen_1": "1", "luotettavuus_total": "2"}, "Luotettavuus: PHQ-8-pisteet"),
        ("mittari=audit_c", {"ennen_1": "1", "ika": "200"}, "Ikä vuosina"),
        ("mittari=phq8", {"ennen_1": ""}, "ei ole yhtään vastausta"),
        ("mittari=phq8&ennen_1=3", None, "Vastauksia ei oteta osoitteesta"),
        ("mittari=x", {"ennen_1": "1"}, "Aloita alusta valikosta"),
    ],
)
def test_what_is_wrong_is_said_without_repeating_it(query, fields, words):
    shown = page(query, fields)
    told = plain(shown.problem())
    assert words in told
    assert shown.results is None
    written = [str(value) for value in (fields or {}).values() if len(str(value)) > 1]
    assert not any(f" {value}" in told for value in written)
    assert not any((shown.main(), shown.change(), shown.limits()))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=120))
def test_no_form_raises_and_text_stays_text(text):
    shown = serving.Calculator(serving.read_choice(NAME, query="mittari=3x10d"), forms.parsed(text))
    written = serving.Calculator(
        serving.read_choice(NAME, query="mittari=3x10d"), forms.parsed(urlencode({"ennen_1": text}))
    )
    for one in (shown, written):
        whole = one.problem() + one.entry() + one.main() + one.change()
        assert "<script" not in whole.replace(text, "") if "<" not in text else "<script" not in whole


def test_form_is_sent_by_post_and_neither_remembered_nor_completed():
    markup = page("mittari=audit_c").entry()
    assert 'method="post"' in markup
    assert 'autocomplete="off"' in markup
    assert 'action="/?mittari=audit_c&amp;tapa=vastaukset&amp;numerointi=oma&amp;kieli=fi"' in markup
    chooser = page("mittari=audit_c").controls()
    assert 'method="get"' in chooser
    assert "ennen_" not in chooser


def test_wording_of_no_item_is_on_the_page_without_a_free_licence():
    for key in OFFERED:
        record = catalogue.instrument(key)
        if record.items_shipped:
            assert record.licence.texts_free
        elif record.kind == "items":
            shown = page(f"mittari={key}")
            assert "Pidä mittarin oma lomake vieressä" in plain(shown.about())
            assert all(
                re.fullmatch(r"Kysymys \d+|\d+\. [^?.!]{1,45}", shown.asked.item_name(number))
                for number in range(1, record.items + 1)
            )


def test_every_instrument_but_goals_is_offered():
    allowed = {one.name: one.allowed for one in parameters.definitions(NAME)}["mittari"]
    assert list(allowed) == OFFERED


def test_form_is_read_once_and_nothing_of_it_shows_in_a_repr(monkeypatch):
    monkeypatch.setenv(FORM, "ennen_total=17.3194&jalkeen_total=16")
    form = serving.read_form()
    assert form.sent
    assert FORM not in os.environ
    assert not serving.read_form().sent
    shown = serving.Calculator(serving.read_choice(NAME, query="mittari=core_om&tapa=pisteet"), form)
    assert shown.results.scales[0].score["ennen"] == 17.3194
    for one in (form, shown, shown.entered, shown.results, *shown.results.scales):
        assert "17.3" not in repr(one)


SECRETS = ("17.3194", "26.8453", "7.49135")


@pytest.fixture(scope="module")
def served(project):
    """Serve the app as `sosrake app mittarilaskuri` does, with every folder it could write to its own."""
    # not pytest's folder: a kernel's socket needs a short path
    place = Path(tempfile.mkdtemp(prefix="sos-"))
    folders = {name: place / name.lower() for name in ("HOME", "TMPDIR", "SOSRAKE_HOME", "IPYTHONDIR")}
    folders |= {name: place / name.lower() for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    for folder in folders.values():
        folder.mkdir()
    code = "import sys; from sosrake_lib.serving import serve; serve(sys.argv[1], 0, app='mittarilaskuri')"
    environment = {**os.environ, **{name: str(folder) for name, folder in folders.items()}, "PYTHONUTF8": "1"}
    log = place / "server.log"
    with log.open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-c", code, str(project)],
            stdout=subprocess.PIPE, stderr=said, text=True, encoding="utf-8", env=environment, cwd=project,
        )  # fmt: skip
    deadline = threading.Timer(60, server.kill)
    deadline.start()
    found = next(filter(None, (re.search(r"http://\S+", line) for line in server.stdout)), None)
    deadline.cancel()
    try:
        assert found, "the app did not start in 60 s"
        yield found.group(), place, server
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(place)


def test_answers_stay_in_no_log_ledger_home_or_temporary_file(served, project):
    base, place, server = served
    target = urlsplit(base)
    connection = http.client.HTTPConnection(target.hostname, target.port, timeout=120)
    fields = {
        "ennen_total": SECRETS[0],
        "jalkeen_total": SECRETS[1],
        "hajonta_total": SECRETS[2],
        "luotettavuus_total": "0.9",
    }
    before = {path for path in project.rglob("*") if ".git" not in path.parts and ".venv" not in path.parts}
    for mark in ("", "x"):  # sound, then with an answer that cannot be read
        body = urlencode({**fields, "jalkeen_wellbeing": mark})
        connection.request(
            "POST", "/?mittari=core_om&tapa=pisteet&kieli=fi", body,
            {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        sent_on = connection.getresponse()
        assert (sent_on.status, sent_on.read()) == (303, b"")
        place_of_results = sent_on.headers["Location"]
        assert not any(secret in place_of_results for secret in SECRETS)
        connection.request("GET", place_of_results)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        assert answer.status == 200
        assert 'id="valmis"' in text
        assert "no-store" in answer.headers["Cache-Control"]
    assert "Lomaketta ei voitu laskea" in text
    assert_no_trace(place)  # while the server runs
    server.terminate()
    server.wait(timeout=20)
    assert_no_trace(place)
    new = {
        path for path in project.rglob("*") if ".git" not in path.parts and ".venv" not in path.parts
    } - before
    for path in new:
        if path.is_file():
            assert not any(secret.encode() in path.read_bytes() for secret in SECRETS), path


def assert_no_trace(place: Path) -> None:
    files = [path for path in place.rglob("*") if path.is_file()]
    assert files, "the server log, at least, is there"
    wanted = [form.encode() for secret in SECRETS for form in (secret, secret.replace(".", ","))]
    for path in files:
        content = path.read_bytes()
        assert not any(one in content for one in wanted), path
        assert b"ennen_total=" not in content, path
