"""Boil a story down to its lead. Every word is the reporter's own."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo

from digest.edit.sentences import open_quotations, sentences
from digest.model import Brief, Image, Span, Story

_NEAR_THE_TOP = 20  # sentences: further down a story holds background
_RUN = 12  # sentences after the first one that may still join it
_AT_MOST = 3  # sentences in a summary
_NUT_BY = 12  # sentences in which a feature has come to its news
_TELLING = 3  # words of the headline that a sentence shares when it tells the same
_STRETCH = 1.6  # how far a first sentence alone may pass the limit: rather long than cut or lost
_OVERRUN = 1.2  # how far several sentences together may pass it, where they would fall short of it by more without the last

WEIGHTS = {  # what each mark of a summary is worth (see `marks`), in words of its length
    "short": -1.0,
    "over": -1.0,
    "quoted": -0.8,
    "skipped": -0.5,
    "headline": 5.0,
}
# Rounded from what benchmarks/summary_weights.py fits to the bullets of CNN's editors and the summaries of freelance writers,
# both alike. A word above the limit is worth less to a reader than there (-.3): half a page of briefs should stay half a page.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A sentence near the top of a story, with what stands around it."""

    order: int  # its place among the story's sentences
    span: Span
    text: str
    words: int
    quoted: int  # how many of them are spoken by somebody
    content: frozenset[str]  # its words in lower case, without the small ones
    quotes_whole: bool  # no quotation is open at its beginning or its end
    opens_paragraph: bool
    answers: bool  # a question stands right before it
    surname: str  # the name that it opens with when the full one stands further up: in lower case, as in `content`


def summarise(story: Story, *, max_words: int = 45, zone: tzinfo) -> Brief:
    """The story as the newsletter prints it: whole sentences from its lead, each with the span that it came from.

    " ".join of the spans' texts is the summary, character for character. It begins with the first sentence that can stand
    alone (the first that is not the headline over again; behind an opening scene, the one that tells the news) and goes on,
    in the story's order, with at most two more. Of all such summaries the best is taken: near `max_words` words (see `words`)
    and at most a fifth above, in the reporter's words rather than a speaker's, with the words of the headline, and skipping
    little. If that first sentence is longer than the limit, it is taken whole up to 1.6 times the limit; beyond that the next
    sentence that fits begins, and when none fits the shortest of the first three. A story without a sentence that can stand
    alone, or with none but the headline that it came with, gets "" and no spans.
    `zone` is the newsroom's: the brief's date is the day on which the story was published there.
    """
    headline = content(story.headline)
    chosen = max(candidates(story, max_words), key=lambda told: _worth(told, headline, max_words), default=())
    return Brief(
        story_id=story.id,
        headline=story.headline,
        summary=" ".join(line.text for line in chosen),
        spans=tuple(line.span for line in chosen),
        url=story.url,
        source=story.source,
        credit=story.credit,
        date=story.published_at.astimezone(zone).date() if story.published_at else None,
        language=story.language,
        image=_first_picture(story),
        pinned=story.pinned,
    )


def lead(story: Story) -> str:
    """The story's first sentence, and the second of the same paragraph if both stay within 60 words. For display."""
    for paragraph in story.paragraphs:
        texts = [paragraph[start:end] for start, end in sentences(paragraph)[:2]]
        if texts:
            both = " ".join(texts)
            return both if words(both) <= 60 else texts[0]
    return ""


def words(text: str) -> int:
    """How many words a reader counts: pieces between spaces that hold a letter or digit ("Cold War–era" is two, "—" none)."""
    return sum(piece.isalnum() or any(character.isalnum() for character in piece) for piece in text.split())


# --- which sentences


def candidates(story: Story, max_words: int) -> Iterator[tuple[_Line, ...]]:
    """Every summary that keeps its promises, the shorter and earlier first. All begin alike: where the news is told."""
    headline = content(story.headline)
    usable = [line for line in _lines(story) if all(rule(line) for rule in RULES)]
    alone = [line for line in usable if not _leans_on_the_one_before(line)]
    fresh = [line for line in alone if not _repeats(line.content, headline)]
    say_more = [line for line in alone if story.headline_made or not line.content <= headline]
    first = _first(_from_the_news([line for line in fresh if not _is_speech(line)], headline) or fresh or say_more, max_words)
    if first is not None:
        rest = [line for line in usable if first.order < line.order <= first.order + _RUN and not _repeats(line.content, headline)]
        yield from _tellings((first,), rest, int(max_words * _OVERRUN) - first.words, headline)


