"""The nouns of a newsletter. Frozen, keyword-built, and they import nothing of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import date as Day

# --- a newsroom, as digest.toml describes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where stories come from. One of `files`, `feed`, `sitemap` and `pages` says what it is."""

    name: str  # printed as the story's source unless the story names its own outlet
    files: str = ""  # a folder or glob, relative to the newsroom
    feed: str = ""  # the address of an RSS, Atom or JSON feed
    sitemap: str = ""  # the address of a sitemap, or of an index of sitemaps
    pages: tuple[str, ...] = ()  # addresses of stories
    drop: bool = False  # files: others put them in while we look, and may take them away
    follow: bool = False  # feed: read the page behind an entry that does not hold the whole story
    days: int = 10  # sitemap: how old a listed page may be
    zone: str = ""  # IANA name; dates without a zone are read in it; "" = the newsroom's
    undated: str = "report"  # "report": never in a window; "gathered": dated by the moment it was first seen
    tags: tuple[str, ...] = ()  # added to every story of this source
    language: str = ""  # "" = the newsroom's


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What several stories are about, as an editor configured it.

    A story belongs when it carries one of `tags`, or when it speaks enough of `any` or `names` (above all in its headline) and holds
    every one of `all`; it never belongs when headline, dek or top hold one of `none`. Of several themes it goes where it is most at home.
    Keywords are beginnings of words, case aside ("immigra"); names are whole words in their own capitals ("Kim Jong Un"), and a name may
    tell its other forms ("Kyiv/Kiev").
    """

    key: str  # the table's name in digest.toml: [themes.KEY]
    title: str
    tags: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A series of issues with its own rhythm, such as `weekly`."""

    name: str
    rhythm: str  # "week" or "day"
    title: str  # printed in the masthead
    tags: tuple[str, ...] = ()  # only stories with one of these; () = all
    without: tuple[str, ...] = ()  # never a story with one of these
    at_most: int = 25  # items in an issue
    minimum_stories: int = 3
    summary_words: int = 45
    late_days: int = 7
    list: str = ""  # the list of subscribers who get it; "" = the one with the edition's name
    first: bool = True  # the first edition of its rhythm: its issue ids carry no name


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How much each part counts in the sum that puts the stories in order."""

    outlets: float = 9  # so 2.5 for each doubling of the outlets that tell it
    theme: float = 3.5  # and 1 for each doubling of the items on its theme
    own_theme: float = 0.5
    news: float = 2
    length: float = 1.5
    place: float = 1
    urgency: float = 3
    freshness: float = 0.5
    picture: float = 0.5
    tags: Mapping[str, float] = field(default_factory=dict)  # tag -> weight; below 0 moves its stories down


@dataclass(frozen=True, slots=True, kw_only=True)
class Masthead:
    """Who publishes: what every issue prints at its top and bottom."""

    publisher: str
    site: str = ""  # https address of the publisher's own pages; "" = not linked
    address: str = ""  # postal address; the law in many places asks for it
    sender: str = ""  # "Name <address>" of the From header
    utm_source: str = ""  # marks links to stories for the site's statistics; "" = no marks
    public_url: str = ""  # https address under which `digest serve` is reached; "" = no view or unsubscribe link
    language: str = "en"
    why: str = ""  # "You get this because ..."
    unsubscribe_mailbox: str = ""  # an address that reads mails of people who want to leave; "" = none, no mailto link is printed


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """The account that mail leaves by. Its password or API key comes from the environment, never from digest.toml."""

    kind: str  # "smtp" | "resend" | "outbox"
    host: str = ""  # smtp
    port: int = 587  # smtp
    security: str = "starttls"  # smtp: "starttls" | "tls" | "none"
    username: str = ""  # smtp; "" = no login
    url: str = "https://api.resend.com"  # resend
    folder: str = "outbox"  # outbox: a folder of the newsroom
    connections: int = 4
    rate: float = 0  # messages a second at most, over all connections; 0 = as fast as the other side takes them


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How far a newsroom goes on the web."""

    allow: tuple[str, ...] = ()  # networks outside the public internet that may be called, such as "10.0.0.0/8"
    ports: tuple[int, ...] = ()  # that may be called besides the usual ones
    pause: float = 1  # seconds between two calls at one host


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Who is told when a run that nobody watches fails."""

    mail: str = ""  # an address; goes by the newsroom's transport
    webhook: str = ""  # takes {"text": ...}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a digest.toml says, checked. The folders and files it names are relative to it."""

    masthead: Masthead
    zone: str  # IANA name of the newsroom's time zone
    sources: tuple[Source, ...]
    editions: tuple[Edition, ...]
    themes: tuple[Theme, ...] = ()
    ranking: Ranking = field(default_factory=Ranking)
    look: str = "front-page"
    inliner: str = "premailer"
    issues: str = "issues"
    store: str = "digest.db"
    templates: str = "templates"
    transport: TransportSettings | None = None  # None = nothing can be sent
    seed_list: str = "seed"  # its members get every issue, before all others
    web: WebSettings = field(default_factory=WebSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)


