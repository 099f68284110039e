"""Lets letters go at a steady pace, whatever the number of connections."""

import threading


class Stopped(Exception):
    """The send was asked to stop; the letter that waited was not begun."""


class Pace:
    """Stand-in."""

    def __init__(self, rate: float = 0, stop: threading.Event | None = None) -> None:
        """No rate yet."""
        self._stop = stop

    def wait(self) -> None:
        """Raise Stopped when the send was asked to stop."""
        if self._stop and self._stop.is_set():
            raise Stopped

    def back_off(self, seconds: float) -> None:
        """Nothing yet."""

    def success(self) -> None:
        """Nothing yet."""
