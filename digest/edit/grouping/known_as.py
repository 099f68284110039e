"""The other names by which news calls a place, a body or a person."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any


def names_of(name: str) -> tuple[str, ...]:
    """All names that a name of digest.toml asks for, its own first: "Kyiv/Kiev" are two, and "North Korea" is also "DPRK"."""
    own = [part.strip() for part in name.split("/") if part.strip()]
    return tuple(dict.fromkeys([*own, *(other for part in own for other in _rows().get(part, ()))]))


def surname(name: str) -> str:
    """The word that stands for a person once the full name was told: "Putin" of "Vladimir Putin"; "" for what is no person's."""
    words = name.split()
    if len(words) < 2 or not all(word[0].isupper() for word in words):
        return ""
    if {words[0], words[-1]} & set(_listed()["no_person"]) or name in _rows_of("rows"):
        return ""
    return words[0] if words[0] in _listed()["family_first"] else words[-1]


def _rows() -> Mapping[str, tuple[str, ...]]:
    return _rows_of("rows") | _rows_of("people")


@lru_cache(maxsize=2)
def _rows_of(kind: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(row) for row in _listed()[kind] for name in row}


@lru_cache(maxsize=1)
def _listed() -> Mapping[str, Any]:
    return tomllib.loads((files("digest.edit") / "words" / "other_names.toml").read_text(encoding="utf-8"))
