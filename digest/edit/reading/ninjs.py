"""Read ninjs, the JSON in which news agencies send their items: versions 1.x with one text a name, 2.x and 3.x with lists of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from digest.edit.reading.captions import part_credit
from digest.edit.reading.fragment import Fragment, read_fragment
from digest.edit.reading.identity import working_address
from digest.edit.reading.item import CORRECTS, UNENDING, Item, each_once, embargo_of, is_killed, revision_of, urgency_of, without_twins
from digest.edit.reading.metadata import pixels
from digest.edit.reading.nitf import read_nitf
from digest.edit.reading.plain import plain
from digest.edit.reading.xmltree import local, parse_xml
from digest.errors import Unreadable
from digest.model import Image

PICTURES = ("picture", "graphic")
NO_TEXT = (*PICTURES, "audio", "video", "component", "event", "planning")


def is_ninjs(table: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an item of ninjs: it has a uri, and a name of news."""
    names = {name.lower() for name in table}
    return "uri" in names and bool(
        names & {"versioncreated", "pubstatus", "bodies", "headlines", "body_text", "body_html", "body_xhtml", "headline", "standard"}
    )


def read_ninjs(table: Mapping[str, Any], *, place: str) -> Item:
    """The story of a ninjs item. Raises Unreadable for an item that is none, and for one without text."""
    told = {name.lower(): value for name, value in table.items()}
    guid, kind = _text(told, "uri"), _text(told, "type").lower()
    status = _text(told, "pubstatus")
    if kind in NO_TEXT and not is_killed(status):
        raise Unreadable(f"{place}: {guid} is of the type {kind}, no text.", hint="A picture is used where a text is associated with it.")
    item = _body(told, place=place)
    described = {role: text for role, text in _valued(told, "description") if role != "creditline"}
    paragraphs = item.paragraphs or read_fragment("\n\n".join(described.values())).paragraphs
    if not paragraphs and not is_killed(status):
        raise Unreadable(f"{place}: {guid} has no text in it.", hint="Ask the agency for items with a body.")
    note = _text(told, "ednote")
    dek = next((plain(text) for role, text in described.items() if role in ("lead", "summary", "text", "")), "") if item.paragraphs else ""
    images = tuple(image for one in _associated(told) if (image := _picture(one)))
    return replace(
        item,
        guid=guid,
        revision=revision_of(told.get("version")) or item.revision,
        headline=_headline(told) or item.headline,
        dek="" if dek[:80] in " ".join(item.paragraphs[:3]) else dek,
        byline=_text(told, "byline", "by") or item.byline,
        dateline=_text(told, "located") or item.dateline,
        paragraphs=paragraphs,
        images=without_twins((*images, *item.images)),
        credit=" ".join(each_once(dict(_valued(told, "description")).get("creditline", ""), _text(told, "copyrightnotice"))) or item.credit,
        usage=_text(told, "usageterms") or item.usage,
        slug=_text(told, "slugline") or item.slug,
        urgency=urgency_of(told.get("urgency")) or item.urgency,
        language=_text(told, "language").partition("-")[0].lower() or item.language,
        published=_text(told, "firstcreated", "contentcreated", "versioncreated") or item.published,
        embargo=embargo_of(status, _text(told, "embargoed") or (UNENDING if _text(told, "embargoedreason") else "")) or item.embargo,
        correction=note if CORRECTS.search(note) else item.correction,
        tags=each_once(*_tags(told)) or item.tags,
        withdrawn=is_killed(status) or item.withdrawn,
    )


def _body(told: Mapping[str, Any], *, place: str) -> Item:
    """The fullest form of the text: NITF, which marks what is what, then HTML, then plain text."""
    bodies = sorted(_valued(told, "body"), key=lambda body: _rank(body[0], body[1]))
    for role, value in bodies:
        if "nitf" in role and value.lstrip().startswith("<"):
            root = parse_xml(value.encode(), place=place).root
            item = read_nitf(root) if local(root) == "nitf" else Item()
        else:
            text: Fragment = read_fragment(value)
            item = Item(paragraphs=_below_labels(text.paragraphs, _headline(told)), images=text.images)
        if item.paragraphs:
            return item
    return Item()


def _below_labels(paragraphs: tuple[str, ...], headline: str) -> tuple[str, ...]:
    """The text below the headline that a body repeats, and below the labels - section, agency - that stand between them."""
    if not paragraphs or paragraphs[0].casefold() != headline.casefold():
        return paragraphs
    labels = takewhile(lambda line: len(line.split()) <= 3 and not line.endswith((".", "!", "?", ":")), paragraphs[1:4])
    return paragraphs[1 + len(list(labels)) :]


def _rank(role: str, value: str) -> int:
    is_nitf = "nitf" in role and "<nitf" in value[:500]
    return 0 if is_nitf else 3 if "nitf" in role else 1 if "html" in role else 2


def _valued(told: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """(role, text) of what version 1 writes as body_html and headline, and later ones as a list of values with roles."""
    listed = told.get({"body": "bodies"}.get(name, f"{name}s"))
    for one in listed[:50] if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("value"), str):
            yield str(one.get("role") or one.get("contentType") or one.get("contenttype") or "").lower(), one["value"]
    for key, value in told.items():
        if (key == name or key.startswith(f"{name}_")) and isinstance(value, str) and value.strip():
            yield key[len(name) :].strip("_"), value


def _headline(told: Mapping[str, Any]) -> str:
    headlines = [(role, text) for role, value in _valued(told, "headline") if (text := plain(value))]
    main = [text for role, text in headlines if role in ("main", "")] or [text for _, text in headlines]
    return main[0] if main else _text(told, "title")


def _tags(told: Mapping[str, Any]) -> Iterator[str]:
    for name in ("subject", "subjects", "keywords"):
        value = told.get(name)
        for one in value[:200] if isinstance(value, list) else ():
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                yield plain(one["name"])
            elif isinstance(one, str):
                yield plain(one)


def _associated(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The items that go with this one: by name in version 1, in a list later."""
    value = told.get("associations")
    rows = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    for one in rows[:50]:
        if isinstance(one, dict):
            yield {name.lower(): inner for name, inner in one.items()}


def _picture(told: Mapping[str, Any]) -> Image | None:
    """The picture of an item in its largest file that every browser shows, unless it is a logo or was taken back."""
    if _text(told, "type").lower() not in PICTURES or is_killed(_text(told, "pubstatus")) or "logo" in _text(told, "name").lower():
        return None
    value = told.get("renditions")
    rows = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    files = [{name.lower(): inner for name, inner in one.items()} for one in rows[:50] if isinstance(one, dict)]
    online = [one for one in files if working_address(_text(one, "href"))]
    shown = [one for one in online if _text(one, "contenttype", "mimetype") in ("", "image/jpeg", "image/png")]
    if not shown:
        return None
    largest = max(shown, key=lambda one: pixels(one.get("width")))
    texts = dict(_valued(told, "description"))
    caption, credit = part_credit(plain(next((text for role, text in texts.items() if role != "creditline"), "")))
    return Image(
        url=working_address(_text(largest, "href")),
        alt=_headline(told),
        caption=caption,
        credit=texts.get("creditline", "") or _text(told, "byline", "by") or credit,
        width=pixels(largest.get("width")),
        height=pixels(largest.get("height")),
    )


def _text(told: Mapping[str, Any], *names: str) -> str:
    return next((text for name in names if isinstance(value := told.get(name), str) and (text := plain(value))), "")
