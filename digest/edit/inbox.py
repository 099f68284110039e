"""Suggest how an issue shows itself in an inbox: a choice of subjects, and the grey words behind them."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from digest.edit.grouping.terms import telling_words, words_of
from digest.edit.printing.wording import fill
from digest.edit.sentences import sentences
from digest.model import Brief, Issue, Section

SUBJECT_FITS = 60  # characters; phones cut a subject after 40 to 60 of them, other programs near 70
PREHEADER_FITS = 90  # phones show up to two lines
SHORTEST = 24  # less of a headline does not say what happened
LEAST = 15  # of one that stands beside a theme
FEWEST_WORDS = 2  # of one that is cut within a clause
MOST_NAMES = 3
BETWEEN = "; "


def subjects(issue: Issue) -> tuple[str, ...]:
    """Up to three subjects to choose from, each of another kind, the best first: what leads, what leads and what else, the themes.

    Every word is whole, and one of a headline or a theme. One with the words of clickbait comes only when there is no other.
    """
    found = tuple(dict.fromkeys(filter(None, (_leading(issue), _leading_and_other(issue), _themes(issue)))))
    return tuple(text for text in found if not _baits(text)) or found[:1] or (issue.title,)


def preheader(issue: Issue, words: Mapping[str, Any]) -> str:
    """As many whole headlines of the sections as fit, for the grey words behind the subject; the first one cut when none does."""
    headlines = [_plain(section.briefs[0].headline) for section in issue.sections if section.briefs][0 if issue.lead else 1 :]
    headlines = [headline for headline in headlines if not _baits(headline)]
    text, told = "", ""
    for headline in headlines:
        longer = f"{told}{words['next_headline']}{headline}" if told else headline
        line = fill(words["plus"], headlines=longer)
        if len(line) <= PREHEADER_FITS:
            text, told = line, longer
    if headlines and not text:
        text = fill(words["plus"], headlines=shortened(headlines[0], PREHEADER_FITS - len(fill(words["plus"], headlines=""))))
    return text


def shortened(headline: str, fits: int) -> str:
    """A headline that fits: whole, or up to the end of a clause, or of a word."""
    headline = " ".join(headline.split())
    if len(headline) <= fits:
        return headline
    if clause := _clause(headline, fits):
        return clause
    words = headline[:fits].rsplit(" ", 1)[0].split(" ") if " " in headline[:fits] else [headline[: fits - 1]]
    while len(words) > FEWEST_WORDS and not _may_end(" ".join(words), fits):
        words.pop()
    return " ".join(words).rstrip(",;:–—- ") + "…"


# --- the kinds of subjects


def _leading(issue: Issue) -> str:
    """What leads."""
    first = _first(issue)
    return shortened(_plain(first.headline), SUBJECT_FITS) if first else ""


def _leading_and_other(issue: Issue) -> str:
    """What leads, shorter, and the largest theme that it does not speak of."""
    first = _first(issue)
    if first is None:
        return ""
    headline = _plain(first.headline)
    for name in _names(issue):
        room = SUBJECT_FITS - len(BETWEEN) - len(name)
        if room < SHORTEST or _shares(headline, name):
            continue
        short = shortened(headline, room)
        if short == headline or len(short) > LEAST:
            return f"{short}{BETWEEN}{name}"
    return ""


def _themes(issue: Issue) -> str:
    """The largest themes."""
    told: list[str] = []
    for name in _names(issue):
        if len(told) < MOST_NAMES and len(BETWEEN.join((*told, name))) <= SUBJECT_FITS:
            told.append(name)
    return BETWEEN.join(told) if len(told) > 1 else ""


def _first(issue: Issue) -> Brief | None:
    return issue.lead or next((section.briefs[0] for section in issue.sections if section.briefs), None)


def _names(issue: Issue) -> Iterator[str]:
    """The themes, the largest first; then, where there are few of them, what else was in the news."""

    def size(section: Section) -> int:
        return -len(section.briefs)

    full = [section for section in issue.sections if section.style == "full" and section.briefs]
    yield from (section.title for section in sorted(full, key=size))
    first = _first(issue)
    if len(full) < 2:
        rest = (brief for section in issue.sections if section not in full for brief in section.briefs if brief is not first)
        yield from (_plain(brief.headline) for brief in rest)


# --- words


def _plain(headline: str) -> str:
    """The headline without the mark of a desk before it: "Breaking: Pier closes" is "Pier closes"."""
    marked = re.match(r"(?P<mark>[^:|–—-]{3,20}?)\s*(?:[:|]|\s[–—-])\s+(?=\S)", headline)
    if not marked or marked["mark"].strip().casefold() not in _words()["marks"]:
        return headline
    rest = headline[marked.end() :]
    return rest[:1].upper() + rest[1:]


def _clause(headline: str, fits: int) -> str:
    """The longest beginning that ends with a clause or a sentence; "" when there is none."""
    ends = [match.start() for match in _ends().finditer(headline)] + [end for _, end in sentences(headline)[:-1]]
    whole = (_unstopped(headline[:end].rstrip(" ,;:–—-")) for end in sorted(ends, reverse=True) if _closed(headline[:end]))
    return next((text for text in whole if SHORTEST <= len(text) <= fits and text.split()[-1].casefold() not in _words()["bound"]), "")


def _unstopped(text: str) -> str:
    """Without its full stop, which no subject needs; the one of "U.S." stays."""
    return text if "." in text.rpartition(" ")[2][:-1] else text.removesuffix(".")


def _may_end(text: str, fits: int) -> bool:
    return len(text) < fits and text.rsplit(maxsplit=1)[-1].casefold().strip("“”‘’\"'") not in _never_last() and _closed(text)


def _closed(text: str) -> bool:
    """Whether every quotation and bracket that was opened is closed."""
    pairs = (("“", "”"), ("«", "»"), ("(", ")"))
    straight = len(re.findall(r"(?<!\w)['‘\"]", text)) <= len(re.findall(r"(?<=[\w.,!?])['’\"](?!\w)", text))
    return straight and all(text.count(opened) <= text.count(closed) for opened, closed in pairs if opened in text)


def _baits(text: str) -> bool:
    return _bait().search(text.replace("’", "'")) is not None


def _shares(headline: str, name: str) -> bool:
    told = {word.casefold() for word in telling_words(headline)}
    return any(word.casefold() in told for word in telling_words(name))


@lru_cache(maxsize=1)
def _words() -> dict[str, Sequence[str]]:
    return tomllib.loads((files("digest.edit") / "words" / "inbox.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _never_last() -> frozenset[str]:
    return frozenset(words_of("stopwords") + words_of("never_last"))


@lru_cache(maxsize=1)
def _ends() -> re.Pattern[str]:
    return re.compile(rf"[,;:](?=\s)|\s[–—-](?=\s)|\s(?={_one_of('clauses')}\s)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _bait() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?={_one_of('clickbait')}(?!\w))|!!|(?<!\w)(?:omg|wow)(?!\w)", re.IGNORECASE)


def _one_of(name: str) -> str:
    return f"(?:{'|'.join(map(re.escape, _words()[name]))})"
