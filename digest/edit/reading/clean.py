"""Take everything off a story that is not the story, and say of each piece why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files

from digest.edit.reading.captions import is_alt_of, read_caption
from digest.edit.reading.dateline import AGENCIES, part_dateline
from digest.edit.reading.furniture import furniture_rule, part_glued, part_inserted
from digest.edit.reading.plain import plain
from digest.model import Cut, Dateline, Image

CREDITS = ("copyright", "distribution")  # rules whose text is kept as the credit
LAST_FEW = 4  # paragraphs at the end where notes about the author stand
LONG = 25  # words: a paragraph of so many is news, and the top of the story ends with it
TOP = 12  # lines in which the dateline stands, if there is one

BYLINE = re.compile(r"[^\w\"“‘]{0,3}(?:(?:[Ss]tory |[Ww]ritten |[Rr]eported )?[Bb]y|BY|STORY BY)\b:? (?P<who>[^\"“”:;?!]{3,140})")
BYLINE_SMALL = frozenset({
    "and", "with", "of", "the", "for", "in", "from", "to", "at", "de", "da", "del", "der", "di", "du", "la", "le", "van", "von", "bin",
    "al", "el", "y", "e", "staff", "writer", "writers", "reporter", "reporters", "correspondent", "correspondents", "editor", "editors",
    "special", "report", "reports", "news", "service", "wire", "wires", "desk", "bureau", "contributor", "columnist",
})  # fmt: skip
BYLINE_END = re.compile(r"\s*(?:[|•·]|--|—|\bPublished\b|\bUpdated\b|\b\d{4}-\d\d-\d\d\b).*$")
NAME = re.compile(r"(?:[A-Z][\w’'-]+|[A-Z]\.)(?: (?:[A-Z][\w’'-]+|[A-Z]\.|Jr\.|de|van|von|bin|al)){1,3}")
NAMES = re.compile(rf"{NAME.pattern}(?:(?:, and | and |, ){NAME.pattern}){{0,5}}")
NAMED_AGENCY = re.compile(rf"(?:{NAMES.pattern}|[A-Z][A-Z .’'-]{{3,40}}),? (?P<agency>(?:The )?[A-Z][\w./’'-]*(?: [A-Z][\w./’'-]*){{0,3}})")
OUTLET = re.compile(r"[A-Z][A-Z. ]{2,30}|The [A-Z]\w+(?: [A-Z]\w+){1,3}")
OUTLET_NOUNS = frozenset(
    word
    for line in (files("digest.edit") / "words" / "outlet_nouns.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)
OUTLET_WORDS = re.compile(r"(?:[A-Z][\w.’'-]*|of|and|the)(?: (?:[A-Z][\w.’'-]*|of|and|the)){0,5}")
SIGNATURE = re.compile(r"(?P<outlet>[^()]{0,60}?)\s?(?:\((?P<agency>[^()]{2,40})\)|/(?P<short>[A-Z]{2,4}))")  # Harbor Times (TNS)
VISIT = re.compile(
    r"\bVisit (?:us )?(?:[A-Z][\w.’'-]{0,30} ){0,6}?(?:(?:online )?at )?(?:https?://)?(?:[\w-]{1,60}\.){1,4}[a-z]{2,}(?:/\S*)?\.?(?!\S)"
)
STOP = re.compile(r"[.!?…][\"'”’)]*$")
BULLET = re.compile(r"^(?:[●•▪■◦‣⁃*]|--)\s+(?=\S)")  # of a list; a newsletter sets its own
BIO = re.compile(r"(?P<who>(?:[A-Z][\w.’'-]* ){1,4}?)(?:is|was|has|covers|joined|writes|works|reports|can|contributes)\b.+")
INVITATION = re.compile(
    r"(?:please )?\b(?:click|tap|go) (?:here|to)\b[^.]{0,80}?\b(?:reprint|permission|licens)\w*[^.]{0,60}\.?$", re.IGNORECASE
)
LONGEST_CREDIT = 600  # characters
LONGEST_NOTE = 900  # characters that tell who the author is
MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
DAY = rf"(?:{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}} {MONTH},? \d{{4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})"
TIME = r"\d{1,2}(?:[:.]\d\d){0,2} ?(?:[ap]\.?m\.?)?(?: ?\(?[a-z]{2,4}(?:[+-]\d{1,2})?\)?| ?[+-]\d\d:?\d\d|Z)?"
DATE_LINE = re.compile(
    rf"(?:[^\d|•·]{{2,40}} [|•·] )?(?P<when>(?:{TIME},? )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?{DAY}"
    rf"(?:,? ?(?:[|•·]|at|-|T)? ?{TIME})?)(?:[ |•·,-]{{1,3}}(?:last )?(?:updated|modified)\b.{{0,60}})?",
    re.IGNORECASE,
)
PUBLISHED = re.compile(
    r"\W{0,3}(?P<label>(?:first |originally |last )?(?:published|posted|issued|date|updated|created|modified))(?: on| at)?\b\s?:?\s?"
    r"(?P<when>\S.*?)(?:\W{0,3}\b(?:last )?(?:updated?|modified)\b.*)?",
    re.IGNORECASE,
)
TAGS = re.compile(
    r"\W{0,3}(?:tags|topics|keywords|categories|filed under|(?:this \w+ )?tagged(?: (?:under|with|in))?)\s?:\s*(?P<tags>.*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A story's text and what was parted from it. Every paragraph that came in is in `paragraphs` or in `furniture`."""

    paragraphs: tuple[str, ...]
    furniture: tuple[Cut, ...] = ()  # in reading order
    captions: tuple[Image, ...] = ()  # words of pictures that have no address here
    credit: str = ""  # copyright and distribution lines, joined in order
    byline: str = ""  # without "By"
    heading: str = ""  # the first line of three words or more that stood above the dateline and was no sentence
    dateline: Dateline | None = None
    published: str = ""  # as printed, without its label
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Desk:
    """What lies on the desk while a story is cleaned, paragraph by paragraph."""

    kept: list[str] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    captions: list[Image] = field(default_factory=list)
    byline: str = ""
    agency: str = ""  # that signs beside the byline
    published: str = ""
    updated: str = ""
    tags: tuple[str, ...] = ()
    news_began: bool = False
    listing: str = ""  # the rule whose label was just cut: lines of its list follow
    below_byline: bool = False  # the line above was one

    def cut(self, text: str, rule: str) -> None:
        self.cuts.append(Cut(text=text, rule=rule))


