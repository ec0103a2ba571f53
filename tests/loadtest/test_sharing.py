"""Who sends which arrival."""

from collections import Counter

from brownout_loadtest.arrivals import Schedule
from brownout_loadtest.sharing import LEASE_S, ArrivalShare, Shares, deal

SCHEDULE = Schedule(200.0, [(0.0, 1.0)], "poisson", 4, 10.0)


def test_workers_with_their_shares_send_every_arrival_once() -> None:
    shares = deal(["c", "a", "b"], 0.0)
    for number, _ in SCHEDULE.arrivals():
        assert sum(share.has(number) for share in shares.values()) == 1


def test_no_arrival_is_sent_twice_or_left_out_when_workers_come_and_go() -> None:
    """Two workers; a third joins at 3 s; the first leaves at 6 s. Each knows the news a second ahead."""
    workers = {name: Shares() for name in ("a", "b", "c")}
    for second, present in ((0.0, "ab"), (3.0, "abc"), (6.0, "bc")):
        dealt = deal(list(present), second)
        for name, shares in workers.items():
            shares.announce(dealt.get(name, ArrivalShare(second, None, 1)))
            shares.heard(second)
    sent = Counter[str]()
    for number, due in SCHEDULE.arrivals():
        senders = [name for name, shares in workers.items() if shares.mine(number, due)]
        assert len(senders) == 1, f"arrival {number}, due at {due}: {senders}"
        assert senders[0] in ("ab" if due < 3 else "abc" if due < 6 else "bc")
        sent[senders[0]] += 1
    assert all(count > 300 for count in sent.values())


def test_a_worker_without_a_share_sends_nothing() -> None:
    shares = Shares()
    shares.keep_for_good()
    assert not shares.mine(0, 1.0)
    shares.announce(ArrivalShare(0.0, None, 1))
    assert not any(shares.mine(number, 1.0) for number in range(5))


def test_a_share_holds_only_from_its_second_on() -> None:
    shares = Shares()
    shares.keep_for_good()
    shares.announce(ArrivalShare(2.0, 0, 1))
    assert not shares.mine(7, 1.9)
    assert shares.mine(8, 2.0)


def test_a_later_word_replaces_what_was_announced_for_its_time() -> None:
    shares = Shares()
    shares.keep_for_good()
    shares.announce(ArrivalShare(0.0, 0, 2))
    shares.announce(ArrivalShare(5.0, 0, 3))
    shares.announce(ArrivalShare(4.0, 1, 2))
    assert shares.mine(2, 1.0)
    assert [number for number in range(6) if shares.mine(number, 6.0)] == [1, 3, 5]


def test_a_worker_cut_off_from_its_master_stops_in_time_and_goes_on_when_it_hears_again() -> None:
    """Others send its arrivals by then."""
    shares = Shares()
    shares.announce(ArrivalShare(0.0, 0, 1))
    shares.heard(1.0)
    assert shares.mine(0, 1.0 + LEASE_S)
    assert not shares.mine(1, 1.1 + LEASE_S)
    shares.heard(20.0)
    assert shares.mine(2, 20.5)
