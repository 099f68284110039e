"""No second ever holds more messages than the account allows, and hardly one holds fewer."""

import math
import random
import threading
import time
from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.send.pace import CREDIT, FIRST_QUIET, LONGEST_QUIET, Pace, Stopped
from tests.send.faulty import faulty
from tests.send.letters import MESSAGE, letters


class Clock:
    """Time that passes only when somebody sleeps, and then a little longer than was asked for."""

    def __init__(self, late: list[float] | None = None) -> None:
        self.now = 1000.0
        self._late = list(late or [])

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds + (self._late.pop() if self._late else 0)


def a_pace(rate: float, clock: Clock) -> Pace:
    return Pace(rate, clock=clock, sleep=clock.sleep)


def most_in_a_second(moments: list[float]) -> int:
    """The most messages that any second holds, wherever it begins."""
    return max(bisect_left(moments, first + 1) - at for at, first in enumerate(moments))


@settings(max_examples=60, deadline=None)
@given(
    rate=st.one_of(st.floats(0.2, 20), st.integers(1, 300)),
    late=st.lists(st.floats(0, 0.02), max_size=300),
    work=st.lists(st.one_of(st.just(0.0), st.floats(0, 0.01), st.floats(0, 3)), max_size=300),
)
def test_no_second_holds_more_than_the_rate(rate: float, late: list[float], work: list[float]):
    clock = Clock(late)
    pace = a_pace(rate, clock)
    moments = []
    for spent in [*work, *[0.0] * 300]:
        pace.wait()
        moments.append(clock.now)
        clock.now += spent

    assert most_in_a_second(moments) <= math.ceil(rate)


@settings(max_examples=30, deadline=None)
@given(rate=st.floats(0.5, 2000), seed=st.integers(0, 1000), latest=st.floats(0, 0.005))
def test_nearly_all_of_the_rate_is_used(rate: float, seed: int, latest: float):
    dice = random.Random(seed)
    clock = Clock([dice.random() * latest for _ in range(2000)])
    pace = a_pace(rate, clock)
    began = clock.now
    for _ in range(2000):
        pace.wait()

    assert 0.95 * rate <= 1999 / (clock.now - began) <= rate


@given(idle=st.floats(0, 1e6), rate=st.floats(0.1, 40))
def test_time_that_nobody_used_is_lost(idle: float, rate: float):
    clock = Clock()
    pace = a_pace(rate, clock)
    pace.wait()
    clock.now += idle
    moments = []
    for _ in range(5):
        pace.wait()
        moments.append(clock.now)

    assert all(after - before >= 1 / rate - CREDIT for before, after in pairwise(moments))


def test_without_a_rate_nobody_waits():
    clock = Clock()
    pace = a_pace(0, clock)
    for _ in range(1000):
        pace.wait()

    assert clock.now == 1000.0


@pytest.mark.parametrize("rate", [0, 10])
def test_a_silence_that_the_other_side_asks_for_is_kept(rate: float):
    clock = Clock()
    pace = a_pace(rate, clock)
    pace.wait()
    pace.back_off(42)
    pace.back_off(7)  # another connection, told less
    pace.wait()

    assert clock.now == pytest.approx(1042)


def test_silences_of_our_own_grow_until_a_message_is_taken():
    clock = Clock()
    pace = a_pace(0, clock)

    def silence() -> float:
        before = clock.now
        pace.back_off()
        pace.back_off()  # three connections are lost at once
        pace.back_off()
        pace.wait()
        return clock.now - before

    grown = [silence() for _ in range(12)]
    pace.taken()

    assert grown[:4] == [FIRST_QUIET, 2 * FIRST_QUIET, 4 * FIRST_QUIET, 8 * FIRST_QUIET]
    assert grown[-1] == LONGEST_QUIET
    assert silence() == FIRST_QUIET


def test_nobody_is_made_to_wait_for_ever():
    clock = Clock()
    pace = a_pace(0, clock)
    pace.back_off(1e12)
    pace.wait()

    assert clock.now == pytest.approx(1000 + 3600)


def test_everybody_who_waits_is_woken_to_stop():
    stop = threading.Event()
    pace = Pace(0.01, stop=stop)
    pace.wait()
    stopped: list[bool] = []

    def lane() -> None:
        with pytest.raises(Stopped):
            pace.wait()
        stopped.append(True)

    threads = [threading.Thread(target=lane) for _ in range(5)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    began = time.monotonic()
    stop.set()
    for thread in threads:
        thread.join(5)

    assert stopped == [True] * 5
    assert time.monotonic() - began < 1
    with pytest.raises(Stopped):
        Pace(stop=stop).wait()


def as_the_server_counts(rate: int, seconds: int) -> list[float]:
    """Send on four connections; return the moments at which a server had a letter whole."""
    moments: list[float] = []
    with faulty() as server:
        server.took = lambda: moments.append(time.monotonic())
        pace, account = Pace(rate), server.account()

        def lane() -> None:
            line = account.connect()
            for receipt in line.send(MESSAGE, letters(rate * seconds // 4), intend=lambda letter: pace.wait(), key=""):
                assert receipt.outcome == "accepted"
            line.close()

        threads = [threading.Thread(target=lane) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len(moments) == rate * seconds
    return sorted(moments)


def test_the_rate_holds_as_the_other_side_counts_it():
    used = 0.0
    for _ in range(6):  # a machine that is busy elsewhere may be slower than it should, and never faster
        moments = as_the_server_counts(100, 2)
        assert most_in_a_second(moments) <= 100
        used = max(used, (len(moments) - 1) / (moments[-1] - moments[0]) / 100)
        if used >= 0.95:
            break

    assert used >= 0.95
