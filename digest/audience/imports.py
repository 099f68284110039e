"""Understand a list of subscribers that another system exported: who may get mail, who may not, and which rows say neither."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, BinaryIO

from digest.audience import columns
from digest.audience.addresses import parse_address
from digest.audience.columns import ACTIVE, BLOCKED, COMPLAINED, LEFT, NEVER, PENDING, Format, Gate
from digest.audience.rows import Row, armed, find_encoding, read_rows
from digest.errors import SubscriberError
from digest.model import Consent, Entry, Suppression

REASONS = ("bounced", "complained", "left", "by hand")  # why an address may be suppressed
LONGEST_NAME = 200
LONGEST_FIELD = 10_000
_LIST = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LOST = "\ufffd"  # stands where a byte could not be read


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that puts nobody on a list and keeps nobody off."""

    line: int
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A file of subscribers, opened: where it comes from, and what is in it."""

    origin: str  # name of the system that exported it; "plain" = none that we know
    encoding: str  # as rows.find_encoding
    header: tuple[str, ...]
    found: Iterator[Entry | Suppression | RefusedRow]  # row by row, as the file is read


def open_listing(file: BinaryIO, *, name: str, suppress: str = "") -> Listing:
    """Begin to read a CSV file in whatever shape it was exported.

    `name` is the file's, for messages and for the consent on record. With a reason to `suppress`, every address in it is suppressed.
    Raises SubscriberError when nothing of it can be used.
    """
    encoding = find_encoding(file, name=name)
    rows = read_rows(file, encoding)
    header = next(rows, None)
    if header is None or header.fault:
        raise SubscriberError(f"{name} has no header that can be read.", hint="Its first row names the columns, one of them email.")
    if header.cells and _is_address(header.cells[0]) and len([cell for cell in header.cells if cell]) == 1:
        return _listing(encoding, Row(0, ["email"]), _with(header, rows), name=name, suppress=suppress)  # a bare list of addresses
    return _listing(encoding, header, rows, name=name, suppress=suppress)


def _listing(encoding: str, header: Row, rows: Iterator[Row], *, name: str, suppress: str) -> Listing:
    names = [column_name(cell) for cell in header.cells]
    known = columns.format_of(names)
    reader = _Reader(known, names, header.cells, name=name, suppress=suppress)
    return Listing(origin=known.name, encoding=encoding, header=tuple(header.cells), found=map(reader.read, rows))


def tidy_name(text: str) -> str:
    """The name of a person on one line. Raises SubscriberError when it is too long for a letter's head, or no text."""
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME:
        raise SubscriberError(f"the name is longer than {LONGEST_NAME} characters")
    if not name.isprintable() and _CONTROL.search(name):
        raise SubscriberError("the name holds control characters")
    return name


def tidy_list(name: str) -> str:
    """The name of a list. Raises SubscriberError when it is none."""
    if not _LIST.fullmatch(name):
        raise SubscriberError(f"{name!r} is no name of a list: small letters, digits and -", hint='Write it like "weekly".')
    return name


def column_name(cell: str) -> str:
    """A heading as it is compared: "E-Mail Address" is e_mail_address."""
    return "_".join(re.findall(r"[^\W_]+", cell.casefold()))


# --- one row


