"""Letters to invented people, and a small compiled message with the usual slots."""

from collections.abc import Sequence

from digest.model import Letter, Receipt
from digest.send.message import Message
from digest.send.transport import Connection, Lost

MESSAGE = Message(
    content=b"From: The Garrison Post <news@garrisonpost.example>\r\nTo: \x02header:to\x03\r\nSubject: Pier reopens\r\n\r\n"
    b"Dear =\r\n\x02text:name\x03=\r\n,\r\nthe pier reopens.\r\n"
)
REPEATS = Message(content=MESSAGE.content + b"\x02text:filler\x03\r\n" * 4)


def a_letter(seq: int = 1, address: str = "", **values: str) -> Letter:
    address = address or f"reader{seq}@inbox.example"
    return Letter(seq, address, {"to": address, "name": f"Reader {seq}"} | values)


def letters(count: int) -> list[Letter]:
    return [a_letter(seq) for seq in range(1, count + 1)]


def outcomes(connection: Connection, batch: Sequence[Letter], message: Message = MESSAGE) -> tuple[list[str], str]:
    """The outcome of each letter that got a receipt, and why the line was lost ("" = it was not)."""
    receipts, lost = receipts_of(connection, batch, message)
    return [receipt.outcome for receipt in receipts], lost


def receipts_of(connection: Connection, batch: Sequence[Letter], message: Message = MESSAGE) -> tuple[list[Receipt], str]:
    receipts: list[Receipt] = []
    try:
        receipts.extend(connection.send(message, batch, intend=lambda letter: None, key="key"))
    except Lost as lost:
        return receipts, lost.reason
    return receipts, ""
