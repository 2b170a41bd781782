"""The house rules that a machine can judge: layers, sizes, bans, and ARCHITECTURE.md against the code."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LIBRARY = PROJECT / "sosrake_lib"
# A module imports only from what stands above its room in this list (design.md, section 2).
ROOMS = (
    *("errors", "language", "regions", "frame", "catalogue", "parameters", "samples", "gather", "register"),
    *("indicators", "effects", "protect", "influence", "batch", "serving", "selfcheck", "verify", "cli"),
)
# Rooms whose helpers stand beside the module of the room's name.
PART_OF = {"region_data": "regions", "__main__": "cli", "cli_report": "cli", "cli_words": "cli"}
MODULES = sorted(path for path in LIBRARY.rglob("*.py"))
POSIX_ONLY = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"}
UNSAFE = {"pickle", "marshal", "shelve", "dill", "joblib"}


def room_of(module: str) -> str:
    room = module.split(".")[1] if "." in module else "sosrake_lib"
    room = "cli" if room.startswith("cli_") else PART_OF.get(room, room)
    return "regions" if room.startswith("regions") else room


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_layers_bans_and_sizes(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = imported(tree)
    own = room_of(module_name(path))
    rooms = {room_of(name) for name in names if name.startswith("sosrake_lib.") and len(name.split(".")) > 1}
    if own != "sosrake_lib":
        above = ROOMS[: ROOMS.index(own) + 1]
        assert {room for room in rooms if room in ROOMS} <= set(above)
    if own == "indicators":
        assert "effects" not in rooms
    if own == "effects":
        assert "indicators" not in rooms
    top = {name.split(".")[0] for name in names}
    if own in ("indicators", "effects"):
        assert not top & {"matplotlib", "seaborn", "ipywidgets", "IPython"}
    assert not top & (POSIX_ONLY | UNSAFE)
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(tree)), (
        "raise, never assert, in the library"
    )
    calls = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"eval", "exec"}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_public_functions_are_documented_and_annotated(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            assert node.returns is not None, f"{node.name} does not say what it returns"


def test_every_room_of_the_design_is_there():
    present = {room_of(module_name(path)) for path in MODULES}
    assert set(ROOMS) <= present


def test_architecture_table_is_true():
    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = re.findall(r"(?m)^\| `([a-z_/.]+)` \|", text)
    listed = [name.rstrip("/").removesuffix(".py") for name in table]
    assert listed == list(ROOMS), (
        "the table of rooms in ARCHITECTURE.md lists every room in the order of the layers"
    )
    for name in re.findall(
        r"`((?:sosrake_lib|notebooks|tools|tests|docs|course|data|benchmarks)/[\w./-]+)`", text
    ):
        assert (PROJECT / name).exists(), f"ARCHITECTURE.md names {name}, which is not there"


def test_importing_the_library_is_light():
    heavy = ("matplotlib", "papermill", "scipy", "statsmodels", "voila", "sqlalchemy", "pandas")
    code = f"import sys, sosrake_lib; print([name for name in {heavy!r} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_no_secret_address_or_machine_path_in_the_project():
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True)
    pattern = re.compile(
        r"--(?:extra-)?index[-]url|/simpl[e]/|/(?:root|work)/[a-z]"
        r"|(?<![\w./])0(?:40|44|50) ?\d{3} ?\d{4}(?!\d)"
    )
    here = Path(__file__).name
    for name in listed.stdout.splitlines():
        path = PROJECT / name
        if path.suffix in {".png", ".xlsx", ".parquet"} or path.name == here or not path.is_file():
            continue
        match = pattern.search(path.read_text(encoding="utf-8", errors="ignore"))
        assert match is None, f"{name}: {match.group(0)!r}"


def test_environment_file_equals_pyproject():
    made = subprocess.run([sys.executable, "tools/make_environment.py", "--check"], cwd=PROJECT, check=False)
    assert made.returncode == 0


def test_locks_have_hashes_and_no_registry_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        packages = re.findall(r"(?m)^([a-z0-9][\w.-]*)==", text)
        assert len(packages) == len(set(packages)), "one version of each package"
        assert text.count("--hash=sha256:") >= len(packages)
        assert "://" not in text
        assert not {"polars", "jax", "torch"} & set(packages)


def test_make_help_lists_each_target_once():
    # The suite itself runs under make, whose flags would make the inner one announce its folder.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    targets = [line.split()[0] for line in shown.splitlines()]
    assert len(targets) == len(set(targets))
    assert {"reports", "test", "lab", "app", "lint", "notebooks", "everything", "drills"} <= set(targets)