def _from_the_news(lines: list[_Line], headline: frozenset[str]) -> list[_Line]:
    """The sentences from where the news is told: an opening scene gives way to the paragraph that says what the headline says.

    A scene shares no word with the headline and reports nothing; the news opens one of the next paragraphs and shares three words or more.
    """
    wanted = _stems(headline)
    if not lines or len(wanted) < _TELLING or _stems(lines[0].content) & wanted or _REPORTS.search(lines[0].text):
        return lines
    for at, line in enumerate(lines):
        if line.order > _NUT_BY:
            break
        if line.opens_paragraph and len(_stems(line.content) & wanted) >= _TELLING and _REPORTS.search(line.text):
            return lines[at:]
    return lines


def _stems(content: frozenset[str]) -> frozenset[str]:
    """Words cut to their first letters, so that "closes" meets "closed"."""
    return frozenset(word[:5] for word in content)


def _first(lines: list[_Line], max_words: int) -> _Line | None:
    """Where the summary begins, among the sentences that can stand alone."""
    if lines and lines[0].words <= max_words * _STRETCH:
        return lines[0]
    fitting = (line for line in lines if line.words <= max_words)
    return next(fitting, min(lines[:3], key=lambda line: line.words, default=None))


def _tellings(told: tuple[_Line, ...], rest: list[_Line], room: int, headline: frozenset[str]) -> Iterator[tuple[_Line, ...]]:
    """Every summary that begins like this one, the shorter and earlier first."""
    yield told
    if len(told) < _AT_MOST:
        for at, line in enumerate(rest):
            if line.words <= room and _goes_on(told, line, headline):
                yield from _tellings((*told, line), rest[at + 1 :], room - line.words, headline)


def _goes_on(told: tuple[_Line, ...], line: _Line, headline: frozenset[str]) -> bool:
    """Whether the summary reads well with this sentence next.

    It followed there too, or it opens a paragraph, and not with somebody who was introduced in between ("Ann Roe, the mayor,
    came. Roe said ...").
    """
    follows = line.order == told[-1].order + 1
    known = not line.surname or line.surname in headline.union(*(other.content for other in told))
    turns = line.opens_paragraph and line.words >= 8 and known and not _leans_on_the_one_before(line)
    return (follows or turns) and not any(_repeats(*sorted((line.content, other.content), key=len), part=0.6) for other in told)


def marks(told: tuple[_Line, ...], headline: frozenset[str], max_words: int) -> dict[str, int]:
    """What is weighed in a summary: words missing to the limit and above it, quoted words, sentences skipped, words of the headline."""
    length = sum(line.words for line in told)
    return {
        "short": max(0, max_words - length),
        "over": max(0, length - max_words),
        "quoted": sum(line.quoted for line in told),
        "skipped": told[-1].order - told[0].order + 1 - len(told),
        "headline": len(headline & frozenset().union(*(line.content for line in told))),
    }


def _worth(told: tuple[_Line, ...], headline: frozenset[str], max_words: int) -> float:
    return sum(WEIGHTS[mark] * found for mark, found in marks(told, headline, max_words).items())


def _lines(story: Story) -> Iterator[_Line]:
    """The sentences near the top, in order."""
    order = 0
    named: set[str] = set()
    for number, paragraph in enumerate(story.paragraphs):
        inside, asked = "", False
        for start, end in sentences(paragraph):
            text = paragraph[start:end]
            before, (inside, orphan) = inside, open_quotations(text, inside)
            length = words(text)
            yield _Line(
                order=order,
                span=Span(paragraph=number, start=start, end=end),
                text=text,
                words=length,
                quoted=length - words(_QUOTATION.sub(" ", text)),
                content=content(text),
                quotes_whole=not (before or inside or orphan),
                opens_paragraph=not paragraph[:start].strip(),
                answers=asked,
                surname=found[1].lower() if (found := _SURNAME.match(text)) and found[1] in named else "",
            )
            named.update(_FULL_NAME.findall(text))
            asked = bool(_ASKS.search(text))
            order += 1
        if order >= _NEAR_THE_TOP:
            return


