"""Read a WordPress export (WXR): its posts, with their authors, tags and featured pictures."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from digest.edit.reading.fragment import read_fragment
from digest.edit.reading.identity import working_address
from digest.edit.reading.item import Item, each_once
from digest.edit.reading.plain import plain
from digest.edit.reading.xmltree import anywhere, find, first, inner, words
from digest.errors import Unreadable
from digest.model import Image

if TYPE_CHECKING:
    from lxml.etree import _Element

BLOCK_MARK = re.compile(r"<!--.*?-->", re.DOTALL)
CAPTION = re.compile(
    r"\[caption\b[^\]]{0,1000}\](?P<picture>.{0,1000}?<img\b[^>]{0,3000}>(?:\s*</a>)?)(?P<words>.{0,2000}?)\[/caption\]",
    re.DOTALL | re.IGNORECASE,
)
SHORTCODE = re.compile(r"\[/?[a-z][\w-]*(?:\s+[\w-]+=(?:\"[^\"]*\"|'[^']*'|[^\s\]]+)){0,20}\s*/?\]", re.IGNORECASE)
UNCATEGORISED = re.compile(r"uncategori[sz]ed", re.IGNORECASE)


def read_wxr(root: "_Element", *, place: str) -> Iterator[Item | Unreadable]:
    """The posts of an export that are published or will be at a set time. Pages, drafts, pictures and menus are no stories."""
    nodes = anywhere(root, "item")
    authors = {first(one, "author_login"): first(one, "author_display_name") for one in anywhere(root, "author")}
    pictures = {first(one, "post_id"): one for one in nodes if first(one, "post_type") == "attachment"}
    language = first(root, "channel", "language").partition("-")[0]
    for node in nodes:
        if first(node, "post_type") == "post" and first(node, "status") in ("publish", "future"):
            yield _post(node, authors, pictures, language, place)


def _post(node: "_Element", authors: "dict[str, str]", pictures: "dict[str, _Element]", language: str, place: str) -> Item | Unreadable:
    title, link = plain(first(node, "title")), working_address(first(node, "link"))
    if first(node, "post_password"):
        return Unreadable(f"{place}: “{title}” is behind a password.", hint="It is not for every reader; publish it openly first.")
    text = read_fragment(_html(_encoded(node, "content")), base=link)
    if not text.paragraphs:
        return Unreadable(f"{place}: “{title}” has no text.", hint="Leave it out, or give it some.")
    terms = [one for one in find(node, "category") if one.get("domain") in ("category", "post_tag", None)]
    lead = _featured(node, pictures)
    written = first(node, "post_date_gmt")
    date = f"{written} UTC" if written and not written.startswith("0000") else first(node, "post_date") or first(node, "pubdate")
    return Item(
        guid=first(node, "guid"),
        url=link,
        headline=title,
        dek=plain(_encoded(node, "excerpt")),
        byline=authors.get(first(node, "creator"), "") or first(node, "creator"),
        paragraphs=text.paragraphs,
        images=(*lead, *(image for image in text.images if image.url not in {one.url for one in lead})),
        slug=first(node, "post_name"),
        language=language,
        published=date,
        embargo=date if first(node, "status") == "future" else "",
        tags=each_once(*(tag for one in terms if not UNCATEGORISED.fullmatch(tag := plain(words(one))))),
    )


def _encoded(node: "_Element", of: str) -> str:
    """content:encoded and excerpt:encoded differ in their namespace alone."""
    found = [one for one in find(node, "encoded") if (one.prefix or "") == of or f"/{of}/" in str(one.tag)]
    return (found[0].text or "") + ("" if not len(found[0]) else inner(found[0])) if found else ""


def _html(content: str) -> str:
    """The text as WordPress shows it: blank lines part paragraphs, a caption goes with its picture, other shortcodes are gone."""
    content = CAPTION.sub(r"<figure>\g<picture><figcaption>\g<words></figcaption></figure>", BLOCK_MARK.sub("", content))
    return re.sub(r"\n\s*\n", "\n<p>\n", SHORTCODE.sub("", content))


def _featured(node: "_Element", pictures: "dict[str, _Element]") -> tuple[Image, ...]:
    chosen = next((first(one, "meta_value") for one in find(node, "postmeta") if first(one, "meta_key") == "_thumbnail_id"), "")
    picture = pictures.get(chosen)
    address = working_address(first(picture, "attachment_url")) if picture is not None else ""
    if picture is None or not address:
        return ()
    alt = next((first(one, "meta_value") for one in find(picture, "postmeta") if first(one, "meta_key") == "_wp_attachment_image_alt"), "")
    return (Image(url=address, alt=plain(alt), caption=plain(_encoded(picture, "excerpt"))),)
