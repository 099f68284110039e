"""The outbox is a folder of complete mails, for trying out."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from digest.errors import TransportError
from digest.model import Letter
from digest.send.transports.outbox import Outbox
from tests.send.letters import MESSAGE, a_letter, letters, outcomes, receipts_of


def test_each_letter_is_a_file_of_its_own(tmp_path: Path):
    found = outcomes(Outbox(tmp_path / "out" / "box").connect(), letters(2))

    files = sorted((tmp_path / "out" / "box").iterdir())
    assert found == (["accepted", "accepted"], "")
    assert [file.name for file in files] == ["000001-reader1@inbox.example.eml", "000002-reader2@inbox.example.eml"]
    assert files[0].read_bytes() == MESSAGE.wire(a_letter(1))
    assert message_from_bytes(files[1].read_bytes(), policy=policy.default)["To"] == "reader2@inbox.example"


def test_the_same_letter_again_is_the_same_file(tmp_path: Path):
    outbox = Outbox(tmp_path).connect()

    assert receipts_of(outbox, letters(2)) == receipts_of(outbox, letters(2))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "address", ["../../etc/passwd@x.example", "a/b\\c@x.example", "ü\u202e\n@x.example", "." * 300 + "@x.example", "con:*?|@x.example"]
)
def test_an_address_leads_nowhere_else(tmp_path: Path, address: str):
    outbox = Outbox(tmp_path / "box").connect()

    assert outcomes(outbox, [Letter(7, address, {"to": "x", "name": ""})]) == (["accepted"], "")
    (file,) = (tmp_path / "box").iterdir()
    assert file.name.isascii()
    assert file.name.startswith("000007-")
    assert len(file.name) < 120


def test_a_folder_that_cannot_be_written_is_the_account(tmp_path: Path):
    (tmp_path / "box").write_text("a file")

    with pytest.raises(TransportError, match="takes no letter"):
        Outbox(tmp_path / "box").connect()


def test_a_letter_that_may_not_leave_leaves_no_file(tmp_path: Path):
    def intend(letter: Letter) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        list(Outbox(tmp_path).connect().send(MESSAGE, letters(2), intend=intend, key=""))

    assert list(tmp_path.iterdir()) == []
