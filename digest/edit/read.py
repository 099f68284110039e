"""Understand a document as a story: who says what, when and where, and what on the page is not the story."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from digest.edit.headline import make_headline
from digest.edit.reading.clean import Cleaned, clean, join_credits
from digest.edit.reading.dates import read_date
from digest.edit.reading.declared import Declared, part_front_matter, picture_address
from digest.edit.reading.identity import same_site, story_id, working_address
from digest.edit.reading.item import UNENDING, item_from_json
from digest.edit.reading.language import settle_language
from digest.edit.reading.markdown import read_markdown
from digest.edit.reading.plain import LARGEST, decode, plain, plain_lines
from digest.edit.reading.wire import part_address, part_head, wire_paragraphs
from digest.errors import BadDate, Unreadable
from digest.model import FURTHER_NOTICE, Cut, Dateline, Document, Image, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a document tells about its story before its text is cleaned; "" and () say that it does not."""

    paragraphs: tuple[str, ...]
    headline: str = ""
    dek: str = ""
    byline: str = ""
    url: str = ""
    source: str = ""
    credit: str = ""
    language: str = ""
    published_at: datetime | None = None
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    furniture: tuple[Cut, ...] = ()
    pinned: bool = False
    dateline: str = ""  # the place
    embargo_until: datetime | None = None
    urgency: int = 0
    slug: str = ""
    usage: str = ""
    revision: int = 0
    correction: str = ""
    withdrawn: bool = False
    path: str = ""  # what names a story that is not online


def read(document: Document, *, zone: tzinfo, language: str = "en") -> Story:
    """Read a document of any kind. Dates without a zone are read in `zone`; a story that names no language has `language`.

    Raises Unreadable, its message beginning with document.url, for what is no text, is broken, or holds no story.
    """
    reader = READERS.get(document.kind)
    if reader is None:
        raise Unreadable(f"{document.url}: documents of kind {document.kind!r} cannot be read.", hint=f"Known kinds: {', '.join(READERS)}.")
    if len(document.content) > LARGEST:
        raise Unreadable(
            f"{document.url}: {len(document.content) / 1e6:.0f} MB is too much for a story.", hint="Leave it out, or cut it below 10 MB."
        )
    told = reader(document, zone)
    told = _without_its_headline(told)
    cleaned = clean(told.paragraphs, signed=told.byline)
    if not cleaned.paragraphs and not told.withdrawn:  # a kill need not say again what it kills
        raise Unreadable(f"{document.url}: no text of a story is in it.", hint="Look at the file: it is empty, or all of it is furniture.")
    return _story(document, told, cleaned, zone, language)


def _story(document: Document, told: Told, cleaned: Cleaned, zone: tzinfo, language: str) -> Story:
    url = _address(document, told)
    headline = plain(told.headline) or cleaned.heading
    lead = cleaned.paragraphs[0] if cleaned.paragraphs else plain(told.slug) or "Withdrawn"
    return Story(
        id=story_id(url, source=document.source, path=told.path or document.url),
        url=url,
        source=plain(told.source) or document.source,
        headline=headline or make_headline(lead) or " ".join(lead.split()[:12]),
        headline_made=not headline,
        dek=plain(told.dek),
        byline=re.sub(r"^by:? ", "", plain(told.byline), flags=re.IGNORECASE) or cleaned.byline,
        dateline=cleaned.dateline or (Dateline(place=place) if (place := plain(told.dateline)) else None),
        paragraphs=cleaned.paragraphs,
        images=_with_captions(told.images, cleaned.captions),
        credit=join_credits((told.credit, cleaned.credit)),
        tags=_tags(told.tags, cleaned.tags, document.hints),
        published_at=_public(told.published_at or _printed_date(document, cleaned.published, zone), told.embargo_until),
        language=settle_language(told.language or document.hints.get("language") or language, cleaned.paragraphs),
        pinned=told.pinned,
        furniture=told.furniture + cleaned.furniture,
        embargo_until=told.embargo_until,
        urgency=told.urgency,
        place=int(document.hints.get("place", 0)),
        slug=plain(told.slug),
        usage=plain(told.usage),
        revision=told.revision,
        correction=plain(told.correction),
        withdrawn=told.withdrawn,
    )


