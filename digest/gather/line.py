"""Lines to the web that reach checked addresses only, and that never outlast the call which they serve."""

import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpcore

from digest.gather.addresses import METADATA, Address, Network, Resolver, carried_by, unfit
from digest.gather.answers import Stopped

MOST_ADDRESSES = 4  # of one name are tried
MAY_BE_ALLOWED = "Name an address of the public internet, or allow its network in [web] of digest.toml."
NEVER_ALLOWED = "Name an address of the public internet."
OVERHEAD = 1_000_000  # bytes of headers and framing that a call may bring beside twice its content


@dataclass(slots=True, kw_only=True)
class Call:
    """The limits of what is being asked now, and how far it has come."""

    ends: float  # time.monotonic()
    largest: int  # bytes of content
    heard: int = 0  # bytes that came
    fresh: bool = False  # the line was made for this call

    def left(self, at_most: float | None = None) -> float:
        """Seconds. Raises Stopped when the time is up."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise too_slow()
        return left if at_most is None else min(left, at_most)

    def hear(self, size: int) -> None:
        """Count what came, headers and all: a server may also talk for ever without saying anything."""
        self.heard += size
        if self.heard > 2 * self.largest + OVERHEAD:
            raise too_large(self.largest)


# A line is kept open between calls and the pool hands it on, so what a call may take goes with the thread that makes it.
CALL: ContextVar[Call] = ContextVar("CALL")


def too_slow() -> Stopped:
    """The time is up."""
    return Stopped("failed", "It took too long to come.", "Open it in a browser; if it comes slowly there too, tell its owner.")


def too_large(largest: int) -> Stopped:
    """More came than we take."""
    return Stopped("failed", f"It is larger than {largest / 1e6:g} MB.", "Open it in a browser: it may be no article, feed or picture.")


class Checked(httpcore.NetworkBackend):
    """The only way out: looks a name up, leaves out what is not of the public internet, and connects to the very address it looked at."""

    def __init__(self, resolver: Resolver, allowed: Sequence[Network]) -> None:
        self._resolver, self._allowed = resolver, tuple(allowed)
        self._out = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises Stopped for a host that has no fit address."""
        call = CALL.get()
        addresses = self._fit(host, port, call)[:MOST_ADDRESSES]
        until = time.monotonic() + call.left(timeout)
        for number, address in enumerate(addresses, 1):
            share = (until - time.monotonic()) / (len(addresses) - number + 1)
            try:
                line = self._out.connect_tcp(str(address), port, max(share, 0.001), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                call.fresh = True
                return Limited(line)
        raise AssertionError("a host without addresses was told before")

    def _fit(self, host: str, port: int, call: Call) -> list[Address]:
        try:
            found = [ip_address(address) for address in in_time(self._resolver, host, port, call)]
        except (OSError, ValueError) as error:  # UnicodeError too: a name that no name can be
            reason = f"There is no host {host}: {getattr(error, 'strerror', None) or error}."
            raise Stopped("failed", reason, "Check the address, and that this machine can look names up.") from None
        judged = [(address, unfit(address, self._allowed)) for address in found]
        fit = [address for address, why in judged if not why]
        if not fit:
            raise Stopped("refused", _not_called(host, judged), MAY_BE_ALLOWED if _may_be_allowed(judged) else NEVER_ALLOWED)
        return fit


def _not_called(host: str, judged: Sequence[tuple[Address, str]]) -> str:
    if not judged:
        return f"{host} leads nowhere."
    address, what = judged[0]
    named = "" if str(address) == host.strip("[]") else f"{address}, "
    return f"{host} {'leads to' if named else 'is'} {named}{what}, which is not called."


def _may_be_allowed(judged: Sequence[tuple[Address, str]]) -> bool:
    return any(address not in METADATA and carried_by(address) not in METADATA for address, _ in judged)


def in_time(resolver: Resolver, host: str, port: int, call: Call) -> Sequence[str]:
    """Look a name up without waiting longer than the call may: the system's own way knows no limit."""
    found: Future[Sequence[str]] = Future()

    def look() -> None:
        try:
            found.set_result(resolver(host, port))
        except BaseException as error:  # noqa: BLE001  told to the thread that waits
            found.set_exception(error)

    threading.Thread(target=look, name=f"look up {host}", daemon=True).start()
    try:
        return found.result(call.left())
    except TimeoutError:
        if found.done():  # the resolver itself said so
            raise
        raise too_slow() from None


class Limited(httpcore.NetworkStream):
    """A line that gives each read and write no more time than the whole call has left, so that nobody feeds us a byte a minute."""

    def __init__(self, line: httpcore.NetworkStream) -> None:
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came."""
        call = CALL.get()
        content = self._line.read(max_bytes, call.left(timeout))
        call.hear(len(content))
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        self._line.write(buffer, CALL.get().left(timeout))

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The certificate has to bear the host's name: the address was our choice, and no part of what is trusted."""
        return Limited(self._line.start_tls(ssl_context, server_hostname, CALL.get().left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        """What the line beneath knows of itself."""
        return self._line.get_extra_info(info)
