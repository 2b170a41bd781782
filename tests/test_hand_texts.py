"""Hand-written texts: kept whole, checked, shown as the writer's own, flagged when figures beneath change."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import replace
from datetime import date
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sosrake_lib import protect, regions
from sosrake_lib.batch import hand_files, hand_findings, hand_texts, outputs
from sosrake_lib.batch.hand_files import Entry
from sosrake_lib.errors import GatherError, SosrakeError
from sosrake_lib.influence import pages, words_hand
from sosrake_lib.language import say

FIELD = outputs.Field("ehdotus", "Ehdotus", "Proposal", "Kirjoita.", "Write.", 400)
OUTPUT = outputs.Output(
    "koe", {"fi": "Koe"}, "sivu", ("hva",), ("pdf",), ("valtuutettu",), "vuosi", fields=(FIELD,)
)
DAY = date(2026, 5, 18)
ROLE = "johtava sosiaalityöntekijä"
TEXT = "Ryhmää jatketaan, ja nuorilta kysytään, sopiiko tapa heille."


def figures(value=40.0, *, region=("hva", "E1"), origin="synthetic", rules="vakio", per=100.0, people=400.0):
    """Make a release's figures: one share of a region."""
    rows = pd.DataFrame(
        {
            **{"indicator": ["osuus"], "region_level": [region[0]], "region_code": [region[1]]},
            **{"borders": [regions.CURRENT_YEAR], "period": ["2025"], "value": [value], "per": [per]},
            **{"numerator": [np.round(value * people / per)], "denominator": [people], "status": ["ok"]},
            **{"origin": [origin], "producer": ["koe"], "source": ["koe"], "licence": ["MIT"]},
        }
    )
    return {"osuudet": protect.part(rows, rules=rules)}


def entry(text=TEXT, **change):
    return replace(Entry(text, ROLE, DAY), **change)


def recipe(parts):
    return hand_texts.with_texts(lambda data: dict(parts), "koe")


def opened(parts, data, home):
    """Give what a notebook gets: the texts of E1's page."""
    release = protect.release(recipe(parts)(data), name="koe", preview=True, home=home)
    return words_hand.texts_of(release, ("hva", "E1"))


@pytest.fixture
def data(tmp_path):
    place = tmp_path / "data"
    place.mkdir()
    return place


# --- the file -----------------------------------------------------------------------------------------

texts = st.text(max_size=200).map(hand_files.tidy)
roles = st.text(min_size=1, max_size=40).map(hand_files.tidy).filter(bool)
entries = st.builds(
    Entry,
    text=texts,
    role=roles,
    written=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    based_on=st.sampled_from(["", "0123456789abcdef"]),
    text_en=texts,
    read_again=st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    confirmed=st.booleans(),
)
with_history = st.builds(
    lambda one, earlier: replace(one, earlier=tuple(earlier)), entries, st.lists(entries, max_size=3)
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z"), with_history, max_size=3))
def test_what_is_written_is_read_back(data, written):
    for name in hand_files._FILE_KEYS:
        written.pop(name, None)
    path = hand_files.path_of("koe", "hva-E1", data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(hand_files.as_toml("koe", "hva-E1", written), encoding="utf-8", newline="\n")
    assert hand_files.read("koe", "hva-E1", data) == written


@given(st.text(max_size=300))
@settings(max_examples=50)
def test_tidying_twice_changes_nothing(text):
    once = hand_files.tidy(text)
    assert hand_files.tidy(once) == once
    assert not any(ord(sign) < 32 and sign != "\n" for sign in once)


def test_earlier_versions_are_kept_and_removal_keeps_them_too(data):
    for number in range(25):
        hand_files.change("koe", "hva-E1", "ehdotus", entry(f"Versio {number}."), data)
    present = hand_files.read("koe", "hva-E1", data)["ehdotus"]
    assert present.text == "Versio 24."
    assert [one.text for one in present.earlier[:2]] == ["Versio 23.", "Versio 22."]
    assert len(present.earlier) == hand_files.MOST_EARLIER
    assert not any(one.earlier for one in present.earlier)
    hand_files.change("koe", "hva-E1", "ehdotus", None, data)
    removed = hand_files.read("koe", "hva-E1", data)["ehdotus"]
    assert removed.text == "" and removed.earlier[0].text == "Versio 24."


def test_other_fields_and_a_file_edited_in_windows_stay(data):
    hand_files.change("koe", "hva-E1", "huomio", entry("Toinen kenttä."), data)
    path = hand_files.path_of("koe", "hva-E1", data)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    hand_files.change("koe", "hva-E1", "ehdotus", entry(), data)
    assert {name: one.text for name, one in hand_files.read("koe", "hva-E1", data).items()} == {
        "huomio": "Toinen kenttä.",
        "ehdotus": TEXT,
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("ehdotus = [", "tiedostoa ei voi lukea"),
        ('output = "muu"\n', "tuotoksen muu"),
        ('[ehdotus]\ntext = "a"\nrole = "r"\n', "puuttuu rooli tai päivä"),
        ('[ehdotus]\ntext = "a"\nwritten = 2026-01-01\n', "puuttuu rooli tai päivä"),
        ('[ehdotus]\ntext = 3\nrole = "r"\nwritten = 2026-01-01\n', "kohta text ei ole tekstiä"),
        ('[ehdotus]\ntext = "a"\nrole = "r"\nwritten = "eilen"\n', "written on eilen; kirjoita päivä"),
        ('[ehdotus]\nteksti = "a"\n', "tuntematon kohta teksti; tunnetut ovat text"),
        ('["Oma kenttä"]\ntext = "a"\n', "kohta Oma kenttä ei ole kenttä"),
        ('ehdotus = "a"\n', "kohta ehdotus ei ole kenttä"),
    ],
)
def test_a_broken_file_is_told_with_its_place(data, body, message):
    path = hand_files.path_of("koe", "hva-E1", data)
    path.parent.mkdir(parents=True)
    path.write_text(body, encoding="utf-8")
    with pytest.raises(GatherError, match=message) as told:
        hand_files.read("koe", "hva-E1", data)
    assert "hva-E1.toml" in str(told.value)


# --- writing ------------------------------------------------------------------------------------------


def test_writing_puts_the_text_in_its_place_and_tells_what_its_words_lack(data):
    unsourced = "Jonossa on 40 ihmistä."
    done = hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(unsourced), data=data)
    assert done.remarks["kind"].tolist() == ["source"] and done.state == "written"
    assert hand_files.read("koe", "hva-E1", data)["ehdotus"].text == unsourced


