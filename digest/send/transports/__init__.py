"""How mail leaves: one file a transport, all behind the Protocol in transport.py."""

from collections.abc import Callable, Mapping
from email.utils import parseaddr
from pathlib import Path

from digest.errors import TransportError
from digest.model import TransportSettings
from digest.send.transport import Transport

Environment = Mapping[str, str]


def open_transport(settings: TransportSettings, environment: Environment, root: Path, sender: str) -> Transport:
    """The account of a newsroom; nothing is connected yet.

    `sender` is newsroom.sender, `root` the newsroom's folder. Secrets come from `environment`. Raises TransportError.
    """
    return TRANSPORTS[settings.kind](settings, environment, root, sender)


def _smtp(settings: TransportSettings, environment: Environment, root: Path, sender: str) -> Transport:
    from digest.send.transports.smtp import Smtp

    password = _secret(environment, "DIGEST_SMTP_PASSWORD", f"the password of {settings.username}") if settings.username else ""
    return Smtp(settings, password, parseaddr(sender)[1])


def _resend(settings: TransportSettings, environment: Environment, root: Path, sender: str) -> Transport:
    from digest.send.transports.resend import Resend

    return Resend(settings.url, _secret(environment, "DIGEST_RESEND_KEY", "the API key"))


def _outbox(settings: TransportSettings, environment: Environment, root: Path, sender: str) -> Transport:
    from digest.send.transports.outbox import Outbox

    return Outbox(root / settings.folder)


def _secret(environment: Environment, name: str, what: str) -> str:
    value = environment.get(name, "").strip("\r\n")
    if not value:
        hint = f"Set {name} in the environment of the command, from a place that only it can read. It never stands in digest.toml."
        raise TransportError(f"{name}, {what}, is missing.", hint=hint)
    return value


TRANSPORTS: Mapping[str, Callable[[TransportSettings, Environment, Path, str], Transport]] = {
    "smtp": _smtp,
    "resend": _resend,
    "outbox": _outbox,
}
