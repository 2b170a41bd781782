"""The quote bank from the command line: permission, two reviewers, withdrawal, and no words on the screen."""

import re

import pytest

from sosrake_lib.cli import main

WORDS = "Kun sain oman avaimen, uskalsin taas suunnitella huomista."


@pytest.fixture
def quoting(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SOSRAKE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SOSRAKE_DATABASE", raising=False)
    file = tmp_path / "sanat.txt"
    file.write_text(WORDS, encoding="utf-8")

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["quote", *arguments])
        told = capsys.readouterr()
        assert WORDS not in told.out + told.err
        return left.value.code, told.out + told.err

    paper = ["--source", "haastattelu", "--theme", "asuminen", "--region", "hva-E1", "--kept-at", "kansio 4"]
    days = ["--permitted-on", "2026-01-01", "--permitted-until", "2099-12-31", "--user", "t1"]
    return run, ["add", str(file), *paper, *days]


def test_a_quote_may_be_shown_when_two_have_signed_and_no_longer_when_withdrawn(quoting):
    run, add = quoting
    assert run("list")[1].strip() == "Pankissa ei ole lainauksia."
    code, told = run(*add)
    assert code == 0
    withdrawal = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){2}", told).group()
    assert "kaksi eri ihmistä ei ole tarkistanut" in run("list")[1]
    assert run("review", "1", "--user", "t2")[0] == 0
    assert "needs another reviewer" in run("review", "1", "--user", "t2")[1]
    assert run("review", "1", "--user", "t3")[0] == 0
    assert "saa näyttää verkkosivulla" in run("list")[1]
    code, told = run("withdraw", withdrawal, "--user", "t1")
    assert code == 0 and "sanat on poistettu" in told
    assert "saa näyttää" not in run("list", "--language", "en")[1]


def test_an_unknown_area_or_number_is_told(quoting):
    run, add = quoting
    assert run(*[part if part != "hva-E1" else "hva-99" for part in add])[0] == 2
    assert run("withdraw", "7", "--user", "t1")[0] == 2
