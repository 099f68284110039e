"""Lay an issue out as the page that the templates print: what is shown, in which order, in which words."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from digest.edit.printing import emphasis, wording
from digest.edit.printing.direction import direction, runs
from digest.model import Brief, Image, Issue, Masthead, Section, Sponsor

if TYPE_CHECKING:
    from babel import Locale

PREVIEW = 130  # characters that an inbox shows beside the subject; what the preheader leaves empty is padded
LEAD_WIDTH, THUMB_WIDTH = 536, 132  # pixels
UNSEEN_FORMATS = (".webp", ".avif", ".svg", ".svgz")  # Outlook or Gmail show an empty box for them
SIGNED = re.compile(r"(?:^|[-_])(?:sig|sign|signature|token|hmac|hash|mac|key|expires|credential|policy)(?:$|[-_])")
UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
A_WORD = re.compile(rf"[{WIDE}]|[^\W{WIDE}]+(?:['’.,-][^\W{WIDE}]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that can be shown. Sizes are pixels on the page; height 0 = unknown."""

    url: str
    alt: str
    width: int
    height: int
    caption: str = ""
    credit: str = ""  # `Photo: pool`


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Words that may be a link. url "" = only words."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A brief as printed."""

    language: str  # of headline, summary and the picture's words; "" = the page's
    direction: str  # of the same; "" = the page's
    kicker: str
    headline: str
    summary: str
    url: str
    source: str
    date: str  # `Aug 12`
    credit: str
    also: tuple[Reference, ...]
    picture: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ad:
    """A sponsor's block."""

    name: str
    url: str
    paragraphs: tuple[emphasis.Paragraph, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section, and the ads that stand after it."""

    title: str
    style: str  # "full" | "headlines"
    items: tuple[Item, ...]
    see_also: tuple[Reference, ...]  # `Headline (in Section)`: items of other sections that belong here as well
    ads: tuple[Ad, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that a template is given to print of an issue. Every text is plain, on one line; every address may be linked."""

    language: str
    direction: str  # "ltr" | "rtl"
    subject: str
    preheader: str
    padding: int  # how many empty places follow the preheader
    title: str
    dates: str
    publisher: str
    minutes: str  # `5 min read`
    stories: str  # `18 stories`
    note: tuple[emphasis.Paragraph, ...]
    note_by: str
    lead: Item | None
    ads: tuple[Ad, ...]  # after the lead
    parts: tuple[Part, ...]
    site: str
    why: str
    address: str
    view_url: str
    unsubscribe_url: str
    reader: str  # the address that this copy goes to


def lay_out(
    issue: Issue, masthead: Masthead, words: Mapping[str, Any], *, view_url: str = "", unsubscribe_url: str = "", reader: str = ""
) -> Page:
    """The issue's page. Offered briefs and sections without one are left out."""
    issue = replace(issue, sponsors=running(issue))
    locale = wording.locale_of(masthead.language)
    shown = tuple(section for section in issue.sections if section.briefs)
    slots = _slots(issue.sponsors, shown)

    def marked(url: str) -> str:
        return with_utm(web_address(url), source=masthead.utm_source, campaign=issue.id) if masthead.utm_source else web_address(url)

    def item(brief: Brief, width: int) -> Item:
        picture = _picture(brief.image, issue.id, masthead.public_url, width, words)
        return _item(brief, picture, locale, masthead.language, marked)

    def elsewhere(brief: Brief, section: Section) -> Reference:
        where = wording.fill(words["in_section"], headline=printed(brief.headline), section=printed(section.title))
        return Reference(words=where, url=marked(brief.url))

    return Page(
        language=masthead.language,
        direction=direction(masthead.language),
        subject=printed(issue.subject),
        preheader=printed(issue.preheader),
        padding=max(PREVIEW - len(printed(issue.preheader)), 0),
        title=printed(issue.title),
        dates=wording.issue_dates(issue.window, words, locale),
        publisher=printed(masthead.publisher),
        minutes=wording.counted(reading_minutes(issue, words["words_a_minute"]), words["minutes"], locale),
        stories=wording.counted(_count(issue), words["stories"], locale),
        note=_paragraphs(issue.note.text) if issue.note else (),
        note_by=printed(issue.note.by) if issue.note else "",
        lead=item(issue.lead, LEAD_WIDTH) if issue.lead else None,
        ads=slots[-1],
        parts=tuple(
            Part(
                title=printed(section.title),
                style=section.style,
                items=tuple(item(brief, THUMB_WIDTH) for brief in section.briefs),
                see_also=tuple(elsewhere(brief, other) for brief, other in _named_under(section, shown)),
                ads=slots[place],
            )
            for place, section in enumerate(shown)
        ),
        site=marked(masthead.site),
        why=printed(masthead.why),
        address=printed(masthead.address),
        view_url=web_address(view_url),
        unsubscribe_url=web_address(unsubscribe_url),
        reader=printed(reader),
    )


def running(issue: Issue) -> tuple[Sponsor, ...]:
    """The sponsors that were sold for a day of the issue's window."""
    zone = ZoneInfo(issue.window.zone)
    start, end = issue.window.start.astimezone(zone).date(), (issue.window.end - timedelta(microseconds=1)).astimezone(zone).date()
    return tuple(sponsor for sponsor in issue.sponsors if sponsor.runs(start, end))


def reading_minutes(issue: Issue, words_a_minute: int) -> int:
    """Minutes to read what is printed, at least one; two Chinese or Japanese characters count as a word."""
    found = A_WORD.findall(" ".join(_read(issue)))
    wide = sum(1 for word in found if re.match(f"[{WIDE}]", word))
    return max(1, round((len(found) - wide / 2) / words_a_minute))


def printed(text: str) -> str:
    """Text on one line, without what cannot be printed: control characters, broken surrogates, marks that reverse what follows."""
    return " ".join(UNPRINTABLE.sub("", text).split())


def web_address(url: str) -> str:
    """The address in ASCII if a reader may be sent there (http, https or mailto), else ""."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if UNPRINTABLE.search(url) or re.search(r"[\t\r\n]", url) or not re.match(r"https?://[^/]|mailto:[^@]+@", url, re.IGNORECASE):
        return ""
    if parts.scheme != "mailto" and not host:
        return ""
    if not host.isascii():
        try:
            url = re.sub(re.escape(host), host.encode("idna").decode(), url, count=1, flags=re.IGNORECASE)
        except UnicodeError:
            return ""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]^_{|}~")


def with_utm(url: str, *, source: str, campaign: str) -> str:
    """The address with utm_source, utm_medium and utm_campaign, for the site's own statistics.

    One that already carries such marks, that is signed (a changed letter would break it) or that is not of the web stays as it is.
    """
    parts = urlsplit(url)
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if parts.scheme not in ("http", "https") or any(name.startswith("utm_") for name in names) or any(map(SIGNED.search, names)):
        return url
    query = "&".join(filter(None, (parts.query, urlencode({"utm_source": source, "utm_medium": "email", "utm_campaign": campaign}))))
    return urlunsplit(parts._replace(query=query))


def picture_name(path: str) -> str:
    """What a picture on disk is called in the issue's images folder: its path with "-" for "/".

    A name that would not travel well in an address gets plain letters, and a few of its hash so that no two pictures share one.
    """
    name = path.replace("/", "-")
    if re.fullmatch(r"\w[\w.-]*", name, re.ASCII):
        return name
    return sha256(path.encode()).hexdigest()[:8] + "-" + re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).lstrip(".-")


def picture_address(url: str, issue_id: str, public_url: str) -> str:
    """Where a reader's mail program loads a picture from: an https address as it is, our own public pages for a path; "" = nowhere."""
    if url.partition("?")[0].lower().endswith(UNSEEN_FORMATS):
        return ""
    if re.match(r"[a-z][a-z0-9+.-]*:|//", url, re.IGNORECASE):
        return web_address(url) if url.lower().startswith("https://") else ""
    return web_address(f"{public_url.rstrip('/')}/issues/{issue_id}/images/{picture_name(url)}") if public_url and url else ""


def _item(brief: Brief, picture: Picture | None, locale: "Locale", page_language: str, marked: Callable[[str], str]) -> Item:
    language, way = _tongue(brief, page_language)
    return Item(
        language=language,
        direction=way,
        kicker=printed(brief.kicker),
        headline=printed(brief.headline),
        summary=printed(brief.summary),
        url=marked(brief.url),
        source=printed(brief.source),
        date=wording.short_date(brief.date, locale) if brief.date else "",
        credit=printed(brief.credit),
        also=tuple(Reference(words=printed(also.source or also.headline), url=marked(also.url)) for also in brief.also),
        picture=picture,
    )


def _tongue(brief: Brief, page_language: str) -> tuple[str, str]:
    """The item's language and direction where they are not the page's. A page that claims a language of another script is not believed."""
    page_way = direction(page_language)
    way = runs(f"{brief.headline} {brief.summary}") or page_way
    language = brief.language if direction(brief.language or page_language) == way else ""
    return language, "" if way == page_way else way


def _picture(image: Image | None, issue_id: str, public_url: str, width: int, words: Mapping[str, Any]) -> Picture | None:
    """The picture at this width; None if no reader could load it."""
    url = picture_address(image.url, issue_id, public_url) if image else ""
    if image is None or not url:
        return None
    known = image.width > 0 and image.height > 0
    return Picture(
        url=url,
        alt=printed(image.alt),
        width=width,
        height=max(1, round(width * image.height / image.width)) if known else 0,
        caption=printed(image.caption),
        credit=_credit(printed(image.credit), words),
    )


def _named_under(section: Section, shown: tuple[Section, ...]) -> Iterator[tuple[Brief, Section]]:
    """The items printed in other sections that belong to this one as well, each with its section."""
    return ((brief, other) for other in shown if other is not section for brief in other.briefs if section.title in brief.named_under)


def _credit(credit: str, words: Mapping[str, Any]) -> str:
    """`Photo: Jane Roe, AFP`; `Illustration by Jane Roe` as it is."""
    if not credit or credit.startswith(tuple(words["says_so"])):
        return credit
    return wording.fill(words["photo"], credit=credit)


def _slots(sponsors: tuple[Sponsor, ...], shown: tuple[Section, ...]) -> dict[int, tuple[Ad, ...]]:
    """The ads by the place of the section they follow; -1 is after the lead."""
    titles = [section.title for section in shown]
    slots: dict[int, tuple[Ad, ...]] = dict.fromkeys(range(-1, len(shown)), ())
    for sponsor in sponsors:
        place = titles.index(sponsor.after) if sponsor.after in titles else len(titles) - 1 if sponsor.after else -1
        ad = Ad(name=printed(sponsor.name), url=web_address(sponsor.url), paragraphs=_paragraphs(sponsor.text))
        slots[place] = (*slots[place], ad)
    return slots


def _paragraphs(text: str) -> tuple[emphasis.Paragraph, ...]:
    return emphasis.paragraphs(UNPRINTABLE.sub("", text), web_address)


def _count(issue: Issue) -> int:
    return (1 if issue.lead else 0) + sum(len(section.briefs) for section in issue.sections)


def _read(issue: Issue) -> Iterator[str]:
    """Every text that a reader reads."""
    if issue.note:
        yield from (paragraph.text for paragraph in _paragraphs(issue.note.text))
    if issue.lead:
        yield from (issue.lead.headline, issue.lead.summary, issue.lead.image.caption if issue.lead.image else "")
    for section in issue.sections:
        yield section.title
        yield from chain.from_iterable((brief.headline, brief.summary if section.style == "full" else "") for brief in section.briefs)
    for sponsor in issue.sponsors:
        yield from (paragraph.text for paragraph in _paragraphs(sponsor.text))
