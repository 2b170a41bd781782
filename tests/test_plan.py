"""The plan: what it expands to, and every way it is refused before anything runs."""

from __future__ import annotations

import nbformat
import pytest

from sosrake_lib.batch import plan as plans
from sosrake_lib.catalogue.audiences import audiences
from sosrake_lib.errors import BatchError, ParameterError

PARAMETERS = """
["profiili".alue_taso]
type = "choice"
allowed = ["kunta", "hva"]
default = "kunta"
label_fi = "Taso"
label_en = "Level"

["profiili".alue_koodi]
type = "region"
level = "alue_taso"
default = "297"
label_fi = "Alue"
label_en = "Region"

["profiili".kieli]
type = "choice"
allowed = ["fi", "en"]
default = "fi"
label_fi = "Kieli"
label_en = "Language"

["profiili".julkaisu]
type = "text"
default = ""
label_fi = "Julkaisu"
label_en = "Release"

["profiili".julkaisu_hanke]
type = "text"
default = ""
label_fi = "Julkaisu"
label_en = "Release"
"""
ASSIGNED = 'alue_taso = "kunta"\nalue_koodi = "297"\nkieli = "fi"\njulkaisu = ""\njulkaisu_hanke = ""'
PLAN = """
[julkaisut.luvut]
recipe = "luvut"
rules = ["avoin"]

[julkaisut.hanke]
recipe = "hanke"
rules = "avoin"

[[muistikirjat]]
path = "profiili"
page = "profiili"
title_fi = "Profiili"
title_en = "Profile"
releases = ["luvut", "hanke"]
levels = ["hva", "kunta"]
regions = "alue51"
"""


def write(folder, plan=PLAN, cell=ASSIGNED):
    notebooks = folder / "notebooks"
    notebooks.mkdir(exist_ok=True)
    first = nbformat.v4.new_code_cell(cell, metadata={"tags": ["parameters"]})
    (notebooks / "profiili.ipynb").write_text(
        nbformat.writes(nbformat.v4.new_notebook(cells=[first])), encoding="utf-8"
    )
    (notebooks / "plan.toml").write_text(plan, encoding="utf-8")
    (notebooks / "parameters.toml").write_text(PARAMETERS, encoding="utf-8")
    return folder


def load(folder, **options):
    return plans.load(folder, **{"recipes": ("luvut", "hanke"), "language": "en", **options})


def test_levels_and_regions_expand(tmp_path):
    loaded = load(write(tmp_path))
    regions = [task.region for task in loaded.tasks]
    assert regions[:4] == [("hva", "12"), ("hva", "13"), ("hva", "14"), ("hva", "20")]
    assert len(regions) == 4 + 51
    kuopio = next(task for task in loaded.tasks if task.region == ("kunta", "297"))
    assert (kuopio.slug, kuopio.key) == ("kunta-297", "kunta-297/profiili")
    assert kuopio.parameters["alue_koodi"] == "297"
    assert kuopio.parameters["kieli"] == "en"
    asked = kuopio.asked({"luvut": "a", "hanke": "b"})
    assert (asked["julkaisu"], asked["julkaisu_hanke"]) == ("a", "b")
    assert loaded.releases[1].rules == ("avoin",)


def test_once_invented_county_and_listed_regions(tmp_path):
    once = PLAN.replace('levels = ["hva", "kunta"]\nregions = "alue51"', 'levels = ["once", "esimerkkila"]')
    assert [task.key for task in load(write(tmp_path, once)).tasks] == ["profiili", "hva-E1/profiili"]
    listed = PLAN.replace('"alue51"', '["kunta-046", "hva-20"]')
    assert [task.key for task in load(write(tmp_path, listed)).tasks] == [
        "hva-20/profiili",
        "kunta-046/profiili",
    ]


def test_only_keeps_pages_regions_or_both(tmp_path):
    loaded = load(write(tmp_path))
    assert len(loaded.only([]).tasks) == 55
    assert len(loaded.only(["profiili"]).tasks) == 55
    assert [task.key for task in loaded.only(["kunta-297", "hva-12/profiili"]).tasks] == [
        "hva-12/profiili",
        "kunta-297/profiili",
    ]
    with pytest.raises(BatchError, match="--only kunta-000"):
        loaded.only(["kunta-000"])


