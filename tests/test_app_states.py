"""Every app there is: walked as its kernel runs it, or exempted by name with a reason that is checked.

Released figures are shown by apps that open a release; their states are walked in
`test_artefact_walk_apps` and `test_decider_app`. An app without a release has nothing hidden to tell, which
is read here from what it imports. Pages of the desk are inside the house: whoever sees them reads the
observations themselves.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from pathlib import Path

import IPython.display
import pandas as pd
import pytest
import sqlalchemy as sa

from sosrake_lib import samples
from sosrake_lib.register import approved_summaries
from sosrake_lib.register.engine import open_register
from sosrake_lib.register.importer import fill_with_samples
from sosrake_lib.register.tables import HAVAINTO
from sosrake_lib.serving import apps, desk, intake_shown

PROJECT = Path(__file__).resolve().parents[1]
SERVING = PROJECT / "sosrake_lib" / "serving"
# Apps whose every state is walked beside figures that are hidden in their release.
WALKED = {"tilannekuva": "test_artefact_walk_apps", "paattajan_nakyma": "test_decider_app"}
# Apps without a release: the modules they are made of, and why nothing hidden can be in them.
OWN_NUMBERS = {
    "mittarilaskuri": ("calculator", "shows one person's own answers back to the person, and keeps nothing"),
    "vaikuttavuussimulaattori": ("simulation", "draws invented people; no figure of anybody is read"),
}
# Servers of pages: what each page tells of people, and to whom.
INSIDE = "inside the house: behind a login, for those who read the observations themselves"
SERVERS = {
    "sosiaalinen_raportointi": "shows summaries that a person has approved, which carry no count",
    "tyopoyta": INSIDE,
}
DESK = {
    "Login": "asks for a token and reads no observation",
    "Logout": "ends a session and shows nothing",
    **dict.fromkeys(("Act", "Overview", "Observation", "Coding", "Code"), INSIDE),
    **dict.fromkeys(("Phenomena", "Phenomenon", "Unanswered", "Paper"), INSIDE),
    **dict.fromkeys(("FollowUp", "Entries", "Entry", "Proposals", "Proposal"), INSIDE),
}
# Rooms that read rows of people or releases of them.
ROOMS = {"samples", "batch", "register", "protect", "gather"}


def rendered(app: str, **asked: object) -> str:
    """Run an app's notebook as its kernel does, with the parameters asked for; give what it displays."""
    told: list[str] = []

    def display(*shown: dict, **_: object) -> None:
        told.extend(str(one) for bundle in shown for one in dict(bundle).values())

    book = json.loads((PROJECT / "notebooks" / "apps" / f"{app}.ipynb").read_text(encoding="utf-8"))
    space: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IPython.display, "display", display)
        patch.chdir(PROJECT / "notebooks" / "apps")
        for cell in book["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), space)
                if "parameters" in cell["metadata"].get("tags", ()):
                    space.update(asked)
    return "\n".join(told)


def test_every_app_is_walked_or_exempted_with_a_reason():
    assert {*WALKED, *OWN_NUMBERS} == set(apps.APPS)
    assert set(apps.notebooks(PROJECT)) == set(apps.APPS)
    assert {name for name, one in apps.APPS.items() if one.release} == set(WALKED)
    assert set(SERVERS) == set(apps.FORMS)
    for module in WALKED.values():
        assert (PROJECT / "tests" / f"{module}.py").is_file()


@pytest.mark.parametrize("name", OWN_NUMBERS)
def test_an_app_of_ones_own_numbers_reads_no_row_and_no_release(name):
    stem, _ = OWN_NUMBERS[name]
    modules = sorted(SERVING.glob(f"{stem}*.py"))
    assert len(modules) > 1
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in getattr(node, "names", ())]
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one}" for one in names]
            if isinstance(node, ast.Import | ast.ImportFrom):
                read = [one for one in names if set(one.split(".")[1:2]) & ROOMS]
                assert read == [], f"{path.name}: {read}"


@pytest.mark.parametrize("name", OWN_NUMBERS)
def test_its_page_has_no_released_figure_and_no_file_is_written(name, home):
    before = sorted(home.iterdir())
    page = rendered(name)
    assert len(page) > 1000
    assert "data-result" not in page
    assert sorted(home.iterdir()) == before


def test_every_page_of_the_desk_is_inside_and_asks_who_comes():
    pages = {
        name: one
        for name, one in vars(desk).items()
        if inspect.isclass(one) and issubclass(one, desk.Page) and one is not desk.Page
    }
    assert set(pages) == set(DESK)
    for name, one in pages.items():
        source = inspect.getsource(one)
        assert name == "Login" or "self.entered()" in source or "self.page(" in source
    assert "self.entered()" in inspect.getsource(desk.Page.page)


def test_pages_for_reporters_show_no_count_of_observations(home, project, monkeypatch):
    """Two registers that differ in how many have told of a phenomenon show the same summaries."""
    shown, sizes = [], []
    for more in (0, 3):
        place = home / str(more)
        place.mkdir()
        monkeypatch.setenv("SOSRAKE_HOME", str(place))
        register = open_register()
        try:
            sizes.append(_fill(register, project, more))
            shown.append([intake_shown.summary(one, "fi") for one in _approved(register)])
        finally:
            register.close()
    assert sizes[1] == sizes[0] + 3
    assert shown[0] == shown[1]
    assert shown[0]
    told = [str(value) for one in shown[0] for name, value in one.items() if name not in ("approved", "text")]
    assert not [text for text in told if re.search(r"\d", text)]


def _approved(register) -> list[dict]:
    return approved_summaries(register).to_dict("records")


def _fill(register, project: Path, more: int) -> int:
    """Fill a register with the samples, and one phenomenon's observation some times more."""
    folder = project / "data" / "samples"
    reported = samples.table("esimerkkila_havainnot", folder)
    again = reported.loc[reported["ilmio"].notna()].iloc[[0] * more]
    again = again.assign(id=[f"H9{number:03d}" for number in range(more)])
    rows = pd.concat([reported, again], ignore_index=True)
    fill_with_samples(register, rows, samples.table("esimerkkila_ilmiot", folder))
    with register.reading() as connection:
        return len(connection.execute(sa.select(HAVAINTO)).all())
