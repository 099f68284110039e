"""Is this newsroom ready to send: its settings, its secrets, its account, and what its domain says of its mail."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr

from digest.config import WEBHOOK_VARIABLE, webhook_host, webhook_of
from digest.errors import ConfigError, DigestError
from digest.newsroom import Newsroom
from digest.send.compile import mailbox
from digest.send.records import Records, look_up
from digest.send.transport import Lost
from digest.send.transports import open_transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One thing that was looked at."""

    about: str
    verdict: str  # "good" | "warning" | "error"; an error keeps the newsroom from sending
    said: str
    hint: str = ""


def examine(newsroom: Newsroom, environment: Mapping[str, str], *, records: Callable[[str], Records] = look_up) -> tuple[Answer, ...]:
    """Look at everything that sending needs; raises nothing that a person can mend."""
    account = _account(newsroom, environment), *_notices(newsroom, environment)
    return (*_settings(newsroom), _keys(newsroom), *account, *_domain(newsroom, records), _readers(newsroom))


def unready(newsroom: Newsroom) -> tuple[Answer, ...]:
    """What keeps an issue of this newsroom from being approved: settings without which nothing may go out."""
    return tuple(answer for answer in (*_settings(newsroom), _keys(newsroom)) if answer.verdict == "error")


def _settings(newsroom: Newsroom) -> Iterator[Answer]:
    masthead = newsroom.settings.masthead
    needed = (
        ("newsroom.sender", masthead.sender, "Mail has to come from somebody: write “Name <address>”."),
        ("newsroom.address", masthead.address, "The law in many places asks for a postal address in every newsletter."),
        (
            "newsroom.public_url",
            masthead.public_url,
            "Readers leave by the pages of digest serve: name the address that leads there.",
        ),
    )
    for about, value, hint in needed:
        yield _good(about, value) if value else _error(about, "is not set", hint)
    if masthead.sender:
        try:
            mailbox("From", masthead.sender)
        except DigestError as error:
            yield _error("newsroom.sender", error.message, error.hint)
    if not masthead.unsubscribe_mailbox:
        hint = "A few mail programs offer to leave by mail only: name a mailbox if somebody reads it."
        yield Answer(about="newsroom.unsubscribe_mailbox", verdict="warning", said="is not set", hint=hint)


def _keys(newsroom: Newsroom) -> Answer:
    try:
        count = len(newsroom.keys.links)
    except ConfigError as error:
        return _error("digest.keys", " ".join((error.message, *error.faults)), error.hint)
    return _good("digest.keys", f"{count} for links")


def _good(about: str, said: str) -> Answer:
    return Answer(about=about, verdict="good", said=said)


def _error(about: str, said: str, hint: str) -> Answer:
    return Answer(about=about, verdict="error", said=said, hint=hint)


def _account(newsroom: Newsroom, environment: Mapping[str, str]) -> Answer:
    settings = newsroom.settings.transport
    if settings is None:
        return _error("transport", "is not set", "Add a [transport] table; the README shows how.")
    where = {"smtp": f"{settings.host}:{settings.port}", "resend": settings.url, "outbox": settings.folder}[settings.kind]
    try:
        transport = open_transport(settings, environment, root=newsroom.root, sender=newsroom.settings.masthead.sender)
        transport.connect().close()
    except DigestError as error:
        return _error("transport", error.message, error.hint)
    except Lost as error:
        hint = "Is the name right, and may this machine reach it?"
        return _error("transport", f"{settings.kind} {where} does not answer: {error.reason}", hint)
    return _good("transport", f"{settings.kind} {where}")


def _notices(newsroom: Newsroom, environment: Mapping[str, str]) -> Iterator[Answer]:
    """Where it goes when a run that nobody watches fails. A webhook's address is a secret: its host is all that is said."""
    account, mail = newsroom.settings.transport, newsroom.settings.notify.mail
    if mail and account is None:
        yield _error("notify.mail", f"{mail} cannot be told: there is no [transport]", "Add one, or take notify.mail out.")
    elif mail and account and account.kind == "outbox":
        hint = "Use notify.webhook, or another kind of transport."
        yield Answer(about="notify.mail", verdict="warning", said=f"mails to {mail} stay in the folder {account.folder}", hint=hint)
    elif mail:
        yield _good("notify.mail", mail)
    if webhook := webhook_of(newsroom.settings.notify, environment):
        named = WEBHOOK_VARIABLE if environment.get(WEBHOOK_VARIABLE) else "notify.webhook"
        host = webhook_host(webhook)
        yield _good(named, host) if host else _error(named, "holds no address that can be used", "It starts with https://")
    if not mail and not webhook:
        hint = "If cron runs digest, set mail or webhook in [notify]; else whoever reads cron's own mail has to notice."
        yield Answer(about="notify", verdict="warning", said="nobody is told when a run fails that nobody watches", hint=hint)


def _domain(newsroom: Newsroom, records: Callable[[str], Records]) -> Iterator[Answer]:
    domain = parseaddr(newsroom.settings.masthead.sender)[1].rpartition("@")[2]
    if not domain:
        return
    found = records(domain)
    dkim = None if found.dkim is None else "publishes keys" if found.dkim else ""
    hints = {
        "SPF": f"Publish a TXT record at {domain} that names whoever sends your mail: v=spf1 include:… -all",
        "DKIM": "Let your mail server or provider sign your mail, and publish the key that it names.",
        "DMARC": f"Publish a TXT record at _dmarc.{domain}: v=DMARC1; p=none is a beginning.",
    }
    for about, said in (("SPF", found.spf), ("DKIM", dkim), ("DMARC", found.dmarc)):
        if said is None:
            yield Answer(about=about, verdict="warning", said="not looked up: no resolver answers")
        elif said:
            yield _good(about, said)
        else:
            hint = f"{hints[about]} Gmail, Yahoo and Microsoft refuse bulk mail without it."
            yield Answer(about=about, verdict="warning", said=f"{domain} has none", hint=hint)


def _readers(newsroom: Newsroom) -> Answer:
    lists = sorted({edition.list or edition.name for edition in newsroom.settings.editions})
    counts = {name: newsroom.subscribers.on_list(name) for name in lists}
    said = ", ".join(f"{count:,} on {name}" for name, count in counts.items())
    if any(counts.values()):
        return _good("subscribers", said)
    return Answer(about="subscribers", verdict="warning", said=said, hint="Bring them in with: digest subscribers import FILE.csv")