SET = 'regions = "alue51"'


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ('recipe = "hanke"', 'recipe = "kanke"', BatchError, r"hanke\]: there is no recipe kanke; known"),
        ('rules = "avoin"', "", BatchError, r"\[julkaisut.hanke\]: rules is missing"),
        ('path = "profiili"', 'path = "profilli"', BatchError, "there is no notebook .*profilli.ipynb"),
        ('page = "profiili"', 'page = "Profiili 1"', BatchError, "page name Profiili 1 cannot be used"),
        ('page = "profiili"', "", BatchError, "profiili: page is missing"),
        ('["luvut", "hanke"]', '["luvut", "kela"]', BatchError, "no release kela; it has luvut, hanke"),
        ('["hva", "kunta"]', '["hva", "lääni"]', BatchError, "unknown level lääni"),
        (SET, "", BatchError, "regions is missing"),
        (SET, 'regions = ["maa-SSS"]', BatchError, "unknown level maa-SSS; known are hva, kunta"),
        (SET, 'regions = ["kunta-588"]', ParameterError, "no region kunta 588"),
        (SET, SET + '\nvuosi = 1', BatchError, "unknown entry vuosi"),
        (SET, SET + '\nparameters = {v = 1}', ParameterError, "unknown parameter v"),
        (SET, SET + '\nparameters = {kieli = "se"}', ParameterError, "of fi, en"),
        ("[[muistikirjat]]", "[muistikirja]", BatchError, "unknown entry muistikirja"),
        ('recipe = "luvut"', "recipe = luvut", BatchError, "not valid TOML"),
    ],
)  # fmt: skip
def test_plan_that_does_not_hold(tmp_path, old, new, error, message):
    assert old in PLAN
    with pytest.raises(error, match=message):
        load(write(tmp_path, PLAN.replace(old, new)))


def test_two_notebooks_may_not_make_the_same_page(tmp_path):
    entry = PLAN[PLAN.index("[[muistikirjat]]") :]
    with pytest.raises(BatchError, match="page hva-12/profiili would come from two notebooks"):
        load(write(tmp_path, PLAN + entry))


def test_parameter_cell_must_set_what_is_declared(tmp_path):
    with pytest.raises(ParameterError, match="parameter kieli is not set in the cell tagged parameters"):
        load(write(tmp_path, cell=ASSIGNED.replace("kieli", "lang")))


def test_missing_plan_names_the_option(tmp_path):
    with pytest.raises(BatchError, match=r"give the folder that holds notebooks/plan.toml with --project"):
        load(tmp_path)


def test_empty_plan_is_refused(tmp_path):
    with pytest.raises(BatchError, match="the plan names no notebook"):
        load(write(tmp_path, ""))


# Pages on invented data, made for Esimerkkilä alone.
ONE_COUNTY = (
    *("mittarit", "tavoitteet", "vaikuttavuus", "sosiaalinen_kuntoutus", "kuntouttava_tyotoiminta"),
    *("vaikutusketju", "kustannukset", "aktivointisuunnitelmat", "asiakaspalaute", "kirjaamisen_laatu"),
    *("vaikuttamisloki", "itsearviointi", "sosiaalinen_raportti", "tietosuoja"),
    *("sosiaalinen_raportointi", "osallistava_tieto", "paatoksentekijan_tietotarve", "ilmiokortti"),
)


def test_shipped_plan_holds_and_covers_every_region(project):
    from sosrake_lib.batch.releases import known_recipes

    loaded = plans.load(project, recipes=known_recipes())
    by_page: dict[str, list] = {}
    for task in loaded.tasks:
        by_page.setdefault(task.page, []).append(task.region)
    assert {page: len(regions) for page, regions in by_page.items()} == {
        "aloitus": 1,
        "hankeseuranta": 1,
        "osaamiskartoitus": 1,
        "koulutussuunnitelma": 1,
        "indikaattorit": 4,
        "palvelutarpeen_arvioinnit": 1,
        "alueprofiili": 55,
        "eriarvoisuus": 4,
        "huono_osaisuusindeksi": 55,
        "hyvinvointikertomus": 55,
        "mediasuunnitelma": 56,
        "toteutussuunnitelma": 5,
        "tilannekuvapaketti": 5,
        "paattajakooste": 56,
        "infograafi": 55,
        **{f"infograafi_{one.key}": 55 for one in audiences()[1:]},
        **dict.fromkeys(ONE_COUNTY, 1),
    }
    assert by_page["osaamiskartoitus"] == by_page["palvelutarpeen_arvioinnit"] == [("hva", "E1")]
