"""Write letters into a folder as .eml files, to try out a send without sending anything."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from digest.errors import TransportError
from digest.model import Letter, Receipt
from digest.send.message import Message
from digest.send.transport import Abilities, Intend

LONGEST_NAME = 100  # characters of an address in a file's name


class Outbox:
    """A folder. It is the account and the line in one, for there is nothing to open or to close."""

    abilities = Abilities(at_once=100)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> "Outbox":
        """Make the folder."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def send(self, message: Message, letters: Sequence[Letter], *, intend: Intend, key: str) -> Iterator[Receipt]:
        """Write each letter; one that is there already is replaced by itself."""
        for letter in letters:
            path = self._folder / named(letter)
            intend(letter)
            beside = path.with_name(f".{path.name}.new")
            try:
                beside.write_bytes(message.wire(letter))
                beside.replace(path)  # nobody meets half a letter
            except OSError as error:
                raise self._unwritable(error) from error
            yield Receipt(letter.seq, "accepted", provider_id=path.name)

    def close(self) -> None:
        """Nothing is open."""

    def _unwritable(self, error: OSError) -> TransportError:
        hint = "Free some space or make the folder writable, then run the same command again."
        return TransportError(f"{self._folder} takes no letter: {error.strerror or error}.", hint=hint)


def named(letter: Letter) -> str:
    """A file name that sorts like the list and holds nothing that a file system minds."""
    return f"{letter.seq:06d}-{re.sub(r'[^a-zA-Z0-9@._+-]', '_', letter.address)[:LONGEST_NAME]}.eml"
