"""Postfix's own mail sink takes what we send, pipelined and plain, byte for byte."""

import pytest

from digest.model import TransportSettings
from digest.send.transports.smtp import Smtp
from tests.outside.sink import sink
from tests.send.letters import MESSAGE, letters, outcomes


def account(port: int) -> Smtp:
    return Smtp(TransportSettings(kind="smtp", host="127.0.0.1", port=port, security="none"), "", "news@garrisonpost.example")


@pytest.mark.parametrize(
    "options", [[], ["-p"], ["-e"], ["-8", "-a", "-E"]], ids=["pipelined", "plain", "without extensions", "few extensions"]
)
def test_a_sink_gets_every_letter_once(options: list[str]):
    with sink(*options, dump=True) as server:
        line = account(server.port).connect()
        found = outcomes(line, letters(120))
        line.close()
        mails, counted = server.mails(), server.count()

    assert found == (["accepted"] * 120, "")
    assert [mail.split(b"X-Rcpt-Args: <")[1].split(b">")[0].decode() for mail in mails] == [letter.address for letter in letters(120)]
    assert mails[0].split(b"(UTC)\n")[1] == MESSAGE.wire(letters(1)[0]).replace(b"\r\n", b"\n") + b"\n"
    assert counted == 120


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-r", "."], ["later"] * 3),
        (["-f", "."], ["failed"] * 3),
        (["-r", "RCPT"], ["later"] * 3),
        (["-f", "RCPT"], ["failed"] * 3),
        (["-q", "."], ["uncertain"]),
        (["-Q", "."], ["later"]),
        (["-q", "DATA"], []),
    ],
)
def test_a_sink_that_refuses_is_understood(options: list[str], expected: list[str]):
    with sink(*options) as server:
        found, _ = outcomes(account(server.port).connect(), letters(3))
        came_whole = server.count()

    assert found == expected
    assert came_whole == (len(expected) if "." in options else 0)  # the sink counts at the dot, whatever it answers
