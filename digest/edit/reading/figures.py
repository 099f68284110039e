"""Take the pictures out of a story's block, each with its alternative text, its caption and its credit apart."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.edit.reading.blocks import named
from digest.edit.reading.captions import part_credit
from digest.edit.reading.metadata import absolute, pixels
from digest.edit.reading.plain import plain
from digest.edit.reading.textline import squeeze
from digest.model import Image

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_PICTURES = 12
LONGEST_CAPTION = 1_500  # characters; what is longer holds the story too
SMALLEST = 100  # pixels; anything less is an icon
SMALLEST_ALONE = 300  # pixels; a picture without words and outside a figure is often a teaser's or an advertiser's
ORNAMENT = re.compile(
    r"\.svg$|(?:^|[/_.-])(?:logos?|icons?|avatars?|gravatar|pixel|blank|spacer|placeholder|holder|default)(?:[/_.-]|$)", re.IGNORECASE
)
LABEL = re.compile(r"^(?:photo|image|picture)?\s*(?:credits?|photos?|images?|pictures?|by)?\s*:\s*", re.IGNORECASE)
is_caption = named(r"(?:wp )?captions?(?: text)?|cutline")
is_credit = named(r"credits?|copyright|photographer|attribution|(?:photo|image) (?:credit|by|source)")


def take_pictures(story: "HtmlElement", *, base: str, lead: tuple[Image, ...]) -> tuple[Image, ...]:
    """Remove figures and captions from the block, in place, and return its pictures, the one that the page's head names first."""
    found: dict[str, Image] = {}
    for element in list(story.iter("figure", "img")):
        if element.tag == "figure" and next(element.iter("table", "blockquote", "pre"), None) is None and _is_short(element):
            for image in _pictures(element, base):
                found.setdefault(image.url, image)
            element.drop_tree()
        elif element.tag == "img" and not any(True for _ in element.iterancestors("figure")):
            for image in _pictures(_with_caption(element, story), base):
                if image.caption or len(image.alt.split()) > 2 or image.width >= SMALLEST_ALONE:
                    found.setdefault(image.url, image)
    for element in [element for element in story.iter("div", "p", "span", "small", "em", "figcaption") if is_caption(element)]:
        if element.getparent() is not None and _is_short(element):
            element.drop_tree()
    return _led_by(lead, list(found.values()))[:MOST_PICTURES]


def _is_short(element: "HtmlElement") -> bool:
    return len(element.text_content()) < LONGEST_CAPTION


def _pictures(figure: "HtmlElement", base: str) -> Iterator[Image]:
    """The pictures of one figure. The caption goes with the first: it speaks for all of them."""
    caption, credit = _caption(figure)
    for img in figure.iter("img"):
        address = absolute(_source(img), base)
        width, height = pixels(img.get("width")), pixels(img.get("height"))
        if address and not (0 < width < SMALLEST or 0 < height < SMALLEST) and not ORNAMENT.search(urlsplit(address).path):
            yield Image(url=address, alt=plain(img.get("alt") or ""), caption=caption, credit=credit, width=width, height=height)
            caption = credit = ""


def _caption(figure: "HtmlElement") -> tuple[str, str]:
    """Caption and credit. The credit is what is marked as one, else what ends the caption like one."""
    parts = [element for element in figure.iterdescendants() if isinstance(element.tag, str)]
    caption = next((text for element in parts if (element.tag == "figcaption" or is_caption(element)) and (text := _words(element))), "")
    credit = " ".join(dict.fromkeys(text for element in parts if is_credit(element) and (text := _words(element))))
    if credit:
        caption = "" if caption == credit else squeeze(caption.replace(credit, " ", 1))
    else:
        caption, credit = part_credit(caption)
    return caption, LABEL.sub("", credit.strip("() "))


def _words(element: "HtmlElement") -> str:
    return squeeze(" ".join(element.itertext()))


def _source(img: "HtmlElement") -> str:
    """Where the picture is: pages that load late keep it in another attribute, or only in a srcset, whose last entry is the largest."""
    for attribute in ("src", "data-src", "data-lazy-src", "data-original"):
        address = (img.get(attribute) or "").strip()
        if address and not address.startswith("data:"):
            return address
    picture = img.getparent()
    sets = [
        img.get("srcset"),
        img.get("data-srcset"),
        *(source.get("srcset") for source in (picture.iter("source") if picture is not None else ())),
    ]
    return next(
        (entries[-1].split()[0] for value in sets if value and (entries := [entry for entry in value.split(", ") if entry.strip()])), ""
    )


def _with_caption(img: "HtmlElement", story: "HtmlElement") -> "HtmlElement":
    """The block around a picture outside any figure that holds its caption and no other picture; the picture alone if there is none."""
    for around in islice(img.iterancestors(), 3):
        if around is story or len(around.findall(".//img")) > 1:
            break
        if any(is_caption(element) for element in around.iterdescendants("div", "p", "span", "small", "em")):
            return around
    return img


def _led_by(lead: tuple[Image, ...], pictures: list[Image]) -> tuple[Image, ...]:
    """The head's picture first, with the story's words for it where the story shows it too.

    Where it does not, a first picture with a caption goes before it: most often that is the same one in another size.
    """
    stated = next((image for image in lead if not ORNAMENT.search(urlsplit(image.url).path)), None)
    if stated is None:
        return tuple(pictures)
    shown = next((image for image in pictures if _file(image.url) == _file(stated.url)), None)
    rest = [image for image in pictures if image is not shown]
    if shown is None:
        return (rest[0], stated, *rest[1:]) if rest and rest[0].caption else (stated, *rest)
    larger = stated if stated.width >= shown.width else shown
    alt, caption, credit = shown.alt or stated.alt, shown.caption or stated.caption, shown.credit or stated.credit
    return (replace(larger, alt=alt, caption=caption, credit=credit), *rest)


def _file(url: str) -> str:
    """The picture's file name without the size that a resizing server hangs on it: ferry-1024x683.jpg is ferry.jpg."""
    return re.sub(r"-\d+[x-]\d+(?=\.\w+$)", "", urlsplit(url).path.rpartition("/")[2]).lower() or url
