"""What every way for mail to leave promises, and what each can do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from digest.model import Letter, Receipt
from digest.send.message import Message

Intend = Callable[[Letter], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a transport can do. The delivery loop asks here, never for a transport's name."""

    at_once: int  # most letters in one call, or in one pipeline
    one_outcome: bool = False  # True: the letters of a call are taken together or not at all
    replay: timedelta | None = None  # how long the same key with the same bytes is taken once only; None = a repeat is a second mail


class Connection(Protocol):
    """One line to the outside world, used by one thread."""

    def send(self, message: Message, letters: Sequence[Letter], *, intend: Intend, key: str) -> Iterator[Receipt]:
        """Hand over at most `at_once` letters and yield a receipt each, in their order.

        `intend(letter)` is called before the last byte of that letter leaves, and before any byte of a call that takes many; it may
        wait (for the pace) and may raise, and then that letter and all after it were not sent. `key` names this call for a provider
        that takes the same call once. Raises Lost when the line is gone: letters without a receipt were not taken, for one that may
        have been a receipt that says "uncertain" was yielded before.
        """

    def close(self) -> None:
        """Say goodbye, if the other side still listens. Raises nothing."""


class Transport(Protocol):
    """An account that mail leaves by."""

    abilities: Abilities

    def connect(self) -> Connection:
        """Open a line. Raises Lost when the other side wants none now, TransportError when it never will (host, login, certificate)."""


class Lost(Exception):
    """The line is gone, or the other side asks for quiet; no letter is in doubt. `wait` seconds before another try, 0 = it did not say."""

    def __init__(self, reason: str, *, wait: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
