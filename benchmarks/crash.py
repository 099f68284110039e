"""Kill a sender a thousand times over two hundred thousand letters, and ask the other side what arrived.

    python benchmarks/crash.py [--messages 200000] [--kills 1000] [--connections 4] [--json FILE]

The other side is Postfix's smtp-sink, its own dump the witness (`bash tests/outside/postfix.sh` brings it). Exit code 1 when somebody
got a letter twice, was lost in silence, or a kill left more letters in doubt than there were connections. `tests/send/test_crash.py` is
the same at 1/20.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

TOP = Path(__file__).parents[1]
sys.path.insert(0, str(TOP))


def main() -> None:
    """Run it and print what came of it."""
    from tests.outside.sink import sink
    from tests.send.crash import torment

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sink(dump=True) as server:
        report = torment(
            Path(folder), server.port, server.dump, messages=args.messages, kills=args.kills, connections=args.connections, seed=args.seed
        )
    told = asdict(replace(report, at_points=Counter())) | {"at_points": dict(report.at_points)}  # Python 3.11 loses a Counter's keys
    for name, value in told.items():
        print(f"{name:24} {value}")
    if args.json:
        args.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if report.holds(args.connections) else 1)


if __name__ == "__main__":
    main()
