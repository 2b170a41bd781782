"""What the ledger or a check of rows refuses, a failure with its reason, not missing data."""

from __future__ import annotations

import pytest
from test_own_data import call, imported

KUOPIO = "9.8,100.0,5518.0,56323.0"  # its unemployment as the import writes it


@pytest.fixture(autouse=True)
def _same_project(monkeypatch):
    # the command sets it for everything it calls; here it must not outlive the test
    monkeypatch.setenv("SOSRAKE_PROJECT", "")


@pytest.mark.parametrize(
    ("row", "said", "kept_quiet"),
    [
        # another figure of Kuopio than the one that left the house
        (
            "9.9,100.0,5576.0,56323.0",
            ("on lähtenyt julkaisussa", "toisella arvolla", "valitsimella --correct"),
            (),
        ),
        # a value that its own counts do not give
        (
            "12.9,100.0,5518.0,56323.0",
            (
                "Työttömien osuus työvoimasta, Kuopio, 2024: luku ei ole se, jonka",
                "osoittaja ja nimittäjä antavat; korjaa aineistosta",
            ),
            # a figure of the user's own has not been protected: no number of its row is told
            ("12,9", "12.9", "9,8", "9.8", "9,79", "9.79", "5518", "56323"),
        ),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        ("reports", "--only", "kunta-297/paattajakooste"),
        ("outputs", "--only", "paattajakooste", "--region", "kunta-297"),
    ],
)
def test_a_refused_figure_is_a_failure_and_absent_ones_are_not(
    project, tmp_path, capsys, command, row, said, kept_quiet
):
    """What was refused is told by its own reason and exit code; only what is not there is told as missing."""
    folder = imported(tmp_path)
    of = ("--project", project, "--data", folder)
    nowhere = [word.replace("kunta-297", "kunta-171") for word in command]
    capsys.readouterr()
    assert call(*nowhere, *of) == 0  # releases are made and remembered, no page of an area without figures
    assert "ei ole lukuja näiltä alueilta" in capsys.readouterr().err

    table = folder / "indikaattorit.csv"
    text = table.read_text(encoding="utf-8")
    assert text.count(KUOPIO) == 1
    table.write_text(text.replace(KUOPIO, row), encoding="utf-8")
    for asked in (command, nowhere):
        assert call(*asked, *of) == 3
        told = capsys.readouterr()
        assert all(word in told.err for word in said), told.err
        assert not [number for number in kept_quiet if number in told.out + told.err]
        assert "ei ole lukuja" not in told.err
        assert "epäonnistui 0." not in told.out
