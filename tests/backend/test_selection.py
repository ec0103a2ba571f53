"""Which faults hit a request: a pure function of the faults and a source of random numbers."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brownout_faults.fault import Fault
from brownout_faults.kinds.corrupt import Corrupt
from brownout_faults.kinds.error import Error
from brownout_faults.kinds.latency import Latency
from brownout_faults.kinds.noop import Noop
from brownout_faults.selection import Hit, select
from tests.backend.binomial import interval

PROPERTY = settings(deadline=None, max_examples=60)
KINDS = (Noop, Error, Latency, Corrupt)

fault_sets = st.lists(
    st.builds(lambda kind, rate: kind(rate=rate), st.sampled_from(KINDS), st.floats(0, 1)), max_size=8
)
seeds = st.integers(0, 2**53)


@pytest.mark.parametrize(
    ("faults", "numbers", "hits"),
    [
        # Nothing to select from.
        ([], [], []),
        # The number must be below the rate; what is left of it is the draw.
        ([Error(rate=0.5)], [0.25], [(Error, 0.5)]),
        ([Error(rate=0.5)], [0.5], []),
        # Never at rate 0, always at rate 1, whatever the number.
        ([Error(rate=0)], [0.0], []),
        ([Error(rate=1)], [0.999], [(Error, 0.999)]),
        # Delays come first, then the failure, whatever their order in the document.
        ([Error(), Latency()], [0.1, 0.2], [(Latency, 0.2), (Error, 0.1)]),
        # All delays, in the document's order.
        ([Latency(ms=1), Latency(ms=2)], [0.1, 0.2], [(Latency, 0.1), (Latency, 0.2)]),
        # Only the first failure that hits.
        ([Corrupt(), Error()], [0.1, 0.2], [(Corrupt, 0.1)]),
        ([Corrupt(rate=0.5), Error()], [0.9, 0.2], [(Error, 0.2)]),
        # A fault that does nothing keeps no other from hitting.
        ([Noop(), Error()], [0.1, 0.2], [(Noop, 0.1), (Error, 0.2)]),
    ],
)
def test_the_documented_order(
    faults: list[Fault], numbers: list[float], hits: list[tuple[type[Fault], float]]
) -> None:
    selected = select(faults, iter(numbers).__next__)
    assert [(type(hit.fault), hit.draw) for hit in selected] == hits


@PROPERTY
@given(fault_sets, seeds)
def test_the_same_seed_gives_the_same_faults(faults: list[Fault], seed: int) -> None:
    assert _stream(faults, seed, 20) == _stream(faults, seed, 20)


@PROPERTY
@given(fault_sets, seeds)
def test_each_fault_draws_one_number_a_request(faults: list[Fault], seed: int) -> None:
    random = Random(seed)
    select(faults, random.random)
    expected = Random(seed)
    for _ in faults:
        expected.random()
    assert random.getstate() == expected.getstate()


@PROPERTY
@given(fault_sets, fault_sets, st.floats(0, 1), seeds)
def test_what_hits_does_not_depend_on_the_settings_of_the_other_faults(
    before: list[Fault], after: list[Fault], rate: float, seed: int
) -> None:
    """So two runs with one seed, which differ in another fault, fail the same requests."""
    latency = Latency(rate=rate, ms=1)
    silenced = [type(fault)(rate=0) for fault in before], [type(fault)(rate=0) for fault in after]
    loud = _stream([*before, latency, *after], seed, 20)
    quiet = _stream([*silenced[0], latency, *silenced[1]], seed, 20)
    assert [_of(latency, hits) for hits in loud] == [_of(latency, hits) for hits in quiet]


@PROPERTY
@given(fault_sets, seeds)
def test_every_draw_is_uniform_whatever_the_rate(faults: list[Fault], seed: int) -> None:
    """A draw is in [0, 1), at any rate; only faults of the set hit, at most one of them answers, and last."""
    for hits in _stream(faults, seed, 20):
        assert all(0 <= hit.draw < 1 for hit in hits)
        assert all(any(hit.fault is fault for fault in faults) for hit in hits)
        assert not any(hit.fault.answers for hit in hits[:-1])


def test_the_draw_of_rare_hits_is_uniform() -> None:
    """The mean of the draws at a rate of 1 % is that of a uniform number: one half."""
    draws = [hit.draw for hits in _stream([Latency(rate=0.01)], 7, 50_000) for hit in hits]
    assert 0.45 < sum(draws) / len(draws) < 0.55


@pytest.mark.parametrize("rate", [0, 0.001, 0.3, 1])
def test_over_20_000_requests_the_rate_is_right(rate: float) -> None:
    """Inside the interval that holds 99.9 % of the binomial distribution."""
    hits = sum(len(hits) for hits in _stream([Error(rate=rate)], 42, 20_000))
    low, high = interval(20_000, rate, 0.999)
    assert low <= hits <= high


def _stream(faults: list[Fault], seed: int, requests: int) -> list[tuple[Hit, ...]]:
    random = Random(seed).random
    return [select(faults, random) for _ in range(requests)]


def _of(fault: Fault, hits: tuple[Hit, ...]) -> list[float]:
    return [hit.draw for hit in hits if hit.fault is fault]