def clean(paragraphs: Sequence[str], *, signed: str = "") -> Cleaned:
    """Part furniture, captions, credits, byline, date line and dateline from the news. Rules: words/furniture.toml and this page.

    `signed` is the byline, if the document has one apart from its text.
    """
    lines = [line for line in map(plain, paragraphs) if line]
    desk = _Desk()
    begins = next((number for number, line in enumerate(lines[:TOP]) if part_dateline(line)[0]), 0)
    ends = _last_few(lines)
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        named = lines[number - 1] if number and lines[number - 1].isupper() else ""
        if (number >= ends or not desk.kept) and _is_about_a_signer(line, following, f"{signed or desk.byline}|{named}"):
            desk.cut(line, "about the author")
        else:
            _take(desk, line, following=following, above=number < begins, at_end=number >= ends)
    dateline, kept = _part_dateline(desk.kept)
    if desk.agency and not (dateline and dateline.agency):
        dateline = Dateline(place=dateline.place if dateline else "", agency=desk.agency)
    credits = [cut.text for cut in desk.cuts if cut.rule in CREDITS]
    return Cleaned(
        paragraphs=tuple(BULLET.sub("", paragraph) for paragraph in kept),
        furniture=tuple(desk.cuts),
        captions=tuple(desk.captions),
        credit=join_credits(credits),
        byline=desk.byline,
        heading=next((cut.text for cut in desk.cuts if cut.rule == "above the dateline" and cut.text.count(" ") > 1), ""),
        dateline=dateline,
        published=desk.published or desk.updated,
        tags=desk.tags,
    )


def join_credits(credits: Sequence[str]) -> str:
    """One line of the credits, each once and without an invitation to buy, in order; a full stop parts two that have none."""
    once = list(dict.fromkeys(stated for credit in credits if (stated := INVITATION.sub("", credit[:LONGEST_CREDIT]).strip())))
    return " ".join(text if text.endswith((".", "!", "?")) or number == len(once) - 1 else f"{text}." for number, text in enumerate(once))


def _last_few(lines: Sequence[str]) -> int:
    """Where the last few lines begin, counted without the furniture that stands among them."""
    ends, few = len(lines), 0
    while ends and few < LAST_FEW:
        ends -= 1
        few += not furniture_rule(lines[ends])
    return ends


