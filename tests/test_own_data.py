"""A user's own figures, end to end: imported or gathered, made into pages, protected, never mixed up."""

from __future__ import annotations

import html
import json
import re
import socket
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest
import typer
from standin.server import StandIn

from sosrake_lib import cli, frame, protect, regions, samples
from sosrake_lib.batch import plan, recipes
from sosrake_lib.errors import GatherError
from sosrake_lib.language import say

# As an office writes it: semicolons, decimal comma, a thousands space, names beside codes, Windows-1252.
OWN = (
    "indikaattori;kuntanumero;kunnan nimi;vuosi;arvo;osoittaja;nimittäjä\n"
    "tyottomyysaste;297;Kuopio;2024;9,8;5518;56 323\n"
    "tyottomyysaste;697;Ristijärvi;2024;0,6;3;480\n"
    "toimeentulotuki_25_64;297;Kuopio;2024;7,0;4200;60 000\n"
)
NEEDS = ["asuminen", "talous"]


@pytest.fixture(autouse=True)
def _same_project(monkeypatch):
    # the command sets it for everything it calls; here it must not outlive the test
    monkeypatch.setenv("SOSRAKE_PROJECT", "")


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


def call(*arguments) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    return left.value.code or 0


def words(page) -> str:
    """Give what a reader reads of a page, on one line."""
    text = re.sub(r"(?s)<(style|script|head).*?</\1>", "", page.read_text(encoding="utf-8"))
    # marks stand inside words of a definition, so that only the spaces of the text itself are kept
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def imported(tmp_path, text=OWN, name="omat.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="cp1252", newline="")
    folder = tmp_path / "oma"
    assert call("import", file, "--table", "indikaattorit", "--to", folder) == 0
    return folder


def test_own_csv_becomes_protected_pages_outside_the_project(project, tmp_path, capsys):
    folder = imported(tmp_path)
    capsys.readouterr()
    pages = ("kunta-297/alueprofiili", "kunta-297/paattajakooste", "kunta-697/alueprofiili")
    asked = (*pages, "hankeseuranta", "aloitus", "kunta-171")
    only = [part for name in asked for part in ("--only", name)]
    assert call("reports", "--project", project, "--data", folder, *only) == 0
    said = capsys.readouterr()
    # all that was asked for is either made or told to be left out: pages without figures in these data
    planned = {task.key for task in plan.load(project, recipes=recipes.RECIPES).only(asked).tasks}
    left = planned - set(pages)
    assert left >= {"kunta-171/alueprofiili", "kunta-171/paattajakooste", "hankeseuranta", "aloitus"}, left
    assert f"Tehty 3, ennallaan 0, jätetty pois {len(left)}, epäonnistui 0." in said.out
    assert "hankeseuranta (muistikirja 0_hankeseuranta): aineistossa ei ole taulua hanke/" in said.err
    assert "aloitus (muistikirja 0_aloitus): aineistossa ei ole taulua" in said.err
    assert "kunta-171/alueprofiili" in said.err and "ei ole lukuja näiltä alueilta" in said.err
    # pages of one notebook left out for one reason are on one line: its first page and how many more
    assert "kunta-171/infograafi ja 1 muuta (muistikirja" in said.err
    lines = re.findall(r"Jätetty pois: (\S+?)(?: ja (\d+) muuta)? \(muistikirja", said.err)
    assert {page for page, _ in lines} <= left and sum(1 + int(more or 0) for _, more in lines) == len(left)
    site = tmp_path / "oma-sivut" / "site"
    assert f"Sivusto: {site / 'index.html'}" in said.out
    made = {page: words(site / f"{page}.html") for page in pages}
    assert "9,8 %" in made[pages[0]] and "7,0 %" in made[pages[0]] and "omat luvut" in made[pages[0]]
    assert say("paattajakooste.no_finding") in made[pages[1]] and "Kunnanvaltuusto" in made[pages[1]]
    # three people of 480: neither the count nor anything made of it
    assert "luku on suojattu" in made[pages[2]] and "0,6" not in made[pages[2]]
    assert not any("Keksitty" in text for text in made.values())
    released = [pd.read_parquet(file) for file in (tmp_path / "oma-sivut" / "releases").rglob("*.parquet")]
    hidden = [rows.loc[rows["region_code"] == "697"] for rows in released]
    assert all(rows[["value", "numerator"]].isna().all(axis=None) for rows in hidden)

    # with nothing changed the second run makes nothing and loads nothing that makes pages
    code = (
        "import sys\nfrom pathlib import Path\nfrom sosrake_lib.batch import run\n"
        f"again = run(Path({str(project)!r}), data=Path({str(folder)!r}), only={pages!r})\n"
        "assert (again.made, len(again.skipped), again.failed) == ((), 3, ()), again\n"
        "heavy = {'papermill', 'nbclient', 'matplotlib', 'IPython'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_workbook_gives_the_same_rows_as_the_csv(tmp_path):
    by_csv = samples.indicator_frame(imported(tmp_path))
    book = openpyxl.Workbook()
    for line in OWN.replace(" ", "").replace("kunnannimi", "kunnan nimi").splitlines():
        cells = [cell.replace(",", ".") for cell in line.split(";")]
        book.active.append([float(c) if c.replace(".", "").isdigit() and len(c) > 3 else c for c in cells])
    book.save(tmp_path / "omat.xlsx")
    other = tmp_path / "toinen"
    assert call("import", tmp_path / "omat.xlsx", "--table", "indikaattorit", "--to", other) == 0
    same = ["indicator", "region_code", "period", "value", "numerator", "denominator", "status", "origin"]
    pd.testing.assert_frame_equal(by_csv[same], samples.indicator_frame(other)[same])


def test_whose_figure_it_is_decides_the_rules(tmp_path, capsys):
    line = "tyottomyysaste;697;Ristijärvi;2024;0,6;3;480\n"
    folder = imported(tmp_path, OWN)
    parts = recipes.area_indicators(folder)
    assert parts["vertailu"].rules.name == "vakio" and not len(parts["suppilo"].frame)
    with_source = "".join(
        f"{row};{publisher}\n"
        for row, publisher in zip(OWN.splitlines(), ["lähde", *["Kuntaliitto"] * 3], strict=True)
    )
    capsys.readouterr()
    parts = recipes.area_indicators(imported(tmp_path, with_source))
    assert "Lähde on nimetty 3 riviltä" in capsys.readouterr().out
    assert {part.rules.name for part in parts.values()} == {"avoin"}
    assert set(parts["vertailu"].frame["origin"]) == {"published"}
    assert set(parts["vertailu"].frame["producer"]) == {"Kuntaliitto"}
    # an own figure without its counts could not be protected, and one at odds with them is a slip
    for wrong, told in ((";0,6;;\n", "montako ihmistä"), (";6,0;3;480\n", "ei vastaa osoittajaa")):
        (tmp_path / "x.csv").write_text(OWN.replace(line, line[:-11] + wrong), encoding="cp1252")
        assert call("check", tmp_path / "x.csv", "--table", "indikaattorit") == 1
        assert told in capsys.readouterr().out


def test_all_municipalities_of_a_county_give_the_county(tmp_path):
    lines = [
        f"tyottomyysaste;{code};2024;10,0;{100 + place};{1000 + 10 * place}"
        for place, code in enumerate(regions.members("hva", "20"))
    ]
    folder = imported(tmp_path, "\n".join(["indikaattori;kunta_nro;vuosi;arvo;osoittaja;nimittaja", *lines]))
    rows = recipes.area_indicators(folder)["vertailu"].frame
    county = rows.loc[rows["region_level"] == "hva"]
    assert county["region_code"].tolist() == ["20"]
    assert county["numerator"].item() == sum(100 + place for place in range(len(lines)))
    short = imported(
        tmp_path, "\n".join(["indikaattori;kunta_nro;vuosi;arvo;osoittaja;nimittaja", *lines[1:]])
    )
    assert set(recipes.area_indicators(short)["vertailu"].frame["region_level"]) == {"kunta"}


def test_only_reference_tables_are_lent(tmp_path):
    folder = imported(tmp_path)
    assert len(samples.reference_table("hanke/paattajat", folder)) == len(samples.table("hanke/paattajat"))
    with pytest.raises(GatherError, match="expected one of hanke/paattajat"):
        samples.reference_table("hanke/talous", folder)
    with pytest.raises(samples.AbsentTable, match="hanke/talous"):
        samples.table("hanke/talous", folder)


def test_own_client_records_are_left_out_in_words(project, tmp_path, capsys):
    rows = pd.DataFrame(
        [
            (f"a{i}", f"c{i}", "297", "female", "25-34", "2024-02-01", "2024-03-01", 29, NEEDS[i % 2])
            for i in range(30)
        ],
        columns=["assessment", "client", "region_code", "sex", "age", "contact", "completed", "days", "need"],
    )
    rows.to_csv(tmp_path / "arviot.csv", index=False)
    inside = tmp_path / "repo"
    (inside / ".git").mkdir(parents=True)
    asked = ("import", tmp_path / "arviot.csv", "--table", "palvelutarpeet", "--to")
    assert call(*asked, inside / "data") == 1
    assert "lies in the git tree" in capsys.readouterr().err
    assert call(*asked, tmp_path / "oma") == 0
    capsys.readouterr()
    run = ("reports", "--project", project, "--data", tmp_path / "oma", "--only", "palvelutarpeen_arvioinnit")
    assert call(*run) == 0
    said = capsys.readouterr()
    assert "omasta taulusta palvelutarpeet ei vielä tehdä sivua" in said.err
    assert "Tehty 0, ennallaan 0, jätetty pois 1, epäonnistui 0." in said.out
    assert not list((tmp_path / "oma-sivut").rglob("*.html"))


def test_gathered_figures_are_used_by_the_next_run(project, tmp_path, server, capsys, monkeypatch):
    asked = ("gather", "sotkanet", "--indicator", 181, "--periods", "2015-2023", "--sex", "total")
    asked = (*asked, "--sex", "female", "--sex", "male", "--project", project)
    asked = (*asked, "--base-url", server.sotkanet())
    assert call(*asked) == 0
    said = capsys.readouterr().out
    assert len(re.findall(r"Tallennettu", said)) == 1 and said.count("Seuraava ajo") == 1
    output = tmp_path / "out"
    run = ("reports", "--project", project, "--output", output, "--only", "kunta-297/alueprofiili")
    assert call(*run, "--workers", 1) == 0
    page = words(output / "site" / "kunta-297" / "alueprofiili.html")
    assert "Kuopiossa 9,8 %" in page and "vuonna 2023" in page
    assert "Naisten ja miesten luvut" in page
    rows = recipes.area_indicators(None)["vertailu"].frame
    unemployed = rows.loc[rows["indicator"] == "tyottomyysaste"]
    assert set(unemployed["period"]) == {"2023"} and set(unemployed["sex"]) == {"total", "female"}

    def no_socket(*_, **__):
        raise AssertionError("a socket was opened")

    with monkeypatch.context() as closed:
        closed.setattr(socket.socket, "connect", no_socket)
        closed.setattr(socket, "getaddrinfo", no_socket)
        assert call(*asked, "--offline") == 0
        # what was never gathered is not to be had
        assert call("gather", "sotkanet", "--indicator", 127, "--periods", "2019", "--offline") == 1


def test_sums_are_made_again_of_gathered_municipalities(home):
    source = samples.indicator_frame()
    mine = source.loc[(source["indicator"] == "tyottomyysaste") & (source["region_level"] == "kunta")]
    (home / "gathered").mkdir()
    # the same year anew: every municipality has ten unemployed more than the sample says
    anew = mine.assign(numerator=mine["numerator"] + 10)
    anew["value"] = 100 * anew["numerator"] / anew["denominator"]
    anew.to_parquet(home / "gathered" / "sotkanet_181.parquet")
    read = samples.indicator_frame()
    assert not len(read.query("indicator == 'tyottomyysaste' and origin == 'own'"))
    rows = recipes.with_area_sums(recipes.newest(read.loc[read["indicator"] == "tyottomyysaste"]))
    area = recipes.of_area(rows, *recipes.AREA)
    assert area["numerator"].item() == anew["numerator"].sum()
    county = recipes.of_area(rows, "hva", "20")
    inside = anew["region_code"].isin(regions.members("hva", "20"))
    assert county["numerator"].item() == anew.loc[inside, "numerator"].sum()
    # the country's sum was of older rows, and the gathered ones are not the whole country
    assert recipes.of_area(rows, *recipes.COUNTRY).empty


def test_gathered_regions_elsewhere_stay_off_the_pages(home):
    source = samples.indicator_frame()
    mine = source.loc[(source["indicator"] == "tyottomyysaste") & (source["region_level"] == "kunta")]
    (home / "gathered").mkdir()
    helsinki = mine.head(1).assign(region_code="091")
    frame.check(pd.concat([mine, helsinki])).to_parquet(home / "gathered" / "sotkanet_181.parquet")
    assert "091" in set(samples.indicator_frame()["region_code"])
    for part in recipes.area_indicators(None).values():
        assert "091" not in set(part.frame["region_code"])


def test_statfin_is_gathered(server, home, project, capsys):
    table = "StatFin/vaerak/taulu.px"
    asked = ("gather", "statfin", table, "--select", "Alue=KU297", "--select", "Tiedot=M411")
    assert call(*asked, "--select", "Vuosi=*", "--base-url", server.pxweb(), "--project", project) == 0
    assert list((home / "gathered" / "tables").glob("*.parquet"))
    assert capsys.readouterr().out.count("Tallennettu") == 1


def test_check_as_json_for_a_machine(tmp_path, capsys):
    title = "Asiakkaat 2021;;;;;\n\n"
    clean = "kunta_nro;kunta;vuosi;palvelu;asiakkaat;vaesto\n491;Mikkeli;2021;toimeentulotuki;1204;52122\n"
    file = tmp_path / "asiakkaat.csv"
    file.write_text(title + clean, encoding="utf-8")
    asked = ("check", file, "--table", "asiakkaat", "--json")
    assert call(*asked) == 1
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"file", "verdict", "findings"} and told["file"] == "asiakkaat.csv"
    assert told["verdict"] == "refuse" and told["findings"][0]["kind"] == "title_rows"
    assert call(*asked, "--header-row", 3) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": "asiakkaat.csv",
        "verdict": "accept",
        "findings": [],
    }