# --- from the world to a story

FURTHER_NOTICE = datetime(9999, 12, 31, tzinfo=UTC)  # the end of an embargo that names none


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something gathered that has not been read yet."""

    source: str  # Source.name
    url: str  # where it was found: an http(s) address, or the file's path relative to the newsroom, with "#12" for line 12
    kind: str  # "html" | "markdown" | "text" | "record" (one JSON object) | "item" (one story out of a feed, newswire file or export);
    # "xml" and "json" hold such items and are parted into them before anything is read
    content: bytes
    fetched_at: datetime  # UTC
    hints: Mapping[str, str] = field(
        default_factory=dict
    )  # settled or listed by the source: language, tags joined by ",", published, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A document or source that could not be used. It stops nothing and is always reported."""

    source: str
    place: str  # Document.url, or the source's files
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture with its words kept apart. Sizes are pixels of the file; 0 = unknown."""

    url: str  # https, or a path relative to the newsroom for a picture on disk
    alt: str = ""
    caption: str = ""
    credit: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """Where a story was filed, and by which agency: `SEOUL, South Korea (Tribune News Service) —`."""

    place: str
    agency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A piece of furniture and the rule that cut it."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A document we could read. Its lead is the first sentences that carry the news."""

    id: str  # hash of the canonical URL (of source and path for a file without one): a story keeps its id between runs
    url: str  # canonical http(s) address; "" = the story is not online
    source: str  # the outlet as printed
    headline: str
    headline_made: bool = False  # True: the document had none, it is the lead's first clause
    dek: str = ""  # the line under the headline
    byline: str = ""
    dateline: Dateline | None = None
    paragraphs: tuple[str, ...] = ()  # plain text, no furniture, no dateline
    images: tuple[Image, ...] = ()
    credit: str = ""  # copyright and distribution lines, kept always
    tags: tuple[str, ...] = ()
    published_at: datetime | None = None  # UTC; None = undated, never guessed
    language: str = "en"
    pinned: bool = False
    furniture: tuple[Cut, ...] = ()
    embargo_until: datetime | None = None  # UTC; may be printed from then on; None = no embargo, FURTHER_NOTICE = no end is known
    urgency: int = 0  # 1 highest to 9, as the agency says; 0 = not said
    place: int = 0  # in a list that somebody put in order, when it was read; 1 = the first, 0 = in none
    slug: str = ""  # the newsroom's working name for it
    usage: str = ""  # the terms on which it may be used
    revision: int = 0  # a higher one replaces a lower; 0 = not said
    correction: str = ""  # what this version puts right
    withdrawn: bool = False  # killed or taken back by its source