def _take(desk: _Desk, line: str, *, following: str, above: bool, at_end: bool) -> None:
    """Put one line where it belongs. `above`: the story's dateline follows further down."""
    listing, desk.listing = desk.listing, ""
    below, desk.below_byline = desk.below_byline, False
    signs = below and read_outlet(line) != ""  # Harbor Times/TNS below a byline is no photographer
    if not signs and (caption := read_caption(line, at_top=not desk.news_began)):
        _take_caption(desk, line, *caption, before_dateline=part_dateline(following)[0] is not None)
    elif who := _byline(line, following, desk, below=below):
        desk.byline = desk.byline or who
        desk.below_byline = True
        desk.agency = desk.agency or _agency(line)
        desk.cut(line, "byline")
    elif not desk.news_began and (when := read_date_line(line)):
        desk.published = desk.published or when
        desk.cut(line, "date line")
    elif pieces := _credit_pieces(line):
        desk.cuts.extend(pieces)
    elif rule := furniture_rule(line, at_top=not any(map(_ends_a_sentence, desk.kept) if above else desk.kept), at_end=at_end):
        _take_furniture(desk, line, rule)
    elif listing and _is_listed(line, whole_sentences=above and listing == "story highlights"):
        desk.cut(line, listing)
        desk.listing = listing
    else:
        _keep(desk, line)


def _take_caption(desk: _Desk, line: str, rule: str, image: Image, *, before_dateline: bool) -> None:
    if not desk.news_began and desk.kept and image.caption and is_alt_of(desk.kept[-1], image.caption, before_dateline=before_dateline):
        image = replace(image, alt=desk.kept.pop())
        desk.cut(image.alt, "photo caption")
    desk.cut(line, rule)
    if image.caption or image.alt:
        desk.captions.append(image)
    elif rule == "photo credit" and desk.captions and not desk.captions[-1].credit:
        desk.captions[-1] = replace(desk.captions[-1], credit=image.credit)


def _take_furniture(desk: _Desk, line: str, rule: str) -> None:
    desk.cut(line, rule)
    if rule == "update line" and (dated := PUBLISHED.fullmatch(line)):
        if dated["label"].lower().endswith(("updated", "modified")):
            desk.updated = desk.updated or dated["when"]
        else:
            desk.published = desk.published or dated["when"]
    elif rule == "tags" and (tagged := TAGS.fullmatch(line)):
        desk.tags += tuple(tag.strip() for tag in re.split(r"[,;|]", tagged["tags"]) if tag.strip())
    elif rule == "story highlights" or (rule == "related" and len(line.split()) <= 5):
        desk.listing = rule


def _keep(desk: _Desk, line: str) -> None:
    line, boxes = part_inserted(line)
    kept, pieces = part_glued(line)
    dated = not desk.news_began and part_dateline(kept)[0] is not None
    for above in desk.kept if dated else ():  # headings and bullets: the news begins at its dateline
        if not _ends_a_sentence(above):
            desk.cut(above, "above the dateline")
    desk.kept = [*filter(_ends_a_sentence, desk.kept), kept] if dated else [*desk.kept, kept]
    desk.cuts.extend((*boxes, *pieces))
    desk.news_began = desk.news_began or dated or kept.count(" ") + 1 >= LONG


def _is_listed(line: str, *, whole_sentences: bool) -> bool:
    """Whether a line below a list's label is one of the list: short, and no sentence unless such a list holds them."""
    return len(line.split()) < LONG and (whole_sentences or not STOP.search(line))


def _ends_a_sentence(line: str) -> bool:
    return line.endswith((".", "!", "?", "”", '"', ":", "…", ")"))


def _credit_pieces(line: str) -> tuple[Cut, ...]:
    """A copyright or distribution line that also sends the reader to a site, piece by piece: only the first two are the credit."""
    found = VISIT.search(line) if "Visit " in line and len(line) <= LONGEST_CREDIT else None
    if not found:
        return ()
    around = [(line[: found.start()].strip(), 0), (line[found.end() :].strip(), 2)]
    pieces = {place: Cut(text=text, rule=furniture_rule(text)) for text, place in around if text}
    if not pieces or any(piece.rule not in CREDITS for piece in pieces.values()):
        return ()
    pieces[1] = Cut(text=found.group(), rule="visit site")
    return tuple(pieces[place] for place in sorted(pieces))