@pytest.mark.parametrize(
    ("change", "kind", "phrase"),
    [
        ({"text": "Valmennus paransi asiakkaiden tilannetta."}, "claim", "paransi"),
        ({"text": "Narkomaanien asuttaminen herättää huolta."}, "stigma", "Narkomaanien"),
        ({"text": "Kylän ainoa perhe haki apua."}, "person", "Kylän ainoa perhe"),
        ({"text_en": "The coaching improved the lives of the clients."}, "claim", "improved"),
    ],
)
def test_a_cause_a_label_or_one_person_is_kept_only_when_confirmed(data, change, kind, phrase):
    stopped = hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(**change), data=data)
    assert stopped.state == "stopped" and hand_files.read("koe", "hva-E1", data) == {}
    assert (kind, phrase) in zip(stopped.remarks["kind"], stopped.remarks["phrase"], strict=True)
    done = hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(**change, confirmed=True), data=data)
    kept = hand_files.read("koe", "hva-E1", data)["ehdotus"]
    assert done.state == "written" and (kept.text, kept.text_en) == (done.entry.text, done.entry.text_en)
    assert done.remarks.equals(stopped.remarks)
    # what was confirmed is the words: a name written into the file later still stops the release
    assert not kept.confirmed


def test_what_only_looks_personal_is_kept_as_confirmed(data):
    doubtful = "Kysy lisää: 017 123 4567."
    stopped = hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(doubtful), data=data)
    assert stopped.state == "stopped" and hand_files.read("koe", "hva-E1", data) == {}
    (told,) = stopped.personal
    assert told.startswith("Ehdotus: tekstissä on luultavasti henkilötietoja: puhelinnumero (1).")
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(doubtful, confirmed=True), data=data)
    assert hand_files.read("koe", "hva-E1", data)["ehdotus"].confirmed


def test_the_same_doubtful_words_that_nobody_has_confirmed_stop(data):
    doubtful = "Kysy lisää: 017 123 4567."
    hand_files.change("koe", "hva-E1", "ehdotus", entry(doubtful), data)
    assert hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(doubtful), data=data).state == "stopped"
    done = hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(doubtful, confirmed=True), data=data)
    assert (done.state, done.entry.confirmed, done.personal) == ("written", True, ())
    assert hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(doubtful), data=data).state == "same"


