"""Kill a sender again and again, with signal 9, and ask the other side's own record what arrived.

The other side is Postfix's smtp-sink, its dump the witness. Half of the kills come at named points of the code, the other half at random
moments. Nothing of ours is faked: the ledger, the journal, the loop and the SMTP transport are those that ship.
"""

import mmap
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digest.model import Call, Dispatch, Receipt, TransportSettings
from digest.send.deliver import Claim, Claims, deliver
from digest.send.pace import Pace
from digest.send.transports.smtp import Smtp
from digest.store.database import Database
from digest.store.ledger import Ledger
from tests.ledgers import ISSUE, MESSAGE, a_letter, frozen, people

# Named points, each with how often it is chosen and at which passes of a run one dies there.
POINTS = {
    "recovering": (1, 1, 1),
    "recovered": (1, 1, 1),
    "claiming": (2, 3, 5),
    "claimed": (2, 3, 5),
    "intending": (4, 5, 120),
    "intended": (4, 5, 120),
    "written": (4, 5, 120),
    "answered": (4, 5, 120),
    "noted": (4, 5, 120),
    "settling": (2, 1, 3),
    "settled": (2, 1, 3),
}
LAST = "finishing"  # where the last kill comes, for on the way there all letters are sent
BATCH, AT_ONCE = 60, 8  # small, so that a run of some 150 letters passes every point
SECONDS = 0.03  # the latest moment after a run's first MAIL at which it is killed


@dataclass(kw_only=True)
class Report:
    """What the kills did, and what the witness says."""

    messages: int
    kills: int = 0
    at_points: Counter[str] = field(default_factory=Counter)
    between: int = 0  # kills after a run's first MAIL and before its last 250
    runs: int = 0
    arrived: int = 0
    duplicates: int = 0
    lost: int = 0  # did not arrive, and the ledger does not say so
    uncertain: int = 0
    most_uncertain_a_kill: int = 0
    seconds: float = 0

    def holds(self, connections: int) -> bool:
        """Whether the promise was kept."""
        return self.duplicates == self.lost == 0 and self.most_uncertain_a_kill <= connections


class Watch:
    """What a doomed sender tells its killer, in memory that outlives it."""

    def __init__(self) -> None:
        self._bytes = mmap.mmap(-1, 16)

    def reset(self) -> None:
        self._bytes[:] = bytes(16)

    begun = property(lambda self: bool(self._bytes[0]), lambda self, on: self._bytes.__setitem__(0, on))  # its first MAIL is on its way
    ended = property(lambda self: bool(self._bytes[1]), lambda self, on: self._bytes.__setitem__(1, on))  # nothing is left to be sent


def torment(folder: Path, sink_port: int, dump: Path, *, messages: int, kills: int, connections: int = 4, seed: int = 1) -> Report:
    """Send `messages` letters while killing the sender `kills` times; then send the rest in peace and count."""
    dice = random.Random(seed)
    report = Report(messages=messages)
    began = time.monotonic()
    database = Database(folder / "digest.db")
    for first in range(1, messages + 1, 10_000):
        people(database, min(10_000, messages + 1 - first), first=first)
    ledger = Ledger(database, folder / "sending")
    sending = frozen(ledger, batch_size=BATCH)
    watch, doubts = Watch(), 0
    while report.kills < kills and ledger.dispatch(ISSUE).state == "sending":
        database.close()
        watch.reset()
        at_point = report.kills % 2 == 0
        point = dice.choices(list(POINTS), [weight for weight, _, _ in POINTS.values()])[0] if at_point else ""
        point = LAST if report.kills == kills - 1 else point
        passes = dice.randint(*POINTS.get(point, (0, 1, 1))[1:])
        child = os.fork()
        if child == 0:
            doomed(folder, sending, sink_port, connections, watch, point, passes)
        if not point:
            until(lambda: watch.begun or watch.ended)
            time.sleep(dice.random() * SECONDS)
            between = watch.begun and not watch.ended
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        report.runs += 1
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            report.kills += 1
            report.at_points[point or "anywhere"] += 1
            report.between += between if not point else watch.begun and not watch.ended
        elif os.WEXITSTATUS(status) != 0:
            raise AssertionError(f"the sender failed by itself with {os.WEXITSTATUS(status)}")
        now = ledger.counts(sending)["uncertain"]
        report.most_uncertain_a_kill = max(report.most_uncertain_a_kill, now - doubts)
        doubts = now
    run(ledger, sending, sink_port, connections)
    report.most_uncertain_a_kill = max(report.most_uncertain_a_kill, ledger.counts(sending)["uncertain"] - doubts)
    report.seconds = time.monotonic() - began
    judge(report, ledger, sending, dump)
    return report


