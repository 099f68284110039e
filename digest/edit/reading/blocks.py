"""Clear a page of the blocks that its own structure marks as no part of the story: asides, promos, teasers, biographies."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.edit.reading.textline import squeeze
from digest.model import Cut

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Holds = Callable[["HtmlElement"], bool]

NO_TEXT = ("script", "style", "template", "svg", "iframe", "object", "embed", "canvas", "math")
BESIDE = frozenset({"aside", "nav", "footer", "form", "dialog", "menu"})
BLOCKS = frozenset({"div", "section", "ul", "ol", "table"})
HEADINGS = ("h2", "h3", "h4", "h5", "h6", "strong", "b", "p", "span")
LABEL = re.compile(
    r"(?:(?:related|recommended|suggested|similar)(?: \w+)?|(?:read|see|watch|listen) (?:more|also|next)|also read"
    r"|more (?:from|on|about|in) .{1,40}|more (?:stories|news|like this)|(?:most )?popular(?: now)?|most (?:read|viewed)|trending(?: now)?"
    r"|you (?:may|might) (?:also )?like|you may be interested in|don['’]t miss|keep reading|up next|what to read next"
    r"|editors?['’]?s? picks?|recommended for you|top stories)\s*[:.»>→]*",
    re.IGNORECASE,
)
PROMO = (
    r"newsletters?|subscribe|subscription|sign ?up|promos?|promotion|promoted|adverts?|advertisement|ads?|sponsored|outbrain|taboola"
    r"|donate|cta"
)
RELATED = (
    r"related|recommended|recommendations?|recirc|recirculation|trending|most (?:read|viewed|popular)|read (?:more|next|also)"
    r"|more (?:on|from|stories)|see also|up next|teasers?"
)
SOCIAL = r"social|share|sharing|follow us|comments?|disqus|breadcrumbs?|toolbar|tags"
HIDDEN = r"(?:visually|visually is) hidden|sr only|screen reader(?: text| only)?"  # words for those who cannot see the page
BIO = r"(?:author|writer|contributor|journalist) (?:bio|biography|info|box|card|profile|description)|about (?:the )?author|bio"
LONGEST_LINE = 80  # characters of a date line
LONGEST_CUT = 2_000  # characters kept of a block that was cut


def story_block(tree: "HtmlElement") -> "HtmlElement":
    """The element that holds the story: where most paragraph text stands, widened to the <article> or <main> around it."""
    weight: dict[HtmlElement, float] = {}
    for paragraph in tree.iter("p"):
        length = _length(paragraph) - sum(_length(link) for link in paragraph.iter("a"))
        for share, ancestor in zip((1.0, 0.5), paragraph.iterancestors(), strict=False):
            weight[ancestor] = weight.get(ancestor, 0.0) + share * max(0, length - 25)  # a label is no paragraph
    best: HtmlElement = max(weight, key=lambda element: weight[element]) if weight else tree
    around = [best, *best.iterancestors()]
    return next((element for element in around if element.tag in ("article", "main")), best)


def clear_blocks(story: "HtmlElement") -> tuple[Cut, ...]:
    """Take the furniture out of the story's block, in place, and say what went and by which rule.

    A rule that would take a third of all the text has misread the page and takes nothing.
    """
    found = list(_furniture(story))
    room = _length(story) / 3
    cuts: list[Cut] = []
    for rule in dict.fromkeys(rule for _, rule in found):
        elements = [element for element, name in found if name == rule]
        if sum(_length(element) for element in elements) > room:
            continue
        cuts += [Cut(text=text[:LONGEST_CUT], rule=rule) for element in elements if (text := squeeze(" ".join(element.itertext())))]
        for element in elements:
            element.drop_tree()
    for element in story.iter("div", "section", "p"):
        if is_teaser(element):  # the story's own first paragraphs; trafilatura would judge them by the name
            element.attrib.pop("class", None)
    return tuple(cuts)


def remove(tree: "HtmlElement", tags: tuple[str, ...]) -> None:
    """Drop every element of these tags with all that is in it; the text after it stays."""
    for element in list(tree.iter(*tags)):
        if element.getparent() is not None:
            element.drop_tree()


def keep_times(story: "HtmlElement") -> None:
    """Make a <time> inside a sentence plain text. Alone it is the page's date line, which is no part of the story."""
    for element in list(story.iter("time")):
        around = element.getparent()
        if around is not None and around.tag == "p" and _length(around) > _length(element) + 40:
            element.drop_tag()