def test_the_same_words_again_change_nothing(data):
    first = hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(), data=data)
    before = hand_files.path_of("koe", "hva-E1", data).read_bytes()
    again = hand_texts.write(
        OUTPUT, "hva-E1", FIELD, entry(f" {TEXT}\r\n", written=date(2026, 6, 1)), data=data
    )
    assert (first.state, again.state) == ("written", "same")
    assert hand_files.path_of("koe", "hva-E1", data).read_bytes() == before and again.entry.written == DAY
    # another role, another wording or an English text is another version
    for change in ({"role": "esihenkilö"}, {"text": "Toinen."}, {"text_en": "Another."}):
        there = hand_files.read("koe", "hva-E1", data)["ehdotus"]
        done = hand_texts.write(OUTPUT, "hva-E1", FIELD, replace(entry(), **change), data=data)
        assert done.state == "written" and done.entry.earlier[0] == replace(there, earlier=())


def test_reading_again_makes_no_earlier_version(data):
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry("Vanha."), data=data)
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(based_on="0" * 16), data=data)
    renewed = hand_texts.still_true(OUTPUT, "hva-E1", FIELD, "1" * 16, date(2026, 6, 1), data=data)
    assert renewed.based_on == "1" * 16 and [one.text for one in renewed.earlier] == ["Vanha."]


@pytest.fixture
def write(project, data, monkeypatch, capsys):
    """Call `sosrake write` for the invented county's social report; its figures stand still."""
    from sosrake_lib import cli, cli_outputs

    monkeypatch.setattr(cli_outputs, "_hash", lambda *_: "0" * 16)

    def call(text, *more):
        given = ("write", "sosiaalinen_raportti", "--region", "hva-E1", "--field", "huomiot", "--text", text)
        with pytest.raises(SystemExit) as left:
            cli.main([*given, "--role", ROLE, "--data", str(data), "--project", str(project), *more])
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return call


def test_the_command_stops_at_a_finding_and_keeps_what_is_confirmed(write, data):
    bold = "Valmennus paransi asiakkaiden tilannetta."
    code, out, err = write(bold)
    assert (code, out) == (1, "") and "Vahvistettava: ”paransi”." in err
    assert "Tekstiä ei tallennettu: sosiaalinen_raportti, hva-E1, huomiot." in err and "--confirm" in err
    assert hand_files.read("sosiaalinen_raportti", "hva-E1", data) == {}
    code, out, err = write(bold, "--confirm")
    assert code == 0 and "Teksti on tallennettu" in out
    assert "Huomaa: ”paransi”." in err and "Vahvistettava" not in err
    code, out, err = write(bold)
    assert code == 0 and out.startswith("Mikään ei muuttunut: sama teksti on jo tallessa")
    code, out, err = write(bold, "--language", "en")
    assert code == 0 and out.startswith("Nothing changed:")
    assert hand_files.read("sosiaalinen_raportti", "hva-E1", data)["huomiot"].earlier == ()


def test_one_refusal_lists_all_that_one_confirmation_would_answer(write, data):
    both = "Valmennus paransi arkea. Kysy lisää: 017 123 4567."
    code, out, err = write(both)
    assert (code, out) == (1, "") and hand_files.read("sosiaalinen_raportti", "hva-E1", data) == {}
    assert "luultavasti henkilötietoja: puhelinnumero (1)" in err and "017" not in err
    assert "Vahvistettava: ”paransi”." in err and err.count("Tekstiä ei tallennettu") == 1
    code, out, err = write(both, "--confirm")
    assert code == 0 and "Teksti on tallennettu" in out
    assert "Huomaa: ”paransi”." in err and "Vahvistettava" not in err and "henkilötietoja" not in err


def test_advice_comes_in_the_readers_language_and_rules_are_the_texts(write):
    code, _, err = write("Valmennus paransi arkea.", "--english", "Coaching improved it.", "--language", "en")
    assert code == 1
    for phrase in ("paransi", "improved"):
        (line,) = [one for one in err.splitlines() if f"“{phrase}”" in one]
        assert say("claims.why.claim", "en") in line and say("claims.why.claim", "fi") not in line


def test_a_role_that_looks_like_somebody_is_refused_whatever_is_confirmed(data):
    with pytest.raises(GatherError, match="kirjoita tehtävä, älä nimeä") as told:
        hand_texts.write(
            OUTPUT, "hva-E1", FIELD, entry(role="ohjaaja, 017 123 4567", confirmed=True), data=data
        )
    assert "vahvista" not in str(told.value) and "017" not in str(told.value)


