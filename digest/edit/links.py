"""List the links of a printed mail, each with the words that a reader clicks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree


@dataclass(frozen=True, slots=True)
class Link:
    """A link as printed. Two with the same words and address are one."""

    words: str  # of a picture that is a link its alt text
    url: str


def links_of(html: str) -> tuple[Link, ...]:
    """Every link of the page, in its order."""
    from lxml import etree

    tree = etree.fromstring(html, etree.HTMLParser())
    found = (Link(_words(tag), str(tag.get("href"))) for tag in tree.iter("a") if tag.get("href")) if tree is not None else ()
    return tuple(dict.fromkeys(found))


def _words(tag: "etree._Element") -> str:
    pictures = (image.get("alt", "") for image in tag.iter("img"))
    return " ".join(" ".join(map(str, (*tag.itertext(), *pictures))).split())
