"""Read NewsML-G2 and NewsML 1.2, the envelopes of news agencies: one item or several, with rights, status and pictures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.edit.reading.captions import part_credit
from digest.edit.reading.fragment import read_fragment
from digest.edit.reading.identity import working_address
from digest.edit.reading.item import CORRECTS, UNENDING, Item, each_once, embargo_of, is_killed, revision_of, urgency_of, without_twins
from digest.edit.reading.metadata import pixels
from digest.edit.reading.nitf import read_nitf
from digest.edit.reading.xmltree import anywhere, find, first, inner, local, words
from digest.errors import Unreadable
from digest.model import Image

if TYPE_CHECKING:
    from lxml.etree import _Element

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TEXT_CLASSES = ("text", "composite", "")


def read_newsml_g2(root: "_Element", *, place: str) -> Iterator[Item | Unreadable]:
    """The text items of a newsItem, packageItem or newsMessage, with their pictures; and, for each item that is no story, why not."""
    nodes = [root] if local(root) in ("newsitem", "packageitem") else anywhere(root, "newsitem", "packageitem")
    stories = [node for node in nodes if local(node) == "newsitem" and _class(node) in TEXT_CLASSES]
    pictures = {node.get("guid", ""): node for node in nodes if local(node) == "newsitem" and _class(node) in ("picture", "graphic")}
    given: set[str] = set()
    for node in stories:
        mine = [guid for guid in pictures if len(stories) == 1 or guid in _beside(node, nodes)]
        given.update(mine)
        yield _told(node, tuple(image for guid in mine if (image := _picture(pictures[guid]))), place)
    for node in nodes:
        if node not in stories and node.get("guid", "") not in given and (refused := _no_story(node, alone=not stories, place=place)):
            yield refused
    if not nodes:
        yield Unreadable(f"{place}: this is NewsML-G2 without a news item: its root is <{local(root)}>.", hint="Send news items.")


def _class(node: "_Element") -> str:
    """ "text", "picture", "package"; "" when it is not said."""
    return (
        next((one.get("qcode") or one.get("uri") or "" for one in find(node, "itemmeta", "itemclass")), "")
        .rpartition(":")[2]
        .rpartition("/")[2]
    )


def _no_story(node: "_Element", *, alone: bool, place: str) -> Unreadable | None:
    """Why an item is no story. A package among the stories it binds together is nothing to tell about."""
    guid = node.get("guid", "")
    if local(node) == "packageitem":
        named = len(anywhere(node, "itemref"))
        reason = f"{place}: {guid} is a package: it refers to {named} items and holds no text of its own."
        return Unreadable(reason, hint="Put the items that it names into the folder too.") if alone else None
    kind = _class(node) or "unknown"
    if is_killed(_status(node)):
        return None
    return Unreadable(f"{place}: {guid} is of the class {kind}, no text.", hint="It is used where it comes with a text, in one message.")


def _beside(node: "_Element", nodes: "list[_Element]") -> set[str]:
    """The items that this one links to, or that a package puts into one group with it and no other text."""
    named = {one.get("residref") or "" for one in anywhere(node, "link", "itemref", "remotecontent")}
    for package in (one for one in nodes if local(one) == "packageitem"):
        for group in anywhere(package, "group"):
            members = [one.get("residref") or "" for one in find(group, "itemref")]
            texts = [other.get("guid") for other in nodes if other.get("guid") in members and _class(other) in TEXT_CLASSES]
            if texts == [node.get("guid")]:
                named.update(members)
    return named - {""}


def _status(node: "_Element") -> str:
    return next((one.get("qcode") or one.get("uri") or "" for one in find(node, "itemmeta", "pubstatus")), "")


def _told(node: "_Element", images: tuple[Image, ...], place: str) -> Item | Unreadable:
    content = _content(node)
    killed = is_killed(_status(node))
    held = find(node, "itemmeta", "embargoed")
    notes = each_once(*map(words, find(node, "itemmeta", "ednote")))
    signals = {(one.get("qcode") or one.get("uri") or "").lower() for one in find(node, "itemmeta", "signal")}
    corrected = any(signal.endswith(("correction", "corrected")) for signal in signals)
    if not content.paragraphs and not killed:
        hint = "The text may lie elsewhere: ask the agency for inline content."
        return Unreadable(f"{place}: {node.get('guid', '')} has no text in it.", hint=hint)
    return replace(
        content,
        guid=(node.get("guid") or "").strip() or content.guid,
        revision=revision_of(node.get("version")) or content.revision,
        headline=_headline(node) or content.headline,
        dek=_described(node, "summary") or content.dek,
        byline=first(node, "contentmeta", "by") or ", ".join(_names(node, "creator")) or content.byline,
        dateline=first(node, "contentmeta", "dateline") or first(node, "contentmeta", "located", "name") or content.dateline,
        images=without_twins((*images, *content.images)),
        credit=_credit(node) or content.credit,
        usage=" ".join(each_once(*map(words, find(node, "rightsinfo", "usageterms")))) or content.usage,
        slug=first(node, "contentmeta", "slugline") or content.slug,
        urgency=urgency_of(first(node, "contentmeta", "urgency")) or content.urgency,
        language=_language(node) or content.language,
        published=first(node, "itemmeta", "firstcreated") or first(node, "itemmeta", "versioncreated") or content.published,
        # an empty <embargoed> says that the end is not known yet
        embargo=embargo_of(_status(node), (words(held[0]) or UNENDING) if held else "") or content.embargo,
        correction=next((note for note in notes if corrected or CORRECTS.search(note)), "corrected" if corrected else content.correction),
        tags=each_once(*_names(node, "subject"), *map(words, find(node, "contentmeta", "keyword")), *content.tags),
        withdrawn=killed or content.withdrawn,
    )


def _content(node: "_Element") -> Item:
    """The text that an item carries: NITF, HTML or plain."""
    for part in (one for held in find(node, "contentset") for one in held):
        if local(part) == "inlinexml":
            nitf = next(iter(anywhere(part, "nitf")), None)
            if nitf is not None:
                return read_nitf(nitf)
            text = read_fragment(_markup(part))
        elif local(part) == "inlinedata" and (part.get("contenttype") or "text/plain").startswith("text/"):
            text = read_fragment(part.text or "")
        else:
            continue
        if text.paragraphs:
            return Item(paragraphs=text.paragraphs, images=text.images)
    return Item()


def _markup(part: "_Element") -> str:
    """What an element holds as plain HTML, its namespaces left behind."""
    from copy import deepcopy

    part = deepcopy(part)
    for one in part.iter():
        if local(one):
            one.tag = local(one)
    body = next(iter(part.iter("body")), part)
    return inner(body)


def _headline(node: "_Element") -> str:
    told = find(node, "contentmeta", "headline")
    return next((text for one in told if "main" in (one.get("role") or "main") and (text := words(one))), "") or next(map(words, told), "")


def _credit(node: "_Element") -> str:
    return " ".join(each_once(first(node, "contentmeta", "creditline"), first(node, "rightsinfo", "copyrightnotice")))


def _described(node: "_Element", role: str) -> str:
    return next((words(one) for one in find(node, "contentmeta", "description") if (one.get("role") or "").endswith(role)), "")


def _names(node: "_Element", of: str) -> Iterator[str]:
    """The first name of each, in the item's own language where it is marked."""
    language = _language(node)
    for one in find(node, "contentmeta", of):
        names = find(one, "name")
        mine = [name for name in names if (name.get(LANG) or language).partition("-")[0].lower() == language]
        if text := next((text for name in (mine or names) if (text := words(name))), ""):
            yield text