_SMALL = frozenset(
    "a an the of in on at to for from by with and or as is are was were be been has have had will its his her their that it".split()  # noqa: SIM905
)


def content(text: str) -> frozenset[str]:
    """A text's words in lower case, without the small ones."""
    return frozenset(re.findall(r"\w+", text.lower())) - _SMALL


def _repeats(mine: frozenset[str], theirs: frozenset[str], *, part: float = 0.85) -> bool:
    """Whether words are nearly the same as others, or for the greater `part` taken from them."""
    shared = len(mine & theirs)
    return shared > 0 and (shared >= 0.75 * len(mine | theirs) or shared >= part * len(mine))


def _first_picture(story: Story) -> Image | None:
    return next((image for image in story.images if image.url), None)


# --- what every summary sentence promises

_FINISHED = re.compile(r"[.!。！؟۔।｡]['\"’”»“)\]」』]*$")
_TRAILS_OFF = re.compile(r"(?:\.\.|…)['\"’”»)\]]*$")
_ASKS = re.compile(r"[?？؟]['\"’”»“)\]」』]*$")
_MARKS = "\"“”„«»‘’'"
_QUOTATION = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“”]*[“”]|(?<!\w)‘.*?[.,!?]?’(?!\w)|(?<!\w)'.*?[.,!?]'(?!\w)")


def is_finished(line: _Line) -> bool:
    """A whole sentence: no caption, cross-heading, list or text that trails off."""
    return bool(_FINISHED.search(line.text)) and not _TRAILS_OFF.search(line.text) and not line.text[0].islower()


def asks_nothing(line: _Line) -> bool:
    """A summary tells; it does not ask."""
    return not _ASKS.search(line.text)


def keeps_quotations_whole(line: _Line) -> bool:
    """No quotation is open where the sentence begins or ends."""
    return line.quotes_whole


def keeps_brackets_whole(line: _Line) -> bool:
    """No bracket is open where the sentence begins or ends, and the sentence is no aside in brackets."""
    pairs = all(line.text.count(opened) == line.text.count(closed) for opened, closed in ("()", "[]"))
    return pairs and line.text[0] not in "(["


def names_a_speaker(line: _Line) -> bool:
    """No bare quotation: somebody says it, in the same sentence."""
    return line.text[0] not in _MARKS or line.words - line.quoted >= 2


def _is_speech(line: _Line) -> bool:
    """Whether it opens with a quotation and is mostly that: a voice, not yet the news."""
    return line.text[0] in _MARKS and 2 * line.quoted > line.words


def is_no_fragment(line: _Line) -> bool:
    """Four words at least."""
    return line.words >= 4


RULES: tuple[Callable[[_Line], bool], ...] = (
    is_finished,
    asks_nothing,
    keeps_quotations_whole,
    keeps_brackets_whole,
    names_a_speaker,
    is_no_fragment,
)

# --- which sentences cannot stand alone

