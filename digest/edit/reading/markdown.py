"""Reduce Markdown to the plain paragraphs and pictures that it stands for."""

import re
from dataclasses import dataclass

from digest.edit.reading.plain import plain, without_unseen
from digest.model import Image

# Bounded and without nested repeats: a line of 100 KB of brackets or stars costs no more than its length.
PICTURE = re.compile(
    r"!\[(?P<alt>[^\[\]]{0,500})\](?:\(\s*<?(?P<url>(?:[^()\s<>]|\([^()\s]{0,200}\)){0,2000})>?(?:\s+[\"'“](?P<title>[^\"”]{0,500})[\"'”])?\s*\)|\[(?P<ref>[^\[\]]{0,200})\])"
)
LINK = re.compile(
    r"(?<!!)\[(?P<text>[^\[\]]{0,1000})\](?:\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s+[\"'“][^\"”]{0,500}[\"'”])?\s*\)|\[[^\[\]]{0,200}\])"
)
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,2000}|[\w.+-]{1,80}@[\w.-]{1,200})>")
DEFINITION = re.compile(r"^ {0,3}\[(?P<name>[^\]\n]{1,200})\]:[ \t]*<?(?P<url>[^\s>]{1,2000})>?.*$", re.MULTILINE)
HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*$")
UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*$")
RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})")
ITEM = re.compile(r"[ \t]*(?:[*+-]|\d{1,9}[.)])[ \t]+")
QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+")
STARS = re.compile(r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]{1,2000})(?<![\s\\])\1(?![\w*])")  # never within a word: 5*4*3
UNDERSCORES = re.compile(r"(?<![\w\\])(_{1,3})(?=[^\s_])([^_\n]{1,2000})(?<![\s\\])\1(?![\w])")
STRUCK = re.compile(r"~~(?=\S)([^~\n]{1,2000})~~")
CODE = re.compile(r"`{1,2}([^`\n]{1,1000})`{1,2}")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
LINE_BREAK = re.compile(r"(?: {2,}|\\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A Markdown text without its marks."""

    headline: str  # its first "# heading", if it opens with one
    paragraphs: tuple[str, ...]
    images: tuple[Image, ...]


def read_markdown(text: str) -> Body:
    """Headings, list items and quoted blocks become paragraphs; links their words; pictures images."""
    text = without_unseen(text)
    addresses = {found["name"].lower(): found["url"] for found in DEFINITION.finditer(text)}
    blocks = _blocks(DEFINITION.sub("", text))
    headline = blocks.pop(0)[1] if blocks and blocks[0][0] == 1 else ""
    images: list[Image] = []
    paragraphs = [_inline(block, addresses, images) for _, block in blocks]
    return Body(headline=_inline(headline, addresses, []), paragraphs=tuple(filter(None, paragraphs)), images=tuple(images))


def _blocks(text: str) -> list[tuple[int, str]]:
    """(level, text) of every block; level 0 is a paragraph, 1 to 6 a heading."""
    blocks: list[tuple[int, str]] = []
    lines: list[str] = []

    def close(level: int = 0) -> None:
        if lines:
            blocks.append((level, " ".join(lines)))
            lines.clear()

    for line in text.splitlines():
        bare = QUOTE.sub("", line, count=1)
        if heading := HEADING.fullmatch(bare):
            close()
            blocks.append((len(heading["marks"]), heading["text"]))
        elif len(lines) == 1 and UNDERLINE.fullmatch(bare):
            close(1 if "=" in bare else 2)
        elif not bare.strip() or RULE.fullmatch(bare) or FENCE.match(bare):
            close()
        else:
            if item := ITEM.match(bare):
                close()
                bare = bare[item.end() :]
            lines.append(LINE_BREAK.sub("", bare).strip())
    close()
    return blocks


def _inline(text: str, addresses: dict[str, str], images: list[Image]) -> str:
    """One block's words; its pictures go to `images`."""

    def picture(found: re.Match[str]) -> str:
        url = found["url"] if found["url"] is not None else addresses.get((found["ref"] or found["alt"]).lower(), "")
        images.append(Image(url=url, alt=plain(found["alt"]), caption=plain(found["title"] or "")))
        return ""

    text = LINK.sub(lambda link: link["text"], PICTURE.sub(picture, text))  # a linked picture leaves "[](...)", gone with the links
    text = AUTOLINK.sub(r"\1", text)
    for marks in (CODE, STRUCK):
        text = marks.sub(r"\1", text)
    for marks in (STARS, UNDERSCORES, STARS):  # what stands within another is bared first
        text = marks.sub(r"\2", text)
    return plain(ESCAPED.sub(r"\1", text))