# --- the kinds of documents


def _read_text(document: Document, zone: tzinfo) -> Told:
    url, lines = part_address(wire_paragraphs(decode(document.content, place=document.url)))
    head = part_head(lines)
    return Told(headline=head.headline, dek=head.dek, url=url, paragraphs=head.rest, furniture=head.furniture)


def _read_markdown(document: Document, zone: tzinfo) -> Told:
    text = re.sub(r"\r\n?", "\n", decode(document.content, place=document.url))
    declared, rest = part_front_matter(text, place=document.url)
    body = read_markdown(rest)
    pictures = tuple(replace(image, url=picture_address(image.url)) for image in body.images)
    return Told(
        headline=declared.text("title", "headline") or body.headline,
        dek=declared.text("dek", "description"),
        byline=", ".join(declared.texts("byline", "authors", "author")),
        url=declared.text("url"),
        source=declared.text("source"),
        credit=declared.text("credit"),
        language=declared.text("language"),
        published_at=declared.moment("date", "published", zone=zone),
        tags=declared.texts("tags", "categories"),
        images=declared.images("images", "image") + tuple(image for image in pictures if image.url or image.alt),
        pinned=declared.flag("pinned", "pin"),
        paragraphs=body.paragraphs,
    )


def _read_record(document: Document, zone: tzinfo) -> Told:
    """One JSON object: id, date, source, url, title, authors, tags, text; blank lines part the paragraphs of text."""
    try:
        table = json.loads(decode(document.content, place=document.url))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{document.url}: this is no JSON object: {error}.", hint="One object a line, in UTF-8.") from error
    if not isinstance(table, dict):
        raise Unreadable(f"{document.url}: this is no JSON object.", hint='One object a line: {"title": ..., "text": ...}')
    text = table.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Unreadable(f"{document.url}: the record has no text.", hint='Give it a "text", with blank lines between paragraphs.')
    declared = Declared({key: value for key, value in table.items() if key != "text"}, place=document.url)
    number = table.get("id")
    return Told(
        headline=declared.text("title", "headline"),
        byline=", ".join(declared.texts("authors", "author")),
        url=declared.text("url"),
        source=declared.text("source"),
        published_at=declared.moment("date", zone=zone),
        tags=declared.texts("tags"),
        paragraphs=tuple(re.split(r"\n\s*\n", plain_lines(text))),
        path=f"{document.url.partition('#')[0]}#{number}" if isinstance(number, (str, int)) and number != "" else "",
    )


def _read_page(document: Document, zone: tzinfo) -> Told:
    from digest.edit.reading.extract import extract

    try:
        page = extract(document.content, url=document.url)
    except Unreadable as error:
        raise Unreadable(f"{document.url}: {error.message}", hint=error.hint) from error
    written = page.published or document.hints.get("published", "")
    try:
        published = read_date(written, zone=zone) if written else None
    except BadDate:  # a page's date is nobody's to correct: the story is undated, and reported as such
        published = None
    return Told(
        headline=page.headline,
        dek=page.dek,
        byline=page.byline,
        url=page.url,
        source=page.site,
        credit=page.credit,
        language=document.hints.get("language", "") or page.language,
        published_at=published,
        tags=page.tags,
        images=page.images,
        furniture=page.furniture,
        paragraphs=page.paragraphs,
    )


