"""A newsroom's account is opened by its kind; a secret that is missing says where it belongs, and is shown nowhere."""

from pathlib import Path

import pytest

from digest.config import BELONGS
from digest.errors import TransportError
from digest.model import TransportSettings
from digest.send.transports import TRANSPORTS, open_transport
from digest.send.transports.outbox import Outbox
from digest.send.transports.resend import Resend
from digest.send.transports.smtp import Smtp

SENDER = "The Garrison Post <news@garrisonpost.example>"
SMTP = TransportSettings(kind="smtp", host="mail.garrisonpost.example", username="desk")


def test_every_kind_that_a_newsroom_may_name_can_be_opened(tmp_path: Path):
    environment = {"DIGEST_SMTP_PASSWORD": "secret\n", "DIGEST_RESEND_KEY": "re_secret"}

    assert set(TRANSPORTS) == set(BELONGS)
    assert isinstance(open_transport(SMTP, environment, tmp_path, SENDER), Smtp)
    assert isinstance(open_transport(TransportSettings(kind="resend"), environment, tmp_path, SENDER), Resend)
    assert isinstance(open_transport(TransportSettings(kind="outbox"), {}, tmp_path, ""), Outbox)


def test_an_account_without_a_login_needs_no_password(tmp_path: Path):
    assert open_transport(TransportSettings(kind="smtp", host="localhost"), {}, tmp_path, SENDER)


@pytest.mark.parametrize(
    ("settings", "name"), [(SMTP, "DIGEST_SMTP_PASSWORD"), (TransportSettings(kind="resend"), "DIGEST_RESEND_KEY")], ids=["smtp", "resend"]
)
@pytest.mark.parametrize("value", [None, "", "\n"])
def test_a_missing_secret_is_named(tmp_path: Path, settings: TransportSettings, name: str, value: str | None):
    with pytest.raises(TransportError, match=f"{name}, .*, is missing") as caught:
        open_transport(settings, {} if value is None else {name: value}, tmp_path, SENDER)

    assert "environment" in caught.value.hint


@pytest.mark.parametrize("sender", ["", "The Garrison Post", "jürgen@garrisonpost.example"])
def test_a_newsroom_without_an_address_of_its_own_cannot_send(tmp_path: Path, sender: str):
    with pytest.raises(TransportError, match="Mail cannot leave from"):
        open_transport(TransportSettings(kind="smtp", host="localhost"), {}, tmp_path, sender)


def test_no_secret_is_shown_by_what_is_opened(tmp_path: Path):
    environment = {"DIGEST_SMTP_PASSWORD": "a secret", "DIGEST_RESEND_KEY": "re_a_secret"}
    opened = [open_transport(settings, environment, tmp_path, SENDER) for settings in (SMTP, TransportSettings(kind="resend"))]

    assert "secret" not in repr(opened)
