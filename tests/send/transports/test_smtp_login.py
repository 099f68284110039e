"""Nothing leaves in the clear when TLS was asked for, nobody is told the password, and a wrong account says what to mend."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from digest.errors import TransportError
from digest.model import TransportSettings
from digest.send.transport import Lost
from digest.send.transports.smtp import Smtp
from tests.outside.programs import program
from tests.send.faulty import HUNG_UP, OFFERS, PATIENCE, SILENT, faulty
from tests.send.letters import MESSAGE, a_letter, letters, outcomes

PASSWORD = "swordfish of 1932"
SUBJECT = "/CN=mail.garrisonpost.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key in the same file."""
    return made(tmp_path_factory.mktemp("tls") / "server.pem", "IP:127.0.0.1")


def made(path: Path, name: str) -> Path:
    command = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", SUBJECT, "-addext", f"subjectAltName={name}"]
    key = path.with_suffix(".key")
    subprocess.run([program("openssl"), *command, "-keyout", str(key), "-out", str(path)], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


def shown(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


class Inbox:
    """What aiosmtpd took, and who logged in."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes, bool]] = []
        self.logins: list[tuple[str, str]] = []
        self.port = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.original_content, bytes)
        self.mails.append((envelope.rcpt_tos, envelope.original_content, session.ssl is not None))
        return "250 2.0.0 Ok: queued as A1"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)


@contextmanager
def aiosmtpd(certificate: Path | None = None, **options: Any) -> Iterator[Inbox]:
    """A server by others, which does not pipeline."""
    inbox = Inbox()
    with faulty() as free:
        port = free.port
    tls = {"tls_context": shown(certificate), "require_starttls": True} if certificate else {}
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=inbox.authenticate,
        auth_require_tls=bool(certificate),
        enable_SMTPUTF8=True,
        **tls,
        **options,
    )
    controller.start()
    inbox.port = port
    try:
        yield inbox
    finally:
        controller.stop()


def account(port: int, password: str = "", context: ssl.SSLContext | None = None, **changes: Any) -> Smtp:
    settings = TransportSettings(**{"kind": "smtp", "host": "127.0.0.1", "port": port, "security": "none"} | changes)
    return Smtp(settings, password, "news@garrisonpost.example", context=context, patience=PATIENCE)


def test_a_server_by_others_gets_letters_after_starttls_and_login(certificate: Path):
    with aiosmtpd(certificate, auth_required=True) as inbox:
        line = account(inbox.port, PASSWORD, trusting(certificate), security="starttls", username="desk").connect()
        found = outcomes(line, [a_letter(1), a_letter(2, "jürgen@inbox.example", to="juergen@inbox.example"), a_letter(3)])
        line.close()

    assert found == (["accepted"] * 3, "")
    assert inbox.logins == [("desk", PASSWORD)]
    assert [addresses for addresses, _, _ in inbox.mails] == [
        ["reader1@inbox.example"],
        ["jürgen@inbox.example"],
        ["reader3@inbox.example"],
    ]
    assert inbox.mails[0][1:] == (MESSAGE.wire(a_letter(1)), True)


def test_a_wrong_password_is_the_account(certificate: Path):
    with aiosmtpd(certificate, auth_required=True) as inbox, pytest.raises(TransportError, match="refuses the login: 535") as caught:
        account(inbox.port, "a wrong one", trusting(certificate), security="starttls", username="desk").connect()

    assert "DIGEST_SMTP_PASSWORD" in caught.value.hint
    assert "a wrong one" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_tls_from_the_first_byte(certificate: Path):
    with faulty(tls=True, context=shown(certificate)) as server:
        line = account(server.port, context=trusting(certificate), security="tls").connect()
        found = outcomes(line, letters(5))
        line.close()

    assert found == (["accepted"] * 5, "")
    assert [letter for _, letter in server.taken] == [MESSAGE.wire(letter) for letter in letters(5)]


def test_starttls_with_pipelining_and_large_letters(certificate: Path):
    with faulty({"starttls": "220 Go"}, offers=["STARTTLS", *OFFERS], context=shown(certificate)) as server:
        line = account(server.port, context=trusting(certificate), security="starttls").connect()
        found = outcomes(line, [a_letter(seq, name="x" * 200_000) for seq in range(1, 5)])

    assert found == (["accepted"] * 4, "")
    assert [len(letter) > 200_000 for _, letter in server.taken] == [True] * 4


@pytest.mark.parametrize(("happens", "found"), [("dot", ["accepted", "uncertain"]), ("body", ["accepted"])])
def test_a_line_that_breaks_under_tls(certificate: Path, happens: str, found: list[str]):
    batch = [a_letter(1), a_letter(2, name="x" * 9_000_000) if happens == "body" else a_letter(2), a_letter(3)]
    with faulty({f"{happens} reader2@inbox.example": HUNG_UP}, offers=["PIPELINING"], tls=True, context=shown(certificate)) as server:
        assert outcomes(account(server.port, context=trusting(certificate), security="tls").connect(), batch)[0] == found


def test_a_server_that_hung_up_under_tls_while_we_waited_gets_no_letter(certificate: Path):
    with faulty({"data": "354 Go on\r\n421 4.4.2 Timeout"}, tls=True, context=shown(certificate)) as server:
        found = outcomes(account(server.port, context=trusting(certificate), security="tls").connect(), letters(1))

    assert found == ([], "The mail server said unasked: 421 4.4.2 Timeout")


@pytest.mark.parametrize(
    ("answers", "said"),
    [({}, "does not offer STARTTLS"), ({"starttls": "502 5.5.1 No"}, "502 5.5.1 No"), ({"starttls": "554 5.7.3 Never"}, "554 5.7.3 Never")],
)
def test_nothing_goes_on_in_the_clear(answers: dict[str, str], said: str):
    offers = ["STARTTLS", "AUTH PLAIN"] if answers else ["AUTH PLAIN"]
    with faulty(answers, offers=offers) as server, pytest.raises(TransportError, match=said.replace(".", r"\.")):
        account(server.port, PASSWORD, security="starttls", username="desk").connect()

    assert {command.split(" ")[0].upper() for command in server.said} <= {"EHLO", "STARTTLS", "QUIT"}


def test_tls_that_is_not_ready_is_tried_again():
    with faulty({"starttls": "454 4.7.0 TLS not available"}, offers=["STARTTLS"]) as server, pytest.raises(Lost, match="TLS not available"):
        account(server.port, security="starttls").connect()


def test_what_was_said_before_tls_is_forgotten(certificate: Path):
    """A reply slipped in before the handshake is not taken for one of after it."""
    slipped_in = {"starttls": "220 Go\r\n250-mail.example\r\n250 AUTH PLAIN"}
    with faulty(slipped_in, offers=["STARTTLS"], context=shown(certificate)) as server, pytest.raises((TransportError, Lost)):
        account(server.port, PASSWORD, trusting(certificate), security="starttls", username="desk").connect()

    assert not any(command.upper().startswith("AUTH") for command in server.said)


@pytest.mark.parametrize("way", ["tls", "starttls"])
@pytest.mark.parametrize("wrong", ["unknown", "name"])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(certificate: Path, tmp_path: Path, way: str, wrong: str):
    other = made(tmp_path / "other.pem", "DNS:elsewhere.example")
    trusted = trusting(other) if wrong == "name" else None
    server_kind: dict[str, Any] = {"tls": True} if way == "tls" else {"answers": {"starttls": "220 Go"}, "offers": ["STARTTLS"]}
    context = shown(other if wrong == "name" else certificate)
    with faulty(context=context, **server_kind) as server, pytest.raises(TransportError, match=r"certificate of .* does not hold"):
        account(server.port, PASSWORD, trusted, security=way, username="desk").connect()

    assert not any(command.upper().startswith("AUTH") for command in server.said)


def test_tls_at_a_port_that_speaks_none_says_so():
    with faulty() as server, pytest.raises(TransportError, match="No TLS with") as caught:
        account(server.port, security="tls").connect()

    assert "587" in caught.value.hint


@pytest.mark.parametrize("answer", ["421 4.7.0 Too many logins", "454 4.7.0 Temporary authentication failure", HUNG_UP, SILENT])
def test_a_login_that_fails_for_now_is_tried_again(answer: str):
    with faulty({"auth": answer}, offers=["AUTH PLAIN"]) as server, pytest.raises(Lost):
        account(server.port, PASSWORD, username="desk").connect()


@pytest.mark.parametrize("offers", [[], ["AUTH XOAUTH2"]])
def test_a_server_without_a_login_that_we_know_is_the_account(offers: list[str]):
    with faulty(offers=offers) as server, pytest.raises(TransportError, match="offers no"):
        account(server.port, PASSWORD, username="desk").connect()


@pytest.mark.parametrize("answer", [f"535 5.7.8 {PASSWORD} is wrong", f"535-5.7.8 No\r\n535 5.7.8 {PASSWORD}", f"454 4.7.0 {PASSWORD}"])
def test_a_server_that_repeats_the_password_does_not_betray_it(answer: str):
    with faulty({"auth": answer}, offers=["AUTH PLAIN"]) as server, pytest.raises((TransportError, Lost)) as caught:
        account(server.port, PASSWORD, username="desk").connect()

    assert "***" in str(caught.value)
    assert PASSWORD not in repr(caught.value) + repr(caught.value.__cause__)


def test_a_password_that_smtp_cannot_carry_is_not_shown():
    with faulty(offers=["AUTH PLAIN"]) as server, pytest.raises(TransportError, match="letters outside ASCII") as caught:
        account(server.port, "geheim-ü", username="desk").connect()

    assert "geheim" not in f"{caught.value!r}{caught.value.__cause__!r}"