def test_json_of_every_shared_case(shared, capsys):
    folder = shared / "cases" / "bad_inputs"
    lines = (folder / "expectations.jsonl").read_text(encoding="utf-8").splitlines()
    for case in map(json.loads, lines):
        code = call("check", folder / case["file"], "--table", "asiakkaat", "--json")
        told = json.loads(capsys.readouterr().out)
        assert (told["file"], told["verdict"]) == (case["file"], case["verdict"])
        assert code == (1 if case["verdict"].startswith("refuse") else 0)


@pytest.mark.parametrize(
    ("language", "heading", "shown"), [("fi", "Käyttö:", "Näytä"), ("en", "Usage:", "Show")]
)
def test_every_command_tells_its_help_in_both_languages(language, heading, shown, capsys):
    commands = ["reports", "import", "check", "trace", "verify", "lab", "app"]
    for command in ([one] for one in commands):
        assert call(*command, "--help", "--language", language) == 0
        said = capsys.readouterr().out
        assert said.startswith(heading) and shown in said and "cli." not in said
    for command in (("gather", "sotkanet"), ("gather", "statfin")):
        assert call(*command, "--help", "--language", language) == 0
        assert capsys.readouterr().out.startswith(heading)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nosuch",), "komentoa nosuch ei ole"),
        (("reports", "--zz"), "valitsinta --zz ei ole"),
        (("check", "x.csv"), "kohta --table puuttuu"),
        (("check", "x.csv", "--table", "zz"), "sellaista taulukon lajia ei ole"),
        (("check", "x.csv", "--table", "asiakkaat"), "tiedostoa x.csv ei ole"),
        (("reports", "--workers", "0"), "kohta --workers ei kelpaa"),
        (("reports", "--language", "sv"), "kohta --language ei kelpaa ('sv'; vaihtoehdot ovat 'fi', 'en')"),
        (("outputs", "--language", "sv"), "kohta --language ei kelpaa ('sv'; vaihtoehdot ovat 'fi', 'en')"),
        (("outputs", "--list", "--language=sv"), "vaihtoehdot ovat 'fi', 'en'); ohje: sosrake outputs"),
        (("write", "x", "--region", "y", "--language", "sv"), "vaihtoehdot ovat 'fi', 'en'"),
        (("export", "x", "--language", "de"), "vaihtoehdot ovat 'fi', 'en', 'sv'"),
        (("gather", "sotkanet", "--periods", "2019"), "kohta --indicator puuttuu"),
    ],
)
def test_wrong_use_is_code_2_and_one_line(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(*arguments) == 2
    shown = capsys.readouterr()
    assert (shown.out, len(shown.err.splitlines())) == ("", 1)
    assert shown.err.startswith("sosrake: ") and said in shown.err


def _commands(command, path=()):
    parts = getattr(command, "commands", {})
    return [found for name, one in parts.items() for found in _commands(one, (*path, name))] or [
        (path, command)
    ]


def test_every_command_refuses_a_language_it_does_not_speak(capsys, tmp_path, monkeypatch):
    """A command takes the languages its help tells, by the same type; exported figures are Swedish too."""
    monkeypatch.chdir(tmp_path)
    told = _commands(typer.main.get_command(cli.app))
    speaking = [path for path, one in told if any("--language" in option.opts for option in one.params)]
    assert len(speaking) > 40 and ("ledger", "list") in speaking and ("followup", "close") in speaking
    for path in speaking:
        known = ("fi", "en", "sv") if path == ("export",) else ("fi", "en")
        # a language is judged before anything else that is lacking, and the line itself is in Finnish
        assert call(*path, "--language", "xx") == 2
        shown = capsys.readouterr()
        choices = ", ".join(f"'{one}'" for one in known)
        assert shown.out == "" and len(shown.err.splitlines()) == 1, path
        assert f"kohta --language ei kelpaa ('xx'; vaihtoehdot ovat {choices})" in shown.err, path
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "sosrake_home"])