def named(pattern: str) -> Holds:
    """A test whether an element's class or id says this, in whole words: `author bio` finds "AuthorBio" and "story__author-bio"."""
    words = re.compile(rf" (?:{pattern}) ")
    says = lru_cache(maxsize=4096)(lambda names: bool(words.search(_spelled(names))))
    return lambda element: bool(names := f"{element.get('class') or ''} {element.get('id') or ''}") and says(names)


@lru_cache(maxsize=4096)
def _spelled(names: str) -> str:
    """The words of class names, in lower case between spaces. Machine-made names, which hold digits, count for nothing."""
    parts = " ".join(part for part in re.split(r"[\s_-]+", names[:500]) if part.isalpha())
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", parts)
    return f" {spaced.lower()} "


is_related = named(RELATED)
is_teaser = named(r"teasers?")
is_date = named(
    r"(?:pub(?:lish(?:ed)?)? |post(?:ed)? |entry |article |story )?(?:date|timestamp|published|posted)(?: (?:published|posted|text))?"
)


def _furniture(story: "HtmlElement") -> Iterator[tuple["HtmlElement", str]]:
    """The outermost blocks that a rule holds for, in the order of the page."""
    waiting = list(reversed(story))
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        rule = next((name for name, holds in RULES if holds(element)), "")
        if rule and not _holds_the_story(element):
            yield element, rule
        elif element.tag != "figure":  # its words belong to the picture
            waiting.extend(reversed(element))


def _holds_the_story(element: "HtmlElement") -> bool:
    """A block with the headline or the marked body in it is no furniture, whatever its class says."""
    return next(element.iter("h1", "article"), None) is not None or bool(element.xpath("descendant-or-self::*[@itemprop='articleBody']"))


def _stands_beside(element: "HtmlElement") -> bool:
    return element.tag in BESIDE or element.get("role") in ("navigation", "complementary", "search", "dialog")


def _leads_elsewhere(element: "HtmlElement") -> bool:
    """A block named for its links, if a third of it is links: some pages call their first paragraphs a teaser."""
    return is_related(element) and 3 * sum(map(_length, element.iter("a"))) >= _length(element)


def _opens_with_a_label(element: "HtmlElement") -> bool:
    """A block under a heading such as "Related stories" or "More from the Post"."""
    if element.tag not in BLOCKS:
        return False
    heading = next(element.iter(*HEADINGS), None)
    if heading is None or not LABEL.fullmatch(label := _short(heading)):
        return False
    return squeeze(element.text_content()).startswith(label)


def _is_a_label(element: "HtmlElement") -> bool:
    return element.tag in HEADINGS[:-1] and bool(LABEL.fullmatch(_short(element)))


def _shows_a_date(element: "HtmlElement") -> bool:
    return is_date(element) and 0 < _length(element) < LONGEST_LINE


def _only_links(element: "HtmlElement") -> bool:
    """A paragraph or list item that is nothing but a link of three words or more, with or without "Related:" before it."""
    if element.tag not in ("p", "li"):
        return False
    if sum(len(link.text_content().split()) for link in element.iter("a")) < 3:
        return False
    rest = squeeze(" ".join(element.xpath(".//text()[not(ancestor::a)]")))
    return not re.search(r"\w", rest) or bool(LABEL.fullmatch(rest[:100]))


def _short(element: "HtmlElement") -> str:
    """An element's text if it is short enough to be a label."""
    text = ""
    for piece in element.itertext():
        text += piece
        if len(text) > 200:
            return ""
    return squeeze(text)


def _length(element: "HtmlElement") -> int:
    return len(element.text_content())


RULES: tuple[tuple[str, Holds], ...] = (
    ("page-aside", _stands_beside),
    ("page-promo", named(PROMO)),
    ("page-related", _leads_elsewhere),
    ("page-related", _opens_with_a_label),
    ("page-social", named(SOCIAL)),
    ("page-bio", named(BIO)),
    ("page-hidden", named(HIDDEN)),
    ("page-date", _shows_a_date),
    ("page-label", _is_a_label),
    ("page-links", _only_links),
)