def _is_about_a_signer(line: str, following: str, signed: str) -> bool:
    """A note on who wrote this, above or below the story: it begins with a name of the byline; or that name in capitals, above its note."""
    if len(line) > LONGEST_NOTE:
        return False
    note = BIO.fullmatch(line)
    names = re.split(r",\s*(?:and\s)?|\s(?:and|with|&)\s|\s?[|/]\s?", signed.casefold())
    if note and " " in note["who"].strip() and note["who"].strip().casefold() in names:
        return True
    titled = line.isupper() and len(line) <= 60 and following.casefold().startswith(f"{line.casefold()} ")
    return titled and len(following) <= LONGEST_NOTE and BIO.fullmatch(following) is not None


def read_byline(line: str) -> str:
    """Who signs, without "By": of a line that says "By ..." and nothing else; "" for any other."""
    signed = BYLINE.fullmatch(line) if len(line) <= 160 else None
    if not signed:
        return ""
    who = re.sub(r"\s*\([^()]{2,40}\)$", "", signed["who"]) if _agency(line) else signed["who"]
    who = BYLINE_END.sub("", who).strip(" ,-")
    words = re.findall(r"[^\s,&|/]+", who)
    names = all(word[0].isupper() or word in BYLINE_SMALL for word in words)
    sentence = who.endswith(".") and not re.search(r"\b(?:Jr|Sr|[A-Z])\.$", who)
    return re.sub(r"^[Tt]he ", "", who) if words and names and not sentence and len(words) <= 18 else ""


def read_date_line(line: str) -> str:
    """The date on a line that holds a date and nothing else but the outlet's name; "" for any other."""
    dated = DATE_LINE.fullmatch(line) if len(line) <= 120 else None
    return dated["when"] if dated else ""


def _byline(line: str, following: str, desk: _Desk, *, below: bool) -> str:
    """Who wrote it: "By ..."; at the top also an agency's name, an outlet's below a byline, and a person's above an outlet's."""
    if (signed := read_byline(line)) or len(line) > 80:
        return signed
    if desk.news_began:
        return line if below and (line in AGENCIES or _is_outlet(line)) else ""
    below_one = bool(desk.cuts) and desk.cuts[-1].rule == "byline"
    outlet = following in AGENCIES or read_outlet(following) or (following.isupper() and OUTLET.fullmatch(following))
    if line in AGENCIES or (below_one and (OUTLET.fullmatch(line) or _is_outlet(line))) or (NAMES.fullmatch(line) and outlet):
        return line
    named = NAMED_AGENCY.fullmatch(line)
    return line if named and named["agency"] in AGENCIES else read_outlet(line)


def read_outlet(line: str) -> str:
    """The outlet of a line that an agency signs: "Harbor Times" of "Harbor Times (TNS)", the agency itself of "(TNS)"; "" for any other."""
    signed = SIGNATURE.fullmatch(line) if len(line) <= 100 else None
    agency = (signed["agency"] or signed["short"]) if signed else ""
    if not signed or agency not in AGENCIES:
        return ""
    return signed["outlet"] if _is_outlet(signed["outlet"]) else "" if signed["outlet"] else agency


def _is_outlet(name: str) -> bool:
    """The Harbor Times; a Washington Bureau; a Post-Gazette."""
    named = len(name) <= 60 and OUTLET_WORDS.fullmatch(name)
    return bool(named) and (name in AGENCIES or re.split(r"[ -]", name.casefold())[-1] in OUTLET_NOUNS)


def _agency(line: str) -> str:
    """The agency in brackets, or behind a slash, at the end of a byline."""
    signed = re.search(r"(?:\(|/)(?P<agency>[^()/]{2,40})\)?$", line, 0) if len(line) <= 160 else None
    return signed["agency"] if signed and signed["agency"] in AGENCIES else ""


def _part_dateline(kept: list[str]) -> tuple[Dateline | None, list[str]]:
    """The dateline opens the first paragraph of news: above it stand at most a headline and short lines."""
    for number, paragraph in enumerate(kept[:4]):
        dateline, rest = part_dateline(paragraph)
        if dateline:
            return dateline, [*kept[:number], rest, *kept[number + 1 :]]
        if len(paragraph.split()) > 40:
            break
    return None, kept
