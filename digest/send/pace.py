"""Keep to the speed that an account allows, over all its connections, and hold back when the other side asks for quiet."""

import threading
import time
from collections.abc import Callable

# An interval is 4.2 % longer than the rate asks for, so that a second never holds one message too many when messages leave up to
# CREDIT late and travel at slightly different speeds. 96 % of the rate is used.
SLACK = 0.042  # of an interval
CREDIT = 0.008  # seconds of lateness that later messages may make up for: a sleep never ends on the dot
FIRST_QUIET = 1.0  # seconds, when the other side does not say how long; doubled each time
LONGEST_QUIET = 300.0
LONGEST_WORD = 3600.0  # whatever the other side says, it is asked again after an hour


class Stopped(Exception):
    """Somebody asked to stop. The message that waited did not leave."""


class Pace:
    """One account's speed, shared by all threads that send on it.

    The generic cell rate algorithm of ITU-T I.371, GCRA(T, tau): a message may go when it is no more than tau early for its
    theoretical time, and each moves that time on by T. Time that nobody used is lost, never made up for in a burst.
    """

    def __init__(
        self,
        rate: float = 0,  # messages a second at most; 0 = no limit
        *,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,  # never goes back, unlike the time of day
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._interval = (1 + SLACK) / rate if rate else 0.0
        self._stop = stop or threading.Event()
        self._clock = clock
        self._sleep = sleep or self._stop.wait
        self._turn = threading.Lock()  # the thread that holds it waits for its time; all others wait for the thread
        self._state = threading.Lock()
        self._due = clock()  # when the next message is expected
        self._quiet_until = 0.0
        self._quiet = 0.0  # the last silence that we chose ourselves; 0 = all is well

    def wait(self) -> None:
        """Return when one message may go. Raises Stopped."""
        if self._stop.is_set():
            raise Stopped
        if not self._interval and not self._quiet_until:
            return
        with self._turn:
            while (left := self._claim()) > 0:
                self._sleep(left)
                if self._stop.is_set():
                    raise Stopped

    def back_off(self, seconds: float = 0) -> None:
        """Hold all messages for so many seconds; 0 = the other side did not say, and we wait longer each time until taken()."""
        with self._state:
            now = self._clock()
            if seconds <= 0:
                if now < self._quiet_until:
                    return  # another connection was told the same a moment ago
                seconds = self._quiet = min(max(2 * self._quiet, FIRST_QUIET), LONGEST_QUIET)
            self._quiet_until = max(self._quiet_until, now + min(seconds, LONGEST_WORD))

    def taken(self) -> None:
        """A message was taken: the next trouble begins with a short silence again."""
        self._quiet = 0.0

    def stop(self) -> None:
        """Wake everybody who waits; they raise Stopped, now and from now on."""
        self._stop.set()

    def _claim(self) -> float:
        """Seconds to wait before another try; 0 = the message may go, and its time is used up."""
        with self._state:
            now = self._clock()
            if now < self._quiet_until:
                return self._quiet_until - now
            self._quiet_until = 0.0
            if self._due > now:
                return self._due - now
            self._due = max(self._due, now - CREDIT) + self._interval
            return 0.0
