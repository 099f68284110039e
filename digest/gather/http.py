"""Read addresses that strangers chose: feeds, pages, pictures. The only way from a newsroom to the web, and a narrow one."""

import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from digest import __version__
from digest.gather.addresses import Network, Resolver, resolve
from digest.gather.answers import Fetched, Kind, Known, Stopped, Unchanged, Unfetched
from digest.gather.robots import LARGEST as LARGEST_ROBOTS
from digest.gather.robots import Robots, read_robots
from digest.gather.unpack import ASKED_FOR, unpacked

if TYPE_CHECKING:
    import ssl

    import httpcore
    import httpx

    from digest.gather.line import Call

NAME = "headline-digest"  # what robots.txt knows us by
FOR_GOOD, FOR_NOW = (301, 308), (302, 303, 307)
LONGEST_WAIT = 86_400.0  # seconds that a Retry-After may hold us off, whatever it says
KEPT_OPEN, KEPT_SECONDS = 4, 15.0  # lines of a thread, and how long an idle one is kept
LOOK = "Open it in a browser; if it fails there too, tell its owner."
IN_TIME = "Nothing is wrong: it is read when the time has come."
NOT_FOR_US: tuple[Kind, str, str] = ("denied", "We may not read it", "Ask its owner to let this program in.")
UNREAD_ROBOTS = "Its robots.txt cannot be read"  # unlike one that was read and sends us away
MEANINGS: dict[int, tuple[Kind, str, str]] = {
    401: NOT_FOR_US,
    403: NOT_FOR_US,
    404: ("missing", "There is nothing at this address", "Check the address; its owner may have moved or withdrawn it."),
    407: NOT_FOR_US,
    410: ("gone", "It was withdrawn for good", "Take the address out."),
    429: ("later", "We came too often", f"{IN_TIME} Gather less often."),
    451: NOT_FOR_US,
    503: ("later", "The site is busy or closed for repair", IN_TIME),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How far we go for a stranger's address. Times are in seconds."""

    connect: float = 10  # until somebody answers, over all addresses of a name
    read: float = 20  # of silence
    whole: float = 60  # for one fetch with all redirects, without the waiting for others at the same host
    largest: int = 10_000_000  # bytes of a document, unpacked
    redirects: int = 10
    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})
    pause: float = 1  # between two calls at one host
    longest_pause: float = 10  # however long a Crawl-delay asks for
    allowed: tuple[Network, ...] = ()  # networks outside the public internet that somebody opened by name


EVERYDAY = Rules()


