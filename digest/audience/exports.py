"""Write subscribers as CSV that reads back as it was, and that no spreadsheet takes for formulas."""

import csv
import json
from collections.abc import Iterable, Sequence
from typing import TextIO

from digest.audience.columns import REFUSED
from digest.audience.imports import RefusedRow
from digest.audience.rows import disarmed
from digest.model import Subscriber

COLUMNS = (
    "email", "name", "language", "tags", "list", "status", "suppressed",
    "consent_at", "consent_source", "consent_how", "added_at", "fields",
)  # fmt: skip


def write_subscribers(file: TextIO, people: Iterable[tuple[Subscriber, str]]) -> int:
    """Write a row for each membership of each subscriber, with the reason why they get nothing, if there is one; how many rows."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    written = 0
    for subscriber, suppressed in people:
        for membership in subscriber.memberships:
            consent = membership.consent
            cells = (
                subscriber.email,
                subscriber.name,
                subscriber.language,
                write_tags(subscriber.tags),
                membership.list,
                membership.status,
                suppressed,
                consent.at.isoformat() if consent.at else "",
                consent.source,
                consent.how,
                subscriber.added_at.isoformat() if subscriber.added_at else "",
                json.dumps(dict(subscriber.fields), ensure_ascii=False) if subscriber.fields else "",
            )
            rows.writerow([disarmed(cell) for cell in cells])
            written += 1
    return written


class RefusedRows:
    """A file of rows that were refused: mend them there, and import it."""

    def __init__(self, file: TextIO, header: Sequence[str]) -> None:
        self._rows = csv.writer(file, lineterminator="\n")
        self._rows.writerow([*REFUSED, *map(disarmed, header)])

    def add(self, row: RefusedRow) -> None:
        """Write one row, with the line that it stood on and the reason."""
        self._rows.writerow([row.line, row.reason, *map(disarmed, row.cells)])


def write_tags(tags: Sequence[str]) -> str:
    """Tags as one cell."""
    if any(sign in tag for tag in tags for sign in ',"[\n') or any(tag != " ".join(tag.split()) for tag in tags):
        return json.dumps(tags, ensure_ascii=False)
    return ",".join(tags)
