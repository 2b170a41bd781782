"""PxWeb with any fault, and an older answer at hand: it is used, and its age and the reason are said."""

from __future__ import annotations

import pytest
from open_sources import REFUSED, check_stale
from standin.server import StandIn


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


@pytest.mark.parametrize(
    ("source", "fault"), [case for case in REFUSED if case[0] not in ("sotkanet", "kela")]
)
def test_older_answer_is_used_and_its_age_said(server, home, source, fault):
    check_stale(server, home, source, fault)