def _read_item(document: Document, zone: tzinfo) -> Told:
    """One story out of a feed, a newswire file or an export. Its date is a machine's: one that cannot be read leaves it undated."""
    item = item_from_json(document.content, place=document.url)
    try:
        published = read_date(item.published, zone=zone) if item.published else None
    except BadDate:
        published = None
    return Told(
        headline=item.headline,
        dek=item.dek,
        byline=item.byline,
        dateline=item.dateline,
        url=item.url,
        source=item.source,
        credit=item.credit,
        language=document.hints.get("language", "") or item.language,
        published_at=published,
        tags=item.tags,
        images=item.images,
        paragraphs=item.paragraphs,
        embargo_until=_embargo(document, item.embargo, zone),
        urgency=item.urgency,
        slug=item.slug,
        usage=item.usage,
        revision=item.revision,
        correction=item.correction,
        withdrawn=item.withdrawn,
        path=item.guid,
    )


def _embargo(document: Document, written: str, zone: tzinfo) -> datetime | None:
    """The end of an embargo. One that cannot be read holds the story back altogether: it must not slip out."""
    if written == UNENDING:
        return FURTHER_NOTICE
    try:
        return read_date(written, zone=zone) if written else None
    except BadDate as error:
        raise Unreadable(f"{document.url}: it is embargoed, and the end cannot be read: {error.message}", hint=error.hint) from error


READERS: Mapping[str, Callable[[Document, tzinfo], Told]] = {
    "text": _read_text,
    "markdown": _read_markdown,
    "record": _read_record,
    "html": _read_page,
    "item": _read_item,
}


# --- from what was told to the story


def _address(document: Document, told: Told) -> str:
    """The story's own address; a page found online speaks only for its own site."""
    given = working_address(told.url)
    if document.kind == "item":  # one of several in its document, whose address is not its own
        return given
    found = working_address(document.url)
    if document.kind == "html" and found and given and not same_site(found, given):
        return found
    return given or found


def _public(published: datetime | None, embargo_until: datetime | None) -> datetime | None:
    """A story counts as published when its embargo ends: the issue of that day is the one that may carry it."""
    if embargo_until is None or embargo_until == FURTHER_NOTICE:
        return published
    return max(published or embargo_until, embargo_until)


def _printed_date(document: Document, written: str, zone: tzinfo) -> datetime | None:
    """The date line of the text. One that could mean two days is refused; one without a day ("2 hours ago") is no date."""
    try:
        return read_date(written, zone=zone) if written else None
    except BadDate as error:
        if document.kind == "html" or not re.search(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", written):
            return None
        raise Unreadable(f"{document.url}: {error.message}", hint=error.hint) from error


def _tags(told: Sequence[str], printed: Sequence[str], hints: Mapping[str, str]) -> tuple[str, ...]:
    """Each tag once, case aside, the document's own first."""
    tags = filter(None, map(plain, [*told, *printed, *hints.get("tags", "").split(",")]))
    return tuple({tag.casefold(): tag for tag in reversed(list(tags))}.values())[::-1]


def _without_its_headline(told: Told) -> Told:
    """A headline that stands again above the text is no paragraph of it, alone or below the caption that was copied with it."""
    headline = plain(told.headline).casefold()
    for number, paragraph in enumerate(told.paragraphs[:3] if headline else ()):
        line = plain(paragraph)
        captioned = number == 0 and " " in headline and line.casefold().endswith(f". {headline}") and len(line) < len(headline) + 300
        if line.casefold() == headline or captioned:
            cut = Cut(text=line, rule="headline")
            return replace(told, paragraphs=told.paragraphs[:number] + told.paragraphs[number + 1 :], furniture=(*told.furniture, cut))
    return told


def _with_captions(images: tuple[Image, ...], captions: Sequence[Image]) -> tuple[Image, ...]:
    """Give captions found in the text to the one picture that has none; the others become words without a picture."""
    known = {image.caption for image in images} | {image.alt for image in images}
    new = list({image.caption: image for image in reversed(captions) if image.caption not in known}.values())[
        ::-1
    ]  # a gallery repeats itself
    if len(images) == 1 and len(new) == 1 and not images[0].caption:
        only, words = images[0], new[0]
        return (replace(only, alt=only.alt or words.alt, caption=words.caption, credit=only.credit or words.credit),)
    return images + tuple(new)
