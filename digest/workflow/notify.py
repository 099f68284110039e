"""Tell somebody what went wrong in a run that nobody watched: once, and again each day that it lasts."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from digest.config import webhook_host, webhook_of
from digest.errors import DigestError
from digest.model import Letter
from digest.newsroom import Newsroom
from digest.send.compile import compile_note
from digest.store.keeping import storable
from digest.workflow.deliveries import hand_over
from digest.workflow.letters import envelope
from digest.workflow.proof import public_host

AGAIN = timedelta(hours=22)  # a day, less what the change of clocks and an early start take from it: a daily run tells daily
SHOWN = 50  # troubles in one notice
LONGEST_LINE = 500  # characters
SECONDS = 10.0  # for the webhook to take each step

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with a run now, all of it: what is told and no longer here has passed."""

    run: str  # "sources", "send 2025-W33": what was told of one run says nothing of another
    lines: Mapping[str, str]  # by a key that stays the same while the trouble lasts, though its line may count on
    subject: Callable[[int], str]  # of the notice, from how many lines it holds


def notify(newsroom: Newsroom, trouble: Trouble, *, now: datetime, environment: Environment) -> tuple[str, ...]:
    """Tell what is new or has lasted for a day to whoever digest.toml names. Returns why somebody could not be told; () = all is well.

    It is noted after it was told to one of them at least: a kill between the two tells it twice, never not at all.
    """
    settings = newsroom.settings.notify
    if not webhook_of(settings, environment) and not settings.mail:
        return ()
    faults: list[str] = []
    lines = {_one_line(key): _one_line(line) for key, line in trouble.lines.items()}
    before = _told_before(newsroom, trouble.run, faults)
    due = [key for key in lines if key not in before or now - before[key] >= AGAIN]
    told = _tell(newsroom, _one_line(trouble.subject(len(due))), [lines[key] for key in due], now, environment, faults) if due else False
    after = {key: moment for key, moment in before.items() if key in lines} | (dict.fromkeys(due, now) if told else {})
    if after != before:
        _note(newsroom, trouble.run, after, now, faults)
    return tuple(faults)


# --- telling


def _tell(newsroom: Newsroom, subject: str, lines: Sequence[str], now: datetime, environment: Environment, faults: list[str]) -> bool:
    """Tell it on every way there is; whether it arrived on one of them."""
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    text = "\n".join([*lines[:SHOWN], *more, "", f"The newsroom is {_one_line(str(newsroom.root))}.", ""])
    ways: list[Callable[[], None]] = []
    if webhook := webhook_of(newsroom.settings.notify, environment):
        ways.append(lambda: _post(webhook, f"{subject}\n{text}".strip()))
    if newsroom.settings.notify.mail:
        ways.append(lambda: _mail(newsroom, subject, text, now, environment))
    return sum([_arrives(way, faults) for way in ways]) > 0


def _arrives(way: Callable[[], None], faults: list[str]) -> bool:
    try:
        way()
    except DigestError as error:
        faults.append(f"Nobody was told: {error.message} {error.hint}".strip())
        return False
    return True


def _mail(newsroom: Newsroom, subject: str, text: str, now: datetime, environment: Environment) -> None:
    address = envelope(newsroom.settings.notify.mail)
    message_id = f"notice.{secrets.token_hex(12)}@{public_host(newsroom)}"
    message = compile_note(
        subject,
        text,
        sender=newsroom.settings.masthead.sender,
        to=address,
        date=format_datetime(now),
        message_id=message_id,
    )
    if refused := hand_over(newsroom, message, [Letter(0, address, {"message_id": message_id})], environment=environment):
        raise DigestError(f"The mail was not taken for {'; '.join(refused)}")


def _post(address: str, text: str) -> None:
    import httpx

    host = webhook_host(address)
    if not host:
        raise DigestError("The address of the webhook cannot be used.", hint="It starts with https://")
    patience = {"timeout": httpx.Timeout(SECONDS).as_dict()}
    # No client but its transport: a client writes every address that it calls into the log. Nor does a transport go where it is sent on.
    try:
        request = httpx.Request("POST", address, json={"text": text}, headers={"User-Agent": "headline-digest"}, extensions=patience)
        with httpx.HTTPTransport(verify=httpx.create_ssl_context(trust_env=False), trust_env=False) as transport:
            answer = transport.handle_request(request)
            answer.close()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise DigestError(f"The webhook at {host} {_why(error)}.") from None  # its own words may hold the address
    if not answer.is_success:
        moved = ": it has moved" if answer.has_redirect_location else ""
        raise DigestError(f"The webhook at {host} answered {answer.status_code}{moved}.")


def _why(error: Exception) -> str:
    name = type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "cannot prove who it is: its certificate does not hold"
    if name in ("ConnectError", "ConnectTimeout"):
        return "cannot be reached"
    return "did not answer in time" if name.endswith("Timeout") else f"did not take it ({name})"


def _one_line(text: str) -> str:
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in storable(text)).split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


# --- what was told before: a store that fails must not keep anybody from being told so


def _told_before(newsroom: Newsroom, run: str, faults: list[str]) -> dict[str, datetime]:
    try:
        return newsroom.notices.told(run)
    except DigestError as error:
        faults.append(f"What was told before is not known: {error.message}")
        return {}


def _note(newsroom: Newsroom, run: str, told: Mapping[str, datetime], now: datetime, faults: list[str]) -> None:
    try:
        newsroom.notices.note(run, told, forget_before=now - AGAIN)
    except DigestError as error:
        faults.append(f"What was told could not be noted and may be told again: {error.message}")
