"""Read NITF, the format in which newswires have sent their text since 1999: one document, one story."""

from typing import TYPE_CHECKING

from digest.edit.reading.fragment import read_fragment
from digest.edit.reading.identity import working_address
from digest.edit.reading.item import CORRECTS, Item, each_once, embargo_of, is_killed, revision_of, urgency_of
from digest.edit.reading.metadata import pixels
from digest.edit.reading.xmltree import anywhere, find, first, inner, local, words
from digest.model import Image

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_nitf(root: "_Element") -> Item:
    """The story of an <nitf> element. One without a name of its own has no guid."""
    docdata = next(iter(anywhere(root, "docdata")), root)
    head = next(iter(anywhere(root, "body.head")), root)
    body = next(iter(anywhere(root, "body.content")), None)
    status = docdata.get("management-status") or ""
    notes = each_once(*(words(one) or (one.get("info") or "").strip() for one in anywhere(docdata, "ed-msg")), first(head, "note"))
    corrected = next(iter(anywhere(docdata, "correction")), None)
    text = read_fragment(_html(body)) if body is not None else None
    pubdata = next(iter(anywhere(root, "pubdata")), None)
    return Item(
        guid=next((guid for one in anywhere(docdata, "doc-id") if (guid := (one.get("id-string") or "").strip())), ""),
        url=working_address((pubdata.get("ex-ref") or "") if pubdata is not None else ""),
        revision=next((number for one in anywhere(docdata, "du-key") if (number := revision_of(one.get("version")))), 0),
        headline=first(head, "hedline", "hl1") or first(head, "headline", "hl1") or first(root, "head", "title"),
        dek=first(head, "hedline", "hl2") or first(head, "abstract"),
        byline=", ".join(each_once(*(_name(one) for one in find(head, "byline")))),
        dateline=first(head, "dateline", "location"),
        paragraphs=text.paragraphs if text else (),
        images=tuple(image for media in anywhere(root, "media") for image in _picture(media)),
        credit=_credit(docdata, head),
        usage=" ".join(each_once(*(words(one) for one in anywhere(docdata, "doc.rights", "rights")), *map(words, find(head, "rights")))),
        slug=_slug(docdata),
        urgency=next((number for one in anywhere(docdata, "urgency") if (number := urgency_of(one.get("ed-urg")))), 0),
        published=_norm(docdata, "date.issue") or next((one.get("norm") or "" for one in anywhere(head, "story.date")), ""),
        embargo=embargo_of(status, _norm(docdata, "date.release")),
        correction=_correction(corrected, notes),
        tags=each_once(*((one.get("key") or "").strip() for one in anywhere(docdata, "keyword"))),
        language=(root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").partition("-")[0],
        withdrawn=is_killed(status),
    )


def _norm(docdata: "_Element", name: str) -> str:
    return next((date for one in anywhere(docdata, name) if (date := (one.get("norm") or "").strip())), "")


def _slug(docdata: "_Element") -> str:
    names = (one.get("key") or one.get("fix-id") or "" for one in anywhere(docdata, "du-key", "fixture"))
    return next((name.strip() for name in names if name.strip()), "")


def _name(byline: "_Element") -> str:
    """The person of a byline where it is marked, else all of it."""
    people = each_once(*map(words, anywhere(byline, "person")))
    return ", ".join(people) or words(byline)


def _credit(docdata: "_Element", head: "_Element") -> str:
    copyright = next(iter(anywhere(docdata, "doc.copyright")), None)
    stated = ""
    if copyright is not None and (holder := (copyright.get("holder") or "").strip()):
        stated = f"© {' '.join(each_once((copyright.get('year') or '').strip()[:4], holder))}"
    return " ".join(each_once(first(head, "distributor"), stated))


def _correction(corrected: "_Element | None", notes: tuple[str, ...]) -> str:
    if corrected is not None:
        return (corrected.get("info") or "").strip() or words(corrected) or "corrected"
    return next((note for note in notes if CORRECTS.search(note)), "")


def _html(body: "_Element") -> str:
    """The text as HTML: NITF's own blocks become those that they are like; pictures and notes to editors are read apart."""
    from copy import deepcopy

    body = deepcopy(body)
    for one in list(body.iter()):
        name = local(one)
        if name in ("media", "note", "ednote", "object") and one.getparent() is not None:
            parent, before = one.getparent(), one.getprevious()
            assert parent is not None
            if before is not None:
                before.tail = (before.tail or "") + (one.tail or "")
            else:
                parent.text = (parent.text or "") + (one.tail or "")
            parent.remove(one)
        elif name:
            one.tag = {"block": "div", "bq": "blockquote", "nitf-table": "div", "hl1": "h2", "hl2": "h2", "fn": "div"}.get(name, name)
    return inner(body)


def _picture(media: "_Element") -> tuple[Image, ...]:
    """The largest of a picture's files; () for what is no picture."""
    files = [one for one in find(media, "media-reference") if (media.get("media-type") or "image").lower() in ("image", "photo", "graphic")]
    named = [one for one in files if working_address(one.get("source") or "") or "://" not in (one.get("source") or "://")]
    if not named:
        return ()
    largest = max(named, key=lambda one: pixels(one.get("width")))
    source = largest.get("source") or ""
    return (
        Image(
            url=working_address(source) or source,
            alt=(largest.get("alternate-text") or "").strip(),
            caption=" ".join(map(words, find(media, "media-caption"))),
            credit=" ".join(map(words, find(media, "media-producer"))),
            width=pixels(largest.get("width")),
            height=pixels(largest.get("height")),
        ),
    )