# --- from a story to an issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The half-open span [start, end) that an issue covers. Both are UTC and fall on whole local times in `zone`."""

    issue_id: str
    edition: str
    start: datetime
    end: datetime
    zone: str  # IANA name


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why a story is in an issue or out of it. One a story."""

    story_id: str
    decision: str  # "in" | "out"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening, told by one outlet or more. The best telling stands first."""

    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Events that share a theme, before they are boiled down to a section."""

    title: str
    theme: str = ""  # Theme.key; "" = discovered
    events: tuple[Event, ...] = ()
    names: tuple[str, ...] = ()  # the names considered for it, best first; () = configured
    why_named: Mapping[str, str] = field(default_factory=dict)  # each of the names -> what speaks for it and against it
    words: tuple[str, ...] = ()  # what its stories speak of most, by which it is known in the next issue; () = configured
    why: Mapping[str, str] = field(default_factory=dict)  # story id -> why it is grouped here
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # story id -> titles of other themes that it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a summary sentence stands in its story: story.paragraphs[paragraph][start:end] is the sentence."""

    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """Another outlet's telling of the same event."""

    story_id: str
    source: str
    url: str
    headline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A story boiled down for the newsletter. Every word is the reporter's own until an editor changes it."""

    story_id: str = ""  # "" = written by hand, no story behind it
    headline: str
    kicker: str = ""  # a word or two above the headline: what kind of piece it is
    summary: str = ""
    spans: tuple[Span, ...] = ()  # one a summary sentence, in order; () once it comes from a plan
    url: str = ""
    source: str = ""
    credit: str = ""
    date: Day | None = None  # in the newsroom's zone
    language: str = ""  # of headline and summary; "" = the issue's own
    image: Image | None = None
    also: tuple[Also, ...] = ()
    pinned: bool = False  # stands first in its section, whatever is built
    named_under: tuple[str, ...] = ()  # titles of other sections that it belongs to as well: a line below each says where it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A theme's place in an issue."""

    title: str
    briefs: tuple[Brief, ...] = ()
    style: str = "full"  # "full": headline, summary, picture; "headlines": a tight list of headlines


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The editor's own words at the top. `text` is plain but for Markdown emphasis and links."""

    text: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sponsor:
    """A paid block, marked as such. `text` is plain but for Markdown emphasis and links."""

    name: str
    text: str
    url: str = ""
    after: str = ""  # title of the section it follows; "" = after the lead
    first: Day | None = None  # the days it was sold for, both included, in the newsroom's zone; None = from ever, for ever
    last: Day | None = None

    def runs(self, start: Day, end: Day) -> bool:
        """Whether it was sold for one of the days from `start` to `end`, both included."""
        return (self.first is None or self.first <= end) and (self.last is None or self.last >= start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One number of an edition: everything that is printed."""

    id: str
    window: Window
    title: str  # the edition's, printed in the masthead
    subject: str
    preheader: str = ""
    note: Note | None = None
    lead: Brief | None = None
    sections: tuple[Section, ...] = ()
    sponsors: tuple[Sponsor, ...] = ()
    offered: tuple[Brief, ...] = ()  # stories that arrived after an editor began; not printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An issue as it is sent: the very text of both parts."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about an issue that an editor should know. An error blocks it."""

    rule: str
    severity: str  # "error" | "warning"
    where: str  # key path in plan.toml and the story id: "section[1].brief[0] (k3v9…)"
    message: str
    hint: str = ""


# --- who an issue goes to, and how


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """When, where from and how somebody asked for a list: what a regulator asks for."""

    at: datetime | None = None  # UTC; None = the list that was imported did not say
    source: str = ""  # "import of members.csv", "by hand"
    how: str = ""  # as the old system recorded it: "double opt-in from 192.0.2.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A subscriber on a list."""

    list: str
    status: str = "active"  # "active" | "pending" (not confirmed yet) | "left"
    consent: Consent = field(default_factory=Consent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Somebody who asked for a list."""

    id: int = 0  # 0 = not kept yet; never given to another person
    email: str  # as they wrote it
    name: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    memberships: tuple[Membership, ...] = ()
    added_at: datetime | None = None  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a list that is taken over: somebody, and what they asked for."""

    key: str  # the address as it is compared
    email: str
    name: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    list: str = ""  # "" = the list that it is taken over into
    status: str = "active"  # as Membership
    consent: Consent = field(default_factory=Consent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that gets nothing, on whatever list it is."""

    key: str  # the address as it is compared
    reason: str  # "bounced" | "complained" | "left" | "by hand"
    source: str = ""  # what told us: a file, a provider's event


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Whom an issue goes to: the active members of a list, narrowed by tags and languages. "" and () narrow nothing."""

    list: str
    tags: tuple[str, ...] = ()  # one of these
    languages: tuple[str, ...] = ()  # one of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """An issue on its way: the recipients are frozen and nobody is added."""

    id: int
    issue: str
    sha256: str  # of the sealed message
    list: str
    segment: str  # as it was asked for
    transport: str  # kind of the transport that last carried it
    salt: str
    frozen_at: datetime  # UTC; the Date header of every letter
    total: int
    state: str  # "sending" | "sent" | "cancelled"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is to get an issue, as frozen."""

    seq: int  # the place in the frozen list, from 1
    subscriber: int
    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Recipients whose letters go in one call, and the key that names it to a provider."""

    number: int  # within its claim
    key: str
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """One recipient's copy of a compiled message: where it goes and what stands in its slots."""

    seq: int  # its place in the frozen list of recipients, from 1
    address: str  # of the envelope; the domain in ASCII
    values: Mapping[str, str]  # slot name -> plain text, not escaped for anything yet


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a letter."""

    seq: int
    outcome: str  # "accepted" | "failed" (never) | "later" (plainly not taken now) | "uncertain" (perhaps taken)
    provider_id: str = ""
    reason: str = ""  # what the other side said
