"""The offline bundle: our own wheel installs and works with no index and no network; the papers are true.

The whole bundle with its hundred and more wheels is made and installed by the long drill
(tools/wheelhouse_drill.py); here the project's own wheel is, beside the packages this environment has.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

make_wheelhouse = pytest.importorskip("make_wheelhouse", reason="tools/ is not beside the tests")
wheelhouse_drill = pytest.importorskip("wheelhouse_drill", reason="tools/ is not beside the tests")
pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """Make the bundle's papers around our own wheel alone."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "wheels").mkdir()
    make_wheelhouse.own_wheel(folder / "wheels")
    make_wheelhouse.write_papers(folder)
    return folder


@pytest.fixture(scope="module")
def installed(bundle, tmp_path_factory) -> Path:
    """Install our wheel by its hash, network off, into an environment that sees this one's packages."""
    place = tmp_path_factory.mktemp("installed")
    how = wheelhouse_drill.cut()
    python = str(place / "venv" / "bin" / "python")
    made = wheelhouse_drill.run([sys.executable, "-m", "venv", "--without-pip", str(place / "venv")], how)
    wheelhouse_drill.must(made, "venv")
    own = [line for line in (bundle / "offline.lock").read_text("utf-8").split("\n") if line][-2:]
    (place / "own.lock").write_text("\n".join(own) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"]
    command += ["--find-links", str(bundle / "wheels"), "--require-hashes", "-r", str(place / "own.lock")]
    wheelhouse_drill.must(wheelhouse_drill.run(command, how), "install")
    # the packages of this environment, but not its link to the project's folder
    packages = Path(
        wheelhouse_drill.run(
            [python, "-c", "import site; print(site.getsitepackages()[0])"], how
        ).stdout.strip()
    )
    beside = sysconfig.get_path("purelib")
    (packages / "beside.pth").write_text(f"import sys; sys.path.append({beside!r})\n", encoding="utf-8")
    return place


def test_one_effect_runs_from_the_installed_wheel(installed):
    how = wheelhouse_drill.cut()
    python = str(installed / "venv" / "bin" / "python")
    where = wheelhouse_drill.run(
        [python, "-c", "import sosrake_lib; print(sosrake_lib.__file__)"], how, cwd=installed
    )
    assert str(installed) in where.stdout
    found = wheelhouse_drill.run([python, "-c", wheelhouse_drill.EFFECT], how, cwd=installed)
    assert found.stdout.strip() == wheelhouse_drill.ANSWER, found.stderr
    assert wheelhouse_drill.run([python, "-c", wheelhouse_drill.REACH], how).returncode != 0


def test_the_output_check_runs_from_the_installed_wheel(installed):
    how = wheelhouse_drill.cut()
    results = installed / "tulokset"
    results.mkdir()
    (results / "t.csv").write_text("alue;asiakkaat\nA;3\nB;120\n", encoding="utf-8")
    command = [str(installed / "venv" / "bin" / "sosrake"), "output-check", str(results)]
    found = wheelhouse_drill.run(command, how, cwd=installed)
    assert found.returncode == 1, found.stderr
    assert "asiakkaat: pieniä lukumääriä, paikkoja 1" in found.stdout


def test_the_papers_name_every_file_and_no_registry(bundle):
    sums = dict(
        reversed(line.split("  ")) for line in (bundle / "SHA256SUMS").read_text("utf-8").splitlines()
    )
    files = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert set(sums) == files - {"SHA256SUMS"}
    assert all(make_wheelhouse.digest(bundle / name) == told for name, told in sums.items())
    for name in ("offline.lock", "install.sh", "README.md", "SHA256SUMS"):
        assert "://" not in (bundle / name).read_text(encoding="utf-8")
    script = (bundle / "install.sh").read_text(encoding="utf-8")
    assert {"--no-index", "--require-hashes", "sha256sum"} <= set(re.findall(r"[\w-]+", script))


def test_the_lock_of_the_bundle_is_the_projects_own_and_our_wheel(bundle):
    lock, ours = (bundle / "offline.lock").read_text("utf-8"), make_wheelhouse.LOCK.read_text("utf-8")
    assert lock.startswith(ours.rstrip("\n"))
    wheel = next((bundle / "wheels").glob("sosrake-*.whl"))
    assert lock.rstrip().endswith(f"--hash=sha256:{make_wheelhouse.digest(wheel)}")


def test_the_wheel_is_equal_made_twice_and_holds_data_but_no_figures_of_people(bundle, tmp_path):
    first, again = next((bundle / "wheels").glob("*.whl")), make_wheelhouse.own_wheel(tmp_path)
    assert first.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(first) as packed:
        names = packed.namelist()
    assert {"sosrake_lib/protect/rules.toml", "sosrake_lib/language/fi/output_check.toml"} <= set(names)
    inside = {name.partition("/")[0] for name in names}
    assert {name for name in inside if not name.endswith(".dist-info")} == {"sosrake_lib"}
    assert {name for name in names if name.endswith((".csv", ".xlsx", ".parquet", ".sqlite"))} <= {
        f"sosrake_lib/region_data/{table}.csv"
        for table in ("invented", "memberships", "municipalities", "regions", "sets")
    }


def test_changed_files_are_refused_before_anything_is_installed(bundle, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    wheel = next((copy / "wheels").glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    found = wheelhouse_drill.run(
        ["sh", str(copy / "install.sh"), str(tmp_path / "venv")], wheelhouse_drill.cut()
    )
    assert found.returncode != 0
    assert not (tmp_path / "venv").exists()


def test_make_knows_the_target_and_the_drill():
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    shown = subprocess.run(
        ["make", "-n", "wheelhouse", "VENV=/nowhere"], cwd=PROJECT, capture_output=True, text=True
    )
    assert "tools/make_wheelhouse.py" in shown.stdout
    assert "tools/wheelhouse_drill.py" in text.partition("\ndrills:")[2].partition("\n\n")[0]
