"""Fetch stories that lie in files: Markdown, wire text, saved pages, and lists of records."""

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from digest.model import Document, Failure, Source

KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".html.gz": "html",
    ".htm.gz": "html",
    ".jsonl": "record",
    ".jsonl.gz": "record",
}
LARGEST = 10_000_000  # bytes of one document, after decompression
LEFT_BY_EDITORS = ("~", ".swp", ".tmp", ".bak")
WILD = frozenset("*?[")


def gather_files(source: Source, root: Path, *, now: datetime) -> Iterator[Document | Failure]:
    """Read what `source.files` names: a folder with all that is in it, one file, or a glob such as "stories/**/*.md".

    `root` is the newsroom's folder, which nothing may lead out of; `now` is UTC. Documents come in the order of their paths, so that
    two builds see the same; a list of records gives one a line, read line by line. What cannot be read is a Failure, never an exception.
    """
    ...