def _language(node: "_Element") -> str:
    stated = next((one.get("tag") or "" for one in find(node, "contentmeta", "language")), "") or node.get(LANG) or ""
    return stated.partition("-")[0].lower()


def _picture(node: "_Element") -> Image | None:
    """The picture of an item, in its largest file that stands online."""
    if is_killed(_status(node)):
        return None
    files = [one for held in find(node, "contentset") for one in held if local(one) == "remotecontent"]
    online = [one for one in files if working_address(one.get("href") or "") and (one.get("contenttype") or "image/").startswith("image/")]
    if not online:
        return None
    largest = max(online, key=lambda one: pixels(one.get("width")))
    caption, credit = part_credit(_described(node, "caption"))
    return Image(
        url=working_address(largest.get("href") or ""),
        alt=_headline(node),
        caption=caption,
        credit=first(node, "contentmeta", "creditline") or credit,
        width=pixels(largest.get("width")),
        height=pixels(largest.get("height")),
    )


# --- NewsML 1.2


def read_newsml_1(root: "_Element", *, place: str) -> Iterator[Item | Unreadable]:
    """The story of each NewsItem of a NewsML 1.x document, or why it is none."""
    for node in anywhere(root, "newsitem"):
        status = next((one.get("FormalName") or "" for one in find(node, "newsmanagement", "status")), "")
        item = _component_text(node)
        guid = next((words(one) for one in anywhere(node, "publicidentifier")), "")
        revision = first(node, "identification", "newsidentifier", "revisionid")
        if not item.paragraphs and not is_killed(status):
            yield Unreadable(f"{place}: {guid} has no text in it.", hint="Ask the agency for content in the document itself.")
            continue
        changes = {(one.get("FormalName") or "").lower(): one for one in find(node, "newsmanagement", "instruction")}
        lines = {
            local(line): text for lines in anywhere(node, "newslines") if not _is_picture(lines) for line in lines if (text := words(line))
        }
        date = first(node, "newsmanagement", "statuswillchange", "dateandtime") if embargo_of(status, "") else ""
        yield replace(
            item,
            guid=guid.removesuffix(f":{revision}").removesuffix(f":{revision}N") if revision else guid,
            revision=revision_of(revision) or item.revision,
            headline=lines.get("headline", "") or item.headline,
            byline=lines.get("byline", "") or item.byline,
            dateline=lines.get("dateline", "") or item.dateline,
            credit=" ".join(each_once(lines.get("creditline", ""), lines.get("copyrightline", ""))) or item.credit,
            usage=lines.get("rightsline", "") or item.usage,
            slug=lines.get("slugline", "") or item.slug,
            urgency=urgency_of(next((one.get("FormalName") for one in find(node, "newsmanagement", "urgency")), "")) or item.urgency,
            language=next((one.get("FormalName") or "" for one in anywhere(node, "language")), "").partition("-")[0] or item.language,
            published=first(node, "newsmanagement", "firstcreated") or item.published,
            embargo=embargo_of(status, date) or item.embargo,
            correction=next((words(one) or "corrected" for name, one in changes.items() if CORRECTS.search(name)), item.correction),
            tags=each_once(*lines.get("keywordline", "").split(","), *item.tags),
            withdrawn=is_killed(status) or item.withdrawn,
        )