# --- approving ----------------------------------------------------------------------------------------


def test_approving_tells_what_stands_in_the_texts(data, home, tmp_path, capsys):
    from sosrake_lib import cli

    bold = "Valmennus paransi arkea. Jonossa on 40 ihmistä."
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(bold, confirmed=True), data=data)
    place = tmp_path / "out"
    made = protect.release(recipe(figures())(data), name="koe", folder=place / "releases")
    plain = protect.release(figures(41.0, region=("kunta", "E11")), name="muu", folder=place / "releases")
    found = hand_findings.standing([made.id, plain.id, "0" * 16], place / "releases")
    assert found[["kind", "phrase", "place"]].values.tolist() == [
        ["claim", "paransi", "koe, hva-E1, ehdotus"]
    ]
    for more, told in (((), True), (("--take-back",), False)):
        with pytest.raises(SystemExit) as left:
            cli.main(["approve", made.id, "--role", ROLE, "--output", str(place), *more])
        said = capsys.readouterr()
        assert not left.value.code, said.err
        assert ("(koe, hva-E1, ehdotus) on kohta ”paransi”." in said.err) == told
        assert ("harkittavia kohtia 1" in said.err) == told
    with pytest.raises(SystemExit):
        cli.main(["approve", made.id, "--role", ROLE, "--output", str(place), "--language", "en"])
    assert say("claims.why.claim", "en") in capsys.readouterr().err
    assert len(hand_findings.standing([plain.id], place / "releases")) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": " \n "}, "teksti on tyhjä"),
        ({"text": "a" * 401}, "401 merkkiä; enintään 400"),
        ({"text_en": "a" * 401}, "401 merkkiä; enintään 400"),
        ({"role": ""}, "rooli puuttuu"),
        ({"role": "r" * 81}, "enintään 80 merkkiä"),
        ({"text": "Soita Maija Meikäläiselle."}, "nimi"),
        ({"text": "Asiakkaan tunnus on 131052-308T."}, "henkilötunnus"),
        ({"text_en": "Write to matti.m@example.org."}, "sähköposti"),
        ({"role": "Maija Meikäläinen"}, "rooli"),
    ],
)
def test_what_may_not_be_written_is_refused_and_nothing_is_saved(data, change, message):
    with pytest.raises(GatherError, match=message) as told:
        hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(**change), data=data)
    for secret in ("Meikäläi", "131052", "example.org"):
        assert secret not in str(told.value)
    assert hand_files.read("koe", "hva-E1", data) == {}


def test_a_name_written_into_the_file_by_hand_stops_the_release_without_repeating_it(data):
    hand_files.change("koe", "hva-E1", "ehdotus", entry("Soita Maija Meikäläiselle."), data)
    with pytest.raises(GatherError, match=r"omat_tekstit/koe/hva-E1\.toml \[ehdotus\]") as told:
        recipe(figures())(data)
    assert "Meikäläi" not in str(told.value)


def _write_many(folder, home, name, count):
    os.environ["SOSRAKE_HOME"] = home
    from pathlib import Path

    for number in range(count):
        hand_files.change("koe", "hva-E1", name, entry(f"{name} {number}."), Path(folder))


