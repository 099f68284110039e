"""Find the words of a summary that its story does not hold: what an editor wrote, and ought to look at twice."""

import re
import unicodedata

from digest.model import Story

# Accents that stand by themselves, and the vowel signs of Hebrew, Arabic and the scripts from Devanagari to Khmer: part of their word.
SIGNS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u109f\u1780-\u17d3"
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{SIGNS}])*")  # letters and digits; punctuation, apostrophes and hyphens part words


def strange_words(summary: str, story: Story) -> tuple[tuple[int, int], ...]:
    """The words that do not stand in the story's text, as (start, end) in characters; capitals and punctuation aside.

    Neighbours with nothing but spaces between them are one span.
    """
    known = {word for text in _texts(story) for word in WORD.findall(_plain(text))}
    spans: list[tuple[int, int]] = []
    for found in WORD.finditer(summary):
        if known.issuperset(WORD.findall(_plain(found[0]))):
            continue
        if spans and not summary[spans[-1][1] : found.start()].strip():
            spans[-1] = (spans[-1][0], found.end())
        else:
            spans.append(found.span())
    return tuple(spans)


def _texts(story: Story) -> tuple[str, ...]:
    place = f"{story.dateline.place} {story.dateline.agency}" if story.dateline else ""
    return (story.headline, story.dek, place, *story.paragraphs)


def _plain(text: str) -> str:
    """Text as it is compared: "Kyiv" and "KYIV", and one accent in its two spellings, are the same."""
    return unicodedata.normalize("NFKC", text).casefold()