class Web:
    """Fetches, for as many threads as like. They share each site's robots.txt and the turns at each host; its lines a thread has alone."""

    def __init__(
        self,
        rules: Rules = EVERYDAY,
        *,
        public_url: str = "",
        resolver: Resolver = resolve,
        trust: "ssl.SSLContext | None" = None,
    ) -> None:
        """`public_url` tells the other side who reads it; `trust` = None: the authorities that browsers trust."""
        import httpcore  # with httpx some 60 ms: too much for commands that stay at home
        import httpx

        from digest.gather.line import Checked

        self._rules = rules
        self._agent = f"{NAME}/{__version__}" + (f" (+{httpx.URL(public_url)})" if public_url else "")  # letters of a header are ASCII
        self._new_pool = partial(
            httpcore.ConnectionPool,
            ssl_context=trust or authorities(),
            max_connections=None,  # the threads are the limit
            max_keepalive_connections=KEPT_OPEN,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=Checked(resolver, rules.allowed),
        )
        self._own = threading.local()
        self._pools: list[httpcore.ConnectionPool] = []
        self._turns = Turns()
        self._robots: dict[str, Future[Robots | Stopped]] = {}
        self._lock = threading.Lock()

    def fetch(self, url: str, *, known: Known | None = None, followed: bool = False) -> Fetched | Unchanged | Unfetched:
        """Read an address. `known` is what it said the last time. `followed`: nobody named it to us, so its robots.txt is obeyed."""
        from digest.gather.line import Call

        trip = Trip(url=url, call=Call(ends=time.monotonic() + self._rules.whole, largest=self._rules.largest))
        try:
            return self._travel(trip, known, followed=followed)
        except Stopped as end:
            place = without_password(trip.url)
            return Unfetched(kind=end.kind, place=place, reason=end.reason, hint=end.hint, status=end.status, wait=end.wait)

    def close(self) -> None:
        """Close all lines, and send home who waits for a turn."""
        self._turns.close()
        with self._lock:
            for pool in self._pools:
                pool.close()

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _travel(self, trip: "Trip", known: Known | None, *, followed: bool) -> Fetched | Unchanged:
        """Go where the address leads. Every hop is judged like the first."""
        for _ in range(self._rules.redirects + 1):
            url = self._judged(trip)
            robots = self._robots_of(url, trip.call) if followed else Robots()
            if not robots.allows(url.raw_path.decode("ascii")):
                raise Stopped("robots", f"{host_of(url)} asks programs not to read this page.", "Ask its owner, or leave the link out.")
            pause = max(self._rules.pause, min(robots.delay, self._rules.longest_pause))
            trip.call.ends += self._turns.take(host_of(url), pause, again=host_of(url) in trip.hosts)
            trip.hosts.append(host_of(url))
            asked = known if known and known.url == trip.url else None
            answer = self._ask(url, trip.call, asked)
            if answer.status == 304 and asked:
                fresh = replace(asked, etag=answer.ascii("etag") or asked.etag)
                return Unchanged(known=fresh, moved=trip.moved)
            if answer.status not in FOR_GOOD + FOR_NOW:
                return self._document(trip, answer)
            trip.turn(answer)
        raise Stopped("refused", f"It leads on and on, {self._rules.redirects} times and more.", LOOK)

    def _judged(self, trip: "Trip") -> "httpx.URL":
        import httpx

        try:
            url = httpx.URL(trip.url.strip())
        except (httpx.InvalidURL, ValueError) as error:
            raise Stopped("refused", f"This is no address: {error}.", "It begins with https:// and names a host.") from None
        if url.scheme not in {"http", "https"} or not url.raw_host:
            raise Stopped("refused", "Only http and https addresses are read.", "It begins with https:// and names a host.")
        if url.userinfo:
            raise Stopped("refused", "It holds a name or a password.", "Ask its owner for an address without one.")
        if port_of(url) not in self._rules.ports:
            ports = ", ".join(map(str, sorted(self._rules.ports)))
            raise Stopped("refused", f"It is at port {port_of(url)}, where no news are kept.", f"These are called: {ports}.")
        trip.url = str(url.copy_with(fragment=None))
        if trip.url in trip.seen:
            raise Stopped("refused", "It leads in a circle.", f"It may want cookies, which are not kept. {LOOK}")
        trip.seen.add(trip.url)
        return url

    def _document(self, trip: "Trip", answer: "Answer") -> Fetched:
        """What came, if it is what we came for."""
        if answer.status == 200:
            known = Known(url=trip.url, etag=answer.ascii("etag"), last_modified=answer.ascii("last-modified"))
            content_type, charset = declared(answer.told("content-type"))
            return Fetched(known=known, content=answer.content, content_type=content_type, charset=charset, moved=trip.moved)
        kind, reason, hint = meaning(answer.status)
        wait = min(retry_after(answer.told("retry-after")), LONGEST_WAIT) if kind == "later" else 0
        if wait and trip.hosts:
            self._turns.hold_off(trip.hosts[-1], wait)
        raise Stopped(kind, f"{reason} ({answer.status}).", hint, status=answer.status, wait=wait)

    # --- robots.txt

    def _robots_of(self, url: "httpx.URL", call: "Call") -> Robots:
        """Read once a site, in a thread with time of its own: a page that is nearly out of it must not spoil the site for others."""
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        with self._lock:
            first = site not in self._robots
            robots = self._robots.setdefault(site, Future())
        if first:
            threading.Thread(target=self._read_robots, args=(f"{site}/robots.txt", robots), name=site, daemon=True).start()
        try:
            said = robots.result(call.left())
        except TimeoutError:
            raise Stopped("failed", "Its robots.txt took too long to come.", LOOK) from None
        if isinstance(said, Robots):
            return said
        raise Stopped(said.kind, said.reason, said.hint, status=said.status, wait=said.wait)

    def _read_robots(self, url: str, robots: "Future[Robots | Stopped]") -> None:
        """None is leave to read everything; one that cannot be read is leave to read nothing, until another run asks again."""
        from digest.gather.line import Call

        trip = Trip(url=url, call=Call(ends=time.monotonic() + self._rules.whole, largest=self._rules.largest))
        said: Robots | Stopped = Stopped("failed", "Its robots.txt was not read to the end.", "Run the same command again.")
        try:
            said = read_robots(self._travel_for_robots(trip).decode("utf-8", "replace"), NAME)
        except Stopped as end:
            hint = "Nothing of this site is followed before it can be read. Try again later."
            unread = Stopped("robots", f"{UNREAD_ROBOTS}: {end.reason}", hint, status=end.status)
            said = end if end.kind == "later" else Robots() if 200 <= end.status < 500 else unread
        finally:
            robots.set_result(said)
            self._pool().close()  # its thread ends here

    def _travel_for_robots(self, trip: "Trip") -> bytes:
        for _ in range(self._rules.redirects + 1):
            answer = self._ask(self._judged(trip), trip.call, None, enough=LARGEST_ROBOTS)
            if answer.status not in FOR_GOOD + FOR_NOW:
                return self._document(trip, answer).content
            trip.turn(answer)
        raise Stopped("refused", "It leads on and on.", LOOK)

    # --- one call

    def _pool(self) -> "httpcore.ConnectionPool":
        """The lines of this thread. A pool looks at every line it has before each call, so one for all would cost more than the calls."""
        if not hasattr(self._own, "pool"):
            self._own.pool = self._new_pool()
            with self._lock:
                self._pools.append(self._own.pool)
        pool: httpcore.ConnectionPool = self._own.pool
        return pool

    def _ask(self, url: "httpx.URL", call: "Call", known: Known | None, *, enough: int = 0) -> "Answer":
        """Ask once. A line that was kept open may be closed by the other side just then, or hold what an earlier answer left behind:
        a fault on such a line says nothing, and we ask again until it is on a new one."""
        import httpcore

        from digest.gather.line import CALL

        for _ in range(KEPT_OPEN + 1):
            call.heard, call.fresh = 0, False
            before = CALL.set(call)
            try:
                return self._answer(url, call, known, enough)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as error:
                if call.fresh:
                    raise Stopped("failed", f"{host_of(url)} broke off: {told(error)}.", LOOK) from None
            except httpcore.ConnectError as error:
                raise unreachable(host_of(url), error) from None
            except httpcore.TimeoutException:
                call.left()  # when the whole time is up, that is the reason
                raise Stopped("failed", f"{host_of(url)} does not answer.", LOOK) from None
            except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.UnsupportedProtocol) as error:
                raise Stopped("failed", f"{host_of(url)} cannot be asked: {told(error)}.", LOOK) from None
            finally:
                CALL.reset(before)
        raise Stopped("failed", f"{host_of(url)} broke off again and again.", LOOK)

    def _answer(self, url: "httpx.URL", call: "Call", known: Known | None, enough: int) -> "Answer":
        import httpcore

        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        timeout = {"connect": self._rules.connect, "read": self._rules.read, "write": self._rules.read, "pool": self._rules.whole}
        headers = [
            ("Host", url.netloc.decode("ascii")),
            ("User-Agent", self._agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", ASKED_FOR),
        ]
        if known and known.etag:
            headers.append(("If-None-Match", known.etag))
        if known and known.last_modified:
            headers.append(("If-Modified-Since", known.last_modified))
        with self._pool().stream("GET", target, headers=headers, extensions={"timeout": timeout}) as response:
            if not call.heard:
                raise httpcore.RemoteProtocolError("it answered before it was asked")  # with what a page before sent beyond its end
            answer = Answer(status=response.status, headers=tuple(response.headers))
            # What an error says is for people. Leaving it unread closes the line, so nothing of it can come up in the next answer.
            pieces = response.iter_stream() if response.status in {200, 304} else ()
            return replace(answer, content=taken(unpacked(pieces, answer.told("content-encoding")), call.largest, enough))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    content: bytes = b""

    def told(self, name: str) -> str:
        """A header, "" without it; the first if there are several."""
        value = next((value for key, value in self.headers if key.lower() == name.encode()), b"")
        try:
            return value.decode("utf-8").strip()
        except UnicodeDecodeError:
            return value.decode("latin-1").strip()

    def ascii(self, name: str) -> str:
        """A header that is sent back as it came, "" if it cannot be."""
        value = self.told(name)
        return value if value.isascii() and value.isprintable() else ""


class Trip:
    """From the address that was asked for to the one that answers."""

    def __init__(self, *, url: str, call: "Call") -> None:
        self.url, self.call = url, call
        self.moved = ""
        self.seen: set[str] = set()
        self.hosts: list[str] = []
        self._for_good = True

    def turn(self, answer: Answer) -> None:
        """Take the next hop. The move is for good while every hop was."""
        import httpx

        if not (to := answer.told("location")):
            raise Stopped("failed", f"It moved and does not say where ({answer.status}).", LOOK, status=answer.status)
        try:
            self.url = str(httpx.URL(self.url).join(to))
        except (httpx.InvalidURL, ValueError) as error:
            raise Stopped("refused", f"It leads to what is no address: {error}.", LOOK) from None
        self._for_good = self._for_good and answer.status in FOR_GOOD
        if self._for_good:
            self.moved = self.url.partition("#")[0]


class Turns:
    """One call after the other at each host, whichever thread makes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._next: dict[str, float] = {}  # host -> time.monotonic() of the next free turn
        self._held: dict[str, float] = {}  # host -> time.monotonic() before which it asked us to stay away

    def take(self, host: str, pause: float, *, again: bool = False) -> float:
        """Wait for a turn and say how long that took. `again`: a host that sends us on to itself does not make us queue twice."""
        with self._lock:
            now = time.monotonic()
            if (held := self._held.get(host, 0) - now) > 0:
                raise Stopped("later", f"{host} asked us to come back later.", IN_TIME, wait=held)
            turn = now if again else max(now, self._next.get(host, 0))
            self._next[host] = max(turn + pause, self._next.get(host, 0))
        if self._over.wait(turn - now) if turn > now else self._over.is_set():
            raise Stopped("failed", "The reading was stopped.", "Run the same command again.")
        return turn - now

    def hold_off(self, host: str, seconds: float) -> None:
        """Nobody calls there for so long."""
        with self._lock:
            self._held[host] = max(self._held.get(host, 0), time.monotonic() + seconds)

    def close(self) -> None:
        """Nobody gets a turn any more."""
        self._over.set()


# --- what answers mean


def meaning(status: int) -> tuple[Kind, str, str]:
    """The kind, the reason and the hint of an answer that holds no document."""
    if status >= 500 and status not in MEANINGS:
        return "failed", "The site has a fault", LOOK
    return MEANINGS.get(status, ("failed", "It answered something else than a document", LOOK))


def unreachable(host: str, error: "httpcore.ConnectError") -> Stopped:
    """Why no line to a host could be made."""
    said = told(error)
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return Stopped("failed", f"The certificate of {host} does not hold: {said}.", "Check the address, and tell its owner.")
    return Stopped("failed", f"{host} cannot be reached: {said}.", LOOK)


@cache
def authorities() -> "ssl.SSLContext":
    """Whom browsers trust. Read once, for it takes as long as a page."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)  # no file that the environment names


def told(error: Exception) -> str:
    """The words of an error on one short line: a stranger may have written them."""
    words = " ".join("".join(char if char.isprintable() else " " for char in str(error)).split())
    return words[:200].rstrip(".") or type(error).__name__


def taken(pieces: Iterable[bytes], largest: int, enough: int) -> bytes:
    """All of a document. Raises Stopped beyond `largest`; with `enough` the rest is left where it is."""
    from digest.gather.line import too_large

    content = bytearray()
    for piece in pieces:
        content += piece
        if enough and len(content) >= enough:
            return bytes(content[:enough])
        if len(content) > largest:
            raise too_large(largest)
    return bytes(content)


def declared(header: str) -> tuple[str, str]:
    """Type and charset of a Content-Type; "" for what it does not say."""
    message = Message()
    try:
        message["Content-Type"] = header
        kind, charset = message.get_content_type(), message.get_content_charset("")
    except (ValueError, LookupError, TypeError):
        return "", ""
    return (kind if header.lower().startswith(kind) else ""), charset.strip()


def retry_after(value: str) -> float:
    """Seconds, from a number or a date; 0 = it does not say, or the time has come."""
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


# --- parts of an address


def port_of(url: "httpx.URL") -> int:
    """The port that is called."""
    return url.port or (443 if url.scheme == "https" else 80)


def host_of(url: "httpx.URL") -> str:
    """The host as it goes over the line. httpx would turn xn-- back into letters, and fails where a stranger made them up."""
    return url.raw_host.decode("ascii")


def without_password(url: str) -> str:
    """An address as it may be shown, in a log too."""
    scheme, slashes, rest = url.strip().partition("://")
    authority = rest.split("/")[0].split("?")[0].split("#")[0]
    if "@" not in authority:
        return url.strip()
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{rest[len(authority) :]}"