class _Reader:
    """Knows which cell means what, found out once for the whole file."""

    def __init__(self, known: Format, names: Sequence[str], header: Sequence[str], *, name: str, suppress: str) -> None:
        self._width = len(names)
        self._suppress = suppress
        self._whole = columns.whole_file(known, names, name)
        self._file, self._import = name, f"import of {name}"
        at = {heading: place for place, heading in reversed(list(enumerate(names))) if heading}

        def first(wanted: Sequence[str]) -> int | None:
            return next((at[heading] for heading in wanted if heading in at), None)

        address = first(columns.ADDRESS)
        if address is None:
            there = ", ".join(cell.strip() for cell in header[:8] if cell.strip())
            raise SubscriberError(f"{name} has no column of addresses; it has {there or 'no columns'}.", hint='Call one of them "email".')
        self._address = address
        self._name = first(columns.NAME)
        self._parts = [place for names in (columns.FIRST, columns.LAST) if (place := first(names)) is not None]
        self._language, self._tags = first(columns.LANGUAGE), first(columns.TAGS)
        self._joined = [at[heading] for heading in columns.JOINED if heading in at]
        self._gates = [(gate, place) for gate in known.gates if (place := first(gate.columns)) is not None]
        self._how = [(words, at[heading]) for heading, words in known.how if heading in at]
        self._bags = [at[heading] for heading in known.bag if heading in at]
        own = known.name == "digest"
        self._list = at["list"] if own else None
        self._source = at["consent_source"] if own else None
        self._suppressed = at.get("suppressed") if own else None
        named = (address, self._name, self._language, self._tags, self._list, self._source, self._suppressed)
        used = {place for place in named if place is not None}
        used |= {*self._parts, *self._joined, *self._bags, *(place for _, place in self._gates), *(place for _, place in self._how)}
        unused = {at[heading] for heading in (*known.left_out, *columns.REFUSED) if heading in at}
        rest = [place for place in range(self._width) if place not in used | unused and header[place].strip()]
        self._fields = [(header[place].strip()[:LONGEST_NAME], place) for place in rest]

    def read(self, row: Row) -> Entry | Suppression | RefusedRow:
        """What a row says."""
        if row.fault:
            return _refused(row, row.fault)
        cells = row.cells
        try:
            return self._understood(self._tidied(cells))
        except SubscriberError as error:
            return _refused(row, error.message)

    def _tidied(self, cells: list[str]) -> list[str]:
        whole = "".join(cells)
        if not whole.isprintable() and _CONTROL.search(whole):
            raise SubscriberError("it holds control characters")
        if _LOST in whole:
            raise SubscriberError("it holds a byte that is no UTF-8")
        missing = self._width - len(cells)
        if missing < 0 and any(cells[self._width :]):
            raise SubscriberError(f"it has {len(cells)} cells, and there are {self._width} columns")
        if "'" in whole:
            cells = [armed(cell) for cell in cells]
        return cells + [""] * missing if missing > 0 else cells

    def _understood(self, cells: list[str]) -> Entry | Suppression:
        address = parse_address(cells[self._address])
        meaning = self._meaning(cells)
        if meaning == NEVER:
            raise SubscriberError("nobody with this address has asked for the list")
        if self._suppress or self._whole or meaning not in (ACTIVE, PENDING, LEFT):
            reason = LEFT if meaning == BLOCKED else meaning
            return Suppression(key=address.key, reason=reason, source=self._file)
        fields = {name: value for name, place in self._fields if (value := cells[place].strip())} if self._fields else {}
        for place in self._bags:
            fields.update(_bag(cells[place]))
        language = cells[self._language].strip() if self._language is not None else ""
        if language and not _CODE.fullmatch(language):
            fields["language"], language = language, ""  # "English" is no code; nothing is thrown away
        for name, value in fields.items():
            if len(value) > LONGEST_FIELD:
                raise SubscriberError(f"{name!r} is longer than {LONGEST_FIELD:,} characters")
        return Entry(
            key=address.key,
            email=address.email,
            name=self._called(cells),
            language=language.replace("_", "-"),
            tags=_tags(cells[self._tags]) if self._tags is not None else (),
            fields=fields,
            list=self._onto(cells),
            status=meaning,
            consent=self._consent(cells),
        )

    def _meaning(self, cells: Sequence[str]) -> str:
        """What the row says of its person."""
        if self._suppress:
            return self._suppress
        if self._suppressed is not None and (reason := cells[self._suppressed].strip()):
            if reason not in REASONS:
                raise SubscriberError(f"suppressed is {reason!r}; it may be {', '.join(REASONS)}")
            return reason
        meaning = ACTIVE
        for gate, place in self._gates:
            meaning = _through(gate, cells[place])
            if meaning != ACTIVE:
                break
        return self._whole if self._whole and meaning != COMPLAINED else meaning

    def _called(self, cells: Sequence[str]) -> str:
        whole = cells[self._name] if self._name is not None else ""
        return tidy_name(whole or " ".join([cells[place] for place in self._parts]))

    def _onto(self, cells: Sequence[str]) -> str:
        name = cells[self._list].strip() if self._list is not None else ""
        return tidy_list(name) if name else ""

    def _consent(self, cells: Sequence[str]) -> Consent:
        said = [cell for place in self._joined if (cell := cells[place])]
        how = ", ".join([words + cell.strip() for words, place in self._how if (cell := cells[place])])
        source = cells[self._source].strip() if self._source is not None else ""
        return Consent(at=_moment(said[0]) if said else None, source=source or self._import, how=how)


# --- cells


def _through(gate: Gate, cell: str) -> str:
    value = cell.strip().casefold()
    meaning = gate.means.get(value) or (gate.other if value else gate.empty)
    if not meaning:
        told = f"is {cell.strip()[:40]!r}, and nobody knows what that means" if value else "is empty"
        raise SubscriberError(f"its {gate.columns[0]} {told}")
    return meaning


def _moment(text: str) -> datetime | None:
    """When somebody asked for the list; None when the text could mean two days, or none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


@lru_cache(maxsize=1024)  # a list has few tags, and many people have the same
def _tags(cell: str) -> tuple[str, ...]:
    """The tags of a cell: "a, b", or as Mailchimp writes them: "a","b, c"; or as JSON."""
    texts: list[str] | None = None
    if cell.startswith("["):
        texts = _json(cell, list)
    if texts is None:
        try:
            texts = next(csv.reader([cell], skipinitialspace=True), [])
        except csv.Error:
            texts = cell.split(",")
    tidy = (" ".join(str(text).split()) for text in texts)
    return tuple(dict.fromkeys(tag for tag in tidy if tag))


def _bag(cell: str) -> dict[str, str]:
    """Custom fields that stand in one cell as JSON."""
    if not cell.strip():
        return {}
    found = _json(cell, dict)
    if found is None:
        raise SubscriberError("its custom fields are no JSON")
    return {
        str(name)[:LONGEST_NAME]: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in found.items()
        if value not in (None, "", [], {})
    }


def _json(cell: str, kind: type) -> Any:
    try:
        found = json.loads(cell)
        cell_is_text = json.dumps(found, ensure_ascii=False).encode()  # half a pair of surrogates is no text
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, kind) and cell_is_text else None


def _is_address(cell: str) -> bool:
    try:
        parse_address(cell)
    except SubscriberError:
        return False
    return True


def _with(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _refused(row: Row, reason: str) -> RefusedRow:
    return RefusedRow(row.line, f"{reason.rstrip('.')}.", tuple(row.cells))
