"""Read and make a newsroom's keys: those that sign links, and the one under which a forgotten address is still recognised."""

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from digest.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Keys:
    """What must not be known outside the newsroom."""

    links: Mapping[str, bytes]  # by id; the last one signs, all verify
    suppression: bytes


def read_keys(text: str) -> Keys:
    """Read the text of a digest.keys. Raises ConfigError."""
    try:
        raw = tomllib.loads(text)
        links = {name: bytes.fromhex(key) for name, key in raw["links"].items()}
        return Keys(links, bytes.fromhex(raw["suppression"]))
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise ConfigError(
            "digest.keys cannot be read.", hint="Put a copy of it back; without it nobody who was forgotten is known."
        ) from error


def new_keys_text() -> str:
    """The text of a new digest.keys."""
    return f'suppression = "{secrets.token_hex(32)}"\n\n[links]\nk1 = "{secrets.token_hex(32)}"\n'
