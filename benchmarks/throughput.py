"""How many letters a second reach a mail server, ours beside those of others, counted by the server and never by the sender.

    python benchmarks/throughput.py [--connections 1 4 10] [--messages 20000] [--rounds 3] [--json FILE]

The issue has 30 KB of HTML, about 44 KB on the wire. The server is Postfix's smtp-sink on loopback, a new one for each sender; a sender's
time runs from the first letter that the sink has whole to the last. All senders of a round run one after the other, ratios are taken
within a round, and the table shows medians. Needs `bash tests/outside/postfix.sh`, `npm ci --prefix benchmarks/peers` and, for Django, a
virtual environment that is made in benchmarks/peers/.venv. The last lines are one connection over a road that takes 10 ms each way.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
sys.path.insert(0, str(TOP))
PEERS = TOP / "benchmarks" / "peers"
DJANGO = PEERS / ".venv" / "bin" / "python"
HTML_BYTES, TEXT_BYTES = 30_000, 12_000
LEAVE = "https://news.garrisonpost.example/unsubscribe/"
SENDER = "Headlines <headlines@news.garrisonpost.example>"
LEDGER, OURS = "ours, with the ledger", "ours, SMTP alone"
SOURCE, POOL, SEND_MESSAGES = "smtp-source", "nodemailer's pool", "Django's send_messages"
SLOW = {POOL: 10, SEND_MESSAGES: 20}  # these get so many times fewer letters, or one would wait for them all day
ASKED = {SOURCE: 0.70, POOL: 8, SEND_MESSAGES: 10}  # of ours with the ledger on, at four connections; Django has only one
ROAD = 0.010  # seconds each way


def main() -> None:
    """Run every round and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 4, 10])
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=4, metavar=("SENDER", "PORT", "CONNECTIONS", "MESSAGES"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child[0], *map(int, args.child[1:]))
        return
    prepare()
    results = {f"{count} side by side": one_round_after_another(count, args.messages, args.rounds) for count in args.connections}
    results["1, 20 ms there and back"] = far_away(args.rounds)
    for title, senders in results.items():
        show(title, senders)
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def prepare() -> None:
    """Fetch the senders of others that are not there yet."""
    if not (PEERS / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--prefix", str(PEERS)], check=True, stdout=subprocess.DEVNULL)
    if not DJANGO.exists():
        subprocess.run([sys.executable, "-m", "venv", str(DJANGO.parents[1])], check=True)
        subprocess.run([str(DJANGO), "-m", "pip", "install", "--quiet", "-r", str(PEERS / "requirements.txt")], check=True)


def one_round_after_another(connections: int, messages: int, rounds: int) -> dict[str, list[float]]:
    """Sender -> letters a second, one figure a round."""
    senders = [LEDGER, OURS, SOURCE, POOL, *([SEND_MESSAGES] if connections in {1, 4} else [])]
    measured: dict[str, list[float]] = {sender: [] for sender in senders}
    for number in range(rounds):
        for sender in senders if number % 2 == 0 else reversed(senders):  # whatever wears off in a round wears off for all
            measured[sender].append(speed(sender, connections, messages // SLOW.get(sender, 1)))
    return measured


def far_away(rounds: int) -> dict[str, list[float]]:
    """The same over one connection whose other end is 20 ms away, there and back."""
    return {sender: [speed(sender, 1, 200, road=ROAD) for _ in range(rounds)] for sender in (LEDGER, OURS, SOURCE)}


def speed(sender: str, connections: int, messages: int, *, road: float = 0) -> float:
    """Letters a second, as the sink counts them."""
    from tests.outside.sink import sink
    from tests.send.faulty import slow_road

    with ExitStack() as stack:
        server = stack.enter_context(sink())
        port = stack.enter_context(slow_road(server.port, road)) if road else server.port
        mail = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "mail.json"
        mail.write_text(json.dumps(issue()), encoding="utf-8")
        command, environment = COMMANDS[sender](port, connections, messages, mail)
        process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
        first = last = 0.0
        begun = counted = 0
        while counted < messages:
            now, counted = time.perf_counter(), server.count()
            if counted and not first:
                first, begun = now, counted
            last = now
            if process.poll() not in {None, 0}:
                raise SystemExit(f"{sender} failed")
            time.sleep(0.001)
        if process.wait(60) or server.count() != messages:
            raise SystemExit(f"{sender} ended with {process.returncode}, and the sink counts {server.count()} of {messages}")
    return (messages - begun) / (last - first)


Command = tuple[Sequence[str], dict[str, str]]


def our_command(sender: str) -> Callable[[int, int, int, Path], Command]:
    """Ours, in a process of its own like all others."""
    return lambda port, connections, messages, mail: (
        [sys.executable, __file__, "--child", sender, str(port), str(connections), str(messages)],
        {},
    )


def source_command(port: int, connections: int, messages: int, mail: Path) -> Command:
    """Postfix's own, in C."""
    from tests.outside.programs import postfix

    program, environment = postfix("smtp-source")
    options = ["-s", str(connections), "-m", str(messages), "-l", str(on_the_wire()), "-f", "headlines@news.garrisonpost.example"]
    return [str(program), *options, "-t", "reader@inbox.example", f"127.0.0.1:{port}"], environment


def pool_command(port: int, connections: int, messages: int, mail: Path) -> Command:
    """Node's."""
    return ["node", str(PEERS / "pool.js"), str(port), str(connections), str(messages), str(mail)], {}


def django_command(port: int, connections: int, messages: int, mail: Path) -> Command:
    """Django's, which has one connection whatever is asked for."""
    return [str(DJANGO), str(PEERS / "send_messages.py"), str(port), str(messages), str(mail)], {}


COMMANDS: dict[str, Callable[[int, int, int, Path], Command]] = {
    LEDGER: our_command(LEDGER),
    OURS: our_command(OURS),
    SOURCE: source_command,
    POOL: pool_command,
    SEND_MESSAGES: django_command,
}


# --- our side


def child(sender: str, port: int, connections: int, messages: int) -> None:
    """Send in this process."""
    from digest.model import TransportSettings
    from digest.send.transports.smtp import Smtp

    account = Smtp(TransportSettings(kind="smtp", host="127.0.0.1", port=port, security="none"), "", "headlines@news.garrisonpost.example")
    (with_the_ledger if sender == LEDGER else without)(account, connections, messages)


def without(account: Any, connections: int, messages: int) -> None:
    """A thread a connection, and nothing else."""
    message, at_once = compiled(), account.abilities.at_once
    firsts = iter(range(1, messages + 1, at_once))
    turn = threading.Lock()

    def lane() -> None:
        line = account.connect()
        while True:
            with turn:
                first = next(firsts, None)
            if first is None:
                break
            letters = [letter(seq) for seq in range(first, min(first + at_once, messages + 1))]
            if any(receipt.outcome != "accepted" for receipt in line.send(message, letters, intend=lambda _: None, key="")):
                os._exit(1)
        line.close()

    threads = [threading.Thread(target=lane) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def with_the_ledger(account: Any, connections: int, messages: int) -> None:
    """As `digest send` does it: frozen, claimed, each intent and each outcome written down."""
    from digest.send.deliver import deliver
    from digest.send.pace import Pace
    from digest.store.database import open_database
    from digest.store.ledger import Ledger
    from digest.workflow.deliveries import BATCH
    from tests.ledgers import ISSUE, frozen, people

    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "digest.db")
        for first in range(1, messages + 1, 10_000):
            people(database, min(10_000, messages + 1 - first), first=first)
        ledger, stop = Ledger(database, Path(folder) / "sending"), threading.Event()
        dispatch = frozen(ledger, batch_size=BATCH)
        with ledger.sending(ISSUE):
            claims = ledger.claims(dispatch, at_once=account.abilities.at_once, replay=None, seed_list="seed")
            progress = deliver(
                claims,
                account,
                compiled(),
                lambda recipient: letter(recipient.seq),
                connections=connections,
                pace=Pace(0, stop=stop),
                stop=stop,
            )
            claims.finish()
        if progress.accepted != messages:
            os._exit(1)


# --- the issue


def issue() -> dict[str, str]:
    """30 KB of the sample's HTML, and its text, with one link to leave by in each."""
    built = TOP / "issues" / "2025-W33"
    html = (built / "email.html").read_text("utf-8").encode()[:HTML_BYTES].decode("utf-8", "ignore")
    text = (built / "email.txt").read_text("utf-8").encode()[:TEXT_BYTES].decode("utf-8", "ignore")
    return {
        "from": SENDER,
        "subject": "Alaska summit ends without a deal",
        "html": f'{html}\n<p><a href="{LEAVE}">Unsubscribe</a></p>\n',
        "text": f"{text}\nUnsubscribe: {LEAVE}\n",
        "leave": LEAVE,
    }


def compiled() -> Any:
    """The issue with its slots open."""
    from digest.model import Email
    from digest.send.compile import compile_message

    mail = issue()
    email = Email(subject=mail["subject"], html=mail["html"], text=mail["text"])
    return compile_message(email, sender=SENDER, list_id="weekly.garrisonpost.example", one_click=True, slots={LEAVE: "unsubscribe"})


def letter(seq: int) -> Any:
    """One reader's values."""
    from digest.model import Letter

    address, leave = f"reader{seq}@inbox.example", f"{LEAVE}{seq}-" + "x" * 60
    return Letter(
        seq,
        address,
        {
            "to": address,
            "date": "Mon, 18 Aug 2025 12:00:00 +0000",
            "message_id": f"<2025-W33.{seq}@news.garrisonpost.example>",
            "unsubscribe": leave,
            "unsubscribe_header": f"<{leave}>",
        },
    )


def on_the_wire() -> int:
    """Bytes of one letter."""
    return len(compiled().wire(letter(1)))


def show(title: str, senders: dict[str, list[float]]) -> None:
    """Print one table: medians, and how many times as fast ours with the ledger is in the same round."""
    print(f"\nconnections: {title:21s}{'letters/s':>14s} {'ours / this':>14s} {'asked':>8s}")
    for sender, figures in senders.items():
        ratio = statistics.median(ours / other for ours, other in zip(senders[LEDGER], figures, strict=True))
        asked = f"{ASKED[sender]:8.2f}" if sender in ASKED and title.startswith("4 ") else ""
        print(f"  {sender:32s}{statistics.median(figures):14,.0f} {ratio:14.2f} {asked}")


if __name__ == "__main__":
    main()
