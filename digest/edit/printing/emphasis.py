"""The little Markdown that a note or a sponsor's text may hold: *emphasis*, **strong emphasis**, [links](https://…). Nothing else."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

import nh3

MARK = re.compile(
    r"\\(?P<plain>[\\*\[\]])"
    r"|\[(?P<words>[^\[\]]+)\]\((?P<url>[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)\)"
    r"|\*\*(?=\S)(?P<strong>[^*]+(?:\*[^*]+\*[^*]*)*)(?<=\S)\*\*"
    r"|\*(?=\S)(?P<em>[^*]+)(?<=\S)\*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph in both forms."""

    html: str  # cleaned: only em, strong and a
    text: str  # without any mark
    links: tuple[str, ...]  # the addresses in order, each once


def paragraphs(text: str, address: Callable[[str], str]) -> tuple[Paragraph, ...]:
    """The text's paragraphs; `address` gives the form of an address that may be printed, "" for one that may not."""
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", text.strip()))
    return tuple(
        Paragraph(html=_clean(_html(block, address)), text=_plain(block), links=tuple(dict.fromkeys(_links(block, address))))
        for block in blocks
        if block
    )


def _html(text: str, address: Callable[[str], str]) -> str:
    def tag(mark: re.Match[str]) -> str:
        if mark["plain"]:
            return escape(mark["plain"])
        if mark["words"]:
            words, url = _html(mark["words"], address), address(mark["url"])
            return f'<a href="{escape(url)}">{words}</a>' if url else words
        name = "strong" if mark["strong"] else "em"
        return f"<{name}>{_html(mark[name], address)}</{name}>"

    return _replace(text, tag, escape)


def _plain(text: str) -> str:
    return _replace(text, lambda mark: mark["plain"] or _plain(mark["words"] or mark["strong"] or mark["em"]), str)


def _links(text: str, address: Callable[[str], str]) -> Iterator[str]:
    for mark in MARK.finditer(text):
        if mark["words"]:
            url = address(mark["url"])
            if url:
                yield url
        elif not mark["plain"]:
            yield from _links(mark["strong"] or mark["em"], address)


def _replace(text: str, marked: Callable[[re.Match[str]], str], between: Callable[[str], str]) -> str:
    out: list[str] = []
    end = 0
    for mark in MARK.finditer(text):
        out += [between(text[end : mark.start()]), marked(mark)]
        end = mark.end()
    return "".join([*out, between(text[end:])])


def _clean(html: str) -> str:
    """A second lock on the door: whatever our own renderer let through, only these tags leave."""
    return nh3.clean(html, tags={"em", "strong", "a"}, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None)
