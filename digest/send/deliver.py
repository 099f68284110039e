"""Hand every letter of an issue to the outside world, over several connections side by side, and lose or repeat none."""

import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from digest.errors import TransportError
from digest.model import Call, Letter, Receipt, Recipient
from digest.send.message import Message
from digest.send.pace import Pace, Stopped
from digest.send.transport import Connection, Lost, Transport

AHEAD = 2  # batches claimed and not settled: one to send while the other is written down
AGAIN = (5, 60, 300, 900, 1800)  # seconds before a batch with letters "for later" is tried again; after the last, another run goes on
PATIENCE = 10  # lines lost one after the other, none of which took a letter: then nobody is there
LOOK_UP = 0.5  # seconds between two looks at whether the issue was called off


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


class Claims(Protocol):
    """What is still to be sent, and the book in which it is written down."""

    def recover(self) -> Sequence[Claim]:
        """Settle what a killed sender left; calls that may be repeated come back, claimed."""

    def next(self, besides: Collection[int] = ()) -> Claim | None:
        """Claim the next batch whose number is not in `besides`; None when there is none."""

    def settle(self, claim: Any, receipts: Sequence[Receipt]) -> None:
        """Write down what came of a claim that it gave out; letters without a receipt are to be sent again."""

    def cancelled(self) -> bool:
        """Whether the issue was called off."""


@dataclass(kw_only=True)
class Progress:
    """How far a send has come, for whoever shows it. Written by one thread, read by any."""

    accepted: int = 0
    failed: int = 0
    uncertain: int = 0
    later: int = 0  # answers that put a letter off
    why: str = ""  # the last refusal's words

    @property
    def settled(self) -> int:
        """Letters that this run is done with."""
        return self.accepted + self.failed + self.uncertain


@dataclass(kw_only=True)
class _Work:
    """A claimed batch in hand."""

    claim: Claim
    left: int  # calls not done yet
    receipts: list[Receipt] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A call that a lane is done with, and why it broke off, if it did."""

    work: _Work
    receipts: list[Receipt]
    answered: bool  # the other side said a word about at least one letter
    fault: Exception | None = None


def deliver(
    claims: Claims,
    transport: Transport,
    message: Message,
    address: Callable[[Recipient], Letter],
    *,
    connections: int,
    pace: Pace,
    stop: threading.Event,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Send what is still to be sent; return when nothing more can be sent in this run, or soon after `stop` is set.

    `address` fills in a recipient's letter. `tell` is called often. Raises TransportError when the account cannot be used, and StoreError
    or Busy when an outcome could not be written down: what the lanes had noted by then is found by the next run.
    """
    lanes = _Lanes(transport, message, address, most=connections, pace=pace, stop=stop)
    try:
        return _Sending(claims, lanes, stop, tell).run()
    finally:
        lanes.end()