def test_two_writers_lose_nothing(data, home):
    spawn = multiprocessing.get_context("spawn")
    writers = [
        spawn.Process(target=_write_many, args=(str(data), str(home), name, 8)) for name in ("yksi", "kaksi")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    there = hand_files.read("koe", "hva-E1", data)
    for name in ("yksi", "kaksi"):
        assert there[name].text == f"{name} 7."
        assert [one.text for one in there[name].earlier] == [
            f"{name} {number}." for number in range(6, -1, -1)
        ]


def test_a_writer_that_is_kept_waiting_is_told(data, home):
    path = hand_files.path_of("koe", "hva-E1", data)
    with (
        mock.patch.object(hand_files, "_WAIT", 0.05),
        hand_files._only_writer(path),
        pytest.raises(GatherError, match="toinen kirjoittaja tallentaa"),
    ):
        hand_files.change("koe", "hva-E1", "ehdotus", entry(), data)


@pytest.mark.skipif(os.name != "posix", reason="kills a process by signal")
def test_a_killed_writer_leaves_the_old_text_or_the_new(data, home):
    hand_files.change("koe", "hva-E1", "ehdotus", entry("Vanha."), data)
    spawn = multiprocessing.get_context("spawn")
    writer = spawn.Process(target=_write_many, args=(str(data), str(home), "ehdotus", 100_000))
    writer.start()
    path = hand_files.path_of("koe", "hva-E1", data)
    before, end = path.read_bytes(), time.monotonic() + 30
    while path.read_bytes() == before and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(30)
    kept = hand_files.read("koe", "hva-E1", data)["ehdotus"]  # a torn file could not be read
    assert kept.text.startswith("ehdotus ")
    # The lock went with the process: the next writer need not wait for it.
    hand_files.change("koe", "hva-E1", "ehdotus", entry("Uusi."), data)
    assert hand_files.read("koe", "hva-E1", data)["ehdotus"].text == "Uusi."


def test_a_disk_that_fails_leaves_the_old_text(data):
    hand_files.change("koe", "hva-E1", "ehdotus", entry("Vanha."), data)
    with (
        mock.patch("os.fsync", side_effect=OSError(28, "no space")),
        pytest.raises(OSError, match="no space"),
    ):
        hand_files.change("koe", "hva-E1", "ehdotus", entry("Uusi."), data)
    assert hand_files.read("koe", "hva-E1", data)["ehdotus"].text == "Vanha."
    assert [path.name for path in (data / "omat_tekstit" / "koe").iterdir()] == ["hva-E1.toml"]


# --- figures beneath ----------------------------------------------------------------------------------


def test_the_hash_follows_the_figures_a_reader_sees():
    region = ("hva", "E1")
    first = hand_texts.figures_hash(figures(40.0), region)
    assert first == hand_texts.figures_hash(figures(40.0 + 1e-9), region)  # another machine's last digits
    assert first != hand_texts.figures_hash(figures(41.0), region)
    assert first != hand_texts.figures_hash(figures(40.0, region=("kunta", "E11")), region)
    # A share of few people is hidden: which of the hidden ones it is, the hash does not tell.
    few = [hand_texts.figures_hash(figures(value, people=20.0), region) for value in (40.0, 60.0)]
    assert few[0] == few[1] != first


def test_a_text_is_flagged_when_figures_change_and_renewed_when_read_again(data, home):
    now = hand_texts.figures_hash(figures(40.0), ("hva", "E1"))
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(based_on=now), data=data)
    fresh = [str(one) for one in words_hand.shown(opened(figures(40.0), data, home), "ehdotus")]
    assert TEXT in fresh and not any("muuttuneet" in line for line in fresh)
    changed = words_hand.shown(opened(figures(45.0), data, home), "ehdotus")
    assert "Luvut ovat muuttuneet tämän tekstin kirjoittamisen jälkeen" in changed[-1].content.text("fi")
    later = hand_texts.figures_hash(figures(45.0), ("hva", "E1"))
    hand_texts.still_true(OUTPUT, "hva-E1", FIELD, later, date(2026, 6, 1), data=data)
    renewed = words_hand.shown(opened(figures(45.0), data, home), "ehdotus")
    assert "1.6.2026" in str(renewed[-1].content) and "18.5.2026" in str(renewed[-1].content)
    with pytest.raises(GatherError, match="ei ole tekstiä, jota voisi vahvistaa"):
        hand_texts.still_true(OUTPUT, "hva-E2", FIELD, later, DAY, data=data)


def test_invented_and_real_texts_never_meet(data, home):
    hand_files.change("koe", "hva-E1", "ehdotus", entry(), data)
    hand_files.change("koe", "hva-12", "ehdotus", entry("Oikean alueen teksti."), data)
    invented = recipe(figures())(data)["omat_tekstit"].frame
    assert invented["region_code"].tolist() == ["E1"] and set(invented["origin"]) == {"synthetic"}
    real = recipe(figures(region=("hva", "12"), origin="own"))(data)["omat_tekstit"].frame
    assert real["region_code"].tolist() == ["12"] and set(real["origin"]) == {"own"}


def test_a_release_nobody_has_written_for_stays_the_same(data, home):
    parts = recipe(figures())(data)
    assert set(parts) == {"osuudet"}
    assert opened(figures(), data, home) is None
    with pytest.raises(GatherError, match="aluetta hva-99 ei ole"):
        hand_texts.region_of("hva-99")
    assert hand_texts.region_of("hanke") == hand_texts.WHOLE


# --- on the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "said"), [("fi", "Ei kirjattu."), ("en", "Not recorded.")])
def test_without_a_text_the_page_says_so(data, home, language, said):
    told = words_hand.shown(opened(figures(), data, home), "ehdotus", language, heading="Ehdotus")
    assert [one.text(language) if hasattr(one, "text_fi") else one.text for one in told] == ["Ehdotus", said]
    assert not words_hand.written(None, "ehdotus")