def _component_text(node: "_Element") -> Item:
    """The text of the first component that is the body, or of the fullest one without a role of its own; pictures beside it."""
    texts: list[tuple[bool, int, Item]] = []
    images: dict[str, Image] = {}
    for component in anywhere(node, "newscomponent"):
        role = next((one.get("FormalName") or "" for one in find(component, "role")), "").lower()
        if role in ("photo", "picture", "graphic") and (image := _component_picture(component)):
            images[image.url] = image
        elif role in ("", "main", "body", "story", "text"):
            for data in find(component, "contentitem", "datacontent"):
                item = _data(data)
                texts.append((bool(role), sum(map(len, item.paragraphs)), item))
    best = max(texts, key=lambda text: text[:2], default=(False, 0, Item()))[2]
    return replace(best, images=without_twins((*images.values(), *best.images)))


def _data(data: "_Element") -> Item:
    nitf = next(iter(anywhere(data, "nitf")), None)
    if nitf is not None:
        return read_nitf(nitf)
    text = read_fragment(_markup(data) if len(data) else data.text or "")
    return Item(paragraphs=text.paragraphs, images=text.images)


def _is_picture(lines: "_Element") -> bool:
    component = lines.getparent()
    roles = find(component, "role") if component is not None else []
    return any((one.get("FormalName") or "").lower() not in ("", "main", "body", "story", "text") for one in roles)


def _component_picture(component: "_Element") -> Image | None:
    """The largest file of a picture. What such a component calls its headline is the caption."""
    found = []
    for one in find(component, "contentitem"):
        sizes = {prop.get("FormalName") or "": prop.get("Value") or "" for prop in find(one, "characteristics", "property")}
        wide, high = (pixels(sizes.get(name) or sizes.get(f"Pixel{name}")) for name in ("Width", "Height"))
        if address := working_address(one.get("Href") or ""):
            found.append(Image(url=address, width=wide, height=high))
    caption, credit = part_credit(first(component, "newslines", "headline"))
    return replace(max(found, key=lambda image: image.width), caption=caption, credit=credit) if found else None