def test_lab_and_app_are_called_rightly(project, monkeypatch):
    from sosrake_lib.serving import launcher

    asked = []

    def start(command, **options):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", start)
    assert call("lab", "--project", project) == 0
    assert asked[0][:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={project}" in asked[0]
    monkeypatch.setattr(launcher, "serve", lambda folder, **options: asked.append((folder, options)))
    assert call("app", "--project", project, "--port", 8899) == 0
    assert asked[1] == (
        project,
        {"port": 8899, "open_browser": False, "language": "fi", "app": "tilannekuva"},
    )


def test_small_own_counts_cannot_be_reckoned_from_the_county(tmp_path):
    codes = regions.members("hva", "20")
    lines = [
        f"tyottomyysaste;{code};2024;{3 if code == '697' else 40};{480 if code == '697' else 400}"
        for code in codes
    ]
    lines = [
        ";".join([*line.split(";")[:3], f"{100 * int(n) / int(d):.1f}".replace(".", ","), n, d])
        for line in lines
        for n, d in [line.split(";")[3:]]
    ]
    folder = imported(tmp_path, "\n".join(["indikaattori;kunta_nro;vuosi;arvo;osoittaja;nimittaja", *lines]))
    made = protect.release(recipes.area_indicators(folder), name="alueindikaattorit", preview=True)
    rows = protect.protected_frame(made.select(part="vertailu"))
    hidden = rows.loc[rows["status"] == "suppressed", "region_code"].tolist()
    # with only one hidden, the county's sum minus the others would be it
    assert "697" in hidden and len(hidden) > 1
