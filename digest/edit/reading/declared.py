"""Read what a file declares about its story: the front matter of Markdown, the fields of a record."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import NoReturn

from digest.edit.reading.captions import part_credit
from digest.edit.reading.dates import read_date
from digest.edit.reading.identity import working_address
from digest.edit.reading.plain import plain
from digest.errors import BadDate, Unreadable
from digest.model import Image

MOST_FRONT_MATTER = 64_000  # bytes
DEEPEST = 6  # tables within tables; a list of images needs three
FENCE = re.compile(r"(?:---|\.\.\.)[ \t]*$", re.MULTILINE)


class Declared:
    """A table of declared values. Every reader takes the first of `names` that is there and raises Unreadable for a wrong type."""

    def __init__(self, table: Mapping[str, object], *, place: str, lines: Mapping[str, int] | None = None) -> None:
        self.table = {key.lower(): value for key, value in table.items()}
        self.place = place
        self.lines = lines or {}

    def text(self, *names: str) -> str:
        """One line of plain text; "" when no name is there."""
        name, value = self._first(names)
        if value is None:
            return ""
        return plain(value) if isinstance(value, str) else self.wrong(name, value, "text", 'Put it in quotes: "..."')

    def texts(self, *names: str) -> tuple[str, ...]:
        """A list of texts, or one text whose commas part it."""
        name, value = self._first(names)
        values: Sequence[object] = value.split(",") if isinstance(value, str) else () if value is None else self._list(name, value)
        for each in values:
            if not isinstance(each, str):
                self.wrong(name, each, "a list of texts", f'Write it as {name}: ["one", "two"]')
        return tuple(dict.fromkeys(filter(None, (plain(str(each)) for each in values))))

    def flag(self, *names: str) -> bool:
        """True or false; false when no name is there."""
        name, value = self._first(names)
        return (
            value
            if isinstance(value, bool)
            else False
            if value is None
            else self.wrong(name, value, "true or false", "Write true or false.")
        )

    def moment(self, *names: str, zone: tzinfo) -> datetime | None:
        """A moment in UTC. A date alone is 00:00 of that day in `zone`, a time without a zone is read there."""
        name, value = self._first(names)
        if isinstance(value, date) and not 1900 <= value.year <= 2100:
            value = value.isoformat()  # to be refused like any other
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.wrong(name, value, "a date", "Write it as 2025-04-03, or with a time as 2025-04-03 09:30.")
        try:
            return read_date(value, zone=zone)
        except BadDate as error:
            raise Unreadable(f"{self._where(name)}: {name}: {error.message}", hint=error.hint) from error

    def images(self, *names: str) -> tuple[Image, ...]:
        """Pictures: each an address, or a table of url or file, alt, caption, credit, width and height. A file's path is kept as given."""
        name, value = self._first(names)
        if value is None:
            return ()
        rows = value if isinstance(value, list) else [value]
        return tuple(filter(None, (self._image(name, row) for row in rows)))

    def wrong(self, name: str, value: object, wanted: str, hint: str) -> NoReturn:
        """Refuse a value of the wrong type."""
        kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table", str: "text"}
        found = kinds.get(type(value), "a date" if isinstance(value, date) else type(value).__name__)
        raise Unreadable(f"{self._where(name)}: {name} must be {wanted}, not {found}.", hint=hint)

    def _image(self, name: str, row: object) -> Image | None:
        if isinstance(row, str):
            return Image(url=picture_address(row))
        if not isinstance(row, dict):
            self.wrong(name, row, "an address or a table of url, alt, caption and credit", f"Write it as {name}: {{url: ..., alt: ...}}")
        words = Declared({str(key): value for key, value in row.items()}, place=self.place, lines=self.lines)
        caption, credit = part_credit(words.text("caption"))
        image = Image(
            url=picture_address(words.text("url", "src")) or words.text("file"),
            alt=words.text("alt"),
            caption=caption,
            credit=words.text("credit") or credit,
            width=words._pixels("width"),
            height=words._pixels("height"),
        )
        return image if image.url or image.alt or image.caption else None

    def _pixels(self, name: str) -> int:
        value = self.table.get(name)
        if value is None:
            return 0
        return (
            value
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0
            else self.wrong(name, value, "a number of pixels", "")
        )

    def _list(self, name: str, value: object) -> list[object]:
        return value if isinstance(value, list) else self.wrong(name, value, "a list of texts", f'Write it as {name}: ["one", "two"]')

    def _first(self, names: Sequence[str]) -> tuple[str, object]:
        return next(((name, self.table[name]) for name in names if self.table.get(name) is not None), (names[0], None))

    def _where(self, name: str) -> str:
        return f"{self.place}, line {self.lines[name]}" if name in self.lines else self.place


def picture_address(address: str) -> str:
    """An http(s) address or a path as given; "" for javascript:, data: and other schemes."""
    address = address.strip()
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", address):
        return address if working_address(address) else ""
    return address


def part_front_matter(text: str, *, place: str) -> tuple[Declared, str]:
    """The front matter between two lines of --- and the body below it; an empty table when there is none. Raises Unreadable."""
    opened = re.match(r"---[ \t]*\n", text)
    if not opened:
        return Declared({}, place=place), text
    closed = FENCE.search(text, opened.end())
    if not closed:
        raise Unreadable(f"{place}, line 1: the front matter is never closed.", hint="Close it with a line of --- above the text.")
    matter, body = text[opened.end() : closed.start()], text[closed.end() :]
    if len(matter.encode()) > MOST_FRONT_MATTER:
        raise Unreadable(f"{place}: the front matter is larger than 64 KB.", hint="Move the text below the second --- line.")
    lines = {found[1].lower(): matter.count("\n", 0, found.start()) + 2 for found in re.finditer(r"^([\w-]+)[ \t]*:", matter, re.MULTILINE)}
    return Declared(_yaml(matter, place=place), place=place, lines=lines), body


def _yaml(matter: str, *, place: str) -> Mapping[str, object]:
    """The table of a front matter. Anchors and aliases are refused: a few lines of them unfold to gigabytes."""
    import yaml

    loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_bombs(matter, loader, place=place)
        table = yaml.load(matter, Loader=loader)  # a safe one
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise Unreadable(
            f"{place}, line {line}: the front matter cannot be read: {error.problem}.",
            hint='Put texts that hold a colon in quotes: title: "..."',
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise Unreadable(f"{place}: the front matter cannot be read: {error}.", hint="Correct it, or put the value in quotes.") from error
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise Unreadable(
            f"{place}, line 2: the front matter must be a list of keys such as title: and date:.", hint='Write each as key: "value".'
        )
    return {str(key): value for key, value in table.items()}


def _refuse_bombs(matter: str, loader: type, *, place: str) -> None:
    import yaml

    depth = 0
    for event in yaml.parse(matter, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 2 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or (isinstance(event, yaml.NodeEvent) and event.anchor):
            raise Unreadable(
                f"{place}, line {line}: the front matter uses an anchor or alias (& or *).",
                hint="Write the value out, or put it in quotes.",
            )
        if depth > DEEPEST:
            raise Unreadable(
                f"{place}, line {line}: the front matter is nested too deeply.", hint="Keep to keys, lists and tables of image words."
            )
