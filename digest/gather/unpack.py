"""Unpack what a server packed, a piece at a time, so that a bomb is seen before it goes off."""

import zlib
from collections.abc import Iterable, Iterator

from digest.gather.answers import Stopped

ASKED_FOR = "gzip, deflate"
NOT_OURS = {"br", "zstd", "compress", "x-compress", "dcb", "dcz"}
PIECE = 262_144  # bytes
MOST_MEMBERS = 100  # a gzip file may be many joined together; an attacker's are empty
HINT = "Open it in a browser; if it is broken there too, tell its owner."


def unpacked(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The content in pieces of PIECE bytes at most. `coding` is the header Content-Encoding. Raises Stopped for what cannot be unpacked."""
    names = [name for name in (part.strip() for part in coding.lower().split(",")) if name]
    packed = [name for name in names if name in {"gzip", "x-gzip", "deflate"}]
    if len(packed) > 1 or NOT_OURS.intersection(names):
        raise Stopped("failed", f"It is packed as {', '.join(names)}, which was not asked for.", "Tell its owner.")
    try:  # names that mean nothing, such as utf-8, are passed over, as browsers do
        yield from _inflated(pieces, deflate=packed == ["deflate"]) if packed else pieces
    except zlib.error as error:
        raise Stopped("failed", f"It says {packed[0]} and is none: {error}.", HINT) from None


def _inflated(pieces: Iterable[bytes], *, deflate: bool) -> Iterator[bytes]:
    member, members, anything = None, 0, False
    for piece in pieces:
        packed = piece
        while packed:
            if member is None:
                if members and not packed.startswith(b"\x1f"):
                    return  # what some servers leave behind the end
                members += 1
                if members > MOST_MEMBERS:
                    raise Stopped("failed", "It is packed in far too many parts.", HINT)
                member = zlib.decompressobj(_window(packed) if deflate else 31)
            anything = True
            if plain := member.decompress(packed, PIECE):
                yield plain
            packed = member.unconsumed_tail
            if member.eof:
                packed, member = member.unused_data, None
    # a member may still hold what it has read and not yet told
    while member is not None and (plain := member.decompress(member.unconsumed_tail, PIECE)):
        yield plain
    if anything and member is not None and not member.eof:
        raise Stopped("failed", "It is packed, and the end is missing.", HINT)


def _window(packed: bytes) -> int:
    """Deflate means zlib by the book, and a bare stream to some servers."""
    return 15 if packed[0] & 0x0F == 8 and (len(packed) < 2 or (packed[0] << 8 | packed[1]) % 31 == 0) else -15
