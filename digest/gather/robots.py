"""Read a robots.txt as RFC 9309 has it: what a site lets us follow, and how fast."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST = 512_000  # bytes that are read of one
MOST_RULES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What a site asks of us. Without rules everything may be followed."""

    rules: tuple[tuple[str, bool], ...] = ()  # pattern and whether it allows, in the order of the file
    delay: float = 0  # seconds between two pages; 0 = it does not say

    def allows(self, target: str) -> bool:
        """May this path, with its query, be followed? The longest pattern decides, and of two as long the one that allows."""
        path = even(target)
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


def read_robots(text: str, name: str) -> Robots:
    """What it says to `name`, else to all. The standard library's reader knows no wildcards and takes the first rule for the longest."""
    groups: dict[str, list[tuple[str, str]]] = {}
    agents: list[str] = []
    open_group = False  # names that follow each other share the rules below them
    for key, value in _lines(text):
        if key == "user-agent":
            agents = [*agents, _product(value)] if open_group else [_product(value)]
            open_group = True
            groups.setdefault(agents[-1], [])
        elif key in {"allow", "disallow", "crawl-delay"}:
            open_group = False
            for agent in dict.fromkeys(agents):
                groups[agent].append((key, value))
    said = groups.get(name.lower(), groups.get("*", []))
    rules = [(even(value), key == "allow") for key, value in said if key != "crawl-delay" and value]  # an empty one says nothing
    delays = [float(value) for key, value in said if key == "crawl-delay" and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value)]
    return Robots(rules=tuple(rules[:MOST_RULES]), delay=max(delays, default=0))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _product(value: str) -> str:
    """Names are compared without their version and without capitals."""
    return "*" if value.startswith("*") else value.lower().split("/")[0].strip()


def fits(pattern: str, path: str) -> bool:
    """`*` is any run of characters, a last `$` the end. No regular expression: a stranger's pattern may be made to hang one."""
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if pattern.endswith("$"):
        if not others:
            return path == first
        if len(path) < len(first) + len(others[-1]) or not path.endswith(others[-1]):
            return False
        path, others = path[: len(path) - len(others[-1])], others[:-1]
    at = len(first)
    for part in others:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def even(text: str) -> str:
    """The same path always written the same way: %7E is ~, %c3%a9 and é are %C3%A9, and %2F stays apart from /."""
    quoted = "".join(char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace")) for char in text)
    return re.sub(r"%([0-9A-Fa-f]{2})", _settled, quoted)


def _settled(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else found[0].upper()
