"""The secrets of a newsroom: what signs the links in its mails, and what remembers a forgotten address."""

import base64
import binascii
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from digest.errors import ConfigError

SIZE = 32  # bytes of a key
ID = re.compile(r"[a-z0-9]{1,16}")
HINT = "Put a copy of it back. With new keys no link in a mail that was sent works any more."
TEXT = """\
# The keys of this newsroom. Whoever has them can write links in its name: keep this file to yourself, out of version control, and
# in a backup, for without it no unsubscribe link in any mail that was sent works any more.

[links]  # the last one signs, all are believed; to change it, add another below: k2 = "..." (openssl rand -base64 32)
k1 = "{links}"

[suppression]  # remembers addresses that were forgotten; never changes
key = "{suppression}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of a newsroom. Its repr shows none of them."""

    links: Mapping[str, bytes] = field(repr=False)  # by id, at least one; the last one signs, all are believed
    suppression: bytes = field(repr=False)

    @property
    def signing(self) -> tuple[str, bytes]:
        """The id and the key that sign."""
        return list(self.links.items())[-1]


def read_keys(text: str, *, where: str = "digest.keys") -> Keys:
    """Read the text of a digest.keys. `where` names it in messages. Raises ConfigError that lists every fault and shows no key."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}.", hint=HINT) from error
    faults: list[str] = [f"{name}: no such table; there are links, suppression" for name in raw if name not in ("links", "suppression")]
    links = {id: _key(f"links.{id}", value, faults) for id, value in _table(raw, "links", faults).items()}
    faults += [f"links.{id}: an id has up to 16 small letters and digits" for id in links if not ID.fullmatch(id)]
    if not links:
        faults.append("links: holds no key")
    suppression = _key("suppression.key", _table(raw, "suppression", faults).get("key", ""), faults)
    if faults:
        raise ConfigError(f"{where} cannot be used.", faults=tuple(faults), hint=HINT)
    return Keys(links=links, suppression=suppression)


def new_keys_text() -> str:
    """The text of a digest.keys with keys that nobody has had before."""
    links, suppression = (base64.b64encode(secrets.token_bytes(SIZE)).decode() for _ in range(2))
    return TEXT.format(links=links, suppression=suppression)


def _table(raw: Mapping[str, Any], name: str, faults: list[str]) -> Mapping[str, Any]:
    table = raw.get(name, {})
    if isinstance(table, dict):
        return table
    faults.append(f"{name}: expects a table, written [{name}]")
    return {}


def _key(place: str, value: Any, faults: list[str]) -> bytes:
    try:
        key = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except binascii.Error:
        key = b""
    if len(key) < SIZE:
        faults.append(f"{place}: expects at least {SIZE} bytes in base64")
    return key