class _Sending:
    """The one thread that claims, hands out and writes down."""

    def __init__(self, claims: Claims, lanes: "_Lanes", stop: threading.Event, tell: Callable[[Progress], None]) -> None:
        self._claims = claims
        self._lanes = lanes
        self._stop = stop
        self._tell = tell
        self._progress = Progress()
        self._in_hand: dict[int, _Work] = {}
        self._again_at: dict[
            int, float
        ] = {}  # batch -> when it may be tried again, in seconds of time.monotonic(); never for the last time
        self._tries: dict[int, int] = {}
        self._lost = 0  # lines in a row that took no letter
        self._fault: Exception | None = None

    def run(self) -> Progress:
        for claim in self._claims.recover():
            self._hand_out(claim)
        while True:
            self._claim_ahead()
            if self._in_hand:
                self._take_in()
            elif self._stop.is_set() or not self._waits():
                break
        if self._fault:
            raise self._fault
        return self._progress

    def _claim_ahead(self) -> None:
        while len(self._in_hand) < AHEAD and not self._stop.is_set() and 0 not in self._in_hand:
            now = time.monotonic()
            not_yet = [no for no, at in self._again_at.items() if at > now]
            claim = self._claims.next(besides=[*self._in_hand, *not_yet])
            if claim is None:
                return
            self._hand_out(claim)

    def _hand_out(self, claim: Claim) -> None:
        work = _Work(claim=claim, left=len(claim.calls))
        self._in_hand[claim.no] = work
        self._lanes.hand_out(work)

    def _take_in(self) -> None:
        """Wait for a call to be done; write its batch down when it was the last one."""
        try:
            done = self._lanes.done.get(timeout=LOOK_UP)
        except queue.Empty:
            if self._claims.cancelled():
                self._stop.set()
            return
        work = done.work
        work.receipts += done.receipts
        work.left -= 1
        self._judge(done)
        self._count(done.receipts)
        if work.left:
            return
        self._claims.settle(work.claim, work.receipts)
        del self._in_hand[work.claim.no]
        if any(receipt.outcome == "later" for receipt in work.receipts):
            tries = self._tries[work.claim.no] = self._tries.get(work.claim.no, -1) + 1
            self._again_at[work.claim.no] = time.monotonic() + AGAIN[tries] if tries < len(AGAIN) else float("inf")

    def _judge(self, done: _Done) -> None:
        """Give up when the account is refused, or nobody is there; whatever else went wrong in a lane is our own fault and ends it too."""
        fault = done.fault
        if isinstance(fault, Lost):
            self._lost = 0 if done.answered else self._lost + 1
            self._progress.why = fault.reason
            if self._lost < PATIENCE:
                return
            hint = "Nothing is lost: send again when the other side answers, and it goes on from here."
            fault = TransportError(f"The other side ended {PATIENCE} connections in a row: {fault.reason}.", hint=hint)
        elif fault is None:
            self._lost = 0 if done.answered else self._lost
            return
        self._fault = self._fault or fault
        self._stop.set()

    def _count(self, receipts: Sequence[Receipt]) -> None:
        progress = self._progress
        for receipt in receipts:
            match receipt.outcome:
                case "accepted":
                    progress.accepted += 1
                case "failed":
                    progress.failed += 1
                case "uncertain":
                    progress.uncertain += 1
                case _:
                    progress.later += 1
            if receipt.reason:
                progress.why = receipt.reason
        self._tell(progress)

    def _waits(self) -> bool:
        """Wait a little for the batches that may be tried again later; False when there is none."""
        due = min(self._again_at.values(), default=float("inf"))
        if due == float("inf"):
            return False
        self._stop.wait(min(LOOK_UP, max(0, due - time.monotonic())))
        self._tell(self._progress)
        if self._claims.cancelled():
            self._stop.set()
        self._again_at = {no: at for no, at in self._again_at.items() if at > time.monotonic()}
        return bool(self._again_at) or due <= time.monotonic()


class _Lanes:
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
        self.done: queue.SimpleQueue[_Done] = queue.SimpleQueue()
        self._calls: queue.SimpleQueue[tuple[_Work, Call] | None] = queue.SimpleQueue()
        self._transport = transport
        self._message = message
        self._address = address
        self._most = most
        self._pace = pace
        self._stop = stop
        self._threads: list[threading.Thread] = []

    def hand_out(self, work: _Work) -> None:
        """Put a batch's calls where the lanes take them, and open lanes for them."""
        for call in work.claim.calls:
            self._calls.put((work, call))
        for number in range(len(self._threads), min(self._most, len(work.claim.calls))):
            thread = threading.Thread(target=self._run, name=f"lane-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def end(self) -> None:
        """Stop after the letter in hand and wait for it."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        line: Connection | None = None
        while (taken := self._calls.get()) is not None:
            work, call = taken
            begun: dict[int, Receipt | None] = {}  # seq -> its receipt; None = intended, and no word yet
            fault: Exception | None = None
            try:
                if not self._stop.is_set():
                    line = line or self._transport.connect()
                    self._send(line, work.claim, call, begun)
            except Stopped:
                line = None
            except Exception as error:  # noqa: BLE001  (nothing is swallowed: the thread that directs the send judges it)
                fault, line = error, None
            receipts = self._settled(begun, fault)
            for receipt in receipts:
                if begun[receipt.seq] is None:
                    work.claim.note(receipt.outcome, receipt.seq, call.number)
            if isinstance(fault, Lost):
                self._pace.back_off(fault.wait)
            self.done.put(_Done(work=work, receipts=receipts, answered=any(begun.values()), fault=fault))
        if line:
            line.close()

    def _send(self, line: Connection, claim: Claim, call: Call, begun: dict[int, Receipt | None]) -> None:
        def intend(letter: Letter) -> None:
            self._pace.wait()
            claim.note("intended", letter.seq, call.number)  # before the last byte, so that a crash cannot send twice
            begun[letter.seq] = None

        letters = [self._address(recipient) for recipient in call.recipients]
        for receipt in line.send(self._message, letters, intend=intend, key=call.key):
            claim.note(receipt.outcome, receipt.seq, call.number)
            begun[receipt.seq] = receipt
        self._pace.taken()

    def _settled(self, begun: Mapping[int, Receipt | None], fault: Exception | None) -> list[Receipt]:
        """A receipt for every letter that was begun. One that broke off is in doubt, unless the transport vouches that it was not taken."""
        vouched = fault is None or isinstance(fault, Lost | TransportError)
        unknown = "later" if vouched else "uncertain"
        return [receipt or Receipt(seq, unknown, reason=str(fault or "")) for seq, receipt in begun.items()]
