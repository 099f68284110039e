"""Hand letters to a mail server by SMTP."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from digest.errors import TransportError
from digest.model import TransportSettings
from digest.send.transport import Abilities, Lost
from digest.send.transports.smtp_line import NOT_IN_AN_ADDRESS, PATIENCE, Line, Patience
from digest.send.transports.smtp_replies import one_line, spoken, told

AT_ONCE = 50  # letters in one pipeline: the answers of the last one are waited for


class Smtp:
    """An account at a mail server."""

    abilities = Abilities(at_once=AT_ONCE)

    def __init__(
        self,
        settings: TransportSettings,
        password: str,
        sender_address: str,  # of the envelope: where a server that gives up later sends its word
        *,
        context: ssl.SSLContext | None = None,  # whom to trust; None = whom the machine trusts
        patience: Patience = PATIENCE,
    ) -> None:
        if not sender_address.isascii() or "@" not in sender_address or NOT_IN_AN_ADDRESS.search(sender_address):
            hint = 'Write newsroom.sender as "The Garrison Post <news@garrisonpost.example>".'
            raise TransportError(f"Mail cannot leave from {sender_address!r}: it is no address.", hint=hint)
        self._settings = settings
        self._password = password
        self._sender = sender_address
        self._context = context
        self._patience = patience

    def connect(self) -> "Line":
        """Open a line: greeting, TLS and login done. Never goes on without the TLS that was asked for."""
        session: Session | None = None
        try:
            with self._explained():
                session = self._greeted()
                if self._settings.security == "starttls":
                    self._encrypt(session)
                if self._settings.username:
                    self._log_in(session)
                return Line(session, self._sender, self._patience)
        except BaseException:
            if session is not None:
                session.close()
            raise

    def _greeted(self) -> "Session":
        settings, patience = self._settings, self._patience
        if settings.security == "tls":
            session: Session = TlsSession(patience, settings.host, settings.port, own_name(), patience.connect, context=self._trust())
        else:
            session = Session(patience, settings.host, settings.port, own_name(), patience.connect)
        session.ehlo_or_helo_if_needed()
        return session

    def _encrypt(self, session: "Session") -> None:
        if not session.has_extn("starttls"):
            hint = 'Set security = "tls" and the port for it (465), if it has one. Nothing is sent in the clear when TLS is asked for.'
            raise TransportError(f"The mail server {self._where} does not offer STARTTLS.", hint=hint)
        session.starttls(context=self._trust())
        session.ehlo_or_helo_if_needed()

    def _log_in(self, session: "Session") -> None:
        if not session.has_extn("auth"):
            hint = "Leave username out if it needs none; else check port and security: many offer the login at port 587, under TLS only."
            raise TransportError(f"The mail server {self._where} offers no login.", hint=hint)
        try:
            session.login(self._settings.username, self._password)
        except UnicodeError:
            hint = "SMTP has no sure way to send them: choose others."
            raise TransportError(f"The user name or password for {self._where} holds letters outside ASCII.", hint=hint) from None

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what went wrong and whether another try makes sense. What smtplib raises is not passed on: it may quote the password."""
        where = self._where
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            said = self._said(error)
            if 400 <= error.smtp_code < 500:
                raise Lost(f"The mail server {where} does not let us log in now: {said}") from None
            hint = "Check username in digest.toml and the password in DIGEST_SMTP_PASSWORD."
            raise TransportError(f"The mail server {where} refuses the login: {said}", hint=hint) from None
        except smtplib.SMTPResponseException as error:
            said = self._said(error)
            if 500 <= error.smtp_code < 600:
                raise TransportError(f"The mail server {where} wants nothing from here: {said}", hint="Ask whoever runs it.") from None
            raise Lost(f"The mail server {where} said: {said}") from None
        except smtplib.SMTPServerDisconnected as error:
            raise Lost(f"The mail server {where}: {one_line(str(error))}") from None
        except smtplib.SMTPException:
            hint = "Digest knows PLAIN, LOGIN and CRAM-MD5."
            raise TransportError(f"The mail server {where} offers no way to log in that we know.", hint=hint) from None
        except ssl.SSLCertVerificationError as error:
            hint = "Is it the right host, and is its certificate current? Nothing is sent to a server that cannot prove who it is."
            raise TransportError(f"The certificate of {where} does not hold: {error.verify_message}.", hint=hint) from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise Lost(f"The mail server {where} hung up while TLS began.") from error
        except ssl.SSLError as error:
            hint = 'Port 465 takes security = "tls", port 587 takes "starttls".'
            raise TransportError(f"No TLS with {where}: {one_line(error.reason or str(error))}.", hint=hint) from None
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise Lost(f"The name {self._settings.host} cannot be looked up now.") from error
            raise TransportError(f"There is no mail server {self._settings.host}.", hint="Check host in digest.toml.") from error
        except OSError as error:
            raise Lost(f"The mail server {where}: {told(error)}") from error

    def _said(self, error: smtplib.SMTPResponseException) -> str:
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return spoken(error.smtp_code, text, hide=self._password)


class Session(smtplib.SMTP):
    """smtplib's client, which keeps EHLO, STARTTLS and AUTH right, with our patience."""

    def __init__(self, patience: Patience, host: str, port: int, name: str, timeout: float) -> None:
        self._patience = patience
        super().__init__(host, port, name, timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a command waits for nothing
        opened.settimeout(self._patience.reply)
        return opened


class TlsSession(Session, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""

    def __init__(self, patience: Patience, host: str, port: int, name: str, timeout: float, *, context: ssl.SSLContext) -> None:
        self._patience = patience
        smtplib.SMTP_SSL.__init__(self, host, port, name, timeout=timeout, context=context)


@cache
def own_name() -> str:
    """How this machine calls itself at a mail server; asked once, for without a resolver the answer takes seconds."""
    return smtplib.SMTP().local_hostname
