"""Hand every letter of an issue to the outside world, over several connections side by side, and lose or repeat none."""

import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from digest.errors import TransportError
from digest.model import Letter, Receipt, Recipient
from digest.send.lanes import Claim, Done, Lanes, Work
from digest.send.message import Message
from digest.send.pace import Pace
from digest.send.transport import Lost, Transport

AHEAD = 2  # batches claimed and not settled: one to send while the other is written down
AGAIN = (5, 60, 300, 900, 1800)  # seconds before a batch with letters "for later" is tried again; after the last, another run goes on
PATIENCE = 10  # rounds in which every line was lost before a word was said; the silence after each is twice as long: a quarter of an hour
REFUSED = 100  # letters refused in a row: then it is the account that is refused (a quota, a block), whatever the words say
LOOK_UP = 0.5  # seconds between two looks at whether the issue was called off


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
    lanes = Lanes(transport, message, address, most=connections, pace=pace, stop=stop)
    try:
        return _Sending(claims, lanes, stop, tell).run()
    except BaseException:
        stop.set()  # what is handed out and not begun is not sent any more
        raise
    finally:
        lanes.end()


class _Sending:
    """The one thread that claims, hands out and writes down."""

    def __init__(self, claims: Claims, lanes: "Lanes", stop: threading.Event, tell: Callable[[Progress], None]) -> None:
        self._claims = claims
        self._lanes = lanes
        self._stop = stop
        self._tell = tell
        self._progress = Progress()
        self._in_hand: dict[int, Work] = {}
        self._again_at: dict[int, float] = {}  # batch -> time.monotonic() at which it may be tried again; inf = not in this run
        self._tries: dict[int, int] = {}
        self._lost = 0  # lines in a row that took no letter
        self._refused = 0  # letters in a row
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
        work = Work(claim=claim, left=len(claim.calls))
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

    def _judge(self, done: Done) -> None:
        """Give up when the account is refused, or nobody is there; whatever else went wrong in a lane is our own fault and ends it too."""
        fault = done.fault
        if isinstance(fault, Lost):
            self._lost = 0 if done.answered else self._lost + 1
            self._progress.why = fault.reason
            if self._lost < PATIENCE * self._lanes.most:
                return
            hint = "Nothing is lost: send again when the other side answers, and it goes on from here."
            fault = TransportError(f"The other side takes no connection: {fault.reason}.", hint=hint)
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
                    self._refused = 0
                case "failed":
                    progress.failed += 1
                    self._refused += 1
                case "uncertain":
                    progress.uncertain += 1
                case _:
                    progress.later += 1
            if receipt.reason:
                progress.why = receipt.reason
        if self._refused >= REFUSED and not self._fault:
            hint = "Is the account blocked, or its quota used up? Send again to go on; --retry-failed tries those once more."
            self._fault = TransportError(f"The other side refused {self._refused} letters in a row: {progress.why}", hint=hint)
            self._stop.set()
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
