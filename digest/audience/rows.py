"""Read the rows of a CSV file however it was saved, one by one, and say which cannot be read and why."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from digest.errors import SubscriberError

CHUNK = 1_000_000  # bytes
LONGEST_LINE = 10_000_000  # bytes without a line end: no list of people looks like that
MOST_LINES = 200  # that one row may span: longer ones are a quotation mark that does not close
SHOWN = 500  # characters of a row that cannot be taken apart
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")  # a spreadsheet takes such a cell for a formula
_ARMED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file."""

    line: int  # of the file, from 1, where it begins
    cells: list[str]
    fault: str = ""  # why it cannot be read; `cells` then holds what stands there, in one piece


def find_encoding(file: BinaryIO, *, name: str) -> str:
    """How the bytes of a file are to be read: "utf-8-sig", "utf-8-broken" (but for some bytes), "utf-16" or "cp1252".

    Reads the file once, in constant memory, and goes back to its start. Raises SubscriberError for what is no text.
    """
    head = file.read(CHUNK)
    if not head.strip():
        raise SubscriberError(f"{name} is empty.", hint="Export the list again.")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")):
        raise SubscriberError(f"{name} is an archive or a spreadsheet, no CSV.", hint="Unpack it, or save the sheet as CSV.")
    file.seek(0)
    even, odd = head[0:4000:2].count(0), head[1:4000:2].count(0)
    half = min(len(head), 4000) // 8
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif max(even, odd) > half:
        encodings = ["utf-16-le" if odd > even else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "utf-8-broken", "cp1252"]
    for encoding in encodings:
        if _holds(file, encoding, name=name):
            return encoding
    raise SubscriberError(f"{name} is no text that can be read.", hint="Save it as CSV in UTF-8.")


def read_rows(file: BinaryIO, encoding: str) -> Iterator[Row]:
    """The rows that are not empty, the header first. `encoding` is what `find_encoding` said."""
    codec, errors = _codec(encoding)
    text = io.TextIOWrapper(file, encoding=codec, errors=errors, newline="")
    try:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=_delimiter(lines), strict=True)
        while True:
            lines.taken.clear()
            line = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooManyLines) as error:
                yield Row(line, [lines.taken[0].strip()[:SHOWN]], _fault(error, lines.taken))
                lines.give_back()  # the rows that an open quotation mark has swallowed
                continue
            if any(cells):
                yield Row(line, cells)
    finally:
        if not file.closed:
            text.detach()  # the file belongs to who opened it


def disarmed(text: str) -> str:
    """A cell that no spreadsheet runs: a ' stands before what would begin a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def armed(text: str) -> str:
    """What `disarmed` was given."""
    return text[1:] if _ARMED.match(text) else text


# --- lines


class _TooManyLines(Exception):
    pass


class _Lines:
    """The lines of a file, which can be given back."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self._again: deque[str] = deque()
        self.number = 0  # of the last line that was handed out
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._text)
        self.number += 1
        self.taken.append(line)
        if len(self.taken) > MOST_LINES:
            raise _TooManyLines
        return line

    def give_back(self, keep: int = 1) -> None:
        """Hand out the taken lines again, but for the first ones."""
        again = self.taken[keep:]
        self._again.extendleft(reversed(again))
        self.number -= len(again)


def _delimiter(lines: _Lines) -> str:
    """What stands between the cells of the header: a comma, a semicolon or a tab."""
    head = next((line for line in lines if line.strip()), "")
    lines.give_back(keep=0)
    bare = re.sub(r'"[^"]*"', "", head)
    return max(",;\t", key=bare.count)


def _fault(error: Exception, taken: Sequence[str]) -> str:
    if isinstance(error, _TooManyLines) or len(taken) > 1 or "unexpected end" in str(error):
        return "a quotation mark opens here and does not close"
    if "field larger" in str(error):
        return f"it has a cell of more than {csv.field_size_limit():,} characters"
    return "its quotation marks stand wrong"


# --- bytes


def _codec(encoding: str) -> tuple[str, str]:
    return ("utf-8-sig", "replace") if encoding == "utf-8-broken" else (encoding, "strict")


def _holds(file: BinaryIO, encoding: str, *, name: str) -> bool:
    """Whether the whole file can be read so."""
    codec, errors = _codec(encoding)
    decoder = codecs.getincrementaldecoder(codec)(errors)
    whole, broken, since = 0, 0, 0
    try:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            since = _since_line_end(text, since)
            if since > LONGEST_LINE:
                raise SubscriberError(f"{name} is no CSV: it has no line ends.", hint="Export the list again.")
            if encoding == "utf-8-broken":
                broken += text.count("\ufffd")
                whole += len(re.findall(r"[^\x00-\x7f\ufffd]", text))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return whole >= broken  # else it is no damaged UTF-8 but something older


def _since_line_end(text: str, since: int) -> int:
    end = max(text.rfind("\n"), text.rfind("\r"))
    return len(text) - end - 1 if end >= 0 else since + len(text)
