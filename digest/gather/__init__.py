"""Bring the world in: every source gives documents, and says so when it cannot. One file a kind of source."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from digest.gather.files import gather_files
from digest.model import Document, Failure, Source

__all__ = ["gather", "gather_files"]


def gather(sources: Iterable[Source], root: Path, *, now: datetime) -> Iterator[Document | Failure]:
    """Everything that the sources hold, source by source. One that fails gives Failures and stops none of the others."""
    for source in sources:
        yield from gather_files(source, root, now=now)