def test_a_text_is_its_writers_own_and_safe_as_html(data, home):
    text = "Kaksi <b>ryhmää</b> & 3 ohjaajaa.\n\nToinen kappale: <script>alert(1)</script>"
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(text, text_en="Two groups & 3 workers."), data=data)
    selected = opened(figures(), data, home)
    assert words_hand.written(selected, "ehdotus")
    told = words_hand.shown(selected, "ehdotus")
    markup = "".join(pages.html_of(one) for one in told)
    assert "<script>" not in markup and "<b>" not in markup
    assert "&lt;script&gt;" in markup and markup.count("<p>") == 3
    assert "johtava sosiaalityöntekijä, 18.5.2026. Tekstin luvut ovat kirjoittajan lukuja" in str(
        told[-1].content
    )
    # The number is said to be no result, and stands as one that is not traced.
    assert '<span data-constant="">3</span>' in markup and "data-result" not in markup
    english = words_hand.shown(selected, "ehdotus", "en")
    assert str(english[0]) == "Two groups & 3 workers." and english[0].language == "en"
    assert "18 May 2026" in str(english[-1].content)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Joka kolmas jäi pois.", True),
        ("Kaksi kolmesta vastaajasta jatkoi.", True),
        ("Puolet nuorista jatkoi.", True),
        ("Puolet jatkoi.", True),
        ("Jonossa on 40 ihmistä.", True),
        ("Ryhmä kokoontuu joka toinen viikko.", False),
        (TEXT, False),
    ],
)
def test_a_share_in_words_is_the_writers_own_number_too(data, home, text, own):
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(text, text_en="One in three left."), data=data)
    selected = opened(figures(), data, home)
    note = str(words_hand.shown(selected, "ehdotus")[-1].content)
    assert ("Tekstin luvut ovat kirjoittajan lukuja" in note) == own
    # the words that are shown decide: the English text has its own
    assert "numbers in the text are the writer's own" in str(
        words_hand.shown(selected, "ehdotus", "en")[-1].content
    )


def test_a_finnish_text_on_an_english_page_says_its_language(data, home):
    hand_texts.write(OUTPUT, "hva-E1", FIELD, entry(), data=data)
    told = words_hand.shown(opened(figures(), data, home), "ehdotus", "en")
    assert 'lang="fi"' in pages.html_of(told[0], "en")
    assert "The writer's own text" in str(told[1].content)


def test_the_writers_own_view_of_who_is_not_reached_is_part_of_the_section(data, home):
    field = replace(FIELD, name="not_reached")
    hand_texts.write(OUTPUT, "hva-E1", field, entry("Syrjäkylien yksinäiset puuttuvat."), data=data)
    told = words_hand.not_reached([], ["rekisteri"], opened(figures(), data, home), "fi")
    assert str(told[-2]) == "Syrjäkylien yksinäiset puuttuvat."
    assert ROLE in str(told[-1].content)


def test_two_outputs_in_one_release_are_told_apart(data, home):
    for output in ("koe", "toinen"):
        hand_files.change(output, "hva-E1", "ehdotus", entry(f"Tuotoksen {output} teksti."), data)
    made = hand_texts.with_texts(lambda data: figures(), "koe", "toinen")(data)
    release = protect.release(made, name="koe", preview=True, home=home)
    selected = words_hand.texts_of(release, ("hva", "E1"))
    assert str(words_hand.shown(selected, "ehdotus", output="toinen")[0]) == "Tuotoksen toinen teksti."
    with pytest.raises(SosrakeError, match=r"2 texts .*select the region"):
        words_hand.shown(selected, "ehdotus")


def test_the_samples_texts_are_invented_and_by_role(project):
    """Invented texts stand for Esimerkkilä only, and their writers are roles called invented."""
    place = project / "data" / "samples" / "omat_tekstit"
    found = sorted(place.rglob("*.toml"))
    assert found
    for path in found:
        assert path.stem == "hanke" or regions.is_invented(path.stem.partition("-")[2]), path
        for one in hand_files.read(path.parent.name, path.stem).values():
            # of the real project only the workbook's own maker writes, and only of its sources
            assert one.role.endswith("(keksitty)") or (path.stem, one.role) == ("hanke", "työkirjan laatija")
            hand_texts.refuse_personal(one, path.name)
