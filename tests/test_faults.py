"""Every fault of a bad day at every open source is told in one line, or waited out, and nothing bad is kept.

The fault is in the call of figures; titles, regions and metadata still answer.
"""

from __future__ import annotations

import re
import warnings

import pandas as pd
import pytest
from open_sources import PASSING, PATIENT, REFUSED, SOURCES, WORDS, kept_figures, limits_for
from standin.server import FAULTS, StandIn

from sosrake_lib.errors import GatherError, StaleDataWarning
from sosrake_lib.gather import kela, sotkanet


@pytest.fixture(scope="module")
def server():
    with StandIn() as running:
        yield running


@pytest.fixture
def broken(server):
    """Break the calls of figures as named, and mend them after the test."""

    def by(fault: str) -> StandIn:
        server.fault = fault
        server.broken.clear()
        return server

    yield by
    server.fault = ""


def test_every_fault_of_the_stand_in_is_here():
    assert sorted({*WORDS, *PASSING, "to-same-host"}) == sorted(FAULTS)


@pytest.mark.parametrize(("source", "fault"), REFUSED)
def test_fault_is_told_in_one_line_and_nothing_is_kept(broken, home, source, fault):
    server = broken(fault)
    with pytest.raises(GatherError) as refused:
        SOURCES[source](server, limits_for(fault))
    told = str(refused.value)
    assert re.search(WORDS[fault], told) and "\n" not in told
    assert kept_figures(home) == []


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("source", SOURCES)
def test_passing_trouble_is_waited_out(broken, source, fault):
    healthy = SOURCES[source](broken(""), PATIENT)
    server = broken(fault)
    with warnings.catch_warnings():
        warnings.simplefilter("error", StaleDataWarning)
        pd.testing.assert_frame_equal(SOURCES[source](server, PATIENT), healthy)


@pytest.mark.parametrize("source", ["sotkanet", "kela"])
def test_same_host_is_followed(server, source):
    base = {"sotkanet": server.sotkanet, "kela": server.kela}[source]("to-same-host")
    if source == "sotkanet":
        assert len(sotkanet.fetch([181], [2019], base_url=base, limits=PATIENT))
    else:
        assert len(kela.fetch("toimeentulotuki_maakunta", base_url=base, limits=PATIENT)) == 5


def test_empty_list_of_sotkanet_is_no_figures_and_no_fault(broken):
    assert SOURCES["sotkanet"](broken("empty-list"), PATIENT).empty
