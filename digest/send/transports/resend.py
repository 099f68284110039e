"""Hand letters to Resend, a hundred in one call, under a key by which it takes the same call once only."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from digest.errors import TransportError
from digest.model import Letter, Receipt
from digest.send.message import Message
from digest.send.transport import Abilities, Intend, Lost
from digest.send.transports.smtp_replies import one_line

if TYPE_CHECKING:
    import httpx

CONNECT, ANSWER = 30.0, 120.0  # seconds
IN_FLIGHT = 5.0  # seconds until a call that is still being worked on is asked for again
# An address that Resend cannot take must not hold up the 99 others, nor leave us to guess which one it was. In this mode the answer
# names it by its place; in the strict one the whole call is refused.
EACH_ON_ITS_OWN = {"x-batch-validation": "permissive"}
USED_UP = ("daily_quota_exceeded", "monthly_quota_exceeded")


class Resend:
    """An account at Resend, or at a server that speaks its language."""

    abilities = Abilities(at_once=100, one_outcome=True, replay=timedelta(hours=24))

    def __init__(self, url: str, key: str, *, seconds: float = ANSWER) -> None:
        import httpx

        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise TransportError("DIGEST_RESEND_KEY holds no API key.", hint="It begins with re_ and has no spaces.")
        self._url = url.rstrip("/")
        self._key = key
        self._timeout = httpx.Timeout(seconds, connect=min(CONNECT, seconds))
        self._trust = httpx.create_ssl_context(trust_env=False)

    def connect(self) -> "Calls":
        """A client of its own for each thread. Nothing is asked yet, so a wrong key shows with the first call."""
        import httpx

        client = httpx.Client(
            base_url=self._url,
            headers={"Authorization": f"Bearer {self._key}", "User-Agent": "headline-digest"},
            timeout=self._timeout,
            verify=self._trust,
            trust_env=False,  # no proxy and no password file that nobody named to us
            follow_redirects=False,
        )
        return Calls(client, self._key)


class Calls:
    """A line to Resend, used by one thread."""

    def __init__(self, client: "httpx.Client", key: str) -> None:
        self._client = client
        self._secret = key

    def send(self, message: Message, letters: Sequence[Letter], *, intend: Intend, key: str) -> Iterator[Receipt]:
        """Hand over all letters in one call. Nothing here tries twice: whoever calls again gives the same key."""
        content = json.dumps([email(message, letter) for letter in letters], ensure_ascii=False, separators=(",", ":")).encode()
        for letter in letters:
            intend(letter)
        try:
            answer = self._post(content, key)
        except Doubt as doubt:
            yield from (Receipt(letter.seq, "uncertain", reason=str(doubt)) for letter in letters)
            raise doubt.then from doubt
        yield from receipts(answer, letters)

    def close(self) -> None:
        """Close the line."""
        self._client.close()

    def _post(self, content: bytes, key: str) -> Any:
        """What Resend answers to a call that it took. Raises Lost or TransportError if it did not take it, Doubt if it may have."""
        import httpx

        headers = {"Content-Type": "application/json", "Idempotency-Key": key} | EACH_ON_ITS_OWN
        try:
            answer = self._client.post("/emails/batch", content=content, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise TransportError(f"The certificate of {self._client.base_url} does not hold.", hint="Check transport.url.") from None
            raise Lost(f"Resend cannot be reached: {one_line(str(error)) or type(error).__name__}") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise TransportError(f"transport.url cannot be called: {one_line(str(error))}", hint="It begins with https://") from None
        except httpx.HTTPError as error:  # the call had left, wholly or in part
            raise Doubt(f"Resend did not answer: {one_line(str(error)) or type(error).__name__}") from None
        return self._understood(answer)

    def _understood(self, answer: "httpx.Response") -> Any:
        try:
            said = answer.json()
        except ValueError:
            said = None
        if answer.status_code == 200:
            return said
        name, words = refusal(said, answer.text)
        reason = f"Resend said {answer.status_code} {words}".replace(self._secret, "***")
        match answer.status_code:
            case 409 if name == "concurrent_idempotent_requests":
                raise Doubt(reason, Lost(reason, wait=IN_FLIGHT))
            case 409:  # an earlier call under this key was taken, with other bytes
                hint = "An earlier call under the same key may have been taken: settle it with digest reconcile."
                raise Doubt(reason, TransportError(f"{reason} Those letters are in doubt.", hint=hint))
            case 429 if name in USED_UP:
                raise TransportError(reason, hint="When the account may send again, run the same command again.")
            case 429:
                raise Lost(reason, wait=retry_after(answer.headers.get("Retry-After", "")))
            case status if status >= 500 or status < 400:
                raise Doubt(reason, Lost(reason, wait=retry_after(answer.headers.get("Retry-After", ""))))
            case 401 | 403:
                raise TransportError(reason, hint="Check DIGEST_RESEND_KEY, and that the domain of newsroom.sender is verified at Resend.")
            case _:
                raise TransportError(reason, hint="Check transport.url and newsroom.sender.")


class Doubt(Exception):
    """The call may have been taken. `then` is raised once every letter's receipt says so."""

    def __init__(self, reason: str, then: Lost | TransportError | None = None) -> None:
        super().__init__(reason)
        self.then = then or Lost(reason)


def email(message: Message, letter: Letter) -> dict[str, Any]:
    """A letter as Resend wants it: whole bodies, for it fills no slots in a batch."""
    html = message.html(letter)
    return {
        "from": message.sender,
        "to": [letter.address],
        "subject": message.subject,
        **({"html": html} if html else {}),
        "text": message.text(letter),
        "headers": dict(message.headers(letter)),
    }


def receipts(answer: Any, letters: Sequence[Letter]) -> Iterator[Receipt]:
    """One a letter, in order: `data` holds an id for each that was taken, `errors` the place of each that never will be."""
    try:
        failed = {int(error["index"]): one_line(str(error["message"])) for error in answer.get("errors") or ()}
        ids = [str(taken["id"]) for taken in answer["data"]]
    except (AttributeError, KeyError, TypeError, ValueError):
        failed, ids = {}, []
    if len(ids) + len(failed) != len(letters) or not failed.keys() <= set(range(len(letters))):
        yield from (Receipt(letter.seq, "uncertain", reason="Resend took the call, but its answer cannot be read.") for letter in letters)
        return
    taken = iter(ids)
    for place, letter in enumerate(letters):
        if place in failed:
            yield Receipt(letter.seq, "failed", reason=failed[place])
        else:
            yield Receipt(letter.seq, "accepted", provider_id=next(taken))


def refusal(said: Any, text: str) -> tuple[str, str]:
    """The name and the words of an error."""
    if isinstance(said, dict):
        name = str(said.get("name") or said.get("type") or "")
        return name, one_line(f"{name}: {said.get('message', '')}")
    return "", one_line(text)


def retry_after(value: str) -> float:
    """Seconds, from a number or a date; 0 = it does not say."""
    try:
        return max(0.0, float(value)) if value.strip().replace(".", "", 1).isdecimal() else seconds_until(parsedate_to_datetime(value))
    except (TypeError, ValueError):
        return 0.0


def seconds_until(moment: datetime) -> float:
    """How long it is until then; 0 = it is past."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