_CONNECTS = re.compile(
    r"""["“'‘]?(?:But|And|Or|Nor|So|Yet|However|Still|Meanwhile|Instead|Moreover|Also|Besides,|Nevertheless|Nonetheless|Then|Thus|Hence
    |Therefore|Furthermore|Additionally|Likewise|Similarly|Indeed|Otherwise|Afterwards?|Later|Clearly|Even\ so|That\ said|Of\ course
    |To\ (?:that|this)\ end|Most\ importantly|Presumably
    |In\ addition|For\ (?:example|instance)|Take\ for|As\ a\ result|(?:In|By)\ contrast|In\ (?:fact|turn|response|any\ case|other\ words)
    |On\ the\ other\ hand|At\ the\ same\ time|(?:Asked|Pressed)\ (?:about|if|whether|why|how|for)|Among\ them
    |(?:(?:Some|One|Many|Most|All|Each|Two|Three)\ )?[oO]f\ (?:this|them|those|these)
    |(?:The|On\ the)\ (?:next|same|following|previous)\ (?:day|night|morning|week|month|year)
    |(?:\w+\ ){1,3}(?:minutes|hours|days|weeks|months|years)\ (?:later|earlier|before,)
    |The\ (?:others?|latter|former|two|pair|trio)
    |The\ (?:decision|move|announcement|comment|remark|statement|change|result|idea|answer|reason|proposal)s?
        (?!\ (?:by|to|of|that|from|on|for|in|about|over|is\ that)\b)
    |[^,]{1,40},\ (?:however|though|meanwhile|therefore|instead|then|after\ all|in\ turn
        |for\ example|for\ instance|on\ the\ other\ hand),)(?!-|\w)""",
    re.VERBOSE,
)
_POINTS_BACK = re.compile(
    r"""["“'‘]?(?:He|She|They|It|His|Her|Hers|Their|Theirs|Its|Him|Them|That|Those(?!\ (?:who|in|with|at|on)\b)
    |(?:This|These)(?!\s+(?:week|month|year|morning|afternoon|evening|spring|summer|fall|autumn|winter|weekend|days|past|time)\b))\b(?!-)
    |\w+ing\ [^,“"]*,\ (?:he|she|they|it)\b
    |.{0,40}\bthe\ (?:latter|former)\ (?:is|was|has|had|would|will)\b
    |.{0,40}\b[Bb]oth\ (?:men|women|leaders|candidates)\b""",
    re.VERBOSE,
)
_COUNTS_ON = re.compile(  # from what was told before; but a story's first sentence may open with "Another" and is news
    r"""["“'‘]?(?:Another|Others|Both|Neither|Such)(?!-|\w)
    |.*\b[Bb]oth\ (?:men|women|leaders|candidates|countries|sides|parties)\b""",
    re.VERBOSE,
)
_SAYS = "(?:said|says|added|adds|told|tells|wrote|writes|tweeted|noted|explained|continued|argued|recalled|insisted|asked|warned)"
_SOMEBODY_SAID = re.compile(
    rf"(?:^|[,.!?”\"’—–-]\s*)(?:he|she|they|it)(?:\s+(?:also|later|then))?\s+{_SAYS}\b|\b{_SAYS}\s+(?:he|she|they)\b", re.IGNORECASE
)
_REPORTS = re.compile(  # a day, a source, an announcement: what news has and a scene has not
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[Tt]oday"
    r"|said|says|announced|told|according to|reported|voted|approved|ruled|will|would|could|may|agreed|plans?|found|show(?:s|ed)?)\b"
)
_SOMEBODY_FIRST = re.compile(
    r"""(?!(?!Across|Always|Besides|Less|Perhaps|Plus|Sometimes|Towards|Unless|Whereas|Yes)[A-Z]\w{2,}s\s
        (?:\S+\s+){0,2}?the(?:y|ir|m)\b)  # "Voters want their", "Doctors say they": it tells whose
    (?:\S+\s+){1,3}?(?:he|she|they|his|her|their|him|them)\b""",
    re.VERBOSE,
)
_FULL_NAME = re.compile(r"[A-Z][\w.’'-]+ ([A-Z]\w+)")
_SURNAME = re.compile(r"(?:[A-Z]\w+\. )?([A-Z]\w+)(?:[’']s)? [a-z]")
_NAME = re.compile(r"(?<=[\w,;:—–-] )[“\"‘(]?[A-Z][\w’'.-]+")


def _leans_on_the_one_before(line: _Line) -> bool:
    """Whether the sentence needs the one before it: "But ...", "He ...", "..., she said", the answer to a question."""
    if line.answers or _CONNECTS.match(line.text) or _POINTS_BACK.match(line.text) or (line.order and _COUNTS_ON.match(line.text)):
        return True
    spoken = _QUOTATION.sub(" “” ", line.text).strip()
    return not _NAME.search(spoken) and bool(_SOMEBODY_SAID.search(spoken) or _SOMEBODY_FIRST.match(spoken))
