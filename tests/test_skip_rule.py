"""With CI=true a skip fails unless it is allowed by name with its reason."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import PROJECT, allowed_skips

TESTS = """
import pytest

def test_runs():
    pass

def test_skips():
    pytest.skip("nothing here")

@pytest.mark.parametrize("number", [1, 2])
def test_allowed(number):
    pytest.skip("allowed by name")
"""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "tests").mkdir()
    conftest = (PROJECT / "tests" / "conftest.py").read_text(encoding="utf-8")
    (tmp_path / "tests" / "conftest.py").write_text(conftest, encoding="utf-8")
    (tmp_path / "tests" / "test_one.py").write_text(TESTS, encoding="utf-8")
    allowed = "# comment\ntests/test_one.py::test_allowed | shown to be allowed\n"
    (tmp_path / "tests" / "allowed_skips.txt").write_text(allowed, encoding="utf-8")
    return tmp_path


def outcome(suite, ci):
    environment = {**os.environ, "CI": ci}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(suite),
        str(suite),
    ]
    done = subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def test_in_ci_only_the_named_skip_passes(suite):
    printed = outcome(suite, "true")
    assert "1 failed, 1 passed, 2 skipped" in printed
    assert "test_skips" in printed


def test_elsewhere_a_skip_is_a_skip(suite):
    assert "1 passed, 3 skipped" in outcome(suite, "")


def test_a_line_without_its_reason_is_refused():
    with pytest.raises(ValueError, match="test_x has no reason"):
        allowed_skips("tests/test_a.py::test_x |")
