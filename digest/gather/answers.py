"""What comes of asking for an address: what lies there, that nothing changed, or why there is nothing."""

from dataclasses import dataclass
from typing import Literal

from digest.model import Failure

Kind = Literal[
    "missing",  # 404
    "gone",  # 410: it was withdrawn for good
    "later",  # 429 and 503
    "denied",  # 401, 403, 451: it is there, and not for us
    "robots",  # robots.txt asks us to stay away
    "refused",  # by us: an address that we do not call
    "failed",  # the network, the time, the size, or an answer that makes no sense
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was said of an address the last time, so that it is sent again only if it changed."""

    url: str  # where it was read, after all redirects: asked of nobody else
    etag: str = ""
    last_modified: str = ""  # as the server wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document of the web, unpacked."""

    known: Known  # to be kept for the next time; its url is where the document was read
    content: bytes
    content_type: str = ""  # "text/html"; "" = not told
    charset: str = ""  # as the header names it, in small letters; "" = not told
    moved: str = ""  # the address to ask from now on; "" = it did not move for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The document is what it was."""

    known: Known
    moved: str = ""  # as above


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfetched:
    """An address that gave nothing. It says what, where, and what to do next."""

    kind: Kind
    place: str  # where it ended: the address that was asked for, or one that it led to; never with a password
    reason: str
    hint: str
    status: int = 0  # 0 = no answer came
    wait: float = 0  # seconds that the other side asks us to stay away; 0 = it does not say

    def failure(self, source: str) -> Failure:
        """The same, as a failure of a source."""
        return Failure(source=source, place=self.place, reason=self.reason, hint=self.hint)


class Stopped(Exception):
    """A call that led to nothing, told by whoever knew it first."""

    def __init__(self, kind: Kind, reason: str, hint: str, *, status: int = 0, wait: float = 0) -> None:
        super().__init__(reason)
        self.kind, self.reason, self.hint, self.status, self.wait = kind, reason, hint, status, wait