def judge(report: Report, ledger: Ledger, sending: Dispatch, dump: Path) -> None:
    """Hold the ledger against the witness, recipient by recipient."""
    arrived = Counter(recipients_in(dump))
    states = {row.email: row.state for row in ledger.rows(sending, "queued", "accepted", "failed", "uncertain", "suppressed")}
    report.arrived = len(arrived)
    report.duplicates = sum(times > 1 for times in arrived.values())
    report.lost = sum(email not in arrived and state != "uncertain" for email, state in states.items())
    report.uncertain = sum(state == "uncertain" for state in states.values())
    assert len(states) == report.messages
    assert arrived.keys() <= states.keys()


def recipients_in(dump: Path) -> Iterator[str]:
    """The recipient of every mail that smtp-sink took whole."""
    with dump.open("rb") as lines:
        for line in lines:
            if line.startswith(b"X-Rcpt-Args: <"):
                yield line[len(b"X-Rcpt-Args: <") :].split(b">")[0].decode()


def until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "the sender neither begins nor ends"
        time.sleep(0.0005)


# --- the sender, and the doomed one


def run(ledger: Ledger, sending: Dispatch, port: int, connections: int, dying: "Dying | None" = None) -> None:
    stop = threading.Event()
    transport = Smtp(TransportSettings(kind="smtp", host="127.0.0.1", port=port, security="none"), "", "desk@garrisonpost.example")
    with ledger.sending(ISSUE):
        claims: Claims = ledger.claims(sending, at_once=AT_ONCE, replay=None, seed_list="seed")
        finish = claims.finish  # type: ignore[attr-defined]
        if dying:
            claims = DyingClaims(claims, dying)
        deliver(claims, transport, MESSAGE, a_letter, connections=connections, pace=Pace(0, stop=stop), stop=stop)
        if dying:
            dying.watch.ended = True
            dying.at("finishing")
        finish()


def doomed(folder: Path, sending: Dispatch, port: int, connections: int, watch: Watch, point: str, passes: int) -> None:
    """The child: sends until it is killed, by its parent or at the given pass of a named point."""
    try:
        dying = Dying(watch, point, passes)
        dying.watch_the_wire()
        run(Ledger(Database(folder / "digest.db"), folder / "sending"), sending, port, connections, dying)
        os._exit(0)
    except BaseException:  # noqa: BLE001  (told, and the exit code says it)
        import traceback

        traceback.print_exc()
        os._exit(1)


class Dying:
    """Kills this very process at the n-th pass of a point."""

    def __init__(self, watch: Watch, point: str, passes: int) -> None:
        self.watch = watch
        self._point = point
        self._left = passes

    def at(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_the_wire(self) -> None:
        """Every write to a socket is seen: the first MAIL, and the end of a letter ("written": not answered yet)."""
        for name in ("send", "sendall"):
            setattr(socket.socket, name, self._seen(getattr(socket.socket, name)))

    def _seen(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def seen(on: socket.socket, content: Any, *flags: int) -> Any:
            end = bytes(content[-400:])
            if b"MAIL FROM" in end:
                self.watch.begun = True
            written = write(on, content, *flags)
            if b"\r\n.\r\n" in end:
                self.at("written")
            return written

        return seen


@dataclass
class DyingClaim:
    """A claim on whose notes one can die."""

    inner: Claim
    dying: Dying

    @property
    def no(self) -> int:
        return self.inner.no

    @property
    def calls(self) -> Sequence[Call]:
        return self.inner.calls

    def note(self, kind: str, seq: int, call: int = 0) -> None:
        self.dying.at("intending" if kind == "intended" else "answered")
        self.inner.note(kind, seq, call)
        self.dying.at("intended" if kind == "intended" else "noted")


@dataclass
class DyingClaims:
    inner: Claims
    dying: Dying

    def recover(self) -> Sequence[Claim]:
        self.dying.at("recovering")
        found = self.inner.recover()
        self.dying.at("recovered")
        return [DyingClaim(claim, self.dying) for claim in found]

    def next(self, besides: Collection[int] = ()) -> Claim | None:
        self.dying.at("claiming")
        claim = self.inner.next(besides)
        self.dying.at("claimed")
        return DyingClaim(claim, self.dying) if claim else None

    def settle(self, claim: Claim, receipts: Sequence[Receipt]) -> None:
        self.dying.at("settling")
        self.inner.settle(claim.inner, receipts)  # type: ignore[attr-defined]
        self.dying.at("settled")

    def cancelled(self) -> bool:
        return self.inner.cancelled()
