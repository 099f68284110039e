"""The lanes on which letters leave side by side: each a thread with a line of its own, told by one director what to send."""

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from digest.errors import TransportError
from digest.model import Call, Letter, Receipt, Recipient
from digest.send.message import Message
from digest.send.pace import Pace, Stopped
from digest.send.transport import Connection, Lost, Transport

ALONE, LONGEST_ALONE = 5.0, 60.0  # seconds that a lane without a line waits while others have one


class Claim(Protocol):
    """A batch that is ours to send."""

    @property
    def no(self) -> int:
        """Its number."""

    @property
    def calls(self) -> Sequence[Call]:
        """Its letters, call by call."""

    def note(self, kind: str, seq: int, call: int = 0) -> None:
        """Note an intent or an outcome where a killed process leaves it behind."""


@dataclass(kw_only=True)
class Work:
    """A claimed batch in hand."""

    claim: Claim
    left: int  # calls not done yet
    receipts: list[Receipt] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A call that a lane is done with, and why it broke off, if it did."""

    work: Work
    receipts: list[Receipt]
    answered: bool  # the other side said a word about at least one letter
    fault: Exception | None = None


class Lanes:
    """The threads that send, each over a line of its own."""

    def __init__(
        self,
        transport: Transport,
        message: Message,
        address: Callable[[Recipient], Letter],
        *,
        most: int,
        pace: Pace,
        stop: threading.Event,
    ) -> None:
        self.done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._calls: queue.SimpleQueue[tuple[Work, Call] | None] = queue.SimpleQueue()
        self._transport = transport
        self._message = message
        self._address = address
        self.most = most
        self._pace = pace
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._open_lines = 0

    def hand_out(self, work: Work) -> None:
        """Put a batch's calls where the lanes take them, and open lanes for them."""
        for call in work.claim.calls:
            self._calls.put((work, call))
        for number in range(len(self._threads), min(self.most, len(work.claim.calls))):
            thread = threading.Thread(target=self._run, name=f"lane-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        """Let every lane finish what it has in hand, and wait for it."""
        self._ending.set()
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        line: Line | None = None
        alone = 0.0  # seconds that this lane waited by itself, because others have a line and it gets none
        while (taken := self._calls.get()) is not None:
            work, call = taken
            begun: dict[int, Receipt | None] = {}  # seq -> its receipt; None = intended, and no word yet
            fault: Exception | None = None
            try:
                if not self._stop.is_set():
                    line = line or self._open()
                    self._send(line, work.claim, call, begun)
            except Stopped:
                pass
            except Exception as error:  # noqa: BLE001  (nothing is swallowed: the thread that directs the send judges it)
                fault = error
            if fault and line is None and isinstance(fault, Lost) and self._open_lines:
                self._calls.put(taken)  # the other side takes fewer lines than we may open: those that are open do the work
                alone = min(max(2 * alone, ALONE), LONGEST_ALONE)
                self._ending.wait(alone)
                continue
            if line and (fault or self._stop.is_set()):
                self._hang_up(line, fault)
                line = None
            self.done.put(Done(work=work, receipts=self._settled(work, call, begun, fault), answered=any(begun.values()), fault=fault))
        if line:
            self._hang_up(line, None)

    def _open(self) -> "Line":
        self._pace.wait()  # the other side may have asked for quiet
        try:
            connection = self._transport.connect()
        except Lost as error:
            if not self._open_lines:
                self._pace.back_off(error.wait)
            raise
        with self._lock:
            self._open_lines += 1
        return Line(connection)

    def _hang_up(self, line: "Line", fault: Exception | None) -> None:
        with self._lock:
            self._open_lines -= 1
        if isinstance(fault, Lost) and (fault.wait or not line.took):  # many servers end a line after so many letters: that is no trouble
            self._pace.back_off(fault.wait)
        line.connection.close()

    def _send(self, line: "Line", claim: Claim, call: Call, begun: dict[int, Receipt | None]) -> None:
        def intend(letter: Letter) -> None:
            self._pace.wait()
            claim.note("intended", letter.seq, call.number)  # before the last byte, so that a crash cannot send twice
            begun[letter.seq] = None

        letters = [self._address(recipient) for recipient in call.recipients]
        for receipt in line.connection.send(self._message, letters, intend=intend, key=call.key):
            claim.note(receipt.outcome, receipt.seq, call.number)
            begun[receipt.seq] = receipt
            line.took = True
        self._pace.taken()

    def _settled(self, work: Work, call: Call, begun: Mapping[int, Receipt | None], fault: Exception | None) -> list[Receipt]:
        """A receipt for every letter that was begun. One that broke off is in doubt, unless the transport vouches that it was not taken."""
        vouched = fault is None or isinstance(fault, Lost | TransportError)
        unknown = "later" if vouched else "uncertain"
        for seq, receipt in begun.items():
            if receipt is None:
                work.claim.note(unknown, seq, call.number)
        return [receipt or Receipt(seq, unknown, reason=str(fault or "")) for seq, receipt in begun.items()]


@dataclass
class Line:
    """An open connection of a lane."""

    connection: Connection
    took: bool = False  # it took a letter since it was opened
